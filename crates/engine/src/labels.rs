//! The labels of a run: those known before it, and those that samplers make on the way.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use loadline_events::LabelId;
use loadline_plan::MAX_LABELS;

/// Label of samples whose own label came after [`MAX_LABELS`] others.
pub const OTHER_LABEL: &str = "(other)";

/// The labels of a run, shared by its threads. Bounded: labels beyond [`MAX_LABELS`] are counted
/// together under [`OTHER_LABEL`].
#[derive(Debug)]
pub(crate) struct LabelRegistry {
    labels: Mutex<Vec<Box<str>>>,
    overflowed: AtomicU64,
}

impl LabelRegistry {
    /// The `known` labels, which have their positions as numbers; at most [`MAX_LABELS`].
    pub(crate) fn new(known: &[Box<str>]) -> Self {
        Self {
            labels: Mutex::new(known.to_vec()),
            overflowed: AtomicU64::new(0),
        }
    }

    /// All labels so far, by number; [`OTHER_LABEL`] is the last if it was needed.
    pub(crate) fn labels(&self) -> Vec<Box<str>> {
        self.lock().clone()
    }

    /// Samples that had to be counted under [`OTHER_LABEL`].
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Box<str>>> {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The labels of a run, to be read while it goes on.
#[derive(Clone, Debug)]
pub struct LabelNames(Arc<LabelRegistry>);

impl LabelNames {
    pub(crate) fn new(registry: Arc<LabelRegistry>) -> Self {
        Self(registry)
    }

    /// All labels so far, by number.
    #[must_use]
    pub fn all(&self) -> Vec<Box<str>> {
        self.0.labels()
    }
}

/// The labels as one thread sees them: the lock is taken once for each new label.
#[derive(Debug)]
pub(crate) struct LabelCache {
    registry: Arc<LabelRegistry>,
    known: RefCell<HashMap<Box<str>, LabelId>>,
    /// No further label will be given a number of its own.
    is_full: Cell<bool>,
}

impl LabelCache {
    pub(crate) fn new(registry: Arc<LabelRegistry>) -> Self {
        Self {
            registry,
            known: RefCell::default(),
            is_full: Cell::new(false),
        }
    }

    /// The number of `label`.
    pub(crate) fn id(&self, label: &str) -> LabelId {
        if let Some(id) = self.known.borrow().get(label) {
            return *id;
        }
        if !self.is_full.get()
            && let Some(id) = self.register(label)
        {
            return id;
        }
        self.registry.overflowed.fetch_add(1, Ordering::Relaxed);
        OTHER_ID
    }

    /// Gives `label` a number; `None` if there is none left. Learns what other threads registered.
    fn register(&self, label: &str) -> Option<LabelId> {
        let mut labels = self.registry.lock();
        let exists = labels.iter().any(|known| **known == *label);
        if !exists && labels.len() < MAX_LABELS {
            labels.push(label.into());
        } else if !exists && labels.len() == MAX_LABELS {
            labels.push(OTHER_LABEL.into());
        }
        self.is_full.set(labels.len() > MAX_LABELS);
        let mut known = self.known.borrow_mut();
        for (index, name) in (0u16..).zip(labels.iter().take(MAX_LABELS)) {
            if !known.contains_key(name) {
                known.insert(name.clone(), LabelId(index));
            }
        }
        known.get(label).copied()
    }
}

/// The number of [`OTHER_LABEL`].
const OTHER_ID: LabelId = LabelId(MAX_LABELS as u16);
const _: () = assert!(MAX_LABELS < u16::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_numbered_once_over_all_threads() {
        let registry = Arc::new(LabelRegistry::new(&["a".into()]));
        let one = LabelCache::new(Arc::clone(&registry));
        let two = LabelCache::new(Arc::clone(&registry));
        assert_eq!(one.id("b"), LabelId(1));
        assert_eq!(two.id("b"), LabelId(1));
        assert_eq!(two.id("a"), LabelId(0));
        assert_eq!(registry.labels(), ["a".into(), "b".into()]);
    }

    #[test]
    fn labels_beyond_the_bound_are_counted_together() {
        let registry = Arc::new(LabelRegistry::new(&[]));
        let cache = LabelCache::new(Arc::clone(&registry));
        let late = LabelCache::new(Arc::clone(&registry));
        for index in 0..MAX_LABELS {
            cache.id(&format!("label {index}"));
        }
        assert_eq!(cache.id("one more"), OTHER_ID);
        assert_eq!(cache.id("and another"), OTHER_ID);
        assert_eq!(late.id("label 3"), LabelId(3));
        assert_eq!(registry.overflowed(), 2);
        assert_eq!(
            registry.labels().last().map(|label| &**label),
            Some(OTHER_LABEL)
        );
        assert_eq!(registry.labels().len(), MAX_LABELS + 1);
    }
}
