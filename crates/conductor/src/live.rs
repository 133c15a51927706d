//! Figures of the last seconds, for progress lines.

use std::collections::VecDeque;
use std::time::Duration;

use loadline_events::{Reading, ScriptLine, Signal, WorkerSecond};
use loadline_metrics::{Histogram, Label, SeriesDelta, StepLoad, StepWindow};
use loadline_units::RunTime;

use crate::tally::Tally;

/// A run as it stands; figures of the last seconds carry no interval.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveSecond {
    /// Time of the run.
    pub at: RunTime,
    /// Time since the main part started; zero before.
    pub elapsed: Duration,
    /// Planned length of the main part, if known.
    pub planned: Option<Duration>,
    /// The step that runs, counted from 1, its load, and the number of steps.
    pub step: Option<(u32, StepLoad, u32)>,
    /// Users running.
    pub users: u32,
    /// Users that have started so far.
    pub users_started: u64,
    /// Samples that came since the last second.
    pub tally: Tally,
    /// What scripts logged and printed since the last second; a bounded number of lines.
    pub script_lines: Vec<ScriptLine>,
    /// Completions without error per second.
    pub good_per_s: f64,
    /// Errors per second.
    pub errors_per_s: f64,
    /// Median response time.
    pub p50_us: Option<f64>,
    /// 95th percentile of response times.
    pub p95_us: Option<f64>,
    /// Busiest thread of the first server, in cores.
    pub busiest_thread: Option<f64>,
    /// CPU of the first server, over the cores it may use.
    pub cpu_ratio: Option<f64>,
    /// Memory of the first server, in bytes.
    pub memory_bytes: Option<f64>,
    /// CPU of the engine's threads over as many cores, and the greatest lateness of their timers, in microseconds;
    /// `None` before the first second.
    pub own: Option<(f64, f64)>,
}

/// Seconds over which rates and percentiles are taken.
const WINDOW: usize = 5;

/// What [`live_second`] looks at.
pub(crate) struct LiveInputs<'a> {
    pub(crate) at: RunTime,
    pub(crate) main_started: Option<RunTime>,
    pub(crate) planned: Option<Duration>,
    pub(crate) steps: &'a [StepWindow],
    pub(crate) users: u32,
    pub(crate) users_started: u64,
    pub(crate) tally: Tally,
    pub(crate) script_lines: Vec<ScriptLine>,
    /// What each flush added, oldest first, about a second each.
    pub(crate) recent: &'a VecDeque<SeriesDelta>,
    pub(crate) labels: &'a [Label],
    /// The last reading of the first server.
    pub(crate) reading: Option<&'a Reading>,
    /// The last second of each engine thread.
    pub(crate) workers: &'a [WorkerSecond],
}

pub(crate) fn live_second(inputs: LiveInputs<'_>) -> LiveSecond {
    let mut histogram = Histogram::default();
    let (mut samples, mut errors) = (0, 0);
    let window = inputs.recent.iter().rev().take(WINDOW);
    let seconds = window.len().max(1) as f64;
    for delta in window {
        for ((_, label), cell) in &delta.cells {
            let label = inputs.labels.get(usize::from(label.0));
            if label.is_some_and(|label| label.transaction) {
                continue;
            }
            for row in cell.intended.values() {
                histogram.add(&row.response);
            }
            for row in cell.ended.values() {
                samples += row.samples;
                errors += row.errors;
            }
        }
    }
    let quantile = |q| {
        histogram
            .quantile(q)
            .map(|quantity| quantity.value_us as f64)
    };
    let value = |signal| inputs.reading.and_then(|reading| reading.value(signal));
    let count = u32::try_from(inputs.steps.len()).unwrap_or(u32::MAX);
    let step = (1u32..)
        .zip(inputs.steps)
        .filter(|(_, step)| step.ramp_start <= inputs.at)
        .last()
        .map(|(number, step)| (number, step.load, count));
    LiveSecond {
        at: inputs.at,
        elapsed: inputs
            .main_started
            .map_or(Duration::ZERO, |start| inputs.at.saturating_since(start)),
        planned: inputs.planned,
        step,
        users: inputs.users,
        users_started: inputs.users_started,
        tally: inputs.tally,
        script_lines: inputs.script_lines,
        good_per_s: (samples - errors) as f64 / seconds,
        errors_per_s: errors as f64 / seconds,
        p50_us: quantile(0.5),
        p95_us: quantile(0.95),
        busiest_thread: value(Signal::BusiestThread),
        cpu_ratio: value(Signal::CpuCores)
            .zip(value(Signal::CpuAllowedCores))
            .map(|(cores, allowed)| cores / allowed),
        memory_bytes: value(Signal::MemoryBytes),
        own: own_second(inputs.workers),
    }
}

/// CPU over the cores of the threads whose seconds these are, and the greatest lateness of their timers.
fn own_second(workers: &[WorkerSecond]) -> Option<(f64, f64)> {
    let cpu: u64 = workers.iter().map(|row| row.cpu_us).sum();
    let lags = workers.iter().flat_map(|row| &row.loop_lag_us);
    let greatest = lags.max().copied().unwrap_or(0);
    let cores = workers.len() as f64;
    (!workers.is_empty()).then(|| (cpu as f64 / 1e6 / cores, f64::from(greatest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_own_second_is_that_of_all_its_threads() {
        let row = |cpu_us, loop_lag_us: &[u32]| WorkerSecond {
            cpu_us,
            loop_lag_us: loop_lag_us.to_vec(),
            ..WorkerSecond::default()
        };
        assert_eq!(own_second(&[]), None);
        let both = [row(500_000, &[7, 300]), row(100_000, &[2])];
        assert_eq!(own_second(&both), Some((0.3, 300.0)));
    }
}
