//! What is fed, and what is done with an input.

use clap::ValueEnum;
use loadline_engine::extract::{
    JmesPath, JsonPath, JsoupSelector, OroRegex, XPath, XPath2, parse_json,
};
use loadline_script::{Language, Limits, MemoryHost, State, compile, describe};

/// A reader or parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// The reader of JMeter plans.
    Jmx,
    /// The reader of YAML plans.
    Planfile,
    /// The translation of regular expressions, and a search.
    Regex,
    /// JSONPath, and a search.
    JsonPath,
    /// JMESPath, and a search.
    JmesPath,
    /// XPath 1.0 and XPath2 expressions, and a search.
    XPath,
    /// CSS selectors in jsoup's dialect, and a search.
    Css,
    /// Pages, as XPath elements with Tidy read them.
    Html,
    /// XML, as XPath elements read it.
    Xml,
    /// JSON, as extractors and as scripts read it.
    Json,
    /// Groovy scripts, and a run of those that compile.
    Groovy,
    /// BeanShell scripts, and a run.
    BeanShell,
    /// JEXL scripts, and a run.
    Jexl,
    /// JavaScript, and a run in both of its forms.
    JavaScript,
}

/// A text in which expressions are searched.
const JSON: &str = r#"{"a":[{"b":1,"c":"x"},{"b":"y","d":[1,2]}],"b":{"c":null},"d":1.5}"#;
/// Reads JSON as Groovy does.
const SLURP: &str = "new groovy.json.JsonSlurper().parseText(vars.get('b')).toString()";
const MARKUP: &str = "<a b='c'><d>x</d><d e='1'>yx<a/></d><f:g xmlns:f='urn:f'>1</f:g></a>";
const TEXT: &str = "abc 123 xyz\nid=7; name=\"é\" <a href='x'>";

/// Most matches that are searched.
const MOST: usize = 50;

impl Target {
    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Target::Jmx => "jmx",
            Target::Planfile => "planfile",
            Target::Regex => "regex",
            Target::JsonPath => "json-path",
            Target::JmesPath => "jmes-path",
            Target::XPath => "x-path",
            Target::Css => "css",
            Target::Html => "html",
            Target::Xml => "xml",
            Target::Json => "json",
            Target::Groovy => "groovy",
            Target::BeanShell => "bean-shell",
            Target::Jexl => "jexl",
            Target::JavaScript => "java-script",
        }
    }

    /// Reads `input` and uses what comes of it once.
    pub(crate) fn run(self, input: &str) {
        match self {
            Target::Jmx => {
                let _ = loadline_jmx::read_jmx(input, "fuzz.jmx");
            }
            Target::Planfile => {
                let _ = loadline_planfile::read_plan(input, "fuzz.yaml");
            }
            Target::Regex => {
                if let Ok(regex) = OroRegex::new(input) {
                    let _ = regex.find_all(TEXT, MOST);
                }
            }
            Target::JsonPath => {
                if let (Ok(path), Ok(document)) = (JsonPath::parse(input), parse_json(JSON)) {
                    let _ = path.select(&document);
                }
            }
            Target::JmesPath => {
                if let (Ok(path), Ok(document)) = (JmesPath::new(input), parse_json(JSON)) {
                    let _ = path.search(&document);
                }
            }
            Target::XPath => {
                if let Ok(xpath) = XPath::new(input) {
                    let _ = xpath.count(MARKUP, false);
                }
                if let Ok(xpath) = XPath2::new(input, "f=urn:f") {
                    let _ = xpath.texts(MARKUP);
                }
            }
            Target::Css => {
                let _ = JsoupSelector::new(input).map(|selector| selector.count(MARKUP));
            }
            Target::Html | Target::Xml => {
                if let Ok(xpath) = XPath::new("//*[@*]|//text()") {
                    let _ = xpath.count(input, self == Target::Html);
                }
            }
            Target::Json => {
                let _ = parse_json(input);
                run_with(Language::Groovy, SLURP, input);
            }
            Target::Groovy => run_script(Language::Groovy, input),
            Target::BeanShell => run_script(Language::BeanShell, input),
            Target::Jexl => {
                run_script(Language::Jexl3, input);
                run_script(Language::Jexl2, input);
            }
            Target::JavaScript => {
                run_script(Language::Rhino, input);
                run_script(Language::JavaScript, input);
            }
        }
    }
}

/// Compiles `source` and runs it once, within limits that a few thousand scripts a minute allow.
fn run_script(language: Language, source: &str) {
    run_with(language, source, JSON);
}

/// As [`run_script`], with `json` in the variable `b`.
fn run_with(language: Language, source: &str, json: &str) {
    let Ok(script) = compile(language, source) else {
        return;
    };
    let mut host = MemoryHost::default();
    host.variables.insert("a".into(), "1".into());
    host.variables.insert("b".into(), json.into());
    let limits = Limits {
        steps: 200_000,
        bytes: 16 << 20,
        ..Limits::default()
    };
    let outcome = script.run(&mut host, &mut State::default(), &limits);
    if let Ok(value) = outcome.result {
        let _ = describe(&value, &mut host);
    }
}
