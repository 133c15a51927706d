//! Operators of Groovy and BeanShell.

use super::{MOST_CHAIN, Parse, Parser, is_primitive, is_reserved};
use crate::ast::*;
use crate::language::Language;
use crate::lexer::Tok;
use crate::name::Name;
use crate::value::Value;

impl Parser<'_> {
    /// An expression that may be a command: `println x`.
    pub(super) fn command_expression(&mut self) -> Parse<Expr> {
        self.deeper(|p| {
            let first = p.commanded()?;
            p.assignment_rest(first)
        })
    }

    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.deeper(|p| {
            let first = p.ternary()?;
            p.assignment_rest(first)
        })
    }

    /// `name arg, arg` and chains of it, or a plain expression.
    fn commanded(&mut self) -> Parse<Expr> {
        if !self.groovy() {
            return self.ternary();
        }
        let start = self.at;
        if matches!(self.tok(), Tok::Ident(w) if !is_reserved(w))
            || matches!(self.tok(), Tok::Str(_))
            || self.is_word("this")
        {
            if !self.command_ahead() {
                return self.ternary();
            }
            let head = self.postfix()?;
            if self.command_argument_here() && callable(&head) {
                return self.command(head);
            }
            self.at = start;
        }
        self.ternary()
    }

    /// Whether an argument without parentheses may stand behind the names, calls and indexes that begin here.
    fn command_ahead(&self) -> bool {
        let mut at = self.at + 1;
        while let Some(token) = self.tokens.get(at) {
            match token.tok {
                Tok::Op("." | "?." | "*." | ".&" | ".@") => at += 2,
                Tok::Op("@") => at += 1,
                Tok::Op("(" | "[" | "{") if !token.newline => at = self.closing[at] + 1,
                _ => return self.command_argument_at(at),
            }
        }
        false
    }

    fn command_argument_here(&self) -> bool {
        self.command_argument_at(self.at)
    }

    fn command_argument_at(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return false;
        };
        if token.newline || !token.space {
            return false;
        }
        match &token.tok {
            Tok::Ident(w) => {
                matches!(&**w, "new" | "null" | "true" | "false" | "this") || !is_reserved(w)
            }
            Tok::Str(_) | Tok::GStr(..) | Tok::Number(_) => true,
            Tok::Op("!") => true,
            Tok::Op("[") => false,
            _ => false,
        }
    }

    fn command(&mut self, head: Expr) -> Parse<Expr> {
        let mut head = head;
        loop {
            let args = self.arguments_to(None)?;
            head = call_of(head, args);
            let Tok::Ident(word) = self.tok().clone() else {
                break;
            };
            if self.token().newline || is_reserved(&word) {
                break;
            }
            let pos = self.pos();
            self.advance();
            head = property(head, Name::new(&word), pos);
            if !self.command_argument_here() {
                break;
            }
        }
        Ok(head)
    }

    fn assignment_rest(&mut self, target: Expr) -> Parse<Expr> {
        if self.broken() {
            return Ok(target);
        }
        let Tok::Op(op) = *self.tok() else {
            return Ok(target);
        };
        let compound = match op {
            "=" => None,
            "+=" => Some(BinaryOp::Add),
            "-=" => Some(BinaryOp::Sub),
            "*=" => Some(BinaryOp::Mul),
            "/=" => Some(BinaryOp::Div),
            "%=" => Some(BinaryOp::Rem),
            "**=" => Some(BinaryOp::Power),
            "<<=" => Some(BinaryOp::ShiftLeft),
            ">>=" => Some(BinaryOp::ShiftRight),
            ">>>=" => Some(BinaryOp::ShiftRightUnsigned),
            "&=" => Some(BinaryOp::BitAnd),
            "|=" => Some(BinaryOp::BitOr),
            "^=" => Some(BinaryOp::BitXor),
            "?=" => {
                let pos = self.pos();
                self.advance();
                let value = self.command_expression()?;
                return Ok(Expr::new(
                    Kind::ElvisAssign(Box::new(target), Box::new(value)),
                    pos,
                ));
            }
            _ => return Ok(target),
        };
        if !assignable(&target) && self.language != Language::BeanShell {
            return self.unexpected();
        }
        let pos = self.pos();
        self.advance();
        if self.groovy()
            && matches!(self.tok(), Tok::Ident(w) if matches!(&**w, "try" | "if" | "switch" | "for" | "while"))
        {
            // The real parser stops at the keyword and names the place before the assignment.
            let Tok::Ident(word) = self.tok().clone() else {
                return self.unexpected();
            };
            return Err(super::syntax(
                self.pos(),
                format!("Unexpected input: '{word}'"),
                self.source,
                self.language,
            ));
        }
        let value = self.command_expression()?;
        if let (Kind::List(items), None) = (&target.kind, compound)
            && self.groovy()
        {
            let targets = items
                .iter()
                .filter_map(|a| {
                    if let Arg::Plain(e) = a {
                        Some(e.clone())
                    } else {
                        None
                    }
                })
                .collect();
            return Ok(Expr::new(Kind::AssignMany(targets, Box::new(value)), pos));
        }
        Ok(Expr::new(
            Kind::Assign(compound, Box::new(target), Box::new(value), Ty::Any),
            pos,
        ))
    }

    fn ternary(&mut self) -> Parse<Expr> {
        let test = self.binary(1)?;
        let pos = self.pos();
        if self.eat_op("?:") {
            let other = self.deeper(Self::ternary)?;
            return Ok(Expr::new(Kind::Elvis(Box::new(test), Box::new(other)), pos));
        }
        if self.eat_op("?") {
            let then = self.deeper(Self::ternary)?;
            self.expect_op(":")?;
            let other = self.deeper(Self::ternary)?;
            return Ok(Expr::new(
                Kind::Ternary(Box::new(test), Box::new(then), Box::new(other)),
                pos,
            ));
        }
        Ok(test)
    }

    /// The operator here: its text and precedence.
    fn operator(&self) -> Option<(&'static str, u32)> {
        let token = self.token();
        let groovy = self.groovy();
        let found = match &token.tok {
            Tok::Op(op) => (
                *op,
                match *op {
                    "||" => 1,
                    "&&" => 2,
                    "|" => 3,
                    "^" => 4,
                    "&" => 5,
                    "==" | "!=" => 6,
                    "<=>" | "=~" | "==~" | "===" | "!==" => 6,
                    "<" | "<=" | ">" | ">=" => 7,
                    "<<" | ">>" | ">>>" => 8,
                    ".." | "..<" if groovy => 8,
                    "+" | "-" => 9,
                    "*" | "/" | "%" => 10,
                    "!" if groovy && !token.newline => match &self.ahead(1).tok {
                        Tok::Ident(w) if &**w == "in" && !self.ahead(1).space => {
                            return Some(("!in", 7));
                        }
                        Tok::Ident(w) if &**w == "instanceof" && !self.ahead(1).space => {
                            return Some(("!instanceof", 7));
                        }
                        _ => return None,
                    },
                    _ => return None,
                },
            ),
            Tok::Ident(word) => match &**word {
                "instanceof" => ("instanceof", 7),
                "in" if groovy => ("in", 7),
                "as" if groovy => ("as", 7),
                _ => return None,
            },
            _ => return None,
        };
        // A line that begins with one of these does not go on.
        if self.broken()
            && matches!(
                found.0,
                "+" | "-"
                    | "|"
                    | "^"
                    | "&"
                    | "<<"
                    | ">>"
                    | ">>>"
                    | ".."
                    | "..<"
                    | "==="
                    | "!=="
                    | "<=>"
            )
        {
            return None;
        }
        Some(found)
    }

    fn binary(&mut self, least: u32) -> Parse<Expr> {
        let mut left = self.unary()?;
        let mut chain = 0;
        while let Some((op, precedence)) = self.operator() {
            if precedence < least {
                break;
            }
            chain += 1;
            if chain > MOST_CHAIN {
                return self.unsupported(self.pos(), "so long an expression");
            }
            let pos = self.pos();
            self.advance();
            if op.starts_with('!') && op.len() > 2 {
                self.advance();
            }
            let boxed = Box::new(left);
            left = match op {
                "instanceof" | "!instanceof" | "as" => {
                    let Some(ty) = self.try_type() else {
                        return self.unexpected();
                    };
                    let kind = match op {
                        "as" => Kind::As(ty, boxed),
                        _ => Kind::InstanceOf(boxed, ty, op.starts_with('!')),
                    };
                    Expr::new(kind, pos)
                }
                _ => {
                    let right = Box::new(self.deeper(|p| p.binary(precedence + 1))?);
                    Expr::new(binary_kind(op, boxed, right), pos)
                }
            };
        }
        Ok(left)
    }

    pub(super) fn unary(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        let Tok::Op(op) = *self.tok() else {
            return self.power();
        };
        match op {
            "-" | "+" | "!" | "~" => {
                self.advance();
                let operand = self.deeper(Self::unary)?;
                let kind = match (op, &operand.kind) {
                    ("-", Kind::Literal(value)) => match negated(value) {
                        Some(value) => Kind::Literal(value),
                        None => Kind::Unary(UnaryOp::Negative, Box::new(operand)),
                    },
                    ("-", _) => Kind::Unary(UnaryOp::Negative, Box::new(operand)),
                    ("+", _) => Kind::Unary(UnaryOp::Positive, Box::new(operand)),
                    ("!", _) => Kind::Unary(UnaryOp::Not, Box::new(operand)),
                    _ => Kind::Unary(UnaryOp::BitNot, Box::new(operand)),
                };
                Ok(Expr::new(kind, pos))
            }
            "++" | "--" => {
                self.advance();
                let target = Box::new(self.deeper(Self::unary)?);
                Ok(Expr::new(
                    Kind::Step {
                        target,
                        up: op == "++",
                        prefix: true,
                        ty: Ty::Any,
                    },
                    pos,
                ))
            }
            "(" => match self.cast()? {
                Some(cast) => Ok(cast),
                None => self.power(),
            },
            _ => self.power(),
        }
    }

    /// `(T) operand`, if it is one.
    fn cast(&mut self) -> Parse<Option<Expr>> {
        let (start, pos) = (self.at, self.pos());
        self.advance();
        if let Some(ty) = self.try_type()
            && self.eat_op(")")
        {
            let primitive = is_primitive(&ty.name) && ty.dims == 0;
            let last = ty.name.rsplit('.').next().unwrap_or_default();
            let type_like =
                primitive || ty.dims > 0 || last.starts_with(|c: char| c.is_uppercase());
            let operand = match self.tok() {
                Tok::Ident(w) => !matches!(&**w, "instanceof" | "in" | "as"),
                Tok::Str(_) | Tok::GStr(..) | Tok::Number(_) | Tok::Char(_) => true,
                Tok::Op(op) => {
                    matches!(*op, "(" | "!" | "~")
                        || primitive && matches!(*op, "-" | "+")
                        || *op == "[" && self.groovy()
                }
                Tok::End => false,
            };
            if type_like && operand && !(self.groovy() && self.token().newline) {
                let value = Box::new(self.deeper(Self::unary)?);
                return Ok(Some(Expr::new(Kind::Cast(ty, value), pos)));
            }
        }
        self.at = start;
        Ok(None)
    }

    fn power(&mut self) -> Parse<Expr> {
        let mut base = self.postfix()?;
        while self.is_op("**") && !self.broken() {
            let pos = self.pos();
            self.advance();
            let exponent = Box::new(self.deeper(Self::unary)?);
            base = Expr::new(Kind::Binary(BinaryOp::Power, Box::new(base), exponent), pos);
        }
        Ok(base)
    }
}

/// `-2147483648` is an int although `2147483648` is not.
fn negated(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Int(v) => Value::Int(v.wrapping_neg()),
        Value::Long(v) if *v == 1 << 31 => Value::Int(i32::MIN),
        Value::Long(v) => Value::Long(v.wrapping_neg()),
        Value::Double(v) => Value::Double(-v),
        _ => return None,
    })
}

fn binary_kind(op: &str, left: Box<Expr>, right: Box<Expr>) -> Kind {
    let op = match op {
        "||" => return Kind::Or(left, right),
        "&&" => return Kind::And(left, right),
        "in" => return Kind::In(left, right, false),
        "!in" => return Kind::In(left, right, true),
        ".." => return Kind::Range(left, right, true),
        "..<" => return Kind::Range(left, right, false),
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        "&" => BinaryOp::BitAnd,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<=>" => BinaryOp::Compare,
        "=~" => BinaryOp::Find,
        "==~" => BinaryOp::Match,
        "===" => BinaryOp::Identical,
        "!==" => BinaryOp::NotIdentical,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "<<" => BinaryOp::ShiftLeft,
        ">>" => BinaryOp::ShiftRight,
        ">>>" => BinaryOp::ShiftRightUnsigned,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        _ => BinaryOp::Rem,
    };
    Kind::Binary(op, left, right)
}

fn callable(head: &Expr) -> bool {
    match &head.kind {
        Kind::Name(_) => true,
        Kind::Property(p) => matches!(p.member, Member::Fixed(_)),
        Kind::Literal(Value::Str(_)) => true,
        _ => false,
    }
}

/// A call of what `head` names.
fn call_of(head: Expr, args: Vec<Arg>) -> Expr {
    let pos = head.pos;
    let (object, member, safe, spread) = match head.kind {
        Kind::Name(name) => (None, Member::Fixed(name), false, false),
        Kind::Literal(Value::Str(text)) => (None, Member::Fixed(Name::new(&text)), false, false),
        Kind::Property(p) => (Some(p.object), p.member, p.safe, p.spread),
        kind => return Expr::new(Kind::Invoke(Box::new(Expr::new(kind, pos)), args), pos),
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
    Expr::new(Kind::Call(Box::new(call)), pos)
}

pub(super) fn property(object: Expr, name: Name, pos: Pos) -> Expr {
    let (getter, is_getter) = (name.getter("get"), name.getter("is"));
    let property = Property {
        object,
        member: Member::Fixed(name),
        getter,
        is_getter,
        safe: false,
        spread: false,
        attribute: false,
    };
    Expr::new(Kind::Property(Box::new(property)), pos)
}

fn assignable(target: &Expr) -> bool {
    match &target.kind {
        Kind::Name(_) | Kind::Property(_) | Kind::Index(..) => true,
        Kind::List(items) => items
            .iter()
            .all(|a| matches!(a, Arg::Plain(e) if assignable(e))),
        _ => false,
    }
}
