//! Freeing containers that a script has nested, however deep, without recursion.

use std::sync::Arc;

use super::{Array, ArrayData, List, Map, Value, lock};

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
