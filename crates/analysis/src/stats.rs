//! The figures of a window, each with its interval as far as it is claimed.

use loadline_metrics::{Distribution, Histogram, IntendedSecond};

use crate::batch::{MIN_WINDOW_S, batch_counts, batch_sums, ratio_variance, throughput_interval};
use crate::result::{Estimate, Reason, Stats, TimeStats};
use crate::student::Confidence;
use crate::wilson::wilson;
use crate::window::Window;
use crate::woodruff::WindowTimes;

/// Design effect from which errors are said to come in bursts.
const BURSTS: f64 = 10.0;

impl Estimate {
    /// A figure without interval, and why.
    #[must_use]
    pub(crate) const fn bare(value: f64, reason: Reason) -> Self {
        Estimate {
            value,
            low: None,
            high: None,
            censored: false,
            at_least: false,
            reason: Some(reason),
        }
    }

    /// The figure with its interval taken away for `reason`; untouched without one.
    #[must_use]
    pub(crate) fn withheld(mut self, reason: Option<&Reason>) -> Self {
        if let Some(reason) = reason {
            self.low = None;
            self.high = None;
            self.at_least = false;
            self.reason = Some(reason.clone());
        }
        self
    }
}

/// All figures of `window`. With `withhold`, no interval is claimed for that reason.
pub(crate) fn stats(
    window: &Window<'_>,
    withhold: Option<&Reason>,
    workbench: &mut Histogram,
) -> Stats {
    let (errors, errors_in_bursts) = error_rate(window, Confidence::NinetyFive);
    let ended = |value: fn(&loadline_metrics::EndedSecond) -> u64| -> u64 {
        window.ended.iter().map(|(_, row)| value(row)).sum()
    };
    let (samples, failed) = samples_and_errors(window);
    let response = time_stats(&times(window, |row| &row.response, workbench), withhold);
    Stats {
        samples,
        errors: failed,
        error_rate: errors.map(|estimate| estimate.withheld(withhold)),
        errors_in_bursts: errors_in_bursts && withhold.is_none(),
        throughput: throughput(window, Confidence::NinetyFive).map(|x| x.withheld(withhold)),
        good_throughput: good_throughput(window, Confidence::NinetyFive)
            .map(|x| x.withheld(withhold)),
        sent_bytes: ended(|row| row.sent_bytes),
        received_bytes: ended(|row| row.received_bytes),
        service: if response_is_service(window) {
            response.clone()
        } else {
            let service = times(window, IntendedSecond::service, workbench);
            time_stats(&service, withhold)
        },
        response,
    }
}

/// Whether no sample started late, so that both times are the same.
fn response_is_service(window: &Window<'_>) -> bool {
    window.intended.iter().all(|(_, row)| row.service.is_none())
}

/// The times of one kind in `window`.
pub(crate) fn times<'a>(
    window: &Window<'a>,
    kind: impl Fn(&'a IntendedSecond) -> &'a Distribution,
    workbench: &mut Histogram,
) -> WindowTimes<'a> {
    let rows = window
        .intended
        .iter()
        .map(|(at, row)| (*at, kind(row)))
        .collect();
    WindowTimes::new(rows, window.seconds(), workbench)
}

/// Samples by intended start in `window`, and failed ones among them.
pub(crate) fn samples_and_errors(window: &Window<'_>) -> (u64, u64) {
    window
        .intended
        .iter()
        .fold((0, 0), |(samples, errors), (_, row)| {
            (samples + row.response.count, errors + row.errors)
        })
}

fn time_stats(times: &WindowTimes<'_>, withhold: Option<&Reason>) -> TimeStats {
    const SHOWN: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];
    let [p50, p90, p95, p99, p999] = match withhold {
        Some(reason) => SHOWN.map(|p| times.quantile_without_interval(p, reason)),
        None => times.quantiles(SHOWN, Confidence::NinetyFive),
    };
    let extremes = times.extremes_us();
    TimeStats {
        mean: times
            .mean(Confidence::NinetyFive)
            .map(|estimate| estimate.withheld(withhold)),
        p50,
        p90,
        p95,
        p99,
        p999,
        min: extremes.map(|(min, _)| min as f64),
        max: extremes.map(|(_, max)| max as f64),
    }
}

/// The figures of times that are kept without seconds, so that no interval can be given.
pub(crate) fn time_stats_of(distribution: &Distribution) -> TimeStats {
    let mut workbench = Histogram::default();
    let times = WindowTimes::new(vec![(0, distribution)], 1, &mut workbench);
    time_stats(&times, Some(&Reason::NoInterval))
}

/// The failed share of samples, and whether failures come in bursts; `None` without samples.
pub(crate) fn error_rate(window: &Window<'_>, confidence: Confidence) -> (Option<Estimate>, bool) {
    let (samples, errors) = samples_and_errors(window);
    if samples == 0 {
        return (None, false);
    }
    let seconds = window.seconds();
    let (n, rate) = (samples as f64, errors as f64 / samples as f64);
    if seconds < MIN_WINDOW_S {
        let reason = Reason::TooShort {
            need_s: MIN_WINDOW_S,
        };
        return (Some(Estimate::bare(rate, reason)), false);
    }
    let mut ends: Option<(f64, f64)> = None;
    let mut bursts = false;
    if errors == 0 || errors == samples {
        // Nothing varies, so no variance can be estimated: as if errors were independent.
        ends = wilson(rate, n, confidence.z());
    } else {
        for &batches in batch_counts(seconds) {
            let rows = || window.intended.iter();
            let failed = batch_sums(
                rows().map(|(at, row)| (*at, row.errors as f64)),
                batches,
                seconds,
            );
            let counts = batch_sums(
                rows().map(|(at, row)| (*at, row.response.count as f64)),
                batches,
                seconds,
            );
            let deviations: Vec<f64> = failed
                .iter()
                .zip(&counts)
                .map(|(errors, count)| errors - rate * count)
                .collect();
            let variance = ratio_variance(&deviations, n);
            let n_eff = if variance > 0.0 {
                n.min(rate * (1.0 - rate) / variance)
            } else {
                n
            };
            bursts |= n / n_eff > BURSTS;
            let own = wilson(rate, n_eff, confidence.t(batches - 1));
            ends = match (ends, own) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (a, b) => a.or(b),
            };
        }
    }
    let estimate = Estimate {
        value: rate,
        low: ends.map(|ends| ends.0),
        high: ends.map(|ends| ends.1),
        censored: false,
        at_least: false,
        reason: None,
    };
    (Some(estimate), bursts)
}

/// Completions per second, errors included; `None` for an empty window.
pub(crate) fn throughput(window: &Window<'_>, confidence: Confidence) -> Option<Estimate> {
    let rows = window.ended.iter();
    rate(
        rows.map(|(at, row)| (*at, row.samples as f64)),
        window,
        confidence,
    )
}

/// Completions without error per second; `None` for an empty window.
pub(crate) fn good_throughput(window: &Window<'_>, confidence: Confidence) -> Option<Estimate> {
    let rows = window.ended.iter();
    rate(
        rows.map(|(at, row)| (*at, (row.samples - row.errors.min(row.samples)) as f64)),
        window,
        confidence,
    )
}

fn rate(
    events: impl Iterator<Item = (u32, f64)> + Clone,
    window: &Window<'_>,
    confidence: Confidence,
) -> Option<Estimate> {
    let seconds = window.seconds();
    if seconds == 0 {
        return None;
    }
    // The sum of nothing is −0.
    let value = events.clone().map(|row| row.1).sum::<f64>().max(0.0) / window.length_s;
    Some(match throughput_interval(events, seconds, confidence) {
        Some((low, high)) => Estimate {
            value,
            low: Some(low),
            high: Some(high),
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
    })
}
