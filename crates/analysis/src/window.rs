//! The seconds of a run that a figure is made of: which samples started in them, which ended.

use std::collections::BTreeMap;
use std::ops::Bound;

use loadline_events::{LabelId, StepId};
use loadline_metrics::{EndedSecond, IntendedSecond, RunData, StepWindow};

/// Completions of a run by second, whatever the step in which a sample started, all labels but
/// transactions together.
#[derive(Debug)]
pub(crate) struct Completions {
    pooled: BTreeMap<u32, EndedSecond>,
}

/// Whose samples are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// All labels but transactions, which would count their parts twice.
    All,
    /// One label.
    Label(LabelId),
}

/// A window of a run. Seconds are counted from the window's start.
#[derive(Clone, Debug)]
pub(crate) struct Window<'a> {
    /// First second and the second after the last, of the run.
    pub(crate) span: (u32, u32),
    /// Length in seconds that rates are taken over: that of `span`, but where a run or a step was
    /// shorter than its whole seconds.
    pub(crate) length_s: f64,
    /// Samples by intended start, by ascending second; several rows may share one.
    pub(crate) intended: Vec<(u32, &'a IntendedSecond)>,
    /// Samples by end, one row for each second that has any.
    pub(crate) ended: Vec<(u32, EndedSecond)>,
}

impl Completions {
    /// The completions of `run`, set-up and tear-down left out.
    pub(crate) fn of(run: &RunData) -> Self {
        let mut pooled: BTreeMap<u32, EndedSecond> = BTreeMap::new();
        for ((step, label), cell) in &run.series.cells {
            if *step == StepId::NONE || !is_counted(run, *label) {
                continue;
            }
            for (second, row) in &cell.ended {
                pooled.entry(*second).or_default().merge(row);
            }
        }
        Completions { pooled }
    }

    /// Completions by second of the run.
    pub(crate) const fn seconds(&self) -> &BTreeMap<u32, EndedSecond> {
        &self.pooled
    }
}

impl<'a> Window<'a> {
    /// The seconds `span` of `step`.
    pub(crate) fn of_step(
        run: &'a RunData,
        completions: &Completions,
        step: StepId,
        whose: Whose,
        span: (u32, u32),
    ) -> Self {
        let (start, end) = span;
        let mut intended = Vec::new();
        if start < end {
            for ((_, label), cell) in run
                .series
                .cells
                .range((step, LabelId(0))..=(step, LabelId(u16::MAX)))
            {
                if matches(run, whose, *label) {
                    let rows = cell.intended.range(start..end);
                    intended.extend(rows.map(|(second, row)| (second - start, row)));
                }
            }
            intended.sort_by_key(|row| row.0);
        }
        Window {
            span,
            length_s: exact_length(span, run.steps.get(usize::from(step.0))),
            intended,
            ended: ended_rows(run, completions, whose, span),
        }
    }

    /// The whole run, set-up and tear-down included in what was started.
    pub(crate) fn of_run(
        run: &'a RunData,
        completions: &Completions,
        whose: Whose,
        span: (u32, u32),
    ) -> Self {
        let mut intended = Vec::new();
        for ((_, label), cell) in &run.series.cells {
            if matches(run, whose, *label) {
                let rows = cell.intended.iter();
                intended.extend(rows.map(|(second, row)| (second.saturating_sub(span.0), row)));
            }
        }
        intended.sort_by_key(|row| row.0);
        let ran = run.facts.duration_us as f64 / 1e6 - f64::from(span.0);
        let whole = f64::from(span.1.saturating_sub(span.0));
        Window {
            span,
            length_s: if ran > 0.0 { ran.min(whole) } else { whole },
            intended,
            ended: ended_rows(run, completions, whose, span),
        }
    }

    /// Length in seconds.
    pub(crate) const fn seconds(&self) -> u32 {
        self.span.1.saturating_sub(self.span.0)
    }

    /// The seconds `from..to` of this window, as a window.
    pub(crate) fn part(&self, from: u32, to: u32) -> Window<'a> {
        Window {
            span: (self.span.0 + from, self.span.0 + to),
            length_s: f64::from(to.saturating_sub(from)),
            intended: rows_within(&self.intended, from, to),
            ended: rows_within(&self.ended, from, to),
        }
    }
}

/// Length of `span` in seconds, or that of the hold of a step that is over within a second.
fn exact_length(span: (u32, u32), step: Option<&StepWindow>) -> f64 {
    let whole = f64::from(span.1.saturating_sub(span.0));
    match step.map(|step| step.end.as_secs_f64() - step.hold_start.as_secs_f64()) {
        Some(hold) if hold > 0.0 && hold < 1.0 => hold.min(whole),
        _ => whole,
    }
}

/// The rows of the seconds `from..to`, counted from `from`; `rows` ascend.
fn rows_within<T: Copy>(rows: &[(u32, T)], from: u32, to: u32) -> Vec<(u32, T)> {
    let start = rows.partition_point(|row| row.0 < from);
    let end = rows.partition_point(|row| row.0 < to);
    rows[start..end.max(start)]
        .iter()
        .map(|(at, row)| (at - from, *row))
        .collect()
}

/// Whether the samples of `label` count in totals.
pub(crate) fn is_counted(run: &RunData, label: LabelId) -> bool {
    run.labels
        .get(usize::from(label.0))
        .is_none_or(|label| !label.transaction)
}

fn matches(run: &RunData, whose: Whose, label: LabelId) -> bool {
    match whose {
        Whose::All => is_counted(run, label),
        Whose::Label(wanted) => wanted == label,
    }
}

fn ended_rows(
    run: &RunData,
    completions: &Completions,
    whose: Whose,
    (start, end): (u32, u32),
) -> Vec<(u32, EndedSecond)> {
    if start >= end {
        return Vec::new();
    }
    let from_start = |(second, row): (&u32, &EndedSecond)| (second - start, *row);
    let wanted = match whose {
        Whose::All => {
            let rows = completions.seconds().range(start..end);
            return rows.map(from_start).collect();
        }
        Whose::Label(wanted) => wanted,
    };
    let cells = &run.series.cells;
    let mut rows: BTreeMap<u32, EndedSecond> = BTreeMap::new();
    // Each step that has cells at all, found by leaping over those of other labels.
    let mut next = cells.keys().next().map(|(step, _)| *step);
    while let Some(step) = next.filter(|step| *step != StepId::NONE) {
        if let Some(cell) = cells.get(&(step, wanted)) {
            for (second, row) in cell.ended.range(start..end) {
                rows.entry(*second).or_default().merge(row);
            }
        }
        let behind = (Bound::Excluded((step, LabelId(u16::MAX))), Bound::Unbounded);
        next = cells.range(behind).next().map(|((step, _), _)| *step);
    }
    rows.iter().map(from_start).collect()
}
