//! The search against deterministic servers given by formula, in `tests/vectors/find-trials.json`.

use loadline_plan::LoadUnit;
use serde_json::Value;

use super::*;
use crate::result::{Estimate, Verdict};

/// A server given by formula.
struct Model {
    unit: LoadUnit,
    capacity: f64,
    k: f64,
    bound_s: f64,
    think_s: f64,
    /// Rise of all times per minute of the search, a ratio.
    decay: f64,
    /// Load from which the server does not come back.
    sticks_at: f64,
}

const IDLE: ProbeWindow = ProbeWindow {
    count: 40,
    errors: 0,
    p50_us: 10e3,
    p95_us: 12e3,
    mean_us: 10e3,
    sd_us: 1e3,
};

impl Model {
    fn of(case: &Value) -> (Self, SearchSettings) {
        let number = |key: &str| case["model"][key].as_f64().unwrap();
        let unit = match case["model"]["kind"].as_str().unwrap() {
            "rate" => LoadUnit::Rate,
            _ => LoadUnit::Users,
        };
        let model = Model {
            unit,
            capacity: number("capacity"),
            k: number("k"),
            bound_s: number("bound_s"),
            think_s: number("think_s"),
            decay: 0.0,
            sticks_at: f64::INFINITY,
        };
        let settings = SearchSettings {
            unit,
            from: number("max") / 256.0,
            max: number("max"),
            hold_s: number("hold_s") as u32,
            precision: 0.04,
            max_trials: 12,
            budget_s: None,
            time_bound_s: Some(number("bound_s")),
        };
        (model, settings)
    }

    /// 95th percentile in seconds and completions per second.
    fn answers(&self, load: f64) -> (f64, f64) {
        match self.unit {
            LoadUnit::Rate => {
                let p95 = if load >= 0.999 * self.capacity {
                    40.0 * self.bound_s
                } else {
                    self.k / (self.capacity - load)
                };
                (p95, load.min(self.capacity))
            }
            LoadUnit::Users => {
                let r = (self.k / 3.0).max(load / self.capacity - self.think_s);
                let p95 = if r <= self.k / 3.0 {
                    3.0 * r
                } else {
                    self.k + 1.3 * (r - self.k / 3.0)
                };
                (
                    p95,
                    (load / (self.think_s + self.k / 3.0)).min(self.capacity),
                )
            }
        }
    }

    fn trial(&self, request: &TrialRequest, start_s: f64) -> Trial {
        let (p95, good) = self.answers(request.load);
        let slower = (1.0 + self.decay).powf(start_s / 60.0);
        let y = (p95 * slower / self.bound_s).ln();
        let judge = |window_s: f64| {
            let se = 0.08 * (30.0 / window_s).sqrt();
            let verdict = if y + 2.1 * se < 0.0 {
                Verdict::Pass
            } else if y - 2.1 * se > 0.0 {
                Verdict::Fail
            } else {
                Verdict::Inconclusive
            };
            (se, verdict)
        };
        let window_s = f64::from(request.window_s);
        let mut judged = judge(window_s);
        let extended = judged.1 == Verdict::Inconclusive && request.may_extend;
        if extended {
            judged = judge(2.0 * window_s);
        }
        let (se, verdict) = judged;
        let ended_s = start_s + window_s * if extended { 2.0 } else { 1.0 };
        Trial {
            load: request.load,
            window_s: request.window_s,
            extended,
            outcome: match verdict {
                Verdict::Pass => TrialOutcome::Pass,
                Verdict::Fail => TrialOutcome::Fail,
                _ => TrialOutcome::Inconclusive,
            },
            margins: vec![Margin {
                limit: "p95".to_owned(),
                label: None,
                y,
                se,
                verdict,
                observed: None,
                bound: self.bound_s,
            }],
            stopped_early: false,
            figures: TrialFigures {
                samples: 1_000,
                good_per_s: Some(Estimate {
                    value: good,
                    low: Some(0.99 * good),
                    high: Some(1.01 * good),
                    censored: false,
                    at_least: false,
                    reason: None,
                }),
                ..TrialFigures::default()
            },
            rising: None,
            started_s: start_s,
            ended_s,
            recovery: None,
        }
    }

    fn probe(&self, at_s: f64, worst_load: f64) -> ProbeWindow {
        let slower = (1.0 + self.decay).powf(at_s / 60.0);
        let stuck = if worst_load >= self.sticks_at {
            3.0
        } else {
            1.0
        };
        ProbeWindow {
            p50_us: IDLE.p50_us * slower * stuck,
            p95_us: IDLE.p95_us * slower * stuck,
            mean_us: IDLE.mean_us * slower * stuck,
            sd_us: IDLE.sd_us * slower * stuck,
            ..IDLE
        }
    }

    fn search(&self, settings: &SearchSettings) -> (Searched, SearchSoFar) {
        let mut so_far = SearchSoFar::default();
        loop {
            let start_s = so_far
                .trials
                .last()
                .map_or(0.0, |trial| trial.ended_s + 10.0);
            match next_move(settings, &so_far) {
                NextMove::LookAtIdle => so_far.idle = Some(IDLE),
                NextMove::Recover => {
                    let worst = so_far
                        .trials
                        .iter()
                        .map(|trial| trial.load)
                        .fold(0.0, f64::max);
                    let probes = self.probe(start_s, worst);
                    let recovered = has_recovered(&IDLE, &probes);
                    let last = so_far.trials.last_mut().unwrap();
                    last.recovery = Some(Recovery {
                        recovered,
                        waited_s: 10.0,
                        probes,
                        course: vec![probes],
                    });
                }
                NextMove::Trial(request) => so_far.trials.push(self.trial(&request, start_s)),
                NextMove::Stop(found) => return (*found, so_far),
            }
        }
    }
}

fn vectors() -> Vec<Value> {
    let file: Value =
        serde_json::from_str(include_str!("../../tests/vectors/find-trials.json")).unwrap();
    file["cases"].as_array().unwrap().clone()
}

#[test]
fn deterministic_servers_are_bracketed_as_the_vectors_require() {
    for case in vectors() {
        let (model, settings) = Model::of(&case);
        let (found, so_far) = model.search(&settings);
        let require = &case["require"];
        let loads: Vec<f64> = so_far.trials.iter().map(|trial| trial.load).collect();
        if let Some(carried) = require["carried"].as_f64() {
            assert_eq!(found.status, SearchStatus::NotReached(NotReached::Max));
            assert_eq!(found.carried, Some(carried));
            assert_eq!(found.broken, None);
            continue;
        }
        let truth = case["truth"].as_f64().unwrap();
        let (low, high) = (found.carried.unwrap(), found.broken.unwrap());
        assert_eq!(found.status, SearchStatus::Found);
        assert!(
            low <= truth && truth <= high,
            "{truth} is not in {low}..{high}: {loads:?}"
        );
        let width = (high - low) / truth;
        assert!(
            width <= require["max_relative_width"].as_f64().unwrap(),
            "{width}: {loads:?}"
        );
        assert!(
            loads.len() as u64 <= require["max_trials"].as_u64().unwrap(),
            "{loads:?}"
        );
        // One valid path is given; ours is the same.
        let reference = case["reference"]["trials"].as_array().unwrap();
        for (ours, theirs) in loads.iter().zip(reference) {
            let theirs = theirs["load"].as_f64().unwrap();
            assert!(
                (ours / theirs - 1.0).abs() < 1e-9,
                "{loads:?} beside {theirs}"
            );
        }
        assert_eq!(loads.len(), reference.len(), "{loads:?}");
    }
}

#[test]
fn a_search_cut_off_anywhere_goes_on_as_if_it_was_not() {
    let case = &vectors()[0];
    let (model, settings) = Model::of(case);
    let (found, so_far) = model.search(&settings);
    for kept in 0..=so_far.trials.len() {
        let mut part = SearchSoFar {
            idle: so_far.idle,
            trials: so_far.trials[..kept].to_vec(),
        };
        match next_move(&settings, &part) {
            NextMove::Trial(request) => assert_eq!(request.load, so_far.trials[kept].load),
            NextMove::Stop(again) => assert_eq!(*again, found),
            NextMove::LookAtIdle | NextMove::Recover => panic!("both are known"),
        }
        // Without the last recovery, that is asked for first.
        if let Some(last) = part.trials.last_mut()
            && kept < so_far.trials.len()
        {
            last.recovery = None;
            assert_eq!(next_move(&settings, &part), NextMove::Recover);
        }
    }
}

#[test]
fn a_server_that_gets_slower_with_time_is_named_so() {
    let (mut model, settings) = Model::of(&vectors()[0]);
    model.decay = 0.08;
    let (found, so_far) = model.search(&settings);
    match found.status {
        SearchStatus::Unknown(Unknown::Decays {
            per_minute: Some(rate),
        }) => {
            assert!((rate - 0.08).abs() < 0.02, "{rate}");
        }
        other => panic!("{other:?} after {} trials", so_far.trials.len()),
    }
    assert_eq!(found.carried, None);
}

#[test]
fn a_server_that_does_not_come_back_is_named_so() {
    let (mut model, settings) = Model::of(&vectors()[0]);
    model.sticks_at = 100.0;
    let (found, so_far) = model.search(&settings);
    let load = so_far.trials.last().unwrap().load;
    assert_eq!(
        found.status,
        SearchStatus::Unknown(Unknown::NotRecovered { load })
    );
    assert_eq!(load, 125.0);
    assert_eq!((found.carried, found.broken), (Some(31.25), Some(125.0)));
}

#[test]
fn time_and_trials_that_run_out_leave_a_wider_interval() {
    let (model, mut settings) = Model::of(&vectors()[0]);
    let (whole, _) = model.search(&settings);
    for trials in 0..9 {
        settings.max_trials = trials;
        let (found, so_far) = model.search(&settings);
        assert_eq!(so_far.trials.len(), trials);
        assert_eq!(found.stopped_by, Some(StoppedBy::Trials));
        assert!(!found.precision_reached);
        if let Some((low, high)) = found.carried.zip(found.broken) {
            assert!(low <= 70.0 && 70.0 <= high, "{low}..{high}");
        }
    }
    settings.max_trials = 12;
    settings.budget_s = Some(60.0);
    let (found, _) = model.search(&settings);
    assert_eq!(found.stopped_by, Some(StoppedBy::Budget));
    assert_eq!(whole.stopped_by, None);
}

#[test]
fn trials_that_the_generator_bends_do_not_count_and_end_the_search() {
    let (_, settings) = Model::of(&vectors()[0]);
    let (model, _) = Model::of(&vectors()[0]);
    let mut so_far = SearchSoFar {
        idle: Some(IDLE),
        trials: Vec::new(),
    };
    let recovery = Some(Recovery {
        recovered: true,
        waited_s: 10.0,
        probes: IDLE,
        course: vec![IDLE],
    });
    for load in [7.8125, 31.25] {
        let NextMove::Trial(request) = next_move(&settings, &so_far) else {
            panic!()
        };
        assert_eq!(request.load, load);
        so_far.trials.push(Trial {
            recovery: recovery.clone(),
            ..model.trial(&request, 0.0)
        });
    }
    for _ in 0..2 {
        let NextMove::Trial(request) = next_move(&settings, &so_far) else {
            panic!()
        };
        assert_eq!(request.load, 125.0);
        let outcome = TrialOutcome::Invalid("CPU".to_owned());
        so_far.trials.push(Trial {
            recovery: recovery.clone(),
            outcome,
            ..model.trial(&request, 0.0)
        });
    }
    let NextMove::Stop(found) = next_move(&settings, &so_far) else {
        panic!()
    };
    assert_eq!(
        found.status,
        SearchStatus::NotReached(NotReached::Generator)
    );
    assert_eq!(found.carried, Some(31.25));
}

#[test]
fn the_smallest_load_that_breaks_is_said() {
    let (model, mut settings) = Model::of(&vectors()[3]);
    let model = Model {
        capacity: 0.1,
        ..model
    };
    settings.from = 10.0;
    let (found, so_far) = model.search(&settings);
    assert_eq!(
        found.status,
        SearchStatus::Unknown(Unknown::BreaksAtSmallest)
    );
    assert_eq!(so_far.trials.last().unwrap().load, 1.0);
}
