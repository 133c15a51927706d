//! What goes through the settings of an element.

use loadline_plan::Text;

/// A reader, a writer or a describer of settings. Each call is about one key of a mapping.
///
/// A reader sets the value to what the key holds, or to its default; a writer writes what is not the
/// default.
pub(crate) trait Settings {
    /// A text that may be absent.
    fn text(&mut self, key: &'static str, about: &'static str, default: &str, value: &mut Text);

    /// A text whose absence means something.
    fn optional(&mut self, key: &'static str, about: &'static str, value: &mut Option<Text>);

    /// A flag that may be absent.
    fn flag(&mut self, key: &'static str, about: &'static str, default: bool, value: &mut bool);

    /// A flag whose absence means something.
    fn optional_flag(&mut self, key: &'static str, about: &'static str, value: &mut Option<bool>);

    /// A whole number whose absence means something.
    fn count(&mut self, key: &'static str, about: &'static str, value: &mut Option<u32>);

    /// Texts in order; none by default.
    fn texts(&mut self, key: &'static str, about: &'static str, value: &mut Vec<Text>);

    /// Names and texts in order; none by default. A name may come twice.
    fn pairs(&mut self, key: &'static str, about: &'static str, value: &mut Vec<(Text, Text)>);

    /// One of `words`, the first by default.
    fn word<T: Copy + PartialEq>(
        &mut self,
        key: &'static str,
        about: &'static str,
        words: &[(&'static str, T)],
        value: &mut T,
    );

    /// Mappings in order, each gone through by `row`; none by default.
    fn rows<T: Default>(
        &mut self,
        key: &'static str,
        about: &'static str,
        value: &mut Vec<T>,
        row: fn(&mut Self, &mut T),
    );
}
