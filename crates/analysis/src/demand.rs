//! The utilisation law: what a request costs a resource, and when that resource is full.
//!
//! U = U₀ + D·X (Denning and Buzen 1978), by weighted least squares over steady steps; the capacity
//! (m − U₀)/D has its interval by Fieller's theorem (1954).

use loadline_events::Signal;

use crate::result::{Estimate, Reason, ServiceDemand, StepState};
use crate::server_series::ServerView;
use crate::steps::JudgedStep;
use crate::student::Confidence;
use crate::window::Completions;

/// Fewest steps for a line with intercept.
const FEWEST_STEPS: usize = 3;
/// Least ratio of the greatest to the smallest throughput.
const LEAST_SPREAD: f64 = 1.5;
/// Least share of the variance that the line explains.
const LEAST_FIT: f64 = 0.9;

/// A step's throughput, use of the resource, and variance of that use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct UsePoint {
    pub(crate) throughput: f64,
    pub(crate) used: f64,
    pub(crate) variance: f64,
}

/// A fitted line and what follows from it, in the units of the points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DemandFit {
    pub(crate) background: f64,
    pub(crate) demand: f64,
    pub(crate) demand_interval: (f64, f64),
    pub(crate) capacity: f64,
    /// `None` when the interval is not bounded on both sides.
    pub(crate) capacity_interval: Option<(f64, f64)>,
}

/// Fits the law; the resource is full at `available`.
///
/// # Errors
///
/// The reason why no line is claimed: too few or too similar loads, or use that does not follow
/// throughput.
pub(crate) fn fit(points: &[UsePoint], available: f64) -> Result<DemandFit, Reason> {
    let rates = || points.iter().map(|point| point.throughput);
    let least = rates().fold(f64::INFINITY, f64::min);
    let most = rates().fold(0.0, f64::max);
    if points.len() < FEWEST_STEPS || least <= 0.0 || most / least < LEAST_SPREAD {
        return Err(Reason::TooFewLevels {
            need: FEWEST_STEPS as u32,
        });
    }
    let weights: Vec<f64> = points
        .iter()
        .map(|point| 1.0 / point.variance.max(1e-12))
        .collect();
    let weighted = |value: &dyn Fn(&UsePoint) -> f64| -> f64 {
        points
            .iter()
            .zip(&weights)
            .map(|(point, w)| w * value(point))
            .sum()
    };
    let total: f64 = weights.iter().sum();
    let x_mean = weighted(&|point| point.throughput) / total;
    let u_mean = weighted(&|point| point.used) / total;
    let sxx = weighted(&|point| (point.throughput - x_mean).powi(2));
    let sxu = weighted(&|point| (point.throughput - x_mean) * (point.used - u_mean));
    let suu = weighted(&|point| (point.used - u_mean).powi(2));
    let demand = sxu / sxx;
    let background = u_mean - demand * x_mean;
    let residual = weighted(&|point| (point.used - background - demand * point.throughput).powi(2));
    let df = points.len() as u32 - 2;
    let t = Confidence::NinetyFive.t(df);
    let scale = residual / f64::from(df);
    let half = t * (scale / sxx).sqrt();
    let follows = suu > 0.0 && 1.0 - residual / suu >= LEAST_FIT;
    if !follows || demand - half <= 0.0 {
        return Err(Reason::NotSteady);
    }
    // Fieller: all X at which the line's interval holds `available`, about the mean of the data.
    let rise = available - u_mean;
    let a = demand * demand - half * half;
    let b = demand * rise;
    let c = rise * rise - t * t * scale / total;
    let root = b * b - a * c;
    let capacity_interval = (a > 0.0 && root >= 0.0).then(|| {
        let root = root.sqrt();
        (x_mean + (b - root) / a, x_mean + (b + root) / a)
    });
    Ok(DemandFit {
        background,
        demand,
        demand_interval: (demand - half, demand + half),
        capacity: (available - background) / demand,
        capacity_interval,
    })
}

/// What a request costs the CPU of each server and its busiest thread, as far as the steps show it.
pub(crate) fn demands(
    servers: &[ServerView<'_>],
    judged: &[JudgedStep],
    completions: &Completions,
) -> Vec<ServiceDemand> {
    let rows = completions.seconds();
    let mut demands = Vec::new();
    for server in servers {
        for signal in [Signal::CpuCores, Signal::BusiestThread] {
            let mut points = Vec::new();
            let mut cores = Vec::new();
            for step in judged {
                let (StepState::Steady, Some(span)) = (&step.state, step.window) else {
                    continue;
                };
                let Some(point) = use_point(server, signal, span) else {
                    continue;
                };
                let done: u64 = rows.range(span.0..span.1).map(|(_, row)| row.samples).sum();
                let throughput = done as f64 / f64::from(span.1 - span.0);
                points.push(UsePoint {
                    throughput,
                    ..point
                });
                cores.extend(server.cores(span));
            }
            let available = match signal {
                Signal::CpuCores => cores.iter().copied().fold(0.0, f64::max),
                _ => 1.0,
            };
            let (Ok(fit), true) = (fit(&points, available), available > 0.0) else {
                continue;
            };
            demands.push(service_demand(server, signal, &points, available, &fit));
        }
    }
    demands
}

fn service_demand(
    server: &ServerView<'_>,
    signal: Signal,
    points: &[UsePoint],
    available: f64,
    fit: &DemandFit,
) -> ServiceDemand {
    let estimate = |value: f64, ends: Option<(f64, f64)>| Estimate {
        value,
        low: ends.map(|ends| ends.0),
        high: ends.map(|ends| ends.1),
        censored: false,
        at_least: false,
        reason: ends.is_none().then_some(Reason::TooFewLevels {
            need: FEWEST_STEPS as u32,
        }),
    };
    let (low, high) = fit.demand_interval;
    ServiceDemand {
        server: server.series.name.clone(),
        signal,
        demand_us: estimate(fit.demand * 1e6, Some((low * 1e6, high * 1e6))),
        background_cores: fit.background.max(0.0),
        available_cores: available,
        capacity_per_s: estimate(fit.capacity, fit.capacity_interval),
        observed_per_s: points
            .iter()
            .map(|point| point.throughput)
            .fold(0.0, f64::max),
    }
}

/// Mean use of a resource in `span` and the variance of that mean, from ten batches.
fn use_point(server: &ServerView<'_>, signal: Signal, span: (u32, u32)) -> Option<UsePoint> {
    let values: Vec<f64> = server.values(signal, span).map(|row| row.1).collect();
    if values.len() < 10 {
        return None;
    }
    let used = values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<f64> = (0..10)
        .map(|batch| {
            let part = &values[batch * values.len() / 10..(batch + 1) * values.len() / 10];
            part.iter().sum::<f64>() / part.len() as f64
        })
        .collect();
    let squares: f64 = means.iter().map(|mean| (mean - used).powi(2)).sum();
    // Readings come in clock ticks: no step is known better than a hundredth of a core's percent.
    let variance = (squares / 9.0 / 10.0).max(1e-8);
    Some(UsePoint {
        throughput: 0.0,
        used,
        variance,
    })
}
