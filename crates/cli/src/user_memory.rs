//! What a user with a connection takes of this machine's memory: two short loads of users who mostly
//! pause, few and many, and the difference of what this program held in memory.
//!
//! Not here: what a request costs (see [`crate::self_test`]).

use std::path::Path;
use std::time::Duration;

use loadline_conductor::Interrupts;
use loadline_plan::{Element, ElementKind, Load, LoadStage, Location, NativeLoad, Timer};

use crate::backend_process::BackendProcess;
use crate::execution::record;
use crate::quick::QuickRequest;
use crate::self_test::{quiet_execution, why_not};

/// Users of the two loads.
const FEW: u32 = 100;
const MANY: u32 = 2_100;
/// Files that are not connections of users: logs, plans, what the program reads.
const OTHER_FILES: u64 = 200;
/// How long the users take to come, and how long they stay.
const COMING: Duration = Duration::from_secs(1);
const STAYING: Duration = Duration::from_millis(2_500);
/// Pause between two requests of a user, in milliseconds.
const PAUSE_MS: u32 = 500;

/// Bytes for each user, and of how many users more this is the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserMemory {
    pub(crate) bytes: u64,
    pub(crate) users: u32,
}

/// Loads `backend` with few users, then with many, with runs below `work`. To be called before other
/// loads, whose memory would be used again unseen; `files` is the limit of open files.
///
/// # Errors
///
/// When a load cannot be made, or this system does not say what a program holds in memory.
pub(crate) fn measure(
    backend: &BackendProcess,
    work: &Path,
    files: u64,
    interrupts: &Interrupts,
) -> anyhow::Result<UserMemory> {
    let room = u32::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(MANY);
    let many = MANY.min(room);
    anyhow::ensure!(many > 2 * FEW, "too few files can be open: {files}");
    let few_bytes = held_with(FEW, backend, &work.join("few"), interrupts)?;
    let many_bytes = held_with(many, backend, &work.join("many"), interrupts)?;
    let users = many - FEW;
    Ok(UserMemory {
        bytes: many_bytes.saturating_sub(few_bytes) / u64::from(users),
        users,
    })
}

/// The most bytes that this program held in memory while `users` ran.
fn held_with(
    users: u32,
    backend: &BackendProcess,
    folder: &Path,
    interrupts: &Interrupts,
) -> anyhow::Result<u64> {
    let request = QuickRequest {
        url: format!("http://{}/health", backend.address),
        ..QuickRequest::default()
    };
    let stage = |duration| LoadStage {
        target: users,
        duration,
    };
    let mut plan = request
        .plan(Load::Native(NativeLoad::UserStages {
            from: 0,
            stages: vec![stage(COMING), stage(STAYING)],
            start: Duration::ZERO,
            pacing: None,
        }))
        .map_err(anyhow::Error::msg)?;
    let pause = Timer::Constant {
        delay_ms: PAUSE_MS.to_string().as_str().into(),
    };
    plan.groups[0].children.push(Element {
        name: "Pause".into(),
        kind: ElementKind::Timer(pause),
        children: Vec::new(),
        location: Location::default(),
    });
    let mut most = 0;
    let execution = quiet_execution(plan, &request.url, folder);
    record(execution.of(), interrupts, &mut |live| {
        if live.users == users {
            most = most.max(resident_bytes().unwrap_or(0));
        }
    })
    .map_err(why_not)?;
    anyhow::ensure!(
        most > 0,
        "{users} users were not seen at once, or this system does not tell a program's memory"
    );
    Ok(most)
}

/// Bytes of this program in the machine's memory; `None` where `/proc` does not say.
fn resident_bytes() -> Option<u64> {
    in_status(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn in_status(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_kernels_text() {
        let status = "Name:\tx\nVmHWM:\t    9 kB\nVmRSS:\t   13776 kB\nThreads:\t1\n";
        assert_eq!(in_status(status), Some(13_776 * 1024));
        assert_eq!(in_status("Name:\tx\n"), None);
    }
}
