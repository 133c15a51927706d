//! The answer of a search as text: the answer, its trials, the other points, the cause.

use crate::number::{self, Quantity};
use crate::search_view::{SearchView, figure, outcome_word};
use crate::text::columns::{Align, table, wrapped};
use crate::text::style::{Ink, TextStyle};

/// The answer of a search on one screen.
#[must_use]
pub fn search_text(view: &SearchView<'_>, style: TextStyle) -> String {
    let width = style.columns();
    let word = view.word().to_uppercase();
    let first = format!("{word}  ");
    let mut lines = wrapped(&first, &style.plain(&view.lead()), width);
    if let Some(line) = lines.first_mut() {
        *line = line.replacen(&word, &style.paint(&word, Ink::of(view.mark())), 1);
    }
    let indent = " ".repeat(first.chars().count());
    for doubt in view.doubts() {
        lines.extend(wrapped(&indent, &style.plain(&doubt), width));
    }
    lines.extend(wrapped(&indent, &format!("{}.", view.effort()), width));
    lines.push(String::new());
    lines.extend(trials(view).iter().map(|line| style.plain(line)));
    lines.push(String::new());
    let points: Vec<Vec<String>> = view
        .points()
        .into_iter()
        .map(|(what, place)| vec![what.to_owned(), place])
        .collect();
    lines.push("Other points of the curves".to_owned());
    lines.extend(table(&[(Align::Left, 2), (Align::Left, 2)], &points));
    lines.push(String::new());
    lines.extend(wrapped(
        "Bottleneck  ",
        &style.plain(&view.bottleneck()),
        width,
    ));
    if let Some(analysis) = view.decisive() {
        for advice in analysis.bottleneck.advice.iter().take(2) {
            lines.extend(wrapped("Advice      ", &style.plain(advice), width));
        }
    }
    if !view.paths.report.is_empty() {
        lines.push(String::new());
        lines.push(format!("Report      {}", view.paths.report));
    }
    if view.interrupted {
        lines.push(format!(
            "Go on       loadline find --resume {}",
            view.paths.folder
        ));
    }
    if !view.replay.is_empty() {
        lines.push(format!("Replay      {}", view.replay));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn trials(view: &SearchView<'_>) -> Vec<String> {
    let mut rows = vec![
        ["Trials", "load", "", "", "good/s", "", "why this load"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (index, trial) in view.so_far.trials.iter().enumerate() {
        let (name, shown) = trial.governing().map(figure).unwrap_or_default();
        let good = trial.figures.good_per_s.as_ref();
        let claimed = trial.governing().is_some_and(|margin| {
            margin
                .observed
                .as_ref()
                .is_some_and(|observed| observed.low.is_some())
        });
        let interval = if claimed && !shown.interval.is_empty() {
            format!(" ({})", shown.interval)
        } else {
            String::new()
        };
        rows.push(vec![
            format!("{}", index + 1),
            view.settings.words(trial.load),
            format!("{name} {}{interval}", shown.value),
            String::new(),
            good.map_or_else(String::new, |good| {
                number::value(Quantity::Rate, good.value)
                    .trim_end_matches("/s")
                    .to_owned()
            }),
            outcome_word(trial).to_owned(),
            view.trials
                .get(index)
                .map_or_else(String::new, |row| row.0.clone()),
        ]);
    }
    table(
        &[
            (Align::Left, 0),
            (Align::Right, 2),
            (Align::Left, 2),
            (Align::Left, 1),
            (Align::Right, 2),
            (Align::Left, 2),
            (Align::Left, 2),
        ],
        &rows,
    )
}
