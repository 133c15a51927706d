//! Results for machines: `loadline-summary/1` and `loadline-comparison/1`.
//!
//! Keys keep their order and numbers their shortest exact form, so equal analyses give equal bytes.
//! Readers must accept keys that they do not know; a key's meaning never changes within a version.

mod comparison;
mod estimate;
mod search;
mod summary;

pub use comparison::comparison_json;
pub use search::search_json;
pub use summary::summary_json;

use serde_json::Value;

/// `value` as indented text that ends with a line break.
fn pretty(value: &Value) -> String {
    // Values of strings, numbers and keys of ours always serialise.
    let mut text = format!("{value:#}");
    text.push('\n');
    text
}
