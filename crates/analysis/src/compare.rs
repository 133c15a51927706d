//! Two runs compared: did the candidate get better or worse than its baseline, and how sure is it?

use std::collections::BTreeMap;

use loadline_events::{LabelId, Signal};
use loadline_metrics::{Histogram, IntendedSecond, RunData};

use crate::batch::MIN_WINDOW_S;
use crate::comparability::{Judged, common_steps, comparability};
use crate::comparison_result::{
    CellAnswer, ComparabilityStanding, ComparedMetric, Comparison, ComparisonCell, CurvePoint,
    EffectKind, LabelComparison, LimitComparison, RunAnswer, ServerComparison, StepComparison,
};
use crate::comparison_wording::{misled_answer, reasons};
use crate::effect::{Change, ERROR_POINT, OF_TEN_BATCHES, Side, difference, holm};
use crate::lateness::{INVALID_BIAS, LoopLag, bias};
use crate::result::{Analysis, Estimate, StepAnalysis, StepState};
use crate::stats::{error_rate, good_throughput, times};
use crate::steps::is_open;
use crate::student::Confidence;
use crate::window::{Completions, Whose, Window};
use crate::woodruff::WindowTimes;
use crate::wording;

/// Achieved rates of an open load that differ by more are other loads.
const SAME_RATE: f64 = 0.02;

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareOptions {
    /// Smallest change of times and throughput that matters, a ratio above 0 (0.05 = 5 %).
    pub min_effect: f64,
}

impl Default for CompareOptions {
    fn default() -> Self {
        CompareOptions { min_effect: 0.05 }
    }
}

/// Compares a candidate with its baseline, each a run and its analysis.
///
/// With one run a side the intervals are about these two runs; how much two runs of one build
/// differ is not in them.
#[must_use]
pub fn compare(
    baseline: (&RunData, &Analysis),
    candidate: (&RunData, &Analysis),
    options: &CompareOptions,
) -> Comparison {
    let pairs = common_steps(baseline.0, candidate.0);
    let rows = comparability(baseline, candidate, &pairs);
    let refused = rows
        .iter()
        .any(|row| row.standing == ComparabilityStanding::Refused);
    let mut comparer = Comparer {
        baseline,
        candidate,
        completions: (Completions::of(baseline.0), Completions::of(candidate.0)),
        labels: common_labels(baseline.0, candidate.0),
        min_effect: options.min_effect.max(1e-6),
        workbench: Histogram::default(),
        p_values: Vec::new(),
    };
    let mut steps: Vec<StepComparison> = if refused {
        Vec::new()
    } else {
        pairs.iter().map(|pair| comparer.step(*pair)).collect()
    };
    let stands = holm(&comparer.p_values);
    mark_standing(&mut steps, &stands);
    let headline = steps
        .iter()
        .rposition(|step| step.refused.is_empty())
        .or_else(|| steps.len().checked_sub(1));
    let answer = run_answer(&steps, headline, refused);
    let headline_pair = headline.map(|index| pairs[index]);
    Comparison {
        baseline: baseline.0.facts.clone(),
        candidate: candidate.0.facts.clone(),
        verdicts: (baseline.1.verdict, candidate.1.verdict),
        answer,
        reasons: reasons(&rows, &steps, headline),
        comparability: rows,
        min_effect: options.min_effect,
        headline,
        limits: limits(baseline.1, candidate.1),
        servers: headline_pair
            .map(|pair| servers(baseline.1, candidate.1, pair))
            .unwrap_or_default(),
        runs: (1, 1),
        notes: notes(&steps, &comparer.p_values),
        baseline_curve: curve(baseline.1),
        candidate_curve: curve(candidate.1),
        spread: headline_pair.and_then(|(a, b)| {
            let curve = |analysis: &Analysis, index: usize| {
                let step = analysis.steps[index].step;
                analysis
                    .spread
                    .iter()
                    .find(|curve| curve.step == step)
                    .cloned()
            };
            Some((curve(baseline.1, a)?, curve(candidate.1, b)?))
        }),
        steps,
    }
}

/// Labels of the same name and kind in both runs, in the baseline's order.
pub(crate) fn common_labels(
    baseline: &RunData,
    candidate: &RunData,
) -> Vec<(String, LabelId, LabelId)> {
    let by_name: BTreeMap<(&str, bool), LabelId> = (0u16..)
        .map(LabelId)
        .zip(&candidate.labels)
        .map(|(id, label)| ((label.name.as_str(), label.transaction), id))
        .collect();
    (0u16..)
        .map(LabelId)
        .zip(&baseline.labels)
        .filter_map(|(id, label)| {
            let other = by_name.get(&(label.name.as_str(), label.transaction))?;
            Some((label.name.clone(), id, *other))
        })
        .collect()
}

struct Comparer<'a> {
    baseline: Judged<'a>,
    candidate: Judged<'a>,
    completions: (Completions, Completions),
    labels: Vec<(String, LabelId, LabelId)>,
    min_effect: f64,
    workbench: Histogram,
    /// p-values of the primary cells, in the order of the cells.
    p_values: Vec<f64>,
}

/// A window of one run with its times and the lateness of its generator.
pub(crate) struct ComparedWindow<'a> {
    window: Window<'a>,
    response: WindowTimes<'a>,
    without_lag: WindowTimes<'a>,
    loop_lag: &'a LoopLag,
}

impl<'a> Comparer<'a> {
    fn step(&mut self, (a, b): (usize, usize)) -> StepComparison {
        let (own, other) = (&self.baseline.1.steps[a], &self.candidate.1.steps[b]);
        let open = is_open(self.baseline.0, &self.baseline.0.steps[a]);
        let refused = refusals(own, other, open);
        let mut rows = Vec::new();
        let mut whose = vec![(None, Whose::All, Whose::All)];
        if self.labels.len() > 1 {
            let labels = self.labels.iter();
            whose.extend(labels.map(|(name, own, other)| {
                (Some(name.clone()), Whose::Label(*own), Whose::Label(*other))
            }));
        }
        let lag = |judged: Judged<'a>, index: usize| {
            LoopLag::of(judged.0, judged.1.steps[index].window.unwrap_or_default())
        };
        let lags = (lag(self.baseline, a), lag(self.candidate, b));
        for (label, own, other) in whose {
            let workbench = &mut self.workbench;
            let baseline = window(
                self.baseline,
                &self.completions.0,
                (a, own),
                &lags.0,
                workbench,
            );
            let candidate = window(
                self.candidate,
                &self.completions.1,
                (b, other),
                &lags.1,
                workbench,
            );
            rows.push(LabelComparison {
                label,
                cells: self.cells(&baseline, &candidate, open, refused.is_empty()),
            });
        }
        StepComparison {
            baseline_step: own.step,
            candidate_step: other.step,
            load: own.load,
            refused,
            rows,
        }
    }

    fn cells(
        &mut self,
        baseline: &ComparedWindow<'_>,
        candidate: &ComparedWindow<'_>,
        open: bool,
        answered: bool,
    ) -> Vec<ComparisonCell> {
        let mut cells = Vec::new();
        for metric in METRICS {
            if metric == ComparedMetric::GoodThroughput && open {
                // The schedule decides the throughput of an open load, not the server.
                continue;
            }
            let (Some(own), Some(other)) = (
                figure(baseline, metric, Confidence::NinetyFive),
                figure(candidate, metric, Confidence::NinetyFive),
            ) else {
                continue;
            };
            let own90 = figure(baseline, metric, Confidence::Ninety);
            let other90 = figure(candidate, metric, Confidence::Ninety);
            let change = own90
                .zip(other90)
                .filter(|_| answered)
                .and_then(|(own90, other90)| change(metric, (&own, &other), (&own90, &other90)));
            let delta = match metric {
                ComparedMetric::ErrorRate => ERROR_POINT,
                _ => self.min_effect.ln_1p(),
            };
            let seconds = f64::from(baseline.window.seconds().min(candidate.window.seconds()));
            let more_is_worse = metric != ComparedMetric::GoodThroughput;
            if answered && is_primary(metric) {
                self.p_values
                    .push(change.map_or(1.0, |change| change.p_value()));
            }
            cells.push(ComparisonCell {
                metric,
                effect: change.map(|change| change.effect()),
                answer: change.map_or(CellAnswer::NotMeasured, |change| {
                    change.answer(delta, more_is_worse, seconds)
                }),
                baseline: own.estimate,
                candidate: other.estimate,
                stands_after_correction: false,
            });
        }
        cells
    }
}

pub(crate) const METRICS: [ComparedMetric; 6] = [
    ComparedMetric::Mean,
    ComparedMetric::P50,
    ComparedMetric::P95,
    ComparedMetric::P99,
    ComparedMetric::GoodThroughput,
    ComparedMetric::ErrorRate,
];

/// Whether the run's answer hangs on the metric.
pub(crate) fn is_primary(metric: ComparedMetric) -> bool {
    matches!(
        metric,
        ComparedMetric::P50 | ComparedMetric::P95 | ComparedMetric::ErrorRate
    )
}

pub(crate) fn window<'a>(
    judged: Judged<'a>,
    completions: &Completions,
    (index, whose): (usize, Whose),
    loop_lag: &'a LoopLag,
    workbench: &mut Histogram,
) -> ComparedWindow<'a> {
    let span = judged.1.steps[index].window.unwrap_or_default();
    let step = judged.0.steps[index].step;
    let window = Window::of_step(judged.0, completions, step, whose, span);
    ComparedWindow {
        response: times(&window, |row| &row.response, workbench),
        without_lag: times(&window, IntendedSecond::without_lag, workbench),
        loop_lag,
        window,
    }
}

/// Why a step of one run is not compared; `name` is its side.
pub(crate) fn step_refusals(step: &StepAnalysis, name: &str) -> Vec<String> {
    let mut refused = Vec::new();
    match step.state {
        StepState::Steady => {
            let short = |window: (u32, u32)| window.1 - window.0 < MIN_WINDOW_S;
            if step.window.is_none_or(short) {
                refused.push(format!(
                    "the {name} was steady for less than {MIN_WINDOW_S} s"
                ));
            }
        }
        StepState::TooShort => refused.push(format!("the {name}'s step is shorter than 20 s")),
        StepState::NotReached => refused.push(format!("the {name} did not reach this step")),
        StepState::Rising { .. } | StepState::Falling | StepState::Unsettled => {
            refused.push(format!("the {name} was not steady"));
        }
    }
    if let Some(why) = step.invalid.first() {
        refused.push(format!("the {name} is not to be trusted: {why}"));
    }
    refused
}

/// Why a pair of steps is not compared.
fn refusals(own: &StepAnalysis, other: &StepAnalysis, open: bool) -> Vec<String> {
    let mut refused = step_refusals(own, "baseline");
    refused.extend(step_refusals(other, "candidate"));
    if let (true, Some(own), Some(other)) = (
        open,
        own.stats.throughput.as_ref(),
        other.stats.throughput.as_ref(),
    ) && (own.value - other.value).abs() > SAME_RATE * own.value.max(1e-9)
        && !overlap(own, other)
    {
        refused.push(format!(
            "the achieved rates differ: {} and {}",
            wording::rate(own.value),
            wording::rate(other.value)
        ));
    }
    refused
}

/// Whether the intervals of two figures have values in common: arrivals that are random differ by chance.
fn overlap(own: &Estimate, other: &Estimate) -> bool {
    let below = |a: &Estimate, b: &Estimate| a.low.zip(b.high).is_some_and(|(a, b)| a <= b);
    below(own, other) && below(other, own)
}

/// A figure with the share by which the generator's lateness may have raised it.
pub(crate) struct Figure {
    pub(crate) estimate: Estimate,
    bias: f64,
}

impl Figure {
    /// The ends of the figure; lateness beyond trust lowers the low one, since it only adds time.
    fn side(&self) -> Side {
        let beyond_trust = if self.bias > INVALID_BIAS {
            self.bias
        } else {
            0.0
        };
        Side {
            value: self.estimate.value,
            low: self.estimate.low.map(|low| low / (1.0 + beyond_trust)),
            high: self.estimate.high,
        }
    }
}

pub(crate) fn figure(
    window: &ComparedWindow<'_>,
    metric: ComparedMetric,
    confidence: Confidence,
) -> Option<Figure> {
    let plain = |estimate| Figure {
        estimate,
        bias: 0.0,
    };
    let p = match metric {
        ComparedMetric::GoodThroughput => {
            return good_throughput(&window.window, confidence).map(plain);
        }
        ComparedMetric::ErrorRate => return error_rate(&window.window, confidence).0.map(plain),
        ComparedMetric::Mean => None,
        ComparedMetric::P50 => Some(0.5),
        ComparedMetric::P95 => Some(0.95),
        ComparedMetric::P99 => Some(0.99),
    };
    let estimate = match p {
        Some(p) => window.response.quantile(p, confidence)?,
        None => window.response.mean(confidence)?,
    };
    let without_lag = match p {
        Some(p) => window
            .without_lag
            .value_at(p)
            .map(|(value, _)| value as f64),
        None => window.without_lag.mean(confidence).map(|mean| mean.value),
    };
    let bias = bias(
        estimate.value,
        without_lag.unwrap_or(estimate.value),
        window.loop_lag.against(p),
    );
    Some(Figure { estimate, bias })
}

/// The change between two figures; `None` when one has no interval or no logarithm.
fn change(
    metric: ComparedMetric,
    (own, other): (&Figure, &Figure),
    (own90, other90): (&Figure, &Figure),
) -> Option<Change> {
    let claimed = |figure: &Figure| figure.estimate.low.is_some() || figure.estimate.high.is_some();
    if !claimed(own) || !claimed(other) {
        return None;
    }
    let sides = (own.side(), other.side(), own90.side(), other90.side());
    if metric == ComparedMetric::ErrorRate {
        return Some(Change {
            kind: EffectKind::Difference,
            at95: difference(sides.0, sides.1),
            at90: difference(sides.2, sides.3),
            df: OF_TEN_BATCHES,
        });
    }
    Some(Change {
        kind: EffectKind::Ratio,
        at95: difference(sides.0.ln()?, sides.1.ln()?),
        at90: difference(sides.2.ln()?, sides.3.ln()?),
        df: OF_TEN_BATCHES,
    })
}

/// Notes in each primary cell whether it stands after correction, in the order of `stands`.
///
/// Times that got worse while failures became rarer do not stand, nor the reverse: fast failures
/// made the other run's times short.
pub(crate) fn mark_standing(steps: &mut [StepComparison], stands: &[bool]) {
    let mut stands = stands.iter();
    let rows = steps
        .iter_mut()
        .filter(|step| step.refused.is_empty())
        .flat_map(|step| &mut step.rows);
    for row in rows {
        let misled = misled_answer(row);
        for cell in row.cells.iter_mut().filter(|cell| is_primary(cell.metric)) {
            let by_failures =
                cell.metric != ComparedMetric::ErrorRate && Some(cell.answer) == misled;
            cell.stands_after_correction = stands.next() == Some(&true)
                && matches!(cell.answer, CellAnswer::Improved | CellAnswer::Regressed)
                && !by_failures;
        }
    }
}

pub(crate) fn run_answer(
    steps: &[StepComparison],
    headline: Option<usize>,
    refused: bool,
) -> RunAnswer {
    let answered = steps.iter().any(|step| step.refused.is_empty());
    let (false, true, Some(headline)) = (refused, answered, headline) else {
        return RunAnswer::NotComparable;
    };
    let stands = |answer: CellAnswer| {
        steps
            .iter()
            .flat_map(|step| &step.rows)
            .flat_map(|row| &row.cells)
            .any(|cell| cell.stands_after_correction && cell.answer == answer)
    };
    if stands(CellAnswer::Regressed) {
        return RunAnswer::Regressed;
    }
    if stands(CellAnswer::Improved) {
        return RunAnswer::Improved;
    }
    let unchanged = steps[headline].rows[0]
        .cells
        .iter()
        .filter(|cell| is_primary(cell.metric))
        .all(|cell| cell.answer == CellAnswer::NoSignificantChange);
    if unchanged {
        RunAnswer::NoSignificantChange
    } else {
        RunAnswer::CannotTell
    }
}

fn notes(steps: &[StepComparison], p_values: &[f64]) -> Vec<String> {
    let mut notes = vec![
        "These two runs differ by this much. How much two runs of the same build differ was not \
         measured: repeat 5 pairs to know."
            .to_owned(),
    ];
    let cells: usize = steps
        .iter()
        .flat_map(|step| &step.rows)
        .map(|row| row.cells.len())
        .sum();
    if cells > 1 {
        notes.push(format!(
            "One cell in 40 changes by chance; the answer for the run allows for its {} primary \
             cells.",
            p_values.len()
        ));
    }
    notes
}

fn limits(baseline: &Analysis, candidate: &Analysis) -> Vec<LimitComparison> {
    let side = |limit: &crate::result::LimitResult| {
        let observed = limit
            .decisive
            .as_ref()
            .and_then(|cell| cell.observed.clone());
        (limit.verdict, observed)
    };
    let mut limits: Vec<LimitComparison> = baseline
        .limits
        .iter()
        .map(|limit| LimitComparison {
            text: limit.text.clone(),
            baseline: Some(side(limit)),
            candidate: (candidate.limits.iter())
                .find(|other| other.text == limit.text)
                .map(side),
            bound: limit.bound,
        })
        .collect();
    for limit in &candidate.limits {
        if !limits.iter().any(|known| known.text == limit.text) {
            limits.push(LimitComparison {
                text: limit.text.clone(),
                baseline: None,
                candidate: Some(side(limit)),
                bound: limit.bound,
            });
        }
    }
    limits
}

fn servers(
    baseline: &Analysis,
    candidate: &Analysis,
    (a, b): (usize, usize),
) -> Vec<ServerComparison> {
    let mut servers = Vec::new();
    for (own, server) in baseline.servers.iter().enumerate() {
        let other = (candidate.servers.iter()).position(|other| other.name == server.name);
        let Some(other) = other else { continue };
        let own_step = &baseline.steps[a].servers[own];
        let other_step = &candidate.steps[b].servers[other];
        let mean = |signal| (own_step.mean(signal), other_step.mean(signal));
        let peak = |signal| (own_step.peak(signal), other_step.peak(signal));
        servers.push(ServerComparison {
            name: server.name.clone(),
            busiest_thread: mean(Signal::BusiestThread),
            cpu_cores: mean(Signal::CpuCores),
            cpu_ratio: (cpu_ratio(own_step), cpu_ratio(other_step)),
            cpu_us_per_request: (
                own_step.cpu_us_per_request.clone(),
                other_step.cpu_us_per_request.clone(),
            ),
            memory_peak_bytes: peak(Signal::MemoryBytes),
        });
    }
    servers
}

fn cpu_ratio(step: &crate::result::ServerStep) -> Option<f64> {
    let cores = step
        .mean(Signal::CpuAllowedCores)
        .or_else(|| step.mean(Signal::HostCores))
        .filter(|cores| *cores > 0.0)?;
    Some(step.mean(Signal::CpuCores)? / cores)
}

fn curve(analysis: &Analysis) -> Vec<CurvePoint> {
    let greatest = |step: &StepAnalysis,
                    value: &dyn Fn(&crate::result::ServerStep) -> Option<f64>| {
        step.servers.iter().filter_map(value).reduce(f64::max)
    };
    analysis
        .steps
        .iter()
        .filter(|step| step.window.is_some())
        .map(|step| CurvePoint {
            load: step.load,
            p50: step.stats.response.p50.clone(),
            p95: step.stats.response.p95.clone(),
            good_throughput: step.stats.good_throughput.clone(),
            error_rate: step.stats.error_rate.clone(),
            busiest_thread: greatest(step, &|server| server.mean(Signal::BusiestThread)),
            cpu_ratio: greatest(step, &cpu_ratio),
        })
        .collect()
}
