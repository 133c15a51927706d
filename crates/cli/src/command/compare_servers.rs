//! `loadline compare --run`: two ways to start a server, loaded in turns with the same plan.
//!
//! The order is ABBA BAAB …, so that a machine that gets slower or faster favours neither. Each run has
//! a server of its own, started before it and ended behind it; pairs share a seed.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use loadline_conductor::{Interrupts, ResultRequest};
use loadline_plan::PlanSource as Kind;
use loadline_store::folder_name;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::args::{CompareArgs, OutputArgs};
use crate::command::compare::{BASELINES, CANDIDATES, Runs, compare_sides};
use crate::command::run::explain;
use crate::execution::{Executed, Execution, NotRun, execute};
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::planned::{self, Planned};
use crate::preparation::wall_now_ms;
use crate::replay;
use crate::terminal::say;

/// Longest time to wait for a server to answer.
const START: Duration = Duration::from_secs(60);
/// Time between two looks at a server that starts or ends.
const LOOK: Duration = Duration::from_millis(100);
/// Time that a server may take to end before it is killed.
const END: Duration = Duration::from_secs(10);

pub(crate) fn run(args: &CompareArgs, plan: &str) -> anyhow::Result<Exit> {
    let (Some(a), Some(b)) = (&args.a, &args.b) else {
        say("error: --run needs --a and --b: how to start the baseline and the candidate");
        return Ok(Exit::Usage);
    };
    if args.pairs < 2 {
        say("error: --pairs must be at least 2: one pair does not show how much runs differ");
        return Ok(Exit::Usage);
    }
    let interrupts = count_interrupts(announce)?;
    let folder = args
        .keep
        .clone()
        .unwrap_or_else(|| Path::new("loadline-runs").join(folder_name(wall_now_ms(), "compare")));
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let first_seed = args
        .seed
        .unwrap_or(wall_now_ms().unsigned_abs() % 1_000_000_007);
    let (mut baselines, mut candidates) = (Vec::new(), Vec::new());
    for pair in 0..args.pairs {
        for is_baseline in order(pair) {
            let (command, name, side) = if is_baseline {
                (a, BASELINES, &mut baselines)
            } else {
                (b, CANDIDATES, &mut candidates)
            };
            say(&format!(
                "pair {} of {}: {name}, `{command}`",
                pair + 1,
                args.pairs
            ));
            let out = folder.join(name).join(format!("{:02}", pair + 1));
            let server = Server::start(command, &folder.join(format!("{name}.log")))?;
            let seed = first_seed + u64::from(pair);
            let executed = match load(args, plan, &out, seed, &server, &interrupts)? {
                Ok(executed) => executed,
                Err(exit) => return Ok(exit),
            };
            drop(server);
            side.push(executed);
            if interrupts.load(Ordering::Relaxed) > 0 {
                say(&format!("stopped; what was run is in {}", folder.display()));
                return Ok(Exit::Stopped);
            }
        }
    }
    let sides = Runs {
        baselines,
        candidates,
        paired: true,
    };
    compare_sides(&sides, args, &folder)
}

/// Whether the baseline is run, first and second of a pair: ABBA BAAB.
const fn order(pair: u32) -> [bool; 2] {
    if matches!(pair % 4, 0 | 3) {
        [true, false]
    } else {
        [false, true]
    }
}

/// Loads the server as soon as it answers.
fn load(
    args: &CompareArgs,
    named: &str,
    out: &Path,
    seed: u64,
    server: &Server,
    interrupts: &Interrupts,
) -> anyhow::Result<Result<Executed, Exit>> {
    let begun = Instant::now();
    let output = OutputArgs {
        out: None,
        seed: Some(seed),
        threads: None,
        json: false,
        quiet: args.quiet,
        no_color: args.no_color,
    };
    loop {
        let of_url = || Err("a URL has no load of its own: name a plan".to_owned());
        let read = planned::read(named, &args.request, &args.values, true, of_url, |_| Ok(()))?;
        let Planned {
            plan,
            files,
            unsupported,
        } = match read {
            Ok(planned) => planned,
            Err(exit) => return Ok(Err(exit)),
        };
        let is_file = plan.source != Kind::Quick;
        let execution = Execution {
            plan,
            plan_file: is_file.then(|| Path::new(named)),
            plan_source: replay::hide_query(named),
            sources: files,
            values: &args.values,
            output: &output,
            folder: Some(out.to_owned()),
            verify_tls: args.request.insecure.then_some(false),
            allowed_hosts: args.request.allowed_hosts.clone(),
            unsupported,
            skips_refused_scripts: args.request.allow_unsupported,
            note: server.command.clone(),
            replay: format!("loadline run {named}"),
            results: ResultRequest::default(),
            without_answer: false,
            without_users: false,
        };
        match execute(execution, interrupts) {
            Ok(executed) => return Ok(Ok(executed)),
            Err(NotRun::NoAnswer(error)) => {
                if interrupts.load(Ordering::Relaxed) > 0 {
                    return Ok(Err(Exit::Stopped));
                }
                if begun.elapsed() > START || server.has_ended() {
                    let log = server.log.display();
                    say(&format!(
                        "error: {error:#}\n  help: `{}` did not bring it up; its output is in {log}",
                        server.command
                    ));
                    return Ok(Err(Exit::CouldNotRun));
                }
                std::thread::sleep(LOOK);
            }
            Err(not_run) => return Ok(Err(explain(not_run))),
        }
    }
}

/// A server and all processes that it started, ended when dropped.
struct Server {
    command: String,
    log: PathBuf,
    child: std::cell::RefCell<Child>,
}

impl Server {
    /// Starts `command`: a shell's, or the reference backend's profile or arguments.
    fn start(command: &str, log: &Path) -> anyhow::Result<Self> {
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("write {}", log.display()))?;
        let own = match command {
            "naive" | "tuned" => Some(format!("backend --profile {command}")),
            other if other.starts_with("backend ") => Some(other.to_owned()),
            _ => None,
        };
        let mut process = match own {
            Some(arguments) => {
                let mut process =
                    Command::new(std::env::current_exe().context("find this program")?);
                process.args(arguments.split_whitespace());
                process
            }
            None => {
                let mut process = Command::new("sh");
                process.arg("-c").arg(command);
                process
            }
        };
        let child = process
            .stdin(Stdio::null())
            .stdout(output.try_clone().context("share the server's log")?)
            .stderr(output)
            // A group of its own: what it starts ends with it, and Ctrl-C ends the run first.
            .process_group(0)
            .spawn()
            .with_context(|| format!("start `{command}`"))?;
        Ok(Self {
            command: command.to_owned(),
            log: log.to_owned(),
            child: std::cell::RefCell::new(child),
        })
    }

    fn has_ended(&self) -> bool {
        matches!(self.child.borrow_mut().try_wait(), Ok(Some(_)))
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.borrow().id()).unwrap_or(0);
        if let Some(group) = Pid::from_raw(id) {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let begun = Instant::now();
        while !self.has_ended() && begun.elapsed() < END {
            std::thread::sleep(LOOK);
        }
        // What is left of its group, if anything is.
        self.signal(Signal::KILL);
        let _ = self.child.borrow_mut().wait();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn each_side_is_first_as_often_as_the_other() {
        let firsts = (0..8).filter(|pair| order(*pair)[0]).count();
        assert_eq!(firsts, 4);
        let letters: String = (0..4)
            .flat_map(order)
            .map(|baseline| if baseline { 'A' } else { 'B' })
            .collect();
        assert_eq!(letters, "ABBABAAB");
    }

    #[test]
    fn a_server_ends_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let (log, alive) = (folder.path().join("log"), folder.path().join("alive"));
        let made = Command::new("mkfifo").arg(&alive).status().unwrap();
        assert!(made.success());
        // The pipe has a writer for as long as the process that was started lives.
        let command = format!("sleep 1000 > '{}' & echo up; wait", alive.display());
        let server = Server::start(&command, &log).unwrap();
        let mut reader = std::fs::File::open(&alive).unwrap();
        drop(server);
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }
}
