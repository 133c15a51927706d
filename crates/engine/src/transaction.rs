//! A transaction under way: the sum of the samples inside it.

use loadline_events::{ErrorKind, Sample, SampleFlags};
use loadline_plan::program::{TransactionId, TransactionProgram};
use loadline_units::RunTime;

use crate::transaction_result::TransactionResult;

/// A transaction that a user is in.
#[derive(Clone, Debug)]
pub(crate) struct OpenTransaction {
    id: TransactionId,
    /// What is recorded of it, as far as it is known.
    sample: Sample,
    started: RunTime,
    service_us: u64,
    samples: u32,
    failed: u32,
    /// Whether the last sample inside was a failure.
    has_failed_last: bool,
    /// What listeners will hear of it, if anybody listens.
    pub(crate) heard: Option<Box<TransactionResult>>,
}

impl OpenTransaction {
    /// A transaction begun at `started`, of which `sample` will be recorded.
    pub(crate) fn new(id: TransactionId, sample: Sample, started: RunTime) -> Self {
        Self {
            id,
            sample,
            started,
            service_us: 0,
            samples: 0,
            failed: 0,
            has_failed_last: false,
            heard: None,
        }
    }

    pub(crate) fn id(&self) -> TransactionId {
        self.id
    }

    /// Adds a sample that ran inside.
    pub(crate) fn add(&mut self, inner: &Sample) {
        self.samples += 1;
        self.has_failed_last = inner.error != ErrorKind::None;
        self.failed += u32::from(self.has_failed_last);
        let sum = &mut self.sample;
        self.service_us += u64::from(inner.service_us);
        sum.connect_us = sum.connect_us.saturating_add(inner.connect_us);
        sum.network.add(&inner.network);
        sum.first_byte_us = sum.first_byte_us.saturating_add(inner.first_byte_us);
        sum.sent_bytes = sum.sent_bytes.saturating_add(inner.sent_bytes);
        sum.received_bytes = sum.received_bytes.saturating_add(inner.received_bytes);
        if inner.is_censored() {
            sum.flags = sum.flags.with(SampleFlags::CENSORED);
        }
        // The first failure is the transaction's.
        if sum.error == ErrorKind::None && inner.error != ErrorKind::None {
            sum.error = inner.error;
            sum.status = inner.status;
        }
    }

    /// It is left in its middle. The one beside its samples then is what the last of them was.
    pub(crate) fn cut_short(&mut self, program: &TransactionProgram) {
        if program.parent_sample {
            return;
        }
        if !self.has_failed_last {
            self.sample.error = ErrorKind::None;
        }
        if let Some(heard) = &mut self.heard {
            heard.cut_short(!self.has_failed_last);
        }
    }

    /// Whether a sample inside was cut off: its time is a part of what it would have been.
    pub(crate) fn is_censored(&self) -> bool {
        self.sample.is_censored()
    }

    /// What is recorded when it ends at `now`. Its time is that of the samples inside, or all of it
    /// when timers count. Status 200 says that all samples were good, as in JMeter.
    pub(crate) fn finish(&self, program: &TransactionProgram, now: RunTime) -> Sample {
        let mut sample = self.sample;
        sample.service_us = if program.include_timers {
            now.micros_since(self.started)
        } else {
            u32::try_from(self.service_us).unwrap_or(u32::MAX)
        };
        if sample.error == ErrorKind::None {
            sample.status = 200;
        } else if !program.parent_sample {
            sample.status = 0;
        }
        sample
    }

    /// JMeter's message of the transaction's own sample.
    pub(crate) fn message(&self) -> String {
        format!(
            "Number of samples in transaction : {}, number of failing samples : {}",
            self.samples, self.failed
        )
    }
}
