//! The loads that pairs of runs are simulated under.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use loadline_metrics::{RunData, StepLoad};
use loadline_units::Rate;

use super::recorded::{Job, record};
use super::station::{Chance, Discipline, Station};

/// Seconds before the window, and of the window unless a load says otherwise.
const SETTLES_S: f64 = 10.0;
const WINDOW_S: u32 = 60;
/// Seconds that requests under way at the end may still take.
const DRAINS_S: f64 = 30.0;
/// Mean time of a request that does not wait, in seconds.
const SERVICE_S: f64 = 0.05;
/// Mean think time of users, in seconds.
const THINK_S: f64 = 1.0;
/// Correlation of the level of response times from one second to the next, and its spread.
const PHI: f64 = 0.7;
const WANDER: f64 = 0.1;
/// Squared standard deviation of the logarithm: coefficients of variation of 0.53 and 1.5.
const MILD: f64 = 0.25;
const WILD: f64 = 1.1787;

/// What answers.
#[derive(Clone, Copy)]
enum Server {
    /// Independent times.
    Independent,
    /// Times whose level wanders from second to second.
    Wandering,
    /// Four cores, shared by the requests inside, busy for this share.
    Cores(f64),
}

/// A load.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    server: Server,
    /// Whether users think, instead of arrivals by a schedule.
    closed: bool,
    /// Requests per second.
    rate: f64,
    /// Length of the window.
    pub(crate) seconds: u32,
}

pub(crate) fn loads() -> Vec<Load> {
    let load = |name, server, closed, rate| Load {
        name,
        server,
        closed,
        rate,
        seconds: WINDOW_S,
    };
    vec![
        load("independent, 50/s", Server::Independent, false, 50.0),
        load("independent, 300/s", Server::Independent, false, 300.0),
        load("wandering, 50/s", Server::Wandering, false, 50.0),
        load("wandering, 300/s", Server::Wandering, false, 300.0),
        load("cores half busy, 50/s", Server::Cores(0.5), false, 50.0),
        load("cores half busy, 300/s", Server::Cores(0.5), false, 300.0),
        load("cores 80 % busy, 50/s", Server::Cores(0.8), false, 50.0),
        load("cores 80 % busy, 300/s", Server::Cores(0.8), false, 300.0),
        load("users, half busy, 50/s", Server::Cores(0.5), true, 50.0),
        load("users, half busy, 300/s", Server::Cores(0.5), true, 300.0),
        load("users, 80 % busy, 50/s", Server::Cores(0.8), true, 50.0),
        load("users, 80 % busy, 300/s", Server::Cores(0.8), true, 300.0),
    ]
}

/// A run under `load` of a server whose requests need `work` times as much as usual.
pub(crate) fn run(load: &Load, work: f64, seed: u64) -> RunData {
    let mut chance = Chance::new(seed);
    let end = SETTLES_S + f64::from(load.seconds);
    let jobs = match load.server {
        Server::Cores(busy) => shared_cores(load, busy, work, end, &mut chance),
        _ => without_queue(load, work, end, &mut chance),
    };
    let step = if load.closed {
        StepLoad::Users(users(load))
    } else {
        StepLoad::Rate(Rate::per_second(load.rate).expect("rates of loads are rates"))
    };
    record(jobs.into_iter(), step, (SETTLES_S, end), false)
}

fn users(load: &Load) -> u32 {
    (load.rate * THINK_S).round() as u32
}

fn without_queue(load: &Load, work: f64, end: f64, chance: &mut Chance) -> Vec<Job> {
    let mut levels = vec![chance.normal() * WANDER];
    for second in 0..end as usize {
        let level = PHI * levels[second] + (1.0 - PHI * PHI).sqrt() * WANDER * chance.normal();
        levels.push(level);
    }
    let mut jobs = Vec::new();
    let mut at = chance.exponential(1.0 / load.rate);
    while at < end {
        let level = match load.server {
            Server::Wandering => levels[at as usize].exp(),
            _ => 1.0,
        };
        let time = chance.lognormal(SERVICE_S * work * level, MILD);
        jobs.push(Job {
            start: at,
            end: Some(at + time),
            refused: false,
        });
        at += chance.exponential(1.0 / load.rate);
    }
    jobs
}

fn shared_cores(load: &Load, busy: f64, work: f64, end: f64, chance: &mut Chance) -> Vec<Job> {
    const CORES: f64 = 4.0;
    let mean = CORES * busy / load.rate * work;
    let mut station = Station::new(Discipline::Cores(CORES), None);
    let mut ready = BinaryHeap::new();
    if load.closed {
        for _ in 0..users(load) {
            ready.push(Reverse(chance.exponential(THINK_S).to_bits()));
        }
    } else {
        ready.push(Reverse(chance.exponential(1.0 / load.rate).to_bits()));
    }
    let mut jobs: BTreeMap<u64, Job> = BTreeMap::new();
    let mut number = 0;
    loop {
        let arrival = ready
            .peek()
            .map_or(f64::INFINITY, |at| f64::from_bits(at.0));
        let inside = station.next_event().unwrap_or(f64::INFINITY);
        // What is inside at the end is answered, as at the end of a run.
        let arrival = if arrival > end {
            f64::INFINITY
        } else {
            arrival
        };
        if arrival.min(inside) > end + DRAINS_S {
            break;
        }
        if inside <= arrival {
            if let Some(job) = station.step() {
                if let Some(job) = jobs.get_mut(&job) {
                    job.end = Some(inside);
                }
                if load.closed {
                    ready.push(Reverse((inside + chance.exponential(THINK_S)).to_bits()));
                }
            }
            continue;
        }
        ready.pop();
        number += 1;
        jobs.insert(
            number,
            Job {
                start: arrival,
                end: None,
                refused: false,
            },
        );
        station.arrive(arrival, number, chance.lognormal(mean, WILD));
        if !load.closed {
            ready.push(Reverse(
                (arrival + chance.exponential(1.0 / load.rate)).to_bits(),
            ));
        }
    }
    jobs.into_values().collect()
}
