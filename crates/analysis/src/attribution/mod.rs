//! How much speaks for each cause that can limit a server: the score table.
//!
//! A cause must be high at the knee and beyond, and have risen with the load. The parts of a score
//! are engineering judgement; their sum is at most 1. The rows of the table are functions, by what
//! they look at: `processor`, `memory`, `devices`, `waiting`, `answers`, `database`, and `crate::crowding` for
//! what is not the server's doing. `table` is what they look at.

mod answers;
mod database;
mod devices;
mod memory;
mod processor;
mod table;
mod waiting;

use crate::attribution::answers::{crash, rate_limiter, resets, server_errors};
use crate::attribution::devices::{accept_queue, descriptors, disk, network};
use crate::attribution::memory::memory;
use crate::attribution::processor::{cpu, cpu_quota, single_thread};
use crate::attribution::waiting::{dependency, lock, worker_pool};
use crate::crowding::{generator, shared_host};
use crate::result::Cause;

pub(crate) use crate::attribution::memory::memory_leak;
pub(crate) use crate::attribution::processor::cpu_queue;
pub(crate) use crate::attribution::table::{Table, knee};
pub(crate) use crate::attribution::waiting::paused;

/// What speaks for a cause.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) cause: Cause,
    pub(crate) score: f64,
    /// Sentences with numbers.
    pub(crate) evidence: Vec<String>,
    /// Index of the first point at which it shows.
    pub(crate) onset: usize,
}

/// The scores of all causes, in the order of the table.
pub(crate) fn scores(table: &Table) -> Vec<Score> {
    let mut scores = vec![
        generator(table),
        shared_host(table),
        cpu(table),
        cpu_quota(table),
        single_thread(table),
        memory(table),
        memory_leak(table),
        disk(table),
        network(table),
        accept_queue(table),
        descriptors(table),
        rate_limiter(table),
        lock(table),
        worker_pool(table),
        crash(table),
        resets(table),
        paused(table),
        dependency(table),
        database::connections(table),
        database::locks(table),
        database::statements(table),
    ];
    let explained = scores.iter().any(|score| score.score >= 0.4);
    scores.push(server_errors(table, explained));
    scores.retain(|score| score.score > 0.0);
    for score in &mut scores {
        score.score = score.score.min(1.0);
    }
    scores
}

/// The family of a cause: causes of one family do not compete.
pub(crate) fn family(cause: Cause) -> u8 {
    match cause {
        Cause::Generator => 0,
        Cause::Cpu | Cause::CpuQuota | Cause::SingleThread | Cause::SharedHost => 1,
        Cause::Memory | Cause::MemoryLeak => 2,
        Cause::Disk => 3,
        Cause::Network => 4,
        Cause::AcceptQueue => 5,
        Cause::Descriptors => 6,
        Cause::RateLimiter => 7,
        Cause::Lock => 8,
        Cause::WorkerPool => 9,
        Cause::ServerErrors => 10,
        Cause::Resets => 11,
        Cause::Crash => 12,
        Cause::Pauses => 13,
        Cause::Dependency => 14,
        Cause::DatabaseConnections | Cause::DatabaseLocks | Cause::DatabaseStatements => 15,
        Cause::None | Cause::Unknown => 16,
    }
}

/// Adds up the parts of a score.
pub(crate) struct Tally {
    cause: Cause,
    score: f64,
    evidence: Vec<String>,
    onset: usize,
}

impl Tally {
    pub(crate) fn new(cause: Cause, onset: usize) -> Self {
        Tally {
            cause,
            score: 0.0,
            evidence: Vec::new(),
            onset,
        }
    }

    pub(crate) fn add(&mut self, part: f64, sentence: impl Into<String>) {
        self.score += part;
        self.evidence.push(sentence.into());
    }

    /// Sentences that count already.
    pub(crate) fn add_evidence(&mut self, sentences: Vec<String>) {
        self.evidence.extend(sentences);
    }

    pub(crate) fn finish(self) -> Score {
        Score {
            cause: self.cause,
            score: self.score,
            evidence: self.evidence,
            onset: self.onset,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::load_point::LoadPoint;
    use crate::memory_growth::MemoryGrowth;

    /// Three loads of a closed model; the last two are beyond the knee.
    pub(crate) fn table(change: impl Fn(usize, &mut LoadPoint)) -> Table {
        let points = (0..3usize)
            .map(|step| {
                let mut point = LoadPoint {
                    step,
                    load: 100.0 * 2f64.powi(step as i32),
                    closed: true,
                    samples: [950.0, 1200.0, 1210.0][step],
                    throughput: [95.0, 120.0, 121.0][step],
                    good: [95.0, 120.0, 121.0][step],
                    mean_s: [0.05, 0.67, 2.31][step],
                    think_s: Some(1.0),
                    cores: Some(4.0),
                    cpu_ratio: Some([0.2, 0.3, 0.3][step]),
                    busiest_thread: Some([0.2, 0.3, 0.3][step]),
                    ..LoadPoint::default()
                };
                change(step, &mut point);
                point
            })
            .collect();
        Table {
            points,
            knee: 1,
            start: None,
            ..Table::default()
        }
    }

    #[track_caller]
    pub(crate) fn check(change: impl Fn(usize, &mut LoadPoint), expected: Cause, least: f64) {
        let scores = scores(&table(change));
        let best = scores
            .iter()
            .max_by(|a, b| a.score.total_cmp(&b.score))
            .unwrap();
        assert_eq!(best.cause, expected, "{scores:?}");
        assert!(best.score >= least - 1e-9, "{scores:?}");
        assert!(!best.evidence.is_empty());
    }

    #[test]
    fn each_cause_shows_by_its_own_signals() {
        check(
            |step, point| point.cgroup_throttled = Some([0.0, 0.4, 0.6][step]),
            Cause::CpuQuota,
            0.8,
        );
        check(
            |step, point| {
                point.listen_overflows = Some([0.0, 30.0, 80.0][step]);
                point.connect_p99_s = Some([0.001, 1.02, 1.03][step]);
            },
            Cause::AcceptQueue,
            1.0,
        );
        check(
            |step, point| {
                point.open_files_ratio = Some([0.3, 0.98, 1.0][step]);
                point.refused = [0.0, 0.1, 0.3][step];
            },
            Cause::Descriptors,
            0.9,
        );
        check(
            |step, point| {
                point.host_cpu = Some([0.5, 0.98, 1.0][step]);
                point.host_generator_share = Some([0.2, 0.4, 0.5][step]);
                point.run_queue = Some([1.0, 12.0, 15.0][step]);
            },
            Cause::SharedHost,
            0.9,
        );
    }

    #[test]
    fn a_thread_busy_before_any_load_is_not_the_cause() {
        let mut table = table(|_, point| point.busiest_thread = Some(0.97));
        table.start = Some(LoadPoint {
            busiest_thread: Some(0.96),
            ..LoadPoint::default()
        });
        assert!(
            scores(&table)
                .iter()
                .all(|score| score.cause != Cause::SingleThread)
        );
    }

    #[test]
    fn a_plateau_with_noise_still_rises() {
        check(
            |step, point| point.busiest_thread = Some([0.79, 0.94, 0.89][step]),
            Cause::SingleThread,
            0.9,
        );
    }

    #[test]
    fn faults_without_a_resource_of_their_own_are_named() {
        check(
            |_, point| point.status_5xx = 0.05,
            Cause::ServerErrors,
            0.65,
        );
        // A few overflows of the machine's accept queues are another program's.
        check(
            |step, point| {
                point.cut = 0.03;
                point.listen_overflows = Some([0.0, 0.1, 0.2][step]);
            },
            Cause::Resets,
            0.7,
        );
        // 95 requests a second that take 10 ms each without a queue keep one place busy.
        check(
            |step, point| {
                point.mean_s = [0.008, 0.67, 2.31][step];
                point.threads = Some(6.0);
            },
            Cause::Lock,
            0.6,
        );
        check(
            |step, point| {
                point.throughput = [95.0, 190.0, 380.0][step];
                point.good = point.throughput;
                point.mean_s = 0.15;
                point.cpu_ratio = Some(0.05);
                point.busiest_thread = Some(0.1);
            },
            Cause::Dependency,
            0.5,
        );
    }

    #[test]
    fn small_changes_are_no_causes_though_they_are_great_in_proportion() {
        let named = |change: &dyn Fn(usize, &mut LoadPoint), cause: Cause| {
            let scores = scores(&table(change));
            scores
                .iter()
                .find(|score| score.cause == cause)
                .map_or(0.0, |score| score.score)
        };
        // Four cut connections, and eight.
        let cut = |share: f64| {
            move |step: usize, point: &mut LoadPoint| {
                point.samples = 200.0;
                point.cut = [0.0, share, share][step];
            }
        };
        assert_eq!(named(&cut(0.01), Cause::Resets), 0.0);
        assert_eq!(named(&cut(0.02), Cause::Resets), 0.7);
        // A request in five waits once more, and each.
        let waits = |high: f64| {
            move |step: usize, point: &mut LoadPoint| {
                point.switches_per_request = Some([0.1, high, high][step]);
            }
        };
        assert_eq!(named(&waits(0.3), Cause::Lock), 0.0);
        assert_eq!(named(&waits(1.1), Cause::Lock), 0.4);
        // A disk that takes 0.2 ms.
        let takes = |high: f64| {
            move |step: usize, point: &mut LoadPoint| {
                point.disk_busy = Some(0.5);
                point.disk_await_ms = Some([0.05, high, high][step]);
            }
        };
        assert_eq!(named(&takes(0.2), Cause::Disk), 0.0);
        assert_eq!(named(&takes(2.0), Cause::Disk), 0.2);
    }

    #[test]
    fn what_is_said_of_the_response_time_without_a_knee_is_true() {
        let said = |times: [f64; 3]| {
            let table = table(|step, point| {
                point.good = 95.0 * 2f64.powi(step as i32);
                point.mean_s = times[step];
            });
            assert_eq!(knee(&table.points), None);
            let found = crate::bottleneck::find(Some(&table), false, &[], true);
            found.evidence[0].clone()
        };
        assert_eq!(
            said([0.0002, 0.0003, 0.0006]),
            "Throughput grew with the load and response time rose by less than half a millisecond: no limit \
             was reached."
        );
        assert_eq!(
            said([0.002, 0.003, 0.004]),
            "Throughput grew with the load and response time did not double: no limit was reached."
        );
    }

    #[test]
    fn where_no_request_succeeds_no_load_is_called_carried() {
        let find = |good: [f64; 3]| {
            let table = table(|step, point| {
                point.good = good[step];
                point.mean_s = 0.001;
            });
            crate::bottleneck::find(Some(&table), knee(&table.points).is_some(), &[], true)
        };
        let failed = find([0.0, 0.0, 0.0]);
        assert_eq!(failed.cause, Cause::Unknown);
        assert_eq!(
            failed.evidence[0],
            "At one load no request succeeded: whether the server was at a limit cannot be told."
        );
        assert!(failed.advice[0].starts_with("Make the requests succeed first"));
        assert_eq!(find([95.0, 190.0, 380.0]).cause, Cause::None);
    }

    #[test]
    fn a_mean_time_doubles_by_half_a_millisecond_or_more() {
        let turn = |times: [f64; 3]| {
            let table = table(|step, point| {
                point.good = 95.0 * 2f64.powi(step as i32);
                point.mean_s = times[step];
            });
            knee(&table.points)
        };
        assert_eq!(turn([0.0002, 0.0003, 0.0006]), None);
        assert_eq!(turn([0.0002, 0.0003, 0.0008]), Some(2));
    }

    #[test]
    fn a_pool_whose_clients_lose_patience_is_no_lock() {
        // Eight places of 50 ms: 160/s are carried; beyond, what is answered comes too late.
        let change = |step: usize, point: &mut LoadPoint| {
            point.closed = false;
            point.throughput = [50.0, 150.0, 250.0][step];
            point.good = [50.0, 150.0, 40.0][step];
            point.good_interval = Some([(49.0, 51.0), (149.0, 151.0), (30.0, 50.0)][step]);
            point.timed_out = [0.0, 0.0, 0.84][step];
            point.mean_s = [0.051, 0.052, 4.2][step];
            point.cpu_ratio = Some(0.05);
            point.busiest_thread = Some(0.05);
            point.threads = Some(12.0);
        };
        let mut table = table(change);
        table.knee = 2;
        let found = crate::bottleneck::find(Some(&table), true, &[], true);
        assert_eq!(found.cause, Cause::WorkerPool, "{found:?}");
        assert!(!found.likely_only, "{found:?}");
    }

    #[test]
    fn a_crash_and_even_pauses_are_named() {
        let mut crashed = table(|_, _| {});
        crashed.ended = Some("The server's process ended at 0:20.".to_owned());
        assert_eq!(
            crate::bottleneck::find(Some(&crashed), true, &[], true).cause,
            Cause::Crash
        );
        let mut paused = table(|step, point| {
            point.throughput = [95.0, 190.0, 380.0][step];
            point.good = point.throughput;
            point.mean_s = 0.02;
            point.p99_ratio = Some(14.0);
        });
        paused.pauses = Some(crate::pauses::Pauses {
            at: (1..13).map(|event| 5 * event).collect(),
            length_s: 0.3,
            period_s: Some(5.0),
        });
        let found = crate::bottleneck::find(Some(&paused), true, &[], true);
        assert_eq!(
            (found.cause, found.likely_only),
            (Cause::Pauses, false),
            "{found:?}"
        );
    }

    #[test]
    fn pauses_are_named_without_a_limit_if_they_are_even_or_long() {
        let fast = |step: usize, point: &mut LoadPoint| {
            point.throughput = [95.0, 190.0, 380.0][step];
            point.good = point.throughput;
            point.mean_s = 0.02;
        };
        let found = |length_s: f64, period_s: Option<f64>| {
            let mut table = table(fast);
            table.pauses = Some(crate::pauses::Pauses {
                at: vec![5, 10, 15, 20],
                length_s,
                period_s,
            });
            crate::bottleneck::find(Some(&table), false, &[], true).cause
        };
        assert_eq!(found(0.3, Some(5.0)), Cause::Pauses);
        assert_eq!(found(2.0, None), Cause::Pauses);
        assert_eq!(found(0.6, None), Cause::None);
    }

    /// Growth by 15 MB in `seconds`.
    fn growth(step: usize, seconds: f64) -> MemoryGrowth {
        MemoryGrowth {
            seconds,
            from_bytes: [40e6, 55e6, 70e6][step],
            grown_bytes: 15e6,
            room_bytes: None,
        }
    }

    #[test]
    fn growth_at_a_single_load_is_told_and_not_named() {
        let mut table = table(|step, point| {
            point.memory_growth = Some(growth(step, 90.0));
        });
        table.points.truncate(1);
        table.knee = 0;
        let found = crate::bottleneck::find(Some(&table), false, &[], true);
        assert_eq!(found.cause, Cause::None, "{found:?}");
        assert_eq!(found.runner_up.unwrap().cause, Cause::MemoryLeak);
        assert!(
            found.evidence[0].contains("grew by 15 MB in 90 s"),
            "{found:?}"
        );
        assert!(found.advice[0].starts_with("Run for longer"), "{found:?}");
        // A busy server may be at a limit: that is not known, and the growth is told all the same.
        let mut busy = table.clone();
        busy.points[0].busiest_thread = Some(0.95);
        let found = crate::bottleneck::find(Some(&busy), false, &[], true);
        assert_eq!(
            (found.cause, found.knee_step),
            (Cause::Unknown, None),
            "{found:?}"
        );
        assert_eq!(found.runner_up.unwrap().cause, Cause::MemoryLeak);
        assert!(
            found.evidence[0].contains("grew by 15 MB in 90 s"),
            "{found:?}"
        );
        // Where a limit broke it is no cause either, nor where others fill the machine.
        assert_eq!(
            crate::bottleneck::find(Some(&table), true, &[], true).cause,
            Cause::Unknown
        );
    }

    #[test]
    fn memory_that_goes_on_growing_is_named_without_a_limit() {
        let growing = table(|step, point| {
            point.throughput = [95.0, 190.0, 380.0][step];
            point.good = point.throughput;
            point.mean_s = 0.02;
            point.memory_growth = Some(growth(step, 30.0));
        });
        let found = crate::bottleneck::find(Some(&growing), false, &[], true);
        assert_eq!(
            (found.cause, found.likely_only),
            (Cause::MemoryLeak, true),
            "{found:?}"
        );
    }
}
