//! Functions on texts and numbers: `__intSum`, `__longSum`, `__split`, `__changeCase`,
//! `__urlencode`, `__urldecode`, `__char`.

use loadline_plan::program::Call;

use super::{Problem, argument, java_trim, print, store};
use crate::Scope;

/// A whole number as Java's `Long.parseLong` reads it: decimal, an optional sign, nothing around.
pub(super) fn parse_long(text: &str) -> Result<i64, Problem> {
    text.parse()
        .map_err(|_| Problem::no_number(text, "a whole number"))
}

/// `__intSum(a,b,...[,variable])`, with the overflow of 32 bits.
pub(super) fn int_sum(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Problem> {
    let parse = |text: &str| {
        text.parse::<i32>()
            .map_err(|_| Problem::no_number(text, "a whole number of 32 bits"))
    };
    sum(call, scope, out, parse, i32::wrapping_add)
}

/// `__longSum(a,b,...[,variable])`, with the overflow of 64 bits.
pub(super) fn long_sum(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Problem> {
    sum(call, scope, out, parse_long, i64::wrapping_add)
}

/// Adds the parameters; the last one is the name of a variable unless it is a number.
fn sum<N: Default + std::fmt::Display>(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
    parse: impl Fn(&str) -> Result<N, Problem>,
    add: impl Fn(N, N) -> N,
) -> Result<(), Problem> {
    let start = out.len();
    let last = call.parameters.len().saturating_sub(1);
    let mut total = N::default();
    for index in 0..last {
        total = add(total, parse(&argument(call, index, scope))?);
    }
    let name = argument(call, last, scope);
    let name = java_trim(&name);
    match parse(name) {
        Ok(number) => print(out, add(total, number)),
        Err(_) => {
            print(out, total);
            // Unlike other functions these keep their value even under an empty name.
            let sum = String::from_utf8_lossy(&out[start..]);
            scope.variables.set_by_name(name, &sum);
        }
    }
    Ok(())
}

/// `__split(text,prefix[,delimiters=,])`: pieces become `prefix_1`, `prefix_2`...; empty ones `?`,
/// but an empty first one is left out.
pub(super) fn split(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let text = argument(call, 0, scope);
    let prefix = argument(call, 1, scope);
    let prefix = java_trim(&prefix);
    let mut delimiters = argument(call, 2, scope);
    if delimiters.is_empty() {
        delimiters = ",".into();
    }
    let mut pieces: Vec<&str> = text.split(|found| delimiters.contains(found)).collect();
    if pieces[0].is_empty() {
        pieces.remove(0);
    }
    let variables = &mut *scope.variables;
    variables.set_by_name(prefix, &text);
    variables.set_by_name(&format!("{prefix}_n"), &pieces.len().to_string());
    for (index, piece) in (1..).zip(&pieces) {
        let piece = if piece.is_empty() { "?" } else { piece };
        variables.set_by_name(&format!("{prefix}_{index}"), piece);
    }
    variables.remove_by_name(&format!("{prefix}_{}", pieces.len() + 1));
    out.extend_from_slice(text.as_bytes());
}

/// `__changeCase(text[,UPPER|LOWER|CAPITALIZE=UPPER][,variable])`; another mode changes nothing.
pub(super) fn change_case(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let text = argument(call, 0, scope);
    let mode = argument(call, 1, scope);
    let changed = match mode.to_uppercase().as_str() {
        "" | "UPPER" => text.to_uppercase(),
        "LOWER" => text.to_lowercase(),
        "CAPITALIZE" => {
            let mut characters = text.chars();
            match characters.next() {
                Some(first) => first.to_uppercase().chain(characters).collect(),
                None => String::new(),
            }
        }
        _ => text.into_owned(),
    };
    out.extend_from_slice(changed.as_bytes());
    store(call, 2, scope, changed.as_bytes());
}

/// `__urlencode(text)`: form encoding in UTF-8, with `+` for a space.
pub(super) fn url_encode(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    form_encode(&argument(call, 0, scope), out);
}

/// Appends `text` in the encoding of forms, as UTF-8.
pub(crate) fn form_encode(text: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(&[
                b'%',
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 0xf)],
            ]),
        }
    }
}

/// `__urldecode(text)`: form decoding in UTF-8.
pub(super) fn url_decode(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Problem> {
    let text = argument(call, 0, scope);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(letter) = rest.chars().next() {
        let (taken, behind) = rest.split_at(letter.len_utf8());
        rest = behind;
        match letter {
            '+' => decoded.push(b' '),
            '%' => {
                let end = rest
                    .char_indices()
                    .nth(1)
                    .map(|(at, low)| at + low.len_utf8());
                let pair = end.map(|end| rest.split_at(end));
                let byte = pair.map_or(Err("Incomplete trailing escape (%) pattern".to_owned()), {
                    |(pair, behind)| {
                        rest = behind;
                        escaped_byte(pair)
                    }
                });
                decoded.push(byte.map_err(|message| {
                    Problem::thrown(
                        format!("`{text}` has a `%` without two hexadecimal digits"),
                        "java.lang.IllegalArgumentException",
                        format!("URLDecoder: {message}"),
                    )
                })?);
            }
            _ => decoded.extend_from_slice(taken.as_bytes()),
        }
    }
    out.extend_from_slice(String::from_utf8_lossy(&decoded).as_bytes());
    Ok(())
}

/// The byte of the two letters behind a `%`, which Java reads as a number: with a sign, if it has one.
fn escaped_byte(pair: &str) -> Result<u8, String> {
    let illegal =
        |problem: &str| format!("Illegal hex characters in escape (%) pattern - {problem}");
    let mut letters = pair.chars();
    let (first, second) = (letters.next(), letters.next());
    let digit = |letter: Option<char>| letter.and_then(|letter| letter.to_digit(16));
    let wrong = |index: u8| illegal(&format!("Error at index {index} in: \"{pair}\""));
    let low = digit(second).ok_or_else(|| wrong(1));
    match (first, digit(first)) {
        (Some('-'), _) if low.as_ref().is_ok_and(|low| *low > 0) => Err(illegal("negative value")),
        (Some('+' | '-'), _) => Ok(low? as u8),
        (_, Some(high)) => Ok((high * 16 + low?) as u8),
        _ => Err(wrong(0)),
    }
}

/// `__char(code,...)`: UTF-16 units, decimal, `0x` or `0` octal; what is no number is left out.
pub(super) fn characters(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let mut units = Vec::with_capacity(call.parameters.len());
    for index in 0..call.parameters.len() {
        let code = argument(call, index, scope);
        if let Some(code) = decode_long(java_trim(&code)) {
            // Java's narrowing to a `char`.
            units.push((code & 0xffff) as u16);
        }
    }
    out.extend_from_slice(String::from_utf16_lossy(&units).as_bytes());
}

/// Java's `Long.decode`.
fn decode_long(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (radix, digits) = if let Some(hex) = ["0x", "0X", "#"]
        .iter()
        .find_map(|prefix| digits.strip_prefix(prefix))
    {
        (16, hex)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits)
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}
