//! Numbers as JMeter reads them from its properties: what is no number is 0.

use std::time::Duration;

/// A whole number by Java's `Integer.parseInt`: no spaces, no fraction; 0 on failure.
pub(crate) fn int(text: &str) -> i32 {
    text.parse().unwrap_or(0)
}

/// A whole number by Java's `Long.parseLong`; 0 on failure.
pub(crate) fn long(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

/// A number of users; 0 for texts that are no number and for negative numbers.
pub(crate) fn users(text: &str) -> u32 {
    u32::try_from(int(text)).unwrap_or(0)
}

/// Whole seconds, at most `i32::MAX` (68 years), so that sums of times cannot overflow; zero for
/// texts that are no number and for negative numbers.
pub(crate) fn seconds(text: &str) -> Duration {
    Duration::from_secs(u64::try_from(long(text).min(i32::MAX.into())).unwrap_or(0))
}

/// A number by Java's `Double.parseDouble`, which trims; 0 on failure, and when negative or not
/// finite.
pub(crate) fn decimal(text: &str) -> f64 {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => number,
        _ => 0.0,
    }
}

/// Whole seconds of a plugin's time in units of `unit_s` seconds, rounded, at most `i32::MAX`; 0 for
/// texts that are no number and for negative numbers.
pub(crate) fn whole_seconds(text: &str, unit_s: f64) -> u32 {
    let seconds = (decimal(text) * unit_s + 0.5).floor();
    seconds.min(f64::from(i32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_zero() {
        for text in ["", " 5", "1.5", "five", "99999999999"] {
            assert_eq!(int(text), 0, "{text:?}");
        }
        assert_eq!(int("-1"), -1);
        assert_eq!(users("-1"), 0);
        assert_eq!(decimal(" 1.5 "), 1.5);
        assert_eq!(decimal("NaN"), 0.0);
    }
}
