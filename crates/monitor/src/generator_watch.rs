//! What the generator has left: descriptors, ports, and the CPU that a hypervisor or a quota leaves it.
//!
//! Not here: its threads, their lateness and their connections, of which the engine gives account itself.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use loadline_events::{Reading, Signal};
use loadline_units::RunTime;
use procfs::{CurrentSI, KernelStats};

use crate::cgroup::{Cgroup, Periods};
use crate::host::CpuTicks;
use crate::values::Values;

/// The program itself, read on demand.
#[derive(Debug)]
pub struct GeneratorWatch {
    cgroup: Cgroup,
    before: (Option<CpuTicks>, Option<Periods>),
}

impl Default for GeneratorWatch {
    fn default() -> Self {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self {
            cgroup: Cgroup::find(&groups, Path::new("/sys/fs/cgroup")),
            before: (None, None),
        }
    }
}

impl GeneratorWatch {
    /// Reads everything that can be read. The first reading has no shares of time, since those need a
    /// time before.
    pub fn read(&mut self, at: RunTime) -> Reading {
        let mut values = Values::default();
        let files = open_files();
        values.put_some(Signal::OpenFiles, files.map(|files| files as f64));
        let sockets = fs::read_to_string("/proc/self/net/sockstat").ok();
        let waiting = sockets.as_deref().and_then(time_wait);
        values.put_some(Signal::TimeWait, waiting.map(|count| count as f64));
        let range = port_range().map(|range| f64::from(range.end() - range.start()) + 1.0);
        values.put_some(Signal::PortsLimit, range);
        let statistics = KernelStats::current().ok();
        let now = statistics.map(|statistics| CpuTicks::of(&statistics));
        if let (Some(before), Some(now)) = (&self.before.0, &now) {
            let share =
                |ticks: u64| ticks as f64 / now.total.saturating_sub(before.total).max(1) as f64;
            let busy = now.busy.saturating_sub(before.busy);
            values.put(Signal::HostCpu, share(busy));
            let stolen = now.stolen.saturating_sub(before.stolen);
            values.put(Signal::HostSteal, share(stolen));
        }
        let periods = self.cgroup.periods();
        if let (Some(before), Some(now)) = (self.before.1, periods) {
            let all = now.all.saturating_sub(before.all);
            let throttled = now.throttled.saturating_sub(before.throttled);
            // Without a period in between it was idle, and nothing was held back.
            let share = throttled as f64 / all.max(1) as f64;
            values.put(Signal::CgroupThrottled, share);
        }
        self.before = (now, periods);
        Reading {
            server: Reading::GENERATOR,
            at,
            alive: None,
            values: values.sorted(),
        }
    }
}

/// Ports from which connections of this machine go out; `None` where the system does not say.
#[must_use]
pub fn port_range() -> Option<RangeInclusive<u16>> {
    in_range(&fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?)
}

fn in_range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut fields = text.split_whitespace().map(|field| field.parse().ok());
    let (low, high) = (fields.next()??, fields.next()??);
    (low <= high).then_some(low..=high)
}

/// Files that this process has open.
fn open_files() -> Option<u64> {
    // Newer kernels tell their number as the folder's size; counting a hundred thousand takes a while.
    let told = fs::metadata("/proc/self/fd").ok()?.len();
    if told > 0 {
        return Some(told);
    }
    Some(fs::read_dir("/proc/self/fd").ok()?.count() as u64)
}

/// Closed TCP connections of this network namespace that wait to be forgotten.
fn time_wait(sockstat: &str) -> Option<u64> {
    let line = sockstat.lines().find(|line| line.starts_with("TCP:"))?;
    let mut fields = line.split_whitespace().skip_while(|field| *field != "tw");
    fields.nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_proc_are_read() {
        assert_eq!(in_range("32768\t60999\n"), Some(32_768..=60_999));
        assert_eq!(in_range("9 5\n"), None);
        assert_eq!(in_range(""), None);
        let sockets = "sockets: used 286\nTCP: inuse 266 orphan 1 tw 1255 alloc 266 mem 349\nUDP: inuse 1 mem 0\n";
        assert_eq!(time_wait(sockets), Some(1255));
        assert_eq!(time_wait("sockets: used 286\n"), None);
    }

    #[test]
    fn a_file_more_is_a_descriptor_less() {
        let mut watch = GeneratorWatch::default();
        let first = watch.read(RunTime::ZERO);
        assert_eq!(first.server, Reading::GENERATOR);
        assert_eq!(first.value(Signal::HostSteal), None);
        // Other tests open and close files meanwhile; these are more than they have.
        let files: Vec<_> = (0..100)
            .map(|_| fs::File::open("/proc/self/stat").unwrap())
            .collect();
        let second = watch.read(RunTime::from_micros(1_000_000));
        let more =
            second.value(Signal::OpenFiles).unwrap() - first.value(Signal::OpenFiles).unwrap();
        assert!((50.0..150.0).contains(&more), "{more} of {}", files.len());
        assert!(second.value(Signal::PortsLimit).unwrap() > 0.0);
        assert!(second.value(Signal::TimeWait).is_some());
        let steal = second.value(Signal::HostSteal).unwrap();
        assert!((0.0..=1.0).contains(&steal), "{steal}");
    }
}
