//! Whatever a text is, `JsonSlurper` gives a value or throws.

use std::sync::Arc;

use loadline_script::{Language, Limits, MemoryHost, State, Value, compile};

/// What JSON is made of, and what it is not.
const PARTS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\"",
    ",",
    ":",
    "\\",
    "\\u",
    "\\n",
    "0",
    "12",
    "00e9",
    "9999999999",
    "-",
    "+",
    ".",
    "e",
    "E",
    " ",
    "\n",
    "\u{1}",
    "true",
    "false",
    "null",
    "t",
    "n",
    "é",
    "😀",
    "a",
    "\"a\":",
    "[1,",
    "{\"b\":",
];

#[test]
fn texts_of_any_shape_give_a_value_or_an_exception() {
    let source = "new groovy.json.JsonSlurper().parseText(vars.get('json')).toString()";
    let script = compile(Language::Groovy, source).unwrap();
    let mut host = MemoryHost::default();
    let mut seed = 7_u64;
    let mut chance = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    let (mut values, mut exceptions) = (0, 0);
    for _ in 0..40_000 {
        let parts = (0..=chance(12)).map(|_| PARTS[chance(PARTS.len())]);
        let text: String = parts.collect();
        host.variables
            .insert(Arc::from("json"), Value::from(text.as_str()));
        let outcome = script.run(&mut host, &mut State::default(), &Limits::default());
        match outcome.result {
            Ok(_) => values += 1,
            Err(error) => {
                assert!(!error.limit, "{text:?}: {error}");
                exceptions += 1;
            }
        }
    }
    assert!(
        values > 1_000 && exceptions > 1_000,
        "{values} {exceptions}"
    );
}
