//! How faults act on requests.
//!
//! The order is fixed, whatever the order of the options: crash, stall and pause, reset, limit,
//! errors, leak, CPU, lock, pool, waits. So a refused request costs nothing of what follows.

use std::hint::black_box;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustix::time::{ClockId, clock_gettime};

use crate::fault::precise_timer::PreciseTimer;
use crate::fault::slots::Slots;
use crate::fault::token_bucket::TokenBucket;
use crate::fault::{Fault, Leak, Stall};
use crate::http::connection::CutOff;
use crate::http::problem::Problem;
use crate::store::PoolUsage;

/// Any numbers do, as long as they never change and differ.
const ERRORS_SEED: u64 = 0xE44;
const RESET_SEED: u64 = 0x4E5E7;
/// A pause without requests counts as load for at most this long.
const LEAK_GAP_MAX: Duration = Duration::from_secs(1);
/// Leaked in blocks of at least a page, so that the resident memory grows by what is owed.
const LEAK_BLOCK_MIN: f64 = 4096.0;

/// All faults of a backend, with their state.
#[derive(Debug)]
pub(crate) struct Injection {
    /// In the order in which they act.
    stages: Vec<Stage>,
    interruptions: Vec<Interruption>,
    crash_at: Option<u64>,
    arrived_count: AtomicU64,
    first_request_at: OnceLock<Instant>,
    /// Started only if a stage waits.
    timer: Option<PreciseTimer>,
}

#[derive(Debug)]
enum Stage {
    Reset(Mutex<Chance>),
    Limit(Mutex<TokenBucket>),
    Errors(Mutex<Chance>),
    Leak(Mutex<LeakedMemory>),
    Cpu(Duration),
    Lock(Slots),
    Pool(Slots),
    Wait(Duration),
}

#[derive(Clone, Copy, Debug)]
enum Interruption {
    Stall(Stall),
    Pause(Stall),
}

impl Injection {
    /// # Errors
    ///
    /// The system's error if it gives no thread for the timer.
    pub(crate) fn new(faults: &[Fault]) -> io::Result<Injection> {
        let now = Instant::now();
        let mut injection = Injection {
            stages: Vec::new(),
            interruptions: Vec::new(),
            crash_at: None,
            arrived_count: AtomicU64::new(0),
            first_request_at: OnceLock::new(),
            timer: None,
        };
        for fault in faults {
            injection.stages.push(match *fault {
                Fault::Reset(share) => Stage::Reset(Mutex::new(Chance::new(share, RESET_SEED))),
                Fault::Limit(rate) => Stage::Limit(Mutex::new(TokenBucket::new(rate, now))),
                Fault::Errors(share) => Stage::Errors(Mutex::new(Chance::new(share, ERRORS_SEED))),
                Fault::Leak(leak) => Stage::Leak(Mutex::new(LeakedMemory::new(leak, now))),
                Fault::Cpu(time) => Stage::Cpu(time),
                Fault::Lock(hold) => Stage::Lock(Slots::new(1, hold, now)),
                Fault::Pool { slots, hold } => Stage::Pool(Slots::new(slots, hold, now)),
                Fault::SlowDependency(time) | Fault::Fixed(time) => Stage::Wait(time),
                Fault::Stall(stall) => {
                    injection.interruptions.push(Interruption::Stall(stall));
                    continue;
                }
                Fault::Pause(stall) => {
                    injection.interruptions.push(Interruption::Pause(stall));
                    continue;
                }
                Fault::CrashAt(number) => {
                    let earliest = injection.crash_at.map_or(number, |other| other.min(number));
                    injection.crash_at = Some(earliest);
                    continue;
                }
                // Acts before there is a request: see `Acceptor`.
                Fault::AcceptQueue { .. } => continue,
            });
        }
        injection.stages.sort_by_key(Stage::rank);
        if injection.stages.iter().any(Stage::waits) {
            injection.timer = Some(PreciseTimer::start()?);
        }
        Ok(injection)
    }

    /// Acts on a request before it is handled; a problem is its answer.
    ///
    /// Spared requests feel only what stops the whole process.
    pub(crate) async fn before(&self, is_spared: bool, cut: &CutOff) -> Result<(), Problem> {
        let number = self.arrived_count.fetch_add(1, Ordering::Relaxed) + 1;
        if self.crash_at == Some(number) {
            std::process::abort();
        }
        self.interrupt().await;
        if is_spared {
            return Ok(());
        }
        for stage in &self.stages {
            self.act(stage, cut).await?;
        }
        Ok(())
    }

    /// Acts on a request that has been handled, before it is answered.
    pub(crate) async fn after(&self) {
        self.interrupt().await;
    }

    /// Use of what requests queue for, with a name for each.
    pub(crate) fn pool_usages(&self) -> Vec<(&'static str, PoolUsage)> {
        let now = Instant::now();
        self.stages
            .iter()
            .filter_map(|stage| match stage {
                Stage::Lock(slots) => Some(("lock", slots.usage(now))),
                Stage::Pool(slots) => Some(("handlers", slots.usage(now))),
                _ => None,
            })
            .collect()
    }

    async fn interrupt(&self) {
        if self.interruptions.is_empty() {
            return;
        }
        let first = *self.first_request_at.get_or_init(Instant::now);
        for interruption in &self.interruptions {
            match interruption {
                Interruption::Stall(stall) => {
                    while let Some(rest) = stall.remaining(first.elapsed()) {
                        tokio::time::sleep(rest).await;
                    }
                }
                Interruption::Pause(stall) => {
                    while let Some(rest) = stall.remaining(first.elapsed()) {
                        // Blocking the runtime's thread is the point.
                        thread::sleep(rest);
                    }
                }
            }
        }
    }

    async fn act(&self, stage: &Stage, cut: &CutOff) -> Result<(), Problem> {
        match stage {
            Stage::Reset(chance) => {
                if lock(chance).strikes() {
                    cut.cut();
                    // Never sent: the connection is gone first.
                    return Err(failure("reset", "the connection is reset"));
                }
            }
            Stage::Limit(bucket) => {
                let taken = lock(bucket).take(Instant::now());
                if let Err(wait) = taken {
                    let seconds = wait
                        .as_secs()
                        .saturating_add(u64::from(wait.subsec_nanos() > 0));
                    return Err(Problem::too_many_requests(seconds));
                }
            }
            Stage::Errors(chance) => {
                if lock(chance).strikes() {
                    return Err(failure("internal", "something went wrong"));
                }
            }
            Stage::Leak(leaked) => lock(leaked).grow(Instant::now()),
            Stage::Cpu(time) => burn_cpu(*time),
            Stage::Lock(slots) | Stage::Pool(slots) => {
                let end = slots.reserve(Instant::now()).ok_or_else(|| {
                    let message = "too many requests wait";
                    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message)
                })?;
                self.wait_until(end).await;
            }
            Stage::Wait(time) => self.wait_until(Instant::now() + *time).await,
        }
        Ok(())
    }

    async fn wait_until(&self, at: Instant) {
        if let Some(timer) = &self.timer {
            timer.wait_until(at).await;
        }
    }
}

impl Stage {
    fn rank(&self) -> u8 {
        match self {
            Stage::Reset(_) => 0,
            Stage::Limit(_) => 1,
            Stage::Errors(_) => 2,
            Stage::Leak(_) => 3,
            Stage::Cpu(_) => 4,
            Stage::Lock(_) => 5,
            Stage::Pool(_) => 6,
            Stage::Wait(_) => 7,
        }
    }

    fn waits(&self) -> bool {
        matches!(self, Stage::Lock(_) | Stage::Pool(_) | Stage::Wait(_))
    }
}

fn failure(code: &'static str, message: &str) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, code, message)
}

/// A poisoned fault goes on: its state is one number.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Uses this much CPU time of the calling thread, however long that takes.
fn burn_cpu(time: Duration) {
    let end = thread_cpu_time() + time;
    let mut value = 0_u64;
    while thread_cpu_time() < end {
        for step in 0..500_u64 {
            value = black_box(value.wrapping_mul(31).wrapping_add(step));
        }
    }
}

/// CPU time that the calling thread has used.
fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// A seeded sequence of decisions.
#[derive(Debug)]
struct Chance {
    share: f64,
    random: ChaCha8Rng,
}

impl Chance {
    fn new(share: f64, seed: u64) -> Chance {
        Chance {
            share,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    fn strikes(&mut self) -> bool {
        self.random.random_bool(self.share)
    }
}

/// Memory that is never given back.
#[derive(Debug)]
struct LeakedMemory {
    leak: Leak,
    blocks: Vec<Vec<u8>>,
    owed_bytes: f64,
    updated_at: Instant,
}

impl LeakedMemory {
    fn new(leak: Leak, now: Instant) -> LeakedMemory {
        LeakedMemory {
            leak,
            blocks: Vec::new(),
            owed_bytes: 0.0,
            updated_at: now,
        }
    }

    /// Takes what one more request, at `now`, makes due.
    fn grow(&mut self, now: Instant) {
        let gap = now
            .saturating_duration_since(self.updated_at)
            .min(LEAK_GAP_MAX);
        self.updated_at = self.updated_at.max(now);
        // A leak is at most 1 TiB per unit, which an f64 holds exactly.
        self.owed_bytes += match self.leak {
            Leak::PerSecond(bytes) => bytes as f64 * gap.as_secs_f64(),
            Leak::PerRequest(bytes) => bytes as f64,
        };
        if self.owed_bytes >= LEAK_BLOCK_MIN {
            // Written, not zeroed: memory that nobody touched would not count as used.
            self.blocks.push(vec![0xA5; self.owed_bytes as usize]);
            self.owed_bytes = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burning_uses_the_stated_cpu_time() {
        let start = thread_cpu_time();
        burn_cpu(Duration::from_millis(3));
        let used = thread_cpu_time() - start;
        assert!(used >= Duration::from_millis(3));
        assert!(used < Duration::from_millis(6), "{used:?}");
    }

    #[test]
    fn chance_repeats_with_its_seed_and_keeps_its_share() {
        let draw = |seed| {
            let mut chance = Chance::new(0.05, seed);
            (0..20_000).map(|_| chance.strikes()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let struck = draw(ERRORS_SEED).iter().filter(|struck| **struck).count();
        assert!((900..=1100).contains(&struck), "{struck}");
    }

    #[test]
    fn memory_leaks_by_time_under_load() {
        let start = Instant::now();
        let mut memory = LeakedMemory::new(Leak::PerSecond(1 << 20), start);
        for millisecond in 1..=2000 {
            memory.grow(start + Duration::from_millis(millisecond));
        }
        // An hour without requests leaks a second's worth.
        memory.grow(start + Duration::from_secs(3600));
        let leaked: usize = memory.blocks.iter().map(Vec::len).sum();
        assert!((3 << 20) - leaked < 8192, "{leaked}");
    }

    #[test]
    fn memory_leaks_by_request() {
        let now = Instant::now();
        let mut memory = LeakedMemory::new(Leak::PerRequest(1024), now);
        for _ in 0..100 {
            memory.grow(now);
        }
        assert_eq!(
            memory.blocks.iter().map(Vec::len).sum::<usize>(),
            100 * 1024
        );
    }
}
