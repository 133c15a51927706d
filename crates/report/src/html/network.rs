//! The table of the network's own times: what opening connections and sending took at each step.

use loadline_analysis::{Analysis, StepAnalysis, TimeStats};

use super::markup::{escape, small};
use super::table::{Row, left, right, table};
use crate::number::{self, Quantity, Shown};
use crate::word;

type Part = (&'static str, fn(&StepAnalysis) -> &TimeStats);

/// In the order in which they follow one another.
const PARTS: [Part; 7] = [
    ("Wait", |step| &step.network.wait),
    ("Name", |step| &step.network.resolve),
    ("TCP", |step| &step.network.tcp),
    ("TLS", |step| &step.network.tls),
    ("Ready", |step| &step.connect),
    ("Sending", |step| &step.network.send),
    ("First byte", |step| &step.first_byte),
];

/// What is said below the table, and of columns that are seldom there.
const CAPTION: &str = "Median, small the 95th percentile, ramps included. Looking up the name, TCP and TLS are parts of the time until \
     a connection is ready. Each is over the samples that have it: those on kept-alive connections have none, and sending \
     is told where the system did not take the request at once.";
const WAIT: &str = " Wait is for a turn to open a connection, since each engine thread opens only so many at a time, or for a stream \
     of a shared connection, before the request began.";
const SENT_AGAIN: &str = " Sent again is a request that met the end of a kept-alive connection.";

/// The table with its heading; empty where no part is known of any step.
pub(super) fn network(analysis: &Analysis) -> String {
    let is_known = |step: &StepAnalysis| {
        let parts = &step.network;
        [
            &parts.wait,
            &parts.resolve,
            &parts.tcp,
            &parts.tls,
            &parts.send,
        ]
        .iter()
        .any(|part| part.max.is_some())
    };
    let has_retried = analysis.steps.iter().any(|step| step.retried > 0);
    if !has_retried && !analysis.steps.iter().any(is_known) {
        return String::new();
    }
    let shown = PARTS
        .iter()
        .filter(|(_, part)| analysis.steps.iter().any(|step| part(step).max.is_some()));
    let mut headings = vec![left("Load"), right("Connections\nopened")];
    if has_retried {
        headings.push(right("Sent again"));
    }
    headings.extend(shown.clone().map(|(name, _)| right(name)));
    let rows: String = analysis
        .steps
        .iter()
        .map(|step| {
            let load = format!("<b>{}</b>", escape(&word::bare_load(step.load)));
            let row = Row::new("").markup("", &load).number(
                "Connections opened",
                &number::count(step.connections_opened),
            );
            let row = match has_retried {
                true => row.number("Sent again", &number::count(step.retried)),
                false => row,
            };
            let parts = shown.clone();
            parts
                .fold(row, |row, (name, part)| {
                    row.figure(name, &times(part(step)))
                })
                .finish()
        })
        .collect();
    let mut caption = CAPTION.to_owned();
    if analysis
        .steps
        .iter()
        .any(|step| step.network.wait.max.is_some())
    {
        caption += WAIT;
    }
    if has_retried {
        caption += SENT_AGAIN;
    }
    format!(
        "<h3>Connections and sending</h3><div>{}</div>{}",
        table(&headings, &rows),
        small(&caption)
    )
}

/// Median and 95th percentile; the greatest of a few.
fn times(times: &TimeStats) -> Shown {
    let value = |us: f64| number::value(Quantity::Time, us);
    let (value, interval) = match (&times.p50, &times.p95, times.max) {
        (Some(p50), Some(p95), _) => (value(p50.value), format!("p95 {}", value(p95.value))),
        (_, _, Some(max)) => (value(max), "greatest of a few".to_owned()),
        _ => ("–".to_owned(), String::new()),
    };
    Shown {
        bare: value.clone(),
        value,
        interval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::claimed;

    fn step(analysis: &mut Analysis) -> &mut StepAnalysis {
        &mut analysis.steps[0]
    }

    #[test]
    fn only_known_parts_have_a_column() {
        let mut analysis = crate::fixture::stress();
        assert_eq!(network(&analysis), "");
        step(&mut analysis).network.tcp = TimeStats {
            p50: Some(claimed(300.0, 290.0, 310.0)),
            p95: Some(claimed(900.0, 800.0, 950.0)),
            max: Some(1_000.0),
            ..TimeStats::default()
        };
        step(&mut analysis).network.tls.max = Some(2_500.0);
        let html = network(&analysis);
        for part in [
            "TCP",
            "300 µs",
            "p95 900 µs",
            "TLS",
            "2.50 ms",
            "greatest of a few",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("Name"), "{html}");
    }

    #[test]
    fn waits_for_a_stream_are_told_where_there_were_any() {
        let mut analysis = crate::fixture::stress();
        step(&mut analysis).network.send.max = Some(1_000.0);
        let without = network(&analysis);
        step(&mut analysis).network.wait.max = Some(3_500.0);
        let html = network(&analysis);
        assert!(!without.contains(">Wait<"), "{without}");
        assert!(
            html.contains(">Wait<") && html.contains("3.50 ms"),
            "{html}"
        );
        step(&mut analysis).network.send.max = None;
        assert!(network(&analysis).contains("3.50 ms"));
    }

    #[test]
    fn requests_that_were_sent_again_are_told() {
        let mut analysis = crate::fixture::stress();
        let quiet = network(&analysis);
        step(&mut analysis).retried = 1_234;
        let html = network(&analysis);
        assert!(!quiet.contains("1,234") && html.contains("1,234"), "{html}");
        assert!(
            !quiet.contains("Sent again") && html.contains("Sent again is"),
            "{html}"
        );
    }
}
