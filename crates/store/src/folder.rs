//! Names of run folders and of the files in them.

use std::fs;
use std::path::Path;

use crate::StoreError;

/// The analysis as JSON, within a run folder.
pub const SUMMARY_FILE: &str = "summary.json";
/// The report page, within a run folder.
pub const REPORT_FILE: &str = "report.html";

/// What was run, within a run folder; a folder without it is none.
pub const MANIFEST_FILE: &str = "manifest.json";
pub(crate) const LOG_FILE: &str = "log.jsonl";
pub(crate) const PLAN_FOLDER: &str = "plan";
pub(crate) const SAMPLES_FOLDER: &str = "samples";
pub(crate) const SERIES_FILE: &str = "series/series.bin";

/// The default name of a run folder: `2026-11-23T10-15-02Z-backend-stress-test`.
///
/// `started_at_ms` is the wall-clock start in milliseconds since the Unix epoch; of the plan's name
/// letters and digits stay, at most 60.
#[must_use]
pub fn folder_name(started_at_ms: i64, plan_name: &str) -> String {
    let time =
        jiff::Timestamp::from_millisecond(started_at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let time = time.strftime("%Y-%m-%dT%H-%M-%SZ");
    let mut name = String::new();
    for character in plan_name.chars().take(60) {
        if character.is_alphanumeric() {
            name.extend(character.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        time.to_string()
    } else {
        format!("{time}-{name}")
    }
}

/// Creates the run folder `folder` and the folders in it.
///
/// # Errors
///
/// When it exists and is not empty, or cannot be created.
pub fn create_folder(folder: &Path) -> Result<(), StoreError> {
    if let Ok(mut entries) = fs::read_dir(folder)
        && entries.next().is_some()
    {
        return Err(StoreError::Exists {
            folder: folder.to_owned(),
        });
    }
    for part in ["", PLAN_FOLDER, SAMPLES_FOLDER, "series"] {
        let path = folder.join(part);
        private_folder()
            .create(&path)
            .map_err(StoreError::io("create", path))?;
    }
    Ok(())
}

/// Creates the folder of a search.
///
/// # Errors
///
/// When it exists and is not empty, or cannot be created.
pub fn create_search_folder(folder: &Path) -> Result<(), StoreError> {
    if let Ok(mut entries) = fs::read_dir(folder)
        && entries.next().is_some()
    {
        return Err(StoreError::Exists {
            folder: folder.to_owned(),
        });
    }
    private_folder()
        .create(folder)
        .map_err(StoreError::io("create", folder))
}

/// Makes folders that only their owner reads: a plan may hold passwords.
fn private_folder() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_hold_the_time_and_the_plan() {
        assert_eq!(
            folder_name(1_795_428_902_000, "Backend stress test!"),
            "2026-11-23T10-15-02Z-backend-stress-test"
        );
        assert_eq!(folder_name(0, "../"), "1970-01-01T00-00-00Z");
    }

    #[test]
    fn a_folder_that_holds_something_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        create_folder(folder.path()).unwrap();
        assert!(matches!(
            create_folder(folder.path()),
            Err(StoreError::Exists { .. })
        ));
    }
}
