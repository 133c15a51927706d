//! Loadline itself: all samples recorded, the report made.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::{Job, Launch, Said, Start, Tool, jmeter_plan, says};
use crate::workload::{Request, Streams};

pub(super) fn loadline() -> Tool {
    Tool {
        name: "loadline",
        settings: "run PLAN --threads 1 -q --json; every sample in the log, analysis and report included",
        find: |places| places.loadline.is_file().then(|| places.loadline.clone()),
        version: |program| says(program, &["--version"]),
        launch: |job, program| {
            let launch = Launch::new(program).arg("run").arg(plan(job)?);
            let mut launch = launch
                .args(["--threads", "1", "-q", "--json", "-k", "--out"])
                .arg(job.folder.join("run"));
            launch.recorded = |said| summary(said)?.pointer("/totals/samples")?.as_u64();
            launch.quantiles = |said| {
                let summary = summary(said)?;
                let at = |name: &str| {
                    summary
                        .pointer(&format!("/totals/response_time_us/{name}/value"))?
                        .as_f64()
                };
                Some([at("p50")?, at("p90")?, at("p99")?])
            };
            Ok(Start::Launch(launch))
        },
    }
}

fn summary(said: &Said) -> Option<Value> {
    serde_json::from_str(&said.stdout).ok()
}

/// The workload as a plan: as YAML, or the `.jmx` that JMeter gets.
fn plan(job: &Job<'_>) -> Result<std::path::PathBuf> {
    let workload = job.workload;
    if workload.request == Request::Ten {
        return job.write(
            "plan.jmx",
            &jmeter_plan::plan(job, job.sending(Duration::ZERO))?,
        );
    }
    let mut text = format!(
        "loadline: 1\ntarget: {}\ngroups:\n  - name: Users\n",
        job.base()
    );
    let seconds = job.sending(Duration::ZERO).as_secs();
    writeln!(
        text,
        "    load: {{users: {}, for: {seconds}s}}",
        workload.users
    )?;
    if let Some(think) = workload.think {
        writeln!(text, "    think: {}ms", think.as_millis())?;
    }
    if let Some(streams) = workload.http2 {
        let streams = match streams {
            Streams::One => "one",
            Streams::Many => "many",
        };
        writeln!(text, "    http: {{version: 2, streams: {streams}}}")?;
    }
    if workload.request == Request::Mix {
        job.write("ids.csv", &jmeter_plan::ids())?;
        writeln!(text, "    data: {{ids.csv: {{variables: [id]}}}}")?;
    }
    let query = if workload.request == Request::Mix {
        "?id=${id}"
    } else {
        ""
    };
    let method = workload.request.method().to_lowercase();
    writeln!(
        text,
        "    do:\n      - {method}: {}{query}",
        workload.request.path()
    )?;
    if !job.headers().is_empty() {
        writeln!(text, "        headers:")?;
        for (name, value) in job.headers() {
            writeln!(text, "          {name}: '{value}'")?;
        }
    }
    if let Some(body) = workload.request.body() {
        writeln!(text, "        body: '{body}'")?;
    }
    if workload.request == Request::Mix {
        writeln!(text, "        check: {{contains: '\"state\":\"ready\"'}}")?;
        writeln!(
            text,
            "        extract: {{token: {{regex: '\"token\":\"([^\"]+)\"'}}}}"
        )?;
    }
    job.write("plan.yaml", &text)
}
