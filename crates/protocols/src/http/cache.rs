//! A user's cache under one HTTP Cache Manager: which URLs are fresh, and with which conditions the
//! others are asked for again.
//!
//! It holds what answers say about themselves, never their bodies. Source: JMeter 5.6.3,
//! `CacheManager`, whose ways are kept even where a browser has others: header names in `Vary` are
//! compared as written, and an entry without `Vary` stays as it was first stored.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loadline_engine::Scope;
use loadline_plan::program::CacheProgram;

/// How long an answer is fresh that says nothing about it.
const ONE_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// What a user's cache knows about a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// It need not be asked for.
    Fresh,
    /// It is asked for on conditions.
    Conditions {
        /// Value of `If-Modified-Since`.
        modified_since: Option<Box<str>>,
        /// Value of `If-None-Match`.
        none_match: Option<Box<str>>,
    },
}

/// The headers of an answer that a cache reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CacheHeaders {
    pub(crate) last_modified: Option<Box<str>>,
    pub(crate) expires: Option<Box<str>>,
    pub(crate) etag: Option<Box<str>>,
    pub(crate) cache_control: Option<Box<str>>,
    pub(crate) date: Option<Box<str>>,
    pub(crate) vary: Option<Box<str>>,
}

#[derive(Debug)]
struct Entry {
    last_modified: Option<Box<str>>,
    etag: Option<Box<str>>,
    fresh_until: Option<SystemTime>,
    /// The `Vary` header: the entry stands for others, one for each set of values.
    vary: Option<Box<str>>,
    used: u64,
}

/// One user's cache.
#[derive(Debug)]
pub(crate) struct UserCache {
    manager: Arc<CacheProgram>,
    most: usize,
    entries: HashMap<Box<str>, Entry>,
    uses: u64,
}

impl UserCache {
    /// An empty cache for the user of `scope`.
    pub(crate) fn new(manager: Arc<CacheProgram>, scope: &mut Scope<'_>) -> Self {
        let most = scope.text(&manager.max_size).parse().unwrap_or(0);
        Self {
            manager,
            most,
            entries: HashMap::new(),
            uses: 0,
        }
    }

    /// Whether `manager` rules this cache.
    pub(crate) fn belongs_to(&self, manager: &Arc<CacheProgram>) -> bool {
        Arc::ptr_eq(&self.manager, manager)
    }

    /// An iteration of the thread group begins, for a new user if `new_user`.
    pub(crate) fn start_iteration(&mut self, new_user: bool) {
        let clear = if self.manager.controlled_by_group {
            new_user
        } else {
            self.manager.clear_each_iteration
        };
        if clear {
            self.entries.clear();
        }
    }

    /// What is known about `url`, asked for with the request headers `lines` at the instant `now`.
    pub(crate) fn look_up(&mut self, url: &str, lines: &[u8], now: SystemTime) -> Found {
        let varied = match self.entries.get(url) {
            None => return Found::Nothing,
            Some(entry) => entry.vary.as_ref().map(|vary| varied_key(vary, lines, url)),
        };
        self.uses += 1;
        let key = varied.as_deref().unwrap_or(url);
        let Some(entry) = self.entries.get_mut(key) else {
            return Found::Nothing;
        };
        entry.used = self.uses;
        if entry.fresh_until.is_some_and(|end| end > now) {
            return Found::Fresh;
        }
        Found::Conditions {
            modified_since: entry.last_modified.clone(),
            none_match: entry.etag.clone(),
        }
    }

    /// Remembers the answer `headers` with `status` to a GET of `url` that had the header `lines`.
    pub(crate) fn store(
        &mut self,
        url: &str,
        status: u16,
        headers: CacheHeaders,
        lines: &[u8],
        now: SystemTime,
    ) -> Result<(), BadAge> {
        let is_cacheable = (200..300).contains(&status) || status == 304;
        let named = [
            &headers.last_modified,
            &headers.expires,
            &headers.etag,
            &headers.cache_control,
        ];
        let says_something = named
            .into_iter()
            .flatten()
            .any(|value| !value.trim().is_empty());
        if !is_cacheable || !says_something || headers.vary.as_deref() == Some("*") {
            return Ok(());
        }
        let fresh_until = if self.manager.use_expires {
            let control = headers.cache_control.as_deref().unwrap_or("");
            if control.contains("no-store") {
                return Ok(());
            }
            fresh_until(&headers, control, now)?
        } else {
            None
        };
        let entry = |vary| Entry {
            last_modified: headers.last_modified.clone(),
            etag: headers.etag.clone(),
            fresh_until,
            vary,
            used: 0,
        };
        match &headers.vary {
            Some(vary) => {
                let varied = varied_key(vary, lines, url);
                self.put(url.into(), entry(Some(vary.clone())));
                self.put(varied, entry(None));
            }
            // JMeter does not replace such an entry.
            None if self.entries.contains_key(url) => {}
            None => self.put(url.into(), entry(None)),
        }
        Ok(())
    }

    fn put(&mut self, key: Box<str>, mut entry: Entry) {
        self.uses += 1;
        entry.used = self.uses;
        self.entries.insert(key, entry);
        if self.entries.len() > self.most {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.entries.remove(&key);
            }
        }
    }
}

/// What stands for the age of an answer and is no number: JMeter fails the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadAge(pub(crate) String);

/// Until when an answer is fresh; `None` when it is to be asked for again.
fn fresh_until(
    headers: &CacheHeaders,
    control: &str,
    now: SystemTime,
) -> Result<Option<SystemTime>, BadAge> {
    let expires = headers
        .expires
        .as_deref()
        .and_then(|text| httpdate::parse_http_date(text).ok());
    if control.contains("no-cache") {
        return Ok(expires);
    }
    if let Some((_, after)) = control.split_once("max-age=") {
        let digits = after.split([',', ' ']).next().unwrap_or_default();
        let age: i64 = digits.parse().map_err(|_| BadAge(digits.to_owned()))?;
        let seconds = Duration::from_secs(age.unsigned_abs());
        return Ok(match age < 0 {
            true => now.checked_sub(seconds),
            false => now.checked_add(seconds),
        });
    }
    if headers.expires.is_some() {
        return Ok(expires);
    }
    let date = |text: &Option<Box<str>>| httpdate::parse_http_date(text.as_deref()?).ok();
    Ok(match (date(&headers.date), date(&headers.last_modified)) {
        (Some(date), Some(modified)) => {
            // A tenth of the age at the answer, which is negative for one from the future.
            let age = seconds(date) - seconds(modified);
            if age >= 0.0 {
                now.checked_add(Duration::from_secs_f64(age / 10.0))
            } else {
                now.checked_sub(Duration::from_secs_f64(-age / 10.0))
            }
        }
        _ => now.checked_add(ONE_YEAR),
    })
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// The key of the entry for `url` with the values that the headers named by `vary` have in `lines`.
fn varied_key(vary: &str, lines: &[u8], url: &str) -> Box<str> {
    let mut names: Vec<&str> = vary.split(',').map(str::trim_start).collect();
    names.sort_unstable();
    names.dedup();
    let mut key = format!("vary-{vary}-");
    let lines = String::from_utf8_lossy(lines);
    for name in names {
        key.push_str(name);
        key.push('=');
        let values = lines
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value);
        for value in values {
            key.push_str(value);
            key.push('\n');
        }
    }
    key.push('-');
    key.push_str(url);
    key.into()
}

#[cfg(test)]
mod tests {
    use loadline_plan::program::Template;

    use super::super::test_user::TestUser;
    use super::*;

    const URL: &str = "http://h/a";

    fn cache(use_expires: bool, most: &str) -> UserCache {
        let manager = CacheProgram {
            clear_each_iteration: true,
            controlled_by_group: false,
            use_expires,
            max_size: Template::literal(most),
        };
        UserCache::new(Arc::new(manager), &mut TestUser::default().scope())
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_000_000_000 + seconds)
    }

    fn headers(pairs: &[(&str, &str)]) -> CacheHeaders {
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).into())
        };
        CacheHeaders {
            last_modified: value("Last-Modified"),
            expires: value("Expires"),
            etag: value("ETag"),
            cache_control: value("Cache-Control"),
            date: value("Date"),
            vary: value("Vary"),
        }
    }

    /// Stores an answer at 0 s and says for how many seconds it is fresh; `None` for an answer that
    /// leaves nothing.
    fn life(pairs: &[(&str, &str)]) -> Option<u64> {
        let mut cache = cache(true, "10");
        cache.store(URL, 200, headers(pairs), b"", at(0)).unwrap();
        if cache.look_up(URL, b"", at(0)) == Found::Nothing {
            return None;
        }
        let ends = [0, 5, 10, 60, 3600, 365 * 24 * 3600];
        let mut is_fresh = |seconds: u64| cache.look_up(URL, b"", at(seconds)) == Found::Fresh;
        ends.into_iter()
            .filter(|end| *end == 0 || is_fresh(end - 1))
            .max()
    }

    #[test]
    fn answers_are_fresh_as_long_as_their_headers_say() {
        assert_eq!(
            life(&[("Cache-Control", "public, max-age=60, x")]),
            Some(60)
        );
        assert_eq!(life(&[("Cache-Control", "no-store, max-age=60")]), None);
        assert_eq!(life(&[("Cache-Control", "no-cache, max-age=60")]), Some(0));
        assert_eq!(life(&[("ETag", "\"1\"")]), Some(365 * 24 * 3600));
        assert_eq!(life(&[("X", "y")]), None);
        // 1 000 000 000 s since 1970 are 2001-09-09 01:46:40.
        let expires = ("Expires", "Sun, 09 Sep 2001 01:46:45 GMT");
        assert_eq!(life(&[expires]), Some(5));
        assert_eq!(life(&[expires, ("Cache-Control", "max-age=10")]), Some(10));
        assert_eq!(life(&[("Expires", "0"), ("ETag", "x")]), Some(0));
        assert_eq!(
            life(&[
                ("Date", "Sun, 09 Sep 2001 01:46:40 GMT"),
                ("Last-Modified", "Sun, 09 Sep 2001 01:36:40 GMT"),
            ]),
            Some(60)
        );
    }

    #[test]
    fn an_age_that_is_no_number_is_an_error() {
        let mut cache = cache(true, "10");
        for (age, error) in [("x", "x"), ("", ""), ("1x, y", "1x")] {
            let control = format!("max-age={age}");
            let stored = cache.store(
                URL,
                200,
                headers(&[("Cache-Control", &control)]),
                b"",
                at(0),
            );
            assert_eq!(stored, Err(BadAge(error.to_owned())));
        }
    }

    #[test]
    fn without_expires_every_answer_is_asked_for_again_on_its_conditions() {
        let mut cache = cache(false, "10");
        let given = [
            ("ETag", "\"1\""),
            ("Last-Modified", "then"),
            ("Cache-Control", "no-store"),
        ];
        cache.store(URL, 200, headers(&given), b"", at(0)).unwrap();
        let conditions = Found::Conditions {
            modified_since: Some("then".into()),
            none_match: Some("\"1\"".into()),
        };
        assert_eq!(cache.look_up(URL, b"", at(0)), conditions);
        cache
            .store(URL, 200, headers(&[("ETag", "\"2\"")]), b"", at(0))
            .unwrap();
        assert_eq!(
            cache.look_up(URL, b"", at(0)),
            conditions,
            "the first one stays"
        );
        assert_eq!(cache.look_up("http://h/b", b"", at(0)), Found::Nothing);
        cache.start_iteration(false);
        assert_eq!(cache.look_up(URL, b"", at(0)), Found::Nothing);
    }

    #[test]
    fn failures_and_answers_that_vary_by_all_are_not_kept() {
        let mut cache = cache(true, "10");
        let etag = ("ETag", "x");
        cache.store(URL, 404, headers(&[etag]), b"", at(0)).unwrap();
        cache
            .store(URL, 200, headers(&[etag, ("Vary", "*")]), b"", at(0))
            .unwrap();
        assert_eq!(cache.look_up(URL, b"", at(0)), Found::Nothing);
        cache.store(URL, 304, headers(&[etag]), b"", at(0)).unwrap();
        assert_eq!(cache.look_up(URL, b"", at(0)), Found::Fresh);
    }

    #[test]
    fn each_set_of_values_that_an_answer_varies_by_has_an_entry() {
        let mut cache = cache(true, "10");
        let given = [("ETag", "x"), ("Vary", "Accept, Accept-Language")];
        let german = b"Host: h\nAccept: */*\nAccept-Language: de\n".as_slice();
        cache
            .store(URL, 200, headers(&given), german, at(0))
            .unwrap();
        assert_eq!(cache.look_up(URL, german, at(0)), Found::Fresh);
        let french = b"Accept: */*\nAccept-Language: fr\n";
        assert_eq!(cache.look_up(URL, french, at(0)), Found::Nothing);
    }

    #[test]
    fn the_entry_used_longest_ago_makes_room() {
        let mut cache = cache(true, "2");
        for name in ["a", "b"] {
            cache
                .store(name, 200, headers(&[("ETag", "x")]), b"", at(0))
                .unwrap();
        }
        assert_eq!(cache.look_up("a", b"", at(0)), Found::Fresh);
        cache
            .store("c", 200, headers(&[("ETag", "x")]), b"", at(0))
            .unwrap();
        assert_eq!(cache.look_up("b", b"", at(0)), Found::Nothing);
        assert_eq!(cache.look_up("a", b"", at(0)), Found::Fresh);
        let mut none = super::tests::cache(true, "0");
        none.store("a", 200, headers(&[("ETag", "x")]), b"", at(0))
            .unwrap();
        assert_eq!(none.look_up("a", b"", at(0)), Found::Nothing);
    }
}
