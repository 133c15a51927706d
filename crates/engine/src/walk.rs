//! A user's way through its thread group: which sampler comes next.
//!
//! A stack of controllers and a few words of state for each node. Nothing here waits, samples or
//! reads a clock; texts, variables and chance are asked of [`Decisions`]. The semantics are those of
//! JMeter's controllers, which hand out samplers on demand: a controller may be left in the middle
//! and gone on with later.

use std::collections::VecDeque;
use std::sync::atomic::AtomicU64;

use loadline_plan::program::{
    Condition, ForEachProgram, Node, NodeId, NodeKind, PassCount, SamplerId, SharedCountId, Slot,
    Template, TransactionId,
};
use loadline_units::RunTime;
use smallvec::SmallVec;

mod detour;
mod repeat;
mod share;
mod turn;

use share::Share;
use turn::Turn;

/// What the walk asks of the user on its way.
pub(crate) trait Decisions {
    /// Number of passes; `None` is without end.
    fn pass_count(&mut self, count: &PassCount) -> Option<u64>;

    /// Whether a condition holds.
    fn holds(&mut self, condition: &Condition) -> bool;

    /// Whether the condition of a While Controller ends it, at the end of a pass or on entry.
    fn ends(&mut self, condition: &Condition, is_pass_over: bool) -> bool;

    /// The value of a text.
    fn text(&mut self, text: &Template) -> &str;

    /// Whether the `number`-th variable of a family is set.
    fn has_item(&mut self, family: &ForEachProgram, number: i64) -> bool;

    /// Sets the variable of a ForEach Controller to the `number`-th of the family, if that is set.
    fn take_item(&mut self, family: &ForEachProgram, number: i64);

    /// Sets the index variable of a loop.
    fn set_index(&mut self, slot: Slot, index: u64);

    /// A number below `bound`, drawn evenly; `bound` is above 0.
    fn draw(&mut self, bound: usize) -> usize;

    /// The time.
    fn now(&mut self) -> RunTime;

    /// Number of the user in its group, counted from 0.
    fn user_index(&mut self) -> usize;

    /// What all users count together.
    fn shared_count(&self, id: SharedCountId) -> &AtomicU64;
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
    /// A transaction is through.
    TransactionEnded(TransactionId),
    /// A transaction is left in its middle.
    TransactionCutShort(TransactionId),
    /// A critical section is entered once nobody else is inside.
    SectionEntered(NodeId),
    /// A critical section is left.
    SectionLeft(NodeId),
    /// A loop or the whole group made a pass without a sampler. The user lets others run, so that
    /// an endless empty loop holds up nobody.
    EmptyPass,
    /// The iteration of the thread group is through.
    IterationEnded,
}

/// State of one node.
#[derive(Clone, Copy, Debug, Default)]
struct NodeState {
    /// Passes of a running loop; `u64::MAX` is without end. Of a ForEach Controller, the number
    /// before its first; of a Runtime Controller, when it began, in microseconds; of a Once Only
    /// Controller, 1 once it has run; of a Switch
    /// Controller, the position of its child among those that are not done; of a Transaction
    /// Controller, how many controllers right inside it were asked for samplers in the present pass.
    limit: u64,
    /// Index of the present or, between passes, of the next pass. Loops start anew at 0; for other
    /// controllers it counts over the life of the user.
    pass: u64,
    /// Position among the children.
    cursor: u32,
    /// The controller runs no more for this user.
    is_done: bool,
    /// The present pass has not begun yet.
    is_fresh: bool,
    /// A sampler ran in the present pass.
    has_sampled: bool,
}

/// Where a user stands in its thread group.
#[derive(Debug)]
pub(crate) struct Walk {
    /// A plain group with its only sampler needs no memory elsewhere.
    states: SmallVec<[NodeState; 2]>,
    /// Controllers entered and not left, the group first; empty between iterations.
    stack: SmallVec<[NodeId; 4]>,
    /// Made where it is needed, so that users of plain plans are small.
    rare: Option<Box<Rare>>,
    /// Whether the group has samplers right below it and nothing else.
    is_straight: bool,
}

/// What only some controllers need.
#[derive(Debug, Default)]
struct Rare {
    /// Interleave and Random Controllers.
    turns: Vec<(NodeId, Turn)>,
    /// Throughput Controllers.
    shares: Vec<(NodeId, Share)>,
    /// How often each child of a Weighted Switch Controller has run.
    weighed: Vec<(NodeId, Vec<u64>)>,
    /// The present orders of children of Random Order Controllers.
    orders: Vec<(NodeId, Vec<NodeId>)>,
    /// Whether there are Once Only Controllers.
    has_onces: bool,
    /// Whether a controller may be left from below: between two samplers, whatever is inside.
    has_exits: bool,
    /// Parts of paths, outermost first, that are gone on with when their first node is next entered.
    paused: Vec<Vec<NodeId>>,
    /// What the user is to hear of before anything else.
    pending: VecDeque<Step>,
    /// The last step was a sampler.
    is_behind_sampler: bool,
    /// How many passes in a row, since the last sampler, controllers made without one.
    in_vain: Vec<(NodeId, u32)>,
}

impl Rare {
    /// Whether a controller needs it from the beginning on.
    fn is_needed(&self) -> bool {
        let is_plain = self.turns.is_empty()
            && self.shares.is_empty()
            && self.weighed.is_empty()
            && self.orders.is_empty();
        !is_plain || self.has_onces || self.has_exits
    }
}

impl Walk {
    /// At the beginning of a group with `nodes`.
    pub(crate) fn new(nodes: &[Node]) -> Self {
        let mut rare = Rare::default();
        for (id, node) in (0..).map(NodeId).zip(nodes) {
            match &node.kind {
                NodeKind::Interleave(_) => rare.turns.push((id, Turn::default())),
                NodeKind::Throughput { .. } => rare.shares.push((id, Share::default())),
                NodeKind::RandomOrder => rare.orders.push((id, node.children.clone())),
                NodeKind::Weighted(weights) => {
                    rare.weighed.push((id, vec![0; weights.len()]));
                }
                _ => {}
            }
            rare.has_onces |= node.kind == NodeKind::OnceOnly;
            rare.has_exits |= matches!(
                node.kind,
                NodeKind::Interleave(_)
                    | NodeKind::Runtime(_)
                    | NodeKind::ForEach(_)
                    | NodeKind::If {
                        evaluate_all: true,
                        ..
                    }
            );
        }
        Self {
            states: SmallVec::from_elem(NodeState::default(), nodes.len()),
            stack: SmallVec::new(),
            rare: rare.is_needed().then(|| Box::new(rare)),
            is_straight: nodes.len() > 1
                && nodes[0].children.len() + 1 == nodes.len()
                && nodes[1..].iter().all(is_sampler),
        }
    }

    /// Begins an iteration of the group.
    pub(crate) fn start_iteration(&mut self) {
        self.stack.clear();
        self.enter(NodeId(0));
    }

    /// Begins at `node` and ends behind it.
    pub(crate) fn start_at(&mut self, node: NodeId) {
        self.is_straight &= node == NodeId(0);
        self.stack.clear();
        self.enter(node);
    }

    /// What comes next, until [`Step::IterationEnded`].
    pub(crate) fn next(&mut self, nodes: &[Node], decisions: &mut dyn Decisions) -> Step {
        if self.is_straight {
            self.next_in_line(nodes)
        } else {
            self.next_anywhere(nodes, decisions)
        }
    }

    /// The same in a group of samplers alone, as many are: they come one after another, and a position is all
    /// there is to keep. It takes a quarter of the instructions of the way through controllers.
    fn next_in_line(&mut self, nodes: &[Node]) -> Step {
        if self.stack.is_empty() {
            return Step::IterationEnded;
        }
        let (group, state) = (&nodes[0], &mut self.states[0]);
        if state.is_fresh {
            state.is_fresh = false;
            state.has_sampled = false;
            state.cursor = 0;
            if starts_with_step(group) {
                let index = state.pass;
                return Step::PassStarted {
                    node: NodeId(0),
                    index,
                };
            }
        }
        let child = group.children.get(state.cursor as usize);
        match child.map(|child| &nodes[child.0 as usize].kind) {
            Some(NodeKind::Sampler(sampler)) => {
                state.cursor += 1;
                state.has_sampled = true;
                Step::Sampler(*sampler)
            }
            _ => {
                state.pass += 1;
                self.stack.clear();
                Step::IterationEnded
            }
        }
    }

    /// The same through whatever controllers there are.
    fn next_anywhere(&mut self, nodes: &[Node], decisions: &mut dyn Decisions) -> Step {
        if let Some(rare) = &mut self.rare
            && std::mem::take(&mut rare.is_behind_sampler)
            && rare.has_exits
        {
            self.take_exits(nodes, decisions);
        }
        loop {
            if let Some(rare) = &mut self.rare
                && let Some(step) = rare.pending.pop_front()
            {
                return step;
            }
            let Some(&current) = self.stack.last() else {
                return Step::IterationEnded;
            };
            let node = &nodes[current.0 as usize];
            if self.state(current).is_fresh
                && let Some(step) = self.start_pass(current, node, nodes, decisions)
            {
                return step;
            }
            let step = match self.next_child(current, node, nodes, decisions) {
                Some(child) => self.child(current, child, nodes, decisions),
                None if self.stack.last() == Some(&current) => {
                    self.end_pass(current, node, decisions)
                }
                // It has been left already.
                None => None,
            };
            if let Some(step) = step {
                if let Some(rare) = &mut self.rare {
                    rare.is_behind_sampler = matches!(step, Step::Sampler(_));
                }
                return step;
            }
        }
    }

    /// Whether the transaction `id` has been begun and is not paused.
    pub(crate) fn is_inside(&self, id: TransactionId, nodes: &[Node]) -> bool {
        (self.rare.as_ref()).is_none_or(|rare| rare.paused.is_empty())
            || (self.stack.iter())
                .any(|node| nodes[node.0 as usize].kind == NodeKind::Transaction(id))
    }

    /// Controllers right inside the transaction `id` that have handed out all they had in its present
    /// pass.
    pub(crate) fn controllers_passed(&self, id: TransactionId, nodes: &[Node]) -> u64 {
        let is_it = |node: &NodeId| nodes[node.0 as usize].kind == NodeKind::Transaction(id);
        let Some(depth) = self.stack.iter().rposition(is_it) else {
            return 0;
        };
        let asked = self.states[self.stack[depth].0 as usize].limit;
        let is_inside_one = depth + 1 < self.stack.len();
        asked.saturating_sub(u64::from(is_inside_one))
    }

    /// Passes without a sampler that lie on top of each other: those of all repeating controllers that
    /// the user is in, since the last sampler.
    pub(crate) fn passes_in_vain(&self) -> u32 {
        let passes = self.rare.iter().flat_map(|rare| &rare.in_vain);
        passes.map(|(_, passes)| passes).sum()
    }

    /// A pass of `node` was without a sampler, and another follows.
    fn note_pass_in_vain(&mut self, node: NodeId) {
        let stack = &self.stack;
        let passes = &mut self.rare.get_or_insert_default().in_vain;
        passes.retain(|(other, _)| *other == NodeId(0) || stack.contains(other));
        match passes.iter_mut().find(|(other, _)| *other == node) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => passes.push((node, 1)),
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    fn state(&mut self, node: NodeId) -> &mut NodeState {
        &mut self.states[node.0 as usize]
    }

    /// A pass of `current` begins: what hangs on it is decided.
    fn start_pass(
        &mut self,
        current: NodeId,
        node: &Node,
        nodes: &[Node],
        decisions: &mut dyn Decisions,
    ) -> Option<Step> {
        let state = self.state(current);
        state.is_fresh = false;
        state.has_sampled = false;
        state.cursor = 0;
        let mut index = state.pass;
        // The passes of a ForEach Controller are counted from 1 in JMeter, where the first is meant to be 0.
        let is_first = index == 0 && !matches!(node.kind, NodeKind::ForEach(_));
        let (mut has_shares, mut is_paused) = (false, false);
        if let Some(rare) = &self.rare {
            has_shares = !rare.shares.is_empty();
            is_paused = !rare.paused.is_empty();
            if is_first && rare.has_onces {
                self.renew_onces(node, nodes);
            }
        }
        let state = self.state(current);
        match node.kind {
            NodeKind::ForEach(_) => {
                index = index.saturating_add_signed(state.limit.cast_signed());
            }
            NodeKind::Transaction(_) => state.limit = 0,
            _ => {}
        }
        if has_shares {
            self.decide_shares(node, nodes, decisions);
        }
        if is_paused {
            self.restart_paused_loops(node, nodes);
        }
        if let NodeKind::RandomOrder = node.kind {
            self.shuffle(current, decisions);
        }
        starts_with_step(node).then_some(Step::PassStarted {
            node: current,
            index,
        })
    }

    /// The child of `current` that is next; the controller may be left meanwhile.
    fn next_child(
        &mut self,
        current: NodeId,
        node: &Node,
        nodes: &[Node],
        decisions: &mut dyn Decisions,
    ) -> Option<NodeId> {
        let cursor = self.states[current.0 as usize].cursor as usize;
        let child = match &node.kind {
            NodeKind::Interleave(interleave) => {
                return self.take_turn(current, *interleave, node, decisions);
            }
            NodeKind::Switch { .. } | NodeKind::Weighted(_) => {
                return self.switched(current, node);
            }
            NodeKind::RandomOrder => {
                let mut orders = self.rare.iter().flat_map(|rare| &rare.orders);
                let order = orders.find(|(id, _)| *id == current);
                order
                    .and_then(|(_, children)| children.get(cursor))
                    .copied()
            }
            _ => node.children.get(cursor).copied(),
        }?;
        let goes_on = match &node.kind {
            NodeKind::If {
                condition,
                evaluate_all: true,
            } => {
                // Before the first child it was evaluated on entry.
                cursor == 0 || decisions.holds(condition)
            }
            NodeKind::ForEach(family) => {
                self.has_item(current, family, decisions) || {
                    self.leave_for_each(current, node, family, decisions);
                    return None;
                }
            }
            NodeKind::Runtime(seconds) => {
                self.has_time(current, seconds, decisions) || {
                    self.leave(nodes);
                    return None;
                }
            }
            _ => true,
        };
        if goes_on {
            self.state(current).cursor += 1;
        }
        goes_on.then_some(child)
    }

    /// Enters `child`, goes on with it, or passes it over.
    fn child(
        &mut self,
        parent: NodeId,
        child: NodeId,
        nodes: &[Node],
        decisions: &mut dyn Decisions,
    ) -> Option<Step> {
        if self.state(child).is_done {
            return None;
        }
        let node = &nodes[child.0 as usize];
        if let NodeKind::Transaction(_) = nodes[parent.0 as usize].kind
            && !matches!(node.kind, NodeKind::Sampler(_))
        {
            self.state(parent).limit += 1;
        }
        if self.resume(child) {
            return None;
        }
        match &node.kind {
            NodeKind::Sampler(sampler) => {
                if let Some(rare) = &mut self.rare {
                    rare.in_vain.clear();
                }
                for entered in &self.stack {
                    self.states[entered.0 as usize].has_sampled = true;
                }
                self.note_sampler(parent, nodes, decisions);
                return Some(Step::Sampler(*sampler));
            }
            NodeKind::Group
            | NodeKind::Simple
            | NodeKind::Interleave(_)
            | NodeKind::RandomOrder => self.enter(child),
            NodeKind::OnceOnly => {
                if self.state(child).limit == 0 {
                    self.state(child).limit = 1;
                    self.enter(child);
                }
            }
            NodeKind::If { condition, .. } => {
                if decisions.holds(condition) {
                    self.enter(child);
                } else {
                    self.initialize_below(child, nodes);
                }
            }
            NodeKind::Transaction(transaction) => {
                self.enter(child);
                return Some(Step::TransactionStarted(*transaction));
            }
            NodeKind::CriticalSection(_) => {
                self.enter(child);
                return Some(Step::SectionEntered(child));
            }
            NodeKind::Weighted(weights) => self.weigh(child, weights, decisions),
            NodeKind::Switch { selection, names } => {
                self.select(child, selection, names, node, decisions);
            }
            NodeKind::Throughput { .. } => {
                if self.runs_this_time(child) {
                    self.enter(child);
                } else {
                    self.state(child).is_done = self.is_share_over(child, node, decisions);
                }
            }
            NodeKind::Loop { .. }
            | NodeKind::While(_)
            | NodeKind::ForEach(_)
            | NodeKind::Runtime(_) => self.begin_repeating(child, node, decisions),
        }
        None
    }

    /// Whether the group has nothing left that will ever run.
    pub(crate) fn is_over(&self) -> bool {
        self.states[0].is_done
    }

    fn are_done(&self, children: &[NodeId]) -> bool {
        let is_done = |child: &NodeId| self.states[child.0 as usize].is_done;
        children.iter().all(is_done)
    }

    /// The first pass of `parent` begins, in which its Once Only Controllers run again.
    fn renew_onces(&mut self, parent: &Node, nodes: &[Node]) {
        for child in &parent.children {
            if nodes[child.0 as usize].kind == NodeKind::OnceOnly {
                self.state(*child).limit = 0;
            }
        }
    }

    fn enter(&mut self, node: NodeId) {
        self.states[node.0 as usize].is_fresh = true;
        self.stack.push(node);
    }

    /// The children of `current` are through: the next pass, or back to its parent.
    fn end_pass(
        &mut self,
        current: NodeId,
        node: &Node,
        decisions: &mut dyn Decisions,
    ) -> Option<Step> {
        let state = self.state(current);
        state.pass += 1;
        let is_empty = !state.has_sampled;
        match &node.kind {
            // None of its children will ever run again: nor will it.
            NodeKind::Group | NodeKind::Loop { .. } | NodeKind::While(_) | NodeKind::Runtime(_)
                if self.are_done(&node.children) =>
            {
                self.stack.pop();
                self.state(current).is_done = true;
            }
            NodeKind::Loop { .. }
            | NodeKind::While(_)
            | NodeKind::ForEach(_)
            | NodeKind::Runtime(_) => {
                let repeats = self.repeat(current, node, decisions);
                if repeats && is_empty {
                    self.note_pass_in_vain(current);
                    return Some(Step::EmptyPass);
                }
                return None;
            }
            NodeKind::Group => {
                self.stack.pop();
                if is_empty {
                    self.note_pass_in_vain(current);
                    return Some(Step::EmptyPass);
                }
                return None;
            }
            NodeKind::Transaction(id) => {
                self.stack.pop();
                self.state(current).is_done = self.are_done(&node.children);
                return Some(Step::TransactionEnded(*id));
            }
            NodeKind::CriticalSection(_) => {
                self.stack.pop();
                self.state(current).is_done = self.are_done(&node.children);
                return Some(Step::SectionLeft(current));
            }
            NodeKind::Throughput { .. } => {
                self.stack.pop();
                self.end_share(current);
                self.state(current).is_done = self.is_share_over(current, node, decisions);
            }
            NodeKind::Simple | NodeKind::OnceOnly | NodeKind::If { .. } => {
                self.stack.pop();
                // One without children, or whose children run no more, is not asked again.
                self.state(current).is_done = self.are_done(&node.children);
            }
            NodeKind::Switch { .. }
            | NodeKind::Weighted(_)
            | NodeKind::Interleave(_)
            | NodeKind::RandomOrder
            | NodeKind::Sampler(_) => {
                self.stack.pop();
            }
        }
        None
    }
}

fn is_sampler(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Sampler(_))
}

/// Whether the user has something to do when a pass of `node` begins.
fn starts_with_step(node: &Node) -> bool {
    !node.sources.is_empty() || node.index_variable.is_some()
}

#[cfg(test)]
mod tests;
