//! Samplers and controllers directly below the Test Plan: JMeter adds each of them, without what stands below it, to the end of each
//! thread group.
//!
//! An empty controller is seen in a run if it makes a sample of its own or evaluates a condition; others do nothing there.
//!
//! Source: `StandardJMeterEngine` of JMeter 5.6.3, which gives all elements of the plan's own level to each thread group.

use loadline_plan::{Diagnostic, Element};

use super::{Found, Reader, Surroundings};
use crate::judgement::Judgement;
use crate::support::{ElementSupport, Meaning, Role};

/// Loose elements, in the plan's order.
#[derive(Default)]
pub(super) struct Loose {
    elements: Vec<Element>,
    rows: Vec<Row>,
}

struct Row {
    /// Index among the rows of elements.
    index: usize,
    role: Role,
}

impl<'text> Reader<'text> {
    /// Reads a loose element and what stands below it, and keeps it for the thread groups.
    pub(super) fn read_loose(
        &mut self,
        found: &Found<'_, 'text>,
        row: Option<&'static ElementSupport>,
        role: Role,
    ) {
        if role == Role::Controller && !row.is_some_and(does_something_when_empty) {
            self.record(
                found,
                Judgement::ignored("stands outside of all thread groups, where nothing runs"),
            );
            self.pass_over(found, Surroundings::OUTSIDE_OF_GROUPS);
            return;
        }
        let below = match role {
            Role::Controller => Surroundings::OUTSIDE_OF_GROUPS,
            _ => Surroundings::LOOSE_SAMPLER,
        };
        let index = self.elements.len();
        let element = row.and_then(|row| self.read_known(found, row, below));
        self.loose.rows.push(Row { index, role });
        self.loose.elements.extend(element);
    }

    /// Adds the loose elements to each thread group.
    pub(super) fn place_loose(&mut self) {
        let loose = std::mem::take(&mut self.loose);
        for row in loose.rows {
            if self.groups.is_empty() {
                let nothing = Judgement::ignored("the plan has no thread group: nothing is run");
                let row = &mut self.elements[row.index];
                (row.standing, row.reason, row.help) = nothing.into_parts();
                continue;
            }
            let (code, what) = match row.role {
                Role::Controller => ("loose-controller", "controller"),
                _ => ("loose-sampler", "sampler"),
            };
            let message = format!(
                "a {what} outside of all thread groups: it runs at the end of each of them, without what \
                 stands below it, as in JMeter"
            );
            let location = self.elements[row.index].location.clone();
            self.diagnostics.push(
                Diagnostic::warning(code, location, message)
                    .with_help("move it into the thread group that it belongs to"),
            );
        }
        for group in &mut self.groups {
            group.children.extend_from_slice(&loose.elements);
        }
    }
}

fn does_something_when_empty(row: &ElementSupport) -> bool {
    matches!(
        row.meaning,
        Meaning::Transaction | Meaning::Parallel | Meaning::If | Meaning::While
    )
}
