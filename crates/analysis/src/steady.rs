//! Has a step settled? Cuts its warm-up and tests what is left for a trend.
//!
//! The cut is MSER (White 1997; White, Cobb and Spratt 2000) guarded by a size: without the guard it
//! cuts random bursts and biases the mean. The trend is a slope over ten batches, and for the open
//! model also that of the samples in flight, where a growing queue shows first.

use std::ops::Range;

use crate::line::Line;

/// Shortest hold that is tested, in seconds.
const MIN_SECONDS: usize = 20;
/// Two-sided 1 % Student quantile with 8 degrees of freedom.
const T_TREND: f64 = 3.36;
/// The same of Welch's test that finds a jump; stricter, since its degrees of freedom are few.
const T_JUMP: f64 = 4.5;
/// Least change of ln(mean) over the window that counts (+16 %).
const LEAST_CHANGE: f64 = 0.15;
/// Least change of ln(1 + in flight) that counts.
const LEAST_BACKLOG: f64 = 0.5;
/// One-sided 5 % Student quantile with 8 degrees of freedom.
const T_ONE_SIDED: f64 = 1.86;
/// t(1 % two-sided) + t(80 % power), 8 degrees of freedom.
const T_POWER: f64 = 4.25;
/// Largest ln(1 + rise) that is told apart: a factor of 22,000.
const MOST_LOG_RISE: f64 = 10.0;
/// Parts in the trend test.
const PARTS: usize = 10;

/// What is known of each second of a step's hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HoldSeries {
    /// Completions in each second.
    pub(crate) completions: Vec<u64>,
    /// Sum of their response times, in microseconds.
    pub(crate) response_sum_us: Vec<f64>,
    /// Samples in flight at the end of each second; empty when not counted.
    pub(crate) in_flight: Vec<f64>,
    /// Whether arrivals follow a schedule.
    pub(crate) open: bool,
}

/// Whether a hold settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Settled {
    /// In its window.
    Steady,
    /// Shorter than 20 s.
    TooShort,
    /// Some parts have no completions.
    Unsettled,
    /// Getting slower, by this ratio per second.
    Rising(f64),
    /// Getting faster.
    Falling,
}

/// A hold judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steadiness {
    /// Whether it settled.
    pub(crate) state: Settled,
    /// The window to judge, in seconds of the hold.
    pub(crate) window: Range<usize>,
    /// Change of ln(mean response) over the window; `None` when not tested.
    pub(crate) change: Option<f64>,
    /// Its t statistic.
    pub(crate) t: Option<f64>,
    /// Rise that would have been seen with 80 % power, a ratio.
    pub(crate) detectable_rise: Option<f64>,
    /// Parts that MSER would cut.
    pub(crate) mser_parts: Option<usize>,
    /// Whether the hold began slower than it went on, by those parts.
    pub(crate) slow_start: bool,
}

impl Steadiness {
    fn untested(state: Settled, window: Range<usize>) -> Self {
        Steadiness {
            state,
            window,
            change: None,
            t: None,
            detectable_rise: None,
            mser_parts: None,
            slow_start: false,
        }
    }
}

/// Judges a hold.
pub(crate) fn steadiness(hold: &HoldSeries) -> Steadiness {
    let seconds = hold.completions.len();
    if seconds < MIN_SECONDS {
        return Steadiness::untested(Settled::TooShort, 0..seconds);
    }
    let parts = if seconds < 40 { 10 } else { 20 };
    let Some(levels) = mean_levels(hold, 0..seconds, parts) else {
        return Steadiness::untested(Settled::Unsettled, 0..seconds);
    };
    let cut = mser_cut(&levels);
    let before = mean(&levels[..cut]);
    let after = mean(&levels[cut..]);
    let guard = if seconds < 40 { 1.5f64 } else { 1.25 }.ln();
    let cut_seconds = (cut * seconds).div_ceil(parts);
    let half = seconds / 2;
    let with_cut = |steadiness: Steadiness| Steadiness {
        mser_parts: Some(cut),
        slow_start: cut > 0 && before > after,
        ..steadiness
    };
    let mut start = 0;
    if cut > 0 && before - after > guard {
        start = cut_seconds;
        if cut + 1 >= parts / 2 {
            // The fall may go on beyond the middle: only a flat second half can be judged.
            let flat = seconds - half >= PARTS
                && mean_levels(hold, half..seconds, PARTS).is_some_and(|levels| {
                    let line = Line::through(&levels);
                    line.change().abs() + T_ONE_SIDED * line.change_error() < 0.30
                });
            return with_cut(if flat {
                Steadiness::untested(Settled::Steady, half..seconds)
            } else {
                Steadiness::untested(Settled::Falling, start..seconds)
            });
        }
    } else if cut > 0 && after - before > 1.25f64.ln() && cut <= parts / 4 {
        start = cut_seconds;
    }
    with_cut(trend(hold, start, half))
}

/// Tests the seconds from `start` for a trend; `half` is where the second half begins.
fn trend(hold: &HoldSeries, start: usize, half: usize) -> Steadiness {
    let seconds = hold.completions.len();
    let Some(levels) = mean_levels(hold, start..seconds, PARTS) else {
        return Steadiness::untested(Settled::Unsettled, start..seconds);
    };
    let line = Line::through(&levels);
    let jump = jump(&levels);
    let mut rising = (line.t() > T_TREND && line.change() > LEAST_CHANGE) || jump > 0;
    let falling = (line.t() < -T_TREND && line.change() < -LEAST_CHANGE) || jump < 0;
    if hold.open && hold.in_flight.len() == seconds {
        let backlog = Line::through(&backlog_levels(hold, start));
        rising |= backlog.t() > T_TREND && backlog.change() > LEAST_BACKLOG;
    }
    let steadiness = |state, window| Steadiness {
        state,
        window,
        change: Some(line.change()),
        t: Some(line.t()),
        detectable_rise: Some((T_POWER * line.change_error()).min(MOST_LOG_RISE).exp() - 1.0),
        mser_parts: None,
        slow_start: false,
    };
    if rising {
        let per_second = line.slope * PARTS as f64 / (seconds - start) as f64;
        return steadiness(Settled::Rising(per_second), start..seconds);
    }
    if falling {
        let settled = half > start
            && mean_levels(hold, half..seconds, PARTS).is_some_and(|levels| {
                let line = Line::through(&levels);
                line.change().abs() + T_ONE_SIDED * line.change_error() < LEAST_CHANGE
            });
        return if settled {
            steadiness(Settled::Steady, half..seconds)
        } else {
            steadiness(Settled::Falling, start..seconds)
        };
    }
    steadiness(Settled::Steady, start..seconds)
}

/// ln(mean response) of `parts` equal parts of `range`; `None` if a part has no completions.
fn mean_levels(hold: &HoldSeries, range: Range<usize>, parts: usize) -> Option<Vec<f64>> {
    let mut counts = vec![0u64; parts];
    let mut sums = vec![0.0; parts];
    for second in range.clone() {
        let part = (second - range.start) * parts / range.len();
        counts[part] += hold.completions[second];
        sums[part] += hold.response_sum_us[second];
    }
    counts
        .iter()
        .zip(&sums)
        // The clock ticks in microseconds: less than half of one is not told from it.
        .map(|(count, sum)| (*count > 0).then(|| (sum / *count as f64).max(0.5).ln()))
        .collect()
}

/// ln(1 + mean in flight) of ten equal parts from `start` on.
fn backlog_levels(hold: &HoldSeries, start: usize) -> Vec<f64> {
    let length = hold.in_flight.len() - start;
    let mut counts = [0.0; PARTS];
    let mut sums = [0.0; PARTS];
    for (offset, in_flight) in hold.in_flight[start..].iter().enumerate() {
        let part = offset * PARTS / length;
        counts[part] += 1.0;
        sums[part] += in_flight;
    }
    counts
        .iter()
        .zip(&sums)
        .map(|(count, sum)| (1.0 + sum / f64::max(*count, 1.0)).ln())
        .collect()
}

/// Parts to cut so that the squared error of the mean of the rest is least; the fewest on ties.
fn mser_cut(levels: &[f64]) -> usize {
    let mut best = (0, f64::INFINITY);
    for cut in 0..=levels.len() / 2 {
        let rest = &levels[cut..];
        let center = mean(rest);
        let squares: f64 = rest.iter().map(|y| (y - center).powi(2)).sum();
        let error = squares / (rest.len() as f64).powi(2);
        if error < best.1 {
            best = (cut, error);
        }
    }
    best.0
}

/// 1 if the last five of ten levels lie above the first five, −1 below, 0 if neither is sure.
fn jump(levels: &[f64]) -> i32 {
    let (first, last) = levels.split_at(PARTS / 2);
    let variance = |part: &[f64]| {
        let center = mean(part);
        part.iter().map(|y| (y - center).powi(2)).sum::<f64>() / (part.len() - 1) as f64
    };
    let difference = mean(last) - mean(first);
    let error = ((variance(first) + variance(last)) / first.len() as f64).sqrt();
    if difference.abs() > LEAST_CHANGE && difference.abs() > T_JUMP * error {
        if difference > 0.0 { 1 } else { -1 }
    } else {
        0
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len().max(1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(means: impl Iterator<Item = f64>) -> HoldSeries {
        let response_sum_us: Vec<f64> = means.map(|mean| mean * 10.0).collect();
        HoldSeries {
            completions: vec![10; response_sum_us.len()],
            response_sum_us,
            in_flight: Vec::new(),
            open: false,
        }
    }

    #[test]
    fn a_constant_hold_is_steady_from_its_start() {
        let judged = steadiness(&hold((0..30).map(|_| 1000.0)));
        assert_eq!((judged.state, judged.window), (Settled::Steady, 0..30));
    }

    #[test]
    fn a_straight_rise_is_rising_at_its_rate() {
        let judged = steadiness(&hold((0..60).map(|s| (f64::from(s) * 0.01).exp())));
        let Settled::Rising(per_second) = judged.state else {
            panic!("{judged:?}");
        };
        assert!((per_second - 0.01).abs() < 1e-9);
    }

    #[test]
    fn a_slow_start_is_cut() {
        let judged = steadiness(&hold((0..60).map(|s| if s < 6 { 9000.0 } else { 1000.0 })));
        assert_eq!((judged.state, judged.window), (Settled::Steady, 6..60));
    }

    #[test]
    fn a_slow_start_of_a_short_hold_is_cut_though_little_is_left() {
        let judged = steadiness(&hold((0..20).map(|s| if s < 6 { 9000.0 } else { 1000.0 })));
        assert_eq!((judged.state, judged.window), (Settled::Steady, 6..20));
    }
}
