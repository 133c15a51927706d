//! Conditions of If Controllers.
//!
//! A usual condition of a JMeter plan is one call of a script function around a comparison:
//! `${__javaScript("${status}" == "ok")}`. The comparison alone means the same, so it is taken out of
//! the call and evaluated like a condition in JavaScript.

use crate::program::Condition;
use crate::{IfCondition, Location, Text};

use super::Compiler;

/// Script functions that no interpreter runs and whose comparisons mean what they mean in JavaScript.
const SCRIPT_FUNCTIONS: &[&str] = &["__javaScript"];

impl Compiler {
    /// Compiles the condition of an If Controller.
    pub(super) fn condition(&mut self, condition: &IfCondition, location: &Location) -> Condition {
        match condition {
            IfCondition::Expression(text) => match script_of(text.as_str()) {
                Some(script) => Condition::JavaScript(self.template(&Text(script), location)),
                None => Condition::Expression(self.template(text, location)),
            },
            IfCondition::JavaScript(text) => Condition::JavaScript(self.template(text, location)),
        }
    }
}

/// The script of `text`, if that is one call of a script function that stores its result nowhere.
fn script_of(text: &str) -> Option<String> {
    let call = text.trim().strip_prefix("${")?.strip_suffix('}')?.trim();
    let (name, parameters) = call.split_once('(')?;
    if !SCRIPT_FUNCTIONS.contains(&name.trim()) {
        return None;
    }
    let parameters = parameters.strip_suffix(')')?;
    let (script, rest) = first_parameter(parameters)?;
    rest.trim().is_empty().then_some(script)
}

/// The first of a call's `parameters`, with escaped commas as they are meant, and the text behind
/// the comma that ends it. `None` when parentheses do not balance: then `parameters` is not what
/// stands in one call.
///
/// Source: JMeter's `FunctionParser`.
fn first_parameter(parameters: &str) -> Option<(String, &str)> {
    let mut script = String::new();
    let (mut references, mut parentheses) = (0_u32, 0_u32);
    let mut letters = parameters.char_indices().peekable();
    while let Some((position, letter)) = letters.next() {
        match letter {
            '\\' if letters.next_if(|(_, next)| *next == ',').is_some() => {
                script.push(',');
                continue;
            }
            // Parentheses do not protect a comma.
            ',' if references == 0 => {
                return Some((script, &parameters[position + 1..]));
            }
            '{' if script.ends_with('$') => references += 1,
            '}' => references = references.saturating_sub(1),
            '(' if references == 0 => parentheses += 1,
            ')' if references == 0 => parentheses = parentheses.checked_sub(1)?,
            _ => {}
        }
        script.push(letter);
    }
    (references == 0 && parentheses == 0).then_some((script, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(script_of(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_comparison_is_taken_out_of_one_call() {
        check(
            r#"${__javaScript("${a}" == "b")}"#,
            Some(r#""${a}" == "b""#),
        );
        check(r#" ${__javaScript("${a}"=="b",)} "#, Some(r#""${a}"=="b""#));
        check("${__javaScript((${n} + 1) < 5)}", Some("(${n} + 1) < 5"));
        check(
            r#"${__javaScript("a\,b" == "${x}")}"#,
            Some(r#""a,b" == "${x}""#),
        );
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        check("${flag}", None);
        check("${__P(flag)}", None);
        check("${__javaScript(1 == 1,result)}", None);
        check(r#"${__javaScript("a,b" == "${x}")}"#, None);
        check("${__javaScript(1 == 1)} and ${__javaScript(2 == 2)}", None);
        check("not ${__javaScript(1 == 1)}", None);
    }
}
