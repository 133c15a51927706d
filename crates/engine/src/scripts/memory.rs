//! What scripts remember for one user between executions, and what they want of the engine.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use loadline_plan::program::{ScriptId, Template};
use loadline_script::{Script, State, Value};

use crate::Variables;

/// The scripts of one user.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserScripts {
    /// Variables that are no texts (`vars.putObject`), with the text that stands for each among the
    /// other variables: where that has another text, somebody has set it since. Boxed, and no tree: every user pays for room
    /// that is not used, a tree's first node has eleven places.
    objects: HashMap<Arc<str>, Box<(Value, String)>>,
    /// The objects that the running script has had in its hands: their texts may be others behind it.
    touched: Vec<Arc<str>>,
    /// Scripts whose first texts stay.
    kept: Vec<(ScriptId, Script)>,
    /// Headers of header managers that scripts have changed, by the manager's number.
    headers: Vec<(u32, Vec<(Template, Template)>)>,
    /// The variables of BeanShell elements.
    states: Vec<(ScriptId, State)>,
    /// Label of the previous result, if a script gave it one.
    pub(crate) previous_label: String,
    /// What is to be done once the script is through.
    pub(crate) wishes: Wishes,
}

/// What scripts want of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// How long the user sleeps.
    pub(crate) sleep: Duration,
    /// The label of the present result.
    pub(crate) label: Option<String>,
    /// The present result is not recorded.
    pub(crate) ignored: bool,
    pub(crate) stop_thread: bool,
    pub(crate) stop_test: bool,
    pub(crate) stop_test_now: bool,
    pub(crate) next_iteration: bool,
}

impl UserScripts {
    /// The object in the variable `name`, if it has one.
    pub(crate) fn object(&mut self, name: &str, variables: &Variables) -> Option<Value> {
        let (known, object) = self.objects.get_key_value(name)?;
        let (value, text) = &**object;
        if variables.get_by_name(name) == Some(text.as_str()) {
            if !self.touched.iter().any(|touched| &**touched == name) {
                self.touched.push(Arc::clone(known));
            }
            return Some(value.clone());
        }
        self.objects.remove(name);
        None
    }

    /// Puts an object into the variable `name`; `text` stands for it.
    pub(crate) fn put(&mut self, name: &Arc<str>, value: Value, text: String) {
        self.objects
            .insert(Arc::clone(name), Box::new((value, text)));
        if !self.touched.contains(name) {
            self.touched.push(Arc::clone(name));
        }
    }

    /// Takes the objects that the script has had, each with the text that stands for it.
    pub(crate) fn take_touched(&mut self) -> Vec<(Arc<str>, Value, String)> {
        let touched = std::mem::take(&mut self.touched).into_iter();
        let touched = touched.filter_map(|name| {
            let (value, text) = &**self.objects.get(&name)?;
            Some((name, value.clone(), text.clone()))
        });
        touched.collect()
    }

    /// The object `name` has changed; `text` stands for it now.
    pub(crate) fn retell(&mut self, name: &str, text: &str) {
        if let Some(object) = self.objects.get_mut(name) {
            text.clone_into(&mut object.1);
        }
    }

    /// The script of the element `id` whose first text stays.
    pub(crate) fn kept(&self, id: ScriptId) -> Option<Script> {
        let mut kept = self.kept.iter();
        kept.find(|(known, _)| *known == id)
            .map(|(_, script)| script.clone())
    }

    pub(crate) fn keep(&mut self, id: ScriptId, script: Script) {
        self.kept.push((id, script));
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.objects.remove(name);
    }

    /// The headers that scripts have left in a header manager, if they have changed it.
    pub(crate) fn headers_of(&self, manager: u32) -> Option<&[(Template, Template)]> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| *known == manager)
            .map(|(_, headers)| headers.as_slice())
    }

    /// Keeps the headers of a header manager for the samplers to come.
    pub(crate) fn keep_headers(&mut self, manager: u32, headers: Vec<(Template, Template)>) {
        match self.headers.iter_mut().find(|(known, _)| *known == manager) {
            Some((_, known)) => *known = headers,
            None => self.headers.push((manager, headers)),
        }
    }

    /// Takes the variables of the BeanShell element `id`.
    pub(crate) fn take_state(&mut self, id: ScriptId) -> State {
        let index = self.states.iter().position(|(known, _)| *known == id);
        index.map_or_else(State::default, |index| self.states.swap_remove(index).1)
    }

    pub(crate) fn keep_state(&mut self, id: ScriptId, state: State) {
        self.states.push((id, state));
    }
}
