//! Loads.

use std::time::Duration;

use loadline_plan::{Load, LoadStage, NativeLoad};
use loadline_units::Rate;

use super::quantity::time;
use super::settings;
use super::yaml::Yaml;
use crate::element::JmeterLoad;

type Entries = Vec<(String, Yaml)>;

/// The value of `load:`.
pub(super) fn load(load: &Load) -> Yaml {
    if let Some(key) = JmeterLoad::key_of(load) {
        let settings = settings::of_load(load);
        return Yaml::Map(vec![(key.to_owned(), Yaml::Map(settings))]);
    }
    let mut entries = Entries::new();
    match load {
        Load::Native(NativeLoad::UserStages {
            from,
            stages,
            start,
            pacing,
        }) => {
            staged(&mut entries, "users", *from, stages, |users| {
                Yaml::plain(users)
            });
            closed(&mut entries, *start, *pacing);
        }
        Load::Native(NativeLoad::UserSteps {
            levels,
            ramp,
            hold,
            start,
            pacing,
        }) => {
            let steps = steps(levels, *ramp, *hold, Yaml::plain, |a, b| {
                Yaml::plain(a.abs_diff(b))
            });
            entries.push(("users".to_owned(), steps));
            closed(&mut entries, *start, *pacing);
        }
        Load::Native(NativeLoad::UserIterations {
            users,
            iterations,
            each,
            ramp,
            start,
            pacing,
        }) => {
            let key = if *each {
                "iterations_each"
            } else {
                "iterations"
            };
            entries.push(("users".to_owned(), Yaml::plain(users)));
            entries.push((key.to_owned(), Yaml::plain(iterations)));
            push_time(&mut entries, "ramp", *ramp);
            closed(&mut entries, *start, *pacing);
        }
        Load::Native(NativeLoad::RateStages {
            from,
            stages,
            poisson,
            max_users,
            start,
        }) => {
            staged(&mut entries, "rate", *from, stages, rate);
            open(&mut entries, *poisson, *max_users, *start);
        }
        Load::Native(NativeLoad::RateSteps {
            levels,
            ramp,
            hold,
            poisson,
            max_users,
            start,
        }) => {
            let difference = |a: Rate, b: Rate| {
                // Levels are rounded to a billionth.
                let by = (a.as_per_second() - b.as_per_second()).abs();
                Yaml::plain(format!("{}/s", (by * 1e9).round() / 1e9))
            };
            let steps = steps(levels, *ramp, *hold, rate, difference);
            entries.push(("rate".to_owned(), steps));
            open(&mut entries, *poisson, *max_users, *start);
        }
        _ => {}
    }
    Yaml::Map(entries)
}

fn rate(rate: Rate) -> Yaml {
    Yaml::plain(rate)
}

/// A constant load after a ramp, or stages.
fn staged<T: Copy + PartialEq + Default>(
    entries: &mut Entries,
    key: &str,
    from: T,
    stages: &[LoadStage<T>],
    number: impl Fn(T) -> Yaml,
) {
    let constant = match stages {
        [hold] if hold.target == from => Some((Duration::ZERO, hold)),
        [ramp, hold]
            if from == T::default() && ramp.target == hold.target && !ramp.duration.is_zero() =>
        {
            Some((ramp.duration, hold))
        }
        _ => None,
    };
    if let Some((ramp, hold)) = constant.filter(|(_, hold)| !hold.duration.is_zero()) {
        entries.push((key.to_owned(), number(hold.target)));
        entries.push(("for".to_owned(), Yaml::plain(time(hold.duration))));
        push_time(entries, "ramp", ramp);
        return;
    }
    let rows = stages.iter().map(|stage| {
        Yaml::Map(vec![
            ("to".to_owned(), number(stage.target)),
            ("in".to_owned(), Yaml::plain(time(stage.duration))),
        ])
    });
    let mut own = Entries::new();
    if from != T::default() {
        own.push(("from".to_owned(), number(from)));
    }
    own.push(("stages".to_owned(), Yaml::List(rows.collect())));
    entries.push((key.to_owned(), Yaml::Map(own)));
}

fn steps<T: Copy + PartialEq + Default>(
    levels: &[T],
    ramp: Duration,
    hold: Duration,
    number: impl Fn(T) -> Yaml,
    difference: impl Fn(T, T) -> Yaml,
) -> Yaml {
    let from = levels.first().copied().unwrap_or_default();
    let to = levels.last().copied().unwrap_or_default();
    let mut own = vec![
        ("from".to_owned(), number(from)),
        ("to".to_owned(), number(to)),
    ];
    if let [first, second, ..] = levels {
        own.push(("by".to_owned(), difference(*first, *second)));
    }
    own.push(("hold".to_owned(), Yaml::plain(time(hold))));
    push_time(&mut own, "ramp", ramp);
    Yaml::Map(own)
}

fn closed(entries: &mut Entries, start: Duration, pacing: Option<Duration>) {
    push_time(entries, "start", start);
    if let Some(pacing) = pacing {
        entries.push(("pacing".to_owned(), Yaml::plain(time(pacing))));
    }
}

fn open(entries: &mut Entries, poisson: bool, max_users: u32, start: Duration) {
    if poisson {
        entries.push(("arrivals".to_owned(), Yaml::plain("poisson")));
    }
    entries.push(("max_users".to_owned(), Yaml::plain(max_users)));
    push_time(entries, "start", start);
}

fn push_time(entries: &mut Entries, key: &str, duration: Duration) {
    if !duration.is_zero() {
        entries.push((key.to_owned(), Yaml::plain(time(duration))));
    }
}
