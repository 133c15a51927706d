//! `__V`, `__eval`, `__evalVar`, `__isVarDefined`: names and texts that are made at run time.

use std::collections::HashMap;
use std::rc::Rc;

use loadline_plan::program::{Call, CallId, NameResolver, Slot, Template, parse_evaluated_text};

use super::{argument, print};
use crate::{Scope, SlotNames};

/// Texts kept parsed on each engine thread; with more the collection starts afresh, which costs
/// parsing again and nothing else.
const MAX_PARSED: usize = 256;

/// Longest text that is kept parsed, in bytes.
const MAX_KEPT_BYTES: usize = 4096;

/// How deep evaluated texts may evaluate others; a text that evaluates itself has no end.
const MAX_DEPTH: u32 = 16;

/// Texts of `__eval` that have been parsed on this engine thread.
#[derive(Debug, Default)]
pub(super) struct ParsedTexts {
    by_text: HashMap<Box<str>, Rc<Template>>,
}

/// `__V(name[,default=name])`.
pub(super) fn variable(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    if let Some(value) = scope.variables.get_by_name(&name) {
        out.extend_from_slice(value.as_bytes());
    } else if call.parameters.len() > 1 {
        let default = argument(call, 1, scope);
        out.extend_from_slice(default.as_bytes());
    } else {
        out.extend_from_slice(name.as_bytes());
    }
}

/// `__isVarDefined(name)`.
pub(super) fn is_defined(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    print(out, scope.variables.get_by_name(&name).is_some());
}

/// `__eval(text)`.
pub(super) fn text(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let text = argument(call, 0, scope);
    expand(&text, scope, out)
}

/// `__evalVar(name)`: an unset variable expands to nothing.
pub(super) fn variable_text(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let name = argument(call, 0, scope);
    match scope.variables.get_by_name(&name) {
        Some(value) => {
            let value = value.to_owned();
            expand(&value, scope, out)
        }
        None => Ok(()),
    }
}

/// Appends `text` with its references evaluated; nothing when it cannot be parsed, as in JMeter.
fn expand(text: &str, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let functions = scope.functions;
    let depth = functions.depth.get();
    if depth >= MAX_DEPTH {
        return Err(format!(
            "texts evaluate each other more than {MAX_DEPTH} deep"
        ));
    }
    let known = functions.parsed.borrow().by_text.get(text).cloned();
    let template = match known {
        Some(template) => template,
        None => {
            let mut names = RunTimeNames {
                slots: scope.variables.names(),
            };
            let Ok(template) = parse_evaluated_text(text, &mut names) else {
                return Ok(());
            };
            let template = Rc::new(template);
            if text.len() <= MAX_KEPT_BYTES {
                let by_text = &mut functions.parsed.borrow_mut().by_text;
                if by_text.len() >= MAX_PARSED {
                    by_text.clear();
                }
                by_text.insert(text.into(), Rc::clone(&template));
            }
            template
        }
    };
    functions.depth.set(depth + 1);
    scope.render(&template, out);
    functions.depth.set(depth);
    Ok(())
}

/// Names in a text that was not there when the plan was compiled.
struct RunTimeNames<'a> {
    slots: &'a SlotNames,
}

impl NameResolver for RunTimeNames<'_> {
    fn variable(&mut self, name: &str) -> Option<Slot> {
        self.slots.slot(name)
    }

    fn call(&mut self, _function: &'static str) -> CallId {
        CallId::DYNAMIC
    }

    fn unknown_function(&mut self, _name: &str) {}
}
