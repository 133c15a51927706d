//! The load of a group.

use std::time::Duration;

use loadline_plan::{Load, LoadStage, NativeLoad};
use loadline_units::Rate;

use super::{Fields, Reader};
use crate::element::LOAD_KEYS;
use crate::grammar;
use crate::node::{Node, Value};

/// Greatest number of users of an open load that does not say.
const DEFAULT_MAX_USERS: u32 = 10_000;

impl Reader<'_> {
    pub(super) fn load(&mut self, node: &Node) -> Option<Load> {
        let fields = self.fields(node, &grammar::LOAD)?;
        let mut kinds = LOAD_KEYS.iter();
        if let Some((kind, node)) = kinds.find_map(|kind| Some((kind, fields.find(kind.key)?))) {
            let others: Vec<&str> = fields
                .entries
                .iter()
                .map(|(field, _)| field.name)
                .filter(|name| *name != kind.key)
                .collect();
            let because = format!("`{}`, which is a whole load", kind.key);
            self.exclude(&fields, &others, &because);
            return self.jmeter_load(kind, node);
        }
        match (fields.find("users"), fields.find("rate")) {
            (Some(users), None) => {
                self.exclude(
                    &fields,
                    &["arrivals", "max_users"],
                    "`users`, but with `rate`",
                );
                self.user_load(&fields, users)
            }
            (None, Some(rate)) => {
                let closed = ["iterations", "iterations_each", "pacing"];
                self.exclude(&fields, &closed, "`rate`, but with `users`");
                self.rate_load(&fields, rate)
            }
            (Some(_), Some(rate)) => {
                let message = "a load has either `users` or `rate`";
                let help = "remove one, or make two groups that run side by side";
                self.error("conflicting-keys", rate.place, message, help);
                None
            }
            (None, None) => {
                let message = "the load has neither `users` nor `rate`";
                let help = "write, for example, `{users: 100, for: 5m}` or `{rate: 50/s, for: 5m}`";
                self.error("missing-key", fields.place, message, help);
                None
            }
        }
    }

    fn user_load(&mut self, fields: &Fields<'_>, users: &Node) -> Option<Load> {
        let start = self.duration_of(fields, "start").unwrap_or_default();
        let pacing = self.duration_of(fields, "pacing");
        if matches!(users.value, Value::Map(_)) {
            self.exclude(
                fields,
                &["for", "iterations", "iterations_each"],
                "steps or stages, which have their own times",
            );
            if is_stages(users) {
                self.exclude(fields, &["ramp"], "stages, which are ramps themselves");
                let fields = self.fields(users, &grammar::USER_STAGES)?;
                let from = fields.find("from").map(|node| self.users(node));
                let stages = self.stages(&fields, &grammar::USER_STAGE, Self::users)?;
                return Some(Load::Native(NativeLoad::UserStages {
                    from: from.unwrap_or(Some(0))?,
                    stages,
                    start,
                    pacing,
                }));
            }
            let outer_ramp = self.duration_of(fields, "ramp");
            let steps = self.fields(users, &grammar::USER_STEPS)?;
            let (ramp, hold) = self.step_times(&steps, outer_ramp, fields)?;
            let by = steps.find("by").and_then(|node| self.users(node));
            let from = steps.find("from").and_then(|node| self.users(node));
            let to = steps.find("to").and_then(|node| self.users(node));
            let (from, to) = (f64::from(from?), f64::from(to?));
            let levels = self.levels(&steps, from, to, by.map(f64::from))?;
            return Some(Load::Native(NativeLoad::UserSteps {
                // Levels lie between two u32 and are whole.
                levels: levels.into_iter().map(|level| level as u32).collect(),
                ramp,
                hold,
                start,
                pacing,
            }));
        }
        let ramp = self.duration_of(fields, "ramp").unwrap_or_default();
        let users_count = self.users(users);
        let iterations = ["iterations", "iterations_each"]
            .into_iter()
            .find(|name| fields.find(name).is_some());
        if let Some(name) = iterations {
            self.exclude(
                fields,
                &["for"],
                "iterations: the one or the other ends the load",
            );
            if name == "iterations" {
                self.exclude(fields, &["iterations_each"], "`iterations`");
            }
            let iterations = self.count_of(fields, name);
            return Some(Load::Native(NativeLoad::UserIterations {
                users: users_count?,
                iterations: iterations?,
                each: name == "iterations_each",
                ramp,
                start,
                pacing,
            }));
        }
        let held = self.held(fields)?;
        let users = users_count?;
        Some(Load::Native(NativeLoad::UserStages {
            from: if ramp.is_zero() { users } else { 0 },
            stages: constant(users, ramp, held),
            start,
            pacing,
        }))
    }

    fn rate_load(&mut self, fields: &Fields<'_>, rate: &Node) -> Option<Load> {
        let start = self.duration_of(fields, "start").unwrap_or_default();
        let arrivals = fields
            .find("arrivals")
            .and_then(|node| self.word(node, &["even", "poisson"]));
        let poisson = arrivals == Some("poisson");
        let max_users = match fields.find("max_users") {
            Some(node) => self.users(node)?,
            None => DEFAULT_MAX_USERS,
        };
        if matches!(rate.value, Value::Map(_)) {
            self.exclude(
                fields,
                &["for"],
                "steps or stages, which have their own times",
            );
            if is_stages(rate) {
                self.exclude(fields, &["ramp"], "stages, which are ramps themselves");
                let fields = self.fields(rate, &grammar::RATE_STAGES)?;
                let from = fields.find("from").map(|node| self.rate(node));
                let stages = self.stages(&fields, &grammar::RATE_STAGE, Self::rate)?;
                return Some(Load::Native(NativeLoad::RateStages {
                    from: from.unwrap_or(Some(Rate::default()))?,
                    stages,
                    poisson,
                    max_users,
                    start,
                }));
            }
            let outer_ramp = self.duration_of(fields, "ramp");
            let steps = self.fields(rate, &grammar::RATE_STEPS)?;
            let (ramp, hold) = self.step_times(&steps, outer_ramp, fields)?;
            let by = steps.find("by").and_then(|node| self.rate(node));
            let from = steps.find("from").and_then(|node| self.rate(node));
            let to = steps.find("to").and_then(|node| self.rate(node));
            let (from, to) = (from?.as_per_second(), to?.as_per_second());
            let levels = self.levels(&steps, from, to, by.map(Rate::as_per_second))?;
            return Some(Load::Native(NativeLoad::RateSteps {
                levels: levels.into_iter().filter_map(Rate::per_second).collect(),
                ramp,
                hold,
                poisson,
                max_users,
                start,
            }));
        }
        let ramp = self.duration_of(fields, "ramp").unwrap_or_default();
        let rate = self.rate(rate);
        let held = self.held(fields)?;
        let rate = rate?;
        Some(Load::Native(NativeLoad::RateStages {
            from: if ramp.is_zero() {
                rate
            } else {
                Rate::default()
            },
            stages: constant(rate, ramp, held),
            poisson,
            max_users,
            start,
        }))
    }

    /// How long a constant load is held.
    fn held(&mut self, fields: &Fields<'_>) -> Option<Duration> {
        let Some(node) = fields.find("for") else {
            let help = if fields.find("rate").is_some() {
                "add `for`, as in `for: 5m`"
            } else {
                "add `for`, as in `for: 5m`, or `iterations`"
            };
            self.error("missing-key", fields.place, "the load has no end", help);
            return None;
        };
        let held = self.duration(node)?;
        if held.is_zero() {
            self.error(
                "empty-load",
                node.place,
                "the load is held for no time",
                "write a time above 0",
            );
            return None;
        }
        Some(held)
    }

    /// Ramp and hold of steps; the ramp may stand beside or inside the steps.
    fn step_times(
        &mut self,
        steps: &Fields<'_>,
        outer_ramp: Option<Duration>,
        load: &Fields<'_>,
    ) -> Option<(Duration, Duration)> {
        let inner_ramp = self.duration_of(steps, "ramp");
        if inner_ramp.is_some() {
            self.exclude(load, &["ramp"], "another `ramp` inside the steps");
        }
        let node = steps.find("hold")?;
        let hold = self.duration(node)?;
        if hold.is_zero() {
            self.error(
                "empty-load",
                node.place,
                "the steps are not held",
                "write a time above 0",
            );
            return None;
        }
        Some((inner_ramp.or(outer_ramp).unwrap_or_default(), hold))
    }

    fn stages<T>(
        &mut self,
        fields: &Fields<'_>,
        object: &'static grammar::Object,
        read_load: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<LoadStage<T>>> {
        let node = fields.find("stages")?;
        let mut stages = Vec::new();
        let items = self.list(node, "stages");
        for item in items {
            let Some(fields) = self.fields(item, object) else {
                continue;
            };
            let target = fields.find("to").and_then(|node| read_load(self, node));
            let duration = self.duration_of(&fields, "in");
            if let (Some(target), Some(duration)) = (target, duration) {
                stages.push(LoadStage { target, duration });
            }
        }
        if matches!(&node.value, Value::List(items) if items.is_empty()) {
            let help = "add a stage such as `{to: 100, in: 30s}`";
            self.error("empty-load", node.place, "there are no stages", help);
        }
        (stages.len() == items.len() && !stages.is_empty()).then_some(stages)
    }
}

fn is_stages(node: &Node) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|(key, _)| key.text == "stages"))
}

/// The stages of a constant load: the ramp, if any, and the hold.
fn constant<T: Clone>(target: T, ramp: Duration, held: Duration) -> Vec<LoadStage<T>> {
    [ramp, held]
        .into_iter()
        .filter(|duration| !duration.is_zero())
        .map(|duration| LoadStage {
            target: target.clone(),
            duration,
        })
        .collect()
}
