//! The moments of `java.time`: dates, times, and both with or without a zone.
//!
//! One type serves the six classes: what they share is most of their methods. Not here: making one from a text or from numbers (see
//! [`super::moment_of`]).

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::amount::{Amount, Period};
use super::formatter::Formatter;
use super::making::{MOMENTS, moment_fields, moments};
use super::unit::{Unit, between};
use super::zone::{ZoneId, zone_id};
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date_pattern::format;
use crate::library::throwable::throw;
use crate::name::{methods, symbol};
use crate::value::{Native, Value};

/// One of the classes of moments.
#[derive(Clone, PartialEq)]
pub(super) enum Moment {
    Date(Date),
    Time(Time),
    DateTime(DateTime),
    Instant(Timestamp),
    /// With the zone's name as it was given.
    Zoned(Zoned),
    Offset(Zoned),
}

/// Milliseconds since 1970 of moments that have a place on the time line.
pub(crate) fn millis_of(value: &Value) -> Option<i64> {
    match value.native::<Moment>()? {
        Moment::Instant(t) => Some(t.as_millisecond()),
        Moment::Zoned(z) | Moment::Offset(z) => Some(z.timestamp().as_millisecond()),
        _ => None,
    }
}

pub(crate) fn instant(ms: i64) -> Value {
    Value::object(Moment::Instant(
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH),
    ))
}

/// A field of a moment; numbers that do not fit are none of any field.
pub(super) fn small(number: i32) -> i8 {
    i8::try_from(number).unwrap_or(i8::MAX)
}

/// A year; numbers that do not fit are beyond the calendar.
pub(super) fn year(number: i32) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

pub(super) fn beyond(_: impl std::fmt::Debug) -> Fail {
    throw(
        "java.time.DateTimeException",
        "the moment is beyond the calendar or does not exist",
    )
}

fn time_text(time: Time) -> String {
    let mut out = format!("{:02}:{:02}", time.hour(), time.minute());
    if time.second() != 0 || time.subsec_nanosecond() != 0 {
        out.push_str(&format!(":{:02}", time.second()));
    }
    out.push_str(&fraction(time.subsec_nanosecond()));
    out
}

fn fraction(nanos: i32) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    }
}

pub(super) fn offset_text(zoned: &Zoned) -> String {
    let seconds = zoned.offset().seconds();
    if seconds == 0 {
        "Z".into()
    } else {
        format!(
            "{}{:02}:{:02}",
            if seconds < 0 { '-' } else { '+' },
            seconds.abs() / 3600,
            seconds.abs() / 60 % 60
        )
    }
}

impl Moment {
    pub(super) fn show(&self) -> String {
        match self {
            Moment::Date(d) => d.to_string(),
            Moment::Time(t) => time_text(*t),
            Moment::DateTime(d) => format!("{}T{}", d.date(), time_text(d.time())),
            Moment::Instant(t) => {
                let z = t.to_zoned(TimeZone::UTC);
                format!(
                    "{}T{:02}:{:02}:{:02}{}Z",
                    z.date(),
                    z.hour(),
                    z.minute(),
                    z.second(),
                    fraction(z.subsec_nanosecond())
                )
            }
            Moment::Offset(z) => format!("{}T{}{}", z.date(), time_text(z.time()), offset_text(z)),
            Moment::Zoned(z) => match z.time_zone().iana_name() {
                Some(name) => format!(
                    "{}T{}{}[{name}]",
                    z.date(),
                    time_text(z.time()),
                    offset_text(z)
                ),
                None => format!("{}T{}{}", z.date(), time_text(z.time()), offset_text(z)),
            },
        }
    }

    pub(super) fn zoned(&self) -> Run<Zoned> {
        Ok(match self {
            Moment::Date(d) => d.to_zoned(TimeZone::UTC).map_err(beyond)?,
            Moment::Time(t) => DateTime::from_parts(Date::constant(1970, 1, 1), *t)
                .to_zoned(TimeZone::UTC)
                .map_err(beyond)?,
            Moment::DateTime(d) => d.to_zoned(TimeZone::UTC).map_err(beyond)?,
            Moment::Instant(t) => t.to_zoned(TimeZone::UTC),
            Moment::Zoned(z) | Moment::Offset(z) => z.clone(),
        })
    }

    fn date(&self) -> Option<Date> {
        match self {
            Moment::Date(d) => Some(*d),
            Moment::DateTime(d) => Some(d.date()),
            Moment::Zoned(z) | Moment::Offset(z) => Some(z.date()),
            _ => None,
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Moment::Date(_) => "java.time.LocalDate",
            Moment::Time(_) => "java.time.LocalTime",
            Moment::DateTime(_) => "java.time.LocalDateTime",
            Moment::Instant(_) => "java.time.Instant",
            Moment::Zoned(_) => "java.time.ZonedDateTime",
            Moment::Offset(_) => "java.time.OffsetDateTime",
        }
    }

    /// The same kind of moment at another time.
    pub(super) fn again(&self, zoned: Zoned) -> Moment {
        match self {
            Moment::Date(_) => Moment::Date(zoned.date()),
            Moment::Time(_) => Moment::Time(zoned.time()),
            Moment::DateTime(_) => Moment::DateTime(zoned.datetime()),
            Moment::Instant(_) => Moment::Instant(zoned.timestamp()),
            Moment::Zoned(_) => Moment::Zoned(zoned),
            Moment::Offset(_) => Moment::Offset(zoned),
        }
    }

    fn shift(&self, amount: i64, unit: &str) -> Run<Moment> {
        let span = Span::new();
        let span = match unit {
            "Years" => span.try_years(amount),
            "Months" => span.try_months(amount),
            "Weeks" => span.try_weeks(amount),
            "Days" => span.try_days(amount),
            "Hours" => span.try_hours(amount),
            "Minutes" => span.try_minutes(amount),
            "Seconds" => span.try_seconds(amount),
            "Millis" => span.try_milliseconds(amount),
            _ => span.try_nanoseconds(amount),
        };
        let zoned = self
            .zoned()?
            .checked_add(span.map_err(beyond)?)
            .map_err(beyond)?;
        Ok(self.again(zoned))
    }
}

/// Methods that shift a moment, forth and back, each with its unit.
const SHIFTS: &[(u64, u64, &str)] = &[
    (symbol("plusYears"), symbol("minusYears"), "Years"),
    (symbol("plusMonths"), symbol("minusMonths"), "Months"),
    (symbol("plusWeeks"), symbol("minusWeeks"), "Weeks"),
    (symbol("plusDays"), symbol("minusDays"), "Days"),
    (symbol("plusHours"), symbol("minusHours"), "Hours"),
    (symbol("plusMinutes"), symbol("minusMinutes"), "Minutes"),
    (symbol("plusSeconds"), symbol("minusSeconds"), "Seconds"),
    (symbol("plusMillis"), symbol("minusMillis"), "Millis"),
    (symbol("plusNanos"), symbol("minusNanos"), "Nanos"),
];

impl Native for Moment {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class())
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        for &(plus, minus, unit) in SHIFTS {
            if name == plus && a.len() == 1 {
                return self.shift(a.long(0)?, unit).map(Value::object);
            }
            if name == minus && a.len() == 1 {
                return self
                    .shift(a.long(0)?.wrapping_neg(), unit)
                    .map(Value::object);
            }
        }
        call(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.show()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<Moment>().is_some_and(|o| o == self))
    }
    fn hash(&self) -> Option<i32> {
        Some(crate::equality::text_hash(&self.show()))
    }
    fn compare(&self, other: &dyn std::any::Any) -> Option<Ordering> {
        let other = other.downcast_ref::<Moment>()?;
        Some(
            self.zoned()
                .ok()?
                .timestamp()
                .cmp(&other.zoned().ok()?.timestamp()),
        )
    }
}

fn order(me: &Moment, a: Args<'_>) -> Run<Ordering> {
    let other = a.native::<Moment>(0)?;
    Ok(me.zoned()?.timestamp().cmp(&other.zoned()?.timestamp()))
}

fn with(me: &Moment, f: impl FnOnce(jiff::ZonedWith) -> Result<Zoned, jiff::Error>) -> Run {
    let zoned = f(me.zoned()?.with()).map_err(beyond)?;
    Ok(Value::object(me.again(zoned)))
}

methods! {
    fn call(cx, me: (&Moment, &Value), a, name) -> METHODS;
    plusYears | plusMonths | plusWeeks | plusDays | plusHours | plusMinutes | plusSeconds | plusMillis | plusNanos | minusYears | minusMonths | minusWeeks | minusDays | minusHours | minusMinutes | minusSeconds | minusMillis | minusNanos : 9 .. 9 => Err(Fail::NoMethod);
    plus | minus : 1 .. 2 => {
        let sign = if name == symbol("plus") { 1 } else { -1 };
        if a.len() == 2 { let unit = a.native::<Unit>(1)?; return me.0.shift(a.long(0)?.saturating_mul(sign), unit.word).map(Value::object); }
        if let Some(amount) = a[0].native::<Amount>() { return me.0.shift(amount.ms.saturating_mul(sign), "Millis").map(Value::object); }
        if let (Moment::Date(from), Some(Moment::Date(to))) = (me.0, a[0].native::<Moment>()) {
            return Ok(Value::Int(from.duration_since(*to).as_hours() as i32 / 24));
        }
        if let Some(period) = a[0].native::<Period>() { return Ok(Value::object(me.0.shift(period.0.saturating_mul(sign), "Months")?.shift(period.1.saturating_mul(sign), "Days")?)); }
        me.0.shift(a.long(0)?.saturating_mul(sign), if matches!(me.0, Moment::Date(_)) { "Days" } else { "Seconds" }).map(Value::object)
    };
    format : 1 .. 1 => match a[0].native::<Formatter>() { Some(f) => f.show(me.0).map(Value::from), None => format(&me.0.zoned()?, &a.text(0)?, true).map(Value::from) };
    getYear : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.year())));
    getMonthValue : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.month())));
    getDayOfMonth : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.day())));
    getDayOfYear : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.day_of_year())));
    getDayOfWeek : 0 .. 0 => Ok(super::named::day(me.0.zoned()?.weekday()));
    getMonth : 0 .. 0 => Ok(super::named::month(me.0.zoned()?.month()));
    getHour : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.hour())));
    getMinute : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.minute())));
    getSecond : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.second())));
    getNano : 0 .. 0 => Ok(Value::Int(me.0.zoned()?.subsec_nanosecond()));
    lengthOfMonth : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.days_in_month())));
    isLeapYear : 0 .. 0 => Ok(Value::Bool(me.0.zoned()?.in_leap_year()));
    withYear : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.year(year(v)).build()) };
    withMonth : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.month(small(v)).build()) };
    withDayOfMonth : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.day(small(v)).build()) };
    withHour : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.hour(small(v)).build()) };
    withMinute : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.minute(small(v)).build()) };
    withSecond : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.second(small(v)).build()) };
    withNano : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.subsec_nanosecond(v).build()) };
    truncatedTo : 1 .. 1 => { let unit = a.native::<Unit>(0)?.word; with(me.0, |w| { let w = w.subsec_nanosecond(0); let w = if matches!(unit, "Minutes" | "Hours" | "Days") { w.second(0) } else { w }; let w = if matches!(unit, "Hours" | "Days") { w.minute(0) } else { w }; if unit == "Days" { w.hour(0) } else { w }.build() }) };
    isBefore : 1 .. 1 => order(me.0, a).map(|o| Value::Bool(o.is_lt()));
    isAfter : 1 .. 1 => order(me.0, a).map(|o| Value::Bool(o.is_gt()));
    isEqual : 1 .. 1 => order(me.0, a).map(|o| Value::Bool(o.is_eq()));
    toInstant : 0 .. 1 => Ok(Value::object(Moment::Instant(match me.0 { Moment::DateTime(d) => { let zone = if a.is_empty() { TimeZone::UTC } else { a.native::<ZoneId>(0)?.1.clone() }; d.to_zoned(zone).map_err(beyond)?.timestamp() } other => other.zoned()?.timestamp() })));
    toEpochMilli : 0 .. 0 => Ok(Value::Long(me.0.zoned()?.timestamp().as_millisecond()));
    getEpochSecond | toEpochSecond : 0 .. 1 => Ok(Value::Long(me.0.zoned()?.timestamp().as_second()));
    toEpochDay : 0 .. 0 => Ok(Value::Long(me.0.zoned()?.timestamp().as_second().div_euclid(86_400)));
    toLocalDate : 0 .. 0 => me.0.date().map(|d| Value::object(Moment::Date(d))).ok_or(Fail::NoMethod);
    toLocalTime : 0 .. 0 => Ok(Value::object(Moment::Time(me.0.zoned()?.time())));
    toLocalDateTime : 0 .. 0 => Ok(Value::object(Moment::DateTime(me.0.zoned()?.datetime())));
    atStartOfDay : 0 .. 1 => { let d = me.0.date().ok_or(Fail::NoMethod)?; Ok(Value::object(match a.first() { Some(_) => Moment::Zoned(d.to_zoned(a.native::<ZoneId>(0)?.1.clone()).map_err(beyond)?), None => Moment::DateTime(d.to_datetime(Time::midnight())) })) };
    atTime : 2 .. 3 => { let d = me.0.date().ok_or(Fail::NoMethod)?; let s = if a.len() == 3 { a.int(2)? } else { 0 }; Ok(Value::object(Moment::DateTime(d.to_datetime(Time::new(small(a.int(0)?), small(a.int(1)?), small(s), 0).map_err(beyond)?)))) };
    atZone | withZoneSameInstant | atOffset : 1 .. 1 => { let zone = a.native::<ZoneId>(0)?.1.clone(); Ok(Value::object(match me.0 { Moment::DateTime(d) => Moment::Zoned(d.to_zoned(zone).map_err(beyond)?), other => Moment::Zoned(other.zoned()?.with_time_zone(zone)) })) };
    toOffsetDateTime : 0 .. 0 => Ok(Value::object(Moment::Offset(me.0.zoned()?)));
    until : 2 .. 2 => between(me.0, a.native::<Moment>(0)?, a.native::<Unit>(1)?);
    getOffset : 0 .. 0 => zone_id(&offset_text(&me.0.zoned()?));
    with : 1 .. 1 => a.native::<super::adjuster::Adjuster>(0)?.adjust(me.0).map(Value::object);
    datesUntil : 1 .. 1 => {
        let (Moment::Date(from), Some(Moment::Date(to))) = (me.0, a[0].native::<Moment>()) else { return Err(Fail::NoMethod) };
        let days = i64::from(from.duration_since(*to).as_hours() as i32 / -24);
        cx.charge_items(usize::try_from(days).unwrap_or(0))?;
        let dates = (0..days).map(|day| me.0.shift(day, "Days").map(Value::object));
        Ok(crate::library::iterable::stream(dates.collect::<Run<Vec<_>>>()?))
    };
    lengthOfYear : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.days_in_year())));
    toSecondOfDay : 0 .. 0 => { let t = me.0.zoned()?; Ok(Value::Int(i32::from(t.hour()) * 3600 + i32::from(t.minute()) * 60 + i32::from(t.second()))) };
    atDate : 1 .. 1 => { let (Moment::Time(time), Some(Moment::Date(date))) = (me.0, a[0].native::<Moment>()) else { return Err(Fail::NoMethod) }; Ok(Value::object(Moment::DateTime(date.to_datetime(*time)))) };
    toZonedDateTime : 0 .. 0 => Ok(Value::object(Moment::Zoned(me.0.zoned()?)));
    withZoneSameLocal : 1 .. 1 => { let zone = a.native::<ZoneId>(0)?.1.clone(); Ok(Value::object(Moment::Zoned(me.0.zoned()?.datetime().to_zoned(zone).map_err(beyond)?))) };
    getZone : 0 .. 0 => { let z = me.0.zoned()?; zone_id(z.time_zone().iana_name().unwrap_or(&offset_text(&z))) };
    toDate : 0 .. 0 => Ok(crate::library::date::date(me.0.zoned()?.timestamp().as_millisecond()));
}

macro_rules! moment {
    ($name:literal) => {
        ClassInfo::named($name)
            .parents(&["java.lang.Comparable"])
            .statics(moments, MOMENTS)
            .fields(moment_fields)
            .methods(&[METHODS])
    };
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    moment!("java.time.LocalDate"),
    moment!("java.time.LocalTime"),
    moment!("java.time.LocalDateTime"),
    moment!("java.time.Instant"),
    moment!("java.time.ZonedDateTime"),
    moment!("java.time.OffsetDateTime"),
];
