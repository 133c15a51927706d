//! Samples allocate nothing in steady state.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use loadline_engine::{
    EngineOptions, FailureNote, IterationStart, Outcome, RunClock, Sampler, Scope, Sink,
    run_on_this_thread,
};
use loadline_events::{Sample, WorkerSecond};
use loadline_plan::program::HttpProgram;
use loadline_plan::{Element, Plan, ShareMode};
use loadline_schedule::Segment;
use loadline_units::{Clock as _, RunTime};

use crate::plan::*;
use crate::world::World;

/// Renders the path into reused memory and answers after a millisecond.
struct Frugal {
    clock: RunClock,
}

impl Sampler for Frugal {
    type Session = RefCell<Vec<u8>>;

    fn session(&self, _user: u32) -> RefCell<Vec<u8>> {
        RefCell::default()
    }

    fn start_iteration(&self, _session: &RefCell<Vec<u8>>, _start: IterationStart) {}

    fn sample<'a, 'v>(
        &'a self,
        session: &'a RefCell<Vec<u8>>,
        request: &'a HttpProgram,
        _now: RunTime,
        scope: &mut Scope<'v>,
    ) -> impl Future<Output = Option<Outcome>> + use<'a, 'v>
    where
        'v: 'a,
    {
        let mut memory = session.borrow_mut();
        memory.clear();
        scope.render(&request.path, &mut memory);
        async {
            let started = self.clock.now();
            tokio::time::sleep(Duration::from_millis(1)).await;
            Some(Outcome {
                started,
                ended: self.clock.now(),
                status: 200,
                ..Outcome::default()
            })
        }
    }

    fn open_connections(&self) -> u32 {
        0
    }
}

struct Nowhere;

impl Sink for Nowhere {
    fn samples(&self, _block: Vec<Sample>) -> u64 {
        0
    }

    fn second(&self, _second: WorkerSecond) {}

    fn failure(&self, _failure: FailureNote) {}
}

/// Allocations of a run of `iterations`, and its samples.
fn count(test: impl Fn(u32) -> Plan, iterations: u32, folder: &std::path::Path) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let prepared = World::new(test(iterations)).folder(folder).prepared();
    let mut samples = 0;
    let counted = allocation_counter::measure(|| {
        let report = runtime.block_on(async {
            let clock = RunClock::starting_now();
            let options = EngineOptions {
                threads: 1,
                graceful_stop: Duration::ZERO,
                lead_in: Duration::ZERO,
                clock,
                segment: Segment::WHOLE,
                on_phase: Arc::new(|_| {}),
                listening: None,
            };
            let sampler = Frugal { clock };
            run_on_this_thread(prepared, options, sampler, Box::new(Nowhere), |_| {}).await
        });
        samples = report.samples;
    });
    (counted.count_total, samples)
}

#[track_caller]
fn check(body: impl Fn() -> Vec<Element>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), "1,x\n22,y\n333,z\n").unwrap();
    let test = |iterations| plan(vec![group(threads(10, 0, iterations), body())]);
    let (short, few) = count(test, 100, folder.path());
    let (long, many) = count(test, 1100, folder.path());
    let per_sample = (long - short) as f64 / (many - few) as f64;
    // Blocks and rows of seconds are a few for hundreds of samples.
    assert!(
        per_sample < 0.02,
        "{per_sample} allocations for each sample"
    );
}

#[test]
fn a_plain_sample_allocates_nothing() {
    check(|| vec![get("a"), get("b"), think(3)]);
}

#[test]
fn controllers_timers_and_data_allocate_nothing() {
    check(|| {
        let inner = vec![get("${id}-${name}"), think_between(1, 3), pause(1)];
        vec![
            data("id,name", true, false, ShareMode::All),
            transaction("t", false, true, vec![repeat("3", inner)]),
        ]
    });
}
