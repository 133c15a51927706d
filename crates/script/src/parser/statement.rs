//! Statements, declarations, methods and classes of Groovy and BeanShell.

use std::sync::Arc;

use super::{Parse, Parser, is_primitive, is_reserved, syntax};
use crate::ast::*;
use crate::language::Language;
use crate::lexer::Tok;
use crate::name::Name;

#[derive(Default)]
struct Modifiers {
    any: bool,
    is_final: bool,
    is_static: bool,
    field: bool,
}

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

    fn end_of_statement(&mut self) -> Parse<()> {
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
                return at(StmtKind::Assert(test, message, text));
            }
            "synchronized" if self.ahead_is_op(1, "(") => {
                self.advance();
                self.condition()?;
                return at(StmtKind::Block(self.block()?));
            }
            "class" | "interface" | "trait" | "enum"
                if matches!(self.ahead(1).tok, Tok::Ident(_)) =>
            {
                return self.class();
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

    fn try_statement(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        self.advance();
        if self.is_op("(") {
            return self.unsupported(pos, "try with resources");
        }
        let body = self.block()?;
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
        if catches.is_empty() && finally.is_none() {
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

    /// Whether a declaration of variables or a method begins here.
    pub(super) fn declaration_here(&mut self) -> bool {
        let start = self.at;
        let found = self.scan_declaration();
        self.at = start;
        found
    }

    fn scan_declaration(&mut self) -> bool {
        let modified = self.skip_modifiers();
        let groovy = self.groovy();
        if groovy
            && (self.is_word("def")
                || self.is_word("var") && matches!(self.ahead(1).tok, Tok::Ident(_)))
        {
            return true;
        }
        if modified && groovy {
            return true;
        }
        // `name(..) {` is an untyped method of BeanShell.
        if !groovy
            && matches!(self.tok(), Tok::Ident(w) if !is_reserved(w))
            && self.ahead_is_op(1, "(")
        {
            self.advance();
            return self.method_follows();
        }
        let Some(ty) = self.try_type() else {
            return modified;
        };
        if self.token().newline && groovy {
            return false;
        }
        let Tok::Ident(name) = self.tok().clone() else {
            return false;
        };
        if is_reserved(&name) && (groovy || !matches!(&*name, "in" | "as")) {
            return false;
        }
        self.advance();
        if self.is_op("(") {
            return self.method_follows();
        }
        let plain_word = ty.dims == 0 && !ty.name.contains('.') && !is_primitive(&ty.name);
        if groovy && plain_word && ty.name.starts_with(|c: char| c.is_lowercase()) {
            return self.is_op("=");
        }
        match self.tok() {
            Tok::Op(op) => {
                matches!(*op, "=" | ";" | "," | ":" | "}" | ")")
                    || *op == "[" && !groovy
                    || groovy && self.token().newline
            }
            Tok::End => true,
            Tok::Ident(_) => groovy && self.token().newline,
            _ => groovy && self.token().newline,
        }
    }

    /// At `(`: whether the matching `)` is followed by a body.
    fn method_follows(&self) -> bool {
        let mut open = 0i32;
        let mut by = 0;
        loop {
            match &self.ahead(by).tok {
                Tok::Op("(") => open += 1,
                Tok::Op(")") => open -= 1,
                Tok::End => return false,
                _ => {}
            }
            by += 1;
            if open == 0 {
                break;
            }
        }
        self.ahead_is_op(by, "{")
            || matches!(&self.ahead(by).tok, Tok::Ident(w) if &**w == "throws")
    }

    fn skip_modifiers(&mut self) -> bool {
        let start = self.at;
        while let Tok::Ident(word) = self.tok() {
            if !matches!(
                &**word,
                "final"
                    | "static"
                    | "private"
                    | "public"
                    | "protected"
                    | "transient"
                    | "volatile"
                    | "abstract"
                    | "synchronized"
            ) {
                break;
            }
            self.advance();
        }
        self.at > start
    }

    fn modifiers(&mut self) -> Parse<Modifiers> {
        let mut found = Modifiers::default();
        loop {
            let pos = self.pos();
            if self.is_op("@") {
                self.advance();
                let mut name = self.ident()?.to_string();
                while self.eat_op(".") {
                    name.push('.');
                    name.push_str(&self.ident()?);
                }
                match name.rsplit('.').next() {
                    Some("Field") => found.field = true,
                    Some(
                        "Override" | "SuppressWarnings" | "Deprecated" | "CompileStatic"
                        | "TypeChecked" | "CompileDynamic",
                    ) => {}
                    _ => return self.unsupported(pos, format!("the annotation @{name}")),
                }
                if self.is_op("(") {
                    let mut open = 0;
                    loop {
                        match self.tok() {
                            Tok::Op("(") => open += 1,
                            Tok::Op(")") => open -= 1,
                            Tok::End => return self.unexpected(),
                            _ => {}
                        }
                        self.advance();
                        if open == 0 {
                            break;
                        }
                    }
                }
            } else {
                match self.tok() {
                    Tok::Ident(w) if &**w == "final" => found.is_final = true,
                    Tok::Ident(w) if &**w == "static" => found.is_static = true,
                    Tok::Ident(w)
                        if matches!(
                            &**w,
                            "private"
                                | "public"
                                | "protected"
                                | "transient"
                                | "volatile"
                                | "abstract"
                                | "synchronized"
                        ) => {}
                    _ => return Ok(found),
                }
                self.advance();
            }
            found.any = true;
        }
    }

    /// A declaration of variables or of a method, with its end.
    fn declaration(&mut self) -> Parse<Stmt> {
        let start = self.at;
        let modifiers = self.modifiers()?;
        if matches!(self.tok(), Tok::Ident(w) if matches!(&**w, "class" | "interface" | "enum" | "trait"))
        {
            return self.class();
        }
        let method = self.scan_method();
        if method {
            return self.method();
        }
        if modifiers.any && self.is_word("import") {
            // `@Grab(..) import x`.
            return self.statement();
        }
        self.at = start;
        let statement = self.variables()?;
        self.end_of_statement()?;
        Ok(statement)
    }

    fn scan_method(&mut self) -> bool {
        let start = self.at;
        if self.groovy() && self.is_word("def") {
            self.advance();
        } else if !(matches!(self.tok(), Tok::Ident(_)) && self.ahead_is_op(1, "(")) {
            self.try_type();
        }
        let named = match self.tok() {
            Tok::Ident(w) => !is_reserved(w),
            Tok::Str(_) => self.groovy(),
            _ => false,
        };
        let found = named && self.ahead_is_op(1, "(") && {
            self.at += 1;
            self.method_follows()
        };
        self.at = start;
        found
    }

    fn method(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let mut returns = None;
        if self.groovy() && self.eat_word("def") {
        } else if !self.ahead_is_op(1, "(") {
            returns = self.try_type();
        }
        let name = match self.tok().clone() {
            Tok::Str(text) => {
                self.advance();
                text
            }
            _ => self.ident()?,
        };
        let function = self.method_rest(name, returns, pos)?;
        Ok(Stmt {
            kind: StmtKind::Method(Arc::new(function)),
            pos,
        })
    }

    fn method_rest(
        &mut self,
        name: Arc<str>,
        returns: Option<TypeName>,
        pos: Pos,
    ) -> Parse<Function> {
        self.expect_op("(")?;
        self.brackets += 1;
        let (params, varargs) = self.params(")")?;
        self.brackets -= 1;
        self.expect_op(")")?;
        if self.eat_word("throws") {
            while self.try_type().is_some() && self.eat_op(",") {}
        }
        let body = self.block()?;
        let is_void = returns.as_ref().is_some_and(|t| &*t.name == "void");
        Ok(Function {
            name,
            params,
            varargs,
            body,
            returns,
            is_void,
            pos,
            ..Function::default()
        })
    }

    /// Parameters up to (not with) `end`.
    pub(super) fn params(&mut self, end: &str) -> Parse<(Vec<Param>, bool)> {
        let (mut params, mut varargs) = (Vec::new(), false);
        while !self.is_op(end) {
            self.modifiers()?;
            let mut ty = None;
            if self.groovy() && (self.is_word("def") || self.is_word("var")) {
                self.advance();
            } else {
                let start = self.at;
                ty = self.try_type();
                if self.eat_op("...") {
                    varargs = true;
                    if let Some(ty) = &mut ty {
                        ty.dims += 1;
                    }
                } else if !matches!(self.tok(), Tok::Ident(_)) {
                    self.at = start;
                    ty = None;
                }
            }
            let name = match self.tok().clone() {
                Tok::Ident(name) if !is_reserved(&name) => self.ident()?,
                _ => return self.unexpected(),
            };
            let mut variable = Variable::new(&name, ty);
            while self.is_op("[") && self.ahead_is_op(1, "]") {
                self.at += 2;
                if let Some(ty) = &mut variable.ty {
                    ty.dims += 1;
                }
            }
            let default = if self.groovy() && self.eat_op("=") {
                Some(self.expression()?)
            } else {
                None
            };
            params.push(Param { variable, default });
            if !self.eat_op(",") {
                break;
            }
        }
        Ok((params, varargs))
    }

    /// `T a = x, b`, `def (a, b) = list`, without the end of the statement.
    fn variables(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let modifiers = self.modifiers()?;
        let mut ty = None;
        let untyped = self.groovy()
            && (self.is_word("def")
                || self.is_word("var") && matches!(self.ahead(1).tok, Tok::Ident(_))
                || modifiers.any
                    && matches!(self.tok(), Tok::Ident(_))
                    && !matches!(self.ahead(1).tok, Tok::Ident(_) | Tok::Op("." | "[" | "<")));
        if untyped {
            if self.is_word("def") || self.is_word("var") {
                self.advance();
            }
        } else {
            ty = self.try_type();
            if ty.is_none() {
                return self.unexpected();
            }
        }
        if self.groovy() && ty.is_none() && self.is_op("(") {
            self.advance();
            let (params, _) = self.params(")")?;
            self.expect_op(")")?;
            self.expect_op("=")?;
            let value = self.command_expression()?;
            let variables = params.into_iter().map(|p| p.variable).collect();
            return Ok(Stmt {
                kind: StmtKind::DeclareMany(variables, value),
                pos,
            });
        }
        if self.groovy()
            && untyped
            && ty.is_none()
            && !matches!(
                self.ahead(1).tok,
                Tok::Op("=" | "," | ";" | "}" | ")" | ":") | Tok::End
            )
            && !self.ahead(1).newline
        {
            // `def String x`.
            ty = self
                .try_type()
                .filter(|_| matches!(self.tok(), Tok::Ident(_)));
        }
        let mut declared = Vec::new();
        loop {
            let name_pos = self.pos();
            let name = match self.tok().clone() {
                Tok::Ident(name)
                    if !is_reserved(&name)
                        || !self.groovy() && matches!(&*name, "in" | "as" | "assert" | "trait") =>
                {
                    self.ident()?
                }
                _ => return self.unexpected(),
            };
            let mut variable = Variable::new(&name, ty.clone());
            variable.is_final = modifiers.is_final;
            while self.is_op("[") && self.ahead_is_op(1, "]") {
                self.at += 2;
                if let Some(ty) = &mut variable.ty {
                    ty.dims += 1;
                }
            }
            let value = if self.eat_op("=") {
                let value = if self.is_op("{")
                    && variable.ty.as_ref().is_some_and(|t| t.dims > 0)
                    && !self.groovy()
                {
                    self.array_literal()?
                } else {
                    self.command_expression()?
                };
                Some(value)
            } else {
                None
            };
            if modifiers.field {
                self.fields.push(name.clone());
                let target = Expr::new(Kind::Name(Name::new(&name)), name_pos);
                let value = value.unwrap_or_else(|| {
                    Expr::new(Kind::Literal(crate::value::Value::Null), name_pos)
                });
                let value = match &variable.ty {
                    Some(ty) => Expr::new(Kind::As(ty.clone(), Box::new(value)), name_pos),
                    None => value,
                };
                let assign = Expr::new(
                    Kind::Assign(None, Box::new(target), Box::new(value), Ty::Any),
                    name_pos,
                );
                return Ok(Stmt {
                    kind: StmtKind::Expr(assign),
                    pos,
                });
            }
            declared.push(Declared { variable, value });
            if !self.eat_op(",") {
                break;
            }
        }
        Ok(Stmt {
            kind: StmtKind::Declare(declared),
            pos,
        })
    }

    pub(super) fn array_literal(&mut self) -> Parse<Expr> {
        let pos = self.pos();
        self.expect_op("{")?;
        let mut elements = Vec::new();
        while !self.is_op("}") {
            elements.push(if self.is_op("{") {
                self.deeper(Self::array_literal)?
            } else {
                self.expression()?
            });
            if !self.eat_op(",") {
                break;
            }
        }
        self.expect_op("}")?;
        Ok(Expr::new(Kind::ArrayLiteral(elements), pos))
    }

    fn class(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let keyword = self.ident()?;
        let is_enum = &*keyword == "enum";
        if is_enum && !self.groovy() {
            return Err(syntax(
                pos,
                "Unexpected input: 'enum'".into(),
                self.source,
                self.language,
            ));
        }
        if matches!(&*keyword, "interface" | "trait") {
            return self.unsupported(pos, keyword.to_string());
        }
        let name = self.ident()?;
        let mut class = ClassDecl {
            name: name.clone(),
            is_enum,
            pos,
            ..ClassDecl::default()
        };
        if self.is_word("extends") || self.is_op("<") {
            return self.unsupported(
                pos,
                format!("class {name} with a superclass or type parameters"),
            );
        }
        if self.eat_word("implements") {
            while let Some(ty) = self.try_type() {
                if !matches!(&*ty.name, "Serializable" | "java.io.Serializable") {
                    return self
                        .unsupported(ty.pos, format!("class {name} that implements {}", ty.name));
                }
                if !self.eat_op(",") {
                    break;
                }
            }
        }
        self.expect_op("{")?;
        let brackets = std::mem::replace(&mut self.brackets, 0);
        if is_enum {
            while let Tok::Ident(constant) = self.tok().clone() {
                self.advance();
                class.constants.push(Name::new(&constant));
                if self.is_op("(") {
                    return self
                        .unsupported(pos, format!("enum {name} with constructor arguments"));
                }
                if !self.eat_op(",") {
                    break;
                }
            }
            self.eat_op(";");
        }
        while !self.eat_op("}") {
            if self.eat_op(";") {
                continue;
            }
            if matches!(self.tok(), Tok::End) {
                return self.unexpected();
            }
            self.member(&mut class)?;
        }
        self.brackets = brackets;
        Ok(Stmt {
            kind: StmtKind::Class(Arc::new(class)),
            pos,
        })
    }

    fn member(&mut self, class: &mut ClassDecl) -> Parse<()> {
        let pos = self.pos();
        let modifiers = self.modifiers()?;
        if matches!(self.tok(), Tok::Ident(w) if **w == *class.name) && self.ahead_is_op(1, "(") {
            let name = self.ident()?;
            let function = self.method_rest(name, None, pos)?;
            class.constructors.push(Arc::new(function));
            return Ok(());
        }
        if self.is_op("{")
            || matches!(self.tok(), Tok::Ident(w) if matches!(&**w, "class" | "interface" | "enum"))
        {
            return self.unsupported(
                pos,
                format!("an initialiser or a class inside of class {}", class.name),
            );
        }
        if self.scan_method() {
            let StmtKind::Method(function) = self.method()?.kind else {
                return self.unexpected();
            };
            class.methods.push(function);
            return Ok(());
        }
        let mut ty = None;
        if self.is_word("def") {
            self.advance();
        } else if matches!(self.ahead(1).tok, Tok::Ident(_) | Tok::Op("." | "[" | "<")) {
            ty = self.try_type();
        }
        loop {
            let name = self.ident()?;
            let value = if self.eat_op("=") {
                let value = self.expression()?;
                let body = Block {
                    statements: vec![Stmt {
                        pos: value.pos,
                        kind: StmtKind::Expr(value),
                    }],
                    reset: Vec::new(),
                };
                Some(Arc::new(Function {
                    name: name.clone(),
                    body,
                    pos,
                    ..Function::default()
                }))
            } else {
                None
            };
            class.fields.push(FieldDecl {
                name: Name::new(&name),
                ty: ty.clone(),
                is_static: modifiers.is_static,
                value,
            });
            if !self.eat_op(",") {
                break;
            }
        }
        self.end_of_statement()
    }
}
