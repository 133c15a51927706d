//! Declarations: how one is told from an expression, its modifiers, and those of variables.
//!
//! A name may be a type, a variable or a method in these languages; looking ahead decides. Not here: the rest of methods and classes
//! (see [`super::method`] and [`super::class`]).

use super::{Parse, Parser, is_primitive, is_reserved};
use crate::ast::*;
use crate::lexer::Tok;
use crate::name::Name;

#[derive(Default)]
pub(super) struct Modifiers {
    any: bool,
    is_final: bool,
    pub(super) is_static: bool,
    field: bool,
    pub(super) marks: ClassMarks,
}

impl Parser<'_> {
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

    pub(super) fn modifiers(&mut self) -> Parse<Modifiers> {
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
                    Some("ToString") => {
                        found.marks.shows_fields = true;
                        found.marks.shows_names |= self.shows_names()?;
                    }
                    Some("InheritConstructors") => found.marks.inherits_constructors = true,
                    Some("EqualsAndHashCode") => found.marks.by_value = true,
                    Some("TupleConstructor" | "MapConstructor") => found.marks.takes_fields = true,
                    Some(kind @ ("Canonical" | "Immutable")) => {
                        found.marks.shows_fields = true;
                        found.marks.by_value = true;
                        found.marks.takes_fields = true;
                        found.marks.is_immutable |= kind == "Immutable";
                    }
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

    /// Whether `(includeNames = true)` follows; other settings of `@ToString` are refused.
    fn shows_names(&mut self) -> Parse<bool> {
        if !self.is_op("(") {
            return Ok(false);
        }
        let word = |ahead: usize| match &self.ahead(ahead).tok {
            Tok::Ident(word) => Some(word.clone()),
            _ => None,
        };
        match (word(1).as_deref(), word(3).as_deref()) {
            (Some("includeNames"), Some(value)) if self.ahead_is_op(4, ")") => Ok(value == "true"),
            (Some("includePackage"), Some(_)) if self.ahead_is_op(4, ")") => Ok(false),
            _ if self.ahead_is_op(1, ")") => Ok(false),
            _ => self.unsupported(self.pos(), "such a @ToString"),
        }
    }

    /// A declaration of variables or of a method, with its end.
    pub(super) fn declaration(&mut self) -> Parse<Stmt> {
        let start = self.at;
        let modifiers = self.modifiers()?;
        if matches!(self.tok(), Tok::Ident(w) if matches!(&**w, "class" | "interface" | "enum" | "trait"))
        {
            return self.class(&modifiers);
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

    /// `T a = x, b`, `def (a, b) = list`, without the end of the statement.
    pub(super) fn variables(&mut self) -> Parse<Stmt> {
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
}
