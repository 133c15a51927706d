//! Flags that say how much load, and how they replace the load of a plan.

use std::time::Duration;

use clap::Args;
use loadline_plan::{Load, LoadStage, NativeLoad, Plan, Stage};
use loadline_units::{Rate, parse_duration, parse_rate};

use crate::args::duration;

/// How much load.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LoadFlags {
    /// Concurrent users
    #[arg(short, long, value_name = "N", env = "LOADLINE_USERS")]
    pub(crate) users: Option<u32>,
    /// Arrival rate (open model)
    #[arg(short, long, value_name = "N/s", value_parser = parse_rate, env = "LOADLINE_RATE")]
    pub(crate) rate: Option<Rate>,
    /// How long
    #[arg(short, long, value_name = "TIME", value_parser = duration, env = "LOADLINE_DURATION")]
    pub(crate) duration: Option<Duration>,
    /// Iterations of all users together
    #[arg(short = 'n', long, value_name = "N", env = "LOADLINE_ITERATIONS")]
    pub(crate) iterations: Option<u64>,
    /// Steps of users, FROM:TO:BY@HOLD[,ramp=TIME], or of a rate, 50/s:400/s:50/s@1m
    #[arg(long, value_name = "STEPS", value_parser = Steps::parse, env = "LOADLINE_STEPS")]
    pub(crate) steps: Option<Steps>,
    /// Change to a number of users over a time, TIME:USERS; repeat for more stages
    #[arg(long = "stage", value_name = "TIME:N", value_parser = parse_stage)]
    pub(crate) stages: Vec<LoadStage<u32>>,
    /// Greatest number of users that serve arrivals
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10_000,
        env = "LOADLINE_MAX_USERS"
    )]
    pub(crate) max_users: u32,
    /// The thread group whose load is replaced, when the plan has several
    #[arg(long, value_name = "NAME", env = "LOADLINE_GROUP")]
    pub(crate) group: Option<String>,
}

/// Steps as given on the command line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steps {
    levels: Levels,
    hold: Duration,
    ramp: Duration,
}

#[derive(Clone, Debug, PartialEq)]
enum Levels {
    Users(Vec<u32>),
    Rates(Vec<Rate>),
}

/// A plan has at most so many steps; more is a slip of the keyboard.
const MAX_STEPS: usize = 1_000;

impl Steps {
    /// Steps of users held for `hold`, each after a ramp of `ramp`; `text` is FROM:TO:BY.
    pub(crate) fn of_users(text: &str, hold: Duration, ramp: Duration) -> Result<Self, String> {
        Ok(Self {
            levels: Levels::parse(text)?,
            hold,
            ramp,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let example = "write FROM:TO:BY@HOLD, such as 500:2000:500@2m or 500:2000:500@2m,ramp=10s";
        let (levels, times) = text
            .split_once('@')
            .ok_or_else(|| format!("no hold time; {example}"))?;
        let (hold, ramp) = match times.split_once(',') {
            None => (times, "0"),
            Some((hold, ramp)) => {
                let ramp = ramp.trim().strip_prefix("ramp=");
                (
                    hold,
                    ramp.ok_or_else(|| format!("only `ramp=` may follow the comma; {example}"))?,
                )
            }
        };
        let time = |text| parse_duration(text).map_err(|error| error.to_string());
        let steps = Self {
            levels: Levels::parse(levels)?,
            hold: time(hold)?,
            ramp: time(ramp)?,
        };
        if steps.hold.is_zero() {
            return Err("the hold time must be longer than 0".to_owned());
        }
        Ok(steps)
    }

    /// The load of a thread group.
    pub(crate) fn load(&self, max_users: u32) -> Load {
        match &self.levels {
            Levels::Users(levels) => Load::Native(NativeLoad::UserSteps {
                levels: levels.clone(),
                ramp: self.ramp,
                hold: self.hold,
                start: Duration::ZERO,
                pacing: None,
            }),
            Levels::Rates(levels) => Load::Native(NativeLoad::RateSteps {
                levels: levels.clone(),
                ramp: self.ramp,
                hold: self.hold,
                poisson: false,
                max_users,
                start: Duration::ZERO,
            }),
        }
    }
}

impl Levels {
    fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let &[from, to, by] = parts.as_slice() else {
            return Err(format!("`{text}` is not FROM:TO:BY, such as 500:2000:500"));
        };
        if text.contains('/') {
            let rate = |text: &str| {
                parse_rate(text)
                    .map(Rate::as_per_second)
                    .map_err(|error| error.to_string())
            };
            let rates = levels(rate(from)?, rate(to)?, rate(by)?)?;
            let rates = rates
                .into_iter()
                .map(Rate::per_second)
                .collect::<Option<_>>();
            return rates
                .map(Levels::Rates)
                .ok_or_else(|| format!("`{text}` is out of range"));
        }
        let users = |text: &str| {
            text.parse::<u32>()
                .map_err(|_| format!("`{text}` is not a number of users"))
        };
        let users = levels(users(from)?.into(), users(to)?.into(), users(by)?.into())?;
        Ok(Levels::Users(
            users.into_iter().map(|users| users as u32).collect(),
        ))
    }
}

/// `from`, `from ± by`, … up to `to` inclusive.
fn levels(from: f64, to: f64, by: f64) -> Result<Vec<f64>, String> {
    if by <= 0.0 || from <= 0.0 || to <= 0.0 {
        return Err("FROM, TO and BY must be greater than 0".to_owned());
    }
    let count = ((to - from).abs() / by + 1e-9).floor() as usize + 1;
    if count > MAX_STEPS {
        return Err(format!("{count} steps are more than {MAX_STEPS}"));
    }
    let direction = if to < from { -by } else { by };
    Ok((0..count)
        .map(|index| from + direction * index as f64)
        .collect())
}

fn parse_stage(text: &str) -> Result<LoadStage<u32>, String> {
    let (time, users) = text
        .split_once(':')
        .ok_or("a stage is TIME:USERS, such as 1m:500".to_owned())?;
    Ok(LoadStage {
        duration: parse_duration(time).map_err(|error| error.to_string())?,
        target: users
            .trim()
            .parse()
            .map_err(|_| format!("`{users}` is not a number of users"))?,
    })
}

impl LoadFlags {
    /// The load they ask for; `None` if they say nothing of it.
    ///
    /// # Errors
    ///
    /// When they contradict each other.
    pub(crate) fn load(&self) -> Result<Option<Load>, String> {
        let kinds = [
            ("--steps", self.steps.is_some()),
            ("--stage", !self.stages.is_empty()),
            ("--rate", self.rate.is_some()),
            ("--users", self.users.is_some()),
        ];
        let given: Vec<&str> = kinds
            .iter()
            .filter(|kind| kind.1)
            .map(|kind| kind.0)
            .collect();
        if given.len() > 1 {
            return Err(format!("{} cannot be used together", given.join(" and ")));
        }
        if self.duration.is_some() && self.iterations.is_some() {
            return Err("--duration and --iterations cannot be used together".to_owned());
        }
        if let Some(steps) = &self.steps {
            return Ok(Some(steps.load(self.max_users)));
        }
        if !self.stages.is_empty() {
            return Ok(Some(Load::Native(NativeLoad::UserStages {
                from: 0,
                stages: self.stages.clone(),
                start: Duration::ZERO,
                pacing: None,
            })));
        }
        if let Some(rate) = self.rate {
            let hold = self.duration.ok_or("--rate needs --duration")?;
            return Ok(Some(Load::Native(NativeLoad::RateSteps {
                levels: vec![rate],
                ramp: Duration::ZERO,
                hold,
                poisson: false,
                max_users: self.max_users,
                start: Duration::ZERO,
            })));
        }
        if let Some(iterations) = self.iterations {
            return Ok(Some(Load::Native(NativeLoad::UserIterations {
                users: self.users.unwrap_or(1),
                iterations,
                each: false,
                ramp: Duration::ZERO,
                start: Duration::ZERO,
                pacing: None,
            })));
        }
        match (self.users, self.duration) {
            (None, None) => Ok(None),
            (users, Some(hold)) => Ok(Some(Load::Native(NativeLoad::UserSteps {
                levels: vec![users.unwrap_or(1)],
                ramp: Duration::ZERO,
                hold,
                start: Duration::ZERO,
                pacing: None,
            }))),
            (Some(_), None) => Err("--users needs --duration or --iterations".to_owned()),
        }
    }

    /// Replaces the load of the plan's one main thread group, or of the one named by `--group`.
    ///
    /// # Errors
    ///
    /// When the flags contradict each other or the group is not clear.
    pub(crate) fn apply(&self, plan: &mut Plan) -> Result<(), String> {
        let Some(load) = self.load()? else {
            return Ok(());
        };
        let mut groups: Vec<_> = plan
            .groups
            .iter_mut()
            .filter(|group| group.stage == Stage::Main)
            .collect();
        let names: Vec<String> = groups
            .iter()
            .map(|group| format!("`{}`", group.name))
            .collect();
        let group = match &self.group {
            Some(name) => groups
                .into_iter()
                .find(|group| group.name == *name)
                .ok_or_else(|| {
                    format!(
                        "the plan has no thread group `{name}`; it has {}",
                        names.join(", ")
                    )
                })?,
            None if groups.len() == 1 => groups.remove(0),
            None => {
                return Err(format!(
                    "the plan has {} thread groups, so --group must say whose load is replaced: {}",
                    names.len(),
                    names.join(", ")
                ));
            }
        };
        group.load = load;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let steps = Steps::parse("500:2000:500@2m,ramp=10s").unwrap();
        assert_eq!(steps.levels, Levels::Users(vec![500, 1000, 1500, 2000]));
        assert_eq!(
            (steps.hold, steps.ramp),
            (Duration::from_secs(120), Duration::from_secs(10))
        );
        let steps = Steps::parse("100/s:50/s:50/s@1m").unwrap();
        let rate = |rate| Rate::per_second(rate).unwrap();
        assert_eq!(steps.levels, Levels::Rates(vec![rate(100.0), rate(50.0)]));
    }

    #[test]
    fn wrong_steps_say_what_is_wrong() {
        for (text, part) in [
            ("500:2000:500", "no hold time"),
            ("500:2000@2m", "is not FROM:TO:BY"),
            ("a:2:1@2m", "`a` is not a number of users"),
            ("1:2:0@2m", "must be greater than 0"),
            ("1:9999999:1@2m", "steps are more than"),
            ("1:2:1@0s", "hold time must be longer"),
            ("1:2:1@1m,x=3", "only `ramp=`"),
        ] {
            let error = Steps::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn flags_that_contradict_are_refused() {
        let flags = LoadFlags {
            users: Some(3),
            rate: Rate::per_second(1.0),
            duration: Some(Duration::from_secs(1)),
            ..LoadFlags::default()
        };
        assert_eq!(
            flags.load().unwrap_err(),
            "--rate and --users cannot be used together"
        );
    }
}
