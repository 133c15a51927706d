//! One module a command.

pub(crate) mod backend;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod compare_servers;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod import;
pub(crate) mod jmeter;
pub(crate) mod monitor;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod script;
