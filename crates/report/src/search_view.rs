//! A search as the outputs show it: its answer in sentences, its trials as rows.

use loadline_analysis::{
    Analysis, Cause, Margin, NotReached, SearchMethod, SearchSettings, SearchSoFar, SearchStatus,
    Searched, StoppedBy, Trial, TrialOutcome, Turn, Unknown, Verdict,
};

use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity, Shown};
use crate::paths::RunPaths;
use crate::word;

/// A search that is shown.
#[derive(Clone, Copy, Debug)]
pub struct SearchView<'a> {
    /// The plan's name.
    pub plan_name: &'a str,
    /// What was asked.
    pub settings: &'a SearchSettings,
    /// What was measured.
    pub so_far: &'a SearchSoFar,
    /// The answer.
    pub found: &'a Searched,
    /// For each trial why its load was chosen, and its run folder within the search's.
    pub trials: &'a [(String, String)],
    /// For each trial its run, judged.
    pub analyses: &'a [&'a Analysis],
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The program's exit code.
    pub exit_code: u8,
    /// The command line that makes the search again.
    pub replay: &'a str,
    /// Where its files are.
    pub paths: &'a RunPaths,
}

impl SearchView<'_> {
    /// The run of the trial that broke, or of the last one.
    pub(crate) fn decisive(&self) -> Option<&Analysis> {
        let index = self
            .found
            .broken_trial
            .unwrap_or(self.analyses.len().checked_sub(1)?);
        self.analyses.get(index).copied()
    }

    /// The verdict whose mark the answer bears.
    pub(crate) const fn mark(&self) -> Verdict {
        match self.found.status {
            SearchStatus::Found | SearchStatus::NotReached(NotReached::Max) => Verdict::Measured,
            SearchStatus::NotReached(NotReached::Generator) => Verdict::Invalid,
            SearchStatus::NotReached(NotReached::Stopped) => Verdict::Inconclusive,
            SearchStatus::Unknown(Unknown::NothingDecided) => Verdict::Inconclusive,
            SearchStatus::Unknown(_) => Verdict::Fail,
        }
    }

    /// The answer's word.
    pub(crate) const fn word(&self) -> &'static str {
        match self.found.status {
            SearchStatus::Found => "Found",
            SearchStatus::NotReached(_) => "Not reached",
            SearchStatus::Unknown(_) => "Not known",
        }
    }

    /// The answer in one sentence.
    pub(crate) fn lead(&self) -> String {
        let found = self.found;
        let words = |load: f64| self.settings.words(load);
        let carried = found.carried.map(words);
        match found.status {
            SearchStatus::Found => format!(
                "The limits hold up to {}, and {} breaks {}.",
                carried.unwrap_or_default(),
                found.broken.map(words).unwrap_or_default(),
                self.limit().unwrap_or_else(|| "a limit".to_owned())
            ),
            SearchStatus::NotReached(why) => {
                let upto = carried.map_or_else(
                    || "No load is shown to keep the limits".to_owned(),
                    |load| format!("Every limit holds up to {load}"),
                );
                match why {
                    NotReached::Max => format!("{upto}, the greatest load asked for."),
                    NotReached::Generator => format!(
                        "{upto}. More could not be sent truly: Loadline or its machine was the limit."
                    ),
                    NotReached::Stopped => format!("{upto}; the search ended before anything broke."),
                }
            }
            SearchStatus::Unknown(why) => match why {
                Unknown::BreaksAtSmallest => format!(
                    "Even {} breaks {}.",
                    words(found.broken.unwrap_or(self.settings.smallest())),
                    self.limit().unwrap_or_else(|| "a limit".to_owned())
                ),
                Unknown::NotRecovered { load } => format!(
                    "The server did not recover after {}: it collapsed, and stays slow or gone without load.",
                    words(load)
                ),
                Unknown::Decays { per_minute: Some(rate) } => format!(
                    "Performance decays with time: requests without load get slower by {} a minute, so no \
                     load can be called the one that is carried.",
                    number::value(Quantity::Share, rate)
                ),
                Unknown::Decays { per_minute: None } => {
                    "Performance decays with time: the server no longer carries what it carried at first."
                        .to_owned()
                }
                Unknown::NotMonotone { passed, failed } => format!(
                    "More load does not mean worse: {} kept the limits twice that {} broke twice.",
                    words(passed),
                    words(failed)
                ),
                Unknown::NothingDecided => match found.broken {
                    Some(broken) => format!(
                        "{} breaks {}; no load is proven to keep the limits yet.",
                        words(broken),
                        self.limit().unwrap_or_else(|| "a limit".to_owned())
                    ),
                    None => "No trial decided anything before the search ended.".to_owned(),
                },
            },
        }
    }

    /// The limit that breaks first and where, as written.
    pub(crate) fn limit(&self) -> Option<String> {
        let (limit, label) = self.found.limit.as_ref()?;
        Some(match label {
            Some(label) if !limit.contains(label.as_str()) => format!("{limit} ({label})"),
            _ => limit.clone(),
        })
    }

    /// How sure the answer is, and what it leaves open.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let found = self.found;
        let mut doubts = Vec::new();
        if let (Some(low), Some(high), SearchStatus::Found) =
            (found.carried, found.broken, found.status)
        {
            let width = number::value(Quantity::Share, 2.0 * (high - low) / (high + low));
            doubts.push(match found.method {
                Some(SearchMethod::Regression) => format!(
                    "The interval is {width} wide; it is read off a line through the trials near the \
                     break."
                ),
                _ => format!(
                    "The interval is {width} wide; both of its ends are decided by their own trials."
                ),
            });
        }
        match found.stopped_by {
            Some(StoppedBy::Trials) => doubts.push(format!(
                "Precision not reached: all {} trials were used.",
                self.settings.max_trials
            )),
            Some(StoppedBy::Budget) => {
                doubts.push("Precision not reached: the time allowed was used.".to_owned());
            }
            Some(StoppedBy::Signal) => doubts.push(
                "It was stopped; `loadline find --resume` on its folder goes on from here."
                    .to_owned(),
            ),
            Some(StoppedBy::Generator) | None => {}
        }
        if let Some(seconds) = found
            .needs_s
            .filter(|seconds| seconds.is_finite() && *seconds > f64::from(self.settings.hold_s))
            && found.stopped_by.is_some()
        {
            doubts.push(format!(
                "Trials near the break would need about {} each for the precision asked for.",
                number::length(seconds.min(86_400.0))
            ));
        }
        doubts.extend(found.notes.iter().cloned());
        doubts
    }

    /// The other points of the curves: name, and where.
    pub(crate) fn points(&self) -> Vec<(&'static str, String)> {
        self.found
            .turns
            .iter()
            .map(|turn| (turn.what, self.place(turn)))
            .collect()
    }

    fn place(&self, turn: &Turn) -> String {
        match turn.seen {
            Some((without, with)) => format!(
                "between {} and {}",
                bare(self.settings, without),
                self.settings.words(with)
            ),
            None if self.found.enough_loads => "not seen".to_owned(),
            None => "not enough loads to tell".to_owned(),
        }
    }

    /// What limits the server in the trial that broke.
    pub(crate) fn bottleneck(&self) -> String {
        let Some(analysis) = self.decisive() else {
            return "not known".to_owned();
        };
        let finding = &analysis.bottleneck;
        match finding.cause {
            Cause::Unknown if analysis.servers.is_empty() => {
                "not known: no server was watched (add `--server local`)".to_owned()
            }
            Cause::Unknown => "not known".to_owned(),
            cause if finding.likely_only => format!("likely: {}", word::cause(cause)),
            cause => word::cause(cause).to_owned(),
        }
    }

    /// Seconds of load, and of the whole search.
    pub(crate) fn lengths(&self) -> (f64, f64) {
        let trials = &self.so_far.trials;
        let load = trials
            .iter()
            .map(|trial| trial.ended_s - trial.started_s)
            .sum();
        let whole = trials.last().map_or(0.0, |trial| {
            trial.ended_s
                + trial
                    .recovery
                    .as_ref()
                    .map_or(0.0, |recovery| recovery.waited_s)
        });
        (load, whole)
    }

    /// `9 trials, 6:14 min of load in 8:02 min`.
    pub(crate) fn effort(&self) -> String {
        let (load, whole) = self.lengths();
        format!(
            "{}, {} of load in {}",
            word::counted(self.so_far.trials.len() as u64, "trial"),
            number::length(load),
            number::length(whole)
        )
    }
}

fn bare(settings: &SearchSettings, load: f64) -> String {
    let words = settings.words(load);
    words
        .split([' ', '/'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The verdict whose mark a trial bears.
pub(crate) const fn outcome(trial: &Trial) -> Verdict {
    match trial.outcome {
        TrialOutcome::Pass => Verdict::Pass,
        TrialOutcome::Fail => Verdict::Fail,
        TrialOutcome::Inconclusive | TrialOutcome::Interrupted => Verdict::Inconclusive,
        TrialOutcome::Invalid(_) => Verdict::Invalid,
    }
}

/// A trial's verdict in a word.
pub(crate) fn outcome_word(trial: &Trial) -> &'static str {
    match trial.outcome {
        TrialOutcome::Pass => "keeps",
        TrialOutcome::Fail if trial.stopped_early => "breaks at once",
        TrialOutcome::Fail => "breaks",
        TrialOutcome::Inconclusive => "open",
        TrialOutcome::Interrupted => "stopped",
        TrialOutcome::Invalid(_) => "invalid",
    }
}

/// What the limit that decides measures, and the figure.
pub(crate) fn figure(margin: &Margin) -> (String, Shown) {
    let metric = LimitMetric::of(&margin.limit);
    let shown = margin.observed.as_ref().map_or_else(
        || Shown {
            value: "–".to_owned(),
            ..Shown::default()
        },
        |observed| number::estimate_beside(metric.quantity(), observed, margin.bound),
    );
    let name = margin
        .limit
        .split(['<', '>', '='])
        .next()
        .unwrap_or_default()
        .trim();
    (name.to_owned(), shown)
}

/// One line about a trial that has ended: `  breaks      1,984 users  p95 2.59 s (2.4–2.7)`.
#[must_use]
pub fn trial_line(settings: &SearchSettings, trial: &Trial) -> String {
    let mut line = format!("{}: {}", settings.words(trial.load), outcome_word(trial));
    if let TrialOutcome::Invalid(why) = &trial.outcome {
        line.push_str(&format!(" ({why})"));
    } else if let Some(margin) = trial.governing() {
        let (name, shown) = figure(margin);
        line.push_str(&format!(", {name} {}", shown.value));
        let claimed = margin
            .observed
            .as_ref()
            .is_some_and(|observed| observed.low.is_some());
        if claimed && !shown.interval.is_empty() {
            line.push_str(&format!(" ({})", shown.interval));
        }
    }
    if let Some(good) = &trial.figures.good_per_s {
        line.push_str(&format!(
            ", good {}",
            number::value(Quantity::Rate, good.value)
        ));
    }
    if trial.rising.is_some() {
        line.push_str(", still rising");
    }
    line
}

#[cfg(test)]
mod tests;
