//! A server's readings by second, and their means over windows.

use std::collections::BTreeMap;

use loadline_events::{Reading, Signal};
use loadline_metrics::ServerSeries;
use loadline_units::RunTime;

/// A watched server with its readings in the seconds that they are about.
#[derive(Debug)]
pub(crate) struct ServerView<'a> {
    pub(crate) series: &'a ServerSeries,
    by_second: BTreeMap<u32, &'a Reading>,
}

impl<'a> ServerView<'a> {
    /// The readings of `series`.
    pub(crate) fn new(series: &'a ServerSeries) -> Self {
        let by_second = readings_by_second(&series.readings);
        ServerView { series, by_second }
    }

    /// Readings by second of the run.
    pub(crate) fn seconds(&self) -> impl Iterator<Item = (u32, &'a Reading)> {
        self.by_second
            .iter()
            .map(|(second, reading)| (*second, *reading))
    }

    /// Whether `signal` was read at all.
    pub(crate) fn has(&self, signal: Signal) -> bool {
        self.by_second
            .values()
            .any(|reading| reading.value(signal).is_some())
    }

    /// The finite values of `signal` in `span`, by second of the run.
    pub(crate) fn values(
        &self,
        signal: Signal,
        span: (u32, u32),
    ) -> impl Iterator<Item = (u32, f64)> + Clone {
        let range = span.0..span.1.max(span.0);
        self.by_second
            .range(range)
            .filter_map(move |(second, reading)| {
                let value = reading.value(signal)?;
                value.is_finite().then_some((*second, value))
            })
    }

    /// Mean of `signal` over `span`; `None` if it was not read there.
    pub(crate) fn mean(&self, signal: Signal, span: (u32, u32)) -> Option<f64> {
        mean(self.values(signal, span).map(|row| row.1))
    }

    /// Greatest mean of `signal` over five readings in a row (all, if there are fewer).
    pub(crate) fn peak(&self, signal: Signal, span: (u32, u32)) -> Option<f64> {
        let values: Vec<f64> = self.values(signal, span).map(|row| row.1).collect();
        values
            .windows(5.min(values.len().max(1)))
            .map(|window| window.iter().sum::<f64>() / window.len() as f64)
            .reduce(f64::max)
    }

    /// Share of the seconds of `span` without a value of `signal`.
    pub(crate) fn gap_share(&self, signal: Signal, span: (u32, u32)) -> f64 {
        let seconds = span.1.saturating_sub(span.0);
        let read = self.values(signal, span).count() as f64;
        (1.0 - read / f64::from(seconds.max(1))).max(0.0)
    }

    /// Values of CPU use over the cores that the server may use, by second.
    pub(crate) fn cpu_ratios(&self, span: (u32, u32)) -> Vec<(u32, f64)> {
        self.values(Signal::CpuCores, span)
            .filter_map(|(second, used)| {
                let reading = self.by_second.get(&second)?;
                let cores = allowed_cores(reading)?;
                Some((second, used / cores))
            })
            .collect()
    }

    /// Mean of CPU use over allowed cores.
    pub(crate) fn cpu_ratio(&self, span: (u32, u32)) -> Option<f64> {
        mean(self.cpu_ratios(span).into_iter().map(|row| row.1))
    }

    /// Cores that the server may use, mean over `span`.
    pub(crate) fn cores(&self, span: (u32, u32)) -> Option<f64> {
        let range = span.0..span.1.max(span.0);
        mean(
            self.by_second
                .range(range)
                .filter_map(|row| allowed_cores(row.1)),
        )
    }

    /// Mean of `part` over `whole` in each reading of `span` that has both.
    pub(crate) fn ratio(&self, part: Signal, whole: Signal, span: (u32, u32)) -> Option<f64> {
        let range = span.0..span.1.max(span.0);
        mean(self.by_second.range(range).filter_map(|(_, reading)| {
            let (part, whole) = (reading.value(part)?, reading.value(whole)?);
            (whole > 0.0 && part.is_finite()).then(|| part / whole)
        }))
    }
}

/// Readings by second of the run.
///
/// A reading is about the time since the one before, so it belongs to the second in which the
/// middle of that time lies.
pub(crate) fn readings_by_second(readings: &[Reading]) -> BTreeMap<u32, &Reading> {
    let with_second = readings.iter().map(|reading| {
        let middle = reading.at.as_micros().saturating_sub(500_000);
        (RunTime::from_micros(middle).second(), reading)
    });
    with_second.collect()
}

/// Cores that a server may use: its own bound, else those of its host.
fn allowed_cores(reading: &Reading) -> Option<f64> {
    reading
        .value(Signal::CpuAllowedCores)
        .or_else(|| reading.value(Signal::HostCores))
        .filter(|cores| *cores > 0.0 && cores.is_finite())
}

/// The mean of `values`; `None` without any.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// Share of the CPU of the host that servers and generator share which neither of them uses; `None`
/// if it was not read.
pub(crate) fn other_programs(servers: &[ServerView<'_>], span: (u32, u32)) -> Option<f64> {
    let first = |signal| servers.iter().find_map(|server| server.mean(signal, span));
    let host = first(Signal::HostCpu)?;
    let cores = first(Signal::HostCores).filter(|cores| *cores > 0.0)?;
    let own = first(Signal::GeneratorCpuCores)?;
    let used: f64 = servers
        .iter()
        .filter_map(|server| server.mean(Signal::CpuCores, span))
        .sum();
    Some((host - (used + own) / cores).max(0.0))
}
