//! Tries the comparison of runs on simulated ones: how often two runs of one server are told apart,
//! and how often a server that needs 10 % more for each request is called worse.
//!
//! `cargo run --release -p loadline-analysis --example compare_simulation [PAIRS] [several]` prints both for
//! single runs of 60 s under twelve loads, then for several runs a side, made in turns, of a server
//! whose runs differ among themselves (these alone with `several`).

#![expect(clippy::print_stdout, reason = "an example's result is what it prints")]
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads its arguments; the crate does not"
)]

#[allow(dead_code, reason = "the search's simulation uses more of it")]
#[path = "../find_simulation/recorded.rs"]
mod recorded;
#[allow(dead_code, reason = "the search's simulation uses more of it")]
#[path = "../find_simulation/station.rs"]
mod station;

mod loads;

use loadline_analysis::{
    Analysis, CellAnswer, CompareOptions, ComparedMetric, Comparison, Pairing, RunAnswer,
    StepState, analyse, compare, compare_many,
};
use loadline_metrics::RunData;

use crate::loads::{Load, loads, run};
use crate::station::Chance;

/// More work for each request of the candidate where it is to be called worse.
const WORSE: f64 = 1.1;
const METRICS: [ComparedMetric; 4] = [
    ComparedMetric::Mean,
    ComparedMetric::P50,
    ComparedMetric::P95,
    ComparedMetric::P99,
];

fn main() {
    let argument = std::env::args().nth(1);
    let pairs: u64 = argument.and_then(|pairs| pairs.parse().ok()).unwrap_or(200);
    if std::env::args().nth(2).as_deref() != Some("several") {
        single_runs(pairs);
    }
    several_runs(pairs);
}

fn single_runs(pairs: u64) {
    println!(
        "one run of 60 s a side, {pairs} pairs; share called improved or regressed, of mean, p50, p95, \
         p99"
    );
    println!(
        "{:24} {:>28} {:>28} {:>32}",
        "load",
        "the same server: any, run",
        "10 % more work: regressed",
        "steady pairs, regressed of these"
    );
    for load in loads() {
        let alike = shares(&load, 1.0, pairs, false);
        let worse = shares(&load, WORSE, pairs, true);
        println!(
            "{:24} {} {:4.1} {} {:5.1} {}",
            load.name,
            row(alike.called),
            alike.runs,
            row(worse.called),
            worse.steady,
            row(worse.called_of_steady)
        );
    }
}

fn several_runs(pairs: u64) {
    println!(
        "several runs of 30 s a side in turns, {pairs} comparisons; runs differ by a standard deviation; \
         p50"
    );
    for spread in [0.02, 0.03, 0.05] {
        for runs in [3, 5, 8] {
            let alike = several(spread, runs, 1.0, pairs);
            let worse = several(spread, runs, WORSE, pairs);
            println!(
                "{:4.0} % {runs} runs: the same server called improved or regressed {alike:5.1} %, 10 % more \
                 work called regressed {worse:5.1} %",
                100.0 * spread
            );
        }
    }
}

fn row(shares: [f64; 4]) -> String {
    let shares: Vec<String> = shares.iter().map(|share| format!("{share:5.1}")).collect();
    shares.join(" ")
}

/// Shares of pairs, in percent.
struct Shares {
    /// In which each metric is called changed (only worse, if so asked).
    called: [f64; 4],
    /// In which the run is.
    runs: f64,
    /// In which both runs were steady; others have no intervals, and nothing is called.
    steady: f64,
    /// As `called`, of those alone.
    called_of_steady: [f64; 4],
}

fn shares(load: &Load, work: f64, pairs: u64, only_worse: bool) -> Shares {
    let (mut called, mut runs, mut steady) = ([0.0; 4], 0.0, 0.0);
    for pair in 0..pairs {
        let own = judged(run(load, 1.0, 2 * pair + 1));
        let other = judged(run(load, work, 2 * pair + 2));
        let comparison = compare(
            (&own.0, &own.1),
            (&other.0, &other.1),
            &CompareOptions::default(),
        );
        let is_steady = |analysis: &Analysis| matches!(analysis.steps[0].state, StepState::Steady);
        steady += f64::from(u8::from(is_steady(&own.1) && is_steady(&other.1)));
        for (called, metric) in called.iter_mut().zip(METRICS) {
            *called += f64::from(u8::from(is_called(&comparison, metric, only_worse)));
        }
        runs += f64::from(u8::from(matches!(
            comparison.answer,
            RunAnswer::Improved | RunAnswer::Regressed
        )));
    }
    let percent = |count: f64, of: f64| 100.0 * count / of.max(1.0);
    Shares {
        called: called.map(|called| percent(called, pairs as f64)),
        runs: percent(runs, pairs as f64),
        steady: percent(steady, pairs as f64),
        called_of_steady: called.map(|called| percent(called, steady)),
    }
}

/// Percent of comparisons of several runs a side in which the median is called changed.
fn several(spread: f64, runs: u64, work: f64, comparisons: u64) -> f64 {
    let mut load = loads().remove(0);
    load.seconds = 30;
    let mut chance = Chance::new(7 + runs);
    let mut called = 0.0;
    for comparison in 0..comparisons {
        let mut side = |work: f64, first: u64| -> Vec<(RunData, Analysis)> {
            (0..runs)
                .map(|index| {
                    let own = work * (spread * chance.normal()).exp();
                    judged(run(&load, own, 1_000 * comparison + first + index))
                })
                .collect()
        };
        let (own, other) = (side(1.0, 1), side(work, 500));
        let own: Vec<_> = own.iter().map(|(run, analysis)| (run, analysis)).collect();
        let other: Vec<_> = other
            .iter()
            .map(|(run, analysis)| (run, analysis))
            .collect();
        let options = CompareOptions::default();
        let compared = compare_many(&own, &other, Pairing::Pairs, &options);
        let is_called =
            compared.is_some_and(|compared| is_called(&compared, ComparedMetric::P50, work > 1.0));
        called += f64::from(u8::from(is_called));
    }
    100.0 * called / comparisons as f64
}

fn judged(run: RunData) -> (RunData, Analysis) {
    let analysis = analyse(&run, &[]);
    (run, analysis)
}

fn is_called(comparison: &Comparison, metric: ComparedMetric, only_worse: bool) -> bool {
    comparison
        .steps
        .iter()
        .flat_map(|step| &step.rows[0].cells)
        .filter(|cell| cell.metric == metric)
        .any(|cell| {
            cell.answer == CellAnswer::Regressed
                || (!only_worse && cell.answer == CellAnswer::Improved)
        })
}
