//! What of XPath 2 and 3.1 an expression asks for that is not evaluated here.
//!
//! The engine reads XPath 1.0's grammar, `*:name`, and some functions of XPath 2 (see
//! `loadline_engine::extract::XPath2`). This looks at an expression word by word, before a run, and
//! names the first thing beyond that. Not here: whether the expression is well formed.

/// Functions of one value or of sequences that may stand anywhere.
const FUNCTIONS: &[&str] = &[
    "boolean",
    "ceiling",
    "concat",
    "contains",
    "count",
    "empty",
    "ends-with",
    "exists",
    "false",
    "floor",
    "id",
    "lang",
    "last",
    "local-name",
    "lower-case",
    "name",
    "namespace-uri",
    "normalize-space",
    "not",
    "number",
    "position",
    "round",
    "starts-with",
    "string",
    "string-length",
    "substring",
    "substring-after",
    "substring-before",
    "sum",
    "translate",
    "true",
    "upper-case",
];

/// Functions that must be the whole expression.
const WHOLE: &[&str] = &[
    "avg",
    "data",
    "distinct-values",
    "max",
    "min",
    "string-join",
];

/// Functions that may be the last step of a path.
const LAST_STEPS: &[&str] = &[
    "data",
    "local-name",
    "lower-case",
    "name",
    "normalize-space",
    "number",
    "string",
    "string-length",
    "upper-case",
];

const NODE_TESTS: &[&str] = &["comment", "node", "processing-instruction", "text"];

/// Operators that are words.
const OPERATORS: &[&str] = &["and", "div", "mod", "or"];

/// The first construct of `query` that is not evaluated, in words.
pub(crate) fn unsupported(query: &str) -> Option<String> {
    Scan {
        query,
        at: 0,
        behind_operand: false,
        behind_slash: false,
        calls: Vec::new(),
    }
    .run()
}

struct Scan<'q> {
    query: &'q str,
    at: usize,
    /// Whether an operator may come next.
    behind_operand: bool,
    behind_slash: bool,
    /// Of each open bracket, whether it holds the arguments of a function.
    calls: Vec<bool>,
}

impl Scan<'_> {
    fn run(mut self) -> Option<String> {
        while let Some(character) = self.query[self.at..].chars().next() {
            if character.is_whitespace() {
                self.at += character.len_utf8();
                continue;
            }
            if let Some(found) = self.word(character) {
                return Some(found);
            }
            self.behind_slash = character == '/';
        }
        None
    }

    /// Takes the word that begins with `character`; what it is if it is not evaluated.
    fn word(&mut self, character: char) -> Option<String> {
        let rest = &self.query[self.at..];
        let known = |operator: &str| Some(format!("operator `{operator}`"));
        match character {
            '"' | '\'' => {
                let length = rest[1..].find(character).map_or(rest.len(), |end| end + 2);
                self.operand(length);
            }
            '$' if rest.starts_with("${") => {
                let length = rest.find('}').map_or(rest.len(), |end| end + 1);
                self.operand(length);
            }
            '$' => return Some("variables (`for`, `let`, `some`, `every`)".to_owned()),
            '*' if rest.starts_with("*:") && !self.behind_operand => self.at += 2,
            '*' => {
                self.at += 1;
                self.behind_operand = !self.behind_operand;
            }
            '(' | '[' => {
                self.calls.push(character == '[');
                self.operator(1);
            }
            ')' | ']' => {
                self.calls.pop();
                self.operand(1);
            }
            ',' if self.calls.last() != Some(&true) => {
                return Some("a sequence `(a, b)`".to_owned());
            }
            '!' if !rest.starts_with("!=") => return known("!"),
            '|' if rest.starts_with("||") => return known("||"),
            '=' if rest.starts_with("=>") => return known("=>"),
            '<' if rest.starts_with("<<") => return known("<<"),
            '>' if rest.starts_with(">>") => return known(">>"),
            '{' | '?' | '#' => return Some(format!("`{character}` of XPath 3.1")),
            '.' => self.operand(1),
            first if first.is_alphanumeric() || first == '_' => return self.name(),
            _ => self.operator(character.len_utf8()),
        }
        None
    }

    fn operand(&mut self, length: usize) {
        self.at += length;
        self.behind_operand = true;
    }

    fn operator(&mut self, length: usize) {
        self.at += length;
        self.behind_operand = false;
    }

    fn name(&mut self) -> Option<String> {
        let rest = &self.query[self.at..];
        let is_part = |part: char| part.is_alphanumeric() || matches!(part, '-' | '_' | '.');
        let length = rest.find(|part| !is_part(part)).unwrap_or(rest.len());
        let name = &rest[..length];
        let tail = rest[length..].trim_start();
        if self.behind_operand {
            if OPERATORS.contains(&name) {
                self.operator(length);
                return None;
            }
            return Some(format!("operator `{name}`"));
        }
        if !tail.starts_with('(') {
            // A name, an axis or a prefix; behind the colon follows another name.
            self.operand(length);
            if tail.starts_with(':') {
                let colons = tail.len() - tail.trim_start_matches(':').len();
                self.operator(rest.len() - length - tail.len() + colons);
            }
            return None;
        }
        if NODE_TESTS.contains(&name) {
            self.operand(length);
            return None;
        }
        let ends_all = ends_with_its_bracket(tail);
        let allowed = if self.behind_slash {
            LAST_STEPS.contains(&name) && ends_all && self.calls.is_empty()
        } else {
            let is_whole = self.query[..self.at].trim().is_empty() && ends_all;
            FUNCTIONS.contains(&name) || (WHOLE.contains(&name) && is_whole)
        };
        if !allowed {
            return Some(format!("function `{name}()`"));
        }
        // The bracket of the arguments.
        self.operator(rest.len() - tail.len() + 1);
        self.calls.push(true);
        None
    }
}

/// Whether the bracket at the beginning of `text` is closed at its end.
fn ends_with_its_bracket(text: &str) -> bool {
    let text = text.trim_end();
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (character, quote) {
            (character, Some(open)) if character == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(character),
            ('(', None) => depth += 1,
            (')', None) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == text.len();
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xpath_1_and_2_share_is_supported() {
        for query in [
            "//item[@id='1' and position()<3]/@id",
            "/*:root/*:item[2]",
            "//p:item/p:*/text()",
            "child::and/or/div",
            "count(//item) * 2 div 3 mod 4 - 1",
            "concat('a,b', \"(c\", //x)",
            "//a/string(@id)",
            "//a | //b",
            "string-join(//a/@id, ', ')",
            "//a[ends-with(., 'x') or not(@b)]",
            "//a[@id='${id}' or . = ${n}]",
            "ancestor-or-self::node()/..",
            "/",
        ] {
            assert_eq!(unsupported(query), None, "{query}");
        }
    }

    #[test]
    fn the_rest_is_named() {
        for (query, expected) in [
            (
                "for $i in //a return $i",
                "variables (`for`, `let`, `some`, `every`)",
            ),
            ("//a[. eq 'x']", "operator `eq`"),
            ("1 to 3", "operator `to`"),
            ("(1, 2)", "a sequence `(a, b)`"),
            ("//a, //b", "a sequence `(a, b)`"),
            ("matches(//a, 'x')", "function `matches()`"),
            ("if (//a) then 1 else 2", "function `if()`"),
            ("//a ! string()", "operator `!`"),
            ("//a/string()/..", "function `string()`"),
            ("1 + max(//a)", "function `max()`"),
            ("'a' || 'b'", "operator `||`"),
            ("xs:date('2020-01-01')", "function `date()`"),
            ("map{}", "`{` of XPath 3.1"),
            ("$x", "variables (`for`, `let`, `some`, `every`)"),
        ] {
            assert_eq!(unsupported(query).as_deref(), Some(expected), "{query}");
        }
    }
}
