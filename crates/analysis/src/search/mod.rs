//! The search for the greatest load that keeps the limits.
//!
//! A pure function of its trials: given what was asked ([`SearchSettings`]) and what has been
//! measured so far ([`SearchSoFar`]), [`next_move`] says what to do next and why, down to the answer.
//! It sends nothing and waits for nothing, so an interrupted search goes on from its trials alone and
//! ends as it would have ended.
//!
//! Reading order: `settings` and `trial` are the nouns, `replay` turns a list of trials into a
//! sequence that can be written down as one procedure, `procedure` is that procedure (grow, locate,
//! prove), `inverse` estimates the load at which a bound is met, `outcome` draws the conclusion,
//! `recovery` and `decay` tell whether the server came back.

mod curves;
mod decay;
mod inverse;
mod observe;
mod outcome;
mod procedure;
mod recovery;
mod replay;
mod settings;
mod trial;

pub use curves::{Turn, turns};
pub use observe::{GROSS_BREAK, observe, wants_extension};
pub use outcome::{NotReached, SearchMethod, SearchStatus, Searched, StoppedBy, Unknown};
pub use procedure::{NextMove, conclusion_now, next_move};
pub use recovery::{
    PROBE_WINDOW_S, ProbeWindow, Recovery, has_recovered, probe_window, probes_from,
};
pub use settings::{SearchSettings, TrialRequest, TrialRole};
pub use trial::{Margin, SearchSoFar, Trial, TrialFigures, TrialOutcome};

#[cfg(test)]
mod tests;
