//! The report folder of `-e` and `-g`: `statistics.json` with JMeter's figures, and the page.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use loadline_jtl::{Percentiles, Statistics, read_results};

use super::properties::Properties;

/// The folder of the report.
pub(super) fn folder(asked: Option<&Path>, properties: &Properties) -> PathBuf {
    let default = properties.get("jmeter.reportgenerator.outputdir", "report-output");
    asked.map_or_else(|| PathBuf::from(default), Path::to_owned)
}

/// Makes sure that `folder` can be filled: absent or empty, or emptied first if `force` says so.
///
/// # Errors
///
/// When it is a file, holds something, or cannot be made.
pub(super) fn claim(folder: &Path, force: bool) -> anyhow::Result<()> {
    let shown = folder.display();
    if folder.exists() {
        anyhow::ensure!(
            folder.is_dir(),
            "Cannot write to '{shown}' as it is an existing file"
        );
        let is_empty = fs::read_dir(folder)
            .with_context(|| format!("read the folder {shown}"))?
            .next()
            .is_none();
        if !is_empty {
            anyhow::ensure!(
                force,
                "Cannot write to '{shown}' as folder is not empty; -f deletes what is in it"
            );
            anyhow::ensure!(
                is_report(folder),
                "'{shown}' holds no report of before, so nothing in it is deleted; name another folder \
                 with -o"
            );
            fs::remove_dir_all(folder).with_context(|| format!("empty the folder {shown}"))?;
        }
    }
    fs::create_dir_all(folder).with_context(|| format!("make the folder {shown}"))
}

/// Whether a folder is a report, ours or JMeter's: `-f` with a wrong name must not cost anything else.
fn is_report(folder: &Path) -> bool {
    folder.join(STATISTICS).is_file() || folder.join("index.html").is_file()
}

const STATISTICS: &str = "statistics.json";

/// Writes `statistics.json` of the result file `results` into `folder`.
///
/// # Errors
///
/// When the file cannot be read or the folder cannot be written.
pub(super) fn write_statistics(
    results: &Path,
    folder: &Path,
    properties: &Properties,
) -> anyhow::Result<()> {
    let shown = results.display();
    let file = File::open(results).with_context(|| format!("read the result file {shown}"))?;
    let mut statistics = Statistics::new(percentiles(properties)?);
    let is_start = properties.is_on("sampleresult.timestamp.start", true);
    read_results(&mut BufReader::new(file), is_start, &mut |result| {
        statistics.add(&result);
    })
    .with_context(|| format!("read the result file {shown}"))?;
    let path = folder.join(STATISTICS);
    fs::write(&path, statistics.to_json()).with_context(|| format!("write {}", path.display()))
}

fn percentiles(properties: &Properties) -> anyhow::Result<Percentiles> {
    let mut percentiles = Percentiles::default();
    for (index, percent) in percentiles.percent.iter_mut().enumerate() {
        let name = format!("aggregate_rpt_pct{}", index + 1);
        if let Some(text) = properties.values.get(&name) {
            let number = text.trim().parse::<f64>().ok();
            let number = number.filter(|number| *number > 0.0 && *number <= 100.0);
            *percent = number.with_context(|| {
                format!("property {name}: `{text}` is no percentage above 0 and up to 100")
            })?;
        }
    }
    let window = "jmeter.reportgenerator.statistic_window";
    if let Some(text) = properties.values.get(window) {
        let number = text.trim().parse::<usize>().ok();
        let number = number.filter(|number| *number > 0);
        percentiles.window =
            number.with_context(|| format!("property {window}: `{text}` is no number above 0"))?;
    }
    Ok(percentiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_folder_or_a_report_of_before_is_taken() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("report");
        claim(&folder, false).unwrap();
        claim(&folder, false).unwrap();
        fs::write(folder.join("index.html"), "x").unwrap();
        let error = claim(&folder, false).unwrap_err().to_string();
        assert!(error.contains("folder is not empty"), "{error}");
        claim(&folder, true).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::write(folder.join("thesis.txt"), "x").unwrap();
        assert!(claim(&folder, true).is_err());
        assert!(folder.join("thesis.txt").exists());
    }

    #[test]
    fn percentiles_are_those_of_the_properties() {
        let mut properties = Properties::default();
        let mut set = |name: &str, value: &str| {
            properties.values.insert(name.to_owned(), value.to_owned());
            percentiles(&properties)
        };
        assert_eq!(set("aggregate_rpt_pct1", "75").unwrap().percent[0], 75.0);
        assert!(set("aggregate_rpt_pct2", "150").is_err());
    }
}
