//! What an engine thread says of itself each second: users, offered and started load, its lateness.

use loadline_units::RunTime;

/// One second of one engine thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerSecond {
    /// Index of the engine thread.
    pub worker: u16,
    /// The second of the run, 0 for the first; the row covers `[second, second + 1)`.
    pub second: u32,
    /// When the row was written; later than the second's end by the thread's own lateness.
    pub written_at: RunTime,
    /// Users that run at the second's end.
    pub users_running: u32,
    /// Samples under way at the second's end.
    pub in_flight: u32,
    /// Connections open at the second's end.
    pub open_connections: u32,
    /// Connections opened in the second.
    pub connections_opened: u32,
    /// Arrivals that the schedule wanted in the second (open model).
    pub arrivals_offered: u64,
    /// Arrivals for which an iteration was started in the second (open model).
    pub arrivals_started: u64,
    /// Arrivals given up in the second because no user was free and none could be added.
    pub arrivals_missed: u64,
    /// Iterations completed in the second.
    pub iterations: u64,
    /// Time that users spent in samples that ended in the second, in microseconds.
    pub in_sample_us: u64,
    /// Time that users slept in timers and pauses that ended in the second, in microseconds.
    pub think_us: u64,
    /// CPU time of the thread in the second, in microseconds.
    pub cpu_us: u64,
    /// Lateness of the thread's 10-ms timer, each in microseconds, back-filled: a lateness of L
    /// adds L − 10 ms, L − 20 ms and so on.
    pub loop_lag_us: Vec<u32>,
    /// Samples that could not be handed on and were dropped.
    pub samples_dropped: u64,
}
