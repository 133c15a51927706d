//! Methods and constructors: how one is told from a call, its parameters and its body.
//!
//! Not here: closures, which share the parameters (see [`super::primary`]).

use std::sync::Arc;

use super::{Parse, Parser, is_reserved};
use crate::ast::*;
use crate::lexer::Tok;

impl Parser<'_> {
    pub(super) fn scan_method(&mut self) -> bool {
        let start = self.at;
        let type_variables = self.type_variables.len();
        if self.groovy() && self.is_word("def") {
            self.advance();
            if self.type_parameters() {
                self.try_type();
            }
        } else if !(matches!(self.tok(), Tok::Ident(_)) && self.ahead_is_op(1, "(")) {
            self.type_parameters();
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
        self.type_variables.truncate(type_variables);
        found
    }

    /// `<T>` before what a method returns.
    pub(super) fn type_parameters(&mut self) -> bool {
        let start = self.at;
        let found = self.groovy() && self.is_op("<") && self.declared_types();
        if !found {
            self.at = start;
        }
        found
    }

    /// At `(`: whether the matching `)` is followed by a body.
    pub(super) fn method_follows(&self) -> bool {
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

    pub(super) fn method(&mut self) -> Parse<Stmt> {
        let pos = self.pos();
        let type_variables = self.type_variables.len();
        let mut returns = None;
        let untyped = self.groovy() && self.eat_word("def");
        let generic = self.type_parameters();
        if (!untyped || generic) && !self.ahead_is_op(1, "(") {
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
        self.type_variables.truncate(type_variables);
        Ok(Stmt {
            kind: StmtKind::Method(Arc::new(function)),
            pos,
        })
    }

    pub(super) fn method_rest(
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
}
