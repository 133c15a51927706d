//! Prints findings about a plan as compilers do: place, source line, caret, help.

use std::fmt::Write;

use loadline_plan::{Diagnostic, Severity};

/// The files that a plan was read from, by the name in their locations: the plan's own, then those
/// that it includes, each once. Empty for a plan made of flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceFiles(pub(crate) Vec<(String, String)>);

/// The lines of the files, each taken apart once: a large plan may have as many findings as lines.
struct SourceLines<'f> {
    sources: &'f SourceFiles,
    files: Vec<(&'f str, Vec<&'f str>)>,
}

impl<'f> SourceLines<'f> {
    fn of(sources: &'f SourceFiles) -> Self {
        Self {
            sources,
            files: Vec::new(),
        }
    }

    /// Line `number`, counted from 1, of `file`.
    fn line(&mut self, file: &str, number: u32) -> Option<&'f str> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let known = self.files.iter().position(|(name, _)| *name == file);
        let known = match known {
            Some(known) => known,
            None => {
                let (name, text) = self.sources.0.iter().find(|(name, _)| name == file)?;
                self.files.push((name, text.lines().collect()));
                self.files.len() - 1
            }
        };
        self.files[known].1.get(index).copied()
    }
}

/// The findings as text, errors last so that they stand next to the prompt.
pub(crate) fn render(diagnostics: &[Diagnostic], sources: &SourceFiles) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.location.line));
    let mut lines = SourceLines::of(sources);
    let mut out = String::new();
    for diagnostic in sorted {
        let severity = diagnostic.severity.word();
        let _ = writeln!(
            out,
            "{severity}[{}]: {}",
            diagnostic.code, diagnostic.message
        );
        let location = &diagnostic.location;
        if !location.file.is_empty() || location.line > 0 || !location.path.is_empty() {
            let _ = writeln!(out, "  --> {location}");
        }
        if let Some(text) = lines.line(&location.file, location.line) {
            write_line(&mut out, location.line, location.column, text);
        }
        if !diagnostic.help.is_empty() {
            let _ = writeln!(out, "  help: {}", diagnostic.help);
        }
    }
    out
}

/// Counts of errors and warnings, as the last line: `2 errors, 1 warning`.
pub(crate) fn count(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| {
        diagnostics
            .iter()
            .filter(|found| found.severity == severity)
            .count()
    };
    let words =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!(
        "{}, {}",
        words(of(Severity::Error), "error"),
        words(of(Severity::Warning), "warning")
    )
}

/// Longest part of a source line that is shown; bodies in plans can be long.
const MAX_LINE: usize = 160;

fn write_line(out: &mut String, line: u32, column: u32, text: &str) {
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let shown: String = text
        .chars()
        .take(MAX_LINE)
        .map(|c| if c == '\t' { ' ' } else { c })
        .collect();
    let _ = writeln!(out, " {gutter} |\n {number} | {shown}");
    if let Some(before) = usize::try_from(column)
        .ok()
        .and_then(|column| column.checked_sub(1))
        && before <= shown.chars().count()
    {
        let _ = writeln!(out, " {gutter} | {}^", " ".repeat(before));
    }
}

#[cfg(test)]
mod tests {
    use loadline_plan::Location;

    use super::*;

    #[test]
    fn as_many_findings_as_lines_take_one_pass_over_the_file() {
        const LINES: u32 = 50_000;
        let text = "  <a/>\n".repeat(50_000);
        let sources = SourceFiles(vec![("a.jmx".to_owned(), text)]);
        let finding = |line| {
            let location = Location {
                file: "a.jmx".to_owned(),
                line,
                column: 3,
                path: String::new(),
            };
            Diagnostic::error("code", location, "message")
        };
        let findings: Vec<Diagnostic> = (1..=LINES).map(finding).collect();
        // Line by line from the start it would be more than a thousand million lines.
        let shown = render(&findings, &sources);
        assert_eq!(shown.matches("|   <a/>\n").count(), 50_000);
    }

    #[test]
    fn a_finding_shows_its_line_and_column() {
        let location = Location {
            file: "a.yaml".to_owned(),
            line: 2,
            column: 3,
            path: String::new(),
        };
        let finding = Diagnostic::error("unknown-key", location, "unknown key `lod`")
            .with_help("did you mean `load`?");
        let text = "groups:\n  lod: 1\n".to_owned();
        let sources = SourceFiles(vec![("a.yaml".to_owned(), text)]);
        assert_eq!(
            render(&[finding], &sources),
            "error[unknown-key]: unknown key `lod`\n  --> a.yaml:2:3\n   |\n 2 |   lod: 1\n   |   ^\n  \
             help: did you mean `load`?\n"
        );
    }
}
