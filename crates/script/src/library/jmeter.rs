//! JMeter's objects: variables, log, results, sampler, context.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::host::{
    AssertionField, LogLevel, NameValue, Request, ResultField, ResultRole, SamplerField,
    ScriptCookie, ThreadField,
};
use crate::interp::Interp;
use crate::library::string::{decode, encode};
use crate::library::throwable::{Throwable, throw_plain};
use crate::name::{Name, methods, symbol};
use crate::value::{HostObject, Map, Native, Order, Value, lock};

pub(crate) fn call(cx: &mut Interp<'_>, host: HostObject, name: &Name, a: Args<'_>) -> Run {
    match host {
        HostObject::Vars => vars(cx, name, name.hash, a),
        HostObject::Log => log(cx, name, name.hash, a),
        HostObject::Out => out(cx, name, name.hash, a),
        HostObject::Previous => result(cx, ResultRole::Previous, name.hash, a),
        HostObject::Result => result(cx, ResultRole::Current, name.hash, a),
        HostObject::Assertion => assertion(cx, name, name.hash, a),
        HostObject::Context => context(cx, name, name.hash, a),
        HostObject::Thread | HostObject::CurrentThread => thread(cx, name, name.hash, a),
        HostObject::ThreadGroup => group(cx, name, name.hash, a),
        HostObject::Engine => engine(cx, name, name.hash, a),
        HostObject::Sampler => sampler(cx, name, name.hash, a),
        HostObject::Headers => headers(cx, name, name.hash, a),
        HostObject::Cookies => cookies(cx, name, name.hash, a),
        HostObject::Arguments => arguments(cx, name, name.hash, a),
        HostObject::FileServer => file_server(cx, name, name.hash, a),
        HostObject::Shell | HostObject::Script => Err(Fail::NoMethod),
    }
}

fn variable_map(cx: &mut Interp<'_>) -> Arc<Map> {
    let map = Map::new("java.util.TreeMap", Order::Sorted);
    for (name, value) in cx.host.variables() {
        map.put(Value::Str(name), value);
    }
    Arc::new(map)
}

methods! {
    fn vars(cx, me: &Name, a, name) -> VARS;
    get | getAt : 1 .. 1 => match cx.host.variable(&a.text(0)?, None) { None => Ok(Value::Null), Some(Value::Str(text)) => Ok(Value::Str(text)), Some(value) => cx.java_text(&value).map(Value::Str) };
    getObject : 1 .. 1 => Ok(cx.host.variable(&a.text(0)?, None).unwrap_or(Value::Null));
    put : 2 .. 2 => {
        let key = a.text(0)?;
        match &a[1] {
            Value::Null => { cx.host.remove_variable(&key); }
            value if value.as_text().is_some() => { let value = cx.text(value)?; cx.host.set_variable(&key, None, Value::Str(value)); }
            _ => return Err(Fail::NoMethod),
        }
        Ok(cx.void())
    };
    putObject : 2 .. 2 => { let key = a.text(0)?; if a[1].is_nothing() { cx.host.remove_variable(&key); } else { cx.host.set_variable(&key, None, a.value(1)); } Ok(cx.void()) };
    remove : 1 .. 1 => Ok(cx.host.remove_variable(&a.text(0)?).unwrap_or(Value::Null));
    putAll : 1 .. 1 => if let Value::Map(map) = &a[0] { for (k, v) in map.entries() { let k = cx.java_text(&k)?; cx.host.set_variable(&k, None, v); } Ok(cx.void()) } else { Err(Fail::NoMethod) };
    entrySet | iterator : 0 .. 0 => { let map = variable_map(cx); cx.call_method(&Value::Map(map), &Name::new("entrySet"), &[]) };
    getThreadName : 0 .. 0 => Ok(cx.host.thread(ThreadField::Name));
    getIteration : 0 .. 0 => Ok(Value::Int(0));
    incIteration : 0 .. 0 => Ok(cx.void());
}

methods! {
    fn log(cx, me: &Name, a, name) -> LOG;
    info | warn | error | debug | trace : 1 .. 12 => {
        let level = match &*me.text { "info" => LogLevel::Info, "warn" => LogLevel::Warn, "error" => LogLevel::Error, "debug" => LogLevel::Debug, _ => LogLevel::Trace };
        let pattern = match &a[0] { Value::Null => Arc::from("null"), _ => cx.text(&Value::Str(a.text(0)?))? };
        if !cx.host.logs(level) { return Ok(cx.void()); }
        let mut rest = a[1..].iter();
        let mut text = String::new();
        let mut pieces = pattern.split("{}").peekable();
        while let Some(piece) = pieces.next() {
            text.push_str(piece);
            if pieces.peek().is_some() { match rest.next() { Some(v) => text.push_str(&cx.java_text(v)?), None => text.push_str("{}") } }
        }
        if let Some(thrown) = rest.next().and_then(|v| v.native::<Throwable>()) { text.push('\n'); text.push_str(&thrown.line()); }
        cx.charge_output(text.len())?;
        cx.host.log(level, &text);
        Ok(cx.void())
    };
    isInfoEnabled | isWarnEnabled | isErrorEnabled | isDebugEnabled | isTraceEnabled : 0 .. 0 => { let level = match &*me.text { "isDebugEnabled" => LogLevel::Debug, "isTraceEnabled" => LogLevel::Trace, "isWarnEnabled" => LogLevel::Warn, "isErrorEnabled" => LogLevel::Error, _ => LogLevel::Info }; Ok(Value::Bool(cx.host.logs(level))) };
    getName : 0 .. 0 => Ok(Value::from("org.apache.jmeter"));
}

methods! {
    fn out(cx, me: &Name, a, name) -> OUT;
    println : 0 .. 1 => { let mut text = if a.is_empty() { String::new() } else if cx.groovy() { cx.text(&a[0])?.to_string() } else { cx.java_text(&a[0])?.to_string() }; text.push('\n'); cx.write_out(&text)?; Ok(cx.void()) };
    print | append | write : 1 .. 1 => { let text = cx.java_text(&a[0])?; cx.write_out(&text)?; Ok(cx.void()) };
    printf | format : 1 .. 20 => { let pattern = a.text(0)?; let text = crate::library::format::format(cx, &pattern, &a[1..])?; cx.write_out(&text)?; Ok(Value::Host(HostObject::Out)) };
    flush | close : 0 .. 0 => Ok(cx.void());
}

fn set_text(cx: &mut Interp<'_>, role: ResultRole, field: ResultField, a: Args<'_>) -> Run {
    let value = match &a[0] {
        Value::Null => Value::Null,
        _ => Value::Str(a.text(0)?),
    };
    cx.host.set_result(role, field, value);
    Ok(cx.void())
}

fn set_flag(cx: &mut Interp<'_>, role: ResultRole, field: ResultField, value: bool) -> Run {
    cx.host.set_result(role, field, Value::Bool(value));
    Ok(cx.void())
}

fn set_number(cx: &mut Interp<'_>, role: ResultRole, field: ResultField, a: Args<'_>) -> Run {
    let value = a.long(0)?;
    cx.host.set_result(role, field, Value::Long(value));
    Ok(cx.void())
}

fn int(cx: &mut Interp<'_>, role: ResultRole, field: ResultField) -> Run {
    Ok(Value::Int(
        cx.host.result(role, field).as_long().unwrap_or(0) as i32,
    ))
}

fn long(cx: &mut Interp<'_>, role: ResultRole, field: ResultField) -> Run {
    Ok(Value::Long(
        cx.host.result(role, field).as_long().unwrap_or(0),
    ))
}

fn data_text(cx: &mut Interp<'_>, role: ResultRole) -> Run {
    match cx.host.result(role, ResultField::Data) {
        Value::Null => Ok(Value::from("")),
        Value::Str(text) => Ok(Value::Str(text)),
        value => {
            let bytes = value.as_bytes().unwrap_or_default();
            let charset = match cx.host.result(role, ResultField::DataEncoding) {
                Value::Str(c) => c,
                _ => Arc::from("UTF-8"),
            };
            cx.charge(bytes.len())?;
            decode(&bytes, &charset).map(Value::from)
        }
    }
}

methods! {
    fn result(cx, me: ResultRole, a, name) -> RESULT;
    getResponseDataAsString : 0 .. 0 => data_text(cx, me);
    getResponseData : 0 .. 0 => match cx.host.result(me, ResultField::Data) { Value::Null => Ok(Value::bytes(Vec::new())), Value::Str(text) => Ok(Value::bytes(text.as_bytes().to_vec())), value => Ok(value) };
    setResponseData : 1 .. 2 => {
        let value = match &a[0] {
            Value::Array(array) if a.len() == 1 => Value::bytes(array.bytes().ok_or(Fail::NoMethod)?),
            Value::Null => Value::bytes(Vec::new()),
            _ => { let text = a.text(0)?; match a.nullable_text(1)? { Some(charset) => { let bytes = encode(&text, &charset)?; cx.host.set_result(me, ResultField::DataEncoding, Value::Str(charset)); Value::bytes(bytes) } None => Value::bytes(text.as_bytes().to_vec()) } }
        };
        cx.host.set_result(me, ResultField::Data, value);
        Ok(cx.void())
    };
    getResponseCode : 0 .. 0 => Ok(cx.host.result(me, ResultField::Code));
    setResponseCode : 1 .. 1 => set_text(cx, me, ResultField::Code, a);
    getResponseMessage : 0 .. 0 => Ok(cx.host.result(me, ResultField::Message));
    setResponseMessage : 1 .. 1 => set_text(cx, me, ResultField::Message, a);
    isSuccessful : 0 .. 0 => Ok(Value::Bool(matches!(cx.host.result(me, ResultField::Successful), Value::Bool(true))));
    setSuccessful : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::Successful, v) };
    isResponseCodeOK : 0 .. 0 => Ok(Value::Bool(matches!(cx.host.result(me, ResultField::Code), Value::Str(c) if &*c == "200")));
    setResponseOK : 0 .. 0 => { for (f, v) in [(ResultField::Code, Value::from("200")), (ResultField::Message, Value::from("OK")), (ResultField::Successful, Value::Bool(true))] { cx.host.set_result(me, f, v); } Ok(cx.void()) };
    setResponseCodeOK : 0 .. 0 => { cx.host.set_result(me, ResultField::Code, Value::from("200")); Ok(cx.void()) };
    setResponseMessageOK : 0 .. 0 => { cx.host.set_result(me, ResultField::Message, Value::from("OK")); Ok(cx.void()) };
    getSampleLabel : 0 .. 1 => Ok(cx.host.result(me, ResultField::Label));
    toString : 0 .. 0 => Ok(cx.host.result(me, ResultField::Label));
    setSampleLabel : 1 .. 1 => set_text(cx, me, ResultField::Label, a);
    getResponseHeaders : 0 .. 0 => Ok(cx.host.result(me, ResultField::ResponseHeaders));
    setResponseHeaders : 1 .. 1 => set_text(cx, me, ResultField::ResponseHeaders, a);
    getRequestHeaders : 0 .. 0 => Ok(cx.host.result(me, ResultField::RequestHeaders));
    setRequestHeaders : 1 .. 1 => set_text(cx, me, ResultField::RequestHeaders, a);
    getSamplerData | getQueryString : 0 .. 0 => Ok(cx.host.result(me, ResultField::SamplerData));
    setSamplerData : 1 .. 1 => set_text(cx, me, ResultField::SamplerData, a);
    getDataType : 0 .. 0 => Ok(cx.host.result(me, ResultField::DataType));
    setDataType : 1 .. 1 => set_text(cx, me, ResultField::DataType, a);
    getDataEncodingWithDefault | getDataEncodingNoDefault : 0 .. 0 => Ok(cx.host.result(me, ResultField::DataEncoding));
    setDataEncoding | setEncodingAndType : 1 .. 1 => set_text(cx, me, ResultField::DataEncoding, a);
    getContentType | getMediaType : 0 .. 0 => Ok(cx.host.result(me, ResultField::ContentType));
    setContentType : 1 .. 1 => set_text(cx, me, ResultField::ContentType, a);
    getThreadName : 0 .. 0 => Ok(cx.host.result(me, ResultField::ThreadName));
    setThreadName : 1 .. 1 => set_text(cx, me, ResultField::ThreadName, a);
    getURL | getUrl : 0 .. 0 => match cx.host.result(me, ResultField::Url) { Value::Str(text) => cx.construct_known("java.net.URL", &[Value::Str(text)]), other => Ok(other) };
    getUrlAsString : 0 .. 0 => Ok(match cx.host.result(me, ResultField::Url) { Value::Null => Value::from(""), url => url });
    getTime : 0 .. 0 => long(cx, me, ResultField::Time);
    getLatency : 0 .. 0 => long(cx, me, ResultField::Latency);
    setLatency : 1 .. 1 => set_number(cx, me, ResultField::Latency, a);
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
    setStampAndTime : 2 .. 2 => { let (at, ms) = (a.long(0)?, a.long(1)?); cx.host.set_result(me, ResultField::StartTime, Value::Long(at)); cx.host.set_result(me, ResultField::EndTime, Value::Long(at + ms)); Ok(cx.void()) };
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
    isIgnore : 0 .. 0 => Ok(cx.host.result(me, ResultField::Ignore));
    setStopThread : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StopThread, v) };
    setStopTest : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StopTest, v) };
    setStopTestNow : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StopTestNow, v) };
    setStartNextThreadLoop : 1 .. 1 => { let v = a.bool(0)?; set_flag(cx, me, ResultField::StartNextThreadLoop, v) };
    getFirstAssertionFailureMessage : 0 .. 0 => { let found = cx.host.assertions(me).into_iter().find(|(_, failed, error, _)| *failed || *error).map(|(_, _, _, message)| message); Ok(Value::from(found)) };
    getAssertionResults : 0 .. 0 => { let items = cx.host.assertions(me).into_iter().map(|(name, failure, error, message)| { let map = Map::linked(); map.put(Value::from("name"), Value::from(name)); map.put(Value::from("failure"), Value::Bool(failure)); map.put(Value::from("error"), Value::Bool(error)); map.put(Value::from("failureMessage"), Value::from(message)); Value::Map(Arc::new(map)) }).collect(); Ok(Value::array("org.apache.jmeter.assertions.AssertionResult", items)) };
    getSubResults : 0 .. 0 => Ok(Value::array("org.apache.jmeter.samplers.SampleResult", Vec::new()));
}

methods! {
    fn assertion(cx, me: &Name, a, name) -> ASSERTION;
    setFailure : 1 .. 1 => { let v = a.bool(0)?; cx.host.set_assertion(AssertionField::Failure, Value::Bool(v)); Ok(cx.void()) };
    setError : 1 .. 1 => { let v = a.bool(0)?; cx.host.set_assertion(AssertionField::Error, Value::Bool(v)); Ok(cx.void()) };
    setFailureMessage : 1 .. 1 => { let v = Value::from(a.nullable_text(0)?); cx.host.set_assertion(AssertionField::Message, v); Ok(cx.void()) };
    isFailure : 0 .. 0 => Ok(cx.host.assertion(AssertionField::Failure));
    isError : 0 .. 0 => Ok(cx.host.assertion(AssertionField::Error));
    getFailureMessage : 0 .. 0 => Ok(cx.host.assertion(AssertionField::Message));
    getName : 0 .. 0 => Ok(cx.host.assertion(AssertionField::Name));
    setResultForFailure : 1 .. 1 => { let v = Value::from(a.nullable_text(0)?); cx.host.set_assertion(AssertionField::Failure, Value::Bool(true)); cx.host.set_assertion(AssertionField::Message, v); Ok(Value::Host(HostObject::Assertion)) };
}

methods! {
    fn context(cx, me: &Name, a, name) -> CONTEXT;
    getThreadNum : 0 .. 0 => Ok(cx.host.thread(ThreadField::Number));
    getVariables : 0 .. 0 => Ok(Value::Host(HostObject::Vars));
    getProperties : 0 .. 0 => Ok(Value::Map(cx.host.properties()));
    getPreviousResult : 0 .. 0 => Ok(cx.host_or_null(HostObject::Previous));
    getCurrentSampler | getPreviousSampler : 0 .. 0 => Ok(cx.host_or_null(HostObject::Sampler));
    getThread : 0 .. 0 => Ok(Value::Host(HostObject::Thread));
    getThreadGroup : 0 .. 0 => Ok(Value::Host(HostObject::ThreadGroup));
    getEngine : 0 .. 0 => Ok(Value::Host(HostObject::Engine));
    setRestartNextLoop | setStartNextThreadLoop : 1 .. 1 => { if a.bool(0)? { cx.host.request(Request::NextLoop); } Ok(cx.void()) };
}

methods! {
    fn thread(cx, me: &Name, a, name) -> THREAD;
    getThreadName | getName : 0 .. 0 => Ok(cx.host.thread(ThreadField::Name));
    getThreadNum : 0 .. 0 => Ok(cx.host.thread(ThreadField::Number));
    getId | threadId : 0 .. 0 => Ok(Value::Long(cx.host.thread(ThreadField::Number).as_long().unwrap_or(0) + 1));
    stop | interrupt : 0 .. 0 => { cx.host.request(Request::StopThread); Ok(cx.void()) };
    getThreadGroup : 0 .. 0 => Ok(Value::Host(HostObject::ThreadGroup));
    isInterrupted : 0 .. 0 => Ok(Value::Bool(false));
}

methods! {
    fn group(cx, me: &Name, a, name) -> GROUP;
    getName : 0 .. 0 => Ok(cx.host.thread(ThreadField::GroupName));
    getNumThreads | getNumberOfThreads : 0 .. 0 => Ok(cx.host.thread(ThreadField::GroupThreads));
}

methods! {
    fn engine(cx, me: &Name, a, name) -> ENGINE;
    askThreadsToStop : 0 .. 0 => { cx.host.request(Request::StopTest); Ok(cx.void()) };
    stopTest : 0 .. 1 => { let now = a.is_empty() || a.bool(0)?; cx.host.request(if now { Request::StopTestNow } else { Request::StopTest }); Ok(cx.void()) };
}

fn set_sampler(cx: &mut Interp<'_>, field: SamplerField, a: Args<'_>) -> Run {
    let value = match field {
        SamplerField::Port => Value::Int(a.int(0)?),
        SamplerField::FollowRedirects
        | SamplerField::AutoRedirects
        | SamplerField::KeepAlive
        | SamplerField::PostBodyRaw => Value::Bool(a.bool(0)?),
        _ => Value::Str(a.text(0)?),
    };
    cx.host.set_sampler(field, value);
    Ok(cx.void())
}

fn add_argument(cx: &mut Interp<'_>, a: Args<'_>, encode: bool) -> Run {
    let mut all = cx.host.arguments();
    all.push(NameValue {
        name: a.text(0)?.to_string(),
        value: a.text(1)?.to_string(),
        encode,
    });
    cx.host.set_arguments(all);
    Ok(cx.void())
}

methods! {
    fn sampler(cx, me: &Name, a, name) -> SAMPLER;
    getName : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Name));
    setName : 1 .. 1 => set_sampler(cx, SamplerField::Name, a);
    getMethod : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Method));
    setMethod : 1 .. 1 => set_sampler(cx, SamplerField::Method, a);
    getPath : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Path));
    setPath : 1 .. 2 => set_sampler(cx, SamplerField::Path, a);
    getDomain : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Domain));
    setDomain : 1 .. 1 => set_sampler(cx, SamplerField::Domain, a);
    getPort : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Port));
    setPort : 1 .. 1 => set_sampler(cx, SamplerField::Port, a);
    getProtocol : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Protocol));
    setProtocol : 1 .. 1 => set_sampler(cx, SamplerField::Protocol, a);
    getContentEncoding : 0 .. 0 => Ok(cx.host.sampler(SamplerField::ContentEncoding));
    setContentEncoding : 1 .. 1 => set_sampler(cx, SamplerField::ContentEncoding, a);
    getUrl : 0 .. 0 => match cx.host.sampler(SamplerField::Url) { Value::Str(text) => cx.construct_known("java.net.URL", &[Value::Str(text)]), other => Ok(other) };
    setFollowRedirects : 1 .. 1 => set_sampler(cx, SamplerField::FollowRedirects, a);
    setAutoRedirects : 1 .. 1 => set_sampler(cx, SamplerField::AutoRedirects, a);
    setUseKeepAlive : 1 .. 1 => set_sampler(cx, SamplerField::KeepAlive, a);
    setPostBodyRaw : 1 .. 1 => set_sampler(cx, SamplerField::PostBodyRaw, a);
    getArguments : 0 .. 0 => Ok(Value::Host(HostObject::Arguments));
    addArgument : 2 .. 3 => add_argument(cx, a, true);
    addEncodedArgument : 2 .. 3 => add_argument(cx, a, false);
    addNonEncodedArgument : 3 .. 3 => add_argument(cx, a, false);
    getHeaderManager : 0 .. 0 => Ok(if cx.host.headers().is_some() { Value::Host(HostObject::Headers) } else { Value::Null });
    getCookieManager : 0 .. 0 => Ok(if cx.host.cookies().is_some() { Value::Host(HostObject::Cookies) } else { Value::Null });
}

/// A `Header`, an `HTTPArgument` or a `Cookie` as a value of its own.
struct Pair {
    class: &'static str,
    value: std::sync::Mutex<ScriptCookie>,
    /// The place of an argument or a header that changes are written back to.
    place: Option<usize>,
}

impl Native for Pair {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_pair(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        let pair = lock(&self.value);
        Ok(Some(format!("{}={}", pair.name, pair.value)))
    }
}

fn write_back(cx: &mut Interp<'_>, pair: &Pair) {
    let Some(place) = pair.place else { return };
    let (name, value) = {
        let p = lock(&pair.value);
        (p.name.clone(), p.value.clone())
    };
    if pair.class == HEADER {
        let mut all = cx.host.headers().unwrap_or_default();
        if let Some(one) = all.get_mut(place) {
            one.name = name;
            one.value = value;
        }
        cx.host.set_headers(all);
    } else {
        let mut all = cx.host.arguments();
        if let Some(one) = all.get_mut(place) {
            one.name = name;
            one.value = value;
        }
        cx.host.set_arguments(all);
    }
}

const HEADER: &str = "org.apache.jmeter.protocol.http.control.Header";
const COOKIE: &str = "org.apache.jmeter.protocol.http.control.Cookie";
const ARGUMENT: &str = "org.apache.jmeter.protocol.http.util.HTTPArgument";

methods! {
    fn call_pair(cx, me: &Pair, a, name) -> PAIR;
    getName : 0 .. 0 => Ok(Value::from(lock(&me.value).name.as_str()));
    getValue : 0 .. 0 => Ok(Value::from(lock(&me.value).value.as_str()));
    getDomain : 0 .. 0 => Ok(Value::from(lock(&me.value).domain.as_str()));
    getPath : 0 .. 0 => Ok(Value::from(lock(&me.value).path.as_str()));
    getSecure : 0 .. 0 => Ok(Value::Bool(lock(&me.value).secure));
    getExpires : 0 .. 0 => Ok(Value::Long(lock(&me.value).expires));
    setName : 1 .. 1 => { lock(&me.value).name = a.text(0)?.to_string(); write_back(cx, me); Ok(cx.void()) };
    setValue : 1 .. 1 => { lock(&me.value).value = a.text(0)?.to_string(); write_back(cx, me); Ok(cx.void()) };
    setDomain : 1 .. 1 => { lock(&me.value).domain = a.text(0)?.to_string(); Ok(cx.void()) };
    setPath : 1 .. 1 => { lock(&me.value).path = a.text(0)?.to_string(); Ok(cx.void()) };
    setAlwaysEncoded | setUseEquals | setMetaData | setContentType : 1 .. 1 => Ok(cx.void());
}

fn pair(class: &'static str, name: &str, value: &str, place: Option<usize>) -> Value {
    let value = ScriptCookie {
        name: name.into(),
        value: value.into(),
        ..ScriptCookie::default()
    };
    Value::object(Pair {
        class,
        value: std::sync::Mutex::new(value),
        place,
    })
}

fn new_pair(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let text = |i: usize| {
        a.nullable_text(i)
            .map(|t| t.map_or_else(String::new, |t| t.to_string()))
    };
    let mut value = ScriptCookie {
        name: text(0)?,
        value: text(1)?,
        ..ScriptCookie::default()
    };
    if class.name == COOKIE && a.len() >= 6 {
        value.domain = text(2)?;
        value.path = text(3)?;
        value.secure = a.bool(4)?;
        value.expires = a.long(5)?;
    }
    let name = if class.name == COOKIE {
        COOKIE
    } else if class.name == HEADER {
        HEADER
    } else {
        ARGUMENT
    };
    Ok(Value::object(Pair {
        class: name,
        value: std::sync::Mutex::new(value),
        place: None,
    }))
}

methods! {
    fn headers(cx, me: &Name, a, name) -> HEADERS;
    add : 1 .. 1 => { let (n, v) = { let p = lock(&a.native::<Pair>(0)?.value); (p.name.clone(), p.value.clone()) }; let mut all = cx.host.headers().unwrap_or_default(); match all.iter_mut().find(|h| h.name.eq_ignore_ascii_case(&n)) { Some(h) => h.value = v, None => all.push(NameValue { name: n, value: v, encode: false }) } cx.host.set_headers(all); Ok(cx.void()) };
    removeHeaderNamed : 1 .. 1 => { let name = a.text(0)?; let mut all = cx.host.headers().unwrap_or_default(); all.retain(|h| !h.name.eq_ignore_ascii_case(&name)); cx.host.set_headers(all); Ok(cx.void()) };
    getFirstHeaderNamed : 1 .. 1 => { let name = a.text(0)?; let all = cx.host.headers().unwrap_or_default(); Ok(all.iter().position(|h| h.name.eq_ignore_ascii_case(&name)).map_or(Value::Null, |at| pair(HEADER, &all[at].name, &all[at].value, Some(at)))) };
    get | getHeader : 1 .. 1 => { let at = a.int(0)?; let all = cx.host.headers().unwrap_or_default(); all.get(at as usize).map(|h| pair(HEADER, &h.name, &h.value, Some(at as usize))).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    size | getHeaderCount : 0 .. 0 => Ok(Value::from(cx.host.headers().unwrap_or_default().len()));
    clear : 0 .. 0 => { cx.host.set_headers(Vec::new()); Ok(cx.void()) };
    getHeaders : 0 .. 0 => { let all = cx.host.headers().unwrap_or_default(); Ok(Value::list(all.iter().enumerate().map(|(i, h)| pair(HEADER, &h.name, &h.value, Some(i))).collect())) };
}

methods! {
    fn cookies(cx, me: &Name, a, name) -> COOKIES;
    add : 1 .. 1 => { let cookie = lock(&a.native::<Pair>(0)?.value).clone(); let mut all = cx.host.cookies().unwrap_or_default(); all.retain(|c| !(c.name == cookie.name && c.domain == cookie.domain && c.path == cookie.path)); all.push(cookie); cx.host.set_cookies(all); Ok(cx.void()) };
    get : 1 .. 1 => { let at = a.int(0)?; let all = cx.host.cookies().unwrap_or_default(); all.get(at as usize).map(|c| Value::object(Pair { class: COOKIE, value: std::sync::Mutex::new(c.clone()), place: None })).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    getCookieCount : 0 .. 0 => Ok(Value::from(cx.host.cookies().unwrap_or_default().len()));
    remove : 1 .. 1 => { let at = a.int(0)?; let mut all = cx.host.cookies().unwrap_or_default(); if at < 0 || at as usize >= all.len() { return Err(crate::interp::out_of_bounds(at, all.len())); } all.remove(at as usize); cx.host.set_cookies(all); Ok(cx.void()) };
    clear : 0 .. 0 => { cx.host.set_cookies(Vec::new()); Ok(cx.void()) };
    getCookies : 0 .. 0 => { let all = cx.host.cookies().unwrap_or_default(); Ok(Value::list(all.into_iter().map(|c| Value::object(Pair { class: COOKIE, value: std::sync::Mutex::new(c), place: None })).collect())) };
}

methods! {
    fn arguments(cx, me: &Name, a, name) -> ARGUMENTS;
    getArgument : 1 .. 1 => { let at = a.int(0)?; let all = cx.host.arguments(); all.get(at as usize).map(|x| pair(ARGUMENT, &x.name, &x.value, Some(at as usize))).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    getArgumentCount : 0 .. 0 => Ok(Value::from(cx.host.arguments().len()));
    addArgument : 1 .. 3 => { if a.len() >= 2 { return add_argument(cx, a, true); } let (n, v) = { let p = lock(&a.native::<Pair>(0)?.value); (p.name.clone(), p.value.clone()) }; let mut all = cx.host.arguments(); all.push(NameValue { name: n, value: v, encode: true }); cx.host.set_arguments(all); Ok(cx.void()) };
    removeAllArguments | clear : 0 .. 0 => { cx.host.set_arguments(Vec::new()); Ok(cx.void()) };
    removeArgument : 1 .. 1 => { let mut all = cx.host.arguments(); match &a[0] { Value::Int(at) => { if (*at as usize) < all.len() { all.remove(*at as usize); } } _ => { let name = a.text(0)?; all.retain(|x| x.name != *name); } } cx.host.set_arguments(all); Ok(cx.void()) };
    getArgumentsAsMap : 0 .. 0 => { let map = Map::linked(); for x in cx.host.arguments() { map.put(Value::from(x.name), Value::from(x.value)); } Ok(Value::Map(Arc::new(map))) };
    iterator : 0 .. 0 => { let all = cx.host.arguments(); Ok(crate::library::iterable::iterator(Value::Null, all.iter().enumerate().map(|(i, x)| pair(ARGUMENT, &x.name, &x.value, Some(i))).collect())) };
}

methods! {
    fn file_server(cx, me: &Name, a, name) -> FILE_SERVER;
    getBaseDir : 0 .. 0 => Ok(cx.host.thread(ThreadField::BaseFolder));
    getScriptName : 0 .. 0 => Ok(cx.host.thread(ThreadField::PlanName));
}

methods! {
    fn file_server_static(cx, me: &'static ClassInfo, a, name) -> FILE_SERVER_STATICS;
    getFileServer : 0 .. 0 => Ok(Value::Host(HostObject::FileServer));
}

fn property(cx: &mut Interp<'_>, a: Args<'_>) -> Run<Option<Value>> {
    let properties = cx.host.properties();
    Ok(properties
        .get(&Value::Str(a.text(0)?))
        .filter(|v| !v.is_nothing()))
}

methods! {
    fn utils(cx, me: &'static ClassInfo, a, name) -> UTILS;
    getProperty : 1 .. 1 => Ok(property(cx, a)?.unwrap_or(Value::Null));
    setProperty : 2 .. 2 => { if a[1].is_nothing() { return Err(throw_plain("java.lang.NullPointerException")); } let (k, v) = (a.text(0)?, a.text(1)?); Ok(cx.host.properties().put(Value::Str(k), Value::Str(v)).unwrap_or(Value::Null)) };
    getPropDefault : 2 .. 2 => {
        let Some(found) = property(cx, a)? else { return Ok(a.value(1)) };
        let text = cx.java_text(&found)?;
        Ok(match &a[1] {
            Value::Int(d) => Value::Int(text.trim().parse().unwrap_or(*d)),
            Value::Long(d) => Value::Long(text.trim().parse().unwrap_or(*d)),
            Value::Bool(_) => Value::Bool(matches!(text.trim().to_lowercase().as_str(), "true" | "1" | "yes" | "on")),
            _ => Value::Str(text),
        })
    };
    getJMeterProperties : 0 .. 0 => Ok(Value::Map(cx.host.properties()));
    getJMeterHome | getJMeterBinDir : 0 .. 0 => Ok(cx.host.thread(ThreadField::BaseFolder));
    getJMeterVersion : 0 .. 0 => Ok(Value::from("5.6.3"));
}

methods! {
    fn context_service(cx, me: &'static ClassInfo, a, name) -> CONTEXT_SERVICE;
    getContext : 0 .. 0 => Ok(Value::Host(HostObject::Context));
    getNumberOfThreads | getTotalThreads : 0 .. 0 => Ok(cx.host.thread(ThreadField::GroupThreads));
}

impl Interp<'_> {
    /// The text of a result is its label.
    pub(crate) fn host_text(&mut self, value: &Value) -> Run<Arc<str>> {
        let _ = symbol("label");
        let role = if matches!(value, Value::Host(HostObject::Previous)) {
            ResultRole::Previous
        } else {
            ResultRole::Current
        };
        let label = self.host.result(role, ResultField::Label);
        self.java_text(&label)
    }
    fn construct_known(&mut self, class: &str, args: &[Value]) -> Run {
        match crate::class::find(class) {
            Some(info) => self.construct_public(&crate::class::Class::Known(info), args),
            None => Ok(Value::Null),
        }
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.jmeter.threads.JMeterVariables").methods(&[VARS]),
    ClassInfo::named("org.slf4j.Logger").methods(&[LOG]),
    ClassInfo::named("java.io.PrintStream").methods(&[OUT]),
    ClassInfo::named("org.apache.jmeter.samplers.SampleResult").methods(&[RESULT]),
    ClassInfo::named("org.apache.jmeter.protocol.http.sampler.HTTPSampleResult").methods(&[RESULT]),
    ClassInfo::named("org.apache.jmeter.assertions.AssertionResult").methods(&[ASSERTION]),
    ClassInfo::named("org.apache.jmeter.threads.JMeterContext").methods(&[CONTEXT]),
    ClassInfo::named("org.apache.jmeter.threads.JMeterContextService")
        .statics(context_service, CONTEXT_SERVICE),
    ClassInfo::named("org.apache.jmeter.threads.JMeterThread").methods(&[THREAD]),
    ClassInfo::named("org.apache.jmeter.threads.ThreadGroup").methods(&[GROUP]),
    ClassInfo::named("org.apache.jmeter.engine.StandardJMeterEngine").methods(&[ENGINE]),
    ClassInfo::named("org.apache.jmeter.samplers.Sampler").methods(&[SAMPLER]),
    ClassInfo::named("org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy")
        .parents(&[
            "org.apache.jmeter.samplers.Sampler",
            "org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase",
        ])
        .methods(&[SAMPLER]),
    ClassInfo::named("org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase").methods(&[SAMPLER]),
    ClassInfo::named("org.apache.jmeter.protocol.http.control.HeaderManager").methods(&[HEADERS]),
    ClassInfo::named("org.apache.jmeter.protocol.http.control.CookieManager").methods(&[COOKIES]),
    ClassInfo::named("org.apache.jmeter.config.Arguments").methods(&[ARGUMENTS]),
    ClassInfo::named(HEADER)
        .constructor(new_pair)
        .methods(&[PAIR]),
    ClassInfo::named(COOKIE)
        .constructor(new_pair)
        .methods(&[PAIR]),
    ClassInfo::named(ARGUMENT)
        .constructor(new_pair)
        .methods(&[PAIR]),
    ClassInfo::named("org.apache.jmeter.config.Argument")
        .constructor(new_pair)
        .methods(&[PAIR]),
    ClassInfo::named("org.apache.jmeter.services.FileServer")
        .statics(file_server_static, FILE_SERVER_STATICS)
        .methods(&[FILE_SERVER]),
    ClassInfo::named("org.apache.jmeter.util.JMeterUtils").statics(utils, UTILS),
];
