//! Open loads as the schedule of an Open Model Thread Group.

use std::fmt::Write;
use std::time::Duration;

use loadline_plan::LoadStage;
use loadline_units::Rate;

/// The schedule of a load that is `from` after `start` and then goes through `stages`.
pub(super) fn schedule(
    from: Rate,
    stages: &[LoadStage<Rate>],
    poisson: bool,
    start: Duration,
) -> String {
    let mut text = String::new();
    if !start.is_zero() {
        let _ = write!(text, "pause({}) ", length(start));
    }
    let _ = write!(text, "{}", rate(from));
    let arrivals = if poisson {
        "random_arrivals"
    } else {
        "even_arrivals"
    };
    let mut present = from;
    for (index, stage) in stages.iter().enumerate() {
        if !stage.duration.is_zero() {
            let _ = write!(text, " {arrivals}({})", length(stage.duration));
        }
        // At the end a rate that stays need not be said.
        let is_said = index + 1 == stages.len() && stage.target == present;
        if !is_said {
            let _ = write!(text, " {}", rate(stage.target));
        }
        present = stage.target;
    }
    text
}

fn rate(rate: Rate) -> String {
    if rate == Rate::default() {
        return "rate(0)".to_owned();
    }
    format!("rate({}/s)", rate.as_per_second())
}

/// A length in seconds if they are whole, else in milliseconds, which may have a fraction.
fn length(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_nanos() as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_and_ramps_are_told_apart() {
        let per_second = |rate| Rate::per_second(rate).unwrap();
        let stage = |rate, seconds| LoadStage {
            target: per_second(rate),
            duration: Duration::from_millis(seconds),
        };
        let stages = [
            stage(5.0, 1500),
            stage(5.0, 30_000),
            stage(0.5, 0),
            stage(0.5, 2000),
        ];
        assert_eq!(
            schedule(Rate::default(), &stages, true, Duration::from_secs(10)),
            "pause(10 s) rate(0) random_arrivals(1500 ms) rate(5/s) random_arrivals(30 s) rate(5/s) \
             rate(0.5/s) random_arrivals(2 s)"
        );
        let constant = [stage(100.0, 60_000)];
        assert_eq!(
            schedule(per_second(100.0), &constant, false, Duration::ZERO),
            "rate(100/s) even_arrivals(60 s)"
        );
    }
}
