//! `conformance`: compares Loadline with JMeter, plan by plan.
#![expect(
    clippy::print_stdout,
    reason = "a program for developers, whose results are its output"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use loadline_conformance::child::end_children_on_signals;
use loadline_conformance::jmeter::JMeter;
use loadline_conformance::loadline::{self, Loadline};
use loadline_conformance::measure::{Measure, Measured, Moment};
use loadline_conformance::page::{self, Counts, Row, page};
use loadline_conformance::recorded_times::{self, RecordedTimes};
use loadline_conformance::request::Request;
use loadline_conformance::series::{Series, known_differences};
use loadline_conformance::small;
use loadline_conformance::verdict::Verdict;

/// Compares what plans mean in JMeter and in Loadline.
#[derive(Debug, Parser)]
struct Arguments {
    /// Loadline's executable
    loadline: PathBuf,
    /// Only plans whose name contains this, or one of these with commas between them
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

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    end_children_on_signals()?;

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
    let known = known_differences(&root)?;
    let chosen = |name: &str| arguments.only.split(',').any(|part| name.contains(part));

    let mut all = vec![Series::small(&root, &work, chosen)?];
    if !arguments.small {
        all.push(Series::public(&root, &work, chosen)?);
    }
    let mut rows = Vec::new();
    for series in &all {
        let answers = if arguments.recorded {
            series.from_kept(&oracle)?
        } else if let Some(answers) = series.from_jmeter(&oracle, &work)? {
            answers
        } else {
            println!("skipped: JMeter cannot be had");
            return Ok(ExitCode::from(3));
        };
        if arguments.write && !arguments.recorded {
            series.keep(&oracle, &answers, arguments.only.is_empty())?;
        }
        let compared = series.compare(&loadline, &answers, &known)?;
        compared.iter().for_each(tell);
        rows.push(compared);
    }
    let began = Instant::now();
    let over_time = if arguments.over_time {
        over_time(&arguments, &oracle, &work, &loadline)?
    } else {
        Vec::new()
    };
    if arguments.write && arguments.only.is_empty() && !arguments.small {
        let file = root.join("docs/conformance.md");
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        let section = match arguments.over_time {
            true => page::over_time(&over_time, began.elapsed()),
            false => page::over_time_of(&before).to_owned(),
        };
        let text = page(&rows[0], rows.get(1).map_or(&[], Vec::as_slice), &section);
        std::fs::write(&file, text)?;
    }
    let counts = Counts::of(rows.iter().flatten());
    println!("{counts:?}");
    let is_late = over_time.iter().any(|row| row.contains(DIFFERS));
    Ok(if counts.differ == 0 && !is_late {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Says what came of a plan, unless it is the same in both.
fn tell(row: &Row) {
    let name = &row.name;
    match &row.verdict {
        Verdict::Same => {}
        Verdict::Differs(difference) => println!(
            "{name}: differs at {}\n--- JMeter\n{}\n--- Loadline\n{}\n",
            difference.place, difference.expected, difference.found
        ),
        Verdict::Refused(reason) => println!("{name}: refused: {reason}"),
        Verdict::Known(reason) => println!("{name}: known difference: {reason}"),
        Verdict::NotComparable(reason) => println!("{name}: not comparable: {reason}"),
    }
}

/// Rows of the page's table of what is measured.
fn over_time(
    arguments: &Arguments,
    oracle: &Path,
    work: &Path,
    loadline: &Loadline,
) -> Result<Vec<String>> {
    let file = oracle.join("recorded/over-time.txt");
    let mut kept = match file.exists() {
        true => recorded_times::load(&file)?,
        false => RecordedTimes::new(),
    };
    let mut jmeter = match arguments.recorded {
        true => None,
        false => JMeter::start(oracle, work, &[], "UTC")?,
    };
    let mut rows = Vec::new();
    for plan in small::read(&oracle.join("plans/over-time"))?
        .iter()
        .filter(|plan| plan.name.contains(&arguments.only))
    {
        let trial = small::lay_out(plan, &work.join("over-time"))?;
        let moments = |requests: &[Request]| requests.iter().map(Moment::of).collect();
        // One after the other: side by side they would disturb each other.
        if let Some(jmeter) = &mut jmeter {
            // The first time a JVM loads and compiles the element's classes, which takes longer than what is measured.
            trial.in_jmeter(jmeter, "warming")?;
            let run = trial.in_jmeter(jmeter, "jmeter")?;
            kept.insert(plan.name.clone(), moments(&run.requests));
        }
        let Some(expected) = kept.get(&plan.name) else {
            continue;
        };
        let run = trial.in_loadline(loadline)?;
        let found: Vec<Moment> = moments(&run.requests);
        for words in &plan.measures {
            let measured = Measure::parse(words)?.apply(expected, &found);
            let row = over_time_row(&plan.name, &words[0], &run.ended, measured);
            println!("{row}");
            rows.push(row);
        }
    }
    if arguments.write && jmeter.is_some() {
        recorded_times::save(&file, &kept)?;
    }
    Ok(rows)
}

fn over_time_row(
    plan: &str,
    what: &str,
    ended: &loadline::Ended,
    measured: Result<Measured>,
) -> String {
    match (ended, measured) {
        (loadline::Ended::Refused(_), _) => format!("| {plan} | {what} | | refused | |"),
        (_, Ok(measured)) => format!(
            "| {plan} | {} | {} | {} | {}{} |",
            measured.what,
            measured.jmeter,
            measured.loadline,
            if measured.holds { "" } else { DIFFERS },
            measured.rule
        ),
        (_, Err(error)) => format!("| {plan} | {what} | | | {DIFFERS}{error} |"),
    }
}

/// Marks what is not the same over time.
const DIFFERS: &str = "**differs**: ";
