//! Paths whose values JMeter's extractor tests do not show.

use super::*;
use crate::extract::json_print::compact;
use crate::extract::parse_json;

#[track_caller]
fn check(document: &str, path: &str, expected: &str) {
    let document = parse_json(document).expect("JSON");
    let shown = match JsonPath::parse(path).and_then(|path| path.select(&document)) {
        Ok(hits) => hits
            .iter()
            .map(|hit| compact(hit))
            .collect::<Vec<_>>()
            .join(" "),
        Err(error) => format!("error: {error}"),
    };
    assert_eq!(shown, expected, "{path}");
}

#[test]
fn missing_is_empty_and_malformed_is_an_error() {
    check(r#"{"a":1}"#, "$.b", "");
    check(r#"{"a":1}"#, "$.b[", "");
    check(
        r#"{"a":1}"#,
        "$.",
        "error: Path must not end with a '.' or '..'",
    );
    check(r#"{"a":1}"#, "", "error: path is empty");
    check("null", "$.a", "error: the document is null");
    check(
        r#"{"a":[1]}"#,
        "$.a.length()",
        "error: a function at the end of a path is not allowed",
    );
}

#[test]
fn nested_filters_and_functions() {
    let document = r#"{"a":[{"b":[{"c":1},{"c":2}],"n":[3,4]},{"b":[],"n":[]}]}"#;
    check(document, "$.a[?(@.b[?(@.c == 2)])].n", "[3,4] []");
    check(document, "$.a[?(@.b.length() > 0)].n[?(@ > 3)]", "4");
    check(document, "$.a[0].n[?(@ >= $.a[0].n[1])]", "4");
    check(document, "$.a[0][?(@.n.sum() == 7)].b[0].c", "1");
}

proptest::proptest! {
    #[test]
    fn no_path_panics(path in r#"([$@.\[\]()?*:,'"!<>=&|~/ ab0-3-]|length\(\)|\[\?\(|=~|\.\.){0,30}"#) {
        let document = parse_json(r#"{"a":[{"b":1},{"b":[2,"x"]}],"b":null}"#).unwrap();
        if let Ok(path) = JsonPath::parse(&path) {
            let _ = path.select(&document);
        }
    }
}
