//! The report folder of `-e` and `-g`: `statistics.json` with JMeter's figures, and the page.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use loadline_analysis::analyse;
use loadline_jtl::{Percentiles, Statistics, read_results};

use loadline_report::{RunPaths, html};

use super::properties::Properties;
use crate::result_run::run_of;

/// The folder of the report.
pub(super) fn folder(asked: Option<&Path>, properties: &Properties) -> PathBuf {
    let default = properties.get("jmeter.reportgenerator.outputdir", "report-output");
    asked.map_or_else(|| PathBuf::from(default), Path::to_owned)
}

/// Makes sure that `folder` can be filled: absent or empty, or a report of before that `force` allows
/// to delete. Nothing is changed yet; see [`make`].
///
/// # Errors
///
/// When it is a file, or holds something.
pub(super) fn check(folder: &Path, force: bool) -> anyhow::Result<()> {
    let shown = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let shown = shown.display();
    if !folder.exists() {
        return Ok(());
    }
    anyhow::ensure!(
        folder.is_dir(),
        "Cannot write to '{shown}' as it is an existing file"
    );
    let is_empty = fs::read_dir(folder)
        .with_context(|| format!("read the folder {shown}"))?
        .next()
        .is_none();
    anyhow::ensure!(
        is_empty || force,
        "Cannot write to '{shown}' as folder is not empty"
    );
    anyhow::ensure!(
        is_empty || is_report(folder),
        "'{shown}' holds no report of before, so nothing in it is deleted; name another folder with -o"
    );
    Ok(())
}

/// Makes `folder`, or empties it.
///
/// # Errors
///
/// Those of [`check`], and when it cannot be emptied or made.
pub(super) fn make(folder: &Path, force: bool) -> anyhow::Result<()> {
    check(folder, force)?;
    let shown = folder.display();
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("empty the folder {shown}"))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("make the folder {shown}"))
}

/// Whether a folder is a report, ours or JMeter's: `-f` with a wrong name must not cost anything else.
fn is_report(folder: &Path) -> bool {
    folder.join(STATISTICS).is_file() || folder.join("index.html").is_file()
}

const STATISTICS: &str = "statistics.json";

/// The figures of the result file `results`.
///
/// # Errors
///
/// When the file cannot be read, and for properties that cannot be followed.
pub(super) fn statistics(results: &Path, properties: &Properties) -> anyhow::Result<Statistics> {
    let shown = results.display();
    let file = File::open(results).with_context(|| format!("read the result file {shown}"))?;
    let mut statistics = Statistics::new(percentiles(properties)?);
    let is_start = properties.is_on("sampleresult.timestamp.start", true);
    read_results(&mut BufReader::new(file), is_start, &mut |result| {
        statistics.add(result);
    })
    .with_context(|| format!("read the result file {shown}"))?;
    Ok(statistics)
}

/// Loadline's page about the result file `results`.
///
/// # Errors
///
/// When the file cannot be read, or is not of one run.
pub(super) fn page(results: &Path, properties: &Properties) -> anyhow::Result<String> {
    let is_start = properties.is_on("sampleresult.timestamp.start", true);
    let analysis = analyse(&run_of(results, is_start)?, &[]);
    Ok(html(&analysis, &RunPaths::default()))
}

/// Writes `statistics.json` into `folder`.
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn write_statistics(statistics: &Statistics, folder: &Path) -> anyhow::Result<()> {
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
        check(&folder, false).unwrap();
        assert!(!folder.exists());
        make(&folder, false).unwrap();
        make(&folder, false).unwrap();
        fs::write(folder.join("index.html"), "x").unwrap();
        let error = make(&folder, false).unwrap_err().to_string();
        assert!(error.contains("folder is not empty"), "{error}");
        check(&folder, true).unwrap();
        assert!(folder.join("index.html").exists());
        make(&folder, true).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::write(folder.join("thesis.txt"), "x").unwrap();
        assert!(make(&folder, true).is_err());
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
