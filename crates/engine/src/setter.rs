//! Counters, random numbers and values for each user at work: what users share of them, what each
//! keeps, and what is set.
//!
//! Sources: JMeter's `CounterConfig`, `RandomVariableConfig` and `UserParameters`.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use loadline_plan::program::{
    AssignmentProgram, CounterProgram, RandomProgram, SetterId, SetterProgram, Template,
    UserParametersProgram,
};
use rand::RngExt as _;

use crate::java_random::JavaRandom;
use crate::{Scope, decimal_format};

/// Value of a counter that has not begun.
const NOT_BEGUN: i64 = i64::MIN;

/// What the users of all engine threads share of one setter.
#[derive(Debug)]
pub(crate) enum SharedSetter {
    Counter(AtomicI64),
    Random(OnceLock<Generator>),
    Nothing,
}

impl SharedSetter {
    pub(crate) fn new(program: &SetterProgram) -> Self {
        match program {
            SetterProgram::Counter(_) => SharedSetter::Counter(AtomicI64::new(NOT_BEGUN)),
            SetterProgram::Random(_) => SharedSetter::Random(OnceLock::new()),
            SetterProgram::UserParameters(_) | SetterProgram::Assignment(_) => {
                SharedSetter::Nothing
            }
        }
    }
}

/// What one user keeps of the setters that count or draw for it alone; a word as long as there is none.
#[derive(Debug, Default)]
#[expect(
    clippy::box_collection,
    reason = "it sits in every user, and few have one"
)]
pub(crate) struct OwnSetters(Option<Box<Vec<(SetterId, OwnSetter)>>>);

#[derive(Debug)]
enum OwnSetter {
    Counter { next: i64, iteration: u64 },
    Random(Generator),
}

impl OwnSetters {
    /// The user's state of the setter `id`, made by `begin` if it has none.
    fn of(&mut self, id: SetterId, begin: impl FnOnce() -> OwnSetter) -> &mut OwnSetter {
        let setters = self.0.get_or_insert_default();
        let position = setters.iter().position(|(known, _)| *known == id);
        let position = position.unwrap_or_else(|| {
            setters.push((id, begin()));
            setters.len() - 1
        });
        &mut setters[position].1
    }
}

/// Sets the variables of the setter `id` for the user of `scope`, which is in its `iteration`-th
/// pass of the thread group, counted from 1.
pub(crate) fn set(
    id: SetterId,
    program: &SetterProgram,
    shared: &SharedSetter,
    own: &mut OwnSetters,
    iteration: u64,
    scope: &mut Scope<'_>,
) {
    match (program, shared) {
        (SetterProgram::Counter(counter), SharedSetter::Counter(value)) => {
            count(id, counter, value, own, iteration, scope);
        }
        (SetterProgram::Random(random), SharedSetter::Random(generator)) => {
            draw(id, random, generator, own, scope);
        }
        (SetterProgram::UserParameters(parameters), _) => set_parameters(parameters, scope),
        (SetterProgram::Assignment(assignment), _) => assign(assignment, scope),
        (SetterProgram::Counter(_) | SetterProgram::Random(_), _) => {
            debug_assert!(false, "shared state is made of its program");
        }
    }
}

fn count(
    id: SetterId,
    program: &CounterProgram,
    shared: &AtomicI64,
    own: &mut OwnSetters,
    iteration: u64,
    scope: &mut Scope<'_>,
) {
    let start = whole_number(&program.start, scope);
    let increment = whole_number(&program.increment, scope);
    let end = match scope.text_of(&program.end) {
        text if text.is_empty() => i64::MAX,
        text => text.parse().unwrap_or(0),
    };
    let value = if program.per_user {
        let begin = || OwnSetter::Counter {
            next: start,
            iteration: 1,
        };
        let OwnSetter::Counter {
            next,
            iteration: last,
        } = own.of(id, begin)
        else {
            return;
        };
        if program.reset_each_iteration && *last != iteration {
            *next = start;
        }
        *last = iteration;
        let value = *next;
        *next = value.wrapping_add(increment);
        if *next > end {
            *next = start;
        }
        value
    } else {
        let present = |next: i64| {
            if next == NOT_BEGUN || next > end {
                start
            } else {
                next
            }
        };
        let step = |next| Some(present(next).wrapping_add(increment));
        let (Ok(before) | Err(before)) =
            shared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        present(before)
    };
    put(&program.variable, value, &program.format, scope);
}

/// Draws numbers of one random variable.
#[derive(Debug)]
pub(crate) struct Generator {
    minimum: i64,
    /// How many numbers may come; 0 for none, when nothing is set.
    range: i32,
    /// Of plans that name a seed.
    seeded: Option<JavaRandom>,
}

impl Generator {
    fn new(program: &RandomProgram, scope: &mut Scope<'_>) -> Self {
        let minimum = whole_number(&program.minimum, scope);
        let maximum = whole_number(&program.maximum, scope);
        let range = if minimum > maximum {
            0
        } else {
            // JMeter's bound; a range beyond 64 bits overflows to it too.
            let count = maximum.wrapping_sub(minimum).wrapping_add(1);
            match i32::try_from(count) {
                Ok(count) if count > 0 => count,
                _ => i32::MAX,
            }
        };
        let seed = scope.text_of(&program.seed).parse().ok();
        Self {
            minimum,
            range,
            seeded: seed.map(JavaRandom::new),
        }
    }

    fn draw(&self, scope: &mut Scope<'_>) -> Option<i64> {
        if self.range == 0 {
            return None;
        }
        let offset = match &self.seeded {
            Some(random) => random.below(self.range),
            None => scope.chance.random_range(0..self.range),
        };
        Some(self.minimum.wrapping_add(offset.into()))
    }
}

fn draw(
    id: SetterId,
    program: &RandomProgram,
    shared: &OnceLock<Generator>,
    own: &mut OwnSetters,
    scope: &mut Scope<'_>,
) {
    let value = if program.per_user {
        let OwnSetter::Random(generator) =
            own.of(id, || OwnSetter::Random(Generator::new(program, scope)))
        else {
            return;
        };
        generator.draw(scope)
    } else {
        let generator = shared.get_or_init(|| Generator::new(program, scope));
        generator.draw(scope)
    };
    if let Some(value) = value {
        put(&program.variable, value, &program.format, scope);
    }
}

fn set_parameters(program: &UserParametersProgram, scope: &mut Scope<'_>) {
    if program.columns.is_empty() {
        return;
    }
    let index = scope.identity.thread_number.saturating_sub(1) as usize % program.columns.len();
    for (name, value) in program.names.iter().zip(&program.columns[index]) {
        let name = scope.text_of(name);
        let value = scope.text_of(value);
        scope.variables.set_by_name(&name, &value);
    }
}

fn assign(program: &AssignmentProgram, scope: &mut Scope<'_>) {
    let pairs: Vec<(String, String)> = (program.pairs.iter())
        .map(|(name, value)| (scope.text(name), scope.text(value)))
        .collect();
    for (name, value) in pairs {
        scope.variables.set_by_name(&name, &value);
    }
}

/// Sets the variable whose name is `variable` to `value`, written as `format` says. A malformed
/// format counts as none, as in JMeter.
fn put(variable: &Template, value: i64, format: &Template, scope: &mut Scope<'_>) {
    use std::fmt::Write as _;
    let name = scope.text_of(variable);
    let format = scope.text_of(format);
    let mut text = String::with_capacity(24);
    if format.is_empty() || !decimal_format::append(&format, value, &mut text) {
        let written = write!(text, "{value}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    scope.variables.set_by_name(&name, &text);
}

/// The whole number in the text of `template`; 0 if it is none.
fn whole_number(template: &Template, scope: &mut Scope<'_>) -> i64 {
    let text: Cow<'_, str> = scope.text_of(template);
    text.parse().unwrap_or(0)
}
