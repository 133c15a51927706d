//! Classes by their names: the script's own, imports, default packages and whole paths like `java.util.UUID`.
//!
//! Not here: which classes there are (see [`crate::class`]).

use std::sync::Arc;

use super::Resolver;
use crate::ast::*;
use crate::class::{self, Class};
use crate::name::symbol;

/// How many parts the name of a class may have, with its packages.
const MOST_PARTS: usize = 16;

impl Resolver<'_> {
    pub(super) fn type_name(&mut self, ty: &mut TypeName) {
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

    /// The class that a name means here, by the script's classes, imports and default packages.
    pub(super) fn class_named(&self, name: &str) -> Option<Class> {
        let own = |name: &str| {
            let found = self.classes.iter().find(|c| *c.decl.name == *name);
            found.map(|class| Class::Script(class.clone()))
        };
        // Inside of a class its inner classes, and those beside it, need no more than their own names.
        let mut around = self.class.as_ref().map(|class| &*class.name);
        while let Some(outer) = around {
            if let Some(class) = own(&format!("{outer}${name}")) {
                return Some(class);
            }
            around = outer.rsplit_once('$').map(|(outer, _)| outer);
        }
        if let Some(class) = own(name).or_else(|| own(&name.replace('.', "$"))) {
            return Some(class);
        }
        for import in &self.imports {
            if !import.star && !import.is_static && import.short_name() == name {
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

    /// Whether an import, other than one of a whole package, names the class `name`.
    pub(super) fn is_imported(&self, name: &str) -> bool {
        let mut imports = self
            .imports
            .iter()
            .filter(|import| !import.star && !import.is_static);
        imports.any(|import| import.short_name() == name)
    }

    pub(super) fn class_literal(&mut self, class: Class, pos: Pos) -> Kind {
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
    pub(super) fn class_path(&mut self, expr: &mut Expr) -> bool {
        let Some(path) = Self::path(expr) else {
            return false;
        };
        // Parts of a longer path are looked at on their own.
        if path.split('.').count() > MOST_PARTS {
            return false;
        }
        let root = path.split('.').next().unwrap_or_default();
        if self.is_bound(root) || self.lookup(symbol(root)).is_some() {
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
}
