//! Causes that show in the answers: a rate limiter, failures of the server.

use crate::attribution::table::Table;
use crate::attribution::{Score, Tally};
use crate::load_point::LoadPoint;
use crate::result::Cause;
use crate::wording::{percent, rate};

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
    if limited.len() < 2 {
        return tally.finish();
    }
    let mean = limited.iter().map(|point| point.good).sum::<f64>() / limited.len() as f64;
    let variance = limited
        .iter()
        .map(|point| (point.good - mean).powi(2))
        .sum::<f64>()
        / (limited.len() - 1) as f64;
    if mean > 0.0 && variance.sqrt() / mean < 0.03 {
        tally.add(
            0.9,
            format!(
                "{} of the requests are answered with status 429, and {} are let through at every \
                 load.",
                percent(table.last().status_429),
                rate(mean)
            ),
        );
    }
    tally.finish()
}

pub(super) fn server_errors(table: &Table) -> Score {
    let mut tally = Tally::new(
        Cause::ServerErrors,
        table.onset(|p| Some(p.status_5xx), 0.01),
    );
    let share = table.high(|p| Some(p.status_5xx)).unwrap_or(0.0);
    let before = table.points[..table.knee]
        .iter()
        .map(|point| point.status_5xx)
        .fold(0.0, f64::max);
    if share >= 0.01 && before < 0.01 {
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
