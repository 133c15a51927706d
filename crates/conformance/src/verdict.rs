//! What became of a plan in Loadline beside JMeter.

use crate::loadline::Ended;
use crate::outcome::{Difference, Outcome};

/// The result of one comparison.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Same requests, same samples.
    Same,
    /// Loadline refuses the plan, and says so.
    Refused(String),
    /// The runs differ in a way that is known and meant.
    Known(String),
    /// The runs differ.
    Differs(Difference),
    /// There is nothing to compare with: JMeter could not run the plan, did not come to an end, or
    /// chance decides which requests are sent.
    NotComparable(String),
}

impl Verdict {
    /// Judges a run of Loadline by what JMeter did.
    #[must_use]
    pub fn of(expected: &Outcome, ended: &Ended, found: &Outcome, known: Option<&String>) -> Self {
        let difference = match ended {
            Ended::Refused(reasons) => return Self::Refused(reasons.join("; ")),
            Ended::Done => expected.difference(found),
            Ended::Stopped => Some(failure("the run does not come to an end")),
            Ended::Failed(said) => Some(failure(said)),
        };
        match (difference, known) {
            (None, _) => Self::Same,
            (Some(_), Some(reason)) => Self::Known(reason.clone()),
            (Some(difference), None) => Self::Differs(difference),
        }
    }
}

fn failure(said: &str) -> Difference {
    Difference {
        place: "the run as a whole".to_owned(),
        expected: "a run to its end".to_owned(),
        found: said.trim().to_owned(),
    }
}
