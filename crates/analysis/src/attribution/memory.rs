//! Memory as a cause: too little of it, or a leak.

use crate::attribution::table::Table;
use crate::attribution::{Score, Tally};
use crate::memory_growth::{GOES_ON, MemoryGrowth};
use crate::result::Cause;
use crate::wording::{bytes, duration, percent, rate};

pub(super) fn memory(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::Memory,
        table
            .onset(|p| p.swap_bytes_per_s, 1e6)
            .min(table.onset(|p| p.major_faults, 100.0)),
    );
    let swap = table
        .high(|p| p.swap_bytes_per_s)
        .filter(|swap| *swap > 1e6);
    let faults = table
        .high(|p| p.major_faults)
        .filter(|faults| *faults > 100.0);
    if let Some(swap) = swap.filter(|_| table.rises(|p| p.swap_bytes_per_s)) {
        tally.add(0.7, format!("The host swaps {} a second.", bytes(swap)));
    } else if let Some(faults) = faults.filter(|_| table.rises(|p| p.major_faults)) {
        tally.add(
            0.7,
            format!("The server waits for {} page faults.", rate(faults)),
        );
    }
    if let Some(pressure) = table.high(|p| p.psi_memory).filter(|share| *share > 0.05)
        && table.rises(|p| p.psi_memory)
    {
        tally.add(
            0.3,
            format!("Tasks waited for memory {} of the time.", percent(pressure)),
        );
    }
    tally.finish()
}

/// Time under constant load, all loads together, from which growth is told, in seconds: in less, a server
/// that is only getting warm looks the same.
const LEAST_SECONDS: f64 = 60.0;
/// The same for a single load, from which a leak is likely: a cache that fills up would be full.
const ONE_LOAD_SECONDS: f64 = 600.0;
/// Growth a minute, in parts of memory, from which it is told; in longer holds, growth in all.
///
/// A part a minute alone would say that no hold of 40 minutes has a leak: memory that grew evenly from
/// nothing has 1/20 of its mean for each of them.
const LEAST_SHARE: f64 = 0.05;
/// Growth in all from which it is told: less is what allocators and buffers of connections take.
const LEAST_BYTES: f64 = 10e6;
/// The same in parts of what is left, where that is less.
const LEAST_OF_ROOM: f64 = 0.1;
/// Time in which the growth uses up what is left from which it is no matter, in seconds: a month, in which
/// servers are started anew.
const NO_MATTER_S: f64 = 30.0 * 86_400.0;

/// Memory that grows at every load while the load is constant, by so much that it matters.
///
/// Judged by more than a slope beyond doubt of 5 % a minute: a small server gets warm by as much in its
/// first half minute.
pub(crate) fn memory_leak(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::MemoryLeak, table.knee);
    let growth: Vec<MemoryGrowth> = table
        .points
        .iter()
        .filter_map(|point| point.memory_growth)
        .collect();
    // A cache that fills up at one load is no leak: every load must show growth.
    let grows = growth.len() == table.points.len() && growth.iter().all(is_marked);
    let (Some(first), Some(last)) = (growth.first(), growth.last()) else {
        return tally.finish();
    };
    // Nor is one that fills less than half as fast in the end.
    let goes_on = last.bytes_per_s() >= GOES_ON * first.bytes_per_s();
    let seconds: f64 = growth.iter().map(|growth| growth.seconds).sum();
    let grown: f64 = growth.iter().map(|growth| growth.grown_bytes).sum();
    let room = growth
        .iter()
        .filter_map(|growth| growth.room_bytes)
        .reduce(f64::min);
    if !grows || !goes_on || seconds < LEAST_SECONDS || !matters(grown, seconds, room) {
        return tally.finish();
    }
    let one_short_load = growth.len() == 1 && seconds < ONE_LOAD_SECONDS;
    let most = growth
        .iter()
        .map(|growth| growth.from_bytes + growth.grown_bytes)
        .fold(0.0, f64::max);
    let until_full = room.map_or_else(String::new, |room| {
        format!(
            "; at this pace the {} that are left last {}",
            bytes(room),
            duration(room * seconds / grown)
        )
    });
    tally.add(
        if one_short_load { 0.3 } else { 0.5 },
        format!(
            "Its memory grew by {} in {} of constant load, to {}, and went on{until_full}.",
            bytes(grown),
            duration(seconds),
            bytes(most),
        ),
    );
    tally.finish()
}

/// Whether memory at one load grew by a part of it that shows.
fn is_marked(growth: &MemoryGrowth) -> bool {
    let minutes = (growth.seconds / 60.0).min(1.0);
    growth.grown_bytes > LEAST_SHARE * minutes * growth.from_bytes
}

/// Whether growth of `grown` bytes in `seconds` is one to look after where `room` bytes are left.
fn matters(grown: f64, seconds: f64, room: Option<f64>) -> bool {
    match room {
        Some(room) => {
            grown >= LEAST_BYTES.min(LEAST_OF_ROOM * room) && room * seconds <= NO_MATTER_S * grown
        }
        None => grown >= LEAST_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::tests::table;

    /// What is told of loads of `seconds` each in which `grown` megabytes come to 20 MB, with `room`
    /// megabytes left.
    fn told_of<const LOADS: usize>(seconds: f64, grown: [f64; LOADS], room: Option<f64>) -> Score {
        let mut table = table(|_, _| {});
        table.points.truncate(LOADS);
        table.knee = 0;
        let mut from = 20e6;
        for (point, grown) in table.points.iter_mut().zip(grown) {
            point.memory_growth = Some(MemoryGrowth {
                seconds,
                from_bytes: from,
                grown_bytes: grown * 1e6,
                room_bytes: room.map(|room| room * 1e6),
            });
            from += grown * 1e6;
        }
        memory_leak(&table)
    }

    fn score<const LOADS: usize>(seconds: f64, grown: [f64; LOADS], room: Option<f64>) -> f64 {
        told_of(seconds, grown, room).score
    }

    #[test]
    fn a_leak_tells_how_much_and_how_long_it_can_go_on() {
        let told = told_of(22.0, [44.0, 44.0, 44.0], Some(7200.0));
        assert_eq!(told.score, 0.5);
        assert_eq!(
            told.evidence,
            [
                "Its memory grew by 132 MB in 66 s of constant load, to 152 MB, and went on; at this \
                 pace the 7.2 GB that are left last 60 min."
            ]
        );
    }

    #[test]
    fn a_server_that_gets_warm_has_no_leak() {
        // What the reference backend takes: 7 % a minute, but 0.3 MB.
        assert_eq!(score(20.0, [0.3], Some(7000.0)), 0.0);
        assert_eq!(score(60.0, [2.0], Some(7000.0)), 0.0);
        assert_eq!(score(30.0, [4.0, 4.0], Some(7000.0)), 0.0);
        // Much, but in half a minute.
        assert_eq!(score(30.0, [60.0], Some(7000.0)), 0.0);
    }

    #[test]
    fn a_cache_that_fills_once_or_slows_to_less_than_half_is_no_leak() {
        assert_eq!(score(60.0, [60.0, 0.0, 0.0], None), 0.0);
        assert_eq!(score(60.0, [60.0, 40.0, 20.0], None), 0.0);
        // Half as fast goes on.
        assert_eq!(score(60.0, [60.0, 40.0, 30.0], None), 0.5);
    }

    #[test]
    fn at_one_load_it_takes_longer_to_be_likely() {
        assert_eq!(score(120.0, [60.0], None), 0.3);
        assert_eq!(score(600.0, [60.0], None), 0.5);
    }

    #[test]
    fn a_long_hold_shows_growth_that_is_small_in_each_minute() {
        // 1.7 % of what it was a minute, for an hour.
        assert_eq!(score(3600.0, [20.0], Some(7000.0)), 0.5);
    }

    #[test]
    fn growth_matters_by_what_is_left() {
        // 12 MB an hour fill a gigabyte in three days and a hundred in a year.
        assert_eq!(score(3600.0, [12.0], Some(1000.0)), 0.5);
        assert_eq!(score(3600.0, [12.0], Some(100_000.0)), 0.0);
        // A container with 20 MB left is full in minutes.
        assert_eq!(score(60.0, [2.0, 2.0], Some(20.0)), 0.5);
    }
}
