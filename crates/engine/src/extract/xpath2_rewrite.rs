//! XPath 2 expressions as XPath 1.0 has them.
//!
//! `*:name` becomes a test of the local name, functions that 1.0 lacks become what means the same
//! there, and names without a prefix get one where a default namespace is declared.

use xpath_eval::{
    Axis, Expr, FilterExpr, FunctionCall, LocationPath, NodeTest, PathExpr, PrimaryExpr, QName,
    Step,
};

/// The prefix of names that have none where a default namespace is declared; no name of XML has it.
pub(super) const DEFAULT_PREFIX: &str = "\u{1}";

/// Letters up to here change their case; those of Latin, Greek and Cyrillic come before.
const LAST_CASED: u32 = 0x52f;

/// `query` with `*[local-name()='name']` for each `*:name`.
pub(super) fn without_wildcard_prefixes(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut quote = None;
    let mut rest = query;
    while let Some(character) = rest.chars().next() {
        match quote {
            None if matches!(character, '"' | '\'') => quote = Some(character),
            Some(open) if open == character => quote = None,
            None => {
                if let Some(tail) = rest.strip_prefix("*:") {
                    let is_part =
                        |part: char| part.is_alphanumeric() || matches!(part, '-' | '_' | '.');
                    let length = tail.find(|part| !is_part(part)).unwrap_or(tail.len());
                    if length > 0 {
                        out.push_str(&format!("*[local-name()='{}']", &tail[..length]));
                        rest = &tail[length..];
                        continue;
                    }
                }
            }
            Some(_) => {}
        }
        out.push(character);
        rest = &rest[character.len_utf8()..];
    }
    out
}

/// `expression` in XPath 1.0's own functions; with `default` names without a prefix get one.
///
/// # Errors
///
/// The function that is given too few or too many arguments.
pub(super) fn rewritten(mut expression: Expr, default: bool) -> Result<Expr, String> {
    rewrite(&mut expression, default)?;
    Ok(expression)
}

fn rewrite(expression: &mut Expr, default: bool) -> Result<(), String> {
    match expression {
        Expr::Or(one, other)
        | Expr::And(one, other)
        | Expr::Equality(one, _, other)
        | Expr::Relational(one, _, other)
        | Expr::Additive(one, _, other)
        | Expr::Multiplicative(one, _, other)
        | Expr::Union(one, other) => {
            rewrite(one, default)?;
            rewrite(other, default)
        }
        Expr::Negate(inner) => rewrite(inner, default),
        Expr::Path(PathExpr::Location(path)) => rewrite_path(path, default),
        Expr::Path(PathExpr::Filter(filter)) => rewrite_filter(filter, default),
        Expr::Path(PathExpr::FilterLocation(filter, path)) => {
            rewrite_filter(filter, default)?;
            rewrite_path(path, default)
        }
    }
}

fn rewrite_path(path: &mut LocationPath, default: bool) -> Result<(), String> {
    for Step {
        axis,
        node_test,
        predicates,
    } in &mut path.steps
    {
        if let NodeTest::QName(name) = node_test
            && default
            && name.prefix.is_none()
            && !matches!(axis, Axis::Attribute | Axis::Namespace)
        {
            name.prefix = Some(DEFAULT_PREFIX.to_owned());
        }
        for predicate in predicates {
            rewrite(predicate, default)?;
        }
    }
    Ok(())
}

fn rewrite_filter(filter: &mut FilterExpr, default: bool) -> Result<(), String> {
    for predicate in &mut filter.predicates {
        rewrite(predicate, default)?;
    }
    match &mut filter.primary {
        PrimaryExpr::Parenthesized(inner) => rewrite(inner, default),
        PrimaryExpr::Function(call) => {
            for argument in &mut call.args {
                rewrite(argument, default)?;
            }
            if let Some(replacement) = replacement(call)? {
                filter.primary = PrimaryExpr::Parenthesized(Box::new(replacement));
            }
            Ok(())
        }
        PrimaryExpr::Variable(_) | PrimaryExpr::Literal(_) | PrimaryExpr::Number(_) => Ok(()),
    }
}

/// What means the same in XPath 1.0; `None` for a function that is its own.
fn replacement(call: &FunctionCall) -> Result<Option<Expr>, String> {
    let name = &*call.name.local;
    let takes = |count: usize| match call.args.len() == count {
        true => Ok(()),
        false => Err(format!("{name}() takes {count} arguments")),
    };
    if call.name.prefix.is_some() {
        return Ok(None);
    }
    let args = || call.args.clone();
    Ok(Some(match name {
        "exists" => {
            takes(1)?;
            function("boolean", args())
        }
        "empty" => {
            takes(1)?;
            function("not", args())
        }
        "lower-case" | "upper-case" => {
            takes(1)?;
            let (upper, lower) = cased_letters();
            let (from, to) = match name {
                "lower-case" => (upper, lower),
                _ => (lower, upper),
            };
            let mut args = args();
            args.extend([literal(from), literal(to)]);
            function("translate", args)
        }
        "ends-with" => {
            takes(2)?;
            // The end of the text, as long as the one that is wanted, is compared with it.
            let [text, end] =
                [0, 1].map(|index| function("string", vec![call.args[index].clone()]));
            let length = |text: &Expr| Box::new(function("string-length", vec![text.clone()]));
            let start = Expr::Additive(
                Box::new(Expr::Additive(
                    length(&text),
                    xpath_eval::AdditiveOp::Sub,
                    length(&end),
                )),
                xpath_eval::AdditiveOp::Add,
                Box::new(primary(PrimaryExpr::Number(1.0))),
            );
            let fits = Expr::Relational(length(&text), xpath_eval::RelationalOp::Ge, length(&end));
            let tail = function("substring", vec![text, start]);
            let same = Expr::Equality(Box::new(tail), xpath_eval::EqualityOp::Eq, Box::new(end));
            Expr::And(Box::new(fits), Box::new(same))
        }
        _ => return Ok(None),
    }))
}

/// The functions of XPath 1.0.
const XPATH_1_FUNCTIONS: &[&str] = &[
    "boolean",
    "ceiling",
    "concat",
    "contains",
    "count",
    "false",
    "floor",
    "id",
    "lang",
    "last",
    "local-name",
    "name",
    "namespace-uri",
    "normalize-space",
    "not",
    "number",
    "position",
    "round",
    "starts-with",
    "string",
    "string-length",
    "substring",
    "substring-after",
    "substring-before",
    "sum",
    "translate",
    "true",
];

/// The first function in `expression` that XPath 1.0 does not have.
pub(super) fn first_unknown_function(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Or(one, other)
        | Expr::And(one, other)
        | Expr::Equality(one, _, other)
        | Expr::Relational(one, _, other)
        | Expr::Additive(one, _, other)
        | Expr::Multiplicative(one, _, other)
        | Expr::Union(one, other) => {
            first_unknown_function(one).or_else(|| first_unknown_function(other))
        }
        Expr::Negate(inner) => first_unknown_function(inner),
        Expr::Path(PathExpr::Location(path)) => unknown_in_path(path),
        Expr::Path(PathExpr::Filter(filter)) => unknown_in_filter(filter),
        Expr::Path(PathExpr::FilterLocation(filter, path)) => {
            unknown_in_filter(filter).or_else(|| unknown_in_path(path))
        }
    }
}

fn unknown_in_path(path: &LocationPath) -> Option<&str> {
    let mut predicates = path.steps.iter().flat_map(|step| &step.predicates);
    predicates.find_map(first_unknown_function)
}

fn unknown_in_filter(filter: &FilterExpr) -> Option<&str> {
    let inside = match &filter.primary {
        PrimaryExpr::Parenthesized(inner) => first_unknown_function(inner),
        PrimaryExpr::Function(call) => {
            let known = call.name.prefix.is_none()
                && XPATH_1_FUNCTIONS.binary_search(&&*call.name.local).is_ok();
            match known {
                true => call.args.iter().find_map(first_unknown_function),
                false => Some(&*call.name.local),
            }
        }
        PrimaryExpr::Variable(_) | PrimaryExpr::Literal(_) | PrimaryExpr::Number(_) => None,
    };
    inside.or_else(|| filter.predicates.iter().find_map(first_unknown_function))
}

fn primary(primary: PrimaryExpr) -> Expr {
    Expr::Path(PathExpr::Filter(FilterExpr {
        primary,
        predicates: Vec::new(),
    }))
}

fn literal(text: String) -> Expr {
    primary(PrimaryExpr::Literal(text))
}

fn function(name: &str, args: Vec<Expr>) -> Expr {
    primary(PrimaryExpr::Function(FunctionCall {
        name: QName {
            prefix: None,
            local: name.to_owned(),
        },
        args,
    }))
}

/// The letters that have both cases, upper and lower, in the same order.
fn cased_letters() -> (String, String) {
    let mut letters = (String::new(), String::new());
    for upper in (0..=LAST_CASED).filter_map(char::from_u32) {
        let mut lower = upper.to_lowercase();
        if let (Some(lower), None) = (lower.next(), lower.next())
            && lower != upper
        {
            letters.0.push(upper);
            letters.1.push(lower);
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcard_prefixes_are_tests_of_the_local_name() {
        assert_eq!(
            without_wildcard_prefixes("/*:a[@*:b='*:c']/* : d"),
            "/*[local-name()='a'][@*[local-name()='b']='*:c']/* : d"
        );
    }

    #[test]
    fn letters_of_both_cases_pair_up() {
        let (upper, lower) = cased_letters();
        assert_eq!(upper.chars().count(), lower.chars().count());
        assert!(upper.contains('É') && lower.contains('é') && lower.contains('я'));
    }
}
