//! Java's regular expressions in the words of PCRE2.
//!
//! Most of the two dialects is the same text. What is not: classes inside classes and their intersections (`[a-z&&[^aeiou]]`), Java's
//! names of properties (`\p{Punct}`, `\p{IsLatin}`, `\p{javaLowerCase}`), `\uXXXX`, octal numbers, references to groups that do not exist,
//! a `{` that is no repetition (an error in Java), and escapes that only PCRE2 has.
//!
//! Known differences: without `(?u)` Java folds the case of ASCII letters alone, PCRE2 that of all letters; a word ends (`\b`) at a letter
//! beyond ASCII; blocks of Unicode (`\p{InGreek}`) and `\b{g}` are refused.
//!
//! Not here: compiling and matching (see `regex`).

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// `source` for PCRE2, and whether its classes are those of Unicode (`(?U)`).
///
/// # Errors
///
/// Java's words for what is wrong, and where, in characters.
pub(super) fn to_pcre2(source: &str, comments: bool) -> Result<(String, bool), (String, usize)> {
    // Once to count the groups, which a reference may stand in front of.
    let mut counting = Reader::new(source, comments, usize::MAX);
    counting.whole()?;
    let groups = counting.groups_seen;
    let mut reader = Reader::new(source, comments, groups);
    reader.whole()?;
    Ok((reader.out, reader.unicode))
}

/// The characters that a class stands for.
enum Set {
    /// The inside of a class of PCRE2.
    Plain(String),
    Not(Box<Set>),
    Either(Box<Set>, Box<Set>),
    Both(Box<Set>, Box<Set>),
}

impl Set {
    /// Either of two, as one class where that is possible.
    fn or(self, other: Set) -> Set {
        match (self, other) {
            (Set::Plain(mut one), Set::Plain(two)) => {
                one.push_str(&two);
                Set::Plain(one)
            }
            (one, two) => Set::Either(Box::new(one), Box::new(two)),
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Set::Plain(inside) => {
                let _ = write!(out, "[{inside}]");
            }
            Set::Not(set) => match &**set {
                Set::Plain(inside) => {
                    let _ = write!(out, "[^{inside}]");
                }
                other => {
                    out.push_str("(?:(?!");
                    other.write(out);
                    out.push_str(")(?s:.))");
                }
            },
            Set::Either(one, two) => {
                out.push_str("(?:");
                one.write(out);
                out.push('|');
                two.write(out);
                out.push(')');
            }
            Set::Both(one, two) => {
                out.push_str("(?:(?=");
                one.write(out);
                out.push(')');
                two.write(out);
                out.push(')');
            }
        }
    }
}

/// What an escape stands for.
enum Escape {
    Character(char),
    Class(Set),
    /// A place or something else that has no meaning in a class.
    Outside(String),
}

struct Reader<'s> {
    source: &'s str,
    rest: Peekable<Chars<'s>>,
    out: String,
    comments: bool,
    unicode: bool,
    /// How many groups the whole pattern has.
    groups: usize,
    groups_seen: usize,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str, comments: bool, groups: usize) -> Self {
        Self {
            source,
            rest: source.chars().peekable(),
            out: String::new(),
            comments,
            unicode: false,
            groups,
            groups_seen: 0,
        }
    }

    fn fault<T>(&self, words: &str) -> Result<T, (String, usize)> {
        let read = self.source.chars().count() - self.rest.clone().count();
        Err((words.to_owned(), read))
    }

    fn whole(&mut self) -> Result<(), (String, usize)> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => match self.escape()? {
                    Escape::Character(character) => push_literal(&mut self.out, character),
                    Escape::Class(set) => set.write(&mut self.out),
                    Escape::Outside(text) => self.out.push_str(&text),
                },
                '[' => {
                    let set = self.class()?;
                    set.write(&mut self.out);
                }
                '(' => self.group()?,
                '{' => self.repetition()?,
                '#' if self.comments => {
                    self.out.push('#');
                    for character in self.rest.by_ref() {
                        self.out.push(character);
                        if matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') {
                            break;
                        }
                    }
                }
                character => self.out.push(character),
            }
        }
        Ok(())
    }

    /// What follows a `(`.
    fn group(&mut self) -> Result<(), (String, usize)> {
        self.out.push('(');
        if self.rest.peek() == Some(&'*') {
            // PCRE2's verbs; in Java there is nothing to repeat.
            return self.fault("Dangling meta character '*'");
        }
        if self.rest.next_if_eq(&'?').is_none() {
            self.groups_seen += 1;
            return Ok(());
        }
        self.out.push('?');
        match self.rest.peek() {
            Some(':' | '=' | '!' | '>') => {
                self.out.extend(self.rest.next());
                Ok(())
            }
            Some('<') => {
                self.out.extend(self.rest.next());
                match self.rest.peek() {
                    Some('=' | '!') => self.out.extend(self.rest.next()),
                    Some(first) if first.is_ascii_alphabetic() => self.groups_seen += 1,
                    _ => return self.fault("Unknown look-behind group"),
                }
                Ok(())
            }
            _ => self.flags(),
        }
    }

    /// The flags of `(?ims)` and `(?ims:`, up to their end.
    fn flags(&mut self) -> Result<(), (String, usize)> {
        let mut on = true;
        while let Some(flag) = self.rest.next() {
            match flag {
                'i' | 'm' | 's' => self.out.push(flag),
                'x' => {
                    self.comments = on;
                    self.out.push(flag);
                }
                '-' if on => {
                    on = false;
                    self.out.push('-');
                }
                // Lines end as PCRE2 is told; case is folded beyond ASCII anyway.
                'd' | 'u' => {}
                'U' => self.unicode |= on,
                ')' | ':' => {
                    self.out.push(flag);
                    return Ok(());
                }
                _ => return self.fault("Unknown inline modifier"),
            }
        }
        self.fault("Unknown group type")
    }

    /// What follows a `{`.
    fn repetition(&mut self) -> Result<(), (String, usize)> {
        let mut ahead = self.rest.clone();
        let inside: String = ahead.by_ref().take_while(|next| *next != '}').collect();
        let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
        let is_number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        if least.is_empty() || !is_number(least) || !is_number(most) {
            return self.fault("Illegal repetition");
        }
        let _ = write!(self.out, "{{{inside}}}");
        self.rest = ahead;
        Ok(())
    }

    /// The class whose `[` has been read, up to its `]`.
    fn class(&mut self) -> Result<Set, (String, usize)> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let set = self.intersection()?;
        if self.rest.next().is_none() {
            return self.fault("Unclosed character class");
        }
        Ok(if is_negated {
            Set::Not(Box::new(set))
        } else {
            set
        })
    }

    /// Unions with `&&` between them, up to the `]`.
    fn intersection(&mut self) -> Result<Set, (String, usize)> {
        let mut all: Option<Set> = None;
        loop {
            let union = self.union(all.is_some())?;
            all = match (all, union) {
                (None, union) => union,
                (Some(all), None) => Some(all),
                (Some(all), Some(union)) => Some(Set::Both(Box::new(all), Box::new(union))),
            };
            if self.rest.peek() != Some(&'&') {
                break;
            }
            while self.rest.next_if_eq(&'&').is_some() {}
        }
        match all {
            Some(set) => Ok(set),
            None => self.fault("Bad class syntax"),
        }
    }

    /// What stands up to the next `&&` or `]`; nothing, if nothing does. The first `]` of a class stands for itself, one behind `&&`
    /// does not.
    fn union(&mut self, is_behind_and: bool) -> Result<Option<Set>, (String, usize)> {
        let mut union: Option<Set> = None;
        loop {
            let item = match self.rest.peek().copied() {
                None => return self.fault("Unclosed character class"),
                Some(']') if union.is_some() || is_behind_and => return Ok(union),
                Some('&') if self.is_next("&&") => return Ok(union),
                Some('[') => {
                    self.rest.next();
                    self.class()?
                }
                Some(space) if self.comments && space.is_ascii_whitespace() => {
                    self.rest.next();
                    continue;
                }
                Some(_) => self.range()?,
            };
            union = Some(match union {
                None => item,
                Some(before) => before.or(item),
            });
        }
    }

    fn is_next(&self, text: &str) -> bool {
        let mut ahead = self.rest.clone();
        text.chars()
            .all(|character| ahead.next() == Some(character))
    }

    /// A character, a range or an escape inside a class.
    fn range(&mut self) -> Result<Set, (String, usize)> {
        let Some(first) = self.rest.next() else {
            return self.fault("Unclosed character class");
        };
        let first = match first {
            '\\' => match self.escape()? {
                Escape::Character(character) => character,
                Escape::Class(set) => return Ok(set),
                Escape::Outside(_) => return self.fault("Illegal/unsupported escape sequence"),
            },
            character => character,
        };
        let mut inside = String::new();
        push_literal(&mut inside, first);
        let mut ahead = self.rest.clone();
        let is_range = ahead.next() == Some('-') && !matches!(ahead.next(), None | Some(']' | '['));
        if is_range {
            self.rest.next();
            let last = match self.rest.next() {
                Some('\\') => match self.escape()? {
                    Escape::Character(character) => character,
                    _ => return self.fault("Illegal character range"),
                },
                Some(character) => character,
                None => return self.fault("Unclosed character class"),
            };
            if last < first {
                return self.fault("Illegal character range");
            }
            inside.push('-');
            push_literal(&mut inside, last);
        }
        Ok(Set::Plain(inside))
    }

    /// What follows a `\`.
    fn escape(&mut self) -> Result<Escape, (String, usize)> {
        let Some(letter) = self.rest.next() else {
            return self.fault("Unexpected internal error");
        };
        Ok(match letter {
            't' => Escape::Character('\t'),
            'n' => Escape::Character('\n'),
            'r' => Escape::Character('\r'),
            'f' => Escape::Character('\u{c}'),
            'a' => Escape::Character('\u{7}'),
            'e' => Escape::Character('\u{1b}'),
            'c' => match self.rest.next() {
                Some(control) if control.is_ascii() => {
                    Escape::Character(char::from(control as u8 ^ 64))
                }
                _ => return self.fault("Illegal control escape sequence"),
            },
            '0' => self.octal()?,
            'x' => self.hexadecimal()?,
            'u' => self.utf16()?,
            '1'..='9' => self.reference(letter),
            'Q' => Escape::Outside(self.quoted()),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'h' | 'H' | 'v' | 'V' => {
                Escape::Class(Set::Plain(format!("\\{letter}")))
            }
            'b' if self.rest.peek() == Some(&'{') => {
                return self.fault("\\b{...} is not supported");
            }
            'R' | 'X' | 'b' | 'B' | 'A' | 'G' | 'Z' | 'z' => Escape::Outside(format!("\\{letter}")),
            'k' => {
                if self.rest.peek() != Some(&'<') {
                    return self.fault("\\k is not followed by '<' for named capturing group");
                }
                Escape::Outside("\\k".to_owned())
            }
            'p' => Escape::Class(self.property()?),
            'P' => Escape::Class(Set::Not(Box::new(self.property()?))),
            letter if letter.is_ascii_alphabetic() => {
                return self.fault("Illegal/unsupported escape sequence");
            }
            other => Escape::Character(other),
        })
    }

    /// Java takes the longest number of a group that exists. A reference to none never matches.
    fn reference(&mut self, first: char) -> Escape {
        let mut number = first.to_digit(10).unwrap_or(0) as usize;
        while let Some(digit) = self.rest.peek().and_then(|next| next.to_digit(10)) {
            let longer = number * 10 + digit as usize;
            if longer > self.groups_seen {
                break;
            }
            number = longer;
            self.rest.next();
        }
        Escape::Outside(match number <= self.groups {
            true => format!("\\g{{{number}}}"),
            false => "(?!)".to_owned(),
        })
    }

    /// `\0n`, `\0nn`, `\0mnn` with m up to 3.
    fn octal(&mut self) -> Result<Escape, (String, usize)> {
        let mut value = 0;
        let mut count = 0;
        while let Some(digit) = self.rest.peek().and_then(|next| next.to_digit(8)) {
            if count == 3 || (count == 2 && value > 0o37) {
                break;
            }
            value = value * 8 + digit;
            count += 1;
            self.rest.next();
        }
        match char::from_u32(value) {
            Some(character) if count > 0 => Ok(Escape::Character(character)),
            _ => self.fault("Illegal octal escape sequence"),
        }
    }

    /// `\xhh` or `\x{h...}`.
    fn hexadecimal(&mut self) -> Result<Escape, (String, usize)> {
        let digits: String = if self.rest.next_if_eq(&'{').is_some() {
            self.rest.by_ref().take_while(|next| *next != '}').collect()
        } else {
            self.rest.by_ref().take(2).collect()
        };
        match u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
        {
            Some(character) => Ok(Escape::Character(character)),
            None => self.fault("Illegal hexadecimal escape sequence"),
        }
    }

    /// `\uhhhh`, or two of them for a character beyond U+FFFF.
    fn utf16(&mut self) -> Result<Escape, (String, usize)> {
        let mut units = vec![self.unit()?];
        let is_high = (0xD800..0xDC00).contains(&units[0]);
        if is_high && self.is_next("\\u") {
            self.rest.next();
            self.rest.next();
            units.push(self.unit()?);
        }
        match char::decode_utf16(units).next() {
            Some(Ok(character)) => Ok(Escape::Character(character)),
            _ => self.fault("Illegal Unicode escape sequence"),
        }
    }

    fn unit(&mut self) -> Result<u16, (String, usize)> {
        let digits: String = self.rest.by_ref().take(4).collect();
        match u16::from_str_radix(&digits, 16) {
            Ok(unit) if digits.len() == 4 => Ok(unit),
            _ => self.fault("Illegal Unicode escape sequence"),
        }
    }

    /// The text of `\Q...\E`.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while !self.is_next("\\E") {
            match self.rest.next() {
                Some(character) => push_literal(&mut text, character),
                None => return text,
            }
        }
        self.rest.next();
        self.rest.next();
        text
    }

    /// What follows `\p` or `\P`.
    fn property(&mut self) -> Result<Set, (String, usize)> {
        let name: String = if self.rest.next_if_eq(&'{').is_some() {
            self.rest.by_ref().take_while(|next| *next != '}').collect()
        } else {
            self.rest.next().into_iter().collect()
        };
        let plain = |text: &str| Ok(Set::Plain(text.to_owned()));
        if let Some((_, ascii, unicode)) = CLASSES.iter().find(|(class, ..)| *class == name) {
            return plain(if self.unicode { unicode } else { ascii });
        }
        let of_unicode = match name.split_once('=') {
            Some(("sc" | "script" | "gc" | "general_category", value)) => value,
            Some(_) => return self.fault(&format!("Unknown Unicode property {{{name}}}")),
            None => name.strip_prefix("Is").unwrap_or(&name),
        };
        let of_unicode = match of_unicode {
            "javaLowerCase" | "LOWERCASE" => "Lowercase",
            "javaUpperCase" | "UPPERCASE" => "Uppercase",
            "javaTitleCase" | "TITLECASE" | "Titlecase" => "Lt",
            "javaAlphabetic" | "ALPHABETIC" => "Alphabetic",
            "javaLetter" | "LETTER" | "Letter" => "L",
            "javaDigit" | "DIGIT" | "Digit" => "Nd",
            "PUNCTUATION" | "Punctuation" => "P",
            "CONTROL" | "Control" => "Cc",
            "WHITE_SPACE" | "WhiteSpace" | "White_Space" => "White_Space",
            "javaLetterOrDigit" => return plain("\\p{L}\\p{Nd}"),
            "javaWhitespace" => {
                return plain(
                    "\\t-\\r\\x{1c}-\\x{20}\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{2028}\\x{2029}\\x{205f}\\x{3000}",
                );
            }
            "ASSIGNED" | "Assigned" => {
                return Ok(Set::Not(Box::new(Set::Plain("\\p{Cn}".to_owned()))));
            }
            "LC" => return plain("\\p{Lu}\\p{Ll}\\p{Lt}"),
            "L1" => return plain("\\x{00}-\\x{ff}"),
            "all" | "ALL" => return plain("\\x{0}-\\x{10ffff}"),
            other if other.starts_with("In") && block(other).is_some() => {
                return plain(block(other).unwrap_or_default());
            }
            other if other.starts_with("In") || other.starts_with("java") => {
                return self.fault(&format!("Unknown character property name {{{name}}}"));
            }
            other => other,
        };
        plain(&format!("\\p{{{of_unicode}}}"))
    }
}

/// The characters of a block of Unicode by its name behind `In`, as the inside of a class.
fn block(name: &str) -> Option<&'static str> {
    let letters = name.strip_prefix("In")?.chars();
    let letters = letters.filter(|letter| !matches!(letter, '_' | '-' | ' '));
    let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    let mut blocks = BLOCKS.iter();
    blocks
        .find(|(block, _)| *block == name)
        .map(|(_, inside)| *inside)
}

const BLOCKS: &[(&str, &str)] = &[
    ("basiclatin", "\\x{0}-\\x{7f}"),
    ("latin1supplement", "\\x{80}-\\x{ff}"),
    ("latinextendeda", "\\x{100}-\\x{17f}"),
    ("combiningdiacriticalmarks", "\\x{300}-\\x{36f}"),
    ("greek", "\\x{370}-\\x{3ff}"),
    ("cyrillic", "\\x{400}-\\x{4ff}"),
    ("hebrew", "\\x{590}-\\x{5ff}"),
    ("arabic", "\\x{600}-\\x{6ff}"),
    ("thai", "\\x{e00}-\\x{e7f}"),
    ("generalpunctuation", "\\x{2000}-\\x{206f}"),
    ("hiragana", "\\x{3040}-\\x{309f}"),
    ("katakana", "\\x{30a0}-\\x{30ff}"),
    ("cjkunifiedideographs", "\\x{4e00}-\\x{9fff}"),
    ("hangulsyllables", "\\x{ac00}-\\x{d7af}"),
];

/// Java's POSIX classes: name, of ASCII, and of Unicode (`(?U)`), as the inside of a class.
const CLASSES: &[(&str, &str, &str)] = &[
    ("Lower", "a-z", "\\p{Lowercase}"),
    ("Upper", "A-Z", "\\p{Uppercase}"),
    ("ASCII", "\\x{00}-\\x{7f}", "\\x{00}-\\x{7f}"),
    ("Alpha", "A-Za-z", "\\p{Alphabetic}"),
    ("Digit", "0-9", "\\p{Nd}"),
    ("Alnum", "A-Za-z0-9", "\\p{Alphabetic}\\p{Nd}"),
    ("Punct", "!-/:-@\\[-`{-~", "\\p{P}"),
    ("Graph", "!-~", "[:graph:]"),
    ("Print", "\\x{20}-~", "[:print:]"),
    ("Blank", "\\x{20}\\t", "\\p{Zs}\\t"),
    ("Cntrl", "\\x{00}-\\x{1f}\\x{7f}", "\\p{Cc}"),
    ("XDigit", "0-9A-Fa-f", "\\p{Nd}\\p{Hex_Digit}"),
    ("Space", "\\t-\\r\\x{20}", "\\p{White_Space}"),
];

/// Appends a character that stands for itself.
fn push_literal(out: &mut String, character: char) {
    if character.is_ascii() && !character.is_ascii_alphanumeric() {
        if character.is_ascii_control() {
            let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
            return;
        }
        out.push('\\');
    }
    out.push(character);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(java: &str, pcre2: &str) {
        assert_eq!(
            to_pcre2(java, false),
            Ok((pcre2.to_owned(), false)),
            "{java}"
        );
    }

    #[test]
    fn what_both_have_stays() {
        check(
            r"^a.b*?c++(?:x|y){2,3}(?<n>\d)\k<n>$",
            r"^a.b*?c++(?:x|y){2,3}(?<n>[\d])\k<n>$",
        );
        check(
            r"(?<=a)(?<!b)(?=c)(?!d)(?>e)(?i-s:f)",
            r"(?<=a)(?<!b)(?=c)(?!d)(?>e)(?i-s:f)",
        );
    }

    #[test]
    fn classes_in_classes_are_alternatives_and_looks_ahead() {
        check("[a-c[x]]", "[a-cx]");
        check("[a-z&&[^aeiou]]", "(?:(?=[a-z])[^aeiou])");
        check("[^a-z&&[def]]", "(?:(?!(?:(?=[a-z])[def]))(?s:.))");
        check("[]a]", r"[\]a]");
        check("[a&b-]", r"[a\&b\-]");
    }

    #[test]
    fn escapes_are_pcre2s() {
        check(r"\u00e9\x41\0101\cA", r"éAA\x{1}");
        check(
            r"\p{Punct}\P{Digit}\p{IsLatin}\pL",
            r"[!-/:-@\[-`{-~][^0-9][\p{Latin}][\p{L}]",
        );
        check(r"\Qa.b\E+", r"a\.b+");
        check(r"(a)\1\12\3", r"(a)\g{1}\g{1}2(?!)");
    }

    #[test]
    fn what_java_rejects_is_rejected() {
        for text in [
            "a{", "a{,2}", "[a", "[z-a]", r"\y", r"\N", "(*UTF)", "[&&]", "(?z)", r"\u12",
        ] {
            assert!(to_pcre2(text, false).is_err(), "{text}");
        }
    }
}
