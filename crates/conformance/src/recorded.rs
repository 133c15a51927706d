//! The recorded form of JMeter's answers: what JMeter did with each plan, as text that is read and
//! compared where there is no JMeter.
//!
//! ```text
//! == loop_in_loop
//! > GET /a
//!   Host: SERVER
//! < /a | 200 OK | ok | text | group 1-1 | 0/1
//! ```
//!
//! `>` begins a request and `<` a sample, `!` says why there is nothing to compare with; two spaces
//! begin each further line. Lines that stand at the
//! same place of the entry before are written as `=` (one) or `=N` (N of them).

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::asking::Answer;
use crate::outcome::Outcome;

/// Answers by the name of the plan.
pub type Recorded = BTreeMap<String, Answer>;

/// Reads a file of recorded outcomes.
///
/// # Errors
///
/// The file cannot be read or is not of the form.
pub fn load(file: &Path) -> Result<Recorded> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    read(&text).with_context(|| file.display().to_string())
}

/// Writes a file of recorded outcomes and the folder around it.
///
/// # Errors
///
/// The file cannot be written.
pub fn save(file: &Path, recorded: &Recorded) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, write(recorded)).with_context(|| format!("write {}", file.display()))
}

/// The text of what was recorded.
#[must_use]
pub fn write(recorded: &Recorded) -> String {
    let mut text = String::new();
    for (name, answer) in recorded {
        text.push_str(&format!("== {name}\n"));
        match answer {
            Answer::Outcome(outcome) => {
                write_entries(&mut text, '>', &outcome.requests);
                write_entries(&mut text, '<', &outcome.samples);
            }
            Answer::None(reason) => text.push_str(&format!("! {reason}\n")),
        }
    }
    text
}

fn write_entries(text: &mut String, mark: char, entries: &[String]) {
    let mut before: Vec<&str> = Vec::new();
    for entry in entries {
        let lines: Vec<&str> = entry.split('\n').collect();
        text.push_str(&format!("{mark} {}\n", lines[0]));
        let mut index = 1;
        while index < lines.len() {
            let same = (index..lines.len())
                .take_while(|&at| before.get(at) == Some(&lines[at]))
                .count();
            match same {
                0 => text.push_str(&format!("  {}\n", lines[index])),
                1 => text.push_str("=\n"),
                many => text.push_str(&format!("={many}\n")),
            }
            index += same.max(1);
        }
        before = lines;
    }
}

/// Reads what [`write()`] wrote.
///
/// # Errors
///
/// A line that is not of the form, with its number.
pub fn read(text: &str) -> Result<Recorded> {
    let mut recorded = Recorded::new();
    let mut name = String::new();
    // The entry being read and the one before it in the same list, as lines.
    let mut before: Vec<String> = Vec::new();
    let mut entry: Vec<String> = Vec::new();
    let mut mark = ' ';
    for (index, line) in text.split('\n').enumerate() {
        let wrong = || format!("line {}: `{line}` is not of the recorded form", index + 1);
        let new_entry = line
            .strip_prefix("> ")
            .map(|rest| ('>', rest))
            .or_else(|| line.strip_prefix("< ").map(|rest| ('<', rest)));
        if let Some(plan) = line.strip_prefix("== ") {
            close(&mut recorded, &name, mark, &entry);
            (entry, before) = (Vec::new(), Vec::new());
            name = plan.to_owned();
            recorded.insert(name.clone(), Answer::Outcome(Outcome::default()));
        } else if let Some(reason) = line.strip_prefix("! ") {
            recorded.insert(name.clone(), Answer::None(reason.to_owned()));
        } else if let Some((new_mark, rest)) = new_entry {
            close(&mut recorded, &name, mark, &entry);
            before = if new_mark == mark {
                std::mem::take(&mut entry)
            } else {
                Vec::new()
            };
            mark = new_mark;
            entry = vec![rest.to_owned()];
        } else if let Some(rest) = line.strip_prefix("  ") {
            entry.push(rest.to_owned());
        } else if let Some(count) = line.strip_prefix('=') {
            let Ok(count) = (if count.is_empty() {
                Ok(1)
            } else {
                count.parse::<usize>()
            }) else {
                bail!(wrong())
            };
            let Some(lines) = before.get(entry.len()..entry.len() + count) else {
                bail!(wrong())
            };
            entry.extend_from_slice(lines);
        } else if !line.is_empty() {
            bail!(wrong());
        }
    }
    close(&mut recorded, &name, mark, &entry);
    Ok(recorded)
}

fn close(recorded: &mut Recorded, name: &str, mark: char, entry: &[String]) {
    if entry.is_empty() {
        return;
    }
    let Some(Answer::Outcome(outcome)) = recorded.get_mut(name) else {
        return;
    };
    let list = if mark == '>' {
        &mut outcome.requests
    } else {
        &mut outcome.samples
    };
    list.push(entry.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let texts = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let outcome = Outcome {
            requests: texts(&[
                "GET /a\nA: 1\nB: 2\n\nbody\n",
                "GET /b\nA: 1\nB: 2\nC: 3",
                "GET /b\nA: 1\nX: 2\nC: 3",
            ]),
            samples: texts(&["a | 200", "== odd\n> odd\n= odd"]),
        };
        let recorded = Recorded::from([
            ("one".to_owned(), Answer::Outcome(outcome)),
            ("three".to_owned(), Answer::None("why".to_owned())),
            ("two".to_owned(), Answer::Outcome(Outcome::default())),
        ]);
        let text = write(&recorded);
        assert!(text.contains("> GET /b\n=2\n  C: 3\n"), "{text}");
        assert_eq!(read(&text).unwrap(), recorded);
    }

    #[test]
    fn what_is_not_of_the_form_is_named() {
        for text in ["== a\nx", "== a\n> b\n=3"] {
            assert!(read(text).unwrap_err().to_string().contains("line "));
        }
    }
}
