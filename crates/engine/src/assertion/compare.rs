//! The Compare Assertion, by JMeter's `CompareAssertion`: whether the results that it judges in one pass
//! of its controller are alike.
//!
//! Once two results that follow each other differ, every further one of the pass fails.

use std::borrow::Cow;

use loadline_plan::program::{CompareAssertionProgram, ComparisonId, Template};

use super::{AssertionOutcome, malformed_pattern};
use crate::extract::{MOST_MATCHES, Patterns, RegexError};
use crate::{ResultView, Scope};

/// What the Compare Assertions of a plan have seen of one user, each in the present pass of its
/// controller.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenResults(Vec<(ComparisonId, Seen)>);

impl SeenResults {
    /// A pass begins in which `id` has seen nothing yet.
    pub(crate) fn forget(&mut self, id: ComparisonId) {
        self.0.retain(|(known, _)| *known != id);
    }

    fn take(&mut self, id: ComparisonId) -> Option<Seen> {
        let index = self.0.iter().position(|(known, _)| *known == id)?;
        Some(self.0.swap_remove(index).1)
    }
}

/// What one has seen.
#[derive(Clone, Debug)]
struct Seen {
    /// The last body; empty unless bodies are compared.
    body: String,
    elapsed_ms: i64,
    /// Whether two bodies that follow each other differed.
    differs: bool,
    /// The greatest difference between the times of two results that follow each other.
    widest_ms: i64,
}

/// Compares the result with those before it.
pub(super) fn judge(
    program: &CompareAssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> AssertionOutcome {
    let outcome = view.outcome();
    let elapsed = outcome.ended.saturating_since(outcome.started);
    let mut now = Seen {
        body: if program.content {
            view.body().to_owned()
        } else {
            String::new()
        },
        elapsed_ms: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
        differs: false,
        widest_ms: 0,
    };
    let Some(before) = scope.per_user.seen.take(program.id) else {
        scope.per_user.seen.0.push((program.id, now));
        return AssertionOutcome::default();
    };
    now.differs = before.differs;
    now.widest_ms = (before.widest_ms).max(now.elapsed_ms.abs_diff(before.elapsed_ms) as i64);
    let mut problem = None;
    if program.content && !now.differs {
        match differ(&before.body, &now.body, &program.replaced, scope, patterns) {
            Ok(differ) => now.differs = differ,
            Err(error) => problem = Some(malformed_pattern(&error)),
        }
    }
    let bound_ms: i64 = (scope.text_of(&program.longest_difference_ms).trim())
        .parse()
        .unwrap_or(0);
    let (differs, widest_ms) = (now.differs, now.widest_ms);
    scope.per_user.seen.0.push((program.id, now));
    if let Some(problem) = problem {
        return AssertionOutcome {
            name: None,
            failed: false,
            error: true,
            message: Some(problem),
        };
    }
    if bound_ms >= 0 && widest_ms > bound_ms {
        return AssertionOutcome::failed(format!(
            "Responses differ in response time by more than{bound_ms} ms"
        ));
    }
    if differs {
        return AssertionOutcome::failed("Responses differ in content");
    }
    AssertionOutcome::default()
}

/// Whether two bodies differ in what counts.
fn differ(
    before: &str,
    now: &str,
    replaced: &[(Template, Template)],
    scope: &mut Scope<'_>,
    patterns: &Patterns,
) -> Result<bool, RegexError> {
    let mut before = Cow::Borrowed(before);
    let mut now = Cow::Borrowed(now);
    for (regex, text) in replaced {
        let regex = patterns.regex(&scope.text_of(regex))?;
        let text = scope.text_of(text);
        for body in [&mut before, &mut now] {
            let found = regex.find_all(body, MOST_MATCHES)?;
            let mut left = String::with_capacity(body.len());
            let mut end = 0;
            for range in found.iter().filter_map(|one| one.groups.first()?.clone()) {
                left.push_str(&body[end..range.start]);
                left.push_str(&text);
                end = range.end;
            }
            left.push_str(&body[end..]);
            *body = Cow::Owned(left);
        }
    }
    Ok(before != now)
}
