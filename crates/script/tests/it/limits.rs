//! What one execution may use, and how deep a text may be nested: a clear error, never a hang or a crash.

use std::time::Duration;

use loadline_script::{
    Language, Limits, MemoryHost, Outcome, RefusalKind, ScriptError, State, Value, compile,
};

fn run(source: &str, limits: &Limits) -> (Outcome, MemoryHost) {
    let script = compile(Language::Groovy, source).unwrap();
    let mut host = MemoryHost::default();
    let outcome = script.run(&mut host, &mut State::default(), limits);
    (outcome, host)
}

/// The limit that `source` passes.
#[track_caller]
fn passed(source: &str, limits: &Limits) -> ScriptError {
    let error = run(source, limits).0.result.unwrap_err();
    assert!(error.limit, "{error}");
    error
}

#[test]
fn a_loop_without_end_ends_with_its_steps() {
    let limits = Limits {
        steps: 100_000,
        ..Limits::default()
    };
    let error = passed(
        "try {\n while (true) { }\n} catch (Throwable t) { }",
        &limits,
    );
    assert_eq!(
        error.message.as_deref(),
        Some("script step limit: more than 100000 steps")
    );
    assert_eq!(passed("[1].multiply(10000000).each { }", &limits).line, 1);
}

#[test]
fn a_script_ends_with_its_time() {
    let limits = Limits {
        time: Duration::from_nanos(10),
        ..Limits::default()
    };
    let error = passed("while (true) { }", &limits);
    assert_eq!(
        error.message.as_deref(),
        Some("script time limit: more than 0.00000001 s")
    );
}

#[test]
fn texts_and_lists_count_as_memory() {
    let limits = Limits {
        bytes: 1 << 20,
        ..Limits::default()
    };
    for source in [
        "def s = 'x'; while (true) { s += s }",
        "def l = []; while (true) { l << 1 }",
        "def m = [:]; def i = 0; while (true) { m[i++] = 1 }",
        "'x' * 100000000",
        "new int[500000000]",
        "(1..100000000).toList()",
        "def sb = new StringBuilder(); while (true) { sb.append('xxxxxxxx') }",
        "'%2000000000d'.formatted(1); String.format('%2000000d', 1)",
        "'a'.padLeft(100000000)",
    ] {
        let Ok(script) = compile(Language::Groovy, source) else {
            continue;
        };
        let outcome = script.run(&mut MemoryHost::default(), &mut State::default(), &limits);
        assert!(outcome.result.is_err(), "{source}");
    }
}

#[test]
fn recursion_is_an_error_of_java() {
    for source in [
        "def f(n) { f(n + 1) }\nf(0)",
        "def c\nc = { c() }\nc()",
        "def c\nc = { [1].each { c() } }\nc()",
        "def l = []\nl << l\nl.toString()\nl.hashCode()\ndef f(n) { f(n) }\nf(1)",
    ] {
        let (outcome, _) = run(source, &Limits::default());
        let error = outcome.result.unwrap_err();
        assert_eq!(error.class, "java.lang.StackOverflowError", "{source}");
    }
    let caught = "def f(n) { f(n + 1) }\ntry { f(0) } catch (StackOverflowError e) { 'deep' }";
    let (outcome, _) = run(caught, &Limits::default());
    assert_eq!(
        outcome.result.unwrap().as_text().map(ToString::to_string),
        Some("deep".to_owned())
    );
}

#[test]
fn operators_without_a_method_are_missing_methods() {
    for source in ["[a: 1] + 1", "[a: 1] + ['x']", "[a: 1] * 2", "[a: 1] - 1"] {
        let error = run(source, &Limits::default()).0.result.unwrap_err();
        assert_eq!(
            error.class, "groovy.lang.MissingMethodException",
            "{source}"
        );
    }
}

#[test]
fn output_is_bounded() {
    let limits = Limits {
        output_bytes: 1_000,
        ..Limits::default()
    };
    for source in [
        "while (true) { println 'x' }",
        "while (true) { log.info('x') }",
        "while (true) { OUT.print('x') }",
    ] {
        let error = passed(source, &limits);
        assert_eq!(
            error.message.as_deref(),
            Some("script output limit: more than 1000 bytes")
        );
    }
    let (_, host) = run("while (true) { println 'x' }", &limits);
    assert!(host.out.len() <= 1_000);
}

#[test]
fn a_script_within_its_limits_is_not_hindered() {
    let (outcome, _) = run("(1..1000).sum()", &Limits::default());
    assert!(matches!(outcome.result, Ok(Value::Int(500_500))));
}

#[test]
fn nested_texts_are_parsed_once() {
    // Each of these took twice the time for each level.
    for (open, inner, close) in [
        ("{f c = ", "1", "}"),
        ("a { ", "1", " }"),
        ("a.b(1) { x, y -> ", "1", " }"),
        ("[a: { ", "1", " }]"),
    ] {
        let source = format!("def c = {}{inner}{}", open.repeat(60), close.repeat(60));
        let _ = compile(Language::Groovy, &source);
    }
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    for (language, open, close) in [
        (Language::Groovy, "(", ")"),
        (Language::Groovy, "[", "]"),
        (Language::Groovy, "{ -> ", "}"),
        (Language::Groovy, "if (a) ", ""),
        (Language::Groovy, "!", ""),
        (Language::Groovy, "\"${", "}\""),
        (Language::Groovy, "a ? b : ", ""),
        (Language::Groovy, "f(", ")"),
        (Language::Groovy, "new A(", ")"),
        (Language::Groovy, "(int) ", ""),
        (Language::BeanShell, "(", ")"),
        (Language::BeanShell, "{", "}"),
        (Language::BeanShell, "while (true) ", ""),
        (Language::Jexl3, "(", ")"),
        (Language::Jexl3, "[", "]"),
        (Language::Jexl3, "!", ""),
        (Language::Jexl3, "-", ""),
    ] {
        let source = format!("{}a{}", open.repeat(20_000), close.repeat(20_000));
        let refusals = compile(language, &source).expect_err(open);
        assert!(
            matches!(
                refusals[0].kind,
                RefusalKind::Syntax | RefusalKind::UnsupportedSyntax
            ),
            "{open}: {}",
            refusals[0]
        );
    }
}

#[test]
fn bits_of_broken_numbers_are_an_exception() {
    let message = |source: &str| {
        let error = run(source, &Limits::default()).0.result.unwrap_err();
        error.message.unwrap_or_default()
    };
    for (source, expected) in [
        (
            "10 & 0 / 7",
            "Cannot use and() on this number type: java.lang.Integer with value: 10",
        ),
        (
            "1.5 | 2",
            "Cannot use or() on this number type: java.math.BigDecimal with value: 1.5",
        ),
        (
            "2d ^ 1",
            "Cannot use xor() on this number type: java.lang.Double with value: 2.0",
        ),
        (
            "1.5 << 1",
            "Cannot use leftShift() on this number type: java.math.BigDecimal with value: 1.5",
        ),
        (
            "1 >> 1.5",
            "Shift distance must be an integral type, but 1.5 (java.math.BigDecimal) was supplied",
        ),
    ] {
        assert_eq!(message(source), expected, "{source}");
    }
    // Other operands have no such method: an exception too.
    assert!(!message("1 & 'x'").is_empty());
    assert!(!message("true.and(null) & 1.5.xor('x')").is_empty());
}
