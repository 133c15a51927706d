//! How long timers ask a user to wait.

use std::time::Duration;

use loadline_plan::program::{Number, Template, TimerProgram};
use rand::RngExt as _;

use crate::Scope;

/// Longest delay, a year: keeps sums in range whatever a plan says.
const LONGEST_MS: f64 = 365.0 * 86_400_000.0;

/// Draws the delay of `timer`, in whole milliseconds. A negative constant waits not at all.
///
/// Source: JMeter's `ConstantTimer`, `UniformRandomTimer` and `GaussianRandomTimer`; the random
/// ones take the absolute value.
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
    };
    Duration::from_millis(delay_ms.clamp(0.0, LONGEST_MS) as u64)
}

/// The value of `number`; 0 for a text that is no number.
fn number(number: &Number, scope: &mut Scope<'_>) -> f64 {
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
