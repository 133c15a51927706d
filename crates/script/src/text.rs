//! The text of values: `toString` as Java has it and as Groovy prints it.

use std::fmt::Write;
use std::sync::Arc;

use crate::fail::Run;
use crate::interp::Interp;
use crate::value::{HostObject, Value};

/// Containers inside containers beyond this print as `...`.
const MOST_DEPTH: u32 = 64;

/// `Double.toString`.
pub(crate) fn double_text(value: f64) -> String {
    decimal_form(value, &format!("{value:e}"))
}

/// `Float.toString`.
pub(crate) fn float_text(value: f32) -> String {
    decimal_form(f64::from(value), &format!("{value:e}"))
}

fn decimal_form(value: f64, scientific: &str) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "Infinity".into()
        } else {
            "-Infinity".into()
        };
    }
    if value == 0.0 {
        return if value.is_sign_negative() {
            "-0.0".into()
        } else {
            "0.0".into()
        };
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |m| ("-", m));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    if !(-3..7).contains(&exponent) {
        let fraction = if digits.len() > 1 { &digits[1..] } else { "0" };
        return format!("{sign}{}.{fraction}E{exponent}", &digits[..1]);
    }
    if exponent < 0 {
        return format!(
            "{sign}0.{}{digits}",
            "0".repeat(exponent.unsigned_abs() as usize - 1)
        );
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{sign}{digits}{}.0", "0".repeat(whole - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
}

/// The text of a number, character or boolean.
pub(crate) fn number_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Int(v) => v.to_string(),
        Value::Long(v) => v.to_string(),
        Value::Short(v) => v.to_string(),
        Value::Byte(v) => v.to_string(),
        Value::Double(v) => double_text(*v),
        Value::Float(v) => float_text(*v),
        Value::Big(v) => v.to_string(),
        Value::Decimal(v) => v.0.to_string(),
        Value::Bool(v) => v.to_string(),
        Value::Char(v) => String::from_utf16_lossy(&[*v]),
        _ => return None,
    })
}

impl Interp<'_> {
    /// The text that Groovy prints: `[a:1]` for maps.
    pub(crate) fn text(&mut self, value: &Value) -> Run<Arc<str>> {
        self.whole_text(value, true)
    }

    /// `String.valueOf(value)`: `{a=1}` for maps.
    pub(crate) fn java_text(&mut self, value: &Value) -> Run<Arc<str>> {
        self.whole_text(value, false)
    }

    /// The text that a value becomes where a `String` is asked for: a range says its bounds there, and its elements where it is
    /// printed.
    pub(crate) fn string_text(&mut self, value: &Value) -> Run<Arc<str>> {
        self.whole_text(value, !matches!(value, Value::Range(_)))
    }

    fn whole_text(&mut self, value: &Value, groovy: bool) -> Run<Arc<str>> {
        match value {
            Value::Str(text) => return Ok(text.clone()),
            Value::GString(text) if text.lazy.is_none() => return Ok(text.text.clone()),
            Value::Int(_) | Value::Long(_) => {
                let mut buffer = itoa::Buffer::new();
                let text = buffer.format(value.as_long().unwrap_or_default());
                self.charge(text.len())?;
                return Ok(Arc::from(text));
            }
            _ => {}
        }
        let mut out = String::new();
        self.write_text(&mut out, value, groovy, MOST_DEPTH)?;
        self.charge(out.len())?;
        Ok(Arc::from(out))
    }

    pub(crate) fn write_text(
        &mut self,
        out: &mut String,
        value: &Value,
        groovy: bool,
        depth: u32,
    ) -> Run<()> {
        if depth == 0 {
            out.push_str("...");
            return Ok(());
        }
        if out.len() > self.limits.bytes as usize {
            return Err(self.over_memory());
        }
        match value {
            Value::Null => out.push_str("null"),
            Value::Void => out.push_str("void"),
            Value::Str(text) => out.push_str(text),
            Value::GString(text) => match &text.lazy {
                None => out.push_str(&text.text),
                Some((texts, values)) => {
                    for (i, part) in texts.iter().enumerate() {
                        out.push_str(part);
                        let Some(value) = values.get(i) else { continue };
                        let value = match value {
                            Value::Closure(closure) => self.call_closure(closure, &[])?,
                            value => value.clone(),
                        };
                        self.write_text(out, &value, true, depth - 1)?;
                    }
                }
            },
            Value::List(_) | Value::Set(_) => {
                let items = match value {
                    Value::List(list) => list.items(),
                    Value::Set(set) => set.keys(),
                    _ => Vec::new(),
                };
                self.write_items(out, &items, value, groovy, depth)?;
            }
            Value::Range(range) => {
                if groovy {
                    let items = self.items(value)?;
                    self.write_items(out, &items, value, groovy, depth)?;
                } else {
                    self.write_text(out, &range.from, groovy, depth - 1)?;
                    out.push_str(if range.inclusive { ".." } else { "..<" });
                    self.write_text(out, &range.to, groovy, depth - 1)?;
                }
            }
            Value::Map(map) => {
                let entries = map.entries();
                if groovy && entries.is_empty() {
                    out.push_str("[:]");
                    return Ok(());
                }
                let (open, is, close) = if groovy {
                    ('[', ':', ']')
                } else {
                    ('{', '=', '}')
                };
                out.push(open);
                for (i, (key, item)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    self.write_member(out, key, value, "(this Map)", groovy, depth)?;
                    out.push(is);
                    self.write_member(out, item, value, "(this Map)", groovy, depth)?;
                }
                out.push(close);
            }
            Value::Array(array) => {
                if groovy {
                    if &*array.element == "char" {
                        let units: Vec<u16> = array
                            .items()
                            .iter()
                            .filter_map(Value::as_int)
                            .map(|c| c as u16)
                            .collect();
                        out.push_str(&String::from_utf16_lossy(&units));
                    } else {
                        let items = array.items();
                        self.write_items(out, &items, value, groovy, depth)?;
                    }
                } else {
                    let _ = write!(
                        out,
                        "{}@{:x}",
                        array.class_name(),
                        crate::equality::identity(value)
                    );
                }
            }
            Value::Class(class) => {
                let name = class.0.name();
                let primitive = matches!(
                    &*name,
                    "int"
                        | "long"
                        | "double"
                        | "float"
                        | "boolean"
                        | "char"
                        | "byte"
                        | "short"
                        | "void"
                );
                let _ = write!(out, "{}{name}", if primitive { "" } else { "class " });
            }
            Value::Object(object) => {
                // Its text may be made of that of another object, and so on.
                self.check_stack()?;
                match object.0.text(self)? {
                    Some(text) => out.push_str(&text),
                    None => {
                        let _ = write!(
                            out,
                            "{}@{:x}",
                            object.0.class_name(),
                            crate::equality::identity(value)
                        );
                    }
                }
            }
            Value::Host(HostObject::Previous | HostObject::Result) => {
                let label = self.host_text(value)?;
                out.push_str(&label);
            }
            Value::Host(_) | Value::Closure(_) => {
                let _ = write!(
                    out,
                    "{}@{:x}",
                    crate::class::class_name(value),
                    crate::equality::identity(value)
                );
            }
            Value::Cell(_) => {}
            _ => out.push_str(&number_text(value).unwrap_or_default()),
        }
        Ok(())
    }

    fn write_items(
        &mut self,
        out: &mut String,
        items: &[Value],
        whole: &Value,
        groovy: bool,
        depth: u32,
    ) -> Run<()> {
        out.push('[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_member(out, item, whole, "(this Collection)", groovy, depth)?;
        }
        out.push(']');
        Ok(())
    }

    fn write_member(
        &mut self,
        out: &mut String,
        item: &Value,
        whole: &Value,
        itself: &str,
        groovy: bool,
        depth: u32,
    ) -> Run<()> {
        let same =
            matches!(item, Value::List(_) | Value::Map(_) | Value::Set(_)) && item.same(whole);
        if same {
            out.push_str(itself);
            return Ok(());
        }
        let groovy = groovy && !matches!(item, Value::Range(_));
        self.write_text(out, item, groovy, depth - 1)
    }
}
