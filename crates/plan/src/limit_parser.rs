//! Reads limits as people write them: `p95 < 500ms for "GET /posts/" over 10s`.
//!
//! `METRIC OP VALUE [for LABEL] [at users|rate OP N] [over WINDOW] [on SERVER] [then stop]`
//!
//! The clauses may stand in any order, each at most once. Labels and server names stand in single
//! or double quotes, or bare up to the next clause word.

use std::time::Duration;

use loadline_units::{Quantile, parse_bytes, parse_duration, parse_rate, parse_ratio};

use crate::{
    Comparison, LabelSelection, Limit, LoadCondition, LoadUnit, Location, Metric, TimeKind,
};

/// Why a text is not a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {column} of the limit `{text}`")]
pub struct LimitError {
    /// The limit as given.
    pub text: String,
    /// Where in `text` the problem begins, in characters, counted from 1; one past the end when
    /// something is missing there.
    pub column: u32,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// Words that begin a clause and so end a bare label, server name or value.
const CLAUSES: [&str; 5] = ["for", "at", "over", "on", "then"];

const METRICS: &str = "metrics are p50 to p99.9, mean, max (each also after `service`), errors, \
                       throughput, apdex(500ms), cpu, memory and `server NAME alive`";
const COMPARISONS: &str = "write one of <, <=, > and >=, as in `p95 < 500ms`";

/// Reads one limit.
///
/// # Errors
///
/// When the text does not follow the grammar, the value has another unit than its metric, or a
/// clause does not go with the metric; the author of the plan can fix each.
pub fn parse_limit(text: &str) -> Result<Limit, LimitError> {
    let mut scanner = Scanner { text, at: 0 };
    let (metric, alive_server) = metric(&mut scanner)?;
    let (comparison, bound) = if metric == Metric::Alive {
        (Comparison::Holds, 0.0)
    } else {
        let start = scanner.skip_space();
        let comparison = scanner.comparison()?;
        if comparison == Comparison::Equal {
            return Err(scanner.error_at(
                start,
                "a result cannot be compared with `=`",
                COMPARISONS,
            ));
        }
        (comparison, bound(&mut scanner, metric)?)
    };
    let mut limit = Limit {
        text: text.trim().to_owned(),
        metric,
        comparison,
        bound,
        labels: LabelSelection::Default,
        at: None,
        over: None,
        server: alive_server,
        stop: false,
        location: Location::default(),
    };
    clauses(&mut scanner, &mut limit)?;
    Ok(limit)
}

/// Whether `label` matches `pattern`, in which `*` stands for any text, also none; all other
/// characters stand for themselves.
///
/// Takes time proportional to the product of the lengths at most.
#[must_use]
pub fn pattern_matches(pattern: &str, label: &str) -> bool {
    let (pattern, label) = (pattern.as_bytes(), label.as_bytes());
    let (mut pattern_at, mut label_at) = (0, 0);
    // After a star: where the pattern goes on, and how far the star reaches by now.
    let mut star: Option<(usize, usize)> = None;
    while label_at < label.len() {
        match pattern.get(pattern_at) {
            Some(b'*') => {
                pattern_at += 1;
                star = Some((pattern_at, label_at));
            }
            Some(byte) if *byte == label[label_at] => {
                pattern_at += 1;
                label_at += 1;
            }
            _ => {
                let Some((after, reach)) = star else {
                    return false;
                };
                star = Some((after, reach + 1));
                pattern_at = after;
                label_at = reach + 1;
            }
        }
    }
    pattern[pattern_at..].iter().all(|byte| *byte == b'*')
}

/// The metric, and the server of `server NAME alive`.
fn metric(scanner: &mut Scanner<'_>) -> Result<(Metric, Option<String>), LimitError> {
    let start = scanner.skip_space();
    let mut word = scanner.word();
    let mut time = TimeKind::Response;
    if word == "service" {
        time = TimeKind::Service;
        let after = scanner.skip_space();
        word = scanner.word();
        if !(word == "mean" || word == "max" || percentile(word).is_some()) {
            return Err(scanner.error_at(
                after,
                "expected p50 to p99.9, `mean` or `max` after `service`",
                "write, for example, `service p95 < 200ms`",
            ));
        }
    }
    let metric = match word {
        "" => return Err(scanner.error_at(start, "expected a metric", METRICS)),
        "mean" => Metric::Mean(time),
        "max" => Metric::Max(time),
        "errors" => Metric::ErrorRate,
        "throughput" => Metric::Throughput,
        "cpu" => Metric::Cpu,
        "memory" => Metric::Memory,
        "apdex" => Metric::Apdex(apdex_threshold(scanner)?),
        "server" => {
            let server = scanner.name("the name of a server", &["alive"])?;
            let at = scanner.skip_space();
            if scanner.word() != "alive" {
                return Err(scanner.error_at(
                    at,
                    "expected `alive` after the server's name",
                    format!("write `server {server} alive`"),
                ));
            }
            return Ok((Metric::Alive, Some(server)));
        }
        _ => match percentile(word) {
            Some(quantile) => Metric::Percentile(time, quantile),
            None if word == "p100" => {
                return Err(scanner.error_at(start, "p100 is not a percentile", "write `max`"));
            }
            None => {
                return Err(scanner.error_at(start, format!("unknown metric `{word}`"), METRICS));
            }
        },
    };
    Ok((metric, None))
}

/// The quantile of a label such as `p99.9`; `None` for other texts and outside (0, 100).
fn percentile(word: &str) -> Option<Quantile> {
    let digits = word.strip_prefix('p')?;
    if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.ends_with('.') {
        return None;
    }
    let percent: f64 = digits.parse().ok()?;
    if !(percent > 0.0 && percent < 100.0) {
        return None;
    }
    // Rounded at the tenth decimal, so that p99.9 is the quantile 0.999 itself.
    Quantile::new((percent * 1e8).round() / 1e10)
}

fn apdex_threshold(scanner: &mut Scanner<'_>) -> Result<Duration, LimitError> {
    const HELP: &str = "write the satisfying response time in parentheses: `apdex(500ms) >= 0.9`";
    let start = scanner.skip_space();
    let rest = scanner.rest();
    let Some((inner, _)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
        return Err(scanner.error_at(start, "expected a time in parentheses after `apdex`", HELP));
    };
    scanner.at += inner.len() + 2;
    match parse_duration(inner) {
        Ok(threshold) if threshold > Duration::ZERO => Ok(threshold),
        Ok(_) => Err(scanner.error_at(
            start + 1,
            "the time of `apdex` must be greater than 0",
            HELP,
        )),
        Err(error) => Err(scanner.error_at(start + 1, error.to_string(), HELP)),
    }
}

/// The bound in the unit that [`Limit::bound`] documents.
fn bound(scanner: &mut Scanner<'_>, metric: Metric) -> Result<f64, LimitError> {
    let start = scanner.skip_space();
    let text = scanner.phrase();
    let (kind, example) = match metric {
        Metric::Percentile(..) | Metric::Mean(_) | Metric::Max(_) => ("a time", "500ms"),
        Metric::ErrorRate | Metric::Cpu => ("a share", "10%"),
        Metric::Apdex(_) => ("a number from 0 to 1", "0.9"),
        Metric::Throughput => ("a rate", "100/s"),
        Metric::Memory => ("a size", "512MiB"),
        Metric::Alive => ("no value", ""),
    };
    let help = format!("this metric takes {kind}, as in `{example}`");
    if text.is_empty() {
        return Err(scanner.error_at(start, format!("expected {kind}"), help));
    }
    let value = match metric {
        Metric::Percentile(..) | Metric::Mean(_) | Metric::Max(_) => {
            parse_duration(text).map(|time| time.as_secs_f64())
        }
        Metric::ErrorRate | Metric::Cpu | Metric::Apdex(_) => parse_ratio(text),
        Metric::Throughput => parse_rate(text).map(|rate| rate.as_per_second()),
        Metric::Memory => parse_bytes(text).map(|bytes| bytes.0 as f64),
        Metric::Alive => Ok(0.0),
    }
    .map_err(|error| scanner.error_at(start, error.to_string(), &help))?;
    let is_ratio = matches!(metric, Metric::ErrorRate | Metric::Cpu | Metric::Apdex(_));
    if is_ratio && value > 1.0 {
        let message = format!("`{text}` is more than 100%");
        let help = if text.ends_with('%') {
            help
        } else {
            format!("for {text} percent write `{text}%`")
        };
        return Err(scanner.error_at(start, message, help));
    }
    Ok(value)
}

/// The clauses after the comparison, up to the end of the text.
fn clauses(scanner: &mut Scanner<'_>, limit: &mut Limit) -> Result<(), LimitError> {
    let of_server = matches!(limit.metric, Metric::Cpu | Metric::Memory | Metric::Alive);
    let mut seen: Vec<&str> = Vec::new();
    loop {
        let start = scanner.skip_space();
        let word = scanner.word();
        if word.is_empty() && scanner.rest().is_empty() {
            return Ok(());
        }
        if !CLAUSES.contains(&word) {
            scanner.at = start;
            let found = scanner.until_space();
            return Err(scanner.error_at(
                start,
                format!(
                    "expected `for`, `at`, `over`, `on`, `then stop` or the end, not `{found}`"
                ),
                "put labels and names with special words or characters in quotes",
            ));
        }
        if seen.contains(&word) {
            return Err(scanner.error_at(
                start,
                format!("a second `{word}`"),
                "each clause may stand once; write a second limit",
            ));
        }
        seen.push(word);
        match word {
            "for" if of_server => {
                return Err(scanner.error_at(
                    start,
                    "a server's limit has no label",
                    "remove `for`; choose the server with `on NAME`",
                ));
            }
            "for" => limit.labels = labels(scanner)?,
            "at" => limit.at = Some(load_condition(scanner)?),
            "over" => limit.over = Some(window(scanner)?),
            "on" if limit.metric == Metric::Alive || !of_server => {
                return Err(scanner.error_at(
                    start,
                    "`on` goes with `cpu` and `memory` only",
                    "remove `on` and the name behind it",
                ));
            }
            "on" => limit.server = Some(scanner.name("the name of a server", &CLAUSES)?),
            _ => {
                let at = scanner.skip_space();
                if scanner.word() != "stop" {
                    return Err(scanner.error_at(
                        at,
                        "expected `stop` after `then`",
                        "write `then stop` to end the run when the limit breaks",
                    ));
                }
                limit.stop = true;
            }
        }
    }
}

fn labels(scanner: &mut Scanner<'_>) -> Result<LabelSelection, LimitError> {
    scanner.skip_space();
    let quoted = scanner.rest().starts_with(['"', '\'']);
    let label = scanner.name("a label, `all` or `each`", &CLAUSES)?;
    Ok(match label.as_str() {
        "all" if !quoted => LabelSelection::All,
        "each" if !quoted => LabelSelection::Each,
        _ => LabelSelection::Pattern(label),
    })
}

fn load_condition(scanner: &mut Scanner<'_>) -> Result<LoadCondition, LimitError> {
    const HELP: &str = "write, for example, `at users <= 1000` or `at rate < 200/s`";
    let start = scanner.skip_space();
    let unit = match scanner.word() {
        "users" => LoadUnit::Users,
        "rate" => LoadUnit::Rate,
        _ => return Err(scanner.error_at(start, "expected `users` or `rate` after `at`", HELP)),
    };
    let comparison = scanner.comparison()?;
    let start = scanner.skip_space();
    let text = scanner.phrase();
    let plain = || {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    let value = match unit {
        LoadUnit::Users => plain(),
        LoadUnit::Rate => parse_rate(text)
            .map(|rate| rate.as_per_second())
            .ok()
            .or_else(plain),
    };
    let value = value.ok_or_else(|| {
        let expected = match unit {
            LoadUnit::Users => "a number of users",
            LoadUnit::Rate => "a rate",
        };
        scanner.error_at(start, format!("expected {expected}, not `{text}`"), HELP)
    })?;
    Ok(LoadCondition {
        unit,
        comparison,
        value,
    })
}

fn window(scanner: &mut Scanner<'_>) -> Result<Duration, LimitError> {
    const HELP: &str = "write the length of the windows to judge, as in `over 10s`";
    let start = scanner.skip_space();
    let text = scanner.phrase();
    match parse_duration(text) {
        Ok(window) if window >= Duration::from_secs(1) => Ok(window),
        // Series are kept by the second, so a shorter window cannot be judged.
        Ok(_) => Err(scanner.error_at(start, "a window must be at least 1s long", HELP)),
        Err(error) => Err(scanner.error_at(start, error.to_string(), HELP)),
    }
}

/// A place in the text of a limit.
struct Scanner<'t> {
    text: &'t str,
    /// Byte offset, always on a character boundary.
    at: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Moves to the next character that is no space, and returns its offset.
    fn skip_space(&mut self) -> usize {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.at
    }

    fn take(&mut self, length: usize) -> &'t str {
        let taken = &self.rest()[..length];
        self.at += length;
        taken
    }

    /// Letters, digits, points and signs up to a space, a comparison, a quote or a parenthesis.
    fn word(&mut self) -> &'t str {
        self.skip_space();
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || "<>=()\"'".contains(c);
        self.take(rest.find(ends).unwrap_or(rest.len()))
    }

    fn until_space(&mut self) -> &'t str {
        self.skip_space();
        let rest = self.rest();
        self.take(rest.find(char::is_whitespace).unwrap_or(rest.len()))
    }

    /// Words up to the next clause word or the end, without the space around them.
    fn phrase(&mut self) -> &'t str {
        self.phrase_until(&CLAUSES)
    }

    fn phrase_until(&mut self, ends: &[&str]) -> &'t str {
        let start = self.skip_space();
        let mut end = start;
        loop {
            let word = self.until_space();
            if word.is_empty() || ends.contains(&word) {
                self.at = end;
                return &self.text[start..end];
            }
            end = self.at;
        }
    }

    /// A name in quotes, or the words up to one of `ends` or the end; not empty.
    fn name(&mut self, expected: &str, ends: &[&str]) -> Result<String, LimitError> {
        let start = self.skip_space();
        let rest = self.rest();
        let name = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let Some(length) = rest[1..].find(quote) else {
                    return Err(self.error_at(
                        start,
                        format!("the quote {quote} is not closed"),
                        "close the quote behind the name",
                    ));
                };
                self.at += length + 2;
                &rest[1..=length]
            }
            _ => self.phrase_until(ends),
        };
        if name.is_empty() {
            return Err(self.error_at(
                start,
                format!("expected {expected}"),
                "put names that are also words of the limit in quotes",
            ));
        }
        Ok(name.to_owned())
    }

    fn comparison(&mut self) -> Result<Comparison, LimitError> {
        let start = self.skip_space();
        let rest = self.rest();
        for (sign, comparison) in [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("==", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
            ("=", Comparison::Equal),
        ] {
            if rest.starts_with(sign) {
                self.at += sign.len();
                return Ok(comparison);
            }
        }
        Err(self.error_at(start, "expected a comparison", COMPARISONS))
    }

    fn error_at(
        &self,
        offset: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> LimitError {
        let before = self.text.get(..offset).unwrap_or(self.text);
        LimitError {
            text: self.text.to_owned(),
            column: u32::try_from(before.chars().count()).map_or(u32::MAX, |count| count + 1),
            message: message.into(),
            help: help.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn read(text: &str) -> Limit {
        parse_limit(text).unwrap_or_else(|error| panic!("{error}\nhelp: {}", error.help))
    }

    #[track_caller]
    fn refused(text: &str, message: &str, column: u32) {
        let error = parse_limit(text).expect_err(text);
        assert_eq!((error.message.as_str(), error.column), (message, column));
        assert!(!error.help.is_empty(), "no help for {text}");
    }

    #[test]
    fn a_time_at_a_load() {
        let limit = read("p95 < 5s at users <= 1000");
        assert_eq!(
            limit.metric,
            Metric::Percentile(TimeKind::Response, Quantile::P95)
        );
        assert_eq!((limit.comparison, limit.bound), (Comparison::Less, 5.0));
        assert_eq!(
            limit.at,
            Some(LoadCondition {
                unit: LoadUnit::Users,
                comparison: Comparison::LessOrEqual,
                value: 1000.0
            })
        );
        assert_eq!(limit.labels, LabelSelection::Default);
        assert!(!limit.stop);
    }

    #[test]
    fn every_clause_in_any_order() {
        let limit = read("service p99.9<=1m 30s then stop over 10s for GET /posts/ at rate<200/s");
        assert_eq!(
            limit.metric,
            Metric::Percentile(TimeKind::Service, Quantile::P999)
        );
        assert_eq!(limit.bound, 90.0);
        assert_eq!(limit.labels, LabelSelection::Pattern("GET /posts/".into()));
        assert_eq!(limit.over, Some(Duration::from_secs(10)));
        assert_eq!(limit.at.unwrap().value, 200.0);
        assert!(limit.stop);
    }

    #[test]
    fn labels_in_quotes_may_hold_any_word() {
        for text in [
            "p95 < 500ms for \"wait on it, then at 5\"",
            "p95 < 500ms for 'wait on it, then at 5'",
        ] {
            assert_eq!(
                read(text).labels,
                LabelSelection::Pattern("wait on it, then at 5".into())
            );
        }
        assert_eq!(read("mean < 1s for all").labels, LabelSelection::All);
        assert_eq!(read("errors < 1% for each").labels, LabelSelection::Each);
        assert_eq!(
            read("errors < 1% for 'all'").labels,
            LabelSelection::Pattern("all".into())
        );
    }

    #[test]
    fn each_metric_has_its_unit() {
        assert_eq!(read("errors <= 10%").bound, 0.1);
        assert_eq!(read("throughput > 6000/min").bound, 100.0);
        assert_eq!(read("memory < 1MiB on 'the db'").bound, 1_048_576.0);
        assert_eq!(read("cpu < 90 % on backend").server, Some("backend".into()));
        let apdex = read("apdex(500ms) >= 0.9");
        assert_eq!(apdex.metric, Metric::Apdex(Duration::from_millis(500)));
        assert_eq!(apdex.bound, 0.9);
    }

    #[test]
    fn a_server_is_alive() {
        for text in ["server backend alive", "server 'backend' alive then stop"] {
            let limit = read(text);
            assert_eq!(limit.metric, Metric::Alive);
            assert_eq!(limit.comparison, Comparison::Holds);
            assert_eq!(limit.server, Some("backend".into()));
        }
        assert_eq!(read("server my db alive").server, Some("my db".into()));
    }

    #[test]
    fn wrong_limits_say_where_and_what_was_expected() {
        refused("", "expected a metric", 1);
        refused("p95x < 5s", "unknown metric `p95x`", 1);
        refused("p100 < 5s", "p100 is not a percentile", 1);
        refused("p95 5s", "expected a comparison", 5);
        refused("p95 = 5s", "a result cannot be compared with `=`", 5);
        refused("p95 <", "expected a time", 6);
        refused(
            "p95 < 5",
            "`5` is not a duration such as `500ms`, `30s`, `2m` or `1h30m`",
            7,
        );
        refused("errors <= 10", "`10` is more than 100%", 11);
        refused(
            "p95 < 5s at user <= 5",
            "expected `users` or `rate` after `at`",
            13,
        );
        refused(
            "p95 < 5s at users <= x",
            "expected a number of users, not `x`",
            22,
        );
        refused("p95 < 5s then go", "expected `stop` after `then`", 15);
        refused("p95 < 5s for 'a", "the quote ' is not closed", 14);
        refused("p95 < 5s for", "expected a label, `all` or `each`", 13);
        refused(
            "p95 < 5s on db",
            "`on` goes with `cpu` and `memory` only",
            10,
        );
        refused("cpu < 50% for x", "a server's limit has no label", 11);
        refused("p95 < 5s over 1s over 2s", "a second `over`", 18);
        refused(
            "server backend up",
            "expected `alive` after the server's name",
            18,
        );
        refused(
            "service errors < 1%",
            "expected p50 to p99.9, `mean` or `max` after `service`",
            9,
        );
        refused(
            "server db alive please",
            "expected `for`, `at`, `over`, `on`, `then stop` or the end, not `please`",
            17,
        );
    }

    #[test]
    fn the_help_for_a_bare_share_is_a_percentage() {
        assert_eq!(
            parse_limit("errors <= 10").unwrap_err().help,
            "for 10 percent write `10%`"
        );
    }

    #[test]
    fn stars_match_any_text() {
        for (pattern, label, expected) in [
            ("GET *", "GET /posts/", true),
            ("*", "", true),
            ("GET /posts/", "GET /posts/", true),
            ("GET /posts/", "GET /posts/1", false),
            ("*posts*", "GET /posts/1", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXb", false),
            ("**ü", "ü", true),
        ] {
            assert_eq!(
                pattern_matches(pattern, label),
                expected,
                "{pattern} {label}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse_limit(&text);
        }

        #[test]
        fn no_text_of_the_grammars_words_panics(words in prop::collection::vec(
            prop::sample::select(vec![
                "p95", "service", "server", "alive", "apdex", "(500ms)", "<", ">=", "5s", "10%",
                "for", "at", "users", "over", "on", "then", "stop", "'", "\"ü\"", "é",
            ]), 0..12)) {
            let _ = parse_limit(&words.join(" "));
            let _ = parse_limit(&words.concat());
        }

        #[test]
        fn a_pattern_made_of_a_label_matches_it(label in "[a-c*]{0,8}", cut in 0usize..8) {
            let cut = cut.min(label.len());
            let pattern = format!("{}*{}", &label[..cut], &label[cut..]);
            prop_assert!(pattern_matches(&pattern, &label));
        }
    }
}
