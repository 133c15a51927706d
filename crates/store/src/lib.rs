//! Run folders: the samples log, series, manifest and their recovery.
//!
//! ```text
//! manifest.json   what was run, steps, limits, servers; rewritten at turning points
//! plan/           the plan as given
//! samples/        one row a sample, in columns, compressed, checksummed
//! series/         per second × step × label, the generator's account, server readings
//! log.jsonl       turning points
//! search.json     of a search: what was asked and tried; its trials are run folders below
//! ```
//!
//! Everything is written as the run goes and only ever appended, so after a kill all but the last
//! second is read back. Invariant: what is read is what was written, or an error that says where.
//!
//! Not here: what figures mean, and who renders them.

mod error;
mod folder;
mod frame;
mod log;
mod manifest;
mod reader;
mod samples;
mod search;
mod series;
mod wire;
mod writer;

pub use error::StoreError;
pub use folder::{
    MANIFEST_FILE, REPORT_FILE, SUMMARY_FILE, create_folder, create_search_folder, folder_name,
};
pub use manifest::{Manifest, ServerFacts};
pub use reader::{StoredRun, read_run, read_samples};
pub use search::{ProbesPart, RecoveryPart, SEARCH_FILE, SearchFile, TrialPart};
pub use writer::RunWriter;
