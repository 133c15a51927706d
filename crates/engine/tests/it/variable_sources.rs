//! Counters, random numbers and values for each user.

use loadline_plan::{
    Config, Counter, Element, ElementKind, PreProcessor, RandomVariable, UserParameters,
};

use crate::plan::*;
use crate::world::*;

fn counter(start: &str, end: &str) -> Counter {
    Counter {
        variable: "n".into(),
        start: start.into(),
        end: end.into(),
        increment: "1".into(),
        format: "".into(),
        per_user: false,
        reset_each_iteration: false,
    }
}

fn counting(counter: Counter) -> Element {
    let kind = ElementKind::Config(Config::Counter(counter));
    element("counter", kind, Vec::new())
}

/// Paths of three users, whose three iterations have two requests each.
fn counted(counter: Counter) -> [String; 3] {
    let body = vec![counting(counter), get("${n}"), get("${n}")];
    let ran = World::new(plan(vec![group(threads(3, 0, 3), body)])).run();
    [0, 1, 2].map(|user| ran.paths_of(user))
}

#[test]
fn users_share_a_counter_that_steps_in_each_iteration() {
    assert_eq!(
        counted(counter("1", "")),
        ["1 1 4 4 7 7", "2 2 5 5 8 8", "3 3 6 6 9 9"]
    );
}

#[test]
fn a_counter_starts_again_behind_its_end() {
    assert_eq!(
        counted(counter("2", "4")),
        ["2 2 2 2 2 2", "3 3 3 3 3 3", "4 4 4 4 4 4"]
    );
}

#[test]
fn a_users_own_counter_steps_alone_and_has_a_format() {
    let own = Counter {
        per_user: true,
        increment: "5".into(),
        format: "ID000".into(),
        ..counter("-5", "0")
    };
    let expected = "-ID005 -ID005 ID000 ID000 -ID005 -ID005";
    assert_eq!(counted(own), [expected; 3]);
}

#[test]
fn numbers_of_a_counter_that_are_none_count_as_zero() {
    let odd = Counter {
        increment: "x".into(),
        ..counter("", "")
    };
    assert_eq!(counted(odd), ["0 0 0 0 0 0"; 3]);
}

#[test]
fn a_counter_in_a_loop_steps_in_each_pass_and_may_start_again_with_the_group() {
    let run = |reset_each_iteration| {
        let own = Counter {
            per_user: true,
            reset_each_iteration,
            ..counter("1", "")
        };
        let body = vec![repeat("3", vec![counting(own), get("${n}")])];
        let ran = World::new(plan(vec![group(threads(1, 0, 2), body)])).run();
        ran.paths_of(0)
    };
    assert_eq!(run(false), "1 2 3 4 5 6");
    assert_eq!(run(true), "1 2 3 1 2 3");
}

#[test]
fn the_numbers_of_a_counter_may_be_variables() {
    let own = Counter {
        increment: "${step}".into(),
        ..counter("${start}", "")
    };
    let mut test = plan(vec![group(
        threads(1, 0, 3),
        vec![counting(own), get("${n}")],
    )]);
    test.variables = vec![variable("start", "10", 0), variable("step", "3", 0)];
    assert_eq!(World::new(test).run().paths_of(0), "10 13 16");
}

fn random(minimum: &str, maximum: &str, seed: &str, per_user: bool) -> Element {
    let random = RandomVariable {
        variable: "r".into(),
        minimum: minimum.into(),
        maximum: maximum.into(),
        format: "00".into(),
        seed: seed.into(),
        per_user,
    };
    let kind = ElementKind::Config(Config::Random(random));
    element("random", kind, Vec::new())
}

fn drawn(random: Element, seed: u64) -> [String; 2] {
    let body = vec![random, get("${r}")];
    let ran = World::new(plan(vec![group(threads(2, 0, 3), body)]))
        .seed(seed)
        .run();
    [0, 1].map(|user| ran.paths_of(user))
}

#[test]
fn a_seed_gives_the_numbers_of_java() {
    // new java.util.Random(42).nextInt(100): 30 63 48 84 70 25.
    assert_eq!(
        drawn(random("0", "99", "42", false), 1),
        ["30 48 70", "63 84 25"]
    );
    assert_eq!(drawn(random("1", "100", "42", true), 1), ["31 64 49"; 2]);
}

#[test]
fn without_a_seed_numbers_follow_the_runs() {
    let once = drawn(random("5", "7", "", false), 1);
    assert_eq!(once, drawn(random("5", "7", "", false), 1));
    for number in once.iter().flat_map(|paths| paths.split(' ')) {
        assert!(["05", "06", "07"].contains(&number), "{number}");
    }
    let many = |seed| drawn(random("0", "99999", "x", true), seed);
    assert_ne!(many(1), many(2));
    assert_ne!(many(1)[0], many(1)[1]);
}

#[test]
fn a_range_without_a_number_sets_nothing() {
    assert_eq!(drawn(random("2", "1", "", false), 1), ["${r} ${r} ${r}"; 2]);
}

fn parameters(per_iteration: bool, value: &str) -> Element {
    let parameters = UserParameters {
        names: vec!["name".into(), "other".into()],
        columns: vec![
            vec!["ann".into(), value.into()],
            vec!["bob".into(), "b".into()],
        ],
        per_iteration,
    };
    let kind = ElementKind::PreProcessor(PreProcessor::UserParameters(parameters));
    element("parameters", kind, Vec::new())
}

#[test]
fn each_user_has_the_values_of_its_column() {
    let body = vec![parameters(false, "a"), get("${name}-${other}")];
    let ran = World::new(plan(vec![group(threads(3, 0, 1), body)])).run();
    let paths = [0, 1, 2].map(|user| ran.paths_of(user));
    assert_eq!(paths, ["ann-a", "bob-b", "ann-a"]);
}

#[test]
fn values_are_evaluated_for_each_sample_or_for_each_iteration() {
    let run = |per_iteration| {
        let value = "${__counter(TRUE)}";
        let body = vec![
            parameters(per_iteration, value),
            get("${other}"),
            get("${other}"),
        ];
        let ran = World::new(plan(vec![group(threads(1, 0, 2), body)])).run();
        ran.paths_of(0)
    };
    assert_eq!(run(false), "1 2 3 4");
    assert_eq!(run(true), "1 1 2 2");
}

#[test]
fn sources_of_one_level_set_in_reverse_order() {
    let text = counting(Counter {
        start: "${__V(r)}".into(),
        ..counter("", "")
    });
    // The random variable stands behind the counter, so it is set first.
    let body = vec![text, random("7", "7", "", false), get("${n}")];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    assert_eq!(ran.paths_of(0), "7");
}
