//! Results that were never measured: a run of any length, always the same, to time how fast it is read.
//!
//! One schedule of samples, spread evenly over its seconds and by chance (fixed seed) over labels; times vary by label
//! and by chance, a sample in each thousand fails. It is written by the writers of the product: as a run folder, or as
//! JMeter's result file.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;
use loadline_events::{
    ErrorKind, LabelId, NetworkTimes, Phase, Sample, SampleFlags, SampleResult, StepId, StopReason,
    WorkerSecond,
};
use loadline_jtl::{ResultFormat, SaveConfig};
use loadline_metrics::{
    Aggregator, ErrorKey, GeneratorFacts, Label, LoadModel, RunFacts, StepLoad, StepWindow,
};
use loadline_store::{Manifest, RunWriter};
use loadline_units::{Rate, RunTime};
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// In which form results are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Form {
    /// A run folder
    Run,
    /// JMeter's result file as CSV, with its standard fields
    Csv,
    /// JMeter's result file as XML
    Xml,
}

/// How many results there are, and how they are spread.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Extent {
    /// Results
    samples: u64,
    /// Labels
    labels: u16,
    /// Seconds
    seconds: u32,
}

/// Start of the run, in milliseconds since 1970.
const STARTED_AT_MS: i64 = 1_700_000_000_000;
const USERS: u32 = 100;
const FAILURE: &str = "Service Unavailable";

/// Writes results of `extent` to `path` in `form`.
///
/// # Errors
///
/// When something is there already, or it cannot be written.
pub(crate) fn write(form: Form, extent: Extent, path: &Path) -> Result<()> {
    match form {
        Form::Run => write_run(extent, path),
        Form::Csv => write_results(extent, path, false),
        Form::Xml => write_results(extent, path, true),
    }
}

/// All samples of `extent`, by their intended start.
fn samples(extent: Extent) -> impl Iterator<Item = Sample> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(1);
    let span_us = u128::from(extent.seconds) * 1_000_000;
    (0..extent.samples).map(move |number| {
        let at_us = u128::from(number) * span_us / u128::from(extent.samples.max(1));
        let label = chance.random_range(0..extent.labels.max(1));
        // Twelve evenly spread numbers add up to a nearly normal one, of mean 6 and deviation 1.
        let normal = (0..12).map(|_| chance.random::<f64>()).sum::<f64>() - 6.0;
        let typical_us = 1000.0 * (5.0 + f64::from(label));
        let service_us = (typical_us * (0.5 + 0.6 * normal).exp()) as u32 + 1000;
        let failed = chance.random_bool(0.001);
        Sample {
            intended: RunTime::from_micros(u64::try_from(at_us).unwrap_or(u64::MAX)),
            start_delay_us: chance.random_range(20..200),
            user_wait_us: 0,
            connect_us: 0,
            network: NetworkTimes::default(),
            first_byte_us: service_us - 500,
            service_us,
            sent_bytes: 180,
            received_bytes: 1400,
            user: (number % u64::from(USERS)) as u32,
            label: LabelId(label),
            step: StepId(0),
            status: if failed { 503 } else { 200 },
            error: if failed {
                ErrorKind::Status
            } else {
                ErrorKind::None
            },
            flags: SampleFlags::SCHEDULED,
        }
    })
}

fn label_name(label: LabelId) -> String {
    format!("GET /catalogue/{:02}", label.0)
}

fn write_results(extent: Extent, path: &Path, xml: bool) -> Result<()> {
    let format = ResultFormat::new(
        SaveConfig {
            xml,
            ..SaveConfig::standard()
        },
        Vec::new(),
        String::new(),
    );
    let mut file = BufWriter::new(File::create_new(path)?);
    file.write_all(format.beginning().as_bytes())?;
    let mut text = String::new();
    for sample in samples(extent) {
        text.clear();
        format.result(&result_of(&sample), &mut text);
        file.write_all(text.as_bytes())?;
    }
    file.write_all(format.end().as_bytes())?;
    Ok(file.flush()?)
}

/// What JMeter would say of `sample`.
fn result_of(sample: &Sample) -> SampleResult {
    let millis = |micros: u32| i64::from(micros / 1000);
    let started_ms = STARTED_AT_MS + (sample.intended.as_micros() / 1000) as i64;
    let success = sample.error == ErrorKind::None;
    SampleResult {
        is_http: true,
        label: label_name(sample.label),
        started_ms,
        ended_ms: started_ms + millis(sample.service_us),
        latency_ms: millis(sample.first_byte_us),
        code: sample.status.to_string(),
        message: if success { "OK" } else { FAILURE }.to_owned(),
        thread_name: format!("Buyers 1-{}", sample.user + 1),
        data_type: "text".to_owned(),
        success,
        received_bytes: sample.received_bytes.into(),
        sent_bytes: sample.sent_bytes.into(),
        group_threads: USERS,
        all_threads: USERS,
        sample_count: 1,
        error_count: u32::from(!success),
        url: Some(format!(
            "http://shop.example:8080/catalogue/{:02}?page=1",
            sample.label.0
        )),
        ..SampleResult::default()
    }
}

fn write_run(extent: Extent, path: &Path) -> Result<()> {
    let mut manifest = manifest(extent);
    let mut writer = RunWriter::create(path, &manifest)?;
    writer.phase(&Phase::MainStarted { at: RunTime::ZERO });
    let labels: Vec<Label> = (0..extent.labels)
        .map(|label| Label {
            name: label_name(LabelId(label)),
            transaction: false,
        })
        .collect();
    let mut aggregator = Aggregator::default();
    let mut samples = samples(extent).peekable();
    for second in 0..extent.seconds {
        let in_second = |sample: &Sample| sample.intended.second() <= second;
        let block: Vec<Sample> = std::iter::from_fn(|| samples.next_if(in_second)).collect();
        aggregator.add(&block);
        for sample in block.iter().filter(|sample| sample.is_error()) {
            let key = ErrorKey {
                kind: sample.error,
                status: sample.status,
                label: sample.label,
            };
            aggregator.add_message(key, FAILURE);
        }
        writer.samples(&block);
        let account = account(second, block.len() as u64);
        writer.second(&aggregator.flush(), &[account], &[], &labels);
    }
    let end = RunTime::from_micros(u64::from(extent.seconds) * 1_000_000);
    writer.phase(&Phase::MainEnded { at: end });
    manifest.finished = true;
    manifest.facts.duration_us = end.as_micros();
    writer.manifest(&manifest);
    writer
        .take_failure()
        .map_or(Ok(()), |failure| Err(failure.into()))
}

/// A second of an engine thread that kept up with `arrivals`.
fn account(second: u32, arrivals: u64) -> WorkerSecond {
    WorkerSecond {
        second,
        written_at: RunTime::from_micros(u64::from(second + 1) * 1_000_000),
        users_running: USERS,
        in_flight: USERS / 2,
        open_connections: USERS,
        arrivals_offered: arrivals,
        arrivals_started: arrivals,
        iterations: arrivals,
        in_sample_us: arrivals * 40_000,
        cpu_us: 300_000,
        loop_lag_us: vec![100; 100],
        ..WorkerSecond::default()
    }
}

fn manifest(extent: Extent) -> Manifest {
    let seconds = u64::from(extent.seconds);
    let end = RunTime::from_micros(seconds * 1_000_000);
    let rate = Rate::per_second(extent.samples as f64 / seconds.max(1) as f64).unwrap_or_default();
    Manifest {
        facts: RunFacts {
            plan_name: "Made".to_owned(),
            plan_hash: "00".to_owned(),
            plan_source: "made.yaml".to_owned(),
            replay: "loadline run made.yaml --seed 1".to_owned(),
            seed: 1,
            target: "http://shop.example:8080".to_owned(),
            started_at_ms: STARTED_AT_MS,
            duration_us: 0,
            main_started: RunTime::ZERO,
            planned: Some(std::time::Duration::from_secs(seconds)),
            stop: StopReason::Completed,
            model: LoadModel::Open,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generator: GeneratorFacts {
                cores: 2,
                threads: 1,
                ..GeneratorFacts::default()
            },
            note: String::new(),
            unsupported: Vec::new(),
        },
        steps: vec![StepWindow {
            step: StepId(0),
            load: StepLoad::Rate(rate),
            ramp_start: RunTime::ZERO,
            hold_start: RunTime::ZERO,
            end,
            complete: true,
        }],
        limits: vec!["p95 < 500ms".to_owned()],
        servers: Vec::new(),
        finished: false,
    }
}
