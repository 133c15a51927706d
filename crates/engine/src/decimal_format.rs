//! Whole numbers in the patterns of Java's `DecimalFormat`, such as `000` or `#,##0`.
//!
//! Signs and separators are those of English. Not here: scientific patterns (`0E0`) and fractions
//! other than zeros, since only whole numbers are printed.

/// Appends `value` as `pattern` says; false, with nothing appended, if the pattern is malformed or
/// scientific.
pub(crate) fn append(pattern: &str, value: i64, out: &mut String) -> bool {
    let Some(format) = Format::parse(pattern) else {
        return false;
    };
    format.append(value, out);
    true
}

/// A pattern, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Format {
    positive: Affixes,
    /// Of negative numbers, if the pattern has a second part.
    negative: Option<Affixes>,
    least_integer_digits: usize,
    /// Zeros behind the decimal point.
    fraction_digits: usize,
    always_shows_point: bool,
    /// Digits between two commas; 0 for none.
    grouping: usize,
}

/// What stands around the digits.
#[derive(Debug, PartialEq, Eq)]
struct Affixes {
    prefix: String,
    suffix: String,
    /// 100 for per cent, 1000 for per mille.
    factor: i128,
}

impl Format {
    /// Source: the documentation of `java.text.DecimalFormat`, and its answers to odd patterns.
    fn parse(pattern: &str) -> Option<Self> {
        let mut letters = pattern.chars().peekable();
        let mut positive = Affixes::none();
        let mut digits = Digits::default();
        read_affix(&mut letters, &mut positive, Side::Prefix)?;
        digits.read(&mut letters)?;
        read_affix(&mut letters, &mut positive, Side::Suffix)?;
        while letters.peek().is_some_and(|letter| *letter != ';') {
            digits.read(&mut letters)?;
            read_affix(&mut letters, &mut positive, Side::Suffix)?;
        }
        let negative = match letters.next() {
            None => None,
            Some(_) => {
                let mut negative = Affixes::none();
                read_affix(&mut letters, &mut negative, Side::Prefix)?;
                // Its digits are those of the first part.
                while letters.next_if(|letter| "#0,.".contains(*letter)).is_some() {}
                read_affix(&mut letters, &mut negative, Side::Suffix)?;
                if letters.next().is_some() {
                    return None;
                }
                let is_other =
                    negative.prefix != positive.prefix || negative.suffix != positive.suffix;
                is_other.then_some(negative)
            }
        };
        digits.finish(positive, negative)
    }

    fn append(&self, value: i64, out: &mut String) {
        let digits = (i128::from(value) * self.positive.factor)
            .unsigned_abs()
            .to_string();
        let affixes = match (&self.negative, value < 0) {
            (Some(negative), true) => negative,
            (None, true) => {
                out.push('-');
                &self.positive
            }
            (_, false) => &self.positive,
        };
        out.push_str(&affixes.prefix);
        let has_fraction = self.fraction_digits > 0;
        let digits = match digits.as_str() {
            // A zero before the point is shown only if it is asked for.
            "0" if self.least_integer_digits == 0 && has_fraction => "",
            other => other,
        };
        let count = digits.len().max(self.least_integer_digits);
        let zeros = std::iter::repeat_n('0', count - digits.len());
        for (position, digit) in zeros.chain(digits.chars()).enumerate() {
            if self.grouping > 0 && position > 0 && (count - position).is_multiple_of(self.grouping)
            {
                out.push(',');
            }
            out.push(digit);
        }
        if has_fraction || self.always_shows_point {
            out.push('.');
        }
        out.extend(std::iter::repeat_n('0', self.fraction_digits));
        out.push_str(&affixes.suffix);
    }
}

impl Affixes {
    fn none() -> Self {
        Self {
            prefix: String::new(),
            suffix: String::new(),
            factor: 1,
        }
    }
}

/// Where an affix stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Prefix,
    Suffix,
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Reads up to digits or the end of the part. `None` for a quote without end.
fn read_affix(letters: &mut Letters<'_>, affixes: &mut Affixes, side: Side) -> Option<()> {
    let mut is_quoted = false;
    while let Some(&letter) = letters.peek() {
        if !is_quoted && matches!(letter, '#' | '0' | ',' | '.' | ';') {
            break;
        }
        letters.next();
        match letter {
            '\'' if letters.next_if_eq(&'\'').is_none() => {
                is_quoted = !is_quoted;
                continue;
            }
            '%' if !is_quoted => affixes.factor = 100,
            '‰' if !is_quoted => affixes.factor = 1000,
            _ => {}
        }
        match side {
            Side::Prefix => affixes.prefix.push(letter),
            Side::Suffix => affixes.suffix.push(letter),
        }
    }
    (!is_quoted).then_some(())
}

/// The digits of a pattern while they are counted.
#[derive(Debug, Default)]
struct Digits {
    optional: usize,
    zeros: usize,
    optional_behind: usize,
    point: Option<usize>,
    /// Digits since the last comma.
    grouping: Option<usize>,
}

impl Digits {
    fn read(&mut self, letters: &mut Letters<'_>) -> Option<()> {
        while let Some(&letter) = letters.peek() {
            match letter {
                '#' if self.zeros > 0 => self.optional_behind += 1,
                '#' => self.optional += 1,
                '0' if self.optional_behind > 0 => return None,
                '0' => self.zeros += 1,
                ',' => self.grouping = Some(0),
                '.' if self.point.is_some() => return None,
                '.' => self.point = Some(self.optional + self.zeros + self.optional_behind),
                'E' => return None,
                _ => break,
            }
            if letter != ',' && letter != '.' && self.point.is_none() {
                self.grouping = self.grouping.map(|count| count + 1);
            }
            letters.next();
        }
        Some(())
    }

    fn finish(mut self, positive: Affixes, negative: Option<Affixes>) -> Option<Format> {
        // `#.#` stands for `0.#`, and `.#` for `.0`.
        if let (0, 1.., Some(point)) = (self.zeros, self.optional, self.point) {
            let before = point.max(1);
            self.optional_behind = self.optional - before;
            self.optional = before - 1;
            self.zeros = 1;
        }
        let required = self.optional + self.zeros;
        let is_malformed = match self.point {
            Some(point) => point < self.optional || point > required,
            None => self.optional_behind > 0,
        };
        if is_malformed || self.grouping == Some(0) {
            return None;
        }
        let total = required + self.optional_behind;
        let point = self.point.unwrap_or(total);
        Some(Format {
            positive,
            negative,
            least_integer_digits: point - self.optional,
            fraction_digits: self.point.map_or(0, |point| required - point),
            always_shows_point: self.point.is_some_and(|point| point == 0 || point == total),
            grouping: self.grouping.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected texts are those of OpenJDK's `DecimalFormat` with English symbols.
    #[track_caller]
    fn check(pattern: &str, expected: [&str; 5]) {
        for (value, expected) in [7, 0, -5, 1_234_567, 12_345].into_iter().zip(expected) {
            let mut out = String::new();
            assert!(append(pattern, value, &mut out), "{pattern}");
            assert_eq!(out, expected, "{pattern}");
        }
    }

    #[test]
    fn digits_are_padded_and_grouped() {
        check("000", ["007", "000", "-005", "1234567", "12345"]);
        check("#", ["7", "0", "-5", "1234567", "12345"]);
        check("#,##0", ["7", "0", "-5", "1,234,567", "12,345"]);
        check("0,000", ["0,007", "0,000", "-0,005", "1,234,567", "12,345"]);
        check("#,##,###0", ["7", "0", "-5", "123,4567", "1,2345"]);
    }

    #[test]
    fn fractions_are_zeros() {
        check("0.00", ["7.00", "0.00", "-5.00", "1234567.00", "12345.00"]);
        check(".00", ["7.00", ".00", "-5.00", "1234567.00", "12345.00"]);
        check("00.##", ["07", "00", "-05", "1234567", "12345"]);
        check("#.#", ["7", "0", "-5", "1234567", "12345"]);
        check(
            "##,#0.0",
            ["7.0", "0.0", "-5.0", "1,23,45,67.0", "1,23,45.0"],
        );
    }

    #[test]
    fn text_stands_around_the_digits() {
        check(
            "ID0000",
            ["ID0007", "ID0000", "-ID0005", "ID1234567", "ID12345"],
        );
        check("'#'000", ["#007", "#000", "-#005", "#1234567", "#12345"]);
        check(
            "'it''s' 0",
            ["it's 7", "it's 0", "-it's 5", "it's 1234567", "it's 12345"],
        );
        check("abc", ["abc7", "abc0", "-abc5", "abc1234567", "abc12345"]);
        check("0%", ["700%", "0%", "-500%", "123456700%", "1234500%"]);
        check("000;(#)", ["007", "000", "(005)", "1234567", "12345"]);
        check("0 0", ["07 ", "00 ", "-05 ", "1234567 ", "12345 "]);
        check(
            "n0@x.y",
            ["n7.@xy", "n0.@xy", "-n5.@xy", "n1234567.@xy", "n12345.@xy"],
        );
        check(
            "0,a0",
            ["0,7a", "0,0a", "-0,5a", "1,2,3,4,5,6,7a", "1,2,3,4,5a"],
        );
        check(
            "user0end1",
            [
                "user7end1",
                "user0end1",
                "-user5end1",
                "user1234567end1",
                "user12345end1",
            ],
        );
    }

    #[test]
    fn malformed_and_scientific_patterns_are_told() {
        for pattern in [
            "00#", "#0#", "0a#", "0.0.0", "0.0a.0", "0'", "0E0", "#,", "0;1;2",
        ] {
            let mut out = String::new();
            assert!(!append(pattern, 1, &mut out) && out.is_empty(), "{pattern}");
        }
    }
}
