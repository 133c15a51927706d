//! A test plan as data.
//!
//! Readers (`jmx`, `planfile`) build a [`Plan`]: a tree of elements with JMeter's names and scope
//! rules, whose texts may hold `${references}`. Compiling turns it into a flat [`program`] with
//! scopes merged and names resolved, which the engine runs. Problems are [`Diagnostic`]s, all found
//! in one pass.
//!
//! Not here: reading files (the readers are given text), running anything.

mod assertion;
mod auto_stop;
mod compatibility;
mod compile;
mod diagnostic;
mod dummy;
mod element;
mod extractor;
mod fifo;
pub mod function_table;
mod http;
mod http_manager;
mod limit;
mod limit_parser;
mod load;
mod modifier;
mod named_files;
mod native_load;
mod pacing;
mod places;
mod plan;
pub mod program;
mod script;
mod variable_source;

pub use assertion::{
    CompareAssertion, DurationAssertion, JsonAssertion, JsonAssertionKind, Md5Assertion,
    SizeAssertion, SizeRule, SizedPart, XPath2Assertion, XPathAssertion,
};
pub use auto_stop::AutoStop;
pub use compatibility::{Compatibility, Standing};
pub use compile::{CompileInputs, MAX_LABELS, compile};
pub use diagnostic::{Diagnostic, Location, Severity};
pub use dummy::DummySampler;
pub use element::{
    Assertion, Config, Controller, CookieManager, CsvDataSet, Element, ElementKind, FlowAction,
    ForEach, IfCondition, Interleave, JsonExtractor, LoopCount, MatchRule, OutputFile,
    PostProcessor, RegexExtractor, ResponseAssertion, ResponseField, Sampler, Scope, ShareMode,
    ThroughputLimit, Timer, UserCookie,
};
pub use element::{DebugSampler, PreProcessor};
pub use extractor::{
    BoundaryExtractor, HtmlExtractor, HtmlReading, JmesPathExtractor, PluginJsonExtractor,
    XPath2Extractor, XPathExtractor,
};
pub use fifo::{FifoPop, FifoPut};
pub use http::{HttpArgument, HttpFile, HttpRequest, HttpStreams, HttpVersion};
pub use http_manager::{
    AuthMechanism, Authorization, CacheManager, DnsCacheManager, KeystoreConfig,
};
pub use limit::{Comparison, LabelSelection, Limit, LoadCondition, LoadUnit, Metric, TimeKind};
pub use limit_parser::{LimitError, parse_limit, pattern_matches};
pub use load::{ArrivalRow, ArrivalUsers, Load, ScheduledThreads, UltimateRow};
pub use modifier::{RegexUserParameters, UrlRewriting};
pub use named_files::named_files;
pub use native_load::{LoadStage, NativeLoad};
pub use pacing::{
    PreciseThroughputTimer, ShapingTimer, ShapingTimerRow, SynchronizingTimer, ThroughputBasis,
    ThroughputTimer,
};
pub use plan::{OnSampleError, Plan, PlanSource, ServerSource, Stage, Text, ThreadGroup, Variable};
pub use script::{ScriptElement, ScriptFamily, ScriptRole};
pub use variable_source::{Counter, RandomVariable, UserParameters};
