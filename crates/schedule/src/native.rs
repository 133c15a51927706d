//! What keeps a load of our own plans from being run.

use std::time::Duration;

use loadline_plan::{LoadStage, NativeLoad};

use crate::profile::LoadError;

/// Everything that is wrong with `load`; JMeter's own groups may be empty, ours may not.
pub(crate) fn problems(load: &NativeLoad) -> Vec<LoadError> {
    let mut problems: Vec<LoadError> = shape_problem(load).into_iter().collect();
    if greatest(load) == Some(0.0) {
        let what = match load.is_open() {
            true => "rate",
            false => "number of users",
        };
        problems.push(empty(
            &format!("the {what} is never greater than 0"),
            &format!("ask for a {what} greater than 0"),
        ));
    }
    if load.max_users() == Some(0) {
        problems.push(empty(
            "the greatest number of users is 0",
            "give `max_users` a number greater than 0",
        ));
    }
    problems
}

/// What its stages, steps or iterations lack.
fn shape_problem(load: &NativeLoad) -> Option<LoadError> {
    match load {
        NativeLoad::UserStages { stages, .. } => stages_problem(stages),
        NativeLoad::RateStages { stages, .. } => stages_problem(stages),
        NativeLoad::UserSteps { levels, hold, .. } => steps_problem(levels, *hold),
        NativeLoad::RateSteps { levels, hold, .. } => steps_problem(levels, *hold),
        NativeLoad::UserIterations { iterations, .. } => (*iterations == 0).then(|| {
            empty(
                "the number of iterations is 0",
                "ask for at least 1 iteration",
            )
        }),
    }
}

fn stages_problem<T>(stages: &[LoadStage<T>]) -> Option<LoadError> {
    let length: Duration = stages.iter().map(|stage| stage.duration).sum();
    if stages.is_empty() {
        let help = "add a stage such as `{to: 100, in: 30s}`";
        return Some(empty("the load has no stages", help));
    }
    length.is_zero().then(|| {
        empty(
            "the load has no length",
            "give at least one stage a duration greater than 0",
        )
    })
}

fn steps_problem<T>(levels: &[T], hold: Duration) -> Option<LoadError> {
    if levels.is_empty() {
        let help = "let `to` be reachable from `from` in steps of `by`";
        return Some(empty("the load has no steps", help));
    }
    hold.is_zero().then(|| {
        empty(
            "the steps of the load are not held",
            "give `hold` a duration greater than 0",
        )
    })
}

/// The greatest number of users or arrivals per second; `None` without any level.
fn greatest(load: &NativeLoad) -> Option<f64> {
    match load {
        NativeLoad::UserStages { from, stages, .. } => {
            let targets = stages.iter().map(|stage| stage.target);
            Some(f64::from(targets.fold(*from, u32::max)))
        }
        NativeLoad::UserSteps { levels, .. } => levels.iter().max().map(|users| f64::from(*users)),
        NativeLoad::UserIterations { users, .. } => Some(f64::from(*users)),
        NativeLoad::RateStages { from, stages, .. } => {
            let targets = stages.iter().map(|stage| stage.target.as_per_second());
            Some(targets.fold(from.as_per_second(), f64::max))
        }
        NativeLoad::RateSteps { levels, .. } => {
            let rates = levels.iter().map(|rate| rate.as_per_second());
            rates.reduce(f64::max)
        }
    }
}

fn empty(message: &str, help: &str) -> LoadError {
    LoadError::new("empty-load", message, help)
}
