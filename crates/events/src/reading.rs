//! Readings of the resources of servers, and of the generator's own.

use loadline_units::RunTime;

/// A resource signal. Rates are per second over the time since the reading before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Signal {
    /// CPU use of the server's processes, in cores.
    CpuCores = 0,
    /// CPU use of the busiest thread of the server, in cores (1 is a full core).
    BusiestThread = 1,
    /// Cores the server may use (cgroup quota and affinity applied).
    CpuAllowedCores = 2,
    /// Resident memory of the server's processes, in bytes.
    MemoryBytes = 3,
    /// Swapped-out memory of the server's processes, in bytes.
    SwapBytes = 4,
    /// Memory the server may use (cgroup limit), in bytes; absent without a limit.
    MemoryLimitBytes = 5,
    /// Processes of the server.
    Processes = 6,
    /// Threads of the server.
    Threads = 7,
    /// Open files of the server.
    OpenFiles = 8,
    /// Soft limit of open files of the server's process.
    OpenFilesLimit = 9,
    /// Voluntary context switches of the server, per second.
    VoluntarySwitches = 10,
    /// Involuntary context switches of the server, per second.
    InvoluntarySwitches = 11,
    /// Major page faults of the server, per second.
    MajorFaults = 12,
    /// Bytes the server read from storage, per second.
    DiskRead = 13,
    /// Bytes the server wrote to storage, per second.
    DiskWrite = 14,
    /// Share of periods in which the server's cgroup was throttled, in [0, 1].
    CgroupThrottled = 15,
    /// Established TCP connections on the server's port.
    Connections = 16,
    /// Connections waiting in the listening socket's accept queue.
    AcceptQueue = 17,
    /// Length of that accept queue at most.
    AcceptQueueLimit = 18,
    /// Overflows and drops of listening sockets of the host, per second.
    ListenOverflows = 19,
    /// TCP segments retransmitted by the host, per second.
    Retransmits = 20,
    /// TCP segments sent by the host, per second.
    SegmentsSent = 21,
    /// CPU use of the host, a ratio of all cores.
    HostCpu = 22,
    /// CPU time stolen from the host by its hypervisor, a ratio of all cores.
    HostSteal = 23,
    /// Cores of the host.
    HostCores = 24,
    /// Tasks that run or wait for a core.
    HostRunQueue = 25,
    /// Memory in use on the host, in bytes (total − available).
    HostMemoryUsed = 26,
    /// Memory of the host, in bytes.
    HostMemoryTotal = 27,
    /// Bytes swapped in and out by the host, per second.
    HostSwap = 28,
    /// Busy share of the busiest disk, in [0, 1].
    HostDiskBusy = 29,
    /// Mean time of an I/O request on the busiest disk, in milliseconds.
    HostDiskAwait = 30,
    /// Bytes sent and received by the host's network devices, loopback left out, per second.
    HostNetwork = 31,
    /// Share of time in which some task waited for CPU (pressure stall), in [0, 1].
    PressureCpu = 32,
    /// Share of time in which some task waited for I/O, in [0, 1].
    PressureIo = 33,
    /// Share of time in which some task waited for memory, in [0, 1].
    PressureMemory = 34,
    /// CPU use of the load generator, in cores.
    GeneratorCpuCores = 35,
    /// Resident memory of the load generator, in bytes.
    GeneratorMemoryBytes = 36,
    /// Sessions of clients in a database server.
    DbConnections = 37,
    /// Sessions that clients may have at most.
    DbConnectionsLimit = 38,
    /// Sessions that run a statement and do not wait for a lock.
    DbActive = 39,
    /// Sessions that wait for a lock of another.
    DbLockWaits = 40,
    /// Age of the oldest statement that runs, in seconds.
    DbOldestStatement = 41,
    /// Transactions ended in the watched database, per second.
    DbTransactions = 42,
    /// Closed TCP connections of the host whose ports are not free yet (`TIME_WAIT`).
    TimeWait = 43,
    /// Ports for outgoing connections to one address and port.
    PortsLimit = 44,
    /// Most samples that waited for the recorder since the reading before.
    RecorderQueue = 45,
}

impl Signal {
    /// All signals in the order of their numbers.
    pub const ALL: [Signal; 46] = [
        Signal::CpuCores,
        Signal::BusiestThread,
        Signal::CpuAllowedCores,
        Signal::MemoryBytes,
        Signal::SwapBytes,
        Signal::MemoryLimitBytes,
        Signal::Processes,
        Signal::Threads,
        Signal::OpenFiles,
        Signal::OpenFilesLimit,
        Signal::VoluntarySwitches,
        Signal::InvoluntarySwitches,
        Signal::MajorFaults,
        Signal::DiskRead,
        Signal::DiskWrite,
        Signal::CgroupThrottled,
        Signal::Connections,
        Signal::AcceptQueue,
        Signal::AcceptQueueLimit,
        Signal::ListenOverflows,
        Signal::Retransmits,
        Signal::SegmentsSent,
        Signal::HostCpu,
        Signal::HostSteal,
        Signal::HostCores,
        Signal::HostRunQueue,
        Signal::HostMemoryUsed,
        Signal::HostMemoryTotal,
        Signal::HostSwap,
        Signal::HostDiskBusy,
        Signal::HostDiskAwait,
        Signal::HostNetwork,
        Signal::PressureCpu,
        Signal::PressureIo,
        Signal::PressureMemory,
        Signal::GeneratorCpuCores,
        Signal::GeneratorMemoryBytes,
        Signal::DbConnections,
        Signal::DbConnectionsLimit,
        Signal::DbActive,
        Signal::DbLockWaits,
        Signal::DbOldestStatement,
        Signal::DbTransactions,
        Signal::TimeWait,
        Signal::PortsLimit,
        Signal::RecorderQueue,
    ];

    /// The signal with the number `code`, as stored in files.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name in files and JSON; it ends in the unit.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Signal::CpuCores => "cpu_cores",
            Signal::BusiestThread => "busiest_thread_cores",
            Signal::CpuAllowedCores => "cpu_allowed_cores",
            Signal::MemoryBytes => "memory_bytes",
            Signal::SwapBytes => "swap_bytes",
            Signal::MemoryLimitBytes => "memory_limit_bytes",
            Signal::Processes => "process_count",
            Signal::Threads => "thread_count",
            Signal::OpenFiles => "open_file_count",
            Signal::OpenFilesLimit => "open_file_limit",
            Signal::VoluntarySwitches => "voluntary_switches_per_s",
            Signal::InvoluntarySwitches => "involuntary_switches_per_s",
            Signal::MajorFaults => "major_faults_per_s",
            Signal::DiskRead => "disk_read_bytes_per_s",
            Signal::DiskWrite => "disk_write_bytes_per_s",
            Signal::CgroupThrottled => "cgroup_throttled_ratio",
            Signal::Connections => "connection_count",
            Signal::AcceptQueue => "accept_queue_count",
            Signal::AcceptQueueLimit => "accept_queue_limit",
            Signal::ListenOverflows => "listen_drops_per_s",
            Signal::Retransmits => "retransmits_per_s",
            Signal::SegmentsSent => "segments_sent_per_s",
            Signal::HostCpu => "host_cpu_ratio",
            Signal::HostSteal => "host_steal_ratio",
            Signal::HostCores => "host_core_count",
            Signal::HostRunQueue => "host_run_queue_count",
            Signal::HostMemoryUsed => "host_memory_used_bytes",
            Signal::HostMemoryTotal => "host_memory_total_bytes",
            Signal::HostSwap => "host_swap_bytes_per_s",
            Signal::HostDiskBusy => "host_disk_busy_ratio",
            Signal::HostDiskAwait => "host_disk_await_ms",
            Signal::HostNetwork => "host_network_bytes_per_s",
            Signal::PressureCpu => "pressure_cpu_ratio",
            Signal::PressureIo => "pressure_io_ratio",
            Signal::PressureMemory => "pressure_memory_ratio",
            Signal::GeneratorCpuCores => "generator_cpu_cores",
            Signal::GeneratorMemoryBytes => "generator_memory_bytes",
            Signal::DbConnections => "db_connection_count",
            Signal::DbConnectionsLimit => "db_connection_limit",
            Signal::DbActive => "db_active_count",
            Signal::DbLockWaits => "db_lock_wait_count",
            Signal::DbOldestStatement => "db_oldest_statement_s",
            Signal::DbTransactions => "db_transactions_per_s",
            Signal::TimeWait => "time_wait_count",
            Signal::PortsLimit => "port_limit",
            Signal::RecorderQueue => "recorder_queue_count",
        }
    }
}

/// One reading of a server, or of the generator.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Index of the server among those watched, or [`Reading::GENERATOR`].
    pub server: u16,
    /// When it was read.
    pub at: RunTime,
    /// Whether the server's process was there; `None` when that cannot be seen.
    pub alive: Option<bool>,
    /// What was read, in the order of [`Signal`]; a signal that cannot be read is absent, never 0.
    pub values: Vec<(Signal, f64)>,
}

impl Reading {
    /// In the place of a server's index: the load generator and its host, which are read in every run.
    pub const GENERATOR: u16 = u16::MAX;

    /// The value of `signal`, if it was read.
    #[must_use]
    pub fn value(&self, signal: Signal) -> Option<f64> {
        self.values
            .iter()
            .find(|(name, _)| *name == signal)
            .map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_signals_read_back() {
        for signal in Signal::ALL {
            assert_eq!(Signal::from_code(signal as u8), Some(signal));
        }
    }
}
