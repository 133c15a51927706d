//! Text for terminals, tickets and logs: the summary, the comparison and the progress line.

mod columns;
mod comparison;
mod findings;
mod progress;
mod search;
mod style;
mod summary;

pub use comparison::comparison_text;
pub use progress::{Progress, progress_event, progress_line};
pub use search::search_text;
pub use style::TextStyle;
pub use summary::summary_text;
