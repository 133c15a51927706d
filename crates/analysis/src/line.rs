//! A straight line through equally spaced values, by least squares.

/// The line, in the unit of the values.
pub(crate) struct Line {
    /// Height in the middle.
    pub(crate) center: f64,
    /// Rise from one value to the next.
    pub(crate) slope: f64,
    /// Standard error of the slope.
    pub(crate) slope_error: f64,
    steps: f64,
}

impl Line {
    /// Through `values`, of which there are at least three.
    pub(crate) fn through(values: &[f64]) -> Line {
        let count = values.len() as f64;
        let middle = (count - 1.0) / 2.0;
        let center = values.iter().sum::<f64>() / count;
        let at = || (0..).zip(values).map(|(k, y)| (f64::from(k) - middle, y));
        let spread: f64 = at().map(|(x, _)| x * x).sum();
        let slope = at().map(|(x, y)| x * (y - center)).sum::<f64>() / spread;
        let squares: f64 = at().map(|(x, y)| (y - center - slope * x).powi(2)).sum();
        Line {
            center,
            slope,
            slope_error: (squares / (count - 2.0) / spread).sqrt(),
            steps: count - 1.0,
        }
    }

    /// Change from the first value to the last.
    pub(crate) fn change(&self) -> f64 {
        self.slope * self.steps
    }

    /// Standard error of the change.
    pub(crate) fn change_error(&self) -> f64 {
        self.slope_error * self.steps
    }

    /// The t statistic; a perfect line that is flat has 0, one that is not a very large one.
    pub(crate) fn t(&self) -> f64 {
        self.slope / self.slope_error.max(1e-12)
    }
}
