//! JavaScript: what a script sees of JMeter, what it leaves behind (nothing), and what it may use.

use std::sync::Arc;
use std::time::Duration;

use loadline_script::{
    Language, Limits, MemoryHost, Outcome, RefusalKind, ScriptError, State, Value, compile,
    describe,
};

fn run_with(language: Language, source: &str, host: &mut MemoryHost, limits: &Limits) -> Outcome {
    let script = compile(language, source).unwrap();
    script.run(host, &mut State::default(), limits)
}

/// The text of the value of `source`, and its class.
fn value(language: Language, source: &str) -> (String, String) {
    let mut host = MemoryHost::default();
    host.variables.insert(Arc::from("a"), Value::from("1"));
    let outcome = run_with(language, source, &mut host, &Limits::default());
    describe(&outcome.result.unwrap(), &mut host)
}

#[track_caller]
fn check(language: Language, source: &str, text: &str, class: &str) {
    let (found, found_class) = value(language, source);
    assert_eq!((&*found, &*found_class), (text, class), "{source}");
}

#[track_caller]
fn failure(source: &str, limits: &Limits) -> ScriptError {
    let mut host = MemoryHost::default();
    let outcome = run_with(Language::JavaScript, source, &mut host, limits);
    outcome.result.unwrap_err()
}

#[test]
fn values_are_those_of_the_engine() {
    let (rhino, nashorn) = (Language::Rhino, Language::JavaScript);
    check(rhino, "3.0", "3", "java.lang.String");
    check(rhino, "1.5 * 2", "3", "java.lang.String");
    check(rhino, "undefined", "undefined", "java.lang.String");
    check(rhino, "null", "null", "java.lang.String");
    check(nashorn, "1 + 2", "3", "java.lang.Integer");
    check(nashorn, "1.5 * 2", "3.0", "java.lang.Double");
    check(nashorn, "1 / 4", "0.25", "java.lang.Double");
    check(nashorn, "undefined", "null", "null");
    check(nashorn, "'a' + 1", "a1", "java.lang.String");
    check(
        nashorn,
        "java.lang.Long.parseLong('1700000000000')",
        "1700000000000",
        "java.lang.Long",
    );
    let list = "var l = new java.util.ArrayList(); l.add('x'); l";
    check(nashorn, list, "[x]", "java.util.ArrayList");
}

#[test]
fn texts_of_java_are_javas_in_rhino_and_javascripts_in_nashorn() {
    let (rhino, nashorn) = (Language::Rhino, Language::JavaScript);
    let text = "java.lang.String";
    check(rhino, "typeof vars.get('a')", "object", text);
    check(rhino, "vars.get('a') == '1'", "true", text);
    check(rhino, "vars.get('a') === '1'", "false", text);
    check(rhino, "vars.get('a').length()", "1", text);
    check(nashorn, "typeof vars.get('a')", "string", text);
    check(nashorn, "'' + (vars.get('a') === '1')", "true", text);
    check(nashorn, "vars.get('a').length", "1", "java.lang.Integer");
    check(nashorn, "'' + vars.get('a').equals('1')", "true", text);
}

#[test]
fn scripts_change_what_java_has() {
    let mut host = MemoryHost::default();
    let source = "vars.put('n', 5); vars.put('t', true); vars.putObject('o', {a: [1, 'x']});\n\
                  log.info('said {}', 1.5); OUT.println('out'); print('p', 1); props.put('k', 'v');";
    let outcome = run_with(Language::JavaScript, source, &mut host, &Limits::default());
    assert!(outcome.result.is_ok());
    let text = |host: &mut MemoryHost, name: &str| {
        let value = host.variables[name].clone();
        describe(&value, host)
    };
    assert_eq!(text(&mut host, "n").0, "5");
    assert_eq!(text(&mut host, "t").0, "true");
    assert_eq!(text(&mut host, "o").0, "[a:[1, x]]");
    assert_eq!(host.log[0].1, "said 1.5");
    assert_eq!(host.out, "out\np 1\n");
    assert_eq!(host.properties.len(), 1);
}

#[test]
fn no_execution_sees_another() {
    let mut host = MemoryHost::default();
    let limits = Limits::default();
    let source = "var n = (typeof n == 'undefined') ? 1 : n + 1; m = 1; Math.own = 1;\n\
                  String.prototype.own = 1; n";
    for _ in 0..2 {
        let outcome = run_with(Language::JavaScript, source, &mut host, &limits);
        assert_eq!(describe(&outcome.result.unwrap(), &mut host).0, "1");
    }
    let source = "typeof m + typeof Math.own + typeof ''.own";
    let outcome = run_with(Language::JavaScript, source, &mut host, &limits);
    let all = "undefinedundefinedundefined";
    assert_eq!(describe(&outcome.result.unwrap(), &mut host).0, all);
}

#[test]
fn nothing_is_left_in_the_engine_that_scripts_share() {
    let language = Language::JavaScript;
    let say = |source: &str| value(language, source).0;
    for script in [
        "var own = 1; let other = 2; function method() {}; own",
        "undeclared = {a: 1}; for (loop = 0; loop < 3; loop++) {} undeclared.a",
        "vars = 5; parseInt = 6; print = 7; vars",
        "Math.own = 1; Array.prototype.own = 1; Object.prototype.own = 1; 1",
        "[]['__pro' + 'to__'].own = 1; [].concat['const' + 'ructor']('own = 1')(); 1",
        "({})['const' + 'ructor']['define' + 'Property']([]['__pro' + 'to__'], 'own', {value: 1}); 1",
        "importPackage(java.util); new ArrayList(); 1",
        "this.own = 1; globalThis.other = 2; eval('var third = 3'); 1",
        "throw {own: 1}",
        "while (true) {}",
    ] {
        let script = compile(language, script).unwrap();
        let limits = Limits {
            steps: 100_000,
            ..Limits::default()
        };
        let mut host = MemoryHost::default();
        let _ = script.run(&mut host, &mut State::default(), &limits);
        let names = "typeof own + typeof other + typeof method + typeof undeclared + typeof loop + \
                     typeof ArrayList + typeof third + typeof [].own + typeof Math.own";
        assert_eq!(say(names), "undefined".repeat(9));
        assert_eq!(say("parseInt('7') + vars.get('a')"), "71");
    }
}

#[test]
fn objects_of_scripts_have_members_of_their_own() {
    let text = "java.lang.String";
    for (source, expected) in [
        (
            "var o = {}; o.toString = function () { return 'own'; }; '' + o",
            "own",
        ),
        (
            "var e = new Error('a'); e.message = 'b'; e.name = 'C'; '' + e",
            "C: b",
        ),
        (
            "var l = [1]; l.push = function () { return 'own'; }; '' + l.push(2)",
            "own",
        ),
        (
            "function F(x) { this.x = x; } F.prototype.get = function () { return this.x; }; '' + new F(3).get()",
            "3",
        ),
        (
            "String.prototype.twice = function () { return this + this; }; 'ab'.twice()",
            "abab",
        ),
        ("var s = ''; for (var k in {a: 1, b: 2}) s += k; s", "ab"),
        (
            "'a-b'.replace(/-/g, '+') + [3, 1, 2].sort().map(function (x) { return x * 2; }).join()",
            "a+b2,4,6",
        ),
        (
            "if (vars.get('a') == '1') { 'one' } else { 'other' }",
            "one",
        ),
        ("// nothing but\n'a' // a text", "a"),
    ] {
        check(Language::JavaScript, source, expected, text);
        check(Language::Rhino, source, expected, text);
    }
}

#[test]
fn a_script_is_run_again_as_it_was() {
    let script = compile(
        Language::JavaScript,
        "vars.put('n', String(parseInt(vars.get('n')) + 1))",
    );
    let script = script.unwrap();
    let mut host = MemoryHost::default();
    host.variables.insert(Arc::from("n"), Value::from("0"));
    for _ in 0..3 {
        let outcome = script.run(&mut host, &mut State::default(), &Limits::default());
        outcome.result.unwrap();
    }
    let n = host.variables["n"].clone();
    assert_eq!(describe(&n, &mut host).0, "3");
}

#[test]
fn async_functions_end_with_their_engine() {
    let run = || {
        let source =
            "async function f() { return 1; } f().then(function () { log.info('late'); }); 1";
        let mut host = MemoryHost::default();
        let outcome = run_with(Language::JavaScript, source, &mut host, &Limits::default());
        (outcome.result.is_ok(), host.log.len())
    };
    assert_eq!(std::thread::spawn(run).join().unwrap(), (true, 0));
}

#[test]
fn time_and_chance_are_the_hosts() {
    let text = "java.lang.String";
    let now = "'' + new Date().getTime() + (Date.now() == new Date().getTime())";
    check(Language::JavaScript, now, "1700000000000true", text);
    let source = "var x = Math.random(); '' + (x >= 0 && x < 1 && x != Math.random())";
    check(Language::JavaScript, source, "true", text);
    assert_eq!(
        value(Language::Rhino, "Math.random()"),
        value(Language::Rhino, "Math.random()")
    );
    check(
        Language::JavaScript,
        "'' + (new Date(2024, 1, 3) instanceof Date)",
        "true",
        text,
    );
    check(
        Language::JavaScript,
        "'' + Date.UTC(1970, 0, 2)",
        "86400000",
        text,
    );
}

#[test]
fn exceptions_are_named() {
    let limits = Limits::default();
    let said = |source: &str| {
        let error = failure(source, &limits);
        (
            error.class.clone(),
            error.message.unwrap_or_default(),
            error.line,
        )
    };
    let script = "javax.script.ScriptException".to_owned();
    assert_eq!(
        said("\n\nnothing + 1"),
        (
            script.clone(),
            "ReferenceError: \"nothing\" is not defined in <eval> at line number 3".into(),
            3
        )
    );
    assert_eq!(said("throw 'bad'"), (script, "bad".into(), 0));
    let java = said("java.lang.Integer.parseInt('x')");
    assert_eq!(java.0, "java.lang.NumberFormatException");
    assert_eq!(java.1, "For input string: \"x\"");
    let deep = said("function f(n) { return f(n + 1); } f(0)");
    assert_eq!(deep.0, "java.lang.StackOverflowError");
}

#[test]
fn what_is_not_there_is_refused_before_the_run() {
    let refused = |source: &str| {
        let refusals = compile(Language::JavaScript, source).unwrap_err();
        (refusals[0].kind, refusals[0].to_string())
    };
    let (kind, said) = refused("var x = 1;\nvar = 5");
    assert_eq!(kind, RefusalKind::Syntax);
    assert!(said.starts_with("script line 2, column "), "{said}");
    let (kind, said) = refused("\nnew java.net.Socket('h', 1)");
    assert_eq!(kind, RefusalKind::Forbidden);
    assert_eq!(
        said,
        "script line 2, column 5: class java.net.Socket is not supported (network)"
    );
    assert_eq!(
        refused("Packages.org.acme.Thing.make()").0,
        RefusalKind::UnknownClass
    );
    assert_eq!(refused("vars.puts('a', 1)").0, RefusalKind::UnknownMethod);
    assert_eq!(
        refused("java.lang.Runtime.getRuntime()").0,
        RefusalKind::Forbidden
    );
    assert_eq!(refused("x = '\0' + (").0, RefusalKind::Syntax);
    assert_eq!(
        refused(&"(".repeat(100_000)).0,
        RefusalKind::Syntax,
        "nested too deeply"
    );
    // Nothing of a script runs while it is compiled.
    assert!(compile(Language::JavaScript, "while (true) {}").is_ok());
}

#[test]
fn a_loop_ends_with_its_steps_and_cannot_catch_that() {
    let limits = Limits {
        steps: 1_000_000,
        ..Limits::default()
    };
    for source in [
        "while (true) {}",
        "while (true) { try { while (true) {} } catch (e) {} finally {} }",
        "function f() { f2(); } function f2() { f3(); } function f3() { for (;;) {} } f()",
        "/(a+)+b/.test('a'.repeat(40)); while (true) {}",
        "while (true) { vars.get('x') }",
    ] {
        let error = failure(source, &limits);
        assert!(error.limit, "{source}: {error}");
        assert_eq!(
            error.message.as_deref(),
            Some("script step limit: more than 1000000 steps"),
            "{source}"
        );
    }
}

/// QuickJS asks nobody while it goes over an array or a text.
#[test]
fn long_arrays_and_texts_count_before_anything_goes_over_them() {
    let limits = Limits {
        steps: 1_000_000,
        ..Limits::default()
    };
    let long = "var a = []; a.length = 4294967295;";
    let doubled = "var s = 'ab'; for (var i = 0; i < 20; i++) s += s;";
    for source in [
        "new Array(4294967295).join('x')".to_owned(),
        format!("{long} a.reverse()"),
        format!("{long} a.sort()"),
        format!("{long} a.slice()"),
        format!("{long} a.shift()"),
        format!("{long} [1].concat(a)"),
        format!("{long} '' + a"),
        format!("{long} JSON.stringify(a)"),
        "Array.prototype.fill.call({ length: 9007199254740991 }, 0)".to_owned(),
        format!("{doubled} while (s.indexOf('c') < 0);"),
        format!("{doubled} for (;;) s.toUpperCase();"),
    ] {
        let error = failure(&source, &limits);
        assert_eq!(
            error.message.as_deref(),
            Some("script step limit: more than 1000000 steps"),
            "{source}"
        );
    }
    // What is short enough is as it was.
    check(
        Language::Rhino,
        "[3, 1, 2].sort().join('-')",
        "1-2-3",
        "java.lang.String",
    );
    check(
        Language::JavaScript,
        "[].join.name + [].slice.length",
        "join2",
        "java.lang.String",
    );
}

#[test]
fn memory_time_and_output_are_bounded() {
    let small = Limits {
        bytes: 4 << 20,
        ..Limits::default()
    };
    let error = failure("var s = 'x'; while (true) { s += s + 'y'; }", &small);
    assert!(error.limit, "{error}");
    assert!(error.to_string().contains("memory limit"), "{error}");
    let error = failure("var l = []; while (true) { l.push([1, 2, 3]); }", &small);
    assert!(error.to_string().contains("memory limit"), "{error}");
    let source =
        "var l = new java.util.ArrayList(); while (true) { l.add('0123456789'.repeat(99)); }";
    let error = failure(source, &small);
    assert!(error.to_string().contains("memory limit"), "{error}");

    let short = Limits {
        time: Duration::from_nanos(10),
        ..Limits::default()
    };
    let error = failure("while (true) {}", &short);
    assert!(error.to_string().contains("time limit"), "{error}");

    let quiet = Limits {
        output_bytes: 100,
        ..Limits::default()
    };
    let error = failure(
        "while (true) { try { log.info('0123456789'); } catch (e) {} }",
        &quiet,
    );
    assert_eq!(
        error.message.as_deref(),
        Some("script output limit: more than 100 bytes")
    );
}

#[test]
fn a_script_ends_whatever_it_gives_to_java() {
    let limits = Limits::default();
    let error = failure("var o = {}; o.o = o; vars.putObject('x', o)", &limits);
    assert!(error.to_string().contains("nested too deeply"), "{error}");
    let error = failure("vars.put('x', function () {})", &limits);
    assert!(error.to_string().contains("TypeError"), "{error}");
    let error = failure("vars.putObject('x', {get a() { throw 'own'; }})", &limits);
    assert_eq!(error.message.as_deref(), Some("own"));
    let error = failure("vars.get()", &limits);
    assert_eq!(error.class, "java.lang.NoSuchMethodException");
}
#[test]
fn recursion_is_bounded_whatever_the_stack() {
    let deep = || {
        let limits = Limits {
            stack_bytes: 48 << 20,
            ..Limits::default()
        };
        failure("function f(n) { return f(n + 1); } f(0)", &limits).class
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(deep);
    assert_eq!(
        thread.unwrap().join().unwrap(),
        "java.lang.StackOverflowError"
    );
}
