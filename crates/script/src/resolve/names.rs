//! What a bare name means: a variable, a field, a name of the binding, a class, or what a static import brings.
//!
//! Not here: slots (see [`super::scopes`]), and classes by their names (see [`super::class_names`]).

use super::Resolver;
use crate::ast::*;
use crate::class::{self, Class, ClassInfo};
use crate::library::COMMON_METHODS;
use crate::library::functions::FUNCTIONS;
use crate::name::{Name, symbol};
use crate::parser::evaluated;
use crate::refusal::RefusalKind;
use crate::value::Value;

/// Names that hosts bind.
const BINDINGS: &[(&str, Option<&str>)] = &[
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

impl Resolver<'_> {
    pub(super) fn name(&mut self, name: &Name, pos: Pos) -> Kind {
        if self.loose() {
            return self.loose_name(name, false, pos);
        }
        if let Some(info) = self.lookup(name.hash) {
            return Kind::Local(info.slot);
        }
        if self.is_field(name) {
            return self.this_property(name, pos);
        }
        let bound = self.is_bound(&name.text);
        // An imported class hides what JMeter binds under its name.
        let is_hidden = bound && self.groovy() && self.import_of(&name.text).is_some();
        if (!bound || is_hidden) && !self.language.is_jexl() {
            if let Some(class) = self.class_named(&name.text) {
                return self.class_literal(class, pos);
            }
            if let Some(value) = self.static_import(name) {
                return value;
            }
            if self.refuse_imported(&name.text, pos) || self.refuse_static_import(name, pos) {
                return Kind::Literal(Value::Null);
            }
        }
        if self.class.is_some() && self.groovy() && !self.frame().is_closure {
            // A method of a class does not see the script's binding: what it does not know is a property of its object.
            return self.this_property(name, pos);
        }
        Kind::Global(self.global(name))
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
        let bound = self.is_bound(&name.text) || !places.is_empty();
        if !bound && let Some(class) = self.class_named(&name.text) {
            return self.class_literal(class, pos);
        }
        if places.is_empty() && self.is_field(name) {
            return self.this_property(name, pos);
        }
        if !bound && !assigned && self.refuse_imported(&name.text, pos) {
            return Kind::Literal(Value::Null);
        }
        let slot = self.global(name);
        if places.is_empty() {
            return Kind::Loose(Box::new([Place::Global(slot)]), name.clone());
        }
        places.push(Place::Global(slot));
        Kind::Loose(places.into_boxed_slice(), name.clone())
    }

    /// The target of an assignment; gives the type that the value must take.
    pub(super) fn target(&mut self, target: &mut Expr) -> Ty {
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
            if self.is_field(&name) {
                target.kind = self.this_property(&name, pos);
                return Ty::Any;
            }
            target.kind = Kind::Global(self.global(&name));
            return Ty::Any;
        }
        self.expr(target);
        Ty::Any
    }

    /// Whether JMeter binds `name`, or the script assigns it anywhere.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        BINDINGS.iter().any(|(binding, _)| *binding == name)
            || self.assigned.contains(&symbol(name))
    }

    /// Whether the class whose method is being resolved has a field of that name.
    fn is_field(&self, name: &Name) -> bool {
        self.class
            .as_ref()
            .is_some_and(|class| class.fields.iter().any(|f| f.name.hash == name.hash))
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

    fn static_import(&self, name: &Name) -> Option<Kind> {
        for import in self.imports.iter().filter(|i| i.is_static) {
            let class = if import.star {
                &*import.name
            } else {
                import.name.rsplit_once('.')?.0
            };
            let Some(info) = class::find(class) else {
                continue;
            };
            let imported = if import.star {
                &*name.text
            } else {
                class::simple(&import.name)
            };
            if (import.star || import.short_name() == &*name.text)
                && let Some(value) = info.field.and_then(|field| field(imported))
            {
                return Some(Kind::Literal(value));
            }
        }
        None
    }

    /// The class of a statically imported method and the method's name there.
    pub(super) fn static_method(&self, name: &Name) -> Option<(Class, Name)> {
        for import in self.imports.iter().filter(|i| i.is_static) {
            let class = if import.star {
                &*import.name
            } else {
                import.name.rsplit_once('.').map(|(class, _)| class)?
            };
            let Some(info) = class::find(class) else {
                continue;
            };
            let imported = if import.star {
                &*name.text
            } else {
                class::simple(&import.name)
            };
            if (import.star || import.short_name() == &*name.text)
                && info.statics.contains(&imported)
            {
                return Some((Class::Known(info), Name::new(imported)));
            }
        }
        None
    }

    /// Refuses a name that a static import brings from a class that is not known, or that the class does not have.
    pub(super) fn refuse_static_import(&mut self, name: &Name, pos: Pos) -> bool {
        let mut imports = self.imports.iter().filter(|i| i.is_static && !i.star);
        let Some(import) = imports.find(|import| import.short_name() == &*name.text) else {
            return false;
        };
        let (class, _) = import.name.rsplit_once('.').unwrap_or_default();
        let (kind, message) = match class::find(class) {
            None => (
                RefusalKind::UnknownClass,
                format!("class {class} is not supported"),
            ),
            Some(_) => (
                RefusalKind::UnknownMethod,
                format!("{} is not supported", import.name),
            ),
        };
        self.refuse(kind, pos, message, None);
        true
    }

    /// Refuses a call that nothing answers but a static method of a class that is not known, all of whose names are imported.
    pub(super) fn refuse_static_star(&mut self, name: &Name, pos: Pos) -> bool {
        let mut imports = self.imports.iter().filter(|i| i.is_static && i.star);
        let Some(import) = imports.find(|import| class::find(&import.name).is_none()) else {
            return false;
        };
        // What a closure calls may be for its delegate.
        let is_delegates = self.frames.last().is_some_and(|frame| frame.is_closure)
            && (class::any_has_method(name.hash)
                || ["Builder", "delegate"]
                    .iter()
                    .any(|word| self.source.contains(word)));
        let is_other = self.own.contains(&name.hash)
            || self.own.contains(&symbol("methodMissing"))
            || FUNCTIONS.iter().any(|known| symbol(known) == name.hash)
            || COMMON_METHODS
                .iter()
                .any(|known| known.contains(&&*name.text))
            || self.is_bound(&name.text);
        if is_delegates || is_other {
            return false;
        }
        let message = format!("class {} is not supported", import.name);
        self.refuse(RefusalKind::UnknownClass, pos, message, None);
        true
    }

    pub(super) fn binding_class(&self, slot: u32) -> Option<&'static ClassInfo> {
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
