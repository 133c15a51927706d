//! Run folders, written and read back.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

use std::fs;
use std::time::Duration;

use loadline_events::{
    ErrorKind, LabelId, NetworkTimes, Phase, Reading, Sample, SampleFlags, Signal, StepId,
    StopReason, WorkerSecond,
};
use loadline_metrics::{
    Aggregator, ErrorKey, GeneratorFacts, GroupTiming, Label, LoadModel, RunFacts, RunSeries,
    StepLoad, StepWindow,
};
use loadline_store::{Manifest, RunWriter, ServerFacts, StoreError, read_run, read_samples};
use loadline_units::RunTime;
use tempfile::TempDir;

fn seconds(seconds: u64) -> RunTime {
    RunTime::from_micros(seconds * 1_000_000)
}

fn manifest() -> Manifest {
    Manifest {
        facts: RunFacts {
            plan_name: "Backend stress test".to_owned(),
            plan_hash: "00ff".to_owned(),
            plan_source: "stress.yaml".to_owned(),
            replay: "loadline run stress.yaml --seed 7".to_owned(),
            seed: 7,
            target: "http://127.0.0.1:8000".to_owned(),
            started_at_ms: 1_795_428_902_000,
            duration_us: 0,
            main_started: RunTime::ZERO,
            planned: Some(Duration::from_secs(20)),
            stop: StopReason::Completed,
            model: LoadModel::Closed(GroupTiming {
                paced: false,
                thinks: true,
            }),
            version: "0.1.0".to_owned(),
            generator: GeneratorFacts {
                cores: 2,
                threads: 2,
                ..GeneratorFacts::default()
            },
            note: String::new(),
            unsupported: vec![],
        },
        steps: vec![StepWindow {
            step: StepId(0),
            load: StepLoad::Users(10),
            ramp_start: RunTime::ZERO,
            hold_start: seconds(1),
            end: seconds(20),
            complete: true,
        }],
        limits: vec!["p95 < 5s".to_owned()],
        servers: vec![ServerFacts {
            name: "backend".to_owned(),
            ..ServerFacts::default()
        }],
        finished: false,
    }
}

fn sample(second: u64, index: u64) -> Sample {
    let failed = index.is_multiple_of(5);
    Sample {
        intended: RunTime::from_micros(second * 1_000_000 + index * 90_000),
        start_delay_us: (index * 13) as u32,
        user_wait_us: 0,
        connect_us: if index == 0 { 120 } else { 0 },
        network: loadline_events::NetworkTimes::default(),
        first_byte_us: 900,
        service_us: 1000 + (index * second) as u32,
        sent_bytes: 80,
        received_bytes: 300,
        user: index as u32,
        label: LabelId((index % 2) as u16),
        step: StepId(0),
        status: if failed { 503 } else { 200 },
        error: if failed {
            ErrorKind::Status
        } else {
            ErrorKind::None
        },
        flags: if index == 0 {
            SampleFlags::NEW_CONNECTION
        } else {
            SampleFlags::SCHEDULED
        },
    }
}

/// Writes five seconds of a run without finishing it; returns what was recorded.
fn record(folder: &TempDir) -> (RunWriter, RunSeries, Vec<Sample>) {
    let mut writer = RunWriter::create(&folder.path().join("run"), &manifest()).unwrap();
    let mut aggregator = Aggregator::default();
    let (mut series, mut samples) = (RunSeries::default(), Vec::new());
    let labels = ["GET /posts/", "POST /posts/"].map(|name| Label {
        name: name.to_owned(),
        transaction: false,
    });
    for second in 0..5 {
        let block: Vec<Sample> = (0..10).map(|index| sample(second, index)).collect();
        aggregator.add(&block);
        aggregator.add_message(
            ErrorKey {
                kind: ErrorKind::Status,
                status: 503,
                label: LabelId(0),
            },
            "HTTP 503",
        );
        let delta = aggregator.flush();
        let worker = WorkerSecond {
            second: second as u32,
            users_running: 10,
            loop_lag_us: vec![30, 40],
            ..WorkerSecond::default()
        };
        let reading = Reading {
            server: 0,
            at: seconds(second),
            alive: Some(true),
            values: vec![(Signal::CpuCores, 0.5)],
        };
        writer.samples(&block);
        let own = Reading {
            server: Reading::GENERATOR,
            alive: None,
            values: vec![(Signal::OpenFiles, 40.0), (Signal::RecorderQueue, 9.0)],
            ..reading.clone()
        };
        writer.second(&delta, &[worker], &[reading, own], &labels);
        series.merge(delta);
        samples.extend(block);
    }
    writer.phase(&Phase::MainStarted { at: RunTime::ZERO });
    assert!(writer.failure().is_none());
    (writer, series, samples)
}

#[test]
fn a_finished_run_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, series, samples) = record(&folder);
    let mut finished = manifest();
    finished.finished = true;
    finished.facts.duration_us = 5_200_000;
    writer.manifest(&finished);

    let run = read_run(writer.folder()).unwrap();
    assert!(run.finished);
    assert_eq!(run.data.facts, finished.facts);
    assert_eq!(run.data.steps, finished.steps);
    assert_eq!(run.data.series, series);
    assert_eq!(run.data.labels.len(), 2);
    assert_eq!(run.data.workers.len(), 5);
    assert_eq!(run.data.servers[0].readings.len(), 5);
    let own: Vec<_> = run
        .data
        .generator
        .iter()
        .map(|reading| reading.value(Signal::RecorderQueue))
        .collect();
    assert_eq!(own, [Some(9.0); 5]);
    assert_eq!(run.data.phases, [Phase::MainStarted { at: RunTime::ZERO }]);
    assert_eq!(run.limits, ["p95 < 5s"]);
    let mut read = Vec::new();
    read_samples(writer.folder(), |block| read.extend_from_slice(block)).unwrap();
    assert_eq!(read, samples);
}

#[test]
fn a_killed_run_keeps_all_but_its_last_second() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, _, _) = record(&folder);
    let series = writer.folder().join("series/series.bin");
    let bytes = fs::read(&series).unwrap();
    fs::write(&series, &bytes[..bytes.len() - 3]).unwrap();

    let run = read_run(writer.folder()).unwrap();
    assert!(!run.finished);
    assert_eq!(run.data.facts.stop, StopReason::CutOff);
    assert_eq!(run.data.facts.duration_us, 5_000_000);
    assert_eq!(run.data.steps[0].end, seconds(5));
    assert!(!run.data.steps[0].complete);
    assert_eq!(run.data.servers[0].readings.len(), 4);
}

#[test]
fn every_truncation_of_the_series_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, _, _) = record(&folder);
    let series = writer.folder().join("series/series.bin");
    let bytes = fs::read(&series).unwrap();
    for end in (0..bytes.len()).step_by(7) {
        fs::write(&series, &bytes[..end]).unwrap();
        read_run(writer.folder()).unwrap();
    }
}

#[test]
fn a_finished_run_that_was_truncated_later_counts_as_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, _, _) = record(&folder);
    let mut finished = manifest();
    finished.finished = true;
    finished.facts.duration_us = 5_000_000;
    writer.manifest(&finished);
    assert!(read_run(writer.folder()).unwrap().finished);
    let series = writer.folder().join("series/series.bin");
    let bytes = fs::read(&series).unwrap();
    fs::write(&series, &bytes[..bytes.len() / 2]).unwrap();
    let run = read_run(writer.folder()).unwrap();
    assert!(!run.finished);
    assert_eq!(run.data.facts.stop, StopReason::CutOff);
}

#[test]
fn another_format_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, _, _) = record(&folder);
    let path = writer.folder().join("manifest.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("loadline-run/1", "loadline-run/9");
    fs::write(&path, text).unwrap();
    let error = read_run(writer.folder()).unwrap_err();
    assert!(
        error.to_string().contains("has format loadline-run/9"),
        "{error}"
    );
}

#[test]
fn what_is_no_run_folder_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        read_run(folder.path()),
        Err(StoreError::NoManifest { .. })
    ));
    fs::write(folder.path().join("manifest.json"), "{").unwrap();
    assert!(matches!(
        read_run(folder.path()),
        Err(StoreError::Damaged { .. })
    ));
}

#[test]
fn a_write_that_fails_stops_the_log_and_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(&folder.path().join("run"), &manifest()).unwrap();
    fs::remove_dir_all(folder.path().join("run/plan")).unwrap();
    writer.plan_file("stress.yaml", b"loadline: 1");
    assert!(writer.failure().is_some());
    writer.samples(&[sample(0, 1)]);
    assert!(
        writer
            .failure()
            .unwrap()
            .to_string()
            .starts_with("cannot write")
    );
}

#[test]
fn a_sample_takes_at_most_ten_bytes_of_the_log() {
    const SAMPLES: u64 = 40_000;
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create(&folder.path().join("run"), &manifest()).unwrap();
    // Numbers of no pattern, the same in each run of this test (Knuth's MMIX).
    let mut state = 1u64;
    let mut below = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let samples: Vec<Sample> = (0..SAMPLES)
        .map(|index| {
            let first_byte_us = (150 + below(400)) as u32;
            Sample {
                intended: RunTime::from_micros(index * 50 + below(40)),
                start_delay_us: 0,
                user_wait_us: 0,
                connect_us: 0,
                network: NetworkTimes::default(),
                first_byte_us,
                service_us: first_byte_us + below(8) as u32,
                sent_bytes: 120,
                received_bytes: (1_000 + below(64)) as u32,
                user: below(64) as u32,
                label: LabelId(below(4) as u16),
                step: StepId(0),
                status: 200,
                error: ErrorKind::None,
                flags: SampleFlags::default(),
            }
        })
        .collect();
    for block in samples.chunks(4_096) {
        writer.samples(block);
    }
    writer.manifest(&manifest());
    let files = fs::read_dir(writer.folder().join("samples")).unwrap();
    let bytes: u64 = files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    let mut read = 0;
    read_samples(writer.folder(), |block| read += block.len() as u64).unwrap();
    assert_eq!(read, SAMPLES);
    let each = bytes as f64 / SAMPLES as f64;
    assert!(
        each > 1.0 && each <= 10.0,
        "{each:.2} bytes for each sample"
    );
}
