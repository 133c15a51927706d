//! Exit codes, part of the interface.

use loadline_analysis::{Analysis, Verdict};
use loadline_events::StopReason;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It ran, and no limit failed.
    Ok = 0,
    /// It could not run: a file, a socket, a target that never answered.
    CouldNotRun = 1,
    /// The command line or the plan is wrong; nothing was sent.
    Usage = 2,
    /// A limit could not be decided, and `--strict` was given.
    Inconclusive = 96,
    /// The figures cannot be trusted: the generator or its machine was the limit.
    Invalid = 97,
    /// The candidate is worse than the baseline.
    Regression = 98,
    /// A limit failed.
    LimitFailed = 99,
    /// A signal stopped the run; the summary was written.
    Stopped = 105,
    /// A signal stopped `loadline jmeter`, as it would JMeter.
    Interrupted = 130,
}

impl Exit {
    /// How a run ends that was judged so.
    pub(crate) fn of(analysis: &Analysis, strict: bool) -> Self {
        match (analysis.verdict, analysis.facts.stop) {
            (Verdict::Fail, _) => Exit::LimitFailed,
            (_, StopReason::Signal) => Exit::Stopped,
            (_, StopReason::Unreachable) => Exit::CouldNotRun,
            (Verdict::Invalid, _) => Exit::Invalid,
            (Verdict::Inconclusive, _) if strict => Exit::Inconclusive,
            _ => Exit::Ok,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit as u8)
    }
}
