//! Processes that end with this one: when they are let go of, and when a signal ends the program.
//!
//! Not here: the end by SIGKILL, of which a program hears nothing.

use std::collections::BTreeSet;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// How often the end of a process is looked for: the runs themselves take longer.
pub(crate) const LOOK: Duration = Duration::from_millis(5);

/// Numbers of the processes that are running and have not been waited for.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn running() -> MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the processes that this program started when a signal asks it to end, and then the program.
///
/// # Errors
///
/// Signals cannot be listened for.
pub fn end_children_on_signals() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("listen for signals")?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Held to the end, so that no more are started.
            let running = running();
            for pid in running.iter().filter_map(|id| i32::try_from(*id).ok()) {
                if let Some(pid) = Pid::from_raw(pid) {
                    // One that has ended by itself is not running any more.
                    let _ = kill_process(pid, Signal::KILL);
                }
            }
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// A process of this program's own.
#[derive(Debug)]
pub(crate) struct OwnChild(Child);

impl OwnChild {
    /// Starts `command`.
    pub(crate) fn start(command: &mut Command) -> std::io::Result<Self> {
        let mut running = running();
        let child = command.spawn()?;
        running.insert(child.id());
        Ok(Self(child))
    }

    /// The process, for its streams; to wait for it is this type's business.
    pub(crate) fn streams(&mut self) -> &mut Child {
        &mut self.0
    }

    /// How it ended, if it has.
    pub(crate) fn try_wait(&mut self) -> std::io::Result<Option<ExitStatus>> {
        // Under the lock: once it was waited for, its number may be another process's.
        let mut running = running();
        let status = self.0.try_wait()?;
        if status.is_some() {
            running.remove(&self.0.id());
        }
        Ok(status)
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> std::io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Ends it at once.
    pub(crate) fn end(&mut self) -> std::io::Result<()> {
        self.0.kill()?;
        self.wait()?;
        Ok(())
    }
}

impl Drop for OwnChild {
    fn drop(&mut self) {
        // There is nobody to tell.
        drop(self.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_is_let_go_of_has_ended() {
        let child = OwnChild::start(Command::new("sleep").arg("600")).unwrap();
        let id = child.0.id();
        assert!(running().contains(&id));
        drop(child);
        assert!(!running().contains(&id));
        let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        assert!(rustix::process::test_kill_process(pid).is_err());
    }

    #[test]
    fn a_child_that_ends_by_itself_is_forgotten() {
        let mut child = OwnChild::start(&mut Command::new("true")).unwrap();
        assert!(child.wait().unwrap().success());
        assert!(!running().contains(&child.0.id()));
    }
}
