//! `loadline demo`: the whole circle on one machine: test, judge, find the cause, fix, test again,
//! compare.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use loadline_conductor::{Interrupts, ResultRequest};
use loadline_plan::{Plan, Stage};
use loadline_report::summary_text;
use loadline_store::folder_name;

use crate::args::{DemoArgs, OutputArgs, ValueArgs};
use crate::backend_process::BackendProcess;
use crate::command::compare::compare_and_print;
use crate::command::run::explain;
use crate::diagnostics::SourceFiles;
use crate::execution::{Executed, Execution, execute};
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::load_flags::Steps;
use crate::preparation::wall_now_ms;
use crate::terminal::{print, say, text_style};

/// The plan of the demo, and the address in it that the backend's takes the place of.
const PLAN: &str = include_str!("../../../../examples/stress.yaml");
const USERS: &str = include_str!("../../../../examples/users.csv");
const PLAN_TARGET: &str = "http://127.0.0.1:8000";
/// Time over which users are added before each step.
const RAMP: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Exit> {
    let steps = match Steps::of_users(&args.steps, args.hold, RAMP) {
        Ok(steps) => steps,
        Err(problem) => {
            say(&format!("error: --steps {}: {problem}", args.steps));
            return Ok(Exit::Usage);
        }
    };
    let interrupts = count_interrupts(announce)?;
    let work = tempfile::Builder::new().prefix("loadline-demo-").tempdir();
    let work = work.context("create a temporary folder")?;
    let out = args
        .output
        .out
        .clone()
        .unwrap_or_else(|| Path::new("loadline-runs").join(folder_name(wall_now_ms(), "demo")));
    // One seed for both tests: they draw the same values.
    let mut output = args.output.clone();
    output
        .seed
        .get_or_insert(wall_now_ms().unsigned_abs() % 1_000_000_007);
    let circle = Circle {
        output: &output,
        steps,
        interrupts: &interrupts,
        work: work.path(),
        out: &out,
    };

    say("== 1 of 3: the backend as it is (naive profile)");
    let naive = match circle.test("naive", args.port)? {
        Ok(tested) => tested,
        Err(exit) => return Ok(exit),
    };
    if interrupts.load(Ordering::Relaxed) > 0 {
        return Ok(Exit::Stopped);
    }
    say("\n== 2 of 3: the same backend with the advice taken (tuned profile)");
    let tuned = match circle.test("tuned", naive.port)? {
        Ok(tested) => tested,
        Err(exit) => return Ok(exit),
    };
    if interrupts.load(Ordering::Relaxed) > 0 {
        return Ok(Exit::Stopped);
    }
    say("\n== 3 of 3: did it help?");
    let style = text_style(args.output.no_color);
    compare_and_print(
        &naive.executed,
        &tuned.executed,
        0.05,
        args.output.json,
        style,
        None,
    )?;
    // The first test may fail its limits and the comparison may say anything: the circle is closed.
    Ok(Exit::Ok)
}

struct Circle<'a> {
    output: &'a OutputArgs,
    steps: Steps,
    interrupts: &'a Interrupts,
    work: &'a Path,
    out: &'a Path,
}

struct Tested {
    executed: Executed,
    port: u16,
}

impl Circle<'_> {
    /// Starts the backend with `profile`, tests it and ends it; prints the summary.
    fn test(&self, profile: &str, port: u16) -> anyhow::Result<Result<Tested, Exit>> {
        let backend = BackendProcess::start(profile, port, self.work)?;
        say(&format!(
            "backend: process {}, http://{}/",
            backend.id(),
            backend.address
        ));
        let (plan, text, file) = self.plan(backend.address)?;
        let output = self.output;
        let execution = Execution {
            plan,
            plan_file: Some(&file),
            plan_source: "stress.yaml".to_owned(),
            sources: SourceFiles(vec![(file.display().to_string(), text)]),
            values: &ValueArgs::default(),
            output,
            folder: Some(self.out.join(profile)),
            verify_tls: None,
            allowed_hosts: Vec::new(),
            unsupported: Vec::new(),
            skips_refused_scripts: false,
            note: format!("{profile} profile"),
            replay: "loadline run examples/stress.yaml".to_owned(),
            results: ResultRequest::default(),
            without_answer: false,
            without_users: false,
        };
        let executed = match execute(execution, self.interrupts) {
            Ok(executed) => executed,
            Err(not_run) => return Ok(Err(explain(not_run))),
        };
        let text = if output.json {
            loadline_report::summary_json(&executed.analysis)
        } else {
            let style = text_style(output.no_color);
            summary_text(&executed.analysis, &executed.paths, style)
        };
        print(&text)?;
        Ok(Ok(Tested {
            executed,
            port: backend.address.port(),
        }))
    }

    /// The plan for the backend at `address`, its text and its file, which stands beside its data.
    fn plan(&self, address: SocketAddr) -> anyhow::Result<(Plan, String, PathBuf)> {
        let text = PLAN.replace(PLAN_TARGET, &format!("http://{address}"));
        let file = self.work.join("stress.yaml");
        std::fs::write(&file, &text).context("write the plan")?;
        std::fs::write(self.work.join("users.csv"), USERS).context("write the users")?;
        let reading = loadline_planfile::read_plan(&text, "stress.yaml");
        let mut plan = reading.plan.context("the demo's own plan cannot be read")?;
        for group in plan
            .groups
            .iter_mut()
            .filter(|group| group.stage == Stage::Main)
        {
            group.load = self.steps.load(0);
        }
        Ok((plan, text, file))
    }
}
