//! Student's t distribution: quantiles for intervals and tails for tests.

use crate::beta::incomplete_beta;

/// The normal quantile of a two-sided 95 % interval.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

/// How sure an interval is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confidence {
    /// Two-sided 90 %, for the two one-sided tests of no change.
    Ninety,
    /// Two-sided 95 %.
    NinetyFive,
}

impl Confidence {
    /// The quantile t with P(|T| ≤ t) = the confidence, for `df` degrees of freedom (at least 1).
    pub(crate) fn t(self, df: u32) -> f64 {
        match self {
            Confidence::Ninety => two_sided_quantile(0.10, df),
            Confidence::NinetyFive => two_sided_quantile(0.05, df),
        }
    }

    /// The same for the normal distribution.
    pub(crate) const fn z(self) -> f64 {
        match self {
            Confidence::Ninety => 1.644_853_626_951_472_7,
            Confidence::NinetyFive => Z95,
        }
    }
}

/// P(|T| > |t|) for `df` degrees of freedom.
pub(crate) fn two_sided_tail(t: f64, df: f64) -> f64 {
    incomplete_beta(df / 2.0, 0.5, df / (df + t * t))
}

/// The t with P(|T| > t) = `alpha`, by bisection on the monotone tail.
fn two_sided_quantile(alpha: f64, df: u32) -> f64 {
    let df = f64::from(df.max(1));
    let (mut low, mut high) = (0.0, 1.0);
    while two_sided_tail(high, df) > alpha {
        low = high;
        high *= 2.0;
    }
    // Each round halves the gap; 60 leave less than 1e-16 of it.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if two_sided_tail(middle, df) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(df: u32, t95: f64, t90: f64) {
        assert!((Confidence::NinetyFive.t(df) - t95).abs() < 1e-9, "{df}");
        assert!((Confidence::Ninety.t(df) - t90).abs() < 1e-9, "{df}");
    }

    #[test]
    fn quantiles_are_those_of_tables() {
        check(1, 12.706_204_736_432_095, 6.313_751_514_675_043);
        check(2, 4.302_652_729_911_275, 2.919_985_580_355_516);
        check(9, 2.262_157_162_740_992, 1.833_112_932_653_634_4);
        check(19, 2.093_024_054_408_263, 1.729_132_811_521_367_3);
    }

    #[test]
    fn tails_invert_quantiles() {
        assert!((two_sided_tail(2.262_157_162_740_992, 9.0) - 0.05).abs() < 1e-11);
        assert_eq!(two_sided_tail(0.0, 9.0), 1.0);
    }
}
