//! Figures of a watched server at a step: its use of a resource, what a request cost it, and whether
//! the samples account for all users.

use loadline_analysis::{Analysis, ServerAnalysis, StepAnalysis};
use loadline_events::Signal;

use super::step_figure::{Place, interval, window};
use super::{Lines, NotExplained};
use crate::number::{self, Quantity};
use crate::word;

/// Signals by the names that they are asked for with.
const SIGNALS: [(&str, Signal); 6] = [
    ("cpu", Signal::CpuCores),
    ("busiest-thread", Signal::BusiestThread),
    ("memory", Signal::MemoryBytes),
    ("threads", Signal::Threads),
    ("open-files", Signal::OpenFiles),
    ("connections", Signal::Connections),
];
const CPU_PER_REQUEST: &str = "cpu-per-request";
const CONCURRENCY: &str = "concurrency";

/// Names of the figures.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let signals = SIGNALS.iter().map(|row| row.0);
    signals.chain([CPU_PER_REQUEST, CONCURRENCY])
}

/// The figure `name` at `place` of the server named `of`, or of the first; `None` if it is none.
pub(super) fn explained(
    analysis: &Analysis,
    name: &str,
    place: Place,
    of: Option<&str>,
) -> Option<Result<Lines, NotExplained>> {
    let signal = SIGNALS.iter().find(|row| row.0 == name).map(|row| row.1);
    if signal.is_none() && name != CPU_PER_REQUEST && name != CONCURRENCY {
        return None;
    }
    let Place::Step(index) = place else {
        return Some(Err(NotExplained(format!(
            "`{name}` is a figure of a step: write {name}@step1"
        ))));
    };
    let step = &analysis.steps[index];
    if name == CONCURRENCY {
        return Some(concurrency(step, index + 1));
    }
    Some(
        server(analysis, of).and_then(|(position, server)| match signal {
            Some(signal) => use_of(server, position, signal, name, step, index + 1),
            None => cpu_per_request(server, position, step, index + 1),
        }),
    )
}

fn server<'a>(
    analysis: &'a Analysis,
    of: Option<&str>,
) -> Result<(usize, &'a ServerAnalysis), NotExplained> {
    let found = analysis
        .servers
        .iter()
        .enumerate()
        .find(|(_, server)| of.is_none_or(|name| server.name == name));
    found.ok_or_else(|| {
        let known: Vec<&str> = analysis
            .servers
            .iter()
            .map(|server| server.name.as_str())
            .collect();
        NotExplained(match of {
            Some(name) if !known.is_empty() => format!(
                "there is no server `{name}`; the run watched {}",
                known.join(", ")
            ),
            _ => "no server was watched: add `--server local`".to_owned(),
        })
    })
}

fn at(step: &StepAnalysis, number: usize, server: &ServerAnalysis) -> String {
    format!(
        "step {number}, {}, server {}",
        word::load(step.load),
        server.name
    )
}

fn use_of(
    server: &ServerAnalysis,
    position: usize,
    signal: Signal,
    name: &str,
    step: &StepAnalysis,
    number: usize,
) -> Result<Lines, NotExplained> {
    let known = word::signal(signal);
    let seen = step.servers.get(position);
    let Some(mean) = seen.and_then(|seen| seen.mean(signal)) else {
        return Err(NotExplained(format!(
            "{name} was not read at {}",
            at(step, number, server)
        )));
    };
    let unit = if signal == Signal::CpuCores {
        " cores"
    } else {
        ""
    };
    let mut lines = Lines::new(format!(
        "{name} = {}{unit} at {}",
        number::value(known.quantity, mean),
        at(step, number, server)
    ));
    lines.add(
        "Counts",
        format!("{}, mean of the readings in the window", known.name),
    );
    lines.add("Window", window(step));
    if let Some(peak) = seen.and_then(|seen| seen.peak(signal)) {
        lines.add(
            "Greatest",
            format!("{}{unit} over 5 s", number::value(known.quantity, peak)),
        );
    }
    let resource = server
        .resources
        .iter()
        .find(|resource| resource.signal == signal);
    let share =
        resource.and_then(|resource| resource.share_by_step.get(number - 1).copied().flatten());
    if let Some(share) = share {
        let saturated = resource
            .and_then(|resource| resource.saturation)
            .map_or_else(String::new, |from| {
                format!(
                    "; it counts as full from {} on",
                    number::value(Quantity::Share, from)
                )
            });
        lines.add(
            "Share",
            format!(
                "{} {}{saturated}",
                number::value(Quantity::Share, share),
                known.of
            ),
        );
    }
    lines.add("Source", &server.source);
    lines.add("Interval", "not claimed: a mean of readings");
    Ok(lines)
}

fn cpu_per_request(
    server: &ServerAnalysis,
    position: usize,
    step: &StepAnalysis,
    number: usize,
) -> Result<Lines, NotExplained> {
    let place = at(step, number, server);
    let Some(cost) = step
        .servers
        .get(position)
        .and_then(|seen| seen.cpu_us_per_request.as_ref())
    else {
        return Err(NotExplained(format!(
            "CPU per request is not known at {place}"
        )));
    };
    let shown = number::estimate(Quantity::Time, cost);
    let mut lines = Lines::new(format!("{CPU_PER_REQUEST} = {} at {place}", shown.value));
    lines.add(
        "Counts",
        "CPU time of the server's processes over the requests completed meanwhile, work without requests included",
    );
    lines.add("Window", window(step));
    lines.add("Interval", interval(cost, &shown.interval));
    lines.add("Source", &server.source);
    Ok(lines)
}

fn concurrency(step: &StepAnalysis, number: usize) -> Result<Lines, NotExplained> {
    let Some(check) = &step.little else {
        return Err(NotExplained(format!(
            "Little's law cannot be checked at step {number}: it takes a steady window"
        )));
    };
    let mut lines = Lines::new(format!(
        "{CONCURRENCY} = {} at step {number}, {}",
        number::value(Quantity::Plain, check.counted),
        word::load(step.load)
    ));
    lines.add(
        "Counts",
        "users, or samples in flight of an open load, as counted",
    );
    lines.add("Window", window(step));
    lines.add(
        "Computed",
        format!(
            "{} from throughput times response and think time (Little's law)",
            number::value(Quantity::Plain, check.computed)
        ),
    );
    let apart = (check.computed / check.counted - 1.0).abs();
    lines.add(
        "Doubt",
        if apart <= 0.02 {
            "none: both agree within 2 %".to_owned()
        } else {
            format!(
                "they differ by {}: users were not all running, or time is lost in the generator",
                number::value(Quantity::Share, apart)
            )
        },
    );
    Ok(lines)
}
