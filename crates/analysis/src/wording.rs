//! Numbers as words of a sentence: at most three significant digits, with their unit.

use loadline_metrics::StepLoad;

/// A time given in microseconds: `42 µs`, `18.5 ms`, `2.38 s`, `3:05 min`.
pub(crate) fn time(us: f64) -> String {
    if us < 999.5 {
        format!("{us:.0} µs")
    } else if us < 999_500.0 {
        format!("{} ms", significant(us / 1e3))
    } else if us < 120e6 {
        format!("{} s", significant(us / 1e6))
    } else {
        let seconds = (us / 1e6).round() as u64;
        format!("{}:{:02} min", seconds / 60, seconds % 60)
    }
}

/// A number of seconds: `45 s`, `4 min`.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 120.0 {
        format!("{} s", significant(seconds))
    } else {
        format!("{:.0} min", (seconds / 60.0).ceil())
    }
}

/// How long something goes on, given in seconds: `45 s`, `57 min`, `3 hours`, `5 days`.
pub(crate) fn duration(seconds: f64) -> String {
    let (length, unit) = match seconds {
        ..120.0 => (seconds, "s"),
        ..7_200.0 => (seconds / 60.0, "min"),
        ..172_800.0 => (seconds / 3_600.0, "hours"),
        _ => (seconds / 86_400.0, "days"),
    };
    format!("{length:.0} {unit}")
}

/// A time of the run, given in seconds: `4:12`.
pub(crate) fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A share: `13.6 %`.
pub(crate) fn percent(ratio: f64) -> String {
    format!("{} %", significant(ratio * 100.0))
}

/// A rate: `135/s`.
pub(crate) fn rate(per_second: f64) -> String {
    format!("{}/s", significant(per_second))
}

/// A size: `154 MB`.
pub(crate) fn bytes(bytes: f64) -> String {
    for (scale, unit) in [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")] {
        if bytes >= 0.9995 * scale {
            return format!("{} {unit}", significant(bytes / scale));
        }
    }
    format!("{bytes:.0} B")
}

/// A load: `1,000 users`, `100/s`.
pub(crate) fn load(load: StepLoad) -> String {
    match load {
        StepLoad::Users(1) => "1 user".to_owned(),
        StepLoad::Users(users) => format!("{} users", count(u64::from(users))),
        StepLoad::Rate(per_second) => rate(per_second.as_per_second()),
    }
}

/// A number of cores: `1 core`, `3.5 cores`.
pub(crate) fn cores(cores: f64) -> String {
    let unit = if cores == 1.0 { "core" } else { "cores" };
    format!("{} {unit}", significant(cores))
}

/// A count with commas between thousands.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with three significant digits and no trailing zeros after the point.
pub(crate) fn significant(value: f64) -> String {
    significant_of(value, 3)
}

/// A number with `digits` significant digits, likewise.
pub(crate) fn significant_of(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if magnitude >= digits - 1 {
        let scale = 10f64.powi(magnitude - digits + 1);
        let rounded = ((value / scale).round() * scale).abs() as u64;
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(rounded));
    }
    let decimals = (digits - 1 - magnitude).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        assert_eq!(time(42.0), "42 µs");
        assert_eq!(time(18_540.0), "18.5 ms");
        assert_eq!(time(2_384_000.0), "2.38 s");
        assert_eq!(time(185e6), "3:05 min");
        assert_eq!(percent(0.13612), "13.6 %");
        assert_eq!(percent(0.1), "10 %");
        assert_eq!(rate(1234.0), "1,230/s");
        assert_eq!(bytes(154_300_000.0), "154 MB");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(significant(0.000_456), "0.000456");
    }
}
