//! A simulated server: jobs in, jobs out, in virtual time.
//!
//! Either some servers behind one queue (first come, first served), or one that is shared by all
//! jobs inside, as processors are.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A sequence of pseudo-random numbers (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    /// Uniform in (0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Exponential with the given mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }

    /// Normal with mean 0 and standard deviation 1 (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Lognormal with the given mean; its logarithm has the given variance.
    pub(crate) fn lognormal(&mut self, mean: f64, variance: f64) -> f64 {
        mean * (variance.sqrt() * self.normal() - variance / 2.0).exp()
    }
}

/// How the station serves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Discipline {
    /// So many servers, and so many places to wait; arrivals beyond are refused.
    Queue { servers: usize, places: usize },
    /// So many cores, shared by all jobs inside.
    Cores(f64),
    /// The universal scalability law: contention and coherency.
    Law { sigma: f64, kappa: f64 },
}

/// What overload does to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Collapse {
    /// Jobs inside from which it slows down.
    pub(crate) above: usize,
    /// Share of its speed that is left.
    pub(crate) speed: f64,
    /// Seconds that it stays slow after the last moment above.
    pub(crate) lasts_s: f64,
}

/// The station. Times are seconds; positive numbers order as their bits do.
pub(crate) struct Station {
    discipline: Discipline,
    collapse: Option<Collapse>,
    now: f64,
    /// Ends of jobs: at a time (queue), or at an amount of service that each job inside has had.
    ends: BinaryHeap<Reverse<(u64, u64)>>,
    waiting: VecDeque<(u64, f64)>,
    /// Service that a job inside since the beginning would have had.
    served: f64,
    slow_until: f64,
}

impl Station {
    pub(crate) const fn new(discipline: Discipline, collapse: Option<Collapse>) -> Self {
        Station {
            discipline,
            collapse,
            now: 0.0,
            ends: BinaryHeap::new(),
            waiting: VecDeque::new(),
            served: 0.0,
            slow_until: 0.0,
        }
    }

    /// The moment up to which it was moved.
    pub(crate) const fn time(&self) -> f64 {
        self.now
    }

    /// Jobs inside.
    pub(crate) fn inside(&self) -> usize {
        self.ends.len() + self.waiting.len()
    }

    /// Service per second that each job inside gets.
    fn speed(&self) -> f64 {
        let n = self.ends.len().max(1) as f64;
        let share = match self.discipline {
            Discipline::Queue { .. } => 1.0,
            Discipline::Cores(cores) => (cores / n).min(1.0),
            Discipline::Law { sigma, kappa } => {
                1.0 / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
            }
        };
        match self.collapse {
            Some(collapse) if self.now < self.slow_until => share * collapse.speed,
            _ => share,
        }
    }

    /// The next moment at which something happens inside.
    pub(crate) fn next_event(&self) -> Option<f64> {
        let Reverse((end, _)) = self.ends.peek()?;
        let end = f64::from_bits(*end);
        let at = match self.discipline {
            Discipline::Queue { .. } => end,
            _ => self.now + (end - self.served).max(0.0) / self.speed(),
        };
        Some(if self.now < self.slow_until {
            at.min(self.slow_until)
        } else {
            at
        })
    }

    fn advance(&mut self, to: f64) {
        if !matches!(self.discipline, Discipline::Queue { .. }) {
            self.served += (to - self.now).max(0.0) * self.speed();
        }
        self.now = self.now.max(to);
    }

    /// A job arrives at `at` that needs `work` seconds alone; `false` if it is refused.
    pub(crate) fn arrive(&mut self, at: f64, job: u64, work: f64) -> bool {
        self.advance(at);
        match self.discipline {
            Discipline::Queue { servers, places } => {
                if self.ends.len() < servers {
                    self.ends.push(Reverse(((at + work).to_bits(), job)));
                } else if self.waiting.len() < places {
                    self.waiting.push_back((job, work));
                } else {
                    return false;
                }
            }
            _ => self
                .ends
                .push(Reverse(((self.served + work).to_bits(), job))),
        }
        if let Some(collapse) = self.collapse
            && self.inside() > collapse.above
        {
            self.slow_until = at + collapse.lasts_s;
        }
        true
    }

    /// Moves to the moment of [`Self::next_event`]; the job that ends then, if one does.
    pub(crate) fn step(&mut self) -> Option<u64> {
        let at = self.next_event()?;
        let slow = self.now < self.slow_until;
        self.advance(at);
        let Reverse((end, job)) = *self.ends.peek()?;
        let ends = match self.discipline {
            Discipline::Queue { .. } => f64::from_bits(end) <= at,
            // What is left after rounding is no service.
            _ => f64::from_bits(end) <= self.served + 1e-12 || !(slow && at >= self.slow_until),
        };
        if !ends {
            return None;
        }
        self.ends.pop();
        if let Some((next, work)) = self.waiting.pop_front() {
            self.ends.push(Reverse(((at + work).to_bits(), next)));
        }
        if let Some(collapse) = self.collapse
            && self.inside() > collapse.above
        {
            self.slow_until = at + collapse.lasts_s;
        }
        Some(job)
    }
}
