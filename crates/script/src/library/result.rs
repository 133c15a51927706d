//! Results of samples: the two that a script has, their sub-results, and those that it makes.
//!
//! A result that a script has made is its own until it is added to another one; then it is a place of that one. Not here: what a field
//! of a result of the test is; that is the host's. Source: `SampleResult`.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::host::{NewResult, ResultField, ResultRole};
use crate::interp::Interp;
use crate::library::string::{decode, encode};
use crate::name::{Name, methods};
use crate::value::{HostObject, Map, Native, Value, lock};

const SAMPLE_RESULT: &str = "org.apache.jmeter.samplers.SampleResult";
const HTTP_SAMPLE_RESULT: &str = "org.apache.jmeter.protocol.http.sampler.HTTPSampleResult";

/// Calls a method of one of the script's two results.
pub(crate) fn call(cx: &mut Interp<'_>, host: HostObject, name: &Name, a: Args<'_>) -> Run {
    let role = match host {
        HostObject::Previous => ResultRole::Previous,
        _ => ResultRole::Current,
    };
    result(cx, &At::Test(role, Arc::from([])), name.hash, a)
}

/// Where a result is.
#[derive(Clone)]
enum At {
    /// In the test: one of the script's two, or the sub-result of one at that place, and so on.
    Test(ResultRole, Arc<[usize]>),
    /// In the script.
    Script(Arc<Own>),
}

/// A result that a script has made and added to none.
#[derive(Default)]
struct Own {
    fields: Mutex<Vec<(ResultField, Value)>>,
    sub_results: Mutex<Vec<Arc<ResultObject>>>,
}

/// A result that values of the script share.
struct ResultObject {
    class: &'static str,
    at: Mutex<At>,
}

impl ResultObject {
    fn at(&self) -> At {
        lock(&self.at).clone()
    }

    /// All that the script has said of its own result, which is at `place` of the test from here on.
    fn give(&self, (role, path): (ResultRole, Vec<usize>)) -> NewResult {
        let place = At::Test(role, Arc::from(path.as_slice()));
        let At::Script(own) = std::mem::replace(&mut *lock(&self.at), place) else {
            return NewResult::default();
        };
        let sub_results = lock(&own.sub_results).clone();
        let sub_results = sub_results.iter().enumerate().map(|(index, sub)| {
            let path = path.iter().copied().chain([index]);
            sub.give((role, path.collect()))
        });
        NewResult {
            sub_results: sub_results.collect(),
            fields: lock(&own.fields).clone(),
            ..NewResult::default()
        }
    }
}

/// A result as a value of a script.
struct ResultValue(Arc<ResultObject>);

impl Native for ResultValue {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.0.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        result(cx, &self.0.at(), name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        let label = self.0.at().get(cx, ResultField::Label);
        Ok(label.as_text().map(ToString::to_string))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        let other = other.downcast_ref::<ResultValue>()?;
        Some(Arc::ptr_eq(&self.0, &other.0))
    }
}

impl At {
    fn get(&self, cx: &mut Interp<'_>, field: ResultField) -> Value {
        match self {
            At::Test(role, path) if path.is_empty() => cx.host.result(*role, field),
            At::Test(role, path) => cx.host.sub_result(*role, path, field),
            At::Script(own) => own.get(field),
        }
    }

    fn set(&self, cx: &mut Interp<'_>, field: ResultField, value: Value) {
        match self {
            At::Test(role, path) if path.is_empty() => cx.host.set_result(*role, field, value),
            At::Test(role, path) => cx.host.set_sub_result(*role, path, field, value),
            At::Script(own) => match field {
                ResultField::Sampling => {
                    let now = Value::Long(cx.host.now_ms());
                    if matches!(value, Value::Bool(true)) {
                        own.set(ResultField::StartTime, now.clone());
                    }
                    own.set(ResultField::EndTime, now);
                }
                _ => own.set(field, value),
            },
        }
    }

    /// `setStampAndTime`: the stamp is the start, as JMeter is set up when it is delivered.
    fn set_times(&self, cx: &mut Interp<'_>, start: i64, elapsed: i64) {
        let end = start.saturating_add(elapsed);
        self.set(cx, ResultField::StartTime, Value::Long(start));
        self.set(cx, ResultField::EndTime, Value::Long(end));
    }

    fn assertions(&self, cx: &mut Interp<'_>) -> Vec<(String, bool, bool, String)> {
        match self {
            At::Test(role, path) if path.is_empty() => cx.host.assertions(*role),
            _ => Vec::new(),
        }
    }

    fn sub_results(&self, cx: &mut Interp<'_>) -> Vec<Value> {
        match self {
            At::Test(role, path) => {
                let count = cx.host.sub_result_count(*role, path);
                let places = (0..count).map(|index| {
                    let path: Vec<usize> = path.iter().copied().chain([index]).collect();
                    Value::object(ResultValue(Arc::new(ResultObject {
                        class: HTTP_SAMPLE_RESULT,
                        at: Mutex::new(At::Test(*role, path.into())),
                    })))
                });
                places.collect()
            }
            At::Script(own) => {
                let subs = lock(&own.sub_results);
                subs.iter()
                    .map(|sub| Value::object(ResultValue(Arc::clone(sub))))
                    .collect()
            }
        }
    }

    /// `addSubResult`; `adds_up` says whether size and end of this result become those of both.
    fn add_sub_result(&self, cx: &mut Interp<'_>, a: Args<'_>, adds_up: bool) -> Run {
        if a[0].is_nothing() {
            return Ok(cx.void());
        }
        let sub = Arc::clone(&a.native::<ResultValue>(0)?.0);
        let At::Script(_) = sub.at() else {
            // A result of the test is part of it already.
            return Ok(cx.void());
        };
        let is_renamed = a.len() < 2 || a.bool(1)?;
        cx.charge_items(16)?;
        match self {
            At::Test(role, path) => {
                let index = cx.host.sub_result_count(*role, path);
                let place = path.iter().copied().chain([index]).collect();
                let mut given = sub.give((*role, place));
                (given.is_renamed, given.adds_up) = (is_renamed, adds_up);
                cx.host.add_sub_result(*role, path, given);
            }
            At::Script(own) => {
                let At::Script(added) = sub.at() else {
                    return Ok(cx.void());
                };
                if Arc::ptr_eq(own, &added) || added.has(own, 0) {
                    return Err(Fail::Limit(
                        "script memory limit: a result is its own part".into(),
                    ));
                }
                let index = lock(&own.sub_results).len();
                if is_renamed {
                    let label = cx.java_text(&own.get(ResultField::Label))?;
                    added.set(ResultField::Label, Value::from(format!("{label}-{index}")));
                }
                if adds_up {
                    own.add_up(&added);
                }
                lock(&own.sub_results).push(sub);
            }
        }
        Ok(cx.void())
    }
}

/// How deep results may be in one another.
const MOST_LEVELS: usize = 32;

impl Own {
    fn get(&self, field: ResultField) -> Value {
        let given = |field| {
            let fields = lock(&self.fields);
            let mut found = fields.iter().filter(|(known, _)| *known == field);
            found.next().map(|(_, value)| value.clone())
        };
        let number = |field| given(field).and_then(|value| value.as_long()).unwrap_or(0);
        match field {
            ResultField::BodySize => {
                let data = given(ResultField::Data).and_then(|data| data.as_bytes());
                let data = data.map_or(0, |data| i64::try_from(data.len()).unwrap_or(i64::MAX));
                return Value::Long(match number(ResultField::BodySize) {
                    0 => data,
                    added_up => added_up,
                });
            }
            // What was set counts only where there is nothing to count.
            ResultField::Bytes => {
                let body = self.get(ResultField::BodySize).as_long().unwrap_or(0);
                return Value::Long(match body + number(ResultField::HeadersSize) {
                    0 => number(ResultField::Bytes),
                    counted => counted,
                });
            }
            _ => {}
        }
        if let Some(value) = given(field) {
            return value;
        }
        match field {
            ResultField::Time => {
                Value::Long(number(ResultField::EndTime) - number(ResultField::StartTime))
            }
            ResultField::Successful => Value::Bool(false),
            ResultField::SampleCount => Value::Int(1),
            ResultField::ErrorCount => {
                let is_good = matches!(given(ResultField::Successful), Some(Value::Bool(true)));
                Value::Int(i32::from(!is_good))
            }
            ResultField::Url | ResultField::RequestHeaders | ResultField::Data => Value::Null,
            ResultField::Label
            | ResultField::Code
            | ResultField::Message
            | ResultField::DataType
            | ResultField::ContentType
            | ResultField::ResponseHeaders
            | ResultField::SamplerData
            | ResultField::ThreadName => Value::from(""),
            ResultField::DataEncoding => Value::from("UTF-8"),
            _ => Value::Null,
        }
    }

    fn set(&self, field: ResultField, value: Value) {
        let mut fields = lock(&self.fields);
        match fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, known)) => *known = value,
            None => fields.push((field, value)),
        }
    }

    /// Takes size and end of a sub-result in.
    fn add_up(&self, sub: &Own) {
        let number = |own: &Own, field| own.get(field).as_long().unwrap_or(0);
        let end = number(self, ResultField::EndTime).max(number(sub, ResultField::EndTime));
        self.set(ResultField::EndTime, Value::Long(end));
        let sums = [
            ResultField::Bytes,
            ResultField::BodySize,
            ResultField::SentBytes,
        ]
        .map(|field| {
            (
                field,
                number(self, field).saturating_add(number(sub, field)),
            )
        });
        for (field, sum) in sums {
            self.set(field, Value::Long(sum));
        }
    }

    /// Whether `other` is somewhere in it.
    fn has(&self, other: &Arc<Own>, level: usize) -> bool {
        let subs = lock(&self.sub_results).clone();
        level > MOST_LEVELS
            || subs.iter().any(|sub| match sub.at() {
                At::Script(own) => Arc::ptr_eq(&own, other) || own.has(other, level + 1),
                At::Test(..) => false,
            })
    }
}

/// Fields that the copy of a result has, too.
const COPIED: &[ResultField] = &[
    ResultField::Label,
    ResultField::Code,
    ResultField::Message,
    ResultField::Data,
    ResultField::Successful,
    ResultField::DataType,
    ResultField::DataEncoding,
    ResultField::ContentType,
    ResultField::RequestHeaders,
    ResultField::ResponseHeaders,
    ResultField::SamplerData,
    ResultField::Url,
    ResultField::Latency,
    ResultField::ConnectTime,
    ResultField::Bytes,
    ResultField::SentBytes,
    ResultField::StartTime,
    ResultField::EndTime,
];

fn new_result(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let own = Own::default();
    match a.len() {
        0 => {}
        1 => {
            let from = match &a[0] {
                Value::Host(HostObject::Previous) => At::Test(ResultRole::Previous, Arc::from([])),
                Value::Host(HostObject::Result) => At::Test(ResultRole::Current, Arc::from([])),
                _ => a.native::<ResultValue>(0)?.0.at(),
            };
            for field in COPIED {
                let value = from.get(cx, *field);
                own.set(*field, value);
            }
        }
        2 => {
            let (start, elapsed) = (a.long(0)?, a.long(1)?);
            own.set(ResultField::StartTime, Value::Long(start));
            own.set(
                ResultField::EndTime,
                Value::Long(start.saturating_add(elapsed)),
            );
        }
        _ => return Err(Fail::NoMethod),
    }
    cx.charge_items(32)?;
    Ok(Value::object(ResultValue(Arc::new(ResultObject {
        class: class.name,
        at: Mutex::new(At::Script(Arc::new(own))),
    }))))
}

fn set_text(cx: &mut Interp<'_>, at: &At, field: ResultField, a: Args<'_>) -> Run {
    let value = match &a[0] {
        Value::Null => Value::Null,
        _ => Value::Str(a.text(0)?),
    };
    at.set(cx, field, value);
    Ok(cx.void())
}

fn set_flag(cx: &mut Interp<'_>, at: &At, field: ResultField, value: bool) -> Run {
    at.set(cx, field, Value::Bool(value));
    Ok(cx.void())
}

fn set_number(cx: &mut Interp<'_>, at: &At, field: ResultField, a: Args<'_>) -> Run {
    let value = a.long(0)?;
    at.set(cx, field, Value::Long(value));
    Ok(cx.void())
}

fn int(cx: &mut Interp<'_>, at: &At, field: ResultField) -> Run {
    Ok(Value::Int(at.get(cx, field).as_long().unwrap_or(0) as i32))
}

fn long(cx: &mut Interp<'_>, at: &At, field: ResultField) -> Run {
    Ok(Value::Long(at.get(cx, field).as_long().unwrap_or(0)))
}

fn data_text(cx: &mut Interp<'_>, at: &At) -> Run {
    match at.get(cx, ResultField::Data) {
        Value::Null => Ok(Value::from("")),
        Value::Str(text) => Ok(Value::Str(text)),
        value => {
            let bytes = value.as_bytes().unwrap_or_default();
            let charset = match at.get(cx, ResultField::DataEncoding) {
                Value::Str(c) => c,
                _ => Arc::from("UTF-8"),
            };
            cx.charge(bytes.len())?;
            decode(&bytes, &charset).map(Value::from)
        }
    }
}

methods! {
    fn result(cx, me: &At, a, name) -> RESULT;
    getResponseDataAsString : 0 .. 0 => data_text(cx, me);
    getResponseData : 0 .. 0 => match me.get(cx, ResultField::Data) { Value::Null => Ok(Value::bytes(Vec::new())), Value::Str(text) => Ok(Value::bytes(text.as_bytes().to_vec())), value => Ok(value) };
    setResponseData : 1 .. 2 => {
        let value = match &a[0] {
            Value::Array(array) if a.len() == 1 => Value::bytes(array.bytes().ok_or(Fail::NoMethod)?),
            Value::Null => Value::bytes(Vec::new()),
            _ => { let text = a.text(0)?; match a.nullable_text(1)? { Some(charset) => { let bytes = encode(&text, &charset)?; me.set(cx, ResultField::DataEncoding, Value::Str(charset)); Value::bytes(bytes) } None => Value::bytes(text.as_bytes().to_vec()) } }
        };
        me.set(cx, ResultField::Data, value);
        Ok(cx.void())
    };
    getResponseCode : 0 .. 0 => Ok(me.get(cx, ResultField::Code));
    setResponseCode : 1 .. 1 => set_text(cx, me, ResultField::Code, a);
    getResponseMessage : 0 .. 0 => Ok(me.get(cx, ResultField::Message));
    setResponseMessage : 1 .. 1 => set_text(cx, me, ResultField::Message, a);
    isSuccessful : 0 .. 0 => Ok(Value::Bool(matches!(me.get(cx, ResultField::Successful), Value::Bool(true))));
    setSuccessful : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::Successful, v) };
    isResponseCodeOK : 0 .. 0 => Ok(Value::Bool(matches!(me.get(cx, ResultField::Code), Value::Str(c) if &*c == "200")));
    setResponseOK : 0 .. 0 => { for (f, v) in [(ResultField::Code, Value::from("200")), (ResultField::Message, Value::from("OK")), (ResultField::Successful, Value::Bool(true))] { me.set(cx, f, v); } Ok(cx.void()) };
    setResponseCodeOK : 0 .. 0 => { me.set(cx, ResultField::Code, Value::from("200")); Ok(cx.void()) };
    setResponseMessageOK : 0 .. 0 => { me.set(cx, ResultField::Message, Value::from("OK")); Ok(cx.void()) };
    getSampleLabel : 0 .. 1 => Ok(me.get(cx, ResultField::Label));
    toString : 0 .. 0 => Ok(me.get(cx, ResultField::Label));
    setSampleLabel : 1 .. 1 => set_text(cx, me, ResultField::Label, a);
    getResponseHeaders : 0 .. 0 => Ok(me.get(cx, ResultField::ResponseHeaders));
    setResponseHeaders : 1 .. 1 => set_text(cx, me, ResultField::ResponseHeaders, a);
    getRequestHeaders : 0 .. 0 => Ok(me.get(cx, ResultField::RequestHeaders));
    setRequestHeaders : 1 .. 1 => set_text(cx, me, ResultField::RequestHeaders, a);
    getSamplerData : 0 .. 0 => Ok(me.get(cx, ResultField::SamplerData));
    getQueryString : 0 .. 0 => Ok(me.get(cx, ResultField::RequestBody));
    setSamplerData : 1 .. 1 => set_text(cx, me, ResultField::SamplerData, a);
    getDataType : 0 .. 0 => Ok(me.get(cx, ResultField::DataType));
    setDataType : 1 .. 1 => set_text(cx, me, ResultField::DataType, a);
    getDataEncodingWithDefault : 0 .. 0 => Ok(me.get(cx, ResultField::DataEncoding));
    getDataEncodingNoDefault : 0 .. 0 => Ok(me.get(cx, ResultField::OwnEncoding));
    setDataEncoding | setEncodingAndType : 1 .. 1 => set_text(cx, me, ResultField::DataEncoding, a);
    getContentType | getMediaType : 0 .. 0 => Ok(me.get(cx, ResultField::ContentType));
    setContentType : 1 .. 1 => set_text(cx, me, ResultField::ContentType, a);
    getThreadName : 0 .. 0 => Ok(me.get(cx, ResultField::ThreadName));
    setThreadName : 1 .. 1 => set_text(cx, me, ResultField::ThreadName, a);
    getURL | getUrl : 0 .. 0 => match me.get(cx, ResultField::Url) { Value::Str(text) => cx.construct_known("java.net.URL", &[Value::Str(text)]), other => Ok(other) };
    getUrlAsString : 0 .. 0 => Ok(match me.get(cx, ResultField::Url) { Value::Null => Value::from(""), url => url });
    getTime : 0 .. 0 => long(cx, me, ResultField::Time);
    getLatency : 0 .. 0 => long(cx, me, ResultField::Latency);
    setLatency : 1 .. 1 => set_number(cx, me, ResultField::Latency, a);
    getResultFileName : 0 .. 0 => Ok(Value::from(""));
    getIdleTime : 0 .. 0 => Ok(Value::Long(0));
    getConnectTime : 0 .. 0 => long(cx, me, ResultField::ConnectTime);
    setConnectTime : 1 .. 1 => set_number(cx, me, ResultField::ConnectTime, a);
    getBytesAsLong : 0 .. 0 => long(cx, me, ResultField::Bytes);
    getBytes : 0 .. 0 => int(cx, me, ResultField::Bytes);
    setBytes : 1 .. 1 => set_number(cx, me, ResultField::Bytes, a);
    getSentBytes : 0 .. 0 => long(cx, me, ResultField::SentBytes);
    setSentBytes : 1 .. 1 => set_number(cx, me, ResultField::SentBytes, a);
    getHeadersSize : 0 .. 0 => int(cx, me, ResultField::HeadersSize);
    getBodySize | getBodySizeAsLong : 0 .. 0 => long(cx, me, ResultField::BodySize);
    getStartTime : 0 .. 0 => long(cx, me, ResultField::StartTime);
    setStartTime : 1 .. 1 => set_number(cx, me, ResultField::StartTime, a);
    getEndTime : 0 .. 0 => long(cx, me, ResultField::EndTime);
    setEndTime : 1 .. 1 => set_number(cx, me, ResultField::EndTime, a);
    getTimeStamp : 0 .. 0 => long(cx, me, ResultField::StartTime);
    getSampleCount : 0 .. 0 => int(cx, me, ResultField::SampleCount);
    setSampleCount : 1 .. 1 => set_number(cx, me, ResultField::SampleCount, a);
    getErrorCount : 0 .. 0 => int(cx, me, ResultField::ErrorCount);
    setErrorCount : 1 .. 1 => set_number(cx, me, ResultField::ErrorCount, a);
    getGroupThreads : 0 .. 0 => int(cx, me, ResultField::GroupThreads);
    getAllThreads : 0 .. 0 => int(cx, me, ResultField::AllThreads);
    sampleStart : 0 .. 0 => set_flag(cx, me, ResultField::Sampling, true);
    sampleEnd : 0 .. 0 => set_flag(cx, me, ResultField::Sampling, false);
    setIgnore : 0 .. 0 => set_flag(cx, me, ResultField::Ignore, true);
    isIgnore : 0 .. 0 => Ok(me.get(cx, ResultField::Ignore));
    isStopThread : 0 .. 0 => Ok(me.get(cx, ResultField::StopThread));
    isStopTest : 0 .. 0 => Ok(me.get(cx, ResultField::StopTest));
    isStopTestNow : 0 .. 0 => Ok(me.get(cx, ResultField::StopTestNow));
    isStartNextThreadLoop : 0 .. 0 => Ok(me.get(cx, ResultField::StartNextThreadLoop));
    setStopThread : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StopThread, v) };
    setStopTest : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StopTest, v) };
    setStopTestNow : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StopTestNow, v) };
    setStartNextThreadLoop : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StartNextThreadLoop, v) };
    getFirstAssertionFailureMessage : 0 .. 0 => { let found = me.assertions(cx).into_iter().find(|(_, failed, error, _)| *failed || *error).map(|(_, _, _, message)| message); Ok(Value::from(found)) };
    getAssertionResults : 0 .. 0 => { let items = me.assertions(cx).into_iter().map(|(name, failure, error, message)| { let map = Map::linked(); map.put(Value::from("name"), Value::from(name)); map.put(Value::from("failure"), Value::Bool(failure)); map.put(Value::from("error"), Value::Bool(error)); map.put(Value::from("failureMessage"), Value::from(message)); Value::Map(Arc::new(map)) }).collect(); Ok(Value::array("org.apache.jmeter.assertions.AssertionResult", items)) };
    getSubResults : 0 .. 0 => Ok(Value::array(SAMPLE_RESULT, me.sub_results(cx)));
    addSubResult : 1 .. 2 => me.add_sub_result(cx, a, true);
    addRawSubResult : 1 .. 1 => me.add_sub_result(cx, a, false);
    storeSubResult : 1 .. 2 => me.add_sub_result(cx, a, false);
    isStampedAtStart : 0 .. 0 => Ok(Value::Bool(true));
    getParent : 0 .. 0 => Ok(Value::Null);
    setStampAndTime : 2 .. 2 => { let (stamp, elapsed) = (a.long(0)?, a.long(1)?); me.set_times(cx, stamp, elapsed); Ok(cx.void()) };
}

/// The constants of results: their types of data.
pub(crate) fn result_fields(name: &str) -> Option<Value> {
    match name {
        "TEXT" => Some(Value::from("text")),
        "BINARY" => Some(Value::from("bin")),
        "EMPTY_BA" => Some(Value::bytes(Vec::new())),
        _ => None,
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named(SAMPLE_RESULT)
        .constructor(new_result)
        .fields(result_fields)
        .methods(&[RESULT]),
    ClassInfo::named(HTTP_SAMPLE_RESULT)
        .constructor(new_result)
        .fields(result_fields)
        .parents(&[SAMPLE_RESULT])
        .methods(&[RESULT]),
];
