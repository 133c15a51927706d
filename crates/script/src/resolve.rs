//! Names to slots, types to classes, and everything that must be refused.
//!
//! Groovy knows its variables when it compiles. BeanShell finds them as it runs: there each name gets the list of places where it may
//! live, and the first that is defined counts.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use crate::ast::*;
use crate::class::{self, Class, ClassInfo, Home, ScriptClass};
use crate::language::Language;
use crate::name::{Name, symbol};
use crate::parser::{Parsed, evaluated, groovy_report};
use crate::program::Program;
use crate::refusal::{Refusal, RefusalKind};
use crate::value::Value;

#[derive(Clone)]
struct Info {
    slot: u32,
    shared: Shared,
    ty: Ty,
    is_final: bool,
}

#[derive(Default)]
struct Frame {
    slots: u32,
    captures: Vec<(u32, u32)>,
    scopes: Vec<HashMap<u64, Info>>,
    is_closure: bool,
}

pub(crate) struct Resolver<'a> {
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

/// Names that hosts bind.
pub(crate) const BINDINGS: &[(&str, Option<&str>)] = &[
    ("vars", Some("org.apache.jmeter.threads.JMeterVariables")),
    ("props", Some("java.util.Properties")),
    ("log", Some("org.slf4j.Logger")),
    ("ctx", Some("org.apache.jmeter.threads.JMeterContext")),
    ("prev", Some("org.apache.jmeter.samplers.SampleResult")),
    (
        "SampleResult",
        Some("org.apache.jmeter.samplers.SampleResult"),
    ),
    (
        "AssertionResult",
        Some("org.apache.jmeter.assertions.AssertionResult"),
    ),
    ("sampler", None),
    ("OUT", Some("java.io.PrintStream")),
    ("args", None),
    ("Parameters", None),
    ("Label", None),
    ("FileName", None),
    ("threadName", None),
    ("sampleResult", None),
    (
        "sampleEvent",
        Some("org.apache.jmeter.samplers.SampleEvent"),
    ),
    ("bsh", None),
    ("Response", None),
    ("ResponseCode", None),
    ("ResponseMessage", None),
    ("ResponseData", None),
    ("ResponseHeaders", None),
    ("RequestHeaders", None),
    ("SampleLabel", None),
    ("SamplerData", None),
    ("Successful", None),
    ("IsSuccess", None),
    ("Failure", None),
    ("FailureMessage", None),
    ("data", None),
];

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

    fn refuse(
        &mut self,
        kind: RefusalKind,
        pos: Pos,
        message: String,
        java: Option<(&str, String)>,
    ) {
        let (java_class, java_message) = match java {
            Some((class, message)) => (Some(class.to_owned()), Some(message)),
            None => (None, None),
        };
        self.refusals.push(Refusal {
            kind,
            line: pos.line,
            column: pos.column,
            message,
            java_class,
            java_message,
        });
    }

    fn compile_error(&mut self, pos: Pos, message: &str) {
        let report = groovy_report(pos, message, self.source);
        let first = message.lines().next().unwrap_or_default().to_owned();
        self.refuse(
            RefusalKind::Syntax,
            pos,
            first,
            Some((
                "org.codehaus.groovy.control.MultipleCompilationErrorsException",
                report,
            )),
        );
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

    fn check_imports(&mut self) {
        for import in self.imports.clone() {
            if !import.star
                && let Some(why) = class::find(&import.name).and_then(|c| c.forbidden)
            {
                self.refuse(
                    RefusalKind::Forbidden,
                    import.pos,
                    format!("class {} is not supported ({why})", import.name),
                    None,
                );
            }
        }
    }

    fn script_classes(&mut self) {
        for index in 0..self.classes.len() {
            let mut decl = (*self.classes[index].decl).clone();
            self.class = Some(Arc::new(decl.clone()));
            for method in decl.methods.iter_mut().chain(&mut decl.constructors) {
                self.function(Arc::make_mut(method));
            }
            for field in &mut decl.fields {
                if let Some(ty) = &mut field.ty {
                    self.type_name(ty);
                }
                if let Some(value) = &mut field.value {
                    self.function(Arc::make_mut(value));
                }
            }
            self.class = None;
            // Instances name their class by this table, so that all see the resolved methods.
            self.classes[index] = Arc::new(ScriptClass {
                decl: Arc::new(decl),
                statics: Mutex::default(),
                home: self.home.clone(),
            });
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

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn push_scope(&mut self) {
        self.frame().scopes.push(HashMap::new());
    }

    /// Leaves a scope and gives its slots.
    fn pop_scope(&mut self) -> Vec<u32> {
        let scope = self.frame().scopes.pop().unwrap_or_default();
        let mut slots: Vec<u32> = scope.values().map(|info| info.slot).collect();
        slots.sort_unstable();
        slots
    }

    fn declare(&mut self, variable: &mut Variable, pos: Pos) {
        let ty = match &mut variable.ty {
            Some(ty) => {
                self.type_name(ty);
                ty.ty.clone()
            }
            None => Ty::Any,
        };
        if self.groovy() && self.visible(variable.name.hash) {
            self.compile_error(
                pos,
                &format!(
                    "The current scope already contains a variable of the name {}",
                    variable.name.text
                ),
            );
        }
        let info = self.declare_new(&variable.name.text.clone(), ty, variable.is_final);
        variable.slot = info.slot;
        variable.shared = info.shared;
    }

    fn declare_new(&mut self, name: &str, ty: Ty, is_final: bool) -> Info {
        let frame = self.frame();
        let info = Info {
            slot: frame.slots,
            shared: Shared::default(),
            ty,
            is_final,
        };
        frame.slots += 1;
        if frame.scopes.is_empty() {
            frame.scopes.push(HashMap::new());
        }
        let last = frame.scopes.len() - 1;
        frame.scopes[last].insert(symbol(name), info.clone());
        info
    }

    fn visible(&self, name: u64) -> bool {
        if name == symbol("it") {
            return false;
        }
        for frame in self.frames.iter().rev() {
            if frame.scopes.iter().any(|scope| scope.contains_key(&name)) {
                return true;
            }
            if !frame.is_closure {
                return false;
            }
        }
        false
    }

    /// The variable of that name, made known to every closure between its frame and here.
    fn lookup(&mut self, name: u64) -> Option<Info> {
        let mut level = self.frames.len();
        let mut found = loop {
            level = level.checked_sub(1)?;
            let frame = &self.frames[level];
            if let Some(info) = frame.scopes.iter().rev().find_map(|scope| scope.get(&name)) {
                break info.clone();
            }
            if !frame.is_closure {
                return None;
            }
        };
        for inner in level + 1..self.frames.len() {
            found.shared.set();
            let frame = &mut self.frames[inner];
            let slot = frame.slots;
            frame.slots += 1;
            frame.captures.push((found.slot, slot));
            found = Info { slot, ..found };
            frame.scopes[0].insert(name, found.clone());
        }
        Some(found)
    }

    fn global(&mut self, name: &Name) -> u32 {
        let next = self.globals.len() as u32;
        let slot = *self.global_slots.entry(name.hash).or_insert(next);
        if slot == next {
            self.globals.push(name.clone());
        }
        slot
    }

    fn block(&mut self, block: &mut Block, scope_is_top: bool) {
        // The top level of BeanShell and JEXL is the binding itself.
        let top = scope_is_top
            && self.frames.len() == 1
            && self.frame().scopes.is_empty()
            && !self.groovy();
        if top {
            for statement in &mut block.statements {
                self.stmt(statement);
            }
            return;
        }
        self.push_scope();
        for statement in &mut block.statements {
            self.stmt(statement);
        }
        let slots = self.pop_scope();
        if self.loose() {
            block.reset = slots;
        }
    }

    fn scoped_stmt(&mut self, statement: &mut Stmt) -> Vec<u32> {
        self.push_scope();
        self.stmt(statement);
        self.pop_scope()
    }

    fn at_top(&mut self) -> bool {
        self.frames.len() == 1 && self.frame().scopes.is_empty() && !self.frame().is_closure
    }

    fn stmt(&mut self, statement: &mut Stmt) {
        let pos = statement.pos;
        match &mut statement.kind {
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Declare(declared) => {
                if self.loose() && self.at_top() {
                    // Typed variables of the top level live in the binding.
                    let mut statements = Vec::new();
                    for one in declared.iter_mut() {
                        statements.push(self.global_declaration(one));
                    }
                    statement.kind = if statements.len() == 1 {
                        statements.remove(0)
                    } else {
                        StmtKind::Block(Block {
                            statements: statements
                                .into_iter()
                                .map(|kind| Stmt { kind, pos })
                                .collect(),
                            reset: Vec::new(),
                        })
                    };
                    return;
                }
                for one in declared {
                    // A closure may call itself by the name of the variable it is put into only after the declaration.
                    if let Some(value) = &mut one.value {
                        self.expr(value);
                    }
                    let at = pos_of_name(pos, one);
                    self.declare(&mut one.variable, at);
                }
            }
            StmtKind::DeclareMany(variables, value) => {
                self.expr(value);
                for variable in variables {
                    self.declare(variable, pos);
                }
            }
            StmtKind::Block(block) => self.block(block, false),
            StmtKind::If(test, then, other) => {
                self.expr(test);
                self.branch(then);
                if let Some(other) = other {
                    self.branch(other);
                }
            }
            StmtKind::While(_, test, body) => {
                self.expr(test);
                self.branch(body);
            }
            StmtKind::DoWhile(_, body, test) => {
                self.branch(body);
                self.expr(test);
            }
            StmtKind::For {
                init,
                test,
                update,
                body,
                reset,
                ..
            } => {
                self.push_scope();
                for statement in init {
                    self.stmt(statement);
                }
                if let Some(test) = test {
                    self.expr(test);
                }
                self.branch(body);
                for value in update {
                    self.expr(value);
                }
                *reset = self.pop_scope();
            }
            StmtKind::ForEach {
                variable,
                items,
                body,
                reset,
                ..
            } => {
                self.expr(items);
                if self.language.is_jexl() && self.at_top() {
                    self.push_scope();
                }
                self.push_scope();
                let in_closure = self.groovy() && self.visible(variable.name.hash);
                if in_closure {
                    self.compile_error(
                        pos,
                        &format!(
                            "The current scope already contains a variable of the name {}",
                            variable.name.text
                        ),
                    );
                } else {
                    self.declare(variable, pos);
                }
                self.branch(body);
                *reset = self.pop_scope();
            }
            StmtKind::Switch(value, cases, reset) => {
                self.expr(value);
                // In BeanShell a switch is no scope.
                let scoped = !self.loose();
                if scoped {
                    self.push_scope();
                }
                for case in cases {
                    if let Some(test) = &mut case.test {
                        self.expr(test);
                    }
                    for statement in &mut case.body {
                        self.stmt(statement);
                    }
                }
                if scoped {
                    *reset = self.pop_scope();
                }
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                self.block(body, false);
                for catch in catches {
                    for ty in &mut catch.types {
                        self.type_name(ty);
                    }
                    self.push_scope();
                    self.declare(&mut catch.variable, pos);
                    self.block(&mut catch.body, false);
                    self.pop_scope();
                }
                if let Some(finally) = finally {
                    self.block(finally, false);
                }
            }
            StmtKind::Throw(value) => self.expr(value),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expr(value);
                }
            }
            StmtKind::Assert(test, message, _) => {
                self.expr(test);
                if let Some(message) = message {
                    self.expr(message);
                }
            }
            StmtKind::Method(function) => {
                if self.groovy() {
                    self.refuse(
                        RefusalKind::UnsupportedSyntax,
                        pos,
                        format!(
                            "method {} inside of a block is not supported",
                            function.name
                        ),
                        None,
                    );
                } else {
                    let mut function = function.clone();
                    self.function(Arc::make_mut(&mut function));
                    self.methods
                        .entry(symbol(&function.name))
                        .or_default()
                        .push(function);
                    statement.kind = StmtKind::Nothing;
                }
            }
            StmtKind::Class(class) => {
                self.refuse(
                    RefusalKind::UnsupportedSyntax,
                    class.pos,
                    format!("class {} inside of a block is not supported", class.name),
                    None,
                );
            }
            StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Nothing => {}
        }
    }

    /// A branch or a loop's body is a scope even without braces, except in BeanShell where only braces make one.
    fn branch(&mut self, statement: &mut Stmt) {
        if self.loose() || self.language.is_jexl() {
            self.stmt(statement)
        } else {
            self.scoped_stmt(statement);
        }
    }

    fn global_declaration(&mut self, one: &mut Declared) -> StmtKind {
        let slot = self.global(&one.variable.name.clone());
        if one.variable.is_final {
            self.finals.insert(one.variable.name.hash);
        }
        if let Some(value) = &mut one.value {
            self.expr(value);
        }
        if let Some(ty) = &mut one.variable.ty {
            self.type_name(ty);
        }
        // The declaration keeps its form; a high bit tells the binding from the frame.
        one.variable.slot = slot | GLOBAL;
        StmtKind::Declare(vec![one.clone()])
    }

    fn type_name(&mut self, ty: &mut TypeName) {
        ty.ty = self.type_of(&ty.name.clone(), ty.dims, ty.pos);
    }

    fn type_of(&mut self, name: &str, dims: u32, pos: Pos) -> Ty {
        let plain = match name {
            "def" if self.groovy() => Ty::Any,
            "var" if !self.loose() => Ty::Any,
            "void" => Ty::Void,
            "boolean" => Ty::Boolean,
            "char" => Ty::Char,
            "byte" => Ty::Byte,
            "short" => Ty::Short,
            "int" => Ty::Int,
            "long" => Ty::Long,
            "float" => Ty::Float,
            "double" => Ty::Double,
            _ => match self.class_named(name) {
                Some(class) => {
                    if let Class::Known(info) = &class {
                        self.forbid(info, pos);
                    }
                    Ty::Class(class)
                }
                None => {
                    self.unknown_class(name, pos);
                    Ty::Any
                }
            },
        };
        if dims == 0 {
            return plain;
        }
        let element = match &plain {
            Ty::Class(class) => class.name().to_string(),
            Ty::Any => "java.lang.Object".into(),
            _ => name.to_owned(),
        };
        let element = (1..dims).fold(element, |e, _| crate::value::array_class_name(&e));
        Ty::Class(Class::Array(Arc::from(element)))
    }

    fn forbid(&mut self, info: &'static ClassInfo, pos: Pos) {
        if let Some(why) = info.forbidden {
            self.refuse(
                RefusalKind::Forbidden,
                pos,
                format!("class {} is not supported ({why})", info.name),
                None,
            );
        }
    }

    fn unknown_class(&mut self, name: &str, pos: Pos) {
        // The import tells the whole name.
        let full = self
            .imports
            .iter()
            .find(|i| !i.star && class::simple(&i.name) == name)
            .map_or(name, |i| &i.name)
            .to_owned();
        let java = match self.language {
            Language::Groovy => {
                let report =
                    groovy_report(pos, &format!("unable to resolve class {name}"), self.source);
                Some((
                    "org.codehaus.groovy.control.MultipleCompilationErrorsException",
                    report,
                ))
            }
            Language::BeanShell if name == "def" => Some((
                "bsh.EvalError",
                format!(
                    "Sourced file: {} : Typed variable declaration : Class: def not found in namespace",
                    evaluated(self.source)
                ),
            )),
            _ => Some((
                "bsh.EvalError",
                format!(
                    "Sourced file: {} : Unknown class: {name}",
                    evaluated(self.source)
                ),
            )),
        };
        self.refuse(
            RefusalKind::UnknownClass,
            pos,
            format!("class {full} is not supported"),
            java,
        );
    }

    /// The class that a name means here, by the script's classes, imports and default packages.
    fn class_named(&self, name: &str) -> Option<Class> {
        if let Some(class) = self.classes.iter().find(|c| *c.decl.name == *name) {
            return Some(Class::Script(class.clone()));
        }
        for import in &self.imports {
            let last = import
                .alias
                .as_deref()
                .unwrap_or_else(|| class::simple(&import.name));
            if !import.star && !import.is_static && last == name {
                return class::find(&import.name).map(Class::Known);
            }
        }
        if let Some(info) = class::find(name) {
            return Some(Class::Known(info));
        }
        if let Some((outer, inner)) = name.rsplit_once('.') {
            // `Map.Entry`.
            if outer.starts_with(|c: char| c.is_uppercase()) || outer.contains('.') {
                let outer = self.class_named(outer)?.name();
                return class::find(&format!("{outer}${inner}")).map(Class::Known);
            }
            return None;
        }
        let stars = self.imports.iter().filter(|i| i.star).map(|i| &*i.name);
        let packages = stars.chain(class::default_packages(self.groovy()).iter().copied());
        for package in packages {
            if let Some(info) = class::find(&format!("{package}.{name}"))
                .or_else(|| class::find(&format!("{package}${name}")))
            {
                return Some(Class::Known(info));
            }
        }
        if self.groovy() && matches!(name, "BigDecimal" | "BigInteger") {
            return class::find(&format!("java.math.{name}")).map(Class::Known);
        }
        None
    }

    fn args(&mut self, args: &mut [Arg]) {
        for arg in args {
            match arg {
                Arg::Plain(value) | Arg::Spread(value) => self.expr(value),
                Arg::Named(key, value) => {
                    self.expr(key);
                    self.expr(value);
                }
            }
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        let pos = expr.pos;
        match &mut expr.kind {
            Kind::Literal(Value::Str(text)) => {
                let one = self
                    .texts
                    .entry(text.clone())
                    .or_insert_with(|| text.clone());
                *text = one.clone();
            }
            Kind::Literal(_) | Kind::This | Kind::Local(_) | Kind::Global(_) | Kind::Loose(..) => {}
            Kind::GString(values, _) => values.iter_mut().for_each(|value| self.expr(value)),
            Kind::Name(name) => {
                let name = name.clone();
                expr.kind = self.name(&name, pos);
            }
            Kind::ClassLiteral(ty) => self.type_name(ty),
            Kind::Property(_) => self.property(expr),
            Kind::Index(object, items, _) => {
                self.expr(object);
                items.iter_mut().for_each(|item| self.expr(item));
            }
            Kind::Call(_) => self.call(expr),
            Kind::Invoke(callee, args) => {
                self.expr(callee);
                self.args(args);
            }
            Kind::New(new) => {
                self.args(&mut new.args);
                new.lengths.iter_mut().for_each(|length| self.expr(length));
                if let Some(elements) = &mut new.elements {
                    elements.iter_mut().for_each(|element| self.expr(element));
                }
                let is_array = new.ty.dims > 0;
                self.type_name(&mut new.ty);
                if !is_array
                    && let Ty::Class(Class::Known(info)) = &new.ty.ty
                    && info.new.is_none()
                    && info.forbidden.is_none()
                {
                    let message = format!("new {} is not supported", info.name);
                    self.refuse(RefusalKind::UnknownMethod, pos, message, None);
                }
            }
            Kind::List(items) | Kind::Map(items) => self.args(items),
            Kind::ArrayLiteral(items) => items.iter_mut().for_each(|item| self.expr(item)),
            Kind::Range(a, b, _)
            | Kind::And(a, b)
            | Kind::Or(a, b)
            | Kind::Elvis(a, b)
            | Kind::Binary(_, a, b)
            | Kind::In(a, b, _) => {
                self.expr(a);
                self.expr(b);
            }
            Kind::Closure(function) => self.function(Arc::make_mut(function)),
            Kind::Unary(_, a) | Kind::Empty(a) | Kind::Size(a) => self.expr(a),
            Kind::Ternary(a, b, c) => {
                self.expr(a);
                self.expr(b);
                self.expr(c);
            }
            Kind::Assign(_, target, value, ty) => {
                self.expr(value);
                *ty = self.target(target);
            }
            Kind::ElvisAssign(target, value) => {
                self.expr(value);
                self.target(target);
            }
            Kind::AssignMany(targets, value) => {
                self.expr(value);
                for target in targets {
                    self.target(target);
                }
            }
            Kind::Step { target, ty, .. } => *ty = self.target(target),
            Kind::Cast(ty, value) | Kind::As(ty, value) | Kind::InstanceOf(value, ty, _) => {
                self.expr(value);
                self.type_name(ty);
            }
            Kind::MethodPointer(object, _) => self.expr(object),
        }
    }

    fn name(&mut self, name: &Name, pos: Pos) -> Kind {
        if self.loose() {
            return self.loose_name(name, false, pos);
        }
        if let Some(info) = self.lookup(name.hash) {
            return Kind::Local(info.slot);
        }
        if let Some(class) = self.class.clone()
            && class.fields.iter().any(|f| f.name.hash == name.hash)
        {
            return self.this_property(name, pos);
        }
        let bound = BINDINGS.iter().any(|(binding, _)| **binding == *name.text)
            || self.assigned.contains(&name.hash);
        // An imported class hides what JMeter binds under its name.
        let is_hidden = bound && self.groovy() && self.is_imported(&name.text);
        if (!bound || is_hidden) && !self.language.is_jexl() {
            if let Some(class) = self.class_named(&name.text) {
                return self.class_literal(class, pos);
            }
            if let Some(value) = self.static_import(name) {
                return value;
            }
        }
        if self.class.is_some() && self.groovy() && !self.frame().is_closure {
            // A method of a class does not see the script's binding: what it does not know is a property of its object.
            return self.this_property(name, pos);
        }
        Kind::Global(self.global(name))
    }

    /// Whether an import, other than one of a whole package, names the class `name`.
    fn is_imported(&self, name: &str) -> bool {
        let mut imports = self
            .imports
            .iter()
            .filter(|import| !import.star && !import.is_static);
        imports.any(|import| {
            let last = import.alias.as_deref();
            last.unwrap_or_else(|| class::simple(&import.name)) == name
        })
    }

    fn this_property(&self, name: &Name, pos: Pos) -> Kind {
        Kind::Property(Box::new(Property {
            object: Expr::new(Kind::This, pos),
            member: Member::Fixed(name.clone()),
            getter: name.getter("get"),
            is_getter: name.getter("is"),
            safe: false,
            spread: false,
            attribute: false,
        }))
    }

    fn class_literal(&mut self, class: Class, pos: Pos) -> Kind {
        if let Class::Known(info) = &class {
            self.forbid(info, pos);
        }
        Kind::ClassLiteral(TypeName {
            name: class.name(),
            dims: 0,
            pos,
            ty: Ty::Class(class),
        })
    }

    fn static_import(&self, name: &Name) -> Option<Kind> {
        for import in self.imports.iter().filter(|i| i.is_static) {
            let class = if import.star {
                &*import.name
            } else {
                import.name.rsplit_once('.')?.0
            };
            let info = class::find(class)?;
            let last = import
                .alias
                .as_deref()
                .unwrap_or_else(|| class::simple(&import.name));
            if (import.star || last == &*name.text)
                && let Some(value) = info.field.and_then(|field| field(&name.text))
            {
                return Some(Kind::Literal(value));
            }
        }
        None
    }

    /// Where a BeanShell name may live. A name that is assigned and lives nowhere yet lives in the innermost block from then on.
    fn loose_name(&mut self, name: &Name, assigned: bool, pos: Pos) -> Kind {
        let mut places: Vec<Place> = Vec::new();
        let frame = self.frame();
        for scope in frame.scopes.iter().rev() {
            places.extend(scope.get(&name.hash).map(|info| Place::Local(info.slot)));
        }
        let innermost = frame
            .scopes
            .last()
            .map(|scope| scope.contains_key(&name.hash));
        if assigned && innermost == Some(false) {
            let info = self.declare_new(&name.text, Ty::Any, false);
            places.insert(0, Place::Local(info.slot));
        }
        let bound = BINDINGS.iter().any(|(binding, _)| **binding == *name.text)
            || self.assigned.contains(&name.hash)
            || !places.is_empty();
        if !bound && let Some(class) = self.class_named(&name.text) {
            return self.class_literal(class, pos);
        }
        if let Some(class) = self.class.clone()
            && places.is_empty()
            && class.fields.iter().any(|f| f.name.hash == name.hash)
        {
            return self.this_property(name, pos);
        }
        let slot = self.global(name);
        if places.is_empty() {
            return Kind::Loose(Box::new([Place::Global(slot)]), name.clone());
        }
        places.push(Place::Global(slot));
        Kind::Loose(places.into_boxed_slice(), name.clone())
    }

    /// The target of an assignment; gives the type that the value must take.
    fn target(&mut self, target: &mut Expr) -> Ty {
        let pos = target.pos;
        if let Kind::Name(name) = &target.kind {
            let name = name.clone();
            if self.loose() {
                if self.finals.contains(&name.hash) {
                    let java = format!(
                        "Sourced file: {} : Variable assignment: {}: Final variable, can't re-assign.",
                        evaluated(self.source),
                        name.text
                    );
                    self.refuse(
                        RefusalKind::Syntax,
                        pos,
                        format!("final variable {} is assigned again", name.text),
                        Some(("bsh.EvalError", java)),
                    );
                }
                let ty = self.lookup(name.hash).map_or(Ty::Any, |info| info.ty);
                target.kind = self.loose_name(&name, true, pos);
                return ty;
            }
            if let Some(info) = self.lookup(name.hash) {
                if info.is_final {
                    let message = format!(
                        "The variable [{}] is declared final but is reassigned\n. At [{}:{}] ",
                        name.text, pos.line, pos.column
                    );
                    self.compile_error(pos, &message);
                }
                target.kind = Kind::Local(info.slot);
                return info.ty;
            }
            if let Some(class) = self.class.clone()
                && class.fields.iter().any(|f| f.name.hash == name.hash)
            {
                target.kind = self.this_property(&name, pos);
                return Ty::Any;
            }
            target.kind = Kind::Global(self.global(&name));
            return Ty::Any;
        }
        self.expr(target);
        Ty::Any
    }

    /// A path of names that may be a class: `java.util.UUID`.
    fn path(expr: &Expr) -> Option<String> {
        match &expr.kind {
            Kind::Name(name) => Some(name.text.to_string()),
            Kind::Property(p) if !p.safe && !p.spread && !p.attribute => {
                let Member::Fixed(name) = &p.member else {
                    return None;
                };
                Some(format!("{}.{}", Self::path(&p.object)?, name.text))
            }
            _ => None,
        }
    }

    /// Turns the longest class path at the left into a class.
    fn class_path(&mut self, expr: &mut Expr) -> bool {
        let Some(path) = Self::path(expr) else {
            return false;
        };
        let root = path.split('.').next().unwrap_or_default();
        let hash = symbol(root);
        let bound = BINDINGS.iter().any(|(binding, _)| *binding == root)
            || self.assigned.contains(&hash)
            || self.lookup(hash).is_some();
        if bound {
            return false;
        }
        if path.contains('.')
            && let Some(class) = self.class_named(&path)
        {
            expr.kind = self.class_literal(class, expr.pos);
            return true;
        }
        let packaged = matches!(
            root,
            "java" | "javax" | "org" | "com" | "groovy" | "net" | "io"
        );
        let mut prefix = path.as_str();
        while let Some((shorter, _)) = prefix.rsplit_once('.') {
            prefix = shorter;
            if prefix.contains('.') && self.class_named(prefix).is_some() {
                return false;
            }
        }
        if packaged
            && path
                .rsplit('.')
                .next()
                .is_some_and(|last| last.starts_with(|c: char| c.is_uppercase()))
        {
            self.unknown_class(&path, expr.pos);
            return true;
        }
        false
    }

    fn property(&mut self, expr: &mut Expr) {
        if self.language != Language::Jexl2
            && self.language != Language::Jexl3
            && self.class_path(expr)
        {
            return;
        }
        let pos = expr.pos;
        let Kind::Property(p) = &mut expr.kind else {
            return;
        };
        self.expr(&mut p.object);
        if let Member::Computed(member) = &mut p.member {
            self.expr(member);
        }
        if let Member::Fixed(name) = &p.member {
            let name = name.clone();
            match &p.object.kind {
                Kind::ClassLiteral(ty) if &*name.text == "class" => {
                    expr.kind = Kind::ClassLiteral(ty.clone())
                }
                Kind::ClassLiteral(TypeName {
                    ty: Ty::Class(Class::Known(info)),
                    ..
                }) => {
                    if let Some(value) = info.field.and_then(|field| field(&name.text)) {
                        expr.kind = Kind::Literal(value);
                    } else {
                        let getter = [&p.getter, &p.is_getter]
                            .iter()
                            .any(|g| info.statics.contains(&&*g.text));
                        let of_class = matches!(
                            &*name.text,
                            "name"
                                | "simpleName"
                                | "superclass"
                                | "metaClass"
                                | "package"
                                | "canonicalName"
                                | "enumConstants"
                        );
                        if !getter && !of_class && info.forbidden.is_none() {
                            let message = format!("{}.{} is not supported", info.name, name.text);
                            self.refuse(RefusalKind::UnknownMethod, pos, message, None);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn call(&mut self, expr: &mut Expr) {
        let pos = expr.pos;
        let Kind::Call(call) = &mut expr.kind else {
            return;
        };
        if let Some(object) = &mut call.object {
            let class_named = !self.language.is_jexl() && self.class_path(object);
            if !class_named {
                self.expr(object);
            }
        }
        self.args(&mut call.args);
        if let Member::Computed(member) = &mut call.member {
            self.expr(member);
            return;
        }
        let Member::Fixed(name) = &call.member else {
            return;
        };
        let mut name = name.clone();
        // `list.remove((Object) x)` takes the element, not the place.
        if let [
            Arg::Plain(Expr {
                kind: Kind::Cast(ty, _),
                ..
            }),
        ] = call.args.as_slice()
            && &*name.text == "remove"
            && matches!(&ty.ty, Ty::Class(Class::Known(info)) if info.name == "java.lang.Object")
        {
            name = Name::new("removeElement");
            call.member = Member::Fixed(name.clone());
        }
        match &call.object {
            None => {
                if !self.loose()
                    && let Some(info) = self.lookup(name.hash)
                {
                    call.local = Some(info.slot);
                } else if let Some(class) = self.class.clone()
                    && class.methods.iter().any(|m| *m.name == *name.text)
                {
                    call.object = Some(Expr::new(Kind::This, pos));
                } else if !self.methods.contains_key(&name.hash) {
                    if let Some(class) = self.static_method(&name) {
                        call.object = Some(Expr::new(self.class_literal(class, pos), pos));
                    } else {
                        if matches!(
                            &*name.text,
                            "exec" | "source" | "bg" | "server" | "addClassPath" | "evaluate"
                        ) && !self.own.contains(&name.hash)
                        {
                            let java = Some(("bsh.EvalError", format!("{}()", name.text)));
                            self.refuse(
                                RefusalKind::Forbidden,
                                pos,
                                format!(
                                    "{}() is not supported (processes, sockets and other scripts)",
                                    name.text
                                ),
                                java,
                            );
                        }
                        call.global = Some(self.global(&name));
                    }
                }
            }
            Some(object) => {
                let (object, variable) = (
                    object.clone(),
                    self.literal_variable(&object.kind, &name, &call.args),
                );
                call.variable = variable;
                self.check_call(&object, &name, pos);
            }
        }
    }

    fn static_method(&self, name: &Name) -> Option<Class> {
        for import in self.imports.iter().filter(|i| i.is_static) {
            let class = if import.star {
                &*import.name
            } else {
                import.name.rsplit_once('.').map(|(class, _)| class)?
            };
            let Some(info) = class::find(class) else {
                continue;
            };
            if (import.star || class::simple(&import.name) == &*name.text)
                && info.statics.contains(&&*name.text)
            {
                return Some(Class::Known(info));
            }
        }
        None
    }

    /// The number of the literal name in `vars.get("name")`, plus one.
    fn literal_variable(&mut self, object: &Kind, name: &Name, args: &[Arg]) -> Option<u32> {
        if !matches!(&*name.text, "get" | "put" | "getObject" | "putObject")
            || !self.is_vars(object)
        {
            return None;
        }
        let Some(Arg::Plain(Expr {
            kind: Kind::Literal(Value::Str(text)),
            ..
        })) = args.first()
        else {
            return None;
        };
        let at = self
            .variables
            .iter()
            .position(|v| v == text)
            .unwrap_or_else(|| {
                self.variables.push(text.clone());
                self.variables.len() - 1
            });
        Some(at as u32 + 1)
    }

    fn is_vars(&self, object: &Kind) -> bool {
        let slot = match object {
            Kind::Global(slot) => *slot,
            Kind::Loose(places, _) => match places.first() {
                Some(Place::Global(slot)) => *slot,
                _ => return false,
            },
            _ => return false,
        };
        &*self.globals[slot as usize].text == "vars" && !self.assigned.contains(&symbol("vars"))
    }

    fn check_call(&mut self, object: &Expr, name: &Name, pos: Pos) {
        if self.own.contains(&name.hash)
            || self.language.is_jexl()
            || matches!(object.kind, Kind::Literal(Value::Null))
        {
            return;
        }
        if matches!(
            &*name.text,
            "execute"
                | "openConnection"
                | "exec"
                | "openStream"
                | "newInstance"
                | "forName"
                | "getDeclaredMethod"
                | "loadClass"
                | "exit"
                | "halt"
        ) {
            let what = format!(
                "method {} is not supported (processes, sockets, reflection and the end of the program)",
                name.text
            );
            self.refuse(RefusalKind::Forbidden, pos, what, None);
            return;
        }
        let missing = |class: &str| -> (&'static str, String) {
            if self.groovy() {
                (
                    "groovy.lang.MissingMethodException",
                    format!(
                        "No signature of method: {class}.{}() is applicable for argument types: () values: []",
                        name.text
                    ),
                )
            } else {
                (
                    "bsh.EvalError",
                    format!(
                        "Sourced file: {} : Error in method invocation: Method {}() not found in class'{class}'",
                        evaluated(self.source),
                        name.text
                    ),
                )
            }
        };
        if let Kind::ClassLiteral(TypeName {
            ty: Ty::Class(Class::Known(info)),
            ..
        }) = &object.kind
        {
            let known = info.statics.contains(&&*name.text)
                || crate::library::COMMON_METHODS
                    .iter()
                    .chain(crate::library::CLASS_METHODS)
                    .any(|list| list.contains(&&*name.text));
            if !known && info.forbidden.is_none() {
                let java = missing(info.name);
                self.refuse(
                    RefusalKind::UnknownMethod,
                    pos,
                    format!("method {}.{} is not supported", info.name, name.text),
                    Some(java),
                );
            }
            return;
        }
        if let Some(info) = self.static_class(object) {
            let known = info.methods.is_empty()
                || info
                    .methods
                    .iter()
                    .chain(crate::library::COMMON_METHODS)
                    .any(|list| list.contains(&&*name.text));
            if !known {
                let java = missing(info.name);
                self.refuse(
                    RefusalKind::UnknownMethod,
                    pos,
                    format!(
                        "method {} of class {} is not supported",
                        name.text, info.name
                    ),
                    Some(java),
                );
            }
            return;
        }
        if !class::any_has_method(name.hash) {
            let java = missing("java.lang.Object");
            self.refuse(
                RefusalKind::UnknownMethod,
                pos,
                format!("method {} is not supported", name.text),
                Some(java),
            );
        }
    }

    /// The class that a value certainly has.
    fn static_class(&self, object: &Expr) -> Option<&'static ClassInfo> {
        match &object.kind {
            Kind::Literal(Value::Str(_)) => class::find("java.lang.String"),
            Kind::New(new) if new.ty.dims == 0 => match &new.ty.ty {
                Ty::Class(Class::Known(info)) => Some(info),
                _ => None,
            },
            Kind::Global(slot) => self.binding_class(*slot),
            Kind::Loose(places, _) => match &**places {
                [Place::Global(slot)] => self.binding_class(*slot),
                _ => None,
            },
            Kind::Local(slot) => {
                let frame = self.frames.last()?;
                let info = frame
                    .scopes
                    .iter()
                    .flat_map(|scope| scope.values())
                    .find(|info| info.slot == *slot)?;
                match &info.ty {
                    Ty::Class(Class::Known(class)) if class.name != "java.lang.Object" => {
                        Some(class)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn binding_class(&self, slot: u32) -> Option<&'static ClassInfo> {
        let name = &self.globals[slot as usize];
        if self.assigned.contains(&name.hash) {
            return None;
        }
        BINDINGS
            .iter()
            .find(|(binding, _)| **binding == *name.text)
            .and_then(|(_, class)| class.and_then(class::find))
    }
}

/// Marks the slot of a declaration as one of the binding.
pub(crate) const GLOBAL: u32 = 1 << 31;

fn pos_of_name(pos: Pos, one: &Declared) -> Pos {
    // `def x`: the name follows the word; the parser keeps only the statement's place.
    let width = one
        .variable
        .ty
        .as_ref()
        .map_or(3, |ty| ty.name.chars().count() as u32);
    Pos {
        line: pos.line,
        column: pos.column + width + 1,
    }
}
