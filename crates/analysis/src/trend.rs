//! A figure over the history of runs: where did its level change?
//!
//! E-divisive means (Matteson and James 2014, in one dimension; used for performance by Daly et al.
//! 2020): the split is where values on both sides lie furthest apart compared with those on one side.
//! Whether chance gives as much is told by permuting the runs. Both parts are split again. A single run
//! that stands out is no change of level.

use crate::student::Confidence;

/// Fewest runs that a change can be told from.
pub const FEWEST_RUNS: usize = 8;
/// Most runs that are looked at: the effort grows with their square.
pub const MOST_RUNS: usize = 300;
/// Fewest runs on each side of a change.
const FEWEST_A_SIDE: usize = 3;
const PERMUTATIONS: u32 = 999;
/// Share of permutations that may split as well.
const SURE: f64 = 0.01;

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelChange {
    /// Index of the first run of the new level.
    pub at: usize,
    /// The new level over the one before it.
    pub ratio: f64,
    /// 95 % interval of the ratio (Welch 1947).
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The changes of level in `values`, a figure of runs in the order of their time, all positive;
/// `None` with fewer than [`FEWEST_RUNS`] or when one is not positive. Only the last [`MOST_RUNS`] are
/// looked at. The same values and seed give the same changes.
#[must_use]
pub fn level_changes(values: &[f64], seed: u64) -> Option<Vec<LevelChange>> {
    let skipped = values.len().saturating_sub(MOST_RUNS);
    let values = &values[skipped..];
    if values.len() < FEWEST_RUNS
        || values
            .iter()
            .any(|value| *value <= 0.0 || !value.is_finite())
    {
        return None;
    }
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let mut changes = Vec::new();
    split_all(&logs, 0, seed, &mut changes);
    changes.sort_unstable();
    let ends = |index: usize| {
        let from = if index == 0 { 0 } else { changes[index - 1] };
        let to = changes.get(index).copied().unwrap_or(logs.len());
        &logs[from..to]
    };
    let found = (0..changes.len()).map(|index| {
        let (ratio, low, high) = welch(ends(index), ends(index + 1));
        LevelChange {
            at: skipped + changes[index],
            ratio,
            low,
            high,
        }
    });
    Some(found.collect())
}

/// Adds the indexes of all sure splits of `logs`, which begin at `offset`.
fn split_all(logs: &[f64], offset: usize, seed: u64, changes: &mut Vec<usize>) {
    let Some(split) = best_split(logs) else {
        return;
    };
    if p_value(logs, split.q, seed ^ offset as u64) > SURE {
        return;
    }
    changes.push(offset + split.at);
    let (before, after) = logs.split_at(split.at);
    split_all(before, offset, seed, changes);
    split_all(after, offset + split.at, seed, changes);
}

/// The best split of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Split {
    /// Index of the first value behind it.
    at: usize,
    q: f64,
}

/// The split with the greatest distance; `None` if a side would be too short.
fn best_split(values: &[f64]) -> Option<Split> {
    let count = values.len();
    if count < 2 * FEWEST_A_SIDE {
        return None;
    }
    let distance = |a: usize, b: usize| (values[a] - values[b]).abs();
    // Sums of the distances of each value to those before and behind it.
    let to_earlier = |at: usize| (0..at).map(|other| distance(at, other)).sum::<f64>();
    let to_later = |at: usize| {
        (at + 1..count)
            .map(|other| distance(at, other))
            .sum::<f64>()
    };
    let all: f64 = (0..count).map(to_earlier).sum();
    let (mut within_before, mut within_after) = (0.0, all);
    let mut best: Option<Split> = None;
    for at in 1..=count - FEWEST_A_SIDE {
        within_before += to_earlier(at - 1);
        within_after -= to_later(at - 1);
        if at < FEWEST_A_SIDE {
            continue;
        }
        let (m, n) = (at as f64, (count - at) as f64);
        let pairs = |k: f64| k * (k - 1.0) / 2.0;
        let between = all - within_before - within_after;
        let q = m * n / (m + n)
            * (2.0 * between / (m * n) - within_before / pairs(m) - within_after / pairs(n));
        if best.is_none_or(|best| q > best.q) {
            best = Some(Split { at, q });
        }
    }
    best
}

/// Share of orders of the values whose best split is at least as good.
fn p_value(values: &[f64], q: f64, seed: u64) -> f64 {
    let mut shuffled = values.to_vec();
    let mut state = seed;
    let mut at_least = 1;
    for _ in 0..PERMUTATIONS {
        for last in (1..shuffled.len()).rev() {
            let other = (next(&mut state) % (last as u64 + 1)) as usize;
            shuffled.swap(last, other);
        }
        if best_split(&shuffled).is_some_and(|split| split.q >= q) {
            at_least += 1;
        }
    }
    f64::from(at_least) / f64::from(PERMUTATIONS + 1)
}

/// The next of a sequence of pseudo-random numbers (splitmix64).
const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Ratio of the levels with its 95 % interval, from logarithms of at least two values each.
fn welch(before: &[f64], after: &[f64]) -> (f64, f64, f64) {
    let part = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, squares / (n - 1.0) / n, n)
    };
    let (a, b) = (part(before), part(after));
    let variance = a.1 + b.1;
    let parts = a.1.powi(2) / (a.2 - 1.0) + b.1.powi(2) / (b.2 - 1.0);
    let df = if parts > 0.0 {
        variance.powi(2) / parts
    } else {
        a.2 + b.2 - 2.0
    };
    let half = Confidence::NinetyFive.t(df.max(1.0) as u32) * variance.sqrt();
    let change = b.0 - a.0;
    (change.exp(), (change - half).exp(), (change + half).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_those_of_the_vectors() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../tests/vectors/trend.json")).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let values: Vec<f64> = (case["values"].as_array().unwrap().iter())
                .map(|value| value.as_f64().unwrap())
                .collect();
            let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
            let split = best_split(&logs).unwrap();
            assert_eq!(split.at as u64, case["first_split_index"].as_u64().unwrap());
            let q = case["q"].as_f64().unwrap();
            assert!((split.q / q - 1.0).abs() < 1e-9, "{} beside {q}", split.q);
            let p = p_value(&logs, split.q, 1);
            let expected = case["p_value"].as_f64().unwrap();
            let tolerance = 0.05 * expected + case["p_tolerance"].as_f64().unwrap();
            assert!((p - expected).abs() <= tolerance, "{p} beside {expected}");
            let changes = level_changes(&values, 1).unwrap();
            assert_eq!(!changes.is_empty(), case["change"].as_bool().unwrap());
        }
    }

    #[test]
    fn two_changes_are_told_with_their_size() {
        let level = |run: usize| match run {
            0..10 => 100.0,
            10..20 => 130.0,
            _ => 80.0,
        };
        let values: Vec<f64> = (0..30)
            .map(|run| level(run) * (1.0 + 0.01 * ((run * 7) % 5) as f64))
            .collect();
        let changes = level_changes(&values, 1).unwrap();
        assert_eq!(
            changes.iter().map(|change| change.at).collect::<Vec<_>>(),
            [10, 20]
        );
        assert!(changes[0].low < 1.3 && 1.3 < changes[0].high, "{changes:?}");
    }

    #[test]
    fn few_runs_and_values_without_logarithm_claim_nothing() {
        assert_eq!(level_changes(&[1.0; 7], 1), None);
        assert_eq!(level_changes(&[0.0; 9], 1), None);
        assert_eq!(level_changes(&[f64::NAN; 9], 1), None);
        assert_eq!(level_changes(&[2.0; 9], 1), Some(Vec::new()));
        let mut outlier = vec![1.0; 12];
        outlier[6] = 3.0;
        assert_eq!(level_changes(&outlier, 1), Some(Vec::new()));
    }
}
