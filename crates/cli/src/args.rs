//! The command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::load_flags::LoadFlags;

/// Finds how much load a backend carries, what breaks first and why.
#[derive(Debug, Parser)]
#[command(name = "loadline", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a plan (.yaml or .jmx) or load a URL, watch the server, judge the result
    Run(Box<RunArgs>),
    /// Search the greatest load that keeps the limits
    Find(Box<FindArgs>),
    /// Check a plan without sending anything; for a .jmx, what becomes of each element
    Check(CheckArgs),
    /// Print the summary of a run again and rebuild its files
    Report(ReportArgs),
    /// Compare two runs: improved, regressed, no significant change or cannot tell
    Compare(Box<CompareArgs>),
    /// List the runs of a folder; with --trend one figure over the history of a plan
    Runs(RunsArgs),
    /// Start the reference backend
    Backend(BackendArgs),
    /// The whole circle on this machine: test, judge, find the bottleneck, fix, test again, compare
    Demo(DemoArgs),
    /// Say what this machine can do as a load generator
    Doctor,
    /// Watch a server without sending load
    Monitor(MonitorArgs),
    /// Run a .jmx with the command line, the output, the result files and the exit codes of JMeter
    #[command(disable_help_flag = true)]
    Jmeter {
        /// Options of JMeter; -? lists them
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "OPTION"
        )]
        arguments: Vec<String>,
    },
    /// Run a script of a JMeter plan alone, without a JVM
    Script(ScriptArgs),
    /// Write a plan of another program as one of Loadline's own
    #[command(subcommand)]
    Import(ImportKind),
    /// Write one of Loadline's own plans as a plan of another program
    #[command(subcommand)]
    Export(ExportKind),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// From what.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportKind {
    /// A JMeter plan (.jmx) as YAML
    Jmx(ImportArgs),
}

/// To what.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportKind {
    /// A YAML plan as a .jmx that JMeter runs the same way
    Jmx(ExportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A JMeter plan
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) values: ValueArgs,
    /// Leave out elements that cannot be run; a comment says so
    #[arg(long, env = "LOADLINE_ALLOW_UNSUPPORTED")]
    pub(crate) allow_unsupported: bool,
    /// Write to this file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A YAML plan
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) values: ValueArgs,
    /// Write to this file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Values for a plan.
#[derive(Debug, Default, Args)]
pub(crate) struct ValueArgs {
    /// Set a variable of the plan
    #[arg(short = 'e', long = "var", value_name = "K=V", value_parser = key_value)]
    pub(crate) variables: Vec<(String, String)>,
    /// Set a JMeter property
    #[arg(short = 'J', value_name = "K=V", value_parser = key_value)]
    pub(crate) properties: Vec<(String, String)>,
    /// System properties of Java, from the command line of `jmeter`.
    #[arg(skip)]
    pub(crate) system_properties: BTreeMap<String, String>,
    /// Let the plan read files outside of its folder and the working directory
    #[arg(long, env = "LOADLINE_ALLOW_OUTSIDE_FILES")]
    pub(crate) allow_outside_files: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A plan (.yaml, .yml or .jmx) or a URL
    #[arg(value_name = "PLAN|URL")]
    pub(crate) plan: String,
    #[command(flatten)]
    pub(crate) load: LoadFlags,
    #[command(flatten)]
    pub(crate) values: ValueArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Compare with this run at the end
    #[arg(long, value_name = "RUN", env = "LOADLINE_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// A remark kept with the run
    #[arg(long, default_value = "", env = "LOADLINE_NOTE")]
    pub(crate) note: String,
    /// Treat "inconclusive" as a failure (exit code 96)
    #[arg(long, env = "LOADLINE_STRICT")]
    pub(crate) strict: bool,
}

/// What is sent to where, and what is expected of it.
#[derive(Debug, Default, Args)]
pub(crate) struct RequestArgs {
    /// Method of a URL's requests
    #[arg(short, long, env = "LOADLINE_METHOD")]
    pub(crate) method: Option<String>,
    /// Add a header to a URL's requests
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Body of a URL's requests
    #[arg(long, conflicts_with = "body_file")]
    pub(crate) body: Option<String>,
    /// File that holds the body of a URL's requests
    #[arg(long, value_name = "FILE")]
    pub(crate) body_file: Option<PathBuf>,
    /// Time to connect, and greatest gap between two reads, of a URL's requests
    #[arg(long, value_name = "TIME", value_parser = duration, env = "LOADLINE_TIMEOUT")]
    pub(crate) timeout: Option<std::time::Duration>,
    /// Do not check the server's certificate
    #[arg(short = 'k', long, env = "LOADLINE_INSECURE")]
    pub(crate) insecure: bool,
    /// Add a limit, such as 'p95 < 500ms for "GET /posts/"'
    #[arg(long = "limit", value_name = "LIMIT")]
    pub(crate) limits: Vec<String>,
    /// Watch a server: `local` (the process that listens on the target's port), `pid:N`,
    /// `postgres://…` (a database), or `NAME=SOURCE`
    #[arg(long = "server", value_name = "SOURCE")]
    pub(crate) servers: Vec<String>,
    /// Allow this public host as a target: you must have its owner's permission
    #[arg(long = "i-may-load", value_name = "HOST", env = "LOADLINE_I_MAY_LOAD")]
    pub(crate) allowed_hosts: Vec<String>,
    /// Run a plan although it holds elements that cannot be run; the report says so
    #[arg(long, env = "LOADLINE_ALLOW_UNSUPPORTED")]
    pub(crate) allow_unsupported: bool,
}

/// A search for the greatest load.
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// A plan (.yaml, .yml or .jmx) or a URL
    #[arg(value_name = "PLAN|URL", required_unless_present = "resume")]
    pub(crate) plan: Option<String>,
    /// The greatest load to try: users, or arrivals as in 500/s [default: 10000 users or 10000/s]
    #[arg(long, value_name = "N|N/s", env = "LOADLINE_MAX")]
    pub(crate) max: Option<LoadBound>,
    /// The load to begin with [default: 1/256 of the greatest]
    #[arg(long, alias = "start", value_name = "N|N/s", env = "LOADLINE_MIN")]
    pub(crate) min: Option<LoadBound>,
    /// Most time the search may take, recoveries included
    #[arg(long, value_name = "TIME", value_parser = duration, env = "LOADLINE_BUDGET")]
    pub(crate) budget: Option<std::time::Duration>,
    /// Window of a trial; proofs take two to eight times as long, at least 20 s
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s", env = "LOADLINE_HOLD")]
    pub(crate) hold: std::time::Duration,
    /// Width of the interval that is aimed at
    #[arg(long, value_name = "SHARE", value_parser = ratio, default_value = "8%", env = "LOADLINE_PRECISION")]
    pub(crate) precision: f64,
    /// Most trials
    #[arg(long, value_name = "N", default_value_t = 13, env = "LOADLINE_TRIALS")]
    pub(crate) trials: usize,
    /// The thread group whose load is searched, when the plan has several
    #[arg(long, value_name = "NAME", env = "LOADLINE_GROUP")]
    pub(crate) group: Option<String>,
    /// Go on with the search in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub(crate) resume: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) values: ValueArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Treat an answer that is open or not as precise as asked for as a failure (exit code 96)
    #[arg(long, env = "LOADLINE_STRICT")]
    pub(crate) strict: bool,
}

/// A load on the command line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LoadBound {
    /// Users.
    Users(u32),
    /// Arrivals per second.
    Rate(f64),
}

impl std::str::FromStr for LoadBound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            let rate = loadline_units::parse_rate(text).map_err(|error| error.to_string())?;
            let rate = rate.as_per_second();
            return if rate > 0.0 {
                Ok(LoadBound::Rate(rate))
            } else {
                Err("a rate must be greater than 0".to_owned())
            };
        }
        match text.parse() {
            Ok(users) if users > 0 => Ok(LoadBound::Users(users)),
            _ => Err(format!(
                "`{text}` is neither a number of users nor a rate such as 500/s"
            )),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ScriptArgs {
    /// The language by JMeter's name: groovy, beanshell, java, jexl3, jexl2, javascript, rhino
    pub(crate) language: String,
    /// The script's file, or - for standard input
    pub(crate) file: PathBuf,
    /// Set a JMeter variable
    #[arg(short = 'e', long = "var", value_name = "K=V", value_parser = key_value)]
    pub(crate) variables: Vec<(String, String)>,
    /// Set a JMeter property
    #[arg(short = 'J', value_name = "K=V", value_parser = key_value)]
    pub(crate) properties: Vec<(String, String)>,
    /// The element's parameters
    #[arg(long, default_value = "")]
    pub(crate) parameters: String,
    /// File with the response data of the previous sampler
    #[arg(long, value_name = "FILE")]
    pub(crate) response: Option<PathBuf>,
    /// Print JSON: result, exception, variables, properties, log and output
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where results go.
#[derive(Clone, Debug, Args)]
pub(crate) struct OutputArgs {
    /// Run folder [default: loadline-runs/TIME-PLAN]
    #[arg(short, long, value_name = "DIR", env = "LOADLINE_OUT")]
    pub(crate) out: Option<PathBuf>,
    /// Seed of all chance; the same seed draws the same values
    #[arg(long, env = "LOADLINE_SEED")]
    pub(crate) seed: Option<u64>,
    /// Engine threads [default: one for each core]
    #[arg(long, value_name = "N", env = "LOADLINE_THREADS")]
    pub(crate) threads: Option<usize>,
    /// Print summary.json on standard output instead of the text
    #[arg(long, env = "LOADLINE_JSON")]
    pub(crate) json: bool,
    /// No progress lines
    #[arg(short, long, env = "LOADLINE_QUIET")]
    pub(crate) quiet: bool,
    /// No colour
    #[arg(long, env = "LOADLINE_NO_COLOR")]
    pub(crate) no_color: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A plan (.yaml, .yml or .jmx)
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) values: ValueArgs,
    /// Print JSON (loadline-check/1)
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A run folder, or a JMeter result file (CSV or XML)
    pub(crate) run: PathBuf,
    /// Explain one figure: FIGURE@stepN or FIGURE@run, such as p95@step2 or 'p95@run of LABEL'; breaking-point, capacity,
    /// bottleneck; a limit as written; of a search interval or trialN
    #[arg(long, value_name = "FIGURE", conflicts_with = "json")]
    pub(crate) explain: Option<String>,
    /// Write the page to this file [default: report.html in the run folder; none for a result file]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print summary.json instead of the text
    #[arg(long)]
    pub(crate) json: bool,
    /// No colour
    #[arg(long)]
    pub(crate) no_color: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// Folder of run folders
    #[arg(default_value = "loadline-runs")]
    pub(crate) folder: PathBuf,
    /// Draw p95 over the runs of one plan and mark where its level changed
    #[arg(long)]
    pub(crate) trend: bool,
    /// The plan's name [default: that of the newest run]
    #[arg(long, value_name = "NAME", requires = "trend")]
    pub(crate) plan: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The run compared against, a folder of several runs of it, or a JMeter result file
    #[arg(required_unless_present = "run")]
    pub(crate) baseline: Option<PathBuf>,
    /// The run being judged, likewise
    #[arg(required_unless_present = "run")]
    pub(crate) candidate: Option<PathBuf>,
    /// Load two servers in turns with this plan, and compare these runs
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["baseline", "candidate"], requires_all = ["a", "b"])]
    pub(crate) run: Option<String>,
    /// How the baseline's server is started: a shell command; `naive`, `tuned` or `backend …` start the
    /// reference backend
    #[arg(long, value_name = "COMMAND", requires = "run")]
    pub(crate) a: Option<String>,
    /// How the candidate's server is started
    #[arg(long, value_name = "COMMAND", requires = "run")]
    pub(crate) b: Option<String>,
    /// Runs of each side
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) pairs: u32,
    /// Folder of the runs that are made [default: loadline-runs/TIME-compare]
    #[arg(long, value_name = "DIR", requires = "run")]
    pub(crate) keep: Option<PathBuf>,
    /// Seed of the first pair; each pair has its own
    #[arg(long, requires = "run")]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) values: ValueArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// No progress lines
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Smallest change that matters
    #[arg(long, default_value = "5%", value_parser = ratio, env = "LOADLINE_MIN_EFFECT")]
    pub(crate) min_effect: f64,
    /// Print JSON instead of the text
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the comparison page to this file [default: comparison.html in the candidate's run folder;
    /// none for a result file]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// No colour
    #[arg(long)]
    pub(crate) no_color: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackendArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://...` [default: SQLite in a temporary folder]
    #[arg(long)]
    pub(crate) database: Option<String>,
    /// `naive` (with the mistakes real backends make) or `tuned`
    #[arg(long, default_value = "naive")]
    pub(crate) profile: String,
    /// Inject a fault, such as `cpu=2ms`, `pool=4`, `errors=5%`, `stall=1s@10s`, `crash-at=1000`
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<String>,
    /// End when standard input is closed: a parent's death ends the backend
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Time each step is held
    #[arg(long, default_value = "20s", value_parser = duration, value_name = "TIME")]
    pub(crate) hold: std::time::Duration,
    /// Users of the steps, FROM:TO:BY
    #[arg(long, default_value = "1000:2000:500")]
    pub(crate) steps: String,
    /// Port of the backend; another free one is taken if it is in use
    #[arg(long, default_value_t = 8000)]
    pub(crate) port: u16,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MonitorArgs {
    /// What to watch: `pid:N`, or `local` with --port
    #[arg(value_name = "SOURCE", required = true)]
    pub(crate) sources: Vec<String>,
    /// Port on which the server listens
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// How long to watch [default: until Ctrl-C]
    #[arg(short, long, value_parser = duration, value_name = "TIME")]
    pub(crate) duration: Option<std::time::Duration>,
    /// Print one JSON object a reading
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn duration(text: &str) -> Result<std::time::Duration, loadline_units::UnitError> {
    loadline_units::parse_duration(text)
}

fn ratio(text: &str) -> Result<f64, loadline_units::UnitError> {
    loadline_units::parse_ratio(text)
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}
