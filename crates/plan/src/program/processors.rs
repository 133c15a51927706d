//! Post-processors and assertions, compiled: their settings with all texts parsed.
//!
//! Regular expressions and JSON paths stay texts here; the engine prepares them.

use super::{
    BoundaryProgram, CompareAssertionProgram, DurationAssertionProgram, FifoPutProgram,
    HtmlProgram, JmesPathProgram, JsonAssertionProgram, KeptParts, Md5AssertionProgram,
    PluginJsonProgram, ScriptId, SizeAssertionProgram, Template, XPath2AssertionProgram,
    XPath2Program, XPathAssertionProgram, XPathProgram,
};
use crate::{
    Assertion, DebugSampler, JsonExtractor, MatchRule, PostProcessor, RegexExtractor,
    ResponseAssertion, ResponseField, Scope, Text,
};

/// A compiled [`PostProcessor`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostProcessorProgram {
    /// A Regular Expression Extractor.
    Regex(RegexProgram),
    /// A JSON Extractor.
    Json(JsonProgram),
    /// A Boundary Extractor.
    Boundary(BoundaryProgram),
    /// A CSS Selector Extractor.
    Html(HtmlProgram),
    /// An XPath Extractor.
    XPath(XPathProgram),
    /// An XPath2 Extractor.
    XPath2(XPath2Program),
    /// A JMESPath Extractor.
    JmesPath(JmesPathProgram),
    /// A JSON Path Extractor of a plugin.
    PluginJson(PluginJsonProgram),
    /// A Debug PostProcessor.
    Debug(DebugSampler),
    /// A text is put into a queue.
    FifoPut(FifoPutProgram),
    /// A script.
    Script {
        /// The script.
        id: ScriptId,
        /// What of the result it reads.
        keep: KeptParts,
    },
}

/// A compiled [`Assertion`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionProgram {
    /// A Response Assertion.
    Response(ResponseAssertionProgram),
    /// A Duration Assertion.
    Duration(DurationAssertionProgram),
    /// A Size Assertion.
    Size(SizeAssertionProgram),
    /// A JSON Assertion.
    Json(JsonAssertionProgram),
    /// An MD5Hex Assertion.
    Md5(Md5AssertionProgram),
    /// An XPath Assertion.
    XPath(XPathAssertionProgram),
    /// An XPath2 Assertion.
    XPath2(XPath2AssertionProgram),
    /// An XML Assertion.
    Xml,
    /// A Compare Assertion.
    Compare(CompareAssertionProgram),
    /// A script.
    Script {
        /// The script.
        id: ScriptId,
        /// What of the result it reads.
        keep: KeptParts,
    },
}

/// An assertion and the name under which its verdict is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAssertion {
    /// Its name.
    pub name: Template,
    /// How it judges.
    pub program: AssertionProgram,
}

/// Which results a processor looks at; see [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeProgram {
    /// The main sample.
    Main,
    /// The main sample, then its sub-samples.
    MainAndSub,
    /// Sub-samples only.
    Sub,
    /// The text of the variable of this name.
    Variable(Template),
}

/// A compiled [`RegexExtractor`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexProgram {
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// The part that is searched.
    pub field: ResponseField,
    /// Name of the variable.
    pub variable: Template,
    /// Regular expression.
    pub regex: Template,
    /// Value made of the groups: `$1$`.
    pub template: Template,
    /// Value when nothing matches.
    pub default: Template,
    /// Whether an empty `default` is set too.
    pub default_empty: bool,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_number: Template,
}

/// A compiled [`JsonExtractor`], with its fields; the lists are still separated by `;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonProgram {
    /// Which results are searched.
    pub scope: ScopeProgram,
    /// Names of the variables.
    pub variables: Template,
    /// JSONPath expressions.
    pub paths: Template,
    /// Values when nothing is found.
    pub defaults: Template,
    /// n-th match; 0 or empty a random one; negative all.
    pub match_numbers: Template,
    /// Whether `name_ALL` holds all matches joined by commas.
    pub concatenate: bool,
}

/// A compiled [`ResponseAssertion`], with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseAssertionProgram {
    /// Which results are judged.
    pub scope: ScopeProgram,
    /// The part that is judged.
    pub field: ResponseField,
    /// How patterns are compared.
    pub rule: MatchRule,
    /// Whether each pattern's result is inverted.
    pub not: bool,
    /// Whether one pattern suffices.
    pub any: bool,
    /// The patterns.
    pub patterns: Vec<Template>,
    /// Whether the sample is set successful before the check.
    pub assume_success: bool,
    /// Failure message; empty for the built-in one.
    pub custom_message: Template,
}

impl PostProcessorProgram {
    /// Compiles a post-processor; `parse` takes its texts apart.
    pub fn compile(
        post_processor: &PostProcessor,
        parse: &mut dyn FnMut(&Text) -> Template,
    ) -> Self {
        match post_processor {
            PostProcessor::Regex(regex) => Self::Regex(RegexProgram::compile(regex, parse)),
            PostProcessor::Json(json) => Self::Json(JsonProgram::compile(json, parse)),
            PostProcessor::Boundary(boundary) => {
                Self::Boundary(BoundaryProgram::compile(boundary, parse))
            }
            PostProcessor::XPath(xpath) => Self::XPath(XPathProgram::compile(xpath, parse)),
            PostProcessor::XPath2(xpath) => Self::XPath2(XPath2Program::compile(xpath, parse)),
            PostProcessor::JmesPath(jmes) => Self::JmesPath(JmesPathProgram::compile(jmes, parse)),
            PostProcessor::PluginJson(json) => {
                Self::PluginJson(PluginJsonProgram::compile(json, parse))
            }
            PostProcessor::Html(html) => Self::Html(HtmlProgram::compile(html, parse)),
            PostProcessor::Debug(lists) => Self::Debug(*lists),
            PostProcessor::FifoPut(put) => Self::FifoPut(FifoPutProgram::compile(put, parse)),
        }
    }

    /// What of the result it reads.
    #[must_use]
    pub fn keeps(&self) -> KeptParts {
        match self {
            Self::Regex(regex) => kept_for(&regex.scope, regex.field),
            Self::Json(json) => kept_for(&json.scope, ResponseField::Body),
            Self::Boundary(boundary) => boundary.keeps(),
            Self::Html(html) => html.keeps(),
            Self::XPath(xpath) => xpath.keeps(),
            Self::XPath2(xpath) => xpath.keeps(),
            Self::JmesPath(jmes) => jmes.keeps(),
            Self::PluginJson(json) => json.keeps(),
            Self::Debug(_) | Self::FifoPut(_) => KeptParts::default(),
            Self::Script { keep, .. } => *keep,
        }
    }

    /// Whether it changes the result that it looks at.
    #[must_use]
    pub fn changes_result(&self) -> bool {
        matches!(self, Self::Debug(_) | Self::Script { .. })
    }
}

impl AssertionProgram {
    /// Compiles an assertion; `parse` takes its texts apart.
    pub fn compile(assertion: &Assertion, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        match assertion {
            Assertion::Response(response) => {
                Self::Response(ResponseAssertionProgram::compile(response, parse))
            }
            Assertion::Duration(duration) => {
                Self::Duration(DurationAssertionProgram::compile(duration, parse))
            }
            Assertion::Size(size) => Self::Size(SizeAssertionProgram::compile(size, parse)),
            Assertion::Json(json) => Self::Json(JsonAssertionProgram::compile(json, parse)),
            Assertion::XPath(xpath) => Self::XPath(XPathAssertionProgram::compile(xpath, parse)),
            Assertion::XPath2(xpath) => Self::XPath2(XPath2AssertionProgram::compile(xpath, parse)),
            Assertion::Xml => Self::Xml,
            Assertion::Md5(md5) => Self::Md5(Md5AssertionProgram::compile(md5, parse)),
            Assertion::Compare(own) => Self::Compare(CompareAssertionProgram::compile(own, parse)),
        }
    }

    /// What of the result it reads.
    #[must_use]
    pub fn keeps(&self) -> KeptParts {
        match self {
            Self::Response(response) => kept_for(&response.scope, response.field),
            Self::Duration(_) => KeptParts::default(),
            Self::Size(size) => size.keeps(),
            Self::Script { keep, .. } => *keep,
            Self::Compare(own) if !own.content => KeptParts::default(),
            Self::Compare(_)
            | Self::Json(_)
            | Self::Md5(_)
            | Self::XPath(_)
            | Self::XPath2(_)
            | Self::Xml => kept_for(self.scope(), ResponseField::Body),
        }
    }

    /// Which results it judges. Those that JMeter gives no choice judge the main sample.
    #[must_use]
    pub fn scope(&self) -> &ScopeProgram {
        match self {
            Self::Response(response) => &response.scope,
            Self::Duration(duration) => &duration.scope,
            Self::Size(size) => &size.scope,
            Self::XPath(xpath) => &xpath.scope,
            Self::XPath2(xpath) => &xpath.scope,
            Self::Json(_) | Self::Md5(_) | Self::Xml | Self::Compare(_) | Self::Script { .. } => {
                &ScopeProgram::Main
            }
        }
    }

    /// Whether the sample is set successful before the check.
    #[must_use]
    pub fn assumes_success(&self) -> bool {
        matches!(self, Self::Response(response) if response.assume_success)
    }
}

impl ScopeProgram {
    pub(super) fn compile(scope: &Scope, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        match scope {
            Scope::Main => Self::Main,
            Scope::MainAndSub => Self::MainAndSub,
            Scope::Sub => Self::Sub,
            Scope::Variable(name) => Self::Variable(parse(&name.as_str().into())),
        }
    }
}

impl RegexProgram {
    fn compile(regex: &RegexExtractor, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        Self {
            scope: ScopeProgram::compile(&regex.scope, parse),
            field: regex.field,
            variable: parse(&regex.variable),
            regex: parse(&regex.regex),
            template: parse(&regex.template),
            default: parse(&regex.default),
            default_empty: regex.default_empty,
            match_number: parse(&regex.match_number),
        }
    }
}

impl JsonProgram {
    fn compile(json: &JsonExtractor, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        Self {
            scope: ScopeProgram::compile(&json.scope, parse),
            variables: parse(&json.variables),
            paths: parse(&json.paths),
            defaults: parse(&json.defaults),
            match_numbers: parse(&json.match_numbers),
            concatenate: json.concatenate,
        }
    }
}

impl ResponseAssertionProgram {
    fn compile(assertion: &ResponseAssertion, parse: &mut dyn FnMut(&Text) -> Template) -> Self {
        Self {
            scope: ScopeProgram::compile(&assertion.scope, parse),
            field: assertion.field,
            rule: assertion.rule,
            not: assertion.not,
            any: assertion.any,
            patterns: assertion.patterns.iter().map(&mut *parse).collect(),
            assume_success: assertion.assume_success,
            custom_message: parse(&assertion.custom_message),
        }
    }
}

/// What a processor needs that reads `field` in `scope`.
pub(super) fn kept_for(scope: &ScopeProgram, field: ResponseField) -> KeptParts {
    let mut kept = KeptParts::default();
    if matches!(scope, ScopeProgram::Variable(_)) {
        return kept;
    }
    match field {
        ResponseField::Body | ResponseField::UnescapedBody => kept.body = true,
        ResponseField::ResponseHeaders | ResponseField::Message => kept.response_headers = true,
        ResponseField::RequestHeaders | ResponseField::RequestData | ResponseField::Url => {
            kept.request = true;
        }
        ResponseField::Code => {}
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_is_kept() {
        let regex = |scope, field| {
            let extractor = RegexExtractor {
                scope,
                field,
                variable: "v".into(),
                regex: "(.)".into(),
                template: "$1$".into(),
                default: "".into(),
                default_empty: false,
                match_number: "1".into(),
            };
            let extractor = PostProcessor::Regex(extractor);
            PostProcessorProgram::compile(&extractor, &mut |text| Template::literal(text.as_str()))
        };
        let body = regex(Scope::Main, ResponseField::Body).keeps();
        assert!(body.body && !body.request && !body.response_headers);
        let url = regex(Scope::Sub, ResponseField::Url).keeps();
        assert!(url.request && !url.body);
        let variable = regex(Scope::Variable("v".into()), ResponseField::Body).keeps();
        assert_eq!(variable, KeptParts::default());
    }
}
