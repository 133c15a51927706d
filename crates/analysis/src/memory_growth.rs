//! How a server's memory grows while its load stays the same.
//!
//! Every server takes some memory in its first minutes: the allocator keeps what it was given, buffers
//! of connections and caches fill, code is loaded. Such growth ends. What is told here is growth beyond
//! doubt that goes on: at least half as fast in the second half of the hold as in the first.
//!
//! Not here: how much of it is worth telling (see [`crate::attribution`]).

use loadline_events::Signal;

use crate::line::Line;
use crate::server_series::ServerView;

/// Shortest hold in which growth is looked for, in seconds.
const SHORTEST_S: u32 = 20;
/// Batches that the hold is cut into.
const BATCHES: usize = 10;
/// Two-sided 1 % Student quantile with 8 degrees of freedom.
const T_SLOPE: f64 = 3.36;
/// Later growth over the first from which memory goes on growing.
///
/// A level that is approached exponentially stays below it in a hold of one and a half of its time constants
/// or more. Roots and logarithms of time do where the growth begins with the hold: of one that has gone on
/// for as long before, a hold shows hardly a bend.
pub(crate) const GOES_ON: f64 = 0.5;

/// Growth of memory over one hold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct MemoryGrowth {
    /// Length of the hold, in seconds.
    pub(crate) seconds: f64,
    /// Memory at its begin, in bytes.
    pub(crate) from_bytes: f64,
    /// What came to it until its end, in bytes; 0 if memory did not grow beyond doubt, or in the second half
    /// less than half as fast as in the first.
    pub(crate) grown_bytes: f64,
    /// What was left at the end of what the server may use, in bytes, if that is known.
    pub(crate) room_bytes: Option<f64>,
}

impl MemoryGrowth {
    /// Growth, in bytes per second.
    pub(crate) fn bytes_per_s(&self) -> f64 {
        self.grown_bytes / self.seconds.max(1.0)
    }
}

/// Growth of the memory of `server` over `hold`; `None` if it is too short or was hardly read.
pub(crate) fn memory_growth(server: &ServerView<'_>, hold: (u32, u32)) -> Option<MemoryGrowth> {
    let seconds = hold.1.saturating_sub(hold.0);
    let values: Vec<f64> = server
        .values(Signal::MemoryBytes, hold)
        .map(|row| row.1)
        .collect();
    if seconds < SHORTEST_S {
        return None;
    }
    let mut growth = of_values(&values, f64::from(seconds))?;
    growth.room_bytes = room(server, hold);
    Some(growth)
}

/// Growth over evenly spaced readings of a hold of `seconds`; `None` with fewer than one for each batch.
fn of_values(values: &[f64], seconds: f64) -> Option<MemoryGrowth> {
    if values.len() < BATCHES {
        return None;
    }
    let levels: Vec<f64> = (0..BATCHES)
        .map(|batch| {
            let end = (batch + 1) * values.len() / BATCHES;
            let part = &values[batch * values.len() / BATCHES..end];
            part.iter().sum::<f64>() / part.len() as f64
        })
        .collect();
    let line = Line::through(&levels);
    let (first, second) = levels.split_at(BATCHES / 2);
    let goes_on = Line::through(second).slope >= GOES_ON * Line::through(first).slope;
    let is_sure = line.slope > T_SLOPE * line.slope_error;
    let batches = BATCHES as f64;
    Some(MemoryGrowth {
        seconds,
        from_bytes: (line.center - line.slope * batches / 2.0).max(0.0),
        grown_bytes: if is_sure && goes_on {
            line.slope * batches
        } else {
            0.0
        },
        room_bytes: None,
    })
}

/// What the server may still take at the end of `hold`: of the bound of its control group, or of its
/// host's memory where that is less.
fn room(server: &ServerView<'_>, hold: (u32, u32)) -> Option<f64> {
    let last = |signal| server.values(signal, hold).last().map(|row| row.1);
    let left = |used, whole| Some((last(whole)? - last(used)?).max(0.0));
    let of_group = left(Signal::MemoryBytes, Signal::MemoryLimitBytes);
    let of_host = left(Signal::HostMemoryUsed, Signal::HostMemoryTotal);
    of_group.into_iter().chain(of_host).reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use loadline_events::Reading;
    use loadline_metrics::ServerSeries;
    use loadline_units::RunTime;

    use super::*;

    /// Growth over a minute, in megabytes, of what is `level` megabytes at each part of it in [0, 1).
    fn grown(level: impl Fn(f64) -> f64) -> f64 {
        let values: Vec<f64> = (0..60).map(|s| 1e6 * level(f64::from(s) / 60.0)).collect();
        let growth = of_values(&values, 60.0).unwrap();
        growth.grown_bytes / 1e6
    }

    #[test]
    fn a_steady_growth_is_told_by_its_line() {
        let values: Vec<f64> = (0..60).map(|s| 20e6 + 1e6 * (f64::from(s) + 0.5)).collect();
        let growth = of_values(&values, 60.0).unwrap();
        assert!((growth.from_bytes - 20e6).abs() < 1.0, "{growth:?}");
        assert!((growth.grown_bytes - 60e6).abs() < 1.0, "{growth:?}");
        assert!((growth.bytes_per_s() - 1e6).abs() < 1.0, "{growth:?}");
    }

    #[test]
    fn growth_in_even_steps_goes_on() {
        assert!(grown(|at| 20.0 + 8.0 * (at * 12.0).floor()) > 80.0);
    }

    #[test]
    fn growth_that_slows_to_less_than_half_is_none() {
        // A cache that fills, a heap that nears its size, an allocator that finds what was given back.
        assert_eq!(grown(|at| 20.0 + 50.0 * (1.0 - (-3.0 * at).exp())), 0.0);
        assert_eq!(grown(|at| 20.0 + 50.0 * at.sqrt()), 0.0);
        assert_eq!(grown(|at| 20.0 + 50.0 * (60.0 * at).ln_1p()), 0.0);
        assert_eq!(grown(|at| 20.0 + 50.0 * (at / 0.4).min(1.0)), 0.0);
    }

    #[test]
    fn a_root_of_time_that_begins_before_the_hold_goes_on() {
        // Slowing down, but too little for the hold to show.
        assert!(grown(|at| 20.0 + 50.0 * (1.0 + at).sqrt()) > 20.0);
    }

    #[test]
    fn memory_that_goes_up_and_down_does_not_grow() {
        assert_eq!(grown(|at| 100.0 + 40.0 * (at * 7.0).fract()), 0.0);
        assert_eq!(grown(|_| 100.0), 0.0);
    }

    #[test]
    fn a_hold_is_read_with_what_it_leaves() {
        let reading = |second: u32| {
            let used = 20e6 + 1e6 * f64::from(second);
            let values = [
                (Signal::MemoryBytes, used),
                (Signal::MemoryLimitBytes, 100e6),
                (Signal::HostMemoryUsed, 2e9),
                (Signal::HostMemoryTotal, 8e9),
            ];
            Reading {
                server: 0,
                at: RunTime::from_micros(u64::from(second) * 1_000_000 + 1_000_000),
                alive: Some(true),
                values: values.to_vec(),
            }
        };
        let series = ServerSeries {
            name: "shop".to_owned(),
            source: "local".to_owned(),
            description: String::new(),
            readings: (0..60).map(reading).collect(),
            not_read: Vec::new(),
        };
        let server = ServerView::new(&series);
        let growth = memory_growth(&server, (20, 50)).unwrap();
        assert!((growth.grown_bytes - 30e6).abs() < 1.0, "{growth:?}");
        assert_eq!((growth.seconds, growth.room_bytes), (30.0, Some(31e6)));
        assert_eq!(memory_growth(&server, (20, 39)), None);
    }

    #[test]
    fn a_few_readings_tell_nothing() {
        assert_eq!(of_values(&[20e6; 9], 60.0), None);
    }
}
