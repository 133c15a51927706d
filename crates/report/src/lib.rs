//! Renders an analysis as text, JSON and a one-file HTML page.
//!
//! Values in, strings out: nothing in an output depends on the clock, the locale or the machine
//! that renders it, so the same analysis gives the same bytes at the end of a run and later.

mod paths;
mod search_view;
mod text;

mod html;
mod json;
mod junit;
mod markdown;

mod answer;
mod comparison_answer;
mod effect;
mod explanation;
mod history;
mod open_answer;
mod sentence;

mod calendar;
mod limit_metric;
mod number;
mod word;

#[cfg(test)]
mod comparison_fixture;
#[cfg(test)]
mod fixture;

pub use explanation::{NotExplained, explanation, search_explanation};
pub use history::{PastRun, runs_text, trend_text};
pub use html::{comparison_html, html, search_html};
pub use json::{comparison_json, search_json, summary_json};
pub use junit::junit;
pub use markdown::markdown;
pub use paths::RunPaths;
pub use search_view::{SearchView, trial_line};
pub use text::{
    Progress, TextStyle, comparison_text, progress_event, progress_line, search_text, summary_text,
};
