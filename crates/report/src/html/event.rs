//! Turning points of a run, numbered in the story chart: saturation, bounds crossed, first errors,
//! death.

use loadline_analysis::{Analysis, ResourceStanding};

use crate::limit_metric::LimitMetric;
use crate::number::{self, Quantity};
use crate::sentence::{shortened, told};
use crate::word;

/// A turning point.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    /// Second of the run.
    pub(super) at_s: f64,
    /// What happened, without its time; the beginning of a sentence.
    pub(super) what: String,
}

/// Events shown at most.
const SHOWN: usize = 7;
/// A bound counts as crossed when it is for this long.
const CROSSED_FOR_S: u32 = 5;

/// The turning points in time order, at most seven: the earliest of each kind first.
pub(super) fn events(analysis: &Analysis) -> Vec<Event> {
    let mut events: Vec<Event> = deaths(analysis)
        .chain(saturations(analysis))
        .chain(first_errors(analysis))
        .chain(crossed_bounds(analysis))
        .take(SHOWN)
        .collect();
    events.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    events
}

fn deaths(analysis: &Analysis) -> impl Iterator<Item = Event> {
    analysis.servers.iter().filter_map(|server| {
        server.died_s.map(|died| Event {
            at_s: died,
            what: if server.process_ended {
                format!("the process of {} ends.", server.name)
            } else {
                format!("{} stops answering.", server.name)
            },
        })
    })
}

fn saturations(analysis: &Analysis) -> impl Iterator<Item = Event> {
    analysis.servers.iter().flat_map(move |server| {
        let of = if analysis.servers.len() > 1 {
            format!(" of {}", server.name)
        } else {
            String::new()
        };
        server
            .resources
            .iter()
            .filter_map(move |resource| match resource.standing {
                ResourceStanding::Saturated { since_s } => {
                    let name = word::signal(resource.signal);
                    let level = resource.saturation.map_or_else(String::new, |level| {
                        format!(", {} {}", number::bound(Quantity::Share, level), name.of)
                    });
                    Some(Event {
                        at_s: f64::from(since_s),
                        what: format!("{}{of} is saturated{level}.", lower(name.name)),
                    })
                }
                _ => None,
            })
            .take(2)
    })
}

fn first_errors(analysis: &Analysis) -> impl Iterator<Item = Event> {
    analysis.errors.iter().take(3).map(|class| {
        let message = if word::message(class).is_empty() {
            String::new()
        } else {
            format!(" “{}”", shortened(&told(word::message(class)), 80))
        };
        Event {
            at_s: f64::from(class.first_s),
            what: format!("the first {}{message}.", word::error_class(class)),
        }
    })
}

fn crossed_bounds(analysis: &Analysis) -> impl Iterator<Item = Event> {
    analysis.limits.iter().filter_map(|limit| {
        let LimitMetric::Time(metric) = LimitMetric::of(&limit.text) else {
            return None;
        };
        let value = |bin: &loadline_analysis::StoryBin| match metric.as_str() {
            "p50" => bin.p50_us,
            "p95" => bin.p95_us,
            "p99" => bin.p99_us,
            _ => None,
        };
        let bins = (CROSSED_FOR_S.div_ceil(analysis.story_bin_s.max(1)) as usize).max(1);
        let start = analysis
            .story
            .windows(bins)
            .find(|window| {
                window
                    .iter()
                    .all(|bin| value(bin).is_some_and(|value| value > limit.bound))
            })?
            .first()?;
        Some(Event {
            at_s: f64::from(start.start_s),
            what: format!(
                "{metric} over all labels passes {} and stays above for {CROSSED_FOR_S} s.",
                number::bound(Quantity::Time, limit.bound)
            ),
        })
    })
}

/// A name within a sentence: small first letter, unless it is an abbreviation.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            format!("{}{}", first.to_lowercase(), &name[first.len_utf8()..])
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn turning_points_are_in_time_order() {
        let events = events(&fixture::stress());
        let times: Vec<_> = events.iter().map(|event| event.at_s).collect();
        assert_eq!(times.first(), Some(&133.0));
        assert!(times.is_sorted());
        assert!(events.iter().any(|event| event.what.contains("HTTP 503")));
        assert!(events.iter().any(|event| event.what.contains("passes 5 s")));
    }

    #[test]
    fn a_death_is_never_left_out() {
        let mut analysis = fixture::stress();
        analysis.servers[0].died_s = Some(300.0);
        analysis.servers[0].process_ended = true;
        let class = analysis.errors[0].clone();
        analysis.errors = vec![class; 20];
        let events = events(&analysis);
        assert!(events.len() <= SHOWN);
        assert!(events.iter().any(|event| event.what.contains("ends")));
    }
}
