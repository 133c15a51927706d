//! Ctrl-C and termination, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use loadline_conductor::Interrupts;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Counts signals from now on, for the whole life of the program. `on_signal` is called with each
/// count.
pub(crate) fn count_interrupts(
    on_signal: impl Fn(u32) + Send + 'static,
) -> anyhow::Result<Interrupts> {
    let count: Interrupts = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&count);
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("listen for signals")?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            on_signal(counter.fetch_add(1, Ordering::Relaxed) + 1);
        }
    });
    Ok(count)
}

/// What a run says to a signal.
pub(crate) fn announce(count: u32) {
    let text = match count {
        1 => "stopping: samples under way are finished (again to stop at once)",
        2 => "stopping at once",
        _ => return,
    };
    crate::terminal::say(text);
}
