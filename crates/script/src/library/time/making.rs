//! Making moments: `now`, `of`, `parse` and their like of the six classes.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::formatter::Formatter;
use super::moment::{Moment, beyond, small, year};
use super::named::month_number;
use super::zone::{ZoneId, zone_named};
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::library::date_pattern::{MONTHS, parse, zone_of};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::Value;

fn bad_text(text: &str, at: usize) -> Fail {
    throw(
        "java.time.format.DateTimeParseException",
        format!("Text '{text}' could not be parsed at index {at}"),
    )
}

/// The constants of the classes of moments.
pub(super) fn moment_fields(name: &str) -> Option<Value> {
    Some(Value::object(match name {
        "NOON" => Moment::Time(Time::constant(12, 0, 0, 0)),
        "MIDNIGHT" => Moment::Time(Time::midnight()),
        "EPOCH" => Moment::Instant(Timestamp::UNIX_EPOCH),
        _ => return None,
    }))
}

/// What is said of a date that no calendar has.
pub(super) fn no_such_date(year: i32, month: i32, day: i32) -> Fail {
    let name = usize::try_from(month - 1).ok();
    let name = name.and_then(|at| MONTHS.get(at));
    let message = match name {
        None => format!("Invalid value for MonthOfYear (valid values 1 - 12): {month}"),
        Some(_) if !(1..=31).contains(&day) => {
            format!("Invalid value for DayOfMonth (valid values 1 - 28/31): {day}")
        }
        Some(_) if month == 2 && day == 29 => {
            format!("Invalid date 'February 29' as '{year}' is not a leap year")
        }
        Some(name) => format!("Invalid date '{} {day}'", name.to_uppercase()),
    };
    throw("java.time.DateTimeException", message)
}

/// A date, or Java's words about one that does not exist.
fn date_of(years: i32, month: i32, day: i32) -> Run<Date> {
    Date::new(year(years), small(month), small(day)).map_err(|_| no_such_date(years, month, day))
}

/// Digits that look like a date, with a day or a month that does not exist.
fn impossible(text: &str) -> Option<Fail> {
    let mut parts = text
        .get(..10)?
        .splitn(3, '-')
        .map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let Err(Fail::Throw(thrown)) = date_of(year, month, day) else {
        return None;
    };
    let why = thrown
        .native::<crate::library::throwable::Throwable>()?
        .message
        .clone()?;
    Some(throw(
        "java.time.format.DateTimeParseException",
        format!("Text '{text}' could not be parsed: {why}"),
    ))
}

fn moment_of(class: &str, text: &str, pattern: Option<&str>) -> Run<Moment> {
    if let Some(pattern) = pattern {
        let parsed = parse(text, pattern, true)?.map_err(|at| bad_text(text, at))?;
        let zoned = parsed
            .lenient(&TimeZone::UTC)
            .ok_or_else(|| bad_text(text, 0))?;
        return Ok(model(class).again(zoned));
    }
    let bad = |_: jiff::Error| {
        if let Some(why) = impossible(text) {
            return why;
        }
        let at = text
            .bytes()
            .zip("0000-00-00T00:00".bytes())
            .position(|(t, p)| {
                p.is_ascii_digit() != t.is_ascii_digit() || !p.is_ascii_digit() && p != t
            });
        bad_text(
            text,
            match at {
                Some(n) if n < 4 => 0,
                Some(n) => n,
                None => text.len().min(10),
            },
        )
    };
    Ok(match class {
        "java.time.LocalDate" => Moment::Date(if text.len() == 10 {
            text.parse().map_err(bad)?
        } else {
            return Err(bad_text(text, 0));
        }),
        "java.time.LocalTime" => Moment::Time(text.parse().map_err(bad)?),
        "java.time.LocalDateTime" => Moment::DateTime(if text.contains('T') {
            text.parse().map_err(bad)?
        } else {
            return Err(bad_text(text, text.len().min(10)));
        }),
        "java.time.Instant" => Moment::Instant(text.parse().map_err(bad)?),
        _ => {
            let (body, named) = text
                .split_once('[')
                .map_or((text, None), |(b, z)| (b, zone_of(z.trim_end_matches(']'))));
            let at = body
                .rfind(['Z', '+'])
                .or_else(|| body.rfind('-').filter(|at| *at > 10))
                .ok_or_else(|| bad_text(text, body.len()))?;
            let zone = named
                .or_else(|| zone_named(&body[at..]))
                .ok_or_else(|| bad_text(text, at))?;
            let datetime: DateTime = body[..at].parse().map_err(bad)?;
            model(class).again(datetime.to_zoned(zone).map_err(beyond)?)
        }
    })
}

/// A moment of the class, to make others of it.
fn model(class: &str) -> Moment {
    let zoned = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    match class {
        "java.time.LocalDate" => Moment::Date(zoned.date()),
        "java.time.LocalTime" => Moment::Time(zoned.time()),
        "java.time.LocalDateTime" => Moment::DateTime(zoned.datetime()),
        "java.time.Instant" => Moment::Instant(zoned.timestamp()),
        "java.time.OffsetDateTime" => Moment::Offset(zoned),
        _ => Moment::Zoned(zoned),
    }
}

methods! {
    fn moments(cx, me: &'static ClassInfo, a, name) -> MOMENTS;
    now : 0 .. 1 => { let zone = match a.first() { Some(_) => a.native::<ZoneId>(0)?.1.clone(), None => cx.host.time_zone() }; let ms = cx.host.now_ms(); Ok(Value::object(model(me.name).again(crate::library::date::zoned(ms, &zone)?))) };
    of : 2 .. 8 => {
        let n = |i: usize| if i < a.len() { a.int(i) } else { Ok(0) };
        Ok(Value::object(match me.name {
            "java.time.LocalDate" => Moment::Date(date_of(n(0)?, month_number(a, 1)?, n(2)?)?),
            "java.time.LocalTime" => Moment::Time(Time::new(small(n(0)?), small(n(1)?), small(n(2)?), n(3)?).map_err(beyond)?),
            "java.time.LocalDateTime" => if let (Some(Moment::Date(d)), Some(Moment::Time(t))) = (a[0].native::<Moment>(), a[1].native::<Moment>()) { Moment::DateTime(d.to_datetime(*t)) } else { Moment::DateTime(DateTime::new(year(n(0)?), small(month_number(a, 1)?), small(n(2)?), small(n(3)?), small(n(4)?), small(n(5)?), n(6)?).map_err(beyond)?) },
            "java.time.ZonedDateTime" | "java.time.OffsetDateTime" => { let zone = a.native::<ZoneId>(a.len() - 1)?.1.clone(); let d = match a[0].native::<Moment>() { Some(Moment::DateTime(d)) => *d, _ => DateTime::new(year(n(0)?), small(n(1)?), small(n(2)?), small(n(3)?), small(n(4)?), small(n(5)?), n(6)?).map_err(beyond)? }; model(me.name).again(d.to_zoned(zone).map_err(beyond)?) }
            _ => return Err(Fail::NoMethod),
        }))
    };
    parse : 1 .. 2 => { let text = cx.text_arg(a, 0)?; let pattern = match a.0.get(1) { Some(v) => match v.native::<Formatter>() { Some(f) => f.pattern(), None => Some(a.text(1)?) }, None => None }; moment_of(me.name, &text, pattern.as_deref()).map(Value::object) };
    ofInstant : 2 .. 2 => { let t = a.native::<Moment>(0)?.zoned()?; Ok(Value::object(model(me.name).again(t.with_time_zone(a.native::<ZoneId>(1)?.1.clone())))) };
    ofEpochMilli : 1 .. 1 => Timestamp::from_millisecond(a.long(0)?).map(|t| Value::object(Moment::Instant(t))).map_err(beyond);
    ofEpochSecond : 1 .. 3 => { let t = Timestamp::from_second(a.long(0)?).map_err(beyond)?; Ok(Value::object(model(me.name).again(t.to_zoned(TimeZone::UTC)))) };
    ofEpochDay : 1 .. 1 => { let t = Timestamp::from_second(a.long(0)?.saturating_mul(86_400)).map_err(beyond)?; Ok(Value::object(model(me.name).again(t.to_zoned(TimeZone::UTC)))) };
}
