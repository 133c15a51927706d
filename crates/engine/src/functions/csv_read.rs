//! `__CSVRead(file|*alias,column|next|*alias)`: columns of a file that all users share.
//!
//! The file is read once for a run. A user takes a row when it first asks for a column and keeps it
//! until it says `next`; behind the last row comes the first one. There are no quotes, and the first
//! empty line ends the file.
//!
//! Not here: the CSV Data Set (see [`crate::csv`]).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use loadline_plan::program::Call;

use super::{argument, file};
use crate::Scope;
use crate::csv::resolve;

/// Rows of a file, and which of them is next.
#[derive(Debug)]
struct Table {
    rows: Vec<Vec<Box<str>>>,
    next: AtomicUsize,
}

/// The tables of a run, by the names that a plan gives them.
#[derive(Debug, Default)]
pub(super) struct Tables(Mutex<BTreeMap<Box<str>, Arc<Table>>>);

/// A table as one user sees it.
#[derive(Clone, Debug)]
pub(super) struct OpenTable {
    name: Box<str>,
    table: Arc<Table>,
    row: Option<usize>,
}

/// The function; what cannot be read gives an empty text, as in JMeter, which logs that.
pub(super) fn read(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let name = argument(call, 0, scope);
    let column = argument(call, 1, scope);
    if column.starts_with('*') {
        open(&name, &column, scope)?;
        return Ok(());
    }
    if matches!(&*column, "next" | "next()") {
        if let Some(index) = known(&name, scope) {
            scope.per_user.tables[index].row = None;
        }
        return Ok(());
    }
    let Ok(column) = column.parse::<i32>() else {
        return Ok(());
    };
    let index = match known(&name, scope) {
        Some(index) => Some(index),
        None if name.starts_with('*') => None,
        None => open(&name, &name, scope)?,
    };
    let Some(index) = index else {
        return Ok(());
    };
    let open = &mut scope.per_user.tables[index];
    let row = *open.row.get_or_insert_with(|| open.table.take_row());
    let row = open.table.rows.get(row);
    let field = usize::try_from(column)
        .ok()
        .and_then(|column| row?.get(column));
    if let Some(field) = field {
        out.extend_from_slice(field.as_bytes());
    }
    Ok(())
}

/// Where the user has the table `name`; an empty name is the only table that there is.
fn known(name: &str, scope: &Scope<'_>) -> Option<usize> {
    let tables = &scope.per_user.tables;
    if let Some(found) = tables.iter().position(|open| *open.name == *name) {
        return Some(found);
    }
    (name.is_empty() && tables.len() == 1).then_some(0)
}

/// Opens `file` under the name `alias` for the user; `None` if it cannot be read.
///
/// # Errors
///
/// The plan may not read the file, or it is too large.
fn open(file: &str, alias: &str, scope: &mut Scope<'_>) -> Result<Option<usize>, String> {
    if let Some(index) = known(alias, scope) {
        return Ok(Some(index));
    }
    if file.is_empty() {
        return Ok(None);
    }
    let run = scope.functions.run();
    let mut tables = run.tables.0.lock().unwrap_or_else(PoisonError::into_inner);
    let table = match tables.get(alias) {
        Some(table) => Arc::clone(table),
        None => {
            let path = resolve(&run.plan_folder, file);
            let Some(table) = load(&path, &run.settings.csv_read_delimiter, scope)? else {
                return Ok(None);
            };
            let table = Arc::new(table);
            tables.insert(alias.into(), Arc::clone(&table));
            table
        }
    };
    drop(tables);
    scope.per_user.tables.push(OpenTable {
        name: alias.into(),
        table,
        row: None,
    });
    Ok(Some(scope.per_user.tables.len() - 1))
}

fn load(path: &Path, delimiter: &str, scope: &Scope<'_>) -> Result<Option<Table>, String> {
    let Some(bytes) = file::read_allowed(path, scope)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes);
    let rows = text
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| fields(line, delimiter))
        .collect();
    Ok(Some(Table {
        rows,
        next: AtomicUsize::new(0),
    }))
}

/// The fields of a line. Any character of `delimiter` ends a field, but of several characters none
/// is a delimiter on its own: then they are fields themselves, as JMeter's tokenizer has it.
fn fields(line: &str, delimiter: &str) -> Vec<Box<str>> {
    let mut fields = Vec::new();
    let mut after_delimiter = true;
    let mut rest = line;
    while !rest.is_empty() {
        let length = match rest.find(|found| delimiter.contains(found)) {
            Some(0) => rest.chars().next().map_or(rest.len(), char::len_utf8),
            Some(end) => end,
            None => rest.len(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if token == delimiter {
            if after_delimiter {
                fields.push("".into());
            }
            after_delimiter = true;
        } else {
            after_delimiter = false;
            fields.push(token.into());
        }
    }
    if after_delimiter {
        fields.push("".into());
    }
    fields
}

impl Table {
    /// The index of the next row; the first follows the last.
    fn take_row(&self) -> usize {
        let count = self.rows.len().max(1);
        let taken = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |row| {
                Some((row + 1) % count)
            });
        taken.unwrap_or(0)
    }
}
