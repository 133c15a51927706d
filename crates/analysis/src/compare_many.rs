//! Several runs a side compared: the only way to learn how much two runs of one build differ.
//!
//! Each run gives one value of a figure; what is compared are these values. Runs made in turns (ABBA,
//! BAAB, …) are compared pair by pair, so that a drift of the machine cancels: Student's interval of
//! the mean of their differences. Runs that are no pairs are compared as two groups (Welch 1947). A
//! single run's own interval does not enter: what it covers is part of how much runs differ (Kalibera
//! and Jones, *Rigorous benchmarking in reasonable time*, 2013).

use loadline_events::LabelId;
use loadline_metrics::{Histogram, RunData};

use crate::comparability::{Judged, common_steps, comparability};
use crate::compare::{
    CompareOptions, METRICS, common_labels, compare, figure, is_primary, mark_standing, run_answer,
    step_refusals, window,
};
use crate::comparison_result::{
    CellAnswer, ComparabilityRow, ComparabilityStanding, ComparedMetric, Comparison,
    ComparisonCell, EffectKind, LabelComparison, LimitComparison, RunAnswer, StepComparison,
};
use crate::comparison_wording::reasons;
use crate::effect::{Change, Difference, ERROR_POINT, holm};
use crate::lateness::LoopLag;
use crate::result::{Analysis, Estimate, Reason, Verdict};
use crate::steps::is_open;
use crate::student::Confidence;
use crate::window::{Completions, Whose};
use crate::wording;

/// How the runs of two sides belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// The first of one side was made next to the first of the other, and so on.
    Pairs,
    /// They were made at any times.
    Independent,
}

/// Compares the runs of two sides, each run with its analysis; `None` if a side has none.
///
/// With a single run on either side, the first of each are compared, as [`compare`] does.
#[must_use]
pub fn compare_many(
    baselines: &[(&RunData, &Analysis)],
    candidates: &[(&RunData, &Analysis)],
    pairing: Pairing,
    options: &CompareOptions,
) -> Option<Comparison> {
    let first = (*baselines.first()?, *candidates.first()?);
    let mut comparison = compare(first.0, first.1, options);
    if baselines.len() < 2 || candidates.len() < 2 {
        if baselines.len() + candidates.len() > 2 {
            comparison.notes.push(
                "Further runs were not used: how much runs of a side differ takes two of each side."
                    .to_owned(),
            );
        }
        return Some(comparison);
    }
    let rows = merged_comparability(baselines, candidates);
    let refused = rows
        .iter()
        .any(|row| row.standing == ComparabilityStanding::Refused);
    let sides = Sides {
        baselines: &measured(first.0, baselines),
        candidates: &measured(first.0, candidates),
        pairing,
        min_effect: options.min_effect.max(1e-6),
    };
    let labels = labels(first.0.0, baselines.iter().chain(candidates));
    let mut p_values = Vec::new();
    let mut steps: Vec<StepComparison> = if refused {
        Vec::new()
    } else {
        comparison
            .steps
            .iter()
            .map(|step| sides.step(first.0, step, &labels, &mut p_values))
            .collect()
    };
    mark_standing(&mut steps, &holm(&p_values));
    let headline = steps
        .iter()
        .rposition(|step| step.refused.is_empty())
        .or_else(|| steps.len().checked_sub(1));
    comparison.answer = run_answer(&steps, headline, refused);
    comparison.reasons = reasons(&rows, &steps, headline);
    comparison.comparability = rows;
    comparison.limits = worst_limits(&comparison.limits, baselines, candidates);
    comparison.runs = (count(baselines), count(candidates));
    comparison.notes = headline
        .map(|index| sides.notes(first.0, &steps[index], comparison.answer))
        .unwrap_or_default();
    if p_values.len() > 1 {
        comparison.notes.push(format!(
            "One cell in 40 changes by chance; the answer allows for its {} primary cells.",
            p_values.len()
        ));
    }
    comparison.headline = headline;
    comparison.steps = steps;
    Some(comparison)
}

fn count(runs: &[Judged<'_>]) -> u32 {
    u32::try_from(runs.len()).unwrap_or(u32::MAX)
}

/// What was looked at, each with the first run that differs from the first of the baseline.
fn merged_comparability(
    baselines: &[Judged<'_>],
    candidates: &[Judged<'_>],
) -> Vec<ComparabilityRow> {
    let first = baselines[0];
    let mut merged: Vec<ComparabilityRow> = Vec::new();
    for (at, other) in candidates.iter().chain(&baselines[1..]).enumerate() {
        for row in comparability(first, *other, &common_steps(first.0, other.0)) {
            if at > 0 && row.what == "seed" {
                // Runs of one side have seeds of their own, or they would draw the same values.
                continue;
            }
            if row.what == "steady steps" {
                // A run that was not steady is left out, step by step.
                continue;
            }
            match merged.iter_mut().find(|known| known.what == row.what) {
                Some(known) if row.standing > known.standing => *known = row,
                Some(_) => {}
                None => merged.push(row),
            }
        }
    }
    merged
}

/// A run with what its figures are read from.
struct MeasuredRun<'a> {
    judged: Judged<'a>,
    completions: Completions,
    /// Index of each step of the first baseline, if the run has it.
    steps: Vec<Option<usize>>,
}

fn measured<'a>(first: Judged<'_>, runs: &[Judged<'a>]) -> Vec<MeasuredRun<'a>> {
    let measure = |judged: &Judged<'a>| {
        let mut steps = vec![None; first.0.steps.len()];
        for (own, other) in common_steps(first.0, judged.0) {
            steps[own] = Some(other);
        }
        MeasuredRun {
            judged: *judged,
            completions: Completions::of(judged.0),
            steps,
        }
    };
    runs.iter().map(measure).collect()
}

/// Names of the labels that all runs have, in the first one's order.
fn labels<'a>(first: &RunData, runs: impl Iterator<Item = &'a Judged<'a>> + Clone) -> Vec<String> {
    common_labels(first, first)
        .into_iter()
        .map(|(name, ..)| name)
        .filter(|name| {
            runs.clone()
                .all(|run| run.0.labels.iter().any(|label| label.name == *name))
        })
        .collect()
}

struct Sides<'a> {
    baselines: &'a [MeasuredRun<'a>],
    candidates: &'a [MeasuredRun<'a>],
    pairing: Pairing,
    min_effect: f64,
}

impl Sides<'_> {
    fn step(
        &self,
        first: Judged<'_>,
        step: &StepComparison,
        labels: &[String],
        p_values: &mut Vec<f64>,
    ) -> StepComparison {
        let index = (first.0.steps.iter())
            .position(|own| own.step == step.baseline_step)
            .unwrap_or_default();
        let open = is_open(first.0, &first.0.steps[index]);
        let refused = self.refusals(index);
        let mut names = vec![None];
        if labels.len() > 1 {
            names.extend(labels.iter().map(|name| Some(name.as_str())));
        }
        let rows = names
            .into_iter()
            .map(|name| LabelComparison {
                label: name.map(str::to_owned),
                cells: METRICS
                    .into_iter()
                    .filter(|metric| *metric != ComparedMetric::GoodThroughput || !open)
                    .filter_map(|metric| {
                        self.cell(index, name, metric, refused.is_empty(), p_values)
                    })
                    .collect(),
            })
            .collect();
        StepComparison {
            refused,
            rows,
            ..step.clone()
        }
    }

    /// Why the step is not compared: fewer than two runs of a side are to be used in it.
    fn refusals(&self, index: usize) -> Vec<String> {
        let mut refused = Vec::new();
        for (runs, name) in [(self.baselines, "baseline"), (self.candidates, "candidate")] {
            let usable = runs.iter().filter(|run| run.is_usable(index)).count();
            if usable < 2 {
                let mut why: Vec<String> = (runs.iter())
                    .flat_map(|run| run.refusals(index, name))
                    .collect();
                why.sort();
                why.dedup();
                refused.push(format!(
                    "{usable} of the {} runs of the {name} can be used: {}",
                    runs.len(),
                    why.join("; ")
                ));
            }
        }
        refused
    }

    fn cell(
        &self,
        index: usize,
        label: Option<&str>,
        metric: ComparedMetric,
        answered: bool,
        p_values: &mut Vec<f64>,
    ) -> Option<ComparisonCell> {
        let values = |runs: &[MeasuredRun<'_>]| -> Vec<Option<f64>> {
            runs.iter()
                .map(|run| run.value(index, label, metric))
                .collect()
        };
        let (own, other) = (values(self.baselines), values(self.candidates));
        let kind = kind(metric);
        let change = answered
            .then(|| change(kind, &own, &other, self.pairing))
            .flatten();
        if answered && is_primary(metric) {
            p_values.push(change.map_or(1.0, |change| change.p_value()));
        }
        let delta = match kind {
            EffectKind::Difference => ERROR_POINT,
            EffectKind::Ratio => self.min_effect.ln_1p(),
        };
        let more_is_worse = metric != ComparedMetric::GoodThroughput;
        let mut answer = change.map_or(CellAnswer::NotMeasured, |change| {
            change.answer(delta, more_is_worse, 0.0)
        });
        // More runs would decide, not longer ones: the notes say how many.
        if let CellAnswer::CannotTell { needs_s } = &mut answer {
            *needs_s = None;
        }
        Some(ComparisonCell {
            metric,
            baseline: summary(kind, &own)?,
            candidate: summary(kind, &other)?,
            effect: change.map(|change| change.effect()),
            answer,
            stands_after_correction: false,
        })
    }

    /// How much the runs of a side differ among themselves, and how many would decide.
    fn notes(
        &self,
        first: Judged<'_>,
        headline: &StepComparison,
        answer: RunAnswer,
    ) -> Vec<String> {
        let index = (first.0.steps.iter())
            .position(|own| own.step == headline.baseline_step)
            .unwrap_or_default();
        let values = |runs: &[MeasuredRun<'_>], metric| -> Vec<Option<f64>> {
            runs.iter()
                .map(|run| run.value(index, None, metric))
                .collect()
        };
        let mut notes = Vec::new();
        let (own, other) = (
            logs(&values(self.baselines, ComparedMetric::P95)),
            logs(&values(self.candidates, ComparedMetric::P95)),
        );
        if let (Some(a), Some(b)) = (spread(&own), spread(&other)) {
            notes.push(format!(
                "Runs of one side differ as well: p95 at {} by {} among the {} of the baseline and by {} \
                 among the {} of the candidate (standard deviation). That is in the intervals.",
                wording::load(headline.load),
                wording::percent(a),
                own.len(),
                wording::percent(b),
                other.len()
            ));
        }
        for (runs, name) in [(self.baselines, "baseline"), (self.candidates, "candidate")] {
            for (at, run) in runs.iter().enumerate() {
                if let Some(why) = run.refusals(index, "run").first() {
                    notes.push(format!("Run {} of the {name} is not used: {why}.", at + 1));
                }
            }
        }
        let own = values(self.baselines, ComparedMetric::P95);
        let other = values(self.candidates, ComparedMetric::P95);
        let change = change(EffectKind::Ratio, &own, &other, self.pairing);
        if let (RunAnswer::CannotTell, Some(change)) = (answer, change)
            && let Some((low, high)) = change.at95.low.zip(change.at95.high)
        {
            let half = (high - low) / 2.0;
            let runs = self.baselines.len().min(self.candidates.len()) as f64;
            let needed = (runs * (half / self.min_effect.ln_1p()).powi(2)).ceil();
            if needed > runs && needed <= 100.0 {
                notes.push(format!(
                    "About {needed} runs of each side would decide p95."
                ));
            }
        }
        notes
    }
}

impl MeasuredRun<'_> {
    fn refusals(&self, index: usize, name: &str) -> Vec<String> {
        match self.steps[index] {
            Some(own) => step_refusals(&self.judged.1.steps[own], name),
            None => vec![format!("the {name} did not have this step")],
        }
    }

    fn is_usable(&self, index: usize) -> bool {
        self.refusals(index, "").is_empty()
    }

    /// The figure of a step, if the run can be used there and has enough samples.
    fn value(&self, index: usize, label: Option<&str>, metric: ComparedMetric) -> Option<f64> {
        if !self.is_usable(index) {
            return None;
        }
        let own = self.steps[index]?;
        let whose = match label {
            None => Whose::All,
            Some(name) => {
                let labels = &self.judged.0.labels;
                let at = labels.iter().position(|label| label.name == name)?;
                Whose::Label(LabelId(u16::try_from(at).ok()?))
            }
        };
        let span = self.judged.1.steps[own].window.unwrap_or_default();
        let lag = LoopLag::of(self.judged.0, span);
        let mut workbench = Histogram::default();
        let window = window(
            self.judged,
            &self.completions,
            (own, whose),
            &lag,
            &mut workbench,
        );
        let estimate = figure(&window, metric, Confidence::NinetyFive)?.estimate;
        let enough = !matches!(
            estimate.reason,
            Some(Reason::TooFewSamples { .. } | Reason::NoSamples | Reason::Invalid(_))
        );
        (enough && !estimate.censored).then_some(estimate.value)
    }
}

const fn kind(metric: ComparedMetric) -> EffectKind {
    match metric {
        ComparedMetric::ErrorRate => EffectKind::Difference,
        _ => EffectKind::Ratio,
    }
}

/// Logarithms of the positive values.
fn logs(values: &[Option<f64>]) -> Vec<f64> {
    on_scale(EffectKind::Ratio, values)
        .into_iter()
        .flatten()
        .collect()
}

/// The values on the scale that decides: logs for ratios.
fn on_scale(kind: EffectKind, values: &[Option<f64>]) -> Vec<Option<f64>> {
    let scale = |value: f64| match kind {
        EffectKind::Difference => Some(value),
        EffectKind::Ratio => (value > 0.0).then(|| value.ln()),
    };
    values.iter().map(|value| value.and_then(scale)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance of the mean of at least two values.
fn variance_of_mean(values: &[f64]) -> f64 {
    let (n, mean) = (values.len() as f64, mean(values));
    values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0)
        / n
}

/// Standard deviation of at least two values.
fn spread(values: &[f64]) -> Option<f64> {
    (values.len() > 1).then(|| (variance_of_mean(values) * values.len() as f64).sqrt())
}

/// The change between the runs' values; `None` with fewer than two to compare.
fn change(
    kind: EffectKind,
    own: &[Option<f64>],
    other: &[Option<f64>],
    pairing: Pairing,
) -> Option<Change> {
    let (own, other) = (on_scale(kind, own), on_scale(kind, other));
    let (value, variance, df) = match pairing {
        Pairing::Pairs => {
            let pairs: Vec<f64> = own
                .iter()
                .zip(&other)
                .filter_map(|(own, other)| Some((*other)? - (*own)?))
                .collect();
            if pairs.len() < 2 {
                return None;
            }
            (
                mean(&pairs),
                variance_of_mean(&pairs),
                pairs.len() as f64 - 1.0,
            )
        }
        Pairing::Independent => {
            let own: Vec<f64> = own.into_iter().flatten().collect();
            let other: Vec<f64> = other.into_iter().flatten().collect();
            if own.len() < 2 || other.len() < 2 {
                return None;
            }
            let (a, b) = (variance_of_mean(&own), variance_of_mean(&other));
            let parts =
                a.powi(2) / (own.len() as f64 - 1.0) + b.powi(2) / (other.len() as f64 - 1.0);
            let df = if parts > 0.0 {
                (a + b).powi(2) / parts
            } else {
                (own.len() + other.len()) as f64 - 2.0
            };
            (mean(&other) - mean(&own), a + b, df)
        }
    };
    let at = |confidence: Confidence| {
        // Rounded down: rather too wide than too narrow.
        let half = confidence.t(df.max(1.0) as u32) * variance.sqrt();
        Difference {
            value,
            low: Some(value - half),
            high: Some(value + half),
        }
    };
    Some(Change {
        kind,
        at95: at(Confidence::NinetyFive),
        at90: at(Confidence::Ninety),
        df: df.max(1.0).floor(),
    })
}

/// The mean of the runs' values (the geometric one of ratios) with the interval that their spread
/// gives it.
fn summary(kind: EffectKind, values: &[Option<f64>]) -> Option<Estimate> {
    let values: Vec<f64> = on_scale(kind, values).into_iter().flatten().collect();
    if values.is_empty() {
        return None;
    }
    let shown = |value: f64| match kind {
        EffectKind::Ratio => value.exp(),
        EffectKind::Difference => value,
    };
    let value = mean(&values);
    let half = (values.len() > 1).then(|| {
        Confidence::NinetyFive.t(values.len() as u32 - 1) * variance_of_mean(&values).sqrt()
    });
    let floor = |low: f64| match kind {
        EffectKind::Ratio => low,
        EffectKind::Difference => low.max(0.0),
    };
    Some(Estimate {
        value: shown(value),
        low: half.map(|half| floor(shown(value - half))),
        high: half.map(|half| shown(value + half)),
        censored: false,
        at_least: false,
        reason: None,
    })
}

/// Each limit with its worst verdict among the runs of a side.
fn worst_limits(
    limits: &[LimitComparison],
    baselines: &[Judged<'_>],
    candidates: &[Judged<'_>],
) -> Vec<LimitComparison> {
    let worst = |runs: &[Judged<'_>], text: &str| {
        runs.iter()
            .flat_map(|run| &run.1.limits)
            .filter(|limit| limit.text == text)
            .max_by_key(|limit| severity(limit.verdict))
            .map(|limit| {
                let cell = limit.decisive.as_ref();
                (limit.verdict, cell.and_then(|cell| cell.observed.clone()))
            })
    };
    limits
        .iter()
        .map(|limit| LimitComparison {
            baseline: worst(baselines, &limit.text),
            candidate: worst(candidates, &limit.text),
            ..limit.clone()
        })
        .collect()
}

const fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Measured => 0,
        Verdict::Pass => 1,
        Verdict::Inconclusive => 2,
        Verdict::Invalid => 3,
        Verdict::Fail => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn a_drift_of_the_machine_cancels_in_pairs_only() {
        let own = values(&[100.0, 110.0, 120.0, 130.0]);
        let other = values(&[110.0, 121.1, 131.9, 143.2]);
        let paired = change(EffectKind::Ratio, &own, &other, Pairing::Pairs).unwrap();
        assert!(
            paired.at95.low > Some(0.09) && paired.at95.high < Some(0.10),
            "{paired:?}"
        );
        assert_eq!(paired.df, 3.0);
        assert_eq!(paired.answer(0.05, true, 0.0), CellAnswer::Regressed);
        let apart = change(EffectKind::Ratio, &own, &other, Pairing::Independent).unwrap();
        assert!(apart.at95.low < Some(0.0), "{apart:?}");
    }

    #[test]
    fn pairs_that_miss_a_side_do_not_count() {
        let mut own = values(&[1.0, 1.1, 1.2]);
        own[0] = None;
        assert!(
            change(
                EffectKind::Ratio,
                &own,
                &values(&[1.0, 1.1, 1.2]),
                Pairing::Pairs
            )
            .is_some()
        );
        own[1] = None;
        assert_eq!(
            change(
                EffectKind::Ratio,
                &own,
                &values(&[1.0, 1.1, 1.2]),
                Pairing::Pairs
            ),
            None
        );
    }

    #[test]
    fn values_that_are_all_alike_make_no_change_and_no_nan() {
        let same = values(&[1.0, 1.0]);
        for pairing in [Pairing::Pairs, Pairing::Independent] {
            let none = change(EffectKind::Ratio, &same, &same, pairing).unwrap();
            assert_eq!(none.p_value(), 1.0);
            assert_eq!(
                none.answer(0.05, true, 0.0),
                CellAnswer::NoSignificantChange
            );
        }
        assert_eq!(summary(EffectKind::Difference, &[None]), None);
    }
}
