//! `DateUtils`, `DateFormatUtils` and `DurationFormatUtils` of commons-lang.
//!
//! Not here: the patterns of dates (see [`super::date_pattern`]).

use jiff::tz::TimeZone;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date::{date, format_ms, millis_of, parse_date, shifted, zoned};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::Value;

/// `addDays(date, 1)` and its like: a field of `Calendar` and how much it grows.
fn add(a: Args<'_>, field: i32, times: i64) -> Run {
    let ms = millis_of(&a[0]).ok_or(Fail::NoMethod)?;
    let moment = zoned(ms, &TimeZone::UTC)?;
    let moved = shifted(&moment, field, i64::from(a.int(1)?) * times)?;
    Ok(date(moved.timestamp().as_millisecond()))
}

/// The begin of the day, hour or other field of `Calendar` that a moment is in.
fn truncated(ms: i64, field: i32) -> Run<i64> {
    let unit = match field {
        14 => 1,
        13 => 1000,
        12 => 60_000,
        10 | 11 => 3_600_000,
        5 | 6 => 86_400_000,
        1 | 2 => {
            let moment = zoned(ms, &TimeZone::UTC)?.date();
            let first = if field == 1 {
                moment.first_of_year()
            } else {
                moment.first_of_month()
            };
            let first = first.to_zoned(TimeZone::UTC).map_err(|_| Fail::NoMethod)?;
            return Ok(first.timestamp().as_millisecond());
        }
        _ => {
            return Err(throw(
                "java.lang.IllegalArgumentException",
                format!("The field {field} is not supported"),
            ));
        }
    };
    Ok(ms - ms.rem_euclid(unit))
}

methods! {
    fn dates(cx, me: &'static ClassInfo, a, name) -> DATES;
    addYears : 2 .. 2 => add(a, 1, 1);
    addMonths : 2 .. 2 => add(a, 2, 1);
    addWeeks : 2 .. 2 => add(a, 5, 7);
    addDays : 2 .. 2 => add(a, 5, 1);
    addHours : 2 .. 2 => add(a, 11, 1);
    addMinutes : 2 .. 2 => add(a, 12, 1);
    addSeconds : 2 .. 2 => add(a, 13, 1);
    addMilliseconds : 2 .. 2 => add(a, 14, 1);
    truncate : 2 .. 2 => truncated(millis_of(&a[0]).ok_or(Fail::NoMethod)?, a.int(1)?).map(date);
    isSameDay : 2 .. 2 => { let day = |value: &Value| millis_of(value).map(|ms| ms.div_euclid(86_400_000)).ok_or(Fail::NoMethod); Ok(Value::Bool(day(&a[0])? == day(&a[1])?)) };
    parseDate : 2 .. 9 => {
        let text = cx.text_arg(a, 0)?;
        for index in 1..a.len() {
            if let Ok(found) = parse_date(&text, &a.text(index)?, &TimeZone::UTC, true) { return Ok(found); }
        }
        Err(throw("java.text.ParseException", format!("Unable to parse the date: {text}")))
    };
}

fn formatted(cx: &mut Interp<'_>, a: Args<'_>) -> Run {
    let ms = millis_of(&a[0]).ok_or(Fail::NoMethod)?;
    let zone = match a.0.get(2) {
        Some(zone) if !zone.is_nothing() => {
            cx.call_method(zone, &crate::name::Name::new("getID"), &[])?
        }
        _ => Value::from("UTC"),
    };
    format_ms(ms, &a.text(1)?, &cx.java_text(&zone)?).map(Value::from)
}

methods! {
    fn date_formats(cx, me: &'static ClassInfo, a, name) -> DATE_FORMATS;
    format : 2 .. 3 => formatted(cx, a);
    formatUTC : 2 .. 2 => formatted(cx, a);
}

/// A length of time by a pattern of `d`, `H`, `m`, `s` and `S`; the largest letter takes what is above it.
fn duration_text(ms: i64, pattern: &str) -> String {
    let units = [
        ('d', 86_400_000),
        ('H', 3_600_000),
        ('m', 60_000),
        ('s', 1000),
        ('S', 1),
    ];
    let mut rest = ms;
    let mut amounts = Vec::new();
    for (letter, unit) in units {
        if pattern.contains(letter) {
            amounts.push((letter, rest / unit));
            rest %= unit;
        }
    }
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            is_quoted = !is_quoted;
            continue;
        }
        match amounts
            .iter()
            .find(|(known, _)| *known == letter && !is_quoted)
        {
            Some((_, amount)) => {
                let mut width = 1;
                while letters.next_if_eq(&letter).is_some() {
                    width += 1;
                }
                if letter == 'S' {
                    width = width.max(3);
                }
                out.push_str(&format!("{amount:0width$}"));
            }
            None => out.push(letter),
        }
    }
    out
}

methods! {
    fn durations(cx, me: &'static ClassInfo, a, name) -> DURATIONS;
    formatDuration : 2 .. 3 => Ok(Value::from(duration_text(a.long(0)?, &a.text(1)?)));
    formatDurationHMS : 1 .. 1 => Ok(Value::from(duration_text(a.long(0)?, "HH:mm:ss.SSS")));
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.commons.lang3.time.DateUtils").statics(dates, DATES),
    ClassInfo::named("org.apache.commons.lang3.time.DateFormatUtils")
        .statics(date_formats, DATE_FORMATS),
    ClassInfo::named("org.apache.commons.lang3.time.DurationFormatUtils")
        .statics(durations, DURATIONS),
];
