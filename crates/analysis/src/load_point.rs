//! What the attribution of a bottleneck looks at: the means of all signals at one load.

use loadline_events::{ErrorKind, Signal};
use loadline_metrics::{RunData, StepLoad};

use crate::memory_growth::{MemoryGrowth, memory_growth};
use crate::result::{HealthStanding, StepAnalysis};
use crate::server_series::{ServerView, other_programs};
use crate::steps::JudgedStep;
use crate::worker_seconds::{GeneratorSeconds, mean_over, sum_over};

/// The signals of a server at one load. What was not read is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LoadPoint {
    /// Index of the step among the run's.
    pub(crate) step: usize,
    /// Users, or arrivals per second.
    pub(crate) load: f64,
    /// Whether the load is users.
    pub(crate) closed: bool,
    /// Completions, errors included, and the same per second.
    pub(crate) samples: f64,
    pub(crate) throughput: f64,
    /// Completions without error per second, with interval.
    pub(crate) good: f64,
    pub(crate) good_interval: Option<(f64, f64)>,
    /// Mean response time, in seconds.
    pub(crate) mean_s: f64,
    /// Ratio of the 99th percentile of response times to the median.
    pub(crate) p99_ratio: Option<f64>,
    /// Think time for each sample, in seconds.
    pub(crate) think_s: Option<f64>,
    /// Shares of samples.
    pub(crate) errors: f64,
    pub(crate) status_429: f64,
    pub(crate) status_5xx: f64,
    pub(crate) refused: f64,
    pub(crate) timed_out: f64,
    /// Requests whose connection was cut, those included that were sent again and answered then.
    pub(crate) cut: f64,
    /// 99th percentile of the connect time, in seconds.
    pub(crate) connect_p99_s: Option<f64>,
    pub(crate) generator: HealthStanding,
    /// Share of a core that the generator's busiest engine thread takes.
    pub(crate) generator_thread: Option<f64>,
    /// Share of samples that failed for a limit of the generator's own machine.
    pub(crate) generator_errors: f64,
    /// Share of the host's CPU that the generator takes; `None` on another host.
    pub(crate) host_generator_share: Option<f64>,
    /// The same of programs that are neither generator nor watched server.
    pub(crate) host_others_share: Option<f64>,
    pub(crate) host_cpu: Option<f64>,
    pub(crate) cores: Option<f64>,
    pub(crate) cpu_ratio: Option<f64>,
    pub(crate) busiest_thread: Option<f64>,
    pub(crate) cgroup_throttled: Option<f64>,
    pub(crate) run_queue: Option<f64>,
    pub(crate) psi_cpu: Option<f64>,
    pub(crate) psi_io: Option<f64>,
    pub(crate) psi_memory: Option<f64>,
    pub(crate) swap_bytes_per_s: Option<f64>,
    pub(crate) major_faults: Option<f64>,
    /// Growth of memory at this load.
    pub(crate) memory_growth: Option<MemoryGrowth>,
    pub(crate) disk_busy: Option<f64>,
    pub(crate) disk_await_ms: Option<f64>,
    pub(crate) retransmit_ratio: Option<f64>,
    pub(crate) listen_overflows: Option<f64>,
    pub(crate) accept_queue_ratio: Option<f64>,
    pub(crate) open_files_ratio: Option<f64>,
    pub(crate) switches_per_request: Option<f64>,
    pub(crate) threads: Option<f64>,
    /// Of a watched database: sessions of those allowed, running statements, sessions that wait for locks,
    /// age of the oldest statement.
    pub(crate) db_connections_ratio: Option<f64>,
    pub(crate) db_active: Option<f64>,
    pub(crate) db_lock_waits: Option<f64>,
    pub(crate) db_oldest_statement_s: Option<f64>,
    /// Requests inside the server by its own gauge.
    pub(crate) inside: Option<f64>,
}

/// A signal of a point.
pub(crate) type Pick = fn(&LoadPoint) -> Option<f64>;

/// The points of `run` for one server, by ascending load.
pub(crate) fn load_points(
    run: &RunData,
    judged: &[JudgedStep],
    analysed: &[StepAnalysis],
    generator: &GeneratorSeconds,
    server: Option<&ServerView<'_>>,
    servers: &[ServerView<'_>],
    standing: &[HealthStanding],
) -> Vec<LoadPoint> {
    let mut points: Vec<LoadPoint> = (0..run.steps.len())
        .filter_map(|index| {
            let span = judged[index].window?;
            let mut point = load_point(
                run,
                index,
                span,
                &analysed[index],
                generator,
                standing[index],
            )?;
            if let Some(server) = server {
                read_server(&mut point, server, span, run.facts.generator.shares_host);
                // Over the whole hold: what settles in its first seconds are times, and growth takes long to show.
                point.memory_growth = memory_growth(server, judged[index].hold);
            }
            if let Some(database) = servers.iter().find(|server| is_database(server)) {
                read_database(&mut point, database, span);
            }
            if run.facts.generator.shares_host {
                point.host_others_share = other_programs(servers, span);
            }
            Some(point)
        })
        .collect();
    points.sort_by(|a, b| a.load.total_cmp(&b.load));
    points
}

/// The server without load: its last reading before the first step, if there is one.
pub(crate) fn start_point(run: &RunData, server: &ServerView<'_>) -> Option<LoadPoint> {
    let begin = run
        .steps
        .iter()
        .map(|step| step.ramp_start.second())
        .min()?;
    let last = server
        .seconds()
        .map(|row| row.0)
        .take_while(|at| *at < begin)
        .last()?;
    let mut point = LoadPoint::default();
    read_server(&mut point, server, (last, last + 1), false);
    Some(point)
}

fn load_point(
    run: &RunData,
    index: usize,
    span: (u32, u32),
    analysed: &StepAnalysis,
    generator: &GeneratorSeconds,
    standing: HealthStanding,
) -> Option<LoadPoint> {
    let stats = &analysed.stats;
    let mean = stats.response.mean.as_ref()?;
    let throughput = stats.throughput.as_ref()?.value;
    let good = stats.good_throughput.as_ref()?;
    let completed = throughput * f64::from(span.1 - span.0);
    let think_us = sum_over(generator, span, |row| row.think_us) as f64;
    let share = |matches: &dyn Fn(ErrorKind, u16) -> bool| -> f64 {
        if stats.samples == 0 {
            return 0.0;
        }
        let failed: u64 = run
            .series
            .errors
            .iter()
            .filter(|(key, _)| matches(key.kind, key.status))
            .filter(|(key, _)| crate::window::is_counted(run, key.label))
            .flat_map(|(_, series)| &series.counts)
            .filter(|((_, second), _)| (span.0..span.1).contains(second))
            .map(|(_, count)| *count)
            .sum();
        (failed as f64 / completed.max(1.0)).min(1.0)
    };
    Some(LoadPoint {
        step: index,
        load: run.steps[index].load.value(),
        closed: matches!(run.steps[index].load, StepLoad::Users(_)),
        samples: completed,
        throughput,
        good: good.value,
        good_interval: good.low.zip(good.high),
        mean_s: mean.value / 1e6,
        p99_ratio: (stats.response.p99.as_ref())
            .zip(stats.response.p50.as_ref())
            .filter(|(_, p50)| p50.value > 0.0)
            .map(|(p99, p50)| p99.value / p50.value),
        think_s: (completed > 0.0).then(|| think_us / 1e6 / completed),
        errors: stats.error_rate.as_ref().map_or(0.0, |rate| rate.value),
        status_429: share(&|_, status| status == 429),
        status_5xx: share(&|_, status| (500..600).contains(&status)),
        cut: share(&|kind, _| kind == ErrorKind::Closed) + sent_again(run, index),
        refused: share(&|kind, _| matches!(kind, ErrorKind::Connect | ErrorKind::Closed)),
        timed_out: share(&|kind, _| kind == ErrorKind::Timeout),
        connect_p99_s: analysed.connect.p99.as_ref().map(|p99| p99.value / 1e6),
        generator: standing,
        generator_thread: mean_over(generator, span, |row| row.busiest_us as f64 / 1e6),
        generator_errors: share(&|kind, _| kind == ErrorKind::Generator),
        ..LoadPoint::default()
    })
}

/// Share of a step's samples that were sent again on a fresh connection, if it is more than the few that
/// meet a connection which the server has just closed for being idle.
fn sent_again(run: &RunData, index: usize) -> f64 {
    const MORE_THAN_IDLE: f64 = 0.01;
    let step = run.steps[index].step;
    let again = run
        .series
        .steps
        .get(&step)
        .map_or(0, |totals| totals.retried);
    let samples: u64 = (run.series.cells.iter())
        .filter(|((own, label), _)| *own == step && crate::window::is_counted(run, *label))
        .flat_map(|(_, cell)| cell.ended.values())
        .map(|row| row.samples)
        .sum();
    let share = again as f64 / samples.max(1) as f64;
    if share >= MORE_THAN_IDLE { share } else { 0.0 }
}

fn read_server(
    point: &mut LoadPoint,
    server: &ServerView<'_>,
    span: (u32, u32),
    shares_host: bool,
) {
    let mean = |signal| server.mean(signal, span);
    let host_cores = mean(Signal::HostCores);
    point.host_cpu = mean(Signal::HostCpu);
    point.host_generator_share = if shares_host {
        mean(Signal::GeneratorCpuCores)
            .zip(host_cores)
            .filter(|(_, cores)| *cores > 0.0)
            .map(|(used, cores)| used / cores)
    } else {
        None
    };
    point.cores = server.cores(span);
    point.cpu_ratio = server.cpu_ratio(span);
    point.busiest_thread = mean(Signal::BusiestThread);
    point.cgroup_throttled = mean(Signal::CgroupThrottled);
    point.run_queue = mean(Signal::HostRunQueue);
    point.psi_cpu = mean(Signal::PressureCpu);
    point.psi_io = mean(Signal::PressureIo);
    point.psi_memory = mean(Signal::PressureMemory);
    point.swap_bytes_per_s = mean(Signal::HostSwap);
    point.major_faults = mean(Signal::MajorFaults);
    point.disk_busy = mean(Signal::HostDiskBusy);
    point.disk_await_ms = mean(Signal::HostDiskAwait);
    point.retransmit_ratio = server.ratio(Signal::Retransmits, Signal::SegmentsSent, span);
    point.listen_overflows = mean(Signal::ListenOverflows);
    point.accept_queue_ratio = server.ratio(Signal::AcceptQueue, Signal::AcceptQueueLimit, span);
    point.open_files_ratio = server.ratio(Signal::OpenFiles, Signal::OpenFilesLimit, span);
    point.switches_per_request = mean(Signal::VoluntarySwitches)
        .filter(|_| point.throughput > 0.0)
        .map(|switches| switches / point.throughput);
    point.threads = mean(Signal::Threads);
}

/// Whether a server is watched as a database.
pub(crate) fn is_database(server: &ServerView<'_>) -> bool {
    server.has(Signal::DbConnections)
}

fn read_database(point: &mut LoadPoint, database: &ServerView<'_>, span: (u32, u32)) {
    let mean = |signal| database.mean(signal, span);
    point.db_connections_ratio =
        database.ratio(Signal::DbConnections, Signal::DbConnectionsLimit, span);
    point.db_active = mean(Signal::DbActive);
    point.db_lock_waits = mean(Signal::DbLockWaits);
    point.db_oldest_statement_s = mean(Signal::DbOldestStatement);
}
