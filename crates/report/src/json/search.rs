//! The answer of a search, format `loadline-search-summary/1`.

use loadline_analysis::{
    NotReached, SearchMethod, SearchStatus, StoppedBy, Trial, TrialOutcome, Unknown,
};
use loadline_plan::LoadUnit;
use serde_json::{Value, json};

use super::estimate::{estimate, number, optional};
use super::pretty;
use crate::search_view::SearchView;
use crate::word;

/// A search as `loadline-search-summary/1`, indented, ending with a line break.
///
/// Loads are users or arrivals per second, as `unit` says; times as in `loadline-summary/1`.
#[must_use]
pub fn search_json(view: &SearchView<'_>) -> String {
    let found = view.found;
    let mut reasons = vec![view.lead()];
    reasons.extend(view.doubts());
    let limit = found.limit.as_ref();
    let bottleneck = view.decisive().map(|analysis| {
        let finding = &analysis.bottleneck;
        json!({
            "cause": word::cause_key(finding.cause),
            "likely_only": finding.likely_only,
            "score": number(finding.score),
            "evidence": finding.evidence,
            "advice": finding.advice,
        })
    });
    pretty(&json!({
        "format": "loadline-search-summary/1",
        "status": status(found.status),
        "why": why(found.status),
        "exit_code": view.exit_code,
        "reasons": reasons,
        "plan": {"name": view.plan_name},
        "unit": match view.settings.unit {
            LoadUnit::Users => "users",
            LoadUnit::Rate => "rate",
        },
        "carried": optional(found.carried),
        "broken": optional(found.broken),
        "method": found.method.map(|method| match method {
            SearchMethod::Bracket => "bracket",
            SearchMethod::Regression => "regression",
        }),
        "precision_reached": found.precision_reached,
        "stopped_by": found.stopped_by.map(|by| match by {
            StoppedBy::Trials => "trials",
            StoppedBy::Budget => "budget",
            StoppedBy::Signal => "signal",
            StoppedBy::Generator => "generator",
        }),
        "needs_s": optional(found.needs_s),
        "limit": limit.map(|limit| limit.0.clone()),
        "label": limit.and_then(|limit| limit.1.clone()),
        "broken_trial": found.broken_trial.map(|index| index + 1),
        "turns": found.turns.iter().map(|turn| json!({
            "what": turn.what,
            "without": optional(turn.seen.map(|seen| seen.0)),
            "with": optional(turn.seen.map(|seen| seen.1)),
            "seen": turn.seen.is_some(),
        })).collect::<Vec<_>>(),
        "enough_loads": found.enough_loads,
        "bottleneck": bottleneck,
        "load_s": number(view.lengths().0),
        "duration_s": number(view.lengths().1),
        "trials": view.so_far.trials.iter().zip(view.trials).map(|(trial, row)| {
            trial_json(trial, row)
        }).collect::<Vec<_>>(),
    }))
}

fn trial_json(trial: &Trial, (reason, folder): &(String, String)) -> Value {
    json!({
        "folder": folder,
        "load": number(trial.load),
        "reason": reason,
        "window_s": trial.window_s,
        "extended": trial.extended,
        "stopped_early": trial.stopped_early,
        "outcome": match &trial.outcome {
            TrialOutcome::Pass => "pass",
            TrialOutcome::Fail => "fail",
            TrialOutcome::Inconclusive => "inconclusive",
            TrialOutcome::Invalid(_) => "invalid",
            TrialOutcome::Interrupted => "interrupted",
        },
        "invalid": match &trial.outcome {
            TrialOutcome::Invalid(why) => Some(why),
            _ => None,
        },
        "limits": trial.margins.iter().map(|margin| json!({
            "text": margin.limit,
            "label": margin.label,
            "observed": estimate(margin.observed.as_ref()),
            "bound": number(margin.bound),
            "verdict": word::verdict_key(margin.verdict),
        })).collect::<Vec<_>>(),
        "samples": trial.figures.samples,
        "good_throughput_per_s": estimate(trial.figures.good_per_s.as_ref()),
        "error_rate": estimate(trial.figures.error_rate.as_ref()),
        "response_time_us": {
            "mean": estimate(trial.figures.mean_us.as_ref()),
            "p50": estimate(trial.figures.p50_us.as_ref()),
            "p95": estimate(trial.figures.p95_us.as_ref()),
        },
        "rise": optional(trial.rising),
        "started_s": number(trial.started_s),
        "ended_s": number(trial.ended_s),
        "recovery": trial.recovery.as_ref().map(|recovery| json!({
            "recovered": recovery.recovered,
            "waited_s": number(recovery.waited_s),
            "probe_us_p50": number(recovery.probes.p50_us),
            "probe_us_p95": number(recovery.probes.p95_us),
        })),
    })
}

const fn status(status: SearchStatus) -> &'static str {
    match status {
        SearchStatus::Found => "found",
        SearchStatus::NotReached(_) => "not_reached",
        SearchStatus::Unknown(_) => "unknown",
    }
}

const fn why(status: SearchStatus) -> Option<&'static str> {
    match status {
        SearchStatus::Found => None,
        SearchStatus::NotReached(why) => Some(match why {
            NotReached::Max => "max",
            NotReached::Generator => "generator",
            NotReached::Stopped => "stopped",
        }),
        SearchStatus::Unknown(why) => Some(match why {
            Unknown::BreaksAtSmallest => "breaks_at_smallest",
            Unknown::NotRecovered { .. } => "not_recovered",
            Unknown::Decays { .. } => "decays",
            Unknown::NotMonotone { .. } => "not_monotone",
            Unknown::NothingDecided => "nothing_decided",
        }),
    }
}
