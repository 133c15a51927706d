//! The short notation of small plans: one line an element, indentation is nesting.
//!
//! ```text
//! # Loop Controller
//! == loop_in_loop  serialize=true
//! @property users=2
//! @file names.csv "a\nb\n"
//! group loops=2
//!   loop 3
//!     get /a
//!       arg q "${x}"
//!   jsr223 groovy
//!     | vars.put("x", "1")
//!     | return 5
//! ```
//!
//! `# Title` names the element that the plans below are about, `==` begins a plan, `@` lines say
//! what belongs to the plan but is no element of it. The rest are elements: a word of
//! `element`, values by position, then `key=value`. Values with spaces stand in double
//! quotes, with `\n`, `\r`, `\t`, `\"` and `\\`. A line of a script stands as it is behind `| `.
//!
//! Not here: which words there are and what becomes of them.

use anyhow::{Context, Result, bail};

/// The word of a line of a script.
pub(crate) const SCRIPT_LINE: &str = "|";

/// A small plan as written.
#[derive(Clone, Debug, Default)]
pub struct SmallPlan {
    /// Unique over all files.
    pub name: String,
    /// The element that the plan is about.
    pub element: String,
    /// Settings of the test plan itself.
    pub(crate) settings: Vec<(String, String)>,
    /// JMeter properties of the run.
    pub properties: Vec<(String, String)>,
    /// Further words of the command line; `PORT` stands for the server's.
    pub options: Vec<String>,
    /// Files beside the plan: name and content.
    pub files: Vec<(String, String)>,
    /// How results are compared.
    pub(crate) comparison: Vec<String>,
    /// What is measured over time: words of [`crate::measure::Measure`].
    pub measures: Vec<Vec<String>>,
    /// Other plans beside it, for Include Controllers: file name and elements.
    pub(crate) others: Vec<(String, Vec<Line>)>,
    pub(crate) lines: Vec<Line>,
}

/// An element or a row of one, with what is indented below it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) word: String,
    pub(crate) values: Vec<String>,
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) below: Vec<Line>,
}

impl SmallPlan {
    /// Whether the plan has users whose requests come in no certain order.
    #[must_use]
    pub fn is_unordered(&self) -> bool {
        self.comparison.iter().any(|word| word == "unordered")
    }
}

/// Reads a file of small plans.
///
/// # Errors
///
/// A line that is not of the notation, with its number.
pub fn read(text: &str) -> Result<Vec<SmallPlan>> {
    let mut plans: Vec<SmallPlan> = Vec::new();
    let mut element = String::new();
    let mut in_other = false;
    for (index, raw) in text.lines().enumerate() {
        let number = index + 1;
        let line = raw.trim();
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if let Some(title) = line.strip_prefix("# ") {
            element = title.to_owned();
            continue;
        }
        let script = line.strip_prefix(SCRIPT_LINE).map(script_line);
        let parsed = script.map_or_else(|| words(line), Ok);
        let parsed = parsed.with_context(|| format!("line {number}: {line}"))?;
        let parsed = Line { number, ..parsed };
        if parsed.word == "==" {
            let Some(name) = parsed.values.first() else {
                bail!("line {number}: a plan needs a name")
            };
            in_other = false;
            plans.push(SmallPlan {
                name: name.clone(),
                element: element.clone(),
                settings: parsed.keys,
                ..SmallPlan::default()
            });
            continue;
        }
        let Some(plan) = plans.last_mut() else {
            bail!("line {number}: stands before the first plan")
        };
        match (parsed.word.as_str(), parsed.values.as_slice()) {
            ("@property", []) => plan.properties.extend(parsed.keys),
            ("@options", words) => plan.options.extend_from_slice(words),
            ("@file", [name, content]) => plan.files.push((name.clone(), content.clone())),
            ("@compare", _) => plan.comparison.extend(parsed.values),
            ("@measure", _) => plan.measures.push(parsed.values),
            ("@plan", [name]) => {
                plan.others.push((name.clone(), Vec::new()));
                in_other = true;
            }
            ("@end", []) => in_other = false,
            (word, _) if word.starts_with('@') => bail!("line {number}: {line} is not understood"),
            _ => {
                let depth = (raw.len() - raw.trim_start().len()) / 2;
                let lines = match plan.others.last_mut() {
                    Some((_, lines)) if in_other => lines,
                    _ => &mut plan.lines,
                };
                attach(lines, depth, parsed).with_context(|| format!("line {number}: {line}"))?;
            }
        }
    }
    Ok(plans)
}

fn script_line(text: &str) -> Line {
    Line {
        word: SCRIPT_LINE.to_owned(),
        values: vec![text.strip_prefix(' ').unwrap_or(text).to_owned()],
        ..Line::default()
    }
}

fn attach(lines: &mut Vec<Line>, depth: usize, line: Line) -> Result<()> {
    if depth == 0 {
        lines.push(line);
        return Ok(());
    }
    let parent = lines.last_mut().context("is indented below nothing")?;
    attach(&mut parent.below, depth - 1, line)
}

/// Splits a line into its word, values and keys.
fn words(line: &str) -> Result<Line> {
    let mut result = Line::default();
    let mut rest = line;
    while !rest.is_empty() {
        let key = key_length(rest).map(|length| &rest[..length]);
        let value_start = key.map_or(rest, |key| &rest[key.len() + 1..]);
        let (value, after) = take_value(value_start)?;
        match key {
            Some(key) if !result.word.is_empty() => result.keys.push((key.to_owned(), value)),
            _ if result.word.is_empty() => result.word = value,
            _ => result.values.push(value),
        }
        rest = after.trim_start();
    }
    Ok(result)
}

/// Length of the key if the text begins with `key=`.
fn key_length(text: &str) -> Option<usize> {
    let end =
        text.find(|letter: char| !letter.is_ascii_alphanumeric() && !"_.".contains(letter))?;
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    (begins && text[end..].starts_with('=') && !text[end..].starts_with("==")).then_some(end)
}

fn take_value(text: &str) -> Result<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &quoted[index + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            _ => value.push(letter),
        }
    }
    bail!("a quotation mark is missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_nest_by_indentation() {
        let plans = read("# Loop\n== p serialize=true\n@compare unordered\ngroup loops=2\n  loop 3\n    get /a?x=1 name=\"a \\\"b\\\"\"\n  get /b\n").unwrap();
        let plan = &plans[0];
        assert_eq!((plan.name.as_str(), plan.element.as_str()), ("p", "Loop"));
        assert!(plan.is_unordered());
        let group = &plan.lines[0];
        assert_eq!(group.keys, [("loops".to_owned(), "2".to_owned())]);
        assert_eq!(group.below.len(), 2);
        let get = &group.below[0].below[0];
        assert_eq!(get.values, ["/a?x=1"]);
        assert_eq!(get.keys, [("name".to_owned(), "a \"b\"".to_owned())]);
    }

    #[test]
    fn another_plan_stands_beside() {
        let plans = read("== p\n@plan part.jmx\nfragment\n  get /x\n@end\ngroup\n").unwrap();
        assert_eq!(plans[0].others[0].1[0].below[0].word, "get");
        assert_eq!(plans[0].lines[0].word, "group");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, part) in [
            ("get /a\n", "line 1: stands before the first plan"),
            ("== p\nget \"a\n", "line 2"),
            ("== p\n  get /a\n", "line 2"),
            ("== p\n@what\n", "line 2"),
        ] {
            let message = format!("{:#}", read(text).unwrap_err());
            assert!(message.contains(part), "{message}");
        }
    }
}
