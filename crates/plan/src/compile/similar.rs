//! The nearest of several names, for "did you mean".

/// The name most like `name`, if one differs in no more than a third of its letters.
pub(super) fn most_similar<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let bound = (name.chars().count() / 3).max(1);
    known
        .map(|candidate| (edit_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Least number of letters inserted, deleted or replaced to make `a` of `b`; letter case is free.
/// Source: Wagner and Fischer, 1974.
fn edit_distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter_a) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, letter_b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter_a != letter_b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["user_id", "post_id", "host"];
        assert_eq!(most_similar("userid", known.into_iter()), Some("user_id"));
        assert_eq!(most_similar("USER_ID", known.into_iter()), Some("user_id"));
        assert_eq!(most_similar("token", known.into_iter()), None);
    }
}
