//! `Year` and `YearMonth`.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::Date;

use super::formatter::Formatter;
use super::moment::{Moment, beyond, small, year};
use super::zone::ZoneId;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

/// The first day of a year or of a month; the class says which of them it stands for.
#[derive(PartialEq)]
struct Start {
    is_year: bool,
    date: Date,
}

const YEAR: &str = "java.time.Year";
const YEAR_MONTH: &str = "java.time.YearMonth";

impl Start {
    fn of(is_year: bool, date: Date) -> Value {
        let date = match is_year {
            true => date.first_of_year(),
            false => date.first_of_month(),
        };
        Value::object(Start { is_year, date })
    }

    fn shifted(&self, years: i64, months: i64) -> Run {
        let months = years.saturating_mul(12).saturating_add(months);
        let span = jiff::Span::new().try_months(months).map_err(beyond)?;
        let date = self.date.checked_add(span).map_err(beyond)?;
        Ok(Start::of(self.is_year, date))
    }

    fn show(&self) -> String {
        match self.is_year {
            true => self.date.year().to_string(),
            false => format!("{:04}-{:02}", self.date.year(), self.date.month()),
        }
    }
}

impl Native for Start {
    fn class_name(&self) -> Arc<str> {
        Arc::from(if self.is_year { YEAR } else { YEAR_MONTH })
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.show()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<Start>() == Some(self))
    }
    fn hash(&self) -> Option<i32> {
        let (year, month) = (i32::from(self.date.year()), i32::from(self.date.month()));
        Some(if self.is_year {
            year
        } else {
            year ^ (month << 27)
        })
    }
    fn compare(&self, other: &dyn std::any::Any) -> Option<Ordering> {
        let other = other.downcast_ref::<Start>()?;
        Some(self.date.cmp(&other.date))
    }
}

/// A day of the year or month that starts so.
fn day(start: &Start, number: i32) -> Run {
    let last = match start.is_year {
        true => start.date.days_in_year(),
        false => i16::from(start.date.days_in_month()),
    };
    if !(1..=i32::from(last)).contains(&number) {
        let message = match start.is_year {
            true if number == 366 => format!(
                "Invalid date 'DayOfYear 366' as '{}' is not a leap year",
                start.date.year()
            ),
            true => format!("Invalid value for DayOfYear (valid values 1 - 365/366): {number}"),
            false if !(1..=31).contains(&number) => {
                format!("Invalid value for DayOfMonth (valid values 1 - 28/31): {number}")
            }
            false => {
                return Err(super::making::no_such_date(
                    i32::from(start.date.year()),
                    i32::from(start.date.month()),
                    number,
                ));
            }
        };
        return Err(throw("java.time.DateTimeException", message));
    }
    let days = jiff::Span::new().try_days(number - 1).map_err(beyond)?;
    let date = start.date.checked_add(days).map_err(beyond)?;
    Ok(Value::object(Moment::Date(date)))
}

methods! {
    fn call(cx, me: &Start, a, name) -> METHODS;
    getValue : 0 .. 0 => if me.is_year { Ok(Value::Int(i32::from(me.date.year()))) } else { Err(Fail::NoMethod) };
    getYear : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(Value::Int(i32::from(me.date.year()))) };
    getMonthValue : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(Value::Int(i32::from(me.date.month()))) };
    getMonth : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(super::named::month(me.date.month())) };
    isLeap : 0 .. 0 => if me.is_year { Ok(Value::Bool(me.date.in_leap_year())) } else { Err(Fail::NoMethod) };
    isLeapYear : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(Value::Bool(me.date.in_leap_year())) };
    length : 0 .. 0 => if me.is_year { Ok(Value::Int(i32::from(me.date.days_in_year()))) } else { Err(Fail::NoMethod) };
    lengthOfMonth : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(Value::Int(i32::from(me.date.days_in_month()))) };
    lengthOfYear : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(Value::Int(i32::from(me.date.days_in_year()))) };
    atDay : 1 .. 1 => day(me, a.int(0)?);
    atEndOfMonth : 0 .. 0 => if me.is_year { Err(Fail::NoMethod) } else { Ok(Value::object(Moment::Date(me.date.last_of_month()))) };
    atMonth : 1 .. 1 => {
        if !me.is_year { return Err(Fail::NoMethod); }
        let date = Date::new(me.date.year(), small(a.int(0)?), 1).map_err(|_| super::making::no_such_date(i32::from(me.date.year()), a.int(0).unwrap_or(0), 1))?;
        Ok(Start::of(false, date))
    };
    plusYears : 1 .. 1 => me.shifted(a.long(0)?, 0);
    minusYears : 1 .. 1 => me.shifted(a.long(0)?.saturating_neg(), 0);
    plusMonths : 1 .. 1 => if me.is_year { Err(Fail::NoMethod) } else { me.shifted(0, a.long(0)?) };
    minusMonths : 1 .. 1 => if me.is_year { Err(Fail::NoMethod) } else { me.shifted(0, a.long(0)?.saturating_neg()) };
    compareTo : 1 .. 1 => {
        let other = a.native::<Start>(0)?;
        let years = i32::from(me.date.year()) - i32::from(other.date.year());
        Ok(Value::Int(if years == 0 { i32::from(me.date.month() - other.date.month()) } else { years }))
    };
    isBefore : 1 .. 1 => Ok(Value::Bool(me.date < a.native::<Start>(0)?.date));
    isAfter : 1 .. 1 => Ok(Value::Bool(me.date > a.native::<Start>(0)?.date));
    format : 1 .. 1 => a.native::<Formatter>(0)?.show(&Moment::Date(me.date)).map(Value::from);
}

methods! {
    fn statics(cx, me: &'static ClassInfo, a, name) -> STATICS;
    now : 0 .. 1 => {
        let zone = match a.first() { Some(_) => a.native::<ZoneId>(0)?.1.clone(), None => cx.host.time_zone() };
        let now = cx.host.now_ms();
        Ok(Start::of(me.name == YEAR, crate::library::date::zoned(now, &zone)?.date()))
    };
    of : 1 .. 2 => match (me.name == YEAR, a.len()) {
        (true, 1) => Ok(Start::of(true, Date::new(year(a.int(0)?), 1, 1).map_err(beyond)?)),
        (false, 2) => { let (year_number, month) = (a.int(0)?, super::named::month_number(a, 1)?); let date = Date::new(year(year_number), small(month), 1).map_err(|_| super::making::no_such_date(year_number, month, 1))?; Ok(Start::of(false, date)) }
        _ => Err(Fail::NoMethod),
    };
    from : 1 .. 1 => Ok(Start::of(me.name == YEAR, a.native::<Moment>(0)?.zoned()?.date()));
    isLeap : 1 .. 1 => { let year = a.long(0)?; Ok(Value::Bool(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))) };
    parse : 1 .. 1 => {
        let text = cx.text_arg(a, 0)?;
        let is_year = me.name == YEAR;
        let whole = if is_year { format!("{text}-01-01") } else { format!("{text}-01") };
        let bad = |_| throw("java.time.format.DateTimeParseException", format!("Text '{text}' could not be parsed at index 0"));
        let has_length = text.len() == if is_year { 4 } else { 7 };
        if !has_length { return Err(bad(())); }
        Ok(Start::of(is_year, whole.parse().map_err(|_: jiff::Error| bad(()))?))
    };
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named(YEAR)
        .parents(&["java.lang.Comparable"])
        .statics(statics, STATICS)
        .methods(&[METHODS]),
    ClassInfo::named(YEAR_MONTH)
        .parents(&["java.lang.Comparable"])
        .statics(statics, STATICS)
        .methods(&[METHODS]),
];
