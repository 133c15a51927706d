//! The values of scripts: those of Java, shared by reference as Java's objects are.
//!
//! Everything is `Send` and `Sync`, so that values may live in the properties that all users share. A lock is never held while a script runs.

use std::any::Any;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use num_bigint::BigInt;

use crate::args::Args;
use crate::ast::Function;
use crate::class::Class;
use crate::decimal::Decimal;
use crate::entries::Entries;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
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

/// A library class's instance.
pub(crate) trait Native: Any + Send + Sync {
    /// The Java class name.
    fn class_name(&self) -> Arc<str>;
    /// Runs a method; `me` is the value that holds this object.
    fn call(&self, _cx: &mut Interp<'_>, _me: &Value, _name: u64, _a: Args<'_>) -> Run {
        Err(Fail::NoMethod)
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

/// A string with expressions in it.
pub struct GString {
    pub(crate) text: Arc<str>,
    /// Texts and values, kept when a value is a closure that is called for each text.
    pub(crate) lazy: Option<(Vec<Arc<str>>, Vec<Value>)>,
}

/// What may be done to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutability {
    Free,
    /// Elements may be set, none added or removed.
    FixedSize,
    None,
}

/// Any `java.util.List`.
pub struct List {
    pub(crate) class: &'static str,
    pub(crate) mutability: Mutability,
    items: Mutex<Vec<Value>>,
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

/// Spreads a Java hash over all bits. Java's own hashes collide where somebody wants it, so a hash with a secret would cost more and
/// protect no better.
#[derive(Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i32(i32::from(*byte));
        }
    }

    fn write_i32(&mut self, hash: i32) {
        // The golden ratio in 64 bits.
        let hash = self.0.rotate_left(5) ^ u64::from(hash.cast_unsigned());
        self.0 = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// A value with Java's `hashCode` and `equals`.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) Value);

/// A Java array.
pub struct Array {
    /// The element type's name: `int`, `byte`, `java.lang.String`.
    pub(crate) element: Arc<str>,
    pub(crate) data: Mutex<ArrayData>,
}

pub(crate) enum ArrayData {
    Bytes(Vec<u8>),
    Values(Vec<Value>),
}

/// `a..b`: integers, or characters and other values that have a next one.
pub struct Range {
    pub(crate) from: Value,
    pub(crate) to: Value,
    pub(crate) inclusive: bool,
    /// The values when they are no integers.
    pub(crate) items: Option<Vec<Value>>,
    pub(crate) class: &'static str,
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
    pub(crate) curried: Vec<Value>,
    /// For `object.&method`.
    pub(crate) pointer: Option<(Value, crate::name::Name)>,
    /// For `a >> b`.
    pub(crate) then: Option<Arc<Closure>>,
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

impl List {
    pub(crate) fn of(class: &'static str, items: Vec<Value>) -> List {
        List {
            class,
            mutability: Mutability::Free,
            items: Mutex::new(items),
        }
    }

    pub(crate) fn fixed(class: &'static str, mutability: Mutability, items: Vec<Value>) -> List {
        List {
            class,
            mutability,
            items: Mutex::new(items),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        lock(&self.items)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        self.lock().get(index).cloned()
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        self.lock().clone()
    }
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

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
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
        let data = self.lock();
        // The key is only borrowed for the search; cloning counts a reference.
        data.entries.get(&Key(key.clone())).cloned()
    }

    pub(crate) fn contains(&self, key: &Value) -> bool {
        self.lock().entries.contains_key(&Key(key.clone()))
    }

    /// Puts an entry and gives the former value.
    pub fn put(&self, key: Value, value: Value) -> Option<Value> {
        let mut data = self.lock();
        let former = data.entries.insert(Key(key), value);
        if data.table == 0 {
            data.table = 16;
        }
        while data.entries.len() * 4 > data.table * 3 {
            data.table *= 2;
        }
        former
    }

    /// Removes an entry and gives its value.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        self.lock().entries.shift_remove(&Key(key.clone()))
    }

    /// Entries in the map's order.
    #[must_use]
    pub fn entries(&self) -> Vec<(Value, Value)> {
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

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        match (&self.0, &other.0) {
            (Value::Str(one), Value::Str(other)) => one == other,
            (one, other) => crate::equality::java_equals(one, other),
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Mixed, because attackers and counters make Java's hashes collide in the low bits.
        state.write_i32(crate::equality::java_hash(&self.0));
    }
}

impl Array {
    pub(crate) fn of(element: &str, items: Vec<Value>) -> Array {
        let data = if element == "byte" {
            ArrayData::Bytes(
                items
                    .iter()
                    .map(|v| v.as_long().unwrap_or(0) as u8)
                    .collect(),
            )
        } else {
            ArrayData::Values(items)
        };
        Array {
            element: Arc::from(element),
            data: Mutex::new(data),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes.len(),
            ArrayData::Values(values) => values.len(),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes.get(index).map(|b| Value::Byte(*b as i8)),
            ArrayData::Values(values) => values.get(index).cloned(),
        }
    }

    pub(crate) fn set(&self, index: usize, value: Value) -> bool {
        match &mut *lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes
                .get_mut(index)
                .map(|b| *b = value.as_long().unwrap_or(0) as u8)
                .is_some(),
            ArrayData::Values(values) => values.get_mut(index).map(|v| *v = value).is_some(),
        }
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes.iter().map(|b| Value::Byte(*b as i8)).collect(),
            ArrayData::Values(values) => values.clone(),
        }
    }

    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => Some(bytes.clone()),
            ArrayData::Values(_) => None,
        }
    }

    /// Java's name of the array class: `[I`, `[Ljava.lang.String;`.
    pub(crate) fn class_name(&self) -> String {
        array_class_name(&self.element)
    }
}

pub(crate) fn array_class_name(element: &str) -> String {
    match element {
        "int" => "[I".into(),
        "long" => "[J".into(),
        "byte" => "[B".into(),
        "char" => "[C".into(),
        "short" => "[S".into(),
        "double" => "[D".into(),
        "float" => "[F".into(),
        "boolean" => "[Z".into(),
        nested if nested.starts_with('[') => format!("[{nested}"),
        other => format!("[L{other};"),
    }
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

/// Frees chains of containers without recursion, however deep a script has nested them.
fn release(values: impl IntoIterator<Item = Value>) {
    let mut pending: Vec<Value> = values.into_iter().filter(holds_more).collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::List(list) => {
                if let Some(list) = Arc::into_inner(list) {
                    pending.extend(list.lock().drain(..).filter(holds_more));
                }
            }
            Value::Map(map) | Value::Set(map) => {
                if let Some(map) = Arc::into_inner(map) {
                    let entries = std::mem::take(&mut map.lock().entries);
                    let values = entries.into_iter().flat_map(|(k, v)| [k.0, v]);
                    pending.extend(values.filter(holds_more));
                }
            }
            Value::Array(array) => {
                if let Some(array) = Arc::into_inner(array)
                    && let ArrayData::Values(values) = &mut *lock(&array.data)
                {
                    pending.extend(values.drain(..).filter(holds_more));
                }
            }
            _ => {}
        }
    }
}

fn holds_more(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_) | Value::Map(_) | Value::Set(_) | Value::Array(_)
    )
}

impl Drop for List {
    fn drop(&mut self) {
        let items = std::mem::take(&mut *self.lock());
        if items.iter().any(holds_more) {
            release(items);
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut self.lock().entries);
        if entries.any(holds_more) {
            release(entries.into_iter().flat_map(|(k, v)| [k.0, v]));
        }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if let ArrayData::Values(values) = &mut *lock(&self.data)
            && values.iter().any(holds_more)
        {
            release(std::mem::take(values));
        }
    }
}
