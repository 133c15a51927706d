//! Memory as a cause: too little of it, or a leak.

use crate::attribution::table::Table;
use crate::attribution::{Score, Tally};
use crate::load_point::LoadPoint;
use crate::result::Cause;
use crate::wording::{bytes, percent, rate};

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

/// Growth at the last load over that at the first from which memory goes on growing.
const GOES_ON: f64 = 0.5;

/// Memory that grows at every load while the load is constant.
pub(crate) fn memory_leak(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::MemoryLeak, table.knee);
    let growth: Vec<f64> = table
        .points
        .iter()
        .filter_map(|point| point.memory_growth)
        .collect();
    // A cache that fills up at one load is no leak: every load must show growth.
    // Nor is one that fills more and more slowly.
    let per_minute =
        |point: &LoadPoint| point.memory_growth.unwrap_or(0.0) * point.memory_bytes.unwrap_or(1.0);
    let goes_on = per_minute(table.last()) >= GOES_ON * per_minute(&table.points[0]);
    let grows = growth.len() == table.points.len() && growth.iter().all(|growth| *growth > 0.05);
    if grows && goes_on {
        let last = growth.last().copied().unwrap_or(0.0);
        tally.add(
            0.5,
            format!(
                "Its memory grows by {} a minute at constant load, to {}.",
                percent(last),
                bytes(table.last().memory_bytes.unwrap_or(0.0))
            ),
        );
    }
    tally.finish()
}
