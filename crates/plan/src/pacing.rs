//! Timers that look at other samples: paces to keep, and users that wait for each other.
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
