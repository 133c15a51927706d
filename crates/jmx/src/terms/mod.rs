//! Puts a plan of our own into JMeter's terms, with the same meaning.
//!
//! What JMeter has under another name is renamed; what only our plans leave unsaid is said; what has
//! no counterpart is an error when the load would mean something else, else a note. A plan in JMeter's
//! terms stays as it is.
//!
//! Not here: writing it as XML ([`crate::write_jmx`]).

mod load;
mod order;
mod pacing;
mod request;
mod schedule;
mod variables;

use loadline_plan::{
    Controller, Diagnostic, Element, ElementKind, IfCondition, Load, Location, Plan, PlanSource,
    Sampler, Severity, ShareMode, Text, Timer,
};

/// A plan in JMeter's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct JmeterTerms {
    /// The plan, unless a finding is an error.
    pub plan: Option<Plan>,
    /// What JMeter cannot say, with its place: errors where the load would mean something else,
    /// warnings where something else might, notes where only Loadline reads it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Puts `plan` into JMeter's terms.
#[must_use]
pub fn in_jmeters_terms(plan: &Plan) -> JmeterTerms {
    let mut terms = Terms {
        own_rules: plan.source != PlanSource::Jmx,
        diagnostics: Vec::new(),
    };
    let mut plan = plan.clone();
    plan.source = PlanSource::Jmx;
    if terms.own_rules {
        variables::gather(&mut plan.variables);
    }
    terms.requests(&mut plan);
    terms.order(&mut plan);
    for group in &mut plan.groups {
        terms.group_load(group);
        terms.elements(&mut group.children);
    }
    terms.elements(&mut plan.children);
    terms.only_here(&plan);
    let failed = terms.diagnostics.iter().any(Diagnostic::is_error);
    JmeterTerms {
        plan: (!failed).then_some(plan),
        diagnostics: terms.diagnostics,
    }
}

struct Terms {
    /// Whether the plan has our rules rather than JMeter's.
    own_rules: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Terms {
    fn refuse(&mut self, location: &Location, what: impl Into<String>, help: &str) {
        let finding = Diagnostic::error("not-in-jmeter", location.clone(), what);
        self.diagnostics.push(finding.with_help(help));
    }

    fn warn(&mut self, location: &Location, what: impl Into<String>, help: &str) {
        let finding = Diagnostic::warning("otherwise-in-jmeter", location.clone(), what);
        self.diagnostics.push(finding.with_help(help));
    }

    fn note(&mut self, location: &Location, what: impl Into<String>, help: &str) {
        let finding = Diagnostic::warning("only-in-loadline", location.clone(), what);
        self.diagnostics.push(Diagnostic {
            severity: Severity::Note,
            ..finding.with_help(help)
        });
    }

    /// Elements whose settings JMeter reads in another form.
    fn elements(&mut self, elements: &mut [Element]) {
        for element in elements {
            match &mut element.kind {
                // A Flow Control Action waits for a fixed time and, before it, for its timers.
                ElementKind::Sampler(Sampler::Pause(timer))
                    if !matches!(timer, Timer::Constant { .. }) =>
                {
                    let none = Timer::Constant {
                        delay_ms: "0".into(),
                    };
                    let drawn = std::mem::replace(timer, none);
                    element.children.push(Element {
                        name: element.name.clone(),
                        kind: ElementKind::Timer(drawn),
                        children: Vec::new(),
                        location: element.location.clone(),
                    });
                }
                ElementKind::Controller(Controller::If {
                    condition:
                        IfCondition::Expression(condition) | IfCondition::JavaScript(condition),
                    ..
                }) => {
                    let trimmed = condition.as_str().trim();
                    if trimmed.len() < condition.as_str().len() {
                        *condition = Text(trimmed.to_owned());
                    }
                }
                ElementKind::Config(loadline_plan::Config::Csv(csv))
                    if csv.delimiter.is_empty() && csv.share != ShareMode::Element =>
                {
                    csv.delimiter = ",".into();
                }
                _ => {}
            }
            self.elements(&mut element.children);
        }
    }

    /// What JMeter passes over and Loadline reads in the comments of the Test Plan.
    fn only_here(&mut self, plan: &Plan) {
        const KEPT: &str = "it is kept in the comments of the Test Plan, where Loadline reads it";
        for server in &plan.servers {
            let what = format!("JMeter does not watch server `{}`", server.name);
            self.note(&server.location, what, KEPT);
        }
        for limit in &plan.limits {
            let ends = if limit.stop {
                ", and does not end the run for it"
            } else {
                ""
            };
            let what = format!("JMeter does not judge the limit `{}`{ends}", limit.text);
            self.note(&limit.location, what, KEPT);
        }
        for group in &plan.groups {
            let plugin = match &group.load {
                Load::Ultimate(_) | Load::Stepping { .. } => "jpgc-casutg",
                Load::Concurrency { .. }
                | Load::Arrivals { .. }
                | Load::FreeFormArrivals { .. } => "bzm - Concurrency Thread Group",
                _ => continue,
            };
            let what = format!("group `{}` needs a plugin of JMeter", group.name);
            let help = format!("install `{plugin}` with JMeter's Plugins Manager");
            self.note(&group.location, what, &help);
        }
    }
}
