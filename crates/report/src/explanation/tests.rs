use loadline_analysis::Stats;

use super::*;
use crate::fixture;

#[test]
fn a_figure_says_what_it_counts_where_and_how() {
    let text = explanation(&fixture::stress(), "p95@step3").unwrap();
    assert!(text.starts_with("p95 = "), "{text}");
    for part in [
        "14,238 samples",
        "13,527th of 14,238",
        "4:54 to 6:30",
        "Interval",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn a_figure_of_the_run_claims_no_interval() {
    let analysis = fixture::stress();
    let text = explanation(&analysis, "p95@run").unwrap();
    assert!(text.contains("the run mixes loads"), "{text}");
    let label = analysis.labels[0].label.clone();
    let text = explanation(&analysis, &format!("mean@run of {label}")).unwrap();
    assert!(text.contains(&label), "{text}");
}

#[test]
fn every_limit_is_explained_by_its_text_spaces_aside() {
    let analysis = fixture::stress();
    for limit in &analysis.limits {
        for asked in [limit.text.clone(), limit.text.replace(' ', "")] {
            let text = explanation(&analysis, &asked).unwrap();
            assert!(text.starts_with(&limit.text), "{text}");
            assert!(text.contains("Bound"), "{text}");
        }
    }
}

#[test]
fn every_name_is_explained_or_says_what_is_missing() {
    let analysis = fixture::stress();
    for name in load::NAMES {
        match explanation(&analysis, name) {
            Ok(text) => assert!(text.contains("Method"), "{name}: {text}"),
            Err(why) => assert!(!why.0.contains("names no figure"), "{name}: {why}"),
        }
    }
    for name in step_figure::names().chain(server::names()) {
        match explanation(&analysis, &format!("{name}@step1")) {
            Ok(text) => assert!(text.starts_with(name), "{name}: {text}"),
            Err(why) => assert!(!why.0.contains("names no figure"), "{name}: {why}"),
        }
    }
}

#[test]
fn the_servers_cpu_is_a_mean_of_readings_in_the_window() {
    let text = explanation(&fixture::stress(), "cpu@step2").unwrap();
    assert!(text.contains("mean of the readings"), "{text}");
    assert!(text.contains("cores"), "{text}");
}

#[test]
fn what_cannot_be_explained_says_what_can() {
    let analysis = fixture::stress();
    let why = |asked: &str| explanation(&analysis, asked).unwrap_err().0;
    assert!(why("p95").contains("p95@step2"));
    assert!(why("p42@step1").contains("throughput"));
    assert!(why("p95@step0").contains("no step 0"));
    assert!(why("p95@step99").contains("the run has"));
    assert!(why("p95@step1 of nothing").contains("no label `nothing`"));
    assert!(why("cpu@step1 of nothing").contains("no server `nothing`"));
    assert!(why("cpu@run").contains("cpu@step1"));
    assert!(why("").contains("breaking-point"));
}

#[test]
fn a_step_without_samples_says_so() {
    let mut analysis = fixture::stress();
    analysis.steps[0].stats = Stats::default();
    let text = explanation(&analysis, "p95@step1").unwrap();
    assert!(text.contains("was not measured"), "{text}");
}
