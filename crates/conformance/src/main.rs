//! `conformance`: compares Loadline with JMeter, plan by plan.
#![expect(
    clippy::print_stdout,
    reason = "a program for developers, whose results are its output"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use loadline_conformance::asking::{Answer, ask};
use loadline_conformance::jmeter::JMeter;
use loadline_conformance::known::Known;
use loadline_conformance::loadline::{self, Loadline};
use loadline_conformance::measure::Measure;
use loadline_conformance::page::{Counts, Row, page};
use loadline_conformance::recorded::{self, Recorded};
use loadline_conformance::trial::Trial;
use loadline_conformance::trials::judge;
use loadline_conformance::verdict::Verdict;
use loadline_conformance::{corpus, known, small};

/// Random pauses of public plans take no time; JMeter reads this property once.
const NO_PAUSES: &str = "timer.factor=0";

/// Compares what plans mean in JMeter and in Loadline.
#[derive(Debug, Parser)]
struct Arguments {
    /// Loadline's executable
    loadline: PathBuf,
    /// Only plans whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Leave the public plans out
    #[arg(long)]
    small: bool,
    /// Keep what JMeter did in oracle/recorded; with all plans, write docs/conformance.md too
    #[arg(long)]
    write: bool,
    /// Compare schedules, pauses and rates too, which takes some minutes
    #[arg(long)]
    over_time: bool,
    /// Do not run JMeter: compare with what is kept
    #[arg(long)]
    recorded: bool,
    /// Keep plans and results in this folder
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// Plans that are compared together.
struct Series {
    file: &'static str,
    settings: Vec<String>,
    trials: Vec<(Trial, String)>,
    /// Whether a plan that does nothing at all is worth a comparison.
    may_do_nothing: bool,
}

impl Series {
    fn of_use(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Outcome(outcome) if !self.may_do_nothing && outcome.samples.is_empty() => {
                Answer::None("JMeter runs nothing of it".to_owned())
            }
            answer => answer,
        }
    }
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();

    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let oracle = root.join("oracle");
    let temporary = tempfile::tempdir()?;
    let work = arguments
        .keep
        .clone()
        .unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&work)?;
    let program = arguments.loadline.canonicalize().context("find Loadline")?;
    let loadline = Loadline {
        program,
        directory: work.clone(),
    };
    let known = known::read(&oracle.join("known-differences.tsv"))?;
    let chosen = |name: &str| name.contains(&arguments.only);

    let mut trials = Vec::new();
    for plan in small::read(&oracle.join("plans"))?
        .iter()
        .filter(|plan| chosen(&plan.name))
    {
        trials.push((
            small::lay_out(plan, &work.join("small"))?,
            plan.element.clone(),
        ));
    }
    let mut series = vec![Series {
        file: "small.txt",
        settings: Vec::new(),
        trials,
        may_do_nothing: true,
    }];
    let mut left_out = Vec::new();
    if !arguments.small {
        let folder = root.join("crates/jmx/tests/corpus");
        let mut trials = Vec::new();
        for plan in corpus::read(&folder)?
            .iter()
            .filter(|plan| chosen(&plan.name))
        {
            match &plan.left_out {
                Some(reason) => left_out.push((plan.name.clone(), reason.clone())),
                None => trials.push((
                    corpus::lay_out(plan, &folder, &work.join("corpus"))?,
                    String::new(),
                )),
            }
        }
        series.push(Series {
            file: "corpus.txt",
            settings: vec![NO_PAUSES.to_owned()],
            trials,
            may_do_nothing: false,
        });
    }

    let mut rows = Vec::new();
    for series in &series {
        let kept = oracle.join("recorded").join(series.file);
        let answers = if arguments.recorded {
            from_kept(&kept, series)?
        } else {
            from_jmeter(&oracle, &work, series)?
        };
        let Some(answers) = answers else {
            println!("skipped: JMeter cannot be had");
            return Ok(ExitCode::from(3));
        };
        if arguments.write && !arguments.recorded {
            keep(&kept, &answers, series, arguments.only.is_empty())?;
        }
        rows.push(compare(&loadline, series, &answers, &known)?);
    }
    let over_time = if arguments.over_time {
        over_time(&oracle, &work, &loadline, chosen)?
    } else {
        Vec::new()
    };
    if arguments.write && arguments.only.is_empty() && !arguments.small {
        let text = page(
            &rows[0],
            rows.get(1).map_or(&[], Vec::as_slice),
            &left_out,
            &over_time,
        );
        std::fs::write(root.join("docs/conformance.md"), text)?;
    }
    let counts = Counts::of(rows.iter().flatten());
    println!("{counts:?}");
    Ok(if counts.differ == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn from_jmeter(oracle: &Path, work: &Path, series: &Series) -> Result<Option<Vec<Answer>>> {
    let trials: Vec<Trial> = series
        .trials
        .iter()
        .map(|(trial, _)| trial.clone())
        .collect();
    let answers = ask(oracle, work, &series.settings, &trials)?;
    Ok(answers.map(|answers| {
        answers
            .into_iter()
            .map(|answer| series.of_use(answer))
            .collect()
    }))
}

fn from_kept(file: &Path, series: &Series) -> Result<Option<Vec<Answer>>> {
    let mut kept = recorded::load(file)?;
    let answers = series
        .trials
        .iter()
        .map(|(trial, _)| match kept.remove(&trial.name) {
            Some(outcome) => Answer::Outcome(outcome),
            None => Answer::None("JMeter's answer is not kept".to_owned()),
        });
    Ok(Some(answers.collect()))
}

/// Rows of the page's table of what is measured.
fn over_time(
    oracle: &Path,
    work: &Path,
    loadline: &Loadline,
    chosen: impl Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let Some(mut jmeter) = JMeter::start(oracle, work, &[], "UTC")? else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    for plan in small::read(&oracle.join("plans/over-time"))?
        .iter()
        .filter(|plan| chosen(&plan.name))
    {
        let trial = small::lay_out(plan, &work.join("over-time"))?;
        // One after the other: side by side they would disturb each other.
        let expected = trial.in_jmeter(&mut jmeter, "jmeter")?;
        let found = trial.in_loadline(loadline)?;
        for words in &plan.measures {
            let row = match (
                &found.ended,
                Measure::parse(words)?.apply(&expected.requests, &found.requests),
            ) {
                (loadline::Ended::Refused(_), _) => {
                    format!("| {} | {} | | refused | |", plan.name, words[0])
                }
                (_, Ok(measured)) => format!(
                    "| {} | {} | {} | {} | {}{} |",
                    plan.name,
                    measured.what,
                    measured.jmeter,
                    measured.loadline,
                    if measured.holds { "" } else { "**differs**: " },
                    measured.rule
                ),
                (_, Err(error)) => format!(
                    "| {} | {} | | | **differs**: {error} |",
                    plan.name, words[0]
                ),
            };
            println!("{row}");
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Keeps answers: in the place of all that were kept, or of those to the same plans.
fn keep(file: &Path, answers: &[Answer], series: &Series, all: bool) -> Result<()> {
    let mut kept = if all {
        Recorded::new()
    } else {
        recorded::load(file)?
    };
    for (answer, (trial, _)) in answers.iter().zip(&series.trials) {
        if let Answer::Outcome(outcome) = answer {
            kept.insert(trial.name.clone(), outcome.clone());
        }
    }
    recorded::save(file, &kept)
}

fn compare(
    loadline: &Loadline,
    series: &Series,
    answers: &[Answer],
    known: &Known,
) -> Result<Vec<Row>> {
    let trials: Vec<Trial> = series
        .trials
        .iter()
        .map(|(trial, _)| trial.clone())
        .collect();
    let verdicts = judge(loadline, &trials, answers, known)?;
    let mut rows = Vec::new();
    for (verdict, (trial, element)) in verdicts.into_iter().zip(&series.trials) {
        match &verdict {
            Verdict::Same => {}
            Verdict::Differs(difference) => println!(
                "{}: differs at {}\n--- JMeter\n{}\n--- Loadline\n{}\n",
                trial.name, difference.place, difference.expected, difference.found
            ),
            Verdict::Refused(reason) => println!("{}: refused: {reason}", trial.name),
            Verdict::Known(reason) => println!("{}: known difference: {reason}", trial.name),
            Verdict::NotComparable(reason) => println!("{}: not comparable: {reason}", trial.name),
        }
        rows.push(Row {
            name: trial.name.clone(),
            element: element.clone(),
            verdict,
        });
    }
    Ok(rows)
}
