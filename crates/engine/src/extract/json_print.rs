//! JSON values as the texts that JMeter's JSON Extractor makes of them.
//!
//! Numbers print as Java's do. An object that is extracted itself prints its keys in the order of a
//! Java `HashMap`, since JMeter copies it into one; objects inside keep the order of the body.

use super::json_tree::JsonNode;

/// Floating-point numbers longer than this, in characters, keep all their digits.
const LONGEST_DOUBLE: usize = 18;

/// The text of an extracted value; `None` for `null`.
#[must_use]
pub(super) fn extracted_text(node: &JsonNode) -> Option<String> {
    match node {
        JsonNode::Null => None,
        JsonNode::Bool(value) => Some(value.to_string()),
        JsonNode::Number(number) => Some(number_text(number)),
        JsonNode::Text(text) => Some(text.to_string()),
        JsonNode::Array(_) => Some(compact(node)),
        JsonNode::Object(members) => {
            let mut out = String::new();
            object(hash_map_order(members).into_iter(), &mut out);
            Some(out)
        }
    }
}

/// Compact JSON with the escapes of json-smart, keys in order.
#[must_use]
pub(crate) fn compact(node: &JsonNode) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

/// A value as the JSON Assertion compares it: `null` is a word, numbers have no exponent.
#[must_use]
pub(crate) fn printed_value(node: &JsonNode) -> String {
    match node {
        JsonNode::Number(number) => plain_number(number),
        _ => extracted_text(node).unwrap_or_else(|| "null".to_owned()),
    }
}

/// A number without exponent, with a digit behind the point if it is a floating-point number.
fn plain_number(number: &str) -> String {
    let text = number_text(number);
    if !number.contains(['.', 'e', 'E']) || number.len() > LONGEST_DOUBLE {
        return text;
    }
    let Ok(value) = text.parse::<f64>() else {
        return text;
    };
    match value.to_string() {
        plain if plain.contains('.') || !value.is_finite() => plain,
        whole => whole + ".0",
    }
}

/// A value as Java's `toString` shows it: maps as `{key=value, key=value}`, arrays as JSON.
#[must_use]
pub(crate) fn java_text(node: &JsonNode) -> String {
    match node {
        JsonNode::Object(members) => {
            let shown: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{key}={}", java_text(value)))
                .collect();
            format!("{{{}}}", shown.join(", "))
        }
        _ => extracted_text(node).unwrap_or_else(|| "null".to_owned()),
    }
}

fn write(node: &JsonNode, out: &mut String) {
    match node {
        JsonNode::Null => out.push_str("null"),
        JsonNode::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        JsonNode::Number(number) => match number_text(number).as_str() {
            "Infinity" | "-Infinity" => out.push_str("null"),
            text => out.push_str(text),
        },
        JsonNode::Text(text) => quoted(text, out),
        JsonNode::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        JsonNode::Object(members) => object(members.iter(), out),
    }
}

fn object<'n>(members: impl Iterator<Item = &'n (Box<str>, JsonNode)>, out: &mut String) {
    out.push('{');
    for (index, (key, value)) in members.enumerate() {
        if index > 0 {
            out.push(',');
        }
        quoted(key, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// A string with json-smart's escapes, which include `/` and some ranges beyond ASCII.
fn quoted(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => {
                write!(out, "\\u{:04X}", character as u32).expect("a string takes all");
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A number as Java prints it once it is read: `1e10` is `1.0E10`, `-0` is `0`.
pub(super) fn number_text(number: &str) -> String {
    if number == "NaN" {
        return number.to_owned();
    }
    if !number.contains(['.', 'e', 'E']) {
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", number),
        };
        let digits = digits.trim_start_matches('0');
        return match digits {
            "" => "0".to_owned(),
            _ => format!("{sign}{digits}"),
        };
    }
    if number.len() > LONGEST_DOUBLE {
        return Decimal::parse(number).map_or_else(|| number.to_owned(), |value| value.text());
    }
    double_text(number.parse().unwrap_or(f64::NAN))
}

/// Java's `Double.toString`.
pub(crate) fn double_text(value: f64) -> String {
    if value.is_infinite() {
        let text = if value > 0.0 { "Infinity" } else { "-Infinity" };
        return text.to_owned();
    }
    if value == 0.0 {
        return if value.is_sign_negative() {
            "-0.0"
        } else {
            "0.0"
        }
        .to_owned();
    }
    if (1e-3..1e7).contains(&value.abs()) {
        let text = value.to_string();
        return if text.contains('.') {
            text
        } else {
            text + ".0"
        };
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text,
    }
}

/// A decimal number without rounding, as Java's `BigDecimal`.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    negative: bool,
    /// Digits without leading zeros; empty for zero.
    digits: String,
    /// Digits behind the point; negative for zeros before it.
    scale: i64,
}

impl Decimal {
    /// Reads what JSON or Java prints as a number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let negative = mantissa.starts_with('-');
        let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            negative,
            digits: digits.trim_start_matches('0').to_owned(),
            scale: i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?,
        })
    }

    /// `BigDecimal.toString`.
    pub(super) fn text(&self) -> String {
        let sign = if self.negative && !self.digits.is_empty() {
            "-"
        } else {
            ""
        };
        let digits = match self.digits.as_str() {
            "" => "0",
            digits => digits,
        };
        let adjusted = digits.len() as i64 - 1 - self.scale;
        if self.scale == 0 {
            return format!("{sign}{digits}");
        }
        if self.scale > 0 && adjusted >= -6 {
            let scale = usize::try_from(self.scale).unwrap_or(0);
            let padded = format!("{digits:0>width$}", width = scale + 1);
            let (whole, fraction) = padded.split_at(padded.len() - scale);
            return format!("{sign}{whole}.{fraction}");
        }
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if adjusted >= 0 { "+" } else { "" };
        format!("{sign}{first}{point}{rest}E{exponent_sign}{adjusted}")
    }

    /// Numeric order; `1.0` and `1` are equal.
    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        let sign = |value: &Self| match (value.digits.is_empty(), value.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign != Ordering::Equal || sign(self) == 0 {
            return by_sign;
        }
        let magnitude = |value: &Self| value.digits.len() as i64 - value.scale;
        let order = magnitude(self).cmp(&magnitude(other)).then_with(|| {
            let (a, b) = (
                self.digits.trim_end_matches('0'),
                other.digits.trim_end_matches('0'),
            );
            a.cmp(b)
        });
        if self.negative {
            order.reverse()
        } else {
            order
        }
    }
}

/// `members` in the order in which a Java `HashMap` made of them is walked.
fn hash_map_order(members: &[(Box<str>, JsonNode)]) -> Vec<&(Box<str>, JsonNode)> {
    // A map made from another one is as large as its load factor of 3/4 asks for.
    let wanted = members.len() * 4 / 3 + 1;
    let capacity = wanted.next_power_of_two();
    let mask = u32::try_from(capacity - 1).unwrap_or(u32::MAX);
    let mut ordered: Vec<_> = members.iter().collect();
    ordered.sort_by_key(|(key, _)| {
        let hash = key.encode_utf16().fold(0_u32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(u32::from(unit))
        });
        (hash ^ (hash >> 16)) & mask
    });
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_in_java() {
        for (number, expected) in [
            ("1", "1"),
            ("-0", "0"),
            ("007", "7"),
            ("-", "0"),
            ("1.0", "1.0"),
            ("1e10", "1.0E10"),
            ("1.5E-5", "1.5E-5"),
            ("-0.0", "-0.0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1234567.0", "1234567.0"),
            ("12345678.9", "1.23456789E7"),
            ("0.001", "0.001"),
            ("0.0009", "9.0E-4"),
            ("100000000000000000000.5", "100000000000000000000.5"),
            ("1.23456789012345678901e30", "1.23456789012345678901E+30"),
            ("0.00000001234567890123", "1.234567890123E-8"),
            ("1E400", "Infinity"),
        ] {
            assert_eq!(number_text(number), expected, "{number}");
        }
    }

    #[test]
    fn decimals_compare_by_value() {
        use std::cmp::Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            ("1", "1.0", Equal),
            ("10", "9.99", Greater),
            ("-1", "1e-9", Less),
            ("-10", "-9", Less),
            ("0", "-0.0", Equal),
            ("1.5e3", "1500", Equal),
            ("0.001", "0.01", Less),
        ] {
            let order = Decimal::parse(a)
                .unwrap()
                .compare(&Decimal::parse(b).unwrap());
            assert_eq!(order, expected, "{a} {b}");
        }
    }
}
