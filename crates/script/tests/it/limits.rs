//! What one execution may use, and how deep a text may be nested: a clear error, never a hang or a crash.

use std::time::Duration;

use loadline_script::{
    Language, Limits, MemoryHost, Outcome, RefusalKind, ScriptError, State, Value, compile,
    describe,
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

/// Objects that hold one another in a chain, however long, are freed, and what looks through them ends.
#[test]
fn long_chains_of_objects_do_no_harm() {
    let chains = [
        ("[]", "[m]"),
        ("[:]", "[a: m]"),
        ("0", "[m] as Object[]"),
        ("{ it }", "{ m(it) }"),
        ("{ it }", "{ it } >> m"),
        ("0", "\"${-> m}\""),
        ("null", "new N(next: m)"),
        ("0", "new java.util.concurrent.atomic.AtomicReference(m)"),
        ("0", "new AbstractMap.SimpleEntry('a', m)"),
        ("0", "Optional.of(m)"),
        ("new Exception('a')", "new Exception('b', m)"),
        ("[1]", "m.iterator()"),
        ("[1].iterator()", "[m].iterator()"),
    ];
    let looks = ["n.toString()", "n.hashCode()", "n == k", "[n] == [k]"]
        .map(|look| format!("try {{ {look} }} catch (StackOverflowError e) {{ }}\n"));
    for (first, next) in chains {
        let source = format!(
            "class N {{ def next }}\ndef n = {first}\ndef k = {first}\n\
             for (int i = 0; i < 20000; i++) {{ def m = n; n = {next} }}\n\
             for (int i = 0; i < 20000; i++) {{ def m = k; k = {next} }}\n{}\n1",
            looks.concat()
        );
        let result = run(&source, &Limits::default()).0.result;
        assert!(
            result.as_ref().is_ok() || result.as_ref().is_err_and(|error| error.limit),
            "{source}: {result:?}"
        );
    }
}

/// Two lists that hold one list twice, which holds one twice, and so on, hold more than can ever be looked at.
#[test]
fn looking_through_values_is_bounded() {
    let limits = Limits {
        steps: 100_000,
        ..Limits::default()
    };
    let twice = "def a = []; def b = []; 60.times { a = [a, a]; b = [b, b] }\n";
    let maps = "def a = [:]; def b = [:]; 60.times { a = [x: a, y: a]; b = [x: b, y: b] }\n";
    let long = "def l = (1..20000).toList()\n";
    for source in [
        format!("{twice}a == b"),
        format!("{twice}a.equals(b)"),
        format!("{twice}a.hashCode()"),
        format!("{twice}[a].contains(b)"),
        format!("{twice}[a].indexOf(b)"),
        format!("{twice}([a, b] as Set).size()"),
        format!("{twice}def m = [:]; m[a] = 1; m[b] = 2; m"),
        format!("{maps}a == b"),
        format!("{maps}a.hashCode()"),
        format!("{long}while (true) l.contains(-1)"),
        format!("{long}while (true) l.indexOf(-1)"),
        format!("{long}while (true) l.first()"),
    ] {
        let error = passed(&source, &limits);
        let message = error.message.unwrap_or_default();
        assert_eq!(message, "script step limit: more than 100000 steps");
    }
    // What one script has used up is no loss to the next.
    let (outcome, _) = run("[[1], [2]] == [[1], [2]]", &limits);
    assert!(matches!(outcome.result, Ok(Value::Bool(true))));
}

/// Each call that reads all of a long text looks at the clock: it stands for thousands of steps.
#[test]
fn long_texts_do_not_outlast_the_time() {
    let limits = Limits {
        time: Duration::from_nanos(200),
        ..Limits::default()
    };
    for source in [
        "def s = 'x' * 20000; for (int i = 0; i < 1000; i++) s.indexOf('y')",
        "def b = new StringBuilder('x' * 20000); for (int i = 0; i < 1000; i++) b.charAt(i)",
        "def m = 'x' * 20000 =~ 'x'; for (int i = 0; i < 1000; i++) { m.find(); m.start() }",
    ] {
        let error = passed(source, &limits);
        let message = error.message.unwrap_or_default();
        assert!(message.contains("time limit"), "{source}: {message}");
    }
}

/// Each text of such a range is as long as the first.
#[test]
fn ranges_of_long_texts_are_bounded() {
    let limits = Limits {
        steps: 1_000_000,
        bytes: 16 << 20,
        ..Limits::default()
    };
    passed("('a' * 2000)..'z'", &limits);
}

/// A width with more digits than a number has.
#[test]
fn widths_of_formats_are_bounded() {
    let digits = "5".repeat(100);
    let error = passed(
        &format!("String.format('%{digits}d', 1)"),
        &Limits::default(),
    );
    assert!(error.message.unwrap_or_default().contains("memory limit"));
}

/// The work of a split grows with the text, not with its square.
#[test]
fn splitting_reads_a_text_once() {
    for (part, count) in [("a,", 200_000), ("\u{e9},", 100_000)] {
        let source = format!("('{part}' * {count}).split(',').size()");
        let (outcome, _) = run(&source, &Limits::default());
        assert!(
            matches!(outcome.result, Ok(Value::Int(n)) if n == count),
            "{part}"
        );
    }
}

/// A container that holds itself is looked for in itself.
#[test]
fn containers_that_hold_themselves_are_searched() {
    for (source, answer) in [
        ("def l = []; l << l; l.remove((Object) [1])", "false"),
        ("def l = []; l << l; l.removeElement([2])", "false"),
        ("def l = []; l << l; l.remove((Object) l)", "true"),
        (
            "def m = [:]; m[m] = 1; m[[:]] = 2; m.containsKey([a: 1])",
            "false",
        ),
        (
            "def m = [:]; 12.times { m[it] = it }; m[m] = 1; m[[m]] = 2; m.containsKey([1])",
            "false",
        ),
        (
            "def s = [] as Set; 12.times { s << it }; s << [s]; s.contains([2])",
            "false",
        ),
        (
            "def a = new java.util.concurrent.atomic.AtomicReference('x'); a.compareAndSet('x', a)",
            "true",
        ),
    ] {
        let (outcome, mut host) = run(source, &Limits::default());
        let (text, _) = describe(&outcome.result.unwrap(), &mut host);
        assert_eq!(text, answer, "{source}");
    }
}
