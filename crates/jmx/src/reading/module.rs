//! Module Controllers: each runs a copy of another controller of the plan.

use std::collections::BTreeMap;

use loadline_plan::{Compatibility, Controller, Element, ElementKind, Standing};
use roxmltree::Node;

use super::{Found, Reader, Surroundings, joined};
use crate::hash_tree::{self, Entry};
use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::{Encoding, Properties};
use crate::support::{Role, support_of};

/// Where a Module Controller points to.
struct Target<'a, 'text> {
    node: Node<'a, 'text>,
    subtree: Option<Node<'a, 'text>>,
    /// Its path in the plan.
    path: String,
    /// It, or something above it, is disabled; it runs all the same.
    is_disabled: bool,
}

impl<'text> Reader<'text> {
    /// Reads a Module Controller: its own children are replaced by its target.
    pub(super) fn read_module(&mut self, found: &Found<'_, 'text>) -> Option<Element> {
        if self.is_included() {
            let reason = "a Module Controller in an included file runs nothing, as in JMeter";
            self.record(found, Judgement::ignored(reason));
            return self.pass_over(found, Surroundings::REPLACED);
        }
        let path = found.properties.texts("ModuleController.node_path");
        // The first name is that of the window's invisible root.
        let names: Vec<&str> = path.iter().skip(1).map(|name| name.as_str()).collect();
        let root = found.node.document().root_element();
        let trees = root.children().filter(|child| hash_tree::is_tree(*child));
        let target = trees
            .filter_map(|tree| find(tree, &names, "", false, self.encoding))
            .next_back();
        let refusal = match &target {
            None => Some(format!(
                "its target `{}` is not in the plan",
                names.join(" > ")
            )),
            Some(target) if !is_controller(target.node) => {
                Some(format!("its target `{}` is no controller", target.path))
            }
            Some(target) if self.runs_itself(found, target) => {
                Some(format!("its target `{}` would run itself", target.path))
            }
            Some(_) => None,
        };
        let (Some(target), None) = (target, &refusal) else {
            let reason = refusal.unwrap_or_default();
            self.record(found, Judgement::refused(reason, LEFT_OUT));
            return self.pass_over(found, Surroundings::REPLACED);
        };
        self.record(found, Judgement::supported());
        self.pass_over(found, Surroundings::REPLACED);
        let copy = self.read_target(found, &target);
        Some(Element {
            name: found.properties.name().into(),
            kind: ElementKind::Controller(Controller::Simple),
            children: copy.into_iter().collect(),
            location: found.location.clone(),
        })
    }

    /// Reads `target` in the place of the module `found`. It has its findings and variables where it
    /// stands already, so only its rows are kept, for [`Self::judge_as_modules`].
    fn read_target(
        &mut self,
        found: &Found<'_, 'text>,
        target: &Target<'_, 'text>,
    ) -> Option<Element> {
        let (rows, findings) = (self.elements.len(), self.diagnostics.len());
        let (variables, sets) = (self.variables.len(), self.variable_sets);
        self.targets.push(target.node.id());
        let copy = self.place_enabled(
            &Found {
                node: target.node,
                subtree: target.subtree,
                properties: Properties::of(target.node, self.encoding),
                class: target.node.tag_name().name(),
                location: self.locate(target.node, target.path.clone()),
                depth: found.depth + 1,
            },
            Surroundings::Group,
        );
        self.targets.pop();
        let rows = self.elements.split_off(rows);
        self.rows_of_modules.extend(rows);
        self.diagnostics.truncate(findings);
        if !target.is_disabled {
            self.variables.truncate(variables);
            self.variable_sets = sets;
        }
        copy
    }

    /// Whether the module `found` stands inside of its own target, or would by way of others.
    fn runs_itself(&self, found: &Found<'_, 'text>, target: &Target<'_, 'text>) -> bool {
        let is_below = target
            .subtree
            .is_some_and(|tree| found.node.ancestors().any(|above| above == tree));
        is_below || self.targets.contains(&target.node.id())
    }

    /// Elements that run by way of a module only have the standing that they have there.
    pub(super) fn judge_as_modules(&mut self) {
        let rows = std::mem::take(&mut self.rows_of_modules);
        let mut run: BTreeMap<_, _> = rows.into_iter().map(|row| (place_of(&row), row)).collect();
        for row in &mut self.elements {
            if row.standing == Standing::Ignored
                && let Some(run) = run.remove(&place_of(row))
            {
                *row = run;
            }
        }
        // An included file that is read by way of modules only has no rows yet.
        run.retain(|(file, ..), _| file != self.file);
        for row in &self.elements {
            run.remove(&place_of(row));
        }
        self.elements.extend(run.into_values());
    }
}

fn place_of(row: &Compatibility) -> (String, u32, u32) {
    let place = &row.location;
    (place.file.clone(), place.line, place.column)
}

/// The last element below `tree` with the path `names`; names are compared as they stand.
fn find<'a, 'text>(
    tree: Node<'a, 'text>,
    names: &[&str],
    path: &str,
    is_disabled: bool,
    encoding: Encoding,
) -> Option<Target<'a, 'text>> {
    let (first, rest) = names.split_first()?;
    let mut last = None;
    for entry in hash_tree::entries(tree) {
        let Entry::Element { node, subtree, .. } = entry else {
            continue;
        };
        let properties = Properties::of(node, encoding);
        let class = node.tag_name().name();
        // JMeter passes over modules, which could point to themselves.
        if properties.name() != **first || class == "ModuleController" {
            continue;
        }
        let path = joined(path, first, class);
        let is_disabled = is_disabled || !properties.enabled();
        if rest.is_empty() {
            last = Some(Target {
                node,
                subtree,
                path,
                is_disabled,
            });
        } else if let Some(tree) = subtree {
            last = find(tree, rest, &path, is_disabled, encoding).or(last);
        }
    }
    last
}

fn is_controller(node: Node<'_, '_>) -> bool {
    support_of(node.tag_name().name()).is_some_and(|row| row.role == Role::Controller)
}
