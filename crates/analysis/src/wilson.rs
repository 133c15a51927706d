//! The score interval for a proportion (Wilson 1927), with an effective number of samples.

/// The interval for a proportion `p` seen in `n_eff` independent samples, at the quantile `t`.
///
/// `None` without samples. The ends lie in [0, 1].
pub(crate) fn wilson(p: f64, n_eff: f64, t: f64) -> Option<(f64, f64)> {
    if n_eff <= 0.0 {
        return None;
    }
    let scale = 1.0 + t * t / n_eff;
    let center = (p + t * t / (2.0 * n_eff)) / scale;
    let half = t / scale * (p * (1.0 - p) / n_eff + t * t / (4.0 * n_eff * n_eff)).sqrt();
    // Rounding must not leave a trace of an event that never happened.
    let low = if p <= 0.0 {
        0.0
    } else {
        (center - half).max(0.0)
    };
    let high = if p >= 1.0 {
        1.0
    } else {
        (center + half).min(1.0)
    };
    Some((low, high))
}
