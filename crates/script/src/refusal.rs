//! Why a script cannot be run, found before any traffic.

use std::fmt;

/// The kinds of things that are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The text is not a program of the language; the real engine refuses it too.
    Syntax,
    /// Valid in the language, but not supported here.
    UnsupportedSyntax,
    /// A class that does not exist here.
    UnknownClass,
    /// A method that a known class does not have here.
    UnknownMethod,
    /// Processes, sockets, reflection and their kin.
    Forbidden,
}

/// One thing that keeps a script from being run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of thing.
    pub kind: RefusalKind,
    /// Line in the script, from 1.
    pub line: u32,
    /// Column in that line, from 1, in characters.
    pub column: u32,
    /// What is refused, by name.
    pub message: String,
    /// The class of the exception that the real engine throws for it, when it throws one.
    pub java_class: Option<String>,
    /// The message of that exception.
    pub java_message: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "script line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}
