//! Random elements of every kind, as JMeter's plans can hold them.

use loadline_plan::program::SourceKind;
use loadline_plan::{
    Assertion, AuthMechanism, Authorization, AutoStop, BoundaryExtractor, CacheManager,
    CompareAssertion, Config, Controller, CookieManager, Counter, CsvDataSet, DebugSampler,
    DnsCacheManager, DummySampler, DurationAssertion, Element, ElementKind, FifoPop, FifoPut,
    FlowAction, ForEach, HtmlExtractor, HtmlReading, HttpArgument, HttpFile, HttpRequest,
    HttpStreams, HttpVersion, IfCondition, Interleave, JmesPathExtractor, JsonAssertion,
    JsonAssertionKind, JsonExtractor, KeystoreConfig, Location, LoopCount, MatchRule, Md5Assertion,
    PluginJsonExtractor, PostProcessor, PreProcessor, PreciseThroughputTimer, RandomVariable,
    RegexExtractor, RegexUserParameters, ResponseAssertion, ResponseField, Sampler, Scope,
    ShapingTimer, ShapingTimerRow, ShareMode, SizeAssertion, SizeRule, SizedPart,
    SynchronizingTimer, Text, ThroughputBasis, ThroughputLimit, ThroughputTimer, Timer,
    UrlRewriting, UserCookie, UserParameters, XPath2Assertion, XPath2Extractor, XPathAssertion,
    XPathExtractor,
};

use super::chance::Chance;

/// Elements below a group or a controller; `depth` levels of controllers may follow.
pub(crate) fn steps(chance: &mut Chance<'_>, depth: usize) -> Vec<Element> {
    chance.few(|chance| match chance.below(8) {
        0..3 => request(chance),
        3 if depth > 0 => controller(chance, depth - 1),
        4 => other_sampler(chance),
        _ => scope_element(chance),
    })
}

/// Elements that run nothing.
pub(crate) fn scope(chance: &mut Chance<'_>) -> Vec<Element> {
    chance.few(scope_element)
}

fn element(name: Text, kind: ElementKind, children: Vec<Element>) -> Element {
    Element {
        name,
        kind,
        children,
        location: Location::default(),
    }
}

fn request(chance: &mut Chance<'_>) -> Element {
    let mut own = http(chance);
    if chance.flag() {
        // As most requests are.
        own.method = Some(chance.pick(&["GET", "POST", "PUT"]).into());
        own.path = Some("/a/${b}".into());
        own.files.clear();
    }
    let kind = ElementKind::Sampler(Sampler::Http(Box::new(own)));
    let children = scope(chance);
    element(chance.text(), kind, children)
}

pub(crate) fn http(chance: &mut Chance<'_>) -> HttpRequest {
    let mut request = HttpRequest::default();
    for text in [
        &mut request.protocol,
        &mut request.domain,
        &mut request.port,
        &mut request.path,
        &mut request.method,
        &mut request.content_encoding,
        &mut request.connect_timeout_ms,
        &mut request.response_timeout_ms,
        &mut request.embedded_pool,
        &mut request.embedded_include,
        &mut request.embedded_exclude,
        &mut request.source,
        &mut request.proxy_host,
        &mut request.proxy_port,
        &mut request.proxy_user,
        &mut request.proxy_password,
        &mut request.unix_socket,
    ] {
        if chance.below(4) == 3 {
            *text = Some(chance.text());
        }
    }
    for flag in [
        &mut request.follow_redirects,
        &mut request.auto_redirects,
        &mut request.keep_alive,
        &mut request.raw_body,
        &mut request.multipart,
        &mut request.browser_multipart,
        &mut request.embedded,
        &mut request.embedded_concurrent,
        &mut request.md5,
        &mut request.java_client,
    ] {
        if chance.below(4) == 3 {
            *flag = Some(chance.flag());
        }
    }
    if chance.below(4) == 3 {
        request.source_kind = Some(chance.pick(&[
            SourceKind::Host,
            SourceKind::Device,
            SourceKind::DeviceV4,
            SourceKind::DeviceV6,
        ]));
    }
    if chance.below(4) == 3 {
        request.http_version = Some(chance.pick(&[HttpVersion::Http1, HttpVersion::Http2]));
        request.streams = Some(chance.pick(&[HttpStreams::One, HttpStreams::Many]));
    }
    request.arguments = chance.few(|chance| HttpArgument {
        name: chance.text(),
        value: chance.text(),
        always_encode: chance.flag(),
        use_equals: chance.flag(),
        content_type: chance.text(),
    });
    request.files = chance.few(|chance| HttpFile {
        // A file without anything is none.
        path: chance.word(),
        parameter: chance.text(),
        mime_type: chance.text(),
    });
    request
}

fn controller(chance: &mut Chance<'_>, depth: usize) -> Element {
    let controller = match chance.below(16) {
        0 => Controller::Simple,
        1 => Controller::Loop {
            count: match chance.text() {
                text if text.as_str() == "-1" || text.as_str() == "forever" => LoopCount::Forever,
                text => LoopCount::Times(text),
            },
            restarts: chance.flag(),
        },
        2 => Controller::OnceOnly,
        3 => Controller::Transaction {
            parent_sample: chance.flag(),
            include_timers: chance.flag(),
        },
        4 => Controller::If {
            condition: match chance.flag() {
                true => IfCondition::Expression(trimmed(&chance.text())),
                false => IfCondition::JavaScript(
                    chance
                        .pick(&["${n} < 3", "\"${a}\" == \"b\"", "${x}", ""])
                        .into(),
                ),
            },
            evaluate_all: chance.flag(),
        },
        5 => Controller::While {
            condition: chance.text(),
        },
        6 => Controller::ForEach(ForEach {
            prefix: chance.text(),
            variable: chance.text(),
            separator: chance.flag(),
            start: chance.text(),
            end: chance.maybe(Chance::text),
        }),
        7 => Controller::Switch {
            selection: chance.text(),
        },
        8 => {
            let random = chance.flag();
            Controller::Interleave(Interleave {
                random,
                whole_controllers: chance.flag(),
                across_users: chance.flag() && !random,
            })
        }
        9 => Controller::RandomOrder,
        10 => Controller::Throughput {
            limit: match chance.flag() {
                true => ThroughputLimit::Total(chance.text()),
                false => ThroughputLimit::Percent(chance.text()),
            },
            per_user: chance.flag(),
        },
        11 => Controller::Runtime {
            seconds: chance.text(),
        },
        12 => Controller::Weighted {
            weights: chance.few(Chance::text),
        },
        13 => Controller::Parameterized {
            variables: chance.few(|chance| (chance.word(), chance.text())),
        },
        14 => Controller::Parallel {
            parent_sample: chance.flag(),
            most: chance.maybe(|chance| 1 + chance.below(9) as u32),
        },
        _ => Controller::CriticalSection {
            lock: chance.text(),
        },
    };
    let children = steps(chance, depth);
    element(chance.text(), ElementKind::Controller(controller), children)
}

fn trimmed(text: &Text) -> Text {
    Text(text.as_str().trim().to_owned())
}

const ACTIONS: &[FlowAction] = &[
    FlowAction::StopThread,
    FlowAction::StopTest,
    FlowAction::StopTestNow,
    FlowAction::NextIteration,
    FlowAction::NextPass,
    FlowAction::BreakLoop,
];

fn other_sampler(chance: &mut Chance<'_>) -> Element {
    let sampler = match chance.below(5) {
        0 => Sampler::Pause(Timer::Constant {
            delay_ms: chance.text(),
        }),
        1 => Sampler::Flow(chance.pick(ACTIONS)),
        2 => Sampler::Dummy(Box::new(DummySampler {
            waits: chance.flag(),
            success: chance.text(),
            code: chance.text(),
            message: chance.text(),
            request: chance.text(),
            body: chance.text(),
            response_time_ms: chance.text(),
            latency_ms: chance.text(),
            connect_ms: chance.text(),
            url: chance.text(),
        })),
        3 => Sampler::SetVariables(chance.few(|chance| (chance.word(), chance.text()))),
        _ => Sampler::Debug(DebugSampler {
            variables: chance.flag(),
            properties: chance.flag(),
        }),
    };
    let children = scope(chance);
    element(chance.text(), ElementKind::Sampler(sampler), children)
}

fn scope_element(chance: &mut Chance<'_>) -> Element {
    let kind = match chance.below(7) {
        0 => ElementKind::Config(config(chance)),
        1 => ElementKind::Timer(timer(chance)),
        2 => ElementKind::PreProcessor(pre_processor(chance)),
        3 => ElementKind::PostProcessor(post_processor(chance)),
        4 => ElementKind::Assertion(assertion(chance)),
        5 => ElementKind::AutoStop(AutoStop {
            response_time_ms: chance.text(),
            response_time_s: chance.text(),
            latency_ms: chance.text(),
            latency_s: chance.text(),
            error_percent: chance.text(),
            error_s: chance.text(),
        }),
        _ => ElementKind::OnFailure(chance.pick(ACTIONS)),
    };
    let name = chance.text();
    let kind = match kind {
        ElementKind::Timer(Timer::Shaping(own)) => {
            // In JMeter the element's name is the timer's.
            ElementKind::Timer(Timer::Shaping(ShapingTimer {
                name: name.clone(),
                ..own
            }))
        }
        kind => kind,
    };
    element(name, kind, Vec::new())
}

fn config(chance: &mut Chance<'_>) -> Config {
    match chance.below(10) {
        0 => Config::HttpDefaults(Box::new(http(chance))),
        1 => Config::Headers(chance.few(|chance| (chance.word(), chance.text()))),
        2 => Config::Cookies(CookieManager {
            cookies: chance.few(|chance| UserCookie {
                name: chance.text(),
                value: chance.text(),
                domain: chance.pick(&["", "h", ".h", "..h"]).into(),
                path: chance.text(),
                secure: chance.flag(),
            }),
            clear_each_iteration: chance.flag(),
            controlled_by_group: chance.flag(),
            ignore: chance.flag(),
        }),
        3 => Config::Cache(CacheManager {
            clear_each_iteration: chance.flag(),
            controlled_by_group: chance.flag(),
            use_expires: chance.flag(),
            max_size: chance.text(),
        }),
        4 => {
            let row = |chance: &mut Chance<'_>| Authorization {
                url: chance.text(),
                user: chance.text(),
                password: chance.text(),
                realm: chance.text(),
                mechanism: chance.pick(&[AuthMechanism::Basic, AuthMechanism::Digest]),
            };
            let mut rows = chance.few(row);
            rows.push(row(chance));
            Config::Authorizations(rows)
        }
        5 => Config::Dns(DnsCacheManager {
            clear_each_iteration: chance.flag(),
            servers: chance.few(|chance| chance.pick(&["127.0.0.1", "[::1]:53"]).into()),
            hosts: vec![(chance.text(), chance.text())],
        }),
        6 => {
            let start_index = chance.below(3) as u32;
            Config::Keystore(KeystoreConfig {
                start_index,
                end_index: chance.maybe(|chance| start_index + chance.below(3) as u32),
                alias_variable: chance.pick(&["", "alias"]).to_owned(),
            })
        }
        7 => Config::Csv(csv(chance)),
        8 => Config::Counter(Counter {
            variable: chance.text(),
            start: chance.text(),
            end: chance.text(),
            increment: chance.text(),
            format: chance.text(),
            per_user: chance.flag(),
            reset_each_iteration: chance.flag(),
        }),
        _ => Config::Random(RandomVariable {
            variable: chance.text(),
            minimum: chance.text(),
            maximum: chance.text(),
            format: chance.text(),
            seed: chance.text(),
            per_user: chance.flag(),
        }),
    }
}

fn csv(chance: &mut Chance<'_>) -> CsvDataSet {
    let share = match chance.below(5) {
        0 => ShareMode::All,
        1 => ShareMode::Group,
        2 => ShareMode::Thread,
        3 => ShareMode::Key("key".to_owned()),
        _ => ShareMode::Element,
    };
    // Those of the plugin quote, stop and may come in a random order.
    let is_plugin = share == ShareMode::Element;
    CsvDataSet {
        file: chance.text(),
        encoding: chance.text(),
        variables: chance.text(),
        delimiter: chance.word(),
        ignore_first_line: chance.flag(),
        quoted: chance.flag() || is_plugin,
        recycle: chance.flag(),
        stop_thread: chance.flag() || is_plugin,
        share,
        random_order: chance.flag() && is_plugin,
    }
}

fn timer(chance: &mut Chance<'_>) -> Timer {
    match chance.below(8) {
        0 => Timer::Constant {
            delay_ms: chance.text(),
        },
        1 => Timer::Uniform {
            offset_ms: chance.text(),
            range_ms: chance.text(),
        },
        2 => Timer::Gaussian {
            offset_ms: chance.text(),
            deviation_ms: chance.text(),
        },
        3 => Timer::Poisson {
            offset_ms: chance.text(),
            mean_ms: chance.text(),
        },
        4 => Timer::Throughput(ThroughputTimer {
            per_minute: chance.text(),
            basis: chance.pick(&[
                ThroughputBasis::User,
                ThroughputBasis::AllUsers,
                ThroughputBasis::Group,
                ThroughputBasis::AllUsersShared,
                ThroughputBasis::GroupShared,
            ]),
        }),
        5 => Timer::Synchronizing(SynchronizingTimer {
            group_size: chance.text(),
            timeout_ms: chance.text(),
        }),
        6 => Timer::Precise(PreciseThroughputTimer {
            throughput: chance.text(),
            period_s: chance.text(),
            duration_s: chance.text(),
            batch_size: chance.text(),
            random_seed: chance.text(),
        }),
        _ => Timer::Shaping(ShapingTimer {
            name: Text::default(),
            rows: chance.few(|chance| ShapingTimerRow {
                start: chance.text(),
                end: chance.text(),
                duration_s: chance.text(),
            }),
        }),
    }
}

fn pre_processor(chance: &mut Chance<'_>) -> PreProcessor {
    match chance.below(6) {
        0 => PreProcessor::UserParameters(UserParameters {
            names: chance.few(Chance::text),
            columns: chance.few(|chance| chance.few(Chance::text)),
            per_iteration: chance.flag(),
        }),
        1 => PreProcessor::UrlRewriting(UrlRewriting {
            argument: chance.text(),
            in_path: chance.flag(),
            without_equals: chance.flag(),
            without_question_mark: chance.flag(),
            keeps_value: chance.flag(),
            encode: chance.flag(),
        }),
        2 => PreProcessor::RegexUserParameters(RegexUserParameters {
            reference: chance.text(),
            names_group: chance.text(),
            values_group: chance.text(),
        }),
        3 => PreProcessor::LinkParser,
        4 => PreProcessor::FifoPop(FifoPop {
            queue: chance.text(),
            variable: chance.text(),
            timeout_s: chance.text(),
        }),
        _ => PreProcessor::SampleTimeout {
            timeout_ms: chance.text(),
        },
    }
}

fn results(chance: &mut Chance<'_>) -> Scope {
    match chance.below(4) {
        0 => Scope::Main,
        1 => Scope::MainAndSub,
        2 => Scope::Sub,
        _ => Scope::Variable(chance.pick(&["", "v", "a b"]).to_owned()),
    }
}

fn searched(chance: &mut Chance<'_>) -> ResponseField {
    chance.pick(&[
        ResponseField::Body,
        ResponseField::UnescapedBody,
        ResponseField::ResponseHeaders,
        ResponseField::RequestHeaders,
        ResponseField::Url,
        ResponseField::Code,
        ResponseField::Message,
    ])
}

fn post_processor(chance: &mut Chance<'_>) -> PostProcessor {
    match chance.below(10) {
        0 => PostProcessor::Regex(RegexExtractor {
            scope: results(chance),
            field: searched(chance),
            variable: chance.text(),
            regex: chance.text(),
            template: chance.pick(&["$1$", "$0$", "$2$$1$", "x"]).into(),
            default: chance.text(),
            default_empty: chance.flag(),
            match_number: chance.text(),
        }),
        1 => PostProcessor::Json(JsonExtractor {
            scope: results(chance),
            variables: chance.text(),
            paths: chance.pick(&["$.id", "$..a;$.b", "x"]).into(),
            defaults: chance.text(),
            match_numbers: chance.text(),
            concatenate: chance.flag(),
        }),
        2 => PostProcessor::Boundary(BoundaryExtractor {
            scope: results(chance),
            field: searched(chance),
            variable: chance.text(),
            left: chance.text(),
            right: chance.text(),
            default: chance.text(),
            default_empty: chance.flag(),
            match_number: chance.text(),
        }),
        3 => PostProcessor::Html(HtmlExtractor {
            scope: results(chance),
            reading: chance.pick(&[HtmlReading::Jsoup, HtmlReading::Jodd]),
            variable: chance.text(),
            selector: chance.pick(&["a", "p > b", "#x .y"]).into(),
            attribute: chance.text(),
            default: chance.text(),
            default_empty: chance.flag(),
            match_number: chance.text(),
        }),
        4 => PostProcessor::XPath(XPathExtractor {
            scope: results(chance),
            tidy: chance.flag(),
            variable: chance.text(),
            query: chance.text(),
            default: chance.text(),
            match_number: chance.text(),
            namespaces: chance.flag(),
            fragment: chance.flag(),
        }),
        5 => PostProcessor::XPath2(XPath2Extractor {
            scope: results(chance),
            variable: chance.text(),
            query: chance.pick(&["//a", "/x/@y", "count(//a)"]).into(),
            default: chance.text(),
            match_number: chance.text(),
            namespaces: chance.text(),
            fragment: chance.flag(),
        }),
        6 => PostProcessor::JmesPath(JmesPathExtractor {
            scope: results(chance),
            variable: chance.text(),
            path: chance.text(),
            default: chance.text(),
            match_number: chance.text(),
        }),
        7 => PostProcessor::Debug(DebugSampler {
            variables: chance.flag(),
            properties: chance.flag(),
        }),
        8 => PostProcessor::FifoPut(FifoPut {
            queue: chance.text(),
            value: chance.text(),
        }),
        _ => PostProcessor::PluginJson(PluginJsonExtractor {
            source: chance.maybe(Chance::text),
            variable: chance.text(),
            path: chance.text(),
            default: chance.text(),
        }),
    }
}

fn assertion(chance: &mut Chance<'_>) -> Assertion {
    match chance.below(9) {
        0 => Assertion::Response(ResponseAssertion {
            scope: results(chance),
            field: chance.pick(&[
                ResponseField::Body,
                ResponseField::ResponseHeaders,
                ResponseField::RequestHeaders,
                ResponseField::RequestData,
                ResponseField::Url,
                ResponseField::Code,
                ResponseField::Message,
            ]),
            rule: chance.pick(&[
                MatchRule::Contains,
                MatchRule::Matches,
                MatchRule::Equals,
                MatchRule::Substring,
            ]),
            not: chance.flag(),
            any: chance.flag(),
            patterns: chance.few(Chance::text),
            assume_success: chance.flag(),
            custom_message: chance.text(),
        }),
        1 => Assertion::Duration(DurationAssertion {
            scope: results(chance),
            longest_ms: chance.text(),
        }),
        2 => Assertion::Size(SizeAssertion {
            scope: results(chance),
            part: chance.pick(&[
                SizedPart::Network,
                SizedPart::Headers,
                SizedPart::Body,
                SizedPart::Code,
                SizedPart::Message,
            ]),
            rule: chance.pick(&[
                SizeRule::Equal,
                SizeRule::NotEqual,
                SizeRule::Greater,
                SizeRule::Less,
                SizeRule::GreaterOrEqual,
                SizeRule::LessOrEqual,
                SizeRule::Unknown,
            ]),
            size: chance.text(),
        }),
        3 => Assertion::Json(JsonAssertion {
            kind: chance.pick(&[
                JsonAssertionKind::JsonPath,
                JsonAssertionKind::Plugin,
                JsonAssertionKind::JmesPath,
            ]),
            path: chance.text(),
            compared: chance.flag(),
            expected: chance.text(),
            is_regex: chance.flag(),
            expect_null: chance.flag(),
            not: chance.flag(),
        }),
        4 => Assertion::Md5(Md5Assertion {
            expected: chance.text(),
        }),
        5 => Assertion::XPath(XPathAssertion {
            scope: results(chance),
            tidy: chance.flag(),
            query: chance.text(),
            not: chance.flag(),
            namespaces: chance.flag(),
        }),
        6 => Assertion::XPath2(XPath2Assertion {
            scope: results(chance),
            query: chance.text(),
            not: chance.flag(),
            namespaces: chance.text(),
        }),
        7 => Assertion::Compare(CompareAssertion {
            content: chance.flag(),
            longest_difference_ms: chance.text(),
            replaced: chance.few(|chance| (chance.text(), chance.text())),
        }),
        _ => Assertion::Xml,
    }
}
