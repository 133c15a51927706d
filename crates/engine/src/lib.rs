//! Virtual users in time: controllers, timers, processors and the sampler trait.
//!
//! A protocol implements [`Sampler`]; the engine walks a compiled program for each virtual user,
//! asks the sampler for an [`Outcome`], lets processors read it and hands the sample to a [`Sink`].
//! One engine thread per core, nothing shared on the path of a sample.

mod run;

mod group;
mod lineup;
mod pool;
mod user;
mod walk;
mod worker;

mod address;
mod arrival_timer;
mod chance;
mod clock;
mod control;
mod delay;
mod labels;
mod prepare;
mod record;
mod recorder;
mod transaction;

mod sampler;
mod scope;
mod sink;
mod variables;

pub mod csv;
pub mod functions;

pub use clock::RunClock;
pub use control::{LiveFigures, RunControl};
pub use labels::{LabelNames, OTHER_LABEL};
pub use lineup::OnPhase;
pub use prepare::{DataFile, PrepareInputs, PreparedRun, prepare};
pub use recorder::BLOCK_SAMPLES;
pub use run::{EngineOptions, EngineReport, RunningEngine, StartError, run_on_this_thread};
pub use sampler::{IterationStart, Outcome, Response, SampleError, Sampler, SubSample};
pub use scope::{Scope, UserIdentity};
pub use sink::{FailureNote, Sink};
pub use variables::{SlotNames, Variables};
