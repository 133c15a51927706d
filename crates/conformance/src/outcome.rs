//! What one run of a plan did: its requests and samples as texts.

use crate::pattern::{GAP, WIDE_GAP, common, fits};

/// Requests and samples of a run, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// As [`crate::request::Request::text`] has them.
    pub requests: Vec<String>,
    /// As [`crate::sample::read`] has them.
    pub samples: Vec<String>,
}

/// The first thing in which two outcomes differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Which request or sample, or which count.
    pub place: String,
    /// What JMeter did there.
    pub expected: String,
    /// What Loadline did there.
    pub found: String,
}

impl Outcome {
    /// Puts requests and samples in an order of their own and leaves the names of threads out, for
    /// users that run side by side: who does what is chance in both programs.
    #[must_use]
    pub fn without_users(mut self) -> Self {
        for sample in &mut self.samples {
            *sample = without_threads(sample);
        }
        self.requests.sort();
        self.samples.sort();
        self
    }

    /// What two runs in JMeter have in common, with gaps; `None` if they differ in more than words:
    /// chance decides which requests this plan sends.
    #[must_use]
    pub fn common(&self, other: &Self) -> Option<Self> {
        Some(Self {
            requests: merged(&self.requests, &other.requests)
                .filter(|_| methods(&self.requests).eq(methods(&other.requests)))?,
            samples: merged(&self.samples, &other.samples)?,
        })
    }

    /// Where a run of Loadline differs from this outcome of JMeter.
    #[must_use]
    pub fn difference(&self, found: &Self) -> Option<Difference> {
        first_difference("request", &self.requests, &found.requests)
            .or_else(|| first_difference("sample", &self.samples, &found.samples))
    }
}

/// A sample without the fifth part of its lines of six parts: see [`crate::sample::read`].
fn without_threads(sample: &str) -> String {
    let lines = sample.split('\n').map(|line| {
        let parts: Vec<&str> = line.split(" | ").collect();
        if parts.len() == 6 {
            [&parts[..4], &parts[5..]].concat().join(" | ")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn merged(ones: &[String], others: &[String]) -> Option<Vec<String>> {
    let merged: Vec<String> = ones
        .iter()
        .zip(others)
        .map(|(one, other)| without_lengths(common(one, other)))
        .collect();
    (ones.len() == others.len()).then_some(merged)
}

/// A text with gaps without lengths of bodies: where chance decides what a body holds, it may be as
/// long in both runs of JMeter and of another length in Loadline.
fn without_lengths(text: String) -> String {
    const NAME: &str = "Content-Length: ";
    if !text.contains([GAP, WIDE_GAP]) {
        return text;
    }
    let lines = text.split('\n').map(|line| match line.split_once(NAME) {
        Some((before, _)) => format!("{before}{NAME}{GAP}"),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first words of requests: requests of other methods are other steps of a plan.
fn methods(requests: &[String]) -> impl Iterator<Item = Option<&str>> {
    requests.iter().map(|request| request.split(' ').next())
}

fn first_difference(what: &str, expected: &[String], found: &[String]) -> Option<Difference> {
    for (index, (pattern, text)) in expected.iter().zip(found).enumerate() {
        if !fits(pattern, text) {
            return Some(Difference {
                place: format!("{what} {} of {}", index + 1, expected.len()),
                expected: pattern.clone(),
                found: text.clone(),
            });
        }
    }
    let (shorter, longer) = (
        expected.len().min(found.len()),
        expected.len().max(found.len()),
    );
    (shorter < longer).then(|| Difference {
        place: format!(
            "number of {what}s: {} in JMeter, {} in Loadline",
            expected.len(),
            found.len()
        ),
        expected: expected
            .get(shorter)
            .cloned()
            .unwrap_or_else(|| "nothing".to_owned()),
        found: found
            .get(shorter)
            .cloned()
            .unwrap_or_else(|| "nothing".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(requests: &[&str]) -> Outcome {
        Outcome {
            requests: requests.iter().map(|text| (*text).to_owned()).collect(),
            samples: Vec::new(),
        }
    }

    #[test]
    fn chance_leaves_gaps_in_what_is_expected() {
        let jmeter = outcome(&["GET /a?r=1"])
            .common(&outcome(&["GET /a?r=2"]))
            .unwrap();
        assert_eq!(jmeter.difference(&outcome(&["GET /a?r=3"])), None);
        let difference = jmeter.difference(&outcome(&["GET /b?r=3"])).unwrap();
        assert_eq!(difference.place, "request 1 of 1");
    }

    #[test]
    fn a_body_of_chance_has_no_certain_length() {
        let jmeter = outcome(&["POST /\nContent-Length: 3\n\na=1"])
            .common(&outcome(&["POST /\nContent-Length: 3\n\na=2"]))
            .unwrap();
        let found = outcome(&["POST /\nContent-Length: 4\n\na=10"]);
        assert_eq!(jmeter.difference(&found), None);
    }

    #[test]
    fn a_missing_request_is_a_difference() {
        let difference = outcome(&["GET /a", "GET /b"])
            .difference(&outcome(&["GET /a"]))
            .unwrap();
        assert_eq!(
            (difference.expected.as_str(), difference.found.as_str()),
            ("GET /b", "nothing")
        );
        assert_eq!(
            difference.place,
            "number of requests: 2 in JMeter, 1 in Loadline"
        );
    }

    #[test]
    fn runs_of_different_length_have_nothing_in_common() {
        assert_eq!(outcome(&["GET /a"]).common(&outcome(&[])), None);
    }
}
