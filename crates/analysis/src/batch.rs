//! Batches of seconds: how much a figure of a window varies, correlation included.
//!
//! Seconds of a run are not independent, so a figure's variance is read from sums over long batches
//! (Schmeiser 1982), corrected for what correlation is left between neighbours (Tafazzoli, Wilson,
//! Lada and Steiger 2011).

use crate::student::Confidence;

/// Shortest window, in seconds, for which an interval is claimed.
pub(crate) const MIN_WINDOW_S: u32 = 20;

/// The numbers of batches that are tried on a window of `seconds`; the widest interval counts.
pub(crate) fn batch_counts(seconds: u32) -> &'static [u32] {
    match seconds {
        0..MIN_WINDOW_S => &[],
        MIN_WINDOW_S..40 => &[10],
        _ => &[10, 20],
    }
}

/// The batch, of `batches`, of the second `offset` of a window of `seconds`.
pub(crate) fn batch_of(offset: u32, batches: u32, seconds: u32) -> usize {
    (u64::from(offset) * u64::from(batches) / u64::from(seconds.max(1))) as usize
}

/// Sums of a value by batch, from (second of the window, value) rows.
pub(crate) fn batch_sums(
    rows: impl Iterator<Item = (u32, f64)>,
    batches: u32,
    seconds: u32,
) -> Vec<f64> {
    let mut sums = vec![0.0; batches as usize];
    for (offset, value) in rows {
        if let Some(sum) = sums.get_mut(batch_of(offset, batches, seconds)) {
            *sum += value;
        }
    }
    sums
}

/// The factor by which the correlation of neighbouring batches widens a variance, at least 1.
///
/// `deviations` are those of the batches from their expectation.
pub(crate) fn correlation_factor(deviations: &[f64]) -> f64 {
    let squares: f64 = deviations.iter().map(|e| e * e).sum();
    if squares <= 0.0 {
        return 1.0;
    }
    let products: f64 = deviations.windows(2).map(|pair| pair[0] * pair[1]).sum();
    // 1/B takes away the bias of the estimated correlation.
    let r = (products / squares + 1.0 / deviations.len() as f64).clamp(0.0, 0.8);
    (1.0 + r) / (1.0 - r)
}

/// Variance of a ratio Σy / Σn from the batches' deviations e = y − ratio·n.
pub(crate) fn ratio_variance(deviations: &[f64], n: f64) -> f64 {
    let b = deviations.len() as f64;
    let squares: f64 = deviations.iter().map(|e| e * e).sum();
    b / (b - 1.0) * squares / (n * n) * correlation_factor(deviations)
}

/// The interval of the ratio Σ`sums` / Σ`weights` over a window, the widest over all batch counts.
///
/// `sums` and `weights` are rows of (second of the window, value). `None` without weight or when
/// the window is too short.
pub(crate) fn ratio_interval(
    sums: impl Iterator<Item = (u32, f64)> + Clone,
    weights: impl Iterator<Item = (u32, f64)> + Clone,
    seconds: u32,
    confidence: Confidence,
) -> Option<(f64, f64)> {
    let mut widest: Option<f64> = None;
    let n: f64 = weights.clone().map(|row| row.1).sum();
    if n <= 0.0 {
        return None;
    }
    let ratio = sums.clone().map(|row| row.1).sum::<f64>() / n;
    for &batches in batch_counts(seconds) {
        let totals = batch_sums(sums.clone(), batches, seconds);
        let counts = batch_sums(weights.clone(), batches, seconds);
        let deviations: Vec<f64> = totals
            .iter()
            .zip(&counts)
            .map(|(total, count)| total - ratio * count)
            .collect();
        let half = confidence.t(batches - 1) * ratio_variance(&deviations, n).sqrt();
        widest = Some(widest.map_or(half, |other| other.max(half)));
    }
    widest.map(|half| (ratio - half, ratio + half))
}

/// The interval of events per second over a window, the widest over all batch counts.
///
/// `events` are rows of (second of the window, events). `None` when the window is too short.
pub(crate) fn throughput_interval(
    events: impl Iterator<Item = (u32, f64)> + Clone,
    seconds: u32,
    confidence: Confidence,
) -> Option<(f64, f64)> {
    let rate = events.clone().map(|row| row.1).sum::<f64>() / f64::from(seconds.max(1));
    let mut widest: Option<f64> = None;
    for &batches in batch_counts(seconds) {
        let mut lengths = vec![0.0; batches as usize];
        for offset in 0..seconds {
            lengths[batch_of(offset, batches, seconds)] += 1.0;
        }
        let rates: Vec<f64> = batch_sums(events.clone(), batches, seconds)
            .iter()
            .zip(&lengths)
            .map(|(count, length)| count / length)
            .collect();
        let b = rates.len() as f64;
        let mean = rates.iter().sum::<f64>() / b;
        let deviations: Vec<f64> = rates.iter().map(|rate| rate - mean).collect();
        let variance = deviations.iter().map(|e| e * e).sum::<f64>() / (b - 1.0) / b
            * correlation_factor(&deviations);
        let half = confidence.t(batches - 1) * variance.sqrt();
        widest = Some(widest.map_or(half, |other| other.max(half)));
    }
    widest.map(|half| ((rate - half).max(0.0), rate + half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_split_a_window_evenly() {
        let sizes = batch_sums((0..45).map(|s| (s, 1.0)), 10, 45);
        assert_eq!(sizes.iter().sum::<f64>(), 45.0);
        assert!(sizes.iter().all(|size| *size == 4.0 || *size == 5.0));
    }

    #[test]
    fn a_constant_rate_has_an_interval_of_no_width() {
        let rows = (0..30).map(|s| (s, 7.0));
        let (low, high) = throughput_interval(rows, 30, Confidence::NinetyFive).unwrap();
        assert!((low - 7.0).abs() < 1e-12 && (high - 7.0).abs() < 1e-12);
    }

    #[test]
    fn short_windows_have_no_interval() {
        let rows = (0..19).map(|s| (s, 7.0));
        assert_eq!(throughput_interval(rows, 19, Confidence::NinetyFive), None);
    }
}
