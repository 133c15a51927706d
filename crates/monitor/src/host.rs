//! Counters and facts of the machine itself.

use std::fs;

use procfs::{Current, CurrentSI};

use crate::netstat::listen_overflows;

/// Counters of the machine at one instant; a part that cannot be read is `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostCounters {
    pub(crate) cpu: Option<CpuTicks>,
    pub(crate) memory_used_bytes: Option<u64>,
    pub(crate) memory_total_bytes: Option<u64>,
    /// Pages swapped in and out.
    pub(crate) swap_pages: Option<u64>,
    /// Tasks that run or wait for a core.
    pub(crate) run_queue: Option<u32>,
    pub(crate) disks: Vec<DiskCounters>,
    /// Bytes received and sent by all devices but loopback.
    pub(crate) network_bytes: Option<u64>,
    pub(crate) listen_overflows: Option<u64>,
    pub(crate) retransmits: Option<u64>,
    pub(crate) segments_sent: Option<u64>,
    /// Microseconds in which some task waited, for CPU, I/O and memory.
    pub(crate) pressure_us: [Option<u64>; 3],
}

/// CPU time of all cores, in clock ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuTicks {
    pub(crate) total: u64,
    pub(crate) busy: u64,
    pub(crate) stolen: u64,
}

impl CpuTicks {
    pub(crate) fn of(statistics: &procfs::KernelStats) -> Self {
        let time = &statistics.total;
        let idle = time.idle + time.iowait.unwrap_or(0);
        let stolen = time.steal.unwrap_or(0);
        // Guest time is already inside user time.
        let busy =
            time.user + time.nice + time.system + time.irq.unwrap_or(0) + time.softirq.unwrap_or(0);
        Self {
            total: busy + idle + stolen,
            busy,
            stolen,
        }
    }
}

/// Counters of one disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DiskCounters {
    pub(crate) name: String,
    /// Milliseconds in which at least one request was under way.
    pub(crate) busy_ms: u64,
    /// Requests completed.
    pub(crate) requests: u64,
    /// Milliseconds spent in all requests together.
    pub(crate) waited_ms: u64,
}

impl HostCounters {
    /// Reads everything that can be read.
    pub(crate) fn read() -> Self {
        let statistics = procfs::KernelStats::current().ok();
        let cpu = statistics.as_ref().map(CpuTicks::of);
        let memory = procfs::Meminfo::current().ok();
        let snmp = procfs::net::snmp().ok();
        Self {
            cpu,
            memory_used_bytes: memory
                .as_ref()
                .and_then(|memory| Some(memory.mem_total.saturating_sub(memory.mem_available?))),
            memory_total_bytes: memory.as_ref().map(|memory| memory.mem_total),
            swap_pages: fs::read_to_string("/proc/vmstat")
                .ok()
                .as_deref()
                .and_then(swap_pages),
            run_queue: procfs::LoadAverage::current().ok().map(|load| load.cur),
            disks: disks(),
            network_bytes: procfs::net::dev_status().ok().map(|devices| {
                let outside = devices.values().filter(|device| device.name != "lo");
                outside
                    .map(|device| device.recv_bytes + device.sent_bytes)
                    .sum()
            }),
            listen_overflows: fs::read_to_string("/proc/net/netstat")
                .ok()
                .as_deref()
                .and_then(listen_overflows),
            retransmits: snmp.as_ref().map(|snmp| snmp.tcp_retrans_segs),
            segments_sent: snmp.as_ref().map(|snmp| snmp.tcp_out_segs),
            pressure_us: ["cpu", "io", "memory"].map(|resource| {
                let text = fs::read_to_string(format!("/proc/pressure/{resource}")).ok()?;
                pressure_us(&text)
            }),
        }
    }
}

fn disks() -> Vec<DiskCounters> {
    let whole_disks = procfs::diskstats()
        .unwrap_or_default()
        .into_iter()
        .filter(|disk| {
            // Partitions and virtual devices have no folder of their own here, or no hardware behind.
            fs::exists(format!("/sys/block/{}/device", disk.name)).unwrap_or(false)
        });
    whole_disks
        .map(|disk| DiskCounters {
            name: disk.name,
            busy_ms: disk.time_in_progress,
            requests: disk.reads + disk.writes,
            waited_ms: disk.time_reading + disk.time_writing,
        })
        .collect()
}

fn swap_pages(text: &str) -> Option<u64> {
    let field = |name: &str| -> Option<u64> {
        let line = text
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(field("pswpin")? + field("pswpout")?)
}

/// The running total of the `some` line of a pressure file.
fn pressure_us(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with("some"))?;
    line.rsplit_once("total=")?.1.trim().parse().ok()
}

/// What a machine is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineFacts {
    /// Host name; empty if it cannot be read.
    pub host: String,
    /// CPU model as the kernel names it; empty if it cannot be read.
    pub cpu: String,
    /// Cores this process may use.
    pub cores: u32,
    /// Memory, in bytes; 0 if it cannot be read.
    pub memory_bytes: u64,
}

/// The machine this process runs on.
#[must_use]
pub fn machine_facts() -> MachineFacts {
    let cpu = procfs::CpuInfo::current().ok();
    MachineFacts {
        host: fs::read_to_string("/proc/sys/kernel/hostname")
            .map(|name| name.trim().to_owned())
            .unwrap_or_default(),
        cpu: cpu
            .and_then(|cpu| cpu.model_name(0).map(|name| name.trim().to_owned()))
            .unwrap_or_default(),
        cores: std::thread::available_parallelism()
            .ok()
            .and_then(|cores| u32::try_from(cores.get()).ok())
            .unwrap_or(1),
        memory_bytes: procfs::Meminfo::current()
            .map(|memory| memory.mem_total)
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_proc_are_read() {
        assert_eq!(swap_pages("a 1\npswpin 4\npswpout 6\n"), Some(10));
        assert_eq!(swap_pages("a 1\n"), None);
        let text =
            "some avg10=0.11 avg60=2.68 avg300=14.05 total=108727661\nfull avg10=0 total=7\n";
        assert_eq!(pressure_us(text), Some(108_727_661));
        assert_eq!(pressure_us(""), None);
    }

    #[test]
    fn this_machine_can_be_read() {
        let counters = HostCounters::read();
        let cpu = counters.cpu.unwrap();
        assert!(cpu.busy > 0 && cpu.total >= cpu.busy);
        assert!(counters.memory_total_bytes > counters.memory_used_bytes);
        assert!(machine_facts().cores > 0);
    }
}
