//! The compiled form of a plan: scopes merged, names resolved to slots, texts parsed.
//!
//! The engine walks a program; nothing in it is looked up by name while samples run.

mod assertions;
mod controller;
mod csv;
mod dummy;
mod extractors;
mod fifo;
mod group;
mod http;
mod http_manager;
mod modifier;
mod output;
mod processors;
mod sampler;
mod script;
mod template;
mod template_parser;
mod timer;
mod variable_source;

pub use assertions::{
    CompareAssertionProgram, ComparisonId, DurationAssertionProgram, JsonAssertionProgram,
    Md5AssertionProgram, SizeAssertionProgram, XPath2AssertionProgram, XPathAssertionProgram,
};
pub use controller::{
    Condition, ForEachProgram, Node, NodeId, NodeKind, PassCount, SamplerId, ShareProgram,
    SharedCountId, TransactionId,
};
pub use csv::{CsvId, CsvProgram};
pub use dummy::DummyProgram;
pub use extractors::{
    BoundaryProgram, HtmlProgram, JmesPathProgram, PluginJsonProgram, XPath2Program, XPathProgram,
};
pub use fifo::{FifoPopProgram, FifoPutProgram};
pub use group::GroupProgram;
pub use http::{
    HeaderManagers, HttpProgram, Identity, KeptParts, ProgramArgument, ProgramFile, says_close,
};
pub use http_manager::{
    AuthorizationProgram, CacheProgram, DnsProgram, EmbeddedProgram, ProxyProgram, SourceKind,
    SourceProgram,
};
pub use modifier::{ModifierProgram, RegexUserParametersProgram, RewritingId, UrlRewritingProgram};
pub use output::{AutoStopProgram, OutputId, OutputProgram};
pub use processors::{
    AssertionProgram, JsonProgram, NamedAssertion, PostProcessorProgram, RegexProgram,
    ResponseAssertionProgram, ScopeProgram,
};
pub use sampler::{
    LabelProgram, Number, ParallelProgram, PreProcessorProgram, SamplerKind, SamplerProgram,
    TransactionProgram,
};
pub use script::{FunctionScript, ScriptId, ScriptProgram};
pub(crate) use script::{names_sampler, parts_read_by, reads_result};
pub use template::{Call, CallId, Part, Slot, Template};
pub use template_parser::{NameResolver, TemplateError, parse_evaluated_text, parse_template};
pub use timer::{
    PreciseProgram, ShapingProgram, SynchronizingProgram, ThroughputProgram, TimerId, TimerProgram,
};
pub use variable_source::{
    AssignmentProgram, CounterProgram, PassSource, RandomProgram, SetterId, SetterProgram,
    UserParametersProgram,
};

use crate::{Location, PlanSource};

/// A compiled plan; see [`crate::compile`].
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The plan's name.
    pub name: String,
    /// The kind of source of the plan.
    pub source: PlanSource,
    /// Names of the variables, by [`Slot`].
    pub slots: Vec<Box<str>>,
    /// Number of function calls: each [`CallId`] is below it.
    pub call_count: u32,
    /// Variables that every user starts with, in the order in which they are evaluated, once.
    pub variables: Vec<VariableProgram>,
    /// Labels known before the run, by index in [`LabelProgram::Static`].
    pub labels: Vec<Box<str>>,
    /// Number of Throughput Controllers whose users count together: each [`SharedCountId`] is below
    /// it.
    pub shared_count: u32,
    /// CSV data sets, by [`CsvId`].
    pub csv: Vec<CsvProgram>,
    /// Result files of listeners, by [`OutputId`]; empty unless they are written.
    pub outputs: Vec<OutputProgram>,
    /// What ends the test by what it hears.
    pub auto_stops: Vec<AutoStopProgram>,
    /// Counters, random numbers and values for each user, by [`SetterId`].
    pub setters: Vec<SetterProgram>,
    /// Number of timers that remember something: each [`TimerId`] is below it.
    pub timer_count: u32,
    /// Thread groups in file order, of all stages.
    pub groups: Vec<GroupProgram>,
    /// Scripts of elements, by [`ScriptId`].
    pub scripts: Vec<ScriptProgram>,
    /// Scripts in calls of functions, as far as they are known before the run; each once.
    pub function_scripts: Vec<FunctionScript>,
    /// Whether texts of the plan call functions that run scripts.
    pub calls_scripts: bool,
    /// Whether texts or scripts of the plan read a user's previous result.
    pub reads_previous: bool,
    /// Whether scripts of the plan may look at the current sampler or change it.
    pub names_sampler: bool,
    /// Whether the groups of a stage run one after another.
    pub serialize_groups: bool,
    /// Whether tear-down groups also run when the test was stopped early.
    pub tear_down_on_shutdown: bool,
}

/// A user-defined variable, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableProgram {
    /// Where its value goes.
    pub slot: Slot,
    /// Its value.
    pub value: Template,
    /// Index of its list: variables of one list do not see each other.
    pub set: usize,
    /// Where it is defined.
    pub location: Location,
}
