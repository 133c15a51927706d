//! What a plan asks of the machine that runs it.

use loadline_engine::ConnectedUsers;
use loadline_plan::{
    Config, Element, ElementKind, Load, Sampler, Stage, ThroughputBasis, ThroughputTimer, Timer,
};

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

/// A request whose connection is kept, or closed behind the answer.
fn get_and(keep_alive: bool) -> Element {
    let mut element = get("a");
    if let ElementKind::Sampler(Sampler::Http(request)) = &mut element.kind {
        request.keep_alive = Some(keep_alive);
    }
    element
}

#[test]
fn users_hold_connections_as_the_samplers_of_their_group_do() {
    let users = |users: u32, body: Vec<Element>| group(users_for(users, 3), body);
    let mut groups = vec![
        users(70, vec![get_and(false), get_and(true)]),
        users(50, vec![get_and(false), get_and(false)]),
        users(20, vec![get_and(true)]),
        users(9, vec![think(1)]),
        users(30, vec![get_and(true)]),
    ];
    // Gone before the others come.
    groups[4].stage = Stage::SetUp;
    for (line, group) in (1..).zip(&mut groups) {
        group.location.line = line;
    }
    let prepared = World::new(plan(groups)).prepared();
    let told = |held: ConnectedUsers| (held.users, held.location.line);
    let held = prepared.connection_demands();
    assert_eq!(
        held.map(|stage| (told(stage.kept), told(stage.all))),
        [((30, 5), (30, 5)), ((90, 1), (140, 1)), ((0, 0), (0, 0))]
    );
    assert_eq!(prepared.max_users(), 149);
}

/// How many of ten users keep a connection whose requests have the header `name` with `value`, where `version` of
/// HTTP is the run's.
#[track_caller]
fn check_header(name: &str, value: &str, version: &str, expected: u64) {
    let headers = Config::Headers(vec![(name.into(), value.into())]);
    let headers = element("headers", ElementKind::Config(headers), Vec::new());
    let group = group(users_for(10, 3), vec![headers, get_and(true)]);
    let world = World::new(plan(vec![group])).property("loadline.http_version", version);
    let [_, main, _] = world.prepared().connection_demands();
    assert_eq!((main.kept.users, main.all.users), (expected, 10));
}

#[test]
fn a_fixed_header_that_closes_keeps_no_connection() {
    check_header("connection", "x, Close", "1.1", 0);
    check_header("Connection", "closed", "1.1", 10);
    check_header("X", "close", "1.1", 10);
    // What it will be is not known.
    check_header("Connection", "${how}", "1.1", 10);
    // It is not sent.
    check_header("Connection", "close", "2", 10);
}

#[test]
fn users_who_share_the_connections_of_their_thread_hold_none() {
    for (version, streams, expected) in [("2", "many", 0), ("2", "one", 10), ("1.1", "many", 10)] {
        let group = group(users_for(10, 3), vec![get_and(true)]);
        let world = World::new(plan(vec![group]))
            .property("loadline.http_version", version)
            .property("loadline.http_streams", streams);
        let [_, main, _] = world.prepared().connection_demands();
        let held = (main.kept.users, main.all.users);
        assert_eq!(held, (expected, expected), "{version} {streams}");
    }
}
