//! Names what limits the server, or says that it cannot be told.

use loadline_metrics::StepWindow;

use crate::advice::advice;
use crate::attribution::{Score, Table, family, memory_leak, paused, scores};
use crate::load_point::{LoadPoint, Pick};
use crate::result::{BottleneckFinding, Cause, CauseScore};
use crate::wording::{load, percent, rate, significant, time};

/// Score from which a cause is named.
const NAMED: f64 = 0.6;
/// Score from which a cause is called likely.
const LIKELY: f64 = 0.4;
/// Lead over a cause of another family below which the earlier one is named first.
const LEAD: f64 = 0.15;
/// What is said when there is no server to look at.
const NOT_WATCHED: &str = "the server: none was watched (add `--server local`)";
/// Proposals at most.
const MOST_ADVICE: usize = 3;
/// What to do where every request of a load failed.
const ALL_FAILED_ADVICE: &str =
    "Make the requests succeed first: the list of errors says what came back.";
/// Length from which a pause is named although no limit broke, in seconds: shorter ones are machines' own.
const LONG_PAUSE_S: f64 = 1.0;
/// Use of CPU and of a thread below which a server has room left.
const ROOM: f64 = 0.8;
/// Sentences of evidence at most.
pub(crate) const MOST_EVIDENCE: usize = 5;

/// The finding from `table`, which is `None` if no load was measured. Without `turned` (no knee and
/// no broken limit) nothing is blamed, but other programs that bend the figures.
pub(crate) fn find(
    table: Option<&Table>,
    turned: bool,
    steps: &[StepWindow],
    watched: bool,
) -> BottleneckFinding {
    let Some(table) = table.filter(|table| turned || table.bent_by_others()) else {
        return unsaturated(table, steps, watched);
    };
    let scores = ranked(scores(table), table.others_fill_host().is_some());
    let knee = &table.points[table.knee];
    let knee_step = steps.get(knee.step).map(|step| step.step);
    let (looked_at, not_looked_at) = looked_at(table, watched);
    let runner_up = |first: &Score| {
        scores
            .iter()
            .skip(1)
            .find(|score| family(score.cause) != family(first.cause))
            .map(|score| CauseScore {
                cause: score.cause,
                score: score.score,
            })
    };
    match scores.first() {
        Some(first) if first.score >= LIKELY || first.cause == Cause::ServerErrors => {
            let mut evidence = first.evidence.clone();
            if let Some(sentence) = knee_sentence(table, steps) {
                evidence.push(sentence);
            }
            if let Some(second) = close_second(&scores) {
                evidence.push(format!(
                    "{} shows at the same time, from a {} load on.",
                    name(second.cause),
                    if second.onset > first.onset {
                        "greater"
                    } else {
                        "similar"
                    }
                ));
            }
            evidence.truncate(MOST_EVIDENCE);
            BottleneckFinding {
                cause: first.cause,
                likely_only: first.score < NAMED - 1e-9,
                score: first.score,
                runner_up: runner_up(first),
                knee_step,
                evidence,
                advice: advice(first.cause, table),
                looked_at,
                not_looked_at,
            }
        }
        best => BottleneckFinding {
            cause: Cause::Unknown,
            likely_only: false,
            score: best.map_or(0.0, |score| score.score),
            runner_up: best.map(|score| CauseScore {
                cause: score.cause,
                score: score.score,
            }),
            knee_step,
            evidence: knee_sentence(table, steps).into_iter().collect(),
            advice: advice(Cause::Unknown, table),
            looked_at,
            not_looked_at,
        },
    }
}

/// Nothing to blame.
fn unsaturated(table: Option<&Table>, steps: &[StepWindow], watched: bool) -> BottleneckFinding {
    let mut finding = BottleneckFinding {
        cause: Cause::None,
        likely_only: false,
        score: 0.0,
        runner_up: None,
        knee_step: None,
        evidence: Vec::new(),
        advice: Vec::new(),
        looked_at: Vec::new(),
        not_looked_at: Vec::new(),
    };
    let Some(table) = table else {
        finding.evidence.push("No load was measured.".to_owned());
        return finding;
    };
    let last = &table.points[table.points.len() - 1];
    let at = |point: &LoadPoint| steps.get(point.step).map(|step| load(step.load));
    let in_vain = table.points.iter().find(|point| point.good <= 0.0);
    // One load shows no turn: it is below the server's limits only if the server is seen to be idle.
    let has_room = |used: Option<f64>| used.is_some_and(|used| used < ROOM);
    let is_clear =
        table.points.len() > 1 || (has_room(last.busiest_thread) && has_room(last.cpu_ratio));
    if !is_clear || in_vain.is_some() {
        finding.cause = Cause::Unknown;
    }
    finding.advice = match in_vain {
        Some(_) => vec![ALL_FAILED_ADVICE.to_owned()],
        None => advice(finding.cause, table),
    };
    // Fast answers double without a knee, by less than it takes.
    let doubled = (table.points.iter()).any(|point| point.is_twice_as_slow_as(&table.points[0]));
    finding.evidence.push(if let Some(point) = in_vain {
        let at = at(point).unwrap_or_else(|| "one load".to_owned());
        format!("At {at} no request succeeded: whether the server was at a limit cannot be told.")
    } else if table.points.len() > 1 {
        let slower = if doubled {
            "rose by less than half a millisecond"
        } else {
            "did not double"
        };
        format!("Throughput grew with the load and response time {slower}: no limit was reached.")
    } else if is_clear {
        "Only one load was run, and the server had room left.".to_owned()
    } else {
        "Only one load was run: whether it was at a limit cannot be told.".to_owned()
    });
    let at = at(last);
    let uses = [
        ("its busiest thread", last.busiest_thread),
        ("its CPU", last.cpu_ratio),
    ];
    for (name, used) in uses {
        if let (Some(used), Some(at)) = (used, &at) {
            finding
                .evidence
                .push(format!("At {at} {name} was {} in use.", percent(used)));
        }
    }
    // A leak needs no limit to be one.
    let leak = memory_leak(table);
    if leak.score > 0.0 {
        // Short of that it may be a cache that fills, and is told without being named.
        if leak.score >= LIKELY {
            finding.cause = Cause::MemoryLeak;
            finding.likely_only = true;
            finding.score = leak.score;
        } else {
            finding.runner_up = Some(CauseScore {
                cause: leak.cause,
                score: leak.score,
            });
        }
        finding.evidence.splice(0..0, leak.evidence);
        finding.advice.clear();
        finding.advice.extend(advice(Cause::MemoryLeak, table));
        finding.advice.truncate(MOST_ADVICE);
    }
    // Nor does a server that stops for moments: evenly, or once for long.
    let paused = paused(table);
    let is_sure = table
        .pauses
        .as_ref()
        .is_some_and(|pauses| pauses.period_s.is_some() || pauses.length_s >= LONG_PAUSE_S);
    if paused.score > finding.score && is_sure {
        finding.cause = Cause::Pauses;
        finding.likely_only = paused.score < NAMED - 1e-9;
        finding.score = paused.score;
        finding.evidence.splice(0..0, paused.evidence);
        finding.evidence.truncate(MOST_EVIDENCE);
        finding.advice = advice(Cause::Pauses, table);
    }
    (finding.looked_at, finding.not_looked_at) = looked_at(table, watched);
    finding
}

/// The scores, best first; among causes of different families within reach of the best, the one
/// that showed first leads. Before all come other programs that fill the host (`crowded`), then the
/// generator if it is as sure as any.
fn ranked(mut scores: Vec<Score>, crowded: bool) -> Vec<Score> {
    scores.sort_by(|a, b| b.score.total_cmp(&a.score));
    let Some(best) = scores.first().cloned() else {
        return scores;
    };
    let generator = scores
        .iter()
        .position(|score| score.cause == Cause::Generator && score.score > best.score - LEAD);
    // A crowded host or a late generator makes everything slow, but answers nothing and ends nothing.
    let own_doing = scores.iter().position(|score| {
        (score.cause == Cause::MemoryLeak && score.score >= LIKELY)
            || score.score >= NAMED - 1e-9
                && matches!(
                    score.cause,
                    Cause::Crash
                        | Cause::RateLimiter
                        | Cause::Resets
                        | Cause::ServerErrors
                        | Cause::AcceptQueue
                )
    });
    let host = scores
        .iter()
        .position(|score| crowded && score.cause == Cause::SharedHost);
    // A pool, a lock or a wait for something outside is the symptom of what the database says of itself.
    let is_symptom = matches!(
        best.cause,
        Cause::WorkerPool | Cause::Lock | Cause::Dependency
    );
    let database = scores.iter().position(|score| {
        is_symptom
            && score.score >= NAMED - 1e-9
            && matches!(
                score.cause,
                Cause::DatabaseConnections | Cause::DatabaseLocks | Cause::DatabaseStatements
            )
    });
    let not_the_servers = host.or(generator).map(|index| own_doing.unwrap_or(index));
    let leader = not_the_servers.or(database).or_else(|| {
        let within = |score: &Score| {
            score.score > best.score - LEAD + 1e-9
                && (family(score.cause) != family(best.cause) || score.cause == best.cause)
        };
        // A pool is the symptom of what its places wait for.
        let real = |score: &Score| {
            score.cause != Cause::WorkerPool || scores.iter().filter(|s| within(s)).count() == 1
        };
        scores
            .iter()
            .enumerate()
            .filter(|(_, score)| within(score) && real(score))
            .min_by_key(|(index, score)| (score.onset, *index))
            .map(|(index, _)| index)
    });
    if let Some(index) = leader {
        let leader = scores.remove(index);
        scores.insert(0, leader);
    }
    scores
}

/// A second cause of another family too near to be told apart.
fn close_second(scores: &[Score]) -> Option<&Score> {
    let first = scores.first()?;
    scores.iter().skip(1).find(|score| {
        family(score.cause) != family(first.cause)
            && score.score > first.score - LEAD + 1e-9
            && score.score >= LIKELY
    })
}

fn name(cause: Cause) -> &'static str {
    match cause {
        Cause::None | Cause::Unknown => "Nothing",
        Cause::Generator => "A limit of Loadline",
        Cause::SharedHost => "A full machine shared with other programs",
        Cause::Cpu => "A full CPU",
        Cause::CpuQuota => "A CPU quota",
        Cause::SingleThread => "A full thread",
        Cause::WorkerPool => "A pool of workers or connections",
        Cause::Lock => "Waiting for a lock",
        Cause::Memory => "A lack of memory",
        Cause::MemoryLeak => "Growing memory",
        Cause::Disk => "A busy disk",
        Cause::Network => "A lossy network",
        Cause::AcceptQueue => "A full accept queue",
        Cause::Descriptors => "A lack of file descriptors",
        Cause::RateLimiter => "A rate limiter",
        Cause::ServerErrors => "Server errors",
        Cause::Resets => "Cutting connections",
        Cause::Crash => "The end of the server",
        Cause::Pauses => "Pausing",
        Cause::Dependency => "Waiting for another service",
        Cause::DatabaseConnections => "A lack of database sessions",
        Cause::DatabaseLocks => "Waiting for locks of the database",
        Cause::DatabaseStatements => "Waiting for statements of the database",
    }
}

/// Where the curve turns, in numbers.
fn knee_sentence(table: &Table, steps: &[StepWindow]) -> Option<String> {
    let knee = &table.points[table.knee];
    let knee_load = load(steps.get(knee.step)?.load);
    let last = table.points.last()?;
    if table.points.len() == 1 {
        return Some(format!(
            "Only {knee_load} was run: how signals rise with the load was not seen."
        ));
    }
    // From the last load without the knee to the first with it; from the first to the last where
    // even the smallest load is beyond it.
    let (before, here) = match table.knee {
        0 => (knee, last),
        at => (&table.points[at - 1], knee),
    };
    let load_of = |point: &LoadPoint| steps.get(point.step).map(|step| load(step.load));
    Some(format!(
        "From {} to {} throughput goes from {} to {} and the mean response time from {} to {}.",
        load_of(before)?,
        load_of(here)?,
        rate(before.good),
        rate(here.good),
        time(before.mean_s * 1e6),
        time(here.mean_s * 1e6),
    ))
}

/// Signals that were read, with their value beyond the knee, and what was not read.
fn looked_at(table: &Table, watched: bool) -> (Vec<String>, Vec<String>) {
    const SHARES: [(&str, Pick); 12] = [
        ("CPU of all its cores", |p| p.cpu_ratio),
        ("its busiest thread", |p| p.busiest_thread),
        ("throttling by its CPU quota", |p| p.cgroup_throttled),
        ("CPU of the machine", |p| p.host_cpu),
        ("waiting for CPU", |p| p.psi_cpu),
        ("waiting for memory", |p| p.psi_memory),
        ("waiting for the disk", |p| p.psi_io),
        ("busy disk", |p| p.disk_busy),
        ("open files of those allowed", |p| p.open_files_ratio),
        ("accept queue of its length", |p| p.accept_queue_ratio),
        ("segments sent again", |p| p.retransmit_ratio),
        ("status 429", |p: &LoadPoint| Some(p.status_429)),
    ];
    const COUNTS: [(&str, &str, Pick); 4] = [
        ("overflows of the accept queue", "/s", |p| {
            p.listen_overflows
        }),
        ("major page faults", "/s", |p| p.major_faults),
        ("threads", "", |p| p.threads),
        ("context switches of a request", "", |p| {
            p.switches_per_request
        }),
    ];
    let (mut looked, mut not_looked) = (Vec::new(), Vec::new());
    for (name, pick) in SHARES {
        match table.high(pick) {
            Some(value) => looked.push(format!("{name}: {}", percent(value))),
            None => not_looked.push(name.to_owned()),
        }
    }
    for (name, unit, pick) in COUNTS {
        match table.high(pick) {
            Some(value) => looked.push(format!("{name}: {}{unit}", significant(value))),
            None => not_looked.push(name.to_owned()),
        }
    }
    let database = [
        (
            "sessions of the database of those allowed",
            table.high(|p| p.db_connections_ratio).map(percent),
        ),
        (
            "running statements",
            table.high(|p| p.db_active).map(significant),
        ),
        (
            "sessions waiting for locks",
            table.high(|p| p.db_lock_waits).map(significant),
        ),
    ];
    if database.iter().all(|(_, value)| value.is_none()) {
        not_looked.push("database (add `--server db=postgres://…`)".to_owned());
    }
    for (name, value) in database {
        looked.extend(value.map(|value| format!("{name}: {value}")));
    }
    for never in ["calls to other services", "speed of the network link"] {
        not_looked.push(never.to_owned());
    }
    if !watched {
        not_looked.insert(0, NOT_WATCHED.to_owned());
    }
    (looked, not_looked)
}
