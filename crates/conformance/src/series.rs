//! The plans that are compared together, laid out as files, and what JMeter did with them.

use std::path::Path;

use anyhow::Result;

use crate::asking::{Answer, ask};
use crate::known::{self, Known};
use crate::loadline::Loadline;
use crate::page::Row;
use crate::recorded::{self, Recorded};
use crate::trial::Trial;
use crate::trials::judge;
use crate::{corpus, small};

/// Random pauses of public plans take no time; JMeter reads this property once.
const NO_PAUSES: &str = "timer.factor=0";

/// Plans that are compared together.
#[derive(Clone, Debug)]
pub struct Series {
    /// Where JMeter's answers are kept, in `oracle/recorded`.
    file: &'static str,
    settings: Vec<String>,
    plans: Vec<Member>,
}

/// A plan of a series.
#[derive(Clone, Debug)]
struct Member {
    trial: Trial,
    /// What it is about; of a public plan, [`SCRIPTS`], what is left out of it, or nothing.
    about: String,
    /// Whether it is meant to do nothing at all, perhaps. A public plan with thread groups that does
    /// nothing lacks something that it needs, and would be the same for no good reason.
    may_do_nothing: bool,
}

/// What public plans with scripts are about.
pub const SCRIPTS: &str = "scripts";

impl Series {
    /// The small plans whose name `chosen` takes, in files below `work`; `root` is the repository's.
    ///
    /// # Errors
    ///
    /// A plan is not of the notation, or cannot be written.
    pub fn small(root: &Path, work: &Path, chosen: impl Fn(&str) -> bool) -> Result<Self> {
        let mut members = Vec::new();
        let plans = small::read(&root.join("oracle/plans"))?;
        for plan in plans.iter().filter(|plan| chosen(&plan.name)) {
            members.push(Member {
                trial: small::lay_out(plan, &work.join("small"))?,
                about: plan.element.clone(),
                may_do_nothing: true,
            });
        }
        Ok(Self {
            file: "small.txt",
            settings: Vec::new(),
            plans: members,
        })
    }

    /// The public plans, likewise.
    ///
    /// # Errors
    ///
    /// A plan cannot be read or written.
    pub fn public(root: &Path, work: &Path, chosen: impl Fn(&str) -> bool) -> Result<Self> {
        let folder = root.join("crates/jmx/tests/corpus");
        let mut members = Vec::new();
        let plans = corpus::read(&folder)?;
        for plan in plans.iter().filter(|plan| chosen(&plan.name)) {
            let about = match (plan.without.as_str(), plan.has_scripts) {
                ("", true) => SCRIPTS,
                (without, _) => without,
            };
            members.push(Member {
                trial: corpus::lay_out(plan, &folder, &work.join("corpus"))?,
                about: about.to_owned(),
                may_do_nothing: !plan.has_groups,
            });
        }
        Ok(Self {
            file: "corpus.txt",
            settings: vec![NO_PAUSES.to_owned()],
            plans: members,
        })
    }

    /// What JMeter does, in the order of the plans; `None` when it cannot be had.
    ///
    /// # Errors
    ///
    /// Its process fails.
    pub fn from_jmeter(&self, oracle: &Path, work: &Path) -> Result<Option<Vec<Answer>>> {
        let trials: Vec<Trial> = self.plans.iter().map(|plan| plan.trial.clone()).collect();
        let Some(answers) = ask(oracle, work, &self.settings, &trials)? else {
            return Ok(None);
        };
        let answer = |(plan, answer): (&Member, Answer)| match answer {
            Answer::Outcome(outcome) if !plan.may_do_nothing && outcome.samples.is_empty() => {
                Answer::None("JMeter runs nothing of it".to_owned())
            }
            answer => answer,
        };
        Ok(Some(self.plans.iter().zip(answers).map(answer).collect()))
    }

    /// What JMeter did when it was asked last.
    ///
    /// # Errors
    ///
    /// The file of answers cannot be read.
    pub fn from_kept(&self, oracle: &Path) -> Result<Vec<Answer>> {
        let kept = recorded::load(&oracle.join("recorded").join(self.file))?;
        let answer = |plan: &Member| match kept.get(&plan.trial.name) {
            Some(kept) => kept.clone(),
            None => Answer::None("JMeter was not asked about it".to_owned()),
        };
        Ok(self.plans.iter().map(answer).collect())
    }

    /// Keeps `answers`: in the place of `all` that were kept, or of those to the same plans.
    ///
    /// # Errors
    ///
    /// The file of answers cannot be read or written.
    pub fn keep(&self, oracle: &Path, answers: &[Answer], all: bool) -> Result<()> {
        let file = oracle.join("recorded").join(self.file);
        let mut kept = match all {
            true => Recorded::new(),
            false => recorded::load(&file)?,
        };
        for (answer, plan) in answers.iter().zip(&self.plans) {
            kept.insert(plan.trial.name.clone(), answer.clone());
        }
        recorded::save(&file, &kept)
    }

    /// Runs the plans in Loadline and compares with `answers`.
    ///
    /// # Errors
    ///
    /// A run could not be started or wrote results that cannot be read.
    pub fn compare(
        &self,
        loadline: &Loadline,
        answers: &[Answer],
        known: &Known,
    ) -> Result<Vec<Row>> {
        let trials: Vec<Trial> = self.plans.iter().map(|plan| plan.trial.clone()).collect();
        let verdicts = judge(loadline, &trials, answers, known)?;
        let rows = verdicts.into_iter().zip(&self.plans);
        Ok(rows
            .map(|(verdict, plan)| Row {
                name: plan.trial.name.clone(),
                about: plan.about.clone(),
                verdict,
            })
            .collect())
    }
}

/// The differences that are meant, of the repository at `root`.
///
/// # Errors
///
/// The file cannot be read or a line has no reason.
pub fn known_differences(root: &Path) -> Result<Known> {
    known::read(&root.join("oracle/known-differences.tsv"))
}
