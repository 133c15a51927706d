//! Judges the limits of a plan: which figures a limit selects, and what becomes of each.

use std::collections::BTreeSet;
use std::time::Duration;

use loadline_events::{LabelId, StepId};
use loadline_metrics::{Histogram, IntendedSecond, RunData, StepLoad};
use loadline_plan::{
    Comparison, LabelSelection, Limit, LoadCondition, LoadUnit, Metric, TimeKind, pattern_matches,
};

use crate::alive::Life;
use crate::batch::{MIN_WINDOW_S, ratio_interval};
use crate::generator::StepTrust;
use crate::lateness::bias;
use crate::limit_cell::{CellFacts, CellVerdict, Trend, judge};
use crate::result::{Estimate, LimitCell, LimitResult, Reason, StepState, Verdict};
use crate::server_series::ServerView;
use crate::stats::{error_rate, samples_and_errors, throughput, times};
use crate::steps::JudgedStep;
use crate::student::Confidence;
use crate::window::{Completions, Whose, Window};
use crate::windowed_limit::judge_windows;

/// What limits are judged on.
pub(crate) struct Evidence<'a> {
    pub(crate) run: &'a RunData,
    pub(crate) judged: &'a [JudgedStep],
    pub(crate) completions: &'a Completions,
    pub(crate) trust: &'a [StepTrust],
    pub(crate) servers: &'a [ServerView<'a>],
    pub(crate) lives: &'a [Life],
}

/// A limit judged, and whether the generator's lateness made a cell of it invalid.
pub(crate) struct JudgedLimit {
    pub(crate) result: LimitResult,
    pub(crate) bent_by_lag: bool,
}

/// Judges `limit`.
pub(crate) fn judge_limit(evidence: &Evidence<'_>, limit: &Limit) -> JudgedLimit {
    let mut workbench = Histogram::default();
    let mut judgement = Judgement {
        evidence,
        limit,
        bound: bound(limit),
        cells: Vec::new(),
        bent_by_lag: false,
        workbench: &mut workbench,
    };
    match limit.metric {
        Metric::Alive => judgement.alive(),
        Metric::Cpu | Metric::Memory => judgement.resource(),
        _ => judgement.samples(),
    }
    let Judgement {
        cells,
        bound,
        bent_by_lag,
        ..
    } = judgement;
    let margin = |cell: &LimitCell| relative_margin(limit, bound, cell);
    let decisive = cells
        .iter()
        .max_by(|a, b| {
            (a.verdict, margin(a))
                .partial_cmp(&(b.verdict, margin(b)))
                .unwrap_or(std::cmp::Ordering::Equal)
        })
        .cloned();
    JudgedLimit {
        result: LimitResult {
            text: limit.text.clone(),
            verdict: decisive
                .as_ref()
                .map_or(Verdict::Inconclusive, |cell| cell.verdict),
            decisive,
            bound,
            cells,
        },
        bent_by_lag,
    }
}

/// The bound in the unit of what is measured: microseconds for times.
fn bound(limit: &Limit) -> f64 {
    match limit.metric {
        Metric::Percentile(..) | Metric::Mean(_) | Metric::Max(_) => limit.bound * 1e6,
        _ => limit.bound,
    }
}

/// How near a cell is to breaking its bound, or how far beyond: greater is worse.
fn relative_margin(limit: &Limit, bound: f64, cell: &LimitCell) -> f64 {
    let Some(observed) = &cell.observed else {
        return f64::NEG_INFINITY;
    };
    let scale = bound.abs().max(1e-9);
    match limit.comparison {
        Comparison::Greater | Comparison::GreaterOrEqual => (bound - observed.value) / scale,
        _ => (observed.value - bound) / scale,
    }
}

/// A limit being judged.
pub(crate) struct Judgement<'a, 'b> {
    pub(crate) evidence: &'b Evidence<'a>,
    pub(crate) limit: &'b Limit,
    pub(crate) bound: f64,
    cells: Vec<LimitCell>,
    bent_by_lag: bool,
    workbench: &'b mut Histogram,
}

impl<'a> Judgement<'a, '_> {
    /// Adds a cell.
    pub(crate) fn push(
        &mut self,
        place: Place,
        observed: Option<Estimate>,
        window: Option<(u32, u32)>,
        verdict: CellVerdict,
    ) {
        self.bent_by_lag |= verdict.bent_by_lag;
        self.cells.push(LimitCell {
            label: place.label,
            step: place.step,
            load: place.load,
            window,
            observed,
            verdict: verdict.verdict,
            why: verdict.why,
            needs_s: verdict.needs_s,
        });
    }

    /// Indexes of the steps that the limit judges; pushes a cell that says so when there are none.
    pub(crate) fn selected_steps(&mut self) -> Vec<usize> {
        let steps: Vec<usize> = (0..self.evidence.run.steps.len())
            .filter(|index| {
                let load = self.evidence.run.steps[*index].load;
                self.limit.at.is_none_or(|at| selects(at, load))
            })
            .collect();
        if steps.is_empty() {
            self.push(
                Place::default(),
                None,
                None,
                CellVerdict::new(Verdict::Inconclusive, "no step has such a load"),
            );
        }
        steps
    }

    /// The place of a cell about `whose` samples in the step with this index.
    pub(crate) fn place(&self, index: usize, whose: Whose) -> Place {
        let step = &self.evidence.run.steps[index];
        Place {
            label: match whose {
                Whose::All => None,
                Whose::Label(id) => self
                    .evidence
                    .run
                    .labels
                    .get(usize::from(id.0))
                    .map(|label| label.name.clone()),
            },
            step: Some(step.step),
            load: Some(step.load),
        }
    }

    fn samples(&mut self) {
        let whose = self.selected_labels();
        if whose.is_empty() {
            self.push(
                Place::default(),
                None,
                None,
                CellVerdict::new(Verdict::Inconclusive, "no label matches"),
            );
            return;
        }
        for index in self.selected_steps() {
            for whose in &whose {
                self.samples_in_step(index, *whose);
            }
        }
    }

    fn selected_labels(&self) -> Vec<Whose> {
        let by_label = matches!(
            self.limit.metric,
            Metric::Percentile(..) | Metric::Mean(_) | Metric::Max(_) | Metric::Apdex(_)
        );
        match &self.limit.labels {
            LabelSelection::All => vec![Whose::All],
            LabelSelection::Default if !by_label => vec![Whose::All],
            LabelSelection::Default | LabelSelection::Each => {
                let windows = self.labels_in_windows();
                let counted = self.evidence.run.counted_labels().map(|(id, _)| id);
                let labels: Vec<Whose> = counted
                    // A label that ran in ramps only, such as a log-in, has nothing to judge.
                    .filter(|id| windows.contains(id))
                    .map(Whose::Label)
                    .collect();
                if labels.is_empty() {
                    vec![Whose::All]
                } else {
                    labels
                }
            }
            LabelSelection::Pattern(pattern) => (0u16..)
                .zip(&self.evidence.run.labels)
                .filter(|(_, label)| pattern_matches(pattern, &label.name))
                .map(|(id, _)| Whose::Label(LabelId(id)))
                .collect(),
        }
    }

    /// Labels with a sample in the window of some step.
    fn labels_in_windows(&self) -> BTreeSet<LabelId> {
        let evidence = self.evidence;
        let mut labels = BTreeSet::new();
        for (step, judged) in evidence.run.steps.iter().zip(evidence.judged) {
            let Some((start, end)) = judged.window else {
                continue;
            };
            let cells = (step.step, LabelId(0))..=(step.step, LabelId(u16::MAX));
            for ((_, label), cell) in evidence.run.series.cells.range(cells) {
                if cell.intended.range(start..end).next().is_some() {
                    labels.insert(*label);
                }
            }
        }
        labels
    }

    fn samples_in_step(&mut self, index: usize, whose: Whose) {
        let evidence = self.evidence;
        let step = &evidence.judged[index];
        let place = self.place(index, whose);
        let Some(span) = step.limit_window() else {
            self.push(
                place,
                None,
                None,
                CellVerdict::new(Verdict::Inconclusive, "not reached"),
            );
            return;
        };
        let trust = &evidence.trust[index];
        let invalid = invalid_for(self.limit.metric, trust);
        let step_id = evidence.run.steps[index].step;
        if let Some(over) = self.limit.over {
            let hold = Window::of_step(
                evidence.run,
                evidence.completions,
                step_id,
                whose,
                step.hold,
            );
            let judged = judge_windows(self.limit, self.bound, &hold, over, self.workbench);
            let verdict = match invalid {
                Some(why) => CellVerdict::new(Verdict::Invalid, why),
                None => judged.verdict,
            };
            self.push(place, judged.observed, judged.window, verdict);
            return;
        }
        let window = Window::of_step(evidence.run, evidence.completions, step_id, whose, span);
        let observed = self.observe(&window);
        let verdict = judge(&CellFacts {
            comparison: self.limit.comparison,
            bound: self.bound,
            observed: observed.as_ref().map(|seen| &seen.estimate),
            // "No errors" can only be a statement about this run: no interval ends at 0.
            exact: matches!(self.limit.metric, Metric::Max(_))
                || (self.limit.metric == Metric::ErrorRate && self.bound <= 0.0),
            trend: self.trend(step, &window, observed.as_ref()),
            beyond: observed.as_ref().map_or(0, |seen| seen.beyond),
            seconds: f64::from(window.seconds()),
            invalid: invalid.as_deref(),
            bias: observed
                .as_ref()
                .map_or(0.0, |seen| seen.bias(self.limit.metric, trust)),
        });
        let shown = observed.map(|seen| match step.state {
            StepState::Rising { .. } | StepState::Falling | StepState::Unsettled
                if !matches!(self.limit.metric, Metric::Max(_)) =>
            {
                seen.estimate.withheld(Some(&Reason::NotSteady))
            }
            _ => seen.estimate,
        });
        self.push(place, shown, Some(span), verdict);
    }

    /// The limit's metric in `window`, its interval claimed whether the step was steady or not.
    fn observe(&mut self, window: &Window<'a>) -> Option<Observed> {
        let confidence = Confidence::NinetyFive;
        let (samples, errors) = samples_and_errors(window);
        let plain = |estimate, beyond| Observed {
            estimate,
            beyond,
            without_lag: None,
        };
        match self.limit.metric {
            Metric::Percentile(kind, quantile) => {
                let p = quantile.value();
                let times_of = times(window, of_kind(kind), self.workbench);
                let estimate = if (0.0..1.0).contains(&p) && p > 0.0 {
                    times_of.quantile(p, confidence)?
                } else {
                    let (value, censored) = times_of.value_at(p)?;
                    Estimate {
                        censored,
                        ..Estimate::bare(value as f64, Reason::NoInterval)
                    }
                };
                let beyond = times_of.count_above(self.bound);
                let without_lag = times(window, IntendedSecond::without_lag, self.workbench)
                    .value_at(p)
                    .map(|(value, _)| value as f64);
                Some(Observed {
                    estimate,
                    beyond,
                    without_lag: (kind == TimeKind::Response)
                        .then_some(without_lag)
                        .flatten(),
                })
            }
            Metric::Mean(kind) => {
                let times_of = times(window, of_kind(kind), self.workbench);
                let estimate = times_of.mean(confidence)?;
                let beyond = times_of.count_above(self.bound);
                let without_lag = times(window, IntendedSecond::without_lag, self.workbench)
                    .mean(confidence)
                    .map(|mean| mean.value);
                Some(Observed {
                    estimate,
                    beyond,
                    without_lag: (kind == TimeKind::Response)
                        .then_some(without_lag)
                        .flatten(),
                })
            }
            Metric::Max(kind) => {
                let times_of = times(window, of_kind(kind), self.workbench);
                let (_, max) = times_of.extremes_us()?;
                let estimate = Estimate::bare(max as f64, Reason::NoInterval);
                Some(plain(estimate, 0))
            }
            Metric::ErrorRate => Some(plain(error_rate(window, confidence).0?, errors)),
            Metric::Throughput => {
                // No sample at all is no figure: the server may never have been asked.
                if samples == 0 && window.ended.is_empty() {
                    return None;
                }
                Some(plain(throughput(window, confidence)?, samples))
            }
            Metric::Apdex(threshold) => Some(plain(apdex(window, threshold, confidence)?, samples)),
            Metric::Cpu | Metric::Memory | Metric::Alive => None,
        }
    }

    fn trend(&self, step: &JudgedStep, window: &Window<'a>, observed: Option<&Observed>) -> Trend {
        match step.state {
            StepState::Steady if Some(window.span) != step.window => match self.limit.metric {
                Metric::Throughput | Metric::ErrorRate => Trend::Steady,
                _ => Trend::Improving,
            },
            StepState::Steady => Trend::Steady,
            StepState::Unsettled | StepState::NotReached => Trend::Unknown,
            // Nothing is claimed of so short a step, so there is nothing to take back.
            StepState::TooShort => Trend::Steady,
            StepState::Falling => match self.limit.metric {
                Metric::Throughput | Metric::ErrorRate => Trend::Steady,
                _ => Trend::Improving,
            },
            StepState::Rising { per_second } => {
                let length = f64::from(step.hold.1 - step.hold.0);
                let half = f64::from(window.seconds()) / 2.0;
                let Some(seen) = observed else {
                    return Trend::Unknown;
                };
                // From the window's middle, which its figures are about, to the end of one more
                // step of the same length.
                let ahead = half + length;
                let extrapolated = match self.limit.metric {
                    Metric::ErrorRate | Metric::Throughput | Metric::Apdex(_) => {
                        self.extrapolated_by_halves(window, &seen.estimate, ahead / half.max(1.0))
                    }
                    _ => {
                        let worse = seen.estimate.high.unwrap_or(seen.estimate.value);
                        // A queue that grows adds the same time every second.
                        worse * (1.0 + (per_second * ahead).max(0.0))
                    }
                };
                Trend::Worsening { extrapolated }
            }
        }
    }

    /// The figure's worse end moved on by `halves` times its change from the first half of the
    /// window to the second.
    fn extrapolated_by_halves(&self, window: &Window<'a>, seen: &Estimate, halves: f64) -> f64 {
        let middle = window.seconds() / 2;
        let value = |part: &Window<'_>| match self.limit.metric {
            Metric::ErrorRate => error_rate(part, Confidence::NinetyFive).0,
            Metric::Apdex(threshold) => apdex(part, threshold, Confidence::NinetyFive),
            _ => throughput(part, Confidence::NinetyFive),
        };
        let first = value(&window.part(0, middle));
        let second = value(&window.part(middle, window.seconds()));
        let change = match (first, second) {
            (Some(first), Some(second)) => second.value - first.value,
            _ => 0.0,
        };
        match self.limit.comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => {
                seen.low.unwrap_or(seen.value) + change.min(0.0) * halves
            }
            _ => seen.high.unwrap_or(seen.value) + change.max(0.0) * halves,
        }
    }
}

/// Where a cell lies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub(crate) label: Option<String>,
    pub(crate) step: Option<StepId>,
    pub(crate) load: Option<StepLoad>,
}

/// A figure with what else its verdict needs.
struct Observed {
    estimate: Estimate,
    /// Samples beyond the bound.
    beyond: u64,
    /// The same figure without the generator's own lag at the start, for times.
    without_lag: Option<f64>,
}

impl Observed {
    /// Share by which the generator may have raised the figure; 0 for figures that are not times.
    fn bias(&self, metric: Metric, trust: &StepTrust) -> f64 {
        let p = match metric {
            Metric::Percentile(_, quantile) => Some(quantile.value()),
            Metric::Mean(_) => None,
            _ => return 0.0,
        };
        let value = self.estimate.value;
        bias(
            value,
            self.without_lag.unwrap_or(value),
            trust.loop_lag.against(p),
        )
    }
}

/// Why a figure of this kind cannot be trusted in a step.
fn invalid_for(metric: Metric, trust: &StepTrust) -> Option<String> {
    let hangs_on_time = !matches!(metric, Metric::ErrorRate);
    trust
        .load
        .first()
        .or(if hangs_on_time {
            trust.times.first()
        } else {
            None
        })
        .cloned()
}

/// The times of a kind.
pub(crate) fn of_kind(kind: TimeKind) -> fn(&IntendedSecond) -> &loadline_metrics::Distribution {
    match kind {
        TimeKind::Response => |row| &row.response,
        TimeKind::Service => IntendedSecond::service,
    }
}

/// Apdex: satisfied samples and half of the tolerating ones (up to four times the threshold), over
/// all. Failed samples count by their time.
pub(crate) fn apdex(
    window: &Window<'_>,
    threshold: Duration,
    confidence: Confidence,
) -> Option<Estimate> {
    let threshold_us = threshold.as_secs_f64() * 1e6;
    let score = |row: &IntendedSecond| -> f64 {
        let up_to = |limit: f64| -> f64 {
            (row.response.buckets.iter())
                .filter(|(index, _)| loadline_metrics::lowest_in_bucket(*index) as f64 <= limit)
                .map(|(_, count)| f64::from(count))
                .sum()
        };
        f64::midpoint(up_to(threshold_us), up_to(4.0 * threshold_us))
    };
    let rows = window.intended.iter();
    let scores = rows.clone().map(|(at, row)| (*at, score(row)));
    let counts = rows.map(|(at, row)| (*at, row.response.count as f64));
    let n: f64 = counts.clone().map(|row| row.1).sum();
    if n <= 0.0 {
        return None;
    }
    let value = scores.clone().map(|row| row.1).sum::<f64>() / n;
    Some(
        match ratio_interval(scores, counts, window.seconds(), confidence) {
            Some((low, high)) => Estimate {
                value,
                low: Some(low.max(0.0)),
                high: Some(high.min(1.0)),
                censored: false,
                at_least: false,
                reason: None,
            },
            None => Estimate::bare(
                value,
                Reason::TooShort {
                    need_s: MIN_WINDOW_S,
                },
            ),
        },
    )
}

/// Whether a step of `load` is meant by `at`.
fn selects(at: LoadCondition, load: StepLoad) -> bool {
    let same_unit = matches!(
        (at.unit, load),
        (LoadUnit::Users, StepLoad::Users(_)) | (LoadUnit::Rate, StepLoad::Rate(_))
    );
    same_unit && at.comparison.holds(load.value(), at.value)
}
