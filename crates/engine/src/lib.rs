//! Virtual users in time: controllers, timers, processors and the sampler trait.
//!
//! A protocol implements [`Sampler`]; the engine walks a compiled program for each virtual user,
//! asks the sampler for an [`Outcome`], lets processors read it and hands the sample to a [`Sink`].
//! One engine thread per core, nothing shared on the path of a sample.
//!
//! [`prepare`] evaluates what is evaluated once; [`RunningEngine::start`] starts the threads, and
//! [`RunningEngine::join`] waits for the [`EngineReport`]. A [`RunControl`] stops the run and shows
//! its live figures. [`run_on_this_thread`] does the same in virtual time, for tests.
//!
//! Not here: protocols, when users and arrivals are due (the schedule), what becomes of samples.

mod run;

mod group;
mod lineup;
mod lookahead;
mod pool;
mod steering;
mod user;
mod walk;
mod worker;

mod address;
mod chance;
mod charset;
mod clock;
mod condition;
mod control;
mod coordination;
mod current_sampler;
mod debug_sample;
mod decimal_format;
mod default_proxy;
mod delay;
mod demand;
mod dummy_sample;
mod fifo;
mod file_access;
mod java_random;
mod labels;
mod listening;
mod meeting;
mod modifier;
mod pace;
mod precise_events;
#[cfg(target_os = "linux")]
mod precise_timer;
mod prepare;
mod properties;
mod record;
mod recorder;
mod scripts;
mod setter;
mod settings;
mod shaping;
mod system_properties;
mod transaction;
mod transaction_result;

mod processor_check;
mod processors;
mod result_view;
mod sampler;
mod scope;
mod section;
mod seldom;
mod sink;
mod variables;

#[cfg(test)]
mod test_user;

pub mod assertion;
mod auto_stop;
pub mod csv;
pub mod extract;
pub mod functions;

pub use address::Address;
pub use clock::RunClock;
pub use condition::{ConditionError, ConditionNames, evaluate_condition};
pub use control::{LiveFigures, RunControl};
pub use default_proxy::DefaultProxy;
pub use demand::{ConnectedUsers, ConnectionDemand, GroupDemand};
pub use file_access::{FileAccess, FileRefused};
pub use labels::{LabelNames, OTHER_LABEL, RunLabel};
pub use lineup::OnPhase;
pub use listening::{Audience, Listening, ResultListener, ResultParts};
pub use loadline_script::ScriptCookie;
pub use lookahead::{Lookahead, Position};
pub use prepare::{DataFile, PrepareInputs, PreparedRun, prepare};
pub use processor_check::check_processors;
pub use processors::Processors;
pub use recorder::BLOCK_SAMPLES;
pub use result_view::ResultView;
pub use run::{EngineOptions, EngineReport, RunningEngine, StartError, run_on_this_thread};
pub use sampler::{IterationStart, Outcome, Response, SampleError, Sampler, SubSample};
pub use scope::{Scope, UserIdentity};
pub use seldom::{Empty, Seldom};
pub use settings::{HttpWays, TlsSessions, setting_findings};
pub use sink::{FailureNote, Sink};
pub use variables::{SlotNames, Variables};
