//! JMeter's result files (JTL): a result as a CSV line or an XML element, and back; the figures of
//! its dashboard.
//!
//! Values in, texts out: [`SaveConfig`] says what a file holds, [`ResultFormat`] writes its pieces,
//! [`read_results`] takes a file apart, [`ResultChunks`] does it in pieces for several threads,
//! [`Statistics`] sums up.
//!
//! Source: JMeter 5.6.3, `SampleSaveConfiguration`, `CSVSaveService`, `SampleResultConverter`,
//! `HTTPResultConverter`, `ResultCollector`. Not here: files, and when they are written.

mod chunks;
mod format;
mod read;
mod save;
mod statistics;

mod csv;
mod csv_chunks;
mod csv_columns;
#[cfg(test)]
mod csv_tests;
mod xml;
mod xml_chunks;
mod xml_cutter;
mod xml_result;

pub use chunks::{ResultChunk, ResultChunks};
pub use format::ResultFormat;
pub use read::{ReadError, read_results};
pub use save::{MakePattern, SaveConfig, SaveError, Timestamp};
pub use statistics::{Percentiles, Statistics};
