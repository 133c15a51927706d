//! Text to tokens, for all languages of the family.
//!
//! Each token knows whether a line break stands before it, which Groovy's grammar needs. Strings with `${..}` hold the tokens of their
//! expressions, so that the parser never sees raw text.
//!
//! Here are white space, words and operators; literals are in the modules.

mod number;
mod string;

use std::cell::Cell;
use std::sync::Arc;

use crate::ast::Pos;
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
                    || **op == "->" && self.language == Language::Jexl3
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
}
