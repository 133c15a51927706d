//! Public plans, pointed at the recording server and bounded, so that they can be run.
//!
//! What is changed: hosts, ports and protocols of requests; the number of users, loops and the times
//! of groups; pauses; listeners, which go; Random Controllers, which take turns; While
//! Controllers that ask a variable alone; elements that need more than an HTTP server, which go. One user at a time, one group after the other: who meets
//! whom is the business of the small plans. Everything else stays as it is in the file.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use roxmltree::{Document, Node};

use crate::trial::Trial;

/// A bounded plan that takes longer waits for something that the recording server does not give.
const LIMIT: Duration = Duration::from_secs(10);
/// Iterations of a group and of a loop that has more.
const MOST_LOOPS: u32 = 2;

/// Passes of a While Controller that waits for what only the real server says.
const MOST_PASSES: u32 = 50;

/// A plan of the corpus.
#[derive(Clone, Debug)]
pub struct PublicPlan {
    /// Its file's name without the extension.
    pub name: String,
    /// Whether it holds scripts.
    pub has_scripts: bool,
    /// Whether it holds a thread group: without one, nothing of it is run.
    pub has_groups: bool,
    /// What the elements needed that are left out of it; empty if none are.
    pub without: String,
    /// Pointed at the recording server.
    text: String,
    /// Files that stand in for data files that are not in the corpus: name and content.
    stand_ins: Vec<(String, String)>,
}

/// Elements that hold a script, by a part of their tags.
const SCRIPTS: &[&str] = &["JSR223", "BeanShell", "BSF"];

/// What scripts need more than JMeter, by a part of their texts.
const SCRIPTS_NEED: &[(&str, &str)] = &[
    ("getRuntime", "programs of the machine"),
    ("ProcessBuilder", "programs of the machine"),
    ("com.amazonaws", "Java classes of its own"),
];

/// Elements that need more than JMeter and an HTTP server, by a part of their tags.
const NEEDS: &[(&str, &str)] = &[
    ("JDBC", "databases"),
    ("Mongo", "databases"),
    ("Bolt", "databases"),
    ("com.acmeair", "Java classes of its own"),
    ("JavaSampler", "Java classes of its own"),
    ("JUnitSampler", "Java classes of its own"),
    ("SystemSampler", "programs of the machine"),
    ("TCPSampler", "other protocols"),
    ("FTPSampler", "other protocols"),
    ("LDAP", "other protocols"),
    ("JMS", "other protocols"),
    ("PublisherSampler", "other protocols"),
    ("SubscriberSampler", "other protocols"),
    ("MailReader", "other protocols"),
    ("Smtp", "other protocols"),
    ("AccessLog", "other protocols"),
    ("Ajp", "other protocols"),
    ("wssampler", "other protocols"),
    ("HTTP2", "other protocols"),
];

/// Listeners, by a part of their tags: they take no part in what is sent.
const LISTENERS: &[&str] = &[
    "ResultCollector",
    "vizualizers",
    "BackendListener",
    "Summariser",
    "ResultSaver",
    "GraphsGenerator",
    "reporters",
    "perfmon",
    "HttpSimpleTableControl",
    "MailerResultCollector",
];

/// Reads the plans of a folder, sorted by name.
///
/// # Errors
///
/// A file cannot be read or is not XML.
pub fn read(folder: &Path) -> Result<Vec<PublicPlan>> {
    let mut plans = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "jmx") {
            continue;
        }
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&file)?;
        let document =
            Document::parse(&text).with_context(|| format!("read {}", file.display()))?;
        let data = folder.join(format!("{name}.data"));
        let mut aim = Aim {
            is_there: &|path| data.join(path).is_file(),
            has_default_host: has_default_host(&document),
            has_modules: document
                .descendants()
                .any(|node| node.has_tag_name("ModuleController")),
            stand_ins: Vec::new(),
        };
        plans.push(PublicPlan {
            name,
            has_scripts: enabled_tags(&document)
                .any(|tag| SCRIPTS.iter().any(|part| tag.contains(part))),
            has_groups: enabled_tags(&document).any(|tag| tag.ends_with("ThreadGroup")),
            without: needs(&document),
            text: aim.aimed(&text, &document),
            stand_ins: aim.stand_ins,
        });
    }
    plans.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(plans)
}

/// Writes a plan and its data files into a folder of its own below `folder`.
///
/// # Errors
///
/// A file cannot be copied or written.
pub fn lay_out(plan: &PublicPlan, corpus: &Path, folder: &Path) -> Result<Trial> {
    let own = folder.join(&plan.name);
    std::fs::create_dir_all(&own)?;
    let data = corpus.join(format!("{}.data", plan.name));
    if data.is_dir() {
        copy(&data, &own)?;
    }
    for (name, content) in &plan.stand_ins {
        std::fs::write(own.join(name), content)?;
    }
    let file = own.join("plan.jmx");
    std::fs::write(&file, &plan.text)?;
    Ok(Trial {
        name: plan.name.clone(),
        plan: file,
        properties: Vec::new(),
        options: Vec::new(),
        unordered: false,
        limit: LIMIT,
    })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn is_element(node: &Node<'_, '_>) -> bool {
    node.is_element() && node.attribute("guiclass").is_some() && !node.has_tag_name("elementProp")
}

/// Whether the element and everything above it is enabled.
fn is_enabled(node: Node<'_, '_>) -> bool {
    let mut at = Some(node);
    while let Some(element) = at {
        if element
            .attribute("enabled")
            .is_some_and(|value| value != "true")
        {
            return false;
        }
        // The element that a hash tree belongs to stands right before it.
        let tree = element.parent_element();
        at = tree
            .and_then(|tree| tree.prev_sibling_element())
            .filter(is_element);
    }
    true
}

fn enabled_tags<'a>(document: &'a Document<'_>) -> impl Iterator<Item = &'a str> {
    let elements = document.descendants().filter(is_element);
    elements
        .filter(|node| is_enabled(*node))
        .map(|node| node.tag_name().name())
}

/// What an element needs that neither JMeter nor an HTTP server gives it.
fn need(element: Node<'_, '_>) -> Option<&'static str> {
    let tag = element.tag_name().name();
    let by_tag = NEEDS.iter().find(|(part, _)| tag.contains(part));
    let by_text = || {
        let is_script = SCRIPTS.iter().any(|part| tag.contains(part));
        let texts = || element.descendants().filter_map(|node| node.text());
        let mut needs = SCRIPTS_NEED.iter().filter(|_| is_script);
        needs.find(|(part, _)| texts().any(|text| text.contains(part)))
    };
    by_tag.or_else(by_text).map(|(_, reason)| *reason)
}

/// What elements of the plan need, which are left out of it.
fn needs(document: &Document<'_>) -> String {
    let elements = document.descendants().filter(is_element);
    let enabled = elements.filter(|element| is_enabled(*element));
    let mut reasons: Vec<&str> = enabled.filter_map(need).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.join(", ")
}

/// What the changes to one plan depend on, and the files that they need.
struct Aim<'a> {
    /// Whether a data file is in the corpus.
    is_there: &'a dyn Fn(&str) -> bool,
    /// Whether defaults name a host for requests that name none.
    has_default_host: bool,
    /// Module Controllers may point to disabled elements.
    has_modules: bool,
    stand_ins: Vec<(String, String)>,
}

fn has_default_host(document: &Document<'_>) -> bool {
    let mut properties = document.descendants().filter(|node| {
        node.attribute("name") == Some("HTTPSampler.domain")
            && node.text().is_some_and(|text| !text.is_empty())
    });
    properties.any(|node| {
        node.parent_element()
            .is_some_and(|parent| parent.has_tag_name("ConfigTestElement") && is_enabled(parent))
    })
}

impl Aim<'_> {
    /// The plan with everything changed that this module changes.
    fn aimed(&mut self, text: &str, document: &Document<'_>) -> String {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for node in document.descendants().filter(Node::is_element) {
            let tag = node.tag_name().name();
            let goes = LISTENERS.iter().any(|part| tag.contains(part))
                || need(node).is_some()
                || (!self.has_modules
                    && node
                        .attribute("enabled")
                        .is_some_and(|value| value != "true"));
            if is_element(&node) && goes {
                edits.push((node.range(), String::new()));
                if let Some(tree) = node
                    .next_sibling_element()
                    .filter(|tree| tree.has_tag_name("hashTree"))
                {
                    edits.push((tree.range(), String::new()));
                }
            } else if is_element(&node) && tag == "RandomController" {
                // In turn: two runs that draw different requests cannot be compared.
                edits.extend(renamed(text, node, tag, "InterleaveControl"));
            } else if is_element(&node) && tag.contains('.') && tag.ends_with("ThreadGroup") {
                // A group of a plugin, which has a time table: an ordinary group of one user instead.
                edits.push((node.range(), one_user_group(node)));
            } else if let Some(name) = node.attribute("name").filter(|_| tag.ends_with("Prop"))
                && let Some(value) = self.replacement(node, name)
            {
                let mut text = format!("<{tag} name=\"{name}\">{value}</{tag}>");
                if name == "HTTPSampler.domain" && sibling(node, "HTTPSampler.port").is_none() {
                    text.push_str(
                        "<stringProp name=\"HTTPSampler.port\">${__P(port)}</stringProp>",
                    );
                }
                edits.push((node.range(), text));
            }
        }
        edits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut result = String::new();
        let mut at = 0;
        for (range, replacement) in edits {
            // Inside of something that is replaced as a whole.
            if range.start < at {
                continue;
            }
            result.push_str(&text[at..range.start]);
            result.push_str(&replacement);
            at = range.end;
        }
        result.push_str(&text[at..]);
        with_hosts_replaced(&result)
    }

    /// The new value of a property, or `None` if it stays.
    fn replacement(&mut self, node: Node<'_, '_>, name: &str) -> Option<String> {
        let value = node.text().unwrap_or_default();
        let few = |least: u32| match value.trim().parse::<u32>() {
            Ok(count) if (least..=MOST_LOOPS).contains(&count) => None,
            _ => Some(MOST_LOOPS.to_string()),
        };
        let is_main = node
            .parent_element()
            .is_some_and(|parent| parent.attribute("name") == Some("ThreadGroup.main_controller"));
        match name {
            // With the host goes its port: a request without a host takes both from the defaults.
            "HTTPSampler.domain" if !value.is_empty() || !self.has_default_host => {
                Some("127.0.0.1".to_owned())
            }
            "HTTPSampler.port" => {
                let domain = sibling(node, "HTTPSampler.domain");
                let has_domain =
                    domain.is_some_and(|domain| !domain.is_empty() || !self.has_default_host);
                (has_domain || !value.is_empty()).then(|| "${__P(port)}".to_owned())
            }
            "HTTPSampler.protocol" if !value.is_empty() => Some("http".to_owned()),
            "HTTPSampler.proxyHost" | "HTTPSampler.proxyPort" if !value.is_empty() => {
                Some(String::new())
            }
            "HTTPSampler.concurrentDwn" | "ThreadGroup.scheduler" => Some("false".to_owned()),
            "HTTPSampler.connect_timeout" | "HTTPSampler.response_timeout" if !value.is_empty() => {
                Some("5000".to_owned())
            }
            "ThreadGroup.num_threads" => Some("1".to_owned()),
            "ThreadGroup.ramp_time" => Some("0".to_owned()),
            "TestPlan.serialize_threadgroups" => Some("true".to_owned()),
            "LoopController.continue_forever" if is_main => Some("false".to_owned()),
            "LoopController.loops" => few(0),
            "ConstantTimer.delay" | "RandomTimer.range" | "ActionProcessor.duration" => {
                Some("1".to_owned())
            }
            "WhileController.condition" => bounded_condition(node, value),
            "RunTime.seconds" | "groupSize" => Some("1".to_owned()),
            "filename" if is_in(node, "CSVDataSet") && !(self.is_there)(value) => {
                let delimiter = match sibling(node, "delimiter") {
                    Some("\\t") => "\t",
                    Some("") | None => ",",
                    Some(other) => other,
                };
                Some(self.stand_in(value, &rows(delimiter)))
            }
            "File.path" if !value.is_empty() && !(self.is_there)(value) => {
                Some(self.stand_in(value, "content of a file\n"))
            }
            "throughput" => Some("600000".to_owned()),
            _ => None,
        }
    }

    /// The name of a file that takes the place of a missing one: the same for the same path.
    fn stand_in(&mut self, path: &str, content: &str) -> String {
        let plain: String = path
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() {
                    letter
                } else {
                    '-'
                }
            })
            .collect();
        let name = format!("stand-in-{plain}.txt");
        if self.stand_ins.iter().all(|(known, _)| *known != name) {
            self.stand_ins.push((name.clone(), content.to_owned()));
        }
        name
    }
}

fn is_in(property: Node<'_, '_>, tag: &str) -> bool {
    property
        .parent_element()
        .is_some_and(|parent| parent.has_tag_name(tag))
}

/// The condition of a While Controller that only asks a variable, which chance or the real server sets:
/// after some passes it ends all the same.
fn bounded_condition(property: Node<'_, '_>, value: &str) -> Option<String> {
    let variable = value.trim().strip_prefix("${")?.strip_suffix('}')?;
    if variable.contains(['$', '(']) {
        return None;
    }
    let controller = property.parent_element()?.attribute("testname")?;
    let pass = format!("vars.get('__jm__{controller}__idx')");
    Some(format!(
        "${{__jexl3(vars.get('{variable}') != 'false' &amp;&amp; \
         ({pass} == null || {pass} &lt; {MOST_PASSES}))}}"
    ))
}

/// Three rows with more columns than a plan has names for.
fn rows(delimiter: &str) -> String {
    const COLUMNS: usize = 12;
    let row = |row: usize| {
        let cells: Vec<String> = (1..=COLUMNS)
            .map(|column| format!("r{row}c{column}"))
            .collect();
        cells.join(delimiter)
    };
    format!("{}\n{}\n{}\n", row(1), row(2), row(3))
}

fn one_user_group(node: Node<'_, '_>) -> String {
    let name = node
        .attribute("testname")
        .unwrap_or("group")
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    let enabled = node.attribute("enabled").unwrap_or("true");
    format!(
        "<ThreadGroup guiclass=\"ThreadGroupGui\" testclass=\"ThreadGroup\" testname=\"{name}\" enabled=\"{enabled}\">\
         <stringProp name=\"ThreadGroup.on_sample_error\">continue</stringProp>\
         <stringProp name=\"ThreadGroup.num_threads\">1</stringProp>\
         <elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\" testname=\"Loop Controller\">\
         <boolProp name=\"LoopController.continue_forever\">false</boolProp>\
         <stringProp name=\"LoopController.loops\">1</stringProp></elementProp></ThreadGroup>"
    )
}

/// Gives an element another class.
fn renamed(text: &str, node: Node<'_, '_>, tag: &str, other: &str) -> Vec<(Range<usize>, String)> {
    let range = node.range();
    let (opening, closing) = (format!("<{tag}"), format!("</{tag}>"));
    let mut edits = Vec::new();
    if text[range.clone()].starts_with(&opening) {
        let name = range.start + 1..range.start + opening.len();
        edits.push((name, other.to_owned()));
    }
    if text[range.clone()].ends_with(&closing) {
        let name = range.end - closing.len() + "</".len()..range.end - ">".len();
        edits.push((name, other.to_owned()));
    }
    edits
}

fn sibling<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let mut siblings = node.parent_element()?.children();
    let found = siblings.find(|sibling| sibling.attribute("name") == Some(name))?;
    Some(found.text().unwrap_or_default())
}

/// Whole URLs, as values and paths have them, lead to the recording server.
fn with_hosts_replaced(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((start, scheme)) = ["http://", "https://"]
        .iter()
        .filter_map(|scheme| Some((rest.find(scheme)?, *scheme)))
        .min()
    {
        result.push_str(&rest[..start]);
        let after = &rest[start + scheme.len()..];
        let end = authority_length(after);
        result.push_str(if end == 0 {
            scheme
        } else {
            "http://127.0.0.1:${__P(port)}"
        });
        rest = &after[end..];
    }
    result.push_str(rest);
    result
}

/// Length of a host and port, which may be references.
fn authority_length(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let plain =
            rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || ".-:".contains(letter)));
        let plain = plain.unwrap_or(rest.len());
        let reference = if rest[plain..].starts_with("${") {
            rest[plain..].find('}').map_or(0, |end| end + 1)
        } else {
            0
        };
        length += plain + reference;
        if reference == 0 {
            return length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str) -> String {
        let mut aim = Aim {
            is_there: &|_| true,
            has_default_host: true,
            has_modules: false,
            stand_ins: Vec::new(),
        };
        aim.aimed(text, &Document::parse(text).unwrap())
    }

    #[test]
    fn requests_are_pointed_at_the_server() {
        let text = "<a><stringProp name=\"HTTPSampler.domain\">shop.example</stringProp><stringProp name=\"HTTPSampler.port\"></stringProp>\
                    <stringProp name=\"x\">https://shop.example:8443/a</stringProp></a>";
        assert_eq!(
            changed(text),
            "<a><stringProp name=\"HTTPSampler.domain\">127.0.0.1</stringProp><stringProp name=\"HTTPSampler.port\">${__P(port)}</stringProp>\
             <stringProp name=\"x\">http://127.0.0.1:${__P(port)}/a</stringProp></a>"
        );
    }

    #[test]
    fn a_host_may_be_a_reference() {
        assert_eq!(
            with_hosts_replaced("http://${host}:${port}/a http:// b"),
            "http://127.0.0.1:${__P(port)}/a http:// b"
        );
    }

    #[test]
    fn listeners_go_with_their_trees() {
        let text = "<hashTree><ResultCollector guiclass=\"g\"><x/></ResultCollector><hashTree/><A guiclass=\"g\"/><hashTree/></hashTree>";
        assert_eq!(
            changed(text),
            "<hashTree><A guiclass=\"g\"/><hashTree/></hashTree>"
        );
    }

    #[test]
    fn a_disabled_script_does_not_count() {
        let script = |enabled: &str| {
            let text = format!(
                "<hashTree><A guiclass=\"g\" enabled=\"{enabled}\"/><hashTree><JSR223Sampler guiclass=\"g\"/><hashTree/></hashTree></hashTree>"
            );
            let document = Document::parse(&text).unwrap();
            enabled_tags(&document).any(|tag| tag == "JSR223Sampler")
        };
        assert!(script("true"));
        assert!(!script("false"));
    }

    #[test]
    fn what_needs_more_than_a_server_goes() {
        let needed = |inside: &str| {
            needs(&Document::parse(&format!("<hashTree>{inside}</hashTree>")).unwrap())
        };
        let two =
            "<JDBCSampler guiclass=\"g\"/><hashTree/><LDAPSampler guiclass=\"g\"/><hashTree/>";
        assert_eq!(needed(two), "databases, other protocols");
        assert_eq!(changed(&format!("<a>{two}</a>")), "<a></a>");
        let script =
            |text: &str| format!("<JSR223Sampler guiclass=\"g\"><a>{text}</a></JSR223Sampler>");
        assert_eq!(
            needed(&script("Runtime.getRuntime().exec(x)")),
            "programs of the machine"
        );
        assert_eq!(needed(&script("1 + 1")), "");
        assert_eq!(needed("<HTTPSamplerProxy guiclass=\"g\"/>"), "");
    }
}
