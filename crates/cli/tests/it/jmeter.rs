//! `loadline jmeter`: JMeter's command line, output, files and exit codes.

use std::process::Command;

use serde_json::Value;

use crate::program::{Ended, Place};
use crate::server::{Server, respond};

/// One user who sends `GET /a` and `GET /b`, in a transaction of kind `parent`, `loops` times.
fn plan(host: &str, loops: u32, parent: bool) -> String {
    let request = |name: &str| {
        format!(
            "<HTTPSamplerProxy testclass=\"HTTPSamplerProxy\" testname=\"GET {name}\">\
             <stringProp name=\"HTTPSampler.domain\">{host}</stringProp>\
             <stringProp name=\"HTTPSampler.port\">${{__P(port)}}</stringProp>\
             <stringProp name=\"HTTPSampler.path\">/{name}</stringProp>\
             <stringProp name=\"HTTPSampler.method\">GET</stringProp>\
             <boolProp name=\"HTTPSampler.use_keepalive\">true</boolProp>\
             </HTTPSamplerProxy><hashTree/>"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <jmeterTestPlan version=\"1.2\" properties=\"5.0\" jmeter=\"5.6.3\"><hashTree>\
         <TestPlan testclass=\"TestPlan\" testname=\"p\"/><hashTree>\
         <ThreadGroup testclass=\"ThreadGroup\" testname=\"Some, users\">\
         <stringProp name=\"ThreadGroup.num_threads\">1</stringProp>\
         <stringProp name=\"ThreadGroup.ramp_time\">0</stringProp>\
         <elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\">\
         <boolProp name=\"LoopController.continue_forever\">false</boolProp>\
         <stringProp name=\"LoopController.loops\">{loops}</stringProp></elementProp>\
         </ThreadGroup><hashTree>\
         <TransactionController testclass=\"TransactionController\" testname=\"both\">\
         <boolProp name=\"TransactionController.parent\">{parent}</boolProp>\
         <boolProp name=\"TransactionController.includeTimers\">false</boolProp>\
         </TransactionController><hashTree>{}{}</hashTree>\
         </hashTree></hashTree></hashTree></jmeterTestPlan>\n",
        request("a"),
        request("b")
    )
}

/// Runs `jmeter -n -t plan.jmx` against `server` with more `arguments`.
fn jmeter(place: &Place, server: &Server, arguments: &[&str]) -> Ended {
    let port = format!("-Jport={}", server.port);
    let mut all = vec!["jmeter", "-n", "-t", "plan.jmx", &port];
    all.extend(arguments);
    place.run(&all)
}

/// The fields of a CSV line without quoted fields but the thread's name.
fn fields(line: &str) -> Vec<String> {
    let line = line.replace("\"Some, users 1-1\"", "Some users 1-1");
    line.split(',').map(str::to_owned).collect()
}

const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,\
                      success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,\
                      IdleTime,Connect";

#[test]
fn a_run_says_and_writes_what_jmeter_does() {
    let (place, server) = (Place::new(), Server::answering(200));
    place.write("plan.jmx", &plan("127.0.0.1", 3, false));
    // Lines in between depend on the wall clock; with this interval there are none.
    let quiet = "-Jsummariser.interval=1000000000000";
    let ended = jmeter(&place, &server, &["-l", "out/results.jtl", quiet]).expect(0);
    let starts = [
        "Creating summariser <summary>",
        "Created the tree successfully using plan.jmx",
        "Starting standalone test @ ",
        "No port is opened",
        "summary =      6 in 00:00:0",
        "Tidying up ...    @ ",
        "... end of run",
    ];
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), starts.len(), "{}", ended.stdout);
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    let results = std::fs::read_to_string(place.path("out/results.jtl")).unwrap();
    let lines: Vec<&str> = results.lines().collect();
    assert_eq!((lines.len(), lines[0]), (10, HEADER));
    let first = fields(lines[1]);
    assert_eq!(
        first[2..=8],
        [
            "GET a",
            "200",
            "Status",
            "Some users 1-1",
            "text",
            "true",
            ""
        ]
    );
    assert_eq!(first[13], server.url("/a"));
    assert_eq!(first[11..=12], ["1", "1"]);
    let sum = fields(&lines[3].replace("2, number", "2 number"));
    assert_eq!(sum[2..=3], ["both", "200"]);
    let log = std::fs::read_to_string(place.path("jmeter.log")).unwrap();
    assert!(
        log.contains(" INFO o.a.j.r.Summariser: summary =      6 in "),
        "{log}"
    );
    assert_eq!(server.count(), 6);
}

#[test]
fn samples_of_a_parent_come_inside_it_and_failures_are_no_failure_of_the_run() {
    let place = Place::new();
    let server =
        Server::start(|n, stream| respond(stream, if n % 2 == 0 { 200 } else { 404 }, "x"));
    place.write("plan.jmx", &plan("127.0.0.1", 1, true));
    place.write(
        "user.properties",
        "jmeter.save.saveservice.output_format=xml\njmeter.save.saveservice.response_data.on_error=true\n",
    );
    for _ in 0..2 {
        jmeter(&place, &server, &["-l", "results.xml"]).expect(0);
    }
    let results = std::fs::read_to_string(place.path("results.xml")).unwrap();
    assert_eq!(results.matches("<testResults").count(), 1);
    assert!(results.ends_with("\n</testResults>\n"));
    assert_eq!(results.matches("\n<sample ").count(), 2);
    assert_eq!(results.matches("\n  <httpSample ").count(), 4);
    assert_eq!(
        results
            .matches("<responseData class=\"java.lang.String\">x</responseData>")
            .count(),
        2
    );
    jmeter(&place, &server, &["-f", "-l", "results.xml"]).expect(0);
    let results = std::fs::read_to_string(place.path("results.xml")).unwrap();
    assert_eq!(results.matches("\n<sample ").count(), 1);
}

#[test]
fn the_report_comes_with_the_run_or_from_its_results() {
    let (place, server) = (Place::new(), Server::answering(200));
    place.write("plan.jmx", &plan("127.0.0.1", 4, false));
    let arguments = ["-l", "results.jtl", "-e", "-o", "report"];
    jmeter(&place, &server, &arguments).expect(0);
    let read = |folder: &str| -> Value {
        let path = place.path(folder).join("statistics.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let statistics = read("report");
    assert_eq!(statistics["Total"]["sampleCount"], 8);
    assert_eq!(statistics["both"]["sampleCount"], 4);
    assert_eq!(statistics["GET a"]["errorPct"], 0.0);
    assert!(place.path("report/index.html").is_file());
    place
        .run(&["jmeter", "-g", "results.jtl", "-o", "again"])
        .expect(0);
    assert_eq!(read("again"), statistics);
    let page = std::fs::read_to_string(place.path("again/index.html")).unwrap();
    assert!(page.contains("GET a") && page.contains("results.jtl"));
    // Neither results nor a report of before are mixed with new ones.
    jmeter(&place, &server, &arguments)
        .expect(1)
        .says("folder is not empty");
    let refused = ["-l", "results.jtl", "-e", "-o", "other"];
    jmeter(&place, &server, &refused)
        .expect(1)
        .says("An error occurred: Error in NonGUIDriver Results file:results.jtl is not empty");
    assert!(!place.path("other").exists());
    let mut forced = vec!["-f"];
    forced.extend(arguments);
    jmeter(&place, &server, &forced).expect(0);
    assert_eq!(read("report")["Total"]["sampleCount"], 8);
}

/// A listener that writes what `settings` and `more` say to `file`.
fn listener(file: &str, settings: &str, more: &str) -> String {
    format!(
        "<ResultCollector guiclass=\"SimpleDataWriter\" testclass=\"ResultCollector\" \
         testname=\"{file}\">{more}<objProp><name>saveConfig</name>\
         <value class=\"SampleSaveConfiguration\">{settings}</value></objProp>\
         <stringProp name=\"filename\">{file}</stringProp></ResultCollector><hashTree/>"
    )
}

#[test]
fn listeners_of_the_plan_write_their_files() {
    let place = Place::new();
    let server =
        Server::start(|n, stream| respond(stream, if n % 2 == 0 { 200 } else { 404 }, "x"));
    let shown = "<label>true</label><code>true</code><fieldNames>true</fieldNames>";
    let errors = "<boolProp name=\"ResultCollector.error_logging\">true</boolProp>";
    let all = listener("~/logs/${__P(name,all)}.csv", shown, "");
    let failed = listener("failed.xml", "<xml>true</xml><label>true</label>", errors);
    let outside = listener("../outside.csv", shown, "");
    let text = plan("127.0.0.1", 2, false).replacen(
        "<TransactionController",
        &format!("{all}{failed}{outside}<TransactionController"),
        1,
    );
    place.write("plan.jmx", &text);
    jmeter(&place, &server, &["-l", "results.jtl"])
        .expect(0)
        .says("`../outside.csv` is outside of the plan's folder");
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    assert_eq!(
        read("logs/all.csv"),
        "label,responseCode\nGET a,200\nGET b,404\nboth,\nGET a,200\nGET b,404\nboth,\n"
    );
    let failed = read("failed.xml");
    assert_eq!(failed.matches("<httpSample lb=\"GET b\"/>").count(), 2);
    assert_eq!(failed.matches("<sample lb=\"both\"/>").count(), 2);
    assert!(!failed.contains("GET a") && failed.ends_with("\n</testResults>\n"));
    assert_eq!(read("results.jtl").lines().count(), 7);
    jmeter(&place, &server, &["-f", "-l", "results.jtl"]).expect(0);
    // As in JMeter, a name that has to be evaluated is not known when files are deleted.
    assert_eq!(read("logs/all.csv").lines().count(), 13);
    assert_eq!(read("failed.xml").matches("GET b").count(), 2);
    // They are JMeter's, so the command of our own leaves them.
    let port = format!("port={}", server.port);
    let again = ["run", "plan.jmx", "-J", &port, "-J", "name=none", "-q"];
    place.run(&again);
    assert!(!place.path("logs/none.csv").exists());
}

#[test]
fn results_that_cannot_be_summed_up_leave_no_folder() {
    let place = Place::new();
    place.write("empty.jtl", "");
    place.write("bad.jtl", "timeStamp,elapsed,label\n1700000000000,some,a\n");
    std::fs::create_dir(place.path("full")).unwrap();
    place.write("full/thesis.txt", "x");
    let report = |file: &str, folder: &str| place.run(&["jmeter", "-g", file, "-o", folder]);
    report("none.jtl", "new")
        .expect(1)
        .says("An error occurred: Cannot read test results file : none.jtl");
    report("empty.jtl", "new")
        .expect(1)
        .says("empty.jtl is empty");
    report("bad.jtl", "new").expect(1).says("line 2: ");
    assert!(!place.path("new").exists());
    report("none.jtl", "full")
        .expect(1)
        .says("full' as folder is not empty");
    report("none.jtl", "bad.jtl")
        .expect(1)
        .says("bad.jtl' as it is an existing file");
    assert!(place.path("full/thesis.txt").exists());
}

#[test]
fn wrong_command_lines_end_as_in_jmeter() {
    let (place, server) = (Place::new(), Server::answering(200));
    place.write("bad.jmx", "<jmeterTestPlan>");
    place.write("plan.jmx", &plan("192.0.2.1", 1, false));
    let run = |arguments: &[&str]| place.run(&[&["jmeter"][..], arguments].concat());
    run(&["-n", "-t", "none.jmx"])
        .expect(1)
        .says("An error occurred: The file ")
        .says("none.jmx doesn't exist or can't be opened");
    run(&["-n", "-t", "bad.jmx"])
        .expect(1)
        .says("Error in NonGUIDriver");
    run(&["-n"])
        .expect(0)
        .says("Incorrect Usage:Non-GUI runs require a test plan");
    run(&["-n", "-t", "plan.jmx", "-e"])
        .expect(0)
        .says("requires -l");
    run(&["-t", "plan.jmx"]).expect(1).says("add -n");
    run(&["-n", "-t", "plan.jmx", "-r"])
        .expect(1)
        .says("runremote");
    run(&["-n", "-t", "plan.jmx", "-x"])
        .expect(0)
        .says("unknown option -x");
    run(&["-v"]).expect(0).says("loadline");
    run(&["-?"]).expect(0).says("--reportonly <argument>");
    run(&["-n", "-t", "none.jmx", "--loadline-exit-codes"]).expect(2);
    run(&["-n", "-t", "plan.jmx", "-l", "/dev/null/x"]).expect(1);
    // A public host is not loaded unless it is named.
    run(&["-n", "-t", "plan.jmx", "-Jport=80"])
        .expect(1)
        .says("refusing to load a public host");
    assert_eq!(server.count(), 0);
}

#[test]
fn a_server_that_does_not_answer_makes_failed_samples() {
    let place = Place::new();
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    place.write("plan.jmx", &plan("127.0.0.1", 1, false));
    let port = format!("-Jport={port}");
    let arguments = ["jmeter", "-n", "-t", "plan.jmx", &port, "-l", "results.jtl"];
    place.run(&arguments).expect(0).says("Err:     2 (100.00%)");
    let results = std::fs::read_to_string(place.path("results.jtl")).unwrap();
    assert!(results.contains("Non HTTP response code: "), "{results}");
}

#[cfg(unix)]
#[test]
fn called_by_the_name_jmeter_it_is_jmeter() {
    let (place, server) = (Place::new(), Server::answering(200));
    place.write("plan.jmx", &plan("127.0.0.1", 1, false));
    let link = place.path("jmeter");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_loadline"), &link).unwrap();
    let port = format!("-Jport={}", server.port);
    let mut command = Command::new(&link);
    command.args(["-n", "-t", "plan.jmx", &port]);
    let output = command.current_dir(place.path("")).output().unwrap();
    Ended::of(output).expect(0).says("... end of run");
    assert_eq!(server.count(), 2);
}

/// A result file of `users` users for 60 s, whose samples take about `elapsed_ms` each.
fn results(users: u32, elapsed_ms: u64) -> String {
    let mut text = "label;timeStamp;elapsed;success;responseCode;allThreads\n".to_owned();
    for sample in 0..6_000u64 {
        let at = 1_700_000_000_000 + sample * 10;
        let elapsed = elapsed_ms + sample * 7 % 20;
        text.push_str(&format!("GET a;{at};{elapsed};true;200;{users}\n"));
    }
    text
}

#[test]
fn result_files_are_reported_and_compared_as_runs_are() {
    let place = Place::new();
    place.write("before.jtl", &results(10, 100));
    place.write("after.jtl", &results(10, 300));
    let report = place.run(&["report", "before.jtl", "--out", "page.html"]);
    report
        .expect(0)
        .says("10 users")
        .says("somebody else made the load");
    assert!(place.path("page.html").is_file());
    let alone = place.run(&["report", "before.jtl", "--json"]);
    let summary: Value = serde_json::from_str(&alone.stdout).unwrap();
    assert_eq!(summary["totals"]["samples"], 6_000);
    let compared = place.run(&["compare", "before.jtl", "after.jtl"]);
    compared.says("REGRESSED");
    assert!(
        !place.path("comparison.html").exists(),
        "no file that nobody asked for"
    );
    place
        .run(&["compare", "before.jtl", "none.jtl"])
        .says("read the candidate");
    place.write("plan.jmx", &plan("127.0.0.1", 1, false));
    place.run(&["report", "plan.jmx"]).says("is a test plan");
}

#[test]
fn a_plan_in_which_nobody_runs_comes_to_its_end() {
    let (place, server) = (Place::new(), Server::answering(200));
    let whole = plan("127.0.0.1", 1, false);
    let users = "num_threads\">1<";
    assert!(whole.contains(users), "the number of users is replaced");
    let without_users = whole.replace(users, "num_threads\">0<");
    let without_group = whole.replace(
        "ThreadGroup testclass",
        "ThreadGroup enabled=\"false\" testclass",
    );
    for (plan, said) in [
        (
            without_users,
            "no thread group has a user: nothing will be run",
        ),
        (without_group, "no thread group: nothing will be run"),
    ] {
        place.write("plan.jmx", &plan);
        let results = ["-f", "-l", "results.jtl", "-e", "-o", "report"];
        let ended = jmeter(&place, &server, &results).expect(0);
        ended.says(said).says("plan.jmx:");
        let total = "summary =      0 in 00:00:00 = ******/s Avg:     0 Min: 9223372036854775807";
        assert!(ended.stdout.contains(total), "{}", ended.stdout);
        assert!(ended.stdout.contains("... end of run"), "{}", ended.stdout);
        assert_eq!(
            std::fs::read_to_string(place.path("results.jtl"))
                .unwrap()
                .trim_end(),
            HEADER
        );
        place.run(&["check", "plan.jmx"]).expect(2).says(said);
        place
            .run(&["run", "plan.jmx"])
            .expect(2)
            .says("nothing would be run");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn system_properties_are_read_by_scripts_and_as_properties() {
    let place = Place::new();
    let label = "${__P(a)} ${__P(b,none)} ${__groovy(System.getProperty('a'))} \
                 ${__groovy(System.getProperty('c'))} ${__groovy(props.getProperty('c'))} \
                 ${__P(file.separator)} ${__isPropDefined(a)}";
    let plan = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <jmeterTestPlan version=\"1.2\" properties=\"5.0\" jmeter=\"5.6.3\"><hashTree>\
         <TestPlan testclass=\"TestPlan\" testname=\"p\"/><hashTree>\
         <ThreadGroup testclass=\"ThreadGroup\" testname=\"users\">\
         <stringProp name=\"ThreadGroup.num_threads\">1</stringProp>\
         <elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\">\
         <boolProp name=\"LoopController.continue_forever\">false</boolProp>\
         <stringProp name=\"LoopController.loops\">1</stringProp></elementProp>\
         </ThreadGroup><hashTree>\
         <DebugSampler testclass=\"DebugSampler\" testname=\"{label}\"/><hashTree/>\
         </hashTree></hashTree></hashTree></jmeterTestPlan>\n"
    );
    place.write("plan.jmx", &plan);
    place.write("more.properties", "c=file\na=file");
    let arguments = "jmeter -n -t plan.jmx -l out.jtl -S more.properties -Da=1 -Jb=2";
    let mut command = place.command(&arguments.split(' ').collect::<Vec<_>>());
    let java = "-Xmx1g -Da=0 -Dc=0 -Db=0";
    let ended = command.env("JVM_ARGS", java).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let results = std::fs::read_to_string(place.path("out.jtl")).expect(&said);
    let sample = results.lines().nth(1).expect(&said);
    assert_eq!(fields(sample)[2], "1 2 1 file file / true");
}
