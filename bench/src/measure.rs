//! Runs a generator once and measures what it costs.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::tool::{Job, Launch, Places, Said, Start, Tool};
use crate::workload::Workload;

/// How often the process tree is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How long a generator may take until its first request, beside the time in which users arrive.
const START: Duration = Duration::from_secs(60);
/// How long it may go on after the time that it was given, and a millisecond more for each user.
const GRACE: Duration = Duration::from_secs(20);

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Requests that the target served.
    pub(crate) served: u64,
    /// User and system time of the whole process tree, in seconds, for these requests.
    pub(crate) cpu: f64,
    /// How long these requests took together, in seconds.
    pub(crate) length: f64,
    /// Greatest resident memory of the process tree, in bytes.
    pub(crate) peak: u64,
    /// Requests that were recorded each for itself.
    pub(crate) recorded: Option<u64>,
    /// Requests of the whole run.
    pub(crate) all_served: u64,
    /// p50, p90 and p99 as the generator and the target say them, in microseconds.
    pub(crate) quantiles: Option<([f64; 3], [f64; 3])>,
}

/// The target's process.
pub(crate) struct Target {
    child: Child,
    plain: u16,
    tls: u16,
    http2: u16,
}

impl Target {
    /// Starts it on core 0.
    pub(crate) fn start() -> Result<Self> {
        let mut command = on_core(0, &std::env::current_exe()?);
        let mut child = command
            .arg("target")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("the target's output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let mut ports = line.split_whitespace().map(str::parse);
        let (Some(Ok(plain)), Some(Ok(tls)), Some(Ok(http2))) =
            (ports.next(), ports.next(), ports.next())
        else {
            bail!("the target did not start: {line}")
        };
        Ok(Self {
            child,
            plain,
            tls,
            http2,
        })
    }

    pub(crate) fn port(&self, workload: &Workload) -> u16 {
        match (workload.http2, workload.tls) {
            (Some(_), _) => self.http2,
            (None, true) => self.tls,
            (None, false) => self.plain,
        }
    }

    fn ask(&self, what: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.plain))?;
        write!(
            stream,
            "GET /-/{what} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer
            .rsplit("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .to_owned())
    }

    fn served(&self) -> Result<u64> {
        Ok(self.ask("count")?.parse()?)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // It ends with its standard input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A command on this core, where there are several; it ends when this program does.
fn on_core(core: usize, program: &Path) -> Command {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut words: Vec<OsString> = Vec::new();
    if cores > 1 && Path::new("/usr/bin/taskset").exists() {
        words.extend(["/usr/bin/taskset", "-c", &core.to_string()].map(OsString::from));
    }
    if Path::new("/usr/bin/setpriv").exists() {
        words.extend(["/usr/bin/setpriv", "--pdeathsig", "KILL"].map(OsString::from));
    }
    words.push(program.into());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// What came of a run.
pub(crate) enum Outcome {
    /// It went as it should; the command, and in what it did less than the workload says.
    Measured(Figures, String, Option<&'static str>),
    /// The generator cannot do the workload, for this reason.
    Cannot(&'static str),
    /// It was ended, for it went on and on.
    DidNotEnd,
    /// What the generator said when it failed.
    Failed(String),
}

/// Lets `tool` send `workload` for `length`, after `jvm_warm_up` if it runs on a JVM.
pub(crate) fn run(
    tool: &Tool,
    places: &Places,
    workload: &Workload,
    (length, jvm_warm_up): (Duration, Duration),
    target: &Target,
) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let job = Job {
        workload,
        length,
        jvm_warm_up,
        port: target.port(workload),
        folder: folder.path(),
    };
    let program = (tool.find)(places).with_context(|| format!("{} is gone", tool.name))?;
    let launch = match (tool.launch)(&job, &program)? {
        Start::Launch(launch) => launch,
        Start::Cannot(reason) => return Ok(Outcome::Cannot(reason)),
    };
    job.write("program", &program.display().to_string())?;
    target.ask("reset")?;

    let outputs = (folder.path().join("stdout"), folder.path().join("stderr"));
    let mut command = on_core(1, Path::new(&launch.program));
    command
        .args(&launch.arguments)
        .envs(launch.environment.iter().map(|(name, value)| (name, value)));
    // A group of its own, so that all of it can be ended.
    command
        .process_group(0)
        .current_dir(folder.path())
        .stdin(Stdio::null());
    command
        .stdout(std::fs::File::create(&outputs.0)?)
        .stderr(std::fs::File::create(&outputs.1)?);
    let before = cpu_of_children()?;
    let mut child = command
        .spawn()
        .with_context(|| format!("{} does not start", tool.name))?;
    let watched = watch(&mut child, &launch, &job, target)?;
    let cpu = cpu_of_children()? - before;
    let all_served = target.served()?;
    let said = Said {
        stdout: std::fs::read_to_string(&outputs.0).unwrap_or_default(),
        folder: folder.path().to_owned(),
    };
    let stderr = std::fs::read_to_string(&outputs.1).unwrap_or_default();
    let Some(status) = watched.status else {
        return Ok(Outcome::DidNotEnd);
    };
    if !status.success() || all_served == 0 {
        return Ok(Outcome::Failed(format!(
            "{status}, {all_served} requests served\n{}\n{stderr}",
            said.stdout
        )));
    }
    let (served, cpu, elapsed) = match *watched.window.as_slice() {
        [] if launch.warm_up.is_none() => (all_served, cpu, length),
        [first, last] => (last.0 - first.0, last.1 - first.1, last.2 - first.2),
        _ => return Ok(Outcome::Failed("it ended before its time".to_owned())),
    };
    if served == 0 {
        let what = "it sent nothing while it was measured";
        return Ok(Outcome::Failed(what.to_owned()));
    }
    let truth: Vec<f64> = target
        .ask("slow")?
        .split(' ')
        .filter_map(|value| value.parse().ok())
        .collect();
    let truth = <[f64; 3]>::try_from(truth)
        .ok()
        .filter(|_| workload.name == "slow");
    let figures = Figures {
        served,
        cpu,
        length: elapsed.as_secs_f64(),
        peak: watched.peak,
        recorded: (launch.recorded)(&said),
        all_served,
        quantiles: truth.and_then(|truth| Some(((launch.quantiles)(&said)?, truth))),
    };
    Ok(Outcome::Measured(
        figures,
        written(&launch, &job, places),
        launch.note,
    ))
}

/// What was seen of a generator while it ran.
struct Watched {
    /// `None` if it had to be ended.
    status: Option<ExitStatus>,
    peak: u64,
    /// Requests served, CPU seconds and time at start and end of what is measured of a generator with a warm-up.
    window: Vec<(u64, f64, Duration)>,
}

fn watch(child: &mut Child, launch: &Launch, job: &Job<'_>, target: &Target) -> Result<Watched> {
    let began = Instant::now();
    let warm_up = launch.warm_up.unwrap_or_default();
    let ends = [warm_up, warm_up + job.length];
    let mut first_request = None;
    let (mut peak, mut window) = (0, Vec::new());
    loop {
        if let Some(status) = child.try_wait()? {
            let status = Some(status);
            return Ok(Watched {
                status,
                peak,
                window,
            });
        }
        let tree = Tree::of(child.id());
        peak = peak.max(tree.resident);
        let now = began.elapsed();
        if first_request.is_none() && (launch.warm_up.is_none() || target.served()? > 0) {
            first_request = Some(now);
        }
        if let (Some(first), Some(end)) = (first_request, ends.get(window.len()))
            && launch.warm_up.is_some()
            && now >= first + *end
        {
            window.push((target.served()?, tree.cpu, began.elapsed()));
        }
        let limit = first_request.map_or(START + job.arriving(), |first| {
            first + job.sending(warm_up) + job.arriving() + GRACE
        });
        if now > limit {
            end(child)?;
            return Ok(Watched {
                status: None,
                peak,
                window,
            });
        }
        std::thread::sleep(LOOK);
    }
}

/// Ends a generator with all processes of its group.
fn end(child: &mut Child) -> Result<()> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    kill_process_group(group.context("the generator has no id")?, Signal::KILL)?;
    child.wait()?;
    Ok(())
}

/// The command, without the names of folders.
fn written(launch: &Launch, job: &Job<'_>, places: &Places) -> String {
    let mut words: Vec<String> = launch
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    words.push(launch.program.display().to_string());
    words.extend(
        launch
            .arguments
            .iter()
            .map(|argument| quoted(&argument.display().to_string())),
    );
    let classpath = words.iter().position(|word| word == "-cp").map(|at| at + 1);
    if let Some(at) = classpath {
        words[at] = "…".to_owned();
    }
    let folders = [
        (job.folder, ""),
        (&places.peers.join("bin"), ""),
        (&places.peers, "bench/.cache/"),
        (&places.jmeter, ""),
    ];
    let own = [
        places.loadline.parent(),
        std::env::current_exe()
            .ok()
            .as_deref()
            .and_then(Path::parent),
    ]
    .into_iter()
    .flatten()
    .map(|folder| (folder.to_owned(), ""))
    .collect::<Vec<_>>();
    let folders = folders
        .iter()
        .map(|(folder, short)| (folder.to_path_buf(), *short))
        .chain(own);
    folders.fold(words.join(" "), |text, (folder, short)| {
        text.replace(&format!("{}/", folder.display()), short)
    })
}

/// An argument as a shell takes it.
fn quoted(word: &str) -> String {
    if word.contains([' ', ';', '&']) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

/// CPU seconds of all children that have ended, with theirs.
fn cpu_of_children() -> Result<f64> {
    let stat = procfs::process::Process::myself()?.stat()?;
    Ok((stat.cutime + stat.cstime) as f64 / procfs::ticks_per_second() as f64)
}

/// A process with all its descendants.
struct Tree {
    cpu: f64,
    resident: u64,
}

impl Tree {
    fn of(root: u32) -> Self {
        let mut tree = Self {
            cpu: 0.0,
            resident: 0,
        };
        let Ok(processes) = procfs::process::all_processes() else {
            return tree;
        };
        let stats: Vec<_> = processes
            .filter_map(|process| process.ok()?.stat().ok())
            .collect();
        let mut members = vec![i32::try_from(root).unwrap_or(i32::MAX)];
        let mut at = 0;
        while let Some(&parent) = members.get(at) {
            members.extend(
                stats
                    .iter()
                    .filter(|stat| stat.ppid == parent)
                    .map(|stat| stat.pid),
            );
            at += 1;
        }
        for stat in stats.iter().filter(|stat| members.contains(&stat.pid)) {
            let ticks =
                stat.utime + stat.stime + u64::try_from(stat.cutime + stat.cstime).unwrap_or(0);
            tree.cpu += ticks as f64 / procfs::ticks_per_second() as f64;
            tree.resident += stat.rss * procfs::page_size();
        }
        tree
    }
}
