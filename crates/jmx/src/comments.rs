//! Limits and servers in the comments of a Test Plan.
//!
//! JMeter has no place for expected results of a whole run, and ignores comments. A line of the Test
//! Plan's comments that begins with `loadline limit:` is a limit, one that begins with
//! `loadline server:` names a server to watch as `NAME=SOURCE`; all other lines are the author's.

use loadline_plan::{Diagnostic, Limit, Location, ServerSource, parse_limit};

/// What the comments of a Test Plan ask for.
#[derive(Debug, Default)]
pub(crate) struct Expectations {
    pub(crate) limits: Vec<Limit>,
    pub(crate) servers: Vec<ServerSource>,
}

/// Reads `comments`; lines that cannot be read are errors, since a limit that is passed over would
/// never fail.
pub(crate) fn read(
    comments: &str,
    location: &Location,
    diagnostics: &mut Vec<Diagnostic>,
) -> Expectations {
    let mut expectations = Expectations::default();
    for line in comments.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("loadline limit:") {
            match parse_limit(text.trim()) {
                Ok(limit) => expectations.limits.push(Limit {
                    location: location.clone(),
                    ..limit
                }),
                Err(error) => {
                    let help = error.help.clone();
                    diagnostics.push(
                        Diagnostic::error("limit", location.clone(), error.to_string())
                            .with_help(help),
                    );
                }
            }
        } else if let Some(text) = line.strip_prefix("loadline server:") {
            match text.trim().split_once('=') {
                Some((name, source)) if !name.is_empty() && !source.is_empty() => {
                    expectations.servers.push(ServerSource {
                        name: name.trim().to_owned(),
                        source: source.trim().to_owned(),
                        location: location.clone(),
                    });
                }
                _ => diagnostics.push(
                    Diagnostic::error(
                        "server",
                        location.clone(),
                        format!("server `{}` is not of the form NAME=SOURCE", text.trim()),
                    )
                    .with_help("write `loadline server: backend=local`"),
                ),
            }
        }
    }
    expectations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_lines_count() {
        let mut diagnostics = Vec::new();
        let comments = "A test.\nloadline limit: errors <= 10%\n  loadline server: backend=local\n";
        let found = read(comments, &Location::default(), &mut diagnostics);
        assert_eq!(found.limits[0].text, "errors <= 10%");
        assert_eq!(found.servers[0].name, "backend");
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_an_error() {
        let mut diagnostics = Vec::new();
        read(
            "loadline limit: p95",
            &Location::default(),
            &mut diagnostics,
        );
        read(
            "loadline server: local",
            &Location::default(),
            &mut diagnostics,
        );
        assert!(diagnostics.len() == 2 && diagnostics.iter().all(Diagnostic::is_error));
    }
}
