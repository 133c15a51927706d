//! The loads of JMeter's thread groups, by its own settings: texts, which may hold references.

use loadline_plan::{
    ArrivalRow, ArrivalUsers, Load, LoopCount, ScheduledThreads, Text, UltimateRow,
};

use super::Settings;

/// A load of JMeter's: its key below `load` and what it is.
#[derive(Debug)]
pub(crate) struct JmeterLoad {
    /// The key.
    pub(crate) key: &'static str,
    /// One sentence for editors.
    pub(crate) about: &'static str,
    /// A load of this kind, its settings yet to be read.
    pub(crate) blank: fn() -> Load,
}

/// All of them.
pub(crate) static LOAD_KEYS: [JmeterLoad; 7] = [
    JmeterLoad {
        key: "threads",
        about: "JMeter's Thread Group.",
        blank: || Load::Threads {
            users: Text::default(),
            ramp_s: Text::default(),
            loops: LoopCount::Forever,
            scheduled: None,
            delayed_start: false,
        },
    },
    JmeterLoad {
        key: "open_model",
        about: "JMeter's Open Model Thread Group.",
        blank: || Load::OpenModel {
            schedule: Text::default(),
            random_seed: Text::default(),
        },
    },
    JmeterLoad {
        key: "ultimate",
        about: "The Ultimate Thread Group of a plugin.",
        blank: || Load::Ultimate(Vec::new()),
    },
    JmeterLoad {
        key: "stepping",
        about: "The Stepping Thread Group of a plugin.",
        blank: || Load::Stepping {
            users: Text::default(),
            initial_delay_s: Text::default(),
            start_count: Text::default(),
            start_burst: Text::default(),
            start_period_s: Text::default(),
            ramp_up_s: Text::default(),
            flight_time_s: Text::default(),
            stop_count: Text::default(),
            stop_period_s: Text::default(),
        },
    },
    JmeterLoad {
        key: "concurrency",
        about: "The Concurrency Thread Group of a plugin.",
        blank: || Load::Concurrency {
            target: Text::default(),
            ramp_up: Text::default(),
            steps: Text::default(),
            hold: Text::default(),
            iterations: Text::default(),
            minutes: false,
        },
    },
    JmeterLoad {
        key: "arrivals_group",
        about: "The Arrivals Thread Group of a plugin.",
        blank: || Load::Arrivals {
            target: Text::default(),
            ramp_up: Text::default(),
            steps: Text::default(),
            hold: Text::default(),
            users: ArrivalUsers::default(),
            minutes: false,
        },
    },
    JmeterLoad {
        key: "free_form_arrivals",
        about: "The Free-Form Arrivals Thread Group of a plugin.",
        blank: || Load::FreeFormArrivals {
            rows: Vec::new(),
            users: ArrivalUsers::default(),
            minutes: false,
        },
    },
];

impl JmeterLoad {
    /// The key of `load`; `None` for our own loads.
    pub(crate) fn key_of(load: &Load) -> Option<&'static str> {
        Some(match load {
            Load::Threads { .. } => "threads",
            Load::OpenModel { .. } => "open_model",
            Load::Ultimate(_) => "ultimate",
            Load::Stepping { .. } => "stepping",
            Load::Concurrency { .. } => "concurrency",
            Load::Arrivals { .. } => "arrivals_group",
            Load::FreeFormArrivals { .. } => "free_form_arrivals",
            Load::Native(_) => return None,
        })
    }

    /// Goes through the settings of a load of JMeter's.
    pub(crate) fn settings<S: Settings>(load: &mut Load, s: &mut S) {
        match load {
            Load::Threads {
                users,
                ramp_s,
                loops,
                scheduled,
                delayed_start,
            } => {
                s.text("count", "Number of users.", "0", users);
                s.text("ramp_s", "Seconds over which they start.", "0", ramp_s);
                loop_count(loops, s);
                schedule(scheduled, s);
                s.flag(
                    "delayed_start",
                    "Whether users are created only when they are due.",
                    false,
                    delayed_start,
                );
            }
            Load::OpenModel {
                schedule,
                random_seed,
            } => {
                s.text(
                    "schedule",
                    "Its schedule, such as `rate(10/s) random_arrivals(1 min)`.",
                    "",
                    schedule,
                );
                s.text(
                    "random_seed",
                    "Seed of Java's generator; 0 is none.",
                    "0",
                    random_seed,
                );
            }
            Load::Ultimate(rows) => s.rows("rows", "Users that come and go.", rows, ultimate_row),
            Load::Stepping {
                users,
                initial_delay_s,
                start_count,
                start_burst,
                start_period_s,
                ramp_up_s,
                flight_time_s,
                stop_count,
                stop_period_s,
            } => {
                let texts: [(&'static str, &'static str, &mut Text); 9] = [
                    ("count", "Users in all.", users),
                    (
                        "initial_delay_s",
                        "Seconds before the first user.",
                        initial_delay_s,
                    ),
                    ("start_count", "Users started in each step.", start_count),
                    (
                        "start_burst",
                        "Users started at the beginning.",
                        start_burst,
                    ),
                    ("start_period_s", "Seconds between steps.", start_period_s),
                    (
                        "ramp_up_s",
                        "Seconds over which the users of a step start.",
                        ramp_up_s,
                    ),
                    (
                        "flight_time_s",
                        "Seconds the full load is held.",
                        flight_time_s,
                    ),
                    ("stop_count", "Users stopped in each step down.", stop_count),
                    (
                        "stop_period_s",
                        "Seconds between steps down.",
                        stop_period_s,
                    ),
                ];
                for (key, about, text) in texts {
                    s.text(key, about, "0", text);
                }
            }
            Load::Concurrency {
                target,
                ramp_up,
                steps,
                hold,
                iterations,
                minutes,
            } => {
                s.text("target", "Users at full load.", "1", target);
                to_full_load(ramp_up, steps, hold, s);
                s.text(
                    "iterations",
                    "Iterations of each user; empty for any number.",
                    "",
                    iterations,
                );
                unit(minutes, s);
            }
            Load::Arrivals {
                target,
                ramp_up,
                steps,
                hold,
                users,
                minutes,
            } => {
                s.text("target", "Arrivals in a unit of time.", "1", target);
                to_full_load(ramp_up, steps, hold, s);
                arrival_users(users, s);
                unit(minutes, s);
            }
            Load::FreeFormArrivals {
                rows,
                users,
                minutes,
            } => {
                s.rows("rows", "The rate over time.", rows, arrival_row);
                arrival_users(users, s);
                unit(minutes, s);
            }
            Load::Native(_) => {}
        }
    }
}

/// A number of loops; without one there is no end.
fn loop_count<S: Settings>(loops: &mut LoopCount, s: &mut S) {
    let mut times = match &*loops {
        LoopCount::Forever => None,
        LoopCount::Times(times) => Some(times.clone()),
    };
    s.optional(
        "loops",
        "Iterations of each user; without end by default.",
        &mut times,
    );
    *loops = times.map_or(LoopCount::Forever, LoopCount::Times);
}

fn schedule<S: Settings>(scheduled: &mut Option<ScheduledThreads>, s: &mut S) {
    let mut duration = scheduled.as_ref().map(|own| own.duration_s.clone());
    let mut delay = scheduled.as_ref().map(|own| own.delay_s.clone());
    s.optional("duration_s", "Length of the run in seconds.", &mut duration);
    s.optional(
        "delay_s",
        "Seconds before the first user; with `duration_s`.",
        &mut delay,
    );
    // A delay alone has a schedule too, whose length is then found to be missing.
    *scheduled = (duration.is_some() || delay.is_some()).then(|| ScheduledThreads {
        duration_s: duration.unwrap_or_else(|| "0".into()),
        delay_s: delay.unwrap_or_else(|| "0".into()),
    });
}

fn to_full_load<S: Settings>(ramp_up: &mut Text, steps: &mut Text, hold: &mut Text, s: &mut S) {
    s.text("ramp_up", "Time to full load, in units.", "", ramp_up);
    s.text("steps", "Steps of the ramp.", "", steps);
    s.text("hold", "Time the full load is held, in units.", "1", hold);
}

fn arrival_users<S: Settings>(users: &mut ArrivalUsers, s: &mut S) {
    s.text(
        "limit",
        "Greatest number of users at work.",
        "",
        &mut users.limit,
    );
    s.text(
        "iterations",
        "Iterations after which a user is replaced.",
        "",
        &mut users.iterations,
    );
}

fn unit<S: Settings>(minutes: &mut bool, s: &mut S) {
    s.flag(
        "minutes",
        "Whether the unit is a minute rather than a second.",
        false,
        minutes,
    );
}

fn ultimate_row<S: Settings>(s: &mut S, row: &mut UltimateRow) {
    let texts: [(&'static str, &'static str, &mut Text); 5] = [
        ("count", "Users of the row.", &mut row.users),
        (
            "delay_s",
            "Seconds before the first user.",
            &mut row.initial_delay_s,
        ),
        (
            "startup_s",
            "Seconds over which they start.",
            &mut row.startup_s,
        ),
        ("hold_s", "Seconds they are held.", &mut row.hold_s),
        (
            "shutdown_s",
            "Seconds over which they stop.",
            &mut row.shutdown_s,
        ),
    ];
    for (key, about, text) in texts {
        s.text(key, about, "0", text);
    }
}

fn arrival_row<S: Settings>(s: &mut S, row: &mut ArrivalRow) {
    s.text("start", "Rate at its start.", "0", &mut row.start);
    s.text("end", "Rate at its end.", "0", &mut row.end);
    s.text("duration", "Its length in units.", "0", &mut row.duration);
}
