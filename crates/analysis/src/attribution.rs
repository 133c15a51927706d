//! How much speaks for each cause that can limit a server: the score table.
//!
//! A cause must be high at the knee and beyond, and have risen with the load. The parts of a score
//! are engineering judgement; their sum is at most 1. Long, since it is one table: a function for
//! each row.

use crate::crowding::{generator, generator_fills_host, shared_host};
use crate::load_point::{LoadPoint, Pick};
use crate::result::Cause;
use crate::wording::{bytes, cores as cores_text, percent, rate, significant};

/// What speaks for a cause.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) cause: Cause,
    pub(crate) score: f64,
    /// Sentences with numbers.
    pub(crate) evidence: Vec<String>,
    /// Index of the first point at which it shows.
    pub(crate) onset: usize,
}

/// The loads of a run and where the curve turns.
#[derive(Clone, Debug)]
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
}

/// The knee: first load at which the gain in throughput falls below half of the first one's, or the
/// mean response time has doubled. 0 if the first two loads already give the same throughput.
pub(crate) fn knee(points: &[LoadPoint]) -> Option<usize> {
    let first = points.first()?;
    let first_gain = first.throughput_of_load();
    let turn = (1..points.len()).find(|index| {
        let (before, here) = (&points[index - 1], &points[*index]);
        let added = here.load - before.load;
        let slower_gain = added > 0.0 && (here.good - before.good) / added < 0.5 * first_gain;
        slower_gain || here.mean_s > 2.0 * first.mean_s
    })?;
    let saturated_from_start = turn == 1 && is_flat(first, &points[1]);
    Some(if saturated_from_start { 0 } else { turn })
}

impl LoadPoint {
    fn throughput_of_load(&self) -> f64 {
        if self.load > 0.0 {
            self.good / self.load
        } else {
            0.0
        }
    }
}

/// Whether throughput hardly changes from one load to a greater one.
fn is_flat(low: &LoadPoint, high: &LoadPoint) -> bool {
    if low.good <= 0.0 || low.load <= 0.0 {
        return false;
    }
    let change = (high.good / low.good - 1.0).abs();
    let added = high.load / low.load - 1.0;
    change < 0.03 || change < 0.1 * added
}

/// The scores of all causes, in the order of the table.
pub(crate) fn scores(table: &Table) -> Vec<Score> {
    let mut scores = vec![
        generator(table),
        shared_host(table),
        cpu(table),
        cpu_quota(table),
        single_thread(table),
        memory(table),
        memory_leak(table),
        disk(table),
        network(table),
        accept_queue(table),
        descriptors(table),
        rate_limiter(table),
        lock(table),
        worker_pool(table),
    ];
    let seen = scores.iter().any(|score| score.score >= 0.4);
    if !seen {
        scores.push(server_errors(table));
    }
    scores.retain(|score| score.score > 0.0);
    for score in &mut scores {
        score.score = score.score.min(1.0);
    }
    scores
}

/// The family of a cause: causes of one family do not compete.
pub(crate) fn family(cause: Cause) -> u8 {
    match cause {
        Cause::Generator => 0,
        Cause::Cpu | Cause::CpuQuota | Cause::SingleThread | Cause::SharedHost => 1,
        Cause::Memory | Cause::MemoryLeak => 2,
        Cause::Disk => 3,
        Cause::Network => 4,
        Cause::AcceptQueue => 5,
        Cause::Descriptors => 6,
        Cause::RateLimiter => 7,
        Cause::Lock => 8,
        Cause::WorkerPool => 9,
        Cause::ServerErrors => 10,
        Cause::None | Cause::Unknown => 11,
    }
}

/// Ratio of a signal beyond the knee to that at the smallest load that makes it a rise.
const LEAST_RISE: f64 = 1.3;
/// The same to the smallest of all, below which a trend is none.
const LEAST_CHANGE: f64 = 1.05;

/// Adds up the parts of a score.
pub(crate) struct Tally {
    cause: Cause,
    score: f64,
    evidence: Vec<String>,
    onset: usize,
}

impl Tally {
    pub(crate) fn new(cause: Cause, onset: usize) -> Self {
        Tally {
            cause,
            score: 0.0,
            evidence: Vec::new(),
            onset,
        }
    }

    pub(crate) fn add(&mut self, part: f64, sentence: impl Into<String>) {
        self.score += part;
        self.evidence.push(sentence.into());
    }

    pub(crate) fn finish(self) -> Score {
        Score {
            cause: self.cause,
            score: self.score,
            evidence: self.evidence,
            onset: self.onset,
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

    /// Throughput over the judged loads hardly changes.
    fn is_flat(&self) -> bool {
        match self.beyond() {
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

    fn last(&self) -> &LoadPoint {
        &self.points[self.points.len() - 1]
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

/// A sentence if tasks wait for a core.
pub(crate) fn cpu_queue(table: &Table) -> Option<String> {
    let queue = table.high(|p| p.run_queue).zip(table.high(|p| p.cores));
    if let Some((queue, cores)) = queue.filter(|(queue, cores)| *queue > 1.5 * cores) {
        return Some(format!(
            "{} tasks run or wait for {}.",
            significant(queue),
            cores_text(cores)
        ));
    }
    let pressure = table.high(|p| p.psi_cpu).filter(|share| *share > 0.2)?;
    Some(format!(
        "Tasks waited for a core {} of the time.",
        percent(pressure)
    ))
}

fn cpu(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Cpu, table.onset(|p| p.cpu_ratio, 0.9));
    let Some(ratio) = table.high(|p| p.cpu_ratio) else {
        return tally.finish();
    };
    if ratio < 0.8 || generator_fills_host(table) || !table.rises(|p| p.cpu_ratio) {
        return tally.finish();
    }
    let cores = table.high(|p| p.cores).unwrap_or(1.0);
    tally.add(
        if ratio >= 0.9 { 0.7 } else { 0.4 },
        format!(
            "The server uses {} of the {} it may use.",
            percent(ratio),
            cores_text(cores)
        ),
    );
    if let Some(sentence) = cpu_queue(table) {
        tally.add(0.2, sentence);
    }
    if table.cpu_follows_law {
        tally.add(0.1, "Its CPU use grows in proportion to throughput.");
    }
    tally.finish()
}

fn cpu_quota(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::CpuQuota, table.onset(|p| p.cgroup_throttled, 0.05));
    if let Some(throttled) = table.high(|p| p.cgroup_throttled).filter(|t| *t > 0.05)
        && table.rises(|p| p.cgroup_throttled)
    {
        tally.add(
            0.8,
            format!(
                "The server's control group was throttled in {} of its periods.",
                percent(throttled)
            ),
        );
    }
    tally.finish()
}

fn single_thread(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::SingleThread, table.onset(|p| p.busiest_thread, 0.9));
    let Some(busiest) = table.high(|p| p.busiest_thread) else {
        return tally.finish();
    };
    let all = table.high(|p| p.cpu_ratio);
    if busiest < 0.8 || all.is_some_and(|all| all >= 0.9) || !table.rises(|p| p.busiest_thread) {
        return tally.finish();
    }
    tally.add(
        if busiest >= 0.9 { 0.7 } else { 0.4 },
        format!(
            "One thread of the server uses {} of a core.",
            percent(busiest)
        ),
    );
    if let Some(all) = all.filter(|all| *all < 0.7) {
        let cores = table.high(|p| p.cores).unwrap_or(1.0);
        tally.add(
            0.2,
            format!(
                "Its {} together are only {} in use.",
                cores_text(cores),
                percent(all)
            ),
        );
    }
    if table.is_flat() {
        tally.add(0.1, flat_sentence(table));
    }
    tally.finish()
}

fn flat_sentence(table: &Table) -> String {
    match table.beyond() {
        [low, high] => format!(
            "Throughput stays at {} while the load rises by {}.",
            rate(high.good),
            percent(high.load / low.load.max(1e-9) - 1.0)
        ),
        _ => format!("Throughput stays at {}.", rate(table.last().good)),
    }
}

fn memory(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::Memory,
        table
            .onset(|p| p.swap_bytes_per_s, 1e6)
            .min(table.onset(|p| p.major_faults, 100.0)),
    );
    let swap = table
        .high(|p| p.swap_bytes_per_s)
        .filter(|swap| *swap > 1e6);
    let faults = table
        .high(|p| p.major_faults)
        .filter(|faults| *faults > 100.0);
    if let Some(swap) = swap.filter(|_| table.rises(|p| p.swap_bytes_per_s)) {
        tally.add(0.7, format!("The host swaps {} a second.", bytes(swap)));
    } else if let Some(faults) = faults.filter(|_| table.rises(|p| p.major_faults)) {
        tally.add(
            0.7,
            format!("The server waits for {} page faults.", rate(faults)),
        );
    }
    if let Some(pressure) = table.high(|p| p.psi_memory).filter(|share| *share > 0.05)
        && table.rises(|p| p.psi_memory)
    {
        tally.add(
            0.3,
            format!("Tasks waited for memory {} of the time.", percent(pressure)),
        );
    }
    tally.finish()
}

/// Memory that grows at every load while the load is constant.
pub(crate) fn memory_leak(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::MemoryLeak, table.knee);
    let growth: Vec<f64> = table
        .points
        .iter()
        .filter_map(|point| point.memory_growth)
        .collect();
    // A cache that fills up at one load is no leak: every load must show growth.
    if growth.len() == table.points.len() && growth.iter().all(|growth| *growth > 0.05) {
        let last = growth.last().copied().unwrap_or(0.0);
        tally.add(
            0.5,
            format!(
                "Its memory grows by {} a minute at constant load, to {}.",
                percent(last),
                bytes(table.last().memory_bytes.unwrap_or(0.0))
            ),
        );
    }
    tally.finish()
}

fn disk(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Disk, table.onset(|p| p.disk_busy, 0.9));
    let swaps = table
        .high(|p| p.swap_bytes_per_s)
        .is_some_and(|swap| swap > 1e6);
    let Some(busy) = table.high(|p| p.disk_busy).filter(|_| !swaps) else {
        return tally.finish();
    };
    if busy >= 0.9 && table.rises(|p| p.disk_busy) {
        tally.add(0.5, format!("The busiest disk is {} busy.", percent(busy)));
    }
    let idle = table
        .start
        .iter()
        .chain(&table.points)
        .find_map(|point| point.disk_await_ms);
    if let Some((now, idle)) = table.high(|p| p.disk_await_ms).zip(idle)
        && idle > 0.0
        && now >= 3.0 * idle
    {
        tally.add(
            0.2,
            format!(
                "A disk request takes {} ms, {} times as long as at first.",
                significant(now),
                significant(now / idle)
            ),
        );
    }
    if let Some(pressure) = table.high(|p| p.psi_io).filter(|share| *share > 0.2)
        && table.rises(|p| p.psi_io)
    {
        tally.add(
            0.3,
            format!(
                "Tasks waited for the disk {} of the time.",
                percent(pressure)
            ),
        );
    }
    tally.finish()
}

fn network(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Network, table.onset(|p| p.retransmit_ratio, 0.01));
    if let Some(share) = table
        .high(|p| p.retransmit_ratio)
        .filter(|share| *share > 0.01)
        && table.rises(|p| p.retransmit_ratio)
    {
        tally.add(
            0.3,
            format!("{} of the segments were sent again.", percent(share)),
        );
    }
    tally.finish()
}

fn accept_queue(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::AcceptQueue,
        table.onset(|p| p.listen_overflows, f64::MIN_POSITIVE),
    );
    if let Some(overflows) = table
        .high(|p| p.listen_overflows)
        .filter(|rate| *rate > 0.0)
        && table.rises(|p| p.listen_overflows)
    {
        tally.add(
            0.7,
            format!(
                "The accept queue overflowed {} times a second.",
                significant(overflows)
            ),
        );
    }
    // Lost connection requests are sent again after 1, 3 and 7 s.
    let near = |seconds: f64, at: f64| (seconds / at - 1.0).abs() < 0.1;
    if let Some(connect) = table.high(|p| p.connect_p99_s)
        && [1.0, 3.0, 7.0].into_iter().any(|at| near(connect, at))
    {
        tally.add(
            0.3,
            format!(
                "Connecting takes {} s at p99, the time after which a lost request is sent again.",
                significant(connect)
            ),
        );
    }
    tally.finish()
}

fn descriptors(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::Descriptors,
        table.onset(|p| p.open_files_ratio, 0.95),
    );
    if let Some(ratio) = table.high(|p| p.open_files_ratio).filter(|r| *r >= 0.95)
        && table.rises(|p| p.open_files_ratio)
    {
        tally.add(
            0.6,
            format!(
                "The server has {} of its allowed files open.",
                percent(ratio)
            ),
        );
        let refused = table.high(|p| Some(p.refused)).unwrap_or(0.0);
        if refused >= 0.001 {
            tally.add(
                0.3,
                format!(
                    "{} of the requests were refused or cut off.",
                    percent(refused)
                ),
            );
        }
    }
    tally.finish()
}

fn rate_limiter(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::RateLimiter,
        table.onset(|p| Some(p.status_429), 0.01),
    );
    let limited: Vec<&LoadPoint> = table
        .points
        .iter()
        .filter(|point| point.status_429 >= 0.01)
        .collect();
    if limited.len() < 2 {
        return tally.finish();
    }
    let mean = limited.iter().map(|point| point.good).sum::<f64>() / limited.len() as f64;
    let variance = limited
        .iter()
        .map(|point| (point.good - mean).powi(2))
        .sum::<f64>()
        / (limited.len() - 1) as f64;
    if mean > 0.0 && variance.sqrt() / mean < 0.03 {
        tally.add(
            0.9,
            format!(
                "{} of the requests are answered with status 429, and {} are let through at every \
                 load.",
                percent(table.last().status_429),
                rate(mean)
            ),
        );
    }
    tally.finish()
}

fn lock(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Lock, table.knee);
    // Much CPU or much swapping explains a fall of throughput without any lock.
    let cpu = table.high(|p| p.cpu_ratio);
    if table
        .high(|p| p.swap_bytes_per_s)
        .is_some_and(|swap| swap > 1e6)
    {
        return tally.finish();
    }
    let greatest = table
        .points
        .iter()
        .max_by(|a, b| a.good.total_cmp(&b.good))
        .unwrap_or(table.last());
    let last = table.last();
    let falls = match (greatest.good_interval, last.good_interval) {
        (Some((low, _)), Some((_, high))) => high < low,
        _ => last.good < 0.9 * greatest.good,
    };
    if falls && last.load > greatest.load {
        tally.add(
            0.3,
            format!(
                "Throughput falls from {} to {} as the load rises.",
                rate(greatest.good),
                rate(last.good)
            ),
        );
    }
    let first = table
        .points
        .iter()
        .find_map(|point| point.switches_per_request);
    if let Some((high, first)) = table.high(|p| p.switches_per_request).zip(first)
        && first > 0.0
        && high >= 1.5 * first
    {
        tally.add(
            0.3,
            format!(
                "A request makes the server's threads wait {} times, {} at the smallest load.",
                significant(high),
                significant(first)
            ),
        );
    }
    if tally.score <= 0.0 {
        return tally.finish();
    }
    if let Some(cpu) = cpu.filter(|cpu| *cpu < 0.8) {
        tally.add(0.1, format!("CPU has room: {} in use.", percent(cpu)));
    }
    if table.retrograde_law {
        tally.add(0.2, "The scaling law fitted to all loads has a peak.");
    }
    tally.finish()
}

fn worker_pool(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::WorkerPool, table.knee);
    let flat = table.is_flat();
    if !flat || !rises_in_proportion(table) {
        return tally.finish();
    }
    tally.add(
        0.4,
        format!(
            "{} Response time grows in proportion, as in a queue before a fixed number of places.",
            flat_sentence(table)
        ),
    );
    let Some(cpu) = table.high(|p| p.cpu_ratio) else {
        return tally.finish();
    };
    let disk = table.high(|p| p.disk_busy);
    if cpu < 0.7 && disk.is_none_or(|disk| disk < 0.7) {
        tally.add(
            0.2,
            match disk {
                Some(disk) => format!(
                    "CPU ({}) and disk ({} busy) have room.",
                    percent(cpu),
                    percent(disk)
                ),
                None => format!("CPU has room: {} in use.", percent(cpu)),
            },
        );
    }
    let inside: Vec<f64> = table.beyond().iter().filter_map(|p| p.inside).collect();
    let inside_constant = inside.len() == 2 && (inside[1] / inside[0] - 1.0).abs() <= 0.1;
    if inside_constant {
        tally.add(
            0.2,
            format!(
                "Requests inside the server stay at {} while the load rises.",
                significant(inside[1])
            ),
        );
    }
    let threads: Vec<f64> = table.points.iter().filter_map(|p| p.threads).collect();
    let most = threads.iter().copied().fold(0.0, f64::max);
    let fewest = threads.iter().copied().fold(f64::INFINITY, f64::min);
    let threads_constant = threads.len() > 1 && most - fewest <= (0.02 * most).max(0.5);
    if threads_constant {
        tally.add(
            0.1,
            format!(
                "Its {} threads are the same at every load.",
                significant(most)
            ),
        );
    }
    if !inside_constant && !threads_constant {
        tally.score = tally.score.min(0.55);
    }
    tally.finish()
}

/// Whether response time at the loads beyond the knee is what a fixed throughput leaves: N/X − Z
/// in the closed model; simply longer in the open one.
fn rises_in_proportion(table: &Table) -> bool {
    let last = table.last();
    let first = &table.points[0];
    if !last.closed {
        return last.mean_s >= 1.3 * first.mean_s && table.points.len() > 1;
    }
    table.beyond().iter().all(|point| {
        point.think_s.is_some_and(|think| {
            let expected = point.load / point.throughput.max(1e-9) - think;
            expected > 0.0 && (point.mean_s / expected - 1.0).abs() <= 0.1
        })
    })
}

fn server_errors(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::ServerErrors,
        table.onset(|p| Some(p.status_5xx), 0.01),
    );
    let share = table.high(|p| Some(p.status_5xx)).unwrap_or(0.0);
    let before = table.points[..table.knee]
        .iter()
        .map(|point| point.status_5xx)
        .fold(0.0, f64::max);
    if share >= 0.01 && before < 0.01 {
        tally.add(
            0.3,
            format!(
                "{} of the answers have a status of 500 to 599; no resource that was read shows \
                 why.",
                percent(share)
            ),
        );
    }
    tally.finish()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Three loads of a closed model; the last two are beyond the knee.
    pub(crate) fn table(change: impl Fn(usize, &mut LoadPoint)) -> Table {
        let points = (0..3usize)
            .map(|step| {
                let mut point = LoadPoint {
                    step,
                    load: 100.0 * 2f64.powi(step as i32),
                    closed: true,
                    throughput: [95.0, 120.0, 121.0][step],
                    good: [95.0, 120.0, 121.0][step],
                    mean_s: [0.05, 0.67, 2.31][step],
                    think_s: Some(1.0),
                    cores: Some(4.0),
                    cpu_ratio: Some([0.2, 0.3, 0.3][step]),
                    busiest_thread: Some([0.2, 0.3, 0.3][step]),
                    ..LoadPoint::default()
                };
                change(step, &mut point);
                point
            })
            .collect();
        Table {
            points,
            knee: 1,
            start: None,
            retrograde_law: false,
            cpu_follows_law: false,
        }
    }

    #[track_caller]
    pub(crate) fn check(change: impl Fn(usize, &mut LoadPoint), expected: Cause, least: f64) {
        let scores = scores(&table(change));
        let best = scores
            .iter()
            .max_by(|a, b| a.score.total_cmp(&b.score))
            .unwrap();
        assert_eq!(best.cause, expected, "{scores:?}");
        assert!(best.score >= least - 1e-9, "{scores:?}");
        assert!(!best.evidence.is_empty());
    }

    #[test]
    fn each_cause_shows_by_its_own_signals() {
        check(
            |step, point| point.cgroup_throttled = Some([0.0, 0.4, 0.6][step]),
            Cause::CpuQuota,
            0.8,
        );
        check(
            |step, point| {
                point.listen_overflows = Some([0.0, 30.0, 80.0][step]);
                point.connect_p99_s = Some([0.001, 1.02, 1.03][step]);
            },
            Cause::AcceptQueue,
            1.0,
        );
        check(
            |step, point| {
                point.open_files_ratio = Some([0.3, 0.98, 1.0][step]);
                point.refused = [0.0, 0.1, 0.3][step];
            },
            Cause::Descriptors,
            0.9,
        );
        check(
            |step, point| {
                point.host_cpu = Some([0.5, 0.98, 1.0][step]);
                point.host_generator_share = Some([0.2, 0.4, 0.5][step]);
                point.run_queue = Some([1.0, 12.0, 15.0][step]);
            },
            Cause::SharedHost,
            0.9,
        );
    }

    #[test]
    fn a_thread_busy_before_any_load_is_not_the_cause() {
        let mut table = table(|_, point| point.busiest_thread = Some(0.97));
        table.start = Some(LoadPoint {
            busiest_thread: Some(0.96),
            ..LoadPoint::default()
        });
        assert!(
            scores(&table)
                .iter()
                .all(|score| score.cause != Cause::SingleThread)
        );
    }

    #[test]
    fn a_plateau_with_noise_still_rises() {
        check(
            |step, point| point.busiest_thread = Some([0.79, 0.94, 0.89][step]),
            Cause::SingleThread,
            0.9,
        );
    }

    #[test]
    fn a_cache_that_fills_once_is_no_leak() {
        let grows = table(|_, point| point.memory_growth = Some(0.2));
        assert!(memory_leak(&grows).score > 0.0);
        let fills = table(|step, point| point.memory_growth = Some([0.2, 0.0, 0.0][step]));
        assert_eq!(memory_leak(&fills).score, 0.0);
    }
}
