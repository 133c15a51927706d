//! Pre-processors that change a request before it is sent, by what the user has seen before.

use crate::Text;

/// An HTTP URL Re-writing Modifier: a value out of the previous result's body goes into the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlRewriting {
    /// Name of the argument that holds the session.
    pub argument: Text,
    /// Whether it stands in the path, behind a `;`, instead of among the arguments.
    pub in_path: bool,
    /// Whether no `=` stands between name and value in the path.
    pub without_equals: bool,
    /// Whether the value ends before a `?` in the path.
    pub without_question_mark: bool,
    /// Whether the last value counts where a result has none.
    pub keeps_value: bool,
    /// Whether the value is percent-encoded as it is; otherwise it is decoded first.
    pub encode: bool,
}

/// RegEx User Parameters: arguments take the values that a Regular Expression Extractor found beside
/// their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexUserParameters {
    /// Name of the extractor's variable.
    pub reference: Text,
    /// Number of the group with the names.
    pub names_group: Text,
    /// Number of the group with the values.
    pub values_group: Text,
}
