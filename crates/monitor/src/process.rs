//! Counters of a set of processes: the server's, with all descendants.

use std::collections::{BTreeMap, BTreeSet};

use procfs::process::{Process, Stat};

/// Counters of a set of processes at one instant. Counters that only grow are kept by process or
/// thread, so that one that ends does not make a sum fall.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ProcessCounters {
    /// By process id.
    pub(crate) processes: BTreeMap<i32, OneProcess>,
    /// CPU time of each thread, in nanoseconds, by thread id.
    pub(crate) thread_cpu_ns: BTreeMap<i32, u64>,
    /// Voluntary and involuntary context switches of each thread, by thread id.
    pub(crate) switches: BTreeMap<i32, (u64, u64)>,
}

/// Counters of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct OneProcess {
    /// User and system time, ended threads included, in clock ticks.
    pub(crate) cpu_ticks: u64,
    pub(crate) major_faults: u64,
    pub(crate) resident_bytes: u64,
    pub(crate) swap_bytes: u64,
    pub(crate) threads: u64,
    pub(crate) open_files: Option<u64>,
    pub(crate) open_files_limit: Option<u64>,
    /// Bytes read from and written to storage.
    pub(crate) storage: Option<(u64, u64)>,
}

/// The processes `roots` and all their descendants that exist now, ascending.
pub(crate) fn with_descendants(roots: &[i32]) -> Vec<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    let mut existing = BTreeSet::new();
    if let Ok(all) = procfs::process::all_processes() {
        for stat in all.flatten().filter_map(|process| process.stat().ok()) {
            if is_running(&stat) {
                existing.insert(stat.pid);
                children.entry(stat.ppid).or_default().push(stat.pid);
            }
        }
    }
    let mut found = BTreeSet::new();
    let mut waiting: Vec<i32> = roots
        .iter()
        .copied()
        .filter(|pid| existing.contains(pid))
        .collect();
    while let Some(pid) = waiting.pop() {
        if found.insert(pid) {
            waiting.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found.into_iter().collect()
}

/// Whether the process `pid` runs; a zombie does not.
pub(crate) fn is_alive(pid: i32) -> bool {
    Process::new(pid)
        .and_then(|process| process.stat())
        .is_ok_and(|stat| is_running(&stat))
}

fn is_running(stat: &Stat) -> bool {
    !matches!(stat.state, 'Z' | 'X')
}

impl ProcessCounters {
    /// Reads the counters of `pids`; processes that have ended are left out.
    pub(crate) fn read(pids: &[i32]) -> Self {
        let mut counters = Self::default();
        for &pid in pids {
            if let Ok(process) = Process::new(pid) {
                counters.add(&process);
            }
        }
        counters
    }

    fn add(&mut self, process: &Process) {
        let Ok(stat) = process.stat() else { return };
        self.processes.insert(
            process.pid(),
            OneProcess {
                cpu_ticks: stat.utime + stat.stime,
                major_faults: stat.majflt,
                resident_bytes: stat.rss * procfs::page_size(),
                swap_bytes: process
                    .status()
                    .ok()
                    .and_then(|status| status.vmswap)
                    .map_or(0, |kilobytes| kilobytes * 1024),
                threads: u64::try_from(stat.num_threads).unwrap_or(0),
                open_files: process
                    .fd_count()
                    .ok()
                    .and_then(|count| u64::try_from(count).ok()),
                open_files_limit: process.limits().ok().and_then(|limits| {
                    match limits.max_open_files.soft_limit {
                        procfs::process::LimitValue::Value(files) => Some(files),
                        procfs::process::LimitValue::Unlimited => None,
                    }
                }),
                storage: process.io().ok().map(|io| (io.read_bytes, io.write_bytes)),
            },
        );
        for task in process.tasks().into_iter().flatten().flatten() {
            // Run time in nanoseconds, finer than the ticks of `stat`.
            if let Ok(schedule) = task.schedstat() {
                self.thread_cpu_ns
                    .insert(task.tid, schedule.sum_exec_runtime);
            } else if let Ok(stat) = task.stat() {
                let ticks = (stat.utime + stat.stime) as f64;
                let nanos = ticks / procfs::ticks_per_second() as f64 * 1e9;
                self.thread_cpu_ns.insert(task.tid, nanos as u64);
            }
            if let Ok(status) = task.status() {
                let voluntary = status.voluntary_ctxt_switches.unwrap_or(0);
                let involuntary = status.nonvoluntary_ctxt_switches.unwrap_or(0);
                self.switches.insert(task.tid, (voluntary, involuntary));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_process_has_a_thread_and_memory() {
        let own = i32::try_from(std::process::id()).unwrap();
        let counters = ProcessCounters::read(&[own]);
        assert!(counters.processes[&own].resident_bytes > 0);
        assert!(counters.processes[&own].open_files > Some(2));
        assert!(!counters.thread_cpu_ns.is_empty());
        assert!(with_descendants(&[own]).contains(&own));
        assert!(is_alive(own));
    }
}
