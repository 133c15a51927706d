//! The schedule of JMeter's Open Model Thread Group, a text such as
//! `rate(0) random_arrivals(1 min) rate(10/s) pause(30 s)`.
//!
//! Source: `scheduleTokenizer.kt`, `scheduleParser.kt` and `ThreadScheduleProcessGenerator.kt` of
//! JMeter 5.6.3. Not here: when the arrivals of an interval come.

use std::time::Duration;

/// A stretch of a schedule in which the arrival rate changes linearly, or stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrivalInterval {
    /// Whether arrivals are random; otherwise they are evenly spaced.
    pub random: bool,
    /// Arrivals per second at the start; finite and not negative.
    pub from: f64,
    /// Arrivals per second at the end; finite and not negative.
    pub to: f64,
    /// Length.
    pub length: Duration,
}

impl ArrivalInterval {
    /// Number of arrivals: the integral of the rate, rounded down.
    pub(crate) fn count(&self) -> u64 {
        // Saturates; a profile has fewer.
        ((self.from + self.to) / 2.0 * self.length.as_secs_f64()) as u64
    }
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScheduleError {
    /// What is wrong; lower case, no final stop.
    pub(crate) message: String,
}

/// The longest schedule, as for all loads: 68 years.
const LONGEST_S: f64 = i32::MAX as f64;

/// The intervals of `schedule`, in time order.
pub(crate) fn parse_schedule(schedule: &str) -> Result<Vec<ArrivalInterval>, ScheduleError> {
    if let Ok(count) = schedule.parse::<i32>() {
        // JMeter's way to try a plan: so many arrivals in a second, then an hour for them to end.
        let rate = Entry::Rate(f64::from(count.max(0)));
        let arrivals = |length_s| Entry::Arrivals {
            random: false,
            length_s,
        };
        return intervals(&[
            rate,
            arrivals(1.0),
            rate,
            Entry::Rate(0.0),
            arrivals(3600.0),
        ]);
    }
    let mut parser = Parser {
        schedule,
        tokens: tokens(schedule)?,
        next: 0,
    };
    intervals(&parser.entries()?)
}

/// One word of a schedule with its argument.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    /// The rate is this from here on, in arrivals per second.
    Rate(f64),
    /// Arrivals come for so long.
    Arrivals { random: bool, length_s: f64 },
}

/// A rate behind an interval is what it leads to; without one, the rate stays.
fn intervals(entries: &[Entry]) -> Result<Vec<ArrivalInterval>, ScheduleError> {
    let mut found = Vec::new();
    let mut rate = 0.0;
    let mut total_s = 0.0;
    for (index, entry) in entries.iter().enumerate() {
        let (random, length_s) = match *entry {
            Entry::Rate(next) => {
                rate = next;
                continue;
            }
            Entry::Arrivals { random, length_s } => (random, length_s),
        };
        total_s += length_s;
        if total_s > LONGEST_S {
            return Err(ScheduleError {
                message: "the schedule is longer than 68 years".to_owned(),
            });
        }
        let to = match entries.get(index + 1) {
            Some(Entry::Rate(next)) => *next,
            _ => rate,
        };
        found.push(ArrivalInterval {
            random,
            from: rate,
            to,
            length: Duration::from_secs_f64(length_s),
        });
    }
    Ok(found)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Open,
    Close,
    Slash,
}

/// The tokens of `schedule`, each with its place in bytes.
fn tokens(schedule: &str) -> Result<Vec<(usize, Token<'_>)>, ScheduleError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = schedule[at..].chars().next() {
        let rest = &schedule[at..];
        let (token, length) = if let Some(length) = blank(rest) {
            at += length;
            continue;
        } else if let Some(length) = number(rest) {
            (Token::Number(&rest[..length]), length)
        } else if first.is_ascii_alphabetic() {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            (Token::Word(&rest[..length]), length)
        } else {
            let token = match first {
                '(' => Token::Open,
                ')' => Token::Close,
                '/' => Token::Slash,
                _ => return Err(wrong(schedule, at, "unexpected input")),
            };
            (token, 1)
        };
        found.push((at, token));
        at += length;
    }
    Ok(found)
}

/// Length of the white space or comment at the start of `text`.
fn blank(text: &str) -> Option<usize> {
    // Java's `\s`.
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
    let spaces = text.find(|c| !is_space(c)).unwrap_or(text.len());
    if spaces > 0 {
        return Some(spaces);
    }
    if text.starts_with("//") {
        return Some(text.find(['\n', '\r']).unwrap_or(text.len()));
    }
    // In JMeter a comment of this kind ends on its line.
    let inside = text.strip_prefix("/*")?;
    let line = inside.split(['\n', '\r']).next()?;
    line.find("*/").map(|length| length + 4)
}

/// Length of the number at the start of `text`: `5`, `1.5` or `.5`.
fn number(text: &str) -> Option<usize> {
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let whole = digits(text);
    let fraction = text[whole..].strip_prefix('.').map_or(0, digits);
    match (whole, fraction) {
        (0, 0) => None,
        (whole, 0) => Some(whole),
        (whole, fraction) => Some(whole + 1 + fraction),
    }
}

fn wrong(schedule: &str, at: usize, what: &str) -> ScheduleError {
    let rest: String = schedule[at..].chars().take(20).collect();
    ScheduleError {
        message: format!("{what} at `{rest}` in the schedule"),
    }
}

struct Parser<'a> {
    schedule: &'a str,
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
}

impl<'a> Parser<'a> {
    fn entries(&mut self) -> Result<Vec<Entry>, ScheduleError> {
        let mut entries = Vec::new();
        let mut last_rate = 0.0;
        while let Some(token) = self.token() {
            let word = match token {
                Token::Word(word) => word.to_ascii_lowercase(),
                _ => String::new(),
            };
            match word.as_str() {
                "rate" => {
                    self.next += 1;
                    last_rate = self.rate()?;
                    entries.push(Entry::Rate(last_rate));
                }
                "random_arrivals" | "even_arrivals" => {
                    self.next += 1;
                    entries.push(Entry::Arrivals {
                        random: word == "random_arrivals",
                        length_s: self.duration()?,
                    });
                }
                "pause" => {
                    self.next += 1;
                    let pause = Entry::Arrivals {
                        random: false,
                        length_s: self.duration()?,
                    };
                    let (nothing, before) = (Entry::Rate(0.0), Entry::Rate(last_rate));
                    if last_rate == 0.0 {
                        entries.extend([pause, before]);
                    } else {
                        entries.extend([before, nothing, pause, nothing, before]);
                    }
                }
                _ => {
                    return Err(
                        self.wrong("neither rate, random_arrivals, even_arrivals nor pause stands")
                    );
                }
            }
        }
        Ok(entries)
    }

    /// `(5/s)` or `(5 per s)`; the unit may be absent from a rate of 0.
    fn rate(&mut self) -> Result<f64, ScheduleError> {
        self.take(Token::Open, "`(` is missing")?;
        let number = self.number()?;
        if number == 0.0 && self.token() == Some(Token::Close) {
            self.next += 1;
            return Ok(0.0);
        }
        match self.token() {
            Some(Token::Slash) => {}
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("per") => {}
            _ => return Err(self.wrong("`/` or `per` and a unit are missing")),
        }
        self.next += 1;
        let unit_s = self.unit_s()?;
        self.take(Token::Close, "`)` is missing")?;
        Ok(number / unit_s)
    }

    /// `(1 h 30 min)`, in seconds; a length of 0 needs no unit.
    fn duration(&mut self) -> Result<f64, ScheduleError> {
        self.take(Token::Open, "`(` is missing")?;
        let mut sum_s = 0.0;
        loop {
            let number = self.number()?;
            if number == 0.0 && self.token() == Some(Token::Close) {
                break;
            }
            sum_s += number * self.unit_s()?;
            if !matches!(self.token(), Some(Token::Number(_))) {
                break;
            }
        }
        self.take(Token::Close, "`)` is missing")?;
        Ok(sum_s)
    }

    fn number(&mut self) -> Result<f64, ScheduleError> {
        let Some(Token::Number(digits)) = self.token() else {
            return Err(self.wrong("a number is missing"));
        };
        self.next += 1;
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.wrong("a number is too large")),
        }
    }

    /// The length of a unit of time in seconds.
    fn unit_s(&mut self) -> Result<f64, ScheduleError> {
        let Some(Token::Word(unit)) = self.token() else {
            return Err(self.wrong("a unit (ms, sec, min, hour or day) is missing"));
        };
        let unit = unit.to_ascii_lowercase();
        let length_s = match unit.as_str() {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            unit if unit.starts_with("sec") => 1.0,
            unit if unit.starts_with("min") => 60.0,
            unit if unit.starts_with("hour") => 3600.0,
            unit if unit.starts_with("day") => 86_400.0,
            _ => return Err(self.wrong("an unknown unit (not ms, sec, min, hour or day) stands")),
        };
        self.next += 1;
        Ok(length_s)
    }

    fn take(&mut self, expected: Token<'_>, problem: &str) -> Result<(), ScheduleError> {
        if self.token() != Some(expected) {
            return Err(self.wrong(problem));
        }
        self.next += 1;
        Ok(())
    }

    fn token(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(_, token)| *token)
    }

    fn wrong(&self, what: &str) -> ScheduleError {
        match self.tokens.get(self.next) {
            Some((at, _)) => wrong(self.schedule, *at, what),
            None => ScheduleError {
                message: format!("{what} at the end of the schedule"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, rates and length in seconds of each interval.
    #[track_caller]
    fn check(schedule: &str, expected: &[(char, f64, f64, f64)]) {
        let found: Vec<_> = parse_schedule(schedule)
            .unwrap()
            .iter()
            .map(|interval| {
                let kind = if interval.random { 'r' } else { 'e' };
                let length_s = interval.length.as_secs_f64();
                (kind, interval.from, interval.to, length_s)
            })
            .collect();
        assert_eq!(found, expected, "{schedule}");
    }

    #[test]
    fn a_rate_behind_an_interval_is_what_it_leads_to() {
        check(
            "rate(2/sec) random_arrivals(1 min) rate(3/sec)",
            &[('r', 2.0, 3.0, 60.0)],
        );
        check(
            "rate(2/sec) random_arrivals(1 min) even_arrivals(2 min) rate(3/sec)",
            &[('r', 2.0, 2.0, 60.0), ('e', 2.0, 3.0, 120.0)],
        );
        check(
            "rate(1/s) rate(2/s) even_arrivals(60 s) rate(3/s) rate(4/s) even_arrivals(2 m) rate(5/s)",
            &[('e', 2.0, 3.0, 60.0), ('e', 4.0, 5.0, 120.0)],
        );
        check("random_arrivals(10 s)", &[('r', 0.0, 0.0, 10.0)]);
        check("", &[]);
    }

    #[test]
    fn a_pause_keeps_the_rate_before_and_after_it() {
        check(
            "rate(5/s) even_arrivals(1 s) pause(2 s) even_arrivals(3 s)",
            &[
                ('e', 5.0, 5.0, 1.0),
                ('e', 0.0, 0.0, 2.0),
                ('e', 5.0, 5.0, 3.0),
            ],
        );
        check(
            "pause(2 s) rate(5/s) even_arrivals(1 s)",
            &[('e', 0.0, 0.0, 2.0), ('e', 5.0, 5.0, 1.0)],
        );
    }

    #[test]
    fn units_are_words_in_any_case_and_durations_add_up() {
        check(
            "RATE(90 per Minute) Random_Arrivals(1 h 30 min 1.5 seconds .5s 250 ms 1day)",
            &[('r', 1.5, 1.5, 3600.0 + 1800.0 + 2.25 + 86_400.0)],
        );
        check(
            "rate(0) even_arrivals(0) rate(0.5/ms)",
            &[('e', 0.0, 500.0, 0.0)],
        );
    }

    #[test]
    fn comments_are_passed_over() {
        check(
            "/* a */ rate(1/s) // rate(2/s)\n /**/ even_arrivals(/* b */ 1 s) // the end",
            &[('e', 1.0, 1.0, 1.0)],
        );
    }

    #[test]
    fn a_bare_number_is_so_many_arrivals_in_a_second() {
        check("7", &[('e', 7.0, 7.0, 1.0), ('e', 0.0, 0.0, 3600.0)]);
        check("-7", &[('e', 0.0, 0.0, 1.0), ('e', 0.0, 0.0, 3600.0)]);
    }

    #[test]
    fn what_is_no_schedule_is_told_with_its_place() {
        for (schedule, message) in [
            (
                "rate(5)",
                "`/` or `per` and a unit are missing at `)` in the schedule",
            ),
            (
                "rate(5/fortnight)",
                "an unknown unit (not ms, sec, min, hour or day) stands at `fortnight)` in the schedule",
            ),
            ("rate(5/s", "`)` is missing at the end of the schedule"),
            ("rate 5/s", "`(` is missing at `5/s` in the schedule"),
            (
                "even_arrivals(x)",
                "a number is missing at `x)` in the schedule",
            ),
            (
                "even_arrivals(1)",
                "a unit (ms, sec, min, hour or day) is missing at `)` in the schedule",
            ),
            (
                "arrivals(1 min) and so on",
                "neither rate, random_arrivals, even_arrivals nor pause stands at `arrivals(1 min) and ` in the schedule",
            ),
            ("rate(1/s) ü", "unexpected input at `ü` in the schedule"),
            (
                "/* a\n b */",
                "unexpected input at `* a\n b */` in the schedule",
            ),
            (
                "even_arrivals(99999 days)",
                "the schedule is longer than 68 years",
            ),
        ] {
            let error = parse_schedule(schedule).map_err(|error| error.message);
            assert_eq!(error, Err(message.to_owned()), "{schedule}");
        }
    }
}
