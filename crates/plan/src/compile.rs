//! Compiles a plan into a program: merges scopes, resolves names, takes texts apart.
//!
//! Scope rules and orders are JMeter's. All findings come in one pass; with an error among them
//! there is no program.
//!
//! Not here: evaluating anything (user-defined variables and the numbers of a load are evaluated by
//! the engine, once, before the users start), reading data files.

mod choice;
mod condition;
mod definitions;
mod group;
mod http;
mod http_manager;
mod level;
mod load_texts;
mod modifier;
mod names;
mod script;
mod similar;
mod timer;
mod variable_source;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::program::{
    AutoStopProgram, CsvProgram, GroupProgram, KeptParts, OutputId, OutputProgram, Program,
    SamplerKind, ScriptProgram, SetterProgram, Template, VariableProgram,
};
use crate::{AutoStop, Diagnostic, Location, OutputFile, Plan, PlanSource, Text};

use level::Level;
use names::Names;

/// Most labels a run keeps apart; further ones are counted together under `(other)`.
pub const MAX_LABELS: usize = 512;

/// What a plan is compiled with, beside the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileInputs {
    /// Variables that the user gave; they take the place of the plan's of the same name.
    pub variables: BTreeMap<String, String>,
    /// Whether certificates are checked; `None` means as the source of the plan does: JMeter does
    /// not, own plans do.
    pub verify_tls: Option<bool>,
    /// Whether the result files of the plan's listeners are written; they are passed over otherwise.
    pub outputs: bool,
}

/// Compiles `plan`. Without a program, at least one of the findings is an error; with one, none is.
#[must_use]
pub fn compile(plan: &Plan, inputs: &CompileInputs) -> (Option<Program>, Vec<Diagnostic>) {
    let mut compiler = Compiler {
        lenient: plan.source == PlanSource::Jmx,
        verify_tls: inputs.verify_tls.unwrap_or(plan.source != PlanSource::Jmx),
        names: Names::default(),
        labels: Vec::new(),
        label_sums: Vec::new(),
        csv: Vec::new(),
        outputs: inputs.outputs.then(Vec::new),
        auto_stops: Vec::new(),
        setters: Vec::new(),
        timer_count: 0,
        header_manager_count: 0,
        rewriting_count: 0,
        comparison_count: 0,
        pops: Vec::new(),
        scripts: Vec::new(),
        shared_count: 0,
        diagnostics: Vec::new(),
    };
    let variables = compiler.variables(plan, inputs);
    let plan_level = Level::compile(&plan.children, &mut compiler);
    let mut groups = compiler.groups(plan, &plan_level);
    if compiler.names.reads_previous {
        keep_parts(&mut groups, compiler.names.kept_of_previous);
    }
    compiler.report_pops();
    compiler
        .names
        .report_undefined(compiler.lenient, &mut compiler.diagnostics);
    let failed = compiler.diagnostics.iter().any(Diagnostic::is_error);
    let program = (!failed).then(|| Program {
        name: plan.name.clone(),
        source: plan.source,
        slots: compiler.names.slots(),
        call_count: compiler.names.call_count(),
        variables,
        labels: compiler.labels,
        csv: compiler.csv,
        outputs: compiler.outputs.unwrap_or_default(),
        auto_stops: compiler.auto_stops,
        setters: compiler.setters,
        timer_count: compiler.timer_count,
        scripts: compiler.scripts,
        shared_count: compiler.shared_count,
        groups,
        calls_scripts: compiler.names.calls_scripts,
        function_scripts: std::mem::take(&mut compiler.names.function_scripts),
        reads_previous: compiler.names.reads_previous,
        names_sampler: compiler.names.names_sampler,
        serialize_groups: plan.serialize_groups,
        tear_down_on_shutdown: plan.tear_down_on_shutdown,
    });
    (program, compiler.diagnostics)
}

/// Lets all samplers keep what a later text may read.
fn keep_parts(groups: &mut [GroupProgram], wanted: KeptParts) {
    for sampler in groups.iter_mut().flat_map(|group| &mut group.samplers) {
        let keep = match &mut sampler.kind {
            SamplerKind::Http(request) => &mut Arc::make_mut(request).keep,
            SamplerKind::Debug { keep, .. } | SamplerKind::Script { keep, .. } => keep,
            SamplerKind::Dummy(dummy) => &mut dummy.keep,
            SamplerKind::Pause(_)
            | SamplerKind::Flow(_)
            | SamplerKind::Set(_)
            | SamplerKind::Parallel(_) => continue,
        };
        *keep = keep.and(wanted);
    }
}

/// What grows while a plan is compiled.
struct Compiler {
    /// Whether faults of texts are taken as JMeter takes them.
    lenient: bool,
    verify_tls: bool,
    names: Names,
    labels: Vec<Box<str>>,
    /// Whether each is a transaction's.
    label_sums: Vec<bool>,
    csv: Vec<CsvProgram>,
    /// `None` when result files are passed over.
    outputs: Option<Vec<OutputProgram>>,
    auto_stops: Vec<AutoStopProgram>,
    setters: Vec<SetterProgram>,
    timer_count: u32,
    header_manager_count: u32,
    rewriting_count: u32,
    comparison_count: u32,
    /// Queues that texts take from (`__fifoPop`), until it is known where the user waits for them.
    pops: Vec<(Template, Location)>,
    scripts: Vec<ScriptProgram>,
    shared_count: u32,
    diagnostics: Vec<Diagnostic>,
}

impl Compiler {
    /// Takes `text` apart; a malformed one is reported and stays as it is.
    fn template(&mut self, text: &Text, location: &Location) -> Template {
        let diagnostics = &mut self.diagnostics;
        let template = (self.names).parse(text.as_str(), location, self.lenient, diagnostics);
        for call in template.calls() {
            if call.function == "__fifoPop" {
                let queue = call.parameters.first().cloned().unwrap_or_default();
                self.pops.push((queue, location.clone()));
            }
        }
        template
    }

    /// Says where texts take out of queues in whose places no user can wait.
    fn report_pops(&mut self) {
        for (_, location) in self.pops.drain(..) {
            let message = "`__fifoPop` stands where a user cannot wait for the queue";
            let finding = Diagnostic::error("fifo-place", location, message);
            self.diagnostics.push(finding.with_help(
                "take the text by an Inter-Thread Communication PreProcessor, or in a text of a sampler",
            ));
        }
    }

    /// Takes up a result file, unless they are passed over.
    fn output(&mut self, output: &OutputFile, location: &Location) -> Option<OutputId> {
        self.outputs.as_ref()?;
        let file = self.template(&output.file, location);
        let outputs = self.outputs.as_mut()?;
        let id = OutputId(u32::try_from(outputs.len()).ok()?);
        outputs.push(OutputProgram {
            file,
            errors_only: output.errors_only,
            successes_only: output.successes_only,
            settings: output.settings.clone(),
            location: location.clone(),
        });
        Some(id)
    }

    /// Takes up an AutoStop.
    fn auto_stop(&mut self, stop: &AutoStop, location: &Location) -> OutputId {
        let mut pair = |bound, time| [bound, time].map(|text| self.template(text, location));
        let program = AutoStopProgram {
            response_time: pair(&stop.response_time_ms, &stop.response_time_s),
            latency: pair(&stop.latency_ms, &stop.latency_s),
            errors: pair(&stop.error_percent, &stop.error_s),
        };
        let index = self.auto_stops.len();
        self.auto_stops.push(program);
        OutputId::of_auto_stop(u32::try_from(index).expect("a plan has fewer than 2^31 elements"))
    }

    /// The plan's variables in order, with those of the user in the place of the plan's.
    fn variables(&mut self, plan: &Plan, inputs: &CompileInputs) -> Vec<VariableProgram> {
        let mut compiled = Vec::new();
        // A user's variable that the plan does not define stands in a list before all others.
        let added = inputs.variables.iter().filter(|(name, _)| {
            plan.variables
                .iter()
                .all(|variable| variable.name != **name)
        });
        for (name, value) in added {
            compiled.push(VariableProgram {
                slot: self.names.define(name),
                value: Template::literal(value),
                set: 0,
                location: Location::default(),
            });
        }
        for variable in &plan.variables {
            let value = match inputs.variables.get(&variable.name) {
                Some(value) => Template::literal(value),
                None => self.template(&variable.value, &variable.location),
            };
            compiled.push(VariableProgram {
                slot: self.names.define(&variable.name),
                value,
                set: variable.set + 1,
                location: variable.location.clone(),
            });
        }
        compiled
    }
}

#[cfg(test)]
mod tests;
