//! Conditions of If Controllers.

use crate::program::Condition;
use crate::{IfCondition, Location};

use super::Compiler;

impl Compiler {
    /// Compiles the condition of an If Controller.
    pub(super) fn condition(&mut self, condition: &IfCondition, location: &Location) -> Condition {
        match condition {
            IfCondition::Expression(text) => Condition::Expression(self.template(text, location)),
            IfCondition::JavaScript(text) if self.lenient => {
                Condition::JavaScript(self.template(text, location))
            }
            IfCondition::JavaScript(text) => Condition::Comparison(self.template(text, location)),
        }
    }
}
