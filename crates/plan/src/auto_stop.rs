//! The AutoStop listener of the jpgc plugins: ends the test when what it hears is bad for long enough.

use crate::Text;

/// Bounds of an AutoStop. A bound that is no number above 0 is none; a time that is none is 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutoStop {
    /// Greatest mean service time of a second, in whole milliseconds.
    pub response_time_ms: Text,
    /// For how many whole seconds it must be above it.
    pub response_time_s: Text,
    /// Greatest mean time to the first byte of a second, in whole milliseconds.
    pub latency_ms: Text,
    /// For how many whole seconds it must be above it.
    pub latency_s: Text,
    /// Greatest share of failed results of a second, in percent.
    pub error_percent: Text,
    /// For how many whole seconds it must be above it.
    pub error_s: Text,
}
