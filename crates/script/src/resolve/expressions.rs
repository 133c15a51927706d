//! Expressions: properties, calls and what is inside of them.
//!
//! Not here: what a bare name means (see [`super::names`]), and which calls are refused (see [`super::refused`]).

use std::sync::Arc;

use super::Resolver;
use crate::ast::*;
use crate::class::Class;
use crate::language::Language;
use crate::name::{Name, symbol};
use crate::refusal::RefusalKind;
use crate::value::Value;

impl Resolver<'_> {
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

    pub(super) fn expr(&mut self, expr: &mut Expr) {
        let pos = expr.pos;
        match &mut expr.kind {
            Kind::Literal(Value::Str(text)) => {
                let one = self
                    .texts
                    .entry(text.clone())
                    .or_insert_with(|| text.clone());
                *text = one.clone();
            }
            Kind::Super(above) => {
                *above = self.class.as_ref().and_then(|class| {
                    let above = class.superclass.as_ref()?;
                    match &above.ty {
                        Ty::Class(class) => Some(class.name()),
                        _ => None,
                    }
                });
            }
            Kind::Construct(_, args) => self.args(args),
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
                let class = match &callee.kind {
                    Kind::This => self.class.as_ref().map(|class| class.name.clone()),
                    Kind::Super(above) => above.clone(),
                    _ => None,
                };
                if let Some(class) = class {
                    expr.kind = Kind::Construct(class, std::mem::take(args));
                } else if matches!(callee.kind, Kind::Super(None)) {
                    // The constructor of `Object` does nothing.
                    expr.kind = Kind::Literal(Value::Null);
                }
            }
            Kind::New(new) => {
                self.args(&mut new.args);
                new.lengths.iter_mut().for_each(|length| self.expr(length));
                if let Some(elements) = &mut new.elements {
                    elements.iter_mut().for_each(|element| self.expr(element));
                }
                let is_array = new.ty.dims > 0;
                self.type_name(&mut new.ty);
                if self.loose() && new.body.is_some() && self.frames.len() > 1 {
                    // Methods of BeanShell share no variables with what is made in them.
                    let message = "an anonymous class inside of a method is not supported";
                    self.refuse(RefusalKind::UnsupportedSyntax, pos, message.into(), None);
                }
                for (_, method) in new.body.iter_mut().flatten() {
                    self.function(Arc::make_mut(method));
                }
                if !is_array
                    && new.body.is_none()
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
            Kind::MethodPointer(object, _) => {
                if !self.refuse_receiver(object) {
                    self.expr(object);
                }
            }
        }
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
        let refusals = self.refusals.len();
        if self.language.is_jexl() || !self.refuse_receiver(&mut p.object) {
            self.expr(&mut p.object);
        }
        if self.refusals.len() > refusals && matches!(p.object.kind, Kind::Literal(Value::Null)) {
            // Nothing more is said of what a class that is not supported has.
            expr.kind = Kind::Literal(Value::Null);
            return;
        }
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
            let class_named = !self.language.is_jexl()
                && (self.class_path(object) || self.refuse_receiver(object));
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
                    && (class.methods.iter().any(|m| *m.name == *name.text)
                        || class.abstracts.iter().any(|m| m.hash == name.hash)
                        || !self.methods.contains_key(&name.hash)
                            && matches!(
                                &*name.text,
                                "getClass"
                                    | "hashCode"
                                    | "values"
                                    | "valueOf"
                                    | "ordinal"
                                    | "name"
                                    | "toString"
                                    | "getProperties"
                                    | "with"
                                    | "tap"
                            ))
                {
                    call.object = Some(Expr::new(Kind::This, pos));
                } else if !self.methods.contains_key(&name.hash) {
                    if let Some((class, method)) = self.static_method(&name) {
                        call.object = Some(Expr::new(self.class_literal(class, pos), pos));
                        call.member = Member::Fixed(method);
                    } else if self.refuse_static_import(&name, pos)
                        || self.refuse_static_star(&name, pos)
                    {
                        expr.kind = Kind::Literal(Value::Null);
                    } else {
                        if matches!(
                            &*name.text,
                            "exec" | "source" | "bg" | "server" | "addClassPath"
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
                self.check_algorithm(&object, &name, &call.args, pos);
                self.check_call(&object, &name, pos);
            }
        }
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
}
