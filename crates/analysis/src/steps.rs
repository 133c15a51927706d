//! The steps of a run: which seconds of each are judged, and whether it settled.

use loadline_metrics::{LoadModel, RunData, StepLoad, StepWindow};

use crate::batch::MIN_WINDOW_S;
use crate::result::{Reason, StepState};
use crate::steady::{HoldSeries, Settled, Steadiness, steadiness};
use crate::window::Completions;
use crate::worker_seconds::GeneratorSeconds;

/// A hold may begin so much after a whole second, or end so much before one, and still count it.
const EDGE_TOLERANCE_S: f64 = 0.02;

/// A step's seconds and state.
#[derive(Clone, Debug)]
pub(crate) struct JudgedStep {
    /// Whole seconds of the run within the hold.
    pub(crate) hold: (u32, u32),
    /// Seconds of the run that are judged; `None` when there are none.
    pub(crate) window: Option<(u32, u32)>,
    /// Whether it settled.
    pub(crate) state: StepState,
    /// Smallest rise that would have been seen.
    pub(crate) detectable_rise: Option<f64>,
    /// Whether the hold began slower than it went on.
    pub(crate) slow_start: bool,
}

impl JudgedStep {
    /// The window for limits: the judged one, or the whole hold where too little is left after a
    /// slow start was cut. Times of the whole hold are too long then, never too short.
    pub(crate) fn limit_window(&self) -> Option<(u32, u32)> {
        let (start, end) = self.window?;
        let short = end - start < MIN_WINDOW_S && self.hold.1 - self.hold.0 >= MIN_WINDOW_S;
        Some(if short && self.slow_start {
            self.hold
        } else {
            (start, end)
        })
    }

    /// Hold in seconds that would have left enough for intervals, where too little is left of a
    /// steady one after its warm-up was cut.
    ///
    /// A cut of half the hold grows with it, so twice as much is asked for then.
    pub(crate) fn hold_needed_s(&self) -> Option<u32> {
        let (start, end) = self.window?;
        let (cut, hold) = (start - self.hold.0, self.hold.1 - self.hold.0);
        let short = end - start < MIN_WINDOW_S && hold >= MIN_WINDOW_S && cut > 0;
        (short && self.state == StepState::Steady).then(|| {
            if cut >= hold / 2 {
                2 * MIN_WINDOW_S
            } else {
                cut + MIN_WINDOW_S
            }
        })
    }

    /// Why no interval is claimed in this step; `None` if intervals are.
    pub(crate) fn withhold(&self) -> Option<Reason> {
        match self.state {
            StepState::Steady => None,
            StepState::TooShort => Some(Reason::TooShort {
                need_s: MIN_WINDOW_S,
            }),
            StepState::NotReached => Some(Reason::NoSamples),
            StepState::Rising { .. } | StepState::Falling | StepState::Unsettled => {
                Some(Reason::NotSteady)
            }
        }
    }
}

/// Judges each step of `run`.
pub(crate) fn judge_steps(
    run: &RunData,
    completions: &Completions,
    generator: &GeneratorSeconds,
) -> Vec<JudgedStep> {
    run.steps
        .iter()
        .map(|step| judge_step(run, completions, generator, step))
        .collect()
}

fn judge_step(
    run: &RunData,
    completions: &Completions,
    generator: &GeneratorSeconds,
    step: &StepWindow,
) -> JudgedStep {
    let hold = whole_seconds(step);
    if hold.0 >= hold.1 {
        return JudgedStep {
            hold: (hold.0, hold.0),
            window: None,
            state: StepState::NotReached,
            detectable_rise: None,
            slow_start: false,
        };
    }
    let rows = completions.seconds();
    let ended = |second: u32| rows.get(&second);
    let series = HoldSeries {
        completions: (hold.0..hold.1)
            .map(|second| ended(second).map_or(0, |row| row.samples))
            .collect(),
        response_sum_us: (hold.0..hold.1)
            .map(|second| ended(second).map_or(0.0, |row| row.response_sum_us as f64))
            .collect(),
        in_flight: (hold.0..hold.1)
            .map_while(|second| generator.get(&second).map(|row| row.in_flight))
            .collect(),
        open: is_open(run, step),
    };
    let Steadiness {
        state,
        window,
        detectable_rise,
        slow_start,
        ..
    } = steadiness(&series);
    JudgedStep {
        hold,
        window: Some((hold.0 + window.start as u32, hold.0 + window.end as u32)),
        state: match state {
            Settled::Steady => StepState::Steady,
            Settled::TooShort => StepState::TooShort,
            Settled::Unsettled => StepState::Unsettled,
            Settled::Rising(per_second) => StepState::Rising { per_second },
            Settled::Falling => StepState::Falling,
        },
        detectable_rise,
        slow_start,
    }
}

/// Whether arrivals of `step` follow a schedule.
pub(crate) fn is_open(run: &RunData, step: &StepWindow) -> bool {
    matches!(run.facts.model, LoadModel::Open) || matches!(step.load, StepLoad::Rate(_))
}

/// The whole seconds of the run within the hold of `step`; a first and an excluded last second.
fn whole_seconds(step: &StepWindow) -> (u32, u32) {
    let start = (step.hold_start.as_secs_f64() - EDGE_TOLERANCE_S)
        .max(0.0)
        .ceil();
    let end = (step.end.as_secs_f64() + EDGE_TOLERANCE_S).floor();
    // A hold within one second has no whole one: the seconds it touches hold nothing else.
    if start >= end && step.end > step.hold_start {
        let start = step.hold_start.as_secs_f64().floor();
        return (start as u32, step.end.as_secs_f64().ceil() as u32);
    }
    (start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hold: (u32, u32), window: (u32, u32), state: StepState, expected: Option<u32>) {
        let step = JudgedStep {
            hold,
            window: Some(window),
            state,
            detectable_rise: None,
            slow_start: true,
        };
        assert_eq!(step.hold_needed_s(), expected);
    }

    #[test]
    fn a_cut_that_leaves_too_little_says_how_long_a_hold_would_do() {
        check((10, 30), (16, 30), StepState::Steady, Some(26));
        check((10, 30), (20, 30), StepState::Steady, Some(40));
        check((10, 40), (16, 40), StepState::Steady, None);
        check((10, 30), (10, 30), StepState::Steady, None);
        check((10, 30), (16, 30), StepState::Falling, None);
        check((10, 20), (10, 20), StepState::TooShort, None);
    }
}
