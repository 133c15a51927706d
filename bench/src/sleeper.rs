//! The least lateness that a program can have here: a loop that waits for each start and does nothing else.
//!
//! It is woken as often as Loadline is at most. What a generator is late beyond it is its own; what is in it is the
//! machine's: other programs on the core, and the host of a virtual machine.

use std::time::{Duration, Instant};

/// Shortest time between two wake-ups, as in Loadline's engine.
const QUANTUM: Duration = Duration::from_micros(250);

/// Waits for `rate` starts a second for so long; median and 99th percentile of how late they were.
pub(crate) fn run(rate: u32, length: Duration) -> (Duration, Duration) {
    let gap = Duration::from_secs(1) / rate.max(1);
    let (began, mut woken) = (Instant::now(), Instant::now());
    let mut late = Vec::new();
    let mut due = began + gap;
    while due < began + length {
        let wake = due.max(woken + QUANTUM);
        std::thread::sleep(wake.saturating_duration_since(Instant::now()));
        woken = Instant::now();
        while due <= woken {
            late.push(woken - due);
            due += gap;
        }
    }
    late.sort_unstable();
    let at = |share: usize| late.get(late.len() * share / 100).copied();
    (at(50).unwrap_or_default(), at(99).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_starts_before_it_is_due() {
        let began = Instant::now();
        let (median, late) = run(1000, Duration::from_millis(20));
        assert!(began.elapsed() >= Duration::from_millis(19));
        assert!(median <= late);
        assert_eq!(run(1000, Duration::ZERO), Default::default());
    }
}
