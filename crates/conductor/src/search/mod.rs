//! A search for the greatest load that keeps the limits: makes the trials that
//! [`loadline_analysis::next_move`] asks for, and watches the server recover between them.
//!
//! Nothing is decided here. What was asked and tried is in `search.json`, what trials measured in
//! their run folders, so that a search goes on from its folder alone.

mod drive;
mod file;
mod probe;
mod trial;
mod variant;

pub use drive::{
    SearchError, SearchEvent, SearchRequest, SearchResult, TrialRun, search, stored_search,
    time_bound_s,
};
pub use variant::{SearchedLoad, VariantError, searched_load};
