//! Redirects: which answers are, what request follows, and how the samples add up.
//!
//! Source: JMeter 5.6.3, `HTTPSamplerBase.followRedirects` for those in sub-samples, and Apache
//! HttpClient's `LaxRedirectStrategy` for those within one sample.

use loadline_engine::{Outcome, SampleError, SubSample};
use loadline_plan::program::HttpProgram;
use loadline_units::Clock;

use super::failure;
use super::sampler::HttpSampler;
use super::session::HttpSession;
use super::step::Step;
use super::url_text;
use super::wire::WireRequest;

/// Redirects that are followed for one sample (`httpsampler.max_redirects`).
const REDIRECT_COUNT: u32 = 20;

/// Whether an answer with `status` to `method` sends the client elsewhere, as JMeter judges.
pub(crate) fn is_redirect(status: u16, method: &[u8]) -> bool {
    match status {
        301 | 302 | 303 | 308 => true,
        307 => matches!(method, b"GET" | b"HEAD"),
        _ => false,
    }
}

/// How the redirects of a program are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Each as a sub-sample.
    SubSamples,
    /// All within the sample.
    Within,
}

/// The method of the request after a redirect, and whether it has the body again; `None` if it is
/// not followed.
fn next_request(mode: Mode, status: u16, method: &str) -> Option<(&'static str, bool)> {
    match mode {
        Mode::SubSamples => is_redirect(status, method.as_bytes()).then_some(match method {
            "HEAD" => ("HEAD", false),
            _ => ("GET", false),
        }),
        Mode::Within => {
            let method = match method {
                "GET" => "GET",
                "HEAD" => "HEAD",
                "POST" => "POST",
                "DELETE" => "DELETE",
                _ => return None,
            };
            match status {
                307 | 308 => Some((method, true)),
                301..=303 => Some((if method == "HEAD" { "HEAD" } else { "GET" }, false)),
                _ => None,
            }
        }
    }
}

impl HttpSampler {
    /// Follows the redirect that `first` is, if it is one and the program asks for it.
    pub(super) async fn follow(
        &self,
        session: &mut HttpSession,
        program: &HttpProgram,
        request: &WireRequest,
        first: Step,
        clock: &dyn Clock,
    ) -> Outcome {
        let mode = if program.auto_redirects {
            Mode::Within
        } else if program.follow_redirects {
            Mode::SubSamples
        } else {
            return settled(first, request);
        };
        if first.location.is_none()
            || next_request(mode, first.outcome.status, request.method_text()).is_none()
        {
            return settled(first, request);
        }
        let mut steps = vec![first];
        let mut requests: Vec<Box<WireRequest>> = Vec::new();
        for count in 0.. {
            let (Some(last), previous) = (
                steps.last(),
                requests.last().map_or(request, |request| &**request),
            ) else {
                break;
            };
            let next = next_request(mode, last.outcome.status, previous.method_text());
            let (Some((method, keep_body)), Some(location)) = (next, &last.location) else {
                break;
            };
            if count == REDIRECT_COUNT {
                let failed = failure::too_many_redirects(REDIRECT_COUNT);
                steps.push(Step::failed(failed, clock.now()));
                break;
            }
            let rendered = url_text::resolve(&previous.url, location).and_then(|url| {
                self.render_redirect(session, program, previous, method, &url, keep_body)
            });
            match rendered {
                Ok(rendered) => {
                    let step = self.execute(session, &rendered, program, clock).await;
                    steps.push(step);
                    requests.push(rendered);
                }
                Err(error) => {
                    steps.push(Step::failed(error, clock.now()));
                    break;
                }
            }
        }
        let last_request = requests.last().map_or(request, |request| &**request);
        let outcomes: Vec<Outcome> = settle_last(steps, last_request);
        for request in requests {
            self.release(request);
        }
        match mode {
            Mode::SubSamples => sum_of_sub_samples(outcomes),
            Mode::Within => sum_within(outcomes),
        }
    }
}

/// The outcome of a step that nothing follows: a redirect without target has failed.
fn settled(step: Step, request: &WireRequest) -> Outcome {
    let mut outcome = step.outcome;
    if outcome.error.is_none()
        && step.location.is_none()
        && is_redirect(outcome.status, request.method())
    {
        outcome.error = Some(missing_location(request));
    }
    outcome
}

fn missing_location(request: &WireRequest) -> SampleError {
    failure::missing_location(request.method_text(), &request.url)
}

fn settle_last(steps: Vec<Step>, request: &WireRequest) -> Vec<Outcome> {
    let last = steps.len().saturating_sub(1);
    steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| {
            if index == last {
                settled(step, request)
            } else {
                step.outcome
            }
        })
        .collect()
}

/// Adds up what all `outcomes` have in common: connections and bytes.
fn add_up(total: &mut Outcome, outcomes: &[Outcome]) {
    total.sent_bytes = sum(outcomes, |outcome| outcome.sent_bytes);
    total.received_bytes = sum(outcomes, |outcome| outcome.received_bytes);
    total.connections_opened = outcomes.iter().fold(0, |sum, outcome| {
        sum.saturating_add(outcome.connections_opened)
    });
    total.retried = outcomes.iter().any(|outcome| outcome.retried);
}

fn sum(outcomes: &[Outcome], part: impl Fn(&Outcome) -> u32) -> u32 {
    outcomes.iter().map(part).fold(0, u32::saturating_add)
}

/// A sample over the sub-samples `outcomes`: the last one's answer, the first one's beginnings.
fn sum_of_sub_samples(outcomes: Vec<Outcome>) -> Outcome {
    let (Some(first), Some(last)) = (outcomes.first(), outcomes.last()) else {
        return Outcome::default();
    };
    let mut total = Outcome {
        started: first.started,
        connect_us: first.connect_us,
        first_byte_us: first.first_byte_us,
        ..last.clone()
    };
    add_up(&mut total, &outcomes);
    total.sub_samples = outcomes
        .into_iter()
        .map(|outcome| SubSample { outcome })
        .collect();
    total
}

/// One sample for all `outcomes`: the last one's answer, waited for since the first one's start.
fn sum_within(mut outcomes: Vec<Outcome>) -> Outcome {
    let mut sums = Outcome::default();
    add_up(&mut sums, &outcomes);
    let Some(last) = outcomes.pop() else {
        return sums;
    };
    let first = outcomes.first().unwrap_or(&last);
    let before = last.started.micros_since(first.started);
    Outcome {
        started: first.started,
        connect_us: first.connect_us,
        first_byte_us: match last.first_byte_us {
            0 => 0,
            waited => waited.saturating_add(before),
        },
        sent_bytes: sums.sent_bytes,
        received_bytes: sums.received_bytes,
        connections_opened: sums.connections_opened,
        retried: sums.retried,
        ..last.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jmeters_redirects_become_get_or_head() {
        let check = |status, method, expected| {
            assert_eq!(next_request(Mode::SubSamples, status, method), expected);
        };
        check(301, "POST", Some(("GET", false)));
        check(308, "PUT", Some(("GET", false)));
        check(302, "HEAD", Some(("HEAD", false)));
        check(307, "GET", Some(("GET", false)));
        check(307, "POST", None);
        check(304, "GET", None);
        check(200, "GET", None);
    }

    #[test]
    fn redirects_within_a_sample_are_the_clients() {
        let check = |status, method, expected| {
            assert_eq!(next_request(Mode::Within, status, method), expected);
        };
        check(302, "POST", Some(("GET", false)));
        check(307, "POST", Some(("POST", true)));
        check(308, "DELETE", Some(("DELETE", true)));
        check(303, "HEAD", Some(("HEAD", false)));
        check(302, "PUT", None);
        check(304, "GET", None);
    }
}
