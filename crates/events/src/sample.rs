//! The record of one sampler execution.

use loadline_units::RunTime;

/// Index of a label (the name of a series of samples) in a run's list of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub u16);

/// Index of a load step; [`StepId::NONE`] for samples of set-up and tear-down groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u16);

impl StepId {
    /// Not in any step.
    pub const NONE: StepId = StepId(u16::MAX);
}

/// Why a sample failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ErrorKind {
    /// It did not fail.
    #[default]
    None = 0,
    /// The response's status says failure.
    Status = 1,
    /// An assertion of the plan failed.
    Assertion = 2,
    /// No connection: refused or unreachable.
    Connect = 3,
    /// The TLS handshake failed.
    Tls = 4,
    /// No connection or no answer in time.
    Timeout = 5,
    /// The connection was reset or closed before the answer was complete.
    Closed = 6,
    /// The answer is not valid HTTP.
    Protocol = 7,
    /// The host name has no address.
    Resolve = 8,
    /// The run ended before the answer came.
    Aborted = 9,
    /// This machine's own limit: no file descriptor, no port, no memory. Not the server's error.
    Generator = 10,
    /// The plan made a request that cannot be sent, such as a URL that is none.
    Request = 11,
}

impl ErrorKind {
    /// All kinds, [`ErrorKind::None`] first, in the order of their numbers.
    pub const ALL: [ErrorKind; 12] = [
        ErrorKind::None,
        ErrorKind::Status,
        ErrorKind::Assertion,
        ErrorKind::Connect,
        ErrorKind::Tls,
        ErrorKind::Timeout,
        ErrorKind::Closed,
        ErrorKind::Protocol,
        ErrorKind::Resolve,
        ErrorKind::Aborted,
        ErrorKind::Generator,
        ErrorKind::Request,
    ];

    /// The kind with the number `code`, as stored in files.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The word used in files and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            ErrorKind::None => "none",
            ErrorKind::Status => "status",
            ErrorKind::Assertion => "assertion",
            ErrorKind::Connect => "connect",
            ErrorKind::Tls => "tls",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Closed => "closed",
            ErrorKind::Protocol => "protocol",
            ErrorKind::Resolve => "resolve",
            ErrorKind::Aborted => "aborted",
            ErrorKind::Generator => "generator",
            ErrorKind::Request => "request",
        }
    }
}

/// Properties of a sample, as a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SampleFlags(pub u8);

impl SampleFlags {
    /// Still waiting when the run ended: its times are lower bounds.
    pub const CENSORED: SampleFlags = SampleFlags(1);
    /// Sent again because a kept-alive connection had been closed.
    pub const RETRIED: SampleFlags = SampleFlags(2);
    /// A connection was opened for it.
    pub const NEW_CONNECTION: SampleFlags = SampleFlags(4);
    /// The sum of other samples (a transaction); left out of totals.
    pub const TRANSACTION: SampleFlags = SampleFlags(8);
    /// Its intended start comes from a schedule (open model, pacing), so its response time is free
    /// of coordinated omission.
    pub const SCHEDULED: SampleFlags = SampleFlags(16);
    /// Part of a transaction that stands for its samples: JMeter's result files list the
    /// transaction alone.
    pub const PART: SampleFlags = SampleFlags(32);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: SampleFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: SampleFlags) -> SampleFlags {
        SampleFlags(self.0 | other.0)
    }
}

/// The parts of a sample's time that are the network's own, in microseconds each; they follow one another,
/// but for the wait, which is first.
///
/// Before `tcp_us` a connection may wait for a name, between `tcp_us` and `tls_us` for a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkTimes {
    /// Looking names up; 0 for an address or a name that is remembered.
    pub resolve_us: u32,
    /// Opening TCP connections, all addresses that were tried, or the one to a Unix socket; 0 on a
    /// kept-alive connection.
    pub tcp_us: u32,
    /// The TLS handshake; 0 without one.
    pub tls_us: u32,
    /// Sending, or the wait for a connection.
    pub send_or_wait: SendOrWait,
}

/// Two times of which one is told, since together they take the room of one: how long a request was sent, or,
/// where it waited before its start, for how long.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct SendOrWait(u32);

impl SendOrWait {
    /// The longest time that is told, about 36 minutes; longer ones are cut to it.
    pub const MAX_US: u32 = Self::IS_WAIT - 1;

    const IS_WAIT: u32 = 1 << 31;

    /// Sending took `time_us`.
    #[must_use]
    pub fn send(time_us: u32) -> Self {
        Self(time_us.min(Self::MAX_US))
    }

    /// The wait took `time_us`.
    #[must_use]
    pub fn wait(time_us: u32) -> Self {
        match time_us {
            0 => Self::default(),
            _ => Self(Self::IS_WAIT | time_us.min(Self::MAX_US)),
        }
    }

    const fn is_wait(self) -> bool {
        self.0 & Self::IS_WAIT != 0
    }
}

impl std::fmt::Debug for SendOrWait {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.is_wait() { "Wait" } else { "Send" };
        let time_us = self.0 & Self::MAX_US;
        out.debug_tuple(name).field(&time_us).finish()
    }
}

impl NetworkTimes {
    /// From the ready connection until the system had taken the whole request; 0 where it took it at
    /// once, over HTTP/2, and where the request had waited before its start.
    #[must_use]
    pub const fn send_us(&self) -> u32 {
        if self.send_or_wait.is_wait() {
            0
        } else {
            self.send_or_wait.0
        }
    }

    /// Waiting, before the actual start, for its turn to open a connection or for a stream of a shared one; 0
    /// where it had one at once.
    #[must_use]
    pub const fn wait_us(&self) -> u32 {
        if self.send_or_wait.is_wait() {
            self.send_or_wait.0 & SendOrWait::MAX_US
        } else {
            0
        }
    }

    /// Adds the times of `other` without its wait: that lies before the start of a request, and a sum
    /// has a start of its own.
    pub fn add(&mut self, other: &NetworkTimes) {
        self.resolve_us = self.resolve_us.saturating_add(other.resolve_us);
        self.tcp_us = self.tcp_us.saturating_add(other.tcp_us);
        self.tls_us = self.tls_us.saturating_add(other.tls_us);
        let send_us = self.send_us().saturating_add(other.send_us());
        self.send_or_wait = SendOrWait::send(send_us);
    }
}

/// One sampler execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When the schedule (or, in a closed model, the user's readiness) wanted it to start.
    pub intended: RunTime,
    /// From the intended to the actual start, in microseconds.
    pub start_delay_us: u32,
    /// The part of the start delay in which no user was free (open model with a cap), its user was
    /// still busy (pacing), too many connections were being opened or no stream of a shared one was free
    /// (HTTP/2), in microseconds; the rest is the generator's own lag.
    pub user_wait_us: u32,
    /// From the actual start until the connection was ready, in microseconds; 0 on a kept-alive
    /// connection.
    pub connect_us: u32,
    /// Parts of the connect time, sending, and the part of the start delay that was a wait for a
    /// connection.
    pub network: NetworkTimes,
    /// From the actual start to the first byte of the answer, in microseconds; 0 without answer.
    pub first_byte_us: u32,
    /// From the actual start to the last byte (or the failure), in microseconds.
    pub service_us: u32,
    /// Bytes written, TLS framing not counted.
    pub sent_bytes: u32,
    /// Bytes read as on the wire: status line, headers and body as encoded.
    pub received_bytes: u32,
    /// Number of the virtual user, counted from 0 over the run.
    pub user: u32,
    /// Label.
    pub label: LabelId,
    /// The load step in which its intended start lies.
    pub step: StepId,
    /// HTTP status; 0 without response.
    pub status: u16,
    /// Why it failed, or [`ErrorKind::None`].
    pub error: ErrorKind,
    /// Further properties.
    pub flags: SampleFlags,
}

impl Sample {
    /// What a caller feels, in microseconds.
    ///
    /// With a schedule (open model, pacing) from the intended start to the last byte, so a late
    /// start counts. Without one, from the actual start: a user that thinks has missed nothing, and
    /// the lateness of its timer, which only lengthens the pause, must not be charged to the server.
    #[must_use]
    pub fn response_us(&self) -> u64 {
        let service = u64::from(self.service_us);
        if self.flags.contains(SampleFlags::SCHEDULED) {
            service + u64::from(self.start_delay_us)
        } else {
            service
        }
    }

    /// The generator's own lateness, in microseconds.
    #[must_use]
    pub const fn lag_us(&self) -> u32 {
        self.start_delay_us.saturating_sub(self.user_wait_us)
    }

    /// When the last byte came.
    #[must_use]
    pub fn ended(&self) -> RunTime {
        RunTime::from_micros(
            self.intended.as_micros() + u64::from(self.start_delay_us) + u64::from(self.service_us),
        )
    }

    /// Whether it failed. Aborted samples are neither errors nor successes.
    #[must_use]
    pub fn is_error(&self) -> bool {
        !matches!(self.error, ErrorKind::None | ErrorKind::Aborted)
    }

    /// Whether its times are lower bounds.
    #[must_use]
    pub const fn is_censored(&self) -> bool {
        self.flags.contains(SampleFlags::CENSORED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_error_kinds_read_back() {
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::from_code(kind as u8), Some(kind));
        }
        assert_eq!(ErrorKind::from_code(12), None);
    }

    #[test]
    fn a_sample_is_one_cache_line() {
        assert_eq!(size_of::<Sample>(), 64);
    }

    #[test]
    fn sending_and_waiting_share_a_place_and_stay_apart() {
        let times = |send_or_wait| NetworkTimes {
            send_or_wait,
            ..NetworkTimes::default()
        };
        let both = |times: NetworkTimes| (times.send_us(), times.wait_us());
        assert_eq!(both(times(SendOrWait::send(7))), (7, 0));
        assert_eq!(both(times(SendOrWait::wait(7))), (0, 7));
        let most = SendOrWait::MAX_US;
        assert_eq!(both(times(SendOrWait::send(u32::MAX))), (most, 0));
        assert_eq!(both(times(SendOrWait::wait(u32::MAX))), (0, most));
        assert_eq!(times(SendOrWait::wait(0)), NetworkTimes::default());
        let mut sum = times(SendOrWait::send(5));
        sum.add(&times(SendOrWait::wait(9)));
        sum.add(&times(SendOrWait::send(2)));
        assert_eq!(both(sum), (7, 0));
    }
}
