//! What a run folder says of its run from the start on: the plan as it was read, and the manifest.

use loadline_engine::PreparedRun;
use loadline_events::StopReason;
use loadline_metrics::{GeneratorFacts, GroupTiming, LoadModel, RunFacts};
use loadline_monitor::{ServerWatch, machine_facts, without_password};
use loadline_plan::Stage;
use loadline_plan::program::{SamplerKind, TimerProgram};
use loadline_store::{Manifest, RunWriter, ServerFacts};
use loadline_units::RunTime;

use crate::plan_hash::{plan_hash, sha256};
use crate::run::RunRequest;
use crate::target::Target;

/// The manifest of a run that has not begun.
pub(crate) fn first_manifest(
    request: &RunRequest,
    targets: &[Target],
    watches: &[ServerWatch],
    threads: usize,
    open_files_limit: u64,
) -> Manifest {
    let machine = machine_facts();
    let contents: Vec<Vec<u8>> = request
        .plan_files
        .iter()
        .skip(1)
        .map(|(_, content)| content.clone())
        .collect();
    let load = format!("{:?}", request.prepared.steps());
    let target = targets
        .iter()
        .map(Target::url)
        .collect::<Vec<_>>()
        .join(", ");
    Manifest {
        facts: RunFacts {
            plan_name: request.plan.name.clone(),
            plan_hash: plan_hash(&request.plan, &load, &contents),
            plan_source: request.plan_source.clone(),
            replay: request.replay.clone(),
            seed: request.seed,
            target,
            started_at_ms: request.wall_start_ms,
            duration_us: 0,
            main_started: RunTime::ZERO,
            planned: request.prepared.main_duration(),
            stop: StopReason::Completed,
            model: load_model(&request.prepared),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generator: GeneratorFacts {
                host: machine.host,
                cpu: machine.cpu,
                cores: machine.cores,
                threads: u32::try_from(threads).unwrap_or(u32::MAX),
                memory_bytes: machine.memory_bytes,
                open_files_limit,
                shares_host: !watches.is_empty(),
            },
            note: request.note.clone(),
            unsupported: request.unsupported.clone(),
        },
        steps: Vec::new(),
        limits: request
            .plan
            .limits
            .iter()
            .map(|limit| limit.text.clone())
            .collect(),
        servers: request
            .servers
            .iter()
            .zip(watches)
            .map(|(server, watch)| ServerFacts {
                name: server.name.clone(),
                source: without_password(&server.source),
                description: watch.description().to_owned(),
                not_read: watch.not_read().to_vec(),
            })
            .collect(),
        finished: false,
    }
}

fn load_model(prepared: &PreparedRun) -> LoadModel {
    let program = prepared.program();
    let main = || {
        program
            .groups
            .iter()
            .enumerate()
            .filter(|(_, group)| group.stage == Stage::Main)
    };
    let profiles = || main().filter_map(|(index, _)| prepared.profile(index));
    let open = profiles().filter(|profile| profile.is_open()).count();
    if open == 0 {
        let is_schedule = |timer: &TimerProgram| {
            matches!(timer, TimerProgram::Precise(_) | TimerProgram::Shaping(_))
        };
        let samplers = || main().flat_map(|(_, group)| &group.samplers);
        let thinks = samplers().any(|sampler| {
            !sampler.timers.iter().all(is_schedule) || matches!(sampler.kind, SamplerKind::Pause(_))
        });
        let paced = profiles().any(|profile| profile.pacing().is_some())
            || samplers().any(|sampler| sampler.timers.iter().any(is_schedule));
        LoadModel::Closed(GroupTiming { paced, thinks })
    } else if open == profiles().count() {
        LoadModel::Open
    } else {
        LoadModel::Mixed
    }
}

/// Writes the plan to the folder, and what its data files hash to.
pub(crate) fn keep_plan(writer: &mut RunWriter, files: &[(String, Vec<u8>)]) {
    let Some(((name, plan), data_files)) = files.split_first() else {
        return;
    };
    if !plan.is_empty() {
        writer.plan_file(name, plan);
    }
    let hashes: String = data_files
        .iter()
        .map(|(name, content)| format!("{}  {name}\n", sha256(content)))
        .collect();
    if !hashes.is_empty() {
        writer.plan_file("data-files.sha256", hashes.as_bytes());
    }
}
