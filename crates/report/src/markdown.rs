//! The summary as Markdown, for comments on a change and for job summaries.

use std::fmt::Write;

use loadline_analysis::{Analysis, Estimate, Stats, Verdict};

use crate::answer::answers;
use crate::limit_metric::{self, LimitMetric};
use crate::number::{self, Quantity, Shown};
use crate::sentence;
use crate::word;

/// Labels shown at most.
const LABELS: usize = 20;

/// A run as Markdown: verdict, answers, limits, steps, labels and errors.
#[must_use]
pub fn markdown(analysis: &Analysis) -> String {
    let headline = sentence::headline(analysis);
    let mut text = format!(
        "## {} {}: {}\n\n**{}** {}\n",
        sign(analysis.verdict),
        word::verdict(analysis.verdict),
        escape(&analysis.facts.plan_name),
        escape(&headline.lead),
        escape(&headline.rest.join(" "))
    );
    if let Some(interruption) = sentence::interruption(analysis) {
        let _ = write!(text, "\n> {}\n", escape(&interruption));
    }
    text.push('\n');
    for answer in answers(analysis) {
        let _ = writeln!(
            text,
            "- {} **{}** {}",
            answer.question,
            escape(&answer.phrase),
            escape(&answer.detail)
        );
    }
    limits(analysis, &mut text);
    steps(analysis, &mut text);
    labels(analysis, &mut text);
    never_ran(analysis, &mut text);
    errors(analysis, &mut text);
    let _ = write!(
        text,
        "\n<sub>Small figures are 95 % intervals. Loadline {} · seed {} · `{}`</sub>\n",
        escape(&analysis.facts.version),
        analysis.facts.seed,
        code(&analysis.facts.replay)
    );
    text
}

const fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::Inconclusive => "?",
        Verdict::Invalid => "⊘",
        Verdict::Measured => "·",
    }
}

fn limits(analysis: &Analysis, text: &mut String) {
    if analysis.limits.is_empty() {
        return;
    }
    text.push_str("\n| | Limit | Measured | Bound | Where |\n| --- | --- | ---: | ---: | --- |\n");
    for limit in &analysis.limits {
        let metric = LimitMetric::of(&limit.text);
        let cell = limit.decisive.as_ref();
        let alive = matches!(metric, LimitMetric::Alive(_));
        let measured = match cell.and_then(|cell| sentence::measured_value(limit, cell)) {
            Some(shown) => figure(&shown),
            None if alive && limit.verdict == Verdict::Pass => "alive".to_owned(),
            None if alive && limit.verdict == Verdict::Fail => "not alive".to_owned(),
            None => "not measured".to_owned(),
        };
        let bound = if alive {
            "always".to_owned()
        } else {
            limit_metric::bound(limit)
        };
        let _ = writeln!(
            text,
            "| {} {} | `{}` | {measured} | {bound} | {} |",
            sign(limit.verdict),
            word::verdict_key(limit.verdict),
            code(&limit.text),
            escape(&cell.map_or_else(String::new, |cell| sentence::place(limit, cell)))
        );
    }
}

fn figure(shown: &Shown) -> String {
    if shown.interval.is_empty() {
        escape(&shown.value)
    } else {
        format!(
            "{} <sub>{}</sub>",
            escape(&shown.value),
            escape(&shown.interval)
        )
    }
}

fn row(name: &str, stats: &Stats, text: &mut String) {
    if !sentence::has_samples(stats) {
        let _ = writeln!(text, "| {} | no samples | | | | | |", escape(name));
        return;
    }
    let shown =
        |quantity, estimate: Option<&Estimate>| figure(&number::optional(quantity, estimate));
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} | {} | {} |",
        escape(name),
        number::count(stats.samples),
        shown(Quantity::Rate, stats.good_throughput.as_ref()),
        shown(Quantity::Share, stats.error_rate.as_ref()),
        shown(Quantity::Time, stats.response.p50.as_ref()),
        shown(Quantity::Time, stats.response.p95.as_ref()),
        shown(Quantity::Time, stats.response.p99.as_ref()),
    );
}

const COLUMNS: &str = " | Samples | Without error | Error rate | p50 | p95 | p99 |\n\
                       | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";

fn steps(analysis: &Analysis, text: &mut String) {
    if analysis.steps.is_empty() {
        return;
    }
    let _ = write!(text, "\n| Step{COLUMNS}");
    for step in &analysis.steps {
        row(&word::load(step.load), &step.stats, text);
    }
}

fn labels(analysis: &Analysis, text: &mut String) {
    if analysis.labels.is_empty() {
        return;
    }
    let step = sentence::greatest_step(analysis);
    let index = step.and_then(|step| {
        analysis
            .steps
            .iter()
            .position(|other| other.step == step.step)
    });
    let place = step.map_or_else(String::new, |step| format!(" at {}", word::load(step.load)));
    let _ = write!(text, "\n| Label{place}{COLUMNS}");
    for label in analysis.labels.iter().take(LABELS) {
        let stats = index
            .and_then(|index| label.steps.get(index))
            .unwrap_or(&label.totals);
        row(&label.label, stats, text);
    }
    if let Some(more) = analysis
        .labels
        .len()
        .checked_sub(LABELS)
        .filter(|more| *more > 0)
    {
        let _ = writeln!(text, "\n{} not shown.", word::counted(more as u64, "label"));
    }
}

fn never_ran(analysis: &Analysis, text: &mut String) {
    if let Some(never_ran) = sentence::never_ran(analysis) {
        let _ = writeln!(text, "\n{}", escape(&never_ran));
    }
}

fn errors(analysis: &Analysis, text: &mut String) {
    for (index, class) in analysis.errors.iter().take(5).enumerate() {
        if index == 0 {
            text.push('\n');
        }
        let _ = write!(
            text,
            "- {} × {}, first at {}",
            escape(&word::error_class(class)),
            number::count(class.count),
            number::clock(f64::from(class.first_s)),
        );
        let message = code(&sentence::shortened(word::message(class), 120));
        if message.trim().is_empty() {
            text.push('\n');
        } else {
            let _ = writeln!(text, ": `{message}`");
        }
    }
}

/// `text` so that Markdown and the HTML within it take it as it is, on one line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' | '!' | '@' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ if letter.is_control() => escaped.push(' '),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// `text` for a span of code within a table.
fn code(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '`' => '\'',
            '|' => '¦',
            _ if letter.is_control() => ' ',
            _ => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_run_is_told_in_tables() {
        let text = markdown(&fixture::stress());
        assert!(
            text.starts_with("## ✗ Fail: Backend stress test\n\n**Errors reach 13.6 % at 2,000")
        );
        assert!(text.contains(
            "| ✗ fail | `errors <= 10%` | 13.6 % <sub>11.6–15.8 %</sub> | 10 % | 2,000 users |"
        ));
        assert!(text.contains("| 2,000 users | 14,238 | 133/s <sub>130–137</sub> |"));
        assert!(text.contains("- HTTP 503 × 2,347, first at 4:31: `{\"error\":\"queue full\"}`"));
    }

    #[test]
    fn text_of_servers_stays_text() {
        let mut analysis = fixture::stress();
        analysis.errors[0].first_message = "`</code> | **x**\n# y".to_owned();
        analysis.labels[0].label = "[a](http://x) <img> | @team".to_owned();
        let text = markdown(&analysis);
        assert!(text.contains("`'</code> ¦ **x** # y`"));
        assert!(text.contains("\\[a\\](http://x) &lt;img&gt; \\| \\@team"));
    }

    #[test]
    fn nothing_at_all_is_still_a_summary() {
        assert!(markdown(&fixture::empty()).starts_with("## · Measured"));
    }
}
