//! Conversions: casts, `as`, and what declared types do to values.

use std::borrow::Cow;
use std::sync::Arc;

use super::Interp;
use crate::ast::{Ty, TypeName};
use crate::class::{Class, class_name, is_instance};
use crate::fail::{Fail, Run};
use crate::library::throwable::throw;
use crate::name::Name;
use crate::number::{self, to_big, to_decimal, to_f64, to_i32, to_i64};
use crate::value::{List, Map, Order, Value};

const CAST: &str = "org.codehaus.groovy.runtime.typehandling.GroovyCastException";

impl Interp<'_> {
    pub(super) fn coerce_to(&mut self, value: Value, ty: Option<&TypeName>) -> Run {
        match ty {
            None => Ok(value),
            Some(ty) => self.coerce(value, &ty.ty),
        }
    }

    /// What an assignment to a variable of the type does.
    pub(super) fn coerce(&mut self, value: Value, ty: &Ty) -> Run {
        if matches!(ty, Ty::Any | Ty::Void) {
            return Ok(value);
        }
        if self.beanshell() {
            return self.bsh_coerce(value, ty, false);
        }
        match ty {
            Ty::Any | Ty::Void => Ok(value),
            Ty::Boolean => Ok(Value::Bool(self.truth(&value)?)),
            Ty::Class(class) => self.coerce_class(value, class),
            _ => self.primitive(value, ty),
        }
    }

    fn primitive(&mut self, value: Value, ty: &Ty) -> Run {
        let name = primitive_name(ty);
        if value.is_nothing() {
            let boxed = crate::library::boxed::boxed_name(name);
            return Err(throw(
                CAST,
                format!(
                    "Cannot cast object 'null' with class 'null' to class '{name}'. Try '{boxed}' instead"
                ),
            ));
        }
        if let Value::Str(text) = &value {
            let mut units = text.encode_utf16();
            if let (Some(unit), None) = (units.next(), units.next()) {
                return Ok(narrow(&Value::Char(unit), ty));
            }
        }
        if number::rank(&value).is_some() {
            return Ok(narrow(&value, ty));
        }
        Err(self.cannot_cast(&value, name))
    }

    fn cannot_cast(&mut self, value: &Value, to: &str) -> Fail {
        let text = self.text(value).unwrap_or_else(|_| Arc::from(""));
        throw(
            CAST,
            format!(
                "Cannot cast object '{text}' with class '{}' to class '{to}'",
                class_name(value)
            ),
        )
    }

    fn coerce_class(&mut self, value: Value, class: &Class) -> Run {
        if value.is_nothing() {
            return Ok(Value::Null);
        }
        if let Class::Array(element) = class {
            return match &value {
                Value::Array(array) if array.element == *element => Ok(value),
                Value::List(_) | Value::Array(_) | Value::Range(_) | Value::Set(_) => {
                    self.array_from(&value, element)
                }
                _ if &**element == "java.lang.String" || &**element == "java.lang.Object" => {
                    self.array_from(&value, element)
                }
                _ => Err(self.cannot_cast(&value, &class.name())),
            };
        }
        let name = name_of(class);
        match &*name {
            "java.lang.Object" => return Ok(value),
            "java.lang.String" => return self.string_text(&value).map(Value::Str),
            "java.lang.Boolean" => return Ok(Value::Bool(self.truth(&value)?)),
            _ => {}
        }
        if is_instance(&value, class) {
            return Ok(value);
        }
        if let Some(ty) = boxed_ty(&name)
            && number::rank(&value).is_some()
        {
            return Ok(narrow(&value, &ty));
        }
        if let (Some(ty), Some(text)) = (boxed_ty(&name), value.as_text())
            && text.chars().count() == 1
        {
            return self.primitive(Value::Str(text.clone()), &ty);
        }
        match (&*name, &value) {
            ("java.math.BigDecimal", v) if v.is_number() => {
                return to_decimal(v)
                    .map(Value::decimal)
                    .ok_or_else(|| self.cannot_cast(&value, &name));
            }
            ("java.math.BigInteger", v) if v.is_number() => return Ok(Value::big(to_big(v))),
            (
                "java.util.Set"
                | "java.util.HashSet"
                | "java.util.LinkedHashSet"
                | "java.util.TreeSet",
                Value::List(_),
            ) => {
                return self.as_type(value, &Ty::Class(class.clone()));
            }
            (_, Value::Closure(_) | Value::Map(_))
                if crate::library::instance::is_abstract(class) =>
            {
                return crate::library::instance::implemented(self, class, value.clone());
            }
            (_, Value::Str(_) | Value::GString(_)) if crate::library::instance::is_enum(class) => {
                let text = Value::Str(self.text(&value)?);
                return self.call_method(
                    &Value::class(class.clone()),
                    &Name::new("valueOf"),
                    &[text],
                );
            }
            (_, Value::Map(_)) if matches!(class, Class::Script(_)) => {
                return self.construct(class, &[value]);
            }
            (_, Value::List(list)) if matches!(class, Class::Script(_)) => {
                let items = list.items();
                return self.construct(class, &items);
            }
            (_, Value::Closure(_))
                if crate::class::find(&name)
                    .is_some_and(|c| c.parents.contains(&"@functional")) =>
            {
                return Ok(value);
            }
            _ => {}
        }
        Err(self.cannot_cast(&value, &name))
    }

    fn array_from(&mut self, value: &Value, element: &Arc<str>) -> Run {
        let mut items = self.items(value)?;
        for item in &mut items {
            *item = self.coerce_element(item.clone(), element)?;
        }
        self.charge_items(items.len())?;
        Ok(Value::array(element, items))
    }

    /// The value as an element of an array.
    pub(crate) fn coerce_element(&mut self, value: Value, element: &str) -> Run {
        let ty = match element {
            "int" => Ty::Int,
            "long" => Ty::Long,
            "double" => Ty::Double,
            "float" => Ty::Float,
            "char" => Ty::Char,
            "byte" => Ty::Byte,
            "short" => Ty::Short,
            "boolean" => Ty::Boolean,
            "java.lang.String" if self.groovy() && !value.is_nothing() => {
                return self.string_text(&value).map(Value::Str);
            }
            _ => return Ok(value),
        };
        if let (Ty::Byte | Ty::Int | Ty::Long | Ty::Short | Ty::Double | Ty::Float, true) =
            (&ty, number::rank(&value).is_some())
        {
            return Ok(narrow(&value, &ty));
        }
        self.coerce(value, &ty)
    }

    /// `(T) value`.
    pub(super) fn cast(&mut self, value: Value, ty: &Ty) -> Run {
        if self.beanshell() {
            self.bsh_coerce(value, ty, true)
        } else {
            self.coerce(value, ty)
        }
    }

    fn bsh_coerce(&mut self, value: Value, ty: &Ty, cast: bool) -> Run {
        let _ = cast;
        let fail = |message: String| Err(throw("java.lang.ClassCastException", message));
        match ty {
            Ty::Any | Ty::Void => Ok(value),
            Ty::Class(class) => {
                if value.is_nothing() {
                    return Ok(Value::Null);
                }
                let name = class.name();
                if is_instance(&value, class) || &*name == "java.lang.Object" {
                    return Ok(value);
                }
                if let (Some(ty), true) = (boxed_ty(&name), number::rank(&value).is_some()) {
                    return Ok(narrow(&value, &ty));
                }
                // An anonymous class of one method.
                let is_functional = crate::class::find(&name)
                    .is_some_and(|class| class.parents.contains(&"@functional"));
                if is_functional && matches!(value, Value::Closure(_)) {
                    return Ok(value);
                }
                if let (Value::Array(array), Class::Array(element)) = (&value, class) {
                    let items = array.items();
                    return Ok(Value::array(element, items));
                }
                if value.is_number() || matches!(value, Value::Bool(_) | Value::Char(_)) {
                    return fail(format!(
                        "Cannot cast primitive value to object type:class {name}"
                    ));
                }
                fail(format!("Cannot cast {} to {name}", class_name(&value)))
            }
            _ => {
                let name = primitive_name(ty);
                match (&value, ty) {
                    (Value::Bool(_), Ty::Boolean) => Ok(value),
                    (Value::Null, _) => fail(format!("Cannot cast null to {name}")),
                    _ if !matches!(ty, Ty::Boolean) && number::rank(&value).is_some() => {
                        Ok(narrow(&value, ty))
                    }
                    _ => fail(format!("Cannot cast {} to {name}", class_name(&value))),
                }
            }
        }
    }

    /// `value as T`.
    pub(super) fn as_type(&mut self, value: Value, ty: &Ty) -> Run {
        let class = match ty {
            Ty::Any | Ty::Void => return Ok(value),
            Ty::Boolean => return Ok(Value::Bool(self.truth(&value)?)),
            Ty::Class(class) => class.clone(),
            primitive => {
                return match value.as_text() {
                    Some(text) => self.parse_as(&text.clone(), primitive),
                    None => self.primitive(value, primitive),
                };
            }
        };
        if value.is_nothing() {
            return Ok(Value::Null);
        }
        let name = name_of(&class);
        // By far the commonest, and far below among the others.
        if name == "java.lang.String" {
            return self.string_text(&value).map(Value::Str);
        }
        if let (Some(ty), Some(text)) = (boxed_ty(&name), value.as_text()) {
            return self.parse_as(&text.clone(), &ty);
        }
        match (&*name, &value) {
            ("java.math.BigDecimal", _) if value.as_text().is_some() => {
                let text = self.text(&value)?;
                return crate::decimal::Decimal::parse(text.trim())
                    .map(Value::decimal)
                    .ok_or_else(|| {
                        crate::library::throwable::throw_plain("java.lang.NumberFormatException")
                    });
            }
            ("java.math.BigInteger", _) if value.as_text().is_some() => {
                let text = self.text(&value)?;
                return num_bigint::BigInt::parse_bytes(text.trim().as_bytes(), 10)
                    .map(Value::big)
                    .ok_or_else(|| {
                        throw(
                            "java.lang.NumberFormatException",
                            format!("For input string: \"{text}\""),
                        )
                    });
            }
            (
                "java.util.List"
                | "java.util.Collection"
                | "java.util.ArrayList"
                | "java.util.LinkedList"
                | "java.util.Queue"
                | "java.util.Deque",
                Value::List(_)
                | Value::Set(_)
                | Value::Array(_)
                | Value::Range(_)
                | Value::Str(_)
                | Value::GString(_)
                | Value::Map(_),
            ) => {
                let is_range = matches!(value, Value::Range(_))
                    && matches!(&*name, "java.util.List" | "java.util.Collection");
                if is_range || is_instance(&value, &class) {
                    return Ok(value);
                }
                let items = self.items(&value)?;
                self.charge_items(items.len())?;
                let class = if &*name == "java.util.LinkedList" {
                    "java.util.LinkedList"
                } else {
                    "java.util.ArrayList"
                };
                return Ok(Value::List(Arc::new(List::of(class, items))));
            }
            (
                "java.util.Set"
                | "java.util.HashSet"
                | "java.util.LinkedHashSet"
                | "java.util.TreeSet"
                | "java.util.SortedSet",
                _,
            ) => {
                let items = self.items(&value)?;
                self.charge_items(items.len() * 2)?;
                let (class, order) = match &*name {
                    "java.util.HashSet" => ("java.util.HashSet", Order::Hash),
                    "java.util.TreeSet" | "java.util.SortedSet" => {
                        ("java.util.TreeSet", Order::Sorted)
                    }
                    _ => ("java.util.LinkedHashSet", Order::Inserted),
                };
                let set = Map::new(class, order);
                for item in items {
                    set.put(item, Value::Null);
                }
                return Ok(Value::Set(Arc::new(set)));
            }
            (
                "java.util.HashMap" | "java.util.TreeMap" | "java.util.LinkedHashMap",
                Value::Map(map),
            ) => {
                let (class, order) = match &*name {
                    "java.util.HashMap" => ("java.util.HashMap", Order::Hash),
                    "java.util.TreeMap" => ("java.util.TreeMap", Order::Sorted),
                    _ => ("java.util.LinkedHashMap", Order::Inserted),
                };
                let out = Map::new(class, order);
                for (key, value) in map.entries() {
                    out.put(key, value);
                }
                return Ok(Value::Map(Arc::new(out)));
            }
            ("java.io.File", _) if value.as_text().is_some() => {
                let text = self.text(&value)?;
                return self.construct(&class, &[Value::Str(text)]);
            }
            (_, Value::Closure(_)) if !matches!(class, Class::Script(_)) => return Ok(value),
            _ => {}
        }
        if let (Class::Array(element), Some(text)) = (&class, value.as_text())
            && &**element == "char"
        {
            return Ok(Value::array(
                "char",
                text.encode_utf16().map(Value::Char).collect(),
            ));
        }
        self.coerce_class(value, &class)
    }

    pub(crate) fn as_type_public(&mut self, value: Value, class: &Class) -> Run {
        self.as_type(value, &Ty::Class(class.clone()))
    }

    pub(crate) fn coerce_field(&mut self, value: Value, ty: Option<&TypeName>) -> Run {
        self.coerce_to(value, ty)
    }

    fn parse_as(&mut self, text: &str, ty: &Ty) -> Run {
        let bad = || {
            Err(throw(
                "java.lang.NumberFormatException",
                format!("For input string: \"{text}\""),
            ))
        };
        let integer = |long: bool| number::parse_integer(text.trim(), 10, long);
        Ok(match ty {
            Ty::Int => match integer(false) {
                Some(v) => Value::Int(v as i32),
                None => return bad(),
            },
            Ty::Short | Ty::Byte => match integer(false) {
                Some(v) => narrow(&Value::Long(v), ty),
                None => return bad(),
            },
            Ty::Long => match integer(true) {
                Some(v) => Value::Long(v),
                None => return bad(),
            },
            Ty::Double | Ty::Float => match number::parse_double(text) {
                Some(v) => narrow(&Value::Double(v), ty),
                None => return bad(),
            },
            Ty::Char => match text.encode_utf16().next() {
                Some(unit) if text.encode_utf16().count() == 1 => Value::Char(unit),
                _ => return Err(self.cannot_cast(&Value::from(text), "char")),
            },
            _ => Value::Bool(!text.is_empty()),
        })
    }
}

fn primitive_name(ty: &Ty) -> &'static str {
    match ty {
        Ty::Boolean => "boolean",
        Ty::Char => "char",
        Ty::Byte => "byte",
        Ty::Short => "short",
        Ty::Int => "int",
        Ty::Long => "long",
        Ty::Float => "float",
        _ => "double",
    }
}

/// The name of a class, without making a text of it where it has one.
fn name_of(class: &Class) -> Cow<'static, str> {
    match class {
        Class::Known(info) => Cow::Borrowed(info.name),
        other => Cow::Owned(other.name().to_string()),
    }
}

fn boxed_ty(name: &str) -> Option<Ty> {
    Some(match name {
        "java.lang.Integer" => Ty::Int,
        "java.lang.Long" => Ty::Long,
        "java.lang.Double" => Ty::Double,
        "java.lang.Float" => Ty::Float,
        "java.lang.Short" => Ty::Short,
        "java.lang.Byte" => Ty::Byte,
        "java.lang.Character" => Ty::Char,
        "java.lang.Boolean" => Ty::Boolean,
        _ => return None,
    })
}

/// Java's conversion of a number or character to a primitive type.
pub(crate) fn narrow(value: &Value, ty: &Ty) -> Value {
    match ty {
        Ty::Int => Value::Int(to_i32(value)),
        Ty::Long => Value::Long(to_i64(value)),
        Ty::Short => Value::Short(to_i32(value) as i16),
        Ty::Byte => Value::Byte(to_i32(value) as i8),
        Ty::Char => Value::Char(to_i32(value) as u16),
        Ty::Float => Value::Float(if let Value::Float(v) = value {
            *v
        } else {
            to_f64(value) as f32
        }),
        Ty::Double => Value::Double(match value {
            Value::Float(v) => f64::from(*v),
            value => to_f64(value),
        }),
        _ => value.clone(),
    }
}
