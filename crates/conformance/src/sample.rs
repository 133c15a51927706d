//! Samples of an XML results file (JTL), as text by which they are compared.
//!
//! Kept: label, code, message, success, data type, thread, number of samples and errors, assertion
//! results, URL and method, request and response headers and data, and sub-samples, indented. Left
//! out: times, sizes that depend on the name of the client, and numbers of active threads.

use std::path::Path;

use anyhow::{Context, Result};
use roxmltree::{Document, Node, ParsingOptions};

use crate::request::{with_server_named, without_version};

/// The samples of a results file in file order, with the server at `port` called `SERVER`.
///
/// # Errors
///
/// The file cannot be read or is no results file.
pub fn read(file: &Path, port: u16) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    parse(&text, port).with_context(|| format!("{} is not a results file in XML", file.display()))
}

fn parse(text: &str, port: u16) -> Result<Vec<String>> {
    // XML 1.0 has no other control characters, but JMeter writes what the server sent.
    let text: String = text
        .chars()
        .map(|letter| if is_xml(letter) { letter } else { '?' })
        .collect();
    let options = ParsingOptions {
        nodes_limit: u32::MAX,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&text, options)?;
    let samples = document.root_element().children().filter(is_sample);
    Ok(samples
        .map(|sample| with_server_named(&described(sample, 0), port))
        .collect())
}

fn is_xml(letter: char) -> bool {
    letter >= ' ' || matches!(letter, '\n' | '\r' | '\t')
}

fn is_sample(node: &Node<'_, '_>) -> bool {
    node.has_tag_name("httpSample") || node.has_tag_name("sample")
}

fn described(sample: Node<'_, '_>, depth: usize) -> String {
    let attribute = |name| sample.attribute(name).unwrap_or_default();
    let mut lines = vec![format!(
        "{} | {} {} | {} | {} | {} | {}/{}",
        attribute("lb"),
        attribute("rc"),
        attribute("rm"),
        if attribute("s") == "true" {
            "ok"
        } else {
            "failed"
        },
        attribute("dt"),
        attribute("tn"),
        attribute("ec"),
        attribute("sc"),
    )];
    let mut subsamples = Vec::new();
    for child in sample.children().filter(Node::is_element) {
        let text = child.text().unwrap_or_default();
        match child.tag_name().name() {
            // The Compare Assertion's come with what was compared; here only what is said counts.
            "assertionResult" | "org.apache.jmeter.assertions.CompareAssertionResult" => {
                let part = |name| {
                    let found = child.children().find(|node| node.has_tag_name(name));
                    found.and_then(|node| node.text()).unwrap_or_default()
                };
                let verdict = match (part("failure"), part("error")) {
                    ("true", _) => "failed",
                    (_, "true") => "in error",
                    _ => "holds",
                };
                lines.push(format!(
                    "assertion {} {verdict}: {}",
                    part("name"),
                    without_elapsed(part("failureMessage"))
                ));
            }
            "httpSample" | "sample" => subsamples.push(described(child, depth + 1)),
            "requestHeader" => {
                let headers = without_length_of_boundary(&without_client(text));
                lines.push(format!("request header: {headers}"));
            }
            // A stack trace of JMeter.
            "responseData" if attribute("rc").starts_with("Non HTTP") => {}
            name => {
                if !text.is_empty() {
                    lines.push(format!("{name}: {text}"));
                }
            }
        }
    }
    let own = with_boundary_named(&lines.join("\n"));
    let indented = own.replace('\n', "\n    ");
    let indent = "  ".repeat(depth);
    let mut all = format!("{indent}{indented}");
    for subsample in subsamples {
        all.push('\n');
        all.push_str(&subsample);
    }
    all
}

/// Request headers without the length of a multipart body: the boundary in it, drawn anew each time, has
/// a length that is drawn too. The server's text of the request has the length without it.
fn without_length_of_boundary(headers: &str) -> String {
    if !headers.contains("boundary=") {
        return headers.to_owned();
    }
    let lines = headers.lines().map(|line| match line.split_once(": ") {
        Some((name, _)) if name.eq_ignore_ascii_case("content-length") => {
            format!("{name}: LENGTH")
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text with the boundary of a multipart body called `BOUNDARY`: it is drawn anew each time.
fn with_boundary_named(text: &str) -> String {
    let after = text.split("boundary=").nth(1);
    match after.and_then(|after| after.split(';').next()) {
        Some(boundary) if !boundary.is_empty() => text.replace(boundary, "BOUNDARY"),
        _ => text.to_owned(),
    }
}

/// The message of a Duration Assertion without the time that was measured.
fn without_elapsed(message: &str) -> String {
    let took = "It took ";
    let Some((before, behind)) = message.split_once(took) else {
        return message.to_owned();
    };
    let rest = behind.trim_start_matches(|letter: char| letter.is_ascii_digit());
    format!("{before}{took}some{rest}")
}

/// Request headers without what names the client's version.
fn without_client(headers: &str) -> String {
    let lines = headers.lines().map(|line| match line.split_once(": ") {
        Some((name, agent)) if name.eq_ignore_ascii_case("user-agent") => {
            format!("{name}: {}", without_version(agent))
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_time_is_left_out() {
        let said = "The operation lasted too long: It took 121 milliseconds, but should not";
        let kept = "The operation lasted too long: It took some milliseconds, but should not";
        assert_eq!(without_elapsed(said), kept);
        assert_eq!(without_elapsed("no"), "no");
    }

    #[test]
    fn samples_assertions_and_subsamples_are_kept() {
        let text = "<?xml version=\"1.0\"?><testResults version=\"1.2\"><httpSample t=\"3\" lb=\"a\" rc=\"200\" rm=\"OK\" \
            s=\"false\" tn=\"g 1-1\" dt=\"text\" ec=\"1\" sc=\"1\"><assertionResult><name>A</name><failure>true</failure>\
            <error>false</error><failureMessage>no</failureMessage></assertionResult><sample lb=\"a-0\" rc=\"302\" s=\"true\"/>\
            <java.net.URL>http://127.0.0.1:99/x</java.net.URL></httpSample></testResults>";
        assert_eq!(
            parse(text, 99).unwrap(),
            [
                "a | 200 OK | failed | text | g 1-1 | 1/1\n    assertion A failed: no\n    java.net.URL: http://SERVER/x\n  a-0 | 302  | ok |  |  | /"
            ]
        );
    }

    #[test]
    fn the_length_of_a_multipart_body_is_that_of_its_boundary_too() {
        let headers = "Content-Length: 222\nContent-Type: multipart/form-data; boundary=xyz";
        let text = format!(
            "<testResults><httpSample lb=\"a\"><requestHeader>{headers}</requestHeader></httpSample></testResults>"
        );
        let samples = parse(&text, 1).unwrap();
        let kept =
            "Content-Length: LENGTH\n    Content-Type: multipart/form-data; boundary=BOUNDARY";
        assert!(samples[0].ends_with(kept), "{samples:?}");
    }

    #[test]
    fn what_is_no_results_file_is_said() {
        assert!(parse("timeStamp,elapsed", 1).is_err());
    }
}
