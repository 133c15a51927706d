//! Blocks of samples as columns: differences in time, the rest as they are.

use loadline_events::{ErrorKind, LabelId, NetworkTimes, Sample, SampleFlags, SendOrWait, StepId};
use loadline_units::RunTime;

use crate::wire::{Decoder, Encoder};

/// The columns of `samples`, in the order of [`decode`], in the place of what `out` holds.
pub(crate) fn encode(samples: &[Sample], out: &mut Encoder) {
    out.bytes.clear();
    out.unsigned(samples.len() as u64);
    let mut before = 0;
    for sample in samples {
        let intended = sample.intended.as_micros() as i64;
        out.signed(intended - before);
        before = intended;
    }
    column(out, samples, |sample| sample.start_delay_us);
    column(out, samples, |sample| sample.user_wait_us);
    column(out, samples, |sample| sample.connect_us);
    column(out, samples, |sample| sample.first_byte_us);
    column(out, samples, |sample| sample.service_us);
    column(out, samples, |sample| sample.sent_bytes);
    column(out, samples, |sample| sample.received_bytes);
    column(out, samples, |sample| sample.user);
    column(out, samples, |sample| sample.label.0.into());
    column(out, samples, |sample| sample.step.0.into());
    column(out, samples, |sample| sample.status.into());
    column(out, samples, |sample| {
        u32::from(sample.error as u8) << 8 | u32::from(sample.flags.0)
    });
    if samples.iter().any(|sample| !is_kept_alive(sample)) {
        for (part, _) in NETWORK_TIMES {
            encode_sparse(out, samples, part);
        }
        let (wait, _) = WAIT;
        if samples.iter().any(|sample| wait(&sample.network) > 0) {
            encode_sparse(out, samples, wait);
        }
    }
}

fn column(out: &mut Encoder, samples: &[Sample], value: impl Fn(&Sample) -> u32) {
    // Most columns have small values alone, which have a byte each.
    if samples.iter().all(|sample| value(sample) < 0x80) {
        out.bytes
            .extend(samples.iter().map(|sample| value(sample) as u8));
    } else {
        for sample in samples {
            out.unsigned(value(sample).into());
        }
    }
}

type Part = (fn(&NetworkTimes) -> u32, fn(&mut NetworkTimes, u32));

/// What few samples have: it stands only for those, at the end of a block that has one.
const NETWORK_TIMES: [Part; 4] = [
    (|times| times.resolve_us, |times, us| times.resolve_us = us),
    (|times| times.tcp_us, |times, us| times.tcp_us = us),
    (|times| times.tls_us, |times, us| times.tls_us = us),
    (NetworkTimes::send_us, |times, us| {
        times.send_or_wait = SendOrWait::send(us);
    }),
];

/// Behind [`NETWORK_TIMES`], only in a block in which a sample waited.
const WAIT: Part = (NetworkTimes::wait_us, |times, us| {
    times.send_or_wait = SendOrWait::wait(us);
});

fn is_kept_alive(sample: &Sample) -> bool {
    sample.network == NetworkTimes::default()
}

/// How many samples have the part; for each the distance to the one before, and the part.
fn encode_sparse(out: &mut Encoder, samples: &[Sample], part: fn(&NetworkTimes) -> u32) {
    let having = || {
        let parts = samples.iter().map(|sample| part(&sample.network));
        parts.enumerate().filter(|(_, value)| *value > 0)
    };
    out.unsigned(having().count() as u64);
    let mut before = 0;
    for (index, value) in having() {
        out.unsigned((index - before) as u64);
        out.unsigned(u64::from(value));
        before = index;
    }
}

fn decode_sparse(
    input: &mut Decoder<'_>,
    samples: &mut [Sample],
    set_part: fn(&mut NetworkTimes, u32),
) -> Option<()> {
    let mut index = 0usize;
    for _ in 0..input.count()? {
        index = index.checked_add(input.narrow()?)?;
        set_part(&mut samples.get_mut(index)?.network, input.narrow()?);
    }
    Some(())
}

/// The samples in `bytes`; `None` if they are not what [`encode`] wrote.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<Sample>> {
    let mut input = Decoder::new(bytes);
    let count = input.count()?;
    let mut samples = Vec::with_capacity(count);
    let mut intended = 0i64;
    for _ in 0..count {
        intended = intended.checked_add(input.signed()?)?;
        samples.push(Sample {
            intended: RunTime::from_micros(u64::try_from(intended).ok()?),
            start_delay_us: 0,
            user_wait_us: 0,
            connect_us: 0,
            network: NetworkTimes::default(),
            first_byte_us: 0,
            service_us: 0,
            sent_bytes: 0,
            received_bytes: 0,
            user: 0,
            label: LabelId(0),
            step: StepId(0),
            status: 0,
            error: ErrorKind::None,
            flags: SampleFlags::default(),
        });
    }
    let columns: [fn(&mut Sample, u64) -> Option<()>; 12] = [
        |sample, value| set(&mut sample.start_delay_us, value),
        |sample, value| set(&mut sample.user_wait_us, value),
        |sample, value| set(&mut sample.connect_us, value),
        |sample, value| set(&mut sample.first_byte_us, value),
        |sample, value| set(&mut sample.service_us, value),
        |sample, value| set(&mut sample.sent_bytes, value),
        |sample, value| set(&mut sample.received_bytes, value),
        |sample, value| set(&mut sample.user, value),
        |sample, value| set(&mut sample.label.0, value),
        |sample, value| set(&mut sample.step.0, value),
        |sample, value| set(&mut sample.status, value),
        |sample, value| {
            sample.error = ErrorKind::from_code(u8::try_from(value >> 8).ok()?)?;
            sample.flags = SampleFlags((value & 0xff) as u8);
            Some(())
        },
    ];
    for column in columns {
        for sample in &mut samples {
            column(sample, input.unsigned()?)?;
        }
    }
    if !input.is_at_end() {
        for (_, set_part) in NETWORK_TIMES {
            decode_sparse(&mut input, &mut samples, set_part)?;
        }
    }
    if !input.is_at_end() {
        let (_, set_wait) = WAIT;
        decode_sparse(&mut input, &mut samples, set_wait)?;
    }
    input.is_at_end().then_some(samples)
}

fn set<T: TryFrom<u64>>(field: &mut T, value: u64) -> Option<()> {
    *field = T::try_from(value).ok()?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_read_back() {
        let samples: Vec<Sample> = (0..100u32)
            .map(|index| Sample {
                intended: RunTime::from_micros(u64::from((index * 7919) % 1000)),
                start_delay_us: index,
                user_wait_us: 1,
                connect_us: 2,
                network: NetworkTimes {
                    resolve_us: index / 90,
                    tcp_us: index % 2 * 300,
                    tls_us: u32::MAX,
                    send_or_wait: match index % 3 {
                        0 => SendOrWait::wait(index + 1),
                        _ => SendOrWait::send(index),
                    },
                },
                first_byte_us: 3,
                service_us: u32::MAX - index,
                sent_bytes: 4,
                received_bytes: 5,
                user: index,
                label: LabelId(6),
                step: StepId::NONE,
                status: 503,
                error: ErrorKind::Status,
                flags: SampleFlags::CENSORED.with(SampleFlags::SCHEDULED),
            })
            .collect();
        let mut out = Encoder::default();
        encode(&samples, &mut out);
        let bytes = std::mem::take(&mut out.bytes);
        assert_eq!(decode(&bytes), Some(samples.clone()));
        let mut kept_alive = samples.clone();
        for sample in &mut kept_alive {
            sample.network = NetworkTimes::default();
        }
        encode(&kept_alive, &mut out);
        assert_eq!(decode(&out.bytes), Some(kept_alive));
        let kept_alive_end = out.bytes.len();
        // Without a wait a block is what it was before there were any.
        let mut unwaiting = samples;
        for sample in &mut unwaiting {
            if sample.network.wait_us() > 0 {
                sample.network.send_or_wait = SendOrWait::default();
            }
        }
        encode(&unwaiting, &mut out);
        let unwaiting_end = out.bytes.len();
        assert_eq!(out.bytes, bytes[..unwaiting_end]);
        assert_eq!(decode(&out.bytes), Some(unwaiting));
        // All that is cut off is noticed; what stands only for some samples may not be there.
        let may_end = [kept_alive_end, unwaiting_end];
        for end in (0..bytes.len()).filter(|end| !may_end.contains(end)) {
            assert_eq!(decode(&bytes[..end]), None, "{end}");
        }
        encode(&[], &mut out);
        assert_eq!(decode(&out.bytes), Some(vec![]));
    }
}
