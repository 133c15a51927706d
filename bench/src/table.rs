//! The results as a table in Markdown.

use std::fmt::Write as _;

use crate::measure::Figures;

/// All rounds of one workload: name of the generator and its figures, round by round.
pub(crate) struct Results {
    pub(crate) title: String,
    pub(crate) rows: Vec<(&'static str, Vec<Figures>)>,
}

impl Results {
    /// The table. Ratios are of CPU per request within a round, Loadline's over the other's, so that below 1 is less.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.title);
        text += "| generator | requests/s | CPU µs/request | least – most | Loadline's share | least – most | peak MiB | recorded each |\n";
        text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
        let own = self
            .rows
            .iter()
            .find(|(name, _)| *name == "loadline")
            .map(|(_, rounds)| costs(rounds));
        for (name, rounds) in &self.rows {
            let cost = costs(rounds);
            let rates = rounds
                .iter()
                .map(|round| round.served as f64 / round.length)
                .collect();
            let peak = rounds.iter().map(|round| round.peak).max().unwrap_or(0);
            let shares = rounds
                .iter()
                .filter_map(|round| Some(round.recorded? as f64 / round.all_served as f64));
            let recorded = match shares.fold(None, |least: Option<f64>, share| {
                Some(least.map_or(share, |least| least.min(share)))
            }) {
                Some(share) => format!("{:.1} %", share * 100.0),
                None => "no".to_owned(),
            };
            let ratios: Vec<f64> = own
                .iter()
                .flat_map(|own| own.iter().zip(&cost).map(|(own, other)| own / other))
                .collect();
            let (ratio, spread) = if *name == "loadline" || ratios.is_empty() {
                ("1".to_owned(), String::new())
            } else {
                (format!("{:.3}", median(ratios.clone())), spread(&ratios, 3))
            };
            let _ = writeln!(
                text,
                "| {name} | {:.0} | {:.2} | {} | {ratio} | {spread} | {:.0} | {recorded} |",
                median(rates),
                median(cost.clone()),
                self::spread(&cost, 2),
                peak as f64 / 1_048_576.0,
            );
        }
        if self
            .rows
            .iter()
            .any(|(_, rounds)| rounds.iter().any(|round| round.quantiles.is_some()))
        {
            text += "\nWhat the generator says beside what the target measured, in milliseconds (last round):\n\n";
            text += "| generator | p50 | truth | p90 | truth | p99 | truth |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
            for (name, rounds) in &self.rows {
                if let Some((said, truth)) = rounds.last().and_then(|round| round.quantiles) {
                    let cells = said
                        .iter()
                        .zip(truth)
                        .map(|(said, truth)| format!("{:.2} | {:.2}", said / 1e3, truth / 1e3));
                    let _ = writeln!(
                        text,
                        "| {name} | {} |",
                        cells.collect::<Vec<_>>().join(" | ")
                    );
                }
            }
        }
        text
    }
}

/// CPU microseconds for a request, of each round.
pub(crate) fn costs(rounds: &[Figures]) -> Vec<f64> {
    rounds
        .iter()
        .map(|round| round.cpu / round.served as f64 * 1e6)
        .collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

fn spread(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{least:.digits$} – {most:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_round_by_round() {
        let round = |served, cpu| Figures {
            served,
            cpu,
            length: 1.0,
            peak: 1 << 20,
            recorded: Some(served),
            all_served: served,
            quantiles: None,
        };
        let results = Results {
            title: "small".to_owned(),
            rows: vec![
                (
                    "loadline",
                    vec![round(100, 1.0), round(100, 2.0), round(100, 3.0)],
                ),
                (
                    "wrk",
                    vec![round(100, 2.0), round(100, 2.0), round(100, 2.0)],
                ),
            ],
        };
        let table = results.markdown();
        assert!(table.contains("| wrk | 100 | 20000.00 | 20000.00 – 20000.00 | 1.000 | 0.500 – 1.500 | 1 | 100.0 % |"), "{table}");
    }
}
