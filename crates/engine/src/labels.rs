//! The labels of a run: those known before it, and those that samplers make on the way.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use loadline_events::LabelId;
use loadline_plan::MAX_LABELS;
use loadline_plan::program::{LabelProgram, Program};

/// Label of samples whose own label came after [`MAX_LABELS`] others.
pub const OTHER_LABEL: &str = "(other)";

/// A label of a run. Samplers and transactions share none, even under the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLabel {
    /// The name.
    pub name: Box<str>,
    /// Whether its samples are sums of others.
    pub transaction: bool,
}

/// The labels of a run, shared by its threads. Bounded: labels beyond [`MAX_LABELS`] are counted
/// together under [`OTHER_LABEL`].
#[derive(Debug)]
pub(crate) struct LabelRegistry {
    labels: Mutex<Vec<RunLabel>>,
    overflowed: AtomicU64,
}

impl LabelRegistry {
    /// The labels that `program` knows, which have their positions as numbers; at most
    /// [`MAX_LABELS`].
    pub(crate) fn of(program: &Program) -> Self {
        let transactions = program.groups.iter().flat_map(|group| &group.transactions);
        let sums: Vec<u16> = transactions
            .filter_map(|transaction| match &transaction.label {
                LabelProgram::Static(id) => Some(*id),
                LabelProgram::Dynamic(_) => None,
            })
            .collect();
        let labels = (0u16..).zip(&program.labels).map(|(id, name)| RunLabel {
            name: name.clone(),
            transaction: sums.contains(&id),
        });
        Self::new(labels.collect())
    }

    fn new(known: Vec<RunLabel>) -> Self {
        Self {
            labels: Mutex::new(known),
            overflowed: AtomicU64::new(0),
        }
    }

    /// All labels so far, by number; [`OTHER_LABEL`] is the last if it was needed.
    pub(crate) fn labels(&self) -> Vec<RunLabel> {
        self.lock().clone()
    }

    /// Samples that had to be counted under [`OTHER_LABEL`].
    pub(crate) fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<RunLabel>> {
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
    pub fn all(&self) -> Vec<RunLabel> {
        self.0.labels()
    }
}

/// The labels as one thread sees them: the lock is taken once for each new label.
#[derive(Debug)]
pub(crate) struct LabelCache {
    registry: Arc<LabelRegistry>,
    /// Those of samplers, then those of transactions.
    known: [RefCell<HashMap<Box<str>, LabelId>>; 2],
    /// No further label will be given a number of its own.
    is_full: Cell<bool>,
}

impl LabelCache {
    pub(crate) fn new(registry: Arc<LabelRegistry>) -> Self {
        Self {
            registry,
            known: Default::default(),
            is_full: Cell::new(false),
        }
    }

    /// The number of `label`, which is a sampler's or a `transaction`'s.
    pub(crate) fn id(&self, label: &str, transaction: bool) -> LabelId {
        if let Some(id) = self.known[usize::from(transaction)].borrow().get(label) {
            return *id;
        }
        if !self.is_full.get()
            && let Some(id) = self.register(label, transaction)
        {
            return id;
        }
        self.registry.overflowed.fetch_add(1, Ordering::Relaxed);
        OTHER_ID
    }

    /// Gives `label` a number; `None` if there is none left. Learns what other threads registered.
    fn register(&self, label: &str, transaction: bool) -> Option<LabelId> {
        let mut labels = self.registry.lock();
        let is_same = |known: &RunLabel| *known.name == *label && known.transaction == transaction;
        let exists = labels.iter().any(is_same);
        if !exists && labels.len() < MAX_LABELS {
            labels.push(RunLabel {
                name: label.into(),
                transaction,
            });
        } else if !exists && labels.len() == MAX_LABELS {
            labels.push(RunLabel {
                name: OTHER_LABEL.into(),
                transaction: false,
            });
        }
        self.is_full.set(labels.len() > MAX_LABELS);
        for (index, known) in (0u16..).zip(labels.iter().take(MAX_LABELS)) {
            let mut own = self.known[usize::from(known.transaction)].borrow_mut();
            if !own.contains_key(&known.name) {
                own.insert(known.name.clone(), LabelId(index));
            }
        }
        let own = self.known[usize::from(transaction)].borrow();
        own.get(label).copied()
    }
}

/// The number of [`OTHER_LABEL`].
const OTHER_ID: LabelId = LabelId(MAX_LABELS as u16);
const _: () = assert!(MAX_LABELS < u16::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str, transaction: bool) -> RunLabel {
        RunLabel {
            name: name.into(),
            transaction,
        }
    }

    #[test]
    fn labels_are_numbered_once_over_all_threads() {
        let registry = Arc::new(LabelRegistry::new(vec![label("a", false)]));
        let one = LabelCache::new(Arc::clone(&registry));
        let two = LabelCache::new(Arc::clone(&registry));
        assert_eq!(one.id("b", false), LabelId(1));
        assert_eq!(two.id("b", false), LabelId(1));
        assert_eq!(two.id("a", false), LabelId(0));
        assert_eq!(registry.labels(), [label("a", false), label("b", false)]);
    }

    #[test]
    fn a_transaction_shares_no_label_with_a_sampler() {
        let registry = Arc::new(LabelRegistry::new(vec![label("a", true)]));
        let cache = LabelCache::new(Arc::clone(&registry));
        assert_eq!(cache.id("a", false), LabelId(1));
        assert_eq!(cache.id("a", true), LabelId(0));
        assert_eq!(cache.id("b", true), LabelId(2));
        assert_eq!(cache.id("b", false), LabelId(3));
        let sums: Vec<bool> = registry.labels().iter().map(|l| l.transaction).collect();
        assert_eq!(sums, [true, false, true, false]);
    }

    #[test]
    fn labels_beyond_the_bound_are_counted_together() {
        let registry = Arc::new(LabelRegistry::new(Vec::new()));
        let cache = LabelCache::new(Arc::clone(&registry));
        let late = LabelCache::new(Arc::clone(&registry));
        for index in 0..MAX_LABELS {
            cache.id(&format!("label {index}"), false);
        }
        assert_eq!(cache.id("one more", false), OTHER_ID);
        assert_eq!(cache.id("and another", false), OTHER_ID);
        assert_eq!(late.id("label 3", false), LabelId(3));
        assert_eq!(registry.overflowed(), 2);
        assert_eq!(
            registry.labels().last().map(|label| &*label.name),
            Some(OTHER_LABEL)
        );
        assert_eq!(registry.labels().len(), MAX_LABELS + 1);
    }
}
