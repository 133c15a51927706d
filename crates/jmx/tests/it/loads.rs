//! What thread groups with arrivals, timers with a schedule and some elements of plugins become in the
//! plan.

use loadline_plan::{
    ArrivalRow, ArrivalUsers, Config, Controller, ElementKind, Load, PreciseThroughputTimer,
    Sampler, ShapingTimer, ShapingTimerRow, ShareMode, Standing, Timer,
};

use crate::plans::{arguments, element, flags, read_one, read_plan, strings};

#[test]
fn groups_with_arrivals_are_read() {
    let users = |limit: &str, iterations: &str| ArrivalUsers {
        limit: limit.into(),
        iterations: iterations.into(),
    };
    let check = |class: &str, properties: &str, expected: Load| {
        let (plan, reading) = read_plan("", &element(class, "Group", properties, ""));
        assert_eq!(plan.groups[0].load, expected);
        assert_eq!(reading.elements[1].standing, Standing::Supported);
    };
    check(
        "OpenModelThreadGroup",
        &strings(&[
            ("OpenModelThreadGroup.schedule", "rate(1/s) pause(${p} s)"),
            ("OpenModelThreadGroup.random_seed", "7"),
        ]),
        Load::OpenModel {
            schedule: "rate(1/s) pause(${p} s)".into(),
            random_seed: "7".into(),
        },
    );
    check(
        "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup",
        &strings(&[
            ("TargetLevel", "12"),
            ("RampUp", "2"),
            ("Steps", "3"),
            ("Hold", "5"),
            ("Unit", "M"),
            ("ConcurrencyLimit", "50"),
            ("Iterations", "4"),
        ]),
        Load::Arrivals {
            target: "12".into(),
            ramp_up: "2".into(),
            steps: "3".into(),
            hold: "5".into(),
            users: users("50", "4"),
            minutes: true,
        },
    );
    let row = strings(&[("1", "0"), ("2", "10"), ("3", "60")]);
    check(
        "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup",
        &format!(
            "<collectionProp name=\"Schedule\"><collectionProp name=\"1\">{row}</collectionProp>\
             </collectionProp>"
        ),
        Load::FreeFormArrivals {
            rows: vec![ArrivalRow {
                start: "0".into(),
                end: "10".into(),
                duration: "60".into(),
            }],
            users: users("", ""),
            minutes: false,
        },
    );
}

#[test]
fn timers_that_keep_a_schedule_are_read() {
    let precise = element(
        "PreciseThroughputTimer",
        "Timer",
        &strings(&[
            ("throughput", "${rate}"),
            ("throughputPeriod", "60"),
            ("duration", "600"),
            ("batchSize", "2"),
            ("batchThreadDelay", "5"),
            ("randomSeed", "9"),
        ]),
        "",
    );
    let (kind, row) = read_one(&precise);
    assert_eq!(row.standing, Standing::Supported);
    assert_eq!(
        kind,
        Some(ElementKind::Timer(Timer::Precise(PreciseThroughputTimer {
            throughput: "${rate}".into(),
            period_s: "60".into(),
            duration_s: "600".into(),
            batch_size: "2".into(),
            random_seed: "9".into(),
        })))
    );
    let row = strings(&[("1", "1"), ("2", "10"), ("3", "60")]);
    let shaping = element(
        "kg.apc.jmeter.timers.VariableThroughputTimer",
        "shape",
        &format!(
            "<collectionProp name=\"load_profile\"><collectionProp name=\"1\">{row}\
             </collectionProp></collectionProp>"
        ),
        "",
    );
    let (kind, _) = read_one(&shaping);
    assert_eq!(
        kind,
        Some(ElementKind::Timer(Timer::Shaping(ShapingTimer {
            name: "shape".into(),
            rows: vec![ShapingTimerRow {
                start: "1".into(),
                end: "10".into(),
                duration_s: "60".into(),
            }],
        })))
    );
}

#[test]
fn elements_of_plugins_are_read() {
    let (kind, _) = read_one(&element(
        "kg.apc.jmeter.samplers.DummySampler",
        "Dummy",
        "<boolProp name=\"WAITING\">true</boolProp><boolProp name=\"SUCCESFULL\">true</boolProp>\
         <stringProp name=\"RESPONSE_TIME\">${__Random(1,9)}</stringProp>",
        "",
    ));
    let Some(ElementKind::Sampler(Sampler::Dummy(dummy))) = kind else {
        panic!("no dummy: {kind:?}")
    };
    assert!(dummy.waits);
    assert_eq!(dummy.success.as_str(), "true");
    assert_eq!(dummy.response_time_ms.as_str(), "${__Random(1,9)}");

    let list = |name: &str| {
        format!(
            "<elementProp name=\"{name}\" elementType=\"Arguments\">{}</elementProp>",
            arguments(&[("a", "1"), ("", "2")])
        )
    };
    let (kind, _) = read_one(&element(
        "kg.apc.jmeter.control.sampler.SetVariablesAction",
        "Set",
        &list("SetVariablesAction"),
        "",
    ));
    let variables = vec![("a".into(), "1".into())];
    assert_eq!(
        kind,
        Some(ElementKind::Sampler(Sampler::SetVariables(
            variables.clone()
        )))
    );
    let (kind, _) = read_one(&element(
        "kg.apc.jmeter.control.ParameterizedController",
        "Parameters",
        &list("ParameterizedController"),
        "",
    ));
    assert_eq!(
        kind,
        Some(ElementKind::Controller(Controller::Parameterized {
            variables
        }))
    );
    let row = |name: &str, values: &[(&str, &str)]| {
        let values = strings(values);
        format!("<collectionProp name=\"{name}\">{values}</collectionProp>")
    };
    let rows = row("1", &[("1", "A"), ("2", "60")])
        + &row("2", &[("1", "B"), ("2", "30"), ("3", "false")])
        + &row("3", &[("1", "C"), ("2", "${w}"), ("3", "true")]);
    let (kind, _) = read_one(&element(
        "com.blazemeter.jmeter.control.WeightedSwitchController",
        "Weights",
        &format!("<collectionProp name=\"Weights\">{rows}</collectionProp>"),
        "",
    ));
    assert_eq!(
        kind,
        Some(ElementKind::Controller(Controller::Weighted {
            weights: vec!["60".into(), "${w}".into()],
        }))
    );
    let (kind, _) = read_one(&element(
        "com.blazemeter.jmeter.RandomCSVDataSetConfig",
        "Data",
        &(strings(&[("filename", "a.csv"), ("variableNames", "x,y")])
            + &flags(&[("randomOrder", true), ("rewindOnTheEndOfList", true)])),
        "",
    ));
    let Some(ElementKind::Config(Config::Csv(csv))) = kind else {
        panic!("no data set: {kind:?}")
    };
    assert!(csv.random_order && csv.recycle && csv.stop_thread && csv.quoted);
    assert_eq!(csv.share, ShareMode::Element);
}

#[test]
fn a_parallel_controller_is_read() {
    let read = |properties: &str| {
        let class = "com.blazemeter.jmeter.controller.ParallelSampler";
        let (kind, row) = read_one(&element(class, "Parallel", properties, ""));
        let Some(ElementKind::Controller(Controller::Parallel {
            parent_sample,
            most,
        })) = kind
        else {
            panic!("no parallel controller: {kind:?}")
        };
        (parent_sample, most, row.standing)
    };
    assert_eq!(read(""), (false, None, Standing::Supported));
    let limited = flags(&[("PARENT_SAMPLE", true), ("LIMIT_MAX_THREAD_NUMBER", true)]);
    assert_eq!(read(&limited), (true, Some(6), Standing::Supported));
    let number = |number: &str| {
        let most = format!("<intProp name=\"MAX_THREAD_NUMBER\">{number}</intProp>");
        limited.clone() + &most
    };
    assert_eq!(read(&number("2")), (true, Some(2), Standing::Supported));
    assert_eq!(read(&number("0")), (true, None, Standing::Refused));
    assert_eq!(read(&number("${n}")), (true, Some(6), Standing::Refused));
}
