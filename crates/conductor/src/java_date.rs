//! Wall-clock times printed by a pattern of Java's.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use loadline_engine::functions::date_text;

/// This machine's time zone: that of the variable `TZ`, or of `/etc/localtime`, or UTC.
#[must_use]
pub fn machine_time_zone() -> TimeZone {
    let zone = TimeZone::system();
    if zone.is_unknown() {
        TimeZone::UTC
    } else {
        zone
    }
}

/// The wall-clock time `ms`, in milliseconds since the Unix epoch, by `pattern` in this machine's
/// time zone.
///
/// # Errors
///
/// What is wrong with the pattern, or with a time beyond the calendar.
pub fn java_date(pattern: &str, ms: i64) -> Result<String, String> {
    let instant =
        Timestamp::from_millisecond(ms).map_err(|_| format!("{ms} ms is beyond the calendar"))?;
    date_text(pattern, &instant.to_zoned(machine_time_zone()))
}
