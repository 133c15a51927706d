//! Timers that look at other samples: paces to keep, schedules, and users that wait for each other.
//!
//! Not here: timers that draw a delay and know nothing else (see [`crate::Timer`]).

use crate::Text;

/// A Constant Throughput Timer: holds samplers in scope back to a pace. It never catches up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThroughputTimer {
    /// Samples per minute, evaluated each time.
    pub per_minute: Text,
    /// Whose samples those are.
    pub basis: ThroughputBasis,
}

/// Whose samples a [`ThroughputTimer`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThroughputBasis {
    /// Those of each user by itself.
    User,
    /// Those of all running users, each keeping its equal part of the pace.
    AllUsers,
    /// Those of the running users of the thread group, each keeping its equal part of the pace.
    Group,
    /// Those of all users by one schedule, which all such timers share.
    AllUsersShared,
    /// Those of the thread group's users by one schedule for the group.
    GroupShared,
}

/// A Synchronizing Timer: users wait until enough have come, then all go on together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynchronizingTimer {
    /// How many users go on together; 0 means all of the thread group, below 0 nobody waits.
    pub group_size: Text,
    /// Longest wait in milliseconds, after which all who wait go on; 0 is without end.
    pub timeout_ms: Text,
}

/// A Precise Throughput Timer: samples in scope are due at random times, so many in each period. The
/// users of a thread group share the times; texts that are no numbers are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreciseThroughputTimer {
    /// Samples in each `period_s`, evaluated each time.
    pub throughput: Text,
    /// Seconds to which `throughput` relates.
    pub period_s: Text,
    /// Length in seconds of the periods of which each has its exact number of samples.
    pub duration_s: Text,
    /// Samples that are due together.
    pub batch_size: Text,
    /// Seed of Java's generator; 0 is none.
    pub random_seed: Text,
}

/// A Throughput Shaping Timer of a plugin: samples in scope start at a rate over time, whoever's they
/// are; at its end, the thread group ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapingTimer {
    /// Its name, under which it tells its figures in properties.
    pub name: Text,
    /// The rate, row after row; evaluated once.
    pub rows: Vec<ShapingTimerRow>,
}

/// A row of a [`ShapingTimer`]: rates per second, and whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShapingTimerRow {
    /// Samples per second at its beginning.
    pub start: Text,
    /// Samples per second at its end.
    pub end: Text,
    /// Its length in seconds.
    pub duration_s: Text,
}
