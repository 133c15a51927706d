//! Controllers that choose among their children, or repeat them for other reasons than a count.

use crate::program::{ForEachProgram, NodeKind, ShareProgram, SharedCountId};
use crate::{Controller, Element, ElementKind, IfCondition, Text, ThroughputLimit};

use super::Compiler;

impl Compiler {
    /// Compiles one of these controllers; `element` is its own. Others become simple ones.
    pub(super) fn choice(&mut self, controller: &Controller, element: &Element) -> NodeKind {
        let location = &element.location;
        match controller {
            Controller::While { condition } => {
                self.names.define("JMeterThread.last_sample_ok");
                let condition = IfCondition::Expression(condition.clone());
                NodeKind::While(self.condition(&condition, location))
            }
            Controller::ForEach(for_each) => {
                let separator = if for_each.separator { "_" } else { "" };
                let prefix = Text(format!("{}{separator}", for_each.prefix.as_str()));
                let variable = self.template(&for_each.variable, location);
                match variable.as_literal() {
                    Some(name) => {
                        self.names.define(name);
                    }
                    None => self.names.define_unknown(),
                }
                NodeKind::ForEach(Box::new(ForEachProgram {
                    prefix: self.template(&prefix, location),
                    variable,
                    start: self.template(&for_each.start, location),
                    end: (for_each.end.as_ref()).map(|end| self.template(end, location)),
                }))
            }
            Controller::Switch { selection } => NodeKind::Switch {
                selection: self.template(selection, location),
                names: (element.children.iter())
                    .filter(|child| {
                        matches!(
                            child.kind,
                            ElementKind::Controller(_) | ElementKind::Sampler(_)
                        )
                    })
                    .map(|child| self.template(&child.name, &child.location))
                    .collect(),
            },
            Controller::Interleave(interleave) => NodeKind::Interleave(*interleave),
            Controller::RandomOrder => NodeKind::RandomOrder,
            Controller::Throughput { limit, per_user } => NodeKind::Throughput {
                limit: match limit {
                    ThroughputLimit::Total(most) => {
                        ShareProgram::Total(self.template(most, location))
                    }
                    ThroughputLimit::Percent(share) => {
                        ShareProgram::Percent(self.template(share, location))
                    }
                },
                shared: (!per_user).then(|| {
                    self.shared_count += 1;
                    SharedCountId(self.shared_count - 1)
                }),
            },
            Controller::Weighted { weights } => NodeKind::Weighted(
                (weights.iter())
                    .map(|weight| self.template(weight, location))
                    .collect(),
            ),
            Controller::Runtime { seconds } => NodeKind::Runtime(self.template(seconds, location)),
            Controller::CriticalSection { lock } => {
                NodeKind::CriticalSection(self.template(lock, location))
            }
            Controller::Simple
            | Controller::Parameterized { .. }
            | Controller::Parallel { .. }
            | Controller::Loop { .. }
            | Controller::OnceOnly
            | Controller::Transaction { .. }
            | Controller::If { .. } => NodeKind::Simple,
        }
    }
}
