//! Sets.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw_plain;
use crate::name::{methods, symbol};
use crate::value::{Map, Order, Value};

fn free(me: &Map) -> Run<()> {
    if me.fixed {
        Err(throw_plain("java.lang.UnsupportedOperationException"))
    } else {
        Ok(())
    }
}

methods! {
    fn call(cx, me: &Arc<Map>, a, name) -> METHODS;
    add : 1 .. 1 => { free(me)?; cx.charge_items(2)?; if me.contains(&a[0]) { return Ok(Value::Bool(false)); } me.put(a.value(0), Value::Null); Ok(Value::Bool(true)) };
    addAll : 1 .. 1 => { free(me)?; let items = cx.items(&a[0])?; cx.charge_items(items.len() * 2)?; let before = me.len(); for item in items { if !me.contains(&item) { me.put(item, Value::Null); } } Ok(Value::Bool(me.len() > before)) };
    remove : 1 .. 1 => { free(me)?; Ok(Value::Bool(me.remove(&a[0]).is_some())) };
    removeAll | retainAll | removeIf : 1 .. 1 => {
        free(me)?;
        let keep = name == symbol("retainAll");
        let before = me.len();
        let others = if let Value::Closure(_) = &a[0] { Vec::new() } else { cx.items(&a[0])? };
        for item in me.keys() {
            let matching = match &a[0] { Value::Closure(f) => cx.call_item_truth(f, &item)?, _ => crate::equality::contains(&others, &item) };
            if matching != keep { me.remove(&item); }
        }
        Ok(Value::Bool(me.len() != before))
    };
    contains : 1 .. 1 => Ok(Value::Bool(me.contains(&a[0])));
    containsAll : 1 .. 1 => { let items = cx.items(&a[0])?; Ok(Value::Bool(items.iter().all(|i| me.contains(i)))) };
    size : 0 .. 0 => Ok(Value::from(me.len()));
    isEmpty : 0 .. 0 => Ok(Value::Bool(me.is_empty()));
    clear : 0 .. 0 => { free(me)?; let gone = std::mem::take(&mut me.lock().entries); drop(gone); Ok(cx.void()) };
    iterator : 0 .. 0 => Ok(crate::library::iterable::iterator(Value::Set(me.clone()), me.keys()));
    toArray : 0 .. 1 => Ok(match a.0.first() { Some(Value::Array(array)) => Value::array(&array.element, me.keys()), _ => Value::array("java.lang.Object", me.keys()) });
    stream | parallelStream : 0 .. 0 => Ok(crate::library::iterable::stream(me.keys()));
    forEach : 1 .. 1 => { for item in me.keys() { cx.call_item(a.closure(0)?, &item)?; } Ok(Value::Null) };
    hasMoreElements : 0 .. 0 => Ok(Value::Bool(!me.is_empty()));
    first : 0 .. 0 => me.keys().first().cloned().ok_or_else(|| throw_plain("java.util.NoSuchElementException"));
    last : 0 .. 0 => me.keys().last().cloned().ok_or_else(|| throw_plain("java.util.NoSuchElementException"));
    headSet | tailSet : 1 .. 2 => {
        if me.order != Order::Sorted { return Err(Fail::NoMethod); }
        let is_head = name == symbol("headSet");
        let with_bound = if a.len() == 2 { a.bool(1)? } else { !is_head };
        let part = Map::new("java.util.TreeSet", Order::Sorted);
        for key in me.keys() {
            let order = cx.order(&key, &a[0])?;
            if order.is_eq() && with_bound || if is_head { order.is_lt() } else { order.is_gt() } { part.put(key, Value::Null); }
        }
        Ok(Value::Set(Arc::new(part)))
    };
    pollFirst : 0 .. 0 => { let first = me.keys().first().cloned(); if let Some(v) = &first { me.remove(v); } Ok(first.unwrap_or(Value::Null)) };
}

fn new(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let order = match class.name {
        "java.util.LinkedHashSet" => Order::Inserted,
        "java.util.TreeSet" => Order::Sorted,
        "java.util.Set" => return Err(Fail::NoMethod),
        _ => Order::Hash,
    };
    let set = Map::new(class.name, order);
    match &a[..] {
        [] | [Value::Int(_)] | [Value::Closure(_)] => {}
        [items] if !items.is_nothing() => {
            let items = cx.items(items)?;
            cx.charge_items(items.len() * 2)?;
            set.reserve_table(items.len().max(11));
            for item in items {
                set.put(item, Value::Null);
            }
        }
        _ => return Err(Fail::NoMethod),
    }
    Ok(Value::Set(Arc::new(set)))
}

methods! {
    fn set_static(cx, me: &'static ClassInfo, a, name) -> SET_STATICS;
    of : 0 .. 20 => { let out = Map::new("java.util.ImmutableCollections$SetN", Order::Inserted); for v in a.iter() { out.put(v.clone(), Value::Null); } Ok(Value::Set(Arc::new(out.frozen()))) };
}

const SET: &[&str] = &["java.util.Set"];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Set")
        .parents(&["java.util.Collection"])
        .statics(set_static, SET_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.SortedSet")
        .parents(SET)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.HashSet")
        .parents(SET)
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.LinkedHashSet")
        .parents(&["java.util.HashSet"])
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.TreeSet")
        .parents(&["java.util.SortedSet"])
        .constructor(new)
        .methods(&[METHODS]),
    ClassInfo::named("java.util.LinkedHashMap$LinkedKeySet").parents(SET),
    ClassInfo::named("java.util.LinkedHashMap$LinkedEntrySet").parents(SET),
    ClassInfo::named("java.util.HashMap$KeySet").parents(SET),
    ClassInfo::named("java.util.HashMap$EntrySet").parents(SET),
    ClassInfo::named("java.util.TreeMap$KeySet").parents(SET),
    ClassInfo::named("java.util.TreeMap$EntrySet").parents(SET),
    ClassInfo::named("java.util.LinkedHashMap$LinkedValues").parents(&["java.util.Collection"]),
    ClassInfo::named("java.util.HashMap$Values").parents(&["java.util.Collection"]),
    ClassInfo::named("java.util.TreeMap$Values").parents(&["java.util.Collection"]),
];
