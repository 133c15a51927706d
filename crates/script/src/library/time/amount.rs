//! Amounts of time: `Duration`, Groovy's `TimeDuration`, and `Period`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::moment::Moment;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

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
    plus : 1 .. 1 => match a[0].native::<crate::library::date::Date>() { Some(d) => Ok(crate::library::date::date(d.ms().saturating_add(me.ms))), None => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_add(a.native::<Amount>(0)?.ms) })) };
    minus : 1 .. 1 => Ok(Value::object(Amount { class: me.class, ms: me.ms.saturating_sub(a.native::<Amount>(0)?.ms) }));
    isNegative : 0 .. 0 => Ok(Value::Bool(me.ms < 0));
}

fn new_amount(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let n = |i: usize| a.int(i).map(i64::from);
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
pub(super) struct Period(pub(super) i64, pub(super) i64);

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

pub(crate) const CLASSES: &[ClassInfo] = &[
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
