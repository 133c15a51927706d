//! Sub-results of a result as scripts see, change and add them.
//!
//! Not here: fields that all results have (`result_fields`). Source: `SampleResult.addSubResult`.

use std::borrow::Cow;

use loadline_events::ErrorKind;
use loadline_script::{NewResult, ResultField, Value};
use loadline_units::RunTime;

use super::result_fields;
use crate::{Outcome, Response, SampleError, SubSample};

/// The result that `path` leads to from `outcome`: the sub-result at its first place, and so on.
pub(super) fn at<'o>(outcome: &'o Outcome, path: &[usize]) -> Option<&'o Outcome> {
    path.iter().try_fold(outcome, |outcome, index| {
        outcome.sub_samples.get(*index).map(|sub| &sub.outcome)
    })
}

/// As [`at`], to be changed.
pub(super) fn at_mut<'o>(outcome: &'o mut Outcome, path: &[usize]) -> Option<&'o mut Outcome> {
    path.iter().try_fold(outcome, |outcome, index| {
        (outcome.sub_samples.get_mut(*index)).map(|sub| &mut sub.outcome)
    })
}

/// The sub-result that `path` leads to.
pub(super) fn sample_at<'o>(outcome: &'o mut Outcome, path: &[usize]) -> Option<&'o mut SubSample> {
    let (last, path) = path.split_last()?;
    at_mut(outcome, path)?.sub_samples.get_mut(*last)
}

/// The value of `field` of the sub-result that `path` leads to.
pub(super) fn read(
    outcome: &Outcome,
    path: &[usize],
    field: ResultField,
    wall_start_ms: i64,
) -> Value {
    let Some((last, path)) = path.split_last() else {
        return Value::Null;
    };
    let parent = at(outcome, path);
    match parent.and_then(|parent| parent.sub_samples.get(*last)) {
        Some(sub) if field == ResultField::Label => Value::from(&*sub.label),
        Some(sub) => result_fields::read(&sub.outcome, field, wall_start_ms),
        None => Value::Null,
    }
}

/// Writes a field of `sub`, whose failure is of `kind` if it becomes one. False for a field that cannot be written.
pub(super) fn write(
    sub: &mut SubSample,
    (field, value): (ResultField, &Value),
    (kind, now, wall_start_ms): (ErrorKind, RunTime, i64),
) -> bool {
    match field {
        ResultField::Label => {
            sub.label = value
                .as_text()
                .map_or_else(Box::default, |text| (&**text).into());
            true
        }
        ResultField::Sampling => {
            if matches!(value, Value::Bool(true)) {
                sub.outcome.started = now;
            }
            sub.outcome.ended = now;
            true
        }
        // All results of a thread are that of its user.
        ResultField::ThreadName => true,
        _ => result_fields::write(&mut sub.outcome, field, value, kind, wall_start_ms),
    }
}

/// Adds what a script has made to the sub-results of `parent`, whose label is `label`.
pub(super) fn add(parent: &mut Outcome, label: &str, given: NewResult, wall_start_ms: i64) {
    let is_renamed = given.is_renamed;
    let adds_up = given.adds_up;
    let (mut sub, size) = made(given, wall_start_ms);
    if is_renamed {
        sub.label = format!("{label}-{}", parent.sub_samples.len()).into();
    }
    if adds_up {
        parent.ended = parent.ended.max(sub.outcome.ended);
        parent.sent_bytes = parent.sent_bytes.saturating_add(sub.outcome.sent_bytes);
        let own = result_fields::size(parent);
        // A count that was set by hand counts among results without data alone.
        let added = if own == 0 {
            sub.outcome.received_bytes
        } else {
            size
        };
        parent.received_bytes = own.saturating_add(added);
    }
    parent.sub_samples.push(sub);
}

/// The sub-sample that a script has made, and the bytes of its data and of what it has added up. It has failed if the script does not
/// say otherwise.
fn made(given: NewResult, wall_start_ms: i64) -> (SubSample, u32) {
    let mut sub = SubSample {
        label: Box::default(),
        outcome: Outcome {
            error: Some(
                SampleError {
                    kind: ErrorKind::Status,
                    code: Cow::Borrowed(""),
                    message: Box::default(),
                }
                .into(),
            ),
            response: Response {
                told: Some(Box::new(crate::sampler::Told {
                    code: None,
                    data_type: Some(Box::default()),
                    ..crate::sampler::Told::default()
                })),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        },
    };
    // What is said of code and message belongs to the failure, if it is one.
    let (first, others): (Vec<_>, Vec<_>) =
        (given.fields.iter()).partition(|(field, _)| *field == ResultField::Successful);
    for (field, value) in first.into_iter().chain(others) {
        let how = (ErrorKind::Status, RunTime::ZERO, wall_start_ms);
        write(&mut sub, (*field, value), how);
    }
    let outcome = &mut sub.outcome;
    let added_up = given.fields.iter().find_map(|(field, value)| match value {
        Value::Long(size) if *field == ResultField::BodySize && *size > 0 => Some(*size),
        _ => None,
    });
    let size = added_up.map_or(outcome.response.body.len(), |size| {
        usize::try_from(size).unwrap_or(usize::MAX)
    });
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    if size > 0 {
        outcome.received_bytes = size;
    }
    let subs = given.sub_results.into_iter();
    outcome
        .sub_samples
        .extend(subs.map(|sub| made(sub, wall_start_ms).0));
    (sub, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(fields: &[(ResultField, Value)]) -> NewResult {
        NewResult {
            fields: fields.to_vec(),
            is_renamed: true,
            adds_up: true,
            ..NewResult::default()
        }
    }

    #[test]
    fn the_whole_has_the_bytes_of_its_parts() {
        let mut parent = Outcome::default();
        parent.response.body = b"abc".to_vec();
        let fields = [
            (ResultField::Data, Value::from("1234")),
            (ResultField::BodySize, Value::from(9_i64)),
        ];
        add(&mut parent, "step", given(&fields), 0);
        assert_eq!(parent.received_bytes, 3 + 4 + 5);
        // A count without data counts only where there is no data at all.
        let counted = || given(&[(ResultField::Bytes, Value::from(100_i64))]);
        add(&mut parent, "step", counted(), 0);
        assert_eq!(parent.received_bytes, 12);
        let mut empty = Outcome::default();
        add(&mut empty, "step", counted(), 0);
        assert_eq!(empty.received_bytes, 100);
    }

    #[test]
    fn a_sub_result_is_named_and_extends_the_whole() {
        let mut parent = Outcome {
            started: RunTime::from_micros(1_000),
            ended: RunTime::from_micros(2_000),
            ..Outcome::default()
        };
        let fields = [
            (ResultField::Code, Value::from("201")),
            (ResultField::Successful, Value::from(true)),
            (ResultField::StartTime, Value::from(1_002_i64)),
            (ResultField::EndTime, Value::from(1_005_i64)),
            (ResultField::Data, Value::from("body")),
        ];
        add(&mut parent, "step", given(&fields), 1_000);
        add(&mut parent, "step", given(&[]), 1_000);
        assert_eq!(parent.ended, RunTime::from_micros(5_000));
        let [good, bad] = parent.sub_samples.as_slice() else {
            panic!("{parent:?}");
        };
        assert_eq!((&*good.label, &*bad.label), ("step-0", "step-1"));
        assert_eq!((good.outcome.status, good.outcome.received_bytes), (201, 4));
        assert!(good.outcome.error.is_none() && bad.outcome.error.is_some());
        assert_eq!(parent.received_bytes, 4);
        let read = |path: &[usize], field| {
            let value = read(&parent, path, field, 1_000);
            value.as_text().map(ToString::to_string)
        };
        assert_eq!(read(&[0], ResultField::Code).as_deref(), Some("201"));
        assert_eq!(read(&[1], ResultField::Label).as_deref(), Some("step-1"));
        assert_eq!(read(&[2], ResultField::Label), None);
    }
}
