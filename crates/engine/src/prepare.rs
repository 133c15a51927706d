//! What happens once before the users start: variables are evaluated, loads get their numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use loadline_events::StepId;
use loadline_plan::program::{
    Condition, GroupProgram, NodeKind, Part, Program, SamplerKind, Template, TimerId, TimerProgram,
};
use loadline_plan::{Diagnostic, Location, PlanSource, Stage, Text};
use loadline_schedule::{LoadProfile, Step, combine_steps};
use loadline_units::{Clock, RunTime};
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::address::{Address, address_of};
use crate::auto_stop::AutoStopBounds;
use crate::condition::AnyName;
use crate::csv::{DataFiles, quoting_delimiter, resolve};
use crate::demand;
use crate::functions::{Functions, PerUserCalls, RunFunctions};
use crate::scripts::{Catalogue, check_condition};
use crate::section::Sections;
use crate::settings::{HttpWays, Settings, TlsSessions};
use crate::shaping::{ShapingProfile, ShapingRow};
use crate::{FileAccess, Scope, SlotNames, UserIdentity, Variables, evaluate_condition};

/// What a run is prepared with, beside the program.
#[derive(Clone, Debug)]
pub struct PrepareInputs {
    /// JMeter properties.
    pub properties: BTreeMap<String, String>,
    /// System properties of Java, which are defaults of JMeter's.
    pub system_properties: BTreeMap<String, String>,
    /// Folder of the plan: relative files that the working directory lacks are looked for here.
    pub plan_folder: PathBuf,
    /// The plan's file name, for `__TestPlanName`; empty for a plan without file.
    pub plan_name: String,
    /// Files that the plan may read and write.
    pub files: FileAccess,
    /// The run's seed.
    pub seed: u64,
    /// Wall time at the start of the run, in milliseconds since 1970.
    pub wall_start_ms: i64,
    /// The zone in which functions print times.
    pub time_zone: TimeZone,
    /// Whether script elements that cannot be run are left out; a sampler's sample fails then.
    pub skips_refused_scripts: bool,
}

/// A program with everything that is evaluated once, ready to run.
#[derive(Clone, Debug)]
pub struct PreparedRun {
    pub(crate) program: Arc<Program>,
    /// Variables with which every user starts.
    pub(crate) variables: Variables,
    pub(crate) functions: Arc<RunFunctions>,
    pub(crate) groups: Vec<PreparedGroup>,
    pub(crate) files: Arc<DataFiles>,
    pub(crate) seed: u64,
    /// By what drawn delays of timers are multiplied.
    pub(crate) timer_factor: f64,
    tls_sessions: TlsSessions,
    http: HttpWays,
    /// What users of Throughput Controllers count together.
    pub(crate) shared_counts: Arc<[AtomicU64]>,
    /// Critical sections of the run.
    pub(crate) sections: Arc<Sections>,
    /// The profiles of Throughput Shaping Timers.
    pub(crate) shaping: BTreeMap<TimerId, ShapingProfile>,
    /// Samples per second that the timers of each group ask for.
    pub(crate) paces: Vec<f64>,
    /// The bounds of AutoStops.
    pub(crate) auto_stops: Vec<AutoStopBounds>,
    steps: Vec<Step>,
    data_files: Vec<DataFile>,
    /// Data sets whose texts are known: file, charset and, if fields may be quoted, what stands between them.
    data_sets: Vec<(String, String, Option<char>)>,
    targets: Vec<Address>,
    output_files: Vec<String>,
    access: FileAccess,
    warnings: Vec<Diagnostic>,
}

/// A thread group with its numbers.
#[derive(Clone, Debug)]
pub(crate) struct PreparedGroup {
    /// Its name, references resolved.
    pub(crate) name: Box<str>,
    pub(crate) profile: LoadProfile,
    /// Number over the run of the group's first user.
    pub(crate) first_user: u32,
}

/// A file that a plan reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Where it is expected.
    pub path: PathBuf,
    /// The element that reads it.
    pub location: Location,
    /// Whether it is a CSV data set, which must have a line, rather than a file to send.
    pub is_csv: bool,
}

/// Evaluates what is evaluated once: user-defined variables in order, then the loads.
///
/// # Errors
///
/// All loads that cannot be run, with the thread group's place, a plan without any user, and
/// conditions beyond what can be evaluated. The plan's author, or who set its properties, can fix
/// them.
pub fn prepare(
    program: Arc<Program>,
    inputs: &PrepareInputs,
) -> Result<PreparedRun, Vec<Diagnostic>> {
    let names = Arc::new(SlotNames::new(program.slots.iter().cloned()));
    let settings = Settings::of(&inputs.properties);
    let mut properties = inputs.properties.clone();
    let predefined = predefined_variables(inputs);
    for (name, value) in &predefined {
        properties
            .entry((*name).to_owned())
            .or_insert_with(|| value.clone());
    }
    let mut diagnostics = Vec::new();
    let skips = inputs.skips_refused_scripts;
    let scripts = Catalogue::compile(&program, &names, skips, &mut diagnostics);
    let (errors, mut warnings): (Vec<_>, Vec<_>) =
        diagnostics.into_iter().partition(Diagnostic::is_error);
    let mut diagnostics = errors;
    let functions = RunFunctions::new(
        properties,
        program.call_count as usize,
        inputs.wall_start_ms,
        inputs.time_zone.clone(),
    )
    .with_system_properties(inputs.system_properties.clone())
    .with_file_access(inputs.files.clone())
    .of_plan(inputs.plan_folder.clone(), inputs.plan_name.clone());
    let functions = Arc::new(if runs_scripts(&program) {
        functions.with_scripts(scripts)
    } else {
        functions
    });
    let mut setting = Setting::new(Variables::new(names), Arc::clone(&functions), inputs.seed);
    for (name, value) in &predefined {
        if let Some(slot) = setting.variables.names().slot(name) {
            setting.variables.set(slot, value);
        }
    }
    setting.define(&program, &mut warnings);
    // Before a user's first sample nothing has failed.
    if let Some(slot) = setting
        .variables
        .names()
        .slot("JMeterThread.last_sample_ok")
    {
        setting.variables.set(slot, "true");
    }
    let mut groups = Vec::with_capacity(program.groups.len());
    let mut first_user = 0u32;
    for group in &program.groups {
        match LoadProfile::from_load(&group.load, &mut |text| setting.load_text(group, text)) {
            Ok(profile) => {
                let profile = match setting.most_steered(group) {
                    Some(most) => profile.steered(most),
                    None => profile,
                };
                let users = user_bound(&profile);
                groups.push(PreparedGroup {
                    name: setting.text(&group.name_text).into(),
                    profile,
                    first_user,
                });
                first_user = first_user.saturating_add(users);
            }
            Err(errors) => diagnostics.extend(errors.into_iter().map(|error| {
                let message = format!("thread group `{}`: {}", group.name, error.message);
                Diagnostic::error(error.code, group.location.clone(), message).with_help(error.help)
            })),
        }
    }
    setting.check_conditions(&program, &mut diagnostics);
    if diagnostics.is_empty() {
        let (errors, others): (Vec<_>, Vec<_>) = no_users(&program, &groups)
            .into_iter()
            .partition(Diagnostic::is_error);
        diagnostics.extend(errors);
        warnings.extend(others);
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let users = groups.iter().map(|group| {
        let users = i32::try_from(user_bound(&group.profile)).unwrap_or(i32::MAX);
        (group.name.clone(), users)
    });
    functions.tell_users_of_groups(users.collect());
    let data_files = setting.data_files(&program, inputs);
    let data_sets = setting.data_sets(&program);
    let targets = setting.targets(&program, &settings.http);
    let shaping = setting.shaping(&program);
    let profiles: Vec<&LoadProfile> = groups.iter().map(|group| &group.profile).collect();
    let paces = demand::paces(
        &program.groups,
        &profiles,
        &mut |text| setting.known_text(text),
        &|timer| {
            shaping
                .get(&timer.id)
                .map_or(0.0, ShapingProfile::greatest_rate)
        },
    );
    let auto_stops = (program.auto_stops.iter())
        .map(|stop| {
            let mut texts = |pair: &[Template; 2]| pair.each_ref().map(|text| setting.text(text));
            AutoStopBounds::new(
                texts(&stop.response_time),
                texts(&stop.latency),
                texts(&stop.errors),
            )
        })
        .collect();
    let output_files = (program.outputs.iter())
        .map(|output| setting.text(&output.file))
        .collect();
    Ok(PreparedRun {
        steps: steps(&program, &groups),
        shared_counts: (0..program.shared_count)
            .map(|_| AtomicU64::new(0))
            .collect(),
        files: Arc::new(DataFiles::new(
            inputs.plan_folder.clone(),
            inputs.files.clone(),
            inputs.seed,
            &settings.csv_end_of_file,
        )),
        variables: setting.variables,
        program,
        functions,
        groups,
        sections: Arc::default(),
        shaping,
        paces,
        auto_stops,
        seed: inputs.seed,
        timer_factor: settings.timer_factor,
        tls_sessions: settings.tls_sessions,
        http: settings.http,
        data_files,
        data_sets,
        targets,
        output_files,
        access: inputs.files.clone(),
        warnings,
    })
}

/// Whether anything in `program` runs a script.
fn runs_scripts(program: &Program) -> bool {
    program.calls_scripts || !program.scripts.is_empty()
}

impl PreparedRun {
    /// What is worth knowing of the plan before it runs.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The steps of the main thread groups, in time order; times from the start of the main stage.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The load of the thread group at `index`.
    #[must_use]
    pub fn profile(&self, index: usize) -> Option<&LoadProfile> {
        self.groups.get(index).map(|group| &group.profile)
    }

    /// Files that the plan reads, as far as their names are known before the run. Nothing was
    /// looked at yet; see [`crate::csv::check_file`].
    #[must_use]
    pub fn data_files(&self) -> &[DataFile] {
        &self.data_files
    }

    /// The names of the program's result files, by [`OutputId`].
    ///
    /// [`OutputId`]: loadline_plan::program::OutputId
    #[must_use]
    pub fn output_files(&self) -> &[String] {
        &self.output_files
    }

    /// Files that the plan may read and write.
    #[must_use]
    pub fn file_access(&self) -> &FileAccess {
        &self.access
    }

    /// Reads data files whose names are known. Blocks.
    pub(crate) fn read_ahead(&self) {
        for (file, encoding, quoted) in &self.data_sets {
            self.files.read_ahead(file, encoding, *quoted);
        }
    }

    /// Where requests go, as far as it is known before the run, in plan order; an address may stand
    /// there several times.
    #[must_use]
    pub fn targets(&self) -> &[Address] {
        &self.targets
    }

    /// Who may resume TLS sessions.
    #[must_use]
    pub const fn tls_sessions(&self) -> TlsSessions {
        self.tls_sessions
    }

    /// How servers are spoken to where the plan does not say.
    #[must_use]
    pub const fn http_ways(&self) -> &HttpWays {
        &self.http
    }

    /// Planned length of the main stage; `None` when a group ends by iterations alone.
    #[must_use]
    pub fn main_duration(&self) -> Option<Duration> {
        let offsets = planned_offsets(&self.program, &self.groups);
        let mut longest = Duration::ZERO;
        for (index, group) in self.groups.iter().enumerate() {
            if self.program.groups[index].stage == Stage::Main {
                longest = longest.max(offsets[index]? + group.profile.duration()?);
            }
        }
        Some(longest)
    }

    /// The step that holds `time`, from the start of the main stage; ramps belong to the step they
    /// lead to.
    #[must_use]
    pub fn step_at(&self, time: Duration) -> StepId {
        let after = self.steps.partition_point(|step| step.ramp_start <= time);
        match after.checked_sub(1).map(|index| &self.steps[index]) {
            Some(step) if step.end.is_none_or(|end| time < end) => StepId(step.index),
            _ => StepId::NONE,
        }
    }
}

/// The group of its stage that the group at `index` waits for: the one before it when groups run in
/// turn, else the one it names.
pub(crate) fn predecessor(program: &Program, index: usize) -> Option<usize> {
    let group = &program.groups[index];
    if program.serialize_groups {
        (0..index)
            .rev()
            .find(|other| program.groups[*other].stage == group.stage)
    } else {
        group.after
    }
}

/// Planned start of each group from the start of its stage; `None` behind a group whose length is
/// not known.
pub(crate) fn planned_offsets(
    program: &Program,
    groups: &[PreparedGroup],
) -> Vec<Option<Duration>> {
    // The compiler refuses circles, so this ends.
    fn offset(program: &Program, groups: &[PreparedGroup], index: usize) -> Option<Duration> {
        match predecessor(program, index) {
            None => Some(Duration::ZERO),
            Some(other) => {
                Some(offset(program, groups, other)? + groups[other].profile.duration()?)
            }
        }
    }
    (0..groups.len())
        .map(|index| offset(program, groups, index))
        .collect()
}

/// Most users that a load ever runs at once.
pub(crate) fn user_bound(profile: &LoadProfile) -> u32 {
    let users = u32::try_from(profile.user_count()).unwrap_or(u32::MAX);
    profile.max_users().unwrap_or(users)
}

fn steps(program: &Program, groups: &[PreparedGroup]) -> Vec<Step> {
    let loads: Vec<(LoadProfile, Duration)> = planned_offsets(program, groups)
        .into_iter()
        .enumerate()
        .filter(|(index, _)| program.groups[*index].stage == Stage::Main)
        .filter_map(|(index, offset)| Some((groups[index].profile.clone(), offset?)))
        .collect();
    combine_steps(&loads)
}

/// The finding that nobody would run. JMeter runs such a plan to its end; a plan of our own is wrong.
fn no_users(program: &Program, groups: &[PreparedGroup]) -> Option<Diagnostic> {
    if groups.iter().any(|group| user_bound(&group.profile) > 0) {
        return None;
    }
    let of_jmeter = program.source == PlanSource::Jmx;
    let Some(group) = program.groups.first() else {
        let message = "the plan has no thread group";
        // The reader of JMeter's plans has said it, with the line.
        return (!of_jmeter).then(|| Diagnostic::error("no-users", Location::default(), message));
    };
    let place = group.location.clone();
    let finding = if of_jmeter {
        let message = "no thread group has a user: nothing will be run";
        Diagnostic::warning("no-users", place, message)
    } else {
        Diagnostic::error("no-users", place, "no thread group has a user")
    };
    Some(finding.with_help("check the number of users and the properties or variables in it"))
}

/// Variables that JMeter sets for the whole run.
fn predefined_variables(inputs: &PrepareInputs) -> Vec<(&'static str, String)> {
    let milliseconds = inputs.wall_start_ms.to_string();
    let zoned = Timestamp::from_millisecond(inputs.wall_start_ms)
        .unwrap_or_default()
        .to_zoned(inputs.time_zone.clone());
    vec![
        ("START.YMD", zoned.strftime("%Y%m%d").to_string()),
        ("START.HMS", zoned.strftime("%H%M%S").to_string()),
        ("START.MS", milliseconds.clone()),
        ("TESTSTART.MS", milliseconds),
    ]
}

/// A scope without a user, in which texts are evaluated before the users start.
struct Setting {
    identity: UserIdentity,
    variables: Variables,
    functions: Functions,
    per_user: PerUserCalls,
    chance: Xoshiro256PlusPlus,
}

/// Functions that have the same value before the run as in it, and no effect.
const CONSTANT: &[&str] = &[
    "__P",
    "__V",
    "__changeCase",
    "__char",
    "__urldecode",
    "__urlencode",
];

/// The start of the run.
struct Start;

impl Clock for Start {
    fn now(&self) -> RunTime {
        RunTime::ZERO
    }
}

impl Setting {
    fn new(variables: Variables, functions: Arc<RunFunctions>, seed: u64) -> Self {
        Self {
            identity: UserIdentity {
                number: 0,
                thread_number: 0,
                group_number: 0,
                group_name: Rc::from(""),
            },
            variables,
            functions: Functions::new(functions),
            per_user: PerUserCalls::default(),
            chance: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    fn text(&mut self, template: &Template) -> String {
        let mut scope = Scope {
            identity: &self.identity,
            variables: &mut self.variables,
            functions: &self.functions,
            per_user: &mut self.per_user,
            chance: &mut self.chance,
            clock: &Start,
            previous: None,
            sampler_name: "",
        };
        scope.text(template)
    }

    /// Evaluates the user-defined variables, list by list: those of one list do not see each other.
    fn define(&mut self, program: &Program, warnings: &mut Vec<Diagnostic>) {
        for list in program.variables.chunk_by(|a, b| a.set == b.set) {
            let mut values = Vec::with_capacity(list.len());
            for variable in list {
                values.push(self.text(&variable.value));
                if let Some(fault) = self.functions.take_fault() {
                    let name = self.variables.names().name(variable.slot);
                    let message = format!("variable `{name}` lacks a value: {fault}");
                    let warning =
                        Diagnostic::warning("failing-variable", Location::default(), message)
                            .with_help("mend the function; JMeter does not run such a plan");
                    warnings.push(warning);
                }
            }
            for (variable, value) in list.iter().zip(values) {
                self.variables.set(variable.slot, &value);
            }
        }
    }

    fn load_text(&mut self, group: &GroupProgram, text: &Text) -> String {
        let template = group
            .load_texts
            .iter()
            .find(|(known, _)| **known == *text.as_str());
        match template {
            Some((_, template)) => self.text(template),
            None => text.as_str().to_owned(),
        }
    }

    /// The greatest number of users of a group whose users follow a Throughput Shaping Timer; `None`
    /// for other groups.
    fn most_steered(&mut self, group: &GroupProgram) -> Option<u32> {
        let calls = group.load_texts.iter().flat_map(|(_, text)| text.calls());
        let feedback = calls
            .into_iter()
            .find(|call| call.function == "__tstFeedback")?;
        let most = feedback.parameters.get(2).map(|most| self.text(most));
        Some(most.and_then(|most| most.parse().ok()).unwrap_or(u32::MAX))
    }

    /// Tries each condition with 1 in the place of every reference, and reports those that cannot be
    /// evaluated: in the run they would never hold.
    fn check_conditions(&self, program: &Program, diagnostics: &mut Vec<Diagnostic>) {
        for node in program.groups.iter().flat_map(|group| &group.nodes) {
            let (NodeKind::If { condition, .. } | NodeKind::While(condition)) = &node.kind else {
                continue;
            };
            let (Condition::Comparison(template) | Condition::JavaScript(template)) = condition
            else {
                continue;
            };
            let parts = template.parts.iter();
            let text: String = parts
                .map(|part| match part {
                    Part::Literal(text) => text,
                    Part::Variable(_) | Part::Named(_) | Part::Call(_) => "1",
                })
                .collect();
            if let Condition::JavaScript(_) = condition {
                diagnostics.extend(check_condition(text.trim(), &node.location));
                continue;
            }
            if let Err(error) = evaluate_condition(&text, &AnyName) {
                let code = "unsupported-condition";
                let finding = Diagnostic::error(code, node.location.clone(), error.to_string());
                diagnostics.push(finding.with_help(
                    "compare texts or numbers with ==, !=, <, >, && and ||, without script",
                ));
            }
        }
    }

    /// The value of `template`, unless it has variables that only a user has, or functions that
    /// have another value, or an effect, each time.
    fn known_text(&mut self, template: &Template) -> Option<String> {
        let variables = template.variables();
        let has_values = variables
            .iter()
            .all(|slot| self.variables.get(*slot).is_some());
        let calls = template.calls();
        let is_constant = calls.iter().all(|call| CONSTANT.contains(&call.function));
        (has_values && is_constant).then(|| self.text(template))
    }

    fn data_sets(&mut self, program: &Program) -> Vec<(String, String, Option<char>)> {
        let mut known = Vec::new();
        for csv in &program.csv {
            let texts = [&csv.file, &csv.encoding, &csv.delimiter];
            if let [Some(file), Some(encoding), Some(delimiter)] =
                texts.map(|text| self.known_text(text))
            {
                let quoted = quoting_delimiter(&delimiter, csv.quoted);
                known.push((file, encoding, quoted));
            }
        }
        known
    }

    /// Addresses of all HTTP requests; a text with variables that only a user has is not known.
    fn targets(&mut self, program: &Program, ways: &HttpWays) -> Vec<Address> {
        let mut targets = Vec::new();
        for sampler in program.groups.iter().flat_map(|group| &group.samplers) {
            if let SamplerKind::Http(request) = &sampler.kind {
                let mut text = |template: &Template| self.known_text(template);
                let address = address_of(request, ways, &mut text);
                targets.extend(address);
            }
        }
        targets
    }

    /// The profiles of all Throughput Shaping Timers: those of the property `load_profile`, if it is
    /// set, else their own rows. What is no number is 0.
    fn shaping(&mut self, program: &Program) -> BTreeMap<TimerId, ShapingProfile> {
        let property = self.functions.run().property("load_profile");
        let property = property
            .filter(|text| !text.is_empty())
            .map(|text| ShapingProfile::parse(&text).0);
        let samplers = program.groups.iter().flat_map(|group| &group.samplers);
        let mut profiles = BTreeMap::new();
        for timer in samplers.flat_map(|sampler| &sampler.timers) {
            let TimerProgram::Shaping(timer) = timer else {
                continue;
            };
            if profiles.contains_key(&timer.id) {
                continue;
            }
            let profile = property.clone().unwrap_or_else(|| ShapingProfile {
                rows: (timer.rows.iter())
                    .map(|row| {
                        let [from, to, duration] = row.each_ref().map(|text| self.text(text));
                        let rate = |text: &str| text.trim().parse().unwrap_or(0.0);
                        ShapingRow {
                            from: rate(&from),
                            to: rate(&to),
                            duration_s: duration.parse().unwrap_or(0),
                        }
                    })
                    .collect(),
            });
            profiles.insert(timer.id, profile);
        }
        profiles
    }

    /// Files whose names can be evaluated now; names with variables that only a user has are left.
    fn data_files(&mut self, program: &Program, inputs: &PrepareInputs) -> Vec<DataFile> {
        let mut files = Vec::new();
        let mut add = |template: &Template, location: &Location, is_csv| {
            let Some(name) = self.known_text(template).filter(|name| !name.is_empty()) else {
                return;
            };
            let file = DataFile {
                path: resolve(&inputs.plan_folder, &name),
                location: location.clone(),
                is_csv,
            };
            if !files.contains(&file) {
                files.push(file);
            }
        };
        for csv in &program.csv {
            add(&csv.file, &csv.location, true);
        }
        for sampler in program.groups.iter().flat_map(|group| &group.samplers) {
            if let SamplerKind::Http(request) = &sampler.kind {
                for file in &request.files {
                    add(&file.path, &sampler.location, false);
                }
            }
        }
        files
    }
}
