//! Pre-processors that change a request before it is sent.

use loadline_plan::{ElementKind, FifoPop, PreProcessor, RegexUserParameters, UrlRewriting};

use crate::judgement::Judgement;
use crate::properties::Properties;

/// Reads an HTTP URL Re-writing Modifier.
pub(crate) fn read_url_rewriting(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> ElementKind {
    let argument = properties.text_or("argument_name", "");
    let mut flag = |name, absent| properties.flag(name, judgement).unwrap_or(absent);
    ElementKind::PreProcessor(PreProcessor::UrlRewriting(UrlRewriting {
        argument,
        in_path: flag("path_extension", false),
        without_equals: flag("path_extension_no_equals", false),
        without_question_mark: flag("path_extension_no_questionmark", false),
        keeps_value: flag("cache_value", true),
        encode: flag("encode", false),
    }))
}

/// Reads RegEx User Parameters.
pub(crate) fn read_regex_user_parameters(properties: Properties<'_, '_>) -> ElementKind {
    let text = |name| properties.text_or(name, "");
    ElementKind::PreProcessor(PreProcessor::RegexUserParameters(RegexUserParameters {
        reference: text("RegExUserParameters.regex_ref_name"),
        names_group: text("RegExUserParameters.param_names_gr_nr"),
        values_group: text("RegExUserParameters.param_values_gr_nr"),
    }))
}

/// Reads a Sample Timeout.
pub(crate) fn read_sample_timeout(properties: Properties<'_, '_>) -> ElementKind {
    ElementKind::PreProcessor(PreProcessor::SampleTimeout {
        timeout_ms: properties.text_or("InterruptTimer.timeout", ""),
    })
}

/// Reads an Inter-Thread Communication PreProcessor.
pub(crate) fn read_fifo_pop(properties: Properties<'_, '_>) -> ElementKind {
    ElementKind::PreProcessor(PreProcessor::FifoPop(FifoPop {
        queue: properties.text_or("FifoName", ""),
        variable: properties.text_or("Variable", ""),
        // What the plugin gives an element that does not say it.
        timeout_s: properties.text_or("Timeout", "${__P(kg.apc.jmeter.functions.FifoTimeout,)}"),
    }))
}
