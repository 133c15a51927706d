//! One-file HTML pages: the report of a run and the comparison of two.
//!
//! A page opens offline, needs no script to be read, and runs nothing that is not in it: its
//! content security policy allows one style sheet and one script by their hashes.

mod comparison;
mod report;
mod search;

mod answers;
mod cause;
mod curves;
mod errors;
mod event;
mod explain;
mod files;
mod forest;
mod heat;
mod labels;
mod limits;
mod load;
mod load_axis;
mod network;
mod server;
mod spread;
mod steps;
mod story;
mod trust;

mod axis;
mod icon;
mod markup;
mod page;
mod plot;
mod sheet;
mod table;

pub use comparison::comparison_html;
pub use report::html;
pub use search::search_html;
