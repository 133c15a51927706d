//! A virtual user's variables: those that the plan names in slots, others by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use loadline_plan::program::Slot;
use rustc_hash::FxHashMap;

/// The names of a program's slots, shared by all users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotNames {
    names: Vec<Box<str>>,
    index: FxHashMap<Box<str>, Slot>,
}

impl SlotNames {
    /// The slots of `names`, in order; a name given twice keeps its first slot.
    pub fn new(names: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        let names: Vec<Box<str>> = names.into_iter().map(Into::into).collect();
        let mut index = FxHashMap::default();
        for (position, name) in (0u32..).zip(&names) {
            index.entry(name.clone()).or_insert(Slot(position));
        }
        Self { names, index }
    }

    /// The slot of `name`, if the plan names it.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        self.index.get(name).copied()
    }

    /// The name of `slot`; empty for a slot of another program.
    #[must_use]
    pub fn name(&self, slot: Slot) -> &str {
        self.names.get(slot.0 as usize).map_or("", |name| name)
    }

    /// Number of slots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether the plan names no variable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// The variables of one virtual user.
#[derive(Clone, Debug)]
pub struct Variables {
    names: Arc<SlotNames>,
    slots: Vec<Option<String>>,
    /// Variables whose names are made at run time, such as `id_3`; rare.
    others: FxHashMap<Box<str>, String>,
}

impl Variables {
    /// Variables with none set.
    #[must_use]
    pub fn new(names: Arc<SlotNames>) -> Self {
        let slots = vec![None; names.len()];
        Self {
            names,
            slots,
            others: FxHashMap::default(),
        }
    }

    /// The slot names these variables use.
    #[must_use]
    pub fn names(&self) -> &SlotNames {
        &self.names
    }

    /// The value in `slot`, if set.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&str> {
        self.slots.get(slot.0 as usize)?.as_deref()
    }

    /// The value of the variable `name`, if set.
    #[must_use]
    pub fn get_by_name(&self, name: &str) -> Option<&str> {
        match self.names.slot(name) {
            Some(slot) => self.get(slot),
            None => self.others.get(name).map(String::as_str),
        }
    }

    /// Sets `slot`, reusing the memory of its former value.
    pub fn set(&mut self, slot: Slot, value: &str) {
        if let Some(entry) = self.slots.get_mut(slot.0 as usize) {
            match entry {
                Some(text) => {
                    text.clear();
                    text.push_str(value);
                }
                None => *entry = Some(value.to_owned()),
            }
        }
    }

    /// Sets the variable `name`, reusing the memory of its former value.
    pub fn set_by_name(&mut self, name: &str, value: &str) {
        match self.names.slot(name) {
            Some(slot) => self.set(slot, value),
            None => match self.others.get_mut(name) {
                Some(text) => {
                    text.clear();
                    text.push_str(value);
                }
                None => {
                    self.others.insert(name.into(), value.to_owned());
                }
            },
        }
    }

    /// Unsets the variable `name`.
    pub fn remove_by_name(&mut self, name: &str) {
        match self.names.slot(name) {
            Some(slot) => {
                if let Some(entry) = self.slots.get_mut(slot.0 as usize) {
                    *entry = None;
                }
            }
            None => {
                self.others.remove(name);
            }
        }
    }

    /// Takes over what differs between `before` and `after`, variables of the same program.
    pub fn take_changes(&mut self, before: &Self, after: &Self) {
        let values = before.slots.iter().zip(&after.slots);
        for (slot, (old, new)) in self.slots.iter_mut().zip(values) {
            if old != new {
                slot.clone_from(new);
            }
        }
        for (name, value) in &after.others {
            if before.others.get(name) != Some(value) {
                self.others.insert(name.clone(), value.clone());
            }
        }
        for name in before.others.keys() {
            if !after.others.contains_key(name) {
                self.others.remove(name);
            }
        }
    }

    /// All variables that are set, by name, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut all: BTreeMap<&str, &str> = self
            .others
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
            .collect();
        for (name, value) in self.names.names.iter().zip(&self.slots) {
            if let Some(value) = value {
                all.insert(name, value);
            }
        }
        all.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_and_other_names_are_one_space() {
        let mut variables = Variables::new(Arc::new(SlotNames::new(["id", "name"])));
        variables.set_by_name("id", "7");
        variables.set_by_name("id_1", "8");
        assert_eq!(variables.get(Slot(0)), Some("7"));
        assert_eq!(variables.get_by_name("id_1"), Some("8"));
        assert_eq!(
            variables.iter().collect::<Vec<_>>(),
            [("id", "7"), ("id_1", "8")]
        );
        variables.remove_by_name("id");
        assert_eq!(variables.get(Slot(0)), None);
    }

    #[test]
    fn only_what_changed_is_taken_over() {
        let mut before = Variables::new(Arc::new(SlotNames::new(["a", "b", "c"])));
        for (name, value) in [("a", "1"), ("c", "1"), ("x_1", "1"), ("x_2", "1")] {
            before.set_by_name(name, value);
        }
        let (mut one, mut other) = (before.clone(), before.clone());
        one.set_by_name("a", "2");
        one.set_by_name("x_3", "2");
        one.remove_by_name("x_1");
        other.set_by_name("b", "3");
        other.remove_by_name("c");
        let mut whole = before.clone();
        whole.take_changes(&before, &one);
        whole.take_changes(&before, &other);
        let all: Vec<_> = whole.iter().collect();
        assert_eq!(all, [("a", "2"), ("b", "3"), ("x_2", "1"), ("x_3", "2")]);
    }
}
