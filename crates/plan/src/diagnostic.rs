//! Problems found in a plan: stable code, severity, place and remedy.

use std::fmt;

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// The plan runs, perhaps not as meant.
    Warning,
    /// The plan cannot run.
    Error,
}

impl Severity {
    /// The word printed before the message.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A place in a plan file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Location {
    /// File name as the user gave it; empty when the plan came from no file.
    pub file: String,
    /// Line, counted from 1; 0 when unknown.
    pub line: u32,
    /// Column in characters, counted from 1; 0 when unknown.
    pub column: u32,
    /// Names of the enclosing elements and the element itself, joined by ` > `; may be empty.
    pub path: String,
}

/// One finding about a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, in kebab case: `unknown-function`, `missing-file`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, on which thing, with which value: lower case, no final stop.
    pub message: String,
    /// Where.
    pub location: Location,
    /// What to do about it; empty when the message says all.
    pub help: String,
}

impl Diagnostic {
    /// An error without help; use [`Diagnostic::with_help`] to add it.
    #[must_use]
    pub fn error(code: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            location,
            help: String::new(),
        }
    }

    /// A warning without help; use [`Diagnostic::with_help`] to add it.
    #[must_use]
    pub fn warning(code: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, location, message)
        }
    }

    /// The same finding with the remedy `help`.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Whether the plan cannot run because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.file.is_empty() {
            "plan"
        } else {
            &self.file
        })?;
        if self.line > 0 {
            write!(formatter, ":{}", self.line)?;
            if self.column > 0 {
                write!(formatter, ":{}", self.column)?;
            }
        }
        if !self.path.is_empty() {
            write!(formatter, " ({})", self.path)?;
        }
        Ok(())
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: {}",
            self.severity.word(),
            self.location,
            self.message
        )?;
        if !self.help.is_empty() {
            write!(formatter, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}
