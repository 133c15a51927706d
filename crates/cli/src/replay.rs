//! The command line that replays a run, without what is secret.

/// Names whose values are not kept.
const SECRET: [&str; 8] = [
    "authorization",
    "cookie",
    "password",
    "passwd",
    "secret",
    "token",
    "api-key",
    "apikey",
];

/// `arguments` as a command line for a shell. A seed is left out, since the run's own is added; values
/// of headers and variables that look secret are replaced by `...`.
pub(crate) fn command_line(arguments: impl IntoIterator<Item = String>) -> String {
    let mut words = vec!["loadline".to_owned()];
    let mut skip = false;
    for argument in arguments {
        if std::mem::take(&mut skip) {
            continue;
        }
        if argument == "--seed" {
            skip = true;
            continue;
        }
        if argument.starts_with("--seed=") {
            continue;
        }
        words.push(quote(&hide_secret(&argument)));
    }
    words.join(" ")
}

fn hide_secret(argument: &str) -> String {
    let Some(at) = argument.find([':', '=']) else {
        return argument.to_owned();
    };
    let name = argument[..at].to_ascii_lowercase();
    if SECRET.iter().any(|secret| name.contains(secret)) {
        format!("{}...", &argument[..=at])
    } else {
        argument.to_owned()
    }
}

/// The word as a shell reads it back.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> String {
        command_line(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn words_are_quoted_and_the_seed_is_left_out() {
        assert_eq!(
            line(&["run", "a b.yaml", "--seed", "3", "--limit", "p95 < 5s"]),
            "loadline run 'a b.yaml' --limit 'p95 < 5s'"
        );
    }

    #[test]
    fn secrets_are_not_kept() {
        assert_eq!(
            line(&[
                "-H",
                "Authorization: Bearer abc",
                "-e",
                "password=x",
                "-H",
                "Accept: */*"
            ]),
            "loadline -H Authorization:... -e password=... -H 'Accept: */*'"
        );
    }
}
