//! Classes, interfaces, traits and enumerations of scripts: fields, constructors, methods and what is inside of them.

use std::sync::Arc;

use super::declaration::Modifiers;
use super::{Parse, Parser, syntax};
use crate::ast::*;
use crate::lexer::Tok;
use crate::name::Name;

impl Parser<'_> {
    pub(super) fn class(&mut self, modifiers: &Modifiers) -> Parse<Stmt> {
        let pos = self.pos();
        let keyword = self.ident()?;
        if !self.groovy() {
            if &*keyword == "enum" {
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
        }
        let simple_name = self.ident()?;
        let name = match &self.outer_class {
            Some(outer) => Arc::from(format!("{outer}${simple_name}")),
            None => simple_name,
        };
        let mut class = ClassDecl {
            name: name.clone(),
            kind: match &*keyword {
                "enum" => ClassKind::Enum,
                "interface" => ClassKind::Interface,
                "trait" => ClassKind::Trait,
                _ => ClassKind::Class,
            },
            marks: modifiers.marks,
            pos,
            ..ClassDecl::default()
        };
        let type_variables = self.type_variables.len();
        if self.is_op("<") && !(self.groovy() && self.declared_types()) {
            return self.unsupported(pos, format!("class {name} with type parameters"));
        }
        if self.eat_word("extends") {
            if class.kind == ClassKind::Class {
                class.superclass = self.try_type();
            } else {
                self.parents(&mut class);
            }
        }
        if self.eat_word("implements") {
            self.parents(&mut class);
        }
        self.expect_op("{")?;
        let outer = self.outer_class.replace(name);
        let brackets = std::mem::replace(&mut self.brackets, 0);
        if class.kind == ClassKind::Enum {
            self.constants(&mut class)?;
        }
        self.members(&mut class)?;
        self.brackets = brackets;
        self.outer_class = outer;
        self.type_variables.truncate(type_variables);
        Ok(Stmt {
            kind: StmtKind::Class(Arc::new(class)),
            pos,
        })
    }

    /// Interfaces and traits, or what an interface extends.
    fn parents(&mut self, class: &mut ClassDecl) {
        while let Some(ty) = self.try_type() {
            class.interfaces.push(ty);
            if !self.eat_op(",") {
                break;
            }
        }
    }

    fn constants(&mut self, class: &mut ClassDecl) -> Parse<()> {
        while let Tok::Ident(constant) = self.tok().clone() {
            let pos = self.pos();
            // `RED` begins a constant, `String name` a field.
            if !matches!(self.ahead(1).tok, Tok::Op("," | ";" | "(" | "}" | "{"))
                && !self.ahead(1).newline
            {
                break;
            }
            self.advance();
            class.constants.push(Name::new(&constant));
            let args = if self.is_op("(") {
                let args = self.arguments()?;
                let list = Expr::new(Kind::List(args), pos);
                Some(Arc::new(value_function(constant.clone(), list, pos)))
            } else {
                None
            };
            class.constant_args.push(args);
            if self.is_op("{") {
                return self.unsupported(
                    pos,
                    format!("a constant of enum {} with a body", class.name),
                );
            }
            if !self.eat_op(",") {
                break;
            }
        }
        self.eat_op(";");
        Ok(())
    }

    /// Members up to the closing brace, with it.
    fn members(&mut self, class: &mut ClassDecl) -> Parse<()> {
        while !self.eat_op("}") {
            if self.eat_op(";") {
                continue;
            }
            if matches!(self.tok(), Tok::End) {
                return self.unexpected();
            }
            self.deeper(|parser| parser.member(class))?;
        }
        Ok(())
    }

    fn member(&mut self, class: &mut ClassDecl) -> Parse<()> {
        let pos = self.pos();
        let modifiers = self.modifiers()?;
        let own_name = crate::class::simple(&class.name);
        if matches!(self.tok(), Tok::Ident(w) if **w == *own_name) && self.ahead_is_op(1, "(") {
            let name = self.ident()?;
            let function = self.method_rest(name, None, pos)?;
            class.constructors.push(Arc::new(function));
            return Ok(());
        }
        if self.is_op("{") {
            let function = Function {
                name: Arc::from("{}"),
                body: self.block()?,
                pos,
                ..Function::default()
            };
            let list = if modifiers.is_static {
                &mut class.static_initialisers
            } else {
                &mut class.initialisers
            };
            list.push(Arc::new(function));
            return Ok(());
        }
        if matches!(self.tok(), Tok::Ident(w) if matches!(&**w, "class" | "interface" | "enum" | "trait"))
        {
            let inner = self.class(&modifiers)?;
            self.inner_classes.push(inner);
            return Ok(());
        }
        // `default` before a method of an interface.
        if class.kind == ClassKind::Interface && self.is_word("default") {
            self.advance();
        }
        if self.scan_method() {
            let StmtKind::Method(function) = self.method()?.kind else {
                return self.unexpected();
            };
            class.methods.push(function);
            return Ok(());
        }
        if let Some(name) = self.abstract_method()? {
            class.abstracts.push(name);
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
                Some(Arc::new(value_function(name.clone(), value, pos)))
            } else {
                None
            };
            class.fields.push(FieldDecl {
                name: Name::new(&name),
                ty: ty.clone(),
                is_static: modifiers.is_static || class.kind == ClassKind::Interface,
                owner: class.name.clone(),
                value,
            });
            if !self.eat_op(",") {
                break;
            }
        }
        self.end_of_statement()
    }

    /// A method without a body.
    fn abstract_method(&mut self) -> Parse<Option<Name>> {
        let start = self.at;
        let type_variables = self.type_variables.len();
        if self.is_word("def") {
            self.advance();
        }
        self.type_parameters();
        if !self.ahead_is_op(1, "(") {
            self.try_type();
        }
        let Tok::Ident(name) = self.tok().clone() else {
            self.at = start;
            self.type_variables.truncate(type_variables);
            return Ok(None);
        };
        if !self.ahead_is_op(1, "(") {
            self.at = start;
            self.type_variables.truncate(type_variables);
            return Ok(None);
        }
        self.advance();
        self.expect_op("(")?;
        self.brackets += 1;
        self.params(")")?;
        self.brackets -= 1;
        self.expect_op(")")?;
        if self.eat_word("throws") {
            while self.try_type().is_some() && self.eat_op(",") {}
        }
        self.type_variables.truncate(type_variables);
        self.end_of_statement()?;
        Ok(Some(Name::new(&name)))
    }

    /// `{ methods }` after `new T(..)`: closures by the names of the methods.
    pub(super) fn anonymous_class(&mut self, ty: &TypeName) -> Parse<Vec<(Name, Arc<Function>)>> {
        let pos = self.pos();
        self.expect_op("{")?;
        let brackets = std::mem::replace(&mut self.brackets, 0);
        let mut class = ClassDecl {
            name: Arc::from("anonymous"),
            ..ClassDecl::default()
        };
        self.members(&mut class)?;
        self.brackets = brackets;
        if !class.fields.is_empty() || !class.initialisers.is_empty() {
            return self.unsupported(
                pos,
                format!("an anonymous class of {} with fields", ty.name),
            );
        }
        let methods = class.methods.into_iter().map(|method| {
            self.closures += 1;
            let number = self.closures;
            let mut closure = (*method).clone();
            closure.is_closure = true;
            closure.class_name = Arc::from(format!("Script1${number}"));
            (Name::new(&closure.name), Arc::new(closure))
        });
        Ok(methods.collect())
    }
}

/// A function without parameters that gives the value of an expression.
fn value_function(name: Arc<str>, value: Expr, pos: Pos) -> Function {
    let body = Block {
        statements: vec![Stmt {
            pos: value.pos,
            kind: StmtKind::Expr(value),
        }],
        reset: Vec::new(),
    };
    Function {
        name,
        body,
        pos,
        ..Function::default()
    }
}
