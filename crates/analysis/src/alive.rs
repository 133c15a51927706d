//! Was a server alive? Its process was there and it went on answering.

use std::collections::BTreeMap;

use loadline_events::ErrorKind;
use loadline_metrics::RunData;

use crate::server_series::ServerView;
use crate::window::Completions;
use crate::worker_seconds::GeneratorSeconds;

/// Shortest silence that counts as death, in seconds.
const SHORTEST_SILENCE_S: f64 = 3.0;

/// Whether a server lived.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Life {
    /// Whether it was alive throughout; `None` when that was not seen.
    pub(crate) alive: Option<bool>,
    /// When it died, in seconds of the run.
    pub(crate) died_s: Option<f64>,
    /// Whether its process was gone.
    pub(crate) is_gone: bool,
    /// How its death showed.
    pub(crate) how: String,
    /// Seconds with a reading in which it was alive, and seconds looked at.
    pub(crate) readings: (u32, u32),
}

/// The life of `server` in the seconds `span` of the run. A `silence` of the target counts as its
/// death too: first second and length.
pub(crate) fn life(server: &ServerView<'_>, span: (u32, u32), silence: Option<(u32, u32)>) -> Life {
    let mut life = Life::default();
    let mut gone_at = None;
    for (second, reading) in server.seconds() {
        if !(span.0..span.1).contains(&second) {
            continue;
        }
        let Some(alive) = reading.alive else { continue };
        life.readings.1 += 1;
        if alive {
            life.readings.0 += 1;
        } else if gone_at.is_none() {
            gone_at = Some(reading.at.as_secs_f64());
        }
    }
    life.is_gone = gone_at.is_some();
    let silent_at = silence.map(|(start, _)| f64::from(start));
    let seen = life.readings.1 > 0;
    life.died_s = match (gone_at, silent_at) {
        (Some(gone), Some(silent)) => Some(gone.min(silent)),
        (gone, silent) => gone.or(silent),
    };
    life.how = match (gone_at, silence) {
        (Some(_), _) => "its process was gone".to_owned(),
        (None, Some((_, seconds))) => format!("no answer for {seconds} s"),
        (None, None) => String::new(),
    };
    life.alive = if life.died_s.is_some() {
        Some(false)
    } else {
        seen.then_some(true)
    };
    life
}

/// The first silence of the target in `span`: its first second and its length in seconds.
///
/// A silence is a time without an answer: three seconds in a row in which samples fail to connect,
/// time out or are cut off; or, at the end of `span`, at least 3 s and three times `slowest_us` (the
/// largest p99 that was seen) in which samples only wait.
pub(crate) fn first_silence(
    run: &RunData,
    completions: &Completions,
    generator: &GeneratorSeconds,
    span: (u32, u32),
    slowest_us: f64,
) -> Option<(u32, u32)> {
    let waited = (3.0 * slowest_us / 1e6).max(SHORTEST_SILENCE_S).ceil() as u32;
    let refused = SHORTEST_SILENCE_S as u32;
    let mut unanswered = BTreeMap::<u32, u64>::new();
    for (key, series) in &run.series.errors {
        if matches!(
            key.kind,
            ErrorKind::Connect
                | ErrorKind::Timeout
                | ErrorKind::Closed
                | ErrorKind::Tls
                | ErrorKind::Resolve
        ) {
            for ((_, second), count) in &series.counts {
                *unanswered.entry(*second).or_default() += count;
            }
        }
    }
    let rows = completions.seconds();
    let mut silence = Silence::default();
    for second in span.0..=span.1 {
        let failed = unanswered.get(&second).copied().unwrap_or(0);
        let ended = rows.get(&second).map_or(0, |row| row.samples);
        let waiting = generator
            .get(&second)
            .is_some_and(|row| row.in_flight > 0.0);
        if second < span.1 && ended <= failed && (waiting || failed > 0) {
            silence.seconds += 1;
            silence.failing = if failed > 0 { silence.failing + 1 } else { 0 };
            silence.refused |= silence.failing >= refused;
            continue;
        }
        // What was answered after all, without a time-out in between, was only slow.
        let unanswered_at_end = second == span.1 && silence.seconds >= waited;
        if silence.refused || unanswered_at_end {
            return Some((second - silence.seconds, silence.seconds));
        }
        silence = Silence::default();
    }
    None
}

/// Seconds without an answer, so far.
#[derive(Default)]
struct Silence {
    seconds: u32,
    /// Failing ones among them, in a row up to now.
    failing: u32,
    /// Whether enough of them failed in a row.
    refused: bool,
}
