//! Groovy, BeanShell and JEXL: tokens to a tree.
//!
//! One recursive-descent parser; the language decides where line breaks end statements and which forms exist.

mod class;
mod declaration;
mod expression;
mod jexl;
mod method;
mod primary;
mod statement;

use std::sync::Arc;

use crate::ast::{Block, Import, Pos, TypeName};
use crate::language::Language;
use crate::lexer::{LexError, Tok, Token, lex};
use crate::refusal::{Refusal, RefusalKind};

/// How deep expressions and statements may be nested.
const MOST_DEPTH: u32 = 200;
/// How much of the thread's stack the parser may take, in bytes. It is what bounds nesting in builds without optimisation, whose
/// frames are many times larger; threads have 2 MiB.
const STACK_BYTES: usize = 1 << 20;
/// How many operators may follow each other, as in a long concatenation.
const MOST_CHAIN: u32 = 400;

/// What the parser makes of a script.
pub(crate) struct Parsed {
    pub(crate) body: Block,
    pub(crate) imports: Vec<Import>,
}

type Parse<T> = Result<T, Refusal>;

pub(crate) struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    /// For each opening bracket the place of the one that closes it; other tokens have their own place.
    closing: Vec<usize>,
    at: usize,
    language: Language,
    /// Open `(` and `[`: line breaks mean nothing inside.
    brackets: u32,
    depth: u32,
    /// Where the thread's stack was when the parser began.
    stack_start: usize,
    closures: u32,
    imports: Vec<Import>,
    /// Names of fields made with `@Field`.
    fields: Vec<Arc<str>>,
    /// The class whose members are being parsed.
    outer_class: Option<Arc<str>>,
    /// Type parameters that are in force: `T` of `class Box<T>`.
    type_variables: Vec<Arc<str>>,
    /// Classes inside of classes.
    inner_classes: Vec<crate::ast::Stmt>,
}

pub(crate) fn parse(source: &str, language: Language) -> Result<Parsed, Refusal> {
    let tokens = lex(source, language).map_err(|error| lexical(&error, source, language))?;
    let here = 0u8;
    let mut parser = Parser {
        source,
        closing: closing_brackets(&tokens),
        tokens,
        at: 0,
        language,
        brackets: 0,
        depth: 0,
        stack_start: std::ptr::from_ref(&here) as usize,
        closures: 0,
        imports: Vec::new(),
        fields: Vec::new(),
        outer_class: None,
        type_variables: Vec::new(),
        inner_classes: Vec::new(),
    };
    let body = if language.is_jexl() {
        parser.jexl_program()?
    } else {
        parser.program()?
    };
    Ok(Parsed {
        body,
        imports: parser.imports,
    })
}

/// Looking ahead must not parse: a parser that tries and starts anew takes twice the time for each level of nesting.
fn closing_brackets(tokens: &[Token]) -> Vec<usize> {
    let mut closing: Vec<usize> = (0..tokens.len()).collect();
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.tok {
            Tok::Op("(" | "[" | "{") => open.push(at),
            Tok::Op(")" | "]" | "}") => {
                if let Some(start) = open.pop() {
                    closing[start] = at;
                }
            }
            _ => {}
        }
    }
    // What is never closed reaches to the end.
    for start in open {
        closing[start] = tokens.len();
    }
    closing
}

fn lexical(error: &LexError, source: &str, language: Language) -> Refusal {
    let mut refusal = syntax(error.pos, error.message.clone(), source, language);
    if let Some(bsh) = &error.bsh
        && language == Language::BeanShell
    {
        if bsh.starts_with("Token") {
            refusal.java_class = Some("bsh.EvalError".into());
            refusal.java_message = Some(format!("Sourced file: {} {bsh}", evaluated(source)));
        } else {
            refusal.java_message = Some(bsh.clone());
        }
    }
    refusal
}

/// BeanShell's name for a script that is not in a file: its first 80 characters.
pub(crate) fn evaluated(source: &str) -> String {
    let mut text = source.replace(['\n', '\r'], " ");
    if !source.ends_with(';') {
        text.push(';');
    }
    if text.chars().count() > 80 {
        text = text.chars().take(80).collect::<String>() + " . . . ";
    }
    format!("inline evaluation of: ``{text}''")
}

/// A syntax error with the text that the real compiler gives.
pub(crate) fn syntax(pos: Pos, message: String, source: &str, language: Language) -> Refusal {
    let (java_class, java_message) = match language {
        Language::Groovy => (
            "org.codehaus.groovy.control.MultipleCompilationErrorsException",
            groovy_report(pos, &message, source),
        ),
        Language::BeanShell => ("bsh.ParseException", {
            let encountered = message
                .strip_prefix("Unexpected input: '")
                .and_then(|m| m.strip_suffix('\''))
                .unwrap_or(&message);
            format!(
                "In file: {} Encountered \"{encountered}\" at line {}, column {}.\n",
                evaluated(source),
                pos.line,
                pos.column
            )
        }),
        Language::Jexl2 | Language::Jexl3 => {
            let near = message
                .strip_prefix("Unexpected input: ")
                .unwrap_or(&message);
            (
                "org.apache.commons.jexl3.JexlException$Parsing",
                format!("@{}:{} parsing error in {near}", pos.line, pos.column),
            )
        }
        Language::JavaScript | Language::Rhino => ("javax.script.ScriptException", message.clone()),
    };
    Refusal {
        kind: RefusalKind::Syntax,
        line: pos.line,
        column: pos.column,
        message,
        java_class: Some(java_class.into()),
        java_message: Some(java_message),
    }
}

/// The report of Groovy's compiler for one error.
pub(crate) fn groovy_report(pos: Pos, message: &str, source: &str) -> String {
    let line = source
        .lines()
        .nth(pos.line as usize - 1)
        .unwrap_or_default();
    let separator = if message.starts_with("Unexpected") || message.contains(" At [") {
        ""
    } else {
        "\n"
    };
    format!(
        "startup failed:\nScript1.groovy: {}: {message}{separator} @ line {}, column {}.\n   {line}\n   {}^\n\n1 error\n",
        pos.line,
        pos.line,
        pos.column,
        " ".repeat(pos.column as usize - 1)
    )
}

impl Parser<'_> {
    fn groovy(&self) -> bool {
        self.language == Language::Groovy
    }

    fn token(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn tok(&self) -> &Tok {
        &self.token().tok
    }

    fn ahead(&self, by: usize) -> &Token {
        &self.tokens[(self.at + by).min(self.tokens.len() - 1)]
    }

    fn pos(&self) -> Pos {
        self.token().pos
    }

    fn advance(&mut self) -> Token {
        let token = self.token().clone();
        if self.at < self.tokens.len() - 1 {
            self.at += 1;
        }
        token
    }

    fn is_op(&self, op: &str) -> bool {
        matches!(self.tok(), Tok::Op(o) if *o == op)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.tok(), Tok::Ident(w) if &**w == word)
    }

    fn ahead_is_op(&self, by: usize, op: &str) -> bool {
        matches!(&self.ahead(by).tok, Tok::Op(o) if *o == op)
    }

    fn eat_op(&mut self, op: &str) -> bool {
        let found = self.is_op(op);
        if found {
            self.advance();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn expect_op(&mut self, op: &'static str) -> Parse<Token> {
        if self.is_op(op) {
            Ok(self.advance())
        } else {
            self.unexpected()
        }
    }

    fn ident(&mut self) -> Parse<Arc<str>> {
        match self.tok() {
            Tok::Ident(word) => {
                let word = word.clone();
                self.advance();
                Ok(word)
            }
            _ => self.unexpected(),
        }
    }

    /// A line break that ends a statement here.
    fn broken(&self) -> bool {
        self.groovy() && self.brackets == 0 && self.token().newline
    }

    fn unexpected<T>(&self) -> Parse<T> {
        let token = self.token();
        let text = match &token.tok {
            Tok::End => "<EOF>".to_owned(),
            _ => self
                .source
                .get(token.start..token.end)
                .unwrap_or_default()
                .to_owned(),
        };
        let text = if self.language == Language::BeanShell && text.ends_with('"') {
            text.replace('"', "\\\"")
        } else {
            text
        };
        Err(syntax(
            token.pos,
            format!("Unexpected input: '{text}'"),
            self.source,
            self.language,
        ))
    }

    fn unsupported<T>(&self, pos: Pos, what: impl Into<String>) -> Parse<T> {
        Err(Refusal {
            kind: RefusalKind::UnsupportedSyntax,
            line: pos.line,
            column: pos.column,
            message: format!("{} is not supported", what.into()),
            java_class: None,
            java_message: None,
        })
    }

    fn deeper<T>(&mut self, what: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let here = 0u8;
        let used = (self.stack_start).abs_diff(std::ptr::from_ref(&here) as usize);
        if self.depth >= MOST_DEPTH || used > STACK_BYTES {
            return self.unsupported(self.pos(), "so deep nesting");
        }
        self.depth += 1;
        let out = what(self);
        self.depth -= 1;
        out
    }

    /// A type with its generics and array dimensions, or nothing and no progress.
    fn try_type(&mut self) -> Option<TypeName> {
        let start = self.at;
        let found = self.type_here();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn type_here(&mut self) -> Option<TypeName> {
        let pos = self.pos();
        let Tok::Ident(first) = self.tok().clone() else {
            return None;
        };
        if is_reserved(&first) && !is_primitive(&first) {
            return None;
        }
        self.advance();
        let mut name = first.to_string();
        while self.is_op(".") && !self.ahead(1).newline && !is_primitive(&first) {
            let Tok::Ident(part) = &self.ahead(1).tok else {
                break;
            };
            name.push('.');
            name.push_str(part);
            self.at += 2;
        }
        if self.is_op("<") && !self.skip_generics() {
            return None;
        }
        if self.type_variables.iter().any(|known| **known == *name) {
            name = "java.lang.Object".into();
        }
        let mut dims = 0;
        while self.is_op("[") && self.ahead_is_op(1, "]") {
            self.at += 2;
            dims += 1;
        }
        Some(TypeName {
            name: Arc::from(name),
            dims,
            pos,
            ty: crate::ast::Ty::Any,
        })
    }

    /// Passes `<T, U extends V>` of a declaration and keeps the names.
    fn declared_types(&mut self) -> bool {
        let start = self.at;
        if !self.skip_generics() {
            return false;
        }
        let mut before_name = true;
        for token in &self.tokens[start + 1..self.at] {
            match &token.tok {
                Tok::Ident(name) if before_name => {
                    self.type_variables.push(name.clone());
                    before_name = false;
                }
                Tok::Op(",") => before_name = true,
                _ => {}
            }
        }
        true
    }

    /// Passes `<..>`; false when it is no list of types.
    fn skip_generics(&mut self) -> bool {
        let mut open = 0i32;
        loop {
            match self.tok() {
                Tok::Op("<") => open += 1,
                Tok::Op(">") => open -= 1,
                Tok::Op(">>") => open -= 2,
                Tok::Op(">>>") => open -= 3,
                Tok::Op("," | "." | "?" | "[" | "]" | "&") | Tok::Ident(_) => {}
                _ => return false,
            }
            self.advance();
            if open == 0 {
                return self.groovy();
            }
            if open < 0 {
                return false;
            }
        }
    }
}

pub(crate) fn is_primitive(word: &str) -> bool {
    matches!(
        word,
        "int" | "long" | "double" | "float" | "boolean" | "char" | "byte" | "short" | "void"
    )
}

/// Words that cannot be names of types or variables.
pub(crate) fn is_reserved(word: &str) -> bool {
    is_primitive(word)
        || matches!(
            word,
            "if" | "else"
                | "for"
                | "while"
                | "do"
                | "switch"
                | "case"
                | "default"
                | "break"
                | "continue"
                | "return"
                | "throw"
                | "try"
                | "catch"
                | "finally"
                | "new"
                | "instanceof"
                | "import"
                | "package"
                | "class"
                | "interface"
                | "enum"
                | "null"
                | "true"
                | "false"
                | "this"
                | "super"
                | "in"
                | "as"
                | "assert"
                | "trait"
                | "static"
                | "final"
                | "private"
                | "public"
                | "protected"
                | "abstract"
                | "synchronized"
                | "throws"
                | "extends"
                | "implements"
        )
}
