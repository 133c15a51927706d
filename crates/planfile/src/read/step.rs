//! The steps of an iteration: what kind each is, and those that hold other steps.

use loadline_plan::{Controller, Element, ElementKind, IfCondition, LoopCount, Sampler, Text};

use super::{Fields, Reader};
use crate::grammar::{self, METHODS, Object, STEP_KINDS};
use crate::node::{Node, Place, Value};
use crate::reference;
use crate::similar::similar;
use crate::target::Target;

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: &Node, target: Option<&Target>) -> Vec<Element> {
        let items = self.list(node, "steps");
        if matches!(&node.value, Value::List(items) if items.is_empty()) {
            let help = "add a step such as `- get: /`";
            self.error("empty-steps", node.place, "there are no steps", help);
        }
        items
            .iter()
            .filter_map(|item| self.step(item, target))
            .collect()
    }

    fn step(&mut self, node: &Node, target: Option<&Target>) -> Option<Element> {
        let kinds = || {
            let methods = METHODS.iter().map(|(key, _)| *key);
            methods.chain(STEP_KINDS.iter().map(|(key, _)| *key))
        };
        let Value::Map(entries) = &node.value else {
            let message = format!("expected a step, found {}", node.value.describe());
            self.error(
                "wrong-type",
                node.place,
                message,
                "write a step such as `- get: /`",
            );
            return None;
        };
        let given: Vec<_> = entries
            .iter()
            .filter(|(key, _)| kinds().any(|kind| kind == key.text))
            .collect();
        let method = |text: &str| METHODS.iter().find(|(key, _)| *key == text);
        let methods: Vec<_> = given
            .iter()
            .filter_map(|(key, _)| method(&key.text))
            .collect();
        // A request may have a think time of its own.
        let others = given
            .iter()
            .filter(|(key, _)| method(&key.text).is_none())
            .filter(|(key, _)| methods.is_empty() || key.text != "think")
            .count();
        match (methods.as_slice(), others) {
            ([], 0) => {
                self.unknown_step(node, kinds());
                None
            }
            ([(_, method)], 0) => self.request(node, method, target),
            ([], 1) => {
                let (kind, object) = STEP_KINDS
                    .iter()
                    .find(|(kind, _)| given.iter().any(|(key, _)| key.text == *kind))?;
                let fields = self.fields(node, object)?;
                let inner = fields.find(kind)?;
                self.other_step(kind, inner, node.place, target)
            }
            _ => {
                let second = given.get(1).map_or(node.place, |(key, _)| key.place);
                let names: Vec<String> = given
                    .iter()
                    .map(|(key, _)| format!("`{}`", key.text))
                    .collect();
                let message = format!("a step is one thing, not {}", names.join(" and "));
                let help = "begin each of them with `- `, or indent it below the other";
                self.error("conflicting-keys", second, message, help);
                None
            }
        }
    }

    fn unknown_step<'k>(&mut self, node: &Node, kinds: impl Iterator<Item = &'k str>) {
        let kinds: Vec<&str> = kinds.collect();
        let Value::Map(entries) = &node.value else {
            return;
        };
        let list = format!("steps are {}", kinds.join(", "));
        let Some((key, _)) = entries.first() else {
            self.error("unknown-step", node.place, "the step is empty", list);
            return;
        };
        let message = format!("unknown step `{}`", key.text);
        let help = match similar(&key.text, kinds.iter().copied()) {
            Some(kind) => format!("did you mean `{kind}`?"),
            None => list,
        };
        self.error("unknown-step", key.place, message, help);
    }

    /// A step that is no request; `node` is the value of its key.
    fn other_step(
        &mut self,
        kind: &str,
        node: &Node,
        place: Place,
        target: Option<&Target>,
    ) -> Option<Element> {
        match kind {
            "think" => {
                let timer = self.think(node)?;
                Some(self.element("think", ElementKind::Sampler(Sampler::Pause(timer)), place))
            }
            "repeat" => self.controller(node, &grammar::REPEAT, place, target, |reader, fields| {
                let times = fields.find("times")?;
                let text = reader.text(times)?;
                if !reference::has_reference(&text) && text.parse::<u32>().is_err() {
                    let message = format!("`{text}` is no number of times");
                    let help = "write a whole number of 0 or more, or a reference to one";
                    reader.error("invalid-number", times.place, message, help);
                    return None;
                }
                let controller = Controller::Loop {
                    count: LoopCount::Times(text.into()),
                    restarts: true,
                };
                Some(("repeat".into(), controller))
            }),
            "once" => self.controller(node, &grammar::ONCE, place, target, |_, _| {
                Some(("once".into(), Controller::OnceOnly))
            }),
            "transaction" => self.controller(
                node,
                &grammar::TRANSACTION,
                place,
                target,
                |reader, fields| {
                    let name = reader.name_of(fields, "name")?;
                    let controller = Controller::Transaction {
                        parent_sample: false,
                        include_timers: false,
                    };
                    Some((name.into(), controller))
                },
            ),
            _ => self.controller(node, &grammar::IF, place, target, |reader, fields| {
                let condition = reader.name_of(fields, "condition")?;
                let is_reference = reference::is_reference(condition.trim());
                let condition = Text(condition);
                let controller = Controller::If {
                    condition: if is_reference {
                        IfCondition::Expression(condition)
                    } else {
                        IfCondition::JavaScript(condition)
                    },
                    evaluate_all: false,
                };
                Some(("if".into(), controller))
            }),
        }
    }

    /// A controller with the steps below its `do`; `read` gives its name and kind.
    fn controller(
        &mut self,
        node: &Node,
        object: &'static Object,
        place: Place,
        target: Option<&Target>,
        read: impl FnOnce(&mut Self, &Fields<'_>) -> Option<(Text, Controller)>,
    ) -> Option<Element> {
        let fields = self.fields(node, object)?;
        let read = read(self, &fields);
        let path = read
            .as_ref()
            .map_or(object.name, |(name, _)| name.as_str())
            .to_owned();
        let children = fields
            .find("do")
            .map(|steps| self.within(path, |reader| reader.steps(steps, target)));
        let (name, controller) = read?;
        let mut element = self.element(name, ElementKind::Controller(controller), place);
        element.children = children?;
        Some(element)
    }
}
