//! Arrays of Java, those of bytes packed.
//!
//! Not here: their methods (see [`crate::library::array`]).

use std::sync::{Arc, Mutex};

use super::{Value, lock};

/// A Java array.
pub struct Array {
    /// The element type's name: `int`, `byte`, `java.lang.String`.
    pub(crate) element: Arc<str>,
    pub(crate) data: Mutex<ArrayData>,
}

pub(crate) enum ArrayData {
    Bytes(Vec<u8>),
    Values(Vec<Value>),
}

impl Array {
    pub(crate) fn of(element: &str, items: Vec<Value>) -> Array {
        let data = if element == "byte" {
            ArrayData::Bytes(
                items
                    .iter()
                    .map(|v| v.as_long().unwrap_or(0) as u8)
                    .collect(),
            )
        } else {
            ArrayData::Values(items)
        };
        Array {
            element: Arc::from(element),
            data: Mutex::new(data),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes.len(),
            ArrayData::Values(values) => values.len(),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes.get(index).map(|b| Value::Byte(*b as i8)),
            ArrayData::Values(values) => values.get(index).cloned(),
        }
    }

    pub(crate) fn set(&self, index: usize, value: Value) -> bool {
        match &mut *lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes
                .get_mut(index)
                .map(|b| *b = value.as_long().unwrap_or(0) as u8)
                .is_some(),
            ArrayData::Values(values) => values.get_mut(index).map(|v| *v = value).is_some(),
        }
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => bytes.iter().map(|b| Value::Byte(*b as i8)).collect(),
            ArrayData::Values(values) => values.clone(),
        }
    }

    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match &*lock(&self.data) {
            ArrayData::Bytes(bytes) => Some(bytes.clone()),
            ArrayData::Values(_) => None,
        }
    }

    /// Java's name of the array class: `[I`, `[Ljava.lang.String;`.
    pub(crate) fn class_name(&self) -> String {
        array_class_name(&self.element)
    }
}

pub(crate) fn array_class_name(element: &str) -> String {
    match element {
        "int" => "[I".into(),
        "long" => "[J".into(),
        "byte" => "[B".into(),
        "char" => "[C".into(),
        "short" => "[S".into(),
        "double" => "[D".into(),
        "float" => "[F".into(),
        "boolean" => "[Z".into(),
        nested if nested.starts_with('[') => format!("[{nested}"),
        other => format!("[L{other};"),
    }
}
