//! AutoStops: end the test when a mean of a second is above its bound for long enough.
//!
//! Source: `AutoStop` of jmeter-plugins-extras 1.4.0, as it works without a window: what is under way is
//! aborted. Seconds are those of the wall clock. A second is judged when the first result of a later
//! one comes, and a second without a result is none.
//!
//! Not here: who hears which results.

use std::sync::{Arc, Mutex, PoisonError};

use loadline_events::{SampleResult, StopReason};
use loadline_plan::program::OutputId;
use loadline_units::{Clock as _, RunTime};

use crate::RunClock;
use crate::control::RunControl;

/// The bounds of one AutoStop, evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AutoStopBounds {
    response_time: Bound,
    latency: Bound,
    errors: Bound,
}

/// A bound as the plan has it, for messages, and its meaning.
#[derive(Clone, Debug, PartialEq)]
struct Bound {
    text: String,
    time: String,
    /// Not above 0 for none.
    most: f64,
    seconds: i64,
}

impl AutoStopBounds {
    /// By the texts of the plan, each a bound and its time.
    pub(crate) fn new(
        response_time: [String; 2],
        latency: [String; 2],
        errors: [String; 2],
    ) -> Self {
        let whole = |text: &str| f64::from(text.parse::<i32>().unwrap_or(0));
        // Java has it in single precision.
        let share = |text: &str| f64::from(text.trim().parse::<f32>().unwrap_or(0.0) / 100.0);
        Self {
            response_time: Bound::new(response_time, whole),
            latency: Bound::new(latency, whole),
            errors: Bound::new(errors, share),
        }
    }
}

impl Bound {
    fn new([text, time]: [String; 2], most: impl Fn(&str) -> f64) -> Self {
        let seconds = time.parse::<i32>().ok().filter(|seconds| *seconds > 0);
        Self {
            most: most(&text),
            seconds: seconds.map_or(1, i64::from),
            text,
            time,
        }
    }
}

/// The AutoStops of a run, shared by its engine threads.
#[derive(Debug, Default)]
pub(crate) struct AutoStops {
    stops: Vec<(AutoStopBounds, Mutex<Heard>)>,
    /// Why the first of them ended the test.
    reason: Mutex<Option<String>>,
}

/// What one has heard.
#[derive(Debug, Default)]
struct Heard {
    /// The present second.
    second: i64,
    response_time: Mean,
    latency: Mean,
    errors: Mean,
}

/// A mean of the present second, and since when it was not above its bound.
#[derive(Debug, Default)]
struct Mean {
    value: f64,
    count: f64,
    since: i64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.value = (self.value * self.count + value) / (self.count + 1.0);
        self.count += 1.0;
    }

    /// A new second, `now`, begins: whether the mean was above `bound` for long enough.
    fn turn(&mut self, bound: &Bound, now: i64) -> bool {
        let value = std::mem::take(&mut self.value);
        self.count = 0.0;
        if bound.most <= 0.0 {
            return false;
        }
        if value > bound.most {
            return now - self.since >= bound.seconds;
        }
        self.since = now;
        false
    }
}

impl Heard {
    /// Hears a result in the second `now`; why the test is to end.
    fn hear(&mut self, bounds: &AutoStopBounds, now: i64, result: &SampleResult) -> Option<String> {
        let mut reason = None;
        if self.second != now {
            self.second = now;
            let means = [
                (
                    "Average Response Time is",
                    &mut self.response_time,
                    &bounds.response_time,
                ),
                (
                    "Average Latency Time is",
                    &mut self.latency,
                    &bounds.latency,
                ),
                ("Error rate", &mut self.errors, &bounds.errors),
            ];
            for (what, mean, bound) in means {
                if mean.turn(bound, now) {
                    let Bound { text, time, .. } = bound;
                    let said =
                        format!("{what} more than {text} for {time}s. Auto-shutdown test...");
                    reason.get_or_insert(said);
                }
            }
        }
        self.response_time
            .add((result.ended_ms - result.started_ms) as f64);
        self.latency.add(result.latency_ms as f64);
        self.errors.add(if result.success { 0.0 } else { 1.0 });
        reason
    }
}

impl AutoStops {
    pub(crate) fn new(bounds: &[AutoStopBounds]) -> Self {
        let stops = bounds
            .iter()
            .map(|bounds| (bounds.clone(), Mutex::default()));
        Self {
            stops: stops.collect(),
            reason: Mutex::default(),
        }
    }

    /// Why the test was ended, if it was.
    pub(crate) fn reason(&self) -> Option<String> {
        (self.reason.lock().unwrap_or_else(PoisonError::into_inner)).clone()
    }

    fn hear(&self, id: OutputId, now: i64, result: &SampleResult) -> bool {
        let Some((bounds, heard)) = id.auto_stop().and_then(|index| self.stops.get(index)) else {
            return false;
        };
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(reason) = heard.hear(bounds, now, result) else {
            return false;
        };
        let mut first = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(reason);
        true
    }
}

/// The AutoStops as one engine thread tells them of results.
pub(crate) struct AutoStopWatch {
    pub(crate) stops: Arc<AutoStops>,
    pub(crate) clock: RunClock,
    pub(crate) control: RunControl,
}

impl AutoStopWatch {
    /// Tells the AutoStops `heard_by` of a result; `wall_ms` is the wall clock at an instant of the run.
    pub(crate) fn hear(
        &self,
        result: &SampleResult,
        heard_by: &[OutputId],
        wall_ms: impl Fn(RunTime) -> i64,
    ) {
        if heard_by.is_empty() {
            return;
        }
        let now = wall_ms(self.clock.now()).div_euclid(1000);
        for id in heard_by {
            if self.stops.hear(*id, now, result) {
                self.control.stop_now(StopReason::Plan);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(response_time: [&str; 2], latency: [&str; 2], errors: [&str; 2]) -> AutoStopBounds {
        let owned = |texts: [&str; 2]| texts.map(str::to_owned);
        AutoStopBounds::new(owned(response_time), owned(latency), owned(errors))
    }

    fn result(elapsed_ms: i64, latency_ms: i64, success: bool) -> SampleResult {
        SampleResult {
            started_ms: 1000,
            ended_ms: 1000 + elapsed_ms,
            latency_ms,
            success,
            ..SampleResult::default()
        }
    }

    /// The second in which `results`, each with the second in which it comes, end the test.
    fn ends(bounds: &AutoStopBounds, results: &[(i64, SampleResult)]) -> Option<i64> {
        let mut heard = Heard::default();
        let ends =
            |(second, result): &&(i64, SampleResult)| heard.hear(bounds, *second, result).is_some();
        let mut results = results.iter();
        results.find(ends).map(|(second, _)| *second)
    }

    #[test]
    fn a_mean_above_its_bound_for_so_many_seconds_ends_the_test() {
        let bounds = bounds(["100", "3"], ["", ""], ["0", "1"]);
        let slow = |second| (second, result(101, 0, false));
        let fast = |second| (second, result(99, 0, true));
        // The first second cannot be told from those before the test.
        assert_eq!(
            ends(&bounds, &[fast(10), slow(11), slow(12), slow(13)]),
            None
        );
        let all = [fast(10), slow(11), slow(12), slow(13), slow(14)];
        assert_eq!(ends(&bounds, &all), Some(14));
        // A good second in between starts it anew, and it is the mean that counts.
        let all = [fast(10), slow(11), fast(12), slow(13), slow(14), slow(15)];
        assert_eq!(ends(&bounds, &all), None);
        let all = [
            slow(10),
            fast(10),
            slow(11),
            fast(11),
            slow(19),
            fast(19),
            fast(30),
        ];
        assert_eq!(ends(&bounds, &all), None);
    }

    #[test]
    fn errors_and_latency_have_bounds_of_their_own() {
        let errors = bounds(["0", "1"], ["", ""], ["49.5", "1"]);
        let results = |good: [bool; 2]| {
            let of = |second: i64| good.map(|good| (second, result(5, 5, good)));
            [of(1), of(2), of(3)].concat()
        };
        assert_eq!(ends(&errors, &results([true, true])), None);
        assert_eq!(ends(&errors, &results([true, false])), Some(2));
        let latency = bounds(["x", ""], ["4", ""], ["", ""]);
        assert_eq!(ends(&latency, &results([true, true])), Some(2));
    }
}
