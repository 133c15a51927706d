//! The same limits for BeanShell and JEXL as for Groovy (`limits`) and JavaScript (`javascript`).

use std::time::Duration;

use loadline_script::{Language, Limits, MemoryHost, Outcome, ScriptError, State, compile};

const BEAN_SHELL: Language = Language::BeanShell;
const JEXL: Language = Language::Jexl3;

fn run(language: Language, source: &str, limits: &Limits) -> (Outcome, MemoryHost) {
    let script = compile(language, source).unwrap();
    let mut host = MemoryHost::default();
    let outcome = script.run(&mut host, &mut State::default(), limits);
    (outcome, host)
}

/// The limit that `source` passes.
#[track_caller]
fn passed(language: Language, source: &str, limits: &Limits) -> ScriptError {
    let error = run(language, source, limits).0.result.unwrap_err();
    assert!(error.limit, "{source}: {error}");
    error
}

#[test]
fn a_loop_without_end_ends_with_its_steps() {
    let limits = Limits {
        steps: 100_000,
        ..Limits::default()
    };
    for (language, source) in [
        (
            BEAN_SHELL,
            "try { while (true) { } } catch (Throwable t) { }",
        ),
        (BEAN_SHELL, "for (;;) { x = 1; }"),
        (BEAN_SHELL, "do { } while (true);"),
        (JEXL, "while (true) { }"),
        (JEXL, "var x = 0; while (x < 1) { x = x - 1 }"),
        (JEXL, "for (var x : 1 .. 100000000) { x }"),
    ] {
        let error = passed(language, source, &limits);
        assert_eq!(
            error.message.as_deref(),
            Some("script step limit: more than 100000 steps"),
            "{source}"
        );
    }
}

#[test]
fn a_script_ends_with_its_time() {
    let limits = Limits {
        time: Duration::from_nanos(10),
        ..Limits::default()
    };
    for (language, source) in [(BEAN_SHELL, "while (true) { }"), (JEXL, "while (true) { }")] {
        let error = passed(language, source, &limits);
        assert_eq!(
            error.message.as_deref(),
            Some("script time limit: more than 0.00000001 s")
        );
    }
}

#[test]
fn texts_and_lists_count_as_memory() {
    let limits = Limits {
        bytes: 1 << 20,
        ..Limits::default()
    };
    for (language, source) in [
        (BEAN_SHELL, "String s = \"x\"; while (true) { s += s; }"),
        (
            BEAN_SHELL,
            "List l = new ArrayList(); while (true) { l.add(\"x\"); }",
        ),
        (
            BEAN_SHELL,
            "Map m = new HashMap(); int i = 0; while (true) { m.put(i++, \"x\"); }",
        ),
        (BEAN_SHELL, "int[] a = new int[500000000];"),
        (
            BEAN_SHELL,
            "StringBuilder b = new StringBuilder(); while (true) { b.append(\"xxxxxxxx\"); }",
        ),
        (JEXL, "var s = 'x'; while (true) { s = s + s }"),
        (JEXL, "var l = [1]; while (true) { l = [l, l] }"),
    ] {
        // What is too large to begin with may be more steps than there are first.
        passed(language, source, &limits);
    }
}

#[test]
fn recursion_is_an_error_of_java() {
    for (language, source) in [
        (BEAN_SHELL, "f(n) { return f(n + 1); } f(0);"),
        (BEAN_SHELL, "int f(int n) { return n + f(n + 1); } f(0);"),
    ] {
        let error = run(language, source, &Limits::default())
            .0
            .result
            .unwrap_err();
        let text = format!("{error} {:?}", error.target);
        assert!(text.contains("StackOverflowError"), "{source}: {text}");
    }
}

#[test]
fn output_is_bounded() {
    let limits = Limits {
        output_bytes: 1_000,
        ..Limits::default()
    };
    for (language, source) in [
        (BEAN_SHELL, "while (true) { print(\"x\"); }"),
        (BEAN_SHELL, "while (true) { log.info(\"x\"); }"),
        (JEXL, "while (true) { log.info('x') }"),
        (JEXL, "while (true) { OUT.println('x') }"),
    ] {
        let (outcome, host) = run(language, source, &limits);
        let error = outcome.result.unwrap_err();
        assert_eq!(
            error.message.as_deref(),
            Some("script output limit: more than 1000 bytes"),
            "{source}"
        );
        assert!(host.out.len() <= 1_000);
    }
}

#[test]
fn a_script_within_its_limits_is_not_hindered() {
    let sum = "int sum = 0; for (int i = 1; i <= 1000; i++) { sum += i; } return sum;";
    let (outcome, _) = run(BEAN_SHELL, sum, &Limits::default());
    assert!(outcome.result.is_ok());
    let sum = "var sum = 0; for (var i : 1 .. 1000) { sum = sum + i } sum";
    let (outcome, _) = run(JEXL, sum, &Limits::default());
    assert!(outcome.result.is_ok());
}
