//! Maps and their entries.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::equality::java_equals;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::java_properties::read_properties;
use crate::library::throwable::{throw, throw_plain};
use crate::name::{methods, symbol};
use crate::value::{Map, Native, Order, Value, lock};

/// A `Map.Entry`.
pub(crate) struct Entry {
    pub(crate) map: Option<Arc<Map>>,
    pub(crate) key: Value,
    value: Mutex<Value>,
}

impl Entry {
    pub(crate) fn value(&self) -> Value {
        lock(&self.value).clone()
    }
    pub(crate) fn make(map: Option<Arc<Map>>, key: Value, value: Value) -> Value {
        Value::object(Entry {
            map,
            key,
            value: Mutex::new(value),
        })
    }
}

impl Native for Entry {
    fn class_name(&self) -> Arc<str> {
        Arc::from(
            if self.map.as_ref().is_some_and(|m| m.order == Order::Sorted) {
                "java.util.TreeMap$Entry"
            } else {
                "java.util.LinkedHashMap$Entry"
            },
        )
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_entry(cx, self, name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        let value = self.value();
        Ok(Some(format!(
            "{}={}",
            cx.java_text(&self.key)?,
            cx.java_text(&value)?
        )))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        other
            .downcast_ref::<Entry>()
            .map(|o| java_equals(&o.key, &self.key) && java_equals(&o.value(), &self.value()))
    }
    fn hash(&self) -> Option<i32> {
        Some(crate::equality::java_hash(&self.key) ^ crate::equality::java_hash(&self.value()))
    }
}

methods! {
    fn call_entry(cx, me: &Entry, a, name) -> ENTRY;
    getKey : 0 .. 0 => Ok(me.key.clone());
    getValue : 0 .. 0 => Ok(me.value());
    setValue : 1 .. 1 => {
        if let Some(map) = &me.map { map.put(me.key.clone(), a.value(0)); }
        Ok(std::mem::replace(&mut *lock(&me.value), a.value(0)))
    };
}

pub(crate) fn entries(map: &Arc<Map>) -> Vec<Value> {
    map.entries()
        .into_iter()
        .map(|(key, value)| Entry::make(Some(map.clone()), key, value))
        .collect()
}

/// A map or set of the kind of `model` with those entries or elements.
pub(crate) fn copy(model: &Value, items: Vec<Value>) -> Value {
    match model {
        Value::Map(map) => {
            let out = Map::new(map.class, map.order);
            for item in items {
                if let Some(entry) = item.native::<Entry>() {
                    out.put(entry.key.clone(), entry.value());
                }
            }
            Value::Map(Arc::new(out))
        }
        other => crate::interp::like(other, items),
    }
}

/// `map[key]`, with the closure of `withDefault`.
pub(crate) fn get(cx: &mut Interp<'_>, map: &Arc<Map>, key: &Value) -> Run {
    if let Some(value) = map.get(key) {
        return Ok(value);
    }
    match &map.default {
        Some(Value::Closure(f)) => {
            let f = f.clone();
            let value = cx.call_closure(&f, std::slice::from_ref(key))?;
            map.put(key.clone(), value.clone());
            Ok(value)
        }
        _ => Ok(Value::Null),
    }
}

fn free(me: &Map) -> Run<()> {
    if me.fixed {
        Err(throw_plain("java.lang.UnsupportedOperationException"))
    } else {
        Ok(())
    }
}

fn put(cx: &mut Interp<'_>, me: &Arc<Map>, key: Value, value: Value) -> Run {
    free(me)?;
    if matches!(
        me.class,
        "java.util.Properties" | "java.util.Hashtable" | "java.util.concurrent.ConcurrentHashMap"
    ) && (key.is_nothing() || value.is_nothing())
    {
        return Err(throw_plain("java.lang.NullPointerException"));
    }
    cx.charge_items(2)?;
    Ok(me.put(key, value).unwrap_or(Value::Null))
}

fn sorted(cx: &mut Interp<'_>, me: &Arc<Map>, by: Option<&Value>) -> Run {
    let out = if by.is_some() {
        Map::linked()
    } else {
        Map::new("java.util.TreeMap", Order::Sorted)
    };
    for item in crate::library::list::sort_values(
        cx,
        entries(me),
        by.or(Some(&Value::Null)).filter(|v| !v.is_nothing()).or(by),
    )? {
        if let Some(entry) = item.native::<Entry>() {
            out.put(entry.key.clone(), entry.value());
        }
    }
    Ok(Value::Map(Arc::new(out)))
}

fn filtered(cx: &mut Interp<'_>, me: &Arc<Map>, f: &Arc<crate::value::Closure>) -> Run {
    let out = Map::new(
        if me.order == Order::Sorted {
            "java.util.TreeMap"
        } else {
            "java.util.LinkedHashMap"
        },
        if me.order == Order::Sorted {
            Order::Sorted
        } else {
            Order::Inserted
        },
    );
    for entry in entries(me) {
        if cx.call_item_truth(f, &entry)?
            && let Some(entry) = entry.native::<Entry>()
        {
            out.put(entry.key.clone(), entry.value());
        }
    }
    Ok(Value::Map(Arc::new(out)))
}

methods! {
    fn call(cx, me: &Arc<Map>, a, name) -> METHODS;
    get : 1 .. 2 => {
        if a.len() == 2 { if let Some(v) = me.get(&a[0]) { return Ok(v); } me.put(a.value(0), a.value(1)); return Ok(a.value(1)); }
        get(cx, me, &a[0])
    };
    put | putAt : 2 .. 2 => { let former = put(cx, me, a.value(0), a.value(1))?; Ok(if name == symbol("put") { former } else { a.value(1) }) };
    getAt : 1 .. 1 => get(cx, me, &a[0]);
    getOrDefault : 2 .. 2 => Ok(me.get(&a[0]).unwrap_or_else(|| a.value(1)));
    putIfAbsent : 2 .. 2 => { free(me)?; match me.get(&a[0]) { Some(v) if !v.is_nothing() => Ok(v), _ => put(cx, me, a.value(0), a.value(1)).map(|_| Value::Null) } };
    putAll : 1 .. 1 => { free(me)?; if let Value::Map(other) = &a[0] { for (k, v) in other.entries() { put(cx, me, k, v)?; } Ok(cx.void()) } else { Err(Fail::NoMethod) } };
    remove : 1 .. 2 => { free(me)?; if a.len() == 2 { let same = me.get(&a[0]).is_some_and(|v| java_equals(&v, &a[1])); if same { me.remove(&a[0]); } return Ok(Value::Bool(same)); } Ok(me.remove(&a[0]).unwrap_or(Value::Null)) };
    containsKey : 1 .. 1 => Ok(Value::Bool(me.contains(&a[0])));
    containsValue | contains : 1 .. 1 => Ok(Value::Bool(me.entries().iter().any(|(_, v)| java_equals(v, &a[0]))));
    size : 0 .. 0 => Ok(Value::from(me.len()));
    isEmpty : 0 .. 0 => Ok(Value::Bool(me.is_empty()));
    clear : 0 .. 0 => { free(me)?; let gone = std::mem::take(&mut me.lock().entries); drop(gone); Ok(cx.void()) };
    keySet | navigableKeySet | keys | stringPropertyNames | propertyNames : 0 .. 0 => { let set = Map::new(match me.order { Order::Hash => "java.util.HashMap$KeySet", Order::Sorted => "java.util.TreeMap$KeySet", Order::Inserted => "java.util.LinkedHashMap$LinkedKeySet" }, Order::Inserted); for k in me.keys() { set.put(k, Value::Null); } Ok(Value::Set(Arc::new(set))) };
    values | elements : 0 .. 0 => Ok(Value::List(Arc::new(crate::value::List::of(match me.order { Order::Hash => "java.util.HashMap$Values", Order::Sorted => "java.util.TreeMap$Values", Order::Inserted => "java.util.LinkedHashMap$LinkedValues" }, me.entries().into_iter().map(|(_, v)| v).collect()))));
    entrySet : 0 .. 0 => { let set = Map::new(match me.order { Order::Hash => "java.util.HashMap$EntrySet", Order::Sorted => "java.util.TreeMap$EntrySet", Order::Inserted => "java.util.LinkedHashMap$LinkedEntrySet" }, Order::Inserted); for e in entries(me) { set.put(e, Value::Null); } Ok(Value::Set(Arc::new(set))) };
    firstKey : 0 .. 0 => me.keys().first().cloned().ok_or_else(|| throw_plain("java.util.NoSuchElementException"));
    lastKey : 0 .. 0 => me.keys().last().cloned().ok_or_else(|| throw_plain("java.util.NoSuchElementException"));
    headMap | tailMap : 1 .. 2 => {
        if me.order != Order::Sorted { return Err(Fail::NoMethod); }
        let is_head = name == symbol("headMap");
        let with_bound = if a.len() == 2 { a.bool(1)? } else { !is_head };
        let part = Map::new("java.util.TreeMap", Order::Sorted);
        for (key, value) in me.entries() {
            let order = cx.order(&key, &a[0])?;
            if order.is_eq() && with_bound || if is_head { order.is_lt() } else { order.is_gt() } { part.put(key, value); }
        }
        Ok(Value::Map(Arc::new(part)))
    };
    firstEntry : 0 .. 0 => Ok(entries(me).first().cloned().unwrap_or(Value::Null));
    lastEntry : 0 .. 0 => Ok(entries(me).last().cloned().unwrap_or(Value::Null));
    getProperty : 1 .. 2 => {
        let name = a.text(0)?;
        if let Some(Value::Str(text)) = me.get(&Value::Str(name.clone())) { return Ok(Value::Str(text)); }
        // System properties are the defaults of JMeter's.
        let is_of_jmeter = Arc::ptr_eq(&cx.host.properties(), me);
        let default = if is_of_jmeter { cx.host.system_property(&name) } else { None };
        Ok(default.map_or_else(|| a.value(1), Value::from))
    };
    setProperty : 2 .. 2 => { let (k, v) = (a.text(0)?, a.text(1)?); put(cx, me, Value::Str(k), Value::Str(v)) };
    merge : 3 .. 3 => { let value = match me.get(&a[0]) { Some(now) => cx.call_closure(a.closure(2)?, &[now, a.value(1)])?, None => a.value(1) }; put(cx, me, a.value(0), value.clone())?; Ok(value) };
    computeIfAbsent : 2 .. 2 => { if let Some(v) = me.get(&a[0]) { return Ok(v); } let v = cx.call_closure(a.closure(1)?, &[a.value(0)])?; put(cx, me, a.value(0), v.clone())?; Ok(v) };
    compute | computeIfPresent : 2 .. 2 => { let now = me.get(&a[0]); if now.is_none() && name == symbol("computeIfPresent") { return Ok(Value::Null); } let v = cx.call_closure(a.closure(1)?, &[a.value(0), now.unwrap_or(Value::Null)])?; put(cx, me, a.value(0), v.clone())?; Ok(v) };
    addAndGet_ : 0 .. 0 => Err(Fail::NoMethod);
    equals : 1 .. 1 => Ok(Value::Bool(if cx.groovy() { crate::equality::groovy_equals(&Value::Map(me.clone()), &a[0]) } else { java_equals(&Value::Map(me.clone()), &a[0]) }));
    each | forEach : 1 .. 1 => { for e in entries(me) { cx.call_item(a.closure(0)?, &e)?; } Ok(if name == symbol("each") { Value::Map(me.clone()) } else { Value::Null }) };
    eachWithIndex : 1 .. 1 => {
        let f = a.closure(0)?;
        for (i, e) in entries(me).into_iter().enumerate() {
            let at = Value::Int(i as i32);
            if f.function.params.len() == 3 { if let Some(entry) = e.native::<Entry>() { cx.call_closure(f, &[entry.key.clone(), entry.value(), at])?; } } else { cx.call_closure(f, &[e, at])?; }
        }
        Ok(Value::Map(me.clone()))
    };
    findAll : 1 .. 1 => filtered(cx, me, a.closure(0)?);
    sort | toSorted : 0 .. 1 => if a.is_empty() { let out = Map::new("java.util.TreeMap", Order::Sorted); for (k, v) in me.entries() { out.put(k, v); } Ok(Value::Map(Arc::new(out))) } else { sorted(cx, me, a.0.first()) };
    subMap : 1 .. 1 => { let out = Map::linked(); for k in cx.items(&a[0])? { if let Some(v) = me.get(&k) { out.put(k, v); } } Ok(Value::Map(Arc::new(out))) };
    plus : 1 .. 1 => if matches!(a[0], Value::Map(_)) { cx.binary(crate::ast::BinaryOp::Add, &Value::Map(me.clone()), &a[0]) } else { Err(Fail::NoMethod) };
    minus : 1 .. 1 => if let Value::Map(other) = &a[0] { let out = Map::new(me.class, me.order); for (k, v) in me.entries() { if other.get(&k).is_none_or(|o| !crate::equality::groovy_equals(&o, &v)) { out.put(k, v); } } Ok(Value::Map(Arc::new(out))) } else { Err(Fail::NoMethod) };
    leftShift : 1 .. 1 => { free(me)?; match &a[0] { Value::Map(other) => { for (k, v) in other.entries() { put(cx, me, k, v)?; } } entry => { let e = entry.native::<Entry>().ok_or(Fail::NoMethod)?; put(cx, me, e.key.clone(), e.value())?; } } Ok(Value::Map(me.clone())) };
    withDefault : 1 .. 1 => { let out = Map::new("groovy.lang.MapWithDefault", me.order); for (k, v) in me.entries() { out.put(k, v); } Ok(Value::Map(Arc::new(out.with_default(a.value(0))))) };
    asImmutable | asUnmodifiable : 0 .. 0 => { let out = Map::new("java.util.Collections$UnmodifiableMap", me.order); for (k, v) in me.entries() { out.put(k, v); } Ok(Value::Map(Arc::new(out.frozen()))) };
    collectEntries : 0 .. 1 => {
        let out = Map::linked();
        for e in entries(me) { let v = if a.is_empty() { e } else { cx.call_item(a.closure(0)?, &e)? }; crate::library::iterable::put_entry(cx, &out, &v)?; }
        Ok(Value::Map(Arc::new(out)))
    };
    toMapString : 0 .. 1 => cx.text(&Value::Map(me.clone())).map(Value::Str);
    groupBy : 1 .. 1 => {
        let out = Arc::new(Map::linked());
        for e in entries(me) {
            let k = cx.call_item(a.closure(0)?, &e)?;
            let group = match out.get(&k) { Some(Value::Map(m)) => m, _ => { let m = Arc::new(Map::linked()); out.put(k, Value::Map(m.clone())); m } };
            if let Some(entry) = e.native::<Entry>() { group.put(entry.key.clone(), entry.value()); }
        }
        Ok(Value::Map(out))
    };
    inject : 2 .. 2 => {
        let f = a.closure(1)?;
        let mut sum = a.value(0);
        for e in entries(me) {
            sum = match e.native::<Entry>() { Some(entry) if f.function.params.len() == 3 => cx.call_closure(f, &[sum, entry.key.clone(), entry.value()])?, _ => cx.call_closure(f, &[sum, e.clone()])? };
        }
        Ok(sum)
    };
    spread : 0 .. 0 => Ok(Value::Map(me.clone()));
    drop | take : 1 .. 1 => { let n = a.int(0)?.max(0) as usize; let all = me.entries(); let out = Map::linked(); let part: Vec<_> = if name == symbol("take") { all.into_iter().take(n).collect() } else { all.into_iter().skip(n).collect() }; for (k, v) in part { out.put(k, v); } Ok(Value::Map(Arc::new(out))) };
    load : 1 .. 1 => {
        let text = cx.call_method(&a[0], &crate::name::Name::new("getText"), &[])?;
        let pairs = read_properties(&Args(&[text]).text(0)?);
        for (key, value) in pairs.map_err(|message| throw("java.lang.IllegalArgumentException", message))? {
            cx.charge(key.len() + value.len())?;
            me.put(Value::from(key), Value::from(value));
        }
        Ok(Value::Null)
    };
    list | store : 0 .. 2 => Err(throw("java.lang.UnsupportedOperationException", "streams of properties"));
    iterator : 0 .. 0 => Ok(crate::library::iterable::iterator(Value::Null, entries(me)));
}

fn new(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let order = match class.name {
        "java.util.LinkedHashMap" => Order::Inserted,
        "java.util.TreeMap" | "java.util.concurrent.ConcurrentSkipListMap" => Order::Sorted,
        "java.util.Map" => return Err(Fail::NoMethod),
        _ => Order::Hash,
    };
    let map = Map::new(class.name, order);
    match &a[..] {
        [] => {}
        [Value::Int(n), ..] => {
            map.reserve_table((f64::from((*n).max(1)) * 0.75 - 1.0).max(0.0) as usize)
        }
        [Value::Map(other)] => {
            map.reserve_table(other.len());
            for (key, value) in other.entries() {
                map.put(key, value);
            }
        }
        [Value::Closure(_)] => {}
        _ => return Err(Fail::NoMethod),
    }
    Ok(Value::Map(Arc::new(map)))
}

methods! {
    fn map_static(cx, me: &'static ClassInfo, a, name) -> MAP_STATICS;
    of : 0 .. 20 => { let out = Map::linked(); for pair in a.chunks(2) { if let [k, v] = pair { out.put(k.clone(), v.clone()); } } Ok(Value::Map(Arc::new(out.frozen()))) };
    entry : 2 .. 2 => Ok(Entry::make(None, a.value(0), a.value(1)));
    comparingByValue : 0 .. 0 => Err(Fail::NoMethod);
}

fn new_entry(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    Ok(Entry::make(None, a.value(0), a.value(1)))
}

/// An `Expando`: a map whose entries are properties.
fn new_expando(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let map = Map::new(class.name, Order::Inserted);
    if let Some(Value::Map(other)) = a.first() {
        for (key, value) in other.entries() {
            map.put(key, value);
        }
    }
    Ok(Value::Map(Arc::new(map)))
}

const MAP: &[&str] = &["java.util.Map"];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Map")
        .statics(map_static, MAP_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.SortedMap")
        .parents(MAP)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.AbstractMap")
        .parents(MAP)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.HashMap")
        .parents(MAP)
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.LinkedHashMap")
        .parents(&["java.util.HashMap"])
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.TreeMap")
        .parents(&["java.util.SortedMap"])
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.Hashtable")
        .parents(MAP)
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.Properties")
        .parents(&["java.util.Hashtable"])
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.concurrent.ConcurrentHashMap")
        .parents(MAP)
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.concurrent.ConcurrentSkipListMap")
        .parents(MAP)
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.WeakHashMap")
        .parents(MAP)
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("groovy.lang.MapWithDefault")
        .parents(MAP)
        .methods(&[METHODS]),
    ClassInfo::named("org.apache.groovy.json.internal.LazyMap")
        .parents(&["java.util.AbstractMap"])
        .methods(&[METHODS]),
    ClassInfo::named("java.util.Collections$UnmodifiableMap")
        .parents(MAP)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.Collections$EmptyMap")
        .parents(MAP)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.Map$Entry").methods(&[ENTRY]),
    ClassInfo::named("java.util.LinkedHashMap$Entry")
        .parents(&["java.util.Map$Entry"])
        .methods(&[ENTRY]),
    ClassInfo::named("java.util.TreeMap$Entry")
        .parents(&["java.util.Map$Entry"])
        .methods(&[ENTRY]),
    ClassInfo::named("groovy.lang.MapEntry")
        .parents(&["java.util.Map$Entry"])
        .constructor(new_entry)
        .methods(&[ENTRY]),
    ClassInfo::named("java.util.AbstractMap$SimpleEntry")
        .parents(&["java.util.Map$Entry"])
        .constructor(new_entry)
        .methods(&[ENTRY]),
    ClassInfo::named("groovy.util.Expando").constructor(new_expando),
];
