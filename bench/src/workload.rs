//! The workloads: what is sent, over how many connections.

use std::time::Duration;

/// One workload.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    /// Name on the command line and in tables.
    pub(crate) name: &'static str,
    /// What is sent, in words.
    pub(crate) title: &'static str,
    pub(crate) request: Request,
    /// Users, each with a connection of its own.
    pub(crate) users: u32,
    /// Pause of each user before a request.
    pub(crate) think: Option<Duration>,
    pub(crate) tls: bool,
    pub(crate) keep_alive: bool,
    /// Over HTTP/2, and who shares a connection; over HTTP/1.1 if `None`.
    pub(crate) http2: Option<Streams>,
}

/// Who shares a connection of HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Streams {
    /// Nobody: each user has one, with one request at a time.
    One,
    /// All users share a single one.
    Many,
}

/// What a user sends again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// `GET /small`, an answer of 50 bytes.
    Small,
    /// `POST /post` with 2 KB of JSON.
    Post,
    /// `GET /item` with an identifier from a CSV file and five headers, an answer of 1.6 KB from which a regular
    /// expression takes a token and which must contain a text.
    Mix,
    /// The same as a `.jmx` with ten elements that work on each sample.
    Ten,
    /// `GET /slow`, whose time is known.
    Slow,
}

impl Request {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Small => "/small",
            Self::Post => "/post",
            Self::Mix | Self::Ten => "/item",
            Self::Slow => "/slow",
        }
    }

    pub(crate) fn method(self) -> &'static str {
        if self == Self::Post { "POST" } else { "GET" }
    }

    /// Headers beside those that the generator adds itself.
    pub(crate) fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Small | Self::Slow => &[],
            Self::Post => &[("Content-Type", "application/json")],
            Self::Mix | Self::Ten => &[
                ("Accept", "application/json"),
                ("Accept-Language", "en-GB,en;q=0.8"),
                ("Authorization", "Bearer 6f1ed002ab5595859014ebf0951522d9"),
                ("X-Request-Source", "bench"),
                ("Cache-Control", "no-cache"),
            ],
        }
    }

    /// The body, of 2,048 bytes.
    pub(crate) fn body(self) -> Option<String> {
        (self == Self::Post).then(|| {
            let text = "lorem ipsum dolor sit amet ".repeat(80);
            format!(r#"{{"title":"A post","body":"{}"}}"#, &text[..2020])
        })
    }

    /// Whether the answer is read by an extractor and an assertion.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::Mix | Self::Ten)
    }
}

/// All workloads.
pub(crate) fn all() -> Vec<Workload> {
    let plain = |name, title, request, users| Workload {
        name,
        title,
        request,
        users,
        think: None,
        tls: false,
        keep_alive: true,
        http2: None,
    };
    let think = Some(Duration::from_secs(1));
    vec![
        plain("get-64", "small GET, 64 connections", Request::Small, 64),
        plain(
            "get-1000",
            "small GET, 1,000 connections",
            Request::Small,
            1000,
        ),
        Workload {
            think,
            ..plain(
                "users-1000",
                "1,000 users who think for 1 s",
                Request::Small,
                1000,
            )
        },
        Workload {
            think,
            ..plain(
                "users-10000",
                "10,000 users who think for 1 s",
                Request::Small,
                10_000,
            )
        },
        plain(
            "post-2k",
            "POST of 2 KB JSON, 64 connections",
            Request::Post,
            64,
        ),
        plain(
            "mix",
            "CSV, template, 5 headers, regex, assertion; 64 users",
            Request::Mix,
            64,
        ),
        plain(
            "jmx-ten",
            "a .jmx with ten elements per sample, 64 users",
            Request::Ten,
            64,
        ),
        Workload {
            tls: true,
            ..plain(
                "tls",
                "small GET over TLS, 64 connections",
                Request::Small,
                64,
            )
        },
        Workload {
            keep_alive: false,
            ..plain(
                "no-keep-alive",
                "small GET, a connection each, 64 users",
                Request::Small,
                64,
            )
        },
        Workload {
            tls: true,
            http2: Some(Streams::One),
            ..plain(
                "h2",
                "small GET over HTTP/2 and TLS, 64 connections with a stream each",
                Request::Small,
                64,
            )
        },
        Workload {
            tls: true,
            http2: Some(Streams::Many),
            ..plain(
                "h2-shared",
                "small GET over HTTP/2 and TLS, 64 streams on one connection",
                Request::Small,
                64,
            )
        },
        plain(
            "slow",
            // Few enough that every generator has time to spare: what it says wrong is then not its queue.
            "answers of 5 ms, each fiftieth 50 ms; 16 users",
            Request::Slow,
            16,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_two_kilobytes_of_json() {
        let body = Request::Post.body().unwrap();
        assert_eq!(body.len(), 2048);
        serde_json::from_str::<serde_json::Value>(&body).unwrap();
    }
}
