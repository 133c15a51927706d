//! `java.time`, and Groovy's `TimeCategory` durations.
//!
//! Not here: `java.util.Date` and calendars (see [`super::date`]), and patterns (see [`super::date_pattern`]).

mod adjuster;
mod amount;
mod category;
mod formatter;
mod making;
mod moment;
mod named;
mod unit;
mod year;
mod zone;

pub(crate) use category::{Span, span_of_number};
pub(crate) use moment::{instant, millis_of};
pub(crate) use zone::{default_zone, zone_id};

use crate::class::ClassInfo;

/// The classes of the modules.
pub(crate) const CLASSES: &[&[ClassInfo]] = &[
    moment::CLASSES,
    zone::CLASSES,
    unit::CLASSES,
    formatter::CLASSES,
    amount::CLASSES,
    adjuster::CLASSES,
    category::CLASSES,
    named::CLASSES,
    year::CLASSES,
];
