//! Reads a run folder back, whole or cut off.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use loadline_events::{Phase, Reading, Sample, StepId, StopReason};
use loadline_metrics::{Label, RunData, RunSeries, ServerSeries, StepTotals};
use loadline_units::RunTime;

use crate::folder::{LOG_FILE, MANIFEST_FILE, SAMPLES_FOLDER, SERIES_FILE};
use crate::frame::{Frames, Kind};
use crate::manifest::{self, Manifest};
use crate::{StoreError, log, samples, series};

/// A run as it is in its folder.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    /// What was recorded.
    pub data: RunData,
    /// Limits as the plan states them.
    pub limits: Vec<String>,
    /// Whether the run came to its end and all of it is there; otherwise it is read as far as it
    /// goes.
    pub finished: bool,
}

/// Reads the run in `folder`.
///
/// A run that was cut off, or whose files are shorter than they were, is read to its last whole
/// second; its stop reason is [`StopReason::CutOff`].
///
/// # Errors
///
/// When there is no manifest, its format is another, or a whole frame holds what was never written.
pub fn read_run(folder: &Path) -> Result<StoredRun, StoreError> {
    let manifest = read_manifest(folder)?;
    let recorded = read_series(folder)?;
    let phases = match fs::read(folder.join(LOG_FILE)) {
        Ok(bytes) => log::phases(&String::from_utf8_lossy(&bytes)),
        Err(_) => Vec::new(),
    };
    let last_second = recorded
        .workers
        .iter()
        .map(|row| row.second)
        .max()
        .unwrap_or(0);
    let finished = manifest.finished
        && recorded.torn_bytes == 0
        && manifest.facts.duration_us <= (u64::from(last_second) + 3) * 1_000_000;
    let mut data = RunData {
        facts: manifest.facts,
        labels: recorded.labels,
        steps: manifest.steps,
        series: recorded.series,
        workers: recorded.workers,
        generator: Vec::new(),
        servers: Vec::new(),
        phases,
    };
    let of_generator = |reading: &&Reading| reading.server == Reading::GENERATOR;
    let own = recorded.readings.iter().filter(of_generator);
    data.generator = own.cloned().collect();
    for (index, server) in (0u16..).zip(manifest.servers) {
        let readings = recorded
            .readings
            .iter()
            .filter(|reading| reading.server == index);
        data.servers.push(ServerSeries {
            name: server.name,
            source: server.source,
            description: server.description,
            readings: readings.cloned().collect(),
            not_read: server.not_read,
        });
    }
    if !finished {
        end_where_recorded(&mut data);
    }
    Ok(StoredRun {
        data,
        limits: manifest.limits,
        finished,
    })
}

/// Reads the samples log of the run in `folder`, block by block, in the order in which the blocks
/// were written.
///
/// # Errors
///
/// When a segment cannot be read or is damaged before its end.
pub fn read_samples(folder: &Path, mut take: impl FnMut(&[Sample])) -> Result<(), StoreError> {
    let samples_folder = folder.join(SAMPLES_FOLDER);
    let mut segments: Vec<PathBuf> = fs::read_dir(&samples_folder)
        .map_err(StoreError::io("read", &samples_folder))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    segments.sort();
    for path in segments {
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        for (_, content) in Frames::new(&bytes) {
            let block = samples::decode(&content)
                .ok_or_else(|| StoreError::damaged(&path, "a block of samples is malformed"))?;
            take(&block);
        }
    }
    Ok(())
}

fn read_manifest(folder: &Path) -> Result<Manifest, StoreError> {
    let path = folder.join(MANIFEST_FILE);
    match fs::read_to_string(&path) {
        Ok(text) => manifest::from_json(&text, &path, folder),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(StoreError::NoManifest {
            folder: folder.to_owned(),
        }),
        Err(error) => Err(StoreError::io("read", path)(error)),
    }
}

#[derive(Default)]
struct Recorded {
    labels: Vec<Label>,
    series: RunSeries,
    workers: Vec<loadline_events::WorkerSecond>,
    readings: Vec<Reading>,
    /// Bytes at the end that are no whole frame.
    torn_bytes: usize,
}

/// Totals of a step on their way into one sum: they have far more buckets than a second adds to, so it is
/// made for many seconds at once.
#[derive(Default)]
struct PendingTotals(Vec<StepTotals>);

/// Seconds that are summed up at once.
const SUMMED_SECONDS: usize = 256;

impl PendingTotals {
    fn add(&mut self, part: StepTotals) {
        self.0.push(part);
        if self.0.len() == SUMMED_SECONDS {
            self.0 = vec![StepTotals::sum_of(&self.0)];
        }
    }

    fn sum(self) -> StepTotals {
        StepTotals::sum_of(&self.0)
    }
}

fn read_series(folder: &Path) -> Result<Recorded, StoreError> {
    let path = folder.join(SERIES_FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        // A run that was cut off before its first second.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(StoreError::io("read", path)(error)),
    };
    let malformed = |what: &str| StoreError::damaged(&path, format!("{what} are malformed"));
    let mut recorded = Recorded::default();
    let mut totals: BTreeMap<StepId, PendingTotals> = BTreeMap::new();
    let mut frames = Frames::new(&bytes);
    for (kind, content) in &mut frames {
        match kind {
            Kind::Labels => recorded
                .labels
                .extend(series::decode_labels(&content).ok_or_else(|| malformed("labels"))?),
            Kind::Series => {
                let mut delta =
                    series::decode_delta(&content).ok_or_else(|| malformed("series rows"))?;
                for (step, part) in std::mem::take(&mut delta.steps) {
                    totals.entry(step).or_default().add(part);
                }
                recorded.series.merge(delta);
            }
            Kind::Workers => recorded
                .workers
                .extend(series::decode_workers(&content).ok_or_else(|| malformed("worker rows"))?),
            Kind::Readings => recorded
                .readings
                .extend(series::decode_readings(&content).ok_or_else(|| malformed("readings"))?),
            Kind::Samples => return Err(malformed("frames")),
        }
    }
    recorded.torn_bytes = frames.remaining();
    let totals = totals.into_iter();
    recorded.series.steps = totals.map(|(step, totals)| (step, totals.sum())).collect();
    // A series row may name a label whose frame was lost with a damaged end.
    let named = recorded
        .series
        .cells
        .keys()
        .map(|(_, label)| usize::from(label.0) + 1)
        .max();
    for index in recorded.labels.len()..named.unwrap_or(0) {
        recorded.labels.push(Label {
            name: format!("(label {index})"),
            transaction: false,
        });
    }
    Ok(recorded)
}

/// Ends a run that was cut off at the last second it recorded.
fn end_where_recorded(data: &mut RunData) {
    let last = data
        .workers
        .iter()
        .map(|row| row.second + 1)
        .max()
        .unwrap_or(0);
    let end = RunTime::from_micros(u64::from(last) * 1_000_000);
    data.facts.duration_us = end.as_micros();
    data.facts.stop = StopReason::CutOff;
    for step in &mut data.steps {
        *step = step.clipped(end);
    }
    data.phases.push(Phase::Stopping {
        at: end,
        reason: StopReason::CutOff,
    });
}
