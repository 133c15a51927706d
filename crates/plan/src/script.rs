//! Scripts of a plan, as they are written: JSR223 and BeanShell elements, and those of own plans.
//!
//! Not here: the languages, and what a script does.

use crate::Text;

/// What a script element is in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptRole {
    /// Makes a sample.
    Sampler,
    /// Runs before each sampler in scope.
    PreProcessor,
    /// Runs after each sampler in scope.
    PostProcessor,
    /// Judges the result of each sampler in scope.
    Assertion,
    /// Its value is a delay in milliseconds before each sampler in scope.
    Timer,
    /// Hears the finished result of each sampler in scope.
    Listener,
}

impl ScriptRole {
    /// The word for messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sampler => "Sampler",
            Self::PreProcessor => "PreProcessor",
            Self::PostProcessor => "PostProcessor",
            Self::Assertion => "Assertion",
            Self::Timer => "Timer",
            Self::Listener => "Listener",
        }
    }
}

/// Whose rules a script element follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptFamily {
    /// JSR223 elements: a fresh binding for each execution.
    Jsr223,
    /// BeanShell elements: each keeps its variables for each user.
    BeanShell,
    /// BSF elements: as JSR223 elements, with languages and messages of their own.
    Bsf,
    /// Scripts of own plans: a fresh binding for each execution, no references in the text, and a step
    /// is a sample only when it fails.
    Own,
}

impl ScriptFamily {
    /// The word for messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Jsr223 => "JSR223",
            Self::BeanShell => "BeanShell",
            Self::Bsf => "BSF",
            Self::Own => "own",
        }
    }
}

/// A script element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptElement {
    /// What it is in the plan.
    pub role: ScriptRole,
    /// Whose rules it follows.
    pub family: ScriptFamily,
    /// Its name.
    pub name: Text,
    /// JMeter's name of the language; empty means Groovy.
    pub language: Text,
    /// The script. References are replaced before it is compiled, unless it comes from a file.
    pub text: Text,
    /// The file that `text` was read from, as the plan names it.
    pub file: Option<String>,
    /// Its parameters in one text.
    pub parameters: Text,
    /// Whether a BeanShell element forgets its variables before each execution: `true` in any case.
    pub resets: Text,
    /// Whether the text that a user runs first stays, whatever its references stand for later: JMeter keeps it compiled.
    pub keeps_text: bool,
    /// Line of the plan on which the script begins; 0 when it comes from a file.
    pub line: u32,
}
