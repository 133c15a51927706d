//! The loads of our own plans: users or arrivals as numbers, in stages or steps.
//!
//! Not here: JMeter's thread groups, whose numbers are texts (see `load`).

use std::time::Duration;

use loadline_units::Rate;

/// A load without texts to evaluate.
#[derive(Clone, Debug, PartialEq)]
pub enum NativeLoad {
    /// Closed load that changes linearly towards each stage's target.
    UserStages {
        /// Users at the start, usually 0.
        from: u32,
        /// The stages, one after another; none is empty of time unless it jumps.
        stages: Vec<LoadStage<u32>>,
        /// Time before the first stage.
        start: Duration,
        /// Time between the starts of two iterations of a user, if paced.
        pacing: Option<Duration>,
    },
    /// Closed load in ascending or descending steps, each held.
    UserSteps {
        /// Users of each step, in order; not empty.
        levels: Vec<u32>,
        /// Time over which users are added or removed before each hold.
        ramp: Duration,
        /// Time each step is held, after its ramp.
        hold: Duration,
        /// Time before the first step.
        start: Duration,
        /// Time between the starts of two iterations of a user, if paced.
        pacing: Option<Duration>,
    },
    /// A fixed number of users that end after a number of iterations.
    UserIterations {
        /// Number of users.
        users: u32,
        /// Iterations of the whole group, shared by its users, or of each user.
        iterations: u64,
        /// Whether `iterations` counts for each user rather than for the group.
        each: bool,
        /// Time over which the users start.
        ramp: Duration,
        /// Time before the first user.
        start: Duration,
        /// Time between the starts of two iterations of a user, if paced.
        pacing: Option<Duration>,
    },
    /// Open load that changes linearly towards each stage's target rate.
    RateStages {
        /// Arrival rate at the start.
        from: Rate,
        /// The stages, one after another.
        stages: Vec<LoadStage<Rate>>,
        /// Whether arrivals are random (Poisson) instead of evenly spaced.
        poisson: bool,
        /// Greatest number of users that serve arrivals.
        max_users: u32,
        /// Time before the first stage.
        start: Duration,
    },
    /// Open load in steps, each held.
    RateSteps {
        /// Arrival rate of each step, in order; not empty.
        levels: Vec<Rate>,
        /// Time over which the rate changes before each hold.
        ramp: Duration,
        /// Time each step is held, after its ramp.
        hold: Duration,
        /// Whether arrivals are random (Poisson) instead of evenly spaced.
        poisson: bool,
        /// Greatest number of users that serve arrivals.
        max_users: u32,
        /// Time before the first step.
        start: Duration,
    },
}

impl NativeLoad {
    /// Whether it states arrivals (open model) rather than users.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.max_users().is_some()
    }

    /// Greatest number of users that serve the arrivals of an open load; `None` for closed loads.
    #[must_use]
    pub fn max_users(&self) -> Option<u32> {
        match self {
            NativeLoad::RateStages { max_users, .. } | NativeLoad::RateSteps { max_users, .. } => {
                Some(*max_users)
            }
            _ => None,
        }
    }

    /// Whether arrivals of an open load are random (Poisson); false for closed loads.
    #[must_use]
    pub fn is_poisson(&self) -> bool {
        match self {
            NativeLoad::RateStages { poisson, .. } | NativeLoad::RateSteps { poisson, .. } => {
                *poisson
            }
            _ => false,
        }
    }

    /// Time between the starts of two iterations of a user, if the load is closed and paced.
    #[must_use]
    pub fn pacing(&self) -> Option<Duration> {
        match self {
            NativeLoad::UserStages { pacing, .. }
            | NativeLoad::UserSteps { pacing, .. }
            | NativeLoad::UserIterations { pacing, .. } => *pacing,
            _ => None,
        }
    }
}

/// One stage of a load: a linear change to `target` during `duration`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadStage<T> {
    /// Load at the end of the stage.
    pub target: T,
    /// Length of the stage; zero jumps.
    pub duration: Duration,
}
