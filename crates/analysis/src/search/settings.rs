//! What a search is asked to find, and what it asks of a trial.

use loadline_metrics::StepLoad;
use loadline_plan::LoadUnit;
use loadline_units::Rate;

use crate::wording;

/// What a search looks for and how far it may go.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSettings {
    /// Whether loads are users or arrivals per second.
    pub unit: LoadUnit,
    /// The first load that is tried.
    pub from: f64,
    /// The greatest load that is tried.
    pub max: f64,
    /// Window of a trial in whole seconds, at least 5; proofs take two to eight times as long.
    pub hold_s: u32,
    /// Half of the relative width that is aimed at: 0.04 gives an interval of about 8 %.
    pub precision: f64,
    /// Most trials.
    pub max_trials: usize,
    /// Most seconds the search may take, recoveries included.
    pub budget_s: Option<f64>,
    /// The tightest bound on a response time, in seconds, if there is one: guesses the break of a
    /// closed load.
    pub time_bound_s: Option<f64>,
}

impl SearchSettings {
    /// Half of the relative width aimed at, unless asked otherwise.
    pub const PRECISION: f64 = 0.04;
    /// Most trials, unless asked otherwise.
    pub const MAX_TRIALS: usize = 13;
    /// Window of a trial, unless asked otherwise, in seconds.
    pub const HOLD_S: u32 = 30;

    /// The smallest load there is: one user, or one arrival a minute.
    #[must_use]
    pub fn smallest(&self) -> f64 {
        match self.unit {
            LoadUnit::Users => 1.0,
            LoadUnit::Rate => 1.0 / 60.0,
        }
    }

    /// `load` as it can be run: whole users within the bounds.
    pub(crate) fn runnable(&self, load: f64) -> f64 {
        let load = match self.unit {
            LoadUnit::Users => load.round(),
            LoadUnit::Rate => load,
        };
        load.clamp(self.smallest(), self.max)
    }

    /// The load in its unit.
    #[must_use]
    pub fn step_load(&self, load: f64) -> StepLoad {
        match self.unit {
            LoadUnit::Users => StepLoad::Users(load.round().clamp(0.0, f64::from(u32::MAX)) as u32),
            LoadUnit::Rate => StepLoad::Rate(Rate::per_second(load).unwrap_or_default()),
        }
    }

    /// The load in words: `1,240 users`, `62.5/s`.
    #[must_use]
    pub fn words(&self, load: f64) -> String {
        match self.unit {
            LoadUnit::Users => wording::load(self.step_load(load)),
            LoadUnit::Rate => format!("{}/s", wording::significant_of(load, 4)),
        }
    }
}

/// What a trial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrialRole {
    /// Grows the load until something breaks.
    Grow,
    /// Finds out on which side of a load the break lies.
    Locate,
    /// Proves that a load just below the break is carried.
    ProveCarried,
    /// Proves that a load just above the break is not.
    ProveBroken,
    /// Repeats a load whose result contradicts another one.
    Repeat,
}

/// A trial to make.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialRequest {
    /// Users, or arrivals per second.
    pub load: f64,
    /// Length of the judged window, in whole seconds.
    pub window_s: u32,
    /// Whether the load may go on for as long again when the window does not decide.
    pub may_extend: bool,
    /// What it is for.
    pub role: TrialRole,
    /// Why this load, in a few words: "4 times the load that was carried".
    pub reason: String,
}

impl TrialRequest {
    /// Seconds after the ramp that are not judged, since the server still settles: a fifth of the
    /// window, at least 3.
    #[must_use]
    pub fn warm_up_s(&self) -> u32 {
        self.window_s.div_ceil(5).max(3)
    }

    /// Seconds over which the users of a closed load start: a tenth of the window.
    #[must_use]
    pub fn ramp_s(&self, unit: LoadUnit) -> u32 {
        match unit {
            LoadUnit::Users => self.window_s.div_ceil(10).max(1),
            LoadUnit::Rate => 0,
        }
    }

    /// Further seconds that are left out of an extended window: the load's first minutes look better
    /// than its steady state.
    #[must_use]
    pub fn extra_warm_up_s(&self) -> u32 {
        self.window_s.div_ceil(5)
    }

    /// Seconds from the first user to the end of the window, extension included.
    #[must_use]
    pub fn longest_s(&self, unit: LoadUnit) -> u32 {
        let windows = if self.may_extend { 2 } else { 1 };
        self.ramp_s(unit) + self.warm_up_s() + windows * self.window_s
    }
}
