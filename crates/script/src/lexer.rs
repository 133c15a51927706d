//! Text to tokens, for all languages of the family.
//!
//! Each token knows whether a line break stands before it, which Groovy's grammar needs. Strings with `${..}` hold the tokens of their
//! expressions, so that the parser never sees raw text.

use std::cell::Cell;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::ast::Pos;
use crate::decimal::Decimal;
use crate::language::Language;
use crate::value::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tok {
    Ident(Arc<str>),
    Number(NumberText),
    Str(Arc<str>),
    /// Text parts (one more than expressions) and the tokens of each expression.
    GStr(Vec<Arc<str>>, Vec<Vec<Token>>),
    Char(u16),
    Op(&'static str),
    End,
}

/// A number with its value; equality of tokens does not look at it.
#[derive(Clone, Debug)]
pub(crate) struct NumberText(pub(crate) Value);

impl PartialEq for NumberText {
    fn eq(&self, _: &NumberText) -> bool {
        false
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) tok: Tok,
    pub(crate) pos: Pos,
    /// A line break stands before the token.
    pub(crate) newline: bool,
    /// White space stands before the token.
    pub(crate) space: bool,
    /// Byte offsets in the source.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What the lexer cannot read.
#[derive(Clone, Debug)]
pub(crate) struct LexError {
    pub(crate) pos: Pos,
    pub(crate) message: String,
    /// The whole message of BeanShell's parser, where it has one of its own.
    pub(crate) bsh: Option<String>,
}

/// Operators, longest first.
const OPERATORS: &[&str] = &[
    ">>>=", "<<=", ">>=", ">>>", "**=", "==~", "===", "!==", "<=>", "..<", "...", "?.", "?:", "?=",
    "*.", ".&", ".@", "::", "->", "=~", "!~", "=^", "!^", "=$", "!$", "==", "!=", "<=", ">=", "&&",
    "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**", "..", "+",
    "-", "*", "/", "%", "=", "<", ">", "!", "~", "?", ":", ";", ",", ".", "(", ")", "[", "]", "{",
    "}", "&", "|", "^", "@", "#",
];

/// How deep `${"${..}"}` may go.
const MOST_NESTING: u32 = 64;

pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    line_start: usize,
    language: Language,
    nesting: u32,
    tokens: Vec<Token>,
    /// A place of which the line and the column are known: counting from the line's start for each token would make long lines
    /// cost the square of their length.
    counted: Cell<(usize, usize, u32)>,
}

pub(crate) fn lex(text: &str, language: Language) -> Result<Vec<Token>, LexError> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        line_start: 0,
        language,
        nesting: 0,
        tokens: Vec::new(),
        counted: Cell::new((0, 0, 0)),
    };
    if text.starts_with("#!") {
        lexer.at = text.find('\n').unwrap_or(text.len());
    }
    lexer.run(false)?;
    Ok(lexer.tokens)
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn pos(&self) -> Pos {
        let (line_start, at, column) = self.counted.get();
        let (from, before) = match line_start == self.line_start && at <= self.at {
            true => (at, column),
            false => (self.line_start, 0),
        };
        let column = before + self.text[from..self.at].chars().count() as u32;
        self.counted.set((self.line_start, self.at, column));
        Pos {
            line: self.line,
            column: column + 1,
        }
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            self.line_start = self.at;
        }
        Some(c)
    }

    fn fail<T>(&self, pos: Pos, message: impl Into<String>) -> Result<T, LexError> {
        Err(LexError {
            pos,
            message: message.into(),
            bsh: None,
        })
    }

    /// Reads tokens to the end, or to the `}` that closes an embedded expression.
    fn run(&mut self, embedded: bool) -> Result<(), LexError> {
        let mut depth = 0u32;
        loop {
            let (mut newline, before) = (false, self.at);
            self.skip_blank(&mut newline)?;
            let space = self.at > before;
            let (pos, start) = (self.pos(), self.at);
            let Some(c) = self.peek() else {
                if embedded {
                    return self.fail(pos, "Unexpected character: '\"'");
                }
                self.push(Tok::End, pos, newline, space, start);
                return Ok(());
            };
            if embedded && c == '}' && depth == 0 {
                self.bump();
                self.push(Tok::End, pos, false, space, start);
                return Ok(());
            }
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            let tok = self.token(c, pos)?;
            self.push(tok, pos, newline, space, start);
        }
    }

    fn push(&mut self, tok: Tok, pos: Pos, newline: bool, space: bool, start: usize) {
        self.tokens.push(Token {
            tok,
            pos,
            newline,
            space,
            start,
            end: self.at,
        });
    }

    fn skip_blank(&mut self, newline: &mut bool) -> Result<(), LexError> {
        loop {
            let rest = self.rest();
            if rest.starts_with("//") || self.language.is_jexl() && rest.starts_with("##") {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.bump();
                }
            } else if rest.starts_with("/*") {
                let pos = self.pos();
                self.at += 2;
                while !self.rest().starts_with("*/") {
                    match self.bump() {
                        Some('\n') => *newline = true,
                        Some(_) => {}
                        None => return self.fail(pos, "Unexpected character: '/'"),
                    }
                }
                self.at += 2;
            } else if self.language == Language::Groovy
                && (rest.starts_with("\\\n") || rest.starts_with("\\\r\n"))
            {
                while self.bump() != Some('\n') {}
            } else {
                match self.peek() {
                    Some('\n') => *newline = true,
                    Some(c) if c.is_whitespace() || c == '\u{feff}' => {}
                    _ => return Ok(()),
                }
                self.bump();
            }
        }
    }

    fn token(&mut self, c: char, pos: Pos) -> Result<Tok, LexError> {
        if c.is_alphabetic() || c == '_' || c == '$' && !self.starts_dollar_slashy() {
            let start = self.at;
            while self
                .peek()
                .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$')
            {
                self.bump();
            }
            return Ok(Tok::Ident(Arc::from(&self.text[start..self.at])));
        }
        if c.is_ascii_digit()
            || c == '.' && self.language != Language::Groovy && self.next_is_digit()
        {
            return self.number(pos);
        }
        match c {
            '"' | '\'' | '`' => return self.string(c, pos),
            '/' if self.language == Language::Groovy
                && (self.regex_may_start() || self.statement_of_slashes())
                && !self.rest().starts_with("/=") =>
            {
                self.bump();
                return self.slashy(pos, "/");
            }
            '$' => {
                self.at += 2;
                return self.slashy(pos, "/$");
            }
            '@' if self.language == Language::BeanShell => {
                const WORDS: &[(&str, &str)] = &[
                    ("@gteq", ">="),
                    ("@lteq", "<="),
                    ("@gt", ">"),
                    ("@lt", "<"),
                    ("@and_assign", "&="),
                    ("@and", "&&"),
                    ("@or_assign", "|="),
                    ("@or", "||"),
                    ("@bitwise_and", "&"),
                    ("@bitwise_or", "|"),
                    ("@left_shift", "<<"),
                    ("@right_shift", ">>"),
                ];
                if let Some((word, op)) = WORDS.iter().find(|(w, _)| self.rest().starts_with(w)) {
                    self.at += word.len();
                    return Ok(Tok::Op(op));
                }
            }
            _ => {}
        }
        let jexl = self.language.is_jexl();
        let groovy = self.language == Language::Groovy;
        let op = OPERATORS.iter().find(|op| {
            self.rest().starts_with(**op)
                && (jexl || !matches!(**op, "!~" | "=^" | "!^" | "=$" | "!$"))
                && (groovy
                    || !matches!(
                        **op,
                        "**" | "**="
                            | "==~"
                            | "==="
                            | "!=="
                            | "<=>"
                            | "..<"
                            | "*."
                            | ".&"
                            | "?="
                            | ".@"
                            | "->"
                            | "::"
                    ))
                && (groovy || jexl || !matches!(**op, "?." | "?:" | "=~" | ".." | "..."))
        });
        match op {
            Some(op) => {
                self.at += op.len();
                Ok(Tok::Op(op))
            }
            None => self.fail(pos, format!("Unexpected character: '{c}'")),
        }
    }

    fn next_is_digit(&self) -> bool {
        self.rest()
            .as_bytes()
            .get(1)
            .is_some_and(u8::is_ascii_digit)
    }

    fn starts_dollar_slashy(&self) -> bool {
        self.language == Language::Groovy && self.rest().starts_with("$/") && self.regex_may_start()
    }

    /// A line that begins with a `/` and has a second one is a text, not a division.
    fn statement_of_slashes(&self) -> bool {
        let before = self.text[..self.at].trim_end_matches([' ', '\t']);
        let line = self.rest()[1..].lines().next().unwrap_or_default();
        before.ends_with('\n') && line.contains('/') && !line.starts_with([' ', '/', '*'])
    }

    /// A `/` begins a regular expression where an operand is expected.
    fn regex_may_start(&self) -> bool {
        match self.tokens.last().map(|t| &t.tok) {
            None => true,
            Some(Tok::Ident(word)) => {
                matches!(
                    &**word,
                    "return" | "case" | "in" | "assert" | "throw" | "else" | "instanceof" | "as"
                )
            }
            Some(Tok::Op(op)) => !matches!(*op, ")" | "]" | "}" | "++" | "--"),
            _ => false,
        }
    }

    fn number(&mut self, pos: Pos) -> Result<Tok, LexError> {
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

    fn string(&mut self, quote: char, pos: Pos) -> Result<Tok, LexError> {
        let groovy = self.language == Language::Groovy;
        let triple = groovy
            && self
                .rest()
                .starts_with(if quote == '"' { "\"\"\"" } else { "'''" });
        self.at += if triple { 3 } else { 1 };
        let gstring = groovy && quote == '"';
        let is_char = quote == '\'' && self.language == Language::BeanShell;
        let (mut texts, mut exprs, mut text) = (Vec::new(), Vec::new(), String::new());
        loop {
            if triple {
                let end = if quote == '"' { "\"\"\"" } else { "'''" };
                if self.rest().starts_with(end) {
                    self.at += 3;
                    break;
                }
            }
            let at = self.pos();
            let Some(c) = self.peek() else {
                return self.open_string(quote, pos);
            };
            if c == quote && !triple {
                self.bump();
                break;
            }
            if c == '\n' && !triple && quote != '`' && !self.language.is_jexl() {
                return self.open_string(quote, pos);
            }
            if c == '\\' {
                self.bump();
                self.escape(&mut text, at)?;
                continue;
            }
            if gstring && c == '$' && self.interpolation(&mut texts, &mut exprs, &mut text)? {
                continue;
            }
            if c == '\r' && triple && self.rest().starts_with("\r\n") {
                self.bump();
                continue;
            }
            if is_char && !text.is_empty() {
                let message = format!("Unexpected character: '{c}'");
                let bsh = format!(
                    "Token Parsing Error: Lexical error at line {}, column {}.  Encountered: \"{c}\" ({}), after : \"\\'{text}\"",
                    at.line,
                    at.column,
                    u32::from(c)
                );
                return Err(LexError {
                    pos: at,
                    message,
                    bsh: Some(bsh),
                });
            }
            self.bump();
            text.push(c);
        }
        if is_char {
            let mut units = text.encode_utf16();
            return match (units.next(), units.next()) {
                (Some(unit), None) => Ok(Tok::Char(unit)),
                _ => self.fail(pos, "Unexpected character: '''"),
            };
        }
        if exprs.is_empty() && texts.is_empty() {
            return Ok(Tok::Str(Arc::from(text)));
        }
        texts.push(Arc::from(text));
        Ok(Tok::GStr(texts, exprs))
    }

    fn open_string<T>(&self, quote: char, pos: Pos) -> Result<T, LexError> {
        self.fail(pos, format!("Unexpected character: '{quote}'"))
    }

    fn escape(&mut self, text: &mut String, pos: Pos) -> Result<(), LexError> {
        let groovy = self.language == Language::Groovy;
        match self.bump() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('s') if groovy => text.push(' '),
            Some('\n') if groovy => {}
            Some('u') => {
                while self.peek() == Some('u') {
                    self.bump();
                }
                let code = self
                    .rest()
                    .get(..4)
                    .and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let Some(code) = code else {
                    return self.fail(pos, "Unexpected character: '\\'");
                };
                self.at += 4;
                // A pair of surrogates is one character.
                let low = (0xd800..0xdc00)
                    .contains(&code)
                    .then(|| self.rest())
                    .and_then(|rest| {
                        rest.strip_prefix("\\u")
                            .and_then(|r| r.get(..4))
                            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                    });
                match low {
                    Some(low) if (0xdc00..0xe000).contains(&low) => {
                        self.at += 6;
                        text.push(
                            char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00))
                                .unwrap_or('\u{fffd}'),
                        );
                    }
                    _ => text.push(char::from_u32(code).unwrap_or('\u{fffd}')),
                }
            }
            Some(c @ '0'..='7') => {
                let mut code = c as u32 - '0' as u32;
                while let Some(d) = self.peek().and_then(|c| c.to_digit(8)) {
                    if code * 8 + d > 255 {
                        break;
                    }
                    code = code * 8 + d;
                    self.bump();
                }
                text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            Some(c @ ('\\' | '"' | '\'' | '`')) => text.push(c),
            Some('$') if groovy => text.push('$'),
            Some(c) if self.language.is_jexl() => {
                text.push('\\');
                text.push(c);
            }
            _ => return self.fail(pos, "Unexpected character: '\\'"),
        }
        Ok(())
    }

    /// `/../` or `$/../$`; only the delimiter is escaped.
    fn slashy(&mut self, pos: Pos, end: &'static str) -> Result<Tok, LexError> {
        let (mut texts, mut exprs, mut text) = (Vec::new(), Vec::new(), String::new());
        loop {
            let Some(c) = self.peek() else {
                return self.open_string('/', pos);
            };
            let rest = self.rest();
            if rest.starts_with(end) {
                self.at += end.len();
                break;
            }
            if end == "/" && rest.starts_with("\\/") {
                self.at += 2;
                text.push('/');
                continue;
            }
            if end == "/$" && (rest.starts_with("$$") || rest.starts_with("$/")) {
                text.push_str(&rest[1..2]);
                self.at += 2;
                continue;
            }
            if c == '$' && self.interpolation(&mut texts, &mut exprs, &mut text)? {
                continue;
            }
            self.bump();
            text.push(c);
        }
        if exprs.is_empty() && texts.is_empty() {
            return Ok(Tok::Str(Arc::from(text)));
        }
        texts.push(Arc::from(text));
        Ok(Tok::GStr(texts, exprs))
    }

    /// Reads `${..}` or `$name.name`; false when the `$` is only a character.
    fn interpolation(
        &mut self,
        texts: &mut Vec<Arc<str>>,
        exprs: &mut Vec<Vec<Token>>,
        text: &mut String,
    ) -> Result<bool, LexError> {
        let rest = &self.rest()[1..];
        if rest.starts_with('{') {
            if self.nesting >= MOST_NESTING {
                return self.fail(self.pos(), "strings are nested too deep");
            }
            self.at += 2;
            self.nesting += 1;
            let outer = std::mem::take(&mut self.tokens);
            self.run(true)?;
            let tokens = std::mem::replace(&mut self.tokens, outer);
            self.nesting -= 1;
            texts.push(Arc::from(std::mem::take(text)));
            exprs.push(tokens);
            return Ok(true);
        }
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Ok(false);
        }
        self.at += 1;
        let mut tokens = Vec::new();
        loop {
            let (pos, start) = (self.pos(), self.at);
            while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                self.bump();
            }
            let word = Arc::from(&self.text[start..self.at]);
            tokens.push(Token {
                tok: Tok::Ident(word),
                pos,
                newline: false,
                space: false,
                start,
                end: self.at,
            });
            let rest = self.rest();
            if !(rest.starts_with('.')
                && rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_'))
            {
                break;
            }
            let (pos, start) = (self.pos(), self.at);
            self.at += 1;
            tokens.push(Token {
                tok: Tok::Op("."),
                pos,
                newline: false,
                space: false,
                start,
                end: self.at,
            });
        }
        let (pos, start) = (self.pos(), self.at);
        tokens.push(Token {
            tok: Tok::End,
            pos,
            newline: false,
            space: false,
            start,
            end: start,
        });
        texts.push(Arc::from(std::mem::take(text)));
        exprs.push(tokens);
        Ok(true)
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
