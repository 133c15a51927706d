//! The comparison of two runs, format `loadline-comparison/1`.

use loadline_analysis::{
    CellAnswer, ComparabilityStanding, Comparison, ComparisonCell, EffectKind, LimitComparison,
    StepComparison, Verdict,
};
use loadline_metrics::RunFacts;
use serde_json::{Value, json};

use super::estimate::{estimate, number, optional};
use super::pretty;
use crate::calendar::Utc;
use crate::effect;
use crate::word;

/// A comparison as `loadline-comparison/1`, indented, ending with a line break.
///
/// Units as in `loadline-summary/1`; ratios are candidate over baseline, differences candidate minus
/// baseline.
#[must_use]
pub fn comparison_json(comparison: &Comparison) -> String {
    let mut reasons = vec![effect::lead(comparison)];
    reasons.extend(comparison.reasons.iter().cloned());
    let regressed = comparison.answer == loadline_analysis::RunAnswer::Regressed;
    pretty(&json!({
        "format": "loadline-comparison/1",
        "answer": word::run_answer_key(comparison.answer),
        "exit_code": if regressed { 98 } else { 0 },
        "reasons": reasons,
        "min_effect": number(comparison.min_effect),
        "runs": {"baseline": comparison.runs.0, "candidate": comparison.runs.1},
        "baseline": run(&comparison.baseline, comparison.verdicts.0),
        "candidate": run(&comparison.candidate, comparison.verdicts.1),
        "comparability": comparison.comparability.iter().map(|row| json!({
            "what": row.what,
            "baseline": row.baseline,
            "candidate": row.candidate,
            "standing": match row.standing {
                ComparabilityStanding::Same => "same",
                ComparabilityStanding::Warning => "warning",
                ComparabilityStanding::Refused => "refused",
            },
            "consequence": row.consequence,
        })).collect::<Vec<_>>(),
        "headline_step": comparison.headline,
        "steps": comparison.steps.iter().map(step).collect::<Vec<_>>(),
        "limits": comparison.limits.iter().map(limit).collect::<Vec<_>>(),
        "servers": comparison.servers.iter().map(|server| json!({
            "name": server.name,
            "busiest_thread_cores": pair(server.busiest_thread),
            "cpu_cores": pair(server.cpu_cores),
            "cpu_ratio": pair(server.cpu_ratio),
            "cpu_us_per_request": {
                "baseline": estimate(server.cpu_us_per_request.0.as_ref()),
                "candidate": estimate(server.cpu_us_per_request.1.as_ref()),
            },
            "memory_peak_bytes": pair(server.memory_peak_bytes),
        })).collect::<Vec<_>>(),
        "notes": comparison.notes,
    }))
}

fn run(facts: &RunFacts, verdict: Verdict) -> Value {
    json!({
        "verdict": word::verdict_key(verdict),
        "plan": {
            "name": facts.plan_name,
            "hash": facts.plan_hash,
            "source": facts.plan_source,
        },
        "seed": facts.seed,
        "target": facts.target,
        "started_at": Utc::from_epoch_ms(facts.started_at_ms).rfc3339(),
        "duration_s": number(facts.duration_us as f64 / 1e6),
        "note": facts.note,
    })
}

fn pair(values: (Option<f64>, Option<f64>)) -> Value {
    json!({"baseline": optional(values.0), "candidate": optional(values.1)})
}

fn step(step: &StepComparison) -> Value {
    json!({
        "baseline_step": step.baseline_step.0,
        "candidate_step": step.candidate_step.0,
        (word::load_key(step.load)): number(step.load.value()),
        "refused": step.refused,
        "rows": step.rows.iter().map(|row| json!({
            "label": row.label,
            "cells": row.cells.iter().map(cell).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn cell(cell: &ComparisonCell) -> Value {
    let needs = match cell.answer {
        CellAnswer::CannotTell { needs_s } => optional(needs_s),
        _ => Value::Null,
    };
    json!({
        "metric": effect::metric_key(cell.metric),
        "baseline": estimate(Some(&cell.baseline)),
        "candidate": estimate(Some(&cell.candidate)),
        "effect": cell.effect.map(|effect| json!({
            "kind": match effect.kind {
                EffectKind::Ratio => "ratio",
                EffectKind::Difference => "difference",
            },
            "value": number(effect.value),
            "low": optional(effect.low),
            "high": optional(effect.high),
        })),
        "answer": word::cell_answer_key(cell.answer),
        "needs_s": needs,
        "stands_after_correction": cell.stands_after_correction,
    })
}

fn limit(limit: &LimitComparison) -> Value {
    let side = |side: &Option<(Verdict, Option<loadline_analysis::Estimate>)>| {
        side.as_ref().map(|(verdict, observed)| {
            json!({
                "verdict": word::verdict_key(*verdict),
                "observed": estimate(observed.as_ref()),
            })
        })
    };
    json!({
        "text": limit.text,
        "bound": number(limit.bound),
        "baseline": side(&limit.baseline),
        "candidate": side(&limit.candidate),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison_fixture::improved;

    #[test]
    fn a_comparison_carries_answers_effects_and_reasons() {
        let value: Value = serde_json::from_str(&comparison_json(&improved())).unwrap();
        assert_eq!(value["format"], "loadline-comparison/1");
        assert_eq!(value["answer"], "improved");
        assert_eq!(value["exit_code"], 0);
        let cell = &value["steps"][2]["rows"][0]["cells"][2];
        assert_eq!(cell["metric"], "p95");
        assert_eq!(cell["effect"]["kind"], "ratio");
        assert_eq!(value["steps"][2]["users"], 2000);
        assert_eq!(value["limits"][1]["baseline"]["verdict"], "fail");
    }

    #[test]
    fn a_regression_has_its_exit_code() {
        let mut comparison = improved();
        comparison.answer = loadline_analysis::RunAnswer::Regressed;
        let value: Value = serde_json::from_str(&comparison_json(&comparison)).unwrap();
        assert_eq!(value["exit_code"], 98);
    }
}
