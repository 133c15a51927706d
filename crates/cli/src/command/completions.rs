//! `loadline completions`: a completion script for a shell.

use std::io::Write;

use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::Exit;

pub(crate) fn run(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "loadline", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Ok)
}
