//! Waiting inside the server as a cause: a lock, a pool of workers or connections.

use crate::attribution::table::{Table, flat_sentence};
use crate::attribution::{Score, Tally};
use crate::result::Cause;
use crate::wording::{percent, rate, significant};

pub(super) fn lock(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Lock, table.knee);
    // Much CPU or much swapping explains a fall of throughput without any lock.
    let cpu = table.high(|p| p.cpu_ratio);
    if table
        .high(|p| p.swap_bytes_per_s)
        .is_some_and(|swap| swap > 1e6)
    {
        return tally.finish();
    }
    let greatest = table
        .points
        .iter()
        .max_by(|a, b| a.good.total_cmp(&b.good))
        .unwrap_or(table.last());
    let last = table.last();
    let falls = match (greatest.good_interval, last.good_interval) {
        (Some((low, _)), Some((_, high))) => high < low,
        _ => last.good < 0.9 * greatest.good,
    };
    if falls && last.load > greatest.load {
        tally.add(
            0.3,
            format!(
                "Throughput falls from {} to {} as the load rises.",
                rate(greatest.good),
                rate(last.good)
            ),
        );
    }
    let first = table
        .points
        .iter()
        .find_map(|point| point.switches_per_request);
    if let Some((high, first)) = table.high(|p| p.switches_per_request).zip(first)
        && first > 0.0
        && high >= 1.5 * first
    {
        tally.add(
            0.3,
            format!(
                "A request makes the server's threads wait {} times, {} at the smallest load.",
                significant(high),
                significant(first)
            ),
        );
    }
    if tally.score <= 0.0 {
        return tally.finish();
    }
    if let Some(cpu) = cpu.filter(|cpu| *cpu < 0.8) {
        tally.add(0.1, format!("CPU has room: {} in use.", percent(cpu)));
    }
    if table.retrograde_law {
        tally.add(0.2, "The scaling law fitted to all loads has a peak.");
    }
    tally.finish()
}

pub(super) fn worker_pool(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::WorkerPool, table.knee);
    let flat = table.is_flat();
    if !flat || !rises_in_proportion(table) {
        return tally.finish();
    }
    tally.add(
        0.4,
        format!(
            "{} Response time grows in proportion, as in a queue before a fixed number of places.",
            flat_sentence(table)
        ),
    );
    let Some(cpu) = table.high(|p| p.cpu_ratio) else {
        return tally.finish();
    };
    let disk = table.high(|p| p.disk_busy);
    if cpu < 0.7 && disk.is_none_or(|disk| disk < 0.7) {
        tally.add(
            0.2,
            match disk {
                Some(disk) => format!(
                    "CPU ({}) and disk ({} busy) have room.",
                    percent(cpu),
                    percent(disk)
                ),
                None => format!("CPU has room: {} in use.", percent(cpu)),
            },
        );
    }
    let inside: Vec<f64> = table.beyond().iter().filter_map(|p| p.inside).collect();
    let inside_constant = inside.len() == 2 && (inside[1] / inside[0] - 1.0).abs() <= 0.1;
    if inside_constant {
        tally.add(
            0.2,
            format!(
                "Requests inside the server stay at {} while the load rises.",
                significant(inside[1])
            ),
        );
    }
    let threads: Vec<f64> = table.points.iter().filter_map(|p| p.threads).collect();
    let most = threads.iter().copied().fold(0.0, f64::max);
    let fewest = threads.iter().copied().fold(f64::INFINITY, f64::min);
    let threads_constant = threads.len() > 1 && most - fewest <= (0.02 * most).max(0.5);
    if threads_constant {
        tally.add(
            0.1,
            format!(
                "Its {} threads are the same at every load.",
                significant(most)
            ),
        );
    }
    if !inside_constant && !threads_constant {
        tally.score = tally.score.min(0.55);
    }
    tally.finish()
}

/// Whether response time at the loads beyond the knee is what a fixed throughput leaves: N/X − Z
/// in the closed model; simply longer in the open one.
pub(super) fn rises_in_proportion(table: &Table) -> bool {
    let last = table.last();
    let first = &table.points[0];
    if !last.closed {
        return last.mean_s >= 1.3 * first.mean_s && table.points.len() > 1;
    }
    table.beyond().iter().all(|point| {
        point.think_s.is_some_and(|think| {
            let expected = point.load / point.throughput.max(1e-9) - think;
            expected > 0.0 && (point.mean_s / expected - 1.0).abs() <= 0.1
        })
    })
}
