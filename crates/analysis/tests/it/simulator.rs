//! A small queueing simulator that fills a [`RunData`] as a run would.
//!
//! One first-come-first-served station with some servers; closed users that think, or Poisson
//! arrivals. Chance comes from a fixed linear congruential generator, so every run repeats.

use std::collections::BinaryHeap;
use std::time::Duration;

use loadline_events::{
    ErrorKind, LabelId, Phase, Reading, Sample, SampleFlags, Signal, StepId, StopReason,
    WorkerSecond,
};
use loadline_metrics::{
    Aggregator, GeneratorFacts, GroupTiming, Label, LoadModel, RunData, RunFacts, RunSeries,
    ServerSeries, StepLoad, StepWindow,
};
use loadline_units::{Rate, RunTime};

/// A sequence of pseudo-random numbers (constants of Knuth's MMIX).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1));
        for _ in 0..8 {
            chance.unit();
        }
        chance
    }

    /// Uniform in (0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Exponential with the given mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }
}

/// What to simulate.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    /// Users of each step, or arrivals per second with `open`.
    pub(crate) loads: Vec<f64>,
    pub(crate) open: bool,
    /// Length of each ramp and hold, in whole seconds.
    pub(crate) ramp_s: u32,
    pub(crate) hold_s: u32,
    /// Mean think time in seconds (closed).
    pub(crate) think_s: f64,
    /// Places at the station.
    pub(crate) servers: usize,
    /// Mean service time in seconds.
    pub(crate) service_s: f64,
    /// Share of samples that fail with status 500.
    pub(crate) errors: f64,
    /// Cores of the server's machine; each busy place is a busy core, in threads of its own.
    pub(crate) cores: f64,
    /// Samples beyond this many waiting are refused with status 503.
    pub(crate) queue: usize,
    /// CPU of the generator, a share of one core.
    pub(crate) generator_cpu: f64,
    /// Lateness of the generator's timers in microseconds.
    pub(crate) loop_lag_us: u32,
    /// Cores that programs other than server and generator take; the generator shares the host.
    pub(crate) others: f64,
    /// Second of the run at which the server dies.
    pub(crate) dies_s: Option<u32>,
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario {
            seed: 2,
            loads: vec![50.0, 100.0],
            open: false,
            ramp_s: 2,
            hold_s: 30,
            think_s: 1.0,
            servers: 1,
            service_s: 0.005,
            errors: 0.0,
            cores: 4.0,
            queue: usize::MAX,
            generator_cpu: 0.1,
            loop_lag_us: 50,
            others: 0.0,
            dies_s: None,
        }
    }
}

/// A user or arrival that becomes ready at a time; the earliest is the greatest.
#[derive(PartialEq, Eq)]
struct Ready(u64, u32);

impl Ord for Ready {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.0, other.1).cmp(&(self.0, self.1))
    }
}

impl PartialOrd for Ready {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

const LABELS: [&str; 2] = ["GET /posts/", "POST /posts/"];

impl Scenario {
    fn steps(&self) -> Vec<StepWindow> {
        let mut steps = Vec::new();
        let mut at = 0;
        for (index, load) in self.loads.iter().enumerate() {
            let seconds = |s: u32| RunTime::from_micros(u64::from(s) * 1_000_000);
            steps.push(StepWindow {
                step: StepId(index as u16),
                load: if self.open {
                    StepLoad::Rate(Rate::per_second(*load).expect("a load is a rate"))
                } else {
                    StepLoad::Users(*load as u32)
                },
                ramp_start: seconds(at),
                hold_start: seconds(at + self.ramp_s),
                end: seconds(at + self.ramp_s + self.hold_s),
                complete: true,
            });
            at += self.ramp_s + self.hold_s;
        }
        steps
    }

    /// Simulates the run.
    pub(crate) fn run(&self) -> RunData {
        let steps = self.steps();
        let length_s = (self.ramp_s + self.hold_s) * self.loads.len() as u32;
        let end_us = u64::from(length_s) * 1_000_000;
        let samples = self.samples(&steps, end_us);
        let mut aggregator = Aggregator::default();
        aggregator.add(&samples);
        let mut series = RunSeries::default();
        series.merge(aggregator.flush());
        RunData {
            facts: self.facts(length_s),
            labels: LABELS
                .iter()
                .map(|name| Label {
                    name: (*name).to_owned(),
                    transaction: false,
                })
                .collect(),
            workers: self.workers(&samples, length_s),
            generator: Vec::new(),
            servers: vec![self.server(&samples, length_s)],
            steps,
            series,
            phases: vec![Phase::MainStarted { at: RunTime::ZERO }],
        }
    }

    fn step_at(&self, us: u64) -> usize {
        let step_us = u64::from(self.ramp_s + self.hold_s) * 1_000_000;
        ((us / step_us) as usize).min(self.loads.len() - 1)
    }

    fn samples(&self, steps: &[StepWindow], end_us: u64) -> Vec<Sample> {
        let mut chance = Chance::new(self.seed);
        let mut ready = BinaryHeap::new();
        if self.open {
            for (index, step) in steps.iter().enumerate() {
                let mut at = step.ramp_start.as_secs_f64();
                loop {
                    at += chance.exponential(1.0 / self.loads[index]);
                    if at >= step.end.as_secs_f64() {
                        break;
                    }
                    ready.push(Ready((at * 1e6) as u64, 0));
                }
            }
        } else {
            let mut users = 0;
            for (step, load) in steps.iter().zip(&self.loads) {
                while users < *load as u32 {
                    let ramp = f64::from(self.ramp_s) * chance.unit();
                    let at = step.ramp_start.as_micros() + (ramp * 1e6) as u64;
                    ready.push(Ready(at, users));
                    users += 1;
                }
            }
        }
        let mut free_at = vec![0u64; self.servers];
        // Ends of those in the system, to count who waits.
        let mut inside: BinaryHeap<std::cmp::Reverse<u64>> = BinaryHeap::new();
        let mut samples = Vec::new();
        while let Some(Ready(start, user)) = ready.pop() {
            if start >= end_us {
                continue;
            }
            while inside.peek().is_some_and(|end| end.0 <= start) {
                inside.pop();
            }
            let dead = self
                .dies_s
                .is_some_and(|s| start >= u64::from(s) * 1_000_000);
            let refused = inside.len() >= self.queue.saturating_add(self.servers);
            let (end, error, status) = if dead {
                (start + 1_000_000, ErrorKind::Connect, 0)
            } else if refused {
                (start + 300, ErrorKind::Status, 503)
            } else {
                let place = (0..self.servers)
                    .min_by_key(|place| free_at[*place])
                    .expect("a station has a place");
                let service = chance.exponential(self.service_s) * 1e6;
                let end = free_at[place].max(start) + service as u64 + 1;
                free_at[place] = end;
                inside.push(std::cmp::Reverse(end));
                if chance.unit() < self.errors {
                    (end, ErrorKind::Status, 500)
                } else {
                    (end, ErrorKind::None, 200)
                }
            };
            let censored = end > end_us;
            let mut flags = SampleFlags::default();
            if censored {
                flags = flags.with(SampleFlags::CENSORED);
            }
            if self.open {
                flags = flags.with(SampleFlags::SCHEDULED);
            }
            samples.push(Sample {
                intended: RunTime::from_micros(start),
                start_delay_us: 0,
                user_wait_us: 0,
                connect_us: 0,
                network: loadline_events::NetworkTimes::default(),
                first_byte_us: (end.min(end_us) - start) as u32,
                service_us: (end.min(end_us) - start) as u32,
                sent_bytes: 100,
                received_bytes: 1_000,
                user,
                label: LabelId(u16::from(chance.unit() < 0.3)),
                step: StepId(self.step_at(start) as u16),
                status: if censored { 0 } else { status },
                error: if censored { ErrorKind::Aborted } else { error },
                flags,
            });
            if !self.open {
                let think = chance.exponential(self.think_s) * 1e6;
                ready.push(Ready(end + think as u64, user));
            }
        }
        samples
    }

    fn facts(&self, length_s: u32) -> RunFacts {
        RunFacts {
            plan_name: "simulated".to_owned(),
            plan_hash: format!("{:?}", self.loads),
            plan_source: "simulated.yaml".to_owned(),
            replay: "loadline run simulated.yaml".to_owned(),
            seed: self.seed,
            target: "http://127.0.0.1:8000".to_owned(),
            started_at_ms: 0,
            duration_us: u64::from(length_s) * 1_000_000,
            main_started: RunTime::ZERO,
            planned: Some(Duration::from_secs(u64::from(length_s))),
            stop: StopReason::Completed,
            model: if self.open {
                LoadModel::Open
            } else {
                LoadModel::Closed(GroupTiming {
                    paced: false,
                    thinks: true,
                })
            },
            version: "0.1.0".to_owned(),
            generator: GeneratorFacts {
                host: "here".to_owned(),
                cpu: "simulated".to_owned(),
                cores: 1,
                threads: 1,
                memory_bytes: 1 << 30,
                open_files_limit: 65_536,
                shares_host: true,
            },
            note: String::new(),
            unsupported: Vec::new(),
        }
    }

    fn workers(&self, samples: &[Sample], length_s: u32) -> Vec<WorkerSecond> {
        let mut rows: Vec<WorkerSecond> = (0..length_s)
            .map(|second| {
                let step = self.step_at(u64::from(second) * 1_000_000);
                let users = if self.open {
                    0
                } else {
                    self.loads[step] as u32
                };
                WorkerSecond {
                    second,
                    written_at: RunTime::from_micros(u64::from(second + 1) * 1_000_000),
                    users_running: users,
                    cpu_us: (self.generator_cpu * 1e6) as u64,
                    loop_lag_us: vec![self.loop_lag_us; 100],
                    ..WorkerSecond::default()
                }
            })
            .collect();
        for sample in samples {
            let start = sample.intended.second();
            if let Some(row) = rows.get_mut(start as usize).filter(|_| self.open) {
                row.arrivals_offered += 1;
                row.arrivals_started += 1;
            }
            // Under way at the end of each second between start and end.
            for second in start..sample.ended().second().min(length_s) {
                rows[second as usize].in_flight += 1;
            }
        }
        if !self.open {
            // What users do not spend in samples they think.
            for sample in samples {
                if let Some(row) = rows.get_mut(sample.ended().second() as usize) {
                    row.in_sample_us += u64::from(sample.service_us);
                }
            }
            for row in &mut rows {
                let users_us = u64::from(row.users_running) * 1_000_000;
                row.think_us = users_us.saturating_sub(row.in_sample_us);
            }
        }
        rows
    }

    fn server(&self, samples: &[Sample], length_s: u32) -> ServerSeries {
        let mut readings = Vec::new();
        let mut done = vec![0.0; length_s as usize + 1];
        for sample in samples.iter().filter(|sample| sample.status == 200) {
            done[sample.ended().second().min(length_s) as usize] += 1.0;
        }
        for second in 0..length_s {
            let done: f64 = done[second as usize];
            let busy = (done * self.service_s).min(self.servers as f64) + 0.01;
            let alive = self.dies_s.is_none_or(|dies| second < dies);
            readings.push(Reading {
                server: 0,
                at: RunTime::from_micros((u64::from(second) + 1) * 1_000_000),
                alive: Some(alive),
                values: if alive {
                    vec![
                        (Signal::CpuCores, busy),
                        (Signal::BusiestThread, busy / self.servers as f64),
                        (Signal::CpuAllowedCores, self.cores),
                        (Signal::MemoryBytes, 50e6),
                        (Signal::Threads, 4.0),
                        (
                            Signal::HostCpu,
                            ((busy + self.others) / self.cores).min(1.0),
                        ),
                        (Signal::HostCores, self.cores),
                        (Signal::GeneratorCpuCores, self.generator_cpu),
                        (Signal::HostDiskBusy, 0.01),
                        (Signal::OpenFiles, 40.0),
                        (Signal::OpenFilesLimit, 1024.0),
                    ]
                } else {
                    Vec::new()
                },
            });
        }
        ServerSeries {
            name: "backend".to_owned(),
            source: "local".to_owned(),
            description: "simulated".to_owned(),
            readings,
            not_read: Vec::new(),
        }
    }
}
