//! Groups whose number of users follows a text that is evaluated again while they run: a Concurrency
//! Thread Group with `__tstFeedback`.
//!
//! Source: `ConcurrencyThreadStarter` and `VirtualUserController` of jpgc-casutg 2.10. Not here: what
//! the text says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use loadline_plan::Text;
use loadline_schedule::{LoadProfile, Segment};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::functions::PerUserCalls;
use crate::worker::{Group, Worker};
use crate::{Sampler, Scope, UserIdentity, Variables, chance};

/// How often the number is looked at while users run, and while none does.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(1);
pub(crate) const LOOK_SOON: Duration = Duration::from_millis(10);

/// The users of a steered group on one thread.
#[derive(Debug)]
pub(crate) struct Steered {
    segment: Segment,
    /// Places of users that do not run, the next one last.
    free: RefCell<Vec<u32>>,
    running: Cell<u64>,
    /// Users above which one ends with its iteration.
    most: Cell<u64>,
    is_over: Cell<bool>,
}

impl Steered {
    /// No user yet; `places` is the greatest number of them.
    pub(crate) fn new(segment: Segment, places: u64) -> Self {
        let places = u32::try_from(places).unwrap_or(u32::MAX);
        Self {
            segment,
            free: RefCell::new((0..places).rev().collect()),
            running: Cell::new(0),
            most: Cell::new(0),
            is_over: Cell::new(false),
        }
    }

    /// Users that are to run by `profile`, of which this thread has its share: a place for each that
    /// is missing. `None` when the load is over.
    pub(crate) fn missing(&self, profile: &LoadProfile, elapsed: Duration) -> Option<Vec<u32>> {
        let planned = profile.planned_concurrency(elapsed)?;
        let target = profile.user_count();
        self.most.set(self.segment.share_of(target));
        let own = self.segment.share_of(planned.into());
        let mut free = self.free.borrow_mut();
        let mut places = Vec::new();
        while self.running.get() < own
            && let Some(place) = free.pop()
        {
            self.running.set(self.running.get() + 1);
            places.push(place);
        }
        Some(places)
    }

    /// The user at `place` has ended.
    pub(crate) fn ended(&self, place: u32) {
        self.running.set(self.running.get().saturating_sub(1));
        self.free.borrow_mut().push(place);
    }

    /// The load is over: users end with their iterations.
    pub(crate) fn end(&self) {
        self.is_over.set(true);
    }

    /// Whether a user that is between two iterations is to end.
    pub(crate) fn is_one_too_many(&self) -> bool {
        self.is_over.get() || self.running.get() > self.most.get()
    }

    pub(crate) fn runs_nobody(&self) -> bool {
        self.running.get() == 0
    }
}

/// Evaluates the texts of a load while it runs, as nobody's.
pub(crate) struct LoadTexts<S> {
    worker: Rc<Worker<S>>,
    group: Rc<Group>,
    identity: UserIdentity,
    variables: Variables,
    per_user: PerUserCalls,
    chance: Xoshiro256PlusPlus,
}

impl<S: Sampler> LoadTexts<S> {
    pub(crate) fn new(worker: Rc<Worker<S>>, group: Rc<Group>) -> Self {
        let number = group.first_user();
        Self {
            identity: UserIdentity {
                number,
                thread_number: 0,
                group_number: group.program().number,
                group_name: Rc::clone(&group.name),
            },
            variables: worker.prepared.variables.clone(),
            per_user: PerUserCalls::default(),
            // Beyond all generations of users.
            chance: chance::of_user(worker.prepared.seed, number, u32::MAX >> 1),
            worker,
            group,
        }
    }

    /// The load with its present numbers; `None`, told as a fault, when it has none.
    pub(crate) fn profile(&mut self) -> Option<LoadProfile> {
        let group = Rc::clone(&self.group);
        let profile = LoadProfile::from_load(&group.program().load, &mut |text| self.text(text));
        self.worker.note_fault();
        profile.ok()
    }

    fn text(&mut self, text: &Text) -> String {
        let group = Rc::clone(&self.group);
        let mut templates = group.program().load_texts.iter();
        let Some((_, template)) = templates.find(|(known, _)| **known == *text.as_str()) else {
            return text.as_str().to_owned();
        };
        let mut scope = Scope {
            identity: &self.identity,
            variables: &mut self.variables,
            functions: &self.worker.functions,
            per_user: &mut self.per_user,
            chance: &mut self.chance,
            clock: &self.worker.clock,
            previous: None,
            sampler_name: "",
        };
        scope.text(template)
    }
}
