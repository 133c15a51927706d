//! What one element has in scope for the samplers below it: its direct children that are no
//! controllers and no samplers, compiled once and shared by all those samplers.

use std::sync::Arc;

use crate::program::{
    AssertionProgram, AuthorizationProgram, CacheProgram, ComparisonId, DnsProgram, FifoPopProgram,
    NamedAssertion, OutputId, PassSource, PostProcessorProgram, PreProcessorProgram, ScriptId,
    Template, TimerProgram,
};
use crate::{
    Config, CookieManager, Element, ElementKind, FlowAction, HttpRequest, KeystoreConfig,
    PreProcessor, ScriptRole, Text,
};

use super::{Compiler, definitions};

/// The elements in scope from one level of the tree.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// HTTP defaults, in file order.
    pub(super) defaults: Vec<HttpRequest>,
    /// Names of the HTTP defaults.
    pub(super) default_names: Vec<Text>,
    /// Headers of all header managers, in file order.
    pub(super) headers: Vec<HeaderProgram>,
    /// Queues that the headers take texts from.
    pub(super) pops: Vec<Template>,
    /// Numbers of its header managers in the plan, in file order.
    pub(super) header_managers: Vec<u32>,
    /// The last cookie manager.
    pub(super) cookies: Option<Arc<CookieManager>>,
    /// The last cache manager.
    pub(super) cache: Option<Arc<CacheProgram>>,
    /// The rows of the last authorization manager.
    pub(super) authorization: Option<Arc<[AuthorizationProgram]>>,
    /// The last DNS cache manager.
    pub(super) dns: Option<Arc<DnsProgram>>,
    /// The last keystore configuration.
    pub(super) keystore: Option<Arc<KeystoreConfig>>,
    /// Timers, in file order.
    pub(super) timers: Vec<TimerProgram>,
    /// Post-processors, in file order.
    pub(super) post_processors: Vec<Arc<PostProcessorProgram>>,
    /// Assertions, in file order.
    pub(super) assertions: Vec<Arc<NamedAssertion>>,
    /// What failed samples do, in file order.
    pub(super) on_failure: Vec<FlowAction>,
    /// Result files, in file order.
    pub(super) outputs: Vec<OutputId>,
    /// Pre-processors that run before each sampler, in file order.
    pub(super) pre_processors: Vec<PreProcessorProgram>,
    /// Scripts that hear results, in file order.
    pub(super) listeners: Vec<ScriptId>,
    /// How long requests may take, in file order.
    pub(super) timeouts: Vec<Template>,
    /// What sets variables at each pass, in the order in which it does: last in the file first.
    pub(super) sources: Vec<PassSource>,
}

/// One header of a header manager.
#[derive(Clone, Debug)]
pub(super) struct HeaderProgram {
    /// Which header manager of the level it stands in; two headers of one manager are both sent.
    pub(super) manager: usize,
    /// Name as written, in lower case: headers of the same name replace each other.
    pub(super) key: String,
    pub(super) name: Template,
    pub(super) value: Template,
}

impl Level {
    /// Compiles the direct `children` of an element, leaving controllers and samplers out.
    pub(super) fn compile(children: &[Element], compiler: &mut Compiler) -> Self {
        let mut level = Level::default();
        let mut header_managers = 0;
        for element in children {
            let location = &element.location;
            match &element.kind {
                ElementKind::Controller(_) | ElementKind::Sampler(_) => {}
                ElementKind::Output(output) => {
                    level.outputs.extend(compiler.output(output, location));
                }
                ElementKind::AutoStop(stop) => {
                    level.outputs.push(compiler.auto_stop(stop, location));
                }
                ElementKind::Config(Config::HttpDefaults(request)) => {
                    level.defaults.push((**request).clone());
                    level.default_names.push(element.name.clone());
                }
                ElementKind::Config(Config::Headers(headers)) => {
                    let pops = compiler.pops.len();
                    for (name, value) in headers {
                        compiler.check_header_letters(name, value, location);
                        level.headers.push(HeaderProgram {
                            manager: header_managers,
                            key: name.as_str().to_lowercase(),
                            name: compiler.template(name, location),
                            value: compiler.template(value, location),
                        });
                    }
                    let pops = compiler.pops.drain(pops..).map(|(queue, _)| queue);
                    level.pops.extend(pops);
                    header_managers += 1;
                    level.header_managers.push(compiler.header_manager_count);
                    compiler.header_manager_count += 1;
                }
                ElementKind::Config(Config::Cookies(manager)) => {
                    level.cookies = Some(Arc::new(manager.clone()));
                }
                ElementKind::Config(Config::Cache(manager)) => {
                    level.cache = Some(Arc::new(compiler.cache(manager, location)));
                }
                ElementKind::Config(Config::Authorizations(rows)) => {
                    level.authorization = Some(compiler.authorizations(rows, location));
                }
                ElementKind::Config(Config::Dns(manager)) => {
                    level.dns = Some(Arc::new(compiler.dns(manager, location)));
                }
                ElementKind::Config(Config::Keystore(keystore)) => {
                    level.keystore = Some(Arc::new(keystore.clone()));
                }
                ElementKind::Config(Config::Csv(csv)) => {
                    let source = PassSource::Csv(compiler.csv(csv, location));
                    level.sources.insert(0, source);
                }
                ElementKind::Config(Config::Counter(counter)) => {
                    let source = PassSource::Setter(compiler.counter(counter, location));
                    level.sources.insert(0, source);
                }
                ElementKind::Config(Config::Random(random)) => {
                    let source = PassSource::Setter(compiler.random(random, location));
                    level.sources.insert(0, source);
                }
                ElementKind::PreProcessor(PreProcessor::UserParameters(parameters)) => {
                    let id = compiler.user_parameters(parameters, location);
                    if parameters.per_iteration {
                        level.sources.insert(0, PassSource::Setter(id));
                    } else {
                        level.pre_processors.push(PreProcessorProgram::Setter(id));
                    }
                }
                ElementKind::Script(script) => {
                    let (id, keep) = compiler.script(script, location);
                    match script.role {
                        ScriptRole::PreProcessor => {
                            level.pre_processors.push(PreProcessorProgram::Script(id));
                        }
                        ScriptRole::PostProcessor => {
                            let program = PostProcessorProgram::Script { id, keep };
                            level.post_processors.push(Arc::new(program));
                        }
                        ScriptRole::Assertion => {
                            let name = compiler.template(&element.name, location);
                            let program = AssertionProgram::Script { id, keep };
                            level
                                .assertions
                                .push(Arc::new(NamedAssertion { name, program }));
                        }
                        ScriptRole::Timer => level.timers.push(TimerProgram::Script(id)),
                        ScriptRole::Listener => level.listeners.push(id),
                        // A sampler is no part of a scope.
                        ScriptRole::Sampler => {}
                    }
                }
                ElementKind::PreProcessor(PreProcessor::UrlRewriting(rewriting)) => {
                    let program = Arc::new(compiler.url_rewriting(rewriting, location));
                    (level.pre_processors).push(PreProcessorProgram::Modifier(program));
                }
                ElementKind::PreProcessor(PreProcessor::RegexUserParameters(parameters)) => {
                    let program = compiler.regex_user_parameters(parameters, location);
                    (level.pre_processors).push(PreProcessorProgram::Modifier(Arc::new(program)));
                }
                ElementKind::PreProcessor(PreProcessor::LinkParser) => {
                    let program = Arc::new(compiler.link_parser());
                    (level.pre_processors).push(PreProcessorProgram::Modifier(program));
                }
                ElementKind::PreProcessor(PreProcessor::FifoPop(pop)) => {
                    let program =
                        FifoPopProgram::compile(pop, &mut |text| compiler.template(text, location));
                    definitions::define(&program.variable, &mut compiler.names);
                    let program = PreProcessorProgram::FifoPop(Arc::new(program));
                    level.pre_processors.push(program);
                }
                ElementKind::PreProcessor(PreProcessor::SampleTimeout { timeout_ms }) => {
                    level.timeouts.push(compiler.template(timeout_ms, location));
                }
                ElementKind::OnFailure(action) => level.on_failure.push(*action),
                ElementKind::Timer(timer) => level.timers.push(compiler.timer(timer, location)),
                ElementKind::PostProcessor(post_processor) => {
                    let mut program = PostProcessorProgram::compile(post_processor, &mut |text| {
                        compiler.template(text, location)
                    });
                    if let PostProcessorProgram::XPath(xpath) = &mut program {
                        xpath.name = compiler.template(&element.name, location);
                    }
                    definitions::note_post_processor(&program, &mut compiler.names);
                    level.post_processors.push(Arc::new(program));
                }
                ElementKind::Assertion(assertion) => {
                    let mut program = AssertionProgram::compile(assertion, &mut |text| {
                        compiler.template(text, location)
                    });
                    if let AssertionProgram::Compare(compare) = &mut program {
                        compare.id = ComparisonId(compiler.comparison_count);
                        compiler.comparison_count += 1;
                        level.sources.push(PassSource::Comparison(compare.id));
                    }
                    let name = compiler.template(&element.name, location);
                    level
                        .assertions
                        .push(Arc::new(NamedAssertion { name, program }));
                }
            }
        }
        level
    }
}
