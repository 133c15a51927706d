//! `export jmx` and `import jmx`.

use std::path::Path;

use crate::program::Place;

const PLAN: &str = "\
loadline: 1
name: Books
target: http://127.0.0.1:8000
servers: {backend: local}
groups:
  - name: Readers
    load: {users: 5, for: 1m, ramp: 10s}
    do:
      - get: /books/
        check: {status: 200}
limits:
  - p95 < 500ms
";

fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    root.join(name).to_string_lossy().into_owned()
}

#[test]
fn an_exported_plan_passes_check_and_says_what_jmeter_does_not() {
    let place = Place::new();
    place.write("plan.yaml", PLAN);
    let exported = place
        .run(&["export", "jmx", "plan.yaml", "-o", "plan.jmx"])
        .expect(0);
    exported.says("note[only-in-loadline]: JMeter does not judge the limit `p95 < 500ms`");
    exported.says("--> plan.yaml:12:5");
    assert_eq!(exported.stdout, "");
    let checked = place.run(&["check", "plan.jmx"]).expect(0);
    checked.says("0 refused");
    let text = std::fs::read_to_string(place.path("plan.jmx")).unwrap();
    assert!(text.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<jmeterTestPlan version=\"1.2\" \
         properties=\"5.0\" jmeter=\"5.6.3\">\n  <hashTree>\n    <TestPlan guiclass=\"TestPlanGui\""
    ));
    assert!(text.contains("loadline limit: p95 &lt; 500ms"));
    assert!(text.contains("<stringProp name=\"ThreadGroup.duration\">70</stringProp>"));
}

#[test]
fn both_ways_give_the_same_plan_again() {
    let place = Place::new();
    place.write("plan.yaml", PLAN);
    let first = place.run(&["export", "jmx", "plan.yaml"]).expect(0).stdout;
    place.write("plan.jmx", &first);
    let yaml = place.run(&["import", "jmx", "plan.jmx"]).expect(0).stdout;
    place.write("again.yaml", &yaml);
    place.run(&["check", "again.yaml"]).expect(0);
    let second = place.run(&["export", "jmx", "again.yaml"]).expect(0).stdout;
    assert_eq!(second, first);
}

#[test]
fn the_example_is_imported_as_a_person_would_write_it() {
    let place = Place::new();
    let imported = place
        .run(&["import", "jmx", &example("stress.jmx")])
        .expect(0);
    imported.says("rules: jmeter\ntarget: http://${__P(host,127.0.0.1)}:${__P(port,8000)}\n");
    imported.says("      - get: /posts/\n");
    imported.says("  - errors <= 10%\n");
}

#[test]
fn what_a_jmx_cannot_say_is_refused_with_its_line() {
    let place = Place::new();
    place.write("plan.yaml", &PLAN.replace("for: 1m", "for: 1500ms"));
    let ended = place
        .run(&["export", "jmx", "plan.yaml", "-o", "plan.jmx"])
        .expect(2);
    ended.says("error[not-in-jmeter]: the load of group `Readers` has a time of 11.5 s");
    ended.says("--> plan.yaml:6:5 (Readers)");
    assert!(!place.path("plan.jmx").exists());
    place
        .run(&["export", "jmx", &example("stress.jmx")])
        .expect(2);
}

#[test]
fn what_cannot_be_run_is_imported_on_demand_only() {
    let place = Place::new();
    place.write("plan.yaml", PLAN);
    let text = place.run(&["export", "jmx", "plan.yaml"]).expect(0).stdout;
    let sampler = "<FTPSampler guiclass=\"FtpTestSamplerGui\" testclass=\"FTPSampler\" \
                   testname=\"Fetch\"/>\n        <hashTree/>\n        <HTTPSamplerProxy";
    place.write("plan.jmx", &text.replacen("<HTTPSamplerProxy", sampler, 1));
    let refused = place.run(&["import", "jmx", "plan.jmx"]).expect(2);
    refused.says("error[refused-element]: FTPSampler: ");
    refused.says("--> plan.jmx:");
    assert_eq!(refused.stdout, "");
    let allowed = place
        .run(&["import", "jmx", "plan.jmx", "--allow-unsupported"])
        .expect(0);
    assert!(
        allowed
            .stdout
            .contains(": FTPSampler (Books > Readers > Fetch): ")
    );
    place.write("again.yaml", &allowed.stdout);
    place.run(&["check", "again.yaml"]).expect(0);
}
