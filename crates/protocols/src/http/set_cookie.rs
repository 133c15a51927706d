//! `Set-Cookie` lines as HttpClient's lax RFC 6265 reads them, written so that the library reads the same:
//! a value without its quotes, dates in their one usual form.
//!
//! Not here: which cookies are kept and sent (see `cookies`).

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

/// Characters for which a value is sent in quotes.
const QUOTED: [char; 5] = [' ', '"', ',', ';', '\\'];

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A line as the library reads it.
pub(crate) struct Line<'l> {
    /// The line with its dates in the form of HTTP.
    pub(crate) text: Cow<'l, str>,
    /// The value that stands there in quotes.
    pub(crate) quoted: Option<String>,
}

/// Reads `line`; `None` if a date is none, which makes it no cookie.
pub(crate) fn read(line: &str) -> Option<Line<'_>> {
    if !line.contains('"') && !has_date(line) {
        return Some(Line {
            text: Cow::Borrowed(line),
            quoted: None,
        });
    }
    let (pair, attributes) = line.split_at(end_of_pair(line));
    let quoted = unquoted(pair);
    let mut out = match (&quoted, pair.split_once('=')) {
        // Any value will do for the library.
        (Some(_), Some((name, _))) => format!("{name}=quoted"),
        _ => pair.to_owned(),
    };
    for part in attributes.split(';').skip(1) {
        out.push(';');
        match part.split_once('=') {
            Some((name, date)) if is_date(name) => {
                let at = UNIX_EPOCH + Duration::from_secs(seconds_of(date)?);
                out.push_str(&format!("Expires={}", httpdate::fmt_http_date(at)));
            }
            _ => out.push_str(part),
        }
    }
    Some(Line {
        text: Cow::Owned(out),
        quoted,
    })
}

/// Where the name and the value of `line` end: at a semicolon that is not within quotes.
fn end_of_pair(line: &str) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let value = line.find(['=', ';']).unwrap_or(line.len());
    for (at, letter) in line[value..].char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => return value + at,
            _ => {}
        }
    }
    line.len()
}

/// `value` as it stands in a `Cookie` header.
pub(crate) fn push_value(value: &str, out: &mut Vec<u8>) {
    if !value.contains(QUOTED) {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in value.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn is_date(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("expires")
}

fn has_date(line: &str) -> bool {
    let mut attributes = line.split(';').skip(1);
    attributes.any(|part| is_date(part.split('=').next().unwrap_or_default()))
}

/// The value of `pair`, a name and a value, without the quotes around it, if it has some.
fn unquoted(pair: &str) -> Option<String> {
    let (_, value) = pair.split_once('=')?;
    let inner = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            _ => out.push(character),
        }
    }
    Some(out)
}

/// The seconds since 1970 of a date by the rules of RFC 6265, 5.1.1, the first of them for one before;
/// `None` for what is no date.
fn seconds_of(date: &str) -> Option<u64> {
    let is_delimiter =
        |character: char| matches!(character, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~');
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in date.split(is_delimiter).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1..=2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none() {
            year = number(token, 2..=4);
        }
    }
    let (seconds, day, month) = (time?, day?, month?);
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    if !(1..=31).contains(&day) || year < 1601 {
        return None;
    }
    let at = days_since_1970(year, month, day) * 86_400 + seconds;
    Some(u64::try_from(at).unwrap_or(1).max(1))
}

/// The digits that `token` begins with, of which there must be so many.
fn number(token: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let end = token
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(token.len());
    if !digits.contains(&end) {
        return None;
    }
    token[..end].parse().ok()
}

fn month_of(token: &str) -> Option<i64> {
    let name = token.get(..3)?;
    let index = MONTHS
        .iter()
        .position(|month| name.eq_ignore_ascii_case(month))?;
    i64::try_from(index + 1).ok()
}

/// The seconds of a day at a time such as `23:59:59`.
fn time_of(token: &str) -> Option<i64> {
    let mut parts = token.splitn(3, ':');
    let mut whole = || {
        let part = parts.next()?;
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        number(part, 1..=2).filter(|_| digits)
    };
    let (hours, minutes) = (whole()?, whole()?);
    let seconds = number(parts.next()?, 1..=2)?;
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Days from 1970-01-01 in the Gregorian calendar; days beyond the end of a month go on in the next.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin with March have the leap day at their end.
    let (year, month) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let read = read(line);
        assert_eq!(read.as_ref().map(|line| &*line.text), expected, "{line}");
    }

    #[track_caller]
    fn check_quoted(line: &str, value: &str, text: &str) {
        let read = read(line).expect("a cookie");
        assert_eq!((read.quoted.as_deref(), &*read.text), (Some(value), text));
    }

    #[test]
    fn values_lose_their_quotes_and_get_them_where_they_need_them() {
        check("a=b; Path=/", Some("a=b; Path=/"));
        check_quoted("a=\"b c\"; Path=/", "b c", "a=quoted; Path=/");
        check_quoted("a=\"b;c\"; Path=/", "b;c", "a=quoted; Path=/");
        check_quoted(r#"a="b\"c\\d""#, r#"b"c\d"#, "a=quoted");
        check("a=\"b", Some("a=\"b"));
        for (value, expected) in [
            ("plain=", "plain="),
            ("a b", "\"a b\""),
            ("1,2", "\"1,2\""),
            (r#"a"b\"#, r#""a\"b\\""#),
        ] {
            let mut out = Vec::new();
            push_value(value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn dates_are_read_by_their_parts() {
        let usual = "a=1; Path=/;Expires=Thu, 01 Jan 2099 10:20:30 GMT";
        for date in [
            "Thu, 01 Jan 2099 10:20:30 GMT",
            "Thursday, 01-January-2099 10:20:30 UTC",
            "Thu Jan  1 10:20:30 2099",
            "2099 01 Jan 10:20:30",
            "10:20:30 1 jan 2099",
        ] {
            // A year of four digits in the first place is no day, so it comes before it.
            check(&format!("a=1; Path=/; Expires={date}"), Some(usual));
        }
        check(
            "a=1; expires=Thu, 01-Jan-98 00:00:00 GMT",
            Some("a=1;Expires=Thu, 01 Jan 1998 00:00:00 GMT"),
        );
        check(
            "a=1; expires=29 Feb 2000 00:00:00",
            Some("a=1;Expires=Tue, 29 Feb 2000 00:00:00 GMT"),
        );
        check(
            "a=1; expires=1 Jan 1969 00:00:00",
            Some("a=1;Expires=Thu, 01 Jan 1970 00:00:01 GMT"),
        );
    }

    #[test]
    fn what_is_no_date_makes_no_cookie() {
        for date in [
            "nonsense",
            "",
            "0",
            "32 Jan 2099 00:00:00",
            "1 Jan 2099 24:00:00",
        ] {
            check(&format!("a=1; Expires={date}"), None);
        }
    }
}
