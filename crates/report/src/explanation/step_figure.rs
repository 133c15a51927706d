//! A figure of a step, or of the whole run: what it counts, over which seconds, by which method.

use loadline_analysis::{Analysis, Estimate, Reason, Stats, StepAnalysis, StepState};

use super::{Lines, NotExplained};
use crate::number::{self, Quantity};
use crate::word;

/// Where a figure is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The step with this index.
    Step(usize),
    /// The whole run.
    Run,
}

/// A figure that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Mean,
    P50,
    P90,
    P95,
    P99,
    Throughput,
    Errors,
}

const FIGURES: [(&str, Figure); 7] = [
    ("mean", Figure::Mean),
    ("p50", Figure::P50),
    ("p90", Figure::P90),
    ("p95", Figure::P95),
    ("p99", Figure::P99),
    ("throughput", Figure::Throughput),
    ("errors", Figure::Errors),
];

/// Names of the figures.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIGURES.iter().map(|row| row.0)
}

/// The figure `name` at `place`, a step or the run, of all samples or of `label`; `None` if it is
/// not the name of such a figure.
pub(super) fn explained(
    analysis: &Analysis,
    name: &str,
    place: Place,
    label: Option<&str>,
) -> Option<Result<Lines, NotExplained>> {
    let figure = FIGURES.iter().find(|row| row.0 == name)?.1;
    Some(stats(analysis, place, label).map(|stats| match place {
        Place::Step(index) => of_step(
            figure,
            name,
            &analysis.steps[index],
            index + 1,
            label,
            stats,
        ),
        Place::Run => of_run(figure, name, analysis, label, stats),
    }))
}

/// The figures of all samples or of a label's.
fn stats<'a>(
    analysis: &'a Analysis,
    place: Place,
    label: Option<&str>,
) -> Result<&'a Stats, NotExplained> {
    let Some(label) = label else {
        return Ok(match place {
            Place::Step(index) => &analysis.steps[index].stats,
            Place::Run => &analysis.totals,
        });
    };
    let found = analysis.labels.iter().find(|known| known.label == label);
    let stats = found.and_then(|found| match place {
        Place::Step(index) => found.steps.get(index),
        Place::Run => Some(&found.totals),
    });
    stats.ok_or_else(|| {
        if analysis.never_ran.iter().any(|known| known == label) {
            return NotExplained(format!("`{label}` never ran: there is nothing to explain"));
        }
        let known: Vec<&str> = analysis
            .labels
            .iter()
            .map(|known| known.label.as_str())
            .collect();
        NotExplained(format!(
            "there is no label `{label}`; the run has {}",
            known.join(", ")
        ))
    })
}

impl Figure {
    const fn quantity(self) -> Quantity {
        match self {
            Figure::Throughput => Quantity::Rate,
            Figure::Errors => Quantity::Share,
            _ => Quantity::Time,
        }
    }

    const fn of(self, stats: &Stats) -> Option<&Estimate> {
        match self {
            Figure::Mean => stats.response.mean.as_ref(),
            Figure::P50 => stats.response.p50.as_ref(),
            Figure::P90 => stats.response.p90.as_ref(),
            Figure::P95 => stats.response.p95.as_ref(),
            Figure::P99 => stats.response.p99.as_ref(),
            Figure::Throughput => stats.good_throughput.as_ref(),
            Figure::Errors => stats.error_rate.as_ref(),
        }
    }

    /// The share of samples at or below it, of a percentile.
    const fn percent(self) -> Option<u64> {
        match self {
            Figure::P50 => Some(50),
            Figure::P90 => Some(90),
            Figure::P95 => Some(95),
            Figure::P99 => Some(99),
            _ => None,
        }
    }
}

fn of_step(
    figure: Figure,
    name: &str,
    step: &StepAnalysis,
    number: usize,
    label: Option<&str>,
    stats: &Stats,
) -> Lines {
    let place = format!("step {number}, {}, {}", word::load(step.load), whose(label));
    let mut lines = head(
        figure,
        name,
        &place,
        stats,
        "were meant to start in the window",
    );
    lines.add("Window", window(step));
    match figure.of(stats) {
        Some(estimate) => {
            let shown = number::estimate(figure.quantity(), estimate);
            lines.add("Method", method(figure, stats));
            lines.add("Interval", interval(estimate, &shown.interval));
        }
        None => lines.add("Missing", "at least five samples"),
    }
    if figure == Figure::Errors && stats.errors_in_bursts {
        lines.add("Doubt", "errors come in bursts; the interval allows for it");
    }
    for why in &step.invalid {
        lines.add("Doubt", why.as_str());
    }
    lines
}

fn of_run(
    figure: Figure,
    name: &str,
    analysis: &Analysis,
    label: Option<&str>,
    stats: &Stats,
) -> Lines {
    let place = format!("the whole run, {}", whose(label));
    let mut lines = head(figure, name, &place, stats, "started in the run");
    lines.add("Window", "the whole run, ramps and warm-up included");
    match figure.of(stats) {
        Some(_) => {
            lines.add("Method", method(figure, stats));
            lines.add(
                "Interval",
                "not claimed: the run mixes loads; the steps' figures have intervals",
            );
        }
        None => lines.add("Missing", "at least five samples"),
    }
    if analysis.steps.iter().any(|step| !step.invalid.is_empty()) {
        lines.add("Doubt", "some steps are invalid and are counted here too");
    }
    lines
}

fn whose(label: Option<&str>) -> String {
    label.map_or_else(|| "all samples".to_owned(), |label| format!("`{label}`"))
}

fn head(figure: Figure, name: &str, place: &str, stats: &Stats, meant: &str) -> Lines {
    let title = match figure.of(stats) {
        Some(estimate) => format!(
            "{name} = {}, {place}",
            number::estimate(figure.quantity(), estimate).value
        ),
        None => format!("{name} was not measured: {place}"),
    };
    let mut lines = Lines::new(title);
    lines.add("Counts", counts(figure, stats, meant));
    lines
}

fn counts(figure: Figure, stats: &Stats, meant: &str) -> String {
    let samples = word::counted(stats.samples, "sample");
    match figure {
        Figure::Throughput => "samples without error, by the second of their end".to_owned(),
        Figure::Errors => format!(
            "{} failed of {samples} that {meant}",
            number::count(stats.errors)
        ),
        _ => format!(
            "response times, from the intended start to the last byte, of {samples} that {meant}; {} failed \
             and are among them",
            number::count(stats.errors)
        ),
    }
}

pub(super) fn window(step: &StepAnalysis) -> String {
    let Some((start, end)) = step.window else {
        return format!("none: {}", word::state(&step.state).to_lowercase());
    };
    let cut = f64::from(start) - step.hold_start_s;
    let cut = if cut >= 1.0 {
        format!(
            "; the first {} of the step are left out",
            number::length(cut)
        )
    } else {
        String::new()
    };
    let rise = match (&step.state, step.detectable_rise) {
        (StepState::Steady, Some(rise)) => format!(
            "; a rise by more than {} would have been seen",
            number::rough(Quantity::Share, rise)
        ),
        _ => String::new(),
    };
    format!(
        "{} to {} of the run ({}), {}{cut}{rise}",
        number::clock(f64::from(start)),
        number::clock(f64::from(end)),
        number::length(f64::from(end.saturating_sub(start))),
        word::state(&step.state).to_lowercase()
    )
}

fn method(figure: Figure, stats: &Stats) -> String {
    match figure.percent() {
        Some(percent) => {
            // The same rank as the figure's: the smallest value with at least so many up to it.
            let rank = (stats.samples * percent).div_ceil(100).max(1);
            format!(
                "the {} of {} values in order, from histograms that keep three digits",
                ordinal(rank),
                number::count(stats.samples)
            )
        }
        None => match figure {
            Figure::Mean => "the exact sum over the number of samples".to_owned(),
            Figure::Throughput => "their number over the window's length".to_owned(),
            _ => "failed over all".to_owned(),
        },
    }
}

fn ordinal(number: u64) -> String {
    let ending = match (number % 10, number % 100) {
        (1, last) if last != 11 => "st",
        (2, last) if last != 12 => "nd",
        (3, last) if last != 13 => "rd",
        _ => "th",
    };
    format!("{}{ending}", number::count(number))
}

pub(super) fn interval(estimate: &Estimate, shown: &str) -> String {
    if let Some(reason) = &estimate.reason {
        return format!("not claimed: {}", missing(reason));
    }
    if shown.is_empty() {
        return "not claimed".to_owned();
    }
    let least = if estimate.at_least {
        "; the window holds few independent pieces, so it is at least so wide"
    } else {
        ""
    };
    let censored = if estimate.censored {
        "; requests were still waiting, so the figure is a lower bound"
    } else {
        ""
    };
    format!(
        "{shown}, 95 %, from the spread between 10 and between 20 parts of the window{least}{censored}"
    )
}

pub(super) fn missing(reason: &Reason) -> String {
    match reason {
        Reason::NoSamples => "no samples".to_owned(),
        Reason::TooShort { need_s } => format!("the window is shorter than {need_s} s"),
        Reason::TooFewSamples { need } => {
            format!("it takes {} samples", number::count(*need))
        }
        Reason::NotSteady => "the step was not steady, so there is no one value".to_owned(),
        Reason::Invalid(why) => why.clone(),
        Reason::NoReadings => "nothing was read".to_owned(),
        Reason::TooFewLevels { need } => format!("it takes {need} loads"),
        Reason::MixedLoads => "the window mixes several loads".to_owned(),
        Reason::NoInterval => "figures of this kind have none".to_owned(),
    }
}
