//! The sampler that a user is at, as scripts and modifiers see it and change it for one sample.
//!
//! JMeter evaluates a property of a sampler once for each pass, so a text that somebody has read stays as
//! it was read. Not here: what scripts call its fields (see `scripts`), sending.
//!
//! Source: `JMeterContext.getCurrentSampler` and `AbstractTestElement.recoverRunningVersion`.

use std::sync::Arc;

use loadline_plan::program::{HttpProgram, LabelProgram, SamplerKind, SamplerProgram, Template};
use loadline_script::ScriptCookie;

use crate::Scope;

/// The sampler that a user is at.
#[derive(Clone, Debug)]
pub(crate) struct CurrentSampler {
    /// Its name as written.
    label: Template,
    /// Its name once it was read or set.
    name: Option<String>,
    /// Its request: the plan's, until it is changed. `None` for samplers that send none.
    pub(crate) request: Option<Arc<HttpProgram>>,
    /// The headers of its one header manager as templates, where its request has them as texts.
    pub(crate) header_templates: Vec<(Template, Template)>,
    /// The cookies of the user under its cookie manager, where a script names them.
    pub(crate) cookies: Option<Vec<ScriptCookie>>,
    /// Whether a script has changed them.
    pub(crate) has_new_cookies: bool,
}

impl CurrentSampler {
    /// The sampler `program` as it is in the plan, whose known labels are `labels`.
    pub(crate) fn of(program: &SamplerProgram, labels: &[Box<str>]) -> Self {
        Self {
            label: match &program.label {
                LabelProgram::Static(index) => Template::literal(&labels[usize::from(*index)]),
                LabelProgram::Dynamic(label) => label.clone(),
            },
            name: None,
            header_templates: match &program.kind {
                SamplerKind::Http(request) => request.headers.clone(),
                _ => Vec::new(),
            },
            request: match &program.kind {
                SamplerKind::Http(request) => Some(Arc::clone(request)),
                _ => None,
            },
            cookies: None,
            has_new_cookies: false,
        }
    }

    /// Gives it the headers that a script has left in its header manager.
    pub(crate) fn set_header_templates(&mut self, headers: &[(Template, Template)]) {
        self.header_templates = headers.to_vec();
        if let Some(request) = &mut self.request {
            Arc::make_mut(request).headers = headers.to_vec();
        }
    }

    /// Its name, if it was read or set.
    pub(crate) fn fixed_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn set_name(&mut self, name: &str) {
        self.name = Some(name.to_owned());
    }

    /// Its sample is over: what was changed is as in the plan again.
    pub(crate) fn recover(&mut self, program: &SamplerProgram) {
        self.name = None;
        if let SamplerKind::Http(request) = &program.kind {
            self.request = Some(Arc::clone(request));
        }
    }

    /// Whether somebody has changed its request, `unchanged` in the plan.
    pub(crate) fn has_changed(&self, unchanged: &Arc<HttpProgram>) -> bool {
        let request = self.request.as_ref();
        request.is_some_and(|request| !Arc::ptr_eq(request, unchanged))
    }
}

/// The name of the sampler that the user of `scope` is at.
pub(crate) fn name(scope: &mut Scope<'_>) -> Option<String> {
    let current = scope.per_user.sampler.as_ref()?;
    if let Some(name) = &current.name {
        return Some(name.clone());
    }
    let label = current.label.clone();
    let name = scope.text(&label);
    if let Some(current) = &mut scope.per_user.sampler {
        current.name = Some(name.clone());
    }
    Some(name)
}

/// The request that the user of `scope` is at.
pub(crate) fn request(scope: &Scope<'_>) -> Option<Arc<HttpProgram>> {
    scope.per_user.sampler.as_ref()?.request.clone()
}

/// The request that the user of `scope` is at, to be changed for its sample alone.
pub(crate) fn changed<'s>(scope: &'s mut Scope<'_>) -> Option<&'s mut HttpProgram> {
    let current = scope.per_user.sampler.as_mut()?;
    Some(Arc::make_mut(current.request.as_mut()?))
}
