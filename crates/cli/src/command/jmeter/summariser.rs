//! JMeter's summariser: `summary +` and `summary =` lines while a run goes on.
//!
//! Source: JMeter 5.6.3, `Summariser` and `SummariserRunningSample`. Its window is kept: a line
//! comes with the first samples within 5 s behind a multiple of the interval.

use loadline_conductor::Tally;

/// Seconds behind a multiple of the interval in which a line may still come.
const WINDOW_S: i64 = 5;

/// Sums of a run, and what was told of them.
#[derive(Debug)]
pub(super) struct Summariser {
    name: String,
    interval_s: i64,
    total: Period,
    delta: Period,
    /// When lines came last, in seconds since the Unix epoch.
    last_s: i64,
}

#[derive(Clone, Copy, Debug)]
struct Period {
    tally: Tally,
    start_ms: i64,
    end_ms: i64,
}

/// Users of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Threads {
    pub(super) active: u64,
    pub(super) started: u64,
}

impl Summariser {
    /// A summariser `name` of a test that starts at the wall-clock time `start_ms`.
    pub(super) fn new(name: &str, interval_s: i64, start_ms: i64) -> Self {
        let none = Period {
            tally: Tally::default(),
            start_ms,
            end_ms: start_ms,
        };
        Self {
            name: name.to_owned(),
            interval_s: interval_s.max(1),
            total: none,
            delta: none,
            last_s: 0,
        }
    }

    /// Takes the samples that came until `now_ms`; the lines that are due.
    pub(super) fn add(&mut self, tally: Tally, now_ms: i64, threads: Threads) -> Vec<String> {
        if tally.samples == 0 {
            return Vec::new();
        }
        self.delta.tally.merge(tally);
        self.delta.end_ms = now_ms;
        let now_s = now_ms / 1000;
        let is_due = now_s > self.last_s + WINDOW_S && now_s % self.interval_s <= WINDOW_S;
        if !is_due {
            return Vec::new();
        }
        self.last_s = now_s;
        let delta = self.move_delta(now_ms);
        let mut lines = vec![self.line(&delta, "+", Some(threads))];
        if self.total.tally.samples != delta.tally.samples {
            lines.push(self.line(&self.total, "=", None));
        }
        lines
    }

    /// The last lines, when the test ends at `now_ms` and `rest` of it has not been told.
    pub(super) fn end(&mut self, rest: Tally, now_ms: i64, threads: Threads) -> Vec<String> {
        self.delta.tally.merge(rest);
        self.delta.end_ms = now_ms;
        let had_lines = self.total.tally.samples > 0;
        let delta = self.move_delta(now_ms);
        let mut lines = Vec::new();
        if had_lines && delta.tally.samples > 0 {
            lines.push(self.line(&delta, "+", Some(threads)));
        }
        lines.push(self.line(&self.total, "=", None));
        lines
    }

    /// Adds what came since the last lines to the total, and begins anew.
    fn move_delta(&mut self, now_ms: i64) -> Period {
        let delta = self.delta;
        self.total.tally.merge(delta.tally);
        self.total.end_ms = delta.end_ms;
        self.delta = Period {
            tally: Tally::default(),
            start_ms: now_ms,
            end_ms: now_ms,
        };
        delta
    }

    fn line(&self, period: &Period, kind: &str, threads: Option<Threads>) -> String {
        let tally = period.tally;
        // Nothing has no duration.
        let elapsed_ms = match tally.samples {
            0 => 0,
            _ => (period.end_ms - period.start_ms).max(0),
        };
        let rate = if elapsed_ms > 0 {
            format!("{:6.1}", tally.samples as f64 / elapsed_ms as f64 * 1000.0)
        } else {
            "******".to_owned()
        };
        let average = tally.sum_ms.checked_div(tally.samples).unwrap_or(0);
        // What Java has before the first value.
        let (least, most) = tally
            .range_ms
            .map_or((i64::MAX, i64::MIN), |(least, most)| {
                (least.into(), most.into())
            });
        let share = if tally.samples == 0 {
            0.0
        } else {
            tally.errors as f64 * 100.0 / tally.samples as f64
        };
        let seconds = (elapsed_ms + 500) / 1000;
        let mut line = format!(
            "{} {kind} {:6} in {:02}:{:02}:{:02} = {rate}/s Avg: {average:5} Min: {least:5} Max: \
             {most:5} Err: {:5} ({share:.2}%)",
            self.name,
            tally.samples,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            tally.errors,
        );
        if let Some(threads) = threads {
            let finished = threads.started.saturating_sub(threads.active);
            line += &format!(
                " Active: {} Started: {} Finished: {finished}",
                threads.active, threads.started
            );
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(samples: u64) -> Tally {
        Tally {
            samples,
            errors: 1,
            sum_ms: samples * 20,
            range_ms: Some((10, 300)),
        }
    }

    const THREADS: Threads = Threads {
        active: 5,
        started: 7,
    };

    #[test]
    fn lines_come_behind_multiples_of_the_interval() {
        let mut summary = Summariser::new("summary", 30, 25_000);
        assert_eq!(summary.add(tally(4), 28_000, THREADS), [""; 0]);
        assert_eq!(
            summary.add(tally(6), 31_000, THREADS),
            [
                "summary +     10 in 00:00:06 =    1.7/s Avg:    20 Min:    10 Max:   300 Err:     2 \
              (20.00%) Active: 5 Started: 7 Finished: 2"
            ]
        );
        assert_eq!(summary.add(tally(1), 33_000, THREADS), [""; 0]);
        let lines = summary.add(tally(9), 61_000, THREADS);
        assert_eq!(
            lines[1],
            "summary =     20 in 00:00:36 =    0.6/s Avg:    20 Min:    10 Max:   300 Err:     4 \
             (20.00%)"
        );
        assert!(
            lines[0].starts_with("summary +     10 in 00:00:30 =    0.3/s"),
            "{}",
            lines[0]
        );
    }

    #[test]
    fn the_end_has_always_a_total() {
        let mut summary = Summariser::new("s", 30, 10_000);
        let lines = summary.end(tally(10), 15_000, THREADS);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].starts_with("s =     10 in 00:00:05 =    2.0/s"),
            "{}",
            lines[0]
        );
        let lines = Summariser::new("s", 30, 10_000).end(Tally::default(), 11_000, THREADS);
        assert_eq!(
            lines,
            [
                "s =      0 in 00:00:00 = ******/s Avg:     0 Min: 9223372036854775807 Max: \
              -9223372036854775808 Err:     0 (0.00%)"
            ]
        );
    }
}
