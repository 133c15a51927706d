//! `loadline completions`: a completion script for a shell.

use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::Exit;
use crate::terminal::print;

pub(crate) fn run(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "loadline", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
