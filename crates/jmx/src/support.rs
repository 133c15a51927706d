//! The table of JMeter elements: what each class becomes here.
//!
//! One row a class, by the tag that JMeter writes. The reader works from this table and
//! documentation is made from it. A class that is not in the table is refused.
//!
//! The file is long because the table is.

use loadline_plan::{Stage, Standing};

/// One row of the table: a class of JMeter elements and how it is treated.
#[derive(Clone, Copy, Debug)]
pub struct ElementSupport {
    /// The tag in a `.jmx` file: JMeter's alias, or the full class name of a plugin.
    pub class: &'static str,
    /// The name in JMeter's menus.
    pub title: &'static str,
    /// What kind of element it is.
    pub role: Role,
    /// What is read differently or refused in a supported element, or why the class is not run;
    /// empty when nothing needs to be said.
    pub note: &'static str,
    pub(crate) meaning: Meaning,
}

impl ElementSupport {
    /// How an element of this class is treated when none of its settings is special.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.meaning {
            Meaning::Ignored | Meaning::WorkBench | Meaning::ResultCollector => Standing::Ignored,
            Meaning::Refused => Standing::Refused,
            _ => Standing::Supported,
        }
    }
}

/// The kind of a JMeter element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The Test Plan itself.
    Plan,
    /// A thread group of any kind.
    ThreadGroup,
    /// A logic controller.
    Controller,
    /// A sampler.
    Sampler,
    /// A config element.
    Config,
    /// A timer.
    Timer,
    /// A pre-processor.
    PreProcessor,
    /// A post-processor.
    PostProcessor,
    /// An assertion.
    Assertion,
    /// A listener.
    Listener,
    /// An element outside of a run: WorkBench, recorder, mirror server.
    NonTest,
}

/// How the reader makes sense of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    TestPlan,
    WorkBench,
    Threads(Stage),
    Stepping,
    Ultimate,
    Concurrency,
    OpenModel,
    Arrivals,
    FreeFormArrivals,
    Http,
    ConfigTestElement,
    Headers,
    Variables,
    Csv,
    Counter,
    RandomVariable,
    UserParameters,
    Cookies,
    Authorization,
    DnsCache,
    Cache,
    Keystore,
    UrlRewriting,
    LinkParser,
    RegexUserParameters,
    SampleTimeout,
    FifoPop,
    FifoPut,
    Simple,
    Fragment,
    Loop,
    OnceOnly,
    Transaction,
    If,
    While,
    ForEach,
    Switch,
    Interleave,
    Random,
    RandomOrder,
    Throughput,
    Runtime,
    CriticalSection,
    Module,
    Include,
    FlowControl,
    Debug,
    DebugList,
    Dummy,
    SetVariables,
    Weighted,
    Parameterized,
    Parallel,
    RandomCsv,
    PreciseTimer,
    ShapingTimer,
    ResultAction,
    ConstantTimer,
    UniformTimer,
    GaussianTimer,
    PoissonTimer,
    ThroughputTimer,
    SyncTimer,
    Regex,
    Json,
    Boundary,
    Html,
    XPath,
    XPath2,
    JmesPath,
    PluginJson,
    ResponseAssertion,
    DurationAssertion,
    SizeAssertion,
    JsonAssertion,
    Md5Assertion,
    XPathAssertion,
    XPath2Assertion,
    JmesPathAssertion,
    PluginJsonAssertion,
    XmlAssertion,
    CompareAssertion,
    ResultCollector,
    AutoStop,
    Script,
    /// Without effect on load and samples, as the note says.
    Ignored,
    /// Not run, as the note says.
    Refused,
}

/// The table, in the order of JMeter's menus; classes of plugins stand beside their kind.
#[must_use]
pub fn element_support() -> &'static [ElementSupport] {
    TABLE
}

/// The row for the tag `class`; a core class may be written with its package.
pub(crate) fn support_of(class: &str) -> Option<&'static ElementSupport> {
    let short = match class.strip_prefix("org.apache.jmeter.") {
        Some(rest) => rest.rsplit('.').next().unwrap_or(rest),
        None => class,
    };
    TABLE.iter().find(|row| row.class == short)
}

const fn row(
    class: &'static str,
    title: &'static str,
    role: Role,
    meaning: Meaning,
    note: &'static str,
) -> ElementSupport {
    ElementSupport {
        class,
        title,
        role,
        note,
        meaning,
    }
}

const fn ignored(
    class: &'static str,
    title: &'static str,
    role: Role,
    reason: &'static str,
) -> ElementSupport {
    row(class, title, role, Meaning::Ignored, reason)
}

const fn refused(
    class: &'static str,
    title: &'static str,
    role: Role,
    reason: &'static str,
) -> ElementSupport {
    row(class, title, role, Meaning::Refused, reason)
}

const fn script(class: &'static str, title: &'static str, role: Role) -> ElementSupport {
    row(class, title, role, Meaning::Script, SCRIPT)
}

const VIEWER: &str = "shows results only; reports are made at the end of the run";
const LISTENER_FILE: &str = "result files of listeners are not written";
const OTHER_PROTOCOL: &str = "its samples would be missing: only HTTP requests are sent";
const NO_CHECK: &str = "samples that it would fail would pass";
const NO_VALUE: &str = "the variables that it sets would be missing";
const SCRIPT: &str =
    "what its script needs beyond the languages is refused when the run is prepared";
const BSF: &str = "JavaScript, BeanShell and Groovy; other languages, or none, are refused";
const REMOVED: &str = "JMeter 5.6.3 no longer has this element and ignores it";

use Meaning as M;
use Role as R;

#[rustfmt::skip]
static TABLE: &[ElementSupport] = &[
    // The plan, and what stands beside it.
    row("TestPlan", "Test Plan", R::Plan, M::TestPlan, "functional mode changes nothing"),
    row("WorkBench", "WorkBench", R::NonTest, M::WorkBench, "the WorkBench takes no part in a run"),
    ignored("ProxyControl", "HTTP(S) Test Script Recorder", R::NonTest, "records plans; takes no part in a run"),
    ignored("HttpMirrorControl", "HTTP Mirror Server", R::NonTest, "started by hand in JMeter; takes no part in a run"),
    ignored("PropertyControl", "Property Display", R::NonTest, "shows properties only"),

    // Thread groups.
    row("ThreadGroup", "Thread Group", R::ThreadGroup, M::Threads(Stage::Main), ""),
    row("SetupThreadGroup", "setUp Thread Group", R::ThreadGroup, M::Threads(Stage::SetUp), ""),
    row("PostThreadGroup", "tearDown Thread Group", R::ThreadGroup, M::Threads(Stage::TearDown), ""),
    row("kg.apc.jmeter.threads.SteppingThreadGroup", "Stepping Thread Group", R::ThreadGroup, M::Stepping, ""),
    row("kg.apc.jmeter.threads.UltimateThreadGroup", "Ultimate Thread Group", R::ThreadGroup, M::Ultimate, ""),
    row("com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup", "Concurrency Thread Group", R::ThreadGroup, M::Concurrency, "its log file is not written"),
    row("OpenModelThreadGroup", "Open Model Thread Group", R::ThreadGroup, M::OpenModel, "its schedule begins with the group"),
    row("com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup", "Arrivals Thread Group", R::ThreadGroup, M::Arrivals, "its log file is not written"),
    row("com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup", "Free-Form Arrivals Thread Group", R::ThreadGroup, M::FreeFormArrivals, "its log file is not written"),

    // Controllers.
    row("GenericController", "Simple Controller", R::Controller, M::Simple, ""),
    row("RecordingController", "Recording Controller", R::Controller, M::Simple, ""),
    row("TestFragmentController", "Test Fragment", R::Controller, M::Fragment, "runs inside a thread group, and where a Module or Include Controller points to it"),
    row("LoopController", "Loop Controller", R::Controller, M::Loop, ""),
    row("OnceOnlyController", "Once Only Controller", R::Controller, M::OnceOnly, ""),
    row("TransactionController", "Transaction Controller", R::Controller, M::Transaction, ""),
    row("IfController", "If Controller", R::Controller, M::If, ""),
    row("WhileController", "While Controller", R::Controller, M::While, ""),
    row("ForeachController", "ForEach Controller", R::Controller, M::ForEach, ""),
    row("RunTime", "Runtime Controller", R::Controller, M::Runtime, ""),
    row("SwitchController", "Switch Controller", R::Controller, M::Switch, ""),
    row("RandomController", "Random Controller", R::Controller, M::Random, ""),
    row("RandomOrderController", "Random Order Controller", R::Controller, M::RandomOrder, ""),
    row("InterleaveControl", "Interleave Controller", R::Controller, M::Interleave, ""),
    row("ThroughputController", "Throughput Controller", R::Controller, M::Throughput, ""),
    row("CriticalSectionController", "Critical Section Controller", R::Controller, M::CriticalSection, ""),
    row("ModuleController", "Module Controller", R::Controller, M::Module, "its target is read in its place"),
    row("IncludeController", "Include Controller", R::Controller, M::Include, "refused if its file cannot be read or includes itself"),
    row("com.blazemeter.jmeter.controller.ParallelSampler", "Parallel Controller", R::Controller, M::Parallel, ""),
    row("com.blazemeter.jmeter.control.WeightedSwitchController", "Weighted Switch Controller", R::Controller, M::Weighted, ""),
    row("kg.apc.jmeter.control.ParameterizedController", "Parameterized Controller", R::Controller, M::Parameterized, ""),

    // Samplers.
    row("HTTPSamplerProxy", "HTTP Request", R::Sampler, M::Http, "a proxy is spoken to in the clear only"),
    row("HTTPSampler", "HTTP Request (old)", R::Sampler, M::Http, "as HTTP Request"),
    row("HTTPSampler2", "HTTP Request (old)", R::Sampler, M::Http, "as HTTP Request"),
    row("TestAction", "Flow Control Action", R::Sampler, M::FlowControl, "an unknown action is refused"),
    script("JSR223Sampler", "JSR223 Sampler", R::Sampler),
    script("BeanShellSampler", "BeanShell Sampler", R::Sampler),
    row("BSFSampler", "BSF Sampler", R::Sampler, M::Script, BSF),
    row("DebugSampler", "Debug Sampler", R::Sampler, M::Debug, "system properties are not listed"),
    refused("JavaSampler", "Java Request", R::Sampler, OTHER_PROTOCOL),
    row("kg.apc.jmeter.samplers.DummySampler", "Dummy Sampler", R::Sampler, M::Dummy, "a response code that is no number is kept for failed samples only"),
    refused("JDBCSampler", "JDBC Request", R::Sampler, OTHER_PROTOCOL),
    refused("FTPSampler", "FTP Request", R::Sampler, OTHER_PROTOCOL),
    refused("LDAPSampler", "LDAP Request", R::Sampler, OTHER_PROTOCOL),
    refused("LDAPExtSampler", "LDAP Extended Request", R::Sampler, OTHER_PROTOCOL),
    refused("JMSSampler", "JMS Point-to-Point", R::Sampler, OTHER_PROTOCOL),
    refused("PublisherSampler", "JMS Publisher", R::Sampler, OTHER_PROTOCOL),
    refused("SubscriberSampler", "JMS Subscriber", R::Sampler, OTHER_PROTOCOL),
    refused("SmtpSampler", "SMTP Sampler", R::Sampler, OTHER_PROTOCOL),
    refused("MailReaderSampler", "Mail Reader Sampler", R::Sampler, OTHER_PROTOCOL),
    refused("TCPSampler", "TCP Sampler", R::Sampler, OTHER_PROTOCOL),
    refused("BoltSampler", "Bolt Request", R::Sampler, OTHER_PROTOCOL),
    refused("MongoScriptSampler", "MongoDB Script", R::Sampler, OTHER_PROTOCOL),
    refused("SystemSampler", "OS Process Sampler", R::Sampler, "no other program is run"),
    refused("JUnitSampler", "JUnit Request", R::Sampler, OTHER_PROTOCOL),
    refused("AjpSampler", "AJP/1.3 Sampler", R::Sampler, OTHER_PROTOCOL),
    refused("AccessLogSampler", "Access Log Sampler", R::Sampler, "its requests come from a log, which is not read"),
    refused("com.blazemeter.jmeter.http.ParallelHTTPSampler", "Parallel HTTP Request", R::Sampler, "its requests are not sent at the same time"),
    refused("com.blazemeter.jmeter.http2.sampler.HTTP2Sampler", "HTTP2 Request", R::Sampler, "HTTP/2 is not spoken"),
    refused("com.blazemeter.jmeter.http2.sampler.HTTP2Request", "HTTP2 Request", R::Sampler, "HTTP/2 is not spoken"),
    refused("kg.apc.jmeter.samplers.HTTPRawSampler", "HTTP Raw Request", R::Sampler, OTHER_PROTOCOL),
    refused("kg.apc.jmeter.samplers.UDPSampler", "UDP Request", R::Sampler, OTHER_PROTOCOL),
    row("kg.apc.jmeter.control.sampler.SetVariablesAction", "Set Variables Action", R::Sampler, M::SetVariables, ""),
    refused("eu.luminis.jmeter.wssampler.OpenWebSocketSampler", "WebSocket Open Connection", R::Sampler, "WebSockets are not spoken"),
    refused("eu.luminis.jmeter.wssampler.CloseWebSocketSampler", "WebSocket Close", R::Sampler, "WebSockets are not spoken"),
    refused("eu.luminis.jmeter.wssampler.RequestResponseWebSocketSampler", "WebSocket request-response Sampler", R::Sampler, "WebSockets are not spoken"),
    refused("eu.luminis.jmeter.wssampler.SingleReadWebSocketSampler", "WebSocket Single Read Sampler", R::Sampler, "WebSockets are not spoken"),
    refused("eu.luminis.jmeter.wssampler.SingleWriteWebSocketSampler", "WebSocket Single Write Sampler", R::Sampler, "WebSockets are not spoken"),
    refused("eu.luminis.jmeter.wssampler.PingPongSampler", "WebSocket Ping/Pong", R::Sampler, "WebSockets are not spoken"),
    ignored("SoapSampler", "SOAP/XML-RPC Request", R::Config, REMOVED),
    ignored("WebServiceSampler", "WebService(SOAP) Request", R::Config, REMOVED),

    // Config elements.
    row("ConfigTestElement", "HTTP Request Defaults and other defaults", R::Config, M::ConfigTestElement, "told apart by their GUI class; defaults of other protocols are ignored"),
    row("HeaderManager", "HTTP Header Manager", R::Config, M::Headers, "headers without a name are not sent"),
    row("CookieManager", "HTTP Cookie Manager", R::Config, M::Cookies, "policies other than `standard` and `ignoreCookies` run as `standard`; expiry of predefined cookies is not looked at"),
    row("CSVDataSet", "CSV Data Set Config", R::Config, M::Csv, ""),
    row("Arguments", "User Defined Variables", R::Config, M::Variables, ""),
    row("AuthManager", "HTTP Authorization Manager", R::Config, M::Authorization, "Basic and Digest; Kerberos is refused"),
    row("DNSCacheManager", "DNS Cache Manager", R::Config, M::DnsCache, "ignored unless it has servers or hosts of its own"),
    row("CacheManager", "HTTP Cache Manager", R::Config, M::Cache, ""),
    row("KeystoreConfig", "Keystore Configuration", R::Config, M::Keystore, "the key store is a PKCS#12 or PEM file in the property `javax.net.ssl.keyStore`"),
    row("CounterConfig", "Counter", R::Config, M::Counter, "refused with a scientific format"),
    row("RandomVariableConfig", "Random Variable", R::Config, M::RandomVariable, "refused with a scientific format"),
    row("com.blazemeter.jmeter.RandomCSVDataSetConfig", "Random CSV Data Set Config", R::Config, M::RandomCsv, "independent lists are shared, as in the plugin"),
    refused("com.blazemeter.jmeter.DirectoryListingConfig", "Directory Listing Config", R::Config, NO_VALUE),
    refused("kg.apc.jmeter.config.VariablesFromCSV", "Variables From CSV File", R::Config, NO_VALUE),
    refused("kg.apc.jmeter.config.VariablesFromCSVFile", "Variables From CSV File", R::Config, NO_VALUE),
    refused("kg.apc.jmeter.config.redis.RedisDataSet", "Redis Data Set", R::Config, NO_VALUE),
    ignored("eu.luminis.jmeter.wssampler.TextFrameFilter", "WebSocket Text Frame Filter", R::Config, "serves WebSocket samplers only, which are not run"),
    ignored("eu.luminis.jmeter.wssampler.PingFrameFilter", "WebSocket Ping/Pong Frame Filter", R::Config, "serves WebSocket samplers only, which are not run"),
    ignored("JDBCDataSource", "JDBC Connection Configuration", R::Config, "serves JDBC requests only, which are not run"),
    ignored("BoltConnectionElement", "Bolt Connection Configuration", R::Config, "serves Bolt requests only, which are not run"),
    ignored("MongoSourceElement", "MongoDB Source Config", R::Config, "serves MongoDB requests only, which are not run"),
    ignored("JavaConfig", "Java Request Defaults", R::Config, "serves Java requests only, which are not run"),
    ignored("LdapExtTestElement", "LDAP Extended Request Defaults", R::Config, "serves LDAP requests only, which are not run"),

    // Timers.
    row("ConstantTimer", "Constant Timer", R::Timer, M::ConstantTimer, ""),
    row("UniformRandomTimer", "Uniform Random Timer", R::Timer, M::UniformTimer, ""),
    row("GaussianRandomTimer", "Gaussian Random Timer", R::Timer, M::GaussianTimer, ""),
    row("PoissonRandomTimer", "Poisson Random Timer", R::Timer, M::PoissonTimer, ""),
    row("ConstantThroughputTimer", "Constant Throughput Timer", R::Timer, M::ThroughputTimer, "a mode in words is read in English only"),
    row("PreciseThroughputTimer", "Precise Throughput Timer", R::Timer, M::PreciseTimer, "its times count from the start of the thread group"),
    row("kg.apc.jmeter.timers.VariableThroughputTimer", "Throughput Shaping Timer", R::Timer, M::ShapingTimer, "its rows are evaluated once; its seconds are those of the run"),
    row("SyncTimer", "Synchronizing Timer", R::Timer, M::SyncTimer, "users who wait at the end of the load send nothing more"),
    script("JSR223Timer", "JSR223 Timer", R::Timer),
    script("BeanShellTimer", "BeanShell Timer", R::Timer),
    row("BSFTimer", "BSF Timer", R::Timer, M::Script, BSF),

    // Pre-processors.
    script("JSR223PreProcessor", "JSR223 PreProcessor", R::PreProcessor),
    script("BeanShellPreProcessor", "BeanShell PreProcessor", R::PreProcessor),
    row("BSFPreProcessor", "BSF PreProcessor", R::PreProcessor, M::Script, BSF),
    row("UserParameters", "User Parameters", R::PreProcessor, M::UserParameters, ""),
    row("RegExUserParameters", "RegEx User Parameters", R::PreProcessor, M::RegexUserParameters, ""),
    row("AnchorModifier", "HTML Link Parser", R::PreProcessor, M::LinkParser, "pages are read as browsers do, not as Tidy does"),
    row("URLRewritingModifier", "HTTP URL Re-writing Modifier", R::PreProcessor, M::UrlRewriting, ""),
    refused("JDBCPreProcessor", "JDBC PreProcessor", R::PreProcessor, NO_VALUE),
    row("SampleTimeout", "Sample Timeout", R::PreProcessor, M::SampleTimeout, "HTTP requests are cut off with their redirects and resources as one"),
    refused("kg.apc.jmeter.modifiers.RawRequestSourcePreProcessor", "Raw Data Source PreProcessor", R::PreProcessor, NO_VALUE),
    row("kg.apc.jmeter.modifiers.FifoPopPreProcessor", "Inter-Thread Communication PreProcessor", R::PreProcessor, M::FifoPop, "a user that waits ends with its load"),
    ignored("ParamModifier", "HTML Parameter Mask", R::Config, REMOVED),
    ignored("UserParameterModifier", "HTTP User Parameter Modifier", R::Config, REMOVED),

    // Post-processors.
    row("RegexExtractor", "Regular Expression Extractor", R::PostProcessor, M::Regex, "refused on text extracted from documents"),
    row("JSONPostProcessor", "JSON Extractor", R::PostProcessor, M::Json, ""),
    script("JSR223PostProcessor", "JSR223 PostProcessor", R::PostProcessor),
    script("BeanShellPostProcessor", "BeanShell PostProcessor", R::PostProcessor),
    row("BSFPostProcessor", "BSF PostProcessor", R::PostProcessor, M::Script, BSF),
    row("BoundaryExtractor", "Boundary Extractor", R::PostProcessor, M::Boundary, "refused on text extracted from documents"),
    row("JMESPathExtractor", "JSON JMESPath Extractor", R::PostProcessor, M::JmesPath, ""),
    row("XPathExtractor", "XPath Extractor", R::PostProcessor, M::XPath, "approximated with Tidy and with fragments"),
    row("XPath2Extractor", "XPath2 Extractor", R::PostProcessor, M::XPath2, "refused with an expression beyond XPath 1.0, `*:name` and some functions of XPath 2; approximated with fragments"),
    row("HtmlExtractor", "CSS Selector Extractor", R::PostProcessor, M::Html, "refused with `:matchText`; with Jodd selectors are CSS, approximated"),
    refused("JDBCPostProcessor", "JDBC PostProcessor", R::PostProcessor, NO_VALUE),
    row("ResultAction", "Result Status Action Handler", R::PostProcessor, M::ResultAction, ""),
    row("com.atlantbh.jmeter.plugins.jsonutils.jsonpathextractor.JSONPathExtractor", "JSON Path Extractor", R::PostProcessor, M::PluginJson, "refused with YAML input"),
    row("kg.apc.jmeter.modifiers.FifoPutPostProcessor", "Inter-Thread Communication PostProcessor", R::PostProcessor, M::FifoPut, ""),
    row("DebugPostProcessor", "Debug PostProcessor", R::PostProcessor, M::DebugList, "properties of samplers and of the system are not listed"),

    // Assertions.
    row("ResponseAssertion", "Response Assertion", R::Assertion, M::ResponseAssertion, "refused on text extracted from documents"),
    row("Assertion", "Response Assertion (old)", R::Assertion, M::ResponseAssertion, "as Response Assertion"),
    script("JSR223Assertion", "JSR223 Assertion", R::Assertion),
    script("BeanShellAssertion", "BeanShell Assertion", R::Assertion),
    row("BSFAssertion", "BSF Assertion", R::Assertion, M::Script, BSF),
    row("DurationAssertion", "Duration Assertion", R::Assertion, M::DurationAssertion, ""),
    row("SizeAssertion", "Size Assertion", R::Assertion, M::SizeAssertion, ""),
    row("JSONPathAssertion", "JSON Assertion", R::Assertion, M::JsonAssertion, ""),
    row("JMESPathAssertion", "JSON JMESPath Assertion", R::Assertion, M::JmesPathAssertion, ""),
    refused("JSONSchemaAssertion", "JSON Schema Assertion", R::Assertion, NO_CHECK),
    row("XPathAssertion", "XPath Assertion", R::Assertion, M::XPathAssertion, "refused with validation, approximated with Tidy"),
    row("XPath2Assertion", "XPath2 Assertion", R::Assertion, M::XPath2Assertion, "as in JMeter, only what XPath 1.0 knows"),
    row("XMLAssertion", "XML Assertion", R::Assertion, M::XmlAssertion, ""),
    refused("XMLSchemaAssertion", "XML Schema Assertion", R::Assertion, NO_CHECK),
    refused("HTMLAssertion", "HTML Assertion", R::Assertion, NO_CHECK),
    row("MD5HexAssertion", "MD5Hex Assertion", R::Assertion, M::Md5Assertion, ""),
    row("CompareAssertion", "Compare Assertion", R::Assertion, M::CompareAssertion, ""),
    refused("SMIMEAssertion", "SMIME Assertion", R::Assertion, NO_CHECK),
    row("com.atlantbh.jmeter.plugins.jsonutils.jsonpathassertion.JSONPathAssertion", "JSON Path Assertion", R::Assertion, M::PluginJsonAssertion, "refused with YAML input"),

    // Listeners.
    row("ResultCollector", "Listeners that show or write results", R::Listener, M::ResultCollector, "shows results only; its result file is written by `loadline jmeter` alone"),
    row("kg.apc.jmeter.vizualizers.CorrectedResultCollector", "Graphs of the standard plugin set", R::Listener, M::ResultCollector, "as ResultCollector"),
    row("kg.apc.jmeter.vizualizers.CompositeResultCollector", "Composite Timeline Graph", R::Listener, M::ResultCollector, "as ResultCollector"),
    row("com.blazemeter.jmeter.http2.visualizers.ResultCollector", "HTTP2 View Results Tree", R::Listener, M::ResultCollector, "as ResultCollector"),
    ignored("Summariser", "Generate Summary Results", R::Listener, "progress and a summary are always shown"),
    ignored("BackendListener", "Backend Listener", R::Listener, "results are not sent to its backend; they are kept in the run folder"),
    ignored("ResultSaver", "Save Responses to a file", R::Listener, LISTENER_FILE),
    ignored("MailerResultCollector", "Mailer Visualizer", R::Listener, "no mail is sent"),
    ignored("kg.apc.jmeter.listener.GraphsGeneratorListener", "Graphs Generator", R::Listener, LISTENER_FILE),
    ignored("kg.apc.jmeter.reporters.FlexibleFileWriter", "Flexible File Writer", R::Listener, LISTENER_FILE),
    ignored("kg.apc.jmeter.reporters.ConsoleStatusLogger", "Console Status Logger", R::Listener, VIEWER),
    ignored("kg.apc.jmeter.reporters.LoadosophiaUploader", "BlazeMeter Sense Uploader", R::Listener, "results are not uploaded"),
    ignored("kg.apc.jmeter.perfmon.PerfMonCollector", "PerfMon Metrics Collector", R::Listener, "servers are watched with --server instead"),
    ignored("kg.apc.jmeter.jmxmon.JMXMonCollector", "JMXMon Samples Collector", R::Listener, "servers are watched with --server instead"),
    ignored("kg.apc.jmeter.dbmon.DbMonCollector", "DbMon Samples Collector", R::Listener, "servers are watched with --server instead"),
    ignored("com.github.johrstrom.listener.PrometheusListener", "Prometheus Listener", R::Listener, "results are not published; they are kept in the run folder"),
    ignored("com.github.johrstrom.config.PrometheusMetricsConfig", "Prometheus Metrics", R::Config, "results are not published; they are kept in the run folder"),
    row("kg.apc.jmeter.reporters.AutoStop", "AutoStop Listener", R::Listener, M::AutoStop, ""),
    script("JSR223Listener", "JSR223 Listener", R::Listener),
    script("BeanShellListener", "BeanShell Listener", R::Listener),
    row("BSFListener", "BSF Listener", R::Listener, M::Script, BSF),
    ignored("SplineVisualizer", "Spline Visualizer", R::Listener, REMOVED),
    ignored("DistributionGraphVisualizer", "Distribution Graph", R::Listener, REMOVED),
    ignored("MonitorHealthVisualizer", "Monitor Results", R::Listener, REMOVED),
    ignored("MonitorStats", "Monitor Results", R::Listener, REMOVED),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_class_has_one_row_and_says_why_it_is_not_run() {
        let mut seen = HashSet::new();
        for row in element_support() {
            assert!(seen.insert(row.class), "{} twice", row.class);
            assert!(!row.title.is_empty(), "{}", row.class);
            assert!(
                row.standing() == Standing::Supported || !row.note.is_empty(),
                "{}",
                row.class
            );
        }
    }

    #[test]
    fn core_classes_may_carry_their_package() {
        let found = support_of("org.apache.jmeter.timers.ConstantTimer").unwrap();
        assert_eq!(found.class, "ConstantTimer");
        assert!(support_of("com.example.ConstantTimer").is_none());
    }
}
