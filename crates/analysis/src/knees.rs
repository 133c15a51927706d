//! Turns of the load curves: where response time doubles, throughput flattens, errors begin and the
//! server collapses. Each lies between two loads that were run.

use loadline_metrics::StepLoad;

use crate::result::{Estimate, Knee, ResourceStanding, ServerAnalysis, StepAnalysis};

/// Fewest loads for a knee.
pub(crate) const FEWEST_LOADS: usize = 5;
/// Error rate that counts as the first errors, if sure.
const FIRST_ERRORS: f64 = 0.001;
/// Rise of the mean response time below which it has not doubled, in seconds: by so much it changes from
/// one load to another on a machine that does other things as well.
pub(crate) const LEAST_RISE_S: f64 = 0.0005;
/// Share of the line through the origin below which the last throughput has flattened.
const FLATTENED: f64 = 0.85;

/// What a load showed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level<'a> {
    /// Users, or arrivals per second.
    pub(crate) load: f64,
    /// Mean response time, in microseconds.
    pub(crate) mean: Option<&'a Estimate>,
    /// Completions without error per second.
    pub(crate) good: Option<&'a Estimate>,
    /// Failed over all samples.
    pub(crate) error_rate: Option<&'a Estimate>,
}

/// The turns that any set of loads can show: their names, and where each is first seen among
/// `levels`, which are in ascending order of their loads.
pub(crate) fn turns_of(levels: &[Level<'_>]) -> [(&'static str, Option<usize>); 5] {
    // What the lowest load has already turned below the loads that were run.
    let between = |at: Option<usize>| at.filter(|position| *position > 0);
    [
        ("response time doubles", between(time_doubles(levels))),
        ("throughput flattens", between(throughput_flattens(levels))),
        ("throughput falls", between(throughput_falls(levels))),
        ("first errors", between(first_errors(levels))),
        ("collapse", between(collapse(levels))),
    ]
}

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
    let levels: Vec<Level<'_>> = order
        .iter()
        .map(|index| Level {
            load: load(steps, *index),
            mean: steps[*index].stats.response.mean.as_ref(),
            good: steps[*index].stats.good_throughput.as_ref(),
            error_rate: steps[*index].stats.error_rate.as_ref(),
        })
        .collect();
    let full = resource_full(servers, &order).filter(|position| *position > 0);
    turns_of(&levels)
        .into_iter()
        .chain([("resource full", full)])
        .filter_map(|(what, at)| {
            at.map(|position| Knee {
                what: what.to_owned(),
                without: levels[position - 1].load,
                with: levels[position].load,
            })
        })
        .collect()
}

fn load(steps: &[StepAnalysis], index: usize) -> f64 {
    StepLoad::value(steps[index].load)
}

/// First load whose mean lies wholly above twice that of the two lowest loads and [`LEAST_RISE_S`] above theirs.
fn time_doubles(levels: &[Level<'_>]) -> Option<usize> {
    let lowest = f64::midpoint(levels.first()?.mean?.value, levels.get(1)?.mean?.value);
    let bound = (2.0 * lowest).max(lowest + 1e6 * LEAST_RISE_S);
    (1..levels.len()).find(|position| {
        levels[*position]
            .mean
            .and_then(|mean| mean.low)
            .is_some_and(|low| low > bound)
    })
}

/// Two pieces by least squares: a line through the origin, then a constant of at least two loads.
fn throughput_flattens(levels: &[Level<'_>]) -> Option<usize> {
    let points: Vec<(f64, f64)> = levels
        .iter()
        .map(|level| (level.load, level.good.map_or(0.0, |rate| rate.value)))
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
    let rises = match (levels[split].good, levels[levels.len() - 1].good) {
        (Some(first), Some(last)) => match (first.high, last.low) {
            (Some(high), Some(low)) => low > high,
            _ => last.value > 1.03 * first.value,
        },
        _ => true,
    };
    (!rises && last.1 < FLATTENED * slope * last.0).then_some(split)
}

/// First load beyond the greatest throughput whose interval lies below it.
fn throughput_falls(levels: &[Level<'_>]) -> Option<usize> {
    let greatest = (0..levels.len()).max_by(|a, b| {
        let value = |position: usize| levels[position].good.map_or(0.0, |rate| rate.value);
        value(*a).total_cmp(&value(*b))
    })?;
    let floor = levels[greatest].good?.low?;
    (greatest + 1..levels.len()).find(|position| {
        levels[*position]
            .good
            .and_then(|rate| rate.high)
            .is_some_and(|high| high < floor)
    })
}

fn first_errors(levels: &[Level<'_>]) -> Option<usize> {
    // A lowest load too short for an interval counts by its figure.
    let lowest = levels.first()?.error_rate?;
    let floor = lowest.high.unwrap_or(lowest.value).max(FIRST_ERRORS);
    (1..levels.len()).find(|position| {
        levels[*position]
            .error_rate
            .and_then(|rate| rate.low)
            .is_some_and(|low| low > floor)
    })
}

/// Good throughput below half of what a smaller load gave, or more failures than answers.
fn collapse(levels: &[Level<'_>]) -> Option<usize> {
    let mut best_low: f64 = 0.0;
    for (position, level) in levels.iter().enumerate() {
        let above = |estimate: Option<&Estimate>, bound: f64| {
            estimate.is_some_and(|estimate| estimate.low.unwrap_or(estimate.value) > bound)
        };
        let fallen = level
            .good
            .is_some_and(|rate| rate.high.unwrap_or(rate.value) < best_low / 2.0);
        if fallen || above(level.error_rate, 0.5) {
            return Some(position);
        }
        if let Some(rate) = level.good {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Where response time is seen to double over loads with the means `means_us`, each within 1 %.
    fn doubles_at(means_us: [f64; 5]) -> Option<usize> {
        let means = means_us.map(|value| Estimate {
            value,
            low: Some(0.99 * value),
            high: Some(1.01 * value),
            censored: false,
            at_least: false,
            reason: None,
        });
        let levels: Vec<Level<'_>> = (means.iter().zip(1..))
            .map(|(mean, load)| Level {
                load: f64::from(load),
                mean: Some(mean),
                good: None,
                error_rate: None,
            })
            .collect();
        time_doubles(&levels)
    }

    #[test]
    fn response_time_doubles_by_half_a_millisecond_or_more() {
        assert_eq!(doubles_at([200.0, 200.0, 300.0, 600.0, 690.0]), None);
        assert_eq!(doubles_at([200.0, 200.0, 300.0, 600.0, 720.0]), Some(4));
        assert_eq!(doubles_at([2e3, 2e3, 3e3, 4e3, 5e3]), Some(4));
        assert_eq!(doubles_at([2e3, 2e3, 2e3, 3e3, 4e3]), None);
    }
}
