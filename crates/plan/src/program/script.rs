//! Script elements, compiled: their texts parsed, and what of a result they can read.
//!
//! The script itself stays text here; the engine has its interpreter.

use super::{KeptParts, Part, Template};
use crate::{Location, ScriptFamily, ScriptRole};

/// Index of a [`ScriptProgram`] in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScriptId(pub u32);

/// A compiled [`crate::ScriptElement`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptProgram {
    /// What it is in the plan.
    pub role: ScriptRole,
    /// Whose rules it follows.
    pub family: ScriptFamily,
    /// Its name.
    pub name: Template,
    /// JMeter's name of the language.
    pub language: Template,
    /// The script.
    pub text: Template,
    /// The file that it comes from.
    pub file: Option<Box<str>>,
    /// Its parameters.
    pub parameters: Template,
    /// Whether a BeanShell element forgets its variables.
    pub resets: Template,
    /// Whether the text that a user runs first stays.
    pub keeps_text: bool,
    /// Line of the plan on which the script begins; 0 when it comes from a file.
    pub line: u32,
    /// Where the element is defined.
    pub location: Location,
}

impl ScriptProgram {
    /// What of results it may read, by the words in it.
    #[must_use]
    pub fn keeps(&self) -> KeptParts {
        parts_read_by(&self.text)
    }

    /// Whether it may look at a result.
    #[must_use]
    pub fn reads_result(&self) -> bool {
        reads_result(&self.text)
    }

    /// Whether it may look at the current sampler or change it.
    #[must_use]
    pub fn names_sampler(&self) -> bool {
        names_sampler(&self.text)
    }

    /// Whether it may look at the cookies of its user.
    #[must_use]
    pub fn names_cookies(&self) -> bool {
        names_cookies(&self.text)
    }
}

/// Whether the script `text` may look at the cookies of its user.
pub(crate) fn names_cookies(text: &Template) -> bool {
    has_any(text, &["ookieManager"])
}

/// Whether the script `text` may look at the current sampler.
pub(crate) fn names_sampler(text: &Template) -> bool {
    has_any(text, &["sampler", "urrentSampler", "reviousSampler"])
}

/// A script that a function call of the plan has in full, such as `__groovy`'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionScript {
    /// The function.
    pub function: &'static str,
    /// The script.
    pub text: Box<str>,
    /// Where the call is, at its first place.
    pub location: Location,
}

/// Words without which no script reaches a result.
const RESULT: &[&str] = &[
    "prev",
    "ampleResult",
    "ampleEvent",
    "Response",
    "PreviousResult",
    "ctx",
    "data",
];

/// Whether the script `text` may look at a result.
pub(crate) fn reads_result(text: &Template) -> bool {
    has_any(text, RESULT)
}

/// What of a result the script `text` may read. Methods and properties end alike, so the first letter
/// of each word is left out.
pub(crate) fn parts_read_by(text: &Template) -> KeptParts {
    if !reads_result(text) {
        return KeptParts::default();
    }
    KeptParts {
        body: has_any(text, &["ata"]),
        response_headers: has_any(
            text,
            &[
                "eaders",
                "essage",
                "ontentType",
                "ata",
                "odySize",
                "ediaType",
            ],
        ),
        request: has_any(
            text,
            &["URL", "rl", "equestHeaders", "amplerData", "ueryString"],
        ),
    }
}

fn has_any(text: &Template, words: &[&str]) -> bool {
    text.parts.iter().any(|part| {
        let text = match part {
            Part::Literal(text) => text,
            Part::Named(name) => name,
            // A reference whose name is part of a script, such as `${prev.time}`.
            Part::Variable(_) => return false,
            Part::Call(call) => return call.parameters.iter().any(|text| has_any(text, words)),
        };
        words.iter().any(|word| text.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_script_names_is_kept() {
        let of = |text| parts_read_by(&Template::literal(text));
        assert!(!of("vars.put('a', vars.get('data'))").request);
        assert_eq!(of("log.info('x')"), KeptParts::default());
        let kept = of("prev.getResponseDataAsString()");
        assert!(kept.body && !kept.request);
        assert!(of("prev.urlAsString").request);
        assert!(of("prev.getResponseMessage()").response_headers);
        let kept = of("if (prev.successful) vars.put('x', 'y')");
        assert_eq!(kept, KeptParts::default());
    }
}
