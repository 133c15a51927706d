//! The current sampler as scripts read and change it: `sampler` and `ctx.getCurrentSampler()`.
//!
//! What is changed holds for the sample that follows. Not here: the sampler itself (`current_sampler`).
//!
//! Source: `HTTPSamplerBase`, `HeaderManager`, `Arguments`.

use std::sync::Arc;

use loadline_plan::program::{HeaderManagers, HttpProgram, ProgramArgument, Template};
use loadline_script::{NameValue, SamplerField, Value};

use crate::current_sampler::{self, changed, request};
use crate::functions::form_encode;
use crate::{Scope, modifier};

/// The value of `field`; null for a sampler without it.
pub(super) fn read(scope: &mut Scope<'_>, field: SamplerField) -> Value {
    let found = match field {
        SamplerField::Name => current_sampler::name(scope),
        SamplerField::Url => url(scope),
        SamplerField::QueryString => request(scope).map(|_| query(scope)),
        SamplerField::Protocol => text(scope, field).map(|text| match text.as_str() {
            "" => "http".to_owned(),
            _ => text,
        }),
        SamplerField::Port => return read_port(scope),
        SamplerField::ConnectTimeout | SamplerField::ResponseTimeout => {
            let number = text(scope, field).map(|text| text.trim().parse::<i32>().unwrap_or(0));
            return number.map_or(Value::Null, Value::from);
        }
        _ => match flag(scope, field) {
            Some(is_on) => return Value::from(is_on),
            None => text(scope, field),
        },
    };
    Value::from(found)
}

/// Sets `field`; false for one that cannot be set.
pub(super) fn write(scope: &mut Scope<'_>, field: SamplerField, value: &Value) -> bool {
    let text = match value {
        Value::Int(number) => number.to_string(),
        _ => value
            .as_text()
            .map_or_else(String::new, ToString::to_string),
    };
    let is_on = matches!(value, Value::Bool(true));
    match field {
        SamplerField::Name => {
            if let Some(current) = &mut scope.per_user.sampler {
                current.set_name(&text);
            }
            return true;
        }
        SamplerField::Path => return set_path(scope, text),
        _ => {}
    }
    let Some(request) = changed(scope) else {
        return false;
    };
    match field {
        SamplerField::FollowRedirects => request.follow_redirects = is_on,
        SamplerField::AutoRedirects => request.auto_redirects = is_on,
        SamplerField::KeepAlive => request.keep_alive = is_on,
        SamplerField::PostBodyRaw => request.raw_body = is_on,
        SamplerField::Multipart => request.multipart = is_on,
        _ => match place(request, field) {
            Some(place) => *place = Template::literal(&text),
            None => return false,
        },
    }
    true
}

fn set_path(scope: &mut Scope<'_>, path: String) -> bool {
    // Its arguments may be added to, and their method is a text of the plan.
    let Some(mut current) = scope.per_user.sampler.take() else {
        return false;
    };
    let request = current.request.as_mut();
    let is_request = request.is_some();
    if let Some(request) = request {
        modifier::set_path(Arc::make_mut(request), path, scope);
    }
    scope.per_user.sampler = Some(current);
    is_request
}

/// The arguments with their texts as they are sent.
pub(super) fn arguments(scope: &mut Scope<'_>) -> Vec<NameValue> {
    let count = request(scope).map_or(0, |request| request.arguments.len());
    let arguments = (0..count).map(|index| {
        let name = fixed(scope, |request| Some(&mut request.arguments[index].name));
        let value = fixed(scope, |request| Some(&mut request.arguments[index].value));
        let encode = request(scope).is_some_and(|one| one.arguments[index].always_encode);
        NameValue {
            name: name.unwrap_or_default(),
            value: value.unwrap_or_default(),
            encode,
        }
    });
    arguments.collect()
}

/// Gives the request these arguments. Those that it had by the same names keep what scripts do not see.
pub(super) fn set_arguments(scope: &mut Scope<'_>, arguments: Vec<NameValue>) {
    let Some(request) = changed(scope) else {
        return;
    };
    let mut former: Vec<Option<ProgramArgument>> =
        (request.arguments.drain(..)).map(Some).collect();
    request.arguments = arguments
        .iter()
        .map(|given| {
            let is_it = |one: &Option<ProgramArgument>| {
                let name = one.as_ref().and_then(|one| one.name.as_literal());
                name == Some(given.name.as_str())
            };
            let known = former.iter().position(is_it);
            let known = known.and_then(|index| former[index].take());
            let (name, value) = (
                Template::literal(&given.name),
                Template::literal(&given.value),
            );
            ProgramArgument {
                name,
                value,
                always_encode: given.encode,
                use_equals: known.as_ref().is_none_or(|known| known.use_equals),
                content_type: known.map(|known| known.content_type).unwrap_or_default(),
            }
        })
        .collect();
}

/// The headers with their texts as they are sent; `None` without a header manager.
pub(super) fn headers(scope: &mut Scope<'_>) -> Option<Vec<NameValue>> {
    let current = request(scope)?;
    let has_manager = current.header_managers != HeaderManagers::None;
    let count = current.headers.len();
    let headers = (0..count).map(|index| {
        let name = fixed(scope, |request| Some(&mut request.headers[index].0));
        let value = fixed(scope, |request| Some(&mut request.headers[index].1));
        NameValue {
            name: name.unwrap_or_default(),
            value: value.unwrap_or_default(),
            encode: false,
        }
    });
    let headers: Vec<NameValue> = headers.collect();
    (has_manager || !headers.is_empty()).then_some(headers)
}

/// Gives the request these headers for this sample, and its header manager for good if it is the only one: JMeter's
/// `HeaderManager` does not recover.
pub(super) fn set_headers(scope: &mut Scope<'_>, given: Vec<NameValue>) {
    let former = headers(scope).unwrap_or_default();
    let literal = |header: &NameValue| {
        let name = Template::literal(&header.name);
        (name, Template::literal(&header.value))
    };
    let Some(request) = changed(scope) else {
        return;
    };
    request.headers = given.iter().map(literal).collect();
    let HeaderManagers::One(manager) = request.header_managers else {
        return;
    };
    let Some(current) = &mut scope.per_user.sampler else {
        return;
    };
    // What a script has not touched keeps its references.
    let templates = std::mem::take(&mut current.header_templates);
    let mut known: Vec<_> = former
        .into_iter()
        .zip(templates.into_iter().map(Some))
        .collect();
    let templates = given.iter().map(|header| {
        let same = known
            .iter_mut()
            .find(|(text, template)| text == header && template.is_some());
        let template = same.and_then(|(_, template)| template.take());
        template.unwrap_or_else(|| literal(header))
    });
    let templates: Vec<_> = templates.collect();
    current.header_templates.clone_from(&templates);
    let memory = scope.per_user.scripts.get_or_insert_default();
    memory.keep_headers(manager, templates);
}

/// Gives the request these headers for this sample alone.
pub(super) fn set_own_headers(scope: &mut Scope<'_>, given: &[NameValue]) {
    // Those that it has win, as in `HeaderManager.merge`.
    let mut all = headers(scope).unwrap_or_default();
    for header in given {
        if !all
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(&header.name))
        {
            all.push(header.clone());
        }
    }
    let Some(request) = changed(scope) else {
        return;
    };
    let headers = all.iter().map(|header| {
        let name = Template::literal(&header.name);
        (name, Template::literal(&header.value))
    });
    request.headers = headers.collect();
    // A script that asks for it again gets the merged one.
    request.header_managers = HeaderManagers::Merged;
}

/// Where the text of `field` stands.
fn place(request: &mut HttpProgram, field: SamplerField) -> Option<&mut Template> {
    Some(match field {
        SamplerField::Method => &mut request.method,
        SamplerField::Path => &mut request.path,
        SamplerField::Domain => &mut request.domain,
        SamplerField::Port => &mut request.port,
        SamplerField::Protocol => &mut request.protocol,
        SamplerField::ContentEncoding => &mut request.content_encoding,
        SamplerField::ConnectTimeout => &mut request.connect_timeout_ms,
        SamplerField::ResponseTimeout => &mut request.response_timeout_ms,
        _ => return None,
    })
}

fn flag(scope: &Scope<'_>, field: SamplerField) -> Option<bool> {
    let request = request(scope)?;
    Some(match field {
        SamplerField::FollowRedirects => request.follow_redirects,
        SamplerField::AutoRedirects => request.auto_redirects,
        SamplerField::KeepAlive => request.keep_alive,
        SamplerField::PostBodyRaw => request.raw_body,
        SamplerField::Multipart => request.multipart,
        _ => return None,
    })
}

fn text(scope: &mut Scope<'_>, field: SamplerField) -> Option<String> {
    let text = fixed(scope, |request| place(request, field))?;
    Some(match field {
        SamplerField::Path => text.replace(' ', "%20"),
        _ => text,
    })
}

/// The text at a place of the request, which is the user's own from here on. One with references is
/// evaluated, and stays so: JMeter evaluates a property of a sampler once.
fn fixed(
    scope: &mut Scope<'_>,
    place: impl Fn(&mut HttpProgram) -> Option<&mut Template>,
) -> Option<String> {
    let found = place(changed(scope)?)?.clone();
    if let Some(text) = found.as_literal() {
        return Some(text.to_owned());
    }
    let text = scope.text(&found);
    *place(changed(scope)?)? = Template::literal(&text);
    Some(text)
}

/// `HTTPSamplerBase.getPort`: the protocol's own where none is given.
fn read_port(scope: &mut Scope<'_>) -> Value {
    let Some(port) = text(scope, SamplerField::Port) else {
        return Value::Null;
    };
    let port = port.trim().parse::<i32>().unwrap_or(0);
    if port > 0 {
        return Value::from(port);
    }
    let protocol = text(scope, SamplerField::Protocol).unwrap_or_default();
    let is_tls = protocol.eq_ignore_ascii_case("https");
    Value::from(if is_tls { 443 } else { 80 })
}

/// `HTTPSamplerBase.getUrl`: the address with the arguments of methods that have them there.
fn url(scope: &mut Scope<'_>) -> Option<String> {
    let path = text(scope, SamplerField::Path)?;
    if path.starts_with("http://") || path.starts_with("https://") {
        return Some(path);
    }
    let protocol = match text(scope, SamplerField::Protocol)?.to_lowercase() {
        empty if empty.is_empty() => "http".to_owned(),
        protocol => protocol,
    };
    let mut url = format!("{protocol}://{}", text(scope, SamplerField::Domain)?);
    let own_port = if protocol == "https" { 443 } else { 80 };
    match read_port(scope) {
        Value::Int(port) if port != own_port => url.push_str(&format!(":{port}")),
        _ => {}
    }
    if !path.starts_with('/') {
        url.push('/');
    }
    url.push_str(&path);
    let method = text(scope, SamplerField::Method)?;
    let query = match method.as_str() {
        "GET" | "DELETE" | "OPTIONS" => query(scope),
        _ => String::new(),
    };
    if !query.is_empty() {
        url.push(if path.contains('?') { '&' } else { '?' });
        url.push_str(&query);
    }
    Some(url)
}

/// `HTTPSamplerBase.getQueryString`, in UTF-8.
fn query(scope: &mut Scope<'_>) -> String {
    let arguments = arguments(scope);
    let equals: Vec<bool> = match request(scope) {
        Some(request) => (request.arguments.iter())
            .map(|one| one.use_equals)
            .collect(),
        None => Vec::new(),
    };
    let mut query = Vec::new();
    for (argument, has_equals) in arguments.iter().zip(equals) {
        if argument.name.is_empty() {
            continue;
        }
        if !query.is_empty() {
            query.push(b'&');
        }
        append(argument, &argument.name, &mut query);
        if has_equals || !argument.value.is_empty() {
            query.push(b'=');
        }
        append(argument, &argument.value, &mut query);
    }
    String::from_utf8(query).unwrap_or_default()
}

fn append(argument: &NameValue, text: &str, out: &mut Vec<u8>) {
    match argument.encode {
        true => form_encode(text, out),
        false => out.extend_from_slice(text.as_bytes()),
    }
}
