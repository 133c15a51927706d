//! Writes small plans as `.jmx` files.
//!
//! Every property is written as text: JMeter converts what it reads, and so must Loadline.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use crate::element::{Kind, kind, script_property};
use crate::plan_text::{Line, SCRIPT_LINE, SmallPlan};

/// The text of a plan, and of the plans beside it by file name.
///
/// # Errors
///
/// A word or row that is not known, with its line.
pub fn files(plan: &SmallPlan) -> Result<Vec<(String, String)>> {
    let mut files = vec![(
        "plan.jmx".to_owned(),
        document(&plan.settings, &plan.lines)?,
    )];
    for (name, lines) in &plan.others {
        files.push((name.clone(), document(&[], lines)?));
    }
    Ok(files)
}

fn document(settings: &[(String, String)], lines: &[Line]) -> Result<String> {
    let mut xml = Xml::default();
    xml.open("jmeterTestPlan version=\"1.2\" properties=\"5.0\" jmeter=\"5.6.3\"");
    xml.open("hashTree");
    xml.open(&opening("TestPlan", "TestPlanGui", PLAN_NAME));
    for (key, value) in settings {
        let property = match key.as_str() {
            "serialize" => "TestPlan.serialize_threadgroups",
            "teardown_on_stop" => "TestPlan.tearDown_on_shutdown",
            other => other,
        };
        xml.property(property, value);
    }
    let (variables, elements): (Vec<&Line>, Vec<&Line>) =
        lines.iter().partition(|line| line.word == "var");
    xml.open("elementProp name=\"TestPlan.user_defined_variables\" elementType=\"Arguments\"");
    arguments(&mut xml, &variables, "Argument");
    xml.close("elementProp");
    xml.close("TestPlan");
    xml.open("hashTree");
    for line in elements {
        element(&mut xml, line)?;
    }
    xml.close("hashTree");
    xml.close("hashTree");
    xml.close("jmeterTestPlan");
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
        xml.text
    ))
}

/// The test plan's name, which module paths begin with, below a root that JMeter skips.
const PLAN_NAME: &str = "Test Plan";
const ROOT_NAME: &str = "root";

/// Words that are parts of the element above them.
const ROWS: &[&str] = &[
    "arg",
    "body",
    "file",
    "header",
    "cookie",
    "auth",
    "test",
    "var",
    "names",
    "values",
    "row",
    "host",
    "server",
    "to",
    "set",
    SCRIPT_LINE,
];

fn element(xml: &mut Xml, line: &Line) -> Result<()> {
    let number = line.number;
    let Some(kind) = kind(&line.word) else {
        bail!("line {number}: there is no element `{}`", line.word)
    };
    let (rows, below): (Vec<&Line>, Vec<&Line>) = line
        .below
        .iter()
        .partition(|line| ROWS.contains(&line.word.as_str()));
    let properties = properties(kind, line)?;
    let value = |name: &str| {
        line.keys
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let path = properties
        .iter()
        .find(|(name, _)| name == "HTTPSampler.path");
    let name = value("name")
        .or(path.map(|(_, path)| path.as_str()))
        .unwrap_or(&line.word);
    let opened = opening(kind.tag, kind.gui, name);
    xml.open(&match value("enabled") {
        Some(enabled) => format!("{opened} enabled=\"{enabled}\""),
        None => opened,
    });
    for (name, value) in &properties {
        xml.property(name, value);
    }
    if kind.tag.ends_with("ThreadGroup") {
        group_controller(xml, line);
    }
    // `set "a name with spaces" value`: any other property.
    for row in rows.iter().filter(|row| row.word == "set") {
        xml.property(&positional(row, 0), &positional(row, 1));
    }
    match script_property(kind.tag) {
        Some(property) => xml.property(property, &script(&rows)),
        None => rows_of(xml, kind, line, &rows)?,
    }
    xml.close(kind.tag);
    xml.open("hashTree");
    for child in below {
        element(xml, child)?;
    }
    xml.close("hashTree");
    Ok(())
}

/// The script that stands in the rows of an element.
fn script(rows: &[&Line]) -> String {
    let lines = rows.iter().filter(|row| row.word == SCRIPT_LINE);
    lines
        .map(|row| positional(row, 0))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Properties of the line: given ones unless set, then by position, then by key.
fn properties(kind: &Kind, line: &Line) -> Result<Vec<(String, String)>> {
    let mut set: Vec<(String, String)> = Vec::new();
    if kind.word == "post" {
        set.push(("HTTPSampler.method".to_owned(), "POST".to_owned()));
    }
    if line.values.len() > kind.positions.len() {
        bail!(
            "line {}: `{}` takes at most {} values",
            line.number,
            line.word,
            kind.positions.len()
        );
    }
    for (position, value) in kind.positions.iter().zip(&line.values) {
        set.push(((*position).to_owned(), value.clone()));
    }
    for (key, value) in &line.keys {
        let is_group = kind.tag.ends_with("ThreadGroup");
        if matches!(key.as_str(), "name" | "enabled")
            || (is_group && matches!(key.as_str(), "loops" | "forever"))
        {
            continue;
        }
        let short = kind.keys.iter().find(|(short, _)| short == key);
        set.push((
            short.map_or(key.as_str(), |(_, long)| long).to_owned(),
            value.clone(),
        ));
    }
    if set
        .iter()
        .any(|(name, _)| matches!(name.as_str(), "ThreadGroup.duration" | "ThreadGroup.delay"))
    {
        set.push(("ThreadGroup.scheduler".to_owned(), "true".to_owned()));
    }
    let given = kind
        .given
        .iter()
        .filter(|(name, _)| set.iter().all(|(own, _)| own != name));
    let mut all: Vec<(String, String)> = given
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    all.extend(set);
    // `key=absent` leaves out what would be given.
    all.retain(|(_, value)| value != "absent");
    Ok(all)
}

fn group_controller(xml: &mut Xml, line: &Line) {
    let value = |name: &str| {
        line.keys
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    if line.word == "concurrency" || line.word == "arrivals" {
        xml.open("elementProp name=\"ThreadGroup.main_controller\" elementType=\"com.blazemeter.jmeter.control.VirtualUserController\"");
        xml.close("elementProp");
        return;
    }
    // The name is there in every file that JMeter writes, and JMeter puts the group's own in its place.
    xml.open("elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\" testname=\"Loop Controller\"");
    xml.property("LoopController.loops", value("loops").unwrap_or("1"));
    xml.property(
        "LoopController.continue_forever",
        value("forever").unwrap_or("false"),
    );
    xml.close("elementProp");
}

fn rows_of(xml: &mut Xml, kind: &Kind, line: &Line, rows: &[&Line]) -> Result<()> {
    let of = |word: &str| -> Vec<&Line> {
        rows.iter()
            .copied()
            .filter(|row| row.word == word)
            .collect()
    };
    let is_http = matches!(kind.tag, "HTTPSamplerProxy") || kind.gui == "HttpDefaultsGui";
    if is_http {
        let body = of("body");
        if !body.is_empty() {
            xml.property("HTTPSampler.postBodyRaw", "true");
        }
        xml.open("elementProp name=\"HTTPsampler.Arguments\" elementType=\"Arguments\"");
        let arguments_given = if body.is_empty() { of("arg") } else { body };
        arguments(xml, &arguments_given, "HTTPArgument");
        xml.close("elementProp");
        let files = of("file");
        if !files.is_empty() {
            xml.open("elementProp name=\"HTTPsampler.Files\" elementType=\"HTTPFileArgs\"");
            xml.open("collectionProp name=\"HTTPFileArgs.files\"");
            for file in files {
                xml.item(
                    "HTTPFileArg",
                    &positional(file, 0),
                    &[
                        ("File.path", positional(file, 0)),
                        ("File.paramname", positional(file, 1)),
                        ("File.mimetype", positional(file, 2)),
                    ],
                );
            }
            xml.close("collectionProp");
            xml.close("elementProp");
        }
        return Ok(());
    }
    match kind.word {
        "headers" => xml.items(
            "HeaderManager.headers",
            "Header",
            &of("header"),
            &["Header.name", "Header.value"],
        ),
        "cookies" => {
            xml.open("collectionProp name=\"CookieManager.cookies\"");
            for cookie in of("cookie") {
                let name = positional(cookie, 0);
                let mut properties = vec![("Cookie.value".to_owned(), positional(cookie, 1))];
                properties.extend(
                    cookie
                        .keys
                        .iter()
                        .map(|(key, value)| (format!("Cookie.{key}"), value.clone())),
                );
                xml.open(&format!(
                    "elementProp name=\"{}\" elementType=\"Cookie\" testname=\"{0}\"",
                    escaped(&name)
                ));
                for (key, value) in properties {
                    xml.property(&key, &value);
                }
                xml.close("elementProp");
            }
            xml.close("collectionProp");
        }
        "authorization" => {
            let names = [
                "Authorization.url",
                "Authorization.username",
                "Authorization.password",
                "Authorization.mechanism",
            ];
            xml.items(
                "AuthManager.auth_list",
                "Authorization",
                &of("auth"),
                &names,
            );
        }
        "dns" => {
            xml.texts(
                "DNSCacheManager.servers",
                &of("server")
                    .iter()
                    .map(|row| positional(row, 0))
                    .collect::<Vec<_>>(),
            );
            xml.items(
                "DNSCacheManager.hosts",
                "StaticHost",
                &of("host"),
                &["StaticHost.Name", "StaticHost.Address"],
            );
        }
        "assert" => {
            let patterns: Vec<String> = of("test").iter().map(|row| positional(row, 0)).collect();
            // The property's name has carried this slip of the pen since JMeter 2.
            xml.texts("Asserion.test_strings", &patterns);
        }
        "compare_assert" => xml.items(
            "stringsToSkip",
            "SubstitutionElement",
            &of("row"),
            &["regex", "substitute"],
        ),
        "variables" => arguments(xml, &of("var"), "Argument"),
        "java" => {
            xml.open("elementProp name=\"arguments\" elementType=\"Arguments\"");
            arguments(xml, &of("arg"), "Argument");
            xml.close("elementProp");
        }
        "user_parameters" => {
            let names: Vec<String> = of("names")
                .iter()
                .flat_map(|row| row.values.clone())
                .collect();
            xml.texts("UserParameters.names", &names);
            xml.open("collectionProp name=\"UserParameters.thread_values\"");
            for (index, user) in of("values").iter().enumerate() {
                xml.texts(&format!("user {index}"), &user.values);
            }
            xml.close("collectionProp");
        }
        "ultimate" => xml.rows("ultimatethreadgroupdata", &of("row")),
        "shaping_timer" => xml.rows("load_profile", &of("row")),
        "module" => {
            let mut path = vec![ROOT_NAME.to_owned(), PLAN_NAME.to_owned()];
            path.extend(of("to").iter().flat_map(|row| row.values.clone()));
            xml.texts("ModuleController.node_path", &path);
        }
        _ => {
            if let Some(row) = rows.iter().find(|row| row.word != "set") {
                bail!(
                    "line {}: `{}` has no rows `{}`",
                    row.number,
                    line.word,
                    row.word
                );
            }
        }
    }
    Ok(())
}

fn positional(line: &Line, index: usize) -> String {
    line.values.get(index).cloned().unwrap_or_default()
}

/// Rows `arg NAME VALUE encode=.. equals=.. type=..`, `body VALUE` or `var NAME VALUE`.
fn arguments(xml: &mut Xml, rows: &[&Line], class: &str) {
    xml.open("collectionProp name=\"Arguments.arguments\"");
    for row in rows {
        let named = row.word != "body";
        let name = if named {
            positional(row, 0)
        } else {
            String::new()
        };
        let value = positional(row, usize::from(named));
        let mut properties = Vec::new();
        if named {
            properties.push(("Argument.name".to_owned(), name.clone()));
        }
        properties.push(("Argument.value".to_owned(), value));
        let key = |name: &str| {
            row.keys
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        properties.push((
            "Argument.metadata".to_owned(),
            key("metadata").unwrap_or_else(|| "=".to_owned()),
        ));
        if class == "HTTPArgument" {
            let encode = key("encode").unwrap_or_else(|| "false".to_owned());
            properties.push(("HTTPArgument.always_encode".to_owned(), encode));
            if named {
                let equals = key("equals").unwrap_or_else(|| "true".to_owned());
                properties.push(("HTTPArgument.use_equals".to_owned(), equals));
            }
            if let Some(content_type) = key("type") {
                properties.push(("HTTPArgument.content_type".to_owned(), content_type));
            }
        }
        let properties: Vec<(&str, String)> = properties
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        xml.item(class, &name, &properties);
    }
    xml.close("collectionProp");
}

fn opening(tag: &str, gui: &str, name: &str) -> String {
    let class = tag.rsplit('.').next().unwrap_or(tag);
    format!(
        "{tag} guiclass=\"{gui}\" testclass=\"{class}\" testname=\"{}\"",
        escaped(name)
    )
}

fn escaped(text: &str) -> String {
    let mut result = String::new();
    for letter in text.chars() {
        match letter {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&quot;"),
            '\r' => result.push_str("&#xd;"),
            '\n' => result.push_str("&#xa;"),
            '\t' => result.push_str("&#x9;"),
            _ => result.push(letter),
        }
    }
    result
}

#[derive(Default)]
struct Xml {
    text: String,
}

impl Xml {
    fn open(&mut self, tag: &str) {
        let _ = writeln!(self.text, "<{tag}>");
    }

    fn close(&mut self, tag: &str) {
        let _ = writeln!(self.text, "</{tag}>");
    }

    fn property(&mut self, name: &str, value: &str) {
        let _ = writeln!(
            self.text,
            "<stringProp name=\"{}\">{}</stringProp>",
            escaped(name),
            escaped(value)
        );
    }

    fn item(&mut self, class: &str, name: &str, properties: &[(&str, String)]) {
        self.open(&format!(
            "elementProp name=\"{}\" elementType=\"{class}\"",
            escaped(name)
        ));
        for (property, value) in properties {
            self.property(property, value);
        }
        self.close("elementProp");
    }

    fn items(&mut self, list: &str, class: &str, rows: &[&Line], properties: &[&str]) {
        self.open(&format!("collectionProp name=\"{list}\""));
        for row in rows {
            let values = properties.iter().zip(&row.values);
            let pairs: Vec<(&str, String)> =
                values.map(|(name, value)| (*name, value.clone())).collect();
            self.item(class, "", &pairs);
        }
        self.close("collectionProp");
    }

    fn texts(&mut self, list: &str, values: &[String]) {
        self.open(&format!("collectionProp name=\"{}\"", escaped(list)));
        for (index, value) in values.iter().enumerate() {
            self.property(&index.to_string(), value);
        }
        self.close("collectionProp");
    }

    fn rows(&mut self, list: &str, rows: &[&Line]) {
        self.open(&format!("collectionProp name=\"{list}\""));
        for (index, row) in rows.iter().enumerate() {
            self.texts(&index.to_string(), &row.values);
        }
        self.close("collectionProp");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan_text::read;

    fn written(text: &str) -> Result<String> {
        let plans = read(text)?;
        Ok(files(&plans[0])?.remove(0).1)
    }

    #[test]
    fn what_is_written_is_xml_with_paired_trees() {
        let xml = written("== p\nvar x \"<&>\"\ngroup loops=2 duration=3\n  loop 2 forever=false\n    post /a\n      arg n v encode=true\n      file f.txt up text/plain\n    assert Assertion.response_data 2\n      test a.*b\n").unwrap();
        let document = roxmltree::Document::parse(&xml).unwrap();
        for tree in document
            .descendants()
            .filter(|node| node.has_tag_name("hashTree"))
        {
            let children: Vec<_> = tree
                .children()
                .filter(roxmltree::Node::is_element)
                .collect();
            assert!(
                children
                    .chunks(2)
                    .all(|pair| pair.len() == 2 && pair[1].has_tag_name("hashTree"))
            );
        }
        let property = |name: &str| {
            let mut nodes = document.descendants();
            nodes
                .find(|node| node.attribute("name") == Some(name))
                .and_then(|node| node.text())
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(property("ThreadGroup.scheduler"), "true");
        assert_eq!(property("HTTPSampler.method"), "POST");
        assert_eq!(property("Argument.value"), "<&>");
    }

    #[test]
    fn a_script_stands_below_its_element() {
        let xml = written("== p\njsr223 groovy file=\n  | if (a < b)\n  |   c\n").unwrap();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let mut nodes = document.descendants();
        let script = nodes.find(|node| node.attribute("name") == Some("script"));
        assert_eq!(script.unwrap().text(), Some("if (a < b)\n  c"));
    }

    #[test]
    fn unknown_words_are_named() {
        for (text, part) in [
            ("== p\nnothing\n", "`nothing`"),
            ("== p\nloop\n  var a b\n", "`var`"),
            ("== p\nloop 1 2\n", "at most 1"),
            ("== p\nloop 1\n  | x\n", "`|`"),
        ] {
            assert!(written(text).unwrap_err().to_string().contains(part));
        }
    }
}
