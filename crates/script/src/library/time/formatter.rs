//! `DateTimeFormatter`: a pattern, or one of the formats of ISO 8601.
//!
//! Not here: the letters of patterns (see [`crate::library::date_pattern`]).

use std::sync::Arc;

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::moment::{Moment, offset_text};
use super::zone::ZoneId;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::interp::Interp;
use crate::library::date_pattern::format;
use crate::name::methods;
use crate::value::{Native, Value};

/// A `DateTimeFormatter`.
pub(super) struct Formatter {
    pattern: Arc<str>,
    zone: Option<TimeZone>,
}

impl Formatter {
    pub(super) fn pattern(&self) -> Option<Arc<str>> {
        match &*self.pattern {
            "ISO_LOCAL_DATE" => Some(Arc::from("yyyy-MM-dd")),
            "BASIC_ISO_DATE" => Some(Arc::from("yyyyMMdd")),
            name if name.starts_with("ISO_") || name == "RFC_1123_DATE_TIME" => None,
            pattern => Some(Arc::from(pattern)),
        }
    }
    pub(super) fn show(&self, moment: &Moment) -> Run<String> {
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
            "RFC_1123_DATE_TIME" if zoned.offset().seconds() == 0 => {
                format(&zoned, "EEE, d MMM yyyy HH:mm:ss 'GMT'", true)?
            }
            "RFC_1123_DATE_TIME" => format(&zoned, "EEE, d MMM yyyy HH:mm:ss Z", true)?,
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
    if name == "RFC_1123_DATE_TIME" {
        return Some(Value::object(Formatter {
            pattern: Arc::from(name),
            zone: None,
        }));
    }
    (name.starts_with("ISO_") || name == "BASIC_ISO_DATE").then(|| {
        Value::object(Formatter {
            pattern: Arc::from(name),
            zone: None,
        })
    })
}

pub(crate) const CLASSES: &[ClassInfo] = &[ClassInfo::named("java.time.format.DateTimeFormatter")
    .statics(formatters, FORMATTERS)
    .fields(formatter_fields)
    .methods(&[FORMATTER])];
