//! Single requests to a server without load: what it is like at rest, and when it is so again.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use loadline_analysis::{
    PROBE_WINDOW_S, ProbeWindow, Recovery, has_recovered, probe_window, probes_from,
};
use loadline_events::Phase;
use loadline_metrics::RunData;
use loadline_store::read_run;

use crate::run::{Course, Interrupts, RunError, Supervision, supervise};
use crate::search::drive::{SearchError, Workshop};
use crate::search::variant::probe_plan;
use crate::target::TargetError;

/// Time between two attempts to reach a server that is gone.
const RETRY: Duration = Duration::from_secs(1);
/// Time that probes under way may still take in the end.
const GRACE: Duration = Duration::from_secs(2);

/// Probes for `longest_s` seconds, or until those since the last seconds look like `idle`. `None` when
/// the user stops it.
pub(super) fn probe(
    workshop: &Workshop<'_>,
    folder: &Path,
    longest_s: u32,
    idle: Option<&ProbeWindow>,
    interrupts: &Interrupts,
) -> Result<Option<Recovery>, SearchError> {
    let begun = Instant::now();
    let waited = || begun.elapsed().as_secs_f64();
    let nothing = |waited_s: f64| Recovery {
        recovered: false,
        waited_s,
        probes: ProbeWindow::default(),
        course: Vec::new(),
    };
    loop {
        match probes(workshop, folder, longest_s, idle, interrupts) {
            Ok(probed) if interrupts.load(Ordering::Relaxed) > 0 && !probed.recovered => {
                return Ok(None);
            }
            Ok(probed) => {
                return Ok(Some(Recovery {
                    waited_s: waited(),
                    ..probed
                }));
            }
            // A server that is gone may come back.
            Err(SearchError::Run(RunError::Target(TargetError::NoAnswer { .. })))
                if idle.is_some() =>
            {
                if waited() >= f64::from(longest_s) {
                    return Ok(Some(nothing(waited())));
                }
                if interrupts.load(Ordering::Relaxed) > 0 {
                    return Ok(None);
                }
                std::thread::sleep(RETRY);
            }
            Err(error) => return Err(error),
        }
    }
}

fn probes(
    workshop: &Workshop<'_>,
    folder: &Path,
    longest_s: u32,
    idle: Option<&ProbeWindow>,
    interrupts: &Interrupts,
) -> Result<Recovery, SearchError> {
    let longest = Duration::from_secs(u64::from(longest_s) + 5);
    let plan = probe_plan(workshop.plan(), workshop.searched(), longest);
    let mut request = workshop.request(plan, folder, 0)?;
    request.graceful_stop = GRACE;
    let mut last = Recovery {
        recovered: false,
        waited_s: 0.0,
        probes: ProbeWindow::default(),
        course: Vec::new(),
    };
    supervise(request, &Supervision::default(), interrupts, &mut |live| {
        let seconds = live.elapsed.as_secs().min(u64::from(u32::MAX)) as u32;
        if seconds < PROBE_WINDOW_S {
            return Course::GoOn;
        }
        let Ok(run) = read_run(folder) else {
            return Course::GoOn;
        };
        let start = main_second(&run.data);
        let window = |from: u32, to: u32| probe_window(&run.data, start + from, start + to);
        last.probes = window(probes_from(seconds), seconds);
        last.course = (0..seconds / PROBE_WINDOW_S)
            .map(|piece| window(piece * PROBE_WINDOW_S, (piece + 1) * PROBE_WINDOW_S))
            .collect();
        last.recovered = idle.is_some_and(|idle| has_recovered(idle, &last.probes));
        if last.recovered || seconds >= longest_s {
            Course::EndAt(live.elapsed)
        } else {
            Course::GoOn
        }
    })?;
    Ok(last)
}

/// The second of the run in which its main part started.
fn main_second(run: &RunData) -> u32 {
    run.phases
        .iter()
        .find_map(|phase| match phase {
            Phase::MainStarted { at } => Some(at.second()),
            _ => None,
        })
        .unwrap_or(0)
}
