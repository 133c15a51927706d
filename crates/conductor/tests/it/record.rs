//! What is in the log is in the series and in the analysis, sample by sample and byte by byte.

use std::collections::BTreeMap;
use std::time::Duration;

use loadline_analysis::{Estimate, Stats, TimeStats};
use loadline_events::{Sample, SampleFlags};

use crate::measured::{alone, measure};
use crate::server::{Answer, Server};

#[test]
fn nothing_is_lost_between_server_log_and_analysis() {
    let _alone = alone();
    let server = Server::start(|request| {
        let (status, body_bytes) = match request.path {
            "/a" => (200, 10),
            "/b" => (200, 100_000),
            _ => (
                if request.number.is_multiple_of(3) {
                    503
                } else {
                    200
                },
                0,
            ),
        };
        Answer {
            due: request.arrived + Duration::from_millis(request.number % 7),
            status,
            body_bytes,
            body_after: Duration::ZERO,
        }
    });
    let measured = measure(
        server.address(),
        "{users: 10, iterations_each: 60}",
        "[{get: /a}, {transaction: {name: both, do: [{get: /b}, {get: /c}]}}]",
    );
    let truth = server.truth();

    // The server's exchanges are the log's samples.
    assert_eq!(truth.len(), 3 * 600);
    assert_eq!(measured.requests().count(), truth.len());
    let mut exchanges: BTreeMap<&str, (u64, u64, u64, u64)> = BTreeMap::new();
    for exchange in &truth {
        let sums = exchanges.entry(&exchange.path).or_default();
        sums.0 += 1;
        sums.1 += u64::from(exchange.status >= 500);
        sums.2 += exchange.request_bytes;
        sums.3 += exchange.answer_bytes;
    }
    let by_label = measured.by_label();
    assert_eq!(by_label.len(), 4);
    for (path, (count, errors, sent, received)) in exchanges {
        let samples = &by_label[&*format!("GET {path}")];
        let sum = |of: fn(&Sample) -> u32| -> u64 {
            samples.iter().map(|sample| u64::from(of(sample))).sum()
        };
        assert_eq!(samples.len() as u64, count, "{path}");
        let failed = samples.iter().filter(|sample| sample.is_error()).count();
        assert_eq!(failed as u64, errors, "{path}");
        assert_eq!(sum(|sample| sample.sent_bytes), sent, "{path}");
        assert_eq!(sum(|sample| sample.received_bytes), received, "{path}");
    }
    assert_eq!(by_label["both"].len(), 600);

    // The log's samples are the analysis' figures, label by label and together.
    for label in &measured.analysis.labels {
        let samples = &by_label[&*label.label];
        assert_stats(&label.label, &label.totals, samples);
        let is_sum = samples[0].flags.contains(SampleFlags::TRANSACTION);
        assert_eq!(label.transaction, is_sum, "{}", label.label);
    }
    let requests: Vec<&Sample> = measured.requests().collect();
    assert_stats("all", &measured.analysis.totals, &requests);
}

/// Counts and sums are exact, times agree within a histogram's bucket, percentiles ascend.
#[track_caller]
fn assert_stats(what: &str, stats: &Stats, samples: &[&Sample]) {
    let sum = |of: fn(&Sample) -> u64| -> u64 { samples.iter().map(|sample| of(sample)).sum() };
    assert_eq!(stats.samples, samples.len() as u64, "{what}");
    assert_eq!(
        stats.errors,
        sum(|sample| sample.is_error().into()),
        "{what}"
    );
    assert_eq!(
        stats.sent_bytes,
        sum(|sample| sample.sent_bytes.into()),
        "{what}"
    );
    assert_eq!(
        stats.received_bytes,
        sum(|sample| sample.received_bytes.into()),
        "{what}"
    );
    assert_times(what, &stats.response, samples, Sample::response_us);
    assert_times(what, &stats.service, samples, |sample| {
        sample.service_us.into()
    });
}

#[track_caller]
fn assert_times(what: &str, times: &TimeStats, samples: &[&Sample], of: fn(&Sample) -> u64) {
    let mut values: Vec<u64> = samples.iter().map(|sample| of(sample)).collect();
    values.sort_unstable();
    let mean = values.iter().sum::<u64>() as f64 / values.len() as f64;
    let value = |estimate: &Option<Estimate>| estimate.as_ref().unwrap().value;
    assert!((value(&times.mean) - mean).abs() < 0.001, "{what}");
    assert_eq!(times.min, Some(values[0] as f64), "{what}");
    assert_eq!(times.max, Some(values[values.len() - 1] as f64), "{what}");

    let mut before = values[0] as f64;
    for (q, estimate) in [
        (0.5, &times.p50),
        (0.9, &times.p90),
        (0.95, &times.p95),
        (0.99, &times.p99),
        (0.999, &times.p999),
    ] {
        let raw = crate::expectation::quantile(values.iter().copied(), q) as f64;
        let shown = value(estimate);
        assert!(
            raw <= shown && shown <= raw * (1.0 + 1.0 / 1024.0),
            "{what}: {raw}, {shown}"
        );
        assert!(before <= shown, "{what}");
        before = shown;
    }
    assert!(before <= values[values.len() - 1] as f64, "{what}");
}
