//! What Groovy adds to everything that can be iterated; streams and iterators.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::ast::BinaryOp;
use crate::equality::{distinct, groovy_equals};
use crate::fail::{Fail, Run};
use crate::interp::{Interp, like};
use crate::library::list::sort_values;
use crate::library::map::Entry;
use crate::library::throwable::{throw, throw_plain};
use crate::name::{Name, methods, symbol};
use crate::value::{Closure, List, Map, Native, Value, lock};

/// Adds what `collectEntries` got: a map, an entry or a pair.
pub(crate) fn put_entry(cx: &mut Interp<'_>, map: &Map, value: &Value) -> Run<()> {
    if let Value::Map(other) = value {
        for (k, v) in other.entries() {
            map.put(k, v);
        }
    } else if let Some(entry) = value.native::<Entry>() {
        map.put(entry.key.clone(), entry.value());
    } else {
        let pair = cx.items(value)?;
        map.put(
            pair.first().cloned().unwrap_or(Value::Null),
            pair.get(1).cloned().unwrap_or(Value::Null),
        );
    }
    Ok(())
}

/// Without what is there already, by equality or by a closure.
pub(crate) fn unique(
    cx: &mut Interp<'_>,
    items: Vec<Value>,
    by: Option<&Value>,
) -> Run<Vec<Value>> {
    cx.work(items.len() * 2)?;
    let mut out: Vec<(Value, Value)> = Vec::new();
    for item in items {
        let key = match by {
            Some(Value::Closure(f)) if f.function.params.len() != 2 => cx.call_item(f, &item)?,
            _ => item.clone(),
        };
        let mut found = false;
        for (k, other) in &out {
            found = match by {
                Some(Value::Closure(f)) if f.function.params.len() == 2 => {
                    crate::number::to_f64(&cx.call_closure(f, &[other.clone(), item.clone()])?)
                        == 0.0
                }
                _ => groovy_equals(k, &key),
            };
            if found {
                break;
            }
        }
        cx.work(out.len() / 4)?;
        if !found {
            out.push((key, item));
        }
    }
    Ok(out.into_iter().map(|(_, item)| item).collect())
}

fn sum(cx: &mut Interp<'_>, items: Vec<Value>, first: Option<Value>) -> Run {
    let mut total = first;
    for item in items {
        total = Some(match total {
            None => item,
            Some(total) => cx.binary(BinaryOp::Add, &total, &item)?,
        });
    }
    Ok(total.unwrap_or(Value::Null))
}

fn extreme(cx: &mut Interp<'_>, items: Vec<Value>, by: Option<&Value>, most: bool) -> Run {
    let mut best: Option<(Value, Value)> = None;
    for item in items {
        if item.is_nothing() {
            continue;
        }
        let key = match by {
            Some(Value::Closure(f)) if f.function.params.len() != 2 => cx.call_item(f, &item)?,
            _ => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((top, other)) => {
                let order = match by {
                    Some(Value::Closure(f)) if f.function.params.len() == 2 => {
                        crate::number::to_f64(&cx.call_closure(f, &[item.clone(), other.clone()])?)
                            .total_cmp(&0.0)
                    }
                    _ => cx.order(&key, top)?,
                };
                if most { order.is_gt() } else { order.is_lt() }
            }
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Value::Null, |(_, item)| item))
}

fn flatten(cx: &mut Interp<'_>, items: Vec<Value>, out: &mut Vec<Value>, depth: u32) -> Run<()> {
    for item in items {
        match item {
            Value::List(_) | Value::Set(_) | Value::Array(_) | Value::Range(_) if depth > 0 => {
                let inner = cx.items(&item)?;
                flatten(cx, inner, out, depth - 1)?;
            }
            item => out.push(item),
        }
        cx.charge_items(1)?;
    }
    Ok(())
}

fn chunks(items: Vec<Value>, size: usize, step: usize, rest: bool) -> Value {
    let mut out = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let end = (at + size).min(items.len());
        if end - at == size || rest {
            out.push(Value::list(items[at..end].to_vec()));
        }
        at += step;
    }
    Value::list(out)
}

fn permutations(cx: &mut Interp<'_>, items: &[Value], out: &mut Vec<Value>) -> Run<()> {
    if items.len() > 9 {
        return Err(cx.over_memory());
    }
    fn go(rest: &mut Vec<Value>, at: usize, out: &mut Vec<Value>) {
        if at == rest.len() {
            out.push(Value::list(rest.clone()));
            return;
        }
        for i in at..rest.len() {
            rest.swap(at, i);
            go(rest, at + 1, out);
            rest.swap(at, i);
        }
    }
    go(&mut items.to_vec(), 0, out);
    cx.charge_items(out.len() * items.len())
}

fn combinations(cx: &mut Interp<'_>, lists: Vec<Vec<Value>>) -> Run<Vec<Value>> {
    let mut out: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists {
        let mut next = Vec::new();
        for item in &list {
            for base in &out {
                let mut one = base.clone();
                one.push(item.clone());
                cx.charge_items(one.len())?;
                next.push(one);
            }
        }
        out = next;
    }
    Ok(out.into_iter().map(Value::list).collect())
}

fn is_collection(me: &Value) -> bool {
    !matches!(me, Value::Object(native) if native.0.class_name().starts_with("java.lang"))
}

/// A closure argument, or a filter by `isCase`.
fn passes(cx: &mut Interp<'_>, test: Option<&Value>, item: &Value) -> Run<bool> {
    match test {
        None => cx.truth(item),
        Some(Value::Closure(f)) => cx.call_item_truth(f, item),
        Some(case) => cx.is_case(case, item),
    }
}

fn last_closure(a: Args<'_>) -> Run<&Arc<Closure>> {
    if a.is_empty() {
        Err(Fail::NoMethod)
    } else {
        a.closure(a.len() - 1)
    }
}

/// Groups by a key, the groups by another one, and so on.
fn group_by(cx: &mut Interp<'_>, items: Vec<Value>, a: Args<'_>) -> Run {
    let Some((_, deeper)) = a.0.split_first() else {
        return Ok(Value::list(items));
    };
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    let places = Map::linked();
    for item in items {
        let key = cx.call_item(a.closure(0)?, &item)?;
        match places.get(&key).and_then(|at| at.as_int()) {
            Some(at) => groups[at as usize].1.push(item),
            None => {
                places.put(key.clone(), Value::from(groups.len()));
                groups.push((key, vec![item]));
            }
        }
    }
    let map = Map::linked();
    for (key, group) in groups {
        let group = group_by(cx, group, Args(deeper))?;
        map.put(key, group);
    }
    Ok(Value::Map(Arc::new(map)))
}

fn empty_list(what: &str) -> Fail {
    throw(
        "java.util.NoSuchElementException",
        format!("Cannot access {what}() element from an empty List"),
    )
}

methods! {
    fn call_items(cx, pair: (&Value, Vec<Value>), a, name) -> METHODS;
    each | forEach | forEachOrdered : 1 .. 1 => {
        let f = a.closure(0)?;
        let length = if let Value::List(list) = pair.0 { Some((list.clone(), list.len())) } else { None };
        for (i, item) in pair.1.iter().enumerate() {
            if let Some((list, n)) = &length && i > 0 {
                let now = list.len();
                if i == now { break; }
                if now != *n { return Err(throw_plain("java.util.ConcurrentModificationException")); }
            }
            cx.call_item(f, item)?;
        }
        Ok(if name == symbol("each") { pair.0.clone() } else { Value::Null })
    };
    eachWithIndex : 1 .. 1 => { let f = a.closure(0)?; for (i, item) in pair.1.into_iter().enumerate() { cx.call_closure(f, &[item, Value::Int(i as i32)])?; } Ok(pair.0.clone()) };
    reverseEach : 1 .. 1 => { for item in pair.1.iter().rev() { cx.call_item(a.closure(0)?, item)?; } Ok(pair.0.clone()) };
    collect : 0 .. 2 => {
        if let Some(collector) = a.0.first().and_then(|v| v.native::<Collector>()) { return collector.collect(cx, pair.1); }
        if a.is_empty() { return Ok(Value::list(pair.1)); }
        let f = last_closure(a)?;
        let mut out = Vec::with_capacity(pair.1.len());
        cx.charge_items(pair.1.len())?;
        for item in &pair.1 { out.push(cx.call_item(f, item)?); }
        if a.len() == 2 { for v in out { cx.call_method(&a[0], &Name::new("add"), &[v])?; } return Ok(a.value(0)); }
        Ok(Value::list(out))
    };
    collectMany : 1 .. 1 => { let mut out = Vec::new(); for item in &pair.1 { let part = cx.call_item(a.closure(0)?, item)?; out.extend(cx.items(&part)?); } cx.charge_items(out.len())?; Ok(Value::list(out)) };
    collectNested : 1 .. 1 => { let mut out = Vec::new(); for item in &pair.1 { out.push(if let Value::List(_) = item { cx.call_method(item, &Name::new("collectNested"), &a)? } else { cx.call_item(a.closure(0)?, item)? }); } Ok(Value::list(out)) };
    collectEntries : 0 .. 1 => {
        let map = Map::linked();
        for item in pair.1 { let v = if a.is_empty() { item } else { cx.call_item(a.closure(0)?, &item)? }; put_entry(cx, &map, &v)?; }
        Ok(Value::Map(Arc::new(map)))
    };
    find : 0 .. 1 => { for item in pair.1 { if passes(cx, a.0.first(), &item)? { return Ok(item); } } Ok(Value::Null) };
    findResult : 1 .. 1 => { for item in pair.1 { let v = cx.call_item(a.closure(0)?, &item)?; if !v.is_nothing() { return Ok(v); } } Ok(Value::Null) };
    findResults : 1 .. 1 => { let mut out = Vec::new(); for item in pair.1 { let v = cx.call_item(a.closure(0)?, &item)?; if !v.is_nothing() { out.push(v); } } Ok(Value::list(out)) };
    findAll | grep : 0 .. 1 => { let mut out = Vec::new(); for item in pair.1 { if passes(cx, a.0.first(), &item)? { out.push(item); } } Ok(like(pair.0, out)) };
    split : 1 .. 1 => { let (mut yes, mut no) = (Vec::new(), Vec::new()); for item in pair.1 { if passes(cx, a.0.first(), &item)? { yes.push(item); } else { no.push(item); } } Ok(Value::list(vec![Value::list(yes), Value::list(no)])) };
    findIndexOf : 1 .. 2 => { let skip = if a.len() == 2 { a.int(0)?.max(0) as usize } else { 0 }; for (i, item) in pair.1.iter().enumerate().skip(skip) { if cx.call_item_truth(last_closure(a)?, item)? { return Ok(Value::Int(i as i32)); } } Ok(Value::Int(-1)) };
    findLastIndexOf : 1 .. 1 => { for (i, item) in pair.1.iter().enumerate().rev() { if cx.call_item_truth(last_closure(a)?, item)? { return Ok(Value::Int(i as i32)); } } Ok(Value::Int(-1)) };
    findIndexValues : 1 .. 1 => { let mut out = Vec::new(); for (i, item) in pair.1.iter().enumerate() { if cx.call_item_truth(last_closure(a)?, item)? { out.push(Value::Long(i as i64)); } } Ok(Value::list(out)) };
    any | anyMatch : 0 .. 1 => { for item in &pair.1 { if passes(cx, a.0.first(), item)? { return Ok(Value::Bool(true)); } } Ok(Value::Bool(false)) };
    every | allMatch : 0 .. 1 => { for item in &pair.1 { if !passes(cx, a.0.first(), item)? { return Ok(Value::Bool(false)); } } Ok(Value::Bool(true)) };
    noneMatch : 1 .. 1 => { for item in &pair.1 { if passes(cx, a.0.first(), item)? { return Ok(Value::Bool(false)); } } Ok(Value::Bool(true)) };
    count : 0 .. 1 => {
        if a.is_empty() { return Ok(Value::Long(pair.1.len() as i64)); }
        let mut n = 0i32;
        for item in &pair.1 { let hit = match &a[0] { Value::Closure(f) => cx.call_item_truth(f, item)?, v => groovy_equals(item, v) }; n += i32::from(hit); }
        Ok(Value::Int(n))
    };
    countBy : 1 .. 1 => {
        let map = Map::linked();
        for item in &pair.1 { let k = cx.call_item(a.closure(0)?, item)?; let n = map.get(&k).and_then(|v| v.as_int()).unwrap_or(0); map.put(k, Value::Int(n + 1)); }
        Ok(Value::Map(Arc::new(map)))
    };
    groupBy : 1 .. 8 => group_by(cx, pair.1, a);
    shuffled : 0 .. 1 => { let list = List::of("java.util.ArrayList", pair.1); let random = if a.len() == 1 { Some(a.native::<crate::library::random::Random>(0)?) } else { None }; crate::library::list::shuffle(cx, &list, random)?; Ok(Value::List(Arc::new(list))) };
    shuffle : 0 .. 1 => match pair.0 { Value::List(list) => { let random = if a.len() == 1 { Some(a.native::<crate::library::random::Random>(0)?) } else { None }; crate::library::list::shuffle(cx, list, random)?; Ok(Value::Null) } _ => Err(Fail::NoMethod) };
    chop : 1 .. 20 => { let mut rest = pair.1.into_iter(); let mut out = Vec::new(); for size in a.iter() { let size = size.as_int().ok_or(Fail::NoMethod)?; let part: Vec<Value> = if size < 0 { rest.by_ref().collect() } else { rest.by_ref().take(size as usize).collect() }; out.push(Value::list(part)); } Ok(Value::list(out)) };
    toListString : 0 .. 1 => cx.text(&Value::list(pair.1)).map(Value::Str);
    sum : 0 .. 2 => {
        let (first, f) = match a.0 { [] => (None, None), [Value::Closure(f)] => (None, Some(f)), [first] => (Some(first.clone()), None), [first, Value::Closure(f)] => (Some(first.clone()), Some(f)), _ => return Err(Fail::NoMethod) };
        let mut items = pair.1;
        if let Some(f) = f { for item in &mut items { *item = cx.call_item(f, item)?; } }
        sum(cx, items, first)
    };
    average : 0 .. 1 => {
        let n = pair.1.len();
        let mut items = pair.1;
        if let Some(Value::Closure(f)) = a.0.first() { for item in &mut items { *item = cx.call_item(f, item)?; } }
        let total = sum(cx, items, None)?;
        cx.binary(BinaryOp::Div, &total, &Value::from(n))
    };
    max : 0 .. 1 => extreme(cx, pair.1, a.0.first(), true);
    min : 0 .. 1 => extreme(cx, pair.1, a.0.first(), false);
    sort : 0 .. 2 => { let by = a.0.iter().find(|v| !matches!(v, Value::Bool(_))); let sorted = sort_values(cx, pair.1, by)?; Ok(if pair.0.native::<Stream>().is_some() { stream(sorted) } else { Value::list(sorted) }) };
    toSorted : 0 .. 1 => sort_values(cx, pair.1, a.0.first()).map(Value::list);
    unique | toUnique : 0 .. 2 => { let by = a.0.iter().find(|v| matches!(v, Value::Closure(_))); unique(cx, pair.1, by).map(|items| like(pair.0, items)) };
    reverse : 0 .. 1 => { let mut items = pair.1; items.reverse(); if let (Some(Value::Bool(true)), Value::List(list)) = (a.0.first(), pair.0) { *list.lock() = items; return Ok(pair.0.clone()); } Ok(Value::list(items)) };
    join : 0 .. 1 => {
        let separator = if a.is_empty() { Arc::from("") } else { cx.text(&a[0])? };
        let mut out = String::new();
        for (i, item) in pair.1.iter().enumerate() { if i > 0 { out.push_str(&separator); } out.push_str(&cx.text(item)?); }
        cx.charge(out.len())?;
        Ok(Value::from(out))
    };
    inject | reduce : 1 .. 2 => {
        let f = last_closure(a)?;
        let mut items = pair.1.into_iter();
        let mut total = if a.len() == 2 { a.value(0) } else { match items.next() { Some(v) => v, None if name == symbol("reduce") => return Ok(crate::library::system::optional(Value::Null)), None => return Err(throw_plain("java.util.NoSuchElementException")) } };
        for item in items { total = cx.call_closure(f, &[total, item])?; }
        Ok(if a.len() == 1 && name == symbol("reduce") { crate::library::system::optional(total) } else { total })
    };
    collate : 1 .. 3 => { let n = a.int(0)?.max(1) as usize; let step = if a.len() > 1 && a[1].as_int().is_some() { a.int(1)?.max(1) as usize } else { n }; let rest = !matches!(a.0.last(), Some(Value::Bool(false))); Ok(chunks(pair.1, n, step, rest)) };
    withIndex : 0 .. 2 => { let from = a.0.first().and_then(Value::as_int).unwrap_or(0); let pairs = pair.1.into_iter().enumerate().map(|(i, v)| Value::list(vec![v, Value::Int(from + i as i32)])).collect(); if let Some(Value::Closure(f)) = a.0.last() { let mut out = Vec::new(); for p in cx.items(&Value::list(pairs))? { out.push(cx.call_closure(f, &[p])?); } return Ok(Value::list(out)); } Ok(Value::list(pairs)) };
    indexed : 0 .. 1 => { let map = Map::linked(); for (i, v) in pair.1.into_iter().enumerate() { map.put(Value::Int(i as i32), v); } Ok(Value::Map(Arc::new(map))) };
    first | head : 0 .. 0 => pair.1.into_iter().next().ok_or_else(|| empty_list(if name == symbol("first") { "first" } else { "head" }));
    last : 0 .. 0 => pair.1.into_iter().next_back().ok_or_else(|| empty_list("last"));
    tail : 0 .. 0 => if pair.1.is_empty() { Err(throw("java.util.NoSuchElementException", "Cannot access tail() for an empty iterable")) } else { Ok(Value::list(pair.1[1..].to_vec())) };
    init : 0 .. 0 => if pair.1.is_empty() { Err(throw("java.util.NoSuchElementException", "Cannot access init() for an empty Iterable")) } else { Ok(Value::list(pair.1[..pair.1.len() - 1].to_vec())) };
    take | limit : 1 .. 1 => { let n = a.long(0)?.max(0) as usize; let items = pair.1.into_iter().take(n).collect(); Ok(if name == symbol("limit") { stream(items) } else { like(pair.0, items) }) };
    drop | skip : 1 .. 1 => { let n = a.long(0)?.max(0) as usize; let items = pair.1.into_iter().skip(n).collect(); Ok(if name == symbol("skip") { stream(items) } else { like(pair.0, items) }) };
    takeRight : 1 .. 1 => { let n = pair.1.len().saturating_sub(a.int(0)?.max(0) as usize); Ok(Value::list(pair.1[n..].to_vec())) };
    dropRight : 1 .. 1 => { let n = pair.1.len().saturating_sub(a.int(0)?.max(0) as usize); Ok(Value::list(pair.1[..n].to_vec())) };
    takeWhile | dropWhile : 1 .. 1 => {
        let mut at = pair.1.len();
        for (i, item) in pair.1.iter().enumerate() { if !cx.call_item_truth(a.closure(0)?, item)? { at = i; break; } }
        Ok(Value::list(if name == symbol("takeWhile") { pair.1[..at].to_vec() } else { pair.1[at..].to_vec() }))
    };
    flatten : 0 .. 0 => { let mut out = Vec::new(); flatten(cx, pair.1, &mut out, 64)?; Ok(like(pair.0, out)) };
    plus : 1 .. 1 => cx.binary(BinaryOp::Add, &Value::list(pair.1), &a[0]);
    minus : 1 .. 1 => cx.binary(BinaryOp::Sub, &Value::list(pair.1), &a[0]);
    multiply : 1 .. 1 => cx.binary(BinaryOp::Mul, &Value::list(pair.1), &a[0]);
    intersect : 1 .. 1 => { let others = cx.items(&a[0])?; cx.work(others.len() * pair.1.len())?; Ok(like(pair.0, others.into_iter().filter(|other| pair.1.iter().any(|own| groovy_equals(own, other))).collect())) };
    disjoint : 1 .. 1 => { let others = cx.items(&a[0])?; Ok(Value::Bool(!pair.1.iter().any(|v| others.iter().any(|o| groovy_equals(o, v))))) };
    transpose : 0 .. 0 => {
        let mut rows = Vec::new();
        for item in &pair.1 {
            if !matches!(item, Value::List(_) | Value::Range(_) | Value::Array(_)) {
                return Err(throw("org.codehaus.groovy.runtime.typehandling.GroovyCastException", format!("Cannot cast object '{}' with class '{}' to class 'java.util.List'", cx.text(item)?, crate::class::class_name(item))));
            }
            rows.push(cx.items(item)?);
        }
        let width = rows.iter().map(Vec::len).min().unwrap_or(0);
        Ok(Value::list((0..width).map(|i| Value::list(rows.iter().map(|r| r[i].clone()).collect())).collect()))
    };
    permutations : 0 .. 0 => { let mut out = Vec::new(); permutations(cx, &pair.1, &mut out)?; Ok(like(&Value::Set(Arc::new(Map::new("java.util.HashSet", crate::value::Order::Inserted))), out)) };
    combinations : 0 .. 0 => { let mut lists = Vec::new(); for item in &pair.1 { lists.push(match item { Value::List(_) | Value::Range(_) | Value::Set(_) | Value::Array(_) => cx.items(item)?, v => vec![v.clone()] }); } combinations(cx, lists).map(Value::list) };
    subsequences : 0 .. 0 => {
        let all = pair.1;
        if all.len() > 16 { return Err(cx.over_memory()); }
        cx.charge_items((1usize << all.len()).saturating_mul(all.len().max(1)))?;
        let subsets = (1usize..1 << all.len()).map(|chosen| Value::list(all.iter().enumerate().filter(|(i, _)| chosen >> i & 1 == 1).map(|(_, v)| v.clone()).collect()));
        Ok(like(&Value::Set(Arc::new(Map::new("java.util.HashSet", crate::value::Order::Hash))), subsets.collect()))
    };
    toSet : 0 .. 0 => { let set = Map::new("java.util.HashSet", crate::value::Order::Hash); set.reserve_table(pair.1.len().max(11)); for item in pair.1 { set.put(item, Value::Null); } Ok(Value::Set(Arc::new(set))) };
    toList | asList : 0 .. 0 => Ok(Value::list(pair.1));
    asImmutable | asUnmodifiable : 0 .. 0 => Ok(Value::List(Arc::new(List::fixed("java.util.Collections$UnmodifiableRandomAccessList", crate::value::Mutability::None, pair.1))));
    asSynchronized : 0 .. 0 => Ok(pair.0.clone());
    getIndices : 0 .. 0 => { let range = crate::value::Range::ints(0, pair.1.len() as i32, false); Ok(Value::Range(Arc::new(range))) };
    containsAll : 1 .. 1 => { let others = cx.items(&a[0])?; Ok(Value::Bool(others.iter().all(|o| crate::equality::contains(&pair.1, o)))) };
    contains : 1 .. 1 => Ok(Value::Bool(crate::equality::contains(&pair.1, &a[0])));
    indexOf : 1 .. 1 => Ok(Value::Int(crate::equality::position(&pair.1, &a[0]).map_or(-1, |i| i as i32)));
    size : 0 .. 0 => Ok(Value::from(pair.1.len()));
    isEmpty : 0 .. 0 => Ok(Value::Bool(pair.1.is_empty()));
    getAt : 1 .. 1 => { let list = Value::list(pair.1); cx.index(&list, &a[0]) };
    iterator : 0 .. 0 => Ok(iterator(Value::Null, pair.1));
    stream : 0 .. 0 => Ok(stream(pair.1));
    map | mapToObj | mapToInt | mapToLong | mapToDouble | boxed | asLongStream | asDoubleStream : 0 .. 1 => {
        if a.is_empty() { return Ok(stream(pair.1)); }
        let mut out = Vec::new();
        for item in &pair.1 { out.push(cx.call_item(a.closure(0)?, item)?); }
        Ok(stream(out))
    };
    flatMap : 1 .. 1 => { let mut out = Vec::new(); for item in &pair.1 { let part = cx.call_item(a.closure(0)?, item)?; out.extend(cx.items(&part)?); } Ok(stream(out)) };
    filter : 1 .. 1 => { let mut out = Vec::new(); for item in pair.1 { if cx.call_item_truth(a.closure(0)?, &item)? { out.push(item); } } Ok(stream(out)) };
    peek : 1 .. 1 => { for item in &pair.1 { cx.call_item(a.closure(0)?, item)?; } Ok(stream(pair.1)) };
    distinct : 0 .. 0 => Ok(stream(distinct(pair.1)));
    sorted : 0 .. 1 => sort_values(cx, pair.1, a.0.first()).map(stream);
    findFirst | findAny : 0 .. 0 => Ok(crate::library::system::optional(pair.1.into_iter().next().unwrap_or(Value::Null)));
    toArray : 0 .. 1 => { let element = if pair.1.iter().all(|v| matches!(v, Value::Int(_))) && pair.0.native::<Stream>().is_some() && !pair.1.is_empty() { "int" } else { "java.lang.Object" }; Ok(Value::array(element, pair.1)) };
    swap : 2 .. 2 => Err(Fail::NoMethod);
    getLength : 0 .. 0 => if let Value::Array(_) = pair.0 { Ok(Value::from(pair.1.len())) } else { Err(Fail::NoMethod) };
}

/// Methods over the elements of `me`; only for what has elements.
pub(crate) fn call(cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
    let items = match me {
        Value::Object(native) => match native.0.clone().items(cx)? {
            Some(items) if is_collection(me) => items,
            _ => return Err(Fail::NoMethod),
        },
        _ => {
            if !is_method(name) {
                return Err(Fail::NoMethod);
            }
            cx.items(me)?
        }
    };
    call_items(cx, (me, items), name, a)
}

/// Whether it is worth while to copy the elements.
fn is_method(name: u64) -> bool {
    static NAMES: std::sync::OnceLock<std::collections::HashSet<u64>> = std::sync::OnceLock::new();
    NAMES
        .get_or_init(|| METHODS.iter().map(|name| symbol(name)).collect())
        .contains(&name)
}

/// A `java.util.stream.Stream`, over values that are there already.
pub(crate) struct Stream(Vec<Value>);

pub(crate) fn stream(items: Vec<Value>) -> Value {
    Value::object(Stream(items))
}

impl Native for Stream {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.stream.ReferencePipeline")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        if name == symbol("sum") && self.0.is_empty() {
            return Ok(Value::Int(0));
        }
        if matches!(name, n if n == symbol("max") || n == symbol("min")) {
            return call_items(cx, (me, self.0.clone()), name, a)
                .map(crate::library::system::optional);
        }
        if name == symbol("getLength") {
            return Ok(Value::from(self.0.len()));
        }
        call_items(cx, (me, self.0.clone()), name, a)
    }
    fn items(&self, _cx: &mut Interp<'_>) -> Run<Option<Vec<Value>>> {
        Ok(Some(self.0.clone()))
    }
    fn property(&self, _cx: &mut Interp<'_>, name: &str) -> Run<Option<Value>> {
        Ok((name == "length").then(|| Value::from(self.0.len())))
    }
}

/// `Collectors`.
pub(crate) enum Collector {
    List,
    Set,
    Joining(Arc<str>, Arc<str>, Arc<str>),
    Counting,
    GroupingBy(Value),
    ToMap(Value, Value),
}

impl Native for Collector {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.stream.Collectors$CollectorImpl")
    }
}

impl Collector {
    fn collect(&self, cx: &mut Interp<'_>, items: Vec<Value>) -> Run {
        Ok(match self {
            Collector::List => Value::list(items),
            Collector::Set => {
                return call_items(cx, (&Value::Null, items), symbol("toSet"), Args(&[]));
            }
            Collector::Counting => Value::Long(items.len() as i64),
            Collector::Joining(separator, prefix, suffix) => {
                let mut parts = Vec::new();
                for item in &items {
                    parts.push(cx.java_text(item)?);
                }
                Value::from(format!("{prefix}{}{suffix}", parts.join(separator)))
            }
            Collector::GroupingBy(f) => {
                let map = Map::new("java.util.HashMap", crate::value::Order::Hash);
                for item in items {
                    let key = cx.invoke(f, std::slice::from_ref(&item))?;
                    match map.get(&key) {
                        Some(Value::List(group)) => group.lock().push(item),
                        _ => {
                            map.put(key, Value::list(vec![item]));
                        }
                    }
                }
                Value::Map(Arc::new(map))
            }
            Collector::ToMap(key, value) => {
                let map = Map::new("java.util.HashMap", crate::value::Order::Hash);
                for item in items {
                    let k = cx.invoke(key, std::slice::from_ref(&item))?;
                    let v = cx.invoke(value, std::slice::from_ref(&item))?;
                    map.put(k, v);
                }
                Value::Map(Arc::new(map))
            }
        })
    }
}

/// A `java.util.Iterator`, or what goes through values as one.
pub(crate) struct Cursor {
    class: &'static str,
    source: Value,
    state: Mutex<(Vec<Value>, usize)>,
}

pub(crate) fn iterator(source: Value, items: Vec<Value>) -> Value {
    Value::object(Cursor {
        class: "java.util.Iterator",
        source,
        state: Mutex::new((items, 0)),
    })
}

/// A `java.util.StringTokenizer`.
pub(crate) fn tokenizer(tokens: Vec<Value>) -> Value {
    Value::object(Cursor {
        class: "java.util.StringTokenizer",
        source: Value::Null,
        state: Mutex::new((tokens, 0)),
    })
}

impl Native for Cursor {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_cursor(cx, self, name, a)
    }
    fn items(&self, _cx: &mut Interp<'_>) -> Run<Option<Vec<Value>>> {
        let mut state = lock(&self.state);
        let at = state.1;
        state.1 = state.0.len();
        Ok(Some(state.0[at..].to_vec()))
    }
}

methods! {
    fn call_cursor(cx, me: &Cursor, a, name) -> CURSOR;
    hasNext | hasMoreElements | hasMoreTokens : 0 .. 0 => { let state = lock(&me.state); Ok(Value::Bool(state.1 < state.0.len())) };
    next | nextElement | nextToken : 0 .. 0 => { let mut state = lock(&me.state); let v = state.0.get(state.1).cloned(); state.1 += 1; v.ok_or_else(|| throw_plain("java.util.NoSuchElementException")) };
    countTokens : 0 .. 0 => { let state = lock(&me.state); Ok(Value::from(state.0.len().saturating_sub(state.1))) };
    remove : 0 .. 0 => {
        let current = { let state = lock(&me.state); state.0.get(state.1.wrapping_sub(1)).cloned() };
        match (&me.source, current) {
            (Value::List(list), Some(value)) => { let at = list.items().iter().position(|v| v.same(&value)); if let Some(at) = at { list.lock().remove(at); } }
            (Value::Set(set), Some(value)) => { set.remove(&value); if let Some(entry) = value.native::<Entry>() && let Some(map) = &entry.map { map.remove(&entry.key); } }
            _ => return Err(throw_plain("java.lang.IllegalStateException")),
        }
        Ok(cx.void())
    };
}
