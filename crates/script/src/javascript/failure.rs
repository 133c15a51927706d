//! What JavaScript throws, in the words of the engines of JMeter where they have words for it.

use rquickjs::{Coerced, Ctx, Error, Function, Value as JsValue};

use super::bridge::HOST;
use super::{FILE, PRELUDE_FILE};
use crate::interp::ScriptError;

/// QuickJS's name of a text that a script evaluates.
const EVALUATED: &str = "<input>";

/// What ended an evaluation.
pub(super) struct Failure {
    /// The name of the error, such as `TypeError`; empty for a thrown value that is no error.
    name: String,
    message: String,
    line: u32,
    column: u32,
    /// Class and message of an exception of Java.
    java: Option<(String, Option<String>)>,
    is_null: bool,
}

impl Failure {
    pub(super) fn new<'js>(
        ctx: &Ctx<'js>,
        error: Error,
        handle_of: Option<Function<'js>>,
    ) -> Failure {
        let is_exception = error.is_exception();
        let mut failure = Failure::of_engine(error);
        if !is_exception {
            return failure;
        }
        failure.name = String::new();
        let thrown = ctx.catch();
        failure.is_null = thrown.is_null();
        let of_java = |value: &JsValue<'js>| -> Option<u32> {
            let handle = handle_of.as_ref()?.call::<_, Option<u32>>((value.clone(),));
            handle.ok().flatten()
        };
        if let Some(handle) = of_java(&thrown) {
            failure.java = HOST.with(|java| java.thrown(handle));
        }
        let Some(object) = thrown.as_object().filter(|_| thrown.is_error()) else {
            failure.message = text(&thrown);
            return failure;
        };
        let field = |name: &str| object.get::<_, JsValue<'js>>(name).ok();
        failure.name = field("name").as_ref().map(text).unwrap_or_default();
        failure.message = field("message").as_ref().map(text).unwrap_or_default();
        let stack = field("stack").as_ref().map(text).unwrap_or_default();
        (failure.line, failure.column) = place_in(&stack);
        if let Some(wrapped) = field("javaException")
            && let Some(handle) = of_java(&wrapped)
        {
            failure.java = HOST.with(|java| java.thrown(handle));
        }
        failure.message = in_words_of_rhino(&failure.name, &failure.message);
        failure
    }

    /// The engine could not do its part.
    pub(super) fn of_engine(error: Error) -> Failure {
        Failure {
            name: "Error".into(),
            message: error.to_string(),
            line: 0,
            column: 0,
            java: None,
            is_null: false,
        }
    }

    pub(super) fn is_of_syntax(&self) -> bool {
        self.name == "SyntaxError"
    }

    /// Whether the script threw `null`.
    pub(super) fn is_null(&self) -> bool {
        self.is_null
    }

    /// Line and column in the script, from 1; 0 when unknown.
    pub(super) fn place(&self) -> (u32, u32) {
        (self.line, self.column)
    }

    pub(super) fn words(&self) -> String {
        self.message.clone()
    }

    pub(super) fn into_script_error(self) -> ScriptError {
        let line = self.line;
        let error = |class: String, message: Option<String>, limit| ScriptError {
            class,
            message,
            target: None,
            line,
            limit,
        };
        if let Some((class, message)) = self.java {
            return error(class, message, false);
        }
        match (&*self.name, &*self.message) {
            ("InternalError", "out of memory" | "string too long") => out_of_memory(),
            ("RangeError", "Maximum call stack size exceeded") => {
                error("java.lang.StackOverflowError".into(), None, false)
            }
            _ => {
                let place = match line {
                    0 => String::new(),
                    _ => format!(" in {FILE} at line number {line}"),
                };
                let message = match &*self.name {
                    "" => self.message,
                    name => format!("{name}: {}", self.message),
                };
                error(
                    "javax.script.ScriptException".into(),
                    Some(format!("{message}{place}")),
                    false,
                )
            }
        }
    }
}

/// JavaScript has used all of its memory.
pub(super) fn out_of_memory() -> ScriptError {
    ScriptError {
        class: "loadline.ScriptLimit".into(),
        message: Some("script memory limit: JavaScript has no more memory".into()),
        target: None,
        line: 0,
        limit: true,
    }
}

/// The engine could not begin.
pub(super) fn of_engine(error: Error) -> ScriptError {
    ScriptError {
        class: "loadline.ScriptLimit".into(),
        message: Some(format!("script memory limit: {error}")),
        target: None,
        line: 0,
        limit: true,
    }
}

fn text(value: &JsValue<'_>) -> String {
    let text = value.get::<Coerced<String>>();
    text.map_or_else(|_| String::new(), |text| text.0)
}

/// The first place of the script in a stack of QuickJS: `    at name (<eval>:3:5)`, or that of a text that it evaluates.
fn place_in(stack: &str) -> (u32, u32) {
    debug_assert_ne!(FILE, PRELUDE_FILE);
    let places = [FILE, EVALUATED].into_iter().filter_map(|file| {
        let at = stack.find(&format!("{file}:"))?;
        Some(at + file.len() + 1)
    });
    let Some(at) = places.min() else {
        return (0, 0);
    };
    let mut numbers = stack[at..].split(|letter: char| !letter.is_ascii_digit());
    let mut next = || numbers.next().and_then(|number| number.parse().ok());
    (next().unwrap_or(0), next().unwrap_or(0))
}

/// QuickJS's commonest messages as Rhino and Nashorn have them; the others are its own.
fn in_words_of_rhino(name: &str, message: &str) -> String {
    if name == "ReferenceError"
        && let Some(unknown) = message.strip_suffix(" is not defined")
        && !unknown.contains(['"', '\''])
    {
        return format!("\"{unknown}\" is not defined");
    }
    if name == "TypeError"
        && let Some(rest) = message.strip_prefix("cannot read property '")
        && let Some((property, of)) = rest.split_once("' of ")
    {
        return format!("Cannot read property \"{property}\" from {of}");
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_the_script() {
        let stack = "    at call (<java>:12:3)\n    at <eval>:4:7\n    at <eval>:9:1\n";
        assert_eq!(place_in(stack), (4, 7));
        assert_eq!(place_in("    at <java>:1:1"), (0, 0));
        let stack = "    at <input>:2:5\n    at <anonymous> (<eval>:1:1)\n";
        assert_eq!(place_in(stack), (2, 5));
    }

    #[test]
    fn common_messages_are_those_of_java() {
        let said = in_words_of_rhino("ReferenceError", "x is not defined");
        assert_eq!(said, "\"x\" is not defined");
        let said = in_words_of_rhino("TypeError", "cannot read property 'a' of undefined");
        assert_eq!(said, "Cannot read property \"a\" from undefined");
    }
}
