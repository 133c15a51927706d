//! How much one execution of a script may use.

use std::time::Duration;

/// Bounds of one execution. Passing one ends the script with a clear error that the script cannot catch.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Evaluated nodes of the program.
    pub steps: u64,
    /// Time by the host's clock, looked at every few thousand steps.
    pub time: Duration,
    /// Bytes of text and elements of collections made during the execution, counted as they are made and never given back.
    pub bytes: u64,
    /// Calls inside calls; one more is a `java.lang.StackOverflowError`.
    pub depth: u32,
    /// Bytes of the thread's stack; the error is the same.
    pub stack_bytes: usize,
    /// Bytes written with `println`, `OUT` and `log`.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            steps: 50_000_000,
            time: Duration::from_secs(30),
            bytes: 256 << 20,
            depth: 512,
            stack_bytes: 1 << 20,
            output_bytes: 1 << 20,
        }
    }
}
