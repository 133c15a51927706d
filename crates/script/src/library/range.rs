//! Ranges: lists that are made when looked at.

use std::sync::Arc;

use crate::class::ClassInfo;
use crate::fail::Fail;
use crate::name::{methods, symbol};
use crate::value::{Range, Value};

methods! {
    fn call(cx, me: &Arc<Range>, a, name) -> METHODS;
    size : 0 .. 0 => Ok(Value::from(me.len()));
    isEmpty : 0 .. 0 => Ok(Value::Bool(me.len() == 0));
    get : 1 .. 1 => { let at = a.int(0)?; me.get(usize::try_from(at).unwrap_or(usize::MAX)).ok_or_else(|| crate::interp::out_of_bounds(at, me.len())) };
    getFrom : 0 .. 0 => { let lowest = me.bounds().is_some_and(|(x, y)| x > y); Ok(if lowest { me.to.clone() } else { me.from.clone() }) };
    getTo : 0 .. 0 => Ok(match me.bounds() { Some((x, y)) if x > y => me.from.clone(), Some((_, y)) if !me.inclusive => Value::Int(y as i32), _ => me.to.clone() });
    getFromInt : 0 .. 0 => Ok(me.from.clone());
    getToInt : 0 .. 0 => Ok(me.to.clone());
    isReverse : 0 .. 0 => Ok(Value::Bool(me.bounds().is_some_and(|(x, y)| x > y)));
    contains | containsWithinBounds : 1 .. 1 => cx.is_case(&Value::Range(me.clone()), &a[0]).map(Value::Bool);
    step | by : 1 .. 2 => {
        let by = a.int(0)?;
        if by == 0 { return Err(Fail::NoMethod); }
        let mut items = cx.items(&Value::Range(me.clone()))?;
        if by < 0 { items.reverse(); }
        let picked: Vec<Value> = items.into_iter().step_by(by.unsigned_abs() as usize).collect();
        if let Some(Value::Closure(f)) = a.0.get(1) { for item in &picked { cx.call_closure(f, std::slice::from_ref(item))?; } return Ok(Value::Null); }
        Ok(Value::list(picked))
    };
    iterator : 0 .. 0 => { let items = cx.items(&Value::Range(me.clone()))?; Ok(crate::library::iterable::iterator(Value::Null, items)) };
    stream : 0 .. 0 => { let items = cx.items(&Value::Range(me.clone()))?; Ok(crate::library::iterable::stream(items)) };
    each : 1 .. 1 => {
        let f = a.closure(0)?;
        for at in 0..me.len() { let v = me.get(at).unwrap_or(Value::Null); cx.call_closure(f, &[v])?; }
        Ok(Value::Range(me.clone()))
    };
    toString : 0 .. 0 => cx.string_text(&Value::Range(me.clone())).map(Value::Str);
    equals : 1 .. 1 => Ok(Value::Bool(crate::equality::groovy_equals(&Value::Range(me.clone()), &a[0])));
    add | remove | clear | addAll : 0 .. 2 => { let _ = symbol("add"); Err(crate::library::throwable::throw_plain("java.lang.UnsupportedOperationException")) };
}

const LIST: &[&str] = &["groovy.lang.Range"];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("groovy.lang.Range")
        .parents(&["java.util.List"])
        .methods(&[METHODS]),
    ClassInfo::named("groovy.lang.IntRange")
        .parents(LIST)
        .methods(&[METHODS]),
    ClassInfo::named("groovy.lang.NumberRange")
        .parents(LIST)
        .methods(&[METHODS]),
    ClassInfo::named("groovy.lang.ObjectRange")
        .parents(LIST)
        .methods(&[METHODS]),
];
