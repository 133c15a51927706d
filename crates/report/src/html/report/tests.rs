use loadline_analysis::{HealthStanding, Reason, StepState, Verdict};
use loadline_events::StopReason;

use super::*;
use crate::fixture;

fn paths() -> RunPaths {
    RunPaths {
        folder: "loadline-runs/2026-11-23T10-15-02Z-stress".to_owned(),
        report: String::new(),
    }
}

fn page(analysis: &Analysis) -> String {
    html(analysis, &paths())
}

/// The page without its style and script, whose words are not the report's.
fn content(analysis: &Analysis) -> String {
    let page = page(analysis);
    let start = page.find("<body").unwrap();
    let end = page.rfind("<script>").unwrap();
    page[start..end].to_owned()
}

#[track_caller]
fn check(analysis: &Analysis, expected: &[&str], absent: &[&str]) {
    let content = content(analysis);
    for words in expected {
        assert!(content.contains(words), "{words:?} is missing");
    }
    for words in absent {
        assert!(!content.contains(words), "{words:?} should not be there");
    }
}

#[test]
fn sections_are_in_the_order_of_the_questions() {
    let content = content(&fixture::stress());
    let places: Vec<_> = [
        "class=\"verdict",
        "class=\"answers",
        "id=\"limits\"",
        "id=\"story\"",
        "id=\"load\"",
        "id=\"why\"",
        "id=\"steps\"",
        "id=\"labels\"",
        "id=\"errors\"",
        "id=\"spread\"",
        "id=\"server\"",
        "id=\"trust\"",
        "id=\"files\"",
    ]
    .iter()
    .map(|part| content.find(part).unwrap())
    .collect();
    assert!(places.is_sorted());
    assert_eq!(content.matches("<h1>").count(), 1);
}

#[test]
fn the_verdict_stands_with_its_number_and_its_bound() {
    check(
        &fixture::stress(),
        &[
            "<b>Errors reach 13.6 % at 2,000 users; the plan allows 10 %.</b>",
            "How much does it carry?",
            "Serve requests on several threads or processes",
        ],
        &["NaN"],
    );
}

#[test]
fn six_panels_share_one_time_axis() {
    let content = content(&fixture::stress());
    assert_eq!(content.matches("class=\"pa tc\"").count(), 6);
    assert_eq!(content.matches("class=\"ch\"").count(), 6);
}

#[test]
fn every_chart_says_what_it_shows() {
    let content = content(&fixture::stress());
    // The ground below the hatches of a chart says nothing of its own.
    let grounds = content
        .matches("preserveAspectRatio=\"none\" aria-hidden=\"true\"")
        .count();
    let charts = content.matches("preserveAspectRatio").count() - grounds;
    assert_eq!(
        content.matches("role=\"img\" aria-label=\"").count(),
        charts
    );
    assert!(charts >= 10);
}

#[test]
fn nothing_is_loaded_and_only_hashed_code_runs() {
    let page = page(&fixture::stress());
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    assert!(!page.contains("unsafe-inline"));
    let content = content(&fixture::stress());
    assert!(!content.contains(" style="));
    assert!(!content.contains(" onclick="));
    for source in ["src=", "url(", "@import", "<link", "<img", "<iframe"] {
        assert!(!page.contains(source), "{source}");
    }
    assert_eq!(page.matches("<script").count(), 2);
}

#[test]
fn the_page_is_small_and_the_same_each_time() {
    let first = page(&fixture::stress());
    assert!(first.len() < 300_000);
    assert_eq!(first, page(&fixture::stress()));
}

#[test]
fn tags_are_balanced() {
    let content = content(&fixture::stress());
    for tag in [
        "div", "span", "table", "tr", "td", "section", "figure", "svg", "p", "ul", "ol", "li", "b",
        "dl", "details", "button", "main", "nav", "header", "footer",
    ] {
        let opened = content.matches(&format!("<{tag}>")).count()
            + content.matches(&format!("<{tag} ")).count();
        let closed = content.matches(&format!("</{tag}>")).count();
        assert_eq!(opened, closed, "{tag}");
    }
}

#[test]
fn text_from_servers_and_plans_is_escaped() {
    let evil = "<script>alert(\"x\")</script>'&";
    let mut analysis = fixture::stress();
    analysis.facts.plan_name = evil.to_owned();
    analysis.facts.target = evil.to_owned();
    analysis.facts.note = evil.to_owned();
    analysis.facts.replay = evil.to_owned();
    analysis.facts.plan_source = evil.to_owned();
    analysis.facts.version = evil.to_owned();
    analysis.facts.unsupported = vec![evil.to_owned()];
    analysis.facts.generator.cpu = evil.to_owned();
    analysis.errors[0].first_message = evil.to_owned();
    analysis.errors[0].labels = vec![evil.to_owned()];
    for label in &mut analysis.labels {
        label.label = evil.to_owned();
    }
    for limit in &mut analysis.limits {
        limit.text = evil.to_owned();
        if let Some(cell) = &mut limit.decisive {
            cell.label = Some(evil.to_owned());
            cell.why = evil.to_owned();
        }
    }
    analysis.bottleneck.evidence = vec![evil.to_owned()];
    analysis.bottleneck.advice = vec![evil.to_owned()];
    analysis.servers[0].name = evil.to_owned();
    analysis.servers[0].description = evil.to_owned();
    analysis.servers[0].not_read = vec![evil.to_owned()];
    analysis.breaking_point.limit = Some((evil.to_owned(), Some(evil.to_owned())));
    analysis.generator.signals[0].name = evil.to_owned();
    analysis.steps[1].invalid = vec![evil.to_owned()];
    let page = page(&analysis);
    assert!(!page.contains("<script>alert"));
    assert!(!page.contains("alert(\"x\")"));
    assert_eq!(page.matches("<script").count(), 2);
}

#[test]
fn one_sample_has_no_charts_and_no_percentiles() {
    let mut analysis = fixture::empty();
    analysis.totals.samples = 1;
    analysis.totals.response.max = Some(12_300.0);
    analysis.totals.response.min = Some(12_300.0);
    check(
        &analysis,
        &[
            "One sample was answered in 12.3 ms.",
            "1 sample: nothing can be said about a second.",
            "Measured",
        ],
        &["preserveAspectRatio", "id=\"story\"", "id=\"load\""],
    );
}

#[test]
fn a_run_of_errors_names_the_commonest() {
    let mut analysis = fixture::stress();
    analysis.totals.errors = analysis.totals.samples;
    check(
        &analysis,
        &[
            "Every sample failed: HTTP 503 “queue full”.",
            "Time until the error",
            "Check target and plan first",
        ],
        &["<b>Response time</b>", "p99.9</th><th scope=\"col\">Max"],
    );
}

#[test]
fn without_servers_their_panels_are_gone() {
    let mut analysis = fixture::stress();
    analysis.servers.clear();
    analysis.bottleneck = fixture::empty().bottleneck;
    for step in &mut analysis.steps {
        step.servers.clear();
    }
    for bin in &mut analysis.story {
        bin.servers.clear();
    }
    check(
        &analysis,
        &["Not known: no server was watched", "--server local"],
        &["Server CPU", "Server memory", "Busiest"],
    );
}

#[test]
fn a_rising_step_has_no_interval() {
    let mut analysis = fixture::stress();
    analysis.steps[2].state = StepState::Rising { per_second: 0.021 };
    let response = &mut analysis.steps[2].stats.response;
    for estimate in [&mut response.p50, &mut response.p95, &mut response.p99] {
        let value = estimate.as_ref().unwrap().value;
        *estimate = Some(fixture::unclaimed(value, Reason::NotSteady));
    }
    check(
        &analysis,
        &[
            "Rising, +2.1 %/s",
            "6.30 s</button><span class=\"ci\">rising, +2.1 %/s</span>",
        ],
        &["6.30 s</button><span class=\"ci\">5.91–6.53 s</span>"],
    );
}

#[test]
fn an_invalid_run_keeps_its_values_but_answers_nothing() {
    let mut analysis = fixture::stress();
    analysis.verdict = Verdict::Invalid;
    analysis.generator.standing = HealthStanding::Invalid;
    analysis.generator.signals[1].standing = HealthStanding::Invalid;
    analysis.generator.signals[1].value = "94 %".to_owned();
    analysis.steps[2].invalid = vec!["lag bends p95 by 12 %".to_owned()];
    check(
        &analysis,
        &[
            "banner inv",
            "Not to be trusted: CPU of its 4 cores: 94 %",
            "The generator bent the figures that decide.",
            "<tr class=\"struck\">",
            "⊘ lag bends p95 by 12 %",
        ],
        &[],
    );
}

#[test]
fn a_dead_server_is_marked_in_every_panel() {
    let mut analysis = fixture::stress();
    analysis.servers[0].died_s = Some(252.0);
    analysis.servers[0].process_ended = true;
    analysis.servers[0].alive = Some(false);
    for bin in analysis.story.iter_mut().filter(|bin| bin.start_s > 252) {
        bin.servers = vec![(None, None, None)];
    }
    check(
        &analysis,
        &[
            "The server backend stopped at 4:12",
            "process ended 4:12",
            "Its process ended at 4:12.",
            "no reading",
        ],
        &["The server never crashed"],
    );
}

#[test]
fn a_run_cut_off_has_a_banner() {
    let mut analysis = fixture::stress();
    analysis.facts.stop = StopReason::CutOff;
    analysis.facts.duration_us = 221_000_000;
    analysis.story.truncate(74);
    analysis.steps[2].state = StepState::NotReached;
    analysis.steps[2].window = None;
    analysis.steps[2].stats = loadline_analysis::Stats::default();
    check(
        &analysis,
        &[
            "Stopped after 3:41 of 6:30; the last second may be missing.",
            "Not reached",
            "Not run: 2,000 users.",
        ],
        &[],
    );
}

#[test]
fn one_step_has_no_load_chart() {
    let mut analysis = fixture::stress();
    analysis.steps.truncate(1);
    analysis.spread.truncate(1);
    for label in &mut analysis.labels {
        label.steps.truncate(1);
    }
    check(
        &analysis,
        &["id=\"story\"", "id=\"spread\""],
        &["id=\"load\"", "class=\"knee"],
    );
}

#[test]
fn without_limits_nothing_is_judged() {
    let mut analysis = fixture::stress();
    analysis.verdict = Verdict::Measured;
    analysis.limits.clear();
    analysis.breaking_point = fixture::empty().breaking_point;
    check(
        &analysis,
        &[
            "The plan sets no limits, so nothing is judged.",
            "133/s without error at 2,000 users",
        ],
        &["Every limit holds"],
    );
}

#[test]
fn labels_that_never_ran_stand_under_the_table() {
    let mut analysis = fixture::stress();
    assert!(!page(&analysis).contains("Never ran"));
    analysis.never_ran = vec!["<a>".to_owned(), "b".to_owned()];
    assert!(page(&analysis).contains("<p class=\"sub\">Never ran: &lt;a&gt;, b.</p>"));
    analysis.labels.clear();
    assert!(page(&analysis).contains("Never ran: &lt;a&gt;, b."));
}

#[test]
fn elements_left_out_stand_under_the_verdict() {
    let mut analysis = fixture::stress();
    analysis.facts.unsupported = vec!["BeanShell Sampler, line 12".to_owned()];
    let content = content(&analysis);
    let note = content.find("BeanShell Sampler, line 12").unwrap();
    assert!(note < content.find("class=\"answers").unwrap());
}

#[test]
fn fifty_labels_and_thirty_steps_are_folded_and_all_there() {
    let mut analysis = fixture::stress();
    let label = analysis.labels[0].clone();
    analysis.labels = (0..50)
        .map(|index| {
            let mut label = label.clone();
            label.label = format!("GET /{index}/");
            label
        })
        .collect();
    let step = analysis.steps[0].clone();
    analysis.steps = (0..30u16)
        .map(|index| {
            let mut step = step.clone();
            step.step = loadline_events::StepId(index);
            step.load = loadline_metrics::StepLoad::Users(100 * (u32::from(index) + 1));
            step
        })
        .collect();
    check(
        &analysis,
        &["38 more labels", "27 more steps, all kept", "GET /49/"],
        &[],
    );
}

#[test]
fn nothing_at_all_is_still_a_page() {
    check(
        &fixture::empty(),
        &["No sample was recorded, so there is nothing to judge."],
        &["id=\"story\"", "NaN"],
    );
}

#[test]
fn figures_that_are_not_numbers_are_not_drawn() {
    let mut analysis = fixture::stress();
    for bin in &mut analysis.story {
        bin.p95_us = Some(f64::NAN);
        bin.users = f64::NAN;
        bin.good_per_s = f64::INFINITY;
    }
    let content = content(&analysis);
    assert!(!content.contains("NaN"));
}

#[test]
fn a_fitted_law_is_drawn_and_named() {
    let mut analysis = fixture::stress();
    analysis.scaling = loadline_analysis::Scaling::Fitted(loadline_analysis::ScalingLaw {
        rate_per_user: 0.1,
        contention: 0.0002,
        coherency: 0.0,
        greatest_load: 2000.0,
        peak: None,
        peak_refused: Some("throughput still grows".to_owned()),
    });
    check(
        &analysis,
        &[
            "scalability law",
            "Universal scalability law: contention 0.0200 %",
            "no peak is claimed: throughput still grows",
        ],
        &["NaN"],
    );
}

#[test]
fn a_label_without_samples_has_no_figures() {
    let mut analysis = fixture::stress();
    for stats in &mut analysis.labels[1].steps {
        *stats = loadline_analysis::Stats {
            throughput: Some(fixture::unclaimed(-0.0, Reason::NoInterval)),
            good_throughput: Some(fixture::unclaimed(-0.0, Reason::NoInterval)),
            ..loadline_analysis::Stats::default()
        };
    }
    check(
        &analysis,
        &["–<span class=\"ci\">no samples</span>"],
        &["−0", "0/s"],
    );
}

#[test]
fn a_cut_warm_up_says_how_long_to_hold() {
    let mut analysis = fixture::stress();
    analysis.steps[0].hold_needed_s = Some(26);
    analysis.steps[0].window = Some((16, 30));
    check(
        &analysis,
        &["warm-up of 6 s cut; hold ≥ 26 s for intervals"],
        &["Steady after 6 s"],
    );
}

#[test]
fn hatches_lie_below_the_lines() {
    let content = content(&fixture::stress());
    let story = &content[content.find("id=\"story\"").unwrap()..];
    let hatch = story.find("class=\"hatch").unwrap();
    let line = story
        .find("stroke=\"var(--ink)\" stroke-width=\"1.6\"")
        .unwrap();
    assert!(hatch < line);
    assert!(story.contains("limit, where it does not apply"));
}

#[test]
fn a_status_is_told_once() {
    let mut analysis = fixture::stress();
    analysis.errors[0].first_message = "HTTP 503: {\"error\":\"queue full\"}".to_owned();
    check(&analysis, &["queue full"], &["HTTP 503:"]);
}
