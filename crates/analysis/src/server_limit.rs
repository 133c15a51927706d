//! Limits on servers: `cpu`, `memory` and `alive`.
//!
//! Readings are facts about this run, so they are compared as they are: the greatest mean of five
//! seconds, so that a single second cannot break a limit.

use loadline_events::Signal;
use loadline_plan::Metric;

use crate::limit_cell::CellVerdict;
use crate::limits::{Judgement, Place};
use crate::result::{Estimate, Reason, Verdict};
use crate::window::Whose;
use crate::wording;

/// Share of a window without readings from which a server's figure is not judged.
const LARGEST_GAP: f64 = 0.1;

impl Judgement<'_, '_> {
    /// Indexes of the servers that the limit means; pushes a cell that says so when there are none.
    fn selected_servers(&mut self) -> Vec<usize> {
        let servers = self.evidence.servers;
        let selected: Vec<usize> = (0..servers.len())
            .filter(|index| {
                self.limit
                    .server
                    .as_ref()
                    .is_none_or(|name| *name == servers[*index].series.name)
            })
            .collect();
        if selected.is_empty() {
            self.push(
                Place::default(),
                None,
                None,
                CellVerdict::new(Verdict::Inconclusive, "no such server was watched"),
            );
        }
        selected
    }

    /// Judges whether the servers were alive.
    pub(crate) fn alive(&mut self) {
        for index in self.selected_servers() {
            let life = &self.evidence.lives[index];
            let died = life.died_s.map(|at| at as u32);
            let step = died.and_then(|second| {
                (self.evidence.run.steps.iter()).rfind(|step| step.ramp_start.second() <= second)
            });
            let verdict = match life.alive {
                Some(true) => CellVerdict::new(Verdict::Pass, "alive throughout"),
                Some(false) => CellVerdict::new(Verdict::Fail, life.how.clone()),
                None => CellVerdict::new(Verdict::Inconclusive, "not watched"),
            };
            let (seen, looked) = life.readings;
            let observed = (looked > 0)
                .then(|| Estimate::bare(f64::from(seen) / f64::from(looked), Reason::NoInterval));
            self.push(
                Place {
                    label: None,
                    step: step.map(|step| step.step),
                    load: step.map(|step| step.load),
                },
                observed,
                died.map(|second| (second, second + 1)),
                verdict,
            );
        }
    }

    /// Judges the use of a resource in each selected step.
    pub(crate) fn resource(&mut self) {
        let servers = self.selected_servers();
        if servers.is_empty() {
            return;
        }
        for step in self.selected_steps() {
            for server in &servers {
                self.resource_in_step(step, *server);
            }
        }
    }

    fn resource_in_step(&mut self, index: usize, server: usize) {
        let place = self.place(index, Whose::All);
        let server = &self.evidence.servers[server];
        let Some(span) = self.evidence.judged[index].window else {
            let verdict = CellVerdict::new(Verdict::Inconclusive, "not reached");
            return self.push(place, None, None, verdict);
        };
        let (signal, peak) = if self.limit.metric == Metric::Cpu {
            let ratios = server.cpu_ratios(span);
            (Signal::CpuCores, greatest_five(&ratios))
        } else {
            (Signal::MemoryBytes, server.peak(Signal::MemoryBytes, span))
        };
        let Some(peak) = peak else {
            let verdict = CellVerdict::new(Verdict::Inconclusive, "not read");
            return self.push(place, None, Some(span), verdict);
        };
        let observed = Estimate::bare(peak, Reason::NoInterval);
        let gap = server.gap_share(signal, span);
        let verdict = if gap > LARGEST_GAP {
            CellVerdict::new(
                Verdict::Inconclusive,
                format!("{} of the readings are missing", wording::percent(gap)),
            )
        } else if self.limit.comparison.holds(peak, self.bound) {
            CellVerdict::new(Verdict::Pass, "kept by the greatest 5-s mean")
        } else {
            CellVerdict::new(Verdict::Fail, "broken by the greatest 5-s mean")
        };
        self.push(place, Some(observed), Some(span), verdict);
    }
}

/// Greatest mean of five values in a row (all, if there are fewer).
fn greatest_five(values: &[(u32, f64)]) -> Option<f64> {
    values
        .windows(5.min(values.len().max(1)))
        .map(|window| window.iter().map(|row| row.1).sum::<f64>() / window.len() as f64)
        .reduce(f64::max)
}
