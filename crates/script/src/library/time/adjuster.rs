//! `TemporalAdjusters`: the first day of a month, the next Monday and their like.

use std::sync::Arc;

use jiff::civil::{Date, Weekday};

use super::moment::{Moment, beyond};
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::name::methods;
use crate::value::{Native, Value};

/// What an adjuster makes of a date.
pub(super) enum Adjuster {
    FirstDayOfMonth,
    LastDayOfMonth,
    FirstDayOfNextMonth,
    FirstDayOfYear,
    LastDayOfYear,
    FirstDayOfNextYear,
    /// The nearest such day after the date; the date itself if it is one and `or_same`.
    Next {
        day: Weekday,
        or_same: bool,
    },
    /// The nearest such day before the date.
    Previous {
        day: Weekday,
        or_same: bool,
    },
}

impl Adjuster {
    pub(super) fn adjust(&self, moment: &Moment) -> Run<Moment> {
        let zoned = moment.zoned()?;
        let date = self.adjust_date(zoned.date()).map_err(beyond)?;
        let there = date
            .to_datetime(zoned.time())
            .to_zoned(zoned.time_zone().clone());
        Ok(moment.again(there.map_err(beyond)?))
    }

    fn adjust_date(&self, date: Date) -> Result<Date, jiff::Error> {
        match self {
            Adjuster::FirstDayOfMonth => Ok(date.first_of_month()),
            Adjuster::LastDayOfMonth => Ok(date.last_of_month()),
            Adjuster::FirstDayOfNextMonth => date.last_of_month().tomorrow(),
            Adjuster::FirstDayOfYear => Ok(date.first_of_year()),
            Adjuster::LastDayOfYear => Ok(date.last_of_year()),
            Adjuster::FirstDayOfNextYear => date.last_of_year().tomorrow(),
            Adjuster::Next { day, or_same } if *or_same && date.weekday() == *day => Ok(date),
            Adjuster::Previous { day, or_same } if *or_same && date.weekday() == *day => Ok(date),
            Adjuster::Next { day, .. } => date.nth_weekday(1, *day),
            Adjuster::Previous { day, .. } => date.nth_weekday(-1, *day),
        }
    }
}

impl Native for Adjuster {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.temporal.TemporalAdjuster")
    }
}

/// The constants of `DayOfWeek`, which are their names here.
fn weekday(a: Args<'_>) -> Run<Weekday> {
    let name = a.text(0)?;
    let names = [
        "MONDAY",
        "TUESDAY",
        "WEDNESDAY",
        "THURSDAY",
        "FRIDAY",
        "SATURDAY",
        "SUNDAY",
    ];
    let at = names.iter().position(|known| **known == *name);
    let at = at.and_then(|at| i8::try_from(at).ok());
    at.and_then(|at| Weekday::from_monday_zero_offset(at).ok())
        .ok_or(Fail::NoMethod)
}

methods! {
    fn adjusters(cx, me: &'static ClassInfo, a, name) -> ADJUSTERS;
    firstDayOfMonth : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfMonth));
    lastDayOfMonth : 0 .. 0 => Ok(Value::object(Adjuster::LastDayOfMonth));
    firstDayOfNextMonth : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfNextMonth));
    firstDayOfYear : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfYear));
    lastDayOfYear : 0 .. 0 => Ok(Value::object(Adjuster::LastDayOfYear));
    firstDayOfNextYear : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfNextYear));
    next : 1 .. 1 => Ok(Value::object(Adjuster::Next { day: weekday(a)?, or_same: false }));
    nextOrSame : 1 .. 1 => Ok(Value::object(Adjuster::Next { day: weekday(a)?, or_same: true }));
    previous : 1 .. 1 => Ok(Value::object(Adjuster::Previous { day: weekday(a)?, or_same: false }));
    previousOrSame : 1 .. 1 => Ok(Value::object(Adjuster::Previous { day: weekday(a)?, or_same: true }));
}

fn weekday_fields(name: &str) -> Option<Value> {
    let names = [
        "MONDAY",
        "TUESDAY",
        "WEDNESDAY",
        "THURSDAY",
        "FRIDAY",
        "SATURDAY",
        "SUNDAY",
    ];
    names.contains(&name).then(|| Value::from(name))
}

fn month_fields(name: &str) -> Option<Value> {
    let names = [
        "JANUARY",
        "FEBRUARY",
        "MARCH",
        "APRIL",
        "MAY",
        "JUNE",
        "JULY",
        "AUGUST",
        "SEPTEMBER",
        "OCTOBER",
        "NOVEMBER",
        "DECEMBER",
    ];
    names.contains(&name).then(|| Value::from(name))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.time.temporal.TemporalAdjusters").statics(adjusters, ADJUSTERS),
    ClassInfo::named("java.time.DayOfWeek").fields(weekday_fields),
    ClassInfo::named("java.time.Month").fields(month_fields),
];
