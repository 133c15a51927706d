//! Critical sections: named locks over all users of a run.
//!
//! A user that waits for one holds up no other; users get in in the order in which they came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use loadline_plan::program::NodeId;
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

/// A user's stay in the section of a controller; it leaves when this is dropped.
#[derive(Debug)]
struct Stay {
    controller: NodeId,
    name: String,
    _lock: Lock,
}

/// The sections that a user is in; most users are in none.
#[derive(Debug, Default)]
#[expect(
    clippy::box_collection,
    reason = "most users are in no section, and each of them has this place"
)]
pub(crate) struct Stays(Option<Box<Vec<Stay>>>);

impl Stays {
    /// Whether the user is in the section `name`.
    pub(crate) fn contain(&self, name: &str) -> bool {
        let mut stays = self.0.iter().flat_map(|stays| stays.iter());
        stays.any(|stay| stay.name == name)
    }

    pub(crate) fn enter(&mut self, controller: NodeId, name: String, lock: Lock) {
        self.0.get_or_insert_default().push(Stay {
            controller,
            name,
            _lock: lock,
        });
    }

    /// Leaves the section of `controller`.
    pub(crate) fn leave(&mut self, controller: NodeId) {
        if let Some(stays) = &mut self.0 {
            stays.retain(|stay| stay.controller != controller);
        }
    }

    pub(crate) fn leave_all(&mut self) {
        self.0 = None;
    }
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
