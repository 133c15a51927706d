//! `TemporalAdjusters`: the first day of a month, the next Monday and their like.

use std::sync::Arc;

use jiff::civil::{Date, Weekday};

use super::moment::{Moment, beyond};
use super::named::day_of;
use crate::class::ClassInfo;
use crate::fail::Run;
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

methods! {
    fn adjusters(cx, me: &'static ClassInfo, a, name) -> ADJUSTERS;
    firstDayOfMonth : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfMonth));
    lastDayOfMonth : 0 .. 0 => Ok(Value::object(Adjuster::LastDayOfMonth));
    firstDayOfNextMonth : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfNextMonth));
    firstDayOfYear : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfYear));
    lastDayOfYear : 0 .. 0 => Ok(Value::object(Adjuster::LastDayOfYear));
    firstDayOfNextYear : 0 .. 0 => Ok(Value::object(Adjuster::FirstDayOfNextYear));
    next : 1 .. 1 => Ok(Value::object(Adjuster::Next { day: day_of(a, 0)?, or_same: false }));
    nextOrSame : 1 .. 1 => Ok(Value::object(Adjuster::Next { day: day_of(a, 0)?, or_same: true }));
    previous : 1 .. 1 => Ok(Value::object(Adjuster::Previous { day: day_of(a, 0)?, or_same: false }));
    previousOrSame : 1 .. 1 => Ok(Value::object(Adjuster::Previous { day: day_of(a, 0)?, or_same: true }));
}

pub(crate) const CLASSES: &[ClassInfo] =
    &[ClassInfo::named("java.time.temporal.TemporalAdjusters").statics(adjusters, ADJUSTERS)];
