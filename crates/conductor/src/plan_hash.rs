//! The hash by which runs of the same plan are recognised.

use loadline_plan::{
    Config, Element, ElementKind, HttpRequest, Location, Plan, Sampler, ThreadGroup,
};
use sha2::{Digest, Sha256};

/// SHA-256, in hex, of what the plan sends and when, with `load` (the evaluated steps) and the
/// content of its data files. Limits, servers, places in the file and the target's address do not
/// count: the same plan against another server, or judged otherwise, loads alike.
pub(crate) fn plan_hash(plan: &Plan, load: &str, data_files: &[Vec<u8>]) -> String {
    let mut plan = plan.clone();
    plan.limits.clear();
    plan.servers.clear();
    for variable in &mut plan.variables {
        variable.location = Location::default();
    }
    plan.children.retain(is_load);
    plan.children.iter_mut().for_each(strip_element);
    plan.groups.iter_mut().for_each(strip_group);
    let mut hasher = Sha256::new();
    hasher.update(format!("{:?}{:?}{load}", plan.children, plan.groups));
    for content in data_files {
        hasher.update(content.len().to_le_bytes());
        hasher.update(content);
    }
    hex(&hasher.finalize())
}

/// SHA-256 of `content`, in hex.
pub(crate) fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn strip_group(group: &mut ThreadGroup) {
    group.location = Location::default();
    group.children.retain(is_load);
    group.children.iter_mut().for_each(strip_element);
}

/// Whether an element has a part in the load; result files have none.
fn is_load(element: &Element) -> bool {
    !matches!(element.kind, ElementKind::Output(_))
}

fn strip_element(element: &mut Element) {
    element.location = Location::default();
    match &mut element.kind {
        ElementKind::Sampler(Sampler::Http(request))
        | ElementKind::Config(Config::HttpDefaults(request)) => strip_target(request),
        _ => {}
    }
    element.children.retain(is_load);
    element.children.iter_mut().for_each(strip_element);
}

fn strip_target(request: &mut HttpRequest) {
    request.protocol = None;
    request.domain = None;
    request.port = None;
}
