//! JMeter's result files (JTL): a result as a CSV line or an XML element, and back; the figures of
//! its dashboard.
//!
//! Values in, texts out: [`SaveConfig`] says what a file holds, [`ResultFormat`] writes its pieces,
//! [`read_results`] takes a file apart, [`Statistics`] sums up.
//!
//! Source: JMeter 5.6.3, `SampleSaveConfiguration`, `CSVSaveService`, `SampleResultConverter`,
//! `HTTPResultConverter`, `ResultCollector`. Not here: files, and when they are written.

mod format;
mod read;
mod save;
mod statistics;

mod csv;
mod xml;
mod xml_pieces;

pub use format::ResultFormat;
pub use read::{ReadError, read_results};
pub use save::{MakePattern, SaveConfig, SaveError, Timestamp};
pub use statistics::{Percentiles, Statistics};
