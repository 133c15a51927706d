//! Arguments of library methods, read as the types that Java's signatures ask for.

use std::ops::Deref;
use std::sync::Arc;

use crate::fail::{Fail, Run};
use crate::value::{Closure, Native, Value};

/// The arguments of a call. A type that does not fit gives [`Fail::NoMethod`], as no method of that signature exists.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a>(pub(crate) &'a [Value]);

impl Deref for Args<'_> {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        self.0
    }
}

impl<'a> Args<'a> {
    /// A `String` or `CharSequence`; a GString becomes one. Null does not fit.
    pub(crate) fn text(self, index: usize) -> Run<Arc<str>> {
        match self.0.get(index) {
            Some(value) => value.as_text().cloned().ok_or(Fail::NoMethod),
            None => Err(Fail::NoMethod),
        }
    }

    /// A `String` or null.
    pub(crate) fn nullable_text(self, index: usize) -> Run<Option<Arc<str>>> {
        match self.0.get(index) {
            None | Some(Value::Null) => Ok(None),
            _ => self.text(index).map(Some),
        }
    }

    pub(crate) fn int(self, index: usize) -> Run<i32> {
        self.0
            .get(index)
            .and_then(Value::as_int)
            .ok_or(Fail::NoMethod)
    }

    pub(crate) fn long(self, index: usize) -> Run<i64> {
        self.0
            .get(index)
            .and_then(Value::as_long)
            .ok_or(Fail::NoMethod)
    }

    pub(crate) fn double(self, index: usize) -> Run<f64> {
        match self.0.get(index) {
            Some(value) if value.is_number() => Ok(crate::number::to_f64(value)),
            Some(Value::Char(c)) => Ok(f64::from(*c)),
            _ => Err(Fail::NoMethod),
        }
    }

    pub(crate) fn bool(self, index: usize) -> Run<bool> {
        match self.0.get(index) {
            Some(Value::Bool(value)) => Ok(*value),
            _ => Err(Fail::NoMethod),
        }
    }

    pub(crate) fn bytes(self, index: usize) -> Run<Vec<u8>> {
        match self.0.get(index) {
            Some(Value::Array(array)) => array.bytes().ok_or(Fail::NoMethod),
            _ => Err(Fail::NoMethod),
        }
    }

    pub(crate) fn closure(self, index: usize) -> Run<&'a Arc<Closure>> {
        match self.0.get(index) {
            Some(Value::Closure(closure)) => Ok(closure),
            _ => Err(Fail::NoMethod),
        }
    }

    pub(crate) fn value(self, index: usize) -> Value {
        self.0.get(index).cloned().unwrap_or(Value::Null)
    }

    pub(crate) fn native<T: Native>(self, index: usize) -> Run<&'a T> {
        self.0
            .get(index)
            .and_then(Value::native::<T>)
            .ok_or(Fail::NoMethod)
    }
}
