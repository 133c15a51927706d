//! Reads listeners that show results and may write them to a file, and the AutoStop.
//!
//! Source: JMeter 5.6.3, `ResultCollector` and `SampleSaveConfigurationConverter`.

use std::collections::BTreeMap;

use loadline_plan::{AutoStop, ElementKind, OutputFile};

use crate::judgement::Judgement;
use crate::properties::Properties;

/// Reads a listener of the class `class`. It takes no part in load or samples; its file, if it has
/// one, is kept in the plan for who writes it.
pub(crate) fn read(
    class: &str,
    properties: Properties<'_, '_>,
) -> (Option<ElementKind>, Judgement) {
    let file = properties.text("filename").unwrap_or_default();
    if file.is_empty() {
        let reason = "shows results only; reports are made at the end of the run";
        return (None, Judgement::ignored(reason));
    }
    // Listeners of plugins choose among results in ways of their own.
    if class != "ResultCollector" {
        return (None, in_run_folder("its result file is not written"));
    }
    let is_on = |name| properties.text(name).is_some_and(|text| is_true(&text));
    let output = OutputFile {
        file: file.into(),
        errors_only: is_on("ResultCollector.error_logging"),
        successes_only: is_on("ResultCollector.success_only_logging"),
        settings: settings(properties),
    };
    let judgement = in_run_folder("its result file is written by `loadline jmeter` only");
    (Some(ElementKind::Output(output)), judgement)
}

/// Reads an AutoStop.
pub(crate) fn read_auto_stop(properties: Properties<'_, '_>) -> ElementKind {
    let text = |name| properties.text_or(name, "");
    ElementKind::AutoStop(AutoStop {
        response_time_ms: text("avg_response_time"),
        response_time_s: text("avg_response_time_length"),
        latency_ms: text("avg_response_latency"),
        latency_s: text("avg_response_latency_length"),
        error_percent: text("error_rate"),
        error_s: text("error_rate_length"),
    })
}

fn in_run_folder(reason: &str) -> Judgement {
    Judgement::ignored(reason).with_help("every sample is kept in the run folder")
}

fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true")
}

/// What is saved of a result; `None` when the file does not say it.
fn settings(properties: Properties<'_, '_>) -> Option<BTreeMap<String, String>> {
    let property = properties.find("saveConfig")?;
    let value = property
        .children()
        .find(|child| child.has_tag_name("value"))?;
    let settings = value.children().filter(|child| child.is_element());
    let settings = settings.map(|setting| {
        let text = setting.text().unwrap_or_default().trim();
        (setting.tag_name().name().to_owned(), text.to_owned())
    });
    Some(settings.collect())
}
