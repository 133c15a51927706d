//! How response times spread over time: for each stretch of the run, the share of its samples in each
//! of a row of bins that grow by a constant factor. Two bands show what a mean hides.

use std::collections::BTreeMap;

use loadline_metrics::{Distribution, Histogram, RunData};

use crate::result::HeatMap;
use crate::window::is_counted;

/// Bins of response time.
const BINS: usize = 36;
/// Columns at most.
const MOST_COLUMNS: u32 = 80;
/// Fewest samples that make a map worth drawing.
const FEWEST_SAMPLES: u64 = 100;

/// The map of the first `seconds` of `run`, all counted labels together; `None` with fewer than 100
/// samples or where all took equally long.
pub(crate) fn heat_map(run: &RunData, seconds: u32) -> Option<HeatMap> {
    let mut responses: BTreeMap<u32, Vec<&Distribution>> = BTreeMap::new();
    for ((_, label), cell) in &run.series.cells {
        if is_counted(run, *label) {
            for (second, row) in &cell.intended {
                responses.entry(*second).or_default().push(&row.response);
            }
        }
    }
    drawn(&responses, seconds)
}

fn drawn(responses: &BTreeMap<u32, Vec<&Distribution>>, seconds: u32) -> Option<HeatMap> {
    let rows = responses.values().flatten().filter(|row| row.count > 0);
    let samples: u64 = rows.clone().map(|row| row.count).sum();
    let least = rows.clone().map(|row| row.min_us).min()?.max(1) as f64;
    let greatest = rows.map(|row| row.max_us).max()? as f64;
    if samples < FEWEST_SAMPLES || greatest <= least {
        return None;
    }
    let factor = (greatest / least).powf(1.0 / BINS as f64);
    let edges_us: Vec<f64> = (0..=BINS)
        .map(|edge| least * factor.powf(edge as f64))
        .collect();
    let bin_of = |value_us: u64| {
        let bin = (value_us as f64 / least).ln() / factor.ln();
        (bin.max(0.0) as usize).min(BINS - 1)
    };
    let column_s = seconds.div_ceil(MOST_COLUMNS).max(1);
    let mut workbench = Histogram::default();
    let columns = (0..seconds.div_ceil(column_s))
        .map(|column| {
            workbench.clear();
            let span = column * column_s..(column + 1) * column_s;
            for row in responses.range(span).flat_map(|row| row.1) {
                workbench.add(row);
            }
            let mut counts = [0u64; BINS];
            for (_, highest_us, count) in workbench.buckets() {
                counts[bin_of(highest_us)] += count;
            }
            let all: u64 = counts.iter().sum();
            if all == 0 {
                return Vec::new();
            }
            counts
                .iter()
                .map(|count| *count as f64 / all as f64)
                .collect()
        })
        .collect();
    Some(HeatMap {
        column_s,
        edges_us,
        columns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(seconds: &[Vec<u64>]) -> Option<HeatMap> {
        let rows: Vec<Distribution> = seconds
            .iter()
            .map(|values| Distribution::from_values(values.iter().copied()))
            .collect();
        let responses = (0u32..).zip(rows.iter().map(|row| vec![row])).collect();
        drawn(&responses, seconds.len() as u32)
    }

    #[test]
    fn two_kinds_of_answers_are_two_bands_and_an_idle_second_is_empty() {
        let mixed: Vec<u64> = (0..100)
            .map(|index| if index % 4 == 0 { 100_000 } else { 1_000 })
            .collect();
        let map = map(&[mixed, Vec::new(), vec![1_000; 10]]).unwrap();
        assert_eq!(map.edges_us.len(), 37);
        let column = &map.columns[0];
        assert!((column[0] - 0.75).abs() < 1e-9, "{column:?}");
        assert!((column[35] - 0.25).abs() < 1e-9, "{column:?}");
        assert!((column.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(map.columns[1].is_empty());
        assert!((map.columns[2][0] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn long_runs_have_at_most_eighty_columns() {
        let seconds = vec![vec![1_000, 2_000]; 1_000];
        let map = map(&seconds).unwrap();
        assert_eq!(map.column_s, 13);
        assert_eq!(map.columns.len(), 77);
    }

    #[test]
    fn few_or_equal_answers_have_no_map() {
        assert_eq!(map(&[vec![1_000, 2_000]]), None);
        assert_eq!(map(&[vec![1_000; 500]]), None);
        assert_eq!(map(&[]), None);
    }
}
