//! Groovy's `assert`, whose error draws what each part of the condition was.
//!
//! Source: `ValueRecorder` and `AssertionRenderer` of Groovy, by what they print.

use super::Interp;
use super::exec::{Flow, NOTHING};
use crate::ast::*;
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::value::Value;

/// What parts of a condition were, each with the column where it stands.
#[derive(Default)]
struct Record {
    values: Vec<(usize, Value)>,
    /// Where the statement begins.
    start: Pos,
}

impl Record {
    fn note(&mut self, pos: Pos, value: &Value) {
        // Values of other lines have no place in the drawing.
        if pos.line == self.start.line && pos.column >= self.start.column {
            let column = (pos.column - self.start.column) as usize;
            self.values.push((column, value.clone()));
        }
    }
}

impl Interp<'_> {
    pub(super) fn assertion(&mut self, assertion: &Assertion, start: Pos) -> Run<Flow> {
        let (test, text) = (&assertion.test, &assertion.text);
        if let Some(message) = &assertion.message {
            if self.condition(test)? {
                return Ok(NOTHING);
            }
            let message = self.eval(message)?;
            let message = self.text(&message)?;
            // The compiler's text of an expression has every operation in parentheses and no quotes.
            let plain = text.replace(['\'', '"'], "");
            let mut words = if matches!(test.kind, Kind::Binary(..) | Kind::And(..) | Kind::Or(..))
            {
                format!("{message}. Expression: ({plain})")
            } else {
                format!("{message}. Expression: {plain}")
            };
            for (index, (name, value)) in assertion.variables.iter().enumerate() {
                let value = self.eval(value)?;
                let value = self.text(&value)?;
                let before = if index == 0 { ". Values: " } else { ", " };
                words.push_str(&format!("{before}{name} = {value}"));
            }
            return Err(throw("java.lang.AssertionError", words));
        }
        let mut record = Record {
            start,
            ..Record::default()
        };
        let value = self.recorded(test, &mut record)?;
        if self.truth(&value)? {
            return Ok(NOTHING);
        }
        let drawing = self.drawing(text, record)?;
        Err(throw(
            "org.codehaus.groovy.runtime.powerassert.PowerAssertionError",
            format!("assert {text}\n{drawing}"),
        ))
    }

    /// Evaluates a part of a condition and keeps what it was.
    fn recorded(&mut self, expr: &Expr, record: &mut Record) -> Run {
        self.check_stack()?;
        let value = match &expr.kind {
            Kind::Literal(value) => return Ok(value.clone()),
            Kind::ClassLiteral(_) | Kind::Closure(_) => return self.eval(expr),
            Kind::GString(values, _) => {
                // Evaluated again as a whole: only variables are without effect.
                for value in values {
                    if matches!(value.kind, Kind::Local(_) | Kind::Global(_)) {
                        self.recorded(value, record)?;
                    }
                }
                return self.eval(expr);
            }
            Kind::Ternary(test, yes, no) => {
                let test = self.recorded(test, record)?;
                let branch = if self.truth(&test)? { yes } else { no };
                return self.recorded(branch, record);
            }
            Kind::Elvis(a, b) => {
                let a = self.recorded(a, record)?;
                return if self.truth(&a)? {
                    Ok(a)
                } else {
                    self.recorded(b, record)
                };
            }
            Kind::InstanceOf(a, ty, negated) => {
                let a = self.recorded(a, record)?;
                let Ty::Class(class) = &ty.ty else {
                    return self.eval(expr);
                };
                Value::Bool(crate::class::is_instance(&a, class) != *negated)
            }
            Kind::List(_) | Kind::Map(_) | Kind::Range(..) => {
                let value = self.eval(expr)?;
                record.note(expr.pos, &value);
                return Ok(value);
            }
            Kind::Binary(op, a, b) => {
                let a = self.recorded(a, record)?;
                let b = self.recorded(b, record)?;
                self.binary(*op, &a, &b)?
            }
            Kind::Unary(UnaryOp::Not, a) => {
                let a = self.recorded(a, record)?;
                Value::Bool(!self.truth(&a)?)
            }
            Kind::And(a, b) => {
                let a = self.recorded(a, record)?;
                let holds = self.truth(&a)? && {
                    let b = self.recorded(b, record)?;
                    self.truth(&b)?
                };
                Value::Bool(holds)
            }
            Kind::Or(a, b) => {
                let a = self.recorded(a, record)?;
                let holds = self.truth(&a)? || {
                    let b = self.recorded(b, record)?;
                    self.truth(&b)?
                };
                Value::Bool(holds)
            }
            Kind::In(a, b, negated) => {
                let a = self.recorded(a, record)?;
                let b = match b.kind {
                    Kind::List(_) => self.eval(b)?,
                    _ => self.recorded(b, record)?,
                };
                Value::Bool(self.is_case(&b, &a)? != *negated)
            }
            Kind::Property(p) if !p.spread && !p.attribute && !p.safe => {
                let Member::Fixed(name) = &p.member else {
                    return self.eval(expr);
                };
                let object = self.recorded(&p.object, record)?;
                let value = self.known_property(&object, name, &p.getter, &p.is_getter)?;
                record.note(after_dot(expr.pos), &value);
                return Ok(value);
            }
            Kind::Call(call) if !call.spread => {
                let (Some(object), Member::Fixed(name)) = (&call.object, &call.member) else {
                    let value = self.eval(expr)?;
                    record.note(expr.pos, &value);
                    return Ok(value);
                };
                let object = self.recorded(object, record)?;
                let at = Pos {
                    column: expr.pos.column + 1 + u32::from(call.safe),
                    ..expr.pos
                };
                if call.safe && object.is_nothing() {
                    record.note(at, &Value::Null);
                    return Ok(Value::Null);
                }
                let mut args = Vec::with_capacity(call.args.len());
                for arg in &call.args {
                    match arg {
                        Arg::Plain(arg) => args.push(self.recorded(arg, record)?),
                        arg => args.extend(self.args(std::slice::from_ref(arg))?),
                    }
                }
                let value = self.call_method(&object, name, &args)?;
                record.note(at, &value);
                return Ok(value);
            }
            Kind::Call(call) => {
                let value = self.eval(expr)?;
                let at = if call.object.is_some() {
                    after_dot(expr.pos)
                } else {
                    expr.pos
                };
                record.note(at, &value);
                return Ok(value);
            }
            Kind::Index(object, items, false) if items.len() == 1 => {
                let object = self.recorded(object, record)?;
                let key = self.recorded(&items[0], record)?;
                self.index(&object, &key)?
            }
            _ => self.eval(expr)?,
        };
        record.note(expr.pos, &value);
        Ok(value)
    }

    /// Values below the places of their expressions, each as high as it finds room.
    fn drawing(&mut self, text: &str, record: Record) -> Run<String> {
        // Only the first line of a condition is drawn below.
        let is_one_line = !text.contains('\n');
        let mut values: Vec<(usize, Value)> = Vec::new();
        for (column, value) in record.values.into_iter().filter(|_| is_one_line) {
            match values.iter_mut().find(|(known, _)| *known == column) {
                Some(known) => known.1 = value,
                None => values.push((column, value)),
            }
        }
        values.sort_by_key(|(column, _)| std::cmp::Reverse(*column));
        // The first line has nothing but bars.
        let mut lines: Vec<(String, usize)> = vec![(String::new(), 0)];
        for (column, value) in values {
            let shown = self.inspected(&value)?;
            let shown: Vec<&str> = shown.split(['\n', '\r']).collect();
            let end = match shown.as_slice() {
                [one] => column + one.chars().count(),
                _ => usize::MAX,
            };
            let mut is_placed = false;
            for (index, (line, start)) in lines.iter_mut().enumerate() {
                if end < *start {
                    place(line, shown[0], column);
                    *start = column;
                    is_placed = true;
                    break;
                }
                place(line, "|", column);
                if index > 0 {
                    *start = column + 1;
                }
            }
            if !is_placed {
                for part in shown {
                    let mut line = String::new();
                    place(&mut line, part, column);
                    lines.push((line, column));
                }
            }
            self.charge(lines.len() * 64)?;
        }
        let lines = lines.into_iter().map(|(line, _)| line);
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    fn inspected(&mut self, value: &Value) -> Run<String> {
        match value {
            Value::Null | Value::Void => Ok("null".into()),
            value => match crate::library::object::inspected(self, value, 0) {
                Err(Fail::Throw(_)) => Ok(String::new()),
                shown => shown,
            },
        }
    }
}

/// Writes `text` over the blanks of a line, from the column on.
fn place(line: &mut String, text: &str, column: usize) {
    let mut letters: Vec<char> = line.chars().collect();
    let end = column + text.chars().count();
    if letters.len() < end {
        letters.resize(end, ' ');
    }
    for (index, letter) in text.chars().enumerate() {
        letters[column + index] = letter;
    }
    *line = letters.into_iter().collect();
}

fn after_dot(pos: Pos) -> Pos {
    Pos {
        column: pos.column + 1,
        ..pos
    }
}
