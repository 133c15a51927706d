//! Why a run folder cannot be written or read.

use std::io;
use std::path::PathBuf;

/// Why a run folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder to be created is there already and holds something.
    #[error("run folder {} exists already and is not empty", .folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// "read", "write" or "create".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder has no manifest.
    #[error("{} is no run folder: it has no manifest.json", .folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder was written in another format.
    #[error("run folder {} has format {found}, but this version reads {expected}", .folder.display())]
    Version {
        /// The folder.
        folder: PathBuf,
        /// The format it names.
        found: String,
        /// The format that can be read.
        expected: &'static str,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {reason}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl StoreError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| StoreError::Io {
            action,
            path,
            source,
        }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        StoreError::Damaged {
            path: path.into(),
            reason: reason.into(),
        }
    }
}
