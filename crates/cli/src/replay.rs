//! The command line that replays a run, without what is secret.

use loadline_monitor::without_password;

/// Parts of names whose values are not kept; in names `_` stands for `-`.
const SECRET: [&str; 14] = [
    "auth",
    "cookie",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api-key",
    "apikey",
    "access-key",
    "private-key",
    "credential",
    "session",
];

/// Flags whose whole value may hold anything.
const OPAQUE: [&str; 1] = ["--body"];

/// Flags that say where this run's results went, or its seed, which is added anew.
const OF_THIS_RUN: [&str; 4] = ["--seed", "--out", "-o", "--baseline"];

/// `arguments` as a command line for a shell that makes the same load. What belongs to this run alone
/// is left out; values
/// of headers, variables and query parameters that look secret, and bodies, are replaced by `...`.
pub(crate) fn command_line(arguments: impl IntoIterator<Item = String>) -> String {
    let (kept, _) = kept_words(arguments);
    let words = std::iter::once("loadline".to_owned()).chain(kept.iter().map(|word| quote(word)));
    words.collect::<Vec<_>>().join(" ")
}

/// The words of that command line after the program's name, and whether one was replaced.
pub(crate) fn kept_words(arguments: impl IntoIterator<Item = String>) -> (Vec<String>, bool) {
    let mut words = Vec::new();
    let (mut skip, mut hide, mut hidden) = (false, false, false);
    for argument in arguments {
        if std::mem::take(&mut skip) {
            continue;
        }
        if std::mem::take(&mut hide) {
            words.push("...".to_owned());
            hidden = true;
            continue;
        }
        if OF_THIS_RUN.contains(&argument.as_str()) {
            skip = true;
            continue;
        }
        if OF_THIS_RUN
            .iter()
            .any(|flag| argument.starts_with(&format!("{flag}=")))
        {
            continue;
        }
        hide = OPAQUE.contains(&argument.as_str());
        let shown = hide_secret(&argument);
        hidden |= shown != argument;
        words.push(shown);
    }
    (words, hidden)
}

fn hide_secret(argument: &str) -> String {
    if let Some((flag, value)) = argument
        .split_once('=')
        .filter(|_| argument.starts_with("--"))
    {
        let shown = if OPAQUE.contains(&flag) {
            "...".to_owned()
        } else {
            hide_secret(value)
        };
        return format!("{flag}={shown}");
    }
    if argument.starts_with("http://") || argument.starts_with("https://") {
        return hide_query(argument);
    }
    match argument.find([':', '=']) {
        Some(at) if is_secret(&argument[..at]) => format!("{}...", &argument[..=at]),
        _ => match argument.find("postgres") {
            // A source of readings: its password only.
            Some(at) => format!("{}{}", &argument[..at], without_password(&argument[at..])),
            None => argument.to_owned(),
        },
    }
}

/// `url` without the values of query parameters that look secret.
pub(crate) fn hide_query(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let parameters: Vec<String> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=..."),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{address}?{}", parameters.join("&"))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    SECRET.iter().any(|secret| name.contains(secret))
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
    fn words_are_quoted_and_what_belongs_to_one_run_is_left_out() {
        assert_eq!(
            line(&[
                "run",
                "a b.yaml",
                "--seed",
                "3",
                "-o",
                "x",
                "--baseline=y",
                "--limit",
                "p95 < 5s"
            ]),
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

    #[test]
    fn secrets_are_found_in_every_form_of_an_argument() {
        for word in [
            "--header=Authorization: Bearer abc",
            "-HX-Auth-Key: abc",
            "--var=api_key=abc",
            "http://127.0.0.1/?page=1&access_token=abc",
            "--body=abc",
        ] {
            let line = line(&["run", word]);
            assert!(!line.contains("abc") && line.contains("..."), "{line}");
        }
        assert_eq!(line(&["--body", "abc"]), "loadline --body ...");
        assert_eq!(line(&["password=postgres-abc"]), "loadline password=...");
        for word in [
            "--server=db=postgres://ann:abc@127.0.0.1/shop",
            "db=postgresql://ann:abc@127.0.0.1/shop?password=abc",
        ] {
            let line = line(&["run", "--server", word]);
            assert!(
                !line.contains("abc") && line.contains("ann@127.0.0.1/shop"),
                "{line}"
            );
        }
        assert_eq!(
            line(&["http://127.0.0.1/?page=1&q=a:b", "--limit=p95 < 5s"]),
            "loadline 'http://127.0.0.1/?page=1&q=a:b' '--limit=p95 < 5s'"
        );
    }
}
