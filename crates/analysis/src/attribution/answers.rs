//! Causes that show in the answers: a rate limiter, failures, cut connections, a server that is gone.

use crate::attribution::table::Table;
use crate::attribution::{Score, Tally};
use crate::load_point::LoadPoint;
use crate::result::Cause;
use crate::wording::{percent, rate};

/// Share of requests with a cut connection from which it is a cause.
const LEAST_CUT: f64 = 0.002;
/// Such requests of the whole run, below which they are single events, whatever their share.
const FEWEST_CUT: f64 = 5.0;

pub(super) fn rate_limiter(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::RateLimiter,
        table.onset(|p| Some(p.status_429), 0.01),
    );
    let limited: Vec<&LoadPoint> = table
        .points
        .iter()
        .filter(|point| point.status_429 >= 0.01)
        .collect();
    if limited.is_empty() {
        return tally.finish();
    }
    // The status says it; a constant rate of what is let through proves it.
    let share = percent(table.last().status_429);
    let mean = limited.iter().map(|point| point.good).sum::<f64>() / limited.len() as f64;
    let variance = limited
        .iter()
        .map(|point| (point.good - mean).powi(2))
        .sum::<f64>()
        / (limited.len() as f64 - 1.0).max(1.0);
    if limited.len() > 1 && mean > 0.0 && variance.sqrt() / mean < 0.03 {
        tally.add(
            0.9,
            format!(
                "{share} of the requests are answered with status 429, and {} are let through at \
                 every load.",
                rate(mean)
            ),
        );
    } else {
        tally.add(
            0.6,
            format!(
                "{share} of the requests are answered with status 429; {} are let through.",
                rate(table.last().good)
            ),
        );
    }
    tally.finish()
}

/// Failures of the server: as many at every load, or from the knee on where no other cause is `explained`
/// by what was read.
pub(super) fn server_errors(table: &Table, explained: bool) -> Score {
    let mut tally = Tally::new(
        Cause::ServerErrors,
        table.onset(|p| Some(p.status_5xx), 0.01),
    );
    let share = table.high(|p| Some(p.status_5xx)).unwrap_or(0.0);
    let before = table.points[..table.knee]
        .iter()
        .map(|point| point.status_5xx)
        .fold(0.0, f64::max);
    let least = table
        .points
        .iter()
        .map(|point| point.status_5xx)
        .fold(f64::INFINITY, f64::min);
    if share >= 0.01 && table.points.len() > 1 && least >= 0.5 * share {
        tally.add(
            0.65,
            format!(
                "{} of the answers have a status of 500 to 599, {} at the smallest load: it does \
                 not hang on the load.",
                percent(share),
                percent(table.points[0].status_5xx)
            ),
        );
    } else if share >= 0.01 && before < 0.01 && !explained {
        tally.add(
            0.3,
            format!(
                "{} of the answers have a status of 500 to 599; no resource that was read shows \
                 why.",
                percent(share)
            ),
        );
    }
    tally.finish()
}

/// Connections that are cut, where neither a crash nor a lack of files explains it.
pub(super) fn resets(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Resets, table.onset(|p| Some(p.cut), LEAST_CUT));
    let share = table.high(|p| Some(p.cut)).unwrap_or(0.0);
    let lacks_files = table
        .high(|p| p.open_files_ratio)
        .is_some_and(|ratio| ratio >= 0.95);
    let cut: f64 = table
        .points
        .iter()
        .map(|point| point.cut * point.samples)
        .sum();
    if share < LEAST_CUT || cut < FEWEST_CUT || lacks_files || table.ended.is_some() {
        return tally.finish();
    }
    tally.add(
        0.7,
        format!(
            "The server cut the connection of {} of the requests.",
            percent(share)
        ),
    );
    if table.points.len() > 1 && table.points[0].cut >= 0.5 * share {
        tally.add(0.1, "It cuts as many at the smallest load.");
    }
    tally.finish()
}

/// The process of the server ended.
pub(super) fn crash(table: &Table) -> Score {
    let mut tally = Tally::new(Cause::Crash, 0);
    if let Some(how) = &table.ended {
        tally.add(1.0, how.clone());
    }
    tally.finish()
}
