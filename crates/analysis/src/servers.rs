//! The watched servers: their signals in each step, their life and what their resources were up to.

use loadline_events::Signal;
use loadline_metrics::{RunData, StepWindow};

use crate::alive::Life;
use crate::batch::ratio_interval;
use crate::load_point::is_database;
use crate::result::{Estimate, Reason, ResourceStanding, ResourceUse, ServerAnalysis, ServerStep};
use crate::server_series::ServerView;
use crate::steps::JudgedStep;
use crate::student::Confidence;
use crate::window::Completions;

/// Seconds in a row, averaged, that a resource must pass its threshold to count as saturated.
const ONSET_SECONDS: usize = 5;

/// A resource with a limit: how its share is computed and when it is saturated.
struct Resource {
    signal: Signal,
    /// The signal that holds its limit; `None` if `limit` is fixed or it has none.
    limit_signal: Option<Signal>,
    /// A fixed limit.
    limit: Option<f64>,
    /// The share from which it counts as saturated.
    saturation: Option<f64>,
}

const fn of_signal(signal: Signal, limit_signal: Signal, saturation: f64) -> Resource {
    Resource {
        signal,
        limit_signal: Some(limit_signal),
        limit: None,
        saturation: Some(saturation),
    }
}

const fn of_fixed(signal: Signal, limit: f64, saturation: f64) -> Resource {
    Resource {
        signal,
        limit_signal: None,
        limit: Some(limit),
        saturation: Some(saturation),
    }
}

const fn without_limit(signal: Signal) -> Resource {
    Resource {
        signal,
        limit_signal: None,
        limit: None,
        saturation: None,
    }
}

/// What is shown of a server, with the thresholds of the attribution.
const RESOURCES: [Resource; 20] = [
    of_fixed(Signal::BusiestThread, 1.0, 0.9),
    of_signal(Signal::CpuCores, Signal::CpuAllowedCores, 0.9),
    of_fixed(Signal::CgroupThrottled, 1.0, 0.05),
    of_signal(Signal::MemoryBytes, Signal::MemoryLimitBytes, 0.95),
    of_signal(Signal::OpenFiles, Signal::OpenFilesLimit, 0.95),
    of_signal(Signal::AcceptQueue, Signal::AcceptQueueLimit, 0.9),
    of_fixed(Signal::HostDiskBusy, 1.0, 0.9),
    of_fixed(Signal::HostCpu, 1.0, 0.95),
    of_signal(Signal::HostMemoryUsed, Signal::HostMemoryTotal, 0.95),
    of_fixed(Signal::PressureIo, 1.0, 0.2),
    of_fixed(Signal::PressureMemory, 1.0, 0.05),
    // On a machine that the generator shares, its own waiting is in this figure.
    without_limit(Signal::PressureCpu),
    without_limit(Signal::Threads),
    without_limit(Signal::Connections),
    without_limit(Signal::HostNetwork),
    of_signal(Signal::DbConnections, Signal::DbConnectionsLimit, 0.95),
    without_limit(Signal::DbActive),
    without_limit(Signal::DbLockWaits),
    without_limit(Signal::DbOldestStatement),
    without_limit(Signal::DbTransactions),
];

/// A server in the window of one step.
pub(crate) fn server_step(
    server: &ServerView<'_>,
    step: &JudgedStep,
    completions: &Completions,
) -> ServerStep {
    let Some(span) = step.window else {
        return ServerStep::default();
    };
    let signals = Signal::ALL
        .into_iter()
        .filter_map(|signal| {
            Some((
                signal,
                server.mean(signal, span)?,
                server.peak(signal, span)?,
            ))
        })
        .collect();
    ServerStep {
        signals,
        cpu_us_per_request: cpu_per_request(server, step, completions),
    }
}

/// CPU time of the server for each completed request, over the seconds with a reading.
fn cpu_per_request(
    server: &ServerView<'_>,
    step: &JudgedStep,
    completions: &Completions,
) -> Option<Estimate> {
    let span = step.window?;
    let rows = completions.seconds();
    let cpu: Vec<(u32, f64)> = server
        .values(Signal::CpuCores, span)
        .map(|(second, cores)| (second - span.0, cores * 1e6))
        .collect();
    let done: Vec<(u32, f64)> = cpu
        .iter()
        .map(|(at, _)| {
            let samples = rows.get(&(at + span.0)).map_or(0, |row| row.samples);
            (*at, samples as f64)
        })
        .collect();
    let requests: f64 = done.iter().map(|row| row.1).sum();
    if requests <= 0.0 {
        return None;
    }
    let value = cpu.iter().map(|row| row.1).sum::<f64>() / requests;
    if server.gap_share(Signal::CpuCores, span) > 0.1 {
        return Some(Estimate::bare(value, Reason::NoReadings));
    }
    let interval = ratio_interval(
        cpu.iter().copied(),
        done.iter().copied(),
        span.1 - span.0,
        Confidence::NinetyFive,
    );
    let estimate = match interval {
        Some((low, high)) => Estimate {
            value,
            low: Some(low.max(0.0)),
            high: Some(high),
            censored: false,
            at_least: false,
            reason: None,
        },
        None => Estimate::bare(
            value,
            Reason::TooShort {
                need_s: crate::batch::MIN_WINDOW_S,
            },
        ),
    };
    Some(estimate.withheld(step.withhold().as_ref()))
}

/// A server over the run. `knee` is the index of the first step at which the load curve turns: a
/// resource that was full before it and did not change with load is busy, not the limit.
pub(crate) fn server_analysis(
    server: &ServerView<'_>,
    run: &RunData,
    judged: &[JudgedStep],
    life: &Life,
    knee: Option<usize>,
) -> ServerAnalysis {
    let mut resources: Vec<ResourceUse> = RESOURCES
        .iter()
        .map(|resource| resource_use(server, resource, &run.steps, judged, knee))
        .filter(|resource| {
            resource.standing != ResourceStanding::NotRead
                || is_expected(resource.signal) && !is_database(server)
        })
        .collect();
    let closeness = |resource: &ResourceUse| {
        let share = resource
            .share_by_step
            .iter()
            .flatten()
            .copied()
            .fold(-1.0, f64::max);
        share / resource.saturation.unwrap_or(1.0)
    };
    resources.sort_by(|a, b| closeness(b).total_cmp(&closeness(a)));
    ServerAnalysis {
        name: server.series.name.clone(),
        source: server.series.source.clone(),
        description: server.series.description.clone(),
        alive: life.alive,
        died_s: life.died_s,
        process_ended: life.is_gone,
        alive_readings: life.readings,
        resources,
        not_read: server.series.not_read.clone(),
    }
}

/// Whether the absence of a signal is worth a row of its own.
fn is_expected(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::BusiestThread | Signal::CpuCores | Signal::MemoryBytes
    )
}

fn resource_use(
    server: &ServerView<'_>,
    resource: &Resource,
    steps: &[StepWindow],
    judged: &[JudgedStep],
    knee: Option<usize>,
) -> ResourceUse {
    let by_step: Vec<Option<f64>> = judged
        .iter()
        .map(|step| server.mean(resource.signal, step.window?))
        .collect();
    let share_by_step: Vec<Option<f64>> = judged
        .iter()
        .map(|step| share(server, resource, step.window?))
        .collect();
    let standing = if !server.has(resource.signal) {
        ResourceStanding::NotRead
    } else {
        let saturated = |index: usize| {
            share_by_step[index]
                .zip(resource.saturation)
                .is_some_and(|(share, saturation)| share >= saturation)
        };
        match (0..judged.len()).find(|index| saturated(*index)) {
            None => ResourceStanding::Free,
            // Full while throughput still grew with the load: it does not limit.
            Some(first) if knee.is_none_or(|knee| first + 1 < knee) => ResourceStanding::Busy,
            Some(first) => ResourceStanding::Saturated {
                since_s: onset(server, resource, steps, judged, first),
            },
        }
    };
    ResourceUse {
        signal: resource.signal,
        by_step,
        share_by_step,
        saturation: resource.saturation,
        standing,
    }
}

fn share(server: &ServerView<'_>, resource: &Resource, span: (u32, u32)) -> Option<f64> {
    match (resource.signal, resource.limit_signal, resource.limit) {
        (Signal::CpuCores, ..) => server.cpu_ratio(span),
        (signal, Some(limit), _) => server.ratio(signal, limit, span),
        (signal, None, Some(limit)) => Some(server.mean(signal, span)? / limit),
        _ => None,
    }
}

/// First second at which the mean of five seconds passes the threshold, from the ramp of the step
/// before `first` on; the start of that step's window if no five seconds do.
fn onset(
    server: &ServerView<'_>,
    resource: &Resource,
    steps: &[StepWindow],
    judged: &[JudgedStep],
    first: usize,
) -> u32 {
    let from = steps[first.saturating_sub(1)].ramp_start.second();
    let end = judged[first].window.map_or(from, |window| window.1);
    let saturation = resource.saturation.unwrap_or(1.0);
    let values: Vec<(u32, f64)> = (from..end)
        .filter_map(|second| Some((second, share(server, resource, (second, second + 1))?)))
        .collect();
    values
        .windows(ONSET_SECONDS)
        .find(|window| {
            let mean = window.iter().map(|row| row.1).sum::<f64>() / ONSET_SECONDS as f64;
            mean >= saturation && window[0].1 >= saturation
        })
        .map(|window| window[0].0)
        .or(judged[first].window.map(|window| window.0))
        .unwrap_or(from)
}
