//! Words, texts, numbers and signs of a condition.

/// A piece of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number.
    Number(f64),
    /// A text, without its quotes and backslashes.
    Text(String),
    /// A name or keyword.
    Word(String),
    /// A sign, such as `==`.
    Sign(&'static str),
}

impl Token {
    /// The token as it is shown in messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::Number(number) => number.to_string(),
            Token::Text(text) => format!("\"{text}\""),
            Token::Word(word) => word.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
        }
    }
}

/// Signs, longer ones before those they begin with.
const SIGNS: [&str; 25] = [
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "(",
    ")", "?", ":", ",", ".", ";", "[", "]",
];

/// Words that are signs in JEXL.
const WORD_SIGNS: [(&str, &str); 9] = [
    ("and", "&&"),
    ("or", "||"),
    ("not", "!"),
    ("eq", "=="),
    ("ne", "!="),
    ("lt", "<"),
    ("le", "<="),
    ("gt", ">"),
    ("ge", ">="),
];

/// Takes `text` apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '\'' => text_literal(rest, first)?,
            '0'..='9' => number(rest)?,
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => number(rest)?,
            _ if first.is_alphabetic() || first == '_' => {
                let word: String = rest
                    .chars()
                    .take_while(|next| next.is_alphanumeric() || *next == '_')
                    .collect();
                let length = word.len();
                let sign = WORD_SIGNS.iter().find(|(known, _)| *known == word);
                let token = match sign {
                    Some((_, sign)) => Token::Sign(sign),
                    None => Token::Word(word),
                };
                (token, length)
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => return Err(format!("`{first}` is not supported")),
            },
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text at the beginning of `rest`, and its length with quotes.
fn text_literal(rest: &str, quote: char) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((Token::Text(text), index + 1)),
            '\n' | '\r' => break,
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some(digits @ ('u' | 'x')) => {
                    let length = if digits == 'u' { 4 } else { 2 };
                    let hex = characters.by_ref().take(length);
                    let hex: String = hex.map(|(_, digit)| digit).collect();
                    let code = u32::from_str_radix(&hex, 16).ok();
                    let code = code.filter(|_| hex.len() == length);
                    let Some(code) = code else {
                        return Err("an escape in a text is not complete".to_owned());
                    };
                    text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                }
                Some(other) => text.push(other),
                None => break,
            },
            _ => text.push(character),
        }
    }
    Err("a text is not closed".to_owned())
}

/// A number at the beginning of `rest`, and its length.
fn number(rest: &str) -> Result<(Token, usize), String> {
    let digits = |text: &str, radix: u32| text.chars().take_while(|c| c.is_digit(radix)).count();
    let checked = |value: Option<f64>, length: usize| match value {
        Some(value) if !rest[length..].starts_with(|next: char| next.is_alphanumeric()) => {
            Ok((Token::Number(value), length))
        }
        _ => Err(format!(
            "`{}` is no number",
            rest.split_whitespace().next().unwrap_or("")
        )),
    };
    if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let length = digits(hex, 16);
        let value = u64::from_str_radix(&hex[..length], 16).ok();
        return checked(value.map(|value| value as f64), length + 2);
    }
    let whole = digits(rest, 10);
    // Old scripts write octal numbers with a leading zero.
    if whole > 1 && rest.starts_with('0') && digits(rest, 8) == whole {
        let value = u64::from_str_radix(&rest[..whole], 8).ok();
        return checked(value.map(|value| value as f64), whole);
    }
    let mut length = whole;
    if rest[length..].starts_with('.') {
        length += 1 + digits(&rest[length + 1..], 10);
    }
    if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        length += 1 + sign + digits(&exponent[sign..], 10);
    }
    checked(rest[..length].parse().ok(), length)
}
