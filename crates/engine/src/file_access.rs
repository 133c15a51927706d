//! Which files a plan may read and write.
//!
//! Plans are data, often somebody else's: without leave they use files of their own folder and of
//! the working directory only, whatever names, links or `..` they use.

use std::path::{Path, PathBuf};

/// The files that a plan may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileAccess {
    /// Folders whose files may be read, without links; `None` is anywhere.
    roots: Option<Vec<PathBuf>>,
}

/// A file that a plan may not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "file `{}` is outside of the plan's folder and the working directory; --allow-outside-files \
     allows it",
    .path.display()
)]
pub struct FileRefused {
    /// The file as it was named.
    pub path: PathBuf,
}

impl FileAccess {
    /// Any file.
    #[must_use]
    pub fn anywhere() -> Self {
        Self::default()
    }

    /// Files below `plan_folder` (empty for the working directory) and the working directory.
    #[must_use]
    pub fn of_plan(plan_folder: &Path) -> Self {
        let folder = if plan_folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            plan_folder
        };
        let roots = [folder, Path::new(".")];
        // A folder that cannot be resolved allows nothing.
        let roots = roots.iter().filter_map(|root| root.canonicalize().ok());
        Self {
            roots: Some(roots.collect()),
        }
    }

    /// Whether the file at `path` may be read. A file that does not exist may: reading it fails.
    ///
    /// # Errors
    ///
    /// [`FileRefused`] for a file elsewhere; the user can allow it.
    pub fn check(&self, path: &Path) -> Result<(), FileRefused> {
        let (Some(roots), Ok(place)) = (&self.roots, path.canonicalize()) else {
            return Ok(());
        };
        if roots.iter().any(|root| place.starts_with(root)) {
            return Ok(());
        }
        Err(FileRefused {
            path: path.to_owned(),
        })
    }

    /// Whether the file at `path`, which need not exist, may be written.
    ///
    /// # Errors
    ///
    /// [`FileRefused`] for a file elsewhere; the user can allow it.
    pub fn check_to_write(&self, path: &Path) -> Result<(), FileRefused> {
        if path.canonicalize().is_ok() {
            return self.check(path);
        }
        // A link to a file that does not exist would be written through, so it is refused.
        let is_link = path.symlink_metadata().is_ok();
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        match (&self.roots, is_link) {
            (None, _) => Ok(()),
            (Some(_), true) => Err(FileRefused {
                path: path.to_owned(),
            }),
            (Some(_), false) => self.check(folder).map_err(|_| FileRefused {
                path: path.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_outside_are_refused_however_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("plan");
        std::fs::create_dir(&plan).unwrap();
        let (inside, outside) = (plan.join("a.csv"), folder.path().join("b.csv"));
        std::fs::write(&inside, "1").unwrap();
        std::fs::write(&outside, "2").unwrap();
        let access = FileAccess::of_plan(&plan);
        assert_eq!(access.check(&inside), Ok(()));
        assert_eq!(access.check(&plan.join("gone.csv")), Ok(()));
        for refused in [outside.clone(), plan.join("../b.csv")] {
            assert!(access.check(&refused).is_err(), "{refused:?}");
            assert!(access.check_to_write(&refused).is_err(), "{refused:?}");
        }
        assert_eq!(access.check_to_write(&inside), Ok(()));
        assert_eq!(access.check_to_write(&plan.join("new.csv")), Ok(()));
        let elsewhere = folder.path().join("new.csv");
        assert!(access.check_to_write(&elsewhere).is_err());
        std::os::unix::fs::symlink(&elsewhere, plan.join("link")).unwrap();
        assert!(access.check_to_write(&plan.join("link")).is_err());
        assert_eq!(FileAccess::anywhere().check(&outside), Ok(()));
    }
}
