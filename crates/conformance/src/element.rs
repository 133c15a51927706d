//! The words of the short notation: which JMeter element each stands for.
//!
//! A table, so that a new element is a row. Keys that are not in an element's row are taken as
//! JMeter's own property names, which keeps odd properties within reach.

mod judging;
mod sampling;
mod scripting;
mod structure;

pub(crate) use scripting::script_property;

/// How a word becomes an element of a `.jmx` file.
pub(crate) struct Kind {
    pub(crate) word: &'static str,
    /// The tag of the element, which JMeter takes its class from.
    pub(crate) tag: &'static str,
    pub(crate) gui: &'static str,
    /// Properties of values by position.
    pub(crate) positions: &'static [&'static str],
    /// Short keys and the properties they stand for.
    pub(crate) keys: &'static [(&'static str, &'static str)],
    /// Properties that the element has unless the line says otherwise.
    pub(crate) given: &'static [(&'static str, &'static str)],
}

/// The row of a word.
pub(crate) fn kind(word: &str) -> Option<&'static Kind> {
    kinds().find(|kind| kind.word == word)
}

fn kinds() -> impl Iterator<Item = &'static Kind> {
    [
        structure::STRUCTURE,
        sampling::SAMPLING,
        judging::JUDGING,
        scripting::SCRIPTING,
    ]
    .into_iter()
    .flatten()
}

const fn row(
    word: &'static str,
    tag: &'static str,
    gui: &'static str,
    positions: &'static [&'static str],
    keys: &'static [(&'static str, &'static str)],
    given: &'static [(&'static str, &'static str)],
) -> Kind {
    Kind {
        word,
        tag,
        gui,
        positions,
        keys,
        given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_for_one_element() {
        let mut words: Vec<&str> = kinds().map(|kind| kind.word).collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
