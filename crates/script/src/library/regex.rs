//! Regular expressions: PCRE2 behind Java's `Pattern` and `Matcher`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use pcre2::bytes::{CaptureLocations, Captures, Regex, RegexBuilder};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::regex_dialect::to_pcre2;
use crate::library::string::units_before;
use crate::library::throwable::{Throwable, throw, throw_plain};
use crate::name::methods;
use crate::value::{Native, Value, lock};

const CASE_INSENSITIVE: i32 = 2;
const COMMENTS: i32 = 4;
const MULTILINE: i32 = 8;
const DOTALL: i32 = 32;
const LITERAL: i32 = 16;
const UNICODE_CASE: i32 = 64;

/// Greatest memory for backtracking in compiled patterns, in bytes; PCRE2's default of 32 KiB is too little for `(.|\n)*` on a page.
const JIT_STACK_BYTES: usize = 4 << 20;

/// Compiled patterns that are kept for the next use.
const KEPT: usize = 512;

/// A `java.util.regex.Pattern`.
#[derive(Clone)]
pub(crate) struct Pattern {
    pub(crate) source: Arc<str>,
    flags: i32,
    regex: Arc<Regex>,
    /// The same, but only for the whole text.
    whole: Arc<Regex>,
}

type Kept = HashMap<(Arc<str>, i32), Pattern>;

impl Pattern {
    pub(crate) fn compile(source: &str, flags: i32) -> Run<Pattern> {
        static CACHE: OnceLock<Mutex<Kept>> = OnceLock::new();
        let cache = CACHE.get_or_init(Mutex::default);
        let key: (Arc<str>, i32) = (Arc::from(source), flags);
        if let Some(pattern) = lock(cache).get(&key) {
            return Ok(pattern.clone());
        }
        let bad = |problem: String, index: usize| {
            throw(
                "java.util.regex.PatternSyntaxException",
                format!("{problem} near index {index}\n{source}"),
            )
        };
        let (text, unicode) = if flags & LITERAL != 0 {
            (quote(source), false)
        } else {
            to_pcre2(source, flags & COMMENTS != 0)
                .map_err(|(problem, index)| bad(problem, index))?
        };
        // With `ucp` PCRE2 takes the text as it is; without, it looks through all of it again for each match, which makes a split of
        // a long text quadratic. `(?a)` gives classes back the meaning that they have in Java.
        let build = |text: &str| {
            RegexBuilder::new()
                .utf(true)
                .ucp(true)
                .caseless(flags & CASE_INSENSITIVE != 0)
                .multi_line(flags & MULTILINE != 0)
                .dotall(flags & DOTALL != 0)
                .extended(flags & COMMENTS != 0)
                .jit_if_available(true)
                .max_jit_stack_size(Some(JIT_STACK_BYTES))
                .build(text)
        };
        let head = if unicode {
            "(*ANYCRLF)"
        } else {
            "(*ANYCRLF)(?a)"
        };
        let bad = |error: pcre2::Error| {
            let index = error.offset().unwrap_or(0).saturating_sub(head.len());
            bad(error.to_string(), index)
        };
        let regex = build(&format!("{head}{text}")).map_err(bad)?;
        let whole = build(&format!("{head}\\A(?:{text})\\z")).map_err(bad)?;
        let pattern = Pattern {
            source: key.0.clone(),
            flags,
            regex: Arc::new(regex),
            whole: Arc::new(whole),
        };
        let mut cache = lock(cache);
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(key, pattern.clone());
        Ok(pattern)
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> Run<bool> {
        self.whole.is_match(text.as_bytes()).map_err(|e| engine(&e))
    }

    pub(crate) fn captures_from(&self, text: &str, at: usize) -> Run<Option<Groups>> {
        self.captures_into(&mut self.regex.capture_locations(), text, at)
    }

    fn captures_into(
        &self,
        locations: &mut CaptureLocations,
        text: &str,
        at: usize,
    ) -> Run<Option<Groups>> {
        let found = self
            .regex
            .captures_read_at(locations, text.as_bytes(), at)
            .map_err(|e| engine(&e))?;
        Ok(found.map(|_| (0..locations.len()).map(|i| locations.get(i)).collect()))
    }

    fn whole_captures(&self, text: &str) -> Run<Option<Groups>> {
        let captures: Option<Captures<'_>> = self
            .whole
            .captures(text.as_bytes())
            .map_err(|e| engine(&e))?;
        Ok(captures.map(|c| {
            (0..c.len())
                .map(|i| c.get(i).map(|m| (m.start(), m.end())))
                .collect()
        }))
    }

    /// Every match from the left.
    pub(crate) fn all(&self, text: &str) -> Run<Vec<Groups>> {
        let (mut out, mut at) = (Vec::new(), 0);
        let mut locations = self.regex.capture_locations();
        while at <= text.len() {
            let Some(groups) = self.captures_into(&mut locations, text, at)? else {
                break;
            };
            let (start, end) = groups[0].unwrap_or((at, at));
            at = if end == start {
                next_char(text, end)
            } else {
                end
            };
            out.push(groups);
            if out.len() > 1 << 20 {
                return Err(Fail::Limit(
                    "script memory limit: more than 1048576 matches".into(),
                ));
            }
        }
        Ok(out)
    }

    pub(crate) fn replace(&self, text: &str, to: &str, all: bool) -> Run<String> {
        let mut out = String::new();
        let mut last = 0;
        for groups in self.all(text)? {
            let Some((start, end)) = groups[0] else {
                continue;
            };
            out.push_str(&text[last..start]);
            self.expand(&mut out, text, &groups, to)?;
            last = end;
            if !all {
                break;
            }
            if out.len() > 256 << 20 {
                return Err(Fail::Limit(
                    "script memory limit: a replacement became too long".into(),
                ));
            }
        }
        out.push_str(&text[last..]);
        Ok(out)
    }

    fn expand(&self, out: &mut String, text: &str, groups: &Groups, to: &str) -> Run<()> {
        let mut chars = to.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some(c) => out.push(c),
                    None => {
                        return Err(throw(
                            "java.lang.IllegalArgumentException",
                            "character to be escaped is missing",
                        ));
                    }
                },
                '$' => {
                    if chars.peek() == Some(&'{') {
                        chars.next();
                        let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                        let index = self.group_index(&name)?;
                        if let Some(Some((s, e))) = groups.get(index) {
                            out.push_str(&text[*s..*e]);
                        }
                        continue;
                    }
                    let Some(mut index) = chars.peek().and_then(|c| c.to_digit(10)) else {
                        let message = if chars.peek().is_none() {
                            "Illegal group reference: group index is missing"
                        } else {
                            "Illegal group reference"
                        };
                        return Err(throw("java.lang.IllegalArgumentException", message));
                    };
                    chars.next();
                    if index as usize >= groups.len() {
                        return Err(throw(
                            "java.lang.IndexOutOfBoundsException",
                            format!("No group {index}"),
                        ));
                    }
                    while let Some(d) = chars.peek().and_then(|c| c.to_digit(10)) {
                        if (index * 10 + d) as usize >= groups.len() {
                            break;
                        }
                        index = index * 10 + d;
                        chars.next();
                    }
                    if let Some(Some((s, e))) = groups.get(index as usize) {
                        out.push_str(&text[*s..*e]);
                    }
                }
                c => out.push(c),
            }
        }
        Ok(())
    }

    fn group_index(&self, name: &str) -> Run<usize> {
        self.regex
            .capture_names()
            .iter()
            .position(|n| n.as_deref() == Some(name))
            .ok_or_else(|| {
                throw(
                    "java.lang.IllegalArgumentException",
                    format!("No group with name <{name}>"),
                )
            })
    }

    pub(crate) fn split(&self, text: &str, limit: i32) -> Run<Vec<String>> {
        let (mut out, mut last) = (Vec::new(), 0);
        for groups in self.all(text)? {
            let Some((start, end)) = groups[0] else {
                continue;
            };
            if limit > 0 && out.len() + 1 >= limit as usize {
                break;
            }
            // An empty match at the start gives no empty part.
            if end == 0 || start == text.len() && end == start {
                continue;
            }
            out.push(text[last..start].to_owned());
            last = end;
        }
        if out.is_empty() {
            return Ok(vec![text.to_owned()]);
        }
        out.push(text[last..].to_owned());
        if limit == 0 {
            while out.last().is_some_and(String::is_empty) {
                out.pop();
            }
        }
        Ok(out)
    }
}

/// `text` with each match of the Java regular expression `pattern` replaced, as `String.replaceAll` does: in `replacement`, `$1` and
/// `${name}` are groups, and a `\\` takes the meaning from what follows.
///
/// # Errors
///
/// Java's exception: the pattern or the replacement is malformed, or the search takes too many steps.
pub fn java_replace_all(text: &str, pattern: &str, replacement: &str) -> Result<String, String> {
    let replaced = Pattern::compile(pattern, 0).and_then(|it| it.replace(text, replacement, true));
    replaced.map_err(|fail| match fail {
        Fail::Throw(value) => match value.native::<Throwable>() {
            Some(thrown) => thrown.line(),
            None => "an exception".to_owned(),
        },
        Fail::Limit(problem) => problem,
        Fail::NoMethod => "no such method".to_owned(),
    })
}

/// Where each group matched, in bytes.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

fn next_char(text: &str, at: usize) -> usize {
    text[at..]
        .chars()
        .next()
        .map_or(at + 1, |c| at + c.len_utf8())
}

fn engine(error: &pcre2::Error) -> Fail {
    Fail::Limit(format!("regular expression: {error}"))
}

fn quote(text: &str) -> String {
    format!("\\Q{}\\E", text.replace("\\E", "\\E\\\\E\\Q"))
}

impl Native for Pattern {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.regex.Pattern")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_pattern(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.source.to_string()))
    }
}

methods! {
    fn call_pattern(cx, me: &Pattern, a, name) -> PATTERN;
    matcher : 1 .. 1 => { let text = cx.text_arg(a, 0)?; Ok(Value::object(Matcher::new(me.clone(), text))) };
    pattern | toString : 0 .. 0 => Ok(Value::Str(me.source.clone()));
    flags : 0 .. 0 => Ok(Value::Int(me.flags));
    split : 1 .. 2 => { let limit = if a.len() == 2 { a.int(1)? } else { 0 }; Ok(Value::strings(me.split(&a.text(0)?, limit)?)) };
    asPredicate | asMatchPredicate : 0 .. 0 => Err(Fail::NoMethod);
}

methods! {
    fn pattern_static(cx, me: &'static ClassInfo, a, name) -> PATTERN_STATICS;
    compile : 1 .. 2 => { let source = cx.text_arg(a, 0)?; let flags = if a.len() == 2 { a.int(1)? } else { 0 }; Ok(Value::object(Pattern::compile(&source, flags)?)) };
    matches : 2 .. 2 => { let text = cx.text_arg(a, 1)?; Pattern::compile(&a.text(0)?, 0)?.matches(&text).map(Value::Bool) };
    quote : 1 .. 1 => Ok(Value::from(quote(&a.text(0)?)));
}

fn pattern_fields(name: &str) -> Option<Value> {
    Some(Value::Int(match name {
        "CASE_INSENSITIVE" => CASE_INSENSITIVE,
        "COMMENTS" => COMMENTS,
        "MULTILINE" => MULTILINE,
        "DOTALL" => DOTALL,
        "LITERAL" => LITERAL,
        "UNICODE_CASE" => UNICODE_CASE,
        "UNIX_LINES" => 1,
        _ => return None,
    }))
}

/// A `java.util.regex.Matcher`.
pub(crate) struct Matcher {
    pattern: Pattern,
    text: Arc<str>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    groups: Option<Groups>,
    next: usize,
    appended: usize,
}

impl Matcher {
    pub(crate) fn new(pattern: Pattern, text: Arc<str>) -> Matcher {
        Matcher {
            pattern,
            text,
            state: Mutex::default(),
        }
    }

    fn find(&self) -> Run<bool> {
        let next = lock(&self.state).next;
        let groups = if next > self.text.len() {
            None
        } else {
            self.pattern.captures_from(&self.text, next)?
        };
        let mut state = lock(&self.state);
        if let Some((start, end)) = groups.as_ref().and_then(|g| g[0]) {
            state.next = if start == end {
                next_char(&self.text, end)
            } else {
                end
            };
        } else {
            state.next = self.text.len() + 1;
        }
        state.groups = groups;
        Ok(state.groups.is_some())
    }

    /// As after the search that found `groups`.
    fn stand_at(&self, groups: &Groups) {
        let mut state = lock(&self.state);
        if let Some((start, end)) = groups[0] {
            state.next = match start == end {
                true => next_char(&self.text, end),
                false => end,
            };
        }
        state.groups = Some(groups.clone());
    }

    fn group(&self, index: usize) -> Run {
        let state = lock(&self.state);
        let Some(groups) = &state.groups else {
            return Err(throw("java.lang.IllegalStateException", "No match found"));
        };
        match groups.get(index) {
            None => Err(throw(
                "java.lang.IndexOutOfBoundsException",
                format!("No group {index}"),
            )),
            Some(place) => Ok(place.map_or(Value::Null, |(s, e)| Value::from(&self.text[s..e]))),
        }
    }

    fn place(&self, a: Args<'_>, end: bool) -> Run {
        let index = match a.first() {
            None => 0,
            Some(Value::Int(i)) => *i as usize,
            Some(_) => self.pattern.group_index(&a.text(0)?)?,
        };
        let state = lock(&self.state);
        let Some(groups) = &state.groups else {
            return Err(throw(
                "java.lang.IllegalStateException",
                "No match available",
            ));
        };
        Ok(Value::Int(
            groups.get(index).copied().flatten().map_or(-1, |(s, e)| {
                units_before(&self.text, if end { e } else { s })
            }),
        ))
    }
}

/// A match as Groovy gives it: its text, or a list with its groups.
fn as_value(text: &str, groups: &Groups) -> Value {
    let part = |place: &Option<(usize, usize)>| {
        place.map_or(Value::Null, |(s, e)| Value::from(&text[s..e]))
    };
    if groups.len() == 1 {
        part(&groups[0])
    } else {
        Value::list(groups.iter().map(part).collect())
    }
}

impl Native for Matcher {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.regex.Matcher")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_matcher(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        let last = match self.group(0) {
            Ok(Value::Str(last)) => last,
            _ => Arc::from(""),
        };
        let length = self.text.encode_utf16().count();
        Ok(Some(format!(
            "java.util.regex.Matcher[pattern={} region=0,{length} lastmatch={last}]",
            self.pattern.source
        )))
    }
    fn bytes(&self) -> usize {
        self.text.len()
    }
    fn truth(&self) -> Option<bool> {
        // Groovy looks for the next match each time.
        self.find().ok()
    }
    fn items(&self, _cx: &mut Interp<'_>) -> Run<Option<Vec<Value>>> {
        Ok(Some(
            self.pattern
                .all(&self.text)?
                .iter()
                .map(|g| as_value(&self.text, g))
                .collect(),
        ))
    }
}

methods! {
    fn call_matcher(cx, me: (&Matcher, &Value), a, name) -> MATCHER;
    find : 0 .. 1 => { if a.len() == 1 { lock(&me.0.state).next = crate::library::string::byte_at(&me.0.text, a.int(0)?.max(0) as usize); } me.0.find().map(Value::Bool) };
    matches : 0 .. 0 => { let groups = me.0.pattern.whole_captures(&me.0.text)?; let found = groups.is_some(); lock(&me.0.state).groups = groups; Ok(Value::Bool(found)) };
    lookingAt : 0 .. 0 => { let groups = me.0.pattern.captures_from(&me.0.text, 0)?.filter(|g| g[0].is_some_and(|(s, _)| s == 0)); let found = groups.is_some(); lock(&me.0.state).groups = groups; Ok(Value::Bool(found)) };
    group : 0 .. 1 => match a.0 { [] => me.0.group(0), [Value::Int(i)] => me.0.group(usize::try_from(*i).unwrap_or(usize::MAX)), _ => { let index = me.0.pattern.group_index(&a.text(0)?)?; me.0.group(index) } };
    groupCount : 0 .. 0 => Ok(Value::from(me.0.pattern.regex.captures_len().saturating_sub(1)));
    start : 0 .. 1 => me.0.place(a, false);
    end : 0 .. 1 => me.0.place(a, true);
    reset : 0 .. 1 => { if a.len() == 1 { return Ok(Value::object(Matcher::new(me.0.pattern.clone(), a.text(0)?))); } *lock(&me.0.state) = State::default(); Ok(me.1.clone()) };
    hitEnd : 0 .. 0 => { let state = lock(&me.0.state); Ok(Value::Bool(state.next >= me.0.text.len())) };
    replaceAll : 1 .. 1 => if let Value::Closure(f) = &a[0] { replace_with(cx, &me.0.pattern, &me.0.text, f, true) } else { me.0.pattern.replace(&me.0.text, &a.text(0)?, true).map(Value::from) };
    replaceFirst : 1 .. 1 => me.0.pattern.replace(&me.0.text, &a.text(0)?, false).map(Value::from);
    getCount | size : 0 .. 0 => { let n = me.0.pattern.all(&me.0.text)?.len(); *lock(&me.0.state) = State { next: me.0.text.len() + 1, ..State::default() }; Ok(if name == crate::name::symbol("size") { Value::Long(n as i64) } else { Value::Int(n as i32) }) };
    hasGroup : 0 .. 0 => Ok(Value::Bool(me.0.pattern.regex.captures_len() > 1));
    pattern : 0 .. 0 => Ok(Value::object(me.0.pattern.clone()));
    getAt : 1 .. 1 => {
        let Some(at) = a[0].as_int() else { let all = Value::list(me.0.pattern.all(&me.0.text)?.iter().map(|g| as_value(&me.0.text, g)).collect()); return cx.index(&all, &a[0]) };
        let all = me.0.pattern.all(&me.0.text)?;
        let n = all.len() as i32;
        let index = if at < 0 { at + n } else { at };
        match all.get(usize::try_from(index).unwrap_or(usize::MAX)) {
            Some(groups) => {
                // The search goes on behind this match.
                me.0.stand_at(groups);
                Ok(as_value(&me.0.text, groups))
            }
            None => Err(throw("java.lang.IndexOutOfBoundsException", format!("index is out of range {}..{} (index = {at})", -n, n - 1).replace("-0..", "0.."))),
        }
    };
    toMatchResult : 0 .. 0 => Ok(me.1.clone());
    appendReplacement : 2 .. 2 => {
        let to = a.text(1)?;
        let (text, end) = { let state = lock(&me.0.state); let Some(groups) = &state.groups else { return Err(throw_plain("java.lang.IllegalStateException")) }; let Some((s, e)) = groups[0] else { return Err(Fail::NoMethod) }; let mut out = me.0.text[state.appended..s].to_owned(); me.0.pattern.expand(&mut out, &me.0.text, groups, &to)?; (out, e) };
        lock(&me.0.state).appended = end;
        cx.call_method(&a[0], &crate::name::Name::new("append"), &[Value::from(text)])?;
        Ok(me.1.clone())
    };
    appendTail : 1 .. 1 => { let rest = { let state = lock(&me.0.state); me.0.text[state.appended..].to_owned() }; cx.call_method(&a[0], &crate::name::Name::new("append"), &[Value::from(rest)]) };
}

fn call_with_match(
    cx: &mut Interp<'_>,
    f: &Arc<crate::value::Closure>,
    text: &str,
    groups: &Groups,
) -> Run {
    let value = as_value(text, groups);
    if let (Value::List(list), false) = (&value, f.function.params.len() <= 1) {
        return cx.call_closure(f, &list.items());
    }
    cx.call_closure(f, &[value])
}

/// `replaceAll(pattern) { .. }`.
pub(crate) fn replace_with(
    cx: &mut Interp<'_>,
    pattern: &Pattern,
    text: &str,
    f: &Arc<crate::value::Closure>,
    all: bool,
) -> Run {
    let (mut out, mut last) = (String::new(), 0);
    for groups in pattern.all(text)? {
        let Some((start, end)) = groups[0] else {
            continue;
        };
        out.push_str(&text[last..start]);
        let to = call_with_match(cx, f, text, &groups)?;
        out.push_str(&cx.text(&to)?);
        last = end;
        if !all {
            break;
        }
    }
    out.push_str(&text[last..]);
    cx.charge(out.len())?;
    Ok(Value::from(out))
}

/// `text.find(pattern)`.
pub(crate) fn find_first(
    cx: &mut Interp<'_>,
    pattern: &Pattern,
    text: &str,
    f: Option<&Value>,
) -> Run {
    match pattern.captures_from(text, 0)? {
        None => Ok(Value::Null),
        Some(groups) => match f {
            Some(Value::Closure(f)) => call_with_match(cx, f, text, &groups),
            _ => Ok(groups[0].map_or(Value::Null, |(s, e)| Value::from(&text[s..e]))),
        },
    }
}

/// `text.findAll(pattern)`.
pub(crate) fn find_all(
    cx: &mut Interp<'_>,
    pattern: &Pattern,
    text: &str,
    f: Option<&Value>,
) -> Run {
    let mut out = Vec::new();
    for groups in pattern.all(text)? {
        out.push(match f {
            Some(Value::Closure(f)) => call_with_match(cx, f, text, &groups)?,
            _ => groups[0].map_or(Value::Null, |(s, e)| Value::from(&text[s..e])),
        });
    }
    Ok(Value::list(out))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.regex.Pattern")
        .statics(pattern_static, PATTERN_STATICS)
        .fields(pattern_fields)
        .methods(&[PATTERN]),
    ClassInfo::named("java.util.regex.Matcher")
        .statics(matcher_static, MATCHER_STATICS)
        .methods(&[MATCHER]),
];

methods! {
    fn matcher_static(cx, me: &'static ClassInfo, a, name) -> MATCHER_STATICS;
    quoteReplacement : 1 .. 1 => Ok(Value::from(a.text(0)?.replace('\\', "\\\\").replace('$', "\\$")));
}
