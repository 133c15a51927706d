//! Controllers that choose a child: Interleave, Random, Random Order, Switch and Weighted Switch.
//!
//! Source: JMeter's `InterleaveControl`, `RandomController`, `RandomOrderController` and
//! `SwitchController`, and the `WeightedSwitchController` of jpgc-wsc.

use loadline_plan::Interleave;
use loadline_plan::program::{Node, NodeId, NodeKind, Template};

use super::{Decisions, Step, Walk};

/// State of an Interleave or Random Controller. Positions are those among the children that are
/// not done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// Position of the next child; unknown before the first turn.
    position: Option<usize>,
    /// The child at which the search for a sampler began.
    search_start: Option<NodeId>,
    /// The child controller entered last, until it is through.
    entered: Option<NodeId>,
    /// The turn is over: nothing more is handed out.
    is_over: bool,
    /// A controller has given a sampler in this turn.
    has_given: bool,
    /// The search has gone beyond its start.
    has_moved: bool,
    /// How often a child has begun anew in this turn without giving a sampler.
    retries: u32,
}

/// Beginnings without a sampler after which the turn goes to the next child all the same. A thread of
/// JMeter has ended by then, see [`Walk::passes_in_vain`].
const MOST_RETRIES: u32 = 2_000;

impl Turn {
    /// What a turn leaves behind for the next one: its position.
    pub(super) fn end(&mut self) {
        *self = Self {
            position: self.position,
            ..Self::default()
        };
    }

    fn advance(&mut self, interleave: Interleave, count: usize, decisions: &mut dyn Decisions) {
        self.is_over |= self.has_given;
        self.has_moved = true;
        self.position = Some(if interleave.random {
            decisions.draw(count.max(1))
        } else {
            self.position.unwrap_or(0) + 1
        });
    }

    /// The first position, of a first turn or behind the last child.
    fn first(interleave: Interleave, count: usize, decisions: &mut dyn Decisions) -> usize {
        if interleave.random {
            decisions.draw(count.max(1))
        } else {
            0
        }
    }
}

impl Walk {
    /// The child whose turn it is. Without one, the controller is left, as long as it is not done
    /// with its turn in the regular way.
    pub(super) fn take_turn(
        &mut self,
        current: NodeId,
        interleave: Interleave,
        node: &Node,
        decisions: &mut dyn Decisions,
    ) -> Option<NodeId> {
        let live: Vec<NodeId> = self.live_children(node);
        let turn = self.turn(current)?;
        if let Some(child) = turn.entered.take() {
            // It has given all it had. A controller that runs one sampler a turn begins anew; where
            // it has none at all, JMeter asks it until the stack of its thread is full.
            if live.contains(&child) {
                if interleave.whole_controllers || turn.retries >= MOST_RETRIES {
                    turn.advance(interleave, live.len(), decisions);
                } else {
                    turn.retries += 1;
                    let is_in_vain = turn.retries > 1;
                    if is_in_vain {
                        self.note_pass_in_vain(current);
                        self.rare().pending.push_back(Step::EmptyPass);
                    }
                }
            }
        }
        let turn = self.turn(current)?;
        let chosen = loop {
            if turn.is_over {
                break None;
            }
            if live.is_empty() {
                break None;
            }
            let position = match turn.position {
                Some(position) => position,
                None if interleave.across_users => decisions.user_index() % live.len(),
                None => Turn::first(interleave, live.len(), decisions),
            };
            turn.position = Some(position);
            let child = live.get(position).copied();
            match (turn.search_start, child) {
                (None, _) => turn.search_start = child,
                (Some(start), Some(child)) if start == child && turn.has_moved => break None,
                _ => {}
            }
            match child {
                Some(child) => break Some(child),
                None => {
                    turn.position = Some(Turn::first(interleave, live.len(), decisions));
                }
            }
        };
        match chosen {
            Some(child) => turn.entered = Some(child),
            None => {
                turn.end();
                if live.is_empty() {
                    self.state(current).is_done = true;
                }
            }
        }
        chosen
    }

    /// A sampler, a child of `parent`, is handed out: turns are over, or settled on their child.
    pub(super) fn note_sampler(
        &mut self,
        parent: NodeId,
        nodes: &[Node],
        decisions: &mut dyn Decisions,
    ) {
        if self.rare.as_ref().is_none_or(|rare| rare.turns.is_empty()) {
            return;
        }
        for depth in (0..self.stack.len()).rev() {
            let id = self.stack[depth];
            let node = &nodes[id.0 as usize];
            let NodeKind::Interleave(interleave) = node.kind else {
                continue;
            };
            let count = self.live_children(node).len();
            let Some(turn) = self.turn(id) else { continue };
            if id == parent {
                turn.entered = None;
                turn.is_over = true;
                turn.advance(interleave, count, decisions);
                continue;
            }
            turn.has_given = true;
            if interleave.whole_controllers {
                turn.search_start = None;
            } else {
                turn.entered = None;
                turn.advance(interleave, count, decisions);
                turn.is_over = true;
            }
        }
    }

    /// Whether the turn of `node`, an Interleave or Random Controller, is over.
    pub(super) fn is_turn_over(&mut self, node: NodeId) -> bool {
        self.turn(node).is_some_and(|turn| turn.is_over)
    }

    pub(super) fn turn(&mut self, node: NodeId) -> Option<&mut Turn> {
        let turns = &mut self.rare.as_mut()?.turns;
        let found = turns.iter_mut().find(|(id, _)| *id == node);
        found.map(|(_, turn)| turn)
    }

    /// The children of `node` that are not done.
    fn live_children(&self, node: &Node) -> Vec<NodeId> {
        let children = node.children.iter().copied();
        children
            .filter(|child| !self.states[child.0 as usize].is_done)
            .collect()
    }

    /// Orders the children of a Random Order Controller anew.
    pub(super) fn shuffle(&mut self, node: NodeId, decisions: &mut dyn Decisions) {
        let orders = &mut self.rare().orders;
        if let Some((_, children)) = orders.iter_mut().find(|(id, _)| *id == node) {
            // Fisher and Yates: each order is equally likely.
            for last in (1..children.len()).rev() {
                children.swap(last, decisions.draw(last + 1));
            }
        }
    }

    /// Enters the Switch Controller `child` with one of its children selected, or with none.
    pub(super) fn select(
        &mut self,
        child: NodeId,
        selection: &Template,
        names: &[Template],
        node: &Node,
        decisions: &mut dyn Decisions,
    ) {
        let selection = decisions.text(selection).trim().to_owned();
        let live = self.live_children(node);
        let is_number = selection.chars().all(char::is_numeric);
        let number = selection.parse::<i32>().ok().filter(|_| is_number);
        let position = match number {
            _ if selection.is_empty() => Some(0),
            Some(number) => {
                let position = usize::try_from(number).unwrap_or(0);
                Some(if position < live.len() { position } else { 0 })
            }
            None => {
                let mut by_default = None;
                let named = node.children.iter().zip(names);
                let named = named.filter(|(child, _)| live.contains(child));
                let mut exact = None;
                for (position, (_, name)) in named.enumerate() {
                    let name = decisions.text(name);
                    if name == selection {
                        exact = Some(position);
                        break;
                    }
                    // The last of several counts, as in JMeter.
                    if name.eq_ignore_ascii_case("default") {
                        by_default = Some(position);
                    }
                }
                exact.or(by_default)
            }
        };
        let position = position.and_then(|position| u64::try_from(position).ok());
        self.state(child).limit = position.unwrap_or(u64::MAX);
        self.enter(child);
    }

    /// Enters the Weighted Switch Controller `child` with the one of its children that has run least
    /// for its weight, or with none when no weight is above 0.
    pub(super) fn weigh(
        &mut self,
        child: NodeId,
        weights: &[Template],
        decisions: &mut dyn Decisions,
    ) {
        let weights: Vec<f64> = (weights.iter())
            .map(|weight| decisions.text(weight).trim().parse::<u32>().unwrap_or(0))
            .map(f64::from)
            .collect();
        let sum: f64 = weights.iter().sum();
        let weighed = &mut self.rare().weighed;
        let counts = weighed.iter_mut().find(|(id, _)| *id == child);
        let position = counts.and_then(|(_, counts)| {
            let total = counts.iter().sum::<u64>() as f64;
            let lack = |index: usize| {
                let share = if total > 0.0 {
                    counts[index] as f64 / total
                } else {
                    0.0
                };
                weights[index] / sum - share
            };
            // The first of several that lack as much; the heaviest when none lacks anything.
            let most = |lack: &dyn Fn(usize) -> f64| {
                let mut found: Option<usize> = None;
                for index in 0..weights.len() {
                    let is_more = found.is_none_or(|found| lack(index) > lack(found));
                    if lack(index) > 0.0 && is_more {
                        found = Some(index);
                    }
                }
                found
            };
            let position = most(&lack).or_else(|| most(&|index| weights[index]))?;
            counts[position] += 1;
            u64::try_from(position).ok()
        });
        self.state(child).limit = position.unwrap_or(u64::MAX);
        self.enter(child);
    }

    /// The selected child of the Switch Controller `current`. A child that is done with leaves its
    /// place to the one behind it, as in JMeter.
    pub(super) fn switched(&mut self, current: NodeId, node: &Node) -> Option<NodeId> {
        let live = self.live_children(node);
        let state = self.state(current);
        let position = usize::try_from(state.limit).ok()?;
        let child = live.get(position).copied()?;
        // The cursor holds the child that was run, counted from 1.
        let number = node.children.iter().position(|other| *other == child)? + 1;
        let number = u32::try_from(number).ok()?;
        if state.cursor == 0
            || (state.cursor < number && !live.contains(&node.children[state.cursor as usize - 1]))
        {
            state.cursor = number;
            return Some(child);
        }
        None
    }
}
