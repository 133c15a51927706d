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
    /// The plans and what each is about.
    trials: Vec<(Trial, String)>,
    /// Whether a plan that does nothing at all is worth a comparison.
    may_do_nothing: bool,
    /// Plans that are not compared, and why.
    pub left_out: Vec<(String, String)>,
}

impl Series {
    /// The small plans whose name `chosen` takes, in files below `work`; `root` is the repository's.
    ///
    /// # Errors
    ///
    /// A plan is not of the notation, or cannot be written.
    pub fn small(root: &Path, work: &Path, chosen: impl Fn(&str) -> bool) -> Result<Self> {
        let mut trials = Vec::new();
        let plans = small::read(&root.join("oracle/plans"))?;
        for plan in plans.iter().filter(|plan| chosen(&plan.name)) {
            let trial = small::lay_out(plan, &work.join("small"))?;
            trials.push((trial, plan.element.clone()));
        }
        Ok(Self {
            file: "small.txt",
            settings: Vec::new(),
            trials,
            may_do_nothing: true,
            left_out: Vec::new(),
        })
    }

    /// The public plans, likewise.
    ///
    /// # Errors
    ///
    /// A plan cannot be read or written.
    pub fn public(root: &Path, work: &Path, chosen: impl Fn(&str) -> bool) -> Result<Self> {
        let folder = root.join("crates/jmx/tests/corpus");
        let (mut trials, mut left_out) = (Vec::new(), Vec::new());
        let plans = corpus::read(&folder)?;
        for plan in plans.iter().filter(|plan| chosen(&plan.name)) {
            match &plan.left_out {
                Some(reason) => left_out.push((plan.name.clone(), reason.clone())),
                None => {
                    let trial = corpus::lay_out(plan, &folder, &work.join("corpus"))?;
                    trials.push((trial, String::new()));
                }
            }
        }
        Ok(Self {
            file: "corpus.txt",
            settings: vec![NO_PAUSES.to_owned()],
            trials,
            may_do_nothing: false,
            left_out,
        })
    }

    /// What JMeter does, in the order of the plans; `None` when it cannot be had.
    ///
    /// # Errors
    ///
    /// Its process fails.
    pub fn from_jmeter(&self, oracle: &Path, work: &Path) -> Result<Option<Vec<Answer>>> {
        let answers = ask(oracle, work, &self.settings, &self.only_trials())?;
        let of_use = |answer| match answer {
            Answer::Outcome(outcome) if !self.may_do_nothing && outcome.samples.is_empty() => {
                Answer::None("JMeter runs nothing of it".to_owned())
            }
            answer => answer,
        };
        Ok(answers.map(|answers| answers.into_iter().map(of_use).collect()))
    }

    /// What JMeter did when it was asked last.
    ///
    /// # Errors
    ///
    /// The file of answers cannot be read.
    pub fn from_kept(&self, oracle: &Path) -> Result<Vec<Answer>> {
        let kept = recorded::load(&oracle.join("recorded").join(self.file))?;
        let answer = |(trial, _): &(Trial, String)| match kept.get(&trial.name) {
            Some(kept) => kept.clone(),
            None => Answer::None("JMeter was not asked about it".to_owned()),
        };
        Ok(self.trials.iter().map(answer).collect())
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
        for (answer, (trial, _)) in answers.iter().zip(&self.trials) {
            kept.insert(trial.name.clone(), answer.clone());
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
        let verdicts = judge(loadline, &self.only_trials(), answers, known)?;
        let rows = verdicts.into_iter().zip(&self.trials);
        Ok(rows
            .map(|(verdict, (trial, element))| Row {
                name: trial.name.clone(),
                element: element.clone(),
                verdict,
            })
            .collect())
    }

    fn only_trials(&self) -> Vec<Trial> {
        self.trials.iter().map(|(trial, _)| trial.clone()).collect()
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
