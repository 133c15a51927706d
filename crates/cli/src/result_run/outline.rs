//! What the whole of a result file says beside its samples: its span, its users, its hosts.

use std::cmp::Ordering;

use loadline_events::SampleResult;

/// Span, users and hosts of some results.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// First start and last end.
    pub(super) span_ms: Option<(i64, i64)>,
    /// Most users that ran at a time.
    pub(super) users: u32,
    /// First and last end of a sample beside which so many ran.
    pub(super) users_ms: Option<(i64, i64)>,
    /// The first origins of URLs, such as `http://127.0.0.1:8000`, in their order.
    pub(super) hosts: Vec<String>,
}

/// Origins of URLs that are named.
pub(super) const MOST_HOSTS: usize = 8;

impl Outline {
    /// Adds the result that follows.
    pub(super) fn add(&mut self, result: &SampleResult) {
        let (start, end) = (result.started_ms, result.ended_ms.max(result.started_ms));
        let (first, last) = self.span_ms.unwrap_or((start, end));
        self.span_ms = Some((first.min(start), last.max(end)));
        if result.all_threads > self.users {
            self.users = result.all_threads;
            self.users_ms = None;
        }
        if result.all_threads == self.users {
            let (first, last) = self.users_ms.unwrap_or((end, end));
            self.users_ms = Some((first.min(end), last.max(end)));
        }
        if self.hosts.len() < MOST_HOSTS
            && let Some(url) = result.url.as_deref()
            && !self.hosts.iter().any(|known| is_of(url, known))
            && let Some(origin) = origin(url)
        {
            self.add_host(origin);
        }
    }

    fn add_host(&mut self, origin: &str) {
        if self.hosts.len() < MOST_HOSTS && !self.hosts.iter().any(|known| known == origin) {
            self.hosts.push(origin.to_owned());
        }
    }

    /// Adds the outline of the results that follow.
    pub(super) fn merge(&mut self, next: Outline) {
        let spans = [self.span_ms, next.span_ms].into_iter().flatten();
        self.span_ms = spans.reduce(joined);
        match next.users.cmp(&self.users) {
            Ordering::Less => {}
            Ordering::Equal => {
                let spans = [self.users_ms, next.users_ms].into_iter().flatten();
                self.users_ms = spans.reduce(joined);
            }
            Ordering::Greater => (self.users, self.users_ms) = (next.users, next.users_ms),
        }
        next.hosts.iter().for_each(|origin| self.add_host(origin));
    }
}

/// The span from the first to the last instant of both.
fn joined(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// Whether `origin` is that of `url`, told without looking for where it ends.
fn is_of(url: &str, origin: &str) -> bool {
    url.strip_prefix(origin)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(END_OF_ORIGIN))
}

/// What ends the authority of a URL.
const END_OF_ORIGIN: [char; 3] = ['/', '?', '#'];

/// Scheme and authority of `url`; `None` where there are none.
fn origin(url: &str) -> Option<&str> {
    let authority = url.find("://")? + 3;
    let length = url[authority..].find(END_OF_ORIGIN);
    Some(length.map_or(url, |length| &url[..authority + length]))
}
