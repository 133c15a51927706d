//! Comparisons over time: when users start and end, how long they pause, how often they send.
//!
//! Requests carry the number of their user as `u=N` in the query. Everything is measured at the
//! server, so that neither program's own clock counts.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::request::Request;

/// Probability of a difference by chance below which two samples of pauses count as different.
///
/// Small, since a run makes a dozen such tests.
pub const ALPHA: f64 = 0.001;

/// What is measured of a plan, with its bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// First request of each user after the first of all, in order; within so many milliseconds.
    Starts(f64),
    /// Last request of each user after the first of all, in order; within so many milliseconds.
    Ends(f64),
    /// Median pause between requests of a user; within so many milliseconds.
    MedianPause(f64),
    /// Pauses between requests of a user as samples of one distribution: Kolmogorov-Smirnov.
    Pauses,
    /// Requests in a second of all users; within so many percent.
    Rate(f64),
    /// Number of requests; within so many percent.
    Count(f64),
}

/// A request of a user's: what is measured of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moment {
    /// Since the recorder's start.
    pub at: Duration,
    /// The user, as the query names it.
    pub user: String,
}

impl Moment {
    /// Of a request with `u=N` in its query.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let user = request.target.split("u=").nth(1).unwrap_or_default();
        let user = user.split('&').next().unwrap_or_default();
        Self {
            at: request.at,
            user: user.to_owned(),
        }
    }
}

/// Both programs' figures and whether they agree.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was measured.
    pub what: String,
    /// JMeter's figure.
    pub jmeter: String,
    /// Loadline's figure.
    pub loadline: String,
    /// The rule, with its result where it is a test.
    pub rule: String,
    /// Whether the rule holds.
    pub holds: bool,
}

impl Measure {
    /// Reads `starts 150`, `pauses` and so on.
    ///
    /// # Errors
    ///
    /// The words name no measure.
    pub fn parse(words: &[String]) -> Result<Self> {
        let bound = words.get(1).and_then(|bound| bound.parse().ok());
        Ok(match (words.first().map(String::as_str), bound) {
            (Some("starts"), Some(bound)) => Self::Starts(bound),
            (Some("ends"), Some(bound)) => Self::Ends(bound),
            (Some("median-pause"), Some(bound)) => Self::MedianPause(bound),
            (Some("pauses"), None) => Self::Pauses,
            (Some("rate"), Some(bound)) => Self::Rate(bound),
            (Some("count"), Some(bound)) => Self::Count(bound),
            _ => bail!("`{}` is no measure", words.join(" ")),
        })
    }

    /// Measures two runs of a plan.
    ///
    /// # Errors
    ///
    /// A run sent too few requests to measure anything.
    pub fn apply(self, jmeter: &[Moment], loadline: &[Moment]) -> Result<Measured> {
        ensure!(
            jmeter.len() > 1 && loadline.len() > 1,
            "too few requests: {} in JMeter, {} in Loadline",
            jmeter.len(),
            loadline.len()
        );
        Ok(match self {
            Self::Starts(bound) => schedules(
                "starts of users",
                bound,
                &moments(jmeter, |times| times[0]),
                &moments(loadline, |times| times[0]),
            ),
            Self::Ends(bound) => {
                let last = |times: &[f64]| times[times.len() - 1];
                schedules(
                    "ends of users",
                    bound,
                    &moments(jmeter, last),
                    &moments(loadline, last),
                )
            }
            Self::MedianPause(bound) => {
                let (one, other) = (median(&pauses(jmeter)), median(&pauses(loadline)));
                Measured {
                    what: "median pause".to_owned(),
                    jmeter: format!("{one:.1} ms"),
                    loadline: format!("{other:.1} ms"),
                    rule: format!("within {bound} ms"),
                    holds: (one - other).abs() <= bound,
                }
            }
            Self::Pauses => {
                let (ones, others) = (pauses(jmeter), pauses(loadline));
                let probability = kolmogorov_smirnov(&ones, &others);
                let figure =
                    |pauses: &[f64]| format!("median {:.1} ms of {}", median(pauses), pauses.len());
                Measured {
                    what: "distribution of pauses".to_owned(),
                    jmeter: figure(&ones),
                    loadline: figure(&others),
                    rule: format!("Kolmogorov-Smirnov: p = {probability:.3}, at least {ALPHA}"),
                    holds: probability >= ALPHA,
                }
            }
            Self::Rate(percent) => within("rate", "/s", percent, rate(jmeter), rate(loadline)),
            Self::Count(percent) => within(
                "requests",
                "",
                percent,
                jmeter.len() as f64,
                loadline.len() as f64,
            ),
        })
    }
}

fn schedules(what: &str, bound: f64, ones: &[f64], others: &[f64]) -> Measured {
    let furthest = ones
        .iter()
        .zip(others)
        .map(|(one, other)| (one - other).abs())
        .fold(0.0, f64::max);
    let figure = |times: &[f64]| {
        let last = times.last().copied().unwrap_or(0.0);
        format!("{} users, last at {:.2} s", times.len(), last / 1000.0)
    };
    Measured {
        what: what.to_owned(),
        jmeter: figure(ones),
        loadline: figure(others),
        rule: format!("each within {bound} ms; furthest apart {furthest:.0} ms"),
        holds: ones.len() == others.len() && furthest <= bound,
    }
}

fn within(what: &str, unit: &str, percent: f64, one: f64, other: f64) -> Measured {
    Measured {
        what: what.to_owned(),
        jmeter: format!("{one:.1}{unit}"),
        loadline: format!("{other:.1}{unit}"),
        rule: format!("within {percent} %"),
        holds: (one - other).abs() <= one * percent / 100.0,
    }
}

/// Milliseconds of each user's requests since the first of all.
fn by_user(requests: &[Moment]) -> BTreeMap<&str, Vec<f64>> {
    let start = requests
        .iter()
        .map(|request| request.at)
        .min()
        .unwrap_or(Duration::ZERO);
    let mut users: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for request in requests {
        let at = (request.at.saturating_sub(start)).as_secs_f64() * 1000.0;
        users.entry(&request.user).or_default().push(at);
    }
    users
}

/// One moment of each user, sorted: which user is which is chance in both programs.
fn moments(requests: &[Moment], moment: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut moments: Vec<f64> = by_user(requests)
        .values()
        .map(|times| moment(times))
        .collect();
    moments.sort_by(f64::total_cmp);
    moments
}

fn pauses(requests: &[Moment]) -> Vec<f64> {
    let users = by_user(requests);
    let pauses = users
        .values()
        .flat_map(|times| times.windows(2).map(|pair| pair[1] - pair[0]));
    let mut pauses: Vec<f64> = pauses.collect();
    pauses.sort_by(f64::total_cmp);
    pauses
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Requests in a second between the first and the last.
fn rate(requests: &[Moment]) -> f64 {
    let times = || requests.iter().map(|request| request.at.as_secs_f64());
    let span = times().fold(0.0, f64::max) - times().fold(f64::INFINITY, f64::min);
    (requests.len() - 1) as f64 / span
}

/// Probability that two sorted samples of one distribution are as far apart as these or further:
/// the two-sample Kolmogorov-Smirnov test with the asymptotic distribution and the correction for
/// finite samples of Stephens (1970).
fn kolmogorov_smirnov(ones: &[f64], others: &[f64]) -> f64 {
    let (mut at, mut other_at, mut distance) = (0, 0, 0.0_f64);
    while at < ones.len() && other_at < others.len() {
        let value = ones[at].min(others[other_at]);
        at += ones[at..].iter().take_while(|one| **one <= value).count();
        other_at += others[other_at..]
            .iter()
            .take_while(|other| **other <= value)
            .count();
        let apart = at as f64 / ones.len() as f64 - other_at as f64 / others.len() as f64;
        distance = distance.max(apart.abs());
    }
    let (n, m) = (ones.len() as f64, others.len() as f64);
    let size = (n * m / (n + m)).sqrt();
    let scaled = (size + 0.12 + 0.11 / size) * distance;
    let term = |k: i32| {
        f64::from(if k % 2 == 0 { -1 } else { 1 })
            * (-2.0 * f64::from(k * k) * scaled * scaled).exp()
    };
    if scaled < 0.2 {
        // The series converges too slowly there, and the value is 1 to many places.
        return 1.0;
    }
    (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(times_ms: &[(u64, u32)]) -> Vec<Moment> {
        let request = |&(at, user): &(u64, u32)| Request {
            at: Duration::from_millis(at),
            connection: 1,
            method: "GET".to_owned(),
            target: format!("/a?u={user}&x=1"),
            headers: Vec::new(),
            body: Vec::new(),
        };
        times_ms
            .iter()
            .map(request)
            .map(|request| Moment::of(&request))
            .collect()
    }

    #[test]
    fn starts_are_compared_user_by_user() {
        let one = requests(&[(1000, 1), (1500, 1), (2000, 2)]);
        let other = requests(&[(0, 2), (1040, 1), (1500, 1)]);
        let measured = Measure::Starts(50.0).apply(&one, &other).unwrap();
        assert!(measured.holds, "{measured:?}");
        assert!(!Measure::Starts(30.0).apply(&one, &other).unwrap().holds);
    }

    #[test]
    fn samples_of_one_distribution_are_told_from_samples_of_two() {
        let spread =
            |from: f64| -> Vec<f64> { (0..200).map(|index| from + f64::from(index)).collect() };
        assert!(kolmogorov_smirnov(&spread(0.0), &spread(5.0)) > 0.5);
        assert!(kolmogorov_smirnov(&spread(0.0), &spread(60.0)) < ALPHA);
    }

    #[test]
    fn the_probability_is_that_of_the_tables() {
        // D = 0.2 with 100 and 100: lambda = (7.071 + 0.12 + 0.0156) * 0.2, Q = 0.0314.
        let ones: Vec<f64> = (0..100).map(f64::from).collect();
        let others: Vec<f64> = (20..120).map(f64::from).collect();
        assert!((kolmogorov_smirnov(&ones, &others) - 0.0314).abs() < 0.002);
    }

    #[test]
    fn rates_have_a_bound_in_percent() {
        let one = requests(&[(0, 1), (100, 1), (200, 1)]);
        let other = requests(&[(0, 1), (104, 1), (208, 1)]);
        assert!(Measure::Rate(5.0).apply(&one, &other).unwrap().holds);
        assert!(!Measure::Rate(3.0).apply(&one, &other).unwrap().holds);
    }

    #[test]
    fn measures_are_read() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        assert_eq!(
            Measure::parse(&words("starts 150")).unwrap(),
            Measure::Starts(150.0)
        );
        assert!(Measure::parse(&words("starts")).is_err());
    }
}
