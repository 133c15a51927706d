//! A search in virtual time: trials are simulated, recorded and judged as runs are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use loadline_analysis::{
    GROSS_BREAK, NextMove, PROBE_WINDOW_S, ProbeWindow, Recovery, SearchSettings, SearchSoFar,
    Searched, Trial, TrialRequest, analyse, binomial_at_least, has_recovered, next_move, observe,
    probes_from, wants_extension,
};
use loadline_metrics::RunData;
use loadline_plan::{Limit, LoadUnit, parse_limit};

use super::recorded::{Job, record};
use super::station::{Chance, Station};
use super::systems::{System, THINK_S};

/// Time between two probes of the idle server.
const PROBE_PACE_S: f64 = 0.05;
/// Greatest time to wait for a server after a trial that broke a limit.
const LONGEST_RECOVERY_S: u32 = 180;

/// A server and the time that has passed.
pub(crate) struct World {
    system: System,
    station: Station,
    chance: Chance,
    limits: Vec<Limit>,
    now: f64,
    jobs: u64,
}

impl World {
    pub(crate) fn new(system: System, seed: u64) -> Self {
        World {
            station: Station::new(system.discipline, system.collapse),
            system,
            chance: Chance::new(seed),
            limits: vec![parse_limit(system.limit).expect("a system's limit is one")],
            now: 0.0,
            jobs: 0,
        }
    }

    /// Searches; the answer and all trials.
    pub(crate) fn search(&mut self, settings: &SearchSettings) -> (Searched, SearchSoFar) {
        let mut so_far = SearchSoFar::default();
        loop {
            match next_move(settings, &so_far) {
                NextMove::LookAtIdle => {
                    so_far.idle = Some(self.probe(PROBE_WINDOW_S, |_| false).probes)
                }
                NextMove::Recover => {
                    let recovery = self.recover(&so_far.idle.unwrap_or_default());
                    if let Some(last) = so_far.trials.last_mut() {
                        last.recovery = Some(recovery);
                    }
                }
                NextMove::Trial(request) => {
                    let trial = self.trial(settings, &request);
                    so_far.trials.push(trial);
                }
                NextMove::Stop(found) => return (*found, so_far),
            }
        }
    }

    /// One user sends request after request for `longest_s`, or until `enough` of the last ones.
    fn probe(&mut self, longest_s: u32, enough: impl Fn(&ProbeWindow) -> bool) -> Recovery {
        let start = self.now;
        let mut probes: Vec<(f64, f64)> = Vec::new();
        let mut look = PROBE_WINDOW_S;
        loop {
            let sent = self.now;
            let job = self.next_job();
            let work = self.system.work(&mut self.chance, sent);
            if self.station.arrive(sent, job, work) {
                while self.station.step() != Some(job) {}
                self.now = self.station.time();
            }
            probes.push((self.now - start, self.now - sent));
            self.now = self.now.max(sent + PROBE_PACE_S);
            if self.now - start < f64::from(look) {
                continue;
            }
            let window = window_of(&probes, probes_from(look), look);
            let recovered = enough(&window);
            if recovered || look >= longest_s {
                let pieces = (0..look / PROBE_WINDOW_S).map(|piece| {
                    window_of(
                        &probes,
                        piece * PROBE_WINDOW_S,
                        (piece + 1) * PROBE_WINDOW_S,
                    )
                });
                return Recovery {
                    recovered,
                    waited_s: self.now - start,
                    probes: window,
                    course: pieces.collect(),
                };
            }
            look += 1;
        }
    }

    fn recover(&mut self, idle: &ProbeWindow) -> Recovery {
        self.probe(LONGEST_RECOVERY_S, |window| has_recovered(idle, window))
    }

    fn next_job(&mut self) -> u64 {
        self.jobs += 1;
        self.jobs
    }

    /// A trial: its load in virtual time, judged as a run is.
    fn trial(&mut self, settings: &SearchSettings, request: &TrialRequest) -> Trial {
        let start = self.now;
        let ramp_s = f64::from(request.ramp_s(settings.unit));
        let begin = ramp_s + f64::from(request.warm_up_s());
        let window_s = f64::from(request.window_s);
        let mut load = Load::new(self, settings.unit, request.load, ramp_s);
        let mut end = begin + window_s;
        let mut early = load.run(self, end, self.limits[0].clone());
        let mut trial = self.judge(
            settings,
            request,
            &load,
            (begin, early.unwrap_or(end)),
            early.is_some(),
            false,
        );
        if early.is_none() && wants_extension(request, &trial) {
            end += window_s;
            early = load.run(self, end, self.limits[0].clone());
            let from = begin + f64::from(request.extra_warm_up_s());
            trial = self.judge(
                settings,
                request,
                &load,
                (from, early.unwrap_or(end)),
                early.is_some(),
                true,
            );
        }
        trial.started_s = start;
        // The load is off; what is inside is answered, for at most ten seconds.
        let off = self.now;
        while self.station.inside() > 0 && self.now < off + 10.0 {
            self.station.step();
            self.now = self.now.max(self.station.time());
        }
        trial.ended_s = self.now;
        trial
    }

    fn judge(
        &self,
        settings: &SearchSettings,
        request: &TrialRequest,
        load: &Load,
        (from, to): (f64, f64),
        early: bool,
        extended: bool,
    ) -> Trial {
        let run = load.record(settings, request.load, (from, to), early);
        let analysis = analyse(&run, &self.limits);
        observe(&analysis, &self.limits, request, extended, (0.0, 0.0))
    }

    /// 95th percentile of response times in seconds and error rate at `load`, over `seconds` after a
    /// settling time, from an empty server.
    pub(crate) fn steady(&mut self, load: f64, seconds: f64) -> (f64, f64) {
        let unit = self.system.unit;
        let mut sent = Load::new(self, unit, load, 5.0);
        let settle = 20.0;
        while sent.step(self, settle + seconds) {}
        let judged = || {
            sent.jobs
                .iter()
                .filter(|job| job.start - sent.start >= settle)
        };
        let mut times: Vec<f64> = judged()
            .filter_map(|job| job.end.map(|end| end - job.start))
            .collect();
        times.sort_by(f64::total_cmp);
        let refused = judged().filter(|job| job.refused).count() as f64;
        let p95 = times
            .get(times.len() * 95 / 100)
            .copied()
            .unwrap_or(f64::INFINITY);
        (p95, refused / judged().count().max(1) as f64)
    }
}

/// Probes answered between two seconds.
fn window_of(probes: &[(f64, f64)], from: u32, to: u32) -> ProbeWindow {
    let mut times: Vec<f64> = probes
        .iter()
        .filter(|probe| probe.0 >= f64::from(from) && probe.0 < f64::from(to))
        .map(|probe| probe.1 * 1e6)
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |q: f64| {
        let rank = ((q * times.len() as f64).ceil() as usize).clamp(1, times.len().max(1));
        times.get(rank - 1).copied().unwrap_or(0.0)
    };
    let mean = |of: fn(f64) -> f64| {
        times.iter().map(|time| of(*time)).sum::<f64>() / times.len().max(1) as f64
    };
    let (mean_us, mean_square) = (mean(|time| time), mean(|time| time * time));
    ProbeWindow {
        count: times.len() as u64,
        errors: 0,
        p50_us: at(0.5),
        p95_us: at(0.95),
        mean_us,
        sd_us: (mean_square - mean_us * mean_us).max(0.0).sqrt(),
    }
}

/// The load of one trial.
struct Load {
    start: f64,
    unit: LoadUnit,
    rate: f64,
    /// When users (or the next arrival) send, as bits.
    ready: BinaryHeap<Reverse<u64>>,
    jobs: Vec<Job>,
    first_job: u64,
}

impl Load {
    fn new(world: &mut World, unit: LoadUnit, load: f64, ramp_s: f64) -> Self {
        let start = world.now;
        let mut ready = BinaryHeap::new();
        match unit {
            LoadUnit::Users => {
                for user in 0..load as u64 {
                    let at = start + ramp_s * user as f64 / load;
                    ready.push(Reverse(at.to_bits()));
                }
            }
            LoadUnit::Rate => ready.push(Reverse(
                (start + world.chance.exponential(1.0 / load)).to_bits(),
            )),
        }
        Load {
            start,
            unit,
            rate: load,
            ready,
            jobs: Vec::new(),
            first_job: world.jobs + 1,
        }
    }

    /// Goes on until `end` seconds after the start. When a limit breaks grossly before: when.
    fn run(&mut self, world: &mut World, end: f64, limit: Limit) -> Option<f64> {
        let mut second = ((world.now - self.start).floor() + 1.0).max(10.0);
        let mut bad_seconds = 0;
        while second <= end {
            while self.step(world, second) {}
            world.now = self.start + second;
            bad_seconds = if self.is_gross(&limit, second) {
                bad_seconds + 1
            } else {
                0
            };
            if bad_seconds >= 3 {
                return Some(second);
            }
            second += 1.0;
        }
        while self.step(world, end) {}
        world.now = self.start + end;
        None
    }

    /// Whether the answers of the last second break the bound many times over, beyond chance.
    fn is_gross(&self, limit: &Limit, second: f64) -> bool {
        let now = self.start + second;
        let answered = self
            .jobs
            .iter()
            .rev()
            .take(20_000)
            .filter(|job| job.end.is_some_and(|end| end > now - 1.0 && end <= now));
        let (mut samples, mut bad) = (0, 0);
        for job in answered {
            samples += 1;
            let time = job.end.map_or(0.0, |end| end - job.start);
            let breaks = if limit.text.starts_with("errors") {
                job.refused
            } else {
                time > GROSS_BREAK * limit.bound
            };
            bad += u64::from(breaks);
        }
        let share = if limit.text.starts_with("errors") {
            0.5
        } else {
            0.05
        };
        bad > 0 && binomial_at_least(bad, samples, share) < 0.001
    }

    /// The next thing that happens before `end` seconds after the start; `false` if nothing does.
    fn step(&mut self, world: &mut World, end: f64) -> bool {
        let end = self.start + end;
        let arrival = self
            .ready
            .peek()
            .map_or(f64::INFINITY, |at| f64::from_bits(at.0));
        let inside = world.station.next_event().unwrap_or(f64::INFINITY);
        if arrival.min(inside) > end {
            return false;
        }
        if inside <= arrival {
            if let Some(job) = world.station.step() {
                self.answered(world, job, inside, false);
            }
            return true;
        }
        self.ready.pop();
        let job = world.next_job();
        self.jobs.push(Job {
            start: arrival,
            end: None,
            refused: false,
        });
        let work = world.system.work(&mut world.chance, arrival);
        if self.unit == LoadUnit::Rate {
            let next = arrival + world.chance.exponential(1.0 / self.rate);
            self.ready.push(Reverse(next.to_bits()));
        }
        if !world.station.arrive(arrival, job, work) {
            self.answered(world, job, arrival + 0.0003, true);
        }
        true
    }

    fn answered(&mut self, world: &mut World, job: u64, at: f64, refused: bool) {
        // Jobs of an earlier load may still have been inside.
        let Some(index) = job.checked_sub(self.first_job) else {
            return;
        };
        let job = &mut self.jobs[index as usize];
        job.end = Some(at);
        job.refused = refused;
        if self.unit == LoadUnit::Users {
            let next = at + world.chance.exponential(THINK_S);
            self.ready.push(Reverse(next.to_bits()));
        }
    }

    /// The run that was recorded up to the end of the window.
    fn record(
        &self,
        settings: &SearchSettings,
        load: f64,
        window: (f64, f64),
        early: bool,
    ) -> RunData {
        let jobs = self.jobs.iter().map(|job| Job {
            start: job.start - self.start,
            end: job.end.map(|end| end - self.start),
            refused: job.refused,
        });
        record(jobs, settings.step_load(load), window, early)
    }
}
