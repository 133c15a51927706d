//! Reads quantities as people write them: `500ms`, `1m30s`, `100/s`, `10 %`, `1MiB`.

use std::time::Duration;

use crate::{ByteCount, Rate};

/// Why a text is not the quantity asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct UnitError {
    /// The text as given.
    pub text: String,
    /// What was expected, with an example: "a duration such as `30s`".
    pub expected: &'static str,
}

const DURATION: &str = "a duration such as `500ms`, `30s`, `2m` or `1h30m`";
const RATE: &str = "a rate such as `100/s`, `6000/min` or `10/h`";
const RATIO: &str = "a share such as `10%` or `0.1`";
const BYTES: &str = "a size such as `512kB`, `1MiB` or `200 MB`";

/// Reads a duration: one or more numbers, each with one of the units `us`, `ms`, `s`, `m` (or
/// `min`), `h`, `d`, in any order and with optional spaces between; `0` needs no unit.
///
/// # Errors
///
/// When the text is empty, a unit is missing or unknown, or the sum exceeds 100 years.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    let error = || UnitError {
        text: text.to_owned(),
        expected: DURATION,
    };
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(error());
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let (number, after) = split_number(rest).ok_or_else(error)?;
        let after = after.trim_start();
        let unit_end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let scale = match &after[..unit_end] {
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return Err(error()),
        };
        seconds += number * scale;
        rest = after[unit_end..].trim_start();
    }
    if seconds > 100.0 * 365.0 * 86_400.0 {
        return Err(error());
    }
    // Through nanoseconds, so that 0.1 s is exactly 100 ms.
    Ok(Duration::from_nanos((seconds * 1e9).round() as u64))
}

/// Reads a rate: a number, `/` or `per`, and `s`, `m` (or `min`) or `h`.
///
/// # Errors
///
/// When the text has another form or the number is negative or not finite.
pub fn parse_rate(text: &str) -> Result<Rate, UnitError> {
    let error = || UnitError {
        text: text.to_owned(),
        expected: RATE,
    };
    let (number, after) = split_number(text.trim()).ok_or_else(error)?;
    let after = after.trim_start();
    let unit = after
        .strip_prefix('/')
        .or_else(|| after.strip_prefix("per "))
        .ok_or_else(error)?;
    let seconds = match unit.trim() {
        "s" | "sec" | "second" => 1.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 3600.0,
        _ => return Err(error()),
    };
    Rate::per_second(number / seconds).ok_or_else(error)
}

/// Reads a share: a number, or a number followed by `%`; the result is a ratio (0.1 for `10%`).
///
/// # Errors
///
/// When the text is not a number or is negative.
pub fn parse_ratio(text: &str) -> Result<f64, UnitError> {
    let error = || UnitError {
        text: text.to_owned(),
        expected: RATIO,
    };
    let (number, after) = split_number(text.trim()).ok_or_else(error)?;
    match after.trim() {
        "" => Ok(number),
        "%" => Ok(number / 100.0),
        _ => Err(error()),
    }
}

/// Reads a size in bytes: a number with `B`, `kB`, `MB`, `GB` (powers of 1,000) or `KiB`, `MiB`,
/// `GiB` (powers of 1,024); a bare number counts bytes.
///
/// # Errors
///
/// When the text has another form.
pub fn parse_bytes(text: &str) -> Result<ByteCount, UnitError> {
    let error = || UnitError {
        text: text.to_owned(),
        expected: BYTES,
    };
    let (number, after) = split_number(text.trim()).ok_or_else(error)?;
    let scale = match after.trim() {
        "" | "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(error()),
    };
    Ok(ByteCount((number * scale).round() as u64))
}

/// The decimal number at the start of `text`, and what follows it. No sign, no exponent.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    number.is_finite().then_some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_add_up_their_parts() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("0.1s"), Ok(Duration::from_millis(100)));
        assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn a_duration_needs_a_known_unit() {
        for wrong in ["", "30", "30 sek", "-5s", "s", "5s 3"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            parse_duration("30").unwrap_err().to_string(),
            "`30` is not a duration such as `500ms`, `30s`, `2m` or `1h30m`"
        );
    }

    #[test]
    fn rates_shares_and_sizes() {
        assert_eq!(parse_rate("6000/min").map(Rate::as_per_second), Ok(100.0));
        assert!(parse_rate("100").is_err());
        assert_eq!(parse_ratio("10 %"), Ok(0.1));
        assert_eq!(parse_ratio("0.1"), Ok(0.1));
        assert_eq!(parse_bytes("1MiB"), Ok(ByteCount(1_048_576)));
        assert!(parse_bytes("1 furlong").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = parse_duration(&text);
            let _ = parse_rate(&text);
            let _ = parse_ratio(&text);
            let _ = parse_bytes(&text);
        }
    }
}
