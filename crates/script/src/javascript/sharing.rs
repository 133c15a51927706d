//! Which scripts can share an engine: those that say nothing by which they would change the language for others.
//!
//! It is a question of meaning, not of safety: in a shared engine the language's own objects cannot be changed (see `harden.js`), so a
//! script that adds a method to all arrays gets an engine of its own, where it can. Not here: the engines.

use super::names::{Kind, Word};

/// Words of scripts that change the language's objects, look at the global object or at their own function, or import names.
const OF_CHANGES: &[&str] = &[
    "Function",
    "JavaImporter",
    "Reflect",
    "__defineGetter__",
    "__defineSetter__",
    "__proto__",
    "arguments",
    "assign",
    "constructor",
    "defineProperties",
    "defineProperty",
    "eval",
    "getPrototypeOf",
    "globalThis",
    "importClass",
    "importPackage",
    "load",
    "prepareStackTrace",
    "prototype",
    "setPrototypeOf",
    "this",
    "with",
];

/// The language's own names.
const OF_LANGUAGE: &[&str] = &[
    "Array",
    "Boolean",
    "Date",
    "Error",
    "Infinity",
    "JSON",
    "Java",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Packages",
    "Proxy",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "com",
    "decodeURI",
    "decodeURIComponent",
    "edu",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "isFinite",
    "isNaN",
    "java",
    "javax",
    "net",
    "org",
    "parseFloat",
    "parseInt",
    "print",
    "undefined",
    "unescape",
];

/// Whether the script of `words` can run in an engine that others use, too.
pub(super) fn can_share(words: &[Word<'_>]) -> bool {
    words.iter().enumerate().all(|(at, word)| match word.kind {
        Kind::Text(text) => !OF_CHANGES.contains(&text),
        Kind::Name(name) => {
            let is_member = at > 0 && words[at - 1].is('.');
            !OF_CHANGES.contains(&name)
                && (is_member || !OF_LANGUAGE.contains(&name) || !is_set(&words[at + 1..]))
        }
        // Code in a template is not taken apart here.
        Kind::Template(text) => !text.contains("${"),
        _ => true,
    })
}

/// Whether the name before `behind`, or a member of it, is given a value.
fn is_set(behind: &[Word<'_>]) -> bool {
    match behind {
        [sign, next, ..] if sign.is('=') => !next.is('=') && !next.is('>'),
        [dot, name, rest @ ..] if dot.is('.') && matches!(name.kind, Kind::Name(_)) => is_set(rest),
        // Which member it is, shows when it runs.
        [open, ..] => open.is('['),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::words;
    use super::*;

    #[test]
    fn scripts_that_change_the_language_are_alone() {
        for alone in [
            "String.prototype.own = 1",
            "Math.own = 1",
            "Math['own'] = 1",
            "parseInt = 5",
            "[]['__proto__'].own = 1",
            "Object.assign(Math, {own: 1})",
            "this.x = 1",
            "importPackage(java.util); new ArrayList()",
            "eval('var x = 1')",
            "`${Math.own = 1}`",
        ] {
            assert!(!can_share(&words(alone)), "{alone}");
        }
        for shared in [
            "vars.put('x', String(parseInt(vars.get('y')) + 1))",
            "var o = {Math: 1}; o.Math = 2; o.toString = function () { return 'o'; }; o",
            "Math.max(1, 2) == 2 && JSON.parse('{}') != null",
            "var f = Math => 1; 'thisisit'",
            "`plain`",
        ] {
            assert!(can_share(&words(shared)), "{shared}");
        }
    }
}
