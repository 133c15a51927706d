//! `StringUtils` and `StringEscapeUtils` of commons-lang and commons-text.
//!
//! Not here: the methods of strings (see [`super::string`]).

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::library::throwable::throw;
use crate::name::{methods, symbol};
use crate::value::Value;

fn blank(a: Args<'_>) -> Run<bool> {
    Ok(a.nullable_text(0)?.is_none_or(|t| t.trim().is_empty()))
}

methods! {
    fn string_utils(cx, me: &'static ClassInfo, a, name) -> STRING_UTILS;
    isEmpty : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_none_or(|t| t.is_empty())));
    isNotEmpty : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|t| !t.is_empty())));
    isBlank : 1 .. 1 => blank(a).map(Value::Bool);
    isNotBlank : 1 .. 1 => blank(a).map(|b| Value::Bool(!b));
    trim | strip : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|t| t.trim().to_owned())));
    substringBetween : 2 .. 3 => { let Some(text) = a.nullable_text(0)? else { return Ok(Value::Null) }; let (open, close) = (a.text(1)?, a.text(a.len() - 1)?); Ok(Value::from(text.split_once(&*open).and_then(|(_, r)| r.split_once(&*close)).map(|(m, _)| m.to_owned()))) };
    substringBefore : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.split_once(&*a.text(1)?).map_or(&*text, |(b, _)| b))) };
    substringAfter : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.split_once(&*a.text(1)?).map_or("", |(_, x)| x))) };
    substringBeforeLast : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.rsplit_once(&*a.text(1)?).map_or(&*text, |(b, _)| b))) };
    substringAfterLast : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.rsplit_once(&*a.text(1)?).map_or("", |(_, x)| x))) };
    equals : 2 .. 2 => Ok(Value::Bool(a.nullable_text(0)? == a.nullable_text(1)?));
    contains : 2 .. 2 => Ok(Value::Bool(match (a.nullable_text(0)?, a.nullable_text(1)?) { (Some(t), Some(n)) => t.contains(&*n), _ => false }));
    countMatches : 2 .. 2 => Ok(Value::from(a.text(0)?.matches(&*a.text(1)?).count()));
    isNumeric : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|t| !t.is_empty() && t.chars().all(char::is_numeric))));
    capitalize : 1 .. 1 => { let text = a.text(0)?; let mut c = text.chars(); Ok(Value::from(c.next().map_or_else(String::new, |f| f.to_uppercase().collect::<String>() + c.as_str()))) };
    upperCase : 1 .. 1 => Ok(Value::from(a.text(0)?.to_uppercase()));
    lowerCase : 1 .. 1 => Ok(Value::from(a.text(0)?.to_lowercase()));
    reverse : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().rev().collect::<String>()));
    repeat : 2 .. 2 => { let n = a.int(1)?.max(0) as usize; let text = a.text(0)?; cx.charge(text.len().saturating_mul(n))?; Ok(Value::from(text.repeat(n))) };
    leftPad | rightPad : 2 .. 3 => {
        let (text, width) = (a.text(0)?, a.int(1)?.max(0) as usize);
        cx.charge(width)?;
        let with = if a.len() == 3 { cx.java_text(&a[2])?.chars().next().unwrap_or(' ') } else { ' ' };
        let pad: String = std::iter::repeat_n(with, width.saturating_sub(text.chars().count())).collect();
        Ok(Value::from(if name == symbol("leftPad") { format!("{pad}{text}") } else { format!("{text}{pad}") }))
    };
    join : 1 .. 2 => { let items = cx.items(&a[0])?; let separator = if a.len() == 2 { cx.java_text(&a[1])? } else { Arc::from("") }; let mut parts = Vec::new(); for item in &items { parts.push(if item.is_nothing() { Arc::from("") } else { cx.java_text(item)? }); } Ok(Value::from(parts.join(&separator))) };
}

/// Source: `StringEscapeUtils.UNESCAPE_JAVA` of commons-lang3.
fn unescape_java(text: &str) -> Run<String> {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        if c == 'u' {
            let digits = rest.trim_start_matches('u').trim_start_matches('+');
            let Some(hex) = digits.get(..4) else {
                return Err(throw(
                    "java.lang.IllegalArgumentException",
                    format!(
                        "Less than 4 hex digits in unicode value: '\\{rest}' due to end of CharSequence"
                    ),
                ));
            };
            units.push(u16::from_str_radix(hex, 16).map_err(|_| {
                let message = format!("Unable to parse unicode value: {hex}");
                throw("java.lang.IllegalArgumentException", message)
            })?);
            rest = &digits[4..];
            continue;
        }
        let octal = rest
            .bytes()
            .take(3)
            .take_while(|byte| matches!(byte, b'0'..=b'7'))
            .count();
        let octal = if octal == 3 && c > '3' { 2 } else { octal };
        if let Ok(unit) = u16::from_str_radix(&rest[..octal], 8) {
            units.push(unit);
            rest = &rest[octal..];
            continue;
        }
        let plain = match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            c => c,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
        rest = &rest[c.len_utf8()..];
    }
    Ok(String::from_utf16_lossy(&units))
}

methods! {
    fn escapes(cx, me: &'static ClassInfo, a, name) -> ESCAPES;
    escapeXml | escapeXml10 | escapeXml11 | escapeHtml | escapeHtml4 : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|t| t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', if name == symbol("escapeHtml4") || name == symbol("escapeHtml") { "'" } else { "&apos;" }))));
    unescapeXml | unescapeHtml | unescapeHtml4 : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|t| t.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'").replace("&amp;", "&"))));
    escapeJson | escapeJava | escapeEcmaScript : 1 .. 1 => { let json = crate::library::json::to_json(cx, &Value::Str(a.text(0)?))?; let inner = json[1..json.len() - 1].to_owned(); Ok(Value::from(if name == symbol("escapeJson") { inner.replace('/', "\\/") } else { inner })) };
    unescapeJava | unescapeJson : 1 .. 1 => unescape_java(&a.text(0)?).map(Value::from);
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.commons.lang3.StringUtils").statics(string_utils, STRING_UTILS),
    ClassInfo::named("org.apache.commons.lang.StringUtils").statics(string_utils, STRING_UTILS),
    ClassInfo::named("org.apache.commons.lang3.StringEscapeUtils").statics(escapes, ESCAPES),
    ClassInfo::named("org.apache.commons.lang.StringEscapeUtils").statics(escapes, ESCAPES),
    ClassInfo::named("org.apache.commons.text.StringEscapeUtils").statics(escapes, ESCAPES),
];
