//! Dates and times in parts, as Java's `TemporalAccessor` shows them: a formatter asks for fields
//! and gets those that are known.
//!
//! Week-based fields follow the rules of the United States (weeks begin on Sunday, the first of
//! January is in week 1), as Java's do in its default locale.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// Days from 1858-11-17, day 0 of the Modified Julian Day, to 1970-01-01.
const JULIAN_DAY_OF_EPOCH: i64 = 40_587;

/// A field of a date or time, with Java's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// 0 is BC, 1 AD.
    Era,
    Year,
    YearOfEra,
    WeekYear,
    Quarter,
    Month,
    WeekOfYear,
    WeekOfMonth,
    Day,
    DayOfYear,
    /// 1 is Monday.
    DayOfWeek,
    /// 1 is Sunday.
    LocalDayOfWeek,
    /// Java's aligned day of week in month: day 8 is 1 again.
    AlignedDay,
    JulianDay,
    /// 0 is AM.
    HalfDay,
    /// 1 to 12.
    ClockHourOfHalfDay,
    HourOfHalfDay,
    /// 1 to 24.
    ClockHour,
    Hour,
    Minute,
    Second,
    Nano,
    Milli,
    MilliOfDay,
    NanoOfDay,
    OffsetSeconds,
}

/// What is known of a date and time.
#[derive(Clone, Debug, Default)]
pub(super) struct Moment {
    pub(super) date: Option<Date>,
    pub(super) time: Option<Time>,
    pub(super) offset: Option<Offset>,
    pub(super) zone: Option<TimeZone>,
    /// Fields that make no date or time by themselves.
    pub(super) others: BTreeMap<Field, i64>,
}

impl Moment {
    /// A moment of which everything is known.
    pub(super) fn of(zoned: &Zoned) -> Self {
        Self {
            date: Some(zoned.date()),
            time: Some(zoned.time()),
            offset: Some(zoned.offset()),
            zone: Some(zoned.time_zone().clone()),
            others: BTreeMap::new(),
        }
    }

    /// A day without time.
    pub(super) fn of_date(date: Date) -> Self {
        Self {
            date: Some(date),
            ..Self::default()
        }
    }

    /// The instant, if date, time and offset are known.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        let local = self.date?.to_datetime(self.time?);
        self.offset?.to_timestamp(local).ok()
    }

    /// The value of `field`, if it is known.
    pub(super) fn get(&self, field: Field) -> Option<i64> {
        if let Some(value) = self.others.get(&field) {
            return Some(*value);
        }
        if field == Field::OffsetSeconds {
            return self.offset.map(|offset| i64::from(offset.seconds()));
        }
        self.date
            .and_then(|date| of_date(date, field))
            .or_else(|| self.time.and_then(|time| of_time(time, field)))
    }
}

fn of_date(date: Date, field: Field) -> Option<i64> {
    let year = i64::from(date.year());
    let month = i64::from(date.month());
    let day = i64::from(date.day());
    let weekday = date.weekday();
    Some(match field {
        Field::Era => i64::from(year > 0),
        Field::Year => year,
        Field::YearOfEra if year > 0 => year,
        Field::YearOfEra => 1 - year,
        Field::WeekYear => week_of_year(date).0,
        Field::WeekOfYear => week_of_year(date).1,
        Field::WeekOfMonth => {
            let first = i64::from(date.first_of_month().weekday().to_sunday_zero_offset());
            (day - 1 + first) / 7 + 1
        }
        Field::Quarter => (month + 2) / 3,
        Field::Month => month,
        Field::Day => day,
        Field::DayOfYear => i64::from(date.day_of_year()),
        Field::DayOfWeek => i64::from(weekday.to_monday_one_offset()),
        Field::LocalDayOfWeek => i64::from(weekday.to_sunday_one_offset()),
        Field::AlignedDay => (day - 1) % 7 + 1,
        Field::JulianDay => epoch_day(date) + JULIAN_DAY_OF_EPOCH,
        _ => return None,
    })
}

fn of_time(time: Time, field: Field) -> Option<i64> {
    let hour = i64::from(time.hour());
    let nano = i64::from(time.subsec_nanosecond());
    let second_of_day = hour * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Some(match field {
        Field::HalfDay => hour / 12,
        Field::ClockHourOfHalfDay => (hour + 11) % 12 + 1,
        Field::HourOfHalfDay => hour % 12,
        Field::ClockHour => (hour + 23) % 24 + 1,
        Field::Hour => hour,
        Field::Minute => i64::from(time.minute()),
        Field::Second => i64::from(time.second()),
        Field::Nano => nano,
        Field::Milli => nano / 1_000_000,
        Field::NanoOfDay => second_of_day * 1_000_000_000 + nano,
        Field::MilliOfDay => second_of_day * 1_000 + nano / 1_000_000,
        _ => return None,
    })
}

/// Days since 1970-01-01.
pub(super) fn epoch_day(date: Date) -> i64 {
    let start = Date::constant(1970, 1, 1);
    start
        .until(date)
        .map_or(0, |span| i64::from(span.get_days()))
}

/// Week-based year and week, with weeks from Sunday and the first of January in week 1.
fn week_of_year(date: Date) -> (i64, i64) {
    let year = i64::from(date.year());
    let day = i64::from(date.day_of_year());
    let weekday = i64::from(date.weekday().to_sunday_zero_offset());
    let days_left = i64::from(date.days_in_year()) - day;
    // The week that holds the next first of January belongs to the next year.
    if days_left < 6 - weekday {
        return (year + 1, 1);
    }
    let first = (weekday - (day - 1)).rem_euclid(7);
    (year, (day - 1 + first) / 7 + 1)
}
