//! What thread groups with arrivals become in the plan.

use loadline_plan::{ArrivalRow, ArrivalUsers, Load, Standing};

use crate::plans::{element, read_plan, strings};

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
