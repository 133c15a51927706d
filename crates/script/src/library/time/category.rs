//! Groovy's `TimeCategory`: `2.days`, `3.hours.ago`, and what dates make of them.

use std::sync::Arc;

use jiff::Zoned;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date::{Date, date, local, zoned};
use crate::name::{methods, symbol};
use crate::value::{Native, Value};

/// A length of time by its parts, which do not carry over: `90.minutes` stays so.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) struct Span {
    years: i64,
    months: i64,
    days: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
    millis: i64,
}

impl Span {
    fn parts(&self) -> [i64; 7] {
        [
            self.years,
            self.months,
            self.days,
            self.hours,
            self.minutes,
            self.seconds,
            self.millis,
        ]
    }

    fn of(parts: [i64; 7]) -> Span {
        let [years, months, days, hours, minutes, seconds, millis] = parts;
        Span {
            years,
            months,
            days,
            hours,
            minutes,
            seconds,
            millis,
        }
    }

    fn plus(&self, other: &Span, sign: i64) -> Span {
        let (mine, others) = (self.parts(), other.parts());
        Span::of(std::array::from_fn(|part| {
            mine[part].saturating_add(others[part].saturating_mul(sign))
        }))
    }

    /// Milliseconds; a month counts thirty days and a year 365, as in Groovy.
    fn to_millis(self) -> i64 {
        let days = self.years.saturating_mul(365);
        let days = days.saturating_add(self.months.saturating_mul(30));
        let hours = days.saturating_add(self.days).saturating_mul(24);
        let minutes = hours.saturating_add(self.hours).saturating_mul(60);
        let seconds = minutes.saturating_add(self.minutes).saturating_mul(60);
        let millis = seconds.saturating_add(self.seconds).saturating_mul(1000);
        millis.saturating_add(self.millis)
    }

    /// The moment that lies so much later, or earlier for a `sign` of -1.
    pub(crate) fn after(&self, from: &Zoned, sign: i64) -> Run<i64> {
        let months = self.years.saturating_mul(12).saturating_add(self.months);
        let beyond = |_| {
            crate::library::throwable::throw(
                "java.lang.IllegalArgumentException",
                "the calendar ends there",
            )
        };
        let span = jiff::Span::new()
            .try_months(months.saturating_mul(sign))
            .and_then(|span| span.try_days(self.days.saturating_mul(sign)))
            .map_err(beyond)?;
        let there = from.checked_add(span).map_err(beyond)?;
        let rest = Span {
            years: 0,
            months: 0,
            days: 0,
            ..*self
        };
        let there = there.timestamp().as_millisecond();
        Ok(there.saturating_add(rest.to_millis().saturating_mul(sign)))
    }

    /// Source: `BaseDuration.toString`.
    fn show(&self) -> String {
        let mut parts = Vec::new();
        let names = ["years", "months", "days", "hours", "minutes"];
        for (number, name) in self.parts().iter().zip(names) {
            if *number != 0 {
                parts.push(format!("{number} {name}"));
            }
        }
        if self.seconds != 0 || self.millis != 0 {
            let seconds = self.seconds + self.millis / 1000;
            let millis = self.millis % 1000;
            let sign = if seconds == 0 && millis < 0 { "-" } else { "" };
            parts.push(format!("{sign}{seconds}.{:03} seconds", millis.abs()));
        }
        if parts.is_empty() {
            "0".into()
        } else {
            parts.join(", ")
        }
    }
}

/// The present moment in the zone of moments that name none.
fn now(cx: &mut Interp<'_>) -> Run<Zoned> {
    zoned(cx.host.now_ms(), &cx.host.time_zone())
}

impl Native for Span {
    fn class_name(&self) -> Arc<str> {
        let depends_on_date = self.years != 0 || self.months != 0;
        let has_time = self.parts()[3..].iter().any(|part| *part != 0);
        Arc::from(match (depends_on_date, has_time) {
            (true, true) => "groovy.time.TimeDatumDependentDuration",
            (true, false) => "groovy.time.DatumDependentDuration",
            (false, true) => "groovy.time.TimeDuration",
            (false, false) => "groovy.time.Duration",
        })
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_span(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.show()))
    }
    fn compare(&self, other: &dyn std::any::Any) -> Option<std::cmp::Ordering> {
        let other = other.downcast_ref::<Span>()?;
        Some(self.to_millis().cmp(&other.to_millis()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<Span>() == Some(self))
    }
}

methods! {
    fn call_span(cx, me: &Span, a, name) -> SPAN;
    getYears : 0 .. 0 => Ok(Value::Int(me.years as i32));
    getMonths : 0 .. 0 => Ok(Value::Int(me.months as i32));
    getDays : 0 .. 0 => Ok(Value::Int(me.days as i32));
    getHours : 0 .. 0 => Ok(Value::Int(me.hours as i32));
    getMinutes : 0 .. 0 => Ok(Value::Int(me.minutes as i32));
    getSeconds : 0 .. 0 => Ok(Value::Int(me.seconds as i32));
    getMillis : 0 .. 0 => Ok(Value::Int(me.millis as i32));
    toMilliseconds : 0 .. 0 => Ok(Value::Long(me.to_millis()));
    getAgo : 0 .. 0 => { let now = now(cx)?; me.after(&now, -1).map(date) };
    getFrom : 0 .. 0 => Ok(Value::object(From(*me)));
    plus : 1 .. 1 => match a[0].native::<Date>() { Some(from) => me.after(&local(cx, from)?, 1).map(date), None => Ok(Value::object(me.plus(a.native::<Span>(0)?, 1))) };
    minus : 1 .. 1 => Ok(Value::object(me.plus(a.native::<Span>(0)?, -1)));
    negative : 0 .. 0 => Ok(Value::object(Span::default().plus(me, -1)));
}

/// `2.days.from`, of which `now` is asked.
struct From(Span);

impl Native for From {
    fn class_name(&self) -> Arc<str> {
        Arc::from("groovy.time.BaseDuration$From")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        if name == symbol("getNow") && a.is_empty() {
            return self.0.after(&now(cx)?, 1).map(date);
        }
        Err(Fail::NoMethod)
    }
}

/// What `number.unit` is inside of `use (TimeCategory)`; `None` for other names.
pub(crate) fn span_of_number(number: i64, getter: u64) -> Option<Value> {
    const UNITS: &[(u64, u64, usize, i64)] = &[
        (symbol("getYear"), symbol("getYears"), 0, 1),
        (symbol("getMonth"), symbol("getMonths"), 1, 1),
        (symbol("getWeek"), symbol("getWeeks"), 2, 7),
        (symbol("getDay"), symbol("getDays"), 2, 1),
        (symbol("getHour"), symbol("getHours"), 3, 1),
        (symbol("getMinute"), symbol("getMinutes"), 4, 1),
        (symbol("getSecond"), symbol("getSeconds"), 5, 1),
        (symbol("getMilli"), symbol("getMillis"), 6, 1),
        (symbol("getMillisecond"), symbol("getMilliseconds"), 6, 1),
    ];
    let unit = UNITS
        .iter()
        .find(|(one, many, ..)| *one == getter || *many == getter)?;
    let mut parts = [0; 7];
    parts[unit.2] = number.saturating_mul(unit.3);
    Some(Value::object(Span::of(parts)))
}

fn new_span(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    // Without days there are hours first.
    let skipped = match (class.name, a.len()) {
        ("groovy.time.TimeDuration", 4) => 3,
        ("groovy.time.TimeDuration" | "groovy.time.Duration", 5) => 2,
        _ => return Err(Fail::NoMethod),
    };
    let mut parts = [0; 7];
    for index in 0..a.len() {
        parts[skipped + index] = a.long(index)?;
    }
    Ok(Value::object(Span::of(parts)))
}

methods! {
    fn category(cx, me: &'static ClassInfo, a, name) -> CATEGORY;
    minus : 2 .. 2 => {
        let ms = a.native::<Date>(0)?.ms().saturating_sub(a.native::<Date>(1)?.ms());
        Ok(Value::object(Span::of([0, 0, ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000])))
    };
    plus : 2 .. 2 => a.native::<Span>(1)?.after(&local(cx, a.native::<Date>(0)?)?, 1).map(date);
    getDays | getHours | getMinutes | getSeconds | getWeeks | getMonths | getYears : 1 .. 1 => span_of_number(a.long(0)?, name).ok_or(Fail::NoMethod);
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("groovy.time.Duration")
        .constructor(new_span)
        .methods(&[SPAN]),
    ClassInfo::named("groovy.time.TimeDuration")
        .parents(&["groovy.time.Duration"])
        .constructor(new_span)
        .methods(&[SPAN]),
    ClassInfo::named("groovy.time.TimeCategory").statics(category, CATEGORY),
];
