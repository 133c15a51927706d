//! Where inputs begin: public plans and the expressions of the golden files.

use std::path::{Path, PathBuf};

use crate::target::Target;

/// The seeds of `target`; at least one, since every target has some of its own.
pub(crate) fn of(target: Target) -> Vec<String> {
    let own: &[&str] = match target {
        Target::Jmx => {
            &["<jmeterTestPlan><hashTree><TestPlan/><hashTree/></hashTree></jmeterTestPlan>"]
        }
        Target::Planfile => &["version: 1\nname: x\nscenarios: []\n"],
        Target::Regex => &[
            r"(\d+)", "a{1,3}?", "(?i)x|y", "[^a-z]+", r"(a)\1", "(?=a)b", "(?:x*)*y",
        ],
        Target::JsonPath => &[
            "$.a",
            "$..a[?(@.b == 'c')]",
            "$['a','b'][0:2]",
            "$.a[*].b.length()",
        ],
        Target::JmesPath => &[
            "a.b",
            "a[*].b | [0]",
            "a[?b>`1`].{c: d}",
            "sort_by(a, &b)[-1]",
        ],
        Target::XPath => &[
            "//a[@b='c']/d",
            "count(//a) + 1",
            "//*:a[ends-with(., 'x')]/string()",
        ],
        Target::Css => &[
            "a > b.c#d",
            "li:nth-child(2n+1)",
            "a:has(> b:contains(x))",
            "[a~=b]",
        ],
        Target::Html => &[
            "<p>a<b>c</p>",
            "<table><tr><td>x</table>",
            "<svg><a:b/></svg>",
        ],
        Target::Xml => &[
            "<a b='c'><!-- d --><e/></a>",
            "<!DOCTYPE a [<!ENTITY e 'f'>]><a>&e;</a>",
        ],
        Target::Json => &["{\"a\":[1,2.5e3,null]}", "{a:1,}", "['x',,]"],
        Target::Groovy => &["vars.put('x', \"${[1, 2].collect { it + 1 }}\")"],
        Target::BeanShell => &["for (int i = 0; i < 3; i++) { vars.put(\"x\", i + \"\"); }"],
        Target::Jexl => &["vars.get('a') == 1 && !empty(b) ? size(b) : [1, 2]"],
        Target::JavaScript => &[
            "var o = JSON.parse(vars.get('b')); for (var k in o) { vars.put(k, o[k]); } o.a[0].b",
            "try { java.lang.Integer.parseInt('x'); } catch (e) { log.info('' + e); throw e; }",
            "importPackage(java.util); var l = new ArrayList(); l.add(1); l.get(0) + Java.from(l).length",
            "Packages.java.lang.String.format('%s', [1]).split(/a|b/).map(function (x) { return -x; })",
        ],
    };
    let mut seeds: Vec<String> = own.iter().map(|&seed| seed.to_owned()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match target {
        Target::Jmx => seeds.extend(files(&root.join("crates/jmx/tests/corpus"), "jmx")),
        Target::Planfile => {
            seeds.extend(files(&root.join("crates/planfile/tests/plans"), "yaml"));
            seeds.extend(files(&root.join("examples"), "yaml"));
        }
        Target::Html => seeds.extend(files(&root.join("crates/engine/tests/golden"), "html")),
        Target::Json => seeds.extend(files(&root.join("crates/engine/tests/golden"), "json")),
        Target::Groovy => seeds.extend(scripts(&root, "groovy")),
        Target::BeanShell => seeds.extend(scripts(&root, "bsh")),
        Target::Jexl => seeds.extend(scripts(&root, "jexl3")),
        Target::JavaScript => {
            let files = files(&root.join("oracle/scripts"), "txt");
            let cases = files.iter().flat_map(|file| file.split("#### ").skip(1));
            let cases = cases.filter_map(|case| case.split_once('\n'));
            seeds.extend(cases.map(|(_, script)| script.to_owned()));
        }
        Target::Regex
        | Target::JsonPath
        | Target::JmesPath
        | Target::XPath
        | Target::Css
        | Target::Xml => {}
    }
    seeds
}

/// The scripts in `language` of the recorded answers below `root`.
fn scripts(root: &Path, language: &str) -> Vec<String> {
    let answers = files(&root.join("crates/script/tests/vectors"), "json");
    let answers = answers
        .iter()
        .filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let scripts = answers.flat_map(|answers| {
        let cases = answers["cases"].as_array().cloned().unwrap_or_default();
        cases.into_iter().filter_map(|case| {
            let is_wanted = case["lang"] == language;
            is_wanted.then(|| case["script"].as_str().unwrap_or_default().to_owned())
        })
    });
    scripts.collect()
}

/// The texts of the files in `folder` that end in `extension`, by name; what cannot be read is left out.
fn files(folder: &Path, extension: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect()
}
