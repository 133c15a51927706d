//! Limits as test cases in JUnit XML, the form that CI servers show.

use std::fmt::Write;

use loadline_analysis::{Analysis, LimitResult, Verdict};

use crate::calendar::Utc;
use crate::limit_metric;
use crate::sentence;

/// The limits of a run as JUnit XML: one suite, one test case for each limit.
///
/// A failed limit is a failure, an invalid one an error, an undecided one skipped. A run without
/// limits has one test case, which passes unless nothing was recorded.
#[must_use]
pub fn junit(analysis: &Analysis) -> String {
    let facts = &analysis.facts;
    let count = |verdict| {
        analysis
            .limits
            .iter()
            .filter(|limit| limit.verdict == verdict)
            .count()
    };
    let seconds = facts.duration_us as f64 / 1e6;
    let cases: String = if analysis.limits.is_empty() {
        run_case(analysis)
    } else {
        analysis
            .limits
            .iter()
            .map(|limit| case(analysis, limit))
            .collect()
    };
    let tests = analysis.limits.len().max(1);
    let unmeasured = usize::from(analysis.limits.is_empty() && analysis.totals.samples == 0);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites>\n  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\" \
         skipped=\"{}\" time=\"{seconds:.3}\" timestamp=\"{}\">\n{cases}  </testsuite>\n</testsuites>\n",
        escape(&facts.plan_name),
        count(Verdict::Fail),
        count(Verdict::Invalid) + unmeasured,
        count(Verdict::Inconclusive),
        Utc::from_epoch_ms(facts.started_at_ms).rfc3339(),
    )
}

fn run_case(analysis: &Analysis) -> String {
    let headline = escape(&sentence::headline(analysis).lead);
    if analysis.totals.samples == 0 {
        format!(
            "    <testcase classname=\"loadline\" name=\"run\"><error message=\"{headline}\"/></testcase>\n"
        )
    } else {
        format!(
            "    <testcase classname=\"loadline\" name=\"run\"><system-out>{headline}</system-out></testcase>\n"
        )
    }
}

fn case(analysis: &Analysis, limit: &LimitResult) -> String {
    let text = told(analysis, limit);
    let text = escape(&text);
    let body = match limit.verdict {
        Verdict::Fail => format!("<failure message=\"{text}\"/>"),
        Verdict::Invalid => format!("<error message=\"{text}\"/>"),
        Verdict::Inconclusive => format!("<skipped message=\"{text}\"/>"),
        Verdict::Pass | Verdict::Measured => format!("<system-out>{text}</system-out>"),
    };
    let mut case = String::new();
    let _ = writeln!(
        case,
        "    <testcase classname=\"loadline.limits\" name=\"{}\">{body}</testcase>",
        escape(&limit.text)
    );
    case
}

/// A limit's result in a line: `13.6 % (11.6–15.8 %), bound 10 %, 2,000 users: …`.
pub(crate) fn told(analysis: &Analysis, limit: &LimitResult) -> String {
    let Some(cell) = &limit.decisive else {
        return "not measured".to_owned();
    };
    let mut parts = Vec::new();
    if let Some(shown) = sentence::measured_value(limit, cell) {
        parts.push(if shown.interval.is_empty() {
            shown.value
        } else {
            format!("{} ({})", shown.value, shown.interval)
        });
        parts.push(format!("bound {}", limit_metric::bound(limit)));
    }
    let place = sentence::place(limit, cell);
    if !place.is_empty() {
        parts.push(place);
    }
    let mut text = parts.join(", ");
    if !cell.why.is_empty() {
        let colon = if text.is_empty() { "" } else { ": " };
        text.push_str(&format!("{colon}{}", cell.why));
    }
    if let Some(needs) =
        sentence::needs(cell, analysis).filter(|_| limit.verdict == Verdict::Inconclusive)
    {
        text.push_str(&format!(". {needs}"));
    }
    text
}

/// `text` for XML 1.0 content and attributes; characters that it cannot hold are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' | '\r' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push('�'),
            _ if letter.is_control() => escaped.push('�'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn each_limit_is_a_test_case() {
        insta::assert_snapshot!(junit(&fixture::stress()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
          <testsuite name="Backend stress test" tests="3" failures="1" errors="0" skipped="0" time="390.000" timestamp="2026-11-23T10:15:02Z">
            <testcase classname="loadline.limits" name="p95 &lt; 5s at users &lt;= 1000"><system-out>106 ms (88–125 ms), bound 5 s, GET /posts/, 1,000 users: the whole interval lies below the bound</system-out></testcase>
            <testcase classname="loadline.limits" name="errors &lt;= 10%"><failure message="13.6 % (11.6–15.8 %), bound 10 %, 2,000 users: the whole interval lies above the bound"/></testcase>
            <testcase classname="loadline.limits" name="server backend alive"><system-out>0:00–6:30: answered in every second</system-out></testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_run_without_anything_is_an_error() {
        let xml = junit(&fixture::empty());
        assert!(xml.contains("tests=\"1\" failures=\"0\" errors=\"1\""));
        assert!(xml.contains("<error message=\"No sample was recorded"));
    }

    #[test]
    fn text_of_plans_is_escaped() {
        let mut analysis = fixture::stress();
        analysis.facts.plan_name = "a\"><b>\u{0}&".to_owned();
        assert!(junit(&analysis).contains("name=\"a&quot;&gt;&lt;b&gt;�&amp;\""));
    }
}
