//! Leaving controllers before their children are through, and going on with them later.

use loadline_plan::program::{Node, NodeId, NodeKind};

use super::{Decisions, Rare, Step, Walk};

impl Walk {
    /// Ends the iteration: controllers are left where they stand and entered afresh in the next.
    /// The user closes its transactions and critical sections itself.
    pub(crate) fn abandon_iteration(&mut self, nodes: &[Node]) {
        while let Some(node) = self.stack.pop() {
            self.state(node).pass += 1;
            if nodes[node.0 as usize].kind == NodeKind::OnceOnly {
                // It was not through, so it runs again.
                self.state(node).limit = 0;
            }
            if let Some(turn) = self.turn(node) {
                turn.end();
            }
        }
        if let Some(rare) = &mut self.rare {
            rare.pending.clear();
        }
    }

    /// Begins the next pass of the innermost loop; false without a loop: nothing is left then.
    pub(crate) fn next_pass(&mut self, nodes: &[Node], decisions: &mut dyn Decisions) -> bool {
        let Some(current) = self.back_to_loop(nodes) else {
            return false;
        };
        let node = &nodes[current.0 as usize];
        let state = self.state(current);
        state.pass += 1;
        match &node.kind {
            // Unlike at the end of a pass, JMeter looks only once.
            NodeKind::While(condition) if !decisions.ends(condition, false) => {
                self.state(current).is_fresh = true;
            }
            NodeKind::While(_) => {
                self.end_repeating(current, node, decisions);
                self.stack.pop();
            }
            NodeKind::ForEach(family) if self.is_past_end(current, family, decisions) => {
                // JMeter takes it for done: it never runs again.
                self.state(current).is_done = true;
                self.stack.pop();
            }
            _ => {
                let index = self.state(current).pass;
                let goes_on = self.repeat(current, node, decisions);
                if let (NodeKind::Loop { .. }, false, Some(slot)) =
                    (&node.kind, goes_on, node.index_variable)
                {
                    // Unlike at the end of its last pass, JMeter does not reset the index.
                    decisions.set_index(slot, index);
                }
            }
        }
        true
    }

    /// Leaves the innermost loop; false without a loop: nothing is left then.
    pub(crate) fn break_loop(&mut self, nodes: &[Node], decisions: &mut dyn Decisions) -> bool {
        let Some(current) = self.back_to_loop(nodes) else {
            return false;
        };
        self.end_repeating(current, &nodes[current.0 as usize], decisions);
        self.stack.pop();
        true
    }

    /// Leaves controllers until a loop is the topmost.
    fn back_to_loop(&mut self, nodes: &[Node]) -> Option<NodeId> {
        let is_loop = |node: &NodeId| nodes[node.0 as usize].kind.is_loop();
        let depth = self.stack.iter().rposition(is_loop)?;
        while self.stack.len() > depth + 1 {
            self.leave(nodes);
        }
        if let Some(rare) = &mut self.rare {
            rare.is_behind_sampler = false;
        }
        self.stack.last().copied()
    }

    /// Leaves the topmost controller in the middle of its pass; its next one begins afresh.
    pub(super) fn leave(&mut self, nodes: &[Node]) {
        let Some(node) = self.stack.pop() else { return };
        self.state(node).pass += 1;
        match &nodes[node.0 as usize].kind {
            NodeKind::Transaction(id) => {
                let step = Step::TransactionCutShort(*id);
                self.rare().pending.push_back(step);
            }
            NodeKind::CriticalSection(_) => {
                self.rare().pending.push_back(Step::SectionLeft(node));
            }
            NodeKind::Interleave(_) => {
                if let Some(turn) = self.turn(node) {
                    turn.end();
                }
            }
            NodeKind::Throughput { .. } => self.end_share(node),
            // It was not through, so it runs again.
            NodeKind::OnceOnly => self.state(node).limit = 0,
            _ => {}
        }
    }

    /// Between two samplers, from the outside inwards: leaves the controllers that hand out no more.
    /// What is inside is gone on with when they come back to it.
    pub(super) fn take_exits(&mut self, nodes: &[Node], decisions: &mut dyn Decisions) {
        let mut depth = 0;
        while let Some(&id) = self.stack.get(depth) {
            let node = &nodes[id.0 as usize];
            let is_topmost = depth + 1 == self.stack.len();
            match &node.kind {
                NodeKind::Interleave(_) if !is_topmost && self.is_turn_over(id) => {
                    self.pause_behind(depth);
                }
                NodeKind::Runtime(seconds) if !self.has_time(id, seconds, decisions) => {
                    self.pause_behind(depth);
                    self.leave(nodes);
                }
                NodeKind::ForEach(family)
                    if !is_topmost && !self.has_item(id, family, decisions) =>
                {
                    self.pause_behind(depth);
                    self.leave_for_each(id, node, family, decisions);
                }
                NodeKind::If {
                    condition,
                    evaluate_all: true,
                } if !is_topmost && !decisions.holds(condition) => {
                    while self.stack.len() > depth {
                        self.leave(nodes);
                    }
                }
                _ => {}
            }
            depth += 1;
        }
    }

    /// Keeps what is entered behind `depth` for later.
    fn pause_behind(&mut self, depth: usize) {
        let path: Vec<NodeId> = self.stack.drain(depth + 1..).collect();
        if !path.is_empty() {
            self.rare().paused.push(path);
        }
    }

    /// Goes on with `node` if it was left in the middle.
    pub(super) fn resume(&mut self, node: NodeId) -> bool {
        let Some(rare) = &mut self.rare else {
            return false;
        };
        let paused = &mut rare.paused;
        match paused.iter().position(|path| path[0] == node) {
            Some(index) => {
                let path = paused.swap_remove(index);
                self.stack.extend(path);
                true
            }
            None => false,
        }
    }

    /// A pass of `parent` begins, which starts the loops among its children anew; what was left
    /// inside of them is still gone on with.
    pub(super) fn restart_paused_loops(&mut self, parent: &Node, nodes: &[Node]) {
        let is_restarted = |path: &Vec<NodeId>| {
            parent.children.contains(&path[0]) && nodes[path[0].0 as usize].kind.is_loop()
        };
        let Some(rare) = &mut self.rare else { return };
        for path in &mut rare.paused {
            if is_restarted(path) {
                path.remove(0);
            }
        }
        rare.paused.retain(|path| !path.is_empty());
    }

    /// The condition of the If Controller `node` does not hold: what is below it starts anew.
    pub(super) fn initialize_below(&mut self, node: NodeId, nodes: &[Node]) {
        let has_memory = |rare: &Rare| !rare.turns.is_empty() || rare.has_onces;
        if !self.rare.as_deref().is_some_and(has_memory) {
            return;
        }
        for child in &nodes[node.0 as usize].children {
            let state = self.state(*child);
            state.pass = 0;
            if nodes[child.0 as usize].kind == NodeKind::OnceOnly {
                state.limit = 0;
            }
            self.rare().paused.retain(|path| path[0] != *child);
            if let Some(turn) = self.turn(*child) {
                *turn = super::Turn::default();
            }
            self.initialize_below(*child, nodes);
        }
    }
}
