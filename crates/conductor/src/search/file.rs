//! Between `search.json` and the nouns of the analysis.

use loadline_analysis::{ProbeWindow, Recovery, SearchSettings, TrialRequest, TrialRole};
use loadline_plan::LoadUnit;
use loadline_store::{ProbesPart, RecoveryPart, SearchFile, TrialPart};

/// Writes `settings` into `file`.
pub(super) fn put_settings(file: &mut SearchFile, settings: &SearchSettings) {
    file.unit = match settings.unit {
        LoadUnit::Users => "users",
        LoadUnit::Rate => "rate",
    }
    .to_owned();
    file.from = settings.from;
    file.max = settings.max;
    file.hold_s = settings.hold_s;
    file.precision = settings.precision;
    file.max_trials = settings.max_trials;
    file.budget_s = settings.budget_s;
    file.time_bound_s = settings.time_bound_s;
}

/// The settings in `file`.
pub(super) fn settings_of(file: &SearchFile) -> SearchSettings {
    SearchSettings {
        unit: if file.unit == "rate" {
            LoadUnit::Rate
        } else {
            LoadUnit::Users
        },
        from: file.from,
        max: file.max,
        hold_s: file.hold_s,
        precision: file.precision,
        max_trials: file.max_trials,
        budget_s: file.budget_s,
        time_bound_s: file.time_bound_s,
    }
}

const ROLES: [(TrialRole, &str); 5] = [
    (TrialRole::Grow, "grow"),
    (TrialRole::Locate, "locate"),
    (TrialRole::ProveCarried, "prove_carried"),
    (TrialRole::ProveBroken, "prove_broken"),
    (TrialRole::Repeat, "repeat"),
];

/// The name of a role in the file.
pub(super) fn role_name(role: TrialRole) -> String {
    let known = ROLES.iter().find(|row| row.0 == role);
    known.map_or("grow", |row| row.1).to_owned()
}

/// The request that a trial answered.
pub(super) fn request_of(part: &TrialPart) -> TrialRequest {
    TrialRequest {
        load: part.load,
        window_s: part.window_s,
        may_extend: part.may_extend,
        role: ROLES
            .iter()
            .find(|row| row.1 == part.role)
            .map_or(TrialRole::Repeat, |row| row.0),
        reason: part.reason.clone(),
    }
}

pub(super) const fn probes_part(probes: &ProbeWindow) -> ProbesPart {
    ProbesPart {
        count: probes.count,
        errors: probes.errors,
        p50_us: probes.p50_us,
        p95_us: probes.p95_us,
        mean_us: probes.mean_us,
        sd_us: probes.sd_us,
    }
}

pub(super) const fn probes_of(part: &ProbesPart) -> ProbeWindow {
    ProbeWindow {
        count: part.count,
        errors: part.errors,
        p50_us: part.p50_us,
        p95_us: part.p95_us,
        mean_us: part.mean_us,
        sd_us: part.sd_us,
    }
}

pub(super) fn recovery_part(recovery: &Recovery) -> RecoveryPart {
    RecoveryPart {
        recovered: recovery.recovered,
        waited_s: recovery.waited_s,
        probes: probes_part(&recovery.probes),
        course: recovery.course.iter().map(probes_part).collect(),
    }
}

pub(super) fn recovery_of(part: &RecoveryPart) -> Recovery {
    Recovery {
        recovered: part.recovered,
        waited_s: part.waited_s,
        probes: probes_of(&part.probes),
        course: part.course.iter().map(probes_of).collect(),
    }
}
