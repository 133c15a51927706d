//! Response time against load: one dot for each step, and where the curves turn.

use std::fmt::Write;

use loadline_analysis::{Analysis, Estimate, Scaling, ScalingLaw, StepAnalysis};
use loadline_metrics::{LoadModel, StepLoad};

use super::axis::{Axis, Unit};
use super::load_axis::Loads;
use super::markup::{escape, prose};
use super::page::{lead, section};
use super::plot::{Anchor, Key, Plot, Stroke, title, x_ticks};
use super::sheet::Sheet;
use crate::answer::range;
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::sentence;
use crate::word;

/// With fewer loads the rail shows only the range that limits decided.
const LOADS_FOR_KNEES: usize = 5;

/// The section; empty with fewer than two loads.
pub(super) fn load(analysis: &Analysis, sheet: &Sheet) -> String {
    let mut steps: Vec<&StepAnalysis> = analysis
        .steps
        .iter()
        .filter(|step| step.stats.samples >= 5)
        .collect();
    steps.sort_by(|a, b| a.load.value().total_cmp(&b.load.value()));
    let different = steps
        .windows(2)
        .filter(|pair| pair[0].load.value() < pair[1].load.value())
        .count();
    if different == 0 {
        return String::new();
    }
    let chart = Chart {
        analysis,
        sheet,
        loads: Loads::of(steps.iter().map(|step| step.load.value())),
        steps,
    };
    let unit = match chart.steps[0].load {
        StepLoad::Users(_) => "users",
        StepLoad::Rate(_) => "arrivals per second",
    };
    let figure = format!(
        "<figure>{}{}{}{}{}<figcaption>{}</figcaption></figure>{}",
        chart.response_times(),
        chart.throughput(),
        chart.error_rate(),
        x_ticks(sheet, &chart.loads.ticks(), unit),
        chart.knees(),
        prose(&chart.caption()),
        chart.table(),
    );
    let text = lead(&format!(
        "{} of this test. Each turn of the curve is a range: the last load surely before it, the first surely after.",
        word::counted(chart.steps.len() as u64, "step")
    ));
    section(
        "load",
        "Response time against load",
        &format!("{text}{figure}"),
    )
}

struct Chart<'a> {
    analysis: &'a Analysis,
    sheet: &'a Sheet,
    loads: Loads,
    steps: Vec<&'a StepAnalysis>,
}

impl<'a> Chart<'a> {
    fn plot(&self, axis: Axis, height: u32) -> Plot<'a> {
        let mut plot = Plot::new(self.sheet, axis, height);
        if let Some((from, to)) = self.breaking_range() {
            plot.band(from, to, "var(--fail)", 0.13);
        }
        plot
    }

    fn breaking_range(&self) -> Option<(f64, f64)> {
        let point = &self.analysis.breaking_point;
        let broken = point.broken?.value();
        let carried = point.carried.map_or(self.loads.low, StepLoad::value);
        Some((self.loads.x(carried), self.loads.x(broken)))
    }

    fn curve(
        &self,
        plot: &mut Plot<'_>,
        color: &str,
        estimate: impl Fn(&'a StepAnalysis) -> Option<&'a Estimate>,
    ) {
        let shown: Vec<(&StepAnalysis, &Estimate)> = self
            .steps
            .iter()
            .filter_map(|step| {
                let estimate =
                    estimate(step).filter(|estimate| sentence::shows_a_value(estimate))?;
                Some((*step, estimate))
            })
            .collect();
        let points: Vec<_> = shown
            .iter()
            .map(|(step, estimate)| (self.loads.x(step.load.value()), Some(estimate.value)))
            .collect();
        plot.line(&points, Stroke::solid(color, 1.3).at_opacity(0.55));
        for (step, estimate) in shown {
            let hollow = !step.invalid.is_empty() || estimate.censored;
            plot.dot(
                self.loads.x(step.load.value()),
                estimate.value,
                estimate.low.zip(estimate.high),
                if step.invalid.is_empty() {
                    color
                } else {
                    "var(--inv)"
                },
                hollow,
            );
        }
    }

    /// Times that limits bound, with the greatest load that each judges.
    fn time_bounds(&self) -> Vec<(f64, f64, String)> {
        self.analysis
            .limits
            .iter()
            .filter_map(|limit| {
                let LimitMetric::Time(name) = LimitMetric::of(&limit.text) else {
                    return None;
                };
                let last = limit
                    .cells
                    .iter()
                    .filter_map(|cell| cell.load.map(StepLoad::value))
                    .max_by(f64::total_cmp)?;
                let text = format!(
                    "limit: {name} {}",
                    number::bound(Quantity::Time, limit.bound)
                );
                Some((limit.bound, last, text))
            })
            .collect()
    }

    fn response_times(&self) -> String {
        let bounds = self.time_bounds();
        let figures = self.steps.iter().flat_map(|step| {
            let response = &step.stats.response;
            [&response.p50, &response.p95]
                .into_iter()
                .flatten()
                .filter(|estimate| sentence::shows_a_value(estimate))
                .flat_map(|estimate| [Some(estimate.value), estimate.low, estimate.high])
                .flatten()
                .collect::<Vec<_>>()
        });
        let figures: Vec<f64> = figures.collect();
        let Some(axis) = (!figures.is_empty())
            .then(|| {
                Axis::times(
                    figures
                        .into_iter()
                        .chain(bounds.iter().map(|bound| bound.0)),
                )
            })
            .flatten()
        else {
            return String::new();
        };
        let mut plot = self.plot(axis, 250);
        for (bound, last, text) in &bounds {
            let last = self.loads.x(*last);
            plot.level(*bound, 0.0, last, Stroke::solid("var(--fail)", 1.8));
            plot.level(
                *bound,
                last,
                1000.0,
                Stroke::dashed("var(--fail)", 1.3, "2 5"),
            );
            plot.note(
                9.0,
                plot.percent(*bound) - 0.5,
                Anchor::Above,
                "var(--fail)",
                text,
            );
        }
        self.curve(&mut plot, "var(--s2)", |step| {
            step.stats.response.p50.as_ref()
        });
        self.curve(&mut plot, "var(--s3)", |step| {
            step.stats.response.p95.as_ref()
        });
        if let Some((from, _)) = self.breaking_range() {
            plot.note(
                from - 5.0,
                93.0,
                Anchor::Right,
                "var(--fail)",
                "breaks here",
            );
        }
        let name = if sentence::all_failed(self.analysis) {
            "Time until the error"
        } else {
            "Response time"
        };
        let title = title(
            self.sheet,
            name,
            "log scale, 95 % intervals",
            &[
                (Key::Filled, "var(--s2)", "p50"),
                (Key::Filled, "var(--s3)", "p95"),
            ],
        );
        format!(
            "{title}{}",
            plot.finish(&self.finding("p95", Quantity::Time, |step| {
                step.stats.response.p95.as_ref()
            }))
        )
    }

    fn finding(
        &self,
        name: &str,
        quantity: Quantity,
        estimate: impl Fn(&'a StepAnalysis) -> Option<&'a Estimate>,
    ) -> String {
        let parts: Vec<String> = self
            .steps
            .iter()
            .filter_map(|step| {
                let shown = number::estimate(quantity, estimate(step)?);
                Some(format!("{} at {}", shown.value, word::load(step.load)))
            })
            .collect();
        format!("{name} against load: {}", parts.join(", "))
    }

    fn throughput(&self) -> String {
        let good = |step: &'a StepAnalysis| step.stats.good_throughput.as_ref();
        let ideal = self.ideal();
        let top = self
            .steps
            .iter()
            .filter_map(|step| good(step))
            .map(|estimate| estimate.high.unwrap_or(estimate.value))
            .chain(
                ideal.map(|ideal| ideal * self.steps.last().map_or(0.0, |step| step.load.value())),
            )
            .fold(0.0, f64::max);
        let mut plot = self.plot(Axis::linear(top, Unit::Plain), 150);
        if let Some(ideal) = ideal {
            let points: Vec<_> = (0..=40)
                .map(|index| {
                    let load = if self.loads.log {
                        self.loads.low
                            * (self.loads.high / self.loads.low).powf(f64::from(index) / 40.0)
                    } else {
                        self.loads.high * f64::from(index) / 40.0
                    };
                    let throughput = ideal * load;
                    (
                        self.loads.x(load),
                        (throughput <= top * 1.1).then_some(throughput),
                    )
                })
                .collect();
            plot.line(&points, Stroke::dashed("var(--ink2)", 1.3, "5 4"));
        }
        let capacity = self
            .analysis
            .demand
            .iter()
            .filter(|demand| demand.capacity_per_s.value <= top * 1.1)
            .min_by(|a, b| a.capacity_per_s.value.total_cmp(&b.capacity_per_s.value));
        if let Some(demand) = capacity {
            let shown = number::estimate(Quantity::Rate, &demand.capacity_per_s);
            if let (Some(low), Some(high)) = (demand.capacity_per_s.low, demand.capacity_per_s.high)
            {
                plot.level_band(low, high.min(top * 1.1), "var(--cpu)", 0.2);
            }
            let what = if demand.signal == loadline_events::Signal::BusiestThread {
                "one core ends here"
            } else {
                "its cores end here"
            };
            let interval = if shown.bare.is_empty() {
                String::new()
            } else {
                format!(" ({})", shown.bare)
            };
            let high = demand
                .capacity_per_s
                .high
                .unwrap_or(demand.capacity_per_s.value);
            let top = plot.percent(high) - 0.5;
            plot.note(
                9.0,
                top,
                Anchor::Above,
                "var(--cpu)",
                &format!("{what}: {}{interval}", shown.value),
            );
        }
        if let Some(law) = self.law() {
            let last = self.steps.last().map_or(0.0, |step| step.load.value());
            let curve = |from: f64, to: f64| -> Vec<(f64, Option<f64>)> {
                (0..=60)
                    .map(|index| from + (to - from) * f64::from(index) / 60.0)
                    .map(|load| (self.loads.x(load), Some(law.throughput(load.max(1.0)))))
                    .collect()
            };
            plot.line(
                &curve(self.loads.low.max(1.0), last),
                Stroke::solid("var(--ink2)", 1.2),
            );
            plot.line(
                &curve(last, self.loads.high.min(1.5 * last)),
                Stroke::dashed("var(--ink2)", 1.2, "2 3"),
            );
        }
        self.curve(&mut plot, "var(--rate)", good);
        let mut keys = vec![(Key::Filled, "var(--rate)", "seen")];
        if ideal.is_some() {
            let name = match self.steps[0].load {
                StepLoad::Users(_) => "if no user had to wait",
                StepLoad::Rate(_) => "offered",
            };
            keys.push((Key::Dashed, "var(--ink2)", name));
        }
        if self.law().is_some() {
            keys.push((Key::Line, "var(--ink2)", "scalability law"));
        }
        let title = title(self.sheet, "Throughput without errors", "per second", &keys);
        format!(
            "{title}{}",
            plot.finish(&self.finding("Throughput without errors", Quantity::Rate, good))
        )
    }

    /// The scaling law, if it was fitted over the loads that the axis shows: users inside the server
    /// and samples in flight are other loads.
    fn law(&self) -> Option<&ScalingLaw> {
        let last = self.steps.last()?.load.value();
        match &self.analysis.scaling {
            Scaling::Fitted(law) if (law.greatest_load - last).abs() <= 0.01 * last => Some(law),
            _ => None,
        }
    }

    /// What the law says, for the caption; empty without one.
    fn law_note(&self) -> String {
        let Scaling::Fitted(law) = &self.analysis.scaling else {
            return String::new();
        };
        let peak = match (&law.peak, &law.peak_refused) {
            (Some(peak), _) => {
                let shown = number::estimate(Quantity::Plain, peak);
                format!("its peak lies at {} ({})", shown.value, shown.bare)
            }
            (None, Some(why)) => format!("no peak is claimed: {why}"),
            (None, None) => "no peak is claimed".to_owned(),
        };
        format!(
            "Universal scalability law: contention {}, coherency {}; {peak}. ",
            number::value(Quantity::Share, law.contention),
            number::value(Quantity::Plain, law.coherency),
        )
    }

    /// Completions that each unit of load asks for.
    fn ideal(&self) -> Option<f64> {
        let first = self.steps.first()?;
        match (&self.analysis.facts.model, first.load) {
            (LoadModel::Closed(_), StepLoad::Users(users)) if users > 0 => {
                Some(first.stats.throughput.as_ref()?.value / f64::from(users))
            }
            // Iterations of several samples complete more often than they arrive.
            (LoadModel::Open, StepLoad::Rate(rate)) if rate.as_per_second() > 0.0 => {
                Some(first.stats.throughput.as_ref()?.value / rate.as_per_second())
            }
            _ => None,
        }
        .filter(|ideal| *ideal > 0.0)
    }

    fn error_rate(&self) -> String {
        let rate = |step: &'a StepAnalysis| step.stats.error_rate.as_ref();
        let bound = self
            .analysis
            .limits
            .iter()
            .find(|limit| LimitMetric::of(&limit.text) == LimitMetric::Errors)
            .map(|limit| limit.bound);
        let seen = self
            .steps
            .iter()
            .filter_map(|step| rate(step))
            .filter(|estimate| estimate.value > 0.0)
            .map(|estimate| estimate.high.unwrap_or(estimate.value))
            .fold(0.0, f64::max);
        let none = seen <= 0.0;
        let top = seen.max(bound.unwrap_or_default());
        let axis = if top > 0.0 {
            Axis::linear(top, Unit::Share)
        } else {
            Axis::empty(Unit::Share)
        };
        let mut plot = self.plot(axis, 90);
        if let Some(bound) = bound {
            plot.level(
                bound,
                0.0,
                1000.0,
                Stroke::dashed("var(--fail)", 1.4, "6 4"),
            );
            let text = format!("limit {}", number::bound(Quantity::Share, bound));
            plot.note(
                9.0,
                plot.percent(bound) - 1.0,
                Anchor::Above,
                "var(--fail)",
                &text,
            );
        }
        // With no error the whisker would be all there is to see; the table has it.
        self.curve(&mut plot, "var(--err)", rate);
        if none {
            plot.note(500.0, 60.0, Anchor::Center, "var(--ink2)", "none");
        }
        let title = title(self.sheet, "Error rate", "95 % intervals", &[]);
        format!(
            "{title}{}",
            plot.finish(&self.finding("Error rate", Quantity::Share, rate))
        )
    }

    /// One bar for each turn, from the last load without it to the first with it.
    fn knees(&self) -> String {
        let point = &self.analysis.breaking_point;
        let mut bars: Vec<(f64, f64, String, bool)> = Vec::new();
        if self.steps.len() >= LOADS_FOR_KNEES {
            // The bar of the break itself comes last and in its own colour.
            let turns = point.knees.iter().filter(|knee| {
                !(knee.what.starts_with("bound crossed")
                    && point
                        .broken
                        .is_some_and(|broken| broken.value() == knee.with))
            });
            for knee in turns {
                let text = format!(
                    "{} <b>{}–{}</b>",
                    escape(&knee.what),
                    number::load(knee.without),
                    number::load(knee.with)
                );
                bars.push((
                    self.loads.x(knee.without),
                    self.loads.x(knee.with),
                    text,
                    false,
                ));
            }
        }
        if let (Some((from, to)), Some(broken)) = (self.breaking_range(), point.broken) {
            let text = point.carried.map_or_else(
                || format!("below {}", word::load(broken)),
                |carried| range(carried, broken),
            );
            bars.push((from, to, format!("<b>breaks {}</b>", escape(&text)), true));
        }
        if bars.is_empty() {
            return String::new();
        }
        let height = self.sheet.class(&format!("--h:{}px", bars.len() * 23));
        let mut rail = format!("<div class=\"knee {height}\">");
        for (index, (from, to, text, breaks)) in bars.iter().enumerate() {
            let row = self
                .sheet
                .class(&format!("top:{}px;left:0;right:0", index * 23));
            let bar = self.sheet.class(&format!(
                "left:{:.1}%;width:{:.1}%",
                from / 10.0,
                (to - from) / 10.0
            ));
            // The text stands where there is more room.
            let place = if *from > 350.0 {
                format!("right:{:.1}%", 101.0 - from / 10.0)
            } else {
                format!("left:{:.1}%", to / 10.0 + 1.0)
            };
            let (kind, color) = if *breaks {
                ("red", ";color:var(--fail)")
            } else {
                ("", "")
            };
            let text_class = self.sheet.class(&format!("{place}{color}"));
            let _ = write!(
                rail,
                "<div class=\"{row}\"><i class=\"{kind} {bar}\"></i><span class=\"{text_class}\">{text}</span></div>"
            );
        }
        rail.push_str("</div>");
        rail
    }

    fn caption(&self) -> String {
        let notes = &self.analysis.breaking_point.notes;
        let notes: String = notes.iter().map(|note| format!("{note} ")).collect();
        format!(
            "{notes}{}Dots with whiskers are steps with their 95 % intervals; where no whisker shows, it \
             is smaller than the dot. Lines join the points to guide the eye and claim nothing \
             between them.",
            self.law_note()
        )
    }

    fn table(&self) -> String {
        let rows: String = self
            .steps
            .iter()
            .map(|step| {
                let both = |quantity, estimate: Option<&Estimate>| {
                    let shown = number::optional(quantity, estimate);
                    escape(&format!("{} {}", shown.value, shown.interval))
                };
                format!(
                    "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    escape(&word::bare_load(step.load)),
                    both(Quantity::Time, step.stats.response.p50.as_ref()),
                    both(Quantity::Time, step.stats.response.p95.as_ref()),
                    both(Quantity::Rate, step.stats.good_throughput.as_ref()),
                    both(Quantity::Share, step.stats.error_rate.as_ref()),
                )
            })
            .collect();
        format!(
            "<details class=\"no-print\"><summary>The same as a table</summary><div class=\"tw\"><table>\
             <thead><tr><th>Load</th><th>p50</th><th>p95</th><th>Throughput without errors</th>\
             <th>Error rate</th></tr></thead><tbody>{rows}</tbody></table></div></details>"
        )
    }
}
