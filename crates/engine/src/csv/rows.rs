//! The rows of a text and their fields.

/// A text cut into rows.
#[derive(Debug)]
pub(super) struct Rows {
    text: String,
    /// Start and end of each row, without its line break; nothing of one whose quotes are wrong.
    bounds: Vec<Option<(usize, usize)>>,
}

/// Where a row is read that may have quoted fields, as JMeter's `CSVSaveService` reads it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field, which is its end or the first of two.
    QuoteInside,
}

impl Rows {
    /// Cuts `text` at its line breaks (`\n`, `\r\n` or `\r`); those inside double quotes do not
    /// count if fields may be `quoted`, with that character between them. A quote inside of a field without quotes, and a text behind
    /// the closing one, end the row at once: what follows is the next. What follows the last line break is a row unless it is empty.
    pub(super) fn new(text: String, quoted: Option<char>) -> Self {
        let mut bounds = Vec::new();
        let mut start = 0;
        let mut place = Place::FieldStart;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let after = at + character.len_utf8();
            let is_between = quoted == Some(character) || matches!(character, '\n' | '\r');
            place = match (place, character) {
                _ if quoted.is_none() => Place::FieldStart,
                (Place::FieldStart, '"') | (Place::QuoteInside, '"') => Place::Quoted,
                (Place::Quoted, '"') => Place::QuoteInside,
                (Place::Quoted, _) => Place::Quoted,
                _ if is_between => Place::FieldStart,
                (Place::FieldStart, _) => Place::Plain,
                (Place::Plain, other) if other != '"' => Place::Plain,
                _ => {
                    bounds.push(None);
                    start = after;
                    Place::FieldStart
                }
            };
            if start <= at && place == Place::FieldStart && matches!(character, '\n' | '\r') {
                bounds.push(Some((start, at)));
                start = after;
                if character == '\r' && characters.next_if(|next| next.1 == '\n').is_some() {
                    start += 1;
                }
            }
        }
        if place == Place::Quoted {
            bounds.push(None);
        } else if start < text.len() {
            bounds.push(Some((start, text.len())));
        }
        Self { text, bounds }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The row at `index`; `None` beyond the last, and if its quotes are wrong.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let (start, end) = (*self.bounds.get(index)?)?;
        self.text.get(start..end)
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
    fn check_rows(text: &str, quoted: Option<char>, expected: &[&str]) {
        let rows = Rows::new(text.to_owned(), quoted);
        let row = |index| rows.get(index).unwrap_or("(wrong)");
        let rows: Vec<_> = (0..rows.len()).map(row).collect();
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
        check_rows("a\nb\r\nc\rd", None, &["a", "b", "c", "d"]);
        check_rows("a\n\nb\n", None, &["a", "", "b"]);
        check_rows("\"a\nb\"\nc", Some(','), &["\"a\nb\"", "c"]);
        check_rows("\"a\"\"\r\nb\",\r\n", Some(','), &["\"a\"\"\r\nb\","]);
        check_rows("\"a\nb\"\nc", None, &["\"a", "b\"", "c"]);
        check_rows("", None, &[]);
    }

    #[test]
    fn a_wrong_quote_ends_its_row() {
        check_rows("a\"b,c\nd", Some(','), &["(wrong)", "b,c", "d"]);
        check_rows("\"a\"b,c\n", Some(','), &["(wrong)", ",c"]);
        check_rows("x,\"y\nz\n", Some(','), &["(wrong)"]);
        check_rows("a\"", Some(','), &["(wrong)"]);
    }

    #[test]
    fn quoted_fields_hold_delimiters_and_quotes() {
        check_fields("a,b", &["a", "b"]);
        check_fields("\"a,b\",c", &["a,b", "c"]);
        check_fields("\"say \"\"hi\"\"\",", &["say \"hi\"", ""]);
        check_fields("\"open", &["open"]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[a,\"\n\r]{0,40}", quoted: bool) {
            let rows = Rows::new(text, quoted.then_some(','));
            for index in 0..rows.len() {
                let row = rows.get(index).unwrap_or_default();
                split_quoted(row, ',', &mut String::new(), |_, _| true);
            }
        }
    }
}
