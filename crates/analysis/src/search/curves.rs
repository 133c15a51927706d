//! The other points of a search's load curves: where response times double, throughput flattens or
//! falls, errors begin and the server collapses.

use crate::knees::{FEWEST_LOADS, Level, turns_of};
use crate::search::trial::Trial;

/// A turn of a load curve, seen between two loads or not seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// What turns: "response time doubles".
    pub what: &'static str,
    /// Last load without it and first load with it; `None` if it was not seen.
    pub seen: Option<(f64, f64)>,
}

/// The turns that the trials show, and whether there were loads enough to tell.
#[must_use]
pub fn turns(trials: &[Trial]) -> (Vec<Turn>, bool) {
    let mut order: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.counts() && trial.figures.samples > 0)
        .collect();
    // Of several trials at one load the longest tells most.
    order.sort_by(|a, b| (a.load.total_cmp(&b.load)).then(b.judged_s().total_cmp(&a.judged_s())));
    order.dedup_by(|later, earlier| later.load == earlier.load);
    let levels: Vec<Level<'_>> = order
        .iter()
        .map(|trial| Level {
            load: trial.load,
            mean: trial.figures.mean_us.as_ref(),
            good: trial.figures.good_per_s.as_ref(),
            error_rate: trial.figures.error_rate.as_ref(),
        })
        .collect();
    let enough = levels.len() >= FEWEST_LOADS;
    let turns = turns_of(&levels)
        .into_iter()
        .map(|(what, at)| Turn {
            what,
            seen: at
                .filter(|_| enough)
                .map(|position| (levels[position - 1].load, levels[position].load)),
        })
        .collect();
    (turns, enough)
}
