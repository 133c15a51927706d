//! Scripts: they are not run, but the row says which language it is and where the script stands.

use crate::document::Positions;
use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;
use crate::support::Role;

/// Judges a script element (`class` is its tag). One with
/// an empty script does nothing, unless it is a sampler.
pub(crate) fn judge(
    class: &str,
    properties: Properties<'_, '_>,
    role: Role,
    positions: &Positions<'_>,
) -> Judgement {
    let first_of = |names: &[&'static str]| {
        names.iter().copied().find_map(|name| {
            let text = properties.text(name)?;
            (!text.trim().is_empty()).then_some((name, text))
        })
    };
    // BeanShell elements name no language; JSR223 without one means Groovy.
    let language = match properties.text("scriptLanguage") {
        Some(language) if !language.is_empty() => language,
        _ if class.contains("BeanShell") => "BeanShell".to_owned(),
        _ => "groovy".to_owned(),
    };
    // A file wins over a script in the plan.
    let file = first_of(&[
        "filename",
        "BeanShellSampler.filename",
        "BeanShellAssertion.filename",
    ]);
    if let Some((_, file)) = file {
        return Judgement::refused(
            format!("its {language} script in the file `{file}` is not run"),
            LEFT_OUT,
        );
    }
    let script = first_of(&[
        "script",
        "BeanShellSampler.query",
        "BeanShellAssertion.query",
    ]);
    match script {
        Some((name, script)) => {
            let line = properties
                .find(name)
                .map_or(0, |node| positions.start_of(node).0);
            let count = script.trim_end().lines().count();
            let lines = if count == 1 { "line" } else { "lines" };
            Judgement::refused(
                format!("its {language} script ({count} {lines}, at line {line}) is not run"),
                LEFT_OUT,
            )
        }
        None if role == Role::Sampler => {
            Judgement::refused("its samples would be missing", LEFT_OUT)
        }
        None => Judgement::ignored("its script is empty"),
    }
}
