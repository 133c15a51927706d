//! Timers.

use loadline_plan::{
    ElementKind, PreciseThroughputTimer, ShapingTimer, ShapingTimerRow, SynchronizingTimer, Text,
    ThroughputBasis, ThroughputTimer, Timer,
};

use super::{Form, Settings, form};

const BASES: &[(&str, ThroughputBasis)] = &[
    ("user", ThroughputBasis::User),
    ("all_users", ThroughputBasis::AllUsers),
    ("group", ThroughputBasis::Group),
    ("all_users_shared", ThroughputBasis::AllUsersShared),
    ("group_shared", ThroughputBasis::GroupShared),
];

pub(super) const FORMS: &[Form] = &[
    form(
        "constant_timer",
        "The same delay before each request.",
        || {
            ElementKind::Timer(Timer::Constant {
                delay_ms: Text::default(),
            })
        },
    ),
    form("uniform_timer", "A delay drawn evenly.", || {
        ElementKind::Timer(Timer::Uniform {
            offset_ms: Text::default(),
            range_ms: Text::default(),
        })
    }),
    form(
        "gaussian_timer",
        "A delay drawn from a normal distribution.",
        || {
            ElementKind::Timer(Timer::Gaussian {
                offset_ms: Text::default(),
                deviation_ms: Text::default(),
            })
        },
    ),
    form(
        "poisson_timer",
        "A delay drawn from a Poisson distribution.",
        || {
            ElementKind::Timer(Timer::Poisson {
                offset_ms: Text::default(),
                mean_ms: Text::default(),
            })
        },
    ),
    form(
        "constant_throughput_timer",
        "Holds samples back to a pace, and never catches up.",
        || {
            ElementKind::Timer(Timer::Throughput(ThroughputTimer {
                per_minute: Text::default(),
                basis: ThroughputBasis::User,
            }))
        },
    ),
    form(
        "synchronizing_timer",
        "Users wait until enough have come.",
        || {
            ElementKind::Timer(Timer::Synchronizing(SynchronizingTimer {
                group_size: Text::default(),
                timeout_ms: Text::default(),
            }))
        },
    ),
    form(
        "precise_throughput_timer",
        "Samples start at random times, so many in each period.",
        || {
            ElementKind::Timer(Timer::Precise(PreciseThroughputTimer {
                throughput: Text::default(),
                period_s: Text::default(),
                duration_s: Text::default(),
                batch_size: Text::default(),
                random_seed: Text::default(),
            }))
        },
    ),
    form(
        "throughput_shaping_timer",
        "Samples start at a rate over time.",
        || {
            ElementKind::Timer(Timer::Shaping(ShapingTimer {
                name: Text::default(),
                rows: Vec::new(),
            }))
        },
    ),
];

pub(super) fn key_of(timer: &Timer) -> &'static str {
    match timer {
        Timer::Constant { .. } => "constant_timer",
        Timer::Uniform { .. } => "uniform_timer",
        Timer::Gaussian { .. } => "gaussian_timer",
        Timer::Poisson { .. } => "poisson_timer",
        Timer::Throughput(_) => "constant_throughput_timer",
        Timer::Synchronizing(_) => "synchronizing_timer",
        Timer::Precise(_) => "precise_throughput_timer",
        Timer::Shaping(_) => "throughput_shaping_timer",
    }
}

pub(super) fn settings<S: Settings>(timer: &mut Timer, s: &mut S) {
    match timer {
        Timer::Constant { delay_ms } => {
            s.text("delay_ms", "Delay in milliseconds.", "0", delay_ms);
        }
        Timer::Uniform {
            offset_ms,
            range_ms,
        } => {
            s.text("offset_ms", "Least delay in milliseconds.", "0", offset_ms);
            s.text("range_ms", "Width in milliseconds.", "0", range_ms);
        }
        Timer::Gaussian {
            offset_ms,
            deviation_ms,
        } => {
            s.text("offset_ms", "Mean in milliseconds.", "0", offset_ms);
            s.text(
                "deviation_ms",
                "Standard deviation in milliseconds.",
                "0",
                deviation_ms,
            );
        }
        Timer::Poisson { offset_ms, mean_ms } => {
            s.text("offset_ms", "Least delay in milliseconds.", "0", offset_ms);
            s.text("mean_ms", "Mean of the rest in milliseconds.", "0", mean_ms);
        }
        Timer::Throughput(own) => {
            s.text(
                "per_minute",
                "Samples per minute.",
                "0",
                &mut own.per_minute,
            );
            s.word("basis", "Whose samples count.", BASES, &mut own.basis);
        }
        Timer::Synchronizing(own) => {
            s.text(
                "group_size",
                "How many users go on together; 0 for all of the group.",
                "0",
                &mut own.group_size,
            );
            s.text(
                "timeout_ms",
                "Longest wait in milliseconds; 0 is without end.",
                "0",
                &mut own.timeout_ms,
            );
        }
        Timer::Precise(own) => {
            s.text(
                "throughput",
                "Samples in each period.",
                "100",
                &mut own.throughput,
            );
            s.text(
                "period_s",
                "Seconds of a period.",
                "3600",
                &mut own.period_s,
            );
            s.text(
                "duration_s",
                "Seconds in which the number of samples is exact.",
                "3600",
                &mut own.duration_s,
            );
            s.text(
                "batch_size",
                "Samples that are due together.",
                "1",
                &mut own.batch_size,
            );
            s.text(
                "random_seed",
                "Seed of Java's generator; 0 is none.",
                "0",
                &mut own.random_seed,
            );
        }
        Timer::Shaping(own) => s.rows(
            "rows",
            "The rate, row after row.",
            &mut own.rows,
            shaping_row,
        ),
    }
}

fn shaping_row<S: Settings>(s: &mut S, row: &mut ShapingTimerRow) {
    s.text(
        "start",
        "Samples per second at its start.",
        "",
        &mut row.start,
    );
    s.text("end", "Samples per second at its end.", "", &mut row.end);
    s.text(
        "duration_s",
        "Its length in seconds.",
        "",
        &mut row.duration_s,
    );
}
