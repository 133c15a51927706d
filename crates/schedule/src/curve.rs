//! The planned load of any profile as a line: what is offered when.
//!
//! The line is the common ground of user windows of staged loads, arrivals, steps and live displays.

use std::time::Duration;

use loadline_plan::{LoadStage, NativeLoad};

use crate::{LoadProfile, PluginRate};

/// A stretch in which the load changes linearly, or stays.
///
/// A stretch without length is a jump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) start: Duration,
    pub(crate) end: Duration,
    /// Users, or arrivals per second, at `start`.
    pub(crate) from: f64,
    /// Users, or arrivals per second, at `end`.
    pub(crate) to: f64,
    /// Whether nothing changes. A sum of loads that change against each other may keep its value
    /// and is not steady all the same: users come and go.
    pub(crate) is_steady: bool,
}

/// A planned load over time.
///
/// Stretches follow each other without gaps from time 0; after the last the load is 0, or stays
/// for an unknown time if `is_open_ended`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Curve {
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) is_open_ended: bool,
}

/// Stairs down of a Stepping Thread Group that are shorter than this count as one way down: they
/// are too short to be judged, and there may be hundreds.
const SHORTEST_STAIR: Duration = Duration::from_secs(5);

impl Curve {
    /// Planned end; zero when nothing is planned.
    pub(crate) fn end(&self) -> Duration {
        self.stretches
            .last()
            .map_or(Duration::ZERO, |last| last.end)
    }

    /// Load after the last stretch, if the curve goes on.
    fn level(&self) -> f64 {
        self.stretches.last().map_or(0.0, |last| last.to)
    }

    /// Adds a linear change to `to` over `length`. Nothing is added when nothing changes in no time.
    fn change(&mut self, to: f64, length: Duration) {
        let (start, from) = (self.end(), self.level());
        if length.is_zero() && from == to {
            return;
        }
        self.stretches.push(Stretch {
            start,
            end: start + length,
            from,
            to,
            is_steady: from == to,
        });
    }

    /// Holds the present load for `length`.
    fn hold(&mut self, length: Duration) {
        self.change(self.level(), length);
    }

    /// The load at `time`: the value it has from `time` on, so that a jump counts at once.
    pub(crate) fn load_at(&self, time: Duration) -> f64 {
        match self.stretches.iter().find(|stretch| time < stretch.end) {
            Some(stretch) => stretch.load_at(time),
            None if self.is_open_ended => self.level(),
            None => 0.0,
        }
    }
}

impl Stretch {
    pub(crate) fn length(&self) -> Duration {
        self.end - self.start
    }

    fn load_at(&self, time: Duration) -> f64 {
        if self.from == self.to || self.length().is_zero() {
            return self.to;
        }
        let share = (time - self.start).as_secs_f64() / self.length().as_secs_f64();
        self.from + (self.to - self.from) * share.min(1.0)
    }
}

impl LoadProfile {
    /// The planned load as a line.
    pub(crate) fn curve(&self) -> Curve {
        let mut curve = Curve::default();
        match self {
            LoadProfile::Threads {
                users,
                ramp,
                duration,
                delay,
                ..
            } => {
                curve.hold(*delay);
                // A ramp longer than the duration is cut off by it.
                let ramp_run = duration.map_or(*ramp, |duration| duration.min(*ramp));
                let reached = if ramp.is_zero() {
                    1.0
                } else {
                    ramp_run.as_secs_f64() / ramp.as_secs_f64()
                };
                curve.change((f64::from(*users) * reached).ceil(), ramp_run);
                match duration {
                    Some(duration) => curve.hold(*duration - ramp_run),
                    None => curve.is_open_ended = true,
                }
            }
            LoadProfile::Native(NativeLoad::UserIterations {
                users, ramp, start, ..
            }) => {
                curve.hold(*start);
                curve.change(f64::from(*users), *ramp);
                curve.is_open_ended = true;
            }
            LoadProfile::Native(NativeLoad::UserStages {
                from,
                stages,
                start,
                ..
            }) => curve.stages(*start, f64::from(*from), stages, |users| f64::from(*users)),
            LoadProfile::Native(NativeLoad::RateStages {
                from,
                stages,
                start,
                ..
            }) => curve.stages(*start, from.as_per_second(), stages, |rate| {
                rate.as_per_second()
            }),
            LoadProfile::Native(NativeLoad::UserSteps {
                levels,
                ramp,
                hold,
                start,
                ..
            }) => {
                curve.hold(*start);
                for users in levels {
                    curve.change(f64::from(*users), *ramp);
                    curve.hold(*hold);
                }
            }
            LoadProfile::Native(NativeLoad::RateSteps {
                levels,
                ramp,
                hold,
                start,
                ..
            }) => {
                curve.hold(*start);
                for rate in levels {
                    curve.change(rate.as_per_second(), *ramp);
                    curve.hold(*hold);
                }
            }
            LoadProfile::OpenModel { intervals, .. } => {
                for interval in intervals {
                    curve.change(interval.from, Duration::ZERO);
                    curve.change(interval.to, interval.length);
                }
            }
            LoadProfile::Arrivals { rate, .. } => curve.plugin_rate(rate),
            LoadProfile::Stepping { .. } => curve.stairs(self),
            LoadProfile::Ultimate(rows) => {
                let rows: Vec<Curve> = rows
                    .iter()
                    .map(|row| {
                        let mut curve = Curve::default();
                        curve.hold(row.initial_delay);
                        curve.change(f64::from(row.users), row.startup);
                        curve.hold(row.hold);
                        curve.change(0.0, row.shutdown);
                        curve
                    })
                    .collect();
                curve = sum(&rows);
            }
            // How many users it has, only the run will tell.
            LoadProfile::Concurrency {
                ramp_up,
                hold,
                steered: Some(_),
                ..
            } => curve.hold(*ramp_up + *hold),
            LoadProfile::Concurrency {
                target,
                ramp_up,
                steps,
                hold,
                ..
            } => {
                // With more stairs than users each user is a stair: a line.
                if *steps == 0 || steps > target || ramp_up.is_zero() {
                    curve.change(f64::from(*target), *ramp_up);
                } else {
                    let level = |share: f64| (f64::from(*target) * share + 0.5).floor();
                    curve.stairs_up(*ramp_up, *steps, level);
                }
                curve.hold(*hold);
            }
        }
        curve
    }
}

impl Curve {
    fn stages<T>(
        &mut self,
        start: Duration,
        from: f64,
        stages: &[LoadStage<T>],
        load: impl Fn(&T) -> f64,
    ) {
        self.hold(start);
        self.change(from, Duration::ZERO);
        for stage in stages {
            self.change(load(&stage.target), stage.duration);
        }
    }

    /// Equal stairs up over `length`; `level` is the load at a share of the way.
    fn stairs_up(&mut self, length: Duration, stairs: u32, level: impl Fn(f64) -> f64) {
        for stair in 1..=stairs {
            self.change(level(f64::from(stair) / f64::from(stairs)), Duration::ZERO);
            self.hold(length * stair / stairs - self.end());
        }
    }

    /// The rate of a plugin's thread group.
    fn plugin_rate(&mut self, rate: &PluginRate) {
        match rate {
            PluginRate::Target {
                target,
                ramp_up_s,
                steps,
                hold_s,
            } => {
                let ramp_up = Duration::from_secs((*ramp_up_s).into());
                if *steps == 0 || ramp_up.is_zero() {
                    self.hold(ramp_up);
                } else {
                    self.stairs_up(ramp_up, *steps, |share| target * share);
                }
                self.change(*target, Duration::ZERO);
                self.hold(Duration::from_secs((*hold_s).into()));
            }
            PluginRate::Rows(rows) => {
                let mut end_s = 0.0;
                for row in rows {
                    let start_s: f64 = end_s;
                    end_s = (start_s + row.length_s).trunc();
                    self.change(row.from, Duration::ZERO);
                    let share = (end_s - start_s) / row.length_s;
                    let to = row.from + share * (row.to - row.from);
                    self.change(to.max(0.0), Duration::from_secs_f64(end_s - start_s));
                }
            }
        }
    }

    /// The stairs of a Stepping Thread Group.
    fn stairs(&mut self, profile: &LoadProfile) {
        let LoadProfile::Stepping {
            users,
            initial_delay,
            start_count,
            start_burst,
            start_period,
            ramp_up,
            stop_count,
            stop_period,
            ..
        } = profile
        else {
            return;
        };
        if *users == 0 {
            return;
        }
        self.hold(*initial_delay);
        let descent = profile.descent().unwrap_or_default();
        let mut reached = 0;
        let mut bucket = 0;
        while reached < *users {
            let size = if bucket == 0 {
                *start_burst
            } else {
                *start_count
            };
            let joining = size.min(*users - reached);
            let bucket_start = *initial_delay + (*start_period + *ramp_up).saturating_mul(bucket);
            self.hold(bucket_start.saturating_sub(self.end()));
            reached += joining;
            self.change(f64::from(reached), *ramp_up * joining / size);
            bucket += 1;
        }
        self.hold(descent.saturating_sub(self.end()));
        if *stop_period < SHORTEST_STAIR {
            let stairs = (*users - 1) / *stop_count;
            self.change(0.0, *stop_period * stairs);
            return;
        }
        let mut left = *users;
        while left > 0 {
            left -= (*stop_count).min(left);
            self.change(f64::from(left), Duration::ZERO);
            if left > 0 {
                self.hold(*stop_period);
            }
        }
    }
}

/// The sum of several loads that run side by side from time 0.
pub(crate) fn sum(curves: &[Curve]) -> Curve {
    let mut times: Vec<Duration> = curves
        .iter()
        .flat_map(|curve| &curve.stretches)
        .flat_map(|stretch| [stretch.start, stretch.end])
        .collect();
    times.push(Duration::ZERO);
    times.sort_unstable();
    times.dedup();
    let mut total = Curve {
        stretches: Vec::new(),
        is_open_ended: curves.iter().any(|curve| curve.is_open_ended),
    };
    let after = |time: Duration| curves.iter().map(|curve| curve.load_at(time)).sum::<f64>();
    for pair in times.windows(2) {
        let [start, end] = *pair else { continue };
        // A jump at the boundary, then the stretch itself.
        total.change(after(start), Duration::ZERO);
        let before_end: f64 = curves.iter().map(|curve| curve.load_before(end)).sum();
        total.change(before_end, end - start);
        if let Some(stretch) = total.stretches.last_mut() {
            stretch.is_steady = curves.iter().all(|curve| curve.is_steady_at(start));
        }
    }
    let last = after(total.end());
    if total.is_open_ended {
        total.change(last, Duration::ZERO);
    }
    total
}

impl Curve {
    /// The load just before `time`, which is not 0.
    fn load_before(&self, time: Duration) -> f64 {
        let stretch = self
            .stretches
            .iter()
            .find(|stretch| stretch.start < time && time <= stretch.end);
        match stretch {
            Some(stretch) if time == stretch.end => stretch.to,
            Some(stretch) => stretch.load_at(time),
            None if self.is_open_ended => self.level(),
            None => 0.0,
        }
    }

    /// Whether the load does not change from `time` on for a while.
    fn is_steady_at(&self, time: Duration) -> bool {
        self.stretches
            .iter()
            .find(|stretch| time < stretch.end)
            .is_none_or(|stretch| stretch.is_steady)
    }

    /// The same load, `offset` later.
    pub(crate) fn delayed(mut self, offset: Duration) -> Curve {
        if offset.is_zero() {
            return self;
        }
        for stretch in &mut self.stretches {
            stretch.start += offset;
            stretch.end += offset;
        }
        self.stretches.insert(
            0,
            Stretch {
                start: Duration::ZERO,
                end: offset,
                from: 0.0,
                to: 0.0,
                is_steady: true,
            },
        );
        self
    }
}
