//! A CSV Data Set, compiled.

use super::Template;
use crate::{Location, ShareMode};

/// Index of a CSV data set in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CsvId(pub u32);

/// A compiled CSV Data Set. Its texts are evaluated once for each user, when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvProgram {
    /// File, relative to the working directory or else to the plan.
    pub file: Template,
    /// Charset; empty means UTF-8.
    pub encoding: Template,
    /// Names, separated by commas; empty means that the first line gives them.
    pub variables: Template,
    /// Separator; `\t` is a tab, empty means a comma.
    pub delimiter: Template,
    /// Whether the first line is skipped (when `variables` is not empty).
    pub ignore_first_line: bool,
    /// Whether fields may stand in double quotes.
    pub quoted: bool,
    /// Whether reading starts again at the end of the file.
    pub recycle: bool,
    /// Whether the user ends at the end of the file; otherwise every variable is `<EOF>`.
    pub stop_thread: bool,
    /// Who shares the position.
    pub share: ShareMode,
    /// Whether rows come in a random order, drawn anew when reading starts again.
    pub random_order: bool,
    /// Where it is defined.
    pub location: Location,
}
