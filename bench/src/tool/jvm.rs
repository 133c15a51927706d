//! Generators that run on a JVM: JMeter and Gatling. Their CPU is measured after a warm-up.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Job, Launch, Tool, jmeter_plan};
use crate::workload::Request;

/// How long a JVM compiles before it is measured.
const WARM_UP: Duration = Duration::from_secs(15);

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool {
            name: "jmeter",
            settings: "-n -l (CSV, default columns), no other listener, -Xmx1g; CPU after 15 s of warm-up",
            find: |places| {
                let own = places.jmeter.join("bin/ApacheJMeter.jar");
                own.is_file().then_some(own)
            },
            version: &[],
            launch: jmeter,
        },
        Tool {
            name: "gatling",
            settings: "Java DSL, -Xmx1g, no report; CPU after 15 s of warm-up",
            find: |places| {
                let own = places.peers.join("gatling/classpath");
                own.is_file().then_some(own)
            },
            version: &[],
            launch: gatling,
        },
    ]
}

fn jmeter(job: &Job<'_>, jar: &Path) -> Result<Option<Launch>> {
    if job.workload.users > 1000 {
        return Ok(None);
    }
    let plan = job.write("plan.jmx", &jmeter_plan::plan(job, WARM_UP + job.length)?)?;
    let mut launch = Launch::new(Path::new("java"))
        .args(["-Xms1g", "-Xmx1g", "-Djava.awt.headless=true", "-jar"])
        .arg(jar);
    launch = launch
        .arg("-n")
        .arg("-t")
        .arg(plan)
        .arg("-l")
        .arg(job.folder.join("results.jtl"));
    launch = launch.arg("-j").arg(job.folder.join("jmeter.log"));
    launch.warm_up = Some(WARM_UP);
    launch.recorded = |said| {
        let lines = std::fs::read_to_string(said.folder.join("results.jtl"))
            .ok()?
            .lines()
            .count();
        u64::try_from(lines.saturating_sub(1)).ok()
    };
    launch.quantiles = |said| {
        let text = std::fs::read_to_string(said.folder.join("results.jtl")).ok()?;
        let mut times: Vec<f64> = text
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').nth(1)?.parse().ok())
            .collect();
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            times
                .get((share * times.len() as f64) as usize)
                .map(|time| time * 1e3)
        };
        Some([at(0.5)?, at(0.9)?, at(0.99)?])
    };
    Ok(Some(launch))
}

fn gatling(job: &Job<'_>, classpath: &Path) -> Result<Option<Launch>> {
    let workload = job.workload;
    if workload.request == Request::Ten {
        return Ok(None);
    }
    let classpath = std::fs::read_to_string(classpath)?;
    let classpath = classpath.trim();
    let headers: String = job
        .headers()
        .iter()
        .map(|(name, value)| format!(".header({}, {})", json!(name), json!(value)))
        .collect();
    let body = workload.request.body().map_or(String::new(), |body| {
        format!(".body(StringBody({}))", json!(body))
    });
    let method = workload.request.method().to_lowercase();
    let path = workload.request.path();
    let (feed, query, read) = match workload.request {
        Request::Mix => {
            job.write("ids.csv", &format!("id\n{}", jmeter_plan::ids()))?;
            (
                "feed(csv(\"ids.csv\").circular()).",
                "?id=#{id}",
                r#".check(regex("\"token\":\"([^\"]+)\"").saveAs("token"), substring("\"state\":\"ready\""))"#,
            )
        }
        _ => ("", "", ""),
    };
    let pause = workload.think.map_or(String::new(), |think| {
        format!(".pause(Duration.ofMillis({}))", think.as_millis())
    });
    let total = (WARM_UP + job.length).as_secs();
    let source = format!(
        "import static io.gatling.javaapi.core.CoreDsl.*;\nimport static io.gatling.javaapi.http.HttpDsl.*;\n\
         import io.gatling.javaapi.core.*;\nimport java.time.Duration;\n\n\
         public class Bench extends Simulation {{\n  {{\n    var chain = {feed}exec(http(\"request\").{method}(\"{path}{query}\"){headers}{body}{read}){pause};\n\
         \x20   var users = scenario(\"Users\").forever().on({chain});\n\
         \x20   setUp(users.injectOpen(atOnceUsers({count}))).protocols(http.baseUrl(\"{base}\")).maxDuration(Duration.ofSeconds({total}));\n  }}\n}}\n",
        chain = "chain",
        count = workload.users,
        base = job.base(),
    )
    .replace("var chain = exec(", "ChainBuilder chain = exec(")
    .replace("var chain = feed(", "ChainBuilder chain = feed(");
    let file = job.write("Bench.java", &source)?;
    // Without it Gatling logs every request.
    job.write(
        "logback.xml",
        "<configuration><root level=\"OFF\"/></configuration>",
    )?;
    let compiled = std::process::Command::new("javac")
        .arg("-cp")
        .arg(classpath)
        .arg("-d")
        .arg(job.folder)
        .arg(file)
        .output()?;
    ensure!(
        compiled.status.success(),
        "Gatling's simulation does not compile:\n{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let mut launch = Launch::new(Path::new("java")).args([
        "-Xms1g",
        "-Xmx1g",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "-cp",
    ]);
    launch = launch.arg(format!("{}:{classpath}", job.folder.display()));
    launch = launch
        .args(["io.gatling.app.Gatling", "-s", "Bench", "-nr", "-rf"])
        .arg(job.folder.join("results"));
    launch.warm_up = Some(WARM_UP);
    Ok(Some(launch))
}
