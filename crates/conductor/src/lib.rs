//! One run from start to end, and a search made of such runs.
//!
//! [`inspect`] finds everything that can be found before traffic; [`start`] makes the run: it creates
//! the run folder, starts engine and monitor, records what they say, and ends everything in order:
//! stop arrivals → graceful stop → cancel users → drain events → close the folder.
//!
//! [`search`] makes run after run until the greatest load that keeps the limits is known.
//!
//! Not here: judging (`analysis`) and showing (`report`) what was recorded.

mod collector;
mod descriptors;
mod included;
mod inspection;
mod java_date;
mod live;
mod manifest;
mod plan_hash;
mod recording;
mod result_files;
mod run;
mod script_log;
mod search;
mod stop_rule;
mod tally;
mod target;
mod watching;

pub use descriptors::{DescriptorError, files_warning};
pub use included::{MAX_PLAN_BYTES, read_included};
pub use inspection::{Inspection, RunValues, inspect};
pub use java_date::{java_date, machine_time_zone};
pub use live::LiveSecond;
pub use loadline_engine::{GroupDemand, PreparedRun};
pub use result_files::{ResultFile, ResultFileError, ResultRequest, WantedResults};
pub use run::{
    Course, Finished, Interrupts, RunError, RunRequest, ServerRequest, Supervision, start,
    supervise,
};
pub use script_log::{SCRIPT_LOG, script_log_line};
pub use search::{
    SearchError, SearchEvent, SearchRequest, SearchResult, SearchedLoad, TrialRun, VariantError,
    search, searched_load, stored_search, time_bound_s,
};
pub use tally::Tally;
pub use target::{CheckedTargets, Target, TargetError, check_targets};
