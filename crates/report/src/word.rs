//! One word or short name for each case of a typed fact, for readers and for machines.

use loadline_analysis::{
    Anomaly, AnomalyKind, BreakingStatus, Cause, CellAnswer, ErrorClass, ResourceStanding,
    RunAnswer, ServerAnalysis, StepState, Verdict,
};
use loadline_events::{ErrorKind, Signal};
use loadline_metrics::StepLoad;

use crate::number::{self, Quantity};

/// The word of a verdict in files.
pub(crate) const fn verdict_key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Measured => "measured",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Invalid => "invalid",
        Verdict::Fail => "fail",
    }
}

/// The word of a verdict on pages.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "Pass",
        Verdict::Measured => "Measured",
        Verdict::Inconclusive => "Inconclusive",
        Verdict::Invalid => "Invalid",
        Verdict::Fail => "Fail",
    }
}

/// A load with its unit: `1,500 users`, `120/s`.
pub(crate) fn load(load: StepLoad) -> String {
    match load {
        StepLoad::Users(1) => "1 user".to_owned(),
        StepLoad::Users(users) => format!("{} users", number::count(u64::from(users))),
        StepLoad::Rate(rate) => format!("{}/s", number::load(rate.as_per_second())),
    }
}

/// A load without unit where its column names it; arrivals keep theirs.
pub(crate) fn bare_load(load: StepLoad) -> String {
    match load {
        StepLoad::Users(users) => number::count(u64::from(users)),
        StepLoad::Rate(_) => self::load(load),
    }
}

/// The unit of a load in files.
pub(crate) const fn load_key(load: StepLoad) -> &'static str {
    match load {
        StepLoad::Users(_) => "users",
        StepLoad::Rate(_) => "rate",
    }
}

/// The state of a step in files.
pub(crate) const fn state_key(state: &StepState) -> &'static str {
    match state {
        StepState::Steady => "steady",
        StepState::TooShort => "too_short",
        StepState::Rising { .. } => "rising",
        StepState::Falling => "falling",
        StepState::Unsettled => "unsettled",
        StepState::NotReached => "not_reached",
    }
}

/// The state of a step for readers.
pub(crate) fn state(state: &StepState) -> String {
    match state {
        StepState::Steady => "Steady".to_owned(),
        StepState::TooShort => "Too short to judge".to_owned(),
        StepState::Rising { per_second } => {
            format!("Rising, {} %/s", number::signed_percent(*per_second))
        }
        StepState::Falling => "Still getting faster".to_owned(),
        StepState::Unsettled => "Not settled: gaps without answers".to_owned(),
        StepState::NotReached => "Not reached".to_owned(),
    }
}

/// How and when a server was lost: `process ended 4:12`; `None` for one that was not.
pub(crate) fn loss(server: &ServerAnalysis) -> Option<String> {
    let at = number::clock(server.died_s?);
    Some(if server.process_ended {
        format!("process ended {at}")
    } else {
        format!("no answer from {at} on")
    })
}

/// The status of a breaking point in files.
pub(crate) const fn breaking_key(status: BreakingStatus) -> &'static str {
    match status {
        BreakingStatus::Found => "found",
        BreakingStatus::NotReached => "not_reached",
        BreakingStatus::Unknown => "unknown",
    }
}

/// A kind of anomaly in files.
pub(crate) const fn anomaly_key(kind: AnomalyKind) -> &'static str {
    match kind {
        AnomalyKind::ErrorBurst => "error_burst",
        AnomalyKind::SlowSpell => "slow_spell",
        AnomalyKind::Pauses => "pauses",
    }
}

/// What stood out, in a sentence with its time.
pub(crate) fn anomaly(anomaly: &Anomaly) -> String {
    let from = crate::number::clock(f64::from(anomaly.start_s));
    format!("At {from} {}.", anomaly.what)
}

/// A cause in files.
pub(crate) const fn cause_key(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "none",
        Cause::Generator => "generator",
        Cause::SharedHost => "shared_host",
        Cause::Cpu => "cpu",
        Cause::CpuQuota => "cpu_quota",
        Cause::SingleThread => "single_thread",
        Cause::WorkerPool => "worker_pool",
        Cause::Lock => "lock",
        Cause::Memory => "memory",
        Cause::MemoryLeak => "memory_leak",
        Cause::Disk => "disk",
        Cause::Network => "network",
        Cause::AcceptQueue => "accept_queue",
        Cause::Descriptors => "descriptors",
        Cause::RateLimiter => "rate_limiter",
        Cause::ServerErrors => "server_errors",
        Cause::Resets => "resets",
        Cause::Crash => "crash",
        Cause::Pauses => "pauses",
        Cause::Dependency => "dependency",
        Cause::DatabaseConnections => "database_connections",
        Cause::DatabaseLocks => "database_locks",
        Cause::DatabaseStatements => "database_statements",
        Cause::Unknown => "unknown",
    }
}

/// A cause as a clause without its first capital: `a single thread is full`.
pub(crate) const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "nothing was saturated",
        Cause::Generator => "Loadline itself was the limit",
        Cause::SharedHost => "the shared machine is full",
        Cause::Cpu => "all CPU cores are full",
        Cause::CpuQuota => "the CPU quota is used up",
        Cause::SingleThread => "a single thread is full",
        Cause::WorkerPool => "a pool of workers or connections is full",
        Cause::Lock => "a lock makes requests wait for each other",
        Cause::Memory => "memory is short",
        Cause::MemoryLeak => "memory grows at constant load",
        Cause::Disk => "the disk is full of work",
        Cause::Network => "the network is full",
        Cause::AcceptQueue => "the accept queue overflows",
        Cause::Descriptors => "open files are used up",
        Cause::RateLimiter => "a rate limiter refuses requests",
        Cause::ServerErrors => "the server fails; its resources do not show why",
        Cause::Resets => "the server cuts connections",
        Cause::Crash => "the server's process ended",
        Cause::Pauses => "the server stops answering for moments",
        Cause::Dependency => "requests wait for something outside the server",
        Cause::DatabaseConnections => "the database has no session left",
        Cause::DatabaseLocks => "sessions of the database wait for each other's locks",
        Cause::DatabaseStatements => "requests wait for statements of the database",
        Cause::Unknown => "not known",
    }
}

/// Whether a cause names something in the server.
pub(crate) const fn blames_server(cause: Cause) -> bool {
    !matches!(cause, Cause::None | Cause::Generator | Cause::Unknown)
}

/// Whether a cause explains why figures cannot be trusted, so that it stands beside them.
pub(crate) const fn explains_distrust(cause: Cause) -> bool {
    matches!(cause, Cause::Generator | Cause::SharedHost)
}

/// What bent figures that cannot be trusted.
pub(crate) const fn bent_by(cause: Cause) -> &'static str {
    match cause {
        Cause::SharedHost => "the full machine",
        _ => "the generator",
    }
}

/// The first message of a class of errors, without the status that its name tells already.
pub(crate) fn message(class: &ErrorClass) -> &str {
    let status = format!("HTTP {}", class.status);
    match class.first_message.strip_prefix(&status) {
        Some(rest) if class.status > 0 && (rest.is_empty() || rest.starts_with(": ")) => {
            rest.trim_start_matches(": ")
        }
        _ => &class.first_message,
    }
}

/// What the caller saw: `HTTP 503`, `time-out`.
pub(crate) fn error_class(class: &ErrorClass) -> String {
    match class.kind {
        ErrorKind::Status if class.status > 0 => format!("HTTP {}", class.status),
        ErrorKind::None | ErrorKind::Status => "failed status".to_owned(),
        ErrorKind::Assertion if class.status > 0 => {
            format!("assertion failed, HTTP {}", class.status)
        }
        ErrorKind::Assertion => "assertion failed".to_owned(),
        ErrorKind::Connect => "no connection".to_owned(),
        ErrorKind::Tls => "TLS handshake failed".to_owned(),
        ErrorKind::Timeout => "time-out".to_owned(),
        ErrorKind::Closed => "connection closed".to_owned(),
        ErrorKind::Protocol => "not valid HTTP".to_owned(),
        ErrorKind::Resolve => "host name not found".to_owned(),
        ErrorKind::Aborted => "aborted at the end".to_owned(),
        ErrorKind::Generator => "limit of this machine".to_owned(),
        ErrorKind::Request => "request that cannot be sent".to_owned(),
    }
}

/// What a class of errors means, in a few words.
pub(crate) const fn error_meaning(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::None | ErrorKind::Status => "server answered “no”",
        ErrorKind::Assertion => "the answer is not what the plan expects",
        ErrorKind::Connect => "refused or unreachable",
        ErrorKind::Tls => "no secure connection",
        ErrorKind::Timeout => "no answer in time",
        ErrorKind::Closed => "closed before the answer was complete",
        ErrorKind::Protocol => "the answer cannot be read",
        ErrorKind::Resolve => "no address",
        ErrorKind::Aborted => "still waiting when the run ended",
        ErrorKind::Generator => "files, ports or memory; not the server's error",
        ErrorKind::Request => "the plan makes it",
    }
}

/// A signal as readers know it, and the unit of its values.
pub(crate) struct SignalName {
    /// Name on pages.
    pub(crate) name: &'static str,
    /// What its share is of; empty where it has no limit.
    pub(crate) of: &'static str,
    /// Unit of its values.
    pub(crate) quantity: Quantity,
}

/// The names of a signal.
pub(crate) const fn signal(signal: Signal) -> SignalName {
    use Quantity::{Bytes, Plain, Rate, Share};
    let (name, of, quantity) = match signal {
        Signal::CpuCores => ("CPU, all cores", "of the cores it may use", Plain),
        Signal::BusiestThread => ("Busiest thread", "of one core", Share),
        Signal::CpuAllowedCores => ("Cores it may use", "", Plain),
        Signal::MemoryBytes => ("Memory", "of its limit", Bytes),
        Signal::SwapBytes => ("Swapped out", "", Bytes),
        Signal::MemoryLimitBytes => ("Memory limit", "", Bytes),
        Signal::Processes => ("Processes", "", Plain),
        Signal::Threads => ("Threads", "", Plain),
        Signal::OpenFiles => ("Open files", "of its limit", Plain),
        Signal::OpenFilesLimit => ("Open files limit", "", Plain),
        Signal::VoluntarySwitches => ("Voluntary context switches", "", Rate),
        Signal::InvoluntarySwitches => ("Involuntary context switches", "", Rate),
        Signal::MajorFaults => ("Major page faults", "", Rate),
        Signal::DiskRead => ("Disk read", "", Bytes),
        Signal::DiskWrite => ("Disk written", "", Bytes),
        Signal::CgroupThrottled => ("CPU quota, throttled", "of periods", Share),
        Signal::Connections => ("Connections", "", Plain),
        Signal::AcceptQueue => ("Accept queue", "of its length", Plain),
        Signal::AcceptQueueLimit => ("Accept queue length", "", Plain),
        Signal::ListenOverflows => ("Accept queue overflows", "", Rate),
        Signal::Retransmits => ("TCP retransmissions", "of segments", Rate),
        Signal::SegmentsSent => ("TCP segments sent", "", Rate),
        Signal::HostCpu => ("Host CPU", "of all cores", Share),
        Signal::HostSteal => ("Host CPU stolen", "of all cores", Share),
        Signal::HostCores => ("Host cores", "", Plain),
        Signal::HostRunQueue => ("Host run queue", "", Plain),
        Signal::HostMemoryUsed => ("Host memory", "of the host", Bytes),
        Signal::HostMemoryTotal => ("Host memory, total", "", Bytes),
        Signal::HostSwap => ("Host swapping", "", Bytes),
        Signal::HostDiskBusy => ("Disk busy", "of the time", Share),
        Signal::HostDiskAwait => ("Disk wait, ms", "", Plain),
        Signal::HostNetwork => ("Network", "of the link", Bytes),
        Signal::PressureCpu => ("Waited for CPU", "of the time", Share),
        Signal::PressureIo => ("Waited for I/O", "of the time", Share),
        Signal::PressureMemory => ("Waited for memory", "of the time", Share),
        Signal::GeneratorCpuCores => ("Loadline's CPU", "", Plain),
        Signal::GeneratorMemoryBytes => ("Loadline's memory", "", Bytes),
        Signal::DbConnections => ("Database sessions", "of those allowed", Plain),
        Signal::DbConnectionsLimit => ("Database sessions allowed", "", Plain),
        Signal::DbActive => ("Running statements", "", Plain),
        Signal::DbLockWaits => ("Sessions waiting for a lock", "", Plain),
        Signal::DbOldestStatement => ("Oldest running statement, s", "", Plain),
        Signal::DbTransactions => ("Transactions", "", Rate),
        Signal::TimeWait => ("Connections closed of late", "of the ports", Plain),
        Signal::PortsLimit => ("Ports", "", Plain),
        Signal::RecorderQueue => ("Samples waiting to be recorded", "", Plain),
    };
    SignalName { name, of, quantity }
}

/// What a resource's use means, in files.
pub(crate) const fn standing_key(standing: ResourceStanding) -> &'static str {
    match standing {
        ResourceStanding::Saturated { .. } => "saturated",
        ResourceStanding::Busy => "busy",
        ResourceStanding::Free => "free",
        ResourceStanding::NotRead => "not_read",
    }
}

/// The answer of a comparison in files.
pub(crate) const fn run_answer_key(answer: RunAnswer) -> &'static str {
    match answer {
        RunAnswer::Improved => "improved",
        RunAnswer::Regressed => "regressed",
        RunAnswer::NoSignificantChange => "no_significant_change",
        RunAnswer::CannotTell => "cannot_tell",
        RunAnswer::NotComparable => "not_comparable",
    }
}

/// The answer of a comparison for readers.
pub(crate) const fn run_answer(answer: RunAnswer) -> &'static str {
    match answer {
        RunAnswer::Improved => "Improved",
        RunAnswer::Regressed => "Regressed",
        RunAnswer::NoSignificantChange => "No significant change",
        RunAnswer::CannotTell => "Cannot tell",
        RunAnswer::NotComparable => "Not comparable",
    }
}

/// The answer of one cell in files.
pub(crate) const fn cell_answer_key(answer: CellAnswer) -> &'static str {
    match answer {
        CellAnswer::Improved => "improved",
        CellAnswer::Regressed => "regressed",
        CellAnswer::NoSignificantChange => "no_significant_change",
        CellAnswer::CannotTell { .. } => "cannot_tell",
        CellAnswer::NotMeasured => "not_measured",
    }
}

/// The answer of one cell for readers.
pub(crate) const fn cell_answer(answer: CellAnswer) -> &'static str {
    match answer {
        CellAnswer::Improved => "Improved",
        CellAnswer::Regressed => "Regressed",
        CellAnswer::NoSignificantChange => "No significant change",
        CellAnswer::CannotTell { .. } => "Cannot tell",
        CellAnswer::NotMeasured => "Not measured",
    }
}

/// `text` with its first letter in capitals.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// `1 sample`, `2 samples`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number::count(count))
}
