//! How a candidate's figure differs from its baseline's, with an interval, and what that answers.
//!
//! The interval of a difference comes from the intervals of both sides (MOVER: Zou and Donner 2008;
//! for proportions Newcombe 1998), on the logarithm for ratios. No change is claimed by two one-sided
//! tests (Schuirmann 1987).

use crate::comparison_result::{CellAnswer, Effect, EffectKind};
use crate::student::{Confidence, two_sided_tail};

/// Degrees of freedom of a change between two single runs: those of ten batches.
pub(crate) const OF_TEN_BATCHES: f64 = 9.0;
/// Change of an error rate that matters: a point.
pub(crate) const ERROR_POINT: f64 = 0.01;

/// A figure with its ends at one confidence; an absent end is unbounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Side {
    pub(crate) value: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

impl Side {
    /// The side on the log scale; `None` unless the figure is positive. A low end that is not
    /// positive is unbounded there.
    pub(crate) fn ln(self) -> Option<Side> {
        let positive = |value: f64| (value > 0.0).then(|| value.ln());
        Some(Side {
            value: positive(self.value)?,
            low: self.low.and_then(positive),
            high: self.high.and_then(positive),
        })
    }
}

/// A difference with its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) value: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

/// Candidate minus baseline.
pub(crate) fn difference(baseline: Side, candidate: Side) -> Difference {
    let value = candidate.value - baseline.value;
    let half = |own: Option<f64>, other: Option<f64>| {
        Some(((own? - candidate.value).powi(2) + (other? - baseline.value).powi(2)).sqrt())
    };
    Difference {
        value,
        low: half(candidate.low, baseline.high).map(|half| value - half),
        high: half(candidate.high, baseline.low).map(|half| value + half),
    }
}

/// The 95 % and the 90 % difference on the scale that decides: logs for ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) kind: EffectKind,
    pub(crate) at95: Difference,
    pub(crate) at90: Difference,
    /// Degrees of freedom of its p-value, at least 1.
    pub(crate) df: f64,
}

impl Change {
    /// The change as shown: ratios are no longer logs.
    pub(crate) fn effect(&self) -> Effect {
        let shown = |value: f64| match self.kind {
            // A factor beyond e^50 says no more than e^50.
            EffectKind::Ratio => value.clamp(-50.0, 50.0).exp(),
            EffectKind::Difference => value,
        };
        Effect {
            kind: self.kind,
            value: shown(self.at95.value),
            low: self.at95.low.map(shown),
            high: self.at95.high.map(shown),
            low90: self.at90.low.map(shown),
            high90: self.at90.high.map(shown),
        }
    }

    /// The answer of this change alone. `delta` is the least change that matters, on the scale of
    /// the change; `more_is_worse` for times and errors; `seconds` is the length of the windows.
    pub(crate) fn answer(&self, delta: f64, more_is_worse: bool, seconds: f64) -> CellAnswer {
        let Difference { value, low, high } = self.at95;
        let above = low.is_some_and(|low| low > 0.0);
        let below = high.is_some_and(|high| high < 0.0);
        if (above || below) && value.abs() >= delta {
            return if above == more_is_worse {
                CellAnswer::Regressed
            } else {
                CellAnswer::Improved
            };
        }
        let within = |change: Difference, bound: f64| {
            change.low.is_some_and(|low| low > -bound)
                && change.high.is_some_and(|high| high < bound)
        };
        if within(self.at90, delta) || ((above || below) && within(self.at95, 2.0 * delta)) {
            return CellAnswer::NoSignificantChange;
        }
        let needs_s = low.zip(high).map(|(low, high)| {
            let half = (high - low) / 2.0;
            seconds * (half / delta).powi(2)
        });
        CellAnswer::CannotTell {
            needs_s: needs_s.filter(|seconds| seconds.is_finite()),
        }
    }

    /// Chance of so great a change without any, from the interval; 1 if it is unbounded.
    pub(crate) fn p_value(&self) -> f64 {
        let (Some(low), Some(high)) = (self.at95.low, self.at95.high) else {
            return 1.0;
        };
        let error = (high - low) / (2.0 * Confidence::NinetyFive.t(self.df as u32));
        if error <= 0.0 {
            return if self.at95.value == 0.0 { 1.0 } else { 0.0 };
        }
        two_sided_tail(self.at95.value / error, self.df)
    }
}

/// Which of several p-values stand at 5 % in spite of their number (Holm 1979), in their order.
pub(crate) fn holm(p_values: &[f64]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut stands = vec![false; p_values.len()];
    for (rank, index) in order.iter().enumerate() {
        if p_values[*index] > 0.05 / (p_values.len() - rank) as f64 {
            break;
        }
        stands[*index] = true;
    }
    stands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_stops_at_the_first_that_fails() {
        assert_eq!(holm(&[0.001, 0.04, 0.02]), [true, true, true]);
        assert_eq!(holm(&[0.03, 0.001, 0.03]), [false, true, false]);
        assert_eq!(holm(&[]), Vec::<bool>::new());
    }

    #[test]
    fn an_unbounded_side_leaves_the_change_unbounded() {
        let side = |low, high| Side {
            value: 1.0,
            low,
            high,
        };
        let change = difference(side(Some(0.9), None), side(Some(0.9), Some(1.1)));
        assert_eq!(change.low, None);
        assert!(change.high.is_some());
    }
}
