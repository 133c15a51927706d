//! Compiles timers and their numbers.

use crate::program::{
    Number, PreciseProgram, ShapingProgram, SynchronizingProgram, ThroughputProgram, TimerId,
    TimerProgram,
};
use crate::{Location, Text, Timer};

use super::Compiler;

impl Compiler {
    /// Compiles a timer, or the length of a pause.
    pub(super) fn timer(&mut self, timer: &Timer, location: &Location) -> TimerProgram {
        match timer {
            Timer::Constant { delay_ms } => TimerProgram::Constant {
                delay_ms: self.number(delay_ms, location),
            },
            Timer::Uniform {
                offset_ms,
                range_ms,
            } => TimerProgram::Uniform {
                offset_ms: self.number(offset_ms, location),
                range_ms: self.number(range_ms, location),
            },
            Timer::Gaussian {
                offset_ms,
                deviation_ms,
            } => TimerProgram::Gaussian {
                offset_ms: self.number(offset_ms, location),
                deviation_ms: self.number(deviation_ms, location),
            },
            Timer::Poisson { offset_ms, mean_ms } => TimerProgram::Poisson {
                offset_ms: self.number(offset_ms, location),
                mean_ms: self.number(mean_ms, location),
            },
            Timer::Throughput(timer) => TimerProgram::Throughput(ThroughputProgram {
                id: self.next_timer(),
                per_minute: self.number_of(&timer.per_minute, "samples", location),
                basis: timer.basis,
            }),
            Timer::Synchronizing(timer) => TimerProgram::Synchronizing(SynchronizingProgram {
                id: self.next_timer(),
                group_size: self.number_of(&timer.group_size, "users", location),
                timeout_ms: self.number(&timer.timeout_ms, location),
            }),
            Timer::Precise(timer) => TimerProgram::Precise(Box::new(PreciseProgram {
                id: self.next_timer(),
                throughput: self.number_of(&timer.throughput, "samples", location),
                period_s: self.number_of(&timer.period_s, "seconds", location),
                duration_s: self.number_of(&timer.duration_s, "seconds", location),
                batch_size: self.number_of(&timer.batch_size, "samples", location),
                random_seed: self.template(&timer.random_seed, location),
            })),
            Timer::Shaping(timer) => TimerProgram::Shaping(ShapingProgram {
                id: self.next_timer(),
                name: self.template(&timer.name, location),
                rows: (timer.rows.iter())
                    .map(|row| {
                        [&row.start, &row.end, &row.duration_s]
                            .map(|text| self.template(text, location))
                    })
                    .collect(),
            }),
        }
    }

    fn next_timer(&mut self) -> TimerId {
        self.timer_count += 1;
        TimerId(self.timer_count - 1)
    }

    fn number(&mut self, text: &Text, location: &Location) -> Number {
        self.number_of(text, "milliseconds", location)
    }

    /// Compiles a number of `unit`; a text that is none is reported and is 0, as in JMeter. Empty is 0.
    fn number_of(&mut self, text: &Text, unit: &str, location: &Location) -> Number {
        let template = self.template(text, location);
        let Some(literal) = template.as_literal() else {
            return Number::Text(template);
        };
        let literal = literal.trim();
        // A text with references that could not be taken apart has its finding already.
        if literal.is_empty() || literal.contains("${") {
            return Number::Fixed(0.0);
        }
        match literal.parse::<f64>() {
            Ok(number) if number.is_finite() => Number::Fixed(number),
            _ => {
                let finding = crate::Diagnostic::error(
                    "not-a-number",
                    location.clone(),
                    format!("`{literal}` is not a number of {unit}"),
                );
                self.diagnostics
                    .push(
                        super::names::soften(finding, self.lenient).with_help(if self.lenient {
                            "it counts as 0, as in JMeter"
                        } else {
                            "write digits, such as `500`"
                        }),
                    );
                Number::Fixed(0.0)
            }
        }
    }
}
