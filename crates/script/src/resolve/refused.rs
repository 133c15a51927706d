//! What is refused before any traffic: unknown and forbidden classes and methods, and what the real compilers refuse.
//!
//! Not here: syntax that the parser refuses, and calls whose object has no certain class (these fail as they run).

use super::Resolver;
use crate::ast::*;
use crate::class::{self, Class, ClassInfo};
use crate::fail::Fail;
use crate::language::Language;
use crate::library::throwable::thrown;
use crate::name::{Name, symbol};
use crate::parser::{evaluated, groovy_report};
use crate::refusal::{Refusal, RefusalKind};
use crate::value::Value;

impl Resolver<'_> {
    pub(super) fn refuse(
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

    pub(super) fn compile_error(&mut self, pos: Pos, message: &str) {
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

    pub(super) fn check_imports(&mut self) {
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

    pub(super) fn forbid(&mut self, info: &'static ClassInfo, pos: Pos) {
        if let Some(why) = info.forbidden {
            self.refuse(
                RefusalKind::Forbidden,
                pos,
                format!("class {} is not supported ({why})", info.name),
                None,
            );
        }
    }

    pub(super) fn unknown_class(&mut self, name: &str, pos: Pos) {
        let full = self.whole_name(name);
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

    pub(super) fn check_call(&mut self, object: &Expr, name: &Name, pos: Pos) {
        if self.own.contains(&name.hash)
            || self.own.contains(&symbol("methodMissing"))
            || self.language.is_jexl()
            || matches!(object.kind, Kind::Super(_))
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
        if let Some(info) = class_of(object) {
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
                || info.name == "groovy.json.JsonBuilder"
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
        // Names that are called on a `JsonBuilder` are made up.
        if !class::any_has_method(name.hash) && !self.source.contains("JsonBuilder") {
            let java = missing("java.lang.Object");
            self.refuse(
                RefusalKind::UnknownMethod,
                pos,
                format!("method {} is not supported", name.text),
                Some(java),
            );
        }
    }

    /// Refuses `Cipher.getInstance("RSA")` and its like: an algorithm that is written out and is not there.
    pub(super) fn check_algorithm(&mut self, object: &Expr, name: &Name, args: &[Arg], pos: Pos) {
        let (Some(info), Some(Arg::Plain(first))) = (class_of(object), args.first()) else {
            return;
        };
        if &*name.text == "getInstance"
            && let Kind::Literal(Value::Str(algorithm)) = &first.kind
            && let Err(Fail::Throw(why)) =
                crate::library::crypto::check_algorithm(info.name, algorithm)
            && let Some(why) = thrown(&why)
        {
            let message = format!("{algorithm} of {} is not supported", info.name);
            let words = why.message.as_deref().unwrap_or_default().to_owned();
            let java = Some((&*why.class, words));
            self.refuse(RefusalKind::UnknownMethod, pos, message, java);
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
}

/// The class that an expression names.
fn class_of(object: &Expr) -> Option<&'static ClassInfo> {
    match &object.kind {
        Kind::ClassLiteral(TypeName {
            ty: Ty::Class(Class::Known(info)),
            ..
        }) => Some(info),
        _ => None,
    }
}
