//! The statistics against independent computations, in the crate's `tests/vectors` folder.
//!
//! Each file says what it holds and how close the figures must be.

use loadline_metrics::{Distribution, Histogram, IntendedSecond};
use loadline_plan::Comparison;
use serde_json::Value;

use crate::attribution::{Table, knee};
use crate::batch::{batch_counts, batch_sums, ratio_interval, throughput_interval};
use crate::bottleneck;
use crate::comparison_result::{CellAnswer, EffectKind};
use crate::demand::{UsePoint, fit};
use crate::effect::{Change, Side, difference};
use crate::generator::standing_of_achieved;
use crate::lateness::{bias, standing_of_bias};
use crate::limit_cell::{CellFacts, Trend, judge};
use crate::load_point::LoadPoint;
use crate::result::{Cause, Estimate, HealthStanding, Scaling, Verdict};
use crate::stats::error_rate;
use crate::steady::{HoldSeries, Settled, steadiness};
use crate::student::Confidence;
use crate::usl::{self, LoadRate, law};
use crate::verdict::run_verdict;
use crate::wilson::wilson;
use crate::window::Window;
use crate::woodruff::{WindowTimes, effective_samples, rank_bounds};

macro_rules! vector {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../tests/vectors/", $name, ".json")))
            .unwrap()
    };
}

fn list(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_f64().unwrap())
        .collect()
}

fn seconds(value: &Value) -> Vec<Vec<u64>> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|second| list(second).into_iter().map(|us| us as u64).collect())
        .collect()
}

#[track_caller]
fn close(actual: f64, expected: &Value, relative: f64) {
    let expected = expected.as_f64().unwrap();
    let tolerance = relative * expected.abs().max(1e-9);
    assert!(
        (actual - expected).abs() <= tolerance,
        "{actual} is not {expected}"
    );
}

/// Within the bucket that holds `expected`.
#[track_caller]
fn within_bucket(actual: f64, expected: &Value) {
    close(actual, expected, 1.0 / 512.0);
}

#[test]
fn quantiles_within_one_bucket() {
    for case in vector!("quantiles")["cases"].as_array().unwrap() {
        let values = list(&case["values_us"]).into_iter().map(|us| us as u64);
        let distribution = Distribution::from_values(values);
        let times = WindowTimes::new(vec![(0, &distribution)], 1, &mut Histogram::default());
        for (q, expected) in case["quantiles"].as_object().unwrap() {
            let q: f64 = q.parse().unwrap();
            match times.value_at(q) {
                // The minimum is not asked of a window's quantiles.
                Some((value, _)) if q > 0.0 => within_bucket(value as f64, expected),
                Some(_) => {}
                None => assert!(expected.is_null()),
            }
        }
    }
}

#[test]
fn wilson_intervals() {
    for case in vector!("wilson")["cases"].as_array().unwrap() {
        let n = case["samples"].as_f64().unwrap();
        let p = case["errors"].as_f64().unwrap() / n.max(1.0);
        let interval = wilson(
            p,
            case["n_eff"].as_f64().unwrap(),
            case["t"].as_f64().unwrap(),
        );
        match interval {
            None => assert!(case["low"].is_null()),
            Some((low, high)) => {
                assert!((low - case["low"].as_f64().unwrap()).abs() < 1e-6);
                assert!((high - case["high"].as_f64().unwrap()).abs() < 1e-6);
            }
        }
    }
}

/// The times of each second, unrounded, so that the rules can be checked exactly.
struct RawWindow {
    seconds: Vec<Vec<u64>>,
    sorted: Vec<u64>,
}

impl RawWindow {
    fn new(seconds: Vec<Vec<u64>>) -> Self {
        let mut sorted: Vec<u64> = seconds.iter().flatten().copied().collect();
        sorted.sort_unstable();
        RawWindow { seconds, sorted }
    }

    fn length(&self) -> u32 {
        self.seconds.len() as u32
    }

    fn rows(&self, value: impl Fn(&[u64]) -> f64) -> Vec<(u32, f64)> {
        (0..)
            .zip(self.seconds.iter().map(|second| value(second)))
            .collect()
    }

    fn quantile(&self, p: f64) -> u64 {
        let rank = ((p * self.sorted.len() as f64 - 1e-9).ceil() as usize).max(1);
        self.sorted[rank - 1]
    }

    fn effective_samples(&self, p: f64, batches: u32) -> f64 {
        let below = |p: f64| {
            let value = self.quantile(p);
            let rows = self.rows(|second| second.iter().filter(|us| **us <= value).count() as f64);
            batch_sums(rows.into_iter(), batches, self.length())
        };
        let counts = self.rows(|second| second.len() as f64);
        let counts = batch_sums(counts.into_iter(), batches, self.length());
        let own = effective_samples(p, &counts, &below(p));
        own.min(effective_samples(0.5, &counts, &below(0.5)))
    }

    fn interval(&self, p: f64, confidence: Confidence) -> (u64, u64) {
        let (mut low, mut high) = (u64::MAX, 0);
        for &batches in batch_counts(self.length()) {
            let n_eff = self.effective_samples(p, batches);
            let t = confidence.t(batches - 1);
            let (lower, upper) = rank_bounds(self.sorted.len() as u64, p, n_eff, t);
            low = low.min(self.sorted[lower as usize - 1]);
            high = high.max(self.sorted[upper as usize - 1]);
        }
        (low, high)
    }

    fn mean_interval(&self, confidence: Confidence) -> (f64, f64) {
        ratio_interval(
            self.rows(|second| second.iter().sum::<u64>() as f64)
                .into_iter(),
            self.rows(|second| second.len() as f64).into_iter(),
            self.length(),
            confidence,
        )
        .unwrap()
    }
}

#[test]
fn woodruff_on_raw_values_is_exact() {
    for case in vector!("woodruff")["cases"].as_array().unwrap() {
        let raw = RawWindow::new(seconds(&case["seconds_us"]));
        for (p, expected) in case["quantiles"].as_object().unwrap() {
            let p: f64 = p.parse().unwrap();
            assert_eq!(raw.quantile(p), expected["value_us"].as_u64().unwrap());
            for &batches in batch_counts(raw.length()) {
                let n_eff = raw.effective_samples(p, batches);
                close(n_eff, &expected["n_eff"][batches.to_string()], 1e-9);
            }
            let (low, high) = raw.interval(p, Confidence::NinetyFive);
            assert_eq!(low, expected["low_us"].as_u64().unwrap());
            assert_eq!(high, expected["high_us"].as_u64().unwrap());
        }
        let (low, high) = raw.mean_interval(Confidence::NinetyFive);
        close(low, &case["mean_us"]["low"], 1e-9);
        close(high, &case["mean_us"]["high"], 1e-9);
        let counts = raw.rows(|second| second.len() as f64);
        let (low, high) =
            throughput_interval(counts.iter().copied(), raw.length(), Confidence::NinetyFive)
                .unwrap();
        close(low, &case["throughput_per_s"]["low"], 1e-9);
        close(high, &case["throughput_per_s"]["high"], 1e-9);
    }
}

#[test]
fn woodruff_on_histograms_within_one_bucket() {
    for case in vector!("woodruff")["cases"].as_array().unwrap() {
        let errors = list(&case["errors_per_second"]);
        let rows: Vec<IntendedSecond> = seconds(&case["seconds_us"])
            .iter()
            .zip(&errors)
            .map(|(values, errors)| IntendedSecond {
                response: Distribution::from_values(values.iter().copied()),
                errors: *errors as u64,
                ..IntendedSecond::default()
            })
            .collect();
        let length = rows.len() as u32;
        let window = Window {
            span: (0, length),
            length_s: f64::from(length),
            intended: (0..).zip(&rows).collect(),
            ended: Vec::new(),
        };
        let times = crate::stats::times(&window, |row| &row.response, &mut Histogram::default());
        for (p, expected) in case["quantiles"].as_object().unwrap() {
            let p: f64 = p.parse().unwrap();
            let estimate = times.quantile(p, Confidence::NinetyFive).unwrap();
            within_bucket(estimate.value, &expected["value_us"]);
            // Ranks shift by what else is in the quantile's own bucket, hence a few buckets.
            let near = |value: f64, name: &str| {
                assert!((value / expected[name].as_f64().unwrap() - 1.0).abs() < 0.01);
            };
            near(estimate.low.unwrap(), "low_us");
            near(estimate.high.unwrap(), "high_us");
        }
        let rate = error_rate(&window, Confidence::NinetyFive).0.unwrap();
        close(rate.value, &case["error_rate"]["value"], 1e-9);
        close(rate.low.unwrap(), &case["error_rate"]["low"], 1e-9);
        close(rate.high.unwrap(), &case["error_rate"]["high"], 1e-9);
    }
}

#[test]
fn a_stall_counts_for_every_arrival_that_it_delays() {
    let vector = vector!("co");
    for kind in ["service", "response"] {
        let values = list(&vector[format!("{kind}_us")])
            .into_iter()
            .map(|us| us as u64);
        let distribution = Distribution::from_values(values);
        let times = WindowTimes::new(vec![(0, &distribution)], 1, &mut Histogram::default());
        for (q, expected) in vector["expected"][kind].as_object().unwrap() {
            within_bucket(
                times.value_at(q.parse().unwrap()).unwrap().0 as f64,
                expected,
            );
        }
    }
    for case in vector["censored"].as_array().unwrap() {
        let ages = list(&case["in_flight_age_us"]);
        let values = list(&case["answered_us"]).into_iter().chain(ages.clone());
        let mut distribution = Distribution::from_values(values.map(|us| us as u64));
        distribution.censored = ages.len() as u64;
        distribution.censored_min_us = ages.iter().copied().fold(f64::INFINITY, f64::min) as u64;
        let times = WindowTimes::new(vec![(0, &distribution)], 1, &mut Histogram::default());
        let (value, censored) = times.value_at(case["p"].as_f64().unwrap()).unwrap();
        assert_eq!(value, case["value_us"].as_u64().unwrap());
        assert_eq!(censored, case["lower_bound"].as_bool().unwrap());
    }
}

#[test]
fn steps_settle_or_do_not() {
    for case in vector!("steady")["cases"].as_array().unwrap() {
        let hold = HoldSeries {
            completions: list(&case["completions"])
                .into_iter()
                .map(|n| n as u64)
                .collect(),
            response_sum_us: list(&case["sum_response_us"]),
            in_flight: list(&case["in_flight"]),
            open: case["open_model"].as_bool().unwrap(),
        };
        let judged = steadiness(&hold);
        let expected = &case["expected"];
        let state = match judged.state {
            Settled::Steady => "steady",
            Settled::TooShort => "too short",
            Settled::Unsettled => "unsettled",
            Settled::Rising(_) => "rising",
            Settled::Falling => "falling",
        };
        let name = &case["source"];
        assert_eq!(state, expected["state"].as_str().unwrap(), "{name}");
        if let Some(start) = expected["start_s"].as_u64() {
            assert_eq!(judged.window.start as u64, start, "{name}");
            assert_eq!(
                judged.window.end as u64,
                expected["end_s"].as_u64().unwrap()
            );
            assert_eq!(
                judged.mser_parts.unwrap() as u64,
                expected["mser_d"].as_u64().unwrap()
            );
        }
        if !expected["change"].is_null() {
            close(judged.change.unwrap(), &expected["change"], 1e-6);
            close(judged.t.unwrap(), &expected["t"], 1e-6);
            close(
                judged.detectable_rise.unwrap(),
                &expected["detectable_rise"],
                1e-6,
            );
        }
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Measured => "measured",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Invalid => "invalid",
        Verdict::Fail => "fail",
    }
}

#[test]
fn limits_are_kept_broken_or_open() {
    let vector = vector!("limits");
    for case in vector["cells"].as_array().unwrap() {
        let observed = case["value"].as_f64().map(|value| Estimate {
            value,
            low: case["low"].as_f64(),
            high: case["high"].as_f64(),
            censored: case["censored_lower_bound"].as_bool().unwrap_or(false),
            at_least: false,
            reason: None,
        });
        let trend = match case["extrapolated_high"].as_f64() {
            Some(extrapolated) => Trend::Worsening { extrapolated },
            None => Trend::Steady,
        };
        let verdict = judge(&CellFacts {
            comparison: match case["op"].as_str().unwrap() {
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                ">" => Comparison::Greater,
                _ => Comparison::GreaterOrEqual,
            },
            bound: case["bound"].as_f64().unwrap(),
            observed: observed.as_ref(),
            exact: case["metric"] == "max",
            trend,
            beyond: case["beyond_bound"].as_u64().unwrap_or(0),
            seconds: 60.0,
            invalid: (!case["step_valid"].as_bool().unwrap()).then_some("the generator was busy"),
            bias: 0.0,
        });
        assert_eq!(
            verdict_word(verdict.verdict),
            case["expected"].as_str().unwrap(),
            "{case}"
        );
    }
    for run in vector["runs"].as_array().unwrap() {
        let limits =
            run["limits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|word| match word.as_str().unwrap() {
                    "pass" => Verdict::Pass,
                    "fail" => Verdict::Fail,
                    "invalid" => Verdict::Invalid,
                    _ => Verdict::Inconclusive,
                });
        assert_eq!(
            verdict_word(run_verdict(limits)),
            run["run"].as_str().unwrap()
        );
    }
}

#[test]
fn lateness_and_missed_load() {
    for case in vector!("generator")["cases"].as_array().unwrap() {
        let standing = if let Some(value) = case["q_response"].as_f64() {
            let lag = case["loop_lag_q"]
                .as_f64()
                .or(case["loop_lag_mean"].as_f64());
            let without_lag = case["q_response_minus_lag"].as_f64().unwrap();
            standing_of_bias(bias(value, without_lag, lag.unwrap()))
        } else if let Some(offered) = case["offered_per_s"].as_f64() {
            let waiting = case["users_at_cap_waiting_for_server"].as_bool();
            standing_of_achieved(
                case["achieved_per_s"].as_f64().unwrap() / offered,
                waiting.unwrap_or(false),
            )
        } else {
            // How lateness is back-filled belongs to the engine, which records it.
            continue;
        };
        let expected = match case["expected"].as_str().unwrap() {
            "ok" => HealthStanding::Healthy,
            "warn" => HealthStanding::Warning,
            _ => HealthStanding::Invalid,
        };
        assert_eq!(standing, expected, "{case}");
    }
}

#[test]
fn demand_and_capacity() {
    for case in vector!("demand")["cases"].as_array().unwrap() {
        let points: Vec<UsePoint> = list(&case["throughput"])
            .into_iter()
            .zip(list(&case["cores_busy"]))
            .zip(list(&case["var"]))
            .map(|((throughput, used), variance)| UsePoint {
                throughput,
                used,
                variance,
            })
            .collect();
        let fit = fit(&points, case["cores"].as_f64().unwrap()).unwrap();
        let expected = &case["expected"];
        close(fit.background, &expected["background_cores"], 1e-6);
        close(fit.demand, &expected["demand_s"], 1e-6);
        close(fit.demand_interval.0, &expected["demand_low"], 1e-6);
        close(fit.demand_interval.1, &expected["demand_high"], 1e-6);
        close(fit.capacity, &expected["capacity_per_s"], 1e-6);
        let (low, high) = fit.capacity_interval.unwrap();
        close(low, &expected["capacity_low"], 1e-6);
        close(high, &expected["capacity_high"], 1e-6);
    }
}

#[test]
fn bottlenecks_are_named() {
    for scenario in vector!("bottleneck")["scenarios"].as_array().unwrap() {
        let think = scenario["think_s"].as_f64().unwrap();
        let points: Vec<LoadPoint> = (0..)
            .zip(scenario["steps"].as_array().unwrap())
            .map(|(step, row)| load_point(step, row, think))
            .collect();
        let turn = knee(&points);
        let table = Table {
            knee: turn.unwrap_or(points.len() - 1),
            start: None,
            retrograde_law: scenario["steps"][0]["usl_kappa_low"].as_f64() > Some(0.0),
            points,
            ..Table::default()
        };
        let finding = bottleneck::find(Some(&table), turn.is_some(), &[], true);
        let expected = match scenario["expected_first"].as_str().unwrap() {
            "none" => (Cause::None, false),
            "cpu" => (Cause::Cpu, false),
            "single thread" => (Cause::SingleThread, false),
            "worker pool" => (Cause::WorkerPool, false),
            "lock contention" => (Cause::Lock, false),
            "rate limiter" => (Cause::RateLimiter, false),
            "memory" => (Cause::Memory, false),
            "disk" => (Cause::Disk, false),
            "generator" => (Cause::Generator, false),
            // No source reads a database: its pool is seen as the symptom only.
            "database connections" | "likely: worker pool" => (Cause::WorkerPool, true),
            other => panic!("{other}"),
        };
        let name = &scenario["name"];
        assert_eq!(
            (finding.cause, finding.likely_only),
            expected,
            "{name}: {finding:?}"
        );
        assert!(
            finding.advice.len() <= 3 && finding.evidence.len() <= 5,
            "{name}"
        );
    }
}

fn load_point(step: usize, row: &Value, think_s: f64) -> LoadPoint {
    let read = |name: &str| row[name].as_f64();
    let throughput = read("throughput").unwrap();
    LoadPoint {
        step,
        load: read("users").unwrap(),
        closed: true,
        throughput,
        good: throughput,
        mean_s: read("mean_s").unwrap(),
        think_s: Some(think_s),
        errors: read("errors").unwrap(),
        status_429: read("status_429").unwrap(),
        status_5xx: read("status_5xx").unwrap_or(0.0),
        generator: standing_of_bias(read("generator_lag_ratio").unwrap()),
        host_generator_share: read("host_generator_share"),
        cores: read("cores"),
        cpu_ratio: read("cpu_ratio"),
        busiest_thread: read("busiest_thread"),
        cgroup_throttled: read("cgroup_throttled"),
        run_queue: read("run_queue"),
        psi_cpu: read("psi_cpu"),
        psi_io: read("psi_io"),
        psi_memory: read("psi_memory"),
        swap_bytes_per_s: read("swap_mb_s").map(|mb| mb * 1e6),
        disk_busy: read("disk_busy"),
        // The file gives the ratio to the idle time itself.
        disk_await_ms: read("disk_await_ratio"),
        retransmit_ratio: read("retransmit"),
        listen_overflows: read("listen_overflows"),
        open_files_ratio: read("open_files_ratio"),
        switches_per_request: read("ctx_per_request"),
        threads: read("threads"),
        inside: read("inside_concurrency"),
        ..LoadPoint::default()
    }
}

#[test]
fn pairs_of_runs() {
    for file in [vector!("compare"), vector!("compare-more")] {
        for case in file["cases"].as_array().unwrap() {
            for (metric, expected) in case["expected"].as_object().unwrap() {
                check_pair(case, metric, expected);
            }
        }
    }
}

fn check_pair(case: &Value, metric: &str, expected: &Value) {
    let side = |name: &str, confidence: Confidence| {
        let raw = RawWindow::new(seconds(&case[name]));
        let (value, (low, high)) = match metric {
            "mean" => {
                let sum: u64 = raw.sorted.iter().sum();
                let value = sum as f64 / raw.sorted.len() as f64;
                (value, raw.mean_interval(confidence))
            }
            quantile => {
                let p = if quantile == "p50" { 0.5 } else { 0.95 };
                let (low, high) = raw.interval(p, confidence);
                (raw.quantile(p) as f64, (low as f64, high as f64))
            }
        };
        let side = Side {
            value,
            low: Some(low),
            high: Some(high),
        };
        side.ln().unwrap()
    };
    let at = |confidence| {
        difference(
            side("baseline_us", confidence),
            side("candidate_us", confidence),
        )
    };
    let change = Change {
        kind: EffectKind::Ratio,
        at95: at(Confidence::NinetyFive),
        at90: at(Confidence::Ninety),
        df: crate::effect::OF_TEN_BATCHES,
    };
    let near = |actual: f64, name: &str| {
        let wanted = expected[name].as_f64().unwrap();
        assert!(
            (actual - wanted).abs() < 1e-6,
            "{} {metric} {name}: {actual} is not {wanted}",
            case["label"]
        );
    };
    near(change.at95.value, "log_ratio");
    near(change.at95.low.unwrap(), "low95");
    near(change.at95.high.unwrap(), "high95");
    near(change.at90.low.unwrap(), "low90");
    near(change.at90.high.unwrap(), "high90");
    let answer = match change.answer(0.05f64.ln_1p(), true, 40.0) {
        CellAnswer::Improved => "improved",
        CellAnswer::Regressed => "regressed",
        CellAnswer::NoSignificantChange => "no significant change",
        CellAnswer::CannotTell { .. } => "cannot tell",
        CellAnswer::NotMeasured => "not measured",
    };
    assert_eq!(
        answer,
        expected["answer"].as_str().unwrap(),
        "{}",
        case["label"]
    );
}

#[test]
fn scaling_laws() {
    for case in vector!("usl")["cases"].as_array().unwrap() {
        let points: Vec<LoadRate> = list(&case["users"])
            .into_iter()
            .zip(list(&case["throughput"]))
            .zip(list(&case["se"]))
            .map(|((users, throughput), error)| LoadRate {
                users,
                throughput,
                error,
            })
            .collect();
        let expected = &case["expected"];
        if !expected["refused"].is_null() {
            assert!(matches!(law(&points, 1), Scaling::Refused(_)));
            continue;
        }
        let fit = usl::fit(&points).unwrap();
        let near = |actual: f64, name: &str, relative: f64, absolute: f64| {
            let wanted = expected[name].as_f64().unwrap();
            let tolerance = (relative * wanted.abs()).max(absolute);
            assert!(
                (actual - wanted).abs() <= tolerance,
                "{name}: {actual} is not {wanted}"
            );
        };
        near(fit.lambda, "lam", 1e-3, 0.0);
        near(fit.sigma, "sigma", 1e-3, 1e-6);
        near(fit.kappa, "kappa", 1e-3, 1e-6);
        near(fit.chi2, "chi2", 1e-4, 1e-4);
        if expected["peak_refused"].as_bool().unwrap() {
            if let Scaling::Fitted(law) = law(&points, 1) {
                assert_eq!(law.peak, None);
            }
        } else {
            near(fit.peak().unwrap(), "peak_users", 1e-3, 0.0);
        }
    }
}
