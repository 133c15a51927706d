//! A user to render requests for in tests.

use std::rc::Rc;
use std::sync::Arc;

use loadline_engine::functions::{Functions, PerUserCalls};
use loadline_engine::{Scope, SlotNames, UserIdentity, Variables};
use loadline_units::{Clock, RunTime};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A clock at the start of the run.
struct Standstill;

impl Clock for Standstill {
    fn now(&self) -> RunTime {
        RunTime::ZERO
    }
}

/// A user with one variable slot, `v`.
pub(crate) struct TestUser {
    pub(crate) variables: Variables,
    identity: UserIdentity,
    functions: Functions,
    per_user: PerUserCalls,
    chance: Xoshiro256PlusPlus,
}

impl Default for TestUser {
    fn default() -> Self {
        Self {
            variables: Variables::new(Arc::new(SlotNames::new(["v"]))),
            identity: UserIdentity {
                number: 0,
                thread_number: 1,
                group_number: 1,
                group_name: Rc::from("Users"),
            },
            functions: Functions::default(),
            per_user: PerUserCalls::default(),
            chance: Xoshiro256PlusPlus::seed_from_u64(7),
        }
    }
}

impl TestUser {
    pub(crate) fn scope(&mut self) -> Scope<'_> {
        Scope {
            identity: &self.identity,
            variables: &mut self.variables,
            functions: &self.functions,
            per_user: &mut self.per_user,
            chance: &mut self.chance,
            clock: &Standstill,
            previous: None,
            sampler_name: "",
        }
    }
}
