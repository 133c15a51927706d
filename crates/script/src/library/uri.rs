//! `URI` and `URL` as texts, and the coding of their parts.
//!
//! Nothing here opens a connection.

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::string::{decode, encode};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

/// `text` as `URLEncoder` writes it in UTF-8.
pub(crate) fn url_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'*' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

methods! {
    fn url_coding(cx, me: &'static ClassInfo, a, name) -> URL_CODING;
    encode : 1 .. 2 => {
        let charset = if a.len() == 2 { cx.java_text(&a[1])? } else { Arc::from("UTF-8") };
        let mut out = String::new();
        for c in a.text(0)?.chars() {
            if c.is_ascii_alphanumeric() || matches!(c, '*' | '-' | '_' | '.') { out.push(c); } else if c == ' ' { out.push('+'); } else { for b in encode(&c.to_string(), &charset)? { out.push_str(&format!("%{b:02X}")); } }
        }
        cx.charge(out.len())?;
        Ok(Value::from(out))
    };
    decode : 1 .. 2 => {
        let charset = if a.len() == 2 { cx.java_text(&a[1])? } else { Arc::from("UTF-8") };
        let text = a.text(0)?;
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [b, after @ ..] = rest {
            rest = after;
            match b {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let Some(code) = rest.get(..2).and_then(|h| std::str::from_utf8(h).ok()) else { return Err(throw("java.lang.IllegalArgumentException", "URLDecoder: Incomplete trailing escape (%) pattern")) };
                    let Ok(value) = u8::from_str_radix(code, 16) else { return Err(throw("java.lang.IllegalArgumentException", format!("URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: \"{code}\""))) };
                    bytes.push(value);
                    rest = &rest[2..];
                }
                b => bytes.push(*b),
            }
        }
        decode(&bytes, &charset).map(Value::from)
    };
}

/// A `java.net.URI` or `URL`, without the network.
struct Uri {
    class: &'static str,
    text: Arc<str>,
}

impl Uri {
    fn split(&self) -> (Option<&str>, Option<&str>, &str, Option<&str>, Option<&str>) {
        let (rest, fragment) = self
            .text
            .split_once('#')
            .map_or((&*self.text, None), |(r, f)| (r, Some(f)));
        let (rest, query) = rest
            .split_once('?')
            .map_or((rest, None), |(r, q)| (r, Some(q)));
        let (scheme, rest) = rest
            .split_once(':')
            .filter(|(s, _)| !s.is_empty() && !s.contains('/'))
            .map_or((None, rest), |(s, r)| (Some(s), r));
        match rest.strip_prefix("//") {
            Some(rest) => {
                let at = rest.find('/').unwrap_or(rest.len());
                (scheme, Some(&rest[..at]), &rest[at..], query, fragment)
            }
            None => (scheme, None, rest, query, fragment),
        }
    }
    fn host(&self) -> Option<&str> {
        let authority = self.split().1?;
        let host = authority.rsplit('@').next().unwrap_or(authority);
        Some(if host.starts_with('[') {
            host.split_inclusive(']').next().unwrap_or(host)
        } else {
            host.split(':').next().unwrap_or(host)
        })
    }
    fn port(&self) -> i32 {
        self.split()
            .1
            .and_then(|a| a.rsplit_once(':'))
            .and_then(|(_, p)| p.parse().ok())
            .unwrap_or(-1)
    }
}

impl Uri {
    /// A part as its getter gives it: a `URI` shows what its escapes stand for, a `URL` has none.
    fn shown(&self, part: &str) -> String {
        if self.class != "java.net.URI" || !part.contains('%') {
            return part.to_owned();
        }
        let mut bytes = Vec::new();
        let mut rest = part.as_bytes();
        while let Some((&first, behind)) = rest.split_first() {
            let code = behind.get(..2).filter(|_| first == b'%');
            let code = code.and_then(|code| std::str::from_utf8(code).ok());
            match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &behind[2..];
                }
                None => {
                    bytes.push(first);
                    rest = behind;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `other` seen from here, by RFC 2396 section 5.2.
    fn resolved(&self, other: &str) -> String {
        let (scheme, authority, path, ..) = self.split();
        let is_whole = other
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.is_empty() && !scheme.contains(['/', '?', '#']));
        if is_whole {
            return other.to_owned();
        }
        let scheme = scheme.map_or_else(String::new, |scheme| format!("{scheme}:"));
        if other.starts_with("//") {
            return format!("{scheme}{other}");
        }
        let end = other.find(['?', '#']).unwrap_or(other.len());
        let (relative, rest) = other.split_at(end);
        let joined = if relative.starts_with('/') {
            relative.to_owned()
        } else {
            let folder = path.rfind('/').map_or("", |at| &path[..=at]);
            let mut parts: Vec<&str> = Vec::new();
            let whole = format!("{folder}{relative}");
            for part in whole.split('/') {
                match part {
                    "." => {}
                    ".." if parts
                        .last()
                        .is_some_and(|last| !last.is_empty() && *last != "..") =>
                    {
                        parts.pop();
                    }
                    part => parts.push(part),
                }
            }
            let is_folder = whole.ends_with("/.") || whole.ends_with("/..");
            format!("{}{}", parts.join("/"), if is_folder { "/" } else { "" })
        };
        let authority = authority.map_or_else(String::new, |authority| format!("//{authority}"));
        format!("{scheme}{authority}{joined}{rest}")
    }
}

impl Native for Uri {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_uri(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.text.to_string()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(
            other
                .downcast_ref::<Uri>()
                .is_some_and(|o| o.text == self.text),
        )
    }
    fn hash(&self) -> Option<i32> {
        Some(crate::equality::text_hash(&self.text))
    }
}

methods! {
    fn call_uri(cx, me: (&Uri, &Value), a, name) -> URI;
    getHost : 0 .. 0 => Ok(Value::from(me.0.host()));
    getPort : 0 .. 0 => Ok(Value::Int(me.0.port()));
    getDefaultPort : 0 .. 0 => Ok(Value::Int(match me.0.split().0 { Some("http") => 80, Some("https") => 443, _ => -1 }));
    getPath : 0 .. 0 => Ok(Value::from(me.0.shown(me.0.split().2)));
    getRawPath : 0 .. 0 => Ok(Value::from(me.0.split().2));
    getQuery : 0 .. 0 => Ok(Value::from(me.0.split().3.map(|query| me.0.shown(query))));
    getRawQuery : 0 .. 0 => Ok(Value::from(me.0.split().3));
    getFragment : 0 .. 0 => Ok(Value::from(me.0.split().4.map(|fragment| me.0.shown(fragment))));
    getRef | getRawFragment : 0 .. 0 => Ok(Value::from(me.0.split().4));
    getScheme | getProtocol : 0 .. 0 => Ok(Value::from(me.0.split().0));
    getAuthority : 0 .. 0 => Ok(Value::from(me.0.split().1));
    getUserInfo : 0 .. 0 => Ok(Value::from(me.0.split().1.and_then(|x| x.rsplit_once('@')).map(|(u, _)| u)));
    getFile : 0 .. 0 => { let (_, _, path, query, _) = me.0.split(); Ok(Value::from(query.map_or_else(|| path.to_owned(), |q| format!("{path}?{q}")))) };
    toString | toExternalForm | toASCIIString : 0 .. 0 => Ok(Value::Str(me.0.text.clone()));
    resolve : 1 .. 1 => { let other = cx.java_text(&a[0])?; Ok(Value::object(Uri { class: "java.net.URI", text: Arc::from(me.0.resolved(&other)) })) };
    toURL : 0 .. 0 => Ok(Value::object(Uri { class: "java.net.URL", text: me.0.text.clone() }));
    toURI : 0 .. 0 => Ok(Value::object(Uri { class: "java.net.URI", text: me.0.text.clone() }));
}

pub(crate) fn uri(text: &str) -> Run {
    Ok(Value::object(Uri {
        class: "java.net.URI",
        text: Arc::from(text),
    }))
}

fn new_uri(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let text = a.text(0)?;
    if a.len() > 1 {
        return Err(Fail::NoMethod);
    }
    if class.name == "java.net.URL" && !text.contains(':') {
        return Err(throw(
            "java.net.MalformedURLException",
            format!("no protocol: {text}"),
        ));
    }
    if class.name == "java.net.URI"
        && let Some(at) = text.find([' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}'])
    {
        return Err(throw(
            "java.net.URISyntaxException",
            format!("Illegal character in path at index {at}: {text}"),
        ));
    }
    Ok(Value::object(Uri {
        class: class.name,
        text,
    }))
}

methods! {
    fn uri_static(cx, me: &'static ClassInfo, a, name) -> URI_STATICS;
    create : 1 .. 1 => Ok(Value::object(Uri { class: "java.net.URI", text: a.text(0)? }));
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.net.URLEncoder").statics(url_coding, &["encode"]),
    ClassInfo::named("java.net.URLDecoder").statics(url_coding, &["decode"]),
    ClassInfo::named("java.net.URI")
        .constructor(new_uri)
        .statics(uri_static, URI_STATICS)
        .methods(&[URI]),
    ClassInfo::named("java.net.URL")
        .constructor(new_uri)
        .methods(&[URI]),
];
