//! Compiles script elements: their texts, and what of results they read.

use crate::program::{KeptParts, ScriptId, ScriptProgram, Template};
use crate::{Location, ScriptElement, ScriptFamily, ScriptRole};

use super::Compiler;

impl Compiler {
    /// Compiles a script element; gives its place and what it reads of the result that it looks at.
    pub(super) fn script(
        &mut self,
        script: &ScriptElement,
        location: &Location,
    ) -> (ScriptId, KeptParts) {
        self.names.note_indices(script.text.as_str());
        let text = match script.file {
            // References in files are not replaced.
            Some(_) => Template::literal(script.text.as_str()),
            None if script.family == ScriptFamily::Own => Template::literal(script.text.as_str()),
            None => self.template(&script.text, location),
        };
        let program = ScriptProgram {
            role: script.role,
            family: script.family,
            name: self.template(&script.name, location),
            language: self.template(&script.language, location),
            text,
            file: script.file.as_deref().map(Into::into),
            parameters: self.template(&script.parameters, location),
            resets: self.template(&script.resets, location),
            keeps_text: script.keeps_text,
            line: script.line,
            location: location.clone(),
        };
        // Which variables it sets is known when it runs.
        self.names.define_unknown();
        let keep = program.keeps();
        let looks_back = matches!(
            script.role,
            ScriptRole::Sampler | ScriptRole::PreProcessor | ScriptRole::Timer
        );
        if looks_back && program.reads_result() {
            self.names.read_previous(keep);
        }
        self.names.names_sampler |= program.names_sampler();
        self.scripts.push(program);
        let index = self.scripts.len() - 1;
        let id = ScriptId(u32::try_from(index).expect("a plan has fewer than 2^32 elements"));
        (id, keep)
    }

    /// What the script `id` reads of a result.
    pub(super) fn kept_by(&self, id: ScriptId) -> KeptParts {
        self.scripts[id.0 as usize].keeps()
    }
}
