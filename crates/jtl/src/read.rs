//! Result files taken apart: CSV with JMeter's fields, or its XML.
//!
//! Source: JMeter 5.6.3, `CSVSaveService`. Not here: times by a pattern, files that CSV without a
//! line of names was written to with other than the default fields.

use std::borrow::Cow;
use std::io::{self, BufRead};

use loadline_events::{AssertionResult, SampleResult};

use crate::SaveConfig;
use crate::xml_pieces::XmlPieces;

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

/// Longest record of CSV, in bytes: a quotation mark that is never closed must not take the memory.
const LONGEST_RECORD: u64 = 16 << 20;

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
    file: &mut dyn BufRead,
    timestamp_is_start: bool,
    each: &mut dyn FnMut(&SampleResult),
) -> Result<(), ReadError> {
    let begins = file.fill_buf()?;
    if begins.starts_with(b"<") || begins.starts_with(b"\xef\xbb\xbf<") {
        return read_xml(file, timestamp_is_start, each);
    }
    read_csv(file, timestamp_is_start, each)
}

fn read_csv(
    file: &mut dyn BufRead,
    timestamp_is_start: bool,
    each: &mut dyn FnMut(&SampleResult),
) -> Result<(), ReadError> {
    let mut line = 0;
    let mut columns: Option<Columns> = None;
    let mut record = String::new();
    let mut result = SampleResult::default();
    loop {
        record.clear();
        let begins = line + 1;
        // A quoted field may hold line ends.
        let mut quotes = 0;
        loop {
            let read = record.len();
            let room = (LONGEST_RECORD + 1).saturating_sub(read as u64);
            let length = io::Read::take(&mut *file, room).read_line(&mut record);
            let length = length.map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => ReadError::Line {
                    line: line + 1,
                    problem: "it is not UTF-8".to_owned(),
                },
                _ => error.into(),
            })?;
            if record.len() as u64 > LONGEST_RECORD {
                return Err(ReadError::Line {
                    line: begins,
                    problem: "a result of more than 16 MiB is not read; is a quotation mark not \
                              closed?"
                        .to_owned(),
                });
            }
            line += u64::from(length > 0);
            let is_quote = |byte: &&u8| **byte == b'"';
            quotes += record.as_bytes()[read..].iter().filter(is_quote).count();
            if length == 0 || quotes.is_multiple_of(2) {
                break;
            }
        }
        let text = record.trim_start_matches('\u{feff}');
        let text = text.trim_end_matches(['\n', '\r']);
        if record.is_empty() {
            return Ok(());
        }
        if text.is_empty() {
            continue;
        }
        let wrong = |problem| ReadError::Line {
            line: begins,
            problem,
        };
        if columns.is_none() {
            columns = Columns::of_header(text);
            if columns.is_some() {
                continue;
            }
        }
        let columns = columns.get_or_insert_with(Columns::standard);
        let read = columns.read(text, timestamp_is_start, &mut result);
        read.map_err(wrong)?;
        each(&result);
    }
}

/// Where the fields of a CSV file are; `None` for those that it does not have.
struct Columns {
    delimiter: char,
    count: usize,
    stamp: Option<usize>,
    elapsed: Option<usize>,
    label: Option<usize>,
    code: Option<usize>,
    message: Option<usize>,
    thread_name: Option<usize>,
    data_type: Option<usize>,
    success: Option<usize>,
    failure: Option<usize>,
    received: Option<usize>,
    sent: Option<usize>,
    group_threads: Option<usize>,
    all_threads: Option<usize>,
    url: Option<usize>,
    latency: Option<usize>,
    idle: Option<usize>,
    connect: Option<usize>,
}

impl Columns {
    fn of_names(names: &[Cow<'_, str>], delimiter: char) -> Self {
        let at = |wanted: &str| names.iter().rposition(|name| name == wanted);
        Self {
            delimiter,
            count: names.len(),
            stamp: at("timeStamp"),
            elapsed: at("elapsed"),
            label: at("label"),
            code: at("responseCode"),
            message: at("responseMessage"),
            thread_name: at("threadName"),
            data_type: at("dataType"),
            success: at("success"),
            failure: at("failureMessage"),
            received: at("bytes"),
            sent: at("sentBytes"),
            group_threads: at("grpThreads"),
            all_threads: at("allThreads"),
            url: at("URL"),
            latency: at("Latency"),
            idle: at("IdleTime"),
            connect: at("Connect"),
        }
    }

    fn standard() -> Self {
        let mut header = String::new();
        crate::csv::header(&SaveConfig::standard(), &[], &mut header);
        let names: Vec<Cow<'_, str>> = header.trim_end().split(',').map(Cow::Borrowed).collect();
        Self::of_names(&names, ',')
    }

    /// `None` when `line` is no list of names.
    fn of_header(line: &str) -> Option<Self> {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let delimiter = line.chars().find(|letter| !is_word(*letter))?;
        let names = split(line, delimiter, 0).ok()?;
        let has = |name: &str| names.iter().any(|found| found == name);
        (has("elapsed") || has("label")).then(|| Self::of_names(&names, delimiter))
    }

    /// Writes the result of `line` over `result`, whose room for texts is used again.
    fn read(
        &self,
        line: &str,
        timestamp_is_start: bool,
        result: &mut SampleResult,
    ) -> Result<(), String> {
        let fields = split(line, self.delimiter, self.count)?;
        if fields.len() < self.count {
            let (found, wanted) = (fields.len(), self.count);
            return Err(format!("{found} fields where {wanted} are expected"));
        }
        let text = |at: Option<usize>| at.and_then(|at| fields.get(at)).map(|field| &**field);
        let set = |own: &mut String, at| {
            own.clear();
            own.push_str(text(at).unwrap_or_default());
        };
        set(&mut result.label, self.label);
        set(&mut result.code, self.code);
        set(&mut result.message, self.message);
        set(&mut result.thread_name, self.thread_name);
        set(&mut result.data_type, self.data_type);
        result.success = text(self.success).is_none_or(|text| text.eq_ignore_ascii_case("true"));
        result.received_bytes = number("bytes", text(self.received))?.unsigned_abs();
        result.sent_bytes = number("sentBytes", text(self.sent))?.unsigned_abs();
        result.latency_ms = number("Latency", text(self.latency))?;
        result.idle_ms = number("IdleTime", text(self.idle))?;
        result.connect_ms = number("Connect", text(self.connect))?;
        result.group_threads = small(number("grpThreads", text(self.group_threads))?);
        result.all_threads = small(number("allThreads", text(self.all_threads))?);
        match text(self.url).filter(|url| *url != "null") {
            Some(url) => {
                let own = result.url.get_or_insert_default();
                own.clear();
                own.push_str(url);
            }
            None => result.url = None,
        }
        result.assertions.clear();
        if let Some(message) = text(self.failure).filter(|message| !message.is_empty()) {
            result.assertions.push(AssertionResult {
                failure: !result.success,
                message: Some(message.to_owned()),
                ..AssertionResult::default()
            });
        }
        set_times(
            result,
            number("timeStamp", text(self.stamp))?,
            number("elapsed", text(self.elapsed))?,
            timestamp_is_start,
        );
        Ok(())
    }
}

fn number(name: &str, text: Option<&str>) -> Result<i64, String> {
    match text {
        None | Some("") => Ok(0),
        Some(text) => text
            .parse()
            .map_err(|_| format!("`{text}` is no whole number, as {name} must be")),
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn set_times(result: &mut SampleResult, stamp: i64, elapsed: i64, is_start: bool) {
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

/// The fields of a record of CSV, of which about `expected` are there.
fn split(line: &str, delimiter: char, expected: usize) -> Result<Vec<Cow<'_, str>>, String> {
    let mut fields = Vec::with_capacity(expected);
    let mut rest = line;
    loop {
        let after = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (field, after) = unquoted(quoted)?;
                fields.push(Cow::Owned(field));
                after
            }
            None => {
                let end = rest.find(delimiter).unwrap_or(rest.len());
                fields.push(Cow::Borrowed(&rest[..end]));
                &rest[end..]
            }
        };
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(fields),
            None => return Err("text behind the end of a quoted field".to_owned()),
        }
    }
}

/// The field whose opening quotation mark has been taken off, and what is behind it.
fn unquoted(text: &str) -> Result<(String, &str), String> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or("a quoted field without an end")?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok((field, rest)),
        }
    }
}

fn read_xml(
    file: &mut dyn BufRead,
    timestamp_is_start: bool,
    each: &mut dyn FnMut(&SampleResult),
) -> Result<(), ReadError> {
    let mut pieces = XmlPieces::of(file);
    while let Some(piece) = pieces.next()? {
        let document = roxmltree::Document::parse(&piece)
            .map_err(|error| pieces.wrong(&format!("the result that ends here: {error}")))?;
        let node = document.root_element();
        if is_sample(&node) {
            let result = xml_result(&node, timestamp_is_start);
            each(&result.map_err(|problem| pieces.wrong(&problem))?);
        }
    }
    Ok(())
}

fn is_sample(node: &roxmltree::Node<'_, '_>) -> bool {
    node.has_tag_name("httpSample") || node.has_tag_name("sample")
}

fn xml_result(node: &roxmltree::Node<'_, '_>, is_start: bool) -> Result<SampleResult, String> {
    let number = |name: &str| number(name, node.attribute(name));
    let owned = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
    let mut result = SampleResult {
        is_http: node.has_tag_name("httpSample"),
        label: owned("lb"),
        code: owned("rc"),
        message: owned("rm"),
        thread_name: owned("tn"),
        data_type: owned("dt"),
        success: node.attribute("s").is_none_or(|success| success == "true"),
        received_bytes: number("by")?.unsigned_abs(),
        sent_bytes: number("sby")?.unsigned_abs(),
        latency_ms: number("lt")?,
        idle_ms: number("it")?,
        connect_ms: number("ct")?,
        group_threads: small(number("ng")?),
        all_threads: small(number("na")?),
        ..SampleResult::default()
    };
    set_times(&mut result, number("ts")?, number("t")?, is_start);
    for child in node.children().filter(roxmltree::Node::is_element) {
        if is_sample(&child) {
            result.children.push(xml_result(&child, is_start)?);
        } else if child.has_tag_name("assertionResult") {
            let part = |name: &str| {
                let part = child.children().find(|part| part.has_tag_name(name))?;
                Some(part.text().unwrap_or_default().to_owned())
            };
            result.assertions.push(AssertionResult {
                name: part("name").unwrap_or_default(),
                failure: part("failure").is_some_and(|text| text == "true"),
                error: part("error").is_some_and(|text| text == "true"),
                message: part("failureMessage"),
            });
        } else if child.has_tag_name("java.net.URL") {
            result.url = child.text().map(str::to_owned);
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResultFormat;

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
