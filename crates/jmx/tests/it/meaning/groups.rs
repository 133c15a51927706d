//! Thread groups.

use loadline_plan::{Load, LoopCount, OnSampleError, ScheduledThreads, Stage, UltimateRow};

use super::check_load;
use crate::plans::{element, flags, group_properties, read_plan, strings};

fn threads() -> Load {
    Load::Threads {
        users: "1".into(),
        ramp_s: "0".into(),
        loops: LoopCount::Times("1".into()),
        scheduled: None,
        delayed_start: false,
    }
}

#[test]
fn thread_groups_of_all_stages_have_jmeters_defaults() {
    for (class, stage) in [
        ("SetupThreadGroup", Stage::SetUp),
        ("ThreadGroup", Stage::Main),
        ("PostThreadGroup", Stage::TearDown),
    ] {
        check_load(class, &group_properties(""), &threads());
        let (plan, _) = read_plan("", &element(class, "Group", &group_properties(""), ""));
        let group = &plan.groups[0];
        assert_eq!(group.name, "Group");
        assert_eq!(group.stage, stage);
        assert_eq!(group.on_sample_error, OnSampleError::Continue);
        assert!(group.same_user_on_next_iteration);
    }
}

#[test]
fn a_thread_group_keeps_all_its_settings() {
    let properties = group_properties(
        &(strings(&[
            ("ThreadGroup.num_threads", "${__P(users,10)}"),
            ("ThreadGroup.ramp_time", "5"),
            ("ThreadGroup.on_sample_error", "startnextloop"),
            ("ThreadGroup.duration", "60"),
            ("ThreadGroup.delay", "2"),
        ]) + &flags(&[
            ("ThreadGroup.scheduler", true),
            ("ThreadGroup.delayedStart", true),
            ("ThreadGroup.same_user_on_next_iteration", false),
        ])),
    )
    .replace("loops\">1<", "loops\">-1<");
    let (plan, reading) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
    let group = &plan.groups[0];
    assert_eq!(
        group.load,
        Load::Threads {
            users: "${__P(users,10)}".into(),
            ramp_s: "5".into(),
            loops: LoopCount::Forever,
            scheduled: Some(ScheduledThreads {
                duration_s: "60".into(),
                delay_s: "2".into(),
            }),
            delayed_start: true,
        }
    );
    assert_eq!(group.on_sample_error, OnSampleError::StartNextLoop);
    assert!(!group.same_user_on_next_iteration);
    assert!(reading.diagnostics.is_empty());
}

#[test]
fn each_action_after_a_failed_sample_is_known() {
    for (word, expected) in [
        ("continue", OnSampleError::Continue),
        ("startnextloop", OnSampleError::StartNextLoop),
        ("stopthread", OnSampleError::StopThread),
        ("stoptest", OnSampleError::StopTest),
        ("stoptestnow", OnSampleError::StopTestNow),
        ("other", OnSampleError::Continue),
    ] {
        let properties = group_properties(&strings(&[("ThreadGroup.on_sample_error", word)]));
        let (plan, _) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
        assert_eq!(plan.groups[0].on_sample_error, expected, "{word}");
    }
}

#[test]
fn a_main_loop_that_continues_forever_has_no_count_and_says_so() {
    // As JMeter 5.6.3 runs such files with -n: a count of 0 still means no iteration.
    for (loops, flag, expected) in [
        ("2", "true", LoopCount::Forever),
        ("0", "true", LoopCount::Times("0".into())),
        ("x", "true", LoopCount::Times("x".into())),
        ("2", "false", LoopCount::Times("2".into())),
        ("${n}", "true", LoopCount::Forever),
    ] {
        let properties = group_properties("")
            .replace("loops\">1<", &format!("loops\">{loops}<"))
            .replace("forever\">false<", &format!("forever\">{flag}<"));
        let (plan, reading) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
        let Load::Threads { loops: read, .. } = &plan.groups[0].load else {
            panic!("{:?}", plan.groups[0].load);
        };
        let warned = reading
            .diagnostics
            .iter()
            .any(|found| found.code == "endless-loop");
        assert_eq!((read, warned), (&expected, expected == LoopCount::Forever));
    }
}

#[test]
fn a_schedule_without_duration_is_an_error() {
    for (duration, expected) in [("0", 1), ("", 1), ("-5", 1), ("5", 0), ("${d}", 0)] {
        let properties = group_properties(
            &(strings(&[("ThreadGroup.duration", duration)])
                + &flags(&[("ThreadGroup.scheduler", true)])),
        );
        let (_, reading) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
        let errors = reading.diagnostics.iter().filter(|found| found.is_error());
        assert_eq!(errors.count(), expected, "{duration}");
    }
}

#[test]
fn a_stepping_thread_group_is_read() {
    check_load(
        "kg.apc.jmeter.threads.SteppingThreadGroup",
        &strings(&[
            ("ThreadGroup.num_threads", "100"),
            ("Threads initial delay", "1"),
            ("Start users count", "10"),
            ("Start users count burst", "5"),
            ("Start users period", "30"),
            ("Stop users count", "20"),
            ("Stop users period", "2"),
            ("flighttime", "60"),
            ("rampUp", "3"),
        ]),
        &Load::Stepping {
            users: "100".into(),
            initial_delay_s: "1".into(),
            start_count: "10".into(),
            start_burst: "5".into(),
            start_period_s: "30".into(),
            ramp_up_s: "3".into(),
            flight_time_s: "60".into(),
            stop_count: "20".into(),
            stop_period_s: "2".into(),
        },
    );
}

#[test]
fn an_ultimate_thread_group_is_read() {
    let row = |values: [&str; 5]| {
        format!(
            "<collectionProp name=\"1\">{}</collectionProp>",
            strings(&values.map(|value| ("2", value)))
        )
    };
    check_load(
        "kg.apc.jmeter.threads.UltimateThreadGroup",
        &format!(
            "<collectionProp name=\"ultimatethreadgroupdata\">{}</collectionProp>",
            row(["10", "0", "30", "60", "10"])
        ),
        &Load::Ultimate(vec![UltimateRow {
            users: "10".into(),
            initial_delay_s: "0".into(),
            startup_s: "30".into(),
            hold_s: "60".into(),
            shutdown_s: "10".into(),
        }]),
    );
}

#[test]
fn a_concurrency_thread_group_is_read() {
    for (unit, minutes) in [("M", true), ("S", false), ("", false)] {
        check_load(
            "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup",
            &strings(&[
                ("TargetLevel", "50"),
                ("RampUp", "1"),
                ("Steps", "5"),
                ("Hold", "10"),
                ("Iterations", ""),
                ("Unit", unit),
            ]),
            &Load::Concurrency {
                target: "50".into(),
                ramp_up: "1".into(),
                steps: "5".into(),
                hold: "10".into(),
                iterations: "".into(),
                minutes,
            },
        );
    }
}
