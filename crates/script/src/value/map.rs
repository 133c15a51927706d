//! Maps, and sets as the keys of one, in the order that their class of Java's gives them.
//!
//! Not here: how entries are found (see [`crate::entries`]), and methods (see [`crate::library::map`]).

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Key, Value, lock};
use crate::entries::Entries;

thread_local! {
    /// Addresses of the maps that this thread is looking for a container in.
    static SEARCHED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The order of a map's or a set's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Inserted,
    /// Java's hash table.
    Hash,
    Sorted,
}

/// Any `java.util.Map`, or the elements of a set.
pub struct Map {
    pub(crate) class: &'static str,
    pub(crate) order: Order,
    pub(crate) fixed: bool,
    /// The closure of `withDefault`.
    pub(crate) default: Option<Value>,
    data: Mutex<MapData>,
}

#[derive(Default)]
pub(crate) struct MapData {
    pub(crate) entries: Entries,
    /// Length of Java's table; 0 before the first entry.
    pub(crate) table: usize,
}

impl Map {
    pub(crate) fn new(class: &'static str, order: Order) -> Map {
        Map {
            class,
            order,
            fixed: false,
            default: None,
            data: Mutex::default(),
        }
    }

    pub(crate) fn linked() -> Map {
        Map::new("java.util.LinkedHashMap", Order::Inserted)
    }

    /// An empty `java.util.Properties`, which users may share.
    #[must_use]
    pub fn properties() -> Map {
        Map::new("java.util.Properties", Order::Hash)
    }

    pub(crate) fn with_default(mut self, default: Value) -> Map {
        self.default = Some(default);
        self
    }

    pub(crate) fn frozen(mut self) -> Map {
        self.fixed = true;
        self
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, MapData> {
        lock(&self.data)
    }

    pub(super) fn data_mut(&mut self) -> &mut MapData {
        self.data.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.is_searched() {
            return 0;
        }
        self.lock().entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<Value> {
        if self.is_searched() {
            return None;
        }
        // The key is only borrowed for the search; cloning counts a reference.
        let key = Key(key.clone());
        self.search(&key.0, |data| data.entries.get(&key).cloned())
    }

    pub(crate) fn contains(&self, key: &Value) -> bool {
        self.get(key).is_some()
    }

    /// Puts an entry and gives the former value.
    pub fn put(&self, key: Value, value: Value) -> Option<Value> {
        let kind = key.clone();
        self.search(&kind, |data| {
            let former = data.entries.insert(Key(key), value);
            if data.table == 0 {
                data.table = 16;
            }
            while data.entries.len() * 4 > data.table * 3 {
                data.table *= 2;
            }
            former
        })
    }

    /// Removes an entry and gives its value.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let key = Key(key.clone());
        self.search(&key.0, |data| data.entries.shift_remove(&key))
    }

    /// Looks for a key under the lock. If the key is a container that holds this map, or a key here is one, hashing and comparing
    /// them comes back to this map, which then seems empty.
    fn search<T>(&self, key: &Value, find: impl FnOnce(&mut MapData) -> T) -> T {
        if !key.holds_more() {
            return find(&mut self.lock());
        }
        SEARCHED.with_borrow_mut(|searched| searched.push(std::ptr::from_ref(self).addr()));
        let found = find(&mut self.lock());
        SEARCHED.with_borrow_mut(|searched| searched.pop());
        found
    }

    fn is_searched(&self) -> bool {
        let here = std::ptr::from_ref(self).addr();
        SEARCHED.with_borrow(|searched| searched.contains(&here))
    }

    /// Entries in the map's order.
    #[must_use]
    pub fn entries(&self) -> Vec<(Value, Value)> {
        if self.is_searched() {
            return Vec::new();
        }
        let (mut entries, table): (Vec<_>, usize) = {
            let data = self.lock();
            (
                data.entries
                    .iter()
                    .map(|(k, v)| (k.0.clone(), v.clone()))
                    .collect(),
                data.table,
            )
        };
        match self.order {
            Order::Inserted => {}
            Order::Sorted => entries.sort_by(|a, b| {
                crate::equality::natural_order(&a.0, &b.0).unwrap_or(Ordering::Equal)
            }),
            Order::Hash => {
                let mask = (table.max(1) - 1) as u32;
                entries.sort_by_cached_key(|(key, _)| {
                    let hash = crate::equality::java_hash(key) as u32;
                    (hash ^ (hash >> 16)) & mask
                });
            }
        }
        entries
    }

    pub(crate) fn keys(&self) -> Vec<Value> {
        self.entries().into_iter().map(|(key, _)| key).collect()
    }

    /// Sets the table as `new HashMap(int)` and copies do, which decides the order of iteration.
    pub(crate) fn reserve_table(&self, entries: usize) {
        let mut data = self.lock();
        if data.table == 0 {
            let wanted = (entries as f64 / 0.75 + 1.0) as usize;
            data.table = wanted.max(1).next_power_of_two();
        }
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.class, self.len())
    }
}
