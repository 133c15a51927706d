//! Loadline's one binary: arguments, wiring, terminal, signals, exit codes.

mod args;
mod command;
mod diagnostics;
mod execution;
mod exit;
mod interrupt;
mod load_flags;
mod plan_source;
mod preparation;
mod quick;
mod replay;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use exit::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes.
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            };
            let _ = error.print();
            return exit.into();
        }
    };
    let ended = match &cli.command {
        Command::Run(args) => command::run::run(args),
        Command::Check(args) => command::check::run(args),
        Command::Report(args) => command::report::run(args),
        Command::Compare(args) => command::compare::run(args),
        Command::Backend(args) => command::backend::run(args),
        Command::Demo(args) => command::demo::run(args),
        Command::Doctor => command::doctor::run(),
        Command::Monitor(args) => command::monitor::run(args),
        Command::Completions { shell } => command::completions::run(*shell),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal::say(&format!("error: {error:#}"));
            Exit::CouldNotRun.into()
        }
    }
}
