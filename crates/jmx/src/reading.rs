//! Walks the tree of a plan and builds from it the plan and the rows of its elements.

use loadline_plan::{
    Compatibility, Controller, Diagnostic, Element, ElementKind, Location, Plan, PlanSource,
    Severity, ThreadGroup, Variable,
};
use roxmltree::{Node, NodeId};

use crate::comments::{self, Expectations};
use crate::document::{self, Positions};
use crate::hash_tree::{self, Entry};
use crate::judgement::{CHILDREN_ONLY, Judgement, LEFT_OUT};
use crate::properties::{Encoding, Properties};
use crate::support::{ElementSupport, Meaning, Role, support_of};
use crate::{meaning, script, thread_group};

mod include;
mod loose;
mod module;

pub use include::{IncludeReader, IncludedFile};
use loose::Loose;

/// Deepest nesting of `hashTree`s that is read. JMeter itself overflows its stack not far beyond;
/// plans made by hand stay below 20.
const MAX_DEPTH: usize = 200;

/// Longest part of an element path, in characters; names may be of any length.
const MAX_NAME_IN_PATH: usize = 120;

/// What became of a `.jmx` file.
#[derive(Clone, Debug, PartialEq)]
pub struct JmxReading {
    /// The plan, without its refused elements; `None` when the file is no readable test plan.
    pub plan: Option<Plan>,
    /// Findings about the file as a whole and about settings, in file order. Refused elements are
    /// not repeated here: see [`JmxReading::elements`].
    pub diagnostics: Vec<Diagnostic>,
    /// One row for every element of the file, in file order.
    pub elements: Vec<Compatibility>,
}

/// Reads the text of a `.jmx` file; `file_name` is used in locations only. Include Controllers are
/// refused: see [`read_jmx_with`].
///
/// Never panics, whatever the text. Elements that cannot be run with JMeter's meaning are refused in
/// their row and left out of the plan; of a refused controller the children are kept as under a
/// Simple Controller, and an HTTP Request with a refused setting is kept without that setting, so
/// that a run in spite of refusals (`--allow-unsupported`) does what the row says.
#[must_use]
pub fn read_jmx(text: &str, file_name: &str) -> JmxReading {
    read_jmx_with(text, file_name, &|_| {
        Err("no other file is looked at".to_owned())
    })
}

/// As [`read_jmx`], with the files that Include Controllers name, which `include` reads.
#[must_use]
pub fn read_jmx_with(text: &str, file_name: &str, include: IncludeReader<'_>) -> JmxReading {
    let mut reader = Reader {
        file: file_name,
        positions: Positions::of(text),
        encoding: Encoding::Plain,
        diagnostics: Vec::new(),
        elements: Vec::new(),
        variables: Vec::new(),
        variable_sets: 0,
        groups: Vec::new(),
        loose: Loose::default(),
        plan: None,
        targets: Vec::new(),
        rows_of_modules: Vec::new(),
        include,
        files: vec![file_name.to_owned()],
        included_count: 0,
    };
    match document::parse(text, file_name) {
        Ok(document) => reader.read_root(document.root_element()),
        Err(broken) => reader.diagnostics.push(*broken),
    }
    reader.finish()
}

struct Reader<'text> {
    file: &'text str,
    positions: Positions<'text>,
    encoding: Encoding,
    diagnostics: Vec<Diagnostic>,
    elements: Vec<Compatibility>,
    variables: Vec<Variable>,
    variable_sets: usize,
    groups: Vec<ThreadGroup>,
    /// What runs in every thread group.
    loose: Loose,
    plan: Option<PlanFrame>,
    /// Targets of the Module Controllers that are being read, outermost first.
    targets: Vec<NodeId>,
    /// Rows of what Module Controllers run, as it would be judged in their places.
    rows_of_modules: Vec<Compatibility>,
    include: IncludeReader<'text>,
    /// Names of the files that are being read, the plan's first.
    files: Vec<String>,
    /// Files included so far.
    included_count: usize,
}

/// The Test Plan element and what stands directly below it.
struct PlanFrame {
    name: String,
    location: Location,
    serialize_groups: bool,
    expectations: Expectations,
    tear_down_on_shutdown: bool,
    children: Vec<Element>,
}

/// Where an element stands.
#[derive(Clone, Copy)]
enum Surroundings {
    /// Beside the Test Plan.
    Root,
    /// Directly below the Test Plan.
    Plan,
    /// Somewhere inside a thread group.
    Group,
    /// Where nothing runs.
    Idle {
        reason: &'static str,
        /// Whether user-defined variables count all the same, as JMeter collects them from the
        /// whole tree.
        variables_count: bool,
        /// Whether thread groups run all the same, which JMeter collects likewise.
        groups_count: bool,
    },
}

impl Surroundings {
    const DISABLED: Self = Surroundings::Idle {
        reason: "below a disabled element",
        variables_count: false,
        groups_count: false,
    };
    const WORK_BENCH: Self = Surroundings::Idle {
        reason: "in the WorkBench, which takes no part in a run",
        variables_count: false,
        groups_count: false,
    };
    const OUTSIDE_OF_GROUPS: Self = Surroundings::Idle {
        reason: "below a controller outside of all thread groups, which never runs",
        variables_count: true,
        groups_count: true,
    };
    const LOOSE_SAMPLER: Self = Surroundings::Idle {
        reason: "below a sampler outside of all thread groups, which JMeter runs without it",
        variables_count: true,
        groups_count: true,
    };
    const REPLACED: Self = Surroundings::Idle {
        reason: "JMeter replaces it by the children of its parent's target",
        variables_count: true,
        groups_count: false,
    };
}

/// One element on its way into the plan.
struct Found<'a, 'text> {
    node: Node<'a, 'text>,
    subtree: Option<Node<'a, 'text>>,
    properties: Properties<'a, 'text>,
    class: &'a str,
    location: Location,
    depth: usize,
}

impl<'text> Reader<'text> {
    fn read_root(&mut self, root: Node<'_, 'text>) {
        let location = self.locate(root, String::new());
        if !root.has_tag_name("jmeterTestPlan") {
            self.diagnostics.push(
                Diagnostic::error(
                    "not-a-test-plan",
                    location,
                    format!(
                        "the root element is <{}>, not <jmeterTestPlan>",
                        root.tag_name().name()
                    ),
                )
                .with_help("give a test plan saved by JMeter 2.1 or later"),
            );
            return;
        }
        self.encoding = Encoding::of_file(root);
        for tree in root.children().filter(|child| hash_tree::is_tree(*child)) {
            let outside = self.walk(Some(tree), "", Surroundings::Root, 0);
            debug_assert!(outside.is_empty(), "nothing beside the Test Plan is kept");
        }
        match &self.plan {
            None => self.diagnostics.push(
                Diagnostic::error(
                    "no-test-plan",
                    location,
                    "the file has no enabled Test Plan",
                )
                .with_help("enable the Test Plan, or give a file that has one"),
            ),
            Some(plan) if self.groups.is_empty() => self.diagnostics.push(
                Diagnostic::warning(
                    "no-thread-group",
                    plan.location.clone(),
                    "no thread group: nothing will be run",
                )
                .with_help("add a thread group to the plan, or enable one"),
            ),
            Some(_) => {}
        }
    }

    fn finish(mut self) -> JmxReading {
        self.place_loose();
        self.judge_as_modules();
        let (variables, groups) = (self.variables, self.groups);
        let plan = self.plan.map(|frame| Plan {
            name: frame.name,
            source: PlanSource::Jmx,
            variables,
            children: frame.children,
            groups,
            serialize_groups: frame.serialize_groups,
            tear_down_on_shutdown: frame.tear_down_on_shutdown,
            limits: frame.expectations.limits,
            servers: frame.expectations.servers,
        });
        JmxReading {
            plan,
            diagnostics: self.diagnostics,
            elements: self.elements,
        }
    }

    /// Reads the elements of one tree; thread groups and the Test Plan go to their own places.
    fn walk(
        &mut self,
        tree: Option<Node<'_, 'text>>,
        path: &str,
        surroundings: Surroundings,
        depth: usize,
    ) -> Vec<Element> {
        let Some(tree) = tree else {
            return Vec::new();
        };
        if depth >= MAX_DEPTH {
            self.refuse_all_below(tree, path, "nested too deep");
            let location = self.locate(tree, path.to_owned());
            self.diagnostics.push(
                Diagnostic::error(
                    "nested-too-deep",
                    location,
                    format!("elements are nested deeper than {MAX_DEPTH} levels"),
                )
                .with_help("flatten the controllers of the plan"),
            );
            return Vec::new();
        }
        let mut kept = Vec::new();
        for entry in hash_tree::entries(tree) {
            match entry {
                Entry::Element {
                    node,
                    subtree,
                    unpaired,
                } => {
                    let properties = Properties::of(node, self.encoding);
                    let name = properties.name();
                    let class = node.tag_name().name();
                    let location = self.locate(node, joined(path, &name, class));
                    self.check_form(properties, class, &location, unpaired);
                    let found = Found {
                        node,
                        subtree,
                        properties,
                        class,
                        location,
                        depth,
                    };
                    kept.extend(self.place(&found, surroundings));
                }
                Entry::Orphan(tree) => self.report_stray(tree, path),
            }
        }
        kept
    }

    /// A tree that belongs to no element: harmless when it is empty, though JMeter does not load it.
    fn report_stray(&mut self, tree: Node<'_, 'text>, path: &str) {
        let rows = self.elements.len();
        self.refuse_all_below(tree, path, "its hashTree belongs to no element");
        let is_empty = self.elements.len() == rows;
        let location = self.locate(tree, path.to_owned());
        let finding = if is_empty {
            Diagnostic::warning(
                "stray-hash-tree",
                location,
                "a hashTree belongs to no element; JMeter does not load this file",
            )
        } else {
            Diagnostic::error(
                "stray-hash-tree",
                location,
                "elements stand in a hashTree that belongs to no element",
            )
        };
        let help = "each element of a plan is followed by exactly one hashTree";
        self.diagnostics.push(finding.with_help(help));
    }

    /// Warns of what keeps JMeter from loading the file although its meaning is plain.
    fn check_form(
        &mut self,
        properties: Properties<'_, '_>,
        class: &str,
        location: &Location,
        unpaired: bool,
    ) {
        if unpaired {
            self.diagnostics.push(
                Diagnostic::warning(
                    "missing-hash-tree",
                    location.clone(),
                    format!("no hashTree follows <{class}>; JMeter does not load this file"),
                )
                .with_help("write <hashTree/> behind the element"),
            );
        }
        if properties.gui_class().is_empty() && class != "WorkBench" {
            self.diagnostics.push(
                Diagnostic::warning(
                    "missing-guiclass",
                    location.clone(),
                    format!("<{class}> has no `guiclass`; JMeter does not load this file"),
                )
                .with_help("save the plan from JMeter, which writes the attribute"),
            );
        }
    }

    /// Decides whether an element can have an effect where it stands.
    fn place(&mut self, found: &Found<'_, 'text>, surroundings: Surroundings) -> Option<Element> {
        if !found.properties.enabled() {
            self.record(found, Judgement::ignored("disabled"));
            return self.pass_over(found, Surroundings::DISABLED);
        }
        self.place_enabled(found, surroundings)
    }

    /// As [`Self::place`], for an element that takes part.
    fn place_enabled(
        &mut self,
        found: &Found<'_, 'text>,
        surroundings: Surroundings,
    ) -> Option<Element> {
        let support = support_of(found.class);
        let role = support.map(|row| row.role);
        match surroundings {
            Surroundings::Idle {
                reason,
                variables_count,
                groups_count,
            } => {
                if variables_count && support.is_some_and(|row| row.meaning == Meaning::Variables) {
                    return self.read_variables(found);
                }
                if let Some(row) = support.filter(|row| row.role == Role::ThreadGroup)
                    && groups_count
                {
                    return self.read_group(found, row);
                }
                self.record(found, Judgement::ignored(reason));
                return self.pass_over(found, surroundings);
            }
            Surroundings::Root => match support {
                Some(row) if row.meaning == Meaning::TestPlan => return self.read_plan(found),
                Some(row) if row.role == Role::NonTest => {}
                _ => {
                    self.record(
                        found,
                        Judgement::refused("stands outside of the Test Plan", LEFT_OUT),
                    );
                    return self.pass_over(found, Surroundings::DISABLED);
                }
            },
            Surroundings::Plan if let Some(role @ (Role::Controller | Role::Sampler)) = role => {
                self.read_loose(found, support, role);
                return None;
            }
            Surroundings::Group if role == Some(Role::ThreadGroup) => {
                self.record(
                    found,
                    Judgement::refused("a thread group inside a thread group", LEFT_OUT),
                );
                return self.pass_over(found, surroundings);
            }
            Surroundings::Plan | Surroundings::Group => {}
        }
        match support {
            Some(row) => self.read_known(found, row, surroundings),
            None => self.read_unknown(found, surroundings),
        }
    }

    fn read_known(
        &mut self,
        found: &Found<'_, 'text>,
        row: &'static ElementSupport,
        surroundings: Surroundings,
    ) -> Option<Element> {
        match row.meaning {
            Meaning::TestPlan => {
                self.record(found, Judgement::refused("a second Test Plan", LEFT_OUT));
                self.pass_over(found, Surroundings::DISABLED)
            }
            Meaning::WorkBench => {
                self.record(found, Judgement::ignored(row.note));
                self.pass_over(found, Surroundings::WORK_BENCH)
            }
            Meaning::Variables => self.read_variables(found),
            Meaning::Module => self.read_module(found),
            Meaning::Include => self.read_include(found),
            Meaning::Script => {
                let (kind, judgement) = script::read(
                    found.class,
                    found.properties,
                    row.role,
                    &self.positions,
                    self.include,
                );
                self.record(found, judgement);
                self.keep(found, kind, surroundings)
            }
            _ if row.role == Role::ThreadGroup => self.read_group(found, row),
            _ => {
                let (kind, judgement) = meaning::read(row, found.properties, found.class);
                self.record(found, judgement);
                self.keep(found, kind, surroundings)
            }
        }
    }

    /// An element of a plugin that is not known. If samplers or controllers stand below it, it is
    /// taken for a controller.
    fn read_unknown(
        &mut self,
        found: &Found<'_, 'text>,
        surroundings: Surroundings,
    ) -> Option<Element> {
        let holds_samplers = found.subtree.is_some_and(|tree| {
            hash_tree::elements_below(tree).into_iter().any(|below| {
                support_of(below.tag_name().name())
                    .is_some_and(|row| matches!(row.role, Role::Sampler | Role::Controller))
            })
        });
        let reason = format!("unknown element `{}`; is it from a plugin?", found.class);
        if holds_samplers && matches!(surroundings, Surroundings::Group) {
            self.record(found, Judgement::refused(reason, CHILDREN_ONLY));
            let simple = ElementKind::Controller(Controller::Simple);
            return self.keep(found, Some(simple), surroundings);
        }
        let judgement = if !holds_samplers && is_listener_name(found.class) {
            Judgement::ignored(format!(
                "unknown listener `{}`: what it shows or writes is not made",
                found.class
            ))
        } else {
            Judgement::refused(reason, LEFT_OUT)
        };
        self.record(found, judgement);
        let below = match surroundings {
            // What stands below an unknown element of the plan may be a thread group of a plugin.
            Surroundings::Plan if holds_samplers => Surroundings::Group,
            other => other,
        };
        self.pass_over(found, below)
    }

    fn read_plan(&mut self, found: &Found<'_, 'text>) -> Option<Element> {
        if self.plan.is_some() {
            self.record(found, Judgement::refused("a second Test Plan", LEFT_OUT));
            return self.pass_over(found, Surroundings::DISABLED);
        }
        let mut judgement = Judgement::supported();
        let properties = found.properties;
        let mut flag = |name| properties.flag(name, &mut judgement).unwrap_or(false);
        let serialize_groups = flag("TestPlan.serialize_threadgroups");
        let tear_down_on_shutdown = flag("TestPlan.tearDown_on_shutdown");
        if flag("TestPlan.functional_mode") {
            self.note(
                "functional-mode",
                &found.location,
                "functional test mode changes nothing here: it only makes JMeter keep all data",
            );
        }
        let comments = properties.text("TestPlan.comments").unwrap_or_default();
        let expectations = comments::read(&comments, &found.location, &mut self.diagnostics);
        let classpath = properties.text("TestPlan.user_define_classpath");
        if classpath.is_some_and(|jars| !jars.is_empty()) {
            self.note(
                "java-classpath",
                &found.location,
                "the Java libraries that the plan names are not loaded",
            );
        }
        self.record(found, judgement);
        self.plan = Some(PlanFrame {
            name: properties.name(),
            location: found.location.clone(),
            serialize_groups,
            expectations,
            tear_down_on_shutdown,
            children: Vec::new(),
        });
        if let Some(list) = properties.element("TestPlan.user_defined_variables") {
            self.collect_variables(list, &found.location);
        }
        let children = self.walk(
            found.subtree,
            &found.location.path,
            Surroundings::Plan,
            found.depth + 1,
        );
        if let Some(plan) = &mut self.plan {
            plan.children = children;
        }
        None
    }

    fn read_group(
        &mut self,
        found: &Found<'_, 'text>,
        row: &'static ElementSupport,
    ) -> Option<Element> {
        let mut judgement = Judgement::supported();
        let mut findings = Vec::new();
        let frame = thread_group::read(row, found.properties, &mut judgement, &mut findings);
        for finding in findings {
            self.diagnostics.push(Diagnostic {
                code: finding.code,
                severity: finding.severity,
                message: finding.message,
                location: found.location.clone(),
                help: finding.help.to_owned(),
            });
        }
        self.record(found, judgement);
        let children = self.walk(
            found.subtree,
            &found.location.path,
            Surroundings::Group,
            found.depth + 1,
        );
        self.groups.extend(frame.map(|frame| ThreadGroup {
            name: found.properties.name(),
            stage: frame.stage,
            load: frame.load,
            on_sample_error: frame.on_sample_error,
            same_user_on_next_iteration: frame.same_user_on_next_iteration,
            after: None,
            children,
            location: found.location.clone(),
        }));
        None
    }

    fn read_variables(&mut self, found: &Found<'_, 'text>) -> Option<Element> {
        self.record(found, Judgement::supported());
        self.collect_variables(found.properties, &found.location);
        self.pass_over(found, Surroundings::Group)
    }

    /// Adds one list of variables; of two with one name in a list, the first counts.
    fn collect_variables(&mut self, list: Properties<'_, 'text>, location: &Location) {
        let set = self.variable_sets;
        self.variable_sets += 1;
        let mut seen = std::collections::HashSet::new();
        for argument in list.items("Arguments.arguments") {
            let name = argument.text("Argument.name").unwrap_or_default();
            if name.is_empty() || !seen.insert(name.clone()) {
                continue;
            }
            self.variables.push(Variable {
                name,
                value: argument.text_or("Argument.value", ""),
                set,
                location: location.clone(),
            });
        }
    }

    /// The element with its children, or without itself when `kind` leaves it out.
    fn keep(
        &mut self,
        found: &Found<'_, 'text>,
        kind: Option<ElementKind>,
        below: Surroundings,
    ) -> Option<Element> {
        let children = self.walk(found.subtree, &found.location.path, below, found.depth + 1);
        kind.map(|kind| Element {
            name: found.properties.name().into(),
            kind,
            children,
            location: found.location.clone(),
        })
    }

    /// Records what stands below an element that is left out with its whole subtree.
    fn pass_over(&mut self, found: &Found<'_, 'text>, below: Surroundings) -> Option<Element> {
        self.walk(found.subtree, &found.location.path, below, found.depth + 1);
        None
    }

    fn refuse_all_below(&mut self, tree: Node<'_, 'text>, path: &str, reason: &str) {
        for node in hash_tree::elements_below(tree) {
            let properties = Properties::of(node, self.encoding);
            let class = node.tag_name().name();
            let location = self.locate(node, joined(path, &properties.name(), class));
            self.push_row(class, location, Judgement::refused(reason, LEFT_OUT));
        }
    }

    fn record(&mut self, found: &Found<'_, 'text>, judgement: Judgement) {
        debug_assert!(!hash_tree::is_tree(found.node), "trees are no elements");
        self.push_row(found.class, found.location.clone(), judgement);
    }

    fn push_row(&mut self, class: &str, location: Location, judgement: Judgement) {
        let (standing, reason, help) = judgement.into_parts();
        self.elements.push(Compatibility {
            location,
            element: class.to_owned(),
            standing,
            reason,
            help,
        });
    }

    fn note(&mut self, code: &'static str, location: &Location, message: &str) {
        self.diagnostics.push(Diagnostic {
            severity: Severity::Note,
            ..Diagnostic::warning(code, location.clone(), message)
        });
    }

    fn locate(&self, node: Node<'_, '_>, path: String) -> Location {
        let (line, column) = self.positions.start_of(node);
        Location {
            file: self.file.to_owned(),
            line,
            column,
            path,
        }
    }
}

/// Whether an unknown class is a listener by its name, as the plugins of JMeter name them. Listeners
/// read results only, so a plan runs without them.
fn is_listener_name(class: &str) -> bool {
    let name = class.rsplit('.').next().unwrap_or(class);
    ["ResultCollector", "Visualizer", "Listener", "Reporter"]
        .iter()
        .any(|end| name.ends_with(end))
        || class.contains(".visualizers.")
        || class.contains(".vizualizers.")
}

/// The path of an element below `path`; an element without a name goes by its class.
fn joined(path: &str, name: &str, class: &str) -> String {
    let name = if name.is_empty() { class } else { name };
    let mut path = if path.is_empty() {
        String::new()
    } else {
        format!("{path} > ")
    };
    match name.char_indices().nth(MAX_NAME_IN_PATH) {
        Some((end, _)) => {
            path.push_str(&name[..end]);
            path.push('…');
        }
        None => path.push_str(name),
    }
    path
}
