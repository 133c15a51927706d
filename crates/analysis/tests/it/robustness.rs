//! No run, however odd, makes the analysis panic or leave a figure that is no number.

use loadline_analysis::{Estimate, Stats, TimeStats, Verdict, analyse};
use loadline_events::{
    ErrorKind, LabelId, Reading, Sample, SampleFlags, Signal, StepId, WorkerSecond,
};
use loadline_metrics::{Aggregator, RunData, RunSeries, ServerSeries};
use loadline_units::RunTime;

use crate::limits::limit;
use crate::simulator::{Chance, Scenario};

fn all_limits() -> Vec<loadline_plan::Limit> {
    [
        "errors <= 10%",
        "p95 < 1s",
        "throughput > 10/s",
        "max < 10s",
        "cpu < 90%",
        "memory < 1GB",
        "apdex(100ms) > 0.9",
        "server backend alive",
        "errors <= 10% over 3s",
        "p95 < 1s over 3s",
        "throughput > 10/s over 3s",
        "max < 10s over 3s",
    ]
    .into_iter()
    .map(limit)
    .collect()
}

#[track_caller]
fn check(run: &RunData) -> Verdict {
    let analysis = analyse(run, &all_limits());
    let again = analyse(run, &all_limits());
    assert!(analysis == again, "two analyses of one run differ");
    check_stats(&analysis.totals);
    for step in &analysis.steps {
        check_stats(&step.stats);
        check_times(&step.connect);
        check_times(&step.first_byte);
        for server in &step.servers {
            assert!(
                server
                    .signals
                    .iter()
                    .all(|row| row.1.is_finite() && row.2.is_finite())
            );
            check_estimate(server.cpu_us_per_request.as_ref());
        }
        assert!(step.detectable_rise.is_none_or(f64::is_finite));
    }
    for label in &analysis.labels {
        check_stats(&label.totals);
        label.steps.iter().for_each(check_stats);
    }
    for cell in analysis.limits.iter().flat_map(|limit| &limit.cells) {
        check_estimate(cell.observed.as_ref());
        assert!(cell.needs_s.is_none_or(f64::is_finite));
    }
    for bin in &analysis.story {
        assert!(bin.good_per_s.is_finite() && bin.users.is_finite());
    }
    let text = format!("{analysis:?}");
    assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
    analysis.verdict
}

#[track_caller]
fn check_stats(stats: &Stats) {
    check_estimate(stats.error_rate.as_ref());
    check_estimate(stats.throughput.as_ref());
    check_estimate(stats.good_throughput.as_ref());
    check_times(&stats.response);
    check_times(&stats.service);
}

#[track_caller]
fn check_times(times: &TimeStats) {
    for estimate in [&times.mean, &times.p50, &times.p95, &times.p99, &times.p999] {
        check_estimate(estimate.as_ref());
    }
    if let (Some(p95), Some(max)) = (&times.p95, times.max) {
        assert!(p95.value <= max);
    }
}

#[track_caller]
fn check_estimate(estimate: Option<&Estimate>) {
    let Some(estimate) = estimate else { return };
    assert!(estimate.value.is_finite());
    assert!(
        estimate
            .low
            .is_none_or(|low| low.is_finite() && low <= estimate.value * 1.001)
    );
    assert!(
        estimate
            .high
            .is_none_or(|high| high.is_finite() && high >= estimate.value * 0.999)
    );
}

fn empty() -> RunData {
    let mut run = Scenario {
        loads: vec![1.0, 2.0],
        ..Scenario::default()
    }
    .run();
    run.series = RunSeries::default();
    run.workers.clear();
    run.servers.clear();
    run
}

#[test]
fn an_empty_run_decides_nothing() {
    assert_eq!(check(&empty()), Verdict::Inconclusive);
    let mut run = empty();
    run.steps.clear();
    run.labels.clear();
    check(&run);
}

fn with_samples(samples: &[Sample]) -> RunData {
    let mut run = empty();
    let mut aggregator = Aggregator::default();
    aggregator.add(samples);
    run.series = aggregator.flush();
    run
}

fn sample() -> Sample {
    Sample {
        intended: RunTime::from_micros(5_000_000),
        start_delay_us: 0,
        user_wait_us: 0,
        connect_us: 0,
        network: loadline_events::NetworkTimes::default(),
        first_byte_us: 10,
        service_us: 1_000,
        sent_bytes: 1,
        received_bytes: 1,
        user: 0,
        label: LabelId(0),
        step: StepId(0),
        status: 200,
        error: ErrorKind::None,
        flags: SampleFlags::default(),
    }
}

#[test]
fn one_sample_is_no_proof() {
    let run = with_samples(&[sample()]);
    check(&run);
    let analysis = analyse(&run, &[limit("p95 < 1s"), limit("errors <= 10%")]);
    assert_eq!(analysis.verdict, Verdict::Inconclusive);
}

#[test]
fn a_run_of_errors_fails() {
    let samples: Vec<Sample> = (0..3_000u32)
        .map(|index| Sample {
            intended: RunTime::from_micros(u64::from(index) * 10_000),
            error: ErrorKind::Connect,
            status: 0,
            ..sample()
        })
        .collect();
    assert_eq!(check(&with_samples(&samples)), Verdict::Fail);
}

#[test]
fn samples_that_never_end_pass_nothing() {
    let samples: Vec<Sample> = (0..3_000u32)
        .map(|index| Sample {
            intended: RunTime::from_micros(u64::from(index) * 10_000),
            service_us: 40_000_000 - index * 10_000,
            error: ErrorKind::Aborted,
            status: 0,
            flags: SampleFlags::CENSORED,
            ..sample()
        })
        .collect();
    assert_eq!(check(&with_samples(&samples)), Verdict::Fail);
}

#[test]
fn random_runs_of_any_shape() {
    for seed in 0..30 {
        let mut chance = Chance::new(seed);
        let mut upto = |most: f64| (chance.unit() * most) as u32;
        let count = [0, 3, 30, 300, 3_000][upto(5.0) as usize];
        let samples: Vec<Sample> = (0..count)
            .map(|_| {
                let kind = ErrorKind::ALL[upto(12.0) as usize];
                let flags = SampleFlags(upto(32.0) as u8);
                Sample {
                    intended: RunTime::from_micros(u64::from(upto(70e6))),
                    start_delay_us: upto(3_000.0),
                    user_wait_us: upto(3_000.0),
                    connect_us: upto(1_000.0),
                    network: loadline_events::NetworkTimes::default(),
                    first_byte_us: upto(1_000.0),
                    service_us: if upto(3.0) == 0 { 0 } else { upto(5e6) },
                    label: LabelId(upto(3.0) as u16),
                    step: if upto(9.0) == 0 {
                        StepId::NONE
                    } else {
                        StepId(upto(3.0) as u16)
                    },
                    status: [0, 200, 404, 429, 500][upto(5.0) as usize],
                    error: if upto(2.0) == 0 {
                        ErrorKind::None
                    } else {
                        kind
                    },
                    flags,
                    ..sample()
                }
            })
            .collect();
        let mut run = with_samples(&samples);
        for second in 0..upto(70.0) {
            run.workers.push(WorkerSecond {
                worker: upto(2.0) as u16,
                second,
                written_at: RunTime::from_micros(u64::from(upto(80e6))),
                users_running: upto(200.0),
                in_flight: upto(200.0),
                arrivals_offered: u64::from(upto(100.0)),
                arrivals_started: u64::from(upto(100.0)),
                arrivals_missed: u64::from(upto(3.0)),
                think_us: u64::from(upto(1e8)),
                cpu_us: u64::from(upto(1.2e6)),
                loop_lag_us: vec![upto(10_000.0); upto(4.0) as usize],
                samples_dropped: u64::from(upto(20.0) == 0),
                ..WorkerSecond::default()
            });
        }
        if upto(2.0) == 0 {
            let mut server = ServerSeries {
                name: "backend".to_owned(),
                ..ServerSeries::default()
            };
            server.readings = (0..upto(70.0))
                .map(|second| Reading {
                    server: 0,
                    at: RunTime::from_micros(u64::from(second) * 1_000_000),
                    alive: [None, Some(true), Some(false)][upto(3.0) as usize],
                    values: Signal::ALL
                        .into_iter()
                        .filter_map(|signal| {
                            let value = upto(4.0);
                            (value > 0).then(|| (signal, f64::from(value - 1)))
                        })
                        .collect(),
                })
                .collect();
            run.servers.push(server);
        }
        check(&run);
    }
}
