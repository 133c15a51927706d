//! The small plans of `oracle/plans`, written out as files that can be run.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::jmx;
use crate::plan_text::{self, SmallPlan};
use crate::trial::Trial;

/// No small plan takes longer by itself.
const LIMIT: Duration = Duration::from_secs(20);

/// All small plans below `folder`, in the order of files and lines.
///
/// # Errors
///
/// A file cannot be read, is not of the notation, or a name is given twice.
pub fn read(folder: &Path) -> Result<Vec<SmallPlan>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "plans")
    });
    files.sort();
    let mut plans: Vec<SmallPlan> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let own = plan_text::read(&text).with_context(|| format!("read {}", file.display()))?;
        for plan in own {
            ensure!(
                plans.iter().all(|other| other.name != plan.name),
                "two plans are named {}",
                plan.name
            );
            plans.push(plan);
        }
    }
    Ok(plans)
}

/// Writes a plan and its files into a folder of its own below `folder`.
///
/// # Errors
///
/// A word of the plan is not known, or a file cannot be written.
pub fn lay_out(plan: &SmallPlan, folder: &Path) -> Result<Trial> {
    let own = folder.join(&plan.name);
    std::fs::create_dir_all(&own)?;
    let files = jmx::files(plan).with_context(|| format!("plan {}", plan.name))?;
    for (name, content) in files.iter().chain(&plan.files) {
        std::fs::write(own.join(name), content)?;
    }
    Ok(Trial {
        name: plan.name.clone(),
        plan: own.join("plan.jmx"),
        properties: plan.properties.clone(),
        options: plan.options.clone(),
        unordered: plan.is_unordered(),
        limit: LIMIT,
    })
}
