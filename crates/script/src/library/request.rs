//! The sampler at work, its arguments, headers and cookies, and the objects that scripts make for them.
//!
//! Not here: what a sampler really is; that is the host's. Source: `HTTPSamplerBase`, `Arguments`, `HeaderManager`, `CookieManager`.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::host::{NameValue, SamplerField, ScriptCookie};
use crate::interp::Interp;
use crate::name::{Name, methods, symbol};
use crate::value::{HostObject, Map, Native, Value, lock};

/// Calls a method of the sampler or of what hangs on it.
pub(crate) fn call(cx: &mut Interp<'_>, host: HostObject, name: &Name, a: Args<'_>) -> Run {
    match host {
        HostObject::Sampler => sampler(cx, name, name.hash, a),
        HostObject::Headers => headers(cx, name, name.hash, a),
        HostObject::Cookies => cookies(cx, name, name.hash, a),
        HostObject::Arguments => arguments(cx, name, name.hash, a),
        _ => Err(Fail::NoMethod),
    }
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
    getUseKeepAlive : 0 .. 0 => Ok(cx.host.sampler(SamplerField::KeepAlive));
    getFollowRedirects : 0 .. 0 => Ok(cx.host.sampler(SamplerField::FollowRedirects));
    getAutoRedirects : 0 .. 0 => Ok(cx.host.sampler(SamplerField::AutoRedirects));
    getPostBodyRaw : 0 .. 0 => Ok(cx.host.sampler(SamplerField::PostBodyRaw));
    getDoMultipart | getUseMultipart : 0 .. 0 => Ok(cx.host.sampler(SamplerField::Multipart));
    setDoMultipart : 1 .. 1 => set_sampler(cx, SamplerField::Multipart, a);
    getQueryString : 0 .. 1 => Ok(cx.host.sampler(SamplerField::QueryString));
    getConnectTimeout : 0 .. 0 => Ok(cx.host.sampler(SamplerField::ConnectTimeout));
    setConnectTimeout : 1 .. 1 => { let text = cx.java_text(&a[0])?; cx.host.set_sampler(SamplerField::ConnectTimeout, Value::Str(text)); Ok(cx.void()) };
    getResponseTimeout : 0 .. 0 => Ok(cx.host.sampler(SamplerField::ResponseTimeout));
    setResponseTimeout : 1 .. 1 => { let text = cx.java_text(&a[0])?; cx.host.set_sampler(SamplerField::ResponseTimeout, Value::Str(text)); Ok(cx.void()) };
    getThreadName : 0 .. 0 => Ok(cx.host.thread(crate::host::ThreadField::Name));
    getPropertyAsString : 1 .. 2 => { let name = a.text(0)?; let value = property_field(&name).map_or(Value::Null, |field| cx.host.sampler(field)); match value { Value::Null => Ok(if a.len() == 2 { a.value(1) } else { Value::from("") }), value => cx.java_text(&value).map(Value::Str) } };
    getPropertyAsInt : 1 .. 2 => { let text = sampler_property(cx, a)?; let zero = if a.len() == 2 { a.int(1)? } else { 0 }; Ok(Value::Int(text.and_then(|text| text.trim().parse().ok()).unwrap_or(zero))) };
    getPropertyAsLong : 1 .. 2 => { let text = sampler_property(cx, a)?; let zero = if a.len() == 2 { a.long(1)? } else { 0 }; Ok(Value::Long(text.and_then(|text| text.trim().parse().ok()).unwrap_or(zero))) };
    getPropertyAsBoolean : 1 .. 2 => { let text = sampler_property(cx, a)?; let otherwise = a.len() == 2 && a.bool(1)?; Ok(Value::Bool(text.map_or(otherwise, |text| text.eq_ignore_ascii_case("true")))) };
    setProperty : 2 .. 2 => { let name = a.text(0)?; let value = cx.java_text(&a[1])?; match property_field(&name) { Some(field) => cx.host.set_sampler(field, Value::Str(value)), None => cx.host.log(crate::host::LogLevel::Warn, &format!("the property {name} of the sampler is not set: it has no effect here")) } Ok(cx.void()) };
    setArguments : 1 .. 1 => { let all = argument_list(cx, &a[0])?; cx.host.set_arguments(all); Ok(cx.void()) };
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
    setHeaderManager : 1 .. 1 => { let all = header_list(cx, &a[0])?; cx.host.set_own_headers(all); Ok(cx.void()) };
    getCookieManager : 0 .. 0 => Ok(if cx.host.cookies().is_some() { Value::Host(HostObject::Cookies) } else { Value::Null });
}

/// What such a value holds: a cookie, of which headers and arguments use the name and the value.
#[derive(Clone, Debug, Default)]
struct PairValue {
    cookie: ScriptCookie,
    /// Of an argument: whether it is encoded.
    encode: bool,
}

impl Deref for PairValue {
    type Target = ScriptCookie;
    fn deref(&self) -> &ScriptCookie {
        &self.cookie
    }
}

impl DerefMut for PairValue {
    fn deref_mut(&mut self) -> &mut ScriptCookie {
        &mut self.cookie
    }
}

/// A `Header`, an `HTTPArgument` or a `Cookie` as a value of its own.
struct Pair {
    class: &'static str,
    value: Mutex<PairValue>,
    /// The place of an argument or a header that changes are written back to.
    place: Option<usize>,
}

impl Native for Pair {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        if name == symbol("getObjectValue") && a.is_empty() {
            return Ok(me.clone());
        }
        call_pair(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        let pair = lock(&self.value);
        let between = if self.class == HEADER { '\t' } else { '=' };
        Ok(Some(format!("{}{between}{}", pair.name, pair.value)))
    }
}

fn write_back(cx: &mut Interp<'_>, pair: &Pair) {
    let Some(place) = pair.place else { return };
    let (name, value, encode) = {
        let p = lock(&pair.value);
        (p.name.clone(), p.value.clone(), p.encode)
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
            one.encode = encode;
        }
        cx.host.set_arguments(all);
    }
}

const HEADER: &str = "org.apache.jmeter.protocol.http.control.Header";
const COOKIE: &str = "org.apache.jmeter.protocol.http.control.Cookie";
const ARGUMENT: &str = "org.apache.jmeter.protocol.http.util.HTTPArgument";

methods! {
    fn call_pair(cx, me: &Pair, a, name) -> PAIR;
    getObjectValue : 9 .. 9 => Err(Fail::NoMethod);
    getStringValue : 0 .. 0 => { let pair = lock(&me.value); Ok(Value::from(format!("{}={}", pair.name, pair.value))) };
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
    setSecure : 1 .. 1 => { lock(&me.value).secure = a.bool(0)?; Ok(cx.void()) };
    setExpires : 1 .. 1 => { lock(&me.value).expires = a.long(0)?; Ok(cx.void()) };
    isAlwaysEncoded : 0 .. 0 => Ok(Value::Bool(lock(&me.value).encode));
    setAlwaysEncoded : 1 .. 1 => { lock(&me.value).encode = a.bool(0)?; write_back(cx, me); Ok(cx.void()) };
    setUseEquals | setMetaData | setContentType : 1 .. 1 => Ok(cx.void());
}

fn pair(class: &'static str, name: &str, value: &str, place: Option<usize>) -> Value {
    let cookie = ScriptCookie {
        name: name.into(),
        value: value.into(),
        ..ScriptCookie::default()
    };
    let value = PairValue {
        cookie,
        encode: true,
    };
    Value::object(Pair {
        class,
        value: Mutex::new(value),
        place,
    })
}

/// A header or argument of the sampler at its place there.
fn placed(class: &'static str, all: &[NameValue], at: usize) -> Option<Value> {
    let one = all.get(at)?;
    let cookie = ScriptCookie {
        name: one.name.clone(),
        value: one.value.clone(),
        ..ScriptCookie::default()
    };
    Some(Value::object(Pair {
        class,
        value: Mutex::new(PairValue {
            cookie,
            encode: one.encode,
        }),
        place: Some(at),
    }))
}

fn cookie_object(cookie: ScriptCookie) -> Value {
    Value::object(Pair {
        class: COOKIE,
        value: Mutex::new(PairValue {
            cookie,
            encode: false,
        }),
        place: None,
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
        value: Mutex::new(PairValue {
            cookie: value,
            encode: true,
        }),
        place: None,
    }))
}

methods! {
    fn headers(cx, me: &Name, a, name) -> HEADERS;
    add : 1 .. 1 => { let (n, v) = { let p = lock(&a.native::<Pair>(0)?.value); (p.name.clone(), p.value.clone()) }; let mut all = cx.host.headers().unwrap_or_default(); all.push(NameValue { name: n, value: v, encode: false }); cx.host.set_headers(all); Ok(cx.void()) };
    removeHeaderNamed : 1 .. 1 => { let name = a.text(0)?; let mut all = cx.host.headers().unwrap_or_default(); all.retain(|h| !h.name.eq_ignore_ascii_case(&name)); cx.host.set_headers(all); Ok(cx.void()) };
    getFirstHeaderNamed : 1 .. 1 => { let name = a.text(0)?; let all = cx.host.headers().unwrap_or_default(); Ok(all.iter().position(|h| h.name.eq_ignore_ascii_case(&name)).and_then(|at| placed(HEADER, &all, at)).unwrap_or(Value::Null)) };
    get | getHeader : 1 .. 1 => { let at = a.int(0)?; let all = cx.host.headers().unwrap_or_default(); usize::try_from(at).ok().and_then(|at| placed(HEADER, &all, at)).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    remove : 1 .. 1 => { let at = a.int(0)?; let mut all = cx.host.headers().unwrap_or_default(); if at < 0 || at as usize >= all.len() { return Err(crate::interp::out_of_bounds(at, all.len())); } all.remove(at as usize); cx.host.set_headers(all); Ok(cx.void()) };
    size | getHeaderCount : 0 .. 0 => Ok(Value::from(cx.host.headers().unwrap_or_default().len()));
    clear : 0 .. 0 => { cx.host.set_headers(Vec::new()); Ok(cx.void()) };
    getHeaders : 0 .. 0 => { let all = cx.host.headers().unwrap_or_default(); Ok(Value::list((0..all.len()).filter_map(|at| placed(HEADER, &all, at)).collect())) };
}

methods! {
    fn cookies(cx, me: &Name, a, name) -> COOKIES;
    add : 1 .. 1 => { let cookie = lock(&a.native::<Pair>(0)?.value).cookie.clone(); let mut all = cx.host.cookies().unwrap_or_default(); all.retain(|c| !(c.name == cookie.name && c.domain == cookie.domain && c.path == cookie.path)); all.push(cookie); cx.host.set_cookies(all); Ok(cx.void()) };
    get : 1 .. 1 => { let at = a.int(0)?; let all = cx.host.cookies().unwrap_or_default(); usize::try_from(at).ok().and_then(|at| all.get(at)).map(|c| cookie_object(c.clone())).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    getCookieCount : 0 .. 0 => Ok(Value::from(cx.host.cookies().unwrap_or_default().len()));
    remove : 1 .. 1 => { let at = a.int(0)?; let mut all = cx.host.cookies().unwrap_or_default(); if at < 0 || at as usize >= all.len() { return Err(crate::interp::out_of_bounds(at, all.len())); } all.remove(at as usize); cx.host.set_cookies(all); Ok(cx.void()) };
    clear : 0 .. 0 => { cx.host.set_cookies(Vec::new()); Ok(cx.void()) };
    getCookies : 0 .. 0 => { let all = cx.host.cookies().unwrap_or_default(); Ok(Value::list(all.into_iter().map(cookie_object).collect())) };
}

/// The text property that a test element calls `name`.
fn property_field(name: &str) -> Option<SamplerField> {
    Some(match name {
        "TestElement.name" => SamplerField::Name,
        "HTTPSampler.path" => SamplerField::Path,
        "HTTPSampler.domain" => SamplerField::Domain,
        "HTTPSampler.port" => SamplerField::Port,
        "HTTPSampler.protocol" => SamplerField::Protocol,
        "HTTPSampler.method" => SamplerField::Method,
        "HTTPSampler.contentEncoding" => SamplerField::ContentEncoding,
        "HTTPSampler.connect_timeout" => SamplerField::ConnectTimeout,
        "HTTPSampler.response_timeout" => SamplerField::ResponseTimeout,
        _ => return None,
    })
}

/// A property of the sampler as a text; `None` where the sampler has none.
fn sampler_property(cx: &mut Interp<'_>, a: Args<'_>) -> Run<Option<Arc<str>>> {
    let name = a.text(0)?;
    match property_field(&name).map(|field| cx.host.sampler(field)) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => cx.java_text(&value).map(Some),
    }
}

/// Arguments that a script has made, which belong to no sampler yet.
struct OwnArguments(Mutex<Vec<NameValue>>);

impl Native for OwnArguments {
    fn class_name(&self) -> Arc<str> {
        Arc::from(OWN_ARGUMENTS)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_own_arguments(cx, me, name, a)
    }
}

const OWN_ARGUMENTS: &str = "org.apache.jmeter.config.Arguments";

fn new_arguments(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    if !a.is_empty() {
        return Err(Fail::NoMethod);
    }
    Ok(Value::object(OwnArguments(Mutex::default())))
}

/// Headers that a script has made, which belong to no sampler yet.
struct OwnHeaders(Mutex<Vec<NameValue>>);

impl Native for OwnHeaders {
    fn class_name(&self) -> Arc<str> {
        Arc::from(HEADER_MANAGER)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_own_headers(cx, self, name, a)
    }
}

const HEADER_MANAGER: &str = "org.apache.jmeter.protocol.http.control.HeaderManager";

fn new_headers(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    if !a.is_empty() {
        return Err(Fail::NoMethod);
    }
    Ok(Value::object(OwnHeaders(Mutex::default())))
}

/// The headers in `value`, which are a sampler's or a script's own.
fn header_list(cx: &mut Interp<'_>, value: &Value) -> Run<Vec<NameValue>> {
    match value.native::<OwnHeaders>() {
        Some(own) => Ok(lock(&own.0).clone()),
        None if matches!(value, Value::Host(HostObject::Headers)) => {
            Ok(cx.host.headers().unwrap_or_default())
        }
        None => Err(Fail::NoMethod),
    }
}

methods! {
    fn call_own_headers(cx, me: &OwnHeaders, a, name) -> OWN_HEADER_METHODS;
    add : 1 .. 1 => { let header = { let p = lock(&a.native::<Pair>(0)?.value); NameValue { name: p.name.clone(), value: p.value.clone(), encode: false } }; lock(&me.0).push(header); cx.charge_items(4)?; Ok(cx.void()) };
    removeHeaderNamed : 1 .. 1 => { let name = a.text(0)?; lock(&me.0).retain(|h| !h.name.eq_ignore_ascii_case(&name)); Ok(cx.void()) };
    getFirstHeaderNamed : 1 .. 1 => { let name = a.text(0)?; let all = lock(&me.0).clone(); Ok(all.iter().find(|h| h.name.eq_ignore_ascii_case(&name)).map_or(Value::Null, |h| pair(HEADER, &h.name, &h.value, None))) };
    get | getHeader : 1 .. 1 => { let at = a.int(0)?; let all = lock(&me.0).clone(); usize::try_from(at).ok().and_then(|at| all.get(at)).map(|h| pair(HEADER, &h.name, &h.value, None)).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    size : 0 .. 0 => Ok(Value::from(lock(&me.0).len()));
    clear : 0 .. 0 => { lock(&me.0).clear(); Ok(cx.void()) };
}

/// The arguments in `value`, which are a sampler's or a script's own.
fn argument_list(cx: &mut Interp<'_>, value: &Value) -> Run<Vec<NameValue>> {
    match value.native::<OwnArguments>() {
        Some(own) => Ok(lock(&own.0).clone()),
        None if matches!(value, Value::Host(HostObject::Arguments)) => Ok(cx.host.arguments()),
        None => Err(Fail::NoMethod),
    }
}

/// The argument that the parameters of `addArgument` say.
fn given_argument(a: Args<'_>) -> Run<NameValue> {
    if a.len() == 1 {
        let pair = lock(&a.native::<Pair>(0)?.value);
        return Ok(NameValue {
            name: pair.name.clone(),
            value: pair.value.clone(),
            encode: pair.encode,
        });
    }
    Ok(NameValue {
        name: a.text(0)?.to_string(),
        value: a.text(1)?.to_string(),
        encode: true,
    })
}

methods! {
    fn call_own_arguments(cx, me: &Value, a, name) -> OWN_ARGUMENT_METHODS;
    addArgument : 1 .. 3 => { let given = given_argument(a)?; let own = me.native::<OwnArguments>().ok_or(Fail::NoMethod)?; lock(&own.0).push(given); cx.charge_items(4)?; Ok(cx.void()) };
    getArgumentCount : 0 .. 0 => Ok(Value::from(argument_list(cx, me)?.len()));
    removeAllArguments | clear : 0 .. 0 => { let own = me.native::<OwnArguments>().ok_or(Fail::NoMethod)?; lock(&own.0).clear(); Ok(cx.void()) };
    getArgumentsAsMap : 0 .. 0 => { let map = Map::linked(); for x in argument_list(cx, me)? { map.put(Value::from(x.name), Value::from(x.value)); } Ok(Value::Map(Arc::new(map))) };
    getArgument : 1 .. 1 => { let at = a.int(0)?; let all = argument_list(cx, me)?; all.get(at as usize).map(|x| pair(ARGUMENT, &x.name, &x.value, None)).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
}

methods! {
    fn arguments(cx, me: &Name, a, name) -> ARGUMENTS;
    getArgument : 1 .. 1 => { let at = a.int(0)?; let all = cx.host.arguments(); usize::try_from(at).ok().and_then(|at| placed(ARGUMENT, &all, at)).ok_or_else(|| crate::interp::out_of_bounds(at, all.len())) };
    getArguments : 0 .. 0 => { let all = cx.host.arguments(); Ok(Value::list((0..all.len()).filter_map(|at| placed(ARGUMENT, &all, at)).collect())) };
    getArgumentCount : 0 .. 0 => Ok(Value::from(cx.host.arguments().len()));
    addArgument : 1 .. 3 => { let given = given_argument(a)?; let mut all = cx.host.arguments(); all.push(given); cx.host.set_arguments(all); Ok(cx.void()) };
    removeAllArguments | clear : 0 .. 0 => { cx.host.set_arguments(Vec::new()); Ok(cx.void()) };
    removeArgument : 1 .. 1 => { let mut all = cx.host.arguments(); match &a[0] { Value::Int(at) => { if (*at as usize) < all.len() { all.remove(*at as usize); } } _ => { let name = a.text(0)?; all.retain(|x| x.name != *name); } } cx.host.set_arguments(all); Ok(cx.void()) };
    getArgumentsAsMap : 0 .. 0 => { let map = Map::linked(); for x in cx.host.arguments() { map.put(Value::from(x.name), Value::from(x.value)); } Ok(Value::Map(Arc::new(map))) };
    iterator : 0 .. 0 => { let all = cx.host.arguments(); Ok(crate::library::iterable::iterator(Value::Null, (0..all.len()).filter_map(|at| placed(ARGUMENT, &all, at)).collect())) };
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.jmeter.samplers.Sampler").methods(&[SAMPLER]),
    ClassInfo::named("org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy")
        .parents(&[
            "org.apache.jmeter.samplers.Sampler",
            "org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase",
        ])
        .methods(&[SAMPLER]),
    ClassInfo::named("org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase").methods(&[SAMPLER]),
    ClassInfo::named(HEADER_MANAGER)
        .constructor(new_headers)
        .methods(&[HEADERS, OWN_HEADER_METHODS]),
    ClassInfo::named("org.apache.jmeter.protocol.http.control.CookieManager").methods(&[COOKIES]),
    ClassInfo::named(OWN_ARGUMENTS)
        .constructor(new_arguments)
        .methods(&[ARGUMENTS, OWN_ARGUMENT_METHODS]),
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
];
