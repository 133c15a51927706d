//! The page of a search: the answer, its trials over load, and what the broken one shows.

use loadline_analysis::{Estimate, Trial};
use loadline_plan::LoadUnit;

use super::answers::answer_list;
use super::axis::{Axis, Unit};
use super::cause;
use super::icon::Mark;
use super::load_axis::Loads;
use super::markup::{escape, list, prose};
use super::page::{Page, lead, section};
use super::plot::{Anchor, Key, Plot, Stroke, title, x_ticks};
use super::sheet::Sheet;
use super::table::{Row, left, right, table};
use crate::answer::Answer;
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::search_view::{SearchView, figure, outcome, outcome_word};
use crate::word;

/// The page of a search as one HTML file, as self-contained as that of a run.
#[must_use]
pub fn search_html(view: &SearchView<'_>) -> String {
    let sheet = Sheet::default();
    let why = view
        .decisive()
        .map(|analysis| cause::cause(analysis, &crate::paths::RunPaths::default()))
        .unwrap_or_default();
    let sections = [
        ("load", "Load", charts(view, &sheet)),
        ("trials", "Trials", trials(view)),
        ("points", "Other points", points(view)),
        ("why", "Why", why),
        ("method", "Method", method(view)),
    ];
    let links: Vec<(&str, &str)> = sections
        .iter()
        .filter(|(_, _, body)| !body.is_empty())
        .map(|(id, name, _)| (*id, *name))
        .collect();
    let body: String = sections.iter().map(|(_, _, body)| body.as_str()).collect();
    let version = view
        .analyses
        .first()
        .map_or("", |analysis| analysis.facts.version.as_str());
    Page {
        title: &format!("{} · {} · Loadline", view.word(), view.plan_name),
        word: &Mark::of(view.mark()).word(view.word()),
        links: &links,
        header: &header(view),
        sections: &body,
        sheet: &sheet,
        series: "",
        version,
        folder: view.paths.folder_name(),
    }
    .finish()
}

fn header(view: &SearchView<'_>) -> String {
    let target = view
        .analyses
        .first()
        .map_or("", |analysis| analysis.facts.target.as_str());
    let parts: Vec<&str> = ["search", target]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let banner = if view.interrupted {
        format!(
            "<p class=\"banner\">Stopped before its end. <code>loadline find --resume {}</code> goes on.</p>",
            escape(&view.paths.folder)
        )
    } else {
        String::new()
    };
    format!(
        "<h1>{} · <span class=\"light\">{} · {}</span></h1>{banner}\
         <div class=\"verdict {}\">{}<p><b>{}</b> {}</p></div>{}",
        escape(view.plan_name),
        escape(&parts.join(" · ")),
        escape(&view.effort()),
        Mark::of(view.mark()).class(),
        Mark::of(view.mark()).word(view.word()),
        escape(&view.lead()),
        prose(&view.doubts().join(" ")),
        answer_list(&answers(view)),
    )
}

fn answers(view: &SearchView<'_>) -> [Answer; 4] {
    let found = view.found;
    let words = |load: Option<f64>| {
        load.map_or_else(|| "not known".to_owned(), |load| view.settings.words(load))
    };
    let bottleneck = word::capitalised(&view.bottleneck());
    let advice = view
        .decisive()
        .and_then(|analysis| analysis.bottleneck.advice.first().cloned());
    [
        Answer {
            question: "How much does it carry?",
            phrase: word::capitalised(&words(found.carried)),
            detail: match found.broken {
                Some(broken) => format!("It breaks at {}.", view.settings.words(broken)),
                None => "No load is shown to break it.".to_owned(),
            },
        },
        Answer {
            question: "What breaks first?",
            phrase: view
                .limit()
                .unwrap_or_else(|| "Nothing was seen to break".to_owned()),
            detail: found
                .broken_trial
                .map_or_else(String::new, |index| format!("Seen in trial {}.", index + 1)),
        },
        Answer {
            question: "Why?",
            phrase: bottleneck,
            detail: found.broken_trial.map_or_else(String::new, |index| {
                format!("By what trial {} shows.", index + 1)
            }),
        },
        Answer {
            question: "What to do?",
            phrase: advice.unwrap_or_else(|| "Nothing is known to help".to_owned()),
            detail: String::new(),
        },
    ]
}

type Figure = (f64, f64, Option<(f64, f64)>);

fn charts(view: &SearchView<'_>, sheet: &Sheet) -> String {
    let trials = &view.so_far.trials;
    let mut order: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.figures.samples > 0)
        .collect();
    order.sort_by(|a, b| a.load.total_cmp(&b.load));
    if order.len() < 2 {
        return String::new();
    }
    let loads = Loads::of(order.iter().map(|trial| trial.load));
    let unit = match view.settings.unit {
        LoadUnit::Users => "users",
        LoadUnit::Rate => "arrivals per second",
    };
    let figures = |pick: &dyn Fn(&Trial) -> Option<Estimate>| -> Vec<(Figure, &Trial)> {
        order
            .iter()
            .filter_map(|trial| {
                let estimate = pick(trial)?;
                let ends = estimate.low.zip(estimate.high);
                Some(((loads.x(trial.load), estimate.value, ends), *trial))
            })
            .collect()
    };
    let mut all = String::new();
    let bound = view.found.limit.as_ref().and_then(|(text, _)| {
        let time = matches!(LimitMetric::of(text), LimitMetric::Time(_));
        let margins = trials.iter().flat_map(|trial| &trial.margins);
        margins
            .filter(|margin| time && margin.limit == *text)
            .map(|margin| margin.bound)
            .next()
    });
    // The governing limit's own figure where it is a time, else the 95th percentile.
    let name = view
        .found
        .limit
        .as_ref()
        .filter(|_| bound.is_some())
        .map_or("p95".to_owned(), |(text, _)| {
            text.split(['<', '>', '='])
                .next()
                .unwrap_or("p95")
                .trim()
                .to_owned()
        });
    let times = figures(&|trial| match (&view.found.limit, bound) {
        (Some((text, _)), Some(_)) => (trial.margins.iter())
            .find(|margin| margin.limit == *text)
            .and_then(|margin| margin.observed.clone()),
        _ => trial.figures.p95_us.clone(),
    });
    if let Some(axis) = Axis::times(times.iter().map(|figure| figure.0.1).chain(bound)) {
        let mut plot = Plot::new(sheet, axis, 230);
        range(view, &loads, &mut plot);
        if let Some(bound) = bound {
            plot.level(
                bound,
                0.0,
                1000.0,
                Stroke::dashed("var(--fail)", 1.4, "2 5"),
            );
            let note = format!("limit {}", number::bound(Quantity::Time, bound));
            plot.note(
                8.0,
                plot.percent(bound) - 0.5,
                Anchor::Above,
                "var(--fail)",
                &note,
            );
        }
        all.push_str(&chart(
            sheet,
            &loads,
            unit,
            plot,
            &times,
            &Drawn {
                name: &format!("{name} response time"),
                counts: "log scale",
                color: "var(--time)",
                quantity: Quantity::Time,
            },
        ));
    }
    for (name, counts, color, quantity, values) in [
        (
            "Throughput without errors",
            "per second",
            "var(--rate)",
            Quantity::Rate,
            figures(&|trial| trial.figures.good_per_s.clone()),
        ),
        (
            "Errors",
            "share of all samples",
            "var(--err)",
            Quantity::Share,
            figures(&|trial| trial.figures.error_rate.clone()),
        ),
    ] {
        let top = values
            .iter()
            .map(|figure| figure.0.2.map_or(figure.0.1, |ends| ends.1))
            .fold(0.0, f64::max);
        // No errors need no chart.
        if quantity == Quantity::Share && values.iter().all(|figure| figure.0.1 == 0.0) {
            all.push_str("<p class=\"sub\">No sample failed in any trial.</p>");
            continue;
        }
        let unit_of_axis = if quantity == Quantity::Share {
            Unit::Share
        } else {
            Unit::Plain
        };
        let mut plot = Plot::new(sheet, Axis::linear(top, unit_of_axis), 150);
        range(view, &loads, &mut plot);
        all.push_str(&chart(
            sheet,
            &loads,
            unit,
            plot,
            &values,
            &Drawn {
                name,
                counts,
                color,
                quantity,
            },
        ));
    }
    section(
        "load",
        "Trials over load",
        &format!(
            "{}{all}<p class=\"sub\">Filled: decided. Hollow: short, open or invalid. Whiskers are 95 % \
             intervals; where none shows, it is smaller than the dot or not claimed. Red band: where \
             the break lies.</p>",
            lead(&view.lead())
        ),
    )
}

struct Drawn<'a> {
    name: &'a str,
    counts: &'a str,
    color: &'a str,
    quantity: Quantity,
}

/// The band between what is carried and what breaks.
fn range(view: &SearchView<'_>, loads: &Loads, plot: &mut Plot<'_>) {
    if let (Some(low), Some(high)) = (view.found.carried, view.found.broken) {
        plot.band(
            loads.x(low),
            loads.x(high).max(loads.x(low) + 2.0),
            "var(--fail)",
            0.16,
        );
    }
}

fn chart(
    sheet: &Sheet,
    loads: &Loads,
    unit: &str,
    mut plot: Plot<'_>,
    figures: &[(Figure, &Trial)],
    drawn: &Drawn<'_>,
) -> String {
    let line: Vec<(f64, Option<f64>)> = figures
        .iter()
        .map(|figure| (figure.0.0, Some(figure.0.1)))
        .collect();
    plot.line(&line, Stroke::solid(drawn.color, 1.0).at_opacity(0.4));
    for ((x, value, ends), trial) in figures {
        let decided = matches!(
            outcome(trial),
            loadline_analysis::Verdict::Pass | loadline_analysis::Verdict::Fail
        );
        plot.dot(*x, *value, *ends, drawn.color, !decided);
    }
    let value = |figure: &Figure| number::value(drawn.quantity, figure.1);
    let finding = match (figures.first(), figures.last()) {
        (Some(first), Some(last)) => format!(
            "{} over load: {} at the smallest load tried, {} at the greatest",
            drawn.name,
            value(&first.0),
            value(&last.0)
        ),
        _ => drawn.name.to_owned(),
    };
    format!(
        "<figure>{}{}{}</figure>",
        title(
            sheet,
            drawn.name,
            drawn.counts,
            &[
                (Key::Filled, drawn.color, "decided"),
                (Key::Hollow, drawn.color, "open")
            ],
        ),
        plot.finish(&finding),
        x_ticks(sheet, &loads.ticks(), unit)
    )
}

fn trials(view: &SearchView<'_>) -> String {
    let headings = [
        left("Trial"),
        right("Load"),
        left("Result"),
        left("Limit nearest\nto its bound"),
        right("Measured"),
        right("Good/s"),
        right("Errors"),
        left("Recovered"),
        left("Why this load"),
    ];
    let mut rows = String::new();
    for (index, trial) in view.so_far.trials.iter().enumerate() {
        let (reason, folder) = view.trials.get(index).cloned().unwrap_or_default();
        let hot = view.found.broken_trial == Some(index);
        let governing = trial.governing();
        let (_, shown) = governing.map(figure).unwrap_or_default();
        let recovered = trial
            .recovery
            .as_ref()
            .map_or_else(String::new, |recovery| {
                if recovery.recovered {
                    format!("after {:.0} s", recovery.waited_s)
                } else {
                    format!("not within {:.0} s", recovery.waited_s)
                }
            });
        let row = Row::new(if hot { "hot" } else { "" })
            .markup(
                "",
                &format!(
                    "<a href=\"{0}/report.html\">{1}</a>",
                    escape(&folder),
                    index + 1
                ),
            )
            .number("Load", &view.settings.words(trial.load))
            .markup(
                "Result",
                &Mark::of(outcome(trial)).word(outcome_word(trial)),
            )
            .text(
                "Limit",
                governing.map_or("", |margin| margin.limit.as_str()),
            )
            .figure("Measured", &shown)
            .figure(
                "Good/s",
                &number::optional(Quantity::Rate, trial.figures.good_per_s.as_ref()),
            )
            .figure(
                "Errors",
                &number::optional(Quantity::Share, trial.figures.error_rate.as_ref()),
            )
            .text("Recovered", &recovered)
            .remark("Why this load", &reason);
        rows.push_str(&row.finish());
    }
    section("trials", "Trials", &table(&headings, &rows))
}

fn points(view: &SearchView<'_>) -> String {
    let rows: String = view
        .points()
        .into_iter()
        .map(|(what, place)| {
            Row::new("")
                .text("", &word::capitalised(what))
                .text("Where", &place)
                .finish()
        })
        .collect();
    section(
        "points",
        "Other points of the curves",
        &table(&[left("What turns"), left("Where")], &rows),
    )
}

fn method(view: &SearchView<'_>) -> String {
    let settings = view.settings;
    let lines = [
        format!(
            "Loads from {} to {}; windows of {} s, proofs two to eight times as long; an interval of {} \
             aimed at, in at most {} trials.",
            settings.words(settings.from),
            settings.words(settings.max),
            settings.hold_s,
            number::value(Quantity::Share, 2.0 * settings.precision),
            settings.max_trials
        ),
        "The load grows fourfold until a limit breaks, its break is located by short trials, then a \
         load just below and one just above are held until the whole 95 % interval of every limit \
         decides them."
            .to_owned(),
        "After each trial single requests are compared with those before the first one; the next trial \
         begins when the server answers them as it did at rest."
            .to_owned(),
        format!("Every trial is a run of its own below {}.", view.paths.folder_name()),
    ];
    let replay = if view.replay.is_empty() {
        String::new()
    } else {
        format!("<pre>{}</pre>", escape(view.replay))
    };
    section(
        "method",
        "How it was found",
        &format!("{}{replay}", list(&lines)),
    )
}
