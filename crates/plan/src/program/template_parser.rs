//! Takes a plan's text apart into literals, variables and function calls, by JMeter's rules.
//!
//! The grammar is that of JMeter's `FunctionParser`, oddities included: a text without a reference
//! keeps its backslashes, a text with one loses those before `$`, `,` and `\`; a call of an unknown
//! function is a variable of an odd name; an unclosed reference is plain text.

use std::iter::Peekable;
use std::str::Chars;

use super::template::{Call, CallId, Part, Slot, Template};
use crate::function_table::{FunctionEntry, function_entry};

/// Deepest nesting of calls in parameters. No real plan goes beyond four.
const MAX_DEPTH: usize = 32;

/// Gives the names in a text their places in a program.
pub trait NameResolver {
    /// The slot of the variable `name`; `None` leaves it to be looked up by name at run time.
    fn variable(&mut self, name: &str) -> Option<Slot>;

    /// An identity for one more function call.
    fn call(&mut self, function: &'static str) -> CallId;

    /// The text calls `name`, which is no function, so the call stays as its own text.
    fn unknown_function(&mut self, name: &str);
}

/// Why a text cannot be taken apart. JMeter then runs nothing of the plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A call is not closed by `)}`.
    #[error("call of {function} is not closed: `}}` expected after `)`")]
    Unclosed {
        /// Name of the function.
        function: &'static str,
    },
    /// A call has too few or too many parameters.
    #[error("{function} takes {}, not {given}", expected_count(*.least, *.most))]
    ParameterCount {
        /// Name of the function.
        function: &'static str,
        /// Least number.
        least: usize,
        /// Greatest number; `None` for any.
        most: Option<usize>,
        /// Number in the text.
        given: usize,
    },
    /// Calls are nested too deeply.
    #[error("calls are nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

fn expected_count(least: usize, most: Option<usize>) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    match most {
        Some(most) if most == least => format!("{least} parameter{}", plural(least)),
        Some(most) => format!("{least} to {most} parameters"),
        None => format!("at least {least} parameter{}", plural(least)),
    }
}

/// Takes `text` apart; `names` gives variables and calls their places.
///
/// # Errors
///
/// [`TemplateError`] when a call is malformed; the text is then best kept as it is
/// ([`Template::literal`]). Errors of the plan's author.
pub fn parse_template(text: &str, names: &mut dyn NameResolver) -> Result<Template, TemplateError> {
    if !text.contains("${") {
        return Ok(Template::literal(text));
    }
    let pieces = compile(text, names, 0)?;
    // A lone piece of text means that the only reference was not closed; JMeter then sees no
    // reference in the text and leaves it alone, backslashes included.
    if pieces.len() == 1 && matches!(pieces[0], Part::Literal(_)) {
        return Ok(Template::literal(text));
    }
    Ok(Template {
        parts: join_literals(pieces),
    })
}

/// Takes apart a text that was made while the plan runs (`__eval`). Unlike in a text of the plan the
/// backslash rule is always in force, and an unclosed reference loses its `${`.
///
/// # Errors
///
/// [`TemplateError`] when a call is malformed; JMeter then evaluates the text to nothing.
pub fn parse_evaluated_text(
    text: &str,
    names: &mut dyn NameResolver,
) -> Result<Template, TemplateError> {
    parameter(text, names, 0)
}

/// Takes a text apart with the backslash rule in force, as for the parameters of functions.
fn compile(
    text: &str,
    names: &mut dyn NameResolver,
    depth: usize,
) -> Result<Vec<Part>, TemplateError> {
    if depth > MAX_DEPTH {
        return Err(TemplateError::TooDeep);
    }
    let mut reader = text.chars().peekable();
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut after_dollar = false;
    while let Some(current) = reader.next() {
        match current {
            '\\' => {
                // A backslash at the very end stands for itself.
                let escaped = reader.next().unwrap_or('\\');
                if !matches!(escaped, '$' | ',' | '\\') {
                    literal.push('\\');
                }
                literal.push(escaped);
                after_dollar = false;
            }
            '{' if after_dollar => {
                literal.pop();
                if !literal.is_empty() {
                    pieces.push(Part::Literal(std::mem::take(&mut literal).into()));
                }
                pieces.push(reference(&mut reader, names, depth)?);
                after_dollar = false;
            }
            _ => {
                literal.push(current);
                after_dollar = current == '$';
            }
        }
    }
    if !literal.is_empty() {
        pieces.push(Part::Literal(literal.into()));
    }
    Ok(pieces)
}

/// Reads what follows `${`, up to its `}`.
fn reference(
    reader: &mut Peekable<Chars<'_>>,
    names: &mut dyn NameResolver,
    depth: usize,
) -> Result<Part, TemplateError> {
    let mut name = String::new();
    let mut previous = ' ';
    let mut reported = false;
    while let Some(current) = reader.next() {
        match current {
            '\\' => {
                name.push(reader.next().unwrap_or('\\'));
                previous = ' ';
            }
            '(' if previous != ' ' => {
                if let Some(entry) = function_entry(name.trim()) {
                    let parameters = parameters(reader, names, depth)?;
                    while reader.next_if_eq(&' ').is_some() {}
                    if reader.next() != Some('}') {
                        return Err(TemplateError::Unclosed {
                            function: entry.name,
                        });
                    }
                    return call(entry, parameters, names);
                }
                if name.starts_with("__") && !reported {
                    names.unknown_function(&name);
                    reported = true;
                }
                name.push('(');
            }
            '}' => {
                // Spaces make it a variable, which they do not before parentheses.
                if let Some(entry) = function_entry(&name) {
                    return call(entry, Vec::new(), names);
                }
                return Ok(match names.variable(&name) {
                    Some(slot) => Part::Variable(slot),
                    None => Part::Named(name.into()),
                });
            }
            _ => {
                name.push(current);
                previous = current;
            }
        }
    }
    Ok(Part::Literal(name.into()))
}

/// Reads the parameters of a call, up to and with its `)`.
fn parameters(
    reader: &mut Peekable<Chars<'_>>,
    names: &mut dyn NameResolver,
    depth: usize,
) -> Result<Vec<Template>, TemplateError> {
    let mut parameters = Vec::new();
    let mut text = String::new();
    let mut previous = ' ';
    let mut open_references = 0_usize;
    let mut open_parentheses = 0_usize;
    while let Some(current) = reader.next() {
        match current {
            '\\' => {
                text.push('\\');
                text.push(reader.next().unwrap_or('\\'));
                previous = ' ';
                continue;
            }
            ',' if open_references == 0 => {
                parameters.push(parameter(&text, names, depth + 1)?);
                text.clear();
                continue;
            }
            ')' if open_references == 0 && open_parentheses == 0 => {
                if !text.is_empty() || !parameters.is_empty() {
                    parameters.push(parameter(&text, names, depth + 1)?);
                }
                return Ok(parameters);
            }
            '{' if previous == '$' => open_references += 1,
            '}' => open_references = open_references.saturating_sub(1),
            ')' if open_references == 0 => open_parentheses -= 1,
            '(' if open_references == 0 => open_parentheses += 1,
            _ => {}
        }
        text.push(current);
        previous = current;
    }
    parameters.push(parameter(&text, names, depth + 1)?);
    Ok(parameters)
}

fn parameter(
    text: &str,
    names: &mut dyn NameResolver,
    depth: usize,
) -> Result<Template, TemplateError> {
    Ok(Template {
        parts: join_literals(compile(text, names, depth)?),
    })
}

fn call(
    entry: &'static FunctionEntry,
    parameters: Vec<Template>,
    names: &mut dyn NameResolver,
) -> Result<Part, TemplateError> {
    let given = parameters.len();
    if given < entry.least || entry.most.is_some_and(|most| given > most) {
        return Err(TemplateError::ParameterCount {
            function: entry.name,
            least: entry.least,
            most: entry.most,
            given,
        });
    }
    Ok(Part::Call(Box::new(Call {
        id: names.call(entry.name),
        function: entry.name,
        parameters,
    })))
}

/// Neighbouring literals as one, empty ones left out.
fn join_literals(pieces: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (_, Part::Literal(text)) if text.is_empty() => {}
            (Some(Part::Literal(last)), Part::Literal(text)) => {
                *last = format!("{last}{text}").into();
            }
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Names {
        variables: Vec<String>,
        calls: u32,
        unknown: Vec<String>,
    }

    impl NameResolver for Names {
        fn variable(&mut self, name: &str) -> Option<Slot> {
            let index = self.variables.iter().position(|known| known == name);
            let index = index.unwrap_or_else(|| {
                self.variables.push(name.to_owned());
                self.variables.len() - 1
            });
            Some(Slot(u32::try_from(index).expect("few names")))
        }

        fn call(&mut self, _function: &'static str) -> CallId {
            self.calls += 1;
            CallId(self.calls - 1)
        }

        fn unknown_function(&mut self, name: &str) {
            self.unknown.push(name.to_owned());
        }
    }

    /// Literals in quotes, variables as `<name>`, calls as `name(parameter|parameter)`.
    fn show(template: &Template, names: &Names) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => format!("'{text}'"),
            Part::Variable(slot) => format!("<{}>", names.variables[slot.0 as usize]),
            Part::Named(name) => format!("<?{name}>"),
            Part::Call(call) => {
                let parameters: Vec<_> = call.parameters.iter().map(|p| show(p, names)).collect();
                format!("{}({})", call.function, parameters.join("|"))
            }
        };
        template.parts.iter().map(part).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) -> Names {
        let mut names = Names::default();
        let template = parse_template(text, &mut names).expect("well formed");
        assert_eq!(show(&template, &names), expected, "{text}");
        names
    }

    #[track_caller]
    fn check_error(text: &str, message: &str) {
        let error = parse_template(text, &mut Names::default()).expect_err("malformed");
        assert_eq!(error.to_string(), message, "{text}");
    }

    #[test]
    fn literals_and_variables() {
        check("", "");
        check("plain $ {text}", "'plain $ {text}'");
        check("a${x}b${y}", "'a'<x>'b'<y>");
        check("$${x}", "'$'<x>");
        check("${x}}", "<x>'}'");
        check("${ x }", "< x >");
        check("${}", "<>");
    }

    #[test]
    fn backslashes_count_only_beside_a_reference() {
        check(r"C:\\dir\,\$", r"'C:\\dir\,\$'");
        check(r"\d+\,\\\$${x}", r"'\d+,\$'<x>");
        check(r"\${x}${y}", r"'${x}'<y>");
        // Without any reference left the text is not touched.
        check(r"\${x}", r"'\${x}'");
        check(r"${x}\", r"<x>'\'");
        check(r"${a\}b}", "<a}b>");
    }

    #[test]
    fn names_do_not_nest() {
        check("${a${b}}", "<a${b>'}'");
    }

    #[test]
    fn calls_with_and_without_parameters() {
        check("${__UUID}", "__UUID()");
        check("${__UUID()}", "__UUID()");
        check("${__UUID() }", "__UUID()");
        check("${ __UUID()}", "__UUID()");
        check("${__P(a)}", "__P('a')");
        check("${__P(a, 5 )}", "__P('a'|' 5 ')");
        check("${__P(,)}", "__P(|)");
        check("${__P(a(1),b)}", "__P('a(1)'|'b')");
        check(r"${__P(a\,b)}", "__P('a,b')");
        check(r"${__P(a\)b)}", r"__P('a\)b')");
        check("${__P(a,${__P(b,${c})})}", "__P('a'|__P('b'|<c>))");
        check("${__P(${x}-${y},z)}", "__P(<x>'-'<y>|'z')");
        check("${__V(a_${b})}", "__V('a_'<b>)");
    }

    #[test]
    fn unknown_function_is_a_variable_of_an_odd_name() {
        let names = check("${__foo(a,b)}", "<__foo(a,b)>");
        assert_eq!(names.unknown, ["__foo"]);
        let names = check("${f(x)}", "<f(x)>");
        assert!(names.unknown.is_empty());
        check("${__foo(${x})}", "<__foo(${x>')}'");
    }

    #[test]
    fn unclosed_reference_is_text() {
        check("${x", "'${x'");
        check(r"\\${x", r"'\x'");
        check("a${x", "'ax'");
    }

    #[test]
    fn malformed_calls_are_errors() {
        check_error(
            "${__UUID()x}",
            "call of __UUID is not closed: `}` expected after `)`",
        );
        check_error(
            "${__P(a",
            "call of __P is not closed: `}` expected after `)`",
        );
        check_error("${__P}", "__P takes 1 to 2 parameters, not 0");
        check_error("${__UUID(a)}", "__UUID takes 0 parameters, not 1");
        check_error(
            "${__intSum(1)}",
            "__intSum takes at least 2 parameters, not 1",
        );
        check_error(&"${__V(".repeat(40), "calls are nested more than 32 deep");
    }

    #[test]
    fn variables_and_calls_are_listed() {
        let mut names = Names::default();
        let template =
            parse_template("${a}${__P(${b},${__V(${a})})}", &mut names).expect("well formed");
        assert_eq!(template.variables(), [Slot(0), Slot(1), Slot(0)]);
        let calls: Vec<_> = template.calls().iter().map(|call| call.function).collect();
        assert_eq!(calls, ["__P", "__V"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in r"([$\\{}(), a_]|\$\{|__P|__UUID){0,60}") {
            let _ = parse_template(&text, &mut Names::default());
        }
    }
}
