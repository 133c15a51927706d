//! The plan as a whole: variables, thread groups, limits, servers.

use crate::{Element, Limit, Load, Location};

/// A text of a plan, which may hold `${variables}` and `${__functions(arguments)}`.
///
/// It is kept as written; the compiler takes it apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text(pub String);

impl Text {
    /// The text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text)
    }
}

/// A complete test plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The plan's name, shown in reports.
    pub name: String,
    /// The kind of source it was read from.
    pub source: PlanSource,
    /// Variables in the order in which they are evaluated, once, before the users start. A later
    /// one may refer to earlier ones of other `set`s; within one set references stay as written.
    pub variables: Vec<Variable>,
    /// Elements in scope of every thread group.
    pub children: Vec<Element>,
    /// Thread groups in file order, of all stages.
    pub groups: Vec<ThreadGroup>,
    /// Whether the groups of a stage run one after another instead of side by side.
    pub serialize_groups: bool,
    /// Whether tear-down groups also run when the test was stopped early.
    pub tear_down_on_shutdown: bool,
    /// Expected results.
    pub limits: Vec<Limit>,
    /// Servers to watch.
    pub servers: Vec<ServerSource>,
}

/// The kind of source of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanSource {
    /// One of our YAML plans.
    Yaml,
    /// A JMeter test plan.
    Jmx,
    /// Built from command-line flags and a URL.
    Quick,
}

/// One user-defined variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Name, without `${}`.
    pub name: String,
    /// Value, evaluated once before the users start.
    pub value: Text,
    /// Index of the list it stands in, counted from 0 over the plan: variables of one list do not
    /// see each other.
    pub set: usize,
    /// Where it is defined.
    pub location: Location,
}

/// When a thread group runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Before the load; not part of the measured steps.
    SetUp,
    /// The load.
    Main,
    /// After the load; not part of the measured steps.
    TearDown,
}

/// What a failed sample does to its user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnSampleError {
    /// The user goes on.
    #[default]
    Continue,
    /// The user starts its next iteration.
    StartNextLoop,
    /// The user ends.
    StopThread,
    /// All users finish their present sample, then the test ends.
    StopTest,
    /// Running samples are interrupted and the test ends.
    StopTestNow,
}

/// A group of virtual users that do the same.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadGroup {
    /// Name, shown in reports and thread names.
    pub name: String,
    /// When it runs.
    pub stage: Stage,
    /// How many users or arrivals, when and how long.
    pub load: Load,
    /// What a failed sample does to its user.
    pub on_sample_error: OnSampleError,
    /// Whether a user keeps its connections (and, where a cookie manager asks the group, its
    /// cookies) over iterations.
    pub same_user_on_next_iteration: bool,
    /// Name of the group of the same stage behind which this one runs.
    pub after: Option<String>,
    /// Samplers, controllers and what is in their scope, in file order.
    pub children: Vec<Element>,
    /// Where it is defined.
    pub location: Location,
}

/// A server to watch while the plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSource {
    /// Name in limits and reports.
    pub name: String,
    /// `local`, `pid:N`, or another source the monitor knows.
    pub source: String,
    /// Where it is defined.
    pub location: Location,
}
