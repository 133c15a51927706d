//! Results as XML elements, as JMeter's XStream converters print them.

use std::borrow::Cow;
use std::fmt::Write as _;

use loadline_events::SampleResult;

use crate::csv::truth;
use crate::{SaveConfig, Timestamp};

/// First lines of a file.
pub(crate) fn header(save: &SaveConfig, out: &mut String) {
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if !save.xml_pi.is_empty() {
        out.push_str(&save.xml_pi);
        out.push('\n');
    }
    out.push_str("<testResults version=\"1.2\">\n");
}

/// Last lines of a file.
pub(crate) const FOOTER: &str = "\n</testResults>\n";

/// Appends the element of a result, with its sub-results inside.
pub(crate) fn element(
    save: &SaveConfig,
    hostname: &str,
    variables: &[String],
    result: &SampleResult,
    out: &mut String,
) {
    let mut writer = Writer { depth: 0, out };
    let event = Event {
        hostname,
        names: variables,
        values: &result.variables,
    };
    writer.result(save, &event, result);
}

/// What belongs to a result and all its sub-results.
struct Event<'e> {
    hostname: &'e str,
    names: &'e [String],
    values: &'e [Option<String>],
}

struct Writer<'o> {
    depth: usize,
    out: &'o mut String,
}

impl Writer<'_> {
    fn result(&mut self, save: &SaveConfig, event: &Event<'_>, result: &SampleResult) {
        let name = if result.is_http {
            "httpSample"
        } else {
            "sample"
        };
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
        self.attributes(save, event, result);
        let length = self.out.len();
        self.out.push_str(">\n");
        let inside = self.out.len();
        self.depth += 1;
        self.children(save, event, result);
        self.depth -= 1;
        if self.out.len() == inside {
            self.out.truncate(length);
            self.out.push_str("/>\n");
            return;
        }
        self.indent();
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "</{name}>");
    }

    fn attributes(&mut self, save: &SaveConfig, event: &Event<'_>, result: &SampleResult) {
        self.number(save.time, "t", result.elapsed_ms());
        self.number(save.idle_time, "it", result.idle_ms);
        self.number(save.latency, "lt", result.latency_ms);
        self.number(save.connect_time, "ct", result.connect_ms);
        let stamp = result.timestamp_ms(save.timestamp_is_start);
        let has_stamp = !matches!(save.timestamp, Timestamp::None);
        self.number(has_stamp, "ts", stamp);
        self.attribute(save.success, "s", truth(result.success));
        self.attribute(save.label, "lb", &result.label);
        self.attribute(save.code, "rc", &result.code);
        self.attribute(save.message, "rm", &result.message);
        self.attribute(save.thread_name, "tn", &result.thread_name);
        self.attribute(save.data_type, "dt", &result.data_type);
        let encoding = result.encoding.as_deref().unwrap_or_default();
        self.attribute(save.encoding, "de", encoding);
        self.number(save.bytes, "by", result.received_bytes);
        self.number(save.sent_bytes, "sby", result.sent_bytes);
        self.number(save.sample_count, "sc", result.sample_count);
        self.number(save.sample_count, "ec", result.error_count);
        self.number(save.thread_counts, "ng", result.group_threads);
        self.number(save.thread_counts, "na", result.all_threads);
        self.attribute(save.hostname, "hn", event.hostname);
        for (name, value) in event.names.iter().zip(event.values) {
            self.attribute(true, name, value.as_deref().unwrap_or_default());
        }
    }

    fn children(&mut self, save: &SaveConfig, event: &Event<'_>, result: &SampleResult) {
        if save.assertions {
            for said in &result.assertions {
                self.open("assertionResult");
                self.line("name", &said.name);
                self.line("failure", truth(said.failure));
                self.line("error", truth(said.error));
                if let Some(message) = &said.message {
                    self.line("failureMessage", message);
                }
                self.close("assertionResult");
            }
        }
        if save.sub_results {
            for child in &result.children {
                self.result(save, event, child);
            }
        }
        let in_full = save.response_data_on_error && !result.success;
        if save.response_headers {
            self.string("responseHeader", &result.response_headers);
        }
        if save.request_headers {
            self.string("requestHeader", &result.request_headers);
        }
        if save.response_data || in_full {
            self.string("responseData", &body(result));
        }
        if save.file_name {
            self.string("responseFile", "");
        }
        if save.sampler_data || in_full {
            if result.is_http {
                self.string("cookies", &result.cookies);
                self.string("method", &result.method);
                self.string("queryString", &result.query);
                if let Some(target) = &result.redirect {
                    self.string("redirectLocation", target);
                }
            } else if !result.is_transaction() {
                self.string("samplerData", &result.sampler_data);
            }
        }
        if save.url
            && let Some(url) = &result.url
        {
            self.line("java.net.URL", url);
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }

    fn number(&mut self, on: bool, name: &str, value: impl std::fmt::Display) {
        if on {
            let _ = write!(self.out, " {name}=\"{value}\"");
        }
    }

    fn attribute(&mut self, on: bool, name: &str, value: &str) {
        if on {
            let _ = write!(self.out, " {name}=\"");
            escape(value, true, self.out);
            self.out.push('"');
        }
    }

    fn open(&mut self, name: &str) {
        self.indent();
        let _ = writeln!(self.out, "<{name}>");
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.indent();
        let _ = writeln!(self.out, "</{name}>");
    }

    fn line(&mut self, name: &str, value: &str) {
        self.indent();
        let _ = write!(self.out, "<{name}>");
        escape(value, false, self.out);
        let _ = writeln!(self.out, "</{name}>");
    }

    /// An element that says that it holds a string.
    fn string(&mut self, name: &str, value: &str) {
        self.indent();
        let _ = write!(self.out, "<{name} class=\"java.lang.String\">");
        escape(value, false, self.out);
        let _ = writeln!(self.out, "</{name}>");
    }
}

/// The body as text. Bodies come decoded by nobody: those in UTF-8 are as they are.
fn body(result: &SampleResult) -> Cow<'_, str> {
    if result.data_type == "text" {
        String::from_utf8_lossy(&result.response_data)
    } else {
        let kind = &result.data_type;
        Cow::Owned(format!("Non-TEXT response data, cannot record: ({kind})"))
    }
}

/// Appends `text` with what has a meaning in XML written as references. Characters that XML cannot
/// hold become references too, as XStream writes them.
fn escape(text: &str, is_attribute: bool, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#xd;"),
            '\n' if is_attribute => out.push_str("&#xa;"),
            '\t' if is_attribute => out.push_str("&#x9;"),
            '\n' | '\t' => out.push(letter),
            letter if letter < ' ' || ('\u{7f}'..='\u{9f}').contains(&letter) => {
                let _ = write!(out, "&#x{:x};", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
}
