//! The runs of a folder as a list, and one figure over the history of a plan, for a terminal.

use loadline_analysis::{
    Analysis, FEWEST_RUNS, LevelChange, StepAnalysis, StepState, level_changes,
};
use loadline_metrics::StepLoad;

use crate::calendar::Utc;
use crate::number::{self, Quantity};
use crate::word;

/// Columns of the longest bar.
const BAR: f64 = 30.0;
/// Seed of the permutations: the same history gives the same answer.
const SEED: u64 = 1;
/// Share of the runs that must be steady at a load for it to be shown.
const MOSTLY: f64 = 0.8;

/// A run of a history.
#[derive(Clone, Copy, Debug)]
pub struct PastRun<'a> {
    /// The name of its folder.
    pub folder: &'a str,
    /// What it showed.
    pub analysis: &'a Analysis,
}

/// The runs, oldest first, one a line.
#[must_use]
pub fn runs_text(runs: &[PastRun<'_>]) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let mut text = String::new();
    for run in runs {
        let facts = &run.analysis.facts;
        let last = run
            .analysis
            .steps
            .iter()
            .rev()
            .find(|step| step.window.is_some());
        let figures = last.map_or_else(
            || "nothing measured".to_owned(),
            |step| {
                let p95 = number::optional(Quantity::Time, step.stats.response.p95.as_ref());
                format!("p95 {} at {}", p95.value, word::load(step.load))
            },
        );
        text.push_str(&format!(
            "{}  {:12}  {}  {figures}  {}\n",
            when(facts.started_at_ms),
            word::verdict_key(run.analysis.verdict),
            facts.plan_name,
            run.folder
        ));
    }
    text
}

/// p95 over the runs of the newest run's plan (or of the plan of that name), oldest first, with its
/// changes of level. Runs of other plans and those that were not steady are counted, not drawn.
#[must_use]
pub fn trend_text(runs: &[PastRun<'_>], plan: Option<&str>) -> String {
    let newest = runs
        .iter()
        .rev()
        .find(|run| plan.is_none_or(|name| run.analysis.facts.plan_name == name));
    let Some(newest) = newest else {
        return match plan {
            Some(name) => format!("no run of the plan {name}\n"),
            None => "no runs\n".to_owned(),
        };
    };
    let hash = &newest.analysis.facts.plan_hash;
    let same: Vec<&PastRun<'_>> = runs
        .iter()
        .filter(|run| run.analysis.facts.plan_hash == *hash)
        .collect();
    let mut text = format!(
        "{}: {} of {}",
        newest.analysis.facts.plan_name,
        word::counted(same.len() as u64, "run"),
        runs.len()
    );
    let Some(load) = shown_load(newest.analysis, &same) else {
        text.push_str("\nno load was steady in most of them, so there is nothing to compare\n");
        return text;
    };
    let measured: Vec<(&PastRun<'_>, f64)> = same
        .iter()
        .filter_map(|run| Some((*run, p95_at(run.analysis, load)?)))
        .collect();
    text.push_str(&format!(", p95 at {}\n", word::load(load)));
    let values: Vec<f64> = measured.iter().map(|row| row.1).collect();
    let changes = level_changes(&values, SEED);
    let most = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    for (index, (run, value)) in measured.iter().enumerate() {
        let change = changes.iter().flatten().find(|change| change.at == index);
        if let Some(change) = change {
            text.push_str(&format!("---- {}\n", change_words(change)));
        }
        let bar = "\u{2588}".repeat((BAR * value / most).round().max(1.0) as usize);
        text.push_str(&format!(
            "{}  {:>9}  {bar}  {}\n",
            when(run.analysis.facts.started_at_ms),
            number::rough(Quantity::Time, *value),
            run.folder
        ));
    }
    let left_out = same.len() - measured.len();
    if left_out > 0 {
        text.push_str(&format!(
            "{} not drawn: not steady at this load, or too few samples\n",
            word::counted(left_out as u64, "run")
        ));
    }
    text.push_str(&match changes {
        None => format!(
            "a change of level can be told from {FEWEST_RUNS} runs on; there are {}\n",
            measured.len()
        ),
        Some(changes) if changes.is_empty() => {
            "no change of level beyond chance (E-divisive means, 1 %)\n".to_owned()
        }
        Some(changes) => format!(
            "{} of level (E-divisive means, 1 %)\n",
            word::counted(changes.len() as u64, "change")
        ),
    });
    text
}

fn change_words(change: &LevelChange) -> String {
    let percent = |ratio: f64| number::signed_percent(ratio - 1.0);
    format!(
        "from here on {} ({} to {})",
        percent(change.ratio),
        percent(change.low),
        percent(change.high)
    )
}

fn when(started_at_ms: i64) -> String {
    let at = Utc::from_epoch_ms(started_at_ms);
    format!("{} {}", at.date(), at.time())
}

/// The greatest load of `newest` that most runs were steady at.
fn shown_load(newest: &Analysis, runs: &[&PastRun<'_>]) -> Option<StepLoad> {
    newest
        .steps
        .iter()
        .rev()
        .map(|step| step.load)
        .find(|load| {
            let steady = runs
                .iter()
                .filter(|run| p95_at(run.analysis, *load).is_some())
                .count();
            steady > 0 && steady as f64 >= MOSTLY * runs.len() as f64
        })
}

fn p95_at(analysis: &Analysis, load: StepLoad) -> Option<f64> {
    let same = |step: &&StepAnalysis| step.load == load && step.state == StepState::Steady;
    let step = analysis.steps.iter().find(same)?;
    let p95 = step.stats.response.p95.as_ref()?;
    (step.invalid.is_empty() && !p95.censored && p95.reason.is_none()).then_some(p95.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn few_runs_are_drawn_and_nothing_is_claimed() {
        let analysis = fixture::stress();
        let runs = [PastRun {
            folder: "first",
            analysis: &analysis,
        }; 3];
        let text = trend_text(&runs, None);
        assert!(text.contains("3 runs"), "{text}");
        assert!(runs_text(&runs).lines().count() == 3);
        assert!(trend_text(&runs, Some("another")).contains("no run of the plan another"));
        assert_eq!(trend_text(&[], None), "no runs\n");
    }

    #[test]
    fn a_change_of_level_is_marked_where_it_begins() {
        let mut history: Vec<Analysis> = (0..12).map(|_| fixture::stress()).collect();
        for (index, analysis) in history.iter_mut().enumerate() {
            let step = &mut analysis.steps[0];
            step.state = StepState::Steady;
            step.invalid.clear();
            analysis.steps.truncate(1);
            let value = if index < 6 { 100e3 } else { 130e3 } + 500.0 * (index % 3) as f64;
            analysis.steps[0].stats.response.p95 = Some(fixture::claimed(value, value, value));
        }
        let runs: Vec<PastRun<'_>> = (history.iter())
            .map(|analysis| PastRun {
                folder: "run",
                analysis,
            })
            .collect();
        let text = trend_text(&runs, None);
        let marked = text.lines().position(|line| line.starts_with("----"));
        assert_eq!(marked, Some(7), "{text}");
        assert!(text.contains("1 change of level"), "{text}");
    }
}
