//! CSV data sets: a file's rows in memory, a position that users share, fields into variables.
//!
//! A file is read and decoded once, before the users start, so that no user ever waits for a disk;
//! taking a row is one atomic addition. Memory is the size of the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use encoding_rs::Encoding;
use loadline_plan::ShareMode;
use loadline_plan::program::{CsvProgram, Slot};
use rand::RngExt as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::file_access::{FileAccess, FileRefused};
use crate::{Variables, chance};

mod rows;

use rows::{Rows, split_plain, split_quoted};

/// Why a data file cannot be used. The author of the plan can fix it.
#[derive(Debug, thiserror::Error)]
pub enum CsvProblem {
    /// It cannot be read.
    #[error("cannot read data file `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds no line.
    #[error("data file `{path}` is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The plan may not read it.
    #[error(transparent)]
    Refused(#[from] FileRefused),
    /// Its charset is not known.
    #[error("data file `{path}`: unknown charset `{charset}`")]
    UnknownCharset {
        /// The file.
        path: PathBuf,
        /// The charset.
        charset: String,
    },
}

/// Checks that a data file is there, can be read and holds at least one line.
///
/// # Errors
///
/// [`CsvProblem::Unreadable`] and [`CsvProblem::Empty`].
pub fn check_file(path: &Path) -> Result<(), CsvProblem> {
    let metadata = std::fs::metadata(path)
        .and_then(|metadata| std::fs::File::open(path).map(|_| metadata))
        .map_err(|source| CsvProblem::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    if metadata.is_file() && metadata.len() == 0 {
        return Err(CsvProblem::Empty {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// The data files of a run, each read once, and the positions in them.
#[derive(Debug)]
pub(crate) struct DataFiles {
    /// Folder of the plan: relative files that the working directory lacks are looked for here.
    base: PathBuf,
    access: FileAccess,
    /// The run's seed, for random orders.
    seed: u64,
    end_of_file: Arc<str>,
    opened: Mutex<Opened>,
}

#[derive(Debug, Default)]
struct Opened {
    /// By path, charset and, if fields may be quoted, what stands between them.
    files: BTreeMap<(PathBuf, String, Option<char>), Arc<Rows>>,
    /// By file name as the plan has it, and who shares it.
    positions: BTreeMap<(String, Sharing, bool), Arc<Position>>,
}

impl Opened {
    /// The rows of a file, read now unless they were before.
    fn rows(
        &mut self,
        path: PathBuf,
        encoding: &str,
        quoted: Option<char>,
    ) -> Result<Arc<Rows>, CsvProblem> {
        let key = (path, encoding.to_owned(), quoted);
        if let Some(rows) = self.files.get(&key) {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(read_rows(&key.0, encoding, quoted)?);
        self.files.insert(key, Arc::clone(&rows));
        Ok(rows)
    }
}

/// Who shares a position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sharing {
    All,
    Group(usize),
    User(u32),
    Key(String),
    /// Place of the element.
    Element(String),
}

impl Sharing {
    /// The sharing of a data set for user `user` of group `group`.
    fn of(program: &CsvProgram, group: usize, user: u32) -> Self {
        match &program.share {
            ShareMode::All => Sharing::All,
            ShareMode::Group => Sharing::Group(group),
            ShareMode::Thread => Sharing::User(user),
            ShareMode::Key(key) => Sharing::Key(key.clone()),
            ShareMode::Element => Sharing::Element(program.location.to_string()),
        }
    }
}

/// The rows of a file and how many were taken.
#[derive(Debug)]
struct Position {
    rows: Arc<Rows>,
    /// Whether the first row is a header.
    skips_first: bool,
    taken: AtomicU64,
    /// For rows in a random order.
    shuffled: Option<Mutex<Shuffled>>,
}

/// Rows in a random order, which is drawn anew in each round.
#[derive(Debug)]
struct Shuffled {
    order: Vec<u32>,
    taken: usize,
    chance: Xoshiro256PlusPlus,
}

impl Shuffled {
    fn new(count: usize, chance: Xoshiro256PlusPlus) -> Self {
        Self {
            order: (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
            taken: 0,
            chance,
        }
    }

    /// Index of the next row; `None` when all were taken.
    fn next(&mut self, recycle: bool) -> Option<usize> {
        if self.taken >= self.order.len() && recycle {
            self.taken = 0;
        }
        if self.taken >= self.order.len() {
            return None;
        }
        // Fisher and Yates, one step at a time.
        let drawn = self.chance.random_range(self.taken..self.order.len());
        self.order.swap(self.taken, drawn);
        self.taken += 1;
        usize::try_from(self.order[self.taken - 1]).ok()
    }
}

impl Position {
    /// The next row; `None` at the end of the file, and for one whose quotes are wrong, as in JMeter.
    fn next(&self, recycle: bool) -> Option<&str> {
        let first = usize::from(self.skips_first);
        let count = (self.rows.len().saturating_sub(first)) as u64;
        if count == 0 {
            return None;
        }
        if let Some(shuffled) = &self.shuffled {
            // Held for a few instructions, by plans with random orders only.
            let mut shuffled = shuffled.lock().unwrap_or_else(PoisonError::into_inner);
            let index = shuffled.next(recycle)?;
            return self.rows.get(first + index);
        }
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        let index = if recycle { taken % count } else { taken };
        if index >= count {
            return None;
        }
        self.rows.get(first + usize::try_from(index).ok()?)
    }
}

/// The texts of a data set, evaluated for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvTexts {
    pub(crate) file: String,
    pub(crate) encoding: String,
    pub(crate) variables: String,
    pub(crate) delimiter: String,
}

impl DataFiles {
    /// No file read yet; `base` is the folder of the plan, `end_of_file` what every variable becomes
    /// at the end of a file that neither recycles nor stops its users.
    pub(crate) fn new(base: PathBuf, access: FileAccess, seed: u64, end_of_file: &str) -> Self {
        Self {
            base,
            access,
            seed,
            end_of_file: end_of_file.into(),
            opened: Mutex::default(),
        }
    }

    /// Where the file that a plan calls `name` is.
    pub(crate) fn resolve(&self, name: &str) -> PathBuf {
        resolve(&self.base, name)
    }

    /// Reads the file that a plan calls `name`, so that no user has to. A problem is left to the
    /// first user that meets it.
    pub(crate) fn read_ahead(&self, name: &str, encoding: &str, quoted: Option<char>) {
        let path = self.resolve(name);
        if self.access.check(&path).is_err() {
            return;
        }
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let _unused = opened.rows(path, encoding, quoted);
    }

    /// Opens `program` for user `user` of group `group`, or joins those who have it open.
    pub(crate) fn open(
        &self,
        program: &CsvProgram,
        texts: &CsvTexts,
        group: usize,
        user: u32,
        variables: &Variables,
    ) -> Result<CsvReader, CsvProblem> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.resolve(&texts.file);
        self.access.check(&path)?;
        let quoted = quoting_delimiter(&texts.delimiter, program.quoted);
        let rows = opened.rows(path, &texts.encoding, quoted)?;
        let has_header = texts.variables.trim().is_empty();
        let delimiter = match quoted {
            Some(delimiter) => Delimiter::Quoted(delimiter),
            None => Delimiter::Plain(delimiter_text(&texts.delimiter).to_owned()),
        };
        let names = if has_header {
            rows.get(0).unwrap_or_default()
        } else {
            texts.variables.as_str()
        };
        let columns = column_names(names, has_header.then_some(&delimiter))
            .into_iter()
            .map(|name| match variables.names().slot(&name) {
                Some(slot) => Column::Slot(slot),
                None => Column::Name(name),
            })
            .collect();
        let sharing = Sharing::of(program, group, user);
        let skips_first = has_header || program.ignore_first_line;
        let list = opened.positions.len();
        let new = || {
            let count = rows.len().saturating_sub(usize::from(skips_first));
            let shuffled = (program.random_order)
                .then(|| Mutex::new(Shuffled::new(count, chance::of_list(self.seed, list))));
            Arc::new(Position {
                rows,
                shuffled,
                skips_first,
                taken: AtomicU64::new(0),
            })
        };
        let position = if let Sharing::User(_) = sharing {
            new()
        } else {
            let key = (texts.file.clone(), sharing, program.quoted);
            Arc::clone(opened.positions.entry(key).or_insert_with(new))
        };
        Ok(CsvReader {
            position,
            columns,
            delimiter,
            recycle: program.recycle,
            stop_thread: program.stop_thread,
            end_of_file: Arc::clone(&self.end_of_file),
        })
    }
}

/// Where the file `name` is: below the working directory if it exists there, else below `base`.
pub(crate) fn resolve(base: &Path, name: &str) -> PathBuf {
    let path = Path::new(name);
    if path.is_absolute() || path.exists() {
        return path.to_owned();
    }
    base.join(path)
}

fn read_rows(path: &Path, encoding: &str, quoted: Option<char>) -> Result<Rows, CsvProblem> {
    let bytes = std::fs::read(path).map_err(|source| CsvProblem::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let encoding = match encoding.trim() {
        "" => encoding_rs::UTF_8,
        charset => {
            Encoding::for_label(charset.as_bytes()).ok_or_else(|| CsvProblem::UnknownCharset {
                path: path.to_owned(),
                charset: charset.to_owned(),
            })?
        }
    };
    // A byte order mark is dropped here.
    let text = encoding.decode(&bytes).0.into_owned();
    let rows = Rows::new(text, quoted);
    if rows.len() == 0 {
        return Err(CsvProblem::Empty {
            path: path.to_owned(),
        });
    }
    Ok(rows)
}

/// How fields are told apart.
#[derive(Clone, Debug)]
enum Delimiter {
    /// Any text; quotes are part of the fields.
    Plain(String),
    /// One character; fields may stand in double quotes.
    Quoted(char),
}

/// What stands between fields, by the text of a data set.
fn delimiter_text(text: &str) -> &str {
    match text {
        "" => ",",
        "\\t" => "\t",
        text => text,
    }
}

/// What stands between fields that may be quoted; nothing if they may not be.
pub(crate) fn quoting_delimiter(text: &str, quoted: bool) -> Option<char> {
    let first = delimiter_text(text).chars().next();
    first.filter(|_| quoted)
}

/// Names of columns: those of a header line, which may be quoted, or a list with commas.
fn column_names(names: &str, header: Option<&Delimiter>) -> Vec<Box<str>> {
    let delimiter = match header {
        None => ',',
        Some(Delimiter::Quoted(delimiter)) => *delimiter,
        Some(Delimiter::Plain(text)) => text.chars().next().unwrap_or(','),
    };
    let mut list = Vec::new();
    split_quoted(names, delimiter, &mut String::new(), |_, name| {
        list.push(name.trim().into());
        true
    });
    list
}

/// Where a field goes.
#[derive(Clone, Debug)]
enum Column {
    Slot(Slot),
    Name(Box<str>),
}

/// A data set as a user reads it.
#[derive(Clone, Debug)]
pub(crate) struct CsvReader {
    position: Arc<Position>,
    columns: Vec<Column>,
    delimiter: Delimiter,
    recycle: bool,
    stop_thread: bool,
    end_of_file: Arc<str>,
}

impl CsvReader {
    /// Takes the next row into `variables`. False when the file is at its end and the user is to
    /// stop; an empty line counts as the end, even when the file recycles, unless fields may be quoted. Variables beyond the
    /// fields of a row keep their values. `scratch` is reused memory.
    pub(crate) fn read(&self, variables: &mut Variables, scratch: &mut String) -> bool {
        match self.position.next(self.recycle) {
            Some(row) if !row.is_empty() || matches!(self.delimiter, Delimiter::Quoted(_)) => {
                let take = |index: usize, field: &str| match self.columns.get(index) {
                    Some(column) => {
                        set(variables, column, field);
                        true
                    }
                    None => false,
                };
                match &self.delimiter {
                    Delimiter::Plain(delimiter) => split_plain(row, delimiter, take),
                    Delimiter::Quoted(delimiter) => split_quoted(row, *delimiter, scratch, take),
                }
                true
            }
            _ if self.stop_thread => false,
            _ => {
                for column in &self.columns {
                    set(variables, column, &self.end_of_file);
                }
                true
            }
        }
    }
}

fn set(variables: &mut Variables, column: &Column, value: &str) {
    match column {
        Column::Slot(slot) => variables.set(*slot, value),
        Column::Name(name) => variables.set_by_name(name, value),
    }
}

#[cfg(test)]
mod tests;
