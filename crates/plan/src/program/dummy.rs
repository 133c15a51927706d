//! A Dummy Sampler, compiled.

use super::{KeptParts, Template};

/// A compiled [`crate::DummySampler`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DummyProgram {
    /// Whether the user waits for the response time.
    pub waits: bool,
    /// Whether the sample is good: `true` in any case.
    pub success: Template,
    /// Response code.
    pub code: Template,
    /// Response message.
    pub message: Template,
    /// What is said to have been sent.
    pub request: Template,
    /// Response body.
    pub body: Template,
    /// Response time in whole milliseconds; a text that is no number is 0, here and below.
    pub response_time_ms: Template,
    /// Time to the first byte in whole milliseconds.
    pub latency_ms: Template,
    /// Time to connect in whole milliseconds.
    pub connect_ms: Template,
    /// URL.
    pub url: Template,
    /// Which parts of the sample are read.
    pub keep: KeptParts,
}
