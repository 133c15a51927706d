//! The search, written as if it made its trials itself: grow until something breaks, locate the
//! break, prove both of its sides.
//!
//! Sides of the break are told by single figures while it is located, since these trials are many and
//! short; what is claimed in the end rests on trials whose whole interval decides.

use loadline_plan::LoadUnit;

use crate::batch::MIN_WINDOW_S;
use crate::search::inverse::{Crossing, crossing};
use crate::search::observe::UNKNOWN_ERROR;
use crate::search::outcome::{SearchMethod, Searched, StoppedBy, Unknown, conclude};
use crate::search::replay::{Break, LastLook, Replay};
use crate::search::settings::{SearchSettings, TrialRequest, TrialRole};
use crate::search::trial::{SearchSoFar, Side, Trial};

/// What a search does next.
#[derive(Clone, Debug, PartialEq)]
pub enum NextMove {
    /// Look at the server without load, to know what recovered means.
    LookAtIdle,
    /// Watch the server until it has recovered from the last trial.
    Recover,
    /// Make a trial.
    Trial(TrialRequest),
    /// Stop: this is the answer.
    Stop(Box<Searched>),
}

/// Factor between loads while nothing has broken.
const GROWTH: f64 = 4.0;
/// Ratio of the sides down to which they are moved in strides.
const COARSE: f64 = 1.35;
/// First stride; later ones are its second, fourth, … power.
const STRIDE: f64 = 1.12;
/// Ratio of the sides at which the break counts as located.
const LOCATED: f64 = 1.06;
/// Width (two standard errors) of the estimated load at which it does, likewise.
const LOCATED_WIDTH: f64 = 0.035;
/// Trials that are kept for the proof.
const FOR_THE_PROOF: usize = 3;
/// A side that could not be decided is tried so much further out.
const FURTHER: f64 = 0.03;
/// Standard errors on each side of an estimated load in an interval.
const INTERVAL: f64 = 2.6;
/// Relative width of such an interval that is good enough.
const GOOD_ENOUGH: f64 = 0.10;
/// Standard errors between the bound and the figure at a side that make it likely to be decided.
const TO_DECIDE: f64 = 2.9;
/// A pass at so much more than a fail contradicts it.
const CONTRADICTION: f64 = 1.05;

/// What to do next, given everything that was measured. The same trials give the same answer.
#[must_use]
pub fn next_move(settings: &SearchSettings, so_far: &SearchSoFar) -> NextMove {
    let mut search = Search::new(settings, so_far);
    let end = match search.run() {
        Ok(method) => End::Proven(method),
        Err(Break::LookAtIdle) => return NextMove::LookAtIdle,
        Err(Break::Recover) => return NextMove::Recover,
        Err(Break::Wanted(request)) => return NextMove::Trial(request),
        Err(Break::Stopped(by)) => End::Stopped(by),
        Err(Break::Unknown(unknown)) => End::Unknown(unknown),
    };
    // The last load may have been the one that the server does not come back from.
    let end = match (search.replay.last_look(), end) {
        (LastLook::Due, End::Proven(_) | End::Stopped(_)) => return NextMove::Recover,
        (LastLook::NotRecovered(unknown), End::Proven(_) | End::Stopped(_)) => {
            End::Unknown(unknown)
        }
        (_, end) => end,
    };
    NextMove::Stop(Box::new(conclude(&search, end, so_far)))
}

/// The answer that the trials give if no more are made, since the user does not want more.
#[must_use]
pub fn conclusion_now(settings: &SearchSettings, so_far: &SearchSoFar) -> Searched {
    match next_move(settings, so_far) {
        NextMove::Stop(found) => *found,
        _ => {
            let mut search = Search::new(settings, so_far);
            let end = match search.run() {
                Ok(method) => End::Proven(method),
                Err(Break::Unknown(unknown)) => End::Unknown(unknown),
                Err(Break::Stopped(by)) => End::Stopped(by),
                Err(_) => End::Stopped(StoppedBy::Signal),
            };
            conclude(&search, end, so_far)
        }
    }
}

/// How the procedure ended.
pub(crate) enum End {
    /// The greatest load was carried, or both sides are proven (or estimated well enough).
    Proven(Method),
    /// It ran out of something.
    Stopped(StoppedBy),
    /// The server makes the question meaningless.
    Unknown(Unknown),
}

/// What the answer rests on.
pub(crate) enum Method {
    /// Nothing broke up to the greatest load.
    NothingBroke,
    /// Two proven sides.
    Sides,
    /// The estimate, cut by what is proven.
    Estimate(Crossing),
}

/// A load and ln(observed / bound) there.
type Point = (f64, f64);

/// The search so far.
pub(crate) struct Search<'a> {
    pub(crate) replay: Replay<'a>,
    /// Greatest load below the break, as far as figures tell.
    low: Option<Point>,
    /// Smallest load beyond it.
    high: Option<Point>,
    /// Greatest load that the proof found carried.
    pub(crate) carried: Option<f64>,
    /// Smallest load that it found broken.
    pub(crate) broken: Option<f64>,
    /// Window that would decide both sides at the precision asked for, if that is known.
    pub(crate) needs_s: Option<f64>,
}

impl<'a> Search<'a> {
    fn new(settings: &'a SearchSettings, so_far: &'a SearchSoFar) -> Self {
        Search {
            replay: Replay::new(settings, so_far),
            low: None,
            high: None,
            carried: None,
            broken: None,
            needs_s: None,
        }
    }

    const fn settings(&self) -> &'a SearchSettings {
        self.replay.settings
    }

    fn run(&mut self) -> Result<Method, Break> {
        if !self.grow()? {
            return Ok(Method::NothingBroke);
        }
        self.locate()?;
        self.prove()
    }

    /// Multiplies the load until something breaks; `false` if nothing does.
    fn grow(&mut self) -> Result<bool, Break> {
        let settings = self.settings();
        let window_s = settings.hold_s.div_ceil(2);
        let mut load = settings.runnable(settings.from);
        let mut reason = "the first load".to_owned();
        loop {
            let trial = self.attempt(load, window_s, true, TrialRole::Grow, reason)?;
            if trial.lies_below() {
                self.low = Some((load, trial.y()));
                if load >= settings.max {
                    return self.greatest_breaks(trial);
                }
                if self.high.is_some() {
                    return Ok(true);
                }
                load = settings.runnable(load * GROWTH);
                reason = if load >= settings.max {
                    "the greatest load asked for".to_owned()
                } else {
                    "4 times the last load, which kept the limits".to_owned()
                };
            } else {
                self.high = Some((load, trial.y()));
                if self.low.is_some() {
                    return Ok(true);
                }
                if load <= settings.smallest() {
                    return Err(Break::Unknown(Unknown::BreaksAtSmallest));
                }
                load = settings.runnable(load / GROWTH);
                reason = "a quarter of the last load, since even the first one breaks".to_owned();
            }
        }
    }

    /// Whether the greatest load, which seems to be carried, breaks when it is looked at longer.
    fn greatest_breaks(&mut self, trial: &Trial) -> Result<bool, Break> {
        let settings = self.settings();
        if trial.passed() {
            return Ok(false);
        }
        let window_s = settings.hold_s.max(20);
        let reason = "the greatest load again, for longer, since it was not decided";
        let again = self.attempt(
            settings.max,
            window_s,
            true,
            TrialRole::ProveCarried,
            reason.to_owned(),
        )?;
        if again.lies_below() {
            return Ok(false);
        }
        self.high = Some((settings.max, again.y()));
        let below = self.replay.seen.iter().filter(|trial| trial.lies_below());
        self.low = below
            .map(|trial| (trial.load, trial.y()))
            .filter(|point| point.0 < settings.max)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if self.low.is_none() {
            return Err(Break::Unknown(Unknown::BreaksAtSmallest));
        }
        Ok(true)
    }

    /// Narrows the sides by short trials.
    fn locate(&mut self) -> Result<(), Break> {
        let settings = self.settings();
        let mut guessed = false;
        // The side that moved last, and how often in a row.
        let mut moved: Option<(bool, i32)> = None;
        while let (Some(low), Some(high)) = (self.low, self.high) {
            let ratio = high.0 / low.0;
            if ratio <= LOCATED
                || (settings.unit == LoadUnit::Users && high.0 - low.0 <= 1.0)
                || crossing(&self.replay.seen).is_some_and(|at| 2.0 * at.s < LOCATED_WIDTH)
                || self.replay.left() <= FOR_THE_PROOF
            {
                break;
            }
            let (load, reason) = if ratio <= COARSE {
                (secant(low, high), self.between("narrow", low, high))
            } else if !guessed {
                guessed = true;
                let (guess, reason) = self.guess();
                (guess.clamp(1.03 * low.0, high.0 / 1.03), reason)
            } else {
                self.stride(low, high, moved)
            };
            let load = self.inside(load, low.0, high.0);
            let trial = self.attempt(load, settings.hold_s, false, TrialRole::Locate, reason)?;
            let below = trial.lies_below();
            moved = match moved {
                Some((side, times)) if side == below => Some((side, times + 1)),
                _ => Some((below, 0)),
            };
            // A pass that was told apart from a fail below may have moved the sides already.
            if below {
                self.low = Some((load, trial.y()));
            } else {
                self.high = Some((load, trial.y()));
            }
        }
        Ok(())
    }

    /// The break as the first broken trial lets expect it.
    fn guess(&self) -> (f64, String) {
        let good = |trial: &&&Trial| trial.good_per_s() > 0.0;
        let broken = self.replay.seen.iter().find(|trial| !trial.lies_below());
        let throughput = broken.map_or(0.0, |trial| trial.good_per_s());
        let settings = self.settings();
        match settings.unit {
            LoadUnit::Rate => (
                0.95 * throughput,
                "just below what was still answered without error".to_owned(),
            ),
            LoadUnit::Users => {
                let first = self.replay.seen.iter().find(good);
                let cycle_s = first.map_or(0.0, |trial| trial.load / trial.good_per_s());
                // Interactive response time law (Denning and Buzen 1978).
                let wait_s = 0.7 * settings.time_bound_s.unwrap_or(0.0);
                (
                    throughput * (cycle_s + wait_s),
                    "as many users as the throughput seen lets expect".to_owned(),
                )
            }
        }
    }

    /// Strides from the side that moved last, longer each time.
    fn stride(&self, low: Point, high: Point, moved: Option<(bool, i32)>) -> (f64, String) {
        let middle = (low.0 * high.0).sqrt();
        let Some((below, times)) = moved else {
            return (middle, self.between("halve", low, high));
        };
        let stride = STRIDE.powi(1 << times.min(8));
        let (load, direction) = if below {
            (
                low.0 * stride,
                "above the greatest load that seems to be carried",
            )
        } else {
            (
                high.0 / stride,
                "below the smallest load that seems to break",
            )
        };
        if load <= low.0 || load >= high.0 {
            return (middle, self.between("halve", low, high));
        }
        (load, format!("a stride {direction}"))
    }

    fn between(&self, verb: &str, low: Point, high: Point) -> String {
        let settings = self.settings();
        format!(
            "{verb} the gap between {} and {}",
            settings.words(low.0),
            settings.words(high.0)
        )
    }

    /// `load` as it can be run, between the sides.
    fn inside(&self, load: f64, low: f64, high: f64) -> f64 {
        let settings = self.settings();
        match settings.unit {
            LoadUnit::Users => settings.runnable(load).clamp(low + 1.0, high - 1.0),
            LoadUnit::Rate => load,
        }
    }

    /// Proves a load just below the break and one just above.
    fn prove(&mut self) -> Result<Method, Break> {
        let settings = self.settings();
        let precision = settings.precision;
        let (Some(low), Some(high)) = (self.low, self.high) else {
            return Err(Break::Unknown(Unknown::BreaksAtSmallest));
        };
        let estimate = |search: &Self| crossing(&search.replay.seen).map(|at| at.x.exp());
        let mut at = estimate(self).unwrap_or((low.0 * high.0).sqrt());
        let window_s = self.proof_window(low, high);
        let mut away = precision;
        while self.carried.is_none() {
            let load = settings.runnable(at * (1.0 - away));
            let load = self.broken.map_or(load, |broken| self.below(broken, load));
            if self.broken.is_some_and(|broken| load >= broken) {
                return Err(Break::Unknown(Unknown::BreaksAtSmallest));
            }
            let reason = "prove that the load just below the break is carried".to_owned();
            let trial = self.proof(load, window_s, TrialRole::ProveCarried, reason)?;
            match trial.proves() {
                Some(Side::Carried) => self.carried = Some(load),
                Some(Side::Broken) => {
                    self.broken = Some(self.broken.map_or(load, |broken| broken.min(load)));
                    if load <= settings.smallest() {
                        return Err(Break::Unknown(Unknown::BreaksAtSmallest));
                    }
                    let lower = 0.985 * load / (1.0 - precision);
                    at = estimate(self).unwrap_or(lower).min(lower);
                    away = precision;
                }
                None => {
                    if let Some(method) = self.good_enough() {
                        return Ok(method);
                    }
                    away += FURTHER;
                }
            }
        }
        away = precision;
        while self.broken.is_none() {
            let carried = self.carried.unwrap_or(settings.smallest());
            let load = self.above(carried, settings.runnable(at * (1.0 + away)));
            if load <= carried {
                return Ok(Method::NothingBroke);
            }
            let reason = "prove that the load just above the break is not carried".to_owned();
            let trial = self.proof(load, window_s, TrialRole::ProveBroken, reason)?;
            match trial.proves() {
                Some(Side::Broken) => self.broken = Some(load),
                Some(Side::Carried) => {
                    self.carried = Some(load);
                    if load >= settings.max {
                        return Ok(Method::NothingBroke);
                    }
                    let higher = 1.015 * load / (1.0 + precision);
                    at = estimate(self).unwrap_or(higher).max(higher);
                    away = precision;
                }
                None => {
                    if let Some(method) = self.good_enough() {
                        return Ok(method);
                    }
                    away += FURTHER;
                }
            }
        }
        Ok(Method::Sides)
    }

    /// `load`, or the next smaller one than `broken`.
    fn below(&self, broken: f64, load: f64) -> f64 {
        match self.settings().unit {
            LoadUnit::Users if load >= broken => (broken - 1.0).max(1.0),
            _ => load,
        }
    }

    /// `load`, or the next greater one than `carried`, up to the greatest.
    fn above(&self, carried: f64, load: f64) -> f64 {
        match self.settings().unit {
            LoadUnit::Users if load <= carried => (carried + 1.0).min(self.settings().max),
            _ => load,
        }
    }

    /// The estimate, if it is narrow enough to end with.
    fn good_enough(&self) -> Option<Method> {
        crossing(&self.replay.seen)
            .filter(|at| 2.0 * INTERVAL * at.s < GOOD_ENOUGH)
            .map(Method::Estimate)
    }

    /// Window that is likely to decide a load at the wanted distance from the break, in seconds:
    /// twice to eight times the usual one, at least 20 s.
    fn proof_window(&mut self, low: Point, high: Point) -> u32 {
        let hold = f64::from(self.settings().hold_s);
        // Trials too short for an interval say nothing of how precise a longer one would be.
        let mut nearest: Vec<&&Trial> = (self.replay.seen.iter())
            .filter(|trial| trial.se() < UNKNOWN_ERROR)
            .collect();
        nearest.sort_by(|a, b| a.y().abs().total_cmp(&b.y().abs()));
        let mut errors: Vec<f64> = nearest
            .iter()
            .take(3)
            .map(|trial| trial.se() * (trial.judged_s() / hold).sqrt())
            .collect();
        errors.sort_by(f64::total_cmp);
        let error = errors
            .get(errors.len() / 2)
            .copied()
            .unwrap_or(UNKNOWN_ERROR);
        let slope = crossing(&self.replay.seen).map_or_else(
            || ((high.1 - low.1) / (high.0 / low.0).ln()).max(0.2),
            |at| at.slope,
        );
        let times = (TO_DECIDE * error / (self.settings().precision * slope)).powi(2);
        self.needs_s = Some(hold * times);
        let window_s = (hold * times.clamp(2.0, 8.0)).ceil() as u32;
        // A shorter one has no interval, so it proves nothing.
        window_s.max(MIN_WINDOW_S)
    }

    /// A proof at `load`, unless a trial of a single user more or less has given it already.
    fn proof(
        &mut self,
        load: f64,
        window_s: u32,
        role: TrialRole,
        reason: String,
    ) -> Result<&'a Trial, Break> {
        let made = self.replay.seen.iter().find(|trial| {
            self.settings().unit == LoadUnit::Users
                && trial.load == load
                && trial.judged_s() >= f64::from(window_s) / 2.0
                && trial.proves().is_some()
        });
        match made {
            Some(trial) => Ok(trial),
            None => self.attempt(load, window_s, true, role, reason),
        }
    }

    /// A trial, and the repeats that it asks for when it contradicts an earlier one.
    fn attempt(
        &mut self,
        load: f64,
        window_s: u32,
        may_extend: bool,
        role: TrialRole,
        reason: String,
    ) -> Result<&'a Trial, Break> {
        let request = TrialRequest {
            load,
            window_s,
            may_extend,
            role,
            reason,
        };
        let trial = self.replay.trial(request)?;
        let Some((passed, failed)) = contradiction(&self.replay.seen, trial) else {
            return Ok(trial);
        };
        let settings = self.settings();
        let words = |load| settings.words(load);
        let reason = format!(
            "again, since it broke a limit that {} had kept",
            words(passed.load)
        );
        let below = self.replay.trial(repeat(failed, reason))?;
        if below.failed() {
            let reason = format!(
                "again, since it kept the limits that {} broke twice",
                words(failed.load)
            );
            let above = self.replay.trial(repeat(passed, reason))?;
            return Err(Break::Unknown(if above.failed() {
                // It carried more at first than now.
                Unknown::Decays { per_minute: None }
            } else {
                Unknown::NotMonotone {
                    passed: passed.load,
                    failed: failed.load,
                }
            }));
        }
        // The break was chance.
        self.replay.seen.retain(|seen| !std::ptr::eq(*seen, failed));
        if self.high.is_some_and(|high| high.0 == failed.load) {
            let beyond = self.replay.seen.iter().filter(|trial| !trial.lies_below());
            self.high = beyond
                .map(|trial| (trial.load, trial.y()))
                .filter(|point| point.0 > passed.load)
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .or(self.high);
        }
        Ok(if std::ptr::eq(trial, failed) {
            below
        } else {
            trial
        })
    }
}

/// The same load again.
fn repeat(trial: &Trial, reason: String) -> TrialRequest {
    TrialRequest {
        load: trial.load,
        window_s: trial.window_s.max(20),
        may_extend: true,
        role: TrialRole::Repeat,
        reason,
    }
}

/// A pass, and a fail at a clearly smaller load, one of which is `last`.
fn contradiction<'a>(seen: &[&'a Trial], last: &'a Trial) -> Option<(&'a Trial, &'a Trial)> {
    let contradicts = |passed: &Trial, failed: &Trial| passed.load >= CONTRADICTION * failed.load;
    seen.iter().copied().find_map(|other| {
        if last.failed() && other.passed() && contradicts(other, last) {
            Some((other, last))
        } else if last.passed() && other.failed() && contradicts(last, other) {
            Some((last, other))
        } else {
            None
        }
    })
}

/// Where a line through both sides meets the bound, within the middle half of the gap.
fn secant(low: Point, high: Point) -> f64 {
    let (from, to) = (low.0.ln(), high.0.ln());
    let rise = high.1 - low.1;
    let share = if rise > 0.0 { -low.1 / rise } else { 0.5 };
    (from + share.clamp(0.25, 0.75) * (to - from)).exp()
}

/// The interval of an estimated load.
pub(crate) fn interval_of(at: &Crossing) -> (f64, f64) {
    (
        (at.x - INTERVAL * at.s).exp(),
        (at.x + INTERVAL * at.s).exp(),
    )
}

impl Method {
    /// The method's name in results.
    pub(crate) const fn name(&self) -> Option<SearchMethod> {
        match self {
            Method::NothingBroke => None,
            Method::Sides => Some(SearchMethod::Bracket),
            Method::Estimate(_) => Some(SearchMethod::Regression),
        }
    }
}
