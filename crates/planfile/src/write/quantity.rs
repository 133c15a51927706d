//! Times and think times as plans state them.

use std::time::Duration;

use loadline_plan::{Text, Timer};

use crate::reference;

/// A time, in the largest unit that keeps it whole.
pub(super) fn time(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let seconds = duration.as_secs();
    if nanos == 0 {
        "0s".to_owned()
    } else if !nanos.is_multiple_of(1_000_000) {
        format!("{}us", nanos as f64 / 1e3)
    } else if !nanos.is_multiple_of(1_000_000_000) {
        format!("{}ms", duration.as_millis())
    } else if seconds.is_multiple_of(3600) {
        format!("{}h", seconds / 3600)
    } else if seconds.is_multiple_of(60) {
        format!("{}m", seconds / 60)
    } else {
        format!("{seconds}s")
    }
}

/// Whole milliseconds of a text that holds them as a plan's reader writes them.
pub(super) fn milliseconds(text: &Text) -> Option<Duration> {
    let number: u64 = text.as_str().parse().ok()?;
    // The longest time that is read.
    let is_read = number <= 100 * 365 * 86_400_000;
    let is_canonical = number.to_string() == text.as_str();
    (is_read && is_canonical).then(|| Duration::from_millis(number))
}

/// A think time; `None` for a timer that is none.
pub(super) fn think(timer: &Timer) -> Option<String> {
    match timer {
        Timer::Constant { delay_ms } if reference::is_reference(delay_ms.as_str()) => {
            Some(delay_ms.as_str().to_owned())
        }
        Timer::Constant { delay_ms } => milliseconds(delay_ms).map(time),
        Timer::Uniform {
            offset_ms,
            range_ms,
        } => {
            let (least, range) = (milliseconds(offset_ms)?, milliseconds(range_ms)?);
            let is_range = !range.is_zero();
            is_range.then(|| format!("{}..{}", time(least), time(least + range)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use loadline_units::parse_duration;

    use super::*;

    #[test]
    fn times_are_read_back() {
        for nanos in [
            0,
            1_000,
            1_500,
            1_000_000,
            1_500_000_000,
            90_000_000_000,
            3_600_000_000_000,
        ] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(parse_duration(&time(duration)), Ok(duration));
        }
    }
}
