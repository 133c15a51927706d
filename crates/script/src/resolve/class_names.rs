//! Classes by their names: the script's own, imports, default packages and whole paths like `java.util.UUID`.
//!
//! Not here: which classes there are (see [`crate::class`]).

use std::sync::Arc;

use super::Resolver;
use crate::ast::*;
use crate::class::{self, Class, ClassInfo};
use crate::name::symbol;
use crate::refusal::RefusalKind;
use crate::value::Value;

/// Packages that the whole name of a class begins with.
const ROOTS: &[&str] = &[
    "com", "edu", "groovy", "groovyx", "io", "jakarta", "java", "javax", "net", "org",
];

/// Classes with static members that need no import and are not known here.
const WITHOUT_IMPORT: &[&str] = &[
    "groovy.lang.ExpandoMetaClass",
    "groovy.lang.ExpandoMetaClassCreationHandle",
    "groovy.lang.GroovySystem",
    "groovy.lang.ListWithDefault",
    "groovy.lang.MetaClassImpl",
    "groovy.lang.MetaMethod",
    "groovy.lang.MetaProperty",
    "groovy.lang.ProxyMetaClass",
    "groovy.lang.Tuple",
    "groovy.lang.Tuple0",
    "groovy.util.CharsetToolkit",
    "groovy.util.FactoryBuilderSupport",
    "groovy.util.GroovyCollections",
    "groovy.util.GroovyScriptEngine",
    "groovy.util.NodeBuilder",
    "groovy.util.ObjectGraphBuilder",
    "groovy.util.ObservableList",
    "groovy.util.ObservableMap",
    "groovy.util.ObservableSet",
    "groovy.util.ProxyGenerator",
    "java.io.DataInputStream",
    "java.io.FileDescriptor",
    "java.io.ObjectInputFilter",
    "java.io.ObjectStreamClass",
    "java.io.ObjectStreamConstants",
    "java.io.StreamTokenizer",
    "java.lang.Compiler",
    "java.lang.ModuleLayer",
    "java.lang.Package",
    "java.lang.ProcessHandle",
    "java.lang.StackWalker",
    "java.lang.ThreadLocal",
    "java.lang.Void",
    "java.net.Authenticator",
    "java.net.CookieHandler",
    "java.net.CookiePolicy",
    "java.net.HttpCookie",
    "java.net.IDN",
    "java.net.Inet6Address",
    "java.net.InetAddress",
    "java.net.InetSocketAddress",
    "java.net.NetworkInterface",
    "java.net.Proxy",
    "java.net.ProxySelector",
    "java.net.ResponseCache",
    "java.net.SocketOptions",
    "java.net.StandardProtocolFamily",
    "java.net.StandardSocketOptions",
    "java.net.URLClassLoader",
    "java.net.UnixDomainSocketAddress",
    "java.util.BitSet",
    "java.util.Currency",
    "java.util.EnumSet",
    "java.util.FormattableFlags",
    "java.util.HexFormat",
    "java.util.OptionalDouble",
    "java.util.OptionalInt",
    "java.util.OptionalLong",
    "java.util.ResourceBundle",
    "java.util.ServiceLoader",
    "java.util.SimpleTimeZone",
    "java.util.Spliterator",
    "java.util.Spliterators",
];

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
                return found(&import.name).map(Class::Known);
            }
        }
        for import in &self.imports {
            // `import static java.util.Map.Entry`.
            if !import.star
                && import.is_static
                && import.short_name() == name
                && let Some(info) = found(&import.name)
            {
                return Some(Class::Known(info));
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

    /// The import of a single class that gives `name` its meaning.
    pub(super) fn import_of(&self, name: &str) -> Option<&Import> {
        let mut imports = self.imports.iter();
        imports.find(|import| !import.star && !import.is_static && import.short_name() == name)
    }

    /// The whole name of a class that is not known, by what the script imports: `org.acme.Outer.Inner` of `Outer.Inner`.
    pub(super) fn whole_name(&self, name: &str) -> String {
        let (outer, inner) = name.split_at(name.find('.').unwrap_or(name.len()));
        let of_static = || {
            let mut imports = self.imports.iter();
            imports.find(|import| !import.star && import.is_static && import.short_name() == outer)
        };
        match self.import_of(outer).or_else(of_static) {
            Some(import) => format!("{}{inner}", import.name),
            None => name.to_owned(),
        }
    }

    /// Refuses a bare name that is an imported class which is not known.
    pub(super) fn refuse_imported(&mut self, name: &str, pos: Pos) -> bool {
        let Some(import) = self.import_of(name) else {
            return false;
        };
        let message = format!("class {} is not supported", import.name);
        self.refuse(RefusalKind::UnknownClass, pos, message, None);
        true
    }

    /// Refuses a bare name whose members the script uses, when nothing but a class can be meant that is not known: one of Java's that
    /// need no import, or one that the import of a whole package brings.
    pub(super) fn refuse_receiver(&mut self, object: &mut Expr) -> bool {
        let Kind::Name(name) = &object.kind else {
            return false;
        };
        let (name, pos) = (name.clone(), object.pos);
        if !name.text.starts_with(|c: char| c.is_uppercase())
            || self.own.contains(&name.hash)
            || self.is_bound(&name.text)
            || self.lookup(name.hash).is_some()
            || self.class_named(&name.text).is_some()
            || self.import_of(&name.text).is_some()
        {
            return false;
        }
        let packages = class::default_packages(self.groovy());
        let mut without_import = WITHOUT_IMPORT.iter();
        let known = without_import.find(|class| {
            let (package, simple) = class.rsplit_once('.').unwrap_or_default();
            simple == &*name.text && packages.contains(&package)
        });
        let mut stars = self
            .imports
            .iter()
            .filter(|import| import.star && !import.is_static);
        let star = stars.find(|import| !packages.contains(&&*import.name));
        let message = match (known, star) {
            (Some(class), _) => format!("class {class} is not supported"),
            (None, Some(star)) => format!(
                "class {} is not supported, which `import {}.*` may bring",
                name.text, star.name
            ),
            (None, None) => return false,
        };
        self.refuse(RefusalKind::UnknownClass, pos, message, None);
        object.kind = Kind::Literal(Value::Null);
        true
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
        let mut prefix = path.as_str();
        while let Some((shorter, _)) = prefix.rsplit_once('.') {
            prefix = shorter;
            if prefix.contains('.') && self.class_named(prefix).is_some() {
                return false;
            }
        }
        let is_class = |part: &str| part.starts_with(|c: char| c.is_uppercase());
        if ROOTS.contains(&root)
            && !self.own.contains(&symbol(root))
            && let Some(at) = path.split('.').position(is_class)
        {
            let class = path.split('.').take(at + 1).collect::<Vec<_>>().join(".");
            let message = format!("class {class} is not supported");
            self.refuse(RefusalKind::UnknownClass, expr.pos, message, None);
            expr.kind = Kind::Literal(Value::Null);
            return true;
        }
        false
    }
}

/// The class of a whole name, which may be of one inside of another: `java.util.Map.Entry`.
fn found(name: &str) -> Option<&'static ClassInfo> {
    class::find(name).or_else(|| {
        let (outer, inner) = name.rsplit_once('.')?;
        class::find(&format!("{outer}${inner}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_without_import_that_are_known_are_not_listed() {
        for name in WITHOUT_IMPORT {
            assert!(class::find(name).is_none(), "{name}");
        }
    }
}
