//! Load as a plan states it: users or arrivals, when and how long.
//!
//! Numbers that JMeter keeps as text, where properties may be substituted, are [`Text`] here; they
//! are evaluated once, before the users start.

use crate::{LoopCount, NativeLoad, Text};

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
    /// A load of our own plans.
    Native(NativeLoad),
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
