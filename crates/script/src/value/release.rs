//! Freeing what values hold, however deep a script has nested it: a chain of a million objects must not be freed by a million
//! calls within one another, for which no stack is long enough.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, OnceLock};

use super::{Array, ArrayData, Closure, GString, List, Map, Native, ObjectBox, Value, lock};

/// Containers within containers that are freed by a call each, which costs least. Those further in wait for the outermost.
const MOST_DEPTH: u32 = 64;

thread_local! {
    /// Containers around the one that is being freed.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What lay too deep and is to be freed by the outermost container.
    static WAITING: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// Frees `held`, what a container holds, whose values `parts` puts into a list if they have to wait.
fn release<T>(held: T, parts: impl FnOnce(T, &mut Vec<Value>)) {
    let depth = DEPTH.get();
    if depth == MOST_DEPTH {
        // A thread that ends has no list any more.
        let _ = WAITING.try_with(|waiting| parts(held, &mut waiting.borrow_mut()));
        return;
    }
    DEPTH.set(depth + 1);
    drop(held);
    if depth == 0 {
        let next = || WAITING.try_with(|waiting| waiting.borrow_mut().pop());
        while let Ok(Some(value)) = next() {
            drop(value);
        }
    }
    DEPTH.set(depth);
}

impl Value {
    /// Whether it may hold other values.
    pub(super) fn holds_more(&self) -> bool {
        matches!(
            self,
            Value::List(_)
                | Value::Map(_)
                | Value::Set(_)
                | Value::Array(_)
                | Value::Closure(_)
                | Value::Object(_)
                | Value::Range(_)
                | Value::Cell(_)
        ) || matches!(self, Value::GString(text) if text.lazy.is_some())
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let items = std::mem::take(self.items_mut());
        if items.iter().any(Value::holds_more) {
            release(items, |items, waiting| waiting.extend(items));
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let entries = std::mem::take(&mut self.data_mut().entries);
        if entries.any(Value::holds_more) {
            release(entries, |entries, waiting| {
                waiting.extend(entries.into_iter().flat_map(|(k, v)| [k.0, v]));
            });
        }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if let ArrayData::Values(values) = &mut *lock(&self.data)
            && values.iter().any(Value::holds_more)
        {
            release(std::mem::take(values), |values, waiting| {
                waiting.extend(values);
            });
        }
    }
}

impl Drop for GString {
    fn drop(&mut self) {
        if let Some((_, values)) = self.lazy.take() {
            release(values, |values, waiting| waiting.extend(values));
        }
    }
}

impl Drop for Closure {
    fn drop(&mut self) {
        let this = std::mem::replace(&mut self.this, Value::Null);
        let object = self.pointer.take().map(|(object, _)| object);
        let delegate = lock(&self.delegate).take();
        let around = self.owner.take().map(Value::Closure);
        let values = std::mem::take(&mut self.captured);
        let curried = std::mem::take(&mut self.curried);
        let mut curried: Vec<Value> = curried.into_iter().flat_map(|one| one.values).collect();
        curried.extend(self.memory.take().map(Value::Map));
        let then = std::mem::take(&mut self.then);
        let held = (
            [Some(this), object, delegate, around],
            [values, curried],
            then,
        );
        release(held, |(single, several, then), waiting| {
            waiting.extend(single.into_iter().flatten());
            waiting.extend(several.into_iter().flatten());
            waiting.extend(then.into_iter().map(Value::Closure));
        });
    }
}

impl Drop for ObjectBox {
    fn drop(&mut self) {
        if Arc::strong_count(&self.0) == 1 {
            let object = std::mem::replace(&mut self.0, nothing());
            release(object, |object, waiting| {
                waiting.push(Value::Object(ObjectBox(object)));
            });
        }
    }
}

/// What stands in the place of an object that was taken out to be freed.
struct Nothing;

impl Native for Nothing {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.lang.Object")
    }
}

fn nothing() -> Arc<dyn Native> {
    static NOTHING: OnceLock<Arc<dyn Native>> = OnceLock::new();
    NOTHING.get_or_init(|| Arc::new(Nothing)).clone()
}
