//! Scripts: steps, before and after requests, in the plan and in files.

use loadline_plan::{ElementKind, Sampler, ScriptElement, ScriptFamily, ScriptRole};
use loadline_planfile::read_plan_with;

/// A plan with these steps.
fn plan(steps: &str) -> String {
    format!(
        "loadline: 1\ntarget: http://127.0.0.1\ngroups:\n  - name: Users\n    load: {{users: 1, for: 1s}}\n    do:\n{steps}"
    )
}

fn file(path: &str) -> Result<String, String> {
    match path {
        "make.js" => Ok("vars.put('a', 1)".to_owned()),
        other => Err(format!("{other}: no such file")),
    }
}

/// The scripts of a plan with these steps, in order.
#[track_caller]
fn scripts(steps: &str) -> Vec<ScriptElement> {
    let reading = read_plan_with(&plan(steps), "plan.yaml", &file);
    assert_eq!(reading.diagnostics, []);
    let mut found = Vec::new();
    for element in &reading.plan.unwrap().groups[0].children {
        if let ElementKind::Sampler(Sampler::Script(script)) = &element.kind {
            found.push((**script).clone());
        }
        for child in &element.children {
            if let ElementKind::Script(script) = &child.kind {
                found.push((**script).clone());
            }
        }
    }
    found
}

#[track_caller]
fn finding(steps: &str) -> String {
    let reading = read_plan_with(&plan(steps), "plan.yaml", &file);
    assert_eq!(reading.diagnostics.len(), 1, "{:?}", reading.diagnostics);
    reading.diagnostics[0].to_string()
}

#[test]
fn scripts_know_their_lines() {
    let steps = "      - script: vars.put('x', '1')
      - script: |
          def a = 1
          vars.put('x', a as String)
      - get: /
        before: {file: make.js, language: javascript, parameters: '${x}'}
        after:
          name: Count
          text: |-
            log.info(
              'two lines')
";
    let scripts = scripts(steps);
    let lines: Vec<u32> = scripts.iter().map(|script| script.line).collect();
    assert_eq!(lines, [7, 9, 0, 16]);
    let roles: Vec<ScriptRole> = scripts.iter().map(|script| script.role).collect();
    let (step, before, after) = (
        ScriptRole::Sampler,
        ScriptRole::PreProcessor,
        ScriptRole::PostProcessor,
    );
    assert_eq!(roles, [step, step, before, after]);
    assert_eq!(scripts[0].text.as_str(), "vars.put('x', '1')");
    assert_eq!(scripts[0].language.as_str(), "groovy");
    assert_eq!(scripts[0].family, ScriptFamily::Own);
    assert_eq!(scripts[2].text.as_str(), "vars.put('a', 1)");
    assert_eq!(scripts[2].file.as_deref(), Some("make.js"));
    assert_eq!(scripts[2].parameters.as_str(), "${x}");
    assert_eq!(scripts[3].name.as_str(), "Count");
}

#[test]
fn what_is_wrong_with_a_script_is_told() {
    for (steps, expected) in [
        ("      - script: ''\n", "the script is empty"),
        (
            "      - script: {language: groovy}\n",
            "the script has no text",
        ),
        (
            "      - script: {file: other.js}\n",
            "the script `other.js` cannot be read: other.js: no such file",
        ),
        (
            "      - script: {text: x, file: make.js}\n",
            "`file` does not go with `text`",
        ),
        (
            "      - script: {text: x, language: perl}\n",
            "`perl` is no language of scripts",
        ),
        ("      - script: {txt: x, text: y}\n", "unknown key `txt`"),
    ] {
        let said = finding(steps);
        assert!(said.contains(expected), "{said}");
    }
}
