//! Whether the server gets slower with time, whatever the load: a leak.
//!
//! Every trial is followed by probes without load. If these get slower steadily, not in one step, the
//! capacity is a function of time, and no load can be called the one that is carried. Means tell it
//! sooner where service times are random, medians where a few requests take very long: both are looked
//! at.

use crate::search::recovery::{PROBE_WINDOW_S, ProbeWindow, probes_from};
use crate::search::trial::SearchSoFar;

/// Fewest looks at the idle server.
const FEWEST_LOOKS: usize = 5;
/// Growth of the figure over the search from which it is called decay: 25 %.
const LEAST_RISE: f64 = 1.25;
/// Slope over its standard error, with many looks: it is looked at after every trial.
const SURE: f64 = 4.0;
/// What few looks add to it, since their own spread is hardly known.
const SURE_OF_FEW: f64 = 10.0;
/// What the machine adds to a figure by chance, in microseconds: rises below it are not seen.
const SLACK_US: f64 = 500.0;
/// Standard error of a median over that of the mean, for normal values.
const MEDIAN_SPREAD: f64 = 1.25;

/// Relative rise per minute of the response time without load, if it rises steadily.
pub(crate) fn decay_per_minute(so_far: &SearchSoFar) -> Option<f64> {
    let of_means = |probes: &ProbeWindow| (probes.mean_us > 0.0).then_some((probes.mean_us, 1.0));
    let of_medians = |probes: &ProbeWindow| Some((probes.p50_us, MEDIAN_SPREAD));
    steady_rise(&looks(so_far, of_means)).or_else(|| steady_rise(&looks(so_far, of_medians)))
}

/// The server without load at one time.
struct Look {
    /// Minutes since the search began.
    at_min: f64,
    /// ln of the figure.
    height: f64,
    /// Standard error of `height` by the spread of the probes.
    se: f64,
}

/// Rise per minute, if the looks lie on a line that rises beyond chance.
fn steady_rise(looks: &[Look]) -> Option<f64> {
    let (first, last) = (looks.first()?, looks.last()?);
    if looks.len() < FEWEST_LOOKS {
        return None;
    }
    let n = looks.len() as f64;
    let mean = |of: fn(&Look) -> f64| looks.iter().map(of).sum::<f64>() / n;
    let (mean_t, mean_y) = (mean(|look| look.at_min), mean(|look| look.height));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        looks
            .iter()
            .map(|look| of(look.at_min - mean_t, look.height - mean_y))
            .sum()
    };
    let sxx = sum(&|t, _| t * t);
    if sxx <= 0.0 {
        return None;
    }
    let slope = sum(&|t, y| t * y) / sxx;
    let off_the_line = sum(&|t, y| (y - slope * t).powi(2));
    // Few looks may lie on a line by chance: never surer than the probes' own spread allows.
    let spread = (off_the_line / (n - 2.0)).max(mean(|look| look.se.powi(2)));
    let se = (spread / sxx).sqrt().max(1e-9);
    let rise = slope * (last.at_min - first.at_min);
    // A server that an overload has broken once is described by one step, not by a line.
    let is_steady = off_the_line < off_the_best_step(looks);
    let sure = SURE + SURE_OF_FEW / (n - 2.0).powi(2);
    (slope / se > sure && rise > LEAST_RISE.ln() && is_steady).then(|| slope.exp() - 1.0)
}

/// The figure of each look and its standard error in parts of that of a mean, in time order.
fn looks(so_far: &SearchSoFar, figure: impl Fn(&ProbeWindow) -> Option<(f64, f64)>) -> Vec<Look> {
    let look = |at_min: f64, probes: &ProbeWindow| {
        let (value, spread) = figure(probes)?;
        let se = spread * probes.sd_us / (probes.count.max(1) as f64).sqrt();
        Some(Look {
            at_min,
            height: (value + SLACK_US).ln(),
            se: se / (value + SLACK_US),
        })
    };
    let mut looks: Vec<Look> = so_far
        .idle
        .iter()
        .filter_map(|idle| look(0.0, idle))
        .collect();
    for trial in &so_far.trials {
        let Some(recovery) = &trial.recovery else {
            continue;
        };
        // While a queue drains, probes tell of the queue: only those count that were settled, or
        // that were waited for in vain.
        let first = if recovery.recovered {
            let waited_s = recovery.course.len() as u32 * PROBE_WINDOW_S;
            probes_from(waited_s).div_ceil(PROBE_WINDOW_S) as usize
        } else {
            1
        };
        for (index, probes) in recovery.course.iter().enumerate().skip(first) {
            if probes.count > probes.errors {
                let at_s = trial.ended_s + (index as f64 + 0.5) * f64::from(PROBE_WINDOW_S);
                looks.extend(look(at_s / 60.0, probes));
            }
        }
    }
    looks
}

/// Sum of squares around the best two levels, one before and one after some look.
fn off_the_best_step(looks: &[Look]) -> f64 {
    let around_mean = |part: &[Look]| {
        let mean = part.iter().map(|look| look.height).sum::<f64>() / part.len() as f64;
        part.iter()
            .map(|look| (look.height - mean).powi(2))
            .sum::<f64>()
    };
    (1..looks.len())
        .map(|at| around_mean(&looks[..at]) + around_mean(&looks[at..]))
        .fold(f64::INFINITY, f64::min)
}
