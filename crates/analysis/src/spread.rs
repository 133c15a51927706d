//! How response times spread: a percentile curve for each step.

use loadline_metrics::StepWindow;

use crate::result::PercentileCurve;
use crate::woodruff::WindowTimes;

/// Points of a curve for each factor of ten in 1 − q.
const POINTS_PER_DECADE: u32 = 20;
/// Factors of ten at most: up to p99.999.
const DECADES: u32 = 5;

/// The curve of the response `times` in a step's window; `None` without samples.
///
/// Points are evenly spaced in −log₁₀(1 − q), from the minimum to the last quantile below which a
/// sample lies.
pub(crate) fn percentile_curve(
    step: &StepWindow,
    times: &WindowTimes<'_>,
) -> Option<PercentileCurve> {
    let samples = times.count();
    let (min, _) = times.extremes_us()?;
    let mut points = vec![(0.0, min as f64)];
    for index in 1..=POINTS_PER_DECADE * DECADES {
        let q = 1.0 - 10f64.powf(-f64::from(index) / f64::from(POINTS_PER_DECADE));
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
