//! A sample run for the tests: three loads, three labels, errors beyond the limit at the last one.

use std::time::Duration;

use loadline_analysis::{
    Analysis, BottleneckFinding, BreakingPoint, BreakingStatus, Cause, CauseScore, ErrorClass,
    Estimate, GeneratorHealth, GeneratorResources, HealthSignal, HealthStanding, HeatMap, Knee,
    LabelAnalysis, LimitCell, LimitResult, LittleCheck, PercentileCurve, Reason, ResourceStanding,
    ResourceUse, Scaling, ServerAnalysis, ServerStep, ServiceDemand, Stats, StepAnalysis,
    StepState, StoryBin, TimeStats, Verdict,
};
use loadline_events::{ErrorKind, LabelId, Signal, StepId, StopReason};
use loadline_metrics::{GeneratorFacts, GroupTiming, LoadModel, RunFacts, StepLoad};
use loadline_units::RunTime;

/// A value with an interval.
pub(crate) fn claimed(value: f64, low: f64, high: f64) -> Estimate {
    Estimate {
        value,
        low: Some(low),
        high: Some(high),
        censored: false,
        at_least: false,
        reason: None,
    }
}

/// A value without one.
pub(crate) fn unclaimed(value: f64, reason: Reason) -> Estimate {
    Estimate {
        value,
        low: None,
        high: None,
        censored: false,
        at_least: false,
        reason: Some(reason),
    }
}

fn milliseconds(figures: [f64; 3]) -> Option<Estimate> {
    let [value, low, high] = figures.map(|figure| figure * 1000.0);
    Some(claimed(value, low, high))
}

fn times(p50: [f64; 3], p95: [f64; 3], p99: [f64; 3], max: f64) -> TimeStats {
    TimeStats {
        mean: milliseconds(p50.map(|figure| figure * 1.15)),
        p50: milliseconds(p50),
        p90: milliseconds(p95.map(|figure| figure * 0.8)),
        p95: milliseconds(p95),
        p99: milliseconds(p99),
        p999: Some(unclaimed(0.0, Reason::TooFewSamples { need: 10_000 })),
        min: Some(900.0),
        max: Some(max * 1000.0),
    }
}

fn stats(samples: u64, errors: u64, good: [f64; 3], rate: [f64; 3], response: TimeStats) -> Stats {
    let share = 1.0 - rate[0];
    Stats {
        samples,
        errors,
        error_rate: Some(claimed(rate[0], rate[1], rate[2])),
        errors_in_bursts: errors > 0,
        throughput: Some(claimed(good[0] / share, good[1] / share, good[2] / share)),
        good_throughput: Some(claimed(good[0], good[1], good[2])),
        sent_bytes: samples * 180,
        received_bytes: samples * 13_860,
        service: response.clone(),
        response,
    }
}

/// Users, window, samples, errors, throughput, error rate, p50, p95, p99, max.
type StepRow = (
    u32,
    (u32, u32),
    u64,
    u64,
    [f64; 3],
    [f64; 3],
    [f64; 3],
    [f64; 3],
    [f64; 3],
    f64,
);

const STEPS: [StepRow; 3] = [
    (
        1000,
        (10, 130),
        11_984,
        0,
        [99.9, 99.2, 100.6],
        [0.0, 0.0, 0.00032],
        [18.5, 16.5, 20.6],
        [99.7, 83.1, 118.0],
        [175.0, 117.0, 251.0],
        384.0,
    ),
    (
        1500,
        (172, 260),
        11_820,
        0,
        [134.7, 131.2, 138.1],
        [0.0, 0.0, 0.000_325],
        [1070.0, 844.0, 1340.0],
        [2380.0, 1590.0, 2990.0],
        [2850.0, 2250.0, 3210.0],
        3300.0,
    ),
    (
        2000,
        (294, 390),
        14_238,
        1934,
        [133.2, 129.7, 136.5],
        [0.136, 0.116, 0.158],
        [2770.0, 2490.0, 3060.0],
        [6300.0, 5910.0, 6530.0],
        [6570.0, 6270.0, 6700.0],
        6780.0,
    ),
];

const LABELS: [(&str, f64); 3] = [
    ("GET /posts/", 1.06),
    ("POST /posts/", 1.0),
    ("GET /users/{user_id}/", 0.94),
];

/// The run of the design's pages: passes at 1,000 users, fails on errors at 2,000.
pub(crate) fn stress() -> Analysis {
    let steps: Vec<StepAnalysis> = STEPS.iter().enumerate().map(step).collect();
    Analysis {
        anomalies: Vec::new(),
        never_ran: Vec::new(),
        facts: facts(),
        verdict: Verdict::Fail,
        reasons: vec!["errors <= 10% fails at 2,000 users".to_owned()],
        totals: totals(),
        labels: LABELS.iter().enumerate().map(label).collect(),
        limits: limits(),
        errors: vec![ErrorClass {
            kind: ErrorKind::Status,
            status: 503,
            count: 2347,
            first_s: 271,
            last_s: 389,
            labels: LABELS.iter().map(|row| row.0.to_owned()).collect(),
            first_message: r#"{"error":"queue full"}"#.to_owned(),
            worst_step: Some((StepId(2), 0.136)),
        }],
        servers: vec![server()],
        breaking_point: BreakingPoint {
            status: BreakingStatus::Found,
            carried: Some(StepLoad::Users(1500)),
            broken: Some(StepLoad::Users(2000)),
            limit: Some(("errors <= 10%".to_owned(), None)),
            knees: vec![
                Knee {
                    what: "response time doubles".to_owned(),
                    without: 1000.0,
                    with: 1500.0,
                },
                Knee {
                    what: "first errors".to_owned(),
                    without: 1500.0,
                    with: 2000.0,
                },
            ],
            notes: vec![
                "3 loads: too few to place the knee; more steps narrow it (`--steps`).".to_owned(),
            ],
        },
        demand: vec![ServiceDemand {
            server: "backend".to_owned(),
            signal: Signal::BusiestThread,
            demand_us: claimed(7420.0, 7200.0, 7600.0),
            background_cores: 0.001,
            available_cores: 1.0,
            capacity_per_s: claimed(135.0, 132.0, 139.0),
            observed_per_s: 134.7,
        }],
        scaling: Scaling::Refused("too few steady loads: 3 of at least 5".to_owned()),
        bottleneck: BottleneckFinding {
            cause: Cause::SingleThread,
            likely_only: false,
            score: 1.0,
            runner_up: Some(CauseScore {
                cause: Cause::WorkerPool,
                score: 0.1,
            }),
            knee_step: Some(StepId(1)),
            evidence: vec![
                "The busiest thread rises with load, 74.5 → 99.8 → 99.9 % of one core.".to_owned(),
                "All 4 cores together stay at 26.5 %.".to_owned(),
                "A request costs 7.42 ms CPU (7.20–7.60): one core ends at 135/s (132–139)."
                    .to_owned(),
            ],
            advice: vec![
                "Serve requests on several threads or processes.".to_owned(),
                "Give GET /posts/ pages: it sends 41.2 kB an answer.".to_owned(),
            ],
            looked_at: vec!["CPU".to_owned(), "memory".to_owned(), "disk".to_owned()],
            not_looked_at: vec!["database".to_owned(), "outgoing calls".to_owned()],
        },
        generator: GeneratorHealth {
            standing: HealthStanding::Healthy,
            lag_us_p50: 60.0,
            lag_us_p99: 410.0,
            loop_lag_us_p99: 350.0,
            cpu_ratio: 0.041,
            busiest_thread: 0.12,
            threads: vec![0.12, 0.04, 0.0, 0.004],
            resources: GeneratorResources {
                connections: 2_000,
                open_files: Some((2_045, 1_048_576)),
                ports: Some((2_010, 28_232)),
                recorder_queue: Some(900),
                steal: Some(0.0),
                throttled: None,
            },
            missed_arrivals: 0,
            dropped: 0,
            signals: vec![
                HealthSignal {
                    name: "Start lag, p99".to_owned(),
                    value: "0.41 ms".to_owned(),
                    meaning: "changes p95 at 1,000 users by 0.2 %".to_owned(),
                    standing: HealthStanding::Healthy,
                    steps: vec![],
                },
                HealthSignal {
                    name: "CPU of its 4 cores".to_owned(),
                    value: "4.1 %".to_owned(),
                    meaning: "warns at 70 %".to_owned(),
                    standing: HealthStanding::Healthy,
                    steps: vec![],
                },
            ],
        },
        story: story(),
        story_bin_s: 3,
        spread: steps.iter().map(curve).collect(),
        heat: Some(heat(&steps)),
        steps,
    }
}

/// The stress test on a machine that other programs fill.
pub(crate) fn crowded() -> Analysis {
    let mut analysis = stress();
    let finding = &mut analysis.bottleneck;
    finding.cause = Cause::SharedHost;
    finding.evidence = vec![
        "The machine's CPU is 99 % full; programs other than the server and Loadline take 70 % of \
         it; Loadline takes 3 %."
            .to_owned(),
    ];
    finding.advice = vec![
        "Stop other programs, or use a machine of its own for the test.".to_owned(),
        "Until then, no figure here tells what the server can do.".to_owned(),
    ];
    analysis
}

/// The stress test's facts with nothing measured.
pub(crate) fn empty() -> Analysis {
    let full = stress();
    Analysis {
        anomalies: Vec::new(),
        never_ran: Vec::new(),
        verdict: Verdict::Measured,
        reasons: vec![],
        totals: Stats::default(),
        steps: vec![],
        labels: vec![],
        limits: vec![],
        errors: vec![],
        servers: vec![],
        breaking_point: BreakingPoint {
            status: BreakingStatus::Unknown,
            carried: None,
            broken: None,
            limit: None,
            knees: vec![],
            notes: vec![],
        },
        demand: vec![],
        scaling: Scaling::Refused("no steady loads".to_owned()),
        bottleneck: BottleneckFinding {
            cause: Cause::Unknown,
            likely_only: false,
            score: 0.0,
            runner_up: None,
            knee_step: None,
            evidence: vec![],
            advice: vec![],
            looked_at: vec![],
            not_looked_at: vec![],
        },
        generator: GeneratorHealth {
            signals: vec![],
            ..full.generator
        },
        story: vec![],
        story_bin_s: 1,
        spread: vec![],
        heat: None,
        facts: full.facts,
    }
}

fn facts() -> RunFacts {
    RunFacts {
        plan_name: "Backend stress test".to_owned(),
        plan_hash: "6f1c09ab".repeat(8),
        plan_source: "stress.yaml".to_owned(),
        replay: "loadline run stress.yaml --server local --seed 7".to_owned(),
        seed: 7,
        target: "http://127.0.0.1:8000".to_owned(),
        started_at_ms: 1_795_428_902_000,
        duration_us: 390_000_000,
        main_started: RunTime::ZERO,
        planned: Some(Duration::from_secs(390)),
        stop: StopReason::Completed,
        model: LoadModel::Closed(GroupTiming {
            paced: false,
            thinks: true,
        }),
        version: "0.1.0".to_owned(),
        generator: GeneratorFacts {
            host: "bench".to_owned(),
            cpu: "Example CPU".to_owned(),
            cores: 4,
            threads: 2,
            memory_bytes: 8_200_000_000,
            open_files_limit: 65_536,
            shares_host: true,
        },
        note: String::new(),
        unsupported: vec![],
    }
}

fn step((index, row): (usize, &StepRow)) -> StepAnalysis {
    let start = 130.0 * index as f64;
    let peak = [143e6, 154e6, 170e6][index];
    let thread = [0.745, 0.998, 0.999][index];
    StepAnalysis {
        step: StepId(index as u16),
        load: StepLoad::Users(row.0),
        ramp_start_s: start,
        hold_start_s: start + 10.0,
        end_s: start + 130.0,
        state: StepState::Steady,
        window: Some(row.1),
        hold_needed_s: None,
        detectable_rise: Some(0.14),
        stats: stats(
            row.2,
            row.3,
            row.4,
            row.5,
            times(row.6, row.7, row.8, row.9),
        ),
        connect: TimeStats::default(),
        network: loadline_analysis::NetworkStats::default(),
        first_byte: TimeStats::default(),
        connections_opened: 500,
        retried: 0,
        servers: vec![ServerStep {
            signals: vec![
                (Signal::CpuCores, thread * 1.06, thread * 1.08),
                (Signal::BusiestThread, thread, f64::min(1.0, thread * 1.2)),
                (Signal::CpuAllowedCores, 4.0, 4.0),
                (Signal::MemoryBytes, peak * 0.99, peak),
            ],
            cpu_us_per_request: Some(claimed(7420.0, 7200.0, 7600.0)),
        }],
        little: Some(LittleCheck {
            counted: f64::from(row.0),
            computed: f64::from(row.0) * 1.003,
        }),
        invalid: vec![],
    }
}

fn totals() -> Stats {
    let mut totals = stats(
        49_629,
        2347,
        [121.0, 121.0, 121.0],
        [0.0473, 0.0473, 0.0473],
        times([1100.0; 3], [6000.0; 3], [6500.0; 3], 6780.0),
    );
    for estimate in [
        &mut totals.error_rate,
        &mut totals.throughput,
        &mut totals.good_throughput,
        &mut totals.response.mean,
        &mut totals.response.p50,
        &mut totals.response.p90,
        &mut totals.response.p95,
        &mut totals.response.p99,
    ] {
        let value = estimate.as_ref().map_or(0.0, |estimate| estimate.value);
        *estimate = Some(unclaimed(value, Reason::MixedLoads));
    }
    totals.service = totals.response.clone();
    totals
}

fn label((index, row): (usize, &(&str, f64))) -> LabelAnalysis {
    let (name, factor) = *row;
    let scale = |figures: [f64; 3]| figures.map(|figure| figure * factor);
    let third = |figures: [f64; 3]| figures.map(|figure| figure / 3.0);
    LabelAnalysis {
        id: LabelId(index as u16),
        label: name.to_owned(),
        transaction: false,
        totals: totals(),
        steps: STEPS
            .iter()
            .map(|row| {
                stats(
                    row.2 / 3,
                    row.3 / 3,
                    third(row.4),
                    row.5,
                    times(scale(row.6), scale(row.7), scale(row.8), row.9 * factor),
                )
            })
            .collect(),
    }
}

fn limits() -> Vec<LimitResult> {
    let time_cell = LimitCell {
        label: Some("GET /posts/".to_owned()),
        step: Some(StepId(0)),
        load: Some(StepLoad::Users(1000)),
        window: Some((10, 130)),
        observed: Some(claimed(106_000.0, 87_500.0, 125_000.0)),
        verdict: Verdict::Pass,
        why: "the whole interval lies below the bound".to_owned(),
        needs_s: None,
    };
    let error_cell = LimitCell {
        label: None,
        step: Some(StepId(2)),
        load: Some(StepLoad::Users(2000)),
        window: Some((294, 390)),
        observed: Some(claimed(0.136, 0.116, 0.158)),
        verdict: Verdict::Fail,
        why: "the whole interval lies above the bound".to_owned(),
        needs_s: None,
    };
    let alive_cell = LimitCell {
        label: None,
        step: None,
        load: None,
        window: Some((0, 390)),
        observed: None,
        verdict: Verdict::Pass,
        why: "answered in every second".to_owned(),
        needs_s: None,
    };
    [
        ("p95 < 5s at users <= 1000", time_cell, 5e6),
        ("errors <= 10%", error_cell, 0.10),
        ("server backend alive", alive_cell, 0.0),
    ]
    .into_iter()
    .map(|(text, cell, bound)| LimitResult {
        text: text.to_owned(),
        verdict: cell.verdict,
        decisive: Some(cell.clone()),
        bound,
        cells: vec![cell],
    })
    .collect()
}

fn server() -> ServerAnalysis {
    let by_step = |values: [f64; 3]| values.map(Some).to_vec();
    let resource =
        |signal, values: [f64; 3], share: Option<[f64; 3]>, saturation, standing| ResourceUse {
            signal,
            by_step: by_step(values),
            share_by_step: share.map_or_else(|| vec![None; 3], by_step),
            saturation,
            standing,
        };
    ServerAnalysis {
        name: "backend".to_owned(),
        source: "local".to_owned(),
        description: "process 4711, port 8000".to_owned(),
        alive: Some(true),
        died_s: None,
        process_ended: false,
        alive_readings: (390, 390),
        resources: vec![
            resource(
                Signal::BusiestThread,
                [0.745, 0.998, 0.999],
                Some([0.745, 0.998, 0.999]),
                Some(0.9),
                ResourceStanding::Saturated { since_s: 133 },
            ),
            resource(
                Signal::CpuCores,
                [0.80, 1.06, 1.06],
                Some([0.201, 0.265, 0.265]),
                Some(0.9),
                ResourceStanding::Busy,
            ),
            resource(
                Signal::OpenFiles,
                [1030.0, 1540.0, 2030.0],
                Some([0.016, 0.024, 0.031]),
                Some(0.95),
                ResourceStanding::Free,
            ),
            resource(
                Signal::MemoryBytes,
                [143e6, 154e6, 170e6],
                None,
                None,
                ResourceStanding::Free,
            ),
        ],
        not_read: vec!["pressure stall information: not in this kernel".to_owned()],
    }
}

/// Numbers in [0, 1) that look random and are the same each time.
fn chance(seed: u32) -> f64 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    state ^= state >> 13;
    state = state.wrapping_mul(1_274_126_177);
    f64::from(state >> 8) / f64::from(1u32 << 24)
}

fn story() -> Vec<StoryBin> {
    (0..130u32)
        .map(|bin| {
            let second = bin * 3;
            let step = (second / 130).min(2) as usize;
            let into = f64::from(second - 130 * step as u32) / 10.0;
            let ramp = into.min(1.0);
            let before = [0.0, 1000.0, 1500.0][step];
            let users = before + ([1000.0, 500.0, 500.0][step]) * ramp;
            let noise = 0.75 + chance(bin) * 0.5;
            let settle = (into / 3.5).min(1.0);
            let level = |row: fn(&StepRow) -> f64| {
                let now = row(&STEPS[step]).ln();
                let earlier = if step == 0 {
                    now
                } else {
                    row(&STEPS[step - 1]).ln()
                };
                (earlier + (now - earlier) * settle).exp() * noise * 1000.0
            };
            let failing = if step == 2 && second >= 271 {
                chance(bin + 999) * 40.0
            } else {
                0.0
            };
            let good = [99.9, 134.7, 133.2][step]
                * (0.9 + chance(bin + 500) * 0.2)
                * if step == 0 { ramp } else { 1.0 };
            let thread = if step == 0 {
                0.745 * ramp * noise
            } else {
                0.99 + chance(bin) * 0.01
            };
            let late = bin >= 128;
            StoryBin {
                start_s: second,
                users,
                in_flight: [3.0, 168.0, 472.0][step] * noise * settle,
                offered: None,
                samples: (good * 3.0) as u64,
                p50_us: (!late).then(|| level(|row| row.6[0])),
                p95_us: (!late).then(|| level(|row| row.7[0])),
                p99_us: (!late).then(|| level(|row| row.8[0])),
                good_per_s: good,
                completed_per_s: good + failing,
                errors_per_s: vec![failing],
                servers: vec![(
                    Some(thread),
                    Some(thread * 1.06 / 4.0),
                    Some([143e6, 152e6, 169e6][step] + chance(bin) * 1e6),
                )],
            }
        })
        .collect()
}

fn curve(step: &StepAnalysis) -> PercentileCurve {
    let row = &STEPS[usize::from(step.step.0)];
    let even = (0..=80).map(|index| 1.0 - 10f64.powf(-f64::from(index) / 20.0));
    let mut quantiles: Vec<f64> = even.chain([0.5, 0.75, 0.95]).collect();
    quantiles.sort_by(f64::total_cmp);
    let points = quantiles
        .into_iter()
        .map(|quantile| {
            let at = |quantile: f64| -(1.0 - quantile).log10();
            let known = [
                (0.0, 1.0f64),
                (at(0.5), row.6[0]),
                (at(0.95), row.7[0]),
                (2.0, row.8[0]),
                (4.0, row.9),
            ];
            let x = at(quantile);
            let right = known
                .iter()
                .position(|point| point.0 >= x)
                .unwrap_or(4)
                .max(1);
            let (from, to) = (known[right - 1], known[right]);
            let share = (x - from.0) / (to.0 - from.0);
            let time = (from.1.ln() + (to.1.ln() - from.1.ln()) * share).exp();
            (quantile, time * 1000.0)
        })
        .collect();
    PercentileCurve {
        step: step.step,
        load: step.load,
        samples: row.2,
        points,
    }
}

/// Columns of 5 s over 390 s, each spread as its step's curve.
fn heat(steps: &[StepAnalysis]) -> HeatMap {
    let edges_us: Vec<f64> = (0..=36).map(|edge| 1e3 * 1.3f64.powi(edge)).collect();
    let columns = (0..78)
        .map(|column| {
            let second = f64::from(column * 5);
            let step = steps
                .iter()
                .rev()
                .find(|step| step.ramp_start_s <= second)
                .unwrap_or(&steps[0]);
            let points = curve(step).points;
            let below = |time: f64| {
                points
                    .iter()
                    .rev()
                    .find(|point| point.1 <= time)
                    .map_or(0.0, |point| point.0)
            };
            edges_us
                .windows(2)
                .map(|edges| below(edges[1]) - below(edges[0]))
                .collect()
        })
        .collect();
    HeatMap {
        column_s: 5,
        edges_us,
        columns,
    }
}
