//! Set-up, main and tear-down groups, and groups that wait for each other.

use std::time::Duration;

use loadline_events::{Phase, StepId, StopReason};
use loadline_plan::{Stage, ThreadGroup};

use crate::plan::*;
use crate::world::*;

fn staged(stage: Stage, name: &str) -> ThreadGroup {
    ThreadGroup {
        stage,
        name: name.to_owned(),
        ..group(threads(1, 0, 1), vec![get(name)])
    }
}

/// Names and times of all requests, in order.
fn order(ran: &Ran) -> Vec<(u64, &str)> {
    ran.seen
        .iter()
        .map(|seen| (seen.at_ms, seen.path.trim_start_matches('/')))
        .collect()
}

#[test]
fn stages_run_one_after_another() {
    let test = plan(vec![
        staged(Stage::TearDown, "down"),
        staged(Stage::Main, "main"),
        staged(Stage::SetUp, "up"),
    ]);
    let ran = World::new(test).run();
    // Steps begin on whole seconds.
    assert_eq!(order(&ran), [(0, "up"), (1000, "main"), (1100, "down")]);
    assert_eq!(
        ran.phases,
        [
            Phase::MainStarted { at: at(1000) },
            Phase::MainEnded { at: at(1100) },
        ]
    );
    assert_eq!(ran.report.main_started_at, Some(at(1000)));
    let steps: Vec<StepId> = ran.samples.iter().map(|sample| sample.step).collect();
    assert_eq!(steps, [StepId::NONE, StepId(0), StepId::NONE]);
}

#[test]
fn groups_run_side_by_side_or_in_turn_or_behind_another() {
    let groups = || vec![staged(Stage::Main, "a"), staged(Stage::Main, "b")];
    let ran = World::new(plan(groups())).run();
    assert_eq!(order(&ran), [(0, "a"), (0, "b")]);
    let mut in_turn = plan(groups());
    in_turn.serialize_groups = true;
    assert_eq!(order(&World::new(in_turn).run()), [(0, "a"), (100, "b")]);
    let mut behind = plan(groups());
    behind.groups[0].after = Some("b".to_owned());
    assert_eq!(order(&World::new(behind).run()), [(0, "b"), (100, "a")]);
}

#[test]
fn steps_of_a_group_behind_another_come_later() {
    let mut test = plan(vec![
        group(users_for(1, 5), vec![get("a")]),
        group(users_for(3, 5), vec![get("b")]),
    ]);
    test.groups[0].name = "first".to_owned();
    test.groups[1].after = Some("first".to_owned());
    let world = World::new(test);
    let prepared = world.prepared();
    assert_eq!(prepared.main_duration(), Some(Duration::from_secs(10)));
    assert_eq!(prepared.max_users(), 4);
    assert_eq!(prepared.step_at(Duration::from_secs(2)), StepId(0));
    assert_eq!(prepared.step_at(Duration::from_secs(7)), StepId(1));
    assert_eq!(prepared.step_at(Duration::from_secs(10)), StepId::NONE);
}

#[test]
fn tear_down_after_a_stop_runs_only_on_demand() {
    let run = |tear_down_on_shutdown| {
        let mut test = plan(vec![
            group(users_for(1, 60), vec![get("main")]),
            staged(Stage::TearDown, "down"),
        ]);
        test.tear_down_on_shutdown = tear_down_on_shutdown;
        let world = World::new(test).answer(|_| ok(300));
        let stop = |control: &loadline_engine::RunControl| control.stop(StopReason::Signal);
        world.after(Duration::from_millis(500), stop).run()
    };
    assert_eq!(order(&run(false)), [(0, "main"), (300, "main")]);
    let ran = run(true);
    assert_eq!(order(&ran), [(0, "main"), (300, "main"), (600, "down")]);
    assert_eq!(ran.report.reason, StopReason::Signal);
}
