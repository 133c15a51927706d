//! How response times spread: a percentile curve for each step.

use loadline_metrics::StepWindow;

use crate::result::PercentileCurve;
use crate::woodruff::WindowTimes;

/// Points of a curve for each factor of ten in 1 − q.
const POINTS_PER_DECADE: u32 = 20;
/// Factors of ten at most: up to p99.999.
const DECADES: u32 = 5;

/// Quantiles that reports name, which even spacing comes near but misses.
const NAMED: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/// The curve of the response `times` in a step's window; `None` without samples.
///
/// Points are evenly spaced in −log₁₀(1 − q), from the minimum to the last quantile below which a
/// sample lies, with the quantiles that reports name among them.
pub(crate) fn percentile_curve(
    step: &StepWindow,
    times: &WindowTimes<'_>,
) -> Option<PercentileCurve> {
    let samples = times.count();
    let (min, _) = times.extremes_us()?;
    let mut points = vec![(0.0, min as f64)];
    for q in quantiles() {
        if (1.0 - q) * (samples as f64) < 1.0 {
            break;
        }
        if let Some((value, _)) = times.value_at(q) {
            points.push((q, value as f64));
        }
    }
    Some(PercentileCurve {
        step: step.step,
        load: step.load,
        samples,
        points,
    })
}

/// The quantiles of a curve behind its minimum, rising, each once.
fn quantiles() -> Vec<f64> {
    let even = (1..=POINTS_PER_DECADE * DECADES)
        .map(|index| 1.0 - 10f64.powf(-f64::from(index) / f64::from(POINTS_PER_DECADE)));
    let mut quantiles: Vec<f64> = NAMED.into_iter().chain(even).collect();
    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup_by(|even, named| (*even - *named).abs() < 1e-9);
    quantiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_that_reports_name_are_points_of_the_curve() {
        let quantiles = quantiles();
        assert!(quantiles.is_sorted());
        for named in NAMED {
            let near = quantiles.iter().filter(|q| (*q - named).abs() < 1e-9);
            assert_eq!(near.count(), 1, "{named}");
        }
    }
}
