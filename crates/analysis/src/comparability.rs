//! May two runs be compared? What differs, and what that means.

use loadline_events::Signal;
use loadline_metrics::{LoadModel, RunData, RunFacts};

use crate::comparison_result::{ComparabilityRow, ComparabilityStanding};
use crate::result::{Analysis, StepState};
use crate::wording;

/// Loads that differ by less are the same.
const SAME_LOAD: f64 = 0.01;
/// Runs further apart in time than this are from other days' machines.
const WEEK_MS: u64 = 7 * 24 * 3600 * 1000;

/// A run and what was made of it.
pub(crate) type Judged<'a> = (&'a RunData, &'a Analysis);

/// Indexes of the steps of both runs that have the same load, in the baseline's order.
pub(crate) fn common_steps(baseline: &RunData, candidate: &RunData) -> Vec<(usize, usize)> {
    let mut taken = vec![false; candidate.steps.len()];
    let mut pairs = Vec::new();
    for (index, step) in baseline.steps.iter().enumerate() {
        let same = |other: &loadline_metrics::StepWindow| {
            std::mem::discriminant(&step.load) == std::mem::discriminant(&other.load)
                && (step.load.value() - other.load.value()).abs()
                    <= SAME_LOAD * step.load.value().max(1e-9)
        };
        let found = (0..candidate.steps.len())
            .find(|other| !taken[*other] && same(&candidate.steps[*other]));
        if let Some(other) = found {
            taken[other] = true;
            pairs.push((index, other));
        }
    }
    pairs
}

/// The rows of the comparison's first question. Steps are pairs of indexes.
pub(crate) fn comparability(
    baseline: Judged<'_>,
    candidate: Judged<'_>,
    steps: &[(usize, usize)],
) -> Vec<ComparabilityRow> {
    let (a, b) = (&baseline.0.facts, &candidate.0.facts);
    let mut rows = vec![
        row(
            "plan",
            (short_hash(a), short_hash(b)),
            a.plan_hash == b.plan_hash,
            ComparabilityStanding::Refused,
            "the runs sent other requests, timers or data",
        ),
        row(
            "load model",
            (model(&a.model), model(&b.model)),
            std::mem::discriminant(&a.model) == std::mem::discriminant(&b.model),
            ComparabilityStanding::Refused,
            "open and closed loads ask different questions of a server",
        ),
        row(
            "steps",
            (loads(baseline.0), loads(candidate.0)),
            steps.len() == baseline.0.steps.len() && steps.len() == candidate.0.steps.len(),
            ComparabilityStanding::Refused,
            "the runs had other loads",
        ),
        row(
            "target",
            (a.target.clone(), b.target.clone()),
            is_loopback(a) == is_loopback(b),
            ComparabilityStanding::Warning,
            "one was on this machine, the other across a network",
        ),
        row(
            "generator",
            (generator(a), generator(b)),
            a.generator.cpu == b.generator.cpu
                && a.generator.cores == b.generator.cores
                && minor(&a.version) == minor(&b.version),
            ComparabilityStanding::Warning,
            "another machine or version made the load",
        ),
        row(
            "seed",
            (a.seed.to_string(), b.seed.to_string()),
            a.seed == b.seed,
            ComparabilityStanding::Warning,
            "random choices of the plan differ",
        ),
        row(
            "time",
            (days(a.started_at_ms), days(b.started_at_ms)),
            a.started_at_ms.abs_diff(b.started_at_ms) <= WEEK_MS,
            ComparabilityStanding::Warning,
            "more than a week lies between them: machines and neighbours may differ",
        ),
    ];
    rows.extend(server_cores(baseline, candidate));
    rows.extend(error_rates(baseline, candidate, steps));
    let steady = steps.iter().any(|(a, b)| {
        baseline.1.steps[*a].state == StepState::Steady
            && candidate.1.steps[*b].state == StepState::Steady
    });
    rows.push(row(
        "steady steps",
        (steady_loads(baseline.1), steady_loads(candidate.1)),
        steady,
        ComparabilityStanding::Refused,
        "no load was steady in both runs",
    ));
    // Steady at other loads is no difference to show as one.
    if let Some(last) = rows.last_mut().filter(|_| steady) {
        last.standing = ComparabilityStanding::Same;
    }
    rows
}

fn row(
    what: &str,
    (baseline, candidate): (String, String),
    same: bool,
    otherwise: ComparabilityStanding,
    consequence: &str,
) -> ComparabilityRow {
    ComparabilityRow {
        what: what.to_owned(),
        baseline,
        candidate,
        standing: if same {
            ComparabilityStanding::Same
        } else {
            otherwise
        },
        consequence: if same {
            String::new()
        } else {
            consequence.to_owned()
        },
    }
}

fn short_hash(facts: &RunFacts) -> String {
    let hash: String = facts.plan_hash.chars().take(8).collect();
    format!("{} {hash}", facts.plan_name)
}

fn model(model: &LoadModel) -> String {
    match model {
        LoadModel::Closed(_) => "closed",
        LoadModel::Open => "open",
        LoadModel::Mixed => "mixed",
    }
    .to_owned()
}

fn loads(run: &RunData) -> String {
    let loads: Vec<String> = run
        .steps
        .iter()
        .map(|step| wording::load(step.load))
        .collect();
    loads.join(", ")
}

fn steady_loads(analysis: &Analysis) -> String {
    let loads: Vec<String> = analysis
        .steps
        .iter()
        .filter(|step| step.state == StepState::Steady)
        .map(|step| wording::load(step.load))
        .collect();
    if loads.is_empty() {
        "none".to_owned()
    } else {
        loads.join(", ")
    }
}

fn is_loopback(facts: &RunFacts) -> bool {
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|host| facts.target.contains(host))
}

fn generator(facts: &RunFacts) -> String {
    format!(
        "{}, {} cores, version {}",
        facts.generator.cpu, facts.generator.cores, facts.version
    )
}

/// The version without its last part.
fn minor(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |parts| parts.0)
}

fn days(ms: i64) -> String {
    format!("day {}", ms.div_euclid(24 * 3600 * 1000))
}

/// A row for each server in both runs whose cores are known.
fn server_cores(baseline: Judged<'_>, candidate: Judged<'_>) -> Vec<ComparabilityRow> {
    let cores = |judged: Judged<'_>, name: &str| -> Option<f64> {
        let index = judged
            .1
            .servers
            .iter()
            .position(|server| server.name == name)?;
        (judged.1.steps.iter()).find_map(|step| step.servers[index].mean(Signal::CpuAllowedCores))
    };
    let shown = wording::cores;
    baseline
        .1
        .servers
        .iter()
        .filter_map(|server| {
            let own = cores(baseline, &server.name)?;
            let other = cores(candidate, &server.name)?;
            Some(row(
                &format!("server {}", server.name),
                (shown(own), shown(other)),
                (own - other).abs() < 0.05 * own,
                ComparabilityStanding::Warning,
                "the server had more or fewer cores to use",
            ))
        })
        .collect()
}

/// A row if failures differ by more than a point somewhere.
fn error_rates(
    baseline: Judged<'_>,
    candidate: Judged<'_>,
    steps: &[(usize, usize)],
) -> Option<ComparabilityRow> {
    let rate = |judged: Judged<'_>, index: usize| {
        let rate = judged.1.steps[index].stats.error_rate.as_ref();
        rate.map_or(0.0, |rate| rate.value)
    };
    let (own, other) = steps
        .iter()
        .map(|(a, b)| (rate(baseline, *a), rate(candidate, *b)))
        .max_by(|a, b| (a.0 - a.1).abs().total_cmp(&(b.0 - b.1).abs()))?;
    Some(row(
        "error rate",
        (wording::percent(own), wording::percent(other)),
        (own - other).abs() <= crate::effect::ERROR_POINT,
        ComparabilityStanding::Warning,
        "the times of failures mix into the response times",
    ))
}
