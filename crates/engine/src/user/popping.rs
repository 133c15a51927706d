//! Users that wait for texts of others in queues, as think time.
//!
//! A user that waits takes up no engine thread. In JMeter its thread waits even when its load is over;
//! here the user ends with the load.

use std::rc::Rc;
use std::time::Duration;

use loadline_plan::Location;
use loadline_plan::program::{FifoPopProgram, Template};
use loadline_units::Clock as _;

use super::{Flow, User};
use crate::Sampler;

/// Seconds that the functions wait for a text, by the plugin's property; without end by default.
const TIMEOUT: &str = "kg.apc.jmeter.functions.FifoTimeout";

impl<S: Sampler> User<S> {
    /// Takes a text out of a queue into a variable. Where the user goes if that is not to its sampler.
    pub(super) async fn pop_into(
        &mut self,
        program: &FifoPopProgram,
        location: &Location,
    ) -> Option<Flow> {
        let worker = Rc::clone(&self.worker);
        let mut scope = self.own.scope(&worker, "");
        let queue = scope.text(&program.queue);
        let timeout = scope.text(&program.timeout_s);
        let Some(timeout) = seconds(&timeout) else {
            let fault = format!("{location}: time-out `{timeout}` is no whole number of seconds");
            worker.faults.note(fault);
            return Some(self.rest().await);
        };
        let Some(text) = self.pop(&queue, timeout).await else {
            return Some(Flow::End);
        };
        let mut scope = self.own.scope(&worker, "");
        let variable = scope.text(&program.variable);
        match text {
            Some(text) => scope.variables.set_by_name(&variable, &text),
            None => scope.variables.remove_by_name(&variable),
        }
        None
    }

    /// Takes out of queues what the texts of a sampler ask for; false when the user is to end.
    pub(super) async fn hold_texts(&mut self, queues: &[Template]) -> bool {
        let worker = Rc::clone(&self.worker);
        let timeout = worker.functions.run().property(TIMEOUT);
        let timeout = timeout.and_then(|text| seconds(&text)).unwrap_or_default();
        for queue in queues {
            let queue = self.own.scope(&worker, "").text(queue);
            let Some(text) = self.pop(&queue, timeout).await else {
                self.own
                    .per_user
                    .held
                    .give_back(worker.functions.run().fifos());
                return false;
            };
            self.own.per_user.held.hold(queue, text);
        }
        true
    }

    /// The first text of `queue`, for which the user waits; `Some(None)` when it does not come in time,
    /// `None` when the user is to end before.
    async fn pop(&mut self, queue: &str, timeout: Timeout) -> Option<Option<String>> {
        let worker = Rc::clone(&self.worker);
        let queue = worker.functions.run().fifos().named(queue);
        let text = queue.take();
        if text.is_some() || timeout.0 == Some(Duration::ZERO) {
            return Some(text);
        }
        let began = worker.clock.now();
        let late = timeout.0.map(|timeout| began + timeout);
        let deadline = match (late, self.end) {
            (Some(late), Some(end)) => Some(late.min(end)),
            (late, end) => late.or(end),
        };
        let text = tokio::select! {
            biased;
            text = queue.pop() => Some(Some(text)),
            going_on = self.wait_out(deadline) => (going_on && deadline == late).then_some(None),
        };
        let now = worker.clock.now();
        worker.recorder.thought(now.micros_since(began).into());
        self.ready_at = self.ready_at.max(now);
        text
    }
}

/// How long a user waits; absent without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Timeout(Option<Duration>);

/// Java's `long` in whole seconds, empty without end; `None` for text that is no such number.
fn seconds(text: &str) -> Option<Timeout> {
    if text.is_empty() {
        return Some(Timeout::default());
    }
    let seconds: i64 = text.parse().ok()?;
    let seconds = u64::try_from(seconds).unwrap_or(0);
    // Beyond the longest run there is no end.
    let bound = (seconds < LONGEST_S).then(|| Duration::from_secs(seconds));
    Some(Timeout(bound))
}

/// Thirty years: longer than any run.
const LONGEST_S: u64 = 30 * 365 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_seconds() {
        let of = |text| seconds(text).map(|timeout| timeout.0);
        assert_eq!(of(""), Some(None));
        assert_eq!(of("9223372036854775807"), Some(None));
        assert_eq!(of("2"), Some(Some(Duration::from_secs(2))));
        assert_eq!(of("-1"), Some(Some(Duration::ZERO)));
        assert_eq!((of("2 "), of("soon")), (None, None));
    }
}
