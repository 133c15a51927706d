//! Controllers, transactions and what failed samples do.

use loadline_events::{ErrorKind, Sample, SampleFlags, StopReason};
use loadline_plan::{
    Controller, ElementKind, FlowAction, Interleave, OnSampleError, PlanSource, Sampler,
    ThreadGroup,
};

use crate::plan::*;
use crate::world::*;

fn once(children: Vec<loadline_plan::Element>) -> loadline_plan::Element {
    controller("once", Controller::OnceOnly, children)
}

#[test]
fn controllers_run_in_jmeters_order() {
    let body = vec![
        once(vec![get("login")]),
        repeat("2", vec![get("a")]),
        when("false", vec![get("never")]),
        when("TRUE", vec![get("b")]),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 2), body)])).run();
    assert_eq!(ran.paths_of(0), "login a a b a a b");
}

#[test]
fn loop_counts_come_from_variables() {
    let mut test = plan(vec![group(
        threads(1, 0, 1),
        vec![repeat("${n}", vec![get("a")])],
    )]);
    test.variables = vec![variable("n", "3", 0)];
    assert_eq!(World::new(test).run().paths_of(0), "a a a");
}

#[test]
fn a_loop_count_with_a_space_is_no_number_in_jmeter_alone() {
    let paths = |source| {
        let body = vec![repeat("2 ", vec![get("a")]), get("b")];
        let mut test = plan(vec![group(threads(1, 0, 1), body)]);
        test.source = source;
        World::new(test).run().paths_of(0)
    };
    assert_eq!(paths(PlanSource::Jmx), "b");
    assert_eq!(paths(PlanSource::Yaml), "a a b");
}

#[test]
fn the_index_of_a_loop_is_a_variable() {
    let body = vec![repeat("3", vec![get("${__jm__loop__idx}")])];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    assert_eq!(ran.paths_of(0), "0 1 2");
}

#[test]
fn variables_are_evaluated_once_list_by_list() {
    let mut test = plan(vec![group(threads(2, 0, 1), vec![get("${c}-${d}")])]);
    test.variables = vec![
        variable("a", "1", 0),
        variable("b", "2", 0),
        variable("c", "${a}${b}", 1),
        variable("d", "${c}", 1),
    ];
    let ran = World::new(test).run();
    // Variables of one list do not see each other, and their text is not expanded again.
    assert_eq!(ran.paths_of(0), "12-${c}");
    assert_eq!(ran.paths_of(1), "12-${c}");
}

#[test]
fn a_transaction_is_one_more_sample_with_or_without_timers() {
    let inner = || vec![get("a"), get("b"), think(50)];
    let run = |parent, timers| {
        let body = vec![transaction("t", parent, timers, inner())];
        World::new(plan(vec![group(threads(1, 0, 1), body)])).run()
    };
    for (parent, timers, service_us) in [
        (false, false, 200_000),
        (false, true, 300_000),
        (true, false, 200_000),
    ] {
        let ran = run(parent, timers);
        let [sample] = ran.transactions()[..] else {
            panic!("one transaction")
        };
        assert_eq!(sample.service_us, service_us, "{parent} {timers}");
        assert_eq!((sample.status, sample.error), (200, ErrorKind::None));
        assert_eq!((sample.sent_bytes, sample.received_bytes), (20, 200));
        let parts = ran.plain();
        assert_eq!(parts.len(), 2);
        assert!(
            parts
                .iter()
                .all(|part| part.flags.contains(SampleFlags::PART) == parent)
        );
    }
}

#[test]
fn a_transaction_fails_with_its_first_failing_sample() {
    let body = vec![transaction("t", false, false, vec![get("a"), get("b")])];
    let world = World::new(plan(vec![group(threads(1, 0, 1), body)]));
    let ran = world
        .answer(|seen| {
            if seen.path == "/a" {
                failed(10)
            } else {
                ok(10)
            }
        })
        .run();
    assert_eq!(ran.transactions()[0].error, ErrorKind::Status);
    assert_eq!(ran.report.errors, 1);
}

#[test]
fn an_empty_transaction_is_reported_once_a_sample_is_known() {
    let body = vec![
        transaction("t", false, false, vec![when("false", vec![get("x")])]),
        get("a"),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 2), body)])).run();
    assert_eq!(ran.transactions().len(), 1);
}

fn on_error(action: OnSampleError, users: u32) -> ThreadGroup {
    let body = vec![
        transaction("t", false, false, vec![get("a"), get("bad"), get("b")]),
        get("c"),
    ];
    ThreadGroup {
        on_sample_error: action,
        ..group(threads(users, 0, 2), body)
    }
}

fn run_with_errors(action: OnSampleError, users: u32) -> Ran {
    let world = World::new(plan(vec![on_error(action, users)]));
    world
        .answer(|seen| match (&*seen.path, seen.user) {
            ("/bad", 0) => failed(10),
            (_, 0) => ok(10),
            _ => ok(500),
        })
        .run()
}

#[test]
fn a_failed_sample_does_as_the_group_says() {
    let paths = |action| run_with_errors(action, 1).paths_of(0);
    assert_eq!(paths(OnSampleError::Continue), "a bad b c a bad b c");
    assert_eq!(paths(OnSampleError::StartNextLoop), "a bad a bad");
    assert_eq!(paths(OnSampleError::StopThread), "a bad");
}

#[test]
fn a_transaction_cut_short_is_reported() {
    let ran = run_with_errors(OnSampleError::StartNextLoop, 1);
    let transactions = ran.transactions();
    assert_eq!(transactions.len(), 2);
    assert!(
        transactions
            .iter()
            .all(|sample| sample.service_us == 20_000)
    );
}

/// The transactions of a user that ends at the sampler `bad` in a transaction with `children`.
fn transactions_at_the_end(parent_sample: bool, children: &[&str]) -> Vec<Sample> {
    let children = children.iter().map(|path| get(path)).collect();
    let inside = transaction("t", parent_sample, false, children);
    let group = ThreadGroup {
        on_sample_error: OnSampleError::StopThread,
        ..group(threads(1, 0, 2), vec![inside, get("c")])
    };
    let world = World::new(plan(vec![group])).answer(|seen| {
        if seen.path == "/bad" {
            failed(10)
        } else {
            ok(10)
        }
    });
    world.run().transactions()
}

#[test]
fn the_end_of_a_user_reports_transactions_that_stand_for_samples_or_have_none_left() {
    assert!(transactions_at_the_end(false, &["a", "bad", "b"]).is_empty());
    for (parent_sample, children) in [
        (false, &["a", "bad"][..]),
        (true, &["a", "bad"]),
        (true, &["a", "bad", "b"]),
    ] {
        let [sample] = transactions_at_the_end(parent_sample, children)[..] else {
            panic!("one transaction of {children:?}")
        };
        assert_eq!(
            (sample.service_us, sample.error),
            (20_000, ErrorKind::Status)
        );
    }
}

#[test]
fn a_user_whose_time_is_over_reports_transactions_that_stand_for_samples() {
    let run = |parent_sample| {
        let inside = vec![get("a"), get("b"), get("c")];
        let body = vec![transaction("t", parent_sample, false, inside)];
        let world = World::new(plan(vec![group(users_for(1, 1), body)]));
        world.answer(|_| ok(600)).run()
    };
    let ran = run(true);
    assert_eq!(ran.paths_of(0), "a b");
    assert_eq!(ran.transactions()[0].service_us, 1_200_000);
    assert!(run(false).transactions().is_empty());
}

#[test]
fn a_transaction_that_is_left_is_what_its_last_sample_was() {
    let action = element(
        "action",
        ElementKind::Sampler(Sampler::Flow(FlowAction::NextPass)),
        Vec::new(),
    );
    let inside = vec![get("bad"), get("a"), action, get("never")];
    let body = vec![repeat("2", vec![transaction("t", false, false, inside)])];
    let world = World::new(plan(vec![group(threads(1, 0, 1), body)]));
    let world = world.answer(|seen| {
        if seen.path == "/bad" {
            failed(10)
        } else {
            ok(10)
        }
    });
    let errors = world.run().transactions().into_iter().map(|one| one.error);
    assert_eq!(errors.collect::<Vec<_>>(), [ErrorKind::None; 2]);
}

#[test]
fn a_failed_sample_can_stop_the_test() {
    let ran = run_with_errors(OnSampleError::StopTest, 2);
    assert_eq!(ran.report.reason, StopReason::Plan);
    assert_eq!(ran.paths_of(1), "a", "it finishes its present sample");
    assert_eq!(ran.report.censored, 0);
    assert_eq!(ran.report.ended_at, at(500));
}

#[test]
fn a_failed_sample_can_stop_the_test_now() {
    let ran = run_with_errors(OnSampleError::StopTestNow, 2);
    assert_eq!(ran.report.reason, StopReason::Plan);
    assert_eq!(ran.report.censored, 1);
    let cut = ran
        .plain()
        .into_iter()
        .find(|sample| sample.is_censored())
        .unwrap();
    assert_eq!(
        (cut.user, cut.service_us, cut.error),
        (1, 20_000, ErrorKind::Aborted)
    );
    assert_eq!(ran.report.ended_at, at(20));
}

#[test]
fn failures_have_texts_within_bounds() {
    let world = World::new(plan(vec![group(threads(1, 0, 150), vec![get("a")])]));
    let ran = world.answer(|_| failed(10)).run();
    assert_eq!(ran.report.errors, 150);
    assert_eq!(ran.failures.len(), 40, "twenty in each second");
    assert_eq!(
        (&*ran.failures[0].code, &*ran.failures[0].message),
        ("500", "failed")
    );
}

#[test]
fn an_empty_endless_loop_holds_up_nobody() {
    let body = vec![when("${__threadNum}", vec![get("x")])];
    let other = group(threads(1, 0, 3), vec![get("a")]);
    let mut test = plan(vec![group(users_for(1, 1), body), other]);
    test.source = PlanSource::Yaml;
    let ran = World::new(test).run();
    assert_eq!(ran.seen.len(), 3);
    assert_eq!(ran.report.ended_at, at(1000));
}

#[test]
fn labels_made_on_the_way_are_registered() {
    let labels = |source| {
        let body = vec![get("fixed"), get("page ${__counter(TRUE)}")];
        let mut plan = plan(vec![group(threads(1, 0, 2), body)]);
        plan.source = source;
        World::new(plan).run().report.labels.join(",")
    };
    assert_eq!(labels(PlanSource::Yaml), "fixed,page 1,page 2");
    // JMeter evaluates the name of a request twice.
    assert_eq!(labels(PlanSource::Jmx), "fixed,page 2,page 4");
}

#[test]
fn a_transaction_has_a_label_of_its_own_beside_a_sampler_of_its_name() {
    let body = vec![
        transaction("home", false, false, vec![get("home")]),
        transaction("page ${__counter(TRUE)}", false, false, vec![get("home")]),
    ];
    let ran = World::new(plan(vec![group(threads(1, 0, 1), body)])).run();
    let labels: Vec<&str> = ran.report.labels.iter().map(|label| &**label).collect();
    assert_eq!(labels, ["home", "home", "page 1"]);
    assert!(ran.plain().iter().all(|sample| sample.label.0 == 1));
}

#[test]
fn conditions_in_javascript_are_evaluated_and_their_faults_told() {
    let guarded = |condition: &str, name| {
        let kind = Controller::If {
            condition: loadline_plan::IfCondition::JavaScript(condition.into()),
            evaluate_all: false,
        };
        controller("if", kind, vec![get(name)])
    };
    let body = vec![
        guarded("${__threadNum} == 1", "yes"),
        guarded("\"${__threadNum}\" != \"1\"", "no"),
        guarded("var n = ${__threadNum}; n.toString().length == 1", "script"),
        guarded("vars.get('junk') != null", "unseen"),
        guarded("${junk} == 1", "never"),
        guarded("'text'", "neither"),
        get("end"),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.variables = vec![variable("junk", "while (true)", 0)];
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), "yes script end");
    let faults: Vec<&str> = ran.report.faults.keys().map(|fault| &**fault).collect();
    let said = |part: &str| faults.iter().any(|fault| fault.contains(part));
    assert!(said("while (true) == 1"), "{faults:?}");
    assert!(said("\"vars\" is not defined"), "{faults:?}");
    assert!(said("`text` is neither true nor false"), "{faults:?}");
}

#[test]
fn a_script_function_around_a_comparison_is_a_comparison() {
    let body = vec![
        when(r#"${__jexl3("${name}" == "two",)}"#, vec![get("no")]),
        when(r#"${__groovy("${name}".equals("one"))}"#, vec![get("yes")]),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.variables = vec![variable("name", "one", 0)];
    assert_eq!(World::new(test).run().paths_of(0), "yes");
}

/// A group of JMeter's whose user comes to `inner`, then to another request.
fn of_jmeter(inner: loadline_plan::Element) -> Ran {
    let mut test = plan(vec![group(threads(1, 0, 2), vec![inner, get("after")])]);
    test.source = PlanSource::Jmx;
    World::new(test).run()
}

#[test]
fn a_loop_without_end_that_has_nothing_left_ends_the_user_as_in_jmeter() {
    let ran = of_jmeter(repeat("-1", vec![once(vec![get("a")])]));
    assert_eq!(ran.paths_of(0), "a");
    let faults = format!("{:?}", ran.report.faults);
    assert!(faults.contains("nothing left to run"), "{faults}");
}

#[test]
fn an_interleave_of_single_samplers_whose_turn_has_nothing_left_ends_the_user_as_in_jmeter() {
    let interleave = Interleave {
        random: false,
        whole_controllers: false,
        across_users: false,
    };
    let children = vec![once(vec![get("a")])];
    let inner = controller("turns", Controller::Interleave(interleave), children);
    let ran = of_jmeter(inner);
    assert_eq!(ran.paths_of(0), "a after");
    let faults = format!("{:?}", ran.report.faults);
    assert!(faults.contains("nothing left to run"), "{faults}");
}

#[test]
fn a_loop_with_an_end_makes_passes_without_samplers() {
    let nothing = || repeat("400", vec![when("false", vec![get("never")])]);
    // Passes inside of passes do not add up, only those on top of each other.
    let ran = of_jmeter(repeat("400", vec![nothing()]));
    assert_eq!(ran.paths_of(0), "after after");
    assert!(ran.report.faults.is_empty(), "{:?}", ran.report.faults);
}

#[test]
fn a_loop_without_end_whose_children_run_no_more_is_left_for_good() {
    let twice = Controller::Loop {
        count: loadline_plan::LoopCount::Times("2".into()),
        restarts: false,
    };
    let inner = controller("twice", twice, vec![get("a")]);
    let ran = of_jmeter(repeat("-1", vec![inner]));
    assert_eq!(ran.paths_of(0), "a a after after");
    assert!(ran.report.faults.is_empty(), "{:?}", ran.report.faults);
}

#[test]
fn what_runs_once_runs_again_when_an_error_ends_the_iteration() {
    let body = vec![once(vec![get("login"), get("home")]), get("work")];
    let mut test = plan(vec![ThreadGroup {
        on_sample_error: OnSampleError::StartNextLoop,
        ..group(threads(1, 0, 3), body)
    }]);
    test.source = PlanSource::Jmx;
    let logins = std::cell::Cell::new(0);
    let ran = World::new(test)
        .answer(move |seen| {
            logins.set(logins.get() + u32::from(seen.path == "/login"));
            if logins.get() == 1 {
                failed(10)
            } else {
                ok(10)
            }
        })
        .run();
    assert_eq!(ran.paths_of(0), "login login home work work");
}
