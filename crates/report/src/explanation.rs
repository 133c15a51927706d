//! One figure explained for a terminal: what it counts, over which seconds, by which method, and what
//! may be doubted about it. `p95@step2`, `errors@step1 of GET /posts/`.
//!
//! The page has shorter ones of its own.

use loadline_analysis::{Analysis, Estimate, Reason, Stats, StepAnalysis, StepState};

use crate::number::{self, Quantity};
use crate::word;

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

/// Why a figure cannot be explained; what can be asked for is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotExplained(pub String);

impl std::fmt::Display for NotExplained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The figure that `asked` names, `FIGURE@stepN` or `FIGURE@stepN of LABEL`, explained in lines.
///
/// # Errors
///
/// [`NotExplained`] when there is no such figure, step or label; it says what there is.
pub fn explanation(analysis: &Analysis, asked: &str) -> Result<String, NotExplained> {
    let usage = || {
        let figures: Vec<&str> = FIGURES.iter().map(|row| row.0).collect();
        NotExplained(format!(
            "`{asked}` names no figure; write FIGURE@stepN or FIGURE@stepN of LABEL, such as p95@step2, with {}",
            figures.join(", ")
        ))
    };
    let (name, place) = asked.split_once('@').ok_or_else(usage)?;
    let figure = FIGURES
        .iter()
        .find(|row| row.0 == name)
        .ok_or_else(usage)?
        .1;
    let (step, label) = match place.split_once(" of ") {
        Some((step, label)) => (step, Some(label)),
        None => (place, None),
    };
    let number: usize = step
        .strip_prefix("step")
        .and_then(|number| number.parse().ok())
        .ok_or_else(usage)?;
    let index = number.checked_sub(1);
    let (index, step) = index
        .and_then(|index| Some((index, analysis.steps.get(index)?)))
        .ok_or_else(|| {
            NotExplained(format!(
                "there is no step {number}: the run has {}",
                word::counted(analysis.steps.len() as u64, "step")
            ))
        })?;
    let stats = match label {
        None => &step.stats,
        Some(label) => labelled(analysis, label, index)?,
    };
    Ok(lines(figure, name, step, number, label, stats))
}

fn labelled<'a>(
    analysis: &'a Analysis,
    label: &str,
    step: usize,
) -> Result<&'a Stats, NotExplained> {
    let found = analysis.labels.iter().find(|known| known.label == label);
    found
        .and_then(|found| found.steps.get(step))
        .ok_or_else(|| {
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

fn lines(
    figure: Figure,
    name: &str,
    step: &StepAnalysis,
    number: usize,
    label: Option<&str>,
    stats: &Stats,
) -> String {
    let whose = label.map_or_else(|| "all samples".to_owned(), |label| format!("`{label}`"));
    let place = format!("step {number}, {}, {whose}", word::load(step.load));
    let mut lines = Vec::new();
    match figure.of(stats) {
        Some(estimate) => {
            let shown = number::estimate(figure.quantity(), estimate);
            lines.push(format!("{name} = {} at {place}", shown.value));
            lines.push(format!("Counts     {}", counts(figure, stats)));
            lines.push(format!("Window     {}", window(step)));
            lines.push(format!("Method     {}", method(figure, stats)));
            lines.push(format!(
                "Interval   {}",
                interval(estimate, &shown.interval)
            ));
        }
        None => {
            lines.push(format!("{name} was not measured at {place}"));
            lines.push(format!("Counts     {}", counts(figure, stats)));
            lines.push(format!("Window     {}", window(step)));
            lines.push("Missing    at least five samples".to_owned());
        }
    }
    if figure == Figure::Errors && stats.errors_in_bursts {
        lines.push("Doubt      errors come in bursts; the interval allows for it".to_owned());
    }
    for why in &step.invalid {
        lines.push(format!("Doubt      {why}"));
    }
    lines.push("More       docs/statistics.md".to_owned());
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn counts(figure: Figure, stats: &Stats) -> String {
    let samples = word::counted(stats.samples, "sample");
    match figure {
        Figure::Throughput => "samples without error, by the second of their end".to_owned(),
        Figure::Errors => format!(
            "{} failed of {samples} that were meant to start in the window",
            number::count(stats.errors)
        ),
        _ => format!(
            "response times, from the intended start to the last byte, of {samples} that were meant to \
             start in the window; {} failed and are among them",
            number::count(stats.errors)
        ),
    }
}

fn window(step: &StepAnalysis) -> String {
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

fn interval(estimate: &Estimate, shown: &str) -> String {
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

fn missing(reason: &Reason) -> String {
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

#[cfg(test)]
mod tests {
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
    fn what_cannot_be_explained_says_what_can() {
        let analysis = fixture::stress();
        let why = |asked: &str| explanation(&analysis, asked).unwrap_err().0;
        assert!(why("p95").contains("p95@step2"));
        assert!(why("p42@step1").contains("throughput"));
        assert!(why("p95@step0").contains("no step 0"));
        assert!(why("p95@step99").contains("the run has"));
        assert!(why("p95@step1 of nothing").contains("no label `nothing`"));
    }

    #[test]
    fn a_step_without_samples_says_so() {
        let mut analysis = fixture::stress();
        analysis.steps[0].stats = Stats::default();
        let text = explanation(&analysis, "p95@step1").unwrap();
        assert!(text.contains("was not measured"), "{text}");
    }
}
