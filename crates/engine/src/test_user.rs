//! A virtual user for tests of texts and processors.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use jiff::tz::TimeZone;
use loadline_plan::program::{CallId, NameResolver, Slot, Template, parse_template};
use loadline_units::{Clock, RunTime};
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::functions::{Functions, PerUserCalls, RunFunctions};
use crate::{Outcome, Scope, SlotNames, UserIdentity, Variables};

/// A clock that stands still.
struct StoppedClock(RunTime);

impl Clock for StoppedClock {
    fn now(&self) -> RunTime {
        self.0
    }
}

/// One user of a plan without slots, 1 s after the start of a run.
pub(crate) struct User {
    pub(crate) identity: UserIdentity,
    pub(crate) variables: Variables,
    pub(crate) functions: Functions,
    pub(crate) per_user: PerUserCalls,
    chance: Xoshiro256PlusPlus,
    clock: StoppedClock,
    calls: u32,
    previous: Option<Outcome>,
}

impl NameResolver for &mut User {
    fn variable(&mut self, _name: &str) -> Option<Slot> {
        None
    }

    fn call(&mut self, _function: &'static str) -> CallId {
        self.calls += 1;
        CallId(self.calls - 1)
    }

    fn unknown_function(&mut self, _name: &str) {}
}

impl User {
    /// A user without variables, with two properties.
    pub(crate) fn new() -> Self {
        let properties = [("host", "example.org"), ("empty", "")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned()));
        // 2024-02-03 04:05:06.789 UTC.
        let wall_start_ms = 1_706_933_106_789 - 1_000;
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
        Self {
            identity: UserIdentity {
                number: 6,
                thread_number: 7,
                group_number: 2,
                group_name: Rc::from("Visitors"),
            },
            variables: Variables::new(Arc::new(SlotNames::default())),
            functions: Functions::new(Arc::new(
                RunFunctions::new(properties.into(), 1000, wall_start_ms, zone)
                    .of_plan(PathBuf::new(), "plan.jmx".to_owned()),
            )),
            per_user: PerUserCalls::default(),
            chance: Xoshiro256PlusPlus::seed_from_u64(1),
            clock: StoppedClock(RunTime::from_micros(1_000_000)),
            calls: 0,
            previous: None,
        }
    }

    /// A user with these variables.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        let mut user = Self::new();
        for (name, value) in variables {
            user.variables.set_by_name(name, value);
        }
        user
    }

    /// Sets the user's previous result.
    pub(crate) fn set_previous(&mut self, previous: Outcome) {
        self.previous = Some(previous);
    }

    /// Takes a text of a plan apart.
    pub(crate) fn parse(&mut self, text: &str) -> Template {
        let mut names = self;
        parse_template(text, &mut names).expect("well formed")
    }

    /// Where the user's texts are evaluated.
    pub(crate) fn scope(&mut self) -> Scope<'_> {
        Scope {
            identity: &self.identity,
            variables: &mut self.variables,
            functions: &self.functions,
            per_user: &mut self.per_user,
            chance: &mut self.chance,
            clock: &self.clock,
            previous: self.previous.as_ref(),
            sampler_name: "GET /",
        }
    }

    /// The value of a template.
    pub(crate) fn render(&mut self, template: &Template) -> String {
        self.scope().text(template)
    }

    /// The value of a text of a plan.
    pub(crate) fn evaluate(&mut self, text: &str) -> String {
        let template = self.parse(text);
        self.render(&template)
    }
}
