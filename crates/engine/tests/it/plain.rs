//! The short way of requests with nothing around them, beside the long one of all samplers: the same comes of
//! both.

use std::cell::Cell;
use std::time::Duration;

use loadline_engine::RunControl;
use loadline_events::{StopReason, WorkerSecond};
use loadline_plan::{Element, Load, OnSampleError, PlanSource, ShareMode, ThreadGroup};

use crate::parallel::side_by_side;
use crate::plan::*;
use crate::world::*;

/// Answers of different length, of which some are failures and some are none.
fn answers(seen: &Seen) -> Answer {
    let turn = seen.at_ms / 7 + u64::from(seen.user);
    match turn % 11 {
        3 => failed(20),
        7 => Answer {
            status: NO_SAMPLE,
            ..ok(5)
        },
        turn => ok(10 + turn),
    }
}

/// Runs what `world` makes on both ways, and compares all that can be seen of them.
#[track_caller]
fn compare(world: impl Fn() -> World) {
    let (short, long) = (world().run(), world().looked_at().run());
    assert!(!short.samples.is_empty());
    assert_eq!(short.seen, long.seen);
    assert_eq!(short.samples, long.samples);
    assert_eq!(short.failures, long.failures);
    assert_eq!(short.phases, long.phases);
    assert_eq!(short.report, long.report);
    // How long the processor took is not the plan's.
    let idle = |seconds: Vec<WorkerSecond>| -> Vec<_> {
        let of = |second| WorkerSecond {
            cpu_us: 0,
            ..second
        };
        seconds.into_iter().map(of).collect()
    };
    assert_eq!(idle(short.seconds), idle(long.seconds));
}

fn of(load: Load, children: Vec<Element>) -> World {
    World::new(plan(vec![group(load, children)])).answer(answers)
}

#[test]
fn users_in_a_closed_load() {
    compare(|| of(users_for(7, 3), vec![get("a")]));
    compare(|| of(users_for(7, 3), vec![get("a"), get("b"), get("c")]));
    compare(|| of(threads(5, 2, 40), vec![get("a"), get("b")]));
    compare(|| {
        of(
            paced(3, 3, Duration::from_millis(30)),
            vec![get("a"), get("b")],
        )
    });
}

#[test]
fn arrivals_in_an_open_load() {
    compare(|| of(rate_for(200.0, 3, true, 4), vec![get("a"), get("b")]));
    compare(|| of(rate_for(50.0, 3, false, 100), vec![get("a")]));
}

#[test]
fn beside_samplers_that_have_something_around_them() {
    let children = || {
        vec![
            get("a"),
            transaction("t", false, false, vec![get("b")]),
            pause(3),
            when("${__jexl3(1 == 1)}", vec![get("c")]),
            data("x", true, false, ShareMode::All),
            get("${x}"),
        ]
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), "1\n2\n3\n").unwrap();
    compare(|| of(users_for(4, 3), children()).folder(folder.path()));
}

#[test]
fn in_branches_that_run_at_the_same_time() {
    for is_part in [false, true] {
        compare(|| of(users_for(3, 2), side_by_side(is_part, None)));
        compare(|| of(threads(2, 0, 9), side_by_side(is_part, Some(2))));
    }
}

#[test]
fn a_request_whose_texts_run_a_script() {
    // What the script asks for is done behind the request, so the user ends later.
    let request = Element {
        name: "fixed".into(),
        ..get("${__groovy(Thread.sleep(50); 'a')}")
    };
    for loops in [1, 9] {
        compare(|| of(threads(2, 0, loops), vec![get("c"), request.clone()]));
    }
}

#[test]
fn where_most_requests_give_no_sample() {
    // The user pauses after 64 of them in a row.
    for run_length in [50, 70] {
        compare(|| {
            let count = Cell::new(0);
            of(users_for(1, 2), vec![get("a")]).answer(move |_| {
                count.set(count.get() + 1);
                match count.get() % run_length {
                    0 => ok(3),
                    _ => Answer {
                        status: NO_SAMPLE,
                        ..ok(0)
                    },
                }
            })
        });
    }
}

#[test]
fn whatever_follows_a_failure() {
    for on_sample_error in [
        OnSampleError::Continue,
        OnSampleError::StartNextLoop,
        OnSampleError::StopThread,
        OnSampleError::StopTest,
        OnSampleError::StopTestNow,
    ] {
        for source in [PlanSource::Yaml, PlanSource::Jmx] {
            for load in [threads(4, 1, 30), users_for(4, 2)] {
                compare(|| {
                    let group = ThreadGroup {
                        on_sample_error,
                        ..group(load.clone(), vec![get("a"), get("b")])
                    };
                    let mut test = plan(vec![group]);
                    test.source = source;
                    World::new(test).answer(answers)
                });
            }
        }
    }
}

#[test]
fn a_run_that_is_stopped_in_its_middle() {
    let stops: [fn(&RunControl); 2] = [
        |run| run.stop(StopReason::Signal),
        |run| run.abort(StopReason::Signal),
    ];
    for stop in stops {
        compare(|| {
            of(users_for(7, 3), vec![get("a"), get("b")]).after(Duration::from_millis(1_234), stop)
        });
    }
}
