//! What a limit measures, told from its text, so that its figures get their unit and its sentence
//! its noun.

use loadline_analysis::LimitResult;

use crate::number::{self, Quantity};

/// The metric at the start of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LimitMetric {
    /// A time; the word before the comparison: `p95`, `service mean`.
    Time(String),
    /// Failed over all samples.
    Errors,
    /// Samples per second.
    Throughput,
    /// Apdex, as written with its threshold.
    Apdex(String),
    /// CPU of a server.
    Cpu,
    /// Memory of a server.
    Memory,
    /// A server that runs and answers, by name; empty when the limit names none.
    Alive(String),
}

impl LimitMetric {
    /// The metric of a limit as written in a plan.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.trim();
        if let Some(server) = text
            .strip_prefix("server ")
            .and_then(|rest| rest.trim_end().strip_suffix("alive"))
        {
            return LimitMetric::Alive(server.trim().to_owned());
        }
        let metric = text
            .split(['<', '>', '='])
            .next()
            .unwrap_or_default()
            .trim();
        match metric.split(['(', ' ']).next().unwrap_or_default() {
            "errors" => LimitMetric::Errors,
            "throughput" => LimitMetric::Throughput,
            "apdex" => LimitMetric::Apdex(metric.to_owned()),
            "cpu" => LimitMetric::Cpu,
            "memory" => LimitMetric::Memory,
            _ => LimitMetric::Time(metric.to_owned()),
        }
    }

    /// The unit of its figures.
    pub(crate) fn quantity(&self) -> Quantity {
        match self {
            LimitMetric::Time(_) => Quantity::Time,
            LimitMetric::Errors | LimitMetric::Cpu => Quantity::Share,
            LimitMetric::Throughput => Quantity::Rate,
            LimitMetric::Memory => Quantity::Bytes,
            LimitMetric::Apdex(_) | LimitMetric::Alive(_) => Quantity::Plain,
        }
    }

    /// Whether the limit asks for at least its bound.
    pub(crate) fn asks_for_at_least(text: &str) -> bool {
        text.find(['<', '>', '='])
            .is_some_and(|start| text[start..].starts_with('>'))
    }
}

/// The bound of a limit. Sizes stay in the unit of the plan; those in powers of 1,024 have the
/// size in the unit of the figures behind them.
pub(crate) fn bound(limit: &LimitResult) -> String {
    let quantity = LimitMetric::of(&limit.text).quantity();
    let shown = number::bound(quantity, limit.bound);
    if quantity != Quantity::Bytes {
        return shown;
    }
    match size_as_written(&limit.text) {
        Some((size, unit)) if unit.contains('i') => {
            let decimal = number::value(quantity, limit.bound);
            format!("{size} {unit} ({decimal})")
        }
        Some((size, unit)) => format!("{size} {unit}"),
        None => shown,
    }
}

/// The number and the unit behind the first comparison of a limit.
fn size_as_written(text: &str) -> Option<(&str, &str)> {
    let comparison = ['<', '>', '='];
    let bound = text[text.find(comparison)?..]
        .trim_start_matches(comparison)
        .trim_start();
    let digits = bound.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (size, rest) = bound.split_at(digits);
    let unit = rest.split_whitespace().next()?;
    (!size.is_empty() && unit.ends_with('B')).then_some((size, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: LimitMetric) {
        assert_eq!(LimitMetric::of(text), expected);
    }

    #[test]
    fn metrics_are_told_from_the_text() {
        check("p95 < 5s at users <= 1000", LimitMetric::Time("p95".into()));
        check(
            "service p99.9<1s for \"GET /\"",
            LimitMetric::Time("service p99.9".into()),
        );
        check("errors <= 10%", LimitMetric::Errors);
        check("throughput > 100/s", LimitMetric::Throughput);
        check(
            "apdex(500ms) >= 0.9",
            LimitMetric::Apdex("apdex(500ms)".into()),
        );
        check("cpu < 80% on backend", LimitMetric::Cpu);
        check("memory < 1GB", LimitMetric::Memory);
        check("server backend alive", LimitMetric::Alive("backend".into()));
    }

    #[test]
    fn only_the_limit_s_own_comparison_counts() {
        assert!(LimitMetric::asks_for_at_least("throughput >= 100/s"));
        assert!(!LimitMetric::asks_for_at_least("p95 < 5s at users >= 1000"));
    }

    #[track_caller]
    fn check_bound(text: &str, value: f64, expected: &str) {
        let limit = LimitResult {
            text: text.to_owned(),
            bound: value,
            ..crate::fixture::stress().limits[0].clone()
        };
        assert_eq!(bound(&limit), expected);
    }

    #[test]
    fn bounds_of_sizes_keep_the_unit_of_the_plan() {
        check_bound("memory < 512MiB", 536_870_912.0, "512 MiB (537 MB)");
        check_bound("memory <= 1.5 GB on db", 1.5e9, "1.5 GB");
        check_bound("memory < 200MB", 2e8, "200 MB");
        check_bound("p95 < 500ms", 5e5, "500 ms");
    }
}
