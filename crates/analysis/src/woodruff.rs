//! Intervals for quantiles: clustered Woodruff.
//!
//! An interval for a quantile is an interval for a proportion, read off the empirical distribution
//! (Woodruff 1952); the proportion's variance comes from batches of seconds, its effective number of
//! samples from that variance (Kish 1965; Korn and Graubard 1998).

use loadline_metrics::{Distribution, Histogram, bucket_of};

use crate::batch::{MIN_WINDOW_S, batch_counts, batch_sums, ratio_interval, ratio_variance};
use crate::result::{Estimate, Reason};
use crate::student::Confidence;
use crate::wilson::wilson;

/// Fewest samples in a batch for a claim.
const MIN_BATCH_SAMPLES: u64 = 5;
/// Fewest samples expected on the thin side of a quantile for a claim.
const MIN_TAIL_SAMPLES: f64 = 10.0;
/// Fewest samples for any statistic but the extremes.
pub(crate) const MIN_SAMPLES: u64 = 5;
/// Share of samples that equal a quantile beyond which its own share is taken for its p.
///
/// The published rule counts deviations from p. Where many samples have one value (a time-out, a
/// rejection) far more than p lie at or below the quantile, and the rule would take that constant
/// excess for fluctuation.
const ATOM: f64 = 0.01;
/// A figure that samples still waiting could raise by no more is not called a lower bound: at the
/// end of a run some are always under way.
const CENSORED_TOLERANCE: f64 = 0.01;
/// Fewest independent pieces in a window without the warning that it fluctuates slowly.
const FEW_INDEPENDENT: f64 = 200.0;

/// The effective number of samples behind the share of values below the `p`-quantile.
///
/// `counts` are the samples of each batch, `below` those at or below the quantile.
pub(crate) fn effective_samples(p: f64, counts: &[f64], below: &[f64]) -> f64 {
    let n: f64 = counts.iter().sum();
    let share = below.iter().sum::<f64>() / n;
    let share = if share > p + ATOM { share } else { p };
    let deviations: Vec<f64> = below
        .iter()
        .zip(counts)
        .map(|(y, count)| y - share * count)
        .collect();
    let variance = ratio_variance(&deviations, n);
    if variance > 0.0 {
        n.min(share * (1.0 - share) / variance)
    } else {
        n
    }
}

/// Ranks (from 1) between which the `p`-quantile of `n` samples lies, given `n_eff` independent
/// ones among them. The upper one may exceed `n`: then there is no upper end.
pub(crate) fn rank_bounds(n: u64, p: f64, n_eff: f64, t: f64) -> (u64, u64) {
    let (low, high) = wilson(p, n_eff, t).unwrap_or((0.0, 1.0));
    let count = n as f64;
    let lower = (count * low).floor().max(1.0) as u64;
    let upper = (count * high).ceil() as u64 + 1;
    (lower, upper)
}

/// The times of a window, ready to be asked for quantiles.
#[derive(Debug)]
pub(crate) struct WindowTimes<'a> {
    seconds: u32,
    rows: Vec<(u32, &'a Distribution)>,
    totals: Distribution,
    /// Lowest value, highest value and number of samples up to it, ascending.
    buckets: Vec<(u64, u64, u64)>,
}

/// A quantile whose interval is being made.
struct Claim<'e> {
    p: f64,
    /// The lowest and the highest end so far; no upper end where one of them has none.
    ends: (u64, Option<u64>),
    estimate: &'e mut Estimate,
}

impl<'a> WindowTimes<'a> {
    /// The times of `rows`, (second of the window, distribution), in a window of `seconds`.
    /// `workbench` is cleared and filled.
    pub(crate) fn new(
        rows: Vec<(u32, &'a Distribution)>,
        seconds: u32,
        workbench: &mut Histogram,
    ) -> Self {
        workbench.clear();
        for (_, distribution) in &rows {
            workbench.add(distribution);
        }
        let mut seen = 0;
        let buckets = workbench
            .buckets()
            .map(|(low, high, count)| {
                seen += count;
                (low, high, seen)
            })
            .collect();
        WindowTimes {
            seconds,
            rows,
            totals: workbench.totals().clone(),
            buckets,
        }
    }

    /// Number of samples.
    pub(crate) const fn count(&self) -> u64 {
        self.totals.count
    }

    /// Smallest and largest value in microseconds; `None` when empty.
    pub(crate) fn extremes_us(&self) -> Option<(u64, u64)> {
        (self.totals.count > 0).then_some((self.totals.min_us, self.totals.max_us))
    }

    /// Samples in buckets wholly above `value_us`.
    pub(crate) fn count_above(&self, value_us: f64) -> u64 {
        let at = self
            .buckets
            .partition_point(|bucket| (bucket.0 as f64) <= value_us);
        let up_to = at.checked_sub(1).map_or(0, |last| self.buckets[last].2);
        self.totals.count - up_to
    }

    /// The `p`-quantile in microseconds and whether it is only a lower bound; `None` when empty.
    pub(crate) fn value_at(&self, p: f64) -> Option<(u64, bool)> {
        if self.totals.count == 0 {
            return None;
        }
        // The tolerance keeps 0.95 · 100 at 95 in spite of binary fractions.
        let rank = ((p * self.totals.count as f64 - 1e-9).ceil() as u64).max(1);
        let value = self.highest_at(rank);
        let censored = self.totals.censored > 0
            && self.totals.censored_min_us < value
            && self
                .highest_if_unanswered(rank)
                .is_none_or(|high| high as f64 > value as f64 * (1.0 + CENSORED_TOLERANCE));
        Some((value, censored))
    }

    /// The `p`-quantile with its interval, whether the window was steady or not.
    ///
    /// `None` with fewer than five samples.
    pub(crate) fn quantile(&self, p: f64, confidence: Confidence) -> Option<Estimate> {
        let [estimate] = self.quantiles([p], confidence);
        estimate
    }

    /// The quantiles of all `ps`, each as [`WindowTimes::quantile`] has it.
    ///
    /// Reading the buckets of every second is most of the work on a long run, and this does it once.
    pub(crate) fn quantiles<const N: usize>(
        &self,
        ps: [f64; N],
        confidence: Confidence,
    ) -> [Option<Estimate>; N] {
        let mut estimates = ps.map(|p| self.quantile_or_refusal(p));
        let mut claims: Vec<Claim<'_>> = ps
            .into_iter()
            .zip(estimates.iter_mut().flatten())
            .filter(|(_, estimate)| estimate.reason.is_none())
            .map(|(p, estimate)| Claim {
                p,
                ends: (u64::MAX, Some(0)),
                estimate,
            })
            .collect();
        if claims.is_empty() {
            return estimates;
        }
        let median = self.value_at(0.5).map_or(0, |(median, _)| median);
        let values = claims.iter().map(|claim| claim.estimate.value as u64);
        let below = self.below(&values.chain([median]).collect::<Vec<_>>());
        let (below_median, below) = below.split_last().expect("the median is the last");
        for &batches in batch_counts(self.seconds) {
            let counts = self.batched(self.counts(), batches);
            let effective = |p: f64, below: &[f64]| {
                effective_samples(p, &counts, &self.batched(below.iter().copied(), batches))
            };
            let of_median = effective(0.5, below_median);
            for (claim, below) in claims.iter_mut().zip(below) {
                // A tail that happened to be calm must not look surer than the middle.
                let n_eff = effective(claim.p, below).min(of_median);
                let (lower, upper) =
                    rank_bounds(self.totals.count, claim.p, n_eff, confidence.t(batches - 1));
                let upper = self.highest_if_unanswered(upper);
                claim.ends = (
                    claim.ends.0.min(self.lowest_at(lower)),
                    claim.ends.1.zip(upper).map(|(a, b)| a.max(b)),
                );
                claim.estimate.at_least |= of_median < FEW_INDEPENDENT;
            }
        }
        for claim in claims {
            let (low, high) = claim.ends;
            claim.estimate.low = Some(low as f64);
            claim.estimate.high = high
                .filter(|_| !claim.estimate.censored)
                .map(|high| high as f64);
        }
        estimates
    }

    /// The `p`-quantile without its interval, and why none is claimed if so.
    fn quantile_or_refusal(&self, p: f64) -> Option<Estimate> {
        if self.totals.count < MIN_SAMPLES {
            return None;
        }
        let (value, censored) = self.value_at(p)?;
        Some(Estimate {
            value: value as f64,
            low: None,
            high: None,
            censored,
            at_least: false,
            reason: self.refusal(MIN_TAIL_SAMPLES / p.min(1.0 - p)),
        })
    }

    /// The `p`-quantile where no interval is claimed for `reason`.
    ///
    /// `None` with fewer than five samples.
    pub(crate) fn quantile_without_interval(&self, p: f64, reason: &Reason) -> Option<Estimate> {
        if self.totals.count < MIN_SAMPLES {
            return None;
        }
        let (value, censored) = self.value_at(p)?;
        Some(Estimate {
            censored,
            ..Estimate::bare(value as f64, reason.clone())
        })
    }

    /// The mean with its interval, whether the window was steady or not.
    ///
    /// `None` with fewer than five samples.
    pub(crate) fn mean(&self, confidence: Confidence) -> Option<Estimate> {
        if self.totals.count < MIN_SAMPLES {
            return None;
        }
        let value = self.totals.mean_us()?;
        // What waiting samples could add, were none of them to last longer than the longest.
        let waiting = self
            .totals
            .max_us
            .saturating_sub(self.totals.censored_min_us);
        let more = self.totals.censored as f64 * waiting as f64 / self.totals.count as f64;
        let mut estimate = Estimate {
            value,
            low: None,
            high: None,
            censored: more > CENSORED_TOLERANCE * value,
            at_least: false,
            reason: self.refusal(2.0 * MIN_TAIL_SAMPLES),
        };
        if estimate.reason.is_none() {
            let sums = self.rows.iter().map(|(at, row)| (*at, row.sum_us as f64));
            let counts = self.rows.iter().map(|(at, row)| (*at, row.count as f64));
            if let Some((low, high)) = ratio_interval(sums, counts, self.seconds, confidence) {
                estimate.low = Some(low.max(0.0));
                estimate.high = (!estimate.censored).then_some(high + more);
            }
        }
        Some(estimate)
    }

    /// Why no interval is claimed for a figure that needs `need` samples; `None` if it is.
    fn refusal(&self, need: f64) -> Option<Reason> {
        let Some(&batches) = batch_counts(self.seconds).last() else {
            return Some(Reason::TooShort {
                need_s: MIN_WINDOW_S,
            });
        };
        // In spite of binary fractions: 100 for p90, not 101.
        let need = (need - 1e-6).ceil();
        let need = if need.is_finite() {
            need as u64
        } else {
            u64::MAX
        };
        if self.totals.count < need {
            return Some(Reason::TooFewSamples { need });
        }
        let fewest = self
            .batched(self.counts(), batches)
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        (fewest < MIN_BATCH_SAMPLES as f64).then(|| {
            // In proportion, so that the thinnest batch would have enough.
            let factor = MIN_BATCH_SAMPLES as f64 / fewest.max(1.0);
            let need = (self.totals.count as f64 * factor).ceil() as u64;
            Reason::TooFewSamples {
                need: need.max(MIN_BATCH_SAMPLES * u64::from(batches)),
            }
        })
    }

    fn counts(&self) -> impl Iterator<Item = f64> {
        self.rows.iter().map(|(_, row)| row.count as f64)
    }

    /// For each of `values_us`: the samples of each row in buckets up to that of the value.
    fn below(&self, values_us: &[u64]) -> Vec<Vec<f64>> {
        let mut last_buckets: Vec<(u16, usize)> = values_us
            .iter()
            .enumerate()
            .map(|(index, value)| (bucket_of(*value), index))
            .collect();
        last_buckets.sort_unstable();
        let mut below: Vec<Vec<f64>> = vec![Vec::with_capacity(self.rows.len()); values_us.len()];
        for (_, row) in &self.rows {
            let mut buckets = row.buckets.iter().peekable();
            let mut seen = 0u64;
            for (last, index) in &last_buckets {
                while let Some((_, count)) = buckets.next_if(|(index, _)| index <= last) {
                    seen += u64::from(count);
                }
                below[*index].push(seen as f64);
            }
        }
        below
    }

    fn batched(&self, values: impl Iterator<Item = f64>, batches: u32) -> Vec<f64> {
        let offsets = self.rows.iter().map(|(at, _)| *at);
        batch_sums(offsets.zip(values), batches, self.seconds)
    }

    /// The highest that the value of `rank` can be if no censored sample would ever have been
    /// answered; `None` if that is unbounded.
    ///
    /// Among the first rank + c values at most c are censored, so at least `rank` others are not
    /// above the last of them.
    fn highest_if_unanswered(&self, rank: u64) -> Option<u64> {
        let shifted = rank + self.totals.censored;
        (shifted <= self.totals.count).then(|| self.highest_at(shifted))
    }

    fn highest_at(&self, rank: u64) -> u64 {
        let (_, high, _) = self.bucket_at(rank);
        high.clamp(self.totals.min_us, self.totals.max_us)
    }

    fn lowest_at(&self, rank: u64) -> u64 {
        let (low, _, _) = self.bucket_at(rank);
        low.clamp(self.totals.min_us, self.totals.max_us)
    }

    fn bucket_at(&self, rank: u64) -> (u64, u64, u64) {
        let at = self.buckets.partition_point(|bucket| bucket.2 < rank);
        self.buckets
            .get(at)
            .or(self.buckets.last())
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window of `seconds`, each with the values that `values` gives for it.
    fn rows(seconds: u32, values: impl Fn(u32) -> Vec<u64>) -> Vec<Distribution> {
        (0..seconds)
            .map(|second| Distribution::from_values(values(second)))
            .collect()
    }

    fn window(rows: &[Distribution]) -> WindowTimes<'_> {
        let length = rows.len() as u32;
        WindowTimes::new((0..).zip(rows).collect(), length, &mut Histogram::default())
    }

    #[track_caller]
    fn check_need(p: f64, need: u64) {
        let rows = rows(20, |second| vec![1000 + u64::from(second)]);
        let estimate = window(&rows).quantile(p, Confidence::NinetyFive).unwrap();
        assert_eq!(estimate.reason, Some(Reason::TooFewSamples { need }));
        assert_eq!((estimate.low, estimate.high), (None, None));
    }

    #[test]
    fn what_a_percentile_needs_is_a_round_number() {
        check_need(0.9, 100);
        check_need(0.95, 200);
        check_need(0.99, 1_000);
        check_need(0.999, 10_000);
    }

    #[test]
    fn many_equal_values_are_not_taken_for_fluctuation() {
        // Nine of ten fail at once, evenly; the rest spreads.
        let rows = rows(40, |second| {
            let slow = (0..10).map(|k| 1_000_000 + u64::from(second * 7 % 40) * 1_000 + k * 50_000);
            std::iter::repeat_n(300, 90).chain(slow).collect()
        });
        let p95 = window(&rows)
            .quantile(0.95, Confidence::NinetyFive)
            .unwrap();
        assert!(p95.low.unwrap() > 1_000_000.0, "{p95:?}");
    }

    #[test]
    fn few_samples_cut_off_at_the_end_move_the_upper_end_only() {
        let mut rows = rows(40, |_| (1..=50).map(|k| k * 1_000).collect());
        let bare = window(&rows)
            .quantile(0.95, Confidence::NinetyFive)
            .unwrap();
        rows[39].censored = 10;
        rows[39].censored_min_us = 1_000;
        let cut = window(&rows)
            .quantile(0.95, Confidence::NinetyFive)
            .unwrap();
        assert!(!cut.censored);
        assert_eq!((cut.value, cut.low), (bare.value, bare.low));
        assert!(cut.high.unwrap() >= bare.high.unwrap());
        rows[39].censored = 200;
        let cut = window(&rows)
            .quantile(0.95, Confidence::NinetyFive)
            .unwrap();
        assert!(cut.censored);
        assert_eq!(cut.high, None);
    }
}
