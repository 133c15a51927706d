//! What sets variables at the start of a pass or before a sampler, compiled.

use super::{ComparisonId, CsvId, Template};

/// Index of a [`SetterProgram`] in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetterId(pub u32);

/// What happens at the start of each pass of a controller: most set variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassSource {
    /// The next line of a data set.
    Csv(CsvId),
    /// A counter, a random number or values for each user.
    Setter(SetterId),
    /// A Compare Assertion forgets what it has seen.
    Comparison(ComparisonId),
}

/// A compiled element that sets variables. Its texts are evaluated each time it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetterProgram {
    /// A counter.
    Counter(CounterProgram),
    /// A random number.
    Random(RandomProgram),
    /// Values for each user.
    UserParameters(UserParametersProgram),
    /// Values, the same for all.
    Assignment(AssignmentProgram),
}

/// Names and values of a Parameterized Controller or a Set Variables Action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentProgram {
    /// The pairs; all values are evaluated before the first is set.
    pub pairs: Vec<(Template, Template)>,
}

/// A compiled [`crate::Counter`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterProgram {
    /// Name of the variable.
    pub variable: Template,
    /// First value; text that is no whole number is 0.
    pub start: Template,
    /// Last value; empty means the greatest whole number.
    pub end: Template,
    /// Step.
    pub increment: Template,
    /// Pattern of Java's `DecimalFormat`; empty for plain digits.
    pub format: Template,
    /// Whether each user counts for itself.
    pub per_user: bool,
    /// Whether a user's own counter starts again at each iteration of the thread group.
    pub reset_each_iteration: bool,
}

/// A compiled [`crate::RandomVariable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomProgram {
    /// Name of the variable.
    pub variable: Template,
    /// Least value; text that is no whole number is 0.
    pub minimum: Template,
    /// Greatest value; below `minimum` nothing is set.
    pub maximum: Template,
    /// Pattern of Java's `DecimalFormat`; empty for plain digits.
    pub format: Template,
    /// Seed of Java's `Random`; without a whole number the run's seed counts.
    pub seed: Template,
    /// Whether each user draws from a generator of its own.
    pub per_user: bool,
}

/// A compiled [`crate::UserParameters`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserParametersProgram {
    /// Names of the variables.
    pub names: Vec<Template>,
    /// The values of one user after the other, in the order of `names`.
    pub columns: Vec<Vec<Template>>,
}
