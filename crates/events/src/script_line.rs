//! What a script of the plan says: a line of the log or of standard output.

use loadline_units::RunTime;

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptLine {
    /// When it was said.
    pub at: RunTime,
    /// How it was said.
    pub level: ScriptLevel,
    /// JMeter's name of the virtual user, such as `Visitors 1-7`.
    pub thread: String,
    /// The logger, shortened as in JMeter's log; empty for standard output.
    pub logger: String,
    /// The text; it may have several lines. Long ones are cut.
    pub text: String,
}

/// How a script said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptLevel {
    /// `log.trace`.
    Trace,
    /// `log.debug`.
    Debug,
    /// `log.info`.
    Info,
    /// `log.warn`.
    Warn,
    /// `log.error`, or an exception that left the script.
    Error,
    /// Standard output: `println` and `OUT`.
    Output,
}

impl ScriptLevel {
    /// The word in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Output => "OUT",
        }
    }
}
