//! Loadline's one binary: arguments, wiring, terminal, signals, exit codes.

mod args;
mod backend_process;
mod capacity;
mod command;
mod diagnostics;
mod execution;
mod exit;
mod in_order;
mod interrupt;
mod load_flags;
mod plan_source;
mod planned;
mod preparation;
mod quick;
mod replay;
mod result_run;
mod self_test;
mod terminal;
mod user_memory;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, ExportKind, ImportKind};
use exit::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Each thread would take a huge page or more for the little that it needs. Where the kernel does
    // not let them be switched off, only memory is lost.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    if let Some(arguments) = jmeter_arguments() {
        return ended(command::jmeter::run(&arguments));
    }
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
    let done = match &cli.command {
        Command::Run(args) => command::run::run(args),
        Command::Find(args) => command::find::run(args),
        Command::Check(args) => command::check::run(args),
        Command::Report(args) => command::report::run(args),
        Command::Runs(args) => command::runs::run(args),
        Command::Compare(args) => command::compare::run(args),
        Command::Backend(args) => command::backend::run(args),
        Command::Demo(args) => command::demo::run(args),
        Command::Doctor => command::doctor::run(),
        Command::Monitor(args) => command::monitor::run(args),
        Command::Jmeter { arguments } => command::jmeter::run(arguments),
        Command::Script(args) => command::script::run(args),
        Command::Import(ImportKind::Jmx(args)) => command::import::run(args),
        Command::Export(ExportKind::Jmx(args)) => command::export::run(args),
        Command::Completions { shell } => command::completions::run(*shell),
    };
    ended(done)
}

/// What follows the name `jmeter`, as which the program was called or which is its first argument:
/// the command line of JMeter is not that of this program.
fn jmeter_arguments() -> Option<Vec<String>> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    let is_named_so = std::path::Path::new(&program)
        .file_stem()
        .is_some_and(|name| name == "jmeter");
    if !is_named_so && arguments.next()? != "jmeter" {
        return None;
    }
    let rest = arguments.map(|argument| argument.to_string_lossy().into_owned());
    Some(rest.collect())
}

fn ended(done: anyhow::Result<Exit>) -> ExitCode {
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal::say(&format!("error: {error:#}"));
            Exit::CouldNotRun.into()
        }
    }
}
