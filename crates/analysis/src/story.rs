//! The run in bins of equal length, for charts over time.

use std::collections::BTreeMap;

use loadline_events::{ErrorKind, Signal};
use loadline_metrics::{Distribution, EndedSecond, Histogram, RunData};

use crate::result::{ErrorClass, StoryBin};
use crate::server_series::ServerView;
use crate::window::{Completions, is_counted};
use crate::worker_seconds::{GeneratorSeconds, mean_over, sum_over};

/// Lengths of bins, in seconds.
const LENGTHS: [u32; 13] = [1, 2, 3, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
/// Samples in the median bin that make its figures smooth enough.
const MEDIAN_SAMPLES: u64 = 300;
/// Bins at most.
const MOST_BINS: u32 = 400;
/// Bins at least, where the run is too thin for [`MEDIAN_SAMPLES`].
const FEWEST_BINS: u32 = 60;
/// Fewest samples for a bin's p50 or p95.
const P95_SAMPLES: u64 = 20;
/// Fewest samples for a bin's p99.
const P99_SAMPLES: u64 = 300;
/// Classes of errors drawn apart.
const ERROR_CLASSES: usize = 4;

/// The bins of `run` and their length in seconds. `seconds` is the length of the run.
pub(crate) fn story(
    run: &RunData,
    seconds: u32,
    completions: &Completions,
    generator: &GeneratorSeconds,
    servers: &[ServerView<'_>],
    errors: &[ErrorClass],
) -> (Vec<StoryBin>, u32) {
    let mut responses: BTreeMap<u32, Vec<&Distribution>> = BTreeMap::new();
    for ((_, label), cell) in &run.series.cells {
        if is_counted(run, *label) {
            for (second, row) in &cell.intended {
                responses.entry(*second).or_default().push(&row.response);
            }
        }
    }
    let length = bin_length(seconds, &responses);
    let failures = failures(run, errors);
    let has_schedule = generator.values().any(|row| row.offered > 0);
    let mut workbench = Histogram::default();
    let bins = (0..seconds.div_ceil(length.max(1)))
        .map(|index| {
            let span = (index * length, (index + 1) * length);
            let in_bin = f64::from((seconds - span.0).min(length));
            workbench.clear();
            for row in responses.range(span.0..span.1).flat_map(|row| row.1) {
                workbench.add(row);
            }
            let samples = workbench.count();
            let quantile = |q: f64, least: u64| {
                workbench
                    .quantile(q)
                    .filter(|value| samples >= least && !value.censored)
                    .map(|value| value.value_us as f64)
            };
            let mut ended = EndedSecond::default();
            for (_, row) in completions.seconds().range(span.0..span.1) {
                ended.merge(row);
            }
            let good = ended.samples - ended.errors.min(ended.samples);
            StoryBin {
                start_s: span.0,
                users: mean_over(generator, span, |row| row.users).unwrap_or(0.0),
                in_flight: mean_over(generator, span, |row| row.in_flight).unwrap_or(0.0),
                offered: has_schedule
                    .then(|| sum_over(generator, span, |row| row.offered) as f64 / in_bin),
                samples,
                p50_us: quantile(0.5, P95_SAMPLES),
                p95_us: quantile(0.95, P95_SAMPLES),
                p99_us: quantile(0.99, P99_SAMPLES),
                good_per_s: good as f64 / in_bin,
                completed_per_s: ended.samples as f64 / in_bin,
                errors_per_s: failures
                    .iter()
                    .map(|class| {
                        class.range(span.0..span.1).map(|row| row.1).sum::<u64>() as f64 / in_bin
                    })
                    .collect(),
                servers: servers
                    .iter()
                    .map(|server| {
                        (
                            server.mean(Signal::BusiestThread, span),
                            server.cpu_ratio(span),
                            server.mean(Signal::MemoryBytes, span),
                        )
                    })
                    .collect(),
            }
        })
        .collect();
    (bins, length)
}

/// Failures by second, for each drawn class and, last, for all others if there are any.
fn failures(run: &RunData, errors: &[ErrorClass]) -> Vec<BTreeMap<u32, u64>> {
    let rows = errors.len().min(ERROR_CLASSES + 1);
    let mut failures = vec![BTreeMap::<u32, u64>::new(); rows];
    let index_of = |kind: ErrorKind, status: u16| {
        errors
            .iter()
            .position(|class| class.kind == kind && class.status == status)
            .map(|index| index.min(ERROR_CLASSES))
    };
    for (key, series) in &run.series.errors {
        if !is_counted(run, key.label) {
            continue;
        }
        let Some(index) = index_of(key.kind, key.status) else {
            continue;
        };
        for ((_, second), count) in &series.counts {
            *failures[index].entry(*second).or_default() += count;
        }
    }
    failures
}

/// The smallest length that gives smooth and not too many bins; shorter ones if there would be
/// fewer than 60.
fn bin_length(seconds: u32, responses: &BTreeMap<u32, Vec<&Distribution>>) -> u32 {
    let shortest = LENGTHS
        .into_iter()
        .find(|length| seconds.div_ceil(*length) <= MOST_BINS)
        .unwrap_or(seconds.div_ceil(MOST_BINS));
    let median = |length: u32| {
        let mut counts = vec![0u64; seconds.div_ceil(length) as usize];
        for (second, rows) in responses {
            if let Some(count) = counts.get_mut((second / length) as usize) {
                *count += rows.iter().map(|row| row.count).sum::<u64>();
            }
        }
        counts.sort_unstable();
        counts.get(counts.len() / 2).copied().unwrap_or(0)
    };
    let smooth = LENGTHS
        .into_iter()
        .filter(|length| *length >= shortest)
        .find(|length| median(*length) >= MEDIAN_SAMPLES);
    let longest = LENGTHS
        .into_iter()
        .filter(|length| seconds / length >= FEWEST_BINS)
        .max()
        .unwrap_or(1)
        .max(shortest);
    smooth.unwrap_or(longest).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: u32, per_second: u64, expected: u32) {
        let second = Distribution::from_values(vec![1000; per_second as usize]);
        let responses = (0..seconds).map(|s| (s, vec![&second])).collect();
        assert_eq!(bin_length(seconds, &responses), expected);
    }

    #[test]
    fn bins_are_smooth_but_not_too_few() {
        check(390, 400, 1);
        check(390, 130, 3);
        check(390, 10, 5);
        check(3600, 1000, 10);
        check(30, 10, 1);
        check(0, 0, 1);
    }
}
