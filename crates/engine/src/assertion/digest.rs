//! The MD5Hex Assertion.

use loadline_plan::program::Md5AssertionProgram;
use md5::{Digest as _, Md5};

use super::AssertionOutcome;
use crate::{ResultView, Scope};

/// Whether the body has the MD5 of the plan, in digits of either case.
pub(super) fn judge_md5(
    program: &Md5AssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
) -> AssertionOutcome {
    let body = &view.outcome().response.body;
    if body.is_empty() {
        return AssertionOutcome::failed("Response was null");
    }
    let expected = scope.text_of(&program.expected);
    if expected.is_empty() {
        return AssertionOutcome::failed("MD5Hex to test against is empty");
    }
    let found: String = Md5::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found.eq_ignore_ascii_case(&expected) {
        return AssertionOutcome::default();
    }
    AssertionOutcome::failed(format!(
        "Error asserting MD5 sum : got {found} but should have been {expected}"
    ))
}
