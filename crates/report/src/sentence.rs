//! Sentences made of typed facts: the headline of a verdict and the limits behind it.
//!
//! Pattern: what was seen, how sure, what it means. Present tense, no praise and no blame.
//!
//! Not here: the four answers (see [`crate::answer`]) and words for single cases ([`crate::word`]).

use loadline_analysis::{
    Analysis, BreakingStatus, Cause, ErrorClass, HealthStanding, LimitCell, LimitResult, Reason,
    Stats, StepAnalysis, StepState, Verdict,
};
use loadline_events::StopReason;

use crate::answer::some_of;
use crate::limit_metric::{self, LimitMetric};
use crate::number::{self, Quantity, Shown};
use crate::open_answer::smaller_loads;
use crate::word;

/// What a reader of one line should know, and what still held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Headline {
    /// The sentence with the number that decided.
    pub(crate) lead: String,
    /// What else to know at once.
    pub(crate) rest: Vec<String>,
}

/// The headline of a run.
pub(crate) fn headline(analysis: &Analysis) -> Headline {
    let lead = lead(analysis);
    let mut rest = Vec::new();
    if analysis.verdict == Verdict::Invalid {
        rest.push("The figures below are kept, but they answer nothing.".to_owned());
    } else if analysis.totals.samples == 1 {
        rest.push("1 sample: nothing can be said about a second.".to_owned());
    } else {
        rest.extend(what_held(analysis));
    }
    rest.extend(server_survival(analysis));
    rest.extend(limits_not_run(analysis));
    rest.retain(|sentence| *sentence != lead);
    Headline { lead, rest }
}

/// What cut the run short, as a banner; `None` for a run that was carried out.
pub(crate) fn interruption(analysis: &Analysis) -> Option<String> {
    let facts = &analysis.facts;
    let seconds = facts.duration_us as f64 / 1e6;
    let of = facts.planned.map_or_else(String::new, |planned| {
        format!(" of {}", number::clock(planned.as_secs_f64()))
    });
    let after = format!("Stopped after {}{of}", number::clock(seconds));
    match facts.stop {
        StopReason::Completed => None,
        StopReason::CutOff => Some(format!("{after}; the last second may be missing.")),
        StopReason::Signal => Some(format!("{after} by a signal.")),
        StopReason::Limit => Some(format!("{after} by a limit that says “then stop”.")),
        StopReason::Plan => Some(format!("{after} by the plan itself.")),
        StopReason::Unreachable => Some(format!("{after}: the target never answered.")),
    }
}

fn lead(analysis: &Analysis) -> String {
    let totals = &analysis.totals;
    if totals.samples == 0 {
        return match analysis.facts.stop {
            StopReason::Unreachable => {
                format!(
                    "{} never answered; no sample was recorded.",
                    analysis.facts.target
                )
            }
            _ => "No sample was recorded, so there is nothing to judge.".to_owned(),
        };
    }
    if analysis.verdict == Verdict::Invalid {
        return format!("Not to be trusted: {}", distrust(analysis));
    }
    if all_failed(analysis) {
        return every_sample_failed(analysis);
    }
    match analysis.verdict {
        Verdict::Fail => fail(analysis),
        Verdict::Inconclusive => inconclusive(analysis),
        Verdict::Pass => pass(analysis),
        Verdict::Measured | Verdict::Invalid => measured(analysis),
    }
}

/// Whether no sample of the run succeeded.
pub(crate) fn all_failed(analysis: &Analysis) -> bool {
    analysis.totals.samples > 0 && analysis.totals.errors >= analysis.totals.samples
}

fn every_sample_failed(analysis: &Analysis) -> String {
    let what = analysis.errors.first().map_or_else(String::new, |class| {
        format!(": {}{}", word::error_class(class), quoted_message(class))
    });
    if analysis.totals.samples == 1 {
        format!("The only sample failed{what}.")
    } else {
        format!("Every sample failed{what}.")
    }
}

fn quoted_message(class: &ErrorClass) -> String {
    if word::message(class).is_empty() {
        String::new()
    } else {
        format!(" “{}”", shortened(&told(word::message(class)), 80))
    }
}

/// What a message tells a reader: the text inside, when it is a JSON object of an error.
pub(crate) fn told(message: &str) -> String {
    let fields = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(message);
    let text = fields.ok().and_then(|fields| {
        ["error", "message", "detail", "title"]
            .iter()
            .find_map(|name| fields.get(*name)?.as_str().map(str::to_owned))
    });
    text.filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| message.to_owned())
}

/// At most `length` characters of `text`, with `…` for the rest.
pub(crate) fn shortened(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The reason why a run is not to be trusted, as the end of a sentence.
fn distrust(analysis: &Analysis) -> String {
    let step = analysis
        .steps
        .iter()
        .find(|step| !step.invalid.is_empty())
        .map(|step| format!("at {}, {}", word::load(step.load), step.invalid[0]));
    let signal = analysis
        .generator
        .signals
        .iter()
        .find(|signal| signal.standing == HealthStanding::Invalid)
        .map(|signal| format!("{}: {}, {}", signal.name, signal.value, signal.meaning));
    let reason = signal
        .or(step)
        .or_else(|| analysis.reasons.first().cloned())
        .unwrap_or_else(|| "the generator bent the figures that decide".to_owned());
    with_stop(reason)
}

fn fail(analysis: &Analysis) -> String {
    if let Some(sentence) = death(analysis) {
        return sentence;
    }
    analysis
        .limits
        .iter()
        .find(|limit| limit.verdict == Verdict::Fail)
        .map_or_else(|| reason_or(analysis, "A limit failed."), limit_fails)
}

/// `The server backend stopped answering at 4:12 with 1,830 users running.`
fn death(analysis: &Analysis) -> Option<String> {
    let server = analysis
        .servers
        .iter()
        .filter(|server| server.died_s.is_some())
        .min_by(|a, b| {
            a.died_s
                .partial_cmp(&b.died_s)
                .unwrap_or(std::cmp::Ordering::Equal)
        })?;
    let died = server.died_s?;
    let users = analysis
        .story
        .iter()
        .rev()
        .find(|bin| f64::from(bin.start_s) <= died)
        .filter(|bin| bin.users >= 1.0)
        .map_or_else(String::new, |bin| {
            format!(
                " with {} running",
                word::counted(bin.users.round() as u64, "user")
            )
        });
    let (name, at) = (&server.name, number::clock(died));
    Some(if server.process_ended {
        format!("The server {name} stopped at {at}{users}: its process ended.")
    } else {
        format!("The server {name} stopped answering at {at}{users}.")
    })
}

/// The sentence of a failed limit.
pub(crate) fn limit_fails(limit: &LimitResult) -> String {
    let metric = LimitMetric::of(&limit.text);
    let Some(cell) = &limit.decisive else {
        return format!("The limit {} fails.", limit.text);
    };
    if let LimitMetric::Alive(name) = &metric {
        return match cell.window {
            Some((start, _)) if start > 0 => {
                format!(
                    "The server {name} stopped answering at {}.",
                    number::clock(f64::from(start))
                )
            }
            _ => format!("The server {name} was not alive throughout."),
        };
    }
    let value = measured_value(limit, cell)
        .map_or_else(|| "not measured".to_owned(), |shown| spoken(&shown.value));
    let place = place_of(limit, cell);
    let bound = limit_metric::bound(limit);
    let bound = if LimitMetric::asks_for_at_least(&limit.text) {
        format!("the plan asks for {bound}")
    } else {
        format!("the plan allows {bound}")
    };
    let subject = subject(&metric, cell.label.as_deref());
    // A metric that is written in the plan keeps its letters.
    let (subject, verb) = match metric {
        LimitMetric::Time(_) | LimitMetric::Apdex(_) => (subject, "is"),
        LimitMetric::Errors => (word::capitalised(&subject), "reach"),
        _ => (word::capitalised(&subject), "is"),
    };
    format!("{subject} {verb} {value}{place}; {bound}.")
}

/// A value within a sentence: a lower bound in words.
fn spoken(value: &str) -> String {
    value.replacen("≥ ", "at least ", 1)
}

/// What a limit measures, within a sentence: `errors`, `p95 of GET /posts/`.
fn subject(metric: &LimitMetric, label: Option<&str>) -> String {
    let noun = match metric {
        LimitMetric::Time(name) | LimitMetric::Apdex(name) => name.clone(),
        LimitMetric::Errors => "errors".to_owned(),
        LimitMetric::Throughput => "throughput".to_owned(),
        LimitMetric::Cpu => "server CPU".to_owned(),
        LimitMetric::Memory => "server memory".to_owned(),
        LimitMetric::Alive(name) => format!("server {name}"),
    };
    match label {
        Some(label) => format!("{noun} of {label}"),
        None => noun,
    }
}

/// The measured figure of a limit's cell, beside its bound; `None` if nothing was measured, or for
/// a server that is alive or not.
pub(crate) fn measured_value(limit: &LimitResult, cell: &LimitCell) -> Option<Shown> {
    let metric = LimitMetric::of(&limit.text);
    if matches!(metric, LimitMetric::Alive(_)) {
        return None;
    }
    let quantity = metric.quantity();
    cell.observed
        .as_ref()
        .map(|observed| number::estimate_beside(quantity, observed, limit.bound))
}

fn place_of(limit: &LimitResult, cell: &LimitCell) -> String {
    let mut place = cell
        .load
        .map_or_else(String::new, |load| format!(" at {}", word::load(load)));
    if let Some((start, end)) = cell.window.filter(|_| limit.text.contains(" over ")) {
        place.push_str(&format!(
            " from {} to {}",
            number::clock(f64::from(start)),
            number::clock(f64::from(end))
        ));
    }
    place
}

/// Where a limit was decided: `GET /posts/, 1,000 users`.
pub(crate) fn place(limit: &LimitResult, cell: &LimitCell) -> String {
    let mut parts = Vec::new();
    if let Some(label) = &cell.label {
        parts.push(label.clone());
    }
    if let Some(load) = cell.load {
        parts.push(word::load(load));
    }
    if let Some((start, end)) = cell
        .window
        .filter(|_| limit.text.contains(" over ") || parts.is_empty())
    {
        parts.push(format!(
            "{}–{}",
            number::clock(f64::from(start)),
            number::clock(f64::from(end))
        ));
    }
    parts.join(", ")
}

fn inconclusive(analysis: &Analysis) -> String {
    let Some(limit) = analysis
        .limits
        .iter()
        .find(|limit| limit.verdict == Verdict::Inconclusive)
    else {
        return reason_or(analysis, "A limit could not be decided.");
    };
    let Some(cell) = &limit.decisive else {
        return format!("Cannot decide {}: nothing was measured.", limit.text);
    };
    let metric = LimitMetric::of(&limit.text);
    let bound = limit_metric::bound(limit);
    let subject = subject(&metric, cell.label.as_deref());
    let place = place_of(limit, cell);
    let (are, keep) = if metric == LimitMetric::Errors {
        ("are", "keep")
    } else {
        ("is", "keeps")
    };
    let sentence = match measured_value(limit, cell) {
        Some(shown) if claimed(cell) => {
            format!(
                "Cannot decide: {subject} {are} {} ({}){place} and the limit {bound}.",
                spoken(&shown.value),
                shown.bare
            )
        }
        // Words in place of a figure are no part of a sentence: the reason is.
        Some(_) if !cell.observed.as_ref().is_some_and(shows_a_value) => format!(
            "Cannot decide whether {subject} {keep} the limit of {bound}{place}: {}.",
            nonempty(&cell.why).unwrap_or("nothing was measured")
        ),
        Some(shown) => format!(
            "Cannot decide: {subject} {are} {}{place} and the limit {bound}; {}.",
            spoken(&shown.value),
            nonempty(&cell.why).unwrap_or("no interval is claimed")
        ),
        None => format!(
            "Cannot decide {}: {}.",
            limit.text,
            nonempty(&cell.why).unwrap_or("nothing was measured")
        ),
    };
    match needs(cell, analysis) {
        Some(needs) => format!("{sentence} {needs}"),
        None => sentence,
    }
}

fn claimed(cell: &LimitCell) -> bool {
    cell.observed.as_ref().is_some_and(|observed| {
        observed.reason.is_none() && (observed.low.is_some() || observed.high.is_some())
    })
}

/// `About 4 min per step instead of 1 min would decide.`
pub(crate) fn needs(cell: &LimitCell, analysis: &Analysis) -> Option<String> {
    let needs = cell.needs_s?;
    let instead = cell
        .step
        .and_then(|id| analysis.steps.iter().find(|step| step.step == id))
        .map(|step| step.end_s - step.hold_start_s)
        .filter(|hold| *hold > 0.0 && *hold < needs)
        .map_or_else(String::new, |hold| {
            format!(" instead of {}", number::length(hold))
        });
    Some(format!(
        "About {} per step{instead} would decide.",
        number::length(rounded_up(needs))
    ))
}

/// Seconds rounded up to what one would plan: tens below a minute or two, then half minutes.
fn rounded_up(seconds: f64) -> f64 {
    let grain = if seconds <= 120.0 { 10.0 } else { 30.0 };
    (seconds / grain).ceil() * grain
}

fn pass(analysis: &Analysis) -> String {
    let held = match analysis.limits.len() {
        1 => format!("The limit {} holds", analysis.limits[0].text),
        2 => "Both limits hold".to_owned(),
        count => format!("All {count} limits hold"),
    };
    match greatest_step(analysis) {
        Some(step) if analysis.steps.len() > 1 => {
            format!("{held} up to {}.", word::load(step.load))
        }
        Some(step) => format!("{held} at {}.", word::load(step.load)),
        None => format!("{held}."),
    }
}

fn measured(analysis: &Analysis) -> String {
    let (stats, place) = match greatest_step(analysis) {
        Some(step) if step.stats.samples > 0 => {
            (&step.stats, format!(" at {}", word::load(step.load)))
        }
        _ => (&analysis.totals, String::new()),
    };
    if analysis.totals.samples == 1 {
        let time = analysis
            .totals
            .response
            .max
            .map_or_else(String::new, |time| {
                format!(" in {}", number::value(Quantity::Time, time))
            });
        return format!("One sample was answered{time}.");
    }
    let mut parts = Vec::new();
    if let Some(throughput) = &stats.good_throughput {
        parts.push(format!(
            "{} without error{place}",
            number::estimate(Quantity::Rate, throughput).value
        ));
    } else {
        parts.push(word::counted(stats.samples, "sample"));
    }
    if let Some(p95) = stats.response.p95.as_ref().filter(|p95| shows_a_value(p95)) {
        parts.push(format!(
            "p95 {}",
            number::estimate(Quantity::Time, p95).value
        ));
    }
    if let Some(rate) = stats.error_rate.as_ref().filter(|rate| rate.value > 0.0) {
        parts.push(format!(
            "errors {}",
            number::estimate(Quantity::Share, rate).value
        ));
    }
    format!(
        "{}. The plan sets no limits, so nothing is judged.",
        parts.join(", ")
    )
}

/// Whether an estimate shows a number rather than words.
pub(crate) fn shows_a_value(estimate: &loadline_analysis::Estimate) -> bool {
    !matches!(
        estimate.reason,
        Some(Reason::NoSamples | Reason::TooFewSamples { .. } | Reason::NoReadings)
    )
}

/// Whether samples started or ended in a window.
pub(crate) fn has_samples(stats: &Stats) -> bool {
    let ended = stats.throughput.as_ref().map_or(0.0, |rate| rate.value);
    stats.samples > 0 || ended > 0.0
}

/// What still holds, or what the load did not reach.
fn what_held(analysis: &Analysis) -> Option<String> {
    let point = &analysis.breaking_point;
    match (analysis.verdict, point.status) {
        (Verdict::Fail, BreakingStatus::Found) => Some(point.carried.map_or_else(
            || smaller_loads(analysis),
            |carried| format!("Every limit holds up to {}.", word::load(carried)),
        )),
        (Verdict::Pass, _) if analysis.bottleneck.cause == Cause::None => Some(
            "The load never reached a limit of the server, so its capacity is not known."
                .to_owned(),
        ),
        (Verdict::Inconclusive, _) => {
            let held = analysis
                .limits
                .iter()
                .filter(|limit| limit.verdict == Verdict::Pass)
                .count();
            (held > 0).then(|| format!("{held} of {} limits hold.", analysis.limits.len()))
        }
        _ => None,
    }
}

/// How long a hold would have given a step intervals, where its warm-up left too little:
/// `warm-up of 6 s cut; hold ≥ 26 s for intervals`.
pub(crate) fn longer_hold(step: &StepAnalysis) -> Option<String> {
    let needed = step.hold_needed_s?;
    let cut = f64::from(step.window?.0) - step.hold_start_s;
    Some(format!(
        "warm-up of {} cut; hold ≥ {} for intervals",
        number::length(cut.round()),
        number::length(f64::from(needed))
    ))
}

fn server_survival(analysis: &Analysis) -> Option<String> {
    if analysis.servers.is_empty() || analysis.totals.samples == 0 {
        return None;
    }
    if analysis
        .servers
        .iter()
        .any(|server| server.died_s.is_some())
    {
        return death(analysis);
    }
    analysis
        .servers
        .iter()
        .all(|server| server.alive == Some(true))
        .then(|| "The server never crashed.".to_owned())
}

/// The labels of the plan that no sample has.
pub(crate) fn never_ran(analysis: &Analysis) -> Option<String> {
    let labels = &analysis.never_ran;
    (!labels.is_empty()).then(|| format!("Never ran: {}.", some_of(labels)))
}

fn limits_not_run(analysis: &Analysis) -> Option<String> {
    let missed: Vec<_> = analysis
        .steps
        .iter()
        .filter(|step| step.state == StepState::NotReached)
        .map(|step| word::load(step.load))
        .collect();
    (!missed.is_empty()).then(|| format!("Not run: {}.", missed.join(", ")))
}

/// The step with the greatest load that has samples.
pub(crate) fn greatest_step(analysis: &Analysis) -> Option<&StepAnalysis> {
    analysis
        .steps
        .iter()
        .filter(|step| step.stats.samples > 0)
        .max_by(|a, b| a.load.value().total_cmp(&b.load.value()))
}

fn reason_or(analysis: &Analysis, otherwise: &str) -> String {
    analysis.reasons.first().map_or_else(
        || otherwise.to_owned(),
        |reason| with_stop(word::capitalised(reason)),
    )
}

/// `text` with a final stop.
pub(crate) fn with_stop(text: String) -> String {
    let text = text.trim_end().to_owned();
    if text.ends_with(['.', '!', '?']) || text.is_empty() {
        text
    } else {
        format!("{text}.")
    }
}

pub(crate) fn nonempty(text: &str) -> Option<&str> {
    Some(text.trim_end_matches('.')).filter(|text| !text.is_empty())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::fixture;

    #[track_caller]
    fn check(analysis: &Analysis, expected: &str) {
        assert_eq!(headline(analysis).lead, expected);
    }

    #[test]
    fn a_failed_limit_is_named_with_its_number_and_its_bound() {
        check(
            &fixture::stress(),
            "Errors reach 13.6 % at 2,000 users; the plan allows 10 %.",
        );
        assert_eq!(
            headline(&fixture::stress()).rest,
            [
                "Every limit holds up to 1,500 users.",
                "The server never crashed."
            ]
        );
    }

    #[test]
    fn a_failed_time_names_its_label() {
        let mut analysis = fixture::stress();
        analysis.limits[1] = analysis.limits[0].clone();
        analysis.limits[1].verdict = Verdict::Fail;
        analysis.limits[1].bound = 100_000.0;
        check(
            &analysis,
            "p95 of GET /posts/ is 106 ms at 1,000 users; the plan allows 100 ms.",
        );
    }

    #[test]
    fn a_pass_below_capacity_says_that_capacity_is_not_known() {
        let mut analysis = fixture::stress();
        analysis.verdict = Verdict::Pass;
        analysis.bottleneck.cause = Cause::None;
        check(&analysis, "All 3 limits hold up to 2,000 users.");
        assert_eq!(
            headline(&analysis).rest[0],
            "The load never reached a limit of the server, so its capacity is not known."
        );
    }

    #[test]
    fn an_undecided_limit_says_how_long_would_decide() {
        let mut analysis = fixture::stress();
        analysis.verdict = Verdict::Inconclusive;
        let limit = &mut analysis.limits[0];
        limit.verdict = Verdict::Inconclusive;
        limit.bound = 500_000.0;
        let cell = limit.decisive.as_mut().unwrap();
        cell.label = None;
        cell.observed = Some(fixture::claimed(480_000.0, 390_000.0, 570_000.0));
        cell.needs_s = Some(230.0);
        check(
            &analysis,
            "Cannot decide: p95 is 480 ms (390–570) at 1,000 users and the limit 500 ms. \
             About 4 min per step instead of 2 min would decide.",
        );
    }

    /// The stress test with its first limit undecided for lack of samples.
    pub(crate) fn undecided() -> Analysis {
        let mut analysis = fixture::stress();
        analysis.verdict = Verdict::Inconclusive;
        let limit = &mut analysis.limits[0];
        limit.verdict = Verdict::Inconclusive;
        let cell = limit.decisive.as_mut().unwrap();
        cell.verdict = Verdict::Inconclusive;
        cell.observed = Some(fixture::unclaimed(1.0, Reason::TooFewSamples { need: 200 }));
        "not enough samples (needs 200)".clone_into(&mut cell.why);
        limit.cells = vec![cell.clone()];
        analysis
    }

    #[test]
    fn a_lack_of_samples_is_a_whole_sentence() {
        check(
            &undecided(),
            "Cannot decide whether p95 of GET /posts/ keeps the limit of 5 s at 1,000 users: not \
             enough samples (needs 200).",
        );
    }

    #[test]
    fn undecided_errors_are_many() {
        let mut analysis = fixture::stress();
        analysis.verdict = Verdict::Inconclusive;
        let limit = &mut analysis.limits[1];
        limit.verdict = Verdict::Inconclusive;
        let cell = limit.decisive.as_mut().unwrap();
        cell.observed = Some(fixture::unclaimed(0.25, Reason::TooShort { need_s: 20 }));
        "no interval is claimed".clone_into(&mut cell.why);
        check(
            &analysis,
            "Cannot decide: errors are 25.0 % at 2,000 users and the limit 10 %; no interval is \
             claimed.",
        );
    }

    #[test]
    fn a_cut_that_leaves_too_little_says_how_long_to_hold() {
        let mut analysis = fixture::stress();
        let step = &mut analysis.steps[0];
        assert_eq!(longer_hold(step), None);
        step.hold_needed_s = Some(26);
        step.window = Some((16, 30));
        assert_eq!(
            longer_hold(step).unwrap(),
            "warm-up of 6 s cut; hold ≥ 26 s for intervals"
        );
    }

    #[test]
    fn a_death_is_named_before_any_limit() {
        let mut analysis = fixture::stress();
        analysis.servers[0].died_s = Some(252.0);
        analysis.servers[0].process_ended = true;
        analysis.servers[0].alive = Some(false);
        check(
            &analysis,
            "The server backend stopped at 4:12 with 1,500 users running: its process ended.",
        );
    }

    #[test]
    fn all_errors_name_the_commonest() {
        let mut analysis = fixture::stress();
        analysis.totals.errors = analysis.totals.samples;
        check(&analysis, "Every sample failed: HTTP 503 “queue full”.");
    }

    #[test]
    fn messages_in_json_tell_their_text() {
        assert_eq!(told(r#"{"error":"queue full"}"#), "queue full");
        assert_eq!(told(r#"{"error":{"code":1}}"#), r#"{"error":{"code":1}}"#);
        assert_eq!(told("<html>"), "<html>");
    }

    #[test]
    fn nothing_measured_is_said() {
        check(
            &fixture::empty(),
            "No sample was recorded, so there is nothing to judge.",
        );
    }

    #[test]
    fn a_cut_off_run_says_when() {
        let mut analysis = fixture::stress();
        analysis.facts.stop = StopReason::CutOff;
        analysis.facts.duration_us = 221_000_000;
        assert_eq!(
            interruption(&analysis).unwrap(),
            "Stopped after 3:41 of 6:30; the last second may be missing."
        );
    }
}
