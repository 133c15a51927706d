//! Spans of time as Java's `Duration.parse` reads them: `P1DT2H3M4.5S`, with signs anywhere.
//!
//! Not here: years, months and weeks, which that class does not have.

use jiff::SignedDuration;

/// Reads `text`; `None` for what Java's class rejects, overflow included.
pub(super) fn parse(text: &str) -> Option<SignedDuration> {
    let text = text.to_ascii_uppercase();
    let (is_negated, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let mut rest = rest.strip_prefix('P')?;
    let mut total = SignedDuration::ZERO;
    let mut has_part = false;
    let mut add = |amount: Option<i64>, seconds: i64| -> Option<()> {
        let amount = amount?.checked_mul(seconds)?;
        total = total.checked_add(SignedDuration::from_secs(amount))?;
        has_part = true;
        Some(())
    };
    if let Some((amount, after)) = part(rest, 'D') {
        add(whole(amount), 86_400)?;
        rest = after;
    }
    let mut fraction = SignedDuration::ZERO;
    if let Some(mut after_t) = rest.strip_prefix('T') {
        if after_t.is_empty() {
            return None;
        }
        for (unit, seconds) in [('H', 3_600), ('M', 60)] {
            if let Some((amount, after)) = part(after_t, unit) {
                add(whole(amount), seconds)?;
                after_t = after;
            }
        }
        if let Some((amount, after)) = part(after_t, 'S') {
            let (seconds, nanos) = match amount.split_once(['.', ',']) {
                Some((seconds, digits)) => (seconds, nanos(digits)?),
                None => (amount, 0),
            };
            add(whole(seconds), 1)?;
            let sign = if seconds.starts_with('-') { -1 } else { 1 };
            fraction = SignedDuration::from_nanos(sign * nanos);
            after_t = after;
        }
        rest = after_t;
    }
    if !rest.is_empty() || !has_part {
        return None;
    }
    let total = total.checked_add(fraction)?;
    if is_negated {
        total.checked_neg()
    } else {
        Some(total)
    }
}

/// What stands before `unit`, if only a number does, and what stands behind it.
fn part(text: &str, unit: char) -> Option<(&str, &str)> {
    let (amount, after) = text.split_once(unit)?;
    let is_number = amount
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.,".contains(&byte));
    is_number.then_some((amount, after))
}

/// A whole number with an optional sign.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Up to nine digits behind the point, in nanoseconds.
fn nanos(digits: &str) -> Option<i64> {
    if digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<9}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, millis: Option<i64>) {
        let expected = millis.map(SignedDuration::from_millis);
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn spans_are_read_as_java_reads_them() {
        check("P1DT2H3M4.5S", Some(93_784_500));
        check("-PT-1.5S", Some(1_500));
        check("PT-0.5S", Some(-500));
        check("pt+1,25s", Some(1_250));
        check("PT.5S", None);
        check("P", None);
        check("PT", None);
        check("P1DT", None);
        check("PT1M1H", None);
        check("PT1H2", None);
        check("P1.5D", None);
        check("P1Y", None);
        check("P99999999999999999999D", None);
        check("P9223372036854775807D", None);
    }
}
