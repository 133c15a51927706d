//! One line for each ten seconds of a run, for pipes and logs.

use crate::number::{self, Quantity};

/// What is known of a run at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Seconds since the start.
    pub elapsed_s: f64,
    /// Planned length in seconds; `None` if the run ends by iterations.
    pub planned_s: Option<f64>,
    /// The current step counted from 1, and how many there are; `None` with fewer than two.
    pub step: Option<(u32, u32)>,
    /// Users running.
    pub users: u32,
    /// Arrivals offered per second (open model).
    pub offered_per_s: Option<f64>,
    /// Samples without error per second, lately.
    pub good_per_s: f64,
    /// Errors per second, lately.
    pub errors_per_s: f64,
    /// Median response time, lately, in microseconds.
    pub p50_us: Option<f64>,
    /// 95th percentile, lately, in microseconds.
    pub p95_us: Option<f64>,
    /// Busiest thread of the server in cores.
    pub busiest_thread: Option<f64>,
    /// Memory of the server in bytes.
    pub memory_bytes: Option<f64>,
    /// Loadline's own CPU over the cores of its threads, and the greatest lateness of a timer of theirs in
    /// microseconds.
    pub own: Option<(f64, f64)>,
}

/// The line of a progress report, without line break: stable fields in a fixed order, two blanks
/// between them.
#[must_use]
pub fn progress_line(progress: &Progress) -> String {
    let mut fields = vec![position(progress.elapsed_s, progress.planned_s)];
    if let Some((step, steps)) = progress.step {
        fields.push(format!("step {step} of {steps}"));
    }
    fields.push(crate::word::counted(u64::from(progress.users), "user"));
    if let Some(offered) = progress.offered_per_s {
        fields.push(format!(
            "offered {}",
            number::value(Quantity::Rate, offered)
        ));
    }
    fields.push(format!(
        "good {}",
        number::value(Quantity::Rate, progress.good_per_s)
    ));
    fields.push(if progress.errors_per_s > 0.0 {
        format!(
            "errors {}",
            number::value(Quantity::Rate, progress.errors_per_s)
        )
    } else {
        "errors 0".to_owned()
    });
    let mut optional = |name: &str, quantity, value: Option<f64>| {
        if let Some(value) = value {
            fields.push(format!("{name} {}", number::value(quantity, value)));
        }
    };
    optional("p50", Quantity::Time, progress.p50_us);
    optional("p95", Quantity::Time, progress.p95_us);
    if let Some(thread) = progress.busiest_thread {
        fields.push(format!("thread {:.0}%", thread.max(0.0) * 100.0));
    }
    if let Some(memory) = progress.memory_bytes {
        fields.push(format!("mem {}", number::value(Quantity::Bytes, memory)));
    }
    if let Some((cpu, lag_us)) = progress.own {
        let lag = number::value(Quantity::Time, lag_us);
        fields.push(format!(
            "own cpu {:.0}%  own lag {lag}",
            cpu.max(0.0) * 100.0
        ));
    }
    fields.join("  ")
}

/// A turning point as a line of its own: `4:31/6:30  first error: HTTP 503 on POST /posts/: …`.
///
/// `text` may come from a server: control characters are taken out and its length is bounded.
#[must_use]
pub fn progress_event(elapsed_s: f64, planned_s: Option<f64>, text: &str) -> String {
    let text: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    format!(
        "{}  {}",
        position(elapsed_s, planned_s),
        crate::sentence::shortened(&text, EVENT_LENGTH)
    )
}

/// Characters of an event at most.
const EVENT_LENGTH: usize = 200;

fn position(elapsed_s: f64, planned_s: Option<f64>) -> String {
    planned_s.map_or_else(
        || number::clock(elapsed_s),
        |planned| format!("{}/{}", number::clock(elapsed_s), number::clock(planned)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_in_a_fixed_order() {
        let progress = Progress {
            elapsed_s: 160.0,
            planned_s: Some(390.0),
            step: None,
            users: 1500,
            offered_per_s: None,
            good_per_s: 135.2,
            errors_per_s: 0.0,
            p50_us: Some(1.07e6),
            p95_us: Some(2.38e6),
            busiest_thread: Some(0.998),
            memory_bytes: Some(154e6),
            own: Some((0.234, 1_200.0)),
        };
        insta::assert_snapshot!(
            progress_line(&progress),
            @"2:40/6:30  1,500 users  good 135/s  errors 0  p50 1.07 s  p95 2.38 s  thread 100%  mem 154 MB  own cpu 23%  own lag 1.20 ms"
        );
    }

    #[test]
    fn events_stay_on_one_line() {
        insta::assert_snapshot!(
            progress_event(271.0, Some(390.0), "first error: HTTP 503 on POST /posts/:\n\u{1b}[2J"),
            @"4:31/6:30  first error: HTTP 503 on POST /posts/:  [2J"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let progress = Progress {
            elapsed_s: 10.0,
            step: Some((2, 3)),
            users: 1,
            errors_per_s: 0.5,
            ..Progress::default()
        };
        insta::assert_snapshot!(
            progress_line(&progress),
            @"0:10  step 2 of 3  1 user  good 0/s  errors 0.500/s"
        );
    }
}
