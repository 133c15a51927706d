//! The story chart: what happened, all panels on one time axis.

mod panels;

use std::fmt::Write;

use loadline_analysis::{Analysis, StepAnalysis, StepState, StoryBin};
use serde_json::{Value, json};

use super::axis::clock_ticks;
use super::event::{Event, events};
use super::markup::{escape, list};
use super::page::section;
use super::plot::x_ticks;
use super::sheet::Sheet;
use crate::number::{self, Quantity};
use crate::word;

/// Servers with panels of their own; the tables have all.
const SERVERS: usize = 3;

/// What the panels share.
struct Story<'a> {
    analysis: &'a Analysis,
    sheet: &'a Sheet,
    length_s: f64,
    events: Vec<Event>,
}

/// The section; empty without a story.
pub(super) fn story(analysis: &Analysis, sheet: &Sheet) -> String {
    let length_s = length_s(analysis);
    if analysis.story.len() < 2 || length_s <= 0.0 || analysis.totals.samples < 5 {
        return String::new();
    }
    let story = Story {
        analysis,
        sheet,
        length_s,
        events: events(analysis),
    };
    let mut chart = String::from(
        "<div class=\"read\" aria-live=\"off\" id=\"read\" hidden><span class=\"sub\">Move over a \
         chart to read one moment in all of them; <kbd>←</kbd> <kbd>→</kbd> move it, \
         <kbd>Esc</kbd> clears it.</span></div>",
    );
    chart.push_str(&story.rail());
    chart.push_str(&story.pins());
    chart.push_str(&story.users());
    chart.push_str(&story.response_times());
    chart.push_str(&story.throughput());
    chart.push_str(&story.errors());
    for index in 0..analysis.servers.len().min(SERVERS) {
        chart.push_str(&story.cpu(index));
        chart.push_str(&story.memory(index));
    }
    chart.push_str(&story.time_axis());
    section(
        "story",
        "What happened",
        &format!(
            "<p class=\"lead\">{}</p><figure><div>{chart}</div>\
             <figcaption>{}</figcaption></figure>{}{}{}",
            escape(&story.lead()),
            escape(&story.caption()),
            stood_out(analysis),
            story.event_list(),
            story.table()
        ),
    )
}

/// Where a second of a run of `length_s` stands, from 0 to 1000.
pub(super) fn x(second: f64, length_s: f64) -> f64 {
    (second / length_s * 1000.0).clamp(0.0, 1000.0)
}

/// Ticks of a time axis over a run of `length_s`.
pub(super) fn time_axis(sheet: &Sheet, length_s: f64) -> String {
    let mut ticks: Vec<(f64, String, bool)> = clock_ticks(length_s)
        .into_iter()
        // The end has its own label; one beside it would touch it.
        .filter(|second| x(*second, length_s) < 950.0)
        .enumerate()
        .map(|(index, second)| {
            let x = x(second, length_s);
            (x, number::clock(second), index % 2 == 1 || x > 850.0)
        })
        .collect();
    ticks.push((1000.0, number::clock(length_s), false));
    let unit = if length_s >= 3600.0 {
        "h:min:s"
    } else {
        "min:s"
    };
    x_ticks(sheet, &ticks, &format!("time since start ({unit})"))
}

/// What stood out, as a list; empty if nothing did.
fn stood_out(analysis: &Analysis) -> String {
    if analysis.anomalies.is_empty() {
        return String::new();
    }
    let items: Vec<String> = analysis.anomalies.iter().map(word::anomaly).collect();
    format!("<p><b>What stood out</b></p>{}", list(&items))
}

/// Series for the reading line; empty without a story.
pub(super) fn series(analysis: &Analysis) -> String {
    if analysis.story.len() < 2 || length_s(analysis) <= 0.0 || analysis.totals.samples < 5 {
        return String::new();
    }
    let rounded = |value: f64, decimals: i32| {
        let power = 10f64.powi(decimals);
        let value = (value * power).round() / power;
        if value.fract() == 0.0 {
            json!(value as i64)
        } else {
            json!(value)
        }
    };
    let all = |pick: &dyn Fn(&StoryBin) -> Option<f64>, decimals: i32| {
        Value::Array(
            analysis
                .story
                .iter()
                .map(|bin| {
                    pick(bin)
                        .filter(|value| value.is_finite())
                        .map_or(Value::Null, |value| rounded(value, decimals))
                })
                .collect(),
        )
    };
    let mut series = json!({
        "bin": analysis.story_bin_s.max(1),
        "length": length_s(analysis),
        "u": all(&|bin| Some(bin.users), 0),
        "p50": all(&|bin| bin.p50_us.map(|us| us / 1000.0), 2),
        "p95": all(&|bin| bin.p95_us.map(|us| us / 1000.0), 2),
        "g": all(&|bin| Some(bin.good_per_s), 1),
        "e": all(&|bin| Some((bin.completed_per_s - bin.good_per_s).max(0.0)), 1),
    });
    if !analysis.servers.is_empty() {
        series["c"] = all(&|bin| bin.servers.first()?.0.map(|cores| cores * 100.0), 0);
        series["m"] = all(&|bin| bin.servers.first()?.2.map(|bytes| bytes / 1e6), 0);
    }
    series.to_string()
}

pub(super) fn length_s(analysis: &Analysis) -> f64 {
    let bins = analysis
        .story
        .last()
        .map_or(0.0, |bin| f64::from(bin.start_s) + 1.0);
    (analysis.facts.duration_us as f64 / 1e6).max(bins)
}

impl Story<'_> {
    /// What the chart shows, in one or two sentences.
    fn lead(&self) -> String {
        let finding = &self.analysis.bottleneck;
        let full = finding
            .knee_step
            .filter(|_| word::blames_server(finding.cause) && !finding.likely_only)
            .and_then(|id| self.analysis.steps.iter().find(|step| step.step == id))
            .map(|step| {
                format!(
                    " From {} on, {}.",
                    word::load(step.load),
                    word::cause(finding.cause)
                )
            });
        format!("One time axis for everything.{}", full.unwrap_or_default())
    }

    fn x(&self, second: f64) -> f64 {
        x(second, self.length_s)
    }

    /// The middle of a bin.
    fn bin_x(&self, bin: &StoryBin) -> f64 {
        let width = f64::from(self.analysis.story_bin_s.max(1));
        self.x((f64::from(bin.start_s) + width / 2.0).min(self.length_s))
    }

    /// The loads of the steps, above their bands; every n-th of many.
    fn rail(&self) -> String {
        let steps = &self.analysis.steps;
        if steps.is_empty() {
            return String::new();
        }
        let every = steps.len().div_ceil(12);
        let mut rail = String::from("<div class=\"rail\" aria-hidden=\"true\">");
        for (index, step) in steps.iter().enumerate() {
            if index % every != 0 && index + 1 != steps.len() {
                continue;
            }
            let middle = self.x(f64::midpoint(step.hold_start_s, step.end_s)) / 10.0;
            let place = self.sheet.class(&format!("left:{middle:.1}%"));
            let unit = match step.load {
                loadline_metrics::StepLoad::Users(_) if steps.len() <= 6 => {
                    "<small class=\"wide light\"> users</small>"
                }
                _ => "",
            };
            let _ = write!(
                rail,
                "<span class=\"{place}\">{}{unit}</span>",
                escape(&word::bare_load(step.load))
            );
        }
        rail.push_str("</div>");
        rail
    }

    fn pins(&self) -> String {
        if self.events.is_empty() {
            return String::new();
        }
        let mut pins = String::from("<div class=\"pinrail\">");
        let mut before = f64::NEG_INFINITY;
        for (index, event) in self.events.iter().enumerate() {
            // Pins closer than their width stand side by side.
            let left = (self.x(event.at_s) / 10.0).max(before + 1.9).min(100.0);
            before = left;
            let place = self.sheet.class(&format!("left:{left:.2}%"));
            let _ = write!(
                pins,
                "<span class=\"pin {place}\" aria-hidden=\"true\">{}</span>",
                index + 1
            );
        }
        pins.push_str("</div>");
        pins
    }

    fn event_list(&self) -> String {
        if self.events.is_empty() {
            return String::new();
        }
        let items: String = self
            .events
            .iter()
            .enumerate()
            .map(|(index, event)| {
                format!(
                    "<li><span class=\"n\">{}</span><b>{}:</b> {}</li>",
                    index + 1,
                    number::clock(event.at_s),
                    escape(&event.what)
                )
            })
            .collect();
        format!("<ol class=\"ev\">{items}</ol>")
    }

    fn time_axis(&self) -> String {
        time_axis(self.sheet, self.length_s)
    }

    fn caption(&self) -> String {
        let censored = self
            .analysis
            .story
            .iter()
            .any(|bin| bin.samples >= 20 && bin.p95_us.is_none());
        let hidden = if censored {
            " Response times are not drawn where many requests were still waiting at the end."
        } else {
            ""
        };
        format!(
            "Bins of {} s; the band is spread, not uncertainty. Hatched: ramp and settling time, \
             measured but not judged.{hidden} A response time stands at the second its request was \
             meant to start; completions and errors at the second they ended.",
            self.analysis.story_bin_s
        )
    }

    /// The same as a table, at most 13 rows.
    fn table(&self) -> String {
        let bins = &self.analysis.story;
        let every = bins.len().div_ceil(13).max(1);
        let time = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |us| number::value(Quantity::Time, us))
        };
        let rows: String = bins
            .iter()
            .skip(every / 2)
            .step_by(every)
            .map(|bin| {
                let server = bin.servers.first();
                let reading = |quantity, value: Option<f64>| {
                    value.map_or_else(
                        || "no reading".to_owned(),
                        |value| number::rough(quantity, value),
                    )
                };
                let watched = server.map_or_else(String::new, |server| {
                    format!(
                        "<td>{}</td><td>{}</td>",
                        reading(Quantity::Share, server.0),
                        reading(Quantity::Bytes, server.2)
                    )
                });
                format!(
                    "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{watched}</tr>",
                    number::clock(f64::from(bin.start_s)),
                    number::load(bin.users.round()),
                    time(bin.p50_us),
                    time(bin.p95_us),
                    number::load(bin.good_per_s.round()),
                    number::load((bin.completed_per_s - bin.good_per_s).max(0.0).round()),
                )
            })
            .collect();
        let watched = if self.analysis.servers.is_empty() {
            ""
        } else {
            "<th>Thread</th><th>Memory</th>"
        };
        format!(
            "<details class=\"no-print\"><summary>The same as a table, every {}</summary>\
             <div class=\"tw\"><table><thead><tr><th>Time</th><th>Users</th><th>p50</th><th>p95</th>\
             <th>Good/s</th><th>Errors/s</th>{watched}</tr></thead><tbody>{rows}</tbody></table></div>\
             </details>",
            number::length(every as f64 * f64::from(self.analysis.story_bin_s))
        )
    }
}

/// Stretches of a step that were measured but not judged.
fn not_judged(step: &StepAnalysis) -> Vec<(f64, f64)> {
    let unsteady = matches!(
        step.state,
        StepState::Rising { .. } | StepState::Falling | StepState::Unsettled
    );
    match step.window {
        _ if unsteady => vec![(step.ramp_start_s, step.end_s)],
        Some((start, _)) => vec![(step.ramp_start_s, f64::from(start).max(step.hold_start_s))],
        None => vec![(step.ramp_start_s, step.hold_start_s)],
    }
}
