//! The fields of a result as scripts read and write them.
//!
//! Not here: fields that are the engine's to act on, such as the label or what ends a user.

use std::borrow::Cow;
use std::time::Duration;

use loadline_events::ErrorKind;
use loadline_plan::ResponseField;
use loadline_script::{ResultField, Value};
use loadline_units::RunTime;

use crate::listening::{data_type, head_bytes, without_cookies};
use crate::result_view::charset;
use crate::{Outcome, ResultView, SampleError};

/// The value of `field` of `outcome`; null for those that the engine knows.
pub(crate) fn read(outcome: &Outcome, field: ResultField, wall_start_ms: i64) -> Value {
    let view = || ResultView::new(outcome);
    let text = |field| Value::from(&*view().field(field));
    let response = &outcome.response;
    let millis = |micros: u32| Value::from(i64::from(micros / 1000));
    let wall = |at: RunTime| {
        let ms = i64::try_from(at.as_micros() / 1000).unwrap_or(i64::MAX);
        Value::from(wall_start_ms.saturating_add(ms))
    };
    match field {
        ResultField::Code => Value::from(&*view().code()),
        ResultField::Message => Value::from(&*view().message()),
        ResultField::Data => match response.body.is_empty() {
            // Without an answer the failure stands there.
            true => Value::from(view().body()),
            false => Value::from_bytes(response.body.clone()),
        },
        ResultField::Successful => Value::from(outcome.error.is_none()),
        ResultField::DataType => Value::from(match outcome.status {
            _ if response.data_type().is_some() => response.data_type().unwrap_or_default(),
            0 => "text",
            _ => data_type(&response.content_type),
        }),
        ResultField::DataEncoding => match charset(&response.content_type) {
            "" => Value::from("UTF-8"),
            name => Value::from(name),
        },
        ResultField::OwnEncoding => match charset(&response.content_type) {
            "" => Value::Null,
            name => Value::from(name),
        },
        ResultField::ContentType => Value::from(&*response.content_type),
        ResultField::RequestBody => Value::from(&*String::from_utf8_lossy(&response.request_body)),
        ResultField::RequestHeaders => {
            let lines = String::from_utf8_lossy(&response.request_headers);
            Value::from(without_cookies(&lines))
        }
        ResultField::ResponseHeaders => text(ResponseField::ResponseHeaders),
        ResultField::SamplerData if response.method.is_empty() => {
            Value::from(&*String::from_utf8_lossy(&response.request_body))
        }
        ResultField::SamplerData => text(ResponseField::RequestData),
        ResultField::Url if response.url.is_empty() => Value::Null,
        ResultField::Url => Value::from(&*response.url),
        ResultField::Time => {
            let time = outcome.ended.saturating_since(outcome.started);
            Value::from(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
        }
        ResultField::Latency => millis(outcome.first_byte_us),
        ResultField::ConnectTime => millis(outcome.connect_us),
        ResultField::Bytes => Value::from(i64::from(size(outcome))),
        ResultField::SentBytes => Value::from(i64::from(outcome.sent_bytes)),
        ResultField::HeadersSize => Value::from(head_size(outcome)),
        ResultField::BodySize => Value::from(i64::from(size(outcome)) - head_size(outcome)),
        ResultField::StartTime => wall(outcome.started),
        ResultField::EndTime => wall(outcome.ended),
        ResultField::SampleCount => Value::from(1),
        ResultField::ErrorCount => Value::from(i32::from(outcome.error.is_some())),
        _ => Value::Null,
    }
}

/// The bytes of a result: those of its data, until they are counted otherwise.
pub(super) fn size(outcome: &Outcome) -> u32 {
    match outcome.received_bytes {
        0 => u32::try_from(outcome.response.body.len()).unwrap_or(u32::MAX),
        counted => counted,
    }
}

/// The bytes of the heads of a result and its sub-results. A redirect that was followed has none of its own.
fn head_size(outcome: &Outcome) -> i64 {
    let parts = || outcome.sub_samples.iter().map(|sub| &sub.outcome);
    let of_parts: u64 = parts().map(|part| u64::from(part.received_bytes)).sum();
    let own = u64::from(outcome.received_bytes).saturating_sub(of_parts);
    let size = head_bytes(&outcome.response.headers).min(own);
    i64::try_from(size).unwrap_or(i64::MAX) + parts().map(head_size).sum::<i64>()
}

/// Writes `field` of `outcome`, whose failure is of `kind` if it becomes one. False for a field that
/// cannot be written.
pub(crate) fn write(
    outcome: &mut Outcome,
    field: ResultField,
    value: &Value,
    kind: ErrorKind,
    wall_start_ms: i64,
) -> bool {
    let text = || -> Cow<'_, str> {
        match value.as_text() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Borrowed(""),
        }
    };
    let number = || match value {
        Value::Int(number) => i64::from(*number),
        Value::Long(number) => *number,
        _ => 0,
    };
    let micros = || u32::try_from(number().max(0).saturating_mul(1000)).unwrap_or(u32::MAX);
    let count = || u32::try_from(number().max(0)).unwrap_or(u32::MAX);
    let at = || {
        let ms = u64::try_from(number().saturating_sub(wall_start_ms)).unwrap_or(0);
        RunTime::ZERO + Duration::from_millis(ms)
    };
    let response = &mut outcome.response;
    match field {
        ResultField::Code => {
            outcome.status = text().parse().unwrap_or(0);
            response.told_mut().code = (outcome.status == 0).then(|| text().into());
            if let Some(error) = &mut outcome.error {
                error.code = Cow::Owned(text().into_owned());
            }
        }
        ResultField::Message => {
            response.message = text().into();
            if let Some(error) = &mut outcome.error {
                error.message = text().into();
            }
        }
        ResultField::Data => {
            response.body = match value.as_bytes() {
                Some(bytes) => bytes,
                None => text().as_bytes().to_vec(),
            };
        }
        ResultField::Successful => match value {
            Value::Bool(true) => outcome.error = None,
            _ if outcome.error.is_some() => {}
            _ => {
                outcome.error = Some(
                    SampleError {
                        kind,
                        code: Cow::Owned(outcome.status.to_string()),
                        message: response.message.clone(),
                    }
                    .into(),
                );
            }
        },
        ResultField::DataType => response.told_mut().data_type = Some(text().into()),
        ResultField::DataEncoding => {
            let media_type = response.content_type.split(';').next().unwrap_or_default();
            let media_type = match media_type {
                "" => "text/plain",
                other => other,
            };
            response.content_type = format!("{media_type}; charset={}", text()).into();
        }
        ResultField::ContentType => response.content_type = text().into(),
        ResultField::RequestHeaders => response.request_headers = text().as_bytes().to_vec(),
        ResultField::ResponseHeaders => response.headers = text().as_bytes().to_vec(),
        ResultField::SamplerData => response.request_body = text().as_bytes().to_vec(),
        ResultField::Url => response.url = text().into(),
        ResultField::Latency => outcome.first_byte_us = micros(),
        ResultField::ConnectTime => outcome.connect_us = micros(),
        // JMeter counts the data itself wherever there is some.
        ResultField::Bytes if response.body.is_empty() => outcome.received_bytes = count(),
        ResultField::Bytes => {}
        ResultField::SentBytes => outcome.sent_bytes = count(),
        ResultField::StartTime => {
            outcome.started = at();
            outcome.ended = outcome.ended.max(outcome.started);
        }
        ResultField::EndTime => outcome.ended = at().max(outcome.started),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut outcome = Outcome {
            status: 200,
            ..Outcome::default()
        };
        let mut set = |field, value: Value| {
            assert!(write(
                &mut outcome,
                field,
                &value,
                ErrorKind::Assertion,
                1000
            ));
            read(&outcome, field, 1000)
                .as_text()
                .map(ToString::to_string)
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(set(ResultField::Code, "404".into()), text("404"));
        assert_eq!(set(ResultField::Message, "no".into()), text("no"));
        set(ResultField::Successful, false.into());
        assert_eq!(set(ResultField::Code, "x".into()), text("x"));
        set(ResultField::StartTime, 1500_i64.into());
        set(ResultField::EndTime, 1700_i64.into());
        assert_eq!(outcome.started, RunTime::from_micros(500_000));
        assert!(matches!(
            read(&outcome, ResultField::Time, 1000),
            Value::Long(200)
        ));
        let error = outcome.error.unwrap();
        assert_eq!((error.kind, &*error.code), (ErrorKind::Assertion, "x"));
    }
}
