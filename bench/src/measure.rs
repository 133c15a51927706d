//! Runs a generator once and measures what it costs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::tool::{Job, Places, Said, Tool};
use crate::workload::Workload;

/// How often the process tree is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How long a generator may go on after the time that it was given.
const GRACE: Duration = Duration::from_secs(60);

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
        let (Some(Ok(plain)), Some(Ok(tls))) = (ports.next(), ports.next()) else {
            bail!("the target did not start: {line}")
        };
        Ok(Self { child, plain, tls })
    }

    pub(crate) fn port(&self, workload: &Workload) -> u16 {
        if workload.tls { self.tls } else { self.plain }
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

/// A command on this core, where there are several.
fn on_core(core: usize, program: &Path) -> Command {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores < 2 || !Path::new("/usr/bin/taskset").exists() {
        return Command::new(program);
    }
    let mut command = Command::new("/usr/bin/taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

/// Lets `tool` send `workload` for `length`; `None` when it cannot.
pub(crate) fn run(
    tool: &Tool,
    places: &Places,
    workload: &Workload,
    length: Duration,
    target: &Target,
) -> Result<Option<Figures>> {
    let folder = tempfile::tempdir()?;
    let job = Job {
        workload,
        length,
        port: target.port(workload),
        folder: folder.path(),
    };
    let Some(program) = (tool.find)(places) else {
        return Ok(None);
    };
    let Some(launch) = (tool.launch)(&job, &program)? else {
        return Ok(None);
    };
    job.write("program", &program.display().to_string())?;
    target.ask("reset")?;

    let outputs = (folder.path().join("stdout"), folder.path().join("stderr"));
    let mut command = on_core(1, Path::new(&launch.program));
    command
        .args(&launch.arguments)
        .envs(launch.environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(folder.path()).stdin(Stdio::null());
    command
        .stdout(std::fs::File::create(&outputs.0)?)
        .stderr(std::fs::File::create(&outputs.1)?);
    let before = cpu_of_children()?;
    let began = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("{} does not start", tool.name))?;

    let (mut peak, mut window) = (0, Vec::new());
    let ends = launch
        .warm_up
        .map(|warm_up| [warm_up, warm_up + length - Duration::from_millis(500)]);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let tree = Tree::of(child.id());
        peak = peak.max(tree.resident);
        if let Some(ends) = ends
            && window.len() < ends.len()
            && began.elapsed() >= ends[window.len()]
        {
            window.push((target.served()?, tree.cpu, began.elapsed()));
        }
        if began.elapsed() > length + launch.warm_up.unwrap_or_default() + GRACE {
            child.kill()?;
            child.wait()?;
            bail!("{} did not end", tool.name);
        }
        std::thread::sleep(LOOK);
    };
    let cpu = cpu_of_children()? - before;
    let all_served = target.served()?;
    let said = Said {
        stdout: std::fs::read_to_string(&outputs.0).unwrap_or_default(),
        folder: folder.path().to_owned(),
    };
    let stderr = std::fs::read_to_string(&outputs.1).unwrap_or_default();
    if !status.success() || all_served == 0 {
        bail!(
            "{} failed on {}: {status}\n{}\n{stderr}",
            tool.name,
            workload.name,
            said.stdout
        );
    }
    let (served, cpu, elapsed) = match *window.as_slice() {
        [] if launch.warm_up.is_none() => (all_served, cpu, length),
        [first, last] => (last.0 - first.0, last.1 - first.1, last.2 - first.2),
        _ => bail!("{} ended before its time", tool.name),
    };
    let truth: Vec<f64> = target
        .ask("slow")?
        .split(' ')
        .filter_map(|value| value.parse().ok())
        .collect();
    let truth = <[f64; 3]>::try_from(truth)
        .ok()
        .filter(|_| workload.name == "slow");
    Ok(Some(Figures {
        served,
        cpu,
        length: elapsed.as_secs_f64(),
        peak,
        recorded: (launch.recorded)(&said),
        all_served,
        quantiles: truth.and_then(|truth| Some(((launch.quantiles)(&said)?, truth))),
    }))
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
