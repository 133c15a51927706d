//! The levels of a load in steps: `from`, `to` and `by`.

use super::{Fields, Reader};

/// More steps than this are a slip of the keyboard: a report could not show them.
const MOST_LEVELS: f64 = 1000.0;

/// Levels are rounded to a billionth, so that three steps of 0.1/s are 0.3/s in a report.
const ROUNDING: f64 = 1e9;

impl Reader<'_> {
    /// From `from` to `to`, both included, in steps of `by`, upwards or downwards.
    ///
    /// `by` may be absent when there is only one level. Steps that miss `to` are a finding: whether
    /// the last one should be there is the author's to say.
    pub(super) fn levels(
        &mut self,
        fields: &Fields<'_>,
        from: f64,
        to: f64,
        by: Option<f64>,
    ) -> Option<Vec<f64>> {
        if from == to {
            return Some(vec![from]);
        }
        let place = fields.find("by").map_or(fields.place, |node| node.place);
        let by = match by {
            Some(by) if by > 0.0 => by,
            Some(_) => {
                self.error(
                    "invalid-steps",
                    place,
                    "`by` is 0",
                    "write a number above 0",
                );
                return None;
            }
            None if fields.find("by").is_some() => return None,
            None => {
                let help =
                    format!("add `by`, the difference between two steps from {from} to {to}");
                self.error("missing-key", place, "`by` is missing", help);
                return None;
            }
        };
        let steps = ((to - from).abs() / by).round();
        if steps > MOST_LEVELS {
            let message = format!("{steps} steps are more than {MOST_LEVELS}");
            self.error("invalid-steps", place, message, "write a greater `by`");
            return None;
        }
        let signed = by.copysign(to - from);
        // A billionth of slack, for rates such as 0.1/s.
        if steps < 1.0 || (from + signed * steps - to).abs() > 1e-9 * to.abs().max(from) {
            let message = format!("steps of {by} from {from} do not reach {to}");
            let help = format!("choose a `by` that divides {}", (to - from).abs());
            self.error("invalid-steps", place, message, help);
            return None;
        }
        // At most MOST_LEVELS, so the conversion is exact.
        let count = steps as u32;
        let level = |step: u32| from + signed * f64::from(step);
        let mut levels: Vec<f64> = (0..count)
            .map(|step| (level(step) * ROUNDING).round() / ROUNDING)
            .collect();
        levels.push(to);
        Some(levels)
    }
}
