//! Selectors from their texts, as jsoup's `QueryParser` reads them.

use std::cmp::Ordering;

use super::super::oro::OroRegex;
use super::{AttributeRule, Chain, Combinator, Compound, Nth, Selector, Test, TextPart, TextRule};

/// Deepest nesting of selectors in selectors.
const MAX_DEPTH: u32 = 20;

/// Most elements of one chain.
const MAX_CHAIN: usize = 100;

/// Parses `text`.
///
/// # Errors
///
/// What is wrong.
pub(super) fn parse(text: &str) -> Result<Selector, String> {
    parse_at(text, 0)
}

fn parse_at(text: &str, depth: u32) -> Result<Selector, String> {
    if depth > MAX_DEPTH {
        return Err("selector is nested too deep".to_owned());
    }
    if text.trim().is_empty() {
        return Err("selector is empty".to_owned());
    }
    let mut reader = Reader {
        rest: text.trim(),
        depth,
    };
    let mut chains = vec![reader.chain()?];
    while reader.take(",") {
        reader.skip_space();
        chains.push(reader.chain()?);
    }
    match reader.rest {
        "" => Ok(Selector(chains)),
        rest => Err(format!("unexpected token at `{rest}`")),
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

impl<'t> Reader<'t> {
    fn take(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start();
        self.rest.len() < before
    }

    /// The combinator that comes next, white space alone included; `None` at the end of a chain.
    fn combinator(&mut self) -> Option<Combinator> {
        let spaced = self.skip_space();
        let found = match self.rest.chars().next()? {
            '>' => Combinator::Child,
            '+' => Combinator::Next,
            '~' => Combinator::Later,
            ',' => return None,
            _ => return spaced.then_some(Combinator::Descendant),
        };
        self.rest = &self.rest[1..];
        self.skip_space();
        Some(found)
    }

    fn chain(&mut self) -> Result<Chain, String> {
        let start = match self.rest.starts_with(['>', '+', '~']) {
            true => self.combinator().unwrap_or(Combinator::Descendant),
            false => Combinator::Descendant,
        };
        let first = self.compound()?;
        let mut rest = Vec::new();
        while let Some(combinator) = self.combinator() {
            rest.push((combinator, self.compound()?));
            if rest.len() > MAX_CHAIN {
                return Err(format!("chain has more than {MAX_CHAIN} elements"));
            }
        }
        Ok(Chain { start, first, rest })
    }

    fn compound(&mut self) -> Result<Compound, String> {
        let mut tests = Vec::new();
        // A combinator directly behind another one is nothing that an element could meet.
        if self.rest.starts_with(['>', '+', '~']) {
            return Ok(Compound(vec![Test::Never]));
        }
        while let Some(next) = self.rest.chars().next() {
            match next {
                '#' => {
                    self.rest = &self.rest[1..];
                    tests.push(Test::Id(self.identifier()?));
                }
                '.' => {
                    self.rest = &self.rest[1..];
                    tests.push(Test::Class(self.identifier()?.trim().to_owned()));
                }
                '[' => tests.push(self.attribute()?),
                ':' => {
                    self.rest = &self.rest[1..];
                    tests.push(self.pseudo()?);
                }
                '*' => {
                    self.rest = &self.rest[1..];
                    match self.take("|") {
                        // Any namespace.
                        true => tests.push(Test::Tag(self.identifier()?.to_lowercase())),
                        false => tests.push(Test::Any),
                    }
                }
                letter if letter.is_alphanumeric() || matches!(letter, '_' | '-' | '\\') => {
                    let name = self.identifier()?.to_lowercase();
                    let name = match self.take("|") {
                        true => format!("{name}:{}", self.identifier()?.to_lowercase()),
                        false => name,
                    };
                    tests.push(Test::Tag(name));
                }
                _ => break,
            }
        }
        match tests.is_empty() {
            true => Err(format!("could not parse query at `{}`", self.rest)),
            false => Ok(Compound(tests)),
        }
    }

    /// A name; a backslash takes what follows as it is.
    fn identifier(&mut self) -> Result<String, String> {
        let mut name = String::new();
        let mut characters = self.rest.chars();
        loop {
            let rest = characters.as_str();
            match characters.next() {
                Some('\\') => name.extend(characters.next()),
                Some(part) if part.is_alphanumeric() || matches!(part, '-' | '_') => {
                    name.push(part);
                }
                _ => {
                    self.rest = rest;
                    break;
                }
            }
        }
        match name.is_empty() {
            true => Err(format!("name is missing at `{}`", self.rest)),
            false => Ok(name),
        }
    }

    /// What stands between `open`, which is next, and the `close` that belongs to it. Quotes and
    /// backslashes protect.
    fn balanced(&mut self, open: char, close: char) -> Result<&'t str, String> {
        if !self.rest.starts_with(open) {
            return Err(format!("`{open}` is missing at `{}`", self.rest));
        }
        let mut depth = 0_usize;
        let mut quote = None;
        let mut escaped = false;
        for (at, character) in self.rest.char_indices() {
            if escaped {
                escaped = false;
                continue;
            }
            match (character, quote) {
                ('\\', _) => escaped = true,
                ('\'' | '"', None) if at > 0 => quote = Some(character),
                (character, Some(open_quote)) if character == open_quote => quote = None,
                (_, Some(_)) => {}
                (character, None) if character == open => depth += 1,
                (character, None) if character == close => {
                    depth -= 1;
                    if depth == 0 {
                        let inner = &self.rest[open.len_utf8()..at];
                        self.rest = &self.rest[at + close.len_utf8()..];
                        return Ok(inner);
                    }
                }
                _ => {}
            }
        }
        Err(format!("`{close}` is missing behind `{}`", self.rest))
    }

    /// The argument of a pseudo-class, with escapes resolved.
    fn argument(&mut self) -> Result<String, String> {
        let argument = self.balanced('(', ')')?;
        match argument.trim() {
            "" => Err("argument is empty".to_owned()),
            _ => Ok(argument.to_owned()),
        }
    }

    fn attribute(&mut self) -> Result<Test, String> {
        let inner = self.balanced('[', ']')?;
        let operator = ["!=", "^=", "$=", "*=", "~=", "="]
            .into_iter()
            .filter_map(|operator| Some((inner.find(operator)?, operator)))
            .min_by_key(|(at, operator)| (*at, std::cmp::Reverse(operator.len())));
        let Some((at, operator)) = operator else {
            let name = inner.trim().to_lowercase();
            return match name.strip_prefix('^') {
                Some(prefix) if !prefix.is_empty() => Ok(Test::AttributePrefix(prefix.to_owned())),
                None if !name.is_empty() => Ok(Test::HasAttribute(name)),
                _ => Err("name of an attribute is missing".to_owned()),
            };
        };
        let name = inner[..at].trim().to_lowercase();
        if name.is_empty() {
            return Err("name of an attribute is missing".to_owned());
        }
        let value = inner[at + operator.len()..].trim();
        let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let plain = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
        let folded = plain.trim().to_lowercase();
        let rule = match operator {
            "=" => AttributeRule::Equal(folded),
            "!=" => AttributeRule::NotEqual(folded),
            "~=" => {
                let regex = OroRegex::new(value).map_err(|error| error.to_string())?;
                AttributeRule::Matches(Box::new(regex))
            }
            _ if folded.is_empty() => return Err("value of an attribute is missing".to_owned()),
            "^=" => AttributeRule::StartsWith(folded),
            "$=" => AttributeRule::EndsWith(folded),
            _ => AttributeRule::Contains(folded),
        };
        Ok(Test::Attribute(name, rule))
    }

    fn pseudo(&mut self) -> Result<Test, String> {
        let name = self.identifier()?;
        Ok(match &*name.to_ascii_lowercase() {
            "eq" => Test::Place(Ordering::Equal, self.place()?),
            "lt" => Test::Place(Ordering::Less, self.place()?),
            "gt" => Test::Place(Ordering::Greater, self.place()?),
            "has" => Test::Has(self.selector()?),
            "is" => Test::Is(self.selector()?),
            "not" => Test::Not(self.selector()?),
            "contains" => self.folded(TextPart::All)?,
            "containsown" => self.folded(TextPart::Own)?,
            "containsdata" => self.folded(TextPart::Data)?,
            "containswholetext" => self.exact(TextPart::Whole)?,
            "containswholeowntext" => self.exact(TextPart::WholeOwn)?,
            "matches" => self.matching(TextPart::All)?,
            "matchesown" => self.matching(TextPart::Own)?,
            "matcheswholetext" => self.matching(TextPart::Whole)?,
            "matcheswholeowntext" => self.matching(TextPart::WholeOwn)?,
            "nth-child" => self.nth(false, false)?,
            "nth-last-child" => self.nth(false, true)?,
            "nth-of-type" => self.nth(true, false)?,
            "nth-last-of-type" => self.nth(true, true)?,
            "first-child" => first(false, false),
            "last-child" => first(false, true),
            "first-of-type" => first(true, false),
            "last-of-type" => first(true, true),
            "only-child" => Test::OnlyChild,
            "only-of-type" => Test::OnlyOfType,
            "empty" => Test::Empty,
            "root" => Test::Root,
            _ => return Err(format!("pseudo-class `:{name}` is not known")),
        })
    }

    fn selector(&mut self) -> Result<Selector, String> {
        let inner = self.balanced('(', ')')?;
        parse_at(inner, self.depth + 1)
    }

    fn place(&mut self) -> Result<usize, String> {
        let argument = self.argument()?;
        let place = argument.trim();
        let digits = place.bytes().all(|byte| byte.is_ascii_digit());
        let parsed = digits.then(|| place.parse().ok()).flatten();
        parsed.ok_or_else(|| format!("`{place}` is no index"))
    }

    fn folded(&mut self, part: TextPart) -> Result<Test, String> {
        let wanted = unescaped(&self.argument()?);
        let words: Vec<&str> = wanted.split_whitespace().collect();
        let joined = words.join(" ");
        // White space at the ends is kept as one space.
        let begins = if wanted.starts_with(char::is_whitespace) {
            " "
        } else {
            ""
        };
        let ends = if wanted.ends_with(char::is_whitespace) {
            " "
        } else {
            ""
        };
        let wanted = format!("{begins}{joined}{ends}").to_lowercase();
        Ok(Test::Text(part, TextRule::ContainsFolded(wanted)))
    }

    fn exact(&mut self, part: TextPart) -> Result<Test, String> {
        let wanted = unescaped(&self.argument()?);
        Ok(Test::Text(part, TextRule::Contains(wanted)))
    }

    fn matching(&mut self, part: TextPart) -> Result<Test, String> {
        let regex = OroRegex::new(&self.argument()?).map_err(|error| error.to_string())?;
        Ok(Test::Text(part, TextRule::Matches(Box::new(regex))))
    }

    fn nth(&mut self, of_type: bool, from_end: bool) -> Result<Test, String> {
        let argument = self.argument()?;
        let text: String = argument.to_lowercase().split_whitespace().collect();
        let (step, offset) = match &*text {
            "odd" => (2, 1),
            "even" => (2, 0),
            text => nth_terms(text).ok_or_else(|| format!("`{text}` is no place"))?,
        };
        Ok(Test::Nth(Nth {
            step,
            offset,
            of_type,
            from_end,
        }))
    }
}

fn first(of_type: bool, from_end: bool) -> Test {
    Test::Nth(Nth {
        step: 0,
        offset: 1,
        of_type,
        from_end,
    })
}

/// The two numbers of `an+b`, `an` or `b`.
fn nth_terms(text: &str) -> Option<(i64, i64)> {
    let number = |text: &str| -> Option<i64> {
        let number: i32 = text.strip_prefix('+').unwrap_or(text).parse().ok()?;
        Some(number.into())
    };
    let Some((step, offset)) = text.split_once('n') else {
        return Some((0, number(text)?));
    };
    let step = match step {
        "" | "+" => 1,
        "-" => -1,
        step => number(step)?,
    };
    let offset = match offset {
        "" => 0,
        offset => number(offset)?,
    };
    Some((step, offset))
}

/// `text` without backslashes, but those that stand for themselves.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    out
}
