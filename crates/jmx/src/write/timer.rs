//! Timers.

use loadline_plan::{Element, Text, ThroughputBasis, Timer};

use super::Writer;

const BEAN: &str = "TestBeanGUI";

impl Writer {
    pub(super) fn timer(&mut self, element: &Element, timer: &Timer) {
        match timer {
            Timer::Constant { delay_ms } => {
                self.of(element, "ConstantTimer", "ConstantTimerGui", |writer| {
                    writer.texts(&[("ConstantTimer.delay", delay_ms)]);
                });
            }
            Timer::Uniform {
                offset_ms,
                range_ms,
            } => self.random_timer(
                element,
                ("UniformRandomTimer", "UniformRandomTimerGui"),
                offset_ms,
                range_ms,
            ),
            Timer::Gaussian {
                offset_ms,
                deviation_ms,
            } => self.random_timer(
                element,
                ("GaussianRandomTimer", "GaussianRandomTimerGui"),
                offset_ms,
                deviation_ms,
            ),
            Timer::Poisson { offset_ms, mean_ms } => self.random_timer(
                element,
                ("PoissonRandomTimer", "PoissonRandomTimerGui"),
                offset_ms,
                mean_ms,
            ),
            Timer::Throughput(timer) => {
                self.of(element, "ConstantThroughputTimer", BEAN, |writer| {
                    let mode = match timer.basis {
                        ThroughputBasis::User => 0,
                        ThroughputBasis::AllUsers => 1,
                        ThroughputBasis::Group => 2,
                        ThroughputBasis::AllUsersShared => 3,
                        ThroughputBasis::GroupShared => 4,
                    };
                    writer.xml.number("calcMode", mode);
                    writer.texts(&[("throughput", &timer.per_minute)]);
                });
            }
            Timer::Synchronizing(timer) => {
                self.of(element, "SyncTimer", BEAN, |writer| {
                    writer.texts(&[
                        ("groupSize", &timer.group_size),
                        ("timeoutInMs", &timer.timeout_ms),
                    ]);
                });
            }
            Timer::Precise(timer) => {
                self.of(element, "PreciseThroughputTimer", BEAN, |writer| {
                    writer.texts(&[
                        ("throughput", &timer.throughput),
                        ("throughputPeriod", &timer.period_s),
                        ("duration", &timer.duration_s),
                        ("batchSize", &timer.batch_size),
                        ("randomSeed", &timer.random_seed),
                    ]);
                    // What a new one has; without effect in JMeter 5.6.3.
                    writer.xml.string("batchThreadDelay", "0");
                    writer.xml.string("exactLimit", "10000");
                    writer.xml.string("allowedThroughputSurplus", "1.0");
                });
            }
            Timer::Shaping(timer) => {
                let class = "kg.apc.jmeter.timers.VariableThroughputTimer";
                let gui = "kg.apc.jmeter.timers.VariableThroughputTimerGui";
                self.of(element, class, gui, |writer| {
                    let rows = timer.rows.iter().map(|row| {
                        [
                            row.start.as_str(),
                            row.end.as_str(),
                            row.duration_s.as_str(),
                        ]
                    });
                    writer.xml.rows("load_profile", rows);
                });
            }
        }
    }

    fn random_timer(
        &mut self,
        element: &Element,
        (class, gui): (&str, &str),
        offset_ms: &Text,
        range_ms: &Text,
    ) {
        self.of(element, class, gui, |writer| {
            writer.texts(&[
                ("ConstantTimer.delay", offset_ms),
                ("RandomTimer.range", range_ms),
            ]);
        });
    }
}
