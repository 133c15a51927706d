//! Generators that run scripts: k6 and Locust. They are measured after they have started.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::{HTTP1_ONLY, Job, Launch, NO_PLANS, Start, Tool, installed, says};
use crate::workload::{Request, Streams};

/// How long they take after their first request until they run evenly, beside the time in which users arrive.
const WARM_UP: Duration = Duration::from_secs(2);

/// How long Locust's users may take before their first request over TLS, on Locust's clock: 64 took 2 to 5 s.
const TLS_START: Duration = Duration::from_secs(8);

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool {
            name: "k6",
            settings: "GOMAXPROCS=1, discardResponseBodies unless the answer is read, --no-thresholds, one name for all URLs, no tags but the status, summary only; measured from 2 s after the first request on, and a millisecond more for each user",
            find: |places| installed(places, "k6"),
            version: |program| says(program, &["version"]),
            launch: k6,
        },
        Tool {
            name: "locust",
            settings: "FastHttpUser, one process, all users at once, constant(0) between tasks, one TLS context for all, statistics at the end only, log from errors on; measured from 2 s after the first request on, and a millisecond more for each user",
            find: |places| {
                let own = places.peers.join("locust/bin/locust");
                own.is_file().then_some(own)
            },
            version: |program| says(program, &["--version"]),
            launch: locust,
        },
    ]
}

fn headers(job: &Job<'_>) -> Value {
    job.workload
        .request
        .headers()
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect()
}

fn k6(job: &Job<'_>, program: &Path) -> Result<Start> {
    let workload = job.workload;
    if workload.request == Request::Ten {
        return Ok(Start::Cannot(NO_PLANS));
    }
    if workload.http2 == Some(Streams::Many) {
        return Ok(Start::Cannot("each user has a connection"));
    }
    let warm_up = WARM_UP + job.arriving();
    let body = workload
        .request
        .body()
        .map_or("null".to_owned(), |body| json!(body).to_string());
    let think = workload.think.map_or(0.0, |think| think.as_secs_f64());
    let options = json!({
        "vus": workload.users,
        "duration": format!("{}s", job.sending(warm_up).as_secs()),
        "discardResponseBodies": !workload.request.is_read(),
        "insecureSkipTLSVerify": true,
        "noConnectionReuse": !workload.keep_alive,
        "systemTags": ["status"],
        "summaryTrendStats": ["p(50)", "p(90)", "p(99)"],
    });
    let (ids, query) = match workload.request {
        Request::Mix => (
            "import { SharedArray } from 'k6/data';\nconst ids = new SharedArray('ids', () => [...Array(1000).keys()].map(n => 100000 + n));",
            " + '?id=' + ids[(__VU + __ITER) % 1000]",
        ),
        _ => ("", ""),
    };
    let read = if workload.request.is_read() {
        "  const token = /\"token\":\"([^\"]+)\"/.exec(answer.body)[1];\n  check(answer, { ready: r => token && r.body.includes('\"state\":\"ready\"') });\n"
    } else {
        ""
    };
    let script = format!(
        "import http from 'k6/http';\nimport {{ check, sleep }} from 'k6';\n{ids}\n\
         export const options = {options};\nconst headers = {headers};\nconst body = {body};\n\
         export default function () {{\n  if ({think}) sleep({think});\n\
         \x20 const answer = http.request('{method}', '{url}'{query}, body, {{ headers, tags: {{ name: 'request' }} }});\n{read}}}\n\
         export function handleSummary(data) {{ return {{ 'summary.json': JSON.stringify(data) }}; }}\n",
        headers = headers(job),
        method = workload.request.method(),
        url = job.url(),
    );
    let mut launch = Launch::new(program)
        .args(["run", "--quiet", "--no-usage-report", "--no-thresholds"])
        .env("GOMAXPROCS", "1");
    launch.warm_up = Some(warm_up);
    launch = launch.arg(job.write("script.js", &script)?);
    launch.quantiles = |said| {
        let text = std::fs::read_to_string(said.folder.join("summary.json")).ok()?;
        let summary: Value = serde_json::from_str(&text).ok()?;
        let at = |name: &str| {
            let values = summary.pointer("/metrics/http_req_duration/values")?;
            Some(values.get(name)?.as_f64()? * 1e3)
        };
        Some([at("p(50)")?, at("p(90)")?, at("p(99)")?])
    };
    Ok(Start::Launch(launch))
}

fn locust(job: &Job<'_>, program: &Path) -> Result<Start> {
    let workload = job.workload;
    if workload.request == Request::Ten {
        return Ok(Start::Cannot(NO_PLANS));
    }
    if workload.users > 1000 {
        // All at once they send nothing for twenty seconds, and little afterwards.
        return Ok(Start::Cannot("a process starts a hundred users a second"));
    }
    if workload.http2.is_some() {
        return Ok(Start::Cannot(HTTP1_ONLY));
    }
    let warm_up = WARM_UP + job.arriving();
    let body = workload
        .request
        .body()
        .map_or("None".to_owned(), |body| json!(body).to_string());
    let wait = workload.think.map_or("constant(0)".to_owned(), |think| {
        format!("constant({})", think.as_secs_f64())
    });
    let mut headers = headers(job);
    if let (false, Some(map)) = (workload.keep_alive, headers.as_object_mut()) {
        map.insert("Connection".to_owned(), json!("close"));
    }
    let method = workload.request.method();
    let path = workload.request.path();
    // A status above 399 is a failure without more ado; only what is read needs the answer held open.
    let ask = if workload.request.is_read() {
        format!(
            "        with self.client.request('{method}', '{path}?id=' + str(next(ids)), name='{path}', headers=headers, catch_response=True) as answer:\n\
             \x20           token = re.search(r'\"token\":\"([^\"]+)\"', answer.text).group(1)\n\
             \x20           if '\"state\":\"ready\"' not in answer.text or not token: answer.failure('not ready')\n"
        )
    } else {
        format!("        self.client.request('{method}', '{path}', data={body}, headers=headers)\n")
    };
    let script = format!(
        "import itertools, re, gevent.ssl\nfrom locust import FastHttpUser, constant, task\n\
         context = gevent.ssl._create_unverified_context()\nids = itertools.cycle(range(100000, 101000))\nheaders = {headers}\n\n\
         class User(FastHttpUser):\n    wait_time = {wait}\n    insecure = True\n    ssl_context_factory = staticmethod(lambda: context)\n    host = '{base}'\n\n    @task\n    def ask(self):\n{ask}",
        base = job.base(),
    );
    let file = job.write("locustfile.py", &script)?;
    let mut launch = Launch::new(program).arg("-f").arg(file).args([
        "--headless",
        "--json",
        "--loglevel",
        "ERROR",
    ]);
    let users = workload.users.to_string();
    launch = launch.args(["-u", &users, "-r", &users]);
    let until = job.sending(warm_up)
        + if workload.tls {
            TLS_START
        } else {
            Duration::ZERO
        };
    launch = launch.arg("-t").arg(format!("{}s", until.as_secs()));
    launch.warm_up = Some(warm_up);
    launch.quantiles = |said| {
        let said: Value = serde_json::from_str(&said.stdout).ok()?;
        let counts = said.pointer("/0/response_times")?.as_object()?;
        let mut counts: Vec<(f64, u64)> = counts
            .iter()
            .filter_map(|(millis, count)| Some((millis.parse().ok()?, count.as_u64()?)))
            .collect();
        counts.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let all: u64 = counts.iter().map(|(_, count)| count).sum();
        let at = |share: f64| {
            let mut below = (share * all as f64).ceil() as u64;
            counts.iter().find_map(|(millis, count)| {
                below = below.saturating_sub(*count);
                (below == 0).then_some(millis * 1e3)
            })
        };
        Some([at(0.5)?, at(0.9)?, at(0.99)?])
    };
    Ok(Start::Launch(launch))
}
