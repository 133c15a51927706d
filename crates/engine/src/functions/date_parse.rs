//! Dates read by a pattern of Java's `DateTimeFormatter`, in English: strict about the text, smart
//! about the values, which is that class's default.
//!
//! Reading has three steps, as in Java: the pattern becomes a list of [`Item`]s, these turn the text
//! into fields, and `resolve` makes a date and a time of the fields or finds that they
//! contradict each other.
//!
//! Not here: week-based dates, names of zones (`z`), padding with `p`.

mod resolve;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use self::resolve::resolve;
use super::date_fields::{Field, Moment};
use super::date_pattern::{DAYS, MONTHS, quoted};

/// Most digits of a number without fixed width, Java's bound.
const MOST_DIGITS: usize = 19;

/// Deepest nesting of optional sections.
const MOST_NESTED: usize = 16;

/// A pattern, made ready to read dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DateReader {
    items: Vec<Item>,
    defaults: Vec<(Field, i64)>,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Literal(String),
    Number(Number),
    Text(Field, Names),
    /// Style 1 to 5 as of `X`; whether `Z` stands for none.
    Offset(usize, bool),
    LocalizedOffset(bool),
    ZoneId,
    Optional(Vec<Item>),
}

/// A number, whose width may depend on the numbers that follow it without anything between.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    field: Field,
    least: usize,
    most: usize,
    sign: Sign,
    kind: Kind,
    /// Digits to leave for the numbers that follow at once; `None` when this one has a fixed width
    /// within such a row.
    reserved: Option<usize>,
}

/// How a number's digits make its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Two digits of a year from 2000 to 2099.
    Year2000,
    /// The first digits of a second's fraction.
    Fraction,
}

/// Which signs a number may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Minus,
    /// Minus, or plus when there are more digits than the least number.
    Exceeding,
    None,
}

/// What a text field may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Short,
    Full,
}

impl DateReader {
    /// Takes `pattern` apart. A field that the text does not give has its value of `defaults`.
    ///
    /// # Errors
    ///
    /// The pattern's fault, for which Java throws an `IllegalArgumentException`.
    pub(super) fn new(pattern: &str, defaults: &[(Field, i64)]) -> Result<Self, String> {
        let mut rest = pattern;
        let items = items(pattern, &mut rest, 0)?;
        Ok(Self {
            items,
            defaults: defaults.to_vec(),
        })
    }

    /// Reads `text` to its end.
    ///
    /// # Errors
    ///
    /// Where the text differs from the pattern, or which fields contradict each other.
    pub(super) fn read(&self, text: &str) -> Result<Moment, String> {
        let mut reading = Reading {
            text,
            at: 0,
            fields: BTreeMap::new(),
            zone: None,
        };
        let read = reading.all(&self.items);
        if read.is_none() || reading.at < text.len() {
            let place = text[..reading.at].chars().count() + 1;
            return Err(format!(
                "`{text}` does not follow the pattern at character {place}"
            ));
        }
        for (field, value) in &self.defaults {
            reading.fields.entry(*field).or_insert(*value);
        }
        resolve(reading.fields, reading.zone).map_err(|problem| format!("`{text}`: {problem}"))
    }
}

/// The items of a pattern up to its end or, in a section, to its `]`.
fn items(pattern: &str, rest: &mut &str, depth: usize) -> Result<Vec<Item>, String> {
    let unknown = |letters: &str| format!("`{letters}` in pattern `{pattern}`");
    if depth > MOST_NESTED {
        return Err(unknown("["));
    }
    let mut items: Vec<Item> = Vec::new();
    // The number that gives way to those that follow it at once.
    let mut active = None;
    while let Some(letter) = rest.chars().next() {
        let item = match letter {
            '[' => {
                *rest = &rest[1..];
                Item::Optional(self::items(pattern, rest, depth + 1)?)
            }
            ']' if depth > 0 => {
                *rest = &rest[1..];
                return Ok(items);
            }
            ']' | '{' | '}' | '#' => return Err(unknown(&rest[..1])),
            '\'' => {
                let mut text = Vec::new();
                *rest = quoted(pattern, &rest[1..], &mut text)?;
                Item::Literal(String::from_utf8_lossy(&text).into_owned())
            }
            'a'..='z' | 'A'..='Z' => {
                let after = rest.trim_start_matches(letter);
                let letters = &rest[..rest.len() - after.len()];
                *rest = after;
                item(letter, letters.len()).ok_or_else(|| unknown(letters))?
            }
            _ => {
                *rest = &rest[letter.len_utf8()..];
                Item::Literal(letter.to_string())
            }
        };
        let Item::Number(mut number) = item else {
            active = None;
            items.push(item);
            continue;
        };
        active = match active {
            None => Some(items.len()),
            Some(index) if number.is_fixed() => {
                number.reserved = None;
                if let Some(Item::Number(first)) = items.get_mut(index)
                    && let Some(reserved) = &mut first.reserved
                {
                    *reserved += number.most;
                }
                Some(index)
            }
            Some(index) => {
                if let Some(Item::Number(first)) = items.get_mut(index) {
                    first.reserved = None;
                }
                Some(items.len())
            }
        };
        items.push(Item::Number(number));
    }
    Ok(items)
}

/// The item that `count` times `letter` stands for; `None` if Java, or this reader, has none.
fn item(letter: char, count: usize) -> Option<Item> {
    let number = |field, least, most, sign| {
        Some(Item::Number(Number {
            field,
            least,
            most,
            sign,
            kind: Kind::Plain,
            reserved: Some(0),
        }))
    };
    let free = |field| number(field, 1, MOST_DIGITS, Sign::Minus);
    let fixed = |field, width| number(field, width, width, Sign::None);
    let small = |field| match count {
        1 => free(field),
        2 => fixed(field, 2),
        _ => None,
    };
    let year = |field| match count {
        2 => Some(Item::Number(Number {
            field,
            least: 2,
            most: 2,
            sign: Sign::None,
            kind: Kind::Year2000,
            reserved: Some(0),
        })),
        1 | 3 => number(field, count, MOST_DIGITS, Sign::Minus),
        _ => number(field, count, MOST_DIGITS, Sign::Exceeding),
    };
    let text = |field| match count {
        3 => Some(Item::Text(field, Names::Short)),
        4 => Some(Item::Text(field, Names::Full)),
        // One letter for several months or days cannot be read.
        _ => None,
    };
    match letter {
        'u' => year(Field::Year),
        'y' => year(Field::YearOfEra),
        'M' | 'L' if count <= 2 => small(Field::Month),
        'M' | 'L' => text(Field::Month),
        'Q' | 'q' if count <= 2 => small(Field::Quarter),
        'E' if count <= 4 => Some(Item::Text(
            Field::DayOfWeek,
            if count == 4 {
                Names::Full
            } else {
                Names::Short
            },
        )),
        'G' if count <= 3 => Some(Item::Text(Field::Era, Names::Short)),
        'a' if count == 1 => Some(Item::Text(Field::HalfDay, Names::Short)),
        'd' => small(Field::Day),
        'D' => match count {
            1 => free(Field::DayOfYear),
            2 | 3 => number(Field::DayOfYear, count, 3, Sign::None),
            _ => None,
        },
        'F' if count == 1 => free(Field::AlignedDay),
        'g' => number(Field::JulianDay, count, MOST_DIGITS, Sign::Minus),
        'h' => small(Field::ClockHourOfHalfDay),
        'H' => small(Field::Hour),
        'k' => small(Field::ClockHour),
        'K' => small(Field::HourOfHalfDay),
        'm' => small(Field::Minute),
        's' => small(Field::Second),
        'S' if count <= 9 => Some(Item::Number(Number {
            field: Field::Nano,
            least: count,
            most: count,
            sign: Sign::None,
            kind: Kind::Fraction,
            reserved: Some(0),
        })),
        'n' => number(Field::Nano, count, MOST_DIGITS, Sign::None),
        'A' => number(Field::MilliOfDay, count, MOST_DIGITS, Sign::None),
        'N' => number(Field::NanoOfDay, count, MOST_DIGITS, Sign::None),
        'X' | 'x' if count <= 5 => Some(Item::Offset(count, letter == 'X')),
        'Z' if count <= 3 => Some(Item::Offset(4, false)),
        'Z' if count == 4 => Some(Item::LocalizedOffset(true)),
        'Z' if count == 5 => Some(Item::Offset(5, true)),
        'O' if count == 1 || count == 4 => Some(Item::LocalizedOffset(count == 4)),
        'V' if count == 2 => Some(Item::ZoneId),
        _ => None,
    }
}

impl Number {
    const fn is_fixed(&self) -> bool {
        self.least == self.most && matches!(self.sign, Sign::None)
    }
}

/// A text, read from left to right.
struct Reading<'t> {
    text: &'t str,
    /// How far it was read, in bytes.
    at: usize,
    fields: BTreeMap<Field, i64>,
    zone: Option<TimeZone>,
}

impl Reading<'_> {
    /// Reads all `items`; `None` where the text differs.
    fn all(&mut self, items: &[Item]) -> Option<()> {
        items.iter().try_for_each(|item| self.one(item))
    }

    fn one(&mut self, item: &Item) -> Option<()> {
        match item {
            Item::Literal(literal) => self.literal(literal),
            Item::Number(number) => self.number(number),
            Item::Text(field, names) => self.name(*field, *names),
            Item::Offset(style, zulu) => self.offset(*style, *zulu),
            Item::LocalizedOffset(full) => self.localized_offset(*full),
            Item::ZoneId => self.zone_id(),
            Item::Optional(items) => {
                let before = (self.at, self.fields.clone(), self.zone.clone());
                if self.all(items).is_none() {
                    (self.at, self.fields, self.zone) = before;
                }
                Some(())
            }
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn literal(&mut self, literal: &str) -> Option<()> {
        self.rest().strip_prefix(literal)?;
        self.at += literal.len();
        Some(())
    }

    /// Notes the value of a field; a field has one value only.
    fn set(&mut self, field: Field, value: i64) -> Option<()> {
        let former = self.fields.insert(field, value);
        former.is_none_or(|former| former == value).then_some(())
    }

    fn number(&mut self, number: &Number) -> Option<()> {
        let rest = self.rest();
        let sign = match (rest.as_bytes().first(), number.sign) {
            (Some(b'-'), Sign::Minus | Sign::Exceeding) => Some('-'),
            (Some(b'+'), Sign::Exceeding) => Some('+'),
            _ => None,
        };
        let digits = &rest[usize::from(sign.is_some())..];
        let run = digits.bytes().take_while(u8::is_ascii_digit).count();
        let reserved = number.reserved.unwrap_or(0);
        let mut length = run.min(number.most + reserved);
        if reserved > 0 {
            length = length.saturating_sub(reserved).max(number.least);
        }
        if run < number.least || length > run {
            return None;
        }
        let digits = &digits[..length];
        let value: i64 = digits.parse().ok()?;
        let exceeds = length > number.least;
        match (sign, number.sign) {
            (Some('-'), _) if value == 0 => return None,
            (Some('+'), _) if !exceeds => return None,
            (None, Sign::Exceeding) if exceeds => return None,
            _ => {}
        }
        let value = match number.kind {
            Kind::Plain if sign == Some('-') => -value,
            Kind::Plain => value,
            Kind::Year2000 => 2000 + value,
            Kind::Fraction => value * 10_i64.pow(u32::try_from(9 - length).ok()?),
        };
        self.at += length + usize::from(sign.is_some());
        self.set(number.field, value)
    }

    fn name(&mut self, field: Field, names: Names) -> Option<()> {
        let shown = |name: &'static str| match names {
            Names::Short => &name[..3],
            Names::Full => name,
        };
        let known: Vec<(&str, i64)> = match field {
            Field::Month => (1..)
                .zip(MONTHS)
                .map(|(n, name)| (shown(name), n))
                .collect(),
            Field::DayOfWeek => (0..)
                .zip(DAYS)
                .map(|(n, name)| (shown(name), (n + 6) % 7 + 1))
                .collect(),
            Field::HalfDay => vec![("AM", 0), ("PM", 1)],
            _ => vec![("BC", 0), ("AD", 1)],
        };
        let (name, value) = known
            .into_iter()
            .find(|(name, _)| self.rest().starts_with(name))?;
        self.at += name.len();
        self.set(field, value)
    }

    /// `count` digits as a number.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.rest().get(..count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value = digits.parse().ok()?;
        self.at += count;
        Some(value)
    }

    fn sign(&mut self) -> Option<i64> {
        let sign = match self.rest().as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.at += 1;
        Some(sign)
    }

    fn offset(&mut self, style: usize, zulu: bool) -> Option<()> {
        if zulu && self.literal("Z").is_some() {
            return self.set(Field::OffsetSeconds, 0);
        }
        let colon = if matches!(style, 3 | 5) { ":" } else { "" };
        let sign = self.sign()?;
        let hours = self.digits(2)?;
        let mut part = |required: bool| -> Option<i64> {
            let before = self.at;
            match self.literal(colon).and_then(|()| self.digits(2)) {
                Some(value) => Some(value),
                None if required => None,
                None => {
                    self.at = before;
                    Some(0)
                }
            }
        };
        let minutes = part(style != 1)?;
        let seconds = if style >= 4 { part(false)? } else { 0 };
        self.offset_value(sign, hours, minutes, seconds)
    }

    fn localized_offset(&mut self, full: bool) -> Option<()> {
        self.literal("GMT")?;
        let Some(sign) = self.sign() else {
            return self.set(Field::OffsetSeconds, 0);
        };
        let hours = if full {
            self.digits(2)?
        } else {
            self.digits(2).or_else(|| self.digits(1))?
        };
        let minutes = match self.literal(":") {
            Some(()) => self.digits(2)?,
            None if full => return None,
            None => 0,
        };
        self.offset_value(sign, hours, minutes, 0)
    }

    fn offset_value(&mut self, sign: i64, hours: i64, minutes: i64, seconds: i64) -> Option<()> {
        // Java's greatest offset.
        let total = hours * 3600 + minutes * 60 + seconds;
        if minutes > 59 || seconds > 59 || total > 18 * 3600 {
            return None;
        }
        self.set(Field::OffsetSeconds, sign * total)
    }

    fn zone_id(&mut self) -> Option<()> {
        if self.literal("Z").is_some() {
            self.zone = Some(TimeZone::UTC);
            return Some(());
        }
        let rest = self.rest();
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(byte))
            .count();
        let zone = TimeZone::get(&rest[..length]).ok()?;
        self.zone = Some(zone);
        self.at += length;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_pattern_and_no_text_panic(
            pattern in r"(yyyy|MM|dd|HH|mm|ss|SSS|[a-zA-Z]{1,5}|\[|\]|'|[-:. ü])\PC{0,8}",
            text in r"[-+0-9:. TZaPAMüGJn]{0,24}",
        ) {
            if let Ok(reader) = DateReader::new(&pattern, &[]) {
                let _ = reader.read(&text);
            }
        }
    }
}
