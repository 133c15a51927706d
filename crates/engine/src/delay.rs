//! How long timers ask a user to wait.

use std::time::Duration;

use loadline_plan::program::{Number, Template, TimerProgram};
use rand::RngExt as _;

use crate::{Scope, scripts};

/// Longest delay, a year: keeps sums in range whatever a plan says.
const LONGEST_MS: f64 = 365.0 * 86_400_000.0;

/// Draws the delay of `timer`, in whole milliseconds. A negative constant waits not at all.
///
/// Source: JMeter's `ConstantTimer`, `UniformRandomTimer`, `GaussianRandomTimer` and
/// `PoissonRandomTimer`; the random ones take the absolute value.
pub(crate) fn draw(timer: &TimerProgram, scope: &mut Scope<'_>) -> Duration {
    let delay_ms = match timer {
        TimerProgram::Constant { delay_ms } => number(delay_ms, scope),
        TimerProgram::Uniform {
            offset_ms,
            range_ms,
        } => {
            let (offset, range) = (number(offset_ms, scope), number(range_ms, scope));
            let part: f64 = scope.chance.random();
            (part * range + offset).abs()
        }
        TimerProgram::Gaussian {
            offset_ms,
            deviation_ms,
        } => {
            let (offset, deviation) = (number(offset_ms, scope), number(deviation_ms, scope));
            (standard_normal(scope) * deviation + offset).abs()
        }
        TimerProgram::Poisson { offset_ms, mean_ms } => {
            let (offset, mean) = (number(offset_ms, scope), number(mean_ms, scope));
            (poisson(mean.round().min(LONGEST_MS), scope) + offset.trunc()).abs()
        }
        TimerProgram::Script(id) => return scripts::delay(*id, scope),
        // Whoever asks these looks at other samples.
        TimerProgram::Throughput(_)
        | TimerProgram::Synchronizing(_)
        | TimerProgram::Precise(_)
        | TimerProgram::Shaping(_) => 0.0,
    };
    Duration::from_millis(delay_ms.clamp(0.0, LONGEST_MS) as u64)
}

/// `delay` times `factor`, rounded to whole milliseconds: JMeter's property `timer.factor`.
pub(crate) fn scaled(delay: Duration, factor: f64) -> Duration {
    if factor == 1.0 {
        return delay;
    }
    let delay_ms = (delay.as_millis() as f64 * factor).round();
    Duration::from_millis(delay_ms.clamp(0.0, LONGEST_MS) as u64)
}

/// The value of `number`; 0 for a text that is no number.
pub(crate) fn number(number: &Number, scope: &mut Scope<'_>) -> f64 {
    match number {
        Number::Fixed(value) => *value,
        Number::Text(template) => count(template, scope),
    }
}

/// The number in the text of `template`; 0 if it is none.
pub(crate) fn count(template: &Template, scope: &mut Scope<'_>) -> f64 {
    let text = scope.text_of(template);
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
        .unwrap_or(0.0)
}

/// A number from the standard normal distribution.
///
/// Source: Box and Muller, 1958; one of its two numbers is used, so that no state is kept.
fn standard_normal(scope: &mut Scope<'_>) -> f64 {
    // From (0, 1], whose logarithm is finite.
    let radius: f64 = 1.0 - scope.chance.random::<f64>();
    let angle: f64 = scope.chance.random();
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// A number from the Poisson distribution with this mean.
///
/// Sources: Knuth, The Art of Computer Programming, volume 2, section 3.4.1, for small means;
/// Atkinson, The Computer Generation of Poisson Random Variables, 1979, for others.
fn poisson(mean: f64, scope: &mut Scope<'_>) -> f64 {
    /// Up to which Knuth's method is the faster one.
    const SMALL: f64 = 30.0;
    if mean <= SMALL {
        let bound = (-mean).exp();
        let mut count = 0.0;
        let mut product: f64 = scope.chance.random();
        while product > bound {
            count += 1.0;
            product *= scope.chance.random::<f64>();
        }
        return count;
    }
    let beta = std::f64::consts::PI / (3.0 * mean).sqrt();
    let alpha = beta * mean;
    let scale = (0.767 - 3.36 / mean).ln() - mean - beta.ln();
    loop {
        let part: f64 = scope.chance.random();
        if part == 0.0 {
            continue;
        }
        let from = (alpha - ((1.0 - part) / part).ln()) / beta;
        let count = (from + 0.5).floor();
        if count < 0.0 {
            continue;
        }
        let height: f64 = scope.chance.random();
        let distance = alpha - beta * from;
        let proposed = distance + (height / (1.0 + distance.exp()).powi(2)).ln();
        if proposed <= scale + count * mean.ln() - ln_factorial(count) {
            return count;
        }
    }
}

/// The logarithm of `count!`, for whole numbers; exact up to 1, within 1e-7 beyond.
///
/// Source: Stirling's series.
fn ln_factorial(count: f64) -> f64 {
    if count < 2.0 {
        return 0.0;
    }
    let square = count * count;
    count * count.ln() - count
        + 0.5 * (std::f64::consts::TAU * count).ln()
        + (1.0 - (1.0 / 30.0 - 1.0 / (105.0 * square)) / square) / (12.0 * count)
}
