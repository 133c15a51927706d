//! Lists, `Collections` and `Arrays`.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::equality::{self, java_equals};
use crate::fail::{Fail, Run};
use crate::interp::{Interp, out_of_bounds};
use crate::library::random::Random;
use crate::library::throwable::{throw, throw_plain};
use crate::name::{Name, methods, symbol};
use crate::value::{List, Map, Mutability, Native, Order, Value};

fn free(me: &List) -> Run<()> {
    if me.mutability == Mutability::Free {
        Ok(())
    } else {
        Err(throw_plain("java.lang.UnsupportedOperationException"))
    }
}

fn settable(me: &List) -> Run<()> {
    if me.mutability == Mutability::None {
        Err(throw_plain("java.lang.UnsupportedOperationException"))
    } else {
        Ok(())
    }
}

fn place(at: i32, length: usize) -> Run<usize> {
    usize::try_from(at)
        .ok()
        .filter(|p| *p < length)
        .ok_or_else(|| out_of_bounds(at, length))
}

fn empty() -> Fail {
    throw_plain("java.util.NoSuchElementException")
}

/// Sorts a list by a closure of one or two parameters, or by nature.
pub(crate) fn sort_values(
    cx: &mut Interp<'_>,
    items: Vec<Value>,
    by: Option<&Value>,
) -> Run<Vec<Value>> {
    cx.work(items.len() * 4)?;
    let mut failed = None;
    let mut keyed: Vec<(Value, Value)> = match by {
        Some(Value::Closure(f)) if f.function.params.len() != 2 => {
            let mut keyed = Vec::with_capacity(items.len());
            for item in items {
                keyed.push((cx.call_item(f, &item)?, item));
            }
            keyed
        }
        _ => items.into_iter().map(|item| (item.clone(), item)).collect(),
    };
    let two = match by {
        Some(Value::Closure(f)) if f.function.params.len() == 2 => Some(f.clone()),
        _ => None,
    };
    let comparator = by
        .filter(|b| !b.is_nothing() && !matches!(b, Value::Closure(_)))
        .cloned();
    // A merge sort of our own: a comparison may fail, and must not be inconsistent for the library's.
    merge_sort(&mut keyed, &mut |x, y| {
        if failed.is_some() {
            return std::cmp::Ordering::Equal;
        }
        let order = match (&two, &comparator) {
            (Some(f), _) => cx
                .call_closure(f, &[x.1.clone(), y.1.clone()])
                .map(|v| crate::number::to_f64(&v).total_cmp(&0.0)),
            (None, Some(c)) => cx
                .call_method(
                    c,
                    &crate::name::Name::new("compare"),
                    &[x.1.clone(), y.1.clone()],
                )
                .map(|v| crate::number::to_f64(&v).total_cmp(&0.0)),
            _ => cx.order(&x.0, &y.0),
        };
        order.unwrap_or_else(|fail| {
            failed = Some(fail);
            std::cmp::Ordering::Equal
        })
    });
    match failed {
        Some(fail) => Err(fail),
        None => Ok(keyed.into_iter().map(|(_, item)| item).collect()),
    }
}

fn merge_sort<T: Clone>(items: &mut [T], order: &mut impl FnMut(&T, &T) -> std::cmp::Ordering) {
    if items.len() < 2 {
        return;
    }
    let middle = items.len() / 2;
    merge_sort(&mut items[..middle], order);
    merge_sort(&mut items[middle..], order);
    let left = items[..middle].to_vec();
    let right = items[middle..].to_vec();
    let (mut i, mut j) = (0, 0);
    for slot in items.iter_mut() {
        let from_left = j >= right.len() || i < left.len() && order(&left[i], &right[j]).is_le();
        if from_left {
            *slot = left[i].clone();
            i += 1;
        } else {
            *slot = right[j].clone();
            j += 1;
        }
    }
}

/// Removes the first value that is equal. The list is not locked while it is looked for: it may be one of its own values.
fn remove(me: &List, value: &Value) -> Run {
    let at = equality::position(&me.items(), value);
    if let Some(at) = at {
        me.lock().remove(at);
    }
    Ok(Value::Bool(at.is_some()))
}

methods! {
    fn call(cx, me: &Arc<List>, a, name) -> METHODS;
    size : 0 .. 0 => Ok(Value::from(me.len()));
    isEmpty | empty : 0 .. 0 => Ok(Value::Bool(me.len() == 0));
    get | elementAt : 1 .. 1 => { let at = a.int(0)?; me.get(place(at, me.len())?).ok_or_else(|| out_of_bounds(at, me.len())) };
    set : 2 .. 2 => { settable(me)?; let at = place(a.int(0)?, me.len())?; Ok(std::mem::replace(&mut me.lock()[at], a.value(1))) };
    put : 1 .. 1 => { if !me.class.ends_with("Queue") { return Err(Fail::NoMethod); } free(me)?; cx.charge_items(1)?; me.lock().push(a.value(0)); Ok(cx.void()) };
    add | addElement | offer | addLast | offerLast : 1 .. 1 => { free(me)?; cx.charge_items(1)?; me.lock().push(a.value(0)); Ok(Value::Bool(true)) };
    push | addFirst | offerFirst : 1 .. 1 => {
        free(me)?;
        cx.charge_items(1)?;
        if me.class == "java.util.Stack" { me.lock().push(a.value(0)); } else { me.lock().insert(0, a.value(0)); }
        Ok(a.value(0))
    };
    insertElementAt : 2 .. 2 => { free(me)?; let at = a.int(1)?; let length = me.len(); if at < 0 || at as usize > length { return Err(out_of_bounds(at, length)); } me.lock().insert(at as usize, a.value(0)); Ok(cx.void()) };
    addAll : 1 .. 2 => {
        free(me)?;
        let items = cx.items(&a[a.len() - 1])?;
        cx.charge_items(items.len())?;
        let some = !items.is_empty();
        let mut list = me.lock();
        let at = if a.len() == 2 { a.int(0)?.max(0) as usize } else { list.len() };
        if at > list.len() { let length = list.len(); drop(list); return Err(throw("java.lang.IndexOutOfBoundsException", format!("Index: {at}, Size: {length}"))); }
        list.splice(at..at, items);
        Ok(Value::Bool(some))
    };
    remove : 0 .. 1 => {
        free(me)?;
        match a.0 {
            [] => { let mut list = me.lock(); if list.is_empty() { return Err(empty()); } Ok(list.remove(0)) }
            [Value::Int(at)] => { let at = place(*at, me.len())?; Ok(me.lock().remove(at)) }
            [value] => remove(me, value),
            _ => Err(Fail::NoMethod),
        }
    };
    removeAt : 1 .. 1 => { free(me)?; let at = place(a.int(0)?, me.len())?; Ok(me.lock().remove(at)) };
    removeElement : 1 .. 1 => { free(me)?; remove(me, &a[0]) };
    removeAll | retainAll | removeIf : 1 .. 1 => {
        free(me)?;
        let keep_matching = name == symbol("retainAll");
        let items = me.items();
        let before = items.len();
        let mut kept = Vec::new();
        let others = if let Value::Closure(_) = &a[0] { Vec::new() } else { cx.items(&a[0])? };
        for item in items {
            let matching = match &a[0] { Value::Closure(f) => cx.call_item_truth(f, &item)?, _ => equality::contains(&others, &item) };
            if matching == keep_matching { kept.push(item); }
        }
        let changed = kept.len() != before;
        *me.lock() = kept;
        Ok(Value::Bool(changed))
    };
    clear | removeAllElements : 0 .. 0 => { free(me)?; let items = std::mem::take(&mut *me.lock()); drop(items); Ok(cx.void()) };
    contains : 1 .. 1 => Ok(Value::Bool(equality::contains(&me.items(), &a[0])));
    containsAll : 1 .. 1 => { let mine = me.items(); let others = cx.items(&a[0])?; Ok(Value::Bool(others.iter().all(|o| equality::contains(&mine, o)))) };
    indexOf : 1 .. 1 => Ok(Value::Int(equality::position(&me.items(), &a[0]).map_or(-1, |p| p as i32)));
    lastIndexOf : 1 .. 1 => Ok(Value::Int(equality::last_position(&me.items(), &a[0]).map_or(-1, |p| p as i32)));
    subList : 2 .. 2 => {
        let (from, to) = (a.int(0)?, a.int(1)?);
        let items = me.items();
        if from < 0 { return Err(throw("java.lang.IndexOutOfBoundsException", format!("fromIndex = {from}"))); }
        if to as usize > items.len() { return Err(throw("java.lang.IndexOutOfBoundsException", format!("toIndex = {to}"))); }
        if from > to { return Err(throw("java.lang.IllegalArgumentException", format!("fromIndex({from}) > toIndex({to})"))); }
        Ok(Value::List(Arc::new(List::of("java.util.ArrayList$SubList", items[from as usize..to as usize].to_vec()))))
    };
    sort : 0 .. 2 => {
        settable(me)?;
        let (in_place, by) = match a.0 {
            [Value::Bool(mutate)] => (*mutate, None),
            [Value::Bool(mutate), by] => (*mutate, Some(by)),
            [by] => (true, Some(by)),
            _ => (true, None),
        };
        let sorted = sort_values(cx, me.items(), by)?;
        if !in_place { return Ok(Value::list(sorted)); }
        *me.lock() = sorted;
        // With a comparator it is Java's own method, which has no result.
        if matches!(a.0, [by] if !matches!(by, Value::Bool(_) | Value::Closure(_))) { return Ok(cx.void()); }
        if cx.beanshell() { Ok(Value::Void) } else { Ok(Value::List(me.clone())) }
    };
    unique : 0 .. 2 => {
        let by = a.0.iter().find(|v| matches!(v, Value::Closure(_)));
        let items = crate::library::iterable::unique(cx, me.items(), by)?;
        if matches!(a.0.first(), Some(Value::Bool(false))) { return Ok(Value::list(items)); }
        *me.lock() = items;
        Ok(Value::List(me.clone()))
    };
    swap : 2 .. 2 => { let (x, y) = (place(a.int(0)?, me.len())?, place(a.int(1)?, me.len())?); me.lock().swap(x, y); Ok(Value::List(me.clone())) };
    pop : 0 .. 0 => { free(me)?; let mut list = me.lock(); if list.is_empty() { return Err(if me.class == "java.util.ArrayList" { throw("java.util.NoSuchElementException", "Cannot pop() an empty List") } else { empty() }); } Ok(if me.class == "java.util.Stack" { list.pop().unwrap_or(Value::Null) } else { list.remove(0) }) };
    removeLast | pollLast : 0 .. 0 => { free(me)?; match me.lock().pop() { Some(v) => Ok(v), None if name == symbol("pollLast") => Ok(Value::Null), None => Err(empty()) } };
    removeFirst : 0 .. 0 => { free(me)?; let mut list = me.lock(); if list.is_empty() { return Err(empty()); } Ok(list.remove(0)) };
    poll | pollFirst : 0 .. 1 => { free(me)?; let mut list = me.lock(); Ok(if list.is_empty() { Value::Null } else { list.remove(0) }) };
    peek | peekFirst : 0 .. 0 => Ok(if me.class == "java.util.Stack" { me.lock().last().cloned() } else { me.get(0) }.unwrap_or(Value::Null));
    peekLast : 0 .. 0 => Ok(me.lock().last().cloned().unwrap_or(Value::Null));
    getFirst | element | firstElement : 0 .. 0 => me.get(0).ok_or_else(empty);
    getLast | lastElement : 0 .. 0 => me.lock().last().cloned().ok_or_else(empty);
    ensureCapacity | trimToSize : 0 .. 1 => Ok(cx.void());
    replaceAll : 1 .. 1 => {
        let mut out = Vec::new();
        for item in me.items() { out.push(cx.call_item(a.closure(0)?, &item)?); }
        *me.lock() = out;
        Ok(Value::Null)
    };
    iterator | listIterator : 0 .. 0 => Ok(crate::library::iterable::iterator(Value::List(me.clone()), me.items()));
    toArray : 0 .. 1 => Ok(match a.0.first() { Some(Value::Array(array)) => Value::array(&array.element, me.items()), _ => Value::array("java.lang.Object", me.items()) });
    stream | parallelStream : 0 .. 0 => Ok(crate::library::iterable::stream(me.items()));
    equals : 1 .. 1 => Ok(Value::Bool(if cx.groovy() { equality::groovy_equals(&Value::List(me.clone()), &a[0]) } else { java_equals(&Value::List(me.clone()), &a[0]) }));
    forEach : 1 .. 1 => { for item in me.items() { cx.call_item(a.closure(0)?, &item)?; } Ok(Value::Null) };
    putAt : 2 .. 2 => { cx.set_index(&Value::List(me.clone()), &a[0], a.value(1))?; Ok(Value::Null) };
}

/// `list.add(index, element)`; apart from `add(element)`, which has another result.
fn add_at(cx: &mut Interp<'_>, me: &Arc<List>, a: Args<'_>) -> Run {
    free(me)?;
    let at = a.int(0)?;
    cx.charge_items(1)?;
    let length = me.len();
    if at < 0 || at as usize > length {
        return Err(throw(
            "java.lang.IndexOutOfBoundsException",
            format!("Index: {at}, Size: {length}"),
        ));
    }
    me.lock().insert(at as usize, a.value(1));
    Ok(cx.void())
}

/// All methods of lists.
pub(crate) fn call_all(cx: &mut Interp<'_>, me: &Arc<List>, name: u64, a: Args<'_>) -> Run {
    if name == symbol("add") && a.len() == 2 {
        return add_at(cx, me, a);
    }
    call(cx, me, name, a)
}

fn new(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let name = match class.name {
        "java.util.List" | "java.util.Collection" => return Err(Fail::NoMethod),
        name => name,
    };
    let items = match &a[..] {
        [] | [Value::Int(_)] => Vec::new(),
        [items] if !items.is_nothing() => cx.items(items)?,
        _ => return Err(throw_plain("java.lang.NullPointerException")),
    };
    cx.charge_items(items.len())?;
    Ok(Value::List(Arc::new(List::of(name, items))))
}

pub(crate) fn shuffle(cx: &mut Interp<'_>, list: &List, random: Option<&Random>) -> Run<()> {
    let mut items = list.items();
    for i in (1..items.len()).rev() {
        let j = match random {
            Some(random) => random.next_bounded(i as i32 + 1) as usize,
            None => (cx.host.random() % (i as u64 + 1)) as usize,
        };
        items.swap(i, j);
    }
    *list.lock() = items;
    Ok(())
}

fn the_list(a: Args<'_>, index: usize) -> Run<&Arc<List>> {
    match a.0.get(index) {
        Some(Value::List(list)) => Ok(list),
        _ => Err(Fail::NoMethod),
    }
}

/// `Collections.reverseOrder()`, of the natural order or of another one.
struct Reversed(Option<Value>);

impl Native for Reversed {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.Collections$ReverseComparator")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        if name != symbol("compare") || a.len() != 2 {
            return Err(Fail::NoMethod);
        }
        match &self.0 {
            Some(order) => cx.call_method(order, &Name::new("compare"), &[a.value(1), a.value(0)]),
            None => cx.order(&a[1], &a[0]).map(|order| Value::Int(order as i32)),
        }
    }
}

methods! {
    fn collections(cx, me: &'static ClassInfo, a, name) -> COLLECTIONS;
    shuffle : 1 .. 2 => { let random = if a.len() == 2 { Some(a.native::<Random>(1)?) } else { None }; shuffle(cx, the_list(a, 0)?, random)?; Ok(cx.void()) };
    sort : 1 .. 2 => { let list = the_list(a, 0)?; let sorted = sort_values(cx, list.items(), a.0.get(1))?; *list.lock() = sorted; Ok(cx.void()) };
    reverse : 1 .. 1 => { the_list(a, 0)?.lock().reverse(); Ok(cx.void()) };
    max | min : 1 .. 2 => {
        let sorted = { let items = cx.items(&a[0])?; sort_values(cx, items, a.0.get(1))? };
        if name == symbol("max") { sorted.last() } else { sorted.first() }.cloned().ok_or_else(empty)
    };
    reverseOrder : 0 .. 1 => Ok(Value::object(Reversed(a.0.first().cloned())));
    emptyList : 0 .. 0 => Ok(Value::List(Arc::new(List::fixed("java.util.Collections$EmptyList", Mutability::None, Vec::new()))));
    emptyMap : 0 .. 0 => Ok(Value::Map(Arc::new(Map::new("java.util.Collections$EmptyMap", Order::Inserted).frozen())));
    emptySet : 0 .. 0 => Ok(Value::Set(Arc::new(Map::new("java.util.Collections$EmptySet", Order::Inserted).frozen())));
    singletonList : 1 .. 1 => Ok(Value::List(Arc::new(List::fixed("java.util.Collections$SingletonList", Mutability::None, vec![a.value(0)]))));
    unmodifiableList : 1 .. 1 => Ok(Value::List(Arc::new(List::fixed("java.util.Collections$UnmodifiableRandomAccessList", Mutability::None, cx.items(&a[0])?))));
    synchronizedList | synchronizedMap | synchronizedSet : 1 .. 1 => Ok(a.value(0));
    unmodifiableMap : 1 .. 1 => if let Value::Map(map) = &a[0] { let out = Map::new("java.util.Collections$UnmodifiableMap", map.order); for (k, v) in map.entries() { out.put(k, v); } Ok(Value::Map(Arc::new(out.frozen()))) } else { Err(Fail::NoMethod) };
    frequency : 2 .. 2 => { let items = cx.items(&a[0])?; Ok(Value::from(items.iter().filter(|i| java_equals(i, &a[1])).count())) };
    swap : 3 .. 3 => { let list = the_list(a, 0)?; let (x, y) = (place(a.int(1)?, list.len())?, place(a.int(2)?, list.len())?); list.lock().swap(x, y); Ok(cx.void()) };
    nCopies : 2 .. 2 => { let n = a.int(0)?.max(0) as usize; cx.charge_items(n)?; Ok(Value::list(vec![a.value(1); n])) };
    addAll : 2 .. 20 => { let list = the_list(a, 0)?; let items = if let [_, Value::Array(array)] = a.0 { array.items() } else { a[1..].to_vec() }; list.lock().extend(items); Ok(Value::Bool(true)) };
    rotate : 2 .. 2 => { let list = the_list(a, 0)?; let mut items = list.lock(); let n = items.len() as i32; if n > 0 { let by = a.int(1)?.rem_euclid(n) as usize; items.rotate_right(by); } Ok(cx.void()) };
}

fn array_of(a: Args<'_>) -> Run<&Arc<crate::value::Array>> {
    match a.0.first() {
        Some(Value::Array(array)) => Ok(array),
        _ => Err(Fail::NoMethod),
    }
}

methods! {
    fn arrays(cx, me: &'static ClassInfo, a, name) -> ARRAYS;
    asList : 0 .. 60 => {
        let items = match a.0 { [Value::Array(array)] => array.items(), _ if cx.beanshell() => return Err(Fail::NoMethod), items => items.to_vec() };
        Ok(Value::List(Arc::new(List::fixed("java.util.Arrays$ArrayList", Mutability::FixedSize, items))))
    };
    toString | deepToString : 1 .. 1 => { if a[0].is_nothing() { return Ok(Value::from("null")); } let items = array_of(a)?.items(); cx.java_text(&Value::list(items)).map(Value::Str) };
    sort : 1 .. 2 => { let array = array_of(a)?; let sorted = sort_values(cx, array.items(), a.0.get(1))?; for (i, item) in sorted.into_iter().enumerate() { array.set(i, item); } Ok(cx.void()) };
    fill : 2 .. 2 => { let array = array_of(a)?; let value = cx.coerce_element(a.value(1), &array.element)?; for i in 0..array.len() { array.set(i, value.clone()); } Ok(cx.void()) };
    copyOf | copyOfRange : 2 .. 3 => {
        let array = array_of(a)?;
        let (from, to) = if a.len() == 3 { (a.int(1)?.max(0) as usize, a.int(2)?.max(0) as usize) } else { (0, a.int(1)?.max(0) as usize) };
        if to < from { return Err(throw("java.lang.IllegalArgumentException", format!("{from} > {to}"))); }
        cx.charge_items(to - from)?;
        let zero = if array.element.starts_with(|c: char| c.is_lowercase()) && !array.element.contains('.') { cx.coerce_element(Value::Int(0), &array.element)? } else { Value::Null };
        Ok(Value::array(&array.element, (from..to).map(|i| array.get(i).unwrap_or_else(|| zero.clone())).collect()))
    };
    stream : 1 .. 1 => Ok(crate::library::iterable::stream(array_of(a)?.items()));
    equals : 2 .. 2 => { let (x, y) = (cx.items(&a[0])?, cx.items(&a[1])?); Ok(Value::Bool(x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| java_equals(x, y)))) };
    hashCode : 1 .. 1 => { let items = cx.items(&a[0])?; Ok(Value::Int(crate::equality::java_hash(&Value::list(items)))) };
}

methods! {
    fn list_static(cx, me: &'static ClassInfo, a, name) -> LIST_STATICS;
    of | copyOf : 0 .. 30 => {
        let items = match a.0 { [Value::List(list)] if name == symbol("copyOf") => list.items(), [Value::Array(array)] => array.items(), items => items.to_vec() };
        Ok(Value::List(Arc::new(List::fixed("java.util.ImmutableCollections$ListN", Mutability::None, items))))
    };
}

const LIST: &[&[&str]] = &[METHODS];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Collection")
        .parents(&["java.lang.Iterable"])
        .methods(&[METHODS, crate::library::set::METHODS]),
    ClassInfo::named("java.util.List")
        .parents(&["java.util.Collection"])
        .statics(list_static, LIST_STATICS)
        .methods(LIST),
    ClassInfo::named("java.util.AbstractList")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.ArrayList")
        .parents(&["java.util.List", "java.util.AbstractList"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.ArrayList$SubList")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.Arrays$ArrayList")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.Collections$EmptyList")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.Collections$SingletonList")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.Collections$UnmodifiableRandomAccessList")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.ImmutableCollections$ListN")
        .parents(&["java.util.List"])
        .methods(LIST),
    ClassInfo::named("java.util.Vector")
        .parents(&["java.util.List"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.Stack")
        .parents(&["java.util.Vector"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.Queue")
        .parents(&["java.util.Collection"])
        .methods(LIST),
    ClassInfo::named("java.util.Deque")
        .parents(&["java.util.Queue"])
        .methods(LIST),
    ClassInfo::named("java.util.LinkedList")
        .parents(&["java.util.List", "java.util.Deque"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.ArrayDeque")
        .parents(&["java.util.Deque"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.concurrent.ConcurrentLinkedQueue")
        .parents(&["java.util.Queue"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.concurrent.LinkedBlockingQueue")
        .parents(&["java.util.Queue"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.concurrent.CopyOnWriteArrayList")
        .parents(&["java.util.List"])
        .constructor(new)
        .methods(LIST),
    ClassInfo::named("java.util.Collections").statics(collections, COLLECTIONS),
    ClassInfo::named("java.util.Arrays").statics(arrays, ARRAYS),
];
