//! `ZoneId` and `ZoneOffset`.
//!
//! Not here: which names of zones there are (see [`crate::library::date_pattern`]).

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::interp::Interp;
use crate::library::date::zone_name;
use crate::library::date_pattern::zone_of;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value};

/// A `ZoneId` or `ZoneOffset`.
pub(super) struct ZoneId(Arc<str>, pub(super) TimeZone);

/// The zone of that name, or of that offset; `Z` is an offset, which has no name.
pub(super) fn zone_named(name: &str) -> Option<TimeZone> {
    match name {
        "Z" => TimeZone::posix("UTC0").ok(),
        _ => zone_of(name),
    }
}

pub(crate) fn zone_id(name: &str) -> Run {
    match zone_named(name) {
        Some(zone) => Ok(Value::object(ZoneId(Arc::from(name), zone))),
        None => Err(throw(
            "java.time.zone.ZoneRulesException",
            format!("Unknown time-zone ID: {name}"),
        )),
    }
}

/// The zone of dates and times that name none.
pub(crate) fn default_zone(cx: &Interp<'_>) -> Value {
    let zone = cx.host.time_zone();
    Value::object(ZoneId(Arc::from(zone_name(&zone)), zone))
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
    systemDefault : 0 .. 0 => Ok(default_zone(cx));
    ofHours : 1 .. 1 => zone_id(&format!("{}{:02}:00", if a.int(0)? < 0 { '-' } else { '+' }, a.int(0)?.abs()));
}

fn zone_fields(name: &str) -> Option<Value> {
    if name == "UTC" {
        zone_id("Z").ok()
    } else {
        None
    }
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.time.ZoneId")
        .statics(zones, ZONES)
        .methods(&[ZONE]),
    ClassInfo::named("java.time.ZoneOffset")
        .parents(&["java.time.ZoneId"])
        .statics(zones, ZONES)
        .fields(zone_fields)
        .methods(&[ZONE]),
];
