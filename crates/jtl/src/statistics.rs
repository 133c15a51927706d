//! The figures of JMeter's dashboard: `statistics.json`.
//!
//! Source: JMeter 5.6.3, `StatisticsSummaryConsumer`, `StatisticsSummaryData`, `JsonExporter`;
//! percentiles are those of Apache Commons Math's `LEGACY` estimator over the last values of a label.

use std::collections::{BTreeMap, VecDeque};

use loadline_events::{SampleResult, TRANSACTION_MESSAGE};
use serde_json::{Map, Value, json};

/// Which percentiles are listed, in percent (`aggregate_rpt_pct1` to `3`), and of how many values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles {
    /// The three, in (0, 100].
    pub percent: [f64; 3],
    /// How many of the last values of a label they are taken of
    /// (`jmeter.reportgenerator.statistic_window`).
    pub window: usize,
}

impl Default for Percentiles {
    fn default() -> Self {
        Self {
            percent: [90.0, 95.0, 99.0],
            window: 20_000,
        }
    }
}

/// Sums of results, for each label and in all.
#[derive(Clone, Debug)]
pub struct Statistics {
    percentiles: Percentiles,
    labels: BTreeMap<String, Sums>,
    total: Sums,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    count: u64,
    errors: u64,
    received_bytes: u64,
    sent_bytes: u64,
    elapsed_ms: i64,
    /// The least and the greatest elapsed time.
    range_ms: Option<(i64, i64)>,
    /// First start and last end.
    span_ms: Option<(i64, i64)>,
    last_ms: VecDeque<i64>,
}

impl Statistics {
    /// Sums of nothing yet.
    #[must_use]
    pub fn new(percentiles: Percentiles) -> Self {
        Self {
            percentiles,
            labels: BTreeMap::new(),
            total: Sums::default(),
        }
    }

    /// Adds `result` and its sub-results, each as a line of its own. Transactions do not count in
    /// the total; those without a sample do not count at all.
    pub fn add(&mut self, result: &SampleResult) {
        let is_empty = result.message.strip_prefix(TRANSACTION_MESSAGE);
        if !is_empty.is_some_and(|rest| rest.starts_with("0,")) {
            let window = self.percentiles.window;
            if !self.labels.contains_key(&result.label) {
                self.labels.insert(result.label.clone(), Sums::default());
            }
            if let Some(sums) = self.labels.get_mut(&result.label) {
                sums.add(result, window);
            }
            if !result.is_transaction() {
                self.total.add(result, window);
            }
        }
        for child in &result.children {
            self.add(child);
        }
    }

    /// The text of `statistics.json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut all = Map::new();
        let labels = self
            .labels
            .iter()
            .map(|(label, sums)| (label.as_str(), sums));
        for (label, sums) in labels.chain([("Total", &self.total)]) {
            if sums.count > 0 {
                all.insert(label.to_owned(), sums.row(label, &self.percentiles.percent));
            }
        }
        let text = serde_json::to_string_pretty(&Value::Object(all));
        text.unwrap_or_default() + "\n"
    }
}

impl Sums {
    fn add(&mut self, result: &SampleResult, window: usize) {
        let elapsed = result.elapsed_ms();
        self.count += 1;
        self.errors += u64::from(!result.success);
        self.received_bytes += result.received_bytes;
        self.sent_bytes += result.sent_bytes;
        self.elapsed_ms += elapsed;
        let (least, greatest) = self.range_ms.unwrap_or((elapsed, elapsed));
        self.range_ms = Some((least.min(elapsed), greatest.max(elapsed)));
        let (first, last) = self.span_ms.unwrap_or((i64::MAX, i64::MIN));
        // As read from a file: the end is the start and the elapsed time.
        let end = result.started_ms + elapsed;
        self.span_ms = Some((first.min(result.started_ms), last.max(end)));
        if self.last_ms.len() >= window {
            self.last_ms.pop_front();
        }
        self.last_ms.push_back(elapsed);
    }

    fn row(&self, label: &str, percent: &[f64; 3]) -> Value {
        let mut sorted: Vec<i64> = self.last_ms.iter().copied().collect();
        sorted.sort_unstable();
        let (least, greatest) = self.range_ms.unwrap_or_default();
        let (first, last) = self.span_ms.unwrap_or_default();
        let seconds = (last - first) as f64 / 1000.0;
        // Java divides by zero; JSON has no infinity.
        let rate = |amount: f64| if seconds > 0.0 { amount / seconds } else { 0.0 };
        let count = self.count as f64;
        json!({
            "transaction": label,
            "sampleCount": self.count,
            "errorCount": self.errors,
            "errorPct": self.errors as f64 * 100.0 / count,
            "meanResTime": self.elapsed_ms as f64 / count,
            "medianResTime": percentile(&sorted, 50.0),
            "minResTime": least as f64,
            "maxResTime": greatest as f64,
            "pct1ResTime": percentile(&sorted, percent[0]),
            "pct2ResTime": percentile(&sorted, percent[1]),
            "pct3ResTime": percentile(&sorted, percent[2]),
            "throughput": rate(count),
            "receivedKBytesPerSec": rate(self.received_bytes as f64 / 1024.0),
            "sentKBytesPerSec": rate(self.sent_bytes as f64 / 1024.0),
        })
    }
}

/// Percentile `percent` of `sorted` values: between the order statistics around position
/// `percent * (n + 1) / 100`, in proportion.
fn percentile(sorted: &[i64], percent: f64) -> f64 {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return 0.0;
    };
    let position = percent * (sorted.len() as f64 + 1.0) / 100.0;
    if position < 1.0 {
        return *first as f64;
    }
    if position >= sorted.len() as f64 {
        return *last as f64;
    }
    let index = position.floor() as usize;
    let (below, above) = (sorted[index - 1] as f64, sorted[index] as f64);
    below + (position - position.floor()) * (above - below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(label: &str, from_ms: i64, elapsed_ms: i64, success: bool) -> SampleResult {
        SampleResult {
            label: label.to_owned(),
            started_ms: from_ms,
            ended_ms: from_ms + elapsed_ms,
            success,
            received_bytes: 1024,
            sent_bytes: 512,
            ..SampleResult::default()
        }
    }

    #[test]
    fn percentiles_lie_between_values_as_in_commons_math() {
        let ten: Vec<i64> = (1..=10).map(|n| n * 10).collect();
        assert_eq!(percentile(&ten, 50.0), 55.0);
        assert_eq!(percentile(&ten, 90.0), 99.0);
        assert_eq!(percentile(&ten, 99.0), 100.0);
        assert_eq!(percentile(&ten, 5.0), 10.0);
        assert_eq!(percentile(&[7], 50.0), 7.0);
    }

    #[test]
    fn rows_have_sums_rates_and_a_total_without_transactions() {
        let mut statistics = Statistics::new(Percentiles::default());
        statistics.add(&result("a", 0, 100, true));
        statistics.add(&result("a", 1000, 300, false));
        statistics.add(&result("b", 1500, 500, true));
        for message in ["2, number", "0, number"] {
            let mut sum = result("t", 0, 2000, true);
            sum.message = format!("{TRANSACTION_MESSAGE}{message}");
            statistics.add(&sum);
        }
        let all: Value = serde_json::from_str(&statistics.to_json()).unwrap();
        assert_eq!(all["a"]["sampleCount"], 2);
        assert_eq!(all["a"]["errorPct"], 50.0);
        assert_eq!(all["a"]["meanResTime"], 200.0);
        assert_eq!(all["a"]["minResTime"], 100.0);
        assert_eq!(all["t"]["sampleCount"], 1);
        let total = &all["Total"];
        assert_eq!(
            (&total["sampleCount"], &total["errorCount"]),
            (&json!(3), &json!(1))
        );
        assert_eq!(total["throughput"], 1.5);
        assert_eq!(total["receivedKBytesPerSec"], 1.5);
        assert_eq!(total["sentKBytesPerSec"], 0.75);
    }

    #[test]
    fn percentiles_forget_values_beyond_their_window() {
        let percentiles = Percentiles {
            window: 2,
            ..Percentiles::default()
        };
        let mut statistics = Statistics::new(percentiles);
        for elapsed in [1000, 10, 20] {
            statistics.add(&result("a", 0, elapsed, true));
        }
        let all: Value = serde_json::from_str(&statistics.to_json()).unwrap();
        assert_eq!(all["a"]["medianResTime"], 15.0);
        assert_eq!(all["a"]["maxResTime"], 1000.0);
    }
}
