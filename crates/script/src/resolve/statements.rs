//! Statements: which of them open a scope, in each language, and what they declare.
//!
//! Not here: where a variable gets its slot (see [`super::scopes`]).

use std::sync::Arc;

use super::Resolver;
use super::scopes::GLOBAL;
use crate::ast::*;
use crate::name::{Name, symbol};
use crate::refusal::RefusalKind;

impl Resolver<'_> {
    pub(super) fn block(&mut self, block: &mut Block, scope_is_top: bool) {
        // The top level of BeanShell and JEXL is the binding itself.
        let top = scope_is_top
            && self.frames.len() == 1
            && self.frame().scopes.is_empty()
            && !self.groovy();
        if top {
            for statement in &mut block.statements {
                self.stmt(statement);
            }
            return;
        }
        self.push_scope();
        for statement in &mut block.statements {
            self.stmt(statement);
        }
        let slots = self.pop_scope();
        if self.loose() {
            block.reset = slots;
        }
    }

    fn scoped_stmt(&mut self, statement: &mut Stmt) -> Vec<u32> {
        self.push_scope();
        self.stmt(statement);
        self.pop_scope()
    }

    fn stmt(&mut self, statement: &mut Stmt) {
        let pos = statement.pos;
        match &mut statement.kind {
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Declare(declared) => {
                if self.loose() && self.at_top() {
                    // Typed variables of the top level live in the binding.
                    let mut statements = Vec::new();
                    for one in declared.iter_mut() {
                        statements.push(self.global_declaration(one));
                    }
                    statement.kind = if statements.len() == 1 {
                        statements.remove(0)
                    } else {
                        StmtKind::Block(Block {
                            statements: statements
                                .into_iter()
                                .map(|kind| Stmt { kind, pos })
                                .collect(),
                            reset: Vec::new(),
                        })
                    };
                    return;
                }
                for one in declared {
                    // A closure may call itself by the name of the variable it is put into only after the declaration.
                    if let Some(value) = &mut one.value {
                        self.expr(value);
                    }
                    let at = pos_of_name(pos, one);
                    self.declare(&mut one.variable, at);
                }
            }
            StmtKind::DeclareMany(variables, value) => {
                self.expr(value);
                for variable in variables {
                    self.declare(variable, pos);
                }
            }
            StmtKind::Block(block) => self.block(block, false),
            StmtKind::If(test, then, other) => {
                self.expr(test);
                self.branch(then);
                if let Some(other) = other {
                    self.branch(other);
                }
            }
            StmtKind::While(_, test, body) => {
                self.expr(test);
                self.branch(body);
            }
            StmtKind::DoWhile(_, body, test) => {
                self.branch(body);
                self.expr(test);
            }
            StmtKind::For {
                init,
                test,
                update,
                body,
                reset,
                ..
            } => {
                self.push_scope();
                for statement in init {
                    self.stmt(statement);
                }
                if let Some(test) = test {
                    self.expr(test);
                }
                self.branch(body);
                for value in update {
                    self.expr(value);
                }
                *reset = self.pop_scope();
            }
            StmtKind::ForEach {
                variable,
                items,
                body,
                reset,
                ..
            } => {
                self.expr(items);
                if self.language.is_jexl() && self.at_top() {
                    self.push_scope();
                }
                self.push_scope();
                let in_closure = self.groovy() && self.visible(variable.name.hash);
                if in_closure {
                    self.compile_error(
                        pos,
                        &format!(
                            "The current scope already contains a variable of the name {}",
                            variable.name.text
                        ),
                    );
                } else {
                    self.declare(variable, pos);
                }
                self.branch(body);
                *reset = self.pop_scope();
            }
            StmtKind::Switch(value, cases, reset) => {
                self.expr(value);
                // In BeanShell a switch is no scope.
                let scoped = !self.loose();
                if scoped {
                    self.push_scope();
                }
                for case in cases {
                    if let Some(test) = &mut case.test {
                        self.expr(test);
                    }
                    for statement in &mut case.body {
                        self.stmt(statement);
                    }
                }
                if scoped {
                    *reset = self.pop_scope();
                }
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                self.block(body, false);
                for catch in catches {
                    for ty in &mut catch.types {
                        self.type_name(ty);
                    }
                    self.push_scope();
                    self.declare(&mut catch.variable, pos);
                    self.block(&mut catch.body, false);
                    self.pop_scope();
                }
                if let Some(finally) = finally {
                    self.block(finally, false);
                }
            }
            StmtKind::Throw(value) => self.expr(value),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                }
            }
            StmtKind::Assert(assertion) => {
                let mut names = Vec::new();
                names_in(&assertion.test, &mut names);
                for (name, at) in names {
                    let known = assertion
                        .variables
                        .iter()
                        .any(|(known, _)| *known == name.text);
                    if !known && let Some(info) = self.lookup(name.hash) {
                        let value = Expr::new(Kind::Local(info.slot), at);
                        assertion.variables.push((name.text, value));
                    }
                }
                self.expr(&mut assertion.test);
                if let Some(message) = &mut assertion.message {
                    self.expr(message);
                }
            }
            StmtKind::Method(function) => {
                if self.groovy() {
                    self.refuse(
                        RefusalKind::UnsupportedSyntax,
                        pos,
                        format!(
                            "method {} inside of a block is not supported",
                            function.name
                        ),
                        None,
                    );
                } else {
                    let mut function = function.clone();
                    self.function(Arc::make_mut(&mut function));
                    self.methods
                        .entry(symbol(&function.name))
                        .or_default()
                        .push(function);
                    statement.kind = StmtKind::Nothing;
                }
            }
            StmtKind::Class(class) => {
                self.refuse(
                    RefusalKind::UnsupportedSyntax,
                    class.pos,
                    format!("class {} inside of a block is not supported", class.name),
                    None,
                );
            }
            StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Nothing => {}
        }
    }

    /// A branch or a loop's body is a scope even without braces, except in BeanShell where only braces make one.
    fn branch(&mut self, statement: &mut Stmt) {
        if self.loose() || self.language.is_jexl() {
            self.stmt(statement)
        } else {
            self.scoped_stmt(statement);
        }
    }

    fn global_declaration(&mut self, one: &mut Declared) -> StmtKind {
        let slot = self.global(&one.variable.name.clone());
        if one.variable.is_final {
            self.finals.insert(one.variable.name.hash);
        }
        if let Some(value) = &mut one.value {
            self.expr(value);
        }
        if let Some(ty) = &mut one.variable.ty {
            self.type_name(ty);
        }
        // The declaration keeps its form; a high bit tells the binding from the frame.
        one.variable.slot = slot | GLOBAL;
        StmtKind::Declare(vec![one.clone()])
    }
}

fn pos_of_name(pos: Pos, one: &Declared) -> Pos {
    // `def x`: the name follows the word; the parser keeps only the statement's place.
    let width = one
        .variable
        .ty
        .as_ref()
        .map_or(3, |ty| ty.name.chars().count() as u32);
    Pos {
        line: pos.line,
        column: pos.column + width + 1,
    }
}

/// The names in a condition, in their order.
fn names_in(expr: &Expr, names: &mut Vec<(Name, Pos)>) {
    match &expr.kind {
        Kind::Name(name) => names.push((name.clone(), expr.pos)),
        Kind::Binary(_, a, b) | Kind::And(a, b) | Kind::Or(a, b) | Kind::In(a, b, _) => {
            names_in(a, names);
            names_in(b, names);
        }
        Kind::Unary(_, a) | Kind::InstanceOf(a, ..) => names_in(a, names),
        Kind::Property(p) => names_in(&p.object, names),
        Kind::Index(object, items, _) => {
            names_in(object, names);
            items.iter().for_each(|item| names_in(item, names));
        }
        Kind::Call(call) => {
            call.object
                .iter()
                .for_each(|object| names_in(object, names));
            for arg in &call.args {
                if let Arg::Plain(arg) = arg {
                    names_in(arg, names);
                }
            }
        }
        _ => {}
    }
}
