//! Turns of the load curves: where response time doubles, throughput flattens, errors begin and the
//! server collapses. Each lies between two loads that were run.

use loadline_metrics::StepLoad;

use crate::result::{Estimate, Knee, ResourceStanding, ServerAnalysis, StepAnalysis};

/// Fewest loads for a knee.
pub(crate) const FEWEST_LOADS: usize = 5;
/// Error rate that counts as the first errors, if sure.
const FIRST_ERRORS: f64 = 0.001;
/// Share of the line through the origin below which the last throughput has flattened.
const FLATTENED: f64 = 0.85;

/// The knees of a stepped run; empty with fewer than five loads.
pub(crate) fn knees(steps: &[StepAnalysis], servers: &[ServerAnalysis]) -> Vec<Knee> {
    let mut order: Vec<usize> = (0..steps.len())
        .filter(|index| steps[*index].window.is_some() && steps[*index].stats.samples > 0)
        .collect();
    order.sort_by(|a, b| load(steps, *a).total_cmp(&load(steps, *b)));
    let mut distinct: Vec<f64> = order.iter().map(|index| load(steps, *index)).collect();
    distinct.dedup();
    let same_unit = order.windows(2).all(|pair| {
        std::mem::discriminant(&steps[pair[0]].load) == std::mem::discriminant(&steps[pair[1]].load)
    });
    if distinct.len() < FEWEST_LOADS || !same_unit {
        return Vec::new();
    }
    let mut knees = Vec::new();
    let mut push = |what: &str, at: Option<usize>| {
        if let Some(position) = at.filter(|position| *position > 0) {
            knees.push(Knee {
                what: what.to_owned(),
                without: load(steps, order[position - 1]),
                with: load(steps, order[position]),
            });
        }
    };
    push("response time doubles", time_doubles(steps, &order));
    push("throughput flattens", throughput_flattens(steps, &order));
    push("throughput falls", throughput_falls(steps, &order));
    push("first errors", first_errors(steps, &order));
    push("collapse", collapse(steps, &order));
    push("resource full", resource_full(servers, &order));
    knees
}

fn load(steps: &[StepAnalysis], index: usize) -> f64 {
    StepLoad::value(steps[index].load)
}

/// First load whose mean lies wholly above twice that of the lowest loads.
fn time_doubles(steps: &[StepAnalysis], order: &[usize]) -> Option<usize> {
    let mean = |position: usize| steps[order[position]].stats.response.mean.as_ref();
    let lowest = (mean(0)?.value + mean(1)?.value) / 2.0;
    (1..order.len()).find(|position| {
        mean(*position)
            .and_then(|mean| mean.low)
            .is_some_and(|low| low > 2.0 * lowest)
    })
}

/// Two pieces by least squares: a line through the origin, then a constant of at least two loads.
fn throughput_flattens(steps: &[StepAnalysis], order: &[usize]) -> Option<usize> {
    let points: Vec<(f64, f64)> = order
        .iter()
        .map(|index| {
            let rate = steps[*index].stats.good_throughput.as_ref();
            (load(steps, *index), rate.map_or(0.0, |rate| rate.value))
        })
        .collect();
    let mut best: Option<(usize, f64, f64, f64)> = None;
    for split in 1..points.len().saturating_sub(1) {
        let (line, flat) = points.split_at(split);
        let xx: f64 = line.iter().map(|(n, _)| n * n).sum();
        if xx <= 0.0 {
            continue;
        }
        let slope = line.iter().map(|(n, x)| n * x).sum::<f64>() / xx;
        let level = flat.iter().map(|(_, x)| x).sum::<f64>() / flat.len() as f64;
        let error = line
            .iter()
            .map(|(n, x)| (x - slope * n).powi(2))
            .sum::<f64>()
            + flat.iter().map(|(_, x)| (x - level).powi(2)).sum::<f64>();
        if best.is_none_or(|best| error < best.1) {
            best = Some((split, error, slope, level));
        }
    }
    let (split, _, slope, _) = best?;
    let last = points.last()?;
    // Flat, or falling: the ends of the flat part do not rise beyond their intervals.
    let interval = |position: usize| steps[order[position]].stats.good_throughput.clone();
    let rises = match (interval(split), interval(order.len() - 1)) {
        (Some(first), Some(last)) => match (first.high, last.low) {
            (Some(high), Some(low)) => low > high,
            _ => last.value > 1.03 * first.value,
        },
        _ => true,
    };
    (!rises && last.1 < FLATTENED * slope * last.0).then_some(split)
}

/// First load beyond the greatest throughput whose interval lies below it.
fn throughput_falls(steps: &[StepAnalysis], order: &[usize]) -> Option<usize> {
    let rate = |position: usize| steps[order[position]].stats.good_throughput.as_ref();
    let greatest = (0..order.len()).max_by(|a, b| {
        let value = |position| rate(position).map_or(0.0, |rate| rate.value);
        value(*a).total_cmp(&value(*b))
    })?;
    let floor = rate(greatest)?.low?;
    (greatest + 1..order.len()).find(|position| {
        rate(*position)
            .and_then(|rate| rate.high)
            .is_some_and(|high| high < floor)
    })
}

fn first_errors(steps: &[StepAnalysis], order: &[usize]) -> Option<usize> {
    let rate = |position: usize| steps[order[position]].stats.error_rate.as_ref();
    let floor = rate(0)?.high?.max(FIRST_ERRORS);
    (1..order.len()).find(|position| {
        rate(*position)
            .and_then(|rate| rate.low)
            .is_some_and(|low| low > floor)
    })
}

/// Good throughput below half of what a smaller load gave, or more failures than answers.
fn collapse(steps: &[StepAnalysis], order: &[usize]) -> Option<usize> {
    let mut best_low: f64 = 0.0;
    for (position, index) in order.iter().enumerate() {
        let stats = &steps[*index].stats;
        let above = |estimate: &Option<Estimate>, bound: f64| {
            estimate
                .as_ref()
                .is_some_and(|estimate| estimate.low.unwrap_or(estimate.value) > bound)
        };
        let fallen = stats
            .good_throughput
            .as_ref()
            .is_some_and(|rate| rate.high.unwrap_or(rate.value) < best_low / 2.0);
        if fallen || above(&stats.error_rate, 0.5) {
            return Some(position);
        }
        if let Some(rate) = &stats.good_throughput {
            best_low = best_low.max(rate.low.unwrap_or(rate.value));
        }
    }
    None
}

/// First load at which a resource that limits is full.
fn resource_full(servers: &[ServerAnalysis], order: &[usize]) -> Option<usize> {
    let limiting = servers
        .iter()
        .flat_map(|server| &server.resources)
        .filter(|resource| matches!(resource.standing, ResourceStanding::Saturated { .. }));
    limiting
        .filter_map(|resource| {
            order.iter().position(|index| {
                resource.share_by_step[*index]
                    .zip(resource.saturation)
                    .is_some_and(|(share, saturation)| share >= saturation)
            })
        })
        .min()
}
