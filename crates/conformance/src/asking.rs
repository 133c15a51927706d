//! Asks JMeter what plans do, twice, so that chance shows as gaps.
//!
//! The two runs are in time zones more than a day and half an hour apart: dates and hours differ
//! between them and become gaps too, which lets what is recorded today be compared on another day.

use std::path::Path;

use anyhow::Result;

use crate::jmeter::{Ended, JMeter};
use crate::outcome::Outcome;
use crate::trial::{Run, Trial};

/// JMeter's own properties for the plans: what it reads once, at its start.
const TIME_ZONES: [&str; 2] = ["GMT+14:00", "GMT-11:30"];

/// What JMeter did with a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The outcome, with gaps for chance and time.
    Outcome(Outcome),
    /// Why there is none.
    None(String),
}

/// Two runs of each plan, in two processes side by side; `None` when JMeter cannot be had.
///
/// # Errors
///
/// A process cannot be started or ends early.
pub fn ask(
    oracle: &Path,
    directory: &Path,
    settings: &[String],
    trials: &[Trial],
) -> Result<Option<Vec<Answer>>> {
    let [first, second] = TIME_ZONES.map(|zone| {
        let (oracle, directory) = (oracle.to_owned(), directory.to_owned());
        let (settings, trials) = (settings.to_vec(), trials.to_vec());
        std::thread::spawn(move || run_all(&oracle, &directory, &settings, &trials, zone))
    });
    let panicked = |_| anyhow::anyhow!("a thread that asks JMeter panicked");
    let (first, second) = (
        first.join().map_err(panicked)??,
        second.join().map_err(panicked)??,
    );
    Ok(first.zip(second).map(|(first, second)| {
        let pairs = first.into_iter().zip(second);
        pairs
            .map(|(first, second)| answer(&first, &second))
            .collect()
    }))
}

fn run_all(
    oracle: &Path,
    directory: &Path,
    settings: &[String],
    trials: &[Trial],
    zone: &str,
) -> Result<Option<Vec<Run<Ended>>>> {
    let Some(mut jmeter) = JMeter::start(oracle, directory, settings, zone)? else {
        return Ok(None);
    };
    let turn: String = zone.chars().filter(char::is_ascii_alphanumeric).collect();
    let runs = trials
        .iter()
        .map(|trial| trial.in_jmeter(&mut jmeter, &turn));
    runs.collect::<Result<Vec<_>>>().map(Some)
}

fn answer(first: &Run<Ended>, second: &Run<Ended>) -> Answer {
    match &first.ended {
        Ended::Failed(message) => match message.split("CannotResolveClassException: ").nth(1) {
            Some(class) => {
                let class = class.split_whitespace().next().unwrap_or_default();
                Answer::None(format!("JMeter has no class {class}"))
            }
            None => Answer::None(format!("JMeter cannot run it: {message}")),
        },
        Ended::Stopped => {
            Answer::None("it does not come to an end against the recording server".to_owned())
        }
        Ended::Done => match first.outcome.common(&second.outcome) {
            Some(outcome) => Answer::Outcome(outcome),
            None => Answer::None("chance decides which requests it sends".to_owned()),
        },
    }
}
