//! Debug Samplers and Debug PostProcessors.

use loadline_plan::DebugSampler;

use crate::judgement::Judgement;
use crate::properties::Properties;

/// Reads a Debug Sampler.
pub(crate) fn read(properties: Properties<'_, '_>, judgement: &mut Judgement) -> DebugSampler {
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
    lists
}

/// Reads a Debug PostProcessor.
pub(crate) fn read_processor(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> DebugSampler {
    let lists = read(properties, judgement);
    if properties.flag("displaySamplerProperties", judgement) == Some(true) {
        judgement.approximate("properties of the sampler are not listed in its body");
    }
    lists
}
