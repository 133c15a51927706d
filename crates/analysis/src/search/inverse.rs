//! Estimates the load at which the governing limit meets its bound, from trials around it.
//!
//! Inverse prediction: a weighted line of y = ln(observed/bound) over ln(load), read where y = 0
//! (delta method; Fieller 1954 is the exact form).

use crate::search::observe::UNKNOWN_ERROR;
use crate::search::trial::Trial;

/// Trials further from the bound than this factor do not enter: the curve is no line there.
const NEAR: f64 = 2.5;
/// Nor do trials at loads further from the nearest one's than this factor.
const NEAR_LOAD: f64 = 1.5;
/// Fewest trials for a line.
const FEWEST: usize = 4;
/// Least elasticity of the figure in the load for which the line tells a load.
const LEAST_SLOPE: f64 = 0.2;

/// The line read at the bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    /// ln of the load at which the bound is met.
    pub(crate) x: f64,
    /// Its standard error.
    pub(crate) s: f64,
    /// Elasticity of the figure in the load.
    pub(crate) slope: f64,
}

/// Mean variance of the figure in a window of one second, by the trials whose interval is known. A
/// single trial's own is a rough estimate, and those that come out too small would weigh most.
fn variance_per_second(trials: &[&&Trial]) -> f64 {
    let known: Vec<f64> = trials
        .iter()
        .filter(|trial| trial.se() < UNKNOWN_ERROR)
        .map(|trial| trial.se().powi(2) * trial.judged_s())
        .collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}

/// Where the bound is met, by the trials near it; `None` while too few tell.
pub(crate) fn crossing(trials: &[&Trial]) -> Option<Crossing> {
    let nearest = trials
        .iter()
        .min_by(|a, b| a.y().abs().total_cmp(&b.y().abs()))?;
    let governing = &nearest.governing()?.limit;
    let near: Vec<&&Trial> = trials
        .iter()
        .filter(|trial| trial.y().abs() <= NEAR.ln())
        .filter(|trial| (trial.load / nearest.load).ln().abs() <= NEAR_LOAD.ln())
        .filter(|trial| {
            trial
                .governing()
                .is_some_and(|margin| margin.limit == *governing)
        })
        .collect();
    let per_second = variance_per_second(&near);
    let near: Vec<(f64, f64, f64)> = near
        .iter()
        .map(|trial| {
            let y = trial.y();
            let own = (trial.se().powi(2)).max(per_second / trial.judged_s());
            // Beside it: what a window's mean moves by anyway, and the curve's bend.
            let variance = own + 0.02f64.powi(2) + (0.25 * y * y).powi(2);
            (trial.load.ln(), y, 1.0 / variance)
        })
        .collect();
    let both_sides =
        near.iter().any(|point| point.1 < 0.0) && near.iter().any(|point| point.1 >= 0.0);
    if near.len() < FEWEST || !both_sides {
        return None;
    }
    let weight: f64 = near.iter().map(|point| point.2).sum();
    let mean = |value: fn(&(f64, f64, f64)) -> f64| {
        near.iter().map(|point| point.2 * value(point)).sum::<f64>() / weight
    };
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let sxx: f64 = near
        .iter()
        .map(|point| point.2 * (point.0 - x_mean).powi(2))
        .sum();
    if sxx <= 0.0 {
        return None;
    }
    let slope = near
        .iter()
        .map(|point| point.2 * (point.0 - x_mean) * (point.1 - y_mean))
        .sum::<f64>()
        / sxx;
    if slope <= LEAST_SLOPE {
        return None;
    }
    let x = x_mean - y_mean / slope;
    let chi_squared: f64 = near
        .iter()
        .map(|point| point.2 * (point.1 - y_mean - slope * (point.0 - x_mean)).powi(2))
        .sum();
    let spread = (chi_squared / (near.len() - 2) as f64).max(1.0);
    let variance = (1.0 / weight + (x - x_mean).powi(2) / sxx) / slope.powi(2) * spread;
    Some(Crossing {
        x,
        s: variance.sqrt(),
        slope,
    })
}
