//! Dates printed by a pattern of Java's `DateTimeFormatter`, in English.
//!
//! Not here: reading dates (see [`super::date_parse`]), padding with `p`, localized texts such as `B`.

use loadline_script::zone_abbreviation;

use super::date_fields::{Field, Moment};
use super::print;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Sunday.
pub(super) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// Why a date has no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateFault {
    /// The pattern is not one of Java's, for which Java throws an `IllegalArgumentException`.
    Pattern(String),
    /// The date lacks what the pattern asks for, for which Java throws a `DateTimeException`.
    Missing(String),
}

impl DateFault {
    /// What is wrong.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Pattern(text) | Self::Missing(text) => text,
        }
    }
}

/// Appends `date` by `pattern`.
///
/// # Errors
///
/// See [`DateFault`].
pub(super) fn format(pattern: &str, date: &Moment, out: &mut Vec<u8>) -> Result<(), DateFault> {
    let mut rest = pattern;
    // Where the open optional sections begin in `out`.
    let mut sections: Vec<usize> = Vec::new();
    // How many sections are open within one that is left out for want of a field.
    let mut left_out = 0_usize;
    while let Some(letter) = rest.chars().next() {
        match letter {
            '[' => {
                match left_out {
                    0 => sections.push(out.len()),
                    _ => left_out += 1,
                }
                rest = &rest[1..];
            }
            ']' => {
                match left_out {
                    0 if sections.pop().is_none() => {
                        return Err(unknown("]", pattern));
                    }
                    0 => {}
                    _ => left_out -= 1,
                }
                rest = &rest[1..];
            }
            '\'' => {
                let start = out.len();
                rest = quoted(pattern, &rest[1..], out).map_err(DateFault::Pattern)?;
                if left_out > 0 {
                    out.truncate(start);
                }
            }
            'a'..='z' | 'A'..='Z' => {
                let after = rest.trim_start_matches(letter);
                let letters = &rest[..rest.len() - after.len()];
                rest = after;
                if left_out > 0 {
                    continue;
                }
                match field(letter, letters.len(), date, out) {
                    Ok(()) => {}
                    Err(Absent::Letter) => return Err(unknown(letters, pattern)),
                    Err(Absent::Field) => match sections.pop() {
                        Some(start) => {
                            out.truncate(start);
                            left_out = 1;
                        }
                        None => {
                            let problem = format!("the date has no `{letters}` of `{pattern}`");
                            return Err(DateFault::Missing(problem));
                        }
                    },
                }
            }
            '{' | '}' | '#' => return Err(unknown(&rest[..1], pattern)),
            _ => {
                let length = letter.len_utf8();
                if left_out == 0 {
                    out.extend_from_slice(&rest.as_bytes()[..length]);
                }
                rest = &rest[length..];
            }
        }
    }
    Ok(())
}

fn unknown(letters: &str, pattern: &str) -> DateFault {
    DateFault::Pattern(format!("`{letters}` in pattern `{pattern}`"))
}

/// Prints a text in quotes, of which `rest` begins behind the first; returns what comes after. Two
/// quotes within are one, and an empty text is a quote.
pub(super) fn quoted<'p>(
    pattern: &str,
    mut rest: &'p str,
    out: &mut Vec<u8>,
) -> Result<&'p str, String> {
    let start = out.len();
    loop {
        let end = rest
            .find('\'')
            .ok_or_else(|| format!("a quote in pattern `{pattern}` is not closed"))?;
        out.extend_from_slice(&rest.as_bytes()[..end]);
        rest = &rest[end + 1..];
        if let Some(after) = rest.strip_prefix('\'') {
            out.push(b'\'');
            rest = after;
            continue;
        }
        if out.len() == start {
            out.push(b'\'');
        }
        return Ok(rest);
    }
}

/// Why a field is not printed.
enum Absent {
    /// Java's formatter, or this one, lacks the letter or the count.
    Letter,
    /// The date lacks the field.
    Field,
}

/// Prints one field.
fn field(letter: char, count: usize, date: &Moment, out: &mut Vec<u8>) -> Result<(), Absent> {
    let value = |field: Field| date.get(field).ok_or(Absent::Field);
    match letter {
        'G' if count <= 3 => {
            out.extend_from_slice(if value(Field::Era)? == 1 {
                b"AD"
            } else {
                b"BC"
            });
        }
        'y' => year(value(Field::YearOfEra)?, count, out),
        'u' => year(value(Field::Year)?, count, out),
        'Y' => year(value(Field::WeekYear)?, count, out),
        'M' | 'L' => {
            let month = value(Field::Month)?;
            named(month, name(&MONTHS, month)?, count, out)?;
        }
        'Q' | 'q' => {
            let quarter = value(Field::Quarter)?;
            match count {
                1 | 2 => number(quarter, count, out),
                3 => print(out, format_args!("Q{quarter}")),
                _ => return Err(Absent::Letter),
            }
        }
        'w' if count <= 2 => number(value(Field::WeekOfYear)?, count, out),
        'W' if count == 1 => number(value(Field::WeekOfMonth)?, 1, out),
        'd' if count <= 2 => number(value(Field::Day)?, count, out),
        'D' if count <= 3 => number(value(Field::DayOfYear)?, count, out),
        'F' if count == 1 => number(value(Field::AlignedDay)?, 1, out),
        'g' => number(value(Field::JulianDay)?, count, out),
        'E' if count <= 5 => {
            let day = value(Field::DayOfWeek)?;
            // One and two letters print the short name too.
            named(0, name(&DAYS, day % 7 + 1)?, count.max(3), out)?;
        }
        'e' | 'c' if count != 2 || letter == 'e' => {
            let day = value(Field::LocalDayOfWeek)?;
            named(day, name(&DAYS, day)?, count, out)?;
        }
        'a' if count == 1 => {
            out.extend_from_slice(if value(Field::HalfDay)? == 0 {
                b"AM"
            } else {
                b"PM"
            });
        }
        'h' if count <= 2 => number(value(Field::ClockHourOfHalfDay)?, count, out),
        'K' if count <= 2 => number(value(Field::HourOfHalfDay)?, count, out),
        'k' if count <= 2 => number(value(Field::ClockHour)?, count, out),
        'H' if count <= 2 => number(value(Field::Hour)?, count, out),
        'm' if count <= 2 => number(value(Field::Minute)?, count, out),
        's' if count <= 2 => number(value(Field::Second)?, count, out),
        'S' if count <= 9 => {
            // A fraction: its first digits, not the number of nanoseconds.
            let shift = 10_i64.pow(u32::try_from(9 - count).unwrap_or(0));
            number(value(Field::Nano)? / shift, count, out);
        }
        'n' => number(value(Field::Nano)?, count, out),
        'A' => number(value(Field::MilliOfDay)?, count, out),
        'N' => number(value(Field::NanoOfDay)?, count, out),
        'V' if count == 2 => {
            let zone = date.zone.as_ref().ok_or(Absent::Field)?;
            match zone.iana_name() {
                Some(name) => out.extend_from_slice(name.as_bytes()),
                None => print(out, date.offset.ok_or(Absent::Field)?),
            }
        }
        'z' if count <= 3 => {
            let zone = date.zone.as_ref().ok_or(Absent::Field)?;
            let instant = date.instant().ok_or(Absent::Field)?;
            print(out, zone_abbreviation(&instant.to_zoned(zone.clone())));
        }
        'X' | 'x' if count <= 5 => offset(date, count, letter == 'X', out)?,
        'Z' if count <= 3 => offset(date, 4, false, out)?,
        'Z' if count == 5 => offset(date, 5, true, out)?,
        'O' if count == 1 || count == 4 => localized_offset(date, count == 4, out)?,
        'Z' if count == 4 => localized_offset(date, true, out)?,
        _ => return Err(Absent::Letter),
    }
    Ok(())
}

/// The name that `number`, from 1, has.
fn name(names: &[&'static str], number: i64) -> Result<&'static str, Absent> {
    let index = usize::try_from(number - 1).map_err(|_| Absent::Field)?;
    names.get(index).copied().ok_or(Absent::Field)
}

/// A number with at least `width` digits.
fn number(value: i64, width: usize, out: &mut Vec<u8>) {
    print(out, format_args!("{value:0width$}"));
}

/// A year: two letters print its last two digits, and one with more digits than four letters or
/// more ask for has a sign.
fn year(value: i64, count: usize, out: &mut Vec<u8>) {
    if count == 2 {
        number(value.rem_euclid(100), 2, out);
    } else {
        if count >= 4 && value >= 10_i64.saturating_pow(u32::try_from(count).unwrap_or(u32::MAX)) {
            out.push(b'+');
        }
        number(value, count, out);
    }
}

/// A field that is a number with one or two letters, a short name with three, the full one with
/// four and its initial with five.
fn named(value: i64, name: &str, count: usize, out: &mut Vec<u8>) -> Result<(), Absent> {
    match count {
        1 | 2 => number(value, count, out),
        3 => out.extend_from_slice(&name.as_bytes()[..3]),
        4 => out.extend_from_slice(name.as_bytes()),
        5 => out.extend_from_slice(&name.as_bytes()[..1]),
        _ => return Err(Absent::Letter),
    }
    Ok(())
}

/// An offset in the style of `X`: 1 is `+hh[mm]`, 2 `+hhmm`, 3 `+hh:mm`, 4 `+hhmm[ss]`, 5
/// `+hh:mm[:ss]`; `zulu` prints `Z` for none.
fn offset(date: &Moment, style: usize, zulu: bool, out: &mut Vec<u8>) -> Result<(), Absent> {
    let total = date.get(Field::OffsetSeconds).ok_or(Absent::Field)?;
    if total == 0 && zulu {
        out.push(b'Z');
        return Ok(());
    }
    let sign = if total < 0 { '-' } else { '+' };
    let total = total.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    print(out, format_args!("{sign}{hours:02}"));
    let colon = if matches!(style, 3 | 5) { ":" } else { "" };
    if style != 1 || minutes != 0 {
        print(out, format_args!("{colon}{minutes:02}"));
    }
    if style >= 4 && seconds != 0 {
        print(out, format_args!("{colon}{seconds:02}"));
    }
    Ok(())
}

/// `GMT+8` or, in full, `GMT+08:00`.
fn localized_offset(date: &Moment, full: bool, out: &mut Vec<u8>) -> Result<(), Absent> {
    let total = date.get(Field::OffsetSeconds).ok_or(Absent::Field)?;
    out.extend_from_slice(b"GMT");
    if total == 0 {
        return Ok(());
    }
    let sign = if total < 0 { '-' } else { '+' };
    let minutes = total.unsigned_abs() / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (full, minutes) {
        (true, _) => print(out, format_args!("{sign}{hours:02}:{minutes:02}")),
        (false, 0) => print(out, format_args!("{sign}{hours}")),
        (false, _) => print(out, format_args!("{sign}{hours}:{minutes:02}")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;

    /// Answers of Java 17, one a line: milliseconds since 1970, POSIX zone, pattern, text.
    #[test]
    fn dates_print_as_in_java() {
        for line in include_str!("../../tests/golden/dates.tsv").lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [instant, zone, pattern, expected] = fields[..] else {
                panic!("four fields: {line}");
            };
            let instant = Timestamp::from_millisecond(instant.parse().unwrap()).unwrap();
            let date = instant.to_zoned(TimeZone::posix(zone).unwrap());
            let mut out = Vec::new();
            let result = super::format(pattern, &Moment::of(&date), &mut out);
            assert_eq!(result, Ok(()), "{line}");
            assert_eq!(String::from_utf8_lossy(&out), expected, "{line}");
        }
    }
}
