//! Elements of a plan, with JMeter's names and scope rules.
//!
//! An element's scope is its parent and everything below that parent.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ScriptElement;
use crate::{Authorization, CacheManager, DnsCacheManager, KeystoreConfig};
use crate::{
    AutoStop, BoundaryExtractor, CompareAssertion, DurationAssertion, FifoPop, FifoPut,
    HtmlExtractor, HttpRequest, JmesPathExtractor, JsonAssertion, Location, Md5Assertion,
    PluginJsonExtractor, SizeAssertion, Text, XPath2Assertion, XPath2Extractor, XPathAssertion,
    XPathExtractor,
};
use crate::{
    Counter, DummySampler, PreciseThroughputTimer, RandomVariable, RegexUserParameters,
    ShapingTimer, SynchronizingTimer, ThroughputTimer, UrlRewriting, UserParameters,
};

/// One element and what is below it.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Name; the label of a sampler.
    pub name: Text,
    /// What it is.
    pub kind: ElementKind,
    /// Elements below it, in file order.
    pub children: Vec<Element>,
    /// Where it is defined.
    pub location: Location,
}

/// What an [`Element`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum ElementKind {
    /// Decides which samplers run, and how often.
    Controller(Controller),
    /// Produces samples.
    Sampler(Sampler),
    /// Completes samplers in scope.
    Config(Config),
    /// Waits before each sampler in scope.
    Timer(Timer),
    /// Prepares each sampler in scope.
    PreProcessor(PreProcessor),
    /// Reads values out of the result of each sampler in scope.
    PostProcessor(PostProcessor),
    /// Judges the result of each sampler in scope.
    Assertion(Assertion),
    /// What each failed sample in scope does to its user (Result Status Action Handler).
    OnFailure(FlowAction),
    /// Runs a script, of any role but a sampler's.
    Script(Box<ScriptElement>),
    /// Writes results to a file.
    Output(OutputFile),
    /// Ends the test when what it hears is bad for long enough.
    AutoStop(AutoStop),
}

/// A logic controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Runs its children in order.
    Simple,
    /// Runs its children several times.
    Loop {
        /// How often.
        count: LoopCount,
        /// Whether it starts again in the parent's next iteration; otherwise it runs only once for
        /// each user.
        restarts: bool,
    },
    /// Runs its children in the first pass of the nearest enclosing controller.
    OnceOnly,
    /// Times its children together as one more sample.
    Transaction {
        /// Whether the children become sub-samples of the transaction's own sample.
        parent_sample: bool,
        /// Whether timers and processors count in its time.
        include_timers: bool,
    },
    /// Runs its children when a condition holds.
    If {
        /// The condition, fresh in each pass.
        condition: IfCondition,
        /// Whether it is evaluated before each child instead of once on entry.
        evaluate_all: bool,
    },
    /// Runs its children until a condition is the text `false`; a blank one, or `LAST`, is false
    /// when the user's last sample failed.
    While {
        /// The condition, fresh at each end of a pass and, unless it is blank, on entry.
        condition: Text,
    },
    /// Runs its children once for each variable `prefix_1`, `prefix_2`...
    ForEach(ForEach),
    /// Runs one of its children.
    Switch {
        /// Its position, counted from 0, or its name.
        selection: Text,
    },
    /// Runs one of its children in each pass of its parent.
    Interleave(Interleave),
    /// Runs each of its children once, in an order drawn anew in each pass.
    RandomOrder,
    /// Runs its children in some of its parent's passes only.
    Throughput {
        /// How often.
        limit: ThroughputLimit,
        /// Whether each user counts for itself.
        per_user: bool,
    },
    /// Runs its children again and again for some time.
    Runtime {
        /// How long, in whole seconds; a text that is no number is 0.
        seconds: Text,
    },
    /// Runs one of its children in each pass, by their weights: the one that has run least.
    Weighted {
        /// The children's weights, in order; a text that is no whole number is 0.
        weights: Vec<Text>,
    },
    /// Runs its children in order and sets variables before each sampler below it.
    Parameterized {
        /// Names and values.
        variables: Vec<(Text, Text)>,
    },
    /// Runs its children at the same time, each as a whole.
    Parallel {
        /// Whether their samples are parts of a sample of its own.
        parent_sample: bool,
        /// How many run at the same time; all of them without it. At least 1.
        most: Option<u32>,
    },
    /// Runs its children while no other user is in a section of the same name.
    CriticalSection {
        /// The name; users do not wait when it is empty.
        lock: Text,
    },
}

/// A ForEach Controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForEach {
    /// Name of the variables that are read, without their numbers.
    pub prefix: Text,
    /// Name of the variable that is set in each pass.
    pub variable: Text,
    /// Whether `_` stands before the number.
    pub separator: bool,
    /// The number before the first; text that is no number is 0.
    pub start: Text,
    /// The last number; absent means as many as there are, text that is no number is 0.
    pub end: Option<Text>,
}

/// An Interleave or Random Controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interleave {
    /// Whether the child is drawn; otherwise children take turns.
    pub random: bool,
    /// Whether a controller among the children runs as a whole in its turn; otherwise it runs one
    /// sampler and goes on from there in its next turn.
    pub whole_controllers: bool,
    /// Whether each user begins with another child.
    pub across_users: bool,
}

/// How often a Throughput Controller runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThroughputLimit {
    /// In so many passes in all; text that is no number is 1.
    Total(Text),
    /// In so many of a hundred passes, spread evenly; text that is no number is 100.
    Percent(Text),
}

/// What a Flow Control Action or a failed sample does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowAction {
    /// The user ends.
    StopThread,
    /// All users finish their present sample, then the test ends.
    StopTest,
    /// All samples are aborted.
    StopTestNow,
    /// The user begins its next iteration of the thread group.
    NextIteration,
    /// The user begins the next pass of the loop that it is in.
    NextPass,
    /// The user leaves the loop that it is in.
    BreakLoop,
}

/// The condition of an If Controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfCondition {
    /// Holds when the text, after substitution, is `true` in any case.
    Expression(Text),
    /// Evaluated after substitution. In a JMeter plan any JavaScript; in an own plan a comparison:
    /// literals, `==`, `!=`, `===`, `!==`, `<`, `<=`, `>`, `>=`, `&&`, `||`, `!`, arithmetic and
    /// parentheses.
    JavaScript(Text),
}

/// How often something is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoopCount {
    /// Without end.
    Forever,
    /// A number, evaluated at each start; -1 is without end, text that is no number is 0.
    Times(Text),
}

/// A sampler.
#[derive(Clone, Debug, PartialEq)]
pub enum Sampler {
    /// An HTTP request.
    Http(Box<HttpRequest>),
    /// A pause that produces no sample. Evaluated each time; milliseconds, or a uniform range.
    Pause(Timer),
    /// A sample that is made up.
    Dummy(Box<DummySampler>),
    /// Sets variables, names and values; produces no sample.
    SetVariables(Vec<(Text, Text)>),
    /// A sample without a request, whose body lists what the user knows.
    Debug(DebugSampler),
    /// A sample that a script makes.
    Script(Box<ScriptElement>),
    /// An action that produces no sample.
    Flow(FlowAction),
}

/// What a Debug Sampler lists in its sample's body, or a Debug PostProcessor in that of a sub-sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DebugSampler {
    /// Whether the user's variables are listed.
    pub variables: bool,
    /// Whether the properties that the run was given are listed.
    pub properties: bool,
}

/// A config element.
#[derive(Clone, Debug, PartialEq)]
pub enum Config {
    /// HTTP Request Defaults.
    HttpDefaults(Box<HttpRequest>),
    /// Headers, in order; name and value.
    Headers(Vec<(Text, Text)>),
    /// Cookies are stored and sent.
    Cookies(CookieManager),
    /// What servers allow to keep is not fetched again.
    Cache(CacheManager),
    /// User names and passwords are sent; the first row whose URL fits counts.
    Authorizations(Vec<Authorization>),
    /// Users resolve names for themselves.
    Dns(DnsCacheManager),
    /// Client certificates are shown.
    Keystore(KeystoreConfig),
    /// Variables from the lines of a file.
    Csv(CsvDataSet),
    /// A variable that counts.
    Counter(Counter),
    /// A variable with a random number.
    Random(RandomVariable),
}

/// A pre-processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreProcessor {
    /// Values for each user.
    UserParameters(UserParameters),
    /// A session goes into the URL.
    UrlRewriting(UrlRewriting),
    /// Arguments take values that an extractor found.
    RegexUserParameters(RegexUserParameters),
    /// The request goes where a link of the previous result leads that it fits as a pattern.
    LinkParser,
    /// A text is taken out of a queue.
    FifoPop(FifoPop),
    /// A request that takes longer is cut off.
    SampleTimeout {
        /// How long it may take, in milliseconds; 0 or text that is no number means without end.
        timeout_ms: Text,
    },
}

/// A Cookie Manager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieManager {
    /// Cookies that a user has from the beginning.
    pub cookies: Vec<UserCookie>,
    /// Whether the jar is emptied to `cookies` at each iteration of the thread group.
    pub clear_each_iteration: bool,
    /// Whether the thread group's same-user setting decides that instead.
    pub controlled_by_group: bool,
    /// Whether cookies are neither stored nor sent (policy `ignoreCookies`).
    pub ignore: bool,
}

/// A cookie defined in a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserCookie {
    /// Name.
    pub name: Text,
    /// Value.
    pub value: Text,
    /// Domain; a leading dot includes sub-domains.
    pub domain: Text,
    /// Path; empty means `/`.
    pub path: Text,
    /// Whether it is sent over TLS only.
    pub secure: bool,
}

/// Who shares the position in a data file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ShareMode {
    /// All users of all groups.
    All,
    /// The users of each group.
    Group,
    /// Each user has its own.
    Thread,
    /// Users of all elements with the same key.
    Key(String),
    /// All users of all groups, by this element alone.
    Element,
}

/// A CSV Data Set: one line for each iteration of the nearest enclosing controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvDataSet {
    /// File, relative to the plan; evaluated when a user starts.
    pub file: Text,
    /// Charset; empty means UTF-8.
    pub encoding: Text,
    /// Names, separated by commas; empty means that the first line gives them.
    pub variables: Text,
    /// Separator; `\t` is a tab.
    pub delimiter: Text,
    /// Whether the first line is skipped (when `variables` is not empty).
    pub ignore_first_line: bool,
    /// Whether fields may stand in double quotes.
    pub quoted: bool,
    /// Whether reading starts again at the end of the file.
    pub recycle: bool,
    /// Whether the user ends at the end of the file; otherwise every variable is `<EOF>`.
    pub stop_thread: bool,
    /// Who shares the position.
    pub share: ShareMode,
    /// Whether lines come in a random order, drawn anew when reading starts again.
    pub random_order: bool,
}

/// A timer, or the length of a pause; delays in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The same delay each time.
    Constant {
        /// Delay.
        delay_ms: Text,
    },
    /// Uniform in `[offset, offset + range)`.
    Uniform {
        /// Least delay.
        offset_ms: Text,
        /// Width.
        range_ms: Text,
    },
    /// Normal around `offset`; the absolute value is taken.
    Gaussian {
        /// Mean.
        offset_ms: Text,
        /// Standard deviation.
        deviation_ms: Text,
    },
    /// `offset` and a number from a Poisson distribution.
    Poisson {
        /// Least delay.
        offset_ms: Text,
        /// Mean of the distribution, rounded to whole milliseconds.
        mean_ms: Text,
    },
    /// As long as a pace asks.
    Throughput(ThroughputTimer),
    /// Until enough users wait.
    Synchronizing(SynchronizingTimer),
    /// Until a random time, of which there are so many in each period.
    Precise(PreciseThroughputTimer),
    /// Until a start of a rate over time.
    Shaping(ShapingTimer),
}

impl Timer {
    /// A constant delay.
    #[must_use]
    pub fn constant(delay: Duration) -> Self {
        Timer::Constant {
            delay_ms: Text(delay.as_millis().to_string()),
        }
    }
}

/// Which results an extractor or assertion looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The main sample.
    #[default]
    Main,
    /// The main sample, then its sub-samples.
    MainAndSub,
    /// Sub-samples only.
    Sub,
    /// The text of the variable of this name.
    Variable(String),
}

/// The part of a result that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseField {
    /// The response body as text.
    Body,
    /// The response body with HTML entities decoded.
    UnescapedBody,
    /// The status line and headers of the response.
    ResponseHeaders,
    /// The headers of the request.
    RequestHeaders,
    /// Method, URL and body of the request.
    RequestData,
    /// The URL.
    Url,
    /// The response code.
    Code,
    /// The response message.
    Message,
}

/// A post-processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostProcessor {
    /// A Regular Expression Extractor.
    Regex(RegexExtractor),
    /// A JSON Extractor.
    Json(JsonExtractor),
    /// A Boundary Extractor.
    Boundary(BoundaryExtractor),
    /// A CSS Selector Extractor.
    Html(HtmlExtractor),
    /// An XPath Extractor.
    XPath(XPathExtractor),
    /// An XPath2 Extractor.
    XPath2(XPath2Extractor),
    /// A JMESPath Extractor.
    JmesPath(JmesPathExtractor),
    /// A JSON Path Extractor of a plugin.
    PluginJson(PluginJsonExtractor),
    /// A Debug PostProcessor: a sub-sample that lists what the user knows.
    Debug(DebugSampler),
    /// A text is put into a queue.
    FifoPut(FifoPut),
}

/// A Regular Expression Extractor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexExtractor {
    /// Which results are searched.
    pub scope: Scope,
    /// The part that is searched.
    pub field: ResponseField,
    /// Name of the variable.
    pub variable: Text,
    /// Regular expression, in the dialect of JMeter's default engine (Perl 5).
    pub regex: Text,
    /// Value made of the groups: `$1$`.
    pub template: Text,
    /// Value when nothing matches.
    pub default: Text,
    /// Whether an empty `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Text,
}

/// A JSON Extractor: lists separated by `;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonExtractor {
    /// Which results are searched.
    pub scope: Scope,
    /// Names of the variables.
    pub variables: Text,
    /// JSONPath expressions, in Jayway's dialect.
    pub paths: Text,
    /// Values when nothing is found.
    pub defaults: Text,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_numbers: Text,
    /// Whether `name_ALL` holds all matches joined by commas.
    pub concatenate: bool,
}

/// An assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// A Response Assertion.
    Response(ResponseAssertion),
    /// A Duration Assertion.
    Duration(DurationAssertion),
    /// A Size Assertion.
    Size(SizeAssertion),
    /// A JSON Assertion, a JSON JMESPath Assertion, a JSON Path Assertion of a plugin.
    Json(JsonAssertion),
    /// An MD5Hex Assertion.
    Md5(Md5Assertion),
    /// An XPath Assertion.
    XPath(XPathAssertion),
    /// An XPath2 Assertion.
    XPath2(XPath2Assertion),
    /// An XML Assertion: whether the body is well formed.
    Xml,
    /// A Compare Assertion.
    Compare(CompareAssertion),
}

/// How a pattern is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchRule {
    /// The regular expression is found somewhere.
    Contains,
    /// The regular expression matches the whole text.
    Matches,
    /// The text is the pattern.
    Equals,
    /// The pattern stands somewhere, literally.
    Substring,
}

/// A Response Assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseAssertion {
    /// Which results are judged.
    pub scope: Scope,
    /// The part that is judged.
    pub field: ResponseField,
    /// How patterns are compared.
    pub rule: MatchRule,
    /// Whether each pattern's result is inverted.
    pub not: bool,
    /// Whether one pattern suffices.
    pub any: bool,
    /// The patterns.
    pub patterns: Vec<Text>,
    /// Whether the sample is set successful before the check.
    pub assume_success: bool,
    /// Failure message; empty for the built-in one.
    pub custom_message: Text,
}

/// A result file that a plan asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// File; `~/` at its start stands for the plan's folder.
    pub file: Text,
    /// Whether failed results are wanted; all are if good ones are wanted too, or neither.
    pub errors_only: bool,
    /// Whether good results are wanted.
    pub successes_only: bool,
    /// What is saved of a result, under JMeter's names; `None` as the properties of the run say.
    pub settings: Option<BTreeMap<String, String>>,
}
