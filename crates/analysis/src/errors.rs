//! Failures by class: what the caller saw, how often, when and where.

use std::collections::BTreeMap;

use loadline_events::{ErrorKind, LabelId, StepId};
use loadline_metrics::RunData;

use crate::result::ErrorClass;
use crate::window::is_counted;

/// A class under construction.
#[derive(Default)]
struct Class {
    count: u64,
    span: Option<(u32, u32)>,
    by_label: BTreeMap<LabelId, u64>,
    by_step: BTreeMap<StepId, u64>,
    first_message: String,
    first_message_at: u32,
}

/// The classes of failures of `run`, most frequent first. Transactions, which fail with their
/// parts, are left out.
pub(crate) fn error_classes(run: &RunData) -> Vec<ErrorClass> {
    let mut classes: BTreeMap<(ErrorKind, u16), Class> = BTreeMap::new();
    for (key, series) in &run.series.errors {
        let Some((first, last)) = series.span() else {
            continue;
        };
        if !is_counted(run, key.label) {
            continue;
        }
        let class = classes.entry((key.kind, key.status)).or_default();
        let count = series.count();
        class.count += count;
        class.span = Some(class.span.map_or((first, last), |(start, end)| {
            (start.min(first), end.max(last))
        }));
        *class.by_label.entry(key.label).or_default() += count;
        for ((step, _), count) in &series.counts {
            *class.by_step.entry(*step).or_default() += count;
        }
        let earlier = class.first_message.is_empty() || first < class.first_message_at;
        if earlier && !series.first_message.is_empty() {
            class.first_message.clone_from(&series.first_message);
            class.first_message_at = first;
        }
    }
    let samples = samples_by_step(run);
    let mut list: Vec<ErrorClass> = classes
        .into_iter()
        .filter_map(|((kind, status), class)| {
            let (first_s, last_s) = class.span?;
            let mut labels: Vec<(LabelId, u64)> = class.by_label.into_iter().collect();
            labels.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
            let worst_step = class
                .by_step
                .iter()
                .filter(|(step, _)| **step != StepId::NONE)
                .filter_map(|(step, count)| {
                    let all = *samples.get(step)?;
                    (all > 0).then(|| (*step, (*count as f64 / all as f64).min(1.0)))
                })
                .max_by(|a, b| a.1.total_cmp(&b.1));
            Some(ErrorClass {
                kind,
                status,
                count: class.count,
                first_s,
                last_s,
                labels: labels
                    .into_iter()
                    .map(|(id, _)| label_name(run, id))
                    .collect(),
                first_message: class.first_message,
                worst_step,
            })
        })
        .collect();
    list.sort_by_key(|class| (std::cmp::Reverse(class.count), class.kind, class.status));
    list
}

fn samples_by_step(run: &RunData) -> BTreeMap<StepId, u64> {
    let mut samples = BTreeMap::new();
    for ((step, label), cell) in &run.series.cells {
        if is_counted(run, *label) {
            *samples.entry(*step).or_default() += cell
                .intended
                .values()
                .map(|row| row.response.count)
                .sum::<u64>();
        }
    }
    samples
}

/// The name of a label; its number if the run does not name it.
pub(crate) fn label_name(run: &RunData, id: LabelId) -> String {
    run.labels
        .get(usize::from(id.0))
        .map_or_else(|| format!("label {}", id.0), |label| label.name.clone())
}
