//! Redirects: which answers are, what request follows, and how the samples add up.
//!
//! Source: JMeter 5.6.3, `HTTPSamplerBase.followRedirects` for those in sub-samples, and Apache
//! HttpClient's `LaxRedirectStrategy` for those within one sample.

use loadline_engine::{Outcome, Response, SampleError};

use super::embedded;
use super::failure;
use super::sampler::{HttpSampler, Next, Visit};
use super::step::Step;
use super::url_path;
use super::url_text;
use super::wire::WireRequest;

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
            // HttpClient follows a 303 after any method, the others after these.
            let followed = ["GET", "HEAD", "POST", "DELETE"];
            let same = followed.into_iter().find(|known| *known == method);
            match (status, same) {
                (307 | 308, Some(method)) => Some((method, true)),
                (301 | 302, Some("HEAD")) => Some(("HEAD", false)),
                (301 | 302, Some(_)) => Some(("GET", false)),
                (303, _) => Some((if method == "HEAD" { "HEAD" } else { "GET" }, false)),
                _ => None,
            }
        }
    }
}

/// What a request led to.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The requests that were sent, in order; the last one's answer is the result.
    pub(crate) outcomes: Vec<Outcome>,
    /// The last URL.
    pub(crate) url: String,
    /// Whether each request is a sub-sample.
    pub(crate) are_sub_samples: bool,
}

impl HttpSampler {
    /// Follows the redirect that `first` is, if it is one and the program asks for it.
    pub(super) async fn follow(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        first: Step,
    ) -> Followed {
        let mode = if visit.program.auto_redirects {
            Mode::Within
        } else {
            Mode::SubSamples
        };
        let is_asked = visit.program.auto_redirects || visit.program.follow_redirects;
        let mut steps = vec![first];
        let mut requests: Vec<Box<WireRequest>> = Vec::new();
        let mut is_cached = false;
        let most = visit.settings.most_redirects;
        for count in 0.. {
            let (Some(last), previous) = (
                steps.last_mut(),
                requests.last().map_or(request, |request| &**request),
            ) else {
                break;
            };
            let next = next_request(mode, last.outcome.status, previous.method_text());
            let (Some((method, keep_body)), Some(location)) = (next, &last.lead.location) else {
                break;
            };
            if !is_asked || last.outcome.error.is_some() {
                break;
            }
            if count == most {
                let failed = match mode {
                    Mode::SubSamples => failure::too_many_redirects(most),
                    Mode::Within => {
                        failure::protocol(&format!("Maximum redirects ({most}) exceeded"))
                    }
                };
                let mut step = Step::failed(failed, visit.clock.now());
                // It tells of the redirect that was not followed.
                step.outcome.response = last.outcome.response.clone();
                steps.push(step);
                break;
            }
            let resolved = match mode {
                Mode::SubSamples => {
                    let spaced = location.trim().replace(' ', "%20");
                    let resolved = url_text::resolve_as_java(&previous.url, &spaced);
                    // JMeter's own `removeSlashDotDot`.
                    match location.contains("/..") {
                        true => resolved.map(url_path::normalised_as_java),
                        false => resolved,
                    }
                }
                Mode::Within if visit.program.java_client => {
                    url_text::resolve(&previous.url, location)
                }
                Mode::Within if url_text::is_without_host(location) => Ok(location.to_string()),
                Mode::Within => {
                    let location = url_path::with_bytes_escaped(location);
                    url_text::resolve(&previous.url, &location)
                        .map(|url| url_path::normalised(&url))
                }
            };
            let url = match resolved {
                Ok(url) if mode == Mode::Within && url_text::is_without_host(&url) => {
                    let failed = failure::protocol(&format!(
                        "Redirect URI does not specify a valid host name: {url}"
                    ));
                    steps.push(Step::failed(failed, visit.clock.now()));
                    break;
                }
                Ok(url) => url,
                // The redirect itself becomes the failure.
                Err(error) => {
                    last.outcome.status = 0;
                    last.outcome.error = Some(error.into());
                    break;
                }
            };
            let is_circle = mode == Mode::Within && requests.iter().any(|sent| sent.url == url);
            if is_circle {
                let failed = failure::protocol(&format!("Circular redirect to '{url}'"));
                steps.push(Step::failed(failed, visit.clock.now()));
                break;
            }
            let next = Next {
                method,
                url: &url,
                keep_body,
                is_the_clients: mode != Mode::SubSamples,
            };
            match self.render_next(visit, previous, &next) {
                Ok(Some(rendered)) => {
                    if mode == Mode::Within && visit.program.java_client {
                        // Java's client closes the connection of a redirect that it follows.
                        drop(visit.session.take_connection(&rendered, visit.clock.now()));
                    }
                    let step = self.request(visit, &rendered).await;
                    steps.push(step);
                    requests.push(rendered);
                }
                // The user's cache has it: the redirect is the result.
                Ok(None) => {
                    is_cached = true;
                    break;
                }
                Err(error) => {
                    let mut step = Step::failed(error, visit.clock.now());
                    if visit.program.keep.request {
                        step.outcome.response.url = url.into();
                        step.outcome.response.method = method.into();
                    }
                    steps.push(step);
                    break;
                }
            }
        }
        let last_request = requests.last().map_or(request, |request| &**request);
        let followed = Followed {
            url: last_request.url.clone(),
            are_sub_samples: mode == Mode::SubSamples && (steps.len() > 1 || is_cached),
            outcomes: settle_last(steps, last_request),
        };
        for request in requests {
            self.pool_request(request);
        }
        followed
    }

    /// The sample that `followed` is, with the resources of its page if the program asks for them.
    pub(super) async fn finish(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        followed: Followed,
        depth: u32,
    ) -> Outcome {
        let Followed {
            mut outcomes,
            url,
            are_sub_samples,
        } = followed;
        if !are_sub_samples {
            let whole = sum_within(outcomes);
            return self
                .with_resources(visit, request, whole, &url, depth)
                .await;
        }
        let Some(last) = outcomes.pop() else {
            return Outcome::default();
        };
        let mut last = self.with_resources(visit, request, last, &url, depth).await;
        // The page and its resources stand beside the redirects that led to it.
        let inner = last.sub_samples.take();
        if inner.is_empty() {
            outcomes.push(last.clone());
        } else {
            outcomes.extend(inner.into_iter().map(|sub| sub.outcome));
        }
        sum_of_sub_samples(visit, outcomes, last)
    }
}

/// The outcome of a step that nothing follows: a redirect without target has failed.
fn settled(step: Step, request: &WireRequest) -> Outcome {
    let mut outcome = step.outcome;
    if outcome.error.is_none()
        && step.lead.location.is_none()
        && is_redirect(outcome.status, request.method())
    {
        outcome.error = Some(missing_location(request).into());
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
pub(super) fn add_up(total: &mut Outcome, outcomes: &[Outcome]) {
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

/// A sample over the sub-samples `outcomes`: the answer of `last`, the first one's beginnings.
fn sum_of_sub_samples(visit: Visit<'_>, outcomes: Vec<Outcome>, last: Outcome) -> Outcome {
    let Some(first) = outcomes.first() else {
        return last;
    };
    let mut total = Outcome {
        started: first.started,
        connect_us: first.connect_us,
        network: first.network,
        first_byte_us: first.first_byte_us,
        ..last
    };
    add_up(&mut total, &outcomes);
    total.sub_samples = embedded::named(visit, outcomes).into();
    total
}

/// One sample for all `outcomes`: the last one's answer, waited for since the first one's start, to
/// what the plan sent.
fn sum_within(mut outcomes: Vec<Outcome>) -> Outcome {
    let mut sums = Outcome::default();
    add_up(&mut sums, &outcomes);
    let Some(last) = outcomes.pop() else {
        return sums;
    };
    let first = outcomes.first().unwrap_or(&last);
    // Without an answer the URL stays that of the plan.
    let url = match last.status == 0 && !first.response.url.is_empty() {
        true => first.response.url.clone(),
        false => last.response.url.clone(),
    };
    let before = last.started.micros_since(first.started);
    Outcome {
        started: first.started,
        connect_us: first.connect_us,
        network: first.network,
        first_byte_us: match last.first_byte_us {
            0 => 0,
            waited => waited.saturating_add(before),
        },
        sent_bytes: sums.sent_bytes,
        received_bytes: sums.received_bytes,
        connections_opened: sums.connections_opened,
        retried: sums.retried,
        response: Response {
            method: first.response.method.clone(),
            request_body: first.response.request_body.clone(),
            url,
            ..last.response.clone().into_inner()
        }
        .into(),
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
        check(303, "PUT", Some(("GET", false)));
        check(304, "GET", None);
    }
}
