//! The incomplete beta function, and the tails of the binomial distribution that it gives.
//!
//! Continued fraction by Lentz's method, ln Γ by Lanczos' series (Press et al., *Numerical Recipes*,
//! sections 6.1 and 6.4, as published formulas).

/// Terms of Lanczos' series with g = 7.
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// ln Γ(x) for x > 0.
fn ln_gamma(x: f64) -> f64 {
    let x = x - 1.0;
    let base = x + 7.5;
    let series = (1..)
        .zip(&LANCZOS[1..])
        .fold(LANCZOS[0], |sum, (i, term)| sum + term / (x + f64::from(i)));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * base.ln() - base + series.ln()
}

/// The regularised incomplete beta function I_x(a, b); `a` and `b` are positive, `x` is in [0, 1].
pub(crate) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let ln_front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    let front = ln_front.exp();
    // The fraction converges fast on one side of the mean; the other side follows by symmetry.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(a, b, x) / a
    } else {
        1.0 - front * continued_fraction(b, a, 1.0 - x) / b
    }
}

fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    // Enough for parameters up to some millions; smaller ones stop after a few dozen terms.
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let step = d * c;
        fraction *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// P(X ≥ `count`) for X binomial with `n` trials of probability `p` in [0, 1].
pub fn binomial_at_least(count: u64, n: u64, p: f64) -> f64 {
    if count == 0 {
        1.0
    } else if count > n {
        0.0
    } else {
        incomplete_beta(count as f64, (n - count) as f64 + 1.0, p)
    }
}

/// P(X ≤ `count`) for X binomial with `n` trials of probability `p`.
pub(crate) fn binomial_at_most(count: u64, n: u64, p: f64) -> f64 {
    1.0 - binomial_at_least(count + 1, n, p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // I_0.5(a, a) is one half; I_x(1, b) is 1 − (1 − x)^b.
        assert!((incomplete_beta(7.0, 7.0, 0.5) - 0.5).abs() < 1e-13);
        assert!((incomplete_beta(1.0, 3.0, 0.2) - (1.0 - 0.8f64.powi(3))).abs() < 1e-13);
        assert!((ln_gamma(5.0) - 24f64.ln()).abs() < 1e-12);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
    }

    #[test]
    fn tails_of_ten_fair_coins() {
        assert!((binomial_at_least(8, 10, 0.5) - 56.0 / 1024.0).abs() < 1e-12);
        assert!((binomial_at_most(2, 10, 0.5) - 56.0 / 1024.0).abs() < 1e-12);
        assert_eq!(binomial_at_least(0, 10, 0.5), 1.0);
        assert_eq!(binomial_at_least(11, 10, 0.5), 0.0);
        assert_eq!(binomial_at_most(10, 10, 0.5), 1.0);
    }
}
