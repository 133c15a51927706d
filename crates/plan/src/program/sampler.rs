//! Samplers and transactions with everything that is in their scope.

use std::sync::Arc;

use super::{
    DummyProgram, FifoPopProgram, HttpProgram, KeptParts, ModifierProgram, NamedAssertion, NodeId,
    OutputId, PostProcessorProgram, ScriptId, SetterId, Template, TimerProgram,
};
use crate::{DebugSampler, FlowAction, Location};

/// A compiled sampler.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplerProgram {
    /// Its label.
    pub label: LabelProgram,
    /// What it does.
    pub kind: SamplerKind,
    /// Pre-processors in scope, in the order in which they run, before the timers.
    pub pre_processors: Vec<PreProcessorProgram>,
    /// How long the request may take, in milliseconds; the shortest one above 0 counts.
    pub timeouts: Vec<Template>,
    /// Names of the queues out of which its own texts take theirs (`__fifoPop`), one for each call.
    pub pops: Vec<Template>,
    /// What sets variables again behind it, for the samplers that follow.
    pub setters_behind: Vec<SetterId>,
    /// Timers in scope, innermost first. Each is asked for its delay before the sampler runs; the
    /// user sleeps once, for the sum.
    pub timers: Vec<TimerProgram>,
    /// Post-processors in scope, in the order in which they run.
    pub post_processors: Vec<Arc<PostProcessorProgram>>,
    /// Assertions in scope, in the order in which they judge.
    pub assertions: Vec<Arc<NamedAssertion>>,
    /// Result files whose listeners are in scope.
    pub outputs: Arc<[OutputId]>,
    /// Scripts that hear its finished result, in the order in which they run.
    pub listeners: Vec<ScriptId>,
    /// What a failed sample does, beside what its thread group says; innermost first.
    pub on_failure: Vec<FlowAction>,
    /// Where it is defined.
    pub location: Location,
}

/// A compiled pre-processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreProcessorProgram {
    /// Sets variables.
    Setter(SetterId),
    /// Runs a script, which may change the request.
    Script(ScriptId),
    /// Changes the request.
    Modifier(Arc<ModifierProgram>),
    /// Takes a text out of a queue.
    FifoPop(Arc<FifoPopProgram>),
}

/// What a sampler does.
#[derive(Clone, Debug, PartialEq)]
pub enum SamplerKind {
    /// Sends an HTTP request. Users share it, until a pre-processor changes it for one of them.
    Http(Arc<HttpProgram>),
    /// Waits; produces no sample.
    Pause(TimerProgram),
    /// Makes a sample up.
    Dummy(Box<DummyProgram>),
    /// Sets variables; produces no sample.
    Set(SetterId),
    /// Lists what the user knows, without a request.
    Debug {
        /// What is listed.
        lists: DebugSampler,
        /// Which parts of the sample are read.
        keep: KeptParts,
    },
    /// Makes a sample by a script.
    Script {
        /// The script.
        id: ScriptId,
        /// Which parts of the sample are read.
        keep: KeptParts,
    },
    /// Does something to the user's way; produces no sample.
    Flow(FlowAction),
    /// Runs what is below it at the same time.
    Parallel(ParallelProgram),
}

/// A compiled Parallel Controller: a sampler to the one that it stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParallelProgram {
    /// Its name: JMeter's threads for its children have it.
    pub name: Template,
    /// Names of its children, in their order.
    pub items: Vec<Template>,
    /// Controllers around each of its children, in their order.
    pub branches: Vec<NodeId>,
    /// How many run at the same time; all of them without it.
    pub most: Option<u32>,
    /// Whether their samples are parts of a sample of its own.
    pub parent_sample: bool,
}

/// A compiled Transaction Controller.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionProgram {
    /// Its label.
    pub label: LabelProgram,
    /// Whether its children are sub-samples of its own sample.
    pub parent_sample: bool,
    /// Whether timers and processors count in its time.
    pub include_timers: bool,
    /// Assertions that judge the transaction's own sample; empty unless `parent_sample`.
    pub assertions: Vec<Arc<NamedAssertion>>,
    /// Result files whose listeners are in scope; empty unless `parent_sample`: a sum is heard where
    /// the user's last sampler is.
    pub outputs: Arc<[OutputId]>,
    /// Where it is defined.
    pub location: Location,
}

/// The label of a sampler or transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelProgram {
    /// Known before the run: an index into [`super::Program::labels`].
    Static(u16),
    /// Made anew for each sample.
    Dynamic(Template),
}

/// A number, known before the run or read from a text each time.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// Known.
    Fixed(f64),
    /// Evaluated each time; a text that is no number is 0.
    Text(Template),
}
