//! Generators that are native programs: the floor, wrk, oha, hey, vegeta.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use super::{Job, Launch, Places, Said, Tool, installed, micros, word_after};
use crate::workload::Request;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool {
            name: "floor",
            settings: "a bare write and read for each request (this program's `floor`)",
            find: |_: &Places| std::env::current_exe().ok(),
            version: &["--version"],
            launch: |job, program| Ok(floor(job, program, [])),
        },
        Tool {
            name: "measured",
            settings: "the same with a task of tokio for each connection and a record for each request (`floor --measured`)",
            find: |_: &Places| std::env::current_exe().ok(),
            version: &["--version"],
            launch: |job, program| Ok(floor(job, program, ["--measured"])),
        },
        Tool {
            name: "wrk",
            settings: "-t1, no script: the same bytes each time, a histogram only",
            find: |places| installed(places, "wrk"),
            version: &["-v"],
            launch: wrk,
        },
        Tool {
            name: "oha",
            settings: "--no-tui, one tokio thread; the same bytes each time",
            find: |places| installed(places, "oha"),
            version: &["--version"],
            launch: oha,
        },
        Tool {
            name: "hey",
            settings: "GOMAXPROCS=1; the same bytes each time",
            find: |places| installed(places, "hey"),
            version: &[],
            launch: hey,
        },
        Tool {
            name: "vegeta",
            settings: "-rate 0, GOMAXPROCS=1, results as gob to a file; the same bytes each time",
            find: |places| installed(places, "vegeta"),
            version: &["--version"],
            launch: vegeta,
        },
    ]
}

fn floor<const N: usize>(
    job: &Job<'_>,
    program: &std::path::Path,
    more: [&str; N],
) -> Option<Launch> {
    if !is_plain(job) || job.workload.tls || job.workload.request != Request::Small {
        return None;
    }
    let launch = Launch::new(program).arg("floor").arg(job.port.to_string());
    let launch = launch.arg(job.workload.users.to_string());
    Some(launch.arg(job.length.as_secs().to_string()).args(more))
}

/// Whether all that is asked is the same request again and again.
fn is_plain(job: &Job<'_>) -> bool {
    job.workload.think.is_none() && job.workload.keep_alive
}

fn wrk(job: &Job<'_>, program: &std::path::Path) -> Result<Option<Launch>> {
    if job.workload.think.is_some() || job.workload.request == Request::Ten {
        return Ok(None);
    }
    let mut launch = Launch::new(program).args(["-t1", "--latency"]);
    launch = launch
        .arg(format!("-c{}", job.workload.users))
        .arg(format!("-d{}s", job.length.as_secs()));
    if let Some(body) = job.workload.request.body() {
        let script = format!("wrk.method = 'POST'\nwrk.body = '{body}'\n");
        launch = launch.arg("-s").arg(job.write("post.lua", &script)?);
    }
    for (name, value) in job.headers() {
        launch = launch.arg("-H").arg(format!("{name}: {value}"));
    }
    launch.quantiles = |said| {
        let (_, table) = said.stdout.split_once("Latency Distribution")?;
        let at = |mark: &str| micros(word_after(table, mark)?);
        Some([at("50%")?, at("90%")?, at("99%")?])
    };
    Ok(Some(launch.arg(job.url())))
}

fn oha(job: &Job<'_>, program: &std::path::Path) -> Result<Option<Launch>> {
    if job.workload.think.is_some() || job.workload.request == Request::Ten {
        return Ok(None);
    }
    let mut launch =
        Launch::new(program).args(["--no-tui", "--output-format", "json", "--insecure"]);
    launch = launch.env("TOKIO_WORKER_THREADS", "1");
    launch = launch
        .arg("-c")
        .arg(job.workload.users.to_string())
        .arg("-z")
        .arg(format!("{}s", job.length.as_secs()));
    launch = launch.arg("-m").arg(job.workload.request.method());
    if !job.workload.keep_alive {
        launch = launch.arg("--disable-keepalive");
    }
    for (name, value) in job.workload.request.headers() {
        launch = launch.arg("-H").arg(format!("{name}: {value}"));
    }
    if let Some(body) = job.workload.request.body() {
        launch = launch.arg("-D").arg(job.write("body.json", &body)?);
    }
    launch.recorded = |said| {
        let said: Value = serde_json::from_str(&said.stdout).ok()?;
        Some(
            said.get("statusCodeDistribution")?
                .as_object()?
                .values()
                .filter_map(Value::as_u64)
                .sum(),
        )
    };
    launch.quantiles = |said| {
        let said: Value = serde_json::from_str(&said.stdout).ok()?;
        let at = |name: &str| {
            Some(
                said.pointer(&format!("/latencyPercentiles/{name}"))?
                    .as_f64()?
                    * 1e6,
            )
        };
        Some([at("p50")?, at("p90")?, at("p99")?])
    };
    Ok(Some(launch.arg(job.url())))
}

fn hey(job: &Job<'_>, program: &std::path::Path) -> Result<Option<Launch>> {
    if job.workload.think.is_some() || job.workload.request == Request::Ten {
        return Ok(None);
    }
    let mut launch = Launch::new(program).env("GOMAXPROCS", "1");
    launch = launch
        .arg("-c")
        .arg(job.workload.users.to_string())
        .arg("-z")
        .arg(format!("{}s", job.length.as_secs()));
    launch = launch.arg("-m").arg(job.workload.request.method());
    if !job.workload.keep_alive {
        launch = launch.arg("-disable-keepalive");
    }
    for (name, value) in job.workload.request.headers() {
        launch = launch.arg("-H").arg(format!("{name}: {value}"));
    }
    if let Some(body) = job.workload.request.body() {
        launch = launch.arg("-D").arg(job.write("body.json", &body)?);
    }
    launch.quantiles = |said| {
        // `  50% in 0.0051 secs`
        let at = |mark: &str| micros(word_after(&said.stdout, mark)?);
        Some([at("50% in")?, at("90% in")?, at("99% in")?])
    };
    Ok(Some(launch.arg(job.url())))
}

fn vegeta(job: &Job<'_>, program: &std::path::Path) -> Result<Option<Launch>> {
    if job.workload.think.is_some() || job.workload.request == Request::Ten {
        return Ok(None);
    }
    let mut target = format!("{} {}\n", job.workload.request.method(), job.url());
    for (name, value) in job.workload.request.headers() {
        target += &format!("{name}: {value}\n");
    }
    if let Some(body) = job.workload.request.body() {
        let path: PathBuf = job.write("body.json", &body)?;
        target += &format!("@{}\n", path.display());
    }
    let mut launch =
        Launch::new(program)
            .env("GOMAXPROCS", "1")
            .args(["attack", "-rate=0", "-insecure"]);
    let users = job.workload.users;
    launch = launch
        .arg(format!("-max-workers={users}"))
        .arg(format!("-workers={users}"));
    launch = launch
        .arg(format!("-connections={users}"))
        .arg(format!("-duration={}s", job.length.as_secs()));
    if !job.workload.keep_alive {
        launch = launch.arg("-keepalive=false");
    }
    launch = launch.arg(format!(
        "-targets={}",
        job.write("targets", &target)?.display()
    ));
    launch = launch.arg(format!(
        "-output={}",
        job.folder.join("results.bin").display()
    ));
    launch.recorded = |said| vegeta_report(said)?.get("requests")?.as_u64();
    launch.quantiles = |said| {
        let report = vegeta_report(said)?;
        let at = |name: &str| Some(report.pointer(&format!("/latencies/{name}"))?.as_f64()? / 1e3);
        Some([at("50th")?, at("90th")?, at("99th")?])
    };
    Ok(Some(launch))
}

/// What vegeta makes of its results, asked after the measurement.
fn vegeta_report(said: &Said) -> Option<Value> {
    let program = std::fs::read_to_string(said.folder.join("program")).ok()?;
    let results = said.folder.join("results.bin");
    let output = std::process::Command::new(program)
        .args(["report", "-type=json"])
        .arg(results)
        .output()
        .ok()?;
    serde_json::from_slice(&output.stdout).ok()
}
