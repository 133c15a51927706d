//! `__time([pattern][,variable])`, and the present as other functions see it.

use jiff::{Timestamp, Zoned};
use loadline_plan::program::Call;

use super::date_fields::Moment;
use super::date_pattern::{self, DateFault};
use super::{Problem, argument, print, store};
use crate::Scope;

/// Wall time: the anchor of the run plus run time, in milliseconds since 1970.
pub(super) fn now_ms(scope: &Scope<'_>) -> i64 {
    let run_ms = i64::try_from(scope.clock.now().as_micros() / 1000).unwrap_or(i64::MAX);
    scope.functions.run().wall_start_ms.saturating_add(run_ms)
}

/// Wall time in the zone of the run.
pub(super) fn now_zoned(scope: &Scope<'_>) -> Result<Zoned, String> {
    let now_ms = now_ms(scope);
    let instant = Timestamp::from_millisecond(now_ms)
        .map_err(|_| format!("{now_ms} ms is beyond the calendar"))?;
    Ok(instant.to_zoned(scope.functions.run().time_zone().clone()))
}

/// The patterns that have a name: the property that may change each, and its value otherwise.
fn named_pattern(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "YMD" => ("time.YMD", "yyyyMMdd"),
        "HMS" => ("time.HMS", "HHmmss"),
        "YMDHMS" => ("time.YMDHMS", "yyyyMMdd-HHmmss"),
        "USER1" => ("time.USER1", ""),
        "USER2" => ("time.USER2", ""),
        _ => return None,
    })
}

/// The present wall time.
pub(super) fn now(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let start = out.len();
    let mut pattern = argument(call, 0, scope);
    if let Some((property, default)) = named_pattern(&pattern) {
        let given = scope.functions.run().property(property);
        pattern = given.map_or(default.into(), Into::into);
    }
    let divisor = pattern
        .strip_prefix('/')
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if pattern.is_empty() {
        print(out, now_ms(scope));
    } else if let Some(divisor) = divisor {
        let quotient = divisor
            .parse::<i64>()
            .ok()
            .and_then(|divisor| now_ms(scope).checked_div(divisor))
            .ok_or_else(|| format!("cannot divide by {divisor}"))?;
        print(out, quotient);
    } else {
        let now = Moment::of(&now_zoned(scope)?);
        date_pattern::format(&pattern, &now, out).map_err(|fault| match fault {
            DateFault::Pattern(words) => Problem::thrown(
                words,
                "java.lang.IllegalArgumentException",
                format!("Unable to parse date format {pattern}"),
            ),
            DateFault::Missing(words) => words.into(),
        })?;
    }
    store(call, 1, scope, &out[start..]);
    Ok(())
}
