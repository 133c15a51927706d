//! A plan's load with its numbers: texts evaluated, JMeter's number rules applied, checked.

use std::time::Duration;

use loadline_plan::{Load, LoopCount, NativeLoad, ScheduledThreads, Text};

use crate::jmeter_number as number;
use crate::native;
use crate::open_model::{ArrivalInterval, parse_schedule};
use crate::plugin_arrivals::{PluginRate, RateRow};

/// The load of a thread group as numbers.
///
/// The variants are those of [`Load`], which documents their fields.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadProfile {
    /// JMeter's Thread Group.
    Threads {
        /// Number of users; 0 runs nothing.
        users: u32,
        /// Time over which they start; the last starts at `ramp · (n − 1) / n`.
        ramp: Duration,
        /// Iterations of each user; `None` is without end.
        iterations: Option<u64>,
        /// Length from the end of `delay`, if bounded.
        duration: Option<Duration>,
        /// Time before the first user.
        delay: Duration,
        /// Whether users are created only when they are due; the last then starts at `ramp`.
        delayed_start: bool,
    },
    /// A load of our own plans.
    Native(NativeLoad),
    /// JMeter's Open Model Thread Group.
    OpenModel {
        /// The intervals of its schedule, in time order.
        intervals: Vec<ArrivalInterval>,
        /// Seed of Java's generator for random arrivals; without one the run's counts.
        seed: Option<i64>,
    },
    /// The Arrivals and Free-Form Arrivals Thread Group plugins.
    Arrivals {
        /// The rate over time.
        rate: PluginRate,
        /// Greatest number of users at work; an arrival that finds them all at work is dropped.
        limit: Option<u32>,
        /// Iterations after which a user is replaced by a new one.
        iterations: Option<u64>,
    },
    /// The Stepping Thread Group plugin. Counts are resolved: none is 0 unless `users` is.
    Stepping {
        /// Users in all.
        users: u32,
        /// Time before the first user.
        initial_delay: Duration,
        /// Users of each step up but the first.
        start_count: u32,
        /// Users of the first step.
        start_burst: u32,
        /// Time each step up is held.
        start_period: Duration,
        /// Time over which the users of a step start.
        ramp_up: Duration,
        /// Time the full load is held.
        flight_time: Duration,
        /// Users of each step down.
        stop_count: u32,
        /// Time between steps down.
        stop_period: Duration,
    },
    /// The Ultimate Thread Group plugin.
    Ultimate(Vec<UltimateNumbers>),
    /// The Concurrency Thread Group plugin.
    Concurrency {
        /// Users at full load.
        target: u32,
        /// Time to full load.
        ramp_up: Duration,
        /// Number of steps of the ramp; 0 means a line.
        steps: u32,
        /// Time the full load is held.
        hold: Duration,
        /// Iterations of each user, which is then replaced; `None` is without end.
        iterations: Option<u64>,
        /// Greatest number of users, where `target` is only the first of the numbers that the load
        /// takes while it runs.
        steered: Option<u32>,
    },
}

/// Greatest number of users of one load: what is above is a slip of the keyboard, and schedules
/// need time in proportion.
const MOST_USERS: u64 = 10_000_000;

/// Greatest number of users of an open load of JMeter's that names no limit. JMeter would start a
/// thread for each arrival that finds none free.
const MOST_UNLIMITED_USERS: u32 = 10_000;

/// Most random arrivals of one interval of an Open Model Thread Group, which are drawn when it begins.
const MOST_DRAWN: u64 = 20_000_000;

/// Which numbers random arrivals are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeding {
    /// From numbers of each segment's own.
    Segment,
    /// From numbers that are the same in all segments, by the run's seed.
    Run,
    /// From those of Java's generator with this seed, the same in all segments.
    Java(i64),
}

/// One row of an Ultimate Thread Group as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UltimateNumbers {
    /// Users of this row.
    pub users: u32,
    /// Time before its first user.
    pub initial_delay: Duration,
    /// Time over which its users start.
    pub startup: Duration,
    /// Time they are held.
    pub hold: Duration,
    /// Time over which they stop.
    pub shutdown: Duration,
}

/// Why a load cannot be run. The author of the plan can fix it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LoadError {
    /// Stable code of the diagnostic, in kebab case.
    pub code: &'static str,
    /// What is wrong: lower case, no final stop; the thread group is not named.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl LoadError {
    pub(crate) fn new(
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            help: help.into(),
        }
    }
}

impl LoadProfile {
    /// The numbers of `load`; `evaluate` replaces the variables and functions of a text.
    ///
    /// JMeter's rules hold for its groups: a text that is no number is 0.
    ///
    /// # Errors
    ///
    /// Everything that keeps the load from being run, at least one entry: a Thread Group's
    /// scheduler without a duration, a load without stages, length, users or rate.
    pub fn from_load(
        load: &Load,
        evaluate: &mut dyn FnMut(&Text) -> String,
    ) -> Result<LoadProfile, Vec<LoadError>> {
        let profile = match load {
            Load::Threads {
                users,
                ramp_s,
                loops,
                scheduled,
                delayed_start,
            } => {
                let (delay, duration) = match scheduled {
                    Some(scheduled) => schedule(scheduled, evaluate)?,
                    None => (Duration::ZERO, None),
                };
                LoadProfile::Threads {
                    users: number::users(&evaluate(users)),
                    ramp: number::seconds(&evaluate(ramp_s)),
                    iterations: match loops {
                        LoopCount::Forever => None,
                        // Any negative number is without end: JMeter compares `loops > -1`.
                        LoopCount::Times(text) => u64::try_from(number::int(&evaluate(text))).ok(),
                    },
                    duration,
                    delay,
                    delayed_start: *delayed_start,
                }
            }
            Load::Native(native) => LoadProfile::Native(native.clone()),
            Load::OpenModel {
                schedule,
                random_seed,
            } => LoadProfile::OpenModel {
                intervals: open_model(&evaluate(schedule))?,
                seed: match number::long(&evaluate(random_seed)) {
                    0 => None,
                    seed => Some(seed),
                },
            },
            Load::Arrivals {
                target,
                ramp_up,
                steps,
                hold,
                users,
                minutes,
            } => {
                let unit_s = unit_s(*minutes);
                LoadProfile::Arrivals {
                    rate: PluginRate::Target {
                        target: f64::from(number::int(&evaluate(target)).max(0)) / unit_s,
                        ramp_up_s: number::whole_seconds(&evaluate(ramp_up), unit_s),
                        steps: number::users(&evaluate(steps)),
                        hold_s: number::whole_seconds(&evaluate(hold), unit_s),
                    },
                    limit: limit(&evaluate(&users.limit)),
                    iterations: count(&evaluate(&users.iterations)),
                }
            }
            Load::FreeFormArrivals {
                rows,
                users,
                minutes,
            } => {
                let unit_s = unit_s(*minutes);
                let mut decimal = |text| number::decimal(&evaluate(text));
                let rows = rows.iter().map(|row| RateRow {
                    from: decimal(&row.start) / unit_s,
                    to: decimal(&row.end) / unit_s,
                    length_s: (decimal(&row.duration) * unit_s).min(f64::from(i32::MAX)),
                });
                LoadProfile::Arrivals {
                    rate: PluginRate::Rows(rows.filter(|row| row.length_s > 0.0).collect()),
                    limit: limit(&evaluate(&users.limit)),
                    iterations: count(&evaluate(&users.iterations)),
                }
            }
            Load::Stepping {
                users,
                initial_delay_s,
                start_count,
                start_burst,
                start_period_s,
                ramp_up_s,
                flight_time_s,
                stop_count,
                stop_period_s,
            } => {
                let users = number::users(&evaluate(users));
                // As the plugin resolves them: no start or stop count means all users, no burst
                // means the start count.
                let or_all = |count: u32| if count == 0 { users } else { count };
                let start_count = or_all(number::users(&evaluate(start_count)));
                let start_burst = match number::users(&evaluate(start_burst)).min(users) {
                    0 => start_count,
                    burst => burst,
                };
                LoadProfile::Stepping {
                    users,
                    initial_delay: number::seconds(&evaluate(initial_delay_s)),
                    start_count,
                    start_burst,
                    start_period: number::seconds(&evaluate(start_period_s)),
                    ramp_up: number::seconds(&evaluate(ramp_up_s)),
                    flight_time: number::seconds(&evaluate(flight_time_s)),
                    stop_count: or_all(number::users(&evaluate(stop_count))),
                    stop_period: number::seconds(&evaluate(stop_period_s)),
                }
            }
            Load::Ultimate(rows) => LoadProfile::Ultimate(
                rows.iter()
                    .map(|row| UltimateNumbers {
                        users: number::users(&evaluate(&row.users)),
                        initial_delay: number::seconds(&evaluate(&row.initial_delay_s)),
                        startup: number::seconds(&evaluate(&row.startup_s)),
                        hold: number::seconds(&evaluate(&row.hold_s)),
                        shutdown: number::seconds(&evaluate(&row.shutdown_s)),
                    })
                    .collect(),
            ),
            Load::Concurrency {
                target,
                ramp_up,
                steps,
                hold,
                iterations,
                minutes,
            } => {
                let mut time = |text: &Text| {
                    let seconds = number::whole_seconds(&evaluate(text), unit_s(*minutes));
                    Duration::from_secs(seconds.into())
                };
                LoadProfile::Concurrency {
                    ramp_up: time(ramp_up),
                    hold: time(hold),
                    target: number::users(&evaluate(target)),
                    steps: number::users(&evaluate(steps)),
                    iterations: count(&evaluate(iterations)),
                    steered: None,
                }
            }
        };
        let errors = profile.structural_errors();
        if errors.is_empty() {
            Ok(profile)
        } else {
            Err(errors)
        }
    }

    /// The same load, whose number of users changes while it runs, up to `most`; loads but those of a
    /// Concurrency Thread Group stay as they are.
    #[must_use]
    pub fn steered(mut self, most: u32) -> Self {
        if let LoadProfile::Concurrency { steered, .. } = &mut self {
            *steered = Some(most.min(MOST_UNLIMITED_USERS));
        }
        self
    }

    /// Whether the number of users changes while the load runs.
    #[must_use]
    pub fn is_steered(&self) -> bool {
        matches!(
            self,
            LoadProfile::Concurrency {
                steered: Some(_),
                ..
            }
        )
    }

    /// Whether arrivals are fixed by a schedule (open model) rather than by users becoming free.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            LoadProfile::Native(native) => native.is_open(),
            LoadProfile::OpenModel { .. } | LoadProfile::Arrivals { .. } => true,
            _ => false,
        }
    }

    /// Whether arrivals of an open load are random (Poisson); false for closed loads.
    #[must_use]
    pub fn is_poisson(&self) -> bool {
        match self {
            LoadProfile::Native(native) => native.is_poisson(),
            _ => false,
        }
    }

    /// Which numbers random arrivals of an open load are drawn from.
    #[must_use]
    pub fn seeding(&self) -> Seeding {
        match self {
            LoadProfile::OpenModel { seed, .. } => seed.map_or(Seeding::Run, Seeding::Java),
            _ => Seeding::Segment,
        }
    }

    /// Greatest number of users that serve the arrivals of an open load; `None` for closed loads.
    #[must_use]
    pub fn max_users(&self) -> Option<u32> {
        match self {
            LoadProfile::Native(native) => native.max_users(),
            LoadProfile::OpenModel { intervals, .. } => {
                let arrivals: u64 = intervals.iter().map(ArrivalInterval::count).sum();
                Some(u32::try_from(arrivals).map_or(MOST_UNLIMITED_USERS, unlimited))
            }
            LoadProfile::Arrivals { limit, .. } => Some(limit.unwrap_or_else(|| {
                let expected = self.arrivals_due(self.curve().end());
                // Saturates. The first arrival comes at once.
                unlimited(expected as u32 + 1)
            })),
            _ => None,
        }
    }

    /// Iterations after which a user of an open load is replaced by a new one, in plans of JMeter: 1
    /// where each arrival is a new user.
    #[must_use]
    pub fn iterations_of_pooled(&self) -> Option<u64> {
        match self {
            LoadProfile::Native(native) => native.is_open().then_some(1),
            LoadProfile::OpenModel { .. } => Some(1),
            LoadProfile::Arrivals { iterations, .. } => *iterations,
            _ => None,
        }
    }

    /// Iterations of each user of a steered load; `None` is without end.
    #[must_use]
    pub fn iterations_of_steered(&self) -> Option<u64> {
        match self {
            LoadProfile::Concurrency { iterations, .. } => *iterations,
            _ => None,
        }
    }

    /// Whether an arrival waits when no user is free; otherwise it is dropped.
    #[must_use]
    pub fn arrivals_wait(&self) -> bool {
        !matches!(self, LoadProfile::Arrivals { .. })
    }

    /// Whether samples under way are aborted when the load is over.
    #[must_use]
    pub fn interrupts_at_its_end(&self) -> bool {
        matches!(self, LoadProfile::OpenModel { .. })
    }

    /// Time between the starts of two iterations of a user, if the load is closed and paced.
    #[must_use]
    pub fn pacing(&self) -> Option<Duration> {
        match self {
            LoadProfile::Native(native) => native.pacing().filter(|pace| !pace.is_zero()),
            _ => None,
        }
    }

    /// What keeps our own loads from being run; JMeter's own groups may be empty.
    fn structural_errors(&self) -> Vec<LoadError> {
        let mut errors = match self {
            LoadProfile::Native(native) => native::problems(native),
            _ => Vec::new(),
        };
        if self.user_count() > MOST_USERS {
            errors.push(LoadError::new(
                "too-many-users",
                format!(
                    "the load starts {} users, more than {MOST_USERS}",
                    self.user_count()
                ),
                "check the numbers of users; no machine runs that many",
            ));
        }
        if let LoadProfile::OpenModel { intervals, .. } = self
            && let Some(most) = (intervals.iter().filter(|interval| interval.random))
                .map(ArrivalInterval::count)
                .max()
            && most > MOST_DRAWN
        {
            errors.push(LoadError::new(
                "too-many-arrivals",
                format!("an interval has {most} random arrivals, more than {MOST_DRAWN}"),
                "lower the rate, or use several intervals",
            ));
        }
        errors
    }
}

/// The intervals of an Open Model Thread Group.
fn open_model(schedule: &str) -> Result<Vec<ArrivalInterval>, Vec<LoadError>> {
    parse_schedule(schedule).map_err(|error| {
        vec![LoadError::new(
            "invalid-schedule",
            error.message,
            "write a schedule such as `rate(10/s) random_arrivals(1 min)`",
        )]
    })
}

/// The number of users that serve so many arrivals, where none is given.
fn unlimited(arrivals: u32) -> u32 {
    arrivals.min(MOST_UNLIMITED_USERS)
}

/// A plugin's unit of time in seconds.
fn unit_s(minutes: bool) -> f64 {
    if minutes { 60.0 } else { 1.0 }
}

/// A plugin's limit: without end unless above 0.
fn count(text: &str) -> Option<u64> {
    u64::try_from(number::long(text))
        .ok()
        .filter(|count| *count > 0)
}

fn limit(text: &str) -> Option<u32> {
    count(text).map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// Delay and duration of a Thread Group whose scheduler is on.
fn schedule(
    scheduled: &ScheduledThreads,
    evaluate: &mut dyn FnMut(&Text) -> String,
) -> Result<(Duration, Option<Duration>), Vec<LoadError>> {
    let mut errors = Vec::new();
    let duration_text = evaluate(&scheduled.duration_s);
    let duration = number::seconds(&duration_text);
    if duration.is_zero() {
        errors.push(LoadError::new(
            "invalid-duration",
            format!("the scheduler is on, and its duration `{duration_text}` is not above 0"),
            "set the duration in seconds, or switch the scheduler off",
        ));
    }
    let delay_text = evaluate(&scheduled.delay_s);
    if number::long(&delay_text) < 0 {
        errors.push(LoadError::new(
            "invalid-delay",
            format!("the start-up delay `{delay_text}` is negative"),
            "set the delay to 0 or more seconds",
        ));
    }
    if errors.is_empty() {
        Ok((number::seconds(&delay_text), Some(duration)))
    } else {
        Err(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(load: &Load) -> Result<LoadProfile, Vec<LoadError>> {
        LoadProfile::from_load(load, &mut |text| text.0.clone())
    }

    fn threads(scheduled: Option<(&str, &str)>) -> Load {
        Load::Threads {
            users: "10".into(),
            ramp_s: "x".into(),
            loops: LoopCount::Times("-1".into()),
            scheduled: scheduled.map(|(duration, delay)| ScheduledThreads {
                duration_s: duration.into(),
                delay_s: delay.into(),
            }),
            delayed_start: false,
        }
    }

    #[test]
    fn text_that_is_no_number_is_zero_and_minus_one_is_without_end() {
        assert_eq!(
            read(&threads(Some(("60", "")))),
            Ok(LoadProfile::Threads {
                users: 10,
                ramp: Duration::ZERO,
                iterations: None,
                duration: Some(Duration::from_secs(60)),
                delay: Duration::ZERO,
                delayed_start: false,
            })
        );
    }

    #[test]
    fn a_scheduler_without_duration_and_with_negative_delay_is_two_errors() {
        let errors = read(&threads(Some(("", "-5")))).unwrap_err();
        assert_eq!(
            errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "the scheduler is on, and its duration `` is not above 0",
                "the start-up delay `-5` is negative",
            ]
        );
    }

    #[test]
    fn empty_own_loads_are_refused() {
        let steps = |levels: Vec<u32>, hold_s: u64| {
            Load::Native(NativeLoad::UserSteps {
                levels,
                ramp: Duration::ZERO,
                hold: Duration::from_secs(hold_s),
                start: Duration::ZERO,
                pacing: None,
            })
        };
        for (load, message) in [
            (steps(vec![], 1), "the load has no steps"),
            (steps(vec![5], 0), "the steps of the load are not held"),
            (
                steps(vec![0], 1),
                "the number of users is never greater than 0",
            ),
        ] {
            assert_eq!(read(&load).unwrap_err()[0].to_string(), message);
        }
    }

    #[test]
    fn stepping_counts_of_zero_are_resolved() {
        let load = Load::Stepping {
            users: "100".into(),
            initial_delay_s: "0".into(),
            start_count: "10".into(),
            start_burst: "".into(),
            start_period_s: "30".into(),
            ramp_up_s: "5".into(),
            flight_time_s: "60".into(),
            stop_count: "0".into(),
            stop_period_s: "1".into(),
        };
        let Ok(LoadProfile::Stepping {
            start_burst,
            stop_count,
            ..
        }) = read(&load)
        else {
            panic!("not read as stepping")
        };
        assert_eq!((start_burst, stop_count), (10, 100));
    }
}
