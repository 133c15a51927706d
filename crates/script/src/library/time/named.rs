//! `DayOfWeek` and `Month`: the days and months that have names.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::Weekday;

use super::moment::Moment;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::date_pattern::{DAYS, MONTHS};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

const DAY: &str = "java.time.DayOfWeek";
const MONTH: &str = "java.time.Month";

/// A constant of one of the two enums.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Named {
    class: &'static str,
    /// From 0.
    at: i32,
}

/// The day of a week.
pub(super) fn day(day: Weekday) -> Value {
    let at = i32::from(day.to_monday_zero_offset());
    Value::object(Named { class: DAY, at })
}

/// A month by its number from 1.
pub(super) fn month(number: i8) -> Value {
    let at = i32::from(number) - 1;
    Value::object(Named { class: MONTH, at })
}

/// The day that an argument is.
pub(super) fn day_of(a: Args<'_>, index: usize) -> Run<Weekday> {
    let named = a.native::<Named>(index)?;
    let day = i8::try_from(named.at).ok().filter(|_| named.class == DAY);
    day.and_then(|day| Weekday::from_monday_zero_offset(day).ok())
        .ok_or(Fail::NoMethod)
}

/// A month as a number from 1, or by its name.
pub(super) fn month_number(a: Args<'_>, index: usize) -> Run<i32> {
    match a.native::<Named>(index) {
        Ok(named) if named.class == MONTH => Ok(named.at + 1),
        _ => a.int(index),
    }
}

fn names(class: &str) -> &'static [&'static str] {
    if class == DAY { &DAYS } else { &MONTHS }
}

fn constants(class: &'static str) -> impl Iterator<Item = Named> {
    (0..names(class).len() as i32).map(move |at| Named { class, at })
}

impl Named {
    fn title(self) -> &'static str {
        names(self.class)[self.at as usize]
    }

    fn name(self) -> String {
        self.title().to_uppercase()
    }

    fn later(self, by: i64) -> Value {
        let all = names(self.class).len() as i64;
        let at = (i64::from(self.at) + by % all).rem_euclid(all) as i32;
        Value::object(Named { at, ..self })
    }

    /// Days of a month; nothing of a day.
    fn days(self, in_leap_year: bool) -> Run {
        match (self.class, self.at + 1) {
            (DAY, _) => Err(Fail::NoMethod),
            (_, 2) => Ok(Value::Int(if in_leap_year { 29 } else { 28 })),
            (_, 4 | 6 | 9 | 11) => Ok(Value::Int(30)),
            _ => Ok(Value::Int(31)),
        }
    }
}

impl Native for Named {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, *self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.name()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<Named>() == Some(self))
    }
    fn hash(&self) -> Option<i32> {
        Some(self.at)
    }
    fn compare(&self, other: &dyn std::any::Any) -> Option<Ordering> {
        let other = other.downcast_ref::<Named>()?;
        (other.class == self.class).then(|| self.at.cmp(&other.at))
    }
}

methods! {
    fn call(cx, me: Named, a, name) -> METHODS;
    getValue : 0 .. 0 => Ok(Value::Int(me.at + 1));
    ordinal : 0 .. 0 => Ok(Value::Int(me.at));
    name : 0 .. 0 => Ok(Value::from(me.name()));
    compareTo : 1 .. 1 => { let other = a.native::<Named>(0)?; if other.class == me.class { Ok(Value::Int(me.at - other.at)) } else { Err(Fail::NoMethod) } };
    plus : 1 .. 1 => Ok(me.later(a.long(0)?));
    minus : 1 .. 1 => Ok(me.later(-(a.long(0)? % 84)));
    next : 0 .. 0 => Ok(me.later(1));
    previous : 0 .. 0 => Ok(me.later(-1));
    length : 1 .. 1 => me.days(a.bool(0)?);
    maxLength : 0 .. 0 => me.days(true);
    minLength : 0 .. 0 => me.days(false);
    getDisplayName : 2 .. 2 => Ok(Value::from(match a.native::<TextStyle>(0)?.0 {
        "FULL" => me.title(),
        "SHORT" => &me.title()[..3],
        _ => &me.title()[..1],
    }));
}

methods! {
    fn statics(cx, me: &'static ClassInfo, a, name) -> STATICS;
    of : 1 .. 1 => {
        let number = a.int(0)?;
        constants(me.name).find(|one| one.at + 1 == number).map(Value::object).ok_or_else(|| {
            let what = if me.name == DAY { "DayOfWeek" } else { "MonthOfYear" };
            throw("java.time.DateTimeException", format!("Invalid value for {what}: {number}"))
        })
    };
    from : 1 .. 1 => { let moment = a.native::<Moment>(0)?.zoned()?; Ok(if me.name == DAY { day(moment.weekday()) } else { month(moment.month()) }) };
    values : 0 .. 0 => Ok(Value::array(me.name, constants(me.name).map(Value::object).collect()));
    valueOf : 1 .. 1 => {
        let text = a.text(0)?;
        constants(me.name).find(|one| one.name() == *text).map(Value::object).ok_or_else(|| throw("java.lang.IllegalArgumentException", format!("No enum constant {}.{text}", me.name)))
    };
}

fn day_fields(name: &str) -> Option<Value> {
    constants(DAY)
        .find(|one| one.name() == name)
        .map(Value::object)
}

fn month_fields(name: &str) -> Option<Value> {
    constants(MONTH)
        .find(|one| one.name() == name)
        .map(Value::object)
}

/// A `TextStyle`, by its name.
struct TextStyle(&'static str);

impl Native for TextStyle {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.format.TextStyle")
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.0.to_owned()))
    }
}

fn styles(name: &str) -> Option<Value> {
    let mut styles = ["FULL", "SHORT", "NARROW"].into_iter();
    let style = styles.find(|style| *style == name);
    style.map(|style| Value::object(TextStyle(style)))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named(DAY)
        .parents(&["java.lang.Comparable"])
        .statics(statics, STATICS)
        .fields(day_fields)
        .methods(&[METHODS]),
    ClassInfo::named(MONTH)
        .parents(&["java.lang.Comparable"])
        .statics(statics, STATICS)
        .fields(month_fields)
        .methods(&[METHODS]),
    ClassInfo::named("java.time.format.TextStyle").fields(styles),
];
