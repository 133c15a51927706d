use loadline_analysis::CellAnswer;

use super::*;
use crate::comparison_fixture::improved;

#[track_caller]
fn check(comparison: &Comparison, expected: &[&str], absent: &[&str]) {
    let page = comparison_html(comparison);
    let content = &page[page.find("<body").unwrap()..page.rfind("<script>").unwrap()];
    for words in expected {
        assert!(content.contains(words), "{words:?} is missing");
    }
    for words in absent {
        assert!(!content.contains(words), "{words:?} should not be there");
    }
}

#[test]
fn a_fix_is_told_with_its_size_and_its_doubt() {
    check(
        &improved(),
        &[
            "At 2,000 users p95 falls from 6.30 s to 13.5 ms: 470 times shorter (440–490 times).",
            "All limits hold now.",
            "Very, for these two runs",
            "26 MB more memory",
            "repeat 5 pairs to know",
            "no longer full",
            "34 % less",
        ],
        &["NaN", " style="],
    );
}

#[test]
fn sections_follow_the_questions() {
    let page = comparison_html(&improved());
    let places: Vec<_> = [
        "same", "limits", "forest", "load", "labels", "server", "files",
    ]
    .iter()
    .map(|id| page.find(&format!("<section id=\"{id}\"")).unwrap())
    .collect();
    assert!(places.is_sorted());
}

#[test]
fn runs_that_may_not_be_compared_show_only_their_differences() {
    let mut comparison = improved();
    comparison.answer = RunAnswer::NotComparable;
    comparison.comparability[0].standing = ComparabilityStanding::Refused;
    check(
        &comparison,
        &["Not comparable", "plan differs", "Differs too much"],
        &["id=\"forest\"", "id=\"labels\"", "class=\"answers\""],
    );
}

#[test]
fn an_undecided_cell_says_how_long_would_decide() {
    let mut comparison = improved();
    comparison.answer = RunAnswer::CannotTell;
    comparison.steps[2].rows[0].cells[2].answer = CellAnswer::CannotTell {
        needs_s: Some(240.0),
    };
    check(
        &comparison,
        &["Cannot tell", "needs about 4 min per step"],
        &[],
    );
}

#[test]
fn nothing_in_common_is_still_a_page() {
    let mut comparison = improved();
    comparison.steps.clear();
    comparison.headline = None;
    comparison.limits.clear();
    comparison.servers.clear();
    comparison.baseline_curve.clear();
    comparison.candidate_curve.clear();
    comparison.spread = None;
    comparison.comparability.clear();
    comparison.reasons.clear();
    check(
        &comparison,
        &["The two runs have no step in common."],
        &["id=\"forest\"", "NaN"],
    );
}

#[test]
fn text_of_both_runs_is_escaped() {
    let evil = "<script>alert(1)</script>";
    let mut comparison = improved();
    for facts in [&mut comparison.baseline, &mut comparison.candidate] {
        facts.plan_name = evil.to_owned();
        facts.target = evil.to_owned();
        facts.note = evil.to_owned();
        facts.replay = evil.to_owned();
    }
    comparison.comparability[2].baseline = evil.to_owned();
    comparison.limits[0].text = evil.to_owned();
    comparison.servers[0].name = evil.to_owned();
    comparison.notes = vec![evil.to_owned()];
    for step in &mut comparison.steps {
        step.rows[1].label = Some(evil.to_owned());
        step.refused = vec![evil.to_owned()];
    }
    let page = comparison_html(&comparison);
    assert!(!page.contains("<script>alert"));
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn effects_without_interval_or_bound_are_drawn_as_far_as_they_go() {
    let mut comparison = improved();
    let cells = &mut comparison.steps[2].rows[0].cells;
    cells[0].effect = None;
    if let Some(effect) = &mut cells[1].effect {
        effect.low = None;
        effect.high = None;
    }
    if let Some(effect) = &mut cells[2].effect {
        effect.value = 1e-5;
        effect.low = None;
    }
    check(&comparison, &["no interval on both sides", "◂"], &["NaN"]);
}
