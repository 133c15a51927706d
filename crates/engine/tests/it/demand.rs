//! What a plan asks of the machine that runs it.

use loadline_plan::{Element, ElementKind, Load, ThroughputBasis, ThroughputTimer, Timer};

use crate::plan::*;
use crate::world::*;

fn pace(per_minute: &str, basis: ThroughputBasis) -> Element {
    let timer = Timer::Throughput(ThroughputTimer {
        per_minute: per_minute.into(),
        basis,
    });
    element("pace", ElementKind::Timer(timer), Vec::new())
}

/// Requests per second of a plan of groups of these loads and bodies.
#[track_caller]
fn check(groups: Vec<(Load, Vec<Element>)>, expected: f64) {
    let groups = groups.into_iter().map(|(load, body)| group(load, body));
    let prepared = World::new(plan(groups.collect())).prepared();
    let rate = prepared.max_request_rate();
    assert!((rate - expected).abs() < 1e-6, "{rate}, not {expected}");
    let alone = prepared.group_demands();
    let sum: f64 = alone.iter().map(|group| group.requests_per_s).sum();
    assert!((sum - expected).abs() < 1e-6, "{alone:?}");
}

#[test]
fn arrivals_ask_for_each_request_of_an_iteration() {
    let load = || rate_for(20.0, 3, false, 50);
    check(vec![(load(), vec![get("a")])], 20.0);
    let body = vec![
        transaction("t", false, false, vec![get("a"), get("b")]),
        // As often as is not known before.
        when("1 == 1", vec![get("c")]),
    ];
    check(vec![(load(), body), (load(), vec![get("a")])], 60.0);
}

#[test]
fn users_ask_for_what_their_timers_keep() {
    let load = || users_for(5, 3);
    check(vec![(load(), vec![get("a")])], 0.0);
    check(
        vec![(load(), vec![pace("600", ThroughputBasis::User), get("a")])],
        50.0,
    );
    let body = || {
        vec![
            pace("600", ThroughputBasis::GroupShared),
            get("a"),
            get("b"),
        ]
    };
    check(vec![(load(), body()), (load(), body())], 20.0);
    let body = || {
        vec![
            pace("${__P(pace,1200)}", ThroughputBasis::GroupShared),
            get("a"),
        ]
    };
    check(vec![(load(), body())], 20.0);
}

#[test]
fn users_of_a_group_are_told() {
    let groups = vec![
        group(users_for(5, 3), vec![get("a")]),
        group(rate_for(20.0, 3, false, 50), vec![get("a")]),
    ];
    let demands = World::new(plan(groups)).prepared().group_demands();
    let users: Vec<u32> = demands.iter().map(|group| group.users).collect();
    assert_eq!(users, [5, 50]);
}
