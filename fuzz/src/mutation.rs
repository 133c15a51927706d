//! New inputs from seeds: pieces cut, doubled, moved from one seed to another, characters changed.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// Longest input, in bytes.
const LONGEST: usize = 200_000;

/// Most changes of one input.
const MOST_CHANGES: usize = 6;

/// What tends to confuse parsers.
const PIECES: &[&str] = &[
    "\u{0}",
    "\u{7f}",
    "é",
    "😀",
    "\u{fffd}",
    "\u{2028}",
    "\\",
    "\"",
    "'",
    "`",
    "<",
    ">",
    "&",
    "&#0;",
    "]]>",
    "<!--",
    "-->",
    "<![CDATA[",
    "${",
    "}",
    "${__V(a_${b})}",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "*",
    "+",
    "?",
    "|",
    "^",
    "$",
    ".",
    "..",
    "@",
    "#",
    "//",
    "::",
    ":",
    ",",
    ";",
    "=",
    "!=",
    "&&",
    "||",
    "-",
    "-1",
    "0",
    "9223372036854775808",
    "1e999",
    "{99999}",
    "{1,",
    "(?",
    "(?i)",
    "[^",
    "[:",
    "\\x{",
    "\\Q",
    "\n",
    "\r\n",
    "\t",
    " ",
    "- ",
    "? ",
    "null",
    "true",
];

/// An input made of one or two of `seeds`, which are not empty.
pub(crate) fn mutated(seeds: &[String], chance: &mut ChaCha8Rng) -> String {
    let mut input = one_of(seeds, chance).to_owned();
    for _ in 0..chance.random_range(1..=MOST_CHANGES) {
        change(&mut input, seeds, chance);
    }
    if input.len() > LONGEST {
        let end = boundary(&input, LONGEST);
        input.truncate(end);
    }
    input
}

fn one_of<'s>(seeds: &'s [String], chance: &mut ChaCha8Rng) -> &'s str {
    &seeds[chance.random_range(0..seeds.len())]
}

fn change(input: &mut String, seeds: &[String], chance: &mut ChaCha8Rng) {
    let (start, end) = range(input, chance);
    match chance.random_range(0..8) {
        0 => input.replace_range(start..end, ""),
        1 => {
            let piece = input[start..end].to_owned();
            input.insert_str(end, &piece);
        }
        2 => {
            let times = chance.random_range(2..200);
            let piece = input[start..end].chars().take(8).collect::<String>();
            input.insert_str(end, &piece.repeat(times));
        }
        3 => {
            let other = one_of(seeds, chance);
            let (from, to) = range(other, chance);
            input.replace_range(start..end, &other[from..to]);
        }
        4 => {
            let character = char::from_u32(chance.random_range(0..0x300)).unwrap_or('x');
            input.insert(start, character);
        }
        _ => {
            let piece = PIECES[chance.random_range(0..PIECES.len())];
            let whole = chance.random_range(0..3) == 0;
            input.replace_range(start..if whole { end } else { start }, piece);
        }
    }
}

/// A range of `text` between characters, short more often than long.
fn range(text: &str, chance: &mut ChaCha8Rng) -> (usize, usize) {
    let start = boundary(text, chance.random_range(0..=text.len()));
    let longest = match chance.random_range(0..4) {
        0 => text.len() - start,
        _ => (text.len() - start).min(16),
    };
    (
        start,
        boundary(text, start + chance.random_range(0..=longest)),
    )
}

/// The last place between characters that is not behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
