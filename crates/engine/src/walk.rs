//! A user's way through its thread group: which sampler comes next.
//!
//! A stack of controllers and a few words of state for each node. Nothing here waits, samples or
//! reads a clock; conditions and loop counts are asked of [`Decisions`]. The semantics are those of
//! JMeter's controllers.

use loadline_plan::program::{
    Condition, Node, NodeId, NodeKind, PassCount, SamplerId, TransactionId,
};

/// What the walk asks of the user on its way.
pub(crate) trait Decisions {
    /// Number of passes; `None` is without end.
    fn pass_count(&mut self, count: &PassCount) -> Option<u64>;

    /// Whether a condition holds.
    fn holds(&mut self, condition: &Condition) -> bool;
}

/// What the user does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A pass of a controller begins that has data sets or an index variable; `index` counts from 0.
    PassStarted { node: NodeId, index: u64 },
    /// Run a sampler.
    Sampler(SamplerId),
    /// A transaction begins.
    TransactionStarted(TransactionId),
    /// The transaction begun last is through.
    TransactionEnded,
    /// A loop or the whole group made a pass without a sampler. The user lets others run, so that
    /// an endless empty loop holds up nobody.
    EmptyPass,
    /// The iteration of the thread group is through.
    IterationEnded,
}

/// State of one node.
#[derive(Clone, Copy, Debug, Default)]
struct NodeState {
    /// Passes of a running loop; `u64::MAX` is without end.
    limit: u64,
    /// Index of the present or, between passes, of the next pass. Loops start anew at 0; for other
    /// controllers it counts over the life of the user.
    pass: u64,
    /// Position among the children.
    cursor: u32,
    /// The loop runs no more for this user.
    is_done: bool,
    /// The present pass has not begun yet.
    is_fresh: bool,
    /// A sampler ran in the present pass.
    has_sampled: bool,
}

/// Where a user stands in its thread group.
#[derive(Debug)]
pub(crate) struct Walk {
    states: Box<[NodeState]>,
    /// Controllers entered and not left, the group first; empty between iterations.
    stack: Vec<NodeId>,
}

impl Walk {
    /// At the beginning of a group with `nodes`.
    pub(crate) fn new(nodes: &[Node]) -> Self {
        Self {
            states: vec![NodeState::default(); nodes.len()].into_boxed_slice(),
            stack: Vec::new(),
        }
    }

    /// Begins an iteration of the group.
    pub(crate) fn start_iteration(&mut self) {
        self.stack.clear();
        self.enter(NodeId(0));
    }

    /// Ends the iteration: controllers are left where they stand and entered afresh in the next.
    pub(crate) fn abandon_iteration(&mut self) {
        for node in self.stack.drain(..) {
            self.states[node.0 as usize].pass += 1;
        }
    }

    /// What comes next, until [`Step::IterationEnded`].
    pub(crate) fn next(&mut self, nodes: &[Node], decisions: &mut dyn Decisions) -> Step {
        loop {
            let Some(&current) = self.stack.last() else {
                return Step::IterationEnded;
            };
            let node = &nodes[current.0 as usize];
            let state = &mut self.states[current.0 as usize];
            if state.is_fresh {
                state.is_fresh = false;
                state.has_sampled = false;
                state.cursor = 0;
                if !node.sources.is_empty() || node.index_variable.is_some() {
                    let index = state.pass;
                    return Step::PassStarted {
                        node: current,
                        index,
                    };
                }
            }
            let step = match node.children.get(state.cursor as usize) {
                Some(&child) if self.may_go_on(current, node, decisions) => {
                    self.states[current.0 as usize].cursor += 1;
                    self.child(current, child, nodes, decisions)
                }
                _ => self.end_pass(current, node),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Whether the controller `node` lets its next child run.
    fn may_go_on(&self, current: NodeId, node: &Node, decisions: &mut dyn Decisions) -> bool {
        match &node.kind {
            NodeKind::If {
                condition,
                evaluate_all: true,
            } => {
                // Before the first child it was evaluated on entry.
                self.states[current.0 as usize].cursor == 0 || decisions.holds(condition)
            }
            _ => true,
        }
    }

    /// Enters `child`, or passes it over.
    fn child(
        &mut self,
        parent: NodeId,
        child: NodeId,
        nodes: &[Node],
        decisions: &mut dyn Decisions,
    ) -> Option<Step> {
        match &nodes[child.0 as usize].kind {
            NodeKind::Sampler(sampler) => {
                for entered in &self.stack {
                    self.states[entered.0 as usize].has_sampled = true;
                }
                return Some(Step::Sampler(*sampler));
            }
            NodeKind::Group | NodeKind::Simple => self.enter(child),
            NodeKind::OnceOnly => {
                if self.states[parent.0 as usize].pass == 0 {
                    self.enter(child);
                }
            }
            NodeKind::If { condition, .. } => {
                if decisions.holds(condition) {
                    self.enter(child);
                }
            }
            NodeKind::Transaction(transaction) => {
                self.enter(child);
                return Some(Step::TransactionStarted(*transaction));
            }
            NodeKind::Loop { count, restarts } => {
                if self.states[child.0 as usize].is_done {
                    return None;
                }
                let limit = decisions.pass_count(count).unwrap_or(u64::MAX);
                let state = &mut self.states[child.0 as usize];
                if limit == 0 {
                    state.is_done = !restarts;
                    return None;
                }
                state.limit = limit;
                state.pass = 0;
                self.enter(child);
            }
        }
        None
    }

    fn enter(&mut self, node: NodeId) {
        self.states[node.0 as usize].is_fresh = true;
        self.stack.push(node);
    }

    /// The children of `current` are through: the next pass, or back to its parent.
    fn end_pass(&mut self, current: NodeId, node: &Node) -> Option<Step> {
        let state = &mut self.states[current.0 as usize];
        state.pass += 1;
        match &node.kind {
            NodeKind::Loop { restarts, .. } => {
                if state.pass < state.limit {
                    state.is_fresh = true;
                    return (!state.has_sampled).then_some(Step::EmptyPass);
                }
                state.is_done = !restarts;
                self.stack.pop();
                None
            }
            NodeKind::Transaction(_) => {
                self.stack.pop();
                Some(Step::TransactionEnded)
            }
            NodeKind::Group => {
                self.stack.pop();
                (!state.has_sampled).then_some(Step::EmptyPass)
            }
            NodeKind::Simple | NodeKind::OnceOnly | NodeKind::If { .. } | NodeKind::Sampler(_) => {
                self.stack.pop();
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use loadline_plan::Location;
    use loadline_plan::program::Template;

    use super::*;

    /// A tree of nodes in words: samplers are letters by their number.
    enum Tree {
        Sampler,
        Simple(Vec<Tree>),
        Loop(u32, bool, Vec<Tree>),
        Forever(Vec<Tree>),
        Once(Vec<Tree>),
        If(bool, Vec<Tree>),
        Transaction(Vec<Tree>),
    }
    use Tree::*;

    struct Group {
        nodes: Vec<Node>,
        samplers: u32,
        transactions: u32,
    }

    impl Group {
        fn new(children: Vec<Tree>) -> Self {
            let mut group = Group {
                nodes: Vec::new(),
                samplers: 0,
                transactions: 0,
            };
            group.add(NodeKind::Group, children);
            group
        }

        fn add(&mut self, kind: NodeKind, children: Vec<Tree>) -> NodeId {
            let id = NodeId(u32::try_from(self.nodes.len()).unwrap());
            self.nodes.push(Node {
                kind,
                children: Vec::new(),
                sources: Vec::new(),
                index_variable: None,
                location: Location::default(),
            });
            for child in children {
                let child = self.add_tree(child);
                self.nodes[id.0 as usize].children.push(child);
            }
            id
        }

        fn add_tree(&mut self, tree: Tree) -> NodeId {
            match tree {
                Sampler => {
                    self.samplers += 1;
                    self.add(NodeKind::Sampler(SamplerId(self.samplers - 1)), Vec::new())
                }
                Simple(children) => self.add(NodeKind::Simple, children),
                Once(children) => self.add(NodeKind::OnceOnly, children),
                Loop(count, restarts, children) => {
                    let count = PassCount::Times(Template::literal(&count.to_string()));
                    self.add(NodeKind::Loop { count, restarts }, children)
                }
                Forever(children) => {
                    let count = PassCount::Forever;
                    self.add(
                        NodeKind::Loop {
                            count,
                            restarts: true,
                        },
                        children,
                    )
                }
                If(evaluate_all, children) => {
                    let condition = Condition::Expression(Template::default());
                    self.add(
                        NodeKind::If {
                            condition,
                            evaluate_all,
                        },
                        children,
                    )
                }
                Transaction(children) => {
                    self.transactions += 1;
                    let id = TransactionId(self.transactions - 1);
                    self.add(NodeKind::Transaction(id), children)
                }
            }
        }
    }

    /// Answers conditions from a list; true when it is empty.
    #[derive(Default)]
    struct Script(VecDeque<bool>);

    impl Decisions for Script {
        fn pass_count(&mut self, count: &PassCount) -> Option<u64> {
            match count {
                PassCount::Forever => None,
                PassCount::Times(text) => text.as_literal().and_then(|text| text.parse().ok()),
            }
        }

        fn holds(&mut self, _condition: &Condition) -> bool {
            self.0.pop_front().unwrap_or(true)
        }
    }

    fn letter(index: u32) -> char {
        char::from(b'a' + u8::try_from(index).unwrap())
    }

    fn show(step: Step) -> String {
        match step {
            Step::Sampler(id) => letter(id.0).to_string(),
            Step::TransactionStarted(_) => "(".to_owned(),
            Step::TransactionEnded => ")".to_owned(),
            Step::EmptyPass => "-".to_owned(),
            Step::PassStarted { index, .. } => format!("[{index}]"),
            Step::IterationEnded => ".".to_owned(),
        }
    }

    /// Walks iterations; `expected` shows samplers as letters, transactions in parentheses, empty
    /// passes as `-` and ends of iterations as full stops.
    #[track_caller]
    fn check(children: Vec<Tree>, conditions: &[bool], iterations: u32, expected: &str) {
        let group = Group::new(children);
        let mut walk = Walk::new(&group.nodes);
        let mut script = Script(conditions.iter().copied().collect());
        let mut shown = String::new();
        for _ in 0..iterations {
            walk.start_iteration();
            loop {
                let step = walk.next(&group.nodes, &mut script);
                shown += &show(step);
                if step == Step::IterationEnded {
                    break;
                }
            }
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn children_run_in_order() {
        check(
            vec![Sampler, Simple(vec![Sampler, Sampler]), Sampler],
            &[],
            2,
            "abcd.abcd.",
        );
    }

    #[test]
    fn loops_restart_in_each_pass_of_the_parent_unless_they_are_done() {
        check(
            vec![Loop(2, true, vec![Sampler]), Sampler],
            &[],
            2,
            "aab.aab.",
        );
        check(
            vec![Loop(2, false, vec![Sampler]), Sampler],
            &[],
            2,
            "aab.b.",
        );
        check(vec![Loop(0, true, vec![Sampler]), Sampler], &[], 2, "b.b.");
        check(
            vec![Loop(2, true, vec![Loop(2, false, vec![Sampler]), Sampler])],
            &[],
            2,
            "aabb.bb.",
        );
    }

    #[test]
    fn once_only_runs_in_the_first_pass_of_its_parent() {
        check(vec![Once(vec![Sampler]), Sampler], &[], 3, "ab.b.b.");
        // A loop starts anew in each iteration, and its first pass with it.
        check(
            vec![Loop(2, true, vec![Once(vec![Sampler]), Sampler])],
            &[],
            2,
            "abb.abb.",
        );
        check(
            vec![Simple(vec![Once(vec![Sampler]), Sampler])],
            &[],
            2,
            "ab.b.",
        );
    }

    #[test]
    fn a_condition_is_evaluated_on_entry_or_before_each_child() {
        check(
            vec![If(false, vec![Sampler, Sampler]), Sampler],
            &[true, false],
            2,
            "abc.c.",
        );
        check(
            vec![If(true, vec![Sampler, Sampler]), Sampler],
            &[true, false],
            1,
            "ac.",
        );
    }

    #[test]
    fn transactions_enclose_their_children() {
        check(
            vec![
                Transaction(vec![Sampler, Transaction(vec![Sampler])]),
                Sampler,
            ],
            &[],
            2,
            "(a(b))c.(a(b))c.",
        );
    }

    #[test]
    fn empty_passes_are_told() {
        check(
            vec![Loop(3, true, vec![If(false, vec![Sampler])])],
            &[false, false, true],
            1,
            "--a.",
        );
        check(vec![If(false, vec![Sampler])], &[false], 1, "-.");
    }

    #[test]
    fn an_abandoned_iteration_starts_afresh() {
        let group = Group::new(vec![Forever(vec![Sampler, Sampler]), Sampler]);
        let mut walk = Walk::new(&group.nodes);
        let mut script = Script::default();
        let mut shown = String::new();
        walk.start_iteration();
        for _ in 0..3 {
            shown += &show(walk.next(&group.nodes, &mut script));
        }
        walk.abandon_iteration();
        walk.start_iteration();
        shown += &show(walk.next(&group.nodes, &mut script));
        assert_eq!(shown, "abaa");
    }

    #[test]
    fn passes_with_an_index_variable_are_announced() {
        let mut group = Group::new(vec![Loop(2, true, vec![Sampler])]);
        group.nodes[1].index_variable = Some(loadline_plan::program::Slot(0));
        let mut walk = Walk::new(&group.nodes);
        walk.start_iteration();
        let mut shown = String::new();
        for _ in 0..5 {
            shown += &show(walk.next(&group.nodes, &mut Script::default()));
        }
        assert_eq!(shown, "[0]a[1]a.");
    }
}
