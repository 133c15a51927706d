//! Dummy Samplers: samples of a plugin that are made up.

use crate::Text;

/// A Dummy Sampler. Its texts are evaluated each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DummySampler {
    /// Whether the user waits for the response time; otherwise it is told only.
    pub waits: bool,
    /// Whether the sample is good: `true` in any case.
    pub success: Text,
    /// Response code.
    pub code: Text,
    /// Response message.
    pub message: Text,
    /// What is said to have been sent.
    pub request: Text,
    /// Response body.
    pub body: Text,
    /// Response time in whole milliseconds; a text that is no number is 0, here and below.
    pub response_time_ms: Text,
    /// Time to the first byte in whole milliseconds.
    pub latency_ms: Text,
    /// Time to connect in whole milliseconds.
    pub connect_ms: Text,
    /// URL.
    pub url: Text,
}
