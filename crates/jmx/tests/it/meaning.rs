//! What supported elements become in the plan.

use loadline_plan::program::SourceKind;
use loadline_plan::{
    Assertion, BoundaryExtractor, Config, Controller, CookieManager, CsvDataSet, DurationAssertion,
    ElementKind, HtmlExtractor, HtmlReading, HttpArgument, HttpFile, HttpRequest, IfCondition,
    JmesPathExtractor, JsonAssertion, JsonAssertionKind, JsonExtractor, Load, LoopCount, MatchRule,
    Md5Assertion, OnSampleError, PlanSource, PluginJsonExtractor, PostProcessor, RegexExtractor,
    ResponseAssertion, ResponseField, Sampler, ScheduledThreads, Scope, ShareMode, SizeAssertion,
    SizeRule, SizedPart, Stage, Standing, Text, Timer, UltimateRow, UserCookie, XPath2Assertion,
    XPath2Extractor, XPathAssertion, XPathExtractor,
};

use crate::plans::{
    arguments, element, flags, group, group_properties, outline, read_in_group, read_one,
    read_plan, strings, with_gui,
};

#[track_caller]
fn check(below: &str, expected: ElementKind) {
    let (kind, row) = read_one(below);
    assert_eq!(kind, Some(expected));
    assert_eq!(row.standing, Standing::Supported, "{row:?}");
}

#[track_caller]
fn check_load(class: &str, properties: &str, expected: &Load) {
    let (plan, reading) = read_plan("", &element(class, "Group", properties, ""));
    assert_eq!(plan.groups[0].load, *expected);
    assert_eq!(reading.elements[1].standing, Standing::Supported);
}

// The plan.

#[test]
fn an_empty_plan_has_jmeters_defaults() {
    let (plan, reading) = read_plan("", "");
    assert_eq!(plan.name, "Plan");
    assert_eq!(plan.source, PlanSource::Jmx);
    assert!(!plan.serialize_groups);
    assert!(!plan.tear_down_on_shutdown);
    assert!(plan.variables.is_empty() && plan.children.is_empty() && plan.groups.is_empty());
    assert_eq!(reading.diagnostics[0].code, "no-thread-group");
}

#[test]
fn the_plan_keeps_its_flags_and_notes_what_changes_nothing() {
    let properties = flags(&[
        ("TestPlan.serialize_threadgroups", true),
        ("TestPlan.tearDown_on_shutdown", true),
        ("TestPlan.functional_mode", true),
    ]) + &strings(&[("TestPlan.user_define_classpath", "a.jar")]);
    let (plan, reading) = read_plan(&properties, &group("Group", ""));
    assert!(plan.serialize_groups && plan.tear_down_on_shutdown);
    let codes: Vec<_> = reading.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, ["functional-mode", "java-classpath"]);
}

#[test]
fn elements_keep_their_place_and_name_their_ancestors() {
    let timer = element("ConstantTimer", "Timer", "", "");
    let sampler = element("HTTPSamplerProxy", "Request", "", &timer);
    let controller = element("GenericController", "", "", &sampler);
    let (plan, reading) = read_plan("", &(timer.clone() + &group("Group", &controller) + &timer));
    assert_eq!(outline(&plan.children), "Timer Timer");
    assert_eq!(outline(&plan.groups[0].children), "[Request[Timer]]");
    let rows: Vec<_> = reading
        .elements
        .iter()
        .map(|row| (row.element.as_str(), row.location.path.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("TestPlan", "Plan"),
            ("ConstantTimer", "Plan > Timer"),
            ("ThreadGroup", "Plan > Group"),
            ("GenericController", "Plan > Group > GenericController"),
            (
                "HTTPSamplerProxy",
                "Plan > Group > GenericController > Request"
            ),
            (
                "ConstantTimer",
                "Plan > Group > GenericController > Request > Timer"
            ),
            ("ConstantTimer", "Plan > Timer"),
        ]
    );
    let request = &plan.groups[0].children[0].children[0];
    assert_eq!(request.location, reading.elements[4].location);
    assert_eq!(request.location.file, "plan.jmx");
    assert_eq!((request.location.line, request.location.column), (9, 11));
}

#[test]
fn variables_are_collected_in_tree_order_from_wherever_they_stand() {
    let list =
        |name: &str, value: &str| element("Arguments", name, &arguments(&[(name, value)]), "");
    let properties = format!(
        "<elementProp name=\"TestPlan.user_defined_variables\" elementType=\"Arguments\">{}\
         </elementProp>",
        arguments(&[("a", "1"), ("b", "${a}"), ("a", "2"), ("", "3")])
    );
    let below_sampler = element("HTTPSamplerProxy", "Request", "", &list("c", "x"));
    let fragment = element("TestFragmentController", "Fragment", "", &list("d", "y"));
    let disabled = list("e", "z").replace("\"true\"", "\"false\"");
    let (plan, _) = read_plan(
        &properties,
        &(group("Group", &below_sampler) + &fragment + &disabled + &list("a", "last")),
    );
    let variables: Vec<_> = plan
        .variables
        .iter()
        .map(|variable| {
            (
                variable.set,
                variable.name.as_str(),
                variable.value.as_str(),
            )
        })
        .collect();
    assert_eq!(
        variables,
        [
            (0, "a", "1"),
            (0, "b", "${a}"),
            (1, "c", "x"),
            (2, "d", "y"),
            (3, "a", "last"),
        ]
    );
    assert!(plan.children.is_empty());
}

#[test]
fn names_and_values_of_the_oldest_files_are_decoded() {
    let text = crate::plans::plan(
        "",
        &element(
            "ThreadGroup",
            "My+Group",
            &group_properties("").replace("ThreadGroup.num", "ThreadGroup%2Enum"),
            &element(
                "HTTPSamplerProxy",
                "100%25",
                &strings(&[("HTTPSampler.path", "/a%3Fb%3D1+2")]),
                "",
            ),
        ),
    )
    .replace("version=\"1.2\"", "version=\"1.0\"");
    let plan = loadline_jmx::read_jmx(&text, "old.jmx").plan.unwrap();
    let sampler = &plan.groups[0].children[0];
    assert_eq!(plan.groups[0].name, "My Group");
    assert_eq!(sampler.name, "100%".into());
    let ElementKind::Sampler(Sampler::Http(request)) = &sampler.kind else {
        panic!("{sampler:?}");
    };
    assert_eq!(request.path, Some("/a?b=1 2".into()));
    assert!(matches!(&plan.groups[0].load, Load::Threads { users, .. } if users.as_str() == "1"));
}

#[test]
fn enabled_as_a_property_wins_over_the_attribute() {
    let timer = |name: &str, enabled: &str| {
        element(
            "ConstantTimer",
            name,
            &strings(&[("TestElement.enabled", enabled)]),
            "",
        )
    };
    let on = timer("On", "true").replace("enabled=\"true\"", "enabled=\"false\"");
    let (group, _) = read_in_group(&(timer("Off", "false") + &on));
    assert_eq!(outline(&group.children), "On");
}

// Thread groups.

fn threads() -> Load {
    Load::Threads {
        users: "1".into(),
        ramp_s: "0".into(),
        loops: LoopCount::Times("1".into()),
        scheduled: None,
        delayed_start: false,
    }
}

#[test]
fn thread_groups_of_all_stages_have_jmeters_defaults() {
    for (class, stage) in [
        ("SetupThreadGroup", Stage::SetUp),
        ("ThreadGroup", Stage::Main),
        ("PostThreadGroup", Stage::TearDown),
    ] {
        check_load(class, &group_properties(""), &threads());
        let (plan, _) = read_plan("", &element(class, "Group", &group_properties(""), ""));
        let group = &plan.groups[0];
        assert_eq!(group.name, "Group");
        assert_eq!(group.stage, stage);
        assert_eq!(group.on_sample_error, OnSampleError::Continue);
        assert!(group.same_user_on_next_iteration);
    }
}

#[test]
fn a_thread_group_keeps_all_its_settings() {
    let properties = group_properties(
        &(strings(&[
            ("ThreadGroup.num_threads", "${__P(users,10)}"),
            ("ThreadGroup.ramp_time", "5"),
            ("ThreadGroup.on_sample_error", "startnextloop"),
            ("ThreadGroup.duration", "60"),
            ("ThreadGroup.delay", "2"),
        ]) + &flags(&[
            ("ThreadGroup.scheduler", true),
            ("ThreadGroup.delayedStart", true),
            ("ThreadGroup.same_user_on_next_iteration", false),
        ])),
    )
    .replace("loops\">1<", "loops\">-1<");
    let (plan, reading) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
    let group = &plan.groups[0];
    assert_eq!(
        group.load,
        Load::Threads {
            users: "${__P(users,10)}".into(),
            ramp_s: "5".into(),
            loops: LoopCount::Forever,
            scheduled: Some(ScheduledThreads {
                duration_s: "60".into(),
                delay_s: "2".into(),
            }),
            delayed_start: true,
        }
    );
    assert_eq!(group.on_sample_error, OnSampleError::StartNextLoop);
    assert!(!group.same_user_on_next_iteration);
    assert!(reading.diagnostics.is_empty());
}

#[test]
fn each_action_after_a_failed_sample_is_known() {
    for (word, expected) in [
        ("continue", OnSampleError::Continue),
        ("startnextloop", OnSampleError::StartNextLoop),
        ("stopthread", OnSampleError::StopThread),
        ("stoptest", OnSampleError::StopTest),
        ("stoptestnow", OnSampleError::StopTestNow),
        ("other", OnSampleError::Continue),
    ] {
        let properties = group_properties(&strings(&[("ThreadGroup.on_sample_error", word)]));
        let (plan, _) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
        assert_eq!(plan.groups[0].on_sample_error, expected, "{word}");
    }
}

#[test]
fn a_main_loop_that_continues_forever_has_no_count_and_says_so() {
    // As JMeter 5.6.3 runs such files with -n: a count of 0 still means no iteration.
    for (loops, flag, expected) in [
        ("2", "true", LoopCount::Forever),
        ("0", "true", LoopCount::Times("0".into())),
        ("x", "true", LoopCount::Times("x".into())),
        ("2", "false", LoopCount::Times("2".into())),
        ("${n}", "true", LoopCount::Forever),
    ] {
        let properties = group_properties("")
            .replace("loops\">1<", &format!("loops\">{loops}<"))
            .replace("forever\">false<", &format!("forever\">{flag}<"));
        let (plan, reading) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
        let Load::Threads { loops: read, .. } = &plan.groups[0].load else {
            panic!("{:?}", plan.groups[0].load);
        };
        let warned = reading
            .diagnostics
            .iter()
            .any(|found| found.code == "endless-loop");
        assert_eq!((read, warned), (&expected, expected == LoopCount::Forever));
    }
}

#[test]
fn a_schedule_without_duration_is_an_error() {
    for (duration, expected) in [("0", 1), ("", 1), ("-5", 1), ("5", 0), ("${d}", 0)] {
        let properties = group_properties(
            &(strings(&[("ThreadGroup.duration", duration)])
                + &flags(&[("ThreadGroup.scheduler", true)])),
        );
        let (_, reading) = read_plan("", &element("ThreadGroup", "Group", &properties, ""));
        let errors = reading.diagnostics.iter().filter(|found| found.is_error());
        assert_eq!(errors.count(), expected, "{duration}");
    }
}

#[test]
fn a_stepping_thread_group_is_read() {
    check_load(
        "kg.apc.jmeter.threads.SteppingThreadGroup",
        &strings(&[
            ("ThreadGroup.num_threads", "100"),
            ("Threads initial delay", "1"),
            ("Start users count", "10"),
            ("Start users count burst", "5"),
            ("Start users period", "30"),
            ("Stop users count", "20"),
            ("Stop users period", "2"),
            ("flighttime", "60"),
            ("rampUp", "3"),
        ]),
        &Load::Stepping {
            users: "100".into(),
            initial_delay_s: "1".into(),
            start_count: "10".into(),
            start_burst: "5".into(),
            start_period_s: "30".into(),
            ramp_up_s: "3".into(),
            flight_time_s: "60".into(),
            stop_count: "20".into(),
            stop_period_s: "2".into(),
        },
    );
}

#[test]
fn an_ultimate_thread_group_is_read() {
    let row = |values: [&str; 5]| {
        format!(
            "<collectionProp name=\"1\">{}</collectionProp>",
            strings(&values.map(|value| ("2", value)))
        )
    };
    check_load(
        "kg.apc.jmeter.threads.UltimateThreadGroup",
        &format!(
            "<collectionProp name=\"ultimatethreadgroupdata\">{}</collectionProp>",
            row(["10", "0", "30", "60", "10"])
        ),
        &Load::Ultimate(vec![UltimateRow {
            users: "10".into(),
            initial_delay_s: "0".into(),
            startup_s: "30".into(),
            hold_s: "60".into(),
            shutdown_s: "10".into(),
        }]),
    );
}

#[test]
fn a_concurrency_thread_group_is_read() {
    for (unit, minutes) in [("M", true), ("S", false), ("", false)] {
        check_load(
            "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup",
            &strings(&[
                ("TargetLevel", "50"),
                ("RampUp", "1"),
                ("Steps", "5"),
                ("Hold", "10"),
                ("Iterations", ""),
                ("Unit", unit),
            ]),
            &Load::Concurrency {
                target: "50".into(),
                ramp_up: "1".into(),
                steps: "5".into(),
                hold: "10".into(),
                iterations: "".into(),
                minutes,
            },
        );
    }
}

// Controllers.

#[test]
fn simple_controllers_are_read() {
    for class in [
        "GenericController",
        "RecordingController",
        "TestFragmentController",
    ] {
        check(
            &element(class, "Controller", "", ""),
            ElementKind::Controller(Controller::Simple),
        );
    }
}

#[test]
fn a_loop_restarts_unless_it_says_otherwise() {
    let (loops, forever) = ("LoopController.loops", "LoopController.continue_forever");
    for (properties, count, restarts) in [
        (strings(&[(loops, "3")]), LoopCount::Times("3".into()), true),
        (
            strings(&[(loops, "-1")]) + &flags(&[(forever, true)]),
            LoopCount::Forever,
            true,
        ),
        (
            strings(&[(loops, "${n}")]) + &flags(&[(forever, false)]),
            LoopCount::Times("${n}".into()),
            false,
        ),
        (String::new(), LoopCount::Times("0".into()), true),
    ] {
        check(
            &element("LoopController", "Loop", &properties, ""),
            ElementKind::Controller(Controller::Loop { count, restarts }),
        );
    }
}

#[test]
fn a_once_only_controller_is_read() {
    check(
        &element("OnceOnlyController", "Once", "", ""),
        ElementKind::Controller(Controller::OnceOnly),
    );
}

#[test]
fn a_transaction_counts_timers_unless_it_says_otherwise() {
    for (properties, parent_sample, include_timers) in [
        (String::new(), false, true),
        (
            flags(&[
                ("TransactionController.parent", true),
                ("TransactionController.includeTimers", false),
            ]),
            true,
            false,
        ),
    ] {
        check(
            &element("TransactionController", "Transaction", &properties, ""),
            ElementKind::Controller(Controller::Transaction {
                parent_sample,
                include_timers,
            }),
        );
    }
}

#[test]
fn a_condition_is_javascript_unless_it_says_otherwise() {
    let condition = strings(&[("IfController.condition", " ${n} &lt; 5\n")]);
    check(
        &element("IfController", "If", &condition, ""),
        ElementKind::Controller(Controller::If {
            condition: IfCondition::JavaScript("${n} < 5".into()),
            evaluate_all: false,
        }),
    );
    let more = flags(&[
        ("IfController.useExpression", true),
        ("IfController.evaluateAll", true),
    ]);
    check(
        &element("IfController", "If", &(condition + &more), ""),
        ElementKind::Controller(Controller::If {
            condition: IfCondition::Expression("${n} < 5".into()),
            evaluate_all: true,
        }),
    );
}

// Samplers.

#[test]
fn a_bare_request_leaves_everything_to_the_defaults() {
    check(
        &element("HTTPSamplerProxy", "Request", "", ""),
        ElementKind::Sampler(Sampler::Http(Box::default())),
    );
}

fn settings() -> String {
    let list = "<elementProp name=\"HTTPsampler.Arguments\" elementType=\"Arguments\">\
                <collectionProp name=\"Arguments.arguments\">\
                <elementProp name=\"q\" elementType=\"HTTPArgument\">\
                <boolProp name=\"HTTPArgument.always_encode\">true</boolProp>\
                <stringProp name=\"Argument.value\">a&#xd;\nb</stringProp>\
                <stringProp name=\"Argument.metadata\">=</stringProp>\
                <boolProp name=\"HTTPArgument.use_equals\">true</boolProp>\
                <stringProp name=\"Argument.name\">q</stringProp>\
                <stringProp name=\"HTTPArgument.content_type\">text/csv</stringProp>\
                </elementProp></collectionProp></elementProp>\
                <elementProp name=\"HTTPsampler.Files\" elementType=\"HTTPFileArgs\">\
                <collectionProp name=\"HTTPFileArgs.files\">\
                <elementProp name=\"a.png\" elementType=\"HTTPFileArg\">\
                <stringProp name=\"File.mimetype\">image/png</stringProp>\
                <stringProp name=\"File.path\">a.png</stringProp>\
                <stringProp name=\"File.paramname\">picture</stringProp>\
                </elementProp></collectionProp></elementProp>";
    list.to_owned()
        + &strings(&[
            ("HTTPSampler.domain", "${host}"),
            ("HTTPSampler.port", ""),
            ("HTTPSampler.protocol", "https"),
            ("HTTPSampler.path", "/posts"),
            ("HTTPSampler.method", "POST"),
            ("HTTPSampler.contentEncoding", "ISO-8859-1"),
            ("HTTPSampler.connect_timeout", "1000"),
            ("HTTPSampler.response_timeout", "2000"),
            ("HTTPSampler.implementation", "HttpClient3.1"),
            ("HTTPSampler.image_parser", "true"),
            ("HTTPSampler.concurrentDwn", "true"),
            ("HTTPSampler.concurrentPool", "4"),
            ("HTTPSampler.embedded_url_re", ".*png"),
            ("HTTPSampler.embedded_url_exclude_re", ".*gif"),
            ("HTTPSampler.proxyHost", "proxy"),
            ("HTTPSampler.proxyPort", "3128"),
            ("HTTPSampler.proxyUser", "ann"),
            ("HTTPSampler.proxyPass", "s3cret"),
            ("HTTPSampler.ipSource", "eth0"),
            ("HTTPSampler.ipSourceType", "2"),
        ])
        + &flags(&[
            ("HTTPSampler.follow_redirects", true),
            ("HTTPSampler.auto_redirects", false),
            ("HTTPSampler.use_keepalive", true),
            ("HTTPSampler.postBodyRaw", false),
            ("HTTPSampler.DO_MULTIPART_POST", true),
            ("HTTPSampler.BROWSER_COMPATIBLE_MULTIPART", false),
            ("HTTPSampler.md5", false),
        ])
}

fn settings_as_request() -> Box<HttpRequest> {
    Box::new(HttpRequest {
        protocol: Some("https".into()),
        domain: Some("${host}".into()),
        port: Some("".into()),
        path: Some("/posts".into()),
        method: Some("POST".into()),
        content_encoding: Some("ISO-8859-1".into()),
        follow_redirects: Some(true),
        auto_redirects: Some(false),
        keep_alive: Some(true),
        raw_body: Some(false),
        multipart: Some(true),
        browser_multipart: Some(false),
        connect_timeout_ms: Some("1000".into()),
        response_timeout_ms: Some("2000".into()),
        embedded: Some(true),
        embedded_concurrent: Some(true),
        embedded_pool: Some("4".into()),
        embedded_include: Some(".*png".into()),
        embedded_exclude: Some(".*gif".into()),
        md5: Some(false),
        java_client: Some(false),
        source: Some("eth0".into()),
        source_kind: Some(SourceKind::DeviceV4),
        proxy_host: Some("proxy".into()),
        proxy_port: Some("3128".into()),
        proxy_user: Some("ann".into()),
        proxy_password: Some("s3cret".into()),
        arguments: vec![HttpArgument {
            name: "q".into(),
            value: "a\r\nb".into(),
            always_encode: true,
            use_equals: true,
            content_type: "text/csv".into(),
        }],
        files: vec![HttpFile {
            path: "a.png".into(),
            parameter: "picture".into(),
            mime_type: "image/png".into(),
        }],
    })
}

#[test]
fn a_request_keeps_all_its_settings() {
    check(
        &element("HTTPSamplerProxy", "Request", &settings(), ""),
        ElementKind::Sampler(Sampler::Http(settings_as_request())),
    );
}

#[test]
fn defaults_are_told_by_their_gui_class() {
    for gui_class in [
        "HttpDefaultsGui",
        "UrlConfigGui",
        "org.apache.jmeter.protocol.http.config.gui.HttpDefaultsGui",
    ] {
        check(
            &with_gui("ConfigTestElement", gui_class, "Defaults", &settings(), ""),
            ElementKind::Config(Config::HttpDefaults(settings_as_request())),
        );
    }
}

#[test]
fn a_file_of_the_old_form_comes_first() {
    let properties = settings()
        + &strings(&[
            ("HTTPSampler.FILE_NAME", "old.txt"),
            ("HTTPSampler.FILE_FIELD", "upload"),
            ("HTTPSampler.mimetype", "text/plain"),
        ]);
    let (kind, _) = read_one(&element("HTTPSamplerProxy", "Request", &properties, ""));
    let Some(ElementKind::Sampler(Sampler::Http(request))) = kind else {
        panic!("{kind:?}");
    };
    let paths: Vec<_> = request
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths, ["old.txt", "a.png"]);
}

#[test]
fn a_pause_is_a_sampler_without_sample() {
    let properties = |action, target| {
        strings(&[
            ("ActionProcessor.action", action),
            ("ActionProcessor.target", target),
            ("ActionProcessor.duration", "${pause}"),
        ])
    };
    check(
        &element("TestAction", "Pause", &properties("1", "0"), ""),
        ElementKind::Sampler(Sampler::Pause(Timer::Constant {
            delay_ms: "${pause}".into(),
        })),
    );
    // JMeter does nothing when an old file tells a thread group to stop.
    check(
        &element("TestAction", "Stop", &properties("0", "1"), ""),
        ElementKind::Sampler(Sampler::Pause(Timer::Constant {
            delay_ms: "0".into(),
        })),
    );
}

// Config elements and timers.

#[test]
fn headers_keep_their_order() {
    let headers = |list: &[(&str, &str)]| {
        let items: String = list
            .iter()
            .map(|(name, value)| {
                format!(
                    "<elementProp name=\"\" elementType=\"Header\">{}</elementProp>",
                    strings(&[("Header.name", name), ("Header.value", value)])
                )
            })
            .collect();
        format!("<collectionProp name=\"HeaderManager.headers\">{items}</collectionProp>")
    };
    let list = headers(&[("B", "1"), ("A", "${a}"), ("B", "2"), ("", "")]);
    let expected: [(Text, Text); 3] = [
        ("B".into(), "1".into()),
        ("A".into(), "${a}".into()),
        ("B".into(), "2".into()),
    ];
    check(
        &element("HeaderManager", "Headers", &list, ""),
        ElementKind::Config(Config::Headers(expected.to_vec())),
    );
}

#[test]
fn a_csv_data_set_has_jmeters_defaults() {
    check(
        &element("CSVDataSet", "Data", &strings(&[("filename", "a.csv")]), ""),
        ElementKind::Config(Config::Csv(CsvDataSet {
            random_order: false,
            file: "a.csv".into(),
            encoding: "".into(),
            variables: "".into(),
            delimiter: ",".into(),
            ignore_first_line: false,
            quoted: false,
            recycle: false,
            stop_thread: false,
            share: ShareMode::All,
        })),
    );
}

#[test]
fn a_csv_data_set_keeps_all_its_settings() {
    for (mode, share) in [
        ("shareMode.all", ShareMode::All),
        ("shareMode.group", ShareMode::Group),
        ("shareMode.thread", ShareMode::Thread),
        ("Current thread", ShareMode::Thread),
        ("mine", ShareMode::Key("mine".to_owned())),
    ] {
        let properties = strings(&[
            ("filename", "a.csv"),
            ("fileEncoding", "UTF-8"),
            ("variableNames", "a,b"),
            ("delimiter", "\\t"),
            ("shareMode", mode),
        ]) + &flags(&[
            ("ignoreFirstLine", true),
            ("quotedData", true),
            ("recycle", true),
            ("stopThread", true),
        ]);
        check(
            &element("CSVDataSet", "Data", &properties, ""),
            ElementKind::Config(Config::Csv(CsvDataSet {
                random_order: false,
                file: "a.csv".into(),
                encoding: "UTF-8".into(),
                variables: "a,b".into(),
                delimiter: "\\t".into(),
                ignore_first_line: true,
                quoted: true,
                recycle: true,
                stop_thread: true,
                share,
            })),
        );
    }
}

#[test]
fn cookies_go_to_sub_domains_only_when_their_domain_was_given() {
    let cookie = |name: &str, domain: &str, given: bool| {
        format!(
            "<elementProp name=\"{name}\" elementType=\"Cookie\" testname=\"{name}\">{}{}\
             </elementProp>",
            strings(&[
                ("Cookie.value", "v"),
                ("Cookie.domain", domain),
                ("Cookie.path", "/p"),
            ]),
            flags(&[("Cookie.secure", given), ("Cookie.domain_specified", given)])
        )
    };
    let properties = format!(
        "<collectionProp name=\"CookieManager.cookies\">{}{}</collectionProp>{}",
        cookie("a", "example.com", true),
        cookie("b", ".example.com", false),
        flags(&[
            ("CookieManager.clearEachIteration", true),
            ("CookieManager.controlledByThreadGroup", true),
        ])
    );
    let expected = |name: &str, domain: &str, secure| UserCookie {
        name: name.into(),
        value: "v".into(),
        domain: domain.into(),
        path: "/p".into(),
        secure,
    };
    check(
        &element("CookieManager", "Cookies", &properties, ""),
        ElementKind::Config(Config::Cookies(CookieManager {
            cookies: vec![
                expected("a", ".example.com", true),
                expected("b", "example.com", false),
            ],
            clear_each_iteration: true,
            controlled_by_group: true,
            ignore: false,
        })),
    );
}

#[test]
fn cookies_can_be_ignored() {
    let properties = strings(&[("CookieManager.policy", "ignoreCookies")]);
    check(
        &element("CookieManager", "Cookies", &properties, ""),
        ElementKind::Config(Config::Cookies(CookieManager {
            ignore: true,
            ..CookieManager::default()
        })),
    );
}

#[test]
fn timers_keep_their_texts() {
    let properties = strings(&[
        ("ConstantTimer.delay", "${delay}"),
        ("RandomTimer.range", "100.0"),
    ]);
    for (class, timer) in [
        (
            "ConstantTimer",
            Timer::Constant {
                delay_ms: "${delay}".into(),
            },
        ),
        (
            "UniformRandomTimer",
            Timer::Uniform {
                offset_ms: "${delay}".into(),
                range_ms: "100.0".into(),
            },
        ),
        (
            "GaussianRandomTimer",
            Timer::Gaussian {
                offset_ms: "${delay}".into(),
                deviation_ms: "100.0".into(),
            },
        ),
        (
            "PoissonRandomTimer",
            Timer::Poisson {
                offset_ms: "${delay}".into(),
                mean_ms: "100.0".into(),
            },
        ),
    ] {
        check(
            &element(class, "Timer", &properties, ""),
            ElementKind::Timer(timer),
        );
    }
}

// Extractors and assertions.

#[test]
fn a_regex_extractor_is_read_from_each_field() {
    for (word, field) in [
        ("false", ResponseField::Body),
        ("", ResponseField::Body),
        ("true", ResponseField::ResponseHeaders),
        ("request_headers", ResponseField::RequestHeaders),
        ("URL", ResponseField::Url),
        ("code", ResponseField::Code),
        ("message", ResponseField::Message),
        ("unescaped", ResponseField::UnescapedBody),
    ] {
        let properties = strings(&[
            ("RegexExtractor.useHeaders", word),
            ("RegexExtractor.refname", "id"),
            ("RegexExtractor.regex", "id=(\\d+)"),
            ("RegexExtractor.template", "$1$"),
            ("RegexExtractor.default", "none"),
            ("RegexExtractor.match_number", "1"),
            ("Sample.scope", "all"),
        ]) + &flags(&[("RegexExtractor.default_empty_value", true)]);
        check(
            &element("RegexExtractor", "Id", &properties, ""),
            ElementKind::PostProcessor(PostProcessor::Regex(RegexExtractor {
                scope: Scope::MainAndSub,
                field,
                variable: "id".into(),
                regex: "id=(\\d+)".into(),
                template: "$1$".into(),
                default: "none".into(),
                default_empty: true,
                match_number: "1".into(),
            })),
        );
    }
}

#[test]
fn a_json_extractor_is_read() {
    let properties = strings(&[
        ("JSONPostProcessor.referenceNames", "a;b"),
        ("JSONPostProcessor.jsonPathExprs", "$.a;$.b"),
        ("JSONPostProcessor.match_numbers", "1;-1"),
        ("JSONPostProcessor.defaultValues", "x;y"),
        ("Sample.scope", "variable"),
        ("Scope.variable", "text"),
    ]) + &flags(&[("JSONPostProcessor.compute_concat", true)]);
    check(
        &element("JSONPostProcessor", "Ids", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::Json(JsonExtractor {
            scope: Scope::Variable("text".to_owned()),
            variables: "a;b".into(),
            paths: "$.a;$.b".into(),
            defaults: "x;y".into(),
            match_numbers: "1;-1".into(),
            concatenate: true,
        })),
    );
}

#[track_caller]
fn check_assertion(field: &str, test_type: Option<&str>, expected: ResponseAssertion) {
    let kind = test_type.map_or(String::new(), |bits| {
        format!("<intProp name=\"Assertion.test_type\">{bits}</intProp>")
    });
    let properties = format!(
        "<collectionProp name=\"Asserion.test_strings\">{}</collectionProp>{}{kind}",
        strings(&[("1", "200"), ("2", "OK")]),
        strings(&[("Assertion.test_field", field)])
    );
    for class in ["ResponseAssertion", "Assertion"] {
        check(
            &element(class, "Check", &properties, ""),
            ElementKind::Assertion(Assertion::Response(expected.clone())),
        );
    }
}

fn assertion(field: ResponseField, rule: MatchRule) -> ResponseAssertion {
    ResponseAssertion {
        scope: Scope::Main,
        field,
        rule,
        not: false,
        any: false,
        patterns: vec!["200".into(), "OK".into()],
        assume_success: false,
        custom_message: "".into(),
    }
}

#[test]
fn an_assertion_looks_at_each_field() {
    for (name, field) in [
        ("Assertion.response_data", ResponseField::Body),
        ("Assertion.response_code", ResponseField::Code),
        ("Assertion.response_message", ResponseField::Message),
        ("Assertion.response_headers", ResponseField::ResponseHeaders),
        ("Assertion.request_headers", ResponseField::RequestHeaders),
        ("Assertion.request_data", ResponseField::RequestData),
        ("Assertion.sample_label", ResponseField::Url),
        ("unknown", ResponseField::Url),
    ] {
        check_assertion(name, None, assertion(field, MatchRule::Contains));
    }
}

#[test]
fn an_assertion_has_its_rule_in_bits() {
    for (bits, rule, not, any) in [
        ("1", MatchRule::Matches, false, false),
        ("2", MatchRule::Contains, false, false),
        ("6", MatchRule::Contains, true, false),
        ("8", MatchRule::Equals, false, false),
        ("16", MatchRule::Substring, false, false),
        ("52", MatchRule::Substring, true, true),
        ("x", MatchRule::Matches, false, false),
    ] {
        check_assertion(
            "Assertion.response_code",
            Some(bits),
            ResponseAssertion {
                not,
                any,
                ..assertion(ResponseField::Code, rule)
            },
        );
    }
}

#[test]
fn a_boundary_extractor_is_read() {
    let properties = strings(&[
        ("BoundaryExtractor.useHeaders", "true"),
        ("BoundaryExtractor.refname", "id"),
        ("BoundaryExtractor.lboundary", "id="),
        ("BoundaryExtractor.rboundary", ";"),
        ("BoundaryExtractor.default", "none"),
        ("BoundaryExtractor.match_number", "-1"),
    ]) + &flags(&[("BoundaryExtractor.default_empty_value", true)]);
    check(
        &element("BoundaryExtractor", "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::Boundary(BoundaryExtractor {
            scope: Scope::Main,
            field: ResponseField::ResponseHeaders,
            variable: "id".into(),
            left: "id=".into(),
            right: ";".into(),
            default: "none".into(),
            default_empty: true,
            match_number: "-1".into(),
        })),
    );
}

#[test]
fn assertions_on_time_and_size_are_read() {
    let properties = strings(&[
        ("DurationAssertion.duration", "${limit}"),
        ("Assertion.scope", "all"),
    ]);
    check(
        &element("DurationAssertion", "Time", &properties, ""),
        ElementKind::Assertion(Assertion::Duration(DurationAssertion {
            scope: Scope::MainAndSub,
            longest_ms: "${limit}".into(),
        })),
    );
    for (field, part, operator, rule) in [
        (
            "response_network_size",
            SizedPart::Network,
            "1",
            SizeRule::Equal,
        ),
        (
            "response_headers",
            SizedPart::Headers,
            "2",
            SizeRule::NotEqual,
        ),
        ("response_data", SizedPart::Body, "3", SizeRule::Greater),
        ("response_code", SizedPart::Code, "4", SizeRule::Less),
        (
            "response_message",
            SizedPart::Message,
            "5",
            SizeRule::GreaterOrEqual,
        ),
        ("unknown", SizedPart::Network, "6", SizeRule::LessOrEqual),
        ("", SizedPart::Network, "7", SizeRule::Unknown),
    ] {
        let properties = format!(
            "{}<intProp name=\"SizeAssertion.operator\">{operator}</intProp>",
            strings(&[
                ("Assertion.test_field", &format!("SizeAssertion.{field}")),
                ("SizeAssertion.size", "1000"),
            ])
        );
        check(
            &element("SizeAssertion", "Size", &properties, ""),
            ElementKind::Assertion(Assertion::Size(SizeAssertion {
                scope: Scope::Main,
                part,
                rule,
                size: "1000".into(),
            })),
        );
    }
}

#[test]
fn assertions_on_content_are_read() {
    let properties = strings(&[("JSON_PATH", "$.a"), ("EXPECTED_VALUE", "1")])
        + &flags(&[("JSONVALIDATION", true), ("INVERT", true)]);
    let expected = JsonAssertion {
        kind: JsonAssertionKind::JsonPath,
        path: "$.a".into(),
        compared: true,
        expected: "1".into(),
        is_regex: true,
        expect_null: false,
        not: true,
    };
    check(
        &element("JSONPathAssertion", "Json", &properties, ""),
        ElementKind::Assertion(Assertion::Json(expected.clone())),
    );
    let properties = properties + &flags(&[("ISREGEX", false), ("EXPECT_NULL", true)]);
    check(
        &element("JSONPathAssertion", "Json", &properties, ""),
        ElementKind::Assertion(Assertion::Json(JsonAssertion {
            is_regex: false,
            expect_null: true,
            ..expected
        })),
    );
    let properties = strings(&[("MD5HexAssertion.size", "5d41402abc4b2a76b9719d911017c592")]);
    check(
        &element("MD5HexAssertion", "Digest", &properties, ""),
        ElementKind::Assertion(Assertion::Md5(Md5Assertion {
            expected: "5d41402abc4b2a76b9719d911017c592".into(),
        })),
    );
}

#[test]
fn a_css_selector_extractor_is_read() {
    let properties = strings(&[
        ("HtmlExtractor.refname", "token"),
        ("HtmlExtractor.expr", "form input:first-child[name=t]"),
        ("HtmlExtractor.attribute", "value"),
        ("HtmlExtractor.default", "none"),
        ("HtmlExtractor.match_number", "1"),
        ("HtmlExtractor.extractor_impl", ""),
    ]);
    let expected = HtmlExtractor {
        scope: Scope::Main,
        reading: HtmlReading::Jsoup,
        variable: "token".into(),
        selector: "form input:first-child[name=t]".into(),
        attribute: "value".into(),
        default: "none".into(),
        default_empty: false,
        match_number: "1".into(),
    };
    check(
        &element("HtmlExtractor", "Token", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::Html(expected.clone())),
    );
    let jodd = properties.replace("extractor_impl\"></", "extractor_impl\">JODD</");
    let (kind, row) = read_one(&element("HtmlExtractor", "Token", &jodd, ""));
    let expected = HtmlExtractor {
        reading: HtmlReading::Jodd,
        ..expected
    };
    let expected = ElementKind::PostProcessor(PostProcessor::Html(expected));
    assert_eq!(kind, Some(expected));
    assert_eq!(row.standing, Standing::Approximated);
    for (selector, library) in [
        ("a:contains(x)", "JODD"),
        ("li:eq(2)", "JODD"),
        ("li:first", "JODD"),
        ("a[b~=c.*]", "JODD"),
        ("[^data]", "JODD"),
        ("p:matchText", ""),
    ] {
        let properties = strings(&[
            ("HtmlExtractor.expr", selector),
            ("HtmlExtractor.extractor_impl", library),
        ]);
        let (kind, row) = read_one(&element("HtmlExtractor", "Token", &properties, ""));
        assert_eq!(
            (kind, row.standing),
            (None, Standing::Refused),
            "{selector}"
        );
    }
}

#[test]
fn xpath_is_read() {
    let properties = strings(&[
        ("XPathExtractor.refname", "id"),
        ("XPathExtractor.xpathQuery", "//item/@id"),
        ("XPathExtractor.default", "none"),
    ]) + &flags(&[("XPathExtractor.namespace", true)]);
    check(
        &element("XPathExtractor", "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::XPath(XPathExtractor {
            scope: Scope::Main,
            tidy: false,
            variable: "id".into(),
            query: "//item/@id".into(),
            default: "none".into(),
            match_number: "-1".into(),
            namespaces: true,
            fragment: false,
        })),
    );
    check(
        &element(
            "XPathAssertion",
            "Found",
            &flags(&[("XPath.negate", true)]),
            "",
        ),
        ElementKind::Assertion(Assertion::XPath(XPathAssertion {
            scope: Scope::Main,
            tidy: false,
            query: "/".into(),
            not: true,
            namespaces: false,
        })),
    );
    let validated = flags(&[("XPath.validate", true)]);
    let (kind, row) = read_one(&element("XPathAssertion", "Valid", &validated, ""));
    assert_eq!((kind, row.standing), (None, Standing::Refused));
    for (class, properties) in [
        (
            "XPathExtractor",
            flags(&[("XPathExtractor.fragment", true)]),
        ),
        (
            "XPathExtractor",
            flags(&[("XPathExtractor.tolerant", true)]),
        ),
        ("XPathAssertion", flags(&[("XPath.tolerant", true)])),
        (
            "XPathAssertion",
            strings(&[("XPath.xpath", "//*[name()='p:x']")]),
        ),
    ] {
        let (_, row) = read_one(&element(class, "Near", &properties, ""));
        assert_eq!(row.standing, Standing::Approximated, "{class}");
    }
}

#[test]
fn xpath2_is_read_unless_its_expression_asks_for_more() {
    let read = |query: &str| {
        let properties = strings(&[
            ("XPathExtractor2.refname", "id"),
            ("XPathExtractor2.xpathQuery", query),
            ("XPathExtractor2.namespaces", "p=urn:p"),
            ("XPathExtractor2.matchNumber", "1"),
        ]);
        read_one(&element("XPath2Extractor", "Id", &properties, ""))
    };
    let (kind, row) = read("//p:item/@id");
    assert_eq!(
        kind,
        Some(ElementKind::PostProcessor(PostProcessor::XPath2(
            XPath2Extractor {
                scope: Scope::Main,
                variable: "id".into(),
                query: "//p:item/@id".into(),
                default: "".into(),
                match_number: "1".into(),
                namespaces: "p=urn:p".into(),
                fragment: false,
            }
        )))
    );
    assert_eq!(row.standing, Standing::Supported);
    let (kind, row) = read("matches(//a, 'x')");
    assert_eq!((kind, row.standing), (None, Standing::Refused));
    assert!(
        row.reason.contains("function `matches()`"),
        "{}",
        row.reason
    );
    let properties = strings(&[("XPath.xpath", "//a"), ("XPath.namespaces", "p=urn:p")]);
    check(
        &element("XPath2Assertion", "Found", &properties, ""),
        ElementKind::Assertion(Assertion::XPath2(XPath2Assertion {
            scope: Scope::Main,
            query: "//a".into(),
            not: false,
            namespaces: "p=urn:p".into(),
        })),
    );
    check(
        &element("XMLAssertion", "Xml", "", ""),
        ElementKind::Assertion(Assertion::Xml),
    );
}

#[test]
fn jmespath_is_read() {
    let properties = strings(&[
        ("JMESExtractor.referenceName", "id"),
        ("JMESExtractor.jmesPathExpr", "a[*].id"),
        ("JMESExtractor.matchNumber", "-1"),
        ("JMESExtractor.defaultValue", "none"),
    ]);
    check(
        &element("JMESPathExtractor", "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::JmesPath(JmesPathExtractor {
            scope: Scope::Main,
            variable: "id".into(),
            path: "a[*].id".into(),
            default: "none".into(),
            match_number: "-1".into(),
        })),
    );
    let properties = strings(&[("JMES_PATH", "a"), ("EXPECTED_VALUE", "1")])
        + &flags(&[("JSONVALIDATION", true), ("ISREGEX", false)]);
    check(
        &element("JMESPathAssertion", "Json", &properties, ""),
        ElementKind::Assertion(Assertion::Json(JsonAssertion {
            kind: JsonAssertionKind::JmesPath,
            path: "a".into(),
            compared: true,
            expected: "1".into(),
            is_regex: false,
            expect_null: false,
            not: false,
        })),
    );
}

#[test]
fn json_paths_of_the_plugin_are_read() {
    const EXTRACTOR: &str =
        "com.atlantbh.jmeter.plugins.jsonutils.jsonpathextractor.JSONPathExtractor";
    const ASSERTION: &str =
        "com.atlantbh.jmeter.plugins.jsonutils.jsonpathassertion.JSONPathAssertion";
    let properties = strings(&[
        ("VAR", "id"),
        ("JSONPATH", "$.id"),
        ("DEFAULT", "none"),
        ("SUBJECT", "VAR"),
        ("VARIABLE", "source"),
        ("INPUT_FORMAT", "JSON"),
    ]);
    check(
        &element(EXTRACTOR, "Id", &properties, ""),
        ElementKind::PostProcessor(PostProcessor::PluginJson(PluginJsonExtractor {
            source: Some("source".into()),
            variable: "id".into(),
            path: "$.id".into(),
            default: "none".into(),
        })),
    );
    let properties = strings(&[("JSON_PATH", "$.a")]);
    let (kind, _) = read_one(&element(ASSERTION, "Json", &properties, ""));
    let Some(ElementKind::Assertion(Assertion::Json(assertion))) = kind else {
        panic!("{kind:?}");
    };
    assert_eq!(assertion.kind, JsonAssertionKind::Plugin);
    let yaml = strings(&[("INPUT_FORMAT", "YAML")]);
    for class in [EXTRACTOR, ASSERTION] {
        let (kind, row) = read_one(&element(class, "Yaml", &yaml, ""));
        assert_eq!((kind, row.standing), (None, Standing::Refused));
    }
}
