//! How text is written to where it goes: colour, width, character set.

use loadline_analysis::Verdict;

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether verdict words are coloured.
    pub color: bool,
    /// Characters in a line; below 60 it counts as 60.
    pub width: usize,
    /// Whether only ASCII may be used.
    pub ascii: bool,
}

/// The colours of verdicts on a terminal; nothing else is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Good,
    Bad,
    Open,
    Struck,
    Plain,
}

impl Ink {
    pub(crate) const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Ink::Good,
            Verdict::Fail => Ink::Bad,
            Verdict::Inconclusive => Ink::Open,
            Verdict::Invalid => Ink::Struck,
            Verdict::Measured => Ink::Plain,
        }
    }

    const fn code(self) -> Option<&'static str> {
        match self {
            Ink::Good => Some("32"),
            Ink::Bad => Some("31"),
            Ink::Open => Some("33"),
            Ink::Struck => Some("35"),
            Ink::Plain => None,
        }
    }
}

impl TextStyle {
    /// Characters in a line.
    pub(crate) fn columns(self) -> usize {
        self.width.max(60)
    }

    /// `text` in bold and in its colour, if colours are used.
    pub(crate) fn paint(self, text: &str, ink: Ink) -> String {
        match ink.code().filter(|_| self.color) {
            Some(code) => format!("\u{1b}[1;{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }

    /// The shape of a verdict.
    pub(crate) const fn shape(self, verdict: Verdict) -> &'static str {
        match (verdict, self.ascii) {
            (Verdict::Pass, false) => "✓",
            (Verdict::Pass, true) => "ok",
            (Verdict::Fail, false) => "✗",
            (Verdict::Fail, true) => "XX",
            (Verdict::Inconclusive, false) => "?",
            (Verdict::Inconclusive, true) => "??",
            (Verdict::Invalid, false) => "⊘",
            (Verdict::Invalid, true) => "--",
            (Verdict::Measured, false) => "·",
            (Verdict::Measured, true) => "..",
        }
    }

    /// `text` without control characters (it may come from a server) and, where only ASCII may be
    /// used, without others.
    pub(crate) fn plain(self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\n' | '\r' | '\t' => plain.push(' '),
                _ if letter.is_control() => plain.push(if self.ascii { '?' } else { '�' }),
                _ if !self.ascii || letter.is_ascii() => plain.push(letter),
                '–' | '−' => plain.push('-'),
                '≥' => plain.push_str(">="),
                '≤' => plain.push_str("<="),
                '×' => plain.push('x'),
                '·' => plain.push('-'),
                '…' => plain.push_str("..."),
                '→' => plain.push_str("->"),
                '“' | '”' => plain.push('"'),
                '’' => plain.push('\''),
                'µ' => plain.push('u'),
                '⊘' => plain.push_str("--"),
                _ => plain.push('?'),
            }
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_servers_never_reach_the_terminal() {
        let style = TextStyle {
            color: true,
            width: 80,
            ascii: false,
        };
        assert_eq!(style.plain("a\u{1b}[2Jb\nc\u{7}"), "a�[2Jb c�");
    }

    #[test]
    fn ascii_has_twins_for_every_sign_of_ours() {
        let style = TextStyle {
            color: false,
            width: 80,
            ascii: true,
        };
        assert_eq!(
            style.plain("≤ 1 µs · 2–3 … × → “q” 猫"),
            "<= 1 us - 2-3 ... x -> \"q\" ?"
        );
    }
}
