//! Virtual users in time: controllers, timers, processors and the sampler trait.
//!
//! A protocol implements [`Sampler`]; the engine walks a compiled program for each virtual user,
//! asks the sampler for an [`Outcome`], lets processors read it and hands the sample to a [`Sink`].
//! One engine thread per core, nothing shared on the path of a sample.

mod sampler;
mod scope;
mod sink;
mod variables;

pub mod functions;

pub use sampler::{IterationStart, Outcome, Response, SampleError, Sampler, SubSample};
pub use scope::{Scope, UserIdentity};
pub use sink::{FailureNote, Sink};
pub use variables::{SlotNames, Variables};
