//! What the generator's machine leaves it: CPU that others take away, open files, ports, and the samples that
//! failed for lack of them.

use std::collections::BTreeMap;

use loadline_events::{ErrorKind, Reading, Signal};
use loadline_metrics::RunData;

use super::{Assessment, standing};
use crate::result::{GeneratorResources, HealthSignal, HealthStanding};
use crate::server_series::{ServerView, mean, readings_by_second};
use crate::wording;
use crate::worker_seconds::{GeneratorSecond, GeneratorSeconds, sum_over};

/// Share of open files or ports in use from which little is left.
const LITTLE_LEFT: f64 = 0.8;
/// Shares of CPU taken away that warn, and that make a step invalid.
const TAKEN: (f64, f64) = (0.02, 0.10);

impl Assessment<'_> {
    /// CPU that a hypervisor or a quota took away. Runs of versions that did not read their own machine have
    /// readings of it with those of a server beside them.
    pub(super) fn taken_cpu(&mut self, servers: &[ServerView<'_>]) {
        let by_server = |signal, span| {
            let beside = self.run.facts.generator.shares_host && self.run.generator.is_empty();
            let of_servers = servers.iter().filter(|_| beside);
            let means = of_servers.filter_map(|server| server.mean(signal, span));
            means.reduce(f64::max)
        };
        let own = readings_by_second(&self.run.generator);
        let mean_of = |signal, span: (u32, u32)| {
            let seconds = own.range(span.0..span.1.max(span.0));
            mean(seconds.filter_map(|(_, reading)| reading.value(signal)))
                .or_else(|| by_server(signal, span))
        };
        let spans = self.judged.iter().map(|step| step.window);
        let spans: Vec<Option<(u32, u32)>> = spans.collect();
        let shares = |signal| -> Vec<Option<f64>> {
            let of_span = |span: &Option<(u32, u32)>| mean_of(signal, (*span)?);
            spans.iter().map(of_span).collect()
        };
        let (stolen, held) = (shares(Signal::HostSteal), shares(Signal::CgroupThrottled));
        self.taken(
            "CPU time stolen",
            "taken by the hypervisor for others",
            &stolen,
            |share| format!("the hypervisor took {share} of the CPU away"),
        );
        self.taken(
            "CPU quota",
            "of the periods of its control group, in which the quota held it back",
            &held,
            |share| {
                format!("the CPU quota of its control group held it back in {share} of the time")
            },
        );
    }

    fn taken(
        &mut self,
        name: &str,
        meaning: &str,
        by_step: &[Option<f64>],
        reason: impl Fn(&str) -> String,
    ) {
        let Some(greatest) = by_step.iter().flatten().copied().reduce(f64::max) else {
            return;
        };
        let mut steps = Vec::new();
        for (index, share) in by_step.iter().enumerate() {
            if let Some(share) = share.filter(|share| *share > TAKEN.1) {
                let reason = reason(&wording::percent(share));
                // The cause comes before what came of it.
                let trust = &mut self.trust[index];
                if trust.load.is_empty() {
                    trust.times.push(reason);
                } else {
                    trust.load.insert(0, reason);
                }
                steps.push(self.run.steps[index].step);
            }
        }
        self.signals.push(HealthSignal {
            name: name.to_owned(),
            value: wording::percent(greatest),
            meaning: meaning.to_owned(),
            standing: standing(greatest, TAKEN.0, TAKEN.1),
            steps,
        });
    }

    /// How much is left of what the system hands out.
    pub(super) fn files_and_ports(&mut self) {
        let resources = resources(self.run, self.seconds);
        let limit = self.run.facts.generator.open_files_limit;
        // A run that did not read its own files has at least a file for each connection.
        let files = (limit > 0).then_some((resources.connections, limit));
        let files = resources.open_files.or(files);
        let closed = "for one address and port, which those closed in the last minute still hold";
        for (name, of, meaning) in [
            ("open files", files, "allowed"),
            ("ports", resources.ports, closed),
        ] {
            let Some((used, limit)) = of else { continue };
            let left = limit.saturating_sub(used);
            self.signals.push(HealthSignal {
                name: name.to_owned(),
                value: wording::count(used),
                meaning: format!(
                    "of {} {meaning}; {} left",
                    wording::count(limit),
                    wording::count(left)
                ),
                standing: if used as f64 > LITTLE_LEFT * limit as f64 {
                    HealthStanding::Warning
                } else {
                    HealthStanding::Healthy
                },
                steps: Vec::new(),
            });
        }
        if resources.connections > 0 {
            self.signals.push(HealthSignal {
                name: "open connections".to_owned(),
                value: wording::count(resources.connections),
                meaning: "at once, at most".to_owned(),
                standing: HealthStanding::Healthy,
                steps: Vec::new(),
            });
        }
    }

    /// Samples that failed for this machine's own limits.
    pub(super) fn own_errors(&mut self) {
        let mut by_step: BTreeMap<usize, (u64, Lacking)> = BTreeMap::new();
        let (mut total, mut lacking) = (0, Lacking::default());
        for (key, series) in &self.run.series.errors {
            if key.kind != ErrorKind::Generator {
                continue;
            }
            let what = Lacking::of(&series.first_message);
            lacking = lacking.and(what);
            for ((step, second), count) in &series.counts {
                total += count;
                let index = self.run.steps.iter().position(|own| own.step == *step);
                let Some(index) = index else { continue };
                let (start, end) = self.judged[index].hold;
                if (start..end).contains(second) {
                    let (sum, of_step) = by_step.entry(index).or_default();
                    *sum += count;
                    *of_step = of_step.and(what);
                }
            }
        }
        if total == 0 {
            return;
        }
        let mut steps = Vec::new();
        for (index, (count, of_step)) in by_step {
            self.trust[index].load.push(format!(
                "{} samples failed for lack of {} on this machine",
                wording::count(count),
                of_step.words()
            ));
            steps.push(self.run.steps[index].step);
        }
        self.signals.push(HealthSignal {
            name: "own errors".to_owned(),
            value: wording::count(total),
            meaning: format!("this machine ran out of {}", lacking.words()),
            standing: if steps.is_empty() {
                HealthStanding::Warning
            } else {
                HealthStanding::Invalid
            },
            steps,
        });
    }
}

/// What a machine ran out of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lacking {
    files: bool,
    ports: bool,
    memory: bool,
}

impl Lacking {
    /// By the system's error in the message of a failed sample, whose words differ between systems.
    fn of(message: &str) -> Self {
        let is = |numbers: &[u32]| {
            let said = |number: &u32| message.contains(&format!("(os error {number})"));
            numbers.iter().any(said)
        };
        Self {
            // EMFILE and ENFILE, EADDRNOTAVAIL, ENOMEM and ENOBUFS of Linux.
            files: is(&[24, 23]),
            ports: is(&[99]),
            memory: is(&[12, 105]),
        }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            files: self.files || other.files,
            ports: self.ports || other.ports,
            memory: self.memory || other.memory,
        }
    }

    fn words(self) -> String {
        let known = [
            (self.files, "open files"),
            (self.ports, "ports"),
            (self.memory, "memory"),
        ];
        let known: Vec<&str> = known.iter().filter(|one| one.0).map(|one| one.1).collect();
        match known.as_slice() {
            [] => "files, ports or memory".to_owned(),
            known => known.join(" and "),
        }
    }
}

/// CPU of each engine thread over the seconds of `span`, as a share of a core.
pub(super) fn threads(run: &RunData, span: (u32, u32)) -> Vec<f64> {
    let mut sums: BTreeMap<u16, (u64, u32)> = BTreeMap::new();
    for row in &run.workers {
        if (span.0..span.1).contains(&row.second) {
            let (sum, count) = sums.entry(row.worker).or_default();
            *sum += row.cpu_us;
            *count += 1;
        }
    }
    let mean = |(sum, count): &(u64, u32)| *sum as f64 / 1e6 / f64::from(*count);
    sums.values().map(mean).collect()
}

/// Connections of the generator that were closed in the minute before the end of `second`: as long as a port
/// waits to be used again.
fn closed_of_late(seconds: &GeneratorSeconds, second: u32) -> u64 {
    const WAIT_S: u32 = 60;
    let since = second.saturating_sub(WAIT_S);
    let opened = sum_over(seconds, (since, second + 1), |row| row.opened);
    let open =
        |rows: Option<(&u32, &GeneratorSecond)>| rows.map_or(0, |(_, row)| row.open_connections);
    let before = open(seconds.range(..since).next_back());
    let now = open(seconds.range(..=second).next_back());
    (before + opened).saturating_sub(now)
}

/// The most that was used of what there is.
pub(super) fn resources(run: &RunData, seconds: &GeneratorSeconds) -> GeneratorResources {
    let own = &run.generator;
    let most =
        |value: &dyn Fn(&Reading) -> Option<f64>| own.iter().filter_map(value).reduce(f64::max);
    let signal = |signal| most(&|reading: &Reading| reading.value(signal));
    let count = |value: f64| value as u64;
    let limit = run.facts.generator.open_files_limit;
    let ports = most(&|reading: &Reading| {
        let second = reading.at.second();
        let open = seconds.range(..=second).next_back();
        let open = open.map_or(0, |(_, row)| row.open_connections);
        // Other programs close connections too.
        let waiting = reading.value(Signal::TimeWait)?;
        Some(open as f64 + waiting.min(closed_of_late(seconds, second) as f64))
    });
    let rows = seconds.values().map(|row| row.open_connections);
    GeneratorResources {
        connections: rows.max().unwrap_or(0),
        open_files: signal(Signal::OpenFiles)
            .filter(|_| limit > 0)
            .map(|files| (count(files), limit)),
        ports: ports
            .zip(signal(Signal::PortsLimit))
            .map(|(used, limit)| (count(used), count(limit))),
        recorder_queue: signal(Signal::RecorderQueue).map(count),
        steal: signal(Signal::HostSteal),
        throttled: signal(Signal::CgroupThrottled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_read_from_the_systems_error() {
        let words = |message: &str| Lacking::of(message).words();
        assert_eq!(words("this machine's limit: x (os error 99)"), "ports");
        assert_eq!(words("this machine's limit: x (os error 24)"), "open files");
        assert_eq!(words("x (os error 12)"), "memory");
        assert_eq!(words("address not available"), "files, ports or memory");
        let both = Lacking::of("(os error 23)").and(Lacking::of("(os error 99)"));
        assert_eq!(both.words(), "open files and ports");
    }
}
