//! Compiles thread groups: the tree of controllers and samplers becomes an arena of nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::program::{
    DummyProgram, GroupProgram, KeptParts, LabelProgram, Node, NodeId, NodeKind, OutputId,
    ParallelProgram, PassCount, PassSource, SamplerId, SamplerKind, SamplerProgram, SetterId,
    TransactionId, TransactionProgram,
};
use crate::{
    Controller, Diagnostic, DummySampler, Element, ElementKind, Location, LoopCount, Plan, Sampler,
    Stage, Text, ThreadGroup,
};

use super::level::Level;
use super::load_texts::load_texts;
use super::{Compiler, MAX_LABELS};

impl Compiler {
    /// Compiles all thread groups; `plan_level` is what the plan itself has in scope.
    pub(super) fn groups(&mut self, plan: &Plan, plan_level: &Level) -> Vec<GroupProgram> {
        let mut numbers: BTreeMap<Stage, u32> = BTreeMap::new();
        let mut groups = Vec::with_capacity(plan.groups.len());
        for (index, group) in plan.groups.iter().enumerate() {
            let number = numbers.entry(group.stage).or_insert(0);
            *number += 1;
            let after = self.predecessor(plan, index);
            groups.push(self.group(group, *number, after, plan_level));
        }
        self.check_order(plan, &groups);
        groups
    }

    fn group(
        &mut self,
        group: &ThreadGroup,
        number: u32,
        after: Option<usize>,
        plan_level: &Level,
    ) -> GroupProgram {
        let load_texts = load_texts(&group.load)
            .into_iter()
            .filter(|text| text.as_str().contains("${"))
            .map(|text| (text.as_str().into(), self.template(text, &group.location)))
            .collect();
        let group_level = Level::compile(&group.children, self);
        let sources = plan_level
            .sources
            .iter()
            .chain(&group_level.sources)
            .copied()
            .collect();
        let mut body = Body {
            compiler: self,
            plan_level,
            nodes: vec![Node {
                kind: NodeKind::Group,
                children: Vec::new(),
                sources,
                index_variable: None,
                location: group.location.clone(),
            }],
            names: vec![group.name.clone()],
            samplers: Vec::new(),
            transactions: Vec::new(),
            whole_levels: None,
            assignments: Vec::new(),
            is_part_of_parallel: false,
        };
        body.children(NodeId(0), &group.children, &[&group_level]);
        let Body {
            mut nodes,
            names,
            samplers,
            transactions,
            ..
        } = body;
        // Any text of the group may read an index, so they are given only now.
        for (node, name) in nodes.iter_mut().zip(&names) {
            if matches!(node.kind, NodeKind::Group) || node.kind.is_loop() {
                node.index_variable = self.names.index_variable(name);
            }
        }
        if samplers.is_empty() {
            self.diagnostics.push(
                Diagnostic::warning(
                    "empty-group",
                    group.location.clone(),
                    format!(
                        "thread group `{}` has no sampler: its users end at once",
                        group.name
                    ),
                )
                .with_help("add a request, or remove the group"),
            );
        }
        GroupProgram {
            name: group.name.as_str().into(),
            name_text: self.template(&group.name.as_str().into(), &group.location),
            stage: group.stage,
            number,
            load: group.load.clone(),
            load_texts,
            on_sample_error: group.on_sample_error,
            same_user_on_next_iteration: group.same_user_on_next_iteration,
            after,
            nodes,
            samplers,
            transactions,
            location: group.location.clone(),
        }
    }

    /// Index of the group behind which the group at `index` runs.
    fn predecessor(&mut self, plan: &Plan, index: usize) -> Option<usize> {
        let group = &plan.groups[index];
        let name = group.after.as_ref()?;
        let matches: Vec<usize> = (0..plan.groups.len())
            .filter(|other| {
                *other != index
                    && plan.groups[*other].name == *name
                    && plan.groups[*other].stage == group.stage
            })
            .collect();
        let problem = match matches.as_slice() {
            [only] => return Some(*only),
            [] => format!("`after: {name}` names no other group of the same stage"),
            _ => format!(
                "`after: {name}` is ambiguous: {} groups have this name",
                matches.len()
            ),
        };
        let finding = Diagnostic::error("unknown-group", group.location.clone(), problem);
        self.diagnostics
            .push(finding.with_help("give the group that comes first a name of its own"));
        None
    }

    /// Reports groups that wait for each other.
    fn check_order(&mut self, plan: &Plan, groups: &[GroupProgram]) {
        for (index, group) in groups.iter().enumerate() {
            let mut next = group.after;
            let mut steps = 0;
            while let Some(other) = next {
                steps += 1;
                if other == index || steps > groups.len() {
                    break;
                }
                next = groups[other].after;
            }
            if next == Some(index) {
                self.diagnostics.push(Diagnostic::error(
                    "circular-order",
                    plan.groups[index].location.clone(),
                    format!("thread group `{}` waits for itself by `after:`", group.name),
                ));
            }
        }
    }

    /// Compiles the label `name` of a sampler or, with `sums`, of a transaction; a static one has its
    /// place in the list of labels. A transaction shares its label with no sampler of its name: the
    /// sums would be counted among what they sum up.
    fn label(&mut self, name: &Text, sums: bool, location: &Location) -> LabelProgram {
        let template = self.template(name, location);
        let Some(literal) = template.as_literal() else {
            return LabelProgram::Dynamic(template);
        };
        let mut known = self.labels.iter().zip(&self.label_sums);
        if let Some(index) = known.position(|(label, own)| **label == *literal && *own == sums) {
            return LabelProgram::Static(u16::try_from(index).expect("bounded by MAX_LABELS"));
        }
        if self.labels.len() >= MAX_LABELS {
            // The run counts it under "(other)".
            return LabelProgram::Dynamic(template);
        }
        self.labels.push(literal.into());
        self.label_sums.push(sums);
        LabelProgram::Static(u16::try_from(self.labels.len() - 1).expect("bounded by MAX_LABELS"))
    }
}

impl Compiler {
    fn dummy(
        &mut self,
        dummy: &DummySampler,
        keep: KeptParts,
        location: &Location,
    ) -> DummyProgram {
        let mut template = |text| self.template(text, location);
        DummyProgram {
            waits: dummy.waits,
            success: template(&dummy.success),
            code: template(&dummy.code),
            message: template(&dummy.message),
            request: template(&dummy.request),
            body: template(&dummy.body),
            response_time_ms: template(&dummy.response_time_ms),
            latency_ms: template(&dummy.latency_ms),
            connect_ms: template(&dummy.connect_ms),
            url: template(&dummy.url),
            keep,
        }
    }
}

/// The body of a thread group while it is compiled.
struct Body<'a, 'c> {
    compiler: &'c mut Compiler,
    plan_level: &'a Level,
    nodes: Vec<Node>,
    /// Names of the nodes.
    names: Vec<String>,
    samplers: Vec<SamplerProgram>,
    transactions: Vec<TransactionProgram>,
    /// Number of levels, from the thread group's, that see the sample of a transaction in the place
    /// of its children's; `None` outside of such transactions.
    whole_levels: Option<usize>,
    /// What the Parameterized Controllers around set, outermost first.
    assignments: Vec<SetterId>,
    /// Whether a Parallel Controller around has a sample of its own: listeners hear that one only.
    is_part_of_parallel: bool,
}

/// What makes a sample, or is taken for a sampler.
enum Work<'w> {
    Sampler(&'w Sampler),
    Parallel(&'w ParallelProgram),
}

impl<'a> Body<'a, '_> {
    /// Adds the controllers and samplers among `children` below `parent`. `levels` are those in
    /// scope, from the thread group's down to the parent's.
    fn children(&mut self, parent: NodeId, children: &[Element], levels: &[&Level]) {
        for element in children {
            match &element.kind {
                ElementKind::Controller(controller) => {
                    self.controller(parent, element, controller, levels);
                }
                ElementKind::Sampler(sampler) => self.sampler(parent, element, sampler, levels),
                ElementKind::Config(_)
                | ElementKind::Timer(_)
                | ElementKind::PreProcessor(_)
                | ElementKind::PostProcessor(_)
                | ElementKind::Assertion(_)
                | ElementKind::OnFailure(_)
                | ElementKind::Script(_)
                | ElementKind::Output(_)
                | ElementKind::AutoStop(_) => {}
            }
        }
    }

    fn controller(
        &mut self,
        parent: NodeId,
        element: &Element,
        controller: &Controller,
        levels: &[&Level],
    ) {
        if let Controller::Parallel {
            parent_sample,
            most,
        } = controller
        {
            let mut name_of = |one: &Element| self.compiler.template(&one.name, &one.location);
            let program = ParallelProgram {
                name: name_of(element),
                items: (element.children.iter().filter(|child| is_branch(child)))
                    .map(&mut name_of)
                    .collect(),
                branches: Vec::new(),
                most: *most,
                parent_sample: *parent_sample,
            };
            return self.parallel(parent, element, program, levels);
        }
        let level = Level::compile(&element.children, self.compiler);
        let location = &element.location;
        let kind = match controller {
            Controller::Simple => NodeKind::Simple,
            Controller::OnceOnly => NodeKind::OnceOnly,
            Controller::Loop { count, restarts } => NodeKind::Loop {
                count: match count {
                    LoopCount::Forever => PassCount::Forever,
                    LoopCount::Times(times) => {
                        PassCount::Times(self.compiler.template(times, location))
                    }
                },
                restarts: *restarts,
            },
            Controller::If {
                condition,
                evaluate_all,
            } => NodeKind::If {
                condition: self.compiler.condition(condition, location),
                evaluate_all: *evaluate_all,
            },
            Controller::Transaction {
                parent_sample,
                include_timers,
            } => {
                let id = TransactionId(index_of_next(&self.transactions));
                let scope = if *parent_sample {
                    let mut scope = self.outermost_first(levels);
                    scope.push(&level);
                    scope
                } else {
                    Vec::new()
                };
                let assertions = (scope.iter())
                    .flat_map(|level| level.assertions.iter().map(Arc::clone))
                    .collect();
                let outputs = outputs_of(&scope);
                self.transactions.push(TransactionProgram {
                    label: self.compiler.label(&element.name, true, location),
                    parent_sample: *parent_sample,
                    include_timers: *include_timers,
                    assertions,
                    outputs,
                    location: location.clone(),
                });
                NodeKind::Transaction(id)
            }
            Controller::While { .. }
            | Controller::ForEach(_)
            | Controller::Switch { .. }
            | Controller::Interleave(_)
            | Controller::RandomOrder
            | Controller::Throughput { .. }
            | Controller::Runtime { .. }
            | Controller::Weighted { .. }
            | Controller::Parameterized { .. }
            | Controller::Parallel { .. }
            | Controller::CriticalSection { .. } => self.compiler.choice(controller, element),
        };
        let reports_whole = matches!(
            controller,
            Controller::Transaction {
                parent_sample: true,
                ..
            }
        );
        let outer_whole = self.whole_levels;
        if reports_whole && outer_whole.is_none() {
            self.whole_levels = Some(levels.len() + 1);
        }
        let id = self.add(parent, kind, element);
        let sources = &mut self.nodes[id.0 as usize].sources;
        sources.clone_from(&level.sources);
        let outer_assignments = self.assignments.len();
        if let Controller::Parameterized { variables } = controller {
            let id = self.compiler.assignment(variables, location);
            sources.insert(0, PassSource::Setter(id));
            self.assignments.push(id);
        }
        let mut inner_levels = levels.to_vec();
        inner_levels.push(&level);
        self.children(id, &element.children, &inner_levels);
        self.assignments.truncate(outer_assignments);
        self.whole_levels = outer_whole;
    }

    fn sampler(&mut self, parent: NodeId, element: &Element, sampler: &Sampler, levels: &[&Level]) {
        let own = Level::compile(&element.children, self.compiler);
        // Data sets below a sampler read at each pass of the controller that holds it; the last of the
        // plan comes first.
        let sources = &mut self.nodes[parent.0 as usize].sources;
        sources.splice(..0, own.sources.iter().copied());
        self.in_scope(parent, element, &Work::Sampler(sampler), &own, levels);
    }

    /// A Parallel Controller is a sampler to the one that it stands in. Nothing steps what sets
    /// variables directly below it: in JMeter it tells nobody of its passes.
    fn parallel(
        &mut self,
        parent: NodeId,
        element: &Element,
        program: ParallelProgram,
        levels: &[&Level],
    ) {
        let own = Level::compile(&element.children, self.compiler);
        let is_whole = program.parent_sample;
        let node = self.in_scope(parent, element, &Work::Parallel(&program), &own, levels);
        let mut inner_levels = levels.to_vec();
        inner_levels.push(&own);
        let is_outer_whole = self.is_part_of_parallel;
        self.is_part_of_parallel |= is_whole;
        for child in element.children.iter().filter(|child| is_branch(child)) {
            let branch = self.add(node, NodeKind::Simple, child);
            self.children(branch, std::slice::from_ref(child), &inner_levels);
            self.nodes[branch.0 as usize].sources.clear();
        }
        self.is_part_of_parallel = is_outer_whole;
        let Node { kind, children, .. } = &self.nodes[node.0 as usize];
        if let NodeKind::Sampler(id) = kind
            && let SamplerKind::Parallel(program) = &mut self.samplers[id.0 as usize].kind
        {
            program.branches.clone_from(children);
        }
    }

    /// Adds a sampler with everything in its scope, of which `own` is what stands below it.
    fn in_scope(
        &mut self,
        parent: NodeId,
        element: &Element,
        work: &Work<'_>,
        own: &Level,
        levels: &[&Level],
    ) -> NodeId {
        let location = &element.location;
        let pops_before = self.compiler.pops.len();
        let mut inner_first: Vec<&Level> = vec![own];
        inner_first.extend(levels.iter().rev());
        inner_first.push(self.plan_level);
        let mut outer_first = self.outermost_first(levels);
        outer_first.push(own);
        let pre_processors = outer_first
            .iter()
            .flat_map(|level| level.pre_processors.iter().cloned())
            .collect();
        let timeouts = outer_first
            .iter()
            .flat_map(|level| level.timeouts.iter().cloned())
            .collect();
        let post_processors: Vec<_> = outer_first
            .iter()
            .flat_map(|level| level.post_processors.iter().cloned())
            .collect();
        let assertions: Vec<_> = outer_first
            .iter()
            .flat_map(|level| level.assertions.iter().cloned())
            .collect();
        let listeners: Vec<_> = outer_first
            .iter()
            .filter(|_| !self.is_part_of_parallel)
            .flat_map(|level| level.listeners.iter().copied())
            .collect();
        let timers = inner_first
            .iter()
            .flat_map(|level| level.timers.iter().cloned())
            .collect();
        let keep = (post_processors.iter().map(|program| program.keeps()))
            .chain(assertions.iter().map(|named| named.program.keeps()))
            .chain(listeners.iter().map(|id| self.compiler.kept_by(*id)))
            .fold(KeptParts::default(), KeptParts::and);
        let kind = match work {
            Work::Parallel(program) => SamplerKind::Parallel((*program).clone()),
            Work::Sampler(sampler) => match sampler {
                Sampler::Http(request) => {
                    let program = self.compiler.http(request, &inner_first, keep, location);
                    SamplerKind::Http(Arc::new(program))
                }
                Sampler::Pause(timer) => SamplerKind::Pause(self.compiler.timer(timer, location)),
                Sampler::Debug(lists) => SamplerKind::Debug {
                    lists: *lists,
                    keep,
                },
                Sampler::Flow(action) => SamplerKind::Flow(*action),
                Sampler::Script(script) => {
                    let (id, _) = self.compiler.script(script, location);
                    SamplerKind::Script { id, keep }
                }
                Sampler::Dummy(dummy) => {
                    SamplerKind::Dummy(Box::new(self.compiler.dummy(dummy, keep, location)))
                }
                Sampler::SetVariables(variables) => {
                    SamplerKind::Set(self.compiler.assignment(variables, location))
                }
            },
        };
        // The length of a pause is known before the user waits for anything. Names of samplers, below,
        // are evaluated several times.
        let pops = if matches!(kind, SamplerKind::Pause(_)) {
            Vec::new()
        } else {
            let own = self.compiler.pops.drain(pops_before..);
            let mut pops: Vec<_> = own.map(|(queue, _)| queue).collect();
            if matches!(kind, SamplerKind::Http(_)) {
                pops.extend(
                    inner_first
                        .iter()
                        .flat_map(|level| level.pops.iter().cloned()),
                );
            }
            pops
        };
        let label = match &kind {
            // As an HTTP Request takes over all that it does not say itself.
            SamplerKind::Http(_) if element.name.is_empty() => {
                let mut names = inner_first.iter().flat_map(|level| &level.default_names);
                let name = names.find(|name| !name.is_empty()).unwrap_or(&element.name);
                self.compiler.label(name, false, location)
            }
            SamplerKind::Http(_)
            | SamplerKind::Debug { .. }
            | SamplerKind::Dummy(_)
            | SamplerKind::Script { .. } => self.compiler.label(&element.name, false, location),
            SamplerKind::Parallel(program) if program.parent_sample => {
                self.compiler.label(&element.name, true, location)
            }
            // It has no sample, so it takes no place among the labels.
            SamplerKind::Pause(_)
            | SamplerKind::Flow(_)
            | SamplerKind::Set(_)
            | SamplerKind::Parallel(_) => {
                LabelProgram::Dynamic(crate::program::Template::default())
            }
        };
        // Of a transaction with a sample of its own, actions above it see that sample only.
        let seen = levels.get(self.whole_levels.unwrap_or(0)..);
        let on_failure = std::iter::once(own)
            .chain(seen.unwrap_or_default().iter().rev().copied())
            .chain(self.whole_levels.is_none().then_some(self.plan_level))
            .filter(|_| !self.is_part_of_parallel)
            .flat_map(|level| level.on_failure.iter().copied())
            .collect();
        let id = SamplerId(index_of_next(&self.samplers));
        self.samplers.push(SamplerProgram {
            pops,
            label,
            kind,
            pre_processors,
            timeouts,
            setters_behind: self.assignments.clone(),
            timers,
            post_processors,
            assertions,
            outputs: outputs_of(&outer_first),
            listeners,
            on_failure,
            location: location.clone(),
        });
        self.add(parent, NodeKind::Sampler(id), element)
    }

    /// Levels in the order of processors: the thread group's, the plan's, then inner ones.
    fn outermost_first<'l>(&self, levels: &[&'l Level]) -> Vec<&'l Level>
    where
        'a: 'l,
    {
        let mut ordered = levels.to_vec();
        ordered.insert(1.min(ordered.len()), self.plan_level);
        ordered
    }

    fn add(&mut self, parent: NodeId, kind: NodeKind, element: &Element) -> NodeId {
        let id = NodeId(index_of_next(&self.nodes));
        self.nodes.push(Node {
            kind,
            children: Vec::new(),
            sources: Vec::new(),
            index_variable: None,
            location: element.location.clone(),
        });
        self.names.push(element.name.as_str().to_owned());
        self.nodes[parent.0 as usize].children.push(id);
        id
    }
}

/// Whether a child of a Parallel Controller runs beside the others.
fn is_branch(child: &Element) -> bool {
    matches!(
        child.kind,
        ElementKind::Controller(_) | ElementKind::Sampler(_)
    )
}

/// The listeners in scope: result files, then AutoStops.
fn outputs_of(scope: &[&Level]) -> Arc<[OutputId]> {
    let all = scope.iter().flat_map(|level| level.outputs.iter().copied());
    let (files, stops): (Vec<_>, Vec<_>) = all.partition(|id| id.auto_stop().is_none());
    files.into_iter().chain(stops).collect()
}

fn index_of_next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).expect("a plan has fewer than 2^32 elements")
}
