//! The text of Java's `Properties`: lines of keys and values, as `Properties.load` reads them.

/// Every key with its value, in the order of the text.
///
/// # Errors
///
/// The message of Java's `IllegalArgumentException` about a `\u` without four hexadecimal digits.
pub fn read_properties(text: &str) -> Result<Vec<(String, String)>, String> {
    let text = text.replace("\r\n", "\n");
    let mut pairs = Vec::new();
    let mut lines = text.split(['\n', '\r']);
    while let Some(line) = lines.next() {
        let first = trim(line);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = first.to_owned();
        while goes_on(&whole) {
            whole.pop();
            match lines.next() {
                Some(next) => whole.push_str(trim(next)),
                None => break,
            }
        }
        let (key, value) = parted(&whole);
        pairs.push((unescaped(key)?, unescaped(value)?));
    }
    Ok(pairs)
}

/// A line without the space before it.
fn trim(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\x0c'])
}

/// Whether a line ends with a backslash that no other one escapes.
fn goes_on(line: &str) -> bool {
    let slashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    slashes % 2 == 1
}

/// Key and value: between them are spaces, and one `=` or `:`.
fn parted(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = line.char_indices().find(|(_, letter)| {
        let ends = !is_escaped && matches!(letter, '=' | ':' | ' ' | '\t' | '\x0c');
        is_escaped = *letter == '\\' && !is_escaped;
        ends
    });
    let (key, rest) = line.split_at(end.map_or(line.len(), |(at, _)| at));
    let rest = trim(rest);
    (key, trim(rest.strip_prefix(['=', ':']).unwrap_or(rest)))
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut units = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let plain = match letter {
            '\\' => letters.next(),
            other => {
                units.extend(other.encode_utf16(&mut [0; 2]).iter());
                continue;
            }
        };
        match plain {
            Some('u') => {
                let digits: String = letters.by_ref().take(4).collect();
                let unit = u16::from_str_radix(&digits, 16)
                    .ok()
                    .filter(|_| digits.len() == 4);
                units.push(unit.ok_or("Malformed \\uxxxx encoding.")?);
            }
            Some('t') => units.push(u16::from(b'\t')),
            Some('n') => units.push(u16::from(b'\n')),
            Some('r') => units.push(u16::from(b'\r')),
            Some('f') => units.push(0x0c),
            Some(other) => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
            None => {}
        }
    }
    Ok(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_java_reads_them() {
        let text = "# a comment\n! another\n\na=1\n b : two words \nc three\nd\\=e=\\u00e9\\tx\n\
                    long=one,\\\n     two\nempty=\npath=C\\:\\\\dir\n";
        let pairs = read_properties(text).unwrap();
        let pairs: Vec<(&str, &str)> = (pairs.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("a", "1"),
                ("b", "two words "),
                ("c", "three"),
                ("d=e", "é\tx"),
                ("long", "one,two"),
                ("empty", ""),
                ("path", "C:\\dir"),
            ]
        );
        let joined = read_properties("a=1\\\r\n  2\r\nb=3\r\n").unwrap();
        assert_eq!(
            joined,
            [("a", "12"), ("b", "3")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert!(read_properties("a=\\u12").is_err());
    }
}
