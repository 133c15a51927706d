//! Per-second series by step and label.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use loadline_events::{ErrorKind, LabelId, StepId};

use crate::{Distribution, Histogram};

/// Samples of one cell whose intended start lies in one second: a fair set of arrivals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntendedSecond {
    /// Response times of all samples, errors included.
    pub response: Distribution,
    /// Service times; `None` when they are the response times.
    pub service: Option<Box<Distribution>>,
    /// Response times without the generator's own lag; `None` when they are the service times.
    pub without_lag: Option<Box<Distribution>>,
    /// Failed samples among them.
    pub errors: u64,
}

impl IntendedSecond {
    /// The service times.
    #[must_use]
    pub fn service(&self) -> &Distribution {
        self.service.as_deref().unwrap_or(&self.response)
    }

    /// The response times without the generator's own lag.
    #[must_use]
    pub fn without_lag(&self) -> &Distribution {
        self.without_lag
            .as_deref()
            .unwrap_or_else(|| self.service())
    }

    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: &IntendedSecond) {
        // An absent distribution stands for another one, so both sides are made explicit before
        // either changes.
        if self.without_lag.is_some() || other.without_lag.is_some() {
            let mut without_lag = self.without_lag().clone();
            without_lag.merge(other.without_lag());
            self.without_lag = Some(Box::new(without_lag));
        }
        if self.service.is_some() || other.service.is_some() {
            let mut service = self.service().clone();
            service.merge(other.service());
            self.service = Some(Box::new(service));
        }
        self.response.merge(&other.response);
        self.errors += other.errors;
    }
}

/// Samples of one cell that ended in one second. Censored samples never ended and are not here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndedSecond {
    /// Samples, errors included.
    pub samples: u64,
    /// Failed samples among them.
    pub errors: u64,
    /// Sum of their response times, in microseconds.
    pub response_sum_us: u64,
    /// Sum of their service times, in microseconds.
    pub service_sum_us: u64,
    /// Bytes sent for them.
    pub sent_bytes: u64,
    /// Bytes received for them.
    pub received_bytes: u64,
}

impl EndedSecond {
    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: &EndedSecond) {
        self.samples += other.samples;
        self.errors += other.errors;
        self.response_sum_us += other.response_sum_us;
        self.service_sum_us += other.service_sum_us;
        self.sent_bytes += other.sent_bytes;
        self.received_bytes += other.received_bytes;
    }
}

/// The seconds of one step and label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellSeries {
    /// By the second of the run in which the intended start lies.
    pub intended: BTreeMap<u32, IntendedSecond>,
    /// By the second of the run in which the sample ended.
    pub ended: BTreeMap<u32, EndedSecond>,
}

impl CellSeries {
    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: CellSeries) {
        for (second, row) in other.intended {
            match self.intended.entry(second) {
                Entry::Vacant(entry) => {
                    entry.insert(row);
                }
                Entry::Occupied(mut entry) => entry.get_mut().merge(&row),
            }
        }
        for (second, row) in other.ended {
            self.ended.entry(second).or_default().merge(&row);
        }
    }
}

/// What is kept by step only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTotals {
    /// Connect times of samples that opened a connection.
    pub connect: Distribution,
    /// The parts of connect times and sending, of samples that have them.
    pub network: NetworkParts,
    /// Times to first byte of samples that got an answer.
    pub first_byte: Distribution,
    /// The generator's own lag of all samples (zero lag included).
    pub lag: Distribution,
    /// Samples that opened a connection.
    pub connections_opened: u64,
    /// Samples sent again on a fresh connection.
    pub retried: u64,
    /// Samples aborted at the end of the run.
    pub aborted: u64,
}

impl StepTotals {
    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: &StepTotals) {
        self.connect.merge(&other.connect);
        self.network.merge(&other.network);
        self.first_byte.merge(&other.first_byte);
        self.lag.merge(&other.lag);
        self.connections_opened += other.connections_opened;
        self.retried += other.retried;
        self.aborted += other.aborted;
    }
}

impl StepTotals {
    /// The sum of `parts`: what merging them one by one gives, without packing each distribution
    /// anew for each of them.
    #[must_use]
    pub fn sum_of(parts: &[StepTotals]) -> StepTotals {
        let sum = |kind: fn(&StepTotals) -> &Distribution| {
            Histogram::of(parts.iter().map(kind)).to_distribution()
        };
        let count = |kind: fn(&StepTotals) -> u64| parts.iter().map(kind).sum();
        StepTotals {
            connect: sum(|part| &part.connect),
            network: NetworkParts {
                resolve: sum(|part| &part.network.resolve),
                tcp: sum(|part| &part.network.tcp),
                tls: sum(|part| &part.network.tls),
                send: sum(|part| &part.network.send),
                wait: sum(|part| &part.network.wait),
            },
            first_byte: sum(|part| &part.first_byte),
            lag: sum(|part| &part.lag),
            connections_opened: count(|part| part.connections_opened),
            retried: count(|part| part.retried),
            aborted: count(|part| part.aborted),
        }
    }
}

/// The network's own parts of samples' times, each over those samples that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkParts {
    /// Looking names up.
    pub resolve: Distribution,
    /// Opening TCP connections.
    pub tcp: Distribution,
    /// TLS handshakes.
    pub tls: Distribution,
    /// Sending, where it took a while.
    pub send: Distribution,
    /// Waits for a turn to open a connection, or for a stream of a shared one.
    pub wait: Distribution,
}

impl NetworkParts {
    /// Adds the samples of `other`.
    pub fn merge(&mut self, other: &NetworkParts) {
        self.resolve.merge(&other.resolve);
        self.tcp.merge(&other.tcp);
        self.tls.merge(&other.tls);
        self.send.merge(&other.send);
        self.wait.merge(&other.wait);
    }
}

/// A class of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorKey {
    /// Why.
    pub kind: ErrorKind,
    /// HTTP status; 0 without response.
    pub status: u16,
    /// Label.
    pub label: LabelId,
}

/// The failures of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorSeries {
    /// Failures by step and second of their end.
    pub counts: BTreeMap<(StepId, u32), u64>,
    /// Text of the first one that was kept; empty if none was.
    pub first_message: String,
}

impl ErrorSeries {
    /// Adds the failures of `other`, which come later.
    pub fn merge(&mut self, other: ErrorSeries) {
        for (place, count) in other.counts {
            *self.counts.entry(place).or_default() += count;
        }
        if self.first_message.is_empty() {
            self.first_message = other.first_message;
        }
    }

    /// Failures in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// First and last second with a failure, in seconds of the run.
    #[must_use]
    pub fn span(&self) -> Option<(u32, u32)> {
        let seconds = || self.counts.keys().map(|(_, second)| *second);
        Some((seconds().min()?, seconds().max()?))
    }
}

/// All series of a run; also what one flush of the recorder adds to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSeries {
    /// By step and label.
    pub cells: BTreeMap<(StepId, LabelId), CellSeries>,
    /// By step.
    pub steps: BTreeMap<StepId, StepTotals>,
    /// By class of failure.
    pub errors: BTreeMap<ErrorKey, ErrorSeries>,
}

/// What a flush adds to a [`RunSeries`]: the same shape, few rows.
pub type SeriesDelta = RunSeries;

impl RunSeries {
    /// Adds everything of `delta`.
    pub fn merge(&mut self, delta: SeriesDelta) {
        for (key, cell) in delta.cells {
            self.cells.entry(key).or_default().merge(cell);
        }
        for (step, totals) in &delta.steps {
            self.steps.entry(*step).or_default().merge(totals);
        }
        for (key, errors) in delta.errors {
            self.errors.entry(key).or_default().merge(errors);
        }
    }

    /// The same series under other labels, as `label` says; those of one new label are added up.
    #[must_use]
    pub fn with_labels(self, label: impl Fn(LabelId) -> LabelId) -> RunSeries {
        let mut series = RunSeries {
            steps: self.steps,
            ..RunSeries::default()
        };
        for ((step, own), cell) in self.cells {
            let key = (step, label(own));
            series.cells.entry(key).or_default().merge(cell);
        }
        for (key, errors) in self.errors {
            let key = ErrorKey {
                label: label(key.label),
                ..key
            };
            series.errors.entry(key).or_default().merge(errors);
        }
        series
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.errors.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(label: u16, response_us: u64, message: &str) -> RunSeries {
        let mut series = RunSeries::default();
        let cell = series.cells.entry((StepId(0), LabelId(label))).or_default();
        let second = cell.intended.entry(3).or_default();
        second.response = Distribution::from_values([response_us]);
        cell.ended.entry(4).or_default().samples = 1;
        let key = ErrorKey {
            kind: ErrorKind::Status,
            status: 503,
            label: LabelId(label),
        };
        let errors = series.errors.entry(key).or_default();
        errors.counts.insert((StepId(0), 4), 1);
        errors.first_message = message.to_owned();
        series
    }

    #[test]
    fn the_sum_of_totals_is_what_merging_gives() {
        let totals = |from: u64| {
            let times = || Distribution::from_values((0..5).map(|index| from * index * 37));
            StepTotals {
                connect: times(),
                network: NetworkParts {
                    tls: times(),
                    wait: times(),
                    ..NetworkParts::default()
                },
                lag: times(),
                connections_opened: from,
                retried: 1,
                ..StepTotals::default()
            }
        };
        let parts: Vec<StepTotals> = (0..9).map(totals).collect();
        let mut merged = StepTotals::default();
        parts.iter().for_each(|part| merged.merge(part));
        assert_eq!(StepTotals::sum_of(&parts), merged);
    }

    #[test]
    fn series_that_come_under_one_label_are_added_up() {
        let mut apart = series(1, 10, "first");
        apart.merge(series(2, 20, "second"));
        let mut together = series(7, 10, "first");
        together.merge(series(7, 20, "second"));
        assert_eq!(apart.with_labels(|_| LabelId(7)), together);
        let swapped = series(1, 10, "").with_labels(|label| LabelId(label.0 + 1));
        assert_eq!(swapped, series(2, 10, ""));
    }
}
