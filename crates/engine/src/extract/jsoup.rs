//! CSS selectors in jsoup's dialect, which JMeter's CSS Selector Extractor speaks by default.
//!
//! It is laxer than CSS (values of attributes need no quotes and compare in any case) and has tests
//! of its own: `:contains(text)`, `:matches(regex)`, `:eq(n)`, `:lt(n)`, `:gt(n)`, `:has(selector)`,
//! `[^prefix]`, `[name~=regex]`, `[name!=value]`.
//!
//! Regular expressions are those of [`super::oro`], where jsoup has Java's. Not here: `:matchText`,
//! which makes elements of texts; the reader of JMeter plans refuses it.

mod element;
mod parser;

use scraper::{ElementRef, Html};

use super::oro::OroRegex;
use super::selector::SelectorError;

/// A selector, parsed.
#[derive(Debug)]
pub struct JsoupSelector(Selector);

impl JsoupSelector {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// [`SelectorError`].
    pub fn new(text: &str) -> Result<Self, SelectorError> {
        let parsed = parser::parse(text).map(Self);
        parsed.map_err(|problem| SelectorError {
            selector: text.to_owned(),
            problem,
        })
    }

    /// How many elements of the page `html` the selector meets.
    #[must_use]
    pub fn count(&self, html: &str) -> usize {
        self.select(&Html::parse_document(html)).count()
    }

    /// The elements of `page` that the selector meets, in the order of the page.
    pub(super) fn select<'p>(&self, page: &'p Html) -> impl Iterator<Item = ElementRef<'p>> {
        let elements = page
            .root_element()
            .descendants()
            .filter_map(ElementRef::wrap);
        elements.filter(|element| self.0.meets(*element, None))
    }
}

/// Alternatives, of which one must meet an element.
#[derive(Debug)]
struct Selector(Vec<Chain>);

/// Tests of elements from the outermost to the one that is selected.
#[derive(Debug)]
struct Chain {
    /// How the first one stands to the element in whose `:has` the chain is; to the page without one.
    start: Combinator,
    first: Compound,
    rest: Vec<(Combinator, Compound)>,
}

/// How an element stands to the one before it in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combinator {
    Descendant,
    Child,
    Next,
    Later,
}

/// Tests that an element must meet together.
#[derive(Debug)]
struct Compound(Vec<Test>);

/// One test.
#[derive(Debug)]
enum Test {
    Any,
    Never,
    Tag(String),
    Id(String),
    Class(String),
    HasAttribute(String),
    AttributePrefix(String),
    Attribute(String, AttributeRule),
    /// `:eq(n)`, `:lt(n)`, `:gt(n)`: place among the sibling elements, from 0.
    Place(std::cmp::Ordering, usize),
    Nth(Nth),
    OnlyChild,
    OnlyOfType,
    Empty,
    Root,
    Has(Selector),
    Is(Selector),
    Not(Selector),
    Text(TextPart, TextRule),
}

/// How an attribute's value must be.
#[derive(Debug)]
enum AttributeRule {
    Equal(String),
    /// Met by elements without the attribute too.
    NotEqual(String),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
    Matches(Box<OroRegex>),
}

/// `:nth-child(an+b)` and its relatives.
#[derive(Clone, Copy, Debug)]
struct Nth {
    step: i64,
    offset: i64,
    of_type: bool,
    from_end: bool,
}

/// Whose text is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextPart {
    /// All inside, with white space collapsed.
    All,
    /// That of the element itself, with white space collapsed.
    Own,
    /// All inside, as it stands.
    Whole,
    /// That of the element itself, as it stands.
    WholeOwn,
    /// Scripts and style sheets inside.
    Data,
}

/// How a text must be.
#[derive(Debug)]
enum TextRule {
    /// In any case of letters.
    ContainsFolded(String),
    Contains(String),
    Matches(Box<OroRegex>),
}

impl Selector {
    /// Whether `element` is met; `scope` is the element whose `:has` asks.
    fn meets(&self, element: ElementRef<'_>, scope: Option<ElementRef<'_>>) -> bool {
        self.0.iter().any(|chain| chain.meets(element, scope))
    }
}

impl Chain {
    fn meets(&self, element: ElementRef<'_>, scope: Option<ElementRef<'_>>) -> bool {
        self.meets_up_to(self.rest.len(), element, scope)
    }

    /// Whether `element` is met by the part at `index`, and others by those before it. Chains are
    /// short (the parser bounds them), so recursion is too.
    fn meets_up_to(
        &self,
        index: usize,
        element: ElementRef<'_>,
        scope: Option<ElementRef<'_>>,
    ) -> bool {
        let Some(before) = index.checked_sub(1) else {
            return self.first.meets(element) && self.starts_at(element, scope);
        };
        let (combinator, compound) = &self.rest[before];
        if !compound.meets(element) {
            return false;
        }
        let mut candidates = element::candidates(element, *combinator);
        candidates.any(|candidate| self.meets_up_to(before, candidate, scope))
    }

    fn starts_at(&self, element: ElementRef<'_>, scope: Option<ElementRef<'_>>) -> bool {
        match (self.start, scope) {
            (Combinator::Descendant, None) => true,
            // A page has no siblings, and one child.
            (Combinator::Child, None) => element::parent(element).is_none(),
            (Combinator::Next | Combinator::Later, None) => false,
            (combinator, Some(scope)) => {
                element::candidates(element, combinator).any(|candidate| candidate == scope)
            }
        }
    }
}

impl Compound {
    fn meets(&self, element: ElementRef<'_>) -> bool {
        self.0.iter().all(|test| test.meets(element))
    }
}

impl Test {
    fn meets(&self, element: ElementRef<'_>) -> bool {
        match self {
            Test::Any => true,
            Test::Never => false,
            Test::Tag(name) => element.value().name() == name,
            Test::Id(id) => element.attr("id") == Some(id),
            Test::Class(class) => element.attr("class").is_some_and(|classes| {
                let mut classes = classes.split_ascii_whitespace();
                classes.any(|one| one.eq_ignore_ascii_case(class))
            }),
            Test::HasAttribute(name) => element.attr(name).is_some(),
            Test::AttributePrefix(prefix) => element
                .value()
                .attrs()
                .any(|(name, _)| name.starts_with(prefix)),
            Test::Attribute(name, rule) => rule.meets(element.attr(name)),
            Test::Place(order, place) => element::place(element).cmp(place) == *order,
            Test::Nth(nth) => nth.meets(element),
            Test::OnlyChild => element::siblings(element).count() == 1,
            Test::OnlyOfType => {
                let name = element.value().name();
                element::siblings(element)
                    .filter(|sibling| sibling.value().name() == name)
                    .count()
                    == 1
            }
            Test::Empty => element
                .children()
                .all(|child| child.value().is_comment() || child.value().is_doctype()),
            Test::Root => element::parent(element).is_none(),
            Test::Has(selector) => element
                .descendants()
                .skip(1)
                .filter_map(ElementRef::wrap)
                .any(|inner| selector.meets(inner, Some(element))),
            Test::Is(selector) => selector.meets(element, None),
            Test::Not(selector) => !selector.meets(element, None),
            Test::Text(part, rule) => {
                let text = element::text(element, *part);
                match rule {
                    TextRule::ContainsFolded(wanted) => text.to_lowercase().contains(wanted),
                    TextRule::Contains(wanted) => text.contains(wanted),
                    // A search that takes too many steps finds nothing.
                    TextRule::Matches(regex) => regex.contains(&text).unwrap_or(false),
                }
            }
        }
    }
}

impl AttributeRule {
    fn meets(&self, value: Option<&str>) -> bool {
        let folded = |value: &str| value.to_lowercase();
        match (self, value) {
            (AttributeRule::NotEqual(wanted), None) => !wanted.is_empty(),
            (_, None) => false,
            (AttributeRule::Equal(wanted), Some(value)) => folded(value.trim()) == *wanted,
            (AttributeRule::NotEqual(wanted), Some(value)) => folded(value) != *wanted,
            (AttributeRule::StartsWith(wanted), Some(value)) => folded(value).starts_with(wanted),
            (AttributeRule::EndsWith(wanted), Some(value)) => folded(value).ends_with(wanted),
            (AttributeRule::Contains(wanted), Some(value)) => folded(value).contains(wanted),
            (AttributeRule::Matches(regex), Some(value)) => regex.contains(value).unwrap_or(false),
        }
    }
}

impl Nth {
    fn meets(self, element: ElementRef<'_>) -> bool {
        if element::parent(element).is_none() {
            return false;
        }
        let name = element.value().name();
        let same: Vec<_> = element::siblings(element)
            .filter(|sibling| !self.of_type || sibling.value().name() == name)
            .collect();
        let place = same.iter().position(|sibling| *sibling == element);
        let place = place.map_or(0, |place| match self.from_end {
            true => same.len() - place,
            false => place + 1,
        });
        let distance = i64::try_from(place).unwrap_or(i64::MAX) - self.offset;
        match self.step {
            0 => distance == 0,
            step => distance % step == 0 && distance / step >= 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_nesting_is_refused() {
        for piece in [":has(", ":not(", "a>", "a ", ":is(a,"] {
            let selector = piece.repeat(10_000);
            assert!(JsoupSelector::new(&selector).is_err(), "{piece}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_selector_panics(text in r#"([a-c.#>+~, :()\[\]=^$*!'"\\0-9n-]|:has\(|:eq\(|:nth-child\(|:contains\(){0,20}"#) {
            if let Ok(selector) = JsoupSelector::new(&text) {
                let page = Html::parse_document("<div class=a><b id=b>x</b><p>y</div>");
                let _ = selector.select(&page).count();
            }
        }
    }
}
