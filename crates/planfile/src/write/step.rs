//! Steps: controllers in the short form, everything else by JMeter's names.

use loadline_plan::{Controller, Element, ElementKind, IfCondition, LoopCount, Sampler};

use super::yaml::Yaml;
use super::{Entries, Writer, request, settings};
use crate::element::key_of;
use crate::reference;

impl Writer {
    /// The steps of a `do` or `with`.
    pub(super) fn steps(&mut self, elements: &[Element]) -> Yaml {
        Yaml::Lines(elements.iter().map(|element| self.step(element)).collect())
    }

    fn step(&mut self, element: &Element) -> Yaml {
        match &element.kind {
            ElementKind::Sampler(Sampler::Http(own)) => return self.request(element, own),
            ElementKind::Sampler(Sampler::Pause(timer)) if element.children.is_empty() => {
                if let Some(step) = request::pause(element.name.as_str(), timer) {
                    return step;
                }
            }
            ElementKind::Controller(controller) => {
                if let Some(step) = self.short_controller(element, controller) {
                    return step;
                }
            }
            _ => {}
        }
        match key_of(&element.kind) {
            Some(key) => self.named(element, key),
            None => {
                let what = format!("`{}` has no YAML form", element.name.as_str());
                self.refuse(&element.location, what);
                Yaml::Map(Vec::new())
            }
        }
    }

    /// An element by JMeter's name `key`.
    pub(super) fn named(&mut self, element: &Element, key: &str) -> Yaml {
        let mut entries = Entries::new();
        if element.name.as_str() != key {
            entries.push(("name".to_owned(), Yaml::text(element.name.as_str())));
        }
        entries.extend(settings::of_element(&element.kind));
        if !element.children.is_empty() {
            entries.push(("do".to_owned(), self.steps(&element.children)));
        }
        Yaml::Map(vec![(key.to_owned(), Yaml::Map(entries))])
    }

    fn short_controller(&mut self, element: &Element, controller: &Controller) -> Option<Yaml> {
        let mut entries = Entries::new();
        let mut push = |key: &str, value: Yaml| entries.push((key.to_owned(), value));
        let key = match controller {
            Controller::Loop { count, restarts } => {
                push(
                    "times",
                    match count {
                        LoopCount::Forever => Yaml::plain("forever"),
                        LoopCount::Times(times) => Yaml::text(times.as_str()),
                    },
                );
                if !restarts {
                    push("restarts", Yaml::plain(false));
                }
                "repeat"
            }
            Controller::OnceOnly => "once",
            Controller::Transaction {
                parent_sample,
                include_timers,
            } => {
                push("name", Yaml::text(element.name.as_str()));
                if *parent_sample {
                    push("parent_sample", Yaml::plain(true));
                }
                if *include_timers {
                    push("timers", Yaml::plain(true));
                }
                "transaction"
            }
            Controller::If {
                condition,
                evaluate_all,
            } => {
                let (condition, is_expression) = match condition {
                    IfCondition::Expression(condition) => (condition.as_str(), true),
                    IfCondition::JavaScript(condition) => (condition.as_str(), false),
                };
                push("condition", Yaml::text(condition));
                if is_expression != reference::is_reference(condition.trim()) {
                    push("expression", Yaml::plain(is_expression));
                }
                if *evaluate_all {
                    push("each_step", Yaml::plain(true));
                }
                "if"
            }
            _ => return None,
        };
        if key != "transaction" && element.name.as_str() != key {
            push("name", Yaml::text(element.name.as_str()));
        }
        let steps = self.steps(&element.children);
        entries.push(("do".to_owned(), steps));
        Some(Yaml::Map(vec![(key.to_owned(), Yaml::Map(entries))]))
    }
}
