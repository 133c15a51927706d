//! What a run says about load: the breaking range, the turns of its curves, the scaling law, what a
//! request costs, and what limits the server.

use loadline_analysis::{Analysis, BreakingStatus, Cause, Scaling, ScalingLaw, ServiceDemand};

use super::{Lines, NotExplained};
use crate::answer::range;
use crate::number::{self, Quantity};
use crate::word;

/// The findings that can be asked for.
pub(super) const NAMES: [&str; 5] = ["breaking-point", "turns", "peak", "capacity", "bottleneck"];

/// The finding named `asked`; `None` if it is none.
pub(super) fn explained(analysis: &Analysis, asked: &str) -> Option<Result<Lines, NotExplained>> {
    Some(match asked {
        "breaking-point" => Ok(breaking_point(analysis)),
        "turns" => turns(analysis),
        "peak" => peak(analysis),
        "capacity" => capacity(analysis),
        "bottleneck" => Ok(bottleneck(analysis)),
        _ => return None,
    })
}

fn breaking_point(analysis: &Analysis) -> Lines {
    let point = &analysis.breaking_point;
    let mut lines = Lines::new(match (point.status, point.carried, point.broken) {
        (BreakingStatus::Found, Some(carried), Some(broken)) => {
            format!("breaking point = {}", range(carried, broken))
        }
        (BreakingStatus::Found, None, Some(broken)) => {
            format!("breaking point: below {}", word::load(broken))
        }
        (BreakingStatus::NotReached, Some(carried), _) => {
            format!("breaking point: not reached up to {}", word::load(carried))
        }
        _ => "breaking point: not known".to_owned(),
    });
    lines.add(
        "Counts",
        "from the greatest load whose step kept every limit to the smallest whose step broke one",
    );
    if let Some((limit, label)) = &point.limit {
        let of = label
            .as_ref()
            .map_or_else(String::new, |label| format!(", by {label}"));
        lines.add("Broken", format!("{limit}{of}"));
    }
    lines.add(
        "Method",
        "each step's limits are decided by intervals of its window; the true point lies in the range only as far as \
         more load means worse",
    );
    for note in &point.notes {
        lines.add("Doubt", note);
    }
    lines
}

fn turns(analysis: &Analysis) -> Result<Lines, NotExplained> {
    let knees = &analysis.breaking_point.knees;
    if knees.is_empty() {
        return Err(NotExplained(
            "no turn of the curves was seen: it takes five loads of one kind, and a curve that turns between them"
                .to_owned(),
        ));
    }
    let mut lines = Lines::new(format!(
        "{} of the load curves",
        word::counted(knees.len() as u64, "turn")
    ));
    for knee in knees {
        lines.add(
            "Turn",
            if knee.without > 0.0 {
                format!(
                    "{}: not at {}, but at {}",
                    knee.what,
                    number::load(knee.without),
                    number::load(knee.with)
                )
            } else {
                format!("{}: at {} or below", knee.what, number::load(knee.with))
            },
        );
    }
    lines.add(
        "Method",
        "a turn counts where the whole interval of a step's figure lies beyond the line: twice the mean of the \
         smallest loads and half a millisecond more, 85 % of the throughput that the rise would give, 0.1 % errors, half the greatest throughput",
    );
    Ok(lines)
}

fn peak(analysis: &Analysis) -> Result<Lines, NotExplained> {
    let law: &ScalingLaw = match &analysis.scaling {
        Scaling::Fitted(law) => law,
        Scaling::Refused(why) => {
            return Err(NotExplained(format!("no scaling law is claimed: {why}")));
        }
    };
    let mut lines = match &law.peak {
        Some(peak) => {
            let mut lines = Lines::new(format!(
                "peak = {} concurrent, where throughput would be {}",
                number::value(Quantity::Plain, peak.value),
                number::value(Quantity::Rate, law.throughput(peak.value))
            ));
            lines.add(
                "Interval",
                match (peak.low, peak.high) {
                    (Some(low), Some(high)) => format!(
                        "{} to {}, 95 %, from 400 redraws of the steps' throughputs",
                        number::value(Quantity::Plain, low),
                        number::value(Quantity::Plain, high)
                    ),
                    (Some(low), None) => format!(
                        "at least {}, 95 %, from 400 redraws of the steps' throughputs",
                        number::value(Quantity::Plain, low)
                    ),
                    _ => "not claimed".to_owned(),
                },
            );
            lines
        }
        None => {
            let mut lines = Lines::new("no peak is claimed");
            lines.add(
                "Missing",
                law.peak_refused
                    .as_deref()
                    .unwrap_or("the curve does not turn"),
            );
            lines
        }
    };
    lines.add(
        "Law",
        format!(
            "X(N) = λN / (1 + σ(N−1) + κN(N−1)) with λ {}, σ {}, κ {}",
            number::value(Quantity::Rate, law.rate_per_user),
            number::value(Quantity::Share, law.contention),
            number::value(Quantity::Share, law.coherency)
        ),
    );
    lines.add(
        "Method",
        format!(
            "least squares over the steady steps, each weighted by its own uncertainty; the greatest load was {}, \
             beyond it the curve is a forecast",
            number::load(law.greatest_load)
        ),
    );
    Ok(lines)
}

fn capacity(analysis: &Analysis) -> Result<Lines, NotExplained> {
    let Some(first) = analysis.demand.first() else {
        return Err(NotExplained(
            "what a request costs is not known: it takes a watched server and three steady steps of different \
             throughput whose CPU follows it"
                .to_owned(),
        ));
    };
    let least = analysis.demand.iter().fold(first, |least, demand| {
        if demand.capacity_per_s.value < least.capacity_per_s.value {
            demand
        } else {
            least
        }
    });
    let shown = number::estimate(Quantity::Rate, &least.capacity_per_s);
    let mut lines = Lines::new(format!(
        "capacity = {}, where {} is full",
        shown.value,
        resource(least)
    ));
    let interval = if shown.interval.is_empty() {
        "not claimed".to_owned()
    } else {
        format!("{}, 95 %, Fieller's", shown.interval)
    };
    lines.add("Interval", interval);
    for demand in &analysis.demand {
        let cost = number::estimate(Quantity::Time, &demand.demand_us);
        let end = number::estimate(Quantity::Rate, &demand.capacity_per_s);
        lines.add(
            "Cost",
            format!(
                "a request takes {} ({}) of {}; {} without load; full at {}; the greatest throughput seen was {}",
                cost.value,
                cost.interval,
                resource(demand),
                number::value(Quantity::Plain, demand.background_cores),
                end.value,
                number::value(Quantity::Rate, demand.observed_per_s)
            ),
        );
    }
    lines.add(
        "Method",
        "the slope of use over throughput of the steady steps (utilisation law); it holds for this mix of requests",
    );
    Ok(lines)
}

fn resource(demand: &ServiceDemand) -> String {
    let what = match demand.signal {
        loadline_events::Signal::BusiestThread => "the busiest thread".to_owned(),
        _ => format!(
            "the CPU ({} cores)",
            number::value(Quantity::Plain, demand.available_cores)
        ),
    };
    format!("{what} of {}", demand.server)
}

fn bottleneck(analysis: &Analysis) -> Lines {
    let finding = &analysis.bottleneck;
    let likely = if finding.likely_only { "likely: " } else { "" };
    let mut lines = Lines::new(format!(
        "bottleneck: {likely}{}",
        word::cause(finding.cause)
    ));
    if word::blames_server(finding.cause) {
        lines.add(
            "Score",
            format!(
                "{:.2} of 1; from 0.6 on it is named, from 0.4 on it is likely",
                finding.score
            ),
        );
    }
    if let Some(other) = finding.runner_up {
        lines.add(
            "Next best",
            format!("{} ({:.2})", word::cause(other.cause), other.score),
        );
    }
    for evidence in &finding.evidence {
        lines.add("Evidence", evidence);
    }
    if finding.cause == Cause::Unknown && !finding.looked_at.is_empty() {
        lines.add("Looked at", finding.looked_at.join(", "));
    }
    if !finding.not_looked_at.is_empty() {
        lines.add("Not seen", finding.not_looked_at.join(", "));
    }
    lines.add("Method", "rules with scores, see docs/bottlenecks.md");
    lines
}
