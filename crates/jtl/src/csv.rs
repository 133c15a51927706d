//! Results as CSV lines.

use std::fmt::Write as _;

use loadline_events::SampleResult;

use crate::{SaveConfig, Timestamp};

/// How deep sub-results of sub-results are written.
const MAX_DEPTH: u32 = 11;

/// Names of the fields, by the setting that switches them, in their order.
fn fields(save: &SaveConfig) -> [(bool, &'static [&'static str]); 20] {
    [
        (!matches!(save.timestamp, Timestamp::None), &["timeStamp"]),
        (save.time, &["elapsed"]),
        (save.label, &["label"]),
        (save.code, &["responseCode"]),
        (save.message, &["responseMessage"]),
        (save.thread_name, &["threadName"]),
        (save.data_type, &["dataType"]),
        (save.success, &["success"]),
        (save.failure_message, &["failureMessage"]),
        (save.bytes, &["bytes"]),
        (save.sent_bytes, &["sentBytes"]),
        (save.thread_counts, &["grpThreads", "allThreads"]),
        (save.url, &["URL"]),
        (save.file_name, &["Filename"]),
        (save.latency, &["Latency"]),
        (save.encoding, &["Encoding"]),
        (save.sample_count, &["SampleCount", "ErrorCount"]),
        (save.hostname, &["Hostname"]),
        (save.idle_time, &["IdleTime"]),
        (save.connect_time, &["Connect"]),
    ]
}

/// Appends the line with the names of the fields; those of variables are quoted.
pub(crate) fn header(save: &SaveConfig, variables: &[String], out: &mut String) {
    let fields = fields(save);
    let names = fields.iter().filter(|(on, _)| *on);
    let names = names.flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned()));
    let variables = variables.iter().map(|name| format!("\"{name}\""));
    for (index, name) in names.chain(variables).enumerate() {
        if index > 0 {
            out.push(save.delimiter);
        }
        out.push_str(&name);
    }
    out.push('\n');
}

/// Appends the line of `result` and, where they are saved, those of its sub-results.
pub(crate) fn lines(save: &SaveConfig, hostname: &str, result: &SampleResult, out: &mut String) {
    let variables = &result.variables;
    line(save, hostname, result, variables, out);
    if save.sub_results {
        sub_lines(save, hostname, result, variables, MAX_DEPTH, out);
    }
}

fn sub_lines(
    save: &SaveConfig,
    hostname: &str,
    result: &SampleResult,
    variables: &[Option<String>],
    depth: u32,
    out: &mut String,
) {
    if depth == 0 {
        return;
    }
    for child in &result.children {
        line(save, hostname, child, variables, out);
        sub_lines(save, hostname, child, variables, depth - 1, out);
    }
}

fn line(
    save: &SaveConfig,
    hostname: &str,
    result: &SampleResult,
    variables: &[Option<String>],
    out: &mut String,
) {
    let mut line = Line {
        delimiter: save.delimiter,
        is_first: true,
        out,
    };
    let stamp = result.timestamp_ms(save.timestamp_is_start);
    match &save.timestamp {
        Timestamp::Millis => line.number(stamp),
        Timestamp::None => {}
        Timestamp::Pattern(print) => line.text(&print(stamp)),
    }
    line.number_if(save.time, result.elapsed_ms());
    line.text_if(save.label, &result.label);
    line.text_if(save.code, &result.code);
    line.text_if(save.message, &result.message);
    line.text_if(save.thread_name, &result.thread_name);
    line.text_if(save.data_type, &result.data_type);
    line.text_if(save.success, truth(result.success));
    let why = result.failure_message().unwrap_or_default();
    line.text_if(save.failure_message, why);
    line.number_if(save.bytes, result.received_bytes);
    line.number_if(save.sent_bytes, result.sent_bytes);
    line.number_if(save.thread_counts, result.group_threads);
    line.number_if(save.thread_counts, result.all_threads);
    line.text_if(save.url, result.url.as_deref().unwrap_or(NULL));
    line.text_if(save.file_name, "");
    line.number_if(save.latency, result.latency_ms);
    let encoding = result.encoding.as_deref().unwrap_or(DEFAULT_ENCODING);
    line.text_if(save.encoding, encoding);
    line.number_if(save.sample_count, result.sample_count);
    line.number_if(save.sample_count, result.error_count);
    line.text_if(save.hostname, hostname);
    line.number_if(save.idle_time, result.idle_ms);
    line.number_if(save.connect_time, result.connect_ms);
    for value in variables {
        line.text(value.as_deref().unwrap_or(NULL));
    }
    out.push('\n');
}

/// How Java prints what is not there.
const NULL: &str = "null";
/// JMeter's `sampleresult.default.encoding`.
const DEFAULT_ENCODING: &str = "UTF-8";

pub(crate) const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A line that is being written.
struct Line<'o> {
    delimiter: char,
    is_first: bool,
    out: &'o mut String,
}

impl Line<'_> {
    fn separate(&mut self) {
        if !self.is_first {
            self.out.push(self.delimiter);
        }
        self.is_first = false;
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        self.separate();
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{number}");
    }

    fn number_if(&mut self, on: bool, number: impl std::fmt::Display) {
        if on {
            self.number(number);
        }
    }

    /// A field, quoted where it could be taken for more than one.
    fn text(&mut self, text: &str) {
        self.separate();
        if !text.contains([self.delimiter, '"', '\r', '\n']) {
            self.out.push_str(text);
            return;
        }
        self.out.push('"');
        for letter in text.chars() {
            if letter == '"' {
                self.out.push('"');
            }
            self.out.push(letter);
        }
        self.out.push('"');
    }

    fn text_if(&mut self, on: bool, text: &str) {
        if on {
            self.text(text);
        }
    }
}
