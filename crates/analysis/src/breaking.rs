//! The breaking range: the greatest load that kept every limit, and the smallest that broke one.

use loadline_metrics::{StepLoad, StepWindow};

use crate::result::{
    BreakingPoint, BreakingStatus, Knee, LimitCell, LimitResult, StepAnalysis, Verdict,
};
use crate::wording;

/// Ratio of broken to carried load from which the range is said to be coarse.
const COARSE: f64 = 1.1;

/// The verdict of all limits at one load.
struct Standing<'a> {
    step: &'a StepWindow,
    verdict: Verdict,
    /// The limit that decided, and the label where it did.
    decisive: (&'a LimitResult, &'a LimitCell),
}

/// Where the run's steps broke, by the limits that were judged in them.
pub(crate) fn breaking_point(
    steps: &[StepWindow],
    limits: &[LimitResult],
    knees: Vec<Knee>,
    analysed: &[StepAnalysis],
) -> BreakingPoint {
    let mut point = BreakingPoint {
        status: BreakingStatus::Unknown,
        carried: None,
        broken: None,
        limit: None,
        knees,
        notes: Vec::new(),
    };
    if limits.is_empty() {
        point
            .notes
            .push("No limits were set, so no load can break one.".to_owned());
        return point;
    }
    let mut standings: Vec<Standing<'_>> = steps
        .iter()
        .filter_map(|step| standing(step, limits))
        .collect();
    standings.sort_by(|a, b| a.step.load.value().total_cmp(&b.step.load.value()));
    let broken = standings
        .iter()
        .position(|standing| standing.verdict == Verdict::Fail);
    let below = &standings[..broken.unwrap_or(standings.len())];
    let carried = below
        .iter()
        .rposition(|standing| standing.verdict == Verdict::Pass);
    point.carried = carried.map(|index| below[index].step.load);
    if let Some(index) = broken {
        let standing = &standings[index];
        let (limit, cell) = standing.decisive;
        point.status = BreakingStatus::Found;
        point.broken = Some(standing.step.load);
        point.limit = Some((limit.text.clone(), cell.label.clone()));
        point.knees.push(Knee {
            what: format!("bound crossed: {}", limit.text),
            without: point.carried.map_or(0.0, StepLoad::value),
            with: standing.step.load.value(),
        });
        for above in &standings[index + 1..] {
            if above.verdict == Verdict::Pass {
                point.notes.push(format!(
                    "{} kept every limit although the smaller load broke one: the order is not what \
                     load alone would give.",
                    wording::load(above.step.load)
                ));
            }
        }
    } else if !standings.is_empty() && carried == Some(standings.len() - 1) {
        point.status = BreakingStatus::NotReached;
    }
    for undecided in &below[carried.map_or(0, |index| index + 1)..] {
        let why = &undecided.decisive.1.why;
        point.notes.push(format!(
            "At {} the answer is open: {why}.",
            wording::load(undecided.step.load)
        ));
    }
    let smallest_broke = broken == Some(0);
    point
        .notes
        .extend(width_notes(&point, smallest_broke, analysed));
    point
}

/// All limits at one step; `None` if none was judged there.
fn standing<'a>(step: &'a StepWindow, limits: &'a [LimitResult]) -> Option<Standing<'a>> {
    let here = limits
        .iter()
        .flat_map(|limit| limit.cells.iter().map(move |cell| (limit, cell)))
        .filter(|(_, cell)| cell.step == Some(step.step));
    // Among equals the first limit of the plan decides.
    let decisive = here.reduce(|worst, pair| {
        if pair.1.verdict > worst.1.verdict {
            pair
        } else {
            worst
        }
    })?;
    Some(Standing {
        step,
        verdict: decisive.1.verdict,
        decisive,
    })
}

fn width_notes(
    point: &BreakingPoint,
    smallest_broke: bool,
    analysed: &[StepAnalysis],
) -> Vec<String> {
    let mut notes = Vec::new();
    match (point.status, point.carried, point.broken) {
        (BreakingStatus::Found, Some(carried), Some(broken))
            if broken.value() > COARSE * carried.value() =>
        {
            notes.push(
                "The range is as wide as the steps: more steps in between narrow it \
                 (`--steps`)."
                    .to_owned(),
            );
        }
        (BreakingStatus::Found, None, Some(broken)) if smallest_broke => notes.push(format!(
            "{} was the smallest load judged: smaller ones may keep every limit.",
            wording::load(broken)
        )),
        (BreakingStatus::NotReached, Some(carried), _) => notes.push(format!(
            "The greatest load was {}: what more it carries is not known.",
            wording::load(carried)
        )),
        _ => {}
    }
    let loads = analysed.iter().filter(|step| step.window.is_some()).count();
    if loads > 1 && loads < crate::knees::FEWEST_LOADS {
        notes.push(format!(
            "{loads} loads: too few to place the knee; more steps narrow it (`--steps`)."
        ));
    }
    notes
}
