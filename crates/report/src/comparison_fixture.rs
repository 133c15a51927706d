//! A sample comparison for the tests: a fix that makes everything faster.

use loadline_analysis::{
    CellAnswer, ComparabilityRow, ComparabilityStanding, ComparedMetric, Comparison,
    ComparisonCell, CurvePoint, Effect, EffectKind, LabelComparison, LimitComparison, RunAnswer,
    ServerComparison, StepComparison, Verdict,
};
use loadline_events::StepId;
use loadline_metrics::StepLoad;

use crate::fixture::{claimed, stress};

/// Mean, p50, p95 and p99 of baseline and candidate in ms, throughput and error rate of both.
type Row = (u32, [(f64, f64); 4], (f64, f64), (f64, f64));

const STEPS: [Row; 3] = [
    (
        1000,
        [(30.4, 5.78), (18.5, 4.75), (99.7, 13.4), (175.0, 19.0)],
        (99.9, 99.8),
        (0.0, 0.0),
    ),
    (
        1500,
        [
            (1140.0, 5.8),
            (1070.0, 4.77),
            (2380.0, 13.4),
            (2850.0, 19.3),
        ],
        (135.0, 150.0),
        (0.0, 0.0),
    ),
    (
        2000,
        [
            (3030.0, 5.81),
            (2770.0, 4.77),
            (6300.0, 13.5),
            (6570.0, 19.0),
        ],
        (133.0, 199.0),
        (0.136, 0.0),
    ),
];

/// The stress test before and after its fix.
pub(crate) fn improved() -> Comparison {
    let run = stress();
    let mut candidate = run.facts.clone();
    candidate.started_at_ms += 26 * 60 * 1000;
    let steps: Vec<StepComparison> = STEPS.iter().enumerate().map(step).collect();
    let curve = |side: fn((f64, f64)) -> f64| -> Vec<CurvePoint> {
        STEPS
            .iter()
            .map(|row| {
                let time = |pair: (f64, f64)| {
                    let value = side(pair) * 1000.0;
                    Some(claimed(value, value * 0.9, value * 1.1))
                };
                let good = side(row.2);
                CurvePoint {
                    load: StepLoad::Users(row.0),
                    p50: time(row.1[1]),
                    p95: time(row.1[2]),
                    good_throughput: Some(claimed(good, good * 0.98, good * 1.02)),
                    error_rate: Some(claimed(side(row.3), 0.0, side(row.3) + 0.001)),
                    busiest_thread: Some(side((0.99, 0.27))),
                    cpu_ratio: Some(side((0.265, 0.258))),
                }
            })
            .collect()
    };
    let mut spread = (run.spread[2].clone(), run.spread[0].clone());
    spread.1.load = spread.0.load;
    Comparison {
        baseline: run.facts,
        candidate,
        verdicts: (Verdict::Fail, Verdict::Pass),
        answer: RunAnswer::Improved,
        reasons: vec!["p95 at 2,000 users is shorter".to_owned()],
        comparability: vec![
            comparable("plan", ComparabilityStanding::Same, ""),
            comparable("steps", ComparabilityStanding::Same, ""),
            comparable(
                "error rate at 2,000 users",
                ComparabilityStanding::Warning,
                "Fast errors pull the baseline's p50 down.",
            ),
        ],
        min_effect: 0.05,
        headline: Some(2),
        steps,
        limits: vec![
            LimitComparison {
                text: "p95 < 5s at users <= 1000".to_owned(),
                baseline: Some((Verdict::Pass, Some(claimed(106e3, 87.5e3, 125e3)))),
                candidate: Some((Verdict::Pass, Some(claimed(16.2e3, 15.6e3, 16.8e3)))),
                bound: 5e6,
            },
            LimitComparison {
                text: "errors <= 10%".to_owned(),
                baseline: Some((Verdict::Fail, Some(claimed(0.136, 0.116, 0.158)))),
                candidate: Some((Verdict::Pass, Some(claimed(0.0, 0.0, 0.000_161)))),
                bound: 0.1,
            },
            LimitComparison {
                text: "server backend alive".to_owned(),
                baseline: Some((Verdict::Pass, None)),
                candidate: None,
                bound: 0.0,
            },
        ],
        servers: vec![ServerComparison {
            name: "backend".to_owned(),
            busiest_thread: (Some(0.999), Some(0.271)),
            cpu_cores: (Some(1.06), Some(1.03)),
            cpu_ratio: (Some(0.265), Some(0.258)),
            cpu_us_per_request: (
                Some(claimed(7420.0, 7200.0, 7600.0)),
                Some(claimed(4900.0, 4840.0, 4960.0)),
            ),
            memory_peak_bytes: (Some(143e6), Some(169e6)),
        }],
        runs: (1, 1),
        notes: vec![],
        baseline_curve: curve(|pair| pair.0),
        candidate_curve: curve(|pair| pair.1),
        spread: Some(spread),
    }
}

fn comparable(what: &str, standing: ComparabilityStanding, consequence: &str) -> ComparabilityRow {
    ComparabilityRow {
        what: what.to_owned(),
        baseline: "13.6 %".to_owned(),
        candidate: "0".to_owned(),
        standing,
        consequence: consequence.to_owned(),
    }
}

fn step((index, row): (usize, &Row)) -> StepComparison {
    let labels = [None, Some("GET /posts/"), Some("POST /posts/")];
    StepComparison {
        baseline_step: StepId(index as u16),
        candidate_step: StepId(index as u16),
        load: StepLoad::Users(row.0),
        refused: vec![],
        rows: labels
            .iter()
            .map(|label| LabelComparison {
                label: label.map(str::to_owned),
                cells: cells(row),
            })
            .collect(),
    }
}

fn cells(row: &Row) -> Vec<ComparisonCell> {
    let metrics = [
        ComparedMetric::Mean,
        ComparedMetric::P50,
        ComparedMetric::P95,
        ComparedMetric::P99,
    ];
    let mut cells: Vec<ComparisonCell> = metrics
        .iter()
        .zip(row.1)
        .map(|(metric, (before, after))| ratio(*metric, before * 1000.0, after * 1000.0))
        .collect();
    cells.push(ratio(ComparedMetric::GoodThroughput, row.2.0, row.2.1));
    let difference = row.3.1 - row.3.0;
    cells.push(ComparisonCell {
        metric: ComparedMetric::ErrorRate,
        baseline: claimed(row.3.0, row.3.0 * 0.9, row.3.0 + 0.000_3),
        candidate: claimed(row.3.1, 0.0, 0.000_2),
        effect: Some(effect(
            EffectKind::Difference,
            difference,
            difference - 0.02,
            difference + 0.02,
        )),
        answer: if difference < -0.05 {
            CellAnswer::Improved
        } else {
            CellAnswer::NoSignificantChange
        },
        stands_after_correction: difference < -0.05,
    });
    cells
}

fn ratio(metric: ComparedMetric, before: f64, after: f64) -> ComparisonCell {
    let value = after / before;
    let changed = !(0.95..=1.05).contains(&value);
    ComparisonCell {
        metric,
        baseline: claimed(before, before * 0.95, before * 1.05),
        candidate: claimed(after, after * 0.98, after * 1.02),
        effect: Some(effect(EffectKind::Ratio, value, value * 0.95, value * 1.06)),
        answer: if changed {
            CellAnswer::Improved
        } else {
            CellAnswer::NoSignificantChange
        },
        stands_after_correction: changed,
    }
}

fn effect(kind: EffectKind, value: f64, low: f64, high: f64) -> Effect {
    Effect {
        kind,
        value,
        low: Some(low),
        high: Some(high),
        low90: Some(low),
        high90: Some(high),
    }
}
