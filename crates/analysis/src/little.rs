//! Little's law as a check of the books: users counted against users computed from times.

use loadline_metrics::{LoadModel, RunData, StepLoad, StepWindow};

use crate::result::{LittleCheck, StepState};
use crate::steps::JudgedStep;
use crate::window::Completions;
use crate::worker_seconds::{GeneratorSeconds, mean_count, sum_over};

/// Longest cycle of a user, as a share of the window, with which the check can be made.
const LONGEST_CYCLE: f64 = 0.25;

/// The check with how far its figures may lie apart by chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Checked {
    /// The figures.
    pub(crate) figures: LittleCheck,
    /// A user's cycle (response and think time) as a share of the window: times are booked when
    /// they end, so at the window's edges so much may be missing or too much.
    pub(crate) edge: f64,
}

/// Whether `step` is one of users only, where the check can invalidate it.
pub(crate) fn closed_check(run: &RunData, step: &StepWindow) -> bool {
    matches!(run.facts.model, LoadModel::Closed(_)) && matches!(step.load, StepLoad::Users(_))
}

/// The check over the steady window of a step; `None` where it cannot be made.
///
/// Closed model: users running against (time in samples + time thinking) per second. Open model:
/// samples in flight against throughput × response time, if the number in flight hardly changed.
pub(crate) fn check(
    run: &RunData,
    step: &StepWindow,
    judged: &JudgedStep,
    completions: &Completions,
    generator: &GeneratorSeconds,
) -> Option<Checked> {
    if judged.state != StepState::Steady {
        return None;
    }
    let span = settled_users(run, step, judged.window?);
    let seconds = f64::from(span.1 - span.0);
    let rows = completions.seconds().range(span.0..span.1);
    let (mut samples, mut in_sample_us) = (0u64, 0u64);
    for (_, row) in rows {
        samples += row.samples;
        in_sample_us += row.service_sum_us;
    }
    if samples == 0 {
        return None;
    }
    if closed_check(run, step) {
        let counted = mean_count(generator, span, |row| row.users)?;
        let think_us = sum_over(generator, span, |row| row.think_us);
        let computed = (in_sample_us as f64 + think_us as f64) / 1e6 / seconds;
        let edge = counted / (samples as f64 / seconds) / seconds;
        return (counted > 0.0 && edge <= LONGEST_CYCLE).then_some(Checked {
            figures: LittleCheck { counted, computed },
            edge,
        });
    }
    let counted = mean_count(generator, span, |row| row.in_flight)?;
    let first = generator.range(span.0..span.1).next()?.1.in_flight;
    let last = generator.range(span.0..span.1).next_back()?.1.in_flight;
    let settled = (last - first).abs() < 0.02 * samples as f64;
    let computed = in_sample_us as f64 / 1e6 / seconds;
    (settled && counted > 0.0).then_some(Checked {
        figures: LittleCheck { counted, computed },
        edge: 0.0,
    })
}

/// The part of `span` in which a step's users are all there: in the last step a user leaves as soon
/// as its pause would outlast the run, so only the first half counts.
pub(crate) fn settled_users(run: &RunData, step: &StepWindow, span: (u32, u32)) -> (u32, u32) {
    let is_last = run.steps.iter().all(|other| other.end <= step.end);
    if is_last {
        (span.0, span.0 + (span.1 - span.0).div_ceil(2))
    } else {
        span
    }
}

/// Whether samples in flight and thinking users account for `counted` users: then what the books
/// miss is samples that did not end within the window.
pub(crate) fn users_waited(generator: &GeneratorSeconds, span: (u32, u32), counted: f64) -> bool {
    let Some(in_flight) = mean_count(generator, span, |row| row.in_flight) else {
        return false;
    };
    let seconds = f64::from(span.1 - span.0);
    let thinking = sum_over(generator, span, |row| row.think_us) as f64 / 1e6 / seconds;
    in_flight + thinking >= 0.95 * counted
}
