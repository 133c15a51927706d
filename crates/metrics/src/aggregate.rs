//! Turns blocks of samples into per-second series.

use std::collections::BTreeMap;

use loadline_events::{LabelId, NetworkTimes, Sample, SampleFlags, StepId};
use loadline_units::RunTime;
use rustc_hash::FxHashMap;

use crate::Distribution;
use crate::bucket::bucket_of;
use crate::series::{EndedSecond, ErrorKey, IntendedSecond, NetworkParts, SeriesDelta, StepTotals};

/// Collects samples until the next flush. One for the whole run, off the engine's threads.
#[derive(Debug, Default)]
pub struct Aggregator {
    intended: FxHashMap<Place, PendingSecond>,
    ended: FxHashMap<Place, EndedSecond>,
    steps: BTreeMap<StepId, PendingStep>,
    errors: BTreeMap<ErrorKey, BTreeMap<(StepId, u32), u64>>,
    messages: BTreeMap<ErrorKey, String>,
    /// Lists of the seconds before, to be filled again.
    spares: Spares,
}

/// A second of a step and label.
type Place = (StepId, LabelId, u32);

/// Emptied lists of buckets: a run at full speed would otherwise ask for the same memory anew each
/// second, and free it in pieces.
#[derive(Debug, Default)]
struct Spares(Vec<Vec<u16>>);

/// Lists that are kept: those of a plan with few labels, whose lists are long.
const SPARE_LISTS: usize = 8;

impl Spares {
    fn take(&mut self) -> Pending {
        Pending {
            totals: Distribution::default(),
            indexes: self.0.pop().unwrap_or_default(),
        }
    }

    fn give_back(&mut self, mut list: Vec<u16>) {
        if self.0.len() < SPARE_LISTS && list.capacity() > 0 {
            list.clear();
            self.0.push(list);
        }
    }
}

/// Values of one distribution, before they are sorted into buckets.
#[derive(Clone, Debug, Default)]
struct Pending {
    totals: Distribution,
    indexes: Vec<u16>,
}

impl Pending {
    fn push(&mut self, value_us: u64, censored: bool) {
        self.totals.count_value(value_us);
        if censored {
            self.totals.count_censored(value_us);
        }
        self.indexes.push(bucket_of(value_us));
    }

    fn finish(mut self, spares: &mut Spares) -> Distribution {
        let mut distribution = self.totals;
        distribution.set_buckets(&mut self.indexes);
        spares.give_back(self.indexes);
        distribution
    }
}

/// The times of one second. A list that would be the same as the one before it is not kept, which
/// without a schedule is every one but the first.
#[derive(Debug, Default)]
struct PendingSecond {
    response: Pending,
    /// `None` as long as all service times are the response times.
    service: Option<Pending>,
    /// `None` as long as all are the service times.
    without_lag: Option<Pending>,
    errors: u64,
}

/// The times of one sample, in microseconds.
struct Times {
    response: u64,
    service: u64,
    without_lag: u64,
    censored: bool,
}

#[derive(Debug, Default)]
struct PendingStep {
    connect: Pending,
    resolve: Pending,
    tcp: Pending,
    tls: Pending,
    send: Pending,
    wait: Pending,
    first_byte: Pending,
    lag: Pending,
    connections_opened: u64,
    retried: u64,
    aborted: u64,
}

impl Aggregator {
    /// Adds a block of samples, in any order. Those that follow each other in the same place are added
    /// together.
    pub fn add(&mut self, samples: &[Sample]) {
        for same in samples.chunk_by(|a, b| response_place(a) == response_place(b)) {
            self.add_response_times(response_place(&same[0]), same);
        }
        let ended = |sample: &Sample| (sample.step, sample.label, sample.ended().second());
        for same in samples.chunk_by(|a, b| ended(a) == ended(b)) {
            self.add_ended(ended(&same[0]), same);
        }
        let step = |sample: &Sample| (sample.step, sample.flags.contains(SampleFlags::TRANSACTION));
        for same in samples.chunk_by(|a, b| step(a) == step(b)) {
            if !same[0].flags.contains(SampleFlags::TRANSACTION) {
                self.add_to_step(same[0].step, same);
            }
        }
    }

    /// Remembers `message` as the text of the class `key`, unless it has one since the last flush.
    pub fn add_message(&mut self, key: ErrorKey, message: &str) {
        self.messages
            .entry(key)
            .or_insert_with(|| message.to_owned());
    }

    /// What was added since the last flush.
    pub fn flush(&mut self) -> SeriesDelta {
        let mut delta = SeriesDelta::default();
        for ((step, label, second), pending) in taken_in_order(&mut self.intended) {
            let cell = delta.cells.entry((step, label)).or_default();
            cell.intended
                .insert(second, pending.finish(&mut self.spares));
        }
        for ((step, label, second), row) in taken_in_order(&mut self.ended) {
            delta
                .cells
                .entry((step, label))
                .or_default()
                .ended
                .insert(second, row);
        }
        for (step, pending) in std::mem::take(&mut self.steps) {
            delta.steps.insert(step, pending.finish(&mut self.spares));
        }
        for (key, counts) in std::mem::take(&mut self.errors) {
            delta.errors.entry(key).or_default().counts = counts;
        }
        for (key, message) in std::mem::take(&mut self.messages) {
            delta.errors.entry(key).or_default().first_message = message;
        }
        delta
    }

    /// Adds the response times of `samples`, which all belong to `place`.
    fn add_response_times(&mut self, place: Place, samples: &[Sample]) {
        let spares = &mut self.spares;
        let pending = self.intended.entry(place).or_insert_with(|| PendingSecond {
            response: spares.take(),
            ..PendingSecond::default()
        });
        for sample in samples {
            let response = sample.response_us();
            let lag = if sample.flags.contains(SampleFlags::SCHEDULED) {
                sample.lag_us()
            } else {
                0
            };
            pending.push(&Times {
                response,
                service: u64::from(sample.service_us),
                without_lag: response - u64::from(lag),
                censored: sample.is_censored(),
            });
            pending.errors += u64::from(sample.is_error());
        }
    }

    /// Counts `samples`, which all ended in `place`.
    fn add_ended(&mut self, place: Place, samples: &[Sample]) {
        let mut sum = EndedSecond::default();
        for sample in samples.iter().filter(|sample| !sample.is_censored()) {
            sum.merge(&EndedSecond {
                samples: 1,
                errors: u64::from(sample.is_error()),
                response_sum_us: sample.response_us(),
                service_sum_us: u64::from(sample.service_us),
                sent_bytes: u64::from(sample.sent_bytes),
                received_bytes: u64::from(sample.received_bytes),
            });
        }
        if sum.samples > 0 {
            self.ended.entry(place).or_default().merge(&sum);
        }
        let (step, _, second) = place;
        for sample in samples.iter().filter(|sample| sample.is_error()) {
            let key = ErrorKey {
                kind: sample.error,
                status: sample.status,
                label: sample.label,
            };
            let counts = self.errors.entry(key).or_default();
            *counts.entry((step, second)).or_default() += 1;
        }
    }

    /// Adds what is kept for the whole of `step` of `samples`, which are no transactions.
    fn add_to_step(&mut self, step: StepId, samples: &[Sample]) {
        let spares = &mut self.spares;
        let step = self.steps.entry(step).or_insert_with(|| PendingStep {
            first_byte: spares.take(),
            lag: spares.take(),
            ..PendingStep::default()
        });
        for sample in samples {
            step.add(sample);
        }
    }
}

/// All rows, ascending; their map keeps its room.
fn taken_in_order<T>(rows: &mut FxHashMap<Place, T>) -> Vec<(Place, T)> {
    let mut taken: Vec<(Place, T)> = rows.drain().collect();
    taken.sort_unstable_by_key(|row| row.0);
    taken
}

/// Where a sample's response time belongs.
fn response_place(sample: &Sample) -> Place {
    (sample.step, sample.label, response_second(sample))
}

/// The second to which a sample's response time belongs: that of its intended start, or of its
/// actual start where there is no schedule.
fn response_second(sample: &Sample) -> u32 {
    if sample.flags.contains(SampleFlags::SCHEDULED) {
        sample.intended.second()
    } else {
        let micros = sample.intended.as_micros() + u64::from(sample.start_delay_us);
        RunTime::from_micros(micros).second()
    }
}

impl PendingSecond {
    fn push(&mut self, times: &Times) {
        if times.without_lag != times.service && self.without_lag.is_none() {
            let same = self.service.as_ref().unwrap_or(&self.response);
            self.without_lag = Some(same.clone());
        }
        if times.service != times.response && self.service.is_none() {
            self.service = Some(self.response.clone());
        }
        self.response.push(times.response, times.censored);
        if let Some(service) = &mut self.service {
            service.push(times.service, times.censored);
        }
        if let Some(without_lag) = &mut self.without_lag {
            without_lag.push(times.without_lag, times.censored);
        }
    }

    fn finish(self, spares: &mut Spares) -> IntendedSecond {
        let response = self.response.finish(spares);
        let service = self.service.map(|times| times.finish(spares));
        let without_lag = self.without_lag.map(|times| times.finish(spares));
        // Different times may have come to the same distribution after all.
        let own_lag = without_lag.filter(|own| own != service.as_ref().unwrap_or(&response));
        let own_service = service.filter(|own| *own != response);
        IntendedSecond {
            without_lag: own_lag.map(Box::new),
            service: own_service.map(Box::new),
            response,
            errors: self.errors,
        }
    }
}

impl PendingStep {
    fn add(&mut self, sample: &Sample) {
        if sample.flags.contains(SampleFlags::NEW_CONNECTION) {
            self.connections_opened += 1;
            self.connect.push(u64::from(sample.connect_us), false);
        }
        if sample.network != NetworkTimes::default() {
            self.add_network(&sample.network);
        }
        if sample.first_byte_us > 0 {
            self.first_byte.push(u64::from(sample.first_byte_us), false);
        }
        self.lag.push(u64::from(sample.lag_us()), false);
        self.retried += u64::from(sample.flags.contains(SampleFlags::RETRIED));
        self.aborted += u64::from(sample.error == loadline_events::ErrorKind::Aborted);
    }

    fn add_network(&mut self, times: &NetworkTimes) {
        for (pending, time_us) in [
            (&mut self.resolve, times.resolve_us),
            (&mut self.tcp, times.tcp_us),
            (&mut self.tls, times.tls_us),
            (&mut self.send, times.send_us()),
            (&mut self.wait, times.wait_us()),
        ] {
            if time_us > 0 {
                pending.push(u64::from(time_us), false);
            }
        }
    }

    fn finish(self, spares: &mut Spares) -> StepTotals {
        StepTotals {
            connect: self.connect.finish(spares),
            network: NetworkParts {
                resolve: self.resolve.finish(spares),
                tcp: self.tcp.finish(spares),
                tls: self.tls.finish(spares),
                send: self.send.finish(spares),
                wait: self.wait.finish(spares),
            },
            first_byte: self.first_byte.finish(spares),
            lag: self.lag.finish(spares),
            connections_opened: self.connections_opened,
            retried: self.retried,
            aborted: self.aborted,
        }
    }
}

#[cfg(test)]
mod tests {
    use loadline_events::{ErrorKind, SendOrWait};

    use super::*;

    fn sample(intended_ms: u64, service_ms: u32) -> Sample {
        Sample {
            intended: RunTime::from_micros(intended_ms * 1000),
            start_delay_us: 0,
            user_wait_us: 0,
            connect_us: 0,
            network: NetworkTimes::default(),
            first_byte_us: 1,
            service_us: service_ms * 1000,
            sent_bytes: 10,
            received_bytes: 20,
            user: 0,
            label: LabelId(0),
            step: StepId(0),
            status: 200,
            error: ErrorKind::None,
            flags: SampleFlags::default(),
        }
    }

    #[test]
    fn responses_belong_to_their_start_and_completions_to_their_end() {
        let mut aggregator = Aggregator::default();
        aggregator.add(&[sample(900, 200)]);
        let delta = aggregator.flush();
        let cell = &delta.cells[&(StepId(0), LabelId(0))];
        assert_eq!(cell.intended.keys().collect::<Vec<_>>(), [&0]);
        assert_eq!(cell.ended.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!(aggregator.flush(), SeriesDelta::default());
    }

    #[test]
    fn a_late_start_counts_only_under_a_schedule() {
        let mut scheduled = sample(0, 10);
        scheduled.start_delay_us = 5_000;
        scheduled.flags = SampleFlags::SCHEDULED;
        let mut thinking = scheduled;
        thinking.flags = SampleFlags::default();
        let mut aggregator = Aggregator::default();
        aggregator.add(&[scheduled, thinking]);
        let delta = aggregator.flush();
        let second = &delta.cells[&(StepId(0), LabelId(0))].intended[&0];
        assert_eq!(
            (second.response.min_us, second.response.max_us),
            (10_000, 15_000)
        );
        assert_eq!(second.service().max_us, 10_000);
        assert_eq!(second.without_lag, None);
    }

    #[test]
    fn waits_for_a_stream_are_kept_apart_from_sending_and_from_transactions() {
        let with = |send_or_wait| Sample {
            network: NetworkTimes {
                send_or_wait,
                ..NetworkTimes::default()
            },
            ..sample(0, 10)
        };
        let mut transaction = with(SendOrWait::wait(70));
        transaction.flags = SampleFlags::TRANSACTION;
        let mut aggregator = Aggregator::default();
        aggregator.add(&[
            with(SendOrWait::wait(300)),
            with(SendOrWait::send(20)),
            with(SendOrWait::wait(500)),
            sample(0, 10),
            transaction,
        ]);
        let delta = aggregator.flush();
        let parts = &delta.steps[&StepId(0)].network;
        assert_eq!((parts.wait.count, parts.wait.sum_us), (2, 800));
        assert_eq!((parts.send.count, parts.send.sum_us), (1, 20));
    }

    #[test]
    fn times_that_part_late_are_kept_from_the_first_on() {
        let on_time = sample(0, 10);
        let mut late = sample(0, 20);
        late.start_delay_us = 5_000;
        late.user_wait_us = 2_000;
        late.flags = SampleFlags::SCHEDULED;
        let mut aggregator = Aggregator::default();
        aggregator.add(&[on_time, on_time, late, on_time]);
        let delta = aggregator.flush();
        let second = &delta.cells[&(StepId(0), LabelId(0))].intended[&0];
        let times = |distribution: &Distribution| (distribution.count, distribution.sum_us);
        assert_eq!(times(&second.response), (4, 55_000));
        assert_eq!(times(second.service()), (4, 50_000));
        // Three of the five milliseconds were the generator's own.
        assert_eq!(times(second.without_lag()), (4, 52_000));
    }

    #[test]
    fn flushes_add_up_to_one_flush_of_all() {
        let samples: Vec<Sample> = (0..200).map(|i| sample(i * 37, (i % 17) as u32)).collect();
        let mut at_once = Aggregator::default();
        at_once.add(&samples);
        let whole = at_once.flush();
        let mut parts = SeriesDelta::default();
        let mut aggregator = Aggregator::default();
        for block in samples.chunks(13) {
            aggregator.add(block);
            parts.merge(aggregator.flush());
        }
        assert_eq!(parts, whole);
    }
}
