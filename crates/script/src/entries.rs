//! The entries of a map, in the order in which they came.
//!
//! Most maps of scripts are the objects of a JSON text, with a handful of keys that are looked at once or never: comparing a few
//! keys costs less than hashing all of them and keeping a table, as Groovy's own `LazyMap` knows.

use std::hash::BuildHasherDefault;

use indexmap::IndexMap;

use crate::value::{Key, Mixer, Value};

/// Entries that are searched one by one.
const FEW: usize = 8;

/// Keys with their values; each key once.
pub(crate) enum Entries {
    Few(Vec<(Key, Value)>),
    Many(IndexMap<Key, Value, BuildHasherDefault<Mixer>>),
}

impl Entries {
    /// Of keys that are known to differ.
    pub(crate) fn distinct(pairs: Vec<(Key, Value)>) -> Entries {
        if pairs.len() > FEW {
            return Entries::Many(pairs.into_iter().collect());
        }
        Entries::Few(pairs)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Entries::Few(few) => few.len(),
            Entries::Many(many) => many.len(),
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<&Value> {
        match self {
            Entries::Few(few) => few.iter().find(|(k, _)| k == key).map(|(_, value)| value),
            Entries::Many(many) => many.get(key),
        }
    }

    /// Sets the value of a key and gives the former one.
    pub(crate) fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        match self {
            Entries::Few(few) => {
                if let Some((_, old)) = few.iter_mut().find(|(k, _)| *k == key) {
                    return Some(std::mem::replace(old, value));
                }
                few.push((key, value));
                if few.len() > FEW {
                    *self = Entries::Many(std::mem::take(few).into_iter().collect());
                }
                None
            }
            Entries::Many(many) => many.insert(key, value),
        }
    }

    /// Removes a key; those behind it keep their order.
    pub(crate) fn shift_remove(&mut self, key: &Key) -> Option<Value> {
        match self {
            Entries::Few(few) => {
                let at = few.iter().position(|(k, _)| k == key)?;
                Some(few.remove(at).1)
            }
            Entries::Many(many) => many.shift_remove(key),
        }
    }

    /// Whether `is` holds for a key or a value.
    pub(crate) fn any(&self, is: impl Fn(&Value) -> bool) -> bool {
        match self {
            Entries::Few(few) => few.iter().any(|(key, value)| is(&key.0) || is(value)),
            Entries::Many(many) => many.iter().any(|(key, value)| is(&key.0) || is(value)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Value)> {
        let (few, many) = match self {
            Entries::Few(few) => (Some(few.iter()), None),
            Entries::Many(many) => (None, Some(many.iter())),
        };
        let few = few.into_iter().flatten().map(|(key, value)| (key, value));
        few.chain(many.into_iter().flatten())
    }
}

impl Default for Entries {
    fn default() -> Entries {
        Entries::Few(Vec::new())
    }
}

impl IntoIterator for Entries {
    type Item = (Key, Value);
    type IntoIter = std::vec::IntoIter<(Key, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Entries::Few(few) => few.into_iter(),
            Entries::Many(many) => many.into_iter().collect::<Vec<_>>().into_iter(),
        }
    }
}

/// The last value of a key counts, at the place of its first.
impl FromIterator<(Key, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(pairs: I) -> Entries {
        let few: Vec<(Key, Value)> = pairs.into_iter().collect();
        let again = |(at, (key, _)): (usize, &(Key, _))| few[..at].iter().any(|(k, _)| k == key);
        if few.len() > FEW || !few.iter().enumerate().any(again) {
            return Entries::distinct(few);
        }
        let mut entries = Entries::default();
        for (key, value) in few {
            entries.insert(key, value);
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is done, few entries answer as a table does.
    #[test]
    fn few_entries_are_those_of_a_table() {
        let key = |n: u64| Key(Value::from(format!("k{}", n % 12)));
        let mut table: IndexMap<Key, Value, BuildHasherDefault<Mixer>> = IndexMap::default();
        let mut entries = Entries::default();
        let mut seed = 7u64;
        for step in 0..2_000u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let key = key(seed >> 33);
            let text = |value: Option<Value>| value.map(|value| format!("{value:?}"));
            let (a, b) = if seed >> 62 != 0 {
                (
                    entries.insert(key.clone(), Value::from(step as usize)),
                    table.insert(key, Value::from(step as usize)),
                )
            } else {
                (entries.shift_remove(&key), table.shift_remove(&key))
            };
            assert_eq!(text(a), text(b));
            let all = |pair: (&Key, &Value)| format!("{:?} {:?}", pair.0.0, pair.1);
            assert!(
                entries.iter().map(all).eq(table.iter().map(all)),
                "step {step}"
            );
            assert_eq!(entries.len(), table.len());
        }
    }
}
