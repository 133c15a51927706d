//! Closures as objects.

use std::sync::{Arc, Mutex};

use crate::class::ClassInfo;
use crate::fail::Fail;
use crate::name::{methods, symbol};
use crate::value::{Closure, Value, lock};

fn copy(me: &Closure) -> Closure {
    Closure {
        function: me.function.clone(),
        program: me.program.clone(),
        captured: me.captured.clone(),
        this: me.this.clone(),
        owner: me.owner.clone(),
        delegate: Mutex::new(lock(&me.delegate).clone()),
        delegate_first: me.delegate_first,
        curried: me.curried.clone(),
        pointer: me.pointer.clone(),
        then: me.then.clone(),
    }
}

/// First one, then the other with its result.
pub(crate) fn compose(first: &Arc<Closure>, second: &Arc<Closure>) -> Value {
    let then = match &first.then {
        Some(inner) => match compose(inner, second) {
            Value::Closure(closure) => closure,
            _ => second.clone(),
        },
        None => second.clone(),
    };
    Value::Closure(Arc::new(Closure {
        then: Some(then),
        ..copy(first)
    }))
}

methods! {
    fn call(cx, me: &Arc<Closure>, a, name) -> METHODS;
    call | doCall | apply | accept | run | test | get | compare | applyAsInt | applyAsLong : 0 .. 20 => cx.call_closure(me, &a);
    curry | lcurry : 1 .. 10 => { let mut curried = me.curried.clone(); curried.extend(a.iter().cloned()); Ok(Value::Closure(Arc::new(Closure { curried, ..copy(me) }))) };
    getMaximumNumberOfParameters : 0 .. 0 => Ok(Value::from(if me.function.implicit_it { 1 } else { me.function.params.len() }));
    setDelegate : 1 .. 1 => { *lock(&me.delegate) = Some(a.value(0)); Ok(Value::Null) };
    setResolveStrategy : 1 .. 1 => Ok(Value::Null);
    rehydrate : 3 .. 3 => Ok(Value::Closure(Arc::new(Closure { delegate: Mutex::new(Some(a.value(0))), ..copy(me) })));
    clone | memoize | trampoline : 0 .. 0 => Ok(Value::Closure(Arc::new(copy(me))));
    andThen : 1 .. 1 => Ok(compose(me, a.closure(0)?));
    rightShift : 1 .. 1 => Ok(compose(me, a.closure(0)?));
    leftShift : 1 .. 1 => { let _ = symbol("x"); if let Value::Closure(f) = &a[0] { Ok(compose(f, me)) } else { Err(Fail::NoMethod) } };
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
