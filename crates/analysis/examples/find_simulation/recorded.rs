//! A run as it would have been recorded, from requests in virtual time.

use std::time::Duration;

use loadline_events::{
    ErrorKind, LabelId, Phase, Sample, SampleFlags, StepId, StopReason, WorkerSecond,
};
use loadline_metrics::{
    Aggregator, GeneratorFacts, GroupTiming, Label, LoadModel, RunData, RunFacts, RunSeries,
    StepLoad, StepWindow,
};
use loadline_units::RunTime;

/// A request under way or done; times are seconds.
pub(crate) struct Job {
    pub(crate) start: f64,
    pub(crate) end: Option<f64>,
    pub(crate) refused: bool,
}

/// The run of `jobs`, whose times count from its start, by ascending start: one step of `load`, held
/// from `from` to `to` and then ended, `early` if it should have gone on.
pub(crate) fn record(
    jobs: impl Iterator<Item = Job>,
    load: StepLoad,
    (from, to): (f64, f64),
    early: bool,
) -> RunData {
    let time = |s: f64| RunTime::from_micros((s * 1e6).round() as u64);
    let open = matches!(load, StepLoad::Rate(_));
    let users = load.value();
    let mut aggregator = Aggregator::default();
    let mut workers: Vec<WorkerSecond> = (0..to as u32)
        .map(|second| WorkerSecond {
            second,
            written_at: time(f64::from(second) + 1.0),
            cpu_us: 50_000,
            users_running: if open { 0 } else { users as u32 },
            loop_lag_us: vec![50; 20],
            ..WorkerSecond::default()
        })
        .collect();
    let samples: Vec<Sample> = jobs
        .map(|job| {
            let start = job.start;
            let end = job.end;
            let service_us = ((end.unwrap_or(to) - start) * 1e6).max(0.0) as u32;
            let mut flags = SampleFlags::default();
            if end.is_none() {
                flags = flags.with(SampleFlags::CENSORED);
            }
            if open {
                flags = flags.with(SampleFlags::SCHEDULED);
            }
            for second in start as u32..(end.unwrap_or(to) as u32).min(to as u32) {
                workers[second as usize].in_flight += 1;
            }
            Sample {
                intended: time(start),
                start_delay_us: 0,
                user_wait_us: 0,
                connect_us: 0,
                network: loadline_events::NetworkTimes::default(),
                first_byte_us: service_us,
                service_us,
                sent_bytes: 100,
                received_bytes: 1_000,
                user: 0,
                label: LabelId(0),
                step: StepId(0),
                status: match (end, job.refused) {
                    (None, _) => 0,
                    (_, true) => 503,
                    _ => 200,
                },
                error: match (end, job.refused) {
                    (None, _) => ErrorKind::Aborted,
                    (_, true) => ErrorKind::Status,
                    _ => ErrorKind::None,
                },
                flags,
            }
        })
        .collect();
    aggregator.add(&samples);
    // What users do not spend in samples they think.
    for sample in samples.iter().filter(|_| !open) {
        if let Some(row) = workers.get_mut(sample.ended().second() as usize) {
            row.in_sample_us += u64::from(sample.service_us);
        }
    }
    for row in workers.iter_mut().filter(|_| !open) {
        row.think_us = (users * 1e6) as u64 - row.in_sample_us.min((users * 1e6) as u64);
    }
    let mut series = RunSeries::default();
    series.merge(aggregator.flush());
    RunData {
        facts: facts(open, to, early),
        labels: vec![Label {
            name: "GET /".to_owned(),
            transaction: false,
        }],
        steps: vec![StepWindow {
            step: StepId(0),
            load,
            ramp_start: RunTime::ZERO,
            hold_start: time(from.min(to)),
            end: time(to),
            complete: !early,
        }],
        series,
        workers,
        generator: Vec::new(),
        servers: Vec::new(),
        phases: vec![Phase::MainStarted { at: RunTime::ZERO }],
    }
}

fn facts(open: bool, length_s: f64, early: bool) -> RunFacts {
    RunFacts {
        plan_name: "simulated".to_owned(),
        plan_hash: String::new(),
        plan_source: String::new(),
        replay: String::new(),
        seed: 0,
        target: String::new(),
        started_at_ms: 0,
        duration_us: (length_s * 1e6) as u64,
        main_started: RunTime::ZERO,
        planned: Some(Duration::from_secs_f64(length_s)),
        stop: if early {
            StopReason::Limit
        } else {
            StopReason::Completed
        },
        model: if open {
            LoadModel::Open
        } else {
            LoadModel::Closed(GroupTiming {
                paced: false,
                thinks: true,
            })
        },
        version: String::new(),
        generator: GeneratorFacts {
            host: String::new(),
            cpu: String::new(),
            cores: 2,
            threads: 1,
            memory_bytes: 1 << 30,
            open_files_limit: 1 << 16,
            shares_host: false,
        },
        note: String::new(),
        unsupported: Vec::new(),
    }
}
