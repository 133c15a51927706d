//! What a trial showed, as far as the search needs it.

use crate::result::{Estimate, Verdict};
use crate::search::observe::UNKNOWN_ERROR;
use crate::search::recovery::{ProbeWindow, Recovery};

/// Everything a search has measured so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchSoFar {
    /// The server without load, before the first trial; `None` until it was looked at.
    pub idle: Option<ProbeWindow>,
    /// Trials in the order in which they were made.
    pub trials: Vec<Trial>,
}

/// A load that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Users, or arrivals per second.
    pub load: f64,
    /// Length of the judged window in seconds, as asked; half of it if the load went on.
    pub window_s: u32,
    /// Whether the load went on for as long again, since the window did not decide.
    pub extended: bool,
    /// What became of it.
    pub outcome: TrialOutcome,
    /// Each limit that applies at this load, in the plan's order.
    pub margins: Vec<Margin>,
    /// Whether the load was taken off early since a limit was grossly broken.
    pub stopped_early: bool,
    /// Figures of the window.
    pub figures: TrialFigures,
    /// Relative rise of the mean response time over the window, if it was seen to rise.
    pub rising: Option<f64>,
    /// When its load began, in seconds since the search began.
    pub started_s: f64,
    /// When its load was off again, likewise.
    pub ended_s: f64,
    /// Whether the server came back afterwards; `None` while that was not looked at.
    pub recovery: Option<Recovery>,
}

/// What became of a trial.
#[derive(Clone, Debug, PartialEq)]
pub enum TrialOutcome {
    /// Every limit was kept.
    Pass,
    /// A limit was broken.
    Fail,
    /// It could not be decided.
    Inconclusive,
    /// The generator bent the figures; why.
    Invalid(String),
    /// The user ended it.
    Interrupted,
}

/// Standard errors from the bound that prove a side: 98.75 % for few batches, by Bonferroni for four
/// looks.
const SURE: f64 = 2.7;

/// A side of the break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The limits are kept.
    Carried,
    /// One is broken.
    Broken,
}

/// How far a limit was from its bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Margin {
    /// The limit as the user wrote it.
    pub limit: String,
    /// The label that decided; `None` for all samples.
    pub label: Option<String>,
    /// ln(observed / bound), so that the bound is at 0 and greater is worse. Positive means broken,
    /// whichever way the limit compares.
    pub y: f64,
    /// Standard error of `y`; 0.5 where no interval is known.
    pub se: f64,
    /// The limit's verdict.
    pub verdict: Verdict,
    /// What was measured, in the unit of the bound; `None` if nothing was.
    pub observed: Option<Estimate>,
    /// The bound: microseconds for times, else as in the plan.
    pub bound: f64,
}

/// Figures of a trial's window, all samples together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrialFigures {
    /// Samples.
    pub samples: u64,
    /// Mean response time in microseconds.
    pub mean_us: Option<Estimate>,
    /// Median response time in microseconds.
    pub p50_us: Option<Estimate>,
    /// 95th percentile of response times in microseconds.
    pub p95_us: Option<Estimate>,
    /// Completions without error per second.
    pub good_per_s: Option<Estimate>,
    /// Failed over all samples.
    pub error_rate: Option<Estimate>,
}

impl Trial {
    /// The limit that is nearest to breaking, or furthest beyond its bound.
    #[must_use]
    pub fn governing(&self) -> Option<&Margin> {
        self.margins.iter().max_by(|a, b| a.y.total_cmp(&b.y))
    }

    /// ln(observed / bound) of the governing limit. Without one, the outcome gives the side.
    pub(crate) fn y(&self) -> f64 {
        let y = self.governing().map_or(0.0, |margin| margin.y);
        // A trial that broke has broken, whatever its point says (a dead server has none).
        match self.outcome {
            TrialOutcome::Fail => y.max(0.01),
            TrialOutcome::Pass if self.margins.is_empty() => -1.0,
            TrialOutcome::Pass => y.min(-0.001),
            _ => y,
        }
    }

    /// Standard error of [`Self::y`].
    pub(crate) fn se(&self) -> f64 {
        self.governing().map_or(0.5, |margin| margin.se)
    }

    /// Whether the load lies below the break, as far as one figure tells.
    pub(crate) fn lies_below(&self) -> bool {
        self.y() < 0.0
    }

    /// Seconds that were judged.
    pub(crate) fn judged_s(&self) -> f64 {
        f64::from(self.window_s) * if self.extended { 1.6 } else { 1.0 }
    }

    /// Error-free completions per second; 0 if there were none.
    pub(crate) fn good_per_s(&self) -> f64 {
        self.figures
            .good_per_s
            .as_ref()
            .map_or(0.0, |rate| rate.value)
    }

    pub(crate) fn passed(&self) -> bool {
        self.outcome == TrialOutcome::Pass
    }

    pub(crate) fn failed(&self) -> bool {
        self.outcome == TrialOutcome::Fail
    }

    /// The side of the break that it proves. A load near the break is looked at several times, so it
    /// takes more than the 95 % of one look: its figure lies [`SURE`] standard errors off the bound.
    pub(crate) fn proves(&self) -> Option<Side> {
        let sure = self.se() >= UNKNOWN_ERROR || self.y().abs() >= SURE * self.se();
        match self.outcome {
            TrialOutcome::Pass if sure => Some(Side::Carried),
            TrialOutcome::Fail if sure => Some(Side::Broken),
            _ => None,
        }
    }

    /// Whether it says anything about the server.
    pub(crate) fn counts(&self) -> bool {
        matches!(
            self.outcome,
            TrialOutcome::Pass | TrialOutcome::Fail | TrialOutcome::Inconclusive
        )
    }
}
