//! Files that a plan sends: read once, kept, and only from inside the plan's folder.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::options::HttpError;

/// Greatest size of one file, in bytes.
const FILE_BYTES: u64 = 256 << 20;

/// Greatest sum of what is kept, in bytes; files beyond it are read each time.
const KEPT_BYTES: usize = 256 << 20;

/// The files of one engine thread.
#[derive(Debug, Default)]
pub(crate) struct Files {
    base: Option<PathBuf>,
    kept: RefCell<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    contents: HashMap<Box<str>, Rc<[u8]>>,
    bytes: usize,
}

impl Files {
    /// Files below the folder `base`; none at all without it.
    ///
    /// # Errors
    ///
    /// [`HttpError::BaseFolder`] if the folder cannot be opened.
    pub(crate) fn new(base: Option<&Path>) -> Result<Self, HttpError> {
        let base = base
            .map(|folder| {
                folder
                    .canonicalize()
                    .map_err(|source| HttpError::BaseFolder {
                        folder: folder.to_owned(),
                        source,
                    })
            })
            .transpose()?;
        Ok(Self {
            base,
            kept: RefCell::default(),
        })
    }

    /// The content of the file `name`, relative to the base folder.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in one line.
    pub(crate) fn content(&self, name: &str) -> Result<Rc<[u8]>, String> {
        if let Some(content) = self.kept.borrow().contents.get(name) {
            return Ok(Rc::clone(content));
        }
        let base = self
            .base
            .as_deref()
            .ok_or_else(|| format!("{name} (this run reads no files)"))?;
        // In the words of Java, which has the whole path.
        let said = |error: std::io::Error| {
            let text = error.to_string();
            let reason = text.split(" (os error").next().unwrap_or_default();
            format!("{} ({reason})", base.join(name).display())
        };
        let path = base.join(name).canonicalize().map_err(said)?;
        if !path.starts_with(base) {
            return Err(format!("{name} (outside the plan's folder)"));
        }
        let length = std::fs::metadata(&path).map_err(said)?.len();
        if length > FILE_BYTES {
            return Err(format!("{name} ({length} bytes, more than {FILE_BYTES})"));
        }
        let content: Rc<[u8]> = std::fs::read(&path).map_err(said)?.into();
        let mut kept = self.kept.borrow_mut();
        if kept.bytes + content.len() <= KEPT_BYTES {
            kept.bytes += content.len();
            kept.contents.insert(name.into(), Rc::clone(&content));
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_once_and_only_inside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("plan");
        std::fs::create_dir(&base).unwrap();
        std::fs::write(base.join("a.txt"), "one").unwrap();
        std::fs::write(folder.path().join("b.txt"), "secret").unwrap();
        let files = Files::new(Some(&base)).unwrap();
        assert_eq!(&*files.content("a.txt").unwrap(), b"one");
        std::fs::write(base.join("a.txt"), "two").unwrap();
        assert_eq!(&*files.content("a.txt").unwrap(), b"one");
        assert!(files.content("../b.txt").unwrap_err().contains("outside"));
        assert!(files.content("missing").is_err());
        assert!(Files::new(None).unwrap().content("a.txt").is_err());
    }
}
