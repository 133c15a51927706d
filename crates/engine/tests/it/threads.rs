//! Several engine threads together: users are dealt out, groups start together, stops reach all.

use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loadline_engine::{
    EngineOptions, FailureNote, IterationStart, Outcome, RunClock, RunningEngine, Sampler, Scope,
    Sink, StartError,
};
use loadline_events::{Sample, StopReason, WorkerSecond};
use loadline_plan::program::HttpProgram;
use loadline_plan::{
    Config, Counter, ElementKind, Load, NativeLoad, Stage, SynchronizingTimer, ThreadGroup, Timer,
};
use loadline_schedule::Segment;
use loadline_units::{Clock, RunTime};

use crate::plan::*;
use crate::world::World;

/// Answers at once, or never.
struct Instant {
    clock: Rc<dyn Clock>,
    answers: bool,
}

impl Sampler for Instant {
    type Session = ();

    fn session(&self, _user: u32) {}

    fn start_iteration(&self, _session: &(), _start: IterationStart) {}

    fn sample<'a, 'v>(
        &'a self,
        _session: &'a (),
        _request: &'a HttpProgram,
        _now: RunTime,
        _scope: &mut Scope<'v>,
    ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v>
    where
        'v: 'a,
    {
        async {
            if !self.answers {
                std::future::pending::<()>().await;
            }
            let now = self.clock.now();
            Some(Outcome {
                started: now,
                ended: now,
                status: 200,
                ..Outcome::default()
            })
        }
    }

    fn open_connections(&self) -> u32 {
        0
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<(usize, Sample)>>>);

struct OfWorker(usize, Shared);

impl Sink for OfWorker {
    fn samples(&self, block: Vec<Sample>) -> u64 {
        let block = block.into_iter().map(|sample| (self.0, sample));
        self.1.0.lock().unwrap().extend(block);
        0
    }

    fn second(&self, _second: WorkerSecond) {}

    fn failure(&self, _failure: FailureNote) {}
}

fn options(threads: usize) -> EngineOptions {
    EngineOptions {
        threads,
        graceful_stop: Duration::ZERO,
        lead_in: Duration::ZERO,
        clock: RunClock::starting_now(),
        segment: Segment::WHOLE,
        on_phase: Arc::new(|_| {}),
        listening: None,
    }
}

fn start(groups: Vec<ThreadGroup>, threads: usize, answers: bool) -> (RunningEngine, Shared) {
    let kept = Shared::default();
    let sinks = kept.clone();
    let make_sampler = move |_, clock| Ok::<_, String>(Instant { clock, answers });
    let engine = RunningEngine::start(
        World::new(plan(groups)).prepared(),
        options(threads),
        make_sampler,
        move |worker| Box::new(OfWorker(worker, sinks.clone())),
    );
    (engine.unwrap(), kept)
}

#[test]
fn users_are_dealt_out_and_stages_wait_for_all_threads() {
    let groups = vec![
        ThreadGroup {
            stage: Stage::SetUp,
            ..group(threads(3, 0, 2), vec![get("up")])
        },
        group(threads(6, 0, 10), vec![get("main")]),
    ];
    let (engine, kept) = start(groups, 3, true);
    let report = engine.join();
    assert_eq!(report.samples, 6 + 60);
    let kept = kept.0.lock().unwrap();
    let set_up = kept.iter().filter(|(_, sample)| sample.user < 3);
    let last_set_up = set_up.map(|(_, sample)| sample.ended()).max().unwrap();
    assert!(report.main_started_at.unwrap() >= last_set_up);
    for (worker, sample) in kept.iter() {
        // The main group's first user has number 3.
        assert_eq!(*worker, sample.user as usize % 3);
    }
}

#[test]
fn shared_iterations_are_shared_by_all_threads() {
    let load = Load::Native(NativeLoad::UserIterations {
        users: 1,
        iterations: 1000,
        each: false,
        ramp: Duration::ZERO,
        start: Duration::ZERO,
        pacing: None,
    });
    let (engine, _) = start(vec![group(load, vec![get("a")])], 2, true);
    assert_eq!(engine.join().samples, 1000);
}

#[test]
fn a_stop_reaches_all_threads() {
    let (engine, _) = start(vec![group(users_for(8, 3600), vec![get("a")])], 2, false);
    engine.control().stop(StopReason::Limit);
    let report = engine.join();
    assert_eq!(report.reason, StopReason::Limit);
    assert_eq!(report.samples, report.censored);
}

#[test]
fn a_sampler_that_cannot_be_made_starts_nothing() {
    let prepared = World::new(plan(vec![group(users_for(2, 3600), vec![get("a")])])).prepared();
    let make = |worker, clock| match worker {
        0 => Ok(Instant {
            clock,
            answers: true,
        }),
        _ => Err("no memory".to_owned()),
    };
    let sinks = Shared::default();
    let outcome = RunningEngine::start(prepared, options(2), make, move |worker| {
        Box::new(OfWorker(worker, sinks.clone()))
    });
    assert!(matches!(outcome, Err(StartError::Sampler(text)) if text == "no memory"));
}

#[test]
fn arrivals_of_all_threads_are_those_of_the_plan() {
    let load = rate_for(400.0, 1, false, 50);
    let (engine, kept) = start(vec![group(load, vec![get("a")])], 2, true);
    let report = engine.join();
    // On a machine that is too busy the last ones may be missed: they are counted then.
    assert_eq!(report.samples + report.arrivals_missed, 400);
    let mut intended: Vec<u64> = (kept.0.lock().unwrap().iter())
        .map(|(_, sample)| sample.intended.as_micros())
        .collect();
    intended.sort_unstable();
    intended.dedup();
    assert_eq!(intended.len() as u64, report.samples, "an arrival twice");
    let start = report.main_started_at.unwrap().as_micros();
    let planned: Vec<u64> = (0..400).map(|arrival| start + arrival * 2500).collect();
    let unplanned = intended.iter().find(|at| !planned.contains(at));
    assert_eq!(unplanned, None);
}

#[test]
fn a_stop_is_heard_among_more_arrivals_than_can_be_offered() {
    let load = rate_for(1e9, 3600, false, 1);
    let (engine, _) = start(vec![group(load, vec![get("a")])], 1, true);
    let began = std::time::Instant::now();
    while engine.control().live().samples == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "users starve");
        std::thread::yield_now();
    }
    engine.control().stop(StopReason::Signal);
    assert_eq!(engine.join().reason, StopReason::Signal);
}

/// Waits on a thread of its own, as the look-up of a name does.
struct LookingUp(Arc<Mutex<std::sync::mpsc::Receiver<()>>>);

impl Sampler for LookingUp {
    type Session = ();

    fn session(&self, _user: u32) {}

    fn start_iteration(&self, _session: &(), _start: IterationStart) {}

    fn sample<'a, 'v>(
        &'a self,
        _session: &'a (),
        _request: &'a HttpProgram,
        _now: RunTime,
        _scope: &mut Scope<'v>,
    ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v>
    where
        'v: 'a,
    {
        let receiver = Arc::clone(&self.0);
        let wait = move || {
            receiver
                .lock()
                .unwrap()
                .recv_timeout(Duration::from_secs(60))
        };
        async {
            let _outcome = tokio::task::spawn_blocking(wait).await;
            Some(Outcome::default())
        }
    }

    fn open_connections(&self) -> u32 {
        0
    }
}

#[test]
fn a_name_being_looked_up_does_not_hold_up_the_end() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let receiver = Arc::new(Mutex::new(receiver));
    let groups = vec![group(users_for(1, 3600), vec![get("a")])];
    let engine = RunningEngine::start(
        World::new(plan(groups)).prepared(),
        options(1),
        move |_, _| Ok::<_, String>(LookingUp(Arc::clone(&receiver))),
        |worker| Box::new(OfWorker(worker, Shared::default())),
    );
    let (engine, began) = (engine.unwrap(), std::time::Instant::now());
    while engine.control().live().in_flight == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "no sample began");
        std::thread::yield_now();
    }
    engine.control().stop(StopReason::Signal);
    assert_eq!(engine.join().censored, 1);
    assert!(began.elapsed() < Duration::from_secs(30));
    drop(sender);
}

#[test]
#[should_panic(expected = "on purpose")]
fn a_thread_that_panics_ends_the_run_of_all() {
    let prepared = World::new(plan(vec![group(users_for(2, 3600), vec![get("a")])])).prepared();
    let make = |_, clock| {
        Ok::<_, String>(Instant {
            clock,
            answers: false,
        })
    };
    let engine = RunningEngine::start(prepared, options(2), make, |worker| match worker {
        0 => Box::new(OfWorker(worker, Shared::default())),
        _ => panic!("on purpose"),
    });
    let _report = engine.unwrap().join();
}

#[test]
fn users_of_all_threads_meet_and_count_together() {
    let timer = Timer::Synchronizing(SynchronizingTimer {
        group_size: "0".into(),
        timeout_ms: "0".into(),
    });
    let counter = Counter {
        variable: "n".into(),
        start: "1".into(),
        end: "".into(),
        increment: "1".into(),
        format: "".into(),
        per_user: false,
        reset_each_iteration: false,
    };
    let leaf = |kind| element("element", kind, Vec::new());
    let body = vec![
        leaf(ElementKind::Timer(timer)),
        leaf(ElementKind::Config(Config::Counter(counter))),
        get("${n}"),
    ];
    let (engine, kept) = start(vec![group(threads(4, 0, 25), body)], 2, true);
    let report = engine.join();
    assert_eq!(report.samples, 100);
    let mut labels: Vec<u32> = report
        .labels
        .iter()
        .map(|label| label.parse().unwrap())
        .collect();
    labels.sort_unstable();
    assert!(labels.into_iter().eq(1..=100));
    let mut kept = kept.0.lock().unwrap().clone();
    kept.sort_by_key(|(_, sample)| sample.intended);
    for round in kept.chunks(4) {
        let mut users: Vec<u32> = round.iter().map(|(_, sample)| sample.user).collect();
        users.sort_unstable();
        assert_eq!(users, [0, 1, 2, 3]);
    }
}
