//! Variants of a plan: one load held for a trial, and single requests for a probe.

use std::time::Duration;

use loadline_plan::{
    Element, ElementKind, Load, LoadUnit, NativeLoad, Plan, Sampler, Stage, ThreadGroup,
};
use loadline_units::Rate;

/// The thread group whose load is searched, and how its arrivals or users behave.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchedLoad {
    /// Name of the group.
    pub group: String,
    /// Whether its load is users or arrivals.
    pub unit: LoadUnit,
    /// Names of other main groups, which do not run in the search.
    pub left_out: Vec<String>,
    pacing: Option<Duration>,
    poisson: bool,
    max_users: u32,
}

/// Why no thread group can be searched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariantError {
    /// There is no such group.
    #[error("the plan has no thread group `{name}`; it has {known}")]
    NoGroup {
        /// The name asked for.
        name: String,
        /// The groups there are.
        known: String,
    },
    /// There are several.
    #[error(
        "the plan has {count} thread groups, so --group must say whose load is searched: {known}"
    )]
    Several {
        /// How many.
        count: usize,
        /// Their names.
        known: String,
    },
}

/// Users that may serve arrivals where the plan does not say: the flag's default.
const MAX_USERS: u32 = 10_000;

/// The load of `plan` that a search varies: that of the main group called `name`, or of the only one.
///
/// # Errors
///
/// When it is not clear which group is meant.
pub fn searched_load(plan: &Plan, name: Option<&str>) -> Result<SearchedLoad, VariantError> {
    let groups: Vec<&ThreadGroup> = plan
        .groups
        .iter()
        .filter(|group| group.stage == Stage::Main)
        .collect();
    let known = || {
        let names: Vec<String> = groups
            .iter()
            .map(|group| format!("`{}`", group.name))
            .collect();
        names.join(", ")
    };
    let group = match name {
        Some(name) => groups
            .iter()
            .find(|group| group.name == name)
            .ok_or_else(|| VariantError::NoGroup {
                name: name.to_owned(),
                known: known(),
            })?,
        None if groups.len() == 1 => &groups[0],
        None => {
            return Err(VariantError::Several {
                count: groups.len(),
                known: known(),
            });
        }
    };
    let (unit, pacing, poisson, max_users) = match &group.load {
        Load::Native(native) => match native.max_users() {
            Some(max_users) => (LoadUnit::Rate, None, native.is_poisson(), max_users),
            None => (LoadUnit::Users, native.pacing(), false, MAX_USERS),
        },
        Load::Arrivals { .. } | Load::FreeFormArrivals { .. } => {
            (LoadUnit::Rate, None, false, MAX_USERS)
        }
        _ => (LoadUnit::Users, None, false, MAX_USERS),
    };
    Ok(SearchedLoad {
        group: group.name.clone(),
        unit,
        left_out: groups
            .iter()
            .filter(|other| other.name != group.name)
            .map(|other| other.name.clone())
            .collect(),
        pacing,
        poisson,
        max_users,
    })
}

/// The load of one trial.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeldLoad {
    pub(super) load: f64,
    pub(super) ramp: Duration,
    pub(super) hold: Duration,
}

/// `plan` with the searched group alone, under `held`.
pub(super) fn trial_plan(plan: &Plan, searched: &SearchedLoad, held: HeldLoad) -> Plan {
    let load = match searched.unit {
        LoadUnit::Users => Load::Native(NativeLoad::UserSteps {
            levels: vec![held.load.round() as u32],
            ramp: held.ramp,
            hold: held.hold,
            start: Duration::ZERO,
            pacing: searched.pacing,
        }),
        LoadUnit::Rate => Load::Native(NativeLoad::RateSteps {
            levels: vec![Rate::per_second(held.load).unwrap_or_default()],
            ramp: held.ramp,
            hold: held.hold,
            poisson: searched.poisson,
            max_users: searched.max_users,
            start: Duration::ZERO,
        }),
    };
    let mut plan = with_load(plan, searched, load);
    plan.groups
        .iter_mut()
        .for_each(|group| strip(&mut group.children, is_output));
    strip(&mut plan.children, is_output);
    plan
}

/// Time between two iterations of the user that probes.
pub(super) const PROBE_PACE: Duration = Duration::from_millis(50);

/// `plan` with one user that goes through the searched group without thinking.
pub(super) fn probe_plan(plan: &Plan, searched: &SearchedLoad, longest: Duration) -> Plan {
    let load = Load::Native(NativeLoad::UserSteps {
        levels: vec![1],
        ramp: Duration::ZERO,
        hold: longest,
        start: Duration::ZERO,
        pacing: Some(PROBE_PACE),
    });
    let mut plan = with_load(plan, searched, load);
    let waits = |kind: &ElementKind| {
        is_output(kind)
            || matches!(
                kind,
                ElementKind::Timer(_) | ElementKind::Sampler(Sampler::Pause(_))
            )
    };
    strip(&mut plan.children, waits);
    plan.groups
        .iter_mut()
        .for_each(|group| strip(&mut group.children, waits));
    plan.limits.clear();
    plan.servers.clear();
    plan
}

fn with_load(plan: &Plan, searched: &SearchedLoad, load: Load) -> Plan {
    let mut plan = plan.clone();
    plan.groups
        .retain(|group| group.stage != Stage::Main || group.name == searched.group);
    for group in plan
        .groups
        .iter_mut()
        .filter(|group| group.stage == Stage::Main)
    {
        group.load = load.clone();
        group.after = None;
    }
    plan
}

/// Result files of the plan's own would be written anew by every trial.
const fn is_output(kind: &ElementKind) -> bool {
    matches!(kind, ElementKind::Output(_))
}

fn strip(elements: &mut Vec<Element>, unwanted: impl Fn(&ElementKind) -> bool + Copy) {
    elements.retain(|element| !unwanted(&element.kind));
    for element in elements {
        strip(&mut element.children, unwanted);
    }
}
