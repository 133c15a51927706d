//! Users of an open load: arrivals on one side, users that serve them on the other.
//!
//! An arrival takes an idle user, or a new one while the bound allows, or waits until one is free;
//! when too many wait, it is missed, and counted. Nothing here depends on how long users take to
//! decide when arrivals come.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use loadline_units::RunTime;
use tokio::sync::Notify;

/// Most arrivals of one thread that wait for a user.
pub(crate) const MAX_WAITING: usize = 65_536;

/// An iteration to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// When the schedule wanted it.
    pub(crate) at: RunTime,
    /// How long it waited because no user was free, in microseconds.
    pub(crate) user_wait_us: u32,
    /// Its number among all arrivals of the group, counted from 0.
    pub(crate) number: u64,
}

/// How a user of a pool works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift {
    /// Its number in the pool.
    pub(crate) index: u32,
    /// From when on it begins no sample.
    pub(crate) end: Option<RunTime>,
    /// Iterations after which it becomes another user.
    pub(crate) iterations: Option<u64>,
}

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// An idle user has it, or it waits for one.
    Taken,
    /// A new user with this index is to be started; it has the arrival.
    NewUser(u32),
    /// No user was free, and too many wait already or none may.
    Missed,
}

/// The users of one open group on one thread.
#[derive(Debug)]
pub(crate) struct Pool {
    max_users: u32,
    /// Most arrivals that wait for a user.
    max_waiting: usize,
    places: RefCell<Vec<Rc<Place>>>,
    /// Users without work; the one that became idle last works next, so that connections stay warm
    /// and users that are not needed stay idle.
    idle: RefCell<Vec<u32>>,
    waiting: RefCell<VecDeque<Waiting>>,
    is_closed: Cell<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    at: RunTime,
    number: u64,
    since: RunTime,
}

/// Where a user finds its next arrival.
#[derive(Debug, Default)]
struct Place {
    arrival: Cell<Option<Arrival>>,
    wake: Notify,
}

impl Pool {
    pub(crate) fn new(max_users: u32, arrivals_wait: bool) -> Self {
        Self {
            max_users,
            max_waiting: if arrivals_wait { MAX_WAITING } else { 0 },
            places: RefCell::default(),
            idle: RefCell::default(),
            waiting: RefCell::default(),
            is_closed: Cell::new(false),
        }
    }

    /// Gives the arrival `number`, wanted at `at`, to a user; it is `now`.
    pub(crate) fn offer(&self, at: RunTime, number: u64, now: RunTime) -> Placement {
        let arrival = Arrival {
            at,
            user_wait_us: 0,
            number,
        };
        if let Some(user) = self.idle.borrow_mut().pop() {
            let place = Rc::clone(&self.places.borrow()[user as usize]);
            place.arrival.set(Some(arrival));
            place.wake.notify_one();
            return Placement::Taken;
        }
        let mut places = self.places.borrow_mut();
        let users = u32::try_from(places.len()).unwrap_or(u32::MAX);
        if users < self.max_users {
            let place = Place::default();
            place.arrival.set(Some(arrival));
            places.push(Rc::new(place));
            return Placement::NewUser(users);
        }
        let mut waiting = self.waiting.borrow_mut();
        if waiting.len() >= self.max_waiting {
            return Placement::Missed;
        }
        waiting.push_back(Waiting {
            at,
            number,
            since: now,
        });
        Placement::Taken
    }

    /// The next arrival for `user`, which is free; `now` tells the time. `None` when there will be
    /// no more.
    pub(crate) async fn next(&self, user: u32, now: impl Fn() -> RunTime) -> Option<Arrival> {
        let place = Rc::clone(&self.places.borrow()[user as usize]);
        if let Some(arrival) = place.arrival.take() {
            return Some(arrival);
        }
        if let Some(waiting) = self.waiting.borrow_mut().pop_front() {
            return Some(Arrival {
                at: waiting.at,
                user_wait_us: now().micros_since(waiting.since),
                number: waiting.number,
            });
        }
        if self.is_closed.get() {
            return None;
        }
        self.idle.borrow_mut().push(user);
        loop {
            place.wake.notified().await;
            if let Some(arrival) = place.arrival.take() {
                return Some(arrival);
            }
            if self.is_closed.get() {
                return None;
            }
        }
    }

    /// Says that no more arrivals come: users end when none wait.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        for place in self.places.borrow().iter() {
            place.wake.notify_one();
        }
    }

    /// Gives up the arrivals that wait; returns how many.
    pub(crate) fn give_up(&self) -> u64 {
        self.waiting.borrow_mut().drain(..).count() as u64
    }
}
