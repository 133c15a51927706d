//! Where a figure of a step comes from: what it counts, its window, its doubts, its place in
//! `summary.json`. Opens over the page without script.

use loadline_analysis::{Estimate, StepAnalysis, StepState};

use super::markup::escape;
use crate::number::{self, Quantity, Shown};
use crate::sentence::shows_a_value;
use crate::word;

/// A figure of a step that explains itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Explained {
    Throughput,
    ErrorRate,
    P50,
    P95,
    P99,
}

impl Explained {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Explained; 5] = [
        Explained::Throughput,
        Explained::ErrorRate,
        Explained::P50,
        Explained::P95,
        Explained::P99,
    ];

    /// Its column's name on narrow pages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Explained::Throughput => "Throughput, no errors",
            Explained::ErrorRate => "Error rate",
            Explained::P50 => "p50",
            Explained::P95 => "p95",
            Explained::P99 => "p99",
        }
    }

    /// Its unit.
    pub(super) const fn quantity(self) -> Quantity {
        match self {
            Explained::Throughput => Quantity::Rate,
            Explained::ErrorRate => Quantity::Share,
            Explained::P50 | Explained::P95 | Explained::P99 => Quantity::Time,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Explained::Throughput => "good_throughput_per_s",
            Explained::ErrorRate => "error_rate",
            Explained::P50 => "response_time_us.p50",
            Explained::P95 => "response_time_us.p95",
            Explained::P99 => "response_time_us.p99",
        }
    }

    /// The figure in a step.
    pub(super) fn of(self, stats: &loadline_analysis::Stats) -> Option<&Estimate> {
        match self {
            Explained::Throughput => stats.good_throughput.as_ref(),
            Explained::ErrorRate => stats.error_rate.as_ref(),
            Explained::P50 => stats.response.p50.as_ref(),
            Explained::P95 => stats.response.p95.as_ref(),
            Explained::P99 => stats.response.p99.as_ref(),
        }
    }
}

/// The id of a figure's explanation; `None` where there is nothing to explain.
pub(super) fn id(step: &StepAnalysis, index: usize, figure: Explained) -> Option<String> {
    let estimate = figure.of(&step.stats)?;
    (shows_a_value(estimate) && step.window.is_some() && step.stats.samples >= 5)
        .then(|| format!("e{index}-{}", figure as u8))
}

/// The explanations of a step's figures.
pub(super) fn explanations(step: &StepAnalysis, index: usize) -> String {
    Explained::ALL
        .into_iter()
        .filter_map(|figure| {
            let id = id(step, index, figure)?;
            let estimate = figure.of(&step.stats)?;
            let shown = number::estimate(figure.quantity(), estimate);
            Some(format!(
                "<div id=\"{id}\" popover><b>{}</b><p>{}</p><p class=\"sub\">{} · \
                 <code>summary.json: steps[{index}].{}</code></p></div>",
                escape(&format!(
                    "{} = {} at {}",
                    figure.name(),
                    shown.value,
                    word::load(step.load)
                )),
                escape(&counts(step, figure)),
                escape(&doubts(step, figure, &shown).join(" · ")),
                figure.path()
            ))
        })
        .collect()
}

fn window(step: &StepAnalysis) -> (String, String) {
    step.window.map_or_else(Default::default, |(start, end)| {
        (
            number::clock(f64::from(start)),
            number::clock(f64::from(end)),
        )
    })
}

fn counts(step: &StepAnalysis, figure: Explained) -> String {
    let (start, end) = window(step);
    let samples = number::count(step.stats.samples);
    let percentile = |percent: &str| {
        format!(
            "{percent} % of the {samples} samples meant to start between {start} and {end} took at \
             most this long, errors included."
        )
    };
    match figure {
        Explained::Throughput => {
            format!("Samples without error that ended between {start} and {end}, per second.")
        }
        Explained::ErrorRate => format!(
            "{} of {samples} samples meant to start between {start} and {end} failed.",
            number::count(step.stats.errors)
        ),
        Explained::P50 => percentile("50"),
        Explained::P95 => percentile("95"),
        Explained::P99 => percentile("99"),
    }
}

fn doubts(step: &StepAnalysis, figure: Explained, shown: &Shown) -> Vec<String> {
    let mut doubts = Vec::new();
    let estimate = figure.of(&step.stats);
    if shown.interval.is_empty() {
        doubts.push("no interval".to_owned());
    } else if estimate.is_some_and(|estimate| estimate.reason.is_none() && !estimate.censored) {
        doubts.push(format!("95 % interval {}", shown.interval));
    } else {
        doubts.push(shown.interval.clone());
    }
    if estimate.is_some_and(|estimate| estimate.at_least) {
        doubts.push("slow fluctuations: the interval is at least so wide".to_owned());
    }
    if figure == Explained::ErrorRate && step.stats.errors_in_bursts {
        doubts.push("errors come in bursts, and the interval allows for it".to_owned());
    }
    if let Some((start, end)) = step.window {
        let length = number::length(f64::from(end.saturating_sub(start)));
        let excluded = match (&step.state, step.detectable_rise) {
            (StepState::Steady, Some(rise)) => format!(
                " (a rise over {} is excluded)",
                number::rough(Quantity::Share, rise)
            ),
            _ => String::new(),
        };
        doubts.push(format!(
            "window {length}, {}{excluded}",
            word::state(&step.state).to_lowercase()
        ));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_figure_says_what_it_counts_and_where_it_stands() {
        let analysis = fixture::stress();
        let html = explanations(&analysis.steps[2], 2);
        assert!(html.contains(
            "95 % of the 14,238 samples meant to start between 4:54 and 6:30 took at most this long"
        ));
        assert!(html.contains("summary.json: steps[2].response_time_us.p95"));
        assert!(html.contains("1,934 of 14,238 samples"));
    }

    #[test]
    fn nothing_is_explained_where_nothing_is_shown() {
        let mut analysis = fixture::stress();
        analysis.steps[0].stats = loadline_analysis::Stats::default();
        assert_eq!(explanations(&analysis.steps[0], 0), "");
    }
}
