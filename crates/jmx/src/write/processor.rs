//! Pre-processors, scripts, and what failed samples do.

use loadline_plan::{
    Element, FlowAction, PreProcessor, ScriptElement, ScriptFamily, ScriptRole, Text,
};

use super::Writer;

const BEAN: &str = "TestBeanGUI";

impl Writer {
    pub(super) fn pre_processor(&mut self, element: &Element, processor: &PreProcessor) {
        match processor {
            PreProcessor::UserParameters(parameters) => {
                self.of(element, "UserParameters", "UserParametersGui", |writer| {
                    let names = parameters.names.iter().map(Text::as_str);
                    writer.xml.strings("UserParameters.names", names);
                    let list = "UserParameters.thread_values";
                    writer.xml.collection(list, |xml| {
                        for (index, column) in parameters.columns.iter().enumerate() {
                            let values = column.iter().map(Text::as_str);
                            xml.strings(&format!("user_{}", index + 1), values);
                        }
                    });
                    writer
                        .xml
                        .flag("UserParameters.per_iteration", parameters.per_iteration);
                });
            }
            PreProcessor::UrlRewriting(rewriting) => {
                let gui = "URLRewritingModifierGui";
                self.of(element, "URLRewritingModifier", gui, |writer| {
                    writer.texts(&[("argument_name", &rewriting.argument)]);
                    writer.flags(&[
                        ("path_extension", rewriting.in_path),
                        ("path_extension_no_equals", rewriting.without_equals),
                        (
                            "path_extension_no_questionmark",
                            rewriting.without_question_mark,
                        ),
                        ("cache_value", rewriting.keeps_value),
                        ("encode", rewriting.encode),
                    ]);
                });
            }
            PreProcessor::RegexUserParameters(parameters) => {
                let gui = "RegExUserParametersGui";
                self.of(element, "RegExUserParameters", gui, |writer| {
                    writer.texts(&[
                        ("RegExUserParameters.regex_ref_name", &parameters.reference),
                        (
                            "RegExUserParameters.param_names_gr_nr",
                            &parameters.names_group,
                        ),
                        (
                            "RegExUserParameters.param_values_gr_nr",
                            &parameters.values_group,
                        ),
                    ]);
                });
            }
            PreProcessor::LinkParser => {
                self.of(element, "AnchorModifier", "AnchorModifierGui", |_| {});
            }
            PreProcessor::FifoPop(pop) => {
                let class = "kg.apc.jmeter.modifiers.FifoPopPreProcessor";
                self.of(element, class, &format!("{class}Gui"), |writer| {
                    writer.texts(&[
                        ("FifoName", &pop.queue),
                        ("Variable", &pop.variable),
                        ("Timeout", &pop.timeout_s),
                    ]);
                });
            }
            PreProcessor::SampleTimeout { timeout_ms } => {
                self.of(element, "SampleTimeout", "SampleTimeoutGui", |writer| {
                    writer.texts(&[("InterruptTimer.timeout", timeout_ms)]);
                });
            }
        }
    }

    pub(super) fn on_failure(&mut self, element: &Element, action: FlowAction) {
        let number = match action {
            FlowAction::StopThread => 1,
            FlowAction::StopTest => 2,
            FlowAction::StopTestNow => 3,
            FlowAction::NextIteration => 4,
            FlowAction::NextPass => 5,
            FlowAction::BreakLoop => 6,
        };
        self.of(element, "ResultAction", "ResultActionGui", |writer| {
            writer.xml.number("OnError.action", number);
        });
    }

    pub(super) fn script(&mut self, element: &Element, script: &ScriptElement) {
        // JMeter has no element of its own for a script of an own plan; this one runs it.
        let family = match script.family {
            ScriptFamily::Own => ScriptFamily::Jsr223,
            family => family,
        };
        let is_in_plan = script.file.is_none();
        if script.family == ScriptFamily::Own && is_in_plan && script.text.as_str().contains("${") {
            let what = "a script with `${…}`: JMeter replaces it before the script is compiled, here it is the \
                        script's own; put the script into a file, which JMeter leaves as it is, or write \
                        `\" + x + \"`";
            self.refuse(&element.location, what);
        }
        let class = format!("{}{}", family.word(), script.role.word());
        let is_own_class = matches!(script.role, ScriptRole::Sampler | ScriptRole::Assertion);
        let (gui, prefix) = match family {
            ScriptFamily::BeanShell if is_own_class => (format!("{class}Gui"), format!("{class}.")),
            ScriptFamily::Bsf if script.role == ScriptRole::Sampler => {
                (format!("{class}Gui"), format!("{class}."))
            }
            _ => (BEAN.to_owned(), String::new()),
        };
        self.of(element, &class, &gui, |writer| {
            let mut text = |name: &str, value: &str| {
                writer.xml.string(&format!("{prefix}{name}"), value);
            };
            text("filename", script.file.as_deref().unwrap_or_default());
            text("parameters", script.parameters.as_str());
            match family {
                ScriptFamily::BeanShell => text("resetInterpreter", script.resets.as_str()),
                ScriptFamily::Bsf => {
                    let language = match script.language.as_str() {
                        "rhino" => "javascript",
                        language => language,
                    };
                    let name = match prefix.is_empty() {
                        true => "scriptLanguage",
                        false => "language",
                    };
                    text(name, language);
                }
                ScriptFamily::Jsr223 | ScriptFamily::Own => {
                    text("resetInterpreter", script.resets.as_str());
                    text("scriptLanguage", script.language.as_str());
                    let keeps = script.keeps_text || script.family == ScriptFamily::Own;
                    text("cacheKey", if keeps { "true" } else { "false" });
                }
            }
            let name = if prefix.is_empty() { "script" } else { "query" };
            let inline = match script.file {
                Some(_) => "",
                None => script.text.as_str(),
            };
            text(name, inline);
        });
    }
}
