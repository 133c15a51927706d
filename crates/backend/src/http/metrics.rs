//! What the backend counts about itself, as Prometheus text.
//!
//! Labels are bounded: routes are templates, methods are the known ones, statuses are codes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::store::PoolUsage;

/// Upper bounds of the duration histogram, in seconds.
const BUCKET_BOUNDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Content type of the Prometheus text format, version 0.0.4.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A figure of each pool.
struct PoolGauge {
    name: &'static str,
    help: &'static str,
    value: fn(&PoolUsage) -> usize,
}

const POOL_GAUGES: [PoolGauge; 3] = [
    PoolGauge {
        name: "db_pool_size",
        help: "Connections, or what requests share.",
        value: |usage| usage.size,
    },
    PoolGauge {
        name: "db_pool_in_use",
        help: "Of these, at work.",
        value: |usage| usage.in_use,
    },
    PoolGauge {
        name: "db_pool_waiting",
        help: "Requests that wait for one.",
        value: |usage| usage.waiting,
    },
];

/// Counters and histograms of all requests.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    in_flight: AtomicU64,
    series: Mutex<Series>,
}

#[derive(Debug, Default)]
struct Series {
    request_counts: BTreeMap<(Endpoint, u16), u64>,
    durations: BTreeMap<Endpoint, Histogram>,
}

/// What a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
}

#[derive(Debug, Default)]
struct Histogram {
    /// The last one counts what is above all bounds.
    bucket_counts: [u64; BUCKET_BOUNDS.len() + 1],
    sum_seconds: f64,
}

/// Counts a request as in flight until dropped.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a AtomicU64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Counts a request as begun.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// Counts a request as answered.
    pub(crate) fn record(&self, endpoint: Endpoint, status: u16, duration: Duration) {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        *series.request_counts.entry((endpoint, status)).or_default() += 1;
        series
            .durations
            .entry(endpoint)
            .or_default()
            .record(duration.as_secs_f64());
    }

    /// Everything in the Prometheus text format.
    pub(crate) fn render(&self, pools: &[(&'static str, PoolUsage)]) -> String {
        let mut text = String::with_capacity(8192);
        self.write(&mut text, pools)
            .expect("writing to a string cannot fail");
        text
    }

    fn write(
        &self,
        text: &mut String,
        pools: &[(&'static str, PoolUsage)],
    ) -> Result<(), std::fmt::Error> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        header(text, "http_requests_total", "counter", "Requests answered.")?;
        for ((endpoint, status), count) in &series.request_counts {
            let labels = endpoint.labels();
            writeln!(
                text,
                "http_requests_total{{{labels},status=\"{status}\"}} {count}"
            )?;
        }
        let name = "http_request_duration_seconds";
        header(
            text,
            name,
            "histogram",
            "Time from the head of a request to its answer.",
        )?;
        for (endpoint, histogram) in &series.durations {
            histogram.write(text, name, &endpoint.labels())?;
        }
        header(
            text,
            "http_requests_in_flight",
            "gauge",
            "Requests not answered yet.",
        )?;
        writeln!(
            text,
            "http_requests_in_flight {}",
            self.in_flight.load(Ordering::Relaxed)
        )?;
        for gauge in POOL_GAUGES {
            header(text, gauge.name, "gauge", gauge.help)?;
            for (pool, usage) in pools {
                writeln!(
                    text,
                    "{}{{pool=\"{pool}\"}} {}",
                    gauge.name,
                    (gauge.value)(usage)
                )?;
            }
        }
        Ok(())
    }
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

impl Endpoint {
    fn labels(&self) -> String {
        format!("method=\"{}\",route=\"{}\"", self.method, self.route)
    }
}

impl Histogram {
    fn record(&mut self, seconds: f64) {
        let index = BUCKET_BOUNDS.partition_point(|bound| *bound < seconds);
        self.bucket_counts[index] += 1;
        self.sum_seconds += seconds;
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) -> std::fmt::Result {
        let mut count = 0;
        for (bucket_count, bound) in self.bucket_counts.iter().zip(BUCKET_BOUNDS) {
            count += bucket_count;
            writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}")?;
        }
        count += self.bucket_counts[BUCKET_BOUNDS.len()];
        writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}")?;
        writeln!(text, "{name}_sum{{{labels}}} {}", self.sum_seconds)?;
        writeln!(text, "{name}_count{{{labels}}} {count}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_include_their_bound() {
        let metrics = Metrics::default();
        let endpoint = Endpoint {
            method: "GET",
            route: "/posts/",
        };
        for milliseconds in [1, 2, 20_000] {
            metrics.record(endpoint, 200, Duration::from_millis(milliseconds));
        }
        let text = metrics.render(&[(
            "database",
            PoolUsage {
                size: 3,
                in_use: 1,
                waiting: 0,
            },
        )]);
        for line in [
            r#"http_requests_total{method="GET",route="/posts/",status="200"} 3"#,
            r#"http_request_duration_seconds_bucket{method="GET",route="/posts/",le="0.0005"} 0"#,
            r#"http_request_duration_seconds_bucket{method="GET",route="/posts/",le="0.001"} 1"#,
            r#"http_request_duration_seconds_bucket{method="GET",route="/posts/",le="10"} 2"#,
            r#"http_request_duration_seconds_bucket{method="GET",route="/posts/",le="+Inf"} 3"#,
            r#"http_request_duration_seconds_count{method="GET",route="/posts/"} 3"#,
            r#"db_pool_size{pool="database"} 3"#,
        ] {
            assert!(
                text.lines().any(|actual| actual == line),
                "{line} is missing in\n{text}"
            );
        }
    }

    #[test]
    fn a_request_is_in_flight_until_it_is_dropped() {
        let metrics = Metrics::default();
        let request = metrics.begin();
        assert!(metrics.render(&[]).contains("http_requests_in_flight 1\n"));
        drop(request);
        assert!(metrics.render(&[]).contains("http_requests_in_flight 0\n"));
    }
}
