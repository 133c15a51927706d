//! Compiles what changes a request before it is sent.

use crate::program::{
    KeptParts, ModifierProgram, RegexUserParametersProgram, RewritingId, UrlRewritingProgram,
};
use crate::{Location, RegexUserParameters, UrlRewriting};

use super::Compiler;
use super::definitions::BODY;

impl Compiler {
    pub(super) fn url_rewriting(
        &mut self,
        rewriting: &UrlRewriting,
        location: &Location,
    ) -> ModifierProgram {
        let id = RewritingId(self.rewriting_count);
        self.rewriting_count += 1;
        self.names.read_previous(BODY);
        ModifierProgram::UrlRewriting(UrlRewritingProgram {
            id,
            argument: self.template(&rewriting.argument, location),
            in_path: rewriting.in_path,
            without_equals: rewriting.without_equals,
            without_question_mark: rewriting.without_question_mark,
            keeps_value: rewriting.keeps_value,
            encode: rewriting.encode,
        })
    }

    pub(super) fn link_parser(&mut self) -> ModifierProgram {
        self.names.read_previous(KeptParts {
            body: true,
            request: true,
            response_headers: false,
        });
        ModifierProgram::LinkParser
    }

    pub(super) fn regex_user_parameters(
        &mut self,
        parameters: &RegexUserParameters,
        location: &Location,
    ) -> ModifierProgram {
        ModifierProgram::RegexUserParameters(RegexUserParametersProgram {
            reference: self.template(&parameters.reference, location),
            names_group: self.template(&parameters.names_group, location),
            values_group: self.template(&parameters.values_group, location),
        })
    }
}
