//! Objects of library classes: what a class of the library may give its instances.
//!
//! Not here: the classes (see [`crate::library`]).

use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use super::Value;
use crate::args::Args;
use crate::fail::{Fail, Run};
use crate::interp::Interp;

/// A library class's instance.
pub(crate) trait Native: Any + Send + Sync {
    /// The Java class name.
    fn class_name(&self) -> Arc<str>;
    /// Runs a method; `me` is the value that holds this object.
    fn call(&self, _cx: &mut Interp<'_>, _me: &Value, _name: u64, _a: Args<'_>) -> Run {
        Err(Fail::NoMethod)
    }
    /// How many bytes a method may have to read, as far as it is worth to say.
    fn bytes(&self) -> usize {
        0
    }
    /// `toString`; `None` for Java's default.
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(None)
    }
    /// `equals`; `None` for identity.
    fn equal(&self, _other: &dyn Any) -> Option<bool> {
        None
    }
    /// The text that a `String` may be equal to, if it may.
    fn equal_text(&self) -> Option<String> {
        None
    }
    fn hash(&self) -> Option<i32> {
        None
    }
    fn compare(&self, _other: &dyn Any) -> Option<Ordering> {
        None
    }
    /// Groovy truth; `None` for true.
    fn truth(&self) -> Option<bool> {
        None
    }
    /// What iterating gives.
    fn items(&self, _cx: &mut Interp<'_>) -> Run<Option<Vec<Value>>> {
        Ok(None)
    }
    /// `x.name` where no getter exists.
    fn property(&self, _cx: &mut Interp<'_>, _name: &str) -> Run<Option<Value>> {
        Ok(None)
    }
    /// `x.name = value`; false when there is no such property.
    fn set_property(&self, _cx: &mut Interp<'_>, _name: &str, _value: &Value) -> Run<bool> {
        Ok(false)
    }
}
