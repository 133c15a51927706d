//! Lines of text: tables by columns, words wrapped under a hanging indent, middles cut out.

/// Where a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// At the left.
    Left,
    /// At the right.
    Right,
}

/// Rows as lines, each column as wide as its widest cell, `gap` blanks before each column but the
/// first; a column whose cells are all empty takes no room. A row of a single cell is a line across
/// all columns. Lines end without blanks.
pub(crate) fn table(columns: &[(Align, usize)], rows: &[Vec<String>]) -> Vec<String> {
    let width_of = |column: usize| {
        rows.iter()
            .filter(|row| row.len() > 1)
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width_of).collect();
    rows.iter()
        .map(|row| {
            if let [across] = row.as_slice() {
                return across.clone();
            }
            let mut line = String::new();
            for ((cell, (align, gap)), width) in row.iter().zip(columns).zip(&widths) {
                if *width == 0 {
                    continue;
                }
                let blanks = width - cell.chars().count();
                line.push_str(&" ".repeat(*gap));
                if *align == Align::Right {
                    line.push_str(&" ".repeat(blanks));
                }
                line.push_str(cell);
                if *align == Align::Left {
                    line.push_str(&" ".repeat(blanks));
                }
            }
            line.trim_end().to_owned()
        })
        .collect()
}

/// Characters of the longest line.
pub(crate) fn widest(lines: &[String]) -> usize {
    lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0)
}

/// `text` wrapped at words to `width` characters after `first`; further lines are indented as far
/// as `first` is long. A word longer than a line stays whole.
pub(crate) fn wrapped(first: &str, text: &str, width: usize) -> Vec<String> {
    let indent = first.chars().count();
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut length = indent;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        let blank = usize::from(length > indent);
        if length > indent && length + blank + word_length > width {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(indent);
            length = indent;
        } else if blank == 1 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// At most `width` characters of `text`, its middle replaced by `…`.
pub(crate) fn cut_middle(text: &str, width: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let head = kept.div_ceil(2);
    let tail = kept - head;
    letters[..head]
        .iter()
        .chain(std::iter::once(&'…'))
        .chain(&letters[letters.len() - tail..])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let lines = table(
            &[(Align::Left, 0), (Align::Right, 2), (Align::Left, 1)],
            &[row(["a", "1,000", ""]), row(["bcd", "7", "x"])],
        );
        assert_eq!(lines, ["a    1,000", "bcd      7 x"]);
    }

    #[test]
    fn words_wrap_under_a_hanging_indent() {
        assert_eq!(
            wrapped("FAIL  ", "one two three four", 14),
            ["FAIL  one two", "      three", "      four"]
        );
    }

    #[test]
    fn middles_are_cut_out() {
        assert_eq!(cut_middle("GET /users/{user_id}/", 15), "GET /us…er_id}/");
        assert_eq!(cut_middle("short", 15), "short");
    }
}
