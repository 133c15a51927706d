//! The result of a transaction, as listeners hear it when it ends.
//!
//! Source: JMeter 5.6.3, `TransactionController` for the sample beside its samples,
//! `TransactionSampler` for the one that stands for them.

use loadline_events::{SampleResult, TRANSACTION_MESSAGE};
use loadline_plan::program::TransactionProgram;

/// A transaction under way, as far as listeners are concerned.
#[derive(Clone, Debug)]
pub(crate) struct TransactionResult {
    result: SampleResult,
    /// Samplers that it led to; pauses and actions count, as they do in JMeter.
    calls: u32,
    /// Controllers right inside that were through before the last of these: as JMeter asks itself
    /// for the next sampler behind each, it counts that sampler once more.
    controllers_passed: u64,
    failed: u32,
    elapsed_ms: i64,
    ending: Ending,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Behind its last child.
    Reached,
    /// In its middle: the user goes on elsewhere.
    CutShort,
    /// With its user.
    WithUser,
}

impl TransactionResult {
    /// Of the transaction `label`, begun at the wall-clock time `started_ms`.
    pub(crate) fn new(label: &str, started_ms: i64) -> Self {
        Self {
            result: SampleResult {
                label: label.to_owned(),
                started_ms,
                ended_ms: started_ms,
                success: true,
                sample_count: 1,
                ..SampleResult::default()
            },
            calls: 0,
            controllers_passed: 0,
            failed: 0,
            elapsed_ms: 0,
            ending: Ending::Reached,
        }
    }

    /// It is left in its middle, behind a sample that was good or not: it has no code then.
    pub(crate) fn cut_short(&mut self, is_good: bool) {
        self.ending = Ending::CutShort;
        self.result.success = is_good;
    }

    /// Whether it has not been left before its end.
    pub(crate) fn is_through(&self) -> bool {
        self.ending == Ending::Reached
    }

    /// One that stands for its samples ends with its user: JMeter does not sum it up then.
    pub(crate) fn end_with_user(&mut self) {
        self.ending = Ending::WithUser;
    }

    /// The user comes to a sampler inside, behind so many controllers right inside.
    pub(crate) fn called(&mut self, controllers_passed: u64) {
        self.calls += 1;
        self.controllers_passed = controllers_passed;
    }

    /// A transaction inside, which stands for its samples, ends: JMeter has a sampler for that.
    pub(crate) fn inner_ended(&mut self) {
        self.calls += 1;
    }

    /// Adds a result that listeners hear by itself too.
    pub(crate) fn add(&mut self, inner: &SampleResult) {
        let sum = &mut self.result;
        sum.thread_name.clone_from(&inner.thread_name);
        sum.group_threads = inner.group_threads;
        sum.all_threads = inner.all_threads;
        sum.latency_ms += inner.latency_ms;
        self.take(inner);
    }

    /// Takes a result in, of which listeners hear nothing else.
    pub(crate) fn adopt(&mut self, inner: SampleResult) {
        let sum = &mut self.result;
        self.calls += 1;
        if self.failed == 0 {
            sum.code.clone_from(&inner.code);
        }
        sum.ended_ms = sum.ended_ms.max(inner.ended_ms);
        sum.header_bytes += inner.header_bytes;
        sum.body_bytes += inner.body_bytes;
        self.take(&inner);
        self.result.children.push(inner);
    }

    fn take(&mut self, inner: &SampleResult) {
        let sum = &mut self.result;
        sum.received_bytes += inner.received_bytes;
        sum.sent_bytes += inner.sent_bytes;
        sum.connect_ms += inner.connect_ms;
        sum.success &= inner.success;
        self.failed += u32::from(!inner.success);
        self.elapsed_ms += inner.elapsed_ms();
    }

    /// The result when the transaction ends at the wall-clock time `now_ms`. One that stands for
    /// its samples ends with the last of them.
    pub(crate) fn finish(self, program: &TransactionProgram, now_ms: i64) -> SampleResult {
        let mut result = self.result;
        result.error_count = u32::from(!result.success);
        if self.ending == Ending::WithUser {
            result.connect_ms = 0;
            return result;
        }
        if !program.parent_sample || !program.include_timers {
            result.ended_ms = now_ms;
        }
        if !program.include_timers {
            result.idle_ms = result.ended_ms - result.started_ms - self.elapsed_ms;
        }
        result.message = format!(
            "{TRANSACTION_MESSAGE}{}, number of failing samples : {}",
            u64::from(self.calls) + self.controllers_passed,
            self.failed
        );
        if result.success && self.ending == Ending::Reached {
            "200".clone_into(&mut result.code);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(from_ms: i64, to_ms: i64, code: &str) -> SampleResult {
        SampleResult {
            started_ms: from_ms,
            ended_ms: to_ms,
            code: code.to_owned(),
            success: code == "200",
            received_bytes: 10,
            latency_ms: 2,
            thread_name: "g 1-1".to_owned(),
            ..SampleResult::default()
        }
    }

    fn program(parent_sample: bool, include_timers: bool) -> TransactionProgram {
        TransactionProgram {
            label: loadline_plan::program::LabelProgram::Static(0),
            parent_sample,
            include_timers,
            assertions: Vec::new(),
            outputs: std::sync::Arc::default(),
            location: loadline_plan::Location::default(),
        }
    }

    #[test]
    fn a_sum_ends_when_the_transaction_does() {
        let mut sum = TransactionResult::new("t", 100);
        for (from, to) in [(100, 110), (130, 150)] {
            sum.called(0);
            sum.add(&inner(from, to, "200"));
        }
        let whole = sum.clone().finish(&program(false, true), 170);
        assert_eq!((whole.elapsed_ms(), whole.idle_ms), (70, 0));
        assert_eq!((whole.latency_ms, whole.received_bytes), (4, 20));
        assert_eq!(whole.thread_name, "g 1-1");
        assert_eq!(
            whole.message,
            "Number of samples in transaction : 2, number of failing samples : 0"
        );
        let busy = sum.finish(&program(false, false), 170);
        assert_eq!((busy.elapsed_ms(), busy.idle_ms), (30, 40));
    }

    #[test]
    fn a_sampler_behind_controllers_counts_once_more_for_each() {
        let mut sum = TransactionResult::new("t", 100);
        for passed in [0, 0, 2] {
            sum.called(passed);
            sum.add(&inner(100, 110, "200"));
        }
        sum.inner_ended();
        let result = sum.finish(&program(false, true), 170);
        assert!(
            result
                .message
                .starts_with("Number of samples in transaction : 6,")
        );
    }

    #[test]
    fn what_is_cut_short_is_as_good_as_its_last_sample_and_has_no_code() {
        let mut sum = TransactionResult::new("t", 100);
        for code in ["500", "200"] {
            sum.called(0);
            sum.add(&inner(100, 110, code));
        }
        sum.cut_short(true);
        let result = sum.finish(&program(false, true), 170);
        assert_eq!((result.code.as_str(), result.success), ("", true));
        assert!(result.message.ends_with("failing samples : 1"));
    }

    #[test]
    fn a_parent_that_ends_with_its_user_is_not_summed_up() {
        let mut parent = TransactionResult::new("t", 100);
        parent.adopt(inner(100, 110, "200"));
        parent.end_with_user();
        let result = parent.finish(&program(true, false), 500);
        assert_eq!((result.code.as_str(), result.message.as_str()), ("200", ""));
        assert_eq!((result.elapsed_ms(), result.idle_ms), (10, 0));
    }

    #[test]
    fn a_parent_ends_with_its_last_sample_and_has_the_first_failure() {
        let mut parent = TransactionResult::new("t", 100);
        for (from, to, code) in [(100, 110, "200"), (130, 150, "503"), (150, 160, "404")] {
            parent.adopt(inner(from, to, code));
        }
        let result = parent.finish(&program(true, true), 500);
        assert_eq!((result.elapsed_ms(), result.latency_ms), (60, 0));
        assert_eq!((result.code.as_str(), result.success), ("503", false));
        assert_eq!(result.children.len(), 3);
        assert_eq!(
            result.message,
            "Number of samples in transaction : 3, number of failing samples : 2"
        );
    }
}
