//! Waking for arrivals.
//!
//! Response times of open loads count from the arrival's instant, so the timer's lateness is inside
//! them, and tokio's timer, which rounds up to the millisecond, is too coarse. On Linux a kernel
//! timer (`timerfd`) wakes for them instead, not more often than each [`QUANTUM`]: all arrivals due
//! by then start together.

use loadline_units::RunTime;

use crate::{RunClock, clock};

/// Least time between two wakes. Wakes are what this timer costs: at 250 µs it keeps arrivals
/// within some 0.2 ms of their instant (median) at half the wakes of an exact one.
#[cfg(target_os = "linux")]
const QUANTUM: std::time::Duration = std::time::Duration::from_micros(250);

/// How a thread wakes for the arrivals of one group.
#[derive(Debug)]
pub(crate) enum ArrivalTimer {
    /// By tokio's timer, which can be virtual.
    Tokio,
    /// By a timer of the kernel.
    #[cfg(target_os = "linux")]
    Kernel(kernel::KernelTimer),
}

impl ArrivalTimer {
    /// The best timer of this machine for real time.
    pub(crate) fn precise() -> Self {
        #[cfg(target_os = "linux")]
        if let Ok(timer) = kernel::KernelTimer::new() {
            return ArrivalTimer::Kernel(timer);
        }
        ArrivalTimer::Tokio
    }

    /// Waits until `at`, or a little longer. May be dropped and called again.
    pub(crate) async fn wait_until(&self, clock: RunClock, at: RunTime) {
        match self {
            ArrivalTimer::Tokio => clock::sleep_until(clock, at).await,
            #[cfg(target_os = "linux")]
            ArrivalTimer::Kernel(timer) => {
                if timer.wait_until(clock, at).await.is_err() {
                    clock::sleep_until(clock, at).await;
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::cell::Cell;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use loadline_units::{Clock as _, RunTime};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    use super::QUANTUM;
    use crate::RunClock;

    /// A `timerfd` on the thread's runtime.
    #[derive(Debug)]
    pub(crate) struct KernelTimer {
        timer: AsyncFd<OwnedFd>,
        /// When it last woke.
        woke_at: Cell<RunTime>,
    }

    impl KernelTimer {
        #[expect(
            deprecated,
            reason = "its successor is an unsafe function; an `OwnedFd` keeps what that one asks for"
        )]
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            Ok(Self {
                timer: AsyncFd::new(timer)?,
                woke_at: Cell::new(RunTime::ZERO),
            })
        }

        pub(super) async fn wait_until(&self, clock: RunClock, at: RunTime) -> io::Result<()> {
            let target = at.max(self.woke_at.get() + QUANTUM);
            let left = clock.time_until(target);
            if left.is_zero() {
                return Ok(());
            }
            self.arm(left)?;
            loop {
                let mut ready = self.timer.readable().await?;
                let read = ready.try_io(|timer| {
                    let mut expirations = [0; 8];
                    Ok(rustix::io::read(timer.get_ref(), &mut expirations)?)
                });
                match read {
                    Ok(outcome) => {
                        outcome?;
                        self.woke_at.set(clock.now());
                        return Ok(());
                    }
                    // Left over from a wait that was given up.
                    Err(_would_block) => {}
                }
            }
        }

        /// Lets the timer expire once, after `left`, which is not zero.
        fn arm(&self, left: Duration) -> io::Result<()> {
            let once = Itimerspec {
                it_interval: Timespec {
                    tv_sec: 0,
                    tv_nsec: 0,
                },
                it_value: Timespec::try_from(left).map_err(io::Error::other)?,
            };
            timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            Ok(())
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use loadline_units::Clock as _;

    use super::*;

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(test);
    }

    #[test]
    fn the_kernel_timer_wakes_no_earlier_than_asked() {
        run(async {
            let clock = RunClock::starting_now();
            let timer = ArrivalTimer::precise();
            assert!(matches!(timer, ArrivalTimer::Kernel(_)));
            for step in 1..=5 {
                let at = RunTime::from_micros(step * 300);
                timer.wait_until(clock, at).await;
                assert!(clock.now() >= at);
            }
        });
    }

    #[test]
    fn a_wait_that_was_given_up_does_not_disturb_the_next() {
        run(async {
            let clock = RunClock::starting_now();
            let timer = ArrivalTimer::precise();
            let soon = clock.now() + Duration::from_micros(100);
            tokio::select! {
                biased;
                () = timer.wait_until(clock, soon) => {}
                () = std::future::ready(()) => {}
            }
            let later = clock.now() + Duration::from_millis(3);
            timer.wait_until(clock, later).await;
            assert!(clock.now() >= later);
        });
    }
}
