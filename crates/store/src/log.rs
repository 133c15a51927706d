//! `log.jsonl`: turning points of a run, one JSON object a line.

use loadline_events::{Phase, StopReason};
use loadline_units::RunTime;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
struct Line {
    at_us: u64,
    phase: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<StopName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_us: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    MainStarted,
    MainEnded,
    Stopping,
    RecordedLate,
    Note,
}

/// A [`StopReason`] as files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StopName {
    Completed,
    Signal,
    Limit,
    Plan,
    Unreachable,
    CutOff,
}

impl From<StopReason> for StopName {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::Completed => StopName::Completed,
            StopReason::Signal => StopName::Signal,
            StopReason::Limit => StopName::Limit,
            StopReason::Plan => StopName::Plan,
            StopReason::Unreachable => StopName::Unreachable,
            StopReason::CutOff => StopName::CutOff,
        }
    }
}

impl From<StopName> for StopReason {
    fn from(name: StopName) -> Self {
        match name {
            StopName::Completed => StopReason::Completed,
            StopName::Signal => StopReason::Signal,
            StopName::Limit => StopReason::Limit,
            StopName::Plan => StopReason::Plan,
            StopName::Unreachable => StopReason::Unreachable,
            StopName::CutOff => StopReason::CutOff,
        }
    }
}

/// The line of `phase`, with its line end.
pub(crate) fn line(phase: &Phase) -> String {
    let line = match phase {
        Phase::MainStarted { at } => entry(*at, Name::MainStarted),
        Phase::MainEnded { at } => entry(*at, Name::MainEnded),
        Phase::Stopping { at, reason } => Line {
            reason: Some((*reason).into()),
            ..entry(*at, Name::Stopping)
        },
        Phase::RecordedLate { at, by_us } => Line {
            by_us: Some(*by_us),
            ..entry(*at, Name::RecordedLate)
        },
        Phase::Note { at, text } => Line {
            text: Some(text.clone()),
            ..entry(*at, Name::Note)
        },
    };
    let mut text = serde_json::to_string(&line).expect("a line of strings and numbers is JSON");
    text.push('\n');
    text
}

fn entry(at: RunTime, phase: Name) -> Line {
    Line {
        at_us: at.as_micros(),
        phase,
        reason: None,
        text: None,
        by_us: None,
    }
}

/// The phases in `text`; a torn last line is left out.
pub(crate) fn phases(text: &str) -> Vec<Phase> {
    text.lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .map(|line| {
            let at = RunTime::from_micros(line.at_us);
            match line.phase {
                Name::MainStarted => Phase::MainStarted { at },
                Name::MainEnded => Phase::MainEnded { at },
                Name::Stopping => Phase::Stopping {
                    at,
                    reason: line.reason.map_or(StopReason::CutOff, StopReason::from),
                },
                Name::RecordedLate => Phase::RecordedLate {
                    at,
                    by_us: line.by_us.unwrap_or(0),
                },
                Name::Note => Phase::Note {
                    at,
                    text: line.text.unwrap_or_default(),
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_read_back_and_a_torn_line_is_left_out() {
        let at = RunTime::from_micros(5);
        let all = vec![
            Phase::MainStarted { at },
            Phase::Note {
                at,
                text: "a \"note\"\n".to_owned(),
            },
            Phase::Stopping {
                at,
                reason: StopReason::Signal,
            },
            Phase::RecordedLate {
                at,
                by_us: 3_000_000,
            },
            Phase::MainEnded { at },
        ];
        let mut text: String = all.iter().map(line).collect();
        assert_eq!(phases(&text), all);
        text.truncate(text.len() - 5);
        assert_eq!(phases(&text), all[..4]);
    }
}
