//! The systems that searches are tried on, and the load that each carries.

use loadline_plan::LoadUnit;

use super::station::{Chance, Collapse, Discipline};

/// A simulated server and what is asked of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct System {
    pub(crate) name: &'static str,
    pub(crate) unit: LoadUnit,
    pub(crate) discipline: Discipline,
    /// Mean time that a job needs alone, in seconds.
    pub(crate) work_s: f64,
    /// Whether that time is random (exponential) or always the same.
    pub(crate) random: bool,
    pub(crate) collapse: Option<Collapse>,
    /// Relative growth of the work per minute.
    pub(crate) leak: f64,
    pub(crate) limit: &'static str,
    /// The bound on response times, if the limit is one.
    pub(crate) bound_s: Option<f64>,
    /// Where searches end at most; they begin at 1/256 of it.
    pub(crate) max: f64,
    /// The load at which the limit breaks, by `find_simulation truth`; 0 where there is none.
    pub(crate) truth: f64,
    /// Why there may be no capacity, which is as right an answer.
    pub(crate) flaw: Option<Flaw>,
}

/// Why a server has no capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It gets slower with time.
    Leaks,
    /// An overload, if one happens, is for good.
    StaysDown,
}

/// Mean think time of users, in seconds.
pub(crate) const THINK_S: f64 = 1.0;

impl System {
    /// Work of one job that arrives `at` seconds after the server's start.
    pub(crate) fn work(&self, chance: &mut Chance, at: f64) -> f64 {
        let mean = self.work_s * (1.0 + self.leak * at / 60.0);
        if self.random {
            chance.exponential(mean)
        } else {
            mean
        }
    }
}

const QUEUE: usize = usize::MAX;

const fn open(
    name: &'static str,
    servers: usize,
    places: usize,
    work_s: f64,
    random: bool,
    max: f64,
) -> System {
    System {
        name,
        unit: LoadUnit::Rate,
        discipline: Discipline::Queue { servers, places },
        work_s,
        random,
        collapse: None,
        leak: 0.0,
        limit: "p95 < 100ms",
        bound_s: Some(0.1),
        max,
        truth: 0.0,
        flaw: None,
    }
}

const fn closed(name: &'static str, discipline: Discipline, work_s: f64, max: f64) -> System {
    System {
        name,
        unit: LoadUnit::Users,
        discipline,
        work_s,
        random: true,
        collapse: None,
        leak: 0.0,
        limit: "p95 < 500ms",
        bound_s: Some(0.5),
        max,
        truth: 0.0,
        flaw: None,
    }
}

/// Stays at 40 % of its speed for 20 s after more than 150 jobs were inside.
const METASTABLE: Collapse = Collapse {
    above: 150,
    speed: 0.4,
    lasts_s: 20.0,
};

/// The systems whose break is searched.
pub(crate) const SYSTEMS: [System; 9] = [
    System {
        truth: 70.0,
        ..open("M/M/1, 10 ms", 1, QUEUE, 0.01, true, 2_000.0)
    },
    System {
        truth: 34.6,
        ..open("M/D/1, 20 ms", 1, QUEUE, 0.02, false, 1_000.0)
    },
    System {
        truth: 182.6,
        ..open("M/D/4, 20 ms", 4, QUEUE, 0.02, false, 4_000.0)
    },
    System {
        limit: "p95 < 500ms",
        bound_s: Some(0.5),
        truth: 632.5,
        ..open("M/M/64, 100 ms", 64, QUEUE, 0.1, true, 16_000.0)
    },
    System {
        limit: "errors <= 10%",
        bound_s: None,
        truth: 217.3,
        ..open("M/M/4, queue of 20", 4, 20, 0.02, true, 4_000.0)
    },
    System {
        truth: 463.2,
        ..closed("8 cores, shared", Discipline::Cores(8.0), 0.02, 8_000.0)
    },
    System {
        limit: "p95 < 1s",
        bound_s: Some(1.0),
        truth: 851.9,
        ..closed("64 cores, shared", Discipline::Cores(64.0), 0.1, 16_000.0)
    },
    System {
        truth: 1_493.6,
        ..closed(
            "USL, knife-edge",
            Discipline::Law {
                sigma: 0.05,
                kappa: 1e-4,
            },
            0.01,
            30_000.0,
        )
    },
    System {
        collapse: Some(METASTABLE),
        truth: 371.1,
        ..closed(
            "8 cores, metastable",
            Discipline::Cores(8.0),
            0.025,
            8_000.0,
        )
    },
];

/// Systems whose capacity cannot be said: the first never comes back from a collapse, if a trial makes
/// one (a search that comes near the break from below does not); the other leaks.
pub(crate) const UNSOUND: [System; 2] = [
    System {
        collapse: Some(Collapse {
            lasts_s: f64::INFINITY,
            ..METASTABLE
        }),
        truth: 371.1,
        flaw: Some(Flaw::StaysDown),
        ..closed("never recovers", Discipline::Cores(8.0), 0.025, 8_000.0)
    },
    System {
        leak: 0.10,
        flaw: Some(Flaw::Leaks),
        ..closed("leak, 10 % a minute", Discipline::Cores(8.0), 0.02, 8_000.0)
    },
];
