//! The values of scripts: those of Java, shared by reference as Java's objects are.
//!
//! Everything is `Send` and `Sync`, so that values may live in the properties that all users share. A lock is never held while a script runs.
//!
//! Not here: when two values are equal (see [`crate::equality`]), and arithmetic (see [`crate::number`]).

mod array;
mod key;
mod list;
mod map;
mod native;
mod range;
mod release;

pub(crate) use array::{Array, ArrayData, array_class_name};
pub(crate) use key::{Key, Mixer};
pub(crate) use list::{List, Mutability};
pub use map::Map;
pub(crate) use map::Order;
pub(crate) use native::Native;
pub(crate) use range::Range;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use num_bigint::BigInt;

use crate::ast::Function;
use crate::class::Class;
use crate::decimal::Decimal;
use crate::program::Program;

/// A value of a script.
#[derive(Clone)]
pub enum Value {
    /// `null`.
    Null,
    /// BeanShell's undefined, and what a `void` method gives.
    Void,
    /// `boolean`.
    Bool(bool),
    /// `char`, a UTF-16 unit.
    Char(u16),
    /// `byte`.
    Byte(i8),
    /// `short`.
    Short(i16),
    /// `int`.
    Int(i32),
    /// `long`.
    Long(i64),
    /// `float`.
    Float(f32),
    /// `double`.
    Double(f64),
    /// `java.lang.String`.
    Str(Arc<str>),
    /// Any other object; what it is stays with the interpreter.
    #[doc(hidden)]
    Big(Arc<BigInt>),
    #[doc(hidden)]
    Decimal(Arc<DecimalBox>),
    #[doc(hidden)]
    GString(Arc<GString>),
    #[doc(hidden)]
    List(Arc<List>),
    #[doc(hidden)]
    Map(Arc<Map>),
    #[doc(hidden)]
    Set(Arc<Map>),
    #[doc(hidden)]
    Array(Arc<Array>),
    #[doc(hidden)]
    Range(Arc<Range>),
    #[doc(hidden)]
    Closure(Arc<Closure>),
    #[doc(hidden)]
    Class(ClassBox),
    #[doc(hidden)]
    Object(ObjectBox),
    #[doc(hidden)]
    Host(HostObject),
    /// A variable shared with closures; only in slots of frames.
    #[doc(hidden)]
    Cell(Arc<Mutex<Value>>),
}

/// A decimal number behind a value.
#[derive(Debug)]
pub struct DecimalBox(pub(crate) Decimal);

/// A class behind a value.
#[derive(Clone, Debug)]
pub struct ClassBox(pub(crate) Class);

/// A library object behind a value.
#[derive(Clone)]
pub struct ObjectBox(pub(crate) Arc<dyn Native>);

/// The objects that the host stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostObject {
    /// `vars`, a `JMeterVariables`.
    Vars,
    /// `ctx`, a `JMeterContext`.
    Context,
    /// `log`, an `org.slf4j.Logger`.
    Log,
    /// `OUT` and `System.out`.
    Out,
    /// The result of the previous sampler.
    Previous,
    /// The result that a script sampler is making.
    Result,
    /// `AssertionResult`.
    Assertion,
    /// `sampleEvent`: what a listener hears of.
    Event,
    /// The current sampler.
    Sampler,
    /// `ctx.getThread()`.
    Thread,
    /// `ctx.getThreadGroup()`.
    ThreadGroup,
    /// `ctx.getEngine()`.
    Engine,
    /// The sampler's header manager.
    Headers,
    /// The sampler's cookie manager.
    Cookies,
    /// The sampler's arguments.
    Arguments,
    /// `FileServer.getFileServer()`.
    FileServer,
    /// `Thread.currentThread()`.
    CurrentThread,
    /// BeanShell's `bsh`, whose `args` are the parameters.
    Shell,
    /// The script itself, `this`.
    Script,
}

/// A string with expressions in it.
pub struct GString {
    pub(crate) text: Arc<str>,
    /// Texts and values, kept when a value is a closure that is called for each text.
    pub(crate) lazy: Option<(Vec<Arc<str>>, Vec<Value>)>,
}

/// Arguments that `curry`, `rcurry` or `ncurry` gives to a closure.
#[derive(Clone)]
pub(crate) struct Curried {
    /// Where they come among the arguments of a call; below zero from behind, where -1 is the last place of all when there is one.
    pub(crate) at: i32,
    pub(crate) values: Vec<Value>,
}

/// A closure or a method pointer.
pub struct Closure {
    pub(crate) function: Arc<Function>,
    pub(crate) program: Arc<Program>,
    pub(crate) captured: Vec<Value>,
    pub(crate) this: Value,
    /// The closure it was made in.
    pub(crate) owner: Option<Arc<Closure>>,
    pub(crate) delegate: Mutex<Option<Value>>,
    pub(crate) delegate_first: bool,
    /// Arguments that are given before a call, the latest last.
    pub(crate) curried: Vec<Curried>,
    /// For `memoize()`: results by the lists of their arguments.
    pub(crate) memory: Option<Arc<Map>>,
    /// For `object.&method`.
    pub(crate) pointer: Option<(Value, crate::name::Name)>,
    /// For `a >> b >> c`: `b` and `c`.
    pub(crate) then: Vec<Arc<Closure>>,
}

/// Locks, whatever happened to other holders: data behind the locks here is whole at all times.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Value {
    pub(crate) fn big(value: BigInt) -> Value {
        Value::Big(Arc::new(value))
    }

    pub(crate) fn decimal(value: Decimal) -> Value {
        Value::Decimal(Arc::new(DecimalBox(value)))
    }

    pub(crate) fn object(value: impl Native) -> Value {
        Value::Object(ObjectBox(Arc::new(value)))
    }

    pub(crate) fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(List::of("java.util.ArrayList", items)))
    }

    pub(crate) fn class(class: Class) -> Value {
        Value::Class(ClassBox(class))
    }

    pub(crate) fn bytes(bytes: Vec<u8>) -> Value {
        Value::Array(Arc::new(Array {
            element: Arc::from("byte"),
            data: Mutex::new(ArrayData::Bytes(bytes)),
        }))
    }

    pub(crate) fn strings(items: impl IntoIterator<Item = String>) -> Value {
        Value::array(
            "java.lang.String",
            items.into_iter().map(Value::from).collect(),
        )
    }

    pub(crate) fn array(element: &str, items: Vec<Value>) -> Value {
        Value::Array(Arc::new(Array::of(element, items)))
    }

    /// The native object of type `T`, if it is one.
    pub(crate) fn native<T: Native>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => (&*object.0 as &dyn Any).downcast_ref::<T>(),
            _ => None,
        }
    }

    /// The text of a string value: `String` and `GString`.
    #[must_use]
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Value::Str(text) => Some(text),
            Value::GString(text) => Some(&text.text),
            _ => None,
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Value::Null | Value::Void)
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(
            self,
            Value::Byte(_)
                | Value::Short(_)
                | Value::Int(_)
                | Value::Long(_)
                | Value::Float(_)
                | Value::Double(_)
                | Value::Big(_)
                | Value::Decimal(_)
        )
    }

    /// The value as an int, for integer types and characters that fit.
    pub(crate) fn as_int(&self) -> Option<i32> {
        Some(match self {
            Value::Int(v) => *v,
            Value::Short(v) => i32::from(*v),
            Value::Byte(v) => i32::from(*v),
            Value::Char(v) => i32::from(*v),
            _ => return None,
        })
    }

    pub(crate) fn as_long(&self) -> Option<i64> {
        match self {
            Value::Long(v) => Some(*v),
            _ => self.as_int().map(i64::from),
        }
    }

    /// Whether both are the same object.
    pub(crate) fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null | Value::Void, Value::Null | Value::Void) => true,
            (Value::Str(a), Value::Str(b)) => Arc::ptr_eq(a, b),
            (Value::Big(a), Value::Big(b)) => Arc::ptr_eq(a, b),
            (Value::Decimal(a), Value::Decimal(b)) => Arc::ptr_eq(a, b),
            (Value::GString(a), Value::GString(b)) => Arc::ptr_eq(a, b),
            (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b),
            (Value::Map(a), Value::Map(b)) | (Value::Set(a), Value::Set(b)) => Arc::ptr_eq(a, b),
            (Value::Array(a), Value::Array(b)) => Arc::ptr_eq(a, b),
            (Value::Range(a), Value::Range(b)) => Arc::ptr_eq(a, b),
            (Value::Closure(a), Value::Closure(b)) => Arc::ptr_eq(a, b),
            (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(&a.0, &b.0),
            (Value::Host(a), Value::Host(b)) => a == b,
            (Value::Class(a), Value::Class(b)) => a.0.name() == b.0.name(),
            _ => crate::equality::java_equals(self, other),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(Arc::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(Arc::from(text))
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Value {
        Value::Str(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Value {
        Value::Int(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Long(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Double(value)
    }
}

impl From<usize> for Value {
    /// A length: Java's are ints.
    fn from(value: usize) -> Value {
        Value::Int(i32::try_from(value).unwrap_or(i32::MAX))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Str(text) => write!(f, "{text:?}"),
            Value::Cell(_) => write!(f, "cell"),
            _ => write!(f, "{}", crate::class::class_name(self)),
        }
    }
}
