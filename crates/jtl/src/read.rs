//! Result files taken apart: CSV with JMeter's fields, or its XML.
//!
//! Source: JMeter 5.6.3, `CSVSaveService`. Not here: times by a pattern, files that CSV without a
//! line of names was written to with other than the default fields.

use std::io::{self, Read};

use loadline_events::SampleResult;

use crate::ResultChunks;

/// Why a result file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file itself.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line.
    #[error("line {line}: {problem}")]
    Line {
        /// Counted from 1; of a result that stands in several, its first in CSV, its last in XML.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
}

/// How much of a file is read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Reads all results of `file`, CSV or XML by its first character; hands each to `each`, in order.
/// Memory does not grow with the file.
///
/// Fields that the file does not have keep their defaults. `timestamp_is_start` says what instant
/// the file's times are.
///
/// # Errors
///
/// [`ReadError`] at the first line that cannot be understood.
pub fn read_results(
    file: &mut dyn Read,
    timestamp_is_start: bool,
    each: &mut dyn FnMut(&SampleResult),
) -> Result<(), ReadError> {
    let mut chunks = ResultChunks::of(file, CHUNK_BYTES, timestamp_is_start)?;
    while let Some(chunk) = chunks.next_chunk()? {
        chunk.read(each)?;
    }
    Ok(())
}

/// The whole number in the field or attribute `name`; 0 without one.
pub(crate) fn number(name: &str, text: Option<&str>) -> Result<i64, String> {
    match text {
        None | Some("") => Ok(0),
        Some(text) => text
            .parse()
            .map_err(|_| format!("`{text}` is no whole number, as {name} must be")),
    }
}

/// A number of users; 0 for what is none.
pub(crate) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Sets start and end of `result` by its listed instant and elapsed time; its idle time is set.
pub(crate) fn set_times(result: &mut SampleResult, stamp: i64, elapsed: i64, is_start: bool) {
    let whole = elapsed.saturating_add(result.idle_ms);
    if is_start {
        result.started_ms = stamp;
        result.ended_ms = stamp.saturating_add(whole);
    } else {
        result.ended_ms = stamp;
        result.started_ms = stamp.saturating_sub(whole);
    }
    result.sample_count = 1;
    result.error_count = u32::from(!result.success);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResultFormat, SaveConfig};

    fn read(text: &str) -> Result<Vec<SampleResult>, ReadError> {
        let mut results = Vec::new();
        read_results(&mut text.as_bytes(), true, &mut |result| {
            results.push(result.clone());
        })?;
        Ok(results)
    }

    fn result() -> SampleResult {
        SampleResult {
            is_http: true,
            label: "a, \"b\"\nc".to_owned(),
            started_ms: 5,
            ended_ms: 25,
            idle_ms: 3,
            latency_ms: 7,
            connect_ms: 2,
            code: "200".to_owned(),
            success: true,
            received_bytes: 10,
            sent_bytes: 20,
            group_threads: 1,
            all_threads: 2,
            sample_count: 1,
            url: Some("http://h/".to_owned()),
            children: vec![SampleResult {
                label: "child".to_owned(),
                success: true,
                sample_count: 1,
                ..SampleResult::default()
            }],
            ..SampleResult::default()
        }
    }

    fn written(change: impl Fn(&mut SaveConfig)) -> String {
        let mut save = SaveConfig::standard();
        change(&mut save);
        let format = ResultFormat::new(save, Vec::new(), String::new());
        let mut text = format.beginning();
        format.result(&result(), &mut text);
        format.result(&result(), &mut text);
        text + format.end()
    }

    #[test]
    fn xml_reads_back_as_it_was_written() {
        let results = read(&written(|save| save.xml = true)).unwrap();
        assert_eq!(results, [result(), result()]);
    }

    #[test]
    fn csv_reads_back_line_by_line() {
        let [mut whole, mut child] = [result(), result().children.remove(0)];
        whole.children.clear();
        // CSV does not say which sampler it was.
        whole.is_http = false;
        child.is_http = false;
        let wanted = [whole.clone(), child.clone(), whole, child];
        assert_eq!(read(&written(|_| {})).unwrap(), wanted);
        assert_eq!(
            read(&written(|save| save.delimiter = '\t')).unwrap(),
            wanted
        );
        assert_eq!(
            read(&written(|save| save.field_names = false)).unwrap(),
            wanted
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let error = read("timeStamp,elapsed,label\n1,x,a\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: `x` is no whole number, as elapsed must be"
        );
        let error = read("timeStamp,elapsed,label\n1,2\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2: 2 fields where 3 are expected");
        assert!(read("<html/>").is_err());
        assert!(read("<testResults><sample t='1'").is_err());
        assert!(read("timeStamp,elapsed,label\n1,2,\"a\n").is_err());
        let endless = format!(
            "timeStamp,elapsed,label\n1,2,\"{}",
            "aaaaaaaaaaaaaaaa\n".repeat(1 << 20)
        );
        let error = read(&endless).unwrap_err().to_string();
        assert!(
            error.starts_with("line 2: a result of more than 16 MiB"),
            "{error}"
        );
        let error = read("<testResults>\n<sample t='x'/></testResults>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: `x` is no whole number, as t must be"
        );
        assert_eq!(read("").unwrap(), []);
    }
}
