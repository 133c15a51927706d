//! JMeter's objects: variables, log, assertion, context. Not here: the sampler and what hangs on it (`request`), results (`result`).

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::host::{AssertionField, LogLevel, Request, ResultField, ResultRole, ThreadField};
use crate::interp::Interp;
use crate::library::throwable::{throw_plain, thrown};
use crate::name::{Name, methods, symbol};
use crate::value::{HostObject, Map, Order, Value};

pub(crate) fn call(cx: &mut Interp<'_>, host: HostObject, name: &Name, a: Args<'_>) -> Run {
    match host {
        HostObject::Vars => vars(cx, name, name.hash, a),
        HostObject::Log => log(cx, name, name.hash, a),
        HostObject::Out => out(cx, name, name.hash, a),
        HostObject::Previous | HostObject::Result => super::result::call(cx, host, name, a),
        HostObject::Assertion => assertion(cx, name, name.hash, a),
        HostObject::Event => event(cx, name, name.hash, a),
        HostObject::Context => context(cx, name, name.hash, a),
        HostObject::Thread | HostObject::CurrentThread => thread(cx, name, name.hash, a),
        HostObject::ThreadGroup => group(cx, name, name.hash, a),
        HostObject::Engine => engine(cx, name, name.hash, a),
        HostObject::Sampler | HostObject::Headers | HostObject::Cookies | HostObject::Arguments => {
            super::request::call(cx, host, name, a)
        }
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
    getIterator : 0 .. 0 => { let entries = cx.call_method(&Value::Host(HostObject::Vars), &Name::new("entrySet"), &[])?; cx.call_method(&entries, &Name::new("iterator"), &[]) };
    entrySet | iterator : 0 .. 0 => { let map = variable_map(cx); cx.call_method(&Value::Map(map), &Name::new("entrySet"), &[]) };
    getThreadName : 0 .. 0 => Ok(cx.host.thread(ThreadField::Name));
    getIteration : 0 .. 0 => Ok(cx.host.thread(ThreadField::Iteration));
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
        if let Some(thrown) = rest.next().and_then(thrown) { text.push('\n'); text.push_str(&thrown.line()); }
        cx.charge_output(text.len())?;
        cx.host.log(level, &text);
        Ok(cx.void())
    };
    isInfoEnabled | isWarnEnabled | isErrorEnabled | isDebugEnabled | isTraceEnabled : 0 .. 0 => { let level = match &*me.text { "isDebugEnabled" => LogLevel::Debug, "isTraceEnabled" => LogLevel::Trace, "isWarnEnabled" => LogLevel::Warn, "isErrorEnabled" => LogLevel::Error, _ => LogLevel::Info }; Ok(Value::Bool(cx.host.logs(level))) };
    getName : 0 .. 0 => Ok(Value::from(cx.host.logger()));
}

methods! {
    fn out(cx, me: &Name, a, name) -> OUT;
    println : 0 .. 1 => { let mut text = if a.is_empty() { String::new() } else if cx.groovy() { cx.text(&a[0])?.to_string() } else { cx.java_text(&a[0])?.to_string() }; text.push('\n'); cx.write_out(&text)?; Ok(cx.void()) };
    print | append | write : 1 .. 1 => { let text = cx.java_text(&a[0])?; cx.write_out(&text)?; Ok(cx.void()) };
    printf | format : 1 .. 20 => { let pattern = a.text(0)?; let text = crate::library::format::format(cx, &pattern, &a[1..])?; cx.write_out(&text)?; Ok(Value::Host(HostObject::Out)) };
    flush | close : 0 .. 0 => Ok(cx.void());
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
    fn event(cx, me: &Name, a, name) -> EVENT;
    getResult : 0 .. 0 => Ok(cx.host_or_null(HostObject::Result));
    getThreadGroup : 0 .. 0 => Ok(cx.host.thread(ThreadField::GroupName));
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
    isSamplingStarted : 0 .. 0 => Ok(Value::Bool(true));
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
    let name = a.text(0)?;
    let set = cx.host.properties().get(&Value::Str(name.clone()));
    let set = set.filter(|value| !value.is_nothing());
    Ok(set.or_else(|| cx.host.system_property(&name).map(Value::from)))
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
    pub(crate) fn construct_known(&mut self, class: &str, args: &[Value]) -> Run {
        match crate::class::find(class) {
            Some(info) => self.construct(&crate::class::Class::Known(info), args),
            None => Ok(Value::Null),
        }
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.jmeter.threads.JMeterVariables").methods(&[VARS]),
    ClassInfo::named("org.slf4j.Logger").methods(&[LOG]),
    ClassInfo::named("java.io.PrintStream")
        .parents(&["java.io.OutputStream"])
        .constructor(super::files::new_writer)
        .methods(&[OUT, super::files::WRITER]),
    ClassInfo::named("org.apache.jmeter.assertions.AssertionResult").methods(&[ASSERTION]),
    ClassInfo::named("org.apache.jmeter.samplers.SampleEvent").methods(&[EVENT]),
    ClassInfo::named("org.apache.jmeter.threads.JMeterContext").methods(&[CONTEXT]),
    ClassInfo::named("org.apache.jmeter.threads.JMeterContextService")
        .statics(context_service, CONTEXT_SERVICE),
    ClassInfo::named("org.apache.jmeter.threads.JMeterThread").methods(&[THREAD]),
    ClassInfo::named("org.apache.jmeter.threads.ThreadGroup").methods(&[GROUP]),
    ClassInfo::named("org.apache.jmeter.engine.StandardJMeterEngine").methods(&[ENGINE]),
    ClassInfo::named("org.apache.jmeter.services.FileServer")
        .statics(file_server_static, FILE_SERVER_STATICS)
        .methods(&[FILE_SERVER]),
    ClassInfo::named("org.apache.jmeter.util.JMeterUtils").statics(utils, UTILS),
];
