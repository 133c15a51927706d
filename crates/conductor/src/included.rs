//! Finds and reads the files that a plan includes.
//!
//! Source: `IncludeController` of JMeter 5.6.3: the property `includecontroller.prefix` stands before
//! the path; a relative path is looked for from the working directory, then, without the prefix,
//! from the plan's folder.

use std::path::{Path, PathBuf};

use crate::RunValues;
use crate::inspection::file_access;

/// Longest plan file that is read.
pub const MAX_PLAN_BYTES: u64 = 256 << 20;

/// Reads the file that a plan run with `values` includes by `path`: where it is, and its text.
///
/// # Errors
///
/// In one line, why there is none: it is missing, outside of the folders that a plan may read, too
/// long or not UTF-8.
pub fn read_included(path: &str, values: &RunValues) -> Result<(PathBuf, String), String> {
    let file = find(path, values);
    file_access(values)
        .check(&file)
        .map_err(|refused| refused.to_string())?;
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let facts = std::fs::metadata(&file).map_err(failed)?;
    if facts.len() > MAX_PLAN_BYTES {
        return Err(format!("{} is longer than 256 MiB", file.display()));
    }
    let bytes = std::fs::read(&file).map_err(failed)?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", file.display()))?;
    Ok((file, text))
}

fn find(path: &str, values: &RunValues) -> PathBuf {
    let prefix = values.properties.get("includecontroller.prefix");
    let named = format!("{}{path}", prefix.map_or("", String::as_str));
    let file = Path::new(named.trim());
    if file.is_absolute() || file.exists() {
        return file.to_owned();
    }
    values.plan_folder.join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_counts_before_the_plans_folder_does() {
        let folder = tempfile::tempdir().unwrap();
        let (plans, shared) = (folder.path().join("plans"), folder.path().join("shared"));
        for (place, text) in [(&plans, "own"), (&shared, "shared")] {
            std::fs::create_dir(place).unwrap();
            std::fs::write(place.join("part.jmx"), text).unwrap();
        }
        let mut values = RunValues {
            plan_folder: plans.clone(),
            ..RunValues::default()
        };
        let read = |values: &RunValues| read_included("part.jmx", values);
        assert_eq!(
            read(&values),
            Ok((plans.join("part.jmx"), "own".to_owned()))
        );
        let prefix = format!("{}/", shared.display());
        values
            .properties
            .insert("includecontroller.prefix".to_owned(), prefix);
        let refused = read(&values).unwrap_err();
        assert!(refused.contains("outside"), "{refused}");
        values.outside_files = true;
        assert_eq!(
            read(&values),
            Ok((shared.join("part.jmx"), "shared".to_owned()))
        );
        values.properties.clear();
        let missing = read_included("gone.jmx", &values).unwrap_err();
        assert!(missing.contains("gone.jmx"), "{missing}");
    }
}
