//! `search.json`: a search for the greatest load, as far as it has come.
//!
//! It holds what was asked, in which order loads were tried and how the server came back after each;
//! what a trial measured is in that trial's run folder. So a search that was cut off goes on from
//! here. A reader of this version refuses other formats; unknown keys are ignored.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The file's name within the search's folder.
pub const SEARCH_FILE: &str = "search.json";

/// The format that is written and read.
const FORMAT: &str = "loadline-search/1";

/// A search as it is in its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchFile {
    format: String,
    /// Whether the search has come to its answer.
    pub finished: bool,
    /// The plan's name.
    pub plan_name: String,
    /// Hash of what the plan sends.
    pub plan_hash: String,
    /// The command line, without what looks secret.
    pub arguments: Vec<String>,
    /// Whether something was left out of the command line.
    pub arguments_hidden: bool,
    /// Limits as the plan and the command line state them.
    pub limits: Vec<String>,
    /// `users` or `rate`.
    pub unit: String,
    /// First load.
    pub from: f64,
    /// Greatest load.
    pub max: f64,
    /// Window of a trial in seconds.
    pub hold_s: u32,
    /// Half of the relative width aimed at.
    pub precision: f64,
    /// Most trials.
    pub max_trials: usize,
    /// Most seconds.
    pub budget_s: Option<f64>,
    /// The tightest bound on a response time, in seconds.
    pub time_bound_s: Option<f64>,
    /// Seed of all chance; each trial adds its number.
    pub seed: u64,
    /// The server without load, before the first trial.
    pub idle: Option<ProbesPart>,
    /// Trials in the order in which they were made.
    pub trials: Vec<TrialPart>,
}

/// A trial of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialPart {
    /// Its run folder, within the search's.
    pub folder: String,
    /// Users, or arrivals per second.
    pub load: f64,
    /// Length of the judged window in seconds, as asked.
    pub window_s: u32,
    /// Whether the load could go on for as long again.
    pub may_extend: bool,
    /// What it was for: `grow`, `locate`, `prove_carried`, `prove_broken` or `repeat`.
    pub role: String,
    /// Why this load.
    pub reason: String,
    /// Whether the load went on.
    pub extended: bool,
    /// When its load began, in seconds of the search.
    pub started_s: f64,
    /// When it was off again.
    pub ended_s: f64,
    /// How the server came back.
    pub recovery: Option<RecoveryPart>,
}

/// How the server came back after a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryPart {
    /// Whether it did.
    pub recovered: bool,
    /// Seconds until that was seen or given up.
    pub waited_s: f64,
    /// The probes that were looked at last.
    pub probes: ProbesPart,
    /// All probes, in pieces of equal length.
    pub course: Vec<ProbesPart>,
}

/// Single requests over some seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbesPart {
    /// How many.
    pub count: u64,
    /// How many failed.
    pub errors: u64,
    /// Median in microseconds.
    pub p50_us: f64,
    /// 95th percentile in microseconds.
    pub p95_us: f64,
    /// Mean in microseconds; 0 in files of earlier versions, which did not keep it.
    #[serde(default)]
    pub mean_us: f64,
    /// Standard deviation in microseconds, likewise.
    #[serde(default)]
    pub sd_us: f64,
}

impl SearchFile {
    /// The name of this format, for a new file.
    #[must_use]
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    /// A search that has not begun; everything else is to be filled in.
    #[must_use]
    pub fn new(plan_name: String, plan_hash: String, seed: u64) -> Self {
        SearchFile {
            format: Self::format(),
            finished: false,
            plan_name,
            plan_hash,
            arguments: Vec::new(),
            arguments_hidden: false,
            limits: Vec::new(),
            unit: String::new(),
            from: 0.0,
            max: 0.0,
            hold_s: 0,
            precision: 0.0,
            max_trials: 0,
            budget_s: None,
            time_bound_s: None,
            seed,
            idle: None,
            trials: Vec::new(),
        }
    }

    /// Writes the file into `folder`, whole or not at all.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let mut text =
            serde_json::to_string_pretty(self).expect("a search of strings and numbers is JSON");
        text.push('\n');
        let (path, fresh) = (folder.join(SEARCH_FILE), folder.join("search.json.new"));
        fs::write(&fresh, text).map_err(StoreError::io("write", &fresh))?;
        fs::rename(&fresh, &path).map_err(StoreError::io("write", path))
    }

    /// Reads the file in `folder`.
    ///
    /// # Errors
    ///
    /// When there is none, it is damaged, or its format is another.
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(SEARCH_FILE);
        let text = fs::read_to_string(&path).map_err(StoreError::io("read", &path))?;
        let damaged = |error: serde_json::Error| StoreError::damaged(&path, error.to_string());
        let value: serde_json::Value = serde_json::from_str(&text).map_err(damaged)?;
        let found = value["format"].as_str().unwrap_or("none");
        if found != FORMAT {
            return Err(StoreError::Version {
                folder: folder.to_owned(),
                found: found.to_owned(),
                expected: FORMAT,
            });
        }
        let file: SearchFile = serde_json::from_value(value).map_err(damaged)?;
        let is_number = |number: f64| number.is_finite() && number > 0.0;
        if !(is_number(file.from) && is_number(file.max) && file.hold_s > 0 && file.precision > 0.0)
        {
            return Err(StoreError::damaged(
                path,
                "loads and times must be greater than 0",
            ));
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> SearchFile {
        let probes = ProbesPart {
            count: 80,
            errors: 0,
            p50_us: 900.0,
            p95_us: 1_500.0,
            mean_us: 1_000.0,
            sd_us: 300.0,
        };
        SearchFile {
            from: 4.0,
            max: 1_000.0,
            hold_s: 30,
            precision: 0.04,
            unit: "users".to_owned(),
            idle: Some(probes),
            trials: vec![TrialPart {
                folder: "trials/01-4-users".to_owned(),
                load: 4.0,
                window_s: 15,
                may_extend: true,
                role: "grow".to_owned(),
                reason: "the first load".to_owned(),
                extended: false,
                started_s: 9.0,
                ended_s: 30.5,
                recovery: Some(RecoveryPart {
                    recovered: true,
                    waited_s: 8.0,
                    probes,
                    course: vec![probes],
                }),
            }],
            ..SearchFile::new("shop".to_owned(), "abc".to_owned(), 7)
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        file().write(folder.path()).unwrap();
        assert_eq!(SearchFile::read(folder.path()).unwrap(), file());
    }

    #[test]
    fn other_formats_and_damage_are_refused_and_new_keys_are_not() {
        let folder = tempfile::tempdir().unwrap();
        file().write(folder.path()).unwrap();
        let path = folder.path().join(SEARCH_FILE);
        let text = fs::read_to_string(&path).unwrap();
        let read = |text: String| {
            fs::write(&path, text).unwrap();
            SearchFile::read(folder.path())
        };
        let newer = text.replacen('{', "{\n  \"later\": 1,", 1);
        assert_eq!(read(newer).unwrap(), file());
        let other = text.replace("loadline-search/1", "loadline-search/2");
        assert!(matches!(read(other), Err(StoreError::Version { .. })));
        let cut = text[..text.len() / 2].to_owned();
        assert!(matches!(read(cut), Err(StoreError::Damaged { .. })));
        let zero = text.replace("\"from\": 4.0", "\"from\": 0.0");
        assert!(matches!(read(zero), Err(StoreError::Damaged { .. })));
    }
}
