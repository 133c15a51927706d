//! Names of samplers that count: when they are evaluated.
//!
//! JMeter evaluates the name of an HTTP Request twice, both times behind its path, and the second
//! value is the label. That shows only where a function has an effect, such as `__counter`, so only
//! such names are evaluated like this.

use loadline_events::LabelId;
use loadline_plan::PlanSource;
use loadline_plan::program::{LabelProgram, Part, SamplerKind, SamplerProgram, Template};

use super::User;
use crate::Sampler;

/// The label of a request under way whose name is evaluated later.
pub(super) const UNNAMED: LabelId = LabelId(u16::MAX);

/// Functions of which each evaluation may differ from the one before, other than by chance or time.
const COUNTING: [&str; 12] = [
    "__BeanShell",
    "__CSVRead",
    "__StringFromFile",
    "__XPath",
    "__counter",
    "__eval",
    "__fifoPut",
    "__groovy",
    "__javaScript",
    "__jexl2",
    "__jexl3",
    "__setProperty",
];

/// The name of `program` of a plan from `source`, if it is evaluated behind the request.
pub(super) fn counting_name(program: &SamplerProgram, source: PlanSource) -> Option<&Template> {
    match (&program.label, &program.kind, source) {
        (LabelProgram::Dynamic(name), SamplerKind::Http(_), PlanSource::Jmx) if counts(name) => {
            Some(name)
        }
        _ => None,
    }
}

fn counts(text: &Template) -> bool {
    text.parts.iter().any(|part| match part {
        Part::Call(call) => COUNTING.contains(&call.function) || call.parameters.iter().any(counts),
        Part::Literal(_) | Part::Variable(_) | Part::Named(_) => false,
    })
}

impl<S: Sampler> User<S> {
    /// The label of the request that was sent.
    pub(super) fn late_label(&mut self, name: &Template) -> LabelId {
        for _ in 0..2 {
            self.own.render_label(&self.worker, name);
        }
        self.worker.labels.id(&self.own.label, false)
    }
}
