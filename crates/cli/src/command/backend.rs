//! `loadline backend`: the reference backend, until it is told to end.

use std::io::{Read, Write};
use std::thread;

use anyhow::Context;
use loadline_backend::{Backend, BackendOptions, Database, Fault, Profile, ShutdownHandle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::args::BackendArgs;
use crate::exit::Exit;
use crate::terminal::say;

pub(crate) fn run(args: &BackendArgs) -> anyhow::Result<Exit> {
    // What the user wrote is looked at before anything is started.
    let wanted = args.profile.parse::<Profile>().and_then(|profile| {
        let faults = args.faults.iter().map(|text| text.parse::<Fault>());
        let database = args
            .database
            .as_deref()
            .map(str::parse::<Database>)
            .transpose()?;
        Ok((profile, faults.collect::<Result<Vec<_>, _>>()?, database))
    });
    let (profile, faults, database) = match wanted {
        Ok(wanted) => wanted,
        Err(error) => {
            say(&format!("error: {error}"));
            return Ok(Exit::Usage);
        }
    };
    // Each connection takes a file; the limit is often far below what the machine can do.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let folder = tempfile::Builder::new()
        .prefix("loadline-backend-")
        .tempdir();
    let folder = folder.context("create a temporary folder for the database")?;
    let in_folder = || Database::Sqlite(folder.path().join("backend.sqlite"));
    let database = database.unwrap_or_else(in_folder);
    let options = BackendOptions {
        listen: args.listen,
        database,
        profile,
        faults,
    };
    let backend = Backend::start(options).context("start the backend")?;
    let address = backend.address();
    let mut stdout = std::io::stdout();
    writeln!(
        stdout,
        "listening on http://{address}/ ({} profile)",
        args.profile
    )?;
    stdout.flush()?;
    end_on_signal(backend.shutdown_handle())?;
    if args.until_stdin_closes {
        end_with_stdin(backend.shutdown_handle());
    }
    backend.wait();
    Ok(Exit::Ok)
}

fn end_on_signal(shutdown: ShutdownHandle) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("listen for signals")?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            shutdown.shutdown();
        }
    });
    Ok(())
}

/// Ends the backend when its parent closes the pipe, which the system also does for one that died.
fn end_with_stdin(shutdown: ShutdownHandle) {
    thread::spawn(move || {
        let mut byte = [0];
        while matches!(std::io::stdin().read(&mut byte), Ok(1)) {}
        shutdown.shutdown();
    });
}
