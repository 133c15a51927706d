//! Feeds mutated inputs to the readers and parsers, to find panics and slow inputs.
//!
//!     cargo run -p loadline-fuzz -- json-path --seconds 300
//!
//! Inputs are made of seeds (public plans, expressions of the golden files) by a seeded generator, so a
//! run can be repeated. An input that panics or takes too long is kept in `--findings` and ends the
//! run with exit code 1. One that ends the process (a stack overflow) is left in
//! `<findings>/<target>.current`.
//!
//! Not here: what a right answer is; the golden files know that.

#![allow(clippy::print_stdout, reason = "the program's answer")]

mod mutation;
mod seeds;
mod target;

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rustix::time::{ClockId, clock_gettime};

use self::target::Target;

/// What to do and for how long.
#[derive(Debug, Parser)]
struct Arguments {
    /// What is fed.
    target: Target,
    /// CPU time after which the run ends, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Executions after which the run ends.
    #[arg(long, default_value_t = u64::MAX)]
    executions: u64,
    /// Seed of the mutations.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// CPU time of one execution that is too long, in milliseconds.
    #[arg(long, default_value_t = 5000)]
    slow_ms: u64,
    /// Folder of inputs that fail.
    #[arg(long, default_value = "target/fuzz-findings")]
    findings: PathBuf,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.findings)
        .with_context(|| format!("cannot create folder {}", arguments.findings.display()))?;
    let name = arguments.target.name();
    let current_path = arguments.findings.join(format!("{name}.current"));
    let mut current = File::create(&current_path)
        .with_context(|| format!("cannot create file {}", current_path.display()))?;
    let seeds = seeds::of(arguments.target);
    let mut chance = ChaCha8Rng::seed_from_u64(arguments.seed);
    let limit = Duration::from_secs(arguments.seconds);
    let mut executions = 0;
    let mut slowest = Duration::ZERO;
    while executions < arguments.executions && cpu_time() < limit {
        let input = match usize::try_from(executions) {
            Ok(index) if index < seeds.len() => seeds[index].clone(),
            _ => mutation::mutated(&seeds, &mut chance),
        };
        keep(&input, &mut current).context("cannot write the current input")?;
        let before = cpu_time();
        let result = catch_unwind(AssertUnwindSafe(|| arguments.target.run(&input)));
        let taken = cpu_time().saturating_sub(before);
        executions += 1;
        slowest = slowest.max(taken);
        let problem = match result {
            Err(_) => "panic",
            Ok(()) if taken > Duration::from_millis(arguments.slow_ms) => "slow",
            Ok(()) => continue,
        };
        let kept = finding(&arguments.findings, name, problem, executions);
        std::fs::write(&kept, &input)
            .with_context(|| format!("cannot write file {}", kept.display()))?;
        println!(
            "{name}: {problem} after {executions} executions: {}",
            kept.display()
        );
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "{name}: {executions} executions in {:.1} CPU s, slowest {:.1} ms, seed {}",
        cpu_time().as_secs_f64(),
        slowest.as_secs_f64() * 1000.0,
        arguments.seed
    );
    Ok(ExitCode::SUCCESS)
}

fn finding(folder: &Path, target: &str, problem: &str, execution: u64) -> PathBuf {
    folder.join(format!("{target}-{problem}-{execution}"))
}

/// Writes the input where it is found should the process end.
fn keep(input: &str, file: &mut File) -> std::io::Result<()> {
    file.rewind()?;
    file.write_all(input.as_bytes())?;
    file.set_len(input.len() as u64)
}

/// CPU time of this process; other work on the machine does not count.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}
