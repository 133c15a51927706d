//! Where two texts differ, laid out as JMeter's Response Assertion does for `equals`.

/// Longest part that is shown, in characters (`assertion.equals_section_diff_len`).
const LONGEST: usize = 100;

/// What both begin with, the parts that differ in `[[[...]]]`, what both end with.
pub(super) fn difference(received: &str, comparison: &str) -> String {
    let received: Vec<char> = received.chars().collect();
    let comparison: Vec<char> = comparison.chars().collect();
    let pairs = received.iter().zip(&comparison);
    let start = pairs.take_while(|(a, b)| a == b).count();
    let (mut received_end, mut comparison_end) = (received.len(), comparison.len());
    // At least one character of each stays in the middle, if there is one.
    while received_end > start + 1
        && comparison_end > start + 1
        && received[received_end - 1] == comparison[comparison_end - 1]
    {
        received_end -= 1;
        comparison_end -= 1;
    }
    let beginning = last_part(&received[..start]);
    let ending = first_part(&received[received_end..]);
    let received = first_part(&received[start..received_end]);
    let comparison = first_part(&comparison[start..comparison_end]);
    let width = received.chars().count().max(comparison.chars().count());
    format!(
        "\n\n****** received  : {beginning}[[[{received:<width$}]]]{ending}\n\n\
         ****** comparison: {beginning}[[[{comparison:<width$}]]]{ending}\n\n"
    )
}

fn first_part(characters: &[char]) -> String {
    match characters.get(..LONGEST) {
        Some(first) if characters.len() > LONGEST => first.iter().chain(&['.'; 3]).collect(),
        _ => characters.iter().collect(),
    }
}

fn last_part(characters: &[char]) -> String {
    match characters.len().checked_sub(LONGEST) {
        Some(left_out @ 1..) => ['.'; 3].iter().chain(&characters[left_out..]).collect(),
        _ => characters.iter().collect(),
    }
}
