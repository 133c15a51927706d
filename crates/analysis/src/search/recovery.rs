//! Whether the server is back at rest after a trial, told by single requests.
//!
//! A queue that still drains, or a server that stays slow after an overload (Bronson et al. 2021),
//! would make the next trial look worse than its load is. So probes are compared with probes taken
//! before the first trial: their middle, which a server that runs at part of its speed moves, and
//! their tail, which a queue moves. Waiting a fixed time would do neither.

use loadline_metrics::{Histogram, RunData};

/// Seconds of probes that are looked at together.
pub const PROBE_WINDOW_S: u32 = 8;
/// Fewest probes that tell anything.
const FEWEST_PROBES: u64 = 5;
/// Ratio to the idle median up to which the server counts as recovered.
const MEDIAN_RATIO: f64 = 1.35;
/// Ratio to the idle 95th percentile, likewise.
const TAIL_RATIO: f64 = 2.0;
/// What the scheduler of a machine adds to a median by chance, in microseconds.
const MEDIAN_SLACK_US: f64 = 1_000.0;
/// The same for a 95th percentile.
const TAIL_SLACK_US: f64 = 5_000.0;

/// Probes over some seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProbeWindow {
    /// How many were answered or failed.
    pub count: u64,
    /// How many failed.
    pub errors: u64,
    /// Median of their service times in microseconds.
    pub p50_us: f64,
    /// 95th percentile of the same.
    pub p95_us: f64,
    /// Mean of the same; 0 where a search of an earlier version did not keep it.
    pub mean_us: f64,
    /// Standard deviation of the same.
    pub sd_us: f64,
}

/// How the server came back after a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Whether it did.
    pub recovered: bool,
    /// Seconds from the end of the load until that was seen, or was given up.
    pub waited_s: f64,
    /// The probes that were looked at last.
    pub probes: ProbeWindow,
    /// All probes, in pieces of [`PROBE_WINDOW_S`] seconds from the end of the load.
    pub course: Vec<ProbeWindow>,
}

/// First of the last seconds of a wait of `waited_s` that are looked at together: more the longer it
/// takes, so that looking again and again does not find a recovery by chance.
#[must_use]
pub const fn probes_from(waited_s: u32) -> u32 {
    let half = waited_s / 2;
    let length = if half > PROBE_WINDOW_S {
        half
    } else {
        PROBE_WINDOW_S
    };
    waited_s.saturating_sub(length)
}

/// The probes of `run` whose answers came in the seconds from `start` up to `end`.
#[must_use]
pub fn probe_window(run: &RunData, start: u32, end: u32) -> ProbeWindow {
    let mut histogram = Histogram::default();
    let (mut count, mut errors) = (0, 0);
    for ((_, label), cell) in &run.series.cells {
        let label = run.labels.get(usize::from(label.0));
        if label.is_some_and(|label| label.transaction) {
            continue;
        }
        for row in cell.intended.range(start..end).map(|(_, row)| row) {
            histogram.add(row.service());
            count += row.response.count;
            errors += row.errors;
        }
    }
    let quantile = |q| histogram.quantile(q).map_or(0.0, |at| at.value_us as f64);
    let totals = histogram.totals();
    let mean_us = totals.mean_us().unwrap_or(0.0);
    let mean_square = totals.sum_squares as f64 / totals.count.max(1) as f64;
    ProbeWindow {
        count,
        errors,
        p50_us: quantile(0.5),
        p95_us: quantile(0.95),
        mean_us,
        sd_us: (mean_square - mean_us * mean_us).max(0.0).sqrt(),
    }
}

/// Whether `now` looks like `idle`.
#[must_use]
pub fn has_recovered(idle: &ProbeWindow, now: &ProbeWindow) -> bool {
    // A server that answers slowly at rest is asked for fewer probes, and one that always fails some
    // is not asked to fail none.
    let fewest = FEWEST_PROBES.min(idle.count / 2).max(1);
    let tolerated = if idle.errors == 0 { 0 } else { now.count };
    let as_fast = now.p50_us <= MEDIAN_RATIO * idle.p50_us + MEDIAN_SLACK_US
        && now.p95_us <= TAIL_RATIO * idle.p95_us + TAIL_SLACK_US;
    now.count >= fewest && now.errors <= tolerated && (as_fast || idle.count == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: ProbeWindow = ProbeWindow {
        count: 80,
        errors: 0,
        p50_us: 10e3,
        p95_us: 20e3,
        mean_us: 11e3,
        sd_us: 4e3,
    };

    #[test]
    fn as_fast_as_at_rest_is_recovered() {
        let now = |p50_us, p95_us| ProbeWindow {
            p50_us,
            p95_us,
            ..IDLE
        };
        assert!(has_recovered(&IDLE, &now(14e3, 30e3)));
        assert!(!has_recovered(&IDLE, &now(25e3, 50e3)), "40 % of its speed");
        assert!(
            !has_recovered(&IDLE, &now(10e3, 90e3)),
            "a queue that still drains"
        );
    }

    #[test]
    fn failures_and_silence_are_no_recovery() {
        assert!(!has_recovered(&IDLE, &ProbeWindow { errors: 1, ..IDLE }));
        assert!(!has_recovered(&IDLE, &ProbeWindow { count: 2, ..IDLE }));
        let often_fails = ProbeWindow { errors: 8, ..IDLE };
        assert!(has_recovered(
            &often_fails,
            &ProbeWindow { errors: 9, ..IDLE }
        ));
        let slow = ProbeWindow {
            count: 4,
            p50_us: 2e6,
            p95_us: 2.1e6,
            ..IDLE
        };
        assert!(has_recovered(&slow, &ProbeWindow { count: 3, ..slow }));
    }

    #[test]
    fn the_longer_the_wait_the_more_probes_must_agree() {
        assert_eq!(probes_from(PROBE_WINDOW_S), 0);
        assert_eq!(probes_from(12), 4);
        assert_eq!(probes_from(60), 30);
    }
}
