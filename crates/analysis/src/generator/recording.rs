//! Did the recorder keep up? What was recorded late, and what not at all.
//!
//! The threads that make the load never wait for the disk: samples queue until it takes them, and are
//! dropped when the queue is full. So a slow disk bends no time; lost samples do, whatever lost them.

use loadline_events::{Phase, Signal};
use loadline_metrics::RunData;

use super::{Assessment, sum_over};
use crate::result::{HealthSignal, HealthStanding};
use crate::wording;

impl Assessment<'_> {
    /// Samples that were recorded late or dropped.
    pub(super) fn recording(&mut self) {
        let late_us = recorded_late_us(self.run);
        if let Some(late_us) = late_us {
            self.signals.push(HealthSignal {
                name: "recorder".to_owned(),
                value: format!("{} behind", wording::time(late_us as f64)),
                meaning:
                    "samples waited so long to be written, for a slow disk or lack of CPU; that \
                          adds nothing to their times"
                        .to_owned(),
                standing: HealthStanding::Warning,
                steps: Vec::new(),
            });
        }
        let queue = self
            .run
            .generator
            .iter()
            .filter_map(|reading| reading.value(Signal::RecorderQueue));
        if let Some(most) = queue.reduce(f64::max) {
            self.signals.push(HealthSignal {
                name: "recorder queue".to_owned(),
                value: wording::count(most as u64),
                meaning: "samples waited to be recorded, at most".to_owned(),
                standing: HealthStanding::Healthy,
                steps: Vec::new(),
            });
        }
        let total: u64 = self.seconds.values().map(|row| row.dropped).sum();
        let cause = if late_us.is_some() {
            ": the recorder was behind, for a slow disk or lack of CPU"
        } else {
            ""
        };
        let mut steps = Vec::new();
        for (index, step) in self.judged.iter().enumerate() {
            let dropped = sum_over(self.seconds, step.hold, |row| row.dropped);
            if dropped > 0 {
                self.trust[index].load.push(format!(
                    "{} samples were dropped before they were recorded{cause}",
                    wording::count(dropped)
                ));
                steps.push(self.run.steps[index].step);
            }
        }
        self.signals.push(HealthSignal {
            name: "samples dropped".to_owned(),
            value: wording::count(total),
            meaning: if total == 0 {
                "every sample was recorded".to_owned()
            } else {
                format!("figures miss these samples{cause}")
            },
            standing: if !steps.is_empty() {
                HealthStanding::Invalid
            } else if total > 0 {
                HealthStanding::Warning
            } else {
                HealthStanding::Healthy
            },
            steps,
        });
    }
}

/// The longest that anything waited to be recorded, if it was worth a note.
fn recorded_late_us(run: &RunData) -> Option<u64> {
    let late = run.phases.iter().filter_map(|phase| match phase {
        Phase::RecordedLate { by_us, .. } => Some(*by_us),
        _ => None,
    });
    late.max()
}
