//! The log of a run's scripts: what they log and print, in JMeter's lines, in the run folder.
//!
//! Not here: `jmeter.log` of the command `jmeter`, which gets the same lines from the live figures.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use loadline_events::ScriptLine;

use crate::java_date;

/// Name of the log in the run folder; there is none for a run whose scripts say nothing.
pub const SCRIPT_LOG: &str = "scripts.log";

/// Largest log, in bytes. Lines beyond it are counted.
const LARGEST: u64 = 256 << 20;

/// The log of a run's scripts.
#[derive(Debug)]
pub(crate) struct ScriptLog {
    path: PathBuf,
    /// The wall clock at run time 0, in milliseconds since 1970.
    wall_start_ms: i64,
    file: Option<BufWriter<File>>,
    written: u64,
    left_out: u64,
    /// Why it is incomplete.
    failure: Option<String>,
}

impl ScriptLog {
    /// The log of the run in `folder`; the file is made with the first line.
    pub(crate) fn new(folder: &Path, wall_start_ms: i64) -> Self {
        Self {
            path: folder.join(SCRIPT_LOG),
            wall_start_ms,
            file: None,
            written: 0,
            left_out: 0,
            failure: None,
        }
    }

    /// Takes `lines`. What cannot be written is lost: the run matters more.
    pub(crate) fn write(&mut self, lines: &[ScriptLine]) {
        for line in lines {
            let text = script_log_line(line, self.wall_start_ms);
            if self.failure.is_some() || self.written + text.len() as u64 > LARGEST {
                self.left_out += 1;
            } else if let Err(error) = self.append(&text) {
                self.failure = Some(format!("cannot write {}: {error}", self.path.display()));
                self.left_out += 1;
            } else {
                self.written += text.len() as u64;
            }
        }
    }

    fn append(&mut self, text: &str) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => (self.file).insert(BufWriter::new(File::create(&self.path)?)),
        };
        file.write_all(text.as_bytes())
    }

    /// Brings the lines to the disk.
    pub(crate) fn flush(&mut self) {
        if let Some(file) = &mut self.file
            && let Err(error) = file.flush()
        {
            self.failure = Some(format!("cannot write {}: {error}", self.path.display()));
        }
    }

    /// What is wrong with the log at the end of the run.
    pub(crate) fn problem(&self) -> Option<String> {
        match (&self.failure, self.left_out) {
            (None, 0) => None,
            (Some(failure), 0) => Some(failure.clone()),
            (Some(failure), lost) => Some(format!("{failure}; {lost} lines of scripts are lost")),
            (None, lost) => Some(format!(
                "{} is full; {lost} lines of scripts are lost",
                self.path.display()
            )),
        }
    }
}

/// `line` as JMeter's log has it, with its line end; the user's name stands before the text. A run
/// whose clock was 0 at `wall_start_ms`, in milliseconds since 1970, said it.
#[must_use]
pub fn script_log_line(line: &ScriptLine, wall_start_ms: i64) -> String {
    let at = i64::try_from(line.at.as_micros() / 1000).unwrap_or(i64::MAX);
    let time = java_date("yyyy-MM-dd HH:mm:ss,SSS", wall_start_ms.saturating_add(at));
    let time = time.unwrap_or_default();
    let (word, text) = (line.level.word(), line.text.trim_end_matches('\n'));
    match (line.logger.as_str(), line.thread.as_str()) {
        ("", "") => format!("{time} {word}: {text}\n"),
        ("", thread) => format!("{time} {word} [{thread}]: {text}\n"),
        (logger, "") => format!("{time} {word} {logger}: {text}\n"),
        (logger, thread) => format!("{time} {word} {logger}: [{thread}] {text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use loadline_events::ScriptLevel;
    use loadline_units::RunTime;

    use super::*;

    fn line(level: ScriptLevel, logger: &str, text: &str) -> ScriptLine {
        ScriptLine {
            at: RunTime::from_micros(1_500_000),
            level,
            thread: "Visitors 1-7".to_owned(),
            logger: logger.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn lines_are_jmeters() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = ScriptLog::new(folder.path(), 1_000);
        log.write(&[
            line(ScriptLevel::Info, "o.a.j.m.J.my script", "x is 1"),
            line(ScriptLevel::Output, "", "printed\n"),
        ]);
        log.flush();
        assert_eq!(log.problem(), None);
        let text = std::fs::read_to_string(folder.path().join(SCRIPT_LOG)).unwrap();
        let told: Vec<_> = text.lines().map(|line| &line[23..]).collect();
        assert_eq!(
            told,
            [
                " INFO o.a.j.m.J.my script: [Visitors 1-7] x is 1",
                " OUT [Visitors 1-7]: printed"
            ]
        );
    }

    #[test]
    fn a_log_that_cannot_be_written_says_so_once() {
        let mut log = ScriptLog::new(Path::new("/nowhere/at/all"), 0);
        let one = line(ScriptLevel::Info, "x", "y");
        log.write(&[one.clone(), one]);
        let problem = log.problem().unwrap();
        assert!(problem.contains("/nowhere/at/all/scripts.log"), "{problem}");
        assert!(
            problem.ends_with("2 lines of scripts are lost"),
            "{problem}"
        );
    }
}
