//! The results as a table in Markdown.

use std::fmt::Write as _;

use crate::measure::{Figures, Outcome};

/// All rounds of one workload.
pub(crate) struct Results {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

/// What a generator did in a workload.
pub(crate) struct Row {
    name: &'static str,
    /// Round by round.
    rounds: Vec<Figures>,
    /// The command of the last round.
    command: Option<String>,
    /// In what it does less than the workload says.
    note: Option<&'static str>,
    /// Why it has no figures: in a word for the table, and the reason.
    out: Option<(&'static str, String)>,
}

impl Row {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            rounds: Vec::new(),
            command: None,
            note: None,
            out: None,
        }
    }

    /// Adds a round. A generator that failed in one has no figures: those of others would be of another length.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Measured(figures, command, note) => {
                self.rounds.push(figures);
                self.command = Some(command);
                self.note = note;
            }
            Outcome::Cannot(reason) => self.out = Some(("n/a", reason.to_owned())),
            Outcome::DidNotEnd => {
                let reason = "had to be ended after its time";
                self.out = Some(("did not end", reason.to_owned()));
            }
            Outcome::Failed(said) => {
                let reason = said.lines().next().unwrap_or_default();
                self.out = Some(("failed", reason.to_owned()));
            }
        }
    }

    /// Whether it takes no part any longer.
    pub(crate) fn is_out(&self) -> bool {
        self.out.is_some()
    }

    /// A line of the table, beside Loadline's costs.
    fn markdown(&self, own: Option<&[f64]>) -> String {
        let name = self.name;
        if let Some((word, _)) = &self.out {
            return format!("| {name} | {word} | | | | | | |");
        }
        let rounds = &self.rounds;
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
            .unwrap_or_default()
            .iter()
            .zip(&cost)
            .map(|(own, other)| own / other)
            .collect();
        let (ratio, ratio_spread) = if name == "loadline" {
            ("1".to_owned(), String::new())
        } else if ratios.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("{:.3}", median(ratios.clone())), spread(&ratios, 3))
        };
        format!(
            "| {name} | {:.0} | {:.2} | {} | {ratio} | {ratio_spread} | {:.0} | {recorded} |",
            median(rates),
            median(cost.clone()),
            spread(&cost, 2),
            peak as f64 / 1_048_576.0,
        )
    }
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
            .find(|row| row.name == "loadline" && !row.is_out())
            .map(|row| costs(&row.rounds));
        for row in &self.rows {
            let _ = writeln!(text, "{}", row.markdown(own.as_deref()));
        }
        text += &self.truth();
        text += &self.remarks();
        text
    }

    /// What generators say of response times, beside what the target measured; empty where it measured none.
    fn truth(&self) -> String {
        let measured = self.rows.iter().filter(|row| !row.is_out());
        let lines: Vec<String> = measured
            .filter_map(|row| Some((row.name, row.rounds.last()?.quantiles?)))
            .map(|(name, (said, truth))| {
                let cells = said
                    .iter()
                    .zip(truth)
                    .map(|(said, truth)| format!("{:.2} | {:.2}", said / 1e3, truth / 1e3));
                format!("| {name} | {} |\n", cells.collect::<Vec<_>>().join(" | "))
            })
            .collect();
        if lines.is_empty() {
            return String::new();
        }
        let mut text = "\nWhat the generator says beside what the target measured, in milliseconds (last round):\n\n".to_owned();
        text += "| generator | p50 | truth | p90 | truth | p99 | truth |\n";
        text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
        text + &lines.concat()
    }

    /// Reasons, limits and commands.
    fn remarks(&self) -> String {
        let mut remarks: Vec<(String, Vec<&str>)> = Vec::new();
        for row in &self.rows {
            let remark = match &row.out {
                Some((word, reason)) => format!("{word}, {reason}"),
                None => match row.note {
                    Some(note) => note.to_owned(),
                    None => continue,
                },
            };
            match remarks.iter_mut().find(|(other, _)| *other == remark) {
                Some((_, names)) => names.push(row.name),
                None => remarks.push((remark, vec![row.name])),
            }
        }
        let mut text = String::new();
        if !remarks.is_empty() {
            text.push('\n');
        }
        for (remark, names) in remarks {
            let _ = writeln!(text, "- {remark}: {}", names.join(", "));
        }
        text += "\n```\n";
        for command in self.rows.iter().filter_map(|row| row.command.as_deref()) {
            let _ = writeln!(text, "{command}");
        }
        text + "```\n"
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

    fn round(served: u64, cpu: f64) -> Figures {
        Figures {
            served,
            cpu,
            length: 1.0,
            peak: 1 << 20,
            recorded: Some(served),
            all_served: served,
            quantiles: None,
        }
    }

    fn of_rounds<const N: usize, const R: usize>(
        rows: [(&'static str, [Figures; R]); N],
    ) -> Results {
        let rows = rows.into_iter().map(|(name, rounds)| {
            let mut row = Row::new(name);
            for figures in rounds {
                row.add(Outcome::Measured(figures, name.to_owned(), None));
            }
            row
        });
        Results {
            title: "small".to_owned(),
            rows: rows.collect(),
        }
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let results = of_rounds([
            (
                "loadline",
                [round(100, 1.0), round(100, 2.0), round(100, 3.0)],
            ),
            ("wrk", [round(100, 2.0), round(100, 2.0), round(100, 2.0)]),
        ]);
        let table = results.markdown();
        assert!(table.contains("| wrk | 100 | 20000.00 | 20000.00 – 20000.00 | 1.000 | 0.500 – 1.500 | 1 | 100.0 % |"), "{table}");
    }

    #[test]
    fn who_did_not_end_in_a_round_has_a_row_without_figures() {
        let mut results = of_rounds([
            ("loadline", [round(100, 1.0)]),
            ("gatling", [round(100, 1.0)]),
        ]);
        results.rows[1].add(Outcome::DidNotEnd);
        let table = results.markdown();
        assert!(
            table.contains("| gatling | did not end | | | | | | |\n"),
            "{table}"
        );
        assert!(
            table.contains("\n- did not end, had to be ended after its time: gatling\n"),
            "{table}"
        );
    }
}
