//! Statements of Groovy and BeanShell, imports among them.
//!
//! Not here: what declares a variable, a method or a class (see [`super::declaration`], [`super::method`] and [`super::class`]).

use std::sync::Arc;

use super::declaration::Modifiers;
use super::{Parse, Parser, is_reserved};
use crate::ast::*;
use crate::language::Language;
use crate::lexer::Tok;
use crate::name::Name;

impl Parser<'_> {
    pub(super) fn program(&mut self) -> Parse<Block> {
        let mut body = Block::default();
        if self.is_word("package") && self.groovy() {
            while !(matches!(self.tok(), Tok::End)
                || self.is_op(";")
                || self.at > 0 && self.token().newline)
            {
                self.advance();
            }
        }
        while !matches!(self.tok(), Tok::End) {
            let statement = self.statement()?;
            body.statements.push(statement);
        }
        body.statements.append(&mut self.inner_classes);
        Ok(body)
    }

    /// `{ .. }`.
    pub(super) fn block(&mut self) -> Parse<Block> {
        self.expect_op("{")?;
        let brackets = std::mem::replace(&mut self.brackets, 0);
        let statements = self.statements_to_brace()?;
        self.brackets = brackets;
        Ok(Block {
            statements,
            reset: Vec::new(),
        })
    }

    /// Statements and the closing brace.
    pub(super) fn statements_to_brace(&mut self) -> Parse<Vec<Stmt>> {
        let mut statements = Vec::new();
        while !self.eat_op("}") {
            if matches!(self.tok(), Tok::End) {
                return self.unexpected();
            }
            statements.push(self.statement()?);
        }
        Ok(statements)
    }

    pub(super) fn end_of_statement(&mut self) -> Parse<()> {
        if self.eat_op(";") || matches!(self.tok(), Tok::End) {
            return Ok(());
        }
        if self.groovy() && (self.token().newline || self.is_op("}")) {
            return Ok(());
        }
        self.unexpected()
    }

    pub(super) fn statement(&mut self) -> Parse<Stmt> {
        self.deeper(Self::statement_here)
    }

    fn statement_here(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let at = |kind| Ok(Stmt { kind, pos });
        if self.eat_op(";") {
            return at(StmtKind::Nothing);
        }
        if self.is_op("{") && !(self.groovy() && self.closure_here()) {
            return at(StmtKind::Block(self.block()?));
        }
        if self.is_op("@") {
            return self.declaration();
        }
        let Tok::Ident(word) = self.tok().clone() else {
            return self.expression_statement();
        };
        match &*word {
            "import" => {
                self.import()?;
                return at(StmtKind::Nothing);
            }
            "if" => {
                self.advance();
                let test = self.condition()?;
                let then = Box::new(self.statement()?);
                // A line break or `;` may stand before `else`.
                let semicolon = self.groovy()
                    && self.is_op(";")
                    && matches!(&self.ahead(1).tok, Tok::Ident(w) if &**w == "else");
                if semicolon {
                    self.advance();
                }
                let other = if self.eat_word("else") {
                    Some(Box::new(self.statement()?))
                } else {
                    None
                };
                return at(StmtKind::If(test, then, other));
            }
            "while" => {
                self.advance();
                let test = self.condition()?;
                let body = Box::new(self.statement()?);
                return at(StmtKind::While(None, test, body));
            }
            "do" => {
                self.advance();
                let body = Box::new(self.statement()?);
                if !self.eat_word("while") {
                    return self.unexpected();
                }
                let test = self.condition()?;
                self.end_of_statement()?;
                return at(StmtKind::DoWhile(None, body, test));
            }
            "for" => return self.for_statement(None),
            "switch" => return self.switch(),
            "try" => return self.try_statement(),
            "throw" => {
                self.advance();
                let value = self.expression()?;
                self.end_of_statement()?;
                return at(StmtKind::Throw(value));
            }
            "return" => {
                self.advance();
                let bare = self.is_op(";")
                    || self.is_op("}")
                    || matches!(self.tok(), Tok::End)
                    || self.broken();
                let value = if bare {
                    None
                } else {
                    Some(self.command_expression()?)
                };
                self.end_of_statement()?;
                return at(StmtKind::Return(value));
            }
            "break" | "continue" => {
                self.advance();
                let label = match self.tok() {
                    Tok::Ident(label) if !self.broken() && !is_reserved(label) => {
                        Some(Name::new(label))
                    }
                    _ => None,
                };
                if label.is_some() {
                    self.advance();
                }
                self.end_of_statement()?;
                return at(if &*word == "break" {
                    StmtKind::Break(label)
                } else {
                    StmtKind::Continue(label)
                });
            }
            "assert" if self.groovy() => {
                self.advance();
                let start = self.token().start;
                let test = self.expression()?;
                let text = Arc::from(
                    self.source
                        .get(start..self.tokens[self.at - 1].end)
                        .unwrap_or_default(),
                );
                let message = if self.eat_op(":") || self.eat_op(",") {
                    Some(self.expression()?)
                } else {
                    None
                };
                self.end_of_statement()?;
                return at(StmtKind::Assert(Box::new(Assertion {
                    test,
                    message,
                    text,
                    variables: Vec::new(),
                })));
            }
            "synchronized" if self.ahead_is_op(1, "(") => {
                self.advance();
                self.condition()?;
                return at(StmtKind::Block(self.block()?));
            }
            "class" | "interface" | "trait" | "enum"
                if matches!(self.ahead(1).tok, Tok::Ident(_)) =>
            {
                return self.class(&Modifiers::default());
            }
            _ => {}
        }
        let labelled = self.ahead_is_op(1, ":") && !is_reserved(&word);
        if labelled
            && matches!(&self.ahead(2).tok, Tok::Ident(w) if matches!(&**w, "for" | "while" | "do"))
        {
            self.at += 2;
            let label = Some(Name::new(&word));
            let mut statement = if self.is_word("for") {
                self.for_statement(label.clone())?
            } else {
                self.statement()?
            };
            match &mut statement.kind {
                StmtKind::While(slot, ..) | StmtKind::DoWhile(slot, ..) => *slot = label,
                _ => {}
            }
            return Ok(statement);
        }
        if self.declaration_here() {
            self.declaration()
        } else {
            self.expression_statement()
        }
    }

    fn expression_statement(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let value = self.command_expression()?;
        self.end_of_statement()?;
        Ok(Stmt {
            kind: StmtKind::Expr(value),
            pos,
        })
    }

    /// `( expression )`.
    fn condition(&mut self) -> Parse<Expr> {
        self.expect_op("(")?;
        self.brackets += 1;
        let value = self.expression()?;
        self.brackets -= 1;
        self.expect_op(")")?;
        Ok(value)
    }

    fn import(&mut self) -> Parse<()> {
        let pos = self.pos();
        self.advance();
        let is_static = self.eat_word("static");
        if self.language == Language::BeanShell && self.eat_op("*") {
            return self.end_of_statement();
        }
        let mut name = self.ident()?.to_string();
        let mut star = false;
        while self.eat_op(".") {
            if self.eat_op("*") {
                star = true;
                break;
            }
            name.push('.');
            name.push_str(&self.ident()?);
        }
        let alias = if self.eat_word("as") {
            Some(self.ident()?)
        } else {
            None
        };
        self.end_of_statement()?;
        self.imports.push(Import {
            name: Arc::from(name),
            alias,
            star,
            is_static,
            pos,
        });
        Ok(())
    }

    fn for_statement(&mut self, label: Option<Name>) -> Parse<Stmt> {
        let pos = self.pos();
        self.advance();
        self.expect_op("(")?;
        self.brackets += 1;
        let start = self.at;
        // `for (x in items)`, `for (T x : items)`.
        self.eat_word("final");
        let ty = if self.groovy() && (self.is_word("def") || self.is_word("var")) {
            self.advance();
            None
        } else {
            let before = self.at;
            let ty = self
                .try_type()
                .filter(|_| matches!(self.tok(), Tok::Ident(w) if &**w != "in"));
            if ty.is_none() {
                self.at = before;
            }
            ty
        };
        if let Tok::Ident(name) = self.tok().clone()
            && (self.ahead_is_op(1, ":")
                || self.groovy() && matches!(&self.ahead(1).tok, Tok::Ident(w) if &**w == "in"))
        {
            self.at += 2;
            let items = self.expression()?;
            self.brackets -= 1;
            self.expect_op(")")?;
            let body = Box::new(self.statement()?);
            let variable = Variable::new(&name, ty);
            return Ok(Stmt {
                kind: StmtKind::ForEach {
                    label,
                    variable,
                    items,
                    body,
                    reset: Vec::new(),
                },
                pos,
            });
        }
        self.at = start;
        let mut init = Vec::new();
        if !self.is_op(";") {
            if self.declaration_here() {
                init.push(self.variables()?);
            } else {
                loop {
                    let pos = self.pos();
                    let value = self.expression()?;
                    init.push(Stmt {
                        kind: StmtKind::Expr(value),
                        pos,
                    });
                    if !self.eat_op(",") {
                        break;
                    }
                }
            }
        }
        self.expect_op(";")?;
        let test = if self.is_op(";") {
            None
        } else {
            Some(self.expression()?)
        };
        self.expect_op(";")?;
        let mut update = Vec::new();
        while !self.is_op(")") {
            update.push(self.expression()?);
            if !self.eat_op(",") {
                break;
            }
        }
        self.brackets -= 1;
        self.expect_op(")")?;
        let body = Box::new(self.statement()?);
        Ok(Stmt {
            kind: StmtKind::For {
                label,
                init,
                test,
                update,
                body,
                reset: Vec::new(),
            },
            pos,
        })
    }

    fn switch(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        self.advance();
        let value = self.condition()?;
        self.expect_op("{")?;
        let brackets = std::mem::replace(&mut self.brackets, 0);
        let mut cases = Vec::new();
        while !self.eat_op("}") {
            let test = if self.eat_word("default") {
                None
            } else if self.eat_word("case") {
                Some(self.expression()?)
            } else {
                return self.unexpected();
            };
            self.expect_op(":")?;
            let mut body = Vec::new();
            while !self.is_op("}") && !self.is_word("case") && !self.is_word("default") {
                if matches!(self.tok(), Tok::End) {
                    return self.unexpected();
                }
                body.push(self.statement()?);
            }
            cases.push(Case { test, body });
        }
        self.brackets = brackets;
        Ok(Stmt {
            kind: StmtKind::Switch(value, cases, Vec::new()),
            pos,
        })
    }

    /// `(T a = x; T b = y)` of a `try`.
    fn resources(&mut self) -> Parse<Vec<Stmt>> {
        self.expect_op("(")?;
        let mut resources = Vec::new();
        while !self.is_op(")") {
            let resource = self.variables()?;
            if !matches!(resource.kind, StmtKind::Declare(_)) {
                return self.unexpected();
            }
            resources.push(resource);
            while self.eat_op(";") {}
        }
        self.expect_op(")")?;
        Ok(resources)
    }

    fn try_statement(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        self.advance();
        let resources = if self.groovy() && self.is_op("(") {
            self.resources()?
        } else {
            Vec::new()
        };
        let mut body = self.block()?;
        let has_resources = !resources.is_empty();
        for resource in resources.into_iter().rev() {
            body = closing(resource, body, pos);
        }
        let mut catches = Vec::new();
        while self.eat_word("catch") {
            self.expect_op("(")?;
            self.eat_word("final");
            let mut types = Vec::new();
            let untyped = matches!(self.tok(), Tok::Ident(_)) && self.ahead_is_op(1, ")");
            if !untyped {
                if self.groovy() && self.eat_word("def") {
                } else {
                    loop {
                        let Some(ty) = self.try_type() else {
                            return self.unexpected();
                        };
                        types.push(ty);
                        if !self.eat_op("|") {
                            break;
                        }
                    }
                }
            }
            let name = self.ident()?;
            self.expect_op(")")?;
            let body = self.block()?;
            catches.push(Catch {
                types,
                variable: Variable::new(&name, None),
                body,
            });
        }
        let finally = if self.eat_word("finally") {
            Some(self.block()?)
        } else {
            None
        };
        if catches.is_empty() && finally.is_none() && !has_resources {
            return self.unexpected();
        }
        Ok(Stmt {
            kind: StmtKind::Try {
                body,
                catches,
                finally,
            },
            pos,
        })
    }
}

/// A block that declares the resource, runs `body` and closes the resource whatever happens.
fn closing(resource: Stmt, body: Block, pos: Pos) -> Block {
    let declared = match &resource.kind {
        StmtKind::Declare(declared) => declared.as_slice(),
        _ => &[],
    };
    let closes = declared.iter().map(|one| {
        let close = Call {
            object: Some(Expr::new(Kind::Name(one.variable.name.clone()), pos)),
            member: Member::Fixed(Name::new("close")),
            args: Vec::new(),
            safe: true,
            spread: false,
            local: None,
            global: None,
            variable: None,
        };
        let kind = StmtKind::Expr(Expr::new(Kind::Call(Box::new(close)), pos));
        Stmt { kind, pos }
    });
    let finally = Block {
        statements: closes.collect(),
        reset: Vec::new(),
    };
    let guarded = StmtKind::Try {
        body,
        catches: Vec::new(),
        finally: Some(finally),
    };
    Block {
        statements: vec![resource, Stmt { kind: guarded, pos }],
        reset: Vec::new(),
    }
}
