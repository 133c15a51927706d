//! Evaluates a condition while it is parsed; what a branch does not need is only parsed.

use super::ConditionNames;
use super::lexer::Token;

/// Deepest nesting of an expression.
const MAX_DEPTH: u32 = 64;

/// A value of JavaScript.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Value {
    fn is_true(&self) -> bool {
        match self {
            Value::Undefined | Value::Null => false,
            Value::Bool(value) => *value,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
        }
    }

    fn to_number(&self) -> f64 {
        match self {
            Value::Undefined => f64::NAN,
            Value::Null => 0.0,
            Value::Bool(value) => f64::from(u8::from(*value)),
            Value::Number(number) => *number,
            Value::Text(text) => text_to_number(text),
        }
    }

    /// The value as JavaScript prints it.
    pub(super) fn to_text(&self) -> String {
        match self {
            Value::Undefined => "undefined".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) if number.is_infinite() => if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }
            .to_owned(),
            Value::Number(number) => number_text(*number),
            Value::Text(text) => text.clone(),
        }
    }

    /// `==`.
    fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Undefined | Value::Null, Value::Undefined | Value::Null) => true,
            (Value::Undefined | Value::Null, _) | (_, Value::Undefined | Value::Null) => false,
            (Value::Text(a), Value::Text(b)) => a == b,
            _ => self.to_number() == other.to_number(),
        }
    }

    /// `<` and its relatives: `test` is given the order, which numbers that are none do not have.
    fn compares(&self, other: &Value, test: impl Fn(std::cmp::Ordering) -> bool) -> bool {
        let order = match (self, other) {
            (Value::Text(a), Value::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
            _ => self.to_number().partial_cmp(&other.to_number()),
        };
        order.is_some_and(test)
    }
}

/// A finite number as JavaScript prints it.
///
/// Source: ECMA-262, `Number::toString`.
fn number_text(number: f64) -> String {
    let size = number.abs();
    if size >= 1e21 {
        format!("{number:e}").replace('e', "e+")
    } else if number == 0.0 {
        "0".to_owned()
    } else if size < 1e-6 {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// JavaScript's conversion: white space around is ignored, an empty text is 0.
fn text_to_number(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).map_or(f64::NAN, |value| value as f64);
    }
    // Rust also reads `inf` and `nan`, which are no numbers in JavaScript.
    let is_number = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match text {
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ if is_number => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// The value of a condition.
pub(super) fn evaluate(tokens: &[Token], names: &dyn ConditionNames) -> Result<Value, String> {
    let mut parser = Parser {
        tokens,
        names,
        position: 0,
        depth: 0,
        skipped: 0,
    };
    let value = parser.expression()?;
    while parser.takes(";") {}
    match parser.tokens.get(parser.position) {
        None => Ok(value),
        Some(token) => Err(format!("`{}` is not expected", token.shown())),
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    names: &'t dyn ConditionNames,
    position: usize,
    depth: u32,
    /// Number of enclosing branches whose value does not count.
    skipped: u32,
}

impl<'t> Parser<'t> {
    fn takes(&mut self, sign: &str) -> bool {
        let found =
            matches!(self.tokens.get(self.position), Some(Token::Sign(next)) if *next == sign);
        self.position += usize::from(found);
        found
    }

    /// The first of `signs` that comes next, stepped over.
    fn takes_any(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        signs.iter().copied().find(|sign| self.takes(sign))
    }

    fn expects(&mut self, sign: &str) -> Result<(), String> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(format!("`{sign}` is missing"))
        }
    }

    /// Parses with `parse`, for its value only if `needed`.
    fn branch(
        &mut self,
        needed: bool,
        parse: impl FnOnce(&mut Self) -> Result<Value, String>,
    ) -> Result<Value, String> {
        self.skipped += u32::from(!needed);
        let value = parse(self);
        self.skipped -= u32::from(!needed);
        value
    }

    fn expression(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the expression is nested too deeply".to_owned());
        }
        let condition = self.or()?;
        let value = if self.takes("?") {
            let holds = condition.is_true();
            let first = self.branch(holds, Self::expression)?;
            self.expects(":")?;
            let second = self.branch(!holds, Self::expression)?;
            if holds { first } else { second }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(value)
    }

    fn or(&mut self) -> Result<Value, String> {
        let mut left = self.and()?;
        while self.takes("||") {
            let holds = left.is_true();
            let right = self.branch(!holds, Self::and)?;
            if !holds {
                left = right;
            }
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Value, String> {
        let mut left = self.equality()?;
        while self.takes("&&") {
            let holds = left.is_true();
            let right = self.branch(holds, Self::equality)?;
            if holds {
                left = right;
            }
        }
        Ok(left)
    }

    fn equality(&mut self) -> Result<Value, String> {
        let mut left = self.relation()?;
        while let Some(sign) = self.takes_any(&["===", "!==", "==", "!="]) {
            let right = self.relation()?;
            left = Value::Bool(match sign {
                "===" => left == right,
                "!==" => left != right,
                "==" => left.equals(&right),
                _ => !left.equals(&right),
            });
        }
        Ok(left)
    }

    fn relation(&mut self) -> Result<Value, String> {
        let mut left = self.sum()?;
        while let Some(sign) = self.takes_any(&["<=", ">=", "<", ">"]) {
            let right = self.sum()?;
            left = Value::Bool(match sign {
                "<=" => left.compares(&right, std::cmp::Ordering::is_le),
                ">=" => left.compares(&right, std::cmp::Ordering::is_ge),
                "<" => left.compares(&right, std::cmp::Ordering::is_lt),
                _ => left.compares(&right, std::cmp::Ordering::is_gt),
            });
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Value, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.takes_any(&["+", "-"]) {
            let right = self.product()?;
            left = match (sign, &left, &right) {
                ("+", Value::Text(_), _) | ("+", _, Value::Text(_)) => {
                    Value::Text(left.to_text() + &right.to_text())
                }
                ("+", ..) => Value::Number(left.to_number() + right.to_number()),
                _ => Value::Number(left.to_number() - right.to_number()),
            };
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Value, String> {
        let mut left = self.unary()?;
        while let Some(sign) = self.takes_any(&["*", "/", "%"]) {
            let right = self.unary()?.to_number();
            let number = left.to_number();
            left = Value::Number(match sign {
                "*" => number * right,
                "/" => number / right,
                _ => number % right,
            });
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Value, String> {
        let begin = self.position;
        while self.takes_any(&["!", "-", "+"]).is_some() {}
        let signs = &self.tokens[begin..self.position];
        let mut value = self.member()?;
        for sign in signs.iter().rev() {
            value = match sign {
                Token::Sign("!") => Value::Bool(!value.is_true()),
                Token::Sign("-") => Value::Number(-value.to_number()),
                _ => Value::Number(value.to_number()),
            };
        }
        Ok(value)
    }

    fn member(&mut self) -> Result<Value, String> {
        let mut value = self.primary()?;
        loop {
            if self.takes(".") {
                let name = self.name()?;
                let arguments = if self.takes("(") {
                    self.arguments()?
                } else {
                    Vec::new()
                };
                if self.skipped == 0 {
                    value = member(&value, name, &arguments)?;
                }
            } else if self.takes_word("as") {
                let kind = self.name()?;
                if self.skipped == 0 {
                    value = converted(&value, kind)?;
                }
            } else {
                return Ok(value);
            }
        }
    }

    fn name(&mut self) -> Result<&'t str, String> {
        match self.tokens.get(self.position) {
            Some(Token::Word(name)) => {
                self.position += 1;
                Ok(name)
            }
            _ => Err("a name is missing".to_owned()),
        }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let next = self.tokens.get(self.position);
        let found = matches!(next, Some(Token::Word(next)) if next == word);
        self.position += usize::from(found);
        found
    }

    /// `.get("x")` or `["x"]` behind `vars` or `props`, which `look_up` knows.
    fn look_up(
        &mut self,
        word: &str,
        look_up: impl FnOnce(&dyn ConditionNames, &str) -> Option<String>,
    ) -> Result<Value, String> {
        let name = if self.takes("[") {
            let name = self.expression()?;
            self.expects("]")?;
            name
        } else {
            self.expects(".")?;
            let method = self.name()?;
            if !matches!(method, "get" | "getProperty") {
                return Err(format!("member `{method}` of `{word}` is not supported"));
            }
            self.expects("(")?;
            self.arguments()?.into_iter().next().unwrap_or(Value::Null)
        };
        let found = look_up(self.names, &name.to_text());
        Ok(found.map_or(Value::Null, Value::Text))
    }

    fn arguments(&mut self) -> Result<Vec<Value>, String> {
        let mut arguments = Vec::new();
        if self.takes(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if !self.takes(",") {
                self.expects(")")?;
                return Ok(arguments);
            }
        }
    }

    fn primary(&mut self) -> Result<Value, String> {
        let Some(token) = self.tokens.get(self.position) else {
            return Err("an expression is missing".to_owned());
        };
        self.position += 1;
        match token {
            Token::Number(number) => Ok(Value::Number(*number)),
            Token::Text(text) => Ok(Value::Text(text.clone())),
            Token::Word(word) => self.word(word),
            Token::Sign("(") => {
                let value = self.expression()?;
                self.expects(")")?;
                Ok(value)
            }
            Token::Sign(sign) => Err(format!("`{sign}` is not expected")),
        }
    }

    fn word(&mut self, word: &str) -> Result<Value, String> {
        match word {
            "vars" => return self.look_up(word, |names, name| names.variable(name)),
            "props" => return self.look_up(word, |names, name| names.property(name)),
            "Integer" | "Long" | "Double" | "Float" if self.takes(".") => {
                let method = self.name()?;
                if method != format!("parse{}", word.replace("Integer", "Int")) {
                    return Err(format!("member `{method}` of `{word}` is not supported"));
                }
                self.expects("(")?;
                let arguments = self.arguments()?;
                return match self.skipped {
                    0 => converted(arguments.first().unwrap_or(&Value::Null), word),
                    _ => Ok(Value::Undefined),
                };
            }
            _ => {}
        }
        if self.takes("(") {
            let arguments = self.arguments()?;
            let first = arguments.first().unwrap_or(&Value::Undefined);
            return match word {
                _ if self.skipped > 0 => Ok(Value::Undefined),
                "parseInt" => Ok(Value::Number(parse_prefix(&first.to_text(), false))),
                "parseFloat" => Ok(Value::Number(parse_prefix(&first.to_text(), true))),
                "Number" => Ok(Value::Number(first.to_number())),
                "String" => Ok(Value::Text(first.to_text())),
                "Boolean" => Ok(Value::Bool(first.is_true())),
                "empty" => Ok(Value::Bool(!first.is_true())),
                "size" => member(first, "size", &[]),
                "isNaN" => Ok(Value::Bool(first.to_number().is_nan())),
                _ => Err(format!("function `{word}` is not supported")),
            };
        }
        match word {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            "undefined" => Ok(Value::Undefined),
            "NaN" => Ok(Value::Number(f64::NAN)),
            "Infinity" => Ok(Value::Number(f64::INFINITY)),
            _ if self.skipped > 0 => Ok(Value::Undefined),
            _ => Err(format!("`{word}` is not defined")),
        }
    }
}

/// The number that a text begins with; NaN if it begins with none.
fn parse_prefix(text: &str, with_fraction: bool) -> f64 {
    let text = text.trim_start();
    let mut best = f64::NAN;
    for (index, character) in text.char_indices() {
        let fits = character.is_ascii_digit()
            || (index == 0 && matches!(character, '+' | '-'))
            || (with_fraction && character == '.');
        if !fits {
            break;
        }
        if let Ok(number) = text[..=index].parse() {
            best = number;
        }
    }
    best
}

/// `value as kind` in Groovy, and what parses a number in Java.
fn converted(value: &Value, kind: &str) -> Result<Value, String> {
    let text = value.to_text();
    match kind {
        "int" | "Integer" | "long" | "Long" | "short" | "BigInteger" => match value {
            Value::Number(number) => Ok(Value::Number(number.trunc())),
            _ => match text.trim().parse::<i64>() {
                Ok(number) => Ok(Value::Number(number as f64)),
                Err(_) => Err(format!("`{text}` is no whole number")),
            },
        },
        "double" | "Double" | "float" | "Float" | "BigDecimal" => {
            let number = value.to_number();
            if number.is_nan() {
                return Err(format!("`{text}` is no number"));
            }
            Ok(Value::Number(number))
        }
        "String" => Ok(Value::Text(text)),
        "boolean" | "Boolean" => Ok(Value::Bool(value.is_true())),
        _ => Err(format!("conversion to `{kind}` is not supported")),
    }
}

/// A member of a value, called or not.
fn member(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, String> {
    let Value::Text(text) = value else {
        return match name {
            "toString" => Ok(Value::Text(value.to_text())),
            _ => Err(format!(
                "member `{name}` of {} is not supported",
                value.to_text()
            )),
        };
    };
    let argument = || arguments.first().unwrap_or(&Value::Undefined).to_text();
    let position = |found: Option<usize>| match found {
        Some(index) => Value::Number(text[..index].encode_utf16().count() as f64),
        None => Value::Number(-1.0),
    };
    Ok(match name {
        "length" | "size" => Value::Number(text.encode_utf16().count() as f64),
        "equals" => Value::Bool(*text == argument()),
        "equalsIgnoreCase" => Value::Bool(text.to_lowercase() == argument().to_lowercase()),
        "contains" | "includes" => Value::Bool(text.contains(&argument())),
        "startsWith" => Value::Bool(text.starts_with(&argument())),
        "endsWith" => Value::Bool(text.ends_with(&argument())),
        "indexOf" => position(text.find(&argument())),
        "lastIndexOf" => position(text.rfind(&argument())),
        "trim" => Value::Text(text.trim().to_owned()),
        "toLowerCase" => Value::Text(text.to_lowercase()),
        "toUpperCase" => Value::Text(text.to_uppercase()),
        "toString" => Value::Text(text.clone()),
        "isEmpty" => Value::Bool(text.is_empty()),
        "toInteger" | "toLong" => converted(value, "long")?,
        "toDouble" | "toFloat" => converted(value, "double")?,
        _ => return Err(format!("member `{name}` of a text is not supported")),
    })
}
