//! What a search found, how sure it is, and what it could not know.

use crate::search::curves::{Turn, turns};
use crate::search::decay::decay_per_minute;
use crate::search::inverse::crossing;
use crate::search::procedure::{End, Method, Search, interval_of};
use crate::search::trial::{SearchSoFar, Side, Trial};

/// The answer of a search. Loads are users or arrivals per second.
#[derive(Clone, Debug, PartialEq)]
pub struct Searched {
    /// Whether the break was found.
    pub status: SearchStatus,
    /// Greatest load shown to keep all limits.
    pub carried: Option<f64>,
    /// Smallest load shown to break one.
    pub broken: Option<f64>,
    /// How the two were shown.
    pub method: Option<SearchMethod>,
    /// Whether the interval is as narrow as asked for.
    pub precision_reached: bool,
    /// The limit that breaks first, as written, and the label where it does.
    pub limit: Option<(String, Option<String>)>,
    /// Index of the trial that shows how it breaks: the smallest load that broke.
    pub broken_trial: Option<usize>,
    /// What ended the search before it was done.
    pub stopped_by: Option<StoppedBy>,
    /// Window in seconds that trials near the break would need for the precision asked for.
    pub needs_s: Option<f64>,
    /// Other points of the load curves, seen or not.
    pub turns: Vec<Turn>,
    /// Whether there were enough loads for the other points.
    pub enough_loads: bool,
    /// Remarks, one sentence each.
    pub notes: Vec<String>,
}

/// Whether the break was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SearchStatus {
    /// It lies between `carried` and `broken`.
    Found,
    /// Nothing broke; why no more was tried.
    NotReached(NotReached),
    /// It cannot be said, and why.
    Unknown(Unknown),
}

/// Why no greater load was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReached {
    /// It was the greatest load asked for.
    Max,
    /// Loadline itself could not send more.
    Generator,
    /// Time, trials or the user's patience were used up.
    Stopped,
}

/// Why the break cannot be said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unknown {
    /// The smallest load breaks already.
    BreaksAtSmallest,
    /// The server did not come back after a load: it collapsed.
    NotRecovered {
        /// That load.
        load: f64,
    },
    /// The server gets slower with time, whatever the load.
    Decays {
        /// Relative rise of the response time per minute, if single requests show it.
        per_minute: Option<f64>,
    },
    /// A load kept the limits that a smaller one broke, twice.
    NotMonotone {
        /// The load that kept them.
        passed: f64,
        /// The smaller load that broke them.
        failed: f64,
    },
    /// No trial decided anything.
    NothingDecided,
}

/// How the interval was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchMethod {
    /// By a load that was carried and one that broke.
    Bracket,
    /// By a line through the trials near the break.
    Regression,
}

/// What ended a search before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedBy {
    /// The number of trials.
    Trials,
    /// The time allowed.
    Budget,
    /// The user.
    Signal,
    /// Loadline could not send the load truly.
    Generator,
}

/// Ratio of means from which a server counts as slower after an overload.
const SLOWER: f64 = 1.25;

/// Draws the conclusion.
pub(crate) fn conclude(search: &Search<'_>, end: End, so_far: &SearchSoFar) -> Searched {
    let seen = &search.replay.seen;
    let settings = search.replay.settings;
    let (mut carried, mut broken) = (search.carried, search.broken);
    let mut method = None;
    let mut precision_reached = true;
    let mut stopped_by = None;
    let status = match end {
        End::Proven(Method::NothingBroke) => {
            let kept = seen.iter().filter(|trial| trial.passed());
            carried = kept.map(|trial| trial.load).max_by(f64::total_cmp);
            SearchStatus::NotReached(NotReached::Max)
        }
        End::Proven(how) => {
            method = how.name();
            if let Method::Estimate(at) = how {
                let (low, high) = interval_of(&at);
                carried = Some(carried.map_or(low, |carried| carried.max(low)));
                broken = Some(broken.map_or(high, |broken| broken.min(high)));
            }
            SearchStatus::Found
        }
        End::Stopped(by) => {
            precision_reached = false;
            stopped_by = Some(by);
            (carried, broken, method) = best_interval(seen);
            match (carried, broken) {
                (Some(_), Some(_)) => SearchStatus::Found,
                (Some(_), None) if by == StoppedBy::Generator => {
                    SearchStatus::NotReached(NotReached::Generator)
                }
                (Some(_), None) => SearchStatus::NotReached(NotReached::Stopped),
                (None, _) if by == StoppedBy::Generator => {
                    SearchStatus::NotReached(NotReached::Generator)
                }
                (None, _) => SearchStatus::Unknown(Unknown::NothingDecided),
            }
        }
        End::Unknown(unknown) => {
            precision_reached = false;
            (carried, broken) = match unknown {
                // Sides that contradict each other, or moved with time, are no interval.
                Unknown::NotMonotone { .. } | Unknown::Decays { .. } => (None, None),
                _ => proven_sides(seen),
            };
            SearchStatus::Unknown(unknown)
        }
    };
    let status = match (status, decay_per_minute(so_far)) {
        (
            SearchStatus::Found
            | SearchStatus::NotReached(NotReached::Stopped)
            | SearchStatus::Unknown(Unknown::NothingDecided),
            Some(per_minute),
        ) => {
            (carried, broken, precision_reached) = (None, None, false);
            SearchStatus::Unknown(Unknown::Decays {
                per_minute: Some(per_minute),
            })
        }
        _ => status,
    };
    let breaking = breaking_trial(seen, carried);
    let (turns, enough_loads) = turns(&so_far.trials);
    let governing = breaking.and_then(Trial::governing);
    Searched {
        status,
        carried,
        broken,
        method,
        precision_reached,
        limit: governing.map(|margin| (margin.limit.clone(), margin.label.clone())),
        broken_trial: breaking.and_then(|trial| {
            so_far
                .trials
                .iter()
                .position(|other| std::ptr::eq(other, trial))
        }),
        stopped_by,
        needs_s: search.needs_s.filter(|_| !precision_reached),
        turns,
        enough_loads,
        notes: slower_after_overload(seen, |load| settings.words(load))
            .into_iter()
            .collect(),
    }
}

/// Greatest load that is proven to be carried below the smallest that is proven to break, and that one.
fn proven_sides(seen: &[&Trial]) -> (Option<f64>, Option<f64>) {
    let loads = |side: Side| {
        seen.iter()
            .filter(move |trial| trial.proves() == Some(side))
            .map(|trial| trial.load)
    };
    let broken = loads(Side::Broken).min_by(f64::total_cmp);
    let carried = loads(Side::Carried)
        .filter(|load| broken.is_none_or(|broken| *load < broken))
        .max_by(f64::total_cmp);
    (carried, broken)
}

/// The narrower of the proven sides and the estimate, the latter cut by the former.
fn best_interval(seen: &[&Trial]) -> (Option<f64>, Option<f64>, Option<SearchMethod>) {
    let (carried, broken) = proven_sides(seen);
    let bracket = carried.zip(broken);
    let estimate = crossing(seen).map(|at| interval_of(&at));
    match (bracket, estimate) {
        (Some((low, high)), Some((from, to))) if to / from < high / low => (
            Some(from.max(low).min(high)),
            Some(to.min(high).max(low)),
            Some(SearchMethod::Regression),
        ),
        (None, Some((from, to))) => (
            Some(carried.map_or(from, |low| from.max(low))),
            Some(broken.map_or(to, |high| to.min(high))),
            Some(SearchMethod::Regression),
        ),
        (Some(_), _) => (carried, broken, Some(SearchMethod::Bracket)),
        (None, None) => (carried, broken, None),
    }
}

/// The trial with the smallest load that broke a limit beyond what is carried.
fn breaking_trial<'a>(seen: &[&'a Trial], carried: Option<f64>) -> Option<&'a Trial> {
    let broke = seen.iter().copied().filter(|trial| trial.failed());
    let beyond = |trial: &&Trial| carried.is_none_or(|carried| trial.load > carried);
    broke.clone().filter(beyond).chain(broke).min_by(|a, b| {
        (!beyond(a))
            .cmp(&!beyond(b))
            .then(a.load.total_cmp(&b.load))
    })
}

/// Says so when a load was answered more slowly after the first overload than before it.
fn slower_after_overload(seen: &[&Trial], words: impl Fn(f64) -> String) -> Option<String> {
    let first_fail = seen.iter().position(|trial| trial.failed())?;
    let (before, after) = seen.split_at(first_fail);
    for later in after.iter().filter(|trial| trial.passed()) {
        for earlier in before.iter().filter(|trial| trial.passed()) {
            let near = (later.load / earlier.load - 1.0).abs() <= 0.1;
            let (Some(then), Some(now)) = (&earlier.figures.mean_us, &later.figures.mean_us) else {
                continue;
            };
            let (Some(high), Some(low)) = (then.high, now.low) else {
                continue;
            };
            if near && now.value > SLOWER * then.value && low > high {
                return Some(format!(
                    "The server is slower after an overload: {} took {} on average before it and {} after \
                     it.",
                    words(later.load),
                    crate::wording::time(then.value),
                    crate::wording::time(now.value)
                ));
            }
        }
    }
    None
}
