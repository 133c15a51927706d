//! `Date`, `Calendar`, `SimpleDateFormat`, `TimeZone`.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date_pattern::{check, format, offset_text, parse, zone_of};
use crate::library::throwable::throw;
use crate::library::time::Span;
use crate::name::{Name, methods, symbol};
use crate::value::{Native, Value, lock};

pub(crate) fn zoned(ms: i64, zone: &TimeZone) -> Run<Zoned> {
    Timestamp::from_millisecond(ms)
        .map(|t| t.to_zoned(zone.clone()))
        .map_err(|_| {
            throw(
                "java.lang.IllegalArgumentException",
                format!("{ms} ms is beyond the calendar"),
            )
        })
}

pub(crate) fn format_ms(ms: i64, pattern: &str, zone: &TimeZone) -> Run<String> {
    format(&zoned(ms, zone)?, pattern, false)
}

/// A `java.util.Date`.
pub(crate) struct Date(Mutex<i64>, &'static str);

const UTIL_DATE: &str = "java.util.Date";
const SQL_DATE: &str = "java.sql.Date";
const TIMESTAMP: &str = "java.sql.Timestamp";

impl Date {
    pub(crate) fn ms(&self) -> i64 {
        *lock(&self.0)
    }
    pub(crate) fn json(&self) -> String {
        format_ms(self.ms(), "yyyy-MM-dd'T'HH:mm:ssZ", &TimeZone::UTC).unwrap_or_default()
    }
}

pub(crate) fn date(ms: i64) -> Value {
    Value::object(Date(Mutex::new(ms), UTIL_DATE))
}

/// A date of Groovy's `copyWith(year: 2024)` and `set(..)`.
fn with_fields(date: &Date, fields: &Value, zone: &TimeZone) -> Run<i64> {
    let Value::Map(fields) = fields else {
        return Err(Fail::NoMethod);
    };
    let mut moment = zoned(date.ms(), zone)?;
    for (name, number) in [
        ("year", 1),
        ("month", 2),
        ("date", 5),
        ("dayOfMonth", 5),
        ("hourOfDay", 11),
        ("minute", 12),
        ("second", 13),
    ] {
        if let Some(wanted) = fields.get(&Value::from(name)) {
            let wanted = wanted.as_long().ok_or(Fail::NoMethod)?;
            let now = field(&moment, number).ok_or(Fail::NoMethod)?;
            moment = shifted(&moment, number, wanted - i64::from(now))?;
        }
    }
    Ok(moment.timestamp().as_millisecond())
}

/// The moment that a value stands for.
pub(crate) fn millis_of(value: &Value) -> Option<i64> {
    if let Some(date) = value.native::<Date>() {
        return Some(date.ms());
    }
    if let Some(calendar) = value.native::<Calendar>() {
        return Some(lock(&calendar.0).timestamp().as_millisecond());
    }
    crate::library::time::millis_of(value).or({
        if let Value::Long(ms) = value {
            Some(*ms)
        } else {
            None
        }
    })
}

impl Native for Date {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.1)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, self, name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        let zone = cx.host.time_zone();
        let pattern = match self.1 {
            SQL_DATE => "yyyy-MM-dd",
            TIMESTAMP => {
                let text = format_ms(self.ms(), "yyyy-MM-dd HH:mm:ss.SSS", &zone)?;
                let short = text.trim_end_matches('0');
                let missing = if short.ends_with('.') { "0" } else { "" };
                return Ok(Some(format!("{short}{missing}")));
            }
            _ => "EEE MMM dd HH:mm:ss z yyyy",
        };
        format_ms(self.ms(), pattern, &zone).map(Some)
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(
            other
                .downcast_ref::<Date>()
                .is_some_and(|o| o.ms() == self.ms()),
        )
    }
    fn hash(&self) -> Option<i32> {
        Some(crate::equality::java_hash(&Value::Long(self.ms())))
    }
    fn compare(&self, other: &dyn std::any::Any) -> Option<Ordering> {
        other.downcast_ref::<Date>().map(|o| self.ms().cmp(&o.ms()))
    }
}

/// A date in the zone of dates that name none.
pub(crate) fn local(cx: &Interp<'_>, date: &Date) -> Run<Zoned> {
    zoned(date.ms(), &cx.host.time_zone())
}

/// The same time of another day.
fn days_later(cx: &Interp<'_>, from: &Date, days: i64) -> Run {
    let there = shifted(&local(cx, from)?, 5, days)?;
    Ok(date(there.timestamp().as_millisecond()))
}

/// Days of the calendar from one date to another; the times of day do not count.
fn days_between(cx: &Interp<'_>, from: &Date, to: &Date) -> Run {
    let days = local(cx, to)?.date() - local(cx, from)?.date();
    Ok(Value::Int(days.get_days()))
}

/// Midnight of the first of January 1970, where calendars begin to count.
fn first_of_1970(zone: &TimeZone) -> Run<Zoned> {
    let first = jiff::civil::date(1970, 1, 1).to_zoned(zone.clone());
    first.map_err(|_| Fail::NoMethod)
}

methods! {
    fn call(cx, me: &Date, a, name) -> METHODS;
    getTime : 0 .. 0 => Ok(Value::Long(me.ms()));
    setTime : 1 .. 1 => { *lock(&me.0) = a.long(0)?; Ok(cx.void()) };
    format : 1 .. 2 => { let zone = if a.len() == 2 { a.native::<Zone>(1)?.1.clone() } else { cx.host.time_zone() }; check(&a.text(0)?)?; format(&zoned(me.ms(), &zone)?, &a.text(0)?, false).map(Value::from) };
    plus : 1 .. 1 => match a[0].native::<Span>() { Some(span) => span.after(&zoned(me.ms(), &cx.host.time_zone())?, 1).map(date), None => days_later(cx, me, a.long(0)?) };
    minus : 1 .. 1 => match a[0].native::<Date>() { Some(_) if cx.has_time_category() => { let class = crate::class::find("groovy.time.TimeCategory").ok_or(Fail::NoMethod)?; class.call.ok_or(Fail::NoMethod)?(cx, class, symbol("minus"), Args(&[date(me.ms()), a.value(0)])) } Some(other) => days_between(cx, other, me), None => match a[0].native::<Span>() { Some(span) => span.after(&zoned(me.ms(), &cx.host.time_zone())?, -1).map(date), None => days_later(cx, me, a.long(0)?.saturating_neg()) } };
    next : 0 .. 0 => days_later(cx, me, 1);
    previous : 0 .. 0 => days_later(cx, me, -1);
    before : 1 .. 1 => Ok(Value::Bool(me.ms() < a.native::<Date>(0)?.ms()));
    after : 1 .. 1 => Ok(Value::Bool(me.ms() > a.native::<Date>(0)?.ms()));
    toInstant : 0 .. 0 => Ok(crate::library::time::instant(me.ms()));
    toTimestamp : 0 .. 0 => Ok(Value::object(Date(Mutex::new(me.ms()), TIMESTAMP)));
    clone : 0 .. 0 => Ok(Value::object(Date(Mutex::new(me.ms()), me.1)));
    getAt : 1 .. 1 => field(&local(cx, me)?, a.int(0)?).map(Value::Int).ok_or(Fail::NoMethod);
    set : 1 .. 1 => { let ms = with_fields(me, &a[0], &cx.host.time_zone())?; *lock(&me.0) = ms; Ok(Value::Null) };
    copyWith | updated : 1 .. 1 => Ok(date(with_fields(me, &a[0], &cx.host.time_zone())?));
    toGMTString : 0 .. 0 => format_ms(me.ms(), "d MMM yyyy HH:mm:ss 'GMT'", &TimeZone::UTC).map(Value::from);
    toLocaleString : 0 .. 0 => format_ms(me.ms(), "MMM d, yyyy, h:mm:ss a", &cx.host.time_zone()).map(Value::from);
    getDateString : 0 .. 0 => format_ms(me.ms(), "M/d/yy", &cx.host.time_zone()).map(Value::from);
    getTimeString : 0 .. 0 => format_ms(me.ms(), "h:mm:ss a", &cx.host.time_zone()).map(Value::from);
    getDateTimeString : 0 .. 0 => format_ms(me.ms(), "M/d/yy, h:mm:ss a", &cx.host.time_zone()).map(Value::from);
    toCalendar : 0 .. 0 => Ok(Value::object(Calendar(Mutex::new(local(cx, me)?))));
    toLocalDateTime : 0 .. 0 => { let moment = crate::library::time::instant(me.ms()); let zone = crate::library::time::default_zone(cx); let zoned = cx.call_method(&moment, &Name::new("atZone"), &[zone])?; cx.call_method(&zoned, &Name::new("toLocalDateTime"), &[]) };
    getYear : 0 .. 0 => Ok(Value::Int(i32::from(local(cx, me)?.year()) - 1900));
    getMonth : 0 .. 0 => Ok(Value::Int(i32::from(local(cx, me)?.month()) - 1));
    getDate : 0 .. 0 => Ok(Value::Int(i32::from(local(cx, me)?.day())));
    getHours : 0 .. 0 => Ok(Value::Int(i32::from(local(cx, me)?.hour())));
    getMinutes : 0 .. 0 => Ok(Value::Int(i32::from(local(cx, me)?.minute())));
    getSeconds : 0 .. 0 => Ok(Value::Int(i32::from(local(cx, me)?.second())));
    clearTime : 0 .. 0 => { let start = local(cx, me)?.start_of_day().map_err(|_| Fail::NoMethod)?; let ms = start.timestamp().as_millisecond(); *lock(&me.0) = ms; Ok(date(ms)) };
    getTimezoneOffset : 0 .. 0 => Ok(Value::Int(local(cx, me)?.offset().seconds() / -60));
}

fn new_date(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let ms = match &a[..] {
        [] => cx.host.now_ms(),
        [_] => a.long(0)?,
        // Years count from 1900 and months from 0.
        [_, _, _] | [_, _, _, _, _] | [_, _, _, _, _, _] => {
            let mut moment = first_of_1970(&cx.host.time_zone())?;
            for (index, number) in [1, 2, 5, 11, 12, 13].into_iter().enumerate().take(a.len()) {
                let wanted = a.int(index)? + if number == 1 { 1900 } else { 0 };
                let now = field(&moment, number).ok_or(Fail::NoMethod)?;
                moment = shifted(&moment, number, i64::from(wanted) - i64::from(now))?;
            }
            moment.timestamp().as_millisecond()
        }
        _ => return Err(Fail::NoMethod),
    };
    let class = match class.name {
        TIMESTAMP => TIMESTAMP,
        SQL_DATE => SQL_DATE,
        _ => UTIL_DATE,
    };
    Ok(Value::object(Date(Mutex::new(ms), class)))
}

fn unparseable(text: &str) -> Fail {
    throw(
        "java.text.ParseException",
        format!("Unparseable date: \"{text}\""),
    )
}

pub(crate) fn parse_date(text: &str, pattern: &str, zone: &TimeZone, lenient: bool) -> Run {
    let parsed = parse(text, pattern, false)?.map_err(|_| unparseable(text))?;
    let moment = parsed.lenient(zone).ok_or_else(|| unparseable(text))?;
    if !lenient
        && (parsed.day.is_some_and(|d| d != i64::from(moment.day()))
            || parsed.month.is_some_and(|m| m != i64::from(moment.month())))
        && parsed.zone.is_none()
    {
        return Err(unparseable(text));
    }
    Ok(date(moment.timestamp().as_millisecond()))
}

methods! {
    fn date_static(cx, me: &'static ClassInfo, a, name) -> DATE_STATICS;
    parse : 2 .. 3 => { let zone = if a.len() == 3 { a.native::<Zone>(2)?.1.clone() } else { cx.host.time_zone() }; parse_date(&a.text(1)?, &a.text(0)?, &zone, true) };
    from : 1 .. 1 => millis_of(&a[0]).map(date).ok_or(Fail::NoMethod);
}

methods! {
    fn sql_static(cx, me: &'static ClassInfo, a, name) -> SQL_STATICS;
    valueOf : 1 .. 1 => {
        let text = cx.text_arg(a, 0)?;
        let (class, patterns): (_, &[&str]) = if me.name == TIMESTAMP { (TIMESTAMP, &["yyyy-MM-dd HH:mm:ss.SSS", "yyyy-MM-dd HH:mm:ss"]) } else { (SQL_DATE, &["yyyy-MM-dd"]) };
        for pattern in patterns {
            if let Ok(value) = parse_date(&text, pattern, &cx.host.time_zone(), false) {
                let ms = millis_of(&value).unwrap_or(0);
                return Ok(Value::object(Date(Mutex::new(ms), class)));
            }
        }
        Err(if class == TIMESTAMP { throw("java.lang.IllegalArgumentException", "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]") } else { crate::library::throwable::throw_plain("java.lang.IllegalArgumentException") })
    };
}

/// A `SimpleDateFormat`.
struct SimpleFormat {
    pattern: Mutex<Arc<str>>,
    zone: Mutex<Zone>,
    lenient: Mutex<bool>,
}

impl Native for SimpleFormat {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.text.SimpleDateFormat")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_format(cx, self, name, a)
    }
}

methods! {
    fn call_format(cx, me: &SimpleFormat, a, name) -> FORMAT;
    format : 1 .. 1 => { let ms = millis_of(&a[0]).or_else(|| a[0].as_long()).ok_or_else(|| throw("java.lang.IllegalArgumentException", "Cannot format given Object as a Date"))?; let zone = lock(&me.zone).1.clone(); format(&zoned(ms, &zone)?, &lock(&me.pattern), false).map(Value::from) };
    parse : 1 .. 1 => { if a[0].is_nothing() { return Err(throw("java.lang.NullPointerException", "Cannot invoke \"String.length()\" because \"text\" is null")); } let text = a.text(0)?; let zone = lock(&me.zone).1.clone(); let lenient = *lock(&me.lenient); let pattern = lock(&me.pattern).clone(); parse_date(&text, &pattern, &zone, lenient) };
    setTimeZone : 1 .. 1 => { *lock(&me.zone) = a.native::<Zone>(0)?.clone(); Ok(cx.void()) };
    getTimeZone : 0 .. 0 => Ok(Value::object(lock(&me.zone).clone()));
    setLenient : 1 .. 1 => { *lock(&me.lenient) = a.bool(0)?; Ok(cx.void()) };
    toPattern : 0 .. 0 => Ok(Value::Str(lock(&me.pattern).clone()));
    applyPattern : 1 .. 1 => { check(&a.text(0)?)?; *lock(&me.pattern) = a.text(0)?; Ok(cx.void()) };
}

fn new_format(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let pattern = if a.is_empty() {
        Arc::from("M/d/yy, h:mm a")
    } else {
        a.text(0)?
    };
    check(&pattern)?;
    Ok(Value::object(SimpleFormat {
        pattern: Mutex::new(pattern),
        zone: Mutex::new(Zone::default_of(cx)),
        lenient: Mutex::new(true),
    }))
}

/// A `java.util.TimeZone`.
#[derive(Clone)]
pub(crate) struct Zone(Arc<str>, pub(crate) TimeZone);

impl Zone {
    fn default_of(cx: &Interp<'_>) -> Zone {
        let zone = cx.host.time_zone();
        Zone(Arc::from(zone_name(&zone)), zone)
    }
}

/// By how many milliseconds summer time is ahead in a zone that still has it, else 0.
fn summer_time_ms(cx: &mut Interp<'_>, zone: &TimeZone) -> i32 {
    let now = Timestamp::from_millisecond(cx.host.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
    let changes: Vec<_> = zone.following(now).take(2).collect();
    match changes.as_slice() {
        [one, two] if one.dst().is_dst() || two.dst().is_dst() => {
            (one.offset().seconds() - two.offset().seconds()).abs() * 1000
        }
        _ => 0,
    }
}

/// The name of a zone; one without a name has that of its offset in 1970, such as `GMT+09:00`.
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => {
            let offset = zone.to_offset(Timestamp::UNIX_EPOCH);
            format!("GMT{}", offset_text(offset, true, "", 3))
        }
    }
}

impl Native for Zone {
    fn class_name(&self) -> Arc<str> {
        Arc::from("sun.util.calendar.ZoneInfo")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_zone(cx, self, name, a)
    }
}

methods! {
    fn call_zone(cx, me: &Zone, a, name) -> ZONE;
    getID | getDisplayName : 0 .. 0 => Ok(Value::Str(me.0.clone()));
    getRawOffset : 0 .. 0 => Ok(Value::Int(zoned(0, &me.1)?.offset().seconds() * 1000));
    useDaylightTime : 0 .. 0 => Ok(Value::Bool(summer_time_ms(cx, &me.1) != 0));
    getDSTSavings : 0 .. 0 => Ok(Value::Int(summer_time_ms(cx, &me.1)));
    inDaylightTime : 1 .. 1 => { let at = zoned(a.native::<Date>(0)?.ms(), &me.1)?; Ok(Value::Bool(me.1.to_offset_info(at.timestamp()).dst().is_dst())) };
    getOffset : 1 .. 1 => Ok(Value::Int(zoned(a.long(0)?, &me.1)?.offset().seconds() * 1000));
    toZoneId : 0 .. 0 => crate::library::time::zone_id(&me.0);
}

methods! {
    fn zone_static(cx, me: &'static ClassInfo, a, name) -> ZONE_STATICS;
    getTimeZone : 1 .. 1 => { let name = cx.java_text(&a[0])?; Ok(Value::object(match zone_of(&name) { Some(zone) => Zone(name, zone), None => Zone(Arc::from("GMT"), TimeZone::UTC) })) };
    getDefault : 0 .. 0 => Ok(Value::object(Zone::default_of(cx)));
    setDefault : 1 .. 1 => Err(throw("java.lang.UnsupportedOperationException", "TimeZone.setDefault"));
}

/// A `java.util.GregorianCalendar`.
pub(crate) struct Calendar(Mutex<Zoned>);

impl Native for Calendar {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.GregorianCalendar")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_calendar(cx, self, name, a)
    }
}

/// Fields of `Calendar` by their numbers.
fn field(zoned: &Zoned, field: i32) -> Option<i32> {
    Some(match field {
        1 => i32::from(zoned.year()),
        2 => i32::from(zoned.month()) - 1,
        5 => i32::from(zoned.day()),
        6 => i32::from(zoned.day_of_year()),
        7 => i32::from(zoned.weekday().to_sunday_zero_offset()) + 1,
        9 => i32::from(zoned.hour() >= 12),
        10 => i32::from(zoned.hour() % 12),
        11 => i32::from(zoned.hour()),
        12 => i32::from(zoned.minute()),
        13 => i32::from(zoned.second()),
        14 => i32::from(zoned.millisecond()),
        3 => format(zoned, "w", false).ok()?.parse().ok()?,
        4 => format(zoned, "W", false).ok()?.parse().ok()?,
        15 => zoned.offset().seconds() * 1000,
        0 => 1,
        _ => return None,
    })
}

pub(crate) fn shifted(zoned: &Zoned, field: i32, by: i64) -> Run<Zoned> {
    let bad = |_| {
        throw(
            "java.lang.IllegalArgumentException",
            "the calendar ends there",
        )
    };
    let span = match field {
        1 => jiff::Span::new().try_years(by),
        2 => jiff::Span::new().try_months(by),
        3 | 4 => jiff::Span::new().try_weeks(by),
        5..=8 => jiff::Span::new().try_days(by),
        9 => jiff::Span::new().try_hours(by.saturating_mul(12)),
        10 | 11 => jiff::Span::new().try_hours(by),
        12 => jiff::Span::new().try_minutes(by),
        13 => jiff::Span::new().try_seconds(by),
        14 => jiff::Span::new().try_milliseconds(by),
        _ => return Err(throw("java.lang.IllegalArgumentException", "no such field")),
    };
    zoned.checked_add(span.map_err(bad)?).map_err(bad)
}

/// The least and the greatest value that a field of `Calendar` has where `moment` is.
fn bounds(moment: &Zoned, field: i32) -> Option<(i32, i32)> {
    Some(match field {
        2 => (0, 11),
        5 => (1, i32::from(moment.days_in_month())),
        6 => (1, i32::from(moment.days_in_year())),
        7 => (1, 7),
        9 => (0, 1),
        10 => (0, 11),
        11 => (0, 23),
        12 | 13 => (0, 59),
        14 => (0, 999),
        _ => return None,
    })
}

/// A field grows, and begins anew behind its greatest value; larger fields stay.
fn rolled(moment: &Zoned, number: i32, by: i64) -> Run<Zoned> {
    let illegal = || {
        throw(
            "java.lang.IllegalArgumentException",
            "no such field to roll",
        )
    };
    if number == 1 {
        let there = shifted(moment, 1, by)?;
        // The 29th of February is the first of March where there is none.
        return shifted(&there, 5, i64::from(moment.day() - there.day()));
    }
    let (least, greatest) = bounds(moment, number).ok_or_else(illegal)?;
    let now = i64::from(field(moment, number).ok_or_else(illegal)?);
    let length = i64::from(greatest - least + 1);
    let there = (now - i64::from(least) + by).rem_euclid(length) + i64::from(least);
    shifted(moment, number, there - now)
}

methods! {
    fn call_calendar(cx, me: &Calendar, a, name) -> CALENDAR;
    getTime : 0 .. 0 => Ok(date(lock(&me.0).timestamp().as_millisecond()));
    setTime : 1 .. 1 => { let ms = a.native::<Date>(0)?.ms(); let mut now = lock(&me.0); *now = zoned(ms, now.time_zone())?; Ok(cx.void()) };
    getTimeInMillis : 0 .. 0 => Ok(Value::Long(lock(&me.0).timestamp().as_millisecond()));
    setTimeInMillis : 1 .. 1 => { let mut now = lock(&me.0); *now = zoned(a.long(0)?, now.time_zone())?; Ok(cx.void()) };
    setTimeZone : 1 .. 1 => { let zone = a.native::<Zone>(0)?.1.clone(); let mut now = lock(&me.0); *now = now.with_time_zone(zone); Ok(cx.void()) };
    get | getAt : 1 .. 1 => field(&lock(&me.0), a.int(0)?).map(Value::Int).ok_or_else(|| throw("java.lang.ArrayIndexOutOfBoundsException", format!("Index {} out of bounds for length 17", a.int(0).unwrap_or(0))));
    add : 2 .. 2 => { let mut now = lock(&me.0); *now = shifted(&now, a.int(0)?, i64::from(a.int(1)?))?; Ok(cx.void()) };
    roll : 2 .. 2 => {
        let by = match &a[1] { Value::Bool(up) => if *up { 1 } else { -1 }, _ => i64::from(a.int(1)?) };
        let mut now = lock(&me.0);
        *now = rolled(&now, a.int(0)?, by)?;
        Ok(cx.void())
    };
    set : 2 .. 6 => {
        let mut now = lock(&me.0);
        if a.len() == 2 {
            let by = i64::from(a.int(1)?) - i64::from(field(&now, a.int(0)?).ok_or(Fail::NoMethod)?);
            *now = shifted(&now, a.int(0)?, by)?;
        } else {
            for (i, f) in [1, 2, 5, 11, 12, 13].into_iter().enumerate().take(a.len()) {  let by = i64::from(a.int(i)?) - i64::from(field(&now, f).ok_or(Fail::NoMethod)?); *now = shifted(&now, f, by)?; }
        }
        Ok(cx.void())
    };
    isLeapYear : 1 .. 1 => { let year = a.int(0)?; Ok(Value::Bool(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))) };
    setFirstDayOfWeek | setMinimalDaysInFirstWeek | setLenient : 1 .. 1 => Ok(cx.void());
    clear : 0 .. 0 => { let mut now = lock(&me.0); *now = first_of_1970(now.time_zone())?; Ok(cx.void()) };
    clearTime : 0 .. 0 => { { let mut now = lock(&me.0); let start = now.start_of_day().map_err(|_| Fail::NoMethod)?; *now = start; } Ok(Value::object(Calendar(Mutex::new(lock(&me.0).clone())))) };
    getTimeZone : 0 .. 0 => { let now = lock(&me.0); let zone = now.time_zone().clone(); Ok(Value::object(Zone(Arc::from(zone_name(&zone)), zone))) };
    compareTo : 1 .. 1 => { let other = millis_of(&a[0]).ok_or(Fail::NoMethod)?; Ok(Value::Int(lock(&me.0).timestamp().as_millisecond().cmp(&other) as i32)) };
    toInstant : 0 .. 0 => Ok(crate::library::time::instant(lock(&me.0).timestamp().as_millisecond()));
    format : 1 .. 1 => format(&lock(&me.0), &a.text(0)?, false).map(Value::from);
    clone : 0 .. 0 => Ok(Value::object(Calendar(Mutex::new(lock(&me.0).clone()))));
    getActualMaximum : 1 .. 1 => bounds(&lock(&me.0), a.int(0)?).map(|(_, most)| Value::Int(most)).ok_or(Fail::NoMethod);
    getActualMinimum | getMinimum : 1 .. 1 => bounds(&lock(&me.0), a.int(0)?).map(|(least, _)| Value::Int(least)).ok_or(Fail::NoMethod);
    getMaximum : 1 .. 1 => match a.int(0)? { 5 => Ok(Value::Int(31)), 6 => Ok(Value::Int(366)), field => bounds(&lock(&me.0), field).map(|(_, most)| Value::Int(most)).ok_or(Fail::NoMethod) };
    before : 1 .. 1 => { let other = millis_of(&a[0]).ok_or(Fail::NoMethod)?; Ok(Value::Bool(lock(&me.0).timestamp().as_millisecond() < other)) };
    after : 1 .. 1 => { let other = millis_of(&a[0]).ok_or(Fail::NoMethod)?; Ok(Value::Bool(lock(&me.0).timestamp().as_millisecond() > other)) };
}

fn new_calendar(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let zone = a
        .first()
        .and_then(|v| v.native::<Zone>())
        .map_or_else(|| cx.host.time_zone(), |z| z.1.clone());
    let mut moment = zoned(cx.host.now_ms(), &zone)?;
    if a.len() >= 3 {
        moment = first_of_1970(&zone)?;
        for (index, number) in [1, 2, 5, 11, 12, 13].into_iter().enumerate().take(a.len()) {
            let now = field(&moment, number).ok_or(Fail::NoMethod)?;
            moment = shifted(&moment, number, i64::from(a.int(index)?) - i64::from(now))?;
        }
    }
    Ok(Value::object(Calendar(Mutex::new(moment))))
}

methods! {
    fn calendar_static(cx, me: &'static ClassInfo, a, name) -> CALENDAR_STATICS;
    getInstance : 0 .. 2 => new_calendar(cx, me, a);
}

fn calendar_fields(name: &str) -> Option<Value> {
    const NAMES: &[(&str, i32)] = &[
        ("ERA", 0),
        ("YEAR", 1),
        ("MONTH", 2),
        ("WEEK_OF_YEAR", 3),
        ("WEEK_OF_MONTH", 4),
        ("DATE", 5),
        ("DAY_OF_MONTH", 5),
        ("DAY_OF_YEAR", 6),
        ("DAY_OF_WEEK", 7),
        ("AM_PM", 9),
        ("HOUR", 10),
        ("HOUR_OF_DAY", 11),
        ("MINUTE", 12),
        ("SECOND", 13),
        ("MILLISECOND", 14),
        ("ZONE_OFFSET", 15),
        ("JANUARY", 0),
        ("FEBRUARY", 1),
        ("MARCH", 2),
        ("APRIL", 3),
        ("MAY", 4),
        ("JUNE", 5),
        ("JULY", 6),
        ("AUGUST", 7),
        ("SEPTEMBER", 8),
        ("OCTOBER", 9),
        ("NOVEMBER", 10),
        ("DECEMBER", 11),
        ("SUNDAY", 1),
        ("MONDAY", 2),
        ("TUESDAY", 3),
        ("WEDNESDAY", 4),
        ("THURSDAY", 5),
        ("FRIDAY", 6),
        ("SATURDAY", 7),
        ("AM", 0),
        ("PM", 1),
    ];
    let _ = symbol("calendar");
    NAMES
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, v)| Value::Int(*v))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Date")
        .parents(&["java.lang.Comparable"])
        .constructor(new_date)
        .statics(date_static, DATE_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named(SQL_DATE)
        .parents(&["java.util.Date"])
        .constructor(new_date)
        .statics(sql_static, SQL_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named(TIMESTAMP)
        .parents(&["java.util.Date"])
        .constructor(new_date)
        .statics(sql_static, SQL_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named("java.text.DateFormat").methods(&[FORMAT]),
    ClassInfo::named("java.text.SimpleDateFormat")
        .parents(&["java.text.DateFormat"])
        .constructor(new_format)
        .methods(&[FORMAT]),
    ClassInfo::named("java.util.TimeZone")
        .statics(zone_static, ZONE_STATICS)
        .methods(&[ZONE]),
    ClassInfo::named("sun.util.calendar.ZoneInfo")
        .parents(&["java.util.TimeZone"])
        .methods(&[ZONE]),
    ClassInfo::named("java.util.Calendar")
        .statics(calendar_static, CALENDAR_STATICS)
        .fields(calendar_fields)
        .methods(&[CALENDAR]),
    ClassInfo::named("java.util.GregorianCalendar")
        .parents(&["java.util.Calendar"])
        .constructor(new_calendar)
        .statics(calendar_static, CALENDAR_STATICS)
        .fields(calendar_fields)
        .methods(&[CALENDAR]),
];
