//! Regular expressions in the dialect of JMeter's default engine, Jakarta ORO (Perl 5).
//!
//! A pattern is rewritten for PCRE2: what ORO takes literally and PCRE2 does not (`\Q`, `\h`, `\p`,
//! `{` that is no repetition) is escaped, what ORO rejects (look-behind, named groups, possessive
//! quantifiers) is rejected, and flags anywhere hold for the whole pattern. Matches are found as ORO
//! finds them: an empty match never follows directly on another match.
//!
//! Known differences: ORO sees a character beyond U+FFFF as two; it keeps a group's text of an
//! earlier round of a repetition as an empty text where PCRE2 keeps the text.
//!
//! Not here: `java.util.regex`, JMeter's other engine.

mod rewrite;

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use pcre2::bytes::{CaptureLocations, Regex, RegexBuilder};
use smallvec::SmallVec;

use self::rewrite::rewrite;

/// Steps after which a search gives up. A pattern that backtracks without end would otherwise hold
/// up every user of its engine thread; PCRE2's own bound is ten times higher.
const MATCH_LIMIT: u32 = 1_000_000;

/// Greatest memory for backtracking in compiled patterns, in bytes; PCRE2's default of 32 KiB is too
/// little for `(.|\n)*` on a page.
const JIT_STACK_BYTES: usize = 4 << 20;

/// A compiled pattern, for one engine thread.
#[derive(Debug)]
pub struct OroRegex {
    rewritten: String,
    first: Regex,
    /// The same pattern without an empty match at the start of the search, made when first needed.
    not_empty: OnceCell<Regex>,
    /// Where the groups of the last match are; kept to save an allocation for each search.
    locations: RefCell<CaptureLocations>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegexError {
    /// The pattern is not well formed.
    #[error("malformed regular expression `{pattern}`: {problem}")]
    Malformed {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        problem: String,
    },
    /// A search took too many steps.
    #[error("regular expression takes too many steps on this text: {problem}")]
    TooManySteps {
        /// PCRE2's own words.
        problem: String,
    },
}

/// One match: byte ranges of the whole match and of each group, `None` for a group that took no
/// part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OroMatch {
    /// Group 0 is the whole match.
    pub groups: SmallVec<[Option<Range<usize>>; 2]>,
}

impl OroMatch {
    /// The text of group `index` in `subject`, if it took part.
    #[must_use]
    pub fn group<'s>(&self, index: usize, subject: &'s str) -> Option<&'s str> {
        let range = self.groups.get(index)?.clone()?;
        subject.get(range)
    }
}

impl OroRegex {
    /// Compiles `pattern`.
    ///
    /// # Errors
    ///
    /// [`RegexError::Malformed`] for a pattern that ORO rejects, and for the few that PCRE2 alone
    /// rejects.
    pub fn new(pattern: &str) -> Result<Self, RegexError> {
        let malformed = |problem: String| RegexError::Malformed {
            pattern: pattern.to_owned(),
            problem,
        };
        let rewritten = rewrite(pattern).map_err(malformed)?;
        let first = build(&rewritten, "").map_err(|error| malformed(error.to_string()))?;
        let locations = RefCell::new(first.capture_locations());
        Ok(Self {
            rewritten,
            first,
            not_empty: OnceCell::new(),
            locations,
        })
    }

    /// Whether the pattern is found somewhere in `text`.
    ///
    /// # Errors
    ///
    /// [`RegexError::TooManySteps`].
    pub fn contains(&self, text: &str) -> Result<bool, RegexError> {
        Ok(self.find(text, None)?.is_some())
    }

    /// Whether the first match begins and ends with `text`. As in ORO no other match is tried:
    /// `a|ab` does not match `ab`.
    ///
    /// # Errors
    ///
    /// [`RegexError::TooManySteps`].
    pub fn matches(&self, text: &str) -> Result<bool, RegexError> {
        Ok(self.find(text, None)? == Some(0..text.len()))
    }

    /// The matches in `text` from left to right, at most `most`.
    ///
    /// # Errors
    ///
    /// [`RegexError::TooManySteps`].
    pub fn find_all(&self, text: &str, most: usize) -> Result<SmallVec<[OroMatch; 1]>, RegexError> {
        let mut found = SmallVec::new();
        let mut last_end = None;
        while found.len() < most {
            let Some(whole) = self.find(text, last_end)? else {
                break;
            };
            last_end = Some(whole.end);
            let locations = self.locations.borrow();
            found.push(OroMatch {
                groups: (0..locations.len())
                    .map(|group| locations.get(group).map(|(start, end)| start..end))
                    .collect(),
            });
        }
        Ok(found)
    }

    /// The match after the one that ended at `last_end`, or the first one.
    fn find(
        &self,
        text: &str,
        last_end: Option<usize>,
    ) -> Result<Option<Range<usize>>, RegexError> {
        let too_many_steps = |error: pcre2::Error| RegexError::TooManySteps {
            problem: error.to_string(),
        };
        let regex = match last_end {
            None => &self.first,
            Some(_) => match self.not_empty.get() {
                Some(regex) => regex,
                None => {
                    let regex = build(&self.rewritten, r"(?!\G)").map_err(too_many_steps)?;
                    self.not_empty.get_or_init(|| regex)
                }
            },
        };
        let found = regex
            .captures_read_at(
                &mut self.locations.borrow_mut(),
                text.as_bytes(),
                last_end.unwrap_or(0),
            )
            .map_err(too_many_steps)?;
        Ok(found.map(|whole| whole.start()..whole.end()))
    }
}

/// Compiles a rewritten pattern with `tail` behind it.
fn build(rewritten: &str, tail: &str) -> Result<Regex, pcre2::Error> {
    RegexBuilder::new()
        .utf(true)
        .ucp(true)
        .jit_if_available(true)
        .max_jit_stack_size(Some(JIT_STACK_BYTES))
        .build(&format!(
            "(*LF)(*LIMIT_MATCH={MATCH_LIMIT}){}{tail}",
            rewritten
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of ORO 2.0.8, one JSON array a line: pattern, text, up to eight matches with their
    /// groups or the error, whether the whole text matches, and why the answer here differs, if it
    /// must. They are made by `oracle/record-answers.sh`.
    #[test]
    fn matches_are_those_of_oro() {
        let mut different = Vec::new();
        for line in include_str!("../../tests/golden/oro.jsonl").lines() {
            let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let (pattern, text) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
            let found = OroRegex::new(pattern).and_then(|regex| {
                let matches = regex.find_all(text, 8)?;
                let groups = |found: &OroMatch| -> serde_json::Value {
                    (0..found.groups.len())
                        .map(|group| found.group(group, text))
                        .collect()
                };
                let list: serde_json::Value = matches.iter().map(groups).collect();
                Ok((list, regex.matches(text)?))
            });
            let agrees = match &found {
                Ok((list, whole)) => *list == case[2] && case[3] == *whole,
                Err(_) => case[2].is_string(),
            };
            if agrees == case[4].is_string() {
                different.push(format!("{line} {found:?}"));
            }
        }
        assert!(different.is_empty(), "{}", different.join("\n"));
    }

    #[test]
    fn endless_backtracking_is_given_up() {
        let regex = OroRegex::new("(a|aa)+$").expect("well formed");
        let text = format!("{}b", "a".repeat(100));
        assert!(matches!(
            regex.contains(&text),
            Err(RegexError::TooManySteps { .. })
        ));
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_panics(
            pattern in r"([\\(){}\[\]?*+|^$.:!=<#a-d0-3xQ, -]|\(\?|\[\[:){0,24}",
            text in "[a-d0-3é\n]{0,12}",
        ) {
            if let Ok(regex) = OroRegex::new(&pattern) {
                let _ = regex.find_all(&text, 20);
            }
        }
    }
}
