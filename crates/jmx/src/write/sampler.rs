//! Samplers.

use loadline_plan::{DebugSampler, DummySampler, Element, FlowAction, Sampler, Timer};

use super::Writer;

impl Writer {
    pub(super) fn sampler(&mut self, element: &Element, sampler: &Sampler) {
        match sampler {
            Sampler::Http(request) => {
                self.of(element, "HTTPSamplerProxy", "HttpTestSampleGui", |writer| {
                    writer.http(request);
                });
            }
            Sampler::Pause(Timer::Constant { delay_ms }) => {
                self.test_action(element, 1, 0, delay_ms.as_str());
            }
            Sampler::Pause(_) => {
                let what = format!("the pause `{}` is drawn", element.name.as_str());
                self.refuse(&element.location, what);
            }
            Sampler::Flow(action) => {
                let (action, target) = match action {
                    FlowAction::StopThread => (0, 0),
                    FlowAction::StopTest => (0, 2),
                    FlowAction::StopTestNow => (2, 2),
                    FlowAction::NextIteration => (3, 0),
                    FlowAction::NextPass => (4, 0),
                    FlowAction::BreakLoop => (5, 0),
                };
                self.test_action(element, action, target, "0");
            }
            Sampler::Dummy(dummy) => self.dummy(element, dummy),
            Sampler::SetVariables(variables) => {
                let class = "kg.apc.jmeter.control.sampler.SetVariablesAction";
                let gui = "kg.apc.jmeter.control.sampler.SetVariablesActionGui";
                self.of(element, class, gui, |writer| {
                    writer.named_values("SetVariablesAction", variables);
                });
            }
            Sampler::Debug(lists) => {
                self.of(element, "DebugSampler", "TestBeanGUI", |writer| {
                    writer.debug_lists(lists);
                });
            }
            Sampler::Script(script) => self.script(element, script),
        }
    }

    /// What a Debug Sampler or PostProcessor lists.
    pub(super) fn debug_lists(&mut self, lists: &DebugSampler) {
        self.flags(&[
            ("displayJMeterProperties", lists.properties),
            ("displayJMeterVariables", lists.variables),
            ("displaySystemProperties", false),
        ]);
    }

    /// A Flow Control Action.
    fn test_action(&mut self, element: &Element, action: u32, target: u32, duration_ms: &str) {
        self.of(element, "TestAction", "TestActionGui", |writer| {
            writer.xml.number("ActionProcessor.action", action);
            writer.xml.number("ActionProcessor.target", target);
            writer.xml.string("ActionProcessor.duration", duration_ms);
        });
    }

    fn dummy(&mut self, element: &Element, dummy: &DummySampler) {
        let class = "kg.apc.jmeter.samplers.DummySampler";
        let gui = "kg.apc.jmeter.samplers.DummySamplerGui";
        self.of(element, class, gui, |writer| {
            writer.xml.flag("WAITING", dummy.waits);
            writer.texts(&[
                // The plugin's own spelling.
                ("SUCCESFULL", &dummy.success),
                ("RESPONSE_CODE", &dummy.code),
                ("RESPONSE_MESSAGE", &dummy.message),
                ("REQUEST_DATA", &dummy.request),
                ("RESPONSE_DATA", &dummy.body),
                ("RESPONSE_TIME", &dummy.response_time_ms),
                ("LATENCY", &dummy.latency_ms),
                ("CONNECT", &dummy.connect_ms),
                ("URL", &dummy.url),
            ]);
        });
    }
}
