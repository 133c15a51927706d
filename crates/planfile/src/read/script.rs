//! Scripts: a step of their own, or before and after a request.
//!
//! Not here: whether a script can be run, which is the engine's to say before the run.

use loadline_plan::{Element, ElementKind, Sampler, ScriptElement, ScriptFamily, ScriptRole, Text};

use super::Reader;
use crate::grammar::{SCRIPT, SCRIPT_LANGUAGES};
use crate::node::{Node, Place, Value};

impl Reader<'_> {
    /// The script in `node`; `place` is that of what it belongs to.
    pub(super) fn script(
        &mut self,
        node: &Node,
        role: ScriptRole,
        place: Place,
    ) -> Option<Element> {
        let mut script = ScriptElement {
            role,
            family: ScriptFamily::Own,
            name: "script".into(),
            language: "groovy".into(),
            text: Text::default(),
            file: None,
            parameters: Text::default(),
            resets: Text::default(),
            keeps_text: false,
            line: 0,
        };
        if let Value::Map(_) = &node.value {
            self.script_fields(node, &mut script)?;
        } else {
            self.script_text(node, &mut script)?;
        }
        if script.text.as_str().trim().is_empty() {
            let help = "write the script, or remove the key";
            self.error("empty-script", node.place, "the script is empty", help);
            return None;
        }
        let name = script.name.clone();
        let kind = match role {
            ScriptRole::Sampler => ElementKind::Sampler(Sampler::Script(Box::new(script))),
            _ => ElementKind::Script(Box::new(script)),
        };
        Some(self.element(name, kind, place))
    }

    fn script_text(&mut self, node: &Node, script: &mut ScriptElement) -> Option<()> {
        script.text = Text(self.text(node)?);
        // Of a block that is its first line, not its sign's.
        script.line = node.place.line;
        Some(())
    }

    fn script_fields(&mut self, node: &Node, script: &mut ScriptElement) -> Option<()> {
        let fields = self.fields(node, &SCRIPT)?;
        if fields.find("name").is_some() {
            script.name = Text(self.name_of(&fields, "name")?);
        }
        if let Some(node) = fields.find("language") {
            let language = self.text(node)?;
            if !SCRIPT_LANGUAGES.contains(&&*language) {
                let message = format!("`{language}` is no language of scripts");
                let help = format!("languages are {}", SCRIPT_LANGUAGES.join(", "));
                self.error("unknown-word", node.place, message, help);
                return None;
            }
            script.language = Text(language);
        }
        script.parameters = Text(self.text_of(&fields, "parameters").unwrap_or_default());
        match (fields.find("text"), fields.find("file")) {
            (Some(node), None) => self.script_text(node, script),
            (None, Some(node)) => {
                let file = self.text(node)?;
                match (self.include)(&file) {
                    Ok(text) => script.text = Text(text),
                    Err(problem) => {
                        let message = format!("the script `{file}` cannot be read: {problem}");
                        let help = "name a file beside the plan";
                        self.error("script-file", node.place, message, help);
                        return None;
                    }
                }
                script.file = Some(file);
                Some(())
            }
            (Some(_), Some(_)) => {
                self.exclude(&fields, &["file"], "`text`: a script has one text");
                None
            }
            (None, None) => {
                let help = "add `text: |` with the script below it, or `file`";
                self.error("missing-key", node.place, "the script has no text", help);
                None
            }
        }
    }
}
