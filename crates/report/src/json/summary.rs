//! `summary.json`: the analysis of a run, format `loadline-summary/1`.

use loadline_analysis::{
    Analysis, ErrorClass, HealthStanding, LabelAnalysis, LimitResult, ResourceUse, Scaling,
    ServerAnalysis, Stats, StepAnalysis, TimeStats, Verdict,
};
use loadline_events::{Signal, StopReason};
use serde_json::{Map, Value, json};

use super::estimate::{estimate, number, optional, stats, times};
use super::pretty;
use crate::calendar::Utc;
use crate::limit_metric::LimitMetric;
use crate::sentence;
use crate::word;

/// The analysis of a run as `loadline-summary/1`, indented, ending with a line break.
///
/// Times are in microseconds, shares in [0, 1], rates per second, sizes in bytes, seconds of the
/// run counted from its start. `exit_code` is that of a run without `--strict`.
#[must_use]
pub fn summary_json(analysis: &Analysis) -> String {
    let facts = &analysis.facts;
    let seconds = facts.duration_us as f64 / 1e6;
    let headline = sentence::headline(analysis).lead;
    let reasons = if analysis.reasons.is_empty() {
        vec![headline.clone()]
    } else {
        analysis.reasons.clone()
    };
    pretty(&json!({
        "format": "loadline-summary/1",
        "verdict": word::verdict_key(analysis.verdict),
        "exit_code": exit_code(analysis),
        "headline": headline,
        "reasons": reasons,
        "plan": {
            "name": facts.plan_name,
            "hash": facts.plan_hash,
            "source": facts.plan_source,
        },
        "seed": facts.seed,
        "target": facts.target,
        "started_at": Utc::from_epoch_ms(facts.started_at_ms).rfc3339(),
        "duration_s": number(seconds),
        "stopped": stop_key(facts.stop),
        "version": facts.version,
        "replay": facts.replay,
        "note": facts.note,
        "unsupported": facts.unsupported,
        "totals": totals(&analysis.totals),
        "steps": analysis.steps.iter().map(|row| step(analysis, row)).collect::<Vec<_>>(),
        "labels": analysis.labels.iter().map(label).collect::<Vec<_>>(),
        "never_ran": analysis.never_ran,
        "limits": analysis.limits.iter().map(limit).collect::<Vec<_>>(),
        "errors": analysis.errors.iter().map(error).collect::<Vec<_>>(),
        "servers": analysis
            .servers
            .iter()
            .enumerate()
            .map(|(index, row)| server(analysis, index, row))
            .collect::<Vec<_>>(),
        "breaking_point": breaking_point(analysis),
        "demand": analysis.demand.iter().map(|row| json!({
            "server": row.server,
            "signal": row.signal.key(),
            "demand_us": estimate(Some(&row.demand_us)),
            "background_cores": number(row.background_cores),
            "available_cores": number(row.available_cores),
            "capacity_per_s": estimate(Some(&row.capacity_per_s)),
            "observed_per_s": number(row.observed_per_s),
        })).collect::<Vec<_>>(),
        "scaling": scaling(&analysis.scaling),
        "bottleneck": bottleneck(analysis),
        "generator": generator(analysis),
        "anomalies": analysis.anomalies.iter().map(|anomaly| json!({
            "kind": word::anomaly_key(anomaly.kind),
            "start_s": anomaly.start_s,
            "end_s": anomaly.end_s,
            "what": anomaly.what,
        })).collect::<Vec<_>>(),
    }))
}

/// The exit code that the run alone calls for.
fn exit_code(analysis: &Analysis) -> u8 {
    match (analysis.facts.stop, analysis.verdict) {
        (StopReason::Unreachable, _) => 1,
        (_, Verdict::Fail) => 99,
        (_, Verdict::Invalid) => 97,
        (StopReason::Signal, _) => 105,
        (_, Verdict::Pass | Verdict::Measured | Verdict::Inconclusive) => 0,
    }
}

const fn stop_key(stop: StopReason) -> &'static str {
    match stop {
        StopReason::Completed => "completed",
        StopReason::Signal => "signal",
        StopReason::Limit => "limit",
        StopReason::Plan => "plan",
        StopReason::Unreachable => "unreachable",
        StopReason::CutOff => "cut_off",
    }
}

fn totals(figures: &Stats) -> Value {
    let mut object = Map::new();
    stats(
        &mut object,
        figures,
        &TimeStats::default(),
        &TimeStats::default(),
    );
    Value::Object(object)
}

fn step(analysis: &Analysis, step: &StepAnalysis) -> Value {
    let mut object = Map::new();
    let mut insert = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    insert("index", json!(step.step.0));
    insert(word::load_key(step.load), number(step.load.value()));
    insert("start_s", number(step.hold_start_s));
    insert("end_s", number(step.end_s));
    insert("ramp_start_s", number(step.ramp_start_s));
    let steady = match step.window {
        Some((start, end)) if matches!(step.state, loadline_analysis::StepState::Steady) => {
            json!({"start_s": start, "end_s": end})
        }
        _ => Value::Null,
    };
    insert("steady", steady);
    insert("state", json!(word::state_key(&step.state)));
    insert(
        "window",
        step.window.map_or(
            Value::Null,
            |(start, end)| json!({"start_s": start, "end_s": end}),
        ),
    );
    insert("detectable_rise", optional(step.detectable_rise));
    insert("connections_opened", json!(step.connections_opened));
    insert("retried", json!(step.retried));
    insert("invalid", json!(step.invalid));
    stats(&mut object, &step.stats, &step.connect, &step.first_byte);
    for (key, part) in [
        ("resolve_time_us", &step.network.resolve),
        ("tcp_time_us", &step.network.tcp),
        ("tls_time_us", &step.network.tls),
        ("send_time_us", &step.network.send),
        ("wait_time_us", &step.network.wait),
    ] {
        object.insert(key.to_owned(), times(part));
    }
    let mut servers = Map::new();
    for (server, figures) in analysis.servers.iter().zip(&step.servers) {
        let mut entry = Map::new();
        entry.insert(
            "cpu_ratio".to_owned(),
            cpu_ratio(std::slice::from_ref(figures)),
        );
        for (signal, mean, max) in &figures.signals {
            entry.insert(
                signal.key().to_owned(),
                json!({"mean": number(*mean), "max": number(*max)}),
            );
        }
        entry.insert(
            "cpu_us_per_request".to_owned(),
            estimate(figures.cpu_us_per_request.as_ref()),
        );
        servers.insert(server.name.clone(), Value::Object(entry));
    }
    object.insert("servers".to_owned(), Value::Object(servers));
    Value::Object(object)
}

/// Mean and greatest CPU use over the cores that the server may use, over the given steps.
fn cpu_ratio(steps: &[loadline_analysis::ServerStep]) -> Value {
    let ratio = |cores: Option<f64>, step: &loadline_analysis::ServerStep| {
        let allowed = step
            .mean(Signal::CpuAllowedCores)
            .filter(|cores| *cores > 0.0)?;
        Some(cores? / allowed)
    };
    let means: Vec<f64> = steps
        .iter()
        .filter_map(|step| ratio(step.mean(Signal::CpuCores), step))
        .collect();
    let max = steps
        .iter()
        .filter_map(|step| ratio(step.peak(Signal::CpuCores), step))
        .max_by(f64::total_cmp);
    mean_and_max(&means, max)
}

fn signal_over(steps: &[loadline_analysis::ServerStep], signal: Signal) -> Value {
    let means: Vec<f64> = steps.iter().filter_map(|step| step.mean(signal)).collect();
    let max = steps
        .iter()
        .filter_map(|step| step.peak(signal))
        .max_by(f64::total_cmp);
    mean_and_max(&means, max)
}

fn mean_and_max(means: &[f64], max: Option<f64>) -> Value {
    if means.is_empty() {
        return Value::Null;
    }
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    json!({"mean": number(mean), "max": optional(max)})
}

fn label(label: &LabelAnalysis) -> Value {
    let mut object = Map::new();
    object.insert("label".to_owned(), json!(label.label));
    object.insert("transaction".to_owned(), json!(label.transaction));
    stats(
        &mut object,
        &label.totals,
        &TimeStats::default(),
        &TimeStats::default(),
    );
    object.insert(
        "steps".to_owned(),
        Value::Array(label.steps.iter().map(totals).collect()),
    );
    Value::Object(object)
}

fn limit(limit: &LimitResult) -> Value {
    let cell = limit.decisive.as_ref();
    let observed = cell.and_then(|cell| cell.observed.as_ref());
    let figure = |pick: fn(&loadline_analysis::Estimate) -> Option<f64>| {
        optional(
            observed
                .filter(|observed| sentence::shows_a_value(observed))
                .and_then(pick),
        )
    };
    let alive = matches!(LimitMetric::of(&limit.text), LimitMetric::Alive(_));
    json!({
        "text": limit.text,
        "verdict": word::verdict_key(limit.verdict),
        "observed": figure(|observed| Some(observed.value)),
        "low": figure(|observed| observed.low),
        "high": figure(|observed| observed.high),
        "bound": if alive { Value::Null } else { number(limit.bound) },
        "where": cell.map_or_else(String::new, |cell| sentence::place(limit, cell)),
        "label": cell.and_then(|cell| cell.label.clone()),
        "step": cell.and_then(|cell| cell.step).map(|step| step.0),
        "why": cell.map_or("", |cell| cell.why.as_str()),
        "needs_s": optional(cell.and_then(|cell| cell.needs_s)),
    })
}

fn error(class: &ErrorClass) -> Value {
    json!({
        "kind": class.kind.word(),
        "status": if class.status == 0 { Value::Null } else { json!(class.status) },
        "message": class.first_message,
        "label": class.labels.first(),
        "labels": class.labels,
        "count": class.count,
        "first_s": class.first_s,
        "last_s": class.last_s,
    })
}

fn server(analysis: &Analysis, index: usize, server: &ServerAnalysis) -> Value {
    let steps: Vec<_> = analysis
        .steps
        .iter()
        .filter_map(|step| step.servers.get(index).cloned())
        .collect();
    json!({
        "name": server.name,
        "source": server.source,
        "description": server.description,
        "alive": server.alive,
        "died_s": optional(server.died_s),
        "process_ended": server.process_ended,
        "alive_readings": server.alive_readings.0,
        "readings": server.alive_readings.1,
        "cpu_ratio": cpu_ratio(&steps),
        "memory_bytes": signal_over(&steps, Signal::MemoryBytes),
        "signals": server.resources.iter().map(resource).collect::<Vec<_>>(),
        "not_read": server.not_read,
    })
}

fn resource(resource: &ResourceUse) -> Value {
    let all = |values: &[Option<f64>]| values.iter().copied().map(optional).collect::<Vec<_>>();
    let since = match resource.standing {
        loadline_analysis::ResourceStanding::Saturated { since_s } => json!(since_s),
        _ => Value::Null,
    };
    json!({
        "signal": resource.signal.key(),
        "by_step": all(&resource.by_step),
        "share_by_step": all(&resource.share_by_step),
        "saturation": optional(resource.saturation),
        "standing": word::standing_key(resource.standing),
        "saturated_since_s": since,
    })
}

fn breaking_point(analysis: &Analysis) -> Value {
    let point = &analysis.breaking_point;
    let unit = point
        .carried
        .or(point.broken)
        .or_else(|| analysis.steps.first().map(|step| step.load))
        .map(word::load_key);
    let limit = point.limit.as_ref();
    json!({
        "status": word::breaking_key(point.status),
        "unit": unit,
        "carried": optional(point.carried.map(|load| load.value())),
        "broken": optional(point.broken.map(|load| load.value())),
        "limit": limit.map(|limit| limit.0.as_str()),
        "label": limit.and_then(|limit| limit.1.as_deref()),
        "knees": point.knees.iter().map(|knee| json!({
            "what": knee.what,
            "without": number(knee.without),
            "with": number(knee.with),
        })).collect::<Vec<_>>(),
        "notes": point.notes,
    })
}

fn scaling(scaling: &Scaling) -> Value {
    match scaling {
        Scaling::Refused(why) => json!({"fitted": false, "why": why}),
        Scaling::Fitted(law) => json!({
            "fitted": true,
            "rate_per_user": number(law.rate_per_user),
            "contention": number(law.contention),
            "coherency": number(law.coherency),
            "greatest_load": number(law.greatest_load),
            "peak": estimate(law.peak.as_ref()),
            "peak_refused": law.peak_refused,
        }),
    }
}

fn bottleneck(analysis: &Analysis) -> Value {
    let finding = &analysis.bottleneck;
    json!({
        "cause": word::cause_key(finding.cause),
        "likely_only": finding.likely_only,
        "score": number(finding.score),
        "runner_up": finding.runner_up.map(|other| json!({
            "cause": word::cause_key(other.cause),
            "score": number(other.score),
        })),
        "evidence": finding.evidence,
        "advice": finding.advice.join(" "),
        "looked_at": finding.looked_at,
        "not_looked_at": finding.not_looked_at,
    })
}

fn generator(analysis: &Analysis) -> Value {
    let health = &analysis.generator;
    let own = &health.resources;
    let of_limit = |of: Option<(u64, u64)>| {
        of.map(|(most, limit)| json!({"most": most, "limit": limit, "left": limit.saturating_sub(most)}))
    };
    let warnings: Vec<_> = health
        .signals
        .iter()
        .filter(|signal| signal.standing != HealthStanding::Healthy)
        .map(|signal| format!("{}: {}, {}", signal.name, signal.value, signal.meaning))
        .collect();
    json!({
        "valid": health.standing != HealthStanding::Invalid,
        "cpu_ratio": number(health.cpu_ratio),
        "busiest_thread": number(health.busiest_thread),
        "thread_cpu_ratios": health.threads.iter().copied().map(number).collect::<Vec<_>>(),
        "connections": own.connections,
        "open_files": of_limit(own.open_files),
        "ports": of_limit(own.ports),
        "recorder_queue": own.recorder_queue,
        "steal_ratio": optional(own.steal),
        "throttled_ratio": optional(own.throttled),
        "lag_us_p50": number(health.lag_us_p50),
        "lag_us_p99": number(health.lag_us_p99),
        "loop_lag_us_p99": number(health.loop_lag_us_p99),
        "missed_arrivals": health.missed_arrivals,
        "dropped": health.dropped,
        "warnings": warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn parsed(analysis: &Analysis) -> Value {
        serde_json::from_str(&summary_json(analysis)).unwrap()
    }

    #[test]
    fn the_top_level_is_the_documented_one() {
        let summary = parsed(&fixture::stress());
        assert_eq!(summary["format"], "loadline-summary/1");
        assert_eq!(summary["verdict"], "fail");
        assert_eq!(summary["exit_code"], 99);
        assert_eq!(summary["started_at"], "2026-11-23T10:15:02Z");
        assert_eq!(summary["duration_s"], 390);
        assert_eq!(
            summary["headline"],
            "Errors reach 13.6 % at 2,000 users; the plan allows 10 %."
        );
    }

    #[test]
    fn steps_carry_load_window_figures_and_servers() {
        let summary = parsed(&fixture::stress());
        let step = &summary["steps"][2];
        assert_eq!(step["users"], 2000);
        assert_eq!(
            (&step["connections_opened"], &step["retried"]),
            (&json!(500), &json!(0))
        );
        assert_eq!(step["steady"], json!({"start_s": 294, "end_s": 390}));
        assert_eq!(step["response_time_us"]["p95"]["value"], 6_300_000);
        assert_eq!(
            step["response_time_us"]["max"],
            json!({"value": 6_780_000, "low": null, "high": null})
        );
        assert_eq!(step["error_rate"]["high"], 0.158);
        assert_eq!(
            step["servers"]["backend"]["memory_bytes"]["max"],
            170_000_000
        );
        assert!(step["servers"]["backend"]["cpu_ratio"]["max"].is_number());
    }

    #[test]
    fn limits_labels_errors_and_findings_are_there() {
        let summary = parsed(&fixture::stress());
        assert_eq!(summary["limits"][1]["observed"], 0.136);
        assert_eq!(summary["limits"][0]["bound"], 5_000_000);
        assert_eq!(summary["limits"][0]["where"], "GET /posts/, 1,000 users");
        assert_eq!(summary["limits"][2]["observed"], Value::Null);
        assert_eq!(summary["labels"][1]["steps"].as_array().unwrap().len(), 3);
        assert_eq!(summary["errors"][0]["first_s"], 271);
        assert_eq!(summary["breaking_point"]["unit"], "users");
        assert_eq!(summary["bottleneck"]["cause"], "single_thread");
        assert_eq!(summary["generator"]["valid"], true);
    }

    #[test]
    fn a_run_without_anything_is_still_a_summary() {
        let summary = parsed(&fixture::empty());
        assert_eq!(summary["verdict"], "measured");
        assert_eq!(summary["totals"]["error_rate"], Value::Null);
        assert_eq!(summary["breaking_point"]["carried"], Value::Null);
    }

    #[test]
    fn equal_analyses_give_equal_bytes() {
        assert_eq!(
            summary_json(&fixture::stress()),
            summary_json(&fixture::stress())
        );
    }
}
