//! Plans without the places that they were read from, so that two of them can be compared.

use crate::{Element, ElementKind, Location, Plan, Sampler};

impl Plan {
    /// The same plan with all locations, and the lines of scripts, empty.
    #[must_use]
    pub fn without_places(&self) -> Plan {
        let mut plan = self.clone();
        for variable in &mut plan.variables {
            variable.location = Location::default();
        }
        for server in &mut plan.servers {
            server.location = Location::default();
        }
        for limit in &mut plan.limits {
            limit.location = Location::default();
        }
        plan.children.iter_mut().for_each(clear);
        for group in &mut plan.groups {
            group.location = Location::default();
            group.children.iter_mut().for_each(clear);
        }
        plan
    }
}

fn clear(element: &mut Element) {
    element.location = Location::default();
    if let ElementKind::Script(script) | ElementKind::Sampler(Sampler::Script(script)) =
        &mut element.kind
    {
        script.line = 0;
    }
    element.children.iter_mut().for_each(clear);
}
