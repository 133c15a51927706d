//! Critical sections: named locks over all users of a run.
//!
//! A user that waits for one holds up no other; users get in in the order in which they came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// One section.
pub(crate) type Section = tokio::sync::Mutex<()>;

/// Being the one in a section, until it is dropped.
pub(crate) type Lock = OwnedMutexGuard<()>;

/// The sections of a run, by name.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    by_name: Mutex<BTreeMap<String, Arc<Section>>>,
}

/// A user's stay in a section; it leaves when this is dropped.
#[derive(Debug)]
pub(crate) struct Stay {
    pub(crate) name: String,
    pub(crate) _lock: Lock,
}

/// Number of names from which on those that nobody uses are forgotten.
const MANY_NAMES: usize = 1024;

impl Sections {
    /// The section `name`; `lock_owned` enters it.
    pub(crate) fn named(&self, name: &str) -> Arc<Section> {
        // Held for a look-up only, and only by plans with critical sections.
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(section) = by_name.get(name) {
            return Arc::clone(section);
        }
        if by_name.len() >= MANY_NAMES {
            by_name.retain(|_, section| Arc::strong_count(section) > 1);
        }
        let section = Arc::new(Section::new(()));
        by_name.insert(name.to_owned(), Arc::clone(&section));
        section
    }
}
