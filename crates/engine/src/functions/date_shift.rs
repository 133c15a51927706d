//! `__timeShift`, `__RandomDate`, `__dateTimeConvert`: dates read, moved and printed again.
//!
//! Names of months and days are English: a locale other than `en` and `en_US` is an error where a
//! pattern prints or reads names or weeks.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use loadline_plan::program::Call;
use rand::RngExt as _;

use super::date_fields::{Field, Moment, epoch_day};
use super::date_parse::DateReader;
use super::date_pattern::{self, DateFault};
use super::{Problem, argument, iso_duration, java_trim, print, store, time};
use crate::Scope;

/// Letters of patterns whose texts depend on the locale.
const LOCAL_LETTERS: [char; 10] = ['M', 'L', 'E', 'e', 'c', 'a', 'G', 'w', 'W', 'Y'];

/// `__timeShift([format],[date],[shift],[locale],[variable])`; with four parameters the fourth is
/// the variable. A date or shift that cannot be read is left out, as in JMeter, which logs that.
pub(super) fn shift(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    let format = argument(call, 0, scope);
    let format = java_trim(&format);
    let locale_given = call.parameters.len() > 4;
    if locale_given {
        let locale = argument(call, 3, scope);
        check_locale(java_trim(&locale), format)?;
    }
    let amount = argument(call, 2, scope);
    let text = argument(call, 1, scope);
    let text = java_trim(&text);
    let now = time::now_zoned(scope)?;
    let mut shifted = now.clone();
    if format.is_empty() {
        if let Ok(millis) = text.parse() {
            shifted = at_millis(millis, now.time_zone())?;
        }
    } else {
        let defaults = [
            (Field::Nano, 0),
            (Field::Milli, 0),
            (Field::Second, 0),
            (Field::Minute, 0),
            (Field::Hour, 0),
            (Field::Day, 1),
            (Field::Month, 1),
            (Field::YearOfEra, i64::from(now.year())),
            (Field::OffsetSeconds, i64::from(now.offset().seconds())),
        ];
        let Ok(reader) = DateReader::new(format, &defaults) else {
            // A pattern may print what cannot be read; one that cannot be printed has no value.
            if date_pattern::format(format, &Moment::of(&now), out).is_err() {
                out.truncate(start);
                return Ok(());
            }
            out.truncate(start);
            return Err(format!("dates cannot be read by the pattern `{format}`"));
        };
        if let Ok(moment) = reader.read(text)
            && let Some(instant) = moment.instant()
        {
            let fixed = || moment.offset.map(TimeZone::fixed);
            let zone = moment.zone.clone().or_else(fixed);
            shifted = instant.to_zoned(zone.unwrap_or(TimeZone::UTC));
        }
    }
    if let Some(amount) = iso_duration::parse(java_trim(&amount)) {
        shifted = shifted
            .checked_add(amount)
            .map_err(|_| "the date is moved beyond the calendar".to_owned())?;
    }
    if format.is_empty() {
        print(out, shifted.timestamp().as_millisecond());
    } else {
        match date_pattern::format(format, &Moment::of(&shifted), out) {
            Ok(()) => {}
            Err(DateFault::Pattern(_)) => {
                out.truncate(start);
                return Ok(());
            }
            Err(fault) => return Err(fault.into_text()),
        }
    }
    store(call, if locale_given { 4 } else { 3 }, scope, &out[start..]);
    Ok(())
}

/// `__RandomDate([format=yyyy-MM-dd],[start=today],end,[locale],[variable])`: a day from start to
/// the day before end. A date that cannot be read is 1970-01-01, as in JMeter, which logs that.
pub(super) fn random(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let start = out.len();
    let format = argument(call, 0, scope);
    let format = match java_trim(&format) {
        "" => "yyyy-MM-dd",
        format => format,
    };
    let locale = argument(call, 3, scope);
    check_locale(java_trim(&locale), format)?;
    let today = time::now_zoned(scope)?.date();
    let defaults = [
        (Field::Day, 1),
        (Field::Month, 1),
        (Field::YearOfEra, i64::from(today.year())),
    ];
    let Ok(reader) = DateReader::new(format, &defaults) else {
        return Ok(());
    };
    let read = |text: &str| {
        let moment = reader.read(java_trim(text)).ok();
        moment.and_then(|moment| moment.date).map_or(0, epoch_day)
    };
    let first = match argument(call, 1, scope) {
        text if java_trim(&text).is_empty() => epoch_day(today),
        text => read(&text),
    };
    let end = read(&argument(call, 2, scope));
    if end < first {
        return Ok(());
    }
    if end == first {
        return Err(Problem::thrown(
            "the end date must be after the start date".to_owned(),
            "java.lang.IllegalArgumentException",
            "bound must be greater than origin".to_owned(),
        ));
    }
    let day = scope.chance.random_range(first..end);
    let chosen = date(1970, 1, 1)
        .checked_add(day.days())
        .map_err(|_| "the date is beyond the calendar".to_owned())?;
    date_pattern::format(format, &Moment::of_date(chosen), out).map_err(DateFault::into_text)?;
    store(call, 4, scope, &out[start..]);
    Ok(())
}

/// `__dateTimeConvert(date,format,new format[,variable])`; without a format the date is in
/// milliseconds since 1970. What cannot be converted gives an empty text, as in JMeter, which logs
/// that.
pub(super) fn convert(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    let text = argument(call, 0, scope);
    let from = argument(call, 1, scope);
    let to = argument(call, 2, scope);
    let zone = scope.functions.run().time_zone().clone();
    let moment = if from.is_empty() {
        let millis = text.parse().ok();
        millis.and_then(|millis| at_millis(millis, &zone).ok().map(|date| Moment::of(&date)))
    } else {
        let reader = DateReader::new(&from, &[]);
        let read = reader.and_then(|reader| reader.read(&text));
        read.ok().map(|moment| in_zone(moment, zone))
    };
    let Some(moment) = moment else {
        return Ok(());
    };
    if date_pattern::format(&to, &moment, out).is_err() {
        out.truncate(start);
        return Ok(());
    }
    store(call, 3, scope, &out[start..]);
    Ok(())
}

/// A date that was read in `zone` unless it names another one: then it is moved to `zone`.
fn in_zone(moment: Moment, zone: TimeZone) -> Moment {
    match (&moment.zone, moment.date, moment.time) {
        (Some(named), Some(day), Some(time)) if *named != zone => {
            let local = day.to_datetime(time);
            let instant = match moment.offset {
                Some(offset) => offset.to_timestamp(local).ok(),
                None => named.to_timestamp(local).ok(),
            };
            match instant {
                Some(instant) => Moment::of(&instant.to_zoned(zone)),
                None => moment,
            }
        }
        (None, ..) => Moment {
            zone: Some(zone),
            ..moment
        },
        _ => moment,
    }
}

fn at_millis(millis: i64, zone: &TimeZone) -> Result<Zoned, String> {
    Timestamp::from_millisecond(millis)
        .map(|instant| instant.to_zoned(zone.clone()))
        .map_err(|_| format!("{millis} ms is beyond the calendar"))
}

/// Whether `locale` is one of Java's, as Commons Lang reads them, and `pattern` can be used with it.
fn check_locale(locale: &str, pattern: &str) -> Result<(), String> {
    let is_language =
        |text: &str| matches!(text.len(), 2 | 3) && text.bytes().all(|b| b.is_ascii_lowercase());
    let is_country = |text: &str| {
        text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
            || text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())
    };
    let separator = if locale.contains('_') { '_' } else { '-' };
    let parts: Vec<&str> = locale.split(separator).collect();
    let is_known = match parts[..] {
        [""] => true,
        ["", country] => is_country(country),
        ["", country, variant] => is_country(country) && !variant.is_empty(),
        [language] => is_language(language),
        [language, country] => is_language(language) && is_country(country),
        [language, country, variant] => {
            is_language(language)
                && (country.is_empty() || is_country(country))
                && !variant.is_empty()
        }
        _ => false,
    };
    if !is_known {
        return Err(format!("`{locale}` is no locale"));
    }
    // Java has no country EN, so `en_EN`, which JMeter's manual uses, is plain English.
    if matches!(locale, "" | "en" | "en_US" | "en-US" | "en_EN") {
        return Ok(());
    }
    let mut is_quoted = false;
    let mut letters = 0;
    let mut previous = ' ';
    for letter in pattern.chars() {
        is_quoted ^= letter == '\'';
        letters = if letter == previous { letters + 1 } else { 1 };
        previous = letter;
        let is_number = matches!(letter, 'M' | 'L') && letters <= 2;
        if !is_quoted && LOCAL_LETTERS.contains(&letter) && !is_number {
            return Err(format!(
                "names and weeks of the locale `{locale}` are not known, only English ones: \
                 `{letter}` in pattern `{pattern}`"
            ));
        }
    }
    Ok(())
}
