//! Writes a run folder as the run goes.
//!
//! A write that fails (a full disk) stops the log and is remembered, never the run: the measurement
//! goes on in memory, and the report says that the folder is incomplete.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use loadline_events::{Phase, Reading, Sample, WorkerSecond};
use loadline_metrics::{Label, SeriesDelta};

use crate::folder::{
    LOG_FILE, MANIFEST_FILE, PLAN_FOLDER, SAMPLES_FOLDER, SERIES_FILE, create_folder,
};
use crate::frame::{Kind, Packer};
use crate::manifest::{self, Manifest};
use crate::wire::Encoder;
use crate::{StoreError, log, samples, series};

/// A segment of the samples log is closed at this size.
const SEGMENT_BYTES: u64 = 64 << 20;

/// The open run folder of a run that goes on.
#[derive(Debug)]
pub struct RunWriter {
    folder: PathBuf,
    series: File,
    series_bytes: u64,
    log: File,
    segment: Segment,
    packer: Packer,
    /// The block of samples that is written; kept for the next.
    block: Encoder,
    labels_written: usize,
    failure: Option<StoreError>,
}

#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    index: u32,
    bytes: u64,
}

impl RunWriter {
    /// Creates `folder` with its manifest.
    ///
    /// # Errors
    ///
    /// When the folder exists and is not empty, or cannot be written.
    pub fn create(folder: &Path, manifest: &Manifest) -> Result<Self, StoreError> {
        create_folder(folder)?;
        let writer = Self {
            folder: folder.to_owned(),
            series: create_file(&folder.join(SERIES_FILE))?,
            series_bytes: 0,
            log: create_file(&folder.join(LOG_FILE))?,
            segment: Segment::create(folder, 0)?,
            packer: Packer::new().map_err(StoreError::io("write", folder))?,
            block: Encoder::default(),
            labels_written: 0,
            failure: None,
        };
        write_manifest(folder, manifest)?;
        Ok(writer)
    }

    /// The run folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a copy of a plan file; `name` is its file name.
    pub fn plan_file(&mut self, name: &str, content: &[u8]) {
        let name = Path::new(name)
            .file_name()
            .unwrap_or("plan".as_ref())
            .to_owned();
        let path = self.folder.join(PLAN_FOLDER).join(name);
        self.attempt(|_| write_file(&path, content));
    }

    /// Replaces the manifest; a crash leaves the old or the new one.
    pub fn manifest(&mut self, manifest: &Manifest) {
        let folder = self.folder.clone();
        self.attempt(|_| write_manifest(&folder, manifest));
    }

    /// Appends a block of samples to the log.
    pub fn samples(&mut self, block: &[Sample]) {
        if block.is_empty() {
            return;
        }
        self.attempt(|writer| {
            if writer.segment.bytes >= SEGMENT_BYTES {
                writer.segment = Segment::create(&writer.folder, writer.segment.index + 1)?;
            }
            samples::encode(block, &mut writer.block);
            writer
                .segment
                .append(&mut writer.packer, &writer.block.bytes)
        });
    }

    /// Appends what one second added. `labels` are all labels known so far, in order.
    pub fn second(
        &mut self,
        delta: &SeriesDelta,
        workers: &[WorkerSecond],
        readings: &[Reading],
        labels: &[Label],
    ) {
        self.attempt(|writer| {
            // Labels come first: a series row never names one that is not there yet.
            let new = labels
                .get(writer.labels_written..)
                .filter(|new| !new.is_empty());
            let mut frames = Vec::new();
            let packer = &mut writer.packer;
            let path = writer.folder.join(SERIES_FILE);
            let mut append = |kind, content: Vec<u8>| {
                let written = packer.write_frame(&mut frames, kind, &content);
                written.map_err(StoreError::io("write", &path))
            };
            if let Some(new) = new {
                append(Kind::Labels, series::encode_labels(new))?;
            }
            if !delta.is_empty() || !delta.steps.is_empty() {
                append(Kind::Series, series::encode_delta(delta))?;
            }
            if !workers.is_empty() {
                append(Kind::Workers, series::encode_workers(workers))?;
            }
            if !readings.is_empty() {
                append(Kind::Readings, series::encode_readings(readings))?;
            }
            writer.append_whole(&frames)?;
            writer.labels_written = labels.len();
            Ok(())
        });
    }

    /// Appends a turning point to the log.
    pub fn phase(&mut self, phase: &Phase) {
        let line = log::line(phase);
        self.attempt(|writer| {
            let path = writer.folder.join(LOG_FILE);
            writer
                .log
                .write_all(line.as_bytes())
                .map_err(StoreError::io("write", path))
        });
    }

    /// Writes a result file such as the report into the folder.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn result_file(&self, name: &str, content: &str) -> Result<(), StoreError> {
        write_file(&self.folder.join(name), content.as_bytes())
    }

    /// Why writing stopped, if it did; what came after that is not in the folder.
    #[must_use]
    pub fn failure(&self) -> Option<&StoreError> {
        self.failure.as_ref()
    }

    /// The failure, taken out.
    pub fn take_failure(&mut self) -> Option<StoreError> {
        self.failure.take()
    }

    /// Appends the frames of one second, or nothing: what is kept of a second that could not be
    /// written would be counted twice by who keeps it in memory from then on.
    fn append_whole(&mut self, frames: &[u8]) -> Result<(), StoreError> {
        let written = self.series.write_all(frames);
        if written.is_err() {
            let _ = self.series.set_len(self.series_bytes);
        } else {
            self.series_bytes += frames.len() as u64;
        }
        written.map_err(StoreError::io("write", self.folder.join(SERIES_FILE)))
    }

    /// Runs `write` unless an earlier write failed: after a gap nothing more is appended, so that
    /// what is in the folder is whole up to its end.
    fn attempt(&mut self, write: impl FnOnce(&mut Self) -> Result<(), StoreError>) {
        if self.failure.is_none()
            && let Err(error) = write(self)
        {
            self.failure = Some(error);
        }
    }
}

impl Segment {
    fn create(folder: &Path, index: u32) -> Result<Self, StoreError> {
        let path = folder.join(SAMPLES_FOLDER).join(format!("{index:05}.bin"));
        Ok(Self {
            file: create_file(&path)?,
            path,
            index,
            bytes: 0,
        })
    }

    fn append(&mut self, packer: &mut Packer, content: &[u8]) -> Result<(), StoreError> {
        self.bytes += content.len() as u64;
        packer
            .write_frame(&mut self.file, Kind::Samples, content)
            .map_err(StoreError::io("write", &self.path))
    }
}

fn create_file(path: &Path) -> Result<File, StoreError> {
    File::create(path).map_err(StoreError::io("create", path))
}

fn write_file(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    fs::write(path, content).map_err(StoreError::io("write", path))
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    let path = folder.join(MANIFEST_FILE);
    let new = folder.join("manifest.json.new");
    write_file(&new, manifest::to_json(manifest).as_bytes())?;
    fs::rename(&new, &path).map_err(StoreError::io("write", path))
}
