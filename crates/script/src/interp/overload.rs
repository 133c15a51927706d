//! Which function takes the arguments, by the types of its parameters.
//!
//! Not here: making the arguments what the parameters want (see [`super::convert`]).

use std::sync::Arc;

use crate::ast::*;
use crate::class::is_instance;
use crate::value::Value;

/// The function that takes these arguments.
pub(crate) fn best(functions: &[Arc<Function>], args: &[Value]) -> Option<Arc<Function>> {
    let exact = |f: &Function| {
        f.params
            .iter()
            .zip(args)
            .all(|(p, a)| exactly(a, p.variable.ty.as_ref()))
    };
    let fitting: Vec<&Arc<Function>> = functions.iter().filter(|f| accepts(f, args)).collect();
    fitting
        .iter()
        .find(|f| f.params.len() == args.len() && exact(f))
        .or_else(|| {
            fitting.iter().find(|f| {
                f.params.len() == args.len() && f.params.iter().any(|p| p.variable.ty.is_some())
            })
        })
        .or_else(|| fitting.first())
        .map(|f| (*f).clone())
}

pub(super) fn accepts(function: &Function, args: &[Value]) -> bool {
    let total = function.params.len();
    let required = function
        .params
        .iter()
        .filter(|p| p.default.is_none())
        .count();
    if function.varargs {
        return args.len() + 1 >= total
            && function.params[..total - 1]
                .iter()
                .zip(args)
                .all(|(p, a)| fits(a, p.variable.ty.as_ref()));
    }
    if total == 0 && function.is_closure {
        return args.is_empty();
    }
    if args.len() > total || args.len() < required {
        return false;
    }
    // Defaults are left out from the right.
    let mut given = args.len() - required;
    let taking = function.params.iter().filter(|param| {
        let takes = param.default.is_none() || given > 0;
        given -= usize::from(param.default.is_some() && takes);
        takes
    });
    taking
        .zip(args)
        .all(|(p, a)| fits(a, p.variable.ty.as_ref()))
}

fn exactly(value: &Value, ty: Option<&TypeName>) -> bool {
    match ty.map(|ty| &ty.ty) {
        None | Some(Ty::Any) => false,
        Some(Ty::Int) => matches!(value, Value::Int(_)),
        Some(Ty::Long) => matches!(value, Value::Long(_)),
        Some(Ty::Double) => matches!(value, Value::Double(_)),
        Some(Ty::Boolean) => matches!(value, Value::Bool(_)),
        Some(Ty::Class(class)) => *class.name() == *crate::class::class_name(value),
        Some(_) => false,
    }
}

/// Whether a parameter of the type takes the value.
fn fits(value: &Value, ty: Option<&TypeName>) -> bool {
    use crate::number::{Rank, rank};
    let Some(ty) = ty else { return true };
    match &ty.ty {
        Ty::Any | Ty::Void => true,
        Ty::Boolean => matches!(value, Value::Bool(_)),
        Ty::Char => matches!(value, Value::Char(_)),
        Ty::Byte => matches!(value, Value::Byte(_)),
        Ty::Short => matches!(value, Value::Short(_) | Value::Byte(_)),
        Ty::Int => rank(value) == Some(Rank::Int),
        Ty::Long => rank(value).is_some_and(|r| r <= Rank::Long),
        Ty::Float | Ty::Double => rank(value).is_some(),
        Ty::Class(class) => {
            value.is_nothing()
                || is_instance(value, class)
                || matches!(value, Value::Closure(_))
                    && crate::library::instance::is_abstract(class)
                || match &*class.name() {
                    "java.lang.String" | "java.lang.CharSequence" => value.as_text().is_some(),
                    "java.lang.Long" | "java.math.BigInteger" => {
                        rank(value).is_some_and(|r| r <= Rank::Long)
                    }
                    "java.lang.Double" | "java.math.BigDecimal" | "java.lang.Float" => {
                        rank(value).is_some()
                    }
                    _ => false,
                }
        }
    }
}
