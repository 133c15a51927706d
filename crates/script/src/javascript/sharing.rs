//! Which scripts can share an engine: those that say nothing by which they would change the language for others.
//!
//! What a script says under a name that it makes up (`Array['proto' + 'type']`) or through a variable (`var m = Math`) is not known
//! before it runs, so scripts that do this and give members values have an engine of their own, too.
//!
//! It is a question of meaning, not of safety: in a shared engine the language's own objects cannot be changed (see `harden.js`), so a
//! script that adds a method to all arrays gets an engine of its own, where it can. Not here: the engines.

use super::language::OF_LANGUAGE;
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

/// Names of the language that stand for no object, or for Java's.
const WITHOUT_MEMBERS: &[&str] = &[
    "Infinity",
    "Java",
    "NaN",
    "Packages",
    "com",
    "edu",
    "java",
    "javax",
    "net",
    "org",
    "undefined",
];

/// Words before a list that are no list themselves.
const BEFORE_LISTS: &[&str] = &[
    "await",
    "case",
    "do",
    "else",
    "in",
    "instanceof",
    "new",
    "of",
    "return",
    "throw",
    "typeof",
    "void",
    "yield",
];

/// Whether the script of `words` can run in an engine that others use, too.
pub(super) fn can_share(words: &[Word<'_>]) -> bool {
    let may_change_unnamed =
        gives_members(words) && (has_made_up_key(words) || hands_language_on(words));
    !may_change_unnamed
        && words.iter().enumerate().all(|(at, word)| match word.kind {
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

/// Whether a member of some object is given a value or removed.
fn gives_members(words: &[Word<'_>]) -> bool {
    (0..words.len()).any(|at| {
        let (before, word, behind) = (&words[..at], &words[at], &words[at + 1..]);
        match word.kind {
            Kind::Name("delete") => true,
            // The target of a loop: `for (o.x in all)`.
            Kind::Name("in" | "of") => is_end_of_member(before),
            // Lists and objects of names stand before it, too.
            Kind::Sign(']' | '}') => is_assignment(behind),
            Kind::Name(_) if before.last().is_some_and(|dot| dot.is('.')) => is_assignment(behind),
            // `++o.x`.
            Kind::Sign(sign @ ('+' | '-')) => matches!(
                behind,
                [second, name, member, ..]
                    if second.is(sign)
                        && matches!(name.kind, Kind::Name(_))
                        && (member.is('.') || member.is('['))
            ),
            _ => false,
        }
    })
}

fn is_end_of_member(words: &[Word<'_>]) -> bool {
    match words {
        [.., dot, name] => name.is(']') || (dot.is('.') && matches!(name.kind, Kind::Name(_))),
        _ => false,
    }
}

/// Whether what stands before `behind` gets a value: `=`, `+=`, `<<=`, `++` and their like.
fn is_assignment(behind: &[Word<'_>]) -> bool {
    let sign = |at: usize| match behind.get(at).map(|word| word.kind) {
        Some(Kind::Sign(sign)) => sign,
        _ => ' ',
    };
    match (sign(0), sign(1), sign(2)) {
        ('=', next, _) => next != '=' && next != '>',
        ('+', '+', _) | ('-', '-', _) => true,
        ('+' | '-' | '*' | '/' | '%' | '&' | '|' | '^', '=', next) => next != '=',
        ('<', '<', '=') | ('>', '>', '=' | '>') | ('*', '*', '=') => true,
        ('&', '&', '=') | ('|', '|', '=') | ('?', '?', '=') => true,
        _ => false,
    }
}

/// Whether a member is named by something else than a number or a text.
fn has_made_up_key(words: &[Word<'_>]) -> bool {
    (1..words.len()).any(|at| {
        let is_index = words[at].is('[')
            && match words[at - 1].kind {
                Kind::Name(name) => !BEFORE_LISTS.contains(&name),
                Kind::Sign(sign) => matches!(sign, ')' | ']' | '}'),
                Kind::Text(_) | Kind::Template(_) => true,
                _ => false,
            };
        let is_plain = matches!(
            &words[at + 1..],
            [key, close, ..] if close.is(']') && matches!(key.kind, Kind::Number | Kind::Text(_))
        );
        is_index && !is_plain
    })
}

/// Whether an object of the language is given to a variable or a function.
fn hands_language_on(words: &[Word<'_>]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let Kind::Name(name) = word.kind else {
            return false;
        };
        let before = at.checked_sub(1).map(|at| words[at].kind);
        let is_known = matches!(before, Some(Kind::Sign('.') | Kind::Name("instanceof")));
        let is_used =
            matches!(words.get(at + 1), Some(next) if next.is('.') || next.is('(') || next.is(':'));
        OF_LANGUAGE.contains(&name) && !WITHOUT_MEMBERS.contains(&name) && !is_known && !is_used
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
            "Promise.own = 1",
            "var e = TypeError; e.own = 1",
            "[]['__proto__'].own = 1",
            "Object.assign(Math, {own: 1})",
            "this.x = 1",
            "importPackage(java.util); new ArrayList()",
            "eval('var x = 1')",
            "`${Math.own = 1}`",
            "Array['proto' + 'type'].own = 1",
            "var a = [], k = 'length'; a[k]++",
            "var m = Math; m.own = 1",
            "(function (m) { m.own += 1 })(JSON)",
            "var k = vars.get('k'); [][k][k].own = 1",
            "for ([][vars.get('k')].own in {a: 1}) {}",
            "var m = [Math]; --m[0].own",
            "var m = Math; [m.own] = [1]",
        ] {
            assert!(!can_share(&words(alone)), "{alone}");
        }
        for shared in [
            "vars.put('x', String(parseInt(vars.get('y')) + 1))",
            "var o = {Math: 1}; o.Math = 2; o.toString = function () { return 'o'; }; o",
            "Math.max(1, 2) == 2 && JSON.parse('{}') != null",
            "var f = Math => 1; 'thisisit'",
            "`plain`",
            "var a = [1, 2]; a[0] = a[1]; a['x'] == 1 ? a[1] : a.length",
            "var sum = 0; for (var i = 0; i < 3; i++) { sum += args[i]; } sum",
            "var o = {}; if (o.x == undefined) { o.x = new Date(); } o instanceof Date",
        ] {
            assert!(can_share(&words(shared)), "{shared}");
        }
    }
}
