//! A record of a CSV result file as a result: which field is which, and what it says.
//!
//! Not here: where records begin and end; see [`crate::csv_chunks`].

use std::borrow::Cow;

use loadline_events::{AssertionResult, SampleResult};
use memchr::memchr;

use crate::SaveConfig;
use crate::read::{number, set_times, small};

/// Where the fields of a CSV file are; `None` for those that it does not have.
#[derive(Debug)]
pub(crate) struct Columns {
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

/// The fields of a record; kept from one to the next, so that none needs memory of its own.
pub(crate) type Fields<'t> = Vec<Cow<'t, str>>;

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

    /// Those of a file without a line of names.
    pub(crate) fn standard() -> Self {
        let mut header = String::new();
        crate::csv::header(&SaveConfig::standard(), &[], &mut header);
        let names: Vec<Cow<'_, str>> = header.trim_end().split(',').map(Cow::Borrowed).collect();
        Self::of_names(&names, ',')
    }

    /// `None` when `record` is no list of names.
    pub(crate) fn of_header(record: &str) -> Option<Self> {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let delimiter = record.chars().find(|letter| !is_word(*letter))?;
        let mut names = Fields::new();
        split(record, delimiter, &mut names).ok()?;
        let has = |name: &str| names.iter().any(|found| found == name);
        (has("elapsed") || has("label")).then(|| Self::of_names(&names, delimiter))
    }

    /// Writes the result of `record` over `result`, whose room for texts is used again, as is that
    /// of `fields`.
    pub(crate) fn read<'t>(
        &self,
        record: &'t str,
        timestamp_is_start: bool,
        fields: &mut Fields<'t>,
        result: &mut SampleResult,
    ) -> Result<(), String> {
        split(record, self.delimiter, fields)?;
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

/// Puts the fields of `record` into `fields`, in the place of what they hold.
pub(crate) fn split<'t>(
    record: &'t str,
    delimiter: char,
    fields: &mut Fields<'t>,
) -> Result<(), String> {
    fields.clear();
    // Nearly all records: one pass that finds all ends, where the walk below begins anew for each.
    if delimiter.is_ascii() && memchr(b'"', record.as_bytes()).is_none() {
        let mut begins = 0;
        each_place(record.as_bytes(), delimiter as u8, |end| {
            fields.push(Cow::Borrowed(&record[begins..end]));
            begins = end + 1;
        });
        fields.push(Cow::Borrowed(&record[begins..]));
        return Ok(());
    }
    let mut rest = record;
    loop {
        let after = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (field, after) = unquoted(quoted)?;
                fields.push(Cow::Owned(field));
                after
            }
            None => {
                let (field, after) = rest.split_at(rest.find(delimiter).unwrap_or(rest.len()));
                fields.push(Cow::Borrowed(field));
                after
            }
        };
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(()),
            None => return Err("text behind the end of a quoted field".to_owned()),
        }
    }
}

/// Hands each place of `byte` in `text` to `found`, in order.
///
/// Fields are of a few bytes. A search made for long texts would begin anew for each of them; this looks at
/// eight bytes at a time and finds all that are in them.
pub(crate) fn each_place(text: &[u8], byte: u8, mut found: impl FnMut(usize)) {
    const LOW_BITS: u64 = u64::from_le_bytes([0x7f; 8]);
    let wanted = u64::from_le_bytes([byte; 8]);
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // Zero where the byte is the one.
        let other = u64::from_le_bytes(*word) ^ wanted;
        // The high bit of each byte: set where any of its bits is. No sum carries into the next byte.
        let differs = ((other & LOW_BITS) + LOW_BITS) | other;
        let mut same = !(differs | LOW_BITS);
        while same != 0 {
            found(index * 8 + same.trailing_zeros() as usize / 8);
            same &= same - 1;
        }
    }
    let at = text.len() - rest.len();
    for (index, _) in rest.iter().enumerate().filter(|(_, own)| **own == byte) {
        found(at + index);
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
