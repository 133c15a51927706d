//! Literals of numbers: the value and the type that a language gives them.
//!
//! Not here: texts that become numbers as a script runs (see [`crate::number`]).

use num_bigint::BigInt;

use super::{LexError, Lexer, NumberText, Tok};
use crate::ast::Pos;
use crate::decimal::Decimal;
use crate::language::Language;
use crate::value::Value;

impl Lexer<'_> {
    pub(super) fn number(&mut self, pos: Pos) -> Result<Tok, LexError> {
        let start = self.at;
        let radix = match self.rest().as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
        }
        let mut fractional = false;
        while let Some(c) = self.peek() {
            if c == '_' || c.is_digit(radix) {
                self.bump();
            } else if radix == 10
                && c == '.'
                && !fractional
                && (self.next_is_digit()
                    || self.language == Language::BeanShell && !self.letter_after_dot())
            {
                fractional = true;
                self.bump();
            } else if radix == 10 && matches!(c, 'e' | 'E') {
                let rest = self.rest().as_bytes();
                let sign = usize::from(matches!(rest.get(1), Some(b'+' | b'-')));
                if !rest.get(1 + sign).is_some_and(u8::is_ascii_digit) {
                    break;
                }
                fractional = true;
                self.at += 1 + sign;
            } else {
                break;
            }
        }
        let digits: String = self.text[start..self.at]
            .chars()
            .filter(|c| *c != '_')
            .collect();
        let suffix = self.peek().map(|c| c.to_ascii_lowercase());
        let groovy = self.language == Language::Groovy;
        let jexl = self.language.is_jexl();
        let value = match suffix {
            Some('l') if !fractional => Some(
                integer(&digits, radix)
                    .and_then(|v| i64::try_from(v).ok())
                    .map(Value::Long),
            ),
            Some('i') if !fractional && groovy => Some(
                integer(&digits, radix)
                    .and_then(|v| i32::try_from(v).ok())
                    .map(Value::Int),
            ),
            Some('g') if groovy && !fractional => Some(integer(&digits, radix).map(Value::big)),
            Some('h') if jexl && !fractional => Some(integer(&digits, radix).map(Value::big)),
            Some('g') if groovy => Some(Decimal::parse(&digits).map(Value::decimal)),
            Some('b') if jexl => Some(Decimal::parse(&digits).map(Value::decimal)),
            Some('d') if radix == 10 => Some(digits.parse().ok().map(Value::Double)),
            Some('f') if radix == 10 => Some(digits.parse().ok().map(Value::Float)),
            _ => None,
        };
        let value = match value {
            Some(value) => {
                self.bump();
                value
            }
            None if fractional && groovy => Decimal::parse(&digits).map(Value::decimal),
            None if fractional => digits.parse().ok().map(Value::Double),
            None => integer(&digits, radix).and_then(|v| self.plain_integer(v, radix, &digits)),
        };
        if self.peek().is_some_and(|c| c.is_alphanumeric()) {
            let c = self.peek().unwrap_or(' ');
            return self.fail(self.pos(), format!("Unexpected character: '{c}'"));
        }
        match value {
            Some(value) => Ok(Tok::Number(NumberText(value))),
            None => {
                let message = format!("Error or number too big for integer type: {digits}");
                Err(LexError {
                    pos,
                    bsh: Some(format!(
                        "Parse error at line {}, column {} : {message}",
                        pos.line, pos.column
                    )),
                    message,
                })
            }
        }
    }

    fn letter_after_dot(&self) -> bool {
        self.rest()[1..].starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '.')
    }

    /// An integer literal without suffix: its size decides in Groovy and JEXL; BeanShell takes only an int.
    fn plain_integer(&self, value: BigInt, radix: u32, digits: &str) -> Option<Value> {
        let bits = value.bits();
        if let Ok(small) = i32::try_from(&value) {
            return Some(Value::Int(small));
        }
        if radix != 10 || digits.len() > 1 && digits.starts_with('0') {
            if bits <= 32 {
                return u32::try_from(&value).ok().map(|v| Value::Int(v as i32));
            }
            if bits <= 64 && self.language == Language::Groovy {
                return u64::try_from(&value).ok().map(|v| Value::Long(v as i64));
            }
        }
        if self.language == Language::BeanShell {
            return None;
        }
        Some(i64::try_from(&value).map_or_else(|_| Value::big(value.clone()), Value::Long))
    }
}

fn integer(digits: &str, radix: u32) -> Option<BigInt> {
    match radix {
        16 | 2 => BigInt::parse_bytes(digits.get(2..)?.as_bytes(), radix),
        _ if digits.len() > 1 && digits.starts_with('0') => {
            BigInt::parse_bytes(digits.as_bytes(), 8)
        }
        _ => BigInt::parse_bytes(digits.as_bytes(), 10),
    }
}
