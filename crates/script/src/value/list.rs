//! Lists, whatever class of Java's they are of.
//!
//! Not here: their methods (see [`crate::library::list`]).

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Value, lock};

/// What may be done to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutability {
    Free,
    /// Elements may be set, none added or removed.
    FixedSize,
    None,
}

/// Any `java.util.List`.
pub struct List {
    pub(crate) class: &'static str,
    pub(crate) mutability: Mutability,
    items: Mutex<Vec<Value>>,
}

impl List {
    pub(crate) fn of(class: &'static str, items: Vec<Value>) -> List {
        List {
            class,
            mutability: Mutability::Free,
            items: Mutex::new(items),
        }
    }

    pub(crate) fn fixed(class: &'static str, mutability: Mutability, items: Vec<Value>) -> List {
        List {
            class,
            mutability,
            items: Mutex::new(items),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        lock(&self.items)
    }

    pub(super) fn items_mut(&mut self) -> &mut Vec<Value> {
        self.items.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        self.lock().get(index).cloned()
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        self.lock().clone()
    }
}
