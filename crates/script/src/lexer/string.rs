//! Literals of texts: quotes, escapes, and the expressions inside of them.
//!
//! Not here: whether a `/` begins a text (see [`super`]).

use std::sync::Arc;

use super::{LexError, Lexer, Tok, Token};
use crate::ast::Pos;
use crate::language::Language;

/// How deep `${"${..}"}` may go.
const MOST_NESTING: u32 = 64;

impl Lexer<'_> {
    pub(super) fn string(&mut self, quote: char, pos: Pos) -> Result<Tok, LexError> {
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
    pub(super) fn slashy(&mut self, pos: Pos, end: &'static str) -> Result<Tok, LexError> {
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
