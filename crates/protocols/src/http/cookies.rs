//! The cookies of one virtual user (RFC 6265), and the cookie manager that rules them.
//!
//! As in JMeter a cookie that is kept does not grow old: whether it is over is asked when it arrives. One of `Max-Age=0` is over a
//! moment later, so it is kept, and one that is set anew stands behind the others.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use cookie_store::{Cookie, CookieDomain, CookieExpiration, RawCookie};
use loadline_engine::{Scope, ScriptCookie};
use loadline_plan::program::{CallId, NameResolver, Slot, parse_template};
use loadline_plan::{CookieManager, Text, UserCookie};
use url::Url;

use super::set_cookie;

/// The first second since 1970 that dates cannot say: the year 10000. Later ones are as good as none.
const LAST_DATE: u64 = 253_402_300_800;

/// Greatest number of cookies in a jar; the oldest goes first.
const COOKIE_COUNT: usize = 200;

/// One user's cookies under one cookie manager.
#[derive(Debug)]
pub(crate) struct CookieJar {
    manager: Arc<CookieManager>,
    /// The manager's own cookies as they are now, which every clearing brings back.
    initial: Box<[Option<Cookie<'static>>]>,
    /// In the order in which they were set last, which decides their order in a request.
    cookies: Vec<Cookie<'static>>,
}

impl CookieJar {
    /// A jar with the manager's own cookies, whose texts are evaluated for the user of `scope` now.
    pub(crate) fn new(manager: Arc<CookieManager>, scope: &mut Scope<'_>) -> Self {
        let initial: Box<[Option<Cookie<'static>>]> = manager
            .cookies
            .iter()
            .map(|cookie| user_cookie(cookie, scope))
            .collect();
        Self {
            manager,
            cookies: initial.iter().flatten().cloned().collect(),
            initial,
        }
    }

    /// Evaluates the texts of the manager's own cookies anew, as far as they are there still.
    pub(crate) fn refresh(&mut self, scope: &mut Scope<'_>) {
        for (text, former) in self.manager.cookies.iter().zip(&mut self.initial) {
            if !varies(text) {
                continue;
            }
            let now = user_cookie(text, scope);
            let was = std::mem::replace(former, now.clone());
            let place = was.and_then(|was| self.cookies.iter().position(|kept| *kept == was));
            if let (Some(place), Some(now)) = (place, now) {
                self.cookies[place] = now;
            }
        }
    }

    /// Whether `manager` rules this jar.
    pub(crate) fn belongs_to(&self, manager: &Arc<CookieManager>) -> bool {
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
            self.cookies.clear();
            self.cookies.extend(self.initial.iter().flatten().cloned());
        }
    }

    /// Appends the value of the `Cookie` header for a request to `url`; nothing if no cookie
    /// belongs there. Longer paths come first, then earlier cookies.
    pub(crate) fn write_header(&mut self, url: &str, out: &mut Vec<u8>) {
        if self.cookies.is_empty() {
            return;
        }
        let Ok(url) = Url::parse(url) else { return };
        // The library lets secure cookies go to loopback in the clear, as browsers do; JMeter
        // does not.
        let is_secure = url.scheme() == "https";
        let mut matching: Vec<&Cookie<'_>> = self
            .cookies
            .iter()
            .filter(|cookie| is_secure || !cookie.secure().unwrap_or(false))
            .filter(|cookie| cookie.matches(&url))
            .collect();
        matching.sort_by_key(|cookie| std::cmp::Reverse(path_length(cookie)));
        for (index, cookie) in matching.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b"; ");
            }
            out.extend_from_slice(cookie.name().as_bytes());
            out.push(b'=');
            set_cookie::push_value(cookie.value(), out);
        }
    }

    /// Takes the `Set-Cookie` headers `lines` of an answer from `url`. Cookies for other hosts and
    /// lines that are none are dropped; an empty value or a past expiry removes the cookie.
    pub(crate) fn store(&mut self, url: &str, lines: &[Box<str>]) {
        let Ok(url) = Url::parse(url) else { return };
        for line in lines {
            let Some(read) = set_cookie::read(line) else {
                continue;
            };
            let Ok(mut raw) = RawCookie::parse(&*read.text) else {
                continue;
            };
            if let Some(value) = read.quoted {
                raw.set_value(value);
            }
            if has_blank_path(&read.text) {
                raw.set_path("/");
            }
            let Ok(cookie) = Cookie::try_from_raw_cookie(&raw, &url) else {
                continue;
            };
            let mut cookie = cookie.into_owned();
            if has_no_age(&read.text) {
                cookie.expires = CookieExpiration::SessionEnd;
            }
            let same = self.cookies.iter().position(|kept| {
                kept.name() == cookie.name()
                    && kept.domain == cookie.domain
                    && *kept.path == *cookie.path
                    && !self.is_out_of_reach(kept)
            });
            let is_removal = cookie.value().is_empty() || cookie.is_expired();
            if let Some(index) = same {
                self.cookies.remove(index);
            }
            if !is_removal {
                if self.cookies.len() == COOKIE_COUNT {
                    self.cookies.remove(0);
                }
                self.cookies.push(cookie);
            }
        }
    }
}

impl CookieJar {
    /// Whether `cookie` is one of the manager's own that no answer can replace, as its domain or path has to be
    /// evaluated.
    fn is_out_of_reach(&self, cookie: &Cookie<'_>) -> bool {
        let mut own = self.manager.cookies.iter().zip(&self.initial);
        own.any(|(text, own)| {
            own.as_ref() == Some(cookie) && [&text.domain, &text.path].into_iter().any(refers)
        })
    }

    /// The cookies as scripts see them, in their order.
    pub(crate) fn list(&self) -> Vec<ScriptCookie> {
        self.cookies.iter().map(seen).collect()
    }

    /// Puts `cookies` in the place of those that are there; what is the same stays as it is. Those for
    /// no domain are dropped, as no request could carry them.
    pub(crate) fn replace(&mut self, cookies: &[ScriptCookie]) {
        let former = std::mem::take(&mut self.cookies);
        let kept = cookies.iter().filter_map(|wanted| {
            let same = former.iter().find(|cookie| seen(cookie) == *wanted);
            match same {
                Some(cookie) => Some(cookie.clone()),
                None => made(wanted),
            }
        });
        self.cookies = kept.take(COOKIE_COUNT).collect();
    }
}

/// The length of a cookie's path; a cookie of the plan with an empty one goes everywhere and comes last.
fn path_length(cookie: &Cookie<'_>) -> usize {
    match RawCookie::path(cookie) {
        Some("") => 0,
        _ => cookie.path.len(),
    }
}

/// Whether the last path of a `Set-Cookie` line is none: it is the root then.
fn has_blank_path(line: &str) -> bool {
    let attributes = line.split(';').skip(1);
    let attributes = attributes.map(|part| part.split_once('=').unwrap_or((part, "")));
    let paths = attributes.filter(|(name, _)| name.trim().eq_ignore_ascii_case("path"));
    paths.last().is_some_and(|(_, path)| path.trim().is_empty())
}

/// Whether a `Set-Cookie` line says `Max-Age=0`, in the last of its ages.
fn has_no_age(line: &str) -> bool {
    let attributes = line
        .split(';')
        .skip(1)
        .filter_map(|part| part.split_once('='));
    let ages = attributes.filter(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"));
    ages.last()
        .is_some_and(|(_, age)| age.trim().parse() == Ok(0))
}

fn seen(cookie: &Cookie<'static>) -> ScriptCookie {
    ScriptCookie {
        name: cookie.name().to_owned(),
        value: cookie.value().to_owned(),
        domain: match &cookie.domain {
            CookieDomain::HostOnly(host) => host.clone(),
            CookieDomain::Suffix(domain) => format!(".{domain}"),
            _ => String::new(),
        },
        path: (*cookie.path).to_owned(),
        secure: cookie.secure().unwrap_or(false),
        expires: match &cookie.expires {
            CookieExpiration::AtUtc(at) => at.unix_timestamp(),
            CookieExpiration::SessionEnd => 0,
        },
    }
}

/// A cookie of a script; `None` if it is over or has no domain that a request could go to.
fn made(cookie: &ScriptCookie) -> Option<Cookie<'static>> {
    let host = cookie.domain.strip_prefix('.').unwrap_or(&cookie.domain);
    let url = Url::parse(&format!("https://{host}/")).ok()?;
    let mut raw = RawCookie::new(cookie.name.clone(), cookie.value.clone());
    if host.len() < cookie.domain.len() {
        raw.set_domain(host.to_owned());
    }
    raw.set_path(match cookie.path.as_str() {
        "" => "/".to_owned(),
        path => path.to_owned(),
    });
    raw.set_secure(cookie.secure);
    let made = Cookie::try_from_raw_cookie(&raw, &url).ok()?;
    let mut made = made.into_owned();
    let expires = u64::try_from(cookie.expires)
        .ok()
        .filter(|at| (1..LAST_DATE).contains(at));
    if let Some(at) = expires {
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(at));
        let dated = Cookie::parse(format!("a=b; Expires={date}"), &url).ok()?;
        made.expires = dated.expires;
    }
    (!made.is_expired()).then_some(made)
}

/// Whether the texts of a cookie of the plan have to be evaluated.
fn varies(cookie: &UserCookie) -> bool {
    let texts = [&cookie.name, &cookie.value, &cookie.domain, &cookie.path];
    texts.into_iter().any(refers)
}

fn refers(text: &Text) -> bool {
    text.as_str().contains("${")
}

/// A cookie of the plan; `None` if it has no domain that a request could go to.
fn user_cookie(cookie: &UserCookie, scope: &mut Scope<'_>) -> Option<Cookie<'static>> {
    let domain = evaluated(&cookie.domain, scope);
    let host = domain.strip_prefix('.').unwrap_or(&domain);
    let url = Url::parse(&format!("https://{host}/")).ok()?;
    let mut raw = RawCookie::new(
        evaluated(&cookie.name, scope),
        evaluated(&cookie.value, scope),
    );
    if host.len() < domain.len() {
        raw.set_domain(host.to_owned());
    }
    // The library takes an empty path for that of the URL, which is the root.
    raw.set_path(evaluated(&cookie.path, scope));
    raw.set_secure(cookie.secure);
    let cookie = Cookie::try_from_raw_cookie(&raw, &url).ok()?;
    Some(cookie.into_owned())
}

/// The value of a text that the plan's compiler has left as it is.
fn evaluated(text: &Text, scope: &mut Scope<'_>) -> String {
    match parse_template(text.as_str(), &mut LateNames) {
        Ok(template) => scope.text(&template),
        Err(_) => text.as_str().to_owned(),
    }
}

/// Names in a text that is taken apart while the plan runs: variables are looked up by name, calls
/// keep no state.
struct LateNames;

impl NameResolver for LateNames {
    fn variable(&mut self, _name: &str) -> Option<Slot> {
        None
    }

    fn call(&mut self, _function: &'static str) -> CallId {
        CallId::DYNAMIC
    }

    fn unknown_function(&mut self, _name: &str) {}
}

#[cfg(test)]
mod tests {
    use super::super::test_user::TestUser;
    use super::*;

    fn jar(manager: CookieManager) -> CookieJar {
        let mut user = TestUser::default();
        user.variables.set_by_name("v", "7");
        CookieJar::new(Arc::new(manager), &mut user.scope())
    }

    fn empty() -> CookieManager {
        CookieManager {
            cookies: Vec::new(),
            clear_each_iteration: false,
            controlled_by_group: false,
            ignore: false,
        }
    }

    fn plan_cookie(name: &str, domain: &str, path: &str, secure: bool) -> UserCookie {
        UserCookie {
            name: name.into(),
            value: "1".into(),
            domain: domain.into(),
            path: path.into(),
            secure,
        }
    }

    #[track_caller]
    fn check(jar: &mut CookieJar, url: &str, expected: &str) {
        let mut out = Vec::new();
        jar.write_header(url, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{url}");
    }

    #[test]
    fn cookies_come_back_where_they_belong_longest_path_first() {
        let mut jar = jar(empty());
        jar.store(
            "http://h:8000/a/b",
            &[
                "x=1; Path=/".into(),
                "y=2".into(),
                "z=3; Path=/a/b".into(),
                "w=\"q\"; Path=/".into(),
            ],
        );
        check(&mut jar, "http://h:8000/a/b", "z=3; y=2; x=1; w=q");
        check(&mut jar, "http://h/a/c", "y=2; x=1; w=q");
        check(&mut jar, "http://other/a/b", "");
    }

    #[test]
    fn cookies_that_are_set_anew_stand_last_and_empty_ones_go() {
        let mut jar = jar(empty());
        jar.store("http://h/", &["x=1".into(), "y=1".into(), "bad".into()]);
        jar.store("http://h/", &["x=2".into()]);
        check(&mut jar, "http://h/", "y=1; x=2");
        jar.store("http://h/", &["x=".into(), "y=2; Max-Age=0".into()]);
        check(&mut jar, "http://h/", "y=2");
        let past = "y=3; Expires=Thu, 01 Jan 1970 00:00:01 GMT";
        jar.store("http://h/", &[past.into()]);
        check(&mut jar, "http://h/", "");
        jar.store("http://h/", &["y=4; Max-Age=-1".into()]);
        check(&mut jar, "http://h/", "");
        jar.store("http://h/", &["x=1; Domain=other.test".into()]);
        check(&mut jar, "http://h/", "");
    }

    #[test]
    fn the_plans_cookies_follow_their_domain_path_and_secure_flag() {
        let mut jar = jar(CookieManager {
            cookies: vec![
                plan_cookie("exact", "h.test", "", false),
                plan_cookie("sub", ".h.test", "/a", false),
                plan_cookie("safe", "h.test", "/", true),
                plan_cookie("nowhere", "", "/", false),
                plan_cookie("${v}", "${__V(v)}.test", "/${v}", false),
            ],
            ..empty()
        });
        check(&mut jar, "http://h.test/a", "sub=1; exact=1");
        check(&mut jar, "http://www.h.test/a", "sub=1");
        check(&mut jar, "https://h.test/", "safe=1; exact=1");
        check(&mut jar, "http://7.test/7", "7=1");
    }

    #[test]
    fn iterations_clear_as_the_manager_says() {
        let cases = [
            (false, false, true, false),
            (true, false, false, true),
            (false, true, true, true),
            (true, true, false, false),
        ];
        for (clear_each_iteration, controlled_by_group, new_user, cleared) in cases {
            let mut jar = jar(CookieManager {
                cookies: vec![plan_cookie("own", "h", "/", false)],
                clear_each_iteration,
                controlled_by_group,
                ..empty()
            });
            jar.store("http://h/", &["x=1".into()]);
            jar.start_iteration(new_user);
            check(
                &mut jar,
                "http://h/",
                if cleared { "own=1" } else { "own=1; x=1" },
            );
        }
    }

    #[test]
    fn scripts_add_and_remove_cookies() {
        let mut jar = jar(empty());
        jar.store(
            "http://h.test/",
            &["x=1; Max-Age=1000".into(), "y=1".into()],
        );
        let mut cookies = jar.list();
        assert_eq!((&*cookies[0].domain, &*cookies[0].path), ("h.test", "/"));
        assert!(cookies[0].expires > 0 && cookies[1].expires == 0);
        cookies.remove(1);
        let mut added = |name: &str, domain: &str, expires| {
            cookies.push(ScriptCookie {
                name: name.into(),
                value: "2".into(),
                domain: domain.into(),
                path: "/a".into(),
                secure: false,
                expires,
            });
        };
        added("z", ".h.test", 0);
        added("late", "h.test", i64::MAX);
        added("over", "h.test", 1);
        added("nowhere", "", 0);
        jar.replace(&cookies);
        check(&mut jar, "http://h.test/a", "z=2; late=2; x=1");
        check(&mut jar, "http://www.h.test/a", "z=2");
        let listed: Vec<_> = jar.list().into_iter().map(|cookie| cookie.name).collect();
        assert_eq!(listed, ["x", "z", "late"]);
    }

    #[test]
    fn a_jar_is_bounded() {
        let mut jar = jar(empty());
        for index in 0..COOKIE_COUNT + 5 {
            jar.store("http://h/", &[format!("c{index}=1").into()]);
        }
        assert_eq!(jar.cookies.len(), COOKIE_COUNT);
        assert_eq!(jar.cookies[0].name(), "c5");
    }
}
