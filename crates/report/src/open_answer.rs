//! What stays open about the loads a server carries, and why.

use loadline_analysis::{Analysis, LimitCell, LimitResult, StepState, Verdict};

use crate::sentence::{nonempty, with_stop};
use crate::word;

/// What is known of loads below the smallest that broke a limit, where none is known to keep all.
pub(crate) fn smaller_loads(analysis: &Analysis) -> String {
    let broken = analysis.breaking_point.broken.map(|load| load.value());
    let smaller = analysis
        .steps
        .iter()
        .filter(|step| broken.is_some_and(|broken| step.load.value() < broken))
        .max_by(|a, b| a.load.value().total_cmp(&b.load.value()));
    let Some(step) = smaller else {
        return "The smallest load tried already breaks a limit.".to_owned();
    };
    let open = analysis
        .limits
        .iter()
        .flat_map(|limit| limit.cells.iter().map(move |cell| (limit, cell)))
        .filter(|(_, cell)| cell.step == Some(step.step) && cell.verdict != Verdict::Pass)
        .max_by_key(|(_, cell)| cell.verdict);
    let why = match (&step.state, step.invalid.first(), open) {
        (StepState::NotReached, ..) => "it was not run".to_owned(),
        (_, Some(why), _) => format!("it is not to be trusted, {why}"),
        (_, None, Some((limit, cell))) => reason_of(limit, cell),
        (_, None, None) => "no limit was judged there".to_owned(),
    };
    format!(
        "Whether a smaller load keeps the limits is open: at {}, {}",
        word::load(step.load),
        with_stop(why)
    )
}

/// A limit that leaves the answer open, as the end of a sentence; `None` where all were decided.
pub(crate) fn open_limit(analysis: &Analysis) -> Option<String> {
    let limit = analysis
        .limits
        .iter()
        .find(|limit| matches!(limit.verdict, Verdict::Inconclusive | Verdict::Invalid))?;
    let why = limit.decisive.as_ref().map_or_else(
        || format!("{}: nothing was measured", limit.text),
        |cell| reason_of(limit, cell),
    );
    Some(with_stop(format!("a limit is open, {why}")))
}

fn reason_of(limit: &LimitResult, cell: &LimitCell) -> String {
    let why = nonempty(&cell.why).unwrap_or("nothing was measured");
    format!("{}: {why}", limit.text)
}

#[cfg(test)]
mod tests {
    use loadline_analysis::BreakingStatus;

    use super::*;
    use crate::sentence::headline;
    use crate::sentence::tests::undecided;

    #[test]
    fn an_open_smaller_load_is_not_said_to_break() {
        let mut analysis = undecided();
        analysis.verdict = Verdict::Fail;
        analysis.breaking_point.carried = None;
        analysis.breaking_point.broken = Some(analysis.steps[1].load);
        assert_eq!(
            headline(&analysis).rest[0],
            "Whether a smaller load keeps the limits is open: at 1,000 users, p95 < 5s at users \
             <= 1000: not enough samples (needs 200)."
        );
        analysis.steps[0].invalid = vec!["94 % of its CPU was in use".to_owned()];
        assert!(
            smaller_loads(&analysis).ends_with("not to be trusted, 94 % of its CPU was in use.")
        );
        analysis.breaking_point.broken = Some(analysis.steps[0].load);
        assert_eq!(
            smaller_loads(&analysis),
            "The smallest load tried already breaks a limit."
        );
    }

    #[test]
    fn an_open_limit_leaves_the_load_open() {
        let mut analysis = undecided();
        analysis.breaking_point.status = BreakingStatus::NotReached;
        let [carries, breaks, ..] = crate::answer::answers(&analysis);
        assert_eq!(
            (&*carries.phrase, &*breaks.phrase),
            ("Not known", "Not known")
        );
        assert_eq!(
            carries.detail,
            "No limit is seen to break up to 2,000 users, but a limit is open, p95 < 5s at users \
             <= 1000: not enough samples (needs 200)."
        );
    }
}
