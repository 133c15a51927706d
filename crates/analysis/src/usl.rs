//! The universal scalability law (Gunther 1993, 2007): X(N) = λN / (1 + σ(N−1) + κN(N−1)).
//!
//! Weighted least squares by Levenberg and Marquardt's method, each combination of σ and κ at their
//! bound 0 for itself; the interval of the peak by a parametric bootstrap with the run's seed. A fit
//! that does not follow the data, or a peak that the loads do not show, is refused.

use std::collections::BTreeMap;

use loadline_metrics::{RunData, StepLoad};

use crate::result::{Estimate, Scaling, ScalingLaw, StepAnalysis, StepState};
use crate::student::Confidence;
use crate::wording;
use crate::worker_seconds::{GeneratorSeconds, sum_over};

/// Fewest loads for a fit.
const FEWEST_LOADS: usize = 5;
/// Least ratio of the greatest to the smallest load.
const LEAST_RANGE: f64 = 4.0;
/// Largest χ² for each degree of freedom.
const MOST_CHI2: f64 = 9.0;
/// Largest distance of a point from the curve, as a share of the point.
const MOST_RESIDUAL: f64 = 0.15;
/// Least weighted share of the variance that the curve explains.
const LEAST_FIT: f64 = 0.8;
/// Δχ² at which κ = 0 is excluded at 5 %.
const CURVATURE: f64 = 3.84;
/// Draws of the bootstrap.
const DRAWS: usize = 400;
/// How much the users inside the server, as a share of all, must vary to count instead of all.
const INSIDE_VARIES: f64 = 1.2;

/// A load with its throughput and that one's standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LoadRate {
    pub(crate) users: f64,
    pub(crate) throughput: f64,
    pub(crate) error: f64,
}

/// A fitted law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fit {
    pub(crate) lambda: f64,
    pub(crate) sigma: f64,
    pub(crate) kappa: f64,
    pub(crate) chi2: f64,
}

impl Fit {
    fn throughput(&self, users: f64) -> f64 {
        self.lambda * users / self.slowdown(users)
    }

    fn slowdown(&self, users: f64) -> f64 {
        1.0 + self.sigma * (users - 1.0) + self.kappa * users * (users - 1.0)
    }

    /// The load with the greatest throughput; `None` if it grows without end.
    pub(crate) fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0 && self.sigma < 1.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }
}

/// The law over the steady steps of a run.
pub(crate) fn scaling(
    run: &RunData,
    steps: &[StepAnalysis],
    generator: &GeneratorSeconds,
) -> Scaling {
    let points = match load_rates(steps, generator) {
        Ok(points) => points,
        Err(reason) => return Scaling::Refused(reason),
    };
    law(&points, run.facts.seed)
}

/// The law over `points`, with a peak if they show one.
pub(crate) fn law(points: &[LoadRate], seed: u64) -> Scaling {
    let mut users: Vec<f64> = points.iter().map(|point| point.users).collect();
    users.sort_by(f64::total_cmp);
    users.dedup();
    let (Some(least), Some(most)) = (users.first(), users.last()) else {
        return Scaling::Refused("no steady loads".to_owned());
    };
    if users.len() < FEWEST_LOADS || *most < LEAST_RANGE * least {
        return Scaling::Refused(format!(
            "too few loads: it needs {FEWEST_LOADS}, the greatest at least {LEAST_RANGE} times the \
             smallest"
        ));
    }
    let Some(best) = fit(points) else {
        return Scaling::Refused("the loads do not follow the law".to_owned());
    };
    let degrees = (points.len() - 3).max(1) as f64;
    let far = points.iter().any(|point| {
        let residual = (point.throughput - best.throughput(point.users)).abs();
        residual > MOST_RESIDUAL * point.throughput
    });
    if best.chi2 / degrees > MOST_CHI2 || far || explained(points, &best) < LEAST_FIT {
        return Scaling::Refused("the loads do not follow the law".to_owned());
    }
    let peak = peak(points, &best, *most, seed);
    Scaling::Fitted(ScalingLaw {
        rate_per_user: best.lambda,
        contention: best.sigma,
        coherency: best.kappa,
        greatest_load: *most,
        peak_refused: peak.as_ref().err().cloned(),
        peak: peak.ok(),
    })
}

/// The peak with its interval, or why none is claimed.
fn peak(points: &[LoadRate], best: &Fit, most: f64, seed: u64) -> Result<Estimate, String> {
    let straight = fit_with(points, best.lambda, true, false);
    let delta = straight.map_or(0.0, |straight| straight.chi2 - best.chi2);
    let Some(value) = best.peak().filter(|_| delta >= CURVATURE) else {
        return Err("no curvature: no peak can be claimed".to_owned());
    };
    let (low, high) = peak_interval(points, best, seed);
    let Some(high) = high.filter(|high| *high <= 2.0 * most && *high <= 2.0 * low) else {
        return Err("the loads do not reach far enough beyond the peak to place it".to_owned());
    };
    Ok(Estimate {
        value,
        low: Some(low),
        high: Some(high),
        censored: false,
        at_least: false,
        reason: None,
    })
}

/// 2.5 and 97.5 % quantiles of the peak of refitted draws; the upper one `None` if unbounded.
fn peak_interval(points: &[LoadRate], best: &Fit, seed: u64) -> (f64, Option<f64>) {
    let degrees = (points.len() - 3).max(1) as f64;
    let spread = (best.chi2 / degrees).max(1.0).sqrt();
    let mut chance = Normal::new(seed);
    let mut peaks: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<LoadRate> = points
                .iter()
                .map(|point| LoadRate {
                    throughput: best.throughput(point.users) + chance.draw() * point.error * spread,
                    ..*point
                })
                .collect();
            fit(&drawn)
                .and_then(|fit| fit.peak())
                .unwrap_or(f64::INFINITY)
        })
        .collect();
    peaks.sort_by(f64::total_cmp);
    let at = |q: f64| peaks[((q * DRAWS as f64 - 1e-9).ceil() as usize).max(1) - 1];
    (at(0.025), Some(at(0.975)).filter(|high| high.is_finite()))
}

/// The best law with σ and κ not negative; `None` if nothing fits.
pub(crate) fn fit(points: &[LoadRate]) -> Option<Fit> {
    let first = points
        .iter()
        .min_by(|a, b| a.users.total_cmp(&b.users))
        .filter(|point| point.users > 0.0 && point.throughput > 0.0)?;
    let start = first.throughput / first.users;
    [(true, true), (true, false), (false, true), (false, false)]
        .into_iter()
        .filter_map(|(sigma, kappa)| fit_with(points, start, sigma, kappa))
        .filter(|fit| fit.sigma >= 0.0 && fit.kappa >= 0.0)
        .min_by(|a, b| a.chi2.total_cmp(&b.chi2))
}

/// The best law with σ and κ free or fixed at 0; free ones may come out negative.
fn fit_with(points: &[LoadRate], start: f64, sigma: bool, kappa: bool) -> Option<Fit> {
    let free = [true, sigma, kappa];
    let mut best = start_at(points, start, sigma, kappa);
    best.chi2 = chi2(points, &best)?;
    let mut damping = 1e-3;
    for _ in 0..200 {
        let (normal, gradient) = normal_equations(points, &best, free);
        let mut damped = normal;
        for (index, row) in damped.iter_mut().enumerate() {
            row[index] *= 1.0 + damping;
        }
        let step = solve(damped, gradient)?;
        let next = Fit {
            lambda: best.lambda * step[0].clamp(-2.0, 2.0).exp(),
            sigma: best.sigma + step[1],
            kappa: best.kappa + step[2],
            chi2: 0.0,
        };
        match chi2(points, &next) {
            Some(chi2) if chi2 < best.chi2 => {
                let gain = best.chi2 - chi2;
                best = Fit { chi2, ..next };
                damping = (damping / 10.0).max(1e-12);
                if gain < 1e-12 * best.chi2.max(1e-9) {
                    break;
                }
            }
            _ => {
                damping *= 10.0;
                if damping > 1e12 {
                    break;
                }
            }
        }
    }
    Some(best)
}

/// A start: linear least squares of N/X on (1, N−1, N(N−1)), which holds exactly without noise.
fn start_at(points: &[LoadRate], start: f64, sigma: bool, kappa: bool) -> Fit {
    let mut normal = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    for point in points {
        let n = point.users;
        if point.throughput <= 0.0 {
            continue;
        }
        let row = [
            1.0,
            if sigma { n - 1.0 } else { 0.0 },
            if kappa { n * (n - 1.0) } else { 0.0 },
        ];
        let weight = (point.throughput * point.throughput / (n * point.error)).powi(2);
        for i in 0..3 {
            for j in 0..3 {
                normal[i][j] += weight * row[i] * row[j];
            }
            right[i] += weight * row[i] * n / point.throughput;
        }
    }
    let plain = Fit {
        lambda: start,
        sigma: 0.0,
        kappa: 0.0,
        chi2: 0.0,
    };
    for (index, free) in [true, sigma, kappa].into_iter().enumerate() {
        if !free {
            normal[index][index] = 1.0;
        }
    }
    match solve(normal, right) {
        Some([inverse, a, b]) if inverse > 0.0 => {
            let started = Fit {
                lambda: 1.0 / inverse,
                sigma: a / inverse,
                kappa: b / inverse,
                chi2: 0.0,
            };
            if chi2(points, &started).is_some() {
                started
            } else {
                plain
            }
        }
        _ => plain,
    }
}

/// Σ((X − X(N))/se)²; `None` where the law is not defined.
fn chi2(points: &[LoadRate], fit: &Fit) -> Option<f64> {
    let mut sum = 0.0;
    for point in points {
        if fit.slowdown(point.users) <= 0.0 {
            return None;
        }
        sum += ((point.throughput - fit.throughput(point.users)) / point.error).powi(2);
    }
    sum.is_finite().then_some(sum)
}

/// JᵀJ and Jᵀr of the free parameters (ln λ, σ, κ); fixed ones have a row of their own.
fn normal_equations(points: &[LoadRate], fit: &Fit, free: [bool; 3]) -> ([[f64; 3]; 3], [f64; 3]) {
    let mut normal = [[0.0; 3]; 3];
    let mut gradient = [0.0; 3];
    for point in points {
        let n = point.users;
        let expected = fit.throughput(n);
        let slowdown = fit.slowdown(n);
        let derivatives = [
            expected,
            -expected * (n - 1.0) / slowdown,
            -expected * n * (n - 1.0) / slowdown,
        ];
        let residual = (point.throughput - expected) / point.error;
        for i in (0..3).filter(|i| free[*i]) {
            let own = derivatives[i] / point.error;
            gradient[i] += own * residual;
            for j in (0..3).filter(|j| free[*j]) {
                normal[i][j] += own * derivatives[j] / point.error;
            }
        }
    }
    for (index, row) in normal.iter_mut().enumerate() {
        if row[index] <= 0.0 {
            row[index] = 1.0;
        }
    }
    (normal, gradient)
}

/// Solves a symmetric system of three equations after scaling; `None` if it is singular.
fn solve(matrix: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let mut scale = [0.0; 3];
    for index in 0..3 {
        if matrix[index][index] <= 0.0 {
            return None;
        }
        scale[index] = matrix[index][index].sqrt();
    }
    let mut rows = [[0.0; 4]; 3];
    for i in 0..3 {
        for j in 0..3 {
            rows[i][j] = matrix[i][j] / (scale[i] * scale[j]);
        }
        rows[i][3] = right[i] / scale[i];
    }
    for column in 0..3 {
        let pivot =
            (column..3).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        if rows[column][column].abs() < 1e-14 {
            return None;
        }
        let above = rows[column];
        for row in &mut rows[column + 1..] {
            let factor = row[column] / above[column];
            for (value, pivot) in row.iter_mut().zip(above).skip(column) {
                *value -= factor * pivot;
            }
        }
    }
    let mut solution = [0.0; 3];
    for row in (0..3).rev() {
        let known: f64 = (row + 1..3).map(|at| rows[row][at] * solution[at]).sum();
        solution[row] = (rows[row][3] - known) / rows[row][row];
    }
    for index in 0..3 {
        solution[index] /= scale[index];
    }
    solution
        .iter()
        .all(|value| value.is_finite())
        .then_some(solution)
}

/// Weighted share of the variance of throughput that the law explains.
fn explained(points: &[LoadRate], fit: &Fit) -> f64 {
    let weight = |point: &LoadRate| 1.0 / (point.error * point.error);
    let total: f64 = points.iter().map(weight).sum();
    let mean = points
        .iter()
        .map(|point| weight(point) * point.throughput)
        .sum::<f64>()
        / total;
    let around: f64 = points
        .iter()
        .map(|point| weight(point) * (point.throughput - mean).powi(2))
        .sum();
    if around > 0.0 {
        1.0 - fit.chi2 / around
    } else {
        0.0
    }
}

/// Loads and throughputs of the steady steps: users, or those inside the server where their share
/// varies; the mean number in flight for open loads.
fn load_rates(
    steps: &[StepAnalysis],
    generator: &GeneratorSeconds,
) -> Result<Vec<LoadRate>, String> {
    let mut by_load: BTreeMap<u64, (LoadRate, f64)> = BTreeMap::new();
    let mut open = false;
    let t = Confidence::NinetyFive.t(9);
    for step in steps.iter().filter(|step| step.state == StepState::Steady) {
        let (Some(rate), Some(mean), Some(span)) = (
            step.stats.throughput.as_ref(),
            step.stats.response.mean.as_ref(),
            step.window,
        ) else {
            continue;
        };
        let (Some(low), Some(high)) = (rate.low, rate.high) else {
            continue;
        };
        let completed = rate.value * f64::from(span.1 - span.0);
        let think_s =
            sum_over(generator, span, |row| row.think_us) as f64 / 1e6 / completed.max(1.0);
        let response_s = mean.value / 1e6;
        let inside = response_s / (response_s + think_s).max(1e-12);
        open |= matches!(step.load, StepLoad::Rate(_));
        let users = match step.load {
            StepLoad::Users(users) => f64::from(users),
            StepLoad::Rate(_) => rate.value * response_s,
        };
        let error = ((high - low) / (2.0 * t)).max(1e-4 * rate.value);
        if rate.value > 0.0 && users > 0.0 && error > 0.0 {
            let point = LoadRate {
                users,
                throughput: rate.value,
                error,
            };
            by_load.insert(users.to_bits(), (point, inside));
        }
    }
    if by_load.len() < FEWEST_LOADS {
        return Err(format!(
            "too few steady loads: {} of at least {}",
            by_load.len(),
            wording::count(FEWEST_LOADS as u64)
        ));
    }
    let shares = || by_load.values().map(|row| row.1);
    let least = shares().fold(f64::INFINITY, f64::min);
    let most = shares().fold(0.0, f64::max);
    let by_inside = !open && most > INSIDE_VARIES * least;
    Ok(by_load
        .into_values()
        .map(|(point, inside)| LoadRate {
            users: if by_inside {
                point.users * inside
            } else {
                point.users
            },
            ..point
        })
        .collect())
}

/// Normal deviates from a seed (SplitMix64, Steele et al. 2014; Box and Muller 1958).
struct Normal(u64);

impl Normal {
    fn new(seed: u64) -> Self {
        Normal(seed)
    }

    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn draw(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.unit()).cos()
    }
}
