//! Logic controllers.

use loadline_plan::{
    Controller, Element, ElementKind, ForEach, IfCondition, LoopCount, Text, ThroughputLimit,
};

use super::Writer;

impl Writer {
    pub(super) fn controller(&mut self, element: &Element, controller: &Controller) {
        match controller {
            Controller::Simple => {
                self.of(element, "GenericController", "LogicControllerGui", |_| {});
            }
            Controller::Loop { count, restarts } => {
                self.of(element, "LoopController", "LoopControlPanel", |writer| {
                    let loops = match count {
                        LoopCount::Forever => "-1",
                        LoopCount::Times(times) => times.as_str(),
                    };
                    writer
                        .xml
                        .flag("LoopController.continue_forever", *restarts);
                    writer.xml.string("LoopController.loops", loops);
                });
            }
            Controller::OnceOnly => {
                self.of(
                    element,
                    "OnceOnlyController",
                    "OnceOnlyControllerGui",
                    |_| {},
                );
            }
            Controller::Transaction {
                parent_sample,
                include_timers,
            } => {
                let gui = "TransactionControllerGui";
                self.of(element, "TransactionController", gui, |writer| {
                    writer.flags(&[
                        ("TransactionController.includeTimers", *include_timers),
                        ("TransactionController.parent", *parent_sample),
                    ]);
                });
            }
            Controller::If {
                condition,
                evaluate_all,
            } => {
                let (condition, is_expression) = match condition {
                    IfCondition::Expression(condition) => (condition, true),
                    IfCondition::JavaScript(condition) => (condition, false),
                };
                self.of(element, "IfController", "IfControllerPanel", |writer| {
                    writer
                        .xml
                        .string("IfController.condition", condition.as_str());
                    writer.flags(&[
                        ("IfController.evaluateAll", *evaluate_all),
                        ("IfController.useExpression", is_expression),
                    ]);
                });
            }
            Controller::While { condition } => {
                self.of(element, "WhileController", "WhileControllerGui", |writer| {
                    writer.texts(&[("WhileController.condition", condition)]);
                });
            }
            Controller::ForEach(for_each) => self.for_each(element, for_each),
            Controller::Switch { selection } => {
                let gui = "SwitchControllerGui";
                self.of(element, "SwitchController", gui, |writer| {
                    writer.texts(&[("SwitchController.value", selection)]);
                });
            }
            Controller::Interleave(interleave) => {
                let (class, gui) = if interleave.random {
                    ("RandomController", "RandomControlGui")
                } else {
                    ("InterleaveControl", "InterleaveControlGui")
                };
                self.of(element, class, gui, |writer| {
                    let style = u32::from(interleave.whole_controllers);
                    writer.xml.number("InterleaveControl.style", style);
                    if !interleave.random {
                        // The misspelling is JMeter's.
                        let across = interleave.across_users;
                        writer.xml.flag("InterleaveControl.accrossThreads", across);
                    }
                });
            }
            Controller::RandomOrder => {
                let gui = "RandomOrderControllerGui";
                self.of(element, "RandomOrderController", gui, |_| {});
            }
            Controller::Throughput { limit, per_user } => {
                let gui = "ThroughputControllerGui";
                self.of(element, "ThroughputController", gui, |writer| {
                    let (style, total, percent) = match limit {
                        ThroughputLimit::Total(total) => (0, total.as_str(), "100"),
                        ThroughputLimit::Percent(percent) => (1, "1", percent.as_str()),
                    };
                    writer.xml.number("ThroughputController.style", style);
                    writer.xml.flag("ThroughputController.perThread", *per_user);
                    writer
                        .xml
                        .string("ThroughputController.maxThroughput", total);
                    writer
                        .xml
                        .string("ThroughputController.percentThroughput", percent);
                });
            }
            Controller::Runtime { seconds } => {
                self.of(element, "RunTime", "RunTimeGui", |writer| {
                    writer.texts(&[("RunTime.seconds", seconds)]);
                });
            }
            Controller::Weighted { weights } => self.weighted(element, weights),
            Controller::Parameterized { variables } => {
                let class = "kg.apc.jmeter.control.ParameterizedController";
                let gui = "kg.apc.jmeter.control.ParameterizedControllerGui";
                self.of(element, class, gui, |writer| {
                    writer.named_values("ParameterizedController", variables);
                });
            }
            Controller::Parallel {
                parent_sample,
                most,
            } => {
                let class = "com.blazemeter.jmeter.controller.ParallelSampler";
                let gui = "com.blazemeter.jmeter.controller.ParallelControllerGui";
                self.of(element, class, gui, |writer| {
                    writer.flags(&[
                        ("PARENT_SAMPLE", *parent_sample),
                        ("LIMIT_MAX_THREAD_NUMBER", most.is_some()),
                    ]);
                    writer.xml.number("MAX_THREAD_NUMBER", most.unwrap_or(6));
                });
            }
            Controller::CriticalSection { lock } => {
                let gui = "CriticalSectionControllerGui";
                self.of(element, "CriticalSectionController", gui, |writer| {
                    writer.texts(&[("CriticalSectionController.lockName", lock)]);
                });
            }
        }
    }

    fn for_each(&mut self, element: &Element, for_each: &ForEach) {
        self.of(
            element,
            "ForeachController",
            "ForeachControlPanel",
            |writer| {
                writer.texts(&[
                    ("ForeachController.inputVal", &for_each.prefix),
                    ("ForeachController.returnVal", &for_each.variable),
                    ("ForeachController.startIndex", &for_each.start),
                ]);
                if let Some(end) = &for_each.end {
                    writer.texts(&[("ForeachController.endIndex", end)]);
                }
                let separator = for_each.separator;
                writer.xml.flag("ForeachController.useSeparator", separator);
            },
        );
    }

    /// The plugin finds a weight by the name of the child that it is for.
    fn weighted(&mut self, element: &Element, weights: &[Text]) {
        let mut names = element
            .children
            .iter()
            .filter(|child| {
                matches!(
                    child.kind,
                    ElementKind::Controller(_) | ElementKind::Sampler(_)
                )
            })
            .map(|child| child.name.as_str());
        let rows: Vec<[&str; 3]> = weights
            .iter()
            .map(|weight| [names.next().unwrap_or_default(), weight.as_str(), "true"])
            .collect();
        let class = "com.blazemeter.jmeter.control.WeightedSwitchController";
        let gui = "com.blazemeter.jmeter.control.WeightedSwitchControllerGui";
        self.of(element, class, gui, |writer| {
            writer.xml.rows("Weights", rows);
        });
    }

    /// Names and values in the nested element `name`.
    pub(super) fn named_values(&mut self, name: &str, values: &[(Text, Text)]) {
        self.xml.item(name, "Arguments", |xml| {
            xml.collection("Arguments.arguments", |xml| {
                for (name, value) in values {
                    xml.item(name.as_str(), "Argument", |xml| {
                        xml.string("Argument.name", name.as_str());
                        xml.string("Argument.value", value.as_str());
                        xml.string("Argument.metadata", "=");
                    });
                }
            });
        });
    }
}
