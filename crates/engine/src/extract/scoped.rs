//! The results in a processor's scope: the main sample, its sub-samples, both.

use loadline_plan::program::ScopeProgram;
use smallvec::SmallVec;

use crate::ResultView;

/// How deep sub-samples of sub-samples are looked at.
const MAX_LEVEL: u32 = 4;

/// The results of `view` that are in `scope`, in the order in which they are searched; none for the
/// scope of a variable.
pub(super) fn results_in_scope<'v, 'a>(
    scope: &ScopeProgram,
    view: &'v ResultView<'a>,
) -> SmallVec<[&'v ResultView<'a>; 1]> {
    let mut results = SmallVec::new();
    if matches!(scope, ScopeProgram::Main | ScopeProgram::MainAndSub) {
        results.push(view);
    }
    if matches!(scope, ScopeProgram::Sub | ScopeProgram::MainAndSub) {
        add_sub_results(view, &mut results, 1);
    }
    results
}

fn add_sub_results<'v, 'a>(
    view: &'v ResultView<'a>,
    results: &mut SmallVec<[&'v ResultView<'a>; 1]>,
    level: u32,
) {
    if level > MAX_LEVEL {
        return;
    }
    for sub in view.sub_results() {
        results.push(sub);
        add_sub_results(sub, results, level + 1);
    }
}
