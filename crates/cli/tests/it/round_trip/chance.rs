//! Random values out of a stream of bytes, which the test's framework makes and shrinks: fewer and
//! smaller bytes make simpler plans.

use loadline_plan::Text;

/// A stream of choices; without end, since zeros follow it.
pub(crate) struct Chance<'b> {
    bytes: std::slice::Iter<'b, u8>,
}

/// Texts that a careless writer would get wrong.
const TEXTS: &[&str] = &[
    "",
    "a",
    "id",
    "1",
    "${x}",
    "/users/${id}/?a=b",
    "${__Random(1,9)}",
    "${__split(${a},b,\\,)}",
    "a b",
    "ü€😀",
    "007",
    "1.0",
    "-1",
    "1e5",
    "1_000",
    "0x1F",
    "true",
    "no",
    "null",
    "~",
    "x: y",
    "x:y",
    "http://h:80/p",
    "- a",
    "# c",
    "a #b",
    "a\nb",
    "{\n  \"a\": [1, 2]\n}\n",
    "a\n\n b\n",
    " lead",
    "trail ",
    "\n",
    "a\r\nb\r",
    "\ta",
    "'s'",
    "\"q\"",
    "<&>]]>",
    "a;b",
    "\\\\$",
    "{a}",
    "[a]",
    "a,b",
    "%41+",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "@a",
    "`a`",
    "?",
    "---",
    "...",
    "\u{85}\u{a0}\u{2028}\u{feff}",
    // Not `<<` alone: as a key, YAML takes it for a merge.
    "a<<",
    "=",
    "forever",
];

impl<'b> Chance<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
        }
    }

    /// A number below `end`, which is at most 256.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) * end / 256
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// Up to three of what `make` makes.
    pub(crate) fn few<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| make(self)).collect()
    }

    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    pub(crate) fn string(&mut self) -> String {
        if self.below(8) < 7 {
            return self.pick(TEXTS).to_owned();
        }
        (0..self.below(12))
            .map(|_| match self.below(4) {
                0 => char::from(u8::try_from(32 + self.below(95)).unwrap()),
                1 => self.pick(&[
                    '\t', '\n', '\r', ' ', '"', '\'', '\\', ':', '#', '$', '{', '}',
                ]),
                2 => self.pick(&['é', '中', '😀', '\u{85}', '\u{a0}', '\u{fffd}']),
                _ => char::from(u8::try_from(97 + self.below(26)).unwrap()),
            })
            .collect()
    }

    pub(crate) fn text(&mut self) -> Text {
        Text(self.string())
    }

    /// A text that is not blank.
    pub(crate) fn word(&mut self) -> Text {
        let text = self.string();
        if text.trim().is_empty() {
            "w".into()
        } else {
            Text(text)
        }
    }
}
