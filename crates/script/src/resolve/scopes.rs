//! Scopes and slots: where the variables of functions, closures and of the binding live.
//!
//! A closure has a frame of its own and captures what it uses of the frames around it. Not here: what else a name may mean (see
//! [`super::names`]).

use std::collections::HashMap;

use super::Resolver;
use crate::ast::*;
use crate::name::{Name, symbol};

/// A variable that lives in a slot of a frame.
#[derive(Clone)]
pub(super) struct Local {
    pub(super) slot: u32,
    pub(super) shared: Shared,
    pub(super) ty: Ty,
    pub(super) is_final: bool,
}

/// The slots of a function or closure, and the scopes that are open in it.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) slots: u32,
    /// Slots of the frame around, and here.
    pub(super) captures: Vec<(u32, u32)>,
    pub(super) scopes: Vec<HashMap<u64, Local>>,
    pub(super) is_closure: bool,
}

/// Marks the slot of a declaration as one of the binding.
pub(crate) const GLOBAL: u32 = 1 << 31;

impl Resolver<'_> {
    pub(super) fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    pub(super) fn push_scope(&mut self) {
        self.frame().scopes.push(HashMap::new());
    }

    /// Leaves a scope and gives its slots.
    pub(super) fn pop_scope(&mut self) -> Vec<u32> {
        let scope = self.frame().scopes.pop().unwrap_or_default();
        let mut slots: Vec<u32> = scope.values().map(|info| info.slot).collect();
        slots.sort_unstable();
        slots
    }

    pub(super) fn at_top(&mut self) -> bool {
        self.frames.len() == 1 && self.frame().scopes.is_empty() && !self.frame().is_closure
    }

    pub(super) fn declare(&mut self, variable: &mut Variable, pos: Pos) {
        let ty = match &mut variable.ty {
            Some(ty) => {
                self.type_name(ty);
                ty.ty.clone()
            }
            None => Ty::Any,
        };
        if self.groovy() && self.visible(variable.name.hash) {
            self.compile_error(
                pos,
                &format!(
                    "The current scope already contains a variable of the name {}",
                    variable.name.text
                ),
            );
        }
        let info = self.declare_new(&variable.name.text.clone(), ty, variable.is_final);
        variable.slot = info.slot;
        variable.shared = info.shared;
    }

    pub(super) fn declare_new(&mut self, name: &str, ty: Ty, is_final: bool) -> Local {
        let frame = self.frame();
        let info = Local {
            slot: frame.slots,
            shared: Shared::default(),
            ty,
            is_final,
        };
        frame.slots += 1;
        if frame.scopes.is_empty() {
            frame.scopes.push(HashMap::new());
        }
        let last = frame.scopes.len() - 1;
        frame.scopes[last].insert(symbol(name), info.clone());
        info
    }

    pub(super) fn visible(&self, name: u64) -> bool {
        if name == symbol("it") {
            return false;
        }
        for frame in self.frames.iter().rev() {
            if frame.scopes.iter().any(|scope| scope.contains_key(&name)) {
                return true;
            }
            if !frame.is_closure {
                return false;
            }
        }
        false
    }

    /// The variable of that name, made known to every closure between its frame and here.
    pub(super) fn lookup(&mut self, name: u64) -> Option<Local> {
        let mut level = self.frames.len();
        let mut found = loop {
            level = level.checked_sub(1)?;
            let frame = &self.frames[level];
            if let Some(info) = frame.scopes.iter().rev().find_map(|scope| scope.get(&name)) {
                break info.clone();
            }
            if !frame.is_closure {
                return None;
            }
        };
        for inner in level + 1..self.frames.len() {
            found.shared.set();
            let frame = &mut self.frames[inner];
            let slot = frame.slots;
            frame.slots += 1;
            frame.captures.push((found.slot, slot));
            found = Local { slot, ..found };
            frame.scopes[0].insert(name, found.clone());
        }
        Some(found)
    }

    pub(super) fn global(&mut self, name: &Name) -> u32 {
        let next = self.globals.len() as u32;
        let slot = *self.global_slots.entry(name.hash).or_insert(next);
        if slot == next {
            self.globals.push(name.clone());
        }
        slot
    }
}
