//! A whole run as a user makes it: plan text in, run folder, samples and analysis out.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use loadline_analysis::{Analysis, analyse};
use loadline_conductor::{Inspection, ResultRequest, RunRequest, RunValues, inspect, start};
use loadline_events::{Sample, SampleFlags};
use loadline_planfile::read_plan;
use loadline_store::{StoredRun, read_run, read_samples};

use crate::noise::{Noise, NoiseWatch};

/// A run that was measured, read back from its folder.
pub(crate) struct Measured {
    pub(crate) run: StoredRun,
    pub(crate) analysis: Analysis,
    /// The log, in order of intended start.
    pub(crate) samples: Vec<Sample>,
    /// What the machine did meanwhile.
    pub(crate) noise: Noise,
}

/// The seed of all runs.
const SEED: u64 = 20_240_229;

/// Keeps the machine for the test that holds it: two measurements at once would disturb each other.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    // A test that failed has said so itself.
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a plan of one group against `address`; `load` and `body` are the values of the keys `load` and
/// `do` in it.
#[track_caller]
pub(crate) fn measure(address: SocketAddr, load: &str, body: &str) -> Measured {
    let text = format!(
        "loadline: 1\ntarget: http://{address}\ngroups: [{{name: Users, load: {load}, do: {body}}}]\n"
    );
    let reading = read_plan(&text, "calibration.yaml");
    let Some(plan) = reading.plan else {
        panic!("the plan cannot be read: {:#?}", reading.diagnostics);
    };
    let limits = plan.limits.clone();
    let values = RunValues {
        seed: SEED,
        ..RunValues::default()
    };
    let Inspection {
        prepared,
        diagnostics,
    } = inspect(&plan, &values);
    let Some(prepared) = prepared else {
        panic!("the plan cannot run: {diagnostics:#?}");
    };
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("run");
    let request = RunRequest {
        plan,
        prepared,
        plan_source: "calibration.yaml".to_owned(),
        plan_files: vec![("calibration.yaml".to_owned(), text.into_bytes())],
        plan_folder: None,
        replay: String::new(),
        note: String::new(),
        unsupported: Vec::new(),
        servers: Vec::new(),
        allowed_hosts: Vec::new(),
        folder: folder.clone(),
        seed: SEED,
        wall_start_ms: 1_700_000_000_000,
        threads: Some(2),
        graceful_stop: Duration::from_secs(5),
        results: ResultRequest::default(),
        without_answer: false,
    };
    let watch = NoiseWatch::start();
    let finished = start(request, &Arc::default(), &mut |_| {}).unwrap();
    let noise = watch.end(&finished.run.data);
    assert!(
        finished.folder_failure.is_none(),
        "{:?}",
        finished.folder_failure
    );
    assert_eq!(finished.faults, []);
    let run = read_run(&folder).unwrap();
    assert!(run.finished);
    assert_eq!(run, finished.run);
    let mut samples = Vec::new();
    read_samples(&folder, |block| samples.extend_from_slice(block)).unwrap();
    samples.sort_by_key(|sample| sample.intended);
    Measured {
        analysis: analyse(&run.data, &limits),
        run,
        samples,
        noise,
    }
}

impl Measured {
    /// Samples that are not sums of others.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Sample> {
        self.samples
            .iter()
            .filter(|sample| !sample.flags.contains(SampleFlags::TRANSACTION))
    }

    /// Name of the label of `sample`.
    pub(crate) fn label(&self, sample: &Sample) -> &str {
        &self.run.data.labels[usize::from(sample.label.0)].name
    }

    /// Samples by label.
    pub(crate) fn by_label(&self) -> BTreeMap<&str, Vec<&Sample>> {
        let mut labels: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
        for sample in &self.samples {
            labels.entry(self.label(sample)).or_default().push(sample);
        }
        labels
    }
}
