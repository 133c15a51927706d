//! Statements.

use std::sync::{Arc, Mutex};

use super::Interp;
use crate::ast::*;
use crate::class::{Class, is_instance};
use crate::fail::{Fail, Run};
use crate::library::throwable::{throw, throw_plain};
use crate::name::Name;
use crate::resolve::GLOBAL;
use crate::value::Value;

/// How a statement ended.
pub(crate) enum Flow {
    /// The next statement follows; the value counts if there is none.
    Next(Value),
    Break(Option<Name>),
    Continue(Option<Name>),
    Return(Value),
}

pub(super) const NOTHING: Flow = Flow::Next(Value::Void);

impl Interp<'_> {
    pub(super) fn block(&mut self, block: &Block) -> Run<Flow> {
        self.reset(&block.reset);
        let mut last = NOTHING;
        for statement in &block.statements {
            if matches!(statement.kind, StmtKind::Nothing) {
                continue;
            }
            match self.stmt(statement)? {
                Flow::Next(value) => last = Flow::Next(value),
                other => return Ok(other),
            }
        }
        Ok(last)
    }

    fn reset(&mut self, slots: &[u32]) {
        for slot in slots {
            self.stack[self.base + *slot as usize] = Value::Void;
        }
    }

    fn stmt(&mut self, statement: &Stmt) -> Run<Flow> {
        self.step()?;
        match &statement.kind {
            StmtKind::Expr(value) => self.eval(value).map(Flow::Next),
            StmtKind::Declare(declared) => {
                let mut last = Value::Void;
                for one in declared {
                    let value = match &one.value {
                        Some(value) => match self.initial(value, &one.variable) {
                            Ok(value) => value,
                            Err(fail) => {
                                if self.beanshell() && one.variable.ty.is_some() {
                                    let doing = self.doing.take();
                                    self.doing = doing.map(|doing| {
                                        match doing.starts_with("Typed variable declaration") {
                                            true => doing,
                                            false => {
                                                format!("Typed variable declaration : {doing}")
                                            }
                                        }
                                    });
                                }
                                return Err(fail);
                            }
                        },
                        None => default_of(one.variable.ty.as_ref()),
                    };
                    last = value.clone();
                    self.declare(&one.variable, value);
                }
                Ok(Flow::Next(if self.beanshell() {
                    Value::Void
                } else {
                    last
                }))
            }
            StmtKind::DeclareMany(variables, value) => {
                let list = self.eval(value)?;
                let items = self.items(&list)?;
                for (i, variable) in variables.iter().enumerate() {
                    let value = items.get(i).cloned().unwrap_or(Value::Null);
                    let value = self.coerce_to(value, variable.ty.as_ref())?;
                    self.declare(variable, value);
                }
                Ok(Flow::Next(list))
            }
            StmtKind::Block(block) => {
                let flow = self.block(block)?;
                Ok(match flow {
                    Flow::Next(_) if self.beanshell() => NOTHING,
                    flow => flow,
                })
            }
            StmtKind::If(test, then, other) => {
                let flow = if self.condition(test)? {
                    self.stmt(then)?
                } else if let Some(other) = other {
                    self.stmt(other)?
                } else {
                    NOTHING
                };
                Ok(match flow {
                    Flow::Next(_) if self.beanshell() => NOTHING,
                    flow => flow,
                })
            }
            StmtKind::While(label, test, body) => {
                while self.condition(test)? {
                    self.step()?;
                    if let Some(flow) = self.turn(body, label.as_ref())? {
                        return Ok(flow);
                    }
                }
                Ok(NOTHING)
            }
            StmtKind::DoWhile(label, body, test) => loop {
                self.step()?;
                if let Some(flow) = self.turn(body, label.as_ref())? {
                    return Ok(flow);
                }
                if !self.condition(test)? {
                    return Ok(NOTHING);
                }
            },
            StmtKind::For {
                label,
                init,
                test,
                update,
                body,
                reset,
            } => {
                self.reset(reset);
                for statement in init {
                    self.stmt(statement)?;
                }
                loop {
                    self.step()?;
                    if let Some(test) = test
                        && !self.condition(test)?
                    {
                        return Ok(NOTHING);
                    }
                    if let Some(flow) = self.turn(body, label.as_ref())? {
                        return Ok(flow);
                    }
                    for value in update {
                        self.eval(value)?;
                    }
                }
            }
            StmtKind::ForEach {
                label,
                variable,
                items,
                body,
                reset,
            } => {
                self.reset(reset);
                let items = self.eval(items)?;
                self.for_each(&items, variable, body, label.as_ref())
            }
            StmtKind::Switch(value, cases, reset) => {
                self.reset(reset);
                self.switch(value, cases)
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => self.try_block(body, catches, finally.as_ref()),
            StmtKind::Throw(value) => {
                self.line = statement.pos.line;
                let thrown = self.eval(value)?;
                if thrown.is_nothing() {
                    return Err(throw_plain("java.lang.NullPointerException"));
                }
                if crate::library::throwable::thrown(&thrown).is_none() {
                    let class = crate::class::class_name(&thrown);
                    return Err(throw(
                        "java.lang.ClassCastException",
                        format!(
                            "class {class} cannot be cast to class java.lang.Throwable ({class} and java.lang.Throwable are in module java.base of loader 'bootstrap')"
                        ),
                    ));
                }
                self.doing = Some("TargetError".into());
                Err(Fail::Throw(thrown))
            }
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => Value::Null,
                };
                Ok(Flow::Return(value))
            }
            StmtKind::Break(label) => Ok(Flow::Break(label.clone())),
            StmtKind::Continue(label) => Ok(Flow::Continue(label.clone())),
            StmtKind::Assert(assertion) => self.assertion(assertion, statement.pos),
            StmtKind::Method(_) | StmtKind::Class(_) | StmtKind::Nothing => Ok(NOTHING),
        }
    }

    /// One turn of a loop: `Some` leaves it.
    fn turn(&mut self, body: &Stmt, label: Option<&Name>) -> Run<Option<Flow>> {
        let mine = |wanted: &Option<Name>| wanted.is_none() || wanted.as_ref() == label;
        Ok(match self.stmt(body)? {
            Flow::Next(_) => None,
            Flow::Break(wanted) if mine(&wanted) => Some(NOTHING),
            Flow::Continue(wanted) if mine(&wanted) => None,
            flow => Some(flow),
        })
    }

    fn for_each(
        &mut self,
        items: &Value,
        variable: &Variable,
        body: &Stmt,
        label: Option<&Name>,
    ) -> Run<Flow> {
        if let Value::List(list) = items {
            // As Java's iterator: a changed length is an error, except where the end is reached by chance.
            let length = list.len();
            let mut at = 0;
            loop {
                let now = list.len();
                if at == now {
                    return Ok(NOTHING);
                }
                if now != length {
                    return Err(throw_plain("java.util.ConcurrentModificationException"));
                }
                let value = list.get(at).unwrap_or(Value::Null);
                at += 1;
                if let Some(flow) = self.each_turn(value, variable, body, label)? {
                    return Ok(flow);
                }
            }
        }
        if let Value::Range(range) = items {
            for at in 0..range.len() {
                let value = range.get(at).unwrap_or(Value::Null);
                if let Some(flow) = self.each_turn(value, variable, body, label)? {
                    return Ok(flow);
                }
            }
            return Ok(NOTHING);
        }
        for value in self.items(items)? {
            if let Some(flow) = self.each_turn(value, variable, body, label)? {
                return Ok(flow);
            }
        }
        Ok(NOTHING)
    }

    fn each_turn(
        &mut self,
        value: Value,
        variable: &Variable,
        body: &Stmt,
        label: Option<&Name>,
    ) -> Run<Option<Flow>> {
        self.step()?;
        let value = self.coerce_to(value, variable.ty.as_ref())?;
        self.declare(variable, value);
        self.turn(body, label)
    }

    fn initial(&mut self, value: &Expr, variable: &Variable) -> Run {
        if let (Kind::ArrayLiteral(items), Some(ty)) = (&value.kind, &variable.ty)
            && let Ty::Class(Class::Array(element)) = &ty.ty
        {
            return self.array_of(element, items);
        }
        let value = self.eval(value)?;
        if self.beanshell() && value.is_nothing() && matches!(value, Value::Void) {
            return Err(throw(
                "bsh.EvalError",
                "illegal use of undefined variable, class, or 'void' literal",
            ));
        }
        let out = self.coerce_to(value, variable.ty.as_ref());
        if out.is_err() && self.beanshell() {
            self.doing = Some("Typed variable declaration".into());
        }
        out
    }

    pub(super) fn array_of(&mut self, element: &Arc<str>, items: &[Expr]) -> Run {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = match &item.kind {
                Kind::ArrayLiteral(inner) if element.starts_with('[') => {
                    let inner_element = inner_element(element);
                    self.array_of(&inner_element, inner)?
                }
                _ => self.eval(item)?,
            };
            values.push(self.coerce_element(value, element)?);
        }
        self.charge_items(values.len())?;
        Ok(Value::array(element, values))
    }

    pub(super) fn declare(&mut self, variable: &Variable, value: Value) {
        if variable.slot & GLOBAL != 0 {
            self.globals[(variable.slot & !GLOBAL) as usize] = value;
            return;
        }
        let value = if variable.shared.get() {
            Value::Cell(Arc::new(Mutex::new(value)))
        } else {
            value
        };
        self.stack[self.base + variable.slot as usize] = value;
    }

    fn switch(&mut self, value: &Expr, cases: &[Case]) -> Run<Flow> {
        let value = self.eval(value)?;
        let mut start = None;
        for (i, case) in cases.iter().enumerate() {
            if let Some(test) = &case.test {
                let test = self.eval(test)?;
                if self.is_case(&test, &value)? {
                    start = Some(i);
                    break;
                }
            }
        }
        let start = start.or_else(|| cases.iter().position(|case| case.test.is_none()));
        let mut last = NOTHING;
        for case in cases.iter().skip(start.unwrap_or(cases.len())) {
            for statement in &case.body {
                match self.stmt(statement)? {
                    Flow::Next(value) => last = Flow::Next(value),
                    Flow::Break(None) => return Ok(last),
                    flow => return Ok(flow),
                }
            }
        }
        Ok(if self.beanshell() { NOTHING } else { last })
    }

    fn try_block(&mut self, body: &Block, catches: &[Catch], finally: Option<&Block>) -> Run<Flow> {
        let (base, height, depth) = (self.base, self.stack.len(), self.depth);
        let (this, closure) = (self.this.clone(), self.closure.clone());
        let mut result = self.block(body);
        if let Err(Fail::Throw(thrown)) = &result {
            let thrown = thrown.clone();
            // The exception left frames behind.
            self.base = base;
            self.stack.truncate(height);
            (self.depth, self.this, self.closure) = (depth, this, closure);
            for catch in catches {
                let takes = if catch.types.is_empty() {
                    let exception = crate::class::find("java.lang.Exception");
                    exception.is_some_and(|class| is_instance(&thrown, &Class::Known(class)))
                        || self.beanshell()
                } else {
                    catch
                        .types
                        .iter()
                        .any(|ty| matches!(&ty.ty, Ty::Class(class) if is_instance(&thrown, class)))
                };
                if takes {
                    self.doing = None;
                    self.declare(&catch.variable, thrown);
                    result = self.block(&catch.body);
                    break;
                }
            }
        }
        if let Some(finally) = finally
            && !matches!(result, Err(Fail::Limit(_)))
        {
            match self.block(finally)? {
                // BeanShell takes the value of the last block: what was returned before is lost.
                Flow::Next(_) if self.beanshell() && result.is_ok() => return Ok(NOTHING),
                Flow::Next(_) => {}
                flow => return Ok(flow),
            }
        }
        if self.beanshell() && matches!(result, Ok(Flow::Next(_))) {
            return Ok(NOTHING);
        }
        result
    }

    pub(super) fn condition(&mut self, test: &Expr) -> Run<bool> {
        let value = self.eval(test)?;
        match value {
            Value::Bool(value) => Ok(value),
            _ if self.beanshell() => {
                if matches!(value, Value::Void) {
                    return Err(throw("bsh.EvalError", "Condition evaluates to void type"));
                }
                Err(throw(
                    "bsh.EvalError",
                    "Condition must evaluate to a Boolean or boolean.",
                ))
            }
            value => self.truth(&value),
        }
    }
}

pub(super) fn inner_element(element: &str) -> Arc<str> {
    let inner = element.strip_prefix('[').unwrap_or(element);
    Arc::from(match inner {
        "I" => "int",
        "J" => "long",
        "B" => "byte",
        "C" => "char",
        "S" => "short",
        "D" => "double",
        "F" => "float",
        "Z" => "boolean",
        _ => inner
            .strip_prefix('L')
            .and_then(|name| name.strip_suffix(';'))
            .unwrap_or(inner),
    })
}

/// The value of a declared variable without an initial one.
pub(crate) fn default_of(ty: Option<&TypeName>) -> Value {
    match ty.map(|ty| &ty.ty) {
        Some(Ty::Boolean) => Value::Bool(false),
        Some(Ty::Char) => Value::Char(0),
        Some(Ty::Byte) => Value::Byte(0),
        Some(Ty::Short) => Value::Short(0),
        Some(Ty::Int) => Value::Int(0),
        Some(Ty::Long) => Value::Long(0),
        Some(Ty::Float) => Value::Float(0.0),
        Some(Ty::Double) => Value::Double(0.0),
        _ => Value::Null,
    }
}
