//! Many plans in Loadline beside what JMeter did, several at a time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::asking::Answer;
use crate::known::Known;
use crate::loadline::{Ended, Loadline};
use crate::trial::Trial;
use crate::verdict::Verdict;

/// Runs at a time: more than small machines have cores, since most plans wait most of the time.
const AT_A_TIME: usize = 4;

/// The verdict on each plan, in their order.
///
/// # Errors
///
/// A run could not be started or wrote results that cannot be read.
pub fn judge(
    loadline: &Loadline,
    trials: &[Trial],
    answers: &[Answer],
    known: &Known,
) -> Result<Vec<Verdict>> {
    let next = AtomicUsize::new(0);
    let verdicts: Mutex<Vec<Option<Result<Verdict>>>> =
        Mutex::new(trials.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(trial), Some(answer)) = (trials.get(index), answers.get(index))
                    else {
                        break;
                    };
                    let verdict = judge_one(loadline, trial, answer, known);
                    if let Ok(mut verdicts) = verdicts.lock() {
                        verdicts[index] = Some(verdict);
                    }
                }
            });
        }
    });
    let verdicts = verdicts.into_inner().unwrap_or_default();
    verdicts
        .into_iter()
        .map(|verdict| verdict.context("a plan without an answer of JMeter")?)
        .collect()
}

fn judge_one(
    loadline: &Loadline,
    trial: &Trial,
    answer: &Answer,
    known: &Known,
) -> Result<Verdict> {
    let found = trial
        .in_loadline(loadline)
        .with_context(|| format!("plan {}", trial.name))?;
    let mut expected = match (answer, &found.ended) {
        (Answer::Outcome(expected), _) => expected.clone(),
        (Answer::None(reason), Ended::Refused(reasons)) => {
            let refused = reasons.join("; ");
            return Ok(Verdict::NotComparable(format!(
                "{reason}; Loadline refuses it: {refused}"
            )));
        }
        (Answer::None(reason), _) => return Ok(Verdict::NotComparable(reason.clone())),
    };
    if trial.unordered {
        expected = expected.without_users();
    }
    if !found.wrote_samples {
        expected.samples.clear();
    }
    Ok(Verdict::of(
        &expected,
        &found.ended,
        &found.outcome,
        known.get(&trial.name),
    ))
}
