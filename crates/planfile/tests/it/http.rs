//! How servers are spoken to: the key `http` of plans and groups, and the settings of requests.

use loadline_plan::program::SamplerKind;
use loadline_plan::{CompileInputs, HttpStreams, HttpVersion, compile};
use loadline_planfile::{json_schema, read_plan, write_plan};

use crate::golden::read;

const PLAN: &str = "\
loadline: 1
name: Ways
target: http://127.0.0.1:8000
http: {version: 2}
groups:
  - name: Shared
    load: {users: 1, iterations: 1}
    http: {streams: many, unix_socket: /run/app.sock}
    do:
      - get: /a/
      - get: /b/
        settings: {http_version: \"1.1\", unix_socket: /run/other.sock}
  - name: Plain
    load: {users: 1, iterations: 1}
    do:
      - get: /c/
";

#[test]
fn the_innermost_says_how_a_request_goes() {
    let (program, findings) = compile(&read(PLAN), &CompileInputs::default());
    assert!(findings.is_empty(), "{findings:?}");
    let program = program.unwrap();
    let ways: Vec<_> = program
        .groups
        .iter()
        .flat_map(|group| &group.samplers)
        .filter_map(|sampler| match &sampler.kind {
            SamplerKind::Http(request) => {
                let socket = request.unix_socket.as_ref();
                let socket = socket.and_then(|file| file.as_literal().map(str::to_owned));
                Some((request.http_version, request.streams, socket))
            }
            _ => None,
        })
        .collect();
    let socket = |file: &str| Some(file.to_owned());
    let (one, two) = (Some(HttpVersion::Http1), Some(HttpVersion::Http2));
    let many = Some(HttpStreams::Many);
    assert_eq!(
        ways,
        [
            (two, many, socket("/run/app.sock")),
            (one, many, socket("/run/other.sock")),
            (two, None, None),
        ]
    );
}

#[test]
fn what_is_written_reads_back() {
    let plan = read(PLAN);
    let written = write_plan(&plan);
    let text = written.text.unwrap();
    assert!(
        text.contains("http: {version: 2}") || text.contains("http:\n  version: 2"),
        "{text}"
    );
    assert_eq!(read(&text).groups.len(), 2);
}

#[test]
fn words_that_are_none_are_named() {
    let text = PLAN.replace("version: 2", "version: 3");
    let reading = read_plan(&text, "plan.yaml");
    let finding = &reading.diagnostics[0];
    assert_eq!(&*finding.message, "`3` is none of `1.1`, `2`");
    let text = PLAN.replace("streams: many", "stream: many");
    let reading = read_plan(&text, "plan.yaml");
    let help = &*reading.diagnostics[0].help;
    assert_eq!(help, "did you mean `streams`?");
}

#[test]
fn the_schema_takes_versions_with_and_without_quotes() {
    let schema = json_schema();
    let words = &schema["$defs"]["http"]["properties"]["version"]["enum"];
    assert_eq!(*words, serde_json::json!(["1.1", "2", 1.1, 2]));
}

#[test]
fn a_socket_and_a_proxy_contradict_each_other() {
    let text = PLAN.replace(
        "{http_version: \"1.1\", unix_socket: /run/other.sock}",
        "{proxy_host: proxy.test, proxy_port: \"3128\"}",
    );
    let (_, findings) = compile(&read(&text), &CompileInputs::default());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "conflicting-ways");
}
