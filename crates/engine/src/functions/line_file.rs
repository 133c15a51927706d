//! `__StringFromFile(file[,variable=StringFromFile_][,start][,end])`: the next line at each call.
//!
//! All users share the place of an occurrence in its file. At the end of the file it is opened again;
//! with a start number the next file of a sequence is opened instead, whose name is the first
//! parameter as a `DecimalFormat` of the number, and behind the end number the user ends.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use loadline_plan::program::{Call, CallId};

use super::{Problem, argument, file, java_trim, store_as};
use crate::Scope;
use crate::decimal_format;

/// JMeter's value for a file that cannot be read.
const UNREADABLE: &str = "**ERR**";

/// Java's text of a line that an empty file does not have.
const NO_LINE: &str = "null";

/// Where each occurrence is in its file. Each has a lock of its own, since its parameters may hold
/// other occurrences.
#[derive(Debug, Default)]
pub(super) struct LineFiles(Mutex<Vec<(CallId, Arc<Mutex<LineFile>>)>>);

impl LineFiles {
    /// The place of the occurrence `id`; one in a text that was made at run time keeps none.
    fn place(&self, id: CallId) -> Arc<Mutex<LineFile>> {
        if id == CallId::DYNAMIC {
            return Arc::default();
        }
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, place)) = files.iter().find(|(known, _)| *known == id) {
            return Arc::clone(place);
        }
        let place = Arc::default();
        files.push((id, Arc::clone(&place)));
        place
    }
}

/// One occurrence.
#[derive(Debug, Default)]
struct LineFile {
    was_opened: bool,
    /// Lines not yet read; `None` if the file could not be opened.
    lines: Option<VecDeque<Box<str>>>,
    /// The number of the file to open next.
    number: Option<i32>,
    has_end: bool,
}

/// The function.
pub(super) fn next_line(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Problem> {
    let variable = match call.parameters.len() {
        1 => "StringFromFile_".into(),
        _ => argument(call, 1, scope),
    };
    let variable = java_trim(&variable).to_owned();
    let place = scope.functions.run().line_files.place(call.id);
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if !place.was_opened {
        place.open(call, scope)?;
    }
    let mut line = place.lines.as_mut().map(VecDeque::pop_front);
    if line == Some(None) {
        place.open(call, scope)?;
        line = place.lines.as_mut().map(VecDeque::pop_front);
    }
    if line.is_none() && place.has_end {
        return Err(Problem::ending_user(
            "the last file of the sequence is read".to_owned(),
        ));
    }
    let line = match &line {
        Some(Some(line)) => line,
        Some(None) => {
            // The variable gets no value at all, which unsets it.
            scope.variables.remove_by_name(&variable);
            out.extend_from_slice(NO_LINE.as_bytes());
            return Ok(());
        }
        None => UNREADABLE,
    };
    out.extend_from_slice(line.as_bytes());
    store_as(&variable, scope, line.as_bytes());
    Ok(())
}

impl LineFile {
    /// Opens the file, or the next one of the sequence.
    fn open(&mut self, call: &Call, scope: &mut Scope<'_>) -> Result<(), Problem> {
        self.was_opened = true;
        let mut name = argument(call, 0, scope).into_owned();
        let number =
            |index, scope: &mut Scope<'_>| argument(call, index, scope).parse::<i32>().ok();
        let start = number(2, scope);
        let end = number(3, scope);
        self.has_end = end.is_some();
        let current = *self.number.get_or_insert(start.unwrap_or(1));
        if call.parameters.len() > 2 {
            if end.is_some_and(|end| current > end) {
                self.lines = None;
                return Ok(());
            }
            if start.is_some() {
                let mut numbered = String::new();
                if !decimal_format::append(&name, i64::from(current), &mut numbered) {
                    return Err(format!("`{name}` is no name with the digits of a number").into());
                }
                name = numbered;
            }
            self.number = Some(current.saturating_add(1));
        }
        let bytes = file::read_allowed(Path::new(&name), scope)?;
        // Java's reader rejects a file that is not UTF-8.
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        self.lines = text.map(|text| java_lines(&text));
        Ok(())
    }
}

/// The lines of `text`, which end with `\n`, `\r` or both.
fn java_lines(text: &str) -> VecDeque<Box<str>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.lines().map(Into::into).collect()
}
