//! Generators that run on a JVM: JMeter and Gatling. Their CPU is measured after a warm-up.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{HTTP1_ONLY, Job, Launch, NO_PLANS, Said, Start, Tool, jmeter_plan};
use crate::workload::{Request, Streams};

/// The collector that a JVM takes for one core, on a heap that is there from the start: of 1 GiB, and 4 GiB for more than
/// 1,000 users.
fn memory(job: &Job<'_>) -> [&'static str; 3] {
    if job.workload.users > 1000 {
        ["-Xms4g", "-Xmx4g", "-XX:+UseSerialGC"]
    } else {
        ["-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"]
    }
}

/// What Gatling's libraries look into.
const OPENED: &str = "--add-opens=java.base/java.lang=ALL-UNNAMED";

const GATLING: &str = "io.gatling.app.Gatling";
/// It reports its use to its makers otherwise.
const NO_ANALYTICS: [&str; 1] = ["-Dgatling.data.enableAnalytics=false"];

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool {
            name: "jmeter",
            settings: "-n, -l with the default columns as CSV, no listener, -Xmx1g, serial collector",
            find: |places| {
                let own = places.jmeter.join("bin/ApacheJMeter.jar");
                own.is_file().then_some(own)
            },
            version: |program| {
                let home = program.parent()?.parent()?.file_name()?.to_str()?;
                Some(home.strip_prefix("jmeter-")?.to_owned())
            },
            launch: jmeter,
        },
        Tool {
            name: "gatling",
            settings: "Java DSL, a connection for each user, no cache, no referer, no warm-up request, no log but its results, light console, no report, -Xmx1g (4g for 10,000 users), serial collector, two threads of actors on the one core (with one it stands still)",
            find: |places| {
                let own = places.peers.join("gatling/classpath");
                own.is_file().then_some(own)
            },
            version: |classpath| {
                let classpath = std::fs::read_to_string(classpath).ok()?;
                let (_, rest) = classpath.split_once("gatling-app-")?;
                Some(rest.split_once(".jar")?.0.to_owned())
            },
            launch: gatling,
        },
    ]
}

fn jmeter(job: &Job<'_>, jar: &Path) -> Result<Start> {
    if job.workload.http2.is_some() {
        return Ok(Start::Cannot(HTTP1_ONLY));
    }
    if job.workload.users > 1000 {
        // The thread that starts all others shares the core with them: it had started 7,700 after 44 seconds.
        return Ok(Start::Cannot(
            "10,000 threads take minutes to start on one core",
        ));
    }
    let warm_up = job.jvm_warm_up + job.arriving();
    let plan = job.write("plan.jmx", &jmeter_plan::plan(job, job.sending(warm_up))?)?;
    let mut launch = Launch::new(Path::new("java"))
        .args(memory(job))
        .args(["-Djava.awt.headless=true", "-jar"])
        .arg(jar);
    launch = launch
        .arg("-n")
        .arg("-t")
        .arg(plan)
        .arg("-l")
        .arg(job.folder.join("results.jtl"));
    launch = launch.arg("-j").arg(job.folder.join("jmeter.log"));
    launch.warm_up = Some(warm_up);
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
    Ok(Start::Launch(launch))
}

fn gatling(job: &Job<'_>, classpath: &Path) -> Result<Start> {
    let workload = job.workload;
    if workload.request == Request::Ten {
        return Ok(Start::Cannot(NO_PLANS));
    }
    if workload.http2 == Some(Streams::Many) {
        return Ok(Start::Cannot("each user has a connection"));
    }
    let http2 = workload.http2.map_or("", |_| ".enableHttp2()");
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
    // Users who end by themselves leave no request without an answer, as a bound of the whole run would.
    let warm_up = job.jvm_warm_up + job.arriving();
    let seconds = job.sending(warm_up).as_secs();
    let source = format!(
        "import static io.gatling.javaapi.core.CoreDsl.*;\nimport static io.gatling.javaapi.http.HttpDsl.*;\n\
         import io.gatling.javaapi.core.*;\nimport java.time.Duration;\n\n\
         public class Bench extends Simulation {{\n  {{\n\
         \x20   ChainBuilder chain = {feed}exec(http(\"request\").{method}(\"{path}{query}\"){headers}{body}{read}){pause};\n\
         \x20   var users = scenario(\"Users\").during(Duration.ofSeconds({seconds})).on(chain);\n\
         \x20   var protocol = http.baseUrl(\"{base}\").disableWarmUp().disableCaching().disableAutoReferer(){http2};\n\
         \x20   setUp(users.injectOpen(atOnceUsers({count}))).protocols(protocol);\n  }}\n}}\n",
        count = workload.users,
        base = job.base(),
    );
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
    // Its actors have as many threads as it sees processors, and one of them waits for another: with a single thread,
    // as on the generator's core, no user ever starts.
    let mut launch = Launch::new(Path::new("java"))
        .args(memory(job))
        .args(["-XX:ActiveProcessorCount=2", OPENED])
        .args(NO_ANALYTICS)
        .args(["-Dgatling.data.console.light=true", "-cp"]);
    launch = launch.arg(format!("{}:{classpath}", job.folder.display()));
    launch = launch
        .args([GATLING, "-s", "Bench", "-nr", "-rf"])
        .arg(job.folder.join("results"));
    launch.warm_up = Some(warm_up);
    // Each request is in `simulation.log`; the console's last account counts them.
    launch.recorded = |said| {
        let line = said
            .stdout
            .lines()
            .rfind(|line| line.starts_with("> Global"))?;
        line.split('|').nth(1)?.trim().replace(',', "").parse().ok()
    };
    launch.quantiles = gatling_report;
    Ok(Start::Launch(launch))
}

/// The percentiles of the report that Gatling makes of its results, asked after the measurement.
fn gatling_report(said: &Said) -> Option<[f64; 3]> {
    let classpath = std::fs::read_to_string(said.folder.join("program")).ok()?;
    let classpath = std::fs::read_to_string(classpath).ok()?;
    let results = said.folder.join("results");
    let run = std::fs::read_dir(&results).ok()?.next()?.ok()?.file_name();
    let output = std::process::Command::new("java")
        .current_dir(&said.folder)
        .arg(OPENED)
        .args(NO_ANALYTICS)
        .args(["-Dgatling.charting.indicators.percentile2=90", "-cp"])
        .arg(format!("{}:{}", said.folder.display(), classpath.trim()))
        .args([GATLING, "-s", "Bench", "-ro"])
        .arg(run)
        .arg("-rf")
        .arg(results)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // `> response time 50th percentile (ms)      |     5 |     5 |     - `
    let at = |rank: &str| -> Option<f64> {
        let mark = format!("> response time {rank} percentile");
        let line = text.lines().find(|line| line.starts_with(&mark))?;
        let millis: f64 = line
            .split('|')
            .nth(1)?
            .trim()
            .replace(',', "")
            .parse()
            .ok()?;
        Some(millis * 1e3)
    };
    Some([at("50th")?, at("90th")?, at("99th")?])
}
