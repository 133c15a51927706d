//! The answer of a search explained: the trials behind it and how its interval was made.

use loadline_analysis::SearchMethod;

use super::{Lines, NotExplained};
use crate::number;
use crate::search_view::{SearchView, figure, outcome_word};

const INTERVAL: &str = "interval";

/// `interval`, `trialN`, or the name of a turn.
pub(super) fn explained(view: &SearchView<'_>, asked: &str) -> Result<Lines, NotExplained> {
    if asked == INTERVAL || asked == "breaking-point" {
        return Ok(interval(view));
    }
    let trials = view.so_far.trials.len();
    if let Some(number) = asked
        .strip_prefix("trial")
        .and_then(|number| number.parse::<usize>().ok())
    {
        return number
            .checked_sub(1)
            .filter(|index| *index < trials)
            .map(|index| trial(view, index))
            .ok_or_else(|| {
                NotExplained(format!(
                    "there is no trial {number}: the search made {trials}"
                ))
            });
    }
    let points = view.points();
    if let Some((what, place)) = points.iter().find(|point| point.0 == asked) {
        let mut lines = Lines::new(format!("{what}: {place}"));
        lines.add(
            "Counts",
            "the last trial surely without it, and the first surely with it",
        );
        lines.add(
            "Method",
            "the whole interval of a trial's figure must lie beyond the line",
        );
        return Ok(lines);
    }
    let turns: Vec<String> = points
        .iter()
        .map(|point| format!("`{}`", point.0))
        .collect();
    Err(NotExplained(format!(
        "`{asked}` names no figure of a search; write {INTERVAL}, trial1 to trial{trials}, or a turn: {}; figures of \
         a trial's run stand in its own folder",
        turns.join(", ")
    )))
}

fn interval(view: &SearchView<'_>) -> Lines {
    let mut lines = Lines::new(view.lead());
    lines.add("Counts", view.effort());
    if let Some(limit) = view.limit() {
        lines.add("Limit", limit);
    }
    lines.add(
        "Method",
        match view.found.method {
            Some(SearchMethod::Regression) => {
                "a weighted line of ln(figure / bound) over ln(load) through the trials near the break, read at the \
                 bound (inverse prediction, Fieller's interval)"
            }
            Some(_) => {
                "the lower end kept every limit and the upper one broke one, each by an interval of 2.7 standard \
                 errors in its own trial"
            }
            None => "no interval is claimed",
        },
    );
    for doubt in view.doubts() {
        lines.add("Doubt", doubt);
    }
    lines
}

fn trial(view: &SearchView<'_>, index: usize) -> Lines {
    let trial = &view.so_far.trials[index];
    let mut lines = Lines::new(format!(
        "trial {}: {} {} the limits",
        index + 1,
        view.settings.words(trial.load),
        match outcome_word(trial) {
            word @ ("keeps" | "breaks" | "breaks at once") => word,
            "open" => "leaves open",
            _ => "says nothing about",
        }
    ));
    if let Some((why, folder)) = view.trials.get(index) {
        lines.add("Chosen", why);
        lines.add("Run", folder);
    }
    lines.add(
        "Window",
        format!(
            "{} after its warm-up{}",
            number::length(f64::from(trial.window_s)),
            if trial.extended {
                ", lengthened once"
            } else {
                ""
            }
        ),
    );
    for margin in &trial.margins {
        let (name, shown) = figure(margin);
        let of = margin
            .label
            .as_ref()
            .map_or_else(String::new, |label| format!(" of {label}"));
        let interval = if shown.interval.is_empty() {
            String::new()
        } else {
            format!(" ({})", shown.interval)
        };
        lines.add(
            "Limit",
            format!("{}: {name}{of} was {}{interval}", margin.limit, shown.value),
        );
    }
    lines
}
