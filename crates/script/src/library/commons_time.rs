//! `DateUtils`, `DateFormatUtils` and `DurationFormatUtils` of commons-lang.
//!
//! Not here: the patterns of dates (see [`super::date_pattern`]).

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date::{Zone, date, format_ms, millis_of, parse_date, shifted, zoned};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::Value;

/// `addDays(date, 1)` and its like: a field of `Calendar` and how much it grows.
fn add(cx: &Interp<'_>, a: Args<'_>, field: i32, times: i64) -> Run {
    let moved = shifted(&moment(cx, &a[0])?, field, i64::from(a.int(1)?) * times)?;
    Ok(date(moved.timestamp().as_millisecond()))
}

/// The begin of the year, day, hour or other field of `Calendar` that a moment is in.
fn truncated(moment: &Zoned, field: i32) -> Run<i64> {
    let start = match field {
        14 => return Ok(moment.timestamp().as_millisecond()),
        13 => moment.with().subsec_nanosecond(0).build(),
        12 => moment.with().second(0).subsec_nanosecond(0).build(),
        10 | 11 => moment
            .with()
            .minute(0)
            .second(0)
            .subsec_nanosecond(0)
            .build(),
        5 | 6 => moment.start_of_day(),
        2 => moment.first_of_month().and_then(|day| day.start_of_day()),
        1 => moment.first_of_year().and_then(|day| day.start_of_day()),
        _ => {
            return Err(throw(
                "java.lang.IllegalArgumentException",
                format!("The field {field} is not supported"),
            ));
        }
    };
    let start = start.map_err(|_| Fail::NoMethod)?;
    Ok(start.timestamp().as_millisecond())
}

/// The moment that an argument is, in the zone of moments that name none.
fn moment(cx: &Interp<'_>, value: &Value) -> Run<Zoned> {
    let ms = millis_of(value).ok_or(Fail::NoMethod)?;
    zoned(ms, &cx.host.time_zone())
}

methods! {
    fn dates(cx, me: &'static ClassInfo, a, name) -> DATES;
    addYears : 2 .. 2 => add(cx, a, 1, 1);
    addMonths : 2 .. 2 => add(cx, a, 2, 1);
    addWeeks : 2 .. 2 => add(cx, a, 5, 7);
    addDays : 2 .. 2 => add(cx, a, 5, 1);
    addHours : 2 .. 2 => add(cx, a, 11, 1);
    addMinutes : 2 .. 2 => add(cx, a, 12, 1);
    addSeconds : 2 .. 2 => add(cx, a, 13, 1);
    addMilliseconds : 2 .. 2 => add(cx, a, 14, 1);
    truncate : 2 .. 2 => truncated(&moment(cx, &a[0])?, a.int(1)?).map(date);
    isSameDay : 2 .. 2 => Ok(Value::Bool(moment(cx, &a[0])?.date() == moment(cx, &a[1])?.date()));
    parseDate : 2 .. 9 => {
        let text = cx.text_arg(a, 0)?;
        for index in 1..a.len() {
            if let Ok(found) = parse_date(&text, &a.text(index)?, &cx.host.time_zone(), true) { return Ok(found); }
        }
        Err(throw("java.text.ParseException", format!("Unable to parse the date: {text}")))
    };
}

fn formatted(cx: &Interp<'_>, a: Args<'_>) -> Run {
    let ms = millis_of(&a[0]).ok_or(Fail::NoMethod)?;
    let zone = match a.0.get(2) {
        Some(zone) if !zone.is_nothing() => a.native::<Zone>(2)?.1.clone(),
        _ => cx.host.time_zone(),
    };
    format_ms(ms, &a.text(1)?, &zone).map(Value::from)
}

methods! {
    fn date_formats(cx, me: &'static ClassInfo, a, name) -> DATE_FORMATS;
    format : 2 .. 3 => formatted(cx, a);
    formatUTC : 2 .. 2 => format_ms(millis_of(&a[0]).ok_or(Fail::NoMethod)?, &a.text(1)?, &TimeZone::UTC).map(Value::from);
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
