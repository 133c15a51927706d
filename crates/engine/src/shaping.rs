//! When samples under a Throughput Shaping Timer may start: so many each second, evenly spaced.
//!
//! Source: `VariableThroughputTimer` of jpgc-tst 2.5. The rate of a second is that at its beginning,
//! at least 1; a start that nobody takes in its second is lost. The profile lasts a second longer
//! than its rows say, as in the plugin. Seconds are those of the run.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use loadline_schedule::Segment;
use loadline_units::RunTime;

/// Starts per second over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ShapingProfile {
    pub(crate) rows: Vec<ShapingRow>,
}

/// A linear change of the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShapingRow {
    /// Starts per second at the beginning.
    pub(crate) from: f64,
    /// Starts per second at the end.
    pub(crate) to: f64,
    /// Length in seconds.
    pub(crate) duration_s: u32,
}

impl ShapingProfile {
    /// The rate of the second `second`, counted from 0; `None` when the profile is over.
    fn rate(&self, second: u64) -> Option<f64> {
        let mut left = second;
        for row in &self.rows {
            let duration = u64::from(row.duration_s);
            if left <= duration {
                let share = left as f64 / duration.max(1) as f64;
                let rate = row.from + share * (row.to - row.from);
                return (rate >= 0.0).then_some(rate);
            }
            left -= duration;
        }
        None
    }

    /// The greatest rate of all rows.
    pub(crate) fn greatest_rate(&self) -> f64 {
        let rates = self.rows.iter().flat_map(|row| [row.from, row.to]);
        rates.fold(0.0, f64::max)
    }

    fn total_s(&self) -> u64 {
        self.rows.iter().map(|row| u64::from(row.duration_s)).sum()
    }

    /// Reads the property `load_profile`: `const(10, 60s) line(10, 50, 2m) step(10, 50, 10, 30s)`.
    /// Parts that cannot be read are left out, as in the plugin, and returned.
    pub(crate) fn parse(text: &str) -> (Self, Vec<String>) {
        let mut profile = Self::default();
        let mut wrong = Vec::new();
        for part in text.split(')').filter(|part| !part.trim().is_empty()) {
            if profile.add(part).is_none() {
                wrong.push(format!("{})", part.trim()));
            }
        }
        (profile, wrong)
    }

    fn add(&mut self, part: &str) -> Option<()> {
        let (word, rest) = part.split_once('(')?;
        let parts: Vec<&str> = rest.split(',').map(str::trim).collect();
        let rate = |index: usize| parts.get(index)?.parse::<i32>().ok();
        let length = |index: usize| seconds(parts.get(index)?);
        let mut push = |from: i32, to: i32, duration_s| {
            self.rows.push(ShapingRow {
                from: from.into(),
                to: to.into(),
                duration_s,
            });
        };
        match word.trim().to_ascii_lowercase().as_str() {
            "const" => push(rate(0)?, rate(0)?, length(1)?),
            "line" => push(rate(0)?, rate(1)?, length(2)?),
            "step" => {
                let (from, to, by) = (rate(0)?, rate(1)?, rate(2)?);
                let duration_s = length(3)?;
                let by = usize::try_from(by).ok().filter(|by| *by > 0)?;
                // On the way down the last step is left out.
                if from > to {
                    (to + 1..=from)
                        .rev()
                        .step_by(by)
                        .for_each(|rate| push(rate, rate, duration_s));
                } else {
                    (from..=to)
                        .step_by(by)
                        .for_each(|rate| push(rate, rate, duration_s));
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// Seconds in a text such as `90`, `90s` or `1h30m`.
fn seconds(text: &str) -> Option<u32> {
    let mut sum = 0u32;
    let mut digits = String::new();
    for letter in text.chars().chain(std::iter::once('s')) {
        let unit = match letter.to_ascii_lowercase() {
            digit if digit.is_ascii_digit() => {
                digits.push(digit);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        if digits.is_empty() && letter == 's' {
            continue;
        }
        let number: u32 = digits.parse().ok()?;
        sum = sum.checked_add(number.checked_mul(unit)?)?;
        digits.clear();
    }
    Some(sum)
}

/// A start that a user has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The start is due at this instant, which may be over.
    At(RunTime),
    /// There is none before the end of the profile, at this instant.
    Over(RunTime),
}

/// What the plugin tells in properties when a second begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShapingFigures {
    /// Samples that started since the last figures.
    pub(crate) sent: u64,
    /// Users that wait.
    pub(crate) delayed: u64,
    /// Starts per second from now on.
    pub(crate) rate: f64,
    /// Length of the profile in seconds.
    pub(crate) total_s: u64,
}

/// A timer that users of all engine threads share.
#[derive(Debug)]
pub(crate) struct Shaping {
    profile: ShapingProfile,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The second of the run in which the first user came.
    start: Option<u64>,
    /// Second of the profile in which the next start is, unless it is full.
    second: u64,
    /// Starts of that second taken by this process.
    taken: u64,
    /// Starts taken of each second since the last figures.
    counts: BTreeMap<u64, u64>,
    /// Second of the last figures.
    told: Option<u64>,
}

impl Shaping {
    pub(crate) fn new(profile: ShapingProfile) -> Self {
        Self {
            profile,
            state: Mutex::default(),
        }
    }

    /// Takes the next start for a user that is ready at `now`; with figures in a new second.
    pub(crate) fn next(&self, now: RunTime, segment: Segment) -> (Slot, Option<ShapingFigures>) {
        // Held for a few instructions.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let second_of_run = u64::from(now.second());
        let start = *state.start.get_or_insert(second_of_run);
        let present = second_of_run.saturating_sub(start);
        let figures = self.figures(&mut state, now);
        if present > state.second {
            state.second = present;
            state.taken = 0;
        }
        let slot = loop {
            let second = Duration::from_secs(start + state.second);
            let Some(rate) = self.profile.rate(state.second) else {
                break Slot::Over(RunTime::from_duration(second));
            };
            let index = segment.whole_index(state.taken);
            // The first start of a second is there whatever the rate.
            let offset_s = if index == 0 { 0.0 } else { index as f64 / rate };
            if offset_s < 1.0 {
                let at = second + Duration::from_secs_f64(offset_s);
                state.taken += 1;
                let second = state.second;
                *state.counts.entry(second).or_default() += 1;
                break Slot::At(RunTime::from_duration(at));
            }
            state.second += 1;
            state.taken = 0;
        };
        (slot, figures)
    }

    /// The figures, if none were told since the second of `now` began, for a user that has waited.
    pub(crate) fn told_at(&self, now: RunTime) -> Option<ShapingFigures> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.figures(&mut state, now)
    }

    fn figures(&self, state: &mut State, now: RunTime) -> Option<ShapingFigures> {
        let start = state.start?;
        let present = u64::from(now.second()).saturating_sub(start);
        if state.told == Some(present) {
            return None;
        }
        state.told = Some(present);
        let ahead = state.counts.split_off(&present);
        let sent = std::mem::replace(&mut state.counts, ahead).values().sum();
        let rate = self.profile.rate(present)?;
        // Those of the present second whose start has come wait no more.
        let since =
            now.saturating_since(RunTime::from_duration(Duration::from_secs(start + present)));
        let due = (since.as_secs_f64() * rate) as u64 + 1;
        let begun = state
            .counts
            .get(&present)
            .map_or(0, |count| due.min(*count));
        let taken: u64 = state.counts.values().sum();
        Some(ShapingFigures {
            sent,
            delayed: taken - begun,
            rate,
            total_s: self.profile.total_s(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(rows: &[(f64, f64, u32)]) -> ShapingProfile {
        let rows = rows.iter().map(|(from, to, duration_s)| ShapingRow {
            from: *from,
            to: *to,
            duration_s: *duration_s,
        });
        ShapingProfile {
            rows: rows.collect(),
        }
    }

    fn at(millis: u64) -> RunTime {
        RunTime::from_micros(millis * 1000)
    }

    /// All starts that users get who are ready from the beginning on, in milliseconds; the last is
    /// the end.
    fn starts(rows: &[(f64, f64, u32)], segment: Segment) -> Vec<u64> {
        let shaping = Shaping::new(profile(rows));
        let mut found = Vec::new();
        loop {
            let (slot, _) = shaping.next(at(5000), segment);
            let (Slot::At(time) | Slot::Over(time)) = slot;
            found.push(time.as_micros() / 1000 - 5000);
            if let Slot::Over(_) = slot {
                return found;
            }
        }
    }

    #[test]
    fn starts_are_spaced_by_the_rate_at_the_beginning_of_their_second() {
        assert_eq!(
            starts(&[(2.0, 4.0, 2)], Segment::WHOLE),
            [0, 500, 1000, 1333, 1666, 2000, 2250, 2500, 2750, 3000]
        );
        assert_eq!(
            starts(&[(1.0, 1.0, 1), (2.0, 2.0, 1)], Segment::WHOLE),
            [0, 1000, 2000, 2500, 3000]
        );
        assert_eq!(starts(&[(0.0, 0.5, 1)], Segment::WHOLE), [0, 1000, 2000]);
        assert_eq!(starts(&[], Segment::WHOLE), [0]);
    }

    #[test]
    fn processes_take_turns() {
        let segment = |index| Segment::new(index, 2).unwrap();
        assert_eq!(
            starts(&[(3.0, 3.0, 1)], segment(0)),
            [0, 666, 1000, 1666, 2000]
        );
        assert_eq!(starts(&[(3.0, 3.0, 1)], segment(1)), [333, 1333, 2000]);
    }

    #[test]
    fn a_start_that_nobody_takes_in_its_second_is_lost() {
        let shaping = Shaping::new(profile(&[(4.0, 4.0, 9)]));
        let next = |millis| shaping.next(at(millis), Segment::WHOLE).0;
        assert_eq!(next(1000), Slot::At(at(1000)));
        // Those of this second are caught up with.
        assert_eq!(next(1900), Slot::At(at(1250)));
        assert_eq!(next(1900), Slot::At(at(1500)));
        assert_eq!(next(3100), Slot::At(at(3000)));
    }

    #[test]
    fn figures_are_told_once_a_second() {
        let shaping = Shaping::new(profile(&[(2.0, 4.0, 2)]));
        let figures = |millis| {
            let told = shaping.next(at(millis), Segment::WHOLE).1;
            told.map(|told| (told.sent, told.delayed, told.rate, told.total_s))
        };
        assert_eq!(figures(1000), Some((0, 0, 2.0, 2)));
        assert_eq!(figures(1100), None);
        assert_eq!(figures(1200), None);
        // Two started; the third starts now, and the fourth waits.
        assert_eq!(figures(1300), None);
        assert_eq!(figures(2000), Some((2, 1, 3.0, 2)));
    }

    #[test]
    fn a_profile_may_be_a_property() {
        let read = |text| {
            let (profile, wrong) = ShapingProfile::parse(text);
            let rows: Vec<_> = (profile.rows.iter())
                .map(|row| (row.from, row.to, row.duration_s))
                .collect();
            (rows, wrong)
        };
        assert_eq!(
            read("const(10, 60s) line(10,50,2m) step(1,5,2,1h30m) step(5, 1, 2, 10)").0,
            [
                (10.0, 10.0, 60),
                (10.0, 50.0, 120),
                (1.0, 1.0, 5400),
                (3.0, 3.0, 5400),
                (5.0, 5.0, 5400),
                (5.0, 5.0, 10),
                (3.0, 3.0, 10),
            ]
        );
        let (rows, wrong) = read("const(ten,1s) ramp(1,2,3) const(1,1s)");
        assert_eq!(rows, [(1.0, 1.0, 1)]);
        assert_eq!(wrong, ["const(ten,1s)", "ramp(1,2,3)"]);
        assert!(read("step(1,5,0,1s)").0.is_empty());
    }
}
