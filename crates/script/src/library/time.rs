//! `java.time`, and Groovy's `TimeCategory` durations.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date_pattern::{format, parse, zone_of};
use crate::library::throwable::throw;
use crate::name::{methods, symbol};
use crate::value::{Native, Value};

/// One of the classes of moments.
#[derive(Clone, PartialEq)]
enum Moment {
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

fn beyond(_: impl std::fmt::Debug) -> Fail {
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

fn offset_text(zoned: &Zoned) -> String {
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
    fn show(&self) -> String {
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

    fn zoned(&self) -> Run<Zoned> {
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
    fn again(&self, zoned: Zoned) -> Moment {
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

impl Native for Moment {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class())
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        for (i, unit) in [
            "Years", "Months", "Weeks", "Days", "Hours", "Minutes", "Seconds", "Millis", "Nanos",
        ]
        .into_iter()
        .enumerate()
        {
            let _ = i;
            if name == symbol(&format!("plus{unit}")) && a.len() == 1 {
                return self.shift(a.long(0)?, unit).map(Value::object);
            }
            if name == symbol(&format!("minus{unit}")) && a.len() == 1 {
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
        if a.len() == 2 { let unit = a.native::<Unit>(1)?; return me.0.shift(a.long(0)? * sign, unit.word).map(Value::object); }
        if let Some(amount) = a[0].native::<Amount>() { return me.0.shift(amount.ms * sign, "Millis").map(Value::object); }
        if let Some(period) = a[0].native::<Period>() { return Ok(Value::object(me.0.shift(period.0 * sign, "Months")?.shift(period.1 * sign, "Days")?)); }
        me.0.shift(a.long(0)? * sign, if matches!(me.0, Moment::Date(_)) { "Days" } else { "Seconds" }).map(Value::object)
    };
    format : 1 .. 1 => match a[0].native::<Formatter>() { Some(f) => f.show(me.0).map(Value::from), None => format(&me.0.zoned()?, &a.text(0)?, true).map(Value::from) };
    getYear : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.year())));
    getMonthValue : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.month())));
    getDayOfMonth : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.day())));
    getDayOfYear : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.day_of_year())));
    getDayOfWeek : 0 .. 0 => format(&me.0.zoned()?, "EEEE", true).map(|t| Value::from(t.to_uppercase()));
    getMonth : 0 .. 0 => format(&me.0.zoned()?, "MMMM", true).map(|t| Value::from(t.to_uppercase()));
    getHour : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.hour())));
    getMinute : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.minute())));
    getSecond : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.second())));
    getNano : 0 .. 0 => Ok(Value::Int(me.0.zoned()?.subsec_nanosecond()));
    lengthOfMonth : 0 .. 0 => Ok(Value::Int(i32::from(me.0.zoned()?.days_in_month())));
    isLeapYear : 0 .. 0 => Ok(Value::Bool(me.0.zoned()?.in_leap_year()));
    withYear : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.year(v as i16).build()) };
    withMonth : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.month(v as i8).build()) };
    withDayOfMonth : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.day(v as i8).build()) };
    withHour : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.hour(v as i8).build()) };
    withMinute : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.minute(v as i8).build()) };
    withSecond : 1 .. 1 => { let v = a.int(0)?; with(me.0, |w| w.second(v as i8).build()) };
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
    atTime : 2 .. 3 => { let d = me.0.date().ok_or(Fail::NoMethod)?; let s = if a.len() == 3 { a.int(2)? } else { 0 }; Ok(Value::object(Moment::DateTime(d.to_datetime(Time::new(a.int(0)? as i8, a.int(1)? as i8, s as i8, 0).map_err(beyond)?)))) };
    atZone | withZoneSameInstant | atOffset : 1 .. 1 => { let zone = a.native::<ZoneId>(0)?.1.clone(); Ok(Value::object(match me.0 { Moment::DateTime(d) => Moment::Zoned(d.to_zoned(zone).map_err(beyond)?), other => Moment::Zoned(other.zoned()?.with_time_zone(zone)) })) };
    toOffsetDateTime : 0 .. 0 => Ok(Value::object(Moment::Offset(me.0.zoned()?)));
    until : 2 .. 2 => between(me.0, a.native::<Moment>(0)?, a.native::<Unit>(1)?);
    getZone | getOffset : 0 .. 0 => { let z = me.0.zoned()?; zone_id(z.time_zone().iana_name().unwrap_or("UTC")) };
    toDate : 0 .. 0 => Ok(crate::library::date::date(me.0.zoned()?.timestamp().as_millisecond()));
}

fn between(from: &Moment, to: &Moment, unit: &Unit) -> Run {
    let (a, b) = (from.zoned()?, to.zoned()?);
    Ok(Value::Long(match unit.word {
        "Years" | "Months" => {
            let months = (i64::from(b.year()) - i64::from(a.year())) * 12 + i64::from(b.month())
                - i64::from(a.month());
            let late = (b.day(), b.time()) < (a.day(), a.time());
            let early = (b.day(), b.time()) > (a.day(), a.time());
            let months = if months > 0 && late {
                months - 1
            } else if months < 0 && early {
                months + 1
            } else {
                months
            };
            if unit.word == "Years" {
                months / 12
            } else {
                months
            }
        }
        _ => {
            ((b.timestamp().as_nanosecond() - a.timestamp().as_nanosecond())
                / i128::from(unit.nanos)) as i64
        }
    }))
}

fn bad_text(text: &str, at: usize) -> Fail {
    throw(
        "java.time.format.DateTimeParseException",
        format!("Text '{text}' could not be parsed at index {at}"),
    )
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
                .or_else(|| zone_of(&body[at..]))
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
    now : 0 .. 1 => { let zone = match a.first() { Some(_) => a.native::<ZoneId>(0)?.1.clone(), None => TimeZone::UTC }; let ms = cx.host.now_ms(); Ok(Value::object(model(me.name).again(crate::library::date::zoned(ms, &zone)?))) };
    of : 2 .. 8 => {
        let n = |i: usize| if i < a.len() { a.int(i) } else { Ok(0) };
        Ok(Value::object(match me.name {
            "java.time.LocalDate" => Moment::Date(Date::new(n(0)? as i16, n(1)? as i8, n(2)? as i8).map_err(beyond)?),
            "java.time.LocalTime" => Moment::Time(Time::new(n(0)? as i8, n(1)? as i8, n(2)? as i8, n(3)?).map_err(beyond)?),
            "java.time.LocalDateTime" => if let (Some(Moment::Date(d)), Some(Moment::Time(t))) = (a[0].native::<Moment>(), a[1].native::<Moment>()) { Moment::DateTime(d.to_datetime(*t)) } else { Moment::DateTime(DateTime::new(n(0)? as i16, n(1)? as i8, n(2)? as i8, n(3)? as i8, n(4)? as i8, n(5)? as i8, n(6)?).map_err(beyond)?) },
            "java.time.ZonedDateTime" | "java.time.OffsetDateTime" => { let zone = a.native::<ZoneId>(a.len() - 1)?.1.clone(); let d = match a[0].native::<Moment>() { Some(Moment::DateTime(d)) => *d, _ => DateTime::new(n(0)? as i16, n(1)? as i8, n(2)? as i8, n(3)? as i8, n(4)? as i8, n(5)? as i8, n(6)?).map_err(beyond)? }; model(me.name).again(d.to_zoned(zone).map_err(beyond)?) }
            _ => return Err(Fail::NoMethod),
        }))
    };
    parse : 1 .. 2 => { let text = cx.text_arg(a, 0)?; let pattern = match a.0.get(1) { Some(v) => match v.native::<Formatter>() { Some(f) => f.pattern(), None => Some(a.text(1)?) }, None => None }; moment_of(me.name, &text, pattern.as_deref()).map(Value::object) };
    ofInstant : 2 .. 2 => { let t = a.native::<Moment>(0)?.zoned()?; Ok(Value::object(model(me.name).again(t.with_time_zone(a.native::<ZoneId>(1)?.1.clone())))) };
    ofEpochMilli : 1 .. 1 => Timestamp::from_millisecond(a.long(0)?).map(|t| Value::object(Moment::Instant(t))).map_err(beyond);
    ofEpochSecond : 1 .. 3 => { let t = Timestamp::from_second(a.long(0)?).map_err(beyond)?; Ok(Value::object(model(me.name).again(t.to_zoned(TimeZone::UTC)))) };
    ofEpochDay : 1 .. 1 => { let t = Timestamp::from_second(a.long(0)?.saturating_mul(86_400)).map_err(beyond)?; Ok(Value::object(model(me.name).again(t.to_zoned(TimeZone::UTC)))) };
}

/// A `ZoneId` or `ZoneOffset`.
struct ZoneId(Arc<str>, TimeZone);

pub(crate) fn zone_id(name: &str) -> Run {
    match zone_of(name) {
        Some(zone) => Ok(Value::object(ZoneId(Arc::from(name), zone))),
        None => Err(throw(
            "java.time.DateTimeException",
            format!("Unknown time-zone ID: {name}"),
        )),
    }
}

impl Native for ZoneId {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.ZoneRegion")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_zone(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.0.to_string()))
    }
}

methods! {
    fn call_zone(cx, me: &ZoneId, a, name) -> ZONE;
    getId : 0 .. 0 => Ok(Value::Str(me.0.clone()));
}

methods! {
    fn zones(cx, me: &'static ClassInfo, a, name) -> ZONES;
    of : 1 .. 1 => zone_id(&a.text(0)?);
    systemDefault : 0 .. 0 => zone_id("UTC");
    ofHours : 1 .. 1 => zone_id(&format!("{}{:02}:00", if a.int(0)? < 0 { '-' } else { '+' }, a.int(0)?.abs()));
}

fn zone_fields(name: &str) -> Option<Value> {
    if name == "UTC" {
        zone_id("Z").ok()
    } else {
        None
    }
}

/// A `ChronoUnit`.
struct Unit {
    /// Its name as a text and in methods: `Days`.
    word: &'static str,
    nanos: i64,
}

const UNITS: &[(&str, &str, i64)] = &[
    ("NANOS", "Nanos", 1),
    ("MILLIS", "Millis", 1_000_000),
    ("SECONDS", "Seconds", 1_000_000_000),
    ("MINUTES", "Minutes", 60_000_000_000),
    ("HOURS", "Hours", 3_600_000_000_000),
    ("DAYS", "Days", 86_400_000_000_000),
    ("WEEKS", "Weeks", 604_800_000_000_000),
    ("MONTHS", "Months", 1),
    ("YEARS", "Years", 1),
];

impl Native for Unit {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.temporal.ChronoUnit")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_unit(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.word.to_owned()))
    }
}

methods! {
    fn call_unit(cx, me: &Unit, a, name) -> UNIT;
    between : 2 .. 2 => between(a.native::<Moment>(0)?, a.native::<Moment>(1)?, me);
}

fn unit_fields(name: &str) -> Option<Value> {
    UNITS
        .iter()
        .find(|(n, ..)| *n == name)
        .map(|&(_, word, nanos)| Value::object(Unit { word, nanos }))
}

/// A `DateTimeFormatter`.
struct Formatter {
    pattern: Arc<str>,
    zone: Option<TimeZone>,
}

impl Formatter {
    fn pattern(&self) -> Option<Arc<str>> {
        match &*self.pattern {
            "ISO_LOCAL_DATE" => Some(Arc::from("yyyy-MM-dd")),
            "BASIC_ISO_DATE" => Some(Arc::from("yyyyMMdd")),
            name if name.starts_with("ISO_") => None,
            pattern => Some(Arc::from(pattern)),
        }
    }
    fn show(&self, moment: &Moment) -> Run<String> {
        let zoned = match &self.zone {
            Some(zone) => moment.zoned()?.with_time_zone(zone.clone()),
            None => moment.zoned()?,
        };
        if let Some(pattern) = self.pattern() {
            return format(&zoned, &pattern, true);
        }
        let full = |t: &Zoned| {
            format!("{:02}:{:02}:{:02}{}", t.hour(), t.minute(), t.second(), {
                let f = format!("{:09}", t.subsec_nanosecond());
                let f = f.trim_end_matches('0').to_owned();
                if f.is_empty() { f } else { format!(".{f}") }
            })
        };
        Ok(match &*self.pattern {
            "ISO_LOCAL_TIME" | "ISO_TIME" => full(&zoned),
            "ISO_DATE" => zoned.date().to_string(),
            "ISO_INSTANT" => Moment::Instant(zoned.timestamp()).show(),
            "ISO_OFFSET_DATE_TIME" => {
                format!("{}T{}{}", zoned.date(), full(&zoned), offset_text(&zoned))
            }
            _ => format!("{}T{}", zoned.date(), full(&zoned)),
        })
    }
}

impl Native for Formatter {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.format.DateTimeFormatter")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_formatter(cx, self, name, a)
    }
}

methods! {
    fn call_formatter(cx, me: &Formatter, a, name) -> FORMATTER;
    format : 1 .. 1 => me.show(a.native::<Moment>(0)?).map(Value::from);
    withZone : 1 .. 1 => Ok(Value::object(Formatter { pattern: me.pattern.clone(), zone: Some(a.native::<ZoneId>(0)?.1.clone()) }));
    withLocale : 1 .. 1 => Ok(Value::object(Formatter { pattern: me.pattern.clone(), zone: me.zone.clone() }));
}

methods! {
    fn formatters(cx, me: &'static ClassInfo, a, name) -> FORMATTERS;
    ofPattern : 1 .. 2 => { let pattern = a.text(0)?; crate::library::date_pattern::check(&pattern)?; Ok(Value::object(Formatter { pattern, zone: None })) };
}

fn formatter_fields(name: &str) -> Option<Value> {
    (name.starts_with("ISO_") || name == "BASIC_ISO_DATE").then(|| {
        Value::object(Formatter {
            pattern: Arc::from(name),
            zone: None,
        })
    })
}

/// A `Duration`, or Groovy's `TimeDuration`.
pub(crate) struct Amount {
    class: &'static str,
    pub(crate) ms: i64,
}

impl Amount {
    fn iso(&self) -> String {
        if self.ms == 0 {
            return "PT0S".into();
        }
        let (h, m, s, ms) = (
            self.ms / 3_600_000,
            self.ms / 60_000 % 60,
            self.ms / 1000 % 60,
            self.ms % 1000,
        );
        let mut out = String::from("PT");
        if h != 0 {
            out.push_str(&format!("{h}H"));
        }
        if m != 0 {
            out.push_str(&format!("{m}M"));
        }
        if s != 0 || ms != 0 {
            let fraction = if ms == 0 {
                String::new()
            } else {
                format!(".{:03}", ms.abs()).trim_end_matches('0').to_owned()
            };
            out.push_str(&format!(
                "{}{s}{fraction}S",
                if s == 0 && ms < 0 { "-" } else { "" }
            ));
        }
        out
    }
}

impl Native for Amount {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_amount(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.iso()))
    }
    fn compare(&self, other: &dyn std::any::Any) -> Option<Ordering> {
        other.downcast_ref::<Amount>().map(|o| self.ms.cmp(&o.ms))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(
            other
                .downcast_ref::<Amount>()
                .is_some_and(|o| o.ms == self.ms),
        )
    }
}

methods! {
    fn call_amount(cx, me: &Amount, a, name) -> AMOUNT;
    toMillis | toMilliseconds : 0 .. 0 => Ok(Value::Long(me.ms));
    getSeconds | toSeconds : 0 .. 0 => Ok(Value::Long(me.ms.div_euclid(1000)));
    toMinutes : 0 .. 0 => Ok(Value::Long(me.ms / 60_000));
    toHours : 0 .. 0 => Ok(Value::Long(me.ms / 3_600_000));
    toDays : 0 .. 0 => Ok(Value::Long(me.ms / 86_400_000));
    plus : 1 .. 1 => match a[0].native::<crate::library::date::Date>() { Some(d) => Ok(crate::library::date::date(d.ms() + me.ms)), None => Ok(Value::object(Amount { class: me.class, ms: me.ms + a.native::<Amount>(0)?.ms })) };
    minus : 1 .. 1 => Ok(Value::object(Amount { class: me.class, ms: me.ms - a.native::<Amount>(0)?.ms }));
    isNegative : 0 .. 0 => Ok(Value::Bool(me.ms < 0));
}

fn new_amount(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let n = |i: usize| a.long(i);
    let ms = match a.len() {
        4 => ((n(0)? * 60 + n(1)?) * 60 + n(2)?) * 1000 + n(3)?,
        5 => (((n(0)? * 24 + n(1)?) * 60 + n(2)?) * 60 + n(3)?) * 1000 + n(4)?,
        _ => return Err(Fail::NoMethod),
    };
    Ok(Value::object(Amount {
        class: "groovy.time.TimeDuration",
        ms,
    }))
}

fn amount(value: i64, unit: i64) -> Run {
    value
        .checked_mul(unit)
        .map(|ms| {
            Value::object(Amount {
                class: "java.time.Duration",
                ms,
            })
        })
        .ok_or_else(|| throw("java.lang.ArithmeticException", "long overflow"))
}

methods! {
    fn amounts(cx, me: &'static ClassInfo, a, name) -> AMOUNTS;
    ofMillis : 1 .. 1 => amount(a.long(0)?, 1);
    ofSeconds : 1 .. 1 => amount(a.long(0)?, 1000);
    ofMinutes : 1 .. 1 => amount(a.long(0)?, 60_000);
    ofHours : 1 .. 1 => amount(a.long(0)?, 3_600_000);
    ofDays : 1 .. 1 => amount(a.long(0)?, 86_400_000);
    between : 2 .. 2 => { let (x, y) = (a.native::<Moment>(0)?.zoned()?, a.native::<Moment>(1)?.zoned()?); amount(y.timestamp().as_millisecond() - x.timestamp().as_millisecond(), 1) };
}

/// A `Period`: months and days.
struct Period(i64, i64);

impl Native for Period {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.Period")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_period(cx, self, name, a)
    }
}

methods! {
    fn call_period(cx, me: &Period, a, name) -> PERIOD;
    getDays : 0 .. 0 => Ok(Value::Int(me.1 as i32));
    getMonths : 0 .. 0 => Ok(Value::Int((me.0 % 12) as i32));
    getYears : 0 .. 0 => Ok(Value::Int((me.0 / 12) as i32));
}

methods! {
    fn periods(cx, me: &'static ClassInfo, a, name) -> PERIODS;
    ofDays : 1 .. 1 => Ok(Value::object(Period(0, a.long(0)?)));
    ofWeeks : 1 .. 1 => Ok(Value::object(Period(0, a.long(0)?.saturating_mul(7))));
    ofMonths : 1 .. 1 => Ok(Value::object(Period(a.long(0)?, 0)));
    ofYears : 1 .. 1 => Ok(Value::object(Period(a.long(0)?.saturating_mul(12), 0)));
}

macro_rules! moment {
    ($name:literal) => {
        ClassInfo::named($name)
            .parents(&["java.lang.Comparable"])
            .statics(moments, MOMENTS)
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
    ClassInfo::named("java.time.ZoneId")
        .statics(zones, ZONES)
        .methods(&[ZONE]),
    ClassInfo::named("java.time.ZoneOffset")
        .parents(&["java.time.ZoneId"])
        .statics(zones, ZONES)
        .fields(zone_fields)
        .methods(&[ZONE]),
    ClassInfo::named("java.time.temporal.ChronoUnit")
        .fields(unit_fields)
        .methods(&[UNIT]),
    ClassInfo::named("java.time.format.DateTimeFormatter")
        .statics(formatters, FORMATTERS)
        .fields(formatter_fields)
        .methods(&[FORMATTER]),
    ClassInfo::named("java.time.Duration")
        .statics(amounts, AMOUNTS)
        .methods(&[AMOUNT]),
    ClassInfo::named("java.time.Period")
        .statics(periods, PERIODS)
        .methods(&[PERIOD]),
    ClassInfo::named("groovy.time.TimeDuration")
        .constructor(new_amount)
        .methods(&[AMOUNT]),
    ClassInfo::named("groovy.time.TimeCategory"),
];
