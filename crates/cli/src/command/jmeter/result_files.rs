//! The result files of a run, as the properties want them: that of `-l`, and what those of the plan's
//! listeners hold where these do not say it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use loadline_conductor::{ResultFile, ResultRequest, WantedResults, java_date};
use loadline_jtl::{ResultFormat, SaveConfig};
use loadline_monitor::machine_facts;

use super::options::Options;
use super::properties::Properties;

/// The result files of a run. One of before is deleted if `-f` says so.
///
/// # Errors
///
/// Properties that JMeter does not take either, and a file that cannot be deleted.
pub(super) fn of_run(options: &Options, properties: &Properties) -> anyhow::Result<ResultRequest> {
    let save = SaveConfig::from_properties(&properties.values, &printer)?;
    let names = properties.get("sample_variables", "").split(',');
    let variables: Vec<String> = names
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let format = ResultFormat::new(save, variables, machine_facts().host);
    let mut request = ResultRequest {
        listeners: Some(format.clone()),
        anew: options.force,
        keep_sub_labels: properties.is_on("subresults.disable_renaming", false),
        ..ResultRequest::default()
    };
    if let Some(results) = &options.results {
        let path = PathBuf::from(results);
        if options.force && path.exists() {
            std::fs::remove_file(&path)
                .with_context(|| format!("Could not delete results file {}", path.display()))?;
        }
        request.files.push(ResultFile {
            path,
            format,
            wanted: WantedResults::All,
        });
    }
    Ok(request)
}

/// Makes what prints times by a pattern of Java's.
fn printer(pattern: &str) -> Result<Arc<dyn Fn(i64) -> String + Send + Sync>, String> {
    java_date(pattern, 0)?;
    let pattern = pattern.to_owned();
    Ok(Arc::new(move |ms| {
        java_date(&pattern, ms).unwrap_or_default()
    }))
}
