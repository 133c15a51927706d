//! Series rows, the generator's account, readings and labels in bytes.

use loadline_events::{ErrorKind, LabelId, Reading, Signal, StepId, WorkerSecond};
use loadline_metrics::{
    Buckets, Distribution, EndedSecond, ErrorKey, IntendedSecond, Label, NetworkParts, SeriesDelta,
    StepTotals,
};
use loadline_units::RunTime;

use crate::wire::{Decoder, Encoder};

pub(crate) fn encode_delta(delta: &SeriesDelta) -> Vec<u8> {
    let mut out = Encoder::default();
    out.unsigned(delta.cells.len() as u64);
    for ((step, label), cell) in &delta.cells {
        out.unsigned(u64::from(step.0));
        out.unsigned(u64::from(label.0));
        out.unsigned(cell.intended.len() as u64);
        for (second, row) in &cell.intended {
            out.unsigned(u64::from(*second));
            encode_distribution(&mut out, &row.response);
            encode_optional(&mut out, row.service.as_deref());
            encode_optional(&mut out, row.without_lag.as_deref());
            out.unsigned(row.errors);
        }
        out.unsigned(cell.ended.len() as u64);
        for (second, row) in &cell.ended {
            out.unsigned(u64::from(*second));
            for value in [
                row.samples,
                row.errors,
                row.response_sum_us,
                row.service_sum_us,
                row.sent_bytes,
                row.received_bytes,
            ] {
                out.unsigned(value);
            }
        }
    }
    out.unsigned(delta.steps.len() as u64);
    for (step, totals) in &delta.steps {
        out.unsigned(u64::from(step.0));
        for distribution in [&totals.connect, &totals.first_byte, &totals.lag] {
            encode_distribution(&mut out, distribution);
        }
        out.unsigned(totals.connections_opened);
        out.unsigned(totals.retried);
        out.unsigned(totals.aborted);
    }
    out.unsigned(delta.errors.len() as u64);
    for (key, errors) in &delta.errors {
        out.unsigned(u64::from(key.kind as u8));
        out.unsigned(u64::from(key.status));
        out.unsigned(u64::from(key.label.0));
        out.text(&errors.first_message);
        out.unsigned(errors.counts.len() as u64);
        for ((step, second), count) in &errors.counts {
            out.unsigned(u64::from(step.0));
            out.unsigned(u64::from(*second));
            out.unsigned(*count);
        }
    }
    // Last, and only where there are any: a kept-alive second has none, and most have no waits.
    let parts = delta
        .steps
        .iter()
        .map(|(step, totals)| (step, &totals.network));
    let having = || (parts.clone()).filter(|(_, network)| **network != NetworkParts::default());
    if having().next().is_some() {
        out.unsigned(having().count() as u64);
        for (step, network) in having() {
            out.unsigned(u64::from(step.0));
            for part in [&network.resolve, &network.tcp, &network.tls, &network.send] {
                encode_distribution(&mut out, part);
            }
        }
    }
    let waiting = || parts.clone().filter(|(_, network)| network.wait.count > 0);
    if waiting().next().is_some() {
        out.unsigned(waiting().count() as u64);
        for (step, network) in waiting() {
            out.unsigned(u64::from(step.0));
            encode_distribution(&mut out, &network.wait);
        }
    }
    out.bytes
}

pub(crate) fn decode_delta(bytes: &[u8]) -> Option<SeriesDelta> {
    let mut input = Decoder::new(bytes);
    let mut delta = SeriesDelta::default();
    for _ in 0..input.count()? {
        let key = (StepId(input.narrow()?), LabelId(input.narrow()?));
        let cell = delta.cells.entry(key).or_default();
        for _ in 0..input.count()? {
            let second = input.narrow()?;
            let row = IntendedSecond {
                response: decode_distribution(&mut input)?,
                service: decode_optional(&mut input)?,
                without_lag: decode_optional(&mut input)?,
                errors: input.unsigned()?,
            };
            cell.intended.insert(second, row);
        }
        for _ in 0..input.count()? {
            let second = input.narrow()?;
            let row = EndedSecond {
                samples: input.unsigned()?,
                errors: input.unsigned()?,
                response_sum_us: input.unsigned()?,
                service_sum_us: input.unsigned()?,
                sent_bytes: input.unsigned()?,
                received_bytes: input.unsigned()?,
            };
            cell.ended.insert(second, row);
        }
    }
    for _ in 0..input.count()? {
        let step = StepId(input.narrow()?);
        let totals = StepTotals {
            connect: decode_distribution(&mut input)?,
            network: NetworkParts::default(),
            first_byte: decode_distribution(&mut input)?,
            lag: decode_distribution(&mut input)?,
            connections_opened: input.unsigned()?,
            retried: input.unsigned()?,
            aborted: input.unsigned()?,
        };
        delta.steps.insert(step, totals);
    }
    for _ in 0..input.count()? {
        let key = ErrorKey {
            kind: ErrorKind::from_code(input.narrow()?)?,
            status: input.narrow()?,
            label: LabelId(input.narrow()?),
        };
        let errors = delta.errors.entry(key).or_default();
        errors.first_message = input.text()?;
        for _ in 0..input.count()? {
            let place = (StepId(input.narrow()?), input.narrow()?);
            errors.counts.insert(place, input.unsigned()?);
        }
    }
    if !input.is_at_end() {
        for _ in 0..input.count()? {
            let step = StepId(input.narrow()?);
            delta.steps.get_mut(&step)?.network = NetworkParts {
                resolve: decode_distribution(&mut input)?,
                tcp: decode_distribution(&mut input)?,
                tls: decode_distribution(&mut input)?,
                send: decode_distribution(&mut input)?,
                wait: Distribution::default(),
            };
        }
    }
    if !input.is_at_end() {
        for _ in 0..input.count()? {
            let step = StepId(input.narrow()?);
            delta.steps.get_mut(&step)?.network.wait = decode_distribution(&mut input)?;
        }
    }
    input.is_at_end().then_some(delta)
}

fn encode_distribution(out: &mut Encoder, distribution: &Distribution) {
    out.unsigned(distribution.buckets.iter().count() as u64);
    let mut before = 0;
    for (index, count) in distribution.buckets.iter() {
        out.unsigned(u64::from(index - before));
        out.unsigned(u64::from(count));
        before = index;
    }
    for value in [
        distribution.count,
        distribution.sum_us,
        distribution.min_us,
        distribution.max_us,
        distribution.censored,
        distribution.censored_min_us,
        distribution.clamped,
    ] {
        out.unsigned(value);
    }
    out.wide(distribution.sum_squares);
}

fn decode_distribution(input: &mut Decoder<'_>) -> Option<Distribution> {
    let mut distribution = Distribution::default();
    let mut buckets = Vec::new();
    let mut counted = 0u64;
    let mut index = 0u16;
    for position in 0..input.count()? {
        let step: u16 = input.narrow()?;
        index = index.checked_add(step)?;
        let known = usize::from(index) < loadline_metrics::BUCKET_COUNT;
        if !known || (position > 0 && step == 0) {
            return None;
        }
        let count = input.narrow()?;
        counted += u64::from(count);
        buckets.push((index, count));
    }
    distribution.buckets = Buckets::from_ascending(buckets);
    distribution.count = input.unsigned()?;
    distribution.sum_us = input.unsigned()?;
    distribution.min_us = input.unsigned()?;
    distribution.max_us = input.unsigned()?;
    distribution.censored = input.unsigned()?;
    distribution.censored_min_us = input.unsigned()?;
    distribution.clamped = input.unsigned()?;
    distribution.sum_squares = input.wide()?;
    (counted == distribution.count).then_some(distribution)
}

fn encode_optional(out: &mut Encoder, distribution: Option<&Distribution>) {
    out.unsigned(u64::from(distribution.is_some()));
    if let Some(distribution) = distribution {
        encode_distribution(out, distribution);
    }
}

fn decode_optional(input: &mut Decoder<'_>) -> Option<Option<Box<Distribution>>> {
    match input.unsigned()? {
        0 => Some(None),
        1 => Some(Some(Box::new(decode_distribution(input)?))),
        _ => None,
    }
}

pub(crate) fn encode_workers(workers: &[WorkerSecond]) -> Vec<u8> {
    let mut out = Encoder::default();
    out.unsigned(workers.len() as u64);
    for row in workers {
        for value in [
            u64::from(row.worker),
            u64::from(row.second),
            row.written_at.as_micros(),
            u64::from(row.users_running),
            u64::from(row.in_flight),
            u64::from(row.open_connections),
            u64::from(row.connections_opened),
            row.arrivals_offered,
            row.arrivals_started,
            row.arrivals_missed,
            row.iterations,
            row.in_sample_us,
            row.think_us,
            row.cpu_us,
            row.samples_dropped,
            row.loop_lag_us.len() as u64,
        ] {
            out.unsigned(value);
        }
        for lag in &row.loop_lag_us {
            out.unsigned(u64::from(*lag));
        }
    }
    out.bytes
}

pub(crate) fn decode_workers(bytes: &[u8]) -> Option<Vec<WorkerSecond>> {
    let mut input = Decoder::new(bytes);
    let mut workers = Vec::new();
    for _ in 0..input.count()? {
        let mut row = WorkerSecond {
            worker: input.narrow()?,
            second: input.narrow()?,
            written_at: RunTime::from_micros(input.unsigned()?),
            users_running: input.narrow()?,
            in_flight: input.narrow()?,
            open_connections: input.narrow()?,
            connections_opened: input.narrow()?,
            arrivals_offered: input.unsigned()?,
            arrivals_started: input.unsigned()?,
            arrivals_missed: input.unsigned()?,
            iterations: input.unsigned()?,
            in_sample_us: input.unsigned()?,
            think_us: input.unsigned()?,
            cpu_us: input.unsigned()?,
            samples_dropped: input.unsigned()?,
            loop_lag_us: Vec::new(),
        };
        for _ in 0..input.count()? {
            row.loop_lag_us.push(input.narrow()?);
        }
        workers.push(row);
    }
    input.is_at_end().then_some(workers)
}

pub(crate) fn encode_readings(readings: &[Reading]) -> Vec<u8> {
    let mut out = Encoder::default();
    out.unsigned(readings.len() as u64);
    for reading in readings {
        out.unsigned(u64::from(reading.server));
        out.unsigned(reading.at.as_micros());
        out.unsigned(match reading.alive {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        });
        // What is not a number was not read.
        let finite = || reading.values.iter().filter(|(_, value)| value.is_finite());
        out.unsigned(finite().count() as u64);
        for (signal, value) in finite() {
            out.unsigned(u64::from(*signal as u8));
            out.float(*value);
        }
    }
    out.bytes
}

pub(crate) fn decode_readings(bytes: &[u8]) -> Option<Vec<Reading>> {
    let mut input = Decoder::new(bytes);
    let mut readings = Vec::new();
    for _ in 0..input.count()? {
        let mut reading = Reading {
            server: input.narrow()?,
            at: RunTime::from_micros(input.unsigned()?),
            alive: match input.unsigned()? {
                0 => None,
                1 => Some(false),
                2 => Some(true),
                _ => return None,
            },
            values: Vec::new(),
        };
        for _ in 0..input.count()? {
            reading
                .values
                .push((Signal::from_code(input.narrow()?)?, input.float()?));
        }
        readings.push(reading);
    }
    input.is_at_end().then_some(readings)
}

pub(crate) fn encode_labels(labels: &[Label]) -> Vec<u8> {
    let mut out = Encoder::default();
    out.unsigned(labels.len() as u64);
    for label in labels {
        out.text(&label.name);
        out.unsigned(u64::from(label.transaction));
    }
    out.bytes
}

pub(crate) fn decode_labels(bytes: &[u8]) -> Option<Vec<Label>> {
    let mut input = Decoder::new(bytes);
    let mut labels = Vec::new();
    for _ in 0..input.count()? {
        labels.push(Label {
            name: input.text()?,
            transaction: input.unsigned()? == 1,
        });
    }
    input.is_at_end().then_some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(network: NetworkParts) -> SeriesDelta {
        let mut delta = SeriesDelta::default();
        let quiet = StepTotals {
            aborted: 1,
            ..StepTotals::default()
        };
        delta.steps.insert(StepId(0), quiet.clone());
        delta
            .steps
            .insert(StepId(3), StepTotals { network, ..quiet });
        delta
    }

    #[test]
    fn the_network_s_parts_read_back_and_those_without_waits_as_before_there_were_any() {
        let sending = NetworkParts {
            send: Distribution::from_values([40, 50]),
            ..NetworkParts::default()
        };
        let all = NetworkParts {
            wait: Distribution::from_values([700, 3_000, 3_000]),
            ..sending.clone()
        };
        let waiting = NetworkParts {
            send: Distribution::default(),
            ..all.clone()
        };
        for network in [&NetworkParts::default(), &sending, &all, &waiting] {
            let delta = delta(network.clone());
            assert_eq!(decode_delta(&encode_delta(&delta)), Some(delta));
        }
        let bytes = encode_delta(&delta(all));
        let may_end = [NetworkParts::default(), sending].map(|network| {
            let older = encode_delta(&delta(network));
            assert_eq!(older, bytes[..older.len()]);
            older.len()
        });
        for end in (0..bytes.len()).filter(|end| !may_end.contains(end)) {
            assert_eq!(decode_delta(&bytes[..end]), None, "{end}");
        }
    }
}
