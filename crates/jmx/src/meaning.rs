//! What one element becomes in the plan: from its row in the table to the reader of its settings.

use loadline_plan::{Controller, ElementKind, PostProcessor, PreProcessor, Sampler};

use crate::judgement::{CHILDREN_ONLY, Judgement, LEFT_OUT};
use crate::properties::Properties;
use crate::support::{ElementSupport, Meaning, Role};
use crate::{
    assertion, config, controller, debug_sampler, extractor, http, http_manager, listener, made_up,
    modifier, pause, processor, variable_source,
};

/// Reads an element that is neither the Test Plan, a thread group nor a list of variables.
///
/// `class` is its tag. Without a kind, the element is
/// left out of the plan.
pub(crate) fn read(
    row: &ElementSupport,
    properties: Properties<'_, '_>,
    class: &str,
) -> (Option<ElementKind>, Judgement) {
    let mut judgement = Judgement::supported();
    let kind = match row.meaning {
        Meaning::Http => {
            let request = http::read_sampler(properties, &mut judgement);
            Some(ElementKind::Sampler(Sampler::Http(Box::new(request))))
        }
        Meaning::FlowControl => {
            pause::read_flow_control(properties, &mut judgement).map(ElementKind::Sampler)
        }
        Meaning::ResultAction => pause::read_result_action(properties, &mut judgement),
        Meaning::ConfigTestElement => config::read_defaults(properties, &mut judgement),
        Meaning::Headers => Some(config::read_headers(properties, &mut judgement)),
        Meaning::Csv => Some(config::read_csv(properties, &mut judgement)),
        Meaning::Counter => variable_source::read_counter(properties, &mut judgement),
        Meaning::RandomVariable => variable_source::read_random(properties, &mut judgement),
        Meaning::UserParameters => Some(variable_source::read_user_parameters(
            properties,
            &mut judgement,
        )),
        Meaning::Cookies => Some(config::read_cookies(properties, &mut judgement)),
        Meaning::Simple
        | Meaning::Fragment
        | Meaning::Loop
        | Meaning::OnceOnly
        | Meaning::Transaction
        | Meaning::If
        | Meaning::While
        | Meaning::ForEach
        | Meaning::Switch
        | Meaning::Interleave
        | Meaning::Random
        | Meaning::RandomOrder
        | Meaning::Throughput
        | Meaning::Runtime
        | Meaning::Parallel
        | Meaning::CriticalSection => Some(ElementKind::Controller(controller::read(
            row.meaning,
            properties,
            &mut judgement,
        ))),
        Meaning::ConstantTimer
        | Meaning::UniformTimer
        | Meaning::GaussianTimer
        | Meaning::PoissonTimer => Some(ElementKind::Timer(pause::read_timer(
            row.meaning,
            properties,
        ))),
        Meaning::ThroughputTimer => {
            pause::read_throughput_timer(properties, &mut judgement).map(ElementKind::Timer)
        }
        Meaning::PreciseTimer => Some(ElementKind::Timer(pause::read_precise_timer(properties))),
        Meaning::ShapingTimer => {
            pause::read_shaping_timer(properties, &mut judgement).map(ElementKind::Timer)
        }
        Meaning::Dummy => Some(ElementKind::Sampler(made_up::read_dummy(
            properties,
            &mut judgement,
        ))),
        Meaning::SetVariables => Some(ElementKind::Sampler(Sampler::SetVariables(
            made_up::read_variables(properties, "SetVariablesAction"),
        ))),
        Meaning::Parameterized => {
            let variables = made_up::read_variables(properties, "ParameterizedController");
            Some(ElementKind::Controller(Controller::Parameterized {
                variables,
            }))
        }
        Meaning::Weighted => Some(ElementKind::Controller(controller::read_weighted(
            properties,
        ))),
        Meaning::RandomCsv => Some(config::read_random_csv(properties, &mut judgement)),
        Meaning::SyncTimer => Some(ElementKind::Timer(pause::read_sync_timer(properties))),
        Meaning::Debug => Some(ElementKind::Sampler(Sampler::Debug(debug_sampler::read(
            properties,
            &mut judgement,
        )))),
        Meaning::DebugList => Some(ElementKind::PostProcessor(PostProcessor::Debug(
            debug_sampler::read_processor(properties, &mut judgement),
        ))),
        Meaning::Regex => processor::read_regex(properties, &mut judgement),
        Meaning::Json => Some(processor::read_json(properties, &mut judgement)),
        Meaning::Boundary => extractor::read_boundary(properties, &mut judgement),
        Meaning::Html => extractor::read_html(properties, &mut judgement),
        Meaning::XPath => extractor::read_xpath(properties, &mut judgement),
        Meaning::XPath2 => extractor::read_xpath2(properties, &mut judgement),
        Meaning::JmesPath => Some(extractor::read_jmes_path(properties, &mut judgement)),
        Meaning::PluginJson => extractor::read_plugin_json(properties, &mut judgement),
        Meaning::PluginJsonAssertion => assertion::read_plugin_json(properties, &mut judgement),
        Meaning::XPathAssertion => assertion::read_xpath(properties, &mut judgement),
        Meaning::ResponseAssertion => {
            processor::read_response_assertion(properties, &mut judgement)
        }
        Meaning::DurationAssertion
        | Meaning::SizeAssertion
        | Meaning::JsonAssertion
        | Meaning::JmesPathAssertion
        | Meaning::XPath2Assertion
        | Meaning::XmlAssertion
        | Meaning::CompareAssertion
        | Meaning::Md5Assertion => Some(ElementKind::Assertion(assertion::read(
            row.meaning,
            properties,
            &mut judgement,
        ))),
        Meaning::Authorization => http_manager::read_authorizations(properties, &mut judgement),
        Meaning::DnsCache => http_manager::read_dns(properties, &mut judgement),
        Meaning::UrlRewriting => Some(modifier::read_url_rewriting(properties, &mut judgement)),
        Meaning::LinkParser => Some(ElementKind::PreProcessor(PreProcessor::LinkParser)),
        Meaning::RegexUserParameters => Some(modifier::read_regex_user_parameters(properties)),
        Meaning::SampleTimeout => Some(modifier::read_sample_timeout(properties)),
        Meaning::FifoPop => Some(modifier::read_fifo_pop(properties)),
        Meaning::FifoPut => Some(processor::read_fifo_put(properties)),
        Meaning::Cache => Some(http_manager::read_cache(properties, &mut judgement)),
        Meaning::Keystore => Some(http_manager::read_keystore(properties, &mut judgement)),
        Meaning::ResultCollector => return listener::read(class, properties),
        Meaning::AutoStop => Some(listener::read_auto_stop(properties)),
        Meaning::Refused => return refuse(row),
        Meaning::Ignored
        | Meaning::TestPlan
        | Meaning::WorkBench
        | Meaning::Variables
        | Meaning::Module
        | Meaning::Include
        | Meaning::Script
        | Meaning::Threads(_)
        | Meaning::Stepping
        | Meaning::Ultimate
        | Meaning::Concurrency
        | Meaning::OpenModel
        | Meaning::Arrivals
        | Meaning::FreeFormArrivals => return (None, Judgement::ignored(row.note)),
    };
    (kind, judgement)
}

/// A class that is not run. Of a controller the children stay.
fn refuse(row: &ElementSupport) -> (Option<ElementKind>, Judgement) {
    if row.role == Role::Controller {
        let simple = ElementKind::Controller(Controller::Simple);
        return (Some(simple), Judgement::refused(row.note, CHILDREN_ONLY));
    }
    (None, Judgement::refused(row.note, LEFT_OUT))
}
