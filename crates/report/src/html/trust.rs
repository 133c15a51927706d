//! Whether the numbers can be trusted: the generator's own health, and how they were made.

use loadline_analysis::{Analysis, HealthStanding, StepState};
use loadline_metrics::LoadModel;

use super::icon::Mark;
use super::markup::{escape, list, small};
use super::page::section;
use super::table::Row;
use crate::number::{self, Quantity};
use crate::word;

/// The section.
pub(super) fn trust(analysis: &Analysis) -> String {
    section(
        "trust",
        "Can these numbers be trusted?",
        &format!(
            "<div class=\"two\"><div>{}</div><div><h3>How the numbers were made</h3>{}</div></div>",
            generator(analysis),
            list(&method(analysis))
        ),
    )
}

fn standing(standing: HealthStanding) -> String {
    match standing {
        HealthStanding::Healthy => Mark::Pass.word("healthy"),
        HealthStanding::Warning => Mark::Inconclusive.word("warning"),
        HealthStanding::Invalid => Mark::Invalid.word("not to be trusted"),
    }
}

fn generator(analysis: &Analysis) -> String {
    let health = &analysis.generator;
    let facts = &analysis.facts.generator;
    let signals: String = if health.signals.is_empty() {
        let rows = [
            (
                "Start lag, p99",
                number::value(Quantity::Time, health.lag_us_p99),
                "",
            ),
            (
                "CPU of its cores",
                number::rough(Quantity::Share, health.cpu_ratio),
                "",
            ),
            (
                "Samples dropped",
                number::count(health.dropped),
                "any makes the run invalid",
            ),
        ];
        rows.iter()
            .map(|(name, value, meaning)| {
                Row::new("")
                    .markup("Signal", name)
                    .number("Value", value)
                    .remark("Meaning", meaning)
                    .finish()
            })
            .collect()
    } else {
        health
            .signals
            .iter()
            .map(|signal| {
                let mark = if signal.standing == HealthStanding::Healthy {
                    String::new()
                } else {
                    format!(" {}", standing(signal.standing))
                };
                Row::new("")
                    .markup(
                        "Signal",
                        &format!("{}{mark}", escape(&word::capitalised(&signal.name))),
                    )
                    .number("Value", &signal.value)
                    .remark("Meaning", &signal.meaning)
                    .finish()
            })
            .collect()
    };
    let mut machine = Vec::new();
    if facts.cores > 0 {
        machine.push(format!(
            "{}{}",
            word::counted(u64::from(facts.cores), "core"),
            if facts.cpu.is_empty() {
                String::new()
            } else {
                format!(" of {}", facts.cpu)
            }
        ));
    }
    if facts.memory_bytes > 0 {
        machine.push(number::value(Quantity::Bytes, facts.memory_bytes as f64));
    }
    if !facts.host.is_empty() {
        machine.push(format!("host {}", facts.host));
    }
    let machine = if machine.is_empty() {
        String::new()
    } else {
        format!("Machine: {}. ", machine.join(", "))
    };
    let shared = if facts.shares_host {
        format!(
            "Generator and server share this machine; Loadline took {} of its CPU.",
            number::rough(Quantity::Share, health.cpu_ratio)
        )
    } else {
        String::new()
    };
    format!(
        "<h3>Load generator: {}</h3><div class=\"tw\"><table class=\"stack\"><tbody>{signals}\
         </tbody></table></div>{}",
        standing(health.standing),
        small(&format!("{machine}{shared}"))
    )
}

fn method(analysis: &Analysis) -> Vec<String> {
    let mut notes = Vec::new();
    notes.push(match &analysis.facts.model {
        LoadModel::Closed(timing) if timing.paced => {
            "Closed model with pacing: iterations follow a schedule, so a late start counts."
                .to_owned()
        }
        LoadModel::Closed(_) => {
            "Closed model: users wait for the server. An open load of the same rate would feel more."
                .to_owned()
        }
        LoadModel::Open => {
            "Open model: arrivals follow a schedule, whatever the server does.".to_owned()
        }
        LoadModel::Mixed => "Open and closed groups ran side by side.".to_owned(),
    });
    let has_schedule = match &analysis.facts.model {
        LoadModel::Closed(timing) => timing.paced,
        LoadModel::Open | LoadModel::Mixed => true,
    };
    notes.push(if has_schedule {
        "Response time runs from the intended start to the last byte, errors included.".to_owned()
    } else {
        "Response time runs from the start to the last byte, errors included: without a schedule \
         no start was missed."
            .to_owned()
    });
    notes.push("Percentiles come from merged histograms, true within 0.1 %.".to_owned());
    notes.push(
        "Intervals are at 95 %, from batches of the step’s window, and allow for samples that \
         resemble their neighbours."
            .to_owned(),
    );
    let fluctuating: Vec<String> = analysis
        .steps
        .iter()
        .filter(|step| {
            [
                &step.stats.response.p50,
                &step.stats.response.p95,
                &step.stats.response.mean,
            ]
            .into_iter()
            .flatten()
            .any(|estimate| estimate.at_least)
        })
        .map(|step| word::load(step.load))
        .collect();
    if !fluctuating.is_empty() {
        notes.push(format!(
            "Slow fluctuations at {}: read an interval marked + as “at least this wide”.",
            fluctuating.join(", ")
        ));
    }
    let rise = analysis
        .steps
        .iter()
        .filter(|step| step.state == StepState::Steady)
        .filter_map(|step| step.detectable_rise)
        .max_by(f64::total_cmp);
    if let Some(rise) = rise {
        notes.push(format!(
            "A slow rise under {} within a step could not have been seen.",
            number::rough(Quantity::Share, rise)
        ));
    }
    let little = analysis
        .steps
        .iter()
        .filter_map(|step| step.little)
        .filter(|check| check.counted > 0.0)
        .map(|check| (check.computed - check.counted) / check.counted)
        .max_by(|a, b| a.abs().total_cmp(&b.abs()));
    if let Some(apart) = little {
        notes.push(format!(
            "Little’s law: load counted and computed differ by {} % at most.",
            number::signed_percent(apart)
        ));
    }
    notes.push(
        "About these minutes on this machine: the difference between runs was not measured."
            .to_owned(),
    );
    notes
}
