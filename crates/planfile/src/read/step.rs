//! The steps of an iteration: what kind each is, and those that hold other steps.

use loadline_plan::{
    Controller, Element, ElementKind, IfCondition, LoopCount, Sampler, ScriptRole, Text,
};

use super::{Fields, Reader};
use crate::element::{form_of, forms};
use crate::grammar::{self, METHODS, Object, STEP_KINDS};
use crate::node::{Key, Node, Place, Value};
use crate::reference;
use crate::similar::similar;
use crate::target::Target;

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: &Node, target: Option<&Target>) -> Vec<Element> {
        let items = self.list(node, "steps");
        if !self.has_jmeters_rules && matches!(&node.value, Value::List(items) if items.is_empty())
        {
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
        let is_kind = |text: &str| kinds().any(|kind| kind == text) || form_of(text).is_some();
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
            .filter(|(key, _)| is_kind(&key.text))
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
                let named = given
                    .iter()
                    .find_map(|(key, inner)| Some((form_of(&key.text)?, inner)));
                if let Some((form, inner)) = named {
                    self.only_key(form.key, entries);
                    return self.named_element(form, inner, node.place, target);
                }
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

    /// A finding for each key of a step beside `kind`.
    fn only_key(&mut self, kind: &str, entries: &[(Key, Node)]) {
        for (key, _) in entries.iter().filter(|(key, _)| key.text != kind) {
            let message = format!("unknown key `{}`", key.text);
            let help = format!("put the settings below `{kind}`");
            self.error("unknown-key", key.place, message, help);
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
        let elements = forms().map(|form| form.key);
        let help = match similar(&key.text, kinds.iter().copied().chain(elements)) {
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
                let count = match text.as_str() {
                    "forever" => LoopCount::Forever,
                    _ => LoopCount::Times(text.as_str().into()),
                };
                let is_number = text.parse::<u32>().is_ok() || count == LoopCount::Forever;
                if !reader.has_jmeters_rules && !reference::has_reference(&text) && !is_number {
                    let message = format!("`{text}` is no number of times");
                    let help = "write a whole number of 0 or more, or a reference to one";
                    reader.error("invalid-number", times.place, message, help);
                    return None;
                }
                let controller = Controller::Loop {
                    count,
                    restarts: reader.flag_of(fields, "restarts").unwrap_or(true),
                };
                Some((reader.controller_name(fields, "repeat"), controller))
            }),
            "script" => self.script(node, ScriptRole::Sampler, place),
            "once" => self.controller(node, &grammar::ONCE, place, target, |reader, fields| {
                Some((reader.controller_name(fields, "once"), Controller::OnceOnly))
            }),
            "transaction" => self.controller(
                node,
                &grammar::TRANSACTION,
                place,
                target,
                |reader, fields| {
                    let name = reader.name_of(fields, "name")?;
                    let mut flag = |key| reader.flag_of(fields, key).unwrap_or(false);
                    let controller = Controller::Transaction {
                        parent_sample: flag("parent_sample"),
                        include_timers: flag("timers"),
                    };
                    Some((name.into(), controller))
                },
            ),
            _ => self.controller(node, &grammar::IF, place, target, |reader, fields| {
                let condition = reader.name_of(fields, "condition")?;
                let is_expression = match reader.flag_of(fields, "expression") {
                    Some(is_expression) => is_expression,
                    None => reference::is_reference(condition.trim()),
                };
                let condition = Text(condition);
                let controller = Controller::If {
                    condition: if is_expression {
                        IfCondition::Expression(condition)
                    } else {
                        IfCondition::JavaScript(condition)
                    },
                    evaluate_all: reader.flag_of(fields, "each_step").unwrap_or(false),
                };
                Some((reader.controller_name(fields, "if"), controller))
            }),
        }
    }

    fn controller_name(&mut self, fields: &Fields<'_>, default: &str) -> Text {
        let name = self.text_of(fields, "name");
        name.map_or_else(|| default.into(), Text)
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
