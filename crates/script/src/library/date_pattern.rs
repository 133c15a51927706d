//! Date patterns of `SimpleDateFormat` and `DateTimeFormatter`: formatting and parsing.

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::fail::Run;
use crate::library::throwable::throw;
use crate::zone_names::zone_abbreviation;

pub(crate) const MONTHS: [&str; 12] = [
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
/// From Monday.
pub(crate) const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// A piece of a pattern: text, or a letter and how often it stands there.
enum Piece {
    Text(String),
    Letter(char, usize),
}

fn pieces(pattern: &str) -> Run<Vec<Piece>> {
    let mut out = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            let mut text = String::new();
            if chars.peek() == Some(&'\'') {
                chars.next();
                text.push('\'');
            } else {
                loop {
                    match chars.next() {
                        Some('\'') if chars.peek() == Some(&'\'') => {
                            chars.next();
                            text.push('\'');
                        }
                        Some('\'') => break,
                        Some(c) => text.push(c),
                        None => {
                            return Err(throw(
                                "java.lang.IllegalArgumentException",
                                "Unterminated quote",
                            ));
                        }
                    }
                }
            }
            out.push(Piece::Text(text));
        } else if c.is_ascii_alphabetic() {
            let mut count = 1;
            while chars.peek() == Some(&c) {
                chars.next();
                count += 1;
            }
            out.push(Piece::Letter(c, count));
        } else if !matches!(c, '[' | ']') {
            out.push(Piece::Text(c.to_string()));
        }
    }
    Ok(out)
}

/// Refuses letters that the class does not know.
pub(crate) fn check(pattern: &str) -> Run<()> {
    for piece in pieces(pattern)? {
        if let Piece::Letter(c, _) = piece
            && !"GyYMLwWDdFEuaHkKhmsSzZXnNVexOQqB".contains(c)
        {
            return Err(throw(
                "java.lang.IllegalArgumentException",
                format!("Illegal pattern character '{c}'"),
            ));
        }
    }
    Ok(())
}

pub(crate) fn offset_text(offset: Offset, colon: bool, zero: &str, count: usize) -> String {
    let seconds = offset.seconds();
    if seconds == 0 && !zero.is_empty() {
        return zero.to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (h, m) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    if count == 1 {
        return format!("{sign}{h:02}");
    }
    if colon {
        format!("{sign}{h:02}:{m:02}")
    } else {
        format!("{sign}{h:02}{m:02}")
    }
}

/// The week of the year as in the US: weeks begin on Sunday, the first one holds January 1.
fn us_week(zoned: &Zoned) -> (i16, i64) {
    let day = i64::from(zoned.day_of_year());
    let weekday = i64::from(zoned.weekday().to_sunday_zero_offset());
    let first = (weekday - (day - 1)).rem_euclid(7);
    let week = (day - 1 + first) / 7 + 1;
    let days = i64::from(zoned.days_in_year());
    if day + (6 - weekday) > days {
        (zoned.year() + 1, 1)
    } else {
        (zoned.year(), week)
    }
}

/// The text of a moment. `java_time` chooses `DateTimeFormatter`'s meaning of the letters where the two differ.
pub(crate) fn format(zoned: &Zoned, pattern: &str, java_time: bool) -> Run<String> {
    let mut out = String::new();
    for piece in pieces(pattern)? {
        let (c, n) = match piece {
            Piece::Text(text) => {
                out.push_str(&text);
                continue;
            }
            Piece::Letter(c, n) => (c, n),
        };
        let pad = |v: i64| format!("{v:0n$}");
        let hour = i64::from(zoned.hour());
        out.push_str(&match c {
            'G' => "AD".into(),
            'y' | 'u' if c == 'y' || java_time => {
                if n == 2 {
                    format!("{:02}", zoned.year().rem_euclid(100))
                } else {
                    pad(i64::from(zoned.year()))
                }
            }
            'Y' => {
                let (year, _) = us_week(zoned);
                if n == 2 {
                    format!("{:02}", year % 100)
                } else {
                    pad(i64::from(year))
                }
            }
            'M' | 'L' => match n {
                1 | 2 => pad(i64::from(zoned.month())),
                3 => MONTHS[zoned.month() as usize - 1][..3].to_owned(),
                _ => MONTHS[zoned.month() as usize - 1].to_owned(),
            },
            'w' => pad(us_week(zoned).1),
            'W' => pad((i64::from(zoned.day()) - 1
                + i64::from(
                    zoned
                        .first_of_month()
                        .map_or(0, |f| f.weekday().to_sunday_zero_offset()),
                ))
                / 7
                + 1),
            'D' => pad(i64::from(zoned.day_of_year())),
            'd' => pad(i64::from(zoned.day())),
            'F' => pad((i64::from(zoned.day()) - 1) / 7 + 1),
            'E' => {
                let name = DAYS[zoned.weekday().to_monday_zero_offset() as usize];
                if n < 4 {
                    name[..3].to_owned()
                } else {
                    name.to_owned()
                }
            }
            'u' | 'e' => pad(i64::from(zoned.weekday().to_monday_one_offset())),
            'a' => {
                if hour < 12 {
                    "AM".into()
                } else {
                    "PM".into()
                }
            }
            'H' => pad(hour),
            'k' => pad(if hour == 0 { 24 } else { hour }),
            'K' => pad(hour % 12),
            'h' => pad(if hour % 12 == 0 { 12 } else { hour % 12 }),
            'm' => pad(i64::from(zoned.minute())),
            's' => pad(i64::from(zoned.second())),
            'S' if java_time => {
                let nanos = format!("{:09}", zoned.subsec_nanosecond());
                nanos[..n.min(9)].to_owned()
            }
            'S' => pad(i64::from(zoned.millisecond())),
            'n' => pad(i64::from(zoned.subsec_nanosecond())),
            'z' => {
                let name = zone_abbreviation(zoned);
                if n >= 4 && name == "UTC" {
                    "Coordinated Universal Time".into()
                } else {
                    name
                }
            }
            'Z' => offset_text(zoned.offset(), false, "", 2),
            'X' => offset_text(zoned.offset(), n >= 3, "Z", n),
            'x' => offset_text(zoned.offset(), n >= 3, "", n),
            'V' => zoned.time_zone().iana_name().unwrap_or("UTC").to_owned(),
            other => {
                return Err(throw(
                    "java.lang.IllegalArgumentException",
                    format!("Illegal pattern character '{other}'"),
                ));
            }
        });
    }
    Ok(out)
}

/// What a text says by a pattern; months, days and so on are not yet checked.
#[derive(Default)]
pub(crate) struct Parsed {
    pub(crate) year: Option<i64>,
    pub(crate) month: Option<i64>,
    pub(crate) day: Option<i64>,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) nanos: i64,
    pub(crate) zone: Option<TimeZone>,
}

impl Parsed {
    /// The moment, with days and months beyond their ends carried on.
    pub(crate) fn lenient(&self, zone: &TimeZone) -> Option<Zoned> {
        let months = self
            .year
            .unwrap_or(1970)
            .checked_mul(12)?
            .checked_add(self.month.unwrap_or(1) - 1)?;
        let start = DateTime::new(
            i16::try_from(months.div_euclid(12)).ok()?,
            (months.rem_euclid(12) + 1) as i8,
            1,
            0,
            0,
            0,
            0,
        )
        .ok()?;
        let span = jiff::Span::new()
            .try_days(self.day.unwrap_or(1) - 1)
            .ok()?
            .try_hours(self.hour)
            .ok()?
            .try_minutes(self.minute)
            .ok()?
            .try_seconds(self.second)
            .ok()?
            .try_nanoseconds(self.nanos)
            .ok()?;
        start
            .checked_add(span)
            .ok()?
            .to_zoned(self.zone.clone().unwrap_or_else(|| zone.clone()))
            .ok()
    }
}

/// Reads a text by a pattern; `Err` holds the byte where it does not fit.
pub(crate) fn parse(text: &str, pattern: &str, whole: bool) -> Run<Result<Parsed, usize>> {
    let pieces = pieces(pattern)?;
    let (mut out, mut at) = (Parsed::default(), 0usize);
    let (mut half, mut pm) = (None, false);
    for (i, piece) in pieces.iter().enumerate() {
        let rest = &text[at..];
        let (c, n) = match piece {
            Piece::Text(expected) => {
                if !rest.starts_with(expected.as_str()) {
                    return Ok(Err(at));
                }
                at += expected.len();
                continue;
            }
            Piece::Letter(c, n) => (*c, *n),
        };
        let adjacent = matches!(pieces.get(i + 1), Some(Piece::Letter(next, _)) if next.is_ascii_alphabetic() && !matches!(next, 'a' | 'E' | 'z' | 'Z' | 'X'));
        let named = matches!(c, 'M' | 'L') && n >= 3;
        if named || c == 'E' {
            let names: &[&str] = if c == 'E' { &DAYS } else { &MONTHS };
            let found = names
                .iter()
                .position(|name| rest.to_lowercase().starts_with(&name.to_lowercase()))
                .map(|p| (p, names[p].len()))
                .or_else(|| {
                    names
                        .iter()
                        .position(|name| {
                            rest.get(..3)
                                .is_some_and(|s| s.eq_ignore_ascii_case(&name[..3]))
                        })
                        .map(|p| (p, 3))
                });
            let Some((place, length)) = found else {
                return Ok(Err(at));
            };
            if named {
                out.month = Some(place as i64 + 1);
            }
            at += length;
            continue;
        }
        match c {
            'a' => {
                match rest.get(..2).map(str::to_ascii_uppercase).as_deref() {
                    Some("AM") => {}
                    Some("PM") => pm = true,
                    _ => return Ok(Err(at)),
                }
                at += 2;
                continue;
            }
            'z' | 'Z' | 'X' | 'x' | 'V' => {
                let length = rest
                    .find(|c: char| {
                        !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | ':' | '/' | '_'))
                    })
                    .unwrap_or(rest.len());
                let name = &rest[..length];
                let Some(zone) = zone_of(name) else {
                    return Ok(Err(at));
                };
                out.zone = Some(zone);
                at += length;
                continue;
            }
            'G' => {
                at += rest.len().min(2);
                continue;
            }
            _ => {}
        }
        let signed = matches!(c, 'y' | 'u') && rest.starts_with('-');
        let digits_from = usize::from(signed);
        let most = if adjacent { n } else { 9 };
        let digits: String = rest[digits_from..]
            .chars()
            .take_while(char::is_ascii_digit)
            .take(most)
            .collect();
        if digits.is_empty() || whole && n >= 2 && digits.len() < n {
            return Ok(Err(at));
        }
        at += digits_from + digits.len();
        let value: i64 = digits.parse().unwrap_or(0);
        let value = if signed { -value } else { value };
        match c {
            'y' | 'u' | 'Y' => {
                out.year = Some(if n == 2 && digits.len() == 2 {
                    if value < 80 || whole {
                        2000 + value
                    } else {
                        1900 + value
                    }
                } else {
                    value
                })
            }
            'M' | 'L' => out.month = Some(value),
            'd' => out.day = Some(value),
            'D' => {
                out.month = Some(1);
                out.day = Some(value);
            }
            'H' => out.hour = value,
            'k' => out.hour = value % 24,
            'h' | 'K' => half = Some(value % 12),
            'm' => out.minute = value,
            's' => out.second = value,
            'S' if whole => {
                let mut fraction = digits.clone();
                while fraction.len() < 9 {
                    fraction.push('0');
                }
                out.nanos = fraction.parse().unwrap_or(0);
            }
            'S' => out.nanos = value * 1_000_000,
            _ => {}
        }
    }
    if let Some(hour) = half {
        out.hour = hour + if pm { 12 } else { 0 };
    }
    if whole && at < text.len() {
        return Ok(Err(at));
    }
    Ok(Ok(out))
}

/// A zone by name or offset.
pub(crate) fn zone_of(name: &str) -> Option<TimeZone> {
    if matches!(name, "Z" | "UTC" | "GMT" | "UT" | "z") {
        return Some(TimeZone::UTC);
    }
    let offset = name
        .strip_prefix("GMT")
        .or_else(|| name.strip_prefix("UTC"))
        .unwrap_or(name);
    if let Some(digits) = offset.strip_prefix(['+', '-']) {
        let clean: String = digits.chars().filter(char::is_ascii_digit).collect();
        let (h, m) = match clean.len() {
            1 | 2 => (clean.parse::<i32>().ok()?, 0),
            3 => (clean[..1].parse().ok()?, clean[1..].parse().ok()?),
            4 | 6 => (clean[..2].parse().ok()?, clean[2..4].parse().ok()?),
            _ => return None,
        };
        let seconds = h * 3600 + m * 60;
        return Offset::from_seconds(if offset.starts_with('-') {
            -seconds
        } else {
            seconds
        })
        .ok()
        .map(TimeZone::fixed);
    }
    let known = match name {
        "EST" => "America/New_York",
        "CST" => "America/Chicago",
        "MST" => "America/Denver",
        "PST" => "America/Los_Angeles",
        "CET" => "Europe/Paris",
        "IST" => "Asia/Kolkata",
        other => other,
    };
    TimeZone::get(known).ok()
}
