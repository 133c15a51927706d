//! A virtual user with all that a sampler asks of its surroundings.

use std::rc::Rc;
use std::sync::Arc;

use loadline_engine::functions::{Functions, PerUserCalls};
use loadline_engine::{
    IterationStart, Outcome, Sampler, Scope, SlotNames, UserIdentity, Variables,
};
use loadline_plan::program::{HttpProgram, KeptParts, Template};
use loadline_protocols::{HttpOptions, HttpSampler, HttpSession};
use loadline_units::{Clock, RunTime};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::time::Instant;

/// Run time by tokio's clock, which tests can pause.
pub(crate) struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> RunTime {
        RunTime::from_duration(self.0.elapsed())
    }
}

pub(crate) struct User {
    pub(crate) sampler: Rc<HttpSampler>,
    pub(crate) session: HttpSession,
    pub(crate) variables: Variables,
    identity: UserIdentity,
    functions: Functions,
    per_user: PerUserCalls,
    chance: Xoshiro256PlusPlus,
    clock: TokioClock,
}

impl User {
    pub(crate) fn new() -> Self {
        Self::with_options(HttpOptions::default())
    }

    pub(crate) fn with_options(options: HttpOptions) -> Self {
        Self::on_thread_of(Rc::new(HttpSampler::new(options).unwrap()))
    }

    /// Another user of the engine thread that `sampler` belongs to.
    pub(crate) fn on_thread_of(sampler: Rc<HttpSampler>) -> Self {
        Self {
            session: sampler.session(0),
            sampler,
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
            clock: TokioClock(Instant::now()),
        }
    }

    /// One sample, which there is.
    pub(crate) async fn sample(&mut self, program: &HttpProgram) -> Outcome {
        self.try_sample(program).await.expect("a sample")
    }

    /// One sample, if there is one.
    pub(crate) async fn try_sample(&mut self, program: &HttpProgram) -> Option<Outcome> {
        let mut scope = Scope {
            identity: &self.identity,
            variables: &mut self.variables,
            functions: &self.functions,
            per_user: &mut self.per_user,
            chance: &mut self.chance,
            clock: &self.clock,
            previous: None,
            sampler_name: "Page",
        };
        self.sampler
            .sample(&self.session, program, self.clock.now(), &mut scope)
            .await
    }

    /// Sets a property of the run; the sampler reads properties at its first sample.
    pub(crate) fn set_property(&self, name: &str, value: &str) {
        self.functions.run().set_property(name, value);
    }

    pub(crate) fn start_iteration(&mut self, index: u64, new_user: bool) {
        let start = IterationStart { index, new_user };
        self.sampler.start_iteration(&self.session, start);
    }
}

/// `GET` of a whole URL, nothing kept.
pub(crate) fn get(url: &str) -> HttpProgram {
    HttpProgram {
        path: Template::literal(url),
        method: Template::literal("GET"),
        keep_alive: true,
        empty_is_get: true,
        skips_interim: true,
        ..HttpProgram::default()
    }
}

/// [`get`], with all of request and response kept.
pub(crate) fn get_kept(url: &str) -> HttpProgram {
    HttpProgram {
        keep: KeptParts {
            body: true,
            response_headers: true,
            request: true,
        },
        ..get(url)
    }
}

/// `POST` of a raw body.
pub(crate) fn post(url: &str, body: &str) -> HttpProgram {
    HttpProgram {
        method: Template::literal("POST"),
        raw_body: true,
        arguments: vec![loadline_plan::program::ProgramArgument {
            name: Template::default(),
            value: Template::literal(body),
            always_encode: false,
            use_equals: true,
            content_type: Template::default(),
        }],
        ..get(url)
    }
}
