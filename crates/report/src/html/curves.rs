//! Two runs over each other against load: baseline grey and hollow, candidate strong and filled.

use loadline_analysis::{Comparison, CurvePoint, Estimate};
use loadline_metrics::StepLoad;

use super::axis::{Axis, Unit};
use super::load_axis::Loads;
use super::page::section;
use super::plot::{Key, Plot, Stroke, title, x_ticks};
use super::sheet::Sheet;
use super::spread::percentile_plot;
use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::sentence::shows_a_value;
use crate::word;

/// A figure of a load: the value and, if claimed, its interval.
type Figure = (f64, f64, Option<(f64, f64)>);

/// The section; empty when there is nothing to draw.
pub(super) fn curves(comparison: &Comparison, sheet: &Sheet) -> String {
    let mut charts = Vec::new();
    let points = comparison
        .baseline_curve
        .iter()
        .chain(&comparison.candidate_curve);
    if comparison.baseline_curve.len() > 1 || comparison.candidate_curve.len() > 1 {
        let overlay = Overlay {
            comparison,
            sheet,
            loads: Loads::of(points.map(|point| point.load.value())),
        };
        charts.extend(overlay.response_times());
        charts.extend(overlay.throughput());
        charts.extend(overlay.busiest_thread());
    }
    charts.extend(percentiles(comparison, sheet));
    if charts.is_empty() {
        return String::new();
    }
    let rows: String = charts
        .chunks(2)
        .map(|pair| format!("<div class=\"two\">{}</div>", pair.concat()))
        .collect();
    section(
        "load",
        "Against load",
        &format!(
            "{rows}<p class=\"sub\">Whiskers are 95 % intervals; where none shows, it is smaller than \
             the dot. Dotted tail: fewer than 10 samples beyond.</p>"
        ),
    )
}

struct Overlay<'a> {
    comparison: &'a Comparison,
    sheet: &'a Sheet,
    loads: Loads,
}

impl Overlay<'_> {
    fn figures(
        &self,
        points: &[CurvePoint],
        pick: impl Fn(&CurvePoint) -> Option<&Estimate>,
    ) -> Vec<Figure> {
        points
            .iter()
            .filter_map(|point| {
                let estimate = pick(point).filter(|estimate| shows_a_value(estimate))?;
                Some((
                    self.loads.x(point.load.value()),
                    estimate.value,
                    estimate.low.zip(estimate.high),
                ))
            })
            .collect()
    }

    fn draw(&self, plot: &mut Plot<'_>, baseline: &[Figure], candidate: &[Figure], color: &str) {
        let line = |figures: &[Figure]| -> Vec<(f64, Option<f64>)> {
            figures
                .iter()
                .map(|figure| (figure.0, Some(figure.1)))
                .collect()
        };
        plot.line(&line(baseline), Stroke::dashed("var(--ink2)", 1.8, "5 4"));
        for (x, value, whisker) in baseline {
            plot.dot(*x, *value, *whisker, "var(--ink2)", true);
        }
        plot.line(&line(candidate), Stroke::solid(color, 1.8));
        for (x, value, whisker) in candidate {
            plot.dot(*x, *value, *whisker, color, false);
        }
    }

    fn figure(
        &self,
        name: &str,
        counts: &str,
        color: &str,
        plot: Plot<'_>,
        finding: &str,
    ) -> String {
        let unit = match self
            .comparison
            .candidate_curve
            .first()
            .or(self.comparison.baseline_curve.first())
            .map(|point| point.load)
        {
            Some(StepLoad::Rate(_)) => "arrivals per second",
            _ => "users",
        };
        format!(
            "<figure>{}{}{}</figure>",
            title(
                self.sheet,
                name,
                counts,
                &[
                    (Key::Hollow, "var(--ink2)", "baseline"),
                    (Key::Filled, color, "candidate"),
                ],
            ),
            plot.finish(finding),
            x_ticks(self.sheet, &self.loads.ticks(), unit)
        )
    }

    fn response_times(&self) -> Option<String> {
        let p95 = |point: &CurvePoint| point.p95.clone();
        let pick = |points: &[CurvePoint]| {
            let estimates: Vec<CurvePoint> = points
                .iter()
                .filter(|point| p95(point).is_some())
                .cloned()
                .collect();
            self.figures(&estimates, |point| point.p95.as_ref())
        };
        let baseline = pick(&self.comparison.baseline_curve);
        let candidate = pick(&self.comparison.candidate_curve);
        let bounds: Vec<f64> = self
            .comparison
            .limits
            .iter()
            .filter(|limit| LimitMetric::of(&limit.text) == LimitMetric::Time("p95".to_owned()))
            .map(|limit| limit.bound)
            .collect();
        let values = baseline.iter().chain(&candidate).map(|figure| figure.1);
        if baseline.is_empty() && candidate.is_empty() {
            return None;
        }
        let axis = Axis::times(values.chain(bounds.iter().copied()))?;
        let mut plot = Plot::new(self.sheet, axis, 210);
        for bound in bounds {
            plot.level(
                bound,
                0.0,
                1000.0,
                Stroke::dashed("var(--fail)", 1.4, "2 5"),
            );
            plot.note(
                8.0,
                plot.percent(bound) - 0.5,
                super::plot::Anchor::Above,
                "var(--fail)",
                &format!("limit {}", number::bound(Quantity::Time, bound)),
            );
        }
        self.draw(&mut plot, &baseline, &candidate, "var(--time)");
        let finding = both("p95 against load", Quantity::Time, &baseline, &candidate);
        Some(self.figure(
            "p95 response time",
            "log scale",
            "var(--time)",
            plot,
            &finding,
        ))
    }

    fn throughput(&self) -> Option<String> {
        let pick =
            |points: &[CurvePoint]| self.figures(points, |point| point.good_throughput.as_ref());
        let baseline = pick(&self.comparison.baseline_curve);
        let candidate = pick(&self.comparison.candidate_curve);
        if baseline.is_empty() && candidate.is_empty() {
            return None;
        }
        let top = baseline
            .iter()
            .chain(&candidate)
            .map(|figure| figure.2.map_or(figure.1, |whisker| whisker.1))
            .fold(0.0, f64::max);
        let mut plot = Plot::new(self.sheet, Axis::linear(top, Unit::Plain), 210);
        self.draw(&mut plot, &baseline, &candidate, "var(--rate)");
        let finding = both(
            "Throughput without errors against load",
            Quantity::Rate,
            &baseline,
            &candidate,
        );
        Some(self.figure(
            "Throughput without errors",
            "per second",
            "var(--rate)",
            plot,
            &finding,
        ))
    }

    fn busiest_thread(&self) -> Option<String> {
        let pick = |points: &[CurvePoint]| -> Vec<Figure> {
            points
                .iter()
                .filter_map(|point| {
                    Some((
                        self.loads.x(point.load.value()),
                        point.busiest_thread?,
                        None,
                    ))
                })
                .collect()
        };
        let baseline = pick(&self.comparison.baseline_curve);
        let candidate = pick(&self.comparison.candidate_curve);
        if baseline.is_empty() && candidate.is_empty() {
            return None;
        }
        let mut plot = Plot::new(self.sheet, Axis::full_share(), 210);
        self.draw(&mut plot, &baseline, &candidate, "var(--cpu)");
        let finding = both(
            "Busiest server thread against load",
            Quantity::Share,
            &baseline,
            &candidate,
        );
        Some(self.figure(
            "Busiest server thread",
            "of one core",
            "var(--cpu)",
            plot,
            &finding,
        ))
    }
}

/// What an overlay shows, in words: first and last of each side.
fn both(name: &str, quantity: Quantity, baseline: &[Figure], candidate: &[Figure]) -> String {
    let side = |name: &str, figures: &[Figure]| match figures {
        [] => format!("{name} not measured"),
        [only] => format!("{name} {}", number::value(quantity, only.1)),
        [first, .., last] => format!(
            "{name} from {} to {}",
            number::value(quantity, first.1),
            number::value(quantity, last.1)
        ),
    };
    format!(
        "{name}: {}, {}",
        side("baseline", baseline),
        side("candidate", candidate)
    )
}

fn percentiles(comparison: &Comparison, sheet: &Sheet) -> Option<String> {
    let (baseline, candidate) = comparison.spread.as_ref()?;
    let times = [baseline, candidate]
        .into_iter()
        .flat_map(|curve| curve.points.iter().map(|point| point.1));
    let axis = Axis::times(times)?;
    let named = [
        ("baseline".to_owned(), "var(--ink2)".to_owned(), baseline),
        ("candidate".to_owned(), "var(--time)".to_owned(), candidate),
    ];
    Some(format!(
        "<figure>{}{}</figure>",
        title(
            sheet,
            &format!("Percentiles at {}", word::load(candidate.load)),
            "log scale",
            &[
                (Key::Line, "var(--ink2)", "baseline"),
                (Key::Line, "var(--time)", "candidate"),
            ],
        ),
        percentile_plot(sheet, axis, &named, 210)
    ))
}
