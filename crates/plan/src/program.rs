//! The compiled form of a plan: scopes merged, names resolved to slots, texts parsed.
//!
//! The engine walks a program; nothing in it is looked up by name while samples run.

mod http;
mod processors;
mod template;
mod template_parser;

pub use http::{HttpProgram, KeptParts, ProgramArgument, ProgramFile};
pub use processors::{
    AssertionProgram, JsonProgram, PostProcessorProgram, RegexProgram, ResponseAssertionProgram,
    ScopeProgram,
};
pub use template::{Call, CallId, Part, Slot, Template};
pub use template_parser::{NameResolver, TemplateError, parse_template};
