//! What a result file holds: JMeter's `jmeter.save.saveservice.*` properties, or the settings of a
//! plan's listener.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What of each result is saved, and how.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each of JMeter's settings"
)]
pub struct SaveConfig {
    /// XML instead of CSV.
    pub xml: bool,
    /// How times are printed in CSV.
    pub timestamp: Timestamp,
    /// Separates the fields of CSV.
    pub delimiter: char,
    /// Whether a CSV file begins with the names of its fields.
    pub field_names: bool,
    /// Elapsed time.
    pub time: bool,
    /// Name.
    pub label: bool,
    /// Response code.
    pub code: bool,
    /// Response message.
    pub message: bool,
    /// Thread.
    pub thread_name: bool,
    /// Kind of data.
    pub data_type: bool,
    /// Success.
    pub success: bool,
    /// The first message of the assertions, in CSV.
    pub failure_message: bool,
    /// Bytes received.
    pub bytes: bool,
    /// Bytes sent.
    pub sent_bytes: bool,
    /// Active threads of the group and of all.
    pub thread_counts: bool,
    /// URL.
    pub url: bool,
    /// Name of the file that holds the response; always empty.
    pub file_name: bool,
    /// Latency.
    pub latency: bool,
    /// Charset.
    pub encoding: bool,
    /// Numbers of samples and errors that a result stands for.
    pub sample_count: bool,
    /// Name of the machine that made the load.
    pub hostname: bool,
    /// Idle time.
    pub idle_time: bool,
    /// Connect time.
    pub connect_time: bool,
    /// Sub-results, behind their result in CSV and within it in XML.
    pub sub_results: bool,
    /// Results of assertions, in XML.
    pub assertions: bool,
    /// Response body, in XML.
    pub response_data: bool,
    /// Response body and request of failed samples, in XML.
    pub response_data_on_error: bool,
    /// The request, in XML.
    pub sampler_data: bool,
    /// Response headers, in XML.
    pub response_headers: bool,
    /// Request headers, in XML.
    pub request_headers: bool,
    /// Processing instruction behind the first line of XML; empty for none.
    pub xml_pi: String,
    /// Whether the time of a result is that of its start; of its end otherwise.
    pub timestamp_is_start: bool,
    /// Whether each result goes to the file at once.
    pub autoflush: bool,
}

/// How the time of a result is printed.
#[derive(Clone)]
pub enum Timestamp {
    /// Milliseconds since the Unix epoch.
    Millis,
    /// Not at all.
    None,
    /// By a pattern: turns milliseconds since the Unix epoch into text.
    Pattern(Arc<dyn Fn(i64) -> String + Send + Sync>),
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Timestamp::Millis => "Millis",
            Timestamp::None => "None",
            Timestamp::Pattern(_) => "Pattern",
        })
    }
}

/// A setting that JMeter does not take either.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The delimiter cannot be told from data.
    #[error(
        "property jmeter.save.saveservice.default_delimiter: `{0}` cannot separate fields; take a \
         printable character that is no letter, digit or quotation mark, or \\t"
    )]
    Delimiter(String),
    /// The pattern of times.
    #[error("property jmeter.save.saveservice.timestamp_format: {0}")]
    Timestamp(String),
}

/// Makes what prints times by a pattern of Java's `SimpleDateFormat`.
pub type MakePattern<'a> =
    &'a dyn Fn(&str) -> Result<Arc<dyn Fn(i64) -> String + Send + Sync>, String>;

/// What the names of all settings begin with.
const PREFIX: &str = "jmeter.save.saveservice.";

impl SaveConfig {
    /// JMeter's defaults.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            xml: false,
            timestamp: Timestamp::Millis,
            delimiter: ',',
            field_names: true,
            time: true,
            label: true,
            code: true,
            message: true,
            thread_name: true,
            data_type: true,
            success: true,
            failure_message: true,
            bytes: true,
            sent_bytes: true,
            thread_counts: true,
            url: true,
            file_name: false,
            latency: true,
            encoding: false,
            sample_count: false,
            hostname: false,
            idle_time: true,
            connect_time: true,
            sub_results: true,
            assertions: true,
            response_data: false,
            response_data_on_error: false,
            sampler_data: false,
            response_headers: false,
            request_headers: false,
            xml_pi: String::new(),
            timestamp_is_start: true,
            autoflush: false,
        }
    }

    /// What JMeter's `properties` say, the defaults where they say nothing. `make_pattern` prints
    /// times where they ask for more than milliseconds.
    ///
    /// # Errors
    ///
    /// [`SaveError`] for a delimiter or a pattern that cannot be used.
    pub fn from_properties(
        properties: &BTreeMap<String, String>,
        make_pattern: MakePattern<'_>,
    ) -> Result<Self, SaveError> {
        let mut save = Self::standard();
        let text = |name: &str| properties.get(&format!("{PREFIX}{name}"));
        // Like JMeter, anything but `true` is false.
        for (name, flag) in save.flags() {
            if let Some(value) = text(name) {
                *flag = value.eq_ignore_ascii_case("true");
            }
        }
        if let Some(format) = text("output_format") {
            save.xml = format == "xml";
        }
        if let Some(delimiter) = text("default_delimiter") {
            save.delimiter = delimiter_of(delimiter)?;
        }
        if let Some(format) = text("timestamp_format") {
            save.timestamp = match format.to_ascii_lowercase().as_str() {
                "ms" => Timestamp::Millis,
                "none" => Timestamp::None,
                _ => Timestamp::Pattern(make_pattern(format).map_err(SaveError::Timestamp)?),
            };
        }
        if let Some(instruction) = text("xml_pi") {
            save.xml_pi.clone_from(instruction);
        }
        if let Some(start) = properties.get("sampleresult.timestamp.start") {
            save.timestamp_is_start = start.eq_ignore_ascii_case("true");
        }
        Ok(save)
    }

    /// What the settings of a plan's listener say: those that are missing are off. The rest is as in
    /// `self`, which comes from the properties.
    #[must_use]
    pub fn of_listener(&self, settings: &BTreeMap<String, String>) -> Self {
        let mut save = self.clone();
        let is_on = |name: &str| settings.get(name).is_some_and(|value| value == "true");
        for (name, flag) in save.listener_flags() {
            *flag = is_on(name);
        }
        save.timestamp = match is_on("timestamp") {
            true => match save.timestamp {
                Timestamp::None => Timestamp::Millis,
                timestamp => timestamp,
            },
            false => Timestamp::None,
        };
        save
    }

    /// Settings with the names of their properties.
    fn flags(&mut self) -> Vec<(&'static str, &mut bool)> {
        vec![
            ("print_field_names", &mut self.field_names),
            ("time", &mut self.time),
            ("label", &mut self.label),
            ("response_code", &mut self.code),
            ("response_message", &mut self.message),
            ("thread_name", &mut self.thread_name),
            ("data_type", &mut self.data_type),
            ("successful", &mut self.success),
            (
                "assertion_results_failure_message",
                &mut self.failure_message,
            ),
            ("bytes", &mut self.bytes),
            ("sent_bytes", &mut self.sent_bytes),
            ("thread_counts", &mut self.thread_counts),
            ("url", &mut self.url),
            ("filename", &mut self.file_name),
            ("latency", &mut self.latency),
            ("encoding", &mut self.encoding),
            ("sample_count", &mut self.sample_count),
            ("hostname", &mut self.hostname),
            ("idle_time", &mut self.idle_time),
            ("connect_time", &mut self.connect_time),
            ("subresults", &mut self.sub_results),
            ("assertions", &mut self.assertions),
            ("response_data", &mut self.response_data),
            ("response_data.on_error", &mut self.response_data_on_error),
            ("samplerData", &mut self.sampler_data),
            ("responseHeaders", &mut self.response_headers),
            ("requestHeaders", &mut self.request_headers),
            ("autoflush", &mut self.autoflush),
        ]
    }

    /// Settings with their names in a plan's listener.
    fn listener_flags(&mut self) -> Vec<(&'static str, &mut bool)> {
        vec![
            ("xml", &mut self.xml),
            ("fieldNames", &mut self.field_names),
            ("time", &mut self.time),
            ("label", &mut self.label),
            ("code", &mut self.code),
            ("message", &mut self.message),
            ("threadName", &mut self.thread_name),
            ("dataType", &mut self.data_type),
            ("success", &mut self.success),
            (
                "saveAssertionResultsFailureMessage",
                &mut self.failure_message,
            ),
            ("bytes", &mut self.bytes),
            ("sentBytes", &mut self.sent_bytes),
            ("threadCounts", &mut self.thread_counts),
            ("url", &mut self.url),
            ("fileName", &mut self.file_name),
            ("latency", &mut self.latency),
            ("encoding", &mut self.encoding),
            ("sampleCount", &mut self.sample_count),
            ("hostname", &mut self.hostname),
            ("idleTime", &mut self.idle_time),
            ("connectTime", &mut self.connect_time),
            ("subresults", &mut self.sub_results),
            ("assertions", &mut self.assertions),
            ("responseData", &mut self.response_data),
            ("responseDataOnError", &mut self.response_data_on_error),
            ("samplerData", &mut self.sampler_data),
            ("responseHeaders", &mut self.response_headers),
            ("requestHeaders", &mut self.request_headers),
        ]
    }

    /// Whether bodies of answers are saved, of failed samples at least.
    #[must_use]
    pub fn wants_bodies(&self) -> bool {
        self.xml && (self.response_data || self.response_data_on_error)
    }

    /// Whether headers, requests or cookies are saved, of failed samples at least.
    #[must_use]
    pub fn wants_texts(&self) -> bool {
        self.xml
            && (self.sampler_data
                || self.response_data_on_error
                || self.response_headers
                || self.request_headers)
    }
}

fn delimiter_of(text: &str) -> Result<char, SaveError> {
    let wrong = || SaveError::Delimiter(text.to_owned());
    if text == "\\t" || text == "\t" {
        return Ok('\t');
    }
    let delimiter = text.chars().next().ok_or_else(wrong)?;
    let fits = delimiter.is_ascii_graphic() || delimiter == ' ';
    if !fits || delimiter.is_ascii_alphanumeric() || delimiter == '"' {
        return Err(wrong());
    }
    Ok(delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(properties: &[(&str, &str)]) -> Result<SaveConfig, SaveError> {
        let properties = properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let make = |pattern: &str| -> Result<Arc<dyn Fn(i64) -> String + Send + Sync>, String> {
            let pattern = pattern.to_owned();
            Ok(Arc::new(move |ms| format!("{pattern}:{ms}")))
        };
        SaveConfig::from_properties(&properties, &make)
    }

    #[test]
    fn properties_switch_what_they_name() {
        let save = from(&[
            ("jmeter.save.saveservice.output_format", "xml"),
            ("jmeter.save.saveservice.response_data.on_error", "TRUE"),
            ("jmeter.save.saveservice.url", "yes"),
            ("jmeter.save.saveservice.default_delimiter", "\\t"),
            ("sampleresult.timestamp.start", "false"),
        ])
        .unwrap();
        assert!(save.xml && save.wants_bodies() && save.wants_texts());
        assert!(!save.url && !save.timestamp_is_start);
        assert_eq!(save.delimiter, '\t');
        let plain = from(&[]).unwrap();
        assert!(!plain.wants_bodies() && !plain.wants_texts() && plain.url);
    }

    #[test]
    fn delimiters_that_look_like_data_are_refused() {
        for delimiter in ["a", "7", "\"", "", "é"] {
            assert!(from(&[("jmeter.save.saveservice.default_delimiter", delimiter)]).is_err());
        }
    }

    #[test]
    fn a_listener_saves_only_what_it_names() {
        let settings = [("time", "true"), ("xml", "true"), ("label", "false")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let save = SaveConfig::standard().of_listener(&settings);
        assert!(save.xml && save.time && !save.label && !save.url);
        assert!(matches!(save.timestamp, Timestamp::None));
    }
}
