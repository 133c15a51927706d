//! Amounts of time: `Duration` and `Period`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::moment::Moment;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

/// A `Duration`.
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
    plus : 1 .. 1 => match a[0].native::<crate::library::date::Date>() { Some(d) => Ok(crate::library::date::date(d.ms().saturating_add(me.ms))), None => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_add(a.native::<Amount>(0)?.ms) })) };
    minus : 1 .. 1 => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_sub(a.native::<Amount>(0)?.ms) }));
    isNegative : 0 .. 0 => Ok(Value::Bool(me.ms < 0));
    isZero : 0 .. 0 => Ok(Value::Bool(me.ms == 0));
    toNanos : 0 .. 0 => Ok(Value::Long(me.ms.saturating_mul(1_000_000)));
    toHoursPart : 0 .. 0 => Ok(Value::Int((me.ms / 3_600_000 % 24) as i32));
    toMinutesPart : 0 .. 0 => Ok(Value::Int((me.ms / 60_000 % 60) as i32));
    toSecondsPart : 0 .. 0 => Ok(Value::Int((me.ms / 1000 % 60) as i32));
    toMillisPart : 0 .. 0 => Ok(Value::Int((me.ms % 1000) as i32));
    plusMillis : 1 .. 1 => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_add(a.long(0)?) }));
    plusSeconds : 1 .. 1 => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_add(a.long(0)?.saturating_mul(1000)) }));
    plusMinutes : 1 .. 1 => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_add(a.long(0)?.saturating_mul(60_000)) }));
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
pub(super) struct Period(pub(super) i64, pub(super) i64);

impl Native for Period {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.time.Period")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_period(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        let mut text = String::from("P");
        for (number, unit) in [(self.0 / 12, 'Y'), (self.0 % 12, 'M'), (self.1, 'D')] {
            if number != 0 {
                text.push_str(&format!("{number}{unit}"));
            }
        }
        if text.len() == 1 {
            text.push_str("0D");
        }
        Ok(Some(text))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        let other = other.downcast_ref::<Period>();
        Some(other.is_some_and(|other| (other.0, other.1) == (self.0, self.1)))
    }
}

methods! {
    fn call_period(cx, me: &Period, a, name) -> PERIOD;
    getDays : 0 .. 0 => Ok(Value::Int(me.1 as i32));
    getMonths : 0 .. 0 => Ok(Value::Int((me.0 % 12) as i32));
    toTotalMonths : 0 .. 0 => Ok(Value::Long(me.0));
    isNegative : 0 .. 0 => Ok(Value::Bool(me.0 < 0 || me.1 < 0));
    getYears : 0 .. 0 => Ok(Value::Int((me.0 / 12) as i32));
}

methods! {
    fn periods(cx, me: &'static ClassInfo, a, name) -> PERIODS;
    of : 3 .. 3 => Ok(Value::object(Period(a.long(0)?.saturating_mul(12).saturating_add(a.long(1)?), a.long(2)?)));
    between : 2 .. 2 => { let (from, to) = (a.native::<Moment>(0)?.zoned()?.date(), a.native::<Moment>(1)?.zoned()?.date()); let span = from.until((jiff::Unit::Month, to)).map_err(super::moment::beyond)?; Ok(Value::object(Period(i64::from(span.get_months()), i64::from(span.get_days())))) };
    ofDays : 1 .. 1 => Ok(Value::object(Period(0, a.long(0)?)));
    ofWeeks : 1 .. 1 => Ok(Value::object(Period(0, a.long(0)?.saturating_mul(7))));
    ofMonths : 1 .. 1 => Ok(Value::object(Period(a.long(0)?, 0)));
    ofYears : 1 .. 1 => Ok(Value::object(Period(a.long(0)?.saturating_mul(12), 0)));
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.time.Duration")
        .statics(amounts, AMOUNTS)
        .methods(&[AMOUNT]),
    ClassInfo::named("java.time.Period")
        .statics(periods, PERIODS)
        .methods(&[PERIOD]),
];
