//! The recorded form of when JMeter's users send their requests.
//!
//! ```text
//! == time_ramp_up
//! 0 1
//! 402 2
//! ```
//!
//! A line is a request: milliseconds since the first of the plan, and the user. Where there is no
//! JMeter, Loadline is compared with these.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::measure::Moment;

/// Requests in the order of their times, by the name of the plan.
pub type RecordedTimes = BTreeMap<String, Vec<Moment>>;

/// Reads the file.
///
/// # Errors
///
/// It cannot be read or is not of the form.
pub fn load(file: &Path) -> Result<RecordedTimes> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    read(&text).with_context(|| file.display().to_string())
}

/// Writes the file.
///
/// # Errors
///
/// It cannot be written.
pub fn save(file: &Path, recorded: &RecordedTimes) -> Result<()> {
    std::fs::write(file, write(recorded)).with_context(|| format!("write {}", file.display()))
}

fn write(recorded: &RecordedTimes) -> String {
    let mut text = String::new();
    for (name, moments) in recorded {
        text.push_str(&format!("== {name}\n"));
        let first = moments.iter().map(|moment| moment.at).min();
        for moment in moments {
            let at = moment.at.saturating_sub(first.unwrap_or_default());
            text.push_str(&format!("{} {}\n", at.as_millis(), moment.user));
        }
    }
    text
}

fn read(text: &str) -> Result<RecordedTimes> {
    let mut recorded = RecordedTimes::new();
    let mut name = "";
    for (line, number) in text.lines().zip(1..) {
        if let Some(begun) = line.strip_prefix("== ") {
            name = begun;
            recorded.entry(name.to_owned()).or_default();
            continue;
        }
        let wrong = || format!("line {number}: `{line}` is no time and user");
        let (at, user) = line.split_once(' ').with_context(wrong)?;
        let moment = Moment {
            at: Duration::from_millis(at.parse().with_context(wrong)?),
            user: user.to_owned(),
        };
        recorded.get_mut(name).with_context(wrong)?.push(moment);
    }
    Ok(recorded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let moment = |at, user: &str| Moment {
            at: Duration::from_millis(at),
            user: user.to_owned(),
        };
        let mut recorded = RecordedTimes::new();
        recorded.insert("a".to_owned(), vec![moment(0, "1"), moment(402, "2")]);
        recorded.insert("b".to_owned(), Vec::new());
        assert_eq!(read(&write(&recorded)).unwrap(), recorded);
    }

    #[test]
    fn what_is_not_of_the_form_is_named() {
        for text in ["1 1", "== a\nx", "== a\nx 1"] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains("line "), "{error}");
        }
    }
}
