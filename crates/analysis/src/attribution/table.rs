//! The loads of a run as causes are looked for in them: where the curve turns, and whether a signal
//! is high there and rose with the load.

use crate::knees::LEAST_RISE_S;
use crate::load_point::{LoadPoint, Pick};
use crate::pauses::Pauses;
use crate::wording::{percent, rate};

/// Ratio of a signal beyond the knee to that at the smallest load that makes it a rise.
const LEAST_RISE: f64 = 1.3;
/// The same to the smallest of all, below which a trend is none.
const LEAST_CHANGE: f64 = 1.05;

/// Share of samples that time out from which throughput tells of the clients' patience: what the server
/// answers too late is lost, and it may be busy with nothing else.
const IMPATIENT: f64 = 0.05;

/// The loads of a run and where the curve turns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// By ascending load; not empty.
    pub(crate) points: Vec<LoadPoint>,
    /// Index of the knee.
    pub(crate) knee: usize,
    /// The server before load, if it was read.
    pub(crate) start: Option<LoadPoint>,
    /// Whether throughput falls beyond a peak by a fitted law.
    pub(crate) retrograde_law: bool,
    /// Whether CPU use follows the utilisation law.
    pub(crate) cpu_follows_law: bool,
    /// How the server's process ended, if it did.
    pub(crate) ended: Option<String>,
    /// Moments in which nothing was answered.
    pub(crate) pauses: Option<Pauses>,
}

/// The knee: first load at which the gain in throughput falls below half of the first one's, or the
/// mean response time has doubled and risen by half a millisecond or more. 0 if the first two loads already
/// give the same throughput.
pub(crate) fn knee(points: &[LoadPoint]) -> Option<usize> {
    let first = points.first()?;
    let first_gain = first.throughput_of_load();
    let turn = (1..points.len()).find(|index| {
        let (before, here) = (&points[index - 1], &points[*index]);
        let added = here.load - before.load;
        let slower_gain = added > 0.0 && (here.good - before.good) / added < 0.5 * first_gain;
        let slower = here.is_twice_as_slow_as(first) && here.mean_s - first.mean_s >= LEAST_RISE_S;
        slower_gain || slower
    })?;
    let saturated_from_start = turn == 1 && is_flat(first, &points[1]);
    Some(if saturated_from_start { 0 } else { turn })
}

/// Whether throughput hardly changes from one load to a greater one.
pub(super) fn is_flat(low: &LoadPoint, high: &LoadPoint) -> bool {
    if low.good <= 0.0 || low.load <= 0.0 {
        return false;
    }
    let change = (high.good / low.good - 1.0).abs();
    let added = high.load / low.load - 1.0;
    change < 0.03 || change < 0.1 * added
}

impl LoadPoint {
    /// Whether so many requests time out that throughput does not tell what the server can do.
    pub(super) fn loses_patience(&self) -> bool {
        self.timed_out >= IMPATIENT
    }

    /// Whether the mean response time is more than twice that of `other`.
    pub(crate) fn is_twice_as_slow_as(&self, other: &LoadPoint) -> bool {
        self.mean_s > 2.0 * other.mean_s
    }

    pub(super) fn throughput_of_load(&self) -> f64 {
        if self.load > 0.0 {
            self.good / self.load
        } else {
            0.0
        }
    }
}

impl Table {
    /// The last two points at or after the knee.
    pub(crate) fn beyond(&self) -> &[LoadPoint] {
        let beyond = &self.points[self.knee.min(self.points.len() - 1)..];
        &beyond[beyond.len().saturating_sub(2)..]
    }

    /// Mean of a signal beyond the knee; `None` if it was not read there.
    pub(crate) fn high(&self, pick: Pick) -> Option<f64> {
        crate::server_series::mean(self.beyond().iter().filter_map(pick))
    }

    /// Whether a signal rose with the load.
    pub(crate) fn rises(&self, pick: Pick) -> bool {
        let Some(high) = self.high(pick).filter(|high| *high > 0.0) else {
            return false;
        };
        let series: Vec<f64> = self
            .start
            .iter()
            .chain(&self.points)
            .filter_map(pick)
            .collect();
        let grew = high >= LEAST_RISE * series[0];
        if series.len() == 1 || (self.knee == 0 && self.start.as_ref().and_then(pick).is_none()) {
            // Full at the smallest load and not read before: there is nothing to compare with.
            true
        } else if series.len() == 2 || self.knee == 0 {
            grew
        } else {
            // By rank or by size: on a plateau chance decides the order.
            let least = series.iter().copied().fold(f64::INFINITY, f64::min);
            let changed = high >= LEAST_CHANGE * least;
            let trend = trend(&series).max(trend(&ranks(&series)));
            grew || (changed && trend >= 0.6)
        }
    }

    /// Index of the first point at which a signal is at least `threshold`.
    pub(crate) fn onset(&self, pick: Pick, threshold: f64) -> usize {
        self.points
            .iter()
            .position(|point| pick(point).is_some_and(|value| value >= threshold))
            .unwrap_or(self.points.len())
    }

    /// Throughput over the judged loads hardly changes, or what is beyond its greatest times out.
    pub(super) fn is_flat(&self) -> bool {
        match self.beyond() {
            [.., last] if last.loses_patience() => last.good <= 1.03 * self.greatest().good,
            [low, high] => is_flat(low, high),
            // One load beyond the knee: flat if it gained little on the one before.
            [only] if self.knee > 0 => {
                let before = &self.points[self.knee - 1];
                let gain = (only.good - before.good) / (only.load - before.load).max(1e-9);
                gain < 0.1 * self.points[0].throughput_of_load()
            }
            _ => false,
        }
    }

    /// The load with the greatest throughput.
    pub(super) fn greatest(&self) -> &LoadPoint {
        let by_throughput = |a: &&LoadPoint, b: &&LoadPoint| a.good.total_cmp(&b.good);
        self.points
            .iter()
            .max_by(by_throughput)
            .unwrap_or(self.last())
    }

    pub(super) fn last(&self) -> &LoadPoint {
        &self.points[self.points.len() - 1]
    }
}

pub(super) fn flat_sentence(table: &Table) -> String {
    match table.beyond() {
        [.., last] if last.loses_patience() => format!(
            "Throughput ends at {}; with more load {} of the requests time out.",
            rate(table.greatest().good),
            percent(last.timed_out)
        ),
        [low, high] => format!(
            "Throughput stays at {} while the load rises by {}.",
            rate(high.good),
            percent(high.load / low.load.max(1e-9) - 1.0)
        ),
        _ => format!("Throughput stays at {}.", rate(table.last().good)),
    }
}

/// The ranks of a series from 1, equal values sharing the mean of theirs.
fn ranks(series: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = series.iter().filter(|other| *other < value).count() as f64;
        let equal = series.iter().filter(|other| *other == value).count() as f64;
        below + (equal + 1.0) / 2.0
    };
    series.iter().map(rank).collect()
}

/// The correlation of a series with its order; 0 for a constant one.
fn trend(series: &[f64]) -> f64 {
    let count = series.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = series.iter().sum::<f64>() / count;
    let (mut products, mut own, mut order) = (0.0, 0.0, 0.0);
    for (index, value) in series.iter().enumerate() {
        let at = index as f64 - middle;
        products += at * (value - mean);
        own += (value - mean).powi(2);
        order += at * at;
    }
    if own <= 0.0 || order <= 0.0 {
        0.0
    } else {
        products / (own * order).sqrt()
    }
}
