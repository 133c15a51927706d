//! How elements are judged: what is ignored, approximated and refused, and what stays in the plan.

use loadline_plan::{AutoStop, Controller, ElementKind, Standing};

use crate::plans::{
    element, flags, group, group_properties, outline, read_in_group, read_one, read_plan, strings,
    with_gui,
};

#[track_caller]
fn check(below: &str, standing: Standing, reason: &str, is_kept: bool) {
    let (kind, row) = read_one(below);
    assert_eq!(row.standing, standing, "{row:?}");
    assert!(row.reason.contains(reason), "{row:?}");
    assert_eq!(kind.is_some(), is_kept, "{kind:?}");
}

/// An HTTP Request with one setting.
fn request(name: &str, value: &str) -> String {
    element(
        "HTTPSamplerProxy",
        "Request",
        &strings(&[(name, value)]),
        "",
    )
}

fn sampler(name: &str) -> String {
    element("HTTPSamplerProxy", name, "", "")
}

#[test]
fn disabled_elements_take_their_subtree_with_them() {
    let off = element("GenericController", "Off", "", &sampler("Below")).replacen(
        "enabled=\"true\"",
        "enabled=\"False\"",
        1,
    );
    let (group, reading) = read_in_group(&(off + &sampler("On")));
    assert_eq!(outline(&group.children), "On");
    let rows: Vec<_> = reading.elements[2..]
        .iter()
        .map(|row| (row.standing, row.reason.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            (Standing::Ignored, "disabled"),
            (Standing::Ignored, "below a disabled element"),
            (Standing::Supported, ""),
        ]
    );
}

#[test]
fn a_request_is_kept_without_what_is_refused() {
    let refused = Standing::Refused;
    check(
        &request("HTTPSampler.proxyScheme", "https"),
        refused,
        "in the clear",
        true,
    );
    check(
        &request("HTTPSampler.use_keepalive", "${k}"),
        refused,
        "known only during the run",
        true,
    );
}

#[test]
fn the_java_client_is_approximated() {
    let approximated = Standing::Approximated;
    check(
        &request("HTTPSampler.implementation", "Java"),
        approximated,
        "`Java`",
        true,
    );
    for old in ["HTTPSampler", "HTTPSampler2"] {
        check(&element(old, "Old", "", ""), Standing::Supported, "", true);
    }
}

#[test]
fn an_argument_without_separator_is_approximated() {
    let argument = |separator: &str, value: &str| {
        let list = format!(
            "<elementProp name=\"HTTPsampler.Arguments\" elementType=\"Arguments\">\
             <collectionProp name=\"Arguments.arguments\">\
             <elementProp name=\"a\" elementType=\"HTTPArgument\">{}</elementProp>\
             </collectionProp></elementProp>",
            strings(&[
                ("Argument.name", "a"),
                ("Argument.value", value),
                ("Argument.metadata", separator),
            ])
        );
        element("HTTPSamplerProxy", "Request", &list, "")
    };
    check(&argument("=", "1"), Standing::Supported, "", true);
    check(&argument("", ""), Standing::Supported, "", true);
    check(
        &argument("", "1"),
        Standing::Approximated,
        "argument `a`",
        true,
    );
}

#[test]
fn children_of_a_refused_controller_stay_as_under_a_simple_one() {
    let below = sampler("A") + &sampler("B");
    let class = "com.example.SomeController";
    let (group, reading) = read_in_group(&element(class, "Refused", "", &below));
    assert_eq!(outline(&group.children), "Refused[A B]");
    assert_eq!(
        group.children[0].kind,
        ElementKind::Controller(Controller::Simple)
    );
    assert_eq!(reading.elements[2].standing, Standing::Refused);
    assert!(reading.elements[2].help.contains("once in each pass"));
    assert_eq!(reading.elements[3].standing, Standing::Supported);
}

#[test]
fn children_that_jmeter_replaces_are_ignored() {
    let module = element("ModuleController", "Module", "", &sampler("Replaced"));
    let (group, reading) = read_in_group(&module);
    assert_eq!(outline(&group.children), "");
    assert_eq!(reading.elements[2].standing, Standing::Refused);
    assert_eq!(reading.elements[3].standing, Standing::Ignored);
}

#[test]
fn other_refused_elements_are_left_out() {
    for class in ["JDBCSampler", "SMIMEAssertion", "com.example.Unknown"] {
        check(
            &element(class, "Element", "", ""),
            Standing::Refused,
            "",
            false,
        );
    }
}

#[test]
fn an_unknown_flow_control_action_is_refused() {
    let properties = strings(&[("ActionProcessor.action", "6")]);
    check(
        &element("TestAction", "Action", &properties, ""),
        Standing::Refused,
        "unknown",
        false,
    );
}

#[test]
fn scripts_are_read_and_files_without_a_reader_are_not() {
    let script = |class: &str, properties: &[(&str, &str)]| {
        element(class, "Script", &strings(properties), "")
    };
    for (class, name) in [
        ("JSR223PreProcessor", "script"),
        ("JSR223Sampler", "script"),
        ("BeanShellSampler", "BeanShellSampler.query"),
        ("BeanShellAssertion", "BeanShellAssertion.query"),
        ("BeanShellTimer", "script"),
    ] {
        check(
            &script(class, &[(name, "a")]),
            Standing::Supported,
            "",
            true,
        );
    }
    check(
        &script("BeanShellTimer", &[("filename", "a.bsh"), ("script", "a")]),
        Standing::Refused,
        "its script in the file `a.bsh` cannot be read",
        false,
    );
    check(
        &script("JSR223Timer", &[("filename", "${file}")]),
        Standing::Refused,
        "known only during the run",
        false,
    );
    check(
        &script("BeanShellTimer", &[("script", " ")]),
        Standing::Ignored,
        "its script is empty",
        false,
    );
    // JMeter makes a failed sample of it.
    check(
        &script("JSR223Sampler", &[("script", "")]),
        Standing::Supported,
        "",
        true,
    );
}

#[test]
fn bsf_elements_are_scripts_in_the_language_that_they_name() {
    let of = |class: &str, language: &str| {
        let properties = strings(&[("scriptLanguage", language), ("script", "a")]);
        element(class, "Script", &properties, "")
    };
    for class in [
        "BSFSampler",
        "BSFPreProcessor",
        "BSFPostProcessor",
        "BSFAssertion",
        "BSFTimer",
        "BSFListener",
    ] {
        check(&of(class, "beanshell"), Standing::Supported, "", true);
        check(
            &of(class, ""),
            Standing::Refused,
            "names no language",
            false,
        );
    }
    let language = |of_plan: &str| {
        let properties = strings(&[
            ("BSFSampler.language", of_plan),
            ("BSFSampler.query", "1 + 1"),
        ]);
        let (group, _) = read_in_group(&element("BSFSampler", "Script", &properties, ""));
        match &group.children[0].kind {
            ElementKind::Sampler(loadline_plan::Sampler::Script(script)) => {
                (script.language.clone(), script.text.clone())
            }
            other => panic!("{other:?}"),
        }
    };
    // BSF's JavaScript is Rhino's, that of JSR223 elements Nashorn's.
    assert_eq!(language("javascript"), ("rhino".into(), "1 + 1".into()));
    assert_eq!(language("groovy"), ("groovy".into(), "1 + 1".into()));
    // JMeter's BSF has no engine for it.
    let refused = of("BSFTimer", "jexl");
    check(&refused, Standing::Refused, "not `jexl`", false);
}

#[test]
fn references_in_the_scripts_of_own_plans_are_not_written() {
    let written = |family, script: &str, file: Option<&str>| {
        let (_, reading) = read_in_group(&element(
            "JSR223Sampler",
            "Script",
            &strings(&[("scriptLanguage", "groovy"), ("script", "1")]),
            "",
        ));
        let mut plan = reading.plan.unwrap();
        let sampler = &mut plan.groups[0].children[0].kind;
        let ElementKind::Sampler(loadline_plan::Sampler::Script(own)) = sampler else {
            panic!("{sampler:?}");
        };
        (own.family, own.text) = (family, script.into());
        own.file = file.map(Into::into);
        let said = loadline_jmx::write_jmx(&plan).diagnostics;
        said.iter()
            .any(|said| said.message.contains("a script with `${…}`"))
    };
    let (own, jsr223) = (
        loadline_plan::ScriptFamily::Own,
        loadline_plan::ScriptFamily::Jsr223,
    );
    assert!(written(own, "log.info(\"${x}\")", None));
    assert!(!written(own, "log.info(\"$x\")", None));
    assert!(!written(own, "log.info(\"${x}\")", Some("a.groovy")));
    assert!(!written(jsr223, "log.info(\"${x}\")", None));
}

#[test]
fn listeners_are_ignored_and_say_when_they_would_write() {
    check(
        &element("ResultCollector", "Tree", &strings(&[("filename", "")]), ""),
        Standing::Ignored,
        "shows results only",
        false,
    );
    let (_, row) = read_one(&element(
        "ResultCollector",
        "File",
        &strings(&[("filename", "a.jtl")]),
        "",
    ));
    assert_eq!(row.standing, Standing::Ignored);
    assert_eq!(
        row.reason,
        "its result file is written by `loadline jmeter` only"
    );
    let settings = "<objProp><name>saveConfig</name><value class=\"SampleSaveConfiguration\">\
                    <time>true</time><label>false</label></value></objProp>\
                    <boolProp name=\"ResultCollector.error_logging\">true</boolProp>";
    let (kind, _) = read_one(&element(
        "ResultCollector",
        "File",
        &(strings(&[("filename", "${dir}/a.jtl")]) + settings),
        "",
    ));
    let Some(ElementKind::Output(output)) = kind else {
        panic!("a file is kept");
    };
    assert_eq!(output.file.as_str(), "${dir}/a.jtl");
    assert!(output.errors_only && !output.successes_only);
    let saved = output.settings.unwrap();
    assert_eq!(saved["time"], "true");
    assert_eq!(saved["label"], "false");
    assert_eq!(saved.len(), 2);
    assert_eq!(row.help, "every sample is kept in the run folder");
}

#[test]
fn config_elements_of_other_protocols_are_ignored() {
    let defaults = |gui_class: &str, properties: &str| {
        with_gui("ConfigTestElement", gui_class, "Defaults", properties, "")
    };
    let ignored = Standing::Ignored;
    check(&defaults("FtpConfigGui", ""), ignored, "FTP", false);
    check(
        &defaults("SimpleConfigGui", ""),
        ignored,
        "no property of HTTP",
        false,
    );
    check(&defaults("ObsoleteGui", ""), ignored, "no longer", false);
    let refused = Standing::Refused;
    check(&defaults("LoginConfigGui", ""), refused, "user name", false);
    check(&defaults("OtherGui", ""), refused, "`OtherGui`", false);
    check(
        &defaults("SimpleConfigGui", &strings(&[("HTTPSampler.path", "/")])),
        refused,
        "`HTTPSampler.path`",
        false,
    );
}

#[test]
fn managers_matter_only_when_they_hold_something() {
    let auth = |properties: &str| element("AuthManager", "Auth", properties, "");
    let row = |mechanism: &str| {
        let row = strings(&[
            ("Authorization.username", "ann"),
            ("Authorization.mechanism", mechanism),
        ]);
        auth(&format!(
            "<collectionProp name=\"AuthManager.auth_list\">\
             <elementProp name=\"\" elementType=\"Authorization\">{row}</elementProp>\
             </collectionProp>"
        ))
    };
    check(&auth(""), Standing::Ignored, "empty", false);
    check(&row("DIGEST"), Standing::Supported, "", true);
    check(&row("KERBEROS"), Standing::Refused, "Kerberos", false);
    check(&row("x"), Standing::Refused, "`x`", false);
    let dns = |custom: bool, properties: &str| {
        let custom = flags(&[("DNSCacheManager.isCustomResolver", custom)]);
        element("DNSCacheManager", "DNS", &(custom + properties), "")
    };
    let servers = |server: &str| {
        let server = strings(&[("1", server)]);
        format!("<collectionProp name=\"DNSCacheManager.servers\">{server}</collectionProp>")
    };
    check(&dns(true, ""), Standing::Ignored, "by the system", false);
    let asked = servers("10.0.0.1");
    check(
        &dns(false, &asked),
        Standing::Ignored,
        "by the system",
        false,
    );
    check(&dns(true, &asked), Standing::Supported, "", true);
    let named = servers("dns.test");
    check(&dns(true, &named), Standing::Refused, "`dns.test`", false);
}

#[test]
fn key_stores_have_a_range() {
    let store = |start: &str, end: &str| {
        let properties = strings(&[("startIndex", start), ("endIndex", end)]);
        element("KeystoreConfig", "Keys", &properties, "")
    };
    check(&store("", ""), Standing::Supported, "", true);
    check(&store("1", "3"), Standing::Supported, "", true);
    check(&store("3", "1"), Standing::Refused, "end index", true);
}

#[test]
fn cookie_policies_and_expiry_are_approximated() {
    check(
        &element(
            "CookieManager",
            "C",
            &strings(&[("CookieManager.policy", "netscape")]),
            "",
        ),
        Standing::Approximated,
        "policy `netscape`",
        true,
    );
    let cookie = format!(
        "<collectionProp name=\"CookieManager.cookies\"><elementProp name=\"a\" \
         elementType=\"Cookie\">{}</elementProp></collectionProp>",
        strings(&[("Cookie.expires", "1700000000")])
    );
    check(
        &element("CookieManager", "C", &cookie, ""),
        Standing::Approximated,
        "cookie `a` does not expire",
        true,
    );
}

#[test]
fn documents_are_refused() {
    let regex = strings(&[("RegexExtractor.useHeaders", "as_document")]);
    let field = strings(&[(
        "Assertion.test_field",
        "Assertion.response_data_as_document",
    )]);
    for below in [
        element("RegexExtractor", "Regex", &regex, ""),
        element("ResponseAssertion", "Check", &field, ""),
    ] {
        check(&below, Standing::Refused, "documents", false);
    }
}

#[test]
fn what_stands_in_the_wrong_place_is_told() {
    let (plan, reading) = read_plan(
        "",
        &(sampler("Loose")
            + &element(
                "GenericController",
                "Loose controller",
                "",
                &(sampler("Never run") + &group("Lost group", "")),
            )
            + &group("Group", &group("Inner group", ""))),
    );
    assert!(plan.children.is_empty());
    let groups: Vec<_> = (plan.groups.iter())
        .map(|group| format!("{}: {}", group.name, outline(&group.children)))
        .collect();
    assert_eq!(groups, ["Lost group: Loose", "Group: Loose"]);
    assert_eq!(reading.diagnostics[0].code, "loose-sampler");
    let rows: Vec<_> = reading.elements[1..]
        .iter()
        .filter(|row| row.standing != Standing::Supported)
        .map(|row| format!("{}: {}", row.element, row.reason))
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    GenericController: stands outside of all thread groups, where nothing runs
    HTTPSamplerProxy: below a controller outside of all thread groups, which never runs
    ThreadGroup: a thread group inside a thread group
    ");
}

#[test]
fn a_loose_controller_runs_empty_if_that_does_something() {
    let transaction = element(
        "TransactionController",
        "Loose",
        "",
        &(sampler("Never run") + &group("Inside", &sampler("Own"))),
    );
    let (plan, reading) = read_plan("", &(transaction + &sampler("Last") + &group("Group", "")));
    let groups: Vec<_> = (plan.groups.iter())
        .map(|group| format!("{}: {}", group.name, outline(&group.children)))
        .collect();
    assert_eq!(groups, ["Inside: Own Loose Last", "Group: Loose Last"]);
    assert_eq!(reading.diagnostics[0].code, "loose-controller");
}

#[test]
fn without_a_thread_group_nothing_runs() {
    let (plan, reading) = read_plan("", &sampler("Loose"));
    assert!(plan.groups.is_empty() && plan.children.is_empty());
    let row = &reading.elements[1];
    assert_eq!(row.standing, Standing::Ignored);
    assert_eq!(row.reason, "the plan has no thread group: nothing is run");
    assert_eq!(reading.diagnostics[0].code, "no-thread-group");
}

#[test]
fn the_work_bench_and_what_stands_beside_the_plan_take_no_part() {
    let text = crate::plans::plan("", &group("Group", "")).replace(
        "</hashTree>\n</jmeterTestPlan>",
        &format!(
            "{}{}</hashTree>\n</jmeterTestPlan>",
            element("WorkBench", "WorkBench", "", &sampler("Draft")),
            group("Beside", "")
        ),
    );
    let reading = loadline_jmx::read_jmx(&text, "plan.jmx");
    assert_eq!(reading.plan.unwrap().groups.len(), 1);
    let standings: Vec<_> = reading.elements.iter().map(|row| row.standing).collect();
    assert_eq!(
        standings,
        [
            Standing::Supported,
            Standing::Supported,
            Standing::Ignored,
            Standing::Ignored,
            Standing::Refused,
        ]
    );
}

#[test]
fn thread_groups_that_cannot_be_run_are_left_out() {
    let ultimate = "<collectionProp name=\"ultimatethreadgroupdata\">\
                    <collectionProp name=\"1\"><stringProp name=\"1\">5</stringProp>\
                    </collectionProp></collectionProp>";
    for (class, properties, reason) in [
        (
            "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup",
            "<collectionProp name=\"Schedule\"><collectionProp name=\"1\"/></collectionProp>",
            "row 1",
        ),
        ("ThreadGroup", "", "loop count"),
        (
            "kg.apc.jmeter.threads.UltimateThreadGroup",
            ultimate,
            "row 1",
        ),
    ] {
        let (plan, reading) = read_plan("", &element(class, "Group", properties, &sampler("A")));
        assert!(plan.groups.is_empty());
        assert_eq!(reading.elements[1].standing, Standing::Refused);
        assert!(reading.elements[1].reason.contains(reason));
        assert_eq!(reading.elements[2].standing, Standing::Supported);
    }
}

#[test]
fn a_loop_count_under_the_schedule_of_a_plugin_is_refused() {
    for (class, loops, standing) in [
        (
            "kg.apc.jmeter.threads.SteppingThreadGroup",
            "3",
            Standing::Refused,
        ),
        (
            "kg.apc.jmeter.threads.UltimateThreadGroup",
            "3",
            Standing::Refused,
        ),
        (
            "kg.apc.jmeter.threads.SteppingThreadGroup",
            "-1",
            Standing::Supported,
        ),
    ] {
        let properties = group_properties("").replace("loops\">1<", &format!("loops\">{loops}<"));
        let (plan, reading) = read_plan("", &element(class, "Group", &properties, ""));
        assert_eq!(plan.groups.len(), 1);
        assert_eq!(reading.elements[1].standing, standing, "{class} {loops}");
    }
}

#[test]
fn what_jmeter_would_not_load_is_a_warning() {
    let text = crate::plans::plan(
        "",
        &group(
            "Group",
            &(sampler("A").replace("<hashTree></hashTree>", "")
                + &sampler("B").replace("guiclass=\"HTTPSamplerProxyGui\"", "")),
        ),
    );
    let reading = loadline_jmx::read_jmx(&text, "plan.jmx");
    assert_eq!(outline(&reading.plan.unwrap().groups[0].children), "A B");
    let codes: Vec<_> = reading.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, ["missing-hash-tree", "missing-guiclass"]);
}

#[test]
fn elements_of_a_stray_tree_are_refused() {
    let text = crate::plans::plan("", &group("Group", "")).replace(
        "</hashTree>\n</hashTree>",
        &format!(
            "<hashTree>{}</hashTree></hashTree>\n</hashTree>",
            sampler("Lost")
        ),
    );
    let reading = loadline_jmx::read_jmx(&text, "plan.jmx");
    assert_eq!(reading.elements[2].standing, Standing::Refused);
    assert_eq!(reading.diagnostics[0].code, "stray-hash-tree");
    assert!(reading.diagnostics[0].is_error());
}

#[test]
fn odd_modes_of_a_throughput_timer_and_scientific_formats_are_refused() {
    for (class, name, value, reason) in [
        (
            "ConstantThroughputTimer",
            "calcMode",
            "alle aktiven",
            "unknown mode",
        ),
        (
            "ConstantThroughputTimer",
            "calcMode",
            "${mode}",
            "known only during the run",
        ),
        ("CounterConfig", "CounterConfig.format", "0E0", "scientific"),
        (
            "RandomVariableConfig",
            "outputFormat",
            "##0E0",
            "scientific",
        ),
    ] {
        let element = element(class, "Element", &strings(&[(name, value)]), "");
        check(&element, Standing::Refused, reason, false);
    }
}

#[test]
fn a_debug_sampler_is_approximated_where_its_list_differs() {
    for name in ["displaySystemProperties", "displayJMeterProperties"] {
        let element = element("DebugSampler", "Debug", &flags(&[(name, true)]), "");
        check(&element, Standing::Approximated, "properties", true);
    }
    let listed = flags(&[("displaySamplerProperties", true)]);
    let element = element("DebugPostProcessor", "Debug", &listed, "");
    check(&element, Standing::Approximated, "properties", true);
}

#[test]
fn an_auto_stop_is_no_mere_listener() {
    let class = "kg.apc.jmeter.reporters.AutoStop";
    let properties = strings(&[
        ("avg_response_time", "500"),
        ("avg_response_time_length", "10"),
        ("error_rate", "${__P(errors,50)}"),
        ("error_rate_length", "5"),
    ]);
    let (kind, row) = read_one(&element(class, "Stop", &properties, ""));
    let expected = AutoStop {
        response_time_ms: "500".into(),
        response_time_s: "10".into(),
        error_percent: "${__P(errors,50)}".into(),
        error_s: "5".into(),
        ..AutoStop::default()
    };
    assert_eq!(kind, Some(ElementKind::AutoStop(expected)));
    assert_eq!(row.standing, Standing::Supported, "{row:?}");
}
