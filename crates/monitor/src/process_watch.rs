//! A server watched by its processes, which are found once and followed, and read on demand.

use std::fs;
use std::path::Path;

use loadline_events::{Reading, Signal};
use loadline_units::RunTime;
use procfs::net::{TcpNetEntry, TcpState};

use crate::cgroup::{Cgroup, Periods};
use crate::host::HostCounters;
use crate::listener::{Place, listening_processes, tcp_sockets, unix_connections};
use crate::process::{ProcessCounters, is_alive, with_descendants};
use crate::values::Values;
use crate::watch::WatchError;

/// Socket tables longer than this are not read each second: it would cost more than it tells.
const MAX_SOCKETS: u64 = 20_000;

/// A server whose processes are watched.
#[derive(Debug)]
pub(crate) struct ProcessWatch {
    index: u16,
    place: Option<Place>,
    roots: Vec<i32>,
    description: String,
    cgroup: Cgroup,
    generator_pid: i32,
    before: Option<Snapshot>,
    not_read: Vec<String>,
}

/// Counters at one instant; rates are differences of two.
#[derive(Debug)]
struct Snapshot {
    at: RunTime,
    server: ProcessCounters,
    generator: ProcessCounters,
    host: HostCounters,
    periods: Option<Periods>,
}

impl ProcessWatch {
    /// The processes that listen at `place`.
    ///
    /// # Errors
    ///
    /// When there are none or they may not be read.
    pub(crate) fn of_place(place: &Place, index: u16) -> Result<Self, WatchError> {
        let roots = listening_processes(place)?;
        Ok(Self::of(roots, Some(place.clone()), index))
    }

    /// The process `pid` and its children.
    ///
    /// # Errors
    ///
    /// When it does not exist.
    pub(crate) fn of_process(pid: u32, index: u16) -> Result<Self, WatchError> {
        match i32::try_from(pid) {
            Ok(id) if is_alive(id) => Ok(Self::of(vec![id], None, index)),
            _ => Err(WatchError::NoProcess { pid }),
        }
    }

    fn of(roots: Vec<i32>, place: Option<Place>, index: u16) -> Self {
        let first = roots[0];
        let cgroup = fs::read_to_string(format!("/proc/{first}/cgroup"))
            .map(|text| Cgroup::find(&text, Path::new("/sys/fs/cgroup")))
            .unwrap_or_default();
        let name = fs::read_to_string(format!("/proc/{first}/comm")).unwrap_or_default();
        let others = match with_descendants(&roots).len() - 1 {
            0 => String::new(),
            1 => " with 1 further process".to_owned(),
            count => format!(" with {count} further processes"),
        };
        let listening = match &place {
            None => String::new(),
            Some(place) => format!(", listening on {place}"),
        };
        let mut watch = Self {
            index,
            place,
            description: format!("process {first} ({}){others}{listening}", name.trim()),
            roots,
            cgroup,
            generator_pid: i32::try_from(std::process::id()).unwrap_or(0),
            before: None,
            not_read: Vec::new(),
        };
        watch.note_unreadable();
        watch
    }

    /// What the source turned out to be, such as `process 4711 (backend), listening on port 8000`.
    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    /// What cannot be read here, one line each.
    pub(crate) fn not_read(&self) -> &[String] {
        &self.not_read
    }

    /// Reads all resources. The first reading has no rates, since those need a time before.
    pub(crate) fn read(&mut self, at: RunTime) -> Reading {
        let pids = with_descendants(&self.roots);
        let alive = self.roots.iter().any(|pid| pids.contains(pid));
        let now = Snapshot {
            at,
            server: ProcessCounters::read(&pids),
            generator: ProcessCounters::read(&[self.generator_pid]),
            host: HostCounters::read(),
            periods: self.cgroup.periods(),
        };
        let mut values = Values::default();
        if alive {
            self.levels(&now, &mut values);
            self.sockets(&mut values);
        }
        host_levels(&now, &mut values);
        if let Some(before) = self.before.as_ref().filter(|before| now.at > before.at) {
            let seconds = now.at.saturating_since(before.at).as_secs_f64();
            if alive {
                server_rates(before, &now, seconds, &mut values);
            }
            host_rates(before, &now, seconds, &mut values);
        }
        self.before = Some(now);
        Reading {
            server: self.index,
            at,
            alive: Some(alive),
            values: values.sorted(),
        }
    }

    fn levels(&self, now: &Snapshot, values: &mut Values) {
        let processes = now.server.processes.values();
        let sum = |field: fn(&crate::process::OneProcess) -> u64| -> f64 {
            processes.clone().map(field).sum::<u64>() as f64
        };
        values.put(Signal::MemoryBytes, sum(|process| process.resident_bytes));
        values.put(Signal::SwapBytes, sum(|process| process.swap_bytes));
        values.put(Signal::Threads, sum(|process| process.threads));
        values.put(Signal::Processes, now.server.processes.len() as f64);
        // The process nearest to its limit decides, so files are not summed.
        let fullest = processes
            .clone()
            .filter_map(|process| Some((process.open_files?, process.open_files_limit?)))
            .max_by(|a, b| (a.0 as f64 / a.1 as f64).total_cmp(&(b.0 as f64 / b.1 as f64)));
        if let Some((files, limit)) = fullest {
            values.put(Signal::OpenFiles, files as f64);
            values.put(Signal::OpenFilesLimit, limit as f64);
        }
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        let allowed = self
            .cgroup
            .allowed_cores()
            .map_or(cores, |quota| quota.min(cores));
        values.put(Signal::CpuAllowedCores, allowed);
        values.put_some(
            Signal::MemoryLimitBytes,
            self.cgroup.memory_limit_bytes().map(|bytes| bytes as f64),
        );
    }

    fn sockets(&self, values: &mut Values) {
        let port = match &self.place {
            None => return,
            Some(Place::Port(port)) => *port,
            Some(Place::UnixSocket(file)) => {
                if let Some((taken, waiting)) = within_bound(|| unix_connections(file)) {
                    values.put(Signal::Connections, taken as f64);
                    values.put(Signal::AcceptQueue, waiting as f64);
                }
                return;
            }
        };
        let Some(sockets) = within_bound(tcp_sockets) else {
            return;
        };
        let here = |state: TcpState| {
            let on_port = move |entry: &&TcpNetEntry| {
                entry.state == state && entry.local_address.port() == port
            };
            sockets.iter().filter(on_port)
        };
        values.put(
            Signal::Connections,
            here(TcpState::Established).count() as f64,
        );
        let waiting: u64 = here(TcpState::Listen)
            .map(|entry| u64::from(entry.rx_queue))
            .sum();
        values.put(Signal::AcceptQueue, waiting as f64);
    }

    fn note_unreadable(&mut self) {
        let counters = ProcessCounters::read(&self.roots);
        let mut note = |unreadable: bool, text: &str| {
            if unreadable {
                self.not_read.push(text.to_owned());
            }
        };
        let processes = || counters.processes.values();
        note(
            processes().any(|p| p.open_files.is_none()),
            "open files of the server's process",
        );
        note(
            processes().any(|p| p.storage.is_none()),
            "bytes the server reads and writes",
        );
        let host = HostCounters::read();
        note(
            host.pressure_us[0].is_none(),
            "pressure stall information of the kernel",
        );
        note(host.disks.is_empty(), "busy time of disks");
        note(
            self.place.is_none(),
            "connections and accept queue (no port is known)",
        );
    }
}

/// What `read` finds in a table of sockets, unless there are too many to read each second.
fn within_bound<T>(read: impl FnOnce() -> procfs::ProcResult<T>) -> Option<T> {
    let summary = fs::read_to_string("/proc/net/sockstat").ok()?;
    let line = summary.lines().find(|line| line.starts_with("sockets:"))?;
    let in_use: u64 = line.split_whitespace().nth(2)?.parse().ok()?;
    if in_use > MAX_SOCKETS {
        return None;
    }
    read().ok()
}

fn host_levels(now: &Snapshot, values: &mut Values) {
    let host = &now.host;
    let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    values.put(Signal::HostCores, cores);
    values.put_some(Signal::HostRunQueue, host.run_queue.map(f64::from));
    values.put_some(
        Signal::HostMemoryUsed,
        host.memory_used_bytes.map(|bytes| bytes as f64),
    );
    values.put_some(
        Signal::HostMemoryTotal,
        host.memory_total_bytes.map(|bytes| bytes as f64),
    );
    let generator = now
        .generator
        .processes
        .values()
        .map(|process| process.resident_bytes);
    values.put(Signal::GeneratorMemoryBytes, generator.sum::<u64>() as f64);
}

fn server_rates(before: &Snapshot, now: &Snapshot, seconds: f64, values: &mut Values) {
    values.put(
        Signal::CpuCores,
        cpu_cores(&before.server, &now.server, seconds),
    );
    let threads = now.server.thread_cpu_ns.iter().map(|(thread, nanos)| {
        // A thread that was not there before has used all its time since.
        nanos.saturating_sub(
            before
                .server
                .thread_cpu_ns
                .get(thread)
                .copied()
                .unwrap_or(0),
        )
    });
    if let Some(busiest) = threads.max() {
        values.put(Signal::BusiestThread, busiest as f64 / 1e9 / seconds);
    }
    let (mut voluntary, mut involuntary) = (0, 0);
    for (thread, (after_voluntary, after_involuntary)) in &now.server.switches {
        let (was_voluntary, was_involuntary) = before
            .server
            .switches
            .get(thread)
            .copied()
            .unwrap_or_default();
        voluntary += after_voluntary.saturating_sub(was_voluntary);
        involuntary += after_involuntary.saturating_sub(was_involuntary);
    }
    values.put(Signal::VoluntarySwitches, voluntary as f64 / seconds);
    values.put(Signal::InvoluntarySwitches, involuntary as f64 / seconds);
    let grown = |field: fn(&crate::process::OneProcess) -> u64| -> f64 {
        let by_process = now.server.processes.iter().map(|(pid, process)| {
            let was = before.server.processes.get(pid).map_or(0, field);
            field(process).saturating_sub(was)
        });
        by_process.sum::<u64>() as f64 / seconds
    };
    values.put(Signal::MajorFaults, grown(|process| process.major_faults));
    if now
        .server
        .processes
        .values()
        .any(|process| process.storage.is_some())
    {
        values.put(
            Signal::DiskRead,
            grown(|process| process.storage.unwrap_or_default().0),
        );
        values.put(
            Signal::DiskWrite,
            grown(|process| process.storage.unwrap_or_default().1),
        );
    }
    if let (Some(was), Some(is)) = (before.periods, now.periods) {
        let periods = is.all.saturating_sub(was.all);
        if periods > 0 {
            let throttled = is.throttled.saturating_sub(was.throttled) as f64;
            values.put(Signal::CgroupThrottled, throttled / periods as f64);
        }
    }
}

/// CPU use of all processes between two readings, in cores. A process that started in between
/// counts from its start.
fn cpu_cores(before: &ProcessCounters, now: &ProcessCounters, seconds: f64) -> f64 {
    let ticks = now.processes.iter().map(|(pid, process)| {
        let was = before
            .processes
            .get(pid)
            .map_or(0, |process| process.cpu_ticks);
        process.cpu_ticks.saturating_sub(was)
    });
    ticks.sum::<u64>() as f64 / procfs::ticks_per_second() as f64 / seconds
}

fn host_rates(before: &Snapshot, now: &Snapshot, seconds: f64, values: &mut Values) {
    values.put(
        Signal::GeneratorCpuCores,
        cpu_cores(&before.generator, &now.generator, seconds),
    );
    let (was, is) = (&before.host, &now.host);
    if let (Some(was), Some(is)) = (was.cpu, is.cpu) {
        let total = is.total.saturating_sub(was.total) as f64;
        if total > 0.0 {
            values.put(
                Signal::HostCpu,
                is.busy.saturating_sub(was.busy) as f64 / total,
            );
            values.put(
                Signal::HostSteal,
                is.stolen.saturating_sub(was.stolen) as f64 / total,
            );
        }
    }
    let rate = |was: Option<u64>, is: Option<u64>| Some(is?.saturating_sub(was?) as f64 / seconds);
    let page = procfs::page_size() as f64;
    values.put_some(
        Signal::HostSwap,
        rate(was.swap_pages, is.swap_pages).map(|r| r * page),
    );
    values.put_some(
        Signal::HostNetwork,
        rate(was.network_bytes, is.network_bytes),
    );
    values.put_some(
        Signal::ListenOverflows,
        rate(was.listen_overflows, is.listen_overflows),
    );
    values.put_some(Signal::Retransmits, rate(was.retransmits, is.retransmits));
    values.put_some(
        Signal::SegmentsSent,
        rate(was.segments_sent, is.segments_sent),
    );
    let pressures = [
        Signal::PressureCpu,
        Signal::PressureIo,
        Signal::PressureMemory,
    ];
    for (index, signal) in pressures.into_iter().enumerate() {
        let waited = rate(was.pressure_us[index], is.pressure_us[index]);
        values.put_some(signal, waited.map(|micros| (micros / 1e6).min(1.0)));
    }
    let mut busiest = None;
    for disk in &is.disks {
        let Some(earlier) = was.disks.iter().find(|other| other.name == disk.name) else {
            continue;
        };
        let busy = disk.busy_ms.saturating_sub(earlier.busy_ms) as f64 / 1000.0 / seconds;
        let requests = disk.requests.saturating_sub(earlier.requests);
        let waited = disk.waited_ms.saturating_sub(earlier.waited_ms) as f64;
        let wait = if requests > 0 {
            waited / requests as f64
        } else {
            0.0
        };
        if busiest.is_none_or(|(share, _)| busy > share) {
            busiest = Some((busy, wait));
        }
    }
    if let Some((busy, wait)) = busiest {
        values.put(Signal::HostDiskBusy, busy.min(1.0));
        values.put(Signal::HostDiskAwait, wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_thread_is_seen_in_its_own_process() {
        let mut watch = ProcessWatch::of_process(std::process::id(), 3).unwrap();
        let first = watch.read(RunTime::ZERO);
        assert_eq!(first.value(Signal::CpuCores), None);
        assert_eq!((first.server, first.alive), (3, Some(true)));
        // Work until the kernel has counted some of it; bounded by the amount of work.
        let mut sum = 0u64;
        for round in 0..200_000_000u64 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(round));
        }
        let second = watch.read(RunTime::from_micros(1_000_000));
        assert!(
            second.value(Signal::BusiestThread).unwrap() > 0.01,
            "{second:?} {sum}"
        );
        assert!(second.value(Signal::MemoryBytes).unwrap() > 100_000.0);
        assert!(second.value(Signal::HostCpu).unwrap() > 0.0);
    }

    #[test]
    fn a_process_that_is_not_there_is_named() {
        let error = ProcessWatch::of_process(u32::MAX, 0).unwrap_err();
        assert_eq!(error.to_string(), "process 4294967295 does not exist");
    }

    #[test]
    fn a_dead_server_is_a_reading_without_values_of_its_own() {
        let mut child = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let mut watch = ProcessWatch::of_process(child.id(), 0).unwrap();
        assert_eq!(watch.read(RunTime::ZERO).alive, Some(true));
        child.kill().unwrap();
        child.wait().unwrap();
        let reading = watch.read(RunTime::from_micros(1_000_000));
        assert_eq!(reading.alive, Some(false));
        assert_eq!(reading.value(Signal::MemoryBytes), None);
        assert!(reading.value(Signal::HostMemoryTotal).is_some());
    }
}
