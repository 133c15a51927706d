//! Reads and writes JMeter test plans (`.jmx`).
//!
//! [`plan_text`] makes text of a file's bytes, and [`read_jmx`] turns the text of a plan into a [`loadline_plan::Plan`], with one row for every
//! element of the file that says how it is treated. Meaning is that of Apache JMeter 5.6.3. What
//! cannot be run with that meaning is refused, never skipped in silence: [`element_support`] is the
//! table of the elements known.
//!
//! [`in_jmeters_terms`] puts a plan of our own into words that JMeter has, and [`write_jmx`] writes it.
//!
//! Not here: merging scopes and checking references (the plan's compiler does both), and files that
//! a plan names: of included ones it is given the text, of others it sees nothing.

mod plan_text;
mod reading;
mod support;
mod terms;
mod write;

mod document;
mod hash_tree;
mod judgement;
mod meaning;
mod properties;

mod assertion;
mod comments;
mod config;
mod controller;
mod debug_sampler;
mod extractor;
mod http;
mod http_manager;
mod listener;
mod made_up;
mod modifier;
mod pause;
mod processor;
mod script;
mod thread_group;
mod variable_source;
mod xpath2;

pub use plan_text::{PlanText, plan_text};
pub use reading::{IncludeReader, IncludedFile, JmxReading, read_jmx, read_jmx_with};
pub use support::{ElementSupport, Role, element_support};
pub use terms::{JmeterTerms, in_jmeters_terms};
pub use write::{JmxWriting, write_jmx};
