//! What a script names itself: methods, keys of maps, properties and assigned variables.
//!
//! Such names are never "unknown methods", since a closure may be behind them.

use std::collections::HashSet;

use crate::ast::*;
use crate::name::symbol;
use crate::value::Value;

struct Survey<'a> {
    own: &'a mut HashSet<u64>,
    assigned: &'a mut HashSet<u64>,
}

pub(crate) fn survey(body: &Block, own: &mut HashSet<u64>, assigned: &mut HashSet<u64>) {
    Survey { own, assigned }.block(body);
}

impl Survey<'_> {
    fn block(&mut self, block: &Block) {
        block.statements.iter().for_each(|s| self.stmt(s));
    }

    fn function(&mut self, function: &Function) {
        self.own.insert(symbol(&function.name));
        for param in &function.params {
            self.own.insert(param.variable.name.hash);
        }
        self.block(&function.body);
    }

    fn stmt(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Expr(e) | StmtKind::Throw(e) => self.expr(e),
            StmtKind::Declare(declared) => {
                for one in declared {
                    self.own.insert(one.variable.name.hash);
                    if let Some(value) = &one.value {
                        self.expr(value);
                    }
                }
            }
            StmtKind::DeclareMany(_, value) => self.expr(value),
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(test, then, other) => {
                self.expr(test);
                self.stmt(then);
                if let Some(other) = other {
                    self.stmt(other);
                }
            }
            StmtKind::While(_, test, body) | StmtKind::DoWhile(_, body, test) => {
                self.expr(test);
                self.stmt(body);
            }
            StmtKind::For {
                init,
                test,
                update,
                body,
                ..
            } => {
                init.iter().for_each(|s| self.stmt(s));
                test.iter().chain(update).for_each(|e| self.expr(e));
                self.stmt(body);
            }
            StmtKind::ForEach { items, body, .. } => {
                self.expr(items);
                self.stmt(body);
            }
            StmtKind::Switch(value, cases, _) => {
                self.expr(value);
                for case in cases {
                    case.test.iter().for_each(|e| self.expr(e));
                    case.body.iter().for_each(|s| self.stmt(s));
                }
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                self.block(body);
                catches.iter().for_each(|c| self.block(&c.body));
                finally.iter().for_each(|b| self.block(b));
            }
            StmtKind::Return(value) => value.iter().for_each(|e| self.expr(e)),
            StmtKind::Assert(assertion) => {
                self.expr(&assertion.test);
                assertion.message.iter().for_each(|e| self.expr(e));
            }
            StmtKind::Method(function) => self.function(function),
            StmtKind::Class(class) => {
                class
                    .methods
                    .iter()
                    .chain(&class.constructors)
                    .chain(&class.initialisers)
                    .chain(&class.static_initialisers)
                    .chain(class.constant_args.iter().flatten())
                    .for_each(|m| self.function(m));
                self.own
                    .extend(class.abstracts.iter().map(|name| name.hash));
                for field in &class.fields {
                    self.own.extend([
                        field.name.hash,
                        field.name.getter("get").hash,
                        field.name.getter("set").hash,
                    ]);
                    field.value.iter().for_each(|f| self.function(f));
                }
                self.own.extend(class.constants.iter().map(|c| c.hash));
                self.own.insert(symbol("getProperties"));
                if class.kind == ClassKind::Enum {
                    self.own.extend(
                        ["ordinal", "name", "values", "valueOf", "next", "previous"].map(symbol),
                    );
                }
            }
            StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Nothing => {}
        }
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            Kind::Name(name) => {
                self.assigned.insert(name.hash);
                self.own.insert(name.hash);
            }
            Kind::Property(p) => {
                if let Member::Fixed(name) = &p.member {
                    self.own.insert(name.hash);
                }
                self.expr(&p.object);
            }
            _ => self.expr(target),
        }
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            match arg {
                Arg::Plain(e) | Arg::Spread(e) => self.expr(e),
                Arg::Named(key, value) => {
                    if let Kind::Literal(Value::Str(text)) = &key.kind {
                        self.own.insert(symbol(text));
                    }
                    self.expr(key);
                    self.expr(value);
                }
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::GString(values, _) => values.iter().for_each(|e| self.expr(e)),
            Kind::Property(p) => self.expr(&p.object),
            Kind::Index(object, items, _) => {
                self.expr(object);
                items.iter().for_each(|e| self.expr(e));
            }
            Kind::Call(call) => {
                call.object.iter().for_each(|e| self.expr(e));
                self.args(&call.args);
            }
            Kind::Invoke(callee, args) => {
                self.expr(callee);
                self.args(args);
            }
            Kind::New(new) => {
                self.args(&new.args);
                new.lengths
                    .iter()
                    .chain(new.elements.iter().flatten())
                    .for_each(|e| self.expr(e));
                let methods = new.body.iter().flatten();
                methods.for_each(|(_, method)| self.function(method));
            }
            Kind::List(items) | Kind::Map(items) => self.args(items),
            Kind::ArrayLiteral(items) => items.iter().for_each(|e| self.expr(e)),
            Kind::Range(a, b, _)
            | Kind::And(a, b)
            | Kind::Or(a, b)
            | Kind::Elvis(a, b)
            | Kind::Binary(_, a, b)
            | Kind::In(a, b, _) => {
                self.expr(a);
                self.expr(b);
            }
            Kind::Closure(function) => self.function(function),
            Kind::Unary(_, a) | Kind::Empty(a) | Kind::Size(a) | Kind::MethodPointer(a, _) => {
                self.expr(a)
            }
            Kind::Ternary(a, b, c) => [a, b, c].into_iter().for_each(|e| self.expr(e)),
            Kind::Assign(_, target, value, _) | Kind::ElvisAssign(target, value) => {
                self.target(target);
                self.expr(value);
            }
            Kind::AssignMany(targets, value) => {
                targets.iter().for_each(|t| self.target(t));
                self.expr(value);
            }
            Kind::Step { target, .. } => self.target(target),
            Kind::Cast(_, value) | Kind::As(_, value) | Kind::InstanceOf(value, _, _) => {
                self.expr(value)
            }
            _ => {}
        }
    }
}
