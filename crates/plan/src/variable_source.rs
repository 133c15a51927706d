//! Elements that set variables without reading anything: counters, random numbers, a row of values
//! for each user.
//!
//! Not here: data files (see [`crate::CsvDataSet`]) and what is read out of responses.

use crate::Text;

/// A counter that steps at each pass of the nearest enclosing controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Name of the variable.
    pub variable: Text,
    /// First value; text that is no whole number is 0.
    pub start: Text,
    /// Last value, behind which it starts again; empty means the greatest whole number.
    pub end: Text,
    /// Step.
    pub increment: Text,
    /// Pattern of Java's `DecimalFormat`; empty for plain digits.
    pub format: Text,
    /// Whether each user counts for itself; otherwise all users share the counter.
    pub per_user: bool,
    /// Whether a user's own counter starts again at each iteration of the thread group.
    pub reset_each_iteration: bool,
}

/// A random whole number, drawn at each pass of the nearest enclosing controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomVariable {
    /// Name of the variable.
    pub variable: Text,
    /// Least value; text that is no whole number is 0.
    pub minimum: Text,
    /// Greatest value; below `minimum` nothing is set.
    pub maximum: Text,
    /// Pattern of Java's `DecimalFormat`; empty for plain digits.
    pub format: Text,
    /// Seed of the numbers, which are then those of Java's `Random`; without a whole number they
    /// follow the seed of the run.
    pub seed: Text,
    /// Whether each user draws from a generator of its own.
    pub per_user: bool,
}

/// User Parameters: each user takes the values of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserParameters {
    /// Names of the variables.
    pub names: Vec<Text>,
    /// The values of one user after the other, in the order of `names`; users beyond the last
    /// column begin again with the first.
    pub columns: Vec<Vec<Text>>,
    /// Whether they are set once at each pass of the nearest enclosing controller; otherwise before
    /// each sampler in scope.
    pub per_iteration: bool,
}
