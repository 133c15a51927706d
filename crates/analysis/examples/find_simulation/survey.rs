//! Many searches on one system, summed up.

use std::collections::BTreeMap;
use std::fmt;

use loadline_analysis::{SearchSettings, SearchStatus, Unknown};
use loadline_plan::LoadUnit;

use super::station::Chance;
use super::systems::{Flaw, System};
use super::world::World;

/// What many searches on one system gave.
pub(crate) struct Survey {
    pub(crate) name: &'static str,
    pub(crate) truth: f64,
    pub(crate) searches: usize,
    /// Answers that are right: intervals that held the truth, or the reason why there is none.
    pub(crate) holding: usize,
    /// Relative widths of the intervals, ascending.
    pub(crate) widths: Vec<f64>,
    /// Relative distances of their middles from the truth, ascending.
    pub(crate) biases: Vec<f64>,
    /// Numbers of trials, ascending.
    pub(crate) trials: Vec<usize>,
    /// Seconds of load, and of the whole search, ascending.
    pub(crate) load_s: Vec<f64>,
    pub(crate) total_s: Vec<f64>,
    /// How searches ended: how many, and how many of their intervals missed the truth.
    pub(crate) ends: BTreeMap<String, (usize, usize)>,
}

/// The settings of a search on `system`; its first load varies with the seed.
pub(crate) fn settings(system: &System, seed: u64) -> SearchSettings {
    let max = system.max * (1.0 + 3.0 * Chance::new(seed ^ 0x5EED).unit());
    let max = if system.unit == LoadUnit::Users {
        max.round()
    } else {
        max
    };
    SearchSettings {
        unit: system.unit,
        from: max / 256.0,
        max,
        hold_s: SearchSettings::HOLD_S,
        precision: SearchSettings::PRECISION,
        max_trials: SearchSettings::MAX_TRIALS,
        budget_s: None,
        time_bound_s: system.bound_s,
    }
}

/// Makes `searches` searches with seeds from `first_seed` on.
pub(crate) fn survey(system: &System, searches: usize, first_seed: u64) -> Survey {
    let mut survey = Survey {
        name: system.name,
        truth: system.truth,
        searches,
        holding: 0,
        widths: Vec::new(),
        biases: Vec::new(),
        trials: Vec::new(),
        load_s: Vec::new(),
        total_s: Vec::new(),
        ends: BTreeMap::new(),
    };
    for seed in first_seed..first_seed + searches as u64 {
        let settings = settings(system, seed);
        let (found, so_far) = World::new(*system, seed).search(&settings);
        let mut holds = (system.flaw).is_some_and(|flaw| names(flaw, &found.status));
        if system.truth > 0.0
            && let (SearchStatus::Found, Some(low), Some(high)) =
                (found.status, found.carried, found.broken)
        {
            holds = low <= system.truth && system.truth <= high;
            survey.widths.push((high - low) / system.truth);
            survey
                .biases
                .push(f64::midpoint(low, high) / system.truth - 1.0);
        }
        survey.holding += usize::from(holds);
        survey.trials.push(so_far.trials.len());
        let load = so_far
            .trials
            .iter()
            .map(|trial| trial.ended_s - trial.started_s)
            .sum();
        survey.load_s.push(load);
        survey
            .total_s
            .push(so_far.trials.last().map_or(0.0, |trial| trial.ended_s));
        let end = match (found.status, found.stopped_by) {
            (SearchStatus::Found, None) => format!("{:?}", found.method.expect("found somehow")),
            (SearchStatus::Found, Some(by)) => format!("by {by:?}"),
            (SearchStatus::Unknown(Unknown::Decays { .. }), _) => "Decays".to_owned(),
            (SearchStatus::Unknown(Unknown::NotRecovered { .. }), _) => "NotRecovered".to_owned(),
            (SearchStatus::Unknown(Unknown::NotMonotone { .. }), _) => "NotMonotone".to_owned(),
            (status, by) => format!("{status:?} {by:?}"),
        };
        let (count, missed) = survey.ends.entry(end).or_default();
        *count += 1;
        *missed += usize::from(!holds);
    }
    survey.widths.sort_by(f64::total_cmp);
    survey.biases.sort_by(f64::total_cmp);
    survey.load_s.sort_by(f64::total_cmp);
    survey.total_s.sort_by(f64::total_cmp);
    survey.trials.sort_unstable();
    survey
}

/// Whether the answer says why there is no capacity.
const fn names(flaw: Flaw, status: &SearchStatus) -> bool {
    match flaw {
        Flaw::Leaks => matches!(status, SearchStatus::Unknown(Unknown::Decays { .. })),
        Flaw::StaysDown => matches!(status, SearchStatus::Unknown(Unknown::NotRecovered { .. })),
    }
}

/// The value at the share `q` of the way through ascending values; NaN is no value of ours.
pub(crate) fn at(values: &[f64], q: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    values
        .get((q * last as f64).round() as usize)
        .copied()
        .unwrap_or(0.0)
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: f64| 100.0 * part;
        write!(
            f,
            "{:22} {:7.1} {:5.0}% {:5.1}% {:5.1}% {:+5.1}% {:5} {:5} {:7.0} {:6.0} ",
            self.name,
            self.truth,
            percent(self.holding as f64 / self.searches as f64),
            percent(at(&self.widths, 0.5)),
            percent(at(&self.widths, 0.95)),
            percent(at(&self.biases, 0.5)),
            self.trials[self.trials.len() / 2],
            self.trials.last().copied().unwrap_or(0),
            at(&self.load_s, 0.5),
            at(&self.total_s, 0.5),
        )?;
        for (end, (count, missed)) in &self.ends {
            write!(f, " {end} {count}")?;
            if *missed > 0 {
                write!(f, " ({missed} wrong)")?;
            }
        }
        Ok(())
    }
}

/// The load at which the limit breaks, by halving between loads that are simulated for long. A
/// system that collapses by chance breaks where half of its runs of five minutes do.
pub(crate) fn find_truth(system: &System) -> f64 {
    let knife_edge = system.collapse.is_some() || system.name.starts_with("USL");
    let (runs, seconds) = if knife_edge {
        (15, 300.0)
    } else {
        (3, 2_000_000.0 / system.max)
    };
    let breaks = |load: f64| {
        let broken = (0..runs).filter(|run| {
            let (p95, errors) = World::new(*system, 1_000 + run).steady(load, seconds);
            system.bound_s.map_or(errors > 0.1, |bound| p95 >= bound)
        });
        2 * broken.count() as u64 > runs
    };
    let (mut low, mut high) = (system.max / 256.0, system.max);
    while high / low > 1.001 {
        let middle = (low * high).sqrt();
        if breaks(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    (low * high).sqrt()
}
