//! Waits that end within some ten microseconds: one `timerfd` for all waits of an engine thread.
//!
//! Tokio's timer rounds up to the next millisecond, which would make every start about 0.7 ms late.
//! Waits here are kept in a queue of the thread; its earliest one arms the timer. At least
//! [`QUANTUM`] passes between two wake-ups, so that many waits cost few of them.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// Shortest time between two wake-ups: a wake-up costs 25 to 45 µs on a virtual machine.
const QUANTUM: Duration = Duration::from_micros(250);

thread_local! {
    static TIMER: RefCell<Option<Rc<PreciseTimer>>> = const { RefCell::new(None) };
}

/// The precise timer of this thread, if it has one.
pub(crate) fn of_this_thread() -> Option<Rc<PreciseTimer>> {
    TIMER.with(|timer| timer.borrow().clone())
}

/// Takes the precise timer from this thread; waits that go on never end.
pub(crate) fn uninstall() {
    TIMER.with(|timer| timer.borrow_mut().take());
}

/// The waits of one engine thread.
pub(crate) struct PreciseTimer {
    file: AsyncFd<OwnedFd>,
    waits: RefCell<BinaryHeap<Reverse<Wait>>>,
    /// When the timer is set to go off.
    armed: Cell<Option<Instant>>,
    /// Number of the next wait, which keeps equal deadlines in order.
    next: Cell<u64>,
    last_wake: Cell<Instant>,
}

struct Wait {
    deadline: Instant,
    number: u64,
    waker: Waker,
}

impl PartialEq for Wait {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Wait {}

impl PartialOrd for Wait {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wait {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.deadline, self.number).cmp(&(other.deadline, other.number))
    }
}

impl PreciseTimer {
    /// Gives this thread its timer. Must be called within the thread's runtime, which must then run
    /// [`PreciseTimer::drive`].
    #[expect(
        deprecated,
        reason = "its successor is an unsafe function; an `OwnedFd` keeps what that one asks for"
    )]
    pub(crate) fn install() -> io::Result<Rc<Self>> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let file = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let timer = Rc::new(Self {
            file: AsyncFd::new(file)?,
            waits: RefCell::default(),
            armed: Cell::new(None),
            next: Cell::new(0),
            last_wake: Cell::new(Instant::now()),
        });
        TIMER.with(|slot| *slot.borrow_mut() = Some(Rc::clone(&timer)));
        Ok(timer)
    }

    /// Wakes waits when they are due, for as long as it is polled.
    pub(crate) async fn drive(self: Rc<Self>) {
        loop {
            let Ok(mut ready) = self.file.readable().await else {
                return;
            };
            let mut expirations = [0; 8];
            // Empty when the timer was set anew in the meantime.
            let _ = rustix::io::read(&self.file, &mut expirations);
            ready.clear_ready();
            self.wake_due();
        }
    }

    /// Waits until `deadline`.
    pub(crate) fn sleep_until(self: Rc<Self>, deadline: Instant) -> PreciseSleep {
        PreciseSleep {
            timer: self,
            deadline,
            is_queued: false,
        }
    }

    fn wake_due(&self) {
        let now = Instant::now();
        self.last_wake.set(now);
        self.armed.set(None);
        loop {
            // Taken out before it is woken: a waker may come back here.
            let due = {
                let mut waits = self.waits.borrow_mut();
                match waits.peek() {
                    Some(Reverse(wait)) if wait.deadline <= now => waits.pop(),
                    _ => None,
                }
            };
            match due {
                Some(Reverse(wait)) => wait.waker.wake(),
                None => break,
            }
        }
        let next = self
            .waits
            .borrow()
            .peek()
            .map(|Reverse(wait)| wait.deadline);
        if let Some(deadline) = next {
            self.arm(deadline);
        }
    }

    fn enqueue(&self, deadline: Instant, waker: Waker) {
        let number = self.next.get();
        self.next.set(number + 1);
        self.waits.borrow_mut().push(Reverse(Wait {
            deadline,
            number,
            waker,
        }));
        if self.armed.get().is_none_or(|armed| deadline < armed) {
            self.arm(deadline);
        }
    }

    fn arm(&self, deadline: Instant) {
        let at = deadline.max(self.last_wake.get() + QUANTUM);
        if self.armed.get() == Some(at) {
            return;
        }
        self.armed.set(Some(at));
        // Zero would disarm the timer.
        let wait = at
            .saturating_duration_since(Instant::now())
            .max(Duration::from_nanos(1));
        let value = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: value,
        };
        // It fails only for values out of range, which these are not.
        let _ = timerfd_settime(&self.file, TimerfdTimerFlags::empty(), &once);
    }
}

/// A wait of [`PreciseTimer::sleep_until`].
pub(crate) struct PreciseSleep {
    timer: Rc<PreciseTimer>,
    deadline: Instant,
    is_queued: bool,
}

impl Future for PreciseSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.deadline {
            return Poll::Ready(());
        }
        // A wait that is dropped stays in the queue and wakes its task for nothing, which happens
        // only when a run is stopped. The task of a user never changes its waker.
        if !self.is_queued {
            self.is_queued = true;
            self.timer.enqueue(self.deadline, context.waker().clone());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::{LocalSet, spawn_local};

    use super::*;

    #[test]
    fn waits_end_in_the_order_of_their_deadlines() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        LocalSet::new().block_on(&runtime, async {
            let timer = PreciseTimer::install().unwrap();
            let driver = spawn_local(Rc::clone(&timer).drive());
            let start = Instant::now();
            let order = Rc::new(RefCell::new(Vec::new()));
            let mut tasks = Vec::new();
            for milliseconds in [30u64, 10, 20, 10, 0] {
                let (timer, order) = (Rc::clone(&timer), Rc::clone(&order));
                tasks.push(spawn_local(async move {
                    let deadline = start + Duration::from_millis(milliseconds);
                    timer.sleep_until(deadline).await;
                    assert!(Instant::now() >= deadline);
                    order.borrow_mut().push(milliseconds);
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(*order.borrow(), [0, 10, 10, 20, 30]);
            driver.abort();
        });
    }
}
