//! The Duration Assertion and the Size Assertion, with JMeter's words.

use std::borrow::Cow;

use loadline_plan::program::{DurationAssertionProgram, ScopeProgram, SizeAssertionProgram};
use loadline_plan::{ResponseField, SizeRule, SizedPart};

use super::AssertionOutcome;
use crate::{ResultView, Scope};

/// Whether the service time, in whole milliseconds, is above the bound.
pub(super) fn judge_duration(
    program: &DurationAssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
) -> AssertionOutcome {
    let longest_ms: i64 = scope.text_of(&program.longest_ms).parse().unwrap_or(0);
    let outcome = view.outcome();
    let elapsed = outcome.ended.saturating_since(outcome.started);
    let elapsed_ms = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    if longest_ms <= 0 || elapsed_ms <= longest_ms {
        return AssertionOutcome::default();
    }
    AssertionOutcome::failed(format!(
        "The operation lasted too long: It took {} milliseconds, but should not have lasted longer \
         than {} milliseconds.",
        grouped(elapsed_ms),
        grouped(longest_ms)
    ))
}

/// Whether the size compares as the plan wants.
pub(super) fn judge_size(
    program: &SizeAssertionProgram,
    view: &ResultView<'_>,
    scope: &mut Scope<'_>,
) -> AssertionOutcome {
    let size = match &program.scope {
        ScopeProgram::Variable(name) => {
            let name = scope.text_of(name);
            let value = scope.variables.get_by_name(&name);
            match value.and_then(|value| value.parse::<i64>().ok()) {
                Some(size) => size,
                None => {
                    return AssertionOutcome::failed(format!(
                        "Error parsing variable name: {name} value: {}",
                        value.unwrap_or("null")
                    ));
                }
            }
        }
        _ => size_of(program.part, view),
    };
    let wanted = scope.text_of(&program.size);
    let Ok(wanted) = wanted.parse::<i64>() else {
        return AssertionOutcome::threw(format!(
            "java.lang.NumberFormatException: For input string: \"{wanted}\""
        ));
    };
    let (holds, expected) = match program.rule {
        SizeRule::Equal => (size == wanted, "been equal to"),
        SizeRule::NotEqual => (size != wanted, "not been equal to"),
        SizeRule::Greater => (size > wanted, "been greater than"),
        SizeRule::Less => (size < wanted, "been less than"),
        SizeRule::GreaterOrEqual => (size >= wanted, "been greater or equal to"),
        SizeRule::LessOrEqual => (size <= wanted, "been less than or equal to"),
        SizeRule::Unknown => (false, "ERROR - invalid condition"),
    };
    if holds {
        return AssertionOutcome::default();
    }
    AssertionOutcome::failed(format!(
        "The result was the wrong size: It was {} bytes, but should have {expected} {} bytes.",
        grouped(size),
        grouped(wanted)
    ))
}

/// The size of `part`: bytes on the wire, characters of code and message.
fn size_of(part: SizedPart, view: &ResultView<'_>) -> i64 {
    let text_size = |text: Cow<'_, str>| text.encode_utf16().count();
    let received = view.outcome().received_bytes as usize;
    let size = match part {
        SizedPart::Network => received,
        SizedPart::Headers => header_size(view),
        SizedPart::Body => received.saturating_sub(header_size(view)),
        SizedPart::Code => text_size(view.field(ResponseField::Code)),
        SizedPart::Message => text_size(view.field(ResponseField::Message)),
    };
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Bytes of status lines and headers on the wire, those of sub-results with them, where lines end in two bytes and an empty line
/// ends them. A page has a head of its own beside those of what it embeds; a followed redirect has not.
fn header_size(view: &ResultView<'_>) -> usize {
    let outcome = view.outcome();
    let of_subs: usize = view.sub_results().iter().map(header_size).sum();
    let received: u64 = (outcome.sub_samples.iter())
        .map(|sub| u64::from(sub.outcome.received_bytes))
        .sum();
    let own = u64::from(outcome.received_bytes).saturating_sub(received);
    let headers = &outcome.response.headers;
    if headers.is_empty() || own == 0 && !outcome.sub_samples.is_empty() {
        return of_subs;
    }
    let lines = headers.iter().filter(|byte| **byte == b'\n').count();
    of_subs + headers.len() + lines + 2
}

/// `number` with commas between groups of three digits, as JMeter prints it in English.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Response};

    #[test]
    fn sizes_are_those_on_the_wire() {
        let outcome = Outcome {
            status: 200,
            received_bytes: 1000,
            response: Response {
                headers: b"HTTP/1.1 200 OK\nA: b\n".to_vec(),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        };
        let view = ResultView::new(&outcome);
        let on_wire = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n".len() as i64;
        assert_eq!(size_of(SizedPart::Headers, &view), on_wire);
        assert_eq!(size_of(SizedPart::Body, &view), 1000 - on_wire);
        assert_eq!(size_of(SizedPart::Network, &view), 1000);
        assert_eq!(size_of(SizedPart::Code, &view), 3);
    }

    #[test]
    fn thousands_are_grouped() {
        let shown: Vec<String> = [0, 999, 1000, -1_234_567].map(grouped).into();
        assert_eq!(shown, ["0", "999", "1,000", "-1,234,567"]);
    }
}
