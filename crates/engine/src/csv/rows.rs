//! The rows of a text and their fields.

/// A text cut into rows.
#[derive(Debug)]
pub(super) struct Rows {
    text: String,
    /// Start and end of each row, without its line break.
    bounds: Vec<(usize, usize)>,
}

impl Rows {
    /// Cuts `text` at its line breaks (`\n`, `\r\n` or `\r`); those inside double quotes do not
    /// count when `quoted`. What follows the last line break is a row unless it is empty.
    pub(super) fn new(text: String, quoted: bool) -> Self {
        let bytes = text.as_bytes();
        let mut bounds = Vec::new();
        let mut start = 0;
        let mut in_quotes = false;
        let mut position = 0;
        while position < bytes.len() {
            match bytes[position] {
                b'"' if quoted => in_quotes = !in_quotes,
                b'\n' if !in_quotes => {
                    bounds.push((start, position));
                    start = position + 1;
                }
                b'\r' if !in_quotes => {
                    bounds.push((start, position));
                    if bytes.get(position + 1) == Some(&b'\n') {
                        position += 1;
                    }
                    start = position + 1;
                }
                _ => {}
            }
            position += 1;
        }
        if start < bytes.len() {
            bounds.push((start, bytes.len()));
        }
        Self { text, bounds }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The row at `index`; empty beyond the last.
    pub(super) fn get(&self, index: usize) -> &str {
        self.bounds
            .get(index)
            .map_or("", |(start, end)| &self.text[*start..*end])
    }
}

/// Gives each field of `row` to `take`, with its index, until it returns false. Quotes and spaces
/// are part of the fields.
pub(super) fn split_plain(row: &str, delimiter: &str, take: impl FnMut(usize, &str) -> bool) {
    let mut characters = delimiter.chars();
    match (characters.next(), characters.next()) {
        // The usual case: one character is found faster than a text.
        (Some(only), None) => give(row.split(only), take),
        _ => give(row.split(delimiter), take),
    }
}

fn give<'t>(fields: impl Iterator<Item = &'t str>, mut take: impl FnMut(usize, &str) -> bool) {
    for (index, field) in fields.enumerate() {
        if !take(index, field) {
            return;
        }
    }
}

/// Gives each field of `row` to `take`, with its index, until it returns false. Fields may stand in
/// double quotes, in which a doubled quote is one; `scratch` is reused memory.
pub(super) fn split_quoted(
    row: &str,
    delimiter: char,
    scratch: &mut String,
    mut take: impl FnMut(usize, &str) -> bool,
) {
    let mut rest = row;
    let mut index = 0;
    loop {
        scratch.clear();
        let after = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted, scratch)
        } else {
            let end = rest.find(delimiter).unwrap_or(rest.len());
            scratch.push_str(&rest[..end]);
            &rest[end..]
        };
        // Text between a closing quote and the delimiter belongs to the field.
        let end = after.find(delimiter).unwrap_or(after.len());
        scratch.push_str(&after[..end]);
        if !take(index, scratch) {
            return;
        }
        index += 1;
        match after[end..].strip_prefix(delimiter) {
            Some(next) => rest = next,
            None => return,
        }
    }
}

/// Appends what stands before the closing quote to `field`; returns what follows the quote.
fn unquote<'t>(text: &'t str, field: &mut String) -> &'t str {
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        field.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return rest,
        }
    }
    field.push_str(rest);
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rows(text: &str, quoted: bool, expected: &[&str]) {
        let rows = Rows::new(text.to_owned(), quoted);
        let rows: Vec<_> = (0..rows.len()).map(|index| rows.get(index)).collect();
        assert_eq!(rows, expected);
    }

    #[track_caller]
    fn check_fields(row: &str, expected: &[&str]) {
        let mut fields = Vec::new();
        split_quoted(row, ',', &mut String::new(), |_, field| {
            fields.push(field.to_owned());
            true
        });
        assert_eq!(fields, expected);
    }

    #[test]
    fn rows_end_at_line_breaks_outside_quotes() {
        check_rows("a\nb\r\nc\rd", false, &["a", "b", "c", "d"]);
        check_rows("a\n\nb\n", false, &["a", "", "b"]);
        check_rows("\"a\nb\"\nc", true, &["\"a\nb\"", "c"]);
        check_rows("\"a\nb\"\nc", false, &["\"a", "b\"", "c"]);
        check_rows("", false, &[]);
    }

    #[test]
    fn quoted_fields_hold_delimiters_and_quotes() {
        check_fields("a,b", &["a", "b"]);
        check_fields("\"a,b\",c", &["a,b", "c"]);
        check_fields("\"say \"\"hi\"\"\",", &["say \"hi\"", ""]);
        check_fields("\"open", &["open"]);
        check_fields("a \"b\" c", &["a \"b\" c"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[a,\"\n\r]{0,40}", quoted: bool) {
            let rows = Rows::new(text, quoted);
            for index in 0..rows.len() {
                split_quoted(rows.get(index), ',', &mut String::new(), |_, _| true);
            }
        }
    }
}
