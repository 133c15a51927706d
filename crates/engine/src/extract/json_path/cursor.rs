//! A position in a path's text, with the bounds and look-ahead of Jayway's `CharacterIndex`.
//!
//! Its last character counts as the tail: a path that breaks off there, as in `$.a[`, is complete.

/// A text and a position in it; both ends are inclusive.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    characters: Vec<char>,
    /// The present position; may be beyond `end`.
    pub(super) position: usize,
    /// One behind the last position.
    end: usize,
}

impl Cursor {
    /// A cursor at the first of `text`'s characters.
    pub(super) fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let end = characters.len();
        Self {
            characters,
            position: 0,
            end,
        }
    }

    /// The character at `index`, if it is within bounds.
    pub(super) fn at(&self, index: usize) -> Option<char> {
        if index < self.end {
            self.characters.get(index).copied()
        } else {
            None
        }
    }

    /// The character at the present position.
    pub(super) fn current(&self) -> Option<char> {
        self.at(self.position)
    }

    /// Whether nothing, or only the last character, is left.
    pub(super) fn is_tail(&self) -> bool {
        self.position + 1 >= self.end
    }

    /// The index behind the last character.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// The text from `start` to before `end`.
    pub(super) fn text(&self, start: usize, end: usize) -> String {
        self.characters[start.min(end)..end.min(self.characters.len())]
            .iter()
            .collect()
    }

    /// Goes to the next character that is no space; returns it.
    pub(super) fn skip_blanks(&mut self) -> Option<char> {
        while self.current() == Some(' ') {
            self.position += 1;
        }
        self.current()
    }

    /// Index and character of the first that is no space behind `index`.
    pub(super) fn significant_after(&self, index: usize) -> Option<(usize, char)> {
        (index + 1..self.end)
            .map(|index| (index, self.characters[index]))
            .find(|(_, character)| *character != ' ')
    }

    /// Index of the first character behind `index` that is no space, if it is `wanted`.
    pub(super) fn next_significant(&self, index: usize, wanted: char) -> Option<usize> {
        self.significant_after(index)
            .filter(|(_, character)| *character == wanted)
            .map(|(index, _)| index)
    }

    /// The last character before the present position that is no space.
    pub(super) fn previous_significant(&self) -> Option<(usize, char)> {
        (0..self.position.min(self.characters.len()))
            .rev()
            .map(|index| (index, self.characters[index]))
            .find(|(_, character)| *character != ' ')
    }

    /// Index of `wanted` behind `index`, not counting one behind a backslash.
    pub(super) fn next_unescaped(&self, index: usize, wanted: char) -> Option<usize> {
        let mut escaped = false;
        for index in index + 1..self.end {
            let character = self.characters[index];
            if escaped {
                escaped = false;
            } else if character == '\\' {
                escaped = true;
            } else if character == wanted {
                return Some(index);
            }
        }
        None
    }

    /// Index of the `close` that belongs to the `open` at `index`; strings, and patterns between
    /// slashes if `skip_patterns`, are skipped.
    pub(super) fn matching_close(
        &self,
        index: usize,
        open: char,
        close: char,
        skip_patterns: bool,
    ) -> Option<usize> {
        let mut depth = 1_u32;
        let mut index = index + 1;
        while let Some(character) = self.at(index) {
            if matches!(character, '\'' | '"') || (skip_patterns && character == '/') {
                index = self.next_unescaped(index, character)? + 1;
                continue;
            }
            if character == open {
                depth += 1;
            } else if character == close {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            index += 1;
        }
        None
    }
}
