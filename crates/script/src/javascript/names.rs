//! What a script names of Java: found in its text before the run, so that what is not there is told then.
//!
//! JavaScript cannot be resolved before it runs; this finds what scripts of plans write out: classes by their full names, methods of
//! JMeter's objects called by name. The rest shows when it runs.

use super::language::OF_LANGUAGE;
use crate::class::{ClassInfo, find};
use crate::library::CLASS_METHODS;
use crate::name::symbol;
use crate::refusal::{Refusal, RefusalKind};

/// What JMeter binds for scripts of elements and functions.
const BOUND: &[&str] = &[
    "AssertionResult",
    "FileName",
    "Label",
    "OUT",
    "Parameters",
    "SampleResult",
    "args",
    "ctx",
    "data",
    "log",
    "prev",
    "props",
    "sampleEvent",
    "sampleResult",
    "sampler",
    "threadName",
    "vars",
];

/// Packages that are variables of every script.
const ROOTS: &[&str] = &["Packages", "com", "edu", "java", "javax", "net", "org"];

/// The classes of JMeter's objects, whose methods are known before the run.
const CLASSES: &[(&str, &str)] = &[
    (
        "AssertionResult",
        "org.apache.jmeter.assertions.AssertionResult",
    ),
    ("SampleResult", "org.apache.jmeter.samplers.SampleResult"),
    ("ctx", "org.apache.jmeter.threads.JMeterContext"),
    ("log", "org.slf4j.Logger"),
    ("prev", "org.apache.jmeter.samplers.SampleResult"),
    ("sampleEvent", "org.apache.jmeter.samplers.SampleEvent"),
    ("sampleResult", "org.apache.jmeter.samplers.SampleResult"),
    ("vars", "org.apache.jmeter.threads.JMeterVariables"),
];

/// The names that JMeter binds and that `source` may read, each with a bit of its own.
pub(super) fn bound(source: &str) -> impl Iterator<Item = (u32, &'static str)> {
    let all = BOUND.iter().enumerate();
    let found = all.filter(|(_, name)| source.contains(**name));
    found.map(|(at, name)| (1 << at, *name))
}

/// The script with its calls of `.length()` as calls of `.length$()`: a text of Java has that method in Nashorn, and JavaScript
/// can give one name one meaning only.
pub(super) fn with_calls_of_length(source: &str) -> Box<str> {
    let words = words(source);
    let mut text = String::with_capacity(source.len());
    let mut from = 0;
    for four in words.windows(4) {
        if four[0].is('.') && four[1].is_name("length") && four[2].is('(') && four[3].is(')') {
            let end = four[1].at + "length".len();
            text.push_str(&source[from..end]);
            text.push('$');
            from = end;
        }
    }
    text.push_str(&source[from..]);
    text.into()
}

/// Everything that is named and not supported.
pub(super) fn refused(words: &[Word<'_>]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let imported = imported_packages(words);
    for at in 0..words.len() {
        let word = &words[at];
        let is_member = at > 0 && words[at - 1].is('.');
        let Kind::Name(name) = word.kind else {
            continue;
        };
        if is_member {
            continue;
        }
        if name == "for" && words.get(at + 1).is_some_and(|next| next.is_name("each")) {
            refusals.push(word.refusal(
                RefusalKind::UnsupportedSyntax,
                "`for each` is not supported: use a loop by index".to_owned(),
            ));
        } else if ROOTS.contains(&name) {
            refusals.extend(refused_class(&words[at..]));
        } else if name == "Java" && !is_own(words, name) {
            refusals.extend(refused_type(&words[at..]));
        } else if let Some(info) = class_in(words, name) {
            refusals.extend(refused_member(word, info, &words[at + 1..]));
        } else if !imported.is_empty()
            && (at > 0 && words[at - 1].is_name("new") || has_member(&words[at + 1..]))
        {
            refusals.extend(refused_import(words, word, name, &imported));
        } else if let Some((_, class)) = CLASSES.iter().find(|(known, _)| *known == name)
            && !is_own(words, name)
        {
            refusals.extend(refused_method(&words[at..], class));
        }
    }
    refusals
}

/// Whether the script declares or sets `name` itself.
fn is_own(words: &[Word<'_>], name: &str) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let declares = |before: &Word<'_>| {
            matches!(
                before.kind,
                Kind::Name("var" | "let" | "const" | "function" | "class" | "catch")
            ) || before.is('(')
                || before.is(',')
        };
        let is_set = || {
            let next = |by| words.get(at + by);
            next(1).is_some_and(|next| next.is('=')) && !next(2).is_some_and(|next| next.is('='))
        };
        word.is_name(name)
            && (is_set()
                || at > 0
                    && declares(&words[at - 1])
                    && !words.get(at + 1).is_some_and(|w| w.is('.')))
    })
}

/// `java.a.B` or `Packages.a.B` at the beginning of `words`, and the words behind it.
fn class_path<'w, 'a>(words: &'w [Word<'a>]) -> Option<(String, &'w [Word<'a>])> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(Word {
        kind: Kind::Name(name),
        ..
    }) = words.get(at)
    {
        parts.push(*name);
        let is_class = parts.len() > 1 && name.starts_with(|c: char| c.is_ascii_uppercase());
        at += 1;
        if is_class {
            break;
        }
        if !words.get(at).is_some_and(|word| word.is('.')) {
            return None;
        }
        at += 1;
    }
    if parts.first() == Some(&"Packages") {
        parts.remove(0);
    }
    (parts.len() > 1).then(|| (parts.join("."), &words[at..]))
}

/// A whole name of a class at the beginning of `words`, if there is no such class, or no such member of it.
fn refused_class(words: &[Word<'_>]) -> Option<Refusal> {
    let (name, behind) = class_path(words)?;
    refused_name(&words[0], &name, behind)
}

/// `Java.type("a.B")` and the words behind it.
fn type_path<'w, 'a>(words: &'w [Word<'a>]) -> Option<(&'a str, &'w [Word<'a>])> {
    match words {
        [java, dot, method, open, name, close, behind @ ..]
            if java.is_name("Java")
                && dot.is('.')
                && method.is_name("type")
                && open.is('(')
                && close.is(')') =>
        {
            match name.kind {
                Kind::Text(text) => Some((text, behind)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `Java.type("a.B")`, if there is no such class, and another function of `Java`.
fn refused_type(words: &[Word<'_>]) -> Option<Refusal> {
    if let Some((class, behind)) = type_path(words) {
        return refused_name(&words[4], class, behind);
    }
    let method = called(&words[1..])?;
    let is_known = ["from", "to", "type"].contains(&method);
    (!is_known).then(|| {
        let message = format!("method Java.{method} is not supported");
        words[0].refusal(RefusalKind::UnknownMethod, message)
    })
}

/// The class `name`, or the static member `behind` it, if it is not there.
fn refused_name(place: &Word<'_>, name: &str, behind: &[Word<'_>]) -> Option<Refusal> {
    let Some(info) = find(name) else {
        let message = format!("class {name} is not supported");
        return Some(place.refusal(RefusalKind::UnknownClass, message));
    };
    if let Some(why) = info.forbidden {
        let message = format!("class {name} is not supported ({why})");
        return Some(place.refusal(RefusalKind::Forbidden, message));
    }
    refused_member(place, info, behind)
}

/// The static method or field `.name` at the beginning of `behind`, if the class has none.
fn refused_member(
    place: &Word<'_>,
    info: &'static ClassInfo,
    behind: &[Word<'_>],
) -> Option<Refusal> {
    let [
        dot,
        Word {
            kind: Kind::Name(member),
            ..
        },
        ..,
    ] = behind
    else {
        return None;
    };
    let has = |names: &[&str]| has(names, member);
    let is_known = !dot.is('.')
        || has(info.statics)
        || has(&["class", "static", "prototype"])
        || CLASS_METHODS.iter().any(|names| has(names))
        || info.field.is_some_and(|field| field(member).is_some())
        || find(&format!("{}${member}", info.name)).is_some();
    if is_known {
        return None;
    }
    if called(behind).is_some() {
        return Some(unknown_method(place, info, member));
    }
    let message = format!("{}.{member} is not supported", info.name);
    Some(place.refusal(RefusalKind::UnknownMethod, message))
}

/// The class that `name` stands for in the whole script: `var name = Java.type("a.B")`, `name = java.a.B`, `importClass(java.a.name)`.
fn class_in(words: &[Word<'_>], name: &str) -> Option<&'static ClassInfo> {
    let mut class = None;
    for (at, word) in words.iter().enumerate() {
        let is_member = at > 0 && words[at - 1].is('.');
        if is_member {
            continue;
        }
        if word.is_name("importClass")
            && let Some((path, _)) = words.get(at + 2..).and_then(class_path)
            && path.rsplit('.').next() == Some(name)
        {
            class = find(&path);
        }
        if !word.is_name(name) || !words.get(at + 1).is_some_and(|next| next.is('=')) {
            continue;
        }
        let value = &words[at + 2..];
        let path = type_path(value).map(|(path, behind)| (path.to_owned(), behind));
        let (path, behind) = path.or_else(|| class_path(value))?;
        let goes_on = behind
            .first()
            .is_some_and(|next| next.is('.') || next.is('('));
        if goes_on || class.is_some() {
            return None;
        }
        class = Some(find(&path)?);
    }
    class
}

/// The packages of `importPackage(java.a, ..)` and `new JavaImporter(java.a, ..)`.
fn imported_packages(words: &[Word<'_>]) -> Vec<String> {
    let mut packages = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if !word.is_name("importPackage") && !word.is_name("JavaImporter") {
            continue;
        }
        let mut parts: Vec<&str> = Vec::new();
        for word in words.iter().skip(at + 2) {
            match word.kind {
                Kind::Name("Packages") => {}
                Kind::Name(part) => parts.push(part),
                Kind::Sign('.') => {}
                Kind::Sign(',' | ')') => {
                    packages.push(std::mem::take(&mut parts).join("."));
                    if word.is(')') {
                        break;
                    }
                }
                _ => break,
            }
        }
    }
    packages
}

/// A class of an imported package that is not known, or a static member that a known one does not have.
fn refused_import(
    words: &[Word<'_>],
    word: &Word<'_>,
    name: &str,
    packages: &[String],
) -> Option<Refusal> {
    if !name.starts_with(|c: char| c.is_ascii_uppercase())
        || OF_LANGUAGE.contains(&name)
        || BOUND.contains(&name)
        || is_own(words, name)
    {
        return None;
    }
    let paths = packages
        .iter()
        .map(|package| match package.rsplit_once('.') {
            // `new JavaImporter(java.util.UUID)` names a class.
            Some((_, class)) if class == name => package.clone(),
            _ => format!("{package}.{name}"),
        });
    let Some(info) = paths.filter_map(|path| find(&path)).next() else {
        let message = format!(
            "class {name} is not supported, which the import of {} may bring",
            packages.join(", ")
        );
        return Some(word.refusal(RefusalKind::UnknownClass, message));
    };
    let at = words.iter().position(|other| std::ptr::eq(other, word))?;
    refused_member(word, info, &words[at + 1..])
}

/// Whether `words` begin with `.name`.
fn has_member(words: &[Word<'_>]) -> bool {
    matches!(words, [dot, Word { kind: Kind::Name(_), .. }, ..] if dot.is('.'))
}

/// A method of one of JMeter's objects that its class does not have.
fn refused_method(words: &[Word<'_>], class: &str) -> Option<Refusal> {
    let info = find(class)?;
    let method = called(&words[1..])?;
    let is_known = info.methods.iter().any(|names| has(names, method))
        || has(&["equals", "getClass", "hashCode", "toString"], method);
    (!is_known).then(|| unknown_method(&words[0], info, method))
}

fn unknown_method(place: &Word<'_>, info: &ClassInfo, method: &str) -> Refusal {
    let message = format!("method {}.{method} is not supported", info.name);
    place.refusal(RefusalKind::UnknownMethod, message)
}

/// The name in `.name(`.
fn called<'a>(words: &[Word<'a>]) -> Option<&'a str> {
    match words {
        [dot, name, open, ..] if dot.is('.') && open.is('(') => match name.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn has(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| symbol(known) == symbol(name))
}

/// A piece of a script that matters here.
pub(super) struct Word<'a> {
    pub(super) kind: Kind<'a>,
    /// Where it begins, in bytes.
    at: usize,
    line: u32,
    column: u32,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind<'a> {
    Name(&'a str),
    Text(&'a str),
    /// A text between backquotes.
    Template(&'a str),
    Sign(char),
    Number,
    Regex,
}

impl Word<'_> {
    pub(super) fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    fn is_name(&self, name: &str) -> bool {
        self.kind == Kind::Name(name)
    }

    fn refusal(&self, kind: RefusalKind, message: String) -> Refusal {
        Refusal {
            kind,
            line: self.line,
            column: self.column,
            message,
            java_class: None,
            java_message: None,
        }
    }
}

/// Takes a script apart. A text that is no script gives some words or other.
pub(super) fn words(source: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let (mut line, mut column) = (1, 1);
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = if rest.starts_with("//") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let end = comment.find("*/").map(|at| at + 4);
            (None, end.unwrap_or(rest.len()))
        } else if matches!(first, '"' | '\'' | '`') {
            let length = length_until(rest, first);
            let end = length.saturating_sub(1).max(1);
            // A text that is not closed may end within a letter's bytes.
            let text = rest.get(1..end).unwrap_or_default();
            let kind = match first {
                '`' => Kind::Template(text),
                _ => Kind::Text(text),
            };
            (Some(kind), length)
        } else if first == '/' && regex_may_start(words.last()) {
            (Some(Kind::Regex), length_until(rest, '/'))
        } else if first.is_ascii_digit() {
            let is_number = |c: char| c.is_ascii_alphanumeric() || c == '.';
            let length = rest.find(|c: char| !is_number(c));
            (Some(Kind::Number), length.unwrap_or(rest.len()))
        } else if first.is_alphabetic() || matches!(first, '_' | '$') {
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
            let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            (Some(Kind::Name(&rest[..length])), length)
        } else if first.is_whitespace() {
            (None, first.len_utf8())
        } else {
            (Some(Kind::Sign(first)), first.len_utf8())
        };
        if let Some(kind) = kind {
            let at = source.len() - rest.len();
            words.push(Word {
                kind,
                at,
                line,
                column,
            });
        }
        for letter in rest[..length].chars() {
            (line, column) = match letter {
                '\n' => (line + 1, 1),
                _ => (line, column + 1),
            };
        }
        rest = &rest[length..];
    }
    words
}

/// The length of a literal at the beginning of `text` with both its signs.
fn length_until(text: &str, sign: char) -> usize {
    let (mut is_escaped, mut in_class) = (false, false);
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' if sign == '/' => in_class = true,
            ']' if sign == '/' => in_class = false,
            '\n' if sign != '`' => return at,
            _ if letter == sign && !in_class => return at + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Whether a `/` behind `before` begins a regular expression.
fn regex_may_start(before: Option<&Word<'_>>) -> bool {
    match before.map(|word| word.kind) {
        None => true,
        Some(Kind::Sign(sign)) => !matches!(sign, ')' | ']' | '}'),
        Some(Kind::Name(name)) => matches!(name, "return" | "typeof" | "case" | "in" | "of"),
        Some(Kind::Text(_) | Kind::Template(_) | Kind::Number | Kind::Regex) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let refusals = refused(&words(source));
        let said = refusals.iter().map(ToString::to_string);
        assert_eq!(said.collect::<Vec<_>>(), expected, "{source}");
    }

    #[test]
    fn classes_and_methods_that_are_not_there_are_named() {
        check("vars.put('a', java.util.UUID.randomUUID().toString())", &[]);
        check("new java.util.Date().getTime()", &[]);
        check("importPackage(java.util); vars.get('x')", &[]);
        check(
            "\n  var s = new java.net.Socket('h', 1)",
            &["script line 2, column 15: class java.net.Socket is not supported (network)"],
        );
        check(
            "Packages.org.acme.Thing.make()",
            &["script line 1, column 1: class org.acme.Thing is not supported"],
        );
        check(
            "java.lang.Runtime.getRuntime().exec('x')",
            &[
                "script line 1, column 1: class java.lang.Runtime is not supported (starts processes)",
            ],
        );
        check(
            "Java.type('org.acme.Thing')",
            &["script line 1, column 11: class org.acme.Thing is not supported"],
        );
        check(
            "Java.extend(x)",
            &["script line 1, column 1: method Java.extend is not supported"],
        );
        check(
            "vars.puts('a', 1)",
            &[
                "script line 1, column 1: method org.apache.jmeter.threads.JMeterVariables.puts is \
               not supported",
            ],
        );
        check(
            "for each (var x in y) {}",
            &["script line 1, column 1: `for each` is not supported: use a loop by index"],
        );
    }

    #[test]
    fn static_members_that_are_not_there_are_named() {
        check("java.lang.Integer.MAX_VALUE + java.lang.Math.PI", &[]);
        check("java.util.Map.Entry; java.lang.Math.class", &[]);
        check(
            "java.lang.Integer.FOO",
            &["script line 1, column 1: java.lang.Integer.FOO is not supported"],
        );
        check(
            "Java.type('java.lang.Math').frobnicate(1)",
            &["script line 1, column 11: method java.lang.Math.frobnicate is not supported"],
        );
        check(
            "var M = Java.type('java.lang.Math');\nM.abs(-1);\nM.frobnicate(1)",
            &["script line 3, column 1: method java.lang.Math.frobnicate is not supported"],
        );
        check(
            "var U = java.util.UUID; U.frobnicate()",
            &["script line 1, column 25: method java.util.UUID.frobnicate is not supported"],
        );
        check(
            "importClass(java.util.UUID); UUID.frobnicate()",
            &["script line 1, column 30: method java.util.UUID.frobnicate is not supported"],
        );
        // Here a name has another meaning later.
        check(
            "var M = java.lang.Math; M = {frobnicate: f}; M.frobnicate()",
            &[],
        );
        check("var M = java.lang.Math.abs; M.frobnicate()", &[]);
    }

    #[test]
    fn classes_of_imported_packages_that_are_not_there_are_named() {
        check(
            "importPackage(java.util); UUID.randomUUID(); new ArrayList()",
            &[],
        );
        check(
            "var i = new JavaImporter(java.util, java.io.File); with (i) { new File('x'); UUID.randomUUID() }",
            &[],
        );
        check(
            "importPackage(Packages.org.acme); var Thing = {}; Thing.x(); new Date(); Label.length",
            &[],
        );
        check(
            "importPackage(java.util, Packages.org.acme);\nThing.make()",
            &[
                "script line 2, column 1: class Thing is not supported, which the import of java.util, \
               org.acme may bring",
            ],
        );
        check(
            "importPackage(java.util); UUID.frobnicate()",
            &["script line 1, column 27: method java.util.UUID.frobnicate is not supported"],
        );
        check(
            "with (new JavaImporter(org.acme)) { new Thing() }",
            &[
                "script line 1, column 41: class Thing is not supported, which the import of org.acme may bring",
            ],
        );
    }

    #[test]
    fn calls_of_length_are_marked() {
        let marked = with_calls_of_length("a.length + a.length() + 'b.length()' + c . length ( )");
        let expected = "a.length + a.length$() + 'b.length()' + c . length$ ( )";
        assert_eq!(&*marked, expected);
    }

    #[test]
    fn texts_comments_and_own_names_are_passed_over() {
        check(
            "'java.net.Socket' // java.net.Socket\n/* vars.puts() */",
            &[],
        );
        check(
            "/java.net.Socket.x()/.test('a'); a / java.lang.Math.PI / 2",
            &[],
        );
        check("var log = {puts: 1}; log.puts()", &[]);
        check("x.java.net.Socket; `unclosed java.net.Socket", &[]);
        check("(function (vars) { return vars.puts(); })({})", &[]);
    }
}
