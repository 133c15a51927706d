//! Scripts of elements and functions in a run.

use loadline_events::ErrorKind;
use loadline_plan::{
    Config, Element, ElementKind, Location, PlanSource, Sampler, ScriptElement, ScriptFamily,
    ScriptRole,
};

use crate::plan::*;
use crate::world::*;

fn script(role: ScriptRole, family: ScriptFamily, text: &str) -> ScriptElement {
    ScriptElement {
        role,
        family,
        name: "my script".into(),
        language: match family {
            ScriptFamily::Jsr223 | ScriptFamily::Own | ScriptFamily::Bsf => "groovy".into(),
            ScriptFamily::BeanShell => "beanshell".into(),
        },
        text: text.into(),
        file: None,
        parameters: "one two".into(),
        resets: "".into(),
        keeps_text: true,
        line: 10,
    }
}

fn groovy(role: ScriptRole, text: &str) -> Element {
    let script = script(role, ScriptFamily::Jsr223, text);
    let kind = match role {
        ScriptRole::Sampler => ElementKind::Sampler(Sampler::Script(Box::new(script))),
        _ => ElementKind::Script(Box::new(script)),
    };
    element("my script", kind, Vec::new())
}

fn bean_shell(role: ScriptRole, text: &str) -> Element {
    let script = script(role, ScriptFamily::BeanShell, text);
    let kind = match role {
        ScriptRole::Sampler => ElementKind::Sampler(Sampler::Script(Box::new(script))),
        _ => ElementKind::Script(Box::new(script)),
    };
    element("my script", kind, Vec::new())
}

fn with(mut sampler: Element, children: Vec<Element>) -> Element {
    sampler.children = children;
    sampler
}

/// A world of `users` that each go once through `body`.
fn world(users: u32, body: Vec<Element>) -> World {
    World::new(plan(vec![group(threads(users, 0, 1), body)]))
}

#[test]
fn a_pre_processor_makes_what_the_request_sends() {
    let text = r#"
        def parts = args.collect { it.toUpperCase() }
        vars.put("made", parts.join("-") + "-" + ctx.threadNum)
    "#;
    let request = with(get("${made}"), vec![groovy(ScriptRole::PreProcessor, text)]);
    let ran = world(1, vec![request]).run();
    assert_eq!(ran.paths_of(0), "ONE-TWO-0");
    assert_eq!(ran.report.faults.len(), 0);
}

#[test]
fn a_post_processor_reads_and_changes_the_result() {
    let text = r#"
        vars.put("id", prev.getResponseDataAsString().reverse())
        prev.setSuccessful(false)
        prev.setResponseCode("418")
        prev.setSampleLabel("renamed")
    "#;
    let request = with(get("a"), vec![groovy(ScriptRole::PostProcessor, text)]);
    let ran = world(1, vec![request, get("${id}")])
        .answer(|_| body("abc"))
        .run();
    assert_eq!(ran.paths_of(0), "a cba");
    let first = ran.plain()[0];
    assert_eq!((first.status, first.error), (418, ErrorKind::Assertion));
    assert_eq!(ran.plain()[1].error, ErrorKind::None);
    let labels = &ran.report.labels;
    assert_eq!(*labels[usize::from(first.label.0)], *"renamed");
}

#[test]
fn headers_that_a_script_adds_stay_in_the_only_header_manager() {
    let text = r#"
        import org.apache.jmeter.protocol.http.control.Header
        if (vars.get("n") == null) { vars.put("n", "1") }
        def headers = sampler.getHeaderManager()
        if (sampler.name == "a") { headers.add(new Header("X-" + vars.get("n"), "1")) }
        vars.put("seen", (0..<headers.size()).collect { headers.get(it).name + headers.get(it).value }.join(","))
        vars.put("n", "2")
    "#;
    let headers = Config::Headers(vec![("Own".into(), "${n}".into())]);
    let manager = element("headers", ElementKind::Config(headers), Vec::new());
    let body = vec![
        manager,
        groovy(ScriptRole::PreProcessor, text),
        get("a"),
        get("${seen}"),
        get("a"),
        get("${seen}"),
    ];
    let mut plan = plan(vec![group(threads(1, 0, 1), body)]);
    plan.source = PlanSource::Jmx;
    let ran = World::new(plan).run();
    assert_eq!(ran.paths_of(0), "a Own2,X-11 a Own2,X-11,X-21");
}

#[test]
fn scripts_add_sub_results_and_see_them() {
    let text = r#"
        import org.apache.jmeter.samplers.SampleResult as Result
        def part = new Result()
        part.setSampleLabel("mine")
        part.sampleStart()
        Thread.sleep(20)
        part.sampleEnd()
        part.setResponseCode("201")
        part.setSuccessful(true)
        SampleResult.sampleStart()
        SampleResult.addSubResult(part)
        SampleResult.addRawSubResult(new Result(1700000000000L, 5L))
        SampleResult.sampleEnd()
    "#;
    let look = r#"
        def subs = prev.getSubResults()
        subs[1].setSuccessful(true)
        vars.put("seen", subs.collect { it.sampleLabel + it.responseCode + it.successful + it.time }.join(","))
    "#;
    let sampler = with(
        groovy(ScriptRole::Sampler, text),
        vec![groovy(ScriptRole::PostProcessor, look)],
    );
    let ran = world(1, vec![sampler, get("${seen}")]).run();
    assert_eq!(ran.paths_of(0), "my script-0201true20,my script-1true5");
}

#[test]
fn a_sampler_makes_its_sample() {
    let text = r#"
        Thread.sleep(250)
        SampleResult.setResponseMessage("made")
        vars.put("next", "b")
        return "abc"
    "#;
    let check = groovy(
        ScriptRole::Assertion,
        r#"
        if (prev.responseDataAsString != "abc" || prev.time != 250) {
            AssertionResult.setFailure(true)
        }
        "#,
    );
    let sampler = with(groovy(ScriptRole::Sampler, text), vec![check]);
    let ran = world(1, vec![sampler, get("${next}")]).run();
    let made = ran.plain()[0];
    assert_eq!(
        (
            made.service_us,
            made.status,
            made.received_bytes,
            made.error
        ),
        (250_000, 200, 3, ErrorKind::None)
    );
    assert_eq!(ran.times_of(0), [250]);
}

#[test]
fn a_sampler_that_throws_has_failed_with_the_words_of_jmeter() {
    let text = "throw new IllegalStateException('no way')";
    let ran = world(1, vec![groovy(ScriptRole::Sampler, text), get("on")]).run();
    assert_eq!(ran.paths_of(0), "on");
    assert_eq!(ran.plain()[0].status, 500);
    assert_eq!(
        ran.failures[0].message,
        "javax.script.ScriptException: java.lang.IllegalStateException: no way"
    );
}

#[test]
fn an_ignored_sample_is_none() {
    let text = "vars.put('x', '1'); SampleResult.setIgnore()";
    let ran = world(1, vec![groovy(ScriptRole::Sampler, text), get("${x}")]).run();
    assert_eq!(ran.paths_of(0), "1");
    assert_eq!(ran.plain().len(), 1);
}

#[test]
fn an_assertion_judges_and_one_that_throws_is_an_error() {
    for (text, message) in [
        (
            "AssertionResult.failure = true\nAssertionResult.failureMessage = 'too odd'",
            "too odd",
        ),
        (
            "throw new Exception('broken')",
            "javax.script.ScriptException: java.lang.Exception: broken",
        ),
    ] {
        let request = with(get("a"), vec![groovy(ScriptRole::Assertion, text)]);
        let ran = world(1, vec![request]).run();
        assert_eq!(ran.plain()[0].error, ErrorKind::Assertion, "{text}");
        assert_eq!(ran.failures[0].message, message);
    }
}

#[test]
fn an_exception_of_a_processor_is_told_and_the_run_goes_on() {
    let bad = groovy(ScriptRole::PreProcessor, "vars.nothing.length()");
    let ran = world(2, vec![with(get("a"), vec![bad])]).run();
    assert_eq!(ran.plain().len(), 2);
    let (fault, count) = ran.report.faults.first_key_value().unwrap();
    assert_eq!(
        (fault.as_str(), *count),
        (
            "script `my script`: javax.script.ScriptException: \
             java.lang.NullPointerException: Cannot invoke method length() on null object",
            2
        )
    );
}

#[test]
fn a_timer_gives_the_delay() {
    let timer = groovy(ScriptRole::Timer, "return 100 * 3");
    let ran = world(1, vec![with(get("a"), vec![timer])]).run();
    assert_eq!(ran.times_of(0), [300]);
}

#[test]
fn a_listener_hears_what_the_assertions_left() {
    let failing = groovy(ScriptRole::Assertion, "AssertionResult.setFailure(true)");
    let listener = groovy(
        ScriptRole::Listener,
        "vars.put('heard', sampleResult.successful ? 'good' : 'bad')",
    );
    let request = with(get("a"), vec![listener, failing]);
    let ran = world(1, vec![request, get("${heard}")]).run();
    assert_eq!(ran.paths_of(0), "a bad");
}

#[test]
fn properties_are_shared_by_users_and_functions() {
    let text = r#"
        def count = (props.get("count") ?: "0") as int
        props.put("count", String.valueOf(count + 1))
    "#;
    let request = with(
        get("${__P(count)}"),
        vec![groovy(ScriptRole::PreProcessor, text)],
    );
    let ran = world(3, vec![request]).property("count", "5").run();
    let mut seen: Vec<_> = ran.seen.iter().map(|seen| seen.path.as_str()).collect();
    seen.sort_unstable();
    assert_eq!(seen, ["/6", "/7", "/8"]);
}

#[test]
fn objects_stay_with_their_user_until_somebody_sets_the_variable() {
    let put = groovy(ScriptRole::Sampler, "vars.putObject('list', [1, 2, 3])");
    let take = groovy(
        ScriptRole::PreProcessor,
        "vars.put('sum', String.valueOf(vars.getObject('list').sum()))",
    );
    let request = with(get("${sum}-${list}"), vec![take]);
    let ran = world(1, vec![put, request]).run();
    assert_eq!(ran.paths_of(0), "6-[1, 2, 3]");
}

#[test]
fn a_script_with_references_is_run_as_substituted() {
    let mut test = plan(vec![group(
        threads(1, 0, 1),
        vec![with(
            get("${out}"),
            vec![groovy(
                ScriptRole::PreProcessor,
                "def x = ${n} + 1\nvars.put('out', \"${x}-${y}\".toString())",
            )],
        )],
    )]);
    // A variable of the plan wins over one of the script, which JMeter leaves alone.
    test.variables = vec![variable("n", "41", 0), variable("y", "plan", 0)];
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), "42-plan");
}

#[test]
fn bean_shell_elements_have_their_own_names_and_keep_variables() {
    let sampler = bean_shell(
        ScriptRole::Sampler,
        "ResponseCode = \"404\"; ResponseMessage = \"gone\"; IsSuccess = false; return Label;",
    );
    let counting = bean_shell(
        ScriptRole::PreProcessor,
        "if (n == void) { int n = 0; } n = n + 1; vars.put(\"n\", String.valueOf(n));",
    );
    let judging = bean_shell(
        ScriptRole::Assertion,
        "Failure = ResponseCode.equals(\"200\"); FailureMessage = \"code \" + ResponseCode;",
    );
    let request = with(get("${n}"), vec![judging]);
    let loops = repeat("2", vec![with(request, vec![counting])]);
    let ran = world(1, vec![sampler, loops]).run();
    let made = ran.plain()[0];
    assert_eq!((made.status, made.received_bytes), (404, 9));
    assert_eq!(made.error, ErrorKind::Status);
    assert_eq!(ran.plain().len(), 3);
}

#[test]
fn functions_and_conditions_run_scripts() {
    let body = vec![
        when(
            "${__groovy(vars.get('missing') == null && 7 / 2 == 3.5)}",
            vec![get("groovy-${__groovy((1..4).sum(),s)}-${s}")],
        ),
        when("${__jexl3(\"1\" + \"2\" == 12)}", vec![get("jexl")]),
        when("${__groovy(1 == 2)}", vec![get("never")]),
    ];
    let ran = world(1, body).run();
    assert_eq!(ran.paths_of(0), "groovy-10-10 jexl");
}

#[test]
fn a_script_stops_its_user() {
    let text = "if (vars.get('stop') == null) { ctx.getThread().stop() }";
    let request = with(get("a"), vec![groovy(ScriptRole::PostProcessor, text)]);
    let ran = world(1, vec![request, get("b")]).run();
    assert_eq!(ran.paths_of(0), "a");
}

#[test]
fn what_a_script_cannot_be_run_without_is_found_before_the_run() {
    let mut bad = groovy(
        ScriptRole::PreProcessor,
        "def x = 1\nnew Socket('host', 80)\n\"ls\".execute()",
    );
    bad.location = Location {
        file: "plan.jmx".into(),
        line: 8,
        column: 3,
        path: "my script".into(),
    };
    let world = world(1, vec![with(get("a"), vec![bad])]);
    let findings = world.try_prepared().unwrap_err();
    assert!(
        findings
            .iter()
            .all(|finding| finding.code == "unsupported-script")
    );
    let lines: Vec<u32> = findings
        .iter()
        .map(|finding| finding.location.line)
        .collect();
    assert_eq!(lines, [11, 12]);
    assert!(
        findings[0]
            .message
            .starts_with("JSR223 PreProcessor (Groovy), script line 2: "),
        "{}",
        findings[0].message
    );
}

#[test]
fn a_pre_processor_changes_the_request_that_follows_and_no_other() {
    let text = r#"
        sampler.setName("renamed")
        sampler.setPath("/changed" + sampler.path + "?q=a b&r")
        sampler.addArgument("x", "1&2")
        sampler.getArguments().addArgument("y", "3")
        sampler.getHeaderManager()?.removeHeaderNamed("none")
        vars.put("url", sampler.getUrl().toString())
    "#;
    let after = groovy(
        ScriptRole::PostProcessor,
        "vars.put('sent', sampler.method + ' ' + ctx.currentSampler.queryString)",
    );
    let once = when(
        "${__groovy(vars.get('url') == null)}",
        vec![groovy(ScriptRole::Sampler, "vars.put('turn', '1')")],
    );
    let request = with(
        get("a-${turn}"),
        vec![
            groovy(
                ScriptRole::PreProcessor,
                &format!("if (vars.get('url') == null) {{ {text} }}"),
            ),
            after,
        ],
    );
    let body = repeat("2", vec![once, request, get("${sent} ${url}")]);
    let ran = world(1, vec![body]).run();
    let lines: Vec<_> = ran.seen.iter().map(|seen| seen.path.as_str()).collect();
    let url = "http://server/changed/a-1?q=a+b&r&x=1%262&y=3";
    assert_eq!(
        lines,
        [
            "/changed/a-1",
            &format!("/GET q=a+b&r&x=1%262&y=3 {url}"),
            "/a-1",
            &format!("/GET  {url}")
        ]
    );
    let labels = &ran.report.labels;
    let label = |index: usize| &*labels[usize::from(ran.plain()[index].label.0)];
    assert_eq!((label(1), label(3)), ("renamed", "a-1"));
}

#[test]
fn a_sampler_that_sends_nothing_has_a_name_only() {
    let text = "sampler.name + ' ' + sampler.path + ' ' + (sampler.headerManager == null)";
    let script = format!("vars.put('seen', {text})");
    let ran = world(
        1,
        vec![groovy(ScriptRole::Sampler, &script), get("${seen}")],
    )
    .run();
    assert_eq!(ran.paths_of(0), "my script null true");
}

#[test]
fn what_is_read_of_a_request_stays_as_it_was_read() {
    let reading = groovy(ScriptRole::PreProcessor, "vars.put('read', sampler.path)");
    let setting = groovy(ScriptRole::PreProcessor, "vars.put('x', 'late')");
    let request = with(get("${x}"), vec![reading, setting]);
    let mut test = plan(vec![group(
        threads(1, 0, 1),
        vec![request, get("${read} ${x}")],
    )]);
    test.variables = vec![variable("x", "early", 0)];
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), "early early late");
}

#[test]
fn scripts_log_and_print_into_the_log_of_the_run() {
    let text = "log.info('x is {}', 1); log.debug('never'); println 'printed'; OUT.print('two')";
    let failing = groovy(ScriptRole::PostProcessor, "throw new Exception('bad')");
    let request = with(
        get("a"),
        vec![groovy(ScriptRole::PreProcessor, text), failing],
    );
    let ran = world(1, vec![request]).run();
    let told: Vec<String> = (ran.script_lines.iter())
        .map(|line| format!("{} {}: {}", line.level.word(), line.logger, line.text))
        .collect();
    assert_eq!(
        told,
        [
            "INFO o.a.j.m.J.my script: x is 1",
            "OUT : printed\n",
            "OUT : two",
            "ERROR o.a.j.e.J.my script: Problem in script, my script: \
             javax.script.ScriptException: java.lang.Exception: bad",
        ]
    );
    assert_eq!(ran.script_lines[0].thread, "group 1-1");
}

#[test]
fn a_limit_fails_its_sample_and_nothing_else() {
    let hungry = groovy(ScriptRole::Sampler, "def s = 'x'; while (true) { s += s }");
    let deep = groovy(ScriptRole::Sampler, "def f(n) { f(n + 1) }; f(0)");
    let loud = groovy(
        ScriptRole::PostProcessor,
        "while (true) { log.info('x' * 8000) }",
    );
    let ran = world(1, vec![hungry, deep, with(get("a"), vec![loud]), get("b")]).run();
    let samples = ran.plain();
    let errors: Vec<_> = samples.iter().map(|sample| sample.error).collect();
    let failed = ErrorKind::Status;
    assert_eq!(errors, [failed, failed, ErrorKind::None, ErrorKind::None]);
    assert_eq!(ran.paths_of(0), "a b");
    let told = &ran.failures[0].message;
    assert!(told.contains("script memory limit"), "{told}");
    let faults = ran.report.faults.keys();
    assert!(
        faults
            .into_iter()
            .any(|fault| fault.contains("script output limit"))
    );
}

#[test]
fn refused_scripts_can_be_left_out() {
    let bad = "new Socket('host', 80)";
    let body = vec![
        groovy(ScriptRole::Sampler, bad),
        with(
            get("a"),
            vec![
                groovy(ScriptRole::PreProcessor, bad),
                groovy(ScriptRole::Assertion, bad),
            ],
        ),
    ];
    let ran = world(1, body).skipping_refused_scripts().run();
    let errors: Vec<_> = ran.plain().iter().map(|sample| sample.error).collect();
    assert_eq!(errors, [ErrorKind::Status, ErrorKind::None]);
    assert!(
        ran.failures[0].message.contains("java.net.Socket"),
        "{}",
        ran.failures[0].message
    );
}

#[test]
fn scripts_of_functions_are_checked_before_the_run() {
    let codes = |condition: &str| {
        let world = world(1, vec![when(condition, vec![get("a")])]);
        match world.try_prepared() {
            Ok(prepared) => (prepared.warnings().iter())
                .map(|finding| finding.code)
                .collect(),
            Err(errors) => errors.iter().map(|error| error.code).collect::<Vec<_>>(),
        }
    };
    assert_eq!(
        codes("${__groovy(new Socket('h'\\, 1) == null)}"),
        ["unsupported-script"]
    );
    assert_eq!(codes("${__groovy(1 +)}"), ["script-syntax"]);
    assert_eq!(
        codes("${__groovy(vars.get('x') == null)}"),
        Vec::<&str>::new()
    );
    let asking = groovy(ScriptRole::PreProcessor, "vars.put('a', '${b}')");
    let prepared = world(1, vec![with(get("a"), vec![asking])]).prepared();
    let warnings = prepared.warnings();
    assert_eq!(warnings[0].code, "script-with-references");
}

/// A script of an own plan, in `language`.
fn own(role: ScriptRole, language: &str, text: &str) -> Element {
    let mut script = script(role, ScriptFamily::Own, text);
    script.language = language.into();
    let kind = match role {
        ScriptRole::Sampler => ElementKind::Sampler(Sampler::Script(Box::new(script))),
        _ => ElementKind::Script(Box::new(script)),
    };
    element("my script", kind, Vec::new())
}

fn javascript(role: ScriptRole, text: &str) -> Element {
    let mut script = script(role, ScriptFamily::Jsr223, text);
    script.language = "javascript".into();
    let kind = match role {
        ScriptRole::Sampler => ElementKind::Sampler(Sampler::Script(Box::new(script))),
        _ => ElementKind::Script(Box::new(script)),
    };
    element("my script", kind, Vec::new())
}

#[test]
fn elements_run_javascript() {
    let before = javascript(
        ScriptRole::PreProcessor,
        "vars.put('made', Label.length + args[1] + Parameters.split(' ').length)",
    );
    let after = javascript(
        ScriptRole::PostProcessor,
        "var o = JSON.parse(prev.getResponseDataAsString());
         vars.put('sum', o.a.reduce(function (x, y) { return x + y; }, 0));",
    );
    let judge = javascript(
        ScriptRole::Assertion,
        "if (prev.getResponseCode() == '200') {
            AssertionResult.setFailure(true);
            AssertionResult.setFailureMessage('no ' + vars.get('sum'));
         }",
    );
    let timer = javascript(ScriptRole::Timer, "100 * 3");
    let request = with(get("${made}"), vec![before, after, judge, timer]);
    let sampler = javascript(ScriptRole::Sampler, "1.5 * 2");
    let ran = world(1, vec![request, get("${sum}"), sampler])
        .answer(|_| body("{\"a\": [1, 2]}"))
        .run();
    assert_eq!(ran.paths_of(0), "9two2 3");
    assert_eq!(ran.times_of(0)[0], 300);
    assert_eq!(ran.failures[0].message, "no 3");
    assert_eq!(ran.plain()[2].received_bytes, 3, "3.0, as Java prints it");
    assert_eq!(ran.report.faults.len(), 0);
}

#[test]
fn a_sampler_in_javascript_that_throws_has_failed() {
    let text = "\nnothing.at.all";
    let ran = world(1, vec![javascript(ScriptRole::Sampler, text)]).run();
    assert_eq!(
        ran.failures[0].message,
        "javax.script.ScriptException: ReferenceError: \"nothing\" is not defined in <eval> at \
         line number 2"
    );
}

#[test]
fn functions_run_javascript_as_rhino_does() {
    let body = vec![
        get("${__javaScript(3.0)}/${__javaScript('a'.length + vars.get('n'))}"),
        get("${__javaScript(new Date().getTime() > 0,later)}-${later}"),
        get("x${__javaScript(nothing,unset)}y${unset}"),
        get("${__javaScript(\"${n}\" == \"5\" && 1 < 2)}"),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.variables = vec![variable("n", "5", 0)];
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), "3/15 true-true xy${unset} true");
    let (fault, _) = ran.report.faults.first_key_value().unwrap();
    assert!(fault.contains("\"nothing\" is not defined"), "{fault}");
}

#[test]
fn a_listener_hears_of_its_event() {
    let text = "vars.put('heard', sampleEvent.getResult().getSampleLabel() + '-' + \
                sampleEvent.threadGroup)";
    let request = with(get("a"), vec![groovy(ScriptRole::Listener, text)]);
    let ran = world(1, vec![request, get("${heard}")]).run();
    assert_eq!(ran.paths_of(0), "a a-group");
}

#[test]
fn scripts_read_json_by_paths() {
    let text = r#"
        import com.jayway.jsonpath.JsonPath
        import com.jayway.jsonpath.PathNotFoundException
        def json = prev.getResponseDataAsString()
        def one = JsonPath.read(json, '$.a[0].b')
        def all = JsonPath.parse(json).read('$..b')
        def sum = JsonPath.compile('$.c').read(json)
        def missing = 'found'
        try { JsonPath.read(json, '$.nothing') } catch (PathNotFoundException e) { missing = 'missing' }
        vars.put('read', one + '-' + all.size() + '-' + sum.class.simpleName + '-' + missing)
    "#;
    let request = with(get("a"), vec![groovy(ScriptRole::PostProcessor, text)]);
    let ran = world(1, vec![request, get("${read}")])
        .answer(|_| body(r#"{"a":[{"b":"x"},{"b":"y"}],"c":1.5}"#))
        .run();
    assert_eq!(ran.paths_of(0), "a x-2-Double-missing");
}

#[test]
fn a_script_of_an_own_plan_is_no_sample_unless_it_fails() {
    let body = vec![
        own(
            ScriptRole::Sampler,
            "groovy",
            "vars.put('a', \"${1 + 1}\"); Thread.sleep(100)",
        ),
        own(ScriptRole::Sampler, "javascript", "vars.put('b', 'x')"),
        get("${a}${b}"),
        own(ScriptRole::Sampler, "groovy", "throw new Exception('bad')"),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.source = PlanSource::Yaml;
    let ran = World::new(test).run();
    assert_eq!(ran.paths_of(0), "2x");
    assert_eq!(ran.times_of(0), [100]);
    assert_eq!(ran.plain().len(), 2);
    assert_eq!(ran.failures[0].message, "java.lang.Exception: bad");
}
