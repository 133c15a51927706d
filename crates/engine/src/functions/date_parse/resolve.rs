//! From fields to a date and a time, in the order of Java's `java.time.format.Parsed`.
//!
//! The order matters: it decides which fields contradict each other and which make up for others.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Time, date};
use jiff::tz::{Offset, TimeZone};

use crate::functions::date_fields::{Field, Moment};

type Fields = BTreeMap<Field, i64>;

/// Nanoseconds of a millisecond.
const NANOS_OF_MILLI: i64 = 1_000_000;

/// Makes a moment of `fields`; those that make no date or time stay by themselves.
///
/// # Errors
///
/// Which fields contradict each other or are out of range.
pub(super) fn resolve(mut fields: Fields, zone: Option<TimeZone>) -> Result<Moment, String> {
    let mut day = resolve_date(&mut fields)?;
    let time = resolve_time(&mut fields)?;
    let (time, next_day) = match time {
        Some((time, next_day)) => (Some(time), next_day),
        None => (None, false),
    };
    let known = Moment {
        date: day,
        time,
        ..Moment::default()
    };
    for (field, value) in std::mem::take(&mut fields) {
        match known.get(field) {
            Some(other) if other != value => {
                return Err(format!(
                    "{field:?} {value} contradicts the rest: it is {other}"
                ));
            }
            Some(_) => {}
            None => {
                fields.insert(field, value);
            }
        }
    }
    if next_day && let Some(date) = day {
        let next = date.checked_add(1.day());
        day = Some(next.map_err(|_| "the date is beyond the calendar".to_owned())?);
    }
    let offset = match fields.remove(&Field::OffsetSeconds) {
        None => None,
        Some(seconds) => {
            let seconds = i32::try_from(seconds).ok();
            let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok());
            Some(offset.ok_or("the offset is out of range")?)
        }
    };
    Ok(Moment {
        date: day,
        time,
        offset,
        zone,
        others: fields,
    })
}

/// Sets `field`, which must not have another value.
fn put(fields: &mut Fields, field: Field, value: i64) -> Result<(), String> {
    match fields.insert(field, value) {
        Some(former) if former != value => Err(format!("{field:?} is {former} and {value}")),
        _ => Ok(()),
    }
}

fn within(field: Field, value: i64, least: i64, most: i64) -> Result<i64, String> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(format!("{field:?} {value} is not within {least} to {most}"))
}

fn resolve_date(fields: &mut Fields) -> Result<Option<Date>, String> {
    if let Some(year) = fields.remove(&Field::YearOfEra) {
        let year = within(Field::YearOfEra, year, 1, 999_999_999)?;
        let era = fields.remove(&Field::Era);
        let is_before = match era {
            Some(era) => era == 0,
            None => fields.get(&Field::Year).is_some_and(|year| *year <= 0),
        };
        put(fields, Field::Year, if is_before { 1 - year } else { year })?;
    }
    let Some(year) = fields.get(&Field::Year).copied() else {
        return Ok(None);
    };
    let month = fields.get(&Field::Month).copied();
    let day = fields.get(&Field::Day).copied();
    let day_of_year = fields.get(&Field::DayOfYear).copied();
    // Java's calendar is longer; plans do not reach beyond this one.
    let beyond = || format!("year {year} is beyond the calendar");
    let year_number = i16::try_from(year).map_err(|_| beyond())?;
    if !(-9999..=9999).contains(&year_number) {
        return Err(beyond());
    }
    match (month, day, day_of_year) {
        (Some(month), Some(day), _) => {
            let month = within(Field::Month, month, 1, 12)?;
            let day = within(Field::Day, day, 1, 31)?;
            let first = date(year_number, i8::try_from(month).unwrap_or(1), 1);
            // The last days of a month make up for days that it lacks.
            let day = day.min(i64::from(first.days_in_month()));
            for field in [Field::Year, Field::Month, Field::Day] {
                fields.remove(&field);
            }
            let found = first.checked_add((day - 1).days());
            found.map(Some).map_err(|_| beyond())
        }
        (None, _, Some(day_of_year)) => {
            let first = date(year_number, 1, 1);
            let last = i64::from(first.days_in_year());
            let day_of_year = within(Field::DayOfYear, day_of_year, 1, last)?;
            fields.remove(&Field::Year);
            fields.remove(&Field::DayOfYear);
            let found = first.checked_add((day_of_year - 1).days());
            found.map(Some).map_err(|_| beyond())
        }
        _ => Ok(None),
    }
}

/// The time, and whether it is midnight at the end of the day (`24:00`).
fn resolve_time(fields: &mut Fields) -> Result<Option<(Time, bool)>, String> {
    if let Some(hour) = fields.remove(&Field::ClockHour) {
        let hour = within(Field::ClockHour, hour, 0, 24)?;
        put(fields, Field::Hour, hour % 24)?;
    }
    if let Some(hour) = fields.remove(&Field::ClockHourOfHalfDay) {
        let hour = within(Field::ClockHourOfHalfDay, hour, 0, 12)?;
        put(fields, Field::HourOfHalfDay, hour % 12)?;
    }
    if let (Some(half), Some(hour)) = (
        fields.get(&Field::HalfDay).copied(),
        fields.get(&Field::HourOfHalfDay).copied(),
    ) {
        fields.remove(&Field::HalfDay);
        fields.remove(&Field::HourOfHalfDay);
        let hour = within(Field::HourOfHalfDay, hour, 0, 11)?;
        put(fields, Field::Hour, half * 12 + hour)?;
    }
    if let Some(nanos) = fields.remove(&Field::NanoOfDay) {
        let nanos = within(Field::NanoOfDay, nanos, 0, 86_400_000_000_000 - 1)?;
        put(fields, Field::Hour, nanos / 3_600_000_000_000)?;
        put(fields, Field::Minute, nanos / 60_000_000_000 % 60)?;
        put(fields, Field::Second, nanos / 1_000_000_000 % 60)?;
        put(fields, Field::Nano, nanos % 1_000_000_000)?;
    }
    if let Some(millis) = fields.remove(&Field::MilliOfDay) {
        let millis = within(Field::MilliOfDay, millis, 0, 86_400_000 - 1)?;
        put(fields, Field::Milli, millis % 1000)?;
        put(fields, Field::Hour, millis / 3_600_000)?;
        put(fields, Field::Minute, millis / 60_000 % 60)?;
        put(fields, Field::Second, millis / 1000 % 60)?;
    }
    if let Some(nano) = fields.get(&Field::Nano).copied() {
        let nano = within(Field::Nano, nano, 0, 999_999_999)?;
        if let Some(milli) = fields.remove(&Field::Milli) {
            let milli = within(Field::Milli, milli, 0, 999)?;
            put(
                fields,
                Field::Nano,
                milli * NANOS_OF_MILLI + nano % NANOS_OF_MILLI,
            )?;
        }
    } else if let Some(milli) = fields.remove(&Field::Milli) {
        let milli = within(Field::Milli, milli, 0, 999)?;
        put(fields, Field::Nano, milli * NANOS_OF_MILLI)?;
    }
    let get = |field| fields.get(&field).copied();
    let (minute, second, nano) = (get(Field::Minute), get(Field::Second), get(Field::Nano));
    let mut time = None;
    // A part that is not given is 0, but none may be missing in the middle.
    let has_gap = minute.is_none() && (second.is_some() || nano.is_some())
        || minute.is_some() && second.is_none() && nano.is_some();
    if let Some(hour) = get(Field::Hour).filter(|_| !has_gap) {
        let (minute, second) = (minute.unwrap_or(0), second.unwrap_or(0));
        let nano = within(Field::Nano, nano.unwrap_or(0), 0, 999_999_999)?;
        let is_end_of_day = hour == 24 && minute == 0 && second == 0 && nano == 0;
        let hour = within(Field::Hour, if is_end_of_day { 0 } else { hour }, 0, 23)?;
        let minute = within(Field::Minute, minute, 0, 59)?;
        let second = within(Field::Second, second, 0, 59)?;
        let made = Time::new(
            i8::try_from(hour).unwrap_or(0),
            i8::try_from(minute).unwrap_or(0),
            i8::try_from(second).unwrap_or(0),
            i32::try_from(nano).unwrap_or(0),
        );
        let made = made.map_err(|error| error.to_string())?;
        time = Some((made, is_end_of_day));
        for field in [Field::Hour, Field::Minute, Field::Second, Field::Nano] {
            fields.remove(&field);
        }
    }
    for (field, most) in [(Field::Hour, 23), (Field::Minute, 59), (Field::Second, 59)] {
        if let Some(value) = fields.get(&field) {
            within(field, *value, 0, most)?;
        }
    }
    Ok(time)
}
