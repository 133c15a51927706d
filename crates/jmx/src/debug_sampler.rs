//! Debug Samplers.

use loadline_plan::{DebugSampler, Sampler};

use crate::judgement::Judgement;
use crate::properties::Properties;

/// Reads a Debug Sampler.
pub(crate) fn read(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Sampler {
    let mut flag = |name| properties.flag(name, judgement).unwrap_or(false);
    let lists = DebugSampler {
        variables: flag("displayJMeterVariables"),
        properties: flag("displayJMeterProperties"),
    };
    if flag("displaySystemProperties") {
        judgement.approximate("system properties are not listed in its body");
    }
    if lists.properties {
        judgement.approximate("its body lists only properties that the run was given");
    }
    Sampler::Debug(lists)
}
