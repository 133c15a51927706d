//! `exports`: runs YAML plans as they are, and exported in JMeter, and compares.
#![expect(
    clippy::print_stdout,
    reason = "a program for developers, whose results are its output"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use loadline_conformance::child::end_children_on_signals;
use loadline_conformance::exported;
use loadline_conformance::jmeter::JMeter;
use loadline_conformance::loadline::Loadline;

/// Compares exported plans in JMeter with the plans themselves.
#[derive(Debug, Parser)]
struct Arguments {
    /// Loadline's executable
    loadline: PathBuf,
    /// Only plans whose name contains this
    #[arg(long, default_value = "")]
    only: String,
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
    let work = match &arguments.keep {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            folder.canonicalize()?
        }
        None => temporary.path().to_owned(),
    };
    let loadline = Loadline {
        program: arguments.loadline.canonicalize().context("find Loadline")?,
        directory: work.clone(),
    };
    let chosen = |name: &str| name.contains(&arguments.only);
    let plans = exported::lay_out(&oracle.join("exports"), &work, &loadline, chosen)?;
    let Some(mut jmeter) = JMeter::start(&oracle, &work, &[], "UTC")? else {
        println!("skipped: JMeter cannot be had");
        return Ok(ExitCode::from(3));
    };
    let (mut same, mut different) = (0, 0);
    for plan in &plans {
        for comparison in plan.compare(&mut jmeter, &loadline)? {
            let (name, what) = (&plan.trial.name, &comparison.what);
            match comparison.difference {
                None => {
                    same += 1;
                    println!("{name}: same {what}");
                }
                Some(difference) => {
                    different += 1;
                    println!("{name}: differs {what}: {difference}");
                }
            }
        }
    }
    println!(
        "{} plans: {same} comparisons agree, {different} differ",
        plans.len()
    );
    Ok(if different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
