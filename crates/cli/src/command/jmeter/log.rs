//! JMeter's log file: the main events of a run in its lines.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use loadline_conductor::java_date;

use crate::preparation::wall_now_ms;

/// The log of a run. A line that cannot be written is lost: the run matters more.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
}

impl Log {
    /// A new log in the file `path`; one of before is replaced, as by JMeter.
    ///
    /// # Errors
    ///
    /// When the file cannot be made.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path);
        let file = file.with_context(|| format!("write the log {}", path.display()))?;
        Ok(Self { file })
    }

    pub(super) fn info(&mut self, logger: &str, text: &str) {
        self.write("INFO", logger, text);
    }

    pub(super) fn warn(&mut self, logger: &str, text: &str) {
        self.write("WARN", logger, text);
    }

    pub(super) fn error(&mut self, logger: &str, text: &str) {
        self.write("ERROR", logger, text);
    }

    /// Writes a line that is complete, with its line end.
    pub(super) fn line(&mut self, line: &str) {
        let _ = self.file.write_all(line.as_bytes());
    }

    fn write(&mut self, level: &str, logger: &str, text: &str) {
        let time = java_date("yyyy-MM-dd HH:mm:ss,SSS", wall_now_ms()).unwrap_or_default();
        let _ = writeln!(self.file, "{time} {level} {logger}: {text}");
    }
}

/// Loggers, as JMeter shortens their names.
pub(super) const JMETER: &str = "o.a.j.JMeter";
pub(super) const ENGINE: &str = "o.a.j.e.StandardJMeterEngine";
pub(super) const SUMMARISER: &str = "o.a.j.r.Summariser";
pub(super) const COLLECTOR: &str = "o.a.j.r.ResultCollector";
