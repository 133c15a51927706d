//! Response times over time as a heat map: the darker a field, the more of the samples of its moment
//! took so long.

use loadline_analysis::{Analysis, HeatMap};

use super::axis::Axis;
use super::plot::{Key, Plot, title};
use super::sheet::Sheet;
use super::story::{length_s, time_axis, x};
use crate::number::{self, Quantity};

/// Shares from which a field has the next darker of five levels, and the levels' opacities.
const LEVELS: [(f64, f64); 5] = [
    (0.0, 0.12),
    (0.005, 0.28),
    (0.02, 0.46),
    (0.06, 0.68),
    (0.15, 1.0),
];
const COLOR: &str = "var(--s3)";

/// The figure; empty without a map or with one column.
pub(super) fn heat_map(analysis: &Analysis, sheet: &Sheet) -> String {
    let length_s = length_s(analysis);
    let Some(map) = analysis
        .heat
        .as_ref()
        .filter(|map| map.columns.len() > 1 && length_s > 0.0)
    else {
        return String::new();
    };
    let Some(axis) = Axis::times(map.edges_us.iter().copied()) else {
        return String::new();
    };
    let mut plot = Plot::new(sheet, axis, 250);
    for (level, (_, opacity)) in LEVELS.iter().enumerate() {
        plot.bars(&fields(map, level, length_s), COLOR, *opacity);
    }
    let (least, greatest) = (map.edges_us[0], map.edges_us[map.edges_us.len() - 1]);
    let finding = format!(
        "Heat map of response times from {} to {}",
        number::value(Quantity::Time, least),
        number::value(Quantity::Time, greatest)
    );
    format!(
        "<figure>{}{}{}<figcaption>Each column is {} of the run: the darker, the more of the samples meant to start \
         then took so long (steps at 0.5, 2, 6 and 15 %). Failed samples are in. Two bands are two kinds of answers, \
         which a mean would hide.</figcaption></figure>",
        title(
            sheet,
            "All samples over time",
            "log scale",
            &[(Key::Area, COLOR, "more than 15 % of a column")]
        ),
        plot.finish(&finding),
        time_axis(sheet, length_s),
        number::length(f64::from(map.column_s))
    )
}

/// The fields of one level: from and to in x, lowest and highest time.
fn fields(map: &HeatMap, level: usize, length_s: f64) -> Vec<(f64, f64, f64, f64)> {
    let above = LEVELS.get(level + 1).map_or(f64::INFINITY, |next| next.0);
    let within = |share: f64| share > 0.0 && share >= LEVELS[level].0 && share < above;
    let mut fields = Vec::new();
    for (column, shares) in map.columns.iter().enumerate() {
        let start = column as f64 * f64::from(map.column_s);
        let (from, to) = (
            x(start, length_s),
            x(start + f64::from(map.column_s), length_s),
        );
        for (bin, share) in shares.iter().enumerate() {
            if within(*share) {
                fields.push((from, to, map.edges_us[bin], map.edges_us[bin + 1]));
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn every_field_has_one_level_and_none_is_lost() {
        let analysis = fixture::stress();
        let map = analysis.heat.as_ref().unwrap();
        let drawn: usize = (0..LEVELS.len())
            .map(|level| fields(map, level, 390.0).len())
            .sum();
        let filled = map.columns.iter().flatten().filter(|share| **share > 0.0);
        assert_eq!(drawn, filled.count());
        let html = heat_map(&analysis, &Sheet::default());
        assert!(html.contains("Heat map of response times"), "{html}");
    }

    #[test]
    fn without_a_map_there_is_no_figure() {
        assert_eq!(heat_map(&fixture::empty(), &Sheet::default()), "");
    }
}
