//! Shapes of verdicts: colour is never alone.

use loadline_analysis::Verdict;

const TICK: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle cx=\"8\" cy=\"8\" r=\"7\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"/><path d=\"M4.5 8.3l2.4 2.4 4.6-5\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"/></svg>";
const CROSS: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M5 1h6l4 4v6l-4 4H5l-4-4V5z\" fill=\"currentColor\"/><path d=\"M5 5l6 6M11 5l-6 6\" stroke=\"var(--bg)\" stroke-width=\"2\"/></svg>";
const DIAMOND: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M8 1l7 7-7 7-7-7z\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"/><path d=\"M8 4.6v4M8 10.4v1.2\" stroke=\"currentColor\" stroke-width=\"2\"/></svg>";
const STRUCK: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><circle cx=\"8\" cy=\"8\" r=\"7\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"/><path d=\"M3.2 12.8l9.6-9.6\" stroke=\"currentColor\" stroke-width=\"1.8\"/></svg>";
const SQUARE: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M2 2h12v12H2z\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\"/></svg>";
const EQUALS: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M2 6h12M2 10h12\" stroke=\"currentColor\" stroke-width=\"2\"/></svg>";

/// How a word is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Pass,
    Fail,
    Inconclusive,
    Invalid,
    Measured,
    Same,
}

impl Mark {
    pub(super) const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Mark::Pass,
            Verdict::Fail => Mark::Fail,
            Verdict::Inconclusive => Mark::Inconclusive,
            Verdict::Invalid => Mark::Invalid,
            Verdict::Measured => Mark::Measured,
        }
    }

    /// The class that colours it.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Mark::Pass => "pass",
            Mark::Fail => "fail",
            Mark::Inconclusive => "inc",
            Mark::Invalid => "inv",
            Mark::Measured | Mark::Same => "plain",
        }
    }

    const fn shape(self) -> &'static str {
        match self {
            Mark::Pass => TICK,
            Mark::Fail => CROSS,
            Mark::Inconclusive => DIAMOND,
            Mark::Invalid => STRUCK,
            Mark::Measured => SQUARE,
            Mark::Same => EQUALS,
        }
    }

    /// A word of ours with its shape and colour.
    pub(super) fn word(self, word: &str) -> String {
        format!(
            "<span class=\"v {}\">{}{word}</span>",
            self.class(),
            self.shape()
        )
    }
}

/// The word of a verdict with its shape and colour.
pub(super) fn verdict(verdict: Verdict) -> String {
    Mark::of(verdict).word(crate::word::verdict(verdict))
}
