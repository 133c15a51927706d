//! JavaScript is refused by name until an engine for it is part of the crate.

use crate::host::Host;
use crate::interp::{Outcome, ScriptError};
use crate::limits::Limits;
use crate::refusal::{Refusal, RefusalKind};

pub(crate) fn check(_source: &str) -> Result<(), Refusal> {
    Err(Refusal {
        kind: RefusalKind::UnsupportedSyntax,
        line: 1,
        column: 1,
        message: "JavaScript is not supported".into(),
        java_class: None,
        java_message: None,
    })
}

pub(crate) fn run(_source: &str, _host: &mut dyn Host, _limits: &Limits) -> Outcome {
    Outcome::failed(ScriptError {
        class: "javax.script.ScriptException".into(),
        message: Some("JavaScript is not supported".into()),
        target: None,
        line: 1,
        limit: false,
    })
}
