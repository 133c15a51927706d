use loadline_analysis::{Estimate, Recovery, TrialFigures};
use loadline_plan::LoadUnit;

use super::*;
use crate::{RunPaths, TextStyle, search_html, search_json, search_text};

fn estimate(value: f64) -> Estimate {
    Estimate {
        value,
        low: Some(0.9 * value),
        high: Some(1.1 * value),
        censored: false,
        at_least: false,
        reason: None,
    }
}

fn trial(load: f64, p95_us: f64, outcome: TrialOutcome) -> Trial {
    Trial {
        load,
        window_s: 30,
        extended: false,
        outcome,
        margins: vec![Margin {
            limit: "p95 < 100ms".to_owned(),
            label: Some("GET /<posts>/".to_owned()),
            y: (p95_us / 100e3).ln(),
            se: 0.05,
            verdict: Verdict::Pass,
            observed: Some(estimate(p95_us)),
            bound: 100e3,
        }],
        stopped_early: false,
        figures: TrialFigures {
            samples: 1_000,
            mean_us: Some(estimate(p95_us / 3.0)),
            p50_us: Some(estimate(p95_us / 4.0)),
            p95_us: Some(estimate(p95_us)),
            good_per_s: Some(estimate(load)),
            error_rate: Some(estimate(0.0)),
        },
        rising: None,
        started_s: load,
        ended_s: load + 40.0,
        recovery: Some(Recovery {
            recovered: true,
            waited_s: 8.0,
            probes: loadline_analysis::ProbeWindow::default(),
            course: Vec::new(),
        }),
    }
}

/// Renders a search with this status in all three ways.
fn rendered(status: SearchStatus, style: TextStyle) -> [String; 3] {
    with_view(status, |view| {
        [
            search_text(view, style),
            search_html(view),
            search_json(view),
        ]
    })
}

/// What `made` makes of a search with this status.
fn with_view<T>(status: SearchStatus, made: impl FnOnce(&SearchView<'_>) -> T) -> T {
    let settings = SearchSettings {
        unit: LoadUnit::Users,
        from: 30.0,
        max: 800.0,
        hold_s: 30,
        precision: 0.04,
        max_trials: 13,
        budget_s: None,
        time_bound_s: Some(0.1),
    };
    let so_far = SearchSoFar {
        idle: None,
        trials: vec![
            trial(30.0, 12e3, TrialOutcome::Pass),
            trial(480.0, 400e3, TrialOutcome::Fail),
            trial(120.0, 80e3, TrialOutcome::Pass),
            trial(130.0, 130e3, TrialOutcome::Fail),
        ],
    };
    let found = Searched {
        status,
        carried: Some(120.0),
        broken: Some(130.0),
        method: Some(SearchMethod::Bracket),
        precision_reached: true,
        limit: Some(("p95 < 100ms".to_owned(), Some("GET /<posts>/".to_owned()))),
        broken_trial: None,
        stopped_by: None,
        needs_s: None,
        turns: vec![
            Turn {
                what: "response time doubles",
                seen: Some((30.0, 120.0)),
            },
            Turn {
                what: "first errors",
                seen: None,
            },
        ],
        enough_loads: true,
        notes: Vec::new(),
    };
    let reasons: Vec<(String, String)> = (1..=4)
        .map(|number| {
            (
                "the first load".to_owned(),
                format!("trials/0{number}-30-users"),
            )
        })
        .collect();
    let paths = RunPaths {
        folder: "runs/search".to_owned(),
        report: "runs/search/report.html".to_owned(),
    };
    made(&SearchView {
        plan_name: "Shop </script>",
        settings: &settings,
        so_far: &so_far,
        found: &found,
        trials: &reasons,
        analyses: &[],
        interrupted: false,
        exit_code: 0,
        replay: "loadline find shop.yaml --seed 7",
        paths: &paths,
    })
}

const PLAIN: TextStyle = TextStyle {
    color: false,
    width: 100,
    ascii: false,
};

#[test]
fn the_answer_comes_first_with_its_width_and_the_limit_that_breaks() {
    let [text, html, json] = rendered(SearchStatus::Found, PLAIN);
    let first = text.lines().next().unwrap();
    assert_eq!(
        first,
        "FOUND  The limits hold up to 120 users, and 130 users breaks p95 < 100ms (GET /<posts>/)."
    );
    assert!(text.contains("8.00 % wide"), "{text}");
    assert!(text.contains("between 30 and 120 users"), "{text}");
    assert!(text.contains("not seen"), "{text}");
    assert!(html.contains("Trials over load"));
    assert!(html.contains("<svg"));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["status"], "found");
    assert_eq!(value["carried"], 120);
    assert_eq!(value["trials"][1]["outcome"], "fail");
}

#[test]
fn text_of_plans_and_servers_is_escaped() {
    let [_, html, _] = rendered(SearchStatus::Found, PLAIN);
    assert!(html.contains("Shop &lt;/script&gt;"));
    assert!(html.contains("GET /&lt;posts&gt;/"));
    assert!(!html.contains("GET /<posts>/"));
    // No style attribute: the page's policy would not let it through.
    assert!(!html.contains(" style="));
}

#[test]
fn what_cannot_be_known_is_said_in_its_own_words() {
    for (status, part) in [
        (
            SearchStatus::Unknown(Unknown::NotRecovered { load: 480.0 }),
            "did not recover after 480 users",
        ),
        (
            SearchStatus::Unknown(Unknown::Decays {
                per_minute: Some(0.1),
            }),
            "slower by 10.0 % a minute",
        ),
        (
            SearchStatus::Unknown(Unknown::NotMonotone {
                passed: 9.0,
                failed: 5.0,
            }),
            "9 users kept",
        ),
        (
            SearchStatus::NotReached(NotReached::Generator),
            "Loadline or its machine was the limit",
        ),
        (
            SearchStatus::NotReached(NotReached::Max),
            "the greatest load asked for",
        ),
    ] {
        let [text, html, _] = rendered(
            status,
            TextStyle {
                ascii: true,
                width: 300,
                ..PLAIN
            },
        );
        assert!(text.contains(part), "{text}");
        assert!(text.is_ascii(), "{text}");
        assert!(html.contains("<h1>"));
    }
}

#[test]
fn the_interval_a_trial_and_a_turn_are_explained() {
    with_view(SearchStatus::Found, |view| {
        let text = |asked: &str| crate::search_explanation(view, asked).unwrap();
        assert!(
            text("interval").contains("the upper one broke one"),
            "{}",
            text("interval")
        );
        assert!(text("trial2").starts_with("trial 2: 480 users breaks the limits"));
        assert!(text("trial2").contains("trials/02-30-users"));
        assert!(text("response time doubles").contains("between 30 and 120 users"));
        for (asked, part) in [("trial9", "the search made 4"), ("p95", "interval, trial1")] {
            let why = crate::search_explanation(view, asked).unwrap_err().0;
            assert!(why.contains(part), "{why}");
        }
    });
}
