//! What the system hands out as a cause: disk, network, the accept queue, file descriptors.

use crate::attribution::table::Table;
use crate::attribution::{Score, Tally};
use crate::result::Cause;
use crate::wording::{percent, significant};

/// Time of a disk request below which nobody waits for it, in milliseconds: what is a tenth of that at
/// first is soon several times as long.
const SLOW_DISK_MS: f64 = 1.0;

pub(super) fn disk(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Disk, table.onset(|p| p.disk_busy, 0.9));
    let swaps = table
        .high(|p| p.swap_bytes_per_s)
        .is_some_and(|swap| swap > 1e6);
    let Some(busy) = table.high(|p| p.disk_busy).filter(|_| !swaps) else {
        return tally.finish();
    };
    if busy >= 0.9 && table.rises(|p| p.disk_busy) {
        tally.add(0.5, format!("The busiest disk is {} busy.", percent(busy)));
    }
    let idle = table
        .start
        .iter()
        .chain(&table.points)
        .find_map(|point| point.disk_await_ms);
    if let Some((now, idle)) = table.high(|p| p.disk_await_ms).zip(idle)
        && idle > 0.0
        && now >= (3.0 * idle).max(SLOW_DISK_MS)
    {
        tally.add(
            0.2,
            format!(
                "A disk request takes {} ms, {} times as long as at first.",
                significant(now),
                significant(now / idle)
            ),
        );
    }
    if let Some(pressure) = table.high(|p| p.psi_io).filter(|share| *share > 0.2)
        && table.rises(|p| p.psi_io)
    {
        tally.add(
            0.3,
            format!(
                "Tasks waited for the disk {} of the time.",
                percent(pressure)
            ),
        );
    }
    tally.finish()
}

pub(super) fn network(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Network, table.onset(|p| p.retransmit_ratio, 0.01));
    if let Some(share) = table
        .high(|p| p.retransmit_ratio)
        .filter(|share| *share > 0.01)
        && table.rises(|p| p.retransmit_ratio)
    {
        tally.add(
            0.3,
            format!("{} of the segments were sent again.", percent(share)),
        );
    }
    tally.finish()
}

/// Overflows of the accept queue for each request from which they are the server's.
const OVERFLOWS: f64 = 0.01;

pub(super) fn accept_queue(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::AcceptQueue,
        table.onset(|p| p.listen_overflows, f64::MIN_POSITIVE),
    );
    if let Some(overflows) = table
        .high(|p| p.listen_overflows)
        .filter(|rate| *rate > 0.0)
        && table.rises(|p| p.listen_overflows)
    {
        // The counter is the whole machine's: a few may be another program's.
        let throughput = table.high(|p| Some(p.throughput)).unwrap_or(0.0);
        let many = overflows >= OVERFLOWS * throughput;
        tally.add(
            if many { 0.7 } else { 0.3 },
            format!(
                "The accept queue overflowed {} times a second.",
                significant(overflows)
            ),
        );
    }
    // Lost connection requests are sent again after 1, 3 and 7 s.
    let near = |seconds: f64, at: f64| (seconds / at - 1.0).abs() < 0.1;
    if let Some(connect) = table.high(|p| p.connect_p99_s)
        && [1.0, 3.0, 7.0].into_iter().any(|at| near(connect, at))
    {
        tally.add(
            0.3,
            format!(
                "Connecting takes {} s at p99, the time after which a lost request is sent again.",
                significant(connect)
            ),
        );
    }
    tally.finish()
}

pub(super) fn descriptors(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::Descriptors,
        table.onset(|p| p.open_files_ratio, 0.95),
    );
    if let Some(ratio) = table.high(|p| p.open_files_ratio).filter(|r| *r >= 0.95)
        && table.rises(|p| p.open_files_ratio)
    {
        tally.add(
            0.6,
            format!(
                "The server has {} of its allowed files open.",
                percent(ratio)
            ),
        );
        let refused = table.high(|p| Some(p.refused)).unwrap_or(0.0);
        if refused >= 0.001 {
            tally.add(
                0.3,
                format!(
                    "{} of the requests were refused or cut off.",
                    percent(refused)
                ),
            );
        }
    }
    tally.finish()
}
