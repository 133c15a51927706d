//! A host without an engine: everything in memory, for tests and `loadline script`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use jiff::tz::TimeZone;

use crate::host::{
    AssertionField, FileFacts, Host, LogLevel, NameValue, NewResult, ResultField, ResultRole,
    SamplerField, ScriptCookie, ThreadField,
};
use crate::value::{Map, Value};

/// Variables, properties, two results, an assertion and the lines of the log, all in memory. Time stands still, unless it is told when
/// it began, and chance has a seed.
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
    /// Sub-results of the previous result and of the script's own.
    pub sub_results: [Vec<MemoryResult>; 2],
    /// The result of the script's own assertion.
    pub assertion: HashMap<AssertionField, Value>,
    /// The sampler at work, if there is one.
    pub sampler: Option<MemorySampler>,
    /// Bindings of the element, such as `Label`.
    pub bindings: HashMap<String, Value>,
    /// `Parameters`.
    pub parameters: Arc<str>,
    /// Lines of the log.
    pub log: Vec<(LogLevel, String)>,
    /// Standard output.
    pub out: String,
    /// Milliseconds since 1970, at `started`.
    pub now_ms: i64,
    /// The zone of dates and times that name none; UTC unless told.
    pub time_zone: TimeZone,
    /// Since when time passes; without it only sleeping takes time.
    pub started: Option<Instant>,
    /// State of the chance.
    pub seed: u64,
    /// Files that scripts may read, write and remove.
    pub files: HashMap<String, Vec<u8>>,
    nanos: u64,
}

/// A sub-result in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryResult {
    /// Its fields.
    pub fields: HashMap<ResultField, Value>,
    /// Its own sub-results.
    pub sub_results: Vec<MemoryResult>,
}

impl MemoryResult {
    fn new(given: NewResult) -> MemoryResult {
        MemoryResult {
            fields: given.fields.into_iter().collect(),
            sub_results: given
                .sub_results
                .into_iter()
                .map(MemoryResult::new)
                .collect(),
        }
    }
}

/// A sampler in memory: what scripts set is what they read.
#[derive(Clone, Debug, Default)]
pub struct MemorySampler {
    /// Its fields; the address and the query are made of the others.
    pub fields: HashMap<SamplerField, Value>,
    /// Its arguments.
    pub arguments: Vec<NameValue>,
    /// Its headers; `None` without a header manager.
    pub headers: Option<Vec<NameValue>>,
    /// The user's cookies; `None` without a cookie manager.
    pub cookies: Option<Vec<ScriptCookie>>,
}

impl MemorySampler {
    fn text(&self, field: SamplerField) -> String {
        match self.fields.get(&field) {
            Some(Value::Int(number)) => number.to_string(),
            Some(value) => value
                .as_text()
                .map_or_else(String::new, ToString::to_string),
            None => String::new(),
        }
    }

    /// The arguments as in a query, encoded where they say so.
    fn query(&self) -> String {
        let encoded = |argument: &NameValue, text: &str| match argument.encode {
            true => crate::library::uri::url_encoded(text),
            false => text.to_owned(),
        };
        let pairs = self.arguments.iter().filter(|one| !one.name.is_empty());
        let pairs = pairs.map(|one| {
            let (name, value) = (encoded(one, &one.name), encoded(one, &one.value));
            format!("{name}={value}")
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn url(&self) -> String {
        let path = self.text(SamplerField::Path);
        if path.starts_with("http://") || path.starts_with("https://") {
            return path;
        }
        let (protocol, domain) = (
            self.text(SamplerField::Protocol),
            self.text(SamplerField::Domain),
        );
        let port = match self.text(SamplerField::Port).as_str() {
            "" | "0" | "80" | "443" => String::new(),
            port => format!(":{port}"),
        };
        let query = self.query();
        let in_url = matches!(self.text(SamplerField::Method).as_str(), "GET" | "DELETE");
        let query = match in_url && !query.is_empty() {
            true => format!("{}{query}", if path.contains('?') { '&' } else { '?' }),
            false => String::new(),
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{protocol}://{domain}{port}{slash}{path}{query}")
    }

    /// The query of a path becomes arguments, as in JMeter, for methods that have them in the address.
    fn set_path(&mut self, path: &str) {
        let in_url = matches!(self.text(SamplerField::Method).as_str(), "GET" | "DELETE");
        let parts = path
            .split_once('?')
            .filter(|_| in_url && !path.starts_with("http"));
        let (path, query) = parts.unwrap_or((path, ""));
        self.fields.insert(SamplerField::Path, Value::from(path));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.arguments.push(NameValue {
                name: name.to_owned(),
                value: value.to_owned(),
                encode: true,
            });
        }
    }
}

impl Default for MemoryHost {
    fn default() -> MemoryHost {
        MemoryHost {
            variables: IndexMap::new(),
            properties: Arc::new(Map::properties()),
            previous: None,
            current: Some(HashMap::new()),
            sub_results: Default::default(),
            assertion: HashMap::new(),
            sampler: None,
            bindings: HashMap::new(),
            parameters: Arc::from(""),
            log: Vec::new(),
            out: String::new(),
            now_ms: 1_700_000_000_000,
            time_zone: TimeZone::UTC,
            started: None,
            seed: 1,
            files: HashMap::new(),
            nanos: 1,
        }
    }
}

impl MemoryHost {
    fn passed(&self) -> Duration {
        self.started
            .map_or(Duration::ZERO, |started| started.elapsed())
    }

    fn fields(&mut self, role: ResultRole) -> Option<&mut HashMap<ResultField, Value>> {
        match role {
            ResultRole::Previous => self.previous.as_mut(),
            ResultRole::Current => self.current.as_mut(),
        }
    }

    /// The sub-results at the place that `path` leads to.
    fn subs(&mut self, role: ResultRole, path: &[usize]) -> Option<&mut Vec<MemoryResult>> {
        let mut subs = match role {
            ResultRole::Previous => &mut self.sub_results[0],
            ResultRole::Current => &mut self.sub_results[1],
        };
        for index in path {
            subs = &mut subs.get_mut(*index)?.sub_results;
        }
        Some(subs)
    }

    fn sub(&mut self, role: ResultRole, path: &[usize]) -> Option<&mut MemoryResult> {
        let (last, path) = path.split_last()?;
        self.subs(role, path)?.get_mut(*last)
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
    fn sub_result_count(&mut self, role: ResultRole, path: &[usize]) -> usize {
        self.subs(role, path).map_or(0, |subs| subs.len())
    }
    fn sub_result(&mut self, role: ResultRole, path: &[usize], field: ResultField) -> Value {
        let sub = self.sub(role, path);
        sub.and_then(|sub| sub.fields.get(&field).cloned())
            .unwrap_or(Value::Null)
    }
    fn set_sub_result(
        &mut self,
        role: ResultRole,
        path: &[usize],
        field: ResultField,
        value: Value,
    ) {
        if let Some(sub) = self.sub(role, path) {
            sub.fields.insert(field, value);
        }
    }
    fn add_sub_result(&mut self, role: ResultRole, path: &[usize], sub: NewResult) {
        let label = match path.is_empty() {
            true => self.result(role, ResultField::Label),
            false => self.sub_result(role, path, ResultField::Label),
        };
        let Some(subs) = self.subs(role, path) else {
            return;
        };
        let is_renamed = sub.is_renamed;
        let mut sub = MemoryResult::new(sub);
        if is_renamed {
            let label = label
                .as_text()
                .map_or_else(String::new, ToString::to_string);
            let label = Value::from(format!("{label}-{}", subs.len()));
            sub.fields.insert(ResultField::Label, label);
        }
        subs.push(sub);
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
    fn has_sampler(&mut self) -> bool {
        self.sampler.is_some()
    }
    fn sampler(&mut self, field: SamplerField) -> Value {
        let Some(sampler) = &self.sampler else {
            return Value::Null;
        };
        match field {
            SamplerField::Url => Value::from(sampler.url()),
            SamplerField::QueryString => Value::from(sampler.query()),
            SamplerField::Port if !sampler.fields.contains_key(&field) => {
                let is_tls = sampler.text(SamplerField::Protocol) == "https";
                Value::Int(if is_tls { 443 } else { 80 })
            }
            _ => sampler.fields.get(&field).cloned().unwrap_or(Value::Null),
        }
    }
    fn set_sampler(&mut self, field: SamplerField, value: Value) {
        match (&mut self.sampler, field) {
            (Some(sampler), SamplerField::Path) => {
                let path = value
                    .as_text()
                    .map_or_else(String::new, ToString::to_string);
                sampler.set_path(&path);
            }
            (Some(sampler), _) => {
                sampler.fields.insert(field, value);
            }
            (None, _) => {}
        }
    }
    fn arguments(&mut self) -> Vec<NameValue> {
        (self.sampler.as_ref()).map_or_else(Vec::new, |sampler| sampler.arguments.clone())
    }
    fn set_arguments(&mut self, arguments: Vec<NameValue>) {
        if let Some(sampler) = &mut self.sampler {
            sampler.arguments = arguments;
        }
    }
    fn headers(&mut self) -> Option<Vec<NameValue>> {
        self.sampler.as_ref()?.headers.clone()
    }
    fn set_headers(&mut self, headers: Vec<NameValue>) {
        if let Some(sampler) = &mut self.sampler {
            sampler.headers = Some(headers);
        }
    }
    fn set_own_headers(&mut self, headers: Vec<NameValue>) {
        let Some(sampler) = &mut self.sampler else {
            return;
        };
        let all = sampler.headers.get_or_insert_default();
        for header in headers {
            if !all
                .iter()
                .any(|known| known.name.eq_ignore_ascii_case(&header.name))
            {
                all.push(header);
            }
        }
    }
    fn cookies(&mut self) -> Option<Vec<ScriptCookie>> {
        self.sampler.as_ref()?.cookies.clone()
    }
    fn set_cookies(&mut self, cookies: Vec<ScriptCookie>) {
        if let Some(sampler) = &mut self.sampler {
            sampler.cookies = Some(cookies);
        }
    }
    fn thread(&mut self, field: ThreadField) -> Value {
        match field {
            ThreadField::Number => Value::Int(0),
            ThreadField::Name => Value::from("Thread Group 1-1"),
            ThreadField::GroupName => Value::from("Thread Group"),
            ThreadField::GroupThreads | ThreadField::Iteration => Value::Int(1),
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
        let passed = i64::try_from(self.passed().as_millis()).unwrap_or(i64::MAX);
        self.now_ms.saturating_add(passed)
    }
    fn time_zone(&self) -> TimeZone {
        self.time_zone.clone()
    }
    fn nanos(&mut self) -> u64 {
        self.nanos += 1;
        let passed = u64::try_from(self.passed().as_nanos()).unwrap_or(u64::MAX);
        self.nanos.saturating_add(passed)
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
