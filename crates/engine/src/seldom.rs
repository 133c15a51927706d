//! A value that is empty as a rule and takes a word then.

use std::ops::{Deref, DerefMut};

/// A value that has an empty form, which lasts as long as the program.
pub trait Empty: Default + 'static {
    /// The empty form.
    fn empty() -> &'static Self;
}

impl<T: 'static> Empty for Vec<T> {
    fn empty() -> &'static Self {
        const { &Vec::new() }
    }
}

/// A `T` that is empty as a rule: a word, and memory of its own from the first change on.
///
/// What a plain sample carries is moved several times, and made and dropped for each request: parts that
/// it does not have must not make it larger.
#[derive(Clone, Debug)]
pub struct Seldom<T>(Option<Box<T>>);

impl<T: Default> Seldom<T> {
    /// Takes the value out, and leaves the empty one.
    pub fn take(&mut self) -> T {
        self.0.take().map(|value| *value).unwrap_or_default()
    }

    /// To change the value where there is one, and none is made for it.
    pub fn present_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// The value.
    #[must_use]
    pub fn into_inner(mut self) -> T {
        self.take()
    }
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<T> for Seldom<T> {
    fn from(value: T) -> Self {
        Self(Some(Box::new(value)))
    }
}

impl<T: Empty> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => T::empty(),
        }
    }
}

impl<T: Empty> DerefMut for Seldom<T> {
    /// To change it, which gives it memory of its own: to be avoided where nothing is there to be changed.
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Empty + PartialEq> PartialEq for Seldom<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_word_and_empty_until_it_is_changed() {
        assert_eq!(size_of::<Seldom<Vec<u64>>>(), size_of::<usize>());
        let mut seldom = Seldom::<Vec<u64>>::default();
        assert!(seldom.is_empty());
        assert_eq!(seldom.take(), Vec::<u64>::new());
        seldom.push(7);
        assert_eq!(seldom.clone(), vec![7].into());
        assert_eq!(seldom.take(), [7]);
        assert_eq!(seldom, Vec::new().into());
        assert_eq!(Seldom::from(vec![1]).into_inner(), [1]);
    }
}
