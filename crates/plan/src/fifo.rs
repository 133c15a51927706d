//! Queues through which users hand texts to each other (Inter-Thread Communication of the jpgc
//! plugins).

use crate::Text;

/// Takes the first text out of a queue before a sampler runs; the user waits for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FifoPop {
    /// Name of the queue.
    pub queue: Text,
    /// Variable that takes the text; it is removed when the time is over.
    pub variable: Text,
    /// How long the user waits, in whole seconds; empty means without end.
    pub timeout_s: Text,
}

/// Puts a text at the end of a queue behind a sampler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FifoPut {
    /// Name of the queue.
    pub queue: Text,
    /// The text.
    pub value: Text,
}
