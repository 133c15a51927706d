//! How one element is treated, and why, as its reader finds out.

use loadline_plan::Standing;

/// What a user can do about an element that is left out.
pub(crate) const LEFT_OUT: &str =
    "disable the element, or run with --allow-unsupported to leave it out";

/// What a user can do about a controller whose logic is not run.
pub(crate) const CHILDREN_ONLY: &str =
    "disable the element, or run with --allow-unsupported to run its children once in each pass";

/// What a user can do about a setting that is not honoured.
pub(crate) const WITHOUT_SETTING: &str =
    "clear the setting, or run with --allow-unsupported to run the element without it";

/// The standing of an element with its reasons: the gravest finding decides.
#[derive(Debug)]
pub(crate) struct Judgement {
    standing: Standing,
    reasons: Vec<String>,
    helps: Vec<String>,
}

impl Judgement {
    /// Nothing found: the element runs with JMeter's meaning.
    pub(crate) fn supported() -> Self {
        Self {
            standing: Standing::Supported,
            reasons: Vec::new(),
            helps: Vec::new(),
        }
    }

    /// An element without effect on load and samples.
    pub(crate) fn ignored(reason: impl Into<String>) -> Self {
        let mut judgement = Self::supported();
        judgement.find(Standing::Ignored, reason.into(), "");
        judgement
    }

    /// An element that cannot be run.
    pub(crate) fn refused(reason: impl Into<String>, help: &str) -> Self {
        let mut judgement = Self::supported();
        judgement.refuse(reason, help);
        judgement
    }

    /// Something is run differently, as `reason` says.
    pub(crate) fn approximate(&mut self, reason: impl Into<String>) {
        self.find(Standing::Approximated, reason.into(), "");
    }

    /// Something cannot be run; without it the run would lie.
    pub(crate) fn refuse(&mut self, reason: impl Into<String>, help: &str) {
        self.find(Standing::Refused, reason.into(), help);
    }

    /// Refuses a setting that holds a reference where only a fixed value can be honoured.
    pub(crate) fn refuse_reference(&mut self, setting: &str, value: &str) {
        self.refuse(
            format!("setting `{setting}` has the value `{value}`, known only during the run"),
            "write a fixed value, or run with --allow-unsupported to take the default",
        );
    }

    fn find(&mut self, standing: Standing, reason: String, help: &str) {
        self.standing = self.standing.max(standing);
        self.reasons.push(reason);
        if !help.is_empty() && !self.helps.iter().any(|known| known == help) {
            self.helps.push(help.to_owned());
        }
    }

    /// The same judgement with a remedy.
    pub(crate) fn with_help(mut self, help: &str) -> Self {
        self.helps.push(help.to_owned());
        self
    }

    /// The gravest standing found.
    #[cfg(test)]
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// Standing, reasons and help, as text for a row.
    pub(crate) fn into_parts(self) -> (Standing, String, String) {
        (
            self.standing,
            self.reasons.join("; "),
            self.helps.join("; "),
        )
    }
}
