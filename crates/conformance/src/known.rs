//! Differences that are known and meant: `oracle/known-differences.tsv`, a plan's name and why.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

/// Reasons by the name of the plan.
pub type Known = BTreeMap<String, String>;

/// Reads the file; lines that begin with `#` are remarks.
///
/// # Errors
///
/// The file cannot be read, or a line has no reason.
pub fn read(file: &Path) -> Result<Known> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, reason) = line
                .split_once('\t')
                .with_context(|| format!("`{line}` gives no reason"))?;
            Ok((name.to_owned(), reason.to_owned()))
        })
        .collect()
}
