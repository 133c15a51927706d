//! Whether the server gets slower with time, whatever the load: a leak.
//!
//! Every trial is followed by probes without load. If these get slower steadily, not in one step, the
//! capacity is a function of time, and no load can be called the one that is carried.

use crate::search::recovery::{PROBE_WINDOW_S, ProbeWindow};
use crate::search::trial::SearchSoFar;

/// Fewest looks at the idle server.
const FEWEST_LOOKS: usize = 5;
/// Growth of the median over the search from which it is called decay: 25 %.
const LEAST_RISE: f64 = 1.25;
/// Slope over its standard error, with many looks.
const SURE: f64 = 4.0;
/// What few looks add to it: Student's quantile at one in a thousand, about, since it is looked at
/// after every trial.
const SURE_OF_FEW: f64 = 30.0;
/// What the machine adds to a median by chance, in microseconds: rises below it are not seen.
const SLACK_US: f64 = 500.0;

/// Relative rise per minute of the response time without load, if it rises steadily.
pub(crate) fn decay_per_minute(so_far: &SearchSoFar) -> Option<f64> {
    let looks = looks(so_far);
    if looks.len() < FEWEST_LOOKS {
        return None;
    }
    let n = looks.len() as f64;
    let mean_y = looks.iter().map(|look| look.1).sum::<f64>() / n;
    let mean_t = looks.iter().map(|look| look.0).sum::<f64>() / n;
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        looks
            .iter()
            .map(|look| of(look.0 - mean_t, look.1 - mean_y))
            .sum()
    };
    let sxx = sum(&|t, _| t * t);
    if sxx <= 0.0 {
        return None;
    }
    let slope = sum(&|t, y| t * y) / sxx;
    let off_the_line = sum(&|t, y| (y - slope * t).powi(2));
    let se = (off_the_line / (n - 2.0) / sxx).sqrt().max(1e-9);
    let rise = slope * (looks[looks.len() - 1].0 - looks[0].0);
    // A server that an overload has broken once is described by one step, not by a line.
    let is_steady = off_the_line < off_the_best_step(&looks);
    let sure = SURE + SURE_OF_FEW / (n - 2.0).powi(2);
    (slope / se > sure && rise > LEAST_RISE.ln() && is_steady).then(|| slope.exp() - 1.0)
}

/// Minutes of the search and ln of the median without load, in time order.
fn looks(so_far: &SearchSoFar) -> Vec<(f64, f64)> {
    let height = |probes: &ProbeWindow| (probes.p50_us + SLACK_US).ln();
    let mut looks: Vec<(f64, f64)> = so_far.idle.iter().map(|idle| (0.0, height(idle))).collect();
    for trial in &so_far.trials {
        let Some(recovery) = &trial.recovery else {
            continue;
        };
        // While a queue drains, probes tell of the queue: only those count that were settled, or
        // that were waited for in vain.
        let first = if recovery.recovered {
            recovery.course.len().saturating_sub(1)
        } else {
            1
        };
        for (index, probes) in recovery.course.iter().enumerate().skip(first) {
            if probes.count > probes.errors {
                let at_s = trial.ended_s + (index as f64 + 1.0) * f64::from(PROBE_WINDOW_S);
                looks.push((at_s / 60.0, height(probes)));
            }
        }
    }
    looks
}

/// Sum of squares around the best two levels, one before and one after some look.
fn off_the_best_step(looks: &[(f64, f64)]) -> f64 {
    let around_mean = |part: &[(f64, f64)]| {
        let mean = part.iter().map(|look| look.1).sum::<f64>() / part.len() as f64;
        part.iter().map(|look| (look.1 - mean).powi(2)).sum::<f64>()
    };
    (1..looks.len())
        .map(|at| around_mean(&looks[..at]) + around_mean(&looks[at..]))
        .fold(f64::INFINITY, f64::min)
}
