//! Controllers that repeat their children: Loop, While, ForEach and Runtime.

use loadline_plan::program::{ForEachProgram, Node, NodeId, NodeKind, Template};
use loadline_units::RunTime;

use super::{Decisions, NodeState, Walk};

impl Walk {
    /// Enters a repeating controller, if its first pass is due.
    pub(super) fn begin_repeating(
        &mut self,
        child: NodeId,
        node: &Node,
        decisions: &mut dyn Decisions,
    ) {
        let is_due = match &node.kind {
            NodeKind::Loop { count, restarts } => {
                let limit = decisions.pass_count(count).unwrap_or(u64::MAX);
                let state = self.state(child);
                state.limit = limit;
                state.is_done = limit == 0 && !restarts;
                limit > 0
            }
            NodeKind::While(condition) => {
                set_index(node, 0, decisions);
                !decisions.ends(condition, false)
            }
            NodeKind::ForEach(family) => {
                self.state(child).limit = first_number(&family.start, decisions).cast_unsigned();
                self.state(child).pass = 0;
                self.has_item(child, family, decisions)
            }
            NodeKind::Runtime(seconds) => {
                let now = decisions.now().as_micros();
                let is_endless = number(seconds, decisions).is_none_or(|seconds| seconds <= 0);
                let state = self.state(child);
                state.limit = now;
                state.is_done = is_endless || node.children.is_empty();
                !state.is_done
            }
            _ => true,
        };
        self.state(child).pass = 0;
        if is_due {
            self.enter(child);
        } else if let NodeKind::ForEach(family) = &node.kind {
            self.end_for_each(child, node, family, decisions);
        } else {
            self.reset_index(child, node, decisions);
        }
    }

    /// After a pass of the repeating controller `current`, the topmost: begins the next, or leaves
    /// it. Whether there is a next pass.
    pub(super) fn repeat(
        &mut self,
        current: NodeId,
        node: &Node,
        decisions: &mut dyn Decisions,
    ) -> bool {
        let goes_on = match &node.kind {
            NodeKind::Loop { .. } => {
                let state = self.state(current);
                state.pass < state.limit
            }
            // JMeter looks at the end of a pass and then again at the beginning of the next, whose
            // index it has set by then.
            NodeKind::While(condition) => {
                !decisions.ends(condition, true) && {
                    set_index(node, self.state(current).pass, decisions);
                    !decisions.ends(condition, false)
                }
            }
            NodeKind::ForEach(family) => self.has_item(current, family, decisions),
            NodeKind::Runtime(seconds) => self.has_time(current, seconds, decisions),
            _ => false,
        };
        if goes_on {
            self.state(current).is_fresh = true;
        } else {
            self.end_repeating(current, node, decisions);
            self.stack.pop();
        }
        goes_on
    }

    /// The repeating controller `current` is through.
    pub(super) fn end_repeating(
        &mut self,
        current: NodeId,
        node: &Node,
        decisions: &mut dyn Decisions,
    ) {
        match &node.kind {
            NodeKind::Loop { restarts, .. } => {
                self.state(current).is_done = !restarts;
                self.reset_index(current, node, decisions);
            }
            NodeKind::ForEach(family) => self.end_for_each(current, node, family, decisions),
            _ => self.reset_index(current, node, decisions),
        }
    }

    fn reset_index(&mut self, current: NodeId, node: &Node, decisions: &mut dyn Decisions) {
        self.state(current).pass = 0;
        set_index(node, 0, decisions);
    }

    /// Whether the present pass of a ForEach Controller has an item; its variable is set to it, as
    /// before each sampler in JMeter.
    pub(super) fn has_item(
        &mut self,
        current: NodeId,
        family: &ForEachProgram,
        decisions: &mut dyn Decisions,
    ) -> bool {
        let state = self.state(current);
        let before = items_before(state);
        let is_within = before < last_number(family, decisions);
        let has_item = is_within && decisions.has_item(family, before + 1);
        if has_item {
            decisions.take_item(family, before + 1);
        }
        has_item
    }

    /// Whether a ForEach Controller has an item that stands behind its last number.
    pub(super) fn is_past_end(
        &mut self,
        current: NodeId,
        family: &ForEachProgram,
        decisions: &mut dyn Decisions,
    ) -> bool {
        let state = self.state(current);
        let before = items_before(state);
        before >= last_number(family, decisions) && decisions.has_item(family, before + 1)
    }

    /// Leaves the topmost controller, a ForEach Controller.
    pub(super) fn leave_for_each(
        &mut self,
        current: NodeId,
        node: &Node,
        family: &ForEachProgram,
        decisions: &mut dyn Decisions,
    ) {
        self.end_for_each(current, node, family, decisions);
        self.stack.pop();
    }

    /// A ForEach Controller is through. JMeter looks once more whether it has a first item, and
    /// sets the variable to that; one with no room between its bounds never runs again.
    fn end_for_each(
        &mut self,
        current: NodeId,
        node: &Node,
        family: &ForEachProgram,
        decisions: &mut dyn Decisions,
    ) {
        let first = first_number(&family.start, decisions);
        let state = self.state(current);
        state.pass = 0;
        state.limit = first.cast_unsigned();
        state.is_done = first >= last_number(family, decisions);
        if !state.is_done && decisions.has_item(family, first + 1) {
            decisions.take_item(family, first + 1);
        }
        set_index(node, u64::try_from(first).unwrap_or(0), decisions);
    }

    /// Whether a Runtime Controller has time left, in whole seconds.
    pub(super) fn has_time(
        &mut self,
        current: NodeId,
        seconds: &Template,
        decisions: &mut dyn Decisions,
    ) -> bool {
        let began = RunTime::from_micros(self.state(current).limit);
        let elapsed = decisions.now().saturating_since(began).as_secs();
        let seconds = number(seconds, decisions).unwrap_or(0);
        u64::try_from(seconds).is_ok_and(|seconds| elapsed < seconds)
    }
}

/// Sets the index variable of a controller, if something reads it.
fn set_index(node: &Node, index: u64, decisions: &mut dyn Decisions) {
    if let Some(slot) = node.index_variable {
        decisions.set_index(slot, index);
    }
}

/// The number that `text` is, without spaces around it.
pub(super) fn number(text: &Template, decisions: &mut dyn Decisions) -> Option<i64> {
    decisions.text(text).parse().ok()
}

/// The number before the first of a family; what is no number of 32 bits is 0. One below 0 asks for items that plans do not have.
fn first_number(start: &Template, decisions: &mut dyn Decisions) -> i64 {
    let number = number(start, decisions).unwrap_or(0);
    i32::try_from(number).map_or(0, i64::from)
}

/// The number before that of the item of a ForEach Controller's present pass.
fn items_before(state: &NodeState) -> i64 {
    let passes = i64::try_from(state.pass).unwrap_or(i64::MAX / 2);
    state.limit.cast_signed().saturating_add(passes)
}

fn last_number(family: &ForEachProgram, decisions: &mut dyn Decisions) -> i64 {
    match &family.end {
        None => i64::MAX,
        Some(end) => number(end, decisions).unwrap_or(0),
    }
}
