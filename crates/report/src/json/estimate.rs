//! Figures in JSON: estimates, times, statistics.

use loadline_analysis::{Estimate, Reason, Stats, TimeStats};
use serde_json::{Map, Value, json};

/// A number, or null for one that JSON cannot hold.
pub(super) fn number(value: f64) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    // Whole figures without a fraction: microseconds and bytes are counted, not measured finer.
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return json!(value as i64);
    }
    json!(value)
}

/// A number that may be absent.
pub(super) fn optional(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// `{"value","low","high"}`, with `censored`, `at_least` and `reason` where they say something.
///
/// `value` is null where a number would only mislead (too few samples).
pub(super) fn estimate(estimate: Option<&Estimate>) -> Value {
    let Some(estimate) = estimate else {
        return Value::Null;
    };
    let mut object = Map::new();
    let withheld = matches!(
        estimate.reason,
        Some(Reason::NoSamples | Reason::NoReadings | Reason::TooFewSamples { .. })
    );
    let value = if withheld {
        Value::Null
    } else {
        number(estimate.value)
    };
    object.insert("value".to_owned(), value);
    object.insert("low".to_owned(), optional(estimate.low));
    object.insert("high".to_owned(), optional(estimate.high));
    if estimate.censored {
        object.insert("censored".to_owned(), Value::Bool(true));
    }
    if estimate.at_least {
        object.insert("at_least".to_owned(), Value::Bool(true));
    }
    if let Some(reason) = estimate.reason.as_ref().and_then(reason) {
        object.insert("reason".to_owned(), Value::String(reason));
    }
    Value::Object(object)
}

fn reason(reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::NoSamples => "no_samples".to_owned(),
        Reason::TooShort { need_s } => format!("too_short, needs {need_s} s"),
        Reason::TooFewSamples { need } => format!("too_few_samples, needs {need}"),
        Reason::NotSteady => "not_steady".to_owned(),
        Reason::Invalid(why) => format!("invalid, {why}"),
        Reason::NoReadings => "no_readings".to_owned(),
        Reason::TooFewLevels { need } => format!("too_few_loads, needs {need}"),
        Reason::MixedLoads => "mixed_loads".to_owned(),
        Reason::NoInterval => return None,
    })
}

/// `{"mean","p50","p90","p95","p99","p999","max"}`, microseconds.
pub(super) fn times(times: &TimeStats) -> Value {
    let max = times.max.map_or(
        Value::Null,
        |max| json!({"value": number(max), "low": null, "high": null}),
    );
    json!({
        "mean": estimate(times.mean.as_ref()),
        "p50": estimate(times.p50.as_ref()),
        "p90": estimate(times.p90.as_ref()),
        "p95": estimate(times.p95.as_ref()),
        "p99": estimate(times.p99.as_ref()),
        "p999": estimate(times.p999.as_ref()),
        "max": max,
    })
}

/// The figures of a set of samples, into `object`. Connect times and times to first byte are known
/// for steps only; elsewhere their figures are null.
pub(super) fn stats(
    object: &mut Map<String, Value>,
    stats: &Stats,
    connect: &TimeStats,
    first_byte: &TimeStats,
) {
    let mut insert = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    insert("samples", json!(stats.samples));
    insert("errors", json!(stats.errors));
    insert("error_rate", estimate(stats.error_rate.as_ref()));
    insert("throughput_per_s", estimate(stats.throughput.as_ref()));
    insert(
        "good_throughput_per_s",
        estimate(stats.good_throughput.as_ref()),
    );
    insert("sent_bytes", json!(stats.sent_bytes));
    insert("received_bytes", json!(stats.received_bytes));
    insert("response_time_us", times(&stats.response));
    insert("service_time_us", times(&stats.service));
    insert("connect_time_us", times(connect));
    insert("first_byte_us", times(first_byte));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{claimed, unclaimed};

    #[track_caller]
    fn check(input: &Estimate, expected: &str) {
        assert_eq!(estimate(Some(input)).to_string(), expected);
    }

    #[test]
    fn intervals_are_null_where_none_is_claimed() {
        check(&claimed(2.5, 1.0, 4.0), r#"{"value":2.5,"low":1,"high":4}"#);
        check(
            &unclaimed(7.0, Reason::NoInterval),
            r#"{"value":7,"low":null,"high":null}"#,
        );
        check(
            &unclaimed(7.0, Reason::MixedLoads),
            r#"{"value":7,"low":null,"high":null,"reason":"mixed_loads"}"#,
        );
    }

    #[test]
    fn numbers_that_would_mislead_are_withheld() {
        check(
            &unclaimed(7.0, Reason::TooFewSamples { need: 1000 }),
            r#"{"value":null,"low":null,"high":null,"reason":"too_few_samples, needs 1000"}"#,
        );
    }

    #[test]
    fn json_has_no_infinity() {
        check(
            &claimed(f64::NAN, 1.0, f64::INFINITY),
            r#"{"value":null,"low":1,"high":null}"#,
        );
    }
}
