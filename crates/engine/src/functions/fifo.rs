//! Queues between users: `__fifoPut`, `__fifoGet`, `__fifoPop` and `__fifoSize` of the plugin
//! jmeter-plugins-fifo.
//!
//! A function does not wait: a user waits for what the texts of a sampler take out before the sampler
//! runs, and holds it for them ([`HeldTexts`]).

use loadline_plan::program::Call;

use super::{Problem, argument, java_trim, print, store};
use crate::Scope;
use crate::fifo::Fifos;

/// What a user has taken out of queues for the texts of its present sampler, in order; `None` for one
/// that did not come in time.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldTexts(Vec<(String, Option<String>)>);

impl HeldTexts {
    pub(crate) fn hold(&mut self, queue: String, text: Option<String>) {
        self.0.push((queue, text));
    }

    /// Gives back to the queues what no text has taken.
    pub(crate) fn give_back(&mut self, fifos: &Fifos) {
        while let Some((queue, text)) = self.0.pop() {
            if let Some(text) = text {
                fifos.named(&queue).give_back(text);
            }
        }
    }

    fn take(&mut self, queue: &str) -> Option<Option<String>> {
        let index = self.0.iter().position(|(name, _)| name == queue)?;
        Some(self.0.remove(index).1)
    }
}

/// `__fifoPut`: the value is that of the call.
pub(super) fn put(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let queue = argument(call, 0, scope);
    let text = argument(call, 1, scope);
    out.extend_from_slice(text.as_bytes());
    scope
        .functions
        .run
        .fifos
        .named(&queue)
        .put(text.into_owned());
}

/// `__fifoGet`: the first text, which stays; empty without one.
pub(super) fn get(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let queue = argument(call, 0, scope);
    let text = scope.functions.run.fifos.named(&queue).first();
    let text = text.unwrap_or_default();
    out.extend_from_slice(text.as_bytes());
    store(call, 1, scope, text.as_bytes());
}

/// `__fifoSize`
pub(super) fn size(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let queue = argument(call, 0, scope);
    let start = out.len();
    print(out, scope.functions.run.fifos.named(&queue).len());
    store(call, 1, scope, &out[start..]);
}

/// `__fifoPop`: the text that the user holds, or the first of the queue. Of one that did not come in
/// time Java makes `null`, and no variable.
pub(super) fn pop(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let queue = argument(call, 0, scope).into_owned();
    let held = scope.per_user.held.take(&queue);
    let text = match held {
        Some(text) => text,
        None => match scope.functions.run.fifos.named(&queue).take() {
            Some(text) => Some(text),
            None => {
                return Err(format!("queue `{queue}` is empty, and nobody waits here").into());
            }
        },
    };
    match text {
        Some(text) => {
            out.extend_from_slice(text.as_bytes());
            store(call, 1, scope, text.as_bytes());
        }
        None => {
            out.extend_from_slice(b"null");
            let name = argument(call, 1, scope);
            scope.variables.remove_by_name(java_trim(&name));
        }
    }
    Ok(())
}
