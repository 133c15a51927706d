//! `StringUtils`, `StringEscapeUtils` and a few more of commons-lang and commons-text.
//!
//! Not here: the methods of strings (see [`super::string`]).

use std::sync::Arc;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::escape;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::{Name, methods, symbol};
use crate::value::Value;

fn blank(a: Args<'_>) -> Run<bool> {
    Ok(a.nullable_text(0)?.is_none_or(|t| t.trim().is_empty()))
}

/// What the methods of `StringUtils` give for null.
fn of_null(name: u64) -> Option<Value> {
    const FALSE: &[u64] = &[
        symbol("contains"),
        symbol("containsIgnoreCase"),
        symbol("containsAny"),
        symbol("isNumeric"),
        symbol("isNumericSpace"),
        symbol("isAlpha"),
        symbol("isAlphanumeric"),
        symbol("isAllUpperCase"),
        symbol("isAllLowerCase"),
        symbol("isWhitespace"),
        symbol("startsWithAny"),
        symbol("endsWithAny"),
        symbol("containsOnly"),
    ];
    const NONE: &[u64] = &[
        symbol("indexOf"),
        symbol("lastIndexOf"),
        symbol("ordinalIndexOf"),
        symbol("indexOfIgnoreCase"),
    ];
    const ZERO: &[u64] = &[symbol("length"), symbol("countMatches")];
    const NULL: &[u64] = &[
        symbol("trim"),
        symbol("strip"),
        symbol("stripStart"),
        symbol("stripEnd"),
        symbol("trimToNull"),
        symbol("stripToNull"),
        symbol("upperCase"),
        symbol("lowerCase"),
        symbol("swapCase"),
        symbol("capitalize"),
        symbol("uncapitalize"),
        symbol("substring"),
        symbol("substringBetween"),
        symbol("substringsBetween"),
        symbol("substringBefore"),
        symbol("substringAfter"),
        symbol("substringBeforeLast"),
        symbol("substringAfterLast"),
        symbol("left"),
        symbol("right"),
        symbol("mid"),
        symbol("reverse"),
        symbol("replace"),
        symbol("replaceOnce"),
        symbol("replaceChars"),
        symbol("remove"),
        symbol("removeStart"),
        symbol("removeEnd"),
        symbol("deleteWhitespace"),
        symbol("normalizeSpace"),
        symbol("split"),
        symbol("repeat"),
        symbol("leftPad"),
        symbol("rightPad"),
        symbol("center"),
        symbol("abbreviate"),
        symbol("chomp"),
        symbol("chop"),
        symbol("wrap"),
        symbol("truncate"),
        symbol("getDigits"),
        symbol("appendIfMissing"),
        symbol("prependIfMissing"),
        symbol("splitByWholeSeparator"),
    ];
    match name {
        _ if NULL.contains(&name) => Some(Value::Null),
        _ if FALSE.contains(&name) => Some(Value::Bool(false)),
        _ if NONE.contains(&name) => Some(Value::Int(-1)),
        _ if ZERO.contains(&name) => Some(Value::Int(0)),
        _ => None,
    }
}

/// How many letters have to be changed, added or taken away to make one text of another.
fn distance(one: &str, two: &str) -> usize {
    let letters: Vec<u16> = two.encode_utf16().collect();
    let mut row: Vec<usize> = (0..=letters.len()).collect();
    for (at, letter) in one.encode_utf16().enumerate() {
        let mut above = row[0];
        row[0] = at + 1;
        for (place, other) in letters.iter().enumerate() {
            let changed = above + usize::from(letter != *other);
            above = row[place + 1];
            row[place + 1] = changed.min(above + 1).min(row[place] + 1);
        }
    }
    row[letters.len()]
}

fn string_utils(cx: &mut Interp<'_>, class: &'static ClassInfo, name: u64, a: Args<'_>) -> Run {
    if a.first().is_some_and(Value::is_nothing)
        && STRING_UTILS.iter().any(|known| symbol(known) == name)
        && let Some(value) = of_null(name)
    {
        return Ok(value);
    }
    of_text(cx, class, name, a)
}

/// The part of a text between two places, which count UTF-16 units and are moved to where the text is.
fn part(text: &str, from: i64, to: i64) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = i64::try_from(units.len()).unwrap_or(i64::MAX);
    let place = |at: i64| {
        if at < 0 {
            (at + length).max(0)
        } else {
            at.min(length)
        }
    };
    let (from, to) = (place(from), place(to));
    if from >= to {
        return String::new();
    }
    String::from_utf16_lossy(&units[from as usize..to as usize])
}

fn all(text: &str, test: impl Fn(char) -> bool) -> Value {
    Value::Bool(!text.is_empty() && text.chars().all(test))
}

/// Letters that `stripStart` and its like take off: those given, or blanks.
fn stripped(a: Args<'_>) -> Run<impl Fn(char) -> bool> {
    let letters = a.nullable_text(1)?;
    Ok(move |c: char| {
        letters
            .as_ref()
            .map_or_else(|| c.is_whitespace(), |all| all.contains(c))
    })
}

/// How many bytes two texts begin with alike.
fn common_start(one: &str, two: &str) -> usize {
    let letters = one.chars().zip(two.chars());
    let same = letters.take_while(|(a, b)| a == b);
    same.map(|(letter, _)| letter.len_utf8()).sum()
}

fn changed_first(text: &str, change: impl Fn(char) -> String) -> Value {
    let mut letters = text.chars();
    let first = letters.next().map_or_else(String::new, change);
    Value::from(first + letters.as_str())
}

methods! {
    fn of_text(cx, me: &'static ClassInfo, a, name) -> STRING_UTILS;
    isEmpty : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_none_or(|t| t.is_empty())));
    isNotEmpty : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|t| !t.is_empty())));
    isBlank : 1 .. 1 => blank(a).map(Value::Bool);
    isNotBlank : 1 .. 1 => blank(a).map(|b| Value::Bool(!b));
    defaultString : 1 .. 2 => Ok(Value::Str(match a.nullable_text(0)? { Some(text) => text, None if a.len() == 2 => return Ok(a.value(1)), None => Arc::from("") }));
    defaultIfEmpty : 2 .. 2 => Ok(if a.nullable_text(0)?.is_none_or(|t| t.is_empty()) { a.value(1) } else { a.value(0) });
    defaultIfBlank : 2 .. 2 => Ok(if blank(a)? { a.value(1) } else { a.value(0) });
    trim | strip : 1 .. 1 => Ok(Value::from(a.text(0)?.trim()));
    trimToEmpty | stripToEmpty : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map_or_else(String::new, |t| t.trim().to_owned())));
    trimToNull | stripToNull : 1 .. 1 => { let text = a.text(0)?; let text = text.trim(); Ok(if text.is_empty() { Value::Null } else { Value::from(text) }) };
    stripStart : 2 .. 2 => { let gone = stripped(a)?; Ok(Value::from(a.text(0)?.trim_start_matches(gone))) };
    stripEnd : 2 .. 2 => { let gone = stripped(a)?; Ok(Value::from(a.text(0)?.trim_end_matches(gone))) };
    substring : 2 .. 3 => { let to = if a.len() == 3 { i64::from(a.int(2)?) } else { i64::MAX }; Ok(Value::from(part(&a.text(0)?, i64::from(a.int(1)?), to))) };
    left : 2 .. 2 => Ok(Value::from(part(&a.text(0)?, 0, i64::from(a.int(1)?.max(0)))));
    right : 2 .. 2 => { let count = i64::from(a.int(1)?.max(0)); Ok(if count == 0 { Value::from("") } else { Value::from(part(&a.text(0)?, -count, i64::MAX)) }) };
    mid : 3 .. 3 => { let (from, count) = (i64::from(a.int(1)?.max(0)), i64::from(a.int(2)?)); Ok(Value::from(if count < 0 { String::new() } else { part(&a.text(0)?, from, from + count) })) };
    substringBetween : 2 .. 3 => { let text = a.text(0)?; let (Some(open), Some(close)) = (a.nullable_text(1)?, a.nullable_text(a.len() - 1)?) else { return Ok(Value::Null) }; Ok(Value::from(text.split_once(&*open).and_then(|(_, r)| r.split_once(&*close)).map(|(m, _)| m.to_owned()))) };
    substringsBetween : 3 .. 3 => {
        let text = a.text(0)?;
        let (open, close) = (a.text(1)?, a.text(2)?);
        let (mut rest, mut found) = (&*text, Vec::new());
        while let Some((inner, after)) = rest.split_once(&*open).and_then(|(_, r)| r.split_once(&*close)) { found.push(inner.to_owned()); rest = after; if open.is_empty() && close.is_empty() { break; } }
        Ok(if found.is_empty() { Value::Null } else { Value::strings(found) })
    };
    substringBefore : 2 .. 2 => { let text = a.text(0)?; let Some(mark) = a.nullable_text(1)? else { return Ok(Value::Str(text)) }; Ok(Value::from(text.split_once(&*mark).map_or(&*text, |(b, _)| b))) };
    substringAfter : 2 .. 2 => { let text = a.text(0)?; let Some(mark) = a.nullable_text(1)? else { return Ok(Value::from("")) }; Ok(Value::from(text.split_once(&*mark).map_or("", |(_, x)| x))) };
    substringBeforeLast : 2 .. 2 => { let text = a.text(0)?; let Some(mark) = a.nullable_text(1)? else { return Ok(Value::Str(text)) }; Ok(Value::from(text.rsplit_once(&*mark).map_or(&*text, |(b, _)| b))) };
    substringAfterLast : 2 .. 2 => { let text = a.text(0)?; let Some(mark) = a.nullable_text(1)? else { return Ok(Value::from("")) }; Ok(Value::from(text.rsplit_once(&*mark).map_or("", |(_, x)| x))) };
    equals : 2 .. 2 => Ok(Value::Bool(a.nullable_text(0)? == a.nullable_text(1)?));
    equalsIgnoreCase : 2 .. 2 => Ok(Value::Bool(match (a.nullable_text(0)?, a.nullable_text(1)?) { (Some(x), Some(y)) => x.to_lowercase() == y.to_lowercase(), (x, y) => x == y }));
    equalsAny : 2 .. 20 => { let text = a.nullable_text(0)?; for index in 1..a.len() { if a.nullable_text(index)? == text { return Ok(Value::Bool(true)); } } Ok(Value::Bool(false)) };
    contains : 2 .. 2 => Ok(Value::Bool(match (a.nullable_text(0)?, a.nullable_text(1)?) { (Some(t), Some(n)) => t.contains(&*n), _ => false }));
    containsIgnoreCase : 2 .. 2 => { let text = a.text(0)?; Ok(Value::Bool(a.nullable_text(1)?.is_some_and(|n| text.to_lowercase().contains(&n.to_lowercase())))) };
    containsAny : 2 .. 20 => { let text = a.text(0)?; for index in 1..a.len() { if a.nullable_text(index)?.is_some_and(|n| text.contains(&*n)) { return Ok(Value::Bool(true)); } } Ok(Value::Bool(false)) };
    startsWith | endsWith : 2 .. 2 => Ok(Value::Bool(match (a.nullable_text(0)?, a.nullable_text(1)?) { (Some(t), Some(n)) if name == symbol("startsWith") => t.starts_with(&*n), (Some(t), Some(n)) => t.ends_with(&*n), (None, None) => true, _ => false }));
    startsWithIgnoreCase : 2 .. 2 => Ok(Value::Bool(match (a.nullable_text(0)?, a.nullable_text(1)?) { (Some(t), Some(n)) => t.to_lowercase().starts_with(&n.to_lowercase()), (x, y) => x == y }));
    indexOf | lastIndexOf : 2 .. 3 => { let text = Value::Str(a.text(0)?); let method = if name == symbol("indexOf") { "indexOf" } else { "lastIndexOf" }; cx.call_method(&text, &Name::new(method), &a[1..]) };
    countMatches : 2 .. 2 => { let text = a.text(0)?; let wanted = cx.java_text(&a[1])?; Ok(Value::from(if wanted.is_empty() || a[1].is_nothing() { 0 } else { text.matches(&*wanted).count() })) };
    length : 1 .. 1 => Ok(Value::from(a.text(0)?.encode_utf16().count()));
    isNumeric : 1 .. 1 => Ok(all(&a.text(0)?, char::is_numeric));
    isNumericSpace : 1 .. 1 => Ok(Value::Bool(a.text(0)?.chars().all(|c| c.is_numeric() || c == ' ')));
    isAlpha : 1 .. 1 => Ok(all(&a.text(0)?, char::is_alphabetic));
    isAlphanumeric : 1 .. 1 => Ok(all(&a.text(0)?, char::is_alphanumeric));
    isAllUpperCase : 1 .. 1 => Ok(all(&a.text(0)?, char::is_uppercase));
    isAllLowerCase : 1 .. 1 => Ok(all(&a.text(0)?, char::is_lowercase));
    isWhitespace : 1 .. 1 => Ok(Value::Bool(a.text(0)?.chars().all(char::is_whitespace)));
    capitalize : 1 .. 1 => Ok(changed_first(&a.text(0)?, |c| c.to_uppercase().collect()));
    uncapitalize : 1 .. 1 => Ok(changed_first(&a.text(0)?, |c| c.to_lowercase().collect()));
    upperCase : 1 .. 1 => Ok(Value::from(a.text(0)?.to_uppercase()));
    lowerCase : 1 .. 1 => Ok(Value::from(a.text(0)?.to_lowercase()));
    swapCase : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().flat_map(|c| if c.is_lowercase() { c.to_uppercase().collect::<Vec<_>>() } else { c.to_lowercase().collect() }).collect::<String>()));
    reverse : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().rev().collect::<String>()));
    replace : 3 .. 3 => { let text = a.text(0)?; let (Some(old), Some(new)) = (a.nullable_text(1)?, a.nullable_text(2)?) else { return Ok(Value::Str(text)) }; if old.is_empty() { return Ok(Value::Str(text)); } let out = text.replace(&*old, &new); cx.charge(out.len())?; Ok(Value::from(out)) };
    replaceOnce : 3 .. 3 => { let text = a.text(0)?; let (Some(old), Some(new)) = (a.nullable_text(1)?, a.nullable_text(2)?) else { return Ok(Value::Str(text)) }; if old.is_empty() { return Ok(Value::Str(text)); } Ok(Value::from(text.replacen(&*old, &new, 1))) };
    replaceChars : 3 .. 3 => { let text = a.text(0)?; let (old, new) = (cx.java_text(&a[1])?, cx.java_text(&a[2])?); let new: Vec<char> = new.chars().collect(); Ok(Value::from(text.chars().filter_map(|c| match old.chars().position(|o| o == c) { Some(at) => new.get(at).copied(), None => Some(c) }).collect::<String>())) };
    remove : 2 .. 2 => { let text = a.text(0)?; let gone = cx.java_text(&a[1])?; Ok(Value::from(if gone.is_empty() { text.to_string() } else { text.replace(&*gone, "") })) };
    removeStart : 2 .. 2 => { let text = a.text(0)?; let Some(gone) = a.nullable_text(1)? else { return Ok(Value::Str(text)) }; Ok(Value::from(text.strip_prefix(&*gone).unwrap_or(&text))) };
    removeEnd : 2 .. 2 => { let text = a.text(0)?; let Some(gone) = a.nullable_text(1)? else { return Ok(Value::Str(text)) }; Ok(Value::from(text.strip_suffix(&*gone).unwrap_or(&text))) };
    deleteWhitespace : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().filter(|c| !c.is_whitespace()).collect::<String>()));
    normalizeSpace : 1 .. 1 => Ok(Value::from(a.text(0)?.split_whitespace().collect::<Vec<_>>().join(" ")));
    difference : 2 .. 2 => { let (Some(one), Some(two)) = (a.nullable_text(0)?, a.nullable_text(1)?) else { return Ok(if a[0].is_nothing() { a.value(1) } else { a.value(0) }) }; Ok(Value::from(&two[common_start(&one, &two)..])) };
    getCommonPrefix : 2 .. 2 => { let (Some(one), Some(two)) = (a.nullable_text(0)?, a.nullable_text(1)?) else { return Ok(Value::from("")) }; Ok(Value::from(&one[..common_start(&one, &two)])) };
    unwrap : 2 .. 2 => {
        let (text, around) = (a.text(0)?, cx.java_text(&a[1])?);
        let inside = text.strip_prefix(&*around).and_then(|rest| rest.strip_suffix(&*around));
        Ok(inside.map_or_else(|| Value::Str(text.clone()), Value::from))
    };
    indexOfAny : 2 .. 2 => {
        let (text, any) = (a.text(0)?, a.text(1)?);
        Ok(Value::Int(text.find(|letter| any.contains(letter)).map_or(-1, |at| text[..at].encode_utf16().count() as i32)))
    };
    replaceEach : 3 .. 3 => {
        let text = a.text(0)?;
        let mut pairs = Vec::new();
        for (from, to) in cx.items(&a[1])?.iter().zip(cx.items(&a[2])?) {
            pairs.push((cx.java_text(from)?, cx.java_text(&to)?));
        }
        let mut out = String::new();
        let mut rest = &*text;
        while let Some(letter) = rest.chars().next() {
            let pair = pairs.iter().find(|(from, _)| !from.is_empty() && rest.starts_with(&**from));
            let length = match pair {
                Some((from, to)) => { out.push_str(to); from.len() }
                None => { out.push(letter); letter.len_utf8() }
            };
            rest = &rest[length..];
        }
        cx.charge(out.len())?;
        Ok(Value::from(out))
    };
    stripAccents : 1 .. 1 => Ok(Value::from(crate::library::normalizer::without_accents(&a.text(0)?)));
    rotate : 2 .. 2 => {
        let mut letters: Vec<char> = a.text(0)?.chars().collect();
        let by = i64::from(a.int(1)?).checked_rem_euclid(letters.len() as i64).unwrap_or(0);
        letters.rotate_right(by as usize);
        Ok(Value::from(letters.into_iter().collect::<String>()))
    };
    getLevenshteinDistance : 2 .. 2 => { let (one, two) = (a.text(0)?, a.text(1)?); cx.work(one.len().saturating_mul(two.len()) / 8)?; Ok(Value::from(distance(&one, &two))) };
    overlay : 4 .. 4 => {
        let (text, over) = (a.text(0)?, a.nullable_text(1)?);
        let letters: Vec<char> = text.chars().collect();
        let place = |at: i32| usize::try_from(at).unwrap_or(0).min(letters.len());
        let (x, y) = (place(a.int(2)?), place(a.int(3)?));
        let (from, to) = (x.min(y), x.max(y));
        let parts = [letters[..from].iter().collect::<String>(), over.as_deref().unwrap_or_default().to_owned(), letters[to..].iter().collect()];
        Ok(Value::from(parts.concat()))
    };
    wrap : 2 .. 2 => { let text = a.text(0)?; let around = cx.java_text(&a[1])?; Ok(if text.is_empty() || a[1].is_nothing() { Value::Str(text) } else { Value::from(format!("{around}{text}{around}")) }) };
    truncate : 2 .. 2 => { let width = a.int(1)?; if width < 0 { return Err(throw("java.lang.IllegalArgumentException", "maxWith cannot be negative")); } Ok(Value::from(part(&a.text(0)?, 0, i64::from(width)))) };
    startsWithAny | endsWithAny : 2 .. 20 => { let text = a.text(0)?; let is_start = name == symbol("startsWithAny"); for index in 1..a.len() { if a.nullable_text(index)?.is_some_and(|n| if is_start { text.starts_with(&*n) } else { text.ends_with(&*n) }) { return Ok(Value::Bool(true)); } } Ok(Value::Bool(false)) };
    getDigits : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().filter(|c| c.is_numeric()).collect::<String>()));
    appendIfMissing : 2 .. 2 => { let text = a.text(0)?; let end = a.text(1)?; Ok(if text.ends_with(&*end) { Value::Str(text) } else { Value::from(format!("{text}{end}")) }) };
    prependIfMissing : 2 .. 2 => { let text = a.text(0)?; let start = a.text(1)?; Ok(if text.starts_with(&*start) { Value::Str(text) } else { Value::from(format!("{start}{text}")) }) };
    joinWith : 2 .. 20 => { let between = cx.java_text(&a[0])?; let mut parts = Vec::new(); for item in &a[1..] { parts.push(if item.is_nothing() { Arc::from("") } else { cx.java_text(item)? }); } Ok(Value::from(parts.join(if a[0].is_nothing() { "" } else { &between }))) };
    splitByWholeSeparator : 2 .. 2 => { let text = a.text(0)?; let mark = a.text(1)?; if mark.is_empty() { return Err(Fail::NoMethod); } Ok(Value::strings(text.split(&*mark).filter(|piece| !piece.is_empty()).map(str::to_owned))) };
    containsOnly : 2 .. 2 => { let text = a.text(0)?; let allowed = a.text(1)?; Ok(Value::Bool(text.chars().all(|c| allowed.contains(c)))) };
    containsNone : 2 .. 2 => { let text = a.text(0)?; let refused = a.text(1)?; Ok(Value::Bool(!text.chars().any(|c| refused.contains(c)))) };
    equalsAnyIgnoreCase : 2 .. 20 => { let text = a.nullable_text(0)?.map(|t| t.to_lowercase()); for index in 1..a.len() { if a.nullable_text(index)?.map(|t| t.to_lowercase()) == text { return Ok(Value::Bool(true)); } } Ok(Value::Bool(false)) };
    ordinalIndexOf : 3 .. 3 => { let (text, wanted) = (a.text(0)?, a.text(1)?); if wanted.is_empty() || a.int(2)? < 1 { return Err(Fail::NoMethod); } let at = (0..text.len()).filter(|at| text.is_char_boundary(*at) && text[*at..].starts_with(&*wanted)).nth(a.int(2)? as usize - 1); Ok(at.map_or(Value::Int(-1), |at| Value::from(text[..at].encode_utf16().count()))) };
    chomp : 1 .. 1 => { let text = a.text(0)?; let cut = text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])); Ok(Value::from(cut.unwrap_or(&text))) };
    chop : 1 .. 1 => { let text = a.text(0)?; let mut letters = text.chars(); letters.next_back(); Ok(Value::from(letters.as_str())) };
    split : 1 .. 2 => { let text = a.text(0)?; let marks = if a.len() == 2 { Some(cx.java_text(&a[1])?) } else { None }; Ok(Value::strings(text.split(|c: char| marks.as_ref().map_or_else(|| c.is_whitespace(), |all| all.contains(c))).filter(|piece| !piece.is_empty()).map(str::to_owned))) };
    repeat : 2 .. 2 => { let n = a.int(1)?.max(0) as usize; let text = cx.java_text(&a[0])?; cx.charge(text.len().saturating_mul(n))?; Ok(Value::from(text.repeat(n))) };
    leftPad | rightPad | center : 2 .. 3 => {
        let (text, width) = (a.text(0)?, a.int(1)?.max(0) as usize);
        cx.charge(width)?;
        let with = if a.len() == 3 { cx.java_text(&a[2])? } else { Arc::from(" ") };
        let with = if with.is_empty() { Arc::from(" ") } else { with };
        let missing = width.saturating_sub(text.encode_utf16().count());
        let pad = |count: usize| with.chars().cycle().take(count).collect::<String>();
        Ok(Value::from(match name {
            n if n == symbol("leftPad") => format!("{}{text}", pad(missing)),
            n if n == symbol("rightPad") => format!("{text}{}", pad(missing)),
            _ => format!("{}{text}{}", pad(missing / 2), pad(missing - missing / 2)),
        }))
    };
    abbreviate : 2 .. 2 => {
        let (text, width) = (a.text(0)?, a.int(1)?);
        if width < 4 { return Err(throw("java.lang.IllegalArgumentException", "Minimum abbreviation width is 4")); }
        if text.encode_utf16().count() <= width as usize { return Ok(Value::Str(text)); }
        Ok(Value::from(format!("{}...", part(&text, 0, i64::from(width) - 3))))
    };
    join : 1 .. 2 => {
        if a[0].is_nothing() { return Ok(Value::Null); }
        let items = cx.items(&a[0])?;
        let separator = if a.len() == 2 && !a[1].is_nothing() { cx.java_text(&a[1])? } else { Arc::from("") };
        let mut parts = Vec::new();
        for item in &items { parts.push(if item.is_nothing() { Arc::from("") } else { cx.java_text(item)? }); }
        Ok(Value::from(parts.join(&separator)))
    };
}

/// A number that a text is, or the one that stands in for it.
fn number_or(
    cx: &mut Interp<'_>,
    a: Args<'_>,
    read: impl Fn(&str) -> Option<Value>,
    zero: Value,
) -> Run {
    let otherwise = if a.len() == 2 { a.value(1) } else { zero };
    if a[0].is_nothing() {
        return Ok(otherwise);
    }
    let text = cx.java_text(&a[0])?;
    Ok(read(&text).unwrap_or(otherwise))
}

methods! {
    fn number_utils(cx, me: &'static ClassInfo, a, name) -> NUMBER_UTILS;
    toInt : 1 .. 2 => number_or(cx, a, |text| crate::number::parse_integer(text, 10, false).and_then(|v| i32::try_from(v).ok()).map(Value::Int), Value::Int(0));
    toLong : 1 .. 2 => number_or(cx, a, |text| crate::number::parse_integer(text, 10, true).map(Value::Long), Value::Long(0));
    toDouble : 1 .. 2 => number_or(cx, a, |text| crate::number::parse_double(text).map(Value::Double), Value::Double(0.0));
    toFloat : 1 .. 2 => number_or(cx, a, |text| crate::number::parse_double(text).map(|v| Value::Float(v as f32)), Value::Float(0.0));
    isDigits : 1 .. 1 => Ok(a.nullable_text(0)?.map_or(Value::Bool(false), |text| all(&text, |c| c.is_numeric())));
    isParsable : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|text| { let digits = text.strip_prefix('-').unwrap_or(&text); !digits.is_empty() && !digits.ends_with('.') && digits.matches('.').count() <= 1 && digits.chars().all(|c| c.is_ascii_digit() || c == '.') })));
    isNumber | isCreatable : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|text| {
        let digits = text.trim_start_matches(['-', '+']);
        let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).or_else(|| digits.strip_prefix('#'));
        match hex {
            Some(hex) => !hex.is_empty() && hex.chars().all(|c| c.is_ascii_hexdigit()),
            None if digits.ends_with(['l', 'L']) => digits.len() > 1 && digits[..digits.len() - 1].chars().all(|c| c.is_ascii_digit()),
            None => digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && crate::number::parse_double(digits).is_some(),
        }
    })));
}

methods! {
    fn boolean_utils(cx, me: &'static ClassInfo, a, name) -> BOOLEAN_UTILS;
    toBoolean : 1 .. 1 => Ok(Value::Bool(match &a[0] { Value::Bool(value) => *value, Value::Int(value) => *value != 0, _ => a.nullable_text(0)?.is_some_and(|text| matches!(text.to_lowercase().as_str(), "true" | "yes" | "on" | "y" | "t")) }));
    isTrue : 1 .. 1 => Ok(Value::Bool(matches!(a[0], Value::Bool(true))));
    isFalse : 1 .. 1 => Ok(Value::Bool(matches!(a[0], Value::Bool(false))));
    toStringTrueFalse : 1 .. 1 => Ok(Value::from(if a.bool(0)? { "true" } else { "false" }));
    toStringYesNo : 1 .. 1 => Ok(Value::from(if a.bool(0)? { "yes" } else { "no" }));
}

methods! {
    fn object_utils(cx, me: &'static ClassInfo, a, name) -> OBJECT_UTILS;
    defaultIfNull : 2 .. 2 => Ok(if a[0].is_nothing() { a.value(1) } else { a.value(0) });
    firstNonNull : 0 .. 20 => Ok(a.iter().find(|value| !value.is_nothing()).cloned().unwrap_or(Value::Null));
    isEmpty : 1 .. 1 => Ok(Value::Bool(match &a[0] { Value::List(_) | Value::Map(_) | Value::Set(_) | Value::Array(_) => cx.items(&a[0])?.is_empty(), value => value.is_nothing() || value.as_text().is_some_and(|text| text.is_empty()) }));
}

/// A text changed; null stays null.
fn changed(cx: &mut Interp<'_>, a: Args<'_>, change: fn(&str) -> String) -> Run {
    let Some(text) = a.nullable_text(0)? else {
        return Ok(Value::Null);
    };
    let text = change(&text);
    cx.charge(text.len())?;
    Ok(Value::from(text))
}

/// A text within quotes as CSV has it, if it needs them.
fn escape_csv(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// What stands within the quotes, if something needs them.
fn unescape_csv(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains([',', '"', '\r', '\n']) => inner.replace("\"\"", "\""),
        _ => text.to_owned(),
    }
}

methods! {
    fn escapes(cx, me: &'static ClassInfo, a, name) -> ESCAPES;
    escapeHtml | escapeHtml4 : 1 .. 1 => changed(cx, a, escape::escape_html);
    unescapeHtml | unescapeHtml4 : 1 .. 1 => changed(cx, a, |text| escape::unescape_html(text).into_owned());
    escapeXml : 1 .. 1 => changed(cx, a, escape::escape_markup);
    escapeXml10 : 1 .. 1 => changed(cx, a, escape::escape_xml);
    escapeXml11 : 1 .. 1 => changed(cx, a, escape::escape_xml_1_1);
    unescapeXml : 1 .. 1 => changed(cx, a, |text| escape::unescape_xml(text).into_owned());
    escapeJava : 1 .. 1 => changed(cx, a, escape::escape_java);
    escapeJson : 1 .. 1 => changed(cx, a, escape::escape_json);
    escapeEcmaScript | escapeJavaScript : 1 .. 1 => changed(cx, a, escape::escape_ecma_script);
    unescapeJava | unescapeJson | unescapeEcmaScript | unescapeJavaScript : 1 .. 1 => match a.nullable_text(0)? {
        None => Ok(Value::Null),
        Some(text) => escape::unescape_java(&text).map(Value::from).map_err(|message| throw("java.lang.IllegalArgumentException", message)),
    };
    escapeCsv : 1 .. 1 => changed(cx, a, escape_csv);
    unescapeCsv : 1 .. 1 => changed(cx, a, unescape_csv);
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.commons.lang3.StringUtils").statics(string_utils, STRING_UTILS),
    ClassInfo::named("org.apache.commons.lang.StringUtils").statics(string_utils, STRING_UTILS),
    ClassInfo::named("org.apache.commons.lang3.math.NumberUtils")
        .statics(number_utils, NUMBER_UTILS),
    ClassInfo::named("org.apache.commons.lang3.BooleanUtils").statics(boolean_utils, BOOLEAN_UTILS),
    ClassInfo::named("org.apache.commons.lang3.ObjectUtils").statics(object_utils, OBJECT_UTILS),
    ClassInfo::named("org.apache.commons.lang3.StringEscapeUtils").statics(escapes, ESCAPES),
    ClassInfo::named("org.apache.commons.lang.StringEscapeUtils").statics(escapes, ESCAPES),
    ClassInfo::named("org.apache.commons.text.StringEscapeUtils").statics(escapes, ESCAPES),
];
