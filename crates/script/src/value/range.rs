//! Ranges: two ends, and values between them only when they are asked for.
//!
//! Not here: places that a range names in a list or a text (see [`crate::interp::range_places`]).

use std::cmp::Ordering;

use super::Value;

/// `a..b`: integers, or characters and other values that have a next one.
pub struct Range {
    pub(crate) from: Value,
    pub(crate) to: Value,
    pub(crate) inclusive: bool,
    /// The values when they are no integers.
    pub(crate) items: Option<Vec<Value>>,
    pub(crate) class: &'static str,
}

impl Range {
    pub(crate) fn ints(from: i32, to: i32, inclusive: bool) -> Range {
        Range {
            from: Value::Int(from),
            to: Value::Int(to),
            inclusive,
            items: None,
            class: "groovy.lang.IntRange",
        }
    }

    pub(crate) fn longs(from: i64, to: i64) -> Range {
        Range {
            from: Value::Long(from),
            to: Value::Long(to),
            inclusive: true,
            items: None,
            class: "groovy.lang.NumberRange",
        }
    }

    /// The first and the last integer, or `None` when there are none or they are no integers.
    pub(crate) fn bounds(&self) -> Option<(i64, i64)> {
        let (from, to) = (self.from.as_long()?, self.to.as_long()?);
        if self.inclusive {
            return Some((from, to));
        }
        match from.cmp(&to) {
            Ordering::Less => Some((from, to - 1)),
            Ordering::Greater => Some((from, to + 1)),
            Ordering::Equal => None,
        }
    }

    /// Whether the elements are integers, each one from its neighbour.
    pub(crate) fn counts(&self) -> bool {
        self.items.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        match &self.items {
            Some(items) => items.len(),
            None => self.bounds().map_or(0, |(a, b)| {
                usize::try_from(a.abs_diff(b))
                    .unwrap_or(usize::MAX)
                    .saturating_add(1)
            }),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        if let Some(items) = &self.items {
            return items.get(index).cloned();
        }
        let (a, b) = self.bounds()?;
        if index >= self.len() {
            return None;
        }
        let step = index as i64;
        let value = if a <= b { a + step } else { a - step };
        Some(match self.from {
            Value::Long(_) => Value::Long(value),
            _ => Value::Int(value as i32),
        })
    }

    /// The elements, one after the other: a short script can name billions of them. `Interp::items` counts them as memory.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Value> {
        (0..self.len()).filter_map(|i| self.get(i))
    }
}
