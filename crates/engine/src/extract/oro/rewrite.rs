//! Rewrites a pattern of ORO's dialect for PCRE2.

use std::iter::Peekable;
use std::str::Chars;

/// What `\s` matches in ORO: Java's `Character.isWhitespace`. PCRE2's own `\s` would take the
/// no-break space, too.
const WHITE_SPACE: &str =
    r"\x09-\x0d\x1c-\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}";

/// What `\w` matches in ORO: Java's `Character.isLetterOrDigit` and `_`. PCRE2's own `\w` would take
/// other numbers and combining marks, too.
const WORD: &str = r"\p{L}\p{Nd}_";

/// What PCRE2's `\S` lacks inside a class, since these are no white space in Java.
const NO_WHITE_SPACE: &str = r"\x{85}\x{a0}\x{2007}\x{202f}";

/// The pattern for PCRE2, in one group, or what is wrong with it.
pub(super) fn rewrite(pattern: &str) -> Result<String, String> {
    let mut rewriter = Rewriter {
        input: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() + 8),
        flags: String::new(),
        repeatable: Repeatable::Nothing,
    };
    rewriter.pattern()?;
    let flags = rewriter.flags;
    // With the flag `x` a comment may be open at the end.
    let close = if flags.contains('x') { "\n)" } else { ")" };
    let flags = if flags.is_empty() {
        String::new()
    } else {
        format!("(?{flags})")
    };
    Ok(format!("{flags}(?:{}{close}", rewriter.out))
}

/// What a repetition would apply to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeatable {
    /// Nothing: the pattern, a group or an alternative begins.
    Nothing,
    /// Something that can be repeated.
    Atom,
    /// An assertion such as `^`, which ORO repeats in vain and PCRE2 does not.
    Assertion,
    /// A repetition, after which only `?` may come.
    Repetition,
}

struct Rewriter<'p> {
    input: Peekable<Chars<'p>>,
    out: String,
    /// Flags of groups such as `(?i)`; they hold for the whole pattern.
    flags: String,
    repeatable: Repeatable,
}

impl Rewriter<'_> {
    fn pattern(&mut self) -> Result<(), String> {
        while let Some(character) = self.input.next() {
            match character {
                '\\' => self.escape()?,
                '[' => {
                    self.class()?;
                    self.repeatable = Repeatable::Atom;
                }
                '(' => self.open()?,
                ')' => {
                    self.out.push(')');
                    self.repeatable = Repeatable::Atom;
                }
                '|' => {
                    self.out.push('|');
                    self.repeatable = Repeatable::Nothing;
                }
                '*' | '+' | '?' => self.repetition(&character.to_string())?,
                '{' => match self.interval() {
                    Some(interval) if self.repeatable != Repeatable::Nothing => {
                        for _ in 1..interval.len() {
                            self.input.next();
                        }
                        self.repetition(&interval)?;
                    }
                    _ => {
                        self.out.push_str("\\{");
                        self.repeatable = Repeatable::Atom;
                    }
                },
                '^' | '$' => {
                    self.out.push(character);
                    self.repeatable = Repeatable::Assertion;
                }
                '#' if self.flags.contains('x') => {
                    // A comment up to the end of the line, which may hold any character.
                    while self.input.next_if(|next| *next != '\n').is_some() {}
                }
                _ => {
                    self.out.push(character);
                    self.repeatable = Repeatable::Atom;
                }
            }
        }
        Ok(())
    }

    /// `*`, `+`, `?` or an interval, with a `?` behind it for the least repetition.
    fn repetition(&mut self, text: &str) -> Result<(), String> {
        match self.repeatable {
            Repeatable::Nothing => return Err("`?`, `+` or `*` follows nothing".to_owned()),
            Repeatable::Repetition => return Err("nested repetitions".to_owned()),
            Repeatable::Atom => self.out.push_str(text),
            // Repeated or not, an assertion that may be left out says nothing.
            Repeatable::Assertion if text.starts_with(['*', '?']) || text.starts_with("{0") => {
                self.out.push_str("{0}");
                let start = self.assertion_start();
                self.out.insert_str(start, "(?:");
                let end = self.out.len() - "{0}".len();
                self.out.insert(end, ')');
            }
            Repeatable::Assertion => {}
        }
        if self.input.next_if_eq(&'?').is_some() && self.repeatable == Repeatable::Atom {
            self.out.push('?');
        }
        self.repeatable = Repeatable::Repetition;
        Ok(())
    }

    /// Where the assertion begins that was written last: one character, or two with a backslash,
    /// in front of the `{0}`.
    fn assertion_start(&self) -> usize {
        let written = &self.out[..self.out.len() - "{0}".len()];
        if written.ends_with(['^', '$']) {
            written.len() - 1
        } else {
            written.len() - 2
        }
    }

    /// The interval `{n}`, `{n,}` or `{n,m}` whose `{` has just been read, if it is one.
    fn interval(&self) -> Option<String> {
        let mut text = String::from("{");
        let mut commas = 0;
        for character in self.input.clone() {
            text.push(character);
            match character {
                '0'..='9' => {}
                ',' if commas == 0 && text.len() > 2 => commas += 1,
                '}' if text.len() > 2 => return Some(text),
                _ => return None,
            }
        }
        None
    }

    /// What follows `(`.
    fn open(&mut self) -> Result<(), String> {
        self.repeatable = Repeatable::Nothing;
        match self.input.peek() {
            Some('*') => return Err("`*` follows nothing".to_owned()),
            Some('?') => {
                self.input.next();
            }
            _ => {
                self.out.push('(');
                return Ok(());
            }
        }
        match self.input.next() {
            Some(kind @ (':' | '=' | '!')) => {
                self.out.push_str("(?");
                self.out.push(kind);
                Ok(())
            }
            Some('#') => {
                // A comment is nothing; what stood before it can still be repeated.
                match self.input.find(|character| *character == ')') {
                    Some(_) => {
                        self.out.push_str("(?:)");
                        self.repeatable = Repeatable::Atom;
                        Ok(())
                    }
                    None => Err("a comment is not closed".to_owned()),
                }
            }
            first => self.flag_group(first),
        }
    }

    /// `(?imsx)`: the flags that may be switched on; those behind `-` are ignored, as ORO does.
    fn flag_group(&mut self, first: Option<char>) -> Result<(), String> {
        let mut on = true;
        let mut next = first;
        loop {
            match next {
                Some(')') => return Ok(()),
                Some(flag @ ('i' | 'm' | 's' | 'x')) => {
                    if on && !self.flags.contains(flag) {
                        self.flags.push(flag);
                    }
                }
                Some('g' | 'o') => {}
                Some('-') if on => on = false,
                Some(other) => return Err(format!("sequence `(?{other}` is not known")),
                None => return Err("sequence `(?` is not complete".to_owned()),
            }
            next = self.input.next();
        }
    }

    /// What follows `\` outside of a class.
    fn escape(&mut self) -> Result<(), String> {
        let Some(character) = self.input.next() else {
            return Err("a backslash ends the pattern".to_owned());
        };
        self.repeatable = Repeatable::Atom;
        match character {
            's' => self.push_class("[", WHITE_SPACE),
            'S' => self.push_class("[^", WHITE_SPACE),
            'A' | 'Z' | 'G' | 'b' | 'B' => {
                self.repeatable = Repeatable::Assertion;
                self.push_escaped(character);
            }
            'w' => self.push_class("[", WORD),
            'W' => self.push_class("[^", WORD),
            'd' | 'D' => self.push_escaped(character),
            '1'..='9' => {
                self.push_escaped(character);
                while let Some(digit) = self.input.next_if(char::is_ascii_digit) {
                    self.out.push(digit);
                }
            }
            _ => self.escape_of_character(character),
        }
        Ok(())
    }

    fn push_class(&mut self, open: &str, content: &str) {
        self.out.push_str(open);
        self.out.push_str(content);
        self.out.push(']');
    }

    fn push_escaped(&mut self, character: char) {
        self.out.push('\\');
        self.out.push(character);
    }

    /// An escape that stands for one character, in a class or outside.
    fn escape_of_character(&mut self, character: char) {
        match character {
            't' | 'n' | 'r' | 'f' | 'e' | 'a' => self.push_escaped(character),
            'x' => {
                let mut digits = String::new();
                while digits.len() < 2
                    && let Some(digit) = self.input.next_if(char::is_ascii_hexdigit)
                {
                    digits.push(digit);
                }
                let digits = if digits.is_empty() { "0" } else { &digits };
                self.out.push_str(&format!("\\x{{{digits}}}"));
            }
            '0'..='7' => {
                let mut digits = String::from(character);
                while digits.len() < 3
                    && let Some(digit) = self.input.next_if(|digit| ('0'..='7').contains(digit))
                {
                    digits.push(digit);
                }
                let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
                self.out.push_str(&format!("\\x{{{code:x}}}"));
            }
            'c' => match self.input.next_if(|next| (' '..='~').contains(next)) {
                Some(control) => {
                    self.out.push_str("\\c");
                    self.out.push(control);
                }
                None => self.out.push('c'),
            },
            // Any other letter is itself in ORO, while PCRE2 knows most of them.
            _ if character.is_alphanumeric() => self.out.push(character),
            _ if character.is_ascii() => self.push_escaped(character),
            _ => self.out.push(character),
        }
    }

    /// What follows `[`, up to and with its `]`.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.input.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        if self.input.next_if_eq(&']').is_some() {
            self.out.push_str("\\]");
        }
        // PCRE2 takes `[:alpha:]` outside of a class for a mistake.
        if self.input.next_if_eq(&':').is_some() {
            self.out.push_str("\\:");
        }
        while let Some(character) = self.input.next() {
            match character {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '[' => match self.named_class() {
                    Some(name) => {
                        for _ in 1..name.len() {
                            self.input.next();
                        }
                        self.out.push_str(&name);
                    }
                    None => self.out.push_str("\\["),
                },
                '\\' => {
                    let Some(escaped) = self.input.next() else {
                        break;
                    };
                    self.escape_in_class(escaped);
                }
                _ => self.out.push(character),
            }
        }
        Err("unmatched `[`".to_owned())
    }

    /// `\` and `escaped` inside a class.
    fn escape_in_class(&mut self, escaped: char) {
        match escaped {
            's' => self.out.push_str(WHITE_SPACE),
            'w' => self.out.push_str(WORD),
            'S' => {
                self.push_escaped(escaped);
                self.out.push_str(NO_WHITE_SPACE);
            }
            'W' | 'd' | 'D' => self.push_escaped(escaped),
            'b' => return self.push_escaped(escaped),
            _ => return self.escape_of_character(escaped),
        }
        // A class is no end of a range.
        if self.input.next_if_eq(&'-').is_some() {
            self.out.push_str("\\-");
        }
    }

    /// The class `[:name:]` whose `[` has just been read, if it is one that both engines know.
    fn named_class(&self) -> Option<String> {
        let rest: String = self.input.clone().take(12).collect();
        let inner = rest.strip_prefix(':')?;
        let (name, _) = inner.split_once(":]")?;
        let plain = name.strip_prefix('^').unwrap_or(name);
        let known = [
            "alpha", "alnum", "ascii", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        known.contains(&plain).then(|| format!("[:{name}:]"))
    }
}
