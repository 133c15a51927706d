//! JMeter's own answers to texts with functions, checked one by one.
//!
//! `tests/golden/functions.jsonl` holds what `oracle/functions.sh` printed: a JSON object a line with
//! the `text`, what was given beside it (`vars`, `times`), the `values` in turn with a `fault` where
//! a function threw an exception, or `malformed`, and the variables `changed`.

use std::collections::BTreeMap;

use loadline_plan::program::parse_template;
use serde_json::Value;

use crate::test_user::User;
use crate::{Outcome, Response};

/// The body of the previous result, as `oracle/functions.groovy` has it.
const BODY: &str =
    "<a href=\"/x?id=17\">Näme 1</a> <a href=\"/y?id=5&amp;p=2\">two</a> <b>no link</b>";

/// The variables that every text starts with, as `oracle/functions.groovy` has them.
const VARIABLES: [(&str, &str); 11] = [
    ("x", "X"),
    ("y", "Y"),
    ("a", "A"),
    ("n", "1"),
    ("a_1", "av"),
    ("t", "n is ${n}"),
    ("l", "1,2"),
    ("e", ""),
    ("b_matchNr", "1"),
    ("b_1", "2"),
    ("page", BODY),
];

/// Texts whose answers are known to differ, and why.
const DIFFERENT: [(&str, &str); 3] = [
    ("${__digest(MD2,abc)}", "MD2 is not supported"),
    (
        "${__doubleSum(0x1p3,1)}",
        "hexadecimal floating-point numbers are not read",
    ),
    (
        "${__dateTimeConvert(+12024-03-05,yyyy-MM-dd,yyyy)}",
        "the calendar ends with the year 9999",
    ),
];

#[test]
fn texts_have_the_values_that_jmeter_gives_them() {
    let mut different = Vec::new();
    let mut count = 0;
    for line in include_str!("../../tests/golden/functions.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let text = case["text"].as_str().expect("a text");
        count += 1;
        let agrees = check(&case, text);
        let is_known = DIFFERENT.iter().any(|(known, _)| *known == text);
        match agrees {
            Err(difference) if !is_known => different.push(format!("{text}: {difference}")),
            Ok(()) if is_known => different.push(format!("{text}: differs no longer")),
            _ => {}
        }
    }
    assert!(count > 300, "only {count} texts");
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Evaluates one text as often as the case says; what differs from its answers.
fn check(case: &Value, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().to_str().expect("UTF-8");
    let mut user = User::new();
    let mut before = BTreeMap::new();
    let given = case["vars"].as_object().into_iter().flatten();
    let given = given.map(|(name, value)| (name.as_str(), value.as_str().expect("a text")));
    for (name, value) in VARIABLES
        .into_iter()
        .chain(given)
        .chain([("folder", folder)])
    {
        user.variables.set_by_name(name, value);
        before.insert(name.to_owned(), value.to_owned());
    }
    user.functions.run().set_property("spaced", " v ");
    user.per_user.start_iteration();
    user.set_previous(Outcome {
        status: 200,
        response: Response {
            body: BODY.into(),
            ..Response::default()
        }
        .into(),
        ..Outcome::default()
    });
    let mut names = &mut user;
    let template = match parse_template(text, &mut names) {
        Ok(template) if case["malformed"] == true => {
            return Err(format!("JMeter rejects it, here it is {template:?}"));
        }
        Ok(template) => template,
        Err(_) if case["malformed"] == true => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    for expected in case["values"].as_array().expect("values") {
        let value = user.render(&template).replace(folder, "<folder>");
        let fault = user.functions.take_fault();
        let agrees = match expected.as_str() {
            Some(expected) => fault.is_none() && value == expected,
            None => fault.as_ref().is_some_and(|fault| {
                let class = fault.thrown.as_ref().map(|thrown| thrown.class);
                let class = class.and_then(|class| class.rsplit('.').next());
                class.is_none_or(|class| case["fault"] == class)
            }),
        };
        if !agrees {
            return Err(format!(
                "expected {expected}, found `{value}` and {fault:?}"
            ));
        }
    }
    let mut changed = serde_json::Map::new();
    for (name, value) in user.variables.iter() {
        if before.remove(name).as_deref() != Some(value) {
            changed.insert(name.to_owned(), value.replace(folder, "<folder>").into());
        }
    }
    changed.extend(before.into_keys().map(|name| (name, Value::Null)));
    if Value::Object(changed.clone()) != case["changed"] {
        return Err(format!(
            "expected {} to change, found {changed:?}",
            case["changed"]
        ));
    }
    Ok(())
}
