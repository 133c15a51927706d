//! `ChronoUnit`, and how many of a unit lie between two moments.

use std::sync::Arc;

use super::moment::Moment;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::interp::Interp;
use crate::name::methods;
use crate::value::{Native, Value};

/// A `ChronoUnit`.
pub(super) struct Unit {
    /// Its name as a text and in methods: `Days`.
    pub(super) word: &'static str,
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

pub(super) fn between(from: &Moment, to: &Moment, unit: &Unit) -> Run {
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

pub(crate) const CLASSES: &[ClassInfo] = &[ClassInfo::named("java.time.temporal.ChronoUnit")
    .fields(unit_fields)
    .methods(&[UNIT])];
