//! `__time([pattern][,variable])`.

use jiff::Timestamp;
use loadline_plan::program::Call;

use super::{argument, date_pattern, print, store};
use crate::Scope;

/// The present wall time: the anchor of the run plus run time.
pub(super) fn now(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    let run = scope.functions.run();
    let run_ms = i64::try_from(scope.clock.now().as_micros() / 1000).unwrap_or(i64::MAX);
    let now_ms = run.wall_start_ms.saturating_add(run_ms);
    let pattern = argument(call, 0, scope);
    let pattern = match &*pattern {
        "YMD" => "yyyyMMdd",
        "HMS" => "HHmmss",
        "YMDHMS" => "yyyyMMdd-HHmmss",
        other => other,
    };
    let divisor = pattern
        .strip_prefix('/')
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if pattern.is_empty() {
        print(out, now_ms);
    } else if let Some(divisor) = divisor {
        let quotient = divisor
            .parse::<i64>()
            .ok()
            .and_then(|divisor| now_ms.checked_div(divisor))
            .ok_or_else(|| format!("cannot divide by {divisor}"))?;
        print(out, quotient);
    } else {
        let instant = Timestamp::from_millisecond(now_ms)
            .map_err(|_| format!("{now_ms} ms is beyond the calendar"))?;
        let zoned = instant.to_zoned(run.time_zone.clone());
        date_pattern::format(pattern, &zoned, out)?;
    }
    store(call, 1, scope, &out[start..]);
    Ok(())
}
