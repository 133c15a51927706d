//! The resources of a page: fetched after it, as sub-samples beside it.
//!
//! Source: JMeter 5.6.3, `HTTPSamplerBase.downloadPageResources` and `ResourcesDownloader`. One
//! difference: of resources that are fetched at the same time, one that begins later sends the
//! cookies that an earlier one has brought; in JMeter they count once all have come.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use loadline_engine::extract::{OroRegex, Patterns};
use loadline_engine::{Outcome, ResultView, SubSample};

use super::failure;
use super::links::{LinkSyntax, links};
use super::redirect::add_up;
use super::sampler::{HttpSampler, Next, Visit};
use super::settings::CachedMode;
use super::url_path;
use super::wire::WireRequest;

/// Resources fetched at the same time where the plan says nothing readable.
const POOL_SIZE: usize = 6;

/// How the resources of a page are fetched, evaluated.
#[derive(Debug)]
pub(crate) struct Resources {
    /// How many at the same time; 1 for one after the other.
    pub(crate) at_once: usize,
    /// What the URLs match as a whole.
    pub(crate) include: Option<Rc<OroRegex>>,
    /// What URLs match that are left.
    pub(crate) exclude: Option<Rc<OroRegex>>,
}

impl Resources {
    /// Ignores patterns that are none, as JMeter does.
    pub(crate) fn new(
        concurrent: bool,
        pool_size: &str,
        include: &str,
        exclude: &str,
        patterns: &Patterns,
    ) -> Self {
        let pattern = |text: &str| match text {
            "" => None,
            text => patterns.regex(text).ok(),
        };
        Self {
            at_once: if concurrent {
                pool_size.parse().unwrap_or(POOL_SIZE).clamp(1, 1024)
            } else {
                1
            },
            include: pattern(include),
            exclude: pattern(exclude),
        }
    }

    fn takes(&self, url: &str) -> bool {
        let matches = |pattern: &Option<Rc<OroRegex>>, without| match pattern {
            Some(pattern) => pattern.matches(url).unwrap_or(without),
            None => without,
        };
        matches(&self.include, true) && !matches(&self.exclude, false)
    }
}

/// A resource on its way.
type Fetching<'f> = Pin<Box<dyn Future<Output = Option<Outcome>> + 'f>>;

impl HttpSampler {
    /// `page`, which came from `url`, with the resources that it names; `page` itself if it names
    /// none or they are not asked for. `depth` is its own depth among nested pages.
    pub(super) async fn with_resources(
        &self,
        visit: Visit<'_>,
        request: &WireRequest,
        mut page: Outcome,
        url: &str,
        depth: u32,
    ) -> Outcome {
        let Some(resources) = visit.resources() else {
            return page;
        };
        let syntax = LinkSyntax::of(&page.response.content_type);
        let body_is_empty = page.response.body.is_empty();
        let Some(syntax) = syntax.filter(|_| page.error.is_none() && !body_is_empty) else {
            forget_body(visit, &mut page);
            return page;
        };
        if depth > visit.settings.most_frames {
            let deep = Outcome {
                started: page.ended,
                ended: page.ended,
                error: Some(failure::too_many_frames().into()),
                ..Outcome::default()
            };
            page.sub_samples = named(visit, vec![deep]).into();
            forget_body(visit, &mut page);
            return page;
        }
        let found = links(syntax, ResultView::new(&page).body(), url);
        if found.is_empty() {
            forget_body(visit, &mut page);
            return page;
        }
        let wanted = found.into_iter().filter(|url| resources.takes(url));
        let wanted = wanted.map(url_path::normalised_as_java);
        let fetched = if resources.at_once == 1 {
            let mut fetched = Vec::new();
            for url in wanted {
                fetched.extend(self.fetch(visit, request, url, depth + 1).await);
            }
            fetched
        } else {
            let waiting: VecDeque<Fetching<'_>> = wanted
                .map(|url| self.fetch(visit, request, url, depth + 1))
                .collect();
            fetch_together(waiting, resources.at_once).await
        };
        forget_body(visit, &mut page);
        whole_page(visit, page, fetched)
    }

    /// Fetches the resource `url` of the page that `first` asked for. `None` when the user's cache
    /// has it and that is no sample.
    fn fetch<'f>(
        &'f self,
        visit: Visit<'f>,
        first: &'f WireRequest,
        url: String,
        depth: u32,
    ) -> Fetching<'f> {
        Box::pin(async move {
            let next = Next {
                method: "GET",
                url: &url,
                keep_body: false,
                is_the_clients: false,
            };
            let request = match self.render_next(visit, first, &next) {
                Ok(Some(request)) => request,
                Ok(None) => return cached(visit, &url),
                Err(error) => {
                    let now = visit.clock.now();
                    return Some(Outcome {
                        started: now,
                        ended: now,
                        error: Some(error.into()),
                        ..Outcome::default()
                    });
                }
            };
            let step = self.request(visit, &request).await;
            let followed = self.follow(visit, &request, step).await;
            let outcome = self.finish(visit, &request, followed, depth).await;
            self.pool_request(request);
            Some(outcome)
        })
    }
}

/// What a fresh copy in the user's cache gives for `url`.
pub(crate) fn cached(visit: Visit<'_>, url: &str) -> Option<Outcome> {
    let CachedMode::Sample { code, message } = &visit.settings.cached else {
        return None;
    };
    let now = visit.clock.now();
    let mut outcome = Outcome {
        started: now,
        ended: now,
        status: *code,
        ..Outcome::default()
    };
    outcome.response.message.clone_from(message);
    if visit.program.keep.request {
        outcome.response.url = url.into();
        outcome.response.method = "GET".into();
    }
    Some(outcome)
}

/// Runs `waiting`, at most `at_once` at a time; what they give, in their order.
async fn fetch_together(mut waiting: VecDeque<Fetching<'_>>, at_once: usize) -> Vec<Outcome> {
    let mut running: Vec<(usize, Fetching<'_>)> = Vec::new();
    let mut done: Vec<Option<Outcome>> = waiting.iter().map(|_| None).collect();
    let next = Cell::new(0);
    poll_fn(|context| {
        loop {
            while running.len() < at_once {
                let Some(fetching) = waiting.pop_front() else {
                    break;
                };
                running.push((next.get(), fetching));
                next.set(next.get() + 1);
            }
            let before = running.len();
            running.retain_mut(|(index, fetching)| match fetching.as_mut().poll(context) {
                Poll::Ready(outcome) => {
                    done[*index] = outcome;
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && waiting.is_empty() {
                return Poll::Ready(());
            }
            // A place that became free is taken at once.
            if running.len() == before || waiting.is_empty() {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// The sample of a page with its resources: the page's answer, all together until the last byte.
fn whole_page(visit: Visit<'_>, page: Outcome, fetched: Vec<Outcome>) -> Outcome {
    let mut whole = page.clone();
    let mut outcomes = vec![page];
    outcomes.extend(fetched);
    add_up(&mut whole, &outcomes);
    whole.ended = outcomes
        .iter()
        .map(|outcome| outcome.ended)
        .fold(whole.ended, std::cmp::max);
    if !visit.settings.ignore_failed_resources {
        let mut message = String::new();
        for failed in outcomes.iter().filter(|outcome| outcome.error.is_some()) {
            let view = ResultView::new(failed);
            let url = &failed.response.url;
            let (code, text) = (view.code(), view.message());
            message.push_str(&format!("{url} code:{code} message:{text}, "));
        }
        if !message.is_empty() {
            let message = format!("Embedded resource download error:{message}");
            whole.error = Some(failure::resources(whole.status, &message).into());
            whole.response.message = message.into();
        }
    }
    whole.sub_samples = named(visit, outcomes).into();
    whole
}

/// `outcomes` as sub-samples, named as JMeter names them.
pub(crate) fn named(visit: Visit<'_>, outcomes: Vec<Outcome>) -> Vec<SubSample> {
    let outcomes = outcomes.into_iter().enumerate();
    outcomes
        .map(|(index, outcome)| {
            let label = format!("{}-{index}", visit.name).into();
            SubSample { label, outcome }
        })
        .collect()
}

/// Drops a body that was read for its links only.
fn forget_body(visit: Visit<'_>, page: &mut Outcome) {
    if !visit.program.keep.body {
        page.response.body = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_urls_and_malformed_ones_count_as_none() {
        let takes = |include: &str, exclude: &str, url: &str| {
            Resources::new(false, "", include, exclude, &Patterns::default()).takes(url)
        };
        assert!(takes("", "", "http://h/a.png"));
        assert!(takes(".*\\.png", "", "http://h/a.png"));
        assert!(!takes("a\\.png", "", "http://h/a.png"));
        assert!(!takes("", ".*h/.*", "http://h/a.png"));
        assert!(takes("(", "(", "http://h/a.png"));
    }

    #[test]
    fn the_pool_has_jmeters_size_unless_it_is_given() {
        let size = |concurrent, text| {
            Resources::new(concurrent, text, "", "", &Patterns::default()).at_once
        };
        assert_eq!(size(true, "4"), 4);
        assert_eq!(size(true, "x"), 6);
        assert_eq!(size(true, "0"), 1);
        assert_eq!(size(false, "4"), 1);
    }
}
