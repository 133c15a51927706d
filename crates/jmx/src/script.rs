//! Script elements: JSR223, BeanShell and the old BSF. Whether the script itself can be run is the engine's to say.

use loadline_plan::{ElementKind, Sampler, ScriptElement, ScriptFamily, ScriptRole, Text};

use crate::document::Positions;
use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;
use crate::reading::IncludeReader;
use crate::support::Role;

/// The language of a BSF element. Its JavaScript is always Rhino's.
fn bsf_language(properties: Properties<'_, '_>, prefix: &str) -> Text {
    let name = match prefix {
        "" => "scriptLanguage",
        _ => "BSFSampler.language",
    };
    match properties.text_or(name, "") {
        language if matches!(language.as_str(), "javascript" | "js") => "rhino".into(),
        language => language,
    }
}

/// Why a BSF element in `language` is refused, if it is: without jars of its own JMeter's BSF runs JavaScript, BeanShell and XSLT.
/// Groovy came with old versions of JMeter and is run.
fn refused_of_bsf(language: &str) -> Option<String> {
    match language {
        "" => Some("it names no language, and BSF has none of its own".to_owned()),
        "rhino" | "beanshell" | "groovy" => None,
        reference if reference.contains("${") => None,
        other => Some(format!(
            "BSF runs JavaScript, BeanShell and Groovy here, not `{other}`, which JMeter has no engine for without a jar of its own"
        )),
    }
}

/// Reads a script element (`class` is its tag), its file with `include`. One with an empty script does
/// nothing, unless it makes or judges a sample.
pub(crate) fn read(
    class: &str,
    properties: Properties<'_, '_>,
    role: Role,
    positions: &Positions<'_>,
    include: IncludeReader<'_>,
) -> (Option<ElementKind>, Judgement) {
    let is_bean_shell = class.contains("BeanShell");
    let is_bsf = class.starts_with("BSF");
    // Samplers and assertions were no TestBeans once and have names of their own.
    let prefix = match role {
        Role::Sampler if is_bean_shell => "BeanShellSampler.",
        Role::Assertion if is_bean_shell => "BeanShellAssertion.",
        Role::Sampler if is_bsf && properties.find("BSFSampler.query").is_some() => "BSFSampler.",
        _ => "",
    };
    let script_name = if prefix.is_empty() {
        "script".to_owned()
    } else {
        format!("{prefix}query")
    };
    let text = |name: &str| {
        let name = format!("{prefix}{name}");
        properties.text(&name).unwrap_or_default()
    };
    let role = match role {
        Role::Sampler => ScriptRole::Sampler,
        Role::PreProcessor => ScriptRole::PreProcessor,
        Role::PostProcessor => ScriptRole::PostProcessor,
        Role::Assertion => ScriptRole::Assertion,
        Role::Timer => ScriptRole::Timer,
        _ => ScriptRole::Listener,
    };
    let mut element = ScriptElement {
        role,
        family: match (is_bean_shell, is_bsf) {
            (true, _) => ScriptFamily::BeanShell,
            (false, true) => ScriptFamily::Bsf,
            (false, false) => ScriptFamily::Jsr223,
        },
        name: properties.name().into(),
        language: match (is_bean_shell, is_bsf) {
            (true, _) => "beanshell".into(),
            (false, true) => bsf_language(properties, prefix),
            (false, false) => properties.text_or("scriptLanguage", ""),
        },
        text: properties.text_or(&script_name, ""),
        file: None,
        parameters: Text(text("parameters")),
        resets: Text(text("resetInterpreter")),
        // Any other word says that the compiled script is kept.
        keeps_text: !is_bean_shell && !is_bsf && text("cacheKey") != "false",
        line: properties
            .find(&script_name)
            .map_or(0, |node| positions.start_of(node).0),
    };
    if is_bsf && let Some(reason) = refused_of_bsf(element.language.as_str()) {
        return (None, Judgement::refused(reason, LEFT_OUT));
    }
    // A file wins over a script in the plan.
    let file = text("filename");
    if !file.is_empty() {
        if file.contains("${") {
            let reason = format!("the file `{file}` of its script is known only during the run");
            return (None, Judgement::refused(reason, LEFT_OUT));
        }
        match include(&file) {
            Ok(read) => element.text = Text(read.text),
            Err(problem) => {
                let reason = format!("its script in the file `{file}` cannot be read: {problem}");
                return (None, Judgement::refused(reason, LEFT_OUT));
            }
        }
        element.file = Some(file);
        element.line = 0;
    }
    let is_needed = matches!(role, ScriptRole::Sampler | ScriptRole::Assertion);
    if !is_needed && element.text.as_str().trim().is_empty() {
        return (None, Judgement::ignored("its script is empty"));
    }
    let kind = match role {
        ScriptRole::Sampler => ElementKind::Sampler(Sampler::Script(Box::new(element))),
        _ => ElementKind::Script(Box::new(element)),
    };
    (Some(kind), Judgement::supported())
}
