use loadline_analysis::{BreakingStatus, Cause, CauseScore, Reason, StepState, Verdict};
use loadline_events::StopReason;

use super::*;
use crate::fixture;

fn text(analysis: &Analysis, width: usize) -> String {
    let paths = RunPaths {
        folder: "loadline-runs/2026-11-23T10-15-02Z-backend-stress-test".to_owned(),
        report: "loadline-runs/2026-11-23T10-15-02Z-backend-stress-test/report.html".to_owned(),
    };
    let style = TextStyle {
        color: false,
        width,
        ascii: false,
    };
    summary_text(analysis, &paths, style)
}

#[test]
fn the_summary_fits_a_screen_of_a_hundred_columns() {
    insta::assert_snapshot!(text(&fixture::stress(), 100), @r#"
    FAIL  Errors reach 13.6 % at 2,000 users; the plan allows 10 %.
          Every limit holds up to 1,500 users. The server never crashed.

    Limits                                measured   95 % interval   bound    where
      ✓ pass  p95 < 5s at users <= 1000     106 ms   88–125 ms       5 s      GET /posts/, 1,000 users
      ✗ FAIL  errors <= 10%                 13.6 %   11.6–15.8 %     10 %     2,000 users
      ✓ pass  server backend alive           alive                   always   390 of 390 s

    Steps    good/s  errors                  p50                 p95                 p99     max  CPU
      1,000    99.9  0      (≤ 0.032)    18.5 ms (16.5–20.6)  100 ms (83–118)     175 ms  384 ms  75%
      1,500     135  0      (≤ 0.033)     1.07 s (0.84–1.34)  2.38 s (1.59–2.99)  2.85 s  3.30 s 100%
      2,000     133  13.6%  (11.6–15.8)   2.77 s (2.49–3.06)  6.30 s (5.91–6.53)  6.57 s  6.78 s 100%
    Labels at 2,000 users    good/s  errors     p50                 p95                 p99
      GET /posts/              44.4  13.6%   2.94 s (2.64–3.24)  6.68 s (6.26–6.92)  6.96 s
      POST /posts/             44.4  13.6%   2.77 s (2.49–3.06)  6.30 s (5.91–6.53)  6.57 s
      GET /users/{user_id}/    44.4  13.6%   2.60 s (2.34–2.88)  5.92 s (5.56–6.14)  6.18 s

    Errors      HTTP 503 × 2,347, first at 4:31, all labels: {"error":"queue full"}
    Server      backend: busiest thread 100 % of one core, full since 2:13 · CPU, all cores 27 % of the
                cores it may use · open files 3.1 % of its limit · memory 170 MB
    Generator   healthy: lag p99 410 µs, CPU 4.1 %, nothing dropped
    Breaks      between 1,500 and 2,000 users (errors <= 10%), from 3 steps. 3 loads: too few to place
                the knee; more steps narrow it (`--steps`).
    Bottleneck  a single thread is full. The busiest thread rises with load, 74.5 → 99.8 → 99.9 % of one
                core.
    Advice      Serve requests on several threads or processes. Give GET /posts/ pages: it sends 41.2 kB
                an answer.

    Report      loadline-runs/2026-11-23T10-15-02Z-backend-stress-test/report.html
    Replay      loadline run stress.yaml --server local --seed 7        plan hash 6f1c 09ab
    "#);
}

#[test]
fn narrow_terminals_lose_columns_in_a_fixed_order() {
    insta::assert_snapshot!(text(&fixture::stress(), 80), @r#"
    FAIL  Errors reach 13.6 % at 2,000 users; the plan allows 10 %.
          Every limit holds up to 1,500 users. The server never crashed.

    Limits                                measured   95 % interval   bound
      ✓ pass  p95 < 5s at users <= 1000     106 ms   88–125 ms       5 s
      ✗ FAIL  errors <= 10%                 13.6 %   11.6–15.8 %     10 %
          where: 2,000 users
      ✓ pass  server backend alive           alive                   always

    Steps    good/s  errors                  p50     p95              CPU
      1,000    99.9  0      (≤ 0.032)    18.5 ms  100 ms (83–118)     75%
      1,500     135  0      (≤ 0.033)     1.07 s  2.38 s (1.59–2.99) 100%
      2,000     133  13.6%  (11.6–15.8)   2.77 s  6.30 s (5.91–6.53) 100%
    Labels at 2,000 users    good/s  errors     p50                 p95
      GET /posts/              44.4  13.6%   2.94 s (2.64–3.24)  6.68 s (6.26–6.92)
      POST /posts/             44.4  13.6%   2.77 s (2.49–3.06)  6.30 s (5.91–6.53)
      GET /users/{user_id}/    44.4  13.6%   2.60 s (2.34–2.88)  5.92 s (5.56–6.14)

    Errors      HTTP 503 × 2,347, first at 4:31, all labels: {"error":"queue full"}
    Server      backend: busiest thread 100 % of one core, full since 2:13 · CPU,
                all cores 27 % of the cores it may use · open files 3.1 % of its
                limit · memory 170 MB
    Generator   healthy: lag p99 410 µs, CPU 4.1 %, nothing dropped
    Breaks      between 1,500 and 2,000 users (errors <= 10%), from 3 steps. 3
                loads: too few to place the knee; more steps narrow it (`--steps`).
    Bottleneck  a single thread is full. The busiest thread rises with load, 74.5 →
                99.8 → 99.9 % of one core.
    Advice      Serve requests on several threads or processes. Give GET /posts/
                pages: it sends 41.2 kB an answer.

    Report      loadline-runs/2026-11-23T10-15-02Z-backend-stress-test/report.html
    Replay      loadline run stress.yaml --server local --seed 7
                plan hash 6f1c 09ab
    "#);
}

#[test]
fn every_width_stays_within_its_columns() {
    for width in [80, 100, 120] {
        for line in text(&fixture::stress(), width).lines() {
            let whole = line.starts_with("Report") || line.starts_with("Replay");
            assert!(whole || line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn growth_is_told_where_one_load_does_not_tell_of_a_limit() {
    let mut analysis = fixture::stress();
    let finding = &mut analysis.bottleneck;
    finding.cause = Cause::Unknown;
    finding.knee_step = None;
    finding.runner_up = Some(CauseScore {
        cause: Cause::MemoryLeak,
        score: 0.3,
    });
    finding.evidence = vec!["Its memory grew by 60 MB.".to_owned()];
    finding.looked_at = vec!["CPU of all its cores: 95 %".to_owned()];
    finding.not_looked_at.clear();
    assert!(text(&analysis, 120).contains(
        "\nBottleneck  not known. Its memory grew by 60 MB. Looked at: CPU of all its cores: 95 %.\n"
    ));
}

#[test]
fn many_labels_show_the_slowest() {
    let mut analysis = fixture::stress();
    let label = analysis.labels[0].clone();
    analysis.labels = (0..50).map(|_| label.clone()).collect();
    assert!(text(&analysis, 100).contains("\n  … 45 more\n"));
}

#[test]
fn labels_that_never_ran_are_named_below_the_others() {
    let mut analysis = fixture::stress();
    assert!(!text(&analysis, 100).contains("Never ran"));
    analysis.never_ran = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
    assert!(text(&analysis, 100).contains("\nNever ran: a, b, c, d and 2 more.\n"));
}

#[test]
fn colour_marks_verdicts_only() {
    let style = TextStyle {
        color: true,
        width: 100,
        ascii: false,
    };
    let text = summary_text(&fixture::stress(), &RunPaths::default(), style);
    assert!(text.starts_with("\u{1b}[1;31mFAIL\u{1b}[0m  Errors"));
    assert_eq!(text.matches("\u{1b}[0m").count(), 4);
}

#[test]
fn ascii_terminals_get_ascii_only() {
    let style = TextStyle {
        color: false,
        width: 100,
        ascii: true,
    };
    assert!(summary_text(&fixture::stress(), &RunPaths::default(), style).is_ascii());
}

#[test]
fn servers_cannot_write_to_the_terminal() {
    let mut analysis = fixture::stress();
    analysis.errors[0].first_message = "\u{1b}[2J".to_owned();
    analysis.labels[0].label = "GET /\u{1b}]0;x\u{7}".to_owned();
    assert!(!text(&analysis, 100).contains('\u{1b}'));
}

#[test]
fn a_rising_step_has_a_state_instead_of_an_interval() {
    let mut analysis = fixture::stress();
    analysis.steps[2].state = StepState::Rising { per_second: 0.021 };
    assert!(text(&analysis, 120).contains("6.30 s (rising, +2.1 %/s)"));
}

#[test]
fn an_invalid_run_says_why_and_keeps_its_values() {
    let mut analysis = fixture::stress();
    analysis.verdict = Verdict::Invalid;
    analysis.steps[2].invalid = vec!["94 % of its own CPU was used".to_owned()];
    let text = text(&analysis, 100);
    assert!(text.starts_with("INVALID  Not to be trusted: at 2,000 users, 94 %"));
    assert!(text.contains("2,000 users not to be trusted: 94 % of its own CPU was used."));
}

#[test]
fn one_sample_has_no_percentiles() {
    let mut analysis = fixture::empty();
    analysis.totals.samples = 1;
    analysis.totals.response.max = Some(12_300.0);
    let text = text(&analysis, 100);
    assert!(text.starts_with("MEASURED  One sample was answered in 12.3 ms.\n"));
    assert!(text.contains("1 sample: nothing can be said about a second."));
}

#[test]
fn a_run_cut_off_says_so() {
    let mut analysis = fixture::stress();
    analysis.facts.stop = StopReason::CutOff;
    assert!(text(&analysis, 100).contains("the last second may be missing."));
}

#[test]
fn too_few_samples_show_no_number() {
    let mut analysis = fixture::stress();
    analysis.steps[0].stats.response.p99 = Some(fixture::unclaimed(
        1.0,
        Reason::TooFewSamples { need: 1000 },
    ));
    assert!(text(&analysis, 120).contains("not enough"));
}

#[test]
fn where_a_limit_failed_is_never_lost() {
    let mut analysis = fixture::stress();
    analysis.limits[1].text =
        "errors <= 10% at users >= 1500 for 'GET /users/{user_id}/'".to_owned();
    let cell = analysis.limits[1].decisive.as_mut().unwrap();
    cell.label = Some("GET /users/{user_id}/".to_owned());
    for width in [60, 80, 100] {
        let text = text(&analysis, width);
        assert!(
            text.contains("where: GET /users/{user_id}/, 2,000 users"),
            "{text}"
        );
        assert!(!text.contains("where: GET /posts/"), "{text}");
    }
    assert!(text(&analysis, 140).contains(" GET /users/{user_id}/, 2,000 users\n"));
}

#[test]
fn a_label_without_samples_has_no_figures() {
    let mut analysis = fixture::stress();
    let stats = &mut analysis.labels[1].steps[2];
    *stats = loadline_analysis::Stats {
        throughput: Some(fixture::unclaimed(-0.0, Reason::NoInterval)),
        good_throughput: Some(fixture::unclaimed(-0.0, Reason::NoInterval)),
        ..loadline_analysis::Stats::default()
    };
    let text = text(&analysis, 100);
    let line = text.lines().find(|line| line.contains("  POST /posts/"));
    let words: Vec<_> = line.unwrap().split_whitespace().collect();
    assert_eq!(
        words,
        [
            "POST", "/posts/", "–", "–", "–", "–", "(no", "samples)", "–"
        ]
    );
}

#[test]
fn a_status_is_told_once() {
    let mut analysis = fixture::stress();
    analysis.errors[0].first_message = "HTTP 503: {\"error\":\"queue full\"}".to_owned();
    assert_eq!(text(&analysis, 100), text(&fixture::stress(), 100));
    analysis.errors[0].first_message = "HTTP 503".to_owned();
    assert!(text(&analysis, 100).contains("first at 4:31, all labels\n"));
}

#[test]
fn a_cut_warm_up_says_how_long_to_hold() {
    let mut analysis = fixture::stress();
    let step = &mut analysis.steps[0];
    step.hold_needed_s = Some(26);
    step.window = Some((16, 30));
    let text = text(&analysis, 120);
    assert!(text.contains("(warm-up cut)"), "{text}");
    assert!(
        text.contains("  1,000 users: warm-up of 6 s cut; hold ≥ 26 s for intervals.\n"),
        "{text}"
    );
}

#[test]
fn an_open_limit_leaves_the_breaking_point_open() {
    let mut analysis = fixture::stress();
    analysis.breaking_point.status = BreakingStatus::NotReached;
    analysis.verdict = Verdict::Inconclusive;
    analysis.limits[1].verdict = Verdict::Inconclusive;
    let cell = analysis.limits[1].decisive.as_mut().unwrap();
    cell.why = "the interval holds the bound".to_owned();
    let text = text(&analysis, 160);
    assert!(
        text.contains(
            "Breaks      open: not seen up to 2,000 users, but a limit is open, errors <= 10%: the \
             interval holds the bound.\n"
        ),
        "{text}"
    );
}

#[test]
fn a_host_full_of_other_programs_is_named_though_the_figures_are_bent() {
    let mut analysis = fixture::crowded();
    analysis.verdict = Verdict::Invalid;
    let text = text(&analysis, 160);
    assert!(
        text.contains("Bottleneck  the shared machine is full. The machine's CPU is 99 % full"),
        "{text}"
    );
    assert!(text.contains("Advice      Stop other programs"), "{text}");
    assert!(!text.contains("Loadline itself"), "{text}");
}
