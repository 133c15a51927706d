//! `System`, `Thread`, `Optional`, atomics, tokenizers and other small helpers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::{throw, throw_plain};
use crate::name::{methods, symbol};
use crate::value::{HostObject, Native, Value, lock};

/// Waits for milliseconds, or leaves it to the host to do so.
pub(crate) fn sleep(cx: &mut Interp<'_>, ms: i64) -> Run<()> {
    if ms < 0 {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "timeout value is negative",
        ));
    }
    cx.host.sleep(Duration::from_millis(ms.unsigned_abs()));
    Ok(())
}

methods! {
    fn system(cx, me: &'static ClassInfo, a, name) -> SYSTEM;
    currentTimeMillis : 0 .. 0 => Ok(Value::Long(cx.host.now_ms()));
    nanoTime : 0 .. 0 => Ok(Value::Long(cx.host.nanos() as i64));
    getProperty : 1 .. 2 => { let name = a.text(0)?; let found = match &*name { "line.separator" => Some("\n".to_owned()), "file.separator" => Some("/".to_owned()), _ => cx.host.system_property(&name) }; Ok(found.map_or_else(|| a.value(1), Value::from)) };
    getenv : 1 .. 1 => { let name = a.text(0)?; Ok(Value::from(cx.host.environment(&name))) };
    lineSeparator : 0 .. 0 => Ok(Value::from("\n"));
    identityHashCode : 1 .. 1 => Ok(Value::Int(crate::equality::identity(&a[0])));
    arraycopy : 5 .. 5 => {
        let (Value::Array(from), Value::Array(to)) = (&a[0], &a[2]) else { return Err(Fail::NoMethod) };
        let (x, y, n) = (a.int(1)?, a.int(3)?, a.int(4)?);
        if x < 0 || y < 0 || n < 0 || (x + n) as usize > from.len() || (y + n) as usize > to.len() { return Err(throw("java.lang.ArrayIndexOutOfBoundsException", "arraycopy: last source index out of bounds")); }
        let items = from.items();
        for i in 0..n { to.set((y + i) as usize, items[(x + i) as usize].clone()); }
        Ok(cx.void())
    };
    gc : 0 .. 0 => Ok(cx.void());
}

fn system_fields(name: &str) -> Option<Value> {
    matches!(name, "out" | "err").then_some(Value::Host(HostObject::Out))
}

methods! {
    fn thread(cx, me: &'static ClassInfo, a, name) -> THREAD;
    sleep : 1 .. 2 => { sleep(cx, a.long(0)?)?; Ok(cx.void()) };
    currentThread : 0 .. 0 => Ok(Value::Host(HostObject::CurrentThread));
    r#yield : 0 .. 0 => Ok(cx.void());
}

/// A `java.util.Optional`.
struct Optional(Value);

pub(crate) fn optional(value: Value) -> Value {
    Value::object(Optional(value))
}

impl Native for Optional {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.Optional")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_optional(cx, (&self.0, me), name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(if self.0.is_nothing() {
            "Optional.empty".into()
        } else {
            format!("Optional[{}]", cx.java_text(&self.0)?)
        }))
    }
    fn truth(&self) -> Option<bool> {
        Some(!self.0.is_nothing())
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        other
            .downcast_ref::<Optional>()
            .map(|o| crate::equality::java_equals(&o.0, &self.0))
    }
}

methods! {
    fn call_optional(cx, me: (&Value, &Value), a, name) -> OPTIONAL;
    isPresent : 0 .. 0 => Ok(Value::Bool(!me.0.is_nothing()));
    isEmpty : 0 .. 0 => Ok(Value::Bool(me.0.is_nothing()));
    get | getAsInt | getAsLong | getAsDouble : 0 .. 0 => if me.0.is_nothing() { Err(throw("java.util.NoSuchElementException", "No value present")) } else { Ok(me.0.clone()) };
    orElse : 1 .. 1 => Ok(if me.0.is_nothing() { a.value(0) } else { me.0.clone() });
    orElseGet : 1 .. 1 => if me.0.is_nothing() { cx.call_closure(a.closure(0)?, &[]) } else { Ok(me.0.clone()) };
    orElseThrow : 0 .. 1 => if me.0.is_nothing() { Err(throw("java.util.NoSuchElementException", "No value present")) } else { Ok(me.0.clone()) };
    ifPresent : 1 .. 1 => { if !me.0.is_nothing() { cx.call_closure(a.closure(0)?, std::slice::from_ref(me.0))?; } Ok(cx.void()) };
    map : 1 .. 1 => if me.0.is_nothing() { Ok(me.1.clone()) } else { cx.call_closure(a.closure(0)?, std::slice::from_ref(me.0)).map(optional) };
    filter : 1 .. 1 => Ok(if !me.0.is_nothing() && cx.call_item_truth(a.closure(0)?, me.0)? { me.1.clone() } else { optional(Value::Null) });
}

methods! {
    fn optional_static(cx, me: &'static ClassInfo, a, name) -> OPTIONAL_STATICS;
    of | ofNullable : 1 .. 1 => if name == symbol("of") && a[0].is_nothing() { Err(throw_plain("java.lang.NullPointerException")) } else { Ok(optional(a.value(0))) };
    empty : 0 .. 0 => Ok(optional(Value::Null));
}

methods! {
    fn objects(cx, me: &'static ClassInfo, a, name) -> OBJECTS;
    equals : 2 .. 2 => Ok(Value::Bool(crate::equality::java_equals(&a[0], &a[1])));
    isNull : 1 .. 1 => Ok(Value::Bool(a[0].is_nothing()));
    nonNull : 1 .. 1 => Ok(Value::Bool(!a[0].is_nothing()));
    requireNonNull : 1 .. 2 => if a[0].is_nothing() { Err(match a.0.get(1).and_then(Value::as_text) { Some(m) => throw("java.lang.NullPointerException", m), None => throw_plain("java.lang.NullPointerException") }) } else { Ok(a.value(0)) };
    requireNonNullElse : 2 .. 2 => Ok(if a[0].is_nothing() { a.value(1) } else { a.value(0) });
    toString : 1 .. 2 => if a[0].is_nothing() && a.len() == 2 { Ok(a.value(1)) } else { cx.java_text(&a[0]).map(Value::Str) };
    hash : 0 .. 20 => Ok(Value::Int(crate::equality::java_hash(&Value::list(a.to_vec()))));
    hashCode : 1 .. 1 => Ok(Value::Int(crate::equality::java_hash(&a[0])));
}

/// `AtomicInteger`, `AtomicLong`, `AtomicBoolean` and `AtomicReference`.
struct Atomic {
    class: &'static str,
    value: Mutex<Value>,
}

impl Native for Atomic {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_atomic(cx, self, name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        let value = lock(&self.value).clone();
        Ok(Some(cx.java_text(&value)?.to_string()))
    }
}

impl Atomic {
    fn add(&self, by: i64, new: bool) -> Value {
        let mut value = lock(&self.value);
        let next = match *value {
            Value::Long(v) => Value::Long(v.wrapping_add(by)),
            _ => Value::Int(value.as_int().unwrap_or(0).wrapping_add(by as i32)),
        };
        let old = std::mem::replace(&mut *value, next.clone());
        if new { next } else { old }
    }
}

methods! {
    fn call_atomic(cx, me: &Atomic, a, name) -> ATOMIC;
    get | intValue | longValue | getPlain | getAcquire : 0 .. 0 => Ok(lock(&me.value).clone());
    set | lazySet : 1 .. 1 => { *lock(&me.value) = a.value(0); Ok(cx.void()) };
    getAndSet : 1 .. 1 => Ok(std::mem::replace(&mut *lock(&me.value), a.value(0)));
    incrementAndGet | next : 0 .. 0 => Ok(me.add(1, true));
    decrementAndGet | previous : 0 .. 0 => Ok(me.add(-1, true));
    getAndIncrement : 0 .. 0 => Ok(me.add(1, false));
    getAndDecrement : 0 .. 0 => Ok(me.add(-1, false));
    addAndGet : 1 .. 1 => Ok(me.add(a.long(0)?, true));
    getAndAdd : 1 .. 1 => Ok(me.add(a.long(0)?, false));
    compareAndSet : 2 .. 2 => { let mut value = lock(&me.value); let same = match (&*value, &a[0]) { (Value::Str(one), Value::Str(other)) => one == other, (one, other) => one.same(other) }; if same { *value = a.value(1); } Ok(Value::Bool(same)) };
    updateAndGet | getAndUpdate : 1 .. 1 => { let old = lock(&me.value).clone(); let new = cx.call_closure(a.closure(0)?, std::slice::from_ref(&old))?; *lock(&me.value) = new.clone(); Ok(if name == symbol("updateAndGet") { new } else { old }) };
}

fn new_atomic(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let value = match (class.name.rsplit('.').next(), a.first()) {
        (Some("AtomicInteger"), None) => Value::Int(0),
        (Some("AtomicLong"), None) => Value::Long(0),
        (Some("AtomicLong"), Some(_)) => Value::Long(a.long(0)?),
        (Some("AtomicBoolean"), None) => Value::Bool(false),
        (_, value) => value.cloned().unwrap_or(Value::Null),
    };
    Ok(Value::object(Atomic {
        class: class.name,
        value: Mutex::new(value),
    }))
}

fn new_tokenizer(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let text = a.text(0)?;
    let separators = if a.len() > 1 {
        a.text(1)?
    } else {
        Arc::from(" \t\n\r\u{c}")
    };
    let tokens: Vec<Value> = text
        .split(|c| separators.contains(c))
        .filter(|t| !t.is_empty())
        .map(Value::from)
        .collect();
    cx.charge_items(tokens.len())?;
    Ok(crate::library::iterable::tokenizer(tokens))
}

/// A `java.util.Scanner` over a text.
struct Scanner {
    text: Arc<str>,
    at: Mutex<usize>,
}

impl Native for Scanner {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.Scanner")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_scanner(cx, self, name, a)
    }
}

impl Scanner {
    fn token(&self, take: bool) -> Option<String> {
        let mut at = lock(&self.at);
        let rest = &self.text[*at..];
        let start = *at + (rest.len() - rest.trim_start().len());
        let word = self.text[start..].split_whitespace().next()?;
        if take {
            *at = start + word.len();
        }
        Some(word.to_owned())
    }
    fn line(&self, take: bool) -> Option<String> {
        let mut at = lock(&self.at);
        if *at >= self.text.len() {
            return None;
        }
        let rest = &self.text[*at..];
        let end = rest.find('\n').unwrap_or(rest.len());
        if take {
            *at += (end + 1).min(rest.len());
        }
        Some(rest[..end].trim_end_matches('\r').to_owned())
    }
}

methods! {
    fn call_scanner(cx, me: &Scanner, a, name) -> SCANNER;
    hasNext : 0 .. 0 => Ok(Value::Bool(me.token(false).is_some()));
    next : 0 .. 0 => me.token(true).map(Value::from).ok_or_else(|| throw_plain("java.util.NoSuchElementException"));
    hasNextLine : 0 .. 0 => Ok(Value::Bool(me.line(false).is_some()));
    nextLine : 0 .. 0 => me.line(true).map(Value::from).ok_or_else(|| throw("java.util.NoSuchElementException", "No line found"));
    hasNextInt : 0 .. 0 => Ok(Value::Bool(me.token(false).is_some_and(|t| t.parse::<i32>().is_ok())));
    nextInt | nextLong | nextDouble : 0 .. 0 => {
        let Some(word) = me.token(false) else { return Err(throw_plain("java.util.NoSuchElementException")) };
        let bad = || throw("java.util.InputMismatchException", format!("For input string: \"{word}\""));
        let value = if name == symbol("nextInt") { word.parse().map(Value::Int).map_err(|_| bad())? } else if name == symbol("nextLong") { word.parse().map(Value::Long).map_err(|_| bad())? } else { word.parse().map(Value::Double).map_err(|_| bad())? };
        me.token(true);
        Ok(value)
    };
    close : 0 .. 0 => Ok(cx.void());
}

fn new_scanner(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let text = match &a[..] {
        [text] if text.as_text().is_some() => cx.text(text)?,
        [file] => Arc::from(crate::library::files::read_text(cx, file)?),
        _ => return Err(Fail::NoMethod),
    };
    Ok(Value::object(Scanner {
        text,
        at: Mutex::new(0),
    }))
}

methods! {
    fn collectors(cx, me: &'static ClassInfo, a, name) -> COLLECTORS;
    toList | toUnmodifiableList : 0 .. 0 => Ok(Value::object(crate::library::iterable::Collector::List));
    toSet : 0 .. 0 => Ok(Value::object(crate::library::iterable::Collector::Set));
    counting : 0 .. 0 => Ok(Value::object(crate::library::iterable::Collector::Counting));
    joining : 0 .. 3 => { let part = |i: usize| a.nullable_text(i).map(|t| t.unwrap_or_else(|| Arc::from(""))); Ok(Value::object(crate::library::iterable::Collector::Joining(part(0)?, part(1)?, part(2)?))) };
    groupingBy : 1 .. 1 => Ok(Value::object(crate::library::iterable::Collector::GroupingBy(a.value(0))));
    toMap : 2 .. 2 => Ok(Value::object(crate::library::iterable::Collector::ToMap(a.value(0), a.value(1))));
}

fn number_range(a: Args<'_>, inclusive: bool) -> Run {
    let (from, to) = (a.long(0)?, a.long(1)?);
    let to = if inclusive { to } else { to - 1 };
    if to - from > 10_000_000 {
        return Err(Fail::NoMethod);
    }
    Ok(crate::library::iterable::stream(
        (from..=to)
            .map(|v| {
                if matches!(a[0], Value::Long(_)) {
                    Value::Long(v)
                } else {
                    Value::Int(v as i32)
                }
            })
            .collect(),
    ))
}

methods! {
    fn streams(cx, me: &'static ClassInfo, a, name) -> STREAMS;
    range : 2 .. 2 => { cx.charge_items(a.long(1)?.saturating_sub(a.long(0)?).max(0) as usize)?; number_range(a, false) };
    rangeClosed : 2 .. 2 => { cx.charge_items(a.long(1)?.saturating_sub(a.long(0)?).max(0) as usize)?; number_range(a, true) };
    of : 0 .. 40 => Ok(crate::library::iterable::stream(match a.0 { [Value::Array(array)] => array.items(), items => items.to_vec() }));
    empty : 0 .. 0 => Ok(crate::library::iterable::stream(Vec::new()));
}

/// A `java.util.concurrent.TimeUnit`: its nanoseconds.
struct TimeUnit(&'static str, i64);

const UNITS: &[(&str, i64)] = &[
    ("NANOSECONDS", 1),
    ("MICROSECONDS", 1_000),
    ("MILLISECONDS", 1_000_000),
    ("SECONDS", 1_000_000_000),
    ("MINUTES", 60_000_000_000),
    ("HOURS", 3_600_000_000_000),
    ("DAYS", 86_400_000_000_000),
];

impl Native for TimeUnit {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.concurrent.TimeUnit")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_unit(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.0.to_owned()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(
            other
                .downcast_ref::<TimeUnit>()
                .is_some_and(|o| o.1 == self.1),
        )
    }
}

fn in_unit(me: &TimeUnit, a: Args<'_>, to: i64) -> Run {
    Ok(Value::Long(
        (i128::from(a.long(0)?) * i128::from(me.1) / i128::from(to)) as i64,
    ))
}

methods! {
    fn call_unit(cx, me: &TimeUnit, a, name) -> UNIT;
    toNanos : 1 .. 1 => in_unit(me, a, 1);
    toMicros : 1 .. 1 => in_unit(me, a, 1_000);
    toMillis : 1 .. 1 => in_unit(me, a, 1_000_000);
    toSeconds : 1 .. 1 => in_unit(me, a, 1_000_000_000);
    toMinutes : 1 .. 1 => in_unit(me, a, 60_000_000_000);
    toHours : 1 .. 1 => in_unit(me, a, 3_600_000_000_000);
    toDays : 1 .. 1 => in_unit(me, a, 86_400_000_000_000);
    convert : 2 .. 2 => { let other = a.native::<TimeUnit>(1)?; Ok(Value::Long((i128::from(a.long(0)?) * i128::from(other.1) / i128::from(me.1)) as i64)) };
    sleep : 1 .. 1 => { let ms = i128::from(a.long(0)?) * i128::from(me.1) / 1_000_000; sleep(cx, ms as i64)?; Ok(cx.void()) };
}

fn unit_fields(name: &str) -> Option<Value> {
    UNITS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(n, ns)| Value::object(TimeUnit(n, *ns)))
}

fn plain(name: &str) -> Option<Value> {
    let _ = name;
    None
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.lang.System")
        .statics(system, SYSTEM)
        .fields(system_fields),
    ClassInfo::named("java.lang.Thread")
        .statics(thread, THREAD)
        .methods(&[THREAD])
        .fields(plain),
    ClassInfo::named("java.util.Optional")
        .statics(optional_static, OPTIONAL_STATICS)
        .methods(&[OPTIONAL]),
    ClassInfo::named("java.util.Objects").statics(objects, OBJECTS),
    ClassInfo::named("java.util.concurrent.atomic.AtomicInteger")
        .parents(&["java.lang.Number"])
        .constructor(new_atomic)
        .methods(&[ATOMIC]),
    ClassInfo::named("java.util.concurrent.atomic.AtomicLong")
        .parents(&["java.lang.Number"])
        .constructor(new_atomic)
        .methods(&[ATOMIC]),
    ClassInfo::named("java.util.concurrent.atomic.AtomicBoolean")
        .constructor(new_atomic)
        .methods(&[ATOMIC]),
    ClassInfo::named("java.util.concurrent.atomic.AtomicReference")
        .constructor(new_atomic)
        .methods(&[ATOMIC]),
    ClassInfo::named("java.util.StringTokenizer")
        .parents(&["java.util.Enumeration"])
        .constructor(new_tokenizer)
        .methods(&[crate::library::iterable::CURSOR]),
    ClassInfo::named("java.util.Iterator").methods(&[crate::library::iterable::CURSOR]),
    ClassInfo::named("java.util.Enumeration").methods(&[crate::library::iterable::CURSOR]),
    ClassInfo::named("java.util.Scanner")
        .constructor(new_scanner)
        .methods(&[SCANNER]),
    ClassInfo::named("java.util.stream.Collectors").statics(collectors, COLLECTORS),
    ClassInfo::named("java.util.stream.IntStream").statics(streams, STREAMS),
    ClassInfo::named("java.util.stream.LongStream").statics(streams, STREAMS),
    ClassInfo::named("java.util.stream.Stream").statics(streams, STREAMS),
    ClassInfo::named("java.util.concurrent.TimeUnit")
        .fields(unit_fields)
        .methods(&[UNIT]),
];
