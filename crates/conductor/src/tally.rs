//! Sums of samples as JMeter's summariser has them: transactions and their parts left out.

use loadline_events::{ErrorKind, Sample, SampleFlags};

/// Sums over some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of samples.
    pub samples: u64,
    /// Samples that failed or were cut off.
    pub errors: u64,
    /// Sum of service times, in whole milliseconds each.
    pub sum_ms: u64,
    /// The least and the greatest service time, in milliseconds.
    pub range_ms: Option<(u32, u32)>,
}

impl Tally {
    pub(crate) fn add(&mut self, sample: &Sample) {
        let left_out = [SampleFlags::TRANSACTION, SampleFlags::PART];
        if left_out.iter().any(|flag| sample.flags.contains(*flag)) {
            return;
        }
        let time_ms = sample.service_us / 1000;
        self.merge(Tally {
            samples: 1,
            errors: u64::from(sample.error != ErrorKind::None),
            sum_ms: time_ms.into(),
            range_ms: Some((time_ms, time_ms)),
        });
    }

    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: Tally) {
        self.samples += other.samples;
        self.errors += other.errors;
        self.sum_ms += other.sum_ms;
        self.range_ms = match (self.range_ms, other.range_ms) {
            (Some((least, most)), Some((lower, higher))) => {
                Some((least.min(lower), most.max(higher)))
            }
            (known, other) => known.or(other),
        };
    }
}
