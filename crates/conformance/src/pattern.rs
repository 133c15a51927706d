//! Text with gaps: what is the same in two runs of one plan in JMeter.
//!
//! Where two runs of JMeter differ (a random number, the time) nothing can be asked of Loadline but
//! that something stands there. The gaps are found by comparing the two texts word by word.

/// Stands for any text without a line break.
pub const GAP: char = '\u{FFFC}';
/// Stands for any text.
pub const WIDE_GAP: char = '\u{FFFD}';

/// What two texts have in common, with gaps where they differ.
#[must_use]
pub fn common(one: &str, other: &str) -> String {
    if one == other {
        return one.to_owned();
    }
    let (lines, others): (Vec<&str>, Vec<&str>) =
        (one.split('\n').collect(), other.split('\n').collect());
    if lines.len() == others.len() {
        let pairs = lines.iter().zip(&others);
        let merged: Vec<String> = pairs.map(|(one, other)| common_line(one, other)).collect();
        return merged.join("\n");
    }
    around(&lines, &others, "\n", WIDE_GAP)
}

fn common_line(one: &str, other: &str) -> String {
    if one == other {
        return one.to_owned();
    }
    let (words, others) = (words(one), words(other));
    let aligned = words.len() == others.len()
        && words
            .iter()
            .zip(&others)
            .all(|(one, other)| one == other || (is_word(one) && is_word(other)));
    if !aligned {
        return around(&words, &others, "", GAP);
    }
    let mut merged = String::new();
    for (one, other) in words.iter().zip(&others) {
        if one == other {
            merged.push_str(one);
        } else {
            merged.push(GAP);
        }
    }
    merged
}

/// Common beginning and end, with one gap for what is between.
fn around(parts: &[&str], others: &[&str], separator: &str, gap: char) -> String {
    let shorter = parts.len().min(others.len());
    let start = parts
        .iter()
        .zip(others)
        .take_while(|(one, other)| one == other)
        .count();
    let rest = shorter - start;
    let end = parts
        .iter()
        .rev()
        .zip(others.iter().rev())
        .take(rest)
        .take_while(|(one, other)| one == other)
        .count();
    // The gap takes the separator beside it too: there may be nothing at all in one of the texts.
    let mut merged = parts[..start].join(separator);
    merged.push(gap);
    if start > 0 && end > 0 {
        merged.push_str(separator);
    }
    merged.push_str(&parts[parts.len() - end..].join(separator));
    merged
}

fn is_word(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_alphanumeric())
}

/// Runs of letters and digits, and single other characters.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() {
            rest.find(|letter: char| !letter.is_alphanumeric())
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        words.push(word);
        rest = after;
    }
    words
}

/// Whether a text fits a pattern with gaps.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where to go on when what follows the latest gap does not fit: the gap takes one more letter.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = pattern.get(at);
        if matches!(step, Some(&(GAP | WIDE_GAP))) {
            retry = Some((at, read));
            at += 1;
            continue;
        }
        match (step, text.get(read)) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((gap, from)) = retry else {
                    return false;
                };
                let Some(&taken) = text.get(from) else {
                    return false;
                };
                if pattern[gap] == GAP && taken == '\n' {
                    return false;
                }
                retry = Some((gap, from + 1));
                at = gap + 1;
                read = from + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, pattern: &str, fitting: &str) {
        let found = common(one, other);
        assert_eq!(
            found,
            pattern.replace('*', "\u{FFFC}").replace('#', "\u{FFFD}")
        );
        assert!(fits(&found, one) && fits(&found, other) && fits(&found, fitting));
    }

    #[test]
    fn words_that_differ_are_gaps() {
        check(
            "GET /a?id=12&b=x",
            "GET /a?id=13&b=x",
            "GET /a?id=*&b=x",
            "GET /a?id=&b=x",
        );
        check(
            "id: a1-b2\nend",
            "id: c3-d4\nend",
            "id: *-*\nend",
            "id: 1-2\nend",
        );
        check("x=a b;", "x=a;", "x=a*;", "x=a, or so;");
        check("a\nb\nc", "a\nc", "a#\nc", "a\nmany\nlines\nc");
    }

    #[test]
    fn what_does_not_fit_does_not() {
        let gap = common("a=1;b=2", "a=3;b=2");
        assert!(!fits(&gap, "a=1;b=3"));
        assert!(!fits(&gap, "a=1\n;b=2"));
        assert!(!fits("same", "other") && !fits("same", "same!") && !fits("same", "sam"));
    }
}
