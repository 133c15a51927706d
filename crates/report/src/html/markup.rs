//! Text as HTML.

/// `text` so that it stands for itself in HTML content and in quoted attributes. Control characters
/// are replaced, since HTML cannot hold them.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            _ if letter.is_control() => escaped.push('�'),
            // Marks that turn the direction of text could make one message read as another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.push('�'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// A sentence of ours as HTML, in which words between backticks are code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // A backtick without its twin is none of ours.
        return escape(text);
    }
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            if index % 2 == 1 {
                format!("<code>{}</code>", escape(part))
            } else {
                escape(part)
            }
        })
        .collect()
}

/// A bulleted list of sentences; nothing for no items.
pub(super) fn list(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items
        .iter()
        .map(|item| format!("<li>{}</li>", prose(item)))
        .collect();
    format!("<ul class=\"c\">{items}</ul>")
}

/// A paragraph in secondary type; nothing for no text.
pub(super) fn small(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("<p class=\"sub\">{}</p>", prose(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stands_for_itself() {
        assert_eq!(
            escape("<script>alert('x & \"y\"')</script>"),
            "&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn words_between_backticks_are_code() {
        assert_eq!(prose("use `a<b>` now"), "use <code>a&lt;b&gt;</code> now");
        assert_eq!(prose("a ` b"), "a ` b");
    }

    #[test]
    fn control_and_direction_marks_are_replaced() {
        assert_eq!(escape("a\u{0}b\u{202e}c\nd"), "a�b�c\nd");
    }
}
