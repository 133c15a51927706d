//! The generator's account of each second, all its engine threads together.

use std::collections::BTreeMap;

use loadline_metrics::RunData;

/// One second of all engine threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct GeneratorSecond {
    pub(crate) users: f64,
    pub(crate) in_flight: f64,
    pub(crate) open_connections: u64,
    /// Connections opened.
    pub(crate) opened: u64,
    pub(crate) offered: u64,
    pub(crate) started: u64,
    pub(crate) missed: u64,
    pub(crate) think_us: u64,
    pub(crate) cpu_us: u64,
    /// CPU time of the thread that used most.
    pub(crate) busiest_us: u64,
    pub(crate) dropped: u64,
    /// Lateness of the latest row, in microseconds.
    pub(crate) late_us: u64,
}

/// The account by second of the run.
pub(crate) type GeneratorSeconds = BTreeMap<u32, GeneratorSecond>;

/// Adds up the account of `run`.
pub(crate) fn generator_seconds(run: &RunData) -> GeneratorSeconds {
    let mut seconds = GeneratorSeconds::new();
    for row in &run.workers {
        let second = seconds.entry(row.second).or_default();
        second.users += f64::from(row.users_running);
        second.in_flight += f64::from(row.in_flight);
        second.open_connections += u64::from(row.open_connections);
        second.opened += u64::from(row.connections_opened);
        second.offered += row.arrivals_offered;
        second.started += row.arrivals_started;
        second.missed += row.arrivals_missed;
        second.think_us += row.think_us;
        second.cpu_us += row.cpu_us;
        second.busiest_us = second.busiest_us.max(row.cpu_us);
        second.dropped += row.samples_dropped;
        let due = (u64::from(row.second) + 1) * 1_000_000;
        second.late_us = second
            .late_us
            .max(row.written_at.as_micros().saturating_sub(due));
    }
    seconds
}

/// Mean of `value` over the seconds of `span` that have a row; `None` without any.
pub(crate) fn mean_over(
    seconds: &GeneratorSeconds,
    span: (u32, u32),
    value: impl Fn(&GeneratorSecond) -> f64,
) -> Option<f64> {
    if span.0 >= span.1 {
        return None;
    }
    let (mut sum, mut count) = (0.0, 0u32);
    for (_, row) in seconds.range(span.0..span.1) {
        sum += value(row);
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// Sum of `value` over the seconds of `span`.
pub(crate) fn sum_over(
    seconds: &GeneratorSeconds,
    span: (u32, u32),
    value: impl Fn(&GeneratorSecond) -> u64,
) -> u64 {
    if span.0 >= span.1 {
        return 0;
    }
    seconds
        .range(span.0..span.1)
        .map(|(_, row)| value(row))
        .sum()
}

/// Mean of the count `value` over the time `span`; `None` without rows.
///
/// A row counts at its second's end, when the users of a last step may have been told to go, so the
/// counts at each second's start are taken: those of the row before.
pub(crate) fn mean_count(
    seconds: &GeneratorSeconds,
    span: (u32, u32),
    value: impl Fn(&GeneratorSecond) -> f64,
) -> Option<f64> {
    let starts = (span.0.saturating_sub(1), span.1.saturating_sub(1));
    mean_over(seconds, starts, &value).or_else(|| mean_over(seconds, span, value))
}
