//! Settings that several elements share: which results and which part of them are looked at.

use loadline_plan::{ResponseField, Scope};

use super::Writer;

impl Writer {
    /// The scope, in the property `setting`; that of the main sample is not written.
    pub(super) fn scope(&mut self, setting: &str, scope: &Scope) {
        match scope {
            Scope::Main => {}
            Scope::MainAndSub => self.xml.string(setting, "all"),
            Scope::Sub => self.xml.string(setting, "children"),
            Scope::Variable(variable) => {
                self.xml.string(setting, "variable");
                self.xml.string("Scope.variable", variable);
            }
        }
    }

    /// The part that an extractor searches.
    pub(super) fn searched_field(&mut self, setting: &str, field: ResponseField) {
        let word = match field {
            ResponseField::Body => "false",
            ResponseField::ResponseHeaders => "true",
            ResponseField::RequestHeaders => "request_headers",
            ResponseField::Url => "URL",
            ResponseField::Code => "code",
            ResponseField::Message => "message",
            ResponseField::UnescapedBody => "unescaped",
            // No extractor looks at it; the plan that is read back tells.
            ResponseField::RequestData => "",
        };
        self.xml.string(setting, word);
    }
}
