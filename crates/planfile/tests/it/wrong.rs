//! Plans that are wrong, and what the reader says about them.

use loadline_planfile::read_plan;
use proptest::prelude::*;

use crate::golden::PLANS;

/// A right plan in which a test makes something wrong.
const PLAN: &str = "\
loadline: 1
target: http://127.0.0.1:8000
groups:
  - name: Visitors
    load: {users: 10, for: 30s}
    do:
      - get: /posts/
";

#[track_caller]
fn findings(text: &str) -> String {
    let reading = read_plan(text, "plan.yaml");
    assert_eq!(reading.plan, None, "a plan came out of: {text}");
    let lines: Vec<String> = reading
        .diagnostics
        .iter()
        .map(|found| {
            assert!(!found.help.is_empty(), "no help: {found}");
            format!("{found} [{}]", found.code)
        })
        .collect();
    lines.join("\n")
}

/// What the reader says about [`PLAN`] with `right` replaced.
#[track_caller]
fn check(right: &str, wrong: &str, expected: &str) {
    assert!(PLAN.contains(right), "not in the plan: {right}");
    assert_eq!(findings(&PLAN.replacen(right, wrong, 1)), expected);
}

#[test]
fn the_plan_itself_is_right() {
    assert_eq!(read_plan(PLAN, "plan.yaml").diagnostics, []);
}

#[test]
fn an_unknown_key_suggests_the_one_that_was_meant() {
    check(
        "name: Visitors",
        "name: Visitors\n    hedaers: {}",
        "error: plan.yaml:5:5: unknown key `hedaers`\n  \
         help: did you mean `headers`? [unknown-key]",
    );
}

#[test]
fn an_unknown_step_suggests_the_one_that_was_meant() {
    check(
        "get: /posts/",
        "gett: /posts/",
        "error: plan.yaml:7:9 (Visitors): unknown step `gett`\n  \
         help: did you mean `get`? [unknown-step]",
    );
    check(
        "get: /posts/",
        "banana: 1",
        "error: plan.yaml:7:9 (Visitors): unknown step `banana`\n  \
         help: steps are get, post, put, patch, delete, head, options, think, repeat, once, \
         transaction, if, script [unknown-step]",
    );
}

#[test]
fn a_wrong_type_says_what_is_expected() {
    check(
        "users: 10",
        "users: ten",
        "error: plan.yaml:5:19 (Visitors): `ten` is not a whole number of 0 or more\n  \
         help: write a number such as `100`, without quotes and unit [invalid-number]",
    );
    check(
        "users: 10",
        "users: [10]",
        "error: plan.yaml:5:19 (Visitors): expected a whole number, found a list\n  \
         help: write a number such as `100` [wrong-type]",
    );
    check(
        "- get: /posts/",
        "get: /posts/",
        "error: plan.yaml:7:7 (Visitors): expected a list of steps, found a mapping\n  \
         help: begin each line with `- ` [wrong-type]",
    );
}

#[test]
fn a_bad_duration_is_corrected() {
    for (wrong, help) in [
        ("30 secs", "write `30s`"),
        ("30", "write `30s`"),
        ("5 minutes", "write `5m`"),
        ("200 millis", "write `200ms`"),
        ("1 fortnight", "units are ms, s, m, h and d"),
    ] {
        let expected = format!(
            "error: plan.yaml:5:28 (Visitors): `{wrong}` is not a duration such as `500ms`, \
             `30s`, `2m` or `1h30m`\n  help: {help} [invalid-duration]"
        );
        check("30s", wrong, &expected);
    }
}

#[test]
fn a_duplicate_key_is_one_of_the_findings() {
    check(
        "target: http://127.0.0.1:8000",
        "target: http://a\ntarget: http://b\nnmae: x",
        "error: plan.yaml:3:1: `target` is given a second time\n  \
         help: keep one of the two [duplicate-key]\n\
         error: plan.yaml:4:1: unknown key `nmae`\n  \
         help: did you mean `name`? [unknown-key]",
    );
}

#[test]
fn broken_yaml_is_one_finding() {
    check(
        "    do:",
        "\tdo:",
        "error: plan.yaml:6:2: tabs disallowed within this context (block indentation)\n  \
         help: indent with spaces; YAML takes no tabs [yaml-syntax]",
    );
    check(
        "loadline: 1\n",
        "loadline: 1\n---\n",
        "error: plan.yaml:3:1: the file holds several YAML documents\n  \
         help: correct the YAML at this place; further problems are found after that [yaml-syntax]",
    );
    check(
        "target:",
        "? [a]\n: 1\ntarget:",
        "error: plan.yaml:2:3: a key must be a text, not a list\n  \
         help: correct the YAML at this place; further problems are found after that [yaml-syntax]",
    );
    check(
        "target:",
        "variables:\n  <<: a\ntarget:",
        "error: plan.yaml:3:7: YAML merge value must be mapping or sequence of mappings\n  \
         help: `<<` takes in the entries of another mapping; for a name that is so, write `\"<<\"` [yaml-syntax]",
    );
}

#[test]
fn another_version_is_refused_without_further_findings() {
    check(
        "loadline: 1\n",
        "loadline: 2\nwhatever: 3\n",
        "error: plan.yaml:1:11: this program does not know version `2` of the plan format\n  \
         help: write `loadline: 1`, or use a newer program [unsupported-version]",
    );
    check(
        "loadline: 1\n",
        "",
        "error: plan.yaml:1:1: `loadline` is missing\n  \
         help: add `loadline`: version of this format [missing-key]",
    );
}

#[test]
fn loads_must_be_complete_and_of_one_kind() {
    check(
        ", for: 30s",
        "",
        "error: plan.yaml:5:11 (Visitors): the load has no end\n  \
         help: add `for`, as in `for: 5m`, or `iterations` [missing-key]",
    );
    check(
        "users: 10, for",
        "rate: 5, for",
        "error: plan.yaml:5:18 (Visitors): `5` is not a rate such as `100/s`, `6000/min` or \
         `10/h`\n  help: a rate needs its time: write `5/s` [invalid-rate]",
    );
    check(
        "users: 10, for",
        "users: 10, rate: 5/s, for",
        "error: plan.yaml:5:29 (Visitors): a load has either `users` or `rate`\n  \
         help: remove one, or make two groups that run side by side [conflicting-keys]",
    );
    check(
        "{users: 10, for: 30s}",
        "{users: {from: 1, to: 10, by: 2, hold: 1s}}",
        "error: plan.yaml:5:41 (Visitors): steps of 2 from 1 do not reach 10\n  \
         help: choose a `by` that divides 9 [invalid-steps]",
    );
    check(
        "{users: 10, for: 30s}",
        "{users: {from: 1, to: 10, hold: 1s}, for: 3s}",
        "error: plan.yaml:5:19 (Visitors): `by` is missing\n  \
         help: add `by`, the difference between two steps from 1 to 10 [missing-key]\n\
         error: plan.yaml:5:53 (Visitors): `for` does not go with steps or stages, which have \
         their own times\n  help: remove one of them [conflicting-keys]",
    );
    check(
        "for: 30s",
        "for: 30s, arrivals: random",
        "error: plan.yaml:5:43 (Visitors): `arrivals` does not go with `users`, but with `rate`\n  \
         help: remove one of them [conflicting-keys]",
    );
}

#[test]
fn requests_need_a_server() {
    check(
        "target: http://127.0.0.1:8000\n",
        "",
        "error: plan.yaml:6:14 (Visitors > GET /posts/): `/posts/` has no server\n  \
         help: add `target: http://host:port` to the plan, or write a whole URL [missing-target]",
    );
    check(
        "http://127",
        "127",
        "error: plan.yaml:2:9: `127.0.0.1:8000` does not begin with http:// or https://\n  \
         help: write a URL such as `http://127.0.0.1:8000` [invalid-url]",
    );
}

#[test]
fn a_request_is_one_thing_with_one_body() {
    check(
        "get: /posts/",
        "get: /posts/\n        post: /x",
        "error: plan.yaml:8:9 (Visitors): a step is one thing, not `get` and `post`\n  \
         help: begin each of them with `- `, or indent it below the other [conflicting-keys]",
    );
    check(
        "get: /posts/",
        "get: /posts/\n        form: {a: b}",
        "error: plan.yaml:8:15 (Visitors > GET /posts/): a GET request has no `form`\n  \
         help: use `query` for parameters in the URL, or `post` [conflicting-keys]",
    );
    check(
        "get: /posts/",
        "post: /posts/\n        json: {}\n        body: x",
        "error: plan.yaml:9:15 (Visitors > POST /posts/): `body` does not go with `json`: a \
         request has one body\n  help: remove one of them [conflicting-keys]",
    );
}

#[test]
fn all_findings_of_a_response_come_in_one_pass() {
    check(
        "get: /posts/",
        "get: /posts/\n        check: {status: ok, contains: ''}\n        \
         extract: {id: id, x: {}}",
        "error: plan.yaml:8:25 (Visitors > GET /posts/): `ok` is not a whole number of 0 or more\n  \
         help: write a number such as `100`, without quotes and unit [invalid-number]\n\
         error: plan.yaml:8:39 (Visitors > GET /posts/): `contains` holds an empty text, which is \
         everywhere\n  help: write what to look for [empty-pattern]\n\
         error: plan.yaml:9:23 (Visitors > GET /posts/ > id): `id` is no JSONPath\n  \
         help: write a path such as `$.id`, or `{regex: ...}` [invalid-path]\n\
         error: plan.yaml:9:30 (Visitors > GET /posts/ > x): nothing says where the variable \
         comes from\n  help: add `json` or `regex` [missing-key]",
    );
}

#[test]
fn think_times_are_whole_milliseconds() {
    check(
        "- get: /posts/",
        "- think: 500us",
        "error: plan.yaml:7:16 (Visitors): `500us` is finer than a millisecond\n  \
         help: think times are whole milliseconds [invalid-duration]",
    );
}

#[test]
fn steps_that_hold_steps_are_checked_too() {
    check(
        "- get: /posts/",
        "- think: 5s..1s\n      - repeat: {times: x, do: []}\n      - if: {do: [{get: /}]}",
        "error: plan.yaml:7:16 (Visitors): the range `5s..1s` runs backwards\n  \
         help: put the shorter time first [invalid-duration]\n\
         error: plan.yaml:8:25 (Visitors): `x` is no number of times\n  \
         help: write a whole number of 0 or more, or a reference to one [invalid-number]\n\
         error: plan.yaml:8:32 (Visitors > repeat): there are no steps\n  \
         help: add a step such as `- get: /` [empty-steps]\n\
         error: plan.yaml:9:13 (Visitors): `condition` is missing\n  \
         help: add `condition`: a comparison such as `\"${status}\" == \"open\"`, or a reference \
         that becomes `true` [missing-key]",
    );
}

#[test]
fn limits_are_judged_at_their_item() {
    check(
        "get: /posts/\n",
        "get: /posts/\nlimits: [p95 < 5, server backend alive]\nservers: {back: local}\n",
        "error: plan.yaml:8:10: `5` is not a duration such as `500ms`, `30s`, `2m` or `1h30m`, at \
         character 7 of the limit `p95 < 5`\n  \
         help: this metric takes a time, as in `500ms` [invalid-limit]\n\
         error: plan.yaml:8:19: the limit `server backend alive` names an unknown server \
         `backend`\n  help: did you mean `back`? [unknown-server]",
    );
}

#[test]
fn groups_have_names_of_their_own_and_an_order() {
    check(
        "get: /posts/\n",
        "get: /posts/\n  - {name: Visitors, load: {rate: 1/s, for: 1s}, do: [get: /]}\n",
        "error: plan.yaml:8:12: there is another group called `Visitors`\n  \
         help: give each its own name [duplicate-name]",
    );
    check(
        "    do:",
        "    after: Visitor\n    do:",
        "error: plan.yaml:6:12: `after` names no group of the same stage: `Visitor`\n  \
         help: name a group that stands beside this one [unknown-group]",
    );
    check(
        "    do:",
        "    after: Visitors\n    do:",
        "error: plan.yaml:6:12: `Visitors` would run behind itself\n  \
         help: remove one `after` [group-circle]",
    );
}

#[test]
fn an_empty_file_is_no_plan() {
    assert_eq!(
        findings(""),
        "error: plan.yaml:1:1: the plan is empty\n  \
         help: begin with `loadline: 1`, `target:` and `groups:` [empty-plan]"
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = read_plan(&text, "plan.yaml");
    }

    #[test]
    fn no_damage_to_a_plan_panics(
        plan in 0..PLANS.len(),
        start in 0usize..2_000,
        length in 0usize..12,
        inserted in "[-:{}\\[\\]\"'$,.*&<|>#\\n a-e0-9]{0,6}",
    ) {
        let text: Vec<char> = PLANS[plan].1.chars().collect();
        let start = start % text.len();
        let end = (start + length).min(text.len());
        let damaged: String = text[..start]
            .iter()
            .copied()
            .chain(inserted.chars())
            .chain(text[end..].iter().copied())
            .collect();
        let reading = read_plan(&damaged, "plan.yaml");
        let has_error = reading.diagnostics.iter().any(|found| found.is_error());
        prop_assert_eq!(reading.plan.is_none(), has_error, "{}", damaged);
    }
}

#[test]
fn longest_times_are_whole_milliseconds() {
    for wrong in ["0s", "500us", "1500us"] {
        check(
            "- get: /posts/",
            &format!("- {{get: /posts/, check: {{max_time: {wrong}}}}}"),
            "error: plan.yaml:7:42 (Visitors > GET /posts/): `max_time` must be whole \
             milliseconds, one or more\n  help: write a time such as `2s` [invalid-duration]",
        );
    }
}
