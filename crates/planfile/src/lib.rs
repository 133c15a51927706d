//! Reads and writes Loadline's own plans: YAML in, a [`Plan`](loadline_plan::Plan) and findings out,
//! and back.
//!
//! The text becomes a tree of nodes that know their place (`node`); the tree is read against the
//! tables in `grammar`, which say for every mapping which keys it takes. The same tables make the
//! JSON Schema, so editors and the reader agree. Reading goes on after a finding: all problems of a
//! plan come in one pass, only broken YAML syntax ends it.
//!
//! Not here: files (the caller gives their texts), variables that nobody defines (the compiler's),
//! JMeter's plans (the `jmx` crate's).

mod element;
mod grammar;
mod json_text;
mod node;
pub(crate) mod read;
mod reference;
mod schema;
mod similar;
mod target;
mod write;

pub use read::{FileReader, PlanReading, read_plan, read_plan_with};
pub use schema::json_schema;
pub use write::{PlanWriting, in_our_terms, write_plan};
