//! What changes a request before it is sent, compiled.

use super::Template;

/// A compiled element that changes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModifierProgram {
    /// A value of the previous result goes into the URL.
    UrlRewriting(UrlRewritingProgram),
    /// Arguments take values that an extractor found.
    RegexUserParameters(RegexUserParametersProgram),
    /// The request goes where a link of the previous result leads (HTML Link Parser).
    LinkParser,
}

/// Index of a URL Re-writing Modifier among those of a program; users keep a value for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RewritingId(pub u32);

/// A compiled [`crate::UrlRewriting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlRewritingProgram {
    /// Its index.
    pub id: RewritingId,
    /// Name of the argument that holds the session.
    pub argument: Template,
    /// Whether it stands in the path.
    pub in_path: bool,
    /// Whether no `=` stands between name and value in the path.
    pub without_equals: bool,
    /// Whether the value ends before a `?` in the path.
    pub without_question_mark: bool,
    /// Whether the last value counts where a result has none.
    pub keeps_value: bool,
    /// Whether the value is percent-encoded as it is.
    pub encode: bool,
}

/// A compiled [`crate::RegexUserParameters`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexUserParametersProgram {
    /// Name of the extractor's variable.
    pub reference: Template,
    /// Number of the group with the names.
    pub names_group: Template,
    /// Number of the group with the values.
    pub values_group: Template,
}
