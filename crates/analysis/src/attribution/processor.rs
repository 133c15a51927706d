//! CPU as a cause: all cores, the quota, one thread.

use crate::attribution::table::{Table, flat_sentence};
use crate::attribution::{Score, Tally};
use crate::crowding::generator_fills_host;
use crate::result::Cause;
use crate::wording::{cores as cores_text, percent, significant};

/// A sentence if tasks wait for a core.
pub(crate) fn cpu_queue(table: &Table) -> Option<String> {
    let queue = table.high(|p| p.run_queue).zip(table.high(|p| p.cores));
    if let Some((queue, cores)) = queue.filter(|(queue, cores)| *queue > 1.5 * cores) {
        return Some(format!(
            "{} tasks run or wait for {}.",
            significant(queue),
            cores_text(cores)
        ));
    }
    let pressure = table.high(|p| p.psi_cpu).filter(|share| *share > 0.2)?;
    Some(format!(
        "Tasks waited for a core {} of the time.",
        percent(pressure)
    ))
}

pub(super) fn cpu(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Cpu, table.onset(|p| p.cpu_ratio, 0.9));
    let Some(ratio) = table.high(|p| p.cpu_ratio) else {
        return tally.finish();
    };
    if ratio < 0.8 || generator_fills_host(table) || !table.rises(|p| p.cpu_ratio) {
        return tally.finish();
    }
    let cores = table.high(|p| p.cores).unwrap_or(1.0);
    tally.add(
        if ratio >= 0.9 { 0.7 } else { 0.4 },
        format!(
            "The server uses {} of the {} it may use.",
            percent(ratio),
            cores_text(cores)
        ),
    );
    if let Some(sentence) = cpu_queue(table) {
        tally.add(0.2, sentence);
    }
    if table.cpu_follows_law {
        tally.add(0.1, "Its CPU use grows in proportion to throughput.");
    }
    tally.finish()
}

pub(super) fn cpu_quota(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::CpuQuota, table.onset(|p| p.cgroup_throttled, 0.05));
    if let Some(throttled) = table.high(|p| p.cgroup_throttled).filter(|t| *t > 0.05)
        && table.rises(|p| p.cgroup_throttled)
    {
        tally.add(
            0.8,
            format!(
                "The server's control group was throttled in {} of its periods.",
                percent(throttled)
            ),
        );
    }
    tally.finish()
}

pub(super) fn single_thread(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::SingleThread, table.onset(|p| p.busiest_thread, 0.9));
    let Some(busiest) = table.high(|p| p.busiest_thread) else {
        return tally.finish();
    };
    let all = table.high(|p| p.cpu_ratio);
    if busiest < 0.8 || all.is_some_and(|all| all >= 0.9) || !table.rises(|p| p.busiest_thread) {
        return tally.finish();
    }
    tally.add(
        if busiest >= 0.9 { 0.7 } else { 0.4 },
        format!(
            "One thread of the server uses {} of a core.",
            percent(busiest)
        ),
    );
    if let Some(all) = all.filter(|all| *all < 0.7) {
        let cores = table.high(|p| p.cores).unwrap_or(1.0);
        tally.add(
            0.2,
            format!(
                "Its {} together are only {} in use.",
                cores_text(cores),
                percent(all)
            ),
        );
    }
    if table.is_flat() {
        tally.add(0.1, flat_sentence(table));
    }
    tally.finish()
}
