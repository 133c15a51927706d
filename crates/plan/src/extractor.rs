//! Post-processors that read values out of a result with other means than a regular expression or a
//! JSONPath, with JMeter's settings.

use crate::{ResponseField, Scope, Text};

/// A Boundary Extractor: what stands between two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryExtractor {
    /// Which results are searched.
    pub scope: Scope,
    /// The part that is searched.
    pub field: ResponseField,
    /// Name of the variable.
    pub variable: Text,
    /// What stands before the value; empty means that the value begins the text.
    pub left: Text,
    /// What stands behind the value; empty means that the value ends the text.
    pub right: Text,
    /// Value when nothing matches.
    pub default: Text,
    /// Whether a blank `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Text,
}
