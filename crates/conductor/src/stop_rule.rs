//! Limits with `then stop`, looked at each second while the run goes on.
//!
//! Looking every second is testing many times, so a second counts only if chance alone would break
//! the bound in one of 1,000, and it takes three in a row (Armitage 1969 on repeated looks).

use loadline_events::Reading;
use loadline_metrics::{Distribution, Histogram, Label, SeriesDelta, StepLoad};
use loadline_plan::{
    Comparison, LabelSelection, Limit, LoadUnit, Metric, TimeKind, pattern_matches,
};

/// Probability with which chance alone may make a second count.
const ALPHA: f64 = 0.001;
/// Seconds in a row.
const IN_A_ROW: u32 = 3;

/// Whether a limit with `then stop` can be judged second by second.
pub(crate) fn can_be_seen_live(limit: &Limit) -> bool {
    match limit.metric {
        Metric::Alive => true,
        Metric::Percentile(..) | Metric::ErrorRate => {
            matches!(limit.comparison, Comparison::Less | Comparison::LessOrEqual)
        }
        _ => false,
    }
}

/// The limits of a run that can stop it.
#[derive(Debug, Default)]
pub(crate) struct StopRules {
    rules: Vec<(Limit, u32)>,
}

impl StopRules {
    /// Rules of the `limits` that say so, and of all `further` ones.
    pub(crate) fn new(limits: &[Limit], further: &[Limit]) -> Self {
        let rules = (limits.iter())
            .filter(|limit| limit.stop)
            .chain(further)
            .filter(|limit| can_be_seen_live(limit));
        Self {
            rules: rules.map(|limit| (limit.clone(), 0)).collect(),
        }
    }

    /// Looks at one second; returns the text of a limit that is broken for good.
    pub(crate) fn look(
        &mut self,
        load: Option<StepLoad>,
        second: &SeriesDelta,
        labels: &[Label],
        server_names: &[&str],
        readings: &[Reading],
    ) -> Option<String> {
        for (limit, broken) in &mut self.rules {
            let applies = limit.at.is_none_or(|condition| {
                load.is_some_and(|load| {
                    let unit = match load {
                        StepLoad::Users(_) => LoadUnit::Users,
                        StepLoad::Rate(_) => LoadUnit::Rate,
                    };
                    unit == condition.unit
                        && condition.comparison.holds(load.value(), condition.value)
                })
            });
            let is_broken = applies
                && match limit.metric {
                    Metric::Alive => is_dead(limit, server_names, readings),
                    _ => is_broken_in(limit, second, labels),
                };
            *broken = if is_broken { *broken + 1 } else { 0 };
            if *broken >= IN_A_ROW {
                return Some(limit.text.clone());
            }
        }
        None
    }
}

fn is_dead(limit: &Limit, server_names: &[&str], readings: &[Reading]) -> bool {
    readings.iter().any(|reading| {
        let name = server_names.get(usize::from(reading.server));
        let is_meant = limit
            .server
            .as_deref()
            .is_none_or(|meant| name == Some(&meant));
        is_meant && reading.alive == Some(false)
    })
}

/// Whether the samples of `second` break the bound beyond chance, for one of the labels meant.
fn is_broken_in(limit: &Limit, second: &SeriesDelta, labels: &[Label]) -> bool {
    let pooled = match (&limit.labels, limit.metric) {
        (LabelSelection::All, _) => true,
        (LabelSelection::Default, metric) => metric == Metric::ErrorRate,
        _ => false,
    };
    let mut all = Counts::default();
    for ((_, id), cell) in &second.cells {
        let Some(label) = labels.get(usize::from(id.0)) else {
            continue;
        };
        let is_meant = match &limit.labels {
            LabelSelection::Pattern(pattern) => pattern_matches(pattern, &label.name),
            LabelSelection::Each => true,
            LabelSelection::All | LabelSelection::Default => !label.transaction,
        };
        if !is_meant {
            continue;
        }
        let mut own = Counts::default();
        let counts = if pooled { &mut all } else { &mut own };
        match limit.metric {
            Metric::ErrorRate => {
                for row in cell.ended.values() {
                    counts.samples += row.samples;
                    counts.bad += row.errors;
                }
            }
            Metric::Percentile(kind, _) => {
                for row in cell.intended.values() {
                    let times = match kind {
                        TimeKind::Response => &row.response,
                        TimeKind::Service => row.service(),
                    };
                    counts.samples += times.count;
                    counts.bad += above(times, limit.bound);
                }
            }
            _ => {}
        }
        if !pooled && own.is_beyond(limit) {
            return true;
        }
    }
    pooled && all.is_beyond(limit)
}

#[derive(Default)]
struct Counts {
    samples: u64,
    bad: u64,
}

impl Counts {
    fn is_beyond(&self, limit: &Limit) -> bool {
        // The share of bad samples that the limit allows.
        let share = match limit.metric {
            Metric::Percentile(_, quantile) => 1.0 - quantile.value(),
            _ => limit.bound,
        };
        self.bad > 0 && loadline_analysis::binomial_at_least(self.bad, self.samples, share) < ALPHA
    }
}

/// Values above `bound_s` seconds.
fn above(times: &Distribution, bound_s: f64) -> u64 {
    let histogram = Histogram::of([times]);
    histogram.count() - histogram.count_up_to((bound_s * 1e6) as u64)
}

#[cfg(test)]
mod tests {
    use loadline_events::{LabelId, StepId};
    use loadline_metrics::{EndedSecond, RunSeries};
    use loadline_plan::parse_limit;

    use super::*;

    fn second(samples: u64, errors: u64) -> SeriesDelta {
        let mut delta = RunSeries::default();
        let cell = delta.cells.entry((StepId(0), LabelId(0))).or_default();
        cell.ended.insert(
            0,
            EndedSecond {
                samples,
                errors,
                ..EndedSecond::default()
            },
        );
        delta
    }

    #[test]
    fn three_bad_seconds_in_a_row_stop_and_two_do_not() {
        let limit = parse_limit("errors <= 10% then stop").unwrap();
        let labels = [Label {
            name: "a".to_owned(),
            transaction: false,
        }];
        let mut rules = StopRules::new(&[limit], &[]);
        let mut look = |errors| rules.look(None, &second(100, errors), &labels, &[], &[]);
        assert_eq!(look(60), None);
        assert_eq!(look(60), None);
        assert_eq!(look(12), None, "12 of 100 may be chance");
        assert_eq!(look(60), None);
        assert_eq!(look(60), None);
        assert_eq!(look(60).as_deref(), Some("errors <= 10% then stop"));
    }

    #[test]
    fn limits_without_stop_never_stop() {
        let limit = parse_limit("errors <= 10%").unwrap();
        assert!(StopRules::new(&[limit], &[]).rules.is_empty());
    }
}
