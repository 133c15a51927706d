//! The files that a plan names: data, uploads, scripts.

use std::collections::BTreeSet;

use crate::{Config, Element, ElementKind, Plan, Sampler};

/// The names of the files that elements of `plan` read, as the plan states them.
#[must_use]
pub fn named_files(plan: &Plan) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    collect(&plan.children, &mut files);
    for group in &plan.groups {
        collect(&group.children, &mut files);
    }
    files
}

fn collect(elements: &[Element], files: &mut BTreeSet<String>) {
    for element in elements {
        match &element.kind {
            ElementKind::Config(Config::Csv(csv)) => {
                files.insert(csv.file.0.clone());
            }
            ElementKind::Sampler(Sampler::Http(request))
            | ElementKind::Config(Config::HttpDefaults(request)) => {
                files.extend(request.files.iter().map(|file| file.path.0.clone()));
            }
            ElementKind::Script(script) | ElementKind::Sampler(Sampler::Script(script)) => {
                files.extend(script.file.clone());
            }
            _ => {}
        }
        collect(&element.children, files);
    }
}
