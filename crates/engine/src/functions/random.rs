//! `__Random`, `__RandomString`, `__RandomFromMultipleVars`, `__UUID`: the user's seeded chance.

use loadline_plan::program::Call;
use rand::{Rng as _, RngExt as _};

use super::text::parse_long;
use super::{Problem, argument, java_trim, print, store};
use crate::Scope;

/// Longest string that `__RandomString` makes, in characters; a larger length is an error rather
/// than memory without bound.
const MAX_LENGTH: i64 = 16 << 20;

/// `__Random(min,max[,variable])`: a whole number, both ends included.
pub(super) fn number(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let start = out.len();
    let least = parse_long(java_trim(&argument(call, 0, scope)))?;
    let most = parse_long(java_trim(&argument(call, 1, scope)))?;
    if least > most {
        return Err(Problem::thrown(
            format!("minimum {least} is above maximum {most}"),
            "java.lang.IllegalArgumentException",
            "bound must be greater than origin".to_owned(),
        ));
    }
    // JMeter's bound is the number above the maximum, which this has not.
    if most == i64::MAX {
        return Err(Problem::thrown(
            format!("maximum {most} is too large"),
            "java.lang.IllegalArgumentException",
            "bound must be greater than origin".to_owned(),
        ));
    }
    print(out, scope.chance.random_range(least..=most));
    store(call, 2, scope, &out[start..]);
    Ok(())
}

/// `__RandomString(length[,characters][,variable])`.
pub(super) fn string(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let start = out.len();
    let length = parse_long(&argument(call, 0, scope))?;
    if !(0..=MAX_LENGTH).contains(&length) {
        return Err(format!("length {length} is not within 0 to {MAX_LENGTH}").into());
    }
    let characters = argument(call, 1, scope);
    let characters = java_trim(&characters);
    let mut encoded = [0; 4];
    if characters.is_ascii() && !characters.is_empty() {
        let characters = characters.as_bytes();
        for _ in 0..length {
            out.push(characters[scope.chance.random_range(0..characters.len())]);
        }
    } else {
        let characters: Vec<char> = characters.chars().collect();
        for _ in 0..length {
            let character = if characters.is_empty() {
                any_letter(scope)
            } else {
                characters[scope.chance.random_range(0..characters.len())]
            };
            out.extend_from_slice(character.encode_utf8(&mut encoded).as_bytes());
        }
    }
    store(call, 2, scope, &out[start..]);
    Ok(())
}

/// A letter or digit of any script. JMeter takes any assigned character; letters are those that
/// every library agrees on.
fn any_letter(scope: &mut Scope<'_>) -> char {
    loop {
        let code = scope.chance.random_range(0x21..0x2_0000_u32);
        if let Some(character) = char::from_u32(code).filter(|found| found.is_alphanumeric()) {
            return character;
        }
    }
}

/// `__RandomFromMultipleVars(name|name[,variable])`: one of all matches of these variables.
pub(super) fn from_variables(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Problem> {
    let start = out.len();
    let names = argument(call, 0, scope);
    let mut values: Vec<String> = Vec::new();
    for name in java_trim(&names).split('|').filter(|name| !name.is_empty()) {
        let count = match scope.variables.get_by_name(&format!("{name}_matchNr")) {
            None | Some("") => 0,
            Some(count) => parse_long(count)?,
        };
        if count > 0 {
            let found = (1..=count)
                .map_while(|index| scope.variables.get_by_name(&format!("{name}_{index}")));
            values.extend(found.map(str::to_owned));
        } else if let Some(value) = scope.variables.get_by_name(name)
            && !value.is_empty()
        {
            values.push(value.to_owned());
        }
    }
    if !values.is_empty() {
        let chosen = &values[scope.chance.random_range(0..values.len())];
        out.extend_from_slice(chosen.as_bytes());
    }
    store(call, 1, scope, &out[start..]);
    Ok(())
}

/// `__UUID()`: version 4, lower case.
pub(super) fn uuid(scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    const VERSION_4: u64 = 0x4000;
    const VARIANT_RFC_4122: u64 = 0x8000_0000_0000_0000;
    let high = scope.chance.next_u64() & !0xf000 | VERSION_4;
    let low = scope.chance.next_u64() & !(0b11 << 62) | VARIANT_RFC_4122;
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (half, dashes) in [(high, [8, 12]), (low, [0, 4])] {
        for digit in 0..16 {
            if dashes.contains(&digit) {
                out.push(b'-');
            }
            out.push(DIGITS[(half >> (60 - 4 * digit) & 0xf) as usize]);
        }
    }
}
