//! One trial: a load that is held until its window decides.

use std::path::Path;
use std::time::Duration;

use loadline_analysis::{
    GROSS_BREAK, SearchSettings, Trial, TrialRequest, analyse, observe, wants_extension,
};
use loadline_events::StopReason;
use loadline_metrics::RunData;
use loadline_plan::{Comparison, Limit, Metric};
use loadline_store::read_run;

use crate::live::LiveSecond;
use crate::run::{Course, Finished, Interrupts, Supervision, supervise};
use crate::search::drive::{SearchError, Workshop};
use crate::search::variant::{HeldLoad, trial_plan};

/// Time that requests under way may still take when the load is taken off.
const GRACE: Duration = Duration::from_secs(10);
/// Error rate at which the load is taken off at once.
const MOSTLY_ERRORS: f64 = 0.5;

/// Makes the trial; says whether its load went on beyond its window.
pub(super) fn make(
    workshop: &Workshop<'_>,
    settings: &SearchSettings,
    request: &TrialRequest,
    folder: &Path,
    number: usize,
    interrupts: &Interrupts,
    on_second: &mut dyn FnMut(&LiveSecond),
) -> Result<(Finished, bool), SearchError> {
    let seconds = |s: u32| Duration::from_secs(u64::from(s));
    let ramp = seconds(request.ramp_s(settings.unit));
    let warm_up = seconds(request.warm_up_s());
    let window = seconds(request.window_s);
    let held = HeldLoad {
        load: request.load,
        ramp,
        hold: seconds(request.longest_s(settings.unit)) - ramp,
    };
    let plan = trial_plan(workshop.plan(), workshop.searched(), held);
    let limits = plan.limits.clone();
    let mut run_request = workshop.request(plan, folder, number as u64)?;
    run_request.graceful_stop = GRACE;
    let supervision = Supervision {
        warm_up,
        stop_limits: limits.iter().filter_map(gross).collect(),
    };
    let window_end = ramp + warm_up + window;
    let mut looked = false;
    let mut extended = false;
    let finished = supervise(run_request, &supervision, interrupts, &mut |live| {
        on_second(live);
        if looked || !request.may_extend || live.elapsed < window_end {
            return Course::GoOn;
        }
        looked = true;
        extended = so_far(folder, window_end)
            .map(|run| observe(&analyse(&run, &limits), &limits, request, false, (0.0, 0.0)))
            .is_some_and(|trial| wants_extension(request, &trial));
        if extended {
            Course::JudgeFrom(ramp + warm_up + seconds(request.extra_warm_up_s()))
        } else {
            Course::EndAt(window_end)
        }
    })?;
    Ok((finished, extended))
}

/// The run in `folder`, which goes on, as if it had ended with its window.
fn so_far(folder: &Path, window_end: Duration) -> Option<RunData> {
    let mut run = read_run(folder).ok()?.data;
    let end = run.facts.main_started + window_end;
    for step in &mut run.steps {
        step.end = step.end.min(end);
        step.complete = true;
    }
    run.facts.stop = StopReason::Completed;
    Some(run)
}

/// The trial in `folder`, judged as it stands there.
pub(super) fn read(
    run: &RunData,
    limits: &[Limit],
    request: &TrialRequest,
    extended: bool,
    times: (f64, f64),
) -> (loadline_analysis::Analysis, Trial) {
    let analysis = analyse(run, limits);
    let trial = observe(&analysis, limits, request, extended, times);
    (analysis, trial)
}

/// The limit that a trial breaks so grossly that its load is taken off at once: three times the bound
/// of a time, or half of all samples failed.
fn gross(limit: &Limit) -> Option<Limit> {
    let upper = matches!(limit.comparison, Comparison::Less | Comparison::LessOrEqual);
    let bound = match limit.metric {
        Metric::Percentile(..) if upper => GROSS_BREAK * limit.bound,
        Metric::ErrorRate if upper && limit.bound < MOSTLY_ERRORS => MOSTLY_ERRORS,
        Metric::Alive => 0.0,
        _ => return None,
    };
    Some(Limit {
        bound,
        stop: true,
        ..limit.clone()
    })
}

#[cfg(test)]
mod tests {
    use loadline_plan::parse_limit;

    use super::*;

    #[test]
    fn gross_breaks_lie_far_beyond_the_bound() {
        let bound = |text: &str| gross(&parse_limit(text).unwrap()).map(|limit| limit.bound);
        assert_eq!(bound("p95 < 100ms"), Some(GROSS_BREAK * 0.1));
        assert_eq!(bound("errors <= 1%"), Some(0.5));
        assert_eq!(bound("throughput > 100/s"), None);
    }
}
