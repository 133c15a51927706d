//! What pre-processors that change requests become in the plan.

use loadline_plan::{
    ElementKind, FifoPop, PreProcessor, RegexUserParameters, Standing, UrlRewriting,
};

use crate::plans::{element, flags, read_one, strings};

#[track_caller]
fn check(class: &str, properties: &str, expected: PreProcessor) {
    let (kind, row) = read_one(&element(class, "Element", properties, ""));
    assert_eq!(kind, Some(ElementKind::PreProcessor(expected)));
    assert_eq!(row.standing, Standing::Supported, "{row:?}");
}

#[test]
fn a_link_parser_has_no_settings() {
    check("AnchorModifier", "", PreProcessor::LinkParser);
}

#[test]
fn url_rewriting_keeps_its_value_unless_it_says_otherwise() {
    let bare = UrlRewriting {
        argument: "".into(),
        in_path: false,
        without_equals: false,
        without_question_mark: false,
        keeps_value: true,
        encode: false,
    };
    check("URLRewritingModifier", "", PreProcessor::UrlRewriting(bare));
    let properties = strings(&[("argument_name", "sid")])
        + &flags(&[
            ("path_extension", true),
            ("path_extension_no_equals", true),
            ("path_extension_no_questionmark", true),
            ("cache_value", false),
            ("encode", true),
        ]);
    let full = UrlRewriting {
        argument: "sid".into(),
        in_path: true,
        without_equals: true,
        without_question_mark: true,
        keeps_value: false,
        encode: true,
    };
    check(
        "URLRewritingModifier",
        &properties,
        PreProcessor::UrlRewriting(full),
    );
}

#[test]
fn regex_user_parameters_keep_their_texts() {
    let properties = strings(&[
        ("RegExUserParameters.regex_ref_name", "form"),
        ("RegExUserParameters.param_names_gr_nr", "1"),
        ("RegExUserParameters.param_values_gr_nr", "${values}"),
    ]);
    let parameters = RegexUserParameters {
        reference: "form".into(),
        names_group: "1".into(),
        values_group: "${values}".into(),
    };
    check(
        "RegExUserParameters",
        &properties,
        PreProcessor::RegexUserParameters(parameters),
    );
}

#[test]
fn a_sample_timeout_keeps_its_text() {
    let timeout = |text: &str| PreProcessor::SampleTimeout {
        timeout_ms: text.into(),
    };
    let properties = strings(&[("InterruptTimer.timeout", "${most}")]);
    check("SampleTimeout", &properties, timeout("${most}"));
    check("SampleTimeout", "", timeout(""));
}

#[test]
fn queues_keep_their_texts_and_the_plugins_time_out() {
    let class = "kg.apc.jmeter.modifiers.FifoPopPreProcessor";
    let pop = |timeout: &str| {
        PreProcessor::FifoPop(FifoPop {
            queue: "URLS".into(),
            variable: "url".into(),
            timeout_s: timeout.into(),
        })
    };
    let properties = strings(&[("FifoName", "URLS"), ("Variable", "url")]);
    let default = "${__P(kg.apc.jmeter.functions.FifoTimeout,)}";
    check(class, &properties, pop(default));
    let properties = properties + &strings(&[("Timeout", "30")]);
    check(class, &properties, pop("30"));
}
