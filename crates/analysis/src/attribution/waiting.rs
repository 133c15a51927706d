//! Waiting as a cause: for a lock, for a place in a pool of workers or connections, for a pause to end,
//! for something outside the server.

use crate::attribution::table::{Table, flat_sentence};
use crate::attribution::{Score, Tally};
use crate::result::Cause;
use crate::wording::{clock, percent, rate, significant, time};

/// Requests served at once up to which they pass one at a time: a lock, not a pool.
const ONE_AT_A_TIME: f64 = 1.5;
/// CPU in use up to which a server that is slow at every load is not busy.
const IDLE_CPU: f64 = 0.5;
/// Share of a response that its CPU time may take where it mostly waits.
const MOSTLY_WAITS: f64 = 0.3;
/// Shortest mean response time that is called slow, in seconds.
const SLOW_S: f64 = 0.015;

/// Waits of a request for the scheduler, more than at the smallest load, from which they may be for a
/// lock: half of the requests wait once more.
const MORE_WAITS: f64 = 0.5;

pub(super) fn lock(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Lock, table.knee);
    if let Some(places) = places(table).filter(|places| *places <= ONE_AT_A_TIME) {
        return one_at_a_time(table, places);
    }
    // Much CPU or much swapping explains a fall of throughput without any lock.
    let cpu = table.high(|p| p.cpu_ratio);
    if table
        .high(|p| p.swap_bytes_per_s)
        .is_some_and(|swap| swap > 1e6)
    {
        return tally.finish();
    }
    let (greatest, last) = (table.greatest(), table.last());
    let falls = match (greatest.good_interval, last.good_interval) {
        (Some((low, _)), Some((_, high))) => high < low,
        _ => last.good < 0.9 * greatest.good,
    };
    if falls && last.load > greatest.load && !last.loses_patience() {
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
        && high >= (1.5 * first).max(first + MORE_WAITS)
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

/// Requests that the server works on at once where its throughput ends: by Little's law, throughput
/// there times the response time without a queue, which is that at the smallest load. `None` where
/// even that load has a queue.
fn places(table: &Table) -> Option<f64> {
    let first = table.points.first().filter(|_| table.knee > 0)?;
    Some(table.greatest().good * first.mean_s)
}

/// What a pool shows, with a single place.
fn one_at_a_time(table: &Table, places: f64) -> Score {
    let pool = queue_for_places(table);
    let mut tally = Tally::new(Cause::Lock, table.knee);
    if pool.score <= 0.0 {
        return tally.finish();
    }
    tally.add(
        pool.score,
        format!(
            "Requests pass one at a time: {} that take {} each without waiting keep {} busy.",
            rate(table.greatest().good),
            time(table.points[0].mean_s * 1e6),
            significant(places)
        ),
    );
    tally.add_evidence(pool.evidence);
    tally.finish()
}

/// Moments in which nothing is answered.
pub(crate) fn paused(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Pauses, table.points.len());
    let Some(pauses) = &table.pauses else {
        return tally.finish();
    };
    let length = time(pauses.length_s * 1e6);
    match (pauses.period_s, pauses.share()) {
        (Some(period), Some(share)) if share >= 0.02 => {
            tally.add(
                0.7,
                format!(
                    "Every {} requests under way are held up for {length}, {} times in the run: {} \
                     of the time.",
                    time(period * 1e6),
                    pauses.at.len(),
                    percent(share)
                ),
            );
            let ratio = table.high(|point| point.p99_ratio).unwrap_or(0.0);
            if ratio > 10.0 {
                let ratio = significant(ratio);
                tally.add(0.2, format!("p99 is {ratio} times the median."));
            }
        }
        // Single ones are a cause only if they are long: machines have hiccups of their own.
        (None, _) if pauses.length_s >= 0.5 => tally.add(
            0.5,
            format!(
                "{} requests under way were held up for {length}, the first time at {}; not evenly.",
                match pauses.at.len() {
                    1 => "Once".to_owned(),
                    times => format!("{times} times"),
                },
                clock(f64::from(pauses.at[0]))
            ),
        ),
        _ => {}
    }
    tally.finish()
}

/// Slow at every load, and neither busy nor full: it waits for what was not looked at.
pub(super) fn dependency(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Dependency, table.points.len());
    let means = || table.points.iter().map(|point| point.mean_s);
    let (least, most) = (
        means().fold(f64::INFINITY, f64::min),
        means().fold(0.0, f64::max),
    );
    let Some(cpu) = table.high(|point| point.cpu_ratio) else {
        return tally.finish();
    };
    let last = table.last();
    let cpu_s = cpu * last.cores.unwrap_or(1.0) / last.throughput.max(1e-9);
    let constant = table.points.len() > 1 && most <= 1.2 * least;
    if !constant || least < SLOW_S || cpu > IDLE_CPU || cpu_s > MOSTLY_WAITS * least {
        return tally.finish();
    }
    tally.add(
        0.5,
        format!(
            "A request takes {} at every load, but only {} of CPU: it waits.",
            time(last.mean_s * 1e6),
            time(cpu_s * 1e6)
        ),
    );
    tally.finish()
}

/// More than one place; a single one is a lock.
pub(super) fn worker_pool(table: &Table) -> Score {
    if places(table).is_some_and(|places| places <= ONE_AT_A_TIME) {
        return Tally::new(Cause::WorkerPool, table.knee).finish();
    }
    queue_for_places(table)
}

/// A queue before a fixed number of places.
fn queue_for_places(table: &Table) -> Score {
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
    if let Some(places) = places(table).filter(|places| *places > ONE_AT_A_TIME) {
        tally.add(
            0.0,
            format!(
                "It works on about {} requests at once.",
                significant(places)
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
