//! Where an engine thread's samples go.

use loadline_events::{Sample, ScriptLine, WorkerSecond};

/// Takes what an engine thread records. Called on the engine's own thread: it must not block, wait
/// for a lock or touch a disk.
pub trait Sink: 'static {
    /// Takes a block of samples, in the order in which they ended.
    ///
    /// Returns how many of them had to be dropped; a figure above zero reaches the verdict.
    fn samples(&self, block: Vec<Sample>) -> u64;

    /// An empty block with room for `count` samples, one that was handed over before if there is such
    /// a one: memory that goes from thread to thread without end is slow to come back.
    fn spare_block(&self, count: usize) -> Vec<Sample> {
        Vec::with_capacity(count)
    }

    /// Takes the thread's account of one second.
    fn second(&self, second: WorkerSecond);

    /// Takes the text of a failed sample. The engine sends a bounded number of them.
    fn failure(&self, failure: FailureNote);

    /// Takes lines that scripts have logged and printed; a bounded number of each second.
    fn script_lines(&self, _lines: Vec<ScriptLine>) {}
}

/// The text that belongs to a failed sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureNote {
    /// The sample.
    pub sample: Sample,
    /// JMeter's response code: the status, or `Non HTTP response code: ...`.
    pub code: String,
    /// What happened, or the beginning of the response body for a failed status, in one line of at
    /// most 200 characters.
    pub message: String,
}
