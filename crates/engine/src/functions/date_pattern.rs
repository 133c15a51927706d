//! Dates printed by a pattern of Java's `DateTimeFormatter`, in English.
//!
//! Week-based fields follow the rules of the United States (weeks begin on Sunday, the first of
//! January is in week 1), as Java's do in its default locale.
//!
//! Not here: parsing dates, padding with `p`, localized texts such as `B`.

use jiff::Zoned;

use super::print;

const MONTHS: [&str; 12] = [
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

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// Appends `date` by `pattern`.
///
/// # Errors
///
/// The pattern's fault, for which Java throws an exception.
pub(super) fn format(pattern: &str, date: &Zoned, out: &mut Vec<u8>) -> Result<(), String> {
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        match letter {
            '\'' => rest = quoted(pattern, &rest[1..], out)?,
            'a'..='z' | 'A'..='Z' => {
                let after = rest.trim_start_matches(letter);
                let count = rest.len() - after.len();
                field(letter, count, date, out)
                    .ok_or_else(|| format!("`{}` in pattern `{pattern}`", &rest[..count]))?;
                rest = after;
            }
            // Optional sections are always printed.
            '[' | ']' => rest = &rest[1..],
            '{' | '}' | '#' => return Err(format!("`{letter}` in pattern `{pattern}`")),
            _ => {
                out.extend_from_slice(&rest.as_bytes()[..letter.len_utf8()]);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    Ok(())
}

/// Prints a text in quotes, of which `rest` begins behind the first; returns what comes after. Two
/// quotes within are one, and an empty text is a quote.
fn quoted<'p>(pattern: &str, mut rest: &'p str, out: &mut Vec<u8>) -> Result<&'p str, String> {
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

/// Prints one field; `None` for a letter or count that Java's formatter, or this one, lacks.
fn field(letter: char, count: usize, date: &Zoned, out: &mut Vec<u8>) -> Option<()> {
    let hour = i64::from(date.hour());
    let weekday = date.weekday().to_sunday_zero_offset();
    match letter {
        'G' if count <= 3 => out.extend_from_slice(era(date).as_bytes()),
        'y' => year(year_of_era(date), count, out),
        'u' => year(i64::from(date.year()), count, out),
        'Y' => year(week_of_year(date).0, count, out),
        'M' | 'L' => {
            let month = date.month();
            let name = MONTHS[usize::try_from(month - 1).ok()?];
            named(i64::from(month), name, count, out)?;
        }
        'Q' | 'q' => {
            let quarter = (i64::from(date.month()) + 2) / 3;
            match count {
                1 | 2 => number(quarter, count, out),
                3 => print(out, format_args!("Q{quarter}")),
                _ => return None,
            }
        }
        'w' if count <= 2 => number(week_of_year(date).1, count, out),
        'W' if count == 1 => {
            let first = date.first_of_month().ok()?.weekday();
            let offset = i64::from(first.to_sunday_zero_offset());
            number((i64::from(date.day()) - 1 + offset) / 7 + 1, 1, out);
        }
        'd' if count <= 2 => number(i64::from(date.day()), count, out),
        'D' if count <= 3 => number(i64::from(date.day_of_year()), count, out),
        'E' if count <= 5 => {
            let name = DAYS[usize::try_from(weekday).ok()?];
            // One and two letters print the short name too.
            named(0, name, count.max(3), out)?;
        }
        'e' | 'c' if count != 2 || letter == 'e' => {
            let name = DAYS[usize::try_from(weekday).ok()?];
            named(i64::from(weekday) + 1, name, count, out)?;
        }
        'a' if count == 1 => {
            out.extend_from_slice(if hour < 12 { b"AM" } else { b"PM" });
        }
        'h' if count <= 2 => number((hour + 11) % 12 + 1, count, out),
        'K' if count <= 2 => number(hour % 12, count, out),
        'k' if count <= 2 => number((hour + 23) % 24 + 1, count, out),
        'H' if count <= 2 => number(hour, count, out),
        'm' if count <= 2 => number(i64::from(date.minute()), count, out),
        's' if count <= 2 => number(i64::from(date.second()), count, out),
        'S' if count <= 9 => {
            // A fraction: its first digits, not the number of nanoseconds.
            let shift = 10_i64.pow(u32::try_from(9 - count).ok()?);
            number(i64::from(date.subsec_nanosecond()) / shift, count, out);
        }
        'n' => number(i64::from(date.subsec_nanosecond()), count, out),
        'A' => number(nano_of_day(date) / 1_000_000, count, out),
        'N' => number(nano_of_day(date), count, out),
        'V' if count == 2 => out.extend_from_slice(zone_name(date).as_bytes()),
        'z' if count <= 3 => {
            let info = date.time_zone().to_offset_info(date.timestamp());
            out.extend_from_slice(info.abbreviation().as_bytes());
        }
        'X' | 'x' if count <= 5 => offset(date, count, letter == 'X', out),
        'Z' if count <= 3 => offset(date, 4, false, out),
        'Z' if count == 5 => offset(date, 5, true, out),
        'O' if count == 1 || count == 4 => localized_offset(date, count == 4, out),
        'Z' if count == 4 => localized_offset(date, true, out),
        _ => return None,
    }
    Some(())
}

/// A number with at least `width` digits.
fn number(value: i64, width: usize, out: &mut Vec<u8>) {
    print(out, format_args!("{value:0width$}"));
}

/// A year: two letters print its last two digits.
fn year(value: i64, count: usize, out: &mut Vec<u8>) {
    if count == 2 {
        number(value.rem_euclid(100), 2, out);
    } else {
        number(value, count, out);
    }
}

/// A field that is a number with one or two letters, a short name with three, the full one with
/// four and its initial with five.
fn named(value: i64, name: &str, count: usize, out: &mut Vec<u8>) -> Option<()> {
    match count {
        1 | 2 => number(value, count, out),
        3 => out.extend_from_slice(&name.as_bytes()[..3]),
        4 => out.extend_from_slice(name.as_bytes()),
        5 => out.extend_from_slice(&name.as_bytes()[..1]),
        _ => return None,
    }
    Some(())
}

fn era(date: &Zoned) -> &'static str {
    if date.year() > 0 { "AD" } else { "BC" }
}

fn year_of_era(date: &Zoned) -> i64 {
    let year = i64::from(date.year());
    if year > 0 { year } else { 1 - year }
}

fn nano_of_day(date: &Zoned) -> i64 {
    let seconds =
        i64::from(date.hour()) * 3600 + i64::from(date.minute()) * 60 + i64::from(date.second());
    seconds * 1_000_000_000 + i64::from(date.subsec_nanosecond())
}

/// Week-based year and week, with weeks from Sunday and the first of January in week 1.
fn week_of_year(date: &Zoned) -> (i64, i64) {
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

fn zone_name(date: &Zoned) -> String {
    match date.time_zone().iana_name() {
        Some(name) => name.to_owned(),
        None => date.offset().to_string(),
    }
}

/// An offset in the style of `X`: 1 is `+hh[mm]`, 2 `+hhmm`, 3 `+hh:mm`, 4 `+hhmm[ss]`, 5
/// `+hh:mm[:ss]`; `zulu` prints `Z` for none.
fn offset(date: &Zoned, style: usize, zulu: bool, out: &mut Vec<u8>) {
    let total = date.offset().seconds();
    if total == 0 && zulu {
        out.push(b'Z');
        return;
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
}

/// `GMT+8` or, in full, `GMT+08:00`.
fn localized_offset(date: &Zoned, full: bool, out: &mut Vec<u8>) {
    let total = date.offset().seconds();
    out.extend_from_slice(b"GMT");
    if total == 0 {
        return;
    }
    let sign = if total < 0 { '-' } else { '+' };
    let minutes = total.unsigned_abs() / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (full, minutes) {
        (true, _) => print(out, format_args!("{sign}{hours:02}:{minutes:02}")),
        (false, 0) => print(out, format_args!("{sign}{hours}")),
        (false, _) => print(out, format_args!("{sign}{hours}:{minutes:02}")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

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
            let result = super::format(pattern, &date, &mut out);
            assert_eq!(result, Ok(()), "{line}");
            assert_eq!(String::from_utf8_lossy(&out), expected, "{line}");
        }
    }
}
