//! JEXL: its own operators over the shared tokens and operands.

use std::sync::Arc;

use super::expression::property;
use super::{MOST_CHAIN, Parse, Parser};
use crate::ast::*;
use crate::language::Language;
use crate::lexer::{NumberText, Tok};
use crate::name::Name;
use crate::value::Value;

impl Parser<'_> {
    pub(super) fn jexl_program(&mut self) -> Parse<Block> {
        let mut body = Block::default();
        while !matches!(self.tok(), Tok::End) {
            body.statements.push(self.jexl_statement()?);
        }
        Ok(body)
    }

    fn jexl_statement(&mut self) -> Parse<Stmt> {
        self.deeper(Self::jexl_statement_here)
    }

    fn jexl_statement_here(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let at = |kind| Ok(Stmt { kind, pos });
        if self.eat_op(";") {
            return at(StmtKind::Nothing);
        }
        if self.is_op("{") && !self.jexl_map_here() {
            let statements = self.jexl_block()?;
            return at(StmtKind::Block(Block {
                statements,
                reset: Vec::new(),
            }));
        }
        if let Tok::Ident(word) = self.tok().clone() {
            match &*word {
                "if" => {
                    self.advance();
                    let test = self.jexl_condition()?;
                    let then = Box::new(self.jexl_statement()?);
                    let other = if self.eat_word("else") {
                        Some(Box::new(self.jexl_statement()?))
                    } else {
                        None
                    };
                    return at(StmtKind::If(test, then, other));
                }
                "while" => {
                    self.advance();
                    let test = self.jexl_condition()?;
                    return at(StmtKind::While(
                        None,
                        test,
                        Box::new(self.jexl_statement()?),
                    ));
                }
                "do" if self.ahead_is_op(1, "{") => {
                    self.advance();
                    let body = Box::new(self.jexl_statement()?);
                    if !self.eat_word("while") {
                        return self.unexpected();
                    }
                    let test = self.jexl_condition()?;
                    self.jexl_end()?;
                    return at(StmtKind::DoWhile(None, body, test));
                }
                "for" | "foreach" => {
                    self.advance();
                    self.expect_op("(")?;
                    self.eat_word("var");
                    let name = self.ident()?;
                    if !self.eat_op(":") && !self.eat_word("in") {
                        return self.unexpected();
                    }
                    let items = self.jexl_expression()?;
                    self.expect_op(")")?;
                    let body = Box::new(self.jexl_statement()?);
                    let variable = Variable::new(&name, None);
                    return at(StmtKind::ForEach {
                        label: None,
                        variable,
                        items,
                        body,
                        reset: Vec::new(),
                    });
                }
                "return" | "break" | "continue" => {
                    self.advance();
                    let value = if &*word != "return"
                        || self.is_op(";")
                        || matches!(self.tok(), Tok::End)
                    {
                        None
                    } else {
                        Some(self.jexl_expression()?)
                    };
                    self.jexl_end()?;
                    return at(match &*word {
                        "return" => StmtKind::Return(value),
                        "break" => StmtKind::Break(None),
                        _ => StmtKind::Continue(None),
                    });
                }
                "var" => {
                    self.advance();
                    let name = self.ident()?;
                    let value = if self.eat_op("=") {
                        Some(self.jexl_expression()?)
                    } else {
                        None
                    };
                    self.jexl_end()?;
                    return at(StmtKind::Declare(vec![Declared {
                        variable: Variable::new(&name, None),
                        value,
                    }]));
                }
                _ => {}
            }
        }
        let value = self.jexl_expression()?;
        self.jexl_end()?;
        at(StmtKind::Expr(value))
    }

    /// `{ statements }`.
    fn jexl_block(&mut self) -> Parse<Vec<Stmt>> {
        self.expect_op("{")?;
        let mut statements = Vec::new();
        while !self.eat_op("}") {
            if matches!(self.tok(), Tok::End) {
                return self.unexpected();
            }
            statements.push(self.jexl_statement()?);
        }
        Ok(statements)
    }

    /// At `(`: whether a function without a name begins there.
    fn jexl_function_here(&self) -> bool {
        let end = self.closing[self.at];
        self.language == Language::Jexl3
            && matches!(
                self.tokens.get(end + 1).map(|token| &token.tok),
                Some(Tok::Op("->"))
            )
    }

    /// `(x, y) -> value`, `(x) -> { statements }` and `function(x) { statements }`.
    fn jexl_function(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        let has_arrow = !self.eat_word("function");
        self.expect_op("(")?;
        let mut params = Vec::new();
        while !self.is_op(")") {
            self.eat_word("var");
            let name = self.ident()?;
            params.push(Param {
                variable: Variable::new(&name, None),
                default: None,
            });
            if !self.eat_op(",") {
                break;
            }
        }
        self.expect_op(")")?;
        if has_arrow {
            self.expect_op("->")?;
        }
        let statements = if self.is_op("{") || !has_arrow {
            self.jexl_block()?
        } else {
            let value = self.jexl_expression()?;
            let pos = value.pos;
            let kind = StmtKind::Expr(value);
            vec![Stmt { kind, pos }]
        };
        let function = Function {
            name: Arc::from("function"),
            params,
            body: Block {
                statements,
                reset: Vec::new(),
            },
            is_closure: true,
            class_name: Arc::from("org.apache.commons.jexl3.internal.Closure"),
            pos,
            ..Function::default()
        };
        Ok(Expr::new(Kind::Closure(Arc::new(function)), pos))
    }

    fn jexl_end(&mut self) -> Parse<()> {
        if self.eat_op(";")
            || matches!(self.tok(), Tok::End)
            || self.is_op("}")
            || self.token().newline
        {
            return Ok(());
        }
        self.unexpected()
    }

    fn jexl_condition(&mut self) -> Parse<Expr> {
        self.expect_op("(")?;
        let value = self.jexl_expression()?;
        self.expect_op(")")?;
        Ok(value)
    }

    fn jexl_map_here(&self) -> bool {
        self.ahead_is_op(1, ":") && self.ahead_is_op(2, "}")
            || matches!(
                self.ahead(1).tok,
                Tok::Str(_) | Tok::Number(_) | Tok::Ident(_)
            ) && self.ahead_is_op(2, ":")
            || matches!(self.ahead(1).tok, Tok::Str(_) | Tok::Number(_)) && self.ahead_is_op(2, ",")
    }

    fn jexl_expression(&mut self) -> Parse<Expr> {
        self.deeper(|p| {
            let target = p.jexl_ternary()?;
            let Tok::Op(op) = *p.tok() else {
                return Ok(target);
            };
            let compound = match op {
                "=" => None,
                "+=" => Some(BinaryOp::Add),
                "-=" => Some(BinaryOp::Sub),
                "*=" => Some(BinaryOp::Mul),
                "/=" => Some(BinaryOp::Div),
                "%=" => Some(BinaryOp::Rem),
                _ => return Ok(target),
            };
            if !matches!(
                target.kind,
                Kind::Name(_) | Kind::Property(_) | Kind::Index(..)
            ) {
                return p.unexpected();
            }
            let pos = p.pos();
            p.advance();
            let value = Box::new(p.jexl_expression()?);
            Ok(Expr::new(
                Kind::Assign(compound, Box::new(target), value, Ty::Any),
                pos,
            ))
        })
    }

    fn jexl_ternary(&mut self) -> Parse<Expr> {
        let test = self.jexl_binary(1)?;
        let pos = self.pos();
        if self.eat_op("?:")
            || self.is_op("?") && self.ahead_is_op(1, "?") && {
                self.at += 2;
                true
            }
        {
            let other = self.deeper(Self::jexl_ternary)?;
            return Ok(Expr::new(Kind::Elvis(Box::new(test), Box::new(other)), pos));
        }
        if self.eat_op("?") {
            let then = self.deeper(Self::jexl_ternary)?;
            self.expect_op(":")?;
            let other = self.deeper(Self::jexl_ternary)?;
            return Ok(Expr::new(
                Kind::Ternary(Box::new(test), Box::new(then), Box::new(other)),
                pos,
            ));
        }
        Ok(test)
    }

    fn jexl_operator(&self) -> Option<(BinaryOp, u32)> {
        Some(match self.tok() {
            Tok::Op(op) => match *op {
                "|" => (BinaryOp::BitOr, 3),
                "^" => (BinaryOp::BitXor, 4),
                "&" => (BinaryOp::BitAnd, 5),
                "==" => (BinaryOp::Equal, 6),
                "!=" => (BinaryOp::NotEqual, 6),
                "=~" => (BinaryOp::Contains, 7),
                "!~" => (BinaryOp::NotContains, 7),
                "=^" => (BinaryOp::StartsWith, 7),
                "!^" => (BinaryOp::NotStartsWith, 7),
                "=$" => (BinaryOp::EndsWith, 7),
                "!$" => (BinaryOp::NotEndsWith, 7),
                "<" => (BinaryOp::Less, 7),
                "<=" => (BinaryOp::LessEqual, 7),
                ">" => (BinaryOp::Greater, 7),
                ">=" => (BinaryOp::GreaterEqual, 7),
                "+" => (BinaryOp::Add, 9),
                "-" => (BinaryOp::Sub, 9),
                "*" => (BinaryOp::Mul, 10),
                "/" => (BinaryOp::Div, 10),
                "%" => (BinaryOp::Rem, 10),
                _ => return None,
            },
            Tok::Ident(word) => match &**word {
                "eq" => (BinaryOp::Equal, 6),
                "ne" => (BinaryOp::NotEqual, 6),
                "lt" => (BinaryOp::Less, 7),
                "le" => (BinaryOp::LessEqual, 7),
                "gt" => (BinaryOp::Greater, 7),
                "ge" => (BinaryOp::GreaterEqual, 7),
                "div" => (BinaryOp::Div, 10),
                "mod" => (BinaryOp::Rem, 10),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn jexl_binary(&mut self, least: u32) -> Parse<Expr> {
        let mut left = self.jexl_unary()?;
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > MOST_CHAIN {
                return self.unsupported(self.pos(), "so long an expression");
            }
            let pos = self.pos();
            let logic = match self.tok() {
                Tok::Op("||") => Some(1),
                Tok::Op("&&") => Some(2),
                Tok::Op("..") => Some(8),
                Tok::Ident(w) if &**w == "or" => Some(1),
                Tok::Ident(w) if &**w == "and" => Some(2),
                _ => None,
            };
            if let Some(precedence) = logic {
                if precedence < least {
                    break;
                }
                self.advance();
                let right = Box::new(self.deeper(|p| p.jexl_binary(precedence + 1))?);
                let left_box = Box::new(left);
                left = Expr::new(
                    match precedence {
                        1 => Kind::Or(left_box, right),
                        2 => Kind::And(left_box, right),
                        _ => Kind::Range(left_box, right, true),
                    },
                    pos,
                );
                continue;
            }
            let Some((op, precedence)) = self.jexl_operator() else {
                break;
            };
            if precedence < least {
                break;
            }
            self.advance();
            let right = Box::new(self.deeper(|p| p.jexl_binary(precedence + 1))?);
            left = Expr::new(Kind::Binary(op, Box::new(left), right), pos);
        }
        Ok(left)
    }

    fn jexl_unary(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        let op = match self.tok() {
            Tok::Op("-") => Some(UnaryOp::Negative),
            Tok::Op("+") => Some(UnaryOp::Positive),
            Tok::Op("!") => Some(UnaryOp::Not),
            Tok::Op("~") => Some(UnaryOp::BitNot),
            Tok::Ident(w) if &**w == "not" => Some(UnaryOp::Not),
            _ => None,
        };
        if let Some(op) = op {
            self.advance();
            let operand = Box::new(self.deeper(Self::jexl_unary)?);
            return Ok(Expr::new(Kind::Unary(op, operand), pos));
        }
        if self.is_word("empty") {
            self.advance();
            let operand = Box::new(self.deeper(Self::jexl_unary)?);
            return Ok(Expr::new(Kind::Empty(operand), pos));
        }
        if self.is_word("size") && !matches!(self.ahead(1).tok, Tok::End | Tok::Op("=" | ";" | ")"))
        {
            self.advance();
            let operand = Box::new(self.deeper(Self::jexl_unary)?);
            return Ok(Expr::new(Kind::Size(operand), pos));
        }
        self.jexl_postfix()
    }

    fn jexl_postfix(&mut self) -> Parse<Expr> {
        let mut value = self.jexl_primary()?;
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > MOST_CHAIN {
                return self.unsupported(self.pos(), "so long a chain");
            }
            let pos = self.pos();
            let Tok::Op(op) = *self.tok() else { break };
            match op {
                "." | "?." => {
                    self.advance();
                    match self.tok().clone() {
                        Tok::Number(NumberText(index)) => {
                            self.advance();
                            let key = Expr::new(Kind::Literal(index), pos);
                            value = Expr::new(Kind::Index(Box::new(value), vec![key], false), pos);
                        }
                        Tok::Str(text) => {
                            self.advance();
                            value = property(value, Name::new(&text), pos);
                        }
                        _ => {
                            let word = self.ident()?;
                            value = property(value, Name::new(&word), pos);
                        }
                    }
                    if let Kind::Property(p) = &mut value.kind {
                        p.safe = op == "?.";
                    }
                }
                "(" => {
                    self.advance();
                    let mut args = Vec::new();
                    while !self.is_op(")") {
                        args.push(Arg::Plain(self.jexl_expression()?));
                        if !self.eat_op(",") {
                            break;
                        }
                    }
                    self.expect_op(")")?;
                    let start = value.pos;
                    let (object, member, safe) = match value.kind {
                        Kind::Name(name) => (None, Member::Fixed(name), false),
                        Kind::Property(p) => (Some(p.object), p.member, p.safe),
                        _ => return self.unsupported(pos, "a call of a value"),
                    };
                    let call = Call {
                        object,
                        member,
                        args,
                        safe,
                        spread: false,
                        local: None,
                        global: None,
                        variable: None,
                    };
                    value = Expr::new(Kind::Call(Box::new(call)), start);
                }
                "[" => {
                    self.advance();
                    let key = self.jexl_expression()?;
                    self.expect_op("]")?;
                    value = Expr::new(Kind::Index(Box::new(value), vec![key], false), pos);
                }
                _ => break,
            }
        }
        Ok(value)
    }

    fn jexl_primary(&mut self) -> Parse<Expr> {
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
            Tok::Op("(") if self.jexl_function_here() => return self.jexl_function(),
            Tok::Op("(") => {
                let value = self.jexl_condition()?;
                return Ok(value);
            }
            Tok::Op("[") => {
                self.advance();
                let mut items = Vec::new();
                while !self.is_op("]") {
                    items.push(self.jexl_expression()?);
                    if !self.eat_op(",") {
                        break;
                    }
                }
                self.expect_op("]")?;
                Kind::ArrayLiteral(items)
            }
            Tok::Op("{") => return self.jexl_braces(pos),
            Tok::Ident(word) => match &*word {
                "true" | "false" => {
                    self.advance();
                    Kind::Literal(Value::Bool(&*word == "true"))
                }
                "null" => {
                    self.advance();
                    Kind::Literal(Value::Null)
                }
                "new" if self.ahead_is_op(1, "(") => {
                    self.at += 2;
                    let Tok::Str(class) = self.tok().clone() else {
                        return self.unsupported(pos, "new with a computed class name");
                    };
                    let ty = TypeName {
                        name: class,
                        dims: 0,
                        pos: self.pos(),
                        ty: Ty::Any,
                    };
                    self.advance();
                    let mut args = Vec::new();
                    while self.eat_op(",") {
                        args.push(Arg::Plain(self.jexl_expression()?));
                    }
                    self.expect_op(")")?;
                    Kind::New(Box::new(New {
                        ty,
                        args,
                        lengths: Vec::new(),
                        elements: None,
                        body: None,
                    }))
                }
                "function" if self.language == Language::Jexl3 && self.ahead_is_op(1, "(") => {
                    return self.jexl_function();
                }
                "if" | "else" | "for" | "while" | "var" | "return" | "and" | "or" | "eq" | "ne"
                | "lt" | "le" | "gt" | "ge" => {
                    return self.unexpected();
                }
                _ => {
                    self.advance();
                    Kind::Name(Name::new(&word))
                }
            },
            _ => return self.unexpected(),
        };
        Ok(Expr::new(kind, pos))
    }

    /// `{k: v}` or the set `{a, b}`.
    fn jexl_braces(&mut self, pos: Pos) -> Parse<Expr> {
        self.advance();
        if self.eat_op(":") {
            self.expect_op("}")?;
            return Ok(Expr::new(Kind::Map(Vec::new()), pos));
        }
        let (mut items, mut is_map) = (Vec::new(), self.is_op("}"));
        while !self.is_op("}") {
            let key = match (self.tok().clone(), self.ahead_is_op(1, ":")) {
                (Tok::Ident(word), true) => {
                    let pos = self.pos();
                    self.advance();
                    Expr::new(Kind::Literal(Value::Str(word)), pos)
                }
                _ => self.jexl_expression()?,
            };
            if self.eat_op(":") {
                is_map = true;
                let value = self.jexl_expression()?;
                items.push(Arg::Named(key, value));
            } else {
                items.push(Arg::Plain(key));
            }
            if !self.eat_op(",") {
                break;
            }
        }
        self.expect_op("}")?;
        if is_map {
            return Ok(Expr::new(Kind::Map(items), pos));
        }
        let list = Expr::new(Kind::List(items), pos);
        let ty = TypeName {
            name: Arc::from("java.util.HashSet"),
            dims: 0,
            pos,
            ty: Ty::Any,
        };
        Ok(Expr::new(
            Kind::New(Box::new(New {
                ty,
                args: vec![Arg::Plain(list)],
                lengths: Vec::new(),
                elements: None,
                body: None,
            })),
            pos,
        ))
    }
}
