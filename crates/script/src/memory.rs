//! A host without an engine: everything in memory, for tests and `loadline script`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::host::{
    AssertionField, FileFacts, Host, LogLevel, ResultField, ResultRole, ThreadField,
};
use crate::value::{Map, Value};

/// Variables, properties, two results, an assertion and the lines of the log, all in memory. Time stands still and chance has a seed.
#[derive(Debug)]
pub struct MemoryHost {
    /// JMeter variables.
    pub variables: IndexMap<Arc<str>, Value>,
    /// JMeter properties.
    pub properties: Arc<Map>,
    /// The previous result, if there is one.
    pub previous: Option<HashMap<ResultField, Value>>,
    /// The result of the script's own sample, if the element is a sampler.
    pub current: Option<HashMap<ResultField, Value>>,
    /// The result of the script's own assertion.
    pub assertion: HashMap<AssertionField, Value>,
    /// Bindings of the element, such as `Label`.
    pub bindings: HashMap<String, Value>,
    /// `Parameters`.
    pub parameters: Arc<str>,
    /// Lines of the log.
    pub log: Vec<(LogLevel, String)>,
    /// Standard output.
    pub out: String,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// State of the chance.
    pub seed: u64,
    /// Files that scripts may read, write and remove.
    pub files: HashMap<String, Vec<u8>>,
    nanos: u64,
}

impl Default for MemoryHost {
    fn default() -> MemoryHost {
        MemoryHost {
            variables: IndexMap::new(),
            properties: Arc::new(Map::properties()),
            previous: None,
            current: Some(HashMap::new()),
            assertion: HashMap::new(),
            bindings: HashMap::new(),
            parameters: Arc::from(""),
            log: Vec::new(),
            out: String::new(),
            now_ms: 1_700_000_000_000,
            seed: 1,
            files: HashMap::new(),
            nanos: 1,
        }
    }
}

impl MemoryHost {
    fn fields(&mut self, role: ResultRole) -> Option<&mut HashMap<ResultField, Value>> {
        match role {
            ResultRole::Previous => self.previous.as_mut(),
            ResultRole::Current => self.current.as_mut(),
        }
    }
}

impl Host for MemoryHost {
    fn variable(&mut self, name: &Arc<str>, _slot: Option<u32>) -> Option<Value> {
        self.variables.get(name).cloned()
    }
    fn set_variable(&mut self, name: &Arc<str>, _slot: Option<u32>, value: Value) {
        self.variables.insert(name.clone(), value);
    }
    fn remove_variable(&mut self, name: &str) -> Option<Value> {
        self.variables.shift_remove(name)
    }
    fn variables(&mut self) -> Vec<(Arc<str>, Value)> {
        self.variables
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    }
    fn properties(&mut self) -> Arc<Map> {
        self.properties.clone()
    }
    fn has_result(&mut self, role: ResultRole) -> bool {
        self.fields(role).is_some()
    }
    fn result(&mut self, role: ResultRole, field: ResultField) -> Value {
        self.fields(role)
            .and_then(|f| f.get(&field).cloned())
            .unwrap_or(Value::Null)
    }
    fn set_result(&mut self, role: ResultRole, field: ResultField, value: Value) {
        if let Some(fields) = self.fields(role) {
            fields.insert(field, value);
        }
    }
    fn has_assertion(&mut self) -> bool {
        true
    }
    fn assertion(&mut self, field: AssertionField) -> Value {
        self.assertion.get(&field).cloned().unwrap_or(match field {
            AssertionField::Failure | AssertionField::Error => Value::Bool(false),
            _ => Value::Null,
        })
    }
    fn set_assertion(&mut self, field: AssertionField, value: Value) {
        self.assertion.insert(field, value);
    }
    fn thread(&mut self, field: ThreadField) -> Value {
        match field {
            ThreadField::Number => Value::Int(0),
            ThreadField::Name => Value::from("Thread Group 1-1"),
            ThreadField::GroupName => Value::from("Thread Group"),
            ThreadField::GroupThreads => Value::Int(1),
            ThreadField::BaseFolder => Value::from("."),
            ThreadField::PlanName => Value::Null,
        }
    }
    fn binding(&mut self, name: &str) -> Option<Value> {
        self.bindings.get(name).cloned()
    }
    fn parameters(&mut self) -> Arc<str> {
        self.parameters.clone()
    }
    fn log(&mut self, level: LogLevel, text: &str) {
        self.log.push((level, text.to_owned()));
    }
    fn out(&mut self, text: &str) {
        self.out.push_str(text);
    }
    fn now_ms(&mut self) -> i64 {
        self.now_ms
    }
    fn nanos(&mut self) -> u64 {
        self.nanos += 1;
        self.nanos
    }
    fn sleep(&mut self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.now_ms = self.now_ms.saturating_add(ms);
        self.nanos = self
            .nanos
            .saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }
    fn random(&mut self) -> u64 {
        // SplitMix64.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn file(&mut self, path: &str) -> Option<FileFacts> {
        self.files.get(path).map(|bytes| FileFacts {
            is_folder: false,
            length: bytes.len() as u64,
            modified_ms: 0,
        })
    }
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| "No such file or directory".into())
    }
    fn write_file(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), String> {
        let file = self.files.entry(path.to_owned()).or_default();
        if !append {
            file.clear();
        }
        file.extend_from_slice(bytes);
        Ok(())
    }
    fn delete_file(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }
}
