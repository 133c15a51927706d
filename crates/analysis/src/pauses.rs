//! Moments in which a server answers nothing: seconds whose slowest answer stands far above those
//! around it.
//!
//! A garbage collection that stops the program, a check-point or a batch job holds up every request
//! under way for about as long each time, and often at even distances. A queue does not: it makes
//! many seconds in a row slow.
//!
//! Not here: whether that is what limits the server (see [`crate::attribution`]).

use std::collections::BTreeMap;

use loadline_events::StepId;
use loadline_metrics::RunData;

use crate::window::is_counted;

/// Shortest pause that is told from chance, in seconds.
const SHORTEST_S: f64 = 0.05;
/// How far above the seconds around it a second's slowest answer stands.
const ABOVE: f64 = 4.0;
/// Seconds on each side that a second is compared with.
const AROUND: u32 = 10;
/// Longest pause, in seconds that start requests: what is slow for longer is a slow spell.
const LONGEST_S: usize = 5;
/// Fewest samples of a second whose slowest answer says anything.
const FEWEST: u64 = 5;
/// Share of a slow answer's time from which the generator's own lateness explains it.
const OWN_SHARE: f64 = 0.5;
/// Fewest pauses that can be regular.
const FEWEST_REGULAR: usize = 4;
/// Median distance of their lengths, and of the times between them, from their median up to which
/// pauses are regular.
const REGULAR: f64 = 0.25;

/// Pauses of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pauses {
    /// When each showed first, in seconds of the run, ascending.
    pub(crate) at: Vec<u32>,
    /// Median length, in seconds: that of the slowest answers.
    pub(crate) length_s: f64,
    /// Median time from one to the next in seconds, if they are alike and come evenly.
    pub(crate) period_s: Option<f64>,
}

impl Pauses {
    /// Share of the time that they take, if they come evenly.
    pub(crate) fn share(&self) -> Option<f64> {
        self.period_s.map(|period| self.length_s / period)
    }
}

/// The pauses of `run`; `None` without any.
pub(crate) fn pauses(run: &RunData) -> Option<Pauses> {
    let mut slowest: BTreeMap<u32, (u64, f64)> = BTreeMap::new();
    for ((step, label), cell) in &run.series.cells {
        if *step == StepId::NONE || !is_counted(run, *label) {
            continue;
        }
        for (second, row) in &cell.intended {
            let (count, most) = slowest.entry(*second).or_default();
            *count += row.service().count;
            *most = most.max(row.service().max_us as f64 / 1e6);
        }
    }
    // A second in which the generator itself stood still says nothing about the server.
    let own = own_lag_s(run);
    let is_own = |second: u32, most: f64| {
        let lag = own
            .range(second..=second + most as u32 + 1)
            .map(|row| *row.1);
        most >= SHORTEST_S && lag.fold(0.0, f64::max) >= OWN_SHARE * most
    };
    let seconds: Vec<(u32, f64)> = slowest
        .into_iter()
        .filter(|(second, (count, most))| *count >= FEWEST && !is_own(*second, *most))
        .map(|(second, (_, most))| (second, most))
        .collect();
    of_seconds(&seconds)
}

/// The greatest lateness of the generator's own timers in each second, in seconds.
fn own_lag_s(run: &RunData) -> BTreeMap<u32, f64> {
    let mut lags = BTreeMap::<u32, f64>::new();
    for row in &run.workers {
        let most = row.loop_lag_us.iter().copied().max().unwrap_or(0);
        let lag = lags.entry(row.second).or_default();
        *lag = lag.max(f64::from(most) / 1e6);
    }
    lags
}

/// The pauses in seconds with their slowest answers, by ascending second.
fn of_seconds(seconds: &[(u32, f64)]) -> Option<Pauses> {
    let mut found: Vec<(u32, f64, usize)> = Vec::new();
    let mut last = None;
    for (second, most) in seconds {
        let around = around(seconds, *second, AROUND).iter();
        let usual = median(around.map(|(_, most)| *most).collect());
        if *most < SHORTEST_S || *most < ABOVE * usual {
            continue;
        }
        match found.last_mut() {
            Some(pause) if last == second.checked_sub(1) => {
                pause.1 = pause.1.max(*most);
                pause.2 += 1;
            }
            _ => found.push((*second, *most, 1)),
        }
        last = Some(*second);
    }
    found.retain(|pause| pause.2 <= LONGEST_S);
    if found.is_empty() {
        return None;
    }
    let lengths: Vec<f64> = found.iter().map(|pause| pause.1).collect();
    let between: Vec<f64> = found
        .windows(2)
        .map(|pair| f64::from(pair[1].0 - pair[0].0))
        .collect();
    let regular = found.len() >= FEWEST_REGULAR && is_even(&lengths) && is_even(&between);
    Some(Pauses {
        at: found.iter().map(|pause| pause.0).collect(),
        length_s: median(lengths),
        period_s: regular.then(|| median(between)),
    })
}

/// Those of `seconds`, which ascend, that are at most `distance` away from `second`.
pub(crate) fn around(seconds: &[(u32, f64)], second: u32, distance: u32) -> &[(u32, f64)] {
    let start = seconds.partition_point(|row| row.0 < second.saturating_sub(distance));
    let end = seconds.partition_point(|row| row.0 <= second.saturating_add(distance));
    &seconds[start..end]
}

/// Whether the values lie close to their median, as the median distance from it tells.
fn is_even(values: &[f64]) -> bool {
    let middle = median(values.to_vec());
    let distances = values.iter().map(|value| (value - middle).abs());
    median(distances.collect()) <= REGULAR * middle
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(most: impl Fn(u32) -> f64) -> Option<Pauses> {
        let seconds: Vec<(u32, f64)> = (0..60).map(|second| (second, most(second))).collect();
        of_seconds(&seconds)
    }

    #[test]
    fn even_pauses_have_a_period_and_a_share() {
        let pauses = run(|second| if second % 5 == 4 { 0.2 } else { 0.01 }).unwrap();
        assert_eq!((pauses.at.len(), pauses.period_s), (12, Some(5.0)));
        assert_eq!(pauses.share(), Some(0.04));
    }

    #[test]
    fn one_stall_has_no_period() {
        let pauses = run(|second| if second == 30 { 1.0 } else { 0.01 }).unwrap();
        assert_eq!((pauses.at, pauses.period_s), (vec![30], None));
    }

    #[test]
    fn a_growing_queue_and_steady_times_are_no_pauses() {
        assert_eq!(run(|second| 0.02 * f64::from(second)), None);
        assert_eq!(run(|_| 3.0), None);
        assert_eq!(run(|second| if second < 30 { 0.01 } else { 2.0 }), None);
    }

    #[test]
    fn spikes_of_all_lengths_at_odd_times_are_not_even() {
        let at = [3, 11, 14, 31, 38, 55];
        let pauses = run(|second| {
            let index = at.iter().position(|at| *at == second);
            index.map_or(0.01, |index| 0.06 * 2f64.powi(index as i32))
        });
        assert_eq!(pauses.unwrap().period_s, None);
    }
}
