//! The texts of a load, which are evaluated before the users start.

use crate::{Load, LoopCount, Text};

/// All texts of `load`, in the order of its fields.
pub(super) fn load_texts(load: &Load) -> Vec<&Text> {
    match load {
        Load::Threads {
            users,
            ramp_s,
            loops,
            scheduled,
            delayed_start: _,
        } => {
            let mut texts = vec![users, ramp_s];
            if let LoopCount::Times(times) = loops {
                texts.push(times);
            }
            if let Some(scheduled) = scheduled {
                texts.extend([&scheduled.duration_s, &scheduled.delay_s]);
            }
            texts
        }
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
        } => vec![
            users,
            initial_delay_s,
            start_count,
            start_burst,
            start_period_s,
            ramp_up_s,
            flight_time_s,
            stop_count,
            stop_period_s,
        ],
        Load::Ultimate(rows) => rows
            .iter()
            .flat_map(|row| {
                [
                    &row.users,
                    &row.initial_delay_s,
                    &row.startup_s,
                    &row.hold_s,
                    &row.shutdown_s,
                ]
            })
            .collect(),
        Load::Concurrency {
            target,
            ramp_up,
            steps,
            hold,
            iterations,
            minutes: _,
        } => vec![target, ramp_up, steps, hold, iterations],
        Load::OpenModel {
            schedule,
            random_seed,
        } => vec![schedule, random_seed],
        Load::Arrivals {
            target,
            ramp_up,
            steps,
            hold,
            users,
            minutes: _,
        } => vec![
            target,
            ramp_up,
            steps,
            hold,
            &users.limit,
            &users.iterations,
        ],
        Load::FreeFormArrivals {
            rows,
            users,
            minutes: _,
        } => rows
            .iter()
            .flat_map(|row| [&row.start, &row.end, &row.duration])
            .chain([&users.limit, &users.iterations])
            .collect(),
        Load::Native(_) => Vec::new(),
    }
}
