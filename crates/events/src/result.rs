//! A sample's result as JMeter's listeners see it: what result files and dashboards are made of.
//!
//! Made only when somebody listens; what a run records of each sample is [`crate::Sample`].
//! Source: JMeter 5.6.3, `SampleResult` and `HTTPSampleResult`.

/// The result of one sample, with the results that belong to it.
///
/// Times are wall-clock milliseconds, cut as JMeter cuts them: each instant first, then their
/// difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleResult {
    /// Whether an HTTP sampler made it; others have no method, query or cookies.
    pub is_http: bool,
    /// Name of the sampler or transaction.
    pub label: String,
    /// When the sample began, in milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// When it ended, likewise.
    pub ended_ms: i64,
    /// Time between start and end that does not count, in milliseconds.
    pub idle_ms: i64,
    /// From the start to the first byte of the answer, in milliseconds; 0 without answer.
    pub latency_ms: i64,
    /// From the start until the connection was ready, in milliseconds; 0 on a kept-alive one.
    pub connect_ms: i64,
    /// Status code, or JMeter's name of the failure.
    pub code: String,
    /// Reason phrase, or what happened.
    pub message: String,
    /// Thread group, its number and the number of the user in it: `Group 1-7`.
    pub thread_name: String,
    /// `text`, `bin`, or nothing where the kind of data is unknown.
    pub data_type: String,
    /// Whether it is good, assertions included.
    pub success: bool,
    /// What the assertions in scope said, in their order.
    pub assertions: Vec<AssertionResult>,
    /// Bytes of the answer as received, headers included; of sub-results too.
    pub received_bytes: u64,
    /// Bytes of the request as sent; of sub-results too.
    pub sent_bytes: u64,
    /// Bytes of status line and headers of the answer as received; of sub-results too.
    pub header_bytes: u64,
    /// Bytes of the answer's body as received; of sub-results too.
    pub body_bytes: u64,
    /// Users of the thread group that were running when it ended.
    pub group_threads: u32,
    /// Users of all groups that were running when it ended.
    pub all_threads: u32,
    /// Samples that it stands for.
    pub sample_count: u32,
    /// How many of them failed.
    pub error_count: u32,
    /// Charset of the answer, if it says one.
    pub encoding: Option<String>,
    /// URL of the request, if there is one.
    pub url: Option<String>,
    /// Method of the request; empty without one.
    pub method: String,
    /// Body of the request.
    pub query: String,
    /// Cookies that were sent.
    pub cookies: String,
    /// Where a redirect points.
    pub redirect: Option<String>,
    /// Header lines of the request without cookies, each ended by `\n`.
    pub request_headers: String,
    /// What was sent, as JMeter prints it.
    pub sampler_data: String,
    /// Status line and header lines of the answer, each ended by `\n`.
    pub response_headers: String,
    /// Body of the answer, content encoding removed; text in UTF-8, whatever its charset was.
    pub response_data: Vec<u8>,
    /// Values of the variables that listeners asked for, in their order; `None` for one that is
    /// not set. Empty on sub-results.
    pub variables: Vec<Option<String>>,
    /// Redirects, embedded resources, or the samples of a transaction that stands for them.
    pub children: Vec<SampleResult>,
}

/// What one assertion said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssertionResult {
    /// Name of the assertion.
    pub name: String,
    /// The result is not as expected.
    pub failure: bool,
    /// The assertion itself could not be carried out.
    pub error: bool,
    /// Why; some assertions have an empty message when they hold.
    pub message: Option<String>,
}

impl SampleResult {
    /// JMeter's elapsed time, in milliseconds.
    #[must_use]
    pub fn elapsed_ms(&self) -> i64 {
        self.ended_ms - self.started_ms - self.idle_ms
    }

    /// The instant under which it is listed: that of its start, or of its end; in milliseconds since
    /// the Unix epoch.
    #[must_use]
    pub const fn timestamp_ms(&self, is_start: bool) -> i64 {
        if is_start {
            self.started_ms
        } else {
            self.ended_ms
        }
    }

    /// The first message of its assertions, whether or not that one failed, as JMeter has it.
    #[must_use]
    pub fn failure_message(&self) -> Option<&str> {
        let messages = self.assertions.iter();
        messages
            .filter_map(|assertion| assertion.message.as_deref())
            .next()
    }

    /// Whether it sums up the samples of a Transaction Controller: JMeter knows it by its message.
    #[must_use]
    pub fn is_transaction(&self) -> bool {
        self.message.starts_with(TRANSACTION_MESSAGE)
    }
}

/// How the message of a transaction's own result begins.
pub const TRANSACTION_MESSAGE: &str = "Number of samples in transaction : ";
