//! The quantities that options are written in: durations, shares, rates and byte counts.
//!
//! Each parser takes the whole text and explains what it expects when it does not match.

use std::time::Duration;

/// The longest duration of an option; sums of a few of them still fit everywhere.
const DURATION_MAX: Duration = Duration::from_secs(24 * 3600);

/// Reads `500us`, `2ms`, `1.5s` or `1m`; at most a day.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}` is not a duration such as 500us, 20ms, 1.5s or 1m");
    let (number, unit) = split_unit(text).ok_or_else(expected)?;
    let seconds_per_unit = match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        _ => return Err(expected()),
    };
    // Nanosecond rounding keeps 0.1 + binary fractions from showing up as 1.999999ms.
    let nanoseconds = (number * seconds_per_unit * 1e9).round();
    match Duration::try_from_secs_f64(nanoseconds / 1e9) {
        Ok(duration) if duration <= DURATION_MAX => Ok(duration),
        _ => Err(expected()),
    }
}

/// Reads `5%` or `0.05` as a ratio in [0, 1].
pub(crate) fn parse_share(text: &str) -> Result<f64, String> {
    let expected = || format!("`{text}` is not a share between 0% and 100%, such as 5% or 0.05");
    let (number, unit) = split_unit(text).ok_or_else(expected)?;
    let share = match unit {
        "%" => number / 100.0,
        "" => number,
        _ => return Err(expected()),
    };
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(expected())
    }
}

/// Reads `100/s` or `600/m` as a rate per second, greater than 0.
pub(crate) fn parse_rate(text: &str) -> Result<f64, String> {
    let expected = || format!("`{text}` is not a rate above 0, such as 100/s or 600/m");
    let (number, unit) = split_unit(text).ok_or_else(expected)?;
    let rate = match unit {
        "/s" => number,
        "/m" | "/min" => number / 60.0,
        _ => return Err(expected()),
    };
    if rate > 0.0 && rate.is_finite() {
        Ok(rate)
    } else {
        Err(expected())
    }
}

/// Reads `4096B`, `500KiB`, `1MiB` or `1MB` as a number of bytes.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let expected = || format!("`{text}` is not a number of bytes such as 4096B, 500KiB or 1MiB");
    let (number, unit) = split_unit(text).ok_or_else(expected)?;
    let bytes_per_unit = match unit {
        "B" => 1.0,
        "kB" | "KB" => 1e3,
        "KiB" => 1024.0,
        "MB" => 1e6,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(expected()),
    };
    let bytes = (number * bytes_per_unit).round();
    // Beyond 1 TiB a leak is a typing error, and an f64 still counts bytes exactly below it.
    if bytes <= 1_099_511_627_776.0 {
        Ok(bytes as u64)
    } else {
        Err(expected())
    }
}

/// Splits `1.5ms` into 1.5 and `ms`; `None` when no finite, non-negative number leads.
fn split_unit(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    number.is_finite().then_some((number, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("500us"), Ok(Duration::from_micros(500)));
        assert_eq!(parse_duration("2ms"), Ok(Duration::from_millis(2)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("1m"), Ok(Duration::from_secs(60)));
        for wrong in ["", "2", "ms", "-1s", "1h", "1 s", "1.2.3s", "1441m"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares_stay_within_one() {
        assert_eq!(parse_share("5%"), Ok(0.05));
        assert_eq!(parse_share("0.25"), Ok(0.25));
        assert_eq!(parse_share("100%"), Ok(1.0));
        for wrong in ["101%", "5", "%", "5/s", "-1%"] {
            assert!(parse_share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rates_are_above_zero() {
        assert_eq!(parse_rate("100/s"), Ok(100.0));
        assert_eq!(parse_rate("600/m"), Ok(10.0));
        for wrong in ["0/s", "100", "/s", "100/h"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_have_units() {
        assert_eq!(parse_bytes("4096B"), Ok(4096));
        assert_eq!(parse_bytes("1.5KiB"), Ok(1536));
        assert_eq!(parse_bytes("1MiB"), Ok(1_048_576));
        assert_eq!(parse_bytes("1MB"), Ok(1_000_000));
        for wrong in ["1", "MiB", "1Mib", "9999999GiB"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }
}
