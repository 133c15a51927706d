//! Plans that are wrong: a clear error, exit code 2, nothing sent.

use crate::program::Place;
use crate::server::Server;

#[track_caller]
fn check(name: &str, plan: &str, parts: &[&str]) {
    let (place, server) = (Place::new(), Server::answering(200));
    place.write(name, &plan.replace("TARGET", &server.url("")));
    let ended = place.run(&["run", name, "-q"]).expect(2);
    for part in parts {
        ended.says(part);
    }
    assert_eq!(server.count(), 0, "nothing is sent");
    assert!(
        !place.path("loadline-runs").exists(),
        "no run folder is made"
    );
    place.run(&["check", name]).expect(2);
}

const HEAD: &str = "loadline: 1\nname: Test\ntarget: TARGET\n";

fn plan(group: &str) -> String {
    format!("{HEAD}groups:\n  - name: Users\n    load: {{users: 1, iterations: 1}}\n{group}")
}

#[test]
fn wrong_yaml() {
    check("a.yaml", "loadline: 1\n\tname: x\n", &["a.yaml:1", "tab"]);
}

#[test]
fn an_unknown_key() {
    check(
        "a.yaml",
        &plan("    du:\n      - get: /\n"),
        &["du", "a.yaml:7", "help"],
    );
}

#[test]
fn a_wrong_unit() {
    let text = plan("    think: 5 parsecs\n    do:\n      - get: /\n");
    check("a.yaml", &text, &["5 parsecs", "a.yaml:7"]);
}

#[test]
fn an_undefined_variable() {
    check(
        "a.yaml",
        &plan("    do:\n      - get: /${nobody}\n"),
        &["nobody", "a.yaml"],
    );
}

#[test]
fn an_unknown_function() {
    check(
        "a.yaml",
        &plan("    do:\n      - get: /${__nothing()}\n"),
        &["__nothing"],
    );
}

#[test]
fn a_missing_and_an_empty_data_file() {
    let group = "    data: {gone.csv: {variables: [id]}}\n    do:\n      - get: /${id}\n";
    check("a.yaml", &plan(group), &["gone.csv"]);
    let (place, server) = (Place::new(), Server::answering(200));
    place.write("a.yaml", &plan(group).replace("TARGET", &server.url("")));
    place.write("gone.csv", "");
    place
        .run(&["run", "a.yaml", "-q"])
        .expect(2)
        .says("gone.csv");
    assert_eq!(server.count(), 0);
}

#[test]
fn a_data_file_outside_of_the_plans_folder() {
    let (place, server) = (Place::new(), Server::answering(200));
    let elsewhere = Place::new();
    let file = elsewhere.write("ids.csv", "1\n2\n");
    let group = format!(
        "    data: {{{}: {{variables: [id]}}}}\n    do:\n      - get: /${{id}}\n",
        file.display()
    );
    place.write("a.yaml", &plan(&group).replace("TARGET", &server.url("")));
    place
        .run(&["run", "a.yaml", "-q"])
        .expect(2)
        .says("outside")
        .says("--allow-outside-files");
    assert_eq!(server.count(), 0);
    place
        .run(&["run", "a.yaml", "-q", "--allow-outside-files"])
        .expect(0);
    assert_eq!(server.count(), 1);
}

#[test]
fn broken_xml_and_what_is_no_plan() {
    check("a.jmx", "<jmeterTestPlan><hashTree>", &["a.jmx:1"]);
    check("a.jmx", "<html/>", &["jmeterTestPlan"]);
}

#[test]
fn a_limit_that_speaks_of_nothing() {
    let (place, server) = (Place::new(), Server::answering(200));
    let url = server.url("/");
    let run = |limit: &str| {
        place
            .run(&["run", &url, "-n", "1", "-q", "--limit", limit])
            .expect(2)
    };
    run("p95 < 5").says("help");
    run("p95 < 5s for 'GET /other'").says("no label matches");
    run("server backend alive").says("not watched");
    run("throughput > 5/s then stop").says("cannot stop the run");
    assert_eq!(server.count(), 0);
}

#[test]
fn flags_that_contradict_each_other() {
    let place = Place::new();
    place
        .run(&["run", "http://127.0.0.1:1/", "-u", "1"])
        .expect(2)
        .says("--users needs");
    place
        .run(&["run", "http://127.0.0.1:1/"])
        .expect(2)
        .says("a URL needs a load");
    place
        .run(&["run", "nothing.yaml"])
        .expect(1)
        .says("nothing.yaml");
    place.run(&["run", "a.txt"]).says("a.txt");
    place.run(&["walk"]).expect(2);
}

#[test]
fn a_refused_element_is_named_with_its_line() {
    let place = Place::new();
    let plan = "<jmeterTestPlan><hashTree><TestPlan guiclass=\"G\"/><hashTree>\n\
                <ThreadGroup guiclass=\"G\"><stringProp name=\"ThreadGroup.num_threads\">1</stringProp>\
                </ThreadGroup><hashTree>\n\
                <org.example.SomeSampler guiclass=\"G\"/><hashTree/>\n\
                </hashTree></hashTree></hashTree></jmeterTestPlan>";
    place.write("a.jmx", plan);
    let check = place.run(&["check", "a.jmx", "--json"]).json();
    assert_eq!(check["format"], "loadline-check/1");
    let refused = check["elements"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["standing"] == "refused");
    let refused = refused.expect("this plan holds an element that cannot be run");
    assert_eq!(check["runnable"], false);
    let keys = |value: &serde_json::Value| {
        let keys = value.as_object().unwrap().keys().cloned();
        keys.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(&check), "format runnable totals elements diagnostics");
    assert_eq!(
        keys(&check["totals"]),
        "elements supported approximated ignored refused"
    );
    assert_eq!(
        keys(&check["elements"][0]),
        "file line path element standing reason help"
    );
    let rows = check["elements"].as_array().unwrap();
    for standing in ["supported", "approximated", "ignored", "refused"] {
        let count = rows
            .iter()
            .filter(|row| row["standing"] == standing)
            .count();
        assert_eq!(check["totals"][standing], count, "{standing}");
    }
    assert_eq!(check["totals"]["elements"], rows.len());
    let ended = place.run(&["run", "a.jmx", "-q"]).expect(2);
    ended
        .says(refused["element"].as_str().unwrap())
        .says("a.jmx:");
}

#[test]
fn a_jmeter_plan_in_another_charset_is_read_with_a_warning() {
    let place = Place::new();
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../jmx/tests/corpus");
    let plan = std::fs::read_to_string(format!("{corpus}/Blazemeter__taurus__http.jmx")).unwrap();
    let units = plan.encode_utf16().flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
    place.write("a.jmx", &plan);
    let plain = place.run(&["check", "a.jmx", "--json"]).json();
    std::fs::write(place.path("a.jmx"), bytes).unwrap();
    let wide = place.run(&["check", "a.jmx", "--json"]).json();
    assert_eq!(wide["elements"], plain["elements"]);
    assert_eq!(wide["diagnostics"][0]["code"], "charset");
    std::fs::write(place.path("broken.jmx"), b"<a>\n\xff</a>").unwrap();
    place
        .run(&["check", "broken.jmx"])
        .expect(2)
        .says("not UTF-8")
        .says("broken.jmx:2");
}
