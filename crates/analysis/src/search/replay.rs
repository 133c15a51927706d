//! Plays the trials that were made to the search's procedure, one by one, so that it can be written
//! as if it made them itself. Where the trials end, it breaks off with the one it wants.

use crate::search::decay::decay_per_minute;
use crate::search::outcome::{StoppedBy, Unknown};
use crate::search::recovery::PROBE_WINDOW_S;
use crate::search::settings::{SearchSettings, TrialRequest};
use crate::search::trial::{SearchSoFar, Trial, TrialOutcome};

/// Why the procedure cannot go on.
#[derive(Debug)]
pub(crate) enum Break {
    /// The server was not looked at without load.
    LookAtIdle,
    /// It was not looked at since the last trial.
    Recover,
    /// It needs this trial.
    Wanted(TrialRequest),
    /// It may not make another.
    Stopped(StoppedBy),
    /// The server makes the question meaningless.
    Unknown(Unknown),
}

/// What is known of the server after the last trial.
pub(crate) enum LastLook {
    /// Nothing is missing.
    Fine,
    /// It has to be looked at.
    Due,
    /// It did not come back, or gets slower all the time.
    NotRecovered(Unknown),
}

/// The trials, as the procedure sees them.
pub(crate) struct Replay<'a> {
    pub(crate) settings: &'a SearchSettings,
    so_far: &'a SearchSoFar,
    next: usize,
    invalid: usize,
    /// Trials that count, in order.
    pub(crate) seen: Vec<&'a Trial>,
}

/// So many trials in a row that the generator bent end the search.
const MOST_INVALID: usize = 2;

impl<'a> Replay<'a> {
    pub(crate) fn new(settings: &'a SearchSettings, so_far: &'a SearchSoFar) -> Self {
        Self {
            settings,
            so_far,
            next: 0,
            invalid: 0,
            seen: Vec::new(),
        }
    }

    /// The trial that answers `request`, if it was made.
    pub(crate) fn trial(&mut self, request: TrialRequest) -> Result<&'a Trial, Break> {
        while let Some(trial) = self.so_far.trials.get(self.next) {
            self.next += 1;
            match trial.outcome {
                TrialOutcome::Interrupted => return Err(Break::Stopped(StoppedBy::Signal)),
                TrialOutcome::Invalid(_) => {
                    self.invalid += 1;
                    if self.invalid >= MOST_INVALID {
                        return Err(Break::Stopped(StoppedBy::Generator));
                    }
                }
                _ => {
                    self.invalid = 0;
                    self.seen.push(trial);
                    return Ok(trial);
                }
            }
        }
        Err(self.wanted(request))
    }

    fn wanted(&self, request: TrialRequest) -> Break {
        let trials = &self.so_far.trials;
        if trials.len() >= self.settings.max_trials {
            return Break::Stopped(StoppedBy::Trials);
        }
        if !self.has_time_for(request.longest_s(self.settings.unit)) {
            return Break::Stopped(StoppedBy::Budget);
        }
        if self.so_far.idle.is_none() {
            return Break::LookAtIdle;
        }
        match trials.last().map(|last| (last, &last.recovery)) {
            Some((_, None)) => Break::Recover,
            Some((last, Some(recovery))) if !recovery.recovered => {
                Break::Unknown(self.not_recovered(last))
            }
            _ => match decay_per_minute(self.so_far) {
                Some(per_minute) => Break::Unknown(Unknown::Decays {
                    per_minute: Some(per_minute),
                }),
                None => Break::Wanted(request),
            },
        }
    }

    /// What is known of the server after the last trial, before an answer is drawn. A trial that says
    /// nothing of the server, or one at the end of the time allowed, is not followed by a look.
    pub(crate) fn last_look(&self) -> LastLook {
        match self.so_far.trials.last().map(|last| (last, &last.recovery)) {
            Some((last, None)) if last.counts() && self.has_time_for(PROBE_WINDOW_S) => {
                LastLook::Due
            }
            Some((last, Some(recovery))) if !recovery.recovered => {
                LastLook::NotRecovered(self.not_recovered(last))
            }
            _ => LastLook::Fine,
        }
    }

    fn not_recovered(&self, last: &Trial) -> Unknown {
        match decay_per_minute(self.so_far) {
            Some(per_minute) => Unknown::Decays {
                per_minute: Some(per_minute),
            },
            None => Unknown::NotRecovered { load: last.load },
        }
    }

    /// Whether `seconds` more are allowed.
    fn has_time_for(&self, seconds: u32) -> bool {
        let elapsed = self.so_far.trials.last().map_or(0.0, |trial| {
            let recovery = trial.recovery.as_ref();
            trial.ended_s + recovery.map_or(0.0, |recovery| recovery.waited_s)
        });
        self.settings
            .budget_s
            .is_none_or(|budget| elapsed + f64::from(seconds) <= budget)
    }

    /// Trials that may still be made.
    pub(crate) fn left(&self) -> usize {
        self.settings.max_trials.saturating_sub(self.next)
    }
}
