//! What ends an evaluation early: an exception of the script, a limit, or a method that does not exist.

use crate::value::Value;

/// The result of evaluating something.
pub(crate) type Run<T = Value> = Result<T, Fail>;

#[derive(Clone, Debug)]
pub(crate) enum Fail {
    /// A Java exception; the value is a throwable object.
    Throw(Value),
    /// No method of that name takes these arguments. Never leaves the dispatch, which makes the language's own exception of it.
    NoMethod,
    /// A limit of [`crate::limits::Limits`]; scripts cannot catch it.
    Limit(String),
}
