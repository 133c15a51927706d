//! Pacing: the time between the starts of two iterations of a user.

use std::time::Duration;

use loadline_plan::{
    Element, ElementKind, Sampler, ThreadGroup, ThroughputBasis, ThroughputTimer, Timer,
};

use super::Terms;

impl Terms {
    /// A Constant Throughput Timer for each user by itself, below the group's first step: it holds the
    /// step back until the pace is due, and never catches up.
    pub(super) fn pace(&mut self, group: &mut ThreadGroup, pacing: Duration) {
        let pacing_ms = pacing.as_millis();
        if pacing_ms == 0 {
            return;
        }
        if !pacing.subsec_nanos().is_multiple_of(1_000_000) {
            let what = format!(
                "the pacing of group `{}` is no whole milliseconds",
                group.name
            );
            self.refuse(&group.location, what, "write whole milliseconds");
            return;
        }
        let first = group.children.iter_mut().find(|element| {
            matches!(
                element.kind,
                ElementKind::Sampler(_) | ElementKind::Controller(_)
            )
        });
        let first = first.filter(|element| {
            matches!(
                element.kind,
                ElementKind::Sampler(Sampler::Http(_) | Sampler::Pause(_))
            )
        });
        let Some(first) = first else {
            let what = format!(
                "group `{}` is paced and does not begin with a request or a pause, which JMeter \
                 could hold back",
                group.name
            );
            let help = "begin its steps with a request, or with `- think: 0`";
            self.refuse(&group.location, what, help);
            return;
        };
        // JMeter rounds the quotient back to the same milliseconds.
        let per_minute = 60_000.0 / pacing_ms as f64;
        let location = first.location.clone();
        first.children.push(Element {
            name: "pacing".into(),
            kind: ElementKind::Timer(Timer::Throughput(ThroughputTimer {
                per_minute: per_minute.to_string().into(),
                basis: ThroughputBasis::User,
            })),
            children: Vec::new(),
            location,
        });
    }
}
