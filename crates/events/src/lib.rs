//! What a run says: samples, worker seconds (the generator's own health), server readings, phases.
//!
//! Plain values with units in their names; who records, merges, stores or judges them is elsewhere.

mod phase;
mod reading;
mod result;
mod sample;
mod script_line;
mod worker;

pub use phase::{Phase, StopReason};
pub use reading::{Reading, Signal};
pub use result::{AssertionResult, SampleResult, TRANSACTION_MESSAGE};
pub use sample::{ErrorKind, LabelId, NetworkTimes, Sample, SampleFlags, SendOrWait, StepId};
pub use script_line::{ScriptLevel, ScriptLine};
pub use worker::WorkerSecond;
