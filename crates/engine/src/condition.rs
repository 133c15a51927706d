//! Conditions that are written as an expression, after substitution: those of own plans, and those in
//! JavaScript of JMeter plans that consist of literals and signs, which need no engine.
//!
//! Plans compare: `"${status}" == "ok" && ${count} < 5`. This is what own plans may do:
//! - literals of texts, numbers, booleans, `null` and `undefined`;
//! - `==` `!=` `===` `!==` `<` `<=` `>` `>=` `&&` `||` `!`, also as the words `eq` `ne` `lt` `le` `gt`
//!   `ge` `and` `or` `not`; `+ - * / %`, `? :`, parentheses;
//! - the user's variables and properties, `vars.get("x")`, `vars["x"]`, `props.get("x")`;
//! - conversions: `as int` and its relatives, `parseInt`, `parseFloat`, `Number`, `String`,
//!   `Integer.parseInt`, `toInteger()`;
//! - everyday members of texts: `length`, `size`, `equals`, `equalsIgnoreCase`, `contains`,
//!   `includes`, `startsWith`, `endsWith`, `indexOf`, `trim`, `toLowerCase`, `toUpperCase`,
//!   `toString`, `isEmpty`; the functions `empty` and `size`.
//!
//! Comparisons are those of JavaScript, in which `"1" == 1` holds.
//!
//! Not here: statements, own names, anything with an effect. That is an error, and the condition does
//! not hold.

mod evaluate;
mod lexer;
mod plain;

use crate::Variables;
use crate::functions::Functions;

pub(crate) use self::plain::plain_value;

/// What a condition can look up by name.
pub trait ConditionNames {
    /// The value of the user's variable `name`, if set.
    fn variable(&self, name: &str) -> Option<String>;

    /// The value of the property `name`, if set.
    fn property(&self, name: &str) -> Option<String>;
}

/// The names of a virtual user.
pub(crate) struct UserNames<'a> {
    pub(crate) variables: &'a Variables,
    pub(crate) functions: &'a Functions,
}

impl ConditionNames for UserNames<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get_by_name(name).map(str::to_owned)
    }

    fn property(&self, name: &str) -> Option<String> {
        self.functions.run().property(name)
    }
}

/// Every name is there and has the value 1: enough to try whether a condition can be evaluated.
pub(crate) struct AnyName;

impl ConditionNames for AnyName {
    fn variable(&self, _name: &str) -> Option<String> {
        Some("1".to_owned())
    }

    fn property(&self, _name: &str) -> Option<String> {
        Some("1".to_owned())
    }
}

/// Why a condition cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("condition `{condition}`: {problem}")]
pub struct ConditionError {
    /// The condition, after substitution.
    pub condition: String,
    /// What is wrong.
    pub problem: String,
}

/// Whether `text` holds: its value printed is `true`, as JMeter asks of the script engine's result.
/// `names` are the variables and properties it can look up.
///
/// # Errors
///
/// [`ConditionError`] when the text is beyond the supported part of JavaScript, or no JavaScript:
/// an unset variable (`${x}` as it stands), an empty text.
pub fn evaluate_condition(text: &str, names: &dyn ConditionNames) -> Result<bool, ConditionError> {
    lexer::tokens(text)
        .and_then(|tokens| evaluate::evaluate(&tokens, names))
        .map(|value| value.to_text().eq_ignore_ascii_case("true"))
        .map_err(|problem| ConditionError {
            condition: text.to_owned(),
            problem,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One variable, `x`, and one property, `p`.
    struct Names;

    impl ConditionNames for Names {
        fn variable(&self, name: &str) -> Option<String> {
            (name == "x").then(|| "12".to_owned())
        }

        fn property(&self, name: &str) -> Option<String> {
            (name == "p").then(|| "on".to_owned())
        }
    }

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(evaluate_condition(text, &Names), Ok(expected), "{text}");
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = evaluate_condition(text, &Names).expect_err("an error");
        assert_eq!(error.problem, expected, "{text}");
    }

    #[test]
    fn texts_and_numbers_compare() {
        check(r#""ok" == "ok""#, true);
        check(r#""ok"=='ok'"#, true);
        check(r#""ok" != "no""#, true);
        check(r#""1" == 1"#, true);
        check(r#""1" === 1"#, false);
        check(r#""1" !== 1"#, true);
        check("1 == 1.0", true);
        check("010 == 8", true);
        check("0x10 == 16", true);
        check("1e2 >= 100", true);
        check("-1 < +1", true);
        check(r#""10" < "9""#, true);
        check(r#""10" < 9"#, false);
        check(r#""a" < 1"#, false);
        check("null == undefined", true);
        check("null === undefined", false);
        check("null == 0", false);
        check("null >= 0", true);
        check("NaN == NaN", false);
        check(r#""" == 0"#, true);
        check("true == 1", true);
        check(r#""true" == true"#, false);
    }

    #[test]
    fn operators_bind_as_in_javascript() {
        check("1 + 2 * 3 == 7", true);
        check("(1 + 2) * 3 == 9", true);
        check("7 % 4 == 3 && 10 / 4 == 2.5", true);
        check("1 == 2 || 3 == 3 && 4 == 4", true);
        check("!(1 == 2)", true);
        check("!true == false", true);
        check("1 < 2 == true", true);
        check(r#""a" + 1 == "a1""#, true);
        check(r#"1 + 2 + "" == "3""#, true);
        check("5 - \"2\" == 3", true);
        check("1 == 1 ? true : false", true);
        check("false ? x_is_never_looked_at() : true", true);
        check("5 > 3;", true);
        check("true && 5", false);
        check("\"true\"", true);
        check("0 || true", true);
    }

    #[test]
    fn members_of_texts() {
        check(r#""abc".length == 3"#, true);
        check(r#""abc".length() == 3"#, true);
        check(r#""abc".indexOf("c") >= 2"#, true);
        check(r#""abc".contains("b") && "abc".includes("b")"#, true);
        check(r#""abc".startsWith("ab") && "abc".endsWith("bc")"#, true);
        check(r#""aBc".toLowerCase().equals("abc")"#, true);
        check(r#"" ABC ".trim().equalsIgnoreCase("abc")"#, true);
        check(r#""".isEmpty()"#, true);
        check(r#"parseInt("12px") == 12 && Number("1.5") == 1.5"#, true);
    }

    #[test]
    fn variables_and_properties_are_looked_up() {
        check(r#"vars.get("x") == "12""#, true);
        check(r#"vars['x'].equals("12");"#, true);
        check(r#"!"12".equals(vars.get("x"))"#, false);
        check(r#"vars.get("y") == null"#, true);
        check(
            r#"props.get("p") == "on" && props.getProperty("q") == null"#,
            true,
        );
        check("(vars.get('x') as long) - (\"2\" as int) >= 10", true);
        check("vars.get('x').toInteger() + 1 == 13", true);
        check("Integer.parseInt(vars.get('x')) < 13", true);
        check(
            "vars.get('x').size() eq 2 and not empty(vars.get('x'))",
            true,
        );
        check("vars.get('y') != null && vars.get('y').length() > 3", false);
        check_error(
            "vars.get('y').length() > 3",
            "member `length` of null is not supported",
        );
        check_error(
            "vars.put('y', 1)",
            "member `put` of `vars` is not supported",
        );
        check_error("'a' as int", "`a` is no whole number");
    }

    #[test]
    fn what_is_not_supported_is_an_error() {
        check_error("", "an expression is missing");
        check_error("${x} == 1", "`$` is not supported");
        check_error("abc == 1", "`abc` is not defined");
        check_error("1 == ", "an expression is missing");
        check_error("1 = 1", "`=` is not supported");
        check_error("(1 == 1", "`)` is missing");
        check_error("1 == 1 2", "`2` is not expected");
        check_error(r#""abc"#, "a text is not closed");
        check_error(r#""a".foo()"#, "member `foo` of a text is not supported");
        check_error(&"(".repeat(1000), "the expression is nested too deeply");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in r#"([0-9a.'"\\()!=<>&|+*/%?:; -]|true|null|length|vars|get| as int|&&){0,40}"#) {
            let _ = evaluate_condition(&text, &Names);
        }
    }
}
