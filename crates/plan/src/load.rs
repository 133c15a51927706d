//! Load as a plan states it: users or arrivals, when and how long.
//!
//! Numbers that JMeter keeps as text, where properties may be substituted, are [`Text`] here; they
//! are evaluated once, before the users start.

use std::time::Duration;

use loadline_units::Rate;

use crate::{LoopCount, Text};

/// The load of a thread group.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// JMeter's Thread Group: users started over a ramp, ending by count or by time.
    Threads {
        /// Number of users.
        users: Text,
        /// Seconds over which they start; the last starts at `ramp · (n − 1) / n`.
        ramp_s: Text,
        /// Iterations of each user.
        loops: LoopCount,
        /// Duration and start-up delay, when the scheduler is on.
        scheduled: Option<ScheduledThreads>,
        /// Whether users are created only when they are due.
        delayed_start: bool,
    },
    /// Closed load that changes linearly towards each stage's target.
    UserStages {
        /// Users at the start, usually 0.
        from: u32,
        /// The stages, one after another; none is empty of time unless it jumps.
        stages: Vec<LoadStage<u32>>,
        /// Time before the first stage.
        start: Duration,
        /// Time between the starts of two iterations of a user, if paced.
        pacing: Option<Duration>,
    },
    /// Closed load in ascending or descending steps, each held.
    UserSteps {
        /// Users of each step, in order; not empty.
        levels: Vec<u32>,
        /// Time over which users are added or removed before each hold.
        ramp: Duration,
        /// Time each step is held, after its ramp.
        hold: Duration,
        /// Time before the first step.
        start: Duration,
        /// Time between the starts of two iterations of a user, if paced.
        pacing: Option<Duration>,
    },
    /// A fixed number of users that end after a number of iterations.
    UserIterations {
        /// Number of users.
        users: u32,
        /// Iterations of the whole group, shared by its users, or of each user.
        iterations: u64,
        /// Whether `iterations` counts for each user rather than for the group.
        each: bool,
        /// Time over which the users start.
        ramp: Duration,
        /// Time before the first user.
        start: Duration,
        /// Time between the starts of two iterations of a user, if paced.
        pacing: Option<Duration>,
    },
    /// Open load that changes linearly towards each stage's target rate.
    RateStages {
        /// Arrival rate at the start.
        from: Rate,
        /// The stages, one after another.
        stages: Vec<LoadStage<Rate>>,
        /// Whether arrivals are random (Poisson) instead of evenly spaced.
        poisson: bool,
        /// Greatest number of users that serve arrivals.
        max_users: u32,
        /// Time before the first stage.
        start: Duration,
    },
    /// Open load in steps, each held.
    RateSteps {
        /// Arrival rate of each step, in order; not empty.
        levels: Vec<Rate>,
        /// Time over which the rate changes before each hold.
        ramp: Duration,
        /// Time each step is held, after its ramp.
        hold: Duration,
        /// Whether arrivals are random (Poisson) instead of evenly spaced.
        poisson: bool,
        /// Greatest number of users that serve arrivals.
        max_users: u32,
        /// Time before the first step.
        start: Duration,
    },
    /// JMeter's Open Model Thread Group: each arrival is a new user of one iteration.
    OpenModel {
        /// Its schedule, such as `rate(10/s) random_arrivals(1 min)`.
        schedule: Text,
        /// Seed of Java's generator for random arrivals; 0, or a text that is no number, is none.
        random_seed: Text,
    },
    /// The Arrivals Thread Group plugin.
    Arrivals {
        /// Arrivals in a unit of time at full load; a text that is no number is 0.
        target: Text,
        /// Time to full load, in the plan's unit.
        ramp_up: Text,
        /// Number of steps of the ramp; empty or 0 means none.
        steps: Text,
        /// Time the full load is held, in the plan's unit.
        hold: Text,
        /// The users that serve the arrivals.
        users: ArrivalUsers,
        /// Whether the unit is a minute rather than a second.
        minutes: bool,
    },
    /// The Free-Form Arrivals Thread Group plugin.
    FreeFormArrivals {
        /// The rate over time.
        rows: Vec<ArrivalRow>,
        /// The users that serve the arrivals.
        users: ArrivalUsers,
        /// Whether the unit is a minute rather than a second.
        minutes: bool,
    },
    /// The Stepping Thread Group plugin; all values in seconds or users.
    Stepping {
        /// Users in all.
        users: Text,
        /// Seconds before the first user.
        initial_delay_s: Text,
        /// Users started in each step.
        start_count: Text,
        /// Users started at once at the beginning; 0 or empty means `start_count`.
        start_burst: Text,
        /// Seconds between steps.
        start_period_s: Text,
        /// Seconds over which the users of a step start.
        ramp_up_s: Text,
        /// Seconds the full load is held.
        flight_time_s: Text,
        /// Users stopped in each step down.
        stop_count: Text,
        /// Seconds between steps down.
        stop_period_s: Text,
    },
    /// The Ultimate Thread Group plugin: the sum of its rows.
    Ultimate(Vec<UltimateRow>),
    /// The Concurrency Thread Group plugin.
    Concurrency {
        /// Users at full load.
        target: Text,
        /// Time to full load, in the plan's unit.
        ramp_up: Text,
        /// Number of steps of the ramp; empty or 0 means a line.
        steps: Text,
        /// Time the full load is held, in the plan's unit.
        hold: Text,
        /// Iterations of each user; empty means no bound.
        iterations: Text,
        /// Whether times are minutes rather than seconds.
        minutes: bool,
    },
}

/// One stage of a load: a linear change to `target` during `duration`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadStage<T> {
    /// Load at the end of the stage.
    pub target: T,
    /// Length of the stage; zero jumps.
    pub duration: Duration,
}

/// Settings of a Thread Group whose scheduler is on; seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduledThreads {
    /// Length of the group's run, from the creation of its users plus the delay.
    pub duration_s: Text,
    /// Time before the first user.
    pub delay_s: Text,
}

/// The users of the plugins that plan arrivals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrivalUsers {
    /// Greatest number of them at work; empty or 0 means no limit.
    pub limit: Text,
    /// Iterations after which a new user takes the place of one; empty or 0 means no bound.
    pub iterations: Text,
}

/// One row of a Free-Form Arrivals Thread Group: rates in the plan's unit and the time between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrivalRow {
    /// Arrivals in a unit of time at its start.
    pub start: Text,
    /// Arrivals in a unit of time at its end.
    pub end: Text,
    /// Its length, in units of time.
    pub duration: Text,
}

/// One row of an Ultimate Thread Group; users and seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UltimateRow {
    /// Users of this row.
    pub users: Text,
    /// Seconds before its first user.
    pub initial_delay_s: Text,
    /// Seconds over which its users start.
    pub startup_s: Text,
    /// Seconds they are held.
    pub hold_s: Text,
    /// Seconds over which they stop.
    pub shutdown_s: Text,
}
