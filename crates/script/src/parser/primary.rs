//! Operands: literals, calls, closures, `new`, and what may follow them.

use std::sync::Arc;

use super::expression::property;
use super::{MOST_CHAIN, Parse, Parser, is_primitive, is_reserved};
use crate::ast::*;
use crate::lexer::{NumberText, Tok, Token};
use crate::name::Name;
use crate::value::Value;

impl Parser<'_> {
    pub(super) fn postfix(&mut self) -> Parse<Expr> {
        let mut value = self.primary()?;
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > MOST_CHAIN {
                return self.unsupported(self.pos(), "so long a chain");
            }
            let pos = self.pos();
            let Tok::Op(op) = *self.tok() else { break };
            match op {
                "." | "?." | "*." | ".@" => {
                    self.advance();
                    value = self.member_access(value, op, pos)?;
                }
                ".&" | "::" => {
                    self.advance();
                    let name = Name::new(&self.ident()?);
                    value = Expr::new(Kind::MethodPointer(Box::new(value), name), pos);
                }
                "(" if !self.broken() => {
                    let args = self.arguments()?;
                    value = self.called(value, args, pos);
                }
                "[" | "?" if !self.broken() && (op == "[" || self.safe_index_here()) => {
                    let safe = op == "?";
                    self.at += usize::from(safe);
                    self.advance();
                    self.brackets += 1;
                    let mut items = Vec::new();
                    while !self.is_op("]") {
                        items.push(self.expression()?);
                        if !self.eat_op(",") {
                            break;
                        }
                    }
                    self.brackets -= 1;
                    self.expect_op("]")?;
                    if items.is_empty() {
                        return self.unexpected();
                    }
                    value = Expr::new(Kind::Index(Box::new(value), items, safe), pos);
                }
                "{" if self.groovy() && takes_closure(&value) => {
                    let closure = self.closure()?;
                    value = trailing(value, closure, pos);
                }
                "{" if !self.groovy()
                    && !self.language.is_jexl()
                    && matches!(value.kind, Kind::Name(_)) =>
                {
                    // `map{"key"}` of BeanShell.
                    self.advance();
                    let key = self.expression()?;
                    self.expect_op("}")?;
                    value = Expr::new(Kind::Index(Box::new(value), vec![key], false), pos);
                }
                "++" | "--" if !self.broken() => {
                    self.advance();
                    value = Expr::new(
                        Kind::Step {
                            target: Box::new(value),
                            up: op == "++",
                            prefix: false,
                            ty: Ty::Any,
                        },
                        pos,
                    );
                }
                _ => break,
            }
        }
        Ok(value)
    }

    /// `?[` in one piece, which is never the begin of a ternary with a list.
    fn safe_index_here(&self) -> bool {
        self.groovy() && self.ahead_is_op(1, "[") && self.token().end == self.ahead(1).start
    }

    fn member_access(&mut self, object: Expr, op: &str, pos: Pos) -> Parse<Expr> {
        let mut attribute = op == ".@" || self.groovy() && self.eat_op("@");
        attribute |= self.groovy() && op == "." && self.eat_op(".@");
        let member = match self.tok().clone() {
            Tok::Ident(word) => {
                self.advance();
                Member::Fixed(Name::new(&word))
            }
            Tok::Str(text) if self.groovy() => {
                self.advance();
                Member::Fixed(Name::new(&text))
            }
            Tok::Number(NumberText(Value::Int(index))) if self.language.is_jexl() => {
                self.advance();
                let key = Expr::new(Kind::Literal(Value::Int(index)), pos);
                return Ok(Expr::new(
                    Kind::Index(Box::new(object), vec![key], false),
                    pos,
                ));
            }
            Tok::GStr(..) if self.groovy() => Member::Computed(Box::new(self.primary()?)),
            _ => return self.unexpected(),
        };
        let mut out = property(object, Name::new(""), pos);
        if let Kind::Property(p) = &mut out.kind {
            if let Member::Fixed(name) = &member {
                p.getter = name.getter("get");
                p.is_getter = name.getter("is");
            }
            p.member = member;
            p.safe = op == "?.";
            p.spread = op == "*.";
            p.attribute = attribute;
        }
        Ok(out)
    }

    fn called(&mut self, head: Expr, args: Vec<Arg>, pos: Pos) -> Expr {
        let (object, member, safe, spread) = match head.kind {
            Kind::Name(name) => (None, Member::Fixed(name), false, false),
            Kind::Property(p) if !p.attribute => (Some(p.object), p.member, p.safe, p.spread),
            kind => {
                let callee = Box::new(Expr::new(kind, head.pos));
                return Expr::new(Kind::Invoke(callee, args), pos);
            }
        };
        let call = Call {
            object,
            member,
            args,
            safe,
            spread,
            local: None,
            global: None,
            variable: None,
        };
        Expr::new(Kind::Call(Box::new(call)), head.pos)
    }

    /// `( .. )`.
    pub(super) fn arguments(&mut self) -> Parse<Vec<Arg>> {
        self.expect_op("(")?;
        self.brackets += 1;
        let args = self.arguments_to(Some(")"))?;
        self.brackets -= 1;
        self.expect_op(")")?;
        Ok(args)
    }

    /// Arguments up to `end`, or as many as commas join.
    pub(super) fn arguments_to(&mut self, end: Option<&str>) -> Parse<Vec<Arg>> {
        let mut args = Vec::new();
        while end.is_none_or(|end| !self.is_op(end)) {
            args.push(self.argument(end.is_some())?);
            if !self.eat_op(",") {
                break;
            }
        }
        Ok(args)
    }

    fn argument(&mut self, commands: bool) -> Parse<Arg> {
        if self.groovy() {
            if self.eat_op("*") {
                if self.eat_op(":") {
                    let map = self.expression()?;
                    return Ok(Arg::Spread(map));
                }
                return Ok(Arg::Spread(self.expression()?));
            }
            if self.ahead_is_op(1, ":") {
                let pos = self.pos();
                let key = match self.tok().clone() {
                    Tok::Ident(word) => Some(Value::from(&*word)),
                    Tok::Str(text) => Some(Value::Str(text)),
                    Tok::Number(NumberText(number)) => Some(number),
                    _ => None,
                };
                if let Some(key) = key {
                    self.at += 2;
                    let value = self.expression()?;
                    return Ok(Arg::Named(Expr::new(Kind::Literal(key), pos), value));
                }
            }
            // `f("a" "b")` is `f("a"("b"))`.
            let literal = |token: &Token| {
                matches!(token.tok, Tok::Str(_) | Tok::GStr(..) | Tok::Number(_)) && !token.newline
            };
            if commands && matches!(self.tok(), Tok::Str(_)) && literal(self.ahead(1)) {
                return Ok(Arg::Plain(self.command_expression()?));
            }
        }
        let value = self.expression()?;
        if self.groovy() && self.is_op(":") && matches!(value.kind, Kind::GString(..)) {
            self.advance();
            return Ok(Arg::Named(value, self.expression()?));
        }
        Ok(Arg::Plain(value))
    }

    pub(super) fn primary(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        let kind = match self.tok().clone() {
            Tok::Number(NumberText(value)) => {
                self.advance();
                Kind::Literal(value)
            }
            Tok::Str(text) => {
                self.advance();
                Kind::Literal(Value::Str(text))
            }
            Tok::Char(unit) => {
                self.advance();
                Kind::Literal(Value::Char(unit))
            }
            Tok::GStr(texts, exprs) => {
                self.advance();
                let mut values = Vec::new();
                for tokens in exprs {
                    values.push(self.embedded(tokens)?);
                }
                Kind::GString(values, texts)
            }
            Tok::Op("(") if self.lambda_here() => return self.lambda(),
            Tok::Op("(") => {
                self.advance();
                self.brackets += 1;
                let value = self.expression()?;
                // `(a, b) = ..`.
                if self.groovy() && self.is_op(",") {
                    let mut items = vec![Arg::Plain(value)];
                    while self.eat_op(",") {
                        items.push(Arg::Plain(self.expression()?));
                    }
                    self.brackets -= 1;
                    self.expect_op(")")?;
                    if !self.is_op("=") {
                        return self.unexpected();
                    }
                    return Ok(Expr::new(Kind::List(items), pos));
                }
                self.brackets -= 1;
                self.expect_op(")")?;
                // Not the same as the bare operand: `(a)(b)` calls, `(x).y` does not name a class.
                return Ok(value);
            }
            Tok::Op("[") if self.groovy() => return self.list_or_map(),
            Tok::Op("{") if self.groovy() => Kind::Closure(Arc::new(self.closure()?)),
            Tok::Ident(word) => return self.word(&word, pos),
            _ => return self.unexpected(),
        };
        Ok(Expr::new(kind, pos))
    }

    /// The expression of a `${..}`.
    fn embedded(&mut self, tokens: Vec<Token>) -> Parse<Expr> {
        let pos = tokens.first().map(|t| t.pos).unwrap_or_default();
        if tokens.len() <= 1 {
            return Ok(Expr::new(Kind::Literal(Value::Null), pos));
        }
        let inner_closing = super::closing_brackets(&tokens);
        let outer_closing = std::mem::replace(&mut self.closing, inner_closing);
        let (outer, at, brackets) = (
            std::mem::replace(&mut self.tokens, tokens),
            self.at,
            self.brackets,
        );
        (self.at, self.brackets) = (0, 0);
        let value = self.deeper(|p| {
            if p.is_op("->") {
                p.advance();
                let body = p.expression()?;
                let function = p.closure_of(
                    Vec::new(),
                    false,
                    vec![Stmt {
                        pos,
                        kind: StmtKind::Expr(body),
                    }],
                    pos,
                );
                return Ok(Expr::new(Kind::Closure(Arc::new(function)), pos));
            }
            let value = p.command_expression()?;
            p.eat_op(";");
            if matches!(p.tok(), Tok::End) {
                Ok(value)
            } else {
                p.unexpected()
            }
        });
        self.closing = outer_closing;
        (self.tokens, self.at, self.brackets) = (outer, at, brackets);
        value
    }

    fn word(&mut self, word: &Arc<str>, pos: Pos) -> Parse<Expr> {
        let kind = match &**word {
            "true" => Kind::Literal(Value::Bool(true)),
            "false" => Kind::Literal(Value::Bool(false)),
            "null" => Kind::Literal(Value::Null),
            "this" => Kind::This,
            "super" if self.groovy() && self.outer_class.is_some() => Kind::Super(None),
            "void" if !self.groovy() => Kind::Literal(Value::Void),
            "new" => return self.new_object(),
            _ if is_primitive(word) => {
                let Some(ty) = self.try_type() else {
                    return self.unexpected();
                };
                return Ok(Expr::new(Kind::ClassLiteral(ty), pos));
            }
            _ if is_reserved(word)
                && (self.groovy()
                    || !matches!(&**word, "in" | "as" | "assert" | "trait" | "default")) =>
            {
                return self.unexpected();
            }
            _ => {
                if self.ahead_is_op(1, "[")
                    && self.ahead_is_op(2, "]")
                    && let Some(ty) = self.try_type()
                {
                    return Ok(Expr::new(Kind::ClassLiteral(ty), pos));
                }
                if self.groovy() && self.ahead_is_op(1, "->") {
                    return self.lambda();
                }
                Kind::Name(Name::new(word))
            }
        };
        self.advance();
        Ok(Expr::new(kind, pos))
    }

    fn new_object(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        self.advance();
        let Some(mut ty) = self.new_type() else {
            return self.unexpected();
        };
        let mut new = New {
            ty: ty.clone(),
            args: Vec::new(),
            lengths: Vec::new(),
            elements: None,
            body: None,
        };
        if ty.dims == 0 && self.is_op("(") {
            new.args = self.arguments()?;
            if self.is_op("{") && !self.token().newline {
                new.body = Some(self.anonymous_class(&ty)?);
            }
            return Ok(Expr::new(Kind::New(Box::new(new)), pos));
        }
        while self.is_op("[") && !self.ahead_is_op(1, "]") {
            self.advance();
            self.brackets += 1;
            new.lengths.push(self.expression()?);
            self.brackets -= 1;
            self.expect_op("]")?;
            ty.dims += 1;
        }
        while self.is_op("[") && self.ahead_is_op(1, "]") {
            self.at += 2;
            ty.dims += 1;
        }
        if ty.dims == 0 {
            return self.unexpected();
        }
        if new.lengths.is_empty() {
            if !self.is_op("{") {
                return self.unexpected();
            }
            let Kind::ArrayLiteral(elements) = self.array_literal()?.kind else {
                return self.unexpected();
            };
            new.elements = Some(elements);
        }
        new.ty = ty;
        Ok(Expr::new(Kind::New(Box::new(new)), pos))
    }

    /// A type after `new`: generics are dropped and `[n]` is left.
    fn new_type(&mut self) -> Option<TypeName> {
        let start = self.at;
        let found = self.type_here();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn list_or_map(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        self.expect_op("[")?;
        self.brackets += 1;
        let (mut items, mut is_map) = (Vec::new(), false);
        if self.is_op(":") && self.ahead_is_op(1, "]") {
            self.at += 2;
            self.brackets -= 1;
            return Ok(Expr::new(Kind::Map(Vec::new()), pos));
        }
        while !self.is_op("]") {
            if self.is_op("*") && self.ahead_is_op(1, ":") {
                self.at += 2;
                is_map = true;
                items.push(Arg::Spread(self.expression()?));
            } else {
                let item = match self.argument(false)? {
                    Arg::Plain(key) if self.eat_op(":") => {
                        let value = self.expression()?;
                        Arg::Named(key, value)
                    }
                    item => item,
                };
                is_map |= matches!(item, Arg::Named(..));
                items.push(item);
            }
            if !self.eat_op(",") {
                break;
            }
        }
        self.brackets -= 1;
        self.expect_op("]")?;
        Ok(Expr::new(
            if is_map {
                Kind::Map(items)
            } else {
                Kind::List(items)
            },
            pos,
        ))
    }

    /// At `{`: whether it holds parameters and `->`.
    pub(super) fn closure_here(&mut self) -> bool {
        let mut at = self.at + 1;
        while let Some(token) = self.tokens.get(at) {
            match token.tok {
                Tok::Op("->") => return true,
                Tok::Op(")" | "]" | "}" | ";") | Tok::End => return false,
                _ => {}
            }
            // Nested brackets are passed over whole.
            at = self.closing[at] + 1;
        }
        false
    }

    fn closure_head(&mut self) -> Option<(Vec<Param>, bool)> {
        self.expect_op("{").ok()?;
        if self.eat_op("->") {
            return Some((Vec::new(), false));
        }
        if !matches!(self.tok(), Tok::Ident(_)) {
            return None;
        }
        let brackets = std::mem::replace(&mut self.brackets, 1);
        let (depth, closures) = (self.depth, self.closures);
        let head = self.params("->").ok();
        (self.brackets, self.depth, self.closures) = (brackets, depth, closures);
        let head = head?;
        self.eat_op("->").then_some(head)
    }

    pub(super) fn closure(&mut self) -> Parse<Function> {
        let (start, pos) = (self.at, self.pos());
        self.closures += 1;
        let number = self.closures;
        let head = match self.is_op("{") && !self.closure_here() {
            true => None,
            false => self.closure_head(),
        };
        let implicit = head.is_none();
        if implicit {
            self.at = start + 1;
        }
        let (params, varargs) = head.unwrap_or_default();
        let brackets = std::mem::replace(&mut self.brackets, 0);
        let statements = self.deeper(Self::statements_to_brace)?;
        self.brackets = brackets;
        let mut function = self.closure_of(params, varargs, statements, pos);
        function.implicit_it = implicit;
        function.class_name = Arc::from(format!("Script1$_run_closure{number}"));
        Ok(function)
    }

    /// At `(`: whether the parameters of a lambda stand there.
    fn lambda_here(&self) -> bool {
        let close = self.closing[self.at];
        self.groovy()
            && matches!(
                self.tokens.get(close + 1),
                Some(Token {
                    tok: Tok::Op("->"),
                    ..
                })
            )
    }

    /// `x -> value`, `(x, y) -> value` and `(x) -> { statements }`.
    fn lambda(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        self.closures += 1;
        let number = self.closures;
        let brackets = std::mem::replace(&mut self.brackets, 1);
        let parenthesised = self.eat_op("(");
        let (params, varargs) = self.params(if parenthesised { ")" } else { "->" })?;
        if parenthesised {
            self.expect_op(")")?;
        }
        self.expect_op("->")?;
        self.brackets = brackets;
        let statements = if self.is_op("{") {
            self.block()?.statements
        } else {
            let value = self.expression()?;
            let pos = value.pos;
            let kind = StmtKind::Expr(value);
            vec![Stmt { kind, pos }]
        };
        let mut function = self.closure_of(params, varargs, statements, pos);
        function.class_name = Arc::from(format!("Script1$_run_lambda{number}"));
        Ok(Expr::new(Kind::Closure(Arc::new(function)), pos))
    }

    fn closure_of(
        &mut self,
        params: Vec<Param>,
        varargs: bool,
        statements: Vec<Stmt>,
        pos: Pos,
    ) -> Function {
        Function {
            name: Arc::from("doCall"),
            params,
            varargs,
            body: Block {
                statements,
                reset: Vec::new(),
            },
            is_closure: true,
            class_name: Arc::from(format!("Script1$_run_closure{}", self.closures.max(1))),
            pos,
            ..Function::default()
        }
    }
}

/// Whether a `{` after this is a closure argument.
fn takes_closure(value: &Expr) -> bool {
    matches!(
        value.kind,
        Kind::Name(_) | Kind::Property(_) | Kind::Call(_) | Kind::Literal(_) | Kind::Invoke(..)
    )
}

fn trailing(value: Expr, closure: Function, pos: Pos) -> Expr {
    let closure = Arg::Plain(Expr::new(Kind::Closure(Arc::new(closure)), pos));
    let start = value.pos;
    match value.kind {
        Kind::Call(mut call) => {
            call.args.push(closure);
            Expr::new(Kind::Call(call), start)
        }
        Kind::Name(name) => {
            let call = Call {
                object: None,
                member: Member::Fixed(name),
                args: vec![closure],
                safe: false,
                spread: false,
                local: None,
                global: None,
                variable: None,
            };
            Expr::new(Kind::Call(Box::new(call)), start)
        }
        Kind::Property(p) => {
            let call = Call {
                object: Some(p.object),
                member: p.member,
                args: vec![closure],
                safe: p.safe,
                spread: p.spread,
                local: None,
                global: None,
                variable: None,
            };
            Expr::new(Kind::Call(Box::new(call)), start)
        }
        kind => Expr::new(
            Kind::Invoke(Box::new(Expr::new(kind, start)), vec![closure]),
            start,
        ),
    }
}
