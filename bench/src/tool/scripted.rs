//! Generators that run scripts: k6 and Locust.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Job, Launch, Tool, installed};
use crate::workload::Request;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool {
            name: "k6",
            settings: "GOMAXPROCS=1, no body kept unless it is read, summary only",
            find: |places| installed(places, "k6"),
            version: &["version"],
            launch: k6,
        },
        Tool {
            name: "locust",
            settings: "FastHttpUser, one process, no log of requests",
            find: |places| {
                let own = places.peers.join("locust/bin/locust");
                own.is_file().then_some(own)
            },
            version: &["--version"],
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

fn k6(job: &Job<'_>, program: &Path) -> Result<Option<Launch>> {
    let workload = job.workload;
    if workload.request == Request::Ten {
        return Ok(None);
    }
    let body = workload
        .request
        .body()
        .map_or("null".to_owned(), |body| json!(body).to_string());
    let think = workload.think.map_or(0.0, |think| think.as_secs_f64());
    let options = json!({
        "vus": workload.users,
        "duration": format!("{}s", job.length.as_secs()),
        "discardResponseBodies": !workload.request.is_read(),
        "insecureSkipTLSVerify": true,
        "noConnectionReuse": !workload.keep_alive,
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
         \x20 const answer = http.request('{method}', '{url}'{query}, body, {{ headers }});\n{read}}}\n\
         export function handleSummary(data) {{ return {{ 'summary.json': JSON.stringify(data) }}; }}\n",
        headers = headers(job),
        method = workload.request.method(),
        url = job.url(),
    );
    let mut launch = Launch::new(program)
        .args(["run", "--quiet", "--no-usage-report"])
        .env("GOMAXPROCS", "1");
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
    Ok(Some(launch))
}

fn locust(job: &Job<'_>, program: &Path) -> Result<Option<Launch>> {
    let workload = job.workload;
    if workload.request == Request::Ten || workload.users > 1000 {
        return Ok(None);
    }
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
    let read = if workload.request.is_read() {
        "            token = re.search(r'\"token\":\"([^\"]+)\"', answer.text).group(1)\n            if '\"state\":\"ready\"' not in answer.text or not token: answer.failure('not ready')\n"
    } else {
        ""
    };
    let (ids, query) = match workload.request {
        Request::Mix => (
            "ids = itertools.cycle(range(100000, 101000))",
            " + '?id=' + str(next(ids)), name='/item'",
        ),
        _ => ("", ""),
    };
    let script = format!(
        "import itertools, re\nfrom locust import FastHttpUser, constant, task\n{ids}\nheaders = {headers}\n\n\
         class User(FastHttpUser):\n    wait_time = {wait}\n    insecure = True\n    host = '{base}'\n\n    @task\n    def ask(self):\n\
         \x20       with self.client.request('{method}', '{path}'{query}, data={body}, headers=headers, catch_response=True) as answer:\n\
         \x20           if answer.status_code >= 400: answer.failure('status')\n{read}",
        base = job.base(),
        method = workload.request.method(),
        path = workload.request.path(),
    );
    let file = job.write("locustfile.py", &script)?;
    let launch = Launch::new(program)
        .arg("-f")
        .arg(file)
        .args(["--headless", "--only-summary"]);
    let users = workload.users.to_string();
    let launch = launch.args(["-u", &users, "-r", &users]);
    Ok(Some(
        launch.arg("-t").arg(format!("{}s", job.length.as_secs())),
    ))
}
