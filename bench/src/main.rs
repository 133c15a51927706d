//! Loadline beside other load generators, on the same target and the same machine.
//!
//! `compare` runs each generator in turn, in interleaved rounds, on a core of its own, and prints a table for each
//! workload. What counts is CPU time for a request: it survives a busy machine, where requests per second do not.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};

mod floor;
mod made;
mod measure;
mod measured;
mod sleeper;
mod table;
mod target;
mod tool;
mod workload;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run generators in interleaved rounds and print what each costs
    Compare(Compare),
    /// Serve as the target until standard input ends; prints the ports of HTTP, HTTPS and HTTP/2 over TLS
    Target,
    /// Send as many requests as can be with a bare write and read each
    Floor {
        /// Port of the target on this machine
        port: u16,
        /// Connections
        connections: usize,
        /// Seconds
        seconds: u64,
        /// With a task for each connection, a reading of the clock before and after, and a record
        #[arg(long)]
        measured: bool,
        /// Beside a thread that sleeps, as a generator has one that writes its log
        #[arg(long)]
        beside_thread: bool,
    },
    /// Wait for starts and do nothing else; prints median and 99th percentile of their lateness in microseconds
    Sleeper {
        /// Starts a second
        rate: u32,
        /// Seconds
        seconds: u64,
    },
    /// Write results that were never measured, always the same, to time how they are read
    Make {
        /// The form in which they are written
        form: made::Form,
        /// The new file or run folder
        path: PathBuf,
        #[command(flatten)]
        extent: made::Extent,
    },
}

#[derive(clap::Args)]
struct Compare {
    /// Workloads, by name; all of them by default
    #[arg(long, value_delimiter = ',')]
    workloads: Vec<String>,
    /// Generators, by name; all that are found by default
    #[arg(long, value_delimiter = ',')]
    tools: Vec<String>,
    /// Rounds
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds for which each generator sends in a round
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Seconds for which generators on a JVM compile before they are measured
    #[arg(long, default_value_t = 15)]
    jvm_warm_up: u64,
    /// The binary of Loadline that is measured
    #[arg(long, env = "LOADLINE", default_value = "target/release/loadline")]
    loadline: PathBuf,
    /// Where other generators are installed
    #[arg(long, default_value = "bench/.cache")]
    peers: PathBuf,
    /// The home of JMeter
    #[arg(long, default_value = "oracle/.cache/jmeter-5.6.3")]
    jmeter: PathBuf,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Task::Compare(compare) => compare.run(),
        Task::Target => target::serve(),
        Task::Floor {
            port,
            connections,
            seconds,
            measured,
            beside_thread,
        } => {
            if beside_thread {
                std::thread::spawn(|| {
                    loop {
                        std::thread::park();
                    }
                });
            }
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let run = if measured { measured::run } else { floor::run };
            let answers = run(address, "/small", connections, Duration::from_secs(seconds))?;
            writeln!(std::io::stdout(), "{answers}")?;
            Ok(())
        }
        Task::Sleeper { rate, seconds } => {
            let (median, late) = sleeper::run(rate, Duration::from_secs(seconds));
            let mut out = std::io::stdout();
            writeln!(out, "{} {}", median.as_micros(), late.as_micros())?;
            Ok(())
        }
        Task::Make { form, path, extent } => made::write(form, extent, &path),
    }
}

impl Compare {
    fn run(&self) -> Result<()> {
        // Each connection takes a descriptor, here in the target and in each generator.
        let (_, most) = rlimit::getrlimit(rlimit::Resource::NOFILE)?;
        rlimit::setrlimit(rlimit::Resource::NOFILE, most, most)?;
        let places = tool::Places {
            loadline: self
                .loadline
                .canonicalize()
                .with_context(|| format!("no {}", self.loadline.display()))?,
            peers: std::path::absolute(&self.peers)?,
            jmeter: std::path::absolute(&self.jmeter)?,
        };
        let mut out = std::io::stdout();
        let mut tools = Vec::new();
        for tool in tool::all() {
            let is_wanted =
                self.tools.is_empty() || self.tools.iter().any(|name| name == tool.name);
            match (tool.find)(&places) {
                _ if !is_wanted => {}
                None => writeln!(out, "skipped: {} is not installed", tool.name)?,
                Some(_) => tools.push(tool),
            }
        }
        let workloads: Vec<_> = workload::all()
            .into_iter()
            .filter(|workload| {
                self.workloads.is_empty() || self.workloads.iter().any(|name| name == workload.name)
            })
            .collect();
        if tools.is_empty() || workloads.is_empty() {
            bail!("no such generator or workload");
        }
        for tool in &tools {
            writeln!(
                out,
                "- {}{}: {}",
                tool.name,
                version(tool, &places).map_or(String::new(), |said| format!(" ({said})")),
                tool.settings
            )?;
        }
        for workload in &workloads {
            writeln!(out)?;
            let results = self.rounds(workload, &tools, &places)?;
            write!(out, "{}", results.markdown())?;
            out.flush()?;
        }
        Ok(())
    }

    fn rounds(
        &self,
        workload: &workload::Workload,
        tools: &[tool::Tool],
        places: &tool::Places,
    ) -> Result<table::Results> {
        let target = measure::Target::start()?;
        let mut rows: Vec<table::Row> = tools
            .iter()
            .map(|tool| table::Row::new(tool.name))
            .collect();
        for round in 1..=self.rounds {
            for (tool, row) in tools.iter().zip(&mut rows) {
                if row.is_out() {
                    continue;
                }
                let times = (
                    Duration::from_secs(self.seconds),
                    Duration::from_secs(self.jvm_warm_up),
                );
                let outcome = measure::run(tool, places, workload, times, &target)?;
                if let measure::Outcome::Failed(said) = &outcome {
                    writeln!(
                        std::io::stderr(),
                        "{} failed on {}, round {round}: {said}",
                        tool.name,
                        workload.name
                    )?;
                }
                row.add(outcome);
            }
        }
        let title = format!("{} (`{}`)", workload.title, workload.name);
        Ok(table::Results { title, rows })
    }
}

/// What a generator says of its version.
fn version(tool: &tool::Tool, places: &tool::Places) -> Option<String> {
    (tool.version)(&(tool.find)(places)?)
}
