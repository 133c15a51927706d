//! Are random arrivals a Poisson process? Goodness of fit of their gaps and of their counts, for fixed
//! seeds; what is no such process is told apart by the same tests.

use std::time::Duration;

use loadline_plan::{Load, LoadStage, NativeLoad};
use loadline_units::Rate;

use crate::plan::*;
use crate::world::*;

/// What the statistic of gaps exceeds by chance once in a hundred times (Stephens 1970).
const GAPS_1_PERCENT: f64 = 1.628;
/// The same of a standard normal value, on both sides.
const NORMAL_1_PERCENT: f64 = 2.576;
/// Seeds that are tried, with two tests each: one rejection in a hundred tests is chance, three in
/// twelve are none (p = 0.02 %).
const SEEDS: u64 = 6;
const TOLERATED: usize = 2;

/// Intended starts of the arrivals of `load`, in seconds.
fn arrivals(load: Load, seed: u64) -> Vec<f64> {
    let ran = World::new(plan(vec![group(load, vec![get("a")])]))
        .answer(|_| ok(1))
        .seed(seed)
        .run();
    let mut times: Vec<f64> = ran
        .plain()
        .iter()
        .map(|sample| sample.intended.as_secs_f64())
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// How far the gaps of `times`, whose mean is planned as 1, are from exponential ones: the distance
/// of Kolmogorov and Smirnov, scaled so that its quantiles do not depend on the number of gaps
/// (Stephens, *Journal of the Royal Statistical Society* B 32, 1970).
fn misfit_of_gaps(times: &[f64]) -> f64 {
    let mut gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = gaps.iter().enumerate().map(|(index, gap)| {
        let wanted = 1.0 - (-gap).exp();
        let (before, after) = (index as f64 / n, (index as f64 + 1.0) / n);
        (wanted - before).max(after - wanted)
    });
    distance.fold(0.0, f64::max) * (n.sqrt() + 0.12 + 0.11 / n.sqrt())
}

/// How far the counts in `bins` stretches of time with `mean` arrivals each are from those of a Poisson
/// process, as a standard normal value: Fisher's index of dispersion, whose chi² is made normal by
/// Wilson and Hilferty (1931). Positive where arrivals come in bursts.
fn misfit_of_counts(times: &[f64], bins: usize, mean: f64) -> f64 {
    let mut counts = vec![0.0; bins];
    for time in times {
        if let Some(count) = counts.get_mut((time / mean) as usize) {
            *count += 1.0;
        }
    }
    let chi: f64 = counts
        .iter()
        .map(|count| (count - mean).powi(2) / mean)
        .sum();
    let part = 2.0 / (9.0 * bins as f64);
    ((chi / bins as f64).cbrt() - (1.0 - part)) / part.sqrt()
}

/// How many of the tests reject arrivals; `unit` stretches their times so that one comes per unit.
fn rejections(load: impl Fn() -> Load, unit: impl Fn(f64) -> f64) -> usize {
    let mut rejected = 0;
    for seed in 1..=SEEDS {
        let times: Vec<f64> = arrivals(load(), seed).into_iter().map(&unit).collect();
        assert!(times.len() > 3_500, "{}", times.len());
        let (gaps, counts) = (misfit_of_gaps(&times), misfit_of_counts(&times, 150, 25.0));
        rejected += usize::from(gaps > GAPS_1_PERCENT);
        rejected += usize::from(counts.abs() > NORMAL_1_PERCENT);
    }
    rejected
}

#[test]
fn random_arrivals_of_a_constant_rate_are_a_poisson_process() {
    let rejected = rejections(|| rate_for(50.0, 80, true, 1000), |time| 50.0 * time);
    assert!(rejected <= TOLERATED, "{rejected}");
}

#[test]
fn random_arrivals_of_a_rising_rate_are_a_poisson_process_in_the_integral() {
    // The integral of a rate that rises by one a second is t² / 2.
    let rising = || {
        Load::Native(NativeLoad::RateStages {
            from: Rate::per_second(0.0).unwrap(),
            stages: vec![LoadStage {
                target: Rate::per_second(90.0).unwrap(),
                duration: Duration::from_secs(90),
            }],
            poisson: true,
            max_users: 1000,
            start: Duration::ZERO,
        })
    };
    let rejected = rejections(rising, |time| time * time / 2.0);
    assert!(rejected <= TOLERATED, "{rejected}");
}

#[test]
fn the_tests_reject_what_is_no_poisson_process() {
    let even = rejections(|| rate_for(50.0, 80, false, 1000), |time| 50.0 * time);
    assert_eq!(even, 2 * SEEDS as usize);
    // A tenth too slow.
    let slow = rejections(|| rate_for(45.0, 84, true, 1000), |time| 50.0 * time);
    assert!(slow > 2 * TOLERATED, "{slow}");
    // Every tenth arrival comes twice.
    let mut times = arrivals(rate_for(50.0, 80, true, 1000), 1);
    let twice: Vec<f64> = times.chunks(10).map(|ten| ten[0]).collect();
    times.extend(twice);
    times.sort_by(f64::total_cmp);
    let unit: Vec<f64> = times.iter().map(|time| 55.0 * time).collect();
    assert!(misfit_of_gaps(&unit) > GAPS_1_PERCENT);
}
