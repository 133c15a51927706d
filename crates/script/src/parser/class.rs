//! Classes and enumerations of scripts: fields, constructors and methods.
//!
//! Superclasses, interfaces, traits and initialisers are refused.

use std::sync::Arc;

use super::{Parse, Parser, syntax};
use crate::ast::*;
use crate::lexer::Tok;
use crate::name::Name;

impl Parser<'_> {
    pub(super) fn class(&mut self) -> Parse<Stmt> {
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
