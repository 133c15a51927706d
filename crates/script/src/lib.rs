//! The scripts inside JMeter plans, without a JVM: Groovy, BeanShell, JEXL and JavaScript.
//!
//! [`compile`] finds everything that is not supported before any traffic; the [`Script`] it gives is shared by all users and runs against
//! a [`Host`], which stands for JMeter's objects, files, clock and chance. The crate knows nothing of an engine.
//!
//! Reading order: `lexer`, `parser`, `ast`, `resolve` (names to slots), `interp` (the walk), `library` (the classes); `javascript` has an
//! engine of its own and shares the library.

mod args;
mod ast;
mod class;
mod decimal;
mod entries;
mod equality;
mod escape;
mod fail;
mod host;
mod interp;
mod java_properties;
mod javascript;
mod language;
mod lexer;
mod library;
mod limits;
mod memory;
mod name;
mod number;
mod parser;
mod program;
mod refusal;
mod resolve;
mod survey;
mod text;
mod value;
mod zone_names;

pub use escape::{escape_html, escape_xml, unescape_html, unescape_java};
pub use host::{
    AssertionField, FileFacts, Host, JsonPathProblem, LogLevel, NameValue, NewResult, Request,
    ResultField, ResultRole, SamplerField, ScriptCookie, ThreadField,
};
pub use interp::{Outcome, ScriptError, State, describe, java_string};
pub use java_properties::read_properties;
pub use language::Language;
pub use library::regex::java_replace_all;
pub use limits::Limits;
pub use memory::{MemoryHost, MemoryResult, MemorySampler};
pub use program::{Script, compile};
pub use refusal::{Refusal, RefusalKind};
pub use value::{Map, Value};
pub use zone_names::zone_abbreviation;
