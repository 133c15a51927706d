//! One plot: shapes in an SVG that stretches with the page, all text as HTML placed by percentage.
//!
//! Strokes keep their width and text its size at every width, so a chart is the same from a phone
//! to paper, and needs no script.

use std::fmt::Write;

use super::axis::Axis;
use super::markup::escape;
use super::sheet::Sheet;

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke<'a> {
    /// A CSS colour.
    pub(super) color: &'a str,
    /// Pixels.
    pub(super) width: f64,
    /// Dashes as in SVG; empty for a solid line.
    pub(super) dashes: &'a str,
    /// In (0, 1].
    pub(super) opacity: f64,
}

impl<'a> Stroke<'a> {
    /// A solid line.
    pub(super) const fn solid(color: &'a str, width: f64) -> Self {
        Stroke {
            color,
            width,
            dashes: "",
            opacity: 1.0,
        }
    }

    /// A dashed one.
    pub(super) const fn dashed(color: &'a str, width: f64, dashes: &'a str) -> Self {
        Stroke {
            color,
            width,
            dashes,
            opacity: 1.0,
        }
    }

    /// The same, fainter.
    pub(super) const fn at_opacity(self, opacity: f64) -> Self {
        Stroke { opacity, ..self }
    }

    fn attributes(&self) -> String {
        let mut text = format!("stroke=\"{}\" stroke-width=\"{}\"", self.color, self.width);
        if !self.dashes.is_empty() {
            let _ = write!(text, " stroke-dasharray=\"{}\"", self.dashes);
        }
        if self.opacity < 1.0 {
            let _ = write!(text, " opacity=\"{}\"", self.opacity);
        }
        text
    }
}

/// Where a note's anchor lies within its text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    /// At the middle of its left edge.
    Left,
    /// At the middle of its right edge.
    Right,
    /// At its middle.
    Center,
    /// At its lower left corner.
    Above,
    /// At the middle of its lower edge.
    AboveCenter,
}

impl Anchor {
    const fn class(self) -> &'static str {
        match self {
            Anchor::Left => "m",
            Anchor::Right => "rm",
            Anchor::Center => "c m",
            Anchor::Above => "ab",
            Anchor::AboveCenter => "cab",
        }
    }
}

/// A plot under construction. x counts from 0 to 1000, y is in the unit of the axis.
pub(super) struct Plot<'a> {
    sheet: &'a Sheet,
    axis: Axis,
    height_px: u32,
    /// What lies below the hatches: grid and bands.
    ground: String,
    hatches: String,
    shapes: String,
    overlays: String,
    timed: bool,
}

impl<'a> Plot<'a> {
    /// An empty plot with grid lines at the ticks of its axis.
    pub(super) fn new(sheet: &'a Sheet, axis: Axis, height_px: u32) -> Self {
        let mut plot = Plot {
            sheet,
            axis,
            height_px,
            ground: String::new(),
            hatches: String::new(),
            shapes: String::new(),
            overlays: String::new(),
            timed: false,
        };
        for (value, _) in plot.axis.ticks() {
            let y = plot.axis.position(value);
            let _ = write!(
                plot.shapes,
                "<path d=\"M0 {y:.1}H1000\" stroke=\"var(--grid)\" stroke-width=\"1\"/>"
            );
        }
        plot
    }

    /// Gives it a reading line that moves with those of the page's other time charts.
    pub(super) const fn with_cursor(mut self) -> Self {
        self.timed = true;
        self
    }

    /// Where a value stands, in per cent from the top.
    pub(super) fn percent(&self, value: f64) -> f64 {
        self.axis.position(value) / 10.0
    }

    /// A band over the whole height, behind what is drawn later.
    pub(super) fn band(&mut self, from: f64, to: f64, color: &str, opacity: f64) {
        let _ = write!(
            self.shapes,
            "<path d=\"M{from:.1} 0H{to:.1}V1000H{from:.1}Z\" fill=\"{color}\" opacity=\"{opacity}\"/>"
        );
    }

    /// A band between two values over the whole width.
    pub(super) fn level_band(&mut self, low: f64, high: f64, color: &str, opacity: f64) {
        let (top, bottom) = (self.axis.position(high), self.axis.position(low));
        let _ = write!(
            self.shapes,
            "<path d=\"M0 {top:.1}H1000V{bottom:.1}H0Z\" fill=\"{color}\" opacity=\"{opacity}\"/>"
        );
    }

    /// A hatched stretch of time: measured but not judged. It lies above what was drawn before the
    /// first one and below all that is drawn later, so that it cuts no line into dashes.
    pub(super) fn hatch(&mut self, from: f64, to: f64) {
        if to > from {
            let place = self.sheet.class(&format!(
                "left:{:.2}%;width:{:.2}%",
                from / 10.0,
                (to - from) / 10.0
            ));
            if self.hatches.is_empty() {
                self.ground = std::mem::take(&mut self.shapes);
            }
            let _ = write!(self.hatches, "<div class=\"hatch {place}\"></div>");
        }
    }

    /// A line through points; it breaks where a value is missing.
    pub(super) fn line(&mut self, points: &[(f64, Option<f64>)], stroke: Stroke<'_>) {
        let mut path = String::new();
        let mut drawing = false;
        for (index, (x, value)) in points.iter().enumerate() {
            let Some(value) = value.filter(|value| value.is_finite()) else {
                drawing = false;
                continue;
            };
            let y = self.axis.position(value);
            let alone = !drawing
                && points
                    .get(index + 1)
                    .is_none_or(|next| next.1.is_none_or(|value| !value.is_finite()));
            if alone {
                // A single value between gaps would be a line without length.
                let _ = write!(path, "M{x:.1} {y:.1}h1");
            } else if drawing {
                let _ = write!(path, " {x:.1} {y:.1}");
            } else {
                let _ = write!(path, "M{x:.1} {y:.1}");
            }
            drawing = true;
        }
        if !path.is_empty() {
            let _ = write!(
                self.shapes,
                "<path d=\"{path}\" fill=\"none\" {} stroke-linejoin=\"round\"/>",
                stroke.attributes()
            );
        }
    }

    /// The area between two lines, in pieces where either is missing.
    pub(super) fn area(&mut self, points: &[(f64, Option<(f64, f64)>)], color: &str, opacity: f64) {
        let mut path = String::new();
        for piece in points.split(|point| point.1.is_none()) {
            let known: Vec<(f64, f64, f64)> = piece
                .iter()
                .filter_map(|(x, values)| values.map(|(low, high)| (*x, low, high)))
                .collect();
            if known.len() < 2 {
                continue;
            }
            for (index, (x, _, high)) in known.iter().enumerate() {
                let start = if index == 0 { "M" } else { " " };
                let _ = write!(path, "{start}{x:.1} {:.1}", self.axis.position(*high));
            }
            for (x, low, _) in known.iter().rev() {
                let _ = write!(path, " {x:.1} {:.1}", self.axis.position(*low));
            }
            path.push('Z');
        }
        if !path.is_empty() {
            let _ = write!(
                self.shapes,
                "<path d=\"{path}\" fill=\"{color}\" opacity=\"{opacity}\"/>"
            );
        }
    }

    /// Bars from `low` to `high` between two x each, of one colour.
    pub(super) fn bars(&mut self, bars: &[(f64, f64, f64, f64)], color: &str, opacity: f64) {
        let mut path = String::new();
        for (from, to, low, high) in bars {
            let (top, bottom) = (self.axis.position(*high), self.axis.position(*low));
            if bottom > top {
                let _ = write!(path, "M{from:.1} {top:.1}H{to:.1}V{bottom:.1}H{from:.1}Z");
            }
        }
        if !path.is_empty() {
            let _ = write!(
                self.shapes,
                "<path d=\"{path}\" fill=\"{color}\" opacity=\"{opacity}\"/>"
            );
        }
    }

    /// A level between two x.
    pub(super) fn level(&mut self, value: f64, from: f64, to: f64, stroke: Stroke<'_>) {
        let y = self.axis.position(value);
        let _ = write!(
            self.shapes,
            "<path d=\"M{from:.1} {y:.1}H{to:.1}\" {}/>",
            stroke.attributes()
        );
    }

    /// A line over the whole height.
    pub(super) fn upright(&mut self, x: f64, stroke: Stroke<'_>) {
        let _ = write!(
            self.shapes,
            "<path d=\"M{x:.1} 0V1000\" {}/>",
            stroke.attributes()
        );
    }

    /// A dot with its whisker, if an interval is claimed; a hollow one has the page's colour inside.
    pub(super) fn dot(
        &mut self,
        x: f64,
        value: f64,
        whisker: Option<(f64, f64)>,
        color: &str,
        hollow: bool,
    ) {
        let y = self.axis.position(value);
        if let Some((low, high)) = whisker {
            let (top, bottom) = (self.axis.position(high), self.axis.position(low));
            let _ = write!(
                self.shapes,
                "<path d=\"M{x:.1} {bottom:.1}V{top:.1}\" stroke=\"{color}\" stroke-width=\"2\"/>"
            );
        }
        // Dots are strokes without length, so that they stay round when the plot stretches.
        let _ = write!(
            self.shapes,
            "<path d=\"M{x:.1} {y:.1}h0.01\" stroke-linecap=\"round\" stroke=\"{color}\" stroke-width=\"10\"/>"
        );
        if hollow {
            let _ = write!(
                self.shapes,
                "<path d=\"M{x:.1} {y:.1}h0.01\" stroke-linecap=\"round\" stroke=\"var(--bg)\" stroke-width=\"6.6\"/>"
            );
        }
    }

    /// Text in the plot at x and per cent from the top.
    pub(super) fn note(&mut self, x: f64, top: f64, anchor: Anchor, color: &str, text: &str) {
        self.add_note("", x, top, anchor, color, text);
    }

    /// Text that narrow pages leave out.
    pub(super) fn wide_note(&mut self, x: f64, top: f64, anchor: Anchor, color: &str, text: &str) {
        self.add_note(" wide", x, top, anchor, color, text);
    }

    fn add_note(&mut self, extra: &str, x: f64, top: f64, anchor: Anchor, color: &str, text: &str) {
        // Text above its point needs room there; other text lies across it.
        let room = 1800.0 / f64::from(self.height_px);
        let top = match anchor {
            Anchor::Above | Anchor::AboveCenter => top.clamp(room, 99.0),
            _ => top.clamp(room / 2.0, 100.0 - room / 2.0),
        };
        let place = self.sheet.class(&format!(
            "left:{:.2}%;top:{top:.1}%;color:{color}",
            x / 10.0
        ));
        let _ = write!(
            self.overlays,
            "<span class=\"an {}{extra} {place}\">{}</span>",
            anchor.class(),
            escape(text)
        );
    }

    /// The plot as HTML, with a sentence that says what it shows.
    pub(super) fn finish(self, finding: &str) -> String {
        let ticks: String = self
            .axis
            .ticks()
            .into_iter()
            .map(|(value, label)| {
                let place = self
                    .sheet
                    .class(&format!("top:{:.1}%", self.percent(value)));
                format!("<span class=\"{place}\">{}</span>", escape(&label))
            })
            .collect();
        let height = self.sheet.class(&format!("--h:{}px", self.height_px));
        let (kind, cursor) = if self.timed {
            ("pa tc", "<div class=\"ch\"></div>")
        } else {
            ("pa", "")
        };
        let ground = if self.hatches.is_empty() {
            String::new()
        } else {
            format!(
                "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{}\
                 </svg>{}",
                self.ground, self.hatches
            )
        };
        format!(
            "<div class=\"plot {height}\"><div class=\"yt\" aria-hidden=\"true\">{ticks}</div>\
             <div class=\"{kind}\">{ground}<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-label=\"{}\">{}</svg>{}{cursor}</div></div>\n",
            escape(finding),
            self.shapes,
            self.overlays
        )
    }
}

/// How a key shows its line or area.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Line,
    Dashed,
    Area,
    Filled,
    Hollow,
}

/// The line above a plot: its name, what it counts, and keys.
pub(super) fn title(sheet: &Sheet, name: &str, counts: &str, keys: &[(Key, &str, &str)]) -> String {
    let keys: String = keys
        .iter()
        .map(|(key, color, text)| {
            let (kind, style) = match key {
                Key::Line => ("", format!("border-color:{color}")),
                Key::Dashed => ("d", format!("border-color:{color}")),
                Key::Area => ("b", format!("background:{color}")),
                Key::Filled => ("f", format!("background:{color}")),
                Key::Hollow => ("o", format!("border-color:{color}")),
            };
            let class = sheet.class(&style);
            format!(
                "<span class=\"k\"><i class=\"{kind} {class}\"></i>{}</span>",
                escape(text)
            )
        })
        .collect();
    format!(
        "<div class=\"pt\"><b>{}</b><span class=\"sub\">{}</span>{keys}</div>",
        escape(name),
        escape(counts)
    )
}

/// Ticks under a chart: x from 0 to 1000, the label, and whether narrow pages leave it out.
pub(super) fn x_ticks(sheet: &Sheet, ticks: &[(f64, String, bool)], name: &str) -> String {
    let labels: String = ticks
        .iter()
        .map(|(x, label, minor)| {
            let edge = if *x < 1.0 {
                "s"
            } else if *x > 985.0 {
                "e"
            } else {
                ""
            };
            let wide = if *minor { " wide" } else { "" };
            let place = sheet.class(&format!("left:{:.2}%", x / 10.0));
            format!(
                "<span class=\"{edge}{wide} {place}\">{}</span>",
                escape(label)
            )
        })
        .collect();
    format!(
        "<div class=\"xt\" aria-hidden=\"true\">{labels}</div><div class=\"xl\">{}</div>",
        escape(name)
    )
}

/// The colour of step `index` of `count`: a ramp from pale to strong, since load is ordered.
pub(super) fn step_color(index: usize, count: usize) -> String {
    if count <= 1 || index + 1 >= count {
        return "var(--s3)".to_owned();
    }
    let place = index as f64 / (count - 1) as f64 * 2.0;
    let (from, to, share) = if place <= 1.0 {
        ("var(--s1)", "var(--s2)", place)
    } else {
        ("var(--s2)", "var(--s3)", place - 1.0)
    };
    if share < 0.01 {
        from.to_owned()
    } else if share > 0.99 {
        to.to_owned()
    } else {
        format!("color-mix(in srgb,{to} {:.0}%,{from})", share * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::axis::Unit;

    fn plot(sheet: &Sheet) -> Plot<'_> {
        Plot::new(sheet, Axis::linear(10.0, Unit::Plain), 100)
    }

    #[test]
    fn lines_break_where_a_value_is_missing() {
        let sheet = Sheet::default();
        let mut plot = plot(&sheet);
        plot.line(
            &[
                (0.0, Some(0.0)),
                (10.0, Some(11.0)),
                (20.0, None),
                (30.0, Some(11.0)),
            ],
            Stroke::solid("red", 1.0),
        );
        assert!(
            plot.finish("")
                .contains("d=\"M0.0 1000.0 10.0 0.0M30.0 0.0h1\"")
        );
    }

    #[test]
    fn findings_and_notes_are_escaped() {
        let sheet = Sheet::default();
        let mut plot = plot(&sheet);
        plot.note(0.0, 0.0, Anchor::Left, "red", "<b>");
        let html = plot.finish("\"><script>");
        assert!(html.contains("&lt;b&gt;"));
        assert!(html.contains("aria-label=\"&quot;&gt;&lt;script&gt;\""));
    }

    #[test]
    fn steps_have_a_ramp_of_one_hue() {
        assert_eq!(step_color(0, 3), "var(--s1)");
        assert_eq!(step_color(1, 3), "var(--s2)");
        assert_eq!(step_color(2, 3), "var(--s3)");
        assert_eq!(step_color(0, 1), "var(--s3)");
        assert!(step_color(1, 5).starts_with("color-mix("));
    }
}
