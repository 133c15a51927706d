//! The panels of the story chart: users, response time, throughput, errors, server.

use loadline_analysis::{LimitResult, StepAnalysis, StoryBin};
use loadline_metrics::LoadModel;

use super::{Story, not_judged};
use crate::html::axis::{Axis, Unit};
use crate::html::plot::{Anchor, Key, Plot, Stroke, title};
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::sentence;
use crate::word;

/// Classes of errors with a colour of their own.
const CLASSES: usize = 4;
/// Opacity of the classes of errors, then of the others.
const CLASS_OPACITY: [f64; CLASSES + 1] = [1.0, 0.7, 0.45, 0.28, 0.15];

impl Story<'_> {
    fn points(&self, value: impl Fn(&StoryBin) -> Option<f64>) -> Vec<(f64, Option<f64>)> {
        self.analysis
            .story
            .iter()
            .map(|bin| (self.bin_x(bin), value(bin)))
            .collect()
    }

    /// An empty panel with step bands, hatches, pins and deaths.
    fn panel(&self, axis: Axis, height: u32) -> Plot<'_> {
        let mut plot = Plot::new(self.sheet, axis, height).with_cursor();
        for (index, step) in self.analysis.steps.iter().enumerate() {
            if index % 2 == 1 {
                plot.band(
                    self.x(step.ramp_start_s),
                    self.x(step.end_s),
                    "var(--band)",
                    1.0,
                );
            }
        }
        for step in &self.analysis.steps {
            for (from, to) in not_judged(step) {
                plot.hatch(self.x(from), self.x(to));
            }
        }
        for event in &self.events {
            plot.upright(self.x(event.at_s), Stroke::dashed("var(--ink)", 1.2, "2 3"));
        }
        for server in &self.analysis.servers {
            if let Some(died) = server.died_s {
                plot.upright(self.x(died), Stroke::solid("var(--fail)", 2.0));
            }
        }
        plot
    }

    pub(super) fn users(&self) -> String {
        let bins = &self.analysis.story;
        let open = bins.iter().any(|bin| bin.offered.is_some());
        let top = bins
            .iter()
            .map(|bin| bin.users.max(bin.in_flight))
            .fold(0.0, f64::max);
        let mut plot = self.panel(Axis::linear(top, Unit::Plain), 72);
        let waiting: Vec<_> = bins
            .iter()
            .map(|bin| (self.bin_x(bin), Some((0.0, bin.in_flight))))
            .collect();
        plot.area(&waiting, "var(--time)", 0.35);
        plot.line(
            &self.points(|bin| Some(bin.users)),
            Stroke::solid("var(--ink)", 1.6),
        );
        let (name, counts) = if open {
            ("Users", "from the pool, and waiting for an answer")
        } else {
            ("Users", "running, and waiting for an answer")
        };
        let title = title(
            self.sheet,
            name,
            counts,
            &[
                (Key::Line, "var(--ink)", "running"),
                (Key::Area, "var(--time)", "waiting"),
            ],
        );
        let most = bins.iter().map(|bin| bin.in_flight).fold(0.0, f64::max);
        let finding = format!(
            "Users over time: up to {} running, up to {} waiting for an answer",
            number::load(top.round()),
            number::load(most.round())
        );
        format!("{title}{}", plot.finish(&finding))
    }

    pub(super) fn response_times(&self) -> String {
        let bins = &self.analysis.story;
        let bounds: Vec<_> = self
            .analysis
            .limits
            .iter()
            .filter(|limit| {
                matches!(LimitMetric::of(&limit.text), LimitMetric::Time(name) if !name.starts_with("service"))
            })
            .collect();
        let values = bins
            .iter()
            .flat_map(|bin| [bin.p50_us, bin.p95_us, bin.p99_us])
            .flatten();
        let seen: Vec<f64> = values.collect();
        let Some(axis) = (!seen.is_empty())
            .then(|| {
                Axis::times(
                    seen.iter()
                        .copied()
                        .chain(bounds.iter().map(|limit| limit.bound)),
                )
            })
            .flatten()
        else {
            return String::new();
        };
        let mut plot = self.panel(axis, 230);
        let spread: Vec<_> = bins
            .iter()
            .map(|bin| (self.bin_x(bin), bin.p50_us.zip(bin.p95_us)))
            .collect();
        plot.area(&spread, "var(--time)", 0.22);
        plot.line(
            &self.points(|bin| bin.p99_us),
            Stroke::dashed("var(--time)", 1.0, "1 3"),
        );
        plot.line(
            &self.points(|bin| bin.p95_us),
            Stroke::solid("var(--time)", 1.6),
        );
        plot.line(
            &self.points(|bin| bin.p50_us),
            Stroke::solid("var(--time)", 2.4),
        );
        let mut noted: Vec<f64> = Vec::new();
        let steps = &self.analysis.steps;
        let applies = |limit: &LimitResult, step: &StepAnalysis| {
            limit.cells.iter().any(|cell| cell.step == Some(step.step))
        };
        let partial = bounds.iter().any(|limit| {
            let covered = steps.iter().filter(|step| applies(limit, step)).count();
            covered > 0 && covered < steps.len()
        });
        for limit in bounds {
            let beyond = Stroke::dashed("var(--fail)", 1.4, "2 5");
            plot.level(limit.bound, 0.0, 1000.0, beyond);
            for step in steps {
                if applies(limit, step) {
                    plot.level(
                        limit.bound,
                        self.x(step.ramp_start_s),
                        self.x(step.end_s),
                        Stroke::solid("var(--fail)", 1.8),
                    );
                }
            }
            let top = plot.percent(limit.bound);
            if noted.iter().all(|other| (other - top).abs() > 7.0) {
                noted.push(top);
                plot.note(
                    8.0,
                    top - 0.5,
                    Anchor::Above,
                    "var(--fail)",
                    &format!("limit: {}", limit.text),
                );
            }
        }
        self.note_deaths(&mut plot);
        let mut keys = vec![
            (Key::Line, "var(--time)", "p50"),
            (Key::Area, "var(--time)", "p50 to p95"),
            (Key::Dashed, "var(--time)", "p99"),
        ];
        if partial {
            let text = "limit, where it does not apply";
            keys.push((Key::Dashed, "var(--fail)", text));
        }
        let name = if sentence::all_failed(self.analysis) {
            "Time until the error"
        } else {
            "Response time"
        };
        let title = title(self.sheet, name, "log scale", &keys);
        format!("{title}{}", plot.finish(&self.response_finding(name)))
    }

    fn response_finding(&self, name: &str) -> String {
        let steps: Vec<String> = self
            .analysis
            .steps
            .iter()
            .filter_map(|step| {
                let p95 = step.stats.response.p95.as_ref()?;
                sentence::shows_a_value(p95).then(|| {
                    format!(
                        "{} at {}",
                        number::estimate(Quantity::Time, p95).value,
                        word::load(step.load)
                    )
                })
            })
            .collect();
        if steps.is_empty() {
            format!("{name} over time on a log scale")
        } else {
            format!(
                "{name} over time on a log scale: p95 is {}",
                steps.join(", ")
            )
        }
    }

    fn note_deaths(&self, plot: &mut Plot<'_>) {
        for server in &self.analysis.servers {
            if let (Some(died), Some(text)) = (server.died_s, word::loss(server)) {
                let x = self.x(died);
                let anchor = if x > 500.0 {
                    Anchor::Right
                } else {
                    Anchor::Left
                };
                plot.note(x, 94.0, anchor, "var(--fail)", &text);
            }
        }
    }

    /// Throughput that the users would ask for if answers took no longer than at the lowest load.
    fn wanted(&self) -> Option<f64> {
        if !matches!(self.analysis.facts.model, LoadModel::Closed(_))
            || self.analysis.steps.len() < 2
        {
            return None;
        }
        let lowest = self
            .analysis
            .steps
            .iter()
            .filter(|step| step.stats.samples > 0)
            .min_by(|a, b| a.load.value().total_cmp(&b.load.value()))?;
        let throughput = lowest.stats.throughput.as_ref()?.value;
        (lowest.load.value() > 0.0 && throughput > 0.0).then(|| throughput / lowest.load.value())
    }

    pub(super) fn throughput(&self) -> String {
        let bins = &self.analysis.story;
        let open = bins.iter().any(|bin| bin.offered.is_some());
        let per_user = self.wanted();
        let wanted = |bin: &StoryBin| {
            bin.offered
                .or_else(|| per_user.map(|rate| rate * bin.users))
        };
        let top = bins
            .iter()
            .map(|bin| bin.completed_per_s.max(wanted(bin).unwrap_or_default()))
            .fold(0.0, f64::max);
        let mut plot = self.panel(Axis::linear(top, Unit::Plain), 130);
        plot.line(
            &self.points(wanted),
            Stroke::dashed("var(--ink2)", 1.3, "5 4"),
        );
        let good: Vec<_> = bins
            .iter()
            .map(|bin| (self.bin_x(bin), Some((0.0, bin.good_per_s))))
            .collect();
        plot.area(&good, "var(--rate)", 0.28);
        plot.line(
            &self.points(|bin| Some(bin.completed_per_s)),
            Stroke::solid("var(--rate)", 1.8),
        );
        let mut keys = vec![
            (Key::Line, "var(--rate)", "all"),
            (Key::Area, "var(--rate)", "without error"),
        ];
        if open {
            keys.push((Key::Dashed, "var(--ink2)", "offered"));
        } else if per_user.is_some() {
            keys.push((Key::Dashed, "var(--ink2)", "if no user had to wait"));
        }
        let title = title(self.sheet, "Throughput", "completions per second", &keys);
        let finding = format!(
            "Throughput over time: up to {} per second without error",
            number::load(
                bins.iter()
                    .map(|bin| bin.good_per_s)
                    .fold(0.0, f64::max)
                    .round()
            )
        );
        format!("{title}{}", plot.finish(&finding))
    }

    pub(super) fn errors(&self) -> String {
        let bins = &self.analysis.story;
        let classes = &self.analysis.errors;
        let top = bins
            .iter()
            .map(|bin| bin.errors_per_s.iter().sum::<f64>())
            .fold(0.0, f64::max);
        let mut keys: Vec<(Key, String, f64)> = classes
            .iter()
            .take(CLASSES)
            .zip(CLASS_OPACITY)
            .map(|(class, opacity)| (Key::Filled, word::error_class(class), opacity))
            .collect();
        if classes.len() > CLASSES {
            keys.push((Key::Filled, "others".to_owned(), CLASS_OPACITY[CLASSES]));
        }
        let colors: Vec<String> = keys
            .iter()
            .map(|(_, _, opacity)| {
                format!(
                    "color-mix(in srgb,var(--err) {:.0}%,var(--bg))",
                    opacity * 100.0
                )
            })
            .collect();
        let shown: Vec<_> = keys
            .iter()
            .zip(&colors)
            .map(|((key, name, _), color)| (*key, color.as_str(), name.as_str()))
            .collect();
        let title = title(
            self.sheet,
            "Errors",
            "per second",
            if top > 0.0 { &shown } else { &[] },
        );
        let axis = if top > 0.0 {
            Axis::linear(top, Unit::Plain)
        } else {
            Axis::empty(Unit::Plain)
        };
        let mut plot = self.panel(axis, 76);
        if top <= 0.0 {
            plot.note(500.0, 50.0, Anchor::Center, "var(--ink2)", "none");
            return format!("{title}{}", plot.finish("Errors over time: none"));
        }
        let width = f64::from(self.analysis.story_bin_s.max(1));
        for (class, color) in colors.iter().enumerate() {
            let bars: Vec<_> = bins
                .iter()
                .filter_map(|bin| {
                    let height = *bin.errors_per_s.get(class)?;
                    let below: f64 = bin.errors_per_s[..class].iter().sum();
                    let start = f64::from(bin.start_s);
                    let (from, to) = (self.x(start), self.x(start + width));
                    let gap = (to - from) * 0.1;
                    (height > 0.0).then_some((from + gap, to - gap, below, below + height))
                })
                .collect();
            plot.bars(&bars, color, 1.0);
        }
        let first = classes.iter().map(|class| class.first_s).min();
        let mut finding = format!(
            "Errors over time: up to {} per second",
            number::value(Quantity::Plain, top)
        );
        if let Some(first) = first {
            let first = f64::from(first);
            finding.push_str(&format!(", none before {}", number::clock(first)));
            if self.x(first) > 250.0 {
                plot.note(
                    self.x(first) / 2.0,
                    50.0,
                    Anchor::Center,
                    "var(--ink2)",
                    &format!("none before {}", number::clock(first)),
                );
            }
        }
        format!("{title}{}", plot.finish(&finding))
    }

    /// The name of a server's panel, with the server's when there are several.
    fn server_name(&self, index: usize, quantity: &str) -> String {
        if self.analysis.servers.len() > 1 {
            format!("{quantity} of {}", self.analysis.servers[index].name)
        } else {
            format!("Server {quantity}")
        }
    }

    pub(super) fn cpu(&self, index: usize) -> String {
        let thread = |bin: &StoryBin| bin.servers.get(index)?.0;
        let cores = |bin: &StoryBin| bin.servers.get(index)?.1;
        let bins = &self.analysis.story;
        if bins
            .iter()
            .all(|bin| thread(bin).is_none() && cores(bin).is_none())
        {
            return String::new();
        }
        let mut plot = self.panel(Axis::full_share(), 116);
        plot.line(&self.points(thread), Stroke::solid("var(--cpu)", 2.4));
        plot.line(
            &self.points(cores),
            Stroke::dashed("var(--cpu)", 1.3, "4 3"),
        );
        let last = |value: &dyn Fn(&StoryBin) -> Option<f64>| bins.iter().rev().find_map(value);
        if let Some(value) = last(&thread) {
            let text = if value >= 0.9 {
                "busiest thread: full"
            } else {
                "busiest thread"
            };
            plot.note(
                994.0,
                plot.percent(value) + 12.0,
                Anchor::Right,
                "var(--cpu)",
                text,
            );
        }
        if let Some(value) = last(&cores) {
            let apart = last(&thread).is_none_or(|thread| (thread - value).abs() > 0.45);
            if apart {
                plot.note(
                    994.0,
                    plot.percent(value) - 9.0,
                    Anchor::Right,
                    "var(--cpu)",
                    "all cores",
                );
            }
        }
        let title = title(
            self.sheet,
            &self.server_name(index, "CPU"),
            "share of one core, of all it may use",
            &[
                (Key::Line, "var(--cpu)", "busiest thread"),
                (Key::Dashed, "var(--cpu)", "all cores"),
            ],
        );
        let most = |value: &dyn Fn(&StoryBin) -> Option<f64>| {
            bins.iter().filter_map(value).max_by(f64::total_cmp)
        };
        let mut finding = String::from("Server CPU over time");
        if let Some(value) = most(&thread) {
            finding.push_str(&format!(
                ": busiest thread up to {} of a core",
                number::rough(Quantity::Share, value)
            ));
        }
        if let Some(value) = most(&cores) {
            finding.push_str(&format!(
                ", all cores up to {}",
                number::rough(Quantity::Share, value)
            ));
        }
        format!("{title}{}", plot.finish(&finding))
    }

    pub(super) fn memory(&self, index: usize) -> String {
        let memory = |bin: &StoryBin| bin.servers.get(index)?.2;
        let bins = &self.analysis.story;
        let Some(top) = bins.iter().filter_map(memory).max_by(f64::total_cmp) else {
            return String::new();
        };
        let mut plot = self.panel(Axis::linear(top, Unit::Megabytes), 70);
        plot.line(&self.points(memory), Stroke::solid("var(--mem)", 1.8));
        let title = title(
            self.sheet,
            &self.server_name(index, "memory"),
            "MB resident",
            &[(Key::Line, "var(--mem)", "RSS")],
        );
        let finding = format!(
            "Server memory over time: up to {}",
            number::value(Quantity::Bytes, top)
        );
        format!("{title}{}", plot.finish(&finding))
    }
}
