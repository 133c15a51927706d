//! Names to slots, types to classes, and everything that must be refused.
//!
//! Groovy knows its variables when it compiles. BeanShell finds them as it runs: there each name gets the list of places where it may
//! live, and the first that is defined counts.
//!
//! Here is the order of the pass; what it does with each part of the tree is in the modules.

mod class_names;
mod classes;
mod expressions;
mod names;
mod refused;
mod scopes;
mod statements;

pub(crate) use scopes::GLOBAL;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use scopes::Frame;

use crate::ast::*;
use crate::class::{Home, ScriptClass};
use crate::language::Language;
use crate::name::{Name, symbol};
use crate::parser::Parsed;
use crate::program::Program;
use crate::refusal::Refusal;

struct Resolver<'a> {
    source: &'a str,
    language: Language,
    imports: Vec<Import>,
    frames: Vec<Frame>,
    globals: Vec<Name>,
    global_slots: HashMap<u64, u32>,
    methods: HashMap<u64, Vec<Arc<Function>>>,
    classes: Vec<Arc<ScriptClass>>,
    /// The class whose method is being resolved.
    class: Option<Arc<ClassDecl>>,
    /// Names that the script itself gives to methods, keys and properties: calls of them are not unknown.
    own: HashSet<u64>,
    /// Names assigned anywhere.
    assigned: HashSet<u64>,
    variables: Vec<Arc<str>>,
    /// Equal literals are one object, as in Java.
    texts: HashMap<Arc<str>, Arc<str>>,
    /// Final variables of BeanShell.
    finals: HashSet<u64>,
    refusals: Vec<Refusal>,
    home: Home,
}

pub(crate) fn resolve(
    parsed: Parsed,
    source: &str,
    language: Language,
) -> Result<Program, Vec<Refusal>> {
    let Parsed { mut body, imports } = parsed;
    let mut resolver = Resolver {
        source,
        language,
        imports,
        frames: vec![Frame::default()],
        globals: Vec::new(),
        global_slots: HashMap::new(),
        methods: HashMap::new(),
        classes: Vec::new(),
        class: None,
        own: HashSet::new(),
        assigned: HashSet::new(),
        variables: Vec::new(),
        texts: HashMap::new(),
        finals: HashSet::new(),
        refusals: Vec::new(),
        home: Home::default(),
    };
    crate::survey::survey(&body, &mut resolver.own, &mut resolver.assigned);
    resolver.collect(&mut body);
    resolver.check_imports();
    // Methods first, so that calls before their text find them.
    let names: Vec<u64> = resolver.methods.keys().copied().collect();
    for name in names {
        let mut functions = resolver.methods.remove(&name).unwrap_or_default();
        for function in &mut functions {
            resolver.function(Arc::make_mut(function));
        }
        // Calls of the method inside of itself were left to the time of the run.
        resolver.methods.insert(name, functions);
    }
    resolver.script_classes();
    resolver.frames = vec![Frame::default()];
    resolver.block(&mut body, language != Language::Groovy);
    let frame = resolver.frames.pop().unwrap_or_default();
    if !resolver.refusals.is_empty() {
        let mut refusals = resolver.refusals;
        refusals.sort_by_key(|r| (r.line, r.column));
        refusals.dedup();
        return Err(refusals);
    }
    let body = Function {
        name: Arc::from("run"),
        body,
        slots: frame.slots,
        ..Function::default()
    };
    Ok(Program {
        language,
        source: Arc::from(source),
        body: Arc::new(body),
        methods: resolver.methods,
        classes: resolver.classes,
        home: resolver.home,
        globals: resolver.globals,
        variables: resolver.variables,
    })
}

impl Resolver<'_> {
    fn groovy(&self) -> bool {
        self.language == Language::Groovy
    }

    fn loose(&self) -> bool {
        self.language == Language::BeanShell
    }

    /// Takes methods and classes out of the top level.
    fn collect(&mut self, body: &mut Block) {
        for statement in &mut body.statements {
            match std::mem::replace(&mut statement.kind, StmtKind::Nothing) {
                StmtKind::Method(function) => self
                    .methods
                    .entry(symbol(&function.name))
                    .or_default()
                    .push(function),
                StmtKind::Class(decl) => {
                    self.classes.push(Arc::new(ScriptClass {
                        decl,
                        statics: Mutex::default(),
                        home: self.home.clone(),
                    }));
                }
                kind => statement.kind = kind,
            }
        }
    }

    fn function(&mut self, function: &mut Function) {
        let outer = if function.is_closure {
            None
        } else {
            Some(std::mem::take(&mut self.frames))
        };
        self.frames.push(Frame {
            is_closure: function.is_closure,
            scopes: vec![HashMap::new()],
            ..Frame::default()
        });
        if function.implicit_it {
            self.declare_new("it", Ty::Any, false);
        }
        for param in &mut function.params {
            if let Some(default) = &mut param.default {
                self.expr(default);
            }
            self.declare(&mut param.variable, function.pos);
        }
        if let Some(returns) = &mut function.returns {
            self.type_name(returns);
        }
        let loose = self.loose();
        self.block(&mut function.body, loose);
        let frame = self.frames.pop().unwrap_or_default();
        function.slots = frame.slots;
        function.captures = frame.captures;
        if let Some(outer) = outer {
            self.frames = outer;
        }
    }
}
