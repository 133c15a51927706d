//! When each user of a closed load starts and ends.
//!
//! Users are numbered from 0 in the order in which the plan creates them. A user of a staged load
//! that leaves does not come back: when the load rises again, new users with new numbers start.
//!
//! In our own loads user i of a ramp from a to b joins when the line reaches `a + i`, as JMeter's
//! ramp does: the first at once, the last one gap before the end. When the load falls, the user
//! that came last leaves first, when the line falls to its number.

use loadline_plan::NativeLoad;
use std::time::Duration;

use crate::curve::{Curve, Stretch};
use crate::{LoadProfile, Segment, UltimateNumbers};

/// The planned life of one user, from the start of its thread group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserWindow {
    /// When the user begins its first iteration.
    pub start: Duration,
    /// From when on it begins no further sample; `None` when only iterations end it. May lie before
    /// `start`: the user then does nothing.
    pub end: Option<Duration>,
    /// How many iterations it runs.
    pub iterations: IterationBound,
    /// Whether it finishes the iteration that it is in at `end`.
    pub finishes_iteration: bool,
    /// Whether a user that ends before `end` is replaced by a new one.
    pub is_replaced: bool,
}

/// How many iterations a user runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IterationBound {
    /// Until its window ends.
    Unbounded,
    /// At most this many.
    Each(u64),
    /// The users of the group take iterations from one account of this many.
    Shared(u64),
}

impl LoadProfile {
    /// How many users ever run; 0 for an open load, whose users come from a pool.
    #[must_use]
    pub fn user_count(&self) -> u64 {
        match self {
            LoadProfile::Threads { users, .. }
            | LoadProfile::Native(NativeLoad::UserIterations { users, .. })
            | LoadProfile::Stepping { users, .. } => u64::from(*users),
            LoadProfile::Concurrency {
                target, steered, ..
            } => u64::from(steered.unwrap_or(*target)),
            LoadProfile::Ultimate(rows) => rows.iter().map(|row| u64::from(row.users)).sum(),
            LoadProfile::Native(NativeLoad::UserStages { .. } | NativeLoad::UserSteps { .. }) => {
                self.curve().stretches.iter().map(Stretch::joining).sum()
            }
            LoadProfile::Native(NativeLoad::RateStages { .. } | NativeLoad::RateSteps { .. })
            | LoadProfile::OpenModel { .. }
            | LoadProfile::Arrivals { .. } => 0,
        }
    }

    /// The window of user `index`, counted from 0; `None` at [`user_count`](Self::user_count) and
    /// above.
    ///
    /// Takes time in proportion to the stages, steps or rows of the load, not to its users.
    #[must_use]
    pub fn user_window(&self, index: u64) -> Option<UserWindow> {
        if index >= self.user_count() {
            return None;
        }
        let window = |start, end| UserWindow {
            start,
            end,
            iterations: IterationBound::Unbounded,
            finishes_iteration: false,
            is_replaced: false,
        };
        match self {
            LoadProfile::Threads {
                users,
                ramp,
                iterations,
                duration,
                delay,
                delayed_start,
            } => Some(UserWindow {
                iterations: iterations.map_or(IterationBound::Unbounded, IterationBound::Each),
                ..window(
                    *delay + thread_start(index, *users, *ramp, *delayed_start),
                    duration.map(|duration| *delay + duration),
                )
            }),
            LoadProfile::Native(NativeLoad::UserIterations {
                users,
                iterations,
                each,
                ramp,
                start,
                ..
            }) => Some(UserWindow {
                iterations: if *each {
                    IterationBound::Each(*iterations)
                } else {
                    IterationBound::Shared(*iterations)
                },
                ..window(*start + share(*ramp, index, u64::from(*users)), None)
            }),
            LoadProfile::Native(NativeLoad::UserStages { .. } | NativeLoad::UserSteps { .. }) => {
                let (start, end) = staged_window(&self.curve(), index)?;
                Some(window(start, Some(end)))
            }
            LoadProfile::Stepping { .. } => {
                let (start, end) = self.stepping_window(index)?;
                Some(window(start, Some(end)))
            }
            LoadProfile::Ultimate(rows) => {
                let (start, end) = ultimate_window(rows, index)?;
                Some(window(start, Some(end)))
            }
            LoadProfile::Concurrency {
                target,
                ramp_up,
                steps,
                hold,
                iterations,
                steered: None,
            } => Some(UserWindow {
                iterations: iterations.map_or(IterationBound::Unbounded, IterationBound::Each),
                finishes_iteration: true,
                is_replaced: true,
                ..window(
                    concurrency_start(index, *target, *ramp_up, *steps),
                    Some(*ramp_up + *hold),
                )
            }),
            LoadProfile::Native(NativeLoad::RateStages { .. } | NativeLoad::RateSteps { .. })
            | LoadProfile::OpenModel { .. }
            | LoadProfile::Arrivals { .. }
            | LoadProfile::Concurrency { .. } => None,
        }
    }

    /// How many users of `segment` ever run.
    #[must_use]
    pub fn segment_user_count(&self, segment: Segment) -> u64 {
        segment.share_of(self.user_count())
    }

    /// The windows of the users of `segment`, in the order of their numbers. Shared iterations are
    /// shared out among the segments too.
    pub fn segment_windows(&self, segment: Segment) -> impl Iterator<Item = UserWindow> + '_ {
        (0..self.segment_user_count(segment))
            .filter_map(move |own| self.user_window(segment.whole_index(own)))
            .map(move |mut window| {
                if let IterationBound::Shared(total) = &mut window.iterations {
                    *total = segment.share_of(*total);
                }
                window
            })
    }

    /// Users planned to be running at `time`: those whose window holds it. 0 for open loads.
    ///
    /// Takes time in proportion to the stages for staged loads, else to the number of users.
    #[must_use]
    pub fn planned_users(&self, time: Duration) -> u32 {
        let planned = match self {
            LoadProfile::Native(NativeLoad::UserStages { .. } | NativeLoad::UserSteps { .. }) => {
                staged_users(&self.curve(), time)
            }
            open if open.is_open() => 0,
            _ => {
                let holds = |window: &UserWindow| {
                    window.start <= time && window.end.is_none_or(|end| time < end)
                };
                (0..self.user_count())
                    .filter_map(|index| self.user_window(index))
                    .filter(holds)
                    .count() as u64
            }
        };
        u32::try_from(planned).unwrap_or(u32::MAX)
    }

    /// Users that a Concurrency Thread Group is to have at `elapsed`; `None` when it is over, and for
    /// other loads.
    #[must_use]
    pub fn planned_concurrency(&self, elapsed: Duration) -> Option<u32> {
        let LoadProfile::Concurrency {
            target,
            ramp_up,
            steps,
            hold,
            ..
        } = self
        else {
            return None;
        };
        if elapsed >= *ramp_up + *hold {
            return None;
        }
        if ramp_up.is_zero() || elapsed > *ramp_up {
            return Some(*target);
        }
        let share = elapsed.as_secs_f64() / ramp_up.as_secs_f64();
        let share = match f64::from(*steps) {
            0.0 => share,
            steps => ((share * steps).floor() + 1.0) / steps,
        };
        // Rounded as Java rounds, halves up.
        Some((f64::from(*target) * share + 0.5).floor() as u32)
    }

    /// Planned length of the load; `None` when only iterations end it.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        match self {
            LoadProfile::Threads {
                duration, delay, ..
            } => duration.map(|duration| *delay + duration),
            LoadProfile::Native(NativeLoad::UserIterations { .. }) => None,
            // The last stair down is left by the users with the highest numbers.
            LoadProfile::Stepping { users, .. } => Some(
                u64::from(*users)
                    .checked_sub(1)
                    .and_then(|last| self.stepping_window(last))
                    .map_or(Duration::ZERO, |(_, end)| end),
            ),
            _ => Some(self.curve().end()),
        }
    }

    /// From when on the users of a Stepping Thread Group leave; `None` for other loads.
    pub(crate) fn descent(&self) -> Option<Duration> {
        let LoadProfile::Stepping {
            users,
            initial_delay,
            start_count,
            start_burst,
            start_period,
            ramp_up,
            flight_time,
            ..
        } = self
        else {
            return None;
        };
        let count = (*start_count).max(1);
        // Buckets after the first; the plugin counts 1 when the first alone is more than enough.
        let (buckets, last_size) = match users.checked_sub(*start_burst) {
            None => (1, count),
            Some(rest) => (
                rest.div_ceil(count),
                if rest % count == 0 {
                    count
                } else {
                    rest % count
                },
            ),
        };
        Some(
            *initial_delay
                + (*start_period + *ramp_up).saturating_mul(buckets)
                + share(*ramp_up, u64::from(last_size), u64::from(count))
                + *flight_time,
        )
    }

    /// Start and end of a user of a Stepping Thread Group.
    ///
    /// Source: `SteppingThreadGroup.scheduleThread` of the jmeter-plugins.
    fn stepping_window(&self, index: u64) -> Option<(Duration, Duration)> {
        let descent = self.descent()?;
        let LoadProfile::Stepping {
            initial_delay,
            start_count,
            start_burst,
            start_period,
            ramp_up,
            stop_count,
            stop_period,
            ..
        } = self
        else {
            return None;
        };
        let (burst, count) = (u64::from(*start_burst), u64::from(*start_count).max(1));
        let (bucket, position, size) = match index.checked_sub(burst) {
            None => (0, index, burst),
            Some(behind) => (1 + behind / count, behind % count, count),
        };
        let bucket = u32::try_from(bucket).unwrap_or(u32::MAX);
        let start = *initial_delay
            + (*start_period + *ramp_up).saturating_mul(bucket)
            + share(*ramp_up, position, size);
        let stair = u32::try_from(index / u64::from(*stop_count).max(1)).unwrap_or(u32::MAX);
        Some((start, descent + stop_period.saturating_mul(stair)))
    }
}

impl Stretch {
    /// Users that join during the stretch.
    fn joining(&self) -> u64 {
        (self.to as u64).saturating_sub(self.from as u64)
    }
}

/// `whole · part / parts`, rounded up to the nanosecond; the whole when `parts` is 0.
///
/// Rounded up so that a user has joined exactly when `part <= floor(elapsed · parts / whole)`,
/// which [`staged_users`] computes.
fn share(whole: Duration, part: u64, parts: u64) -> Duration {
    if parts == 0 {
        return whole;
    }
    let nanos = (whole.as_nanos() * u128::from(part)).div_ceil(u128::from(parts));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Start of user `index` of a Thread Group, from the end of its delay.
///
/// Source: `ThreadGroup.startNewThread` (one rounded gap, in 32-bit floating point) and
/// `ThreadGroup.ThreadStarter` of JMeter 5.6.3. The latter shares out what is left of the ramp anew
/// before each user, so its users stand on the line to `ramp` to the millisecond, without drift.
fn thread_start(index: u64, users: u32, ramp: Duration, delayed_start: bool) -> Duration {
    let ramp_ms = ramp.as_millis() as f64;
    if delayed_start {
        let gaps = users.saturating_sub(1).max(1);
        let start_ms = (ramp_ms * index as f64 / f64::from(gaps)).round();
        return Duration::from_millis(start_ms as u64);
    }
    let gap_ms = (ramp_ms as f32 / users.max(1) as f32 + 0.5).floor();
    Duration::from_millis(index.saturating_mul(gap_ms as u64))
}

/// Start and end of a user of a staged load; `None` when the load has no such user.
fn staged_window(curve: &Curve, index: u64) -> Option<(Duration, Duration)> {
    let mut joined = 0;
    for (position, stretch) in curve.stretches.iter().enumerate() {
        let joining = stretch.joining();
        if index >= joined + joining {
            joined += joining;
            continue;
        }
        let part = index - joined;
        let number = stretch.from as u64 + part;
        let start = stretch.start + share(stretch.length(), part, joining);
        let leaving = curve.stretches[position + 1..]
            .iter()
            .find(|later| (later.to as u64) <= number);
        let end = leaving.map_or(curve.end(), |later| {
            let (from, to) = (later.from as u64, later.to as u64);
            later.start + share(later.length(), from - number, from - to)
        });
        return Some((start, end));
    }
    None
}

/// Users of a staged load at `time`, from the line itself.
fn staged_users(curve: &Curve, time: Duration) -> u64 {
    let Some(stretch) = curve.stretches.iter().find(|stretch| time < stretch.end) else {
        return 0;
    };
    let (from, to) = (stretch.from as u64, stretch.to as u64);
    let elapsed = (time - stretch.start).as_nanos();
    let change = u128::from(from.abs_diff(to));
    let passed = u64::try_from(elapsed * change / stretch.length().as_nanos()).unwrap_or(u64::MAX);
    if to > from {
        // The user whose number is just reached has joined.
        (from + passed + 1).min(to)
    } else {
        from - passed
    }
}

/// Start and end of a user of an Ultimate Thread Group: within a row the users with the lowest
/// numbers start and end last.
fn ultimate_window(rows: &[UltimateNumbers], index: u64) -> Option<(Duration, Duration)> {
    let mut before = 0;
    for row in rows {
        let users = u64::from(row.users);
        if index < before + users {
            let down = users - (index - before);
            let start = row.initial_delay + share(row.startup, down, users);
            let end = row.initial_delay + row.startup + row.hold + share(row.shutdown, down, users);
            return Some((start, end));
        }
        before += users;
    }
    None
}

/// The first instant at which the planned concurrency, `round(target / ramp · t)` or its stairs, is
/// above `index`.
fn concurrency_start(index: u64, target: u32, ramp: Duration, steps: u32) -> Duration {
    let half_number = 2 * index + 1;
    let (target, steps) = (u64::from(target), u64::from(steps));
    if steps == 0 {
        return share(ramp, half_number, 2 * target);
    }
    let stair = half_number.saturating_mul(steps).div_ceil(2 * target);
    share(ramp, stair.saturating_sub(1), steps)
}

#[cfg(test)]
mod tests;
