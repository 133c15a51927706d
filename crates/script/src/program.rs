//! A compiled script: shared by all users, changed by none.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ast::Function;
use crate::class::{Home, ScriptClass};
use crate::javascript::JavaScript;
use crate::language::Language;
use crate::name::Name;
use crate::refusal::Refusal;

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) language: Language,
    pub(crate) source: Arc<str>,
    pub(crate) body: Arc<Function>,
    /// Methods of the script by the hash of their names.
    pub(crate) methods: HashMap<u64, Vec<Arc<Function>>>,
    pub(crate) classes: Vec<Arc<ScriptClass>>,
    /// Known to the classes too.
    pub(crate) home: Home,
    /// Names of the binding; a slot each.
    pub(crate) globals: Vec<Name>,
    /// Literal names in `vars.get("..")` and `vars.put("..", ..)`.
    pub(crate) variables: Vec<Arc<str>>,
}

impl Program {
    /// A program that does nothing, for library calls outside of a script's tree.
    pub(crate) fn empty(language: Language) -> Program {
        Program {
            language,
            source: Arc::from(""),
            body: Arc::default(),
            methods: HashMap::new(),
            classes: Vec::new(),
            home: Home::default(),
            globals: Vec::new(),
            variables: Vec::new(),
        }
    }
}

/// A script, ready to be run by any number of users at once.
#[derive(Clone, Debug)]
pub struct Script {
    pub(crate) body: Body,
    /// The host's slot of each literal variable name, if it gave one.
    pub(crate) slots: Arc<[Option<u32>]>,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Tree(Arc<Program>),
    JavaScript(Arc<JavaScript>),
}

/// Compiles a script.
///
/// # Errors
///
/// Every reason why the script cannot be run, with its place. The list ends at the first syntax error.
pub fn compile(language: Language, source: &str) -> Result<Script, Vec<Refusal>> {
    if language.is_javascript() {
        let script = JavaScript::compile(language, source)?;
        return Ok(Script {
            body: Body::JavaScript(Arc::new(script)),
            slots: Arc::from([]),
        });
    }
    let parsed = crate::parser::parse(source, language).map_err(|refusal| vec![refusal])?;
    let program = crate::resolve::resolve(parsed, source, language)?;
    let slots = vec![None; program.variables.len()].into();
    let program = Arc::new(program);
    let _ = program.home.set(Arc::downgrade(&program));
    Ok(Script {
        body: Body::Tree(program),
        slots,
    })
}

impl Script {
    /// The names of JMeter variables that the script reads or writes by a literal name, each once.
    #[must_use]
    pub fn variable_names(&self) -> Vec<Arc<str>> {
        match &self.body {
            Body::Tree(program) => program.variables.clone(),
            Body::JavaScript(_) => Vec::new(),
        }
    }

    /// The same script with the host's slots for its literal variable names, in the order of [`Script::variable_names`].
    #[must_use]
    pub fn with_slots(&self, slots: &[Option<u32>]) -> Script {
        Script {
            body: self.body.clone(),
            slots: Arc::from(slots),
        }
    }

    /// The language of the script.
    #[must_use]
    pub fn language(&self) -> Language {
        match &self.body {
            Body::Tree(program) => program.language,
            Body::JavaScript(script) => script.language(),
        }
    }
}
