//! Closures as objects.

use std::sync::{Arc, Mutex};

use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::name::methods;
use crate::value::{Closure, Curried, Map, Order, Value, lock};

/// A closure as `me` with other parts. It is made of its parts because a closure that is freed does not give them up.
struct Changed {
    delegate: Option<Value>,
    curried: Vec<Curried>,
    memory: Option<Arc<Map>>,
    then: Vec<Arc<Closure>>,
}

fn changed(cx: &mut Interp<'_>, me: &Closure, change: impl FnOnce(&mut Changed)) -> Run {
    let with = changed_parts(me, change);
    cx.charge_items(with.captured.len() + with.curried.len() + with.then.len())?;
    Ok(Value::Closure(Arc::new(with)))
}

/// The closure that a memoized one remembers the results of.
pub(crate) fn without_memory(me: &Closure) -> Arc<Closure> {
    Arc::new(changed_parts(me, |with| with.memory = None))
}

fn changed_parts(me: &Closure, change: impl FnOnce(&mut Changed)) -> Closure {
    let mut with = Changed {
        delegate: lock(&me.delegate).clone(),
        curried: me.curried.clone(),
        memory: me.memory.clone(),
        then: me.then.clone(),
    };
    change(&mut with);
    Closure {
        function: me.function.clone(),
        program: me.program.clone(),
        captured: me.captured.clone(),
        this: me.this.clone(),
        owner: me.owner.clone(),
        delegate: Mutex::new(with.delegate),
        delegate_first: me.delegate_first,
        curried: with.curried,
        memory: with.memory,
        pointer: me.pointer.clone(),
        then: with.then,
    }
}

/// First one, then the other with its result.
pub(crate) fn compose(cx: &mut Interp<'_>, first: &Closure, second: &Arc<Closure>) -> Run {
    changed(cx, first, |with| with.then.push(second.clone()))
}

methods! {
    fn call(cx, me: &Arc<Closure>, a, name) -> METHODS;
    call | doCall | apply | accept | run | test | get | compare | applyAsInt | applyAsLong : 0 .. 20 => cx.call_closure(me, &a);
    curry | lcurry : 1 .. 10 => changed(cx, me, |with| with.curried.push(Curried { at: 0, values: a.to_vec() }));
    ncurry : 2 .. 10 => { let at = a.int(0)?; changed(cx, me, |with| with.curried.push(Curried { at, values: a[1..].to_vec() })) };
    getMaximumNumberOfParameters : 0 .. 0 => Ok(Value::from(if me.function.implicit_it { 1 } else { me.function.params.len() }));
    setDelegate : 1 .. 1 => { *lock(&me.delegate) = Some(a.value(0)); Ok(Value::Null) };
    setResolveStrategy : 1 .. 1 => Ok(Value::Null);
    rehydrate : 3 .. 3 => changed(cx, me, |with| with.delegate = Some(a.value(0)));
    rcurry : 1 .. 10 => changed(cx, me, |with| with.curried.push(Curried { at: -(a.len() as i32), values: a.to_vec() }));
    memoize : 0 .. 0 => changed(cx, me, |with| with.memory = Some(Arc::new(Map::new("java.util.HashMap", Order::Hash))));
    memoizeAtMost | memoizeAtLeast : 1 .. 1 => changed(cx, me, |with| with.memory = Some(Arc::new(Map::new("java.util.HashMap", Order::Hash))));
    clone | trampoline : 0 .. 0 => changed(cx, me, |_| ());
    andThen | rightShift : 1 .. 1 => compose(cx, me, a.closure(0)?);
    leftShift : 1 .. 1 => match &a[0] {
        Value::Closure(first) => compose(cx, first, me),
        _ => Err(Fail::NoMethod),
    };
}

fn fields(name: &str) -> Option<Value> {
    match name {
        "OWNER_FIRST" => Some(Value::Int(0)),
        "DELEGATE_FIRST" => Some(Value::Int(1)),
        "OWNER_ONLY" => Some(Value::Int(2)),
        "DELEGATE_ONLY" => Some(Value::Int(3)),
        _ => None,
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[ClassInfo::named("groovy.lang.Closure")
    .fields(fields)
    .methods(&[METHODS])];
