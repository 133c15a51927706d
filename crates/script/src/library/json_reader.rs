//! Reads a JSON text as Groovy's `JsonSlurper` does, with what that lets pass and how it complains.
//!
//! Source: `JsonParserCharArray` and `CharScanner` of Groovy 3.0.20. It looks at nothing behind the value, takes commas before
//! a `}`, and strings without an end; its messages tell the character that it looked at last, which may be one before.
//! Not here: what scripts call (`json`).

use std::sync::Arc;

use crate::decimal::{DIGITS_OF_LONG, Decimal};
use crate::entries::Entries;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::{throw, throw_plain};
use crate::value::{Key, Map, Order, Value};

const MOST_DEPTH: u32 = 200;

/// Digits that an `int` may have.
const DIGITS_OF_INT: usize = 10;

const BAD_NUMBER: &str = "java.lang.NumberFormatException";

/// Keys of objects that are kept to be used again: as many as a `u64` has bits.
const MOST_KEYS: usize = u64::BITS as usize;

/// Reads the first value of `text`.
pub(crate) fn parse(cx: &mut Interp<'_>, text: &str) -> Run {
    if text.is_empty() {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "Text must not be null or empty",
        ));
    }
    cx.charge(text.len() * 2)?;
    cx.work(text.len() / 16)?;
    let mut reader = Reader {
        text,
        at: 0,
        seen: 0,
        lists: 0,
        keys: Vec::new(),
        likely: 0,
        values: Vec::new(),
    };
    reader.value(MOST_DEPTH)?;
    Ok(reader.values.pop().unwrap_or(Value::Null))
}

struct Reader<'a> {
    text: &'a str,
    /// Where the next byte is.
    at: usize,
    /// Where the character that was looked at last begins.
    seen: usize,
    /// Lists around this place.
    lists: u32,
    /// Keys so far, in the order in which they came: the objects of a list have the same ones, in the same order.
    keys: Vec<Arc<str>>,
    /// Where in `keys` the next one is likely to be.
    likely: usize,
    /// Values of the lists, and keys and values of the objects, that are not at their ends yet. Each is written here once and
    /// moved once: handing it from function to function costs more than reading it.
    values: Vec<Value>,
}

impl Reader<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Looks at the next character that is no white space; at the last one if there is none.
    fn look(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        if self.at < bytes.len() {
            self.seen = self.at;
        }
        if bytes[self.seen] <= b' ' {
            let blanks = bytes[self.at..].iter().take_while(|byte| **byte <= b' ');
            self.at = (self.at + blanks.count()).min(bytes.len() - 1);
            self.seen = self.at;
        }
        bytes[self.seen]
    }

    /// Reads a value and puts it behind `values`.
    fn value(&mut self, depth: u32) -> Run<()> {
        let first = self.look();
        if depth == 0 {
            return self.fail("nested too deep");
        }
        match first {
            b'{' => self.object(depth),
            b'[' => {
                self.lists += 1;
                let list = self.list(depth);
                self.lists -= 1;
                list
            }
            b'"' => {
                let text = self.string()?;
                self.values.push(Value::Str(text));
                Ok(())
            }
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", "true not parsed properly", Value::Bool(true)),
            b'f' => self.word("false", "false not parsed properly", Value::Bool(false)),
            b'n' => self.word("null", "null not parse properly", Value::Null),
            _ => self.fail(
                "Unable to determine the current character, it is not a string, number, array, or object",
            ),
        }
    }

    fn word(&mut self, word: &str, complaint: &str, value: Value) -> Run<()> {
        if self.at + word.len() > self.text.len() {
            return self.fail(complaint);
        }
        for letter in word.bytes() {
            if self.byte(self.at) != Some(letter) {
                return self.fail(complaint);
            }
            self.at += 1;
        }
        self.values.push(value);
        Ok(())
    }

    fn object(&mut self, depth: u32) -> Run<()> {
        self.at += 1;
        let first = self.values.len();
        // Which of `keys` this object has, and whether it may have one twice.
        let (mut had, mut twice) = (0_u64, false);
        while self.at < self.text.len() {
            if self.look() == b'"' {
                match self.key() {
                    Some(key) => {
                        twice |= had & (1 << key) != 0;
                        had |= 1 << key;
                        self.values.push(Value::Str(self.keys[key].clone()));
                    }
                    None => {
                        twice = true;
                        let key = self.string()?;
                        self.values.push(Value::Str(key));
                    }
                }
                if self.look() != b':' {
                    let found = self.seen_character();
                    return self.fail(&format!("expecting current character to be {found}\n"));
                }
                self.at += 1;
                self.value(depth - 1)?;
                self.look();
            }
            let last = self.byte(self.seen);
            if !matches!(last, Some(b'}' | b',')) {
                let found = self.seen_character();
                return self.fail(&format!(
                    "expecting '}}' or ',' but got current char {found}"
                ));
            }
            self.at += 1;
            if last == Some(b'}') {
                break;
            }
        }
        let mut members = Vec::with_capacity((self.values.len() - first) / 2);
        let mut values = self.values.drain(first..);
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            members.push((Key(key), value));
        }
        drop(values);
        let entries = if twice {
            members.into_iter().collect()
        } else {
            Entries::distinct(members)
        };
        self.values.push(object_of(entries));
        Ok(())
    }

    fn list(&mut self, depth: u32) -> Run<()> {
        self.at += 1;
        let first = self.values.len();
        if self.look() == b']' {
            self.at += 1;
            self.values.push(Value::list(Vec::new()));
            return Ok(());
        }
        while self.at + 1 < self.text.len() {
            self.value(depth - 1)?;
            if !matches!(self.byte(self.at), Some(b',' | b']')) {
                if self.byte(self.at).is_none() {
                    return self.fail("issue parsing JSON array");
                }
                self.look();
            }
            match self.byte(self.at) {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    let list = Value::list(self.values.drain(first..).collect());
                    self.values.push(list);
                    return Ok(());
                }
                _ => {
                    let found = self.seen_character();
                    let count = self.values.len() - first;
                    return self.fail(&format!(
                        "expecting a ',' or a ']',  but got \nthe current character of  {found}  on array index of {count} \n"
                    ));
                }
            }
        }
        self.fail("Did not find end of Json Array")
    }

    /// Reads a key that has no escapes and gives its place in `keys`, where it is one text for all objects that have it; reads nothing
    /// if it has no place there.
    fn key(&mut self) -> Option<usize> {
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start)?;
        let key = &self.text[start..end];
        let is_it = |known: &Arc<str>| **known == *key;
        let place = if self.keys.get(self.likely).is_some_and(is_it) {
            self.likely
        } else if let Some(place) = self.keys.iter().position(is_it) {
            place
        } else if self.keys.len() < MOST_KEYS {
            self.keys.push(Arc::from(key));
            self.keys.len() - 1
        } else {
            return None;
        };
        self.at = end + 1;
        self.likely = place + 1;
        Some(place)
    }

    fn string(&mut self) -> Run<Arc<str>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        if let Some(end) = plain_end(bytes, start) {
            self.at = end + 1;
            return Ok(Arc::from(&self.text[start..end]));
        }
        let (mut end, mut escaped) = (start, false);
        while let Some(byte) = bytes.get(end)
            && (escaped || *byte != b'"')
        {
            escaped = !escaped && *byte == b'\\';
            end += 1;
        }
        let text = self.unescaped(&self.text[start..end])?;
        self.at = (end + 1).min(bytes.len());
        Ok(Arc::from(text))
    }

    fn unescaped(&self, text: &str) -> Run<String> {
        let mut out = String::with_capacity(text.len());
        let mut parts = text.chars();
        while let Some(c) = parts.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            match parts.next() {
                Some(c @ ('"' | '\\' | '/')) => out.push(c),
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('f') => out.push('\u{c}'),
                Some('u') => {
                    let mut units = Vec::new();
                    // Both halves of a character outside the first plane stand for one.
                    while let Some(hex) = parts.as_str().get(..4) {
                        let Ok(unit) = u16::from_str_radix(hex, 16) else {
                            let message = format!("For input string: \"{hex}\"");
                            return self.wrapped(throw(BAD_NUMBER, message));
                        };
                        units.push(unit);
                        parts = parts.as_str()[4..].chars();
                        let pair = (0xd800..0xdc00).contains(&unit);
                        let Some(rest) = parts.as_str().strip_prefix("\\u").filter(|_| pair) else {
                            break;
                        };
                        parts = rest.chars();
                    }
                    out.push_str(&String::from_utf16_lossy(&units));
                }
                Some(_) => {
                    return Err(throw(
                        "groovy.json.JsonException",
                        "Unable to decode string",
                    ));
                }
                None => {
                    return self.wrapped(throw_plain("java.lang.ArrayIndexOutOfBoundsException"));
                }
            }
        }
        Ok(out)
    }

    fn number(&mut self) -> Run<()> {
        if self.short_number().is_some() {
            return Ok(());
        }
        let internal = |message: &str| {
            let class = "org.apache.groovy.json.internal.Exceptions$JsonInternalException";
            Err(throw(class, message))
        };
        let (mut point, mut whole) = (false, true);
        let rest = &self.text[self.at..];
        let start = usize::from(rest.starts_with('-'));
        let mut end = start;
        for c in rest[start..].chars() {
            match c {
                '0'..='9' => {}
                ..=' ' | ',' | ']' | '}' => break,
                '.' if !point => (point, whole) = (true, false),
                'e' | 'E' | '+' | '-' => whole = false,
                c => return internal(&format!("unexpected character {c}")),
            }
            end += 1;
        }
        let text = &rest[..end];
        if end == start {
            return internal("died");
        }
        let value = if whole {
            // The real reader overflows in silence.
            let value = text[start..].bytes().fold(0_i64, |n, b| {
                n.wrapping_mul(10).wrapping_add(i64::from(b - b'0'))
            });
            Value::Long(if start == 1 {
                value.wrapping_neg()
            } else {
                value
            })
        } else {
            match Decimal::parse(text) {
                Some(value) => Value::decimal(value),
                None => return self.wrapped(bad_decimal(text, end == rest.len())),
            }
        };
        self.at += end;
        self.values.push(value);
        Ok(())
    }

    /// Reads a number that is digits with or without a fraction, few enough for 64 bits, as nearly all are; nothing if it is another.
    fn short_number(&mut self) -> Option<()> {
        let bytes = &self.text.as_bytes()[self.at..];
        let negative = bytes.first() == Some(&b'-');
        let start = usize::from(negative);
        let (mut end, mut point, mut magnitude) = (start, None, 0_i64);
        loop {
            match bytes.get(end) {
                None | Some(..=b' ' | b',' | b']' | b'}') => break,
                Some(_) if end - start >= DIGITS_OF_LONG => return None,
                Some(digit @ b'0'..=b'9') => magnitude = magnitude * 10 + i64::from(digit - b'0'),
                Some(b'.') if point.is_none() => point = Some(end),
                Some(_) => return None,
            }
            end += 1;
        }
        if end == start || point.is_some_and(|point| point == start || point + 1 == end) {
            return None;
        }
        let number = if negative { -magnitude } else { magnitude };
        let value = match point {
            None => match i32::try_from(number) {
                Ok(number) if end - start <= DIGITS_OF_INT => Value::Int(number),
                _ => Value::Long(number),
            },
            Some(point) => {
                let scale = i32::try_from(end - point - 1).ok()?;
                Value::decimal(Decimal::new(number.into(), scale))
            }
        };
        self.values.push(value);
        self.at += end;
        Some(())
    }

    /// The character that was looked at last, as messages tell it.
    fn seen_character(&self) -> String {
        let c = self.text[self.seen..].chars().next().unwrap_or(' ');
        let shown = match c {
            ' ' => "[SPACE]".to_owned(),
            '\t' => "[TAB]".to_owned(),
            '\n' => "[NEWLINE]".to_owned(),
            c => format!("'{c}'"),
        };
        format!("{shown} with an int value of {}", u32::from(c))
    }

    fn fail<T>(&self, message: &str) -> Run<T> {
        let units = |text: &str| text.encode_utf16().count();
        // Objects without an end go on behind it.
        let before = &self.text[..self.at.min(self.text.len())];
        let behind = self.at - before.len();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        Err(throw(
            "groovy.json.JsonException",
            format!(
                "{message}\n\nThe current character read is {}\n{message}\nline number {}\nindex number {}\n{line}\n{}^",
                self.seen_character(),
                before.matches('\n').count() + 1,
                units(before) + behind,
                ".".repeat(units(&before[start..]) + behind),
            ),
        ))
    }

    /// The `failure` of Java's own classes, which a list around it tells in its own words.
    fn wrapped<T>(&self, failure: Fail) -> Run<T> {
        if self.lists > 0 {
            return self.fail("issue parsing JSON array");
        }
        Err(failure)
    }
}

/// What `BigDecimal` says of a text that is no number; `at_end` when nothing is behind it.
fn bad_decimal(text: &str, at_end: bool) -> Fail {
    let exponent = text.find(['e', 'E']);
    let sign = text[1..].find(['+', '-']).map(|at| at + 1);
    let message = match (exponent, sign) {
        (Some(at), _) if text[at + 1..].trim_start_matches(['+', '-']).is_empty() => {
            if at_end {
                return throw_plain(BAD_NUMBER);
            }
            "No exponent digits.".to_owned()
        }
        (None, Some(at)) => format!(
            "Character {} is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.",
            &text[at..=at]
        ),
        _ => "Not a digit.".to_owned(),
    };
    throw(BAD_NUMBER, message)
}

fn object_of(entries: Entries) -> Value {
    let map = Map::new("org.apache.groovy.json.internal.LazyMap", Order::Inserted);
    {
        let mut data = map.lock();
        data.entries = entries;
        data.table = 16;
    }
    Value::Map(Arc::new(map))
}

/// Where the string that begins at `start` ends, if it has no escapes.
fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    (rest[length] == b'"').then_some(start + length)
}
