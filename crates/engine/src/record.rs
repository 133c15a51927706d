//! From an outcome to what is recorded of it.

use loadline_events::{ErrorKind, LabelId, NetworkTimes, Sample, SampleFlags, StepId};
use loadline_units::RunTime;

use crate::{FailureNote, Outcome};

/// Longest text of a failure, in characters.
const MESSAGE_CHARS: usize = 200;

/// What is known of a sample when it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planned {
    /// When it was to start.
    pub(crate) intended: RunTime,
    /// How long it waited, from then on, for a user that was free.
    pub(crate) user_wait_us: u32,
    pub(crate) user: u32,
    pub(crate) label: LabelId,
    pub(crate) step: StepId,
    pub(crate) flags: SampleFlags,
}

impl Planned {
    /// The sample as far as it is known when it starts, at `started`.
    pub(crate) fn started(self, started: RunTime) -> Sample {
        Sample {
            intended: self.intended,
            start_delay_us: started.micros_since(self.intended),
            user_wait_us: self.user_wait_us,
            connect_us: 0,
            network: NetworkTimes::default(),
            first_byte_us: 0,
            service_us: 0,
            sent_bytes: 0,
            received_bytes: 0,
            user: self.user,
            label: self.label,
            step: self.step,
            status: 0,
            error: ErrorKind::None,
            flags: self.flags,
        }
    }
}

/// The `planned` sample with what came of it.
pub(crate) fn finished(planned: Planned, outcome: &Outcome) -> Sample {
    let mut flags = planned.flags;
    if outcome.retried {
        flags = flags.with(SampleFlags::RETRIED);
    }
    if outcome.connections_opened > 0 {
        flags = flags.with(SampleFlags::NEW_CONNECTION);
    }
    let start_delay_us = outcome.started.micros_since(planned.intended);
    // Others were before it, which is not the generator's lag.
    let user_wait_us = (planned.user_wait_us).saturating_add(outcome.network.wait_us());
    Sample {
        start_delay_us,
        user_wait_us: user_wait_us.min(start_delay_us),
        connect_us: outcome.connect_us,
        network: outcome.network,
        first_byte_us: outcome.first_byte_us,
        service_us: outcome.ended.micros_since(outcome.started),
        sent_bytes: outcome.sent_bytes,
        received_bytes: outcome.received_bytes,
        status: outcome.status,
        error: outcome
            .error
            .as_ref()
            .map_or(ErrorKind::None, |error| error.kind),
        flags,
        ..planned.started(outcome.started)
    }
}

/// The `planned` sample, begun at `started` and still under way at `now`: its times are lower
/// bounds.
pub(crate) fn censored(planned: Planned, started: RunTime, now: RunTime) -> Sample {
    Sample {
        service_us: now.micros_since(started),
        error: ErrorKind::Aborted,
        flags: planned.flags.with(SampleFlags::CENSORED),
        ..planned.started(started)
    }
}

/// The text of the failed `sample`.
pub(crate) fn failure_note(sample: Sample, outcome: &Outcome) -> FailureNote {
    let (code, message) = match &outcome.error {
        Some(error) => (error.code.as_ref(), one_line(&error.message)),
        None => ("", String::new()),
    };
    let body = &outcome.response.body;
    let message = if sample.error == ErrorKind::Status && !body.is_empty() {
        one_line(&String::from_utf8_lossy(
            &body[..body.len().min(4 * MESSAGE_CHARS)],
        ))
    } else {
        message
    };
    FailureNote {
        sample,
        code: code.to_owned(),
        message,
    }
}

/// The beginning of `text`, with white space and control characters made single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let mut line = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => line[..end].to_owned(),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_failures_are_one_bounded_line() {
        assert_eq!(one_line("  a\r\n\tb  "), "a b");
        assert_eq!(one_line(&"é".repeat(500)).chars().count(), MESSAGE_CHARS);
    }
}
