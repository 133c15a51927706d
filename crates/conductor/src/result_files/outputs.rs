//! The result files of a run: those that were asked for, and those of the plan's own listeners.

use std::path::{Component, Path, PathBuf};

use loadline_engine::{FileAccess, PreparedRun};
use loadline_plan::program::{OutputId, OutputProgram};

use super::{Output, ResultFile, ResultRequest, WantedResults};

/// What the name of a file begins with that is relative to the plan.
const PLAN_FOLDER: &str = "~/";

/// All outputs of a run; files that its plan may not write become warnings.
pub(crate) fn of_run(
    request: &ResultRequest,
    prepared: &PreparedRun,
    plan_folder: Option<&Path>,
    warnings: &mut Vec<String>,
) -> Vec<Output> {
    let asked = request.files.iter().map(|file| Output {
        file: file.clone(),
        listener: None,
        location: String::new(),
    });
    let mut outputs: Vec<Output> = asked.collect();
    let Some(format) = &request.listeners else {
        return outputs;
    };
    let listeners = prepared.program().outputs.iter();
    for ((listener, name), id) in listeners.zip(prepared.output_files()).zip(0..) {
        // JMeter opens no file without a name.
        if name.is_empty() {
            continue;
        }
        let path = match (name.strip_prefix(PLAN_FOLDER), plan_folder) {
            (Some(name), Some(folder)) => folder.join(name),
            _ => PathBuf::from(name),
        };
        let location = listener.location.to_string();
        if !may_make(&path, prepared.file_access()) {
            warnings.push(format!(
                "{location}: the listener's file `{name}` is outside of the plan's folder and the \
                 working directory and is not written; --allow-outside-files allows it"
            ));
            continue;
        }
        // JMeter deletes before names are evaluated.
        let is_written_out = listener.file.as_literal() == Some(&*path.to_string_lossy());
        if request.anew
            && is_written_out
            && path.is_file()
            && let Err(error) = std::fs::remove_file(&path)
        {
            let shown = path.display();
            warnings.push(format!(
                "{location}: could not delete the result file {shown}: {error}"
            ));
            continue;
        }
        let format = match &listener.settings {
            Some(settings) => format.with_save(format.save().of_listener(settings)),
            None => format.clone(),
        };
        outputs.push(Output {
            file: ResultFile {
                path,
                format,
                wanted: wanted(listener),
            },
            listener: Some(OutputId(id)),
            location,
        });
    }
    outputs
}

fn wanted(listener: &OutputProgram) -> WantedResults {
    match (listener.errors_only, listener.successes_only) {
        (true, false) => WantedResults::Failed,
        (false, true) => WantedResults::Good,
        _ => WantedResults::All,
    }
}

/// Whether the file at `path` may be made with the folders that are missing.
fn may_make(path: &Path, access: &FileAccess) -> bool {
    if path.symlink_metadata().is_ok() {
        return access.check_to_write(path).is_ok();
    }
    let mut folders = path.ancestors().skip(1);
    let nearest = folders.find(|folder| folder.as_os_str().is_empty() || folder.exists());
    let nearest = nearest.unwrap_or(Path::new(""));
    let rest = path.strip_prefix(nearest).unwrap_or(path);
    // Folders that are missing lead down only.
    let leads_down = rest
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let folder = if nearest.as_os_str().is_empty() {
        Path::new(".")
    } else {
        nearest
    };
    *access == FileAccess::anywhere() || leads_down && access.check(folder).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_listeners_stay_near_the_plan() {
        let place = tempfile::tempdir().unwrap();
        let plan = place.path().join("plan");
        std::fs::create_dir(&plan).unwrap();
        let access = FileAccess::of_plan(&plan);
        let may = |name: &str| may_make(&plan.join(name), &access);
        assert!(may("a.jtl") && may("new/folder/a.jtl"));
        assert!(!may("../a.jtl") && !may("new/../../a.jtl") && !may("../new/a.jtl"));
        assert!(may_make(Path::new("new/a.jtl"), &access));
        assert!(may_make(&plan.join("../a.jtl"), &FileAccess::anywhere()));
    }
}
