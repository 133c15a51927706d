//! `__P`, `__property`, `__setProperty`, `__isPropDefined`.
//!
//! Values and defaults are trimmed, names are not: so does `JMeterUtils.getPropDefault`.

use loadline_plan::program::Call;

use super::{argument, java_trim, print};
use crate::Scope;

/// `__P(name[,default=1])`.
pub(super) fn read_short(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    if !append(&name, scope, out) {
        if call.parameters.len() > 1 {
            let default = argument(call, 1, scope);
            out.extend_from_slice(java_trim(&default).as_bytes());
        } else {
            out.push(b'1');
        }
    }
}

/// `__property(name[,variable][,default=name])`.
pub(super) fn read(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let name = argument(call, 0, scope);
    if !append(&name, scope, out) {
        if call.parameters.len() > 2 {
            let default = argument(call, 2, scope);
            out.extend_from_slice(java_trim(&default).as_bytes());
        } else {
            out.extend_from_slice(java_trim(&name).as_bytes());
        }
    }
    // Unlike other functions this one does not trim the name of its variable.
    let variable = argument(call, 1, scope);
    if !variable.is_empty() {
        let value = String::from_utf8_lossy(&out[start..]);
        scope.variables.set_by_name(&variable, &value);
    }
}

/// `__setProperty(name,value[,returnOld=false])`.
pub(super) fn write(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    let value = argument(call, 1, scope);
    let wants_old = argument(call, 2, scope).eq_ignore_ascii_case("true");
    let old = scope.functions.run().set_property(&name, &value);
    if wants_old {
        // Java's word for a property that was not there.
        out.extend_from_slice(old.as_deref().unwrap_or("null").as_bytes());
    }
}

/// `__isPropDefined(name)`.
pub(super) fn is_defined(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let name = argument(call, 0, scope);
    let defined = scope.functions.run().property(&name).is_some();
    print(out, defined);
}

/// Appends the value of the property `name`, trimmed as JMeter reads it, or that of the system property; whether there is one.
fn append(name: &str, scope: &Scope<'_>, out: &mut Vec<u8>) -> bool {
    let run = scope.functions.run();
    let is_set = run.properties().read(name, |value| {
        if let Some(value) = value {
            out.extend_from_slice(java_trim(value).as_bytes());
        }
        value.is_some()
    });
    if is_set {
        return true;
    }
    let default = run.system_property(name);
    out.extend_from_slice(java_trim(default.as_deref().unwrap_or_default()).as_bytes());
    default.is_some()
}
